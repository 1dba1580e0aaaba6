/* Ladders: nobody saw, claimed, rated or decided in time, so somebody else hears of it. A step tells; no step ends anything (C7).
 *
 * Invariants
 *   E1  a step is taken once, never before its time, and only while what it waits for has not been done; what was done for one step
 *       does not end the ladder: the next that waits for more goes on
 *   E2  steps chain from their due instants, not from when they were noticed: after an outage whoever should know by now is told at once
 *   E3  a step whose role nobody holds today is left out at once: an alarm, the managers of both teams, and the next step with it
 *   E4  after the last step there is an alarm; the alert stays open
 *   E5  who owned it has gone: the steps that wait for a claim begin anew, from then; every other step keeps its time, so that taking it
 *       and giving it back, however often, puts off nothing that waits for more than a claim, and brings none of it twice; a ladder of
 *       which nothing waits any more begins anew. An event has made it graver: until a
 *       person has rated it the same holds of what waits for seen, claimed or rated, and what a hold or a reason to wait had put off
 *       is begun as if it had just come
 *   E6  an alert that no ladder serves raises an alarm
 */
#include "core/acts.h"

#include <string.h>

int32_t core_ladder_today(const core_state *state, const core_clock_run *clock)
{
    const core_policy *policy = core_policy_now(state);
    const core_policy *begun = core_policy_numbered(state, clock->policy);
    for (uint32_t i = 0; i < policy->ladder_count; i++) {
        if (strcmp(policy->ladders[i].id, begun->ladders[clock->item].id) == 0) return (int32_t)i;
    }
    return -1;
}

/* Of the steps of this ladder that wait now, the first behind `step`; 0 = none. Steps count from 1 here. One that this decision has begun
 * counts: a step that an act has met goes on as the next one before the rating that comes with it is looked at. */
static uint32_t waits_behind(const core_decider *d, uint32_t alert, uint32_t ladder, uint32_t step)
{
    const core_state *state = d->state;
    uint32_t first = 0;
    for (size_t i = 0; i < d->count; i++) {
        const Mash__V1__ClockStarted *begun = d->facts[i]->kind == FACT_CLOCK_STARTED ? d->facts[i]->clock_started : NULL;
        bool is_step = begun != NULL && begun->purpose == MASH__V1__CLOCK_PURPOSE__CLOCK_PURPOSE_ESCALATION &&
                       begun->alert == alert && begun->item == ladder && begun->step > step;
        if (is_step && (first == 0 || begun->step < first)) first = begun->step;
    }
    if (alert > state->alerts.count) return first;
    for (uint32_t at = core_alerts_at(state, alert)->clocks; at != 0; at = core_clocks_at(state, at)->next) {
        const core_clock_run *clock = core_clocks_at(state, at);
        bool is_step = clock->purpose == MASH__V1__CLOCK_PURPOSE__CLOCK_PURPOSE_ESCALATION && clock->step > step;
        if (is_step && (first == 0 || clock->step < first) && core_ladder_today(state, clock) == (int32_t)ladder &&
            core_clock_goes_on(d, at))
            first = clock->step;
    }
    return first;
}

/* What people have done, and what they are asked for again although a ladder may have gone past it (E5); bit n = core_met_by n. */
typedef struct asking {
    uint32_t met, again;
    bool beside; /* nothing else: a step ran out beside which the ladder went on, and may have taken what comes behind it */
} asking;

enum {
    ASKED_OF_NOBODYS = 1 << CORE_MET_CLAIMED,
    ASKED_OF_GRAVER = 1 << CORE_MET_SEEN | 1 << CORE_MET_CLAIMED | 1 << CORE_MET_RATED,
};

static asking asking_of(const core_state *state, uint32_t alert, uint32_t met)
{
    bool is_graver = alert <= state->alerts.count && core_alerts_at(state, alert)->graver;
    return (asking){.met = core_met_with(met), .again = is_graver ? ASKED_OF_GRAVER : ASKED_OF_NOBODYS};
}

/* Where a ladder goes on behind a step: to a step that is begun, or to one that waits already. */
typedef struct onward {
    enum { NO_MORE, BEGINS, WAITS_ALREADY } how;
    uint32_t step; /* from 0 */
    int64_t from_ms;
    bool beside; /* what begins */
} onward;

/* The times of steps that are met count, so that "two hours and nobody has rated it" is said after two hours. Where a later step waits
 * already, the ladder had gone past those before it: only what is asked again can be missing (E1, E5). */
