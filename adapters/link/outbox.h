/* outbox.h - events an adapter has accepted and the hub may not have settled yet.
 *
 * Why: an agency's system must not wait for the hub, and what was accepted from it must survive a power cut. So everything one input
 * gives (events, parked records, what the mapping remembers, "this input was seen") is written in one transaction, sent later, and kept
 * for some days after the hub settled it, because a hub restored from a backup needs it again.
 *
 *     put -> waiting -> settled: STORED or DUPLICATE -> kept for keep_ms -> forgotten
 *                               REFUSED -> parked, for a person
 *
 * Stored as SQLite (WAL, synchronous=FULL). In the folder: outbox.db; outbox.key, 0600, the key every content is sealed with
 * (XChaCha20-Poly1305), outside the database so that a copy of it alone tells nothing; outbox.generation; outbox.lock.
 *
 * Invariants
 *   O1  what outbox_commit said HUB_OK to is found again after any crash; what it did not is found whole or not at all
 *   O2  waiting items are numbered settled + 1 .. last without a gap; numbers ascend in put order
 *   O3  an outbox id never numbers two different items alike: a fork, or a restore noticed at open, takes a new id and renumbers
 *       everything kept from 1, in put order. Noticed: the generation written at each open differs from the one in the database. A
 *       restore of the whole folder looks sound from here; the hub's watermark tells it (link.h)
 *   O4  put + reoffered = stored + duplicate + refused + waiting
 *   O5  nothing is dropped: a full outbox refuses
 *   O6  an entry's place in put order is never given twice in the life of an outbox
 *   O7  what the hub refused was never told: its input counts as not seen, and mappings are told so (outbox_was_refused)
 */
#ifndef LINK_OUTBOX_H
#define LINK_OUTBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/bytes.h"
#include "base/id.h"

typedef struct outbox outbox;

typedef enum outbox_access {
    OUTBOX_OWN,  /* makes the outbox when there is none; one owner at a time */
    OUTBOX_LOOK, /* counters and remembered state of an existing outbox, beside its owner; changes nothing */
} outbox_access;

typedef struct outbox_options {
    const char *folder; /* BORROWED for the call; NULL: in memory, for simulation and dry runs */
    outbox_access access;
    uint64_t waiting_max; /* items; 0 = 1,000,000 */
    uint64_t parked_max;  /* records held for a person; 0 = 100,000 */
    uint64_t kept_max;    /* settled items kept; beyond it the oldest are forgotten before their time; 0 = 1,000,000 */
    int64_t keep_ms;      /* how long a settled item is kept; 0 = seven days */
    int64_t seen_keep_ms; /* how long an input is known as seen; 0 = 100 days, the hub's own span of dedupe */
    /* Fresh bytes for ids, keys and nonces; NULL = the operating system's. A simulation brings its own. */
    void (*random)(void *context, void *out, size_t size);
    void *random_context;
} outbox_options;

/* HUB_ERR_IO, HUB_ERR_FULL, HUB_ERR_MEMORY, HUB_ERR_CORRUPT (the key file does not fit, or the database is damaged), HUB_ERR_REFUSED (mode of
 * the key file), HUB_ERR_EXISTS (another adapter has it open), HUB_ERR_VERSION, HUB_ERR_NOT_FOUND (OUTBOX_LOOK, and there is none). */
hub_status outbox_open(const outbox_options *options, outbox **out, hub_error *err);
/* NULL is allowed. An open transaction is undone. */
void outbox_close(outbox *box);

/* ---- one input, one transaction ---- */

/* A transaction that failed in between must be undone by outbox_rollback. settle, refuse, fork and note make one of their own when none is
 * open. After a failed sync every call answers HUB_ERR_IO until the outbox is opened anew: what is on the disk is not known until then. */
hub_status outbox_begin(outbox *box, hub_error *err);
hub_status outbox_commit(outbox *box, hub_error *err);
void outbox_rollback(outbox *box);

/* Several inputs in one transaction of the disk: one sync for all. In between, begin, commit and rollback are those of one input each, nobody
 * else writes or reads waiting items, and O1 holds for what a commit said only once outbox_batch_end has said HUB_OK: otherwise nothing of the
 * whole batch was kept. */
