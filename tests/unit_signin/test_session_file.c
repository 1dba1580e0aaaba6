/* A board that was killed and started again: people are still signed in, what they typed is there, and the file tells nobody anything. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/files.h"
#include "host/random.h"
#include "signin/session_file.h"

#define NOW_MS INT64_C(1770000000000)

static char folder[64], path[96], key_path[96];

typedef struct board {
    sessions *people;
    drafts *typed;
} board;

static void start(board *b)
{
    assert_int_equal(sessions_open(&(sessions_options){0}, &b->people, NULL), HUB_OK);
    assert_int_equal(drafts_open(&b->typed), HUB_OK);
}

static void stop(board *b)
{
    sessions_close(b->people);
    drafts_close(b->typed);
}

static int setup(void **state)
{
    host_random_start();
    (void)snprintf(folder, sizeof folder, "/tmp/mash-session-XXXXXX");
    if (mkdtemp(folder) == NULL) return -1;
    (void)snprintf(path, sizeof path, "%s/sessions", folder);
    (void)snprintf(key_path, sizeof key_path, "%s/session.key", folder);
    static board b;
    start(&b);
    *state = &b;
    return session_key_create(key_path, NULL) == HUB_OK ? 0 : -1;
}

static int teardown(void **state)
{
    stop(*state);
    unlink(path);
    unlink(key_path);
    return rmdir(folder);
}

/* hc-3 is signed in and typed something; the header is what their browser sends. */
static void given_somebody_at_work(board *b, char header[SESSION_COOKIE_TEXT_BYTES], char token[SESSION_TOKEN_TEXT_BYTES])
{
    char cookie[SESSION_COOKIE_TEXT_BYTES];
    session *s;
    assert_int_equal(session_begin(b->people, "hc-3", NULL, NOW_MS, cookie, &s), HUB_OK);
    (void)snprintf(header, SESSION_COOKIE_TEXT_BYTES, "%.*s", (int)strcspn(cookie, ";"), cookie);
    assert_int_equal(session_set_purpose(b->people, s, hub_bytes_of_text("duty desk")), HUB_OK);
    assert_int_equal(session_set_note(b->people, s, hub_bytes_of("\0\1", 2)), HUB_OK);
    session_token(s, token);
    assert_int_equal(draft_keep(b->typed, "hc-3", "A17/decide", hub_bytes_of_text("the words that were typed"), NOW_MS), HUB_OK);
}

static void when_killed_and_started_again(board *b)
{
    assert_int_equal(session_file_save(path, key_path, b->people, b->typed, NOW_MS, NULL), HUB_OK);
    stop(b);
    start(b);
    assert_int_equal(session_file_load(path, key_path, b->people, b->typed, NULL), HUB_OK);
}

static void people_stay_signed_in_and_their_words_are_there(void **state)
{
    board *b = *state;
    char header[SESSION_COOKIE_TEXT_BYTES], token[SESSION_TOKEN_TEXT_BYTES];
    given_somebody_at_work(b, header, token);

    when_killed_and_started_again(b);

    session *s;
    draft found;
    assert_int_equal(session_find(b->people, header, NOW_MS + 60000, &s), SESSION_LIVE);
    assert_string_equal(session_account(s), "hc-3");
    assert_string_equal(session_purpose(s), "duty desk");
    assert_true(hub_bytes_equal(session_note(s), hub_bytes_of("\0\1", 2)));
    assert_true(session_token_holds(s, token));
    assert_int_equal(session_longest_ms(b->people, s), NOW_MS + SESSION_LONGEST_MS);
    assert_true(draft_find(b->typed, "hc-3", "A17/decide", NOW_MS, &found));
    assert_true(hub_bytes_equal(found.text, hub_bytes_of_text("the words that were typed")));
}

static void a_full_board_fits(void **state)
{
    board *b = *state;
    static char text[DRAFT_TEXT_BYTES_MAX];
    char name[16], cookie[SESSION_COOKIE_TEXT_BYTES];
    session *s;
    for (int i = 0; i < SESSIONS_MAX; i++) {
        (void)snprintf(name, sizeof name, "hc-%d", i);
        assert_int_equal(session_begin(b->people, name, NULL, NOW_MS, cookie, &s), HUB_OK);
        (void)draft_keep(b->typed, name, "A17/decide", hub_bytes_of(text, sizeof text), NOW_MS);
    }

    when_killed_and_started_again(b);

    assert_int_equal(sessions_live(b->people, NOW_MS), SESSIONS_MAX);
}

static void it_is_worth_saving_after_a_change_and_not_after(void **state)
{
    board *b = *state;
    char header[SESSION_COOKIE_TEXT_BYTES], token[SESSION_TOKEN_TEXT_BYTES];
    session *s;
    given_somebody_at_work(b, header, token);
    assert_true(sessions_changed(b->people) && drafts_changed(b->typed));

    assert_int_equal(session_file_save(path, key_path, b->people, b->typed, NOW_MS, NULL), HUB_OK);

    assert_false(sessions_changed(b->people) || drafts_changed(b->typed));
    assert_int_equal(session_find(b->people, header, NOW_MS + 59999, &s), SESSION_LIVE);
    assert_false(sessions_changed(b->people));
    assert_int_equal(session_find(b->people, header, NOW_MS + 60000, &s), SESSION_LIVE);
    assert_true(sessions_changed(b->people));
}

