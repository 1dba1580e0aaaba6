#include "batch.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

enum {
    AT_MAGIC = 0,
    AT_FORMAT = 4,
    AT_FIRST = 8,
    AT_COUNT = 16,
    AT_EPOCH = 20,
    AT_LAST_HASH = 24,
    AT_STATE_DIGEST = 56,
    AT_RECORDS_BYTES = 64,
    AT_REF_COUNT = 68,
    HEADER_BYTES = 72,
    REF_BYTES = 12,
};
static const uint8_t MAGIC[4] = {'M', 'S', 'H', 'B'};

static void check_batch(const journal_batch *batch)
{
    HUB_ASSERT(batch->first_sequence >= 1);
    HUB_ASSERT(batch->record_count >= 1);
    HUB_ASSERT(batch->record_count <= JOURNAL_BATCH_RECORDS_MAX);
    HUB_ASSERT(batch->records.size <= JOURNAL_BATCH_BYTES_MAX);
    HUB_ASSERT(batch->ref_count <= JOURNAL_BATCH_REFS_MAX);
    HUB_ASSERT(batch->offsets[0] == 0);
    HUB_ASSERT(batch->offsets[batch->record_count] == batch->records.size);
}

/* Of a batch whose numbers fit its size; `hashes` NULL: they are worked out. */
static void sum_of(hub_bytes stored, const hub_digest *hashes, hub_digest *sum)
{
    const uint8_t *offsets = stored.data + HEADER_BYTES;
    uint32_t count = hub_get_u32(stored.data + AT_COUNT);
    const uint8_t *records = offsets + 4 * ((size_t)count + 1);
    const uint8_t *refs = records + hub_get_u32(stored.data + AT_RECORDS_BYTES);
    crypto_generichash_state state;
    crypto_generichash_init(&state, NULL, 0, HUB_DIGEST_BYTES);
    crypto_generichash_update(&state, stored.data, (size_t)(records - stored.data));
    for (uint32_t i = 0; i < count; i++, offsets += 4) {
        hub_digest own;
        uint32_t from = hub_get_u32(offsets), upto = hub_get_u32(offsets + 4);
        if (hashes == NULL) hub_digest_of(hub_bytes_of(records + from, upto - from), &own);
        crypto_generichash_update(&state, hashes == NULL ? own.bytes : hashes[i].bytes, HUB_DIGEST_BYTES);
    }
    crypto_generichash_update(&state, refs, (size_t)(stored.data + stored.size - HUB_DIGEST_BYTES - refs));
    crypto_generichash_final(&state, sum->bytes, HUB_DIGEST_BYTES);
}

static uint8_t *put_refs(const journal_batch *batch, uint8_t *at)
{
    uint32_t before = 0;
    for (uint32_t i = 0; i < batch->ref_count; i++) {
        HUB_ASSERT(batch->refs[i].sequence >= batch->first_sequence);
        uint32_t position = (uint32_t)(batch->refs[i].sequence - batch->first_sequence);
        HUB_ASSERT(position >= before); /* B3 */
        HUB_ASSERT(position < batch->record_count);
        hub_put_u64(at, batch->refs[i].hash);
        hub_put_u32(at + 8, position);
        before = position;
        at += REF_BYTES;
    }
    return at;
}

hub_status journal_batch_encode(const journal_batch *batch, hub_buffer *out)
{
    check_batch(batch);
    size_t size = HEADER_BYTES + 4 * ((size_t)batch->record_count + 1) + batch->records.size +
                  REF_BYTES * (size_t)batch->ref_count + HUB_DIGEST_BYTES;
    uint8_t *start = hub_buffer_extend(out, size);
    if (start == NULL) return HUB_ERR_MEMORY;

    memcpy(start + AT_MAGIC, MAGIC, sizeof MAGIC);
    hub_put_u32(start + AT_FORMAT, JOURNAL_BATCH_FORMAT);
    hub_put_u64(start + AT_FIRST, batch->first_sequence);
    hub_put_u32(start + AT_COUNT, batch->record_count);
    hub_put_u32(start + AT_EPOCH, batch->epoch);
    memcpy(start + AT_LAST_HASH, batch->last_hash.bytes, HUB_DIGEST_BYTES);
    hub_put_u64(start + AT_STATE_DIGEST, batch->state_digest);
    hub_put_u32(start + AT_RECORDS_BYTES, (uint32_t)batch->records.size);
    hub_put_u32(start + AT_REF_COUNT, batch->ref_count);

    uint8_t *at = start + HEADER_BYTES;
    for (uint32_t i = 0; i <= batch->record_count; i++, at += 4)
        hub_put_u32(at, batch->offsets[i]);
    memcpy(at, batch->records.data, batch->records.size);
    at = put_refs(batch, at + batch->records.size);

    HUB_ASSERT((size_t)(at - start) + HUB_DIGEST_BYTES == size);
    hub_digest sum;
    sum_of(hub_bytes_of(start, size), batch->hashes, &sum);
    memcpy(at, sum.bytes, HUB_DIGEST_BYTES);
    return HUB_OK;
}

