/* The engine's items: in memory as in the store, in order, and never one without the other. */
#include "engine_parts.h"

#include <stdlib.h>
#include <string.h>

const outbound_queue *engine_queue(const engine *e, const engine_item *item)
{
    return &e->options.config->queues[item->queue];
}

const outbound_channel *engine_channel(const engine *e, const engine_item *item, unsigned hop)
{
    return &e->options.config->channels[engine_queue(e, item)->hops[hop].channel];
}

static engine_lane *lane_of(engine *e, const engine_item *item, unsigned hop)
{
    return &e->lanes[engine_queue(e, item)->hops[hop].channel];
}

bool engine_in_flight(const engine *e, const engine_item *item, unsigned hop)
{
    const engine_lane *lane = &e->lanes[engine_queue(e, item)->hops[hop].channel];
    return lane->is_busy && lane->busy == item;
}

/* ---- lines ---- */

static unsigned bucket_of(unsigned queue, const char *key)
{
    uint32_t hash = 2166136261U ^ queue; /* FNV-1a: keys are the hub's own numbers, nobody chooses them */
    for (; *key != '\0'; key++)
        hash = (hash ^ (uint8_t)*key) * 16777619U;
    return hash % ENGINE_BUCKETS;
}

static engine_line *line_of(engine *e, unsigned queue, const char *key)
{
    engine_line *line = e->buckets[bucket_of(queue, key)];
    while (line != NULL && (line->queue != queue || strcmp(line->key, key) != 0))
        line = line->next;
    return line;
}

static engine_line *make_line(engine *e, unsigned queue, const char *key)
{
    engine_line *line = line_of(e, queue, key);
    if (line != NULL) return line;
    line = calloc(1, sizeof *line);
    if (line == NULL) return NULL;
    engine_line **bucket = &e->buckets[bucket_of(queue, key)];
    line->queue = queue;
    (void)hub_format(line->key, sizeof line->key, "%s", key);
    line->next = *bucket;
    *bucket = line;
    return line;
}

static void drop_line(engine *e, engine_line *line)
{
    engine_line **at = &e->buckets[bucket_of(line->queue, line->key)];
    while (*at != line)
        at = &(*at)->next;
    *at = line->next;
    free(line);
}

static void join_line(engine_line *line, engine_item *item)
{
    engine_item *older = line->newest;
    while (older != NULL && older->row.place > item->row.place)
        older = older->older;
    item->line = line;
    item->older = older;
    item->newer = older == NULL ? line->oldest : older->newer;
    *(item->newer == NULL ? &line->newest : &item->newer->older) = item;
    *(older == NULL ? &line->oldest : &older->newer) = item;
}

static void leave_line(engine *e, engine_item *item)
{
    engine_line *line = item->line;
    if (line == NULL) return;
    *(item->newer == NULL ? &line->newest : &item->newer->older) = item->older;
    *(item->older == NULL ? &line->oldest : &item->older->newer) = item->newer;
    item->line = NULL;
    if (line->oldest == NULL) drop_line(e, line);
}

/* ---- items ---- */

static void join_all(engine *e, engine_item *item)
{
    engine_item *before = e->last;
    while (before != NULL && before->row.place > item->row.place)
        before = before->before;
    item->before = before;
    item->next = before == NULL ? e->first : before->next;
    *(item->next == NULL ? &e->last : &item->next->before) = item;
    *(before == NULL ? &e->first : &before->next) = item;
    e->open++;
}

engine_item *engine_add(engine *e, const owed_row *row, unsigned queue, hub_error *err)
{
    engine_item *item = calloc(1, sizeof *item);
    engine_line *line = item != NULL && row->line[0] != '\0' ? make_line(e, queue, row->line) : NULL;
    hub_status status = item != NULL && (line != NULL || row->line[0] == '\0') ? HUB_OK : HUB_ERR_MEMORY;
    if (status == HUB_OK) status = heap_reserve(&e->wakes, e->open + 1, err);
    for (unsigned i = 0; i < e->options.config->channel_count && status == HUB_OK; i++)
        status = heap_reserve(&e->lanes[i].ready, e->open + 1, err);
    if (status != HUB_OK) {
        if (line != NULL && line->oldest == NULL) drop_line(e, line);
        free(item);
        (void)hub_fail(err, HUB_ERR_MEMORY, "out of memory");
        return NULL;
    }
    item->row = *row;
    item->queue = queue;
    for (unsigned i = 0; i < OWED_STEPS_MAX; i++)
        item->tries[i] = (heap_slot){.place = row->place, .owner = item, .hop = i};
    item->wake = (heap_slot){.place = row->place, .owner = item};
    if (line != NULL) join_line(line, item);
    join_all(e, item);
    return item;
}

static void unschedule(engine *e, engine_item *item)
{
    for (unsigned i = 0; i < engine_queue(e, item)->hop_count; i++)
        heap_take_out(&lane_of(e, item, i)->ready, &item->tries[i]);
    heap_take_out(&e->wakes, &item->wake);
}

void engine_remove(engine *e, engine_item *item)
{
    unschedule(e, item);
    for (unsigned i = 0; i < e->options.config->channel_count; i++) {
        if (e->lanes[i].busy == item) e->lanes[i].busy = NULL; /* what comes of it is nobody's news any more */
    }
    leave_line(e, item);
    *(item->next == NULL ? &e->last : &item->next->before) = item->before;
    *(item->before == NULL ? &e->first : &item->before->next) = item->next;
    e->open--;
    free(item);
}

