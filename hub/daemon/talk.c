/* talk.c - sessions: Hello, heartbeats, the end of a session; and every frame's way to whoever handles it. */
#include "daemon/shell.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bus/frames.h"
#include "host/clock.h"
#include "host/log.h"
#include "host/random.h"

enum { CUT_AFTER_MS = 100 };

static const int64_t CENTURY_MS = INT64_C(100) * 365 * 24 * 3600 * 1000;
static const int64_t PLAUSIBLE_MS =
    INT64_C(946684800000); /* the year 2000: a clock that says less counts from the machine's start */

daemon_peer_state *daemon_state_of(const bus_session *session)
{
    return session->attachment;
}

/* ---- sending ---------------------------------------------------------------------------------------------------------------- */
static void doom(daemon_shell *d, bus_session *session)
{
    daemon_state_of(session)->doomed = true;
    d->any_doomed = true;
}

static const char *name_of(const daemon_shell *d, const bus_session *session)
{
    return core_peer_numbered(d->core, session->peer)->name;
}

static void queue_frame(daemon_shell *d, bus_session *session, hub_bytes first, hub_bytes second)
{
    if (!session->named_slow) {
        session->named_slow = true;
        host_log(HOST_LOG_WARNING, "a peer is slow: its connection takes no more for now", "peer", name_of(d, session), NULL);
    }
    d->any_queued = true;
    if (bus_session_queue(session, first, second) == HUB_OK) return;
    host_log(HOST_LOG_WARNING, "a peer does not read what it is sent: its session is ended", "peer", name_of(d, session), NULL);
    doom(d, session);
}

void daemon_send(daemon_shell *d, bus_session *session, hub_bytes first, hub_bytes second)
{
    if (daemon_state_of(session)->doomed) return;
    if (bus_session_has_queued(session)) {
        queue_frame(d, session, first, second);
        return;
    }
    switch (bus_router_send(d->routers[session->endpoint], session->route, first, second)) {
    case BUS_SENT:
        break;
    case BUS_SENT_LATER:
        queue_frame(d, session, first, second);
        break;
    case BUS_SENT_GONE:
        doom(d, session);
        break;
    }
}

void daemon_send_queued(daemon_shell *d)
{
    if (!d->any_queued) return;
    d->any_queued = false;
    for (bus_session *s = bus_sessions_next(d->sessions, NULL); s != NULL; s = bus_sessions_next(d->sessions, s)) {
        bus_sent sent = BUS_SENT;
        while (sent == BUS_SENT && bus_session_has_queued(s)) {
            sent = bus_router_send(d->routers[s->endpoint], s->route, bus_session_queued(s), hub_bytes_of(NULL, 0));
            if (sent == BUS_SENT) bus_session_drop_queued(s);
        }
        if (sent == BUS_SENT_GONE) doom(d, s);
        if (bus_session_has_queued(s)) {
            d->any_queued = true;
        } else {
            s->named_slow = false;
        }
    }
}

static bool pack(daemon_shell *d, const Mash__V1__HubFrame *frame)
{
    hub_buffer_clear(&d->scratch);
    if (bus_frame_pack_hub(frame, &d->scratch) == HUB_OK) return true;
    host_log(HOST_LOG_ERROR, "no memory for an answer", NULL);
    hub_buffer_free(&d->scratch);
    return false;
}

void daemon_send_frame(daemon_shell *d, bus_session *session, const Mash__V1__HubFrame *frame)
{
    if (pack(d, frame)) daemon_send(d, session, hub_buffer_bytes(&d->scratch), hub_bytes_of(NULL, 0));
}

void daemon_answer_packed(daemon_shell *d, bus_session *session, uint64_t request, hub_bytes frame)
{
    if (core_sequence(d->core) == d->durable && daemon_batch_is_empty(d->open)) {
        daemon_send(d, session, frame, hub_bytes_of(NULL, 0));
    } else if (daemon_batch_hold_frame(d->open, session->ref, request, frame) != HUB_OK) {
        daemon_fault(d, session, request, MASH__V1__FAULT_CODE__FAULT_BUSY, "",
                     "too many answers wait for the journal already; ask again in a while");
    }
}

