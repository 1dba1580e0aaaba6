/* calendar.c - what each kind of clock means. Days are walked, never minutes; each walk ends after SEARCH_DAYS_MAX (K4). */
#include "core/calendar.h"

#include <string.h>

enum {
    SEARCH_DAYS_MAX = 80000, /* 10,000 working days of a calendar that opens once a week are 70,000 days */
    MINUTES_MAX = 10000000,
    DAYS_MAX = 10000,
    MONTHS_MAX = 2400,
    TOLD_CLAUSES_MAX = 8, /* beyond it words add up what is left */
};
#define EARLIEST_MS INT64_C(-62135596800000) /* 0001-01-01 */
#define LATEST_MS INT64_C(253402300799999)   /* the end of 9999 */

typedef enum school_answer { SCHOOL_OPEN, SCHOOL_CLOSED, SCHOOL_UNKNOWN } school_answer;

/* ---- days ----------------------------------------------------------------------------------------------------------------- */

static bool is_past_end(const core_calendar *calendar, int32_t day)
{
    return calendar->known_until_day != 0 && day > calendar->known_until_day;
}

static bool contains(const int32_t *days, uint32_t count, int32_t day)
{
    uint32_t low = 0;
    uint32_t high = count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (days[middle] < day) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < count && days[low] == day;
}

static bool week_opens(const core_calendar *calendar, int32_t day)
{
    int32_t weekday = core_civil_weekday(day);
    return calendar->week[weekday].open_minute < calendar->week[weekday].close_minute;
}

static bool is_working_day(const core_calendar *calendar, int32_t day)
{
    if (!week_opens(calendar, day)) return false;
    if (is_past_end(calendar, day)) return core_civil_weekday(day) < 5;
    return !contains(calendar->holidays, calendar->holiday_count, day);
}

/* UNKNOWN: no term begins or ends at or after this day, so nobody can say. */
static school_answer school_on(const core_calendar *calendar, int32_t day)
{
    uint32_t term = 0;
    while (term < calendar->term_count && calendar->terms[term].until_day < day)
        term++;
    if (term == calendar->term_count) return SCHOOL_UNKNOWN;
    if (day < calendar->terms[term].from_day) return SCHOOL_CLOSED;
    if (contains(calendar->inset_days, calendar->inset_count, day)) return SCHOOL_CLOSED;
    return is_working_day(calendar, day) ? SCHOOL_OPEN : SCHOOL_CLOSED;
}

core_calendar core_calendar_of_school(const core_calendar *calendar, const core_school *school)
{
    core_calendar own = *calendar;
    own.terms = school->terms;
    own.term_count = school->term_count;
    own.inset_days = school->inset_days;
    own.inset_count = school->inset_count;
    return own;
}

static int64_t instant_of(const core_calendar *calendar, int32_t day, int32_t minute, core_occurrence occurrence)
{
    return core_zone_instant(calendar->zone, calendar->zone_count, day, minute, occurrence);
}

static int64_t opening_of(const core_calendar *calendar, int32_t day)
{
    return instant_of(calendar, day, calendar->week[core_civil_weekday(day)].open_minute, CORE_FIRST_OCCURRENCE);
}

static int64_t closing_of(const core_calendar *calendar, int32_t day)
{
    return instant_of(calendar, day, calendar->week[core_civil_weekday(day)].close_minute, CORE_LAST_OCCURRENCE);
}

int32_t core_calendar_day(const core_calendar *calendar, int64_t at_ms, int32_t *minute_of_day)
{
    HUB_ASSERT(at_ms >= EARLIEST_MS - CORE_MS_A_DAY && at_ms <= LATEST_MS + SEARCH_DAYS_MAX * CORE_MS_A_DAY);
    int64_t civil_ms = at_ms + core_zone_offset(calendar->zone, calendar->zone_count, at_ms) * CORE_MS_A_MINUTE;
    int64_t ms_of_day = (civil_ms % CORE_MS_A_DAY + CORE_MS_A_DAY) % CORE_MS_A_DAY;
    if (minute_of_day != NULL) *minute_of_day = (int32_t)(ms_of_day / CORE_MS_A_MINUTE);
    return (int32_t)((civil_ms - ms_of_day) / CORE_MS_A_DAY);
}

bool core_calendar_is_open(const core_calendar *calendar, int64_t at_ms)
{
    int32_t day = core_calendar_day(calendar, at_ms, NULL);
    return is_working_day(calendar, day) && at_ms >= opening_of(calendar, day) && at_ms < closing_of(calendar, day);
}

