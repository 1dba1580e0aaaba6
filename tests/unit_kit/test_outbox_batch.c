/* Several inputs in one transaction of the disk, and the place in put order up to which the hub has settled. */
#include "outbox_story.h"

/* Twenty senders a moment: one sync must serve them all, and a bad one must not take the others with it. */
static void a_batch_keeps_its_good_inputs_and_undoes_a_bad_one(void **state)
{
    hub_error err = {{0}};
    outbox *box = opened(*state);
    kit_ok(outbox_batch_begin(box, &err));
    given_put(box, 1, 2);
    kit_ok(outbox_begin(box, &err));
    kit_ok(put_one(box, 3, OUTBOX_ORDINARY, &err));
    outbox_rollback(box);
    given_put(box, 4, 4);
    kit_ok(outbox_batch_end(box, &err));
    assert_int_equal(counts_of(box).put, 3);
    outbox_close(box);
    box = opened(*state);
    assert_string_equal(waiting(box), "1,2,4");
    outbox_close(box);
}

/* Nobody was answered yet. */
static void a_batch_that_was_not_ended_leaves_nothing(void **state)
{
    hub_error err = {{0}};
    outbox *box = opened(*state);
    given_put(box, 1, 1);
    kit_ok(outbox_batch_begin(box, &err));
    given_put(box, 2, 3);
    outbox_close(box);
    box = opened(*state);
    assert_string_equal(waiting(box), "1");
    assert_int_equal(counts_of(box).put, 1);
    outbox_close(box);
}

/* `acknowledge: hub` answers by it; places stay what they are when a fork renumbers. */
static void the_oldest_waiting_place_moves_with_settling_and_back_with_a_fork(void **state)
{
    hub_error err = {{0}};
    outbox *box = opened(*state);
    uint64_t place = 0;
    kit_ok(outbox_oldest_waiting(box, &place, &err));
    assert_true(place == UINT64_MAX);
    given_put(box, 1, 4);
    kit_ok(outbox_settle(box, 1, OUTBOX_STORED, NOW, &err));
    kit_ok(outbox_refuse(box, "hub", 5, "area", "no such area", NOW, &err));
    kit_ok(outbox_oldest_waiting(box, &place, &err));
    assert_int_equal(place, 3);
    kit_ok(outbox_fork(box, &err));
    kit_ok(outbox_oldest_waiting(box, &place, &err));
    assert_int_equal(place, 1);
    kit_ok(outbox_settle(box, 1, OUTBOX_DUPLICATE, NOW, &err));
    kit_ok(outbox_oldest_waiting(box, &place, &err));
    assert_int_equal(place, 3);
    outbox_close(box);
}

#define STORY(name) cmocka_unit_test_setup_teardown(name, kit_folder_make, kit_folder_remove)

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORY(a_batch_keeps_its_good_inputs_and_undoes_a_bad_one),
        STORY(a_batch_that_was_not_ended_leaves_nothing),
        STORY(the_oldest_waiting_place_moves_with_settling_and_back_with_a_fork),
    };
    return cmocka_run_group_tests_name("outbox_batch", tests, NULL, NULL);
}
