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
    sight_counts counts;
    uint32_t count = sight_list(&of, view, list, 16, &counts);
    assert_int_equal(count, counts.views[view]);
    return count;
}

/* What somebody did last year is read today. */
static void who_has_left_is_called_by_name_still(void **state)
{
    (void)state;
    person who;
    assert_false(people_find(made_policy(), "dot", TODAY, &who));
    assert_string_equal(person_shown(made_policy(), "dot", TODAY), "Dot Made");
    assert_string_equal(person_shown(made_policy(), "nobody-ever", TODAY), "nobody-ever");
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
    sight_counts counts;
    assert_int_equal(sight_list(&of, VIEW_UNCLAIMED, list, 8, &counts), 4);
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
    sight_counts counts;
    assert_int_equal(sight_list(&of, VIEW_UNCLAIMED, page, PAGE, &counts), PAGE);
    assert_int_equal(counts.views[VIEW_UNCLAIMED], MANY);
    assert_int_equal(sight_list(&of, VIEW_UNCLAIMED, all, 2 * MANY, &counts), MANY);
    for (uint32_t i = 0; i < MANY; i++)
        assert_int_equal(rows_at(*state, all[i])->clocks[0].due_ms, 1000 + i);
    assert_memory_equal(page, all, sizeof page);
    assert_int_equal(sight_open(&of, page, 1), 1);
    assert_int_equal(page[0], all[0]);
    assert_int_equal(sight_list(&of, VIEW_UNCLAIMED, page, 0, &counts), 0);
}

/* Log-only alerts wait for a signature until somebody takes them, or they end. */
static void the_daily_list_counts_blue_ones_that_nobody_has(void **state)
{
    static const struct {
        Mash__V1__Rating rating;
        const char *owner, *state;
        uint32_t counted;
    } CASES[] = {
        {MASH__V1__RATING__RATING_BLUE, "", "open", 1},    {MASH__V1__RATING__RATING_GREEN, "", "open", 0},
        {MASH__V1__RATING__RATING_BLUE, "bea", "open", 0}, {MASH__V1__RATING__RATING_BLUE, "", "ended", 0},
        {MASH__V1__RATING__RATING_BLUE, "", "held", 1},
    };
    uint32_t expected = 0;
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        made m;
        sight_counts counts;
        (void)made_delivery(&m, i + 1, i + 1, 0);
        m.alert.rating = CASES[i].rating;
        m.alert.owner = (char *)(uintptr_t)CASES[i].owner;
        m.alert.state = (char *)(uintptr_t)CASES[i].state;
        (void)rows_take(*state, 0, &m.delivery);
        sight of = sight_as(*state, "ann");
        (void)sight_list(&of, VIEW_CLOSED, NULL, 0, &counts);
        expected += CASES[i].counted;
        assert_int_equal(counts.daily, expected);
    }
    sight other = sight_as(*state, "cal");
    sight_counts none;
    (void)sight_list(&other, VIEW_CLOSED, NULL, 0, &none);
    assert_int_equal(none.daily, 0);
}

