/* The same records, the same state: from the beginning, from a snapshot, and beside the running hub. */
#include "told_journal.h"

#include <sys/stat.h>
#include <unistd.h>

#include "fold/figures.h"
#include "fold/snapshot_file.h"
#include "host/files.h"
#include "host/random.h"

static int setup(void **fixture)
{
    told_journal *t = calloc(1, sizeof *t);
    assert_non_null(t);
    told_journal_open(t);
    told_journal_found(t);
    told_journal_concern(t, 1);
    told_journal_concern(t, 2);
    *fixture = t;
    return 0;
}

static int teardown(void **fixture)
{
    told_journal_close(*fixture);
    free(*fixture);
    return 0;
}

static fold_report run(told_journal *t, const char *snapshot_path)
{
    fold_report report;
    hub_error err = {{0}};
    fold_options options = {
        .location = t->location, .partnership = "test", .master_path = t->master_path, .snapshot_path = snapshot_path};
    hub_status status = fold_run(&options, &report, &err);
    if (status != HUB_OK) print_error("%s\n", err.text);
    assert_int_equal(status, HUB_OK);
    return report;
}

/* Opens as the hub does at its start and compares with the state that was there all the time. */
static fold_report start(told_journal *t, const char *snapshot_path)
{
    fold_report report;
    fold_policies policies = {0};
    core_state *state;
    hub_error err = {{0}};
    told_journal_reopen(t);
    hub_status status = fold_open(t->j, t->keys, snapshot_path, &policies, &state, &report, &err);
    if (status != HUB_OK) print_error("%s\n", err.text);
    assert_int_equal(status, HUB_OK);
    assert_int_equal(core_sequence(state), core_sequence(t->state));
    assert_int_equal(core_digest(state), core_digest(t->state));
    assert_int_equal(core_count(state).alerts_open, core_count(t->state).alerts_open);
    assert_non_null(core_policy_now(state));
    assert_memory_equal(core_policy_now(state)->digest, core_policy_now(t->state)->digest, HUB_DIGEST_BYTES);
    core_close(state);
    fold_policies_close(&policies);
    return report;
}

static void a_fold_gives_the_state_that_was_written(void **fixture)
{
    told_journal *t = *fixture;
    assert_true(core_count(t->state).alerts_open > 0); /* the history is worth folding */
    fold_report report = start(t, NULL);
    assert_int_equal(report.snapshot_sequence, 0);
    assert_int_equal(report.counts.records, 7);
    assert_int_equal(report.counts.batches, 7);
    assert_int_equal(report.counts.first_difference, 0);
}

/* --fold runs while the hub writes: it must neither need the writer's place nor disturb it. */
static void a_fold_beside_the_writer_compares_every_batch(void **fixture)
{
    told_journal *t = *fixture;
    fold_report report = run(t, NULL);
    assert_int_equal(report.counts.batches, 7);
    assert_int_equal(report.counts.first_difference, 0);
    assert_int_equal(report.last_sequence, 7);
    assert_int_equal(report.digest, core_digest(t->state));
    told_journal_concern(t, 3);
}

/* A state that is not the one written means that this version decides by another history than the one it confirmed. */
static void a_difference_is_told_with_its_sequence(void **fixture)
{
    told_journal *t = *fixture;
    t->wrong_digest_at = 8;
    told_journal_concern(t, 3);
    told_journal_concern(t, 4);
    fold_report report = run(t, t->snapshot_path);
    assert_int_equal(report.counts.first_difference, 8);
    assert_int_equal(access(t->snapshot_path, F_OK), -1); /* a wrong state is not kept */

    fold_policies policies = {0};
    core_state *state;
    hub_error err;
    assert_int_equal(fold_open(t->j, t->keys, NULL, &policies, &state, &report, &err), HUB_ERR_CORRUPT);
    assert_null(state);
    assert_true(strstr(err.text, "1 to 8") != NULL);
    fold_policies_close(&policies);
}

