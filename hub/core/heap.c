/* The clocks that run, the first due on top. */
#include "core/state.h"

/* 4-ary: half the levels of a binary heap, and the four children of a place lie side by side. Places count from 1; the children of
 * place p are 4p - 2 .. 4p + 1. */
static bool is_before(const core_state *state, uint32_t a, uint32_t b)
{
    int64_t due_a = core_clocks_at(state, a)->due_ms;
    int64_t due_b = core_clocks_at(state, b)->due_ms;
    return due_a != due_b ? due_a < due_b : a < b;
}

static void place(core_state *state, uint32_t at, uint32_t clock)
{
    *core_heap_at(state, at) = clock;
    core_clocks_at(state, clock)->heap_at = at;
}

static void sift_up(core_state *state, uint32_t at, uint32_t clock)
{
    while (at > 1) {
        uint32_t parent = (at + 2) / 4;
        uint32_t above = *core_heap_at(state, parent);
        if (!is_before(state, clock, above)) break;
        place(state, at, above);
        at = parent;
    }
    place(state, at, clock);
}

static void sift_down(core_state *state, uint32_t at, uint32_t clock)
{
    for (;;) {
        uint64_t first = 4 * (uint64_t)at - 2;
        uint32_t best = 0;
        for (uint64_t child = first; child < first + 4 && child <= state->numbers.running; child++) {
            uint32_t candidate = *core_heap_at(state, (uint32_t)child);
            if (best == 0 || is_before(state, candidate, *core_heap_at(state, best))) best = (uint32_t)child;
        }
        if (best == 0 || !is_before(state, *core_heap_at(state, best), clock)) break;
        place(state, at, *core_heap_at(state, best));
        at = best;
    }
    place(state, at, clock);
}

void core_heap_push(core_state *state, uint32_t clock)
{
    state->numbers.running++;
    if (state->heap.count < state->numbers.running) core_pool_add(&state->heap, NULL);
    sift_up(state, state->numbers.running, clock);
}

void core_heap_remove(core_state *state, uint32_t clock)
{
    uint32_t at = core_clocks_at(state, clock)->heap_at;
    HUB_ASSERT(at >= 1 && at <= state->numbers.running);
    HUB_ASSERT(*core_heap_at(state, at) == clock);
    uint32_t last = *core_heap_at(state, state->numbers.running);
    state->numbers.running--;
    core_clocks_at(state, clock)->heap_at = 0;
    if (last == clock) return;
    if (at > 1 && is_before(state, last, *core_heap_at(state, (at + 2) / 4))) {
        sift_up(state, at, last);
    } else {
        sift_down(state, at, last);
    }
}

void core_heap_rebuild(core_state *state)
{
    for (uint32_t at = (state->numbers.running + 2) / 4; at >= 1; at--)
        sift_down(state, at, *core_heap_at(state, at));
}

/* Below a place that is due later nothing is due sooner. */
static uint32_t count_due(const core_state *state, uint64_t at, int64_t until_ms, uint32_t most)
{
    if (most == 0 || at > state->numbers.running) return 0;
    if (core_clocks_at(state, *core_heap_at(state, (uint32_t)at))->due_ms > until_ms) return 0;
    uint32_t count = 1;
    for (uint64_t child = 4 * at - 2; child < 4 * at + 2; child++)
        count += count_due(state, child, until_ms, most - count);
    return count;
}

uint32_t core_clocks_due(const core_state *state, int64_t until_ms)
{
    return count_due(state, 1, until_ms, CORE_CLOCKS_DUE_MAX);
}

uint32_t core_heap_first(const core_state *state)
{
    return state->numbers.running == 0 ? 0 : *core_heap_at(state, 1);
}
