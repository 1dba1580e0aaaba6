/* Record keys: one for each record, wrapped by a master key that lies elsewhere. */
#include "made_journal.h"

#include <sys/stat.h>
#include <unistd.h>

#include "../contract/batches.h"
#include "../contract/temporary_folder.h"
#include "host/files.h"

typedef struct keys_fixture {
    journal_memory_store *store;
    journal *j;
    journal_keys *keys;
} keys_fixture;

static int setup(void **fixture)
{
    keys_fixture *f = calloc(1, sizeof *f);
    assert_non_null(f);
    f->store = journal_memory_store_open();
    assert_int_equal(journal_memory_open(f->store, PARTNERSHIP, JOURNAL_CREATE, &f->j, NULL), HUB_OK);
    assert_int_equal(journal_keys_open_with(MASTER, f->j, &f->keys, NULL), HUB_OK);
    *fixture = f;
    return 0;
}

static int teardown(void **fixture)
{
    keys_fixture *f = *fixture;
    journal_keys_close(f->keys);
    journal_close(f->j);
    journal_memory_store_close(f->store);
    free(f);
    return 0;
}

static void take(keys_fixture *f, uint64_t sequence, uint8_t key[HUB_SECRET_BYTES], hub_bytes *new_page)
{
    const uint8_t *found;
    assert_int_equal(journal_keys_take(f->keys, sequence, &found, new_page, NULL), HUB_OK);
    memcpy(key, found, HUB_SECRET_BYTES);
}

/* Stores a batch up to `last`, with a page. */
static void store(keys_fixture *f, uint64_t page, hub_bytes page_bytes, uint32_t count)
{
    journal_end end;
    assert_int_equal(journal_end_of(f->j, &end, NULL), HUB_OK);
    made_batch *made = make_batch(&end, count, 10, 1);
    made->batch.key_page = page;
    made->batch.key_page_bytes = page_bytes;
    assert_int_equal(journal_append(f->j, &made->batch, NULL), JOURNAL_DURABLE);
    made_batch_free(made);
    journal_keys_stored(f->keys);
}

static void every_record_has_a_key_of_its_own(void **fixture)
{
    uint8_t first[HUB_SECRET_BYTES];
    uint8_t second[HUB_SECRET_BYTES];
    hub_bytes page;
    take(*fixture, 1, first, &page);
    take(*fixture, 2, second, &page);
    assert_memory_not_equal(first, second, HUB_SECRET_BYTES);
}

/* A full disk refuses the batch, not the keys: what was sealed once must not be sealed again with other keys. */
static void keys_stay_the_same_until_their_page_is_stored(void **fixture)
{
    keys_fixture *f = *fixture;
    uint8_t before[HUB_SECRET_BYTES];
    uint8_t after[HUB_SECRET_BYTES];
    hub_bytes page;
    hub_bytes page_again;
    take(f, 1, before, &page);
    assert_true(page.size > 0);
    take(f, 1, after, &page_again);
    assert_memory_equal(before, after, HUB_SECRET_BYTES);
    assert_true(hub_bytes_equal(page, page_again));
    store(f, 0, page, 1);
    take(f, 1, after, &page);
    assert_memory_equal(before, after, HUB_SECRET_BYTES);
    assert_int_equal(page.size, 0);
}

static void a_stored_page_gives_the_same_keys_to_another_process(void **fixture)
{
    keys_fixture *f = *fixture;
    uint8_t written[HUB_SECRET_BYTES];
    hub_bytes page;
    take(f, 700, written, &page);
    store(f, 0, page, 700);
    journal_keys *others;
    const uint8_t *read;
    assert_int_equal(journal_keys_open_with(MASTER, f->j, &others, NULL), HUB_OK);
    assert_int_equal(journal_keys_get(others, 700, &read, NULL), HUB_OK);
    assert_memory_equal(read, written, HUB_SECRET_BYTES);
    assert_int_equal(journal_keys_get(others, 1025, &read, NULL), HUB_ERR_NOT_FOUND);
    journal_keys_close(others);
}

/* An operator who restored a store with the wrong key file must be told that, not that the disk is bad. */
static void another_master_key_is_named_as_the_cause(void **fixture)
{
    keys_fixture *f = *fixture;
    uint8_t key[HUB_SECRET_BYTES];
    hub_bytes page;
    take(f, 1, key, &page);
    store(f, 0, page, 1);
    const uint8_t other[HUB_SECRET_BYTES] = {8};
    journal_keys *others;
    const uint8_t *read;
    hub_error err;
    assert_int_equal(journal_keys_open_with(other, f->j, &others, NULL), HUB_OK);
    assert_int_equal(journal_keys_get(others, 1, &read, &err), HUB_ERR_REFUSED);
    assert_true(strstr(err.text, "key page 0 was wrapped by another master key") != NULL);
    journal_keys_close(others);
}

