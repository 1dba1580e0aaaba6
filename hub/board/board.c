/* board.c - the life of a board: what is opened in which order, the policy as it changes, housekeeping once a second. */
#include "board.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "board/feed.h"
#include "board/live.h"
#include "board/pack.h"
#include "board/run.h"
#include "board/watch.h"
#include "host/clock.h"
#include "host/files.h"
#include "host/log.h"
#include "policy/policy.h"
#include "signin/session_file.h"

enum { SECOND_MS = 1000, MINUTE_MS = 60 * 1000, LOOK_AT_POLICY_S = 5, GAUGES_KEPT_EVERY_S = 20 };

/* ---- the policy in force -------------------------------------------------------------------------------------------------------- */
static void on_policy(void *context, link_outcome outcome, const Mash__V1__HubFrame *answer)
{
    board *b = context;
    if (outcome != LINK_ANSWERED || answer->body_case != MASH__V1__HUB_FRAME__BODY_POLICY_IN_FORCE) return; /* asked again soon */
    const Mash__V1__PolicyInForce *in_force = answer->policy_in_force;
    core_policy *policy = NULL;
    hub_error err = {{0}};
    if (people_policy(in_force, &policy, &err) != HUB_OK) {
        host_log(HOST_LOG_ERROR, "the hub's policy cannot be read here: the roster of before holds", "cause", err.text, NULL);
        b->policy_number = in_force->policy; /* not again each five seconds */
        return;
    }
    policy_free(b->policy);
    b->policy = policy;
    b->policy_number = in_force->policy;
    live_end(b->live);
    pack_forget(b->pack);
    host_log(HOST_LOG_INFO, "policy in force", NULL);
    live_tell_all(b->live);
}

static void ask_policy(board *b)
{
    Mash__V1__ClientFrame frame = MASH__V1__CLIENT_FRAME__INIT;
    Mash__V1__PolicyRequest request = MASH__V1__POLICY_REQUEST__INIT;
    frame.body_case = MASH__V1__CLIENT_FRAME__BODY_POLICY;
    frame.policy = &request;
    link_ask(b->gate, &frame, on_policy, b);
}

static void on_status(void *context, link_outcome outcome, const Mash__V1__HubFrame *answer)
{
    board *b = context;
    int64_t took_ms = host_boot_ms() - b->asked_ms;
    b->asked_ms = 0;
    if (outcome != LINK_ANSWERED || answer->body_case != MASH__V1__HUB_FRAME__BODY_STATUS) return;
    int64_t now_ms = link_hub_now_ms(b->gate);
    gauges_status(&b->gauges, now_ms, answer->status, took_ms);
    if (answer->status->durable != NULL) watch_tell(b->watching, answer->status->durable->sequence, now_ms / MINUTE_MS);
    if (answer->status->policy != b->policy_number) ask_policy(b);
}

/* And at how the hub does. */
static void look_at_policy(board *b)
{
    if (b->asked_ms != 0) return;
    b->asked_ms = host_boot_ms();
    Mash__V1__ClientFrame frame = MASH__V1__CLIENT_FRAME__INIT;
    Mash__V1__StatusRequest request = MASH__V1__STATUS_REQUEST__INIT;
    frame.body_case = MASH__V1__CLIENT_FRAME__BODY_STATUS;
    frame.status = &request;
    link_ask(b->gate, &frame, on_status, b);
}

/* ---- the hub -------------------------------------------------------------------------------------------------------------------- */
static void on_opened(void *context)
{
    board *b = context;
    host_log(HOST_LOG_INFO, "the hub is there", NULL);
    ask_policy(b);
    feed_resume(b->feed); /* which tells the windows when it has its queues */
    watch_tell_hub(b->watching);
}

static void on_closed(void *context)
{
    board *b = context;
    host_log(HOST_LOG_WARNING, "the hub is away", "cause", link_trouble(b->gate), NULL);
    live_tell_hub(b->live);
    watch_tell_hub(b->watching);
}

static void on_frame(void *context, const Mash__V1__HubFrame *frame)
{
    board *b = context;
    feed_frame(b->feed, frame);
}

static void on_news(void *context, const board_row *row, const Mash__V1__Delivery *delivery)
{
    board *b = context;
    bool is_new = delivery->kind == MASH__V1__DELIVERY_KIND__DELIVERY_KIND_ALERT_OPENED ||
                  delivery->kind == MASH__V1__DELIVERY_KIND__DELIVERY_KIND_MOVED_HERE;
    gauges_delivery(&b->gauges, link_hub_now_ms(b->gate), delivery->time_ms);
    live_tell(b->live, row, is_new);
}

/* ---- sessions on their volume --------------------------------------------------------------------------------------------------- */
static void paths(const board *b, char file[PATH_MAX + 32], char key[PATH_MAX + 32])
{
    (void)snprintf(file, PATH_MAX + 32, "%s/sessions", b->config.state);
    (void)snprintf(key, PATH_MAX + 32, "%s/session.key", b->config.folder);
}

