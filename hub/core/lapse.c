/* Clocks that have run out (P4), and owners who have left. A lapse tells, takes a step, ends a claim or a hold; it never ends an alert (C7).
 *
 * Invariants
 *   Y1  a clock lapses once, never before it is due, and only while it runs: what is held, met, replaced or ended does not lapse
 *   Y2  clocks lapse in order of their due instants, and of their numbers where these are equal; of one instant some may lapse a tick
 *       later than others (Y3), and nothing due later goes before them
 *   Y3  of one alert several deadlines may lapse in one tick, or one clock of another kind and nothing beside it: what a lapse does rests on
 *       the state before the tick
 *   Y4  a tick decides at most CORE_TICK_TIMERS_MAX clocks and no more facts than a decision may have, but always one clock: what is left is
 *       due in the next tick, so no lapse is lost however many are due
 *   Y5  a lapse says how late it is, and why when that is more than a second or the promise was past when it was made; the first cause that
 *       holds: a late rating, a late sender, the hub was away, the machine stood still, load
 *   Y6  what lapses on an alert and who has left it are two decisions: the roster is reviewed in a tick in which nothing lapses
 */
#include "core/acts.h"

enum {
    LAPSE_FACTS_MAX = 1024
}; /* what one alert can add: 64 events to a team, a dozen steps with their managers; or its notices */

static Mash__V1__LateCause late_cause(const core_state *state, const core_clock_run *clock, int64_t late_ms)
{
    enum { PROMPT_MS = 1000 }; /* the shell ticks at least this often */
    if (clock->due_unknown) return MASH__V1__LATE_CAUSE__LATE_CAUSE_DUE_UNKNOWN;
    Mash__V1__LateCause arrival = core_clock_arrival(clock);
    if (arrival != MASH__V1__LATE_CAUSE__LATE_CAUSE_UNSPECIFIED) return arrival;
    if (late_ms <= PROMPT_MS) return MASH__V1__LATE_CAUSE__LATE_CAUSE_UNSPECIFIED;
    if (clock->due_ms < state->numbers.started_ms) return MASH__V1__LATE_CAUSE__LATE_CAUSE_HUB_AWAY;
    if (clock->due_ms < state->numbers.paused_ms) return MASH__V1__LATE_CAUSE__LATE_CAUSE_PAUSE;
    if (clock->due_ms < state->numbers.held_ms) return MASH__V1__LATE_CAUSE__LATE_CAUSE_TIMERS_HELD;
    return MASH__V1__LATE_CAUSE__LATE_CAUSE_LOAD;
}

/* ---- what each kind does --------------------------------------------------------------------------------------------------- */
static void tell_lapsed(core_decider *d, uint32_t number, int32_t queue)
{
    const core_clock_run *clock = core_clocks_at(d->state, number);
    if (queue < 0) return;
    core_tell(
        d, core_policy_now(d->state), (uint32_t)queue, (Mash__V1__Sensitivity)core_alerts_at(d->state, clock->alert)->sensitivity,
        (core_telling){.kind = MASH__V1__DELIVERY_KIND__DELIVERY_KIND_CLOCK_LAPSED, .alert = clock->alert, .clock = number});
}

/* Has somebody been told of this clock since fact `from`, or an alarm been raised for want of anybody? The policy may have dropped the queue
 * since, or lowered what it may see: then a person must look. */
static bool is_heard_of(const core_decider *d, uint32_t number, size_t from)
{
    for (size_t i = from; i < d->count; i++) {
        if (d->facts[i]->kind == FACT_ALARM_RAISED ||
            (d->facts[i]->kind == FACT_DELIVERED && d->facts[i]->delivered->clock == number))
            return true;
    }
    return false;
}

