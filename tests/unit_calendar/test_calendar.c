/* test_calendar.c - each kind of clock: the worked examples, the edges, and the words in which it is explained. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../golden_clocks/worked_example.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

typedef enum expectation { FIRM, PROVISIONAL, NOT_KNOWN } expectation;

typedef struct clock_case {
    core_clock_kind kind;
    int32_t amount;
    core_roll roll;
    const char *start;
    const char *due;
    expectation expect;
} clock_case;

static int set_up(void **fixture)
{
    worked_example *worked = malloc(sizeof *worked);
    if (worked == NULL) return -1;
    worked_example_make(worked);
    *fixture = worked;
    return 0;
}

static int tear_down(void **fixture)
{
    free(*fixture);
    return 0;
}

static void then_each_is_due(const core_calendar *calendar, const clock_case *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const clock_case *c = &cases[i];
        core_due due = core_calendar_due(calendar, c->kind, c->amount, c->roll, worked_example_instant(c->start));
        if (due.due_ms != worked_example_instant(c->due)) {
            char text[40];
            core_calendar_text(calendar, due.due_ms, text);
            fail_msg("%s %d from %s: got %s, expected %s", core_clock_kind_name(c->kind), (int)c->amount, c->start, text, c->due);
        }
        assert_int_equal(due.known, c->expect != NOT_KNOWN);
        assert_int_equal(due.provisional, c->expect != FIRM);
    }
}

static void then_words(const core_calendar *calendar, const clock_case *c, const char *expected)
{
    hub_buffer words = {0};
    core_calendar_words(calendar, c->kind, c->amount, c->roll, worked_example_instant(c->start), &words);
    assert_string_equal(hub_buffer_text(&words), expected);
    hub_buffer_free(&words);
}

/* Partnerships agreed what a clock means by these examples; they are printed in the guide that local leads read. */
static void the_worked_examples_come_out_to_the_minute(void **fixture)
{
    const worked_example *worked = *fixture;
    const clock_case cases[] = {
        {CORE_CLOCK_ELAPSED_MINUTES, 240, CORE_ROLL_NONE, "2026-03-28T23:30Z", "2026-03-29T03:30Z", FIRM},
        {CORE_CLOCK_ELAPSED_MINUTES, 240, CORE_ROLL_NONE, "2026-10-24T22:30Z", "2026-10-25T02:30Z", FIRM},
        {CORE_CLOCK_WORKING_MINUTES, 360, CORE_ROLL_NONE, "2026-04-02T14:00Z", "2026-04-07T11:30Z", FIRM},
        {CORE_CLOCK_WORKING_MINUTES, 240, CORE_ROLL_NONE, "2026-12-24T16:45Z", "2026-12-29T12:15Z", FIRM},
        {CORE_CLOCK_WORKING_MINUTES, 480, CORE_ROLL_NONE, "2026-07-10T07:30Z", "2026-07-10T15:30Z", FIRM},
        {CORE_CLOCK_WORKING_DAYS, 1, CORE_ROLL_NONE, "2026-04-02T15:59Z", "2026-04-07T16:00Z", FIRM},
        {CORE_CLOCK_WORKING_DAYS, 1, CORE_ROLL_NONE, "2026-05-02T09:00Z", "2026-05-05T16:00Z", FIRM},
        {CORE_CLOCK_WORKING_DAYS, 15, CORE_ROLL_NONE, "2026-12-11T09:00Z", "2027-01-06T17:00Z", FIRM},
        {CORE_CLOCK_WORKING_DAYS, 45, CORE_ROLL_NONE, "2026-02-27T12:00Z", "2026-05-06T16:00Z", FIRM},
        {CORE_CLOCK_CALENDAR_DAYS, 28, CORE_ROLL_NONE, "2026-02-28T12:00Z", "2026-03-28T17:00Z", FIRM},
        {CORE_CLOCK_CALENDAR_MONTHS, 3, CORE_ROLL_NONE, "2027-11-30T12:00Z", "2028-02-29T17:00Z", FIRM},
        {CORE_CLOCK_CALENDAR_MONTHS, 6, CORE_ROLL_NONE, "2026-08-31T11:00Z", "2027-02-28T17:00Z", FIRM},
        {CORE_CLOCK_NEXT_SCHOOL_DAY, 0, CORE_ROLL_NONE, "2026-01-12T02:10Z", "2026-01-12T08:30Z", FIRM},
        {CORE_CLOCK_NEXT_SCHOOL_DAY, 0, CORE_ROLL_NONE, "2026-02-13T09:00Z", "2026-02-23T08:30Z", FIRM},
        {CORE_CLOCK_NEXT_SCHOOL_DAY, 0, CORE_ROLL_NONE, "2026-05-29T21:00Z", "2026-06-02T07:30Z", FIRM},
        {CORE_CLOCK_AGE_MONTHS, 216, CORE_ROLL_NONE, "2008-07-10T11:00Z", "2026-07-09T23:00Z", FIRM},
        {CORE_CLOCK_AGE_MONTHS, 216, CORE_ROLL_NONE, "2008-02-29T12:00Z", "2026-03-01T00:00Z", FIRM},
        {CORE_CLOCK_AGE_MONTHS, 210, CORE_ROLL_NONE, "2008-08-31T11:00Z", "2026-03-01T00:00Z", FIRM},
    };
    then_each_is_due(&worked->calendar, cases, COUNT(cases));
}