static void save_sessions(board *b)
{
    char file[PATH_MAX + 32], key[PATH_MAX + 32];
    hub_error err = {{0}};
    if (!sessions_changed(b->sessions) && !drafts_changed(b->drafts)) return;
    paths(b, file, key);
    hub_status status = session_file_save(file, key, b->sessions, b->drafts, link_hub_now_ms(b->gate), &err);
    if (status != HUB_OK && !b->save_failed)
        host_log(HOST_LOG_WARNING, "sessions cannot be saved: after a restart everybody signs in again", "cause", err.text, NULL);
    b->save_failed = status != HUB_OK;
}

/* ---- the plots on theirs -------------------------------------------------------------------------------------------------------- */
/* Counts of everybody together: they need no seal. That they cannot be kept costs a picture, and is not said. */
static void gauges_path(const board *b, char path[PATH_MAX + 32])
{
    (void)snprintf(path, PATH_MAX + 32, "%s/gauges", b->config.state);
}

static void save_gauges(board *b)
{
    char path[PATH_MAX + 32];
    hub_buffer text = {0};
    hub_error ignored;
    gauges_path(b, path);
    gauges_pack(&b->gauges, &text);
    if (text.size > 0 && !text.failed) (void)host_file_replace(path, hub_buffer_bytes(&text), 0600, &ignored);
    hub_buffer_free(&text);
}

static void load_gauges(board *b)
{
    enum { GAUGES_BYTES_MAX = 64 * 1024 };
    char path[PATH_MAX + 32];
    hub_buffer text = {0};
    hub_error ignored;
    gauges_path(b, path);
    if (host_file_read(path, GAUGES_BYTES_MAX, &text, &ignored) == HUB_OK) gauges_unpack(&b->gauges, hub_buffer_bytes(&text));
    hub_buffer_free(&text);
}

static hub_status load_sessions(board *b, hub_error *err)
{
    const sessions_options options = {
        .idle_ms = (int64_t)b->config.idle_minutes * 60000,
        .longest_ms = (int64_t)b->config.hours * 3600000,
        .cookie = b->config.is_secure ? SESSION_COOKIE_HTTPS : SESSION_COOKIE_LOOPBACK_HTTP,
    };
    char file[PATH_MAX + 32], key[PATH_MAX + 32];
    paths(b, file, key);
    hub_status status = sessions_open(&options, &b->sessions, err);
    if (status == HUB_OK && drafts_open(&b->drafts) != HUB_OK) status = hub_fail(err, HUB_ERR_MEMORY, "no memory for drafts");
    if (status == HUB_OK) status = session_key_create(key, err);
    if (status == HUB_ERR_EXISTS) status = HUB_OK;
    if (status != HUB_OK) return status;
    hub_error cause = {{0}};
    hub_status loaded = session_file_load(file, key, b->sessions, b->drafts, &cause);
    if (loaded != HUB_OK && loaded != HUB_ERR_NOT_FOUND)
        host_log(HOST_LOG_WARNING, "sessions of before are not taken up: everybody signs in again", "cause", cause.text, NULL);
    return HUB_OK;
}

static void on_second(uv_timer_t *timer)
{
    board *b = timer->data;
    save_sessions(b);
    if (b->seconds % GAUGES_KEPT_EVERY_S == 0) save_gauges(b);
    pack_second(b->pack);
    feed_settle(b->feed, FEED_WAITED_LONG);
    feed_ask_again(b->feed);
    watch_second(b->watching);
    bool is_time = ++b->seconds % LOOK_AT_POLICY_S == 0 || watch_count(b->watching) > 0;
    if (is_time && link_is_open(b->gate)) look_at_policy(b);
}

/* ---- opening ---------------------------------------------------------------------------------------------------------------------- */
static void on_request(void *context, http_request *request)
{
    visit_begin(context, request);
}

static hub_status read_people(board *b, hub_error *err)
{
    yaml_problems problems = {0};
    accounts *read = accounts_read_file(b->config.people, &problems);
    if (read == NULL) (void)hub_fail(err, HUB_ERR_INVALID, "%.400s", hub_buffer_text(&problems.text));
    yaml_problems_free(&problems);
    if (read == NULL) return HUB_ERR_INVALID;
    b->accounts = read;
    return HUB_OK;
}

/* Whoever left, or is another person or signs in otherwise now, is signed out; what they typed is nobody else's. */
static void end_leavers(board *b, const accounts *before)
{
    for (size_t i = 0; i < accounts_count(before); i++) {
        const account *was = accounts_at(before, i), *is = accounts_find(b->accounts, was->name);
        uint8_t mark_was[HUB_SHORT_DIGEST_BYTES], mark_is[HUB_SHORT_DIGEST_BYTES];
        account_mark(was, mark_was);
        if (is != NULL) account_mark(is, mark_is);
        if (is != NULL && memcmp(mark_was, mark_is, sizeof mark_is) == 0) continue;
        (void)sessions_end_account(b->sessions, was->name);
        if (is == NULL || strcmp(is->person, was->person) != 0) drafts_forget_account(b->drafts, was->name);
    }
}

