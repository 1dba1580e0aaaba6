/* owed.h - deliveries that this program took over from the hub and owes to somebody since.
 *
 * Why here: what a hub was told STORED of an event is what a consumer's receipt is for a delivery: from then on nobody else has it. So both
 * are kept in one store - an outbox's folder, key, seal, lock and transactions (outbox.h) - of which outbound delivery uses one more table.
 *
 *     open -> confirmed | sent | replaced | void | stopped        (stopped -> open again, when a person says so)
 *
 * Invariants
 *   W1  a delivery that owed_add said HUB_OK to, in a transaction that was committed, is found again after any crash
 *   W2  one delivery is one row: owed_add of an id that is known adds nothing
 *   W3  a row says which queue, alert and event it is about by their numbers; whatever names a person is in its sealed content, and that is
 *       dropped when nothing is owed any more (a stopped one keeps it, until it is forgotten; so does the newest of a line, as long as an older one
 *       is owed or stopped: it says how things stand)
 */
#ifndef LINK_OWED_H
#define LINK_OWED_H

#include "outbox.h"

enum { OWED_STEPS_MAX = 4, OWED_NAME_MAX = 64, OWED_CAUSE_MAX = 200 };

/* As stored: numbers are never given another meaning. */
typedef enum owed_state {
    OWED_OPEN = 0,
    OWED_CONFIRMED = 1, /* somebody, or their system, has it */
    OWED_SENT = 2,      /* handed on by a channel that cannot confirm, and the configuration says that this is enough */
    OWED_REPLACED = 3,  /* a newer one here says all that it said, or takes it back */
    OWED_VOID = 4,      /* of a history that the hub does not hold any more */
    OWED_STOPPED = 5,   /* by a person: `who` and `why` */
} owed_state;

typedef enum owed_step_state {
    OWED_STEP_LATER = 0,   /* its turn has not come */
    OWED_STEP_QUEUED = 1,  /* to be tried at next_ms */
    OWED_STEP_FAILING = 2, /* tried in vain, to be tried again at next_ms */
    OWED_STEP_SENT = 3,    /* handed on; nobody has confirmed it */
    OWED_STEP_CONFIRMED = 4,
    OWED_STEP_COVERED = 5, /* a newer one of the same alert goes by this channel in its place */
    OWED_STEP_NOBODY = 6,  /* it leads to nobody: the next one began at once */
} owed_step_state;

/* One channel of the chain. */
typedef struct owed_step {
    owed_step_state state;
    uint32_t tries;
    int64_t begun_ms;   /* 0 = not yet */
    int64_t failing_ms; /* since when; 0 = not failing */
    int64_t last_ms;    /* newest try */
    int64_t next_ms;
    char cause[OWED_CAUSE_MAX]; /* of the newest failure; no personal data */
} owed_step;

typedef struct owed_row {
    uint64_t place; /* given by owed_add; ascends */
    hub_id id;
    char queue[OWED_NAME_MAX];
    char line[OWED_NAME_MAX]; /* "A17", "N19/116123": what is delivered in order; "" = on its own */
    hub_id event_id;          /* all zero when none is told */
    int32_t kind;             /* DeliveryKind */
    uint64_t sequence;        /* of the hub's record */
    int64_t taken_ms;
    int64_t due_ms; /* 0 = none is known */
    owed_state state;
    int64_t closed_ms;
    int64_t seen_ms; /* when the hub said that a person has it; 0 = not yet */
    char who[OWED_NAME_MAX];
    char why[OWED_CAUSE_MAX];
    owed_step steps[OWED_STEPS_MAX];
    uint32_t notice_given; /* the local notice: 1 = given */
} owed_row;

/* Makes the table in an outbox that has none. */
hub_status owed_prepare(outbox *box, hub_error *err);
/* In a transaction. `content` is sealed. HUB_ERR_EXISTS: known already, nothing was done; HUB_ERR_FULL. */
hub_status owed_add(outbox *box, owed_row *row, hub_bytes content, hub_error *err);
/* Does this outbox have the table? One of an adapter has not. */
bool owed_is_here(const outbox *box);
/* All that may change of a row: in the caller's transaction, or in one of its own. Drops the content as W3 says. */
hub_status owed_save(outbox *box, const owed_row *row, hub_error *err);
/* The content at the end of `out`. HUB_ERR_CORRUPT: the seal does not hold. */
hub_status owed_content(outbox *box, uint64_t place, hub_buffer *out, hub_error *err);

/* The place of the newest of its line that has content; its own when there is none after it. */
hub_status owed_newest(outbox *box, const owed_row *row, uint64_t *place, hub_error *err);

typedef enum owed_which { OWED_EVERY, OWED_OPEN_ONLY } owed_which;
/* The next row after `place`. HUB_ERR_NOT_FOUND: there is none, or this outbox holds no deliveries at all. */
hub_status owed_next(outbox *box, uint64_t place, owed_which which, owed_row *out, hub_error *err);
/* The row of this id. */
hub_status owed_find(outbox *box, const hub_id *id, owed_row *out, hub_error *err);
/* Forgets rows that were closed before that time, some thousands a call. */
hub_status owed_forget(outbox *box, int64_t before_ms, hub_error *err);

/* What holds a whole channel up, noted for people by the instance that runs; all 0: nothing does. */
typedef struct owed_channel {
    int64_t paused_ms;  /* it is held to be down, and nothing is tried before */
    int64_t hanging_ms; /* since when a try has not come back, though its time is over */
} owed_channel;
hub_status owed_channel_note(outbox *box, const char *channel, const owed_channel *state, hub_error *err);
/* HUB_OK also when nothing was noted of it. */
hub_status owed_channel_noted(outbox *box, const char *channel, owed_channel *out, hub_error *err);

const char *owed_state_name(owed_state state);
const char *owed_step_name(owed_step_state state);
/* Since when the channel that has failed longest fails; 0 = none does. */
int64_t owed_failing_since(const owed_row *row);

#endif
