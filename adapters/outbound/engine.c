/* The engine's ways in: the store at the start, the hub, people. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "engine_parts.h"
#include "event/wire.h"
#include "host/log.h"

enum { ARENA_FIRST = 16 * 1024, ARENA_MOST = 64 * 1024 * 1024, POSITION_BYTES = 4 + 8 + HUB_DIGEST_BYTES };
static const char POSITION_OWNER[] = "outbound position";

/* ---- positions: newest first, as the client library keeps them ---- */

static hub_status read_positions(engine *e, unsigned queue, hub_error *err)
{
    bus_positions *out = &e->positions[queue];
    hub_buffer text = {0};
    hub_status status = outbox_state_get(e->options.box, POSITION_OWNER, e->options.config->queues[queue].name, &text, err);
    *out = (bus_positions){0};
    if (status == HUB_OK && (text.size % POSITION_BYTES != 0 || text.size / POSITION_BYTES > BUS_POSITIONS_KEPT))
        status =
            hub_fail(err, HUB_ERR_CORRUPT, "outbox: the position of queue %s is damaged", e->options.config->queues[queue].name);
    for (size_t at = 0; status == HUB_OK && at < text.size; at += POSITION_BYTES) {
        bus_position *one = &out->items[out->count++];
        one->epoch = hub_get_u32(text.data + at);
        one->sequence = hub_get_u64(text.data + at + 4);
        memcpy(one->record_hash, text.data + at + 12, HUB_DIGEST_BYTES);
    }
    hub_buffer_free(&text);
    return status == HUB_ERR_NOT_FOUND ? HUB_OK : status;
}

static hub_status write_positions(engine *e, unsigned queue, const bus_positions *list, hub_error *err)
{
    hub_buffer text = {0};
    for (size_t i = 0; i < list->count; i++) {
        hub_buffer_put_u32(&text, list->items[i].epoch);
        hub_buffer_put_u64(&text, list->items[i].sequence);
        hub_buffer_put(&text, list->items[i].record_hash, HUB_DIGEST_BYTES);
    }
    hub_status status = text.failed ? hub_fail(err, HUB_ERR_MEMORY, "out of memory") : HUB_OK;
    if (status == HUB_OK)
        status =
            outbox_state_put(e->options.box, POSITION_OWNER, e->options.config->queues[queue].name, hub_buffer_bytes(&text), err);
    hub_buffer_free(&text);
    return status;
}

const bus_positions *engine_positions(const engine *e, unsigned queue)
{
    return &e->positions[queue];
}

/* ---- opening ---- */

static unsigned queue_named(const engine *e, const char *name)
{
    unsigned i = 0;
    while (i < e->options.config->queue_count && strcmp(e->options.config->queues[i].name, name) != 0)
        i++;
    return i;
}

/* Times that have not come are of a clock that was wrong: nobody waits for them. */
static void mend_times(owed_row *row, int64_t now_ms)
{
    int64_t latest_ms = now_ms + chain_longest_wait_ms();
    if (now_ms == 0) return;
    if (row->taken_ms > now_ms) row->taken_ms = now_ms;
    for (unsigned i = 0; i < OWED_STEPS_MAX; i++) {
        owed_step *step = &row->steps[i];
        if (step->begun_ms > now_ms) step->begun_ms = now_ms;
        if (step->next_ms > latest_ms) step->next_ms = now_ms;
    }
}

static hub_status read_open(engine *e, hub_error *err)
{
    owed_row row;
    uint64_t place = 0;
    hub_status status = HUB_OK;
    while (status == HUB_OK) {
        status = owed_next(e->options.box, place, OWED_OPEN_ONLY, &row, err);
        if (status != HUB_OK) break;
        place = row.place;
        mend_times(&row, e->options.now_ms);
        unsigned queue = queue_named(e, row.queue);
        if (queue == e->options.config->queue_count)
            return hub_fail(err, HUB_ERR_INVALID,
                            "deliveries of queue %s are still owed and the configuration has no such queue any more; put it "
                            "back, or stop them "
                            "(mashctl outbound stop)",
                            row.queue);
        engine_item *item = engine_add(e, &row, queue, err);
        if (item == NULL) return HUB_ERR_MEMORY;
        engine_schedule(e, item, 0);
    }
    return status == HUB_ERR_NOT_FOUND ? HUB_OK : status;
}

