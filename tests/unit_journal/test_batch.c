/* The stored form of a batch, where every backend has it alike. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "../contract/batches.h"
#include "journal/batch.h"

enum { RECORDS = 3, RECORD_BYTES = 40, AT_FORMAT = 4, AT_OFFSETS = 72, AT_RECORDS = AT_OFFSETS + 4 * (RECORDS + 1) };

typedef struct stored_batch {
    made_batch *made;
    hub_digest hashes[RECORDS];
    hub_buffer bytes;
} stored_batch;

static int setup(void **fixture)
{
    stored_batch *s = calloc(1, sizeof *s);
    assert_non_null(s);
    journal_end end = {.last_sequence = 10, .epoch = 1};
    s->made = make_batch(&end, RECORDS, RECORD_BYTES, 7);
    assert_int_equal(journal_batch_encode(&s->made->batch, &s->bytes), HUB_OK);
    *fixture = s;
    return 0;
}

static int teardown(void **fixture)
{
    stored_batch *s = *fixture;
    made_batch_free(s->made);
    hub_buffer_free(&s->bytes);
    free(s);
    return 0;
}

static void then_decoded(const stored_batch *s, hub_status expected)
{
    journal_batch_scratch scratch = {0};
    journal_batch batch;
    hub_error err = {{0}};
    assert_int_equal(journal_batch_decode(hub_buffer_bytes(&s->bytes), &scratch, &batch, &err), expected);
    if (expected == HUB_OK) {
        hub_bytes last = journal_batch_record(&batch, RECORDS - 1);
        assert_int_equal(batch.first_sequence, 11);
        assert_int_equal(last.size, RECORD_BYTES);
        assert_memory_equal(last.data, s->made->records.data + (RECORDS - 1) * RECORD_BYTES, RECORD_BYTES);
    }
    journal_batch_scratch_free(&scratch);
}

static void then_a_change_is_found(stored_batch *s, size_t at)
{
    s->bytes.data[at] ^= 1;
    then_decoded(s, HUB_ERR_CORRUPT);
    s->bytes.data[at] ^= 1;
    then_decoded(s, HUB_OK);
}

/* The writer has the hashes from the chain: with them or without, a batch is the same in the store. */
static void hashes_at_hand_change_nothing_of_what_is_stored(void **fixture)
{
    stored_batch *s = *fixture;
    hub_buffer again = {0};
    for (uint32_t i = 0; i < RECORDS; i++)
        hub_digest_of(journal_batch_record(&s->made->batch, i), &s->hashes[i]);
    s->made->batch.hashes = s->hashes;
    assert_int_equal(journal_batch_encode(&s->made->batch, &again), HUB_OK);
    assert_int_equal(again.size, s->bytes.size);
    assert_memory_equal(again.data, s->bytes.data, again.size);
    hub_buffer_free(&again);
}

static void a_changed_byte_is_found_wherever_it_lies(void **fixture)
{
    stored_batch *s = *fixture;
    then_a_change_is_found(s, 0);
    then_a_change_is_found(s, AT_FORMAT + 3); /* format 0 */
    then_a_change_is_found(s, 15);            /* first_sequence */
    then_a_change_is_found(s, 19);            /* record_count */
    then_a_change_is_found(s, 23);            /* epoch */
    then_a_change_is_found(s, 24);            /* last_hash */
    then_a_change_is_found(s, 63);            /* state_digest */
    then_a_change_is_found(s, 67);            /* records_bytes */
    then_a_change_is_found(s, 71);            /* ref_count */
    then_a_change_is_found(s, AT_OFFSETS);
    then_a_change_is_found(s, AT_OFFSETS + 7); /* the first record's end */
    then_a_change_is_found(s, AT_RECORDS);
    then_a_change_is_found(s, AT_RECORDS + RECORDS * RECORD_BYTES - 1);
    then_a_change_is_found(s, AT_RECORDS + RECORDS * RECORD_BYTES); /* a ref's hash */
    then_a_change_is_found(s, s->bytes.size - 1);
}

/* Offsets are used to find the checksum: whoever forged them must not lead the reader out of the batch. */
static void offsets_that_lead_outside_are_found_before_they_are_followed(void **fixture)
{
    stored_batch *s = *fixture;
    s->bytes.data[AT_OFFSETS + 4] = 0x7f;
    then_decoded(s, HUB_ERR_CORRUPT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(hashes_at_hand_change_nothing_of_what_is_stored, setup, teardown),
        cmocka_unit_test_setup_teardown(a_changed_byte_is_found_wherever_it_lies, setup, teardown),
        cmocka_unit_test_setup_teardown(offsets_that_lead_outside_are_found_before_they_are_followed, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
