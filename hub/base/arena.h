/* arena.h - memory for one piece of work: taken in small bits, given back all at once, never more than a budget.
 *
 * Why: a frame from outside may ask for 40 times its size when it is unpacked. Everything made from outside bytes is made in an arena,
 * so that the worst case is a refused frame and not a dead process.
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stddef.h>

#include "status.h"

typedef struct hub_arena {
    unsigned char *first; /* a block kept between uses */
    size_t first_size;
    size_t first_used;
    void *more;    /* blocks taken when the first was full, freed at reset */
    size_t taken;  /* bytes handed out since reset */
    size_t budget; /* most bytes that may be handed out between resets */
    int exhausted; /* 1 when something was refused since reset */
} hub_arena;

/* Makes an arena whose first block has `block_bytes` (at least 1 KiB) and that hands out at most `budget_bytes`.
 * Returns HUB_OK or HUB_ERR_MEMORY. */
hub_status hub_arena_open(hub_arena *arena, size_t block_bytes, size_t budget_bytes);
/* Zeroed memory aligned for any type; NULL when the budget or memory is used up (and `exhausted` is set). */
void *hub_arena_take(hub_arena *arena, size_t size);
/* As hub_arena_take, but the bytes are not zeroed. */
void *hub_arena_take_raw(hub_arena *arena, size_t size);
/* Copies `size` bytes and a NUL after them. */
void *hub_arena_copy(hub_arena *arena, const void *data, size_t size);
/* Gives everything back; the first block stays. */
void hub_arena_reset(hub_arena *arena);
/* Frees all. An arena that is all zero is allowed. */
void hub_arena_close(hub_arena *arena);

#endif
