/* sqlite_place.h - the one writer's place at a file: a lock on PATH.lock, which names who holds it. */
#ifndef JOURNAL_SQLITE_PLACE_H
#define JOURNAL_SQLITE_PLACE_H

#include "base/status.h"

/* Takes the place; *fd is GIVEN (close it to give the place back: the system does so too when the process dies).
 * HUB_ERR_EXISTS names the holder's process; HUB_ERR_IO. */
hub_status journal_sqlite_place_take(const char *path, int *fd, hub_error *err);

#endif
