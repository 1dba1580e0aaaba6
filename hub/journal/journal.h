/* journal.h - the contract of a backend: an append-only store of batches of records.
 *
 * A batch is what one sync makes durable: records first_sequence..last_sequence, their refs, any new key page, perhaps a signed head.
 * It is stored as one row (SQLite) or one entry (Redis), or not at all; batch.h has the bytes.
 *
 * Invariants
 *   J1  DURABLE means synced: it survives the loss of power
 *   J2  batches are gap-free and in order, and their epoch never falls; a batch that does not follow the last one is not written, and
 *       the outcome is UNKNOWN: who offers it has lost count and must reopen and look
 *   J3  FULL means nothing was written, and the same batch may be offered again
 *   J4  UNKNOWN means a write or sync failed in a way that leaves the outcome open: the journal takes no more, ever; reopen and look
 *   J5  what was DURABLE is read back byte for byte; a damaged batch is HUB_ERR_CORRUPT, never a shorter answer
 *   J6  a handle is used by one thread; readers open their own
 */
#ifndef JOURNAL_JOURNAL_H
#define JOURNAL_JOURNAL_H

#include "base/bytes.h"
#include "base/hash.h"
#include "base/status.h"

typedef struct journal journal; /* opaque */

enum {
    JOURNAL_KEYS_PER_PAGE = 1024,
    JOURNAL_BATCH_RECORDS_MAX = JOURNAL_KEYS_PER_PAGE, /* so that a batch begins at most one key page */
    JOURNAL_BATCH_BYTES_MAX = 8 * 1024 * 1024,
    JOURNAL_BATCH_REFS_MAX = 256 * JOURNAL_BATCH_RECORDS_MAX,
    JOURNAL_NOTE_BYTES_MAX = 64 * 1024,
    JOURNAL_PARTNERSHIP_MAX = 32, /* [a-z0-9-]{1,32} */
};

/* Where a journal lies.
 *   "memory:"             in this process; ends with the last handle
 *   "sqlite:PATH"         a file; its folder must exist
 *   "redis:unix:PATH"   or "redis:tcp:HOST:PORT", and behind it, with ? and then &: db=N, user=NAME, password-file=/PATH; prefix of all
 *                     keys is "mash:<partnership>:". SIGPIPE, unless the program has set something else for it, is ignored from then on */
typedef enum journal_open_mode {
    JOURNAL_CREATE, /* must be empty or absent */
    JOURNAL_WRITE,  /* must exist; takes the one writer's place (a second writer is refused: HUB_ERR_EXISTS, naming the holder) */
    JOURNAL_READ,   /* must exist; beside a writer */
} journal_open_mode;

typedef struct journal_ref {
    uint64_t hash;
    uint64_t sequence;
} journal_ref;

typedef struct journal_batch {
    uint64_t first_sequence;
    uint32_t record_count;    /* 1..JOURNAL_BATCH_RECORDS_MAX */
    const uint32_t *offsets;  /* record_count + 1 offsets into `records` */
    hub_bytes records;        /* packed Records, one after the other */
    const hub_digest *hashes; /* of the records; NULL: worked out where needed */
    uint32_t epoch;
    hub_digest last_hash;    /* hash of the last record */
    uint64_t state_digest;   /* of the state after the last record */
    const journal_ref *refs; /* in ascending order of their sequences, which lie in this batch */
    uint32_t ref_count;
    /* The last three are stored beside the batch and are empty when a batch is read: see journal_key_page and journal_heads. */
    uint64_t key_page; /* when key_page_bytes is not empty: a new or rewritten page, stored with this batch */
    hub_bytes key_page_bytes;
    hub_bytes head; /* packed signed Head, or empty */
} journal_batch;

typedef enum journal_outcome { JOURNAL_DURABLE, JOURNAL_FULL, JOURNAL_UNKNOWN } journal_outcome;

/* Where the journal stands. */
typedef struct journal_end {
    uint64_t last_sequence; /* 0 = empty */
    uint32_t epoch;         /* of the last record */
    hub_digest last_hash;
    uint64_t state_digest;
} journal_end;

/* HUB_ERR_INVALID (a location or partnership that is none, a store of something else or of another partnership), HUB_ERR_NOT_FOUND
 * (WRITE, READ: no store there), HUB_ERR_EXISTS (CREATE: it holds records; or another writer has the place), HUB_ERR_REFUSED (a Redis
 * that does not sync before it answers, or does not let us in), HUB_ERR_FULL (a Redis without room for the writer's lease), HUB_ERR_VERSION, HUB_ERR_CORRUPT, HUB_ERR_IO, HUB_ERR_MEMORY.
 * A store without records is empty: CREATE may be repeated until the first append. */
