/* Where a durable consumer stands, over restarts and over restored hubs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "bus/position.h"

static uint8_t a_hash[HUB_DIGEST_BYTES] = {1, 2, 3};

static Mash__V1__Position at(uint64_t sequence)
{
    Mash__V1__Position here = MASH__V1__POSITION__INIT;
    here.epoch = 7;
    here.sequence = sequence;
    here.record_hash = (ProtobufCBinaryData){.data = a_hash, .len = sizeof a_hash};
    return here;
}

static void given_positions_up_to(bus_positions *list, uint64_t last)
{
    for (uint64_t sequence = 1; sequence <= last; sequence++) {
        Mash__V1__Position newest = at(sequence);
        bus_positions_add(list, &newest);
    }
}

static void a_position_survives_a_restart(void **state)
{
    (void)state;
    char path[] = "position.XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    close(fd);
    bus_positions kept = {0}, read_back;
    hub_error err;
    given_positions_up_to(&kept, 3);

    assert_int_equal(bus_positions_write(path, &kept, &err), HUB_OK);
    assert_int_equal(bus_positions_read(path, &read_back, &err), HUB_OK);
    unlink(path);

    assert_int_equal(read_back.count, 3);
    assert_memory_equal(&read_back.items[0], &kept.items[0], sizeof kept.items[0]);
}

static void a_consumer_that_was_never_here_has_no_position(void **state)
{
    (void)state;
    bus_positions list;
    hub_error err;
    assert_int_equal(bus_positions_read("no-such-file", &list, &err), HUB_OK);
    assert_int_equal(list.count, 0);
}

/* A half-written or edited file must not be taken for "from the beginning" in silence. */
static void a_damaged_position_file_is_said_with_its_line(void **state)
{
    (void)state;
    char path[] = "position.XXXXXX";
    int fd = mkstemp(path);
    assert_int_equal(write(fd, "7 3 zz\n", 7), 7);
    close(fd);
    bus_positions list;
    hub_error err;
    assert_int_equal(bus_positions_read(path, &list, &err), HUB_ERR_CORRUPT);
    unlink(path);
    assert_non_null(strstr(err.text, ":1:"));
}

/* After a restore the hub looks for the newest position that both share: the list must reach far back with few entries. */
static void old_positions_are_kept_further_and_further_apart(void **state)
{
    (void)state;
    bus_positions list = {0};
    given_positions_up_to(&list, 10000);
    assert_int_equal(list.count, BUS_POSITIONS_KEPT);
    assert_int_equal(list.items[0].sequence, 10000);
    assert_int_equal(list.items[1].sequence, 9999);
    assert_true(list.items[BUS_POSITIONS_KEPT - 1].sequence < 5000);
}

static void a_fork_forgets_what_came_after_the_last_common_position(void **state)
{
    (void)state;
    bus_positions list = {0};
    given_positions_up_to(&list, 10);
    Mash__V1__Position common = at(6);
    bus_positions_fork(&list, &common);
    assert_int_equal(list.items[0].sequence, 6);
    bus_positions_fork(&list, NULL);
    assert_int_equal(list.count, 0);
}

static void an_older_position_does_not_replace_a_newer_one(void **state)
{
    (void)state;
    bus_positions list = {0};
    given_positions_up_to(&list, 5);
    Mash__V1__Position old = at(4);
    bus_positions_add(&list, &old);
    assert_int_equal(list.items[0].sequence, 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_position_survives_a_restart),
        cmocka_unit_test(a_consumer_that_was_never_here_has_no_position),
        cmocka_unit_test(a_damaged_position_file_is_said_with_its_line),
        cmocka_unit_test(old_positions_are_kept_further_and_further_apart),
        cmocka_unit_test(a_fork_forgets_what_came_after_the_last_common_position),
        cmocka_unit_test(an_older_position_does_not_replace_a_newer_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
