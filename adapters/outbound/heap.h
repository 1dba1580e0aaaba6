/* heap.h - what is due first: a binary heap whose entries know where they are, so that one can be taken out or moved. */
#ifndef OUTBOUND_HEAP_H
#define OUTBOUND_HEAP_H

#include "base/status.h"

#include <stddef.h>
#include <stdint.h>

typedef struct heap_slot {
    int64_t at_ms;
    uint64_t place; /* among those of one instant the oldest first */
    size_t index;   /* its position + 1; 0 = in no heap */
    void *owner;    /* BORROWED */
    unsigned hop;
} heap_slot;

typedef struct heap {
    heap_slot **items; /* owned; the slots are not */
    size_t count, capacity;
} heap;

/* Room for so many in all. */
hub_status heap_reserve(heap *h, size_t count, hub_error *err);
/* Puts it in, or moves it. Cannot fail: there is room. */
void heap_put(heap *h, heap_slot *slot, int64_t at_ms);
void heap_take_out(heap *h, heap_slot *slot); /* one that is in no heap is allowed */
heap_slot *heap_first(const heap *h);         /* NULL = empty */
void heap_free(heap *h);

#endif
