/* What an operator reads off a plot at three in the morning: the right minute, and a gap where nothing is known. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "board/gauges.h"

enum { MINUTE_MS = 60 * 1000 };
static const int64_t TEN = INT64_C(29000000) * MINUTE_MS;

static void hears(gauges *g, int64_t at_ms, uint64_t accepted, uint64_t refused)
{
    Mash__V1__Status status = MASH__V1__STATUS__INIT;
    status.events_accepted = accepted;
    status.events_refused = refused;
    gauges_status(g, at_ms, &status, 3);
}

static void events_of_a_minute_are_those_since_the_minute_before(void **state)
{
    (void)state;
    gauges g = {0};
    gauge_row rows[GAUGES_MINUTES];
    hears(&g, TEN, 100, 2);
    hears(&g, TEN + MINUTE_MS, 130, 2);
    hears(&g, TEN + MINUTE_MS + 5000, 140, 5);

    assert_int_equal(gauges_rows(&g, TEN + MINUTE_MS + 6000, rows), 2);
    assert_false(rows[0].knows_events); /* nobody knows how many came in the minute in which the board began */
    assert_true(rows[1].knows_events);
    assert_int_equal(rows[1].accepted, 40);
    assert_int_equal(rows[1].refused, 3);
    assert_int_equal(rows[1].at_ms, TEN + MINUTE_MS);
}

static void the_longest_of_a_minute_is_told_and_a_clock_that_is_ahead_takes_nothing_off(void **state)
{
    (void)state;
    gauges g = {0};
    gauge_row rows[GAUGES_MINUTES];
    gauges_delivery(&g, TEN + 30, TEN);
    gauges_delivery(&g, TEN + 200, TEN + 190);
    gauges_delivery(&g, TEN + 300, TEN + 305);

    assert_int_equal(gauges_rows(&g, TEN + 400, rows), 1);
    assert_int_equal(rows[0].deliveries, 3);
    assert_int_equal(rows[0].arrive_ms, 30);
    assert_int_equal(rows[0].answer_ms, 0);
}

/* The hub, or the board, was away for ten minutes: what came meanwhile is not that of one minute, and nobody may read it as none. */
static void minutes_in_which_nothing_was_heard_are_left_out_and_no_other_has_their_events(void **state)
{
    (void)state;
    gauges g = {0};
    gauge_row rows[GAUGES_MINUTES];
    hears(&g, TEN, 100, 0);
    hears(&g, TEN + 10 * MINUTE_MS, 160, 0);
    hears(&g, TEN + 11 * MINUTE_MS, 165, 0);

    assert_int_equal(gauges_rows(&g, TEN + 11 * MINUTE_MS, rows), 3);
    assert_int_equal(rows[1].at_ms, TEN + 10 * MINUTE_MS);
    assert_false(rows[1].knows_events);
    assert_true(rows[2].knows_events);
    assert_int_equal(rows[2].accepted, 5);
}

/* A hub that was restored counts from what its backup had. */
static void counts_that_fell_are_no_events_of_a_minute(void **state)
{
    (void)state;
    gauges g = {0};
    gauge_row rows[GAUGES_MINUTES];
    hears(&g, TEN, 100, 7);
    hears(&g, TEN + MINUTE_MS, 90, 7);
    hears(&g, TEN + 2 * MINUTE_MS, 95, 6);
    hears(&g, TEN + 3 * MINUTE_MS, 96, 6);

    assert_int_equal(gauges_rows(&g, TEN + 3 * MINUTE_MS, rows), 4);
    assert_false(rows[1].knows_events);
    assert_false(rows[2].knows_events);
    assert_true(rows[3].knows_events);
}

static void what_is_older_than_an_hour_is_gone(void **state)
{
    (void)state;
    gauges g = {0};
    gauge_row rows[GAUGES_MINUTES];
    hears(&g, TEN, 100, 0);
    hears(&g, TEN + 59 * MINUTE_MS, 101, 0);
    assert_int_equal(gauges_rows(&g, TEN + 59 * MINUTE_MS, rows), 2);

    assert_int_equal(gauges_rows(&g, TEN + 60 * MINUTE_MS, rows), 1);
    hears(&g, TEN + 60 * MINUTE_MS, 102, 0);
    assert_int_equal(gauges_rows(&g, TEN + 60 * MINUTE_MS, rows), 2);
    assert_int_equal(rows[0].at_ms, TEN + 59 * MINUTE_MS);
}

/* A board that starts again goes on with the last hour; what is damaged or of another time is no figure. */
static void what_was_kept_is_told_again_and_nothing_else(void **state)
{
    (void)state;
    gauges g = {0}, again = {0};
    gauge_row rows[GAUGES_MINUTES];
    hub_buffer kept = {0};
    hears(&g, TEN, 100, 0);
    hears(&g, TEN + MINUTE_MS, 130, 2);
    gauges_delivery(&g, TEN + MINUTE_MS + 30, TEN + MINUTE_MS);

    gauges_pack(&g, &kept);
    hub_buffer_put_text(&kept, "half a line 1\n-5 1 1 1 1 1 1\n99999999999999999999999\n\n7 1 1 1 1 1 1 1");
    gauges_unpack(&again, hub_buffer_bytes(&kept));
    hub_buffer_free(&kept);

    assert_int_equal(gauges_rows(&again, TEN + MINUTE_MS, rows), 2);
    assert_int_equal(rows[1].accepted, 30);
    assert_int_equal(rows[1].refused, 2);
    assert_int_equal(rows[1].arrive_ms, 30);
    assert_memory_equal(&g, &again, sizeof g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(events_of_a_minute_are_those_since_the_minute_before),
        cmocka_unit_test(the_longest_of_a_minute_is_told_and_a_clock_that_is_ahead_takes_nothing_off),
        cmocka_unit_test(minutes_in_which_nothing_was_heard_are_left_out_and_no_other_has_their_events),
        cmocka_unit_test(counts_that_fell_are_no_events_of_a_minute),
        cmocka_unit_test(what_is_older_than_an_hour_is_gone),
        cmocka_unit_test(what_was_kept_is_told_again_and_nothing_else),
    };
    return cmocka_run_group_tests_name("gauges", tests, NULL, NULL);
}