/* ---- due ------------------------------------------------------------------------------------------------------------------ */

/* Nothing can be promised: at once is the only answer that keeps nobody waiting. */
static core_due not_known(int64_t from_ms)
{
    return (core_due){.due_ms = from_ms, .provisional = true, .known = false};
}

static core_due due_at(const core_calendar *calendar, int64_t due_ms, int32_t last_day_looked_at)
{
    return (core_due){.due_ms = due_ms, .provisional = is_past_end(calendar, last_day_looked_at), .known = true};
}

static core_due due_by_no_calendar(int64_t due_ms)
{
    return (core_due){.due_ms = due_ms, .provisional = false, .known = true};
}

static core_due after_working_minutes(const core_calendar *calendar, int32_t amount, int64_t from_ms)
{
    int64_t left_ms = amount * CORE_MS_A_MINUTE;
    int32_t start = core_calendar_day(calendar, from_ms, NULL);
    for (int32_t day = start; day < start + SEARCH_DAYS_MAX; day++) {
        if (!is_working_day(calendar, day)) continue;
        int64_t opens_ms = opening_of(calendar, day);
        int64_t closes_ms = closing_of(calendar, day);
        if (opens_ms < from_ms) opens_ms = from_ms;
        if (opens_ms >= closes_ms) continue;
        if (left_ms <= closes_ms - opens_ms) return due_at(calendar, opens_ms + left_ms, day);
        left_ms -= closes_ms - opens_ms;
    }
    return not_known(from_ms);
}

static core_due after_working_days(const core_calendar *calendar, int32_t amount, int64_t from_ms)
{
    int32_t start = core_calendar_day(calendar, from_ms, NULL);
    int32_t left = amount;
    for (int32_t day = amount == 0 ? start : start + 1; day < start + SEARCH_DAYS_MAX; day++) {
        if (!is_working_day(calendar, day)) continue;
        if (left > 0) left--;
        if (left > 0) continue;
        int64_t due_ms = closing_of(calendar, day);
        if (due_ms >= from_ms) return due_at(calendar, due_ms, day);
    }
    return not_known(from_ms);
}

/* The day itself or, by `roll`, the nearest working day. false: none within the bound. */
static bool roll_day(const core_calendar *calendar, core_roll roll, int32_t day, int32_t *rolled)
{
    int32_t step = roll == CORE_ROLL_NONE ? 0 : roll == CORE_ROLL_NEXT ? 1 : -1;
    *rolled = day;
    if (step == 0) return true;
    for (int32_t i = 0; i < SEARCH_DAYS_MAX; i++, *rolled += step) {
        if (is_working_day(calendar, *rolled)) return true;
    }
    return false;
}

static core_due at_close_of(const core_calendar *calendar, int32_t day, core_roll roll, int64_t from_ms)
{
    int32_t rolled;
    if (!roll_day(calendar, roll, day, &rolled)) return not_known(from_ms);
    int64_t due_ms = rolled == day ? instant_of(calendar, day, calendar->close_of_day_minute, CORE_LAST_OCCURRENCE)
                                   : closing_of(calendar, rolled);
    if (due_ms < from_ms) due_ms = from_ms; /* K1 */
    core_due due = due_at(calendar, due_ms, rolled > day ? rolled : day);
    if (roll == CORE_ROLL_NONE) due.provisional = false; /* no working day was asked for */
    return due;
}

/* The same day of the month, `amount` months on. A month that lacks it: its last day, or the first day of the next. */
typedef enum lacking_day { LACKING_IS_LAST_DAY, LACKING_IS_NEXT_MONTH } lacking_day;

static int32_t months_on(int32_t day, int32_t amount, lacking_day lacking)
{
    core_civil_date date = core_civil_date_of(day);
    int32_t month_number = date.year * 12 + date.month - 1 + amount;
    int32_t year = month_number / 12;
    int32_t month = month_number % 12 + 1;
    int32_t month_days = core_civil_month_days(year, month);
    if (date.day_of_month <= month_days) return core_civil_day(year, month, date.day_of_month);
    return core_civil_day(year, month, month_days) + (lacking == LACKING_IS_NEXT_MONTH ? 1 : 0);
}

