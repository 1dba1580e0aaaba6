/* publish.c - the items of Publish frames, one after the other, each with its own answer. */
#include "daemon/shell.h"

#include <string.h>

#include "bus/frames.h"
#include "event/event.h"
#include "host/clock.h"

void daemon_publish_take(daemon_shell *d, daemon_lane lane, bus_session *session, uint64_t request, Mash__V1__Publish *publish)
{
    daemon_publish_work *work = &d->work[lane];
    HUB_ASSERT(work->publish == NULL);
    const core_peer *peer = core_peer_numbered(d->core, session->peer);
    if (peer->kind != MASH__V1__PEER_KIND__PEER_KIND_ADAPTER) {
        daemon_fault(d, session, request, MASH__V1__FAULT_CODE__FAULT_NOT_ALLOWED, "publish",
                     "only a key enrolled as adapter may publish");
    } else if (session->outbox == 0) {
        daemon_fault(d, session, request, MASH__V1__FAULT_CODE__FAULT_NOT_ALLOWED, "publish",
                     "this session has no outbox: say Hello with an outbox_id that the hub continues");
    } else if (publish->n_items > BUS_PUBLISH_ITEMS_MAX) {
        daemon_fault(d, session, request, MASH__V1__FAULT_CODE__FAULT_MALFORMED, "publish.items", "at most 1,024 items a frame");
    } else if (!bus_session_take_items(session, (uint32_t)publish->n_items, DAEMON_ITEMS_IN_FLIGHT)) {
        daemon_fault(d, session, request, MASH__V1__FAULT_CODE__FAULT_OVER_CREDIT, "publish.items",
                     "more items in flight than Welcome allows; none of this frame was looked at");
    } else if (publish->n_items > 0) {
        work->publish = publish;
        work->session = session->ref;
        work->next = 0;
    }
}

static hub_status settle(daemon_shell *d, const bus_session *session, uint64_t link_seq, const core_reply *reply)
{
    daemon_settled settled = {.session = session->ref, .link_seq = link_seq, .status = reply->item, .code = reply->problem.code};
    if (reply->item == MASH__V1__ITEM_STATUS__STORED) settled.sequence = core_sequence(d->core);
    if (reply->item == MASH__V1__ITEM_STATUS__DUPLICATE) {
        settled.sequence = reply->duplicate_of;
        d->duplicates++;
    }
    bool tells = reply->item == MASH__V1__ITEM_STATUS__REFUSED || reply->item == MASH__V1__ITEM_STATUS__RETRY_LATER;
    if (tells) daemon_count_code(d->figures.not_stored, (int)reply->problem.code);
    return daemon_batch_settle(d->open, &settled, tells ? &reply->problem : NULL);
}

/* RETRY_LATER for reasons of the hub's own: said at once, since nothing was decided. */
static void put_off(daemon_shell *d, bus_session *session, uint64_t link_seq, Mash__V1__RefusalCode code, const char *reason)
{
    Mash__V1__ItemResult result = MASH__V1__ITEM_RESULT__INIT;
    Mash__V1__ItemResult *list[] = {&result};
    result.first_link_seq = result.last_link_seq = link_seq;
    result.status = MASH__V1__ITEM_STATUS__RETRY_LATER;
    result.code = code;
    result.reason = (char *)(uintptr_t)reason;
    Mash__V1__PublishReply reply = MASH__V1__PUBLISH_REPLY__INIT;
    reply.results = list;
    reply.n_results = 1;
    Mash__V1__HubFrame frame = MASH__V1__HUB_FRAME__INIT;
    frame.body_case = MASH__V1__HUB_FRAME__BODY_PUBLISH_REPLY;
    frame.publish_reply = &reply;
    daemon_count_code(d->figures.not_stored, (int)code);
    daemon_send_frame(d, session, &frame);
}

typedef enum item_end {
    ITEM_SETTLED, /* its answer is held in the open batch */
    ITEM_LAST,    /* as above, and the rest of the frame is not looked at */
    ITEM_PUT_OFF, /* it was answered at once, and the rest of the frame is not looked at */
    ITEM_NO_ROOM, /* nothing was done */
} item_end;

