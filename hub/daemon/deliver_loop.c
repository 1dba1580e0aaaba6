/* deliver_loop.c - queues to consumers.
 *
 * A consumer that is up to date (LIVE) is given each delivery as it is made: built once per queue when the record is decided, held
 * until it is durable, sent to every LIVE consumer of the queue. One that is behind is fed from the ring of recent records, or, further
 * back, from the journal through the read thread, as far as its credit goes.
 *
 * Invariants
 *   L1  a consumer gets the records of its queue in order and without a gap: before each, core_queue_next must name exactly this record
 *       as the one after its cursor; when it does not, the consumer is BEHIND and is fed
 *   L2  only durable records are sent (they come from a released batch, the ring, or the journal)
 *   L3  a consumer without credit falls behind and costs nothing until it gives credit
 *   L4  all that one record delivers to a queue is built before any of it is sent, and travels in one frame: a position names a record,
 *       so a consumer that keeps it must have had the whole of it
 */
#include "daemon/shell.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "bus/frames.h"
#include "host/log.h"
#include "fold/replay.h"

enum {
    FRAME_ITEMS_MAX = 64,
    FRAME_BYTES = 64 * 1024,
    FEED_RECORDS_A_TURN = 256,
    FETCH_RECORDS = 64,
    BUILT_BYTES_MAX = 8 * 1024 * 1024, /* of what deliveries are built of, kept for the next one of the same event */
};

struct daemon_consumer {
    daemon_consumer *next; /* of the same queue */
    bus_session_ref session;
    uint32_t place; /* in session->subscriptions */
    uint32_t queue;
    hub_buffer items; /* Deliveries frame being put together */
    uint32_t item_count;
    uint64_t sent_upto; /* newest sequence ever sent to this consumer name; kept when it detaches */
    char name[BUS_CONSUMER_NAME_MAX];
    bool attached;
};

static bus_session *session_of(const daemon_shell *d, const daemon_consumer *c)
{
    return c->attached ? bus_sessions_by_ref(d->sessions, c->session) : NULL;
}

static bus_subscription *subscription_of(const daemon_consumer *c, bus_session *session)
{
    return &session->subscriptions[c->place];
}

/* ---- sending ---------------------------------------------------------------------------------------------------------------- */
static void flush(daemon_shell *d, daemon_consumer *c, bus_session *session)
{
    if (c->item_count == 0) return;
    uint8_t head[16];
    size_t used = bus_frame_deliveries_head(c->items.size, head);
    daemon_send(d, session, hub_bytes_of(head, used), hub_buffer_bytes(&c->items));
    hub_buffer_clear(&c->items);
    c->item_count = 0;
}

/* Adds one packed Delivery. All deliveries of one record travel in one frame (L4). false: there is no memory for it, and the session ends: the consumer comes back with its position. */
static bool add(daemon_shell *d, daemon_consumer *c, bus_session *session, hub_bytes delivery, uint32_t epoch, uint64_t sequence,
                const hub_digest *hash)
{
    bus_subscription *s = subscription_of(c, session);
    bool is_full = c->item_count >= FRAME_ITEMS_MAX || c->items.size >= FRAME_BYTES;
    if (is_full && s->cursor != sequence) flush(d, c, session);
    hub_buffer_clear(&d->position);
    hub_status status = core_deliver_position(&d->position, epoch, sequence, hash->bytes);
    if (status == HUB_OK) status = bus_subscription_sent(s, sequence, hash, (uint32_t)(delivery.size + d->position.size));
    if (status == HUB_OK) bus_frame_put_delivery(&c->items, delivery, hub_buffer_bytes(&d->position));
    if (status != HUB_OK || c->items.failed) {
        daemon_end_session(d, session, MASH__V1__SESSION_END__SESSION_END_STOPPING,
                           "the hub has no memory for its deliveries; subscribe again");
        return false;
    }
    c->item_count++;
    s->cursor = sequence;
    c->sent_upto = sequence;
    return true;
}

