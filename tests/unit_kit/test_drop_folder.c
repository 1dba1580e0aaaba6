/* The drop folder's promises D1 to D6, with a real outbox and a mapping of our own. */
#include "kit_bench.h"

#include <sys/stat.h>

#include "kit/drop_folder.h"
#include "kit/quarantine.h"
#include "test_mapping.h"

typedef struct bench {
    const char *folder;
    outbox *box;
    kit_intake *intake;
    kit_drop_folder *drop;
    kit_drop_report report;
} bench;

static void open_bench(bench *b, const char *folder, uint64_t waiting_max)
{
    hub_error err = {{0}};
    *b = (bench){.folder = folder};
    kit_ok(outbox_open(&(outbox_options){.folder = kit_path(folder, "box"), .waiting_max = waiting_max}, &b->box, &err));
    kit_intake_options options = {
        .box = b->box, .mapping = &test_lines, .source_system = "test/1", .area = "E10000014", .legal_gateway = ""};
    kit_ok(kit_intake_open(&options, &b->intake, &err));
    kit_ok(kit_drop_folder_open(
        &(kit_drop_folder_options){.folder = kit_path(folder, "in"), .intake = b->intake, .file_bytes_max = 100}, &b->drop,
        &err));
}

static void close_bench(bench *b)
{
    kit_drop_folder_close(b->drop);
    kit_intake_close(b->intake);
    outbox_close(b->box);
}

static void poll_gives(bench *b, hub_status status)
{
    hub_error err = {{0}};
    assert_int_equal(kit_drop_folder_poll(b->drop, NOW, &b->report, &err), status);
}

static void poll(bench *b)
{
    poll_gives(b, HUB_OK);
}

/* The first sees that a file is there, the second that it has not changed, and takes it. */
static void poll_twice(bench *b)
{
    poll(b);
    poll(b);
}

static bool there(const bench *b, const char *name)
{
    return kit_exists(kit_path(b->folder, name));
}

static const char *content(const bench *b, const char *name)
{
    static hub_buffer text;
    hub_error err = {{0}};
    hub_buffer_clear(&text);
    kit_ok(host_file_read(kit_path(b->folder, name), 65536, &text, &err));
    return hub_buffer_text(&text);
}

/* An export job writes for minutes: half a file would be half a child's story. */
static void a_file_is_taken_only_when_it_is_the_same_at_two_polls(void **state)
{
    bench b;
    open_bench(&b, *state, 0);
    kit_write(kit_path(b.folder, "in/a.txt"), "ok r1\n");
    poll(&b);
    assert_int_equal(b.report.left, 1);
    assert_int_equal(kit_counts_of(b.box).put, 0);
    kit_write(kit_path(b.folder, "in/a.txt"), "ok r1\nok r2\n");
    poll(&b);
    assert_int_equal(kit_counts_of(b.box).put, 0);
    poll(&b);
    assert_int_equal(kit_counts_of(b.box).put, 2);
    assert_true(there(&b, "in/done/a.txt"));
    assert_false(there(&b, "in/a.txt"));
    close_bench(&b);
}

/* An upload whose line hangs stands still for many looks: somebody still has it open. */
static void a_file_that_somebody_has_open_for_writing_is_left_alone(void **state)
{
    bench b;
    open_bench(&b, *state, 0);
    FILE *upload = fopen(kit_path(b.folder, "in/a.txt"), "w");
    assert_non_null(upload);
    (void)fputs("ok r1\n", upload);
    (void)fflush(upload);
    for (int looks = 0; looks < 3; looks++)
        poll(&b);
    assert_int_equal(b.report.left, 1);
    assert_int_equal(kit_counts_of(b.box).put, 0);
    (void)fputs("ok r2\n", upload);
    (void)fclose(upload);
    poll_twice(&b);
    assert_int_equal(kit_counts_of(b.box).put, 2);
    close_bench(&b);
}

