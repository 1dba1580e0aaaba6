#include "outbox.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "event/event.h"
#include "host/files.h"
#include "outbox_store.h"

static const int64_t DAY_MS = 24LL * 60 * 60 * 1000;
static const char KEY_CHECK[] = "this key fits";

static const char SCHEMA[] =
    "BEGIN IMMEDIATE;"
    "CREATE TABLE meta(one INTEGER PRIMARY KEY CHECK(one = 1), outbox_id BLOB NOT NULL, generation BLOB NOT NULL, key_check BLOB "
    "NOT NULL,"
    " last_link_seq INTEGER NOT NULL, settled_link_seq INTEGER NOT NULL, settled_event_id BLOB NOT NULL, counts BLOB NOT NULL) "
    "STRICT;"
    "CREATE TABLE entries(entry INTEGER PRIMARY KEY, event_id BLOB NOT NULL, put_ms INTEGER NOT NULL, sealed BLOB NOT NULL) "
    "STRICT;"
    "CREATE TABLE items(link_seq INTEGER PRIMARY KEY, entry INTEGER NOT NULL) STRICT;"
    "CREATE TABLE urgent(entry INTEGER PRIMARY KEY) STRICT;"
    "CREATE TABLE acks(link_seq INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL) STRICT;"
    "CREATE TABLE parked(id INTEGER PRIMARY KEY AUTOINCREMENT, put_ms INTEGER NOT NULL, origin TEXT NOT NULL, code INTEGER NOT "
    "NULL,"
    " field TEXT NOT NULL, line INTEGER NOT NULL, col INTEGER NOT NULL, reason TEXT NOT NULL, sealed BLOB NOT NULL) STRICT;"
    /* first_entry..last_entry: what the input gave; 0 = nothing. */
    "CREATE TABLE seen(key BLOB PRIMARY KEY, at_ms INTEGER NOT NULL, result INTEGER NOT NULL, reason TEXT NOT NULL, content BLOB "
    "NOT NULL, first_entry INTEGER NOT NULL, last_entry INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
    "CREATE INDEX seen_at ON seen(at_ms);"
    "CREATE INDEX seen_entries ON seen(last_entry);"
    "CREATE TABLE refused(event_id BLOB PRIMARY KEY) STRICT, WITHOUT ROWID;"
    "CREATE TABLE state(key BLOB PRIMARY KEY, sealed BLOB NOT NULL) STRICT, WITHOUT ROWID;"
    "CREATE TABLE notes(name TEXT PRIMARY KEY, text TEXT NOT NULL) STRICT;"
    "PRAGMA user_version=2;";
static_assert(OUTBOX_FORMAT == 2, "as the script says");

/* ---- opening ---- */

static void path_of(const outbox *box, const char *name, char out[600])
{
    (void)snprintf(out, 600, "%s/%s", box->folder, name);
}

static hub_status take_lock(outbox *box, hub_error *err)
{
    char path[600];
    path_of(box, "outbox.lock", path);
    box->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (box->lock_fd < 0) return hub_fail(err, HUB_ERR_IO, "%s: cannot be opened: %s", path, strerror(errno));
    if (flock(box->lock_fd, LOCK_EX | LOCK_NB) != 0) {
        return hub_fail(err, HUB_ERR_EXISTS, "outbox %s: another adapter has it open; one outbox belongs to one adapter",
                        box->folder);
    }
    return HUB_OK;
}

static hub_status load_key(outbox *box, bool database_exists, hub_error *err)
{
    char path[600];
    path_of(box, "outbox.key", path);
    hub_buffer text = {0};
    hub_status status = host_secret_read(path, 256, &text, err);
    if (status == HUB_ERR_NOT_FOUND && !database_exists && box->options.access == OUTBOX_OWN) {
        char line[OUTBOX_KEY_BYTES * 2 + 2];
        outbox_random(box, box->key, sizeof box->key);
        hub_hex(box->key, sizeof box->key, line);
        line[OUTBOX_KEY_BYTES * 2] = '\n';
        status = host_file_create(path, hub_bytes_of(line, OUTBOX_KEY_BYTES * 2 + 1), 0600, err);
        sodium_memzero(line, sizeof line);
        return status;
    }
    if (status == HUB_ERR_NOT_FOUND) {
        return hub_fail(err, HUB_ERR_CORRUPT,
                        "%s: missing, and outbox.db cannot be read without it; put it back, or move outbox.db away", path);
    }
    if (status == HUB_OK && !hub_unhex(hub_buffer_text(&text), box->key, sizeof box->key))
        status = hub_fail(err, HUB_ERR_CORRUPT, "%s: not a key (64 hex digits); put the right file back", path);
    host_secret_free(&text);
    return status;
}

