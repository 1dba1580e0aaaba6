/* The web server, by bare sockets on its own loop. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "browser.h"
#include "http/server.h"

typedef struct site {
    uv_loop_t loop;
    http_server *server;
    http_request *held[8]; /* by /wait */
    size_t held_count;
    http_stream *stream;
    uint32_t requests, closed;
    hub_buffer said; /* of the newest request */
} site;

static void on_closed(void *context)
{
    ((site *)context)->closed++;
}

static void on_request(void *context, http_request *r)
{
    site *s = context;
    s->requests++;
    hub_buffer_clear(&s->said);
    hub_buffer_put_format(&s->said, "%s %s?%s host=%s cookie=%s from=%s type=%s body=%zu", r->method, r->path, r->query, r->host,
                          r->cookie, r->address, r->type, r->body.size);
    if (strcmp(r->path, "/wait") == 0) {
        s->held[s->held_count++] = r;
    } else if (strcmp(r->path, "/stream") == 0) {
        assert_int_equal(http_stream_begin(r, on_closed, s, &s->stream), HUB_OK);
    } else if (strcmp(r->path, "/split") == 0) {
        hub_buffer body = {0};
        http_answer(r, 200, &(http_header){"X-Split", "a\r\nSet-Cookie: b=c"}, 1, &body);
    } else {
        hub_buffer body = {0};
        hub_buffer_put(&body, s->said.data, s->said.size);
        http_answer(r, 200, &(http_header){"Content-Type", "text/plain; charset=utf-8"}, 1, &body);
    }
}

static int open_site_for(void **state, uint32_t reading_ms)
{
    static site s;
    s = (site){0};
    hub_error err = {{0}};
    assert_int_equal(uv_loop_init(&s.loop), 0);
    http_options options = {.address = "127.0.0.1", .request = on_request, .context = &s, .reading_ms = reading_ms};
    assert_int_equal(http_server_open(&s.loop, &options, &s.server, &err), HUB_OK);
    *state = &s;
    return 0;
}

/* As it is shipped: a shorter time would cut off, on a busy machine, who only waited for the processor. */
static int open_site(void **state)
{
    return open_site_for(state, 0);
}

static int open_impatient_site(void **state)
{
    return open_site_for(state, 300);
}

static int close_site(void **state)
{
    site *s = *state;
    if (s->stream != NULL) http_stream_end(s->stream);
    http_server_close(s->server);
    (void)uv_run(&s->loop, UV_RUN_DEFAULT);
    hub_buffer_free(&s->said);
    assert_int_equal(uv_loop_close(&s->loop), 0);
    return 0;
}

static void visit(site *s, browser *b, const char *text)
{
    browser_open(b, &s->loop, http_server_port(s->server), hub_bytes_of_text(text), true);
}

static void a_request_reaches_its_handler_and_every_answer_is_guarded(void **state)
{
    site *s = *state;
    browser b;
    visit(
        s, &b,
        "POST /alert/A17/note?x=%41 HTTP/1.1\r\nHost: board.test\r\nCookie: a=b\r\nContent-Type: text/x\r\nContent-Length: 3\r\n"
        "\r\nabc");
    assert_true(browser_sees(&b, "POST /alert/A17/note?x=%41 host=board.test cookie=a=b from=127.0.0.1 type=text/x body=3"));
    const char *head = hub_buffer_text(&b.got);
    assert_non_null(strstr(head, "HTTP/1.1 200"));
    assert_non_null(strstr(head, "Content-Security-Policy: default-src 'none'; script-src 'self'")); /* W4 */
    assert_non_null(strstr(head, "Cache-Control: no-store"));
    assert_non_null(strstr(head, "X-Content-Type-Options: nosniff"));
    browser_free(&b);
}

static void answers_may_come_later_and_in_another_order(void **state)
{
    site *s = *state;
    browser first, second;
    visit(s, &first, "GET /wait?1 HTTP/1.1\r\nHost: h\r\n\r\n");
    while (s->held_count < 1)
        (void)uv_run(&s->loop, UV_RUN_ONCE);
    visit(s, &second, "GET /now HTTP/1.1\r\nHost: h\r\n\r\n");
    assert_true(browser_sees(&second, "GET /now?"));
    hub_buffer body = {0};
    hub_buffer_put_text(&body, "at last");
    http_answer(s->held[0], 404, NULL, 0, &body);
    assert_true(browser_sees(&first, "at last"));
    assert_non_null(strstr(hub_buffer_text(&first.got), "HTTP/1.1 404"));
    browser_free(&first);
    browser_free(&second);
}

