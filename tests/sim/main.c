/* main.c - one seed, one run:
 *
 *     sim --seed N [--events M] [--trace]     that run
 *     sim --seeds K [--from N] [--events M]   the runs of K seeds, N, N+1, ...
 *     sim --fresh [--events M]                the run of a seed taken from the clock, which is printed
 *     ... --spoil WAY                         of a hub that is broken in one way (spoil.h): a checker must see it
 *
 * Each run has two parts. First everything may go wrong at once and what is promised must be kept (safety). Then all faults are
 * off, and everything that was begun must come to its end (liveness): all accepted, all delivered, all acts answered, all clocks ended. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "adapter.h"
#include "consumer.h"
#include "event/event.h"
#include "host/random.h"
#include "hub.h"
#include "people.h"
#include "policy.h"

enum { STEPS_MAX = 3000000, FAULTY_STEPS_MORE = 500, DEFAULT_EVENTS = 60, SEEDS_ENOUGH = 200 };

typedef struct world {
    sim_options options;
    sim_report report;
    sim_schedule *schedule;
    sim_net *net;
    sim_checker *checker;
    sim_policy policies[SIM_POLICIES];
    const core_policy *editions[SIM_POLICIES]; /* the same, compiled, in the order of their adoption */
    sim_people *people;
    sim_hub *hub;
    sim_adapter *adapters[SIM_ADAPTERS_MAX];
    sim_consumer *consumers[SIM_CONSUMERS];
} world;

static void open_hub(world *w, sim_random random, sim_source *const *sources)
{
    static const char *const ADAPTER_NAMES[SIM_ADAPTERS_MAX] = {"adapter-a", "adapter-b", "adapter-c", "adapter-d"};
    sim_peer peers[SIM_ADAPTERS_MAX + SIM_CONSUMERS + SIM_GATEWAYS] = {{0}};
    uint32_t count = 0;
    for (uint32_t i = 0; i < w->options.adapters; i++) {
        peers[count++] = (sim_peer){.name = ADAPTER_NAMES[i],
                                    .kind = MASH__V1__PEER_KIND__PEER_KIND_ADAPTER,
                                    .agency = sim_source_agency(sources[i]),
                                    .source_system = sim_source_system(sources[i])};
    }
    for (uint32_t i = 0; i < SIM_CONSUMERS; i++) {
        peers[count++] =
            (sim_peer){.name = SIM_QUEUES[i], .kind = MASH__V1__PEER_KIND__PEER_KIND_CONSUMER, .queue = SIM_QUEUES[i]};
    }
    peers[count++] = (sim_peer){.name = "board", .kind = MASH__V1__PEER_KIND__PEER_KIND_GATEWAY, .acts_for_all = true};
    const sim_hub_parts parts = {
        w->schedule, w->net, &w->options, &w->report, w->checker, {&w->policies[0].policy, &w->policies[1].policy}, random};
    w->hub = sim_hub_open(&parts, peers, count);
}

