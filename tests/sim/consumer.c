/* consumer.c - a queue's consumer in a simulation. */
#include "consumer.h"

#include <stdlib.h>
#include <string.h>

#include "event/wire.h"

enum { ARENA_BYTES = 4 * 1024 * 1024, AWAY_MS = 500, KNOWN_MAX = 16 };

struct sim_consumer {
    sim_consumer_parts parts;
    sim_random random;
    sim_held *held; /* in order; one entry a record */
    size_t count, capacity;
    size_t stored; /* of them, stored with the position: they survive */
    uint32_t connection;
    uint64_t last; /* newest sequence of this connection */
    bool receipt_planned;
    uint32_t life;
    hub_arena arena;
};

static void later(sim_consumer *c, int64_t wait_ms, sim_task *task)
{
    sim_at(c->parts.schedule, sim_now(c->parts.schedule) + wait_ms, task, c, c->life, hub_bytes_of(NULL, 0));
}

static void connect_anew(void *context, uint64_t life, hub_bytes bytes);

static void lost(sim_consumer *c, int64_t away_ms)
{
    sim_net_leave(c->parts.net, c->connection);
    c->connection = 0;
    c->receipt_planned = false;
    c->life++;
    later(c, away_ms, connect_anew);
}

static void on_closed(void *context, uint32_t connection)
{
    sim_consumer *c = context;
    if (connection == c->connection) lost(c, c->parts.options->reconnect_ms);
}

static void send(sim_consumer *c, Mash__V1__ClientFrame *frame)
{
    hub_buffer packed = {0};
    HUB_ASSERT(event_wire_pack(&frame->base, &packed) == HUB_OK);
    sim_net_send(c->parts.net, c->connection, SIM_TO_HUB, hub_buffer_bytes(&packed));
    hub_buffer_free(&packed);
}

static void put_position(const sim_held *held, Mash__V1__Position *out)
{
    mash__v1__position__init(out);
    out->epoch = held->epoch;
    out->sequence = held->sequence;
    out->record_hash = (ProtobufCBinaryData){.len = sizeof held->hash.bytes, .data = (uint8_t *)(uintptr_t)held->hash.bytes};
}

/* The newest ones close together, the older ones ever further apart: after a fork one of them is still common. The last is the
 * beginning: a consumer that had to discard everything must not be taken for one that has lost its positions and goes on after
 * its receipt. */
static void subscribe(sim_consumer *c)
{
    Mash__V1__Position positions[KNOWN_MAX];
    Mash__V1__Position *known[KNOWN_MAX];
    Mash__V1__Subscribe message = MASH__V1__SUBSCRIBE__INIT;
    message.queue = message.consumer = (char *)(uintptr_t)c->parts.queue;
    message.known = known;
    message.credit_items = 1 + (uint32_t)sim_draw(&c->random, c->parts.options->credit_most);
    size_t step = 1;
    c->stored = c->count; /* a position that is presented counts as a receipt: it must survive */
    for (size_t back = 1; back <= c->count && message.n_known < KNOWN_MAX - 1; back += step, step *= 2) {
        put_position(&c->held[c->count - back], &positions[message.n_known]);
        known[message.n_known] = &positions[message.n_known];
        message.n_known++;
    }
    mash__v1__position__init(&positions[message.n_known]);
    known[message.n_known] = &positions[message.n_known];
    message.n_known++;
    Mash__V1__ClientFrame frame = MASH__V1__CLIENT_FRAME__INIT;
    frame.request = 2;
    frame.body_case = MASH__V1__CLIENT_FRAME__BODY_SUBSCRIBE;
    frame.subscribe = &message;
    send(c, &frame);
}

static void receipt(void *context, uint64_t life, hub_bytes bytes)
{
    sim_consumer *c = context;
    (void)bytes;
    if (life != c->life) return;
    c->receipt_planned = false;
    if (c->count == 0) return;
    c->stored = c->count; /* what was done and how far it went are stored together, then the hub is told */
    Mash__V1__Position position;
    put_position(&c->held[c->count - 1], &position);
    Mash__V1__Receipt message = MASH__V1__RECEIPT__INIT;
    message.queue = (char *)(uintptr_t)c->parts.queue;
    message.upto = &position;
    Mash__V1__ClientFrame frame = MASH__V1__CLIENT_FRAME__INIT;
    frame.body_case = MASH__V1__CLIENT_FRAME__BODY_RECEIPT;
    frame.receipt = &message;
    send(c, &frame);
}

static void plan_receipt(sim_consumer *c)
{
    if (c->receipt_planned) return;
    c->receipt_planned = true;
    later(c, sim_within(&c->random, c->parts.options->receipt_ms), receipt);
}

