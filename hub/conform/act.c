#include "conform/act.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bus/context.h"
#include "bus/frames.h"
#include "event/event.h"
#include "host/clock.h"
#include "host/random.h"

enum { TICK_MS = 20, EVENT_ARENA_BYTES = 64 * 1024 * 1024, SOFTWARE_MAX = 64, CLOCK_MS_MAX = 10 * 60 * 1000 };

uint64_t act_now(act_hub *hub)
{
    uv_update_time(&hub->loop);
    return uv_now(&hub->loop);
}

void act_tried(act_hub *hub, conform_duty duty)
{
    hub->report->duties[duty].tried = true;
}

void act_fault(act_hub *hub, conform_duty duty, const char *format, ...)
{
    conform_result *result = &hub->report->duties[duty];
    va_list args;
    result->tried = true;
    if (result->faults++ > 0) return;
    va_start(args, format);
    (void)hub_format_list(result->fault, sizeof result->fault, format, args);
    va_end(args);
}

/* ---- sending ------------------------------------------------------------------------------------------------------------------- */
static void send_bytes(act_hub *hub, hub_bytes bytes)
{
    if (hub->route != 0) (void)bus_router_send(hub->router, hub->route, bytes, hub_bytes_of(NULL, 0));
}

static void send_frame(act_hub *hub, const Mash__V1__HubFrame *frame)
{
    hub_buffer_clear(&hub->scratch);
    if (bus_frame_pack_hub(frame, &hub->scratch) == HUB_OK) send_bytes(hub, hub_buffer_bytes(&hub->scratch));
}

void act_end_session(act_hub *hub, Mash__V1__SessionEnd reason)
{
    Mash__V1__SessionEnded ended = MASH__V1__SESSION_ENDED__INIT;
    Mash__V1__HubFrame frame = MASH__V1__HUB_FRAME__INIT;
    ended.reason = reason;
    ended.text = (char *)(uintptr_t) "a story of the conformance run";
    frame.body_case = MASH__V1__HUB_FRAME__BODY_SESSION_ENDED;
    frame.session_ended = &ended;
    send_frame(hub, &frame);
    hub->open = false;
}

void act_send_unknown(act_hub *hub)
{
    static const uint8_t LATER[] = {0xd2, 0x7d, 3, 1, 2, 3}; /* field 2010, three bytes */
    send_bytes(hub, hub_bytes_of(LATER, sizeof LATER));
}

static void send_results(act_hub *hub, Mash__V1__ItemResult *const *results, size_t count)
{
    Mash__V1__PublishReply reply = MASH__V1__PUBLISH_REPLY__INIT;
    Mash__V1__HubFrame frame = MASH__V1__HUB_FRAME__INIT;
    reply.results = (Mash__V1__ItemResult **)(uintptr_t)results;
    reply.n_results = count;
    frame.body_case = MASH__V1__HUB_FRAME__BODY_PUBLISH_REPLY;
    frame.publish_reply = &reply;
    send_frame(hub, &frame);
}

static void answer(act_hub *hub, uint64_t first, uint64_t last, Mash__V1__ItemStatus status, Mash__V1__RefusalCode code,
                   const char *reason)
{
    Mash__V1__ItemResult result = MASH__V1__ITEM_RESULT__INIT;
    Mash__V1__ItemResult *list[] = {&result};
    for (result.first_link_seq = first; result.first_link_seq <= last; result.first_link_seq++) {
        result.last_link_seq = status == MASH__V1__ITEM_STATUS__STORED ? last : result.first_link_seq;
        result.status = status;
        result.code = code;
        result.reason = (char *)(uintptr_t)reason;
        if (status == MASH__V1__ITEM_STATUS__REFUSED) result.field_path = (char *)(uintptr_t) "area";
        send_results(hub, list, 1);
        if (status == MASH__V1__ITEM_STATUS__STORED) break;
    }
    if (status == MASH__V1__ITEM_STATUS__RETRY_LATER) return;
    if (last > hub->settled) hub->settled = last;
    if (last > hub->told) hub->told = last;
}

void act_settle_all(act_hub *hub, Mash__V1__ItemStatus status)
{
    uint64_t last = hub->sent_upto;
    if (hub->open && last > hub->told)
        answer(hub, hub->told + 1, last, status, MASH__V1__REFUSAL_CODE__REFUSAL_CODE_UNSPECIFIED, "");
}

