/* The outbox's promises O1 to O5, as stories. */
#include "outbox_story.h"

#include <sqlite3.h>

static hub_id outbox_id_of(const outbox *box)
{
    outbox_numbers numbers;
    outbox_numbers_of(box, &numbers);
    return numbers.outbox_id;
}

static void copy_file(const char *from, const char *to)
{
    hub_buffer content = {0};
    hub_error err = {{0}};
    kit_ok(host_file_read(from, 1 << 26, &content, &err));
    kit_ok(host_file_replace(to, hub_buffer_bytes(&content), 0600, &err));
    hub_buffer_free(&content);
}

/* What an adapter answered for must be there after a power cut: closing is not part of the promise. */
static void what_was_put_is_found_after_a_crash_in_order(void **state)
{
    outbox *box = opened(*state);
    given_put(box, 1, 3);
    copy_file(kit_path(*state, "outbox.db"), kit_path(*state, "copy.db"));
    copy_file(kit_path(*state, "outbox.db-wal"), kit_path(*state, "copy.db-wal"));
    outbox_close(box);
    copy_file(kit_path(*state, "copy.db"), kit_path(*state, "outbox.db"));
    copy_file(kit_path(*state, "copy.db-wal"), kit_path(*state, "outbox.db-wal"));

    box = opened(*state);
    assert_string_equal(waiting(box), "1,2,3");
    assert_int_equal(counts_of(box).put, 3);
    assert_int_equal(counts_of(box).forks, 0);
    outbox_close(box);
}

/* Half an input would be taken for the whole of it. */
static void an_input_that_was_not_committed_leaves_nothing(void **state)
{
    hub_error err = {{0}};
    outbox *box = opened(*state);
    given_put(box, 1, 1);
    kit_ok(outbox_begin(box, &err));
    kit_ok(put_one(box, 2, OUTBOX_ORDINARY, &err));
    kit_ok(outbox_state_put(box, "mapping", "child", hub_bytes_of_text("known"), &err));
    kit_ok(outbox_input_done(box, hub_bytes_of_text("file"), (hub_bytes){0}, 1, "", NOW, &err));
    outbox_close(box);

    box = opened(*state);
    hub_buffer out = {0};
    outbox_seen known;
    assert_string_equal(waiting(box), "1");
    assert_int_equal(outbox_state_get(box, "mapping", "child", &out, &err), HUB_ERR_NOT_FOUND);
    assert_int_equal(outbox_input_seen(box, hub_bytes_of_text("file"), (hub_bytes){0}, &known, &out, &err), HUB_ERR_NOT_FOUND);
    outbox_close(box);
}

/* Events, memory of the mapping and "seen" belong together. */
static void an_input_its_events_and_what_the_mapping_remembers_are_one(void **state)
{
    hub_error err = {{0}};
    outbox *box = opened(*state);
    kit_ok(outbox_begin(box, &err));
    kit_ok(put_one(box, 1, OUTBOX_ORDINARY, &err));
    kit_ok(outbox_state_put(box, "mapping", "child", hub_bytes_of_text("known"), &err));
    kit_ok(outbox_input_done(box, hub_bytes_of_text("file"), (hub_bytes){0}, 2, "a row was parked", NOW, &err));
    kit_ok(outbox_commit(box, &err));
    outbox_close(box);

    box = opened(*state);
    hub_buffer out = {0};
    hub_buffer reason = {0};
    outbox_seen known;
    kit_ok(outbox_state_get(box, "mapping", "child", &out, &err));
    assert_string_equal(hub_buffer_text(&out), "known");
    kit_ok(outbox_input_seen(box, hub_bytes_of_text("file"), (hub_bytes){0}, &known, &reason, &err));
    assert_int_equal(known.result, 2);
    assert_int_equal(known.place, 1);
    assert_string_equal(hub_buffer_text(&reason), "a row was parked");
    assert_int_equal(outbox_state_get(box, "other mapping", "child", &out, &err), HUB_ERR_NOT_FOUND);
    hub_buffer_free(&out);
    hub_buffer_free(&reason);
    outbox_close(box);
}

