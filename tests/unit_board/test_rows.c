/* O1-O3: deliveries in, rows out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "board/names.h"
#include "made.h"

static int open_rows(void **state)
{
    return rows_open((board_rows **)state, NULL) == HUB_OK ? 0 : -1;
}

static int close_rows(void **state)
{
    rows_close(*state);
    return 0;
}

static void a_delivery_makes_a_row_and_a_newer_one_changes_it(void **state)
{
    made m;
    const board_row *row = rows_take(*state, 0, made_delivery(&m, 17, 5, 9000));
    assert_non_null(row);
    assert_true(row->is_provisional);
    assert_string_equal(row->rated_by, "R-X");
    assert_int_equal(row->clocks[0].due_ms, 9000);
    (void)made_delivery(&m, 17, 6, 0);
    m.alert.state = (char *)(uintptr_t) "held";
    m.alert.owner = (char *)(uintptr_t) "ann";
    m.alert.rated_by = (char *)(uintptr_t) "ann";
    row = rows_take(*state, 0, &m.delivery);
    assert_int_equal(row->state, ROW_HELD);
    assert_string_equal(row->owner, "ann");
    assert_false(row->is_provisional);
    assert_int_equal(row->clock_count, 0);
    assert_int_equal(rows_count(*state), 1);
}

/* A list says what a clock is for as the hub does: a question's whose asker said by when is not that of the policy's row. */
static void a_clock_has_the_hubs_words_or_its_name(void **state)
{
    made m;
    assert_string_equal(rows_take(*state, 0, made_delivery(&m, 17, 5, 9000))->clocks[0].what, "decision");
    (void)made_delivery(&m, 17, 6, 9000);
    m.clock.plain = (char *)(uintptr_t) "an agency answers by when it was asked to";
    assert_string_equal(rows_take(*state, 0, &m.delivery)->clocks[0].what, "an agency answers by when it was asked to");
}

/* What has run out stands before what runs: a list sorts and shows by the first. */
static void what_is_overdue_stands_first(void **state)
{
    made m;
    Mash__V1__Clock past = MASH__V1__CLOCK__INIT, *overdue[] = {&past};
    past.clock = (char *)(uintptr_t) "referral_decision";
    past.due_ms = 4000;
    past.statutory = true;
    past.cause = (char *)(uintptr_t) "it was due before the event came: the sender was late";
    (void)made_delivery(&m, 17, 5, 9000);
    m.alert.overdue = overdue;
    m.alert.n_overdue = 1;

    const board_row *row = rows_take(*state, 0, &m.delivery);

    assert_int_equal(row->clock_count, 2);
    assert_string_equal(row->clocks[0].what, "referral_decision");
    assert_true(row->clocks[0].overdue && row->clocks[0].was_past && row->clocks[0].statutory);
    assert_string_equal(row->clocks[1].what, "decision");
    assert_false(row->clocks[1].overdue || row->clocks[1].was_past);
}

/* Seven run, and a row has room for six: the last local one gives way, and none that statute requires. */
static void a_full_row_loses_no_statutory_clock(void **state)
{
    made m;
    Mash__V1__Clock local[ROW_CLOCKS_MAX - 1], early, late, *clocks[ROW_CLOCKS_MAX + 1];
    mash__v1__clock__init(&early);
    mash__v1__clock__init(&late);
    early.statutory = late.statutory = true;
    early.due_ms = 1;
    late.due_ms = 1000;
    clocks[0] = &early;
    clocks[ROW_CLOCKS_MAX] = &late;
    for (int i = 0; i < ROW_CLOCKS_MAX - 1; i++) {
        mash__v1__clock__init(&local[i]);
        local[i].due_ms = 2 + i;
        clocks[i + 1] = &local[i];
    }
    (void)made_delivery(&m, 17, 5, 0);
    m.alert.clocks = clocks;
    m.alert.n_clocks = ROW_CLOCKS_MAX + 1;

    const board_row *row = rows_take(*state, 0, &m.delivery);

    assert_int_equal(row->clock_count, ROW_CLOCKS_MAX);
    assert_int_equal(row->clocks[0].due_ms, 1);
    assert_int_equal(row->clocks[ROW_CLOCKS_MAX - 2].due_ms, ROW_CLOCKS_MAX - 1);
    assert_int_equal(row->clocks[ROW_CLOCKS_MAX - 1].due_ms, 1000);
}

