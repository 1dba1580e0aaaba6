/* courier.h - takes one parcel at a time by each channel: webhook, mail, file. Each try runs on a thread, bounded in time and size.
 *
 *   webhook  2xx within the time: confirmed. Everything else has failed.
 *   mail     taken by the mail server: sent. Nobody confirms a mail.
 *   file     there under its name: sent. Gone from there: confirmed, its reader has it. In failed/ beside it: failed.
 */
#ifndef OUTBOUND_COURIER_H
#define OUTBOUND_COURIER_H

#include <uv.h>

#include "engine.h"
#include "schools.h"

typedef struct courier courier;

typedef struct courier_options {
    const outbound_config *config; /* BORROWED */
    void *context;
    void (*tried)(void *context, unsigned channel, chain_outcome outcome, const char *cause);
} courier_options;

hub_status courier_open(uv_loop_t *loop, const courier_options *options, courier **out, hub_error *err);
/* Tries under way end within a second; nothing is told of them any more. */
void courier_close(courier *c);
/* The directory as it is now; BORROWED until the next call. */
void courier_set_schools(courier *c, const schools *list);
void courier_send(courier *c, const engine_parcel *parcel);
/* Looks at files that were sent by a file channel. */
hub_status courier_look_at_files(const outbound_config *config, engine *e, int64_t now_ms, hub_error *err);
/* What an HTTP status means to us; `cause` has room for OWED_CAUSE_MAX. */
chain_outcome courier_judge(long code, char cause[OWED_CAUSE_MAX]);

#endif
