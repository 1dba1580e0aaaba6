/* commands.c - what an operator may do: enrol and revoke keys, adopt a policy, accept the system clock. */
#include "daemon/shell.h"

#include <stdio.h>
#include <string.h>

#include "daemon/policy_folder.h"
#include "host/clock.h"
#include "host/log.h"

enum { REASON_BYTES_MAX = 1000, TEXT_MAX = 4000, DAY_MS = 86400000 };

static const char NO_ROOM[] = "the hub has no room for this now; try again";

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

/* Compiles what the client sent, or the hub's own folder. Mistakes are in `complaints`, and then out->of.adopt.policy is NULL. */
static hub_status read_adopt(daemon_shell *d, const Mash__V1__AdoptPolicy *adopt, core_command *out, hub_buffer *complaints)
{
    const char *folder = "";
    hub_error err = {{0}};
    out->kind = CORE_ADOPT_POLICY;
    out->of.adopt.sources = adopt;
    if (adopt->n_sources == 0) {
        Mash__V1__AdoptPolicy *own;
        folder = d->config->policy;
        hub_status status = daemon_policy_folder_read(folder, &d->decide_arena, &own, &err);
        if (status == HUB_ERR_MEMORY) return status;
        if (status != HUB_OK) {
            hub_buffer_put_format(complaints, "%s\n", err.text);
            return HUB_OK;
        }
        out->of.adopt.sources = adopt = own;
    }
    hub_status status =
        daemon_policy_compile(d->policies, adopt, folder, (int32_t)(out->at_ms / DAY_MS), &out->of.adopt.policy, complaints);
    return status == HUB_ERR_INVALID ? HUB_OK : status;
}

/* The first mistakes, in whole lines. */
static const char *first_of(hub_buffer *complaints)
{
    static const char MORE[] = "... and more; mashctl policy check names all of them\n";
    if (complaints->size > TEXT_MAX) {
        complaints->size = TEXT_MAX - sizeof MORE;
        while (complaints->size > 0 && complaints->data[complaints->size - 1] != '\n')
            complaints->size--;
        hub_buffer_put_text(complaints, MORE);
    }
    return hub_buffer_text(complaints);
}

/* true: `out` is filled. Otherwise the answer is given. */
static bool read_command(daemon_shell *d, bus_session *session, uint64_t request, const Mash__V1__Command *command,
                         core_command *out, hub_buffer *complaints)
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
        if (read_adopt(d, command->adopt_policy, out, complaints) == HUB_OK) return true;
        reply_text(d, session, request, MASH__V1__COMMAND_CODE__COMMAND_RETRY_LATER, NO_ROOM);
        return false;
    case MASH__V1__COMMAND__WHAT_ACCEPT_TIME:
        out->kind = CORE_CORRECT_TIME;
        out->of.time.delta_ms = host_wall_ms() - out->at_ms;
        out->of.time.cause = command->accept_time->cause;
        out->of.time.is_needed = d->clock.stepped || d->clock.holds_timers;
        out->of.time.is_held = d->clock.holds_timers;
        return true;
    default:
        daemon_fault(d, session, request, MASH__V1__FAULT_CODE__FAULT_UNKNOWN_REQUEST, "command",
                     "this hub does not know this command");
        return false;
    }
}

/* A key goes into the list beside the store before the record is made: what was answered must hold against an older journal too. */
static hub_status note_revoked(daemon_shell *d, const core_command *command)
{
    core_decision decision;
    hub_error err = {{0}};
    hub_status status = core_decide(d->core, command, &d->decide_arena, &decision);
    if (status != HUB_OK || decision.control == NULL) return status;
    if (decision.reply.command != MASH__V1__COMMAND_CODE__COMMAND_DONE) return HUB_OK;
    const core_peer *peer = core_peer_numbered(d->core, (uint32_t)decision.reply.number);
    status = daemon_revoked_add(d->revoked, peer->public_key, &err);
    if (status != HUB_OK) {
        host_log(HOST_LOG_ERROR, "a key could not be noted as revoked beside the store; nothing was done", "peer", peer->name,
                 "cause", err.text, NULL);
    }
    return status;
}

static void after_revoke(daemon_shell *d, uint32_t number)
{
    const core_peer *peer = core_peer_numbered(d->core, number);
    if (peer == NULL || !peer->revoked) return;
    host_log(HOST_LOG_WARNING, "a key was revoked", "peer", peer->name, NULL);
    bus_session *theirs = bus_sessions_by_peer(d->sessions, number);
    if (theirs != NULL) daemon_end_session(d, theirs, MASH__V1__SESSION_END__SESSION_END_REVOKED, "this key is revoked");
}

static void carry_out(daemon_shell *d, bus_session *session, uint64_t request, const core_command *command,
                      hub_buffer *complaints)
{
    core_decision decision;
    uint64_t before = core_sequence(d->core);
    if (command->kind == CORE_REVOKE && note_revoked(d, command) != HUB_OK) {
        reply_text(d, session, request, MASH__V1__COMMAND_CODE__COMMAND_RETRY_LATER,
                   "the key could not be noted as revoked beside the store, so nothing was done; the hub's log has the cause");
        return;
    }
    if (daemon_apply(d, DAEMON_TEAM, command, &decision) != HUB_OK) {
        reply_text(d, session, request, MASH__V1__COMMAND_CODE__COMMAND_RETRY_LATER, NO_ROOM);
        return;
    }
    bool done = decision.reply.command == MASH__V1__COMMAND_CODE__COMMAND_DONE;
    bool recorded = core_sequence(d->core) > before;
    Mash__V1__CommandReply body = MASH__V1__COMMAND_REPLY__INIT;
    body.code = decision.reply.command;
    body.text = !done && complaints->size > 0 ? (char *)(uintptr_t)first_of(complaints) : decision.reply.text;
    body.number = decision.reply.number;
    if (recorded) body.sequence = core_sequence(d->core);
    reply(d, session, request, &body);
    if (done && recorded && command->kind == CORE_CORRECT_TIME) daemon_time_corrected(d, command->of.time.delta_ms);
    if (done && recorded && command->kind == CORE_REVOKE) after_revoke(d, (uint32_t)decision.reply.number);
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
    core_command wanted;
    hub_buffer complaints = {0};
    hub_arena_reset(&d->decide_arena);
    if (read_command(d, session, request, command, &wanted, &complaints)) {
        carry_out(d, session, request, &wanted, &complaints);
        bool compiled = wanted.kind == CORE_ADOPT_POLICY && wanted.of.adopt.policy != NULL;
        if (compiled && core_policy_now(d->core) != wanted.of.adopt.policy)
            fold_policies_drop(d->policies, wanted.of.adopt.policy);
    }
    hub_buffer_free(&complaints);
}
