/* Whoever changes the journal, whatever they change, must be found out. */
#include "made_journal.h"

#include <sodium.h>

#include "../contract/temporary_folder.h"
#include "journal/backend.h"
#include "journal/verify.h"

/* An attacker's way: everything read out of one journal, changed, and stored in another with every checksum right. */
typedef struct forgery {
    made_journal *from;
    journal_memory_store *store;
    journal *j;
    uint64_t cut_after; /* 0: nothing is cut */
    uint64_t swapped;   /* this record and the next change places */
    uint64_t changed;   /* this record gets other words in the clear */
    uint64_t erased;    /* this record's key becomes zero */
    uint8_t signing_key[32], secret[64];
    char folder[64], heads_path[96];
} forgery;

static int setup(void **fixture)
{
    void *made;
    made_journal_setup(&made);
    forgery *f = calloc(1, sizeof *f);
    assert_non_null(f);
    f->from = made;
    crypto_sign_keypair(f->signing_key, f->secret);
    temporary_folder_make(f->folder, sizeof f->folder);
    (void)snprintf(f->heads_path, sizeof f->heads_path, "%s/heads", f->folder);
    made_journal_stop(f->from);
    journal_writer_options options = {
        .partnership = PARTNERSHIP, .epoch = 1, .signing_secret = f->secret, .heads_path = f->heads_path};
    made_journal_start(f->from, JOURNAL_CREATE, &options);
    made_journal_append(f->from, 10);
    made_journal_append(f->from, 1000);
    made_journal_append(f->from, 30);
    f->store = journal_memory_store_open();
    assert_int_equal(journal_memory_open(f->store, PARTNERSHIP, JOURNAL_CREATE, &f->j, NULL), HUB_OK);
    *fixture = f;
    return 0;
}

static int teardown(void **fixture)
{
    forgery *f = *fixture;
    journal_close(f->j);
    journal_memory_store_close(f->store);
    void *made = f->from;
    made_journal_teardown(&made);
    temporary_folder_remove(f->folder);
    free(f);
    return 0;
}

static void put_record(forgery *f, const journal_batch *batch, uint32_t position, hub_buffer *records)
{
    uint64_t sequence = batch->first_sequence + position;
    uint32_t source = position;
    if (f->swapped != 0 && sequence == f->swapped) source = position + 1;
    if (f->swapped != 0 && sequence == f->swapped + 1) source = position - 1;
    hub_bytes bytes = journal_batch_record(batch, source);
    if (sequence != f->changed) {
        hub_buffer_put(records, bytes.data, bytes.size);
        return;
    }
    Mash__V1__Record *record = mash__v1__record__unpack(NULL, bytes.size, bytes.data);
    assert_non_null(record);
    record->origin->peer = 99; /* somebody else did it */
    assert_int_equal(event_wire_pack(&record->base, records), HUB_OK);
    mash__v1__record__free_unpacked(record, NULL);
}

static hub_status forge_batch(void *context, const journal_batch *batch, hub_error *err)
{
    forgery *f = context;
    uint32_t count = batch->record_count;
    if (f->cut_after != 0 && batch->first_sequence > f->cut_after) return HUB_OK;
    if (f->cut_after != 0 && journal_batch_last(batch) > f->cut_after)
        count = (uint32_t)(f->cut_after - batch->first_sequence + 1);
    hub_buffer records = {0};
    uint32_t *offsets = calloc(count + 1, sizeof *offsets);
    assert_non_null(offsets);
    for (uint32_t i = 0; i < count; i++) {
        put_record(f, batch, i, &records);
        offsets[i + 1] = (uint32_t)records.size;
    }
    journal_batch forged = *batch;
    forged.record_count = count;
    forged.records = hub_buffer_bytes(&records);
    forged.offsets = offsets;
    forged.ref_count = 0;
    hub_digest_of(journal_batch_record(&forged, count - 1), &forged.last_hash);
    hub_buffer page = {0};
    forged.key_page = (batch->first_sequence - 1 + 1023) / JOURNAL_KEYS_PER_PAGE; /* the page this batch may begin */
    if (journal_key_page(f->from->j, forged.key_page, &page, NULL) == HUB_OK) forged.key_page_bytes = hub_buffer_bytes(&page);
    assert_int_equal(journal_append(f->j, &forged, err), JOURNAL_DURABLE);
    hub_buffer_free(&page);
    hub_buffer_free(&records);
    free(offsets);
    return HUB_OK;
}

