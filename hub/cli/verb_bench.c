/* bench - how fast is this hub, here? P publishers and C consumers in one process on one loop each in turn; JSON lines. */
#include "cli/verbs.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "cli/publisher.h"
#include "event/event.h"
#include "event/wire.h"
#include "host/clock.h"
#include "host/random.h"

enum { PEERS_MAX = 16, NAME_BYTES = 48, EVENTS_MAX = 5000000, PEER_EVENT_TEXT = 64 };

typedef struct bench bench;

typedef struct bench_peer {
    bench *work;
    char name[NAME_BYTES];
    bus_key_pair keys;
    bool enrolled;
    bool publishes;
    session hub;
    publisher outbox;
    uint64_t received;
} bench_peer;

struct bench {
    const cli_call *call;
    int64_t events, publishers, consumers, window, rate;
    const char *partnership;
    const char *queue;
    const char *area;
    char run[12]; /* random: names and references of this run are its own */
    session operator;
    bench_peer peers[2 * PEERS_MAX];
    size_t peer_count;
    uint64_t started_us;
    uint64_t *latencies;
    size_t latency_count;
};

/* ---- the events --------------------------------------------------------------------------------------------------------------- */

/* An exercise: a missed appointment of nobody, about 300 bytes. */
static hub_status make_event(bench *work, publisher *outbox, const char *name, size_t number, uint64_t due_us, hub_error *err)
{
    char reference[PEER_EVENT_TEXT];
    char family[PEER_EVENT_TEXT];
    hub_id id;
    Mash__V1__Event event = MASH__V1__EVENT__INIT;
    Mash__V1__Subject subject = MASH__V1__SUBJECT__INIT;
    Mash__V1__Subject *subjects[] = {&subject};
    Mash__V1__MissedAppointment missed = MASH__V1__MISSED_APPOINTMENT__INIT;
    Mash__V1__SubjectRole roles[] = {MASH__V1__SUBJECT_ROLE__SUBJECT_ROLE_CHILD};
    Mash__V1__LegalBasis basis[] = {MASH__V1__LEGAL_BASIS__LEGAL_BASIS_PUBLIC_TASK};
    snprintf(reference, sizeof reference, "%s-%s-%zu", work->run, name, number);
    snprintf(family, sizeof family, "Exercise-%zu", number);
    subject.roles = roles;
    subject.n_roles = 1;
    subject.family_name = family;
    event.agency = MASH__V1__AGENCY__AGENCY_HEALTH;
    event.source_system = (char *)(uintptr_t) "bench/1";
    event.source_reference = reference;
    event.recorded_at = host_wall_ms();
    event.occurred_at = event.recorded_at;
    event.area = (char *)(uintptr_t)work->area;
    event.legal_basis = basis;
    event.n_legal_basis = 1;
    event.legal_gateway = (char *)(uintptr_t) "Children Act 2004 s11";
    event.subjects = subjects;
    event.n_subjects = 1;
    event.exercise = 1;
    event.payload_case = MASH__V1__EVENT__PAYLOAD_MISSED_APPOINTMENT;
    event.missed_appointment = &missed;
    event_id_derive(event.agency, event.source_system, reference, (uint32_t)event.payload_case, NULL, &id);
    event.event_id = (ProtobufCBinaryData){.data = id.bytes, .len = sizeof id.bytes};
    event_problem problem = {0};
    if (number == 0 && !event_validate(&event, event.recorded_at, &problem))
        return hub_fail(err, HUB_ERR_INVALID, "%s: %s", problem.field_path, problem.reason);
    hub_buffer packed = {0};
    hub_status status = event_wire_pack(&event.base, &packed);
    if (status == HUB_OK) status = publisher_add(outbox, &id, hub_buffer_bytes(&packed), err);
    hub_buffer_free(&packed);
    if (status == HUB_OK) outbox->items[outbox->count - 1].due_us = due_us;
    return status;
}

/* ---- peers -------------------------------------------------------------------------------------------------------------------- */

static void on_hello(void *context, Mash__V1__Hello *hello)
{
    publisher_hello(&((bench_peer *)context)->outbox, hello);
}

static void pump(void *context)
{
    bench_peer *peer = context;
    if (peer->publishes && peer->work->started_us != 0) publisher_pump(&peer->outbox, host_monotonic_us());
}

