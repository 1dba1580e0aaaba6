/* Who is offered where somebody says that two are one: nobody is crowded out by those whom the alert names again and again, and a form that cannot offer
 * everybody says so. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "board/link_form.h"
#include "board/link_people.h"
#include "opened.h"

enum { FOUND_MAX = 600 };

/* A form that confirms a link of alert A1, before somebody of the children's team. */
typedef struct asked {
    opened *o;
    visit v;
    Mash__V1__FoundRecords found;
    Mash__V1__TailItem items[FOUND_MAX], *item_list[FOUND_MAX];
    Mash__V1__FoundPerson people[FOUND_MAX], *people_list[FOUND_MAX];
    Mash__V1__Date born;
    char *alerts[1];
} asked;

static int asked_setup(void **state)
{
    void *board_open = NULL;
    asked *a = calloc(1, sizeof *a);
    if (a == NULL || opened_setup(&board_open) != 0) return -1;
    a->o = board_open;
    a->v.b = a->o->b;
    a->v.sees.rows = a->o->b->rows;
    a->v.sees.works_on[0] = a->v.sees.is_cleared[0] = true;
    (void)hub_format(a->v.part[0], sizeof a->v.part[0], "A1");
    (void)hub_format(a->v.part[1], sizeof a->v.part[1], "confirm-link");
    assert_int_equal(hub_arena_open(&a->v.arena, 16 * 1024, 4 * 1024 * 1024), HUB_OK);
    a->v.links = hub_arena_take(&a->v.arena, sizeof *a->v.links);
    a->v.links->form = act_form_of("confirm-link", 'A');
    (void)hub_format(a->v.links->item, sizeof a->v.links->item, "A1");
    mash__v1__date__init(&a->born);
    a->born = (Mash__V1__Date){.base = a->born.base, .year = 2015, .month = 6, .day = 1};
    a->alerts[0] = (char *)(uintptr_t) "A1";
    *state = a;
    return 0;
}

static int asked_teardown(void **state)
{
    asked *a = *state;
    void *board_open = a->o;
    hub_buffer_free(&a->v.page);
    hub_arena_close(&a->v.arena);
    free(a);
    return opened_teardown(&board_open);
}

/* One more record of the answer to come, which names this person. */
static void names(asked *a, uint64_t sequence, uint64_t number, const char *family)
{
    size_t at = a->found.n_items++;
    Mash__V1__TailItem *item = a->item_list[at] = &a->items[at];
    Mash__V1__FoundPerson *said = a->people_list[at] = &a->people[at];
    mash__v1__tail_item__init(item);
    mash__v1__found_person__init(said);
    item->sequence = said->sequence = sequence;
    item->alert_ids = a->alerts;
    item->n_alert_ids = 1;
    said->person = number;
    said->subject = 1;
    said->family_name = (char *)(uintptr_t)family;
    said->date_of_birth = &a->born;
}

static void answers(asked *a, bool is_here)
{
    size_t count = a->found.n_items;
    mash__v1__found_records__init(&a->found);
    a->found.n_items = a->found.n_people = count;
    a->found.items = a->item_list;
    a->found.people = a->people_list;
    link_people_take(&a->v, &a->found, is_here);
    a->found.n_items = 0;
}

static bool form_says(asked *a, const char *text)
{
    hub_buffer_clear(&a->v.page);
    link_form_put(&a->v, &a->v.links->form->fields[0], NULL);
    return strstr(hub_buffer_text(&a->v.page), text) != NULL;
}

static bool answer_says(asked *a, const char *field, const char *typed, const char *text)
{
    static const act_field FIELDS[] = {{.name = "person"}, {.name = "joined"}, {.name = "event"}, {.name = "subject"}};
    size_t at = 0;
    while (strcmp(FIELDS[at].name, field) != 0)
        at++;
    a->v.form.fields[0] = (http_field){field, typed};
    a->v.form.count = a->v.form.count == 0 ? 1 : a->v.form.count;
    hub_buffer_clear(&a->v.page);
    link_form_put_answer(&a->v, &FIELDS[at]);
    return strstr(hub_buffer_text(&a->v.page), text) != NULL;
}

/* Three hundred mentions of two people of the alert: the one found elsewhere is still offered, and nobody is missing. */
static void who_is_named_often_takes_nobodys_room(void **state)
{
    asked *a = *state;
    for (uint64_t i = 0; i < 300; i++)
        names(a, 900 - i, 11 + i % 2, "Often");
    answers(a, true);
    names(a, 42, 77, "Rare");
    answers(a, false);

    assert_int_equal(a->v.links->count, 2 * LINK_SHOWN_OF_ONE + 1);
    assert_non_null(link_people_newest(a->v.links, 77));
    assert_int_equal(link_people_newest(a->v.links, 11)->sequence, 900);
    assert_true(form_says(a, "Rare"));
    assert_false(form_says(a, "Not everybody can be offered"));
}

/* A name under which somebody stands in an old record alone is looked for all the same: the hub may know another under it. */
static void every_name_of_somebody_is_looked_for(void **state)
{
    asked *a = *state;
    for (uint64_t i = 0; i < 5; i++)
        names(a, 900 - i, 11, "Married");
    names(a, 10, 11, "Maiden");
    answers(a, true);
    assert_int_equal(a->v.links->key_count, 2);
    assert_string_equal(a->v.links->keys[1], "name:Maiden born:2015-06-01");
}

