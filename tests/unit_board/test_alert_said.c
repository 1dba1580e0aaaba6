/* What the lists and an alert's page say of its clocks, and of whom it is about. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "board/alert_people.h"
#include "board/page_clock.h"
#include "board/timeline.h"
#include "made.h"
#include "opened.h"

#define DAY_MS (INT64_C(24) * 60 * OPENED_MINUTE_MS)
#define LATE_SENDER "it was due before the event came: the sender was late"

/* A visit that draws pieces of a page, and a browser before the whole board. */
typedef struct desk {
    opened *o;
    visit v;
    made m;
    Mash__V1__Clock past, *overdue[1];
    Mash__V1__Event event;
    Mash__V1__Subject subject, *subjects[1];
    Mash__V1__SubjectRole roles[1];
    Mash__V1__DecisionLine line, *lines[1];
    char *given_names[1];
    bool moves; /* the event comes again with the record by which the alert came to this team */
} desk;

static int desk_setup(void **state)
{
    void *board_open = NULL;
    desk *d = calloc(1, sizeof *d);
    if (d == NULL || opened_setup(&board_open) != 0) return -1;
    d->o = board_open;
    d->v.b = d->o->b;
    d->v.now_ms = link_hub_now_ms(d->o->b->gate);
    assert_int_equal(hub_arena_open(&d->v.arena, 16 * 1024, 1024 * 1024), HUB_OK);
    mash__v1__clock__init(&d->past);
    d->overdue[0] = &d->past;
    d->past.clock = (char *)(uintptr_t) "referral_decision";
    d->past.plain = (char *)(uintptr_t) "the authority decides what kind of response is needed";
    d->past.why = (char *)(uintptr_t) "one working day";
    d->past.source = (char *)(uintptr_t) "Working Together 2026";
    d->past.cause = (char *)(uintptr_t)LATE_SENDER;
    d->past.statutory = true;
    d->past.due_ms = d->v.now_ms - 3 * DAY_MS;
    *state = d;
    return 0;
}

static int desk_teardown(void **state)
{
    desk *d = *state;
    void *board_open = d->o;
    alert_people_free(d->v.people);
    hub_buffer_free(&d->v.page);
    hub_arena_close(&d->v.arena);
    free(d);
    return opened_teardown(&board_open);
}

static bool page_says(desk *d, const char *text)
{
    return strstr(hub_buffer_text(&d->v.page), text) != NULL;
}

/* Alert A1 as the hub tells of it at the next record: open, with what is overdue and, due in an hour, what runs. */
static void given_overdue(desk *d)
{
    (void)made_delivery(&d->m, 1, 2, d->v.now_ms + 60 * OPENED_MINUTE_MS);
    d->m.clock.plain = (char *)(uintptr_t) "a rating is given";
    d->m.alert.overdue = d->overdue;
    d->m.alert.n_overdue = 1;
    (void)rows_take(d->o->b->rows, 0, &d->m.delivery);
    opened_session(d->o, "hc-1", 0);
}

/* The worst of all clocks must not look like none: the statutory time was over before the referral came. */
static void a_list_says_that_a_statutory_clock_is_overdue_and_what_runs_out_next(void **state)
{
    desk *d = *state;
    given_overdue(d);

    opened_ask(d->o, "/queue/unclaimed", NULL);

    assert_true(opened_says(d->o, "Overdue by 3 d 0 h"));
    assert_true(opened_says(d->o, "needed, required by statute, had run out before it came here"));
    assert_true(opened_says(d->o, "a rating is given"));
    assert_false(opened_says(d->o, "No clock is running"));
}

static void a_clock_that_had_run_out_before_its_event_came_says_so_with_its_arithmetic(void **state)
{
    desk *d = *state;

    page_clock_row(&d->v, &d->v.page, &d->past);

    assert_true(page_says(d, "(required by statute)"));
    assert_true(page_says(d, "Overdue by 3 d 0 h 0 min"));
    assert_true(page_says(d, "Nobody here could keep it: " LATE_SENDER "."));
    assert_true(page_says(d, "one working day"));
    assert_true(page_says(d, "Working Together 2026"));
}