/* Z1: an older one of the line is still to go by this hop. */
static bool has_to_wait(const engine_item *item, unsigned hop)
{
    for (const engine_item *older = item->older; older != NULL; older = older->older) {
        if (older->row.state == OWED_OPEN && chain_is_trying(&older->row.steps[hop])) return true;
    }
    return false;
}

void engine_schedule(engine *e, engine_item *item, int64_t wake_ms)
{
    for (unsigned i = 0; i < engine_queue(e, item)->hop_count; i++) {
        heap *ready = &lane_of(e, item, i)->ready;
        bool goes = item->row.state == OWED_OPEN && chain_is_trying(&item->row.steps[i]) && !engine_in_flight(e, item, i) &&
                    !has_to_wait(item, i);
        if (goes) {
            heap_put(ready, &item->tries[i], item->row.steps[i].next_ms);
        } else {
            heap_take_out(ready, &item->tries[i]);
        }
    }
    heap_put(&e->wakes, &item->wake, wake_ms);
}

/* ---- changes ---- */

hub_status engine_begin(engine *e, hub_error *err)
{
    HUB_ASSERT(!e->is_changing && e->touched_count == 0);
    hub_status status = outbox_begin(e->options.box, err);
    e->is_changing = status == HUB_OK;
    return status;
}

hub_status engine_touch(engine *e, engine_item *item, hub_error *err)
{
    HUB_ASSERT(e->is_changing);
    for (size_t i = 0; i < e->touched_count; i++) {
        if (e->touched[i].item == item) return HUB_OK;
    }
    if (e->touched_count == e->touched_capacity) {
        size_t capacity = e->touched_capacity * 2 + 16;
        engine_touched *larger = realloc(e->touched, capacity * sizeof *larger);
        if (larger == NULL) return hub_fail(err, HUB_ERR_MEMORY, "out of memory");
        e->touched = larger;
        e->touched_capacity = capacity;
    }
    e->touched[e->touched_count++] = (engine_touched){.item = item, .before = item->row};
    return HUB_OK;
}

static void undo(engine *e)
{
    outbox_rollback(e->options.box);
    for (size_t i = 0; i < e->touched_count; i++)
        e->touched[i].item->row = e->touched[i].before;
    e->touched_count = 0;
    e->is_changing = false;
}

/* What was touched stands in its heaps as it is now, and so does what comes after it in its line. */
static void settle(engine *e, engine_item *item, int64_t now_ms)
{
    engine_item *newer = item->newer;
    if (item->row.state != OWED_OPEN) {
        e->counts.closed[item->row.state]++;
        engine_remove(e, item);
    } else {
        engine_schedule(e, item, now_ms);
    }
    for (; newer != NULL; newer = newer->newer) {
        int64_t wake_ms = newer->wake.index == 0 ? now_ms : newer->wake.at_ms;
        engine_schedule(e, newer, wake_ms);
    }
}

static hub_status commit(engine *e, int64_t now_ms, hub_error *err)
{
    hub_status status = HUB_OK;
    for (size_t i = 0; i < e->touched_count && status == HUB_OK; i++)
        status = owed_save(e->options.box, &e->touched[i].item->row, err);
    if (status != HUB_OK) {
        undo(e);
        return status;
    }
    status = outbox_commit(e->options.box, err);
    e->is_changing = false;
    if (status != HUB_OK) {
        for (size_t i = 0; i < e->touched_count; i++)
            e->touched[i].item->row = e->touched[i].before;
        e->touched_count = 0;
        return status;
    }
    for (size_t i = 0; i < e->touched_count; i++)
        settle(e, e->touched[i].item, now_ms);
    e->touched_count = 0;
    return HUB_OK;
}

hub_status engine_leave(engine *e, hub_status status, int64_t now_ms, hub_error *err)
{
    if (status == HUB_OK) return commit(e, now_ms, err);
    undo(e);
    return status;
}

void engine_close_row(owed_row *row, owed_state as, const char *why, int64_t now_ms)
{
    row->state = as;
    row->closed_ms = now_ms;
    if (why != NULL) (void)hub_format(row->why, sizeof row->why, "%s", why);
    for (unsigned i = 0; i < OWED_STEPS_MAX; i++) {
        owed_step *step = &row->steps[i];
        if (chain_is_trying(step) && step->tries == 0 && as == OWED_CONFIRMED) step->state = OWED_STEP_LATER; /* N2 */
        step->failing_ms = 0;
    }
}

void engine_cover(engine_item *item, engine_item *newer, unsigned hop)
{
    owed_step *from = &item->row.steps[hop];
    owed_step *to = &newer->row.steps[hop];
    bool takes_over = to->begun_ms == 0 || chain_is_trying(to);
    if (takes_over) {
        int64_t begun = to->begun_ms != 0 && to->begun_ms < from->begun_ms ? to->begun_ms : from->begun_ms;
        *to = *from;
        to->begun_ms = begun;
    }
    from->state = OWED_STEP_COVERED;
    from->failing_ms = 0;
    from->cause[0] = '\0';
}
