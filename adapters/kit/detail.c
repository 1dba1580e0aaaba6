#include "detail.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "fetch/fetch.h"
#include "host/clock.h"
#include "host/log.h"
#include "tokens.h"

enum { URL_BYTES = 1024, FETCH_MS = 20 * 1000, RETRY_MS = 1000, RETRY_MOST_MS = 60 * 1000, GIVE_UP_MS = 60 * 60 * 1000 };

typedef enum stage { NOTHING, FETCHING, PAUSING, HAD, NEVER } stage;

struct kit_detail {
    uv_timer_t timer; /* first */
    uv_work_t work;
    kit_detail_options options;
    kit_oauth oauth;
    stage stage;
    char url[URL_BYTES];
    char host[KIT_DETAIL_HOST_TEXT];
    bool (*is_sound)(hub_bytes body); /* NULL: whatever comes is */
    int64_t since_ms;
    int64_t retry_ms;
    hub_buffer body;
    long code;
    hub_status status;
    hub_error why;
    char told[sizeof((hub_error *)0)->text]; /* last cause in the log */
    atomic_bool stop;
    bool working, closing, closed;
};

static void fetch_it(kit_detail *d);

/* ---- which hosts ---- */

/* "host" or "host:port" in small letters, the port of https left out; false: none, or too long. */
static bool host_of(const char *url, char out[KIT_DETAIL_HOST_TEXT])
{
    const char *at = strstr(url, "://");
    if (at == NULL) return false;
    at += 3;
    size_t size = strcspn(at, "/?#");
    if (size == 0 || size >= KIT_DETAIL_HOST_TEXT) return false;
    (void)snprintf(out, KIT_DETAIL_HOST_TEXT, "%.*s", (int)size, at);
    if (strncasecmp(url, "https", 5) == 0 && size > 4 && strcmp(out + size - 4, ":443") == 0) out[size - 4] = '\0';
    return true;
}

static bool is_listed(const kit_detail *d, const char *host)
{
    for (unsigned i = 0; i < d->options.host_count; i++) {
        if (strcasecmp(d->options.hosts[i], host) == 0) return true;
    }
    return false;
}

/* ---- the thread ---- */

static hub_status read_token(kit_detail *d, char out[KIT_TOKEN_MOST + 32], hub_error *err)
{
    hub_buffer text = {0};
    out[0] = '\0';
    if (d->options.oauth.url != NULL && d->options.oauth.url[0] != '\0') {
        hub_status asked = kit_oauth_refresh(&d->oauth, &d->options.oauth, host_boot_ms(), &d->stop, err);
        if (asked == HUB_OK) (void)snprintf(out, KIT_TOKEN_MOST + 32, "Authorization: Bearer %s", d->oauth.token);
        return asked;
    }
    if (d->options.token_file[0] == '\0') return HUB_OK;
    hub_status status = kit_secret_read(d->options.token_file, &text, err);
    const char *line = hub_buffer_text(&text);
    if (status == HUB_OK)
        (void)snprintf(out, KIT_TOKEN_MOST + 32, "Authorization: Bearer %.*s", (int)strcspn(line, "\r\n"), line);
    if (text.data != NULL) explicit_bzero(text.data, text.size);
    hub_buffer_free(&text);
    return status;
}

static void on_thread(uv_work_t *work)
{
    kit_detail *d = work->data;
    char token[KIT_TOKEN_MOST + 32];
    d->status = read_token(d, token, &d->why);
    if (d->status != HUB_OK) return;
    const char *headers[] = {"Accept: application/json", token[0] != '\0' ? token : NULL, NULL};
    fetch_request request = {.url = d->url,
                             .headers = headers,
                             .agent = "mash-adapter",
                             .ca_file = d->options.ca[0] != '\0' ? d->options.ca : NULL,
                             .timeout_ms = FETCH_MS,
                             .stop = &d->stop};
    hub_error why = {{0}};
    d->status = fetch(&request, &d->code, &d->body, &why);
    explicit_bzero(token, sizeof token);
    if (d->status == HUB_OK) return;
    const char *words = strrchr(why.text, ':'); /* V3: before it stands the URL */
    (void)hub_fail(&d->why, d->status, "%s%s", d->host, words == NULL ? ": no answer" : words);
}

/* ---- what came of it ---- */

static void let_go(kit_detail *d)
{
    if (!d->closed || d->working) return;
    hub_buffer_free(&d->body);
    explicit_bzero(&d->oauth, sizeof d->oauth);
    fetch_stop();
    free(d);
}

static void on_timer(uv_timer_t *timer)
{
    fetch_it((kit_detail *)timer);
}

static void again(kit_detail *d)
{
    if (strcmp(d->why.text, d->told) != 0) {
        (void)snprintf(d->told, sizeof d->told, "%s", d->why.text);
        host_log(HOST_LOG_WARNING, "an event waits for its detail, and all behind it", "cause", d->told, NULL);
    }
    d->stage = PAUSING;
    (void)uv_timer_start(&d->timer, on_timer, (uint64_t)d->retry_ms, 0);
    d->retry_ms = d->retry_ms * 2 > RETRY_MOST_MS ? RETRY_MOST_MS : d->retry_ms * 2;
}

