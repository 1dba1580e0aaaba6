/* courier.h - takes one parcel at a time by each channel: webhook, mail, file. Each try runs on a thread, bounded in time and size.
 *
 *   webhook  2xx within the time: confirmed. Everything else has failed; a 4xx that is about what was sent (400, 413, 422 ...), and not about
 *            who we are, where we ask or how fast, has failed for this delivery alone and holds no other up.
 *   mail     taken by the mail server: sent. Nobody confirms a mail. 550 to 559 to a school's mail is of this delivery alone: its mailbox, or the
 *            mail. Some of them may also mean who sends it, or relaying (which of our commands it answered is not known); then all are refused,
 *            and the engine holds a channel that refuses several and takes none between them to fail.
 *   file     there under its name: sent. Gone from there: confirmed, its reader has it. In failed/ beside it: failed; tried again, that file
 *            stays as failed/<id>.before.json. The folder and .mash-outbound in it are made once, which the store notes: a folder that lacks the
 *            marker later (a share that is not mounted) takes nothing, and nothing was taken from it.
 */
#ifndef OUTBOUND_COURIER_H
#define OUTBOUND_COURIER_H

#include <uv.h>

#include "engine.h"
#include "schools.h"

typedef struct courier courier;

typedef struct courier_options {
    const outbound_config *config; /* BORROWED */
    outbox *box;                   /* BORROWED: where it is noted which folders were made */
    void *context;
    void (*tried)(void *context, unsigned channel, chain_outcome outcome, const char *cause);
} courier_options;

hub_status courier_open(uv_loop_t *loop, const courier_options *options, courier **out, hub_error *err);
/* Tries under way end within a second, but for one that hangs in a folder; nothing is told of them any more. */
void courier_close(courier *c);
/* The directory as it is now; BORROWED until the next call. */
void courier_set_schools(courier *c, const schools *list);
void courier_send(courier *c, const engine_parcel *parcel);
/* Tells the engine what became of files that were sent by a file channel, as far as it is known, and has a thread look at the next of them. To
 * be called once a second. */
hub_status courier_look_at_files(courier *c, engine *e, int64_t now_ms, hub_error *err);
/* What an HTTP status means to us; `cause` has room for OWED_CAUSE_MAX. */
chain_outcome courier_judge(long code, char cause[OWED_CAUSE_MAX]);

#endif
