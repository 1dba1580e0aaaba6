#include "cli/purpose.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

void purpose_word(const ProtobufCEnumDescriptor *of, int value, const char *prefix, char out[PURPOSE_WORD_MAX])
{
    const ProtobufCEnumValue *known = protobuf_c_enum_descriptor_get_value(of, value);
    const char *name =
        known == NULL ? "unknown" : known->name + (strncmp(known->name, prefix, strlen(prefix)) == 0 ? strlen(prefix) : 0);
    size_t i = 0;
    for (; name[i] != '\0' && i + 1 < PURPOSE_WORD_MAX; i++)
        out[i] = name[i] == '_' ? '-' : (char)tolower((unsigned char)name[i]);
    out[i] = '\0';
}

static void name_of(const ProtobufCEnumValue *value, char out[PURPOSE_WORD_MAX])
{
    purpose_word(&mash__v1__purpose__descriptor, value->value, "PURPOSE_", out);
}

static cli_exit ask_for_it(const cli_call *call, const char *what)
{
    const ProtobufCEnumDescriptor *all = &mash__v1__purpose__descriptor;
    char name[PURPOSE_WORD_MAX];
    hub_buffer list = {0};
    for (unsigned i = 1; i < all->n_values; i++) {
        name_of(&all->values[i], name);
        hub_buffer_put_format(&list, "%s%s", i == 1 ? "" : ", ", name);
    }
    cli_exit wrong =
        cli_usage(call, "%s: --purpose with one of %s; it is recorded with who looked", what, hub_buffer_text(&list));
    hub_buffer_free(&list);
    return wrong;
}

cli_exit purpose_read(const cli_call *call, purpose_need need, purpose *out)
{
    const ProtobufCEnumDescriptor *all = &mash__v1__purpose__descriptor;
    const char *typed = cli_flag_text(call, "purpose"), *reason = cli_flag_text(call, "reason");
    *out = (purpose){.reason = (char *)(uintptr_t)(reason == NULL ? "" : reason)};
    if (typed == NULL && need == PURPOSE_NEEDED) return ask_for_it(call, "say what it is looked at for");
    for (unsigned i = 1; i < all->n_values && typed != NULL; i++) {
        char name[PURPOSE_WORD_MAX];
        name_of(&all->values[i], name);
        if (strcmp(name, typed) == 0) out->stated = (Mash__V1__Purpose)all->values[i].value;
    }
    if (typed != NULL && out->stated == MASH__V1__PURPOSE__PURPOSE_UNSPECIFIED)
        return ask_for_it(call, "there is no such purpose");
    return call->verb->for_whom == CLI_FOR_ONESELF ? CLI_DONE : purpose_read_as(call, out->as);
}

cli_exit purpose_read_as(const cli_call *call, char out[SETTINGS_ACTS_AS_MAX])
{
    hub_error err = {{0}};
    settings from;
    hub_status status = settings_read(call, &from, &err);
    if (status != HUB_OK) return cli_fail(call, status, &err);
    const char *as = cli_flag_text(call, "as");
    bool is_own_key = call->globals[CLI_GLOBAL_KEY] == NULL; /* acts_as goes with the key of mashctl.yaml */
    snprintf(out, SETTINGS_ACTS_AS_MAX, "%s", as != NULL ? as : is_own_key ? from.acts_as : "");
    return CLI_DONE;
}
