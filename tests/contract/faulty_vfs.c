#include "faulty_vfs.h"

#include <sqlite3.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/status.h"

/* A test's own process-wide state: the checkpointing thread passes here too. */
static sqlite3_vfs FAULTY;
static sqlite3_vfs *REAL;
static _Atomic faulty_kind KIND;
static _Atomic uint32_t STEPS_LEFT;
static _Atomic uint32_t SYNCS;
static uint32_t STEPS_SET; /* seeds what is lost */

typedef struct faulty_file {
    sqlite3_file base;
    sqlite3_file *real; /* lies right behind this */
} faulty_file;

/* A write that no sync has followed yet: what was there before. Kept for FAULTY_POWER alone, where one thread writes. */
typedef struct unsynced {
    struct unsynced *before;
    faulty_file *file;
    sqlite3_int64 at, size_before; /* of the file */
    int size;
    unsigned char *bytes;
} unsynced;
static unsynced *UNSYNCED;

static sqlite3_file *real_of(sqlite3_file *file)
{
    return ((faulty_file *)file)->real;
}

/* Counts a step; true when the fault is here. */
static bool is_due(void)
{
    if (KIND == FAULTY_NONE) return false;
    if (STEPS_LEFT > 0) {
        atomic_fetch_sub(&STEPS_LEFT, 1);
        return false;
    }
    return true;
}

static void remember(sqlite3_file *file, int size, sqlite3_int64 at)
{
    unsynced *u = calloc(1, sizeof *u);
    HUB_ASSERT(u != NULL);
    *u = (unsynced){.before = UNSYNCED, .file = (faulty_file *)file, .at = at, .size = size, .bytes = calloc(1, (size_t)size)};
    HUB_ASSERT(u->bytes != NULL);
    real_of(file)->pMethods->xFileSize(real_of(file), &u->size_before);
    (void)real_of(file)->pMethods->xRead(real_of(file), u->bytes, size, at); /* short past the end: zeros */
    UNSYNCED = u;
}

static void forget(const sqlite3_file *file)
{
    for (unsynced **at = &UNSYNCED; *at != NULL;) {
        unsynced *u = *at;
        if ((const sqlite3_file *)u->file != file) {
            at = &u->before;
            continue;
        }
        *at = u->before;
        free(u->bytes);
        free(u);
    }
}

/* Newest first. With an even number of steps everything is lost, with an odd one about half of it. */
static void lose_unsynced(void)
{
    uint64_t seed = STEPS_SET;
    for (unsynced *u = UNSYNCED; u != NULL; u = u->before) {
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        if (STEPS_SET % 2 == 1 && seed >> 63 == 0) continue;
        sqlite3_file *real = u->file->real;
        (void)real->pMethods->xWrite(real, u->bytes, u->size, u->at);
        if (STEPS_SET % 2 == 0) (void)real->pMethods->xTruncate(real, u->size_before);
    }
}

void faulty_vfs_end_now(void)
{
    if (KIND == FAULTY_POWER) lose_unsynced();
    if (KIND != FAULTY_NONE) _exit(77);
}

static bool ends_the_process(void)
{
    return KIND == FAULTY_DIE || KIND == FAULTY_DIE_TORN || KIND == FAULTY_POWER;
}

static int faulty_write(sqlite3_file *file, const void *data, int size, sqlite3_int64 at)
{
    if (is_due()) {
        if (KIND == FAULTY_FULL) return SQLITE_FULL;
        if (KIND == FAULTY_DIE_TORN) (void)real_of(file)->pMethods->xWrite(real_of(file), data, size / 2, at);
        if (ends_the_process()) faulty_vfs_end_now();
    }
    if (KIND == FAULTY_POWER) remember(file, size, at);
    return real_of(file)->pMethods->xWrite(real_of(file), data, size, at);
}

static int faulty_sync(sqlite3_file *file, int flags)
{
    if (is_due()) {
        if (ends_the_process()) faulty_vfs_end_now();
        if (KIND == FAULTY_SYNC) {
            KIND = FAULTY_NONE;
            return SQLITE_IOERR_FSYNC;
        }
    }
    forget(file);
    atomic_fetch_add(&SYNCS, 1);
    return real_of(file)->pMethods->xSync(real_of(file), flags);
}

