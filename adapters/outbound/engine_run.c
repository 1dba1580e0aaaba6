/* The engine's ways out: what is due goes to its channel, and what becomes of it is written down. */
#include <stdlib.h>
#include <string.h>

#include "engine_parts.h"
#include "host/log.h"

enum { LOOKS_A_TURN = 1000 };
static const int64_t NOTICE_AGAIN_MS = 60 * 1000;
static const int64_t UNWRITTEN_WAIT_MS =
    30 * 1000; /* the disk is full: a receiver need not hear the same every second meanwhile */

/* ---- the chain ---- */

static hub_status begin_step(engine *e, engine_item *item, unsigned hop, int64_t now_ms, hub_error *err)
{
    hub_status status = engine_begin(e, err);
    if (status != HUB_OK) return status;
    status = engine_touch(e, item, err);
    if (status == HUB_OK) {
        bool is_notice = engine_channel(e, item, hop)->content == OUTBOUND_NOTICE;
        item->row.steps[hop] = (owed_step){.state = OWED_STEP_QUEUED, .begun_ms = now_ms, .next_ms = now_ms};
        engine_item *newest = item->line == NULL ? item : item->line->newest;
        if (is_notice && newest != item) { /* Z4 */
            status = engine_touch(e, newest, err);
            if (status == HUB_OK) engine_cover(item, newest, hop);
        }
    }
    return engine_leave(e, status, now_ms, err);
}

static const char *trouble_of(const owed_row *row)
{
    const char *cause = "";
    for (unsigned i = 0; i < OWED_STEPS_MAX; i++) {
        if (row->steps[i].cause[0] != '\0') cause = row->steps[i].cause;
    }
    return cause[0] != '\0' ? cause : "it was sent and nobody has confirmed it";
}

static hub_status give_notice(engine *e, engine_item *item, int64_t now_ms, hub_error *err)
{
    engine_notice notice = {.id = item->row.id,
                            .queue = item->row.queue,
                            .trouble = trouble_of(&item->row),
                            .taken_ms = item->row.taken_ms,
                            .now_ms = now_ms};
    hub_error why = {{0}};
    if (e->options.notice(e->options.context, &notice, &why) != HUB_OK) {
        host_log(HOST_LOG_ERROR, "a notice could not be written; it is tried again", "cause", why.text, NULL);
        heap_put(&e->wakes, &item->wake, now_ms + NOTICE_AGAIN_MS);
        return HUB_OK;
    }
    hub_status status = engine_begin(e, err);
    if (status != HUB_OK) return status;
    status = engine_touch(e, item, err);
    if (status == HUB_OK) item->row.notice_given = 1;
    return engine_leave(e, status, now_ms, err);
}

/* By every channel that has begun, something newer goes in its place. */
static bool is_left_to_newer(const engine *e, const engine_item *item)
{
    bool is_covered = false;
    for (unsigned i = 0; i < engine_queue(e, item)->hop_count; i++) {
        const owed_step *step = &item->row.steps[i];
        if (step->begun_ms != 0 && step->state != OWED_STEP_COVERED && step->state != OWED_STEP_NOBODY) return false;
        is_covered = is_covered || step->state == OWED_STEP_COVERED;
    }
    return is_covered && item->row.state == OWED_OPEN;
}

/* Z4: what was left to it is told with it. */
static hub_status close_covered(engine *e, engine_item *by, int64_t now_ms, hub_error *err)
{
    hub_status status = HUB_OK;
    for (engine_item *at = by->older; at != NULL && status == HUB_OK; at = at->older) {
        if (!is_left_to_newer(e, at)) continue;
        status = engine_touch(e, at, err);
        if (status == HUB_OK) engine_close_row(&at->row, OWED_REPLACED, "a newer notice of the same went in its place", now_ms);
    }
    return status;
}

static hub_status close_item(engine *e, engine_item *item, owed_state as, int64_t now_ms, hub_error *err)
{
    hub_status status = engine_begin(e, err);
    if (status != HUB_OK) return status;
    status = engine_touch(e, item, err);
    bool by_hub = as == OWED_CONFIRMED;
    for (unsigned i = 0; i < OWED_STEPS_MAX; i++)
        by_hub = by_hub && item->row.steps[i].state != OWED_STEP_CONFIRMED;
    if (status == HUB_OK) engine_close_row(&item->row, as, by_hub ? "the hub says that a person has it" : NULL, now_ms);
    if (status == HUB_OK) status = close_covered(e, item, now_ms, err);
    return engine_leave(e, status, now_ms, err);
}