static onward behind(const core_decider *d, uint32_t alert, uint32_t ladder, uint32_t step, int64_t from_ms, asking people)
{
    const core_policy *policy = core_policy_now(d->state);
    const core_ladder *row = &policy->ladders[ladder];
    uint32_t waits = waits_behind(d, alert, ladder, step);
    for (; step < row->step_count; step++) {
        const core_clock_row *rule = &policy->clocks[row->steps[step].clock];
        if (step + 1 == waits) return (onward){.how = WAITS_ALREADY};
        bool beside = waits != 0 || people.beside;
        bool is_past = beside && (people.again >> rule->met_by & 1) == 0;
        if (!is_past && (people.met >> rule->met_by & 1) == 0)
            return (onward){.how = BEGINS, .step = step, .from_ms = from_ms, .beside = beside};
        from_ms = core_calendar_due(&policy->calendars[rule->calendar], rule->kind, rule->amount, rule->roll, from_ms).due_ms;
    }
    return (onward){.how = NO_MORE};
}

/* Goes on behind `step`, of which the time was over at `from_ms`; whether anything is left of the ladder. */
static bool go_on(core_decider *d, uint32_t alert, uint32_t ladder, uint32_t step, int64_t from_ms, asking people,
                  uint32_t *started)
{
    onward next = behind(d, alert, ladder, step, from_ms, people);
    if (next.how == BEGINS) {
        core_clock_new what = {.alert = alert,
                               .rule = core_policy_now(d->state)->ladders[ladder].steps[next.step].clock,
                               .purpose = MASH__V1__CLOCK_PURPOSE__CLOCK_PURPOSE_ESCALATION,
                               .item = ladder,
                               .step = next.step + 1,
                               .from_ms = next.from_ms,
                               .beside = next.beside};
        (void)core_clock_start(d, what, started);
    }
    return next.how != NO_MORE;
}

void core_ladders_start(core_decider *d, core_ladder_start_at at, uint32_t *started)
{
    const core_policy *policy = core_policy_now(d->state);
    asking people = asking_of(d->state, at.alert, at.met);
    if (at.graver) people.again = ASKED_OF_GRAVER;
    bool is_served = policy->ladder_count == 0; /* adopted before there were ladders: it was said then that nothing escalates */
    for (uint32_t i = 0; i < policy->ladder_count; i++) {
        if (!core_ladder_takes(policy, &policy->ladders[i], at.queue, at.area, at.rating)) continue;
        is_served = true;
        (void)go_on(d, at.alert, i, 0, at.from_ms, people, started);
    }
    if (!is_served) core_alarm_in(d, MASH__V1__ALARM_KIND__ALARM_KIND_NO_LADDER, at.alert, at.area); /* E6 */
}

/* When this step (from 1) would be due if the ladder were begun now. */
static int64_t due_begun(const core_policy *policy, const core_ladder *ladder, uint32_t step, int64_t from_ms)
{
    for (uint32_t i = 0; i < step && i < ladder->step_count; i++) {
        const core_clock_row *row = &policy->clocks[ladder->steps[i].clock];
        from_ms = core_calendar_due(&policy->calendars[row->calendar], row->kind, row->amount, row->roll, from_ms).due_ms;
    }
    return from_ms;
}

void core_ladders_tighten(core_decider *d, core_ladder_start_at at, uint32_t *started)
{
    const core_state *state = d->state;
    const core_policy *policy = core_policy_now(state);
    for (uint32_t number = core_alerts_at(state, at.alert)->clocks; number != 0; number = core_clocks_at(state, number)->next) {
        const core_clock_run *clock = core_clocks_at(state, number);
        bool is_step = clock->purpose == MASH__V1__CLOCK_PURPOSE__CLOCK_PURPOSE_ESCALATION && core_clock_goes_on(d, number);
        int32_t ladder = is_step ? core_ladder_today(state, clock) : -1;
        if (ladder < 0 || (policy->ladders[ladder].ratings >> at.rating & 1) == 0) continue;
        bool is_put_off = clock->state == CORE_CLOCK_HELD ||
                          due_begun(policy, &policy->ladders[ladder], clock->step, at.from_ms) < clock->due_ms;
        if (is_put_off) core_clock_stop(d, number, MASH__V1__STOP_CAUSE__STOP_CAUSE_REPLACED);
    }
    at.graver = true;
    core_ladders_start(d, at, started);
}

uint32_t core_met_without_owner(const core_state *state, uint32_t alert)
{
    return core_alert_met(state, alert) & ~(UINT32_C(1) << CORE_MET_CLAIMED);
}