/* Friday 10 July 2026: open 07:30Z to 15:30Z; Monday 13 July: 07:30Z to 16:00Z. */
static void working_minutes_begin_at_an_opening_and_may_end_at_a_closing(void **fixture)
{
    const worked_example *worked = *fixture;
    const clock_case cases[] = {
        {CORE_CLOCK_WORKING_MINUTES, 0, CORE_ROLL_NONE, "2026-07-10T10:00Z", "2026-07-10T10:00Z", FIRM},
        {CORE_CLOCK_WORKING_MINUTES, 0, CORE_ROLL_NONE, "2026-07-10T07:30Z", "2026-07-10T07:30Z", FIRM},
        {CORE_CLOCK_WORKING_MINUTES, 0, CORE_ROLL_NONE, "2026-07-10T15:30Z", "2026-07-13T07:30Z",
         FIRM}, /* closed at 16:30 sharp */
        {CORE_CLOCK_WORKING_MINUTES, 1, CORE_ROLL_NONE, "2026-07-10T15:29Z", "2026-07-10T15:30Z", FIRM},
        {CORE_CLOCK_WORKING_MINUTES, 2, CORE_ROLL_NONE, "2026-07-10T15:29Z", "2026-07-13T07:31Z", FIRM},
        {CORE_CLOCK_WORKING_MINUTES, 1, CORE_ROLL_NONE, "2026-07-10T15:30Z", "2026-07-13T07:31Z", FIRM},
        {CORE_CLOCK_WORKING_MINUTES, 60, CORE_ROLL_NONE, "2026-07-10T05:00Z", "2026-07-10T08:30Z", FIRM},
        {CORE_CLOCK_WORKING_MINUTES, 60, CORE_ROLL_NONE, "2026-07-11T22:00Z", "2026-07-13T08:30Z", FIRM},
        {CORE_CLOCK_WORKING_MINUTES, 990, CORE_ROLL_NONE, "2026-07-10T07:30Z", "2026-07-13T16:00Z", FIRM},
        {CORE_CLOCK_WORKING_MINUTES, 991, CORE_ROLL_NONE, "2026-07-10T07:30Z", "2026-07-14T07:31Z", FIRM},
        /* The clocks change on the Sunday in between: opening hours stay where people are. */
        {CORE_CLOCK_WORKING_MINUTES, 60, CORE_ROLL_NONE, "2026-03-27T16:00Z", "2026-03-30T08:00Z", FIRM},
        {CORE_CLOCK_WORKING_MINUTES, 60, CORE_ROLL_NONE, "2026-10-23T15:00Z", "2026-10-26T09:00Z", FIRM},
    };
    then_each_is_due(&worked->calendar, cases, COUNT(cases));
}

