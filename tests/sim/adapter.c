/* adapter.c - an agency's adapter in a simulation. */
#include "adapter.h"

#include <stdio.h>
#include <stdlib.h>

#include "event/wire.h"
#include "link/link.h"

enum { ARENA_BYTES = 4 * 1024 * 1024, AWAY_MS = 300 };

struct sim_adapter {
    sim_adapter_parts parts;
    sim_random random;
    sim_random outbox_random;
    char name[16];
    sim_source *source;
    outbox *box;
    link_machine *link; /* NULL while dead */
    uint32_t connection;
    uint32_t life;
    int64_t wake_ms; /* 0 = none planned */
    const sim_said *saying;
    hub_arena arena;
};

static void fill(void *context, void *out, size_t size)
{
    sim_fill(context, out, size);
}

static int64_t now(const sim_adapter *a)
{
    return sim_now(a->parts.schedule);
}

static void later(sim_adapter *a, int64_t wait_ms, sim_task *task)
{
    sim_at(a->parts.schedule, now(a) + wait_ms, task, a, a->life, hub_bytes_of(NULL, 0));
}

static void start(void *context, uint64_t life, hub_bytes bytes);
static void drive(sim_adapter *a);

static void die(sim_adapter *a, const char *why)
{
    sim_tell(a->parts.report, a->name, "dies %s", why);
    sim_net_leave(a->parts.net, a->connection);
    a->connection = 0;
    link_machine_free(a->link);
    a->link = NULL;
    a->wake_ms = 0;
    a->life++;
    later(a, AWAY_MS, start);
}

/* ---- the line -------------------------------------------------------------------------------------------------------------- */

static void send(sim_adapter *a, Mash__V1__ClientFrame *frame)
{
    hub_buffer packed = {0};
    HUB_ASSERT(event_wire_pack(&frame->base, &packed) == HUB_OK);
    sim_net_send(a->parts.net, a->connection, SIM_TO_HUB, hub_buffer_bytes(&packed));
    hub_buffer_free(&packed);
}

static void connect_anew(void *context, uint64_t life, hub_bytes bytes);

static void lost(sim_adapter *a, const char *why)
{
    sim_net_leave(a->parts.net, a->connection);
    a->connection = 0;
    link_closed(a->link, why);
    later(a, a->parts.options->reconnect_ms, connect_anew);
}

static void on_closed(void *context, uint32_t connection)
{
    sim_adapter *a = context;
    if (a->link == NULL || connection != a->connection) return;
    lost(a, "the connection broke");
}

/* What the hub says it holds must be held, whatever the link makes of the answer. */
static void note_promises(sim_adapter *a, const Mash__V1__PublishReply *reply)
{
    hub_error err;
    for (size_t i = 0; i < reply->n_results; i++) {
        const Mash__V1__ItemResult *result = reply->results[i];
        if (result->status != MASH__V1__ITEM_STATUS__STORED && result->status != MASH__V1__ITEM_STATUS__DUPLICATE) continue;
        for (uint64_t n = result->first_link_seq; n <= result->last_link_seq; n++) {
            hub_id id;
            if (outbox_event_at(a->box, n, &id, &err) == HUB_OK) sim_checker_promised(a->parts.checker, a->parts.place, &id);
        }
    }
}

static void on_frame(void *context, uint32_t connection, hub_bytes bytes)
{
    sim_adapter *a = context;
    if (a->link == NULL || connection != a->connection) return;
    hub_error err = {{0}};
    ProtobufCMessage *message;
    event_wire_fault fault = {0};
    hub_arena_reset(&a->arena);
    if (event_wire_unpack(&mash__v1__hub_frame__descriptor, bytes, &a->arena, &message, &fault) != HUB_OK)
        sim_fail(a->parts.report, "%s cannot read a frame: %s: %s", a->name, fault.field_path, fault.cause);
    const Mash__V1__HubFrame *frame = (const Mash__V1__HubFrame *)message;
    if (frame->body_case == MASH__V1__HUB_FRAME__BODY_WELCOME) {
        bool forked = frame->welcome->outbox_state == MASH__V1__OUTBOX_STATE__OUTBOX_FORKED;
        sim_tell(a->parts.report, a->name, "welcome, %s after %llu", forked ? "forked" : "goes on",
                 (unsigned long long)frame->welcome->settled_link_seq);
        sim_must(a->parts.report, link_opened(a->link, frame->welcome, now(a), &err), &err, "link_opened");
    } else {
        if (frame->body_case == MASH__V1__HUB_FRAME__BODY_PUBLISH_REPLY) note_promises(a, frame->publish_reply);
        if (sim_happens(&a->random, a->parts.options->dies_before_settling)) {
            die(a, "before it notes down a reply");
            return;
        }
        sim_must(a->parts.report, link_frame(a->link, frame, now(a), &err), &err, "link_frame");
    }
    drive(a);
}

