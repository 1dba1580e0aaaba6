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

#include "../unit_http/browser.h"
#include "bus/curve.h"
#include "host/files.h"
#include "host/random.h"
#include "made.h"
#include "opened.h"
#include "policy/policy.h"

static const char PEOPLE[] =
    "- {person: hc-1, password: \"HASH\"}\n- {person: hc-2, password: \"HASH\"}\n- {person: ha-1, password: \"HASH\"}\n";

/* ---- life --------------------------------------------------------------------------------------------------------------------- */
static void write_key(opened *o)
{
    bus_key_pair pair;
    hub_error err = {{0}};
    bus_key_pair_make(&pair);
    bus_key_text(pair.public_key, o->config.server_key);
    char path[96];
    (void)snprintf(path, sizeof path, "%s/board", o->folder);
    (void)snprintf(o->config.key, sizeof o->config.key, "%s.key", path);
    assert_int_equal(bus_key_pair_write(path, &pair, &err), HUB_OK);
}

int opened_setup(void **state)
{
    opened *o = calloc(1, sizeof *o);
    hub_error err = {{0}};
    host_random_start();
    (void)snprintf(o->folder, sizeof o->folder, "/tmp/mash-board-XXXXXX");
    assert_non_null(mkdtemp(o->folder));
    board_config *c = &o->config;
    *c = (board_config){.name = "Hampshire MASH",
                        .endpoint = "tcp://127.0.0.1:9",
                        .queues = {"hampshire_childrens", "hampshire_adults"},
                        .queue_count = 2,
                        .address = "127.0.0.1",
                        .origin = "http://127.0.0.1:7480",
                        .host = "127.0.0.1:7480",
                        .idle_minutes = 30,
                        .hours = 12,
                        .help = "ring the service desk on 01632 960123"};
    (void)snprintf(c->folder, sizeof c->folder, "%s", o->folder);
    (void)snprintf(c->people, sizeof c->people, "%s/people.yaml", o->folder);
    (void)snprintf(c->state, sizeof c->state, "%s", o->folder);
    write_key(o);
    assert_int_equal(password_hash(hub_bytes_of_text(OPENED_PASSWORD), o->hash, &err), HUB_OK);
    opened_people(o, PEOPLE);
    assert_int_equal(uv_loop_init(&o->loop), 0);
    opened_start(o);
    *state = o;
    return 0;
}

core_policy *opened_policy(void)
{
    char folder[PATH_MAX];
    policy_sources sources = {0};
    yaml_problems problems = {0};
    core_policy *policy = NULL;
    hub_error err = {{0}};
    (void)snprintf(folder, sizeof folder, "%s/config/hips/policy", getenv("MASHHUB_SOURCE"));
    assert_int_equal(policy_sources_read(folder, &sources, &err), HUB_OK);
    assert_int_equal(policy_compile(&sources, folder, &policy, &problems), HUB_OK);
    policy_sources_free(&sources);
    yaml_problems_free(&problems);
    return policy;
}

void opened_start(opened *o)
{
    made m;
    hub_error err = {{0}};
    hub_status status = board_open(&o->loop, &o->config, &o->b, &err);
    if (status != HUB_OK) fail_msg("%s", err.text);
    o->b->policy = opened_policy();
    assert_non_null(rows_take(o->b->rows, 0, made_delivery(&m, 1, 1, 0)));
}

void opened_stop(opened *o)
{
    if (o->b == NULL) return;
    board_close(o->b);
    (void)uv_run(&o->loop, UV_RUN_DEFAULT);
    board_free(o->b);
    o->b = NULL;
}

int opened_teardown(void **state)
{
    opened *o = *state;
    char command[128];
    opened_stop(o);
    assert_int_equal(uv_loop_close(&o->loop), 0);
    hub_buffer_free(&o->answer);
    (void)snprintf(command, sizeof command, "rm -rf '%s'", o->folder);
    assert_int_equal(system(command), 0);
    free(o);
    return 0;
}