static void working_days_are_counted_from_the_day_after_whatever_the_hour(void **fixture)
{
    const worked_example *worked = *fixture;
    const clock_case cases[] = {
        {CORE_CLOCK_WORKING_DAYS, 1, CORE_ROLL_NONE, "2026-07-08T23:00Z", "2026-07-10T15:30Z",
         FIRM}, /* 00:00 on Thursday 9 July */
        {CORE_CLOCK_WORKING_DAYS, 1, CORE_ROLL_NONE, "2026-07-08T22:59Z", "2026-07-09T16:00Z", FIRM}, /* 23:59 on Wednesday */
        {CORE_CLOCK_WORKING_DAYS, 1, CORE_ROLL_NONE, "2026-07-09T22:59Z", "2026-07-10T15:30Z", FIRM}, /* Friday closes at 16:30 */
        {CORE_CLOCK_WORKING_DAYS, 0, CORE_ROLL_NONE, "2026-07-09T10:00Z", "2026-07-09T16:00Z", FIRM},
        {CORE_CLOCK_WORKING_DAYS, 0, CORE_ROLL_NONE, "2026-07-09T16:00Z", "2026-07-09T16:00Z", FIRM},
        {CORE_CLOCK_WORKING_DAYS, 0, CORE_ROLL_NONE, "2026-07-09T16:01Z", "2026-07-10T15:30Z", FIRM},
        {CORE_CLOCK_WORKING_DAYS, 0, CORE_ROLL_NONE, "2026-07-11T10:00Z", "2026-07-13T16:00Z", FIRM},
        {CORE_CLOCK_WORKING_DAYS, 2, CORE_ROLL_NONE, "2026-12-24T10:00Z", "2026-12-30T17:00Z",
         FIRM}, /* Christmas and its substitute */
        {CORE_CLOCK_WORKING_DAYS, 1, CORE_ROLL_NONE, "2027-12-24T10:00Z", "2027-12-29T17:00Z",
         FIRM}, /* two substitutes in a row */
    };
    then_each_is_due(&worked->calendar, cases, COUNT(cases));
}

static void calendar_days_and_months_end_at_close_of_day_and_roll_only_when_asked(void **fixture)
{
    const worked_example *worked = *fixture;
    const clock_case cases[] = {
        {CORE_CLOCK_CALENDAR_DAYS, 0, CORE_ROLL_NONE, "2026-07-10T10:00Z", "2026-07-10T16:00Z", FIRM},
        {CORE_CLOCK_CALENDAR_DAYS, 0, CORE_ROLL_NONE, "2026-07-10T18:00Z", "2026-07-10T18:00Z", FIRM}, /* K1 */
        {CORE_CLOCK_CALENDAR_DAYS, 1, CORE_ROLL_NONE, "2026-07-10T10:00Z", "2026-07-11T16:00Z", FIRM},
        {CORE_CLOCK_CALENDAR_DAYS, 1, CORE_ROLL_NEXT, "2026-07-10T10:00Z", "2026-07-13T16:00Z", FIRM},
        {CORE_CLOCK_CALENDAR_DAYS, 8, CORE_ROLL_PREVIOUS, "2026-07-10T10:00Z", "2026-07-17T15:30Z",
         FIRM}, /* Friday's own closing */
        {CORE_CLOCK_CALENDAR_DAYS, 7, CORE_ROLL_NEXT, "2026-07-10T10:00Z", "2026-07-17T16:00Z",
         FIRM}, /* not moved: close of day */
        {CORE_CLOCK_CALENDAR_DAYS, 1, CORE_ROLL_PREVIOUS, "2026-07-11T10:00Z", "2026-07-11T10:00Z",
         FIRM}, /* K1: not before its start */
        {CORE_CLOCK_CALENDAR_DAYS, 2, CORE_ROLL_NEXT, "2026-04-01T10:00Z", "2026-04-07T16:00Z", FIRM}, /* over Easter */
        {CORE_CLOCK_CALENDAR_MONTHS, 1, CORE_ROLL_NONE, "2027-01-31T12:00Z", "2027-02-28T17:00Z", FIRM},
        {CORE_CLOCK_CALENDAR_MONTHS, 1, CORE_ROLL_NONE, "2028-01-31T12:00Z", "2028-02-29T17:00Z", FIRM},
        {CORE_CLOCK_CALENDAR_MONTHS, 12, CORE_ROLL_NONE, "2028-02-29T12:00Z", "2029-02-28T17:00Z",
         FIRM}, /* no working day is asked for */
        {CORE_CLOCK_CALENDAR_MONTHS, 1, CORE_ROLL_NEXT, "2027-01-31T12:00Z", "2027-03-01T17:00Z",
         FIRM}, /* 28 February is a Sunday */
        {CORE_CLOCK_CALENDAR_MONTHS, 0, CORE_ROLL_NONE, "2026-12-31T12:00Z", "2026-12-31T17:00Z", FIRM},
        {CORE_CLOCK_CALENDAR_MONTHS, 1, CORE_ROLL_NONE, "2026-12-31T12:00Z", "2027-01-31T17:00Z", FIRM},
    };
    then_each_is_due(&worked->calendar, cases, COUNT(cases));
}

