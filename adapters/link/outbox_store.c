#include "outbox_store.h"

#include <assert.h>
#include <sodium.h>
#include <string.h>

#include "base/hash.h"
#include "host/random.h"

static const char *const SQL[OUTBOX_SQL_COUNT] = {
#define X(name, sql) sql,
    OUTBOX_STATEMENTS(X)
#undef X
};

enum { COUNTS = (int)(sizeof(outbox_counts) / sizeof(uint64_t)), SEAL_EXTRA = 24 + 16 };

static_assert(sizeof(outbox_counts) % sizeof(uint64_t) == 0, "counts are stored as a run of 64-bit numbers");
static_assert(crypto_aead_xchacha20poly1305_ietf_NPUBBYTES + crypto_aead_xchacha20poly1305_ietf_ABYTES == SEAL_EXTRA,
              "nonce and tag");
static_assert(crypto_aead_xchacha20poly1305_ietf_KEYBYTES == OUTBOX_KEY_BYTES, "key");

hub_status outbox_fail(outbox *box, int code, hub_error *err)
{
    const char *where = box->folder[0] != '\0' ? box->folder : "in memory";
    const char *text = box->db != NULL ? sqlite3_errmsg(box->db) : sqlite3_errstr(code);
    switch (code & 0xff) {
    case SQLITE_FULL:
        return hub_fail(err, HUB_ERR_FULL, "outbox %s: the disk is full; make room, nothing was changed", where);
    case SQLITE_NOMEM:
        return hub_fail(err, HUB_ERR_MEMORY, "outbox %s: out of memory", where);
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return hub_fail(err, HUB_ERR_AGAIN, "outbox %s: another program holds it (%s)", where, text);
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return hub_fail(err, HUB_ERR_CORRUPT, "outbox %s: damaged (%s); keep a copy, restore the newest good one, start again",
                        where, text);
    default:
        box->broken = true;
        return hub_fail(err, HUB_ERR_IO, "outbox %s: %s; look at the disk, then start the adapter again", where, text);
    }
}

static hub_status bind_all(outbox *box, sqlite3_stmt *statement, hub_error *err, const char *types, va_list values)
{
    for (int at = 1; types[at - 1] != '\0'; at++) {
        int code = SQLITE_OK;
        if (types[at - 1] == 'i') {
            code = sqlite3_bind_int64(statement, at, va_arg(values, int64_t));
        } else if (types[at - 1] == 't') {
            const char *text = va_arg(values, const char *);
            code = sqlite3_bind_text(statement, at, text == NULL ? "" : text, -1, SQLITE_TRANSIENT);
        } else {
            hub_bytes bytes = va_arg(values, hub_bytes);
            code = bytes.size == 0 ? sqlite3_bind_zeroblob(statement, at, 0)
                                   : sqlite3_bind_blob64(statement, at, bytes.data, bytes.size, SQLITE_TRANSIENT);
        }
        if (code != SQLITE_OK) return outbox_fail(box, code, err);
    }
    return HUB_OK;
}

static hub_status ready(outbox *box, outbox_statement which, hub_error *err)
{
    if (box->broken) return hub_fail(err, HUB_ERR_IO, "outbox %s: a write failed before; start the adapter again", box->folder);
    if (box->statements[which] == NULL) {
        int code = sqlite3_prepare_v3(box->db, SQL[which], -1, SQLITE_PREPARE_PERSISTENT, &box->statements[which], NULL);
        if (code != SQLITE_OK) return outbox_fail(box, code, err);
    }
    return HUB_OK;
}

hub_status outbox_bind(outbox *box, outbox_statement which, sqlite3_stmt **out, hub_error *err, const char *types, ...)
{
    hub_status status = ready(box, which, err);
    if (status != HUB_OK) return status;
    va_list values;
    va_start(values, types);
    status = bind_all(box, box->statements[which], err, types, values);
    va_end(values);
    *out = box->statements[which];
    return status;
}

hub_status outbox_run(outbox *box, outbox_statement which, hub_error *err, const char *types, ...)
{
    hub_status status = ready(box, which, err);
    if (status != HUB_OK) return status;
    sqlite3_stmt *statement = box->statements[which];
    va_list values;
    va_start(values, types);
    status = bind_all(box, statement, err, types, values);
    va_end(values);
    if (status != HUB_OK) return status;
    int code = sqlite3_step(statement);
    if (code != SQLITE_DONE && code != SQLITE_ROW) status = outbox_fail(box, code, err);
    sqlite3_reset(statement);
    sqlite3_clear_bindings(statement);
    return status;
}

