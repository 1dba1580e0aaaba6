/* A fold nobody runs proves nothing, and leaves every start to begin with record 1. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/fold_child.h"

enum { MINUTE = 60 * 1000 };

/* A hub of 1,400 events a day that is restarted every morning would never have one if it waited for many records or for an hour. */
static void a_started_hub_folds_after_ten_minutes_whatever_was_recorded(void **fixture)
{
    (void)fixture;
    daemon_fold_times times = {0};
    assert_false(daemon_fold_is_due(&times, 5 * MINUTE, 3));
    assert_false(daemon_fold_is_due(&times, 14 * MINUTE, 3));
    assert_true(daemon_fold_is_due(&times, 15 * MINUTE, 3));
}

static void each_hour_with_something_new_has_one_fold(void **fixture)
{
    (void)fixture;
    daemon_fold_times times = {0};
    assert_false(daemon_fold_is_due(&times, MINUTE, 3));
    assert_true(daemon_fold_is_due(&times, 11 * MINUTE, 3));
    assert_false(daemon_fold_is_due(&times, 70 * MINUTE, 4));
    assert_true(daemon_fold_is_due(&times, 71 * MINUTE, 4));
    assert_false(daemon_fold_is_due(&times, 72 * MINUTE, 5));
}

static void an_hour_without_anything_new_has_none(void **fixture)
{
    (void)fixture;
    daemon_fold_times times = {0};
    assert_false(daemon_fold_is_due(&times, MINUTE, 3));
    assert_true(daemon_fold_is_due(&times, 11 * MINUTE, 3));
    assert_false(daemon_fold_is_due(&times, 71 * MINUTE, 3));
    assert_false(daemon_fold_is_due(&times, 72 * MINUTE, 4));
    assert_true(daemon_fold_is_due(&times, 131 * MINUTE, 4));
}

/* Who looks at figures on Monday morning is not shown Sunday's; and a page that is loaded again and again folds no more often. */
static void who_asks_for_figures_has_them_made_soon_and_not_all_the_time(void **fixture)
{
    (void)fixture;
    daemon_fold_times times = {.is_asked = true};
    assert_true(daemon_fold_is_due(&times, MINUTE, 3));
    times.is_asked = true;
    assert_false(daemon_fold_is_due(&times, 3 * MINUTE, 4));
    assert_true(daemon_fold_is_due(&times, 6 * MINUTE, 4));
    assert_false(daemon_fold_is_due(&times, 30 * MINUTE, 5));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_started_hub_folds_after_ten_minutes_whatever_was_recorded),
        cmocka_unit_test(each_hour_with_something_new_has_one_fold),
        cmocka_unit_test(an_hour_without_anything_new_has_none),
        cmocka_unit_test(who_asks_for_figures_has_them_made_soon_and_not_all_the_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