static hub_status look(engine *e, engine_item *item, int64_t now_ms, hub_error *err)
{
    chain_next next = chain_look(engine_queue(e, item), &item->row, now_ms);
    switch (next.act) {
    case CHAIN_BEGIN:
        return begin_step(e, item, next.step, now_ms, err);
    case CHAIN_NOTICE:
        return give_notice(e, item, now_ms, err);
    case CHAIN_CLOSE:
        return close_item(e, item, next.close_as, now_ms, err);
    case CHAIN_WAIT:
        break;
    }
    if (next.at_ms == INT64_MAX) {
        heap_take_out(&e->wakes, &item->wake);
    } else {
        heap_put(&e->wakes, &item->wake, next.at_ms);
    }
    return HUB_OK;
}

/* ---- trying ---- */

static uint32_t count_newer(const engine_item *item)
{
    uint32_t newer = 0;
    for (const engine_item *at = item->newer; at != NULL; at = at->newer)
        newer++;
    return newer;
}

static hub_status unpack(engine *e, engine_lane *lane, uint64_t place, Mash__V1__Delivery **out, hub_error *err)
{
    hub_buffer content = {0};
    hub_status status = owed_content(e->options.box, place, &content, err);
    if (status == HUB_OK) status = message_unpack(hub_buffer_bytes(&content), &lane->arena, out, err);
    hub_buffer_free(&content);
    return status;
}

static hub_status begin_try(engine *e, unsigned channel, heap_slot *slot, int64_t now_ms, hub_error *err)
{
    engine_lane *lane = &e->lanes[channel];
    engine_item *item = slot->owner;
    Mash__V1__Delivery *delivery = NULL;
    Mash__V1__Delivery *newest = NULL;
    engine_parcel parcel = {.channel = channel, .hop = slot->hop, .queue = engine_queue(e, item), .id = item->row.id};
    heap_take_out(&lane->ready, slot);
    lane->is_busy = true;
    lane->trying_ms = now_ms;
    lane->busy = item;
    lane->hop = slot->hop;
    hub_arena_reset(&lane->arena);
    uint64_t last = item->row.place;
    hub_error why = {{0}};
    hub_status status = unpack(e, lane, item->row.place, &delivery, &why);
    if (status == HUB_OK && item->line != NULL) status = owed_newest(e->options.box, &item->row, &last, &why);
    if (status == HUB_OK && last != item->row.place) status = unpack(e, lane, last, &newest, &why);
    if (status != HUB_OK) {
        chain_outcome outcome = status == HUB_ERR_CORRUPT ? CHAIN_REFUSED : CHAIN_FAILED;
        return engine_tried(e, channel, outcome, why.text, now_ms, err);
    }
    if (newest != NULL) message_bring_up_to_date(delivery, newest); /* Z2 */
    message_look(delivery, &parcel.facts);
    if (parcel.facts.due_ms == 0) parcel.facts.due_ms = item->row.due_ms;
    parcel.tries = item->row.steps[slot->hop].tries;
    parcel.delivery = delivery;
    parcel.frame.id = item->row.id;
    parcel.frame.newer = count_newer(item);
    parcel.frame.now_ms = e->options.wall != NULL ? e->options.wall(e->options.context) : now_ms;
    parcel.frame.board = e->options.config->board;
    e->options.send(e->options.context, &parcel);
    return HUB_OK;
}

hub_status engine_run(engine *e, int64_t now_ms, int64_t *until_ms, hub_error *err)
{
    heap_slot *slot = NULL;
    *until_ms = INT64_MAX;
    unsigned looks = 0;
    hub_status first = HUB_OK;
    while ((slot = heap_first(&e->wakes)) != NULL && slot->at_ms <= now_ms && looks++ < LOOKS_A_TURN) {
        hub_status status = look(e, slot->owner, now_ms, first == HUB_OK ? err : &(hub_error){{0}});
        if (status == HUB_OK) continue;
        if (first == HUB_OK) first = status; /* what cannot be written down keeps nothing else waiting */
        heap_put(&e->wakes, slot, now_ms + UNWRITTEN_WAIT_MS);
    }
    if (slot != NULL && slot->at_ms < *until_ms) *until_ms = slot->at_ms;
    for (unsigned i = 0; i < e->options.config->channel_count; i++) {
        engine_lane *lane = &e->lanes[i];
        slot = heap_first(&lane->ready);
        if (lane->is_busy || slot == NULL) continue;
        int64_t at_ms = slot->at_ms > lane->paused_ms ? slot->at_ms : lane->paused_ms;
        if (at_ms > now_ms) {
            if (at_ms < *until_ms) *until_ms = at_ms;
            continue;
        }
        hub_status status = begin_try(e, i, slot, now_ms, first == HUB_OK ? err : &(hub_error){{0}});
        if (first == HUB_OK) first = status;
        if (!lane->is_busy) *until_ms = now_ms; /* answered at once: the next may go */
    }
    return first;
}

