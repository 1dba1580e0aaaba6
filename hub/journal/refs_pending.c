#include "refs_pending.h"

#include <stdlib.h>
#include <string.h>

void journal_refs_found_add(journal_refs_found *found, uint64_t sequence)
{
    uint32_t at = found->count;
    while (at > 0 && found->out[at - 1] < sequence)
        at--;
    if (at > 0 && found->out[at - 1] == sequence) return;
    if (at == found->capacity) return;
    uint32_t moved = found->count == found->capacity ? found->count - 1 - at : found->count - at;
    memmove(found->out + at + 1, found->out + at, moved * sizeof *found->out);
    found->out[at] = sequence;
    if (found->count < found->capacity) found->count++;
}

static bool make_room(journal_refs_pending *pending, size_t more)
{
    size_t held = journal_refs_pending_count(pending);
    if (held + more > JOURNAL_REFS_PENDING_MAX) return false;
    if (pending->begin > held) { /* moving costs less than what was forgotten since the last move */
        memmove(pending->refs, pending->refs + pending->begin, held * sizeof *pending->refs);
        pending->begin = 0;
        pending->end = held;
    }
    if (pending->end + more <= pending->capacity) return true;
    size_t capacity = pending->capacity == 0 ? 4096 : pending->capacity;
    while (capacity < pending->end + more)
        capacity *= 2;
    journal_ref *grown = realloc(pending->refs, capacity * sizeof *grown);
    if (grown == NULL) return false;
    pending->refs = grown;
    pending->capacity = capacity;
    return true;
}

bool journal_refs_pending_add(journal_refs_pending *pending, const journal_batch *batch)
{
    if (batch->first_sequence > pending->through + 1) return false;
    if (!make_room(pending, batch->ref_count)) return false;
    for (uint32_t i = 0; i < batch->ref_count; i++) {
        /* the index may end in the middle of a batch */
        if (batch->refs[i].sequence > pending->through) pending->refs[pending->end++] = batch->refs[i];
    }
    uint64_t last = batch->first_sequence + batch->record_count - 1;
    if (last > pending->through) pending->through = last;
    return true;
}

void journal_refs_pending_forget(journal_refs_pending *pending, uint64_t indexed)
{
    while (pending->begin < pending->end && pending->refs[pending->begin].sequence <= indexed)
        pending->begin++;
    if (indexed > pending->through) pending->through = indexed;
}

size_t journal_refs_pending_slice(const journal_refs_pending *pending, size_t wanted, uint64_t *through)
{
    size_t held = journal_refs_pending_count(pending);
    const journal_ref *refs = pending->refs + pending->begin;
    *through = pending->through;
    if (held <= wanted) return held;
    size_t count = wanted;
    while (count < held && refs[count].sequence == refs[count - 1].sequence)
        count++;
    if (count < held) *through = refs[count].sequence - 1;
    return count;
}

void journal_refs_pending_find(const journal_refs_pending *pending, uint64_t hash, journal_refs_found *found)
{
    for (size_t i = pending->end; i > pending->begin; i--) {
        uint64_t sequence = pending->refs[i - 1].sequence;
        if (found->count == found->capacity && sequence < found->out[found->count - 1]) return;
        if (pending->refs[i - 1].hash == hash) journal_refs_found_add(found, sequence);
    }
}

void journal_refs_pending_free(journal_refs_pending *pending)
{
    free(pending->refs);
    *pending = (journal_refs_pending){0};
}