hub_status engine_open(const engine_options *options, engine **out, hub_error *err)
{
    HUB_ASSERT(options->send != NULL && options->notice != NULL && options->random != NULL);
    *out = NULL;
    engine *e = calloc(1, sizeof *e);
    if (e == NULL) return hub_fail(err, HUB_ERR_MEMORY, "out of memory");
    e->options = *options;
    hub_status status = HUB_OK;
    for (unsigned i = 0; i < options->config->channel_count && status == HUB_OK; i++)
        status = hub_arena_open(&e->lanes[i].arena, ARENA_FIRST, ARENA_MOST);
    for (unsigned i = 0; i < options->config->queue_count && status == HUB_OK; i++)
        status = read_positions(e, i, err);
    if (status == HUB_OK) status = read_open(e, err);
    if (status != HUB_OK) {
        engine_close(e);
        return status;
    }
    *out = e;
    return HUB_OK;
}

void engine_close(engine *e)
{
    if (e == NULL) return;
    while (e->first != NULL)
        engine_remove(e, e->first);
    for (unsigned i = 0; i < OUTBOUND_CHANNELS_MAX; i++) {
        heap_free(&e->lanes[i].ready);
        hub_arena_close(&e->lanes[i].arena);
    }
    heap_free(&e->wakes);
    free(e->touched);
    free(e);
}

/* ---- taking ---- */

static bool was_sent(const engine *e, const engine_item *item)
{
    for (unsigned i = 0; i < engine_queue(e, item)->hop_count; i++) {
        owed_step_state state = item->row.steps[i].state;
        if (state == OWED_STEP_SENT || state == OWED_STEP_CONFIRMED || engine_in_flight(e, item, i)) return true;
    }
    return false;
}

/* Z5: what takes another's place takes its times over. */
static void inherit(const engine *e, const engine_item *from, engine_item *to)
{
    for (unsigned i = 0; i < engine_queue(e, from)->hop_count; i++) {
        const owed_step *before = &from->row.steps[i];
        owed_step *step = &to->row.steps[i];
        if (before->begun_ms == 0) continue;
        if (step->begun_ms == 0) *step = (owed_step){.state = OWED_STEP_QUEUED, .next_ms = to->row.taken_ms};
        if (step->begun_ms == 0 || before->begun_ms < step->begun_ms) step->begun_ms = before->begun_ms;
    }
    if (from->row.notice_given != 0) to->row.notice_given = from->row.notice_given;
}

static hub_status replace(engine *e, engine_item *item, engine_item *by, const char *why, int64_t now_ms, hub_error *err)
{
    hub_status status = engine_touch(e, item, err);
    if (status != HUB_OK) return status;
    inherit(e, item, by);
    engine_close_row(&item->row, OWED_REPLACED, why, now_ms);
    return HUB_OK;
}

static bool calls_for_somebody(const owed_row *row)
{
    return row->kind == MASH__V1__DELIVERY_KIND__DELIVERY_KIND_CLOCK_LAPSED ||
           row->kind == MASH__V1__DELIVERY_KIND__DELIVERY_KIND_ESCALATED;
}

/* Z4, for an older one of the same line. */
static bool is_covered(const engine *e, const engine_item *older, unsigned hop)
{
    return engine_channel(e, older, hop)->content == OUTBOUND_NOTICE && chain_is_trying(&older->row.steps[hop]) &&
           !engine_in_flight(e, older, hop);
}

