/* journal_sqlite.c - the embedded store: one file, one row = one batch.
 *
 * A commit is one transaction in write-ahead-log mode with synchronous=FULL: SQLite syncs the log before COMMIT answers. Everything
 * else (checkpoints, the index of refs) is kept out of its way. What is merged into the index is not synced: the log keeps the order, so
 * that it is lost alone or made durable by the next batch, and it can be had from the batches again.
 *
 *     batches(last_sequence, stored)   pages(page, bytes)   heads(sequence, head)   notes(name, value)   refs(hash, sequence)
 *
 * Invariants
 *   S1  JOURNAL_FULL only after a rollback that worked: nothing of the batch is there
 *   S2  any other failure while a batch is written or committed is JOURNAL_UNKNOWN
 *   S3  one writer: the lock on PATH.lock is held from open to close
 *   S4  what a writer finds at open is carried into the file and synced again before it is believed: after a failed sync the system may
 *       show pages that never reached the disk
 *   S5  a reader changes neither file nor log: what a crash left is the same after somebody looked
 *   S6  nothing but the index is committed without a sync
 */
#include "backend.h"

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/files.h"
#include "sqlite_checkpointer.h"
#include "sqlite_place.h"

enum {
    APPLICATION_ID = 0x4d534842, /* "MSHB": tells our files from other people's */
    BUSY_MS = 5000,              /* another program holds the file: a backup by hand, say */
};

typedef enum statement {
    BEGIN,
    COMMIT,
    ROLLBACK,
    BATCH_PUT,
    BATCH_LAST,
    BATCH_FETCH,
    PAGE_PUT,
    PAGE_GET,
    HEAD_PUT,
    HEAD_GET,
    REF_PUT,
    REF_FIND,
    NOTE_PUT,
    NOTE_GET,
    STATEMENTS
} statement;

static const char *const SQL[STATEMENTS] = {
    [BEGIN] = "BEGIN IMMEDIATE",
    [COMMIT] = "COMMIT",
    [ROLLBACK] = "ROLLBACK",
    [BATCH_PUT] = "INSERT INTO batches(last_sequence, stored) VALUES(?1, ?2)",
    [BATCH_LAST] = "SELECT last_sequence, stored FROM batches ORDER BY last_sequence DESC LIMIT 1",
    [BATCH_FETCH] = "SELECT last_sequence, stored FROM batches WHERE last_sequence >= ?1 ORDER BY last_sequence LIMIT 1",
    [PAGE_PUT] = "INSERT OR REPLACE INTO pages(page, bytes) VALUES(?1, ?2)",
    [PAGE_GET] = "SELECT page, bytes FROM pages WHERE page = ?1",
    [HEAD_PUT] = "INSERT INTO heads(sequence, head) VALUES(?1, ?2)",
    [HEAD_GET] = "SELECT sequence, head FROM heads WHERE sequence > ?1 ORDER BY sequence LIMIT 1",
    [REF_PUT] = "INSERT OR IGNORE INTO refs(hash, sequence) VALUES(?1, ?2)",
    [REF_FIND] = "SELECT sequence FROM refs WHERE hash = ?1 ORDER BY sequence DESC LIMIT ?2",
    [NOTE_PUT] = "INSERT OR REPLACE INTO notes(name, value) VALUES(?1, ?2)",
    [NOTE_GET] = "SELECT name, value FROM notes WHERE name = ?1",
};

static const char *const SCHEMA =
    "BEGIN IMMEDIATE;"
    "PRAGMA application_id=1297303618;"
    "CREATE TABLE batches(last_sequence INTEGER PRIMARY KEY, stored BLOB NOT NULL) STRICT;"
    "CREATE TABLE pages(page INTEGER PRIMARY KEY, bytes BLOB NOT NULL) STRICT;"
    "CREATE TABLE heads(sequence INTEGER PRIMARY KEY, head BLOB NOT NULL) STRICT;"
    "CREATE TABLE notes(name TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID;"
    "CREATE TABLE refs(hash INTEGER, sequence INTEGER, PRIMARY KEY(hash, sequence)) STRICT, WITHOUT ROWID;"
    "COMMIT";
_Static_assert(APPLICATION_ID == 1297303618, "the schema names the same number");