static core_due at_next_school_opening(const core_calendar *calendar, int64_t from_ms)
{
    int32_t start = core_calendar_day(calendar, from_ms, NULL);
    for (int32_t day = start; day < start + SEARCH_DAYS_MAX; day++) {
        school_answer school = school_on(calendar, day);
        if (school == SCHOOL_UNKNOWN) break;
        if (school == SCHOOL_CLOSED) continue;
        int64_t opens_ms = instant_of(calendar, day, calendar->school_opens_minute, CORE_FIRST_OCCURRENCE);
        if (opens_ms > from_ms) return due_at(calendar, opens_ms, day);
    }
    return not_known(from_ms);
}

static int32_t amount_max(core_clock_kind kind)
{
    static const int32_t MAXIMA[CORE_CLOCK_KIND_COUNT] = {
        [CORE_CLOCK_ELAPSED_MINUTES] = MINUTES_MAX, [CORE_CLOCK_WORKING_MINUTES] = MINUTES_MAX,
        [CORE_CLOCK_WORKING_DAYS] = DAYS_MAX,       [CORE_CLOCK_CALENDAR_DAYS] = DAYS_MAX,
        [CORE_CLOCK_CALENDAR_MONTHS] = MONTHS_MAX,  [CORE_CLOCK_NEXT_SCHOOL_DAY] = 0,
        [CORE_CLOCK_AGE_MONTHS] = MONTHS_MAX,
    };
    return MAXIMA[kind];
}

core_due core_calendar_due(const core_calendar *calendar, core_clock_kind kind, int32_t amount, core_roll roll, int64_t from_ms)
{
    HUB_ASSERT(kind < CORE_CLOCK_KIND_COUNT);
    HUB_ASSERT(amount >= 0 && amount <= amount_max(kind));
    HUB_ASSERT(from_ms >= EARLIEST_MS && from_ms <= LATEST_MS);

    int32_t start = core_calendar_day(calendar, from_ms, NULL);
    switch (kind) {
    case CORE_CLOCK_ELAPSED_MINUTES:
        return due_by_no_calendar(from_ms + amount * CORE_MS_A_MINUTE);
    case CORE_CLOCK_WORKING_MINUTES:
        return after_working_minutes(calendar, amount, from_ms);
    case CORE_CLOCK_WORKING_DAYS:
        return after_working_days(calendar, amount, from_ms);
    case CORE_CLOCK_CALENDAR_DAYS:
        return at_close_of(calendar, start + amount, roll, from_ms);
    case CORE_CLOCK_CALENDAR_MONTHS:
        return at_close_of(calendar, months_on(start, amount, LACKING_IS_LAST_DAY), roll, from_ms);
    case CORE_CLOCK_NEXT_SCHOOL_DAY:
        return at_next_school_opening(calendar, from_ms);
    case CORE_CLOCK_AGE_MONTHS:
        return due_by_no_calendar(
            instant_of(calendar, months_on(start, amount, LACKING_IS_NEXT_MONTH), 0, CORE_FIRST_OCCURRENCE));
    case CORE_CLOCK_KIND_COUNT:
        break;
    }
    HUB_ASSERT(kind < CORE_CLOCK_KIND_COUNT);
    return not_known(from_ms);
}

/* ---- names and times as text ---------------------------------------------------------------------------------------------- */

static const char *const KIND_NAMES[CORE_CLOCK_KIND_COUNT] = {
    [CORE_CLOCK_ELAPSED_MINUTES] = "elapsed_minutes", [CORE_CLOCK_WORKING_MINUTES] = "working_minutes",
    [CORE_CLOCK_WORKING_DAYS] = "working_days",       [CORE_CLOCK_CALENDAR_DAYS] = "calendar_days",
    [CORE_CLOCK_CALENDAR_MONTHS] = "calendar_months", [CORE_CLOCK_NEXT_SCHOOL_DAY] = "next_school_day",
    [CORE_CLOCK_AGE_MONTHS] = "age_months",
};

core_clock_kind core_clock_kind_of_name(const char *name)
{
    for (unsigned kind = 0; kind < CORE_CLOCK_KIND_COUNT; kind++) {
        if (strcmp(KIND_NAMES[kind], name) == 0) return (core_clock_kind)kind;
    }
    return CORE_CLOCK_KIND_COUNT;
}

const char *core_clock_kind_name(core_clock_kind kind)
{
    HUB_ASSERT(kind < CORE_CLOCK_KIND_COUNT);
    return KIND_NAMES[kind];
}

