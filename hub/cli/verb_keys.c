/* keys new, enrol, revoke - who may speak with the hub. (keys list is in verb_status.c: the hub's status tells it.) */
#include "cli/verbs.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cli/command.h"
#include "event/event.h"
#include "host/random.h"
#include "json/json.h"

enum { NAMES_MAX = 64, NAMES_BYTES_MAX = 4096, NAME_BYTES_MAX = 47 };

hub_status command_send(session *hub, Mash__V1__Command *command, const char *reason, Mash__V1__CommandReply *out, hub_error *err)
{
    hub_id id = host_random_id();
    command->command_id = (ProtobufCBinaryData){.data = id.bytes, .len = sizeof id.bytes};
    command->reason = (char *)(uintptr_t)(reason != NULL ? reason : "");
    Mash__V1__ClientFrame frame = MASH__V1__CLIENT_FRAME__INIT;
    frame.body_case = MASH__V1__CLIENT_FRAME__BODY_COMMAND;
    frame.command = command;
    const Mash__V1__HubFrame *answer = NULL;
    hub_status status = session_ask(hub, &frame, MASH__V1__HUB_FRAME__BODY_COMMAND_REPLY, &answer, err);
    if (status != HUB_OK) return status;
    *out = *answer->command_reply;
    if (out->code == MASH__V1__COMMAND_CODE__COMMAND_DONE) return HUB_OK;
    hub_buffer text = {0};
    print_clean(&text, out->text);
    bool refused = out->code == MASH__V1__COMMAND_CODE__COMMAND_REFUSED;
    status = hub_fail(err, refused ? HUB_ERR_REFUSED : HUB_ERR_AGAIN, "%s: %s", refused ? "refused" : "try later",
                      hub_buffer_text(&text));
    hub_buffer_free(&text);
    return status;
}

cli_exit command_run(cli_call *call, Mash__V1__Command *command, const char *done)
{
    hub_error err = {{0}};
    session hub = {0};
    Mash__V1__CommandReply reply;
    hub_status status = session_open(call, SESSION_TEAM, &hub, &err);
    if (status == HUB_OK) status = command_send(&hub, command, cli_flag_text(call, "reason"), &reply, &err);
    if (status == HUB_OK && call->json)
        printf("{\"done\":true,\"number\":%" PRIu64 ",\"sequence\":%" PRIu64 "}\n", reply.number, reply.sequence);
    else if (status == HUB_OK)
        printf("%s (record %" PRIu64 ")\n", done, reply.sequence);
    session_close(&hub);
    return status == HUB_OK ? CLI_DONE : cli_fail(call, status, &err);
}

cli_exit verb_keys_new(cli_call *call)
{
    hub_error err = {{0}};
    bus_key_pair pair;
    char text[BUS_KEY_TEXT];
    bus_key_pair_make(&pair);
    hub_status status = bus_key_pair_write(call->arguments[0], &pair, &err);
    if (status != HUB_OK) return cli_fail(call, status, &err);
    bus_key_text(pair.public_key, text);
    if (!call->json) {
        printf("%s.key  secret: stays on this machine\n%s.pub  public: for the hub's operator (mashctl keys enrol)\n%s\n",
               call->arguments[0], call->arguments[0], text);
        return CLI_DONE;
    }
    hub_buffer out = {0};
    hub_buffer_put_text(&out, "{\"public_key\":");
    json_put_text(&out, text);
    hub_buffer_put_text(&out, "}\n");
    print_flush(&out);
    hub_buffer_free(&out);
    return CLI_DONE;
}

static Mash__V1__PeerKind kind_of(const char *name)
{
    int value = 0;
    if (name == NULL || !event_enum_of_name(&mash__v1__peer_kind__descriptor, name, &value))
        return MASH__V1__PEER_KIND__PEER_KIND_UNSPECIFIED;
    return (Mash__V1__PeerKind)value;
}