typedef struct sqlite_journal {
    journal base;
    char *path;
    sqlite3 *db;
    sqlite3_stmt *statements[STATEMENTS];
    journal_checkpointer *checkpointer; /* writer only */
    int place;                          /* S3; -1: a reader */
    int log_pages;                      /* of the write-ahead log, after the last commit */
    bool skips_sync;                    /* S6: while the index is written */
} sqlite_journal;

static sqlite_journal *mine(journal *j)
{
    return (sqlite_journal *)j;
}

/* ---- small steps ---------------------------------------------------------------------------------------------------------- */
/* What a person can do about an SQLite error; what is not here has no advice of its own. */
#define CLOSED_FILE "the user that runs this must be able to read and write the file and its folder (ls -l, chown, chmod)"
static const struct {
    int code;
    hub_status status;
    const char *advice;
} CAUSES[] = {
    {SQLITE_FULL, HUB_ERR_FULL, "free space on its disk"},
    {SQLITE_NOMEM, HUB_ERR_MEMORY, "free memory on this machine"},
    {SQLITE_CORRUPT, HUB_ERR_CORRUPT, NULL},
    {SQLITE_NOTADB, HUB_ERR_CORRUPT, NULL},
    {SQLITE_BUSY, HUB_ERR_AGAIN,
     "another program holds the file (a backup, a database browser?): end it (fuser -v FILE names it)"},
    {SQLITE_CANTOPEN, HUB_ERR_IO, CLOSED_FILE},
    {SQLITE_READONLY, HUB_ERR_IO, CLOSED_FILE},
    {SQLITE_PERM, HUB_ERR_IO, CLOSED_FILE},
    {SQLITE_IOERR, HUB_ERR_IO, "look at its disk (dmesg), its quota and the limit on file sizes"},
};

static hub_status failed(const sqlite_journal *s, const char *what, hub_error *err)
{
    int code = sqlite3_extended_errcode(s->db);
    int cause = sqlite3_system_errno(s->db);
    hub_status status = HUB_ERR_IO;
    const char *advice = NULL;
    for (size_t i = 0; i < sizeof CAUSES / sizeof CAUSES[0]; i++) {
        if (CAUSES[i].code != (code & 0xff)) continue;
        status = CAUSES[i].status;
        advice = CAUSES[i].advice;
    }
    bool by_system = cause != 0 && ((code & 0xff) == SQLITE_CANTOPEN || (code & 0xff) == SQLITE_IOERR);
    return hub_fail(err, status, "journal %s: %s: %s (SQLite code %d)%s%s%s%s", s->path, what, sqlite3_errmsg(s->db), code,
                    by_system ? ": " : "", by_system ? strerror(cause) : "", advice == NULL ? "" : "; ",
                    advice == NULL ? "" : advice);
}

/* Runs a statement that gives no rows. */
static int run(sqlite_journal *s, statement which)
{
    int code = sqlite3_step(s->statements[which]);
    sqlite3_reset(s->statements[which]);
    return code == SQLITE_DONE ? SQLITE_OK : code;
}

/* S6. SQLite takes this between transactions only, and at once. */
static int set_skips_sync(sqlite_journal *s, bool skips)
{
    if (s->skips_sync == skips) return SQLITE_OK;
    int code = sqlite3_exec(s->db, skips ? "PRAGMA synchronous=NORMAL" : "PRAGMA synchronous=FULL", NULL, NULL, NULL);
    if (code == SQLITE_OK) s->skips_sync = skips;
    return code;
}

static int put_numbered(sqlite_journal *s, statement which, uint64_t number, hub_bytes value)
{
    sqlite3_stmt *put = s->statements[which];
    sqlite3_bind_int64(put, 1, (sqlite3_int64)number);
    sqlite3_bind_blob64(put, 2, value.data, value.size, SQLITE_STATIC);
    int code = run(s, which);
    sqlite3_clear_bindings(put);
    return code;
}

/* Runs a bound statement that gives (key, bytes), once: each read is a short one, so that the log can begin anew beside it. */
static hub_status get_bytes(sqlite_journal *s, statement which, hub_buffer *out, uint64_t *key, hub_error *err)
{
    sqlite3_stmt *get = s->statements[which];
    int code = sqlite3_step(get);
    hub_status status = HUB_OK;
    if (code == SQLITE_ROW) {
        if (key != NULL) *key = (uint64_t)sqlite3_column_int64(get, 0);
        hub_buffer_put(out, sqlite3_column_blob(get, 1), (size_t)sqlite3_column_bytes(get, 1));
        if (out->failed) status = hub_fail(err, HUB_ERR_MEMORY, "journal %s: out of memory", s->path);
    } else {
        status = code == SQLITE_DONE ? HUB_ERR_NOT_FOUND : failed(s, "cannot be read", err);
    }
    sqlite3_reset(get);
    return status;
}