/* Everything else is passed on. */
static int pass_close(sqlite3_file *f)
{
    forget(f); /* a closed file's fate is not followed */
    return real_of(f)->pMethods->xClose(real_of(f));
}
static int pass_read(sqlite3_file *f, void *d, int n, sqlite3_int64 at)
{
    return real_of(f)->pMethods->xRead(real_of(f), d, n, at);
}
static int pass_truncate(sqlite3_file *f, sqlite3_int64 n)
{
    return real_of(f)->pMethods->xTruncate(real_of(f), n);
}
static int pass_size(sqlite3_file *f, sqlite3_int64 *n)
{
    return real_of(f)->pMethods->xFileSize(real_of(f), n);
}
static int pass_lock(sqlite3_file *f, int l)
{
    return real_of(f)->pMethods->xLock(real_of(f), l);
}
static int pass_unlock(sqlite3_file *f, int l)
{
    return real_of(f)->pMethods->xUnlock(real_of(f), l);
}
static int pass_reserved(sqlite3_file *f, int *out)
{
    return real_of(f)->pMethods->xCheckReservedLock(real_of(f), out);
}
static int pass_control(sqlite3_file *f, int op, void *arg)
{
    return real_of(f)->pMethods->xFileControl(real_of(f), op, arg);
}
static int pass_sector(sqlite3_file *f)
{
    return real_of(f)->pMethods->xSectorSize(real_of(f));
}
static int pass_device(sqlite3_file *f)
{
    return real_of(f)->pMethods->xDeviceCharacteristics(real_of(f));
}
static int pass_shm_map(sqlite3_file *f, int page, int size, int extend, void volatile **out)
{
    return real_of(f)->pMethods->xShmMap(real_of(f), page, size, extend, out);
}
static int pass_shm_lock(sqlite3_file *f, int at, int n, int flags)
{
    return real_of(f)->pMethods->xShmLock(real_of(f), at, n, flags);
}
static void pass_shm_barrier(sqlite3_file *f)
{
    real_of(f)->pMethods->xShmBarrier(real_of(f));
}
static int pass_shm_unmap(sqlite3_file *f, int remove)
{
    return real_of(f)->pMethods->xShmUnmap(real_of(f), remove);
}

static const sqlite3_io_methods METHODS = {
    .iVersion = 2,
    .xClose = pass_close,
    .xRead = pass_read,
    .xWrite = faulty_write,
    .xTruncate = pass_truncate,
    .xSync = faulty_sync,
    .xFileSize = pass_size,
    .xLock = pass_lock,
    .xUnlock = pass_unlock,
    .xCheckReservedLock = pass_reserved,
    .xFileControl = pass_control,
    .xSectorSize = pass_sector,
    .xDeviceCharacteristics = pass_device,
    .xShmMap = pass_shm_map,
    .xShmLock = pass_shm_lock,
    .xShmBarrier = pass_shm_barrier,
    .xShmUnmap = pass_shm_unmap,
};

static int faulty_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *out_flags)
{
    (void)vfs;
    faulty_file *f = (faulty_file *)file;
    f->real = (sqlite3_file *)(f + 1);
    int code = REAL->xOpen(REAL, name, f->real, flags, out_flags);
    f->base.pMethods = f->real->pMethods == NULL ? NULL : &METHODS;
    return code;
}

void faulty_vfs_install(void)
{
    REAL = sqlite3_vfs_find(NULL);
    HUB_ASSERT(REAL != NULL);
    FAULTY = *REAL;
    FAULTY.zName = "faulty";
    FAULTY.szOsFile = (int)sizeof(faulty_file) + REAL->szOsFile;
    FAULTY.xOpen = faulty_open;
    HUB_ASSERT(sqlite3_vfs_register(&FAULTY, 1) == SQLITE_OK);
}

uint32_t faulty_vfs_syncs(void)
{
    return SYNCS;
}

void faulty_vfs_set(faulty_kind kind, uint32_t steps)
{
    KIND = FAULTY_NONE;
    STEPS_SET = steps;
    STEPS_LEFT = steps;
    KIND = kind;
}
