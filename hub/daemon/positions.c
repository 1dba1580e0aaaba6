/* positions.c - where a consumer goes on: the positions it presents, its receipts, its credit. */
#include "daemon/shell.h"

#include <stdlib.h>
#include <string.h>

#include "host/clock.h"

enum { KNOWN_MAX = 16, RECEIPTS_WAIT_MS = 5 };

/* What a check of positions needs when the records are read. */
typedef struct position_check {
    struct {
        uint64_t sequence;
        hub_digest hash;
    } known[KNOWN_MAX];
    uint32_t count;
    bool is_receipt; /* the one position is the stored receipt, not what the consumer said */
} position_check;

static bool is_declared(const core_policy *policy, uint32_t queue, const char *consumer)
{
    for (uint32_t i = 0; policy != NULL && i < policy->queue_count; i++) {
        const core_queue_row *row = &policy->queues[i];
        if (row->number != queue) continue;
        for (size_t k = 0; k < sizeof row->consumers / sizeof row->consumers[0] && row->consumers[k][0] != '\0'; k++) {
            if (strcmp(row->consumers[k], consumer) == 0) return true;
        }
    }
    return false;
}

typedef struct refusal {
    Mash__V1__FaultCode code;
    const char *field;
    const char *text;
} refusal;

static refusal why_not_subscribe(const daemon_shell *d, const bus_session *session, uint32_t queue,
                                 const Mash__V1__Subscribe *subscribe)
{
    const core_peer *peer = core_peer_numbered(d->core, session->peer);
    bool named = subscribe->consumer[0] != '\0';
    if (queue == 0)
        return (refusal){MASH__V1__FAULT_CODE__FAULT_UNKNOWN_QUEUE, "subscribe.queue", "the policy has no queue of that name"};
    if (!core_peer_consumes(peer, queue)) {
        return (refusal){MASH__V1__FAULT_CODE__FAULT_NOT_ALLOWED, "subscribe.queue", "this key is not enrolled for this queue"};
    }
    if (subscribe->credit_items < 1 || subscribe->credit_items > BUS_CREDIT_ITEMS_MAX) {
        return (refusal){MASH__V1__FAULT_CODE__FAULT_MALFORMED, "subscribe.credit_items", "1 to 65,536"};
    }
    if (subscribe->n_known > KNOWN_MAX)
        return (refusal){MASH__V1__FAULT_CODE__FAULT_MALFORMED, "subscribe.known", "at most 16 positions"};
    if (named && (strlen(subscribe->consumer) >= BUS_CONSUMER_NAME_MAX ||
                  !is_declared(core_policy_now(d->core), queue, subscribe->consumer))) {
        return (refusal){MASH__V1__FAULT_CODE__FAULT_NOT_ALLOWED, "subscribe.consumer",
                         "the policy declares no consumer of that name for this queue; declare it, or leave the name empty"};
    }
    if (named && subscribe->from_now) {
        return (refusal){MASH__V1__FAULT_CODE__FAULT_MALFORMED, "subscribe.from_now",
                         "a named consumer is owed everything; only one without a name may skip"};
    }
    const bus_session *holder = named ? daemon_deliver_holder(d, queue, subscribe->consumer) : NULL;
    if (holder != NULL && holder != session) {
        return (refusal){MASH__V1__FAULT_CODE__FAULT_BUSY, "subscribe.consumer",
                         "another session has this consumer; two would take each other's receipts"};
    }
    return (refusal){0};
}

static void note_receipt(daemon_shell *d, const bus_session *session, const bus_subscription *s, uint64_t sequence)
{
    if (s->consumer[0] == '\0' || sequence <= core_receipt_of(d->core, s->queue, s->consumer)) return;
    daemon_receipts *r = &d->receipts;
    for (uint32_t i = 0; i < r->count; i++) {
        if (r->items[i].queue != s->queue || strcmp(r->items[i].consumer, s->consumer) != 0) continue;
        r->items[i].sequence = sequence; /* at most one a consumer and batch */
        r->items[i].peer = session->peer;
        return;
    }
    if (r->count == DAEMON_RECEIPTS_MAX) daemon_receipts_flush(d);
    if (r->count == DAEMON_RECEIPTS_MAX) return; /* no room: the next receipt covers this one */
    memcpy(r->consumers[r->count], s->consumer, BUS_CONSUMER_NAME_MAX);
    r->items[r->count] =
        (core_receipt){.peer = session->peer, .queue = s->queue, .sequence = sequence, .consumer = r->consumers[r->count]};
    r->count++;
}

