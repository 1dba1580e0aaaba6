/* journal_contract.h - what every backend of the journal promises (journal/journal.h, J1 to J6), as one suite of tests.
 *
 * A backend's test program fills in a contract_store and runs CONTRACT_TESTS.
 */
#ifndef CONTRACT_JOURNAL_CONTRACT_H
#define CONTRACT_JOURNAL_CONTRACT_H

#include "contract_steps.h"
#include "journal_model.h"

/* ---- order ---------------------------------------------------------------------------------------------------------------- */
/* A new partnership begins with record 1. */
static void an_empty_journal_ends_at_nothing(void **fixture)
{
    journal *j = opened(*fixture, JOURNAL_CREATE);
    assert_int_equal(end_of(j).last_sequence, 0);
    assert_int_equal(read_from(j, 1).batches, 0);
    journal_close(j);
}

/* The chain is made of exact bytes: one that is not given back exactly breaks it for ever. */
static void what_was_durable_reads_back_byte_for_byte(void **fixture)
{
    journal *j = opened(*fixture, JOURNAL_CREATE);
    journal_end nothing = {0};
    made_batch *made = make_batch(&nothing, 17, 333, 1);
    assert_int_equal(append(j, &made->batch), JOURNAL_DURABLE);
    seen s = {.expected = &made->batch};
    assert_int_equal(journal_read(j, 1, see, &s, NULL), HUB_OK);
    assert_int_equal(s.batches, 1);
    journal_close(j);
    made_batch_free(made);
}

/* A policy with all its sources is one large record; a morning's backlog is one large batch. */
static void the_largest_batch_is_stored_like_any_other(void **fixture)
{
    journal *j = opened(*fixture, JOURNAL_CREATE);
    journal_end nothing = {0};
    made_batch *made = make_batch(&nothing, JOURNAL_BATCH_RECORDS_MAX, JOURNAL_BATCH_BYTES_MAX / JOURNAL_BATCH_RECORDS_MAX, 2);
    assert_int_equal(append(j, &made->batch), JOURNAL_DURABLE);
    seen s = {.expected = &made->batch};
    assert_int_equal(journal_read(j, 1000, see, &s, NULL), HUB_OK);
    assert_int_equal(s.batches, 1);
    journal_close(j);
    made_batch_free(made);
}

/* A consumer asks from its own position, which lies in the middle of a batch. */
static void reading_begins_with_the_batch_that_holds_the_sequence(void **fixture)
{
    journal *j = opened(*fixture, JOURNAL_CREATE);
    append_made(j, 5, 1);
    append_made(j, 5, 2);
    append_made(j, 5, 3);
    seen s = read_from(j, 7);
    assert_int_equal(s.first, 6);
    assert_int_equal(s.last, 15);
    assert_int_equal(s.batches, 2);
    assert_int_equal(read_from(j, 16).batches, 0);
    journal_close(j);
}

static hub_status stop_at_once(void *context, const journal_batch *batch, hub_error *err)
{
    (*(uint32_t *)context) += batch->record_count;
    return hub_fail(err, HUB_ERR_AGAIN, "enough");
}

static void a_reader_that_has_enough_ends_the_reading(void **fixture)
{
    journal *j = opened(*fixture, JOURNAL_CREATE);
    append_made(j, 5, 1);
    append_made(j, 5, 2);
    uint32_t records = 0;
    assert_int_equal(journal_read(j, 1, stop_at_once, &records, NULL), HUB_ERR_AGAIN);
    assert_int_equal(records, 5);
    journal_batch batch;
    assert_int_equal(journal_batch_at(j, 8, &batch, NULL), HUB_OK);
    assert_int_equal(batch.first_sequence, 6);
    assert_int_equal(journal_batch_at(j, 11, &batch, NULL), HUB_ERR_NOT_FOUND);
    journal_close(j);
}

