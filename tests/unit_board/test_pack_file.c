/* A continuity pack as a file: it opens with its passphrase alone, as it was made, or not at all. */
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

#include "board/pack_file.h"
#include "host/files.h"
#include "host/random.h"

#define MADE_MS INT64_C(1791205500000) /* 2026-10-05 13:05 UTC */
#define HOUR_MS (INT64_C(60) * 60 * 1000)
#define PASSPHRASE "five random words are here"
#define NAME "pack-20261005T130500Z.mash"

static pack_key key; /* of PASSPHRASE: made once, it takes its time */

typedef struct desk {
    char folder[64], path[128];
    hub_error err;
    hub_buffer page;
    int64_t made_ms, expires_ms;
} desk;

static void write_file(const desk *d, const char *name, const char *text, unsigned mode)
{
    char path[192];
    (void)snprintf(path, sizeof path, "%s/%s", d->folder, name);
    assert_int_equal(host_file_replace(path, hub_bytes_of_text(text), mode, NULL), HUB_OK);
}

static bool has_file(const desk *d, const char *name)
{
    char path[192];
    (void)snprintf(path, sizeof path, "%s/%s", d->folder, name);
    return access(path, F_OK) == 0;
}

static int setup(void **state)
{
    static desk d;
    char path[128];
    host_random_start();
    d = (desk){0};
    (void)snprintf(d.folder, sizeof d.folder, "/tmp/mash-pack-XXXXXX");
    assert_non_null(mkdtemp(d.folder));
    write_file(&d, "passphrase", PASSPHRASE "\n", 0600);
    (void)snprintf(path, sizeof path, "%s/passphrase", d.folder);
    static const pack_key NONE = {{0}, {0}};
    if (memcmp(&key, &NONE, sizeof key) == 0) assert_int_equal(pack_key_read(path, &key, &d.err), HUB_OK);
    (void)snprintf(d.path, sizeof d.path, "%s/%s", d.folder, NAME);
    *state = &d;
    return 0;
}

static int teardown(void **state)
{
    desk *d = *state;
    char command[128];
    hub_buffer_free(&d->page);
    (void)snprintf(command, sizeof command, "rm -rf '%s'", d->folder);
    return system(command);
}

static void given_a_pack(desk *d, hub_bytes page, int64_t made_ms)
{
    pack_writer *w = NULL;
    assert_int_equal(pack_writer_begin(d->folder, &key, made_ms, made_ms + 24 * HOUR_MS, &w, &d->err), HUB_OK);
    pack_writer_put(w, page);
    assert_int_equal(pack_writer_end(w, made_ms - 24 * HOUR_MS, &d->err), HUB_OK);
}

static hub_status when_opened(desk *d, const char *passphrase, pack_expiry expiry, int64_t now_ms)
{
    hub_buffer_clear(&d->page);
    return pack_file_open(d->path, hub_bytes_of_text(passphrase), expiry, now_ms, &d->made_ms, &d->expires_ms, &d->page, &d->err);
}

static void it_opens_with_its_passphrase_and_says_when_it_was_made(void **state)
{
    desk *d = *state;
    given_a_pack(d, hub_bytes_of_text("<p>Kim Example</p>"), MADE_MS);

    assert_int_equal(when_opened(d, PASSPHRASE, PACK_REFUSE_EXPIRED, MADE_MS + HOUR_MS), HUB_OK);

    assert_string_equal(hub_buffer_text(&d->page), "<p>Kim Example</p>");
    assert_int_equal(d->made_ms, MADE_MS);
    assert_int_equal(d->expires_ms, MADE_MS + 24 * HOUR_MS);
    assert_int_equal(pack_file_newest_ms(d->folder), MADE_MS);
}

/* Around the size of a piece, of a write, and nothing at all. */
static void every_size_comes_back_whole(void **state)
{
    static const size_t SIZES[] = {0, 65536, 65537, 3 * 1024 * 1024 + 7};
    desk *d = *state;
    for (size_t i = 0; i < sizeof SIZES / sizeof SIZES[0]; i++) {
        uint8_t *page = malloc(SIZES[i] + 1);
        host_random_fill(page, SIZES[i] + 1);
        given_a_pack(d, hub_bytes_of(page, SIZES[i]), MADE_MS);
        assert_int_equal(when_opened(d, PASSPHRASE, PACK_REFUSE_EXPIRED, MADE_MS), HUB_OK);
        assert_true(hub_bytes_equal(hub_buffer_bytes(&d->page), hub_bytes_of(page, SIZES[i])));
        free(page);
    }
}

static void nothing_of_it_is_read_without_the_passphrase(void **state)
{
    desk *d = *state;
    hub_buffer file = {0};
    given_a_pack(d, hub_bytes_of_text("<p>Kim Example</p>"), MADE_MS);

    assert_int_equal(when_opened(d, "five random words are not", PACK_OPEN_EXPIRED, MADE_MS), HUB_ERR_CORRUPT);
    assert_int_equal(d->page.size, 0);
    assert_non_null(strstr(d->err.text, "another passphrase"));
    assert_int_equal(host_file_read(d->path, 1 << 20, &file, NULL), HUB_OK);
    assert_null(memmem(file.data, file.size, "Kim", 3));
    hub_buffer_free(&file);
}

static hub_status when_changed(desk *d, hub_bytes file, size_t at, size_t size)
{
    uint8_t *changed = malloc(file.size);
    memcpy(changed, file.data, file.size);
    if (at < size) changed[at] ^= 1;
    assert_int_equal(host_file_replace(d->path, hub_bytes_of(changed, size), 0600, NULL), HUB_OK);
    free(changed);
    return when_opened(d, PASSPHRASE, PACK_REFUSE_EXPIRED, MADE_MS);
}

