/* From drafts to durable batches, and back out of them. */
#include "made_journal.h"

#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../contract/temporary_folder.h"
#include "journal/heads.h"
#include "journal/verify.h"

typedef struct walked {
    uint64_t count, last;
    hub_digest hashes[3000];
    uint64_t with_personal;
} walked;

static hub_status walk_one(void *context, const journal_opened *opened, hub_bytes bytes, hub_error *err)
{
    (void)bytes;
    (void)err;
    walked *w = context;
    w->hashes[w->count++] = opened->hash;
    w->last = opened->record->sequence;
    if (opened->personal != NULL) w->with_personal++;
    return HUB_OK;
}

static void walk(made_journal *m, uint64_t from, uint64_t until, walked *w)
{
    journal_reader *reader;
    *w = (walked){0};
    assert_int_equal(journal_reader_open(m->j, m->keys, &reader, NULL), HUB_OK);
    assert_int_equal(journal_reader_batches(reader, from, until, walk_one, NULL, w, NULL), HUB_OK);
    journal_reader_close(reader);
}

static void assert_holds(made_journal *m, uint64_t records)
{
    journal_verdict verdict;
    assert_int_equal(journal_verify(m->j, m->keys, NULL, NULL, &verdict, NULL), HUB_OK);
    assert_string_equal(verdict.finding, "");
    assert_int_equal(verdict.records, records);
}

static void what_was_written_is_read_in_order(void **fixture)
{
    made_journal *m = *fixture;
    made_journal_append(m, 3);
    made_journal_append(m, 500);
    made_journal_append(m, JOURNAL_BATCH_RECORDS_MAX); /* over the edge of a key page */
    walked *w = calloc(1, sizeof *w);
    walk(m, 1, 0, w);
    assert_int_equal(w->count, 1527);
    assert_int_equal(w->last, 1527);
    assert_int_equal(w->with_personal, 1527);
    walk(m, 100, 105, w);
    assert_int_equal(w->count, 6);
    assert_int_equal(w->last, 105);
    walk(m, 1500, 9999, w);
    assert_int_equal(w->last, 1527);
    assert_holds(m, 1527);
    free(w);
}

static void each_hash_given_is_the_one_read(void **fixture)
{
    made_journal *m = *fixture;
    hub_digest hashes[5];
    assert_int_equal(made_journal_offer(m, 5, hashes), JOURNAL_DURABLE);
    walked *w = calloc(1, sizeof *w);
    walk(m, 1, 0, w);
    assert_memory_equal(w->hashes, hashes, sizeof hashes);
    free(w);
}

/* The same drafts, the same keys: nothing in the chain may tell that a disk was full once. */
static void a_batch_offered_again_after_a_full_disk_is_the_same(void **fixture)
{
    made_journal *m = *fixture;
    hub_digest refused[10];
    hub_digest taken[10];
    journal_memory_fail(m->store, 0, JOURNAL_FAULT_FULL);
    assert_int_equal(made_journal_offer(m, 10, refused), JOURNAL_FULL);
    assert_int_equal(made_journal_offer(m, 10, taken), JOURNAL_DURABLE);
    assert_memory_equal(refused, taken, sizeof taken);
    journal_memory_fail(m->store, 1, JOURNAL_FAULT_FULL);
    made_journal_append(m, 1010);
    assert_int_equal(made_journal_offer(m, 100, NULL), JOURNAL_FULL); /* with the beginning of a page in it */
    made_journal_append(m, 100);
    assert_holds(m, 1120);
}

static void after_an_unknown_outcome_the_next_process_goes_on(made_journal *m, journal_memory_fault fault, uint64_t expected)
{
    made_journal_append(m, 1020);
    journal_memory_fail(m->store, 0, fault);
    assert_int_equal(made_journal_offer(m, 10, NULL), JOURNAL_UNKNOWN);
    assert_int_equal(made_journal_offer(m, 10, NULL), JOURNAL_UNKNOWN);
    made_journal_stop(m);
    made_journal_start(m, JOURNAL_WRITE, NULL);
    made_journal_append(m, 10);
    assert_holds(m, expected);
}

/* The lost batch held a new key page: its keys were never stored, and new ones take their place. */
static void a_lost_batch_leaves_no_trace(void **fixture)
{
    after_an_unknown_outcome_the_next_process_goes_on(*fixture, JOURNAL_FAULT_UNKNOWN_LOST, 1030);
}

static void a_kept_batch_is_kept_whole(void **fixture)
{
    after_an_unknown_outcome_the_next_process_goes_on(*fixture, JOURNAL_FAULT_UNKNOWN_KEPT, 1040);
}

