/* A verb for every act: what a person may do and cannot type is a right they do not have. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "cli/act.h"
#include "cli/verbs.h"
#include "core/acts.h"

static const cli_verb *verb_of(const ProtobufCFieldDescriptor *what)
{
    for (const cli_verb *verb = CLI_VERBS; verb->name != NULL; verb++) {
        if (verb->run == verb_act && act_of_verb(verb->name) == what) return verb;
    }
    return NULL;
}

static bool has_flag_for(const cli_verb *verb, const ProtobufCFieldDescriptor *what, const ProtobufCFieldDescriptor *field)
{
    for (size_t i = 0; i < CLI_FLAGS_MAX && verb->flags[i].name != NULL; i++) {
        if (act_field_of_flag(what, verb->flags[i].name) == field) return true;
    }
    return false;
}

static void every_act_of_the_contract_has_a_verb_and_every_field_a_flag(void **state)
{
    (void)state;
    const ProtobufCMessageDescriptor *act = &mash__v1__act__descriptor;
    int acts = 0;
    for (unsigned i = 0; i < act->n_fields; i++) {
        const ProtobufCFieldDescriptor *what = &act->fields[i];
        if (what->type != PROTOBUF_C_TYPE_MESSAGE) continue;
        const cli_verb *verb = verb_of(what);
        if (verb == NULL) fail_msg("no verb for the act %s", what->name);
        const ProtobufCMessageDescriptor *own = what->descriptor;
        for (unsigned k = verb->most > 1 ? 1 : 0; k < own->n_fields; k++) { /* a second argument is the first field */
            if (strcmp(own->fields[k].name, "this_version") == 0) continue; /* goes with --version */
            if (!has_flag_for(verb, what, &own->fields[k])) fail_msg("%s has no flag for %s", verb->name, own->fields[k].name);
        }
        acts++;
    }
    assert_int_equal(acts, 26);
}

static void every_flag_of_such_a_verb_fills_a_field(void **state)
{
    (void)state;
    for (const cli_verb *verb = CLI_VERBS; verb->name != NULL; verb++) {
        if (verb->run != verb_act) continue;
        const ProtobufCFieldDescriptor *what = act_of_verb(verb->name);
        if (what == NULL) fail_msg("%s is no act", verb->name);
        for (size_t i = 0; i < CLI_FLAGS_MAX && verb->flags[i].name != NULL; i++) {
            const ProtobufCFieldDescriptor *field = act_field_of_flag(what, verb->flags[i].name);
            if (field == NULL) fail_msg("%s --%s fills nothing", verb->name, verb->flags[i].name);
            assert_true((field->type == PROTOBUF_C_TYPE_BOOL) == (verb->flags[i].value == NULL));
        }
    }
}

/* A verb that does not ask for the version would decide on what nobody has seen: the hub would call it stale, or worse, not. */
static void a_verb_asks_for_the_version_where_the_hub_does(void **state)
{
    (void)state;
    for (const cli_verb *verb = CLI_VERBS; verb->name != NULL; verb++) {
        if (verb->run != verb_act) continue;
        const ProtobufCFieldDescriptor *what = act_of_verb(verb->name);
        const ProtobufCFieldDescriptor *version =
            protobuf_c_message_descriptor_get_field_by_name(&mash__v1__act__descriptor, "version");
        bool is_versioned = core_act_is_versioned((Mash__V1__Act__WhatCase)what->id);
        if (is_versioned && !has_flag_for(verb, what, version)) fail_msg("%s does not ask for the version", verb->name);
    }
}

