/* test_property.c - random calendars and starts against a reckoning that is too slow to be wrong: it looks at every minute of UTC
 * in turn, and at every day by name. It shares no line with hub/core. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../golden_clocks/worked_example.h"

enum {
    FIRST_YEAR = 2024,
    FIRST_DAY = 19723, /* 2024-01-01, a Monday */
    DAYS = 2557,       /* to the end of 2030 */
    CASES = 3000,
    HOLIDAYS_MAX = 60,
    TERMS_MAX = 12,
    DEFAULT_SEED = 20260328,
};

typedef struct naive_day {
    int year, month, day;
    int weekday; /* 0 = Monday */
    bool holiday, term, inset;
} naive_day;

typedef struct world {
    uint64_t random;
    naive_day days[DAYS];
    int64_t summer_from[7], summer_until[7]; /* minutes of UTC since FIRST_DAY, by year */
    core_calendar calendar;
    core_zone_change zone[2 * 8 + 1];
    int32_t holidays[HOLIDAYS_MAX], inset[HOLIDAYS_MAX];
    core_day_span terms[TERMS_MAX];
} world;

/* splitmix64 */
static uint64_t draw(world *w, uint64_t below)
{
    uint64_t z = (w->random += UINT64_C(0x9e3779b97f4a7c15));
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return (z ^ (z >> 31)) % below;
}