/* The day has come: what was sent at once, in the holidays perhaps, is given again to who has it. */
static void give_notices_again(core_decider *d, uint32_t number)
{
    enum { NOTICES_MAX = LAPSE_FACTS_MAX / 2 }; /* Y4: of more, a person must look */
    const core_state *state = d->state;
    size_t before = d->count;
    const core_clock_run *clock = core_clocks_at(state, number);
    uint32_t at = clock->due_unknown ? 0 : core_alerts_at(state, clock->alert)->first_event; /* 0: it has just been sent */
    for (; at != 0; at = core_sequences_at(state, at)->next) {
        uint32_t event = core_event_of_sequence(state, core_sequences_at(state, at)->sequence);
        if (event == 0 || core_events_at(state, event)->withdrawn) continue;
        for (uint32_t i = core_events_at(state, event)->given; i != 0; i = core_given_at(state, i)->next) {
            const core_given_row *given = core_given_at(state, i);
            if (given->alert == 0 && core_clock_watches(state, clock, given->queue))
                core_tell_notice_again(d, event, given->queue, number);
        }
        if (d->count - before < NOTICES_MAX) continue;
        core_alarm_about(d, MASH__V1__ALARM_KIND__ALARM_KIND_NO_ROUTE, clock->alert);
        return;
    }
}

/* A deadline: the alert's own queue hears of it, and whom the clock names besides. */
static void on_deadline(core_decider *d, uint32_t number, uint32_t *started)
{
    (void)started;
    const core_state *state = d->state;
    const core_policy *policy = core_policy_now(state);
    const core_clock_run *clock = core_clocks_at(state, number);
    const core_alert_row *alert = core_alerts_at(state, clock->alert);
    int32_t today = core_calendar_day(&policy->calendars[0], d->command->at_ms, NULL);
    const char *also = core_clock_rule(state, clock)->on_lapse_service;
    if (core_clock_rule(state, clock)->met_by == CORE_MET_NOTICED) {
        give_notices_again(d, number);
        if (!core_notices_unseen(state, clock, 0)) return; /* it was seen in time, in the holidays */
    }
    size_t before = d->count; /* who is given a notice again hears of that alone */
    int32_t own = core_policy_queue(policy, alert->queue);
    int32_t other = also[0] == '\0' ? -1 : core_policy_route(policy, also, alert->area, today);
    tell_lapsed(d, number, own);
    if (other != own) tell_lapsed(d, number, other);
    if (!is_heard_of(d, number, before)) core_alarm_about(d, MASH__V1__ALARM_KIND__ALARM_KIND_NO_ROUTE, clock->alert);
}

/* The hub acts on an alert: a version of its own, by nobody on the roster. */
static void act_of_hub(core_decider *d, uint32_t alert, Mash__V1__ActKind kind)
{
    Mash__V1__Acted *fact = core_decide_add(d, FACT_ACTED);
    if (fact == NULL) return;
    fact->act = kind;
    fact->alert = alert;
    fact->version = core_alerts_at(d->state, alert)->version + 1;
}

static void tell_teams(core_decider *d, uint32_t alert, core_telling said)
{
    const core_policy *policy = core_policy_now(d->state);
    const core_alert_row *row = core_alerts_at(d->state, alert);
    for (uint32_t at = row->told; at != 0; at = core_told_at(d->state, at)->next) {
        int32_t queue = core_policy_queue(policy, core_told_at(d->state, at)->queue);
        if (queue >= 0 && !policy->queues[queue].is_agency)
            core_tell(d, policy, (uint32_t)queue, (Mash__V1__Sensitivity)row->sensitivity, said);
    }
}

/* Claimed, and then nothing: it is nobody's again, and the ladder begins anew. */
static void on_claim(core_decider *d, uint32_t number, uint32_t *started)
{
    uint32_t alert = core_clocks_at(d->state, number)->alert;
    act_of_hub(d, alert, MASH__V1__ACT_KIND__ACT_KIND_RELEASE);
    Mash__V1__OwnerChanged *fact = core_decide_add(d, FACT_OWNER_CHANGED);
    if (fact == NULL) return;
    fact->alert = alert;
    fact->cause = MASH__V1__OWNER_CAUSE__OWNER_CAUSE_EXPIRED;
    core_ladders_start_again(d, alert, core_met_without_owner(d->state, alert), core_clocks_at(d->state, number)->due_ms,
                             started); /* E2 */
    tell_teams(d, alert,
               (core_telling){.kind = MASH__V1__DELIVERY_KIND__DELIVERY_KIND_CLOCK_LAPSED, .alert = alert, .clock = number});
}