void core_calendar_text(const core_calendar *calendar, int64_t at_ms, char out[40])
{
    int32_t minute;
    int32_t day = core_calendar_day(calendar, at_ms, &minute);
    core_civil_date date = core_civil_date_of(day);
    int32_t offset = core_zone_offset(calendar->zone, calendar->zone_count, at_ms);
    char zone[12];
    if (offset == 0 || offset == 60) {
        (void)hub_format(zone, sizeof zone, "%s", offset == 0 ? "GMT" : "BST");
    } else {
        int32_t size = offset < 0 ? -offset : offset;
        (void)hub_format(zone, sizeof zone, "%c%02d%02d", offset < 0 ? '-' : '+', (int)(size / 60 % 24), (int)(size % 60));
    }
    (void)hub_format(out, 40, "%s %d %s %d %02d:%02d %s", core_civil_weekday_name(day), (int)date.day_of_month,
                     core_civil_month_name(date.month), (int)date.year, (int)(minute / 60), (int)(minute % 60), zone);
}

/* ---- the arithmetic in words ---------------------------------------------------------------------------------------------- */

/* Words being put together. A year is told only where it is not the start's. */
typedef struct telling {
    const core_calendar *calendar;
    hub_buffer *out;
    int32_t year;
    uint32_t clauses;
} telling;

static void tell_day(const telling *t, int32_t day)
{
    core_civil_date date = core_civil_date_of(day);
    hub_buffer_put_format(t->out, "%s %d %s", core_civil_weekday_name(day), (int)date.day_of_month,
                          core_civil_month_name(date.month));
    if (date.year != t->year) hub_buffer_put_format(t->out, " %d", (int)date.year);
}

static void tell_clock(const telling *t, int64_t at_ms)
{
    int32_t minute;
    core_calendar_day(t->calendar, at_ms, &minute);
    hub_buffer_put_format(t->out, "%02d:%02d", (int)(minute / 60), (int)(minute % 60));
}

static void tell_instant(const telling *t, int64_t at_ms)
{
    tell_day(t, core_calendar_day(t->calendar, at_ms, NULL));
    hub_buffer_put_text(t->out, " ");
    tell_clock(t, at_ms);
}

static void tell_span(const telling *t, int64_t span_ms)
{
    int64_t minutes = span_ms / CORE_MS_A_MINUTE;
    if (minutes >= 60) hub_buffer_put_format(t->out, "%lld h", (long long)(minutes / 60));
    if (minutes >= 60 && minutes % 60 != 0) hub_buffer_put_text(t->out, " ");
    if (minutes < 60 || minutes % 60 != 0) hub_buffer_put_format(t->out, "%lld min", (long long)(minutes % 60));
}

static void tell_days(const telling *t, int32_t first, int32_t last)
{
    tell_day(t, first);
    if (first == last) return;
    hub_buffer_put_text(t->out, " to ");
    tell_day(t, last);
}

static void tell_count(const telling *t, int32_t count, const char *unit)
{
    hub_buffer_put_format(t->out, "%d %s%s", (int)count, unit, count == 1 ? "" : "s");
}

static void next_clause(telling *t)
{
    if (t->clauses > 0) hub_buffer_put_text(t->out, ", ");
    t->clauses++;
}

/* Days in a row of which the same is said: closed, or counted from opening to closing. */
typedef struct day_run {
    int32_t first;
    int32_t last;
    int64_t counted_ms; /* 0: closed */
    bool begun;
} day_run;

/* What is not told day by day any more. */
typedef struct day_rest {
    int64_t counted_ms;
    int32_t working_days;
    int32_t closed_days;
} day_rest;

static void end_run(telling *t, day_run *run, day_rest *rest)
{
    if (!run->begun) return;
    run->begun = false;
    int32_t days = run->last - run->first + 1;
    if (t->clauses >= TOLD_CLAUSES_MAX) {
        rest->counted_ms += run->counted_ms;
        *(run->counted_ms > 0 ? &rest->working_days : &rest->closed_days) += days;
        return;
    }
    next_clause(t);
    if (run->counted_ms > 0) {
        tell_span(t, run->counted_ms);
        hub_buffer_put_text(t->out, " on ");
    } else {
        hub_buffer_put_text(t->out, "closed ");
    }
    tell_days(t, run->first, run->last);
}

static void add_to_run(telling *t, day_run *run, day_rest *rest, int32_t day, int64_t counted_ms)
{
    if (run->begun && (run->counted_ms > 0) != (counted_ms > 0)) end_run(t, run, rest);
    if (!run->begun) *run = (day_run){.first = day, .begun = true};
    run->last = day;
    run->counted_ms += counted_ms;
}

