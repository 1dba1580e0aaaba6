/* hub_frames.c - the simulated hub's sessions: Hello, Publish, Subscribe, Receipt, and deliveries with credit. */
#include <string.h>

#include "asking.h"
#include "core/deliver.h"
#include "event/event.h"
#include "event/wire.h"
#include "hub_inside.h"
#include "spoil.h"

enum { PUBLISH_ITEMS_MAX = 48, FRAME_BYTES_MAX = 1024 * 1024, PING_MS = 20000 };

static hub_session *session_of(sim_hub *h, uint32_t connection)
{
    for (size_t i = 0; i < HUB_SESSIONS_MAX; i++) {
        if (h->sessions[i].connection == connection) return &h->sessions[i];
    }
    return NULL;
}

static void forget(hub_session *s)
{
    bus_subscription_end(&s->subscription);
    memset(s, 0, sizeof *s);
}

void hub_forget_sessions(sim_hub *h)
{
    for (size_t i = 0; i < HUB_SESSIONS_MAX; i++)
        forget(&h->sessions[i]);
}

static ProtobufCBinaryData borrowed(const void *data, size_t size)
{
    return (ProtobufCBinaryData){.len = size, .data = (uint8_t *)(uintptr_t)data};
}

/* ---- hello ----------------------------------------------------------------------------------------------------------------- */

static Mash__V1__OutboxState outbox_state(sim_hub *h, hub_session *s, const Mash__V1__Hello *hello, Mash__V1__Welcome *welcome)
{
    hub_id id;
    HUB_ASSERT(hub_id_read(hub_bytes_of(hello->outbox_id.data, hello->outbox_id.len), &id));
    const core_outbox *box = core_outbox_of(h->state, s->peer, &id);
    if (box == NULL) {
        if (hello->acknowledged_link_seq > 0) return MASH__V1__OUTBOX_STATE__OUTBOX_FORKED;
        core_command command = {.kind = CORE_OPEN_OUTBOX, .peer = s->peer, .of.outbox = {id}};
        (void)hub_act(h, &command);
        box = core_outbox_of(h->state, s->peer, &id);
        HUB_ASSERT(box != NULL);
    }
    if (hello->acknowledged_link_seq > box->settled_link_seq) return MASH__V1__OUTBOX_STATE__OUTBOX_FORKED;
    hub_bytes theirs = hub_bytes_of(hello->acknowledged_event_id.data, hello->acknowledged_event_id.len);
    if (hello->acknowledged_link_seq > 0 && hello->acknowledged_link_seq == box->settled_link_seq &&
        !hub_bytes_equal(theirs, hub_bytes_of(box->settled_event_id.bytes, HUB_ID_BYTES)))
        return MASH__V1__OUTBOX_STATE__OUTBOX_FORKED;
    s->outbox = box->number;
    welcome->settled_link_seq = box->settled_link_seq;
    if (box->settled_link_seq > 0) welcome->settled_event_id = borrowed(box->settled_event_id.bytes, HUB_ID_BYTES);
    return MASH__V1__OUTBOX_STATE__OUTBOX_CONTINUES;
}

static void on_hello(sim_hub *h, uint32_t connection, uint64_t request, const Mash__V1__Hello *hello)
{
    uint32_t peer = sim_net_peer(h->parts.net, connection);
    hub_session *s = &h->sessions[peer - SIM_FIRST_PEER]; /* a second session of the same key replaces the first */
    forget(s);
    s->connection = connection;
    s->peer = peer;

    Mash__V1__Welcome welcome = MASH__V1__WELCOME__INIT;
    welcome.partnership = (char *)"sim";
    welcome.protocol = 1;
    welcome.hub_time_ms = hub_now(h);
    welcome.frame_bytes_max = FRAME_BYTES_MAX;
    welcome.publish_items_max = PUBLISH_ITEMS_MAX;
    welcome.ping_interval_ms = PING_MS;
    if (core_peer_numbered(h->state, peer)->kind == MASH__V1__PEER_KIND__PEER_KIND_ADAPTER)
        welcome.outbox_state = outbox_state(h, s, hello, &welcome);
    Mash__V1__HubFrame frame = MASH__V1__HUB_FRAME__INIT;
    frame.request = request;
    frame.body_case = MASH__V1__HUB_FRAME__BODY_WELCOME;
    frame.welcome = &welcome;
    hub_send(h, connection, &frame);
}

