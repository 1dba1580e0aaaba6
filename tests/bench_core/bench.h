/* bench.h - what the parts of bench_core share. */
#ifndef BENCH_CORE_BENCH_H
#define BENCH_CORE_BENCH_H

#include "core/core.h"
#include "core/facts.h"

typedef struct bench_world {
    core_state *state;
    core_policy *policy;
    hub_arena arena;
    int64_t now_ms;
} bench_world;

uint64_t bench_now_ns(void);
/* Decides and folds; ends the program with the hub's words when that is refused. Nanoseconds that deciding took. */
uint64_t bench_fold(bench_world *w, core_command command, const Mash__V1__Event *event);
/* Median, 99th percentile and maximum of `count` values, as a JSON line; sorts them. */
void bench_say_step(const char *step, uint32_t *ns, size_t count);

/* ---- bench_people.c ---------------------------------------------------------------------------------------------------------- */
/* Gives a compiled policy a team that works its first queue, one person in it, claims that expire, and a ladder for every rating. */
void bench_people_join(core_policy *policy);
/* After the events: acts on a part of the alerts, two million timers, and all alerts' steps and deadlines due at one instant. */
void bench_people_run(bench_world *w);

#endif