/* A red is told to the front door and to who has it at night: one alert, however many rows, and as its newest record has it. */
static void an_alert_of_two_queues_is_one_entry_for_who_works_on_both(void **state)
{
    made m;
    row_ref list[8];
    sight_counts counts;
    (void)rows_take(*state, 1, made_delivery(&m, 7, 5, 0));
    (void)rows_take(*state, 0, made_delivery(&m, 8, 6, 0));
    (void)rows_take(*state, 0, made_delivery(&m, 7, 5, 0));
    sight both = sight_as(*state, "ann");
    both.works_on[1] = both.is_cleared[1] = true;
    assert_int_equal(sight_list(&both, VIEW_UNCLAIMED, list, 8, &counts), 2);
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
    const asked_item *item;
    char r3[] = "R3", r4[] = "R4";
    sight agency = sight_as(*state, "cal"), front = sight_as(*state, "ann");
    agency.is_agency[1] = front.is_agency[1] = true;
    assert_true(rows_take_asked(*state, 1, made_question(&m, r3, 5, 9000, false), &item));
    assert_null(rows_take(*state, 1, &m.delivery));
    assert_true(rows_take_asked(*state, 1, made_question(&m, r4, 6, 8000, false), &item));
    assert_int_equal(sight_asked(&agency, items), 2);
    assert_int_equal(items[0].number, 4); /* the least time left first */
    assert_int_equal(items[1].alert, 17);
    assert_int_equal(sight_asked(&front, items), 0);
    assert_int_equal(rows_count(*state), 0);
    assert_true(rows_take_asked(*state, 1, made_question(&m, r4, 7, 8000, true), &item));
    assert_int_equal(sight_asked(&agency, items), 1);
    assert_int_equal(items[0].number, 3);
    agency.is_agency[1] = false; /* a team's own question, of an alert that it may not know of any more */
    assert_int_equal(sight_asked(&agency, items), 0);
    rows_clear(*state);
    agency.is_agency[1] = true;
    assert_int_equal(sight_asked(&agency, items), 0);
}

/* ---- alarms and notices ---------------------------------------------------------------------------------------------------------- */
static const asked_item *take(board_rows *rows, uint32_t queue, const Mash__V1__Delivery *delivery)
{
    const asked_item *item = NULL;
    assert_true(rows_take_asked(rows, queue, delivery, &item));
    return item;
}

static Mash__V1__Delivery *made_alarm(made *m, uint64_t sequence, char **alerts, size_t count)
{
    (void)made_delivery(m, 17, sequence, 0);
    m->delivery.alert = NULL;
    m->delivery.kind = MASH__V1__DELIVERY_KIND__DELIVERY_KIND_ALARM;
    m->delivery.alarm = (char *)(uintptr_t) "call somebody";
    m->delivery.alarmed = alerts;
    m->delivery.n_alarmed = count;
    return &m->delivery;
}

static Mash__V1__Delivery *made_notice(made *m, uint64_t sequence, const char *notice, bool is_seen)
{
    (void)made_delivery(m, 17, sequence, 0);
    m->delivery.alert = NULL;
    m->delivery.kind = MASH__V1__DELIVERY_KIND__DELIVERY_KIND_NOTICE;
    m->delivery.notice = (char *)(uintptr_t)notice;
    m->delivery.notice_seen = is_seen;
    return &m->delivery;
}

static void an_alarm_is_listed_for_its_team_for_a_week_and_for_nobody_else(void **state)
{
    made m;
    static asked_item items[ROWS_ASKED_MAX];
    (void)take(*state, 0, made_alarm(&m, 5, NULL, 0));
    sight ann = sight_as(*state, "ann"), cal = sight_as(*state, "cal"), dot = sight_as(*state, "dot");
    assert_int_equal(sight_told(&ann, 9000, items), 1);
    assert_string_equal(items[0].what, "call somebody");
    assert_int_equal(sight_told(&ann, 9000, NULL), 1);
    assert_int_equal(sight_told(&cal, 9000, NULL), 0);
    assert_int_equal(sight_told(&dot, 9000, NULL), 0);
    assert_int_equal(sight_told(&ann, 5000 + 7 * INT64_C(86400000) + 1, NULL), 0);
}

/* Whoever is a party in what it is about is not told that there is an alarm (T3). */
static void an_alarm_is_not_listed_for_a_party(void **state)
{
    made m;
    char a17[] = "A17", *alerts[] = {a17};
    (void)made_alarm(&m, 5, alerts, 1);
    made_party(&m, "ann");
    const asked_item *item = take(*state, 0, &m.delivery);
    sight ann = sight_as(*state, "ann"), bea = sight_as(*state, "bea");
    assert_false(sight_sees_item(&ann, item));
    assert_int_equal(sight_told(&ann, 9000, NULL), 0);
    assert_int_equal(sight_told(&bea, 9000, NULL), 1);
}

