/* The end of a shift at a whole board: what the page says was done is what was done, also where the hub has not told of it yet. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "made.h"
#include "opened.h"

/* Alert A1 is hc-1's, who is back on the page after this act; `offered_to`: as far as the hub has told. */
static void look_after(opened *o, const char *act, const char *offered_to)
{
    char address[64];
    made m;
    (void)made_delivery(&m, 1, 2, 0);
    m.alert.owner = (char *)(uintptr_t) "hc-1";
    m.alert.offered_to = (char *)(uintptr_t)offered_to;
    assert_non_null(rows_take(o->b->rows, 0, &m.delivery));
    opened_session(o, "hc-1", 0);
    (void)hub_format(address, sizeof address, "/shift?done=A1&act=%s", act);
    opened_ask(o, address, NULL);
    assert_int_equal(o->status, 200);
}

/* Who reads "is yours now" after they have asked a colleague asks again, or does not go home. */
static void an_offer_of_which_the_hub_has_not_told_yet_does_not_read_like_a_claim(void **state)
{
    opened *o = *state;

    look_after(o, "hand-over", "");

    assert_true(opened_says(o, "A1 is offered"));
    assert_false(opened_says(o, "is yours now"));
}

static void an_offer_names_who_is_asked(void **state)
{
    opened *o = *state;

    look_after(o, "hand-over", "hc-2");

    assert_true(opened_says(o, "A1 is offered to "));
}

/* Asked a second colleague: the first one, whom the row still has, must not read as the one who was asked. */
static void a_second_offer_does_not_name_who_was_asked_before(void **state)
{
    opened *o = *state;

    look_after(o, "hand-over&version=99", "hc-2");

    assert_true(opened_says(o, "A1 is offered; until it is accepted, it is yours"));
    assert_false(opened_says(o, "A1 is offered to "));
}

static void an_accepted_item_is_theirs(void **state)
{
    opened *o = *state;

    look_after(o, "claim", "");

    assert_true(opened_says(o, "A1 is yours now"));
}

/* An address that somebody was sent says nothing of its own. */
static void an_act_that_this_page_does_not_do_is_not_said(void **state)
{
    opened *o = *state;

    look_after(o, "made-up", "");

    assert_false(opened_says(o, "made-up"));
    assert_false(opened_says(o, "is yours now"));
    assert_false(opened_says(o, "A1 is offered"));
}

int main(void)
{
#define SHIFT(story) cmocka_unit_test_setup_teardown(story, opened_setup, opened_teardown)
    const struct CMUnitTest tests[] = {
        SHIFT(an_offer_of_which_the_hub_has_not_told_yet_does_not_read_like_a_claim),
        SHIFT(an_offer_names_who_is_asked),
        SHIFT(a_second_offer_does_not_name_who_was_asked_before),
        SHIFT(an_accepted_item_is_theirs),
        SHIFT(an_act_that_this_page_does_not_do_is_not_said),
    };
    return cmocka_run_group_tests_name("shift", tests, NULL, NULL);
}
