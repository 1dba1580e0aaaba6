/* refs_pending.h - refs that are durable in their batches but not yet in the backend's index, kept in memory.
 *
 * Why: an index of random hashes is too dear for the way of a commit. It is filled in pauses; until then the newest refs are found here.
 *
 *     index: .. indexed_through | pending: .. through | in their batches alone: .. end
 *
 * Bounded: when JOURNAL_REFS_PENDING_MAX are held, no more are taken; `through` then stays behind, and a lookup reads the batches after it.
 */
#ifndef JOURNAL_REFS_PENDING_H
#define JOURNAL_REFS_PENDING_H

#include "journal/journal.h"

enum { JOURNAL_REFS_PENDING_MAX = 4 * 1024 * 1024 }; /* 64 MB */

typedef struct journal_refs_pending {
    journal_ref *refs; /* ascending sequence; begin..end pend */
    size_t begin, end, capacity;
    uint64_t through; /* every ref after the index up to this sequence is held */
} journal_refs_pending;

/* Sequences found so far, newest first, none twice. */
typedef struct journal_refs_found {
    uint64_t *out;
    uint32_t capacity;
    uint32_t count;
} journal_refs_found;
void journal_refs_found_add(journal_refs_found *found, uint64_t sequence);

/* Takes the refs of the batch that follows `through`. false: it does not follow, or there is no room. */
bool journal_refs_pending_add(journal_refs_pending *pending, const journal_batch *batch);
/* The index holds everything up to `indexed`: forgets that. */
void journal_refs_pending_forget(journal_refs_pending *pending, uint64_t indexed);
static inline size_t journal_refs_pending_count(const journal_refs_pending *pending)
{
    return pending->end - pending->begin;
}
/* The oldest refs, about `wanted` of them but whole records only: how many, and up to which sequence they are complete. */
size_t journal_refs_pending_slice(const journal_refs_pending *pending, size_t wanted, uint64_t *through);
void journal_refs_pending_find(const journal_refs_pending *pending, uint64_t hash, journal_refs_found *found);
void journal_refs_pending_free(journal_refs_pending *pending);

#endif
