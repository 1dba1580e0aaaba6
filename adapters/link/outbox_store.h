/* outbox_store.h - inside the outbox: its SQLite statements, its seal and its counters row. For outbox*.c alone. */
#ifndef LINK_OUTBOX_STORE_H
#define LINK_OUTBOX_STORE_H

#include <sqlite3.h>

#include "outbox.h"

enum {
    OUTBOX_FORMAT = 2, /* the database's user_version; no other is read */
    OUTBOX_KEY_BYTES = 32,
    OUTBOX_DIGEST_BYTES = 16,
    OUTBOX_FORGET_MAX = 5000, /* items forgotten in one call: some tens of milliseconds */
};

/* X(name, SQL) */
#define OUTBOX_STATEMENTS(X)                                                                                                     \
    X(BEGIN, "BEGIN IMMEDIATE")                                                                                                  \
    X(COMMIT, "COMMIT")                                                                                                          \
    X(ROLLBACK, "ROLLBACK")                                                                                                      \
    X(SAVEPOINT, "SAVEPOINT input")                                                                                              \
    X(RELEASE, "RELEASE input")                                                                                                  \
    X(UNDO, "ROLLBACK TO input")                                                                                                 \
    X(LOAD, "SELECT outbox_id, generation, key_check, last_link_seq, settled_link_seq, settled_event_id, counts FROM meta")      \
    X(SAVE,                                                                                                                      \
      "UPDATE meta SET outbox_id = ?1, generation = ?2, last_link_seq = ?3, settled_link_seq = ?4, settled_event_id = ?5, "      \
      "counts = ?6")                                                                                                             \
    X(PUT_ENTRY, "INSERT INTO entries(entry, event_id, put_ms, sealed) VALUES(?1, ?2, ?3, ?4)")                                  \
    X(PUT_ITEM, "INSERT INTO items(link_seq, entry) VALUES(?1, ?2)")                                                             \
    X(PUT_URGENT, "INSERT INTO urgent(entry) VALUES(?1)")                                                                        \
    X(PARK, "INSERT INTO parked(put_ms, origin, code, field, line, col, reason, sealed) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)") \
    X(PARKED_NEXT, "SELECT id, origin, code, field, line, col, reason, sealed FROM parked WHERE id > ?1 ORDER BY id LIMIT 1")    \
    X(PARKED_TAKEN, "DELETE FROM parked WHERE id = ?1")                                                                          \
    X(SEEN_GET, "SELECT result, reason, content, last_entry FROM seen WHERE key = ?1")                                           \
    X(SEEN_PUT, "INSERT OR REPLACE INTO seen(key, at_ms, result, reason, content, first_entry, last_entry) VALUES(?1, ?2, ?3, "  \
                "?4, ?5, ?6, ?7)")                                                                                               \
    X(SEEN_UNDO, "DELETE FROM seen WHERE first_entry <= (SELECT entry FROM items WHERE link_seq = ?1) AND key = (SELECT key "    \
                 "FROM seen WHERE "                                                                                              \
                 "last_entry >= (SELECT entry FROM items WHERE link_seq = ?1) ORDER BY last_entry LIMIT 1)")                     \
    X(REFUSED_PUT, "INSERT OR IGNORE INTO refused(event_id) VALUES(?1)")                                                         \
    X(REFUSED_GET, "SELECT 1 FROM refused WHERE event_id = ?1")                                                                  \
    X(SEEN_FORGET, "DELETE FROM seen WHERE key IN (SELECT key FROM seen WHERE at_ms <= ?1 ORDER BY at_ms LIMIT ?2)")             \
    X(STATE_GET, "SELECT sealed FROM state WHERE key = ?1")                                                                      \
    X(STATE_PUT, "INSERT OR REPLACE INTO state(key, sealed) VALUES(?1, ?2)")                                                     \
    X(STATE_FORGET, "DELETE FROM state WHERE key = ?1")                                                                          \
    X(READ, "SELECT link_seq, event_id, put_ms, sealed FROM items JOIN entries USING(entry) WHERE link_seq >= ?1 "               \
            "ORDER BY link_seq LIMIT ?2")                                                                                        \
    X(EVENT_AT, "SELECT event_id FROM items JOIN entries USING(entry) WHERE link_seq = ?1")                                      \
    X(ENTRY_AT, "SELECT entry, event_id, put_ms, sealed FROM entries WHERE entry = ?1")                                          \
    X(ENTRY_OF, "SELECT entry, event_id, put_ms, sealed FROM entries WHERE event_id = ?1")                                       \
    X(OLDEST, "SELECT entry FROM items WHERE link_seq = ?1")                                                                     \
    X(ACK, "INSERT INTO acks(link_seq, at_ms) VALUES(?1, ?2)")                                                                   \
    X(ACKS_CLEAR, "DELETE FROM acks")                                                                                            \
    X(ACKS_OLD, "SELECT coalesce(max(link_seq), 0) FROM acks WHERE at_ms <= ?1")                                                 \
    X(ACKS_FORGET, "DELETE FROM acks WHERE link_seq <= ?1")                                                                      \
    X(FIRST_KEPT, "SELECT coalesce(min(link_seq), 0) FROM items")                                                                \
    X(URGENT_SETTLE, "DELETE FROM urgent WHERE entry <= (SELECT entry FROM items WHERE link_seq = ?1)")                          \
    X(URGENT_NEXT,                                                                                                               \
      "SELECT entry, event_id, put_ms FROM urgent JOIN entries USING(entry) WHERE entry > ?1 ORDER BY entry LIMIT 1")            \
    X(URGENT_DONE, "DELETE FROM urgent WHERE entry = ?1")                                                                        \
    X(ENTRY_DROP, "DELETE FROM entries WHERE entry = (SELECT entry FROM items WHERE link_seq = ?1)")                             \
    X(ITEM_DROP, "DELETE FROM items WHERE link_seq = ?1")                                                                        \
    X(ENTRIES_FORGET, "DELETE FROM entries WHERE entry <= (SELECT entry FROM items WHERE link_seq <= ?1 ORDER BY link_seq DESC " \
                      "LIMIT 1)")                                                                                                \
    X(ITEMS_FORGET, "DELETE FROM items WHERE link_seq <= ?1")                                                                    \
    X(ITEMS_CLEAR, "DELETE FROM items")                                                                                          \
    X(RENUMBER,                                                                                                                  \
      "INSERT INTO items(link_seq, entry) SELECT row_number() OVER (ORDER BY entry), entry FROM entries ORDER BY entry")         \
    X(NOTE_GET, "SELECT text FROM notes WHERE name = ?1")                                                                        \
    X(NOTE_PUT, "INSERT OR REPLACE INTO notes(name, text) VALUES(?1, ?2)")                                                       \
    X(OWED_KNOWN, "SELECT place FROM owed WHERE id = ?1")                                                                        \
    X(OWED_ADD, "INSERT INTO owed(id, queue, line, event_id, kind, sequence, taken_ms, due_ms, state, closed_ms, seen_ms, "      \
                "who, why, steps, sealed) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)")             \
    X(OWED_SAVE, "UPDATE owed SET taken_ms = ?2, due_ms = ?3, state = ?4, closed_ms = ?5, seen_ms = ?6, who = ?7, why = ?8, "    \
                 "steps = ?9 WHERE place = ?1")                                                                                  \
    X(OWED_EMPTY,                                                                                                                \
      "UPDATE owed SET sealed = x'' WHERE length(sealed) > 0 AND queue = ?2 AND line = ?3 AND (?3 <> '' OR place = ?1) "         \
      "AND state NOT IN (0, 5) AND (state = 4 OR ?3 = '' OR EXISTS (SELECT 1 FROM owed AS newer WHERE length(newer.sealed) > 0 " \
      "AND newer.queue = ?2 AND newer.line = ?3 AND newer.place > owed.place) OR NOT EXISTS (SELECT 1 FROM owed AS older WHERE " \
      "length(older.sealed) > 0 AND older.queue = ?2 AND older.line = ?3 AND older.place < owed.place AND older.state IN (0, "   \
      "5)))")                                                                                                                    \
    X(OWED_NEWEST, "SELECT place FROM owed WHERE length(sealed) > 0 AND queue = ?2 AND line = ?3 AND place > ?1 "                \
                   "ORDER BY place DESC LIMIT 1")                                                                                \
    X(OWED_NEXT, "SELECT place, id, queue, line, event_id, kind, sequence, taken_ms, due_ms, state, closed_ms, seen_ms, who, "   \
                 "why, steps FROM owed WHERE place > ?1 ORDER BY place LIMIT 1")                                                 \
    X(OWED_NEXT_OPEN, "SELECT place, id, queue, line, event_id, kind, sequence, taken_ms, due_ms, state, closed_ms, seen_ms, "   \
                      "who, why, steps FROM owed WHERE state = 0 AND place > ?1 ORDER BY place LIMIT 1")                         \
    X(OWED_CONTENT, "SELECT id, sealed FROM owed WHERE place = ?1")                                                              \
    X(OWED_FORGET, "DELETE FROM owed WHERE place IN (SELECT place FROM owed WHERE state <> 0 AND closed_ms < ?1 "                \
                   "AND NOT (length(sealed) > 0 AND EXISTS (SELECT 1 FROM owed AS older WHERE length(older.sealed) > 0 AND "     \
                   "older.queue = owed.queue AND older.line = owed.line AND owed.line <> '' AND older.place < owed.place AND "   \
                   "older.state = 0)) LIMIT ?2)")

