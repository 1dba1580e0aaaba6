/* checker.h - what must hold, kept beside the system: it is told what happened at the edges and reads the store for itself. It
 * shares no code with the parts it watches, except the journal's reader.
 *
 * Invariants
 *   S1  conservation: what the hub told an adapter it holds, it holds, at that moment and after every crash; in the end
 *       everything an outbox accepted is stored exactly once, byte for byte, or refused where it had to be; nothing is stored
 *       that was never sent
 *   S2  order: each source's events are stored in the order in which its outbox accepted them
 *   S3  state is the fold of the journal: after each record, the state that lived and every later fold have the same digest
 *   S4  each clock ends exactly once: it lapses, is stopped, or is replaced by an earlier one; none lapses before it is due, or while
 *       it is held; those of one alert lapse in the order in which they are due, also after an outage; in the end none is left (book.h).
 *       What lapses tells or moves something, a ladder goes on to its end (lapses.c), and a promise of minutes takes them, also where the
 *       hub's clock was wrong and put right
 *   S5  each queue's consumer has everything that is owed to it, in order, without a gap, from the history that is the hub's now
 *   S6  a store that was lost and restored from a copy loses nothing that an outbox still keeps: S1 holds again in the end
 *   S7  an act that was answered is in the journal exactly once, word for word, and its repeat gets the same answer
 *   S8  after every record an alert has at most one owner, somebody on the roster, and changes only as the acts say; nobody's alert has
 *       somebody who is going to hear of it (book.h)
 *   S9  no delivery holds what its audience may not have (audience.h; of what class it may be at all: book.h), and no answer of explain,
 *       tail or find tells a reader more, or less than it was given (asking.h)
 *   S10 an event that gives a child another date of birth than one that stands says so in its record; no other does (dates.h)
 *   S11 people get something done: of those acts that were decided a tenth at least, in every run
 */
#ifndef SIM_CHECKER_H
#define SIM_CHECKER_H

#include "base/hash.h"
#include "base/id.h"
#include "core/core.h"
#include "events.h"
#include "journal/reader.h"
#include "policy.h"
#include "report.h"

typedef struct sim_checker sim_checker;

/* `policies` BORROWED, SIM_POLICIES of them, in the order in which they are adopted. */
sim_checker *sim_checker_open(const sim_report *report, const core_policy *const *policies);
void sim_checker_close(sim_checker *checker);

/* An outbox has committed it: from now on it may not be lost. */
void sim_checker_accepted(sim_checker *checker, uint32_t source, const sim_said *said);
/* The hub told the source that it holds this event. */
void sim_checker_promised(sim_checker *checker, uint32_t source, const hub_id *event_id);

/* Somebody wants this act done: the packed Act; the hub said what became of it. */
void sim_checker_asked(sim_checker *checker, const hub_id *command_id, hub_bytes act);
void sim_checker_answered(sim_checker *checker, const hub_id *command_id, const Mash__V1__ActReply *reply);
/* The class that an event was given by who said it; UNSPECIFIED when nobody said it. */
Mash__V1__Sensitivity sim_checker_class(const sim_checker *checker, const hub_id *event_id);

/* The class of the event that a record holds; UNSPECIFIED when it holds none. */
Mash__V1__Sensitivity sim_checker_class_at(const sim_checker *checker, uint64_t sequence);

/* The live state has evolved this record. `true_ms`: now, by a clock that is never wrong. */
void sim_checker_evolved(sim_checker *checker, uint64_t sequence, int64_t true_ms, uint64_t digest,
                         const Mash__V1__Control *control);
/* The journal said that everything up to here is durable. */
void sim_checker_durable(sim_checker *checker, uint64_t sequence);

/* A hub starts and folds its store. */
void sim_checker_fold_begins(sim_checker *checker);
void sim_checker_folded(sim_checker *checker, uint64_t sequence, uint64_t digest, const Mash__V1__Control *control);
typedef enum sim_store { SIM_STORE_KEPT, SIM_STORE_RESTORED } sim_store;
void sim_checker_fold_ends(sim_checker *checker, uint64_t sequence, sim_store store);

/* What a consumer holds. */
typedef struct sim_held {
    uint64_t sequence;
    uint32_t epoch;
    hub_digest hash;
} sim_held;

/* When all has come to rest: the whole store against everything above, and a fresh fold against the live digest. */
void sim_checker_at_rest(sim_checker *checker, journal_reader *reader, const core_state *live);
/* Then, for each queue (its number in the journal). */
void sim_checker_queue(sim_checker *checker, uint32_t queue, const sim_held *held, size_t count);
/* How many events of a source must have been refused. */
uint64_t sim_checker_refusals(const sim_checker *checker, uint32_t source);

enum { SIM_ACT_KINDS = 64 };

typedef struct sim_totals {
    uint64_t accepted, stored, refused, deliveries, clocks, records, restarts, restores, acts_done, acts_not_done;
    uint64_t corrections, contradictions; /* of hub time; of dates of birth */
    uint64_t done_of_kind[SIM_ACT_KINDS]; /* by people */
} sim_totals;
sim_totals sim_checker_totals(const sim_checker *checker);

#endif
