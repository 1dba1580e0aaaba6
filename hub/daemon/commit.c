/* commit.c - batches to the journal, and what was held out of the door when they are durable (H1). */
#include "daemon/shell.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "bus/frames.h"
#include "host/clock.h"
#include "host/log.h"

enum { FULL_RETRY_MS = 200 };

static bool reserve_results(daemon_shell *d, uint32_t count)
{
    if (count <= d->results_capacity) return true;
    Mash__V1__ItemResult *more = realloc(d->results, count * sizeof *more);
    if (more == NULL) return false;
    d->results = more;
    d->results_capacity = count;
    return true;
}

static void put_result(daemon_batch *batch, const daemon_settled *item, Mash__V1__ItemResult *results, uint32_t *count)
{
    Mash__V1__ItemResult *last = *count == 0 ? NULL : &results[*count - 1];
    bool stored = item->status == MASH__V1__ITEM_STATUS__STORED;
    if (stored && last != NULL && last->status == item->status && last->last_link_seq + 1 == item->link_seq) {
        last->last_link_seq = item->link_seq; /* a run of STORED is one range */
        last->sequence = item->sequence;
        return;
    }
    Mash__V1__ItemResult *result = &results[(*count)++];
    mash__v1__item_result__init(result);
    result->first_link_seq = result->last_link_seq = item->link_seq;
    result->status = item->status;
    result->code = item->code;
    result->sequence = item->sequence;
    if (item->problem == 0) return;
    result->field_path = batch->problems[item->problem - 1].field_path;
    result->reason = batch->problems[item->problem - 1].reason;
}

/* One PublishReply for the session of item `first`, with all of its items in this batch; they are marked as told. */
static void reply_to(daemon_shell *d, daemon_batch *batch, uint32_t first)
{
    bus_session_ref ref = batch->settled[first].session;
    bus_session *session = bus_sessions_by_ref(d->sessions, ref);
    uint32_t count = 0, items = 0;
    for (uint32_t i = first; i < batch->settled_count; i++) {
        daemon_settled *item = &batch->settled[i];
        if (item->session.place != ref.place || item->session.generation != ref.generation) continue;
        put_result(batch, item, d->results, &count);
        item->session.place = 0;
        items++;
    }
    if (session == NULL) return;
    bus_session_settle_items(session, items);
    hub_arena_reset(&d->answer_arena);
    Mash__V1__ItemResult **list = hub_arena_take_raw(&d->answer_arena, count * sizeof *list);
    if (list == NULL) {
        daemon_end_session(d, session, MASH__V1__SESSION_END__SESSION_END_STOPPING,
                           "the hub has no memory for its answer; say Hello again");
        return;
    }
    for (uint32_t i = 0; i < count; i++)
        list[i] = &d->results[i];
    Mash__V1__PublishReply reply = MASH__V1__PUBLISH_REPLY__INIT;
    reply.results = list;
    reply.n_results = count;
    Mash__V1__HubFrame frame = MASH__V1__HUB_FRAME__INIT;
    frame.body_case = MASH__V1__HUB_FRAME__BODY_PUBLISH_REPLY;
    frame.publish_reply = &reply;
    daemon_send_frame(d, session, &frame);
}

static void release_replies(daemon_shell *d, daemon_batch *batch)
{
    if (!reserve_results(d, batch->settled_count)) {
        daemon_stop(d, hub_fail(&d->err, HUB_ERR_MEMORY, "no memory to tell publishers what was stored"));
        return;
    }
    for (uint32_t i = 0; i < batch->settled_count; i++) {
        if (batch->settled[i].session.place != 0) reply_to(d, batch, i);
    }
}

/* Lanes that waited for room in a batch go on. */
static void wake_lanes(daemon_shell *d)
{
    for (int lane = 0; lane < DAEMON_LANES; lane++) {
        if (!d->work[lane].waits_for_room) continue;
        d->work[lane].waits_for_room = false;
        bus_router_want_read(d->routers[lane], BUS_INTEREST_ON);
    }
}

