/* journal_memory.c - a store in this process: for tests and simulation, with faults on request. */
#include "backend.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

typedef struct memory_batch {
    uint64_t last;
    hub_buffer stored; /* never changed once it is here, so that a reader may copy it without the lock's help */
} memory_batch;

typedef struct memory_named {
    char name[64];
    uint64_t number;
    hub_buffer value;
} memory_named;

typedef struct memory_list {
    memory_named *items;
    size_t count, capacity;
} memory_list;

struct journal_memory_store {
    pthread_mutex_t lock; /* a writer's and a reader's threads may meet here */
    memory_batch *batches;
    size_t batch_count, batch_capacity;
    memory_list pages, heads, notes;
    journal_ref *refs; /* as they were merged */
    size_t ref_count, ref_capacity;
    bool has_writer;
    uint32_t appends_to_fault;
    journal_memory_fault fault;
};

typedef struct memory_journal {
    journal base;
    journal_memory_store *store;
    bool owns_store;
    bool is_writer;
} memory_journal;

static journal_memory_store *store_of(journal *j)
{
    return ((memory_journal *)j)->store;
}

static bool grow(void **array, size_t *capacity, size_t wanted, size_t item)
{
    if (wanted <= *capacity) return true;
    size_t target = *capacity == 0 ? 64 : *capacity;
    while (target < wanted)
        target *= 2;
    void *grown = realloc(*array, target * item);
    if (grown == NULL) return false;
    *array = grown;
    *capacity = target;
    return true;
}

/* ---- the store ------------------------------------------------------------------------------------------------------------ */
journal_memory_store *journal_memory_store_open(void)
{
    journal_memory_store *store = calloc(1, sizeof *store);
    if (store != NULL) pthread_mutex_init(&store->lock, NULL);
    return store;
}

static void list_free(memory_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        hub_buffer_free(&list->items[i].value);
    free(list->items);
}

void journal_memory_store_close(journal_memory_store *store)
{
    if (store == NULL) return;
    for (size_t i = 0; i < store->batch_count; i++)
        hub_buffer_free(&store->batches[i].stored);
    free(store->batches);
    list_free(&store->pages);
    list_free(&store->heads);
    list_free(&store->notes);
    free(store->refs);
    pthread_mutex_destroy(&store->lock);
    free(store);
}

void journal_memory_fail(journal_memory_store *store, uint32_t appends, journal_memory_fault fault)
{
    pthread_mutex_lock(&store->lock);
    store->appends_to_fault = appends;
    store->fault = fault;
    pthread_mutex_unlock(&store->lock);
}

