/* Sessions: who a browser is signed in as, for how long, and that nobody can take one over. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "host/random.h"
#include "signin/session.h"

#define MINUTE_MS INT64_C(60000)
#define NOW_MS INT64_C(1770000000000)

typedef struct browser {
    char header[SESSION_COOKIE_TEXT_BYTES]; /* what it sends as Cookie */
    session *session;
} browser;

static int open_sessions(void **state, sessions_options options)
{
    host_random_start();
    return sessions_open(&options, (sessions **)state, NULL) == HUB_OK ? 0 : -1;
}

static int setup(void **state)
{
    return open_sessions(state, (sessions_options){0});
}

static int setup_loopback(void **state)
{
    return open_sessions(state, (sessions_options){.cookie = SESSION_COOKIE_LOOPBACK_HTTP});
}

static int teardown(void **state)
{
    sessions_close(*state);
    return 0;
}

/* A browser keeps the cookie up to the first attribute. */
static void keep_cookie(browser *b, const char *set_cookie)
{
    (void)snprintf(b->header, sizeof b->header, "%.*s", (int)strcspn(set_cookie, ";"), set_cookie);
}

static void sign_in(sessions *all, const char *account, session *before, int64_t now_ms, browser *b)
{
    char cookie[SESSION_COOKIE_TEXT_BYTES];
    assert_int_equal(session_begin(all, account, before, now_ms, cookie, &b->session), HUB_OK);
    keep_cookie(b, cookie);
}

static session_state find_at(sessions *all, const browser *b, int64_t now_ms)
{
    session *found;
    return session_find(all, b->header, now_ms, &found);
}

static session_state peek_at(sessions *all, const browser *b, int64_t now_ms)
{
    session *found;
    return session_peek(all, b->header, now_ms, &found);
}

static void the_cookie_is_for_this_host_and_https_only(void **state)
{
    char cookie[SESSION_COOKIE_TEXT_BYTES];
    session *s;
    assert_int_equal(session_begin(*state, "hc-3", NULL, NOW_MS, cookie, &s), HUB_OK);

    assert_int_equal(strncmp(cookie, "__Host-board=", 13), 0);
    assert_string_equal(cookie + 13 + 43, "; Path=/; Secure; HttpOnly; SameSite=Lax");
    session_cookie_away(*state, cookie);
    assert_string_equal(cookie, "__Host-board=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0");
}

/* A browser refuses Secure and __Host- by plain http: tests and the quickstart have another cookie, and no other board takes it. */
static void loopback_http_has_a_cookie_of_its_own(void **state)
{
    char cookie[SESSION_COOKIE_TEXT_BYTES];
    session *s;
    assert_int_equal(session_begin(*state, "hc-3", NULL, NOW_MS, cookie, &s), HUB_OK);

    assert_int_equal(strncmp(cookie, "board=", 6), 0);
    assert_string_equal(cookie + 6 + 43, "; Path=/; HttpOnly; SameSite=Lax");
    browser b = {.session = s};
    keep_cookie(&b, cookie);
    assert_int_equal(find_at(*state, &b, NOW_MS), SESSION_LIVE);
}

static void a_browser_is_known_by_its_cookie_among_others(void **state)
{
    browser one, two;
    sign_in(*state, "hc-3", NULL, NOW_MS, &one);
    sign_in(*state, "hc-4", NULL, NOW_MS, &two);
    char header[400];
    (void)snprintf(header, sizeof header, "theme=dark; %s;lang=cy", two.header);
    session *found;

    assert_int_equal(session_find(*state, header, NOW_MS, &found), SESSION_LIVE);
    assert_string_equal(session_account(found), "hc-4");

    /* two of the name: somebody planted one */
    (void)snprintf(header, sizeof header, "%s; %s", one.header, two.header);
    assert_int_equal(session_find(*state, header, NOW_MS, &found), SESSION_NONE);
    assert_null(found);
    static const char *const NOT_OURS[] = {"",     "__Host-board=", "__Host-board", "__Host-board=AAAA", "x__Host-board=AAAA",
                                           ";;;=;"};
    for (size_t i = 0; i < sizeof NOT_OURS / sizeof NOT_OURS[0]; i++)
        assert_int_equal(session_find(*state, NOT_OURS[i], NOW_MS, &found), SESSION_NONE);
    assert_int_equal(session_find(*state, NULL, NOW_MS, &found), SESSION_NONE);
    one.header[20] = one.header[20] == 'A' ? 'B' : 'A';
    assert_int_equal(find_at(*state, &one, NOW_MS), SESSION_NONE);
}

