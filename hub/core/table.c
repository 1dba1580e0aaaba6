#include "core/table.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"

enum { MOVES_PER_INSERT = 8, CAPACITY_LEAST = 64 };

void core_table_init(core_table *table, const core_pool *pool, size_t key_offset, size_t key_bytes, const uint8_t *secret)
{
    *table = (core_table){.pool = pool, .key_offset = key_offset, .key_bytes = key_bytes, .secret = secret};
}

void core_table_free(core_table *table)
{
    free(table->now.slots);
    free(table->before.slots);
    table->now = (core_table_half){0};
    table->before = (core_table_half){0};
    table->moved = 0;
}

static const unsigned char *key_of(const core_table *table, uint32_t number)
{
    return (const unsigned char *)core_pool_at(table->pool, number) + table->key_offset;
}

static uint32_t hash_of(const core_table *table, const void *key)
{
    return (uint32_t)hub_siphash(table->secret, key, table->key_bytes);
}

static uint32_t find_in(const core_table *table, const core_table_half *half, const void *key, uint32_t hash)
{
    if (half->capacity == 0) return 0;
    uint32_t mask = half->capacity - 1;
    for (uint32_t at = hash & mask;; at = (at + 1) & mask) {
        uint64_t slot = half->slots[at];
        if ((uint32_t)slot == 0) return 0;
        if ((uint32_t)(slot >> 32) == hash && memcmp(key_of(table, (uint32_t)slot), key, table->key_bytes) == 0)
            return (uint32_t)slot;
    }
}

uint32_t core_table_find(const core_table *table, const void *key)
{
    uint32_t hash = hash_of(table, key);
    uint32_t number = find_in(table, &table->now, key, hash);
    return number != 0 ? number : find_in(table, &table->before, key, hash);
}

static void put(core_table_half *half, uint64_t slot)
{
    HUB_ASSERT(half->used < half->capacity);
    uint32_t mask = half->capacity - 1;
    uint32_t at = (uint32_t)(slot >> 32) & mask;
    while ((uint32_t)half->slots[at] != 0)
        at = (at + 1) & mask;
    half->slots[at] = slot;
    half->used++;
}

/* Slots stay in `before` while they are moved, so that probing there goes on working; a find meets the one in `now` first. */
static void move_some(core_table *table, uint32_t slots)
{
    while (slots-- > 0 && table->moved < table->before.capacity) {
        uint64_t slot = table->before.slots[table->moved++];
        if ((uint32_t)slot == 0) continue;
        table->before.used--;
        put(&table->now, slot);
    }
    if (table->before.capacity > 0 && table->moved == table->before.capacity) {
        free(table->before.slots);
        table->before = (core_table_half){0};
        table->moved = 0;
    }
}

hub_status core_table_reserve(core_table *table, uint32_t more)
{
    uint32_t held = table->now.used + table->before.used;
    uint64_t wanted = ((uint64_t)held + more) * 4 / 3 + 1;
    if (wanted <= table->now.capacity) return HUB_OK;

    move_some(table, table->before.capacity); /* T2: only a reservation larger than the table itself gets here with work left */
    uint64_t capacity = table->now.capacity == 0 ? CAPACITY_LEAST : table->now.capacity;
    while (capacity < wanted)
        capacity *= 2;
    if (capacity == table->now.capacity) return HUB_OK;
    if (capacity > UINT32_MAX / 2) return HUB_ERR_MEMORY;
    uint64_t *slots = calloc(capacity, sizeof *slots);
    if (slots == NULL) return HUB_ERR_MEMORY;
    table->before = table->now;
    table->moved = 0;
    table->now = (core_table_half){.slots = slots, .capacity = (uint32_t)capacity};
    if (table->before.capacity == 0) {
        free(table->before.slots);
        table->before = (core_table_half){0};
    }
    return HUB_OK;
}

void core_table_insert(core_table *table, uint32_t number)
{
    move_some(table, MOVES_PER_INSERT);
    put(&table->now, (uint64_t)hash_of(table, key_of(table, number)) << 32 | number);
}
