/* Heads signed outside the store, and the question of a start: is this the store that they were signed for? */
#include "made_journal.h"

#include <sodium.h>

#include "../contract/temporary_folder.h"
#include "journal/heads.h"
#include "journal/verify.h"

typedef struct kept_heads {
    made_journal *journal;
    uint8_t signing_key[JOURNAL_SIGNING_KEY_BYTES], secret[JOURNAL_SIGNING_SECRET_BYTES];
    char folder[64], path[96];
    journal_memory_store *backup;
    journal *copy; /* open while a backup is taken */
} kept_heads;

/* An epoch's first batch has a head, and so has the one that makes 1,000: those are what the stories count on. */
static void start_writing(kept_heads *k, journal_open_mode mode)
{
    journal_end end = {0};
    journal *j;
    if (mode == JOURNAL_WRITE) {
        assert_int_equal(journal_memory_open(k->journal->store, PARTNERSHIP, JOURNAL_READ, &j, NULL), HUB_OK);
        assert_int_equal(journal_end_of(j, &end, NULL), HUB_OK);
        journal_close(j);
    }
    journal_writer_options options = {
        .partnership = PARTNERSHIP, .epoch = end.epoch + 1, .signing_secret = k->secret, .heads_path = k->path};
    made_journal_start(k->journal, mode, &options);
}

static int setup(void **fixture)
{
    void *made;
    made_journal_setup(&made);
    kept_heads *k = calloc(1, sizeof *k);
    assert_non_null(k);
    k->journal = made;
    crypto_sign_keypair(k->signing_key, k->secret);
    temporary_folder_make(k->folder, sizeof k->folder);
    (void)snprintf(k->path, sizeof k->path, "%s/heads", k->folder);
    made_journal_stop(k->journal);
    start_writing(k, JOURNAL_CREATE);
    *fixture = k;
    return 0;
}

static int teardown(void **fixture)
{
    kept_heads *k = *fixture;
    void *made = k->journal;
    made_journal_teardown(&made);
    temporary_folder_remove(k->folder);
    free(k);
    return 0;
}

static journal_heads_comparison compared(kept_heads *k)
{
    journal_heads_comparison found;
    hub_error err = {{0}};
    hub_status status = journal_heads_compare(k->path, k->journal->j, k->signing_key, &found, &err);
    if (status != HUB_OK) print_error("%s\n", err.text);
    assert_int_equal(status, HUB_OK);
    return found;
}

static journal_verdict verified(kept_heads *k)
{
    journal_verdict verdict;
    assert_int_equal(journal_verify(k->journal->j, k->journal->keys, k->signing_key, k->path, &verdict, NULL), HUB_OK);
    if (verdict.finding[0] != '\0') print_message("%s\n", verdict.finding);
    return verdict;
}

static hub_status copy_batch(void *context, const journal_batch *batch, hub_error *err)
{
    kept_heads *k = context;
    journal_batch copied = *batch;
    hub_buffer page = {0};
    copied.key_page = (batch->first_sequence - 1 + JOURNAL_KEYS_PER_PAGE - 1) / JOURNAL_KEYS_PER_PAGE; /* the one it may begin */
    if (journal_key_page(k->journal->j, copied.key_page, &page, NULL) == HUB_OK) copied.key_page_bytes = hub_buffer_bytes(&page);
    assert_int_equal(journal_append(k->copy, &copied, err), JOURNAL_DURABLE);
    hub_buffer_free(&page);
    return HUB_OK;
}

/* The store as it is now, to be put back later. */
static void take_backup(kept_heads *k)
{
    k->backup = journal_memory_store_open();
    assert_int_equal(journal_memory_open(k->backup, PARTNERSHIP, JOURNAL_CREATE, &k->copy, NULL), HUB_OK);
    assert_int_equal(journal_read(k->journal->j, 1, copy_batch, k, NULL), HUB_OK);
    journal_close(k->copy);
}

/* The heads file stays, as the runbook says. */
static void put_back_the_backup(kept_heads *k)
{
    made_journal_stop(k->journal);
    journal_memory_store_close(k->journal->store);
    k->journal->store = k->backup;
    start_writing(k, JOURNAL_WRITE);
}

