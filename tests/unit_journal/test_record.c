/* One record as bytes: what goes in comes out, and nothing else does. */
#include "made_journal.h"

static const uint8_t KEY[HUB_SECRET_BYTES] = {1, 2, 3};
static const uint8_t OTHER_KEY[HUB_SECRET_BYTES] = {3, 2, 1};
static const uint8_t NO_KEY[HUB_SECRET_BYTES] = {0};

typedef struct record_fixture {
    made_parts parts;
    hub_arena arena;
    hub_buffer bytes;
    hub_digest previous, hash;
    journal_draft draft;
} record_fixture;

static int setup(void **fixture)
{
    record_fixture *f = calloc(1, sizeof *f);
    assert_non_null(f);
    made_parts_open(&f->parts);
    assert_int_equal(hub_arena_open(&f->arena, 4096, 1 << 20), HUB_OK);
    memset(f->previous.bytes, 9, sizeof f->previous.bytes);
    f->draft = make_draft(&f->parts, 42);
    f->draft.command_id.bytes[15] = 1;
    assert_int_equal(journal_record_pack(PARTNERSHIP, 3, &f->previous, &f->draft, KEY, &f->bytes, &f->hash), HUB_OK);
    *fixture = f;
    return 0;
}

static int teardown(void **fixture)
{
    record_fixture *f = *fixture;
    hub_buffer_free(&f->bytes);
    hub_arena_close(&f->arena);
    made_parts_close(&f->parts);
    free(f);
    return 0;
}

static hub_status open_with(record_fixture *f, const uint8_t *key, journal_opened *out)
{
    hub_error err;
    return journal_record_open(hub_buffer_bytes(&f->bytes), key, &f->arena, out, &err);
}

static void a_record_comes_back_as_it_was_decided(void **fixture)
{
    record_fixture *f = *fixture;
    journal_opened opened;
    assert_int_equal(open_with(f, KEY, &opened), HUB_OK);
    assert_string_equal(opened.record->partnership, PARTNERSHIP);
    assert_int_equal(opened.record->epoch, 3);
    assert_int_equal(opened.record->sequence, 42);
    assert_int_equal(opened.record->time_ms, 1000042);
    assert_memory_equal(opened.record->previous_hash.data, f->previous.bytes, HUB_DIGEST_BYTES);
    assert_int_equal(opened.record->origin->peer, 3);
    assert_int_equal(opened.record->origin->link_seq, 42);
    assert_int_equal(opened.record->origin->command_id.len, HUB_ID_BYTES);
    assert_int_equal(opened.control->n_facts, 1);
    assert_int_equal(opened.control->facts[0]->hub_started->epoch, 1);
    assert_non_null(opened.personal);
    assert_string_equal(opened.personal->actor, "duty desk");
    assert_false(opened.erased);
    assert_memory_equal(opened.hash.bytes, f->hash.bytes, HUB_DIGEST_BYTES);
}

/* R2: after a lost tail the same number is decided again and sealed with the same key. If the same keystream covered both, whoever has the
 * lost and the new bytes could read both by laying one over the other. */
static void the_same_number_after_another_record_is_sealed_with_another_keystream(void **fixture)
{
    record_fixture *f = *fixture;
    hub_digest other = f->previous, hash;
    other.bytes[0] ^= 1;
    hub_buffer again = {0};
    assert_int_equal(journal_record_pack(PARTNERSHIP, 3, &other, &f->draft, KEY, &again, &hash), HUB_OK);
    assert_int_equal(again.size, f->bytes.size);
    size_t sealed = f->draft.personal.size + 16; /* the tag comes last */
    size_t equal = 0;
    for (size_t i = again.size - sealed; i < again.size; i++)
        equal += again.data[i] == f->bytes.data[i] ? 1 : 0;
    assert_true(equal < sealed / 4);
    hub_buffer_free(&again);
}

/* R1: the hash is over the bytes exactly as packed, so that anybody can compute it without unpacking. */
static void the_hash_is_that_of_the_packed_bytes(void **fixture)
{
    record_fixture *f = *fixture;
    hub_digest expected;
    hub_digest_of(hub_buffer_bytes(&f->bytes), &expected);
    assert_memory_equal(f->hash.bytes, expected.bytes, HUB_DIGEST_BYTES);
}

/* The stored bytes are plain protobuf: any language's library reads them. */
static void the_packed_bytes_are_those_of_the_contract(void **fixture)
{
    record_fixture *f = *fixture;
    Mash__V1__Record *record = mash__v1__record__unpack(NULL, f->bytes.size, f->bytes.data);
    assert_non_null(record);
    assert_int_equal(mash__v1__record__get_packed_size(record), f->bytes.size);
    uint8_t *again = malloc(f->bytes.size);
    mash__v1__record__pack(record, again);
    assert_memory_equal(again, f->bytes.data, f->bytes.size);
    free(again);
    mash__v1__record__free_unpacked(record, NULL);
}