/* What a newer one of its line changes for this one. */
static hub_status tell_one(engine *e, engine_item *older, engine_item *item, const message_facts *facts, int64_t now_ms,
                           hub_error *err)
{
    hub_status status = HUB_OK;
    if (facts->has_ended && calls_for_somebody(&older->row) && !was_sent(e, older))
        return replace(e, older, item, "the alert has ended since", now_ms, err);
    if ((facts->is_act || facts->has_ended) && older->row.seen_ms == 0) {
        status = engine_touch(e, older, err);
        if (status == HUB_OK) older->row.seen_ms = now_ms;
    }
    for (unsigned i = 0; i < engine_queue(e, item)->hop_count && status == HUB_OK; i++) {
        if (!is_covered(e, older, i)) continue;
        status = engine_touch(e, older, err);
        if (status == HUB_OK) engine_cover(older, item, i);
    }
    return status;
}

/* What a new delivery changes for those before it: Z3, Z4, N1. */
static hub_status tell_older(engine *e, engine_item *item, const message_facts *facts, int64_t now_ms, hub_error *err)
{
    hub_status status = engine_touch(e, item, err);
    for (engine_item *at = item->before; at != NULL && status == HUB_OK && !hub_id_is_zero(&facts->takes_back); at = at->before) {
        bool is_taken_back = at->queue == item->queue && hub_id_equal(&at->row.event_id, &facts->takes_back);
        if (is_taken_back && at->row.state == OWED_OPEN && !was_sent(e, at))
            status = replace(e, at, item, "a newer delivery puts right or withdraws what it said", now_ms, err);
    }
    for (engine_item *at = item->older; at != NULL && status == HUB_OK; at = at->older) {
        if (at->row.state == OWED_OPEN) status = tell_one(e, at, item, facts, now_ms, err);
    }
    return status;
}

static bool leads_to_school(const outbound_queue *queue)
{
    for (unsigned i = 0; i < queue->hop_count; i++) {
        if (queue->hops[i].to_school) return true;
    }
    return false;
}

static hub_status take_one(engine *e, unsigned queue, const Mash__V1__Delivery *delivery, uint32_t twin, int64_t now_ms,
                           hub_error *err)
{
    message_facts facts;
    owed_row row = {.kind = (int32_t)delivery->kind, .taken_ms = now_ms};
    hub_buffer content = {0};
    message_look(delivery, &facts);
    message_id(delivery, twin, &row.id);
    row.event_id = facts.event_id;
    row.sequence = delivery->position == NULL ? 0 : delivery->position->sequence;
    bool asks = facts.due_ms == 0 && e->options.due != NULL && leads_to_school(&e->options.config->queues[queue]);
    row.due_ms = asks ? e->options.due(e->options.context, &facts, now_ms) : facts.due_ms;
    if (facts.is_act) row.seen_ms = now_ms; /* a person did it: nobody need be rung up for it */
    (void)hub_format(row.queue, sizeof row.queue, "%s", e->options.config->queues[queue].name);
    (void)hub_format(row.line, sizeof row.line, "%s", facts.key);
    row.steps[0] = (owed_step){.state = OWED_STEP_QUEUED, .begun_ms = now_ms, .next_ms = now_ms};
    hub_status status = event_wire_pack(&delivery->base, &content);
    if (status == HUB_OK) status = owed_add(e->options.box, &row, hub_buffer_bytes(&content), err);
    hub_buffer_free(&content);
    if (status == HUB_ERR_EXISTS) {
        e->counts.known++;
        return HUB_OK;
    }
    engine_item *item = status == HUB_OK ? engine_add(e, &row, queue, err) : NULL;
    if (status == HUB_OK && item == NULL) status = HUB_ERR_MEMORY;
    return status == HUB_OK ? tell_older(e, item, &facts, now_ms, err) : status;
}