/* The hold ends when it was to end, also when the hub was away then; the owner has the time of a claim from now. */
static void on_hold(core_decider *d, uint32_t number, uint32_t *started)
{
    uint32_t alert = core_clocks_at(d->state, number)->alert;
    const core_alert_row *row = core_alerts_at(d->state, alert);
    act_of_hub(d, alert, MASH__V1__ACT_KIND__ACT_KIND_RESUME);
    core_resume(d, alert, 0, core_clocks_at(d->state, number)->due_ms);
    if (row->owner != 0) core_claim_start(d, alert, (Mash__V1__Rating)row->rating, started);
    tell_teams(d, alert,
               (core_telling){.kind = MASH__V1__DELIVERY_KIND__DELIVERY_KIND_CLOCK_LAPSED, .alert = alert, .clock = number});
}

/* An agency has not answered, or has not looked at what came of its referral: it hears so, its managers, and who waits for it. */
static void on_agency(core_decider *d, uint32_t number, uint32_t *started)
{
    (void)started;
    const core_state *state = d->state;
    const core_policy *policy = core_policy_now(state);
    const core_clock_run *clock = core_clocks_at(state, number);
    bool is_request = clock->purpose == MASH__V1__CLOCK_PURPOSE__CLOCK_PURPOSE_REQUEST;
    uint32_t number_of_queue =
        is_request ? core_requests_at(state, clock->item)->queue : core_feedbacks_at(state, clock->item)->queue;
    int32_t queue = core_policy_queue(policy, number_of_queue);
    tell_lapsed(d, number, queue);
    tell_lapsed(d, number, core_policy_queue(policy, core_alerts_at(state, clock->alert)->queue));
    if (queue >= 0) {
        core_telling said = {.kind = MASH__V1__DELIVERY_KIND__DELIVERY_KIND_CLOCK_LAPSED, .alert = clock->alert, .clock = number};
        (void)core_tell_managers(d, (uint32_t)queue, clock->alert, said);
    }
}

static void (*const ON_LAPSE[])(core_decider *, uint32_t, uint32_t *) = {
    [MASH__V1__CLOCK_PURPOSE__CLOCK_PURPOSE_DEADLINE] = on_deadline,
    [MASH__V1__CLOCK_PURPOSE__CLOCK_PURPOSE_ESCALATION] = core_escalate,
    [MASH__V1__CLOCK_PURPOSE__CLOCK_PURPOSE_CLAIM] = on_claim,
    [MASH__V1__CLOCK_PURPOSE__CLOCK_PURPOSE_REQUEST] = on_agency,
    [MASH__V1__CLOCK_PURPOSE__CLOCK_PURPOSE_HOLD] = on_hold,
    [MASH__V1__CLOCK_PURPOSE__CLOCK_PURPOSE_FEEDBACK] = on_agency,
    [MASH__V1__CLOCK_PURPOSE__CLOCK_PURPOSE_STAGE] = core_stage_lapsed,
    [MASH__V1__CLOCK_PURPOSE__CLOCK_PURPOSE_ACKNOWLEDGE] = core_disagreement_overdue,
    [MASH__V1__CLOCK_PURPOSE__CLOCK_PURPOSE_OUTCOME] = core_disagreement_overdue,
};

