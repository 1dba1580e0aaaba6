/* Hub time: one clock for every record, that never goes back and never jumps. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/hub_clock.h"

static const int64_t NOON = INT64_C(1800000000000);
static const int64_t DAY = INT64_C(24) * 3600 * 1000;

/* T1: records are ordered by sequence, and a reader must not meet one dated before its predecessor. */
static void a_wall_clock_set_back_does_not_take_hub_time_back(void **state)
{
    (void)state;
    daemon_clock clock;
    daemon_clock_start(&clock, NOON - DAY, NOON, 0, DAEMON_CLOCK_ASK);

    assert_int_equal(daemon_clock_now(&clock, NOON - 3600 * 1000, 1000), NOON + 1000);
    assert_true(clock.stepped);
    assert_int_equal(daemon_clock_now(&clock, NOON - 3600 * 1000, 500), NOON + 1000);
}

/* T2: the alarm ends when the clock is mended. */
static void a_wall_clock_set_forward_is_not_followed_and_is_told(void **state)
{
    (void)state;
    daemon_clock clock;
    daemon_clock_start(&clock, NOON - DAY, NOON, 0, DAEMON_CLOCK_ASK);

    assert_int_equal(daemon_clock_now(&clock, NOON + 60000, 1000), NOON + 1000);
    assert_true(clock.stepped);
    assert_int_equal(daemon_clock_now(&clock, NOON + 2000, 2000), NOON + 2000);
    assert_false(clock.stepped);
}

static void a_small_difference_is_made_up_gently(void **state)
{
    (void)state;
    daemon_clock clock;
    daemon_clock_start(&clock, NOON - DAY, NOON, 0, DAEMON_CLOCK_ASK);

    assert_int_equal(daemon_clock_now(&clock, NOON + 1000 + 500, 1000), NOON + 1000 + 10); /* 1 % of a second */
    assert_int_equal(daemon_clock_now(&clock, NOON + 100000 + 500, 100000), NOON + 100000 + 500);
    assert_int_equal(daemon_clock_now(&clock, NOON + 101000, 101000), NOON + 101000 + 490);
}

static void it_starts_no_earlier_than_the_last_record(void **state)
{
    (void)state;
    daemon_clock clock;
    daemon_clock_start(&clock, NOON, NOON - 500, 0, DAEMON_CLOCK_ASK);
    assert_int_equal(clock.hub_ms, NOON);
    assert_false(clock.holds_timers);
}

/* T3: a clock that came up wrong would fire every deadline of a month at once. */
static void timers_are_held_when_the_clock_at_start_cannot_be_right(void **state)
{
    (void)state;
    daemon_clock clock;
    daemon_clock_start(&clock, NOON, NOON - DAY, 0, DAEMON_CLOCK_ASK);
    assert_true(clock.holds_timers);
    daemon_clock_start(&clock, NOON, NOON + 32 * DAY, 0, DAEMON_CLOCK_ASK);
    assert_true(clock.holds_timers);
    daemon_clock_start(&clock, NOON, NOON + 32 * DAY, 0, DAEMON_CLOCK_ACCEPTED);
    assert_false(clock.holds_timers);
    daemon_clock_start(&clock, NOON, NOON + 30 * DAY, 0, DAEMON_CLOCK_ASK);
    assert_false(clock.holds_timers);
    daemon_clock_start(&clock, 0, NOON, 0, DAEMON_CLOCK_ASK);
    assert_false(clock.holds_timers);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_wall_clock_set_back_does_not_take_hub_time_back),
        cmocka_unit_test(a_wall_clock_set_forward_is_not_followed_and_is_told),
        cmocka_unit_test(a_small_difference_is_made_up_gently),
        cmocka_unit_test(it_starts_no_earlier_than_the_last_record),
        cmocka_unit_test(timers_are_held_when_the_clock_at_start_cannot_be_right),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
