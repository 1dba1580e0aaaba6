#include "watch.h"

#include <stdlib.h>

#include "board/routes.h"
#include "host/clock.h"

enum { BEAT_MS = 15 * 1000 };

typedef struct watcher {
    http_stream *stream; /* NULL = free */
    struct watch *watch;
    uint64_t told; /* record */
    int64_t minute;
    int64_t last_ms, ends_ms; /* boot time */
} watcher;

struct watch {
    board *b;
    watcher watchers[WATCH_STREAMS_MAX];
    uint64_t durable;
    int64_t minute;
    uint32_t count;
};

static void leave(watcher *w)
{
    http_stream_end(w->stream);
    w->stream = NULL;
    w->watch->count--;
}

static void on_gone(void *context)
{
    watcher *w = context;
    if (w->stream != NULL) leave(w);
}

static void give(watcher *w, const char *text)
{
    w->last_ms = host_boot_ms();
    if (http_stream_send(w->stream, hub_bytes_of_text(text)) != HUB_OK) leave(w); /* it does not read: its browser comes back */
}

void watch_tell(struct watch *watch, uint64_t durable, int64_t minute)
{
    watch->durable = durable;
    watch->minute = minute;
    for (size_t i = 0; i < WATCH_STREAMS_MAX; i++) {
        watcher *w = &watch->watchers[i];
        if (w->stream == NULL || (w->told == durable && w->minute == minute)) continue;
        w->told = durable;
        w->minute = minute;
        give(w, "event: alerts\ndata: {\"changed\":1,\"new\":0,\"red\":0}\n\n");
    }
}

void watch_tell_hub(struct watch *watch)
{
    bool is_there = link_is_open(watch->b->gate);
    for (size_t i = 0; i < WATCH_STREAMS_MAX; i++) {
        watcher *w = &watch->watchers[i];
        if (w->stream != NULL)
            give(w, is_there ? "event: hub\ndata: {\"away\":false}\n\n" : "event: hub\ndata: {\"away\":true}\n\n");
    }
}

void watch_second(struct watch *watch)
{
    int64_t now_ms = host_boot_ms();
    for (size_t i = 0; i < WATCH_STREAMS_MAX; i++) {
        watcher *w = &watch->watchers[i];
        if (w->stream == NULL) continue;
        if (now_ms >= w->ends_ms) {
            leave(w);
        } else if (now_ms - w->last_ms >= BEAT_MS) { /* each side finds out by it that the other has gone */
            give(w, "event: beat\ndata: {}\n\n");
        }
    }
}

void page_operators_live(visit *v)
{
    struct watch *watch = v->b->watching;
    watcher *w = NULL;
    for (size_t i = 0; w == NULL && i < WATCH_STREAMS_MAX; i++) {
        if (watch->watchers[i].stream == NULL) w = &watch->watchers[i];
    }
    if (w == NULL) {
        visit_error(v, 503, "Too many windows",
                    "Live updates are for so many windows only; load the page again to see what is new.");
        return;
    }
    int64_t now_ms = host_boot_ms();
    *w = (watcher){.watch = watch,
                   .told = watch->durable,
                   .minute = watch->minute,
                   .last_ms = now_ms,
                   .ends_ms = now_ms + session_ends_ms(v->b->sessions, v->session) - v->now_ms};
    visit_stream(v, on_gone, w, &w->stream);
    if (w->stream != NULL) watch->count++;
}

hub_status watch_open(board *b, hub_error *err)
{
    b->watching = calloc(1, sizeof *b->watching);
    if (b->watching == NULL) return hub_fail(err, HUB_ERR_MEMORY, "no memory for live updates");
    b->watching->b = b;
    return HUB_OK;
}

void watch_end(struct watch *watch)
{
    for (size_t i = 0; i < WATCH_STREAMS_MAX; i++) {
        if (watch->watchers[i].stream != NULL) leave(&watch->watchers[i]);
    }
}

void watch_close(struct watch *watch)
{
    if (watch == NULL) return;
    watch_end(watch);
    free(watch);
}

uint32_t watch_count(const struct watch *watch)
{
    return watch->count;
}