typedef enum outbox_statement {
#define X(name, sql) OUTBOX_SQL_##name,
    OUTBOX_STATEMENTS(X)
#undef X
        OUTBOX_SQL_COUNT
} outbox_statement;

/* The one row that every transaction rewrites. */
typedef struct outbox_row {
    outbox_numbers numbers;
    hub_id generation;
    outbox_counts counts;
} outbox_row;

struct outbox {
    sqlite3 *db;
    sqlite3_stmt *statements[OUTBOX_SQL_COUNT];
    outbox_options options; /* folder is not kept here */
    char folder[512];       /* "" in memory */
    uint8_t key[OUTBOX_KEY_BYTES];
    int lock_fd;
    outbox_row row;    /* as of the open transaction */
    outbox_row before; /* as of the last commit */
    bool in_transaction;
    outbox_row batch_before; /* as of the batch's begin */
    bool in_batch;
    bool batch_lost; /* SQLite has undone it whole, as it does when the disk is full */
    bool broken;     /* a write or sync failed: nothing more is promised */
};

hub_status outbox_fail(outbox *box, int code, hub_error *err);
/* Binds `types` ('i' int64_t, 'b' hub_bytes, 't' text) and leaves the statement ready to step. */
hub_status outbox_bind(outbox *box, outbox_statement which, sqlite3_stmt **out, hub_error *err, const char *types, ...);
/* Binds and runs a statement that gives no rows. */
hub_status outbox_run(outbox *box, outbox_statement which, hub_error *err, const char *types, ...);
/* Steps to the one row of a bound statement: HUB_OK (the caller resets it), HUB_ERR_NOT_FOUND, or what failed. */
hub_status outbox_step_row(outbox *box, sqlite3_stmt *statement, hub_error *err);
hub_bytes outbox_column(sqlite3_stmt *statement, int column);

/* Opens a transaction unless one is open; `owned` says which, for outbox_leave, which commits it, or undoes it after a failure. */
hub_status outbox_enter(outbox *box, bool *owned, hub_error *err);
hub_status outbox_leave(outbox *box, bool owned, hub_status status, hub_error *err);

hub_status outbox_row_load(outbox *box, hub_buffer *key_check, hub_error *err);

/* Writes a parked record inside a transaction, whoever parks it. */
hub_status outbox_park_row(outbox *box, const outbox_parked *parked, int64_t now_ms, hub_error *err);

void outbox_random(const outbox *box, void *out, size_t size);
/* Nonce, ciphertext and tag at the end of `out`; `about` is authenticated with it. */
hub_status outbox_seal(const outbox *box, hub_bytes about, hub_bytes plain, hub_buffer *out);
/* At the end of `out`; HUB_ERR_CORRUPT when the seal does not hold. */
hub_status outbox_unseal(const outbox *box, hub_bytes about, hub_bytes sealed, hub_buffer *out);
void outbox_key_digest(const outbox *box, const char *domain, hub_bytes first, hub_bytes second,
                       uint8_t out[OUTBOX_DIGEST_BYTES]);

#endif