/* A store of the same partnership with other records: everybody's keys are random, so no two histories are alike. */
static void put_back_another_history(kept_heads *k, uint32_t count)
{
    made_journal_stop(k->journal);
    journal_memory_store_close(k->journal->store);
    k->journal->store = journal_memory_store_open();
    made_journal_start(k->journal, JOURNAL_CREATE, NULL);
    made_journal_append(k->journal, count);
}

/* The story that restores have in common: a backup at record 10, lost are 11 to 1,010. */
static void lose_a_thousand_records(kept_heads *k)
{
    made_journal_append(k->journal, 10);
    take_backup(k);
    made_journal_append(k->journal, 1000);
    put_back_the_backup(k);
}

static void write_file(const kept_heads *k, const char *mode, hub_bytes bytes)
{
    FILE *file = fopen(k->path, mode);
    assert_non_null(file);
    assert_int_equal(fwrite(bytes.data, 1, bytes.size, file), bytes.size);
    fclose(file);
}

static void the_store_that_its_heads_were_signed_for_agrees(void **fixture)
{
    kept_heads *k = *fixture;
    made_journal_append(k->journal, 10);
    made_journal_append(k->journal, 5); /* after the newest head */
    journal_heads_comparison found = compared(k);
    assert_int_equal(found.standing, JOURNAL_HEADS_AGREE);
    assert_int_equal(found.store_sequence, 15);
    assert_int_equal(found.head_sequence, 10);
    assert_int_equal(found.strange_lines, 0);
}

/* A hub that went on from an older store would write a second history over the first. */
static void a_store_older_than_its_heads_is_behind(void **fixture)
{
    kept_heads *k = *fixture;
    lose_a_thousand_records(k);
    journal_heads_comparison found = compared(k);
    assert_int_equal(found.standing, JOURNAL_HEADS_STORE_BEHIND);
    assert_int_equal(found.store_sequence, 10);
    assert_int_equal(found.head_sequence, 1010);
}

static void an_empty_store_under_old_heads_is_behind(void **fixture)
{
    kept_heads *k = *fixture;
    made_journal_append(k->journal, 10);
    made_journal_stop(k->journal);
    journal_memory_store_close(k->journal->store);
    k->journal->store = journal_memory_store_open();
    start_writing(k, JOURNAL_CREATE);
    journal_heads_comparison found = compared(k);
    assert_int_equal(found.standing, JOURNAL_HEADS_STORE_BEHIND);
    assert_int_equal(found.store_sequence, 0);
}

static void a_store_of_another_history_is_different(void **fixture)
{
    kept_heads *k = *fixture;
    made_journal_append(k->journal, 10);
    put_back_another_history(k, 12);
    journal_heads_comparison found = compared(k);
    assert_int_equal(found.standing, JOURNAL_HEADS_DIFFERENT);
    assert_int_equal(found.differs_at, 10);
    assert_int_equal(found.head_sequence, 10);
}

/* Older and of another history at once: accepting it as a restore would hide that. */
static void an_older_store_of_another_history_is_different(void **fixture)
{
    kept_heads *k = *fixture;
    made_journal_append(k->journal, 10);
    made_journal_append(k->journal, 1000);
    put_back_another_history(k, 12);
    journal_heads_comparison found = compared(k);
    assert_int_equal(found.standing, JOURNAL_HEADS_DIFFERENT);
    assert_int_equal(found.differs_at, 10);
    assert_int_equal(found.head_sequence, 1010);
}

static void without_a_file_there_are_no_heads(void **fixture)
{
    kept_heads *k = *fixture;
    made_journal_append(k->journal, 10);
    assert_int_equal(remove(k->path), 0);
    assert_int_equal(compared(k).standing, JOURNAL_HEADS_NONE);
}

/* Whoever writes into the file without the key can neither stop a start nor hide anything. */
static void a_head_that_another_key_signed_is_passed_over(void **fixture)
{
    kept_heads *k = *fixture;
    made_journal_append(k->journal, 10);
    uint8_t other_key[JOURNAL_SIGNING_KEY_BYTES], other_secret[JOURNAL_SIGNING_SECRET_BYTES];
    crypto_sign_keypair(other_key, other_secret);
    const journal_head forged = {.partnership = PARTNERSHIP, .epoch = 1, .sequence = 5000};
    hub_buffer head = {0}, line = {0};
    assert_int_equal(journal_head_sign(&forged, other_secret, &head), HUB_OK);
    journal_heads_file_put(hub_buffer_bytes(&head), &line);
    write_file(k, "a", hub_buffer_bytes(&line));
    journal_heads_comparison found = compared(k);
    assert_int_equal(found.standing, JOURNAL_HEADS_AGREE);
    assert_int_equal(found.head_sequence, 10);
    assert_int_equal(found.strange_lines, 1);
    hub_buffer_free(&head);
    hub_buffer_free(&line);
}