/* ---- publish --------------------------------------------------------------------------------------------------------------- */

static core_reply decide_item(sim_hub *h, const hub_session *s, const Mash__V1__PublishItem *item)
{
    core_reply full = {.item = MASH__V1__ITEM_STATUS__RETRY_LATER};
    full.problem.code = MASH__V1__REFUSAL_CODE__DISK_FULL;
    if (h->is_full) return full;
    core_command command = {.kind = CORE_PUBLISH, .peer = s->peer};
    command.of.publish.outbox = s->outbox;
    command.of.publish.link_seq = item->link_seq;
    command.of.publish.item_event_id = hub_bytes_of(item->event_id.data, item->event_id.len);
    command.of.publish.bytes = hub_bytes_of(item->event.data, item->event.len);
    command.of.publish.event = event_decode(command.of.publish.bytes, &h->frame_arena, &command.of.publish.problem);
    if (command.of.publish.event != NULL) (void)event_validate(command.of.publish.event, hub_now(h), &command.of.publish.problem);
    return hub_act(h, &command);
}

static void on_publish(sim_hub *h, hub_session *s, uint64_t request, const Mash__V1__Publish *publish)
{
    HUB_ASSERT(s->outbox != 0);
    Mash__V1__PublishReply reply = MASH__V1__PUBLISH_REPLY__INIT;
    reply.results = hub_arena_take(&h->frame_arena, (publish->n_items + 1) * sizeof *reply.results);
    HUB_ASSERT(reply.results != NULL);
    for (size_t i = 0; i < publish->n_items; i++) {
        core_reply decided = decide_item(h, s, publish->items[i]);
        Mash__V1__ItemResult *last = reply.n_results > 0 ? reply.results[reply.n_results - 1] : NULL;
        if (last != NULL && decided.item == MASH__V1__ITEM_STATUS__STORED && last->status == decided.item) {
            last->last_link_seq = publish->items[i]->link_seq; /* runs of STORED are one range */
            continue;
        }
        Mash__V1__ItemResult *result = hub_arena_take(&h->frame_arena, sizeof *result);
        HUB_ASSERT(result != NULL);
        mash__v1__item_result__init(result);
        result->first_link_seq = result->last_link_seq = publish->items[i]->link_seq;
        result->status = decided.item;
        result->code = decided.problem.code;
        reply.results[reply.n_results++] = result;
        if (decided.item == MASH__V1__ITEM_STATUS__RETRY_LATER) break;
    }
    Mash__V1__HubFrame frame = MASH__V1__HUB_FRAME__INIT;
    frame.request = request;
    frame.body_case = MASH__V1__HUB_FRAME__BODY_PUBLISH_REPLY;
    frame.publish_reply = &reply;
    hub_send(h, s->connection, &frame);
}

/* ---- subscribe ------------------------------------------------------------------------------------------------------------- */

static bool holds(const sim_hub *h, const Mash__V1__Position *position)
{
    if (position->sequence == 0) return true; /* the beginning is in every history */
    if (position->sequence > h->durable) return false;
    const sim_held *record = &h->history[position->sequence - 1];
    return record->epoch == position->epoch &&
           hub_bytes_equal(hub_bytes_of(record->hash.bytes, sizeof record->hash.bytes),
                           hub_bytes_of(position->record_hash.data, position->record_hash.len));
}

static void put_position(const sim_hub *h, uint64_t sequence, Mash__V1__Position *out)
{
    mash__v1__position__init(out);
    if (sequence == 0) return;
    const sim_held *record = &h->history[sequence - 1];
    out->epoch = record->epoch;
    out->sequence = sequence;
    out->record_hash = borrowed(record->hash.bytes, sizeof record->hash.bytes);
}

static void deliver(sim_hub *h, hub_session *s);

