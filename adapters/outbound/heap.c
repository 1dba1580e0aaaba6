#include "heap.h"

#include <stdbool.h>
#include <stdlib.h>

hub_status heap_reserve(heap *h, size_t count, hub_error *err)
{
    if (count <= h->capacity) return HUB_OK;
    size_t capacity = h->capacity * 2 > count ? h->capacity * 2 : count + 64;
    heap_slot **larger = realloc(h->items, capacity * sizeof *larger);
    if (larger == NULL) return hub_fail(err, HUB_ERR_MEMORY, "out of memory");
    h->items = larger;
    h->capacity = capacity;
    return HUB_OK;
}

static bool is_before(const heap_slot *a, const heap_slot *b)
{
    return a->at_ms != b->at_ms ? a->at_ms < b->at_ms : a->place < b->place;
}

static void set(heap *h, size_t index, heap_slot *slot)
{
    h->items[index] = slot;
    slot->index = index + 1;
}

static void settle(heap *h, size_t index)
{
    heap_slot *slot = h->items[index];
    while (index > 0 && is_before(slot, h->items[(index - 1) / 2])) {
        set(h, index, h->items[(index - 1) / 2]);
        index = (index - 1) / 2;
    }
    for (;;) {
        size_t child = 2 * index + 1;
        if (child + 1 < h->count && is_before(h->items[child + 1], h->items[child])) child++;
        if (child >= h->count || !is_before(h->items[child], slot)) break;
        set(h, index, h->items[child]);
        index = child;
    }
    set(h, index, slot);
}

void heap_put(heap *h, heap_slot *slot, int64_t at_ms)
{
    slot->at_ms = at_ms;
    if (slot->index == 0) {
        HUB_ASSERT(h->count < h->capacity);
        set(h, h->count++, slot);
    }
    settle(h, slot->index - 1);
}

void heap_take_out(heap *h, heap_slot *slot)
{
    if (slot->index == 0) return;
    size_t index = slot->index - 1;
    HUB_ASSERT(index < h->count && h->items[index] == slot);
    slot->index = 0;
    heap_slot *last = h->items[--h->count];
    if (last == slot) return;
    set(h, index, last);
    settle(h, index);
}

heap_slot *heap_first(const heap *h)
{
    return h->count == 0 ? NULL : h->items[0];
}

void heap_free(heap *h)
{
    free(h->items);
    *h = (heap){0};
}
