/* act.h - the hub that a candidate speaks with, and the knobs by which it misbehaves. Judges each frame as it comes; see conform.h. */
#ifndef CONFORM_ACT_H
#define CONFORM_ACT_H

#include <uv.h>

#include "base/arena.h"
#include "base/hash.h"
#include "base/id.h"
#include "bus/router.h"
#include "bus/zap.h"
#include "conform/conform.h"
#include "mash/v1/bus.pb-c.h"

enum {
    ACT_ITEMS_MAX = 4096, /* of one outbox */
    ACT_PING_MS = 1500,
    ACT_PING_LATE_MS =
        3 * ACT_PING_MS - 300, /* two intervals and a busy machine; after three a candidate makes a new connection */
    ACT_CREDIT = 256,
};

typedef enum act_reply { /* to Publish */
                         ACT_STORE,
                         ACT_DUPLICATE,
                         ACT_REFUSE, /* the first item of a frame; the others are stored */
                         ACT_RETRY,
                         ACT_GAP,
                         ACT_NOTHING,
} act_reply;

typedef enum act_welcome {
    ACT_CONTINUES,
    ACT_FORKED,
    ACT_OTHER_ITEM, /* the watermark's event id is not the candidate's */
} act_welcome;

typedef struct act_item {
    hub_id event_id;
    hub_digest bytes;
    bool refused;
} act_item;

typedef struct act_hub {
    const conform_options *options;
    conform_report *report;
    uv_loop_t loop;
    uv_timer_t tick;
    void *zmq;
    bus_zap *zap;
    bus_router *router;
    hub_arena arena, events;
    hub_buffer scratch;
    bool router_closed;
    /* knobs */
    act_reply reply;
    uint32_t reply_times; /* how often, before it is ACT_STORE again; 0 = always */
    act_welcome welcome;  /* for one Hello */
    uint32_t credit;
    bool mute, revoked;
    /* the session */
    uint32_t route;
    bool open, greeted;
    uint64_t heard_ms, sent_upto; /* link_seq: newest sent in this session */
    uint64_t first_sent;          /* first link_seq of this session; 0 = none yet */
    /* the outbox */
    hub_id outbox_id;
    bool has_outbox;
    act_item *items;        /* by link_seq - 1 */
    uint64_t count;         /* highest link_seq seen */
    uint64_t settled, told; /* by the hub; as far as it was answered */
    uint64_t acknowledged;  /* by the newest Hello */
    hub_id *distinct;       /* event ids ever seen */
    uint32_t distinct_count;
    /* counted for the stories */
    uint32_t hellos, publishes, connections, turned_away;
    uint64_t hello_ms; /* of the newest */
} act_hub;

hub_status act_open(act_hub *hub, const conform_options *options, conform_report *report, hub_error *err);
void act_close(act_hub *hub);
/* Listens anew, as a hub that was restarted: knows no session. */
hub_status act_restart(act_hub *hub, hub_error *err);

uint64_t act_now(act_hub *hub);
void act_tried(act_hub *hub, conform_duty duty);
void act_fault(act_hub *hub, conform_duty duty, const char *format, ...) __attribute__((format(printf, 3, 4)));

void act_end_session(act_hub *hub, Mash__V1__SessionEnd reason);
/* A frame with a body that no client knows yet. */
void act_send_unknown(act_hub *hub);
/* Answers STORED or DUPLICATE for everything that was sent and not answered. */
void act_settle_all(act_hub *hub, Mash__V1__ItemStatus status);

#endif
