/* sqlite_checkpointer.h - carries the write-ahead log into the database file, on a thread and a connection of its own.
 *
 * Why: a checkpoint writes and syncs megabytes. Inside a commit that is the whole tail of its response times; beside it, a commit only
 * shares the disk. A log that never shrinks is no answer either: a busy log restarts only when a checkpoint reached its very end, so
 * that above LOG_PAGES_MAX a commit waits once for the short rest.
 */
#ifndef JOURNAL_SQLITE_CHECKPOINTER_H
#define JOURNAL_SQLITE_CHECKPOINTER_H

#include "base/status.h"

typedef struct journal_checkpointer journal_checkpointer; /* opaque */

hub_status journal_checkpointer_open(const char *path, journal_checkpointer **out, hub_error *err);
/* Ends the thread; a running checkpoint is waited for. NULL is allowed. */
void journal_checkpointer_close(journal_checkpointer *c);
/* The log holds `pages` pages after a commit. Returns at once, but for the case above. */
void journal_checkpointer_saw(journal_checkpointer *c, int pages);

#endif