static journal_verdict verdict_of(forgery *f, const uint8_t master[HUB_SECRET_BYTES], const char *heads_path)
{
    assert_int_equal(journal_read(f->from->j, 1, forge_batch, f, NULL), HUB_OK);
    journal_keys *keys;
    journal_verdict verdict;
    hub_error err = {{0}};
    assert_int_equal(journal_keys_open_with(master, f->j, &keys, NULL), HUB_OK);
    hub_status status = journal_verify(f->j, keys, f->signing_key, heads_path, &verdict, &err);
    if (status != HUB_OK) print_error("%s\n", err.text);
    assert_int_equal(status, HUB_OK);
    journal_keys_close(keys);
    if (verdict.finding[0] != '\0') print_message("%s\n", verdict.finding);
    return verdict;
}

static void a_true_copy_holds(void **fixture)
{
    forgery *f = *fixture;
    journal_verdict verdict = verdict_of(f, MASTER, f->heads_path);
    assert_string_equal(verdict.finding, "");
    assert_int_equal(verdict.records, 1040);
    assert_int_equal(verdict.heads, 2);
    assert_int_equal(verdict.first_bad, 0);
    assert_int_equal(verdict.erased, 0);
}

/* Hub time was taken back by an hour; the records after it are dated earlier, and that is how it was. */
static void append_dated(made_journal *m, int64_t time_ms, int64_t delta_ms)
{
    Mash__V1__TimeCorrected corrected = MASH__V1__TIME_CORRECTED__INIT;
    corrected.delta_ms = delta_ms;
    Mash__V1__Fact fact = MASH__V1__FACT__INIT;
    fact.kind = fact.body_case = MASH__V1__FACT__BODY_TIME_CORRECTED;
    fact.time_corrected = &corrected;
    Mash__V1__Fact *facts[] = {&fact};
    Mash__V1__Control control = MASH__V1__CONTROL__INIT;
    control.format = 1;
    control.n_facts = 1;
    control.facts = facts;
    hub_buffer bytes = {0};
    assert_int_equal(event_wire_pack(&control.base, &bytes), HUB_OK);
    journal_draft draft = make_draft(&m->parts, m->next++);
    draft.control = hub_buffer_bytes(&bytes);
    draft.time_ms = time_ms;
    hub_digest hash;
    hub_error err = {{0}};
    assert_int_equal(journal_writer_append(m->writer, &draft, 1, &hash, &err), JOURNAL_DURABLE);
    hub_buffer_free(&bytes);
}

static void after_a_correction_that_takes_time_back_earlier_records_hold_and_no_earlier_ones(void **fixture)
{
    forgery *f = *fixture;
    append_dated(f->from, 9000000, -3600000);
    append_dated(f->from, 9000000 - 3600000, 0);
    assert_int_equal(verdict_of(f, MASTER, NULL).first_bad, 0);
}

static void a_record_dated_before_its_predecessor_is_found(void **fixture)
{
    forgery *f = *fixture;
    append_dated(f->from, 9000000, -3600000);
    append_dated(f->from, 9000000 - 3600001, 0);
    assert_int_equal(verdict_of(f, MASTER, NULL).first_bad, 1042);
}

static void a_changed_word_is_found_at_the_next_record(void **fixture)
{
    forgery *f = *fixture;
    f->changed = 500;
    journal_verdict verdict = verdict_of(f, MASTER, NULL);
    assert_int_equal(verdict.first_bad, 501);
    assert_true(strstr(verdict.finding, "chain") != NULL);
}

/* Without a record after it the chain says nothing; the signed head does. */
static void a_changed_last_record_is_found_by_its_head(void **fixture)
{
    forgery *f = *fixture;
    f->changed = 1010;
    f->cut_after = 1010;
    journal_verdict verdict = verdict_of(f, MASTER, f->heads_path);
    assert_int_equal(verdict.first_bad, 1010);
    assert_true(strstr(verdict.finding, "signed head") != NULL);
}

