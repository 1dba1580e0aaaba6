/* The answerer of GET /metrics, by bare sockets on its own loop. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "../unit_http/browser.h"
#include "metrics/serve.h"

typedef struct site {
    uv_loop_t loop;
    metrics_server *server;
    unsigned written; /* how often the figures were asked of the program */
    size_t filler;
} site;

static void write_figures(void *context, hub_buffer *out)
{
    site *s = context;
    hub_buffer_put_format(out, "mash_written %u\n", ++s->written);
    for (size_t i = 0; i < s->filler; i++)
        hub_buffer_put_text(out, "# ................................................................................\n");
}

static int open_site_for(void **state, uint32_t second_ms)
{
    static site s;
    s = (site){0};
    hub_error err = {{0}};
    assert_int_equal(uv_loop_init(&s.loop), 0);
    metrics_options options = {.address = "127.0.0.1", .second_ms = second_ms, .write = write_figures, .context = &s};
    assert_int_equal(metrics_server_open(&s.loop, &options, &s.server, &err), HUB_OK);
    *state = &s;
    return 0;
}

/* As it is shipped: a shorter second would send away, on a busy machine, who only waited for the processor. */
static int open_shipped(void **state)
{
    return open_site_for(state, 0);
}

static int open_patient(void **state)
{
    return open_site_for(state, 60 * 1000);
}

static int close_site(void **state)
{
    site *s = *state;
    metrics_server_close(s->server);
    (void)uv_run(&s->loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&s->loop), 0);
    return 0;
}

static void visit(site *s, browser *b, const char *text)
{
    browser_open(b, &s->loop, metrics_server_port(s->server), hub_bytes_of_text(text), true);
}

static void get_metrics_is_answered_and_the_connection_ends(void **state)
{
    site *s = *state;
    browser b;
    visit(s, &b, "GET /metrics HTTP/1.1\r\nHost: h\r\nAccept: */*\r\n\r\n");
    browser_until_closed(&b);
    assert_string_equal(hub_buffer_text(&b.got),
                        "HTTP/1.1 200 OK\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\n"
                        "Connection: close\r\nX-Content-Type-Options: nosniff\r\nContent-Length: 15\r\n\r\n"
                        "mash_written 1\n");
    browser_free(&b);
}

/* F5 */
static void nothing_else_is(void **state)
{
    site *s = *state;
    static const struct {
        const char *request, *says;
    } ROWS[] = {
        {"GET / HTTP/1.1\r\n\r\n", "HTTP/1.1 404"},
        {"GET /metricsx HTTP/1.1\r\n\r\n", "HTTP/1.1 404"},
        {"GET /../metrics HTTP/1.1\r\n\r\n", "HTTP/1.1 404"},
        {"POST /metrics HTTP/1.1\r\n\r\n", "HTTP/1.1 405"},
        {"\r\n\r\n", "HTTP/1.1 405"},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        browser b;
        visit(s, &b, ROWS[i].request);
        assert_true(browser_sees(&b, ROWS[i].says));
        browser_free(&b);
    }
    assert_int_equal(s->written, 0);
}

static void a_request_of_more_than_a_kilobyte_is_not_read_on(void **state)
{
    site *s = *state;
    browser b;
    char request[METRICS_REQUEST_BYTES_MAX + 1];
    memset(request, 'x', sizeof request);
    memcpy(request, "GET /metrics?", 13);
    request[METRICS_REQUEST_BYTES_MAX] = '\0';
    visit(s, &b, request);
    assert_true(browser_sees(&b, "HTTP/1.1 431"));
    browser_free(&b);
    assert_int_equal(s->written, 0);
}

/* F4: the loop that decides about children is not kept busy by who asks for figures. */
static void the_figures_are_written_once_a_second_however_often_they_are_asked_for(void **state)
{
    site *s = *state;
    for (int i = 0; i < 20; i++) {
        browser b;
        visit(s, &b, "GET /metrics HTTP/1.1\r\n\r\n");
        assert_true(browser_sees(&b, "mash_written 1\n"));
        browser_free(&b);
    }
    assert_int_equal(s->written, 1);
}

static void figures_are_written_anew_when_they_are_old(void **state)
{
    site *s = *state;
    browser first, silent, second;
    visit(s, &first, "GET /metrics HTTP/1.1\r\n\r\n");
    assert_true(browser_sees(&first, "mash_written 1\n"));
    visit(s, &silent, "");
    browser_until_closed(&silent); /* who says nothing is sent away after the same second */
    visit(s, &second, "GET /metrics HTTP/1.1\r\n\r\n");
    assert_true(browser_sees(&second, "mash_written 2\n"));
    browser_free(&first);
    browser_free(&silent);
    browser_free(&second);
}

