/* An adapter killed at its n-th write, for every n: nothing accepted is lost, nothing is doubled.
 *
 * A child process takes two files through the drop folder, has half of it settled, forks the outbox, and is killed (SIGKILL, no clean-up) before
 * or after its n-th call that changes a file (dying.h). Then the same work is done by a second child without a fault, and the outbox is looked at.
 */
#include "kit_support.h"

#include "kit/drop_folder.h"
#include "dying.h"
#include "test_mapping.h"

static const int64_t NOW = 1775563200000;

/* The adapter's work, as often as it is started. Exit code 0: all of it was done. */
static int work(const char *folder)
{
    hub_error err = {{0}};
    outbox *box = NULL;
    kit_intake *intake = NULL;
    kit_drop_folder *drop = NULL;
    kit_drop_report report;
    outbox_numbers numbers;
    if (outbox_open(&(outbox_options){.folder = kit_path(folder, "box")}, &box, &err) != HUB_OK) goto fail;
    kit_intake_options options = {
        .box = box, .mapping = &test_lines, .source_system = "test/1", .area = "E10000014", .legal_gateway = ""};
    if (kit_intake_open(&options, &intake, &err) != HUB_OK) goto fail;
    if (kit_drop_folder_open(&(kit_drop_folder_options){.folder = kit_path(folder, "in"), .intake = intake}, &drop, &err) !=
        HUB_OK)
        goto fail;
    for (int i = 0; i < 3; i++) {
        if (kit_drop_folder_poll(drop, NOW, &report, &err) != HUB_OK) goto fail;
    }
    outbox_numbers_of(box, &numbers);
    if (numbers.settled_link_seq == 0 && outbox_settle(box, 2, OUTBOX_STORED, NOW, &err) != HUB_OK) goto fail;
    if (outbox_note(box, "trouble", "none", &err) != HUB_OK) goto fail;
    return 0; /* no close: ending is a crash too */

fail:
    print_error("%s\n", err.text);
    return 1;
}

/* Both files are done, and the outbox holds their four events once each, in the order of one file after the other. */
static void check(const char *folder, int n)
{
    hub_error err = {{0}};
    outbox *box = NULL;
    outbox_counts counts;
    kit_ok(outbox_open(&(outbox_options){.folder = kit_path(folder, "box")}, &box, &err));
    outbox_counts_of(box, &counts);
    if (counts.put != 4 || counts.parked_here != 1 || counts.stored != 2 || counts.waiting != 2 || counts.forks != 0) {
        fail_msg("killed at write %d: put %llu, parked %llu, stored %llu, waiting %llu, forks %llu", n,
                 (unsigned long long)counts.put, (unsigned long long)counts.parked_here, (unsigned long long)counts.stored,
                 (unsigned long long)counts.waiting, (unsigned long long)counts.forks);
    }
    outbox_close(box);
    assert_true(kit_exists(kit_path(folder, "in/done/a.txt")));
    assert_true(kit_exists(kit_path(folder, "in/done/b.txt")));
    assert_false(kit_exists(kit_path(folder, "in/a.txt")));
}

static void prepare(const char *folder)
{
    assert_int_equal(mkdir(kit_path(folder, "in"), 0700), 0);
    kit_write(kit_path(folder, "in/a.txt"), "ok r1\nbad\nok r2\n");
    kit_write(kit_path(folder, "in/b.txt"), "danger r3\nremember r4\n");
}

static const dying_story STORY = {.prepare = prepare, .work = work, .check = check};

static void killed_before_any_write_nothing_is_lost_or_doubled(void **state)
{
    (void)state;
    dying_at_every_write(&STORY, DYING_BEFORE);
}
static void killed_after_any_write_nothing_is_lost_or_doubled(void **state)
{
    (void)state;
    dying_at_every_write(&STORY, DYING_AFTER);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(killed_before_any_write_nothing_is_lost_or_doubled),
        cmocka_unit_test(killed_after_any_write_nothing_is_lost_or_doubled),
    };
    return cmocka_run_group_tests_name("crash", tests, NULL, NULL);
}