static void a_school_day_is_the_first_opening_after_the_start(void **fixture)
{
    const worked_example *worked = *fixture;
    const clock_case cases[] = {
        {CORE_CLOCK_NEXT_SCHOOL_DAY, 0, CORE_ROLL_NONE, "2026-01-12T08:29Z", "2026-01-12T08:30Z", FIRM},
        {CORE_CLOCK_NEXT_SCHOOL_DAY, 0, CORE_ROLL_NONE, "2026-01-12T08:30Z", "2026-01-13T08:30Z", FIRM}, /* strictly after */
        {CORE_CLOCK_NEXT_SCHOOL_DAY, 0, CORE_ROLL_NONE, "2025-12-24T12:00Z", "2026-01-06T08:30Z", FIRM}, /* 5 January is INSET */
        {CORE_CLOCK_NEXT_SCHOOL_DAY, 0, CORE_ROLL_NONE, "2026-05-01T12:00Z", "2026-05-05T07:30Z",
         FIRM}, /* a bank holiday in term */
        {CORE_CLOCK_NEXT_SCHOOL_DAY, 0, CORE_ROLL_NONE, "2027-03-25T08:29Z", "2027-03-25T08:30Z", FIRM},
        {CORE_CLOCK_NEXT_SCHOOL_DAY, 0, CORE_ROLL_NONE, "2027-03-25T08:30Z", "2027-03-25T08:30Z",
         NOT_KNOWN}, /* no term ahead: at once */
        {CORE_CLOCK_NEXT_SCHOOL_DAY, 0, CORE_ROLL_NONE, "2029-05-01T12:00Z", "2029-05-01T12:00Z", NOT_KNOWN},
    };
    then_each_is_due(&worked->calendar, cases, COUNT(cases));
}

static void an_age_is_reached_at_midnight_of_its_day(void **fixture)
{
    const worked_example *worked = *fixture;
    const clock_case cases[] = {
        {CORE_CLOCK_AGE_MONTHS, 0, CORE_ROLL_NONE, "2026-07-10T12:00Z", "2026-07-09T23:00Z", FIRM},
        {CORE_CLOCK_AGE_MONTHS, 48, CORE_ROLL_NONE, "2008-02-29T12:00Z", "2012-02-29T00:00Z", FIRM},
        {CORE_CLOCK_AGE_MONTHS, 1, CORE_ROLL_NONE, "2026-12-31T12:00Z", "2027-01-31T00:00Z", FIRM},
        {CORE_CLOCK_AGE_MONTHS, 2, CORE_ROLL_NONE, "2026-12-31T12:00Z", "2027-03-01T00:00Z", FIRM},
        {CORE_CLOCK_AGE_MONTHS, 216, CORE_ROLL_NONE, "1930-06-15T12:00Z", "1948-06-15T00:00Z", FIRM}, /* before the zone table */
    };
    then_each_is_due(&worked->calendar, cases, COUNT(cases));
}