static void the_timeline_tells_when_a_clock_was_due_and_that_statute_requires_it(void **state)
{
    desk *d = *state;
    Mash__V1__LapsedClock lapsed = MASH__V1__LAPSED_CLOCK__INIT;
    lapsed.due_ms = INT64_C(1791205500000); /* Mon 5 Oct 2026 14:05 BST */
    lapsed.late_ms = 90 * OPENED_MINUTE_MS;
    lapsed.statutory = true;
    lapsed.cause = (char *)(uintptr_t)LATE_SENDER;
    (void)made_delivery(&d->m, 1, 2, 0);
    d->m.delivery.lapsed = &lapsed;

    timeline_entry(&d->v, &d->v.page, &d->m.delivery);

    assert_true(
        page_says(d, "Required by statute. It was due Mon 5 Oct 2026 14:05 BST, and the hub said so 1 h 30 min later.</p>"));
    assert_true(page_says(d, LATE_SENDER));
}

/* "A clock ran out ... on time" reads as if what it watched had been done. */
static void a_clock_that_ran_out_to_the_minute_is_not_called_on_time(void **state)
{
    desk *d = *state;
    Mash__V1__LapsedClock lapsed = MASH__V1__LAPSED_CLOCK__INIT;
    lapsed.due_ms = INT64_C(1791205500000);
    lapsed.cause = (char *)(uintptr_t) "on time";
    (void)made_delivery(&d->m, 1, 2, 0);
    d->m.delivery.lapsed = &lapsed;

    timeline_entry(&d->v, &d->v.page, &d->m.delivery);

    assert_true(page_says(d, "It was due Mon 5 Oct 2026 14:05 BST."));
    assert_false(page_says(d, "on time"));
}

static void a_clock_whose_due_time_nobody_knows_is_told_without_one(void **state)
{
    desk *d = *state;
    Mash__V1__LapsedClock lapsed = MASH__V1__LAPSED_CLOCK__INIT;
    lapsed.due_unknown = true;
    lapsed.cause = (char *)(uintptr_t) "when it is due is not known";
    (void)made_delivery(&d->m, 1, 2, 0);
    d->m.delivery.lapsed = &lapsed;

    timeline_entry(&d->v, &d->v.page, &d->m.delivery);

    assert_false(page_says(d, "It was due"));
    assert_false(page_says(d, "<p class=\"govuk-body\"></p>"));
    assert_true(page_says(d, "when it is due is not known"));
}

/* ---- about whom --------------------------------------------------------------------------------------------------------------- */
/* An event of record `sequence` about person 4, who may bear no name in it. */
static void given_event(desk *d, uint64_t sequence, const char *given_name)
{
    (void)made_delivery(&d->m, 1, sequence, 0);
    mash__v1__event__init(&d->event);
    mash__v1__subject__init(&d->subject);
    mash__v1__decision_line__init(&d->line);
    d->given_names[0] = (char *)(uintptr_t)given_name;
    d->subject.given_names = d->given_names;
    d->subject.n_given_names = given_name == NULL ? 0 : 1;
    d->subject.roles = d->roles;
    d->subject.n_roles = 1;
    d->roles[0] = MASH__V1__SUBJECT_ROLE__SUBJECT_ROLE_CHILD;
    d->subjects[0] = &d->subject;
    d->event.subjects = d->subjects;
    d->event.n_subjects = 1;
    d->line.person = 4;
    d->line.subject = 1;
    d->lines[0] = &d->line;
    d->m.alert.lines = d->lines;
    d->m.alert.n_lines = 1;
    d->m.delivery.event = &d->event;
    if (d->moves) d->m.delivery.kind = MASH__V1__DELIVERY_KIND__DELIVERY_KIND_MOVED_HERE;
    alert_people_learn(&d->v, &d->m.delivery);
}

/* Who is graver in the newest event has a name by an older one: "Somebody" beside grave flags is nobody whom one could ring about. */
static void who_bears_no_name_in_the_newest_event_is_called_as_the_newest_that_names_them(void **state)
{
    desk *d = *state;
    given_event(d, 2, "Robin");
    given_event(d, 3, "Wren");
    given_event(d, 4, NULL);

    alert_people_put(&d->v, &d->v.page, 4);

    assert_true(page_says(d, "Wren"));
    assert_false(page_says(d, "Robin"));
    assert_false(page_says(d, "Somebody"));
    assert_int_equal(alert_people_find(&d->v, 4)->sequence, 3);
}

