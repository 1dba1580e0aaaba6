/* record.h - one record as bytes: packing, sealing, chaining. The stored format is proto/mash/v1/record.proto, message Record.
 *
 * Invariants
 *   R1  record_hash = BLAKE2b-256 of the packed bytes; the next record carries it as previous_hash
 *   R2  a record key belongs to a sequence number. The same number can be decided again with other content - after a crash before the
 *       append, after an older store was put back - so the nonce is the first 24 bytes of previous_hash: two records under one key
 *       that follow the same record would have to be the same start of the hub, and that has no personal part
 *   R3  associated data binds the sealed part to its place: partnership, 0x00, epoch, sequence
 */
#ifndef JOURNAL_RECORD_H
#define JOURNAL_RECORD_H

#include "base/arena.h"
#include "base/bytes.h"
#include "base/hash.h"
#include "base/id.h"
#include "mash/v1/record.pb-c.h"

/* A decided record before it is sealed and chained. Everything BORROWED. */
typedef struct journal_draft {
    uint64_t sequence;
    int64_t time_ms;
    uint32_t peer;
    uint64_t link_seq;
    hub_id command_id;     /* zero = none */
    hub_bytes control;     /* packed Control */
    hub_bytes personal;    /* packed Personal; empty = none */
    uint64_t state_digest; /* after this record */
    const uint64_t *refs;
    uint32_t ref_count;
} journal_draft;

/* Packs `draft` at the end of `out`, sealing with `key` (32 bytes; ignored when there is no personal part), and gives its hash. */
hub_status journal_record_pack(const char *partnership, uint32_t epoch, const hub_digest *previous, const journal_draft *draft,
                               const uint8_t *key, hub_buffer *out, hub_digest *hash);

/* A record read back: views into the caller's bytes and arena. */
typedef struct journal_opened {
    const Mash__V1__Record *record;     /* in the arena */
    const Mash__V1__Control *control;   /* in the arena */
    const Mash__V1__Personal *personal; /* in the arena; NULL: none, or `erased` */
    bool erased;                        /* there is a personal part and its key is gone */
    hub_digest hash;
} journal_opened;

/* Unpacks and unseals. `key` NULL or all zero: erased. HUB_OK, HUB_ERR_CORRUPT, HUB_ERR_MEMORY. */
hub_status journal_record_open(hub_bytes bytes, const uint8_t *key, hub_arena *arena, journal_opened *out, hub_error *err);

#endif