/* K3: a holiday list that nobody renewed must not stop the hub, and people must be told that the promise may move. */
static void past_the_end_of_the_calendar_monday_to_friday_count_provisionally(void **fixture)
{
    const worked_example *worked = *fixture;
    const clock_case cases[] = {
        {CORE_CLOCK_WORKING_DAYS, 1, CORE_ROLL_NONE, "2028-12-28T12:00Z", "2028-12-29T16:30Z", FIRM},
        {CORE_CLOCK_WORKING_DAYS, 1, CORE_ROLL_NONE, "2028-12-29T12:00Z", "2029-01-01T17:00Z", PROVISIONAL},
        {CORE_CLOCK_WORKING_MINUTES, 60, CORE_ROLL_NONE, "2028-12-29T16:00Z", "2029-01-01T09:00Z", PROVISIONAL},
        {CORE_CLOCK_CALENDAR_DAYS, 3, CORE_ROLL_NONE, "2028-12-29T16:00Z", "2029-01-01T17:00Z", FIRM},
        {CORE_CLOCK_CALENDAR_DAYS, 8, CORE_ROLL_NEXT, "2028-12-29T16:00Z", "2029-01-08T17:00Z", PROVISIONAL},
        {CORE_CLOCK_CALENDAR_DAYS, 8, CORE_ROLL_PREVIOUS, "2028-12-29T16:00Z", "2029-01-05T16:30Z", PROVISIONAL},
        {CORE_CLOCK_ELAPSED_MINUTES, 60, CORE_ROLL_NONE, "2030-01-01T00:00Z", "2030-01-01T01:00Z", FIRM},
        {CORE_CLOCK_AGE_MONTHS, 216, CORE_ROLL_NONE, "2015-06-15T12:00Z", "2033-06-14T23:00Z", FIRM},
    };
    then_each_is_due(&worked->calendar, cases, COUNT(cases));

    core_calendar with_weekends = worked->calendar;
    with_weekends.week[5] = with_weekends.week[6] = with_weekends.week[0];
    const clock_case weekends[] = {
        {CORE_CLOCK_WORKING_DAYS, 1, CORE_ROLL_NONE, "2028-12-29T12:00Z", "2028-12-30T17:00Z", FIRM},
        {CORE_CLOCK_WORKING_DAYS, 1, CORE_ROLL_NONE, "2029-01-05T12:00Z", "2029-01-08T17:00Z", PROVISIONAL},
    };
    then_each_is_due(&with_weekends, weekends, COUNT(weekends));
}

/* K4: a calendar written with all days closed must not hang the hub; at once is the only answer that leaves nobody waiting. */
static void a_calendar_that_never_opens_answers_at_once_and_not_known(void **fixture)
{
    const worked_example *worked = *fixture;
    core_calendar closed = worked->calendar;
    memset(closed.week, 0, sizeof closed.week);
    const clock_case cases[] = {
        {CORE_CLOCK_WORKING_MINUTES, 60, CORE_ROLL_NONE, "2026-07-10T10:00Z", "2026-07-10T10:00Z", NOT_KNOWN},
        {CORE_CLOCK_WORKING_DAYS, 1, CORE_ROLL_NONE, "2026-07-10T10:00Z", "2026-07-10T10:00Z", NOT_KNOWN},
        {CORE_CLOCK_CALENDAR_DAYS, 1, CORE_ROLL_NEXT, "2026-07-10T10:00Z", "2026-07-10T10:00Z", NOT_KNOWN},
        {CORE_CLOCK_CALENDAR_MONTHS, 1, CORE_ROLL_PREVIOUS, "2026-07-10T10:00Z", "2026-07-10T10:00Z", NOT_KNOWN},
        {CORE_CLOCK_NEXT_SCHOOL_DAY, 0, CORE_ROLL_NONE, "2026-07-10T10:00Z", "2026-07-10T10:00Z", NOT_KNOWN},
        {CORE_CLOCK_CALENDAR_DAYS, 1, CORE_ROLL_NONE, "2026-07-10T10:00Z", "2026-07-11T16:00Z", FIRM},
    };
    then_each_is_due(&closed, cases, COUNT(cases));
    then_words(&closed, &cases[0], "Fri 10 Jul 11:00: at once, due time not known: the calendar is never open");
}