void core_ladders_start_again(core_decider *d, uint32_t alert, uint32_t met, int64_t from_ms, uint32_t *started)
{
    const core_alert_row *row = core_alerts_at(d->state, alert);
    if (row->ended) return;
    int32_t queue = core_policy_queue(core_policy_now(d->state), row->queue);
    if (queue < 0) {
        core_alarm_about(d, MASH__V1__ALARM_KIND__ALARM_KIND_NO_ROUTE, alert);
        return;
    }
    core_ladders_start(d,
                       (core_ladder_start_at){
                           .alert = alert,
                           .queue = (uint32_t)queue,
                           .area = row->area,
                           .rating = (Mash__V1__Rating)row->rating,
                           .from_ms = from_ms,
                           .met = met,
                       },
                       started);
    core_tell_out_of_hours(d, alert, (Mash__V1__Rating)row->rating);
}

/* ---- telling --------------------------------------------------------------------------------------------------------------- */
void core_tell_events(core_decider *d, uint32_t queue_position, uint32_t alert)
{
    enum { EVENTS_MAX = 64 };
    const core_state *state = d->state;
    const core_alert_row *row = core_alerts_at(state, alert);
    uint32_t skipped = row->event_count > EVENTS_MAX ? row->event_count - EVENTS_MAX : 0;
    uint32_t queue = core_policy_now(state)->queues[queue_position].number;
    for (uint32_t at = row->first_event; at != 0; at = core_sequences_at(state, at)->next) {
        if (skipped > 0) {
            skipped--;
            continue;
        }
        if (core_event_given(state, core_sequences_at(state, at)->sequence, queue, alert)) continue;
        core_telling said = {.kind = MASH__V1__DELIVERY_KIND__DELIVERY_KIND_MOVED_HERE,
                             .alert = alert,
                             .event_sequence = core_sequences_at(state, at)->sequence};
        core_tell(d, core_policy_now(state), queue_position, (Mash__V1__Sensitivity)row->sensitivity, said);
    }
}

void core_tell_out_of_hours(core_decider *d, uint32_t alert, Mash__V1__Rating rating)
{
    const core_policy *policy = core_policy_now(d->state);
    const core_alert_row *row = core_alerts_at(d->state, alert);
    int64_t now_ms = d->command->at_ms;
    if (!policy->ratings[rating].out_of_hours_too || core_calendar_is_open(&policy->calendars[0], now_ms)) return;
    int32_t today = core_calendar_day(&policy->calendars[0], now_ms, NULL);
    int32_t queue = core_policy_route(policy, "out_of_hours", row->area, today);
    if (queue >= 0 && core_queue_cleared(policy, (uint32_t)queue, (Mash__V1__Sensitivity)row->sensitivity)) {
        core_tell_events(d, (uint32_t)queue, alert);
    } else {
        core_alarm_about(d, MASH__V1__ALARM_KIND__ALARM_KIND_NO_ROUTE, alert);
    }
}

bool core_tell_managers(core_decider *d, uint32_t queue_position, uint32_t alert, core_telling said)
{
    const core_policy *policy = core_policy_now(d->state);
    bool any = false;
    for (uint32_t i = 0; i < policy->team_count; i++) {
        const core_team *team = &policy->teams[i];
        if (!core_team_has(team, queue_position) || team->manager_queue < 0) continue;
        core_tell(d, policy, (uint32_t)team->manager_queue, (Mash__V1__Sensitivity)core_alerts_at(d->state, alert)->sensitivity,
                  said);
        any = true;
    }
    return any;
}

/* Who holds this role today, in a team that works the queue, and is no party; numbers into `staff`, returns how many. */
static uint32_t role_holders(const core_state *state, const core_policy *policy, uint32_t alert, uint32_t queue_position,
                             uint32_t role, int32_t day, uint32_t *staff, uint32_t capacity)
{
    Mash__V1__Sensitivity sensitivity = (Mash__V1__Sensitivity)core_alerts_at(state, alert)->sensitivity;
    uint32_t count = 0;
    /* who may not see it cannot be told, and so cannot hold the step */
    if (!core_queue_cleared(policy, queue_position, sensitivity)) return 0;
    if (sensitivity >= MASH__V1__SENSITIVITY__SENSITIVITY_RESTRICTED && !policy->roles[role].restricted) return 0;
    for (uint32_t i = 0; i < policy->staff_count && count < capacity; i++) {
        const core_staff_row *row = &policy->staff[i];
        if (row->role != role || !core_effective_on(&row->effective, day)) continue;
        if (!core_team_has(&policy->teams[row->team], queue_position)) continue;
        if (core_alert_party(state, alert, row->number)) continue;
        staff[count++] = row->number;
    }
    return count;
}

