/* What somebody typed is kept for them, for nobody else, and not for ever. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "signin/draft.h"

#define HOUR_MS INT64_C(3600000)
#define NOW_MS INT64_C(1770000000000)

static int setup(void **state)
{
    return drafts_open((drafts **)state) == HUB_OK ? 0 : -1;
}

static int teardown(void **state)
{
    drafts_close(*state);
    return 0;
}

static hub_status keep(drafts *all, const char *account, const char *key, const char *text)
{
    return draft_keep(all, account, key, hub_bytes_of_text(text), NOW_MS);
}

static void then_text(drafts *all, const char *account, const char *key, const char *text)
{
    draft found;
    assert_true(draft_find(all, account, key, NOW_MS, &found));
    assert_true(hub_bytes_equal(found.text, hub_bytes_of_text(text)));
}

static void it_comes_back_to_whom_it_belongs_and_to_nobody_else(void **state)
{
    draft found;
    assert_int_equal(keep(*state, "hc-3", "A17/decide", "first"), HUB_OK);
    assert_int_equal(keep(*state, "hc-3", "A17/decide", "typed more"), HUB_OK);

    then_text(*state, "hc-3", "A17/decide", "typed more");
    assert_false(draft_find(*state, "hc-4", "A17/decide", NOW_MS, &found));
    assert_false(draft_find(*state, "hc-3", "A17/hold", NOW_MS, &found));
    assert_int_equal(draft_list(*state, "hc-4", NOW_MS, &found, 1), 0);
}

static void it_goes_when_the_form_went_through(void **state)
{
    draft found;
    assert_int_equal(keep(*state, "hc-3", "A17/decide", "typed"), HUB_OK);

    draft_forget(*state, "hc-3", "A17/decide");
    draft_forget(*state, "hc-3", "A17/decide");

    assert_false(draft_find(*state, "hc-3", "A17/decide", NOW_MS, &found));
}

static void it_goes_after_twelve_hours(void **state)
{
    draft found;
    assert_int_equal(keep(*state, "hc-3", "A17/decide", "typed"), HUB_OK);

    assert_true(draft_find(*state, "hc-3", "A17/decide", NOW_MS + 12 * HOUR_MS - 1, &found));
    assert_false(draft_find(*state, "hc-3", "A17/decide", NOW_MS + 12 * HOUR_MS, &found));
    assert_int_equal(draft_list(*state, "hc-3", NOW_MS + 12 * HOUR_MS, &found, 1), 0);
}

static void the_list_is_newest_first_and_says_how_many_there_are(void **state)
{
    draft found[2];
    assert_int_equal(draft_keep(*state, "hc-3", "second", hub_bytes_of_text("2"), NOW_MS + 2), HUB_OK);
    assert_int_equal(draft_keep(*state, "hc-3", "third", hub_bytes_of_text("3"), NOW_MS + 3), HUB_OK);
    assert_int_equal(draft_keep(*state, "hc-3", "first", hub_bytes_of_text("1"), NOW_MS + 1), HUB_OK);

    assert_int_equal(draft_list(*state, "hc-3", NOW_MS + 4, found, 2), 3);
    assert_string_equal(found[0].key, "third");
    assert_string_equal(found[1].key, "second");
    assert_int_equal(draft_list(*state, "hc-3", NOW_MS + 4, NULL, 0), 3);
}

static void what_is_too_large_is_an_answer_and_the_older_text_stays(void **state)
{
    static char large[DRAFT_TEXT_BYTES_MAX + 1], key[DRAFT_KEY_BYTES_MAX + 2];
    memset(large, 'x', sizeof large);
    memset(key, 'k', sizeof key - 1);
    assert_int_equal(keep(*state, "hc-3", "A17/decide", "typed"), HUB_OK);

    assert_int_equal(draft_keep(*state, "hc-3", "A17/decide", hub_bytes_of(large, sizeof large), NOW_MS), HUB_ERR_INVALID);
    then_text(*state, "hc-3", "A17/decide", "typed");
    assert_int_equal(keep(*state, "hc-3", key, "typed"), HUB_ERR_INVALID);
    assert_int_equal(keep(*state, "hc-3", "", "typed"), HUB_ERR_INVALID);
    assert_int_equal(draft_keep(*state, "hc-3", key + 1, hub_bytes_of(large, sizeof large - 1), NOW_MS), HUB_OK);
}

static void one_person_cannot_take_all_the_room(void **state)
{
    char key[8];
    for (int i = 0; i < DRAFTS_OF_ACCOUNT_MAX; i++) {
        (void)snprintf(key, sizeof key, "A%d", i);
        assert_int_equal(keep(*state, "hc-3", key, "typed"), HUB_OK);
    }

    assert_int_equal(keep(*state, "hc-3", "one more", "typed"), HUB_ERR_FULL);
    assert_int_equal(keep(*state, "hc-3", "A7", "typed more"), HUB_OK); /* in place of its own */
    assert_int_equal(keep(*state, "hc-4", "one more", "typed"), HUB_OK);
    /* twelve hours later there is room */
    assert_int_equal(draft_keep(*state, "hc-3", "one more", hub_bytes_of_text("x"), NOW_MS + 12 * HOUR_MS), HUB_OK);
}

static void all_texts_together_are_bounded(void **state)
{
    static char large[DRAFT_TEXT_BYTES_MAX];
    char account[8], key[8];
    hub_status status = HUB_OK;
    size_t kept = 0;
    for (int i = 0; i < DRAFTS_MAX && status == HUB_OK; i++) {
        (void)snprintf(account, sizeof account, "a%d", i / DRAFTS_OF_ACCOUNT_MAX);
        (void)snprintf(key, sizeof key, "k%d", i);
        status = draft_keep(*state, account, key, hub_bytes_of(large, sizeof large), NOW_MS);
        kept += status == HUB_OK;
    }

    assert_int_equal(status, HUB_ERR_FULL);
    assert_int_equal(kept, DRAFTS_BYTES_MAX / DRAFT_TEXT_BYTES_MAX);
}

#define STORY(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORY(it_comes_back_to_whom_it_belongs_and_to_nobody_else),
        STORY(it_goes_when_the_form_went_through),
        STORY(it_goes_after_twelve_hours),
        STORY(the_list_is_newest_first_and_says_how_many_there_are),
        STORY(what_is_too_large_is_an_answer_and_the_older_text_stays),
        STORY(one_person_cannot_take_all_the_room),
        STORY(all_texts_together_are_bounded),
    };
    return cmocka_run_group_tests_name("draft", tests, NULL, NULL);
}
