/* Clocks that people stop for a while, or move: hold, resume, restate. Statute stands apart: no act moves it (clocks.md). */
#include "core/acts.h"

#include <string.h>

#define MINUTE_MS INT64_C(60000)
#define HOLD_MS_MAX (INT64_C(90) * 24 * 60 * MINUTE_MS)

static bool is_minutes(const core_clock_row *row)
{
    return row->kind == CORE_CLOCK_ELAPSED_MINUTES || row->kind == CORE_CLOCK_WORKING_MINUTES;
}

static bool may_be_held(const core_clock_row *row, const core_clock_run *clock)
{
    bool is_of_alert = clock->purpose == MASH__V1__CLOCK_PURPOSE__CLOCK_PURPOSE_DEADLINE ||
                       clock->purpose == MASH__V1__CLOCK_PURPOSE__CLOCK_PURPOSE_ESCALATION;
    return clock->state == CORE_CLOCK_RUNNING && is_of_alert && !row->statutory;
}

/* The fewest minutes of this kind from `at_ms` that reach the due time: what is left of the clock. */
static int64_t minutes_left(const core_calendar *calendar, const core_clock_row *row, int64_t at_ms, int64_t due_ms)
{
    int32_t low = 0;
    int32_t high = row->amount > 0 ? row->amount : 1;
    while (high < 10000000 && core_calendar_due(calendar, row->kind, high, CORE_ROLL_NONE, at_ms).due_ms < due_ms)
        high = high > 5000000 ? 10000000 : high * 2;
    while (low < high) {
        int32_t middle = low + (high - low) / 2;
        if (core_calendar_due(calendar, row->kind, middle, CORE_ROLL_NONE, at_ms).due_ms >= due_ms) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return low;
}

void core_clock_move(core_decider *d, uint32_t number, core_due due, Mash__V1__MoveCause cause, int64_t left_minutes)
{
    Mash__V1__ClockMoved *fact = core_decide_add(d, FACT_CLOCK_MOVED);
    if (fact == NULL) return;
    fact->clock = number;
    fact->was_due_ms = core_clocks_at(d->state, number)->due_ms;
    fact->due_ms = due.due_ms;
    fact->provisional = due.provisional;
    fact->cause = cause;
    fact->left_minutes = left_minutes;
}

static void hold_until(core_acting *a, int64_t until_ms, uint32_t by, uint32_t second)
{
    const core_state *state = a->d->state;
    int64_t now_ms = a->d->command->at_ms;
    Mash__V1__AlertHeld *fact = core_decide_add(a->d, FACT_ALERT_HELD);
    if (fact == NULL) return;
    fact->alert = a->alert;
    fact->until_ms = until_ms;
    fact->staff = by;
    fact->second = second;
    core_clocks_stop(a->d, a->alert, MASH__V1__CLOCK_PURPOSE__CLOCK_PURPOSE_CLAIM, 0,
                     MASH__V1__STOP_CAUSE__STOP_CAUSE_REPLACED); /* who holds it has it for as long */
    for (uint32_t at = core_acting_alert(a)->clocks; at != 0; at = core_clocks_at(state, at)->next) {
        const core_clock_run *clock = core_clocks_at(state, at);
        const core_clock_row *row = core_clock_rule(state, clock);
        if (!may_be_held(row, clock)) continue;
        core_calendar calendar = core_clock_calendar(state, clock);
        int64_t left = is_minutes(row) ? minutes_left(&calendar, row, now_ms, clock->due_ms) : 0;
        core_clock_move(a->d, at, (core_due){.due_ms = clock->due_ms, .provisional = clock->provisional != 0},
                        MASH__V1__MOVE_CAUSE__MOVE_CAUSE_HELD, left);
    }
    core_clock_new end = {
        .alert = a->alert, .purpose = MASH__V1__CLOCK_PURPOSE__CLOCK_PURPOSE_HOLD, .from_ms = now_ms, .due_ms = until_ms};
    (void)core_clock_start(a->d, end, &a->started);
}

/* Who is to agree works the alert as the first does and may hold; NULL after a refusal. */
static const core_staff_row *second_person(core_acting *a)
{
    const char *id = a->act->hold->second;
    const core_staff_row *second =
        id[0] == '\0' ? NULL : core_act_colleague(a, "hold.second", id, MASH__V1__ACT_KIND__ACT_KIND_HOLD);
    if (a->refused || (second != NULL && second->number != a->staff->number)) return second;
    core_act_refuse(a, "hold.second: an alert of this rating is held by two people");
    return NULL;
}

/* Nothing stands still by one person's word: the second is asked, and everybody who has the alert sees so. */
static void ask_second(core_acting *a, const core_staff_row *second)
{
    size_t head = a->d->count;
    core_act_head(a);
    Mash__V1__HoldAsked *fact = core_decide_add(a->d, FACT_HOLD_ASKED);
    if (fact == NULL) return;
    a->d->facts[head]->acted->asked = true;
    fact->alert = a->alert;
    fact->until_ms = a->act->hold->until_ms;
    fact->staff = a->staff->number;
    fact->second = second->number;
    fact->version = a->version;
    core_claim_renew(a, (Mash__V1__Rating)core_acting_alert(a)->rating);
    core_act_tell(a, MASH__V1__DELIVERY_KIND__DELIVERY_KIND_ACT, 0);
    (void)hub_format(a->d->out->reply.text, sizeof a->d->out->reply.text,
                     "asked: its clocks go on until %s agrees, by holding it too", second->id);
}

/* Asked by somebody else, and nothing has changed since. */
static bool is_asked(const core_acting *a)
{
    const core_alert_row *alert = core_acting_alert(a);
    return alert->asked_of == a->staff->number && alert->asked_version == alert->version && alert->asked_version != 0 &&
           alert->asked_until_ms > a->d->command->at_ms;
}

static void agree(core_acting *a)
{
    const core_alert_row *alert = core_acting_alert(a);
    if (a->act->hold->until_ms != 0 && a->act->hold->until_ms != alert->asked_until_ms) {
        core_act_refuse(a, "hold.until_ms: you were asked to agree to another time; leave it out to agree, or ask for your own");
        return;
    }
    core_act_head(a);
    hold_until(a, alert->asked_until_ms, alert->asked_by, a->staff->number);
    core_act_tell(a, MASH__V1__DELIVERY_KIND__DELIVERY_KIND_ACT, 0);
}

void core_act_hold(core_acting *a)
{
    int64_t now_ms = a->d->command->at_ms;
    int64_t until_ms = a->act->hold->until_ms;
    bool needs_two = a->policy->ratings[core_acting_alert(a)->rating].second_person;
    if (core_acting_alert(a)->held_ms != 0) {
        core_act_refuse(a, "it is held already");
        return;
    }
    if (needs_two && is_asked(a)) {
        agree(a);
        return;
    }
    if (until_ms <= now_ms || until_ms > now_ms + HOLD_MS_MAX) {
        core_act_refuse(a, "hold.until_ms: later than now, and within 90 days");
        return;
    }
    if (!core_act_may_dispose(a, "hold")) return;
    const core_staff_row *second = needs_two ? second_person(a) : NULL;
    if (a->refused) return;
    if (second != NULL) {
        ask_second(a, second);
        return;
    }
    core_act_head(a);
    hold_until(a, until_ms, a->staff->number, 0);
    core_act_tell(a, MASH__V1__DELIVERY_KIND__DELIVERY_KIND_ACT, 0);
}

/* ---- the hold ends --------------------------------------------------------------------------------------------------------- */
/* Closings of working days after `from_ms`, up to and with `to_ms`. A hold has at most 90 days. */
static int32_t closings_between(const core_calendar *calendar, int64_t from_ms, int64_t to_ms)
{
    int32_t count = 0;
    for (int64_t at = from_ms + 1; count < 100;) {
        core_due closing = core_calendar_due(calendar, CORE_CLOCK_WORKING_DAYS, 0, CORE_ROLL_NONE, at);
        if (!closing.known || closing.due_ms > to_ms) return count;
        count++;
        at = closing.due_ms + 1;
    }
    return count;
}

/* Civil days whose close of day has come by this instant, since 1970. */
static int32_t days_closed(const core_calendar *calendar, int64_t at_ms)
{
    int32_t minute;
    int32_t day = core_calendar_day(calendar, at_ms, &minute);
    return day + (minute >= calendar->close_of_day_minute ? 1 : 0);
}

static core_due due_after_hold(const core_calendar *calendar, const core_clock_row *row, const core_clock_run *clock,
                               int64_t held_ms, int64_t ended_ms)
{
    int32_t days;
    switch (row->kind) {
    case CORE_CLOCK_ELAPSED_MINUTES:
    case CORE_CLOCK_WORKING_MINUTES:
        return core_calendar_due(calendar, row->kind, (int32_t)clock->left_minutes, CORE_ROLL_NONE, ended_ms);
    case CORE_CLOCK_WORKING_DAYS:
        days = closings_between(calendar, held_ms, ended_ms);
        if (days > 0) return core_calendar_due(calendar, row->kind, days, CORE_ROLL_NONE, clock->due_ms);
        break;
    case CORE_CLOCK_CALENDAR_DAYS:
    case CORE_CLOCK_CALENDAR_MONTHS:
        days = days_closed(calendar, ended_ms) - days_closed(calendar, held_ms);
        if (days > 0) return core_calendar_due(calendar, CORE_CLOCK_CALENDAR_DAYS, days, row->roll, clock->due_ms);
        break;
    case CORE_CLOCK_NEXT_SCHOOL_DAY:
        return core_calendar_due(calendar, row->kind, 0, CORE_ROLL_NONE, ended_ms);
    default:
        break;
    }
    return (core_due){.due_ms = clock->due_ms, .provisional = clock->provisional != 0, .known = true};
}

/* While it was held an event may have started a deadline of the same name: the earlier of the two stays (C9). */
static bool is_overtaken(core_decider *d, uint32_t held, int64_t due_ms)
{
    const core_clock_run *clock = core_clocks_at(d->state, held);
    if (clock->purpose != MASH__V1__CLOCK_PURPOSE__CLOCK_PURPOSE_DEADLINE) return false;
    uint32_t twin = core_alert_clock(d->state, clock->alert, core_clock_rule(d->state, clock)->id);
    if (twin == 0) return false;
    bool is_later = core_clocks_at(d->state, twin)->due_ms <= due_ms;
    core_clock_stop(d, is_later ? held : twin, MASH__V1__STOP_CAUSE__STOP_CAUSE_REPLACED);
    return is_later;
}

void core_resume(core_decider *d, uint32_t alert, uint32_t staff, int64_t ended_ms)
{
    const core_state *state = d->state;
    Mash__V1__AlertResumed *fact = core_decide_add(d, FACT_ALERT_RESUMED);
    if (fact == NULL) return;
    fact->alert = alert;
    fact->staff = staff;
    int64_t held_ms = core_alerts_at(state, alert)->held_ms;
    for (uint32_t at = core_alerts_at(state, alert)->clocks; at != 0; at = core_clocks_at(state, at)->next) {
        const core_clock_run *clock = core_clocks_at(state, at);
        if (clock->state != CORE_CLOCK_HELD || !core_clock_goes_on(d, at)) continue;
        const core_clock_row *row = core_clock_rule(state, clock);
        core_calendar calendar = core_clock_calendar(state, clock);
        core_due due = due_after_hold(&calendar, row, clock, held_ms, ended_ms);
        if (!is_overtaken(d, at, due.due_ms)) core_clock_move(d, at, due, MASH__V1__MOVE_CAUSE__MOVE_CAUSE_RESUMED, 0);
    }
}

void core_hold_drop(core_acting *a)
{
    if (core_acting_alert(a)->held_ms == 0) return;
    core_clocks_stop(a->d, a->alert, MASH__V1__CLOCK_PURPOSE__CLOCK_PURPOSE_HOLD, 0, MASH__V1__STOP_CAUSE__STOP_CAUSE_MET);
    core_resume(a->d, a->alert, a->staff->number, a->d->command->at_ms);
}

void core_act_resume(core_acting *a)
{
    if (core_acting_alert(a)->held_ms == 0) {
        core_act_refuse(a, "it is not held");
        return;
    }
    if (!core_act_may_dispose(a, "resume")) return;
    core_act_head(a);
    core_hold_drop(a);
    core_claim_start(a->d, a->alert, (Mash__V1__Rating)core_acting_alert(a)->rating, &a->started);
    core_act_tell(a, MASH__V1__DELIVERY_KIND__DELIVERY_KIND_ACT, 0);
}

/* ---- restate --------------------------------------------------------------------------------------------------------------- */
/* The row of today's policy with this id; a policy that has dropped it is no longer asked. */
static const core_clock_row *row_today(const core_policy *policy, const char *id)
{
    for (uint32_t i = 0; i < policy->clock_count; i++) {
        if (strcmp(policy->clocks[i].id, id) == 0) return &policy->clocks[i];
    }
    return NULL;
}

void core_act_restate(core_acting *a)
{
    if (a->disagreement != 0) {
        core_stage_restate(a);
        return;
    }
    const core_state *state = a->d->state;
    const Mash__V1__Restate *said = a->act->restate;
    uint32_t number = core_alert_clock(state, a->alert, said->clock);
    const core_clock_run *clock = number == 0 ? NULL : core_clocks_at(state, number);
    const core_clock_row *row = row_today(a->policy, said->clock);
    const char *why_not = NULL;
    if (clock == NULL)
        why_not = "clock: no such clock runs on it";
    else if (row == NULL && said->due_ms == 0)
        why_not = "due_ms: today's policy has no clock of that name; say when it is due";
    else if (core_clock_rule(state, clock)->statutory || (row != NULL && row->statutory))
        why_not = "clock: its time is set by statute; no act moves it";
    else if (said->due_ms != 0 && said->due_ms <= a->d->command->at_ms)
        why_not = "due_ms: later than now";
    if (why_not != NULL) {
        core_act_refuse(a, "restate.%s", why_not);
        return;
    }
    core_due due = {.due_ms = said->due_ms};
    if (said->due_ms == 0)
        due = core_calendar_due(&a->policy->calendars[row->calendar], row->kind, row->amount, row->roll, clock->from_ms);
    core_act_head(a);
    core_clock_move(a->d, number, due, MASH__V1__MOVE_CAUSE__MOVE_CAUSE_RESTATED, 0);
    core_act_tell(a, MASH__V1__DELIVERY_KIND__DELIVERY_KIND_ACT, 0);
}