/* ---- appending ------------------------------------------------------------------------------------------------------------ */
/* true when the code can only come from before the batch's last page was in the log, the page that commits it: no space left, a write
 * that failed (a quota, a limit on file sizes), or another program in the way at BEGIN. A sync that failed, or memory for the log's
 * index that could not be had, come after it. */
static bool came_before_commit(int code)
{
    return (code & 0xff) == SQLITE_FULL || (code & 0xff) == SQLITE_BUSY || code == SQLITE_IOERR_WRITE;
}

static journal_outcome append_failed(sqlite_journal *s, hub_error *err)
{
    bool nothing_written = came_before_commit(sqlite3_extended_errcode(s->db));
    (void)failed(s, "cannot be written", err);
    if (!sqlite3_get_autocommit(s->db)) (void)run(s, ROLLBACK);
    if (!sqlite3_get_autocommit(s->db)) nothing_written = false;
    return nothing_written ? JOURNAL_FULL : JOURNAL_UNKNOWN; /* S1, S2 */
}

static journal_outcome sqlite_append(journal *j, const journal_batch *batch, hub_bytes stored, hub_error *err)
{
    sqlite_journal *s = mine(j);
    int code = set_skips_sync(s, false); /* the index failed to, perhaps */
    if (code == SQLITE_OK) code = run(s, BEGIN);
    if (code == SQLITE_OK && batch->key_page_bytes.size > 0)
        code = put_numbered(s, PAGE_PUT, batch->key_page, batch->key_page_bytes);
    if (code == SQLITE_OK && batch->head.size > 0) code = put_numbered(s, HEAD_PUT, journal_batch_last(batch), batch->head);
    if (code == SQLITE_OK) code = put_numbered(s, BATCH_PUT, journal_batch_last(batch), stored);
    if (code == SQLITE_OK) code = run(s, COMMIT);
    if (code != SQLITE_OK) return append_failed(s, err);
    HUB_ASSERT(sqlite3_get_autocommit(s->db));
    journal_checkpointer_saw(s->checkpointer, s->log_pages);
    return JOURNAL_DURABLE;
}

static int after_commit(void *context, sqlite3 *db, const char *name, int pages)
{
    (void)db;
    (void)name;
    ((sqlite_journal *)context)->log_pages = pages;
    return SQLITE_OK;
}

/* ---- reading -------------------------------------------------------------------------------------------------------------- */
static hub_status sqlite_last(journal *j, hub_buffer *out, hub_error *err)
{
    return get_bytes(mine(j), BATCH_LAST, out, NULL, err);
}

static hub_status sqlite_fetch(journal *j, uint64_t from, hub_buffer *out, hub_error *err)
{
    sqlite_journal *s = mine(j);
    sqlite3_bind_int64(s->statements[BATCH_FETCH], 1, (sqlite3_int64)from);
    return get_bytes(s, BATCH_FETCH, out, NULL, err);
}

static hub_status sqlite_key_page(journal *j, uint64_t page, hub_buffer *out, hub_error *err)
{
    sqlite_journal *s = mine(j);
    sqlite3_bind_int64(s->statements[PAGE_GET], 1, (sqlite3_int64)page);
    hub_status status = get_bytes(s, PAGE_GET, out, NULL, err);
    if (status != HUB_ERR_NOT_FOUND) return status;
    return hub_fail(err, status, "journal %s: key page %llu is not there", s->path, (unsigned long long)page);
}

static hub_status sqlite_heads(journal *j, journal_head_cb *each, void *context, hub_error *err)
{
    sqlite_journal *s = mine(j);
    hub_buffer head = {0};
    uint64_t sequence = 0;
    hub_status status = HUB_OK;
    while (status == HUB_OK) {
        hub_buffer_clear(&head);
        sqlite3_bind_int64(s->statements[HEAD_GET], 1, (sqlite3_int64)sequence);
        status = get_bytes(s, HEAD_GET, &head, &sequence, err);
        if (status == HUB_ERR_NOT_FOUND) break;
        if (status == HUB_OK) status = each(context, hub_buffer_bytes(&head), err);
    }
    hub_buffer_free(&head);
    return status == HUB_ERR_NOT_FOUND ? HUB_OK : status;
}

