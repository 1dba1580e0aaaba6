/* batch.h - what one sync will make durable, and what may leave once it is.
 *
 * A batch collects the drafts of decided records, and beside them everything that must not leave before they are durable: settled
 * items, deliveries, answers. All buffers are kept and used again. Drafts point into `bytes`, which therefore never moves.
 *
 * Invariants
 *   A1  what is held leaves in the order in which it was put, and only after the drafts of this batch and of all before it are durable
 *   A2  a batch never outgrows what the journal takes at once
 */
#ifndef DAEMON_BATCH_H
#define DAEMON_BATCH_H

#include "bus/sessions.h"
#include "core/core.h"
#include "journal/writer.h"

typedef struct daemon_settled {
    bus_session_ref session;
    uint64_t link_seq;
    uint64_t sequence;
    Mash__V1__ItemStatus status;
    Mash__V1__RefusalCode code;
    uint32_t problem; /* position in problems + 1; 0 = none */
} daemon_settled;

typedef struct daemon_held_delivery {
    uint64_t sequence;
    uint32_t queue;
    uint32_t record; /* position in the batch */
    size_t offset;   /* in delivery_bytes */
    uint32_t size;
} daemon_held_delivery;

typedef struct daemon_held_frame {
    bus_session_ref session;
    uint64_t request; /* that it answers */
    size_t offset;    /* in frame_bytes */
    size_t size;
} daemon_held_frame;

typedef struct daemon_batch {
    journal_draft *drafts; /* JOURNAL_BATCH_RECORDS_MAX */
    hub_digest *hashes;    /* as many; filled by the journal thread */
    uint32_t count;
    uint8_t *bytes; /* JOURNAL_BATCH_BYTES_MAX: control and personal parts */
    size_t used;
    size_t weight; /* bytes the packed records will take, reckoned generously */
    uint64_t *refs;
    uint32_t ref_count;
    daemon_settled *settled;
    uint32_t settled_count, settled_capacity;
    event_problem *problems;
    uint32_t problem_count, problem_capacity;
    daemon_held_delivery *deliveries;
    uint32_t delivery_count, delivery_capacity;
    hub_buffer delivery_bytes;
    daemon_held_frame *frames;
    uint32_t frame_count, frame_capacity;
    hub_buffer frame_bytes;
    /* set by the journal thread */
    journal_outcome outcome;
    hub_error err;
} daemon_batch;

hub_status daemon_batch_open(daemon_batch *batch);
void daemon_batch_close(daemon_batch *batch);
void daemon_batch_clear(daemon_batch *batch);
bool daemon_batch_is_empty(const daemon_batch *batch); /* nothing decided and nothing held */

typedef enum daemon_lane { DAEMON_TEAM, DAEMON_AGENCY, DAEMON_LANES } daemon_lane;
/* Is there room for one more record of `bytes` of event? Agencies leave the last quarter to teams and timers. */
bool daemon_batch_has_room(const daemon_batch *batch, daemon_lane lane, size_t bytes);

/* Appends a decided record. The parts are packed into the batch. HUB_OK or HUB_ERR_FULL (A2): ask has_room before deciding. */
hub_status daemon_batch_put(daemon_batch *batch, const core_record *record, const hub_id *command_id, const uint64_t *refs,
                            uint32_t ref_count, uint64_t state_digest);
/* HUB_OK or HUB_ERR_MEMORY. `problem` NULL = none. */
hub_status daemon_batch_settle(daemon_batch *batch, const daemon_settled *settled, const event_problem *problem);
/* HUB_OK, HUB_ERR_MEMORY, or HUB_ERR_FULL: more answers wait for this batch than may wait. */
hub_status daemon_batch_hold_frame(daemon_batch *batch, bus_session_ref session, uint64_t request, hub_bytes frame);
/* The delivery's bytes were put at the end of delivery_bytes from `offset` on. */
hub_status daemon_batch_hold_delivery(daemon_batch *batch, uint64_t sequence, uint32_t queue, size_t offset);

#endif