static void a_start_from_a_snapshot_folds_only_the_rest(void **fixture)
{
    told_journal *t = *fixture;
    run(t, t->snapshot_path);
    told_journal_concern(t, 3);
    told_journal_adopt(t, "a lead", "another lead");
    told_journal_concern(t, 4);
    fold_report report = start(t, t->snapshot_path);
    assert_string_equal(report.snapshot_unused, "");
    assert_int_equal(report.snapshot_sequence, 7);
    assert_int_equal(report.counts.records, 3);
}

/* Old alerts are explained by the policy of their day: a snapshot gives all of them back. */
static void a_snapshot_gives_back_every_policy(void **fixture)
{
    told_journal *t = *fixture;
    told_journal_adopt(t, "a lead", "another lead");
    run(t, t->snapshot_path);
    fold_policies policies = {0};
    core_state *state;
    assert_int_equal(fold_load_snapshot(t->snapshot_path, t->j, t->keys, &policies, &state, NULL), HUB_OK);
    assert_non_null(core_policy_numbered(state, 1));
    assert_non_null(core_policy_numbered(state, 2));
    assert_memory_equal(core_policy_numbered(state, 1)->digest, core_policy_numbered(t->state, 1)->digest, HUB_DIGEST_BYTES);
    core_close(state);
    fold_policies_close(&policies);
}

/* ---- snapshots that do not fit -------------------------------------------------------------------------------------------- */
/* A snapshot is a cache: with a bad one the hub starts later, not worse. */
static void assert_unused(told_journal *t, const char *because)
{
    fold_report report = start(t, t->snapshot_path);
    assert_int_equal(report.snapshot_sequence, 0);
    assert_true(strstr(report.snapshot_unused, because) != NULL);
    assert_int_equal(report.counts.records, core_sequence(t->state));
}

static void a_missing_snapshot_is_no_error(void **fixture)
{
    assert_unused(*fixture, "cannot be read");
}

static void a_damaged_snapshot_is_not_used(void **fixture)
{
    told_journal *t = *fixture;
    run(t, t->snapshot_path);
    hub_buffer file = {0};
    assert_int_equal(host_file_read(t->snapshot_path, 1 << 26, &file, NULL), HUB_OK);
    file.data[file.size - 100] ^= 1;
    assert_int_equal(host_file_replace(t->snapshot_path, hub_buffer_bytes(&file), 0600, NULL), HUB_OK);
    assert_unused(t, "damaged");
    file.data[10] ^= 1; /* the sequence, which the seal covers */
    assert_int_equal(host_file_replace(t->snapshot_path, hub_buffer_bytes(&file), 0600, NULL), HUB_OK);
    assert_unused(t, "damaged");
    file.size = 60;
    assert_int_equal(host_file_replace(t->snapshot_path, hub_buffer_bytes(&file), 0600, NULL), HUB_OK);
    assert_unused(t, "cut");
    hub_buffer_free(&file);
}

/* A store restored from a backup has another history than the snapshot beside it. */
static void a_snapshot_of_another_history_is_not_used(void **fixture)
{
    told_journal *t = *fixture;
    told_journal *other = calloc(1, sizeof *other);
    told_journal_open(other);
    hub_buffer key = {0}; /* the same master key, so that only the history differs */
    assert_int_equal(host_file_read(t->master_path, 100, &key, NULL), HUB_OK);
    assert_int_equal(host_file_replace(other->master_path, hub_buffer_bytes(&key), 0600, NULL), HUB_OK);
    told_journal_reopen(other);
    told_journal_found(other);
    told_journal_concern(other, 8);
    told_journal_concern(other, 9);
    run(other, t->snapshot_path);
    assert_unused(t, "another history");
    told_journal_concern(other, 10);
    run(other, t->snapshot_path);
    assert_unused(t, "another history"); /* longer than this journal */
    hub_buffer_free(&key);
    told_journal_close(other);
    free(other);
}

