/* B4 and B5 at a whole board: what was typed is never lost, and nobody who may not is shown anything by a form or a session that is over. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "../unit_http/browser.h"
#include "board/live.h"
#include "made.h"
#include "opened.h"
#include "signin/session_file.h"

#define RATED "rating=RATING_RED&reason=Seen+alone+again&version=1&command_id=00112233445566778899aabbccddeeff"

static void sign_in(opened *o, const char *name, const char *why)
{
    char path[64], form[200];
    (void)snprintf(path, sizeof path, "/sign-in?why=%s", why);
    opened_ask(o, path, NULL);
    assert_int_equal(o->status, 200);
    opened_take_token(o);
    (void)snprintf(form, sizeof form, "name=%s&password=three+random+words&why=%s", name, why);
    opened_post(o, "/sign-in", form);
    assert_int_equal(o->status, 303);
}

/* ---- what was typed ----------------------------------------------------------------------------------------------------------- */
/* Twenty minutes of typing, and the session is over when it is sent: it must come back to who typed it, and to nobody else at that desk. */
static void a_form_that_came_too_late_comes_back_after_signing_in(void **state)
{
    opened *o = *state;
    opened_session(o, "hc-1", 31);

    opened_post(o, "/act/A1/rate/send", RATED);

    assert_int_equal(o->status, 303);
    assert_string_equal(o->location, "/sign-in?why=typed");
    sign_in(o, "hc-2", "ended");
    opened_ask(o, "/act/A1/rate", NULL);
    assert_int_equal(o->status, 200);
    assert_false(opened_says(o, "Seen alone again"));
    o->cookie[0] = '\0';
    sign_in(o, "hc-1", "typed");
    assert_string_equal(o->location, "/act/A1/rate");
    opened_ask(o, o->location, NULL);
    assert_true(opened_says(o, "Seen alone again"));
    assert_true(opened_says(o, "Send it again"));
}

/* Sixteen thousand bytes of which each is sent as three. */
static void the_longest_text_is_kept_too(void **state)
{
    opened *o = *state;
    static char form[3 * 15999 + 64];
    size_t size = (size_t)snprintf(form, sizeof form, "with_team=x&position=");
    for (int i = 0; i < 15999; i++, size += 3)
        memcpy(form + size, "%41", 3);
    opened_session(o, "hc-1", 31);

    opened_post(o, "/act/A1/dispute", form);

    assert_string_equal(o->location, "/sign-in?why=typed");
    sign_in(o, "hc-1", "typed");
    opened_ask(o, o->location, NULL);
    assert_true(opened_says(o, "AAAAAAAAAAAAAAAA"));
}

/* Two windows: in one the session ended while somebody typed, in the other they signed in again. */
static void a_form_of_the_session_before_comes_back_at_once(void **state)
{
    opened *o = *state;
    char before[SESSION_TOKEN_TEXT_BYTES];
    opened_session(o, "hc-1", 31);
    memcpy(before, o->token, sizeof before);
    opened_session(o, "hc-1", 0);
    memcpy(o->token, before, sizeof before);

    opened_post(o, "/act/A1/rate", RATED);

    assert_int_equal(o->status, 303);
    assert_string_equal(o->location, "/act/A1/rate");
    opened_ask(o, o->location, NULL);
    assert_true(opened_says(o, "Seen alone again"));
}

static void what_somebody_else_had_typed_is_not_for_who_signed_in_since(void **state)
{
    opened *o = *state;
    char before[SESSION_TOKEN_TEXT_BYTES];
    opened_session(o, "hc-1", 31);
    memcpy(before, o->token, sizeof before);
    opened_session(o, "hc-2", 0);
    memcpy(o->token, before, sizeof before);

    opened_post(o, "/act/A1/rate", RATED);

    assert_string_equal(o->location, "/sign-in?why=typed");
    opened_ask(o, "/act/A1/rate", NULL);
    assert_false(opened_says(o, "Seen alone again"));
}