static void release(daemon_shell *d, daemon_batch *batch)
{
    for (uint32_t i = 0; i < batch->count; i++)
        daemon_ring_put(d->ring, d->epoch, &batch->drafts[i], &batch->hashes[i]);
    if (batch->count > 0) {
        d->durable = batch->drafts[batch->count - 1].sequence;
        d->durable_hash = batch->hashes[batch->count - 1];
        d->durable_epoch = d->epoch;
    }
    release_replies(d, batch);
    daemon_deliver_release(d, batch);
    for (uint32_t i = 0; i < batch->frame_count; i++) {
        bus_session *session = bus_sessions_by_ref(d->sessions, batch->frames[i].session);
        hub_bytes bytes = hub_bytes_of(batch->frame_bytes.data + batch->frames[i].offset, batch->frames[i].size);
        if (session != NULL) daemon_send(d, session, bytes, hub_bytes_of(NULL, 0));
    }
    bool records = batch->count > 0;
    daemon_batch_clear(batch);
    if (records) daemon_tail_go_on(d);
    daemon_deliver_feed(d);
    wake_lanes(d);
}

/* The batch to be filled next: neither being written nor being released. */
static daemon_batch *free_batch(daemon_shell *d)
{
    int i = 0;
    while (i < DAEMON_BATCHES && !daemon_batch_is_empty(&d->batches[i]))
        i++;
    HUB_ASSERT(i < DAEMON_BATCHES);
    return &d->batches[i];
}

/* Gives the open batch to the journal thread when that is idle and there is something to write. */
static void hand_over(daemon_shell *d)
{
    if (d->writing != NULL || d->full || daemon_batch_is_empty(d->open)) return;
    if (d->receipts.count > 0) daemon_receipts_flush(d); /* receipts ride along */
    if (d->open->count == 0) return;
    d->writing = d->open;
    d->figures.batch_began_us = host_monotonic_us();
    d->open = free_batch(d);
    daemon_journal_thread_append(d->journal, d->writing);
    wake_lanes(d);
}

void daemon_commit(daemon_shell *d)
{
    hand_over(d);
    if (d->writing == NULL && !d->full && !daemon_batch_is_empty(d->open)) release(d, d->open); /* nothing to write */
}

static void on_retry(uv_timer_t *timer)
{
    daemon_shell *d = timer->data;
    if (d->writing != NULL) daemon_journal_thread_append(d->journal, d->writing);
}

void daemon_on_written(void *context, daemon_batch *batch)
{
    daemon_shell *d = context;
    HUB_ASSERT(batch == d->writing);
    switch (batch->outcome) {
    case JOURNAL_DURABLE:
        if (d->full) host_log(HOST_LOG_WARNING, "the journal takes records again", "journal", d->backend, NULL);
        d->full = false;
        d->writing = NULL;
        metrics_observe(&d->figures.batch_records, &METRICS_RECORDS, batch->count);
        metrics_observe(&d->figures.batch_seconds, &METRICS_SECONDS,
                        (double)(host_monotonic_us() - d->figures.batch_began_us) / 1e6);
        hand_over(d); /* the journal works on while this one is released */
        release(d, batch);
        break;
    case JOURNAL_FULL:
        if (!d->full) {
            host_log(HOST_LOG_ERROR, "the journal takes no records: events are answered RETRY_LATER until it does", "cause",
                     batch->err.text, "do", "remove the cause; nothing is lost and no restart is needed", NULL);
        }
        d->full = true;
        wake_lanes(d); /* whoever waits is told to come again */
        (void)uv_timer_start(&d->retry, on_retry, FULL_RETRY_MS, 0);
        break;
    case JOURNAL_UNKNOWN: /* it stays in `writing`: nothing may be written after it */
        daemon_stop(
            d,
            hub_fail(&d->err, HUB_ERR_UNKNOWN,
                     "the journal does not know whether the last batch is stored (%.300s); start the hub again: it goes on from "
                     "what is durable, and publishers offer the rest again",
                     batch->err.text));
        break;
    }
    daemon_turn_end(d);
}

void daemon_on_looked(void *context, hub_status found, const hub_error *err)
{
    daemon_shell *d = context;
    bool was_away = d->away;
    d->away = found == HUB_ERR_IO || found == HUB_ERR_AGAIN;
    if (d->away && !was_away) {
        host_log(HOST_LOG_ERROR, "the journal does not answer", "journal", d->backend, "cause", err->text, "do",
                 "see to its server; the hub goes on by itself when it is there again", NULL);
    }
    if (found == HUB_OK && was_away)
        host_log(HOST_LOG_WARNING, "the journal answers again, and is the one that this hub wrote", "journal", d->backend, NULL);
    if (found == HUB_OK || d->away || d->stopping) return;
    daemon_stop(d,
                hub_fail(&d->err, HUB_ERR_UNKNOWN,
                         "the store is no longer the one that this hub writes to (%.250s); nothing more was written; start the "
                         "hub again: it compares the store with the signed heads and says what is missing",
                         err->text));
    daemon_turn_end(d);
}