/* "A,B" of a flag, as a list in `names`, whose text is `text`. false: too long. */
static bool list_of(const cli_call *call, const char *flag, char text[NAMES_BYTES_MAX], char *names[NAMES_MAX], size_t *count)
{
    const char *list = cli_flag_text(call, flag);
    char *rest = NULL;
    if (list != NULL && strlen(list) >= NAMES_BYTES_MAX) return false;
    snprintf(text, NAMES_BYTES_MAX, "%s", list != NULL ? list : "");
    for (char *name = strtok_r(text, ", ", &rest); name != NULL; name = strtok_r(NULL, ", ", &rest)) {
        if (*count == NAMES_MAX) return false;
        names[(*count)++] = name;
    }
    return true;
}

cli_exit verb_keys_enrol(cli_call *call)
{
    hub_error err = {{0}};
    uint8_t key[BUS_KEY_BYTES];
    char queue_text[NAMES_BYTES_MAX], team_text[NAMES_BYTES_MAX];
    char *queues[NAMES_MAX], *teams[NAMES_MAX];
    Mash__V1__Enrol enrol = MASH__V1__ENROL__INIT;
    enrol.name = (char *)(uintptr_t)cli_flag_text(call, "name");
    enrol.kind = kind_of(cli_flag_text(call, "kind"));
    const char *agency = cli_flag_text(call, "agency");
    const char *source_system = cli_flag_text(call, "source-system");
    if (enrol.name == NULL || strlen(enrol.name) > NAME_BYTES_MAX)
        return cli_usage(call, "--name is needed, of at most %d characters", NAME_BYTES_MAX);
    if (enrol.kind == MASH__V1__PEER_KIND__PEER_KIND_UNSPECIFIED)
        return cli_usage(call, "--kind is needed: operator, adapter, consumer, gateway or auditor");
    if (agency != NULL) enrol.agency = event_agency_of_name(agency);
    if (agency != NULL && enrol.agency == MASH__V1__AGENCY__AGENCY_UNSPECIFIED)
        return cli_usage(call, "--agency: there is none of that name");
    if (enrol.kind == MASH__V1__PEER_KIND__PEER_KIND_ADAPTER && agency == NULL)
        return cli_usage(call, "an adapter needs --agency");
    if (source_system != NULL) enrol.source_system = (char *)(uintptr_t)source_system;
    if (!list_of(call, "queues", queue_text, queues, &enrol.n_queues)) return cli_usage(call, "--queues is too long");
    if (!list_of(call, "may-act-for", team_text, teams, &enrol.n_may_act_for))
        return cli_usage(call, "--may-act-for is too long");
    if (enrol.kind == MASH__V1__PEER_KIND__PEER_KIND_CONSUMER && enrol.n_queues == 0)
        return cli_usage(call, "a consumer needs --queues");
    if (enrol.kind == MASH__V1__PEER_KIND__PEER_KIND_GATEWAY && enrol.n_may_act_for == 0)
        return cli_usage(call, "a gateway needs --may-act-for");
    enrol.queues = queues;
    enrol.may_act_for = teams;
    hub_status status = bus_public_key_read(call->arguments[0], key, &err);
    if (status != HUB_OK) return cli_fail(call, status, &err);
    enrol.public_key = (ProtobufCBinaryData){.data = key, .len = sizeof key};
    Mash__V1__Command command = MASH__V1__COMMAND__INIT;
    command.what_case = MASH__V1__COMMAND__WHAT_ENROL;
    command.enrol = &enrol;
    return command_run(call, &command, "enrolled");
}

cli_exit verb_keys_revoke(cli_call *call)
{
    const char *reason = cli_flag_text(call, "reason");
    if (reason == NULL || reason[0] == '\0') return cli_usage(call, "--reason is needed: a revocation cannot be taken back");
    Mash__V1__Revoke revoke = MASH__V1__REVOKE__INIT;
    revoke.name = call->arguments[0];
    Mash__V1__Command command = MASH__V1__COMMAND__INIT;
    command.what_case = MASH__V1__COMMAND__WHAT_REVOKE;
    command.revoke = &revoke;
    return command_run(call, &command, "revoked, and cut off if it was connected");
}