static hub_status run_script(outbox *box, const char *script, hub_error *err)
{
    int code = sqlite3_exec(box->db, script, NULL, NULL, NULL);
    return code == SQLITE_OK ? HUB_OK : outbox_fail(box, code, err);
}

static hub_status pragma_number(outbox *box, const char *sql, int64_t *value, hub_error *err)
{
    sqlite3_stmt *statement = NULL;
    int code = sqlite3_prepare_v2(box->db, sql, -1, &statement, NULL);
    if (code == SQLITE_OK) code = sqlite3_step(statement);
    if (code == SQLITE_ROW) *value = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    return code == SQLITE_ROW ? HUB_OK : outbox_fail(box, code, err);
}

static hub_status use_wal(outbox *box, hub_error *err)
{
    sqlite3_stmt *statement = NULL;
    int code = sqlite3_prepare_v2(box->db, "PRAGMA journal_mode=WAL", -1, &statement, NULL);
    if (code == SQLITE_OK) code = sqlite3_step(statement);
    bool wal = code == SQLITE_ROW && strcmp((const char *)sqlite3_column_text(statement, 0), "wal") == 0;
    sqlite3_finalize(statement);
    if (code != SQLITE_ROW) return outbox_fail(box, code, err);
    if (!wal)
        return hub_fail(err, HUB_ERR_IO, "outbox %s: this file system cannot hold a write-ahead log; use a local disk",
                        box->folder);
    return run_script(box, "PRAGMA synchronous=FULL", err);
}

static hub_status open_database(outbox *box, hub_error *err)
{
    char path[600] = ":memory:";
    if (box->folder[0] != '\0') path_of(box, "outbox.db", path);
    int flags = box->options.access == OUTBOX_OWN ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY;
    int code = sqlite3_open_v2(path, &box->db, flags | SQLITE_OPEN_NOMUTEX, NULL);
    if (code != SQLITE_OK) return outbox_fail(box, code, err);
    sqlite3_extended_result_codes(box->db, 1);
    sqlite3_busy_timeout(box->db, 5000);
    if (box->folder[0] == '\0' || box->options.access == OUTBOX_LOOK) return HUB_OK;
    return use_wal(box, err);
}

/* A crash between the first statement and COMMIT leaves an empty database: the next start makes it again. */
static hub_status make_tables(outbox *box, hub_error *err)
{
    hub_status status = run_script(box, SCHEMA, err);
    if (status != HUB_OK) return status;
    hub_buffer check = {0};
    uint8_t zero[HUB_ID_BYTES] = {0};
    uint8_t counts[sizeof(outbox_counts)] = {0};
    outbox_random(box, box->row.numbers.outbox_id.bytes, HUB_ID_BYTES);
    status = outbox_seal(box, hub_bytes_of_text("key check"), hub_bytes_of_text(KEY_CHECK), &check);
    sqlite3_stmt *insert = NULL;
    int code = sqlite3_prepare_v2(box->db, "INSERT INTO meta VALUES(1, ?1, ?2, ?3, 0, 0, ?2, ?4)", -1, &insert, NULL);
    if (code == SQLITE_OK) code = sqlite3_bind_blob(insert, 1, box->row.numbers.outbox_id.bytes, HUB_ID_BYTES, SQLITE_STATIC);
    if (code == SQLITE_OK) code = sqlite3_bind_blob(insert, 2, zero, HUB_ID_BYTES, SQLITE_STATIC);
    if (code == SQLITE_OK) code = sqlite3_bind_blob(insert, 3, check.data, (int)check.size, SQLITE_STATIC);
    if (code == SQLITE_OK) code = sqlite3_bind_blob(insert, 4, counts, sizeof counts, SQLITE_STATIC);
    if (code == SQLITE_OK) code = sqlite3_step(insert);
    if (code != SQLITE_DONE && status == HUB_OK) status = outbox_fail(box, code, err);
    sqlite3_finalize(insert);
    hub_buffer_free(&check);
    if (status == HUB_OK) status = run_script(box, "COMMIT", err);
    return status;
}