/* J2. Whoever offers a batch that does not follow has lost count: it must not be believed any more. */
static void refused(contract_store *s, uint64_t first, uint32_t epoch)
{
    journal *j = opened(s, JOURNAL_WRITE);
    journal_end end = end_of(j);
    journal_end wrong = {.last_sequence = first - 1, .epoch = epoch};
    made_batch *made = make_batch(&wrong, 2, 50, 9);
    assert_int_equal(append(j, &made->batch), JOURNAL_UNKNOWN);
    made_batch_free(made);
    made = make_batch(&end, 2, 50, 9);
    assert_int_equal(append(j, &made->batch), JOURNAL_UNKNOWN); /* stopped */
    made_batch_free(made);
    journal_close(j);
    j = opened(s, JOURNAL_READ);
    assert_int_equal(read_from(j, 1).last, end.last_sequence);
    journal_close(j);
}

static void a_batch_that_does_not_follow_is_refused(void **fixture)
{
    journal *j = opened(*fixture, JOURNAL_CREATE);
    journal_end start = {.epoch = 7};
    made_batch *made = make_batch(&start, 4, 50, 1);
    assert_int_equal(append(j, &made->batch), JOURNAL_DURABLE);
    made_batch_free(made);
    journal_close(j);
    refused(*fixture, 6, 7); /* a gap */
    refused(*fixture, 4, 7); /* a second time */
    refused(*fixture, 5, 6); /* an older leader */
}

/* ---- opening -------------------------------------------------------------------------------------------------------------- */
static void a_journal_opened_again_goes_on_where_it_ended(void **fixture)
{
    journal *j = opened(*fixture, JOURNAL_CREATE);
    append_made(j, 3, 1);
    append_made(j, 4, 2);
    journal_end before = end_of(j);
    journal_close(j);
    j = opened(*fixture, JOURNAL_WRITE);
    journal_end after = end_of(j);
    assert_int_equal(after.last_sequence, 7);
    assert_int_equal(after.epoch, before.epoch);
    assert_int_equal(after.state_digest, before.state_digest);
    assert_memory_equal(after.last_hash.bytes, before.last_hash.bytes, HUB_DIGEST_BYTES);
    append_made(j, 1, 3);
    assert_int_equal(read_from(j, 1).last, 8);
    journal_close(j);
}

/* Two writers would write two histories. The message must say who has the place, or nobody knows what to stop. */
static void a_second_writer_is_refused(void **fixture)
{
    contract_store *s = *fixture;
    journal *first = opened(s, JOURNAL_CREATE);
    journal *second = NULL;
    hub_error err = {{0}};
    assert_int_equal(s->open(s->self, PARTNERSHIP, JOURNAL_WRITE, &second, &err), HUB_ERR_EXISTS);
    assert_null(second);
    assert_true(strstr(err.text, "process") != NULL);
    append_made(first, 1, 1); /* undisturbed */
    journal_close(first);
    journal_close(opened(s, JOURNAL_WRITE));
}

static void a_reader_beside_the_writer_sees_what_is_durable(void **fixture)
{
    journal *writer = opened(*fixture, JOURNAL_CREATE);
    append_made(writer, 2, 1);
    journal *reader = opened(*fixture, JOURNAL_READ);
    assert_int_equal(end_of(reader).last_sequence, 2);
    append_made(writer, 2, 2);
    assert_int_equal(end_of(reader).last_sequence, 4);
    assert_int_equal(read_from(reader, 1).last, 4);
    journal_close(reader);
    journal_close(writer);
}

static void a_store_that_is_not_there_is_not_found(void **fixture)
{
    contract_store *s = *fixture;
    journal *j;
    hub_error err = {{0}};
    assert_int_equal(s->open(s->self, PARTNERSHIP, JOURNAL_WRITE, &j, &err), HUB_ERR_NOT_FOUND);
    assert_int_equal(s->open(s->self, PARTNERSHIP, JOURNAL_READ, &j, &err), HUB_ERR_NOT_FOUND);
    assert_null(j);
}