static void an_older_epoch_cannot_follow(void **fixture)
{
    made_journal *m = *fixture;
    made_journal_append(m, 1);
    made_journal_stop(m);
    made_journal_start(m, JOURNAL_WRITE, NULL);
    made_journal_append(m, 1); /* epoch 2 */
    journal_writer *late;
    journal_writer_options options = {.partnership = PARTNERSHIP, .epoch = 1};
    assert_int_equal(journal_writer_open(m->j, m->keys, &options, &late, NULL), HUB_ERR_INVALID);
    assert_null(late);
}

static void refs_lead_to_their_records(void **fixture)
{
    made_journal *m = *fixture;
    made_journal_append(m, 5);
    uint64_t out[3];
    uint32_t count;
    assert_int_equal(journal_lookup(m->j, 12, out, 3, &count, NULL), HUB_OK);
    assert_int_equal(count, 3);
    assert_int_equal(out[0], 5);
    assert_int_equal(out[2], 3);
}

static void one_record_is_found_by_its_sequence(void **fixture)
{
    made_journal *m = *fixture;
    hub_digest hashes[5];
    hub_digest found;
    made_journal_append(m, 7);
    assert_int_equal(made_journal_offer(m, 5, hashes), JOURNAL_DURABLE);
    journal_reader *reader;
    assert_int_equal(journal_reader_open(m->j, m->keys, &reader, NULL), HUB_OK);
    assert_int_equal(journal_reader_hash(reader, 9, &found, NULL), HUB_OK);
    assert_memory_equal(found.bytes, hashes[1].bytes, HUB_DIGEST_BYTES);
    hub_bytes bytes;
    const uint8_t *key;
    assert_int_equal(journal_reader_bytes(reader, 3, &bytes, &key, NULL), HUB_OK);
    assert_int_equal(journal_reader_bytes(reader, 13, &bytes, &key, NULL), HUB_ERR_NOT_FOUND);
    journal_reader_close(reader);
}

/* ---- heads ---------------------------------------------------------------------------------------------------------------- */
typedef struct heads_seen {
    uint32_t count;
    uint64_t sequences[16];
    const uint8_t *signing_key;
} heads_seen;

static hub_status see_head(void *context, hub_bytes bytes, hub_error *err)
{
    heads_seen *s = context;
    hub_arena arena;
    journal_head head;
    assert_int_equal(hub_arena_open(&arena, 4096, 65536), HUB_OK);
    assert_int_equal(journal_head_open(bytes, s->signing_key, &arena, &head, err), HUB_OK);
    assert_true(s->count < 16);
    s->sequences[s->count++] = head.sequence;
    hub_arena_close(&arena);
    return HUB_OK;
}

static void see_heads_file(const char *path, heads_seen *s)
{
    journal_heads_list list = {0};
    assert_int_equal(journal_heads_list_read(&list, path, s->signing_key, NULL), HUB_OK);
    for (size_t i = 0; i < list.count; i++)
        assert_int_equal(see_head(s, journal_heads_list_bytes(&list, i), NULL), HUB_OK);
    journal_heads_list_free(&list);
}

typedef struct signed_journal {
    made_journal *m;
    uint8_t signing_key[crypto_sign_PUBLICKEYBYTES];
    char folder[64], path[96];
} signed_journal;

static void sign_from_now_on(signed_journal *s, made_journal *m)
{
    uint8_t secret[crypto_sign_SECRETKEYBYTES];
    s->m = m;
    crypto_sign_keypair(s->signing_key, secret);
    temporary_folder_make(s->folder, sizeof s->folder);
    (void)snprintf(s->path, sizeof s->path, "%s/heads", s->folder);
    made_journal_stop(m);
    journal_writer_options options = {.partnership = PARTNERSHIP, .epoch = 1, .signing_secret = secret, .heads_path = s->path};
    made_journal_start(m, JOURNAL_CREATE, &options);
}

/* The newest record that the heads file names; 0: there is no file. */
static uint64_t newest_in_file(const signed_journal *s)
{
    heads_seen file = {.signing_key = s->signing_key};
    if (access(s->path, F_OK) != 0) return 0;
    see_heads_file(s->path, &file);
    return file.sequences[file.count - 1];
}

static void assert_verified(const signed_journal *s, uint64_t heads)
{
    journal_verdict verdict;
    assert_int_equal(journal_verify(s->m->j, s->m->keys, s->signing_key, s->path, &verdict, NULL), HUB_OK);
    assert_string_equal(verdict.finding, "");
    assert_int_equal(verdict.heads, heads);
}