static void say_where(sim_hub *h, hub_session *s, uint64_t request, const char *queue, size_t unknown)
{
    Mash__V1__Position position;
    put_position(h, s->subscription.cursor, &position);
    Mash__V1__HubFrame frame = MASH__V1__HUB_FRAME__INIT;
    frame.request = request;
    Mash__V1__Forked forked = MASH__V1__FORKED__INIT;
    forked.queue = (char *)(uintptr_t)queue;
    forked.last_common = &position;
    Mash__V1__Subscribed subscribed = MASH__V1__SUBSCRIBED__INIT;
    subscribed.queue = (char *)(uintptr_t)queue;
    subscribed.resume_after = &position;
    if (unknown > 0) {
        frame.body_case = MASH__V1__HUB_FRAME__BODY_FORKED;
        frame.forked = &forked;
    } else {
        frame.body_case = MASH__V1__HUB_FRAME__BODY_SUBSCRIBED;
        frame.subscribed = &subscribed;
    }
    hub_send(h, s->connection, &frame);
}

/* A position that is presented and held by both is a receipt: the one that said so may have been lost. */
static void on_subscribe(sim_hub *h, hub_session *s, uint64_t request, const Mash__V1__Subscribe *subscribe)
{
    uint32_t queue = core_queue_number(h->state, subscribe->queue);
    HUB_ASSERT(queue != 0);
    bus_subscription *sub = &s->subscription;
    bus_subscription_end(sub);
    bus_subscription_start(sub, queue, subscribe->consumer, subscribe->credit_items, subscribe->credit_bytes);
    sub->state = BUS_SUBSCRIPTION_BEHIND;
    size_t unknown = 0;
    while (unknown < subscribe->n_known && !holds(h, subscribe->known[unknown]))
        unknown++;
    if (unknown < subscribe->n_known) sub->cursor = subscribe->known[unknown]->sequence;
    s->receipt_decided = core_receipt_of(h->state, queue, sub->consumer);
    if (subscribe->n_known == 0) sub->cursor = s->receipt_decided;
    sub->receipt = s->receipt = sub->cursor;
    if (unknown > 0) sub->possible_until = h->durable;
    if (s->receipt > s->receipt_decided) hub_plan_flush(h);
    say_where(h, s, request, subscribe->queue, unknown);
    deliver(h, s);
}

/* ---- deliveries and receipts ----------------------------------------------------------------------------------------------- */

static void open_record(sim_hub *h, uint64_t sequence, journal_opened *opened, core_record *record)
{
    hub_error err = {{0}};
    hub_bytes bytes;
    const uint8_t *key;
    sim_must(h->parts.report, journal_reader_bytes(h->reader, sequence, &bytes, &key, &err), &err, "reading a record to deliver");
    sim_must(h->parts.report, journal_record_open(bytes, key, &h->arena, opened, &err), &err, "opening a record to deliver");
    *record = (core_record){.epoch = opened->record->epoch,
                            .sequence = sequence,
                            .time_ms = opened->record->time_ms,
                            .control = opened->control,
                            .personal = opened->personal,
                            .policy = hub_policy_of(h, opened->control)};
    if (opened->record->origin != NULL) record->peer = opened->record->origin->peer;
    if (opened->personal != NULL && opened->personal->event.len > 0) {
        event_problem problem;
        record->event =
            event_decode(hub_bytes_of(opened->personal->event.data, opened->personal->event.len), &h->arena, &problem);
    }
}

/* Which edition of the policy was in force when this record was decided. */
static sim_edition edition_of(const sim_hub *h, uint64_t sequence)
{
    uint64_t second = core_policy_sequence(h->state, 2);
    return second != 0 && sequence >= second ? SIM_SECOND_EDITION : SIM_FIRST_EDITION;
}

void hub_ask(sim_hub *h, uint64_t sequence)
{
    hub_arena_reset(&h->arena);
    journal_opened opened;
    core_record record;
    open_record(h, sequence, &opened, &record);
    const sim_question question = {h->parts.options, h->parts.report, h->parts.checker,
                                   h->state,         &record,         edition_of(h, core_sequence(h->state)),
                                   &h->arena};
    sim_asking_all(&question);
}

