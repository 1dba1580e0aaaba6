/* batch.h - the stored form of a batch: the same bytes in every backend, so that a copy between backends copies bytes, and damage is
 * found in one place.
 *
 * A stored format: what is written here is read for years. All integers are big-endian.
 *
 *      0   4  "MSHB"
 *      4   4  format: 1
 *      8   8  first_sequence
 *     16   4  record_count N
 *     20   4  epoch of the last record
 *     24  32  last_hash: hash of the last record
 *     56   8  state_digest after the last record
 *     64   4  records_bytes B
 *     68   4  ref_count R
 *     72   4*(N+1)  offsets of the records: the first is 0, the last is B
 *          B        records, one after the other
 *          12*R     refs: hash (8), position of the record in this batch (4)
 *          32       BLAKE2b-256 of everything before it, but of each record its hash instead of its bytes: whoever writes a batch has
 *                   hashed them for the chain, and hashing them once more was a fifteenth of the hub's time
 *
 * Invariants
 *   B1  nothing is believed before the checksum holds; what is needed to find it is measured against the length
 *   B2  1 <= N <= JOURNAL_BATCH_RECORDS_MAX; offsets ascend strictly; the length is exactly what the header says
 *   B3  refs ascend by position, and no position is N or more
 *   B4  a format number above 1 is HUB_ERR_VERSION, everything else that does not hold is HUB_ERR_CORRUPT
 */
#ifndef JOURNAL_BATCH_H
#define JOURNAL_BATCH_H

#include "journal/journal.h"

enum { JOURNAL_BATCH_FORMAT = 1 };

/* Memory for the arrays of a decoded batch, kept from one to the next. {0} is an empty one. */
typedef struct journal_batch_scratch {
    uint32_t *offsets;
    size_t offset_capacity;
    journal_ref *refs;
    size_t ref_capacity;
} journal_batch_scratch;

/* Puts the stored form at the end of `out`. HUB_OK or HUB_ERR_MEMORY. */
hub_status journal_batch_encode(const journal_batch *batch, hub_buffer *out);
/* Reads it back: *out points into `stored` and `scratch`. HUB_OK, HUB_ERR_CORRUPT, HUB_ERR_VERSION, HUB_ERR_MEMORY. */
hub_status journal_batch_decode(hub_bytes stored, journal_batch_scratch *scratch, journal_batch *out, hub_error *err);
void journal_batch_scratch_free(journal_batch_scratch *scratch);

static inline uint64_t journal_batch_last(const journal_batch *batch)
{
    return batch->first_sequence + batch->record_count - 1;
}
/* The packed record at `position` (0..record_count-1). */
static inline hub_bytes journal_batch_record(const journal_batch *batch, uint32_t position)
{
    return hub_bytes_of(batch->records.data + batch->offsets[position], batch->offsets[position + 1] - batch->offsets[position]);
}

#endif