static bool may_take(const bus_session *session, const bus_subscription *s)
{
    return bus_subscription_has_credit(s) && !bus_session_has_queued(session) && !daemon_state_of(session)->doomed;
}

/* ---- live ------------------------------------------------------------------------------------------------------------------- */
static bool has_live(const daemon_shell *d, uint32_t queue)
{
    if (queue >= d->consumers_of_count) return false;
    for (const daemon_consumer *c = d->consumers_of[queue]; c != NULL; c = c->next) {
        bus_session *session = session_of(d, c);
        if (session == NULL) continue;
        const bus_subscription *s = subscription_of(c, session);
        bool near = s->state == BUS_SUBSCRIPTION_LIVE || s->state == BUS_SUBSCRIPTION_BEHIND;
        if (near && s->possible_until < core_sequence(d->core) && bus_subscription_has_credit(s)) return true;
    }
    return false;
}

/* Do the record's deliveries to this queue take earlier records' events along? Those are in the journal, not here. */
static bool takes_along(const core_record *record, uint32_t queue)
{
    for (size_t i = 0; i < record->control->n_facts; i++) {
        const Mash__V1__Fact *fact = record->control->facts[i];
        bool is_theirs = fact->body_case == MASH__V1__FACT__BODY_DELIVERED && fact->delivered->queue == queue;
        if (is_theirs && core_deliver_along(fact->delivered) != 0) return true;
    }
    return false;
}

void daemon_deliver_build(daemon_shell *d, const core_record *record)
{
    size_t bytes_before = d->open->delivery_bytes.size;
    uint32_t count_before = d->open->delivery_count;
    hub_status status = HUB_OK;
    for (size_t i = 0; status == HUB_OK && i < record->control->n_facts; i++) {
        const Mash__V1__Fact *fact = record->control->facts[i];
        if (fact->body_case != MASH__V1__FACT__BODY_DELIVERED || !has_live(d, fact->delivered->queue)) continue;
        if (takes_along(record, fact->delivered->queue)) continue; /* that queue's consumers fall behind and are fed */
        size_t offset = d->open->delivery_bytes.size;
        status = core_deliver(d->core, record, i, false, &d->decide_arena, &d->cache, &d->open->delivery_bytes);
        if (status == HUB_OK) status = daemon_batch_hold_delivery(d->open, record->sequence, fact->delivered->queue, offset);
    }
    if (status != HUB_OK) { /* L4, L1: nothing of this record leaves now; who misses it falls behind and is fed */
        d->open->delivery_bytes.size = bytes_before;
        d->open->delivery_count = count_before;
    }
    d->cache.sequence = 0; /* it points into the arena of this command */
}

static void give_live(daemon_shell *d, const daemon_batch *batch, const daemon_held_delivery *held, daemon_consumer *c)
{
    bus_session *session = session_of(d, c);
    if (session == NULL) return;
    bus_subscription *s = subscription_of(c, session);
    if (s->state != BUS_SUBSCRIPTION_LIVE || s->cursor > held->sequence) return;
    bool same_record = s->cursor == held->sequence; /* it delivers more than once to this queue */
    bool follows = same_record || core_queue_next(d->core, held->queue, s->cursor) == held->sequence; /* L1 */
    bool marked = s->possible_until >= held->sequence;
    if (!follows || marked || (!same_record && !may_take(session, s))) {
        s->state = BUS_SUBSCRIPTION_BEHIND;
        return;
    }
    hub_bytes bytes = hub_bytes_of(batch->delivery_bytes.data + held->offset, held->size);
    if (!add(d, c, session, bytes, d->epoch, held->sequence, &batch->hashes[held->record])) s->state = BUS_SUBSCRIPTION_BEHIND;
}

