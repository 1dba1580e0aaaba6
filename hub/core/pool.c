#include "core/pool.h"

#include <stdlib.h>

void core_pool_free(core_pool *pool)
{
    for (uint32_t i = 0; i < pool->chunk_count; i++)
        free(pool->chunks[i]);
    free(pool->chunks);
    core_pool_init(pool, pool->item_bytes);
}

hub_status core_pool_reserve(core_pool *pool, uint32_t more)
{
    uint64_t wanted = (uint64_t)pool->count + more;
    if (wanted > UINT32_MAX - CORE_POOL_CHUNK_ITEMS) return HUB_ERR_MEMORY;
    while ((uint64_t)pool->chunk_count * CORE_POOL_CHUNK_ITEMS < wanted) {
        if (pool->chunk_count == pool->chunk_capacity) {
            uint32_t capacity = pool->chunk_capacity == 0 ? 16 : pool->chunk_capacity * 2;
            unsigned char **grown = realloc(pool->chunks, capacity * sizeof *grown);
            if (grown == NULL) return HUB_ERR_MEMORY;
            pool->chunks = grown;
            pool->chunk_capacity = capacity;
        }
        unsigned char *chunk = calloc(CORE_POOL_CHUNK_ITEMS, pool->item_bytes);
        if (chunk == NULL) return HUB_ERR_MEMORY;
        pool->chunks[pool->chunk_count++] = chunk;
    }
    return HUB_OK;
}

void *core_pool_add(core_pool *pool, uint32_t *number)
{
    HUB_ASSERT(pool->count < (uint64_t)pool->chunk_count * CORE_POOL_CHUNK_ITEMS);
    pool->count++;
    if (number != NULL) *number = pool->count;
    return core_pool_at(pool, pool->count);
}
