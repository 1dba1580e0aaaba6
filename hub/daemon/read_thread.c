#include "read_thread.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "journal/reader.h"

typedef struct job_list {
    daemon_read_job *first, *last;
} job_list;

struct daemon_read_thread {
    uv_thread_t thread;
    uv_mutex_t mutex;
    uv_cond_t wake;
    uv_async_t finished;
    journal *j; /* used by the thread alone */
    journal_keys *keys;
    journal_reader *reader;
    /* under the mutex */
    job_list asked, answered;
    bool stop;
};

static void push(job_list *list, daemon_read_job *job)
{
    job->next = NULL;
    if (list->last == NULL) {
        list->first = job;
    } else {
        list->last->next = job;
    }
    list->last = job;
}

static daemon_read_job *pop(job_list *list)
{
    daemon_read_job *job = list->first;
    if (job == NULL) return NULL;
    list->first = job->next;
    if (list->first == NULL) list->last = NULL;
    return job;
}

daemon_read_job *daemon_read_job_new_of(uint32_t capacity, void (*done)(void *context, daemon_read_job *job), void *context)
{
    daemon_read_job *job = calloc(1, sizeof *job + capacity * sizeof job->records[0]);
    if (job == NULL) return NULL;
    job->done = done;
    job->context = context;
    job->capacity = capacity;
    return job;
}

daemon_read_job *daemon_read_job_new(void (*done)(void *context, daemon_read_job *job), void *context)
{
    return daemon_read_job_new_of(DAEMON_READ_RECORDS_MAX, done, context);
}

static void free_job(daemon_read_job *job)
{
    sodium_memzero(job->records, job->capacity * sizeof job->records[0]);
    hub_buffer_free(&job->bytes);
    free(job->extra);
    free(job);
}

/* Which of the `count` found, newest first, are asked for: those from *first on, *left of them. */
static void choose(const daemon_read_job *job, const uint64_t *found, uint32_t count, uint32_t *first, uint32_t *left)
{
    uint32_t newer = 0; /* than job->from, or the same and not wanted again */
    while (newer < count && job->from != 0 && (job->oldest_first ? found[newer] > job->from : found[newer] >= job->from))
        newer++;
    *first = job->oldest_first ? 0 : newer;
    *left = job->oldest_first && job->from != 0 ? newer : count - *first;
}

/* Puts at the end of `all` what lies under one ref and may be in this page, and one more. The index gives the newest first, so a page
 * further back is found by asking for more. */
static void look_up_ref(daemon_read_thread *t, daemon_read_job *job, uint64_t ref, hub_buffer *all)
{
    enum { FIRST = 1024, MOST = 256 * 1024 };
    uint64_t *found = NULL;
    uint32_t count = 0, first = 0, left = 0;
    bool is_cut = false;
    for (uint32_t capacity = FIRST; capacity <= MOST; capacity *= 4) {
        free(found);
        found = malloc(capacity * sizeof *found);
        job->status = found == NULL ? HUB_ERR_MEMORY : journal_lookup(t->j, ref, found, capacity, &count, &job->err);
        if (job->status != HUB_OK) break;
        choose(job, found, count, &first, &left);
        is_cut = count == capacity;
        if (!is_cut || (left > DAEMON_READ_RECORDS_MAX && !job->oldest_first)) break;
    }
    if (job->status == HUB_OK) {
        uint32_t taken = left > DAEMON_READ_RECORDS_MAX ? DAEMON_READ_RECORDS_MAX + 1 : left;
        hub_buffer_put(all, found + (job->oldest_first ? first + left - taken : first), taken * sizeof *found);
        if (all->failed) job->status = HUB_ERR_MEMORY;
        job->more = job->more || (is_cut && !job->oldest_first);
    }
    free(found);
}

static int newest_first(const void *a, const void *b)
{
    const uint64_t *one = a, *other = b;
    return (*one < *other) - (*one > *other);
}

static void look_up(daemon_read_thread *t, daemon_read_job *job)
{
    hub_buffer all = {0};
    look_up_ref(t, job, job->ref, &all);
    for (uint32_t i = 0; i < job->further_count && job->status == HUB_OK; i++)
        look_up_ref(t, job, job->further[i], &all);
    uint64_t *found = (uint64_t *)(void *)all.data;
    size_t count = job->status == HUB_OK ? all.size / sizeof *found : 0, kept = 0;
    if (count > 0) qsort(found, count, sizeof *found, newest_first);
    for (size_t i = 0; i < count; i++) { /* under several refs lies one record */
        if (kept == 0 || found[kept - 1] != found[i]) found[kept++] = found[i];
    }
    job->count = kept < DAEMON_READ_RECORDS_MAX ? (uint32_t)kept : DAEMON_READ_RECORDS_MAX;
    job->more = (job->more || kept > job->count) && job->count > 0;
    for (uint32_t i = 0; i < job->count; i++)
        job->records[i].sequence = found[job->oldest_first ? kept - 1 - i : i];
    hub_buffer_free(&all);
}

