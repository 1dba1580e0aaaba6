/* The list of alarms and notices at a whole board: each of them can be reached, and a list that lacks something says so. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "made.h"
#include "opened.h"

enum { DAY_MS = 24 * 60 * OPENED_MINUTE_MS };

/* Alarms of today, one for each record from 1: their texts say nothing, their rows' names which they are. */
static void alarms_come(opened *o, uint64_t count)
{
    made m;
    const asked_item *item;
    for (uint64_t i = 1; i <= count; i++) {
        (void)made_delivery(&m, 1, i, 0);
        m.delivery.alert = NULL;
        m.delivery.alarm = (char *)(uintptr_t) "call somebody";
        m.delivery.time_ms = link_hub_now_ms(o->b->gate) - DAY_MS + (int64_t)i;
        assert_true(rows_take_asked(o->b->rows, 0, &m.delivery, &item));
    }
}

static void what_does_not_fit_the_first_page_stands_behind_a_link_to_it(void **state)
{
    opened *o = *state;
    alarms_come(o, 201);
    opened_session(o, "hc-1", 0);

    opened_ask(o, "/told", NULL);
    assert_int_equal(o->status, 200);
    assert_true(opened_says(o, "data-row=\"!201-"));
    assert_false(opened_says(o, "data-row=\"!1-"));
    assert_true(opened_says(o, "href=\"/told?page=2\">Older</a>"));

    opened_ask(o, "/told?page=2", NULL);
    assert_true(opened_says(o, "data-row=\"!1-"));
    assert_false(opened_says(o, "data-row=\"!2-"));
    assert_true(opened_says(o, "href=\"/told?page=1\">Newer</a>"));
    assert_false(opened_says(o, "Older"));
    assert_true(opened_says(o, "data-live=\"/told?part=rows&amp;page=2\"")); /* what is renewed is the page that is open */
    assert_false(opened_says(o, "missing from this list"));
}

static void a_list_that_lacks_something_says_so(void **state)
{
    opened *o = *state;
    alarms_come(o, ROWS_ASKED_MAX + 1);
    opened_session(o, "hc-1", 0);

    opened_ask(o, "/told", NULL);

    assert_true(opened_says(o, "The oldest are missing from this list"));
    opened_ask(o, "/asked", NULL);
    assert_int_equal(o->status, 200);
    assert_false(opened_says(o, "missing from this list"));
}

int main(void)
{
#define TOLD(story) cmocka_unit_test_setup_teardown(story, opened_setup, opened_teardown)
    const struct CMUnitTest tests[] = {
        TOLD(what_does_not_fit_the_first_page_stands_behind_a_link_to_it),
        TOLD(a_list_that_lacks_something_says_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
