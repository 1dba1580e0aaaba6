/* Ladders: nobody saw, claimed, rated or decided in time, so somebody else hears of it. A step tells; no step ends anything (C7).
 *
 * Invariants
 *   E1  a step is taken once, never before its time, and only while what it waits for has not been done; what was done for one step
 *       does not end the ladder: the next that waits for more goes on
 *   E2  steps chain from their due instants, not from when they were noticed: after an outage whoever should know by now is told at once
 *   E3  a step whose role nobody holds today is left out at once: an alarm, the managers of both teams, and the next step with it
 *   E4  after the last step there is an alarm; the alert stays open
 */
#include "core/acts.h"

#include <string.h>

/* A ladder for the area is taken instead of one for every area. */
static bool is_overridden(const core_policy *policy, const core_ladder *ladder, const char *area, Mash__V1__Rating rating)
{
    if (ladder->area[0] != '\0') return false;
    for (uint32_t i = 0; i < policy->ladder_count; i++) {
        const core_ladder *other = &policy->ladders[i];
        if (strcmp(other->area, area) == 0 && strcmp(other->service, ladder->service) == 0 && (other->ratings >> rating & 1) != 0)
            return true;
    }
    return false;
}

int32_t core_ladder_today(const core_state *state, const core_clock_run *clock)
{
    const core_policy *policy = core_policy_now(state);
    const core_policy *begun = core_policy_numbered(state, clock->policy);
    for (uint32_t i = 0; i < policy->ladder_count; i++) {
        if (strcmp(policy->ladders[i].id, begun->ladders[clock->item].id) == 0) return (int32_t)i;
    }
    return -1;
}

/* Also when this decision has begun it: a step that another act of the same decision has met goes on as the next one. */
static bool runs(const core_decider *d, uint32_t alert, uint32_t ladder)
{
    const core_state *state = d->state;
    for (size_t i = 0; i < d->count; i++) {
        const Mash__V1__ClockStarted *begun = d->facts[i]->kind == 50 ? d->facts[i]->clock_started : NULL;
        if (begun != NULL && begun->alert == alert && begun->item == ladder &&
            begun->purpose == MASH__V1__CLOCK_PURPOSE__CLOCK_PURPOSE_ESCALATION)
            return true;
    }
    if (alert > state->alerts.count) return false;
    for (uint32_t at = core_alerts_at(state, alert)->clocks; at != 0; at = core_clocks_at(state, at)->next) {
        const core_clock_run *clock = core_clocks_at(state, at);
        bool is_step = clock->purpose == MASH__V1__CLOCK_PURPOSE__CLOCK_PURPOSE_ESCALATION;
        if (is_step && core_clock_goes_on(d, at) && core_ladder_today(state, clock) == (int32_t)ladder) return true;
    }
    return false;
}

/* Starts the first step from `step` on (0-based) that is not met; those that are met take no time. */
static bool start_step(core_decider *d, uint32_t alert, uint32_t ladder, uint32_t step, int64_t from_ms, uint32_t met,
                       uint32_t *started)
{
    const core_policy *policy = core_policy_now(d->state);
    const core_ladder *row = &policy->ladders[ladder];
    for (; step < row->step_count; step++) {
        const core_clock_row *clock = &policy->clocks[row->steps[step].clock];
        if ((met >> clock->met_by & 1) != 0) continue;
        core_clock_new what = {.alert = alert,
                               .rule = row->steps[step].clock,
                               .purpose = MASH__V1__CLOCK_PURPOSE__CLOCK_PURPOSE_ESCALATION,
                               .item = ladder,
                               .step = step + 1,
                               .from_ms = from_ms};
        (void)core_clock_start(d, what, started);
        return true;
    }
    return false;
}

void core_ladders_start(core_decider *d, core_ladder_start_at at, uint32_t *started)
{
    const core_policy *policy = core_policy_now(d->state);
    uint32_t met = core_met_with(at.met);
    for (uint32_t i = 0; i < policy->ladder_count; i++) {
        const core_ladder *ladder = &policy->ladders[i];
        bool is_for_it = (ladder->ratings >> at.rating & 1) != 0 && core_policy_serves(policy, at.queue, ladder->service) &&
                         (ladder->area[0] == '\0' || strcmp(ladder->area, at.area) == 0);
        if (!is_for_it || is_overridden(policy, ladder, at.area, at.rating) || runs(d, at.alert, i)) continue;
        (void)start_step(d, at.alert, i, 0, at.from_ms, met, started);
    }
}

