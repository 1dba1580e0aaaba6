/* backend.h - what a backend implements, and what journal.c does for all of them.
 *
 * A backend stores and gives back bytes: it knows the stored form of a batch (batch.h) only as a whole. Order (J2), stopping (J4),
 * decoding (J5), and the refs that its index does not hold yet are journal.c's, once for all.
 */
#ifndef JOURNAL_BACKEND_H
#define JOURNAL_BACKEND_H

#include "journal/batch.h"
#include "journal/journal.h"
#include "journal/refs_pending.h"

/* Note kept by `index`: where the backend's index stands (refs_pending.h). */
#define JOURNAL_NOTE_INDEXED "indexed_through"

typedef struct journal_ops {
    const char *name;
    /* Frees everything, `j` too. */
    void (*close)(journal *j);
    /* Stores `stored` (the batch's bytes) under its last sequence, with its key page and head, in one durable step. */
    journal_outcome (*append)(journal *j, const journal_batch *batch, hub_bytes stored, hub_error *err);
    /* Stored bytes of the newest batch, at the end of `out`; HUB_ERR_NOT_FOUND = empty. */
    hub_status (*last)(journal *j, hub_buffer *out, hub_error *err);
    /* Stored bytes of the first batch whose last sequence is `from` or later; HUB_ERR_NOT_FOUND = none. */
    hub_status (*fetch)(journal *j, uint64_t from, hub_buffer *out, hub_error *err);
    /* As journal_lookup, from the index alone. */
    hub_status (*lookup)(journal *j, uint64_t hash, uint64_t *out, uint32_t capacity, uint32_t *count, hub_error *err);
    /* Puts refs, in the order of their keys, into the index and sets JOURNAL_NOTE_INDEXED to `note`: both or neither, and after a loss of
     * power perhaps neither, since all of it can be had from the batches again. A later append that is durable makes it so, too. */
    hub_status (*index)(journal *j, const journal_ref *refs, uint32_t count, hub_bytes note, hub_error *err);
    hub_status (*key_page)(journal *j, uint64_t page, hub_buffer *out, hub_error *err);
    hub_status (*heads)(journal *j, journal_head_cb *each, void *context, hub_error *err);
    hub_status (*note_put)(journal *j, const char *name, hub_bytes value, hub_error *err);
    hub_status (*note_get)(journal *j, const char *name, hub_buffer *out, hub_error *err);
    uint64_t (*room)(journal *j);
    /* What the backend itself has to do in a pause. */
    void (*idle)(journal *j);
    /* As journal_look; NULL: the store cannot go away. */
    hub_status (*look)(journal *j, hub_error *err);
} journal_ops;

/* The first member of a backend's own struct. */
struct journal {
    const journal_ops *ops;
    journal_open_mode mode;
    char partnership[JOURNAL_PARTNERSHIP_MAX + 1];
    journal_end end;               /* of what this handle appended or found at open; J2 */
    bool stopped;                  /* J4 */
    bool reading;                  /* inside journal_read */
    uint64_t busy_until_us;        /* a busy journal's next merging of refs, by host_monotonic_us */
    bool appended;                 /* since the last journal_idle */
    hub_buffer encoded;            /* of the batch being appended */
    hub_buffer fetched;            /* of the batch being read, */
    journal_batch_scratch scratch; /* and its arrays */
    journal_refs_pending pending;
};

/* The last step of every backend's open: checks the partnership and format notes (CREATE: the store is empty and the notes are put),
 * finds the end. `j` stays the backend's to close when it fails. */
hub_status journal_begin(journal *j, hub_error *err);
/* Frees what journal.c keeps in `j`; for a backend's close. */
void journal_end_common(journal *j);
/* Fills ops, mode and partnership; HUB_ERR_INVALID when that is no partnership's name. */
hub_status journal_prepare(journal *j, const journal_ops *ops, const char *partnership, journal_open_mode mode, hub_error *err);

/* The backends. `place` is what follows "sqlite:" or "redis:" in a location. */
hub_status journal_sqlite_open(const char *place, const char *partnership, journal_open_mode mode, journal **out, hub_error *err);
hub_status journal_redis_open(const char *place, const char *partnership, journal_open_mode mode, journal **out, hub_error *err);
/* A memory store of its own, ended with the handle. */
hub_status journal_memory_open_alone(const char *partnership, journal_open_mode mode, journal **out, hub_error *err);

#endif