static void on_opened(void *context, const Mash__V1__Welcome *welcome)
{
    bench_peer *peer = context;
    if (peer->publishes) {
        publisher_opened(&peer->outbox, peer->hub.client, welcome);
        return;
    }
    hub_error err;
    Mash__V1__Subscribe subscribe = MASH__V1__SUBSCRIBE__INIT;
    Mash__V1__ClientFrame frame = MASH__V1__CLIENT_FRAME__INIT;
    subscribe.queue = (char *)(uintptr_t)peer->work->queue;
    subscribe.credit_items = 4096;
    subscribe.from_now = 1;
    frame.request = bus_client_request(peer->hub.client);
    frame.body_case = MASH__V1__CLIENT_FRAME__BODY_SUBSCRIBE;
    frame.subscribe = &subscribe;
    (void)bus_client_send(peer->hub.client, &frame, &err);
}

static void on_closed(void *context, const char *text)
{
    bench_peer *peer = context;
    if (peer->publishes) publisher_closed(&peer->outbox);
    fprintf(stderr, "mashctl bench: %s: %s\n", peer->name, text);
}

static void on_deliveries(bench_peer *peer, const Mash__V1__Deliveries *deliveries)
{
    hub_error err;
    if (deliveries->n_items == 0) return;
    peer->received += deliveries->n_items;
    Mash__V1__Receipt receipt = MASH__V1__RECEIPT__INIT;
    Mash__V1__ClientFrame frame = MASH__V1__CLIENT_FRAME__INIT;
    receipt.queue = (char *)(uintptr_t)peer->work->queue;
    receipt.upto = deliveries->items[deliveries->n_items - 1]->position;
    frame.body_case = MASH__V1__CLIENT_FRAME__BODY_RECEIPT;
    frame.receipt = &receipt;
    (void)bus_client_send(peer->hub.client, &frame, &err);
}

static void on_frame(void *context, const Mash__V1__HubFrame *frame)
{
    bench_peer *peer = context;
    if (frame->body_case == MASH__V1__HUB_FRAME__BODY_PUBLISH_REPLY)
        publisher_reply(&peer->outbox, frame->publish_reply, host_monotonic_us());
    else if (frame->body_case == MASH__V1__HUB_FRAME__BODY_DELIVERIES)
        on_deliveries(peer, frame->deliveries);
    else if (frame->body_case == MASH__V1__HUB_FRAME__BODY_FAULT) {
        peer->outbox.failed = true;
        (void)session_fault(frame->fault, &peer->outbox.error);
    }
    pump(peer);
}

static hub_status enrol(bench *work, bench_peer *peer, hub_error *err)
{
    Mash__V1__Enrol enrol = MASH__V1__ENROL__INIT;
    Mash__V1__Command command = MASH__V1__COMMAND__INIT;
    Mash__V1__CommandReply reply;
    char *queues[] = {(char *)(uintptr_t)work->queue};
    enrol.name = peer->name;
    enrol.kind = peer->publishes ? MASH__V1__PEER_KIND__PEER_KIND_ADAPTER : MASH__V1__PEER_KIND__PEER_KIND_CONSUMER;
    enrol.public_key = (ProtobufCBinaryData){.data = peer->keys.public_key, .len = BUS_KEY_BYTES};
    if (peer->publishes) {
        enrol.agency = MASH__V1__AGENCY__AGENCY_HEALTH;
        enrol.source_system = (char *)(uintptr_t) "bench/1";
    } else {
        enrol.queues = queues;
        enrol.n_queues = 1;
    }
    command.what_case = MASH__V1__COMMAND__WHAT_ENROL;
    command.enrol = &enrol;
    hub_status status = command_send(&work->operator, & command, "bench", &reply, err);
    peer->enrolled = status == HUB_OK;
    return status;
}

static void revoke_peer(bench *work, const bench_peer *peer)
{
    hub_error err = {{0}};
    Mash__V1__Revoke body = MASH__V1__REVOKE__INIT;
    Mash__V1__Command command = MASH__V1__COMMAND__INIT;
    Mash__V1__CommandReply reply;
    body.name = (char *)(uintptr_t)peer->name;
    command.what_case = MASH__V1__COMMAND__WHAT_REVOKE;
    command.revoke = &body;
    if (command_send(&work->operator, & command, "bench ended", &reply, &err) != HUB_OK)
        fprintf(stderr, "mashctl bench: %s is still enrolled (%s): mashctl keys revoke %s --reason bench\n", peer->name, err.text,
                peer->name);
}