static void swapped_records_are_found(void **fixture)
{
    forgery *f = *fixture;
    f->swapped = 700;
    journal_verdict verdict = verdict_of(f, MASTER, NULL);
    assert_int_equal(verdict.first_bad, 700);
}

/* A shorter journal is a whole journal; only a head kept elsewhere knows that there was more. */
static void a_cut_tail_is_found_by_the_heads_file(void **fixture)
{
    forgery *f = *fixture;
    f->cut_after = 900;
    journal_verdict verdict = verdict_of(f, MASTER, f->heads_path);
    assert_int_equal(verdict.records, 900);
    assert_int_equal(verdict.first_bad, 901);
    assert_true(strstr(verdict.finding, "tail was cut") != NULL);
}

static void a_head_signed_by_another_key_is_found(void **fixture)
{
    forgery *f = *fixture;
    f->signing_key[0] ^= 1;
    journal_verdict verdict = verdict_of(f, MASTER, f->heads_path);
    assert_int_equal(verdict.first_bad, 10);
    assert_true(strstr(verdict.finding, "not signed") != NULL);
}

/* A power cut may tear the last line of the heads file: that proves nothing against anybody. */
static void a_torn_line_of_the_heads_file_is_passed_over(void **fixture)
{
    forgery *f = *fixture;
    FILE *file = fopen(f->heads_path, "a");
    assert_non_null(file);
    fputs("0a0b0", file);
    fclose(file);
    assert_string_equal(verdict_of(f, MASTER, f->heads_path).finding, "");
}

static void damage_on_the_disk_is_told_with_its_sequence(void **fixture)
{
    forgery *f = *fixture;
    journal_memory_damage(f->from->store, 500);
    journal_verdict verdict;
    assert_int_equal(journal_verify(f->from->j, f->from->keys, NULL, NULL, &verdict, NULL), HUB_OK);
    assert_int_equal(verdict.records, 10);
    assert_int_equal(verdict.first_bad, 11);
    assert_true(strstr(verdict.finding, "checksum") != NULL);
}

static hub_status take_any(void *context, const journal_opened *opened, hub_bytes bytes, hub_error *err)
{
    (void)opened;
    (void)bytes;
    (void)err;
    ++*(uint32_t *)context;
    return HUB_OK;
}

/* A fold that begins after a snapshot reads from the middle: its first record has to follow the snapshot's. */
static void a_reading_from_the_middle_follows_the_record_before_it(void **fixture)
{
    forgery *f = *fixture;
    f->changed = 10; /* the last of its batch, closed with its new hash */
    assert_int_equal(journal_read(f->from->j, 1, forge_batch, f, NULL), HUB_OK);
    journal_reader *reader;
    hub_error err = {{0}};
    uint32_t count = 0;
    assert_int_equal(journal_reader_open(f->j, f->from->keys, &reader, NULL), HUB_OK);
    assert_int_equal(journal_reader_batches(reader, 11, 0, take_any, NULL, &count, &err), HUB_ERR_CORRUPT);
    assert_int_equal(count, 0);
    assert_true(strstr(err.text, "record 11") != NULL);
    assert_int_equal(journal_reader_batches(reader, 12, 0, take_any, NULL, &count, &err), HUB_OK);
    assert_int_equal(count, 1029);
    journal_reader_close(reader);
}