/* The alarm is told; which alert it is about only to who may know of that one (T2, T3), by whichever row says so. */
static void an_alarm_names_no_alert_that_is_hidden(void **state)
{
    made m;
    (void)made_delivery(&m, 2, 2, 0);
    m.alert.sensitivity = MASH__V1__SENSITIVITY__SENSITIVITY_RESTRICTED;
    (void)rows_take(*state, 1, &m.delivery);
    (void)rows_take(*state, 1, made_delivery(&m, 3, 3, 0));
    (void)made_delivery(&m, 4, 4, 0);
    made_party(&m, "bea");
    (void)rows_take(*state, 1, &m.delivery);
    sight ann = sight_as(*state, "ann"), bea = sight_as(*state, "bea");
    assert_false(sight_sees_alarmed(&ann, 0, 2));
    assert_true(sight_sees_alarmed(&bea, 0, 2));
    assert_true(sight_sees_alarmed(&ann, 0, 3));
    assert_false(sight_sees_alarmed(&bea, 0, 4));
    assert_false(sight_sees_alarmed(&ann, 1, 3)); /* not their queue's alarm */
    assert_false(sight_sees_alarmed(&ann, 0, 5)); /* of which nothing is known: it may be restricted */
    ann.may_be_restricted[0] = false;             /* the queue is told nothing restricted at all */
    assert_true(sight_sees_alarmed(&ann, 0, 5));
}

static void a_notice_is_listed_until_somebody_has_seen_it(void **state)
{
    made m;
    sight bea = sight_as(*state, "bea");
    assert_int_equal(take(*state, 0, made_notice(&m, 19, "N19", false))->number, 19);
    assert_int_equal(sight_told(&bea, 90 * INT64_C(86400000), NULL), 1); /* however long that takes */
    rows_shown(*state, 0, made_notice(&m, 18, "N18", true));
    rows_shown(*state, 0, made_notice(&m, 19, "N19", false));
    assert_int_equal(sight_told(&bea, 20000, NULL), 1);
    rows_shown(*state, 0, made_notice(&m, 19, "N19", true));
    assert_int_equal(sight_told(&bea, 20000, NULL), 0);
    const asked_item *item;
    assert_false(rows_take_asked(*state, 0, made_notice(&m, 19, "N19", true), &item)); /* a board that begins anew */
    assert_int_equal(sight_told(&bea, 20000, NULL), 0);
    assert_true(take(*state, 0, made_notice(&m, 30, "N19", true))->is_passing); /* given again on the day */
    rows_shown(*state, 0, made_notice(&m, 30, "N19", true));                    /* one who opens it reads it for nobody else */
    assert_int_equal(sight_told(&bea, 31000, NULL), 1);
}

/* Two teams are told of one matter: that somebody of the one has seen it says nothing of the other, who may know nothing of it yet. */
static void what_one_team_has_seen_stays_in_the_list_of_the_other(void **state)
{
    made m;
    sight front = sight_as(*state, "bea"), adults = sight_as(*state, "cal");
    adults.is_cleared[1] = true;
    (void)take(*state, 0, made_notice(&m, 19, "N19", false));
    (void)take(*state, 1, made_notice(&m, 19, "N19", false));
    rows_shown(*state, 0, made_notice(&m, 19, "N19", true));
    rows_shown(*state, 1, made_notice(&m, 19, "N19", false));
    assert_int_equal(sight_told(&front, 20000, NULL), 0);
    assert_int_equal(sight_told(&adults, 20000, NULL), 1);
}

/* A notice is given again because nobody has looked: it is the last that may go by itself. */
static void a_notice_that_is_given_again_unseen_stays_until_it_is_seen(void **state)
{
    made m;
    static asked_item items[ROWS_ASKED_MAX];
    sight bea = sight_as(*state, "bea");
    (void)take(*state, 0, made_notice(&m, 19, "N19", false));
    (void)take(*state, 0, made_notice(&m, 30, "N19", false));
    assert_int_equal(sight_told(&bea, 90 * INT64_C(86400000), items), 1);
    assert_true(items[0].is_again);
    rows_shown(*state, 0, made_notice(&m, 30, "N19", true));
    assert_int_equal(sight_told(&bea, 31000, NULL), 0);
}