void daemon_answer(daemon_shell *d, bus_session *session, const Mash__V1__HubFrame *frame)
{
    if (pack(d, frame)) daemon_answer_packed(d, session, frame->request, hub_buffer_bytes(&d->scratch));
}

static void send_to_route(daemon_shell *d, daemon_lane lane, uint32_t route, const Mash__V1__HubFrame *frame)
{
    if (pack(d, frame)) (void)bus_router_send(d->routers[lane], route, hub_buffer_bytes(&d->scratch), hub_bytes_of(NULL, 0));
}

static void fill_fault(Mash__V1__HubFrame *frame, Mash__V1__Fault *fault, uint64_t request, Mash__V1__FaultCode code,
                       const char *field_path, const char *text)
{
    mash__v1__fault__init(fault);
    mash__v1__hub_frame__init(frame);
    fault->code = code;
    fault->field_path = (char *)(uintptr_t)field_path;
    fault->text = (char *)(uintptr_t)text;
    frame->request = request;
    frame->body_case = MASH__V1__HUB_FRAME__BODY_FAULT;
    frame->fault = fault;
}

void daemon_fault(daemon_shell *d, bus_session *session, uint64_t request, Mash__V1__FaultCode code, const char *field_path,
                  const char *text)
{
    Mash__V1__Fault fault;
    Mash__V1__HubFrame frame;
    fill_fault(&frame, &fault, request, code, field_path, text);
    daemon_send_frame(d, session, &frame);
}

static void fault_to_route(daemon_shell *d, daemon_lane lane, uint32_t route, uint64_t request, Mash__V1__FaultCode code,
                           const char *field_path, const char *text)
{
    Mash__V1__Fault fault;
    Mash__V1__HubFrame frame;
    fill_fault(&frame, &fault, request, code, field_path, text);
    send_to_route(d, lane, route, &frame);
}

/* ---- the end of a session ------------------------------------------------------------------------------------------------------ */
static void send_session_ended(daemon_shell *d, daemon_lane lane, uint32_t route, Mash__V1__SessionEnd reason, const char *text)
{
    Mash__V1__SessionEnded ended = MASH__V1__SESSION_ENDED__INIT;
    ended.reason = reason;
    ended.text = (char *)(uintptr_t)text;
    Mash__V1__HubFrame frame = MASH__V1__HUB_FRAME__INIT;
    frame.body_case = MASH__V1__HUB_FRAME__BODY_SESSION_ENDED;
    frame.session_ended = &ended;
    send_to_route(d, lane, route, &frame);
}

void daemon_end_session(daemon_shell *d, bus_session *session, Mash__V1__SessionEnd reason, const char *text)
{
    if (daemon_state_of(session)->doomed) return;
    doom(d, session);
    if (reason == MASH__V1__SESSION_END__SESSION_END_UNSPECIFIED) return;
    send_session_ended(d, (daemon_lane)session->endpoint, session->route, reason, text);
    host_log(HOST_LOG_INFO, "session ended", "peer", name_of(d, session), "why", text, NULL);
    if (reason != MASH__V1__SESSION_END__SESSION_END_REVOKED || d->cut_count == DAEMON_CUTS_MAX) return;
    d->cuts[d->cut_count].connection = daemon_state_of(session)->connection;
    d->cuts[d->cut_count++].at_ms = uv_now(&d->loop) + CUT_AFTER_MS; /* the word should still leave */
}

void daemon_cut_due(daemon_shell *d)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < d->cut_count; i++) {
        if (uv_now(&d->loop) >= d->cuts[i].at_ms) {
            bus_connection_cut(&d->cuts[i].connection);
        } else {
            d->cuts[kept++] = d->cuts[i];
        }
    }
    d->cut_count = kept;
}

