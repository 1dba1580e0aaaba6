/* reader.h - records back out of a journal, opened. One reader belongs to one thread. */
#ifndef JOURNAL_READER_H
#define JOURNAL_READER_H

#include "journal/keys.h"
#include "journal/record.h"

typedef struct journal_reader journal_reader;

/* `j` (mode READ, or any in tests) and `keys` BORROWED. */
hub_status journal_reader_open(journal *j, journal_keys *keys, journal_reader **out, hub_error *err);
void journal_reader_close(journal_reader *r);

/* Called with each record in order; `opened` and `bytes` BORROWED for the call (the arena is reset between calls). */
typedef hub_status journal_record_cb(void *context, const journal_opened *opened, hub_bytes bytes, hub_error *err);
/* Called after the last record of each batch (not when `until` lies before it). */
typedef hub_status journal_batch_end_cb(void *context, const journal_batch *batch, hub_error *err);
/* Records from..until inclusive (until 0 = to the end as it is now). Each has to follow the one before it, the first one too. `at_end` may be
 * NULL. */
hub_status journal_reader_batches(journal_reader *r, uint64_t from, uint64_t until, journal_record_cb *each,
                                  journal_batch_end_cb *at_end, void *context, hub_error *err);
/* One record's stored bytes and key: for another thread to open. HUB_ERR_NOT_FOUND past the end. Keeps the last batch at hand. */
hub_status journal_reader_bytes(journal_reader *r, uint64_t sequence, hub_bytes *bytes, const uint8_t **key, hub_error *err);
/* Hash of the record at `sequence`. */
hub_status journal_reader_hash(journal_reader *r, uint64_t sequence, hub_digest *out, hub_error *err);

#endif