/* ---- refs and notes ------------------------------------------------------------------------------------------------------- */
static hub_status sqlite_lookup(journal *j, uint64_t hash, uint64_t *out, uint32_t capacity, uint32_t *count, hub_error *err)
{
    sqlite_journal *s = mine(j);
    sqlite3_stmt *find = s->statements[REF_FIND];
    sqlite3_bind_int64(find, 1, (sqlite3_int64)hash);
    sqlite3_bind_int64(find, 2, capacity);
    *count = 0;
    int code;
    while ((code = sqlite3_step(find)) == SQLITE_ROW)
        out[(*count)++] = (uint64_t)sqlite3_column_int64(find, 0);
    hub_status status = code == SQLITE_DONE ? HUB_OK : failed(s, "its index cannot be read", err);
    sqlite3_reset(find);
    return status;
}

static int put_note(sqlite_journal *s, const char *name, hub_bytes value)
{
    sqlite3_stmt *put = s->statements[NOTE_PUT];
    sqlite3_bind_text(put, 1, name, -1, SQLITE_STATIC);
    sqlite3_bind_blob64(put, 2, value.size == 0 ? "" : (const char *)value.data, value.size, SQLITE_STATIC);
    int code = run(s, NOTE_PUT);
    sqlite3_clear_bindings(put);
    return code;
}

static int put_index(sqlite_journal *s, const journal_ref *refs, uint32_t count, hub_bytes note)
{
    int code = run(s, BEGIN);
    for (uint32_t i = 0; code == SQLITE_OK && i < count; i++) {
        sqlite3_bind_int64(s->statements[REF_PUT], 1, (sqlite3_int64)refs[i].hash);
        sqlite3_bind_int64(s->statements[REF_PUT], 2, (sqlite3_int64)refs[i].sequence);
        code = run(s, REF_PUT);
    }
    if (code == SQLITE_OK) code = put_note(s, JOURNAL_NOTE_INDEXED, note);
    return code == SQLITE_OK ? run(s, COMMIT) : code;
}

static hub_status sqlite_index(journal *j, const journal_ref *refs, uint32_t count, hub_bytes note, hub_error *err)
{
    sqlite_journal *s = mine(j);
    int code = set_skips_sync(s, true);
    if (code == SQLITE_OK) code = put_index(s, refs, count, note);
    hub_status status = code == SQLITE_OK ? HUB_OK : failed(s, "its index cannot be written", err);
    if (!sqlite3_get_autocommit(s->db)) (void)run(s, ROLLBACK);
    (void)set_skips_sync(s, false);
    if (status == HUB_OK) journal_checkpointer_saw(s->checkpointer, s->log_pages);
    return status;
}

static hub_status sqlite_note_put(journal *j, const char *name, hub_bytes value, hub_error *err)
{
    int code = set_skips_sync(mine(j), false);
    if (code == SQLITE_OK) code = put_note(mine(j), name, value);
    return code == SQLITE_OK ? HUB_OK : failed(mine(j), "a note cannot be written", err);
}

static hub_status sqlite_note_get(journal *j, const char *name, hub_buffer *out, hub_error *err)
{
    sqlite_journal *s = mine(j);
    sqlite3_bind_text(s->statements[NOTE_GET], 1, name, -1, SQLITE_STATIC);
    hub_status status = get_bytes(s, NOTE_GET, out, NULL, err);
    sqlite3_clear_bindings(s->statements[NOTE_GET]);
    return status == HUB_ERR_NOT_FOUND ? hub_fail(err, status, "journal %s: there is no note \"%s\"", s->path, name) : status;
}

static uint64_t sqlite_room(journal *j)
{
    return host_free_bytes(mine(j)->path);
}

static void sqlite_idle(journal *j)
{
    (void)j; /* checkpoints have a thread of their own */
}

/* What is written to a file that was moved away or removed is lost to everybody who opens the path again. */
static hub_status sqlite_look(journal *j, hub_error *err)
{
    int has_moved = 0;
    int code = sqlite3_file_control(mine(j)->db, "main", SQLITE_FCNTL_HAS_MOVED, &has_moved);
    if (code != SQLITE_OK || has_moved == 0) return HUB_OK;
    return hub_fail(err, HUB_ERR_UNKNOWN, "journal %s: the file was moved, removed or put back from a copy while it was in use",
                    mine(j)->path);
}