/* A copied database, or a stolen disk, must not tell who is known to whom. */
static void nothing_of_an_event_stands_in_the_files_in_clear(void **state)
{
    hub_error err = {{0}};
    outbox *box = opened(*state);
    hub_id id = kit_id(1);
    const char secret[] = "ZZ99 3VZ at number nine";
    kit_ok(outbox_begin(box, &err));
    kit_ok(outbox_put(box, &id, hub_bytes_of(secret, sizeof secret), OUTBOX_URGENT, NOW, &err));
    kit_ok(outbox_state_put(box, "m", secret, hub_bytes_of(secret, sizeof secret), &err));
    kit_ok(outbox_park(
        box,
        &(outbox_parked){.origin = "mapping", .field = "f", .reason = "r", .record = hub_bytes_of_text(secret), .input = secret},
        NOW, &err));
    kit_ok(outbox_input_done(box, hub_bytes_of_text(secret), (hub_bytes){0}, 0, "", NOW, &err));
    kit_ok(outbox_commit(box, &err));
    static const char *const FILES[] = {"outbox.db", "outbox.db-wal"};
    for (size_t i = 0; i < 2; i++) {
        hub_buffer content = {0};
        kit_ok(host_file_read(kit_path(*state, FILES[i]), 1 << 26, &content, &err));
        assert_null(memmem(content.data, content.size, secret, sizeof secret - 1));
        hub_buffer_free(&content);
    }
    struct stat key;
    assert_int_equal(stat(kit_path(*state, "outbox.key"), &key), 0);
    assert_int_equal(key.st_mode & 0777, 0600);
    outbox_close(box);
}

static void settled_items_move_the_mark_and_are_kept_for_days(void **state)
{
    hub_error err = {{0}};
    outbox *box = opened(*state);
    given_put(box, 1, 5);
    kit_ok(outbox_settle(box, 2, OUTBOX_STORED, NOW, &err));
    kit_ok(outbox_settle(box, 3, OUTBOX_DUPLICATE, NOW + DAY, &err));
    assert_string_equal(waiting(box), "4,5");
    outbox_numbers numbers;
    outbox_numbers_of(box, &numbers);
    assert_int_equal(kit_id_number(&numbers.settled_event_id), 3);

    bool more = false;
    kit_ok(outbox_forget(box, NOW + 7 * DAY - 1, &more, &err));
    assert_int_equal(counts_of(box).kept, 3);
    kit_ok(outbox_forget(box, NOW + 7 * DAY, &more, &err));
    assert_int_equal(counts_of(box).kept, 1);
    kit_ok(outbox_forget(box, NOW + 9 * DAY, &more, &err));
    assert_int_equal(counts_of(box).kept, 0);
    assert_string_equal(waiting(box), "4,5");
    outbox_close(box);
}

/* A person must be able to see what the hub would not take, and why; the ones behind it go on. */
static void a_refused_item_moves_to_the_parked_ones_with_code_field_and_reason(void **state)
{
    hub_error err = {{0}};
    outbox *box = opened(*state);
    given_put(box, 1, 3);
    kit_ok(outbox_settle(box, 1, OUTBOX_STORED, NOW, &err));
    kit_ok(outbox_refuse(box, "hub", 5, "subjects[0].sex", "not a value of this list", NOW, &err));
    assert_string_equal(waiting(box), "3");

    hub_arena arena;
    outbox_parked parked;
    assert_int_equal(hub_arena_open(&arena, 65536, 1 << 20), HUB_OK);
    kit_ok(outbox_parked_next(box, 0, &arena, &parked, &err));
    assert_int_equal(parked.code, 5);
    assert_string_equal(parked.origin, "hub");
    assert_string_equal(parked.field, "subjects[0].sex");
    assert_string_equal(parked.reason, "not a value of this list");
    assert_true(hub_bytes_equal(parked.record, hub_bytes_of_text("event 2")));
    kit_ok(outbox_parked_taken(box, parked.id, &err));
    assert_int_equal(outbox_parked_next(box, 0, &arena, &parked, &err), HUB_ERR_NOT_FOUND);
    hub_arena_close(&arena);
    outbox_close(box);
}

