#include "verify.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend.h"
#include "heads.h"

typedef struct known_head {
    uint64_t sequence;
    hub_digest hash;
    uint64_t state_digest;
} known_head;

typedef struct verification {
    journal *j;
    journal_keys *keys;
    const uint8_t *signing_key;
    journal_verdict *verdict;
    hub_arena arena;
    known_head *heads; /* ascending sequence once sorted */
    size_t head_count, head_capacity, next_head;
    uint64_t last_sequence;
    uint32_t last_epoch;
    int64_t last_time_ms;
} verification;

/* Writes the finding down and ends the reading: what comes after a record that does not hold cannot hold either. */
static hub_status found(verification *v, uint64_t sequence, const char *what)
{
    _Static_assert(sizeof v->verdict->finding == 300, "the cut below");
    v->verdict->first_bad = sequence;
    (void)snprintf(v->verdict->finding, sizeof v->verdict->finding, "%.299s", what);
    return HUB_ERR_CORRUPT;
}

/* ---- heads ---------------------------------------------------------------------------------------------------------------- */
static hub_status add_head(void *context, hub_bytes bytes, hub_error *err)
{
    verification *v = context;
    hub_arena_reset(&v->arena);
    journal_head head;
    hub_error cause;
    hub_status status = journal_head_open(bytes, v->signing_key, &v->arena, &head, &cause);
    if (status == HUB_ERR_REFUSED) return found(v, head.sequence, cause.text);
    if (status != HUB_OK) return found(v, 1, cause.text);
    if (strcmp(head.partnership, v->j->partnership) != 0)
        return found(v, head.sequence, "a signed head is of another partnership");
    if (v->head_count == v->head_capacity) {
        size_t capacity = v->head_capacity == 0 ? 256 : 2 * v->head_capacity;
        known_head *grown = realloc(v->heads, capacity * sizeof *grown);
        if (grown == NULL) return hub_fail(err, HUB_ERR_MEMORY, "out of memory for signed heads");
        v->heads = grown;
        v->head_capacity = capacity;
    }
    v->heads[v->head_count++] =
        (known_head){.sequence = head.sequence, .hash = head.record_hash, .state_digest = head.state_digest};
    return HUB_OK;
}

/* A line of the file may be torn: what does not unpack says nothing. */
static hub_status add_file_head(void *context, hub_bytes bytes, hub_error *err)
{
    verification *v = context;
    hub_arena_reset(&v->arena);
    journal_head head;
    if (journal_head_open(bytes, NULL, &v->arena, &head, NULL) != HUB_OK) return HUB_OK;
    return add_head(context, bytes, err);
}

static int by_sequence(const void *left, const void *right)
{
    uint64_t a = ((const known_head *)left)->sequence;
    uint64_t b = ((const known_head *)right)->sequence;
    return a < b ? -1 : a > b ? 1 : 0;
}

static hub_status load_heads(verification *v, const char *heads_path, hub_error *err)
{
    hub_status status = journal_heads(v->j, add_head, v, err);
    if (status == HUB_OK && heads_path != NULL) {
        status = journal_heads_file_each(heads_path, add_file_head, v, err);
        if (status == HUB_ERR_NOT_FOUND) status = hub_fail(err, HUB_ERR_IO, "%s: the heads file is not there", heads_path);
    }
    if (v->head_count > 0) qsort(v->heads, v->head_count, sizeof *v->heads, by_sequence);
    return status;
}

/* Compares every head of this record. The same one is usually known twice: from the store and from the file. */
static hub_status check_heads(verification *v, uint64_t sequence, const hub_digest *hash, const uint64_t *state_digest)
{
    bool counted = false;
    for (; v->next_head < v->head_count && v->heads[v->next_head].sequence == sequence; v->next_head++) {
        const known_head *head = &v->heads[v->next_head];
        if (memcmp(head->hash.bytes, hash->bytes, HUB_DIGEST_BYTES) != 0) {
            return found(v, sequence, "a signed head names another record in this place: history was rewritten");
        }
        if (state_digest == NULL || head->state_digest != *state_digest) {
            return found(v, sequence, "a signed head names another state than the batch that ends here");
        }
        if (!counted) v->verdict->heads++;
        counted = true;
    }
    return HUB_OK;
}