static void what_can_be_kept_for_nobody_goes_back_to_the_browser(void **state)
{
    opened *o = *state;
    opened_session(o, "hc-1", 0);
    opened_session(o, "hc-2", 0);
    (void)sessions_end_account(o->b->sessions, "hc-2"); /* signed out in another window */

    opened_post(o, "/act/A1/rate", RATED);
    assert_int_equal(o->status, 403);
    assert_true(opened_says(o, "Seen alone again"));
    o->site = "cross-site";
    opened_post(o, "/act/A1/rate", RATED);
    assert_int_equal(o->status, 403);
    assert_false(opened_says(o, "Seen alone again"));
}

static void a_search_that_came_too_late_is_given_back_once(void **state)
{
    opened *o = *state;
    opened_session(o, "hc-1", 31);

    opened_post(o, "/find", "key=Example-Family&purpose=1");

    sign_in(o, "hc-1", "typed");
    assert_string_equal(o->location, "/find");
    opened_ask(o, "/find", NULL);
    assert_true(opened_says(o, "Example-Family"));
    opened_ask(o, "/find", NULL);
    assert_false(opened_says(o, "Example-Family"));
}

/* The hub is away, and so the act was not done. */
static void what_the_hub_did_not_answer_is_kept(void **state)
{
    opened *o = *state;
    opened_session(o, "hc-1", 0);

    opened_post(o, "/act/A1/rate/send", RATED);

    assert_int_equal(o->status, 503);
    assert_false(opened_says(o, "Names cannot be shown")); /* a rating names nobody */
    opened_ask(o, "/act/A1/rate", NULL);
    assert_true(opened_says(o, "Seen alone again"));
}

/* ---- staying ------------------------------------------------------------------------------------------------------------------ */
static void staying_signed_in_gives_a_new_cookie_and_keeps_open_forms_good(void **state)
{
    opened *o = *state;
    char cookie[SESSION_COOKIE_TEXT_BYTES];
    opened_session(o, "hc-1", 26);
    memcpy(cookie, o->cookie, sizeof cookie);

    opened_post(o, "/session", "");

    assert_int_equal(o->status, 303);
    assert_string_equal(o->location, "/session");
    assert_string_not_equal(o->cookie, cookie);
    opened_ask(o, "/session", NULL);
    assert_int_equal(o->status, 200);
    assert_true(opened_says(o, "keeps you signed in for another 30 minutes"));
    opened_post(o, "/act/A1/rate", RATED); /* with the token of before */
    assert_int_equal(o->status, 200);
    assert_true(opened_says(o, "Check your answers"));
    memcpy(o->cookie, cookie, sizeof cookie);
    opened_ask(o, "/session", NULL);
    assert_string_equal(o->location, "/sign-in");
}

static void every_page_says_when_the_session_ends_and_how_to_stay(void **state)
{
    opened *o = *state;
    opened_session(o, "hc-1", 0);
    opened_ask(o, "/find", NULL);
    assert_true(opened_says(o, "js-session-end\" data-ends=\""));
    assert_true(opened_says(o, "href=\"/session\" target=\"_blank\""));
}

/* ---- people.yaml -------------------------------------------------------------------------------------------------------------- */
static void who_left_people_yaml_is_signed_out_and_others_stay(void **state)
{
    opened *o = *state;
    char cookie[SESSION_COOKIE_TEXT_BYTES];
    draft kept;
    opened_session(o, "hc-2", 0);
    memcpy(cookie, o->cookie, sizeof cookie);
    opened_session(o, "hc-1", 0);
    assert_int_equal(draft_keep(o->b->drafts, "hc-1", "/act/A1/rate", hub_bytes_of_text("x"), link_hub_now_ms(o->b->gate)),
                     HUB_OK);

    opened_people(o, "- {person: hc-2, password: \"HASH\"}\n- {person: ha-1, name: hc-1, password: \"HASH\"}\n");
    board_reload(o->b);

    assert_int_equal(sessions_live(o->b->sessions, link_hub_now_ms(o->b->gate)), 1);
    assert_false(
        draft_find(o->b->drafts, "hc-1", "/act/A1/rate", link_hub_now_ms(o->b->gate), &kept)); /* hc-1 is somebody else now */
    opened_ask(o, "/find", NULL);
    assert_string_equal(o->location, "/sign-in");
    memcpy(o->cookie, cookie, sizeof cookie);
    opened_ask(o, "/find", NULL);
    assert_int_equal(o->status, 200);
}

