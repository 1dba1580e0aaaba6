/* T1-T3: who sees which row, in lists, in counts, by number. A matrix of people and rows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "made.h"

enum { TODAY = 200 };

static int open_rows(void **state)
{
    return rows_open((board_rows **)state, NULL) == HUB_OK ? 0 : -1;
}

static int close_rows(void **state)
{
    rows_close(*state);
    return 0;
}

static sight sight_as(const board_rows *rows, const char *id)
{
    person who;
    (void)people_find(made_policy(), id, TODAY, &who);
    return sight_of(rows, made_config(), &who, id);
}

static uint32_t count_for(const board_rows *rows, const char *id, board_view view)
{
    sight of = sight_as(rows, id);
    row_ref list[16];
    uint32_t counts[BOARD_VIEWS];
    uint32_t count = sight_list(&of, view, list, 16, counts);
    assert_int_equal(count, counts[view]);
    return count;
}

static void who_sees_which_row(void **state)
{
    static const struct {
        const char *id;
        bool sees[4]; /* A1 front, A2 front restricted, A3 adults, A4 front where ann is a party */
    } PEOPLE[] = {{"ann", {true, false, false, false}},     {"bea", {true, true, false, true}},
                  {"cal", {false, false, true, false}},     {"dot", {false, false, false, false}},
                  {"nobody", {false, false, false, false}}, {"", {false, false, false, false}}};
    made m;
    (void)rows_take(*state, 0, made_delivery(&m, 1, 1, 0));
    (void)made_delivery(&m, 2, 2, 0);
    m.alert.sensitivity = MASH__V1__SENSITIVITY__SENSITIVITY_RESTRICTED;
    (void)rows_take(*state, 0, &m.delivery);
    (void)rows_take(*state, 1, made_delivery(&m, 3, 3, 0));
    (void)made_delivery(&m, 4, 4, 0);
    made_party(&m, "ann");
    (void)rows_take(*state, 0, &m.delivery);
    for (size_t i = 0; i < sizeof PEOPLE / sizeof PEOPLE[0]; i++) {
        sight of = sight_as(*state, PEOPLE[i].id);
        uint32_t expected = 0;
        for (uint64_t alert = 1; alert <= 4; alert++) {
            bool sees = PEOPLE[i].sees[alert - 1];
            assert_int_equal(sight_find(&of, alert) != NULL, sees);
            expected += sees;
        }
        assert_int_equal(count_for(*state, PEOPLE[i].id, VIEW_UNCLAIMED), expected);
    }
}

static void every_party_is_kept_from_the_row_however_long_its_id(void **state)
{
    enum { COUNT = 16 };
    char ids[COUNT][CORE_NAME_MAX];
    Mash__V1__Party people[COUNT], *parties[COUNT];
    made m;
    (void)made_delivery(&m, 1, 1, 0);
    for (uint32_t i = 0; i < COUNT; i++) {
        (void)hub_format(ids[i], sizeof ids[i], "a-person-of-the-front-door-team-number-%u", i);
        people[i] = (Mash__V1__Party)MASH__V1__PARTY__INIT;
        people[i].staff = ids[i];
        parties[i] = &people[i];
    }
    m.delivery.parties = parties;
    m.delivery.n_parties = COUNT;
    const board_row *row = rows_take(*state, 0, &m.delivery);
    sight of = sight_as(*state, "ann");
    assert_true(sight_sees(&of, row));
    for (uint32_t i = 0; i < COUNT; i++) {
        person who;
        (void)people_find(made_policy(), "ann", TODAY, &who);
        of = sight_of(*state, made_config(), &who, ids[i]);
        assert_false(sight_sees(&of, row));
    }
}