/* When the ladder's first step that is not met would be due, begun now, and which it is (from 1); 0 = none is left. */
static uint32_t first_step(const core_policy *policy, const core_ladder *ladder, uint32_t met, int64_t from_ms, int64_t *due_ms)
{
    for (uint32_t step = 0; step < ladder->step_count; step++) {
        const core_clock_row *row = &policy->clocks[ladder->steps[step].clock];
        if ((met >> row->met_by & 1) != 0) continue;
        *due_ms = core_calendar_due(&policy->calendars[row->calendar], row->kind, row->amount, row->roll, from_ms).due_ms;
        return step + 1;
    }
    return 0;
}

void core_ladders_tighten(core_decider *d, core_ladder_start_at at, uint32_t *started)
{
    const core_state *state = d->state;
    const core_policy *policy = core_policy_now(state);
    uint32_t met = core_met_with(at.met);
    for (uint32_t number = core_alerts_at(state, at.alert)->clocks; number != 0; number = core_clocks_at(state, number)->next) {
        const core_clock_run *clock = core_clocks_at(state, number);
        bool is_step = clock->purpose == MASH__V1__CLOCK_PURPOSE__CLOCK_PURPOSE_ESCALATION && core_clock_goes_on(d, number);
        int32_t ladder = is_step ? core_ladder_today(state, clock) : -1;
        if (ladder < 0 || (policy->ladders[ladder].ratings >> at.rating & 1) == 0) continue;
        int64_t due_ms = 0;
        uint32_t first = first_step(policy, &policy->ladders[ladder], met, at.from_ms, &due_ms);
        bool is_passed = first != 0 && first < clock->step;
        bool is_sooner = first == clock->step && (clock->state == CORE_CLOCK_HELD || due_ms < clock->due_ms);
        if (is_passed || is_sooner) core_clock_stop(d, number, MASH__V1__STOP_CAUSE__STOP_CAUSE_REPLACED);
    }
    core_ladders_start(d, at, started);
}

uint32_t core_met_without_owner(const core_state *state, uint32_t alert)
{
    return core_alert_met(state, alert) & ~(UINT32_C(1) << CORE_MET_CLAIMED);
}

/* Nobody has it any more: a ladder that had gone past the steps that wait for a claim stops where it is, to begin with them again. */
static void stop_past_claims(core_decider *d, uint32_t alert)
{
    const core_state *state = d->state;
    const core_policy *policy = core_policy_now(state);
    for (uint32_t at = core_alerts_at(state, alert)->clocks; at != 0; at = core_clocks_at(state, at)->next) {
        const core_clock_run *clock = core_clocks_at(state, at);
        bool is_step = clock->purpose == MASH__V1__CLOCK_PURPOSE__CLOCK_PURPOSE_ESCALATION && core_clock_goes_on(d, at);
        int32_t ladder = is_step ? core_ladder_today(state, clock) : -1;
        for (uint32_t k = 0; ladder >= 0 && k + 1 < clock->step && k < policy->ladders[ladder].step_count; k++) {
            if (policy->clocks[policy->ladders[ladder].steps[k].clock].met_by == CORE_MET_CLAIMED)
                core_clock_stop(d, at, MASH__V1__STOP_CAUSE__STOP_CAUSE_REPLACED);
        }
    }
}