/* A partnership is made once. A try that ended before its first record leaves nothing that hinders the next. */
static void a_journal_is_created_once(void **fixture)
{
    contract_store *s = *fixture;
    journal_close(opened(s, JOURNAL_CREATE));
    journal *j = opened(s, JOURNAL_CREATE);
    append_made(j, 1, 1);
    journal_close(j);
    hub_error err = {{0}};
    assert_int_equal(s->open(s->self, PARTNERSHIP, JOURNAL_CREATE, &j, &err), HUB_ERR_EXISTS);
    assert_null(j);
    j = opened(s, JOURNAL_WRITE);
    assert_int_equal(end_of(j).last_sequence, 1);
    journal_close(j);
}

/* ---- refs ----------------------------------------------------------------------------------------------------------------- */
/* Ten refs apart, as those of one last digit are. */
static void assert_found(journal *j, uint64_t hash, uint32_t capacity, uint32_t expected_count, uint64_t newest)
{
    uint64_t out[16] = {0};
    uint32_t count;
    assert_true(capacity <= 16);
    assert_int_equal(journal_lookup(j, hash, out, capacity, &count, NULL), HUB_OK);
    assert_int_equal(count, expected_count);
    for (uint32_t i = 0; i < count; i++)
        assert_int_equal(out[i], newest - 10 * i);
}

/* Finding must not depend on whether there was a pause to fill the index. */
static void refs_are_found_newest_first_before_and_after_indexing(void **fixture)
{
    journal *j = opened(*fixture, JOURNAL_CREATE);
    append_made(j, 30, 1); /* refs 3, 13, 23 */
    append_made(j, 30, 2); /* refs 33, 43, 53 */
    journal *reader = opened(*fixture, JOURNAL_READ);
    assert_found(j, made_hash(3), 16, 6, 53);
    assert_found(reader, made_hash(3), 16, 6, 53);
    index_all(j);
    assert_found(j, made_hash(3), 16, 6, 53);
    assert_found(reader, made_hash(3), 16, 6, 53);
    append_made(j, 10, 3); /* 63: in the batch, not in the index */
    assert_found(j, made_hash(3), 2, 2, 63);
    assert_found(reader, made_hash(3), 2, 2, 63);
    assert_found(reader, 99, 16, 0, 0);
    journal_close(reader);
    journal_close(j);
    j = opened(*fixture, JOURNAL_WRITE);
    assert_found(j, made_hash(3), 16, 7, 63);
    index_all(j);
    assert_found(j, made_hash(3), 16, 7, 63);
    journal_close(j);
}

/* Many refs are merged in slices, in the order of their hashes; none may fall between two, whenever it came. */
static void an_index_filled_in_slices_misses_nothing(void **fixture)
{
    journal *j = opened(*fixture, JOURNAL_CREATE);
    for (uint64_t i = 0; i < 11; i++)
        append_made(j, 1000, i);
    (void)journal_idle(j, 10000);
    assert_true(journal_idle(j, 10000)); /* a slice of 4,096 refs at most */
    append_made(j, 1000, 11);
    (void)journal_idle(j, 1000);
    assert_true(journal_idle(j, 1000)); /* and a smaller one */
    assert_found(j, made_hash(3), 16, 16, 11993);
    uint64_t *all = calloc(2000, sizeof *all);
    uint32_t count;
    assert_int_equal(journal_lookup(j, made_hash(5), all, 2000, &count, NULL), HUB_OK);
    assert_int_equal(count, 1200);
    index_all(j);
    assert_int_equal(journal_lookup(j, made_hash(5), all, 2000, &count, NULL), HUB_OK);
    assert_int_equal(count, 1200);
    assert_int_equal(all[0], 11995);
    assert_int_equal(all[1199], 5);
    free(all);
    journal_close(j);
}

