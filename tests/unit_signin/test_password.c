/* Checking passwords: the same answer for everybody who is not let in, not too often, and not all threads at once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "host/random.h"
#include "signin/password.h"

enum { START_MS = 1000000 };

typedef struct desk {
    uv_loop_t loop;
    password_checker *checker;
    accounts *list;
    unsigned answers, right;
    char last[ACCOUNT_NAME_BYTES];
} desk;

static char hash[ACCOUNT_HASH_BYTES], long_hash[ACCOUNT_HASH_BYTES];
static char longest[PASSWORD_BYTES_MAX + 2]; /* one byte longer than a password can be */
static const char PASSWORD[] = "three random words";

static int group_setup(void **state)
{
    (void)state;
    host_random_start();
    memset(longest, 'x', sizeof longest - 1);
    assert_int_equal(password_hash(hub_bytes_of(longest, PASSWORD_BYTES_MAX), long_hash, NULL), HUB_OK);
    return password_hash(hub_bytes_of_text(PASSWORD), hash, NULL) == HUB_OK ? 0 : -1;
}

static int setup(void **state)
{
    static desk d;
    d = (desk){0};
    yaml_problems problems = {0};
    hub_buffer text = {0};
    hub_buffer_put_format(&text,
                          "- {person: hc-3, password: \"%s\"}\n"
                          "- {person: hc-4, oidc: {issuer: \"https://a.test\", subject: s}}\n"
                          "- {person: hc-5, password: \"%s\"}\n",
                          hash, long_hash);
    d.list = accounts_read("people.yaml", hub_buffer_bytes(&text), &problems);
    hub_buffer_free(&text);
    assert_int_equal(uv_loop_init(&d.loop), 0);
    assert_int_equal(password_checker_open(&d.loop, &d.checker), HUB_OK);
    *state = &d;
    return d.list != NULL ? 0 : -1;
}

static int teardown(void **state)
{
    desk *d = *state;
    password_checker_close(d->checker);
    (void)uv_run(&d->loop, UV_RUN_DEFAULT);
    accounts_close(d->list);
    return uv_loop_close(&d->loop);
}

static void on_checked(void *context, const char *name)
{
    desk *d = context;
    d->answers++;
    d->right += name != NULL;
    (void)snprintf(d->last, sizeof d->last, "%s", name != NULL ? name : "");
}

static hub_status try_at(desk *d, const char *name, const char *password, const char *address, int64_t now_ms, int64_t *wait_ms)
{
    return password_check(d->checker, d->list, name, hub_bytes_of_text(password), address, now_ms, on_checked, d, wait_ms);
}

/* One try from an address of its own, and its answer. */
static hub_status try_from(desk *d, const char *name, const char *password, const char *address)
{
    int64_t wait_ms;
    hub_status status = try_at(d, name, password, address, START_MS, &wait_ms);
    (void)uv_run(&d->loop, UV_RUN_DEFAULT);
    return status;
}

static void the_right_password_names_the_account(void **state)
{
    desk *d = *state;

    assert_int_equal(try_from(d, "HC-3", PASSWORD, "192.0.2.1"), HUB_OK);

    assert_int_equal(d->answers, 1);
    assert_string_equal(d->last, "hc-3");
}

static void everybody_else_has_the_same_answer(void **state)
{
    desk *d = *state;
    assert_int_equal(try_from(d, "hc-3", "three random word", "192.0.2.1"), HUB_OK);
    assert_int_equal(try_from(d, "hc-3", "", "192.0.2.2"), HUB_OK);
    assert_int_equal(try_from(d, "hc-5", longest, "192.0.2.3"), HUB_OK);
    assert_int_equal(try_from(d, "hc-4", PASSWORD, "192.0.2.4"), HUB_OK); /* signs in elsewhere */
    assert_int_equal(try_from(d, "nobody", PASSWORD, "192.0.2.5"), HUB_OK);
    assert_int_equal(try_from(d, "", PASSWORD, "192.0.2.6"), HUB_OK);
    assert_int_equal(try_from(d, longest, PASSWORD, "192.0.2.7"), HUB_OK);

    assert_int_equal(d->answers, 7);
    assert_int_equal(d->right, 0);
}

static void a_name_is_tried_five_times_and_then_once_in_30_seconds(void **state)
{
    desk *d = *state;
    int64_t wait_ms;
    static const char *const FROM[] = {"192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4", "192.0.2.5"};
    for (size_t i = 0; i < PASSWORD_TRIES; i++)
        assert_int_equal(try_from(d, "hc-3", "wrong", FROM[i]), HUB_OK);

    assert_int_equal(try_at(d, "hc-3", PASSWORD, "192.0.2.6", START_MS, &wait_ms), HUB_ERR_AGAIN);
    assert_int_equal(wait_ms, PASSWORD_TRY_EACH_MS);
    assert_int_equal(d->answers, 5);
    assert_int_equal(try_from(d, "hc-9", PASSWORD, "192.0.2.7"), HUB_OK); /* a name that nobody has is tried as often */

    assert_int_equal(try_at(d, "hc-3", PASSWORD, "192.0.2.8", START_MS + PASSWORD_TRY_EACH_MS, &wait_ms), HUB_OK);
    (void)uv_run(&d->loop, UV_RUN_DEFAULT);
    assert_int_equal(d->right, 1);
}

