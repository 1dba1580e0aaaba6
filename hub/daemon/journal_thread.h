/* journal_thread.h - the one thread that writes: appends a batch, syncs it, tells the loop. One batch at a time. */
#ifndef DAEMON_JOURNAL_THREAD_H
#define DAEMON_JOURNAL_THREAD_H

#include <uv.h>

#include "daemon/batch.h"

typedef struct daemon_journal_thread daemon_journal_thread;

/* Called on the loop when the batch has its outcome. */
typedef void daemon_journal_done(void *context, daemon_batch *batch);

/* Called on the loop when journal_look finds another status than before. */
typedef void daemon_journal_looked(void *context, hub_status found, const hub_error *err);

/* `j`, `keys`, `writer` are BORROWED and used by the thread alone until stop. */
hub_status daemon_journal_thread_start(uv_loop_t *loop, journal *j, journal_writer *writer, daemon_journal_done *done,
                                       daemon_journal_looked *looked, void *context, daemon_journal_thread **out);
/* Only while none is being written. */
void daemon_journal_thread_append(daemon_journal_thread *thread, daemon_batch *batch);
/* Bytes that may still be written, as of a second ago or so. */
uint64_t daemon_journal_thread_room(daemon_journal_thread *thread);
/* Waits for the batch in hand; its outcome is in it, `done` is not called any more. The handle goes when the loop runs on. */
void daemon_journal_thread_stop(daemon_journal_thread *thread);

#endif