void board_reload(board *b)
{
    hub_error err = {{0}};
    accounts *before = b->accounts;
    if (read_people(b, &err) != HUB_OK) {
        host_log(HOST_LOG_ERROR, "people.yaml is not taken up: the one of before holds", "cause", err.text, NULL);
        return;
    }
    end_leavers(b, before);
    accounts_close(before);
    live_end(b->live);
    watch_end(b->watching);
    host_log(HOST_LOG_INFO, "people.yaml read anew", NULL);
}

void board_pack(board *b)
{
    pack_now(b->pack);
}

static hub_status open_oidc(board *b, hub_error *err)
{
    char back[sizeof b->config.origin + 32];
    (void)snprintf(back, sizeof back, "%s/sign-in/return", b->config.origin);
    const oidc_options options = {.issuer = b->config.oidc.issuer,
                                  .client_id = b->config.oidc.client_id,
                                  .secret_file = b->config.oidc.secret[0] == '\0' ? NULL : b->config.oidc.secret,
                                  .ca_file = b->config.oidc.authorities[0] == '\0' ? NULL : b->config.oidc.authorities,
                                  .redirect_uri = back};
    if (b->config.oidc.issuer[0] == '\0') return HUB_OK;
    hub_status status = oidc_open(b->loop, &options, &b->oidc, err);
    return status == HUB_OK ? HUB_OK : hub_fail_within(err, status, "board.yaml, sign_in.oidc");
}

static hub_status open_links(board *b, hub_error *err)
{
    const link_options gate = {.endpoint = b->config.endpoint,
                               .server_key = b->config.server_key,
                               .key = b->config.key,
                               .context = b,
                               .opened = on_opened,
                               .closed = on_closed,
                               .frame = on_frame};
    hub_status status = link_open(b->loop, &gate, &b->gate, err);
    if (status != HUB_OK || b->config.watch_key[0] == '\0') return status;
    const link_options watch = {
        .endpoint = b->config.endpoint, .server_key = b->config.server_key, .key = b->config.watch_key, .context = b};
    return link_open(b->loop, &watch, &b->watch, err);
}

static hub_status open_server(board *b, hub_error *err)
{
    const http_options options = {.address = b->config.address, .port = b->config.port, .request = on_request, .context = b};
    return http_server_open(b->loop, &options, &b->server, err);
}

hub_status board_open(uv_loop_t *loop, const board_config *config, board **out, hub_error *err)
{
    *out = NULL;
    board *b = calloc(1, sizeof *b);
    if (b == NULL) return hub_fail(err, HUB_ERR_MEMORY, "no memory for a board");
    b->loop = loop;
    b->config = *config;
    int failed = uv_timer_init(loop, &b->second);
    HUB_ASSERT(failed == 0);
    b->second.data = b;
    hub_status status = read_people(b, err);
    if (status == HUB_OK) status = rows_open(&b->rows, err);
    if (status == HUB_OK) status = load_sessions(b, err);
    if (status == HUB_OK && password_checker_open(loop, &b->passwords) != HUB_OK)
        status = hub_fail(err, HUB_ERR_MEMORY, "no memory to check passwords");
    if (status == HUB_OK) status = open_oidc(b, err);
    if (status == HUB_OK) status = feed_open(b, on_news, b, err);
    if (status == HUB_OK) status = live_open(b, err);
    if (status == HUB_OK) status = watch_open(b, err);
    if (status == HUB_OK) status = open_links(b, err);
    if (status == HUB_OK) status = pack_open(b, &b->pack, err);
    if (status == HUB_OK) status = open_server(b, err);
    *out = b;
    load_gauges(b);
    if (status == HUB_OK) figures_open(b);
    if (status == HUB_OK) (void)uv_timer_start(&b->second, on_second, SECOND_MS, SECOND_MS);
    return status;
}

/* ---- closing ---------------------------------------------------------------------------------------------------------------------- */
static void close_link(board_link *to)
{
    if (to != NULL) link_close(to, NULL);
}

void board_close(board *b)
{
    if (b->is_stopping) return;
    b->is_stopping = true;
    bool was_open = b->gate != NULL; /* the last but the server */
    live_close(b->live);
    watch_close(b->watching);
    password_checker_close(b->passwords); /* calls nobody any more, */
    oidc_close(b->oidc);
    pack_close(b->pack);
    if (b->feed != NULL) feed_settle(b->feed, FEED_WAITED_ALL);
    close_link(b->watch); /* these answer their askers, who keep what was typed and end their visits, */
    close_link(b->gate);
    visits_end(b); /* and so only those are left who waited to sign in */
    if (was_open) save_sessions(b);
    if (was_open) save_gauges(b);
    http_server_close(b->server);
    metrics_server_close(b->metrics);
    uv_close((uv_handle_t *)&b->second, NULL);
}

void board_free(board *b)
{
    if (b == NULL) return;
    feed_close(b->feed);
    rows_close(b->rows);
    sessions_close(b->sessions);
    drafts_close(b->drafts);
    accounts_close(b->accounts);
    policy_free(b->policy);
    free(b);
}