static void given_input(outbox *box, const char *name, uint32_t first, uint32_t last)
{
    hub_error err = {{0}};
    kit_ok(outbox_begin(box, &err));
    for (uint32_t i = first; i <= last; i++)
        kit_ok(put_one(box, i, OUTBOX_ORDINARY, &err));
    kit_ok(outbox_input_done(box, hub_bytes_of_text(name), (hub_bytes){0}, 1, "", NOW, &err));
    kit_ok(outbox_commit(box, &err));
}

static hub_status seen(outbox *box, const char *name, const char *content)
{
    hub_error err = {{0}};
    hub_buffer reason = {0};
    outbox_seen known;
    hub_status status = outbox_input_seen(box, hub_bytes_of_text(name), hub_bytes_of_text(content), &known, &reason, &err);
    hub_buffer_free(&reason);
    return status;
}

/* A person who puts the area right and sends the file again must not be told "seen before" (O7). */
static void the_input_of_a_refused_item_may_come_again_and_no_other(void **state)
{
    hub_error err = {{0}};
    outbox *box = opened(*state);
    given_input(box, "a", 1, 2);
    given_input(box, "nothing in it", 3, 2);
    given_input(box, "b", 3, 4);
    kit_ok(outbox_settle(box, 1, OUTBOX_STORED, NOW, &err));
    kit_ok(outbox_refuse(box, "hub", 5, "area", "no such area", NOW, &err));
    assert_int_equal(seen(box, "a", ""), HUB_ERR_NOT_FOUND);
    assert_int_equal(seen(box, "nothing in it", ""), HUB_OK);
    assert_int_equal(seen(box, "b", ""), HUB_OK);
    hub_id stored = kit_id(1);
    hub_id refused = kit_id(2);
    assert_int_equal(outbox_was_refused(box, &stored, &err), HUB_ERR_NOT_FOUND);
    kit_ok(outbox_was_refused(box, &refused, &err));
    outbox_close(box);
}

static void an_input_number_with_other_content_is_no_repeat(void **state)
{
    hub_error err = {{0}};
    outbox *box = opened(*state);
    kit_ok(outbox_begin(box, &err));
    kit_ok(outbox_input_done(box, hub_bytes_of_text("17"), hub_bytes_of_text("first"), 1, "", NOW, &err));
    kit_ok(outbox_commit(box, &err));
    assert_int_equal(seen(box, "17", "first"), HUB_OK);
    assert_int_equal(seen(box, "17", "other"), HUB_ERR_EXISTS);
    assert_int_equal(seen(box, "18", "first"), HUB_ERR_NOT_FOUND);
    outbox_close(box);
}