static size_t position_of(const journal_memory_store *store, uint64_t from)
{
    size_t low = 0;
    size_t high = store->batch_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (store->batches[middle].last < from) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

void journal_memory_damage(journal_memory_store *store, uint64_t sequence)
{
    pthread_mutex_lock(&store->lock);
    size_t at = position_of(store, sequence);
    HUB_ASSERT(at < store->batch_count);
    hub_buffer *stored = &store->batches[at].stored;
    stored->data[stored->size / 2] ^= 1;
    pthread_mutex_unlock(&store->lock);
}

static memory_named *list_find(memory_list *list, const char *name, uint64_t number)
{
    for (size_t i = 0; i < list->count; i++) {
        if (list->items[i].number == number && strcmp(list->items[i].name, name) == 0) return &list->items[i];
    }
    return NULL;
}

/* Puts or replaces. */
static hub_status list_put(memory_list *list, const char *name, uint64_t number, hub_bytes value)
{
    HUB_ASSERT(strlen(name) < sizeof list->items->name);
    hub_buffer copy = {0};
    hub_buffer_put(&copy, value.data, value.size);
    if (copy.failed) return HUB_ERR_MEMORY;
    memory_named *item = list_find(list, name, number);
    if (item == NULL) {
        if (!grow((void **)&list->items, &list->capacity, list->count + 1, sizeof *list->items)) {
            hub_buffer_free(&copy);
            return HUB_ERR_MEMORY;
        }
        item = &list->items[list->count++];
        *item = (memory_named){.number = number};
        memcpy(item->name, name, strlen(name) + 1);
    }
    hub_buffer_free(&item->value);
    item->value = copy;
    return HUB_OK;
}

/* ---- the contract --------------------------------------------------------------------------------------------------------- */
static void memory_close(journal *j)
{
    memory_journal *m = (memory_journal *)j;
    if (m->is_writer) {
        pthread_mutex_lock(&m->store->lock);
        m->store->has_writer = false;
        pthread_mutex_unlock(&m->store->lock);
    }
    if (m->owns_store) journal_memory_store_close(m->store);
    journal_end_common(j);
    free(m);
}

static journal_outcome store_batch(journal_memory_store *store, const journal_batch *batch, hub_bytes stored)
{
    memory_batch made = {.last = journal_batch_last(batch)};
    hub_buffer_put(&made.stored, stored.data, stored.size);
    if (made.stored.failed ||
        !grow((void **)&store->batches, &store->batch_capacity, store->batch_count + 1, sizeof *store->batches)) {
        hub_buffer_free(&made.stored);
        return JOURNAL_FULL;
    }
    hub_status status = HUB_OK;
    if (batch->key_page_bytes.size > 0) status = list_put(&store->pages, "", batch->key_page, batch->key_page_bytes);
    if (status == HUB_OK && batch->head.size > 0) status = list_put(&store->heads, "", made.last, batch->head);
    if (status != HUB_OK) {
        hub_buffer_free(&made.stored);
        return JOURNAL_UNKNOWN;
    }
    store->batches[store->batch_count++] = made;
    return JOURNAL_DURABLE;
}

static journal_memory_fault next_fault(journal_memory_store *store)
{
    if (store->fault == JOURNAL_FAULT_NONE) return JOURNAL_FAULT_NONE;
    if (store->appends_to_fault > 0) {
        store->appends_to_fault--;
        return JOURNAL_FAULT_NONE;
    }
    journal_memory_fault fault = store->fault;
    if (fault == JOURNAL_FAULT_FULL_FOR_NOW) return JOURNAL_FAULT_FULL;
    store->fault = JOURNAL_FAULT_NONE;
    return fault;
}

static journal_outcome memory_append(journal *j, const journal_batch *batch, hub_bytes stored, hub_error *err)
{
    journal_memory_store *store = store_of(j);
    pthread_mutex_lock(&store->lock);
    journal_memory_fault fault = next_fault(store);
    journal_outcome outcome = JOURNAL_UNKNOWN;
    if (fault == JOURNAL_FAULT_FULL) {
        outcome = JOURNAL_FULL;
    } else if (fault != JOURNAL_FAULT_UNKNOWN_LOST) {
        outcome = store_batch(store, batch, stored);
        if (fault == JOURNAL_FAULT_UNKNOWN_KEPT) outcome = JOURNAL_UNKNOWN;
    }
    pthread_mutex_unlock(&store->lock);
    if (outcome == JOURNAL_FULL) (void)hub_fail(err, HUB_ERR_FULL, "the memory journal is full: nothing was written");
    if (outcome == JOURNAL_UNKNOWN)
        (void)hub_fail(err, HUB_ERR_UNKNOWN, "the memory journal failed in mid-append; open it again and look");
    return outcome;
}

static hub_status memory_fetch(journal *j, uint64_t from, hub_buffer *out, hub_error *err)
{
    journal_memory_store *store = store_of(j);
    pthread_mutex_lock(&store->lock);
    size_t at = position_of(store, from);
    bool there = at < store->batch_count;
    if (there) hub_buffer_put(out, store->batches[at].stored.data, store->batches[at].stored.size);
    pthread_mutex_unlock(&store->lock);
    if (!there) return HUB_ERR_NOT_FOUND;
    return out->failed ? hub_fail(err, HUB_ERR_MEMORY, "out of memory") : HUB_OK;
}

static hub_status memory_last(journal *j, hub_buffer *out, hub_error *err)
{
    journal_memory_store *store = store_of(j);
    pthread_mutex_lock(&store->lock);
    uint64_t last = store->batch_count == 0 ? 0 : store->batches[store->batch_count - 1].last;
    pthread_mutex_unlock(&store->lock);
    return last == 0 ? HUB_ERR_NOT_FOUND : memory_fetch(j, last, out, err);
}

static hub_status memory_lookup(journal *j, uint64_t hash, uint64_t *out, uint32_t capacity, uint32_t *count, hub_error *err)
{
    (void)err;
    journal_memory_store *store = store_of(j);
    pthread_mutex_lock(&store->lock);
    journal_refs_found found = {.out = out, .capacity = capacity};
    for (size_t i = 0; i < store->ref_count; i++) {
        if (store->refs[i].hash == hash) journal_refs_found_add(&found, store->refs[i].sequence);
    }
    *count = found.count;
    pthread_mutex_unlock(&store->lock);
    return HUB_OK;
}

static hub_status memory_index(journal *j, const journal_ref *refs, uint32_t count, hub_bytes note, hub_error *err)
{
    journal_memory_store *store = store_of(j);
    pthread_mutex_lock(&store->lock);
    bool fits = grow((void **)&store->refs, &store->ref_capacity, store->ref_count + count, sizeof *store->refs);
    if (fits) fits = list_put(&store->notes, JOURNAL_NOTE_INDEXED, 0, note) == HUB_OK;
    if (fits) {
        memcpy(store->refs + store->ref_count, refs, count * sizeof *refs);
        store->ref_count += count;
    }
    pthread_mutex_unlock(&store->lock);
    return fits ? HUB_OK : hub_fail(err, HUB_ERR_MEMORY, "out of memory");
}

static hub_status get_named(journal_memory_store *store, memory_list *list, const char *name, uint64_t number, hub_buffer *out)
{
    pthread_mutex_lock(&store->lock);
    memory_named *item = list_find(list, name, number);
    if (item != NULL) hub_buffer_put(out, item->value.data, item->value.size);
    pthread_mutex_unlock(&store->lock);
    if (item == NULL) return HUB_ERR_NOT_FOUND;
    return out->failed ? HUB_ERR_MEMORY : HUB_OK;
}

static hub_status memory_key_page(journal *j, uint64_t page, hub_buffer *out, hub_error *err)
{
    hub_status status = get_named(store_of(j), &store_of(j)->pages, "", page, out);
    return status == HUB_OK ? HUB_OK
                            : hub_fail(err, status, "key page %llu: %s", (unsigned long long)page, hub_status_text(status));
}

static hub_status memory_heads(journal *j, journal_head_cb *each, void *context, hub_error *err)
{
    journal_memory_store *store = store_of(j);
    hub_buffer copy = {0};
    hub_status status = HUB_OK;
    for (size_t i = 0; status == HUB_OK; i++) {
        hub_buffer_clear(&copy);
        pthread_mutex_lock(&store->lock);
        bool there = i < store->heads.count;
        if (there) hub_buffer_put(&copy, store->heads.items[i].value.data, store->heads.items[i].value.size);
        pthread_mutex_unlock(&store->lock);
        if (!there) break;
        status = copy.failed ? HUB_ERR_MEMORY : each(context, hub_buffer_bytes(&copy), err);
    }
    hub_buffer_free(&copy);
    return status;
}

static hub_status memory_note_put(journal *j, const char *name, hub_bytes value, hub_error *err)
{
    journal_memory_store *store = store_of(j);
    pthread_mutex_lock(&store->lock);
    hub_status status = list_put(&store->notes, name, 0, value);
    pthread_mutex_unlock(&store->lock);
    return status == HUB_OK ? HUB_OK : hub_fail(err, status, "note \"%s\": %s", name, hub_status_text(status));
}

static hub_status memory_note_get(journal *j, const char *name, hub_buffer *out, hub_error *err)
{
    hub_status status = get_named(store_of(j), &store_of(j)->notes, name, 0, out);
    return status == HUB_OK ? HUB_OK : hub_fail(err, status, "note \"%s\": %s", name, hub_status_text(status));
}

static uint64_t memory_room(journal *j)
{
    (void)j;
    return UINT64_MAX;
}

static void memory_idle(journal *j)
{
    (void)j;
}

static const journal_ops MEMORY_OPS = {
    .name = "memory",
    .close = memory_close,
    .append = memory_append,
    .last = memory_last,
    .fetch = memory_fetch,
    .lookup = memory_lookup,
    .index = memory_index,
    .key_page = memory_key_page,
    .heads = memory_heads,
    .note_put = memory_note_put,
    .note_get = memory_note_get,
    .room = memory_room,
    .idle = memory_idle,
};

/* ---- opening -------------------------------------------------------------------------------------------------------------- */
/* The writer's place, and whether the store is in the condition that `mode` asks for. */
static hub_status enter(memory_journal *m, journal_open_mode mode, hub_error *err)
{
    journal_memory_store *store = m->store;
    pthread_mutex_lock(&store->lock);
    hub_status status = HUB_OK;
    if (mode != JOURNAL_CREATE && store->notes.count == 0) {
        status = hub_fail(err, HUB_ERR_NOT_FOUND, "the memory journal was not created yet");
    } else if (mode == JOURNAL_CREATE && store->batch_count > 0) {
        status = hub_fail(err, HUB_ERR_EXISTS, "the memory journal holds records already");
    } else if (mode != JOURNAL_READ && store->has_writer) {
        status = hub_fail(err, HUB_ERR_EXISTS, "the memory journal has a writer already: another handle of this process");
    } else if (mode != JOURNAL_READ) {
        store->has_writer = true;
        m->is_writer = true;
    }
    pthread_mutex_unlock(&store->lock);
    return status;
}

hub_status journal_memory_open(journal_memory_store *store, const char *partnership, journal_open_mode mode, journal **out,
                               hub_error *err)
{
    *out = NULL;
    memory_journal *m = calloc(1, sizeof *m);
    if (m == NULL) return hub_fail(err, HUB_ERR_MEMORY, "out of memory");
    m->store = store;
    hub_status status = journal_prepare(&m->base, &MEMORY_OPS, partnership, mode, err);
    if (status == HUB_OK) status = enter(m, mode, err);
    if (status == HUB_OK) status = journal_begin(&m->base, err);
    if (status != HUB_OK) goto fail;
    *out = &m->base;
    return HUB_OK;

fail:
    memory_close(&m->base);
    return status;
}

hub_status journal_memory_open_alone(const char *partnership, journal_open_mode mode, journal **out, hub_error *err)
{
    *out = NULL;
    journal_memory_store *store = journal_memory_store_open();
    if (store == NULL) return hub_fail(err, HUB_ERR_MEMORY, "out of memory");
    hub_status status = journal_memory_open(store, partnership, mode, out, err);
    if (status != HUB_OK) {
        journal_memory_store_close(store);
        return status;
    }
    ((memory_journal *)*out)->owns_store = true;
    return HUB_OK;
}
