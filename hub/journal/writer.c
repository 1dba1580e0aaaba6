#include "writer.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "heads.h"
#include "host/log.h"

enum {
    HEAD_RECORDS = 1000,
    HEAD_MS = 60 * 1000,
    SYNC_MS = 250, /* a busy hub signs fifty heads a second, and each sync of their file keeps the next batch waiting */
    LINES_KEPT_MAX = 64 * 1024, /* of a heads file that cannot be written: about 200 heads */
};

struct journal_writer {
    journal *j;         /* BORROWED */
    journal_keys *keys; /* BORROWED */
    char partnership[JOURNAL_PARTNERSHIP_MAX + 1];
    char *heads_path; /* NULL: store only */
    uint8_t *secret;  /* NULL: no heads; guarded memory */
    uint32_t epoch;
    hub_digest last_hash;
    uint64_t last_sequence; /* of the last durable record of this writer; 0: none yet */
    uint64_t state_digest;  /* after it */
    int64_t last_time_ms;
    uint64_t head_sequence; /* of the last head of this writer; 0: none yet, the first batch gets one */
    int64_t head_time_ms;
    int64_t
        unsigned_since_ms; /* by the clock of journal_writer_pause: when it first saw the tail without a head; -1: it has one */
    hub_buffer records, head;
    hub_buffer lines; /* for the heads file */
    bool has_new_lines;
    bool is_unsynced;    /* what the file holds */
    int64_t sync_due_ms; /* by the clock of journal_writer_pause: it is not synced again before */
    uint32_t offsets[JOURNAL_BATCH_RECORDS_MAX + 1];
    journal_ref *refs;
    size_t ref_capacity;
};

/* ---- heads ---------------------------------------------------------------------------------------------------------------- */
static hub_status sign(journal_writer *w, uint64_t sequence, const hub_digest *hash, uint64_t state_digest, int64_t time_ms)
{
    const journal_head head = {.partnership = w->partnership,
                               .epoch = w->epoch,
                               .sequence = sequence,
                               .record_hash = *hash,
                               .state_digest = state_digest,
                               .time_ms = time_ms};
    hub_buffer_clear(&w->head);
    return journal_head_sign(&head, w->secret, &w->head);
}

static hub_status add_head(journal_writer *w, const journal_draft *last, journal_batch *batch, hub_error *err)
{
    if (w->secret == NULL) return HUB_OK;
    bool is_due =
        w->head_sequence == 0 || last->sequence - w->head_sequence >= HEAD_RECORDS || last->time_ms - w->head_time_ms >= HEAD_MS;
    if (!is_due) return HUB_OK;
    if (sign(w, last->sequence, &batch->last_hash, batch->state_digest, last->time_ms) != HUB_OK)
        return hub_fail(err, HUB_ERR_MEMORY, "out of memory for a signed head");
    batch->head = hub_buffer_bytes(&w->head);
    return HUB_OK;
}

/* What `head` holds is of the last durable record: the file gets it in the next pause. */
static void keep_for_file(journal_writer *w)
{
    w->head_sequence = w->last_sequence;
    w->head_time_ms = w->last_time_ms;
    w->unsigned_since_ms = -1;
    if (w->heads_path == NULL) return;
    if (w->lines.size > LINES_KEPT_MAX || w->lines.failed) hub_buffer_free(&w->lines);
    journal_heads_file_put(hub_buffer_bytes(&w->head), &w->lines);
    w->has_new_lines = true;
}

/* The records are durable, whatever becomes of this: what cannot be written now is tried again with the next head. */
static void write_heads_file(journal_writer *w, journal_heads_sync sync)
{
    bool syncs = w->is_unsynced && sync == JOURNAL_HEADS_SYNC;
    if ((!w->has_new_lines && !syncs) || w->lines.failed) return;
    w->has_new_lines = false;
    w->is_unsynced = sync == JOURNAL_HEADS_SYNC_LATER;
    hub_error err;
    if (journal_heads_file_append(w->heads_path, &w->lines, sync, &err) != HUB_OK) {
        host_log(HOST_LOG_WARNING, "a signed head could not be added to the heads file", "cause", err.text, NULL);
        return;
    }
    hub_buffer_free(&w->lines);
}

static void sign_tail(journal_writer *w)
{
    if (w->secret == NULL || w->heads_path == NULL || w->last_sequence == w->head_sequence) return;
    if (sign(w, w->last_sequence, &w->last_hash, w->state_digest, w->last_time_ms) == HUB_OK) keep_for_file(w);
    w->head.failed = false; /* memory may come back */
}

void journal_writer_pause(journal_writer *w, int64_t now_ms)
{
    if (w->last_sequence == w->head_sequence) {
        w->unsigned_since_ms = -1;
    } else if (w->unsigned_since_ms < 0) {
        w->unsigned_since_ms = now_ms;
    } else if (now_ms - w->unsigned_since_ms >= HEAD_MS) {
        sign_tail(w);
    }
    bool is_due = now_ms >= w->sync_due_ms;
    if (is_due && w->has_new_lines) w->sync_due_ms = now_ms + SYNC_MS;
    write_heads_file(w, is_due ? JOURNAL_HEADS_SYNC : JOURNAL_HEADS_SYNC_LATER);
}

