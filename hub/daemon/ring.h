/* ring.h - the newest durable records in memory, so that a consumer slightly behind does not send the hub to the disk. */
#ifndef DAEMON_RING_H
#define DAEMON_RING_H

#include "base/hash.h"
#include "journal/record.h"

typedef struct daemon_ring daemon_ring;

typedef struct daemon_ring_record {
    uint64_t sequence;
    uint32_t epoch;
    int64_t time_ms;
    uint32_t peer;
    uint64_t link_seq;
    hub_digest hash;
    hub_bytes control; /* BORROWED until the next put */
    hub_bytes personal;
} daemon_ring_record;

hub_status daemon_ring_open(size_t bytes, daemon_ring **out);
void daemon_ring_close(daemon_ring *ring);
/* Sequences must follow one another. A record too large for the ring is left out. */
void daemon_ring_put(daemon_ring *ring, uint32_t epoch, const journal_draft *draft, const hub_digest *hash);
bool daemon_ring_get(const daemon_ring *ring, uint64_t sequence, daemon_ring_record *out);

#endif