static void the_personal_part_cannot_be_read_in_the_bytes(void **fixture)
{
    record_fixture *f = *fixture;
    assert_null(memmem(f->bytes.data, f->bytes.size, "duty desk", 9));
}

/* Erasing takes the key away and nothing else: the record still folds, and the chain still holds. */
static void a_record_without_its_key_is_erased_and_still_opens(void **fixture)
{
    record_fixture *f = *fixture;
    journal_opened opened;
    assert_int_equal(open_with(f, NO_KEY, &opened), HUB_OK);
    assert_true(opened.erased);
    assert_null(opened.personal);
    assert_int_equal(opened.control->n_facts, 1);
    assert_memory_equal(opened.hash.bytes, f->hash.bytes, HUB_DIGEST_BYTES);
    assert_int_equal(open_with(f, NULL, &opened), HUB_OK);
    assert_true(opened.erased);
}

static void another_key_opens_nothing(void **fixture)
{
    journal_opened opened;
    assert_int_equal(open_with(*fixture, OTHER_KEY, &opened), HUB_ERR_CORRUPT);
}

/* A bit changed anywhere is found: in the sealed part by its seal, elsewhere at the latest by the chain. */
static void no_changed_bit_goes_unnoticed(void **fixture)
{
    record_fixture *f = *fixture;
    for (size_t i = 0; i < f->bytes.size; i++) {
        f->bytes.data[i] ^= 4;
        hub_arena_reset(&f->arena);
        journal_opened opened;
        hub_status status = open_with(f, KEY, &opened);
        assert_true(status != HUB_OK || memcmp(opened.hash.bytes, f->hash.bytes, HUB_DIGEST_BYTES) != 0);
        f->bytes.data[i] ^= 4;
    }
}

/* R3: a sealed part moved to another place does not open there. */
static void a_sealed_part_is_bound_to_its_place(void **fixture)
{
    record_fixture *f = *fixture;
    Mash__V1__Record *record = mash__v1__record__unpack(NULL, f->bytes.size, f->bytes.data);
    assert_non_null(record);
    record->sequence = 43;
    hub_buffer_clear(&f->bytes);
    assert_int_equal(event_wire_pack(&record->base, &f->bytes), HUB_OK);
    mash__v1__record__free_unpacked(record, NULL);
    journal_opened opened;
    assert_int_equal(open_with(f, KEY, &opened), HUB_ERR_CORRUPT);
}

static void bytes_that_are_no_record_are_damage(void **fixture)
{
    record_fixture *f = *fixture;
    hub_buffer_clear(&f->bytes);
    journal_opened opened;
    assert_int_equal(open_with(f, KEY, &opened), HUB_ERR_CORRUPT); /* empty */
    hub_buffer_put_text(&f->bytes, "not a record");
    assert_int_equal(open_with(f, KEY, &opened), HUB_ERR_CORRUPT);
}

static void a_record_without_anything_personal_needs_no_key(void **fixture)
{
    record_fixture *f = *fixture;
    f->draft.personal = hub_bytes_of(NULL, 0);
    hub_buffer_clear(&f->bytes);
    assert_int_equal(journal_record_pack(PARTNERSHIP, 3, &f->previous, &f->draft, NULL, &f->bytes, &f->hash), HUB_OK);
    journal_opened opened;
    assert_int_equal(open_with(f, NULL, &opened), HUB_OK);
    assert_null(opened.personal);
    assert_false(opened.erased);
}

#define RECORD_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
int main(void)
{
    host_random_start();
    const struct CMUnitTest tests[] = {
        RECORD_TEST(a_record_comes_back_as_it_was_decided),
        RECORD_TEST(the_same_number_after_another_record_is_sealed_with_another_keystream),
        RECORD_TEST(the_hash_is_that_of_the_packed_bytes),
        RECORD_TEST(the_packed_bytes_are_those_of_the_contract),
        RECORD_TEST(the_personal_part_cannot_be_read_in_the_bytes),
        RECORD_TEST(a_record_without_its_key_is_erased_and_still_opens),
        RECORD_TEST(another_key_opens_nothing),
        RECORD_TEST(no_changed_bit_goes_unnoticed),
        RECORD_TEST(a_sealed_part_is_bound_to_its_place),
        RECORD_TEST(bytes_that_are_no_record_are_damage),
        RECORD_TEST(a_record_without_anything_personal_needs_no_key),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
