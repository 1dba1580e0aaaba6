/* options.h - how hard a run is. Every knob is here; a seed chooses their settings (options.c), so that some runs meet one fault
 * often and others meet all of them seldom. */
#ifndef SIM_OPTIONS_H
#define SIM_OPTIONS_H

#include "random.h"

typedef enum sim_trace { SIM_SILENT, SIM_TRACE } sim_trace;

typedef struct sim_options {
    uint64_t seed;
    uint32_t events;   /* put by all adapters together before everything heals */
    uint32_t adapters; /* 1..SIM_ADAPTERS_MAX */
    sim_trace trace;

    /* What agencies say. */
    sim_span put_gap_ms;     /* between two events of one adapter */
    sim_ratio repeats;       /* the same event, put again */
    sim_ratio other_content; /* an event id that was used, with other bytes: refused */
    sim_ratio unreadable;    /* bytes that are no event: refused */
    sim_ratio amends;        /* a correction of an earlier event of the same adapter */
    sim_ratio retracts;      /* a withdrawal of one */
    sim_ratio mistyped;      /* another date of birth than the child has */

    /* The network: frames of one connection arrive in order and whole, or not at all. */
    sim_span delay_ms;       /* of a frame */
    sim_ratio break_instead; /* the connection breaks and this frame is lost with all that are under way */
    int64_t reconnect_ms;    /* a client waits so long before it tries again */
    sim_ratio break_after;   /* the connection breaks when this frame has arrived */

    /* The hub. */
    sim_span batch_ms;                               /* records are gathered for so long before they are appended */
    sim_ratio dies_before_append, dies_after_append; /* of batches: the process ends; after: durable, but nobody was told */
    sim_ratio unknown_lost, unknown_kept; /* of batches: the append's outcome is open; the batch is gone, or is there */
    sim_ratio full;                       /* of batches: the disk is full for a while */
    sim_span away_ms;                     /* until a hub that died is back */
    sim_ratio backup;                     /* of batches: the store is copied afterwards */
    sim_ratio from_snapshot;              /* of starts: the folded state goes through a snapshot and back before it is used */
    sim_ratio wrong_clock;                /* of starts: the machine's clock is wrong, until somebody puts it right */
    sim_ratio pauses;                     /* of batches: the machine has stood still since the last record */
    sim_ratio asks;                       /* of batches: somebody asks about a record */
    sim_ratio restored;                   /* of starts: the store is lost and the last copy is put in its place */

    /* Adapters. */
    sim_ratio dies_before_commit; /* the event was put, its transaction not yet committed: nobody was promised anything */
    sim_ratio dies_after_put;
    sim_ratio dies_after_send;
    sim_ratio dies_before_settling; /* a reply has come and is not yet noted down */

    /* Consumers. */
    sim_span receipt_ms;     /* from a delivery to its receipt */
    sim_ratio consumer_dies; /* at a delivery: what was not yet stored with its position is forgotten and done again */
    uint32_t credit_most;

    /* People. */
    uint32_t acts;         /* of each person */
    sim_span act_gap_ms;   /* between a person's acts */
    sim_ratio acts_again;  /* an act that was answered is sent once more */
    sim_ratio old_version; /* of acts: decided on what the person saw earlier */
    int64_t reload_ms;     /* after the start the operator adopts the second policy */

    const char *spoil; /* NULL, or what of the hub is broken on purpose, to see that a checker sees it (spoil.h) */
} sim_options;

enum { SIM_ADAPTERS_MAX = 4, SIM_CONSUMERS = 4, SIM_GATEWAYS = 1 };

/* The knobs as this seed sets them. */
sim_options sim_options_of(uint64_t seed, uint32_t events);
/* All faults off: what has begun must now come to its end. */
void sim_options_heal(sim_options *options);

#endif
