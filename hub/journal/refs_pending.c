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

/* ---- where the index stands ------------------------------------------------------------------------------------------------ */
enum { AT_BEFORE = 0, AT_ROUND = 8, AT_HAND_HASH = 16, AT_HAND_SEQUENCE = 24 };
static const journal_ref FIRST_KEY = {0, 0}, PAST_ALL_KEYS = {UINT64_MAX, UINT64_MAX};

static int compare_keys(const void *a, const void *b)
{
    const journal_ref *x = a;
    const journal_ref *y = b;
    if (x->hash != y->hash) return x->hash < y->hash ? -1 : 1;
    return (x->sequence > y->sequence) - (x->sequence < y->sequence);
}

static bool is_indexed(const journal_refs_indexed *indexed, const journal_ref *ref)
{
    return ref->sequence <= indexed->before || (ref->sequence <= indexed->round && compare_keys(ref, &indexed->hand) < 0);
}

journal_refs_indexed journal_refs_indexed_up_to(uint64_t sequence)
{
    return (journal_refs_indexed){.before = sequence, .round = sequence, .hand = PAST_ALL_KEYS};
}

void journal_refs_indexed_pack(const journal_refs_indexed *indexed, uint8_t out[JOURNAL_REFS_INDEXED_BYTES])
{
    hub_put_u64(out + AT_BEFORE, indexed->before);
    hub_put_u64(out + AT_ROUND, indexed->round);
    hub_put_u64(out + AT_HAND_HASH, indexed->hand.hash);
    hub_put_u64(out + AT_HAND_SEQUENCE, indexed->hand.sequence);
}

bool journal_refs_indexed_read(hub_bytes note, journal_refs_indexed *out)
{
    if (note.size != JOURNAL_REFS_INDEXED_BYTES) return false;
    out->before = hub_get_u64(note.data + AT_BEFORE);
    out->round = hub_get_u64(note.data + AT_ROUND);
    out->hand.hash = hub_get_u64(note.data + AT_HAND_HASH);
    out->hand.sequence = hub_get_u64(note.data + AT_HAND_SEQUENCE);
    return out->before <= out->round;
}

/* ---- what waits ------------------------------------------------------------------------------------------------------------ */
static uint32_t part_of(uint64_t hash)
{
    return (uint32_t)(hash >> (64 - JOURNAL_REFS_PARTS_BITS));
}

void journal_refs_pending_begin(journal_refs_pending *pending, const journal_refs_indexed *indexed)
{
    *pending = (journal_refs_pending){.indexed = *indexed, .through = indexed->before};
}

static bool put(journal_refs_pending *pending, journal_ref ref)
{
    journal_refs_part *part = &pending->parts[part_of(ref.hash)];
    if (part->count == part->capacity) {
        uint32_t capacity = part->capacity == 0 ? 16 : 2 * part->capacity;
        journal_ref *grown = realloc(part->refs, capacity * sizeof *grown);
        if (grown == NULL) return false;
        part->refs = grown;
        part->capacity = capacity;
    }
    part->refs[part->count++] = ref;
    pending->count++;
    return true;
}

bool journal_refs_pending_add(journal_refs_pending *pending, const journal_batch *batch)
{
    if (batch->first_sequence > pending->through + 1) return false;
    if (pending->count + batch->ref_count > JOURNAL_REFS_PENDING_MAX) return false;
    for (uint32_t i = 0; i < batch->ref_count; i++) {
        /* what `through` covers in the middle of a batch is held already */
        if (batch->refs[i].sequence <= pending->through || is_indexed(&pending->indexed, &batch->refs[i])) continue;
        if (!put(pending, batch->refs[i])) return false; /* the batch's others come again with it, and twice is once */
    }
    uint64_t last = batch->first_sequence + batch->record_count - 1;
    if (last > pending->through) pending->through = last;
    return true;
}

static void sort_round(journal_refs_part *part, uint64_t round)
{
    if (part->sorted > 0) return;
    while (part->sorted < part->count && part->refs[part->sorted].sequence <= round)
        part->sorted++;
    if (part->sorted > 1) qsort(part->refs, part->sorted, sizeof *part->refs, compare_keys);
}

uint32_t journal_refs_pending_next(journal_refs_pending *pending, journal_ref *out, uint32_t wanted, journal_refs_indexed *with)
{
    journal_refs_indexed *indexed = &pending->indexed;
    bool is_between = compare_keys(&indexed->hand, &PAST_ALL_KEYS) == 0;
    if (is_between || pending->through < indexed->round) { /* or a round that another life began, and not all of it is held */
        indexed->round = pending->through;
        indexed->hand = FIRST_KEY;
    }
    uint32_t count = 0;
    *with = *indexed;
    for (uint32_t i = part_of(indexed->hand.hash); i < JOURNAL_REFS_PARTS; i++) {
        journal_refs_part *part = &pending->parts[i];
        sort_round(part, indexed->round);
        uint32_t taken = part->sorted < wanted - count ? part->sorted : wanted - count;
        if (taken > 0) memcpy(out + count, part->refs, taken * sizeof *out);
        count += taken;
        if (taken == part->sorted) continue;
        with->hand = part->refs[taken];
        return count;
    }
    *with = journal_refs_indexed_up_to(indexed->round);
    return count;
}

static void forget_in(journal_refs_pending *pending, journal_refs_part *part)
{
    uint32_t kept = 0, sorted = 0;
    for (uint32_t i = 0; i < part->count; i++) {
        if (is_indexed(&pending->indexed, &part->refs[i])) continue;
        if (i < part->sorted) sorted++;
        part->refs[kept++] = part->refs[i];
    }
    pending->count -= part->count - kept;
    part->count = kept;
    part->sorted = sorted;
    if (kept > 0) return;
    free(part->refs);
    *part = (journal_refs_part){0};
}

void journal_refs_pending_forget(journal_refs_pending *pending, const journal_refs_indexed *indexed)
{
    /* Within one round only the parts that the hand has passed hold any of it. */
    bool is_same_round = indexed->round == pending->indexed.round;
    uint32_t first = is_same_round ? part_of(pending->indexed.hand.hash) : 0;
    uint32_t last = is_same_round ? part_of(indexed->hand.hash) : JOURNAL_REFS_PARTS - 1;
    pending->indexed = *indexed;
    if (indexed->before > pending->through) pending->through = indexed->before;
    for (uint32_t i = first; i <= last; i++)
        forget_in(pending, &pending->parts[i]);
}

void journal_refs_pending_find(const journal_refs_pending *pending, uint64_t hash, journal_refs_found *found)
{
    const journal_refs_part *part = &pending->parts[part_of(hash)];
    for (uint32_t i = 0; i < part->count; i++) {
        if (part->refs[i].hash == hash) journal_refs_found_add(found, part->refs[i].sequence);
    }
}

void journal_refs_pending_free(journal_refs_pending *pending)
{
    for (uint32_t i = 0; i < JOURNAL_REFS_PARTS; i++)
        free(pending->parts[i].refs);
    *pending = (journal_refs_pending){0};
}
