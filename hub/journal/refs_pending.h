/* refs_pending.h - refs that are durable in their batches but not yet in the backend's index, kept in memory.
 *
 * Why: an index of random hashes is too dear for the way of a commit: a ref alone dirties a page alone. So refs wait here, and are merged
 * in pauses, a few at a time, in the order of the index's own key (hash, sequence): neighbours share pages. A round begins at the least
 * key and takes what was there when it began; where the merge before ended is the hand.
 *
 *     sequence
 *        ^    in their batches alone, when there is no room
 *     through ---------------------------------
 *        |              pending
 *      round -------------+
 *        |    indexed     |     pending
 *     before -------------+--------------------
 *        |              indexed
 *        +----------------+-------------------> hash, sequence
 *                        hand
 *
 * The note "indexed_through" beside the index says where it stands; a stored format, big-endian: before (8), round (8), the hand's hash
 * (8) and sequence (8). It may say less than the index holds, never more: who reads the note first and the index after it misses nothing,
 * and a ref put in twice is there once.
 *
 * Bounded: when JOURNAL_REFS_PENDING_MAX are held, no more are taken; `through` then stays behind, and a lookup reads the batches after it.
 */
#ifndef JOURNAL_REFS_PENDING_H
#define JOURNAL_REFS_PENDING_H

#include "journal/journal.h"

enum {
    JOURNAL_REFS_PENDING_MAX = 4 * 1024 * 1024, /* 64 MB */
    JOURNAL_REFS_PARTS_BITS = 10, /* a part: refs whose hashes begin alike. A million pending are a thousand a part, */
    JOURNAL_REFS_PARTS = 1 << JOURNAL_REFS_PARTS_BITS, /* sorted or searched in a tenth of a millisecond */
    JOURNAL_REFS_INDEXED_BYTES = 32,
};

/* What the index holds: all up to `before`, and those up to `round` that lie before the hand. Between two rounds `round` is `before` and
 * the hand has passed every key. */
typedef struct journal_refs_indexed {
    uint64_t before, round;
    journal_ref hand;
} journal_refs_indexed;

typedef struct journal_refs_part {
    journal_ref *refs; /* ascending sequence, but for the first ones */
    uint32_t sorted;   /* so many: what is left of this round, by hash and sequence */
    uint32_t count, capacity;
} journal_refs_part;

typedef struct journal_refs_pending {
    journal_refs_indexed indexed;
    uint64_t through; /* every ref up to this sequence is in the index or held */
    uint64_t count;
    journal_refs_part parts[JOURNAL_REFS_PARTS];
} journal_refs_pending;

/* Sequences found so far, newest first, none twice. */
typedef struct journal_refs_found {
    uint64_t *out;
    uint32_t capacity;
    uint32_t count;
} journal_refs_found;
void journal_refs_found_add(journal_refs_found *found, uint64_t sequence);

/* Everything up to `sequence`. */
journal_refs_indexed journal_refs_indexed_up_to(uint64_t sequence);
/* The note's bytes; and back, false: they are none. */
void journal_refs_indexed_pack(const journal_refs_indexed *indexed, uint8_t out[JOURNAL_REFS_INDEXED_BYTES]);
bool journal_refs_indexed_read(hub_bytes note, journal_refs_indexed *out);

/* Nothing is held yet. */
void journal_refs_pending_begin(journal_refs_pending *pending, const journal_refs_indexed *indexed);

/* Takes the refs of the batch that follows `through`. false: it does not follow, or there is no room. */
bool journal_refs_pending_add(journal_refs_pending *pending, const journal_batch *batch);
/* The next refs to merge, at most `wanted`, in the order of their keys: how many, and where the index stands once it has them. Asked
 * again before that, it gives the same ones. */
uint32_t journal_refs_pending_next(journal_refs_pending *pending, journal_ref *out, uint32_t wanted, journal_refs_indexed *with);
/* The index stands there: forgets what it holds. */
void journal_refs_pending_forget(journal_refs_pending *pending, const journal_refs_indexed *indexed);
void journal_refs_pending_find(const journal_refs_pending *pending, uint64_t hash, journal_refs_found *found);
void journal_refs_pending_free(journal_refs_pending *pending);

#endif