daemon_heard *daemon_heard_of(daemon_shell *d, uint32_t peer)
{
    HUB_ASSERT(peer >= 1);
    if (peer > d->heard_count) {
        uint32_t count = core_peer_count(d->core);
        HUB_ASSERT(peer <= count);
        daemon_heard *grown = realloc(d->heard, count * sizeof *grown);
        if (grown == NULL) return NULL;
        memset(grown + d->heard_count, 0, (count - d->heard_count) * sizeof *grown);
        d->heard = grown;
        d->heard_count = count;
    }
    return &d->heard[peer - 1];
}

static int64_t session_heard_ms(daemon_shell *d, const bus_session *session)
{
    return daemon_now_ms(d) - ((int64_t)uv_now(&d->loop) - session->heard_ms);
}

int64_t daemon_last_heard_ms(daemon_shell *d, uint32_t peer)
{
    const bus_session *session = bus_sessions_by_peer(d->sessions, peer);
    if (session != NULL) return session_heard_ms(d, session);
    return peer <= d->heard_count ? d->heard[peer - 1].last_ms : 0;
}

static void end_now(daemon_shell *d, bus_session *session)
{
    daemon_peer_state *state = daemon_state_of(session);
    daemon_heard *heard = daemon_heard_of(d, session->peer);
    if (heard != NULL) heard->last_ms = session_heard_ms(d, session);
    daemon_deliver_detach(d, session);
    daemon_tail_free(session);
    bus_sessions_end(d->sessions, session);
    free(state);
}

void daemon_end_doomed(daemon_shell *d)
{
    if (!d->any_doomed) return;
    d->any_doomed = false;
    for (bus_session *s = bus_sessions_next(d->sessions, NULL); s != NULL; s = bus_sessions_next(d->sessions, s)) {
        if (daemon_state_of(s)->doomed) end_now(d, s);
    }
}

void daemon_end_silent(daemon_shell *d)
{
    int64_t now = (int64_t)uv_now(&d->loop);
    /* Who stood still (a paused machine, a busy one) heard nothing because it did not listen: what peers said meanwhile lies in the sockets. */
    if (now - d->looked_ms > DAEMON_PING_MS) d->awake_ms = now;
    d->looked_ms = now;
    if (now - d->awake_ms <= DAEMON_SILENT_MS) return;
    for (bus_session *s = bus_sessions_next(d->sessions, NULL); s != NULL; s = bus_sessions_next(d->sessions, s)) {
        if (!bus_session_is_silent(s, now, DAEMON_SILENT_MS)) continue;
        daemon_end_session(d, s, MASH__V1__SESSION_END__SESSION_END_SILENT, "nothing was heard for three ping intervals");
    }
}

/* ---- Hello -------------------------------------------------------------------------------------------------------------------- */
bool daemon_is_enrolled(const daemon_shell *d, const core_peer *peer)
{
    return peer != NULL && !peer->revoked && !daemon_revoked_has(d->revoked, peer->public_key);
}

/* Finds or opens the outbox. NULL: the hub's history does not hold what the outbox says was acknowledged. */
static const core_outbox *continue_outbox(daemon_shell *d, daemon_lane lane, const core_peer *peer, const Mash__V1__Hello *hello,
                                          hub_status *status)
{
    hub_id outbox_id, acknowledged = {{0}};
    *status = HUB_OK;
    (void)hub_id_read(hub_bytes_of(hello->outbox_id.data, hello->outbox_id.len), &outbox_id);
    (void)hub_id_read(hub_bytes_of(hello->acknowledged_event_id.data, hello->acknowledged_event_id.len), &acknowledged);
    const core_outbox *outbox = core_outbox_of(d->core, peer->number, &outbox_id);
    if (outbox != NULL) {
        bool ahead = hello->acknowledged_link_seq > outbox->settled_link_seq;
        bool other = hello->acknowledged_link_seq != 0 && hello->acknowledged_link_seq == outbox->settled_link_seq &&
                     !hub_id_equal(&acknowledged, &outbox->settled_event_id);
        return ahead || other ? NULL : outbox;
    }
    if (hello->acknowledged_link_seq != 0) return NULL;
    hub_arena_reset(&d->decide_arena);
    core_command command = {
        .kind = CORE_OPEN_OUTBOX, .at_ms = daemon_now_ms(d), .peer = peer->number, .of.outbox.outbox_id = outbox_id};
    core_decision decision;
    *status = d->full ? HUB_ERR_AGAIN : daemon_apply(d, lane, &command, &decision);
    return *status == HUB_OK ? core_outbox_of(d->core, peer->number, &outbox_id) : NULL;
}