void daemon_deliver_release(daemon_shell *d, const daemon_batch *batch)
{
    for (uint32_t i = 0; i < batch->delivery_count; i++) {
        const daemon_held_delivery *held = &batch->deliveries[i];
        for (daemon_consumer *c = d->consumers_of[held->queue]; c != NULL; c = c->next)
            give_live(d, batch, held, c);
    }
    for (uint32_t queue = 0; queue < d->consumers_of_count; queue++) {
        for (daemon_consumer *c = d->consumers_of[queue]; c != NULL; c = c->next) {
            bus_session *session = c->item_count > 0 ? session_of(d, c) : NULL;
            if (session != NULL) flush(d, c, session);
        }
    }
}

/* ---- behind ------------------------------------------------------------------------------------------------------------------ */
/* The earlier record whose event a delivery takes along, from the job that fetched both; one at a time, for they may be large. */
const core_record *daemon_earlier_of(daemon_shell *d, const daemon_read_job *job, uint64_t sequence, core_record *out)
{
    hub_digest hash;
    for (uint32_t i = 1; job != NULL && sequence != 0 && i < job->count; i++) {
        if (job->records[i].sequence != sequence) continue;
        hub_arena_reset(&d->record_arena);
        return daemon_job_record(job, i, &d->record_arena, out, &hash) == HUB_OK ? out : NULL;
    }
    return NULL;
}

/* Sends what `record` delivers to the consumer's queue. `job` holds the earlier records that go with it, or is NULL. false: nothing was
 * sent. */
static bool give_record(daemon_shell *d, daemon_consumer *c, bus_session *session, core_record *record, const hub_digest *hash,
                        const daemon_read_job *job)
{
    bus_subscription *s = subscription_of(c, session);
    bool possible = record->sequence <= s->possible_until;
    size_t *ends = hub_arena_take(&d->deliver_arena, (record->control->n_facts + 1) * sizeof *ends);
    size_t count = 0;
    if (ends == NULL) return false;
    hub_arena_reset(&d->record_arena);
    d->feed_cache.sequence = 0;
    hub_buffer_clear(&d->scratch);
    for (size_t i = 0; i < record->control->n_facts; i++) {
        const Mash__V1__Fact *fact = record->control->facts[i];
        if (fact->body_case != MASH__V1__FACT__BODY_DELIVERED || fact->delivered->queue != c->queue) continue;
        core_record earlier;
        if (core_deliver_along(fact->delivered) != 0 || d->record_arena.taken > BUILT_BYTES_MAX) {
            hub_arena_reset(&d->record_arena);
            d->feed_cache.sequence = 0; /* it points there */
        }
        record->earlier = daemon_earlier_of(d, job, core_deliver_along(fact->delivered), &earlier);
        record->earlier_count = record->earlier != NULL ? 1 : 0;
        if (core_deliver(d->core, record, i, possible, &d->record_arena, &d->feed_cache, &d->scratch) != HUB_OK)
            return false; /* L4 */
        ends[count++] = d->scratch.size;
    }
    for (size_t i = 0; i < count; i++) {
        size_t start = i == 0 ? 0 : ends[i - 1];
        if (!add(d, c, session, hub_bytes_of(d->scratch.data + start, ends[i] - start), record->epoch, record->sequence, hash))
            return false;
    }
    if (count == 0) s->cursor = record->sequence; /* the record has nothing for this queue any more (its event was erased) */
    return true;
}

static bool open_ring_record(daemon_shell *d, const daemon_ring_record *from, core_record *out)
{
    ProtobufCAllocator allocator = event_wire_allocator(&d->deliver_arena);
    *out = (core_record){.epoch = from->epoch,
                         .sequence = from->sequence,
                         .time_ms = from->time_ms,
                         .peer = from->peer,
                         .link_seq = from->link_seq};
    out->control = mash__v1__control__unpack(&allocator, from->control.size, from->control.data);
    if (from->personal.size > 0) out->personal = mash__v1__personal__unpack(&allocator, from->personal.size, from->personal.data);
    if (out->control == NULL || (from->personal.size > 0 && out->personal == NULL)) return false;
    return fold_record_event(out, &d->deliver_arena, NULL) == HUB_OK;
}