static void sqlite_close(journal *j)
{
    sqlite_journal *s = mine(j);
    journal_checkpointer_close(s->checkpointer);
    for (int i = 0; i < STATEMENTS; i++)
        sqlite3_finalize(s->statements[i]);
    sqlite3_close(s->db);
    if (s->place >= 0) close(s->place); /* last: nobody else writes before the file is closed */
    free(s->path);
    journal_end_common(j);
    free(s);
}

static const journal_ops SQLITE_OPS = {
    .name = "sqlite",
    .close = sqlite_close,
    .append = sqlite_append,
    .last = sqlite_last,
    .fetch = sqlite_fetch,
    .lookup = sqlite_lookup,
    .index = sqlite_index,
    .key_page = sqlite_key_page,
    .heads = sqlite_heads,
    .note_put = sqlite_note_put,
    .note_get = sqlite_note_get,
    .room = sqlite_room,
    .idle = sqlite_idle,
    .look = sqlite_look,
};

/* ---- opening -------------------------------------------------------------------------------------------------------------- */
/* Runs `sql` and gives the number in its first row and column (0 when it has none). */
static hub_status ask_number(sqlite_journal *s, const char *sql, int64_t *out, hub_error *err)
{
    sqlite3_stmt *ask = NULL;
    *out = 0;
    int code = sqlite3_prepare_v2(s->db, sql, -1, &ask, NULL);
    if (code == SQLITE_OK) code = sqlite3_step(ask);
    if (code == SQLITE_ROW) *out = sqlite3_column_int64(ask, 0);
    hub_status status = code == SQLITE_ROW || code == SQLITE_DONE ? HUB_OK : failed(s, "cannot be opened", err);
    sqlite3_finalize(ask);
    return status;
}

static hub_status set_up(sqlite_journal *s, hub_error *err)
{
    /* No memory map: a bad sector would be a signal that ends the process, not an error that is answered. */
    const char *settings = "PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=0; PRAGMA mmap_size=0; PRAGMA cache_size=-16384;"
                           "PRAGMA temp_store=MEMORY; PRAGMA trusted_schema=OFF";
    if (sqlite3_exec(s->db, settings, NULL, NULL, NULL) != SQLITE_OK) return failed(s, "cannot be opened", err);
    sqlite3_stmt *ask = NULL;
    const char *sql = s->base.mode == JOURNAL_READ ? "PRAGMA journal_mode" : "PRAGMA journal_mode=WAL";
    int code = sqlite3_prepare_v2(s->db, sql, -1, &ask, NULL);
    if (code == SQLITE_OK) code = sqlite3_step(ask);
    bool is_wal = code == SQLITE_ROW && sqlite3_stricmp((const char *)sqlite3_column_text(ask, 0), "wal") == 0;
    sqlite3_finalize(ask);
    if (is_wal) return HUB_OK;
    return hub_fail(err, HUB_ERR_IO,
                    "journal %s: its file system allows no write-ahead log (a network folder?); use a local disk", s->path);
}

static hub_status check_owner(sqlite_journal *s, bool *is_new, hub_error *err)
{
    int64_t application;
    int64_t tables;
    hub_status status = ask_number(s, "PRAGMA application_id", &application, err);
    if (status == HUB_OK) status = ask_number(s, "SELECT count(*) FROM sqlite_schema", &tables, err);
    if (status == HUB_ERR_CORRUPT) {
        return hub_fail(err, HUB_ERR_INVALID, "journal %s: this file is no SQLite database; put the store back from its backup",
                        s->path);
    }
    if (status != HUB_OK) return status;
    *is_new = application == 0 && tables == 0;
    if (*is_new && s->base.mode == JOURNAL_CREATE) return HUB_OK;
    if (application != APPLICATION_ID) {
        return hub_fail(err, HUB_ERR_INVALID, "journal %s: this file holds no journal; put the store back from its backup",
                        s->path);
    }
    if (s->base.mode != JOURNAL_CREATE) return HUB_OK;
    int64_t batches;
    status = ask_number(s, "SELECT count(*) FROM (SELECT 1 FROM batches LIMIT 1)", &batches, err);
    if (status != HUB_OK || batches == 0) return status;
    return hub_fail(err, HUB_ERR_EXISTS, "journal %s: it holds records already; a new partnership needs an empty store", s->path);
}

