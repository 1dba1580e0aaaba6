/* ways.h - the ways in of one adapter: the one that its configuration names, and what all of them stand on. */
#ifndef ADAPTERS_WAYS_H
#define ADAPTERS_WAYS_H

#include "kit/config.h"
#include "kit/drop_folder.h"
#include "kit/mllp.h"
#include "kit/post.h"
#include "kit/sqs.h"

typedef struct adapter_ways_options {
    const kit_config *config; /* BORROWED for their life, as the outbox */
    outbox *box;
    int64_t (*put_ms)(void *context); /* as in intake.h */
    void (*alive)(void *context);
    void (*taken)(void *context); /* as in desk.h */
    void (*failed)(void *context, const hub_error *err);
    void (*poll)(void *context); /* the drop folder should be looked at before its time */
    void *context;
} adapter_ways_options;

typedef struct adapter_ways {
    adapter_ways_options options;
    kit_intake *intakes[KIT_ROUTES_MAX]; /* HTTP has one for each route, everything else the first alone */
    kit_detail *detail;                  /* NULL = nothing is fetched */
    kit_desk *desk;                      /* NULL = nobody waits for an answer (drop folder) */
    kit_drop_folder *drop;               /* one of these four */
    kit_mllp *mllp;
    kit_post *post;
    kit_sqs *sqs;
} adapter_ways;

/* `ways` is all zero. What was opened before a failure is ended by the two below. */
hub_status adapter_ways_open(uv_loop_t *loop, const adapter_ways_options *options, adapter_ways *ways, hub_error *err);
/* Takes nothing more in; the loop then lets go of it. */
void adapter_ways_close(adapter_ways *ways);
/* After the loop has ended. */
void adapter_ways_free(adapter_ways *ways);
/* "mllp 127.0.0.1:2575", for the ready line. */
void adapter_ways_text(const adapter_ways *ways, char *out, size_t size);
/* Why nothing, or not everything, comes in by them; "" = nothing is wrong that they know of. No personal data. */
void adapter_ways_trouble(const adapter_ways *ways, char *out, size_t size);

#endif
