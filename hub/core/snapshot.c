/* Layout: magic, build layout, numbers, every pool (count, items), every queue log (count, items), BLAKE2b-256 of all before it. */
#include "core/snapshot.h"

#include <string.h>

#include "core/state.h"

static const char MAGIC[8] = "mashsnap";

/* Changes whenever a stored struct changes size; MEANING when one keeps its size and means something else. A snapshot of another layout
 * is not read. */
static uint64_t layout(void)
{
    enum { MEANING = 4 };
    uint64_t sum = CORE_FORMAT * 1000003 + MEANING;
#define X(member, type) sum = sum * 1000003 + sizeof(type);
    CORE_POOLS(X)
#undef X
    return sum * 1000003 + sizeof(core_numbers);
}

static void put_pool(hub_buffer *out, const core_pool *pool)
{
    hub_buffer_put_u32(out, pool->count);
    uint32_t left = pool->count;
    for (uint32_t i = 0; left > 0; i++) {
        uint32_t here = left < CORE_POOL_CHUNK_ITEMS ? left : CORE_POOL_CHUNK_ITEMS;
        hub_buffer_put(out, pool->chunks[i], (size_t)here * pool->item_bytes);
        left -= here;
    }
}

hub_status core_snapshot_write(const core_state *state, hub_buffer *out)
{
    size_t start = out->size;
    hub_buffer_put(out, MAGIC, sizeof MAGIC);
    hub_buffer_put_u64(out, layout());
    hub_buffer_put(out, &state->numbers, sizeof state->numbers);
#define X(member, type) put_pool(out, &state->member);
    CORE_POOLS(X)
#undef X
    for (uint32_t i = 0; i < state->queues.count; i++)
        put_pool(out, &state->queue_logs[i]);
    if (out->failed) return HUB_ERR_MEMORY;
    hub_digest digest;
    hub_digest_of(hub_bytes_of(out->data + start, out->size - start), &digest);
    hub_buffer_put(out, digest.bytes, sizeof digest.bytes);
    return out->failed ? HUB_ERR_MEMORY : HUB_OK;
}

static bool take(hub_bytes *from, void *to, size_t size)
{
    if (from->size < size) return false;
    memcpy(to, from->data, size);
    *from = hub_bytes_of(from->data + size, from->size - size);
    return true;
}

static hub_status get_pool(hub_bytes *from, core_pool *pool)
{
    uint8_t bytes[4];
    if (!take(from, bytes, sizeof bytes)) return HUB_ERR_CORRUPT;
    uint32_t count = hub_get_u32(bytes);
    if ((uint64_t)count * pool->item_bytes > from->size) return HUB_ERR_CORRUPT;
    hub_status status = core_pool_reserve(pool, count);
    for (uint32_t i = 0; status == HUB_OK && i < count; i++) {
        if (!take(from, core_pool_add(pool, NULL), pool->item_bytes)) status = HUB_ERR_CORRUPT;
    }
    return status;
}

static hub_status fill_table(core_table *table, uint32_t count)
{
    hub_status status = core_table_reserve(table, count);
    for (uint32_t i = 1; status == HUB_OK && i <= count; i++)
        core_table_insert(table, i);
    return status;
}

static hub_status read_into(core_state *state, hub_bytes body)
{
    if (!take(&body, &state->numbers, sizeof state->numbers)) return HUB_ERR_CORRUPT;
    hub_status status = HUB_OK;
#define X(member, type)                                                                                                          \
    if (status == HUB_OK) status = get_pool(&body, &state->member);
    CORE_POOLS(X)
#undef X
    for (uint32_t i = 0; status == HUB_OK && i < state->queues.count; i++)
        status = get_pool(&body, &state->queue_logs[i]);
#define X(member, from, type, key)                                                                                               \
    if (status == HUB_OK) status = fill_table(&state->member, state->from.count);
    CORE_TABLES(X)
#undef X
    return status == HUB_OK && body.size != 0 ? HUB_ERR_CORRUPT : status;
}

hub_status core_snapshot_read(hub_bytes snapshot, core_state **out, hub_error *err)
{
    *out = NULL;
    if (snapshot.size < sizeof MAGIC + 8 + HUB_DIGEST_BYTES || memcmp(snapshot.data, MAGIC, sizeof MAGIC) != 0) {
        return hub_fail(err, HUB_ERR_CORRUPT, "not a snapshot");
    }
    size_t covered = snapshot.size - HUB_DIGEST_BYTES;
    hub_digest digest;
    hub_digest_of(hub_bytes_of(snapshot.data, covered), &digest);
    if (memcmp(digest.bytes, snapshot.data + covered, HUB_DIGEST_BYTES) != 0) {
        return hub_fail(err, HUB_ERR_CORRUPT, "the snapshot's digest does not fit its content");
    }
    if (hub_get_u64(snapshot.data + sizeof MAGIC) != layout()) {
        return hub_fail(err, HUB_ERR_VERSION, "the snapshot was written by another version; the journal is folded instead");
    }
    core_state *state;
    hub_status status = core_open(&state);
    if (status == HUB_OK) status = read_into(state, hub_bytes_of(snapshot.data + sizeof MAGIC + 8, covered - sizeof MAGIC - 8));
    if (status != HUB_OK) {
        core_close(state);
        return hub_fail(err, status, "the snapshot cannot be read: %s", hub_status_text(status));
    }
    *out = state;
    return HUB_OK;
}