/* A restart in the middle of a round goes on with what is not indexed yet, and a reader knows as much as the writer. */
static void an_index_is_gone_on_with_from_where_its_note_says(void **fixture)
{
    journal *j = opened(*fixture, JOURNAL_CREATE);
    append_made(j, 1000, 1);
    (void)journal_idle(j, 1000);
    assert_true(journal_idle(j, 1000)); /* about half of them */
    journal_close(j);
    j = opened(*fixture, JOURNAL_WRITE);
    journal *reader = opened(*fixture, JOURNAL_READ);
    append_made(j, 1000, 2);
    for (uint64_t digit = 0; digit < 10; digit++) {
        assert_found(reader, made_hash(digit), 16, 16, digit == 0 ? 2000 : 1990 + digit);
        assert_found(j, made_hash(digit), 16, 16, digit == 0 ? 2000 : 1990 + digit);
    }
    index_all(j);
    uint64_t all[300];
    uint32_t count;
    assert_int_equal(journal_lookup(j, made_hash(7), all, 300, &count, NULL), HUB_OK);
    assert_int_equal(count, 200);
    assert_int_equal(journal_lookup(reader, made_hash(2), all, 300, &count, NULL), HUB_OK);
    assert_int_equal(count, 200);
    journal_close(reader);
    journal_close(j);
}

/* What the note says is believed: a lookup that went by half of one would miss records in silence. */
static void a_note_of_the_index_that_is_damaged_is_no_note(void **fixture)
{
    journal *j = opened(*fixture, JOURNAL_CREATE);
    append_made(j, 30, 1);
    index_all(j);
    assert_int_equal(journal_note_put(j, "indexed_through", hub_bytes_of("another", 7), NULL), HUB_OK);
    journal_close(j);
    contract_store *s = *fixture;
    hub_error err = {{0}};
    assert_int_equal(s->open(s->self, PARTNERSHIP, JOURNAL_WRITE, &j, &err), HUB_ERR_CORRUPT);
    assert_true(strstr(err.text, "indexed_through") != NULL);
}

/* ---- beside the records --------------------------------------------------------------------------------------------------- */
static void key_pages_are_stored_with_their_batch(void **fixture)
{
    journal *j = opened(*fixture, JOURNAL_CREATE);
    journal_end end = {0};
    made_batch *made = make_batch(&end, 1, 50, 1);
    made->batch.key_page = 3;
    made->batch.key_page_bytes = hub_bytes_of("a\0b", 3);
    assert_int_equal(append(j, &made->batch), JOURNAL_DURABLE);
    hub_buffer page = {0};
    assert_int_equal(journal_key_page(j, 3, &page, NULL), HUB_OK);
    assert_int_equal(page.size, 3);
    assert_memory_equal(page.data, "a\0b", 3);
    assert_int_equal(journal_key_page(j, 4, &page, NULL), HUB_ERR_NOT_FOUND);
    /* a page wrapped anew takes the old one's place */
    end = end_after(&made->batch);
    made_batch_free(made);
    made = make_batch(&end, 1, 50, 2);
    made->batch.key_page = 3;
    made->batch.key_page_bytes = hub_bytes_of("new", 3);
    assert_int_equal(append(j, &made->batch), JOURNAL_DURABLE);
    hub_buffer_clear(&page);
    assert_int_equal(journal_key_page(j, 3, &page, NULL), HUB_OK);
    assert_memory_equal(page.data, "new", 3);
    hub_buffer_free(&page);
    made_batch_free(made);
    journal_close(j);
}

static hub_status join_heads(void *context, hub_bytes head, hub_error *err)
{
    (void)err;
    hub_buffer_put(context, head.data, head.size);
    return HUB_OK;
}

static void append_head(journal *j, const char *head)
{
    journal_end end = end_of(j);
    made_batch *made = make_batch(&end, 2, 50, 1);
    made->batch.head = hub_bytes_of_text(head);
    assert_int_equal(append(j, &made->batch), JOURNAL_DURABLE);
    made_batch_free(made);
}