static void a_form_that_cannot_offer_everybody_says_so_and_keeps_room_for_who_is_found(void **state)
{
    asked *a = *state;
    for (uint64_t i = 0; i < 300; i++)
        names(a, 900 - i, 1000 + i, "Many");
    answers(a, true);
    names(a, 42, 77, "Many");
    answers(a, false);

    assert_int_equal(a->v.links->count, LINK_HERE_MAX + 1);
    assert_non_null(link_people_newest(a->v.links, 77));
    assert_true(form_says(a, "Not everybody can be offered here"));
}

/* Most people were never joined with another, and some stand in no place of their record: both are told as 0, which is nobody's number. */
static void a_nought_names_nobody(void **state)
{
    asked *a = *state;
    names(a, 42, 77, "Notmeant");
    answers(a, true);

    assert_true(answer_says(a, "person", "77", "Notmeant"));
    assert_true(answer_says(a, "person", "0", "Person 0"));
    assert_true(answer_says(a, "joined", "0", "Person 0"));
    assert_false(answer_says(a, "joined", "0", "Notmeant"));
    assert_true(answer_says(a, "event", "42", "record 42"));
    a->v.form.fields[1] = (http_field){"event", "42"};
    a->v.form.count = 2;
    assert_true(answer_says(a, "subject", "1", "Notmeant"));
    assert_false(answer_says(a, "subject", "0", "Notmeant"));
}

/* A father and a child of another name: nothing says that they are one. They may be one family, so both can still be named by number. */
static void two_of_whom_nothing_agrees_are_no_pair_and_can_be_named_by_number(void **state)
{
    asked *a = *state;
    names(a, 42, 77, "Oneway");
    a->people[0].date_of_birth = NULL;
    names(a, 42, 78, "Otherway");
    answers(a, true);

    assert_false(form_says(a, "name=\"pair\""));
    assert_true(form_says(a, "Of no two people here does anything agree"));
    assert_true(form_says(a, "Oneway (person 77)"));
    assert_true(form_says(a, "Otherway, born 1 Jun 2015 (person 78)"));
    assert_true(form_says(a, "name=\"other\""));
}

/* ---- splitting ---------------------------------------------------------------------------------------------------------------- */
static int split_setup(void **state)
{
    if (asked_setup(state) != 0) return -1;
    asked *a = *state;
    (void)hub_format(a->v.part[1], sizeof a->v.part[1], "split-link");
    a->v.links->form = act_form_of("split-link", 'A');
    return 0;
}

/* Two records, by one number: who reads must see which of them would go and which would stay. */
static void a_split_says_which_records_stand_on_which_side(void **state)
{
    asked *a = *state;
    names(a, 42, 77, "Newname");
    a->people[0].known_by = MASH__V1__LINK_EVIDENCE__LINK_EVIDENCE_NHS_NUMBER;
    names(a, 30, 77, "Oldname");
    answers(a, true);

    assert_true(form_says(a, "Newname, born 1 Jun 2015 of record 42 is not Oldname, born 1 Jun 2015 of record 30, person 77"));
    assert_true(form_says(a, "Taken for person 77 because the NHS number is the same."));
    assert_true(form_says(a, "Stays person 77</strong><br>Oldname, born 1 Jun 2015 &ndash; "));
    assert_false(form_says(a, "People whom one record alone names"));
}

/* Of records elsewhere that they may read, too: there the other side may stand. */
static void a_split_shows_what_other_alerts_say_of_the_person(void **state)
{
    asked *a = *state;
    names(a, 42, 77, "Newname");
    answers(a, true);
    names(a, 30, 77, "Newname");
    names(a, 31, 78, "Newname"); /* another person: no matter of a split */
    answers(a, false);

    assert_int_equal(a->v.links->count, 2);
    assert_true(form_says(a, "is not Newname, born 1 Jun 2015 of record 30, person 77"));
    assert_false(form_says(a, "77-30-1")); /* that record is split where it is worked */
}

/* "Wren is not Wren" can be decided by nobody: it lies folded, and a record that was known by a number does not. */
static void who_stands_in_one_record_alone_is_folded(void **state)
{
    asked *a = *state;
    names(a, 42, 77, "Alone");
    a->people[0].known_by = MASH__V1__LINK_EVIDENCE__LINK_EVIDENCE_NEW_IDENTIFIER;
    answers(a, true);
    assert_true(form_says(a, "People whom one record alone names"));
    assert_true(form_says(a, "Alone, born 1 Jun 2015 of record 42 is not person 77"));
    assert_true(form_says(a, "no other record that you may read here"));

    a->v.links->items[0].known_by = MASH__V1__LINK_EVIDENCE__LINK_EVIDENCE_NHS_NUMBER;
    assert_false(form_says(a, "People whom one record alone names"));
}

int main(void)
{
#define ASKED(story) cmocka_unit_test_setup_teardown(story, asked_setup, asked_teardown)
#define SPLIT(story) cmocka_unit_test_setup_teardown(story, split_setup, asked_teardown)
    const struct CMUnitTest tests[] = {
        ASKED(who_is_named_often_takes_nobodys_room),
        ASKED(every_name_of_somebody_is_looked_for),
        ASKED(a_form_that_cannot_offer_everybody_says_so_and_keeps_room_for_who_is_found),
        ASKED(a_nought_names_nobody),
        ASKED(two_of_whom_nothing_agrees_are_no_pair_and_can_be_named_by_number),
        SPLIT(a_split_says_which_records_stand_on_which_side),
        SPLIT(a_split_shows_what_other_alerts_say_of_the_person),
        SPLIT(who_stands_in_one_record_alone_is_folded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
