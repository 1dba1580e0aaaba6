/* verify.h - is the journal what was written? Chain, sequence, time order, seals, heads, refs. */
#ifndef JOURNAL_VERIFY_H
#define JOURNAL_VERIFY_H

#include "journal/reader.h"

typedef struct journal_verdict {
    uint64_t records;
    uint64_t erased;    /* personal parts whose key is gone */
    uint64_t heads;     /* signed heads that hold */
    uint64_t abandoned; /* heads of the file that belong to a branch given up at a restore: not compared */
    uint64_t strange;   /* lines of the file that are no heads: torn by a power cut, or damaged */
    uint64_t first_bad; /* sequence of the first record that does not hold; 0 = all hold */
    char finding[300];  /* what is wrong, for a person; "" = nothing */
    hub_digest last_hash;
} journal_verdict;

/* Reads everything. `signing_key` (Ed25519 public, 32 bytes) and `heads_path` (the file beside the store) may be NULL: not checked then.
 * A heads file that is named and not there, or that ends before the store's newest head but one (a running hub may be about to append the
 * newest), is a finding without a record: first_bad is 0.
 * Of refs it checks that each points into its own batch; what they should be, only the core can tell.
 * HUB_OK with the verdict (also a bad one); HUB_ERR_IO when it could not be read at all. */
hub_status journal_verify(journal *j, journal_keys *keys, const uint8_t *signing_key, const char *heads_path,
                          journal_verdict *out, hub_error *err);

#endif