void daemon_receipts_flush(daemon_shell *d)
{
    if (d->receipts.count == 0 || d->full) return;
    hub_arena_reset(&d->decide_arena);
    core_command command = {.kind = CORE_RECEIVE, .at_ms = daemon_now_ms(d)};
    command.of.receive.receipts = d->receipts.items;
    command.of.receive.count = d->receipts.count;
    core_decision decision;
    if (daemon_apply(d, DAEMON_TEAM, &command, &decision) == HUB_OK) d->receipts.count = 0;
}

/* ---- subscribing -------------------------------------------------------------------------------------------------------------- */
static void fill_position(Mash__V1__Position *position, uint32_t epoch, uint64_t sequence, const hub_digest *hash)
{
    mash__v1__position__init(position);
    if (sequence == 0) return;
    position->epoch = epoch;
    position->sequence = sequence;
    position->record_hash = (ProtobufCBinaryData){.len = HUB_DIGEST_BYTES, .data = (uint8_t *)(uintptr_t)hash->bytes};
}

static void say_subscribed(daemon_shell *d, bus_session *session, const bus_subscription *s, uint32_t epoch,
                           const hub_digest *hash)
{
    Mash__V1__Position position;
    fill_position(&position, epoch, s->cursor, hash);
    Mash__V1__Subscribed subscribed = MASH__V1__SUBSCRIBED__INIT;
    subscribed.queue = (char *)(uintptr_t)core_queue_name(d->core, s->queue);
    subscribed.resume_after = &position;
    subscribed.waiting = core_queue_waiting(d->core, s->queue, s->cursor);
    Mash__V1__HubFrame frame = MASH__V1__HUB_FRAME__INIT;
    frame.request = s->request;
    frame.body_case = MASH__V1__HUB_FRAME__BODY_SUBSCRIBED;
    frame.subscribed = &subscribed;
    daemon_send_frame(d, session, &frame);
}

static void say_forked(daemon_shell *d, bus_session *session, const bus_subscription *s, uint32_t epoch, const hub_digest *hash)
{
    Mash__V1__Position position;
    fill_position(&position, epoch, s->cursor, hash);
    Mash__V1__Forked forked = MASH__V1__FORKED__INIT;
    forked.queue = (char *)(uintptr_t)core_queue_name(d->core, s->queue);
    forked.last_common = &position;
    forked.text = (char *)(uintptr_t) "this hub's history does not hold your newest position: it was restored from an older "
                                      "copy. Discard what came after "
                                      "last_common; deliveries follow from there, marked as possible duplicates";
    Mash__V1__HubFrame frame = MASH__V1__HUB_FRAME__INIT;
    frame.request = s->request;
    frame.body_case = MASH__V1__HUB_FRAME__BODY_FORKED;
    frame.forked = &forked;
    daemon_send_frame(d, session, &frame);
}

static void go_on_from(bus_subscription *s, uint64_t sequence, uint64_t possible_until)
{
    s->cursor = s->receipt = sequence;
    s->possible_until = possible_until;
}

/* Nothing was sent from here before, or perhaps by an earlier process: then it may be a repetition. */
static uint64_t perhaps_sent_until(const daemon_shell *d, const bus_subscription *s)
{
    if (s->consumer[0] == '\0') return 0;
    uint64_t sent = daemon_deliver_sent_upto(d, s->queue, s->consumer);
    return sent > d->first_sequence ? sent : d->first_sequence;
}