hub_status journal_open(const char *location, const char *partnership, journal_open_mode mode, journal **out, hub_error *err);
/* NULL is allowed. */
void journal_close(journal *j);

/* Appends; blocks until durable. `err` says why when the outcome is not DURABLE. Not on a handle opened READ. */
journal_outcome journal_append(journal *j, const journal_batch *batch, hub_error *err);

hub_status journal_end_of(journal *j, journal_end *out, hub_error *err);

/* Called for each stored batch in order; `batch` is BORROWED for the call. Anything but HUB_OK ends the reading with that status.
 * It may fetch key pages and notes, but with the same handle neither append, read nor look up. */
typedef hub_status journal_batch_cb(void *context, const journal_batch *batch, hub_error *err);
/* Reads from the batch that holds `from_sequence` on, to the end as it is now. */
hub_status journal_read(journal *j, uint64_t from_sequence, journal_batch_cb *each, void *context, hub_error *err);
/* The batch that holds `sequence`; *out is BORROWED until the next call with `j`. HUB_ERR_NOT_FOUND past the end. */
hub_status journal_batch_at(journal *j, uint64_t sequence, journal_batch *out, hub_error *err);

/* Sequences under `hash`, newest first, into out; how many in *count (at most capacity). */
hub_status journal_lookup(journal *j, uint64_t hash, uint64_t *out, uint32_t capacity, uint32_t *count, hub_error *err);

/* The stored bytes of a key page, at the end of `out`; HUB_ERR_NOT_FOUND. */
hub_status journal_key_page(journal *j, uint64_t page, hub_buffer *out, hub_error *err);

/* Signed heads, oldest first. */
typedef hub_status journal_head_cb(void *context, hub_bytes head, hub_error *err);
hub_status journal_heads(journal *j, journal_head_cb *each, void *context, hub_error *err);

/* Small named values beside the records ("format", "partnership"): at most 64 KiB each. */
hub_status journal_note_put(journal *j, const char *name, hub_bytes value, hub_error *err);
hub_status journal_note_get(journal *j, const char *name, hub_buffer *out, hub_error *err); /* HUB_ERR_NOT_FOUND */

/* Bytes that may still be written before FULL; UINT64_MAX = no bound known. */
uint64_t journal_room(journal *j);

/* Housekeeping in a pause (indexing refs, keeping the writer's place), for at most about `budget_us`. true: more is left to do.
 * Call it when nothing waits to be appended, and at least every 3 s on a Redis journal. Right after an append little or nothing is
 * done, so that a busy journal is not synced twice for each batch: the second of two calls without an append between them does it. */
bool journal_idle(journal *j, uint32_t budget_us);

/* Is the store in its place, and still the one that this writer left? To be asked about once a second, busy or not: somebody may put an
 * old copy there under a hub that has nothing to write. HUB_OK; HUB_ERR_IO, HUB_ERR_AGAIN: it does not answer now (a lost connection is
 * made anew by the next call); anything else: it is no longer this writer's, and nothing may be appended. */
hub_status journal_look(journal *j, hub_error *err);

/* "sqlite", "redis", "memory". */
const char *journal_backend(const journal *j);
/* The partnership it was opened for. */
const char *journal_partnership(const journal *j);

/* The memory backend's faults, for tests and simulation: the store itself lives outside any handle, so that a handle can be closed in
 * mid-air ("the process died") and another opened on what was durable. */
typedef struct journal_memory_store journal_memory_store;
journal_memory_store *journal_memory_store_open(void);
void journal_memory_store_close(journal_memory_store *store);
hub_status journal_memory_open(journal_memory_store *store, const char *partnership, journal_open_mode mode, journal **out,
                               hub_error *err);
typedef enum journal_memory_fault {
    JOURNAL_FAULT_NONE,
    JOURNAL_FAULT_FULL,         /* the append answers FULL */
    JOURNAL_FAULT_FULL_FOR_NOW, /* so do all later ones, until journal_memory_fail is called again */
    JOURNAL_FAULT_UNKNOWN_LOST, /* UNKNOWN, and the batch is not there afterwards */
    JOURNAL_FAULT_UNKNOWN_KEPT, /* UNKNOWN, and it is */
} journal_memory_fault;
/* The append after `appends` more ones meets the fault; once, unless said otherwise. */
void journal_memory_fail(journal_memory_store *store, uint32_t appends, journal_memory_fault fault);
/* Flips one bit in the stored batch that holds `sequence`, as a bad disk does. */
void journal_memory_damage(journal_memory_store *store, uint64_t sequence);

#endif