/* Where the kernel does not tell who has a file open (another user's, a file server's), time does. */
static void a_file_that_changed_a_moment_ago_is_left_alone_for_as_long_as_is_asked(void **state)
{
    bench b;
    hub_error err = {{0}};
    struct stat found;
    open_bench(&b, *state, 0);
    kit_drop_folder_close(b.drop);
    kit_ok(kit_drop_folder_open(
        &(kit_drop_folder_options){.folder = kit_path(b.folder, "in"), .intake = b.intake, .quiet_ms = 60000}, &b.drop, &err));
    kit_write(kit_path(b.folder, "in/a.txt"), "ok r1\n");
    assert_int_equal(stat(kit_path(b.folder, "in/a.txt"), &found), 0);
    int64_t changed_ms = (int64_t)found.st_ctim.tv_sec * 1000 + found.st_ctim.tv_nsec / 1000000;
    kit_ok(kit_drop_folder_poll(b.drop, changed_ms + 1, &b.report, &err));
    kit_ok(kit_drop_folder_poll(b.drop, changed_ms + 59999, &b.report, &err));
    assert_int_equal(b.report.left, 1);
    kit_ok(kit_drop_folder_poll(b.drop, changed_ms + 60000, &b.report, &err));
    assert_int_equal(b.report.done, 1);
    close_bench(&b);
}

static void unfinished_and_hidden_names_are_never_touched(void **state)
{
    bench b;
    open_bench(&b, *state, 0);
    kit_write(kit_path(b.folder, "in/a.txt.part"), "ok r1\n");
    kit_write(kit_path(b.folder, "in/b.tmp"), "ok r1\n");
    kit_write(kit_path(b.folder, "in/d.filepart"), "ok r1\n"); /* WinSCP's */
    kit_write(kit_path(b.folder, "in/.c.txt"), "ok r1\n");
    poll_twice(&b);
    poll(&b);
    assert_int_equal(b.report.left + b.report.done + b.report.failed, 0);
    assert_true(there(&b, "in/a.txt.part") && there(&b, "in/b.tmp") && there(&b, "in/d.filepart") && there(&b, "in/.c.txt"));
    close_bench(&b);
}

/* The adapter died between the commit and the move. */
static void a_file_seen_before_makes_no_second_event(void **state)
{
    bench b;
    open_bench(&b, *state, 0);
    kit_write(kit_path(b.folder, "in/a.txt"), "ok r1\n");
    poll_twice(&b);
    assert_int_equal(rename(kit_path(b.folder, "in/done/a.txt"), kit_path(b.folder, "in/a.txt")), 0);
    close_bench(&b);

    open_bench(&b, *state, 0);
    poll_twice(&b);
    assert_int_equal(kit_counts_of(b.box).inputs_repeated, 1);
    assert_int_equal(kit_counts_of(b.box).put, 1);
    assert_true(there(&b, "in/done/a.txt"));
    close_bench(&b);
}

static void the_same_name_with_other_content_is_another_input(void **state)
{
    bench b;
    open_bench(&b, *state, 0);
    kit_write(kit_path(b.folder, "in/a.txt"), "ok r1\n");
    poll_twice(&b);
    kit_write(kit_path(b.folder, "in/a.txt"), "ok r2\n");
    poll_twice(&b);
    assert_int_equal(kit_counts_of(b.box).put, 2);
    assert_true(there(&b, "in/done/a.txt"));
    close_bench(&b);
}

/* The person who has to mend it must learn where and why, without a copy of what is in it. */
static void a_file_that_cannot_be_read_goes_to_failed_with_its_reason_and_no_value(void **state)
{
    bench b;
    open_bench(&b, *state, 0);
    kit_write(kit_path(b.folder, "in/a.txt"), "ok secret1\nbroken\n");
    kit_write(kit_path(b.folder, "in/b.txt"), "ok r2\n");
    poll_twice(&b);
    assert_int_equal(b.report.failed, 1);
    assert_int_equal(b.report.done, 1);
    assert_int_equal(kit_counts_of(b.box).put, 1);
    assert_true(there(&b, "in/failed/a.txt"));
    const char *reason = content(&b, "in/failed/a.txt.reason.txt");
    assert_non_null(strstr(reason, "2:1: row: not of this format"));
    assert_null(strstr(reason, "secret1"));
    close_bench(&b);
}