/* The record of a move tells of an earlier event again: it names nobody itself, so that no link could be split there. */
static void whom_an_event_names_that_came_with_a_move_is_known_by_name_but_by_no_record(void **state)
{
    desk *d = *state;
    d->moves = true;
    given_event(d, 5, "Wren");

    alert_people_put(&d->v, &d->v.page, 4);

    assert_true(page_says(d, "Wren"));
    assert_int_equal(alert_people_find(&d->v, 4)->sequence, 0);
    assert_int_equal(alert_people_find(&d->v, 4)->subject, 0);
}

/* No event that they may read gives a name: none is made up, and the line is there all the same. */
static void whom_no_event_names_to_this_reader_stays_somebody_with_a_number(void **state)
{
    desk *d = *state;
    given_event(d, 2, NULL);

    alert_people_put(&d->v, &d->v.page, 4);

    assert_true(page_says(d, "Somebody"));
    assert_true(page_says(d, "(person 4)"));
}

static void the_timeline_says_which_of_the_alerts_people_somebody_is(void **state)
{
    desk *d = *state;
    given_event(d, 2, NULL);

    timeline_entry(&d->v, &d->v.page, &d->m.delivery);

    assert_true(page_says(d, "<li>Somebody (child) <span class=\"govuk-body-s\">(person 4)</span></li>"));
}

/* Probation says it of a number alone; the police named the bearer of that number before. He has no line: nobody decides about him. */
static void whom_another_event_names_is_called_by_that_name_in_the_timeline(void **state)
{
    desk *d = *state;
    uint64_t people[] = {8};
    given_event(d, 2, "Kit");
    d->m.alert.n_lines = 0;
    d->m.delivery.people = people;
    d->m.delivery.n_people = 1;
    alert_people_learn(&d->v, &d->m.delivery);
    d->subject.n_given_names = 0;

    timeline_entry(&d->v, &d->v.page, &d->m.delivery);

    assert_true(page_says(d, "<li>Somebody (child), known as Kit "));
    assert_true(page_says(d, "(person 8)</span></li>"));
}

/* What had come before an alert moved follows with it in one record, and again to each other queue of the reader. */
static void every_event_that_came_with_a_move_is_an_entry_once(void **state)
{
    desk *d = *state;
    timeline_seen seen = {0};
    uint8_t ids[3][16] = {{1}, {2}, {3}};
    uint32_t told = 0;
    d->moves = true;
    given_event(d, 2, "Kit");
    for (int queue = 0; queue < 2; queue++) {
        for (size_t i = 0; i < 3; i++) {
            d->event.event_id = (ProtobufCBinaryData){.len = sizeof ids[i], .data = ids[i]};
            told += timeline_is_new(&seen, &d->m.delivery) ? 1 : 0;
        }
    }
    assert_int_equal(told, 3);
}

int main(void)
{
#define DESK(story) cmocka_unit_test_setup_teardown(story, desk_setup, desk_teardown)
    const struct CMUnitTest tests[] = {
        DESK(a_list_says_that_a_statutory_clock_is_overdue_and_what_runs_out_next),
        DESK(a_clock_that_had_run_out_before_its_event_came_says_so_with_its_arithmetic),
        DESK(the_timeline_tells_when_a_clock_was_due_and_that_statute_requires_it),
        DESK(a_clock_that_ran_out_to_the_minute_is_not_called_on_time),
        DESK(a_clock_whose_due_time_nobody_knows_is_told_without_one),
        DESK(who_bears_no_name_in_the_newest_event_is_called_as_the_newest_that_names_them),
        DESK(whom_an_event_names_that_came_with_a_move_is_known_by_name_but_by_no_record),
        DESK(whom_no_event_names_to_this_reader_stays_somebody_with_a_number),
        DESK(the_timeline_says_which_of_the_alerts_people_somebody_is),
        DESK(whom_another_event_names_is_called_by_that_name_in_the_timeline),
        DESK(every_event_that_came_with_a_move_is_an_entry_once),
    };
    return cmocka_run_group_tests_name("alert_said", tests, NULL, NULL);
}