static void an_older_delivery_changes_nothing(void **state)
{
    made m;
    (void)rows_take(*state, 0, made_delivery(&m, 17, 6, 0));
    (void)made_delivery(&m, 17, 5, 0);
    m.alert.owner = (char *)(uintptr_t) "ann";
    assert_null(rows_take(*state, 0, &m.delivery)); /* O2 */
    assert_string_equal(rows_find(*state, 0, 17)->owner, "");
}

static void two_queues_have_two_rows(void **state)
{
    made m;
    (void)rows_take(*state, 0, made_delivery(&m, 17, 5, 0));
    (void)rows_take(*state, 1, made_delivery(&m, 17, 6, 0));
    assert_int_equal(rows_count(*state), 2); /* O1 */
    assert_int_equal(rows_find(*state, 0, 17)->sequence, 5);
    assert_int_equal(rows_find(*state, 1, 17)->sequence, 6);
    assert_null(rows_find(*state, 0, 18));
}

static void a_class_that_is_not_told_counts_as_restricted(void **state)
{
    made m;
    (void)made_delivery(&m, 17, 5, 0);
    m.alert.sensitivity = MASH__V1__SENSITIVITY__SENSITIVITY_UNSPECIFIED;
    assert_int_equal(rows_take(*state, 0, &m.delivery)->sensitivity, MASH__V1__SENSITIVITY__SENSITIVITY_RESTRICTED); /* O3 */
}

static void what_is_about_no_alert_makes_no_row(void **state)
{
    made m;
    (void)made_delivery(&m, 17, 5, 0);
    m.delivery.alert = NULL;
    assert_null(rows_take(*state, 0, &m.delivery));
    (void)made_delivery(&m, 17, 5, 0);
    m.alert.alert_id = (char *)(uintptr_t) "A17x";
    assert_null(rows_take(*state, 0, &m.delivery));
    assert_int_equal(rows_count(*state), 0);
}

static void many_rows_are_found_again_and_forgotten_at_once(void **state)
{
    enum { MANY = 5000 };
    made m;
    for (uint64_t i = 1; i <= MANY; i++)
        assert_non_null(rows_take(*state, (uint32_t)(i % 2), made_delivery(&m, i, i, 0)));
    for (uint64_t i = 1; i <= MANY; i++)
        assert_int_equal(rows_find(*state, (uint32_t)(i % 2), i)->sequence, i);
    rows_clear(*state);
    assert_int_equal(rows_count(*state), 0);
    assert_null(rows_find(*state, 1, 1));
}

/* Texts are kept once for all rows, and so many at most. Without an owner a row would look as if nobody had it, without its parties as if
 * everybody might see it. */
static void a_row_whose_texts_cannot_be_kept_is_seen_by_nobody(void **state)
{
    char owner[16];
    made m;
    assert_false(rows_take(*state, 0, made_delivery(&m, 17, 1, 0))->is_hidden);
    for (uint64_t i = 2; i <= NAMES_MAX + 1; i++) {
        (void)hub_format(owner, sizeof owner, "p-%u", (unsigned)i);
        (void)made_delivery(&m, 17, i, 0);
        m.alert.owner = owner;
        (void)rows_take(*state, 0, &m.delivery);
    }
    assert_true(rows_failed(*state));
    (void)made_delivery(&m, 17, NAMES_MAX + 2, 0);
    made_party(&m, "somebody new");
    assert_true(rows_take(*state, 0, &m.delivery)->is_hidden);                              /* O3 */
    assert_false(rows_take(*state, 0, made_delivery(&m, 17, NAMES_MAX + 3, 0))->is_hidden); /* what it says now is known */
}

int main(void)
{
#define ROWS(story) cmocka_unit_test_setup_teardown(story, open_rows, close_rows)
    const struct CMUnitTest tests[] = {
        ROWS(a_delivery_makes_a_row_and_a_newer_one_changes_it),
        ROWS(a_clock_has_the_hubs_words_or_its_name),
        ROWS(what_is_overdue_stands_first),
        ROWS(a_full_row_loses_no_statutory_clock),
        ROWS(an_older_delivery_changes_nothing),
        ROWS(two_queues_have_two_rows),
        ROWS(a_class_that_is_not_told_counts_as_restricted),
        ROWS(what_is_about_no_alert_makes_no_row),
        ROWS(many_rows_are_found_again_and_forgotten_at_once),
        ROWS(a_row_whose_texts_cannot_be_kept_is_seen_by_nobody),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