/* ---- Hello --------------------------------------------------------------------------------------------------------------------- */
static void judge_hello(act_hub *hub, const Mash__V1__Hello *hello)
{
    act_tried(hub, CONFORM_HELLO);
    if (hello->protocol != BUS_PROTOCOL) act_fault(hub, CONFORM_HELLO, "Hello.protocol is %u, not 1", hello->protocol);
    if (strlen(hello->software) > SOFTWARE_MAX) act_fault(hub, CONFORM_HELLO, "Hello.software has more than 64 bytes");
    if (hello->outbox_id.len != HUB_ID_BYTES)
        act_fault(hub, CONFORM_HELLO, "Hello.outbox_id has %zu bytes, not 16", hello->outbox_id.len);
    (void)snprintf(hub->report->software, sizeof hub->report->software, "%s", hello->software);
    if (hello->software[0] == '\0')
        act_fault(hub, CONFORM_HELLO, "Hello.software is empty: operators do not see which program it is");
}

static void judge_acknowledged(act_hub *hub, const Mash__V1__Hello *hello)
{
    uint64_t seq = hello->acknowledged_link_seq;
    act_tried(hub, CONFORM_ACKNOWLEDGED);
    if (seq > hub->told) {
        act_fault(hub, CONFORM_ACKNOWLEDGED, "Hello acknowledges item %llu, and %llu is the newest that was answered",
                  (unsigned long long)seq, (unsigned long long)hub->told);
    } else if (seq < hub->acknowledged) {
        act_fault(hub, CONFORM_ACKNOWLEDGED,
                  "Hello acknowledges item %llu, and an earlier one had %llu: what was settled is forgotten",
                  (unsigned long long)seq, (unsigned long long)hub->acknowledged);
    } else if (seq > 0 && !hub_bytes_equal(hub_bytes_of(hello->acknowledged_event_id.data, hello->acknowledged_event_id.len),
                                           hub_bytes_of(hub->items[seq - 1].event_id.bytes, HUB_ID_BYTES))) {
        act_fault(hub, CONFORM_ACKNOWLEDGED, "Hello.acknowledged_event_id is not that of item %llu", (unsigned long long)seq);
    }
}

static void begin_outbox(act_hub *hub, const hub_id *id)
{
    hub->outbox_id = *id;
    hub->has_outbox = true;
    hub->count = hub->settled = hub->told = hub->acknowledged = 0;
}

static void welcome(act_hub *hub, uint64_t request, Mash__V1__OutboxState state)
{
    Mash__V1__Welcome out = MASH__V1__WELCOME__INIT;
    Mash__V1__HubFrame frame = MASH__V1__HUB_FRAME__INIT;
    hub_id session = host_random_id(), other = host_random_id();
    out.partnership = (char *)(uintptr_t) "conformance";
    out.protocol = BUS_PROTOCOL;
    out.software = (char *)(uintptr_t) "mashctl conformance/" MASHHUB_VERSION;
    out.session_id = (ProtobufCBinaryData){.data = session.bytes, .len = HUB_ID_BYTES};
    out.hub_time_ms = host_wall_ms();
    out.frame_bytes_max = BUS_FRAME_BYTES_MAX;
    out.publish_items_max = hub->credit;
    out.ping_interval_ms = ACT_PING_MS;
    out.outbox_state = state;
    out.peer_name = (char *)(uintptr_t) "candidate";
    if (state == MASH__V1__OUTBOX_STATE__OUTBOX_CONTINUES && hub->settled > 0) {
        bool is_other = hub->welcome == ACT_OTHER_ITEM;
        out.settled_link_seq = hub->settled;
        out.settled_event_id = (ProtobufCBinaryData){.data = is_other ? other.bytes : hub->items[hub->settled - 1].event_id.bytes,
                                                     .len = HUB_ID_BYTES};
    }
    frame.request = request;
    frame.body_case = MASH__V1__HUB_FRAME__BODY_WELCOME;
    frame.welcome = &out;
    send_frame(hub, &frame);
}