/* After the channel was down for all, nobody waits longer than they must. */
static void wake_all(engine *e, unsigned channel, int64_t now_ms)
{
    for (engine_item *item = e->first; item != NULL; item = item->next) {
        for (unsigned i = 0; i < engine_queue(e, item)->hop_count; i++) {
            owed_step *step = &item->row.steps[i];
            if (engine_queue(e, item)->hops[i].channel != channel || step->state != OWED_STEP_FAILING) continue;
            step->next_ms = now_ms;
            if (item->tries[i].index != 0) heap_put(&e->lanes[channel].ready, &item->tries[i], now_ms);
        }
    }
}

/* Do several fail (or are refused) there, one after the other? One that is never taken says nothing of the channel. */
static bool are_several(uint64_t lines[ENGINE_FEW_FAILURES], const engine_item *item)
{
    uint64_t place = item == NULL ? 0 : item->line == NULL ? item->row.place : item->line->oldest->row.place;
    unsigned i = 0;
    while (i < ENGINE_FEW_FAILURES && lines[i] != 0 && lines[i] != place)
        i++;
    if (i < ENGINE_FEW_FAILURES) lines[i] = place;
    return lines[ENGINE_FEW_FAILURES - 1] != 0;
}

/* Of this delivery alone, and said once of each; of the channel when nothing else is taken either. It goes on all the same. */
static void note_refusal(engine_lane *lane, const engine_item *item, const char *name, const char *cause, int64_t now_ms)
{
    char id[HUB_ID_TEXT_BYTES];
    if (item == NULL) return;
    hub_id_text(&item->row.id, id);
    if (item->row.steps[lane->hop].tries == 0)
        host_log(HOST_LOG_WARNING, "a delivery is refused; it is tried again", "channel", name, "delivery", id, "cause", cause,
                 NULL);
    if (!are_several(lane->refused, item) || lane->counts.failing_ms != 0) return;
    lane->counts.failing_ms = now_ms;
    host_log(HOST_LOG_WARNING, "a channel refuses all deliveries; they are tried again", "channel", name, "cause", cause, NULL);
}

static void note_outcome(engine *e, unsigned channel, const engine_item *item, chain_outcome outcome, const char *cause,
                         int64_t now_ms)
{
    engine_lane *lane = &e->lanes[channel];
    engine_channel_counts *counts = &lane->counts;
    const char *name = e->options.config->channels[channel].name;
    counts->confirmed += outcome == CHAIN_CONFIRMED;
    counts->sent += outcome == CHAIN_SENT;
    counts->failed += outcome == CHAIN_FAILED || outcome == CHAIN_REFUSED;
    if (outcome == CHAIN_REFUSED) note_refusal(lane, item, name, cause, now_ms);
    if (outcome == CHAIN_NOBODY || outcome == CHAIN_REFUSED) return; /* one says nothing of the channel */
    if (outcome == CHAIN_FAILED) {
        lane->in_a_row++;
        if (counts->failing_ms == 0) {
            counts->failing_ms = now_ms;
            host_log(HOST_LOG_WARNING, "a channel fails; what it owes is tried again", "channel", name, "cause", cause, NULL);
        }
        if (are_several(lane->failed, item))
            lane->paused_ms = now_ms + chain_wait_ms(++lane->down, e->options.random(e->options.context));
        return;
    }
    bool was_down = lane->in_a_row >= ENGINE_FEW_FAILURES;
    if (counts->failing_ms != 0) host_log(HOST_LOG_INFO, "a channel works again", "channel", name, NULL);
    counts->failing_ms = 0;
    lane->in_a_row = lane->down = 0;
    memset(lane->failed, 0, sizeof lane->failed);
    memset(lane->refused, 0, sizeof lane->refused);
    lane->paused_ms = 0;
    if (was_down) wake_all(e, channel, now_ms);
}

/* Z4, when what is newer came while this one was on its way. */
static hub_status give_way(engine *e, engine_item *item, unsigned hop, hub_error *err)
{
    engine_item *newest = item->line == NULL ? item : item->line->newest;
    if (newest == item || engine_channel(e, item, hop)->content != OUTBOUND_NOTICE) return HUB_OK;
    hub_status status = engine_touch(e, newest, err);
    if (status == HUB_OK) engine_cover(item, newest, hop);
    return status;
}