/* F4 */
static void who_drips_is_gone_after_a_second(void **state)
{
    site *s = *state;
    browser drip;
    visit(s, &drip, "GET /met");
    browser_until_closed(&drip);
    assert_int_equal(drip.got.size, 0);
    browser_free(&drip);
}

/* F4: all places are held by who asked and takes nothing from the socket; they are had again. */
static void who_does_not_read_the_answer_is_gone_after_a_second(void **state)
{
    site *s = *state;
    browser deaf[METRICS_CONNECTIONS_MAX], listening;
    s->filler = 150 * 1000; /* twelve megabytes: more than the sockets between take */
    for (int i = 0; i < METRICS_CONNECTIONS_MAX; i++)
        browser_open(&deaf[i], &s->loop, metrics_server_port(s->server), hub_bytes_of_text("GET /metrics HTTP/1.1\r\n\r\n"),
                     false);
    visit(s, &listening, "GET /metrics HTTP/1.1\r\n\r\n");
    assert_true(browser_sees(&listening, "mash_written"));
    for (int i = 0; i < METRICS_CONNECTIONS_MAX; i++)
        browser_free(&deaf[i]);
    browser_free(&listening);
}

/* F4: the ninth waits and is not refused; the eight in front of it say nothing and are sent away. */
static void the_ninth_waits_for_a_place_and_gets_it(void **state)
{
    site *s = *state;
    browser silent[METRICS_CONNECTIONS_MAX], ninth, tenth;
    for (int i = 0; i < METRICS_CONNECTIONS_MAX; i++)
        visit(s, &silent[i], "");
    visit(s, &ninth, "GET /metrics HTTP/1.1\r\n\r\n");
    visit(s, &tenth, "GET /metrics HTTP/1.1\r\n\r\n");
    assert_true(browser_sees(&ninth, "mash_written"));
    assert_true(browser_sees(&tenth, "mash_written"));
    for (int i = 0; i < METRICS_CONNECTIONS_MAX; i++)
        browser_free(&silent[i]);
    browser_free(&ninth);
    browser_free(&tenth);
}

static void a_server_that_is_closed_lets_go_of_who_is_there(void **state)
{
    site *s = *state;
    browser waiting, fresh;
    visit(s, &fresh, "GET /metrics HTTP/1.1\r\n\r\n");
    visit(s, &waiting, "GET /met");
    assert_true(browser_sees(&fresh, "mash_written 1\n"));
    metrics_server_close(s->server);
    s->server = NULL;
    browser_until_closed(&waiting);
    browser_free(&fresh);
    browser_free(&waiting);
}

static void a_port_that_is_taken_is_named(void **state)
{
    site *s = *state;
    metrics_server *second;
    hub_error err = {{0}};
    metrics_options options = {
        .address = "127.0.0.1", .port = metrics_server_port(s->server), .write = write_figures, .context = s};
    assert_int_equal(metrics_server_open(&s->loop, &options, &second, &err), HUB_ERR_IO);
    assert_null(second);
    assert_non_null(strstr(err.text, "127.0.0.1:"));
    assert_non_null(strstr(err.text, "`metrics`"));
    options.address = "no address";
    assert_int_equal(metrics_server_open(&s->loop, &options, &second, &err), HUB_ERR_IO);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(get_metrics_is_answered_and_the_connection_ends, open_patient, close_site),
        cmocka_unit_test_setup_teardown(nothing_else_is, open_patient, close_site),
        cmocka_unit_test_setup_teardown(a_request_of_more_than_a_kilobyte_is_not_read_on, open_patient, close_site),
        cmocka_unit_test_setup_teardown(the_figures_are_written_once_a_second_however_often_they_are_asked_for, open_patient,
                                        close_site),
        cmocka_unit_test_setup_teardown(figures_are_written_anew_when_they_are_old, open_shipped, close_site),
        cmocka_unit_test_setup_teardown(who_drips_is_gone_after_a_second, open_shipped, close_site),
        cmocka_unit_test_setup_teardown(who_does_not_read_the_answer_is_gone_after_a_second, open_shipped, close_site),
        cmocka_unit_test_setup_teardown(the_ninth_waits_for_a_place_and_gets_it, open_shipped, close_site),
        cmocka_unit_test_setup_teardown(a_server_that_is_closed_lets_go_of_who_is_there, open_patient, close_site),
        cmocka_unit_test_setup_teardown(a_port_that_is_taken_is_named, open_patient, close_site),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