static hub_status check_key(outbox *box, hub_bytes check, hub_error *err)
{
    hub_buffer plain = {0};
    hub_status status = outbox_unseal(box, hub_bytes_of_text("key check"), check, &plain);
    hub_buffer_free(&plain);
    if (status == HUB_ERR_CORRUPT) {
        return hub_fail(err, status, "outbox %s: outbox.key does not belong to outbox.db; put the right key file back",
                        box->folder);
    }
    return status;
}

/* The generation file holds one line, or while a change is under way two: the old and the new. So that a crash between the file and the
 * database is no mismatch, and a database copied back from another day is (O3). */
static bool generation_fits(const outbox *box, hub_bytes file)
{
    if (hub_id_is_zero(&box->row.generation)) return true; /* its first opening was cut off: nothing was ever put */
    char mine[HUB_ID_BYTES * 2 + 1];
    hub_hex(box->row.generation.bytes, HUB_ID_BYTES, mine);
    size_t line = sizeof mine; /* digits and line end */
    for (size_t at = 0; at + sizeof mine - 1 <= file.size; at += line) {
        if (memcmp(file.data + at, mine, sizeof mine - 1) == 0) return true;
    }
    return false;
}

static hub_status renew_generation(outbox *box, hub_error *err)
{
    char path[600];
    path_of(box, "outbox.generation", path);
    hub_buffer file = {0};
    hub_error why = {{0}};
    hub_status status = host_file_read(path, 4096, &file, &why);
    if (status != HUB_OK && status != HUB_ERR_NOT_FOUND) return hub_fail(err, status, "%s", why.text);
    bool fork = !generation_fits(box, hub_buffer_bytes(&file));
    hub_buffer_free(&file);

    hub_id fresh;
    char lines[2][HUB_ID_BYTES * 2 + 2];
    outbox_random(box, fresh.bytes, sizeof fresh.bytes);
    hub_hex(box->row.generation.bytes, HUB_ID_BYTES, lines[0]);
    hub_hex(fresh.bytes, HUB_ID_BYTES, lines[1]);
    lines[0][HUB_ID_BYTES * 2] = lines[1][HUB_ID_BYTES * 2] = '\n';
    size_t length = HUB_ID_BYTES * 2 + 1;
    hub_buffer_put(&file, lines[0], length);
    hub_buffer_put(&file, lines[1], length);
    /* A database whose generation is not in the file must not be vouched for before its fork is durable. */
    status = fork ? HUB_OK : host_file_replace(path, hub_buffer_bytes(&file), 0600, err);
    if (status == HUB_OK) status = outbox_begin(box, err);
    if (status == HUB_OK) {
        box->row.generation = fresh;
        if (fork) status = outbox_fork(box, err);
        status = outbox_leave(box, true, status, err);
    }
    if (status == HUB_OK) status = host_file_replace(path, hub_bytes_of(lines[1], length), 0600, err);
    hub_buffer_free(&file);
    return status;
}

