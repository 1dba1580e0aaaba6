#include "chain.h"

#include <string.h>

#include "mash/v1/alert.pb-c.h"

static const int64_t FIRST_WAIT_MS = 5 * 1000;
static const int64_t LONGEST_WAIT_MS = 15 * 60 * 1000;

bool chain_is_trying(const owed_step *step)
{
    return step->state == OWED_STEP_QUEUED || step->state == OWED_STEP_FAILING;
}

int64_t chain_wait_ms(uint32_t tries, uint32_t random)
{
    HUB_ASSERT(tries >= 1);
    int64_t wait = tries > 8 ? LONGEST_WAIT_MS : FIRST_WAIT_MS << (tries - 1);
    if (wait > LONGEST_WAIT_MS) wait = LONGEST_WAIT_MS;
    return wait - wait / 4 + (int64_t)(random % (uint32_t)(wait / 2 + 1));
}

int64_t chain_longest_wait_ms(void)
{
    return LONGEST_WAIT_MS + LONGEST_WAIT_MS / 4;
}

int64_t chain_deadline(const outbound_queue *queue, const owed_row *row, unsigned k)
{
    HUB_ASSERT(k < queue->hop_count && row->steps[k].begun_ms != 0);
    int64_t begun = row->steps[k].begun_ms;
    int64_t deadline = begun + queue->hops[k].within_ms;
    if (row->due_ms <= row->taken_ms) return deadline; /* none, or late before it came: each channel has its own time */
    int64_t latest = row->due_ms;
    for (unsigned i = k + 1; i < queue->hop_count; i++)
        latest -= queue->hops[i].within_ms;
    if (latest < begun) latest = begun;
    return latest < deadline ? latest : deadline;
}

static bool is_reached(const outbound_queue *queue, const owed_row *row, owed_state *as)
{
    bool sent = false;
    bool enough = false;
    for (unsigned i = 0; i < queue->hop_count; i++) {
        owed_step_state state = row->steps[i].state;
        if (state == OWED_STEP_CONFIRMED) {
            *as = OWED_CONFIRMED;
            return true;
        }
        sent = sent || state == OWED_STEP_SENT;
        enough = enough || (state == OWED_STEP_SENT && queue->hops[i].enough_sent);
    }
    *as = sent && row->seen_ms != 0 ? OWED_CONFIRMED : OWED_SENT;
    return enough || *as == OWED_CONFIRMED;
}

/* It says itself what a person did. */
static bool is_act(const owed_row *row)
{
    return row->kind == MASH__V1__DELIVERY_KIND__DELIVERY_KIND_ACT;
}

static bool still_fails(const outbound_queue *queue, const owed_row *row)
{
    for (unsigned i = 0; i < queue->hop_count; i++) {
        const owed_step *step = &row->steps[i];
        if (chain_is_trying(step) && (i == 0 || step->tries > 0)) return true;
    }
    return false;
}

chain_next chain_look(const outbound_queue *queue, const owed_row *row, int64_t now_ms)
{
    HUB_ASSERT(queue->hop_count >= 1 && queue->hop_count <= OWED_STEPS_MAX);
    chain_next next = {.act = CHAIN_WAIT, .at_ms = INT64_MAX};
    if (row->state != OWED_OPEN) return next;
    if (is_reached(queue, row, &next.close_as)) {
        if (!still_fails(queue, row)) next.act = CHAIN_CLOSE; /* N2 */
        return next;
    }
    unsigned begun = 0;
    while (begun < queue->hop_count && row->steps[begun].begun_ms != 0)
        begun++;
    next.step = begun;
    if (begun == 0) {
        next.act = CHAIN_BEGIN;
        return next;
    }
    if (row->seen_ms != 0 && is_act(row)) return next; /* what was begun goes on, nothing else begins */
    const owed_step *last = &row->steps[begun - 1];
    int64_t deadline = last->state == OWED_STEP_NOBODY ? now_ms : chain_deadline(queue, row, begun - 1);
    if (now_ms < deadline) {
        next.at_ms = deadline;
    } else if (begun < queue->hop_count) {
        next.act = CHAIN_BEGIN;
    } else if (row->notice_given == 0) {
        next.act = CHAIN_NOTICE;
    }
    return next;
}

void chain_tried(owed_step *step, chain_outcome outcome, const char *cause, int64_t now_ms, uint32_t random)
{
    static const owed_step_state STATES[] = {[CHAIN_CONFIRMED] = OWED_STEP_CONFIRMED,
                                             [CHAIN_SENT] = OWED_STEP_SENT,
                                             [CHAIN_FAILED] = OWED_STEP_FAILING,
                                             [CHAIN_REFUSED] = OWED_STEP_FAILING,
                                             [CHAIN_NOBODY] = OWED_STEP_NOBODY};
    HUB_ASSERT(chain_is_trying(step) || step->state == OWED_STEP_SENT); /* what was sent may be confirmed later */
    step->state = STATES[outcome];
    step->last_ms = now_ms;
    bool has_failed = outcome == CHAIN_FAILED || outcome == CHAIN_REFUSED;
    (void)hub_format(step->cause, sizeof step->cause, "%s", has_failed || outcome == CHAIN_NOBODY ? cause : "");
    if (!has_failed) {
        step->failing_ms = 0;
        step->next_ms = 0;
        if (outcome == CHAIN_SENT) step->tries++;
        if (outcome == CHAIN_CONFIRMED) step->tries += step->tries == 0;
        return;
    }
    step->tries++;
    if (step->failing_ms == 0) step->failing_ms = now_ms;
    step->next_ms = now_ms + chain_wait_ms(step->tries, random);
}
