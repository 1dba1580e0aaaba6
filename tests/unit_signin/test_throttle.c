/* How often something may be tried. Keys are invented; time is an argument. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "host/random.h"
#include "signin/throttle.h"

static int setup(void **state)
{
    host_random_start();
    return throttle_open(3, 1000, (throttle **)state) == HUB_OK ? 0 : -1;
}

static int teardown(void **state)
{
    throttle_close(*state);
    return 0;
}

static const hub_bytes KEY = {(const uint8_t *)"key", 3};

static void takes_three(throttle *t, int64_t now_ms)
{
    assert_int_equal(throttle_take(t, KEY, now_ms), 0);
    assert_int_equal(throttle_take(t, KEY, now_ms), 0);
    assert_int_equal(throttle_take(t, KEY, now_ms), 0);
}

static void the_fourth_waits_and_waiting_helps(void **state)
{
    throttle *t = *state;
    takes_three(t, 5000);

    assert_int_equal(throttle_take(t, KEY, 5000), 1000);
    assert_int_equal(throttle_take(t, KEY, 5400), 600);
    assert_int_equal(throttle_take(t, KEY, 6000), 0);
    assert_int_equal(throttle_take(t, KEY, 6000), 1000);
    takes_three(t, 9000); /* all come back, and no more than that */
    assert_int_equal(throttle_take(t, KEY, 9000), 1000);
}

static void what_is_given_back_can_be_taken_again(void **state)
{
    throttle *t = *state;
    takes_three(t, 5000);

    throttle_give_back(t, KEY);

    assert_int_equal(throttle_take(t, KEY, 5000), 0);
    assert_int_equal(throttle_take(t, KEY, 5000), 1000);
}

/* A clock that was a day ahead is set right: nobody waits for a day. */
static void time_that_goes_back_makes_nobody_wait_long(void **state)
{
    throttle *t = *state;
    takes_three(t, 86400000);

    assert_in_range(throttle_take(t, KEY, 5000), 1, 1000);
    assert_int_equal(throttle_take(t, KEY, 6000), 0);
}

/* Who invents keys to push a colleague's tries out of the table makes that colleague wait, and gains no try. */
static void a_flood_of_keys_frees_no_key(void **state)
{
    throttle *t = *state;
    takes_three(t, 5000);

    for (uint32_t i = 0; i < 100000; i++)
        (void)throttle_take(t, hub_bytes_of(&i, sizeof i), 5000);

    assert_int_equal(throttle_take(t, KEY, 5000), 1000);
}

/* A thousand colleagues while two hundred other names are being guessed: nearly nobody shares both buckets with one of those. */
static void sharing_one_bucket_is_not_felt(void **state)
{
    throttle *t = *state;
    for (uint32_t i = 0; i < 200; i++) {
        for (int tries = 0; tries < 3; tries++)
            (void)throttle_take(t, hub_bytes_of(&i, sizeof i), 5000);
    }
    unsigned waiting = 0;

    for (uint32_t i = 1000; i < 2000; i++)
        waiting += throttle_take(t, hub_bytes_of(&i, sizeof i), 5000) > 0;

    assert_in_range(waiting, 0, 30);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_fourth_waits_and_waiting_helps, setup, teardown),
        cmocka_unit_test_setup_teardown(what_is_given_back_can_be_taken_again, setup, teardown),
        cmocka_unit_test_setup_teardown(time_that_goes_back_makes_nobody_wait_long, setup, teardown),
        cmocka_unit_test_setup_teardown(a_flood_of_keys_frees_no_key, setup, teardown),
        cmocka_unit_test_setup_teardown(sharing_one_bucket_is_not_felt, setup, teardown),
    };
    return cmocka_run_group_tests_name("throttle", tests, NULL, NULL);
}