/* Of a notice whose class is not told, to a queue that is told of restricted matters, only who is cleared hears (T2). */
static void a_notice_that_may_be_restricted_is_for_who_is_cleared(void **state)
{
    made m;
    Mash__V1__Event event = MASH__V1__EVENT__INIT;
    sight ann = sight_as(*state, "ann"), bea = sight_as(*state, "bea");
    (void)take(*state, 0, made_notice(&m, 19, "N19", false));
    assert_int_equal(sight_told(&ann, 20000, NULL), 0);
    assert_int_equal(sight_told(&bea, 20000, NULL), 1);
    (void)made_notice(&m, 20, "N20", false);
    event.sensitivity = MASH__V1__SENSITIVITY__SENSITIVITY_OFFICIAL;
    m.delivery.event = &event;
    (void)take(*state, 0, &m.delivery);
    assert_int_equal(sight_told(&ann, 21000, NULL), 1);
}

static void feedback_stands_in_the_agencys_list_until_somebody_has_seen_it(void **state)
{
    made m;
    static asked_item items[ROWS_ASKED_MAX];
    Mash__V1__FeedbackView feedback = MASH__V1__FEEDBACK_VIEW__INIT;
    (void)made_delivery(&m, 17, 5, 0);
    mash__v1__alert__init(&m.alert);
    m.alert.alert_id = m.id;
    feedback.feedback = (char *)(uintptr_t) "F9";
    m.delivery.feedback = &feedback;
    sight bea = sight_as(*state, "bea"), cal = sight_as(*state, "cal");
    (void)take(*state, 0, &m.delivery);
    assert_int_equal(sight_asked(&bea, items), 1);
    assert_int_equal(items[0].letter, 'F');
    assert_int_equal(sight_asked(&cal, items), 0);
    feedback.seen = true;
    rows_shown(*state, 0, &m.delivery);
    assert_int_equal(sight_asked(&bea, items), 0);
}

/* A storm of alarms takes the room of older alarms, never that of a question. */
static void alarms_make_room_for_each_other(void **state)
{
    made m;
    static asked_item items[ROWS_ASKED_MAX];
    char r3[] = "R3";
    sight front = sight_as(*state, "ann");
    front.is_agency[0] = true;
    (void)take(*state, 0, made_question(&m, r3, 1, 9000, false));
    for (uint64_t i = 0; i < ROWS_ASKED_MAX; i++)
        (void)take(*state, 0, made_alarm(&m, 2 + i, NULL, 0));
    assert_false(rows_failed(*state));
    assert_int_equal(sight_asked(&front, items), 1);
    assert_int_equal(sight_told(&front, 9000, items), ROWS_ASKED_MAX - 1);
    assert_int_equal(items[0].number, ROWS_ASKED_MAX + 1);
}

static void fill_with_notices(board_rows *rows, uint64_t from)
{
    made m;
    char notice[24];
    for (uint64_t i = 0; i < ROWS_ASKED_MAX; i++) {
        (void)hub_format(notice, sizeof notice, "N%llu", (unsigned long long)(from + i));
        (void)take(rows, 0, made_notice(&m, from + i, notice, false));
    }
}

/* A backlog of notices that nobody marks as seen must not keep a question from the agency that is asked; and whoever reads the list of notices
 * is told that some are left out of it. */
static void a_question_takes_the_room_of_the_oldest_notice_and_the_list_says_so(void **state)
{
    made m;
    static asked_item items[ROWS_ASKED_MAX];
    char r3[] = "R3";
    sight bea = sight_as(*state, "bea");
    bea.is_agency[0] = true;
    fill_with_notices(*state, 10);
    assert_true(sight_told_is_whole(&bea, 9000));
    (void)take(*state, 0, made_question(&m, r3, 9000, 9000, false));
    assert_int_equal(sight_asked(&bea, items), 1);
    assert_int_equal(sight_told(&bea, 9000, items), ROWS_ASKED_MAX - 1);
    assert_int_equal(items[ROWS_ASKED_MAX - 2].number, 11); /* N10 gave way */
    assert_false(sight_told_is_whole(&bea, 9000));
    assert_true(sight_asked_is_whole(&bea));
    rows_clear(*state);
    assert_true(sight_told_is_whole(&bea, 9000));
}