/* Guessing at what another program meant could lose what waits. */
static void an_outbox_of_another_format_is_refused_and_left_as_it_is(void **state)
{
    hub_error err = {{0}};
    sqlite3 *db = NULL;
    outbox *box = opened(*state);
    given_input(box, "a", 1, 2);
    outbox_close(box);
    assert_int_equal(sqlite3_open(kit_path(*state, "outbox.db"), &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, "PRAGMA user_version=1", NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(outbox_open(&(outbox_options){.folder = *state, .access = OUTBOX_LOOK}, &box, &err), HUB_ERR_VERSION);
    assert_int_equal(outbox_open(&(outbox_options){.folder = *state, .access = OUTBOX_OWN}, &box, &err), HUB_ERR_VERSION);
    assert_non_null(strstr(err.text, "format 1, and this program reads 2 alone"));
    assert_int_equal(sqlite3_exec(db, "PRAGMA user_version=2", NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
    box = opened(*state);
    assert_string_equal(waiting(box), "1,2");
    outbox_close(box);
}

/* The hub was restored from a backup: it must be given everything again, the refused one excepted. */
static void a_fork_offers_everything_kept_again_from_one_under_a_new_id(void **state)
{
    hub_error err = {{0}};
    outbox *box = opened(*state);
    hub_id before = outbox_id_of(box);
    given_put(box, 1, 5);
    kit_ok(outbox_settle(box, 2, OUTBOX_STORED, NOW, &err));
    kit_ok(outbox_refuse(box, "hub", 5, "", "", NOW, &err));
    kit_ok(outbox_fork(box, &err));

    hub_id after = outbox_id_of(box);
    assert_false(hub_id_equal(&before, &after));
    assert_string_equal(waiting(box), "1,2,4,5");
    outbox_counts counts = counts_of(box);
    assert_int_equal(counts.waiting, 4);
    assert_int_equal(counts.put + counts.reoffered, counts.stored + counts.duplicate + counts.refused + counts.waiting);
    given_put(box, 6, 6);
    assert_string_equal(waiting(box), "1,2,4,5,6");
    outbox_close(box);
}

static uint64_t in_doubt(outbox *box)
{
    hub_error err = {{0}};
    uint64_t count = 99;
    kit_ok(outbox_in_doubt(box, &count, &err));
    return count;
}

/* Three were acknowledged and forgotten, two are still kept; then the hub forks. */
static outbox *given_a_fork_after_some_were_forgotten(void *state)
{
    hub_error err = {{0}};
    bool more = true;
    outbox *box = opened(state);
    given_put(box, 1, 5);
    kit_ok(outbox_settle(box, 3, OUTBOX_STORED, NOW, &err));
    kit_ok(outbox_settle(box, 5, OUTBOX_STORED, NOW + 8 * DAY, &err));
    while (more)
        kit_ok(outbox_forget(box, NOW + 8 * DAY, &more, &err));
    assert_int_equal(outbox_forgotten(box), 3);
    assert_int_equal(in_doubt(box), 0);
    kit_ok(outbox_fork(box, &err));
    assert_int_equal(outbox_forgotten(box), 3);
    assert_int_equal(in_doubt(box), 3);
    return box;
}

/* What nobody can offer again must not be taken for safe: a check that passes it over in silence gives false assurance. */
static void what_was_forgotten_is_in_doubt_when_the_hub_lacks_the_oldest_that_was_kept(void **state)
{
    hub_error err = {{0}};
    outbox *box = given_a_fork_after_some_were_forgotten(*state);
    kit_ok(outbox_settle(box, 1, OUTBOX_STORED, NOW, &err));
    kit_ok(outbox_settle(box, 2, OUTBOX_DUPLICATE, NOW, &err));
    assert_int_equal(in_doubt(box), 3);
    assert_int_equal(outbox_forgotten(box), 3);
    outbox_close(box);
}

static void what_was_forgotten_is_held_when_the_hub_holds_the_oldest_that_was_kept(void **state)
{
    hub_error err = {{0}};
    outbox *box = given_a_fork_after_some_were_forgotten(*state);
    kit_ok(outbox_settle(box, 1, OUTBOX_DUPLICATE, NOW, &err));
    kit_ok(outbox_settle(box, 2, OUTBOX_STORED, NOW, &err));
    assert_int_equal(in_doubt(box), 0);
    outbox_close(box);
}

/* Yesterday's copy would give today's numbers to other events. */
static void a_database_copied_back_from_another_day_is_noticed(void **state)
{
    outbox *box = opened(*state);
    hub_id before = outbox_id_of(box);
    given_put(box, 1, 2);
    outbox_close(box);
    copy_file(kit_path(*state, "outbox.db"), kit_path(*state, "yesterday.db"));
    box = opened(*state);
    given_put(box, 3, 3);
    hub_id same = outbox_id_of(box);
    assert_true(hub_id_equal(&before, &same));
    outbox_close(box);

    copy_file(kit_path(*state, "yesterday.db"), kit_path(*state, "outbox.db"));
    box = opened(*state);
    hub_id after = outbox_id_of(box);
    assert_false(hub_id_equal(&before, &after));
    assert_string_equal(waiting(box), "1,2");
    assert_int_equal(counts_of(box).forks, 1);
    outbox_close(box);
}

static void a_missing_generation_file_counts_as_a_restore(void **state)
{
    outbox *box = opened(*state);
    given_put(box, 1, 1);
    outbox_close(box);
    assert_int_equal(unlink(kit_path(*state, "outbox.generation")), 0);
    box = opened(*state);
    assert_int_equal(counts_of(box).forks, 1);
    outbox_close(box);
    box = opened(*state);
    assert_int_equal(counts_of(box).forks, 1);
    outbox_close(box);
}

/* Refusing is an answer that the sender hears; dropping is not. */
static void a_full_outbox_refuses_and_drops_nothing(void **state)
{
    hub_error err = {{0}};
    outbox *box = NULL;
    kit_ok(outbox_open(&(outbox_options){.folder = *state, .waiting_max = 2}, &box, &err));
    given_put(box, 1, 2);
    kit_ok(outbox_begin(box, &err));
    assert_int_equal(put_one(box, 3, OUTBOX_ORDINARY, &err), HUB_ERR_FULL);
    assert_non_null(strstr(err.text, "2 events wait"));
    outbox_rollback(box);
    kit_ok(outbox_settle(box, 1, OUTBOX_STORED, NOW, &err));
    given_put(box, 3, 3);
    assert_string_equal(waiting(box), "2,3");
    outbox_close(box);
}

static void a_full_parked_store_refuses_too_but_not_the_hubs_refusals(void **state)
{
    hub_error err = {{0}};
    outbox *box = NULL;
    kit_ok(outbox_open(&(outbox_options){.folder = *state, .parked_max = 1}, &box, &err));
    given_put(box, 1, 1);
    outbox_parked bad = {.origin = "mapping", .field = "f", .reason = "r", .record = hub_bytes_of_text("x")};
    kit_ok(outbox_begin(box, &err));
    kit_ok(outbox_park(box, &bad, NOW, &err));
    assert_int_equal(outbox_park(box, &bad, NOW, &err), HUB_ERR_FULL);
    kit_ok(outbox_refuse(box, "hub", 5, "", "", NOW, &err));
    kit_ok(outbox_commit(box, &err));
    assert_int_equal(counts_of(box).parked_held, 2);
    assert_int_equal(counts_of(box).received, counts_of(box).put + counts_of(box).parked_here);
    outbox_close(box);
}

static void two_adapters_cannot_own_one_outbox(void **state)
{
    hub_error err = {{0}};
    outbox *second = NULL;
    outbox *box = opened(*state);
    assert_int_equal(outbox_open(&(outbox_options){.folder = *state}, &second, &err), HUB_ERR_EXISTS);
    assert_null(second);
    outbox_close(box);
}

static void counters_can_be_looked_at_beside_the_owner(void **state)
{
    hub_error err = {{0}};
    outbox *box = opened(*state);
    given_put(box, 1, 2);
    kit_ok(outbox_note(box, "trouble", "the hub is not reached", &err));
    outbox *look = NULL;
    hub_buffer text = {0};
    kit_ok(outbox_open(&(outbox_options){.folder = *state, .access = OUTBOX_LOOK}, &look, &err));
    assert_int_equal(counts_of(look).waiting, 2);
    kit_ok(outbox_noted(look, "trouble", &text, &err));
    assert_string_equal(hub_buffer_text(&text), "the hub is not reached");
    hub_buffer_free(&text);
    outbox_close(look);
    outbox_close(box);
}

/* A wrong key file must stop the start, not make every item look damaged. */
static void another_key_file_is_refused_at_open(void **state)
{
    hub_error err = {{0}};
    outbox *box = opened(*state);
    given_put(box, 1, 1);
    outbox_close(box);
    char other[66];
    memset(other, '7', 64);
    memcpy(other + 64, "\n", 2);
    kit_write(kit_path(*state, "outbox.key"), other);
    assert_int_equal(outbox_open(&(outbox_options){.folder = *state}, &box, &err), HUB_ERR_CORRUPT);
    assert_non_null(strstr(err.text, "outbox.key"));
}

static void a_key_file_that_others_may_read_is_refused(void **state)
{
    hub_error err = {{0}};
    outbox *box = opened(*state);
    outbox_close(box);
    assert_int_equal(chmod(kit_path(*state, "outbox.key"), 0644), 0);
    assert_int_equal(outbox_open(&(outbox_options){.folder = *state}, &box, &err), HUB_ERR_REFUSED);
    assert_non_null(strstr(err.text, "chmod 600"));
}

static void urgent_items_are_told_once_and_only_while_they_wait(void **state)
{
    hub_error err = {{0}};
    outbox *box = opened(*state);
    kit_ok(outbox_begin(box, &err));
    kit_ok(put_one(box, 1, OUTBOX_URGENT, &err));
    kit_ok(put_one(box, 2, OUTBOX_ORDINARY, &err));
    kit_ok(put_one(box, 3, OUTBOX_URGENT, &err));
    kit_ok(put_one(box, 4, OUTBOX_URGENT, &err));
    kit_ok(outbox_commit(box, &err));
    kit_ok(outbox_settle(box, 1, OUTBOX_STORED, NOW, &err));

    uint64_t place = 0;
    outbox_item item;
    kit_ok(outbox_urgent(box, 0, &place, &item, &err));
    assert_int_equal(kit_id_number(&item.event_id), 3);
    kit_ok(outbox_noticed(box, place, &err));
    kit_ok(outbox_urgent(box, 0, &place, &item, &err));
    assert_int_equal(kit_id_number(&item.event_id), 4);
    assert_int_equal(outbox_urgent(box, place, &place, &item, &err), HUB_ERR_NOT_FOUND);
    outbox_close(box);
}

#define STORY(name) cmocka_unit_test_setup_teardown(name, kit_folder_make, kit_folder_remove)

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORY(what_was_put_is_found_after_a_crash_in_order),
        STORY(an_input_that_was_not_committed_leaves_nothing),
        STORY(an_input_its_events_and_what_the_mapping_remembers_are_one),
        STORY(nothing_of_an_event_stands_in_the_files_in_clear),
        STORY(settled_items_move_the_mark_and_are_kept_for_days),
        STORY(a_refused_item_moves_to_the_parked_ones_with_code_field_and_reason),
        STORY(the_input_of_a_refused_item_may_come_again_and_no_other),
        STORY(an_input_number_with_other_content_is_no_repeat),
        STORY(an_outbox_of_another_format_is_refused_and_left_as_it_is),
        STORY(a_fork_offers_everything_kept_again_from_one_under_a_new_id),
        STORY(what_was_forgotten_is_in_doubt_when_the_hub_lacks_the_oldest_that_was_kept),
        STORY(what_was_forgotten_is_held_when_the_hub_holds_the_oldest_that_was_kept),
        STORY(a_database_copied_back_from_another_day_is_noticed),
        STORY(a_missing_generation_file_counts_as_a_restore),
        STORY(a_full_outbox_refuses_and_drops_nothing),
        STORY(a_full_parked_store_refuses_too_but_not_the_hubs_refusals),
        STORY(two_adapters_cannot_own_one_outbox),
        STORY(counters_can_be_looked_at_beside_the_owner),
        STORY(another_key_file_is_refused_at_open),
        STORY(a_key_file_that_others_may_read_is_refused),
        STORY(urgent_items_are_told_once_and_only_while_they_wait),
    };
    return cmocka_run_group_tests_name("outbox", tests, NULL, NULL);
}
