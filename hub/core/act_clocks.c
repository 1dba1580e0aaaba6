/* Clocks of an alert: started, met, stopped. What each kind means is calendar.h; what happens when one lapses is lapse.c. */
#include "core/acts.h"

#include <string.h>

int64_t core_clock_start(core_decider *d, core_clock_new what, uint32_t *started)
{
    core_due due = {.due_ms = what.due_ms, .known = true};
    if (what.due_ms == 0) {
        const core_policy *policy = core_policy_now(d->state);
        HUB_ASSERT(what.rule < policy->clock_count);
        const core_clock_row *row = &policy->clocks[what.rule];
        due = core_calendar_due(&policy->calendars[row->calendar], row->kind, row->amount, row->roll, what.from_ms);
    }
    Mash__V1__ClockStarted *fact = core_decide_add(d, FACT_CLOCK_STARTED);
    if (fact == NULL) return due.due_ms;
    fact->clock = d->state->clocks.count + ++*started;
    fact->alert = what.alert;
    fact->rule = what.rule;
    fact->from_ms = what.from_ms;
    fact->due_ms = due.due_ms;
    fact->provisional = due.provisional;
    fact->due_unknown = !due.known;
    fact->late_on_arrival =
        due.known && what.purpose == MASH__V1__CLOCK_PURPOSE__CLOCK_PURPOSE_DEADLINE && due.due_ms <= d->command->at_ms;
    fact->purpose = what.purpose;
    fact->item = what.item;
    fact->step = what.step;
    fact->stated = what.due_ms != 0;
    fact->beside = what.beside;
    core_alarm_provisional(d, fact);
    return due.due_ms;
}

Mash__V1__LateCause core_clock_arrival(const core_clock_run *run)
{
    static const Mash__V1__LateCause CAUSES[] = {
        [CORE_ARRIVED_IN_TIME] = MASH__V1__LATE_CAUSE__LATE_CAUSE_UNSPECIFIED,
        [CORE_EVENT_CAME_LATE] = MASH__V1__LATE_CAUSE__LATE_CAUSE_SENDER_DELAY,
        [CORE_ACT_CAME_LATE] = MASH__V1__LATE_CAUSE__LATE_CAUSE_RATED_LATE,
    };
    HUB_ASSERT(run->late_on_arrival < sizeof CAUSES / sizeof CAUSES[0]);
    return CAUSES[run->stated ? CORE_ARRIVED_IN_TIME : run->late_on_arrival];
}

/* Has nothing decided so far stopped it or let it lapse? */
static bool is_unspoken_of(const core_decider *d, uint32_t clock)
{
    for (size_t i = d->count; i-- > 0;) {
        const Mash__V1__Fact *fact = d->facts[i];
        if (fact->kind == FACT_CLOCK_STOPPED && fact->clock_stopped->clock == clock) return false;
        if (fact->kind == FACT_CLOCK_LAPSED && fact->clock_lapsed->clock == clock) return false;
    }
    return true;
}

bool core_clock_goes_on(const core_decider *d, uint32_t clock)
{
    const core_clock_run *run = core_clocks_at(d->state, clock);
    return (run->state == CORE_CLOCK_RUNNING || run->state == CORE_CLOCK_HELD) && is_unspoken_of(d, clock);
}

/* Of a promise alone it can be said how late it was kept; a step that was taken or a hold that ended is over. */
static bool is_promise(const core_clock_run *run)
{
    static const bool IS_ONE[] = {
        [MASH__V1__CLOCK_PURPOSE__CLOCK_PURPOSE_DEADLINE] = true,    [MASH__V1__CLOCK_PURPOSE__CLOCK_PURPOSE_REQUEST] = true,
        [MASH__V1__CLOCK_PURPOSE__CLOCK_PURPOSE_ACKNOWLEDGE] = true, [MASH__V1__CLOCK_PURPOSE__CLOCK_PURPOSE_OUTCOME] = true,
        [MASH__V1__CLOCK_PURPOSE__CLOCK_PURPOSE_FEEDBACK] = true,
    };
    return run->purpose < sizeof IS_ONE / sizeof IS_ONE[0] && IS_ONE[run->purpose];
}

