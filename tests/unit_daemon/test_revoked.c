/* The list of revoked keys outlives any store. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/revoked.h"

static char path[64];
static const uint8_t ONE[DAEMON_KEY_BYTES] = {1}, TWO[DAEMON_KEY_BYTES] = {2};

static int setup(void **state)
{
    (void)state;
    (void)snprintf(path, sizeof path, "/tmp/mash-revoked-XXXXXX");
    int fd = mkstemp(path);
    return fd < 0 ? -1 : close(fd) | unlink(path);
}

static int teardown(void **state)
{
    (void)state;
    unlink(path);
    return 0;
}

static void a_key_that_was_added_is_there_when_read_again(void **state)
{
    (void)state;
    daemon_revoked list;
    assert_int_equal(daemon_revoked_read(path, &list, NULL), HUB_OK); /* no file yet: nobody was revoked */
    assert_int_equal(daemon_revoked_add(&list, ONE, NULL), HUB_OK);
    assert_int_equal(daemon_revoked_add(&list, ONE, NULL), HUB_OK);
    daemon_revoked_free(&list);

    assert_int_equal(daemon_revoked_read(path, &list, NULL), HUB_OK);

    assert_int_equal(list.count, 1);
    assert_true(daemon_revoked_has(&list, ONE));
    assert_false(daemon_revoked_has(&list, TWO));
    daemon_revoked_free(&list);
}

/* Half a line might have been a key: better not to start than to let somebody in. */
static void a_damaged_list_stops_the_start(void **state)
{
    (void)state;
    daemon_revoked list;
    hub_error err;
    assert_int_equal(daemon_revoked_read(path, &list, NULL), HUB_OK);
    assert_int_equal(daemon_revoked_add(&list, ONE, NULL), HUB_OK);
    assert_int_equal(daemon_revoked_add(&list, TWO, NULL), HUB_OK);
    daemon_revoked_free(&list);
    assert_int_equal(truncate(path, 100), 0);

    assert_int_equal(daemon_revoked_read(path, &list, &err), HUB_ERR_CORRUPT);

    assert_non_null(strstr(err.text, ":2:"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_key_that_was_added_is_there_when_read_again, setup, teardown),
        cmocka_unit_test_setup_teardown(a_damaged_list_stops_the_start, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
