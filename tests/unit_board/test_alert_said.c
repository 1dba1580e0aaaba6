/* What the lists and an alert's page say of its clocks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "board/page_clock.h"
#include "board/timeline.h"
#include "made.h"
#include "opened.h"

#define DAY_MS (INT64_C(24) * 60 * OPENED_MINUTE_MS)
#define LATE_SENDER "it was due before the event came: the sender was late"

/* A visit that draws pieces of a page, and a browser before the whole board. */
typedef struct desk {
    opened *o;
    visit v;
    made m;
    Mash__V1__Clock past, *overdue[1];
} desk;

static int desk_setup(void **state)
{
    void *board_open = NULL;
    desk *d = calloc(1, sizeof *d);
    if (d == NULL || opened_setup(&board_open) != 0) return -1;
    d->o = board_open;
    d->v.b = d->o->b;
    d->v.now_ms = link_hub_now_ms(d->o->b->gate);
    assert_int_equal(hub_arena_open(&d->v.arena, 16 * 1024, 1024 * 1024), HUB_OK);
    mash__v1__clock__init(&d->past);
    d->overdue[0] = &d->past;
    d->past.clock = (char *)(uintptr_t) "referral_decision";
    d->past.plain = (char *)(uintptr_t) "the authority decides what kind of response is needed";
    d->past.why = (char *)(uintptr_t) "one working day";
    d->past.source = (char *)(uintptr_t) "Working Together 2026";
    d->past.cause = (char *)(uintptr_t)LATE_SENDER;
    d->past.statutory = true;
    d->past.due_ms = d->v.now_ms - 3 * DAY_MS;
    *state = d;
    return 0;
}

static int desk_teardown(void **state)
{
    desk *d = *state;
    void *board_open = d->o;
    hub_buffer_free(&d->v.page);
    hub_arena_close(&d->v.arena);
    free(d);
    return opened_teardown(&board_open);
}

static bool page_says(desk *d, const char *text)
{
    return strstr(hub_buffer_text(&d->v.page), text) != NULL;
}

/* Alert A1 as the hub tells of it at the next record: open, with what is overdue and, due in an hour, what runs. */
static void given_overdue(desk *d)
{
    (void)made_delivery(&d->m, 1, 2, d->v.now_ms + 60 * OPENED_MINUTE_MS);
    d->m.clock.plain = (char *)(uintptr_t) "a rating is given";
    d->m.alert.overdue = d->overdue;
    d->m.alert.n_overdue = 1;
    (void)rows_take(d->o->b->rows, 0, &d->m.delivery);
    opened_session(d->o, "hc-1", 0);
}

/* The worst of all clocks must not look like none: the statutory time was over before the referral came. */
static void a_list_says_that_a_statutory_clock_is_overdue_and_what_runs_out_next(void **state)
{
    desk *d = *state;
    given_overdue(d);

    opened_ask(d->o, "/queue/unclaimed", NULL);

    assert_true(opened_says(d->o, "Overdue by 3 d 0 h"));
    assert_true(opened_says(d->o, "needed, required by statute, had run out before it came here"));
    assert_true(opened_says(d->o, "a rating is given"));
    assert_false(opened_says(d->o, "No clock is running"));
}

static void a_clock_that_had_run_out_before_its_event_came_says_so_with_its_arithmetic(void **state)
{
    desk *d = *state;

    page_clock_row(&d->v, &d->v.page, &d->past);

    assert_true(page_says(d, "(required by statute)"));
    assert_true(page_says(d, "Overdue by 3 d 0 h 0 min"));
    assert_true(page_says(d, "Nobody here could keep it: " LATE_SENDER "."));
    assert_true(page_says(d, "one working day"));
    assert_true(page_says(d, "Working Together 2026"));
}

static void the_timeline_tells_when_a_clock_was_due_and_that_statute_requires_it(void **state)
{
    desk *d = *state;
    Mash__V1__LapsedClock lapsed = MASH__V1__LAPSED_CLOCK__INIT;
    lapsed.due_ms = INT64_C(1791205500000); /* Mon 5 Oct 2026 14:05 BST */
    lapsed.late_ms = 90 * OPENED_MINUTE_MS;
    lapsed.statutory = true;
    lapsed.cause = (char *)(uintptr_t)LATE_SENDER;
    (void)made_delivery(&d->m, 1, 2, 0);
    d->m.delivery.lapsed = &lapsed;

    timeline_entry(&d->v, &d->v.page, &d->m.delivery);

    assert_true(page_says(d, "Required by statute. It was due Mon 5 Oct 2026 14:05 BST, and the hub said so 1 h 30 min later"));
    assert_true(page_says(d, LATE_SENDER));
}

static void a_clock_whose_due_time_nobody_knows_is_told_without_one(void **state)
{
    desk *d = *state;
    Mash__V1__LapsedClock lapsed = MASH__V1__LAPSED_CLOCK__INIT;
    lapsed.due_unknown = true;
    lapsed.cause = (char *)(uintptr_t) "when it is due is not known";
    (void)made_delivery(&d->m, 1, 2, 0);
    d->m.delivery.lapsed = &lapsed;

    timeline_entry(&d->v, &d->v.page, &d->m.delivery);

    assert_false(page_says(d, "It was due"));
    assert_true(page_says(d, "when it is due is not known"));
}

int main(void)
{
#define DESK(story) cmocka_unit_test_setup_teardown(story, desk_setup, desk_teardown)
    const struct CMUnitTest tests[] = {
        DESK(a_list_says_that_a_statutory_clock_is_overdue_and_what_runs_out_next),
        DESK(a_clock_that_had_run_out_before_its_event_came_says_so_with_its_arithmetic),
        DESK(the_timeline_tells_when_a_clock_was_due_and_that_statute_requires_it),
        DESK(a_clock_whose_due_time_nobody_knows_is_told_without_one),
    };
    return cmocka_run_group_tests_name("alert_said", tests, NULL, NULL);
}
