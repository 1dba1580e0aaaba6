#include "live.h"

#include <stdlib.h>
#include <string.h>

#include "board/feed.h"
#include "board/routes.h"
#include "host/clock.h"

enum { LIVE_EVERY_MS = 200, BEAT_MS = 15 * 1000 };

typedef struct watcher {
    http_stream *stream; /* NULL = free */
    struct live *live;
    sight sees; /* as of the beginning of the stream: a browser asks again as itself, so this only decides whom to wake */
    char id[ACCOUNT_NAME_BYTES];
    uint32_t changed, fresh, red, told; /* told: alarms and notices */
    bool is_hub_told;
    int64_t last_ms;
    int64_t
        ends_ms; /* boot time: when the session would have ended, had nobody used it since; the browser comes back when it lives on */
} watcher;

struct live {
    board *b;
    uv_timer_t timer;
    watcher watchers[BOARD_STREAMS_MAX];
    uint32_t count;
    bool is_pending;
};

static void leave(watcher *w)
{
    http_stream_end(w->stream);
    w->stream = NULL;
    w->live->count--;
}

static void on_gone(void *context)
{
    watcher *w = context;
    if (w->stream != NULL) leave(w);
}

static void give(watcher *w, hub_bytes bytes, int64_t now_ms)
{
    w->last_ms = now_ms;
    if (http_stream_send(w->stream, bytes) != HUB_OK) leave(w); /* it does not read: its browser comes back by itself */
}

/* A row of the roster ends at midnight, or with a new policy; whoever left is woken for nothing any more. */
static void see_anew(struct live *live)
{
    const board *b = live->b;
    int32_t day = b->policy == NULL ? 0 : people_day(b->policy, link_hub_now_ms(b->gate));
    for (size_t i = 0; i < BOARD_STREAMS_MAX; i++) {
        watcher *w = &live->watchers[i];
        person who;
        if (w->stream == NULL) continue;
        (void)people_find(b->policy, w->id, day, &who);
        w->sees = sight_of(b->rows, &b->config, &who, w->id);
    }
}

static void on_timer(uv_timer_t *timer)
{
    struct live *live = timer->data;
    int64_t now_ms = host_boot_ms();
    if (!live->is_pending) see_anew(live);
    live->is_pending = false;
    for (size_t i = 0; i < BOARD_STREAMS_MAX; i++) {
        watcher *w = &live->watchers[i];
        if (w->stream == NULL) continue;
        char text[128];
        if (now_ms >= w->ends_ms) leave(w);
        if (w->stream != NULL && !w->is_hub_told) {
            w->is_hub_told = true;
            give(w,
                 hub_bytes_of_text(feed_is_cut_off(live->b->feed) ? "event: hub\ndata: {\"away\":true}\n\n"
                                                                  : "event: hub\ndata: {\"away\":false}\n\n"),
                 now_ms);
        }
        if (w->stream == NULL) continue; /* its session has ended, or it does not read */
        if (w->changed > 0) {
            size_t size =
                hub_format(text, sizeof text, "event: alerts\ndata: {\"changed\":%u,\"new\":%u,\"red\":%u,\"told\":%u}\n\n",
                           w->changed, w->fresh, w->red, w->told);
            w->changed = w->fresh = w->red = w->told = 0;
            give(w, hub_bytes_of(text, size), now_ms);
        } else if (now_ms - w->last_ms >= BEAT_MS) { /* each side finds out by it that the other has gone */
            give(w, hub_bytes_of_text("event: beat\ndata: {}\n\n"), now_ms);
        }
    }
    (void)uv_timer_start(timer, on_timer, BEAT_MS / 4, 0);
}

static void tell_soon(struct live *live)
{
    if (live->is_pending) return;
    live->is_pending = true;
    (void)uv_timer_start(&live->timer, on_timer, LIVE_EVERY_MS, 0);
}

void live_tell(struct live *live, const board_row *row, bool is_new_alert)
{
    bool is_wanted = false;
    for (size_t i = 0; i < BOARD_STREAMS_MAX; i++) {
        watcher *w = &live->watchers[i];
        if (w->stream == NULL || !sight_sees(&w->sees, row)) continue;
        w->changed++;
        w->fresh += is_new_alert;
        w->red += is_new_alert && row->rating == MASH__V1__RATING__RATING_RED;
        is_wanted = true;
    }
    if (is_wanted) tell_soon(live);
}

void live_tell_asked(struct live *live, uint32_t queue, const asked_item *item)
{
    bool is_announced = item != NULL && (item->letter == 'N' || item->letter == '!');
    for (size_t i = 0; i < BOARD_STREAMS_MAX; i++) {
        watcher *w = &live->watchers[i];
        bool is_theirs = w->stream != NULL && (item == NULL ? w->sees.works_on[queue] : sight_sees_item(&w->sees, item));
        if (!is_theirs) continue;
        w->changed++;
        w->told += is_announced;
    }
    tell_soon(live);
}

void live_tell_hub(struct live *live)
{
    for (size_t i = 0; i < BOARD_STREAMS_MAX; i++)
        live->watchers[i].is_hub_told = false;
    tell_soon(live);
}

void live_tell_all(struct live *live)
{
    see_anew(live);
    for (size_t i = 0; i < BOARD_STREAMS_MAX; i++)
        live->watchers[i].changed++;
    tell_soon(live);
}

void page_live(visit *v)
{
    struct live *live = v->b->live;
    watcher *w = NULL;
    for (size_t i = 0; w == NULL && i < BOARD_STREAMS_MAX; i++) {
        if (live->watchers[i].stream == NULL) w = &live->watchers[i];
    }
    if (w == NULL) {
        visit_error(v, 503, "Too many windows",
                    "Live updates are for so many windows only; load the page again to see what is new.");
        return;
    }
    int64_t now_ms = host_boot_ms();
    *w = (watcher){.live = live,
                   .sees = v->sees,
                   .last_ms = now_ms,
                   .ends_ms = now_ms + session_ends_ms(v->b->sessions, v->session) - v->now_ms,
                   .is_hub_told = true};
    memcpy(w->id, v->person_id, sizeof w->id);
    w->sees.id = w->id;
    visit_stream(v, on_gone, w, &w->stream);
    if (w->stream != NULL) live->count++;
}

hub_status live_open(board *b, hub_error *err)
{
    b->live = calloc(1, sizeof *b->live);
    if (b->live == NULL) return hub_fail(err, HUB_ERR_MEMORY, "no memory for live updates");
    b->live->b = b;
    int failed = uv_timer_init(b->loop, &b->live->timer);
    HUB_ASSERT(failed == 0);
    b->live->timer.data = b->live;
    (void)uv_timer_start(&b->live->timer, on_timer, BEAT_MS / 4, 0);
    return HUB_OK;
}

static void on_closed(uv_handle_t *handle)
{
    free(handle->data);
}

void live_end(struct live *live)
{
    for (size_t i = 0; i < BOARD_STREAMS_MAX; i++) {
        if (live->watchers[i].stream != NULL) leave(&live->watchers[i]);
    }
}

void live_close(struct live *live)
{
    if (live == NULL) return;
    live_end(live);
    uv_close((uv_handle_t *)&live->timer, on_closed);
}

uint32_t live_count(const struct live *live)
{
    return live->count;
}
