/* The HTTP receiver on loopback: who may send, what is answered when, and that no answer repeats a value (H1 to H4). */
#include "kit_bench.h"

#include "../unit_http/browser.h"
#include "kit/post.h"
#include "kit/tls.h"
#include "kit/tokens.h"
#include "test_mapping.h"

static const char TOKEN[] = "a-token-of-the-trusts-integration-engine";

typedef struct bench {
    uv_loop_t loop;
    outbox *box;
    kit_intake *intakes[2]; /* lines, messages */
    kit_desk *desk;
    kit_post *post;
    char *answer; /* of the last request */
} bench;

static void open_bench(bench *b, const char *folder, uint64_t waiting_max, int64_t patience_ms)
{
    hub_error err = {{0}};
    memset(b, 0, sizeof *b);
    kit_bench_open(&b->loop, kit_path(folder, "box"), waiting_max, patience_ms, &b->box, &b->desk);
    b->intakes[0] = kit_bench_intake(b->box, &test_lines, KIT_UNREADABLE_PARKS, NULL);
    b->intakes[1] = kit_bench_intake(b->box, &test_messages, KIT_UNREADABLE_PARKS, NULL);
    kit_write(kit_path(folder, "token"), "the-one-that-goes-out-of-use\na-token-of-the-trusts-integration-engine\n");
    kit_post_options options = {.desk = b->desk,
                                .routes = {{"/lines", b->intakes[0]}, {"/messages", b->intakes[1]}},
                                .route_count = 2,
                                .address = "127.0.0.1",
                                .certificate = "",
                                .key = "",
                                .authorities = "",
                                .token_file = kit_path(folder, "token"),
                                .body_bytes_max = 2000,
                                .now_ms = fixed_now};
    kit_ok(kit_post_open(&b->loop, &options, &b->post, &err));
}

static void close_bench(bench *b)
{
    kit_post_close(b->post);
    kit_bench_close(&b->loop, b->box, b->desk, b->intakes, 2);
    free(b->answer);
}

/* One request with these headers; its answer, whole. */
static const char *request(bench *b, const char *method, const char *path, const char *headers, const char *body)
{
    hub_buffer text = {0};
    browser sender = {0};
    hub_buffer_put_format(&text, "%s %s HTTP/1.1\r\nHost: adapter.test\r\nConnection: close\r\nContent-Length: %zu\r\n%s\r\n%s",
                          method, path, strlen(body), headers, body);
    browser_open(&sender, &b->loop, kit_post_port(b->post), hub_buffer_bytes(&text), true);
    browser_until_closed(&sender);
    free(b->answer);
    b->answer = strdup(hub_buffer_text(&sender.got));
    browser_free(&sender);
    hub_buffer_free(&text);
    return b->answer;
}

static const char *post(bench *b, const char *path, const char *more, const char *body)
{
    char headers[400];
    (void)snprintf(headers, sizeof headers, "Authorization: Bearer %s\r\n%s", TOKEN, more);
    return request(b, "POST", path, headers, body);
}

static void answers(const char *answer, const char *status, const char *words)
{
    if (strncmp(answer, "HTTP/1.1 ", 9) != 0 || strncmp(answer + 9, status, 3) != 0 || strstr(answer, words) == NULL)
        fail_msg("wanted %s with %s, came: %s", status, words, answer);
}

static void a_body_is_answered_202_once_its_events_are_in_the_outbox(void **state)
{
    bench b;
    open_bench(&b, *state, 0, 0);
    answers(post(&b, "/lines", "", "ok r1\nok r2\n"), "202", "{\"status\":\"taken\",\"events\":2}");
    assert_int_equal(kit_counts_of(b.box).put, 2);
    close_bench(&b);
}

/* H2. Whoever gets no answer sends again: by the number they gave, or the same bytes. */
static void a_repeat_by_number_or_by_body_makes_no_second_event(void **state)
{
    bench b;
    open_bench(&b, *state, 0, 0);
    answers(post(&b, "/lines", "", "ok r1\n"), "202", "\"taken\"");
    answers(post(&b, "/lines", "", "ok r1\n"), "202", "\"taken before\"");
    answers(post(&b, "/lines/", "Idempotency-Key: 7\r\n", "ok r2\n"), "202", "\"taken\"");
    answers(post(&b, "/lines", "Idempotency-Key: 7\r\n", "ok r2\n"), "202", "\"taken before\"");
    assert_int_equal(kit_counts_of(b.box).put, 2);
    assert_int_equal(kit_counts_of(b.box).inputs_repeated, 2);
    close_bench(&b);
}

