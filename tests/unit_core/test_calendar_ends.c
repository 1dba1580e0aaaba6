/* Bank holidays and school terms are published for a year or two. Nobody reads a policy that runs well: the hub says itself that they end. */
#include "story_acts.h"

#include "core/state.h"

#include <string.h>

#define ENDS MASH__V1__ALARM_KIND__ALARM_KIND_CALENDAR_ENDS
#define PROVISIONAL MASH__V1__ALARM_KIND__ALARM_KIND_PROVISIONAL
#define DAY(year, month, of_month) core_civil_day(year, month, of_month)

/* The instant at which a tick has something to do, which it does; the civil day of it. */
static int32_t next_tick(story *s)
{
    tick_after(s, core_count(s->state).next_due_ms - s->now_ms);
    return core_calendar_day(calendar(s), s->now_ms, NULL);
}

static void given_holidays_known_until(story *s, int32_t day)
{
    calendar(s)->known_until_day = day;
    s->policy->digest[1]++;
    adopt_again(s);
}

static void half_a_year_before_it_ends_and_again_as_it_comes_nearer(void **fixture)
{
    static const int32_t BEFORE[] = {180, 90, 60, 30, 14, 7, 6, 5, 4, 3, 2, 1, 0};
    story *s = *fixture;
    int32_t end = DAY(2027, 12, 28);
    given_holidays_known_until(s, end);

    for (size_t i = 0; i < sizeof BEFORE / sizeof BEFORE[0]; i++) {
        assert_int_equal(next_tick(s), end - BEFORE[i]);
        assert_true(alarmed(s, ENDS));
        assert_true(told(s, "duty"));
        assert_int_equal(core_calendar_day(calendar(s), s->now_ms - 9 * HOUR_MS, NULL), end - BEFORE[i]); /* not by night */
    }
    assert_int_equal(core_count(s->state).next_due_ms, 0);
}

/* Who adopts a policy is told what of it ends (policy check), so the next is the next of those days. */
static void a_policy_that_ends_soon_is_not_told_twice_to_who_adopts_it(void **fixture)
{
    story *s = *fixture;
    int32_t end = DAY(2026, 8, 31); /* 84 days */
    given_holidays_known_until(s, end);
    assert_int_equal(next_tick(s), end - 60);

    given_holidays_known_until(s, DAY(2029, 12, 28));
    assert_int_equal(next_tick(s), DAY(2029, 12, 28) - 180);
}

static void terms_count_where_a_clock_asks_for_them_and_so_do_those_of_one_school(void **fixture)
{
    story *s = *fixture;
    core_day_span terms[] = {{DAY(2026, 9, 3), DAY(2027, 7, 22)}}, shorter[] = {{DAY(2026, 9, 3), DAY(2027, 7, 1)}};
    core_school school = {.urn = "116123", .terms = shorter, .term_count = 1};
    calendar(s)->terms = terms;
    calendar(s)->term_count = 1;
    s->policy->schools = &school;
    s->policy->school_count = 1;
    assert_int_equal(core_policy_calendar_days(s->policy, DAY(2026, 6, 8)), INT32_MAX);

    clock_row(s, 0)->kind = CORE_CLOCK_NEXT_SCHOOL_DAY;
    assert_int_equal(core_policy_calendar_days(s->policy, DAY(2026, 6, 8)), DAY(2027, 7, 1) - DAY(2026, 6, 8));
    s->policy->school_count = 0;
    assert_int_equal(core_policy_calendar_days(s->policy, DAY(2026, 6, 8)), DAY(2027, 7, 22) - DAY(2026, 6, 8));
    calendar(s)->known_until_day = DAY(2026, 6, 1);
    assert_int_equal(core_policy_calendar_days(s->policy, DAY(2026, 6, 8)), -7);
}

/* ---- a clock that is due after the end --------------------------------------------------------------------------------------- */
static void the_first_of_a_day_is_told_and_the_next_days_first_again(void **fixture)
{
    story *s = *fixture;
    given_holidays_known_until(s, DAY(2026, 6, 7));

    publish(s, (event_said){.number = 1, .payload = MASH__V1__EVENT__PAYLOAD_DOMESTIC_ABUSE_INCIDENT});
    assert_true(alarmed(s, PROVISIONAL));
    assert_int_equal(fact(s, 80, 0)->alarm_raised->alert, 1);
    assert_true(told(s, "duty"));
    assert_null(fact(s, 80, 1));

    publish(s, (event_said){.number = 2, .people = {{.role = CHILD, .nhs = NHS_BEN}}});
    assert_false(alarmed(s, PROVISIONAL));

    s->now_ms += DAY_MS;
    publish(s, (event_said){.number = 3, .people = {{.role = CHILD, .nhs = NHS_CARA}}});
    assert_true(alarmed(s, PROVISIONAL));
}

static void a_clock_that_an_act_starts_is_told_too(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1});
    core_clock_row *row = clock_row(s, (uint32_t)s->policy->ratings[MASH__V1__RATING__RATING_RED].claim);
    row->kind = CORE_CLOCK_WORKING_DAYS;
    row->amount = 2;
    given_holidays_known_until(s, DAY(2026, 6, 8));

    then_done(claim(s, "anna"));

    assert_true(started(s, row->id)->provisional);
    assert_true(alarmed(s, PROVISIONAL));
}

static void within_its_calendar_nothing_is_said(void **fixture)
{
    story *s = *fixture;
    given_holidays_known_until(s, DAY(2027, 6, 8));

    publish(s, (event_said){.number = 1, .payload = MASH__V1__EVENT__PAYLOAD_DOMESTIC_ABUSE_INCIDENT});

    assert_false(alarmed(s, PROVISIONAL));
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, story_begin, story_end)
    const struct CMUnitTest tests[] = {
        T(half_a_year_before_it_ends_and_again_as_it_comes_nearer),
        T(a_policy_that_ends_soon_is_not_told_twice_to_who_adopts_it),
        T(terms_count_where_a_clock_asks_for_them_and_so_do_those_of_one_school),
        T(the_first_of_a_day_is_told_and_the_next_days_first_again),
        T(a_clock_that_an_act_starts_is_told_too),
        T(within_its_calendar_nothing_is_said),
    };
    return cmocka_run_group_tests_name("calendar_ends", tests, NULL, NULL);
}