static void end_rest(telling *t, day_rest *rest)
{
    if (rest->working_days + rest->closed_days == 0) return;
    next_clause(t);
    hub_buffer_put_text(t->out, "then ");
    tell_span(t, rest->counted_ms);
    hub_buffer_put_text(t->out, " on ");
    tell_count(t, rest->working_days, "working day");
    hub_buffer_put_text(t->out, " and ");
    tell_count(t, rest->closed_days, "closed day");
    *rest = (day_rest){0};
}

static void tell_part(telling *t, int32_t day, int64_t opens_ms, int64_t from_ms, int64_t until_ms)
{
    next_clause(t);
    tell_span(t, until_ms - opens_ms);
    hub_buffer_put_text(t->out, " on ");
    tell_day(t, day);
    bool to_closing = until_ms == closing_of(t->calendar, day);
    if (opens_ms != from_ms || !to_closing) { /* "2 h until closing" needs no beginning: it is the start */
        hub_buffer_put_text(t->out, " from ");
        tell_clock(t, opens_ms);
    }
    if (to_closing) {
        hub_buffer_put_text(t->out, " until closing at ");
        tell_clock(t, until_ms);
    }
}

static void tell_working_minutes(telling *t, int64_t from_ms, int64_t due_ms)
{
    day_run run = {0};
    day_rest rest = {0};
    int32_t start = core_calendar_day(t->calendar, from_ms, NULL);
    int32_t last = core_calendar_day(t->calendar, due_ms - 1, NULL);
    for (int32_t day = start; day <= last; day++) {
        int64_t closes_ms = closing_of(t->calendar, day);
        int64_t opens_ms = opening_of(t->calendar, day);
        if (opens_ms < from_ms) opens_ms = from_ms;
        if (!is_working_day(t->calendar, day)) {
            add_to_run(t, &run, &rest, day, 0);
        } else if (opens_ms >= closes_ms) {
            next_clause(t);
            hub_buffer_put_text(t->out, "after closing on ");
            tell_day(t, day);
        } else if (day == start || day == last) {
            end_run(t, &run, &rest);
            end_rest(t, &rest);
            tell_part(t, day, opens_ms, from_ms, due_ms < closes_ms ? due_ms : closes_ms);
        } else {
            add_to_run(t, &run, &rest, day, closes_ms - opens_ms);
        }
    }
    end_run(t, &run, &rest);
    end_rest(t, &rest);
}

static void tell_elapsed(telling *t, int32_t amount, int64_t from_ms, int64_t due_ms)
{
    const core_calendar *calendar = t->calendar;
    tell_span(t, amount * CORE_MS_A_MINUTE);
    hub_buffer_put_text(t->out, " after ");
    tell_instant(t, from_ms);
    int32_t change = core_zone_offset(calendar->zone, calendar->zone_count, due_ms) -
                     core_zone_offset(calendar->zone, calendar->zone_count, from_ms);
    if (change == 0) return;
    hub_buffer_put_format(t->out, ", the clocks went %s by ", change > 0 ? "forward" : "back");
    tell_span(t, (change > 0 ? change : -change) * CORE_MS_A_MINUTE);
    hub_buffer_put_text(t->out, " in between");
}

/* Weekends explain themselves: only days that are open in an ordinary week are told. */
static void tell_working_days(telling *t, int32_t amount, int64_t from_ms, int64_t due_ms)
{
    if (amount == 0) {
        hub_buffer_put_text(t->out, "the first closing of a working day after ");
        tell_instant(t, from_ms);
        return;
    }
    int32_t start = core_calendar_day(t->calendar, from_ms, NULL);
    int32_t last = core_calendar_day(t->calendar, due_ms - 1, NULL);
    tell_count(t, amount, "working day");
    hub_buffer_put_text(t->out, " after ");
    tell_day(t, start);
    int32_t told = 0;
    int32_t left_out = 0;
    for (int32_t day = start + 1; day < last; day++) {
        if (!week_opens(t->calendar, day) || is_working_day(t->calendar, day)) continue;
        if (told == TOLD_CLAUSES_MAX) {
            left_out++;
            continue;
        }
        hub_buffer_put_text(t->out, told++ == 0 ? ", not counting " : ", ");
        tell_day(t, day);
    }
    if (left_out > 0) hub_buffer_put_format(t->out, " and %d more", (int)left_out);
    hub_buffer_put_text(t->out, ", at that day's closing");
}