static bool grow(void **array, size_t *capacity, size_t wanted, size_t item)
{
    if (wanted <= *capacity) return true;
    void *grown = realloc(*array, wanted * item);
    if (grown == NULL) return false;
    *array = grown;
    *capacity = wanted;
    return true;
}

static hub_status damaged(hub_error *err, const char *what)
{
    return hub_fail(err, HUB_ERR_CORRUPT, "a stored batch is damaged: %s", what);
}

/* B2 but for the refs. */
static hub_status check_numbers(hub_bytes stored, hub_error *err)
{
    uint32_t count = hub_get_u32(stored.data + AT_COUNT);
    uint32_t bytes = hub_get_u32(stored.data + AT_RECORDS_BYTES);
    uint32_t refs = hub_get_u32(stored.data + AT_REF_COUNT);
    bool fits = hub_get_u64(stored.data + AT_FIRST) >= 1 && count >= 1 && count <= JOURNAL_BATCH_RECORDS_MAX &&
                bytes <= JOURNAL_BATCH_BYTES_MAX && refs <= JOURNAL_BATCH_REFS_MAX;
    if (!fits) return damaged(err, "a number in its header is out of range");
    size_t size = HEADER_BYTES + 4 * ((size_t)count + 1) + bytes + REF_BYTES * (size_t)refs + HUB_DIGEST_BYTES;
    if (size != stored.size) return damaged(err, "its length is not what its header says");
    const uint8_t *offset = stored.data + HEADER_BYTES;
    if (hub_get_u32(offset) != 0) return damaged(err, "its records do not begin at their beginning");
    for (uint32_t i = 0; i < count; i++, offset += 4) {
        if (hub_get_u32(offset + 4) <= hub_get_u32(offset)) return damaged(err, "the offsets of its records do not ascend");
    }
    return hub_get_u32(offset) == bytes ? HUB_OK : damaged(err, "the offsets of its records do not end at their end");
}

/* B1, B2 but for the refs, B4. */
static hub_status check_stored(hub_bytes stored, hub_error *err)
{
    if (stored.size < HEADER_BYTES + HUB_DIGEST_BYTES) return damaged(err, "it is too short");
    if (memcmp(stored.data + AT_MAGIC, MAGIC, sizeof MAGIC) != 0) return damaged(err, "it does not begin as a batch does");
    hub_status status = check_numbers(stored, err);
    if (status != HUB_OK) return status;
    uint32_t format = hub_get_u32(stored.data + AT_FORMAT);
    hub_digest sum;
    sum_of(stored, NULL, &sum);
    if (memcmp(sum.bytes, stored.data + stored.size - HUB_DIGEST_BYTES, HUB_DIGEST_BYTES) != 0)
        return damaged(err, "its checksum does not match");
    if (format > JOURNAL_BATCH_FORMAT) {
        return hub_fail(err, HUB_ERR_VERSION, "a stored batch has format %u; this version reads up to %d: use the newer one",
                        format, JOURNAL_BATCH_FORMAT);
    }
    return format == 0 ? damaged(err, "it has no format number") : HUB_OK;
}

hub_status journal_batch_decode(hub_bytes stored, journal_batch_scratch *scratch, journal_batch *out, hub_error *err)
{
    hub_status status = check_stored(stored, err);
    if (status != HUB_OK) return status;
    const uint8_t *start = stored.data;
    journal_batch batch = {
        .first_sequence = hub_get_u64(start + AT_FIRST),
        .record_count = hub_get_u32(start + AT_COUNT),
        .epoch = hub_get_u32(start + AT_EPOCH),
        .state_digest = hub_get_u64(start + AT_STATE_DIGEST),
        .ref_count = hub_get_u32(start + AT_REF_COUNT),
    };
    memcpy(batch.last_hash.bytes, start + AT_LAST_HASH, HUB_DIGEST_BYTES);
    size_t offsets = (size_t)batch.record_count + 1;
    if (!grow((void **)&scratch->offsets, &scratch->offset_capacity, offsets, sizeof *scratch->offsets) ||
        !grow((void **)&scratch->refs, &scratch->ref_capacity, batch.ref_count, sizeof *scratch->refs)) {
        return hub_fail(err, HUB_ERR_MEMORY, "out of memory for a batch of the journal");
    }

    const uint8_t *at = start + HEADER_BYTES;
    for (size_t i = 0; i < offsets; i++, at += 4)
        scratch->offsets[i] = hub_get_u32(at);
    batch.offsets = scratch->offsets;
    batch.records = hub_bytes_of(at, hub_get_u32(start + AT_RECORDS_BYTES));
    at += batch.records.size;
    uint32_t before = 0;
    for (uint32_t i = 0; i < batch.ref_count; i++, at += REF_BYTES) {
        uint32_t position = hub_get_u32(at + 8);
        if (position < before || position >= batch.record_count) return damaged(err, "a ref points outside it");
        scratch->refs[i] = (journal_ref){.hash = hub_get_u64(at), .sequence = batch.first_sequence + position};
        before = position;
    }
    batch.refs = scratch->refs;
    *out = batch;
    return HUB_OK;
}

void journal_batch_scratch_free(journal_batch_scratch *scratch)
{
    free(scratch->offsets);
    free(scratch->refs);
    *scratch = (journal_batch_scratch){0};
}
