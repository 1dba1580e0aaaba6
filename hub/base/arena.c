#include "arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

typedef struct extra_block {
    struct extra_block *next;
    alignas(max_align_t) unsigned char bytes[];
} extra_block;

hub_status hub_arena_open(hub_arena *arena, size_t block_bytes, size_t budget_bytes)
{
    HUB_ASSERT(block_bytes >= 1024);
    HUB_ASSERT(budget_bytes >= block_bytes);
    *arena = (hub_arena){.first_size = block_bytes, .budget = budget_bytes};
    arena->first = malloc(block_bytes);
    return arena->first == NULL ? HUB_ERR_MEMORY : HUB_OK;
}

void *hub_arena_take_raw(hub_arena *arena, size_t size)
{
    HUB_ASSERT(arena->first != NULL);
    size_t unit = alignof(max_align_t);
    if (size > SIZE_MAX - sizeof(extra_block) - unit) goto refused;
    size = (size + unit - 1) / unit * unit;
    if (size == 0) size = unit;
    if (size > arena->budget - arena->taken) goto refused;

    if (size <= arena->first_size - arena->first_used) {
        void *bytes = arena->first + arena->first_used;
        arena->first_used += size;
        arena->taken += size;
        return bytes;
    }
    extra_block *block = malloc(sizeof *block + size);
    if (block == NULL) goto refused;
    block->next = arena->more;
    arena->more = block;
    arena->taken += size;
    return block->bytes;

refused:
    arena->exhausted = 1;
    return NULL;
}

void *hub_arena_take(hub_arena *arena, size_t size)
{
    void *bytes = hub_arena_take_raw(arena, size);
    if (bytes != NULL) memset(bytes, 0, size);
    return bytes;
}

void *hub_arena_copy(hub_arena *arena, const void *data, size_t size)
{
    unsigned char *copy = hub_arena_take_raw(arena, size + 1);
    if (copy == NULL) return NULL;
    if (size > 0) memcpy(copy, data, size);
    copy[size] = '\0';
    return copy;
}

void hub_arena_reset(hub_arena *arena)
{
    extra_block *block = arena->more;
    while (block != NULL) {
        extra_block *next = block->next;
        free(block);
        block = next;
    }
    arena->more = NULL;
    arena->first_used = 0;
    arena->taken = 0;
    arena->exhausted = 0;
}

void hub_arena_close(hub_arena *arena)
{
    hub_arena_reset(arena);
    free(arena->first);
    *arena = (hub_arena){0};
}
