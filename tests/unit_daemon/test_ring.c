/* The ring of recent records gives back what was put, or nothing; never something else. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "daemon/ring.h"

static int setup(void **state)
{
    daemon_ring *ring;
    if (daemon_ring_open(1000, &ring) != HUB_OK) return -1;
    *state = ring;
    return 0;
}

static int teardown(void **state)
{
    daemon_ring_close(*state);
    return 0;
}

static void put(daemon_ring *ring, uint64_t sequence, size_t size)
{
    uint8_t bytes[1000];
    memset(bytes, (int)sequence, sizeof bytes);
    hub_digest hash = {.bytes = {(uint8_t)sequence}};
    journal_draft draft = {.sequence = sequence, .control = hub_bytes_of(bytes, 10), .personal = hub_bytes_of(bytes, size - 10)};
    daemon_ring_put(ring, 1, &draft, &hash);
}

static void assert_holds(daemon_ring *ring, uint64_t sequence, size_t size)
{
    daemon_ring_record record;
    assert_true(daemon_ring_get(ring, sequence, &record));
    assert_int_equal(record.sequence, sequence);
    assert_int_equal(record.hash.bytes[0], (uint8_t)sequence);
    assert_int_equal(record.control.size + record.personal.size, size);
    assert_int_equal(record.control.data[9], (uint8_t)sequence);
    assert_int_equal(record.personal.data[size - 11], (uint8_t)sequence);
}

/* 1,000 bytes hold four records of 240; where the end is too short for a record it is left unused. */
static void the_newest_records_are_held_and_overwritten_ones_are_not(void **state)
{
    daemon_ring *ring = *state;
    daemon_ring_record none;
    for (uint64_t i = 1; i <= 5; i++)
        put(ring, i, 240);

    assert_false(daemon_ring_get(ring, 1, &none));
    assert_holds(ring, 3, 240);
    assert_holds(ring, 4, 240);
    assert_holds(ring, 5, 240);
    assert_false(daemon_ring_get(ring, 6, &none));
    assert_false(daemon_ring_get(ring, 0, &none));
}

static void a_record_too_large_for_it_is_left_out(void **state)
{
    daemon_ring *ring = *state;
    daemon_ring_record none;
    put(ring, 1, 100);
    put(ring, 2, 900);

    assert_holds(ring, 1, 100);
    assert_false(daemon_ring_get(ring, 2, &none));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_newest_records_are_held_and_overwritten_ones_are_not, setup, teardown),
        cmocka_unit_test_setup_teardown(a_record_too_large_for_it_is_left_out, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
