/* What waits for the index: every ref is handed over once a round, in the order of its key, and is found until the index has it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
/* last */
#include <cmocka.h>

#include "../contract/batches.h"
#include "journal/refs_pending.h"

enum { RECORDS = 1000, FOUND_MAX = 64 };

typedef struct story {
    journal_refs_pending pending;
    journal_refs_pending reader; /* knows the note alone */
    uint64_t seed;
    uint64_t last;
    journal_ref made[64 * RECORDS];
    uint32_t made_count;
    bool is_indexed[64 * RECORDS];
} story;

static story *told(void)
{
    story *s = calloc(1, sizeof *s);
    assert_non_null(s);
    const journal_refs_indexed none = journal_refs_indexed_up_to(0);
    journal_refs_pending_begin(&s->pending, &none);
    journal_refs_pending_begin(&s->reader, &none);
    s->seed = 7;
    return s;
}

static void ended(story *s)
{
    journal_refs_pending_free(&s->pending);
    journal_refs_pending_free(&s->reader);
    free(s);
}

/* A batch of so many records with one ref each; every eighth has the same hash, as an alert's that many events join. */
static void add(story *s, uint32_t count)
{
    journal_batch batch = {.first_sequence = s->last + 1, .record_count = count, .ref_count = count};
    batch.refs = s->made + s->made_count;
    for (uint32_t i = 0; i < count; i++) {
        uint64_t number = made_number(&s->seed);
        s->made[s->made_count++] = (journal_ref){.hash = number % 8 == 0 ? 77 : number, .sequence = ++s->last};
    }
    assert_true(journal_refs_pending_add(&s->pending, &batch));
    assert_true(journal_refs_pending_add(&s->reader, &batch));
}

static void put_into_index(story *s, const journal_ref *ref)
{
    journal_ref *at = &s->made[ref->sequence - 1]; /* one ref a record */
    assert_int_equal(at->hash, ref->hash);
    assert_false(s->is_indexed[ref->sequence - 1]);
    s->is_indexed[ref->sequence - 1] = true;
}

/* Merges the next refs; the reader learns of it by the note's bytes. */
static uint32_t merge(story *s, uint32_t wanted)
{
    journal_ref refs[RECORDS];
    journal_refs_indexed indexed, read;
    uint8_t note[JOURNAL_REFS_INDEXED_BYTES];
    assert_true(wanted <= RECORDS);
    uint32_t count = journal_refs_pending_next(&s->pending, refs, wanted, &indexed);
    assert_true(count <= wanted);
    for (uint32_t i = 0; i < count; i++) {
        put_into_index(s, &refs[i]);
        bool ascends = i == 0 || refs[i - 1].hash < refs[i].hash ||
                       (refs[i - 1].hash == refs[i].hash && refs[i - 1].sequence < refs[i].sequence);
        assert_true(ascends);
    }
    journal_refs_indexed_pack(&indexed, note);
    assert_true(journal_refs_indexed_read(hub_bytes_of(note, sizeof note), &read));
    journal_refs_pending_forget(&s->pending, &indexed);
    journal_refs_pending_forget(&s->reader, &read);
    return count;
}

static void assert_held(const journal_refs_pending *pending, const journal_ref *ref, bool is_held)
{
    uint64_t out[FOUND_MAX * RECORDS / 8];
    journal_refs_found found = {.out = out, .capacity = sizeof out / sizeof out[0]};
    journal_refs_pending_find(pending, ref->hash, &found);
    bool is_found = false;
    for (uint32_t i = 0; i < found.count; i++)
        is_found = is_found || out[i] == ref->sequence;
    assert_int_equal(is_found, is_held);
}

/* What the index has is forgotten, and nothing else is. */
static void assert_complete(story *s)
{
    uint64_t waiting = 0;
    for (uint32_t i = 0; i < s->made_count; i++) {
        if (!s->is_indexed[i]) waiting++;
        if (i % 97 != 0) continue;
        assert_held(&s->pending, &s->made[i], !s->is_indexed[i]);
        assert_held(&s->reader, &s->made[i], !s->is_indexed[i]);
    }
    assert_int_equal(s->pending.count, waiting);
    assert_int_equal(s->reader.count, waiting);
}

static void a_round_takes_everything_in_the_order_of_its_key(void **fixture)
{
    (void)fixture;
    story *s = told();
    add(s, RECORDS);
    assert_int_equal(merge(s, 400), 400);
    assert_complete(s);
    assert_int_equal(merge(s, 600), 600);
    assert_complete(s);
    assert_int_equal(s->pending.count, 0);
    assert_int_equal(s->pending.indexed.before, RECORDS);
    ended(s);
}

