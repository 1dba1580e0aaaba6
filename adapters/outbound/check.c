#include "check.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "bus/curve.h"
#include "host/files.h"
#include "kit/tokens.h"
#include "message.h"
#include "schools.h"

static int say(const char *what, hub_status status, const hub_error *err)
{
    if (status == HUB_OK) {
        printf("ok       %s\n", what);
        return 0;
    }
    printf("WRONG    %s: %s\n", what, err->text);
    return 1;
}

static hub_status check_secrets(const outbound_channel *channel, hub_error *err)
{
    hub_buffer text = {0}, signature = {0};
    hub_status status = channel->secrets[0] != '\0' ? kit_secret_read(channel->secrets, &text, err) : HUB_OK;
    if (status == HUB_OK && channel->way == OUTBOUND_WEBHOOK)
        status = message_sign(hub_buffer_bytes(&text), "check", 0, hub_bytes_of_text("{}"), &signature, err);
    if (text.data != NULL) explicit_bzero(text.data, text.size);
    hub_buffer_free(&text);
    hub_buffer_free(&signature);
    if (status == HUB_OK && channel->token_file[0] != '\0') {
        status = kit_secret_read(channel->token_file, &text, err);
        if (text.data != NULL) explicit_bzero(text.data, text.size);
        hub_buffer_free(&text);
    }
    return status;
}

static hub_status check_files(const outbound_channel *channel, hub_error *err)
{
    if (channel->ca[0] != '\0' && access(channel->ca, R_OK) != 0)
        return hub_fail(err, HUB_ERR_IO, "%s cannot be read; name the authority's file, or leave `ca` out", channel->ca);
    bool is_there;
    if (channel->way == OUTBOUND_FILE && !host_folder_is_usable(channel->folder, &is_there))
        return hub_fail(err, HUB_ERR_IO, "this user may not %s %s", is_there ? "write into" : "make", channel->folder);
    return HUB_OK;
}

int outbound_check(const outbound_config *config)
{
    hub_error err = {{0}};
    int wrong = 0;
    bus_key_pair keys;
    uint8_t server[BUS_KEY_BYTES];
    wrong += say("this instance's key", bus_key_pair_read(config->common.key, &keys, &err), &err);
    explicit_bzero(&keys, sizeof keys);
    wrong += say("the hub's key", bus_public_key_read(config->common.server_key, server, &err), &err);
    for (unsigned i = 0; i < config->channel_count; i++) {
        char what[OWED_NAME_MAX + 32];
        (void)snprintf(what, sizeof what, "channel %s", config->channels[i].name);
        hub_status status = check_secrets(&config->channels[i], &err);
        if (status == HUB_OK) status = check_files(&config->channels[i], &err);
        wrong += say(what, status, &err);
    }
    if (config->schools[0] != '\0') {
        schools *list = NULL;
        hub_status status = schools_read(config->schools, &list, &err);
        char what[48];
        (void)snprintf(what, sizeof what, "directory of schools (%zu rows)", schools_count(list));
        wrong += say(what, status, &err);
        schools_free(list);
    }
    if (wrong != 0) {
        printf("%d to be put right.\n", wrong);
    } else {
        const kit_config *common = &config->common;
        printf("All is well here. Whether the key is enrolled and the hub reached says:\n"
               "  mashctl doctor --key %s --server-key %s --endpoint %s\n",
               common->key, common->server_key, common->endpoints[0]);
    }
    return wrong == 0 ? 0 : 1;
}
