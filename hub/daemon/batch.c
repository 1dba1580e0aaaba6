#include "batch.h"

#include <stdlib.h>
#include <string.h>

#include "event/wire.h"

enum {
    REFS_CAPACITY = 128 * 1024,
    SETTLED_MAX = 64 * 1024,
    RECORD_OVERHEAD = 512, /* partnership, hashes, tags, seal */
    DELIVERY_BYTES_MAX = 64 * 1024 * 1024,
    PART_USUAL = 2048, /* most control and personal parts are smaller */
    FRAME_BYTES_HELD_MAX = 16 * 1024 * 1024,
};

hub_status daemon_batch_open(daemon_batch *batch)
{
    *batch = (daemon_batch){0};
    batch->drafts = calloc(JOURNAL_BATCH_RECORDS_MAX, sizeof *batch->drafts);
    batch->hashes = calloc(JOURNAL_BATCH_RECORDS_MAX, sizeof *batch->hashes);
    batch->bytes = malloc(JOURNAL_BATCH_BYTES_MAX);
    batch->refs = malloc(REFS_CAPACITY * sizeof *batch->refs);
    if (batch->drafts != NULL && batch->hashes != NULL && batch->bytes != NULL && batch->refs != NULL) return HUB_OK;
    daemon_batch_close(batch);
    return HUB_ERR_MEMORY;
}

void daemon_batch_close(daemon_batch *batch)
{
    free(batch->drafts);
    free(batch->hashes);
    free(batch->bytes);
    free(batch->refs);
    free(batch->settled);
    free(batch->problems);
    free(batch->deliveries);
    free(batch->frames);
    hub_buffer_free(&batch->delivery_bytes);
    hub_buffer_free(&batch->frame_bytes);
    *batch = (daemon_batch){0};
}

void daemon_batch_clear(daemon_batch *batch)
{
    batch->count = batch->ref_count = batch->settled_count = batch->problem_count = batch->delivery_count = batch->frame_count =
        0;
    batch->used = batch->weight = 0;
    hub_buffer_clear(&batch->delivery_bytes);
    hub_buffer_clear(&batch->frame_bytes);
}

bool daemon_batch_is_empty(const daemon_batch *batch)
{
    return batch->count == 0 && batch->settled_count == 0 && batch->frame_count == 0;
}

bool daemon_batch_has_room(const daemon_batch *batch, daemon_lane lane, size_t bytes)
{
    uint32_t shares = lane == DAEMON_AGENCY ? 3 : 4; /* of four */
    size_t needed = bytes + CORE_CONTROL_BYTES_MAX + RECORD_OVERHEAD;
    return batch->count < JOURNAL_BATCH_RECORDS_MAX / 4 * shares &&
           batch->weight + needed <= JOURNAL_BATCH_BYTES_MAX / 4 * shares &&
           batch->ref_count + CORE_REFS_MAX <= REFS_CAPACITY / 4 * shares && batch->settled_count < SETTLED_MAX;
}

static hub_status put_message(daemon_batch *batch, const ProtobufCMessage *message, hub_bytes *out)
{
    *out = hub_bytes_of(NULL, 0);
    if (message == NULL) return HUB_OK;
    /* packing begins at the end of the room it is given: a small room first, so that it does not walk through fresh memory */
    size_t left = JOURNAL_BATCH_BYTES_MAX - batch->used;
    size_t size;
    if (!event_wire_pack_at(message, batch->bytes + batch->used, left < PART_USUAL ? left : PART_USUAL, &size) &&
        !event_wire_pack_at(message, batch->bytes + batch->used, left, &size)) {
        return HUB_ERR_FULL;
    }
    *out = hub_bytes_of(batch->bytes + batch->used, size);
    batch->used += size;
    return HUB_OK;
}

