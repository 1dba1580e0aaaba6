#include "backend.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "host/clock.h"

enum {
    REFS_MERGED_MIN = 1024 * 1024, /* a busy journal leaves fewer (16 MB) for later: the more there are, the more share a page */
    REFS_MERGED_MAX = 4096,
    REF_MERGE_US = 2, /* what one insert costs, about */
    BUSY_SHARE = 16,  /* of a busy writer's time, one part in so many goes into the index */
};
#define NOTE_PARTNERSHIP "partnership"
#define NOTE_FORMAT "format"
#define FORMAT_TEXT "1"

/* ---- opening -------------------------------------------------------------------------------------------------------------- */
static bool is_partnership(const char *name)
{
    size_t length = strlen(name);
    return length >= 1 && length <= JOURNAL_PARTNERSHIP_MAX && strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-") == length;
}

hub_status journal_open(const char *location, const char *partnership, journal_open_mode mode, journal **out, hub_error *err)
{
    HUB_ASSERT(location != NULL && partnership != NULL);
    HUB_ASSERT(out != NULL);
    *out = NULL;
    if (strcmp(location, "memory:") == 0) return journal_memory_open_alone(partnership, mode, out, err);
    if (strncmp(location, "sqlite:", 7) == 0) return journal_sqlite_open(location + 7, partnership, mode, out, err);
    if (strncmp(location, "redis:", 6) == 0) return journal_redis_open(location + 6, partnership, mode, out, err);
    return hub_fail(
        err, HUB_ERR_INVALID,
        "journal %s: no such kind of store; write sqlite:PATH, redis:unix:PATH, redis:tcp:HOST:PORT or memory:", location);
}

hub_status journal_prepare(journal *j, const journal_ops *ops, const char *partnership, journal_open_mode mode, hub_error *err)
{
    j->ops = ops;
    j->mode = mode;
    if (!is_partnership(partnership)) {
        return hub_fail(err, HUB_ERR_INVALID, "a partnership's name has 1 to %d characters of a-z, 0-9 and -",
                        JOURNAL_PARTNERSHIP_MAX);
    }
    memcpy(j->partnership, partnership, strlen(partnership) + 1);
    return HUB_OK;
}

static hub_status expect_note(journal *j, const char *name, const char *expected, hub_status otherwise, hub_error *err)
{
    hub_buffer found = {0};
    hub_status status = journal_note_get(j, name, &found, err);
    if (status == HUB_ERR_NOT_FOUND) {
        status = hub_fail(err, HUB_ERR_INVALID, "this %s store holds no journal: it has no note \"%s\"", j->ops->name, name);
    } else if (status == HUB_OK && !hub_bytes_equal(hub_buffer_bytes(&found), hub_bytes_of_text(expected))) {
        status = hub_fail(err, otherwise, "this journal's %s is \"%.40s\", not \"%s\"", name, hub_buffer_text(&found), expected);
    }
    hub_buffer_free(&found);
    return status;
}

static hub_status indexed_through(journal *j, journal_refs_indexed *out, hub_error *err)
{
    hub_buffer note = {0};
    *out = journal_refs_indexed_up_to(0);
    hub_status status = journal_note_get(j, JOURNAL_NOTE_INDEXED, &note, err);
    if (status == HUB_OK && !journal_refs_indexed_read(hub_buffer_bytes(&note), out))
        status = hub_fail(err, HUB_ERR_CORRUPT, "the journal's note \"" JOURNAL_NOTE_INDEXED "\" is damaged");
    hub_buffer_free(&note);
    return status == HUB_ERR_NOT_FOUND ? HUB_OK : status;
}

static hub_status find_end(journal *j, journal_end *out, hub_error *err)
{
    *out = (journal_end){0};
    hub_buffer_clear(&j->fetched);
    hub_status status = j->ops->last(j, &j->fetched, err);
    if (status == HUB_ERR_NOT_FOUND) return HUB_OK;
    journal_batch batch;
    if (status == HUB_OK) status = journal_batch_decode(hub_buffer_bytes(&j->fetched), &j->scratch, &batch, err);
    if (status != HUB_OK) return hub_fail_within(err, status, "the newest batch of the journal");
    *out = (journal_end){.last_sequence = journal_batch_last(&batch),
                         .epoch = batch.epoch,
                         .last_hash = batch.last_hash,
                         .state_digest = batch.state_digest};
    return HUB_OK;
}