/* A failed file is no seen file: after the mapping was mended the same file is put in again. */
static void a_failed_file_may_be_put_in_again(void **state)
{
    bench b;
    open_bench(&b, *state, 0);
    kit_write(kit_path(b.folder, "in/a.txt"), "broken\n");
    poll_twice(&b);
    assert_int_equal(rename(kit_path(b.folder, "in/failed/a.txt"), kit_path(b.folder, "in/a.txt")), 0);
    poll_twice(&b);
    assert_int_equal(kit_counts_of(b.box).inputs_failed, 2);
    assert_int_equal(kit_counts_of(b.box).inputs_repeated, 0);
    assert_true(there(&b, "in/failed/a.txt"));
    close_bench(&b);
}

/* People are named in file names; this error goes into the log (D6). */
static void an_error_in_failed_is_told_without_the_files_name(void **state)
{
    bench b;
    hub_error err = {{0}};
    open_bench(&b, *state, 0);
    kit_write(kit_path(b.folder, "in/Robin Testley.txt"), "broken\n");
    assert_int_equal(mkdir(kit_path(b.folder, "in/failed/Robin Testley.txt.reason.txt"), 0700), 0);
    poll(&b);
    assert_int_equal(kit_drop_folder_poll(b.drop, NOW, &b.report, &err), HUB_ERR_IO);
    assert_null(strstr(err.text, "Testley"));
    assert_non_null(strstr(err.text, "failed/: Is a directory"));
    assert_true(there(&b, "in/Robin Testley.txt"));
    close_bench(&b);
}

/* Somebody tidied up: without done/ the file would stay, and be "seen before" at every poll for ever. */
static void done_and_failed_are_made_again_when_they_were_taken_away(void **state)
{
    bench b;
    open_bench(&b, *state, 0);
    kit_write(kit_path(b.folder, "in/a.txt"), "ok r1\n");
    kit_write(kit_path(b.folder, "in/b.txt"), "broken\n");
    assert_int_equal(rmdir(kit_path(b.folder, "in/done")), 0);
    assert_int_equal(rmdir(kit_path(b.folder, "in/failed")), 0);
    poll_twice(&b);
    assert_true(there(&b, "in/done/a.txt"));
    assert_true(there(&b, "in/failed/b.txt"));
    assert_false(there(&b, "in/a.txt"));
    close_bench(&b);
}

/* What a file gave and the hub refused may come in the same file again (O7). */
static void a_file_whose_event_the_hub_refused_is_taken_again(void **state)
{
    bench b;
    hub_error err = {{0}};
    open_bench(&b, *state, 0);
    kit_write(kit_path(b.folder, "in/a.txt"), "ok r1\n");
    poll_twice(&b);
    kit_ok(outbox_refuse(b.box, "hub", 5, "area", "no such area", NOW, &err));
    assert_int_equal(rename(kit_path(b.folder, "in/done/a.txt"), kit_path(b.folder, "in/a.txt")), 0);
    poll_twice(&b);
    assert_int_equal(kit_counts_of(b.box).inputs_repeated, 0);
    assert_int_equal(kit_counts_of(b.box).put, 2);
    close_bench(&b);
}