/* A team that is open day and night works through both changes: its minutes are real ones. */
static void an_hour_left_out_is_not_worked_and_an_hour_repeated_is_worked_twice(void **fixture)
{
    const worked_example *worked = *fixture;
    core_calendar day_and_night = worked->calendar;
    for (int weekday = 0; weekday < 7; weekday++) {
        day_and_night.week[weekday].open_minute = 0;
        day_and_night.week[weekday].close_minute = CORE_MINUTES_A_DAY;
    }
    const clock_case cases[] = {
        {CORE_CLOCK_WORKING_MINUTES, 240, CORE_ROLL_NONE, "2026-03-28T23:30Z", "2026-03-29T03:30Z", FIRM},
        {CORE_CLOCK_WORKING_MINUTES, 240, CORE_ROLL_NONE, "2026-10-24T22:30Z", "2026-10-25T02:30Z", FIRM},
        {CORE_CLOCK_WORKING_DAYS, 1, CORE_ROLL_NONE, "2026-03-28T12:00Z", "2026-03-29T23:00Z", FIRM},
    };
    then_each_is_due(&day_and_night, cases, COUNT(cases));

    core_calendar small_hours = worked->calendar;
    small_hours.week[6].open_minute = 0;
    small_hours.week[6].close_minute = 90; /* 01:30 on Sundays: closes after the second one in October, at 02:00 in March (K2) */
    const clock_case sundays[] = {
        {CORE_CLOCK_WORKING_DAYS, 1, CORE_ROLL_NONE, "2026-10-24T12:00Z", "2026-10-25T01:30Z", FIRM},
        {CORE_CLOCK_WORKING_DAYS, 1, CORE_ROLL_NONE, "2026-03-28T12:00Z", "2026-03-29T01:00Z", FIRM},
    };
    then_each_is_due(&small_hours, sundays, COUNT(sundays));
}

static void the_calendar_is_open_from_opening_until_just_before_closing(void **fixture)
{
    const worked_example *worked = *fixture;
    const struct {
        const char *at;
        bool open;
    } cases[] = {
        {"2026-07-10T07:29Z", false}, {"2026-07-10T07:30Z", true},  {"2026-07-10T15:29Z", true},  {"2026-07-10T15:30Z", false},
        {"2026-07-09T15:59Z", true},  {"2026-07-09T16:00Z", false}, {"2026-07-11T10:00Z", false}, {"2026-04-03T10:00Z", false},
        {"2026-01-12T08:29Z", false}, {"2026-01-12T08:30Z", true},  {"2029-01-01T10:00Z", true},
    };
    for (size_t i = 0; i < COUNT(cases); i++)
        assert_int_equal(core_calendar_is_open(&worked->calendar, worked_example_instant(cases[i].at)), cases[i].open);
}

static void an_instant_has_a_civil_day_minute_and_text(void **fixture)
{
    const worked_example *worked = *fixture;
    char text[40];
    int32_t minute;
    assert_int_equal(core_calendar_day(&worked->calendar, worked_example_instant("2026-07-09T23:10Z"), &minute),
                     core_civil_day(2026, 7, 10));
    assert_int_equal(minute, 10);
    assert_int_equal(core_calendar_day(&worked->calendar, -1, &minute), -1);
    assert_int_equal(minute, 1439);
    core_calendar_text(&worked->calendar, worked_example_instant("2026-04-07T11:30Z"), text);
    assert_string_equal(text, "Tue 7 Apr 2026 12:30 BST");
    core_calendar_text(&worked->calendar, worked_example_instant("2026-01-01T00:00Z"), text);
    assert_string_equal(text, "Thu 1 Jan 2026 00:00 GMT");
    const core_zone_change west = {0, -570};
    core_calendar elsewhere = {.zone = &west, .zone_count = 1};
    core_calendar_text(&elsewhere, worked_example_instant("2026-01-01T00:00Z"), text);
    assert_string_equal(text, "Wed 31 Dec 2025 14:30 -0930");
}