static void lapse(core_decider *d, uint32_t number, uint32_t *started)
{
    size_t before = d->count;
    const core_clock_run *clock = core_clocks_at(d->state, number);
    Mash__V1__ClockLapsed *fact = core_decide_add(d, FACT_CLOCK_LAPSED);
    if (fact == NULL) return;
    fact->clock = number;
    fact->due_ms = clock->due_ms;
    fact->late_ms = clock->due_unknown ? 0 : d->command->at_ms - clock->due_ms;
    fact->cause = late_cause(d->state, clock, fact->late_ms);
    HUB_ASSERT(clock->purpose < sizeof ON_LAPSE / sizeof ON_LAPSE[0] && ON_LAPSE[clock->purpose] != NULL);
    ON_LAPSE[clock->purpose](d, number, started);
    bool looks_itself = clock->purpose == MASH__V1__CLOCK_PURPOSE__CLOCK_PURPOSE_DEADLINE;
    if (!looks_itself && !is_heard_of(d, number, before))
        core_alarm_about(d, MASH__V1__ALARM_KIND__ALARM_KIND_NO_ROUTE, clock->alert);
}

/* ---- owners who have left -------------------------------------------------------------------------------------------------- */

/* Is this person, in none of their rows of today, of a team that works it? */
static bool has_left(const core_state *state, uint32_t alert, uint32_t staff, int32_t today)
{
    const core_policy *policy = core_policy_now(state);
    for (uint32_t i = 0; i < policy->staff_count; i++) {
        const core_staff_row *row = &policy->staff[i];
        if (row->number != staff || !core_effective_on(&row->effective, today)) continue;
        if (core_team_part(state, alert, &policy->teams[row->team]) == CORE_PART_WORKS) return false;
    }
    return true;
}

/* Whoever was asked to take it is still asked; a hold needs an owner, so it ends. */
static void give_back(core_decider *d, uint32_t alert, uint32_t *started)
{
    const core_alert_row *row = core_alerts_at(d->state, alert);
    act_of_hub(d, alert, MASH__V1__ACT_KIND__ACT_KIND_RELEASE);
    Mash__V1__OwnerChanged *fact = core_decide_add(d, FACT_OWNER_CHANGED);
    if (fact == NULL) return;
    fact->alert = alert;
    fact->offered_to = row->offered;
    fact->cause = MASH__V1__OWNER_CAUSE__OWNER_CAUSE_LEFT;
    core_clocks_stop(d, alert, MASH__V1__CLOCK_PURPOSE__CLOCK_PURPOSE_CLAIM, 0, MASH__V1__STOP_CAUSE__STOP_CAUSE_REPLACED);
    if (row->held_ms != 0) {
        core_clocks_stop(d, alert, MASH__V1__CLOCK_PURPOSE__CLOCK_PURPOSE_HOLD, 0, MASH__V1__STOP_CAUSE__STOP_CAUSE_MET);
        core_resume(d, alert, 0, d->command->at_ms);
    }
    core_ladders_start_again(d, alert, core_met_without_owner(d->state, alert), d->command->at_ms, started);
    tell_teams(d, alert, (core_telling){.kind = MASH__V1__DELIVERY_KIND__DELIVERY_KIND_ACT, .alert = alert});
}

/* After a policy was adopted, and on each day on which a row of the roster ends: a leaver's claims return at once. */
static void review_roster(core_decider *d)
{
    enum { LOOKED_AT_MAX = 65536 }; /* in one tick */
    const core_state *state = d->state;
    const core_numbers *numbers = &state->numbers;
    if (numbers->roster_ms == 0 || numbers->roster_ms > d->command->at_ms) return;
    Mash__V1__RosterReviewed *reviewed = core_decide_add(d, FACT_ROSTER_REVIEWED);
    if (reviewed == NULL) return;
    const core_policy *policy = core_policy_now(state);
    int32_t today = core_calendar_day(&policy->calendars[0], d->command->at_ms, NULL);
    uint32_t started = 0;
    uint32_t at = numbers->roster_alert;
    uint32_t last = state->alerts.count - at > LOOKED_AT_MAX ? at + LOOKED_AT_MAX : state->alerts.count;
    while (at < last && d->count <= CORE_DECISION_FACTS_MAX - LAPSE_FACTS_MAX) {
        const core_alert_row *alert = core_alerts_at(state, ++at);
        if (!alert->ended && alert->owner != 0 && has_left(state, at, alert->owner, today)) give_back(d, at, &started);
    }
    reviewed->alert = at == state->alerts.count ? 0 : at;
    reviewed->next_ms = reviewed->alert == 0 ? core_policy_next_leaving(policy, d->command->at_ms) : 0;
}