/* A head every 1,000 records or minute, in the store and outside it: who cuts the store cannot cut both. */
static void heads_are_signed_every_thousand_records_or_minute(void **fixture)
{
    made_journal *m = *fixture;
    signed_journal s;
    sign_from_now_on(&s, m);
    made_journal_append(m, 10);  /* the first of an epoch: a head */
    made_journal_append(m, 900); /* none */
    made_journal_append(m, 100); /* one: 1,000 since the last */
    made_journal_append(m, 1);   /* none */
    journal_draft late = make_draft(&m->parts, m->next);
    late.time_ms += 60 * 1000;
    hub_digest hash;
    assert_int_equal(journal_writer_append(m->writer, &late, 1, &hash, NULL), JOURNAL_DURABLE); /* one: a minute */
    journal_writer_pause(m->writer, 0);

    heads_seen store = {.signing_key = s.signing_key};
    heads_seen file = {.signing_key = s.signing_key};
    assert_int_equal(journal_heads(m->j, see_head, &store, NULL), HUB_OK);
    see_heads_file(s.path, &file);
    assert_int_equal(store.count, 3);
    assert_int_equal(store.sequences[0], 10);
    assert_int_equal(store.sequences[1], 1010);
    assert_int_equal(store.sequences[2], 1012);
    assert_memory_equal(store.sequences, file.sequences, sizeof store.sequences);
    assert_verified(&s, 3);
    temporary_folder_remove(s.folder);
}

/* The last report of an evening would stand unsigned until the first of the morning: cut off meanwhile, nothing would show it. */
static void a_tail_that_stays_quiet_is_signed_after_a_minute(void **fixture)
{
    signed_journal s;
    sign_from_now_on(&s, *fixture);
    made_journal_append(s.m, 10);
    made_journal_append(s.m, 3);
    journal_writer_pause(s.m->writer, 59 * 1000);
    assert_int_equal(newest_in_file(&s), 10);
    journal_writer_pause(s.m->writer, 60 * 1000);
    assert_int_equal(newest_in_file(&s), 13);
    assert_verified(&s, 2);
    struct stat before, after;
    assert_int_equal(stat(s.path, &before), 0);
    journal_writer_pause(s.m->writer, 600 * 1000); /* nothing new: nothing to sign */
    assert_int_equal(stat(s.path, &after), 0);
    assert_int_equal(before.st_size, after.st_size);
    temporary_folder_remove(s.folder);
}

static void a_clean_end_signs_the_tail(void **fixture)
{
    signed_journal s;
    sign_from_now_on(&s, *fixture);
    made_journal_append(s.m, 10);
    made_journal_append(s.m, 3);
    made_journal_stop(s.m);
    assert_int_equal(newest_in_file(&s), 13);
    made_journal_start(s.m, JOURNAL_WRITE, NULL);
    assert_verified(&s, 2);
    temporary_folder_remove(s.folder);
}

/* Everybody in the batch waits for the append: the file beside the store has a sync of its own, which nobody waits for. */
static void the_heads_file_is_written_after_the_outcome_was_told(void **fixture)
{
    signed_journal s;
    sign_from_now_on(&s, *fixture);
    assert_int_equal(made_journal_offer(s.m, 10, NULL), JOURNAL_DURABLE);
    assert_int_equal(newest_in_file(&s), 0);
    journal_writer_pause(s.m->writer, 0);
    assert_int_equal(newest_in_file(&s), 10);
    temporary_folder_remove(s.folder);
}

/* The record is durable: a heads file that cannot be written is a warning, not a lost event. */
static void a_heads_file_that_cannot_be_written_stops_nothing(void **fixture)
{
    made_journal *m = *fixture;
    uint8_t signing_key[crypto_sign_PUBLICKEYBYTES];
    uint8_t secret[crypto_sign_SECRETKEYBYTES];
    crypto_sign_keypair(signing_key, secret);
    made_journal_stop(m);
    journal_writer_options options = {
        .partnership = PARTNERSHIP, .epoch = 1, .signing_secret = secret, .heads_path = "/nowhere/heads"};
    made_journal_start(m, JOURNAL_CREATE, &options);
    made_journal_append(m, 10);
    assert_holds(m, 10);
}

#define WRITER_TEST(name) cmocka_unit_test_setup_teardown(name, made_journal_setup, made_journal_teardown)
int main(void)
{
    host_random_start();
    const struct CMUnitTest tests[] = {
        WRITER_TEST(what_was_written_is_read_in_order),
        WRITER_TEST(each_hash_given_is_the_one_read),
        WRITER_TEST(a_batch_offered_again_after_a_full_disk_is_the_same),
        WRITER_TEST(a_lost_batch_leaves_no_trace),
        WRITER_TEST(a_kept_batch_is_kept_whole),
        WRITER_TEST(an_older_epoch_cannot_follow),
        WRITER_TEST(refs_lead_to_their_records),
        WRITER_TEST(one_record_is_found_by_its_sequence),
        WRITER_TEST(heads_are_signed_every_thousand_records_or_minute),
        WRITER_TEST(a_tail_that_stays_quiet_is_signed_after_a_minute),
        WRITER_TEST(a_clean_end_signs_the_tail),
        WRITER_TEST(the_heads_file_is_written_after_the_outcome_was_told),
        WRITER_TEST(a_heads_file_that_cannot_be_written_stops_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