static void half_an_hour_without_use_ends_it_and_use_extends_it(void **state)
{
    browser b;
    sign_in(*state, "hc-3", NULL, NOW_MS, &b);

    assert_int_equal(find_at(*state, &b, NOW_MS + 29 * MINUTE_MS), SESSION_LIVE);
    assert_int_equal(session_ends_ms(*state, b.session), NOW_MS + 59 * MINUTE_MS);
    assert_int_equal(find_at(*state, &b, NOW_MS + 58 * MINUTE_MS), SESSION_LIVE);
    assert_int_equal(find_at(*state, &b, NOW_MS + 88 * MINUTE_MS), SESSION_ENDED);
    assert_int_equal(find_at(*state, &b, NOW_MS + 88 * MINUTE_MS), SESSION_ENDED); /* coming back does not revive it */
}

/* An open window's stream asks every few seconds; its person went home. */
static void a_stream_does_not_extend_it(void **state)
{
    browser b;
    sign_in(*state, "hc-3", NULL, NOW_MS, &b);

    assert_int_equal(peek_at(*state, &b, NOW_MS + 29 * MINUTE_MS), SESSION_LIVE);
    assert_int_equal(peek_at(*state, &b, NOW_MS + 30 * MINUTE_MS), SESSION_ENDED);
}

static void twelve_hours_end_it_however_it_is_used(void **state)
{
    browser b;
    sign_in(*state, "hc-3", NULL, NOW_MS, &b);
    for (int minute = 20; minute < 720; minute += 20)
        assert_int_equal(find_at(*state, &b, NOW_MS + minute * MINUTE_MS), SESSION_LIVE);

    assert_int_equal(session_ends_ms(*state, b.session), NOW_MS + 720 * MINUTE_MS);
    assert_int_equal(session_longest_ms(*state, b.session), NOW_MS + 720 * MINUTE_MS);
    assert_int_equal(find_at(*state, &b, NOW_MS + 720 * MINUTE_MS), SESSION_ENDED);
}

/* What was typed meanwhile is kept for whose session it was: known for twelve hours more, and its form's token is still its own. */
static void an_ended_session_tells_whose_it_was_for_a_while(void **state)
{
    browser b;
    char token[SESSION_TOKEN_TEXT_BYTES];
    sign_in(*state, "hc-3", NULL, NOW_MS, &b);
    session_token(b.session, token);
    session *found;

    assert_int_equal(session_find(*state, b.header, NOW_MS + 12 * 60 * MINUTE_MS, &found), SESSION_ENDED);
    assert_string_equal(session_account(found), "hc-3");
    assert_true(session_token_holds(found, token));
    assert_int_equal(find_at(*state, &b, NOW_MS + (12 * 60 + 30) * MINUTE_MS), SESSION_NONE);
}

static void signing_out_forgets_it_at_once(void **state)
{
    browser b, other;
    sign_in(*state, "hc-3", NULL, NOW_MS, &b);
    sign_in(*state, "hc-3", NULL, NOW_MS, &other);

    session_end(*state, b.session);

    assert_int_equal(find_at(*state, &b, NOW_MS), SESSION_NONE);
    assert_int_equal(find_at(*state, &other, NOW_MS), SESSION_LIVE);
    assert_int_equal(sessions_end_account(*state, "hc-3"), 1);
    assert_int_equal(find_at(*state, &other, NOW_MS), SESSION_NONE);
}

/* Whoever planted a visitor's cookie in somebody's browser has nothing when that person signs in. */
static void signing_in_gives_a_new_id_and_ends_the_one_before(void **state)
{
    browser visitor, b;
    sign_in(*state, "", NULL, NOW_MS, &visitor);
    assert_int_equal(find_at(*state, &visitor, NOW_MS), SESSION_LIVE);
    assert_string_equal(session_account(visitor.session), "");

    sign_in(*state, "hc-3", visitor.session, NOW_MS, &b);

    assert_string_not_equal(visitor.header, b.header);
    assert_int_equal(find_at(*state, &visitor, NOW_MS), SESSION_NONE);
    assert_int_equal(find_at(*state, &b, NOW_MS), SESSION_LIVE);
    assert_int_equal(sessions_live(*state, NOW_MS), 1);
}