static item_end do_item(daemon_shell *d, daemon_lane lane, bus_session *session, const Mash__V1__PublishItem *item)
{
    if (d->full) {
        put_off(d, session, item->link_seq, MASH__V1__REFUSAL_CODE__DISK_FULL,
                "the hub's disk is full; offer it again in a while");
        return ITEM_PUT_OFF;
    }
    if (d->preparing) {
        put_off(d, session, item->link_seq, MASH__V1__REFUSAL_CODE__NOT_READY,
                "the hub was put back from a backup and is being prepared; offer it again in a while");
        return ITEM_PUT_OFF;
    }
    if (!daemon_batch_has_room(d->open, lane, item->event.len)) return ITEM_NO_ROOM;
    hub_arena_reset(&d->decide_arena);
    core_command command = {.kind = CORE_PUBLISH, .at_ms = daemon_now_ms(d), .peer = session->peer};
    hub_bytes bytes = hub_bytes_of(item->event.data, item->event.len);
    command.of.publish.outbox = session->outbox;
    command.of.publish.link_seq = item->link_seq;
    command.of.publish.item_event_id = hub_bytes_of(item->event_id.data, item->event_id.len);
    command.of.publish.bytes = bytes;
    command.of.publish.is_patient = d->restored && host_monotonic_us() < d->patient_us;
    Mash__V1__Event *event = event_decode(bytes, &d->decide_arena, &command.of.publish.problem);
    if (event != NULL && event_validate(event, command.at_ms, &command.of.publish.problem)) command.of.publish.event = event;

    core_decision decision;
    hub_status status = daemon_apply(d, lane, &command, &decision);
    if (status == HUB_OK && decision.reply.item == MASH__V1__ITEM_STATUS__REFUSED &&
        decision.reply.problem.code == MASH__V1__REFUSAL_CODE__UNKNOWN_AREA && event != NULL)
        daemon_unknown_area_seen(d, session->peer, event->area);
    if (status == HUB_OK) status = settle(d, session, item->link_seq, &decision.reply);
    if (status == HUB_OK) return decision.reply.item == MASH__V1__ITEM_STATUS__RETRY_LATER ? ITEM_LAST : ITEM_SETTLED;
    put_off(d, session, item->link_seq, MASH__V1__REFUSAL_CODE__NOT_READY,
            "the hub has no memory for this at the moment; offer it again");
    return ITEM_PUT_OFF;
}

static uint64_t budget_of(daemon_lane lane)
{
    return lane == DAEMON_AGENCY ? DAEMON_AGENCY_BUDGET_US : DAEMON_TEAM_BUDGET_US;
}

/* Nothing more is taken from this lane until the journal is through with the batch in hand. */
static bus_turn wait_for_room(daemon_shell *d, daemon_lane lane)
{
    d->work[lane].waits_for_room = true;
    bus_router_want_read(d->routers[lane], BUS_INTEREST_OFF);
    return BUS_TURN_ENOUGH;
}

bus_turn daemon_publish_work_on(daemon_shell *d, daemon_lane lane)
{
    daemon_publish_work *work = &d->work[lane];
    while (work->publish != NULL) {
        bus_session *session = bus_sessions_by_ref(d->sessions, work->session);
        if (session == NULL || daemon_state_of(session)->doomed) {
            work->publish = NULL;
            break;
        }
        item_end end = do_item(d, lane, session, work->publish->items[work->next]);
        if (end == ITEM_NO_ROOM) return wait_for_room(d, lane);
        size_t unsettled = work->publish->n_items - work->next; /* this one included */
        work->next++;
        bool ends = end != ITEM_SETTLED || unsettled == 1;
        if (end == ITEM_LAST) unsettled--;
        if (end != ITEM_SETTLED) bus_session_settle_items(session, (uint32_t)unsettled);
        if (ends) work->publish = NULL;
        if (host_monotonic_us() - work->began_us > budget_of(lane)) return BUS_TURN_ENOUGH;
    }
    return host_monotonic_us() - work->began_us > budget_of(lane) ? BUS_TURN_ENOUGH : BUS_TURN_AGAIN;
}