static void a_body_over_the_limit_is_refused_before_it_has_come(void **state)
{
    site *s = *state;
    browser b;
    visit(s, &b, "POST /x HTTP/1.1\r\nHost: h\r\nContent-Length: 131073\r\n\r\n");
    assert_true(browser_sees(&b, "HTTP/1.1 413"));
    browser_free(&b);
    visit(s, &b, "POST /x HTTP/1.1\r\nHost: h\r\nContent-Length: 99999999999999999999\r\n\r\n");
    browser_until_closed(&b);
    browser_free(&b);
    assert_int_equal(s->requests, 0);
}

static void a_body_without_a_length_is_counted_as_it_comes(void **state)
{
    site *s = *state;
    hub_buffer text = {0};
    hub_buffer_put_text(&text, "POST /x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n");
    for (int i = 0; i < 33; i++) {
        hub_buffer_put_text(&text, "1000\r\n");
        memset(hub_buffer_extend(&text, 0x1000), 'a', 0x1000);
        hub_buffer_put_text(&text, "\r\n");
    }
    hub_buffer_put_text(&text, "0\r\n\r\n");
    browser b;
    browser_open(&b, &s->loop, http_server_port(s->server), hub_buffer_bytes(&text), true);
    assert_true(browser_sees(&b, "HTTP/1.1 413"));
    assert_int_equal(s->requests, 0);
    browser_free(&b);
    hub_buffer_free(&text);
}

static void methods_that_are_not_known_never_reach_a_handler(void **state)
{
    site *s = *state;
    browser b;
    visit(s, &b, "TRACE /x HTTP/1.1\r\nHost: h\r\n\r\n");
    assert_true(browser_sees(&b, "HTTP/1.1 405"));
    assert_int_equal(s->requests, 0);
    browser_free(&b);
}

