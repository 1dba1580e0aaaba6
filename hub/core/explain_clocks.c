/* Every clock in plain English: how its time was reckoned, whether it was met, how early or late, and why it was moved. */
#include "core/explain.h"
#include "core/facts.h"

#define say core_explain_say
#define when core_explain_when
#define spaced core_explain_spaced

/* What the clock is of: "red_decision", "red_request of R1"; who is asked R1 and does not work the alert is not told the row, which tells the rating. */
static const char *clock_name(const explaining *v, const core_clock_run *run, char out[CORE_NAME_MAX + 32])
{
    static const char LETTERS[] = {[MASH__V1__CLOCK_PURPOSE__CLOCK_PURPOSE_REQUEST] = 'R',
                                   [MASH__V1__CLOCK_PURPOSE__CLOCK_PURPOSE_STAGE] = 'D',
                                   [MASH__V1__CLOCK_PURPOSE__CLOCK_PURPOSE_ACKNOWLEDGE] = 'D',
                                   [MASH__V1__CLOCK_PURPOSE__CLOCK_PURPOSE_OUTCOME] = 'D',
                                   [MASH__V1__CLOCK_PURPOSE__CLOCK_PURPOSE_FEEDBACK] = 'F'};
    char letter = run->purpose < sizeof LETTERS ? LETTERS[run->purpose] : '\0';
    const char *id = core_clock_rule(v->state, run)->id;
    if (letter == '\0') {
        (void)hub_format(out, CORE_NAME_MAX + 32, "%s", id);
    } else if (!core_view_works(v->view, run->alert)) {
        (void)hub_format(out, CORE_NAME_MAX + 32, "of %c%u", letter, run->item);
    } else {
        (void)hub_format(out, CORE_NAME_MAX + 32, "%s of %c%u", id, letter, run->item);
    }
    return out;
}

static void say_started(explaining *v, const Mash__V1__ClockStarted *fact)
{
    const core_clock_run *run = core_clocks_at(v->state, (uint32_t)fact->clock);
    const core_clock_row *row = core_clock_rule(v->state, run);
    char due[40], from[40], name[CORE_NAME_MAX + 32];
    bool tells_start = core_view_clock_start(v->view, row);
    const char *late = !fact->late_on_arrival                                    ? ""
                       : core_fact_first(v->record->control, FACT_ACTED) != NULL ? ": already past when this was done"
                                                                                 : ": already past when the event came";
    if (fact->due_unknown) late = ": when it is due is not known, so it is at once";
    say(v, 2, "Clock %s%s%s%s, due %s%s.", clock_name(v, run, name), row->statutory ? " (statutory)" : "",
        tells_start ? " from " : "", tells_start ? when(v, fact->from_ms, from) : "", when(v, fact->due_ms, due), late);
    if (fact->stated) {
        say(v, 3, "A person said until when; it was not reckoned.");
        return;
    }
    core_calendar calendar = core_clock_calendar(v->state, run);
    hub_buffer words = {0};
    core_calendar_words(&calendar, row->kind, row->amount, row->roll, fact->from_ms, &words);
    bool is_of_school = fact->purpose == MASH__V1__CLOCK_PURPOSE__CLOCK_PURPOSE_DEADLINE && fact->item != 0;
    if (tells_start)
        say(v, 3, "%s%s", hub_buffer_text(&words),
            is_of_school ? " (by the terms of the school itself, not its authority's)" : "");
    say(v, 3, "%s; source: %s%s", row->plain, row->source,
        fact->provisional ? " (provisional: past the end of the calendar)" : "");
    hub_buffer_free(&words);
}

static void say_lapsed(explaining *v, const Mash__V1__ClockLapsed *fact)
{
    const core_clock_run *run = core_clocks_at(v->state, (uint32_t)fact->clock);
    char due[40], stamp[40], cause[64], late[40], name[CORE_NAME_MAX + 32];
    event_enum_name(&mash__v1__late_cause__descriptor, (int)fact->cause, cause);
    say(v, 0, "Clock %s of alert A%u ran out: due %s, noticed %s.", clock_name(v, run, name), run->alert,
        when(v, fact->due_ms, due), when(v, v->record->time_ms, stamp));
    if (fact->cause == MASH__V1__LATE_CAUSE__LATE_CAUSE_DUE_UNKNOWN) {
        say(v, 1, "When it was due is not known: no school term lay ahead, or the calendar never opens. Nobody was late.");
    } else if (fact->cause != MASH__V1__LATE_CAUSE__LATE_CAUSE_UNSPECIFIED) {
        core_late_text(fact->late_ms, late);
        say(v, 1, "That is %s late; cause: %s.", late, spaced(cause, cause));
    }
}