hub_status outbox_batch_begin(outbox *box, hub_error *err);
hub_status outbox_batch_end(outbox *box, hub_error *err);

bool outbox_is_broken(const outbox *box); /* a write or sync failed */

typedef enum outbox_urgency { OUTBOX_ORDINARY, OUTBOX_URGENT } outbox_urgency;

/* Takes a packed event (at most EVENT_BYTES_MAX). HUB_ERR_FULL: waiting_max, or the disk. */
hub_status outbox_put(outbox *box, const hub_id *event_id, hub_bytes event, outbox_urgency urgency, int64_t now_ms,
                      hub_error *err);

enum { OUTBOX_FIELD_MAX = 200 }; /* bytes of a parked record's field and reason */

/* A record for a person to look at. Texts are BORROWED, hold no values, and are cut at OUTBOX_FIELD_MAX. */
typedef struct outbox_parked {
    uint64_t id;           /* given by the outbox */
    const char *origin;    /* "mapping", "check", "hub" */
    int32_t code;          /* RefusalCode; 0 = none */
    const char *field;     /* the source format's own name, or the event's field path */
    uint32_t line, column; /* 0 = not known */
    const char *reason;
    hub_bytes record;  /* the source's bytes, or the packed event when the hub refused it */
    const char *input; /* what the input was called, "" for none; sealed with the record */
} outbox_parked;
/* HUB_ERR_FULL at parked_max: the input waits until someone has looked. */
hub_status outbox_park(outbox *box, const outbox_parked *parked, int64_t now_ms, hub_error *err);

/* Inputs seen: `key` identifies (file name and SHA-256, message control id), `content` is what stands behind it (empty when the key tells it);
 * only keyed digests are stored. `result` and `reason` are the transport's, given back so that a repeat gets the same answer; `place` is that of
 * its last event in put order (0 = it gave none).
 * HUB_ERR_NOT_FOUND: not seen, or one of its events was refused since (O7). HUB_ERR_EXISTS: seen with other content. */
typedef struct outbox_seen {
    int result;
    uint64_t place;
} outbox_seen;
hub_status outbox_input_seen(outbox *box, hub_bytes key, hub_bytes content, outbox_seen *seen, hub_buffer *reason,
                             hub_error *err);
hub_status outbox_input_done(outbox *box, hub_bytes key, hub_bytes content, int result, const char *reason, int64_t now_ms,
                             hub_error *err);
/* Counts an input that was seen before, or one that as a whole could not be read. No transaction needed. */
typedef enum outbox_input_count { OUTBOX_INPUT_REPEATED, OUTBOX_INPUT_FAILED } outbox_input_count;
hub_status outbox_input_counted(outbox *box, outbox_input_count what, hub_error *err);

/* What a mapping remembers, sealed. get: HUB_ERR_NOT_FOUND when there is none. put: an empty value forgets. */
hub_status outbox_state_get(outbox *box, const char *owner, const char *key, hub_buffer *out, hub_error *err);
hub_status outbox_state_put(outbox *box, const char *owner, const char *key, hub_bytes value, hub_error *err);

/* ---- the link's side ---- */

typedef struct outbox_numbers {
    hub_id outbox_id;
    uint64_t settled_link_seq; /* 0 = none */
    hub_id settled_event_id;   /* all zero when none */
    uint64_t last_link_seq;
} outbox_numbers;
void outbox_numbers_of(const outbox *box, outbox_numbers *out);

typedef struct outbox_item {
    uint64_t link_seq;
    hub_id event_id;
    int64_t put_ms;
    hub_bytes event; /* in the caller's arena; empty when damaged */
    bool damaged;    /* the seal does not hold: the stored bytes were changed */
} outbox_item;

/* Waiting items from `from` on, in order: at most `items_max`, and no more than `bytes_max` of content but always one. */
hub_status outbox_read(outbox *box, uint64_t from, uint32_t items_max, size_t bytes_max, hub_arena *arena, outbox_item *items,
                       uint32_t *count, hub_error *err);