static void on_checked(void *context, daemon_read_job *job)
{
    daemon_shell *d = context;
    const position_check *check = job->extra;
    bus_session *session = daemon_question_end(d, job);
    bus_subscription *s = session == NULL ? NULL : &session->subscriptions[job->lane];
    if (s == NULL || s->state != BUS_SUBSCRIPTION_CHECKING || s->request != job->request || daemon_state_of(session)->doomed)
        return;
    if (job->status != HUB_OK) {
        daemon_fault(d, session, s->request, MASH__V1__FAULT_CODE__FAULT_BUSY, "",
                     "the hub cannot read its journal at the moment; subscribe again");
        bus_subscription_end(s);
        return;
    }
    uint32_t found = check->count; /* the newest position that this history holds */
    core_record record = {0};
    hub_digest hash = {{0}};
    for (uint32_t i = 0; i < job->count && found == check->count; i++) {
        hub_arena_reset(&d->answer_arena);
        if (check->known[i].sequence == 0) found = i; /* the beginning is in every history */
        if (check->known[i].sequence > d->durable) continue;
        hub_status status = daemon_job_record(job, i, &d->answer_arena, &record, &hash);
        if (status == HUB_ERR_MEMORY) { /* not to be taken for a fork */
            daemon_fault(d, session, s->request, MASH__V1__FAULT_CODE__FAULT_BUSY, "",
                         "the hub has no memory for this now; subscribe again");
            bus_subscription_end(s);
            return;
        }
        if (status != HUB_OK) continue;
        if (check->is_receipt || memcmp(hash.bytes, check->known[i].hash.bytes, HUB_DIGEST_BYTES) == 0) found = i;
    }
    uint64_t common = found == check->count ? 0 : check->known[found].sequence;
    if (found == 0) {
        go_on_from(s, common, perhaps_sent_until(d, s));
        say_subscribed(d, session, s, record.epoch, &hash);
        if (!check->is_receipt) note_receipt(d, session, s, common);
    } else {
        uint64_t until = check->known[0].sequence > d->durable ? check->known[0].sequence : d->durable;
        go_on_from(s, common, until);
        say_forked(d, session, s, record.epoch, &hash);
    }
    daemon_deliver_attach(d, session, s);
    daemon_turn_end(d);
}

static void check_positions(daemon_shell *d, bus_session *session, bus_subscription *s, const position_check *check)
{
    daemon_read_job *job = daemon_question_new(d, session, s->request, on_checked, check, sizeof *check);
    if (job == NULL) {
        bus_subscription_end(s);
        return;
    }
    job->lane = (uint32_t)(s - session->subscriptions);
    for (uint32_t i = 0; i < check->count; i++) { /* a consumer may present any number: only what can be there is read */
        bool may_be_held = check->known[i].sequence <= d->durable;
        job->records[job->count++].sequence = may_be_held ? check->known[i].sequence : 0;
    }
    daemon_read_thread_ask(d->reader, job);
}

static void start_from_nothing_known(daemon_shell *d, bus_session *session, bus_subscription *s,
                                     const Mash__V1__Subscribe *subscribe)
{
    uint64_t receipt = s->consumer[0] == '\0' ? 0 : core_receipt_of(d->core, s->queue, s->consumer);
    if (receipt > 0) {
        position_check check = {.count = 1, .is_receipt = true};
        check.known[0].sequence = receipt;
        check_positions(d, session, s, &check);
        return;
    }
    if (subscribe->from_now) {
        go_on_from(s, d->durable, 0);
        say_subscribed(d, session, s, d->durable_epoch, &d->durable_hash);
    } else {
        go_on_from(s, 0, perhaps_sent_until(d, s));
        say_subscribed(d, session, s, 0, NULL);
    }
    daemon_deliver_attach(d, session, s);
}