static void on_hello(act_hub *hub, uint64_t request, const Mash__V1__Hello *hello)
{
    hub_id id = {{0}};
    judge_hello(hub, hello);
    hub->hellos++;
    hub->hello_ms = act_now(hub);
    hub->greeted = true;
    hub->open = false;
    hub->first_sent = hub->sent_upto = 0;
    if (hub->revoked || !hub_id_read(hub_bytes_of(hello->outbox_id.data, hello->outbox_id.len), &id)) return;
    bool same = hub->has_outbox && hub_id_equal(&id, &hub->outbox_id);
    if (same) judge_acknowledged(hub, hello);
    if (same) hub->acknowledged = hello->acknowledged_link_seq;
    bool forked = hub->welcome == ACT_FORKED || (!same && hello->acknowledged_link_seq > 0);
    if (!same && hello->acknowledged_link_seq > 0)
        act_fault(hub, CONFORM_ACKNOWLEDGED, "an outbox id that is new acknowledges item %llu",
                  (unsigned long long)hello->acknowledged_link_seq);
    if (!same && !forked) begin_outbox(hub, &id);
    hub->open = !forked;
    hub->sent_upto = hub->told;
    welcome(hub, request, forked ? MASH__V1__OUTBOX_STATE__OUTBOX_FORKED : MASH__V1__OUTBOX_STATE__OUTBOX_CONTINUES);
    hub->welcome = ACT_CONTINUES;
}

/* ---- Publish ------------------------------------------------------------------------------------------------------------------- */
static void judge_event(act_hub *hub, const Mash__V1__PublishItem *item)
{
    event_problem problem = {0};
    int64_t now_ms = host_wall_ms();
    hub_arena_reset(&hub->events);
    const Mash__V1__Event *event = event_decode(hub_bytes_of(item->event.data, item->event.len), &hub->events, &problem);
    act_tried(hub, CONFORM_EVENT_ID);
    act_tried(hub, CONFORM_VALID);
    if (item->event_id.len != HUB_ID_BYTES || (item->event_id.data[6] & 0xf0) != 0x80 || (item->event_id.data[8] & 0xc0) != 0x80)
        act_fault(hub, CONFORM_EVENT_ID, "item %llu: no UUID of version 8 in 16 bytes", (unsigned long long)item->link_seq);
    if (event == NULL || !event_validate(event, now_ms, &problem)) {
        conform_duty duty = problem.code == MASH__V1__REFUSAL_CODE__IN_THE_FUTURE ? CONFORM_CLOCK : CONFORM_VALID;
        act_fault(hub, duty, "item %llu: %s: %s", (unsigned long long)item->link_seq, problem.field_path, problem.reason);
        return;
    }
    act_tried(hub, CONFORM_CLOCK);
    if (!hub_bytes_equal(hub_bytes_of(event->event_id.data, event->event_id.len),
                         hub_bytes_of(item->event_id.data, item->event_id.len)))
        act_fault(hub, CONFORM_EVENT_ID, "item %llu: the event has another id than its item", (unsigned long long)item->link_seq);
}

static void note_distinct(act_hub *hub, const hub_id *id)
{
    for (uint32_t i = 0; i < hub->distinct_count; i++) {
        if (hub_id_equal(&hub->distinct[i], id)) return;
    }
    if (hub->distinct_count < ACT_ITEMS_MAX) hub->distinct[hub->distinct_count++] = *id;
}