static hub_status open_peer(bench *work, bool publishes, unsigned number, hub_error *err)
{
    bench_peer *peer = &work->peers[work->peer_count++];
    settings from;
    bus_key_pair unused;
    uint8_t server_key[BUS_KEY_BYTES];
    uint32_t timeout_ms = 0;
    peer->work = work;
    peer->publishes = publishes;
    snprintf(peer->name, sizeof peer->name, "bench-%s-%s-%u", work->run, publishes ? "publisher" : "consumer", number);
    bus_key_pair_make(&peer->keys);
    publisher_open(&peer->outbox, (uint32_t)work->window, NULL, NULL);
    hub_status status = enrol(work, peer, err);
    if (status == HUB_OK) status = settings_read(work->call, &from, err);
    if (status == HUB_OK) status = settings_timeout(work->call, &timeout_ms, err);
    if (status == HUB_OK) status = settings_keys(&from, &unused, server_key, err);
    session_handlers handlers = {.context = peer,
                                 .hello = publishes ? on_hello : NULL,
                                 .opened = on_opened,
                                 .closed = on_closed,
                                 .frame = on_frame,
                                 .writable = pump,
                                 .tick = pump};
    session_class which = publishes ? SESSION_AGENCY : SESSION_TEAM;
    if (status == HUB_OK)
        status = session_start_as(&from, &peer->keys, server_key, timeout_ms, which, &handlers, &peer->hub, err);
    if (status == HUB_OK) status = session_wait(&peer->hub, err);
    return status;
}

/* ---- the run ------------------------------------------------------------------------------------------------------------------ */

static bool all_done(bench *work, hub_error *err, hub_status *status)
{
    bool done = true;
    for (size_t i = 0; i < work->peer_count; i++) {
        bench_peer *peer = &work->peers[i];
        if (peer->publishes && peer->outbox.failed)
            *status = hub_fail(err, HUB_ERR_INVALID, "%s: %.300s", peer->name, peer->outbox.error.text);
        if (peer->hub.interrupted) *status = hub_fail(err, HUB_ERR_AGAIN, "interrupted");
        done = done && (!peer->publishes || publisher_done(&peer->outbox));
    }
    return done || *status != HUB_OK;
}

static hub_status run(bench *work, hub_error *err)
{
    hub_status status = HUB_OK;
    uint64_t begin_us = host_monotonic_us() + 10000;
    for (size_t n = 0; n < (size_t)work->events && status == HUB_OK; n++) {
        bench_peer *peer = &work->peers[n % (size_t)work->publishers];
        uint64_t due_us = work->rate > 0 ? n * 1000000 / (uint64_t)work->rate + 1 : 0;
        status = make_event(work, &peer->outbox, peer->name, peer->outbox.count, due_us, err);
    }
    begin_us = host_monotonic_us();
    for (size_t i = 0; i < work->peer_count; i++) {
        for (size_t n = 0; n < work->peers[i].outbox.count; n++)
            work->peers[i].outbox.items[n].due_us += work->rate > 0 ? begin_us : 0;
    }
    work->started_us = begin_us;
    uint64_t heard_us = begin_us;
    uint64_t settled_before = 0;
    while (status == HUB_OK && !all_done(work, err, &status)) {
        uint64_t settled = 0;
        for (size_t i = 0; i < work->peer_count; i++) {
            uv_run(&work->peers[i].hub.loop, UV_RUN_NOWAIT);
            pump(&work->peers[i]);
            settled += work->peers[i].outbox.settled;
        }
        uint64_t now_us = host_monotonic_us();
        if (settled != settled_before) heard_us = now_us;
        settled_before = settled;
        if (now_us - heard_us > 30000000) status = hub_fail(err, HUB_ERR_AGAIN, "nothing was settled for 30 s");
    }
    return status;
}

static int by_size(const void *a, const void *b)
{
    uint64_t left = *(const uint64_t *)a;
    uint64_t right = *(const uint64_t *)b;
    return (left > right) - (left < right);
}