/* One step; whether somebody was there to be told. */
static bool take_step(core_decider *d, uint32_t alert, uint32_t ladder, uint32_t step, uint32_t clock, int64_t due_ms)
{
    enum { HOLDERS_MAX = 16 };
    const core_state *state = d->state;
    const core_policy *policy = core_policy_now(state);
    const core_alert_row *row = core_alerts_at(state, alert);
    const core_step *rule = &policy->ladders[ladder].steps[step];
    int32_t today = core_calendar_day(&policy->calendars[0], d->command->at_ms, NULL);
    int32_t own = core_policy_queue(policy, row->queue);
    int32_t queue = core_policy_serves(policy, own < 0 ? 0 : (uint32_t)own, rule->service) && own >= 0
                        ? own
                        : core_policy_route(policy, rule->service, row->area, today);
    Mash__V1__Escalated *fact = core_decide_add(d, FACT_ESCALATED);
    if (fact == NULL) return true;
    fact->alert = alert;
    fact->ladder = ladder;
    fact->step = step + 1;
    fact->policy = state->policies.count;
    fact->due_ms = due_ms;
    fact->staff = hub_arena_take(d->arena, HOLDERS_MAX * sizeof *fact->staff);
    if (fact->staff == NULL) {
        d->failed = true;
        return true;
    }
    if (queue >= 0)
        fact->n_staff = role_holders(state, policy, alert, (uint32_t)queue, rule->role, today, fact->staff, HOLDERS_MAX);
    core_telling said = {
        .kind = MASH__V1__DELIVERY_KIND__DELIVERY_KIND_ESCALATED, .alert = alert, .clock = clock, .item = step + 1};
    if (fact->n_staff > 0) {
        core_tell(d, policy, (uint32_t)queue, (Mash__V1__Sensitivity)row->sensitivity, said);
        if (rule->with_events) core_tell_events(d, (uint32_t)queue, alert);
        return true;
    }
    core_alarm_about(d, MASH__V1__ALARM_KIND__ALARM_KIND_NO_HOLDER, alert); /* E3 */
    if (own >= 0) (void)core_tell_managers(d, (uint32_t)own, alert, said);
    if (queue >= 0 && queue != own) (void)core_tell_managers(d, (uint32_t)queue, alert, said);
    return false;
}

void core_ladders_go_on(core_decider *d, uint32_t alert, Mash__V1__Rating rating, uint32_t met, uint32_t *started)
{
    const core_state *state = d->state;
    asking people = asking_of(state, alert, met | core_alert_met(state, alert));
    for (uint32_t at = core_alerts_at(state, alert)->clocks; at != 0; at = core_clocks_at(state, at)->next) {
        const core_clock_run *clock = core_clocks_at(state, at);
        bool is_step = clock->purpose == MASH__V1__CLOCK_PURPOSE__CLOCK_PURPOSE_ESCALATION && core_clock_goes_on(d, at);
        if (!is_step || (people.met >> core_clock_rule(state, clock)->met_by & 1) == 0) continue;
        int32_t ladder = core_ladder_today(state, clock);
        if (ladder >= 0 && (core_policy_now(state)->ladders[ladder].ratings >> rating & 1) != 0)
            (void)go_on(d, clock->alert, (uint32_t)ladder, clock->step, clock->due_ms, people, started);
    }
}

void core_escalate(core_decider *d, uint32_t number, uint32_t *started)
{
    const core_state *state = d->state;
    const core_clock_run *clock = core_clocks_at(state, number);
    const core_policy *policy = core_policy_now(state);
    asking people = asking_of(state, clock->alert, core_alert_met(state, clock->alert));
    int32_t ladder =
        core_ladder_today(state, clock); /* the policy may have changed: the ladder of this id goes on, at the same step */
    uint32_t step = clock->step - 1;
    if (ladder < 0 || step >= policy->ladders[ladder].step_count) {
        core_alarm_about(d, MASH__V1__ALARM_KIND__ALARM_KIND_LADDER_ENDED, clock->alert);
        core_ladders_start_again(d, clock->alert, people.met, d->command->at_ms, started);
        return;
    }
    people.beside = clock->beside != 0;
    core_tell_out_of_hours(d, clock->alert, (Mash__V1__Rating)core_alerts_at(state, clock->alert)->rating);
    bool is_taken = take_step(d, clock->alert, (uint32_t)ladder, step, number, clock->due_ms);
    while (!is_taken) { /* E3 */
        onward next = behind(d, clock->alert, (uint32_t)ladder, step + 1, clock->due_ms, people);
        if (next.how != BEGINS) break;
        step = next.step;
        is_taken = take_step(d, clock->alert, (uint32_t)ladder, step, number, clock->due_ms);
    }
    if (!go_on(d, clock->alert, (uint32_t)ladder, step + 1, clock->due_ms, people, started))
        core_alarm_about(d, MASH__V1__ALARM_KIND__ALARM_KIND_LADDER_ENDED, clock->alert); /* E4 */
}