/* How many before it in this frame nothing tells apart from it. */
static uint32_t twin_of(const Mash__V1__Deliveries *deliveries, size_t index)
{
    hub_id mine, other;
    uint32_t twins = 0;
    message_id(deliveries->items[index], 0, &mine);
    for (size_t i = index; i > 0; i--) {
        const Mash__V1__Delivery *before = deliveries->items[i - 1];
        const Mash__V1__Position *a = before->position, *b = deliveries->items[index]->position;
        if (a == NULL || b == NULL || a->sequence != b->sequence) break;
        message_id(before, 0, &other);
        twins += hub_id_equal(&mine, &other);
    }
    return twins;
}

static void forget_after(engine *e, uint64_t last_place)
{
    while (e->last != NULL && e->last->row.place > last_place)
        engine_remove(e, e->last);
}

hub_status engine_take(engine *e, unsigned queue, const Mash__V1__Deliveries *deliveries, int64_t now_ms, hub_error *err)
{
    HUB_ASSERT(queue < e->options.config->queue_count);
    size_t count = deliveries->n_items;
    uint64_t last_place = e->last == NULL ? 0 : e->last->row.place;
    uint32_t before = e->open;
    if (count == 0) return HUB_OK;
    if (e->open > 0 && e->open + count > e->options.config->waiting_max) {
        return hub_fail(err, HUB_ERR_FULL,
                        "%" PRIu32
                        " deliveries are owed, the most this instance may hold (store.waiting_max); the hub keeps the others",
                        e->open);
    }
    bus_positions positions = e->positions[queue];
    hub_status status = engine_begin(e, err);
    if (status != HUB_OK) return status;
    for (size_t i = 0; i < count && status == HUB_OK; i++)
        status = take_one(e, queue, deliveries->items[i], twin_of(deliveries, i), now_ms, err);
    if (status == HUB_OK && deliveries->items[count - 1]->position != NULL)
        bus_positions_add(&positions, deliveries->items[count - 1]->position);
    if (status == HUB_OK) status = write_positions(e, queue, &positions, err);
    status = engine_leave(e, status, now_ms, err);
    if (status != HUB_OK) {
        forget_after(e, last_place); /* what is not in the store is nowhere */
        return status;
    }
    e->positions[queue] = positions;
    e->counts.taken += e->open > before ? e->open - before : 0;
    return HUB_OK;
}

hub_status engine_forked(engine *e, unsigned queue, const Mash__V1__Position *last_common, int64_t now_ms, hub_error *err)
{
    uint64_t common = last_common == NULL ? 0 : last_common->sequence;
    bus_positions positions = e->positions[queue];
    bus_positions_fork(&positions, last_common);
    hub_status status = engine_begin(e, err);
    if (status != HUB_OK) return status;
    for (engine_item *item = e->first; item != NULL && status == HUB_OK; item = item->next) {
        if (item->queue != queue || item->row.sequence <= common || was_sent(e, item)) continue;
        status = engine_touch(e, item, err);
        if (status == HUB_OK)
            engine_close_row(&item->row, OWED_VOID, "the hub's history was replaced; what holds was delivered anew", now_ms);
    }
    if (status == HUB_OK) status = write_positions(e, queue, &positions, err);
    status = engine_leave(e, status, now_ms, err);
    if (status == HUB_OK) e->positions[queue] = positions;
    return status;
}

/* ---- the clock ---- */

static void move(int64_t *time_ms, int64_t by_ms)
{
    if (*time_ms != 0) *time_ms += by_ms;
}

static void move_row(owed_row *row, int64_t by_ms)
{
    move(&row->taken_ms, by_ms);
    move(&row->seen_ms, by_ms);
    for (unsigned i = 0; i < OWED_STEPS_MAX; i++) {
        owed_step *step = &row->steps[i];
        move(&step->begun_ms, by_ms);
        move(&step->failing_ms, by_ms);
        move(&step->last_ms, by_ms);
        move(&step->next_ms, by_ms);
    }
}