/* The due time it had when this record stopped it: nothing moves a clock that has stopped. */
static void say_stopped(explaining *v, const Mash__V1__ClockStopped *fact)
{
    const core_clock_run *run = core_clocks_at(v->state, (uint32_t)fact->clock);
    char due[40], by[40], name[CORE_NAME_MAX + 32];
    (void)clock_name(v, run, name);
    when(v, run->due_ms, due);
    if (fact->cause == MASH__V1__STOP_CAUSE__STOP_CAUSE_REPLACED) {
        say(v, 2, "Clock %s, due %s, no longer applies: what it waited for has changed.", name, due);
    } else if (fact->cause == MASH__V1__STOP_CAUSE__STOP_CAUSE_ENDED) {
        say(v, 2, "Clock %s, due %s, ends with it.", name, due);
    } else if (fact->late_ms > 0) {
        core_late_text(fact->late_ms, by);
        say(v, 2, "Clock %s, due %s,%s is met %s LATE.", name, due, fact->had_lapsed ? " which had run out," : "", by);
    } else {
        core_late_text(run->due_ms - v->record->time_ms, by);
        say(v, 2, "Clock %s, due %s, is met in time, %s early.", name, due, by);
    }
}

static void say_how_held(explaining *v, const core_clock_row *row, const Mash__V1__ClockMoved *fact)
{
    switch (row->kind) {
    case CORE_CLOCK_ELAPSED_MINUTES:
    case CORE_CLOCK_WORKING_MINUTES:
        say(v, 3, "What was left when the hold began goes on from its end.");
        break;
    case CORE_CLOCK_WORKING_DAYS:
        say(v, 3, "Later by one working day for each closing time that fell in the hold.");
        break;
    case CORE_CLOCK_CALENDAR_DAYS:
    case CORE_CLOCK_CALENDAR_MONTHS:
        say(v, 3, "Later by one day for each close of day that fell in the hold.");
        break;
    default:
        break;
    }
    if (fact->provisional) say(v, 3, "Provisional: past the end of the calendar.");
}

static void say_restated(explaining *v, const core_clock_run *run, const core_clock_row *row, const Mash__V1__ClockMoved *fact)
{
    core_calendar calendar = core_clock_calendar(v->state, run);
    core_due due = core_calendar_due(&calendar, row->kind, row->amount, row->roll, run->from_ms);
    if (run->stated || due.due_ms != fact->due_ms) {
        say(v, 3, "A person said until when; it was not reckoned.");
        return;
    }
    hub_buffer words = {0};
    core_calendar_words(&calendar, row->kind, row->amount, row->roll, run->from_ms, &words);
    if (core_view_clock_start(v->view, row)) say(v, 3, "Reckoned anew: %s", hub_buffer_text(&words));
    hub_buffer_free(&words);
}

static void say_moved(explaining *v, const Mash__V1__ClockMoved *fact)
{
    const core_clock_run *run = core_clocks_at(v->state, (uint32_t)fact->clock);
    const core_clock_row *row = core_clock_rule(v->state, run);
    char due[40], was[40], by[40], left[64] = "", name[CORE_NAME_MAX + 32];
    (void)clock_name(v, run, name);
    if (fact->cause == MASH__V1__MOVE_CAUSE__MOVE_CAUSE_HELD) {
        if (fact->left_minutes > 0)
            (void)hub_format(left, sizeof left, "; %lld h %lld min of it were left", (long long)(fact->left_minutes / 60),
                             (long long)(fact->left_minutes % 60));
        say(v, 2, "Clock %s stands still: it was due %s%s.", name, when(v, fact->was_due_ms, was), left);
        return;
    }
    static const char *const WHY[] = {
        [MASH__V1__MOVE_CAUSE__MOVE_CAUSE_RESUMED] = "goes on",
        [MASH__V1__MOVE_CAUSE__MOVE_CAUSE_RESTATED] = "is moved",
        [MASH__V1__MOVE_CAUSE__MOVE_CAUSE_TIME_CORRECTED] = "moves, because the hub's own clock was wrong",
    };
    const char *why = (size_t)fact->cause < sizeof WHY / sizeof WHY[0] && WHY[fact->cause] != NULL ? WHY[fact->cause] : "moves";
    int64_t shift_ms = fact->due_ms - fact->was_due_ms;
    core_late_text(shift_ms < 0 ? -shift_ms : shift_ms, by);
    if (shift_ms == 0) {
        say(v, 2, "Clock %s %s: due %s, as before.", name, why, when(v, fact->due_ms, due));
    } else {
        say(v, 2, "Clock %s %s: due %s instead of %s, %s %s.", name, why, when(v, fact->due_ms, due),
            when(v, fact->was_due_ms, was), by, shift_ms < 0 ? "earlier" : "later");
    }
    if (fact->cause == MASH__V1__MOVE_CAUSE__MOVE_CAUSE_RESUMED && shift_ms != 0) say_how_held(v, row, fact);
    if (fact->cause == MASH__V1__MOVE_CAUSE__MOVE_CAUSE_RESTATED) say_restated(v, run, row, fact);
}

void core_explain_clock(explaining *v, const Mash__V1__Fact *fact)
{
    switch (fact->body_case) {
    case MASH__V1__FACT__BODY_CLOCK_STARTED:
        say_started(v, fact->clock_started);
        break;
    case MASH__V1__FACT__BODY_CLOCK_LAPSED:
        say_lapsed(v, fact->clock_lapsed);
        break;
    case MASH__V1__FACT__BODY_CLOCK_STOPPED:
        say_stopped(v, fact->clock_stopped);
        break;
    case MASH__V1__FACT__BODY_CLOCK_MOVED:
        say_moved(v, fact->clock_moved);
        break;
    default:
        break;
    }
}