/* Opens the file in the way that the mode asks for; the writer's place first. */
static hub_status open_file(sqlite_journal *s, hub_error *err)
{
    struct stat found;
    bool is_there = stat(s->path, &found) == 0;
    if (!is_there && s->base.mode != JOURNAL_CREATE) {
        return hub_fail(err, errno == ENOENT ? HUB_ERR_NOT_FOUND : HUB_ERR_IO, "journal %s: %s; `mashhubd init` makes one",
                        s->path, strerror(errno));
    }
    if (is_there && !S_ISREG(found.st_mode)) return hub_fail(err, HUB_ERR_INVALID, "journal %s: this is no file", s->path);
    if (s->base.mode != JOURNAL_READ) {
        hub_status status = journal_sqlite_place_take(s->path, &s->place, err);
        if (status != HUB_OK) return status;
    }
    if (!is_there) { /* made here and not by SQLite: nobody else may read it */
        int made = open(s->path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
        if (made < 0) return hub_fail(err, HUB_ERR_IO, "journal %s: cannot be made: %s", s->path, strerror(errno));
        close(made);
    }
    /* Asked here, since SQLite says only that it cannot; a descriptor of our own would take SQLite's locks away when it is closed. */
    if (faccessat(AT_FDCWD, s->path, s->base.mode == JOURNAL_READ ? R_OK : R_OK | W_OK, AT_EACCESS) != 0)
        return hub_fail(err, HUB_ERR_IO, "journal %s: %s; " CLOSED_FILE, s->path, strerror(errno));
    if (sqlite3_open_v2(s->path, &s->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK) {
        return s->db == NULL ? hub_fail(err, HUB_ERR_MEMORY, "out of memory") : failed(s, "cannot be opened", err);
    }
    sqlite3_extended_result_codes(s->db, 1);
    sqlite3_busy_timeout(s->db, BUSY_MS);
    /* A reader that closes last would carry a crashed writer's log into the file, and remove it. */
    if (s->base.mode == JOURNAL_READ && sqlite3_db_config(s->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL) != SQLITE_OK)
        return failed(s, "cannot be opened", err);
    return HUB_OK;
}

static hub_status prepare_all(sqlite_journal *s, hub_error *err)
{
    for (int i = 0; i < STATEMENTS; i++) {
        if (sqlite3_prepare_v3(s->db, SQL[i], -1, SQLITE_PREPARE_PERSISTENT, &s->statements[i], NULL) != SQLITE_OK) {
            return failed(s, "cannot be used", err);
        }
    }
    return HUB_OK;
}

static hub_status become_writer(sqlite_journal *s, hub_error *err)
{
    /* S4. Readers may keep the log from being cut, not from being carried over: that answer is enough. */
    int code = sqlite3_wal_checkpoint_v2(s->db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
    if (code != SQLITE_OK && (code & 0xff) != SQLITE_BUSY) return failed(s, "what it holds cannot be synced", err);
    sqlite3_wal_hook(s->db, after_commit, s);
    return journal_checkpointer_open(s->path, &s->checkpointer, err);
}

hub_status journal_sqlite_open(const char *place, const char *partnership, journal_open_mode mode, journal **out, hub_error *err)
{
    *out = NULL;
    sqlite_journal *s = calloc(1, sizeof *s);
    if (s == NULL) return hub_fail(err, HUB_ERR_MEMORY, "out of memory");
    s->place = -1;
    s->path = strdup(place);
    hub_status status = journal_prepare(&s->base, &SQLITE_OPS, partnership, mode, err);
    if (status == HUB_OK && s->path == NULL) status = hub_fail(err, HUB_ERR_MEMORY, "out of memory");
    if (status == HUB_OK && place[0] == '\0') status = hub_fail(err, HUB_ERR_INVALID, "journal sqlite: the path is missing");
    bool is_new = false;
    if (status == HUB_OK) status = open_file(s, err);
    if (status == HUB_OK) status = check_owner(s, &is_new, err);
    if (status == HUB_OK) status = set_up(s, err);
    if (status == HUB_OK && is_new && sqlite3_exec(s->db, SCHEMA, NULL, NULL, NULL) != SQLITE_OK)
        status = failed(s, "cannot be made", err);
    if (status == HUB_OK) status = prepare_all(s, err);
    if (status == HUB_OK && mode != JOURNAL_READ) status = become_writer(s, err);
    if (status == HUB_OK) status = journal_begin(&s->base, err);
    if (status != HUB_OK) goto fail;
    *out = &s->base;
    return HUB_OK;

fail:
    sqlite_close(&s->base);
    return status;
}