/* A page of keys as it was, but for one key that is gone. */
static void erase_key(forgery *f, uint64_t sequence)
{
    uint8_t all[JOURNAL_KEYS_PER_PAGE * HUB_SECRET_BYTES];
    for (uint64_t n = 1; n <= JOURNAL_KEYS_PER_PAGE; n++) {
        const uint8_t *key;
        assert_int_equal(journal_keys_get(f->from->keys, n, &key, NULL), HUB_OK);
        memcpy(all + (n - 1) * HUB_SECRET_BYTES, key, HUB_SECRET_BYTES);
    }
    memset(all + (sequence - 1) * HUB_SECRET_BYTES, 0, HUB_SECRET_BYTES);
    hub_buffer page = {0};
    assert_int_equal(journal_key_page(f->from->j, 0, &page, NULL), HUB_OK);
    enum { NONCE_AT = 17, SEALED_AT = 41 };
    const uint8_t place[8] = {0};
    randombytes_buf(page.data + NONCE_AT, SEALED_AT - NONCE_AT);
    crypto_aead_xchacha20poly1305_ietf_encrypt(page.data + SEALED_AT, NULL, all, sizeof all, place, sizeof place, NULL,
                                               page.data + NONCE_AT, MASTER);
    journal_end end;
    assert_int_equal(journal_end_of(f->from->j, &end, NULL), HUB_OK);
    /* a rewritten page is stored with the next batch */
    journal_draft draft = make_draft(&f->from->parts, f->from->next);
    hub_buffer record = {0};
    hub_digest hash;
    const uint8_t *key;
    hub_bytes none;
    assert_int_equal(journal_keys_take(f->from->keys, draft.sequence, &key, &none, NULL), HUB_OK);
    assert_int_equal(journal_record_pack(PARTNERSHIP, 1, &end.last_hash, &draft, key, &record, &hash), HUB_OK);
    const uint32_t offsets[2] = {0, (uint32_t)record.size};
    journal_batch batch = {.first_sequence = draft.sequence,
                           .record_count = 1,
                           .offsets = offsets,
                           .records = hub_buffer_bytes(&record),
                           .epoch = 1,
                           .last_hash = hash,
                           .state_digest = draft.state_digest,
                           .key_page = 0,
                           .key_page_bytes = hub_buffer_bytes(&page)};
    assert_int_equal(journal_append(f->from->j, &batch, NULL), JOURNAL_DURABLE);
    hub_buffer_free(&record);
    hub_buffer_free(&page);
}

/* Erasing a person must not look like tampering, nor tampering like an erasure. */
static void an_erased_record_reads_as_erased_and_the_chain_holds(void **fixture)
{
    forgery *f = *fixture;
    erase_key(f, 77);
    journal_keys *keys;
    journal_verdict verdict;
    assert_int_equal(journal_keys_open_with(MASTER, f->from->j, &keys, NULL), HUB_OK);
    assert_int_equal(journal_verify(f->from->j, keys, f->signing_key, f->heads_path, &verdict, NULL), HUB_OK);
    assert_string_equal(verdict.finding, "");
    assert_int_equal(verdict.records, 1041);
    assert_int_equal(verdict.erased, 1);
    journal_keys_close(keys);
}

static void a_wrong_master_key_is_a_finding(void **fixture)
{
    const uint8_t other[HUB_SECRET_BYTES] = {9};
    journal_verdict verdict = verdict_of(*fixture, other, NULL);
    assert_int_equal(verdict.first_bad, 1);
    assert_true(strstr(verdict.finding, "another master key") != NULL);
}

#define VERIFY_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
int main(void)
{
    host_random_start();
    const struct CMUnitTest tests[] = {
        VERIFY_TEST(a_true_copy_holds),
        VERIFY_TEST(after_a_correction_that_takes_time_back_earlier_records_hold_and_no_earlier_ones),
        VERIFY_TEST(a_record_dated_before_its_predecessor_is_found),
        VERIFY_TEST(a_changed_word_is_found_at_the_next_record),
        VERIFY_TEST(a_changed_last_record_is_found_by_its_head),
        VERIFY_TEST(swapped_records_are_found),
        VERIFY_TEST(a_cut_tail_is_found_by_the_heads_file),
        VERIFY_TEST(a_head_signed_by_another_key_is_found),
        VERIFY_TEST(a_torn_line_of_the_heads_file_is_passed_over),
        VERIFY_TEST(damage_on_the_disk_is_told_with_its_sequence),
        VERIFY_TEST(a_reading_from_the_middle_follows_the_record_before_it),
        VERIFY_TEST(an_erased_record_reads_as_erased_and_the_chain_holds),
        VERIFY_TEST(a_wrong_master_key_is_a_finding),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