hub_status journal_begin(journal *j, hub_error *err)
{
    hub_status status = HUB_OK;
    if (j->mode == JOURNAL_CREATE) {
        status = journal_note_put(j, NOTE_FORMAT, hub_bytes_of_text(FORMAT_TEXT), err);
        if (status == HUB_OK) status = journal_note_put(j, NOTE_PARTNERSHIP, hub_bytes_of_text(j->partnership), err);
    } else {
        status = expect_note(j, NOTE_FORMAT, FORMAT_TEXT, HUB_ERR_VERSION, err);
        if (status == HUB_OK) status = expect_note(j, NOTE_PARTNERSHIP, j->partnership, HUB_ERR_INVALID, err);
    }
    if (status == HUB_OK) status = find_end(j, &j->end, err);
    journal_refs_indexed indexed;
    if (status == HUB_OK) status = indexed_through(j, &indexed, err);
    if (status == HUB_OK) journal_refs_pending_begin(&j->pending, &indexed);
    return status;
}

void journal_end_common(journal *j)
{
    hub_buffer_free(&j->encoded);
    hub_buffer_free(&j->fetched);
    journal_batch_scratch_free(&j->scratch);
    journal_refs_pending_free(&j->pending);
}

void journal_close(journal *j)
{
    if (j != NULL) j->ops->close(j);
}

/* ---- appending ------------------------------------------------------------------------------------------------------------ */
static journal_outcome stop(journal *j)
{
    j->stopped = true;
    return JOURNAL_UNKNOWN;
}

static bool follows(const journal *j, const journal_batch *batch, hub_error *err)
{
    if (j->stopped) {
        (void)hub_fail(err, HUB_ERR_UNKNOWN,
                       "the journal stopped at an earlier failure and takes no more; open it again and look");
        return false;
    }
    if (batch->first_sequence != j->end.last_sequence + 1 || batch->epoch < j->end.epoch) {
        (void)hub_fail(err, HUB_ERR_INVALID,
                       "a batch that begins at %" PRIu64 " in epoch %" PRIu32 " does not follow record %" PRIu64
                       " of epoch %" PRIu32 ": nothing was written",
                       batch->first_sequence, batch->epoch, j->end.last_sequence, j->end.epoch);
        return false;
    }
    return true;
}

journal_outcome journal_append(journal *j, const journal_batch *batch, hub_error *err)
{
    HUB_ASSERT(j->mode != JOURNAL_READ);
    if (!follows(j, batch, err)) return stop(j);
    hub_buffer_clear(&j->encoded);
    if (journal_batch_encode(batch, &j->encoded) != HUB_OK) {
        j->encoded.failed = false; /* J3: memory may come back */
        (void)hub_fail(err, HUB_ERR_MEMORY, "out of memory for a batch of the journal: nothing was written");
        return JOURNAL_FULL;
    }
    journal_outcome outcome = j->ops->append(j, batch, hub_buffer_bytes(&j->encoded), err);
    if (outcome == JOURNAL_UNKNOWN) return stop(j);
    if (outcome == JOURNAL_FULL) return outcome;
    j->end = (journal_end){.last_sequence = journal_batch_last(batch),
                           .epoch = batch->epoch,
                           .last_hash = batch->last_hash,
                           .state_digest = batch->state_digest};
    j->appended = true;
    (void)journal_refs_pending_add(&j->pending, batch); /* when there is no room, journal_idle catches up from the batches */
    return outcome;
}

hub_status journal_end_of(journal *j, journal_end *out, hub_error *err)
{
    HUB_ASSERT(!j->reading);
    if (j->mode == JOURNAL_READ) return find_end(j, out, err);
    *out = j->end;
    return HUB_OK;
}