/* false: this item cannot be taken further. */
static bool take_item(act_hub *hub, const Mash__V1__PublishItem *item)
{
    uint64_t seq = item->link_seq;
    act_item is = {0};
    act_tried(hub, CONFORM_LINK_SEQ);
    if (seq == 0 || seq > hub->count + 1 || seq > ACT_ITEMS_MAX) {
        act_fault(hub, CONFORM_LINK_SEQ, "item %llu came after item %llu", (unsigned long long)seq,
                  (unsigned long long)hub->count);
        return false;
    }
    if (hub->first_sent == 0) {
        hub->first_sent = seq;
        if (seq > hub->acknowledged + 1 && hub->acknowledged < hub->count)
            act_fault(hub, CONFORM_RESEND,
                      "a session begins with item %llu, and its Hello acknowledged %llu: what lies between is not sent again",
                      (unsigned long long)seq, (unsigned long long)hub->acknowledged);
    } else if (seq > hub->sent_upto + 1) {
        act_fault(hub, CONFORM_LINK_SEQ, "item %llu came after item %llu", (unsigned long long)seq,
                  (unsigned long long)hub->sent_upto);
    }
    (void)hub_id_read(hub_bytes_of(item->event_id.data, item->event_id.len), &is.event_id);
    hub_digest_of(hub_bytes_of(item->event.data, item->event.len), &is.bytes);
    act_item *held = &hub->items[seq - 1];
    if (seq <= hub->count) {
        act_tried(hub, CONFORM_SAME_BYTES);
        if (!hub_id_equal(&held->event_id, &is.event_id))
            act_fault(hub, CONFORM_SAME_BYTES, "item %llu came again with another event id", (unsigned long long)seq);
        else if (memcmp(&held->bytes, &is.bytes, sizeof is.bytes) != 0)
            act_fault(hub, CONFORM_SAME_BYTES, "item %llu came again with other bytes", (unsigned long long)seq);
        if (held->refused && seq <= hub->told)
            act_fault(hub, CONFORM_REFUSED, "item %llu was refused for good, and came again", (unsigned long long)seq);
    } else {
        judge_event(hub, item);
        *held = is;
        hub->count = seq;
        hub->report->events++;
        note_distinct(hub, &is.event_id);
    }
    if (seq > hub->sent_upto) hub->sent_upto = seq;
    return true;
}

static void judge_credit(act_hub *hub, const Mash__V1__Publish *publish, size_t frame_bytes)
{
    act_tried(hub, CONFORM_CREDIT);
    uint64_t last = publish->n_items > 0 ? publish->items[publish->n_items - 1]->link_seq : 0;
    if (last > hub->told + hub->credit)
        act_fault(hub, CONFORM_CREDIT, "%llu items unsettled, and Welcome allows %u", (unsigned long long)(last - hub->told),
                  hub->credit);
    if (publish->n_items > BUS_PUBLISH_ITEMS_MAX)
        act_fault(hub, CONFORM_CREDIT, "%zu items in a frame; 1,024 is the most", publish->n_items);
    if (frame_bytes > BUS_FRAME_BYTES_MAX)
        act_fault(hub, CONFORM_CREDIT, "a frame of %zu bytes; Welcome.frame_bytes_max is %d", frame_bytes, BUS_FRAME_BYTES_MAX);
}

static void reply_to(act_hub *hub, uint64_t first, uint64_t last)
{
    const Mash__V1__RefusalCode none = MASH__V1__REFUSAL_CODE__REFUSAL_CODE_UNSPECIFIED;
    char number[32];
    act_reply how = hub->reply;
    if (how != ACT_STORE && hub->reply_times > 0 && --hub->reply_times == 0) hub->reply = ACT_STORE;
    switch (how) {
    case ACT_STORE:
        /* what the hub settled unheard was held already: its repeat is a duplicate */
        if (first <= hub->settled)
            answer(hub, first, last < hub->settled ? last : hub->settled, MASH__V1__ITEM_STATUS__DUPLICATE, none, "");
        if (last > hub->settled)
            answer(hub, first > hub->settled ? first : hub->settled + 1, last, MASH__V1__ITEM_STATUS__STORED, none, "");
        return;
    case ACT_DUPLICATE:
        answer(hub, first, last, MASH__V1__ITEM_STATUS__DUPLICATE, none, "");
        return;
    case ACT_REFUSE:
        hub->items[first - 1].refused = true;
        answer(hub, first, first, MASH__V1__ITEM_STATUS__REFUSED, MASH__V1__REFUSAL_CODE__UNKNOWN_AREA,
               "a story of the conformance run");
        if (last > first) answer(hub, first + 1, last, MASH__V1__ITEM_STATUS__STORED, none, "");
        return;
    case ACT_RETRY:
        answer(hub, first, first, MASH__V1__ITEM_STATUS__RETRY_LATER, MASH__V1__REFUSAL_CODE__DISK_FULL,
               "a story of the conformance run");
        return;
    case ACT_GAP:
        (void)snprintf(number, sizeof number, "%llu", (unsigned long long)(hub->told + 1));
        answer(hub, first, first, MASH__V1__ITEM_STATUS__RETRY_LATER, MASH__V1__REFUSAL_CODE__LINK_GAP, number);
        return;
    case ACT_NOTHING:
        return;
    }
}