static void a_mistake_in_people_yaml_changes_nothing(void **state)
{
    opened *o = *state;
    opened_session(o, "hc-1", 0);
    opened_people(o, "- {person: hc-2, password: \"HASH\"");
    board_reload(o->b);
    opened_ask(o, "/find", NULL);
    assert_int_equal(o->status, 200);
}

/* The board was started again after the file had changed: sessions come from their file, and must not outlive a password. */
static void a_session_ends_with_the_password_it_was_begun_with_though_nobody_was_told(void **state)
{
    opened *o = *state;
    opened_session(o, "hc-1", 0);
    opened_stop(o);
    opened_start(o);
    opened_ask(o, "/find", NULL);
    assert_int_equal(o->status, 200);

    opened_stop(o);
    hub_error err = {{0}};
    assert_int_equal(password_hash(hub_bytes_of_text("three other words"), o->hash, &err), HUB_OK);
    opened_people(o, "- {person: hc-1, password: \"HASH\"}\n");
    opened_start(o);

    opened_ask(o, "/find", NULL);
    assert_string_equal(o->location, "/sign-in");
}

static void a_stream_ends_when_people_yaml_was_read_anew(void **state)
{
    opened *o = *state;
    browser window;
    hub_buffer request = {0};
    opened_session(o, "hc-1", 0);
    hub_buffer_put_format(&request, "GET /live HTTP/1.1\r\nHost: 127.0.0.1:7480\r\nConnection: close\r\nCookie: %s\r\n\r\n",
                          o->cookie);
    browser_open(&window, &o->loop, http_server_port(o->b->server), hub_buffer_bytes(&request), true);
    assert_true(browser_sees(&window, "text/event-stream"));
    assert_int_equal(live_count(o->b->live), 1);

    board_reload(o->b);

    browser_until_closed(&window);
    assert_int_equal(live_count(o->b->live), 0);
    browser_free(&window);
    hub_buffer_free(&request);
}

/* ---- closing ------------------------------------------------------------------------------------------------------------------ */
/* After what came was read, and before any timer. */
static void on_check(uv_check_t *check)
{
    opened *o = check->data;
    if (o->b->visits == NULL) return;
    board_close(o->b);
    uv_close((uv_handle_t *)check, NULL);
}

static void when_the_board_closes_before_it_answers(opened *o, const char *path, const char *form)
{
    hub_buffer request = {0};
    browser window;
    uv_check_t check = {.data = o};
    hub_buffer_put_format(
        &request,
        "POST %s HTTP/1.1\r\nHost: 127.0.0.1:7480\r\nCookie: %s\r\nContent-Type: application/x-www-form-urlencoded\r\n"
        "Content-Length: %zu\r\n\r\ntoken=%s&%s",
        path, o->cookie, strlen("token=&") + strlen(o->token) + strlen(form), o->token, form);
    assert_int_equal(uv_check_init(&o->loop, &check), 0);
    assert_int_equal(uv_check_start(&check, on_check), 0);
    browser_open(&window, &o->loop, http_server_port(o->b->server), hub_buffer_bytes(&request), true);
    browser_until_closed(&window);
    opened_stop(o);
    browser_free(&window);
    hub_buffer_free(&request);
}

/* Under ASan nothing is left of it. */
static void a_board_that_closes_ends_who_waits_for_a_password(void **state)
{
    opened *o = *state;
    opened_ask(o, "/sign-in", NULL);
    opened_take_token(o);

    when_the_board_closes_before_it_answers(o, "/sign-in", "name=hc-1&password=three+random+words");

    assert_null(o->b);
}