static void hold(sim_consumer *c, const Mash__V1__Position *position)
{
    if (position->sequence < c->last)
        sim_fail(c->parts.report, "S5: %s: record %llu came after %llu", c->parts.queue, (unsigned long long)position->sequence,
                 (unsigned long long)c->last);
    c->last = position->sequence;
    plan_receipt(c);
    sim_held held = {.sequence = position->sequence, .epoch = position->epoch};
    HUB_ASSERT(position->record_hash.len == sizeof held.hash.bytes);
    memcpy(held.hash.bytes, position->record_hash.data, sizeof held.hash.bytes);
    if (c->count > 0 && c->held[c->count - 1].sequence >= held.sequence) return; /* once more: at least once is promised */
    if (c->count == c->capacity) {
        c->capacity = c->capacity == 0 ? 64 : c->capacity * 2;
        c->held = realloc(c->held, c->capacity * sizeof *c->held);
        HUB_ASSERT(c->held != NULL);
    }
    c->held[c->count++] = held;
}

static void on_forked(sim_consumer *c, const Mash__V1__Forked *forked)
{
    uint64_t common = forked->last_common == NULL ? 0 : forked->last_common->sequence;
    sim_tell(c->parts.report, c->parts.queue, "forked: what came after %llu is discarded", (unsigned long long)common);
    while (c->count > 0 && c->held[c->count - 1].sequence > common)
        c->count--;
    c->stored = c->count;
    sim_people_forget(c->parts.people);
}

static void on_frame(void *context, uint32_t connection, hub_bytes bytes)
{
    sim_consumer *c = context;
    if (connection != c->connection) return;
    ProtobufCMessage *message;
    event_wire_fault fault = {0};
    hub_arena_reset(&c->arena);
    if (event_wire_unpack(&mash__v1__hub_frame__descriptor, bytes, &c->arena, &message, &fault) != HUB_OK)
        sim_fail(c->parts.report, "%s cannot read a frame: %s: %s", c->parts.queue, fault.field_path, fault.cause);
    const Mash__V1__HubFrame *frame = (const Mash__V1__HubFrame *)message;
    if (frame->body_case == MASH__V1__HUB_FRAME__BODY_WELCOME) subscribe(c);
    if (frame->body_case == MASH__V1__HUB_FRAME__BODY_FORKED) on_forked(c, frame->forked);
    if (frame->body_case != MASH__V1__HUB_FRAME__BODY_DELIVERIES) return;
    for (size_t i = 0; i < frame->deliveries->n_items; i++) {
        const Mash__V1__Delivery *delivery = frame->deliveries->items[i];
        sim_audience_check(c->parts.report, c->parts.checker, c->parts.place, (sim_edition)SIM_EITHER_EDITION,
                           (sim_edition)SIM_EITHER_EDITION, delivery);
        hold(c, delivery->position);
        sim_people_read(c->parts.people, c->parts.place, delivery);
    }
    if (!sim_happens(&c->random, c->parts.options->consumer_dies)) return;
    sim_tell(c->parts.report, c->parts.queue, "dies, %zu of %zu stored", c->stored, c->count);
    c->count = c->stored;
    lost(c, AWAY_MS);
}

static void connect_anew(void *context, uint64_t life, hub_bytes bytes)
{
    sim_consumer *c = context;
    (void)bytes;
    if (life != c->life || c->connection != 0) return;
    const sim_end end = {.context = c, .frame = on_frame, .closed = on_closed};
    c->connection = sim_net_connect(c->parts.net, &end, c->parts.peer);
    if (c->connection == 0) {
        later(c, c->parts.options->reconnect_ms, connect_anew);
        return;
    }
    c->last = 0;
    Mash__V1__Hello hello = MASH__V1__HELLO__INIT;
    hello.protocol = 1;
    hello.software = (char *)"sim-consumer";
    Mash__V1__ClientFrame frame = MASH__V1__CLIENT_FRAME__INIT;
    frame.request = 1;
    frame.body_case = MASH__V1__CLIENT_FRAME__BODY_HELLO;
    frame.hello = &hello;
    send(c, &frame);
}

sim_consumer *sim_consumer_open(const sim_consumer_parts *parts)
{
    sim_consumer *c = calloc(1, sizeof *c);
    HUB_ASSERT(c != NULL);
    c->parts = *parts;
    c->random = parts->random;
    HUB_ASSERT(hub_arena_open(&c->arena, 64 * 1024, ARENA_BYTES) == HUB_OK);
    later(c, 0, connect_anew);
    return c;
}

void sim_consumer_close(sim_consumer *c)
{
    if (c == NULL) return;
    free(c->held);
    hub_arena_close(&c->arena);
    free(c);
}

bool sim_consumer_is_at_rest(const sim_consumer *c, const core_state *state)
{
    uint32_t queue = core_queue_number(state, c->parts.queue);
    uint64_t newest = c->stored == 0 ? 0 : c->held[c->stored - 1].sequence;
    return c->stored == c->count && core_queue_next(state, queue, newest) == 0 &&
           core_receipt_of(state, queue, c->parts.queue) >= newest;
}

void sim_consumer_check(const sim_consumer *c, const core_state *state, sim_checker *checker)
{
    sim_checker_queue(checker, core_queue_number(state, c->parts.queue), c->held, c->count);
}