/* A volume that is full must not lose the next try. */
static void a_save_that_failed_is_still_to_do(void **state)
{
    board *b = *state;
    char header[SESSION_COOKIE_TEXT_BYTES], token[SESSION_TOKEN_TEXT_BYTES];
    hub_error err;
    given_somebody_at_work(b, header, token);

    assert_int_equal(session_file_save("/nowhere/sessions", key_path, b->people, b->typed, NOW_MS, &err), HUB_ERR_IO);

    assert_true(sessions_changed(b->people) && drafts_changed(b->typed));
}

static void the_file_holds_nothing_that_can_be_read(void **state)
{
    board *b = *state;
    char header[SESSION_COOKIE_TEXT_BYTES], token[SESSION_TOKEN_TEXT_BYTES];
    given_somebody_at_work(b, header, token);
    assert_int_equal(session_file_save(path, key_path, b->people, b->typed, NOW_MS, NULL), HUB_OK);
    hub_buffer file = {0};
    assert_int_equal(host_file_read(path, 1 << 20, &file, NULL), HUB_OK);
    struct stat found;

    assert_null(memmem(file.data, file.size, "hc-3", 4));
    assert_null(memmem(file.data, file.size, "typed", 5));
    assert_int_equal(stat(path, &found), 0);
    assert_int_equal(found.st_mode & 0777, 0600);
    hub_buffer_free(&file);
}

static void then_refused(board *b, hub_status expected, const char *words)
{
    hub_error err = {""};
    session *s;
    char cookie[SESSION_COOKIE_TEXT_BYTES];
    assert_int_equal(session_file_load(path, key_path, b->people, b->typed, &err), expected);
    assert_non_null(strstr(err.text, words));
    assert_int_equal(sessions_live(b->people, NOW_MS), 0);
    assert_int_equal(session_begin(b->people, "hc-4", NULL, NOW_MS, cookie, &s), HUB_OK); /* and the board works */
    session_end(b->people, s);
}

static void a_damaged_file_another_key_and_no_file_leave_an_empty_board(void **state)
{
    board *b = *state;
    char header[SESSION_COOKIE_TEXT_BYTES], token[SESSION_TOKEN_TEXT_BYTES];
    then_refused(b, HUB_ERR_NOT_FOUND, "sessions");
    given_somebody_at_work(b, header, token);
    assert_int_equal(session_file_save(path, key_path, b->people, b->typed, NOW_MS, NULL), HUB_OK);
    stop(b);
    start(b);
    hub_buffer file = {0};
    assert_int_equal(host_file_read(path, 1 << 20, &file, NULL), HUB_OK);

    file.data[file.size / 2] ^= 1;
    assert_int_equal(host_file_replace(path, hub_buffer_bytes(&file), 0600, NULL), HUB_OK);
    then_refused(b, HUB_ERR_CORRUPT, "everybody signs in again");
    file.data[file.size / 2] ^= 1;
    assert_int_equal(host_file_replace(path, hub_bytes_of(file.data, 40), 0600, NULL), HUB_OK);
    then_refused(b, HUB_ERR_CORRUPT, "damaged");
    file.data[20] = '2';
    assert_int_equal(host_file_replace(path, hub_buffer_bytes(&file), 0600, NULL), HUB_OK);
    then_refused(b, HUB_ERR_VERSION, "another version");
    file.data[20] = '1';
    assert_int_equal(host_file_replace(path, hub_buffer_bytes(&file), 0600, NULL), HUB_OK);
    assert_int_equal(unlink(key_path), 0);
    assert_int_equal(session_key_create(key_path, NULL), HUB_OK);
    then_refused(b, HUB_ERR_CORRUPT, "another key");
    hub_buffer_free(&file);
}

static void a_key_that_others_may_read_or_that_is_none_is_refused(void **state)
{
    board *b = *state;
    hub_error err;
    assert_int_equal(session_key_create(key_path, &err), HUB_ERR_EXISTS);
    assert_int_equal(chmod(key_path, 0640), 0);
    assert_int_equal(session_file_save(path, key_path, b->people, b->typed, NOW_MS, &err), HUB_ERR_REFUSED);
    assert_int_equal(host_file_replace(key_path, hub_bytes_of_text("short\n"), 0600, NULL), HUB_OK);
    assert_int_equal(session_file_save(path, key_path, b->people, b->typed, NOW_MS, &err), HUB_ERR_INVALID);
}

#define STORY(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORY(people_stay_signed_in_and_their_words_are_there),
        STORY(a_full_board_fits),
        STORY(it_is_worth_saving_after_a_change_and_not_after),
        STORY(a_save_that_failed_is_still_to_do),
        STORY(the_file_holds_nothing_that_can_be_read),
        STORY(a_damaged_file_another_key_and_no_file_leave_an_empty_board),
        STORY(a_key_that_others_may_read_or_that_is_none_is_refused),
    };
    return cmocka_run_group_tests_name("session_file", tests, NULL, NULL);
}