/* ---- records -------------------------------------------------------------------------------------------------------------- */
static hub_status check_record(verification *v, const journal_opened *opened, uint64_t sequence)
{
    const Mash__V1__Record *record = opened->record;
    const struct {
        bool holds;
        const char *otherwise;
    } CHECKS[] = {
        {record->sequence == sequence, "another record stands in this place"},
        {memcmp(record->previous_hash.data, v->verdict->last_hash.bytes, HUB_DIGEST_BYTES) == 0,
         "it does not follow the record before it: the chain is broken"},
        {strcmp(record->partnership, v->j->partnership) == 0, "it is of another partnership"},
        {record->epoch >= v->last_epoch, "its epoch is older than that of the record before it"},
        {sequence == 1 || record->time_ms >= v->last_time_ms, "its time is before that of the record before it"},
    };
    for (size_t i = 0; i < sizeof CHECKS / sizeof CHECKS[0]; i++) {
        if (!CHECKS[i].holds) return found(v, sequence, CHECKS[i].otherwise);
    }
    v->last_epoch = record->epoch;
    v->last_time_ms = record->time_ms;
    v->last_sequence = sequence;
    v->verdict->last_hash = opened->hash;
    v->verdict->records++;
    if (opened->erased) v->verdict->erased++;
    return HUB_OK;
}

static hub_status check_batch(void *context, const journal_batch *batch, hub_error *err)
{
    verification *v = context;
    for (uint32_t i = 0; i < batch->record_count; i++) {
        uint64_t sequence = batch->first_sequence + i;
        const uint8_t *key;
        journal_opened opened;
        hub_error cause;
        hub_arena_reset(&v->arena);
        hub_status status = journal_keys_get(v->keys, sequence, &key, &cause);
        if (status == HUB_OK) status = journal_record_open(journal_batch_record(batch, i), key, &v->arena, &opened, &cause);
        if (status == HUB_ERR_IO || status == HUB_ERR_MEMORY) return hub_fail(err, status, "%s", cause.text);
        if (status != HUB_OK) return found(v, sequence, cause.text);
        status = check_record(v, &opened, sequence);
        bool is_last = i + 1 == batch->record_count;
        if (status == HUB_OK) status = check_heads(v, sequence, &opened.hash, is_last ? &batch->state_digest : NULL);
        if (status != HUB_OK) return status;
    }
    if (memcmp(batch->last_hash.bytes, v->verdict->last_hash.bytes, HUB_DIGEST_BYTES) != 0 || batch->epoch != v->last_epoch) {
        return found(v, v->last_sequence, "it is not the record that its batch was closed with");
    }
    return HUB_OK;
}

static hub_status read_all(verification *v, hub_error *err)
{
    hub_error cause = {{0}};
    hub_status status = journal_read(v->j, 1, check_batch, v, &cause);
    if (v->verdict->finding[0] != '\0') return HUB_OK;
    if (status == HUB_ERR_CORRUPT || status == HUB_ERR_VERSION) {
        (void)found(v, v->last_sequence + 1, cause.text);
        return HUB_OK;
    }
    if (status != HUB_OK) return hub_fail(err, status, "%s", cause.text);
    if (v->next_head < v->head_count) {
        char what[160];
        (void)snprintf(what, sizeof what,
                       "the journal ends at record %" PRIu64 ", but a head was signed for record %" PRIu64 ": its tail was cut",
                       v->last_sequence, v->heads[v->head_count - 1].sequence);
        (void)found(v, v->last_sequence + 1, what);
    }
    return HUB_OK;
}

hub_status journal_verify(journal *j, journal_keys *keys, const uint8_t *signing_key, const char *heads_path,
                          journal_verdict *out, hub_error *err)
{
    HUB_ASSERT(j != NULL && keys != NULL);
    *out = (journal_verdict){0};
    verification v = {.j = j, .keys = keys, .signing_key = signing_key, .verdict = out};
    hub_status status = hub_arena_open(&v.arena, 256 * 1024, 256 * 1024 * 1024);
    if (status != HUB_OK) return hub_fail(err, status, "out of memory");
    status = load_heads(&v, heads_path, err);
    if (out->finding[0] != '\0') status = HUB_OK;
    if (status == HUB_OK && out->finding[0] == '\0') status = read_all(&v, err);
    free(v.heads);
    hub_arena_close(&v.arena);
    return status;
}