static void make_days(world *w)
{
    static const int LENGTHS[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    naive_day day = {.year = FIRST_YEAR, .month = 1, .day = 1, .weekday = 0};
    for (int i = 0; i < DAYS; i++) {
        w->days[i] = day;
        if (day.weekday == 6 && day.month == 3) w->summer_from[day.year - FIRST_YEAR] = i * 1440 + 60; /* the last one stays */
        if (day.weekday == 6 && day.month == 10) w->summer_until[day.year - FIRST_YEAR] = i * 1440 + 60;
        day.weekday = (day.weekday + 1) % 7;
        int length = LENGTHS[day.month - 1] + (day.month == 2 && day.year % 4 == 0);
        if (++day.day <= length) continue;
        day.day = 1;
        if (++day.month <= 12) continue;
        day.month = 1;
        day.year++;
    }
}

static void make_calendar(world *w)
{
    core_calendar *c = &w->calendar;
    memset(c, 0, sizeof *c);
    c->zone_count = core_zone_london(FIRST_YEAR, 2031, w->zone, 2 * 8 + 1);
    c->zone = w->zone;
    for (int i = 0; i < 7; i++) {
        bool closed = draw(w, 4) == 0;
        int open = draw(w, 3) == 0 ? 0 : (int)draw(w, 1380);
        int close = draw(w, 3) == 0 ? 1440 : open + 60 + (int)draw(w, (uint64_t)(1381 - open));
        c->week[i].open_minute = (int16_t)open;
        c->week[i].close_minute =
            (int16_t)(closed && i != 2 ? open : close); /* Wednesdays are open, an hour at least: all ends within DAYS */
    }
    c->close_of_day_minute = (int16_t)draw(w, 1441);
    c->school_opens_minute = (int16_t)draw(w, 1440);
    c->known_until_day = draw(w, 3) == 0 ? 0 : FIRST_DAY + 400 + (int32_t)draw(w, 1800);
    c->holidays = w->holidays;
    c->inset_days = w->inset;
    c->terms = w->terms;
    for (int i = 0; i < DAYS; i++)
        w->days[i].holiday = w->days[i].term = w->days[i].inset = false;
    for (int i = 0; i < DAYS && c->holiday_count < HOLIDAYS_MAX; i += 1 + (int)draw(w, 60)) {
        w->days[i].holiday = true;
        w->holidays[c->holiday_count++] = FIRST_DAY + i;
    }
    for (int i = 0; i < DAYS && c->inset_count < HOLIDAYS_MAX; i += 1 + (int)draw(w, 80)) {
        w->days[i].inset = true;
        w->inset[c->inset_count++] = FIRST_DAY + i;
    }
    for (int i = (int)draw(w, 60); c->term_count < TERMS_MAX && i < DAYS - 90; i += 1 + (int)draw(w, 30)) {
        int first = i;
        for (int left = (int)draw(w, 60); left >= 0; left--)
            w->days[i++].term = true;
        w->terms[c->term_count++] = (core_day_span){FIRST_DAY + first, FIRST_DAY + i - 1};
    }
}

/* ---- the slow reckoning: minutes are counted from FIRST_DAY ---------------------------------------------------------------- */

static int64_t civil_minute(const world *w, int64_t minute)
{
    int year = w->days[minute / 1440].year - FIRST_YEAR;
    return minute + (minute >= w->summer_from[year] && minute < w->summer_until[year] ? 60 : 0);
}

static bool past_end(const world *w, int64_t day)
{
    return w->calendar.known_until_day != 0 && day + FIRST_DAY > w->calendar.known_until_day;
}

static bool works(const world *w, int64_t day)
{
    const naive_day *d = &w->days[day];
    if (w->calendar.week[d->weekday].open_minute == w->calendar.week[d->weekday].close_minute) return false;
    return past_end(w, day) ? d->weekday <= 4 : !d->holiday;
}

/* The first or last minute of UTC that reads this civil minute; when none does, the first that reads a later one. */
static int64_t reading(const world *w, int64_t civil, bool last)
{
    int64_t found = -1;
    int64_t later = -1;
    for (int64_t minute = civil - 180 < 0 ? 0 : civil - 180; minute < civil + 180; minute++) {
        int64_t reads = civil_minute(w, minute);
        if (reads == civil && (found < 0 || last)) found = minute;
        if (reads > civil && later < 0) later = minute;
    }
    return found >= 0 ? found : later;
}

static bool open_at(const world *w, int64_t minute)
{
    int64_t day = civil_minute(w, minute) / 1440;
    if (!works(w, day)) return false;
    int weekday = w->days[day].weekday;
    return minute >= reading(w, day * 1440 + w->calendar.week[weekday].open_minute, false) &&
           minute < reading(w, day * 1440 + w->calendar.week[weekday].close_minute, true);
}

static int64_t closing(const world *w, int64_t day)
{
    return reading(w, day * 1440 + w->calendar.week[w->days[day].weekday].close_minute, true);
}

typedef struct answer {
    int64_t minute;
    bool provisional, known;
} answer;

static answer slow_working_minutes(const world *w, int32_t amount, int64_t start)
{
    int64_t minute = start;
    for (;; minute++) {
        if (!open_at(w, minute)) continue;
        if (amount == 0) return (answer){minute, past_end(w, civil_minute(w, minute) / 1440), true};
        if (--amount == 0) return (answer){minute + 1, past_end(w, civil_minute(w, minute) / 1440), true};
    }
}

static answer slow_working_days(const world *w, int32_t amount, int64_t start)
{
    int64_t day = civil_minute(w, start) / 1440;
    if (amount == 0) {
        while (!works(w, day) || closing(w, day) < start)
            day++;
        return (answer){closing(w, day), past_end(w, day), true};
    }
    while (amount > 0) {
        day++;
        if (works(w, day)) amount--;
    }
    return (answer){closing(w, day), past_end(w, day), true};
}

static answer slow_close_of(const world *w, int64_t day, core_roll roll, int64_t start)
{
    int64_t moved = day;
    while (roll != CORE_ROLL_NONE && !works(w, moved))
        moved += roll == CORE_ROLL_NEXT ? 1 : -1;
    int64_t due = moved == day ? reading(w, day * 1440 + w->calendar.close_of_day_minute, true) : closing(w, moved);
    bool provisional = roll != CORE_ROLL_NONE && (past_end(w, day) || past_end(w, moved));
    return (answer){due < start ? start : due, provisional, true};
}

/* The day of that name `amount` months on, by looking through all days. */
static int64_t slow_months_on(const world *w, int64_t day, int32_t amount, bool next_when_lacking)
{
    const naive_day *from = &w->days[day];
    int year = from->year;
    int month = from->month;
    for (int32_t i = 0; i < amount; i++) {
        if (++month > 12) year++;
        if (month > 12) month = 1;
    }
    int64_t last = -1;
    for (int64_t i = 0; i < DAYS; i++) {
        if (w->days[i].year != year || w->days[i].month != month) continue;
        if (w->days[i].day == from->day) return i;
        last = i;
    }
    return last + (next_when_lacking ? 1 : 0);
}

static answer slow_school_day(const world *w, int64_t start)
{
    for (int64_t day = civil_minute(w, start) / 1440; day < DAYS - 1; day++) {
        int64_t opens = reading(w, day * 1440 + w->calendar.school_opens_minute, false);
        if (w->days[day].term && !w->days[day].inset && works(w, day) && opens > start)
            return (answer){opens, past_end(w, day), true};
    }
    return (answer){start, true, false};
}

static answer slow_due(const world *w, core_clock_kind kind, int32_t amount, core_roll roll, int64_t start)
{
    int64_t day = civil_minute(w, start) / 1440;
    if (kind == CORE_CLOCK_WORKING_MINUTES) return slow_working_minutes(w, amount, start);
    if (kind == CORE_CLOCK_WORKING_DAYS) return slow_working_days(w, amount, start);
    if (kind == CORE_CLOCK_CALENDAR_DAYS) return slow_close_of(w, day + amount, roll, start);
    if (kind == CORE_CLOCK_CALENDAR_MONTHS) return slow_close_of(w, slow_months_on(w, day, amount, false), roll, start);
    if (kind == CORE_CLOCK_NEXT_SCHOOL_DAY) return slow_school_day(w, start);
    if (kind == CORE_CLOCK_AGE_MONTHS)
        return (answer){reading(w, slow_months_on(w, day, amount, true) * 1440, false), false, true};
    return (answer){start + amount, false, true};
}

/* ---- cases ---------------------------------------------------------------------------------------------------------------- */

static int32_t an_amount(world *w, core_clock_kind kind)
{
    static const uint64_t BELOW[CORE_CLOCK_KIND_COUNT] = {
        [CORE_CLOCK_ELAPSED_MINUTES] = 100000, [CORE_CLOCK_WORKING_MINUTES] = 6000, [CORE_CLOCK_WORKING_DAYS] = 60,
        [CORE_CLOCK_CALENDAR_DAYS] = 200,      [CORE_CLOCK_CALENDAR_MONTHS] = 14,   [CORE_CLOCK_NEXT_SCHOOL_DAY] = 1,
        [CORE_CLOCK_AGE_MONTHS] = 24,
    };
    return (int32_t)draw(w, draw(w, 3) == 0 ? 1 + BELOW[kind] / 10 : BELOW[kind]);
}

/* One start in four lies within two hours of a change of the clocks, one on the minute of an opening or closing. */
static int64_t a_start(world *w)
{
    int64_t minute = (60 + (int64_t)draw(w, DAYS - 900)) * 1440 + (int64_t)draw(w, 1440);
    if (draw(w, 4) == 0) {
        size_t year = 1 + draw(w, 3);
        return (draw(w, 2) == 0 ? w->summer_from[year] : w->summer_until[year]) - 120 + (int64_t)draw(w, 241);
    }
    if (draw(w, 4) != 0) return minute;
    int64_t day = minute / 1440;
    int weekday = w->days[day].weekday;
    return reading(
        w, day * 1440 + (draw(w, 2) == 0 ? w->calendar.week[weekday].open_minute : w->calendar.week[weekday].close_minute),
        draw(w, 2) == 0);
}

static int64_t as_ms(int64_t minute)
{
    return (minute + FIRST_DAY * INT64_C(1440)) * CORE_MS_A_MINUTE;
}

static void check_one(world *w, int number)
{
    core_clock_kind kind = (core_clock_kind)draw(w, CORE_CLOCK_KIND_COUNT);
    core_roll roll = (core_roll)draw(w, 3);
    int64_t start = a_start(w);
    int32_t amount = an_amount(w, kind);
    core_due got = core_calendar_due(&w->calendar, kind, amount, roll, as_ms(start));
    answer expected = slow_due(w, kind, amount, roll, start);
    if (got.due_ms == as_ms(expected.minute) && got.provisional == expected.provisional && got.known == expected.known) {
        assert_int_equal(core_calendar_is_open(&w->calendar, as_ms(start)), open_at(w, start));
        hub_buffer words = {0};
        core_calendar_words(&w->calendar, kind, amount, roll, as_ms(start), &words);
        assert_false(words.failed);
        assert_in_range(words.size, 20, 1000); /* bounded, however long the span */
        hub_buffer_free(&words);
        return;
    }
    char from[40], due[40], right[40];
    core_calendar_text(&w->calendar, as_ms(start), from);
    core_calendar_text(&w->calendar, got.due_ms, due);
    core_calendar_text(&w->calendar, as_ms(expected.minute), right);
    fail_msg("case %d: %s %d roll %d from %s: got %s provisional %d known %d, expected %s %d %d", number,
             core_clock_kind_name(kind), (int)amount, (int)roll, from, due, got.provisional, got.known, right,
             expected.provisional, expected.known);
}

static void fast_and_slow_reckoning_agree(void **fixture)
{
    (void)fixture;
    const char *given = getenv("MASHHUB_SEED");
    uint64_t seed = given != NULL ? strtoull(given, NULL, 10) : DEFAULT_SEED;
    print_message("seed %llu (MASHHUB_SEED=N repeats another)\n", (unsigned long long)seed);
    world *w = calloc(1, sizeof *w);
    assert_non_null(w);
    w->random = seed;
    make_days(w);
    for (int i = 0; i < CASES; i++) {
        if (i % 10 == 0) make_calendar(w);
        check_one(w, i);
    }
    free(w);
}

/* Deciding happens on the hub's only thread: a clock of half a year must cost microseconds. Counted in days looked at, not in
 * time: the greatest amount there is must come back at all. */
static void the_greatest_amount_is_reckoned_by_days(void **fixture)
{
    (void)fixture;
    worked_example *worked = malloc(sizeof *worked);
    assert_non_null(worked);
    worked_example_make(worked);
    core_due due = core_calendar_due(&worked->calendar, CORE_CLOCK_WORKING_MINUTES, 10000000, CORE_ROLL_NONE, 0);
    assert_true(due.known && due.due_ms > 0);
    due = core_calendar_due(&worked->calendar, CORE_CLOCK_WORKING_DAYS, 10000, CORE_ROLL_NONE, 0);
    assert_true(due.known && due.due_ms > 0);
    free(worked);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fast_and_slow_reckoning_agree),
        cmocka_unit_test(the_greatest_amount_is_reckoned_by_days),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