/* Events come while the index is filled: what lies behind the hand waits for the next round. */
static void what_comes_in_the_middle_of_a_round_waits_for_the_next(void **fixture)
{
    (void)fixture;
    story *s = told();
    for (int step = 0; step < 60; step++) {
        add(s, (uint32_t)(made_number(&s->seed) % RECORDS) + 1);
        (void)merge(s, (uint32_t)(made_number(&s->seed) % RECORDS) + 1);
        if (step % 10 == 0) assert_complete(s);
    }
    assert_true(s->pending.indexed.before > 0);
    while (s->pending.count > 0)
        (void)merge(s, RECORDS);
    assert_complete(s);
    ended(s);
}

/* Asked twice, since the first answer could not be written: nothing was handed over, and more has come meanwhile. */
static void what_could_not_be_merged_is_given_again(void **fixture)
{
    (void)fixture;
    story *s = told();
    journal_ref refs[RECORDS];
    journal_refs_indexed indexed;
    add(s, RECORDS);
    assert_int_equal(journal_refs_pending_next(&s->pending, refs, 700, &indexed), 700);
    add(s, RECORDS);
    assert_int_equal(merge(s, 700), 700);
    assert_complete(s);
    assert_int_equal(merge(s, 700), 300); /* the round that was begun */
    assert_int_equal(merge(s, 700), 700);
    assert_complete(s);
    ended(s);
}

/* After a restart what the index has is not taken in again, though its batches are read again from the least that is sure. */
static void a_restart_goes_on_in_the_middle_of_a_round(void **fixture)
{
    (void)fixture;
    story *s = told();
    add(s, RECORDS);
    (void)merge(s, 400);
    const journal_refs_indexed stands = s->pending.indexed;
    journal_refs_pending_free(&s->pending);
    journal_refs_pending_begin(&s->pending, &stands);
    assert_int_equal(s->pending.through, 0);
    const journal_batch again = {.first_sequence = 1, .record_count = RECORDS, .refs = s->made, .ref_count = RECORDS};
    assert_true(journal_refs_pending_add(&s->pending, &again));
    assert_complete(s);
    assert_int_equal(merge(s, RECORDS), 600);
    assert_complete(s);
    ended(s);
}

/* Half a round of another life is read back and merged before the rest is there: no more may be noted than the index holds. */
static void a_round_that_is_not_all_held_is_begun_anew(void **fixture)
{
    (void)fixture;
    story *s = told();
    add(s, RECORDS);
    add(s, RECORDS);
    (void)merge(s, 400);
    const journal_refs_indexed stands = s->pending.indexed;
    journal_refs_pending_free(&s->pending);
    journal_refs_pending_begin(&s->pending, &stands);
    const journal_batch first = {.first_sequence = 1, .record_count = RECORDS, .refs = s->made, .ref_count = RECORDS};
    assert_true(journal_refs_pending_add(&s->pending, &first));
    while (s->pending.count > 0)
        (void)merge(s, RECORDS);
    assert_int_equal(s->pending.indexed.before, RECORDS);
    for (uint32_t i = 0; i < 2 * RECORDS; i++) {
        assert_true(s->is_indexed[i] || i >= RECORDS);
        if (!s->is_indexed[i]) assert_held(&s->reader, &s->made[i], true);
    }
    ended(s);
}

static void a_note_of_another_length_or_order_is_none(void **fixture)
{
    (void)fixture;
    journal_refs_indexed indexed;
    uint8_t note[JOURNAL_REFS_INDEXED_BYTES] = {0};
    hub_put_u64(note, 5);
    assert_false(journal_refs_indexed_read(hub_bytes_of(note, 8), &indexed));
    assert_false(journal_refs_indexed_read(hub_bytes_of(note, 24), &indexed));
    assert_false(journal_refs_indexed_read(hub_bytes_of(note, sizeof note), &indexed)); /* a round that ends before it began */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_round_takes_everything_in_the_order_of_its_key),
        cmocka_unit_test(what_comes_in_the_middle_of_a_round_waits_for_the_next),
        cmocka_unit_test(what_could_not_be_merged_is_given_again),
        cmocka_unit_test(a_restart_goes_on_in_the_middle_of_a_round),
        cmocka_unit_test(a_round_that_is_not_all_held_is_begun_anew),
        cmocka_unit_test(a_note_of_another_length_or_order_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
