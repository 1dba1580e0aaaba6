#include "journal_thread.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "host/clock.h"

enum {
    IDLE_SLICE_US = 1000, /* an event that comes meanwhile waits so long */
    ROOM_EVERY_MS = 1000,
    IDLE_EVERY_MS = 1000, /* a Redis journal keeps the writer's place by it: at least every 3 s */
    LOOK_EVERY_US = 1000 * 1000,
};

struct daemon_journal_thread {
    uv_thread_t thread;
    uv_mutex_t mutex;
    uv_cond_t wake;
    uv_async_t finished;
    journal *j;
    journal_writer *writer;
    daemon_journal_done *done;
    daemon_journal_looked *looked;
    void *context;
    uint64_t look_us; /* when to look again; the thread's own */
    /* under the mutex */
    hub_status found; /* by the last look, */
    hub_status told;  /* and what the loop was told of it */
    hub_error found_err;
    daemon_batch *given;    /* to be written */
    daemon_batch *complete; /* has its outcome */
    bool stop;
    _Atomic uint64_t room;
    int64_t room_asked_ms; /* the thread's own */
};

/* Busy or not: a hub that has nothing to write must hear of it too when its store is gone. */
static void watch_store(daemon_journal_thread *t)
{
    hub_error err = {{0}};
    if (host_monotonic_us() < t->look_us) return;
    hub_status found = journal_look(t->j, &err);
    t->look_us = host_monotonic_us() + LOOK_EVERY_US;
    uv_mutex_lock(&t->mutex);
    t->found = found;
    t->found_err = err;
    bool is_news = found != t->told;
    uv_mutex_unlock(&t->mutex);
    if (is_news) (void)uv_async_send(&t->finished);
}

/* What nobody waits for: it comes when the outcome of the last batch was told. */
static void look_after(daemon_journal_thread *t)
{
    int64_t now_ms = host_boot_ms();
    journal_writer_pause(t->writer, now_ms);
    if (now_ms - t->room_asked_ms < ROOM_EVERY_MS) return;
    t->room_asked_ms = now_ms;
    atomic_store(&t->room, journal_room(t->j));
}

/* Takes the next batch; NULL = stop. Housekeeping fills the pauses. */
static daemon_batch *next_batch(daemon_journal_thread *t)
{
    bool more = true;
    watch_store(t);
    look_after(t);
    uv_mutex_lock(&t->mutex);
    while (t->given == NULL && !t->stop) {
        if (!more) {
            more = uv_cond_timedwait(&t->wake, &t->mutex, IDLE_EVERY_MS * UINT64_C(1000000)) == UV_ETIMEDOUT;
            continue;
        }
        uv_mutex_unlock(&t->mutex);
        watch_store(t);
        more = journal_idle(t->j, IDLE_SLICE_US);
        look_after(t);
        uv_mutex_lock(&t->mutex);
    }
    daemon_batch *batch = t->given;
    t->given = NULL;
    uv_mutex_unlock(&t->mutex);
    return batch;
}

static void run(void *argument)
{
    daemon_journal_thread *t = argument;
    for (daemon_batch *batch = next_batch(t); batch != NULL; batch = next_batch(t)) {
        batch->outcome = journal_writer_append(t->writer, batch->drafts, batch->count, batch->hashes, &batch->err);
        uv_mutex_lock(&t->mutex);
        t->complete = batch;
        uv_mutex_unlock(&t->mutex);
        (void)uv_async_send(&t->finished);
    }
}

static void on_finished(uv_async_t *async)
{
    daemon_journal_thread *t = async->data;
    uv_mutex_lock(&t->mutex);
    daemon_batch *batch = t->complete;
    t->complete = NULL;
    hub_status found = t->found;
    hub_error err = t->found_err;
    bool is_news = found != t->told;
    t->told = found;
    uv_mutex_unlock(&t->mutex);
    if (batch != NULL) t->done(t->context, batch);
    if (is_news) t->looked(t->context, found, &err);
}

hub_status daemon_journal_thread_start(uv_loop_t *loop, journal *j, journal_writer *writer, daemon_journal_done *done,
                                       daemon_journal_looked *looked, void *context, daemon_journal_thread **out)
{
    *out = NULL;
    daemon_journal_thread *t = calloc(1, sizeof *t);
    if (t == NULL) return HUB_ERR_MEMORY;
    t->j = j;
    t->writer = writer;
    t->done = done;
    t->looked = looked;
    t->context = context;
    atomic_store(&t->room, journal_room(j));
    int failed = uv_mutex_init(&t->mutex) | uv_cond_init(&t->wake) | uv_async_init(loop, &t->finished, on_finished);
    HUB_ASSERT(failed == 0);
    t->finished.data = t;
    failed = uv_thread_create(&t->thread, run, t);
    HUB_ASSERT(failed == 0);
    *out = t;
    return HUB_OK;
}

void daemon_journal_thread_append(daemon_journal_thread *thread, daemon_batch *batch)
{
    uv_mutex_lock(&thread->mutex);
    HUB_ASSERT(thread->given == NULL && thread->complete == NULL);
    thread->given = batch;
    uv_cond_signal(&thread->wake);
    uv_mutex_unlock(&thread->mutex);
}

uint64_t daemon_journal_thread_room(daemon_journal_thread *thread)
{
    return atomic_load(&thread->room);
}

static void on_closed(uv_handle_t *handle)
{
    free(handle->data);
}

void daemon_journal_thread_stop(daemon_journal_thread *thread)
{
    if (thread == NULL) return;
    uv_mutex_lock(&thread->mutex);
    thread->stop = true;
    uv_cond_signal(&thread->wake);
    uv_mutex_unlock(&thread->mutex);
    (void)uv_thread_join(&thread->thread);
    uv_cond_destroy(&thread->wake);
    uv_mutex_destroy(&thread->mutex);
    uv_close((uv_handle_t *)&thread->finished, on_closed);
}