static void serve(daemon_read_thread *t, daemon_read_job *job)
{
    job->status = HUB_OK;
    if (job->is_lookup) look_up(t, job);
    for (uint32_t i = 0; i < job->count && job->status == HUB_OK; i++) {
        daemon_read_record *record = &job->records[i];
        if (record->sequence == 0) continue;
        hub_bytes bytes;
        const uint8_t *key = NULL;
        job->status = journal_reader_bytes(t->reader, record->sequence, &bytes, &key, &job->err);
        if (job->status == HUB_ERR_NOT_FOUND) {
            job->status = HUB_OK; /* size 0 says so */
            continue;
        }
        if (job->status == HUB_ERR_CORRUPT && job->stops_short && i > 0) {
            job->status = HUB_OK;
            job->count = i;
            return;
        }
        if (job->status != HUB_OK) return;
        record->offset = job->bytes.size;
        record->size = bytes.size;
        if (key != NULL) memcpy(record->key, key, HUB_SECRET_BYTES);
        hub_buffer_put(&job->bytes, bytes.data, bytes.size);
        if (job->bytes.failed) job->status = HUB_ERR_MEMORY;
    }
}

static void run(void *argument)
{
    daemon_read_thread *t = argument;
    uv_mutex_lock(&t->mutex);
    while (!t->stop) {
        daemon_read_job *job = pop(&t->asked);
        if (job == NULL) {
            uv_cond_wait(&t->wake, &t->mutex);
            continue;
        }
        uv_mutex_unlock(&t->mutex);
        serve(t, job);
        uv_mutex_lock(&t->mutex);
        push(&t->answered, job);
        (void)uv_async_send(&t->finished);
    }
    uv_mutex_unlock(&t->mutex);
}

static void on_finished(uv_async_t *async)
{
    daemon_read_thread *t = async->data;
    for (;;) {
        uv_mutex_lock(&t->mutex);
        daemon_read_job *job = pop(&t->answered);
        uv_mutex_unlock(&t->mutex);
        if (job == NULL) return;
        job->done(job->context, job);
        free_job(job);
    }
}

static void close_store(daemon_read_thread *t)
{
    journal_reader_close(t->reader);
    journal_keys_close(t->keys);
    journal_close(t->j);
}

hub_status daemon_read_thread_start(uv_loop_t *loop, const char *location, const char *partnership, const char *master_path,
                                    daemon_read_thread **out, hub_error *err)
{
    *out = NULL;
    daemon_read_thread *t = calloc(1, sizeof *t);
    if (t == NULL) return HUB_ERR_MEMORY;
    hub_status status = journal_open(location, partnership, JOURNAL_READ, &t->j, err);
    if (status == HUB_OK) status = journal_keys_open(master_path, t->j, &t->keys, err);
    if (status == HUB_OK) status = journal_reader_open(t->j, t->keys, &t->reader, err);
    if (status != HUB_OK) {
        close_store(t);
        free(t);
        return status;
    }
    int failed = uv_mutex_init(&t->mutex) | uv_cond_init(&t->wake) | uv_async_init(loop, &t->finished, on_finished);
    HUB_ASSERT(failed == 0);
    t->finished.data = t;
    failed = uv_thread_create(&t->thread, run, t);
    HUB_ASSERT(failed == 0);
    *out = t;
    return HUB_OK;
}

void daemon_read_thread_ask(daemon_read_thread *thread, daemon_read_job *job)
{
    HUB_ASSERT(job->count <= job->capacity);
    HUB_ASSERT(!job->is_lookup || job->capacity == DAEMON_READ_RECORDS_MAX);
    uv_mutex_lock(&thread->mutex);
    push(&thread->asked, job);
    uv_cond_signal(&thread->wake);
    uv_mutex_unlock(&thread->mutex);
}

static void on_closed(uv_handle_t *handle)
{
    free(handle->data);
}

void daemon_read_thread_stop(daemon_read_thread *thread)
{
    if (thread == NULL) return;
    uv_mutex_lock(&thread->mutex);
    thread->stop = true;
    uv_cond_signal(&thread->wake);
    uv_mutex_unlock(&thread->mutex);
    (void)uv_thread_join(&thread->thread);
    for (daemon_read_job *job = pop(&thread->asked); job != NULL; job = pop(&thread->asked))
        free_job(job);
    for (daemon_read_job *job = pop(&thread->answered); job != NULL; job = pop(&thread->answered))
        free_job(job);
    uv_cond_destroy(&thread->wake);
    uv_mutex_destroy(&thread->mutex);
    close_store(thread);
    uv_close((uv_handle_t *)&thread->finished, on_closed);
}