/* A new date on an old pack, another salt, a changed page, a cut one: each byte of the head, some of the rest. */
static void a_changed_or_cut_file_does_not_open(void **state)
{
    static const size_t PLACES[] = {18, 26, 34, 50, 74, 131179};
    desk *d = *state;
    hub_buffer file = {0};
    uint8_t page[131072] = {0};
    given_a_pack(d, hub_bytes_of(page, sizeof page), MADE_MS);
    assert_int_equal(host_file_read(d->path, 1 << 20, &file, NULL), HUB_OK);
    hub_bytes whole = hub_buffer_bytes(&file);
    for (size_t i = 0; i < sizeof PLACES / sizeof PLACES[0]; i++) {
        assert_true(PLACES[i] < whole.size);
        assert_int_equal(when_changed(d, whole, PLACES[i], whole.size), HUB_ERR_CORRUPT);
    }
    assert_int_equal(when_changed(d, whole, whole.size, 74 + 65536 + 17), HUB_ERR_CORRUPT); /* at the end of a piece */
    assert_int_equal(when_changed(d, whole, whole.size, whole.size - 1), HUB_ERR_CORRUPT);
    assert_int_equal(when_changed(d, whole, whole.size, 74), HUB_ERR_CORRUPT);
    assert_int_equal(when_changed(d, whole, whole.size, 60), HUB_ERR_INVALID);
    assert_int_equal(when_changed(d, whole, whole.size, whole.size), HUB_OK);
    hub_buffer_free(&file);
}

static void one_that_has_expired_opens_only_when_that_is_meant(void **state)
{
    desk *d = *state;
    given_a_pack(d, hub_bytes_of_text("page"), MADE_MS);

    assert_int_equal(when_opened(d, PASSPHRASE, PACK_REFUSE_EXPIRED, MADE_MS + 24 * HOUR_MS), HUB_ERR_REFUSED);
    assert_int_equal(d->page.size, 0);
    assert_non_null(strstr(d->err.text, "it expired at 2026-10-06 13:05 UTC"));
    assert_int_equal(when_opened(d, PASSPHRASE, PACK_OPEN_EXPIRED, MADE_MS + 24 * HOUR_MS), HUB_OK);
}

static void old_packs_go_when_a_new_one_is_there_and_nothing_else_does(void **state)
{
    desk *d = *state;
    write_file(d, "pack-20261004T130459Z.mash", "old", 0600);
    write_file(d, "pack-20261004T130500Z.mash", "just kept", 0600);
    write_file(d, "pack-20261005T130459Z.mash.part", "half", 0600);
    write_file(d, "pack-20261399T130500Z.mash", "no date", 0600);
    write_file(d, "pack-20261004T130459Z.mash.copy", "somebody's", 0600);

    given_a_pack(d, hub_bytes_of_text("page"), MADE_MS);

    assert_false(has_file(d, "pack-20261004T130459Z.mash"));
    assert_true(has_file(d, "pack-20261004T130500Z.mash"));
    assert_false(has_file(d, "pack-20261005T130459Z.mash.part"));
    assert_true(has_file(d, "pack-20261399T130500Z.mash"));
    assert_true(has_file(d, "pack-20261004T130459Z.mash.copy"));
    assert_true(has_file(d, NAME));
}

/* The older ones are all that there is then. */
static void a_pack_that_cannot_be_written_deletes_nothing(void **state)
{
    desk *d = *state;
    pack_writer *w = NULL;
    write_file(d, "pack-20261004T130459Z.mash", "old", 0600);
    assert_int_equal(pack_writer_begin(d->folder, &key, MADE_MS, MADE_MS + HOUR_MS, &w, &d->err), HUB_OK);
    pack_writer_put(w, hub_bytes_of_text("page"));
    assert_int_equal(mkdir(d->path, 0700), 0); /* in its place */

    assert_int_equal(pack_writer_end(w, MADE_MS - HOUR_MS, &d->err), HUB_ERR_IO);

    assert_true(has_file(d, "pack-20261004T130459Z.mash"));
    assert_false(has_file(d, NAME ".part"));
}

static void a_passphrase_that_can_be_guessed_or_read_is_refused(void **state)
{
    desk *d = *state;
    char path[128];
    (void)snprintf(path, sizeof path, "%s/passphrase", d->folder);
    write_file(d, "passphrase", "nineteen characters\n", 0600);
    assert_int_equal(pack_key_read(path, &key, &d->err), HUB_ERR_INVALID);
    assert_non_null(strstr(d->err.text, "20 to 1000 bytes"));
    assert_null(strstr(d->err.text, "nineteen"));
    write_file(d, "passphrase", PASSPHRASE "\n", 0644);
    assert_int_equal(pack_key_read(path, &key, &d->err), HUB_ERR_REFUSED);
}

int main(void)
{
#define STORY(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        STORY(it_opens_with_its_passphrase_and_says_when_it_was_made),
        STORY(every_size_comes_back_whole),
        STORY(nothing_of_it_is_read_without_the_passphrase),
        STORY(a_changed_or_cut_file_does_not_open),
        STORY(one_that_has_expired_opens_only_when_that_is_meant),
        STORY(old_packs_go_when_a_new_one_is_there_and_nothing_else_does),
        STORY(a_pack_that_cannot_be_written_deletes_nothing),
        STORY(a_passphrase_that_can_be_guessed_or_read_is_refused),
    };
    return cmocka_run_group_tests_name("pack_file", tests, NULL, NULL);
}
