/* Keys in files: what is written is read back, and what would betray a key is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "bus/curve.h"
#include "host/random.h"

typedef struct fixture {
    char folder[64];
    char path[96];    /* without ending */
    char secret[104]; /* .key */
    char open[104];   /* .pub */
    bus_key_pair pair;
} fixture;

static int setup(void **state)
{
    fixture *f = calloc(1, sizeof *f);
    if (f == NULL) return -1;
    (void)snprintf(f->folder, sizeof f->folder, "/tmp/mash-curve-XXXXXX");
    if (mkdtemp(f->folder) == NULL) return -1;
    (void)snprintf(f->path, sizeof f->path, "%s/adapter", f->folder);
    (void)snprintf(f->secret, sizeof f->secret, "%s.key", f->path);
    (void)snprintf(f->open, sizeof f->open, "%s.pub", f->path);
    bus_key_pair_make(&f->pair);
    *state = f;
    return bus_key_pair_write(f->path, &f->pair, NULL) == HUB_OK ? 0 : -1;
}

static int teardown(void **state)
{
    fixture *f = *state;
    unlink(f->secret);
    unlink(f->open);
    rmdir(f->folder);
    free(f);
    return 0;
}

/* The public key is worked out from the secret one: a .pub file that was mixed up cannot mislead. */
static void a_pair_is_read_back_with_or_without_the_ending(void **state)
{
    fixture *f = *state;
    bus_key_pair with, without;

    assert_int_equal(bus_key_pair_read(f->secret, &with, NULL), HUB_OK);
    assert_int_equal(bus_key_pair_read(f->path, &without, NULL), HUB_OK);

    assert_memory_equal(&with, &f->pair, sizeof with);
    assert_memory_equal(&without, &f->pair, sizeof without);
}

/* Whoever overwrites a server key locks every agency out. */
static void a_key_file_is_never_overwritten(void **state)
{
    fixture *f = *state;
    bus_key_pair other;
    bus_key_pair_make(&other);
    hub_error err;

    assert_int_equal(bus_key_pair_write(f->path, &other, &err), HUB_ERR_EXISTS);

    assert_non_null(strstr(err.text, f->secret));
}

static void a_secret_that_others_may_read_is_refused_with_the_command_that_mends_it(void **state)
{
    fixture *f = *state;
    bus_key_pair pair;
    hub_error err;
    assert_int_equal(chmod(f->secret, 0644), 0);

    assert_int_equal(bus_key_pair_read(f->path, &pair, &err), HUB_ERR_REFUSED);

    assert_non_null(strstr(err.text, "chmod 600"));
}

static void a_missing_key_and_a_file_that_is_no_key_are_told_apart(void **state)
{
    fixture *f = *state;
    bus_key_pair pair;
    hub_error err;
    assert_int_equal(bus_key_pair_read("/nowhere/at/all", &pair, &err), HUB_ERR_NOT_FOUND);

    FILE *file = fopen(f->secret, "w");
    assert_non_null(file);
    assert_true(fputs("this is not a key\n", file) >= 0);
    assert_int_equal(fclose(file), 0);

    assert_int_equal(bus_key_pair_read(f->path, &pair, &err), HUB_ERR_INVALID);
    assert_null(strstr(err.text, "this is not")); /* what was in the file may be half a secret */
}

static void a_public_key_is_taken_from_a_file_or_as_text(void **state)
{
    fixture *f = *state;
    uint8_t from_file[BUS_KEY_BYTES], from_text[BUS_KEY_BYTES];
    char text[BUS_KEY_TEXT];
    bus_key_text(f->pair.public_key, text);

    assert_int_equal(bus_public_key_read(f->open, from_file, NULL), HUB_OK);
    assert_int_equal(bus_public_key_read(text, from_text, NULL), HUB_OK);

    assert_memory_equal(from_file, f->pair.public_key, BUS_KEY_BYTES);
    assert_memory_equal(from_text, f->pair.public_key, BUS_KEY_BYTES);
}

/* A path of 40 characters was once enrolled as a key: nobody held its secret, and the one who was meant was shut out. */
static void a_path_of_forty_characters_is_a_path(void **state)
{
    (void)state;
    uint8_t key[BUS_KEY_BYTES];
    static const char *const PATH = "/opt/partnership/hub/hub-keys/a-desk.pub";
    assert_int_equal(strlen(PATH), BUS_KEY_TEXT - 1);
    assert_true(bus_key_parse(PATH, key));

    assert_false(bus_key_is_text(PATH));
    assert_int_equal(bus_public_key_read(PATH, key, NULL), HUB_ERR_NOT_FOUND);
}

static void text_that_is_no_z85_is_no_key(void **state)
{
    (void)state;
    uint8_t key[BUS_KEY_BYTES];
    assert_false(bus_key_parse("", key));
    assert_false(bus_key_parse("rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]y", key));    /* too short */
    assert_false(bus_key_parse("rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf\"", key)); /* a character outside the alphabet */
    assert_true(bus_key_parse("rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7", key));
}

int main(void)
{
    host_random_start();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_pair_is_read_back_with_or_without_the_ending, setup, teardown),
        cmocka_unit_test_setup_teardown(a_key_file_is_never_overwritten, setup, teardown),
        cmocka_unit_test_setup_teardown(a_secret_that_others_may_read_is_refused_with_the_command_that_mends_it, setup, teardown),
        cmocka_unit_test_setup_teardown(a_missing_key_and_a_file_that_is_no_key_are_told_apart, setup, teardown),
        cmocka_unit_test_setup_teardown(a_public_key_is_taken_from_a_file_or_as_text, setup, teardown),
        cmocka_unit_test(text_that_is_no_z85_is_no_key),
        cmocka_unit_test(a_path_of_forty_characters_is_a_path),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
