#include "verify.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "backend.h"
#include "heads.h"

typedef struct verification {
    journal *j;
    journal_keys *keys;
    const uint8_t *signing_key;
    journal_verdict *verdict;
    hub_arena arena;
    hub_arena head_arena;
    journal_heads_list heads; /* ascending sequence once sorted */
    size_t next_head;
    uint64_t store_head, store_head_before; /* records of the newest two heads in the store; 0: none */
    uint64_t last_sequence;
    uint32_t last_epoch;
    int64_t time_from_ms; /* no next record may be dated before this */
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
static hub_status add_store_head(void *context, hub_bytes bytes, hub_error *err)
{
    verification *v = context;
    hub_error cause;
    hub_status status = journal_heads_list_add(&v->heads, bytes, &cause);
    if (status == HUB_ERR_CORRUPT) return found(v, 1, cause.text);
    if (status != HUB_OK) return hub_fail(err, status, "%s", cause.text);
    v->store_head_before = v->store_head;
    v->store_head = v->heads.items[v->heads.count - 1].sequence;
    return HUB_OK;
}

/* A file that ends before the store's heads do was cut or put back from an older copy, and cannot show what was cut from the store. */
static void check_file_reaches(verification *v, const char *path, size_t begin, char missing[static 300])
{
    uint64_t newest = 0;
    for (size_t i = begin; i < v->heads.count; i++) {
        if (v->heads.items[i].sequence > newest) newest = v->heads.items[i].sequence;
    }
    if (v->store_head == 0 || (newest > 0 && newest >= v->store_head_before)) return;
    (void)snprintf(missing, 300,
                   "%.120s: its newest head is of record %" PRIu64 ", the store's of record %" PRIu64
                   ": it was damaged, cut, or put back from an older copy",
                   path, newest, v->store_head);
}

/* What is wrong with the file as a whole goes into `missing`: the records are looked at all the same. */
static hub_status load_heads(verification *v, const char *heads_path, char missing[static 300], hub_error *err)
{
    hub_status status = journal_heads(v->j, add_store_head, v, err);
    if (status != HUB_OK || heads_path == NULL) return status;
    size_t begin = v->heads.count;
    status =
        journal_heads_list_read(&v->heads, heads_path, v->signing_key, err); /* after the store's: it may have more, not less */
    if (status == HUB_ERR_NOT_FOUND) {
        (void)snprintf(missing, 300, "%.200s: the heads file is not there: nothing shows whether the tail was cut", heads_path);
        return HUB_OK;
    }
    v->verdict->abandoned = v->heads.abandoned;
    v->verdict->strange = v->heads.strange;
    if (status == HUB_OK) check_file_reaches(v, heads_path, begin, missing);
    return status;
}

/* HUB_OK, or a finding was written down. */
static hub_status open_head(verification *v, size_t place, journal_head *out)
{
    hub_error cause;
    hub_arena_reset(&v->head_arena);
    hub_bytes bytes = journal_heads_list_bytes(&v->heads, place);
    if (journal_head_open(bytes, v->signing_key, &v->head_arena, out, &cause) != HUB_OK)
        return found(v, v->heads.items[place].sequence, cause.text);
    if (strcmp(out->partnership, v->j->partnership) != 0)
        return found(v, out->sequence, "a signed head is of another partnership");
    return HUB_OK;
}

/* Compares every head of this record. The same one is usually known twice: from the store and from the file. */
static hub_status check_heads(verification *v, uint64_t sequence, const hub_digest *hash, const uint64_t *state_digest)
{
    bool counted = false;
    for (; v->next_head < v->heads.count && v->heads.items[v->next_head].sequence == sequence; v->next_head++) {
        journal_head head;
        hub_status status = open_head(v, v->next_head, &head);
        if (status != HUB_OK) return status;
        if (memcmp(head.record_hash.bytes, hash->bytes, HUB_DIGEST_BYTES) != 0) {
            return found(v, sequence, "a signed head names another record in this place: history was rewritten");
        }
        if (state_digest == NULL || head.state_digest != *state_digest) {
            return found(v, sequence, "a signed head names another state than the batch that ends here");
        }
        if (!counted) v->verdict->heads++;
        counted = true;
    }
    return HUB_OK;
}

/* What this record's decision adds to hub time; the next one is dated accordingly. */
static int64_t time_added(const Mash__V1__Control *control)
{
    int64_t added = 0;
    for (size_t i = 0; i < control->n_facts; i++) {
        const Mash__V1__Fact *fact = control->facts[i];
        if (fact->body_case == MASH__V1__FACT__BODY_TIME_CORRECTED) added += fact->time_corrected->delta_ms;
    }
    return added;
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
        {sequence == 1 || record->time_ms >= v->time_from_ms, "its time is before that of the record before it"},
    };
    for (size_t i = 0; i < sizeof CHECKS / sizeof CHECKS[0]; i++) {
        if (!CHECKS[i].holds) return found(v, sequence, CHECKS[i].otherwise);
    }
    v->last_epoch = record->epoch;
    v->time_from_ms = record->time_ms + time_added(opened->control);
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
    journal_head beyond;
    if (v->next_head < v->heads.count && open_head(v, v->heads.count - 1, &beyond) == HUB_OK) {
        char what[160];
        (void)snprintf(what, sizeof what,
                       "the journal ends at record %" PRIu64 ", but a head was signed for record %" PRIu64 ": its tail was cut",
                       v->last_sequence, beyond.sequence);
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
    char missing[300] = "";
    hub_status status = hub_arena_open(&v.arena, 256 * 1024, 256 * 1024 * 1024);
    if (status == HUB_OK) status = hub_arena_open(&v.head_arena, 4 * 1024, 64 * 1024);
    if (status != HUB_OK) {
        (void)hub_fail(err, status, "out of memory");
        goto done;
    }
    status = load_heads(&v, heads_path, missing, err);
    if (out->finding[0] != '\0') status = HUB_OK;
    journal_heads_list_sort(&v.heads);
    if (status == HUB_OK && out->finding[0] == '\0') status = read_all(&v, err);
    if (status == HUB_OK && out->finding[0] == '\0' && missing[0] != '\0') (void)found(&v, 0, missing);

done:
    journal_heads_list_free(&v.heads);
    hub_arena_close(&v.head_arena);
    hub_arena_close(&v.arena);
    return status;
}