static void a_row_stands_in_the_view_of_its_state(void **state)
{
    made m;
    static char *requests[] = {(char *)(uintptr_t) "R1"};
    (void)made_delivery(&m, 1, 1, 0);
    m.alert.owner = (char *)(uintptr_t) "bea";
    m.alert.offered_to = (char *)(uintptr_t) "ann";
    m.alert.requests = requests;
    m.alert.n_requests = 1;
    (void)rows_take(*state, 0, &m.delivery);
    assert_int_equal(count_for(*state, "bea", VIEW_MINE), 1);
    assert_int_equal(count_for(*state, "ann", VIEW_MINE), 1); /* offered to her */
    assert_int_equal(count_for(*state, "ann", VIEW_TEAM), 0);
    assert_int_equal(count_for(*state, "ann", VIEW_WAITING), 1);
    (void)made_delivery(&m, 1, 2, 0);
    m.alert.owner = (char *)(uintptr_t) "bea";
    (void)rows_take(*state, 0, &m.delivery);
    assert_int_equal(count_for(*state, "ann", VIEW_TEAM), 1);
    (void)made_delivery(&m, 1, 3, 0);
    m.alert.state = (char *)(uintptr_t) "ended";
    (void)rows_take(*state, 0, &m.delivery);
    assert_int_equal(count_for(*state, "ann", VIEW_CLOSED), 1);
    assert_int_equal(count_for(*state, "ann", VIEW_TEAM), 0);
}

static void the_least_time_left_comes_first_then_the_graver(void **state)
{
    made m;
    (void)rows_take(*state, 0, made_delivery(&m, 1, 1, 0)); /* no clock: last */
    (void)rows_take(*state, 0, made_delivery(&m, 2, 2, 9000));
    (void)made_delivery(&m, 3, 3, 9000);
    m.alert.rating = MASH__V1__RATING__RATING_RED;
    (void)rows_take(*state, 0, &m.delivery);
    (void)rows_take(*state, 0, made_delivery(&m, 4, 4, 8000));
    sight of = sight_as(*state, "ann");
    row_ref list[8];
    uint32_t counts[BOARD_VIEWS];
    assert_int_equal(sight_list(&of, VIEW_UNCLAIMED, list, 8, counts), 4);
    static const uint64_t ORDER[] = {4, 3, 2, 1};
    for (int i = 0; i < 4; i++)
        assert_int_equal(rows_at(*state, list[i])->alert, ORDER[i]);
}

/* The first page of a queue is asked for all day by everybody: it is taken out of the whole, in the order of the whole. */
static void a_page_of_a_long_list_is_its_beginning(void **state)
{
    enum { MANY = 3000, PAGE = 50 };
    made m;
    for (uint64_t i = 0; i < MANY; i++) /* due in an order that is not theirs: 7919 and 3000 have no common divisor */
        (void)rows_take(*state, 0, made_delivery(&m, i + 1, i + 1, 1000 + (int64_t)(i * 7919 % MANY)));
    sight of = sight_as(*state, "ann");
    static row_ref page[PAGE], all[2 * MANY];
    uint32_t counts[BOARD_VIEWS];
    assert_int_equal(sight_list(&of, VIEW_UNCLAIMED, page, PAGE, counts), PAGE);
    assert_int_equal(counts[VIEW_UNCLAIMED], MANY);
    assert_int_equal(sight_list(&of, VIEW_UNCLAIMED, all, 2 * MANY, counts), MANY);
    for (uint32_t i = 0; i < MANY; i++)
        assert_int_equal(rows_at(*state, all[i])->clocks[0].due_ms, 1000 + i);
    assert_memory_equal(page, all, sizeof page);
    assert_int_equal(sight_open(&of, page, 1), 1);
    assert_int_equal(page[0], all[0]);
    assert_int_equal(sight_list(&of, VIEW_UNCLAIMED, page, 0, counts), 0);
}

/* A red is told to the front door and to who has it at night: one alert, however many rows, and as its newest record has it. */
static void an_alert_of_two_queues_is_one_entry_for_who_works_on_both(void **state)
{
    made m;
    row_ref list[8];
    uint32_t counts[BOARD_VIEWS];
    (void)rows_take(*state, 1, made_delivery(&m, 7, 5, 0));
    (void)rows_take(*state, 0, made_delivery(&m, 8, 6, 0));
    (void)rows_take(*state, 0, made_delivery(&m, 7, 5, 0));
    sight both = sight_as(*state, "ann");
    both.works_on[1] = both.is_cleared[1] = true;
    assert_int_equal(sight_list(&both, VIEW_UNCLAIMED, list, 8, counts), 2);
    assert_int_equal(sight_find(&both, 7)->queue, 0); /* of one record: the first queue */
    (void)rows_take(*state, 1, made_delivery(&m, 7, 9, 0));
    assert_int_equal(sight_find(&both, 7)->queue, 1);
    assert_int_equal(sight_open(&both, list, 8), 2);
    assert_int_equal(count_for(*state, "ann", VIEW_UNCLAIMED), 2);
    assert_int_equal(count_for(*state, "cal", VIEW_UNCLAIMED), 1);
}