/* ---- reading -------------------------------------------------------------------------------------------------------------- */
static hub_status fetch_batch(journal *j, uint64_t sequence, journal_batch *out, hub_error *err)
{
    hub_buffer_clear(&j->fetched);
    hub_status status = j->ops->fetch(j, sequence, &j->fetched, err);
    if (status == HUB_ERR_NOT_FOUND && sequence <= j->end.last_sequence) {
        return hub_fail(err, HUB_ERR_CORRUPT, "record %" PRIu64 " is missing from the journal, which ended at %" PRIu64, sequence,
                        j->end.last_sequence);
    }
    if (status == HUB_ERR_NOT_FOUND) return hub_fail(err, status, "record %" PRIu64 " is past the end of the journal", sequence);
    if (status == HUB_OK) status = journal_batch_decode(hub_buffer_bytes(&j->fetched), &j->scratch, out, err);
    if (status != HUB_OK) return hub_fail_within(err, status, "record %" PRIu64, sequence);
    if (out->first_sequence > sequence || journal_batch_last(out) < sequence) {
        return hub_fail(err, HUB_ERR_CORRUPT,
                        "record %" PRIu64 " is missing from the journal: the batch in its place holds %" PRIu64 " to %" PRIu64,
                        sequence, out->first_sequence, journal_batch_last(out));
    }
    return HUB_OK;
}

hub_status journal_batch_at(journal *j, uint64_t sequence, journal_batch *out, hub_error *err)
{
    HUB_ASSERT(sequence >= 1);
    HUB_ASSERT(!j->reading);
    return fetch_batch(j, sequence, out, err);
}

hub_status journal_read(journal *j, uint64_t from_sequence, journal_batch_cb *each, void *context, hub_error *err)
{
    HUB_ASSERT(!j->reading);
    j->reading = true;
    hub_status status = HUB_OK;
    uint64_t sequence = from_sequence == 0 ? 1 : from_sequence;
    bool inside = false;
    while (status == HUB_OK) {
        journal_batch batch;
        status = fetch_batch(j, sequence, &batch, err);
        if (status == HUB_OK && inside && batch.first_sequence != sequence) {
            status = hub_fail(err, HUB_ERR_CORRUPT, "record %" PRIu64 " is in two batches of the journal", sequence);
        }
        if (status == HUB_ERR_NOT_FOUND) break;
        inside = true;
        if (status != HUB_OK) break;
        sequence = journal_batch_last(&batch) + 1;
        status = each(context, &batch, err);
    }
    j->reading = false;
    return status == HUB_ERR_NOT_FOUND ? HUB_OK : status;
}

/* ---- refs ----------------------------------------------------------------------------------------------------------------- */
/* Takes refs of batches after `through`, as long as there is room and at most `batches_max` of them. With `found`, also looks into the
 * batches there is no room for. */
static hub_status catch_up(journal *j, uint32_t batches_max, uint64_t hash, journal_refs_found *found, hub_error *err)
{
    uint64_t sequence = j->pending.through + 1;
    for (uint32_t n = 0; n < batches_max; n++) {
        if (j->mode != JOURNAL_READ && sequence > j->end.last_sequence) return HUB_OK;
        journal_batch batch;
        hub_status status = fetch_batch(j, sequence, &batch, err);
        if (status == HUB_ERR_NOT_FOUND) return HUB_OK;
        if (status != HUB_OK) return status;
        bool held = journal_refs_pending_add(&j->pending, &batch);
        if (!held && found == NULL) return HUB_OK;
        for (uint32_t i = 0; !held && i < batch.ref_count; i++) {
            if (batch.refs[i].hash == hash) journal_refs_found_add(found, batch.refs[i].sequence);
        }
        sequence = journal_batch_last(&batch) + 1;
    }
    return HUB_OK;
}

hub_status journal_lookup(journal *j, uint64_t hash, uint64_t *out, uint32_t capacity, uint32_t *count, hub_error *err)
{
    HUB_ASSERT(capacity >= 1);
    HUB_ASSERT(!j->reading);
    *count = 0;
    hub_status status = HUB_OK;
    if (j->mode == JOURNAL_READ) {
        /* What the note says is read before the index is: the index can only hold more than that. */
        journal_refs_indexed indexed;
        status = indexed_through(j, &indexed, err);
        if (status == HUB_OK) journal_refs_pending_forget(&j->pending, &indexed);
    }
    uint32_t indexed_count = 0;
    if (status == HUB_OK) status = j->ops->lookup(j, hash, out, capacity, &indexed_count, err);
    if (status != HUB_OK) return status;
    HUB_ASSERT(indexed_count <= capacity);
    journal_refs_found found = {.out = out, .capacity = capacity, .count = indexed_count};
    status = catch_up(j, UINT32_MAX, hash, &found, err);
    if (status != HUB_OK) return status;
    journal_refs_pending_find(&j->pending, hash, &found);
    *count = found.count;
    return HUB_OK;
}