/* Is it the newest of its purpose and item? Of deadlines each stands for itself. */
static bool is_newest(const core_state *state, uint32_t clock)
{
    const core_clock_run *run = core_clocks_at(state, clock);
    if (run->purpose == MASH__V1__CLOCK_PURPOSE__CLOCK_PURPOSE_DEADLINE) return true;
    uint32_t at = core_alerts_at(state, run->alert)->clocks;
    while (core_clocks_at(state, at)->purpose != run->purpose || core_clocks_at(state, at)->item != run->item)
        at = core_clocks_at(state, at)->next;
    return at == clock;
}

/* It ran out, it is known when it was due, and no record says that it was met. */
static bool is_unmet(const core_state *state, uint32_t clock)
{
    const core_clock_run *run = core_clocks_at(state, clock);
    return run->state == CORE_CLOCK_LAPSED && !run->due_unknown && is_promise(run) && is_newest(state, clock);
}

/* ---- clocks that watch a notice ---------------------------------------------------------------------------------------------- */
/* A policy may move a service's notices; what was given before is with those who have it, and they are whom the clock waits for. */
bool core_clock_watches(const core_state *state, const core_clock_run *run, uint32_t queue)
{
    const char *service = core_clock_rule(state, run)->notice_service;
    const char *area = core_alerts_at(state, run->alert)->area;
    for (uint32_t number = run->policy; number <= state->policies.count; number++) {
        const core_policy *policy = core_policy_numbered(state, number);
        for (uint32_t i = 0; i < policy->route_count; i++) {
            const core_route *route = &policy->routes[i];
            if (policy->queues[route->queue].number != queue || strcmp(route->service, service) != 0) continue;
            if (route->area[0] == '\0' || strcmp(route->area, area) == 0) return true;
        }
    }
    return false;
}

typedef enum notice_standing { NOT_GIVEN, NEVER_SEEN, SEEN } notice_standing;

/* One that is given again (lapse.c) may have been seen before. */
static notice_standing notice_stands(const core_state *state, const core_clock_run *run, uint32_t event)
{
    notice_standing standing = NOT_GIVEN;
    for (uint32_t at = core_events_at(state, event)->given; at != 0 && standing != SEEN; at = core_given_at(state, at)->next) {
        const core_given_row *given = core_given_at(state, at);
        if (given->alert == 0 && core_clock_watches(state, run, given->queue)) standing = given->seen_by != 0 ? SEEN : NEVER_SEEN;
    }
    return standing;
}

bool core_notices_unseen(const core_state *state, const core_clock_run *run, uint32_t but)
{
    bool is_any = false, is_given = false;
    for (uint32_t at = core_alerts_at(state, run->alert)->first_event; at != 0; at = core_sequences_at(state, at)->next) {
        uint32_t event = core_event_of_sequence(state, core_sequences_at(state, at)->sequence);
        if (event == 0 || core_events_at(state, event)->withdrawn) continue;
        notice_standing standing = event == but ? SEEN : notice_stands(state, run, event);
        if (standing == NEVER_SEEN) return true;
        is_any = true;
        is_given = is_given || standing == SEEN;
    }
    return is_any && !is_given;
}

/* What was seen in the holidays runs out on the day all the same: then nobody was late. */
bool core_clock_is_overdue(const core_state *state, uint32_t clock)
{
    const core_clock_run *run = core_clocks_at(state, clock);
    bool watches_notice = run->purpose == MASH__V1__CLOCK_PURPOSE__CLOCK_PURPOSE_DEADLINE &&
                          core_clock_rule(state, run)->met_by == CORE_MET_NOTICED;
    return is_unmet(state, clock) && (!watches_notice || core_notices_unseen(state, run, 0));
}

/* What it waited for is done now. (Hub time may have been taken back since.) */
static bool is_met_late(const core_decider *d, uint32_t clock)
{
    bool is_past = core_clocks_at(d->state, clock)->due_ms < d->command->at_ms;
    return is_past && is_unmet(d->state, clock) && is_unspoken_of(d, clock);
}