/* What an agency's queue is given: which alert, and the question. */
static const Mash__V1__Delivery *made_question(made *m, char *number, uint64_t sequence, int64_t due_ms, bool is_answered)
{
    static Mash__V1__RequestView request;
    (void)made_delivery(m, 17, sequence, 0);
    mash__v1__alert__init(&m->alert);
    m->alert.alert_id = m->id;
    mash__v1__request_view__init(&request);
    request.request = number;
    request.due_ms = due_ms;
    request.answered = is_answered;
    m->delivery.request = &request;
    return &m->delivery;
}

/* A question is listed for the people of the agency that is asked until it is answered, whatever their clearance, and for nobody else; and of
 * the alert there is no row. */
static void a_question_stands_in_the_agencys_list_until_it_is_answered(void **state)
{
    made m;
    static asked_item items[ROWS_ASKED_MAX];
    char r3[] = "R3", r4[] = "R4";
    sight agency = sight_as(*state, "cal"), front = sight_as(*state, "ann");
    agency.is_agency[1] = front.is_agency[1] = true;
    assert_true(rows_take_asked(*state, 1, made_question(&m, r3, 5, 9000, false)));
    assert_null(rows_take(*state, 1, &m.delivery));
    assert_true(rows_take_asked(*state, 1, made_question(&m, r4, 6, 8000, false)));
    assert_int_equal(sight_asked(&agency, items), 2);
    assert_int_equal(items[0].number, 4); /* the least time left first */
    assert_int_equal(items[1].alert, 17);
    assert_int_equal(sight_asked(&front, items), 0);
    assert_int_equal(rows_count(*state), 0);
    assert_true(rows_take_asked(*state, 1, made_question(&m, r4, 7, 8000, true)));
    assert_int_equal(sight_asked(&agency, items), 1);
    assert_int_equal(items[0].number, 3);
    agency.is_agency[1] = false; /* a team's own question, of an alert that it may not know of any more */
    assert_int_equal(sight_asked(&agency, items), 0);
    rows_clear(*state);
    agency.is_agency[1] = true;
    assert_int_equal(sight_asked(&agency, items), 0);
}

/* An alert becomes restricted and a queue is told no more than that something was done on it: the row that stood there is gone for who is not
 * cleared. */
static void a_row_is_hidden_when_its_queue_is_no_longer_told_how_the_alert_stands(void **state)
{
    made m;
    char r3[] = "R3";
    (void)rows_take(*state, 0, made_delivery(&m, 17, 5, 0));
    sight of = sight_as(*state, "ann");
    assert_non_null(sight_find(&of, 17));
    assert_non_null(rows_take(*state, 0, made_question(&m, r3, 6, 0, true)));
    assert_null(sight_find(&of, 17));
}

int main(void)
{
#define ROWS(story) cmocka_unit_test_setup_teardown(story, open_rows, close_rows)
    const struct CMUnitTest tests[] = {
        ROWS(who_sees_which_row),
        ROWS(every_party_is_kept_from_the_row_however_long_its_id),
        ROWS(a_row_stands_in_the_view_of_its_state),
        ROWS(the_least_time_left_comes_first_then_the_graver),
        ROWS(a_page_of_a_long_list_is_its_beginning),
        ROWS(a_question_stands_in_the_agencys_list_until_it_is_answered),
        ROWS(a_row_is_hidden_when_its_queue_is_no_longer_told_how_the_alert_stands),
        ROWS(an_alert_of_two_queues_is_one_entry_for_who_works_on_both),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
