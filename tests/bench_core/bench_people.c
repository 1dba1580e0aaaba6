/* Acts, ladders and timers: what they cost the core. */
#include "bench.h"

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TIMERS = 2000000, TIMERS_A_RECORD = 4000, ACTS_MAX = 10000, STEPS = 3, MINUTE_MS = 60000 };

typedef struct people {
    core_role role;
    core_team team;
    core_staff_row person;
    core_outcome outcome;
    core_ladder ladder;
    core_clock_row clocks[CORE_POLICY_CLOCK_ROWS_MAX];
} people;

static void name(char *to, const char *from)
{
    (void)snprintf(to, CORE_NAME_MAX, "%s", from);
}

static uint32_t add_clock(core_policy *policy, people *p, const char *id, int32_t minutes, core_met_by met_by)
{
    uint32_t at = policy->clock_count++;
    p->clocks[at] = p->clocks[0]; /* its calendar and words */
    name(p->clocks[at].id, id);
    p->clocks[at].kind = CORE_CLOCK_ELAPSED_MINUTES;
    p->clocks[at].amount = minutes;
    p->clocks[at].met_by = met_by;
    return at;
}

void bench_people_join(core_policy *policy)
{
    static people p; /* lives as long as the policy */
    memcpy(p.clocks, policy->clocks, policy->clock_count * sizeof *p.clocks);
    policy->clocks = p.clocks;
    uint32_t claim = add_clock(policy, &p, "claim", 120, CORE_MET_OTHER);
    name(p.ladder.id, "E-BENCH");
    p.ladder.ratings = UINT32_MAX;
    for (int32_t i = 0; i < STEPS; i++) {
        p.ladder.steps[i].clock = add_clock(policy, &p, "E-BENCH/n", 15, CORE_MET_CLAIMED);
        name(p.ladder.steps[i].service, "front_door");
    }
    p.ladder.step_count = STEPS;
    name(p.role.name, "practitioner");
    p.role.may = UINT32_MAX;
    p.role.restricted = true;
    name(p.team.name, "bench-people");
    p.team.queue_count = 1;
    name(p.person.id, "b-1");
    p.person.number = 1;
    name(p.outcome.id, "done");
    policy->roles = &p.role, policy->role_count = 1;
    policy->teams = &p.team, policy->team_count = 1;
    policy->staff = &p.person, policy->staff_count = 1;
    policy->outcomes = &p.outcome, policy->outcome_count = 1;
    policy->ladders = &p.ladder, policy->ladder_count = 1;
    policy->feedback_clock = -1;
    for (size_t i = 0; i < sizeof policy->ratings / sizeof policy->ratings[0]; i++)
        policy->ratings[i].claim = (int32_t)claim;
}

/* ---- acts ------------------------------------------------------------------------------------------------------------------ */
static uint32_t enrol_board(bench_world *w)
{
    Mash__V1__Enrol enrol = MASH__V1__ENROL__INIT;
    uint8_t key[32] = {9};
    char *team = (char *)(uintptr_t) "bench-people";
    enrol.public_key = (ProtobufCBinaryData){.len = sizeof key, .data = key};
    enrol.kind = MASH__V1__PEER_KIND__PEER_KIND_GATEWAY;
    enrol.name = (char *)(uintptr_t) "board";
    enrol.may_act_for = &team;
    enrol.n_may_act_for = 1;
    (void)bench_fold(w, (core_command){.kind = CORE_ENROL, .at_ms = w->now_ms, .peer = 1, .of.enrol = &enrol}, NULL);
    return core_peer_count(w->state);
}

static void act_on_alerts(bench_world *w, uint32_t count)
{
    uint32_t board = enrol_board(w);
    uint32_t *ns = calloc(count, sizeof *ns);
    if (ns == NULL) exit(1);
    for (uint32_t i = 0; i < count; i++) {
        char item[24];
        (void)snprintf(item, sizeof item, "A%u", i + 1);
        Mash__V1__Claim nothing = MASH__V1__CLAIM__INIT;
        Mash__V1__Act act = MASH__V1__ACT__INIT;
        act.on_behalf_of = (char *)(uintptr_t) "b-1";
        act.item = item;
        act.what_case = MASH__V1__ACT__WHAT_CLAIM;
        act.claim = &nothing;
        core_command command = {.kind = CORE_ACT, .at_ms = w->now_ms, .peer = board};
        hub_put_u32(command.command_id.bytes, i + 1);
        command.of.act.act = &act;
        command.of.act.bytes = hub_bytes_of(item, sizeof item);
        hub_arena_reset(&w->arena);
        ns[i] = (uint32_t)bench_fold(w, command, NULL);
    }
    bench_say_step("decide_claim", ns, count);
    free(ns);
}