void core_clock_stop(core_decider *d, uint32_t clock, Mash__V1__StopCause cause)
{
    const core_clock_run *run = core_clocks_at(d->state, clock);
    bool had_lapsed = cause == MASH__V1__STOP_CAUSE__STOP_CAUSE_MET && is_met_late(d, clock);
    if (!had_lapsed && !core_clock_goes_on(d, clock)) return;
    Mash__V1__ClockStopped *fact = core_decide_add(d, FACT_CLOCK_STOPPED);
    if (fact == NULL) return;
    fact->clock = clock;
    fact->cause = cause;
    fact->had_lapsed = had_lapsed;
    bool is_late = run->state != CORE_CLOCK_HELD && run->due_ms < d->command->at_ms; /* what is held is not late */
    fact->late_ms = is_late ? d->command->at_ms - run->due_ms : 0;
}

uint32_t core_met_with(uint32_t met)
{
    uint32_t seen_too = UINT32_C(1) << CORE_MET_CLAIMED | UINT32_C(1) << CORE_MET_RATED;
    if ((met & seen_too) != 0) met |= UINT32_C(1) << CORE_MET_SEEN;
    if ((met >> CORE_MET_DECIDED & 1) != 0) met |= (UINT32_C(1) << CORE_MET_OTHER) - 1;
    return met;
}

void core_clocks_meet(core_decider *d, uint32_t alert, uint32_t met)
{
    met = core_met_with(met);
    for (uint32_t at = core_alerts_at(d->state, alert)->clocks; at != 0; at = core_clocks_at(d->state, at)->next) {
        const core_clock_run *clock = core_clocks_at(d->state, at);
        bool is_of_alert = clock->purpose == MASH__V1__CLOCK_PURPOSE__CLOCK_PURPOSE_DEADLINE ||
                           clock->purpose == MASH__V1__CLOCK_PURPOSE__CLOCK_PURPOSE_ESCALATION;
        if (is_of_alert && (met >> core_clock_rule(d->state, clock)->met_by & 1) != 0)
            core_clock_stop(d, at, MASH__V1__STOP_CAUSE__STOP_CAUSE_MET);
    }
}

void core_clocks_stop(core_decider *d, uint32_t alert, Mash__V1__ClockPurpose purpose, uint64_t item, Mash__V1__StopCause cause)
{
    for (uint32_t at = core_alerts_at(d->state, alert)->clocks; at != 0; at = core_clocks_at(d->state, at)->next) {
        const core_clock_run *clock = core_clocks_at(d->state, at);
        if (clock->purpose == (uint8_t)purpose && (item == 0 || clock->item == item)) core_clock_stop(d, at, cause);
    }
}

/* Has the alert a clock of this name that runs, stands still or was met? One that was replaced by another rating may come back. */
static bool has_had(const core_state *state, uint32_t alert, const char *id)
{
    for (uint32_t at = core_alerts_at(state, alert)->clocks; at != 0; at = core_clocks_at(state, at)->next) {
        const core_clock_run *clock = core_clocks_at(state, at);
        bool is_deadline = clock->purpose == MASH__V1__CLOCK_PURPOSE__CLOCK_PURPOSE_DEADLINE;
        if (is_deadline && clock->state != CORE_CLOCK_REPLACED && strcmp(core_clock_rule(state, clock)->id, id) == 0) return true;
    }
    return false;
}

void core_clocks_of_rating(core_acting *a, Mash__V1__Rating rating)
{
    const core_rating_row *row = &a->policy->ratings[rating];
    const core_alert_row *alert = core_alerts_at(a->d->state, a->alert);
    uint32_t met = core_met_with(core_alert_met(a->d->state, a->alert) | UINT32_C(1) << CORE_MET_RATED);
    for (uint32_t i = 0; i < row->clock_count; i++) {
        const core_clock_row *clock = &a->policy->clocks[row->clocks[i]];
        if ((met >> clock->met_by & 1) != 0 || has_had(a->d->state, a->alert, clock->id)) continue;
        (void)core_clock_start(a->d, (core_clock_new){.alert = a->alert, .rule = row->clocks[i], .from_ms = alert->opened_ms},
                               &a->started);
    }
}
