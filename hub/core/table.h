/* table.h - finds a pool's item by a key that lies in the item itself.
 *
 * Keyed with SipHash, because keys come from outside and could be chosen to collide. Grows a few slots at each insertion: there is no
 * moment at which everything is hashed again, so no event waits for it. A slot is 8 bytes. Nothing is ever taken out.
 *
 * Invariants
 *   T1  an item is in exactly one of the two halves (`now`, `before`)
 *   T2  `before` is empty again before `now` is half full
 */
#ifndef CORE_TABLE_H
#define CORE_TABLE_H

#include "core/pool.h"

typedef struct core_table_half {
    uint64_t
        *slots; /* upper 32 bits: the hash, so that a slot is moved without a look at its item; lower: its number, 0 = free */
    uint32_t capacity; /* a power of two, or 0 */
    uint32_t used;
} core_table_half;

typedef struct core_table {
    const core_pool *pool; /* BORROWED */
    size_t key_offset;     /* of the key in an item */
    size_t key_bytes;
    const uint8_t *secret; /* 16 bytes, BORROWED */
    core_table_half now;
    core_table_half before; /* being emptied into `now` */
    uint32_t moved;         /* slots of `before` that have been looked at */
} core_table;

void core_table_init(core_table *table, const core_pool *pool, size_t key_offset, size_t key_bytes, const uint8_t *secret);
void core_table_free(core_table *table);
/* After this `more` items can be inserted without failing. HUB_OK or HUB_ERR_MEMORY. */
hub_status core_table_reserve(core_table *table, uint32_t more);
/* The item's number, or 0. */
uint32_t core_table_find(const core_table *table, const void *key);
/* Enters item `number`, whose key must not be there yet. Room must have been reserved. */
void core_table_insert(core_table *table, uint32_t number);

#endif