/* D4. One wrong row must not hold back what the others say. */
static void bad_rows_are_parked_and_the_good_ones_of_the_same_file_go_on(void **state)
{
    bench b;
    uint32_t moved = 0;
    hub_error err = {{0}};
    open_bench(&b, *state, 0);
    kit_write(kit_path(b.folder, "in/a.txt"), "ok r1\nbad secret1\nwrong r2\nok r3\n");
    poll_twice(&b);
    outbox_counts counts = kit_counts_of(b.box);
    assert_int_equal(counts.put, 2);
    assert_int_equal(counts.parked_here, 2);
    assert_int_equal(counts.received, 4);
    assert_true(there(&b, "in/done/a.txt"));

    outbox_numbers numbers;
    char name[64];
    outbox_numbers_of(b.box, &numbers);
    kit_ok(kit_quarantine_move(b.box, kit_path(b.folder, "quarantine"), &moved, &err));
    assert_int_equal(moved, 2);
    hub_hex(numbers.outbox_id.bytes, 4, name);
    char path[128];
    (void)snprintf(path, sizeof path, "quarantine/%s-000001.reason.txt", name);
    assert_non_null(strstr(content(&b, path), "Place:  line 2, column 1"));
    assert_null(strstr(content(&b, path), "secret1"));
    (void)snprintf(path, sizeof path, "quarantine/%s-000001.record", name);
    assert_string_equal(content(&b, path), "bad secret1");
    (void)snprintf(path, sizeof path, "quarantine/%s-000002.reason.txt", name);
    assert_non_null(strstr(content(&b, path), "in_the_future"));
    assert_int_equal(kit_counts_of(b.box).parked_held, 0);
    close_bench(&b);
}

static void a_link_is_not_followed(void **state)
{
    bench b;
    open_bench(&b, *state, 0);
    kit_write(kit_path(b.folder, "elsewhere"), "ok r1\n");
    assert_int_equal(symlink(kit_path(b.folder, "elsewhere"), kit_path(b.folder, "in/a.txt")), 0);
    poll_twice(&b);
    assert_int_equal(kit_counts_of(b.box).put, 0);
    assert_non_null(strstr(content(&b, "in/failed/a.txt.reason.txt"), "symbolic link"));
    assert_true(there(&b, "elsewhere"));
    close_bench(&b);
}

static void a_pipe_does_not_stop_the_adapter(void **state)
{
    bench b;
    open_bench(&b, *state, 0);
    assert_int_equal(mkfifo(kit_path(b.folder, "in/a.txt"), 0600), 0);
    poll_twice(&b);
    assert_non_null(strstr(content(&b, "in/failed/a.txt.reason.txt"), "not a plain file"));
    close_bench(&b);
}

static void a_file_above_the_cap_is_refused_with_the_cap(void **state)
{
    bench b;
    open_bench(&b, *state, 0);
    char large[102];
    memset(large, '\n', 101);
    large[101] = '\0';
    kit_write(kit_path(b.folder, "in/a.txt"), large);
    poll_twice(&b);
    assert_non_null(strstr(content(&b, "in/failed/a.txt.reason.txt"), "larger than 100 bytes"));
    assert_int_equal(kit_counts_of(b.box).inputs_failed, 1);
    close_bench(&b);
}

/* What the outbox cannot take stays where it is, whole. */
static void a_full_outbox_leaves_the_files_where_they_are(void **state)
{
    bench b;
    hub_error err = {{0}};
    open_bench(&b, *state, 1);
    kit_write(kit_path(b.folder, "in/a.txt"), "ok r1\n");
    kit_write(kit_path(b.folder, "in/b.txt"), "ok r2\nok r3\n");
    poll(&b);
    poll_gives(&b, HUB_ERR_FULL);
    assert_true(there(&b, "in/done/a.txt"));
    assert_true(there(&b, "in/b.txt"));
    assert_int_equal(kit_counts_of(b.box).put, 1);
    kit_ok(outbox_settle(b.box, 1, OUTBOX_STORED, NOW, &err));
    close_bench(&b);

    open_bench(&b, *state, 2);
    poll_twice(&b);
    assert_int_equal(kit_counts_of(b.box).put, 3);
    close_bench(&b);
}

static void what_a_mapping_remembers_lasts_over_a_restart_and_belongs_to_its_input(void **state)
{
    bench b;
    open_bench(&b, *state, 0);
    kit_write(kit_path(b.folder, "in/a.txt"), "remember x\n");
    kit_write(kit_path(b.folder, "in/b.txt"), "remember y\nbroken\n");
    poll_twice(&b);
    assert_int_equal(kit_counts_of(b.box).put, 1);
    close_bench(&b);
    open_bench(&b, *state, 0);
    kit_write(kit_path(b.folder, "in/c.txt"), "remember x\nremember y\n");
    poll_twice(&b);
    assert_int_equal(kit_counts_of(b.box).put, 2);
    close_bench(&b);
}