static void open_world(world *w)
{
    sim_random random = {w->options.seed ^ UINT64_C(0x5deece66d)};
    w->schedule = sim_schedule_open(SIM_START_MS);
    w->report = (sim_report){&w->options, w->schedule};
    w->net = sim_net_open(w->schedule, sim_fork(&random), &w->options);
    sim_policy_make(&w->policies[0], SIM_FIRST_EDITION);
    sim_policy_make(&w->policies[1], SIM_SECOND_EDITION);
    w->editions[0] = &w->policies[0].policy;
    w->editions[1] = &w->policies[1].policy;
    w->checker = sim_checker_open(&w->report, w->editions);
    sim_source *sources[SIM_ADAPTERS_MAX]; /* only to ask who they are */
    for (uint32_t i = 0; i < SIM_ADAPTERS_MAX; i++)
        sources[i] = sim_source_open(i, random, &w->options);
    open_hub(w, sim_fork(&random), sources);
    for (uint32_t i = 0; i < SIM_ADAPTERS_MAX; i++)
        sim_source_close(sources[i]);
    for (uint32_t i = 0; i < w->options.adapters; i++) {
        const sim_adapter_parts parts = {w->schedule,
                                         w->net,
                                         &w->options,
                                         &w->report,
                                         w->checker,
                                         sim_fork(&random),
                                         i,
                                         SIM_FIRST_PEER + i,
                                         w->options.events / w->options.adapters + 1};
        w->adapters[i] = sim_adapter_open(&parts);
    }
    const sim_people_parts people = {w->schedule,
                                     w->net,
                                     &w->options,
                                     &w->report,
                                     w->checker,
                                     sim_fork(&random),
                                     SIM_FIRST_PEER + w->options.adapters + SIM_CONSUMERS};
    w->people = sim_people_open(&people);
    for (uint32_t i = 0; i < SIM_CONSUMERS; i++) {
        const sim_consumer_parts parts = {w->schedule,
                                          w->net,
                                          &w->options,
                                          &w->report,
                                          sim_fork(&random),
                                          SIM_QUEUES[i],
                                          SIM_FIRST_PEER + w->options.adapters + i,
                                          w->checker,
                                          w->people,
                                          i};
        w->consumers[i] = sim_consumer_open(&parts);
    }
}

static void close_world(world *w)
{
    for (uint32_t i = 0; i < SIM_CONSUMERS; i++)
        sim_consumer_close(w->consumers[i]);
    sim_people_close(w->people);
    for (uint32_t i = 0; i < w->options.adapters; i++)
        sim_adapter_close(w->adapters[i]);
    sim_hub_close(w->hub);
    sim_checker_close(w->checker);
    sim_net_close(w->net);
    sim_schedule_close(w->schedule);
}

static bool all_is_begun(const world *w)
{
    for (uint32_t i = 0; i < w->options.adapters; i++) {
        if (!sim_adapter_has_put_all(w->adapters[i])) return false;
    }
    return sim_people_have_acted(w->people);
}

/* Who has not come to rest yet; NULL = all have. */
static const char *restless(const world *w)
{
    for (uint32_t i = 0; i < w->options.adapters; i++) {
        if (!sim_adapter_is_at_rest(w->adapters[i])) return "an adapter";
    }
    if (!sim_people_have_acted(w->people)) return "somebody who acts";
    if (!sim_hub_is_at_rest(w->hub)) return "the hub";
    for (uint32_t i = 0; i < SIM_CONSUMERS; i++) {
        if (!sim_consumer_is_at_rest(w->consumers[i], sim_hub_state(w->hub))) return SIM_QUEUES[i];
    }
    return NULL;
}

/* What all runs of this program did together. */
static void add_up(sim_totals *all, const sim_totals *t)
{
    for (size_t kind = 0; kind < SIM_ACT_KINDS; kind++)
        all->done_of_kind[kind] += t->done_of_kind[kind];
    all->corrections += t->corrections;
    all->contradictions += t->contradictions;
}

/* A kind of act that nobody ever gets done, or a fault that never comes, is watched by nobody. */
static int look_back(const sim_totals *all)
{
    int missing = 0;
    for (unsigned i = 0; i < mash__v1__act_kind__descriptor.n_values; i++) {
        char name[64];
        int kind = mash__v1__act_kind__descriptor.values[i].value;
        if (kind == 0 || all->done_of_kind[kind] > 0) continue;
        fprintf(stderr, "S11: no run has seen this act done: %s\n", event_enum_name(&mash__v1__act_kind__descriptor, kind, name));
        missing++;
    }
    if (all->corrections == 0) fprintf(stderr, "no run has seen hub time corrected\n"), missing++;
    if (all->contradictions == 0) fprintf(stderr, "no run has seen a contradiction\n"), missing++;
    return missing == 0 ? 0 : 1;
}