/* What is owed is never skipped: the queue stands until the record is back, and both sides hear it once. */
static void stop_at_damage(daemon_shell *d, bus_session *session, const bus_subscription *s)
{
    daemon_fault(
        d, session, s->request, MASH__V1__FAULT_CODE__FAULT_BUSY, "queue",
        "the next record of this queue is damaged in the hub's journal and nothing is skipped; the subscription is ended "
        "until an operator has put the journal right (mashctl journal verify)");
    daemon_deliver_detach_one(d, session, s->queue);
}

static void fetch_with_earlier(daemon_shell *d, daemon_consumer *c, bus_session *session, const core_record *record);

static void on_fetched(void *context, daemon_read_job *job)
{
    daemon_shell *d = context;
    bus_session *session = bus_sessions_by_ref(d->sessions, job->session);
    if (session == NULL) return;
    bus_subscription *s = &session->subscriptions[job->lane];
    if (s->state != BUS_SUBSCRIPTION_FETCHING || s->request != job->request) return;
    s->state = BUS_SUBSCRIPTION_BEHIND;
    daemon_consumer *c = d->consumers_of[s->queue];
    while (c != NULL && (session_of(d, c) != session || c->place != job->lane))
        c = c->next;
    if (c == NULL) return;
    if (job->status != HUB_OK) {
        host_log(HOST_LOG_ERROR, "the journal could not be read for a consumer", "cause", job->err.text, "do",
                 "mashctl journal verify", NULL);
        if (job->status == HUB_ERR_CORRUPT) {
            stop_at_damage(d, session, s);
            return;
        }
        daemon_end_session(d, session, MASH__V1__SESSION_END__SESSION_END_STOPPING,
                           "the hub cannot read its journal at the moment; subscribe again");
        return;
    }
    bool given = true;
    for (uint32_t i = 0; i < job->count && given && may_take(session, s); i++) {
        core_record record;
        hub_digest hash;
        if (core_queue_next(d->core, s->queue, s->cursor) != job->records[i].sequence) break; /* L1 */
        hub_arena_reset(&d->deliver_arena);
        hub_status status = daemon_job_record(job, i, &d->deliver_arena, &record, &hash);
        given = status != HUB_ERR_MEMORY;
        if (!given) break;
        if (status != HUB_OK) {
            flush(d, c, session);
            stop_at_damage(d, session, s);
            return;
        }
        if (!job->is_one && takes_along(&record, s->queue)) {
            flush(d, c, session);
            fetch_with_earlier(d, c, session, &record);
            return;
        }
        given = give_record(d, c, session, &record, &hash, job->is_one ? job : NULL);
        if (job->is_one) break;
    }
    flush(d, c, session);
    d->feed_more = d->feed_more || given; /* otherwise the next pulse tries again */
}

/* NULL: memory is out, and the next pulse tries again. */
static daemon_read_job *fetching_job(daemon_shell *d, const daemon_consumer *c, const bus_session *session, bus_subscription *s,
                                     uint32_t capacity)
{
    daemon_read_job *job = daemon_read_job_new_of(capacity, on_fetched, d);
    if (job == NULL) return NULL;
    job->session = session->ref;
    job->request = s->request;
    job->lane = c->place;
    s->state = BUS_SUBSCRIPTION_FETCHING;
    return job;
}

static void fetch(daemon_shell *d, daemon_consumer *c, bus_session *session, uint64_t first)
{
    bus_subscription *s = subscription_of(c, session);
    daemon_read_job *job = fetching_job(d, c, session, s, FETCH_RECORDS);
    if (job == NULL) return;
    job->stops_short = true;
    uint32_t credit = bus_subscription_credit_left(s);
    for (uint64_t at = first; at != 0 && at <= d->durable && job->count < FETCH_RECORDS && job->count < credit;) {
        job->records[job->count++].sequence = at;
        at = core_queue_next(d->core, c->queue, at);
    }
    daemon_read_thread_ask(d->reader, job);
}