static void connect_anew(void *context, uint64_t life, hub_bytes bytes)
{
    sim_adapter *a = context;
    (void)bytes;
    if (a->link == NULL || life != a->life || a->connection != 0) return;
    const sim_end end = {.context = a, .frame = on_frame, .closed = on_closed};
    a->connection = sim_net_connect(a->parts.net, &end, a->parts.peer);
    if (a->connection == 0) {
        later(a, a->parts.options->reconnect_ms, connect_anew);
        return;
    }
    Mash__V1__Hello hello = MASH__V1__HELLO__INIT;
    hello.protocol = 1;
    hello.software = (char *)"sim-adapter";
    link_hello(a->link, &hello);
    Mash__V1__ClientFrame frame = MASH__V1__CLIENT_FRAME__INIT;
    frame.request = 1;
    frame.body_case = MASH__V1__CLIENT_FRAME__BODY_HELLO;
    frame.hello = &hello;
    send(a, &frame);
}

static void publish(sim_adapter *a, const Mash__V1__Publish *items)
{
    sim_tell(a->parts.report, a->name, "sends %zu items from %llu", items->n_items,
             (unsigned long long)items->items[0]->link_seq);
    Mash__V1__ClientFrame frame = MASH__V1__CLIENT_FRAME__INIT;
    frame.request = 2;
    frame.body_case = MASH__V1__CLIENT_FRAME__BODY_PUBLISH;
    frame.publish = (Mash__V1__Publish *)(uintptr_t)items;
    send(a, &frame);
}

static void wake(void *context, uint64_t life, hub_bytes bytes)
{
    sim_adapter *a = context;
    (void)bytes;
    if (a->link == NULL || life != a->life) return;
    if (a->wake_ms != 0 && a->wake_ms <= now(a)) a->wake_ms = 0;
    drive(a);
}

static void plan_wake(sim_adapter *a, int64_t until_ms)
{
    if (until_ms == INT64_MAX || (a->wake_ms != 0 && a->wake_ms <= until_ms)) return;
    a->wake_ms = until_ms > now(a) ? until_ms : now(a) + 1;
    sim_at(a->parts.schedule, a->wake_ms, wake, a, a->life, hub_bytes_of(NULL, 0));
}

/* Does what the link asks for until it waits. */
static void drive(sim_adapter *a)
{
    hub_error err = {{0}};
    for (;;) {
        link_action action;
        sim_must(a->parts.report, link_next(a->link, now(a), &action, &err), &err, "link_next");
        switch (action.kind) {
        case LINK_WAIT:
            plan_wake(a, action.until_ms);
            return;
        case LINK_PUBLISH:
            publish(a, action.publish);
            if (sim_happens(&a->random, a->parts.options->dies_after_send)) {
                die(a, "after a send");
                return;
            }
            break;
        case LINK_CONNECT:
            lost(a, "a new connection is wanted");
            return;
        case LINK_NOTICE:
            sim_tell(a->parts.report, a->name, "tells people here of an urgent item that waits");
            sim_must(a->parts.report, link_noticed(a->link, action.notice.place, &err), &err, "link_noticed");
            break;
        }
    }
}

/* ---- the agency's system --------------------------------------------------------------------------------------------------- */