static void a_board_that_closes_keeps_what_waits_for_the_hub(void **state)
{
    opened *o = *state;
    opened_session(o, "hc-1", 0);

    when_the_board_closes_before_it_answers(o, "/act/A1/rate/send", RATED);

    opened_start(o);
    opened_ask(o, "/act/A1/rate", NULL);
    assert_true(opened_says(o, "Seen alone again"));
}

/* ---- forms and lists ---------------------------------------------------------------------------------------------------------- */
/* Thirty teams in a column of radios are a page of scrolling: one list, those outside the partnership's own teams first. */
static void a_team_is_chosen_from_one_list_in_two_groups(void **state)
{
    opened *o = *state;
    opened_session(o, "hc-1", 0);

    opened_ask(o, "/act/A1/dispute", NULL);

    assert_false(opened_says(o, "type=\"radio\""));
    assert_true(opened_says(
        o, "<select class=\"govuk-select\" name=\"with_team\" id=\"with_team\" aria-describedby=\"with_team-hint \">"));
    const char *page = hub_buffer_text(&o->answer), *agencies = strstr(page, "<optgroup label=\"Agencies and services\">");
    const char *others = strstr(page, "<optgroup label=\"Other teams of the partnership\">");
    assert_true(agencies != NULL && agencies < strstr(page, ">Probation Service</option>"));
    assert_true(strstr(page, ">Probation Service</option>") < others);
    assert_true(others < strstr(page, ">out-of-hours team of Hampshire</option>"));
}

static void a_list_keeps_what_was_chosen(void **state)
{
    opened *o = *state;
    opened_session(o, "hc-1", 0);

    opened_post(o, "/act/A1/dispute", "with_team=probation&version=1");

    assert_int_equal(o->status, 422);
    assert_true(opened_says(o, "<option value=\"probation\" selected>"));
}

static void the_closed_list_says_when_and_not_how_long_is_left(void **state)
{
    opened *o = *state;
    made m;
    (void)made_delivery(&m, 1, 2, 0);
    m.alert.state = (char *)(uintptr_t) "ended";
    (void)rows_take(o->b->rows, 0, &m.delivery);
    opened_session(o, "hc-1", 0);

    opened_ask(o, "/queue/closed", NULL);

    assert_true(opened_says(o, ">Ended</th>"));
    assert_false(opened_says(o, "Time left"));
}

/* A browser asks for one with every page; without it each first page was followed by a 404. */
static void every_page_has_an_icon(void **state)
{
    opened *o = *state;
    opened_session(o, "hc-1", 0);
    opened_ask(o, "/queue/unclaimed", NULL);
    assert_true(opened_says(o, "<link rel=\"icon\" type=\"image/svg+xml\" href=\"/assets/icon.svg\">"));

    opened_ask(o, "/assets/icon.svg", NULL);

    assert_int_equal(o->status, 200);
    assert_true(opened_says(o, "<svg xmlns="));
}

/* ---- what is missing ------------------------------------------------------------------------------------------------------------ */
/* Who is told of one at a time sends a form as often as it has fields. */
static void all_that_is_missing_is_said_at_once(void **state)
{
    opened *o = *state;
    opened_session(o, "hc-1", 0);

    opened_post(o, "/act/A1/rate", "version=1");

    assert_int_equal(o->status, 422);
    assert_true(opened_says(o, "<a href=\"#rating\">Choose: Rating</a></li><li><a href=\"#reason\">Enter: Why</a></li>"));
    assert_true(opened_says(o, "id=\"reason-error\""));
}

static void what_was_answered_is_not_said_to_be_missing(void **state)
{
    opened *o = *state;
    opened_session(o, "hc-1", 0);

    opened_post(o, "/act/A1/rate", "version=1&reason=Seen+alone+again");

    assert_int_equal(o->status, 422);
    assert_true(opened_says(o, "Choose: Rating"));
    assert_false(opened_says(o, "Enter: Why"));
}