/* ---- given -------------------------------------------------------------------------------------------------------------------- */
void opened_people(opened *o, const char *text)
{
    hub_buffer whole = {0};
    hub_error err = {{0}};
    for (const char *mark = strstr(text, "HASH"); mark != NULL; mark = strstr(text, "HASH")) {
        hub_buffer_put(&whole, text, (size_t)(mark - text));
        hub_buffer_put_text(&whole, o->hash);
        text = mark + strlen("HASH");
    }
    hub_buffer_put_text(&whole, text);
    assert_int_equal(host_file_replace(o->config.people, hub_buffer_bytes(&whole), 0600, &err), HUB_OK);
    hub_buffer_free(&whole);
}

void opened_session(opened *o, const char *account_name, int64_t minutes_ago)
{
    session *s = NULL;
    uint8_t mark[HUB_SHORT_DIGEST_BYTES];
    const account *who = accounts_find(o->b->accounts, account_name);
    int64_t then_ms = link_hub_now_ms(o->b->gate) - minutes_ago * OPENED_MINUTE_MS;
    assert_non_null(who);
    account_mark(who, mark);
    assert_int_equal(session_begin(o->b->sessions, account_name, NULL, then_ms, o->cookie, &s), HUB_OK);
    assert_int_equal(session_set_note(o->b->sessions, s, hub_bytes_of(mark, sizeof mark)), HUB_OK);
    o->cookie[strcspn(o->cookie, ";")] = '\0';
    session_token(s, o->token);
}

/* ---- when --------------------------------------------------------------------------------------------------------------------- */
static void keep_head(opened *o)
{
    const char *text = hub_buffer_text(&o->answer), *end = strstr(text, "\r\n\r\n");
    const char *location = strstr(text, "\r\nLocation: "), *cookie = strstr(text, "\r\nSet-Cookie: ");
    assert_non_null(end);
    o->status = (unsigned)strtoul(text + strlen("HTTP/1.1 "), NULL, 10);
    o->location[0] = '\0';
    if (location != NULL && location < end)
        (void)snprintf(o->location, sizeof o->location, "%.*s", (int)strcspn(location + 12, "\r"), location + 12);
    if (cookie != NULL && cookie < end)
        (void)snprintf(o->cookie, sizeof o->cookie, "%.*s", (int)strcspn(cookie + 14, ";\r"), cookie + 14);
}

void opened_ask(opened *o, const char *path, const char *form)
{
    hub_buffer request = {0};
    browser window;
    hub_buffer_put_format(&request, "%s %s HTTP/1.1\r\nHost: 127.0.0.1:7480\r\nConnection: close\r\n",
                          form == NULL ? "GET" : "POST", path);
    if (o->cookie[0] != '\0') hub_buffer_put_format(&request, "Cookie: %s\r\n", o->cookie);
    if (o->site != NULL) hub_buffer_put_format(&request, "Sec-Fetch-Site: %s\r\n", o->site);
    if (form != NULL)
        hub_buffer_put_format(&request, "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: %zu\r\n",
                              strlen(form));
    hub_buffer_put_format(&request, "\r\n%s", form == NULL ? "" : form);
    browser_open(&window, &o->loop, http_server_port(o->b->server), hub_buffer_bytes(&request), true);
    browser_until_closed(&window);
    hub_buffer_free(&o->answer);
    o->answer = window.got;
    window.got = (hub_buffer){0};
    browser_free(&window);
    hub_buffer_free(&request);
    keep_head(o);
}

void opened_post(opened *o, const char *path, const char *form)
{
    hub_buffer whole = {0};
    hub_buffer_put_format(&whole, "token=%s&%s", o->token, form);
    opened_ask(o, path, hub_buffer_text(&whole));
    hub_buffer_free(&whole);
}

/* ---- then --------------------------------------------------------------------------------------------------------------------- */
bool opened_says(opened *o, const char *text)
{
    return strstr(hub_buffer_text(&o->answer), text) != NULL;
}

void opened_take_token(opened *o)
{
    static const char MARK[] = "name=\"token\" value=\"";
    const char *at = strstr(hub_buffer_text(&o->answer), MARK);
    assert_non_null(at);
    (void)snprintf(o->token, sizeof o->token, "%.*s", (int)strcspn(at + sizeof MARK - 1, "\""), at + sizeof MARK - 1);
}