/* One record again, and with it those whose events its deliveries to this queue take along. */
static void fetch_with_earlier(daemon_shell *d, daemon_consumer *c, bus_session *session, const core_record *record)
{
    uint64_t sequences[CORE_EARLIER_MAX];
    uint32_t count = core_deliver_earlier(record, c->queue, sequences);
    daemon_read_job *job = fetching_job(d, c, session, subscription_of(c, session), count + 1);
    if (job == NULL) return;
    job->is_one = true;
    job->records[job->count++].sequence = record->sequence;
    for (uint32_t i = 0; i < count; i++)
        job->records[job->count++].sequence = sequences[i];
    daemon_read_thread_ask(d->reader, job);
}

/* Feeds one consumer at most *budget records. */
static void feed(daemon_shell *d, daemon_consumer *c, bus_session *session, uint32_t *budget)
{
    bus_subscription *s = subscription_of(c, session);
    while (s->state == BUS_SUBSCRIPTION_BEHIND && may_take(session, s)) {
        uint64_t next = core_queue_next(d->core, c->queue, s->cursor);
        if (next == 0 || next > d->durable) {
            s->state = BUS_SUBSCRIPTION_LIVE;
            break;
        }
        if (*budget == 0) {
            d->feed_more = true;
            break;
        }
        daemon_ring_record recent;
        core_record record;
        hub_arena_reset(&d->deliver_arena);
        if (!daemon_ring_get(d->ring, next, &recent)) {
            fetch(d, c, session, next);
            break;
        }
        (*budget)--;
        bool is_open = open_ring_record(d, &recent, &record);
        if (is_open && takes_along(&record, c->queue)) {
            fetch_with_earlier(d, c, session, &record);
            break;
        }
        if (!is_open || !give_record(d, c, session, &record, &recent.hash, NULL)) {
            host_log(HOST_LOG_ERROR, "no memory to build a delivery", NULL);
            break;
        }
    }
    flush(d, c, session);
}

static void on_feeding(uv_idle_t *idle)
{
    daemon_shell *d = idle->data;
    if (!d->feed_more) (void)uv_idle_stop(idle);
    if (d->feed_more) daemon_deliver_feed(d);
}

/* Something durable was not built for it, for want of credit or memory. */
static bool missed(const daemon_shell *d, const bus_subscription *s)
{
    uint64_t next = core_queue_next(d->core, s->queue, s->cursor);
    return next != 0 && next <= d->durable;
}

void daemon_deliver_feed(daemon_shell *d)
{
    uint32_t budget = FEED_RECORDS_A_TURN;
    d->feed_more = false;
    for (uint32_t queue = 0; queue < d->consumers_of_count; queue++) {
        for (daemon_consumer *c = d->consumers_of[queue]; c != NULL; c = c->next) {
            bus_session *session = session_of(d, c);
            if (session == NULL) continue;
            bus_subscription *s = subscription_of(c, session);
            if (s->state == BUS_SUBSCRIPTION_LIVE && missed(d, s)) s->state = BUS_SUBSCRIPTION_BEHIND;
            if (s->state == BUS_SUBSCRIPTION_BEHIND) feed(d, c, session, &budget);
        }
    }
    if (d->feed_more && !uv_is_active((uv_handle_t *)&d->feeding)) (void)uv_idle_start(&d->feeding, on_feeding);
}

/* ---- coming and going --------------------------------------------------------------------------------------------------------- */
static bool grow_to(daemon_shell *d, uint32_t queue)
{
    if (queue < d->consumers_of_count) return true;
    uint32_t count = core_queue_count(d->core) + 1;
    daemon_consumer **lists = realloc(d->consumers_of, count * sizeof(daemon_consumer *));
    if (lists == NULL) return false;
    for (uint32_t i = d->consumers_of_count; i < count; i++)
        lists[i] = NULL;
    d->consumers_of = lists;
    d->consumers_of_count = count;
    return queue < count;
}

static daemon_consumer *find_named(const daemon_shell *d, uint32_t queue, const char *name)
{
    daemon_consumer *c = queue < d->consumers_of_count ? d->consumers_of[queue] : NULL;
    while (c != NULL && (name[0] == '\0' || strcmp(c->name, name) != 0))
        c = c->next;
    return c;
}