static void a_damaged_page_is_found(void **fixture)
{
    keys_fixture *f = *fixture;
    uint8_t key[HUB_SECRET_BYTES];
    hub_bytes page;
    take(f, 1, key, &page);
    uint8_t *copy = malloc(page.size);
    memcpy(copy, page.data, page.size);
    copy[page.size / 2] ^= 1;
    store(f, 0, hub_bytes_of(copy, page.size), 1);
    journal_keys *others;
    const uint8_t *read;
    assert_int_equal(journal_keys_open_with(MASTER, f->j, &others, NULL), HUB_OK);
    assert_int_equal(journal_keys_get(others, 1, &read, NULL), HUB_ERR_CORRUPT);
    journal_keys_close(others);
    free(copy);
}

/* Making new keys for a page that is only lost would bury the loss. */
static void a_page_that_records_need_is_not_made_anew(void **fixture)
{
    keys_fixture *f = *fixture;
    store(f, 0, hub_bytes_of(NULL, 0), 3);
    const uint8_t *key;
    hub_bytes page;
    hub_error err;
    assert_int_equal(journal_keys_take(f->keys, 4, &key, &page, &err), HUB_ERR_CORRUPT);
    assert_true(strstr(err.text, "key page 0 is missing") != NULL);
}

static void many_pages_are_read_with_little_memory(void **fixture)
{
    keys_fixture *f = *fixture;
    uint8_t keys[10][HUB_SECRET_BYTES];
    for (uint64_t page = 0; page < 10; page++) {
        hub_bytes bytes;
        take(f, page * JOURNAL_KEYS_PER_PAGE + 1, keys[page], &bytes);
        store(f, page, bytes, JOURNAL_KEYS_PER_PAGE);
    }
    for (uint64_t page = 10; page-- > 0;) {
        const uint8_t *read;
        assert_int_equal(journal_keys_get(f->keys, page * JOURNAL_KEYS_PER_PAGE + 1, &read, NULL), HUB_OK);
        assert_memory_equal(read, keys[page], HUB_SECRET_BYTES);
    }
}

typedef struct key_file {
    char folder[64], path[96];
} key_file;

/* A new master key in a folder of its own; the test removes it. */
static key_file made_key_file(void)
{
    key_file file;
    hub_error err;
    temporary_folder_make(file.folder, sizeof file.folder);
    (void)snprintf(file.path, sizeof file.path, "%s/master.key", file.folder);
    assert_int_equal(journal_master_create(file.path, &err), HUB_OK);
    return file;
}

/* Whoever may read the master key may read every record. */
static void a_master_key_file_is_private_or_refused(void **fixture)
{
    keys_fixture *f = *fixture;
    hub_error err;
    journal_keys *keys;
    key_file file = made_key_file();
    assert_int_equal(journal_master_create(file.path, &err), HUB_ERR_EXISTS);
    assert_int_equal(journal_keys_open(file.path, f->j, &keys, &err), HUB_OK);
    journal_keys_close(keys);
    assert_int_equal(chmod(file.path, 0644), 0);
    assert_int_equal(journal_keys_open(file.path, f->j, &keys, &err), HUB_ERR_REFUSED);
    assert_int_equal(chmod(file.path, 0600), 0);
    assert_int_equal(truncate(file.path, 20), 0);
    assert_int_equal(journal_keys_open(file.path, f->j, &keys, &err), HUB_ERR_INVALID);
    assert_null(keys);
    temporary_folder_remove(file.folder);
}

/* Two keys in one file, pasted or joined by a restore: which of them is meant nobody may guess. */
static void a_second_line_in_a_key_file_is_told(void **fixture)
{
    keys_fixture *f = *fixture;
    hub_error err;
    journal_keys *keys;
    key_file file = made_key_file();
    assert_int_equal(host_file_append(file.path, hub_bytes_of("00\n", 3), 0600, &err), HUB_OK);

    assert_int_equal(journal_keys_open(file.path, f->j, &keys, &err), HUB_ERR_INVALID);

    assert_null(keys);
    assert_non_null(strstr(err.text, "master.key: holds more than one line"));
    temporary_folder_remove(file.folder);
}

#define KEYS_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
int main(void)
{
    host_random_start();
    const struct CMUnitTest tests[] = {
        KEYS_TEST(every_record_has_a_key_of_its_own),
        KEYS_TEST(keys_stay_the_same_until_their_page_is_stored),
        KEYS_TEST(a_stored_page_gives_the_same_keys_to_another_process),
        KEYS_TEST(another_master_key_is_named_as_the_cause),
        KEYS_TEST(a_damaged_page_is_found),
        KEYS_TEST(a_page_that_records_need_is_not_made_anew),
        KEYS_TEST(many_pages_are_read_with_little_memory),
        KEYS_TEST(a_master_key_file_is_private_or_refused),
        KEYS_TEST(a_second_line_in_a_key_file_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