static void another_body_under_a_number_used_before_is_parked_and_refused(void **state)
{
    bench b;
    open_bench(&b, *state, 0, 0);
    answers(post(&b, "/lines", "Idempotency-Key: 7\r\n", "ok r1\n"), "202", "\"taken\"");
    answers(post(&b, "/lines", "Idempotency-Key: 7\r\n", "ok r2\n"), "422", "number was used before");
    assert_int_equal(kit_counts_of(b.box).put, 1);
    assert_int_equal(kit_counts_of(b.box).parked_here, 1);
    close_bench(&b);
}

static void bad_rows_are_counted_and_the_first_is_named_without_its_value(void **state)
{
    bench b;
    open_bench(&b, *state, 0, 0);
    const char *answer = post(&b, "/lines", "", "ok r1\nbad Testley\n");
    answers(answer, "202", "\"events\":1,\"parked\":1,\"reason\":\"line 2, column 1: row: not a row of this format\"");
    assert_null(strstr(answer, "Testley"));
    answers(post(&b, "/lines", "", "bad Testley\n"), "422", "not a row of this format");
    answers(post(&b, "/lines", "", "bad Testley\n"), "422", "not a row of this format"); /* the first answer again */
    answers(post(&b, "/lines", "", "ok r3\nbroken\n"), "400", "2:1: row");
    assert_int_equal(kit_counts_of(b.box).put, 1);
    assert_int_equal(kit_counts_of(b.box).parked_here, 3);
    close_bench(&b);
}

/* A stranger learns nothing, not even which paths there are (H4). */
static void whoever_shows_no_token_of_ours_is_answered_401_and_nothing_is_taken(void **state)
{
    bench b;
    open_bench(&b, *state, 0, 0);
    answers(request(&b, "POST", "/lines", "", "ok r1\n"), "401", "WWW-Authenticate: Bearer");
    answers(request(&b, "POST", "/nowhere", "", "ok r1\n"), "401", "bearer token");
    answers(request(&b, "POST", "/lines", "Authorization: Bearer a-token-of-the-trusts-integration-engin\r\n", "ok r1\n"), "401",
            "bearer token");
    answers(request(&b, "POST", "/lines", "Authorization: Bearer the-one-that-goes-out-of-use\r\n", "ok r1\n"), "202", "taken");
    assert_int_equal(kit_counts_of(b.box).put, 1);
    close_bench(&b);
}

static void wrong_path_method_and_body_are_each_told(void **state)
{
    bench b;
    char large[2100];
    open_bench(&b, *state, 0, 0);
    memset(large, 'x', sizeof large);
    large[sizeof large - 1] = '\0';
    answers(post(&b, "/other", "", "ok r1\n"), "404", "routes");
    answers(post(&b, "/lines", "", ""), "400", "empty body");
    answers(post(&b, "/lines", "", large), "413", "application/problem+json");
    answers(post(&b, "/lines", "", large), "413", "larger than this server takes");
    char headers[200];
    (void)snprintf(headers, sizeof headers, "Authorization: Bearer %s\r\n", TOKEN);
    answers(post(&b, "/lines", "Content-Type: text/csv; charset=utf-8\r\n", "ok r1\n"), "415", "application/problem+json");
    answers(post(&b, "/lines", "Content-Encoding: gzip\r\n", "ok r1\n"), "415", "uncompressed");
    answers(request(&b, "GET", "/lines", headers, ""), "405", "Allow: POST");
    assert_int_equal(kit_counts_of(b.box).put, 0);
    close_bench(&b);
}

static void an_outbox_that_is_full_answers_503_with_when_to_try_again(void **state)
{
    bench b;
    hub_error err = {{0}};
    open_bench(&b, *state, 1, 0);
    answers(post(&b, "/lines", "", "ok r1\n"), "202", "taken");
    answers(post(&b, "/lines", "", "ok r2\n"), "503", "Retry-After: 10");
    kit_ok(outbox_settle(b.box, 1, OUTBOX_STORED, NOW, &err));
    answers(post(&b, "/lines", "", "ok r2\n"), "202", "\"taken\"");
    close_bench(&b);
}

static void with_acknowledge_hub_what_the_hub_has_not_confirmed_is_503_and_later_202(void **state)
{
    bench b;
    hub_error err = {{0}};
    open_bench(&b, *state, 0, 30);
    answers(post(&b, "/lines", "", "ok r1\n"), "503", "the hub has not confirmed it");
    kit_ok(outbox_settle(b.box, 1, OUTBOX_STORED, NOW, &err));
    answers(post(&b, "/lines", "", "ok r1\n"), "202", "\"taken before\"");
    assert_int_equal(kit_counts_of(b.box).put, 1);
    close_bench(&b);
}

static void refuse_what_waits(uv_timer_t *timer)
{
    bench *b = timer->data;
    hub_error err = {{0}};
    if (kit_counts_of(b->box).waiting == 0) return;
    kit_ok(outbox_refuse(b->box, "hub", 5, "area", "no such area", NOW, &err));
    kit_desk_look(b->desk);
    uv_close((uv_handle_t *)timer, NULL);
}