hub_status outbox_step_row(outbox *box, sqlite3_stmt *statement, hub_error *err)
{
    int code = sqlite3_step(statement);
    if (code == SQLITE_ROW) return HUB_OK;
    hub_status status = code == SQLITE_DONE ? HUB_ERR_NOT_FOUND : outbox_fail(box, code, err);
    sqlite3_reset(statement);
    return status;
}

hub_bytes outbox_column(sqlite3_stmt *statement, int column)
{
    const void *data = sqlite3_column_blob(statement, column);
    return hub_bytes_of(data, (size_t)sqlite3_column_bytes(statement, column));
}

hub_status outbox_begin(outbox *box, hub_error *err)
{
    HUB_ASSERT(!box->in_transaction);
    HUB_ASSERT(box->options.access == OUTBOX_OWN);
    if (box->batch_lost) return hub_fail(err, HUB_ERR_FULL, "outbox %s: the disk is full; make room", box->folder);
    hub_status status = outbox_run(box, box->in_batch ? OUTBOX_SQL_SAVEPOINT : OUTBOX_SQL_BEGIN, err, "");
    if (status != HUB_OK) return status;
    box->before = box->row;
    box->in_transaction = true;
    return HUB_OK;
}

static hub_status save_row(outbox *box, hub_error *err)
{
    const outbox_row *row = &box->row;
    uint64_t numbers[COUNTS];
    uint8_t counts[COUNTS * 8];
    memcpy(numbers, &row->counts, sizeof numbers);
    for (int i = 0; i < COUNTS; i++)
        hub_put_u64(counts + (size_t)i * 8, numbers[i]);
    return outbox_run(box, OUTBOX_SQL_SAVE, err, "bbiibb", hub_bytes_of(row->numbers.outbox_id.bytes, HUB_ID_BYTES),
                      hub_bytes_of(row->generation.bytes, HUB_ID_BYTES), (int64_t)row->numbers.last_link_seq,
                      (int64_t)row->numbers.settled_link_seq, hub_bytes_of(row->numbers.settled_event_id.bytes, HUB_ID_BYTES),
                      hub_bytes_of(counts, sizeof counts));
}

static hub_status save_and_commit(outbox *box, hub_error *err)
{
    const outbox_row *row = &box->row;
    HUB_ASSERT(row->counts.waiting == row->numbers.last_link_seq - row->numbers.settled_link_seq); /* O2 */
    HUB_ASSERT(row->counts.put + row->counts.reoffered ==
               row->counts.stored + row->counts.duplicate + row->counts.refused + row->counts.waiting); /* O4 */
    hub_status status = save_row(box, err);
    return status == HUB_OK ? outbox_run(box, OUTBOX_SQL_COMMIT, err, "") : status;
}

/* Undoing writes nothing, and is allowed after a failed write. */
static void undo(outbox *box, outbox_statement how)
{
    if (sqlite3_get_autocommit(box->db)) return; /* SQLite has undone it already, as it does when the disk is full */
    bool broken = box->broken;
    box->broken = false;
    (void)outbox_run(box, how, NULL, "");
    box->broken = box->broken || broken;
}

hub_status outbox_commit(outbox *box, hub_error *err)
{
    HUB_ASSERT(box->in_transaction);
    hub_status status = box->in_batch ? outbox_run(box, OUTBOX_SQL_RELEASE, err, "") : save_and_commit(box, err);
    if (status != HUB_OK) {
        outbox_rollback(box);
        return status;
    }
    box->in_transaction = false;
    return HUB_OK;
}

void outbox_rollback(outbox *box)
{
    HUB_ASSERT(box->in_transaction);
    box->row = box->before;
    box->in_transaction = false;
    if (!box->in_batch) {
        undo(box, OUTBOX_SQL_ROLLBACK);
        return;
    }
    box->batch_lost = sqlite3_get_autocommit(box->db) != 0;
    undo(box, OUTBOX_SQL_UNDO);
    undo(box, OUTBOX_SQL_RELEASE);
}

hub_status outbox_batch_begin(outbox *box, hub_error *err)
{
    HUB_ASSERT(!box->in_transaction && !box->in_batch);
    hub_status status = outbox_run(box, OUTBOX_SQL_BEGIN, err, "");
    if (status != HUB_OK) return status;
    box->batch_before = box->row;
    box->in_batch = true;
    return HUB_OK;
}

hub_status outbox_batch_end(outbox *box, hub_error *err)
{
    HUB_ASSERT(box->in_batch && !box->in_transaction);
    hub_status status =
        box->batch_lost ? hub_fail(err, HUB_ERR_FULL, "outbox %s: the disk is full; make room, nothing was changed", box->folder)
                        : save_and_commit(box, err);
    box->in_batch = box->batch_lost = false;
    if (status == HUB_OK) return HUB_OK;
    box->row = box->batch_before;
    undo(box, OUTBOX_SQL_ROLLBACK);
    return status;
}