void core_ladders_start_again(core_decider *d, uint32_t alert, uint32_t met, uint32_t *started)
{
    const core_alert_row *row = core_alerts_at(d->state, alert);
    if (row->ended) return;
    int32_t queue = core_policy_queue(core_policy_now(d->state), row->queue);
    if (queue < 0) {
        core_alarm(d, MASH__V1__ALARM_KIND__ALARM_KIND_NO_ROUTE);
        return;
    }
    stop_past_claims(d, alert);
    core_ladders_start(d,
                       (core_ladder_start_at){
                           .alert = alert,
                           .queue = (uint32_t)queue,
                           .area = row->area,
                           .rating = (Mash__V1__Rating)row->rating,
                           .from_ms = d->command->at_ms,
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
        core_alarm(d, MASH__V1__ALARM_KIND__ALARM_KIND_NO_ROUTE);
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

uint32_t core_role_holders(const core_state *state, const core_policy *policy, uint32_t alert, uint32_t queue_position,
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
    Mash__V1__Escalated *fact = core_decide_add(d, 102);
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
        fact->n_staff = core_role_holders(state, policy, alert, (uint32_t)queue, rule->role, today, fact->staff, HOLDERS_MAX);
    core_telling said = {
        .kind = MASH__V1__DELIVERY_KIND__DELIVERY_KIND_ESCALATED, .alert = alert, .clock = clock, .item = step + 1};
    if (fact->n_staff > 0) {
        core_tell(d, policy, (uint32_t)queue, (Mash__V1__Sensitivity)row->sensitivity, said);
        if (rule->with_events) core_tell_events(d, (uint32_t)queue, alert);
        return true;
    }
    core_alarm(d, MASH__V1__ALARM_KIND__ALARM_KIND_NO_HOLDER); /* E3 */
    if (own >= 0) (void)core_tell_managers(d, (uint32_t)own, alert, said);
    if (queue >= 0 && queue != own) (void)core_tell_managers(d, (uint32_t)queue, alert, said);
    return false;
}

/* The times of steps that are met count, so that "two hours and nobody has rated it" is said after two hours. */
static void go_on(core_decider *d, const core_clock_run *clock, uint32_t ladder, uint32_t met, uint32_t *started)
{
    const core_policy *policy = core_policy_now(d->state);
    const core_ladder *row = &policy->ladders[ladder];
    int64_t from_ms = clock->due_ms;
    uint32_t step = clock->step;
    for (; step < row->step_count; step++) {
        const core_clock_row *rule = &policy->clocks[row->steps[step].clock];
        if ((met >> rule->met_by & 1) == 0) break;
        from_ms = core_calendar_due(&policy->calendars[rule->calendar], rule->kind, rule->amount, rule->roll, from_ms).due_ms;
    }
    (void)start_step(d, clock->alert, ladder, step, from_ms, met, started);
}

void core_ladders_go_on(core_decider *d, uint32_t alert, Mash__V1__Rating rating, uint32_t met, uint32_t *started)
{
    const core_state *state = d->state;
    met = core_met_with(met | core_alert_met(state, alert));
    for (uint32_t at = core_alerts_at(state, alert)->clocks; at != 0; at = core_clocks_at(state, at)->next) {
        const core_clock_run *clock = core_clocks_at(state, at);
        bool is_step = clock->purpose == MASH__V1__CLOCK_PURPOSE__CLOCK_PURPOSE_ESCALATION && core_clock_goes_on(d, at);
        if (!is_step || (met >> core_clock_rule(state, clock)->met_by & 1) == 0) continue;
        int32_t ladder = core_ladder_today(state, clock);
        if (ladder >= 0 && (core_policy_now(state)->ladders[ladder].ratings >> rating & 1) != 0)
            go_on(d, clock, (uint32_t)ladder, met, started);
    }
}

void core_escalate(core_decider *d, uint32_t number, uint32_t *started)
{
    const core_state *state = d->state;
    const core_clock_run *clock = core_clocks_at(state, number);
    const core_policy *policy = core_policy_now(state);
    uint32_t met = core_met_with(core_alert_met(state, clock->alert));
    int32_t ladder =
        core_ladder_today(state, clock); /* the policy may have changed: the ladder of this id goes on, at the same step */
    uint32_t step = clock->step - 1;
    if (ladder < 0 || step >= policy->ladders[ladder].step_count) {
        core_alarm(d, MASH__V1__ALARM_KIND__ALARM_KIND_LADDER_ENDED);
        core_ladders_start_again(d, clock->alert, met, started);
        return;
    }
    const core_ladder *row = &policy->ladders[ladder];
    core_tell_out_of_hours(d, clock->alert, (Mash__V1__Rating)core_alerts_at(state, clock->alert)->rating);
    bool is_taken = take_step(d, clock->alert, (uint32_t)ladder, step++, number, clock->due_ms);
    for (; !is_taken && step < row->step_count; step++) { /* E3 */
        if ((met >> policy->clocks[row->steps[step].clock].met_by & 1) == 0)
            is_taken = take_step(d, clock->alert, (uint32_t)ladder, step, number, clock->due_ms);
    }
    if (!start_step(d, clock->alert, (uint32_t)ladder, step, clock->due_ms, met, started))
        core_alarm(d, MASH__V1__ALARM_KIND__ALARM_KIND_LADDER_ENDED); /* E4 */
}