/* A sender that is told 202 forgets what it sent. */
static void with_acknowledge_hub_what_the_hub_refused_is_answered_422(void **state)
{
    bench b;
    uv_timer_t timer;
    open_bench(&b, *state, 0, 10000);
    (void)uv_timer_init(&b.loop, &timer);
    timer.data = &b;
    (void)uv_timer_start(&timer, refuse_what_waits, 1, 1);
    answers(post(&b, "/lines", "", "ok r1\n"), "422", "the hub refused it");
    close_bench(&b);
}

/* HL7 over HTTP, FHIR: the source reads its own format. */
static void a_mapping_that_answers_writes_the_body_itself(void **state)
{
    bench b;
    open_bench(&b, *state, 0, 0);
    answers(post(&b, "/messages", "", "MSH|1\nok r1\n"), "202", "AA MSH|1");
    answers(post(&b, "/messages", "", "hello\n"), "400", "AR does not begin with MSH");
    close_bench(&b);
}

static void a_token_file_that_everybody_may_read_is_refused(void **state)
{
    kit_tokens tokens;
    hub_error err = {{0}};
    kit_write(kit_path(*state, "token"), "short\n");
    assert_int_equal(kit_tokens_read(kit_path(*state, "token"), &tokens, &err), HUB_ERR_INVALID);
    assert_non_null(strstr(err.text, "openssl rand"));
    kit_write(kit_path(*state, "token"), TOKEN);
    kit_ok(kit_tokens_read(kit_path(*state, "token"), &tokens, &err));
    assert_int_equal(chmod(kit_path(*state, "token"), 0604), 0);
    assert_int_equal(kit_tokens_read(kit_path(*state, "token"), &tokens, &err), HUB_ERR_INVALID);
    assert_non_null(strstr(err.text, "chmod o="));
}

static void a_private_key_that_everybody_may_read_is_refused_and_a_file_that_nobody_can_is_named(void **state)
{
    bench b;
    hub_error err = {{0}};
    kit_tls *tls = NULL;
    kit_post *post = NULL;
    char certificate[256], key[256];
    open_bench(&b, *state, 0, 0);
    (void)snprintf(certificate, sizeof certificate, "%s", kit_path(*state, "server.pem"));
    (void)snprintf(key, sizeof key, "%s", kit_path(*state, "server.pk"));
    const kit_tls_files files = {.certificate = certificate, .key = key, .authorities = ""};
    const kit_post_options options = {.desk = b.desk,
                                      .address = "127.0.0.1",
                                      .certificate = certificate,
                                      .key = key,
                                      .authorities = "",
                                      .token_file = "",
                                      .now_ms = fixed_now};
    kit_write(certificate, "a certificate");
    assert_int_equal(kit_tls_open(&files, &tls, &err), HUB_ERR_INVALID);
    assert_non_null(strstr(err.text, "server.pk: cannot be read: No such file"));
    assert_int_equal(kit_post_open(&b.loop, &options, &post, &err), HUB_ERR_INVALID);
    assert_non_null(strstr(err.text, "server.pk: cannot be read: No such file"));
    kit_write(key, "a key");
    assert_int_equal(chmod(key, 0604), 0);
    assert_int_equal(kit_tls_open(&files, &tls, &err), HUB_ERR_INVALID);
    assert_non_null(strstr(err.text, "chmod o="));
    assert_int_equal(kit_post_open(&b.loop, &options, &post, &err), HUB_ERR_INVALID);
    assert_non_null(strstr(err.text, "chmod o="));
    close_bench(&b);
}

#define STORY(name) cmocka_unit_test_setup_teardown(name, kit_folder_make, kit_folder_remove)

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORY(a_body_is_answered_202_once_its_events_are_in_the_outbox),
        STORY(a_repeat_by_number_or_by_body_makes_no_second_event),
        STORY(another_body_under_a_number_used_before_is_parked_and_refused),
        STORY(bad_rows_are_counted_and_the_first_is_named_without_its_value),
        STORY(whoever_shows_no_token_of_ours_is_answered_401_and_nothing_is_taken),
        STORY(wrong_path_method_and_body_are_each_told),
        STORY(an_outbox_that_is_full_answers_503_with_when_to_try_again),
        STORY(with_acknowledge_hub_what_the_hub_has_not_confirmed_is_503_and_later_202),
        STORY(with_acknowledge_hub_what_the_hub_refused_is_answered_422),
        STORY(a_mapping_that_answers_writes_the_body_itself),
        STORY(a_token_file_that_everybody_may_read_is_refused),
        STORY(a_private_key_that_everybody_may_read_is_refused_and_a_file_that_nobody_can_is_named),
    };
    return cmocka_run_group_tests_name("post", tests, NULL, NULL);
}
