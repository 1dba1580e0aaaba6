/* link.h - offers the outbox to the hub: what to send, what a reply settles, when to try again.
 *
 * A state machine without sockets, clock or randomness of its own: the caller tells what happened and asks what to do next, so that a
 * simulation drives the same code as the adapter. After every input ask link_next until it answers LINK_WAIT.
 *
 *     closed --Welcome, numbers agree--> open --Publish--> in flight --STORED, DUPLICATE, REFUSED--> settled
 *        ^  '--numbers do not agree--> fork, say Hello again     '--RETRY_LATER--> pause, send again from there
 *        '-- connection lost, session ended, no reply for reply_ms
 *
 * Invariants
 *   L1  items are settled in order and without a gap; a result beyond the next one settles nothing
 *   L2  what is in flight never exceeds Welcome.publish_items_max; nothing counts as sent before the connection was opened anew
 *   L3  the hub's watermark and ours name the same item, or the outbox forks: then the event ids decide what is new
 *   L4  an item that the hub cannot read is set aside after LINK_TRIES_MAX tries of it alone; the next one goes on
 *   L5  an urgent item that waited urgent_ms raises one local notice, whatever the reason it waits for
 *       (one put by a clock that has been set back since: at once)
 *   L6  what bears a time that the hub's clock has not reached was dated by a clock of ours that was ahead: it is held until that time has come,
 *       not refused for good. When it is more than a day, until this machine's clock is right; then the hub refuses it
 */
#ifndef LINK_LINK_H
#define LINK_LINK_H

#include "mash/v1/bus.pb-c.h"
#include "outbox.h"

enum {
    LINK_ITEMS_MAX = 256,        /* in one Publish */
    LINK_BYTES_MAX = 256 * 1024, /* of events in one Publish */
    LINK_TRIES_MAX = 5,
    LINK_RETRY_LEAST_MS = 200,
    LINK_RETRY_MOST_MS = 10 * 1000,
    LINK_HOLD_MS = 60 * 1000, /* between two looks whether what is held (L6) may go */
};

typedef struct link_machine link_machine;

typedef struct link_options {
    uint32_t items_max; /* 0 = LINK_ITEMS_MAX */
    size_t bytes_max;   /* 0 = LINK_BYTES_MAX */
    int64_t reply_ms;   /* silence after a Publish that ends the connection; 0 = 30 s */
    int64_t urgent_ms;  /* 0 = 10 minutes */
} link_options;

typedef enum link_action_kind {
    LINK_WAIT,    /* nothing to do before until_ms (INT64_MAX: before something happens) */
    LINK_PUBLISH, /* send this; when it cannot be sent now, say link_unsent */
    LINK_CONNECT, /* say Hello again, on this connection or a new one: nothing is sent before the next Welcome */
    LINK_NOTICE,  /* tell people here, then say link_noticed */
} link_action_kind;

typedef struct link_action {
    link_action_kind kind;
    int64_t until_ms;
    const Mash__V1__Publish *publish; /* BORROWED until the next call of link_next */
    struct {
        uint64_t place;
        hub_id event_id;
        int64_t put_ms;
    } notice;
} link_action;

/* `box` is BORROWED for the machine's life. */
hub_status link_machine_make(outbox *box, const link_options *options, link_machine **out, hub_error *err);
void link_machine_free(link_machine *link);

/* ---- what happened ---- */

/* By how much this machine's wall clock is ahead of hub time; to be told before link_opened, where it is known. */
void link_set_clock(link_machine *link, int64_t ahead_ms);
/* A Welcome came. */
hub_status link_opened(link_machine *link, const Mash__V1__Welcome *welcome, int64_t now_ms, hub_error *err);
/* The session or the connection is gone; `why` is remembered for people. */
void link_closed(link_machine *link, const char *why);
/* A frame of the hub: PublishReply, Fault and SessionEnded are looked at, others ignored. An error is the outbox's; the reply counts as not come. */
hub_status link_frame(link_machine *link, const Mash__V1__HubFrame *frame, int64_t now_ms, hub_error *err);
/* The last LINK_PUBLISH could not be sent (the pipe is full): it will be offered again. */
void link_unsent(link_machine *link, int64_t now_ms);
hub_status link_noticed(link_machine *link, uint64_t place, hub_error *err);
/* Something was put: nothing to say, ask link_next. The stop switch: nothing is sent while stopped. */
typedef enum link_switch { LINK_GO, LINK_STOP } link_switch;
void link_set_switch(link_machine *link, link_switch to);

/* ---- what to do ---- */

/* Fills the outbox part of a Hello. Its bytes are BORROWED from the machine until the next call of any of these functions. */
void link_hello(link_machine *link, Mash__V1__Hello *hello);
hub_status link_next(link_machine *link, int64_t now_ms, link_action *action, hub_error *err);

typedef struct link_status {
    bool open;
    bool stopped;
    uint64_t in_flight;
    uint32_t tries;         /* failed ones in a row */
    bool holds;             /* L6 */
    int64_t clock_ahead_ms; /* as link_set_clock was told */
    char trouble[256];      /* why nothing moves; "" = no trouble. No personal data */
} link_status;
void link_status_of(const link_machine *link, link_status *out);

#endif