/* Immediate danger is told apart when it is put. */
static void an_event_with_immediate_danger_is_urgent(void **state)
{
    bench b;
    hub_error err = {{0}};
    uint64_t place = 0;
    outbox_item item;
    open_bench(&b, *state, 0);
    kit_write(kit_path(b.folder, "in/a.txt"), "ok r1\ndanger r2\n");
    poll_twice(&b);
    kit_ok(outbox_urgent(b.box, 0, &place, &item, &err));
    assert_int_equal(outbox_urgent(b.box, place, &place, &item, &err), HUB_ERR_NOT_FOUND);
    close_bench(&b);
}

static int64_t even_clock(void *context)
{
    return *(const int64_t *)context;
}

/* A clock set an hour ahead in between must not hold back the notice by an hour: the wait is reckoned by the clock of the link. */
static void an_event_waits_by_the_even_clock_and_not_by_the_wall(void **state)
{
    hub_error err = {{0}};
    outbox *box = NULL;
    kit_intake *intake = NULL;
    kit_outcome outcome;
    uint64_t place = 0;
    outbox_item item;
    int64_t even_ms = NOW - 3600 * 1000;
    kit_ok(outbox_open(&(outbox_options){.folder = *state}, &box, &err));
    kit_intake_options options = {.box = box,
                                  .mapping = &test_lines,
                                  .source_system = "test/1",
                                  .area = "E10000014",
                                  .legal_gateway = "",
                                  .put_ms = even_clock,
                                  .context = &even_ms};
    kit_ok(kit_intake_open(&options, &intake, &err));
    kit_input input = {.bytes = hub_bytes_of_text("danger r1\n"), .name = "", .key = hub_bytes_of_text("a"), .received_ms = NOW};
    kit_ok(kit_intake_take(intake, &input, &outcome, &err));
    kit_ok(outbox_urgent(box, 0, &place, &item, &err));
    assert_int_equal(item.put_ms, even_ms);
    kit_intake_close(intake);
    outbox_close(box);
}

#define STORY(name) cmocka_unit_test_setup_teardown(name, kit_folder_make, kit_folder_remove)

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORY(a_file_is_taken_only_when_it_is_the_same_at_two_polls),
        STORY(a_file_that_somebody_has_open_for_writing_is_left_alone),
        STORY(a_file_that_changed_a_moment_ago_is_left_alone_for_as_long_as_is_asked),
        STORY(unfinished_and_hidden_names_are_never_touched),
        STORY(a_file_seen_before_makes_no_second_event),
        STORY(the_same_name_with_other_content_is_another_input),
        STORY(a_file_that_cannot_be_read_goes_to_failed_with_its_reason_and_no_value),
        STORY(a_failed_file_may_be_put_in_again),
        STORY(an_error_in_failed_is_told_without_the_files_name),
        STORY(done_and_failed_are_made_again_when_they_were_taken_away),
        STORY(a_file_whose_event_the_hub_refused_is_taken_again),
        STORY(bad_rows_are_parked_and_the_good_ones_of_the_same_file_go_on),
        STORY(a_link_is_not_followed),
        STORY(a_pipe_does_not_stop_the_adapter),
        STORY(a_file_above_the_cap_is_refused_with_the_cap),
        STORY(a_full_outbox_leaves_the_files_where_they_are),
        STORY(what_a_mapping_remembers_lasts_over_a_restart_and_belongs_to_its_input),
        STORY(an_event_with_immediate_danger_is_urgent),
        STORY(an_event_waits_by_the_even_clock_and_not_by_the_wall),
    };
    return cmocka_run_group_tests_name("drop_folder", tests, NULL, NULL);
}
