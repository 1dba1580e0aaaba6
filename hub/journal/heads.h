/* heads.h - signed heads (record.proto, message Head) and the file that keeps them outside the store.
 *
 * Why: a chain shows that nothing in it was changed, but not that it once was longer. Who keeps a signed head can show that.
 *
 * The file has one head a line, its packed bytes in hex. It is only ever appended to, and a line may be torn by a power cut: a line that
 * is no head says nothing and is passed over; every append begins on a line of its own.
 */
#ifndef JOURNAL_HEADS_H
#define JOURNAL_HEADS_H

#include "base/arena.h"
#include "journal/journal.h"
#include "mash/v1/record.pb-c.h"

enum { JOURNAL_SIGNING_SECRET_BYTES = 64, JOURNAL_SIGNING_KEY_BYTES = 32 };

typedef struct journal_head {
    const char *partnership; /* BORROWED */
    uint32_t epoch;
    uint64_t sequence;
    hub_digest record_hash;
    uint64_t state_digest;
    int64_t time_ms;
} journal_head;

/* Signs and packs at the end of `out`. HUB_OK or HUB_ERR_MEMORY. */
hub_status journal_head_sign(const journal_head *head, const uint8_t secret[JOURNAL_SIGNING_SECRET_BYTES], hub_buffer *out);
/* Unpacks; `signing_key` NULL: the signature is not checked. out->partnership lies in `arena`. HUB_OK; HUB_ERR_CORRUPT: no head;
 * HUB_ERR_REFUSED: its signature is not by this key (*out is what it claims). */
hub_status journal_head_open(hub_bytes bytes, const uint8_t *signing_key, hub_arena *arena, journal_head *out, hub_error *err);

/* Appends `lines` (journal_heads_file_put) to the file and syncs it. */
void journal_heads_file_put(hub_bytes head, hub_buffer *lines);
hub_status journal_heads_file_append(const char *path, const hub_buffer *lines, hub_error *err);
/* Calls `each` with the bytes of every line that is hex. HUB_ERR_NOT_FOUND: no such file. */
hub_status journal_heads_file_each(const char *path, journal_head_cb *each, void *context, hub_error *err);

#endif