/* Whoever finds that they know the family says so themselves, and at once. */
static void somebody_can_declare_themselves_a_party(void **state)
{
    opened *o = *state;
    opened_session(o, "hc-1", 0);

    opened_ask(o, "/act/A1/declare-party?version=1", NULL);
    assert_true(opened_says(o, "value=\"hc-1\""));
    assert_true(opened_says(o, "value=\"hc-2\""));

    opened_ask(o, "/act/A1/hand-over?version=1", NULL);
    assert_false(opened_says(o, "value=\"hc-1\""));
}

/* They come back to the lists: the alert's own page would only say that there is none. */
static void what_somebody_took_from_themselves_is_said_to_be_gone(void **state)
{
    opened *o = *state;
    opened_session(o, "hc-1", 0);

    opened_ask(o, "/queue/unclaimed?gone=A77", NULL);
    assert_true(opened_says(o, "A77 is not shown to you any more."));
    opened_ask(o, "/queue/unclaimed?gone=A1", NULL);
    assert_false(opened_says(o, "A1 is not shown to you"));
    opened_ask(o, "/queue/unclaimed?gone=A7+burst+into+flames", NULL);
    assert_false(opened_says(o, "burst"));
}

/* ---- what is called how ------------------------------------------------------------------------------------------------------- */
static void expect_service(opened *o, const char *name, const char *expected)
{
    char shown[SERVICE_SHOWN_BYTES];
    people_service_shown(o->b->policy, name, shown);
    assert_string_equal(shown, expected);
}

static void a_service_is_called_as_its_queues_are_in_every_area(void **state)
{
    opened *o = *state;
    expect_service(o, "childrens_services_notices", "Children's services");
    expect_service(o, "encompass", "Operation Encompass");
    expect_service(o, "marac", "MARAC co-ordinators");
    expect_service(o, "hampshire_childrens", "Children's Reception Team, Hampshire and Isle of Wight");
    expect_service(o, "dropped_since", "dropped_since");
}

int main(void)
{
#define STORY(name) cmocka_unit_test_setup_teardown(name, opened_setup, opened_teardown)
    const struct CMUnitTest tests[] = {
        STORY(a_form_that_came_too_late_comes_back_after_signing_in),
        STORY(the_longest_text_is_kept_too),
        STORY(a_form_of_the_session_before_comes_back_at_once),
        STORY(what_somebody_else_had_typed_is_not_for_who_signed_in_since),
        STORY(what_can_be_kept_for_nobody_goes_back_to_the_browser),
        STORY(a_search_that_came_too_late_is_given_back_once),
        STORY(what_the_hub_did_not_answer_is_kept),
        STORY(staying_signed_in_gives_a_new_cookie_and_keeps_open_forms_good),
        STORY(every_page_says_when_the_session_ends_and_how_to_stay),
        STORY(who_left_people_yaml_is_signed_out_and_others_stay),
        STORY(a_mistake_in_people_yaml_changes_nothing),
        STORY(a_session_ends_with_the_password_it_was_begun_with_though_nobody_was_told),
        STORY(a_stream_ends_when_people_yaml_was_read_anew),
        STORY(a_board_that_closes_ends_who_waits_for_a_password),
        STORY(a_board_that_closes_keeps_what_waits_for_the_hub),
        STORY(a_team_is_chosen_from_one_list_in_two_groups),
        STORY(a_list_keeps_what_was_chosen),
        STORY(the_closed_list_says_when_and_not_how_long_is_left),
        STORY(all_that_is_missing_is_said_at_once),
        STORY(what_was_answered_is_not_said_to_be_missing),
        STORY(somebody_can_declare_themselves_a_party),
        STORY(what_somebody_took_from_themselves_is_said_to_be_gone),
        STORY(every_page_has_an_icon),
        STORY(a_service_is_called_as_its_queues_are_in_every_area),
    };
    return cmocka_run_group_tests_name("visit", tests, NULL, NULL);
}
