/* The list of revoked keys outlives any store. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
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

static void given_a_list_of_two(void)
{
    daemon_revoked list;
    assert_int_equal(daemon_revoked_read(path, &list, NULL), HUB_OK);
    assert_int_equal(daemon_revoked_add(&list, ONE, NULL), HUB_OK);
    assert_int_equal(daemon_revoked_add(&list, TWO, NULL), HUB_OK);
    daemon_revoked_free(&list);
}

/* A line that is no key might have been one: better not to start than to let somebody in. */
static void a_damaged_list_stops_the_start(void **state)
{
    (void)state;
    daemon_revoked list;
    hub_error err;
    given_a_list_of_two();
    FILE *file = fopen(path, "r+");
    assert_non_null(file);
    assert_int_equal(fseek(file, 70, SEEK_SET), 0);
    assert_int_equal(fputc('x', file), 'x');
    assert_int_equal(fclose(file), 0);

    assert_int_equal(daemon_revoked_read(path, &list, &err), HUB_ERR_CORRUPT);

    assert_non_null(strstr(err.text, ":2:"));
}

/* A disk that was full left half a line. What it began to say was answered with "try later": it must not stop the hub for ever. */
static void half_a_last_line_is_taken_away(void **state)
{
    (void)state;
    daemon_revoked list;
    given_a_list_of_two();
    assert_int_equal(truncate(path, 100), 0);

    assert_int_equal(daemon_revoked_read(path, &list, NULL), HUB_OK);
    assert_int_equal(list.count, 1);
    assert_int_equal(daemon_revoked_add(&list, TWO, NULL), HUB_OK);
    daemon_revoked_free(&list);

    assert_int_equal(daemon_revoked_read(path, &list, NULL), HUB_OK);
    assert_true(daemon_revoked_has(&list, ONE));
    assert_true(daemon_revoked_has(&list, TWO));
    daemon_revoked_free(&list);
}

/* "Noted" in memory alone would be forgotten at the next start, and the operator's repeat would find nothing to do. */
static void a_key_that_could_not_be_written_is_not_kept_and_a_repeat_writes_it(void **state)
{
    (void)state;
    daemon_revoked list;
    hub_error err;
    assert_int_equal(daemon_revoked_read(path, &list, NULL), HUB_OK);
    assert_int_equal(mkdir(path, 0700), 0); /* no file can be put there */
    assert_int_not_equal(daemon_revoked_add(&list, ONE, &err), HUB_OK);
    assert_false(daemon_revoked_has(&list, ONE));
    assert_int_equal(rmdir(path), 0);

    assert_int_equal(daemon_revoked_add(&list, ONE, NULL), HUB_OK);
    daemon_revoked_free(&list);

    assert_int_equal(daemon_revoked_read(path, &list, NULL), HUB_OK);
    assert_true(daemon_revoked_has(&list, ONE));
    daemon_revoked_free(&list);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_key_that_was_added_is_there_when_read_again, setup, teardown),
        cmocka_unit_test_setup_teardown(a_damaged_list_stops_the_start, setup, teardown),
        cmocka_unit_test_setup_teardown(half_a_last_line_is_taken_away, setup, teardown),
        cmocka_unit_test_setup_teardown(a_key_that_could_not_be_written_is_not_kept_and_a_repeat_writes_it, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