static void heads_are_kept_oldest_first(void **fixture)
{
    journal *j = opened(*fixture, JOURNAL_CREATE);
    append_head(j, "one,");
    append_made(j, 3, 1);
    append_head(j, "two,");
    append_head(j, "three");
    hub_buffer all = {0};
    assert_int_equal(journal_heads(j, join_heads, &all, NULL), HUB_OK);
    assert_string_equal(hub_buffer_text(&all), "one,two,three");
    hub_buffer_free(&all);
    journal_close(j);
}

static void notes_are_kept_and_replaced(void **fixture)
{
    journal *j = opened(*fixture, JOURNAL_CREATE);
    hub_buffer note = {0};
    assert_int_equal(journal_note_get(j, "colour", &note, NULL), HUB_ERR_NOT_FOUND);
    assert_int_equal(journal_note_put(j, "colour", hub_bytes_of_text("blue"), NULL), HUB_OK);
    assert_int_equal(journal_note_put(j, "colour", hub_bytes_of("r\0d", 3), NULL), HUB_OK);
    assert_int_equal(journal_note_put(j, "empty", hub_bytes_of(NULL, 0), NULL), HUB_OK);
    journal_close(j);
    j = opened(*fixture, JOURNAL_READ);
    assert_int_equal(journal_note_get(j, "colour", &note, NULL), HUB_OK);
    assert_int_equal(note.size, 3);
    assert_memory_equal(note.data, "r\0d", 3);
    hub_buffer_clear(&note);
    assert_int_equal(journal_note_get(j, "empty", &note, NULL), HUB_OK);
    assert_int_equal(note.size, 0);
    hub_buffer_free(&note);
    journal_close(j);
}

/* ---- damage and failure --------------------------------------------------------------------------------------------------- */
/* J5. A shorter answer would look like a history in which the lost events never were. */
static void a_damaged_batch_is_found(void **fixture)
{
    contract_store *s = *fixture;
    journal *j = opened(s, JOURNAL_CREATE);
    append_made(j, 5, 1);
    append_made(j, 5, 2);
    append_made(j, 5, 3);
    journal_close(j);
    s->damage(s->self, 7);
    j = opened(s, JOURNAL_READ);
    seen found = {0};
    hub_error err = {{0}};
    assert_int_equal(journal_read(j, 1, see, &found, &err), HUB_ERR_CORRUPT);
    assert_int_equal(found.last, 5);
    assert_true(strstr(err.text, "record 6") != NULL);
    assert_int_equal(journal_read(j, 11, see, &found, &err), HUB_OK); /* what is whole can still be read */
    journal_close(j);
}

/* J3. When space returns, so does everything, without a restart. */
static void a_full_store_takes_the_same_batch_later(void **fixture)
{
    contract_store *s = *fixture;
    journal *j = opened(s, JOURNAL_CREATE);
    append_made(j, 5, 1);
    journal_end end = end_of(j);
    made_batch *made = make_batch(&end, 50, 2000, 2);
    s->fill(s->self);
    assert_int_equal(append(j, &made->batch), JOURNAL_FULL);
    assert_int_equal(append(j, &made->batch), JOURNAL_FULL);
    assert_int_equal(end_of(j).last_sequence, 5);
    assert_int_equal(read_from(j, 1).last, 5);
    s->make_room(s->self);
    assert_int_equal(append(j, &made->batch), JOURNAL_DURABLE);
    seen found = {.expected = &made->batch};
    assert_int_equal(journal_read(j, 6, see, &found, NULL), HUB_OK);
    assert_int_equal(found.batches, 1);
    made_batch_free(made);
    journal_close(j);
}