static void welcome(daemon_shell *d, bus_session *session, uint64_t request, const core_outbox *outbox,
                    const Mash__V1__Hello *hello)
{
    bool publishes = hello->outbox_id.len != 0;
    Mash__V1__Welcome welcome = MASH__V1__WELCOME__INIT;
    welcome.partnership = (char *)(uintptr_t)core_partnership(d->core);
    welcome.protocol = BUS_PROTOCOL;
    welcome.software = (char *)(uintptr_t) "mashhubd/" MASHHUB_VERSION;
    welcome.session_id = (ProtobufCBinaryData){.len = HUB_ID_BYTES, .data = session->id.bytes};
    welcome.hub_time_ms = daemon_now_ms(d);
    welcome.frame_bytes_max = BUS_FRAME_BYTES_MAX;
    welcome.publish_items_max = DAEMON_ITEMS_IN_FLIGHT;
    welcome.ping_interval_ms = DAEMON_PING_MS;
    welcome.peer_name = (char *)(uintptr_t)name_of(d, session);
    if (publishes)
        welcome.outbox_state = outbox == NULL ? MASH__V1__OUTBOX_STATE__OUTBOX_FORKED : MASH__V1__OUTBOX_STATE__OUTBOX_CONTINUES;
    if (outbox != NULL && d->full) { /* what was acknowledged is durable; what came after may have to wait for room (H1) */
        welcome.settled_link_seq = hello->acknowledged_link_seq;
        welcome.settled_event_id = hello->acknowledged_event_id;
    } else if (outbox != NULL && outbox->settled_link_seq != 0) {
        welcome.settled_link_seq = outbox->settled_link_seq;
        welcome.settled_event_id =
            (ProtobufCBinaryData){.len = HUB_ID_BYTES, .data = (uint8_t *)(uintptr_t)outbox->settled_event_id.bytes};
    }
    Mash__V1__HubFrame frame = MASH__V1__HUB_FRAME__INIT;
    frame.request = request;
    frame.body_case = MASH__V1__HUB_FRAME__BODY_WELCOME;
    frame.welcome = &welcome;
    if (publishes && !d->full) {
        daemon_answer(d, session, &frame); /* the watermark may rest on records that are not durable yet */
    } else {
        daemon_send_frame(d, session, &frame);
    }
}

typedef struct refusal {
    Mash__V1__FaultCode code;
    const char *field;
    const char *text; /* NULL: Hello is acceptable */
} refusal;

static refusal why_not_hello(const core_peer *peer, daemon_lane lane, const Mash__V1__Hello *hello)
{
    bool is_adapter = peer->kind == MASH__V1__PEER_KIND__PEER_KIND_ADAPTER;
    if (hello->protocol != BUS_PROTOCOL)
        return (refusal){MASH__V1__FAULT_CODE__FAULT_WRONG_PROTOCOL, "hello.protocol", "this hub speaks protocol 1"};
    if (is_adapter && lane == DAEMON_TEAM) { /* H2: a flood of events must not come by the teams' way */
        return (refusal){MASH__V1__FAULT_CODE__FAULT_NOT_ALLOWED, "hello",
                         "this endpoint is for teams and operators; an adapter connects to the agency's"};
    }
    if (strlen(hello->software) > BUS_SOFTWARE_MAX)
        return (refusal){MASH__V1__FAULT_CODE__FAULT_MALFORMED, "hello.software", "at most 64 bytes"};
    if (hello->outbox_id.len != 0 && hello->outbox_id.len != HUB_ID_BYTES) {
        return (refusal){MASH__V1__FAULT_CODE__FAULT_MALFORMED, "hello.outbox_id", "16 bytes, or none for who does not publish"};
    }
    if (hello->outbox_id.len != 0 && !is_adapter) {
        return (refusal){MASH__V1__FAULT_CODE__FAULT_NOT_ALLOWED, "hello.outbox_id",
                         "only a key enrolled as adapter has an outbox"};
    }
    if (hello->acknowledged_link_seq != 0 && hello->acknowledged_event_id.len != HUB_ID_BYTES) {
        return (refusal){MASH__V1__FAULT_CODE__FAULT_MALFORMED, "hello.acknowledged_event_id",
                         "16 bytes, the event id at acknowledged_link_seq"};
    }
    return (refusal){0};
}

