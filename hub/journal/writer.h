/* writer.h - from decided drafts to a durable batch: keys, seals, chain, signed heads, append. Used by the hub's journal thread, by
 * `mashhubd init` and by the simulation; it blocks, and knows nothing of threads.
 *
 * A head is signed every 1,000 records or 60 s (hub time), stored with the batch and appended to the heads file outside the store,
 * so that a cut or rewritten tail shows. When nothing more comes, a pause signs the tail after a minute, and the close signs it too:
 * into the file alone. The file is never written while somebody waits for an append, and synced four times a second at most.
 */
#ifndef JOURNAL_WRITER_H
#define JOURNAL_WRITER_H

#include "journal/keys.h"
#include "journal/record.h"

typedef struct journal_writer journal_writer;

typedef struct journal_writer_options {
    const char *partnership;       /* BORROWED */
    uint32_t epoch;                /* of every record this writer appends */
    const uint8_t *signing_secret; /* Ed25519 secret key, 64 bytes, copied; NULL = no heads (tests) */
    const char *heads_path;        /* NULL = store only */
} journal_writer_options;

/* HUB_ERR_INVALID: the epoch is older than the journal's. `j` (mode CREATE or WRITE) and `keys` are BORROWED. */
hub_status journal_writer_open(journal *j, journal_keys *keys, const journal_writer_options *options, journal_writer **out,
                               hub_error *err);
/* Signs the tail and writes the heads file. NULL is allowed. */
void journal_writer_close(journal_writer *w);

/* Appends all drafts as one batch (count 1..JOURNAL_BATCH_RECORDS_MAX, sequences gap-free). `hashes` (count) receives each record's hash.
 * FULL: nothing written, the same drafts may be offered again (they get the same keys). UNKNOWN: stop. */
journal_outcome journal_writer_append(journal_writer *w, const journal_draft *drafts, uint32_t count, hub_digest *hashes,
                                      hub_error *err);

/* For a pause, and after each append once its outcome was told: writes to the heads file what the appends left for it, and signs a tail
 * that has had no head for a minute. `now_ms` is a clock that only goes forward (host_boot_ms); call it about every second. */
void journal_writer_pause(journal_writer *w, int64_t now_ms);

#endif
