/* The text format, letter by letter: Prometheus drops a whole page for one bad line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "metrics/text.h"

static hub_buffer out;

static int clear(void **state)
{
    (void)state;
    hub_buffer_free(&out);
    return 0;
}

static void a_family_is_help_type_and_samples(void **state)
{
    (void)state;
    metrics_family(&out, "mash_events_total", METRICS_COUNTER, "Events, by what became of them.");
    const metrics_pair stored[] = {{METRICS_PEER, "police"}, {METRICS_CODE, "stored"}, {METRICS_NO_LABEL, NULL}};
    metrics_sample(&out, "mash_events_total", stored, 17);
    metrics_alone(&out, "mash_room_bytes", METRICS_GAUGE, "Bytes that may still be written.", 1099511627776.0);
    assert_string_equal(hub_buffer_text(&out), "# HELP mash_events_total Events, by what became of them.\n"
                                               "# TYPE mash_events_total counter\n"
                                               "mash_events_total{peer=\"police\",code=\"stored\"} 17\n"
                                               "# HELP mash_room_bytes Bytes that may still be written.\n"
                                               "# TYPE mash_room_bytes gauge\n"
                                               "mash_room_bytes 1099511627776\n");
}

/* Counters of years: a figure that loses its last digits would look like an agency that fell silent. */
static void whole_numbers_stay_whole_and_parts_of_seconds_are_decimal(void **state)
{
    (void)state;
    metrics_sample(&out, "mash_a", NULL, 9007199254740991.0);
    metrics_sample(&out, "mash_b", NULL, 0.25);
    metrics_sample(&out, "mash_c", NULL, -3);
    metrics_sample(&out, "mash_d", NULL, 0);
    assert_string_equal(hub_buffer_text(&out), "mash_a 9007199254740991\nmash_b 0.25\nmash_c -3\nmash_d 0\n");
}

/* F3 */
static void a_value_cannot_end_its_quotes_or_its_line(void **state)
{
    (void)state;
    const metrics_pair pairs[] = {{METRICS_QUEUE, "a\"} 1\nmash_lie{x=\"\\"}, {METRICS_NO_LABEL, NULL}};
    metrics_sample(&out, "mash_waiting", pairs, 1);
    assert_string_equal(hub_buffer_text(&out), "mash_waiting{queue=\"a\\\"} 1\\nmash_lie{x=\\\"\\\\\"} 1\n");
}

static void buckets_add_up_and_the_last_holds_all(void **state)
{
    (void)state;
    static const metrics_bounds BOUNDS = {2, {0.5, 1}};
    metrics_histogram h = {0};
    metrics_observe(&h, &BOUNDS, 0.5); /* a bound belongs to its bucket */
    metrics_observe(&h, &BOUNDS, 0.75);
    metrics_observe(&h, &BOUNDS, 8);
    const metrics_pair pairs[] = {{METRICS_ROUTE, "queue"}, {METRICS_NO_LABEL, NULL}};
    metrics_family(&out, "mash_seconds", METRICS_HISTOGRAM, "Time.");
    metrics_buckets(&out, "mash_seconds", pairs, &BOUNDS, &h);
    assert_string_equal(hub_buffer_text(&out), "# HELP mash_seconds Time.\n"
                                               "# TYPE mash_seconds histogram\n"
                                               "mash_seconds_bucket{route=\"queue\",le=\"0.5\"} 1\n"
                                               "mash_seconds_bucket{route=\"queue\",le=\"1\"} 2\n"
                                               "mash_seconds_bucket{route=\"queue\",le=\"+Inf\"} 3\n"
                                               "mash_seconds_sum{route=\"queue\"} 9.25\n"
                                               "mash_seconds_count{route=\"queue\"} 3\n");
}

static void the_bounds_that_are_shipped_ascend(void **state)
{
    (void)state;
    const metrics_bounds *const SHIPPED[] = {&METRICS_SECONDS, &METRICS_RECORDS};
    for (size_t i = 0; i < 2; i++) {
        for (uint32_t k = 1; k < SHIPPED[i]->count; k++)
            assert_true(SHIPPED[i]->upto[k - 1] < SHIPPED[i]->upto[k]);
        assert_true(SHIPPED[i]->count > 0 && SHIPPED[i]->count <= METRICS_BOUNDS_MAX);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(a_family_is_help_type_and_samples, clear),
        cmocka_unit_test_teardown(whole_numbers_stay_whole_and_parts_of_seconds_are_decimal, clear),
        cmocka_unit_test_teardown(a_value_cannot_end_its_quotes_or_its_line, clear),
        cmocka_unit_test_teardown(buckets_add_up_and_the_last_holds_all, clear),
        cmocka_unit_test_teardown(the_bounds_that_are_shipped_ascend, clear),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
