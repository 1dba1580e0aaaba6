/* chain.h - what is to be done with one delivery now: a queue's channels one after the other, and a telephone at their end. Pure.
 *
 *     taken -> first channel begins -> not confirmed within its time -> the next begins in addition -> ... -> local notice with the number
 *
 * A channel that has begun is tried, with growing waits, until it is through or a person says stop: never given up by itself.
 *
 * Invariants
 *   N1  a delivery is reached when a channel confirmed it, when one sent it of which that is enough, or when it was sent and the hub says that a
 *       person has it. Nothing begins and nobody is rung up after that
 *   N2  it is closed when it is reached and no channel that was tried still fails; one that was never tried is let go then
 *   N3  a channel begins when the one before it has had its time, or leads to nobody. When the hub says by when, that much earlier that all
 *       after it still have theirs
 */
#ifndef OUTBOUND_CHAIN_H
#define OUTBOUND_CHAIN_H

#include "config.h"

typedef enum chain_act {
    CHAIN_WAIT,   /* until at_ms; INT64_MAX: nothing will come of waiting */
    CHAIN_BEGIN,  /* `step` */
    CHAIN_NOTICE, /* nobody has confirmed it in time: somebody must telephone */
    CHAIN_CLOSE,  /* as `close_as` */
} chain_act;

typedef struct chain_next {
    chain_act act;
    unsigned step;
    int64_t at_ms;
    owed_state close_as;
} chain_next;

chain_next chain_look(const outbound_queue *queue, const owed_row *row, int64_t now_ms);

/* Until when the begun step `k` has time. */
int64_t chain_deadline(const outbound_queue *queue, const owed_row *row, unsigned k);

bool chain_is_trying(const owed_step *step); /* QUEUED or FAILING */

/* What became of a try. */
typedef enum chain_outcome {
    CHAIN_CONFIRMED,
    CHAIN_SENT,
    CHAIN_FAILED,
    CHAIN_REFUSED, /* as FAILED, but of this delivery alone: its receiver is there and goes on taking others */
    CHAIN_NOBODY,  /* it leads to nobody, and will not for this delivery */
} chain_outcome;

/* Changes the step; `cause` (BORROWED, no personal data) and `random` (for the wait) are for a failure. */
void chain_tried(owed_step *step, chain_outcome outcome, const char *cause, int64_t now_ms, uint32_t random);

int64_t chain_longest_wait_ms(void);
/* How long until the next try after so many in vain: 5 s doubling to 15 minutes, a quarter more or less. */
int64_t chain_wait_ms(uint32_t tries, uint32_t random);

#endif