static void each_kind_has_a_name_and_an_unknown_name_has_no_kind(void **fixture)
{
    (void)fixture;
    assert_int_equal(core_clock_kind_of_name("elapsed_minutes"), CORE_CLOCK_ELAPSED_MINUTES);
    assert_int_equal(core_clock_kind_of_name("working_minutes"), CORE_CLOCK_WORKING_MINUTES);
    assert_int_equal(core_clock_kind_of_name("working_days"), CORE_CLOCK_WORKING_DAYS);
    assert_int_equal(core_clock_kind_of_name("calendar_days"), CORE_CLOCK_CALENDAR_DAYS);
    assert_int_equal(core_clock_kind_of_name("calendar_months"), CORE_CLOCK_CALENDAR_MONTHS);
    assert_int_equal(core_clock_kind_of_name("next_school_day"), CORE_CLOCK_NEXT_SCHOOL_DAY);
    assert_int_equal(core_clock_kind_of_name("age_months"), CORE_CLOCK_AGE_MONTHS);
    assert_int_equal(core_clock_kind_of_name("fortnights"), CORE_CLOCK_KIND_COUNT);
    assert_string_equal(core_clock_kind_name(CORE_CLOCK_AGE_MONTHS), "age_months");
}

/* A manager who doubts a deadline reads the sum, not the code. */
static void the_arithmetic_is_told_in_words(void **fixture)
{
    const worked_example *worked = *fixture;
    const struct {
        clock_case asked;
        const char *words;
    } cases[] = {
        {{CORE_CLOCK_WORKING_MINUTES, 360, CORE_ROLL_NONE, "2026-04-02T14:00Z", NULL, FIRM},
         "Tue 7 Apr 12:30: 2 h on Thu 2 Apr until closing at 17:00, closed Fri 3 Apr to Mon 6 Apr, 4 h on Tue 7 Apr from 08:30"},
        {{CORE_CLOCK_WORKING_MINUTES, 60, CORE_ROLL_NONE, "2026-07-10T10:00Z", NULL, FIRM},
         "Fri 10 Jul 12:00: 1 h on Fri 10 Jul from 11:00"},
        {{CORE_CLOCK_WORKING_MINUTES, 1600, CORE_ROLL_NONE, "2026-07-06T16:30Z", NULL, FIRM},
         "Fri 10 Jul 09:40: after closing on Mon 6 Jul, 25 h 30 min on Tue 7 Jul to Thu 9 Jul, 1 h 10 min on Fri 10 Jul from "
         "08:30"},
        {{CORE_CLOCK_WORKING_MINUTES, 0, CORE_ROLL_NONE, "2026-07-10T10:00Z", NULL, FIRM}, "Fri 10 Jul 11:00: at once"},
        {{CORE_CLOCK_WORKING_MINUTES, 30000, CORE_ROLL_NONE, "2026-07-06T07:30Z", NULL, FIRM},
         "Mon 28 Sep 13:00: 8 h 30 min on Mon 6 Jul until closing at 17:00, 33 h 30 min on Tue 7 Jul to Fri 10 Jul, "
         "closed Sat 11 Jul to Sun 12 Jul, 42 h on Mon 13 Jul to Fri 17 Jul, closed Sat 18 Jul to Sun 19 Jul, "
         "42 h on Mon 20 Jul to Fri 24 Jul, closed Sat 25 Jul to Sun 26 Jul, 42 h on Mon 27 Jul to Fri 31 Jul, "
         "then 327 h 30 min on 39 working days and 19 closed days, 4 h 30 min on Mon 28 Sep from 08:30"},
        {{CORE_CLOCK_WORKING_DAYS, 15, CORE_ROLL_NONE, "2026-12-11T09:00Z", NULL, FIRM},
         "Wed 6 Jan 2027 17:00: 15 working days after Fri 11 Dec, not counting Fri 25 Dec, Mon 28 Dec, Fri 1 Jan 2027, "
         "at that day's closing"},
        {{CORE_CLOCK_WORKING_DAYS, 1, CORE_ROLL_NONE, "2028-12-29T12:00Z", NULL, FIRM},
         "Mon 1 Jan 2029 17:00: 1 working day after Fri 29 Dec, at that day's closing, provisional: holidays are known only "
         "until "
         "Sun 31 Dec"},
        {{CORE_CLOCK_WORKING_DAYS, 0, CORE_ROLL_NONE, "2026-07-12T10:00Z", NULL, FIRM},
         "Mon 13 Jul 17:00: the first closing of a working day after Sun 12 Jul 11:00"},
        {{CORE_CLOCK_ELAPSED_MINUTES, 240, CORE_ROLL_NONE, "2026-10-24T22:30Z", NULL, FIRM},
         "Sun 25 Oct 02:30: 4 h after Sat 24 Oct 23:30, the clocks went back by 1 h in between"},
        {{CORE_CLOCK_ELAPSED_MINUTES, 45, CORE_ROLL_NONE, "2026-07-10T10:00Z", NULL, FIRM},
         "Fri 10 Jul 11:45: 45 min after Fri 10 Jul 11:00"},
        {{CORE_CLOCK_CALENDAR_DAYS, 1, CORE_ROLL_NEXT, "2026-07-10T10:00Z", NULL, FIRM},
         "Mon 13 Jul 17:00: 1 day after Fri 10 Jul, moved from Sat 11 Jul to the next working day, at its closing"},
        {{CORE_CLOCK_CALENDAR_MONTHS, 3, CORE_ROLL_NONE, "2027-11-30T12:00Z", NULL, FIRM},
         "Tue 29 Feb 2028 17:00: 3 months after Tue 30 Nov, on that month's last day as it has no such day, at close of day"},
        {{CORE_CLOCK_NEXT_SCHOOL_DAY, 0, CORE_ROLL_NONE, "2026-02-13T09:00Z", NULL, FIRM},
         "Mon 23 Feb 08:30: the first opening of school after Fri 13 Feb 09:00, no school Sat 14 Feb to Sun 22 Feb"},
        {{CORE_CLOCK_NEXT_SCHOOL_DAY, 0, CORE_ROLL_NONE, "2026-02-14T02:12Z", NULL, FIRM},
         "Mon 23 Feb 08:30: the first opening of school after Sat 14 Feb 02:12, no school Sat 14 Feb to Sun 22 Feb"},
        {{CORE_CLOCK_NEXT_SCHOOL_DAY, 0, CORE_ROLL_NONE, "2029-05-01T12:00Z", NULL, FIRM},
         "Tue 1 May 13:00: at once, due time not known: no school term ahead is known"},
        {{CORE_CLOCK_AGE_MONTHS, 210, CORE_ROLL_NONE, "2008-08-31T11:00Z", NULL, FIRM},
         "Sun 1 Mar 2026 00:00: the age of 17 years and 6 months, born Sun 31 Aug, on the first of the next month as the month "
         "has no "
         "such day"},
    };
    for (size_t i = 0; i < COUNT(cases); i++)
        then_words(&worked->calendar, &cases[i].asked, cases[i].words);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_worked_examples_come_out_to_the_minute),
        cmocka_unit_test(working_minutes_begin_at_an_opening_and_may_end_at_a_closing),
        cmocka_unit_test(working_days_are_counted_from_the_day_after_whatever_the_hour),
        cmocka_unit_test(calendar_days_and_months_end_at_close_of_day_and_roll_only_when_asked),
        cmocka_unit_test(a_school_day_is_the_first_opening_after_the_start),
        cmocka_unit_test(an_age_is_reached_at_midnight_of_its_day),
        cmocka_unit_test(past_the_end_of_the_calendar_monday_to_friday_count_provisionally),
        cmocka_unit_test(a_calendar_that_never_opens_answers_at_once_and_not_known),
        cmocka_unit_test(an_hour_left_out_is_not_worked_and_an_hour_repeated_is_worked_twice),
        cmocka_unit_test(the_calendar_is_open_from_opening_until_just_before_closing),
        cmocka_unit_test(an_instant_has_a_civil_day_minute_and_text),
        cmocka_unit_test(each_kind_has_a_name_and_an_unknown_name_has_no_kind),
        cmocka_unit_test(the_arithmetic_is_told_in_words),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
