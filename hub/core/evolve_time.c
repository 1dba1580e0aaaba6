/* The fold of a correction of hub time. Millions of clocks may move with it: that is one fact, and one pass here. */
#include "core/evolve.h"

/* A promise of so many minutes from an instant that the hub itself took off its clock. What a person stated, and what counts from an
 * instant that an agency stated, was never reckoned by this clock; kinds that look at opening hours and days are civil time. */
static bool is_elapsed(const core_state *state, const core_clock_run *clock)
{
    const core_clock_row *row = core_clock_rule(state, clock);
    bool is_deadline = clock->purpose == MASH__V1__CLOCK_PURPOSE__CLOCK_PURPOSE_DEADLINE;
    if (clock->stated || (is_deadline && row->from != CORE_FROM_STORED)) return false;
    return row->kind == CORE_CLOCK_ELAPSED_MINUTES;
}

static uint32_t move_clocks(core_state *state, int64_t since_ms, int64_t delta_ms)
{
    uint32_t moved = 0;
    for (uint32_t number = 1; number <= state->clocks.count; number++) {
        core_clock_run *clock = core_clocks_at(state, number);
        bool goes_on = clock->state == CORE_CLOCK_RUNNING || clock->state == CORE_CLOCK_HELD;
        if (!goes_on || clock->from_ms < since_ms || !is_elapsed(state, clock)) continue;
        clock->from_ms += delta_ms;
        clock->due_ms += delta_ms;
        moved++;
    }
    core_heap_rebuild(state);
    return moved;
}

/* Instants from which clocks will yet be reckoned: a new rating's from the opening, what a hold took from its beginning. */
static void move_alerts(core_state *state, int64_t since_ms, int64_t delta_ms)
{
    for (uint32_t number = 1; number <= state->alerts.count; number++) {
        core_alert_row *alert = core_alerts_at(state, number);
        if (alert->ended) continue;
        if (alert->opened_ms >= since_ms) alert->opened_ms += delta_ms;
        if (alert->held_ms != 0 && alert->held_ms >= since_ms) alert->held_ms += delta_ms;
    }
}

void core_fold_time_corrected(core_fold *f, const Mash__V1__TimeCorrected *fact)
{
    core_state *state = f->state;
    core_numbers *numbers = &state->numbers;
    int64_t since_ms = numbers->reckoned_ms;
    uint32_t moved = 0;
    numbers->time_ms += fact->delta_ms;
    if (fact->cause == MASH__V1__TIME_CAUSE__TIME_CAUSE_WRONG_CLOCK) {
        moved = move_clocks(state, since_ms, fact->delta_ms);
        move_alerts(state, since_ms, fact->delta_ms);
        if (numbers->started_ms >= since_ms) numbers->started_ms += fact->delta_ms;
    } else {
        numbers->paused_ms = numbers->time_ms;
    }
    numbers->reckoned_ms = numbers->time_ms;
    int64_t leaving_ms = core_policy_now(state) == NULL ? 0 : core_policy_next_leaving(core_policy_now(state), numbers->time_ms);
    bool is_sooner = numbers->roster_ms == 0 || leaving_ms < numbers->roster_ms; /* days that are to come once more */
    if (leaving_ms != 0 && is_sooner) numbers->roster_ms = leaving_ms;
    core_fold_mix(state, 15, (uint64_t)fact->delta_ms, (uint64_t)fact->cause, moved);
}