/* Bytes of any kind, no line end among them for longer than any head: what stands after them still counts. */
static void damaged_lines_are_counted_and_what_follows_is_read(void **fixture)
{
    kept_heads *k = *fixture;
    hub_buffer garbage = {0};
    hub_buffer_put(&garbage, "ab\0cd\n0a0b0\nnot hex\n", 20);
    memset(hub_buffer_extend(&garbage, 10000), 'a', 10000);
    write_file(k, "w", hub_buffer_bytes(&garbage));
    made_journal_append(k->journal, 10);
    journal_heads_comparison found = compared(k);
    assert_int_equal(found.standing, JOURNAL_HEADS_AGREE);
    assert_int_equal(found.strange_lines, 4);
    hub_buffer_free(&garbage);
}

/* ---- a restore ------------------------------------------------------------------------------------------------------------ */
static void accept_restored(kept_heads *k)
{
    journal_heads_comparison found = compared(k);
    assert_int_equal(found.standing, JOURNAL_HEADS_STORE_BEHIND);
    assert_int_equal(journal_heads_accept_restored(k->path, k->journal->j, k->secret, &found, 7000, NULL), HUB_OK);
}

static void an_accepted_restore_agrees(void **fixture)
{
    kept_heads *k = *fixture;
    lose_a_thousand_records(k);
    accept_restored(k);
    journal_heads_comparison found = compared(k);
    assert_int_equal(found.standing, JOURNAL_HEADS_AGREE);
    assert_int_equal(found.head_sequence, 10);
    assert_int_equal(found.abandoned_heads, 1);
}

/* The heads of the branch that was given up would make every later verify red, and a red that is always there warns of nothing. */
static void a_restored_journal_that_went_past_its_old_heads_holds(void **fixture)
{
    kept_heads *k = *fixture;
    lose_a_thousand_records(k);
    accept_restored(k);
    made_journal_append(k->journal, 500);
    made_journal_append(k->journal, 1000); /* past 1,010 */
    journal_verdict verdict = verified(k);
    assert_string_equal(verdict.finding, "");
    assert_int_equal(verdict.records, 1510);
    assert_int_equal(verdict.abandoned, 1);
    assert_int_equal(compared(k).standing, JOURNAL_HEADS_AGREE);
}

static void a_second_restore_is_like_the_first(void **fixture)
{
    kept_heads *k = *fixture;
    lose_a_thousand_records(k);
    accept_restored(k);
    take_backup(k);
    made_journal_append(k->journal, 20); /* a head at 30 */
    put_back_the_backup(k);
    accept_restored(k);
    made_journal_append(k->journal, 40); /* 50 */
    journal_heads_comparison found = compared(k);
    assert_int_equal(found.standing, JOURNAL_HEADS_AGREE);
    assert_int_equal(found.head_sequence, 50);
    assert_int_equal(found.abandoned_heads, 2);
    assert_string_equal(verified(k).finding, "");
}

/* What is cut after a restore was accepted is cut: the line speaks of the heads above it. */
static void a_tail_cut_after_a_restore_is_found(void **fixture)
{
    kept_heads *k = *fixture;
    lose_a_thousand_records(k);
    accept_restored(k);
    take_backup(k);
    made_journal_append(k->journal, 500); /* a head at 510 */
    put_back_the_backup(k);
    assert_int_equal(compared(k).standing, JOURNAL_HEADS_STORE_BEHIND);
    journal_verdict verdict = verified(k);
    assert_int_equal(verdict.first_bad, 11);
    assert_true(strstr(verdict.finding, "tail was cut") != NULL);
}

