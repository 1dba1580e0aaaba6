/* batches.h - batches made up for tests: any bytes will do as records, since a backend never looks into them. */
#ifndef CONTRACT_BATCHES_H
#define CONTRACT_BATCHES_H

#include <stdlib.h>
#include <string.h>

#include "journal/journal.h"

enum { MADE_REFS_MAX = 4096, MADE_RECORDS_MAX = JOURNAL_BATCH_RECORDS_MAX };

/* A batch and the memory it points into. */
typedef struct made_batch {
    journal_batch batch;
    uint32_t offsets[MADE_RECORDS_MAX + 1];
    journal_ref refs[MADE_REFS_MAX];
    hub_buffer records;
} made_batch;

/* Numbers that look random and are the same for the same seed (SplitMix64). */
static inline uint64_t made_number(uint64_t *seed)
{
    uint64_t z = (*seed += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

/* The hashes of refs: ten, all over what a hash can be, so that an index in order of hashes has them far apart. */
static inline uint64_t made_hash(uint64_t sequence)
{
    return sequence % 10 * (UINT64_MAX / 9);
}

/* `count` records of `record_bytes` each, after `end`, filled from `seed`; one ref for each record, made_hash of its sequence. */
static inline made_batch *make_batch(const journal_end *end, uint32_t count, uint32_t record_bytes, uint64_t seed)
{
    made_batch *made = calloc(1, sizeof *made);
    HUB_ASSERT(made != NULL);
    for (uint32_t i = 0; i < count; i++) {
        uint8_t *at = hub_buffer_extend(&made->records, record_bytes);
        HUB_ASSERT(at != NULL);
        for (uint32_t k = 0; k < record_bytes; k++)
            at[k] = (uint8_t)made_number(&seed);
        made->offsets[i + 1] = (uint32_t)made->records.size;
        uint64_t sequence = end->last_sequence + 1 + i;
        made->refs[i] = (journal_ref){.hash = made_hash(sequence), .sequence = sequence};
    }
    made->batch = (journal_batch){.first_sequence = end->last_sequence + 1,
                                  .record_count = count,
                                  .offsets = made->offsets,
                                  .records = hub_buffer_bytes(&made->records),
                                  .epoch = end->epoch == 0 ? 1 : end->epoch,
                                  .state_digest = seed,
                                  .refs = made->refs,
                                  .ref_count = count};
    hub_digest_of(hub_bytes_of(made->records.data + made->offsets[count - 1], record_bytes), &made->batch.last_hash);
    return made;
}

static inline void made_batch_free(made_batch *made)
{
    if (made == NULL) return;
    hub_buffer_free(&made->records);
    free(made);
}

/* Where a journal stands after `batch`. */
static inline journal_end end_after(const journal_batch *batch)
{
    return (journal_end){.last_sequence = batch->first_sequence + batch->record_count - 1,
                         .epoch = batch->epoch,
                         .last_hash = batch->last_hash,
                         .state_digest = batch->state_digest};
}

#endif