static hub_status open_all(outbox *box, hub_error *err)
{
    bool on_disk = box->folder[0] != '\0';
    bool exists = false;
    hub_status status = HUB_OK;
    if (on_disk) {
        char path[600];
        path_of(box, "outbox.db", path);
        exists = access(path, F_OK) == 0;
        if (box->options.access == OUTBOX_OWN) {
            status = host_folder_make(box->folder, 0700, err);
            if (status == HUB_OK) status = take_lock(box, err);
        } else if (!exists) {
            status = hub_fail(err, HUB_ERR_NOT_FOUND, "outbox %s: there is none yet", box->folder);
        }
        if (status == HUB_OK) status = load_key(box, exists, err);
    } else {
        outbox_random(box, box->key, sizeof box->key);
    }
    if (status == HUB_OK) status = open_database(box, err);
    int64_t version = 0;
    if (status == HUB_OK) status = pragma_number(box, "PRAGMA user_version", &version, err);
    if (status != HUB_OK) return status;
    bool fresh = version == 0;
    if (!fresh && version != OUTBOX_FORMAT) {
        return hub_fail(err, HUB_ERR_VERSION,
                        "outbox %s: format %lld, and this program reads %d alone; use the program that wrote it", box->folder,
                        (long long)version, OUTBOX_FORMAT);
    }
    if (fresh && box->options.access == OUTBOX_LOOK)
        return hub_fail(err, HUB_ERR_NOT_FOUND, "outbox %s: there is none yet", box->folder);
    if (fresh) status = make_tables(box, err);
    hub_buffer check = {0};
    if (status == HUB_OK) status = outbox_row_load(box, &check, err);
    if (status == HUB_OK) status = check_key(box, hub_buffer_bytes(&check), err);
    hub_buffer_free(&check);
    if (status == HUB_OK && on_disk && box->options.access == OUTBOX_OWN) status = renew_generation(box, err);
    return status;
}

hub_status outbox_open(const outbox_options *options, outbox **out, hub_error *err)
{
    HUB_ASSERT(options != NULL && out != NULL);
    *out = NULL;
    if (options->folder != NULL && strlen(options->folder) >= sizeof(((outbox *)0)->folder)) {
        return hub_fail(err, HUB_ERR_INVALID, "outbox: the folder's path is longer than %zu bytes",
                        sizeof(((outbox *)0)->folder) - 1);
    }
    outbox *box = calloc(1, sizeof *box);
    if (box == NULL) return hub_fail(err, HUB_ERR_MEMORY, "outbox: out of memory");
    box->lock_fd = -1;
    box->options = *options;
    box->options.folder = NULL;
    if (box->options.waiting_max == 0) box->options.waiting_max = 1000000;
    if (box->options.parked_max == 0) box->options.parked_max = 100000;
    if (box->options.kept_max == 0) box->options.kept_max = 1000000;
    if (box->options.keep_ms == 0) box->options.keep_ms = 7 * DAY_MS;
    if (box->options.seen_keep_ms == 0) box->options.seen_keep_ms = 100 * DAY_MS;
    if (options->folder != NULL) (void)snprintf(box->folder, sizeof box->folder, "%s", options->folder);
    hub_status status = open_all(box, err);
    if (status != HUB_OK) {
        outbox_close(box);
        return status;
    }
    *out = box;
    return HUB_OK;
}

void outbox_close(outbox *box)
{
    if (box == NULL) return;
    if (box->in_transaction) outbox_rollback(box);
    box->in_batch = false; /* an open batch is undone by closing */
    for (int i = 0; i < OUTBOX_SQL_COUNT; i++)
        sqlite3_finalize(box->statements[i]);
    sqlite3_close(box->db);
    if (box->lock_fd >= 0) close(box->lock_fd);
    explicit_bzero(box->key, sizeof box->key);
    free(box);
}

bool outbox_is_broken(const outbox *box)
{
    return box->broken;
}

/* ---- one input ---- */

