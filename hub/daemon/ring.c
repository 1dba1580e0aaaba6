#include "ring.h"

#include <stdlib.h>
#include <string.h>

enum { ENTRIES = 64 * 1024 };

typedef struct entry {
    daemon_ring_record record; /* its slices point into `bytes` */
    uint64_t at;               /* bytes ever written before this record */
} entry;

struct daemon_ring {
    uint8_t *bytes;
    size_t size;
    uint64_t written; /* bytes ever written, gaps at the end included */
    entry entries[ENTRIES];
};

hub_status daemon_ring_open(size_t bytes, daemon_ring **out)
{
    *out = NULL;
    daemon_ring *ring = calloc(1, sizeof *ring);
    if (ring == NULL) return HUB_ERR_MEMORY;
    ring->size = bytes;
    ring->bytes = malloc(bytes);
    if (ring->bytes == NULL) {
        free(ring);
        return HUB_ERR_MEMORY;
    }
    *out = ring;
    return HUB_OK;
}

void daemon_ring_close(daemon_ring *ring)
{
    if (ring == NULL) return;
    free(ring->bytes);
    free(ring);
}

void daemon_ring_put(daemon_ring *ring, uint32_t epoch, const journal_draft *draft, const hub_digest *hash)
{
    size_t size = draft->control.size + draft->personal.size;
    entry *slot = &ring->entries[draft->sequence % ENTRIES];
    slot->record.sequence = 0;
    if (size > ring->size / 4) return;
    size_t offset = (size_t)(ring->written % ring->size);
    if (ring->size - offset < size) {
        ring->written += ring->size - offset; /* a record is not cut in two: the end stays unused */
        offset = 0;
    }
    uint8_t *at = ring->bytes + offset;
    if (draft->control.size > 0) memcpy(at, draft->control.data, draft->control.size);
    if (draft->personal.size > 0) memcpy(at + draft->control.size, draft->personal.data, draft->personal.size);
    slot->at = ring->written;
    ring->written += size;
    slot->record = (daemon_ring_record){.sequence = draft->sequence,
                                        .epoch = epoch,
                                        .time_ms = draft->time_ms,
                                        .peer = draft->peer,
                                        .link_seq = draft->link_seq,
                                        .hash = *hash,
                                        .control = hub_bytes_of(at, draft->control.size),
                                        .personal = hub_bytes_of(at + draft->control.size, draft->personal.size)};
}

bool daemon_ring_get(const daemon_ring *ring, uint64_t sequence, daemon_ring_record *out)
{
    const entry *slot = &ring->entries[sequence % ENTRIES];
    bool overwritten = ring->written > slot->at + ring->size;
    if (slot->record.sequence != sequence || sequence == 0 || overwritten) return false;
    *out = slot->record;
    return true;
}
