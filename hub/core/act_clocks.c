/* Clocks of an alert: started, met, stopped. What each kind means is calendar.h; what happens when one lapses is lapse.c. */
#include "core/acts.h"

void core_clock_start(core_decider *d, uint32_t alert, uint32_t rule, Mash__V1__ClockPurpose purpose, uint64_t item,
                      uint32_t step, int64_t from_ms, uint32_t *started)
{
    const core_policy *policy = core_policy_now(d->state);
    HUB_ASSERT(rule < policy->clock_count);
    const core_clock_row *row = &policy->clocks[rule];
    core_due due = core_calendar_due(&policy->calendars[row->calendar], row->kind, row->amount, row->roll, from_ms);
    Mash__V1__ClockStarted *fact = core_decide_add(d, 50);
    if (fact == NULL) return;
    fact->clock = d->state->clocks.count + ++*started;
    fact->alert = alert;
    fact->rule = rule;
    fact->from_ms = from_ms;
    fact->due_ms = due.due_ms;
    fact->provisional = due.provisional;
    fact->late_on_arrival = due.due_ms <= d->command->at_ms;
    fact->purpose = purpose;
    fact->item = item;
    fact->step = step;
}

static bool goes_on(const core_clock_run *clock)
{
    return clock->state == CORE_CLOCK_RUNNING || clock->state == CORE_CLOCK_HELD;
}

void core_clock_stop(core_decider *d, uint32_t clock, Mash__V1__StopCause cause)
{
    const core_clock_run *run = core_clocks_at(d->state, clock);
    HUB_ASSERT(goes_on(run));
    Mash__V1__ClockStopped *fact = core_decide_add(d, 94);
    if (fact == NULL) return;
    fact->clock = clock;
    fact->cause = cause;
    fact->late_ms = run->due_ms < d->command->at_ms ? d->command->at_ms - run->due_ms : 0;
}

void core_clocks_meet(core_decider *d, uint32_t alert, uint32_t met)
{
    uint32_t decided = UINT32_C(1) << CORE_MET_DECIDED;
    uint32_t claimed = UINT32_C(1) << CORE_MET_CLAIMED | UINT32_C(1) << CORE_MET_RATED;
    if ((met & claimed) != 0) met |= UINT32_C(1) << CORE_MET_SEEN;
    if ((met & decided) != 0) met |= (UINT32_C(1) << CORE_MET_OTHER) - 1;
    for (uint32_t at = core_alerts_at(d->state, alert)->clocks; at != 0; at = core_clocks_at(d->state, at)->next) {
        const core_clock_run *clock = core_clocks_at(d->state, at);
        if (goes_on(clock) && (met >> core_clock_rule(d->state, clock)->met_by & 1) != 0)
            core_clock_stop(d, at, MASH__V1__STOP_CAUSE__STOP_CAUSE_MET);
    }
}

void core_clocks_stop(core_decider *d, uint32_t alert, Mash__V1__ClockPurpose purpose, uint64_t item, Mash__V1__StopCause cause)
{
    for (uint32_t at = core_alerts_at(d->state, alert)->clocks; at != 0; at = core_clocks_at(d->state, at)->next) {
        const core_clock_run *clock = core_clocks_at(d->state, at);
        if (goes_on(clock) && clock->purpose == (uint8_t)purpose && (item == 0 || clock->item == item))
            core_clock_stop(d, at, cause);
    }
}
