/* commands.c - what an operator may do: enrol and revoke keys, adopt a policy. */
#include "daemon/shell.h"

#include <stdio.h>
#include <string.h>

#include "host/clock.h"
#include "host/log.h"

enum { REASON_BYTES_MAX = 1000, TEXT_MAX = 4000 };

static void reply(daemon_shell *d, bus_session *session, uint64_t request, const Mash__V1__CommandReply *body)
{
    Mash__V1__HubFrame frame = MASH__V1__HUB_FRAME__INIT;
    frame.request = request;
    frame.body_case = MASH__V1__HUB_FRAME__BODY_COMMAND_REPLY;
    frame.command_reply = (Mash__V1__CommandReply *)(uintptr_t)body;
    daemon_answer(d, session, &frame);
}

static void reply_text(daemon_shell *d, bus_session *session, uint64_t request, Mash__V1__CommandCode code, const char *text)
{
    Mash__V1__CommandReply body = MASH__V1__COMMAND_REPLY__INIT;
    body.code = code;
    body.text = (char *)(uintptr_t)text;
    reply(d, session, request, &body);
}

static bool read_adopt(daemon_shell *d, bus_session *session, uint64_t request, const Mash__V1__AdoptPolicy *adopt,
                       core_command *out)
{
    hub_buffer complaints = {0};
    const core_policy *policy = NULL;
    size_t before = d->policies->count;
    hub_status status = fold_policies_compile(d->policies, adopt->sources, adopt->n_sources, "", &policy, &complaints);
    if (status != HUB_OK) {
        if (complaints.size > TEXT_MAX) complaints.size = TEXT_MAX;
        if (complaints.size == 0) hub_buffer_put_text(&complaints, hub_status_text(status));
        reply_text(d, session, request, MASH__V1__COMMAND_CODE__COMMAND_REFUSED, hub_buffer_text(&complaints));
    }
    hub_buffer_free(&complaints);
    HUB_ASSERT(status != HUB_OK || d->policies->count == before + 1);
    out->kind = CORE_ADOPT_POLICY;
    out->of.adopt.policy = policy;
    out->of.adopt.sources = adopt;
    return status == HUB_OK;
}

/* true: `out` is filled. Otherwise the answer is given. */
static bool read_command(daemon_shell *d, bus_session *session, uint64_t request, const Mash__V1__Command *command,
                         core_command *out)
{
    *out = (core_command){.at_ms = daemon_now_ms(d), .peer = session->peer, .reason = command->reason};
    if (!hub_id_read(hub_bytes_of(command->command_id.data, command->command_id.len), &out->command_id) ||
        hub_id_is_zero(&out->command_id)) {
        daemon_fault(d, session, request, MASH__V1__FAULT_CODE__FAULT_MALFORMED, "command.command_id",
                     "16 random bytes are needed");
        return false;
    }
    if (strlen(command->reason) > REASON_BYTES_MAX) {
        daemon_fault(d, session, request, MASH__V1__FAULT_CODE__FAULT_MALFORMED, "command.reason", "at most 1,000 bytes");
        return false;
    }
    switch (command->what_case) {
    case MASH__V1__COMMAND__WHAT_ENROL:
        out->kind = CORE_ENROL;
        out->of.enrol = command->enrol;
        return true;
    case MASH__V1__COMMAND__WHAT_REVOKE:
        out->kind = CORE_REVOKE;
        out->of.revoke = command->revoke;
        return true;
    case MASH__V1__COMMAND__WHAT_ADOPT_POLICY:
        return read_adopt(d, session, request, command->adopt_policy, out);
    default:
        daemon_fault(d, session, request, MASH__V1__FAULT_CODE__FAULT_UNKNOWN_REQUEST, "command",
                     "this hub does not know this command");
        return false;
    }
}

static void after_revoke(daemon_shell *d, uint32_t number)
{
    const core_peer *peer = core_peer_numbered(d->core, number);
    hub_error err;
    if (peer == NULL || !peer->revoked) return;
    if (daemon_revoked_add(d->revoked, peer->public_key, &err) != HUB_OK) {
        host_log(HOST_LOG_ERROR, "the revoked key could not be noted beside the store", "peer", peer->name, "cause", err.text,
                 NULL);
    }
    host_log(HOST_LOG_WARNING, "a key was revoked", "peer", peer->name, NULL);
    bus_session *theirs = bus_sessions_by_peer(d->sessions, number);
    if (theirs != NULL) daemon_end_session(d, theirs, MASH__V1__SESSION_END__SESSION_END_REVOKED, "this key is revoked");
}

void daemon_command(daemon_shell *d, bus_session *session, uint64_t request, const Mash__V1__Command *command)
{
    const core_peer *peer = core_peer_numbered(d->core, session->peer);
    if (peer->kind != MASH__V1__PEER_KIND__PEER_KIND_OPERATOR) {
        daemon_fault(d, session, request, MASH__V1__FAULT_CODE__FAULT_NOT_ALLOWED, "command",
                     "only a key enrolled as operator may do this");
        return;
    }
    if (d->full) {
        Mash__V1__CommandReply later = MASH__V1__COMMAND_REPLY__INIT;
        later.code = MASH__V1__COMMAND_CODE__COMMAND_RETRY_LATER;
        later.text = (char *)(uintptr_t) "the hub's disk is full";
        Mash__V1__HubFrame frame = MASH__V1__HUB_FRAME__INIT;
        frame.request = request;
        frame.body_case = MASH__V1__HUB_FRAME__BODY_COMMAND_REPLY;
        frame.command_reply = &later;
        daemon_send_frame(d, session, &frame);
        return;
    }
    core_command decided;
    core_decision decision;
    if (!read_command(d, session, request, command, &decided)) return;
    uint64_t before = core_sequence(d->core);
    hub_arena_reset(&d->decide_arena);
    if (daemon_apply(d, DAEMON_TEAM, &decided, &decision) != HUB_OK) {
        reply_text(d, session, request, MASH__V1__COMMAND_CODE__COMMAND_RETRY_LATER,
                   "the hub has no room for this now; try again");
        return;
    }
    Mash__V1__CommandReply body = MASH__V1__COMMAND_REPLY__INIT;
    body.code = decision.reply.command;
    body.text = decision.reply.text;
    body.number = decision.reply.number;
    if (core_sequence(d->core) > before) body.sequence = core_sequence(d->core);
    reply(d, session, request, &body);
    bool done = decision.reply.command == MASH__V1__COMMAND_CODE__COMMAND_DONE && core_sequence(d->core) > before;
    if (done && decided.kind == CORE_REVOKE) after_revoke(d, (uint32_t)decision.reply.number);
}
