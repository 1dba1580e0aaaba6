/* test_civil.c - civil dates and the changes of the clocks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/civil.h"

#define MINUTES(n) ((n)*CORE_MS_A_MINUTE)
enum { YEARS = 3, ROWS = 2 * YEARS + 1 };

/* The journal's clocks are kept for years: a date that does not come back as it went in would move a birthday. */
static void every_day_of_a_thousand_years_is_the_day_after_the_one_before(void **fixture)
{
    (void)fixture;
    core_civil_date date = {1600, 1, 1};
    int32_t day = core_civil_day(1600, 1, 1);
    assert_int_equal(day, -135140);
    for (; date.year < 2600; day++) {
        core_civil_date got = core_civil_date_of(day);
        assert_memory_equal(&got, &date, sizeof date);
        assert_int_equal(core_civil_day(date.year, date.month, date.day_of_month), day);
        if (++date.day_of_month <= core_civil_month_days(date.year, date.month)) continue;
        date.day_of_month = 1;
        if (++date.month <= 12) continue;
        date.month = 1;
        date.year++;
    }
}

static void known_days_fall_on_their_weekdays(void **fixture)
{
    (void)fixture;
    assert_string_equal(core_civil_weekday_name(core_civil_day(1970, 1, 1)), "Thu");
    assert_string_equal(core_civil_weekday_name(core_civil_day(1969, 12, 31)), "Wed");
    assert_string_equal(core_civil_weekday_name(core_civil_day(1900, 1, 1)), "Mon");
    assert_string_equal(core_civil_weekday_name(core_civil_day(2026, 3, 29)), "Sun");
    assert_int_equal(core_civil_weekday(core_civil_day(2026, 3, 30)), 0);
}

static void only_years_divisible_by_four_hundred_are_leap_centuries(void **fixture)
{
    (void)fixture;
    assert_int_equal(core_civil_month_days(1900, 2), 28);
    assert_int_equal(core_civil_month_days(2000, 2), 29);
    assert_int_equal(core_civil_month_days(2028, 2), 29);
    assert_int_equal(core_civil_month_days(2027, 2), 28);
}

/* Summer Time Order 2002: the last Sundays of March and October, at 01:00 of UTC. */
static void london_changes_its_clocks_on_the_last_sundays_of_march_and_october(void **fixture)
{
    (void)fixture;
    core_zone_change rows[ROWS];
    assert_int_equal(core_zone_london(2025, 2027, rows, ROWS), ROWS);
    const int32_t changes[YEARS][2] = {
        {core_civil_day(2025, 3, 30), core_civil_day(2025, 10, 26)},
        {core_civil_day(2026, 3, 29), core_civil_day(2026, 10, 25)},
        {core_civil_day(2027, 3, 28), core_civil_day(2027, 10, 31)},
    };
    for (int year = 0; year < YEARS; year++) {
        assert_int_equal(rows[1 + 2 * year].from_utc_ms, changes[year][0] * CORE_MS_A_DAY + MINUTES(60));
        assert_int_equal(rows[1 + 2 * year].offset_minutes, 60);
        assert_int_equal(rows[2 + 2 * year].from_utc_ms, changes[year][1] * CORE_MS_A_DAY + MINUTES(60));
        assert_int_equal(rows[2 + 2 * year].offset_minutes, 0);
    }
    assert_int_equal(core_zone_offset(rows, ROWS, rows[3].from_utc_ms - 1), 0);
    assert_int_equal(core_zone_offset(rows, ROWS, rows[3].from_utc_ms), 60);
}

/* K2: an hour that is left out must not make a promise earlier, an hour that comes twice must not make an opening late or a
 * closing early. */
static void times_that_do_not_exist_or_exist_twice_have_one_meaning(void **fixture)
{
    (void)fixture;
    core_zone_change rows[ROWS];
    core_zone_london(2025, 2027, rows, ROWS);
    const int32_t spring = core_civil_day(2026, 3, 29);
    const int32_t autumn = core_civil_day(2026, 10, 25);
    const int64_t spring_utc = spring * CORE_MS_A_DAY;
    const int64_t autumn_utc = autumn * CORE_MS_A_DAY;
    const struct {
        int32_t day, minute;
        int64_t first, last;
    } cases[] = {
        {spring, 59, spring_utc + MINUTES(59), spring_utc + MINUTES(59)},
        {spring, 60, spring_utc + MINUTES(60), spring_utc + MINUTES(60)},  /* 01:00 is not there: 02:00 */
        {spring, 90, spring_utc + MINUTES(60), spring_utc + MINUTES(60)},  /* nor is 01:30 */
        {spring, 120, spring_utc + MINUTES(60), spring_utc + MINUTES(60)}, /* 02:00 is the same instant */
        {spring, 121, spring_utc + MINUTES(61), spring_utc + MINUTES(61)},
        {spring, 1440, spring_utc + MINUTES(1380), spring_utc + MINUTES(1380)},
        {autumn, 0, autumn_utc - MINUTES(60), autumn_utc - MINUTES(60)},
        {autumn, 59, autumn_utc - MINUTES(1), autumn_utc - MINUTES(1)},
        {autumn, 60, autumn_utc, autumn_utc + MINUTES(60)},
        {autumn, 119, autumn_utc + MINUTES(59), autumn_utc + MINUTES(119)},
        {autumn, 120, autumn_utc + MINUTES(120), autumn_utc + MINUTES(120)},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_int_equal(core_zone_instant(rows, ROWS, cases[i].day, cases[i].minute, CORE_FIRST_OCCURRENCE), cases[i].first);
        assert_int_equal(core_zone_instant(rows, ROWS, cases[i].day, cases[i].minute, CORE_LAST_OCCURRENCE), cases[i].last);
    }
}

static void before_the_first_row_and_without_rows_time_is_still_defined(void **fixture)
{
    (void)fixture;
    const core_zone_change one = {INT64_C(1000000000000), 60};
    assert_int_equal(core_zone_offset(&one, 1, 0), 60);
    assert_int_equal(core_zone_instant(&one, 1, 1, 0, CORE_LAST_OCCURRENCE), CORE_MS_A_DAY - MINUTES(60));
    assert_int_equal(core_zone_offset(NULL, 0, 0), 0);
    assert_int_equal(core_zone_instant(NULL, 0, 1, 30, CORE_FIRST_OCCURRENCE), CORE_MS_A_DAY + MINUTES(30));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_day_of_a_thousand_years_is_the_day_after_the_one_before),
        cmocka_unit_test(known_days_fall_on_their_weekdays),
        cmocka_unit_test(only_years_divisible_by_four_hundred_are_leap_centuries),
        cmocka_unit_test(london_changes_its_clocks_on_the_last_sundays_of_march_and_october),
        cmocka_unit_test(times_that_do_not_exist_or_exist_twice_have_one_meaning),
        cmocka_unit_test(before_the_first_row_and_without_rows_time_is_still_defined),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