hub_status outbox_enter(outbox *box, bool *owned, hub_error *err)
{
    *owned = !box->in_transaction;
    return *owned ? outbox_begin(box, err) : HUB_OK;
}

hub_status outbox_leave(outbox *box, bool owned, hub_status status, hub_error *err)
{
    if (!owned) return status;
    if (status == HUB_OK) return outbox_commit(box, err);
    outbox_rollback(box);
    return status;
}

hub_status outbox_row_load(outbox *box, hub_buffer *key_check, hub_error *err)
{
    sqlite3_stmt *statement = NULL;
    hub_status status = outbox_bind(box, OUTBOX_SQL_LOAD, &statement, err, "");
    if (status == HUB_OK) status = outbox_step_row(box, statement, err);
    if (status == HUB_ERR_NOT_FOUND) return hub_fail(err, HUB_ERR_CORRUPT, "outbox %s: it has no head row", box->folder);
    if (status != HUB_OK) return status;

    outbox_row row = {0};
    hub_bytes counts = outbox_column(statement, 6);
    bool sound = hub_id_read(outbox_column(statement, 0), &row.numbers.outbox_id) &&
                 hub_id_read(outbox_column(statement, 1), &row.generation) &&
                 hub_id_read(outbox_column(statement, 5), &row.numbers.settled_event_id) &&
                 counts.size == COUNTS * sizeof(uint64_t);
    if (sound) {
        hub_bytes check = outbox_column(statement, 2);
        hub_buffer_put(key_check, check.data, check.size);
        row.numbers.last_link_seq = (uint64_t)sqlite3_column_int64(statement, 3);
        row.numbers.settled_link_seq = (uint64_t)sqlite3_column_int64(statement, 4);
        uint64_t numbers[COUNTS];
        counts = outbox_column(statement, 6);
        for (int i = 0; i < COUNTS; i++)
            numbers[i] = hub_get_u64(counts.data + (size_t)i * 8);
        memcpy(&row.counts, numbers, sizeof numbers);
    }
    sqlite3_reset(statement);
    if (!sound) return hub_fail(err, HUB_ERR_CORRUPT, "outbox %s: its head row is damaged", box->folder);
    box->row = row;
    return HUB_OK;
}

void outbox_random(const outbox *box, void *out, size_t size)
{
    if (box->options.random != NULL) {
        box->options.random(box->options.random_context, out, size);
    } else {
        host_random_fill(out, size);
    }
}

hub_status outbox_seal(const outbox *box, hub_bytes about, hub_bytes plain, hub_buffer *out)
{
    uint8_t nonce[crypto_aead_xchacha20poly1305_ietf_NPUBBYTES];
    outbox_random(box, nonce, sizeof nonce);
    hub_buffer_put(out, nonce, sizeof nonce);
    uint8_t *at = hub_buffer_extend(out, plain.size + crypto_aead_xchacha20poly1305_ietf_ABYTES);
    if (at == NULL) return HUB_ERR_MEMORY;
    crypto_aead_xchacha20poly1305_ietf_encrypt(at, NULL, plain.data, plain.size, about.data, about.size, NULL, nonce, box->key);
    return HUB_OK;
}

hub_status outbox_unseal(const outbox *box, hub_bytes about, hub_bytes sealed, hub_buffer *out)
{
    if (sealed.size < SEAL_EXTRA) return HUB_ERR_CORRUPT;
    const uint8_t *nonce = sealed.data;
    const uint8_t *body = sealed.data + crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
    size_t before = out->size;
    size_t plain = sealed.size - SEAL_EXTRA;
    uint8_t *at = hub_buffer_extend(out, plain + 1); /* one more, so that an empty content has somewhere to go */
    if (at == NULL) return HUB_ERR_MEMORY;
    int failed = crypto_aead_xchacha20poly1305_ietf_decrypt(
        at, NULL, NULL, body, plain + crypto_aead_xchacha20poly1305_ietf_ABYTES, about.data, about.size, nonce, box->key);
    out->size = failed != 0 ? before : before + plain;
    return failed != 0 ? HUB_ERR_CORRUPT : HUB_OK;
}

void outbox_key_digest(const outbox *box, const char *domain, hub_bytes first, hub_bytes second, uint8_t out[OUTBOX_DIGEST_BYTES])
{
    hub_bytes parts[] = {first, second};
    hub_keyed_digest(box->key, domain, parts, 2, out);
}