static void on_publish(act_hub *hub, const Mash__V1__Publish *publish, size_t frame_bytes)
{
    if (hub->revoked) {
        act_fault(hub, CONFORM_REVOKED, "events came after its key was revoked");
        return;
    }
    if (!hub->open) {
        act_end_session(hub, MASH__V1__SESSION_END__SESSION_END_NO_HELLO);
        return;
    }
    hub->publishes++;
    if (publish->n_items == 0) return;
    judge_credit(hub, publish, frame_bytes);
    for (size_t i = 0; i < publish->n_items; i++) {
        if (i > 0 && publish->items[i]->link_seq != publish->items[i - 1]->link_seq + 1)
            act_fault(hub, CONFORM_LINK_SEQ, "item %llu stands behind item %llu in one frame",
                      (unsigned long long)publish->items[i]->link_seq, (unsigned long long)publish->items[i - 1]->link_seq);
        if (!take_item(hub, publish->items[i])) {
            /* what a hub does: it names where to go on */
            hub->reply = hub->reply == ACT_STORE ? ACT_GAP : hub->reply;
            hub->reply_times = 1;
            reply_to(hub, publish->items[i]->link_seq, publish->items[i]->link_seq);
            return;
        }
    }
    reply_to(hub, publish->items[0]->link_seq, publish->items[publish->n_items - 1]->link_seq);
}

/* ---- frames -------------------------------------------------------------------------------------------------------------------- */
static void on_ping(act_hub *hub, uint64_t request, const Mash__V1__Ping *ping)
{
    Mash__V1__Pong pong = MASH__V1__PONG__INIT;
    Mash__V1__HubFrame frame = MASH__V1__HUB_FRAME__INIT;
    int64_t ahead_ms = ping->sent_ms - host_wall_ms();
    act_tried(hub, CONFORM_CLOCK);
    if (ping->sent_ms != 0 && (ahead_ms > CLOCK_MS_MAX || ahead_ms < -CLOCK_MS_MAX))
        act_fault(hub, CONFORM_CLOCK, "Ping.sent_ms is not the time of day: %lld s from this machine's",
                  (long long)(ahead_ms / 1000));
    pong.sent_ms = ping->sent_ms;
    pong.hub_time_ms = host_wall_ms();
    frame.request = request;
    frame.body_case = MASH__V1__HUB_FRAME__BODY_PONG;
    frame.pong = &pong;
    if (hub->open) send_frame(hub, &frame);
}

static void on_message(void *context, const bus_message *message)
{
    act_hub *hub = context;
    Mash__V1__ClientFrame *frame;
    event_wire_fault fault;
    hub->report->frames++;
    if (message->route != hub->route) {
        hub->route = message->route;
        hub->connections++;
        hub->open = hub->greeted = false;
    }
    hub->heard_ms = act_now(hub);
    if (hub->mute) return;
    hub_arena_reset(&hub->arena);
    if (bus_frame_read_client(message->bytes, &hub->arena, &frame, &fault) != HUB_OK) {
        act_fault(hub, CONFORM_HELLO, "a frame is no ClientFrame: %s", fault.cause);
        return;
    }
    bool is_hello = frame->body_case == MASH__V1__CLIENT_FRAME__BODY_HELLO;
    if (!hub->greeted && !is_hello && frame->body_case != MASH__V1__CLIENT_FRAME__BODY_GOODBYE) {
        /* a socket that came back by itself goes on as if nothing had happened, until it hears this */
        if (hub->hellos == 0) act_fault(hub, CONFORM_HELLO, "its first frame is no Hello");
        act_end_session(hub, MASH__V1__SESSION_END__SESSION_END_NO_HELLO);
        return;
    }
    if (frame->body_case == MASH__V1__CLIENT_FRAME__BODY_HELLO) on_hello(hub, frame->request, frame->hello);
    if (frame->body_case == MASH__V1__CLIENT_FRAME__BODY_PUBLISH) on_publish(hub, frame->publish, message->bytes.size);
    if (frame->body_case == MASH__V1__CLIENT_FRAME__BODY_PING) on_ping(hub, frame->request, frame->ping);
    if (frame->body_case == MASH__V1__CLIENT_FRAME__BODY_GOODBYE) hub->open = false;
}