static bus_session *begin(daemon_shell *d, daemon_lane lane, const bus_message *message, const core_peer *peer)
{
    bus_session *old = bus_sessions_by_route(d->sessions, lane, message->route);
    if (old != NULL) end_now(d, old); /* Hello again on the same connection */
    old = bus_sessions_by_peer(d->sessions, peer->number);
    if (old != NULL) {
        host_log(HOST_LOG_WARNING, "the same key opened another session: the first is ended", "peer", peer->name, NULL);
        send_session_ended(d, (daemon_lane)old->endpoint, old->route, MASH__V1__SESSION_END__SESSION_END_REPLACED,
                           "the same key opened another session; is one key used by two programs?");
        end_now(d, old);
    }
    daemon_peer_state *state = calloc(1, sizeof *state);
    hub_id id = host_random_id();
    bus_session *session = NULL;
    if (state != NULL && bus_sessions_begin(d->sessions, lane, message->route, message->key, peer->number, &id,
                                            (int64_t)uv_now(&d->loop), &session) != HUB_OK) {
        free(state);
    }
    if (session == NULL) return NULL;
    session->attachment = state;
    state->connection = bus_connection_of(message->fd);
    return session;
}

static void on_hello(daemon_shell *d, daemon_lane lane, const bus_message *message, uint64_t request,
                     const Mash__V1__Hello *hello)
{
    const core_peer *peer = core_peer_by_key(d->core, message->key);
    refusal no = why_not_hello(peer, lane, hello);
    if (no.text != NULL) {
        fault_to_route(d, lane, message->route, request, no.code, no.field, no.text);
        return;
    }
    bool publishes = hello->outbox_id.len != 0;
    hub_status status = HUB_OK;
    const core_outbox *outbox = publishes ? continue_outbox(d, lane, peer, hello, &status) : NULL;
    bus_session *session = status == HUB_OK ? begin(d, lane, message, peer) : NULL;
    if (session == NULL) {
        fault_to_route(d, lane, message->route, request, MASH__V1__FAULT_CODE__FAULT_BUSY, "",
                       d->full ? "the hub's disk is full; it opens no new outbox until there is room"
                               : "the hub cannot take another session now; try again");
        return;
    }
    (void)snprintf(session->software, sizeof session->software, "%s", hello->software);
    if (outbox != NULL) session->outbox = outbox->number;
    host_log(HOST_LOG_INFO, "session opened", "peer", peer->name, "endpoint", lane == DAEMON_TEAM ? "team" : "agency", "software",
             session->software, NULL);
    if (publishes && outbox == NULL) {
        host_log(HOST_LOG_WARNING, "an outbox tells of items that this journal does not hold; it will offer everything again",
                 "peer", peer->name, NULL);
    }
    welcome(d, session, request, outbox, hello);
}

