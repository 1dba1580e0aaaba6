#include "throttle.h"

#include <stdlib.h>

#include "base/hash.h"
#include "host/random.h"

enum { ROWS = 2, ROW_BUCKETS = THROTTLE_BUCKETS };

struct throttle {
    uint8_t key[HUB_SIPHASH_KEY_BYTES];
    int64_t burst_ms, interval_ms;
    int64_t full_at_ms[ROWS][ROW_BUCKETS]; /* when the bucket will be full again; a time that has passed: it is */
};

hub_status throttle_open(uint32_t burst, int64_t interval_ms, throttle **out)
{
    HUB_ASSERT(burst >= 1 && interval_ms >= 1);
    throttle *t = calloc(1, sizeof *t);
    *out = t;
    if (t == NULL) return HUB_ERR_MEMORY;
    host_random_fill(t->key, sizeof t->key);
    t->interval_ms = interval_ms;
    t->burst_ms = (int64_t)burst * interval_ms;
    return HUB_OK;
}

void throttle_close(throttle *t)
{
    free(t);
}

static void buckets_of(throttle *t, hub_bytes key, int64_t *buckets[ROWS])
{
    uint64_t hash = hub_siphash(t->key, key.data, key.size);
    for (size_t row = 0; row < ROWS; row++)
        buckets[row] = &t->full_at_ms[row][(hash >> (32 * row)) % ROW_BUCKETS];
}

static int64_t bounded(int64_t at_ms, int64_t least_ms, int64_t most_ms)
{
    return at_ms < least_ms ? least_ms : at_ms > most_ms ? most_ms : at_ms;
}

int64_t throttle_take(throttle *t, hub_bytes key, int64_t now_ms)
{
    int64_t *buckets[ROWS];
    buckets_of(t, key, buckets);
    int64_t wait_ms = INT64_MAX;
    for (size_t row = 0; row < ROWS; row++) {
        *buckets[row] = bounded(*buckets[row], now_ms, now_ms + t->burst_ms);
        int64_t this_ms = *buckets[row] + t->interval_ms - now_ms - t->burst_ms;
        if (this_ms < wait_ms) wait_ms = this_ms;
    }
    if (wait_ms > 0) return wait_ms;
    for (size_t row = 0; row < ROWS; row++)
        *buckets[row] = bounded(*buckets[row] + t->interval_ms, now_ms, now_ms + t->burst_ms);
    return 0;
}

void throttle_give_back(throttle *t, hub_bytes key)
{
    int64_t *buckets[ROWS];
    buckets_of(t, key, buckets);
    for (size_t row = 0; row < ROWS; row++)
        *buckets[row] -= t->interval_ms;
}