/* What stands for a week only goes before what nobody has seen; when its week is over anyway the list lacks nothing. */
static void an_alarm_gives_way_before_a_notice_that_nobody_has_seen(void **state)
{
    made m;
    static asked_item items[ROWS_ASKED_MAX];
    sight bea = sight_as(*state, "bea");
    (void)take(*state, 0, made_alarm(&m, 5, NULL, 0));
    fill_with_notices(*state, 10);
    assert_int_equal(sight_told(&bea, 9000, items), ROWS_ASKED_MAX);
    assert_int_equal(items[ROWS_ASKED_MAX - 1].number, 10);
    assert_false(sight_told_is_whole(&bea, 9000));
    assert_true(sight_told_is_whole(&bea, 8 * INT64_C(86400000)));
}

/* Nothing gives way to one more question than there is room for: the page says that it has not all of them. */
static void questions_that_find_no_room_are_said_to_be_missing(void **state)
{
    made m;
    char request[24];
    const asked_item *item;
    sight cal = sight_as(*state, "cal");
    for (uint64_t i = 1; i <= ROWS_ASKED_MAX; i++) {
        (void)hub_format(request, sizeof request, "R%llu", (unsigned long long)i);
        (void)take(*state, 1, made_question(&m, request, i, 9000, false));
    }
    assert_true(sight_asked_is_whole(&cal));
    (void)hub_format(request, sizeof request, "R%u", ROWS_ASKED_MAX + 1U);
    assert_false(rows_take_asked(*state, 1, made_question(&m, request, ROWS_ASKED_MAX + 1, 9000, false), &item));
    assert_true(rows_failed(*state));
    assert_false(sight_asked_is_whole(&cal));
    assert_false(rows_take_asked(*state, 1, made_notice(&m, 9000, "N9000", false), &item));
    assert_false(sight_told_is_whole(&cal, 9000));
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
        cmocka_unit_test(who_has_left_is_called_by_name_still),
        ROWS(who_sees_which_row),
        ROWS(every_party_is_kept_from_the_row_however_long_its_id),
        ROWS(a_row_stands_in_the_view_of_its_state),
        ROWS(the_least_time_left_comes_first_then_the_graver),
        ROWS(a_page_of_a_long_list_is_its_beginning),
        ROWS(a_question_stands_in_the_agencys_list_until_it_is_answered),
        ROWS(an_alarm_is_listed_for_its_team_for_a_week_and_for_nobody_else),
        ROWS(an_alarm_is_not_listed_for_a_party),
        ROWS(an_alarm_names_no_alert_that_is_hidden),
        ROWS(a_notice_is_listed_until_somebody_has_seen_it),
        ROWS(a_notice_that_may_be_restricted_is_for_who_is_cleared),
        ROWS(feedback_stands_in_the_agencys_list_until_somebody_has_seen_it),
        ROWS(alarms_make_room_for_each_other),
        ROWS(what_one_team_has_seen_stays_in_the_list_of_the_other),
        ROWS(a_notice_that_is_given_again_unseen_stays_until_it_is_seen),
        ROWS(a_question_takes_the_room_of_the_oldest_notice_and_the_list_says_so),
        ROWS(an_alarm_gives_way_before_a_notice_that_nobody_has_seen),
        ROWS(questions_that_find_no_room_are_said_to_be_missing),
        ROWS(a_row_is_hidden_when_its_queue_is_no_longer_told_how_the_alert_stands),
        ROWS(the_daily_list_counts_blue_ones_that_nobody_has),
        ROWS(an_alert_of_two_queues_is_one_entry_for_who_works_on_both),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