/* ---- frames ------------------------------------------------------------------------------------------------------------------- */
static void on_ping(daemon_shell *d, bus_session *session, uint64_t request, const Mash__V1__Ping *ping)
{
    Mash__V1__Pong pong = MASH__V1__PONG__INIT;
    int64_t now_ms = daemon_now_ms(d);
    daemon_heard *heard = daemon_heard_of(d, session->peer);
    if (heard != NULL) {
        heard->waiting = ping->waiting;
        heard->parked = ping->parked;
        heard->owed = ping->owed;
        heard->overdue = ping->overdue;
        heard->trouble = ping->trouble;
        /* As another machine's clock says it, which may say anything; it is shown as a civil time. */
        heard->failing_since_ms =
            ping->failing_since_ms > PLAUSIBLE_MS && ping->failing_since_ms <= now_ms ? ping->failing_since_ms : 0;
    }
    if (heard != NULL && ping->sent_ms > PLAUSIBLE_MS && ping->sent_ms < now_ms + CENTURY_MS) {
        heard->told_time = true;
        heard->clock_ahead_ms = ping->sent_ms - now_ms;
    }
    pong.sent_ms = ping->sent_ms;
    pong.hub_time_ms = now_ms;
    Mash__V1__HubFrame frame = MASH__V1__HUB_FRAME__INIT;
    frame.request = request;
    frame.body_case = MASH__V1__HUB_FRAME__BODY_PONG;
    frame.pong = &pong;
    daemon_send_frame(d, session, &frame);
}

static void dispatch(daemon_shell *d, daemon_lane lane, bus_session *session, const Mash__V1__ClientFrame *frame)
{
    uint64_t request = frame->request;
    switch (frame->body_case) {
    case MASH__V1__CLIENT_FRAME__BODY_PUBLISH:
        daemon_publish_take(d, lane, session, request, frame->publish);
        return;
    case MASH__V1__CLIENT_FRAME__BODY_SUBSCRIBE:
        daemon_subscribe(d, session, request, frame->subscribe);
        return;
    case MASH__V1__CLIENT_FRAME__BODY_RECEIPT:
        daemon_receipt(d, session, request, frame->receipt);
        return;
    case MASH__V1__CLIENT_FRAME__BODY_CREDIT:
        daemon_credit(d, session, request, frame->credit);
        return;
    case MASH__V1__CLIENT_FRAME__BODY_TAIL:
        daemon_tail_start(d, session, request, frame->tail);
        return;
    case MASH__V1__CLIENT_FRAME__BODY_QUERY:
        daemon_query(d, session, request, frame->query);
        return;
    case MASH__V1__CLIENT_FRAME__BODY_EXPLAIN:
        daemon_explain(d, session, request, frame->explain);
        return;
    case MASH__V1__CLIENT_FRAME__BODY_AUDIT:
        daemon_audit_query(d, session, request, frame->audit);
        return;
    case MASH__V1__CLIENT_FRAME__BODY_SHOW:
        daemon_show(d, session, request, frame->show);
        return;
    case MASH__V1__CLIENT_FRAME__BODY_POLICY:
        daemon_policy_request(d, session, request);
        return;
    case MASH__V1__CLIENT_FRAME__BODY_STATUS:
        daemon_status(d, session, request, frame->status);
        return;
    case MASH__V1__CLIENT_FRAME__BODY_COMMAND:
        daemon_command(d, session, request, frame->command);
        return;
    case MASH__V1__CLIENT_FRAME__BODY_ACT:
        daemon_act(d, session, request, frame->act);
        return;
    case MASH__V1__CLIENT_FRAME__BODY_DAILY_LIST:
        daemon_daily_list(d, session, request, frame->daily_list);
        return;
    case MASH__V1__CLIENT_FRAME__BODY_FIGURES:
        daemon_timely(d, session, request, frame->figures);
        return;
    case MASH__V1__CLIENT_FRAME__BODY_PING:
        on_ping(d, session, request, frame->ping);
        return;
    case MASH__V1__CLIENT_FRAME__BODY_GOODBYE:
        daemon_end_session(d, session, MASH__V1__SESSION_END__SESSION_END_UNSPECIFIED, "");
        return;
    default:
        daemon_fault(d, session, request, MASH__V1__FAULT_CODE__FAULT_UNKNOWN_REQUEST, "",
                     "this hub does not know this kind of frame");
        return;
    }
}