/* Whose act is stale must hear who did what meanwhile, or they decide on what no longer is. */
static void a_stale_act_tells_who_changed_what(void **state)
{
    (void)state;
    static cli_call call;
    call.verb = verb_of(protobuf_c_message_descriptor_get_field_by_name(&mash__v1__act__descriptor, "claim"));
    print_zone_london(&call.zone);
    Mash__V1__ChangeMade change = MASH__V1__CHANGE_MADE__INIT;
    Mash__V1__ChangeMade *changes[] = {&change};
    change.time_ms = 1775561400000;
    change.who = (char *)"hc-3 (team manager, hampshire_childrens)";
    change.what = (char *)"rated it \x1b[2Jamber";
    change.version = 3;
    change.sequence = 41;
    Mash__V1__Act act = MASH__V1__ACT__INIT;
    Mash__V1__ActReply reply = MASH__V1__ACT_REPLY__INIT;
    reply.code = MASH__V1__ACT_CODE__ACT_STALE;
    reply.text = (char *)"A17 was changed meanwhile (version 3, you saw 2): look again, then decide anew";
    reply.changed = changes;
    reply.n_changed = 1;
    hub_buffer out = {0};

    act_answer(&call, &act, &reply, &out);

    assert_string_equal(
        hub_buffer_text(&out),
        "mashctl claim: A17 was changed meanwhile (version 3, you saw 2): look again, then decide anew\n"
        "  Tue 7 Apr 2026 12:30 BST  hc-3 (team manager, hampshire_childrens): rated it \xef\xbf\xbd[2Jamber; version 3 "
        "(record 41)\n");
    hub_buffer_free(&out);
}

static void what_was_done_is_said_with_what_it_made_and_the_new_version(void **state)
{
    (void)state;
    static cli_call call;
    call.verb = verb_of(protobuf_c_message_descriptor_get_field_by_name(&mash__v1__act__descriptor, "request_information"));
    Mash__V1__Act act = MASH__V1__ACT__INIT;
    act.item = (char *)"A17";
    act.what_case = MASH__V1__ACT__WHAT_REQUEST_INFORMATION;
    Mash__V1__ActReply reply = MASH__V1__ACT_REPLY__INIT;
    reply.code = MASH__V1__ACT_CODE__ACT_DONE;
    reply.text = (char *)"done";
    reply.number = 5;
    reply.version = 4;
    reply.sequence = 57;
    hub_buffer out = {0};

    act_answer(&call, &act, &reply, &out);

    assert_string_equal(hub_buffer_text(&out), "done: R5 was made; A17 is at version 4 (record 57)\n");
    hub_buffer_clear(&out);
    act.what_case = MASH__V1__ACT__WHAT_DISPUTE;
    reply.text = (char *)"Ring 999.";

    act_answer(&call, &act, &reply, &out);

    assert_string_equal(hub_buffer_text(&out), "Ring 999. D5 was made; A17 is at version 4 (record 57)\n");
    hub_buffer_clear(&out);
    act.what_case = MASH__V1__ACT__WHAT_SPLIT_LINK;
    reply.text = (char *)"done: it is person 5 from now on";

    act_answer(&call, &act, &reply, &out);

    assert_string_equal(hub_buffer_text(&out), "done: it is person 5 from now on; A17 is at version 4 (record 57)\n");
    hub_buffer_free(&out);
}

/* What a signature ended was not made. */
static void what_a_signature_has_ended_is_not_said_to_have_been_made(void **state)
{
    (void)state;
    static cli_call call;
    call.verb = verb_of(protobuf_c_message_descriptor_get_field_by_name(&mash__v1__act__descriptor, "sign"));
    Mash__V1__Act act = MASH__V1__ACT__INIT;
    act.item = (char *)"Q:front-door";
    act.what_case = MASH__V1__ACT__WHAT_SIGN;
    Mash__V1__ActReply reply = MASH__V1__ACT_REPLY__INIT;
    reply.code = MASH__V1__ACT_CODE__ACT_DONE;
    reply.text = (char *)"done: 3 ended";
    reply.number = 3;
    reply.sequence = 57;
    hub_buffer out = {0};

    act_answer(&call, &act, &reply, &out);

    assert_string_equal(hub_buffer_text(&out), "done: 3 ended (record 57)\n");
    hub_buffer_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_act_of_the_contract_has_a_verb_and_every_field_a_flag),
        cmocka_unit_test(every_flag_of_such_a_verb_fills_a_field),
        cmocka_unit_test(a_verb_asks_for_the_version_where_the_hub_does),
        cmocka_unit_test(a_stale_act_tells_who_changed_what),
        cmocka_unit_test(what_a_signature_has_ended_is_not_said_to_have_been_made),
        cmocka_unit_test(what_was_done_is_said_with_what_it_made_and_the_new_version),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
