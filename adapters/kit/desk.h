/* desk.h - where inputs stand whose senders wait for an answer: taken many at once, answered when it is safe to.
 *
 * Why: a sync of the disk costs as much for one message as for fifty. What came in one turn of the loop is one batch of the outbox, and one
 * sync serves all who sent it.
 *
 *     put -> queue -> batch: intake, one sync -> answered                         acknowledge: outbox
 *              '- detail not here yet: it         '-> hub has settled its events -> answered      acknowledge: hub
 *                 and all behind it wait               '-> patience is over: told to send it again
 *
 * Invariants
 *   K1  an input is answered DONE, REPEATED or PARKED only after the sync of its batch; with KIT_ACKNOWLEDGE_HUB only after the hub has settled
 *       every event of it, and PARKED when the hub refused one
 *   K2  inputs are taken in the order in which they were put
 *   K3  each input is answered once, never inside kit_desk_put
 *   K4  a batch that cannot be committed is told FAILED as a whole: nothing of it was kept
 */
#ifndef KIT_DESK_H
#define KIT_DESK_H

#include <uv.h>

#include "intake.h"

typedef struct kit_desk kit_desk;
typedef struct kit_ticket kit_ticket;

typedef enum kit_acknowledge { KIT_ACKNOWLEDGE_OUTBOX, KIT_ACKNOWLEDGE_HUB } kit_acknowledge;

/* The first member of what waits; made all zero by its owner, who keeps it and the input's bytes until it is answered. */
struct kit_ticket {
    kit_intake *intake; /* BORROWED; over the desk's outbox */
    kit_input input;
    void (*answered)(kit_ticket *ticket, const kit_outcome *outcome); /* the ticket is its owner's again; `outcome` is BORROWED */
    kit_outcome outcome;                                             /* the desk's, as all below */
    int64_t until_ms;
    kit_ticket *next;
};

typedef struct kit_desk_options {
    outbox *box; /* BORROWED for the desk's life */
    kit_acknowledge acknowledge;
    int64_t patience_ms;                                /* how long a sender waits for the hub; 0 = 20 s */
    void (*taken)(void *context);                       /* something was put into the outbox; may be NULL */
    void (*failed)(void *context, const hub_error *err); /* the outbox took nothing; may be NULL */
    void *context;
} kit_desk_options;

hub_status kit_desk_open(uv_loop_t *loop, const kit_desk_options *options, kit_desk **out, hub_error *err);
/* Answers FAILED to whoever still waits. NULL is allowed; the memory goes when the loop has let go of it. */
void kit_desk_close(kit_desk *desk);

void kit_desk_put(kit_desk *desk, kit_ticket *ticket);
/* The outbox has moved, or a detail has come: looks whether somebody can be answered. */
void kit_desk_look(kit_desk *desk);

#endif
