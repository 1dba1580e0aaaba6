#include "subscription.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"

enum { RING_FIRST = 64 };

void bus_subscription_start(bus_subscription *s, uint32_t queue, const char *consumer, uint32_t credit_items,
                            uint64_t credit_bytes)
{
    HUB_ASSERT(s->state == BUS_SUBSCRIPTION_UNUSED);
    HUB_ASSERT(queue != 0);
    *s = (bus_subscription){.state = BUS_SUBSCRIPTION_CHECKING, .queue = queue};
    (void)snprintf(s->consumer, sizeof s->consumer, "%s", consumer);
    s->credit_items = credit_items > BUS_CREDIT_ITEMS_MAX ? BUS_CREDIT_ITEMS_MAX : credit_items;
    s->credit_bytes = credit_bytes == 0 ? BUS_CREDIT_BYTES_DEFAULT : credit_bytes;
}

void bus_subscription_end(bus_subscription *s)
{
    free(s->ring);
    *s = (bus_subscription){.state = BUS_SUBSCRIPTION_UNUSED};
}

bool bus_subscription_has_credit(const bus_subscription *s)
{
    return s->ring_count < s->credit_items && s->bytes_in_flight < s->credit_bytes;
}

uint32_t bus_subscription_credit_left(const bus_subscription *s)
{
    return bus_subscription_has_credit(s) ? s->credit_items - s->ring_count : 0;
}

static bus_in_flight *entry(const bus_subscription *s, uint32_t index)
{
    return &s->ring[(s->ring_first + index) & (s->ring_size - 1)];
}

static hub_status grow(bus_subscription *s)
{
    uint32_t size = s->ring_size == 0 ? RING_FIRST : s->ring_size * 2;
    bus_in_flight *ring = malloc(size * sizeof *ring);
    if (ring == NULL) return HUB_ERR_MEMORY;
    for (uint32_t i = 0; i < s->ring_count; i++)
        ring[i] = *entry(s, i);
    free(s->ring);
    s->ring = ring;
    s->ring_size = size;
    s->ring_first = 0;
    return HUB_OK;
}

static uint64_t hash_start(const uint8_t *hash)
{
    return hub_get_u64(hash);
}

hub_status bus_subscription_sent(bus_subscription *s, uint64_t sequence, const hub_digest *hash, uint32_t bytes)
{
    HUB_ASSERT(sequence > s->receipt);
    HUB_ASSERT(s->ring_count == 0 || entry(s, s->ring_count - 1)->sequence <= sequence); /* B1 */
    if (s->ring_count == s->ring_size && grow(s) != HUB_OK) return HUB_ERR_MEMORY;
    s->ring_count++;
    *entry(s, s->ring_count - 1) = (bus_in_flight){.sequence = sequence, .hash_start = hash_start(hash->bytes), .bytes = bytes};
    s->bytes_in_flight += bytes;
    return HUB_OK;
}

/* Position in the ring of the newest entry with `sequence`; -1 when it is not there. The ring ascends (B1). */
static int64_t find(const bus_subscription *s, uint64_t sequence)
{
    uint32_t low = 0, high = s->ring_count; /* entries before `low` are <= sequence */
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (entry(s, middle)->sequence <= sequence) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    if (low == 0 || entry(s, low - 1)->sequence != sequence) return -1;
    return (int64_t)low - 1;
}

bus_receipt bus_subscription_receipt(bus_subscription *s, uint64_t sequence, const uint8_t *hash, size_t hash_bytes)
{
    if (sequence <= s->receipt) return BUS_RECEIPT_OLD;
    int64_t found = find(s, sequence);
    if (found < 0) return BUS_RECEIPT_NOT_SENT;
    if (hash_bytes != HUB_DIGEST_BYTES || hash_start(hash) != entry(s, (uint32_t)found)->hash_start)
        return BUS_RECEIPT_OTHER_HASH;
    for (int64_t i = 0; i <= found; i++) {
        HUB_ASSERT(s->bytes_in_flight >= entry(s, 0)->bytes);
        s->bytes_in_flight -= entry(s, 0)->bytes;
        s->ring_first = (s->ring_first + 1) & (s->ring_size - 1);
        s->ring_count--;
    }
    s->receipt = sequence;
    return BUS_RECEIPT_TAKEN;
}