hub_status engine_tried(engine *e, unsigned channel, chain_outcome outcome, const char *cause, int64_t now_ms, hub_error *err)
{
    engine_lane *lane = &e->lanes[channel];
    HUB_ASSERT(lane->is_busy);
    engine_item *item = lane->busy;
    lane->is_busy = false;
    lane->busy = NULL;
    note_outcome(e, channel, item, outcome, cause, now_ms);
    if (item == NULL) return HUB_OK; /* stopped or withdrawn meanwhile */
    hub_status status = engine_begin(e, err);
    if (status == HUB_OK) {
        status = engine_touch(e, item, err);
        if (status == HUB_OK)
            chain_tried(&item->row.steps[lane->hop], outcome, cause, now_ms, e->options.random(e->options.context));
        if (status == HUB_OK && chain_is_trying(&item->row.steps[lane->hop])) status = give_way(e, item, lane->hop, err);
        status = engine_leave(e, status, now_ms, err);
    }
    /* Not written down: the same again, under the same id, is no harm. */
    if (status != HUB_OK) {
        item->row.steps[lane->hop].next_ms = now_ms + UNWRITTEN_WAIT_MS;
        lane->paused_ms = now_ms + UNWRITTEN_WAIT_MS;
        engine_schedule(e, item, now_ms);
    }
    return status;
}

hub_status engine_heard(engine *e, unsigned channel, const hub_id *id, chain_outcome outcome, const char *cause, int64_t now_ms,
                        hub_error *err)
{
    for (engine_item *item = e->first; item != NULL; item = item->next) {
        if (!hub_id_equal(&item->row.id, id)) continue;
        for (unsigned i = 0; i < engine_queue(e, item)->hop_count; i++) {
            if (engine_queue(e, item)->hops[i].channel != channel || item->row.steps[i].state != OWED_STEP_SENT) continue;
            hub_status status = engine_begin(e, err);
            if (status != HUB_OK) return status;
            status = engine_touch(e, item, err);
            if (status == HUB_OK) chain_tried(&item->row.steps[i], outcome, cause, now_ms, e->options.random(e->options.context));
            status = engine_leave(e, status, now_ms, err);
            if (status == HUB_OK && outcome == CHAIN_CONFIRMED) e->lanes[channel].counts.confirmed++;
            return status;
        }
    }
    return hub_fail(err, HUB_ERR_NOT_FOUND, "no delivery of this id waits to be confirmed");
}

size_t engine_sent(const engine *e, unsigned channel, uint64_t *place, hub_id *ids, size_t most)
{
    size_t count = 0;
    for (const engine_item *item = e->first; item != NULL && count < most; item = item->next) {
        if (item->row.place <= *place) continue;
        for (unsigned i = 0; i < engine_queue(e, item)->hop_count; i++) {
            if (engine_queue(e, item)->hops[i].channel != channel || item->row.steps[i].state != OWED_STEP_SENT) continue;
            *place = item->row.place;
            ids[count++] = item->row.id;
            break;
        }
    }
    return count;
}

engine_pace engine_pace_of(const engine *e, unsigned channel)
{
    const engine_lane *lane = &e->lanes[channel];
    return (engine_pace){.paused_ms = lane->paused_ms, .trying_ms = lane->is_busy ? lane->trying_ms : 0};
}

void engine_counts_of(const engine *e, engine_counts *out)
{
    *out = e->counts;
    out->open = e->open;
    for (unsigned i = 0; i < OUTBOUND_CHANNELS_MAX; i++)
        out->channels[i] = e->lanes[i].counts;
    for (unsigned i = 0; i < OUTBOUND_CHANNELS_MAX; i++)
        out->channels[i].trying_ms = engine_pace_of(e, i).trying_ms;
    for (const engine_item *item = e->first; item != NULL; item = item->next) {
        int64_t since = owed_failing_since(&item->row);
        if (since != 0 && (out->failing_ms == 0 || since < out->failing_ms)) out->failing_ms = since;
        if (out->oldest_ms == 0) out->oldest_ms = item->row.taken_ms;
        out->overdue += item->row.notice_given != 0;
        for (unsigned i = 0; i < engine_queue(e, item)->hop_count; i++) {
            engine_channel_counts *counts = &out->channels[engine_queue(e, item)->hops[i].channel];
            counts->trying += chain_is_trying(&item->row.steps[i]);
            counts->failing += item->row.steps[i].state == OWED_STEP_FAILING;
        }
    }
}