static void a_header_with_a_line_end_is_an_error_and_not_two_headers(void **state)
{
    site *s = *state;
    browser b;
    visit(s, &b, "GET /split HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    browser_until_closed(&b);
    assert_non_null(strstr(hub_buffer_text(&b.got), "HTTP/1.1 500"));
    assert_null(strstr(hub_buffer_text(&b.got), "Set-Cookie"));
    browser_free(&b);
}

static void a_request_that_drips_is_cut_off_by_its_age(void **state)
{
    site *s = *state;
    browser b;
    visit(s, &b, "GET /x HTTP/1.1\r\nHost: h\r\nX-More");
    browser_until_closed(&b);
    assert_int_equal(s->requests, 0);
    browser_free(&b);
}

static void a_stream_gives_what_is_sent_as_it_is_sent(void **state)
{
    site *s = *state;
    browser b;
    visit(s, &b, "GET /stream HTTP/1.1\r\nHost: h\r\n\r\n");
    while (s->stream == NULL)
        (void)uv_run(&s->loop, UV_RUN_ONCE);
    assert_int_equal(http_stream_send(s->stream, hub_bytes_of_text("data: one\n\n")), HUB_OK);
    assert_true(browser_sees(&b, "data: one"));
    assert_non_null(strstr(hub_buffer_text(&b.got), "Content-Type: text/event-stream"));
    assert_int_equal(http_stream_send(s->stream, hub_bytes_of_text("data: two\n\n")), HUB_OK);
    assert_true(browser_sees(&b, "data: two"));
    uint32_t connections, streams;
    http_server_count(s->server, &connections, &streams);
    assert_int_equal(streams, 1);
    http_stream_end(s->stream);
    s->stream = NULL;
    assert_true(browser_sees(&b, "0\r\n\r\n")); /* the last chunk */
    browser_free(&b);
}

static void a_browser_that_goes_away_is_told_once(void **state)
{
    site *s = *state;
    browser b;
    visit(s, &b, "GET /stream HTTP/1.1\r\nHost: h\r\n\r\n");
    while (s->stream == NULL)
        (void)uv_run(&s->loop, UV_RUN_ONCE);
    assert_int_equal(http_stream_send(s->stream, hub_bytes_of_text(":\n\n")), HUB_OK);
    assert_true(browser_sees(&b, ":\n\n"));
    browser_free(&b);
    while (s->closed == 0) { /* found out by the next write, or the one after it */
        (void)http_stream_send(s->stream, hub_bytes_of_text(":\n\n"));
        (void)uv_run(&s->loop, UV_RUN_ONCE);
    }
    (void)uv_run(&s->loop, UV_RUN_NOWAIT);
    assert_int_equal(s->closed, 1);
}

static void a_reader_that_does_not_read_fills_its_stream_and_nothing_else(void **state)
{
    site *s = *state;
    static char block[8192];
    memset(block, 'x', sizeof block);
    browser b;
    browser_open(&b, &s->loop, http_server_port(s->server), hub_bytes_of_text("GET /stream HTTP/1.1\r\nHost: h\r\n\r\n"), false);
    while (s->stream == NULL)
        (void)uv_run(&s->loop, UV_RUN_ONCE);
    hub_status status = HUB_OK;
    for (int i = 0; status == HUB_OK && i < 100000; i++)
        status = http_stream_send(s->stream, hub_bytes_of(block, sizeof block));
    assert_int_equal(status, HUB_ERR_FULL); /* W2 */
    browser other;
    visit(s, &other, "GET /now HTTP/1.1\r\nHost: h\r\n\r\n");
    assert_true(browser_sees(&other, "GET /now?"));
    browser_free(&other);
    browser_free(&b);
}

static void it_stops_with_requests_and_streams_under_way(void **state)
{
    site *s = *state;
    browser waiting, streaming;
    visit(s, &waiting, "GET /wait HTTP/1.1\r\nHost: h\r\n\r\n");
    visit(s, &streaming, "GET /stream HTTP/1.1\r\nHost: h\r\n\r\n");
    while (s->held_count == 0 || s->stream == NULL)
        (void)uv_run(&s->loop, UV_RUN_ONCE);
    http_stream_end(s->stream);
    s->stream = NULL;
    http_server_close(s->server); /* W3: or it would end here */
    s->server = NULL;
    browser_until_closed(&waiting);
    browser_until_closed(&streaming);
    browser_free(&waiting);
    browser_free(&streaming);
}

static void a_taken_port_is_named(void **state)
{
    site *s = *state;
    http_server *second = NULL;
    hub_error err = {{0}};
    http_options options = {.address = "127.0.0.1", .port = http_server_port(s->server), .request = on_request, .context = s};
    assert_int_equal(http_server_open(&s->loop, &options, &second, &err), HUB_ERR_IO);
    assert_non_null(strstr(err.text, "the port is taken"));
    assert_null(strstr(err.text, "below 1024"));
    options.address = "203.0.113.9"; /* nobody's */
    options.port = 443;
    assert_int_equal(http_server_open(&s->loop, &options, &second, &err), HUB_ERR_IO);
    assert_non_null(strstr(err.text, "below 1024 is not for this user: choose one above"));
    options.address = "board.test";
    assert_int_equal(http_server_open(&s->loop, &options, &second, &err), HUB_ERR_IO);
    assert_non_null(strstr(err.text, "no address"));
}

/* A board that was killed is started again at once, by systemd; the system remembers connections that its browsers had for a minute more. */
static void a_server_that_is_gone_leaves_its_port_to_the_next_one(void **state)
{
    site *s = *state;
    browser b;
    hub_error err = {{0}};
    uint16_t port = http_server_port(s->server);
    visit(s, &b, "GET /now HTTP/1.1\r\nHost: h\r\n\r\n");
    assert_true(browser_sees(&b, "GET /now?"));

    http_server_close(s->server); /* its side of the connection ends first */
    browser_until_closed(&b);
    browser_free(&b);

    http_options options = {.address = "127.0.0.1", .port = port, .request = on_request, .context = s};
    assert_int_equal(http_server_open(&s->loop, &options, &s->server, &err), HUB_OK);
    assert_int_equal(http_server_port(s->server), port);
}

int main(void)
{
#define SITE(story) cmocka_unit_test_setup_teardown(story, open_site, close_site)
    const struct CMUnitTest tests[] = {
        SITE(a_request_reaches_its_handler_and_every_answer_is_guarded),
        SITE(answers_may_come_later_and_in_another_order),
        SITE(a_body_over_the_limit_is_refused_before_it_has_come),
        SITE(a_body_without_a_length_is_counted_as_it_comes),
        SITE(methods_that_are_not_known_never_reach_a_handler),
        SITE(a_header_with_a_line_end_is_an_error_and_not_two_headers),
        cmocka_unit_test_setup_teardown(a_request_that_drips_is_cut_off_by_its_age, open_impatient_site, close_site),
        SITE(a_stream_gives_what_is_sent_as_it_is_sent),
        SITE(a_browser_that_goes_away_is_told_once),
        SITE(a_reader_that_does_not_read_fills_its_stream_and_nothing_else),
        SITE(it_stops_with_requests_and_streams_under_way),
        SITE(a_taken_port_is_named),
        SITE(a_server_that_is_gone_leaves_its_port_to_the_next_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
