/* Hub time: one clock for every record, that of itself never goes back and never jumps, and is put right in the open. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/hub_clock.h"

static const int64_t NOON = INT64_C(1800000000000);
static const int64_t MINUTE = 60000;
static const int64_t HOUR = 3600000;
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

/* ---- being put right ------------------------------------------------------------------------------------------------------- */
#define WRONG MASH__V1__TIME_CAUSE__TIME_CAUSE_WRONG_CLOCK
#define PAUSE MASH__V1__TIME_CAUSE__TIME_CAUSE_PAUSE

/* A machine whose clocks the tests turn. */
typedef struct machine {
    daemon_clock clock;
    int64_t wall_ms, boot_ms;
    bool is_synchronised;
    int64_t delta_ms; /* what the clock was last settled by */
    Mash__V1__TimeCause cause;
} machine;

static machine started(int64_t last_ms, int64_t wall_ms)
{
    machine m = {.wall_ms = wall_ms, .is_synchronised = true};
    daemon_clock_start(&m.clock, last_ms, wall_ms, 0, DAEMON_CLOCK_ASK);
    return m;
}

/* Time passes, and the hub looks at its clock. Is hub time to be corrected? */
static bool settles_after(machine *m, int64_t ms)
{
    m->wall_ms += ms;
    m->boot_ms += ms;
    (void)daemon_clock_now(&m->clock, m->wall_ms, m->boot_ms);
    return daemon_clock_settle(&m->clock, m->wall_ms, m->is_synchronised, &m->delta_ms, &m->cause);
}

static void a_clock_that_agrees_needs_no_correction(void **state)
{
    (void)state;
    machine m = started(NOON - DAY, NOON);
    assert_false(settles_after(&m, MINUTE));
    assert_false(settles_after(&m, HOUR));
}

/* The virtual machine was frozen for ten minutes: hub time had been right and stood still. */
static void hub_time_that_was_right_and_is_behind_had_stood_still(void **state)
{
    (void)state;
    machine m = started(NOON - DAY, NOON);
    assert_false(settles_after(&m, MINUTE));
    m.wall_ms += 10 * MINUTE;
    assert_false(settles_after(&m, 1));
    assert_false(settles_after(&m, MINUTE - 1));

    assert_true(settles_after(&m, 1));

    assert_int_equal(m.cause, PAUSE);
    assert_int_equal(m.delta_ms, 10 * MINUTE);
    daemon_clock_correct(&m.clock, m.delta_ms);
    assert_int_equal(m.clock.hub_ms, m.wall_ms);
    assert_false(settles_after(&m, MINUTE));
    assert_false(m.clock.stepped);
}

static void hub_time_that_is_ahead_had_followed_a_wrong_clock(void **state)
{
    (void)state;
    machine m = started(NOON - DAY, NOON + HOUR);
    assert_false(settles_after(&m, MINUTE));
    m.wall_ms -= HOUR;
    assert_false(settles_after(&m, 1));

    assert_true(settles_after(&m, MINUTE));

    assert_int_equal(m.cause, WRONG);
    assert_int_equal(m.delta_ms, -HOUR);
}

/* Somebody sets the clock by hand: nobody knows yet whether it is right. */
static void a_clock_that_no_time_service_holds_is_not_followed(void **state)
{
    (void)state;
    machine m = started(NOON - DAY, NOON);
    m.is_synchronised = false;
    m.wall_ms += HOUR;
    assert_false(settles_after(&m, 1));
    assert_false(settles_after(&m, DAY));
}

static void the_minute_begins_anew_when_the_clock_steps_again_or_loses_its_service(void **state)
{
    (void)state;
    machine m = started(NOON - DAY, NOON);
    m.wall_ms += HOUR;
    assert_false(settles_after(&m, 1));
    assert_false(settles_after(&m, MINUTE / 2));
    m.wall_ms += HOUR;
    assert_false(settles_after(&m, MINUTE / 2));
    m.is_synchronised = false;
    assert_false(settles_after(&m, MINUTE / 2));
    m.is_synchronised = true;
    assert_false(settles_after(&m, MINUTE / 2));
    assert_false(settles_after(&m, MINUTE / 2));

    assert_true(settles_after(&m, MINUTE / 2));

    assert_int_equal(m.delta_ms, 2 * HOUR);
}

/* A dead battery: the machine came up years ago. When the time service has put it right nobody needs to be woken. */
static void timers_held_for_a_clock_that_was_behind_go_on_when_it_is_synchronised(void **state)
{
    (void)state;
    machine m = started(NOON, NOON - 1000 * DAY);
    m.is_synchronised = false;
    assert_false(settles_after(&m, MINUTE));
    assert_true(m.clock.holds_timers);
    m.wall_ms = NOON + 5 * HOUR;
    m.is_synchronised = true;
    assert_false(settles_after(&m, 1));

    assert_true(settles_after(&m, MINUTE));

    assert_int_equal(m.cause, WRONG);
    daemon_clock_correct(&m.clock, m.delta_ms);
    assert_false(m.clock.holds_timers);
    assert_int_equal(m.clock.hub_ms, m.wall_ms);
}

/* An old copy of the store, or a hub that was off all summer: a person looks before a month of deadlines fires. */
static void timers_held_for_a_month_go_on_by_a_persons_word_only(void **state)
{
    (void)state;
    machine m = started(NOON, NOON + 40 * DAY);
    assert_false(settles_after(&m, MINUTE));
    assert_false(settles_after(&m, HOUR));
    assert_true(m.clock.holds_timers);

    daemon_clock_correct(&m.clock, 0);

    assert_false(m.clock.holds_timers);
    m = started(NOON, NOON - DAY);
    m.wall_ms = NOON + 40 * DAY;
    assert_false(settles_after(&m, 1));
    assert_false(settles_after(&m, HOUR));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_wall_clock_set_back_does_not_take_hub_time_back),
        cmocka_unit_test(a_wall_clock_set_forward_is_not_followed_and_is_told),
        cmocka_unit_test(a_small_difference_is_made_up_gently),
        cmocka_unit_test(it_starts_no_earlier_than_the_last_record),
        cmocka_unit_test(timers_are_held_when_the_clock_at_start_cannot_be_right),
        cmocka_unit_test(a_clock_that_agrees_needs_no_correction),
        cmocka_unit_test(hub_time_that_was_right_and_is_behind_had_stood_still),
        cmocka_unit_test(hub_time_that_is_ahead_had_followed_a_wrong_clock),
        cmocka_unit_test(a_clock_that_no_time_service_holds_is_not_followed),
        cmocka_unit_test(the_minute_begins_anew_when_the_clock_steps_again_or_loses_its_service),
        cmocka_unit_test(timers_held_for_a_clock_that_was_behind_go_on_when_it_is_synchronised),
        cmocka_unit_test(timers_held_for_a_month_go_on_by_a_persons_word_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