hub_status outbox_put(outbox *box, const hub_id *event_id, hub_bytes event, outbox_urgency urgency, int64_t now_ms,
                      hub_error *err)
{
    HUB_ASSERT(box->in_transaction);
    HUB_ASSERT(event.size > 0 && event.size <= EVENT_BYTES_MAX);
    outbox_row *row = &box->row;
    if (row->counts.waiting >= box->options.waiting_max) {
        return hub_fail(err, HUB_ERR_FULL,
                        "outbox %s: %llu events wait for the hub, the most it may hold; see why the hub takes none", box->folder,
                        (unsigned long long)row->counts.waiting);
    }
    hub_bytes id = hub_bytes_of(event_id->bytes, HUB_ID_BYTES);
    hub_buffer sealed = {0};
    hub_status status = outbox_seal(box, id, event, &sealed);
    int64_t entry = (int64_t)row->counts.put + 1; /* never given twice, also when all before it are forgotten (O6) */
    if (status == HUB_OK)
        status = outbox_run(box, OUTBOX_SQL_PUT_ENTRY, err, "ibib", entry, id, now_ms, hub_buffer_bytes(&sealed));
    hub_buffer_free(&sealed);
    if (status != HUB_OK) return status;
    status = outbox_run(box, OUTBOX_SQL_PUT_ITEM, err, "ii", (int64_t)(row->numbers.last_link_seq + 1), entry);
    if (status == HUB_OK && urgency == OUTBOX_URGENT) status = outbox_run(box, OUTBOX_SQL_PUT_URGENT, err, "i", entry);
    if (status != HUB_OK) return status;
    row->numbers.last_link_seq++;
    row->counts.put++;
    row->counts.received++;
    row->counts.waiting++;
    return HUB_OK;
}

static void cut(const char *text, char out[OUTBOX_FIELD_MAX + 1])
{
    (void)snprintf(out, OUTBOX_FIELD_MAX + 1, "%s", text == NULL ? "" : text);
}

hub_status outbox_park_row(outbox *box, const outbox_parked *parked, int64_t now_ms, hub_error *err)
{
    HUB_ASSERT(box->in_transaction);
    outbox_counts *counts = &box->row.counts;
    char field[OUTBOX_FIELD_MAX + 1];
    char reason[OUTBOX_FIELD_MAX + 1];
    cut(parked->field, field);
    cut(parked->reason, reason);
    const char *input = parked->input == NULL ? "" : parked->input;
    hub_buffer plain = {0};
    hub_buffer sealed = {0};
    hub_buffer_put(&plain, input, strlen(input) + 1); /* the input's name may tell a person's: it is sealed too */
    hub_buffer_put(&plain, parked->record.data, parked->record.size);
    hub_status status =
        plain.failed ? HUB_ERR_MEMORY : outbox_seal(box, hub_bytes_of_text("parked"), hub_buffer_bytes(&plain), &sealed);
    if (status == HUB_OK) {
        status = outbox_run(box, OUTBOX_SQL_PARK, err, "ititiitb", now_ms, parked->origin, (int64_t)parked->code, field,
                            (int64_t)parked->line, (int64_t)parked->column, reason, hub_buffer_bytes(&sealed));
    }
    hub_buffer_free(&plain);
    hub_buffer_free(&sealed);
    if (status != HUB_OK) return status;
    counts->parked_held++;
    return HUB_OK;
}

hub_status outbox_park(outbox *box, const outbox_parked *parked, int64_t now_ms, hub_error *err)
{
    outbox_counts *counts = &box->row.counts;
    if (counts->parked_held >= box->options.parked_max) {
        return hub_fail(err, HUB_ERR_FULL,
                        "outbox %s: %llu parked records wait for a person, the most it may hold; look at them first", box->folder,
                        (unsigned long long)counts->parked_held);
    }
    hub_status status = outbox_park_row(box, parked, now_ms, err);
    if (status != HUB_OK) return status;
    counts->parked_here++;
    counts->received++;
    return HUB_OK;
}

/* A digest of the content, or nothing when the key tells it. */
static hub_bytes content_digest(const outbox *box, hub_bytes content, uint8_t digest[OUTBOX_DIGEST_BYTES])
{
    if (content.size == 0) return (hub_bytes){0};
    outbox_key_digest(box, "content", content, (hub_bytes){0}, digest);
    return hub_bytes_of(digest, OUTBOX_DIGEST_BYTES);
}