static void put(void *context, uint64_t life, hub_bytes bytes)
{
    sim_adapter *a = context;
    (void)bytes;
    if (a->link == NULL || life != a->life || a->parts.events == 0) return;
    hub_error err = {{0}};
    if (a->saying == NULL) a->saying = sim_source_say(a->source, now(a));
    const sim_said *said = a->saying;
    sim_must(a->parts.report, outbox_begin(a->box, &err), &err, "outbox_begin");
    sim_must(a->parts.report,
             outbox_put(a->box, &said->event_id, hub_buffer_bytes(&said->bytes),
                        said->is_urgent ? OUTBOX_URGENT : OUTBOX_ORDINARY, now(a), &err),
             &err, "outbox_put");
    if (sim_happens(&a->random, a->parts.options->dies_before_commit)) {
        outbox_rollback(a->box); /* as the database does for a process that died */
        die(a, "before a commit");
        return;
    }
    sim_must(a->parts.report, outbox_commit(a->box, &err), &err, "outbox_commit");
    sim_checker_accepted(a->parts.checker, a->parts.place, said);
    sim_source_said(a->source);
    a->saying = NULL;
    a->parts.events--;
    if (sim_happens(&a->random, a->parts.options->dies_after_put)) {
        die(a, "after a put");
        return;
    }
    later(a, sim_within(&a->random, a->parts.options->put_gap_ms), put);
    drive(a);
}

static void start(void *context, uint64_t life, hub_bytes bytes)
{
    sim_adapter *a = context;
    (void)bytes;
    HUB_ASSERT(life == a->life && a->link == NULL);
    hub_error err = {{0}};
    const link_options options = {.items_max = 1 + (uint32_t)sim_draw(&a->random, 20)};
    sim_must(a->parts.report, link_machine_make(a->box, &options, &a->link, &err), &err, "link_machine_make");
    later(a, 0, connect_anew);
    later(a, sim_within(&a->random, a->parts.options->put_gap_ms), put);
}

sim_adapter *sim_adapter_open(const sim_adapter_parts *parts)
{
    sim_adapter *a = calloc(1, sizeof *a);
    HUB_ASSERT(a != NULL);
    a->parts = *parts;
    a->random = parts->random;
    a->outbox_random = sim_fork(&a->random);
    snprintf(a->name, sizeof a->name, "adapter %u", parts->place);
    a->source = sim_source_open(parts->place, sim_fork(&a->random), parts->options);
    HUB_ASSERT(hub_arena_open(&a->arena, 64 * 1024, ARENA_BYTES) == HUB_OK);
    hub_error err = {{0}};
    const outbox_options options = {.access = OUTBOX_OWN, .random = fill, .random_context = &a->outbox_random};
    sim_must(parts->report, outbox_open(&options, &a->box, &err), &err, "outbox_open");
    start(a, a->life, hub_bytes_of(NULL, 0));
    return a;
}

void sim_adapter_close(sim_adapter *a)
{
    if (a == NULL) return;
    link_machine_free(a->link);
    outbox_close(a->box);
    sim_source_close(a->source);
    hub_arena_close(&a->arena);
    free(a);
}

bool sim_adapter_has_put_all(const sim_adapter *a)
{
    return a->parts.events == 0;
}

bool sim_adapter_is_at_rest(const sim_adapter *a)
{
    outbox_counts counts;
    outbox_counts_of(a->box, &counts);
    return a->link != NULL && a->parts.events == 0 && counts.waiting == 0;
}

void sim_adapter_check(const sim_adapter *a)
{
    outbox_counts n;
    outbox_counts_of(a->box, &n);
    if (n.put + n.reoffered != n.stored + n.duplicate + n.refused + n.waiting)
        sim_fail(a->parts.report, "O4: the books of %s do not balance", a->name);
    uint64_t refusals = sim_checker_refusals(a->parts.checker, a->parts.place);
    if (n.refused != refusals || n.parked_held != refusals)
        sim_fail(a->parts.report, "S1: %s had %llu items refused, %llu held for people, and should have %llu", a->name,
                 (unsigned long long)n.refused, (unsigned long long)n.parked_held, (unsigned long long)refusals);
}
