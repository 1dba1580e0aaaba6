/* replay.h - stored records into a state, through the same core_reserve and core_evolve that the live hub uses. */
#ifndef FOLD_REPLAY_H
#define FOLD_REPLAY_H

#include "core/core.h"
#include "fold/policies.h"
#include "journal/reader.h"

/* What a record holds beside its stored bytes: its event decoded into `arena`, its policy compiled. An erased record has neither.
 * `policies` NULL: the policy is not compiled. HUB_ERR_CORRUPT: the event cannot be read; HUB_ERR_VERSION: the policy does not compile
 * with this version; HUB_ERR_MEMORY. */
hub_status fold_record(const journal_opened *opened, hub_arena *arena, fold_policies *policies, core_record *out, hub_error *err);

/* Decodes a record's event from its personal part, where it has one. HUB_ERR_CORRUPT, HUB_ERR_MEMORY. */
hub_status fold_record_event(core_record *record, hub_arena *arena, hub_error *err);

typedef struct fold_counts {
    uint64_t records; /* folded */
    uint64_t erased;  /* of them, without their personal part */
    uint64_t batches; /* whose digest was compared */
    uint64_t
        first_difference; /* last sequence of the first batch after which the state was another one; 0 = none. Folding ends there */
} fold_counts;

/* Folds what comes after the state's last record, to the end of the journal as it is now. A difference is a value, not an error. */
hub_status fold_replay(core_state *state, journal *j, journal_keys *keys, fold_policies *policies, fold_counts *counts,
                       hub_error *err);

/* The same, and tells of each record right after it was folded. `watch` may end it with a status of its own. */
typedef hub_status fold_watch_cb(void *context, const core_state *state, const core_record *record, hub_error *err);
hub_status fold_replay_watched(core_state *state, journal *j, journal_keys *keys, fold_policies *policies, fold_counts *counts,
                               fold_watch_cb *watch, void *context, hub_error *err);

#endif
