#include "reader.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "batch.h"

enum {
    ARENA_BLOCK_BYTES = 256 * 1024,
    ARENA_BUDGET_BYTES = 256 * 1024 * 1024, /* a record that adopts a policy carries all its sources */
};

struct journal_reader {
    journal *j;         /* BORROWED */
    journal_keys *keys; /* BORROWED */
    hub_arena arena;
    /* the batch at hand: a copy, because `j` keeps its own only until it is asked something else */
    journal_batch held; /* record_count 0: none */
    hub_buffer held_records;
    uint32_t held_offsets[JOURNAL_BATCH_RECORDS_MAX + 1];
};

hub_status journal_reader_open(journal *j, journal_keys *keys, journal_reader **out, hub_error *err)
{
    HUB_ASSERT(j != NULL && keys != NULL);
    *out = NULL;
    journal_reader *r = calloc(1, sizeof *r);
    if (r == NULL) return hub_fail(err, HUB_ERR_MEMORY, "out of memory for a reader of the journal");
    r->j = j;
    r->keys = keys;
    if (hub_arena_open(&r->arena, ARENA_BLOCK_BYTES, ARENA_BUDGET_BYTES) != HUB_OK) goto fail;
    *out = r;
    return HUB_OK;

fail:
    journal_reader_close(r);
    return hub_fail(err, HUB_ERR_MEMORY, "out of memory for a reader of the journal");
}

void journal_reader_close(journal_reader *r)
{
    if (r == NULL) return;
    hub_arena_close(&r->arena);
    hub_buffer_free(&r->held_records);
    free(r);
}

/* ---- one after the other -------------------------------------------------------------------------------------------------- */
typedef struct each_context {
    journal_reader *reader;
    uint64_t from, until;
    journal_record_cb *each;
    journal_batch_end_cb *at_end; /* NULL: not asked for */
    void *context;
    hub_digest previous; /* record 1 follows 32 zero bytes */
    bool is_past;        /* `until` was reached */
} each_context;

static hub_status key_of(journal_reader *r, uint64_t sequence, const uint8_t **key, hub_error *err)
{
    hub_status status = journal_keys_get(r->keys, sequence, key, err);
    if (status != HUB_ERR_NOT_FOUND) return status;
    return hub_fail(err, HUB_ERR_CORRUPT, "the key page of record %" PRIu64 " is missing: restore it from a backup", sequence);
}

static hub_status check_chain(const each_context *c, const journal_opened *opened, uint64_t sequence, hub_error *err)
{
    if (opened->record->sequence != sequence) {
        return hub_fail(err, HUB_ERR_CORRUPT, "record %" PRIu64 " stands in the place of record %" PRIu64,
                        opened->record->sequence, sequence);
    }
    if (memcmp(opened->record->previous_hash.data, c->previous.bytes, HUB_DIGEST_BYTES) != 0) {
        return hub_fail(err, HUB_ERR_CORRUPT, "record %" PRIu64 " does not follow the one before it: the chain is broken",
                        sequence);
    }
    return HUB_OK;
}

static hub_status each_batch(void *context, const journal_batch *batch, hub_error *err)
{
    each_context *c = context;
    for (uint32_t i = 0; i < batch->record_count; i++) {
        uint64_t sequence = batch->first_sequence + i;
        if (sequence < c->from) continue;
        if (c->until != 0 && sequence > c->until) {
            c->is_past = true;
            return HUB_ERR_NOT_FOUND; /* ends journal_read; not an error of its own */
        }
        const uint8_t *key;
        hub_status status = key_of(c->reader, sequence, &key, err);
        if (status != HUB_OK) return status;
        hub_arena_reset(&c->reader->arena);
        hub_bytes bytes = journal_batch_record(batch, i);
        journal_opened opened;
        status = journal_record_open(bytes, key, &c->reader->arena, &opened, err);
        if (status == HUB_OK) status = check_chain(c, &opened, sequence, err);
        if (status == HUB_OK) status = c->each(c->context, &opened, bytes, err);
        if (status != HUB_OK) return status;
        c->previous = opened.hash;
    }
    if (memcmp(c->previous.bytes, batch->last_hash.bytes, HUB_DIGEST_BYTES) != 0) {
        return hub_fail(err, HUB_ERR_CORRUPT, "record %" PRIu64 " is not the one its batch was closed with",
                        journal_batch_last(batch));
    }
    return c->at_end == NULL ? HUB_OK : c->at_end(c->context, batch, err);
}

hub_status journal_reader_batches(journal_reader *r, uint64_t from, uint64_t until, journal_record_cb *each,
                                  journal_batch_end_cb *at_end, void *context, hub_error *err)
{
    each_context c = {
        .reader = r, .from = from == 0 ? 1 : from, .until = until, .each = each, .at_end = at_end, .context = context};
    if (until != 0 && until < c.from) return HUB_OK;
    hub_status status = c.from == 1 ? HUB_OK : journal_reader_hash(r, c.from - 1, &c.previous, err);
    if (status == HUB_ERR_NOT_FOUND) return HUB_OK; /* past the end: nothing to read */
    if (status == HUB_OK) status = journal_read(r->j, c.from, each_batch, &c, err);
    return c.is_past ? HUB_OK : status;
}

/* ---- one ------------------------------------------------------------------------------------------------------------------ */
static hub_status hold(journal_reader *r, uint64_t sequence, hub_error *err)
{
    bool is_held = r->held.record_count > 0 && sequence >= r->held.first_sequence && sequence <= journal_batch_last(&r->held);
    if (is_held) return HUB_OK;
    r->held.record_count = 0;
    journal_batch batch;
    hub_status status = journal_batch_at(r->j, sequence, &batch, err);
    if (status != HUB_OK) return status;
    hub_buffer_clear(&r->held_records);
    hub_buffer_put(&r->held_records, batch.records.data, batch.records.size);
    if (r->held_records.failed) {
        r->held_records.failed = false;
        return hub_fail(err, HUB_ERR_MEMORY, "out of memory for a batch of the journal");
    }
    memcpy(r->held_offsets, batch.offsets, ((size_t)batch.record_count + 1) * sizeof *batch.offsets);
    r->held = batch;
    r->held.offsets = r->held_offsets;
    r->held.records = hub_buffer_bytes(&r->held_records);
    r->held.refs = NULL;
    r->held.ref_count = 0;
    return HUB_OK;
}

hub_status journal_reader_bytes(journal_reader *r, uint64_t sequence, hub_bytes *bytes, const uint8_t **key, hub_error *err)
{
    HUB_ASSERT(sequence >= 1);
    hub_status status = hold(r, sequence, err);
    if (status == HUB_OK && key != NULL) status = key_of(r, sequence, key, err);
    if (status != HUB_OK) return status;
    *bytes = journal_batch_record(&r->held, (uint32_t)(sequence - r->held.first_sequence));
    return HUB_OK;
}

hub_status journal_reader_hash(journal_reader *r, uint64_t sequence, hub_digest *out, hub_error *err)
{
    hub_bytes bytes;
    hub_status status = journal_reader_bytes(r, sequence, &bytes, NULL, err);
    if (status == HUB_OK) hub_digest_of(bytes, out);
    return status;
}
