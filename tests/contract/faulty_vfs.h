/* faulty_vfs.h - SQLite's own files with faults: the n-th write or sync fails, or the process dies there.
 *
 * SQLite writes a write-ahead log by xWrite and syncs it by xSync (fdatasync): what happens there is what a disk can do to us.
 */
#ifndef CONTRACT_FAULTY_VFS_H
#define CONTRACT_FAULTY_VFS_H

#include <stdint.h>

typedef enum faulty_kind {
    FAULTY_NONE,
    FAULTY_FULL,     /* every write from then on: no space left */
    FAULTY_SYNC,     /* the next sync from then on fails, once */
    FAULTY_DIE,      /* the process ends before the write or sync is done */
    FAULTY_DIE_TORN, /* the process ends with half of the write done */
    FAULTY_POWER,    /* the power goes: the process ends, and of what was written and not synced all, or a part, is lost */
} faulty_kind;

/* Makes the faulty files SQLite's default. Call once, before any database is opened. */
void faulty_vfs_install(void);
/* The fault comes after `steps` more writes and syncs. FAULTY_NONE mends everything. */
void faulty_vfs_set(faulty_kind kind, uint32_t steps);
/* How often anything was synced so far. */
uint32_t faulty_vfs_syncs(void);
/* The process ends here as at the fault set, unless that is FAULTY_NONE. */
void faulty_vfs_end_now(void);

#endif