static void never(kit_detail *d, const char *why)
{
    (void)hub_fail(&d->why, HUB_ERR_INVALID, "%s", why);
    d->stage = NEVER;
}

static void judge(kit_detail *d)
{
    char text[400];
    bool is_answered = d->status == HUB_OK && d->code == 200;
    if (is_answered && (d->is_sound == NULL || d->is_sound(hub_buffer_bytes(&d->body)))) {
        d->stage = HAD;
        d->told[0] = '\0';
        return;
    }
    if (d->status == HUB_OK && (d->code == 401 || d->code == 403)) d->oauth.until_ms = 0; /* V4 */
    if (is_answered) {
        (void)hub_fail(&d->why, HUB_ERR_IO,
                       "%s: answered with something that is no detail; is it a page to sign in, or a proxy's?", d->host);
    } else if (d->status == HUB_OK) {
        const char *hint =
            d->code == 401 || d->code == 403   ? "; is the token in `detail.token_file`, or of `detail.token`, still good?"
            : d->code >= 300 && d->code <= 399 ? "; it sends us elsewhere, and nobody is followed: is it a page to sign in?"
                                               : "";
        (void)hub_fail(&d->why, HUB_ERR_IO, "%s: answered %ld%s", d->host, d->code, hint);
    }
    bool is_final = d->status == HUB_OK && (d->code == 400 || d->code == 404 || d->code == 410);
    if (is_final) {
        (void)snprintf(text, sizeof text, "detailUrl: %.200s: it has no such detail", d->why.text);
        never(d, text);
    } else if (host_boot_ms() - d->since_ms >= d->options.give_up_ms) {
        (void)snprintf(text, sizeof text, "detailUrl: could not be fetched in the time it has (`detail.give_up_minutes`); %.200s",
                       d->why.text);
        never(d, text);
    } else {
        again(d);
    }
}

static void after(uv_work_t *work, int code)
{
    kit_detail *d = work->data;
    (void)code;
    d->working = false;
    if (d->closing) {
        let_go(d);
        return;
    }
    judge(d);
    if (d->stage != PAUSING) d->options.ready(d->options.context);
}

static void fetch_it(kit_detail *d)
{
    d->stage = FETCHING;
    d->working = true;
    d->why = (hub_error){{0}};
    hub_buffer_clear(&d->body);
    int code = uv_queue_work(d->timer.loop, &d->work, on_thread, after);
    HUB_ASSERT(code == 0);
}

static void begin(kit_detail *d, const char *url, bool (*is_sound)(hub_bytes body))
{
    (void)uv_timer_stop(&d->timer);
    d->is_sound = is_sound;
    (void)snprintf(d->url, sizeof d->url, "%s", url);
    d->since_ms = host_boot_ms();
    d->retry_ms = d->options.retry_ms;
    hub_buffer_clear(&d->body);
    if (!host_of(url, d->host) || !fetch_is_allowed(url)) {
        never(d, "detailUrl: no https URL");
    } else if (!is_listed(d, d->host)) {
        never(d, "detailUrl: its host is not under `detail.hosts`");
    } else {
        fetch_it(d);
    }
}

hub_status kit_detail_get(kit_detail *d, const char *url, bool (*is_sound)(hub_bytes body), hub_bytes *out, hub_error *err)
{
    *out = (hub_bytes){0};
    bool is_new = d->stage == NOTHING || strcmp(url, d->url) != 0;
    if (is_new && d->working) return hub_fail(err, HUB_ERR_AGAIN, "the detail of another event is being fetched");
    if (is_new) begin(d, url, is_sound);
    if (d->stage == NEVER) return hub_fail(err, HUB_ERR_INVALID, "%s", d->why.text);
    if (d->stage != HAD) return hub_fail(err, HUB_ERR_AGAIN, "its detail is being fetched");
    *out = hub_buffer_bytes(&d->body);
    return HUB_OK;
}

const char *kit_detail_trouble(const kit_detail *d)
{
    return d->stage == PAUSING || d->stage == FETCHING ? d->told : "";
}

/* ---- life ---- */

hub_status kit_detail_open(uv_loop_t *loop, const kit_detail_options *options, kit_detail **out, hub_error *err)
{
    HUB_ASSERT(options->ready != NULL);
    *out = NULL;
    kit_detail *d = calloc(1, sizeof *d);
    if (d == NULL) return hub_fail(err, HUB_ERR_MEMORY, "detail: out of memory");
    hub_status status = fetch_start(err);
    if (status != HUB_OK) {
        free(d);
        return status;
    }
    d->options = *options;
    if (d->options.give_up_ms == 0) d->options.give_up_ms = GIVE_UP_MS;
    if (d->options.retry_ms == 0) d->options.retry_ms = RETRY_MS;
    atomic_init(&d->stop, false);
    (void)uv_timer_init(loop, &d->timer);
    d->work.data = d;
    *out = d;
    return HUB_OK;
}

static void on_closed(uv_handle_t *handle)
{
    kit_detail *d = (kit_detail *)handle;
    d->closed = true;
    let_go(d);
}

void kit_detail_close(kit_detail *d)
{
    if (d == NULL) return;
    d->closing = true;
    atomic_store(&d->stop, true);
    uv_close((uv_handle_t *)&d->timer, on_closed);
}