/* All that one record gives to the session's queue, as one frame. */
static void send_record(sim_hub *h, hub_session *s, uint64_t sequence)
{
    hub_arena_reset(&h->arena);
    journal_opened opened;
    core_record record;
    open_record(h, sequence, &opened, &record);
    core_delivery_cache cache = {0};
    Mash__V1__Deliveries deliveries = MASH__V1__DELIVERIES__INIT;
    deliveries.items = hub_arena_take(&h->arena, (record.control->n_facts + 1) * sizeof *deliveries.items);
    HUB_ASSERT(deliveries.items != NULL);
    for (size_t i = 0; i < record.control->n_facts; i++) {
        const Mash__V1__Fact *fact = record.control->facts[i];
        if (fact->body_case != MASH__V1__FACT__BODY_DELIVERED || fact->delivered->queue != s->subscription.queue) continue;
        bool is_lost = fact->delivered->kind == MASH__V1__DELIVERY_KIND__DELIVERY_KIND_CLOCK_LAPSED;
        if (is_lost && sim_spoils(h->parts.options, "delivery")) continue;
        hub_error err = {{0}};
        hub_buffer packed = {0};
        journal_opened earlier_opened;
        core_record earlier;
        record.earlier_count = core_deliver_along(fact->delivered) != 0 ? 1 : 0;
        if (record.earlier_count > 0) open_record(h, core_deliver_along(fact->delivered), &earlier_opened, &earlier);
        record.earlier = &earlier;
        hub_status status =
            core_deliver(h->state, &record, i, sequence <= s->subscription.possible_until, &h->arena, &cache, &packed);
        sim_must(h->parts.report, status, &err, "building a delivery");
        HUB_ASSERT(core_deliver_position(&packed, record.epoch, sequence, opened.hash.bytes) == HUB_OK);
        ProtobufCMessage *delivery;
        event_wire_fault fault = {0};
        if (event_wire_unpack(&mash__v1__delivery__descriptor, hub_buffer_bytes(&packed), &h->arena, &delivery, &fault) != HUB_OK)
            sim_fail(h->parts.report, "a delivery cannot be read: %s: %s", fault.field_path, fault.cause);
        hub_buffer_free(&packed);
        deliveries.items[deliveries.n_items++] = (Mash__V1__Delivery *)delivery;
        sim_audience_check(h->parts.report, h->parts.checker, s->peer - SIM_FIRST_PEER - h->parts.options->adapters,
                           edition_of(h, sequence), edition_of(h, core_sequence(h->state)), (Mash__V1__Delivery *)delivery);
        if (((Mash__V1__Delivery *)delivery)->n_reasons == 0) sim_fail(h->parts.report, "D3: a delivery gives no reason");
    }
    Mash__V1__HubFrame frame = MASH__V1__HUB_FRAME__INIT;
    frame.body_case = MASH__V1__HUB_FRAME__BODY_DELIVERIES;
    frame.deliveries = &deliveries;
    hub_send(h, s->connection, &frame);
    for (size_t i = 0; i < deliveries.n_items; i++) {
        uint32_t bytes = (uint32_t)protobuf_c_message_get_packed_size(&deliveries.items[i]->base);
        HUB_ASSERT(bus_subscription_sent(&s->subscription, sequence, &opened.hash, bytes) == HUB_OK);
    }
    s->subscription.cursor = sequence;
}

static void deliver(sim_hub *h, hub_session *s)
{
    while (s->subscription.queue != 0 && bus_subscription_has_credit(&s->subscription)) {
        uint64_t next = core_queue_next(h->state, s->subscription.queue, s->subscription.cursor);
        if (next == 0 || next > h->durable) return;
        send_record(h, s, next);
    }
}

void hub_deliver_all(sim_hub *h)
{
    for (size_t i = 0; i < HUB_SESSIONS_MAX; i++)
        deliver(h, &h->sessions[i]);
}

static void on_receipt(sim_hub *h, hub_session *s, const Mash__V1__Receipt *receipt)
{
    HUB_ASSERT(receipt->upto != NULL);
    bus_receipt verdict = bus_subscription_receipt(&s->subscription, receipt->upto->sequence, receipt->upto->record_hash.data,
                                                   receipt->upto->record_hash.len);
    if (verdict == BUS_RECEIPT_OLD) return;
    if (verdict != BUS_RECEIPT_TAKEN) sim_fail(h->parts.report, "a receipt for something that was not delivered in this session");
    s->receipt = receipt->upto->sequence;
    hub_plan_flush(h);
    deliver(h, s);
}