static void tell_calendar_days(telling *t, core_clock_kind kind, int32_t amount, core_roll roll, int64_t from_ms)
{
    int32_t start = core_calendar_day(t->calendar, from_ms, NULL);
    bool months = kind == CORE_CLOCK_CALENDAR_MONTHS;
    int32_t day = months ? months_on(start, amount, LACKING_IS_LAST_DAY) : start + amount;
    int32_t rolled;
    tell_count(t, amount, months ? "month" : "day");
    hub_buffer_put_text(t->out, " after ");
    tell_day(t, start);
    if (months && core_civil_date_of(day).day_of_month != core_civil_date_of(start).day_of_month)
        hub_buffer_put_text(t->out, ", on that month's last day as it has no such day");
    if (roll_day(t->calendar, roll, day, &rolled) && rolled != day) {
        hub_buffer_put_text(t->out, ", moved from ");
        tell_day(t, day);
        hub_buffer_put_format(t->out, " to the %s working day, at its closing", roll == CORE_ROLL_NEXT ? "next" : "previous");
    } else {
        hub_buffer_put_text(t->out, ", at close of day");
    }
}

static void tell_school_day(telling *t, int64_t from_ms, int64_t due_ms)
{
    int32_t closed = core_calendar_day(t->calendar, from_ms, NULL);
    int32_t last = core_calendar_day(t->calendar, due_ms, NULL);
    if (school_on(t->calendar, closed) == SCHOOL_OPEN) closed++;
    hub_buffer_put_text(t->out, "the first opening of school after ");
    tell_instant(t, from_ms);
    if (closed >= last) return;
    hub_buffer_put_text(t->out, ", no school ");
    tell_days(t, closed, last - 1);
}

static void tell_age(telling *t, int32_t amount, int64_t from_ms)
{
    int32_t born = core_calendar_day(t->calendar, from_ms, NULL);
    int32_t reached = months_on(born, amount, LACKING_IS_NEXT_MONTH);
    hub_buffer_put_text(t->out, "the age of ");
    if (amount >= 12) tell_count(t, amount / 12, "year");
    if (amount >= 12 && amount % 12 != 0) hub_buffer_put_text(t->out, " and ");
    if (amount < 12 || amount % 12 != 0) tell_count(t, amount % 12, "month");
    hub_buffer_put_text(t->out, ", born ");
    tell_day(t, born);
    if (core_civil_date_of(reached).day_of_month != core_civil_date_of(born).day_of_month)
        hub_buffer_put_text(t->out, ", on the first of the next month as the month has no such day");
}

void core_calendar_words(const core_calendar *calendar, core_clock_kind kind, int32_t amount, core_roll roll, int64_t from_ms,
                         hub_buffer *out)
{
    core_due due = core_calendar_due(calendar, kind, amount, roll, from_ms);
    telling t = {.calendar = calendar, .out = out};
    t.year = core_civil_date_of(core_calendar_day(calendar, from_ms, NULL)).year;
    tell_instant(&t, due.due_ms);
    hub_buffer_put_text(out, ": ");
    if (!due.known) {
        hub_buffer_put_text(out, kind == CORE_CLOCK_NEXT_SCHOOL_DAY ? "at once, due time not known: no school term ahead is known"
                                                                    : "at once, due time not known: the calendar is never open");
        return;
    }
    if (kind == CORE_CLOCK_ELAPSED_MINUTES) tell_elapsed(&t, amount, from_ms, due.due_ms);
    if (kind == CORE_CLOCK_WORKING_MINUTES && due.due_ms > from_ms) tell_working_minutes(&t, from_ms, due.due_ms);
    if (kind == CORE_CLOCK_WORKING_MINUTES && due.due_ms == from_ms) hub_buffer_put_text(out, "at once");
    if (kind == CORE_CLOCK_WORKING_DAYS) tell_working_days(&t, amount, from_ms, due.due_ms);
    if (kind == CORE_CLOCK_CALENDAR_DAYS || kind == CORE_CLOCK_CALENDAR_MONTHS)
        tell_calendar_days(&t, kind, amount, roll, from_ms);
    if (kind == CORE_CLOCK_NEXT_SCHOOL_DAY) tell_school_day(&t, from_ms, due.due_ms);
    if (kind == CORE_CLOCK_AGE_MONTHS) tell_age(&t, amount, from_ms);
    if (due.provisional) {
        hub_buffer_put_text(out, ", provisional: holidays are known only until ");
        tell_day(&t, calendar->known_until_day);
    }
}