/* The event id at a number; HUB_ERR_NOT_FOUND when it is not kept (any more). */
hub_status outbox_event_at(outbox *box, uint64_t link_seq, hub_id *event_id, hub_error *err);

/* One event that is kept, settled or not; its link_seq is not given. By its place in put order; by its id, for a person: that looks through all.
 * HUB_ERR_NOT_FOUND: it is not kept (any more). */
hub_status outbox_event(outbox *box, uint64_t place, hub_arena *arena, outbox_item *item, hub_error *err);
hub_status outbox_event_find(outbox *box, const hub_id *event_id, hub_arena *arena, outbox_item *item, hub_error *err);

/* The place in put order of the oldest event that waits: all before it are settled. UINT64_MAX when none waits. */
hub_status outbox_oldest_waiting(outbox *box, uint64_t *place, hub_error *err);

typedef enum outbox_settlement { OUTBOX_STORED, OUTBOX_DUPLICATE } outbox_settlement;
/* The hub holds everything up to `upto`, which is waiting. */
hub_status outbox_settle(outbox *box, uint64_t upto, outbox_settlement how, int64_t now_ms, hub_error *err);
/* The oldest waiting item is refused for good: it moves to the parked ones, and its input may come again (O7). `origin` as in outbox_parked. */
hub_status outbox_refuse(outbox *box, const char *origin, int32_t code, const char *field, const char *reason, int64_t now_ms,
                         hub_error *err);
/* HUB_OK: this event was put and refused. HUB_ERR_NOT_FOUND: it was not. */
hub_status outbox_was_refused(outbox *box, const hub_id *event_id, hub_error *err);
/* A new outbox id; everything kept waits again, numbered from 1 (O3). */
hub_status outbox_fork(outbox *box, hub_error *err);
/* Forgets what was kept long enough, at most some thousands a call; true in `more` when there is more to do. */
hub_status outbox_forget(outbox *box, int64_t now_ms, bool *more, hub_error *err);

/* The oldest waiting urgent item whose notice was not given, and whose place in put order lies after `after` (0 = from the first). `place` is
 * given back for the next call. HUB_ERR_NOT_FOUND: none. */
hub_status outbox_urgent(outbox *box, uint64_t after, uint64_t *place, outbox_item *item, hub_error *err);
/* Its notice was given. */
hub_status outbox_noticed(outbox *box, uint64_t place, hub_error *err);

/* ---- for people ---- */

typedef struct outbox_counts {
    uint64_t inputs, inputs_repeated, inputs_failed;
    uint64_t received; /* events and records handed over by mappings: put + parked_here */
    uint64_t put, reoffered;
    uint64_t stored, duplicate, refused, waiting;
    uint64_t parked_here; /* parked by the adapter itself */
    uint64_t parked_held; /* records in the parked store: parked_here + refused, less those taken out */
    uint64_t kept;        /* settled items still held for a re-offer */
    uint64_t forks;
} outbox_counts;
void outbox_counts_of(const outbox *box, outbox_counts *out);
/* Events that were acknowledged once, and are kept no longer. */
uint64_t outbox_forgotten(const outbox *box);
/* How many of those the hub may have lost: they were forgotten before a fork, after which the hub did not hold the oldest event that was
 * kept either, or has not yet said whether it does. */
hub_status outbox_in_doubt(outbox *box, uint64_t *count, hub_error *err);

/* One line under a name of ours ("trouble"), for --status in another process; no personal data. "" forgets. */
hub_status outbox_note(outbox *box, const char *name, const char *text, hub_error *err);
hub_status outbox_noted(outbox *box, const char *name, hub_buffer *text, hub_error *err);

/* Parked records not yet shown to people as files, in order: the first after `after`. Texts and record go into the arena. */
hub_status outbox_parked_next(outbox *box, uint64_t after, hub_arena *arena, outbox_parked *out, hub_error *err);
/* It stands in the quarantine folder now; the store lets it go. */
hub_status outbox_parked_taken(outbox *box, uint64_t id, hub_error *err);

#endif