void hub_decide_receipts(sim_hub *h)
{
    core_receipt receipts[HUB_SESSIONS_MAX];
    core_command command = {.kind = CORE_RECEIVE, .of.receive = {.receipts = receipts}};
    for (size_t i = 0; i < HUB_SESSIONS_MAX; i++) {
        hub_session *s = &h->sessions[i];
        if (s->subscription.queue == 0 || s->receipt <= s->receipt_decided) continue;
        receipts[command.of.receive.count++] =
            (core_receipt){s->peer, s->subscription.queue, s->receipt, s->subscription.consumer};
        s->receipt_decided = s->receipt;
    }
    if (command.of.receive.count > 0) (void)hub_act(h, &command);
}

/* ---- acts ------------------------------------------------------------------------------------------------------------------ */

static void on_act(sim_hub *h, hub_session *s, uint64_t request, const Mash__V1__Act *act)
{
    Mash__V1__ActReply put_off = MASH__V1__ACT_REPLY__INIT;
    put_off.code = MASH__V1__ACT_CODE__ACT_RETRY_LATER;
    Mash__V1__HubFrame frame = MASH__V1__HUB_FRAME__INIT;
    frame.request = request;
    frame.body_case = MASH__V1__HUB_FRAME__BODY_ACT_REPLY;
    frame.act_reply = &put_off;
    if (h->is_full) {
        hub_send(h, s->connection, &frame);
        return;
    }
    hub_buffer packed = {0};
    HUB_ASSERT(event_wire_pack(&act->base, &packed) == HUB_OK);
    core_command command = {.kind = CORE_ACT, .peer = s->peer, .of.act = {act, hub_buffer_bytes(&packed)}};
    HUB_ASSERT(hub_id_read(hub_bytes_of(act->command_id.data, act->command_id.len), &command.command_id));
    if (sim_spoils(h->parts.options, "acts")) command.peer = SIM_FIRST_PEER; /* no gateway: nobody may */
    uint64_t before = core_sequence(h->state);
    core_reply reply = hub_act(h, &command);
    reply.act->text = reply.text;
    if (core_sequence(h->state) > before) reply.act->sequence = core_sequence(h->state);
    frame.act_reply = reply.act;
    hub_send(h, s->connection, &frame);
    hub_buffer_free(&packed);
}

/* ---- frames ---------------------------------------------------------------------------------------------------------------- */

void hub_take_frame(void *context, uint32_t connection, hub_bytes bytes)
{
    sim_hub *h = context;
    hub_arena_reset(&h->frame_arena);
    ProtobufCMessage *message;
    event_wire_fault fault = {0};
    if (event_wire_unpack(&mash__v1__client_frame__descriptor, bytes, &h->frame_arena, &message, &fault) != HUB_OK)
        sim_fail(h->parts.report, "the hub cannot read a frame: %s: %s", fault.field_path, fault.cause);
    const Mash__V1__ClientFrame *frame = (const Mash__V1__ClientFrame *)message;
    if (frame->body_case == MASH__V1__CLIENT_FRAME__BODY_HELLO) {
        on_hello(h, connection, frame->request, frame->hello);
        return;
    }
    hub_session *s = session_of(h, connection);
    if (s == NULL) return; /* replaced by a newer connection of the same key */
    if (frame->body_case == MASH__V1__CLIENT_FRAME__BODY_PUBLISH) on_publish(h, s, frame->request, frame->publish);
    if (frame->body_case == MASH__V1__CLIENT_FRAME__BODY_SUBSCRIBE) on_subscribe(h, s, frame->request, frame->subscribe);
    if (frame->body_case == MASH__V1__CLIENT_FRAME__BODY_RECEIPT) on_receipt(h, s, frame->receipt);
    if (frame->body_case == MASH__V1__CLIENT_FRAME__BODY_ACT) on_act(h, s, frame->request, frame->act);
}