/* Somebody types in one window and presses "stay signed in" in another: what they typed must still go. */
static void renewing_changes_the_id_and_keeps_what_it_holds(void **state)
{
    browser b, renewed;
    char cookie[SESSION_COOKIE_TEXT_BYTES], token[SESSION_TOKEN_TEXT_BYTES];
    sign_in(*state, "hc-3", NULL, NOW_MS, &b);
    assert_int_equal(session_set_purpose(*state, b.session, hub_bytes_of_text("duty desk")), HUB_OK);
    session_token(b.session, token);

    session_renew(*state, b.session, NOW_MS + 10 * MINUTE_MS, cookie);
    keep_cookie(&renewed, cookie);

    session *found;
    assert_int_equal(find_at(*state, &b, NOW_MS + 10 * MINUTE_MS), SESSION_NONE);
    assert_int_equal(session_find(*state, renewed.header, NOW_MS + 39 * MINUTE_MS, &found), SESSION_LIVE);
    assert_string_equal(session_purpose(found), "duty desk");
    assert_true(session_token_holds(found, token));
}

static void a_form_tells_whose_it_was_though_the_browser_is_signed_in_anew(void **state)
{
    browser b, again;
    char ended[SESSION_TOKEN_TEXT_BYTES], out[SESSION_TOKEN_TEXT_BYTES];
    sign_in(*state, "hc-3", NULL, NOW_MS, &b);
    session_token(b.session, ended);
    sign_in(*state, "hc-4", NULL, NOW_MS + 31 * MINUTE_MS, &again);
    session_token(again.session, out);
    session_end(*state, again.session);

    const session *found = sessions_of_token(*state, ended, NOW_MS + 31 * MINUTE_MS);
    assert_non_null(found);
    assert_string_equal(session_account(found), "hc-3");
    assert_null(sessions_of_token(*state, out, NOW_MS + 31 * MINUTE_MS)); /* signed out on purpose */
    assert_null(sessions_of_token(*state, ended, NOW_MS + 31 * MINUTE_MS + SESSION_KNOWN_MS));
    assert_null(sessions_of_token(*state, "", NOW_MS));
}

static void a_token_is_another_text_each_time_and_holds_for_its_session_alone(void **state)
{
    browser one, two;
    char first[SESSION_TOKEN_TEXT_BYTES], second[SESSION_TOKEN_TEXT_BYTES];
    sign_in(*state, "hc-3", NULL, NOW_MS, &one);
    sign_in(*state, "hc-4", NULL, NOW_MS, &two);
    session_token(one.session, first);
    session_token(one.session, second);

    assert_string_not_equal(first, second);
    assert_true(session_token_holds(one.session, first));
    assert_true(session_token_holds(one.session, second));
    assert_false(session_token_holds(two.session, first));
    first[70] = first[70] == 'A' ? 'B' : 'A';
    assert_false(session_token_holds(one.session, first));
    assert_false(session_token_holds(one.session, ""));
    second[SESSION_TOKEN_TEXT_BYTES - 2] = '\0';
    assert_false(session_token_holds(one.session, second));
    memset(second, 'A', sizeof second - 1); /* a pad of zeros over zeros */
    assert_false(session_token_holds(one.session, second));
}

static void it_holds_a_purpose_and_a_note_of_bounded_size(void **state)
{
    browser b;
    char text[SESSION_PURPOSE_BYTES_MAX + 1];
    static const uint8_t NOTE[SESSION_NOTE_BYTES_MAX + 1] = {1, 0, 2};
    memset(text, 'x', sizeof text);
    sign_in(*state, "hc-3", NULL, NOW_MS, &b);

    assert_int_equal(session_set_purpose(*state, b.session, hub_bytes_of(text, sizeof text - 1)), HUB_OK);
    assert_int_equal(strlen(session_purpose(b.session)), SESSION_PURPOSE_BYTES_MAX);
    assert_int_equal(session_set_purpose(*state, b.session, hub_bytes_of(text, sizeof text)), HUB_ERR_INVALID);
    assert_int_equal(session_set_purpose(*state, b.session, hub_bytes_of("a\nb", 3)), HUB_ERR_INVALID);
    assert_int_equal(session_set_purpose(*state, b.session, hub_bytes_of("a\0b", 3)), HUB_ERR_INVALID);
    assert_int_equal(session_set_note(*state, b.session, hub_bytes_of(NOTE, SESSION_NOTE_BYTES_MAX)), HUB_OK);
    assert_true(hub_bytes_equal(session_note(b.session), hub_bytes_of(NOTE, SESSION_NOTE_BYTES_MAX)));
    assert_int_equal(session_set_note(*state, b.session, hub_bytes_of(NOTE, sizeof NOTE)), HUB_ERR_INVALID);
    assert_int_equal(session_note(b.session).size, SESSION_NOTE_BYTES_MAX);
}

