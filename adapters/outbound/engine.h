/* engine.h - every delivery this instance owes, by which channel it goes next, and when. No network, no clock: the caller brings both.
 *
 *     take: store, sealed and synced -> (the receipt may go) -> chain.h says what begins -> one at a time by each channel -> tried -> stored
 *
 * What goes first, and what does not go at all
 *   Z1  deliveries of one alert (request, notice ...) go by one channel in the order in which the hub made them, the next when the one before it
 *       is through. Those of others do not wait for them: a delivery that an agency's system cannot take stops its own alert alone
 *   Z2  each says how the alert stands by the newest delivery here: no stale red goes out after an end that is known,
 *       also when what told of it has gone by another channel already
 *   Z3  not sent any more, and closed as REPLACED by the newer one, is what nobody needs to see then: a delivery whose event a newer one here
 *       amends or withdraws; a lapsed clock or an escalation once a newer one says that the alert has ended. What was sent is not touched
 *   Z4  a notice says how things stand and nothing else: by a channel of notices the newest of an alert alone goes, the older ones are COVERED, and
 *       REPLACED when it is through before they go by any other. A notice of a child at another school is another notice
 *   Z5  whoever takes another's place takes its time too: deadlines that run are not begun anew by what comes later
 *   Z6  everything else is sent, whatever came after it; nothing is dropped because it is old or because it failed often
 */
#ifndef OUTBOUND_ENGINE_H
#define OUTBOUND_ENGINE_H

#include "bus/position.h"
#include "chain.h"
#include "message.h"

typedef struct engine engine;

/* One try. Valid until engine_tried for this channel. */
typedef struct engine_parcel {
    unsigned channel;
    unsigned hop; /* of the queue's chain */
    const outbound_queue *queue;
    hub_id id;
    uint32_t tries; /* so far */
    message_facts facts;
    message_frame frame;
    const Mash__V1__Delivery *delivery; /* Z2 */
} engine_parcel;

typedef struct engine_notice {
    hub_id id;
    const char *queue;
    const char *trouble;
    int64_t taken_ms, now_ms;
} engine_notice;

typedef struct engine_options {
    const outbound_config *config; /* BORROWED for the life of the engine */
    outbox *box;                   /* BORROWED; owed_prepare was called */
    void *context;
    int64_t now_ms; /* at the opening: stored times after it are of a clock that was wrong; 0 = leave them */
    /* Begins a try; engine_tried is called later, or at once. */
    void (*send)(void *context, const engine_parcel *parcel);
    /* HUB_OK: the notice is written and need not be written again. */
    hub_status (*notice)(void *context, const engine_notice *notice, hub_error *err);
    /* When it must be there by, where the delivery does not say; 0 = not known. May be NULL. */
    int64_t (*due)(void *context, const message_facts *facts, int64_t now_ms);
    /* The wall clock's time, for what others read; NULL = the even clock's of each call. */
    int64_t (*wall)(void *context);
    uint32_t (*random)(void *context);
} engine_options;

/* Reads everything that is still open. HUB_ERR_CORRUPT, HUB_ERR_IO, HUB_ERR_MEMORY. */
hub_status engine_open(const engine_options *options, engine **out, hub_error *err);
void engine_close(engine *e);

/* ---- from the hub ---- */

/* Where this queue stands, for Subscribe. */
const bus_positions *engine_positions(const engine *e, unsigned queue);
/* Stores all of one frame and the position in one transaction. HUB_OK: a receipt for the newest may go. HUB_ERR_FULL (the disk, or waiting_max):
 * nothing was kept, no receipt; ask for them again later. */
hub_status engine_take(engine *e, unsigned queue, const Mash__V1__Deliveries *deliveries, int64_t now_ms, hub_error *err);
/* What came after is of a history that is no more: what was not sent of it is VOID. */
hub_status engine_forked(engine *e, unsigned queue, const Mash__V1__Position *last_common, int64_t now_ms, hub_error *err);

/* ---- going on ---- */

/* Does all that is due at now_ms; `until_ms`: when to call again at the latest. */
hub_status engine_run(engine *e, int64_t now_ms, int64_t *until_ms, hub_error *err);
/* What became of a try: `cause` holds no personal data. */
hub_status engine_tried(engine *e, unsigned channel, chain_outcome outcome, const char *cause, int64_t now_ms, hub_error *err);
/* What became later of a delivery that a channel had sent: CHAIN_CONFIRMED (a file was taken), CHAIN_FAILED (its reader could not take it).
 * HUB_ERR_NOT_FOUND: not open, or not sent by it. */
hub_status engine_heard(engine *e, unsigned channel, const hub_id *id, chain_outcome outcome, const char *cause, int64_t now_ms,
                        hub_error *err);
/* Deliveries that this channel has sent and nobody has confirmed, those after `*place` (0 = from the first), at most `most`; how many. */
size_t engine_sent(const engine *e, unsigned channel, uint64_t *place, hub_id *ids, size_t most);

/* The wall clock was set: what has been told by it so far moves along, so that waits and times that channels have stay as long as they were.
 * What the hub said in its own time does not. After a failure nothing has changed. */
hub_status engine_clock_was_set(engine *e, int64_t by_ms, int64_t now_ms, hub_error *err);

/* ---- from a person ---- */
/* HUB_ERR_NOT_FOUND: no such open (to stop) or stopped (to retry) delivery. Retrying an open one tries it now. */
hub_status engine_stop(engine *e, const hub_id *id, const char *who, const char *why, int64_t now_ms, hub_error *err);
hub_status engine_retry(engine *e, const hub_id *id, const char *who, const char *why, int64_t now_ms, hub_error *err);

/* ---- for figures ---- */
typedef struct engine_channel_counts {
    uint64_t confirmed, sent, failed; /* tries since the start */
    uint32_t trying, failing;         /* deliveries now */
    int64_t failing_ms;               /* since when nothing goes by it; 0 = it works */
    int64_t trying_ms;                /* since when a try is under way; 0 = none is */
} engine_channel_counts;
typedef struct engine_counts {
    uint64_t taken, known;             /* deliveries since the start; known: again, nothing was done */
    uint64_t closed[OWED_STOPPED + 1]; /* since the start, by state */
    uint32_t open, overdue;            /* overdue: the notice was given */
    int64_t failing_ms;                /* the oldest failure that goes on; 0 = none */
    int64_t oldest_ms;                 /* when the oldest open one was taken; 0 = none */
    engine_channel_counts channels[OUTBOUND_CHANNELS_MAX];
} engine_counts;
void engine_counts_of(const engine *e, engine_counts *out);

/* What a channel waits for. */
typedef struct engine_pace {
    int64_t paused_ms; /* it is held to be down, and nothing goes by it before; may be over */
    int64_t trying_ms; /* since when a try is under way; 0 = none is */
} engine_pace;
engine_pace engine_pace_of(const engine *e, unsigned channel);

#endif