hub_status outbox_input_seen(outbox *box, hub_bytes key, hub_bytes content, outbox_seen *seen, hub_buffer *reason, hub_error *err)
{
    uint8_t digest[OUTBOX_DIGEST_BYTES];
    uint8_t other[OUTBOX_DIGEST_BYTES];
    outbox_key_digest(box, "input", key, (hub_bytes){0}, digest);
    sqlite3_stmt *statement = NULL;
    hub_status status = outbox_bind(box, OUTBOX_SQL_SEEN_GET, &statement, err, "b", hub_bytes_of(digest, sizeof digest));
    if (status == HUB_OK) status = outbox_step_row(box, statement, err);
    if (status != HUB_OK) return status;
    *seen = (outbox_seen){.result = sqlite3_column_int(statement, 0), .place = (uint64_t)sqlite3_column_int64(statement, 3)};
    hub_buffer_put_text(reason, (const char *)sqlite3_column_text(statement, 1));
    hub_bytes known = outbox_column(statement, 2);
    hub_bytes given = content_digest(box, content, other);
    if (known.size > 0 && given.size > 0 && !hub_bytes_equal(known, given)) status = HUB_ERR_EXISTS;
    sqlite3_reset(statement);
    return status;
}

hub_status outbox_input_done(outbox *box, hub_bytes key, hub_bytes content, int result, const char *reason, int64_t now_ms,
                             hub_error *err)
{
    HUB_ASSERT(box->in_transaction);
    uint8_t digest[OUTBOX_DIGEST_BYTES];
    uint8_t content_is[OUTBOX_DIGEST_BYTES];
    outbox_key_digest(box, "input", key, (hub_bytes){0}, digest);
    box->row.counts.inputs++;
    int64_t before = (int64_t)box->before.counts.put;
    int64_t last = (int64_t)box->row.counts.put;
    return outbox_run(box, OUTBOX_SQL_SEEN_PUT, err, "biitbii", hub_bytes_of(digest, sizeof digest), now_ms, (int64_t)result,
                      reason, content_digest(box, content, content_is), last > before ? before + 1 : 0, last > before ? last : 0);
}

hub_status outbox_input_counted(outbox *box, outbox_input_count what, hub_error *err)
{
    bool owned = false;
    hub_status status = outbox_enter(box, &owned, err);
    if (status != HUB_OK) return status;
    box->row.counts.inputs++;
    if (what == OUTBOX_INPUT_REPEATED) box->row.counts.inputs_repeated++;
    if (what == OUTBOX_INPUT_FAILED) box->row.counts.inputs_failed++;
    return outbox_leave(box, owned, HUB_OK, err);
}

hub_status outbox_state_get(outbox *box, const char *owner, const char *key, hub_buffer *out, hub_error *err)
{
    uint8_t digest[OUTBOX_DIGEST_BYTES];
    outbox_key_digest(box, "state", hub_bytes_of_text(owner), hub_bytes_of_text(key), digest);
    sqlite3_stmt *statement = NULL;
    hub_status status = outbox_bind(box, OUTBOX_SQL_STATE_GET, &statement, err, "b", hub_bytes_of(digest, sizeof digest));
    if (status == HUB_OK) status = outbox_step_row(box, statement, err);
    if (status != HUB_OK) return status;
    status = outbox_unseal(box, hub_bytes_of(digest, sizeof digest), outbox_column(statement, 0), out);
    sqlite3_reset(statement);
    if (status == HUB_ERR_CORRUPT) return hub_fail(err, status, "outbox %s: what a mapping remembered is damaged", box->folder);
    return status;
}

hub_status outbox_state_put(outbox *box, const char *owner, const char *key, hub_bytes value, hub_error *err)
{
    HUB_ASSERT(box->in_transaction);
    uint8_t digest[OUTBOX_DIGEST_BYTES];
    outbox_key_digest(box, "state", hub_bytes_of_text(owner), hub_bytes_of_text(key), digest);
    hub_bytes id = hub_bytes_of(digest, sizeof digest);
    if (value.size == 0) return outbox_run(box, OUTBOX_SQL_STATE_FORGET, err, "b", id);
    hub_buffer sealed = {0};
    hub_status status = outbox_seal(box, id, value, &sealed);
    if (status == HUB_OK) status = outbox_run(box, OUTBOX_SQL_STATE_PUT, err, "bb", id, hub_buffer_bytes(&sealed));
    hub_buffer_free(&sealed);
    return status;
}
