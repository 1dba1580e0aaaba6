/* subscription.h - what one consumer of one queue has been sent and has not yet acknowledged, and how much more it may be sent.
 *
 *   sent, no receipt yet:  oldest ............ newest        (a ring that grows up to the credit)
 *
 * Credit is counted in deliveries and in bytes; a receipt gives back what it covers. A record's deliveries always go together, so the
 * last record may go beyond the credit by its own size.
 *
 * Invariants
 *   B1  the sequences in flight ascend, and all lie in (receipt, cursor]
 *   B2  a receipt is taken only for a position that was sent in this session: same sequence, same record hash
 */
#ifndef BUS_SUBSCRIPTION_H
#define BUS_SUBSCRIPTION_H

#include <stdbool.h>
#include <stdint.h>

#include "base/hash.h"
#include "base/status.h"

enum {
    BUS_CREDIT_ITEMS_MAX = 65536,
    BUS_CREDIT_BYTES_DEFAULT = 4 * 1024 * 1024,
    BUS_CONSUMER_NAME_MAX = 48,
};

typedef struct bus_in_flight {
    uint64_t sequence;
    uint64_t hash_start; /* first 8 bytes of the record's hash: enough to tell two histories apart here */
    uint32_t bytes;
} bus_in_flight;

typedef enum bus_subscription_state {
    BUS_SUBSCRIPTION_UNUSED,
    BUS_SUBSCRIPTION_CHECKING, /* the positions it presented are being looked up */
    BUS_SUBSCRIPTION_LIVE,     /* everything up to the newest record was sent: gets each delivery as it is made */
    BUS_SUBSCRIPTION_BEHIND,   /* is fed from memory or from the journal, as credit allows */
    BUS_SUBSCRIPTION_FETCHING, /* behind, and records are on their way from the journal */
} bus_subscription_state;

typedef struct bus_subscription {
    bus_subscription_state state;
    uint32_t queue;
    char consumer[BUS_CONSUMER_NAME_MAX]; /* "" = ephemeral */
    uint64_t request;                     /* of the Subscribe frame */
    uint64_t cursor;                      /* everything of the queue up to this sequence was sent */
    uint64_t receipt;                     /* everything up to this sequence was acknowledged */
    uint64_t possible_until;              /* deliveries up to this sequence may have been sent before */
    uint32_t credit_items;                /* may be in flight at once */
    uint64_t credit_bytes;
    uint64_t bytes_in_flight;
    bus_in_flight *ring; /* owned; ring_size is a power of two or 0 */
    uint32_t ring_size, ring_first, ring_count;
} bus_subscription;

void bus_subscription_start(bus_subscription *s, uint32_t queue, const char *consumer, uint32_t credit_items,
                            uint64_t credit_bytes);
/* Frees what it owns; the subscription is UNUSED again. */
void bus_subscription_end(bus_subscription *s);
bool bus_subscription_has_credit(const bus_subscription *s);
/* How many more deliveries it may be sent now. */
uint32_t bus_subscription_credit_left(const bus_subscription *s);
/* HUB_OK, or HUB_ERR_MEMORY: then nothing was noted and nothing may be sent. */
hub_status bus_subscription_sent(bus_subscription *s, uint64_t sequence, const hub_digest *hash, uint32_t bytes);

typedef enum bus_receipt {
    BUS_RECEIPT_TAKEN,
    BUS_RECEIPT_OLD,        /* acknowledged before */
    BUS_RECEIPT_NOT_SENT,   /* no such position was sent in this session */
    BUS_RECEIPT_OTHER_HASH, /* another history */
} bus_receipt;
bus_receipt bus_subscription_receipt(bus_subscription *s, uint64_t sequence, const uint8_t *hash, size_t hash_bytes);

#endif
