/* checker.h - what must hold, kept beside the system: it is told what happened at the edges and reads the store for itself. It
 * shares no code with the parts it watches, except the journal's reader.
 *
 * Invariants
 *   S1  conservation: what the hub told an adapter it holds, it holds, at that moment and after every crash; in the end
 *       everything an outbox accepted is stored exactly once, byte for byte, or refused where it had to be; nothing is stored
 *       that was never sent
 *   S2  order: each source's events are stored in the order in which its outbox accepted them
 *   S3  state is the fold of the journal: after each record, the state that lived and every later fold have the same digest
 *   S4  each clock lapses exactly once, never before it is due, or is replaced by an earlier one; in the end none is left
 *   S5  each queue's consumer has everything that is owed to it, in order, without a gap, from the history that is the hub's now
 *   S6  a store that was lost and restored from a copy loses nothing that an outbox still keeps: S1 holds again in the end
 */
#ifndef SIM_CHECKER_H
#define SIM_CHECKER_H

#include "base/hash.h"
#include "base/id.h"
#include "core/core.h"
#include "events.h"
#include "journal/reader.h"
#include "report.h"

typedef struct sim_checker sim_checker;

sim_checker *sim_checker_open(const sim_report *report);
void sim_checker_close(sim_checker *checker);

/* An outbox has committed it: from now on it may not be lost. */
void sim_checker_accepted(sim_checker *checker, uint32_t source, const sim_said *said);
/* The hub told the source that it holds this event. */
void sim_checker_promised(sim_checker *checker, uint32_t source, const hub_id *event_id);

/* The live state has evolved this record; `accepted` is the event it stored, or NULL. */
void sim_checker_evolved(sim_checker *checker, uint64_t sequence, uint64_t digest, const hub_id *accepted);
/* The journal said that everything up to here is durable. */
void sim_checker_durable(sim_checker *checker, uint64_t sequence);

/* A hub starts and folds its store. */
void sim_checker_fold_begins(sim_checker *checker);
void sim_checker_folded(sim_checker *checker, uint64_t sequence, uint64_t digest, const hub_id *accepted);
typedef enum sim_store { SIM_STORE_KEPT, SIM_STORE_RESTORED } sim_store;
void sim_checker_fold_ends(sim_checker *checker, uint64_t sequence, sim_store store);

/* What a consumer holds. */
typedef struct sim_held {
    uint64_t sequence;
    uint32_t epoch;
    hub_digest hash;
} sim_held;

/* When all has come to rest: the whole store against everything above, and a fresh fold against the live digest. */
void sim_checker_at_rest(sim_checker *checker, journal_reader *reader, const core_policy *policy, uint64_t live_digest);
/* Then, for each queue (its number in the journal). */
void sim_checker_queue(sim_checker *checker, uint32_t queue, const sim_held *held, size_t count);
/* How many events of a source must have been refused. */
uint64_t sim_checker_refusals(const sim_checker *checker, uint32_t source);

typedef struct sim_totals {
    uint64_t accepted, stored, refused, deliveries, clocks, records, restarts, restores;
} sim_totals;
sim_totals sim_checker_totals(const sim_checker *checker);

#endif