/* ---- opening -------------------------------------------------------------------------------------------------------------- */
hub_status journal_writer_open(journal *j, journal_keys *keys, const journal_writer_options *options, journal_writer **out,
                               hub_error *err)
{
    HUB_ASSERT(j != NULL && keys != NULL);
    HUB_ASSERT(strlen(options->partnership) <= JOURNAL_PARTNERSHIP_MAX);
    *out = NULL;
    hub_status status = HUB_ERR_MEMORY;
    journal_writer *w = calloc(1, sizeof *w);
    if (w == NULL) goto fail;
    w->j = j;
    w->keys = keys;
    w->epoch = options->epoch;
    w->unsigned_since_ms = -1;
    memcpy(w->partnership, options->partnership, strlen(options->partnership) + 1);
    if (options->heads_path != NULL && (w->heads_path = strdup(options->heads_path)) == NULL) goto fail;
    if (options->signing_secret != NULL) {
        w->secret = sodium_malloc(JOURNAL_SIGNING_SECRET_BYTES);
        if (w->secret == NULL) goto fail;
        memcpy(w->secret, options->signing_secret, JOURNAL_SIGNING_SECRET_BYTES);
    }
    journal_end end;
    status = journal_end_of(j, &end, err);
    if (status != HUB_OK) goto fail;
    if (w->epoch == 0 || w->epoch < end.epoch) {
        status = hub_fail(err, HUB_ERR_INVALID, "a writer of epoch %" PRIu32 " cannot follow epoch %" PRIu32 " of the journal",
                          w->epoch, end.epoch);
        goto fail;
    }
    w->last_hash = end.last_hash;
    *out = w;
    return HUB_OK;

fail:
    journal_writer_close(w);
    return status == HUB_ERR_MEMORY ? hub_fail(err, status, "out of memory for the journal's writer") : status;
}

void journal_writer_close(journal_writer *w)
{
    if (w == NULL) return;
    sign_tail(w);
    w->has_new_lines = w->lines.size > 0; /* what could not be written before, too */
    write_heads_file(w, JOURNAL_HEADS_SYNC);
    hub_buffer_free(&w->records);
    hub_buffer_free(&w->head);
    hub_buffer_free(&w->lines);
    sodium_free(w->secret);
    free(w->heads_path);
    free(w->refs);
    free(w);
}

/* ---- one batch ------------------------------------------------------------------------------------------------------------ */
static bool put_refs(journal_writer *w, const journal_draft *draft, journal_batch *batch)
{
    size_t wanted = (size_t)batch->ref_count + draft->ref_count;
    HUB_ASSERT(wanted <= JOURNAL_BATCH_REFS_MAX);
    if (wanted > w->ref_capacity) {
        size_t capacity = w->ref_capacity == 0 ? 1024 : w->ref_capacity;
        while (capacity < wanted)
            capacity *= 2;
        journal_ref *grown = realloc(w->refs, capacity * sizeof *grown);
        if (grown == NULL) return false;
        w->refs = grown;
        w->ref_capacity = capacity;
    }
    for (uint32_t i = 0; i < draft->ref_count; i++) {
        w->refs[batch->ref_count++] = (journal_ref){.hash = draft->refs[i], .sequence = draft->sequence};
    }
    return true;
}

static hub_status add_record(journal_writer *w, const journal_draft *draft, journal_batch *batch, hub_digest *hash,
                             hub_error *err)
{
    HUB_ASSERT(draft->sequence == batch->first_sequence + batch->record_count);
    const uint8_t *key;
    hub_bytes new_page;
    hub_status status = journal_keys_take(w->keys, draft->sequence, &key, &new_page, err);
    if (status != HUB_OK) return status;
    if (new_page.size > 0) {
        batch->key_page = (draft->sequence - 1) / JOURNAL_KEYS_PER_PAGE;
        batch->key_page_bytes = new_page;
    }
    status = journal_record_pack(w->partnership, w->epoch, &batch->last_hash, draft, key, &w->records, hash);
    if (status != HUB_OK || !put_refs(w, draft, batch))
        return hub_fail(err, HUB_ERR_MEMORY, "out of memory for a batch of the journal");
    batch->record_count++;
    batch->last_hash = *hash;
    batch->state_digest = draft->state_digest;
    HUB_ASSERT(w->records.size <= JOURNAL_BATCH_BYTES_MAX);
    w->offsets[batch->record_count] = (uint32_t)w->records.size;
    return HUB_OK;
}

/* What failed before anything was sent to the store: memory may come back, a missing key page will not. */
static journal_outcome not_sent(journal_writer *w, hub_status status)
{
    w->records.failed = false;
    w->head.failed = false;
    return status == HUB_ERR_MEMORY ? JOURNAL_FULL : JOURNAL_UNKNOWN;
}

journal_outcome journal_writer_append(journal_writer *w, const journal_draft *drafts, uint32_t count, hub_digest *hashes,
                                      hub_error *err)
{
    HUB_ASSERT(count >= 1);
    HUB_ASSERT(count <= JOURNAL_BATCH_RECORDS_MAX);
    journal_batch batch = {.first_sequence = drafts[0].sequence, .epoch = w->epoch, .last_hash = w->last_hash};
    hub_buffer_clear(&w->records);
    w->offsets[0] = 0;
    for (uint32_t i = 0; i < count; i++) {
        hub_status status = add_record(w, &drafts[i], &batch, &hashes[i], err);
        if (status != HUB_OK) return not_sent(w, status);
    }
    hub_status status = add_head(w, &drafts[count - 1], &batch, err);
    if (status != HUB_OK) return not_sent(w, status);
    batch.offsets = w->offsets;
    batch.hashes = hashes;
    batch.records = hub_buffer_bytes(&w->records);
    batch.refs = w->refs;

    journal_outcome outcome = journal_append(w->j, &batch, err);
    if (outcome != JOURNAL_DURABLE) return outcome;
    w->last_hash = batch.last_hash;
    w->last_sequence = drafts[count - 1].sequence;
    w->state_digest = batch.state_digest;
    w->last_time_ms = drafts[count - 1].time_ms;
    if (batch.key_page_bytes.size > 0) journal_keys_stored(w->keys);
    if (batch.head.size > 0) keep_for_file(w);
    return outcome;
}
