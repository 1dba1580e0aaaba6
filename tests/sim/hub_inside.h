/* hub_inside.h - the simulated hub's own parts, shared by hub.c (life and journal) and hub_frames.c (sessions). */
#ifndef SIM_HUB_INSIDE_H
#define SIM_HUB_INSIDE_H

#include "bus/subscription.h"
#include "hub.h"
#include "journal/writer.h"

enum { HUB_SESSIONS_MAX = SIM_ADAPTERS_MAX + SIM_CONSUMERS + SIM_GATEWAYS };

typedef struct hub_pending {
    journal_draft draft;
    hub_buffer control, personal;
    uint64_t *refs;
} hub_pending;

/* A frame that leaves when `after` is durable. */
typedef struct hub_outgoing {
    uint32_t connection;
    uint64_t after;
    hub_buffer frame;
} hub_outgoing;

typedef struct hub_session {
    uint32_t connection; /* 0 = none */
    uint32_t peer;
    uint32_t outbox;                   /* publishers */
    bus_subscription subscription;     /* consumers */
    uint64_t receipt, receipt_decided; /* sequences */
} hub_session;

struct sim_hub {
    sim_hub_parts parts;
    sim_random random;
    journal_memory_store *store, *copy; /* copy: NULL before the first backup */
    uint8_t master[HUB_SECRET_BYTES];

    bool is_up;
    uint32_t life; /* tasks of an earlier life do nothing */
    uint32_t epoch;
    bool is_full;
    bool flush_planned;
    int64_t tick_planned_ms; /* 0 = none */
    int64_t off_ms;          /* how far the machine's clock is off */
    uint64_t corrections;    /* of hub time, in this run */
    journal *journal, *reading;
    journal_keys *keys, *reading_keys;
    journal_writer *writer;
    journal_reader *reader;
    core_state *state;
    hub_arena arena;       /* of one decision or delivery */
    hub_arena frame_arena; /* of one frame and its answer */
    uint64_t durable;
    sim_held *history; /* by sequence - 1, durable records */
    size_t history_capacity;
    hub_pending *pending;
    size_t pending_count, pending_capacity;
    hub_outgoing *outgoing;
    size_t outgoing_count, outgoing_capacity;
    hub_session sessions[HUB_SESSIONS_MAX];

    struct { /* while folding */
        uint64_t sequence, digest;
    } batch_ends[JOURNAL_KEYS_PER_PAGE * 16];
    size_t batch_end_count, batch_ends_met;
};

/* Decides, evolves and drafts one command. */
core_reply hub_act(sim_hub *hub, core_command *command);
int64_t hub_now(const sim_hub *hub);
void hub_plan_tick(sim_hub *hub);
/* At a start: it may be wrong, and is put right later. */
void hub_start_clock(sim_hub *hub);
void hub_pause(sim_hub *hub);
/* Everybody asks about a durable record. */
void hub_ask(sim_hub *hub, uint64_t sequence);
/* The one that a record adopted; NULL for any other record. */
const core_policy *hub_policy_of(const sim_hub *hub, const Mash__V1__Control *control);
/* The frame leaves when everything decided so far is durable. */
void hub_send(sim_hub *hub, uint32_t connection, Mash__V1__HubFrame *frame);
void hub_plan_flush(sim_hub *hub);

void hub_take_frame(void *context, uint32_t connection, hub_bytes bytes);
/* What consumers may have by now. */
void hub_deliver_all(sim_hub *hub);
void hub_forget_sessions(sim_hub *hub);
/* Receipts that came since the last batch, as one command. */
void hub_decide_receipts(sim_hub *hub);

#endif