hub_status engine_clock_was_set(engine *e, int64_t by_ms, int64_t now_ms, hub_error *err)
{
    hub_status status = engine_begin(e, err);
    if (status != HUB_OK) return status;
    engine_item *upto = e->first;
    for (; upto != NULL && status == HUB_OK; upto = upto->next) {
        move_row(&upto->row, by_ms);
        status = owed_save(e->options.box, &upto->row, err);
    }
    status = engine_leave(e, status, now_ms, err);
    for (engine_item *item = e->first; item != upto; item = item->next) {
        if (status != HUB_OK) move_row(&item->row, -by_ms);
        if (status == HUB_OK) engine_schedule(e, item, now_ms);
    }
    for (unsigned i = 0; i < OUTBOUND_CHANNELS_MAX && status == HUB_OK; i++) {
        move(&e->lanes[i].paused_ms, by_ms);
        move(&e->lanes[i].trying_ms, by_ms);
        move(&e->lanes[i].counts.failing_ms, by_ms);
    }
    return status;
}

/* ---- people ---- */

static engine_item *item_of(const engine *e, const hub_id *id)
{
    engine_item *item = e->first;
    while (item != NULL && !hub_id_equal(&item->row.id, id))
        item = item->next;
    return item;
}

hub_status engine_stop(engine *e, const hub_id *id, const char *who, const char *why, int64_t now_ms, hub_error *err)
{
    engine_item *item = item_of(e, id);
    if (item == NULL) return hub_fail(err, HUB_ERR_NOT_FOUND, "no open delivery of this id");
    hub_status status = engine_begin(e, err);
    if (status != HUB_OK) return status;
    status = engine_touch(e, item, err);
    if (status == HUB_OK) {
        engine_close_row(&item->row, OWED_STOPPED, why, now_ms);
        (void)hub_format(item->row.who, sizeof item->row.who, "%s", who);
    }
    return engine_leave(e, status, now_ms, err);
}

/* One that was stopped begins its chain's times anew: they were over before anybody could be reached. */
static void try_now(owed_row *row, int64_t now_ms)
{
    bool was_stopped = row->state == OWED_STOPPED;
    for (unsigned i = 0; i < OWED_STEPS_MAX; i++) {
        owed_step *step = &row->steps[i];
        if (chain_is_trying(step)) step->next_ms = now_ms;
        if (was_stopped && step->begun_ms != 0) step->begun_ms = now_ms;
    }
    if (was_stopped) row->notice_given = 0;
    row->state = OWED_OPEN;
    row->closed_ms = 0;
}

hub_status engine_retry(engine *e, const hub_id *id, const char *who, const char *why, int64_t now_ms, hub_error *err)
{
    owed_row row;
    engine_item *item = item_of(e, id);
    if (item == NULL) {
        hub_status found = owed_find(e->options.box, id, &row, err);
        unsigned queue = found == HUB_OK ? queue_named(e, row.queue) : 0;
        if (found == HUB_ERR_NOT_FOUND ||
            (found == HUB_OK && (row.state != OWED_STOPPED || queue == e->options.config->queue_count)))
            return hub_fail(err, HUB_ERR_NOT_FOUND, "no open or stopped delivery of this id");
        if (found != HUB_OK) return found;
        item = engine_add(e, &row, queue, err);
        if (item == NULL) return HUB_ERR_MEMORY;
    }
    bool was_stopped = item->row.state == OWED_STOPPED;
    for (unsigned i = 0; i < engine_queue(e, item)->hop_count; i++)
        e->lanes[engine_queue(e, item)->hops[i].channel].paused_ms = 0; /* a person's word goes before our patience */
    hub_status status = engine_begin(e, err);
    if (status == HUB_OK) {
        status = engine_touch(e, item, err);
        try_now(&item->row, now_ms);
        (void)hub_format(item->row.who, sizeof item->row.who, "%s", who);
        (void)hub_format(item->row.why, sizeof item->row.why, "%s", why);
        status = engine_leave(e, status, now_ms, err);
    }
    if (status != HUB_OK && was_stopped) engine_remove(e, item);
    return status;
}