static void on_tick(uv_timer_t *timer)
{
    act_hub *hub = timer->data;
    if (!hub->open || hub->mute) return;
    act_tried(hub, CONFORM_PING);
    if (act_now(hub) - hub->heard_ms <= ACT_PING_LATE_MS) return;
    act_fault(hub, CONFORM_PING, "nothing was heard for %d ms in an open session, whose ping interval is %d ms", ACT_PING_LATE_MS,
              ACT_PING_MS);
    act_end_session(hub, MASH__V1__SESSION_END__SESSION_END_SILENT);
}

/* ---- life ---------------------------------------------------------------------------------------------------------------------- */
static bus_zap_verdict on_key(void *context, const uint8_t key[BUS_KEY_BYTES], const char address[BUS_ZAP_ADDRESS_MAX])
{
    act_hub *hub = context;
    (void)address;
    bool is_it = memcmp(key, hub->options->candidate, BUS_KEY_BYTES) == 0;
    if (is_it && !hub->revoked) return BUS_ZAP_ENROLLED;
    hub->turned_away++;
    return is_it ? BUS_ZAP_REVOKED : BUS_ZAP_NOT_ENROLLED;
}

static void on_router_closed(void *context)
{
    act_hub *hub = context;
    hub->router_closed = true;
}

static hub_status listen_now(act_hub *hub, hub_error *err)
{
    bus_router_options options = {.endpoint = hub->options->endpoint,
                                  .keys = hub->options->server,
                                  .context = hub,
                                  .message = on_message,
                                  .closed = on_router_closed};
    hub->router_closed = false;
    return bus_router_open(&hub->loop, hub->zmq, &options, &hub->router, err);
}

hub_status act_restart(act_hub *hub, hub_error *err)
{
    bus_router_close(hub->router);
    hub->router = NULL;
    hub->route = 0;
    hub->open = hub->greeted = false;
    while (!hub->router_closed)
        (void)uv_run(&hub->loop, UV_RUN_ONCE);
    hub_status status = HUB_ERR_EXISTS;
    for (int i = 0; i < 200 && status == HUB_ERR_EXISTS; i++) { /* libzmq lets the port go a moment later */
        status = listen_now(hub, err);
        if (status == HUB_ERR_EXISTS) (void)uv_run(&hub->loop, UV_RUN_ONCE);
    }
    return status;
}

hub_status act_open(act_hub *hub, const conform_options *options, conform_report *report, hub_error *err)
{
    *hub = (act_hub){.options = options, .report = report, .credit = ACT_CREDIT, .router_closed = true};
    if (uv_loop_init(&hub->loop) != 0) return hub_fail(err, HUB_ERR_MEMORY, "no event loop");
    (void)uv_timer_init(&hub->loop, &hub->tick);
    hub->tick.data = hub;
    (void)uv_timer_start(&hub->tick, on_tick, TICK_MS, TICK_MS);
    hub->items = calloc(ACT_ITEMS_MAX, sizeof *hub->items);
    hub->distinct = calloc(ACT_ITEMS_MAX, sizeof *hub->distinct);
    hub_status status = hub->items == NULL || hub->distinct == NULL ? hub_fail(err, HUB_ERR_MEMORY, "out of memory") : HUB_OK;
    if (status == HUB_OK) status = hub_arena_open(&hub->arena, 64 * 1024, EVENT_ARENA_BYTES);
    if (status == HUB_OK) status = hub_arena_open(&hub->events, 64 * 1024, EVENT_ARENA_BYTES);
    if (status == HUB_OK) status = bus_context_open(1, &hub->zmq, err);
    if (status == HUB_OK) status = bus_zap_open(&hub->loop, hub->zmq, on_key, hub, &hub->zap, err);
    if (status == HUB_OK) status = listen_now(hub, err);
    return status;
}

void act_close(act_hub *hub)
{
    bus_router_close(hub->router);
    bus_zap_close(hub->zap);
    uv_close((uv_handle_t *)&hub->tick, NULL);
    (void)uv_run(&hub->loop, UV_RUN_DEFAULT);
    (void)uv_loop_close(&hub->loop);
    bus_context_close(hub->zmq);
    hub_arena_close(&hub->arena);
    hub_arena_close(&hub->events);
    hub_buffer_free(&hub->scratch);
    free(hub->items);
    free(hub->distinct);
}