/* Half a year before a calendar ends, and again as it comes nearer: who adopts no policy meanwhile would never hear. */
static void warn_of_calendars(core_decider *d)
{
    int64_t at_ms = d->state->numbers.calendar_ms;
    if (at_ms != 0 && at_ms <= d->command->at_ms) core_alarm(d, MASH__V1__ALARM_KIND__ALARM_KIND_CALENDAR_ENDS);
}

/* ---- the tick -------------------------------------------------------------------------------------------------------------- */
/* Y3: only plain deadlines may share a tick with another clock of
 * the same alert. The rest wait for the next tick, which comes at once; clocks of other alerts that are due at the same instant need
 * not wait with them, or closing time, when every alert has two clocks due, would take a tick for each. */
typedef struct fired_before {
    uint32_t alerts[CORE_TICK_TIMERS_MAX];
    bool is_plain[CORE_TICK_TIMERS_MAX];
    uint32_t count;
} fired_before;

/* Y3 */
static bool must_wait(fired_before *f, const core_clock_run *clock)
{
    bool is_plain = clock->purpose == MASH__V1__CLOCK_PURPOSE__CLOCK_PURPOSE_DEADLINE;
    for (uint32_t i = 0; i < f->count; i++) {
        if (f->alerts[i] == clock->alert && !(is_plain && f->is_plain[i])) return true;
    }
    f->alerts[f->count] = clock->alert;
    f->is_plain[f->count++] = is_plain;
    return false;
}

/* The due clocks in order, without touching the heap: a place's children can only be next once the place itself was. */
static void lapse_due(core_decider *d)
{
    const core_state *state = d->state;
    enum { FRONTIER_MAX = 4 * CORE_TICK_TIMERS_MAX + 4 };
    uint32_t frontier[FRONTIER_MAX]; /* places in the heap */
    uint32_t count = 0;
    uint32_t started = 0;
    fired_before before = {.count = 0};
    int64_t waits_due_ms = 0; /* of clocks left for the next tick (Y2) */
    if (state->numbers.running > 0) frontier[count++] = 1;
    for (uint32_t seen = 0; seen < CORE_TICK_TIMERS_MAX && count > 0; seen++) {
        /* Y4: a decision with more facts than it may have would be none, and the next tick the same; the first always fits */
        if (d->count > CORE_DECISION_FACTS_MAX - LAPSE_FACTS_MAX) return;
        uint32_t best = 0;
        for (uint32_t i = 1; i < count; i++) {
            const core_clock_run *a = core_clocks_at(state, *core_heap_at(state, frontier[i]));
            const core_clock_run *b = core_clocks_at(state, *core_heap_at(state, frontier[best]));
            bool is_earlier = a->due_ms != b->due_ms ? a->due_ms < b->due_ms
                                                     : *core_heap_at(state, frontier[i]) < *core_heap_at(state, frontier[best]);
            if (is_earlier) best = i;
        }
        uint32_t place = frontier[best];
        uint32_t clock = *core_heap_at(state, place);
        int64_t due_ms = core_clocks_at(state, clock)->due_ms;
        if (due_ms > d->command->at_ms || (waits_due_ms != 0 && due_ms != waits_due_ms)) return;
        frontier[best] = frontier[--count];
        for (uint64_t child = 4 * (uint64_t)place - 2; child <= 4 * (uint64_t)place + 1 && child <= state->numbers.running;
             child++) {
            frontier[count++] = (uint32_t)child;
        }
        if (must_wait(&before, core_clocks_at(state, clock))) {
            waits_due_ms = due_ms;
        } else {
            lapse(d, clock, &started);
        }
    }
}

void core_decide_tick(core_decider *d)
{
    lapse_due(d);
    if (d->count == 0) review_roster(d); /* Y6 */
    if (d->count == 0) warn_of_calendars(d);
}