static void the_ninth_session_of_an_account_ends_the_one_unused_longest(void **state)
{
    browser b[SESSIONS_OF_ACCOUNT_MAX + 1];
    for (int i = 0; i < SESSIONS_OF_ACCOUNT_MAX; i++)
        sign_in(*state, "hc-3", NULL, NOW_MS + i, &b[i]);
    assert_int_equal(find_at(*state, &b[0], NOW_MS + 100), SESSION_LIVE);

    sign_in(*state, "hc-3", NULL, NOW_MS + 200, &b[SESSIONS_OF_ACCOUNT_MAX]);

    assert_int_equal(find_at(*state, &b[0], NOW_MS + 200), SESSION_LIVE);
    assert_int_equal(find_at(*state, &b[1], NOW_MS + 200), SESSION_NONE);
    assert_int_equal(sessions_live(*state, NOW_MS + 200), SESSIONS_OF_ACCOUNT_MAX);
}

static void a_full_table_refuses_the_next_and_throws_nobody_out(void **state)
{
    browser b;
    char account[16], cookie[SESSION_COOKIE_TEXT_BYTES];
    session *s;
    for (int i = 0; i < SESSIONS_MAX; i++) {
        (void)snprintf(account, sizeof account, "a-%d", i);
        sign_in(*state, account, NULL, NOW_MS + i, &b);
    }

    assert_int_equal(session_begin(*state, "late", NULL, NOW_MS + 2000, cookie, &s), HUB_ERR_FULL);
    assert_null(s);
    assert_int_equal(sessions_live(*state, NOW_MS + 2000), SESSIONS_MAX);

    /* half an hour later the first have ended, and make room */
    assert_int_equal(session_begin(*state, "late", NULL, NOW_MS + 30 * MINUTE_MS, cookie, &s), HUB_OK);
}

static void a_flood_of_visitors_throws_no_person_out(void **state)
{
    browser person, first, last;
    sign_in(*state, "hc-3", NULL, NOW_MS, &person);
    sign_in(*state, "", NULL, NOW_MS, &first);
    for (int i = 0; i < SESSION_VISITORS_MAX; i++)
        sign_in(*state, "", NULL, NOW_MS + 1 + i, &last);

    assert_int_equal(find_at(*state, &person, NOW_MS + 5000), SESSION_LIVE);
    assert_int_equal(find_at(*state, &last, NOW_MS + 5000), SESSION_LIVE);
    assert_int_equal(find_at(*state, &first, NOW_MS + 5000), SESSION_NONE);
    assert_int_equal(find_at(*state, &last, NOW_MS + 62 * MINUTE_MS), SESSION_NONE);
}

static void options_out_of_bounds_are_refused(void **state)
{
    (void)state;
    sessions *all;
    hub_error err;
    assert_int_equal(sessions_open(&(sessions_options){.idle_ms = 1000}, &all, &err), HUB_ERR_INVALID);
    assert_int_equal(sessions_open(&(sessions_options){.longest_ms = 20 * MINUTE_MS}, &all, &err), HUB_ERR_INVALID);
    assert_int_equal(sessions_open(&(sessions_options){.longest_ms = 8 * 24 * 60 * MINUTE_MS}, &all, &err), HUB_ERR_INVALID);
    assert_null(all);
}

#define STORY(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORY(the_cookie_is_for_this_host_and_https_only),
        cmocka_unit_test_setup_teardown(loopback_http_has_a_cookie_of_its_own, setup_loopback, teardown),
        STORY(a_browser_is_known_by_its_cookie_among_others),
        STORY(half_an_hour_without_use_ends_it_and_use_extends_it),
        STORY(a_stream_does_not_extend_it),
        STORY(twelve_hours_end_it_however_it_is_used),
        STORY(an_ended_session_tells_whose_it_was_for_a_while),
        STORY(signing_out_forgets_it_at_once),
        STORY(signing_in_gives_a_new_id_and_ends_the_one_before),
        STORY(renewing_changes_the_id_and_keeps_what_it_holds),
        STORY(a_form_tells_whose_it_was_though_the_browser_is_signed_in_anew),
        STORY(a_token_is_another_text_each_time_and_holds_for_its_session_alone),
        STORY(it_holds_a_purpose_and_a_note_of_bounded_size),
        STORY(the_ninth_session_of_an_account_ends_the_one_unused_longest),
        STORY(a_full_table_refuses_the_next_and_throws_nobody_out),
        STORY(a_flood_of_visitors_throws_no_person_out),
        cmocka_unit_test(options_out_of_bounds_are_refused),
    };
    return cmocka_run_group_tests_name("session", tests, NULL, NULL);
}