static hub_status report(bench *work, hub_error *err)
{
    uint64_t last_us = work->started_us + 1, stored = 0, refused = 0, received = 0;
    work->latencies = calloc((size_t)work->events, sizeof *work->latencies);
    if (work->latencies == NULL) return hub_fail(err, HUB_ERR_MEMORY, "no memory for the latencies");
    for (size_t i = 0; i < work->peer_count; i++) {
        const publisher *outbox = &work->peers[i].outbox;
        stored += outbox->stored;
        refused += outbox->refused;
        received += work->peers[i].received;
        for (size_t n = 0; n < outbox->count; n++) {
            const publisher_item *item = &outbox->items[n];
            work->latencies[work->latency_count++] = item->settled_us - (item->due_us != 0 ? item->due_us : item->sent_us);
            if (item->settled_us > last_us) last_us = item->settled_us;
        }
    }
    qsort(work->latencies, work->latency_count, sizeof *work->latencies, by_size);
    double seconds = (double)(last_us - work->started_us) / 1e6;
    size_t count = work->latency_count;
    printf("{\"events\":%" PRId64 ",\"publishers\":%" PRId64 ",\"consumers\":%" PRId64 ",\"window\":%" PRId64 ",\"rate\":%" PRId64
           ",\"seconds\":%.3f,\"events_per_second\":%.0f,\"stored\":%" PRIu64 ",\"refused\":%" PRIu64 ",\"delivered\":%" PRIu64
           ",\"settle_ms\":{\"p50\":%.3f,\"p90\":%.3f,\"p99\":%.3f,\"p999\":%.3f,\"max\":%.3f}}\n",
           work->events, work->publishers, work->consumers, work->window, work->rate, seconds, (double)stored / seconds, stored,
           refused, received, (double)work->latencies[count / 2] / 1e3, (double)work->latencies[count * 9 / 10] / 1e3,
           (double)work->latencies[count * 99 / 100] / 1e3, (double)work->latencies[count * 999 / 1000] / 1e3,
           (double)work->latencies[count - 1] / 1e3);
    return refused > 0 ? hub_fail(err, HUB_ERR_REFUSED, "%" PRIu64 " events were refused", refused) : HUB_OK;
}

static hub_status read_flags(bench *work, hub_error *err)
{
    const cli_call *call = work->call;
    hub_status status = cli_flag_number(call, "events", 1, EVENTS_MAX, 10000, &work->events, err);
    if (status == HUB_OK) status = cli_flag_number(call, "publishers", 1, PEERS_MAX, 4, &work->publishers, err);
    if (status == HUB_OK) status = cli_flag_number(call, "consumers", 0, PEERS_MAX, 0, &work->consumers, err);
    if (status == HUB_OK) status = cli_flag_number(call, "window", 1, 65536, 256, &work->window, err);
    if (status == HUB_OK) status = cli_flag_number(call, "rate", 0, 10000000, 0, &work->rate, err);
    work->partnership = cli_flag_text(call, "partnership");
    work->queue = cli_flag_text(call, "queue");
    work->area = cli_flag_given(call, "area") ? cli_flag_text(call, "area") : "E10000014";
    if (status == HUB_OK && work->partnership == NULL)
        status = hub_fail(err, HUB_ERR_INVALID, "--partnership NAME is needed: it writes into that hub");
    if (status == HUB_OK && work->consumers > 0 && work->queue == NULL)
        status = hub_fail(err, HUB_ERR_INVALID, "--consumers needs --queue NAME");
    return status;
}

cli_exit verb_bench(cli_call *call)
{
    hub_error err = {{0}};
    bench *work = calloc(1, sizeof *work);
    if (work == NULL) return cli_fail(call, hub_fail(&err, HUB_ERR_MEMORY, "no memory"), &err);
    work->call = call;
    hub_id random = host_random_id();
    hub_hex(random.bytes, 4, work->run);
    hub_status status = read_flags(work, &err);
    if (status != HUB_OK) {
        free(work);
        return cli_usage(call, "%s", err.text);
    }
    status = session_open(call, SESSION_TEAM, &work->operator, & err);
    if (status == HUB_OK && strcmp(work->operator.partnership, work->partnership) != 0)
        status = hub_fail(&err, HUB_ERR_REFUSED, "this is the hub of \"%s\"", work->operator.partnership);
    for (size_t i = 0; i < (size_t)(work->publishers + work->consumers) && status == HUB_OK; i++)
        status = open_peer(work, i < (size_t)work->publishers, (unsigned)i + 1, &err);
    if (status == HUB_OK) status = run(work, &err);
    if (status == HUB_OK) status = report(work, &err);
    for (size_t i = 0; i < work->peer_count; i++) {
        session_close(&work->peers[i].hub);
        publisher_close(&work->peers[i].outbox);
        if (work->peers[i].enrolled) revoke_peer(work, &work->peers[i]);
    }
    session_close(&work->operator);
    free(work->latencies);
    free(work);
    return status == HUB_OK ? CLI_DONE : cli_fail(call, status, &err);
}