/* J4. After a sync that failed nobody knows what is on the disk: going on would confirm what may be gone. */
static void an_unknown_outcome_stops_the_journal(void **fixture)
{
    contract_store *s = *fixture;
    journal *j = opened(s, JOURNAL_CREATE);
    append_made(j, 5, 1);
    journal_end end = end_of(j);
    made_batch *made = make_batch(&end, 5, 100, 2);
    s->break_next(s->self);
    assert_int_equal(append(j, &made->batch), JOURNAL_UNKNOWN);
    assert_int_equal(append(j, &made->batch), JOURNAL_UNKNOWN);
    assert_int_equal(journal_note_put(j, "colour", hub_bytes_of_text("blue"), NULL), HUB_ERR_UNKNOWN);
    assert_false(journal_idle(j, 1000));
    journal_close(j);
    s->mend(s->self);
    j = opened(s, JOURNAL_WRITE);
    uint64_t last = s->keeps_broken ? 10 : 5; /* there or not, but whole */
    assert_int_equal(end_of(j).last_sequence, last);
    assert_int_equal(read_from(j, 1).last, last);
    append_made(j, 1, 3);
    journal_close(j);
    made_batch_free(made);
}

static void room_is_told(void **fixture)
{
    journal *j = opened(*fixture, JOURNAL_CREATE);
    assert_true(journal_room(j) > 0);
    journal_close(j);
}

#define CONTRACT_TEST(name, setup, teardown) cmocka_unit_test_setup_teardown(name, setup, teardown)
#define CONTRACT_TESTS(setup, teardown)                                                                                          \
    CONTRACT_TEST(an_empty_journal_ends_at_nothing, setup, teardown),                                                            \
        CONTRACT_TEST(what_was_durable_reads_back_byte_for_byte, setup, teardown),                                               \
        CONTRACT_TEST(the_largest_batch_is_stored_like_any_other, setup, teardown),                                              \
        CONTRACT_TEST(reading_begins_with_the_batch_that_holds_the_sequence, setup, teardown),                                   \
        CONTRACT_TEST(a_reader_that_has_enough_ends_the_reading, setup, teardown),                                               \
        CONTRACT_TEST(a_batch_that_does_not_follow_is_refused, setup, teardown),                                                 \
        CONTRACT_TEST(a_journal_opened_again_goes_on_where_it_ended, setup, teardown),                                           \
        CONTRACT_TEST(a_second_writer_is_refused, setup, teardown),                                                              \
        CONTRACT_TEST(a_reader_beside_the_writer_sees_what_is_durable, setup, teardown),                                         \
        CONTRACT_TEST(a_store_that_is_not_there_is_not_found, setup, teardown),                                                  \
        CONTRACT_TEST(a_journal_is_created_once, setup, teardown),                                                               \
        CONTRACT_TEST(refs_are_found_newest_first_before_and_after_indexing, setup, teardown),                                   \
        CONTRACT_TEST(an_index_filled_in_slices_misses_nothing, setup, teardown),                                                \
        CONTRACT_TEST(an_index_is_gone_on_with_from_where_its_note_says, setup, teardown),                                       \
        CONTRACT_TEST(a_note_of_the_index_that_is_damaged_is_no_note, setup, teardown),                                          \
        CONTRACT_TEST(key_pages_are_stored_with_their_batch, setup, teardown),                                                   \
        CONTRACT_TEST(heads_are_kept_oldest_first, setup, teardown),                                                             \
        CONTRACT_TEST(notes_are_kept_and_replaced, setup, teardown), CONTRACT_TEST(a_damaged_batch_is_found, setup, teardown),   \
        CONTRACT_TEST(a_full_store_takes_the_same_batch_later, setup, teardown),                                                 \
        CONTRACT_TEST(an_unknown_outcome_stops_the_journal, setup, teardown), CONTRACT_TEST(room_is_told, setup, teardown),      \
        CONTRACT_TEST(the_journal_agrees_with_a_plain_list, setup, teardown)

#endif