bus_session *daemon_deliver_holder(const daemon_shell *d, uint32_t queue, const char *consumer)
{
    const daemon_consumer *c = find_named(d, queue, consumer);
    return c == NULL ? NULL : session_of(d, c);
}

static uint32_t count_attached(const daemon_shell *d, uint32_t queue, bool nameless_only)
{
    uint32_t count = 0;
    if (queue >= d->consumers_of_count) return 0;
    for (const daemon_consumer *c = d->consumers_of[queue]; c != NULL; c = c->next)
        count += session_of(d, c) != NULL && (!nameless_only || c->name[0] == '\0');
    return count;
}

uint32_t daemon_deliver_attached(const daemon_shell *d, uint32_t queue)
{
    return count_attached(d, queue, false);
}

uint32_t daemon_deliver_live(const daemon_shell *d, uint32_t queue)
{
    return count_attached(d, queue, true);
}

uint64_t daemon_deliver_sent_upto(const daemon_shell *d, uint32_t queue, const char *consumer)
{
    const daemon_consumer *c = find_named(d, queue, consumer);
    return c == NULL ? 0 : c->sent_upto;
}

/* A named consumer's entry stays when it goes, for sent_upto; one without a name is taken up again by the next without. */
static daemon_consumer *entry_for(daemon_shell *d, const bus_subscription *s)
{
    if (!grow_to(d, s->queue)) return NULL;
    daemon_consumer *c = find_named(d, s->queue, s->consumer);
    if (s->consumer[0] == '\0') {
        c = d->consumers_of[s->queue];
        while (c != NULL && (c->name[0] != '\0' || c->attached))
            c = c->next;
    }
    if (c != NULL) return c;
    c = calloc(1, sizeof *c);
    if (c == NULL) return NULL;
    c->queue = s->queue;
    memcpy(c->name, s->consumer, sizeof c->name);
    c->next = d->consumers_of[s->queue];
    d->consumers_of[s->queue] = c;
    return c;
}

void daemon_deliver_attach(daemon_shell *d, bus_session *session, bus_subscription *subscription)
{
    daemon_consumer *c = entry_for(d, subscription);
    if (c == NULL) {
        daemon_end_session(d, session, MASH__V1__SESSION_END__SESSION_END_STOPPING, "the hub has no memory for another consumer");
        return;
    }
    c->session = session->ref;
    c->place = (uint32_t)(subscription - session->subscriptions);
    c->attached = true;
    c->item_count = 0;
    hub_buffer_clear(&c->items);
    subscription->state = BUS_SUBSCRIPTION_BEHIND;
    d->feed_more = true;
    daemon_deliver_feed(d);
}

static void detach(daemon_consumer *c)
{
    c->attached = false;
    c->item_count = 0;
    hub_buffer_free(&c->items);
}

void daemon_deliver_detach_one(daemon_shell *d, bus_session *session, uint32_t queue)
{
    for (daemon_consumer *c = queue < d->consumers_of_count ? d->consumers_of[queue] : NULL; c != NULL; c = c->next) {
        if (session_of(d, c) == session) detach(c);
    }
    bus_subscription *s = bus_session_subscription(session, queue);
    if (s != NULL) bus_subscription_end(s);
}

void daemon_deliver_detach(daemon_shell *d, bus_session *session)
{
    for (int i = 0; i < BUS_SUBSCRIPTIONS_MAX; i++) {
        if (session->subscriptions[i].state != BUS_SUBSCRIPTION_UNUSED)
            daemon_deliver_detach_one(d, session, session->subscriptions[i].queue);
    }
}

void daemon_deliver_free(daemon_shell *d)
{
    for (uint32_t queue = 0; queue < d->consumers_of_count; queue++) {
        for (daemon_consumer *c = d->consumers_of[queue]; c != NULL;) {
            daemon_consumer *next = c->next;
            hub_buffer_free(&c->items);
            free(c);
            c = next;
        }
    }
    free(d->consumers_of);
}