/* A "restored" line that the partnership's key did not sign gives nothing up. */
static void a_forged_restore_hides_nothing(void **fixture)
{
    kept_heads *k = *fixture;
    lose_a_thousand_records(k);
    journal_heads_comparison found = compared(k);
    uint8_t other_key[JOURNAL_SIGNING_KEY_BYTES], other_secret[JOURNAL_SIGNING_SECRET_BYTES];
    crypto_sign_keypair(other_key, other_secret);
    assert_int_equal(journal_heads_accept_restored(k->path, k->journal->j, other_secret, &found, 7000, NULL), HUB_OK);
    found = compared(k);
    assert_int_equal(found.standing, JOURNAL_HEADS_STORE_BEHIND);
    assert_int_equal(found.head_sequence, 1010);
    assert_int_equal(found.strange_lines, 1);
    assert_true(verified(k).finding[0] != '\0');
}

/* ---- the file and journal verify ------------------------------------------------------------------------------------------ */
static void a_heads_file_that_is_gone_is_a_finding(void **fixture)
{
    kept_heads *k = *fixture;
    made_journal_append(k->journal, 10);
    assert_int_equal(remove(k->path), 0);
    journal_verdict verdict = verified(k);
    assert_true(strstr(verdict.finding, "is not there") != NULL);
    assert_int_equal(verdict.first_bad, 0); /* no record is bad */
    assert_int_equal(verdict.records, 10);
}

static void a_heads_file_of_garbage_is_a_finding(void **fixture)
{
    kept_heads *k = *fixture;
    made_journal_append(k->journal, 10);
    write_file(k, "w", hub_bytes_of("\0\0\0\0garbage\n", 12));
    journal_verdict verdict = verified(k);
    assert_true(strstr(verdict.finding, "damaged") != NULL);
    assert_int_equal(verdict.strange, 1);
}

/* A heads file put back from an older copy: what was cut from the store since could not be seen. */
static void a_heads_file_older_than_the_store_is_a_finding(void **fixture)
{
    kept_heads *k = *fixture;
    made_journal_append(k->journal, 10);
    hub_buffer old = {0};
    FILE *file = fopen(k->path, "r");
    uint8_t *at = hub_buffer_extend(&old, 4096);
    old.size = fread(at, 1, 4096, file);
    fclose(file);
    made_journal_append(k->journal, 1000);
    write_file(k, "w", hub_buffer_bytes(&old));
    assert_string_equal(verified(k).finding, ""); /* one behind: a running hub may be about to append it */
    made_journal_append(k->journal, 1000);
    write_file(k, "w", hub_buffer_bytes(&old));
    journal_verdict verdict = verified(k);
    assert_true(strstr(verdict.finding, "older copy") != NULL);
    assert_true(strstr(verdict.finding, "2010") != NULL);
    hub_buffer_free(&old);
}

static void a_line_torn_by_a_power_cut_is_told_and_no_finding(void **fixture)
{
    kept_heads *k = *fixture;
    made_journal_append(k->journal, 10);
    write_file(k, "a", hub_bytes_of_text("0a0b0"));
    journal_verdict verdict = verified(k);
    assert_string_equal(verdict.finding, "");
    assert_int_equal(verdict.strange, 1);
}

#define HEADS_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
int main(void)
{
    host_random_start();
    const struct CMUnitTest tests[] = {
        HEADS_TEST(the_store_that_its_heads_were_signed_for_agrees),
        HEADS_TEST(a_store_older_than_its_heads_is_behind),
        HEADS_TEST(an_empty_store_under_old_heads_is_behind),
        HEADS_TEST(a_store_of_another_history_is_different),
        HEADS_TEST(an_older_store_of_another_history_is_different),
        HEADS_TEST(without_a_file_there_are_no_heads),
        HEADS_TEST(a_head_that_another_key_signed_is_passed_over),
        HEADS_TEST(damaged_lines_are_counted_and_what_follows_is_read),
        HEADS_TEST(an_accepted_restore_agrees),
        HEADS_TEST(a_restored_journal_that_went_past_its_old_heads_holds),
        HEADS_TEST(a_second_restore_is_like_the_first),
        HEADS_TEST(a_tail_cut_after_a_restore_is_found),
        HEADS_TEST(a_forged_restore_hides_nothing),
        HEADS_TEST(a_heads_file_that_is_gone_is_a_finding),
        HEADS_TEST(a_heads_file_of_garbage_is_a_finding),
        HEADS_TEST(a_heads_file_older_than_the_store_is_a_finding),
        HEADS_TEST(a_line_torn_by_a_power_cut_is_told_and_no_finding),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