void daemon_subscribe(daemon_shell *d, bus_session *session, uint64_t request, const Mash__V1__Subscribe *subscribe)
{
    uint32_t queue = core_queue_number(d->core, subscribe->queue);
    refusal no = why_not_subscribe(d, session, queue, subscribe);
    position_check check = {.count = (uint32_t)subscribe->n_known};
    for (uint32_t i = 0; no.text == NULL && i < check.count; i++) {
        const Mash__V1__Position *position = subscribe->known[i];
        bool shaped =
            position->record_hash.len == HUB_DIGEST_BYTES || (position->sequence == 0 && position->record_hash.len == 0);
        if (!shaped) no = (refusal){MASH__V1__FAULT_CODE__FAULT_MALFORMED, "subscribe.known.record_hash", "32 bytes"};
        check.known[i].sequence = position->sequence;
        if (shaped && position->record_hash.len != 0)
            memcpy(check.known[i].hash.bytes, position->record_hash.data, HUB_DIGEST_BYTES);
    }
    if (no.text != NULL) {
        daemon_fault(d, session, request, no.code, no.field, no.text);
        return;
    }
    daemon_deliver_detach_one(d, session, queue); /* Subscribe again takes the place of the first */
    bus_subscription *s = bus_session_free_subscription(session);
    if (s == NULL) {
        daemon_fault(d, session, request, MASH__V1__FAULT_CODE__FAULT_NOT_ALLOWED, "subscribe",
                     "at most 32 subscriptions a session");
        return;
    }
    bus_subscription_start(s, queue, subscribe->consumer, subscribe->credit_items, subscribe->credit_bytes);
    s->request = request;
    if (check.count == 0) {
        start_from_nothing_known(d, session, s, subscribe);
    } else {
        check_positions(d, session, s, &check);
    }
}

/* ---- receipts and credit ------------------------------------------------------------------------------------------------------ */
static bus_subscription *subscription_named(daemon_shell *d, bus_session *session, uint64_t request, const char *queue)
{
    uint32_t number = core_queue_number(d->core, queue);
    bus_subscription *s = number == 0 ? NULL : bus_session_subscription(session, number);
    if (s == NULL)
        daemon_fault(d, session, request, MASH__V1__FAULT_CODE__FAULT_UNKNOWN_QUEUE, "queue",
                     "this session has no subscription of that queue");
    return s;
}

static void on_soon(uv_timer_t *timer)
{
    daemon_shell *d = timer->data;
    daemon_receipts_flush(d);
    daemon_turn_end(d);
}

void daemon_receipt(daemon_shell *d, bus_session *session, uint64_t request, const Mash__V1__Receipt *receipt)
{
    bus_subscription *s = subscription_named(d, session, request, receipt->queue);
    if (s == NULL) return;
    if (receipt->upto == NULL) {
        daemon_fault(d, session, request, MASH__V1__FAULT_CODE__FAULT_MALFORMED, "receipt.upto", "a position is needed");
        return;
    }
    switch (
        bus_subscription_receipt(s, receipt->upto->sequence, receipt->upto->record_hash.data, receipt->upto->record_hash.len)) {
    case BUS_RECEIPT_TAKEN:
        note_receipt(d, session, s, receipt->upto->sequence);
        d->feed_more = true;
        if (d->receipts.count > 0 && !uv_is_active((uv_handle_t *)&d->soon))
            (void)uv_timer_start(&d->soon, on_soon, RECEIPTS_WAIT_MS, 0);
        break;
    case BUS_RECEIPT_OLD:
        break;
    case BUS_RECEIPT_NOT_SENT:
        daemon_fault(d, session, request, MASH__V1__FAULT_CODE__FAULT_MALFORMED, "receipt.upto",
                     "no delivery with this position was sent in this session");
        break;
    case BUS_RECEIPT_OTHER_HASH:
        daemon_fault(d, session, request, MASH__V1__FAULT_CODE__FAULT_MALFORMED, "receipt.upto.record_hash",
                     "the record at this position is another one");
        break;
    }
}

void daemon_credit(daemon_shell *d, bus_session *session, uint64_t request, const Mash__V1__Credit *credit)
{
    bus_subscription *s = subscription_named(d, session, request, credit->queue);
    if (s == NULL) return;
    uint32_t left = BUS_CREDIT_ITEMS_MAX - s->credit_items;
    s->credit_items += credit->items < left ? credit->items : left;
    d->feed_more = true;
}