hub_status daemon_batch_put(daemon_batch *batch, const core_record *record, const hub_id *command_id, const uint64_t *refs,
                            uint32_t ref_count, uint64_t state_digest)
{
    if (batch->count == JOURNAL_BATCH_RECORDS_MAX || ref_count > REFS_CAPACITY - batch->ref_count) return HUB_ERR_FULL;
    hub_bytes control, personal;
    hub_status status = put_message(batch, &record->control->base, &control);
    if (status == HUB_OK) status = put_message(batch, record->personal == NULL ? NULL : &record->personal->base, &personal);
    if (status != HUB_OK) return status;
    if (ref_count > 0) memcpy(batch->refs + batch->ref_count, refs, ref_count * sizeof *refs);
    batch->drafts[batch->count++] = (journal_draft){.sequence = record->sequence,
                                                    .time_ms = record->time_ms,
                                                    .peer = record->peer,
                                                    .link_seq = record->link_seq,
                                                    .command_id = *command_id,
                                                    .control = control,
                                                    .personal = personal,
                                                    .state_digest = state_digest,
                                                    .refs = batch->refs + batch->ref_count,
                                                    .ref_count = ref_count};
    batch->ref_count += ref_count;
    batch->weight += control.size + personal.size + RECORD_OVERHEAD;
    return HUB_OK;
}

/* Makes room for one more element of `size` bytes. */
static hub_status room(void **items, uint32_t count, uint32_t *capacity, size_t size)
{
    if (count < *capacity) return HUB_OK;
    uint32_t wanted = *capacity == 0 ? 256 : *capacity * 2;
    void *more = realloc(*items, wanted * size);
    if (more == NULL) return HUB_ERR_MEMORY;
    *items = more;
    *capacity = wanted;
    return HUB_OK;
}

hub_status daemon_batch_settle(daemon_batch *batch, const daemon_settled *settled, const event_problem *problem)
{
    void *items = batch->settled;
    hub_status status = room(&items, batch->settled_count, &batch->settled_capacity, sizeof *batch->settled);
    batch->settled = items;
    if (status != HUB_OK) return status;
    daemon_settled entry = *settled;
    entry.problem = 0;
    if (problem != NULL) {
        items = batch->problems;
        status = room(&items, batch->problem_count, &batch->problem_capacity, sizeof *batch->problems);
        batch->problems = items;
        if (status != HUB_OK) return status;
        batch->problems[batch->problem_count++] = *problem;
        entry.problem = batch->problem_count;
    }
    batch->settled[batch->settled_count++] = entry;
    return HUB_OK;
}

hub_status daemon_batch_hold_frame(daemon_batch *batch, bus_session_ref session, uint64_t request, hub_bytes frame)
{
    if (batch->frame_count > 0 && batch->frame_bytes.size + frame.size > FRAME_BYTES_HELD_MAX) return HUB_ERR_FULL;
    void *items = batch->frames;
    hub_status status = room(&items, batch->frame_count, &batch->frame_capacity, sizeof *batch->frames);
    batch->frames = items;
    if (status != HUB_OK) return status;
    size_t offset = batch->frame_bytes.size;
    hub_buffer_put(&batch->frame_bytes, frame.data, frame.size);
    if (batch->frame_bytes.failed) return HUB_ERR_MEMORY;
    batch->frames[batch->frame_count++] =
        (daemon_held_frame){.session = session, .request = request, .offset = offset, .size = frame.size};
    return HUB_OK;
}

hub_status daemon_batch_hold_delivery(daemon_batch *batch, uint64_t sequence, uint32_t queue, size_t offset)
{
    HUB_ASSERT(batch->count > 0 && batch->drafts[batch->count - 1].sequence == sequence);
    void *items = batch->deliveries;
    hub_status status = room(&items, batch->delivery_count, &batch->delivery_capacity, sizeof *batch->deliveries);
    batch->deliveries = items;
    if (status != HUB_OK || batch->delivery_bytes.size > DELIVERY_BYTES_MAX) {
        batch->delivery_bytes.size = offset;
        return HUB_ERR_MEMORY;
    }
    batch->deliveries[batch->delivery_count++] = (daemon_held_delivery){.sequence = sequence,
                                                                        .queue = queue,
                                                                        .record = batch->count - 1,
                                                                        .offset = offset,
                                                                        .size = (uint32_t)(batch->delivery_bytes.size - offset)};
    return HUB_OK;
}