static void an_address_is_tried_from_five_times(void **state)
{
    desk *d = *state;
    static const char *const NAMES[] = {"a", "b", "c", "d", "e"};
    for (size_t i = 0; i < PASSWORD_TRIES; i++)
        assert_int_equal(try_from(d, NAMES[i], "wrong", "2001:db8:1:2::1"), HUB_OK);

    assert_int_equal(try_from(d, "f", "wrong", "2001:db8:1:2:ffff::9"), HUB_ERR_AGAIN); /* the same /64 */
    assert_int_equal(try_from(d, "g", "wrong", "2001:db8:1:3::1"), HUB_OK);
}

/* Thirty colleagues behind one address sign in at nine o'clock. */
static void the_right_password_costs_no_try(void **state)
{
    desk *d = *state;
    for (unsigned i = 0; i < PASSWORD_TRIES + 1; i++)
        assert_int_equal(try_from(d, "hc-3", PASSWORD, "192.0.2.1"), HUB_OK);

    assert_int_equal(d->right, PASSWORD_TRIES + 1);
}

static void the_ninth_at_once_is_told_to_come_again(void **state)
{
    desk *d = *state;
    char name[8], address[16];
    int64_t wait_ms;
    for (int i = 0; i < PASSWORD_CHECKS_MAX; i++) {
        (void)snprintf(name, sizeof name, "n%d", i);
        (void)snprintf(address, sizeof address, "192.0.2.%d", i);
        assert_int_equal(try_at(d, name, "wrong", address, START_MS, &wait_ms), HUB_OK);
    }

    assert_int_equal(try_at(d, "hc-3", PASSWORD, "192.0.2.99", START_MS, &wait_ms), HUB_ERR_FULL);
    assert_int_equal(d->answers, 0);

    (void)uv_run(&d->loop, UV_RUN_DEFAULT);
    assert_int_equal(d->answers, PASSWORD_CHECKS_MAX);
    assert_int_equal(try_from(d, "hc-3", PASSWORD, "192.0.2.99"), HUB_OK);
    assert_int_equal(d->right, 1);
}

/* The board stops while passwords are being checked: nobody is called who may be gone. */
static void a_closed_checker_calls_nobody(void **state)
{
    desk *d = *state;
    int64_t wait_ms;
    assert_int_equal(try_at(d, "hc-3", PASSWORD, "192.0.2.1", START_MS, &wait_ms), HUB_OK);
    assert_int_equal(try_at(d, "hc-3", PASSWORD, "192.0.2.2", START_MS, &wait_ms), HUB_OK);

    password_checker_close(d->checker);
    d->checker = NULL;
    (void)uv_run(&d->loop, UV_RUN_DEFAULT);

    assert_int_equal(d->answers, 0);
}

static void a_password_of_no_use_is_not_made_a_line(void **state)
{
    (void)state;
    char out[ACCOUNT_HASH_BYTES];
    hub_error err;
    assert_int_equal(password_hash(hub_bytes_of_text("short"), out, &err), HUB_ERR_INVALID);
    assert_non_null(strstr(err.text, "at least 12"));
    assert_int_equal(password_hash(hub_bytes_of("with a NUL \0 in it", 18), out, &err), HUB_ERR_INVALID);
    char large[PASSWORD_BYTES_MAX + 1];
    memset(large, 'x', sizeof large);
    assert_int_equal(password_hash(hub_bytes_of(large, sizeof large), out, &err), HUB_ERR_INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_right_password_names_the_account, setup, teardown),
        cmocka_unit_test_setup_teardown(everybody_else_has_the_same_answer, setup, teardown),
        cmocka_unit_test_setup_teardown(a_name_is_tried_five_times_and_then_once_in_30_seconds, setup, teardown),
        cmocka_unit_test_setup_teardown(an_address_is_tried_from_five_times, setup, teardown),
        cmocka_unit_test_setup_teardown(the_right_password_costs_no_try, setup, teardown),
        cmocka_unit_test_setup_teardown(the_ninth_at_once_is_told_to_come_again, setup, teardown),
        cmocka_unit_test_setup_teardown(a_closed_checker_calls_nobody, setup, teardown),
        cmocka_unit_test(a_password_of_no_use_is_not_made_a_line),
    };
    return cmocka_run_group_tests_name("password", tests, group_setup, NULL);
}