/* It says who is known to whom: as secret as the journal. */
static void a_snapshot_is_sealed_and_private(void **fixture)
{
    told_journal *t = *fixture;
    run(t, t->snapshot_path);
    struct stat found;
    assert_int_equal(stat(t->snapshot_path, &found), 0);
    assert_int_equal(found.st_mode & 0777, 0600);
    hub_buffer file = {0};
    assert_int_equal(host_file_read(t->snapshot_path, 1 << 26, &file, NULL), HUB_OK);
    assert_null(memmem(file.data, file.size, "mashsnap", 8)); /* what the core's own bytes begin with */
    assert_null(memmem(file.data, file.size, "police", 6));
    hub_buffer_free(&file);
}

/* Told that a snapshot was written, somebody would count on one that is not there. */
static void an_empty_journal_is_not_folded(void **fixture)
{
    (void)fixture;
    told_journal *t = calloc(1, sizeof *t);
    told_journal_open(t);
    fold_report report;
    hub_error err = {{0}};
    fold_options options = {
        .location = t->location, .partnership = "test", .master_path = t->master_path, .snapshot_path = t->snapshot_path};
    assert_int_equal(fold_run(&options, &report, &err), HUB_ERR_NOT_FOUND);
    assert_true(strstr(err.text, "holds no records") != NULL);
    assert_int_equal(access(t->snapshot_path, F_OK), -1);
    told_journal_close(t);
    free(t);
}

#define FOLD_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
/* ---- figures ---------------------------------------------------------------------------------------------------------------- */
static void a_fold_leaves_the_figures_of_eight_quarters_and_no_small_number(void **fixture)
{
    told_journal *t = *fixture;
    hub_error err = {{0}};
    char path[128];
    fold_report report;
    (void)snprintf(path, sizeof path, "%s/figures", t->folder);
    const int64_t now_ms = t->now_ms;
    fold_options options = {
        .location = t->location, .partnership = "test", .master_path = t->master_path, .figures_path = path, .now_ms = now_ms};
    assert_int_equal(fold_run(&options, &report, &err), HUB_OK);

    hub_buffer read = {0};
    assert_int_equal(host_file_read(path, FOLD_FIGURES_BYTES_MAX, &read, &err), HUB_OK);
    Mash__V1__Figures *figures = mash__v1__figures__unpack(NULL, read.size, read.data);
    assert_non_null(figures);
    assert_int_equal(figures->made_ms, now_ms);
    assert_int_equal(figures->sequence, report.last_sequence);
    assert_int_equal(figures->n_periods, FOLD_QUARTERS);
    assert_int_equal(figures->periods[1]->until_day + 1, figures->periods[0]->from_day);
    assert_true(figures->periods[0]->n_items > 0); /* two concerns, of two families: */
    assert_int_equal(figures->periods[0]->items[0]->showing, MASH__V1__FIGURE_SHOWING__FIGURE_TOO_FEW);
    assert_int_equal(figures->periods[0]->items[0]->count, 0);
    assert_int_equal(figures->periods[1]->n_items, 0);
    mash__v1__figures__free_unpacked(figures, NULL);
    hub_buffer_free(&read);
    assert_int_equal(unlink(path), 0);
}

int main(void)
{
    host_random_start();
    const struct CMUnitTest tests[] = {
        FOLD_TEST(a_fold_gives_the_state_that_was_written),
        FOLD_TEST(a_fold_beside_the_writer_compares_every_batch),
        FOLD_TEST(a_difference_is_told_with_its_sequence),
        FOLD_TEST(a_start_from_a_snapshot_folds_only_the_rest),
        FOLD_TEST(a_snapshot_gives_back_every_policy),
        FOLD_TEST(a_missing_snapshot_is_no_error),
        FOLD_TEST(a_damaged_snapshot_is_not_used),
        FOLD_TEST(a_snapshot_of_another_history_is_not_used),
        FOLD_TEST(a_fold_leaves_the_figures_of_eight_quarters_and_no_small_number),
        FOLD_TEST(a_snapshot_is_sealed_and_private),
        cmocka_unit_test(an_empty_journal_is_not_folded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