void daemon_say_malformed(daemon_shell *d)
{
    enum { LINE_EVERY_US = 60 * 1000 * 1000 };
    uint64_t now = host_monotonic_us();
    if (!d->any_malformed) return;
    d->any_malformed = false;
    for (uint32_t i = 0; i < d->heard_count; i++) {
        daemon_heard *heard = &d->heard[i];
        if (heard->malformed == 0) continue;
        if (heard->malformed_said_us != 0 && now - heard->malformed_said_us < LINE_EVERY_US) {
            d->any_malformed = true;
            continue;
        }
        char count[24];
        (void)snprintf(count, sizeof count, "%" PRIu64, heard->malformed);
        host_log(HOST_LOG_WARNING, "frames could not be read", "peer", core_peer_numbered(d->core, i + 1)->name, "count", count,
                 "field", heard->fault.field_path, "cause", heard->fault.cause, NULL);
        heard->malformed = 0;
        heard->malformed_said_us = now;
    }
}

static void refuse_frame(daemon_shell *d, daemon_lane lane, const bus_message *message, uint32_t peer, hub_status status,
                         const event_wire_fault *fault)
{
    char text[sizeof fault->cause + 64];
    (void)snprintf(text, sizeof text, "not a ClientFrame: %s", fault->cause);
    Mash__V1__FaultCode code =
        status == HUB_ERR_MEMORY ? MASH__V1__FAULT_CODE__FAULT_TOO_LARGE : MASH__V1__FAULT_CODE__FAULT_MALFORMED;
    fault_to_route(d, lane, message->route, 0, code, fault->field_path, text);
    daemon_heard *heard = daemon_heard_of(d, peer);
    if (heard == NULL) return;
    heard->malformed++;
    heard->fault = *fault;
    d->any_malformed = true;
    daemon_say_malformed(d);
}

/* Reads the frame into the lane's arena, where a Publish stays until it is worked off. */
void daemon_talk_message(daemon_shell *d, daemon_lane lane, const bus_message *message)
{
    const core_peer *peer = core_peer_by_key(d->core, message->key);
    bus_session *session = bus_sessions_by_route(d->sessions, lane, message->route);
    if (!daemon_is_enrolled(d, peer)) { /* H3 */
        if (session != NULL) daemon_end_session(d, session, MASH__V1__SESSION_END__SESSION_END_REVOKED, "this key is revoked");
        return;
    }
    if (session != NULL && daemon_state_of(session)->doomed) return;
    if (session != NULL) session->heard_ms = (int64_t)uv_now(&d->loop);
    if (message->bytes.size > BUS_FRAME_BYTES_MAX) {
        fault_to_route(d, lane, message->route, 0, MASH__V1__FAULT_CODE__FAULT_TOO_LARGE, "",
                       "the frame is larger than Welcome allows; nothing of it was looked at");
        return;
    }
    hub_arena *arena = &d->work[lane].arena;
    hub_arena_reset(arena);
    Mash__V1__ClientFrame *frame;
    event_wire_fault fault;
    hub_status status = bus_frame_read_client(message->bytes, arena, &frame, &fault);
    if (status != HUB_OK) {
        refuse_frame(d, lane, message, peer->number, status, &fault);
    } else if (frame->body_case == MASH__V1__CLIENT_FRAME__BODY_HELLO) {
        on_hello(d, lane, message, frame->request, frame->hello);
    } else if (session == NULL) {
        if (frame->body_case == MASH__V1__CLIENT_FRAME__BODY_GOODBYE) return;
        send_session_ended(d, lane, message->route, MASH__V1__SESSION_END__SESSION_END_NO_HELLO,
                           "there is no session on this connection: say Hello");
    } else {
        dispatch(d, lane, session, frame);
    }
}

bus_turn daemon_talk_before(daemon_shell *d, daemon_lane lane)
{
    daemon_publish_work *work = &d->work[lane];
    if (d->stopping) return BUS_TURN_ENOUGH;
    if (work->began_us == 0) {
        work->began_us = host_monotonic_us();
        if (lane == DAEMON_AGENCY) bus_router_serve(d->routers[DAEMON_TEAM]); /* H2 */
    }
    return daemon_publish_work_on(d, lane);
}
