/* pool.h - many things of one size, numbered from 1, in chunks that never move. Plain data only: a pool is written to a snapshot as it
 * lies in memory. Nothing is ever taken out; what ends is marked.
 */
#ifndef CORE_POOL_H
#define CORE_POOL_H

#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

enum { CORE_POOL_CHUNK_ITEMS = 512 };

typedef struct core_pool {
    unsigned char **chunks;
    uint32_t chunk_count;    /* chunks that are there */
    uint32_t chunk_capacity; /* places in `chunks` */
    uint32_t item_bytes;
    uint32_t count; /* items in use: numbers 1..count */
} core_pool;

static inline void core_pool_init(core_pool *pool, size_t item_bytes)
{
    *pool = (core_pool){.item_bytes = (uint32_t)item_bytes};
}
void core_pool_free(core_pool *pool);
/* After this `more` items can be added without failing. HUB_OK or HUB_ERR_MEMORY (nothing changed that matters). */
hub_status core_pool_reserve(core_pool *pool, uint32_t more);
/* Adds a zeroed item; room must have been reserved. */
void *core_pool_add(core_pool *pool, uint32_t *number);

static inline void *core_pool_at(const core_pool *pool, uint32_t number)
{
    HUB_ASSERT(number >= 1);
    HUB_ASSERT(number <= pool->count);
    uint32_t index = number - 1;
    return pool->chunks[index / CORE_POOL_CHUNK_ITEMS] + (size_t)(index % CORE_POOL_CHUNK_ITEMS) * pool->item_bytes;
}

#endif
