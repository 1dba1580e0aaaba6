#include "fold.h"

#include <inttypes.h>
#include <stdio.h>

#include "fold/figures.h"
#include "snapshot_file.h"

static void finish(const core_state *state, fold_report *report)
{
    report->last_sequence = core_sequence(state);
    report->digest = core_digest(state);
}

static hub_status count(void *context, const core_state *state, const core_record *record, hub_error *err)
{
    hub_status status = core_timeliness_take(context, state, record);
    return status == HUB_OK ? HUB_OK : hub_fail(err, status, "out of memory for figures");
}

/* `t`: what is folded is counted there too; NULL = it is not. */
static hub_status fold_everything(journal *j, journal_keys *keys, fold_policies *policies, core_timeliness *t, core_state **out,
                                  fold_report *report, hub_error *err)
{
    *out = NULL;
    report->snapshot_sequence = 0;
    core_state *state;
    hub_status status = core_open(&state);
    if (status != HUB_OK) return hub_fail(err, status, "out of memory for the state");
    status = fold_replay_watched(state, j, keys, policies, &report->counts, t == NULL ? NULL : count, t, err);
    finish(state, report);
    if (status != HUB_OK) {
        core_close(state);
        return status;
    }
    *out = state;
    return HUB_OK;
}

/* From the snapshot on. HUB_ERR_NOT_FOUND: it was not used, and the report says why. */
static hub_status fold_from_snapshot(journal *j, journal_keys *keys, const char *path, fold_policies *policies, core_state **out,
                                     fold_report *report, hub_error *err)
{
    hub_error why = {{0}};
    core_state *state;
    hub_status status = fold_load_snapshot(path, j, keys, policies, &state, &why);
    if (status != HUB_OK) {
        (void)snprintf(report->snapshot_unused, sizeof report->snapshot_unused, "%.255s", why.text);
        return HUB_ERR_NOT_FOUND;
    }
    report->snapshot_sequence = core_sequence(state);
    status = fold_replay(state, j, keys, policies, &report->counts, err);
    finish(state, report);
    if (status == HUB_OK && report->counts.first_difference != 0) {
        (void)snprintf(report->snapshot_unused, sizeof report->snapshot_unused,
                       "%.120s: what follows it does not fold to record %" PRIu64, path, report->counts.first_difference);
        status = HUB_ERR_NOT_FOUND;
    }
    if (status != HUB_OK) {
        core_close(state);
        return status;
    }
    *out = state;
    return HUB_OK;
}

hub_status fold_open(journal *j, journal_keys *keys, const char *snapshot_path, fold_policies *policies, core_state **out,
                     fold_report *report, hub_error *err)
{
    HUB_ASSERT(j != NULL && keys != NULL);
    HUB_ASSERT(policies != NULL && report != NULL);
    *out = NULL;
    *report = (fold_report){0};
    core_state *state = NULL;
    hub_status status = HUB_ERR_NOT_FOUND;
    if (snapshot_path != NULL) status = fold_from_snapshot(j, keys, snapshot_path, policies, &state, report, err);
    if (status == HUB_ERR_NOT_FOUND) status = fold_everything(j, keys, policies, NULL, &state, report, err);
    if (status != HUB_OK) return status;
    if (report->counts.first_difference != 0) {
        core_close(state);
        return hub_fail(err, HUB_ERR_CORRUPT,
                        "folding record 1 to %" PRIu64
                        " does not give the state that was written with them: run mashctl journal verify, and "
                        "start no other version on this store",
                        report->counts.first_difference);
    }
    *out = state;
    return HUB_OK;
}

hub_status fold_run(const fold_options *options, fold_report *report, hub_error *err)
{
    *report = (fold_report){0};
    journal *j = NULL;
    journal_keys *keys = NULL;
    core_state *state = NULL;
    core_timeliness *t = NULL;
    fold_policies policies = {0};
    hub_status status = journal_open(options->location, options->partnership, JOURNAL_READ, &j, err);
    if (status == HUB_OK) status = journal_keys_open(options->master_path, j, &keys, err);
    if (status == HUB_OK && options->figures_path != NULL && core_timeliness_open(&t) != HUB_OK)
        status = hub_fail(err, HUB_ERR_MEMORY, "out of memory for figures");
    if (status == HUB_OK) status = fold_everything(j, keys, &policies, t, &state, report, err);
    if (status == HUB_OK && report->last_sequence == 0)
        status = hub_fail(err, HUB_ERR_NOT_FOUND,
                          "the store %s holds no records: there is nothing to fold; `mashhubd init` writes the first",
                          options->location);
    bool is_sound = status == HUB_OK && report->counts.first_difference == 0;
    if (is_sound && options->snapshot_path != NULL) status = fold_save_snapshot(state, j, keys, options->snapshot_path, err);
    if (is_sound && status == HUB_OK && t != NULL)
        status = fold_save_figures(t, state, options->now_ms, options->figures_path, err);
    core_timeliness_close(t);
    core_close(state);
    fold_policies_close(&policies);
    journal_keys_close(keys);
    journal_close(j);
    return status;
}