/* How many refs to merge now; 0 = none. What is merged between two batches of a busy time, an event waits for. */
static uint32_t refs_to_merge(const journal *j, uint32_t budget_us)
{
    if (j->pending.count == 0) return 0;
    if (j->appended && (j->pending.count < REFS_MERGED_MIN || host_monotonic_us() < j->busy_until_us)) return 0;
    uint32_t wanted = budget_us / REF_MERGE_US;
    return wanted < 64 ? 64 : wanted > REFS_MERGED_MAX ? REFS_MERGED_MAX : wanted;
}

/* A failure loses nothing: the refs stay in their batches. */
static hub_status merge(journal *j, uint32_t wanted)
{
    uint64_t began_us = host_monotonic_us();
    journal_ref refs[REFS_MERGED_MAX];
    journal_refs_indexed indexed;
    uint8_t note[JOURNAL_REFS_INDEXED_BYTES];
    uint32_t count = journal_refs_pending_next(&j->pending, refs, wanted, &indexed);
    journal_refs_indexed_pack(&indexed, note);
    hub_status status = j->ops->index(j, refs, count, hub_bytes_of(note, sizeof note), NULL);
    if (status != HUB_OK) return status;
    journal_refs_pending_forget(&j->pending, &indexed);
    uint64_t ended_us = host_monotonic_us();
    j->busy_until_us = ended_us + (ended_us - began_us) * BUSY_SHARE;
    return HUB_OK;
}

static bool merge_refs(journal *j, uint32_t budget_us)
{
    enum { BATCHES_A_CALL = 16 };
    uint64_t through = j->pending.through;
    if (!j->appended && catch_up(j, BATCHES_A_CALL, 0, NULL, NULL) != HUB_OK) return false;
    bool is_behind = j->pending.through < j->end.last_sequence;
    bool comes_nearer = is_behind && j->pending.through > through;
    if (comes_nearer && j->pending.count < REFS_MERGED_MIN) return true; /* more of them share a page */
    uint32_t wanted = refs_to_merge(j, budget_us);
    if (wanted > 0 && merge(j, wanted) != HUB_OK) return false;
    return !j->appended && (is_behind || j->pending.count > 0);
}

bool journal_idle(journal *j, uint32_t budget_us)
{
    if (j->mode == JOURNAL_READ || j->stopped) return false;
    j->ops->idle(j);
    bool more = merge_refs(j, budget_us);
    j->appended = false;
    return more;
}

hub_status journal_look(journal *j, hub_error *err)
{
    HUB_ASSERT(j->mode != JOURNAL_READ);
    return j->stopped || j->ops->look == NULL ? HUB_OK : j->ops->look(j, err);
}

/* ---- the rest is the backend's -------------------------------------------------------------------------------------------- */
hub_status journal_key_page(journal *j, uint64_t page, hub_buffer *out, hub_error *err)
{
    return j->ops->key_page(j, page, out, err);
}

hub_status journal_heads(journal *j, journal_head_cb *each, void *context, hub_error *err)
{
    return j->ops->heads(j, each, context, err);
}

hub_status journal_note_put(journal *j, const char *name, hub_bytes value, hub_error *err)
{
    HUB_ASSERT(j->mode != JOURNAL_READ);
    HUB_ASSERT(value.size <= JOURNAL_NOTE_BYTES_MAX);
    if (j->stopped) return hub_fail(err, HUB_ERR_UNKNOWN, "the journal stopped at an earlier failure; open it again and look");
    return j->ops->note_put(j, name, value, err);
}

hub_status journal_note_get(journal *j, const char *name, hub_buffer *out, hub_error *err)
{
    return j->ops->note_get(j, name, out, err);
}

uint64_t journal_room(journal *j)
{
    return j->ops->room(j);
}

const char *journal_backend(const journal *j)
{
    return j->ops->name;
}

const char *journal_partnership(const journal *j)
{
    return j->partnership;
}