/* ---- timers ---------------------------------------------------------------------------------------------------------------- */
/* Far in the future, for every alert alike, at instants that lie apart. */
static void start_timers(bench_world *w, uint32_t first, uint32_t alerts)
{
    static Mash__V1__ClockStarted started[TIMERS_A_RECORD];
    static Mash__V1__Fact facts[TIMERS_A_RECORD];
    static Mash__V1__Fact *list[TIMERS_A_RECORD];
    Mash__V1__Control control = MASH__V1__CONTROL__INIT;
    for (uint32_t i = 0; i < TIMERS_A_RECORD; i++) {
        mash__v1__clock_started__init(&started[i]);
        mash__v1__fact__init(&facts[i]);
        facts[i].kind = FACT_CLOCK_STARTED;
        facts[i].body_case = MASH__V1__FACT__BODY_CLOCK_STARTED;
        facts[i].clock_started = &started[i];
        list[i] = &facts[i];
        started[i].clock = first + i;
        started[i].alert = 1 + (first + i) % alerts;
        started[i].purpose = MASH__V1__CLOCK_PURPOSE__CLOCK_PURPOSE_ESCALATION;
        started[i].step = 1;
        started[i].from_ms = w->now_ms;
        started[i].due_ms = w->now_ms + INT64_C(90) * 24 * 60 * MINUTE_MS + (int64_t)rand() % 1000000000;
    }
    control.facts = list;
    control.n_facts = TIMERS_A_RECORD;
    core_record record = {.epoch = 1, .sequence = core_sequence(w->state) + 1, .time_ms = w->now_ms, .control = &control};
    hub_error err;
    if (core_reserve(w->state, &record, &err) != HUB_OK) exit(1);
    core_evolve(w->state, &record);
}

static void say_bytes_a_timer(bench_world *w, uint32_t alerts, uint32_t clocks)
{
    size_t before = mallinfo2().uordblks + mallinfo2().hblkhd;
    for (uint32_t i = 0; i < TIMERS; i += TIMERS_A_RECORD)
        start_timers(w, clocks + i + 1, alerts);
    size_t after = mallinfo2().uordblks + mallinfo2().hblkhd;
    printf("{\"bench\":\"core\",\"step\":\"timers\",\"live\":%llu,\"bytes_each\":%.1f}\n",
           (unsigned long long)core_count(w->state).clocks_running, (double)(after - before) / TIMERS);
}

/* Everything that is due at this instant; how many clocks lapsed. */
static uint64_t fire_all(bench_world *w, const char *step)
{
    uint64_t before = core_count(w->state).clocks_lapsed;
    uint64_t began = bench_now_ns();
    uint64_t longest = 0;
    size_t ticks = 0;
    for (; core_count(w->state).next_due_ms <= w->now_ms; ticks++) {
        uint64_t since = bench_now_ns();
        hub_arena_reset(&w->arena);
        (void)bench_fold(w, (core_command){.kind = CORE_TICK, .at_ms = w->now_ms}, NULL);
        uint64_t took = bench_now_ns() - since;
        if (took > longest) longest = took;
    }
    uint64_t lapsed = core_count(w->state).clocks_lapsed - before;
    if (step != NULL) {
        printf("{\"bench\":\"core\",\"step\":\"%s\",\"lapsed\":%llu,\"ticks\":%zu,\"seconds\":%.3f,\"longest_tick_ms\":%.2f}\n",
               step, (unsigned long long)lapsed, ticks, (double)(bench_now_ns() - began) / 1e9, (double)longest / 1e6);
    }
    return lapsed;
}

void bench_people_run(bench_world *w)
{
    core_counts counts = core_count(w->state);
    uint32_t alerts = (uint32_t)counts.alerts_open;
    act_on_alerts(w, alerts < ACTS_MAX ? alerts : ACTS_MAX);
    /* no clock has gone yet: each claim stopped a step and started a claim */
    say_bytes_a_timer(w, alerts, (uint32_t)counts.clocks_running + (alerts < ACTS_MAX ? alerts : ACTS_MAX));
    w->now_ms += 15 * MINUTE_MS;
    (void)fire_all(w, "storm_of_steps");
    for (int hour = 1; hour < 24; hour++) {
        w->now_ms += 60 * MINUTE_MS;
        (void)fire_all(w, NULL);
    }
    w->now_ms += 60 * MINUTE_MS;
    (void)fire_all(w, "storm_of_deadlines");
}
