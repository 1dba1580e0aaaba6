/* What one event costs the core, step by step: JSON lines with the median and the 99th percentile in nanoseconds.
 *
 *     bench_core POLICY_FOLDER [EVENTS] [people]
 *
 * The mix is the throughput benchmark's: a fifth of the events are about a child not met before, three fifths about one already met,
 * a fifth are contacts. An event is about 600 bytes. Nothing is written anywhere. With `people` somebody works the queue and every alert has
 * a ladder; acts and timers are measured too (bench_people.c). 500000 events are 100,000 alerts. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bench.h"
#include "core/deliver.h"
#include "event/wire.h"
#include "host/random.h"
#include "policy/policy.h"

enum { STEP_DECODE, STEP_VALIDATE, STEP_DECIDE, STEP_EVOLVE, STEP_PACK, STEP_REFS, STEP_DELIVER, STEPS };
static const char *const STEP_NAMES[STEPS] = {"decode",       "validate", "decide", "reserve_evolve",
                                              "pack_control", "refs",     "deliver"};

typedef struct bench {
    bench_world w;
    hub_buffer control, delivery;
    uint32_t *ns[STEPS];
    size_t count;
    uint64_t link_seq;
    uint64_t children;
    uint64_t control_bytes, event_bytes, delivery_bytes;
} bench;

uint64_t bench_now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

uint64_t bench_fold(bench_world *w, core_command command, const Mash__V1__Event *event)
{
    core_decision decision;
    uint64_t since = bench_now_ns();
    hub_status status = core_decide(w->state, &command, &w->arena, &decision);
    uint64_t took = bench_now_ns() - since;
    bool is_act_done = decision.reply.act == NULL || decision.reply.act->code == MASH__V1__ACT_CODE__ACT_DONE;
    if (status != HUB_OK || decision.control == NULL || !is_act_done) {
        fprintf(stderr, "bench_core: not decided: %s\n", decision.reply.text);
        exit(1);
    }
    core_record record = {.epoch = 1,
                          .sequence = core_sequence(w->state) + 1,
                          .time_ms = command.at_ms,
                          .peer = command.peer,
                          .control = decision.control,
                          .personal = decision.personal,
                          .event = event,
                          .policy = command.kind == CORE_ADOPT_POLICY ? w->policy : NULL};
    hub_error err;
    if (core_reserve(w->state, &record, &err) != HUB_OK) exit(1);
    core_evolve(w->state, &record);
    return took;
}

static void begin(bench_world *b, const char *folder, bool with_people)
{
    policy_sources sources = {0};
    yaml_problems problems = {0};
    hub_error err = {{0}};
    if (policy_sources_read(folder, &sources, &err) != HUB_OK ||
        policy_compile(&sources, folder, &b->policy, &problems) != HUB_OK) {
        fprintf(stderr, "%s%s\n", err.text, hub_buffer_text(&problems.text));
        exit(1);
    }
    policy_sources_free(&sources);
    if (with_people) bench_people_join(b->policy);
    yaml_problems_free(&problems);
    static const uint8_t KEY[32] = "thirty-two bytes of a bench key";
    (void)bench_fold(b,
                     (core_command){.kind = CORE_CREATE_PARTNERSHIP,
                                    .at_ms = b->now_ms,
                                    .of.create = {b->policy->partnership, KEY, KEY, KEY, KEY}},
                     NULL);
    Mash__V1__AdoptPolicy none = MASH__V1__ADOPT_POLICY__INIT;
    (void)bench_fold(b, (core_command){.kind = CORE_ADOPT_POLICY, .at_ms = b->now_ms, .peer = 1, .of.adopt = {b->policy, &none}},
                     NULL);
    Mash__V1__Enrol enrol = MASH__V1__ENROL__INIT;
    uint8_t key[32] = {1};
    enrol.public_key = (ProtobufCBinaryData){.len = 32, .data = key};
    enrol.kind = MASH__V1__PEER_KIND__PEER_KIND_ADAPTER;
    enrol.agency = MASH__V1__AGENCY__AGENCY_POLICE;
    enrol.name = (char *)(uintptr_t) "police";
    (void)bench_fold(b, (core_command){.kind = CORE_ENROL, .at_ms = b->now_ms, .peer = 1, .of.enrol = &enrol}, NULL);
    (void)bench_fold(b, (core_command){.kind = CORE_OPEN_OUTBOX, .at_ms = b->now_ms, .peer = 2, .of.outbox = {{{1}}}}, NULL);
}

static void put_event(bench *b, size_t index, hub_buffer *out, uint8_t id[HUB_ID_BYTES])
{
    uint64_t which = index % 5;
    if (which == 0) b->children++;
    uint64_t child = which == 0 ? b->children : 1 + (uint64_t)rand() % b->children;
    char number[32], reference[80], text[330];
    (void)snprintf(number, sizeof number, "C%llu", (unsigned long long)child);
    (void)snprintf(reference, sizeof reference, "bench-%zu", index);
    memset(text, 'x', sizeof text);
    text[sizeof text - 1] = '\0';
    Mash__V1__Identifier identifier = MASH__V1__IDENTIFIER__INIT;
    identifier.scheme = MASH__V1__IDENTIFIER_SCHEME__IDENTIFIER_SCHEME_LOCAL;
    identifier.value = number;
    identifier.system = (char *)(uintptr_t) "bench/1";
    Mash__V1__Identifier *identifiers[] = {&identifier};
    Mash__V1__Subject subject = MASH__V1__SUBJECT__INIT;
    Mash__V1__SubjectRole role = MASH__V1__SUBJECT_ROLE__SUBJECT_ROLE_CHILD;
    subject.roles = &role;
    subject.n_roles = 1;
    subject.identifiers = identifiers;
    subject.n_identifiers = 1;
    subject.family_name = (char *)(uintptr_t) "Example";
    Mash__V1__Subject *subjects[] = {&subject};
    Mash__V1__LegalBasis basis = MASH__V1__LEGAL_BASIS__LEGAL_BASIS_PUBLIC_TASK;
    Mash__V1__ChildConcern concern = MASH__V1__CHILD_CONCERN__INIT;
    concern.circumstances = text;
    Mash__V1__Contact contact = MASH__V1__CONTACT__INIT;
    contact.observations = text;
    Mash__V1__Event event = MASH__V1__EVENT__INIT;
    memset(id, 0, HUB_ID_BYTES);
    hub_put_u32(id, (uint32_t)index + 1);
    hub_id_mark_derived((hub_id *)id);
    event.event_id = (ProtobufCBinaryData){.len = HUB_ID_BYTES, .data = id};
    event.agency = MASH__V1__AGENCY__AGENCY_POLICE;
    event.source_system = (char *)(uintptr_t) "bench/1";
    event.source_reference = reference;
    event.occurred_at = b->w.now_ms - 1000;
    event.recorded_at = b->w.now_ms;
    event.area = (char *)(uintptr_t)b->w.policy->areas[0].code;
    event.legal_basis = &basis;
    event.n_legal_basis = 1;
    event.subjects = subjects;
    event.n_subjects = 1;
    event.summary = (char *)(uintptr_t) "a line of summary that says in plain words what this event is about, for people";
    event.payload_case = which == 4 ? MASH__V1__EVENT__PAYLOAD_CONTACT : MASH__V1__EVENT__PAYLOAD_CHILD_CONCERN;
    if (which == 4) {
        event.contact = &contact;
    } else {
        event.child_concern = &concern;
    }
    hub_buffer_clear(out);
    (void)event_wire_pack(&event.base, out);
}

static uint64_t lap(bench *b, size_t index, int step, uint64_t since)
{
    uint64_t now = bench_now_ns();
    b->ns[step][index] = (uint32_t)(now - since);
    return now;
}

static void deliver_all(bench *b, const core_record *record)
{
    core_delivery_cache cache = {0};
    for (size_t i = 0; i < record->control->n_facts; i++) {
        if (record->control->facts[i]->kind != FACT_DELIVERED) continue;
        hub_buffer_clear(&b->delivery);
        (void)core_deliver(b->w.state, record, i, false, &b->w.arena, &cache, &b->delivery);
        b->delivery_bytes += b->delivery.size;
    }
}

static void one(bench *b, size_t index, hub_buffer *bytes)
{
    uint8_t id[HUB_ID_BYTES];
    put_event(b, index, bytes, id);
    b->event_bytes += bytes->size;
    hub_arena_reset(&b->w.arena);
    core_command command = {.kind = CORE_PUBLISH, .at_ms = b->w.now_ms, .peer = 2};
    command.of.publish.outbox = 1;
    command.of.publish.link_seq = ++b->link_seq;
    command.of.publish.item_event_id = hub_bytes_of(id, sizeof id);
    command.of.publish.bytes = hub_buffer_bytes(bytes);

    uint64_t t = bench_now_ns();
    command.of.publish.event = event_decode(command.of.publish.bytes, &b->w.arena, &command.of.publish.problem);
    t = lap(b, index, STEP_DECODE, t);
    if (!event_validate(command.of.publish.event, b->w.now_ms, &command.of.publish.problem)) {
        fprintf(stderr, "bench_core: %s: %s\n", command.of.publish.problem.field_path, command.of.publish.problem.reason);
        exit(1);
    }
    t = lap(b, index, STEP_VALIDATE, t);
    core_decision decision;
    if (core_decide(b->w.state, &command, &b->w.arena, &decision) != HUB_OK ||
        decision.reply.item != MASH__V1__ITEM_STATUS__STORED) {
        fprintf(stderr, "bench_core: event %zu: %s\n", index, decision.reply.problem.reason);
        exit(1);
    }
    t = lap(b, index, STEP_DECIDE, t);
    core_record record = {.epoch = 1,
                          .sequence = core_sequence(b->w.state) + 1,
                          .time_ms = b->w.now_ms,
                          .peer = 2,
                          .link_seq = b->link_seq,
                          .control = decision.control,
                          .personal = decision.personal,
                          .event = command.of.publish.event};
    hub_error err;
    if (core_reserve(b->w.state, &record, &err) != HUB_OK) exit(1);
    core_evolve(b->w.state, &record);
    t = lap(b, index, STEP_EVOLVE, t);
    hub_buffer_clear(&b->control);
    (void)event_wire_pack(&decision.control->base, &b->control);
    b->control_bytes += b->control.size;
    t = lap(b, index, STEP_PACK, t);
    uint64_t refs[CORE_REFS_MAX];
    (void)core_record_refs(b->w.state, &record, refs);
    t = lap(b, index, STEP_REFS, t);
    deliver_all(b, &record);
    (void)lap(b, index, STEP_DELIVER, t);
}

static int by_value(const void *a, const void *b)
{
    const uint32_t *x = a;
    const uint32_t *y = b;
    return (*x > *y) - (*x < *y);
}

void bench_say_step(const char *step, uint32_t *ns, size_t count)
{
    qsort(ns, count, sizeof *ns, by_value);
    printf("{\"bench\":\"core\",\"step\":\"%s\",\"p50_ns\":%u,\"p99_ns\":%u,\"max_ns\":%u}\n", step, ns[count / 2],
           ns[count / 100 * 99], ns[count - 1]);
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        fprintf(stderr, "usage: bench_core POLICY_FOLDER [EVENTS] [people]\n");
        return 2;
    }
    host_random_start();
    bench b = {.count = argc > 2 ? strtoul(argv[2], NULL, 10) : 200000, .w.now_ms = 1780909200000};
    if (b.count == 0 || hub_arena_open(&b.w.arena, 256 * 1024, 8 * 1024 * 1024) != HUB_OK || core_open(&b.w.state) != HUB_OK)
        return 1;
    for (int i = 0; i < STEPS; i++) {
        b.ns[i] = calloc(b.count, sizeof *b.ns[i]);
        if (b.ns[i] == NULL) return 1;
    }
    bool with_people = argc > 3 && strcmp(argv[3], "people") == 0;
    begin(&b.w, argv[1], with_people);
    hub_buffer bytes = {0};
    srand(1);
    for (size_t i = 0; i < b.count; i++)
        one(&b, i, &bytes);
    core_counts counts = core_count(b.w.state);
    printf("{\"bench\":\"core\",\"events\":%zu,\"alerts\":%llu,\"clocks\":%llu,\"event_bytes\":%.0f,\"control_bytes\":%.0f,"
           "\"delivery_bytes\":%.0f}\n",
           b.count, (unsigned long long)counts.alerts_open, (unsigned long long)counts.clocks_running,
           (double)b.event_bytes / (double)b.count, (double)b.control_bytes / (double)b.count,
           (double)b.delivery_bytes / (double)b.count);
    for (int i = 0; i < STEPS; i++) {
        bench_say_step(STEP_NAMES[i], b.ns[i], b.count);
        free(b.ns[i]);
    }
    if (with_people) bench_people_run(&b.w);
    core_close(b.w.state);
    policy_free(b.w.policy);
    hub_arena_close(&b.w.arena);
    hub_buffer_free(&b.control);
    hub_buffer_free(&b.delivery);
    hub_buffer_free(&bytes);
    return 0;
}
