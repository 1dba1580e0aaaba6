/* fold.h - from a journal to a state, and the proof that it is the right one.
 *
 * State is only ever the fold of records in order. So a start folds, from a snapshot if there is one that fits; and a fold beside the
 * running hub, from the first record on, shows that the same records still give the same state: it compares its own digest with the one
 * that the hub stored with every batch.
 */
#ifndef FOLD_FOLD_H
#define FOLD_FOLD_H

#include "core/core.h"
#include "fold/policies.h"
#include "fold/replay.h"
#include "journal/keys.h"

typedef struct fold_report {
    uint64_t snapshot_sequence; /* the fold began after this record; 0 = at the beginning */
    char snapshot_unused[256];  /* why a snapshot that was named was not used; "" = it was, or none was named */
    fold_counts counts;
    uint64_t last_sequence;
    uint64_t digest; /* core_digest after it */
} fold_report;

/* For the hub's start: the state after the last record of `j`.
 *   snapshot_path  NULL: fold everything. One that does not fit is not used, and report->snapshot_unused says why
 *   policies       BORROWED; must outlive *out
 *   out            GIVEN (core_close)
 *   report         filled also on failure
 * HUB_ERR_CORRUPT: damage, or the folded state is not the one that was written (then report->counts.first_difference is its sequence);
 * HUB_ERR_VERSION: a newer version wrote it; HUB_ERR_IO, HUB_ERR_MEMORY. */
hub_status fold_open(journal *j, journal_keys *keys, const char *snapshot_path, fold_policies *policies, core_state **out,
                     fold_report *report, hub_error *err);

typedef struct fold_options {
    const char *location; /* of the journal; opened READ, beside a running hub */
    const char *partnership;
    const char *master_path;   /* master key file */
    const char *snapshot_path; /* where the folded state is written; NULL: nowhere */
    const char *figures_path;  /* where the figures of the last quarters are written; NULL: nowhere */
    int64_t now_ms;            /* by which quarters are counted back */
} fold_options;

/* Folds the whole journal from record 1, whatever snapshot there is, compares every batch's digest, and writes a snapshot when all are
 * equal. HUB_OK with the report, also when a digest differs: report->counts.first_difference. HUB_ERR_NOT_FOUND: no store, or one
 * without records. */
hub_status fold_run(const fold_options *options, fold_report *report, hub_error *err);

#endif