static void run(const sim_options *options, sim_totals *all)
{
    world w = {.options = *options};
    open_world(&w);
    uint64_t steps = 0;
    while (!all_is_begun(&w) && steps < STEPS_MAX && sim_step(w.schedule))
        steps++;
    for (int more = 0; more < FAULTY_STEPS_MORE && sim_step(w.schedule); more++)
        steps++;
    sim_tell(&w.report, "world", "heals after %llu steps", (unsigned long long)steps);
    sim_options_heal(&w.options);
    for (const char *who; (who = restless(&w)) != NULL; steps++) {
        if (steps > STEPS_MAX) sim_fail(&w.report, "no rest after %d steps: %s", STEPS_MAX, who);
        if (!sim_step(w.schedule)) sim_fail(&w.report, "everything stands still and not all is done: %s", who);
    }
    sim_hub_check(w.hub);
    for (uint32_t i = 0; i < w.options.adapters; i++)
        sim_adapter_check(w.adapters[i]);
    for (uint32_t i = 0; i < SIM_CONSUMERS; i++)
        sim_consumer_check(w.consumers[i], sim_hub_state(w.hub), w.checker);
    sim_totals t = sim_checker_totals(w.checker);
    printf("seed %llu: %llu put, %llu stored, %llu refused, %llu deliveries, %llu clocks, %llu records, %llu starts, %llu "
           "restores, %llu acts done, %llu not\n",
           (unsigned long long)options->seed, (unsigned long long)t.accepted, (unsigned long long)t.stored,
           (unsigned long long)t.refused, (unsigned long long)t.deliveries, (unsigned long long)t.clocks,
           (unsigned long long)t.records, (unsigned long long)t.restarts, (unsigned long long)t.restores,
           (unsigned long long)t.acts_done, (unsigned long long)t.acts_not_done);
    add_up(all, &t);
    close_world(&w);
}

static uint64_t seed_of_clock(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return ((uint64_t)now.tv_sec * UINT64_C(1000000000) + (uint64_t)now.tv_nsec) % UINT64_C(1000000000000);
}

int main(int argc, char **argv)
{
    static const struct option OPTIONS[] = {{"seed", required_argument, NULL, 's'},   {"seeds", required_argument, NULL, 'k'},
                                            {"from", required_argument, NULL, 'n'},   {"fresh", no_argument, NULL, 'f'},
                                            {"events", required_argument, NULL, 'e'}, {"trace", no_argument, NULL, 't'},
                                            {"spoil", required_argument, NULL, 'b'},  {NULL, 0, NULL, 0}};
    host_random_start(); /* libsodium wants it; the run itself draws nothing from it but key pages and nonces */
    uint64_t first = 1;
    uint64_t count = 1;
    uint32_t events = DEFAULT_EVENTS;
    sim_trace trace = SIM_SILENT;
    const char *spoil = NULL;
    for (int option; (option = getopt_long(argc, argv, "", OPTIONS, NULL)) != -1;) {
        switch (option) {
        case 's':
        case 'n':
            first = strtoull(optarg, NULL, 10);
            break;
        case 'k':
            count = strtoull(optarg, NULL, 10);
            break;
        case 'f':
            first = seed_of_clock();
            break;
        case 'e':
            events = (uint32_t)strtoul(optarg, NULL, 10);
            break;
        case 't':
            trace = SIM_TRACE;
            break;
        case 'b':
            spoil = optarg;
            break;
        default:
            fprintf(stderr, "usage: sim --seed N | --seeds K [--from N] | --fresh  [--events M] [--trace] [--spoil WAY]\n");
            return 2;
        }
    }
    sim_totals all = {0};
    for (uint64_t seed = first; seed < first + count; seed++) {
        sim_options options = sim_options_of(seed, events);
        options.trace = trace;
        options.spoil = spoil;
        if (count == 1) printf("seed %llu, %u events\n", (unsigned long long)seed, events);
        fflush(stdout);
        run(&options, &all);
    }
    return count >= SEEDS_ENOUGH ? look_back(&all) : 0;
}
