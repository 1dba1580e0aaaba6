/* What a continuity pack says, and to whom nothing of it is said. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "board/pack_page.h"
#include "host/random.h"
#include "made.h"
#include "opened.h"
#include "policy/policy.h"

#define NOW_MS INT64_C(1791205500000) /* Mon 5 Oct 2026 14:05 BST */
#define MINUTE_MS INT64_C(60000)

typedef struct desk {
    board b;
    visit paper;
    html_page page;
    pack_text text;
} desk;

static int setup(void **state)
{
    desk *d = calloc(1, sizeof *d);
    host_random_start();
    d->b.config = (board_config){.name = "Hampshire MASH",
                                 .queues = {"hampshire_childrens", "hampshire_adults"},
                                 .queue_count = 2,
                                 .help = "the service desk",
                                 .pack = {.contacts = {"Police control room 01632 960001"}, .contact_count = 1}};
    d->b.policy = opened_policy();
    assert_int_equal(rows_open(&d->b.rows, NULL), HUB_OK);
    d->paper = (visit){.b = &d->b, .now_ms = NOW_MS, .is_paper = true};
    *state = d;
    return 0;
}

static int teardown(void **state)
{
    desk *d = *state;
    pack_text_clear(&d->text);
    hub_buffer_free(&d->page);
    rows_close(d->b.rows);
    policy_free(d->b.policy);
    free(d);
    return 0;
}

static void given_made_for(desk *d, const char *id)
{
    assert_true(people_find(d->b.policy, id, people_day(d->b.policy, NOW_MS), &d->paper.who));
    d->paper.sees = sight_of(d->b.rows, &d->b.config, &d->paper.who, id);
}

static const char *when_made(desk *d, const pack_head *head)
{
    row_ref rows[8];
    uint32_t count = sight_open(&d->paper.sees, rows, 8);
    pack_page_begin(&d->page, &d->paper, head, rows, count);
    for (uint32_t i = 0; i < count; i++)
        pack_page_item(&d->page, &d->paper, rows_at(d->b.rows, rows[i]), 0);
    pack_page_end(&d->page);
    return hub_buffer_text(&d->page);
}

static const pack_head HEAD = {
    .person = "hc-4", .made_ms = NOW_MS, .known_ms = NOW_MS, .expires_ms = NOW_MS + 24 * 60 * MINUTE_MS};

static void it_lists_what_is_open_with_clocks_and_whom_to_ring(void **state)
{
    desk *d = *state;
    made m;
    (void)made_delivery(&m, 7, 1, NOW_MS + 72 * MINUTE_MS);
    m.alert.rating = MASH__V1__RATING__RATING_RED;
    m.alert.owner = (char *)(uintptr_t) "hc-1";
    (void)rows_take(d->b.rows, 0, &m.delivery);
    given_made_for(d, "hc-4");

    const char *page = when_made(d, &HEAD);

    assert_non_null(strstr(page, "Made Mon 5 Oct 2026 14:05 BST"));
    assert_non_null(strstr(page, "by Tue 6 Oct 2026 14:05 BST"));
    assert_non_null(strstr(page, "Reception Team, Hampshire and Isle of Wight (1)"));
    assert_non_null(strstr(page, "1 h 12 min left"));
    assert_non_null(strstr(page, "due Mon 5 Oct 2026 15:17 BST"));
    assert_non_null(strstr(page, "Police control room 01632 960001"));
    assert_non_null(strstr(page, "(hc-1)"));
    assert_non_null(strstr(page, "What was said in it could not be read"));
    assert_null(strstr(page, "could not be reached"));
}

/* Restricted without clearance, a party, ended: not an entry, and not a count (T1 to T3). */
static void it_holds_nothing_that_its_person_may_not_see(void **state)
{
    desk *d = *state;
    made m;
    (void)made_delivery(&m, 7, 1, 0);
    m.alert.sensitivity = MASH__V1__SENSITIVITY__SENSITIVITY_RESTRICTED;
    (void)rows_take(d->b.rows, 0, &m.delivery);
    (void)made_delivery(&m, 8, 2, 0);
    made_party(&m, "hc-1");
    (void)rows_take(d->b.rows, 0, &m.delivery);
    (void)made_delivery(&m, 9, 3, 0);
    m.alert.state = (char *)(uintptr_t) "ended";
    (void)rows_take(d->b.rows, 0, &m.delivery);
    (void)rows_take(d->b.rows, 1, made_delivery(&m, 6, 4, 0));
    given_made_for(d, "hc-1");

    const char *page = when_made(d, &HEAD);

    assert_non_null(strstr(page, "Reception Team, Hampshire and Isle of Wight (0)"));
    assert_null(strstr(page, "id=\"A"));
}

/* Somebody who takes a pack for whole, and it is not, leaves children alone. */
static void what_is_not_in_it_is_said(void **state)
{
    desk *d = *state;
    pack_head head = HEAD;
    head.is_hub_away = true;
    head.known_ms = NOW_MS - 35 * MINUTE_MS;
    head.not_newest = 3;
    given_made_for(d, "hc-4");

    const char *page = when_made(d, &head);

    assert_non_null(
        strstr(page, "The hub could not be reached when this was made: nothing that happened after Mon 5 Oct 2026 13:30 BST"));
    assert_non_null(strstr(page, "Of 3 items"));
    assert_non_null(strstr(page, "Not in this pack: Adults"));
}

/* ---- texts -------------------------------------------------------------------------------------------------------------------- */
typedef struct told {
    made m;
    Mash__V1__Event event;
    Mash__V1__Subject subject, *subjects[1];
    Mash__V1__ChildConcern concern;
    Mash__V1__DecisionLine line, *lines[1];
    Mash__V1__Reason reason, *reasons[1];
} told;

static const Mash__V1__Delivery *told_of(told *t, uint64_t sequence, const char *family_name, const char *summary)
{
    Mash__V1__Delivery *d = made_delivery(&t->m, 7, sequence, 0);
    mash__v1__event__init(&t->event);
    mash__v1__subject__init(&t->subject);
    mash__v1__child_concern__init(&t->concern);
    mash__v1__decision_line__init(&t->line);
    mash__v1__reason__init(&t->reason);
    t->subject.family_name = (char *)(uintptr_t)family_name;
    t->event.summary = (char *)(uintptr_t)summary;
    t->event.contact_back = (char *)(uintptr_t) "school office 01632 960777";
    t->event.payload_case = MASH__V1__EVENT__PAYLOAD_CHILD_CONCERN;
    t->event.child_concern = &t->concern;
    t->subjects[0] = &t->subject;
    t->event.subjects = t->subjects;
    t->event.n_subjects = 1;
    t->line.person = 3;
    t->line.subject = 1;
    t->line.state = (char *)(uintptr_t) "undecided";
    t->lines[0] = &t->line;
    t->m.alert.lines = t->lines;
    t->m.alert.n_lines = 1;
    t->reason.rule = (char *)(uintptr_t) "R-X";
    t->reason.plain = (char *)(uintptr_t) "a child was seen alone";
    t->reasons[0] = &t->reason;
    d->reasons = t->reasons;
    d->n_reasons = 1;
    d->event = &t->event;
    return d;
}

static const char *when_ended(desk *d)
{
    pack_text_end(&d->text, &d->paper, &d->page);
    return hub_buffer_text(&d->page);
}

static unsigned times(const char *text, const char *what)
{
    unsigned count = 0;
    for (const char *at = strstr(text, what); at != NULL; at = strstr(at + 1, what))
        count++;
    return count;
}

static void a_text_says_who_why_and_whom_to_ring_with_nothing_folded(void **state)
{
    desk *d = *state;
    told t;
    pack_text_take(&d->text, &d->paper, told_of(&t, 1, "Example", "Came to school without a coat."));
    pack_text_take(&d->text, &d->paper,
                   told_of(&t, 1, "Example", "Came to school without a coat."));     /* to another queue of theirs */
    pack_text_take(&d->text, &d->paper, told_of(&t, 2, "", "Not in school again.")); /* which names nobody */
    (void)told_of(&t, 3, "", "");
    t.m.delivery.event = NULL; /* an act: it names nobody, and the line is decided now */
    t.line.state = (char *)(uintptr_t) "decided";
    t.line.outcome = (char *)(uintptr_t) "no-such-outcome";
    pack_text_take(&d->text, &d->paper, &t.m.delivery);

    const char *page = when_ended(d);

    assert_int_equal(times(page, "Came to school without a coat."), 1);
    assert_int_equal(times(page, "a child was seen alone"), 1);
    assert_non_null(strstr(page, "<li>Example (person 3): no-such-outcome</li>"));
    assert_non_null(strstr(page, "school office 01632 960777"));
    assert_int_equal(times(page, "<details"), times(page, "<details class=\"govuk-details\" open>"));
}

static void what_anybody_typed_is_inert(void **state)
{
    desk *d = *state;
    told t;
    pack_text_take(&d->text, &d->paper, told_of(&t, 1, "<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>"));
    const char *page = when_ended(d);
    assert_null(strstr(page, "<script"));
    assert_null(strstr(page, "<img"));
}

static void of_a_long_story_the_newest_stands_and_the_rest_is_counted(void **state)
{
    desk *d = *state;
    told t;
    char summary[40];
    for (uint64_t i = 1; i <= PACK_ENTRIES_MAX + 3; i++) {
        (void)snprintf(summary, sizeof summary, "[event %llu]", (unsigned long long)i);
        pack_text_take(&d->text, &d->paper, told_of(&t, i, "Example", summary));
    }
    const char *page = when_ended(d);
    assert_non_null(strstr(page, "3 older entries are left out here."));
    assert_null(strstr(page, "[event 3]"));
    assert_true(strstr(page, "[event 4]") < strstr(page, "[event 15]"));
    assert_int_equal(d->text.entry_count, 0);
}

/* Each of the longest that the hub takes: the newest is whole, the older ones make room. */
static void a_text_has_a_bound(void **state)
{
    static char summary[16001];
    desk *d = *state;
    told t;
    memset(summary, 'x', sizeof summary - 1);
    for (uint64_t i = 1; i <= 8; i++)
        pack_text_take(&d->text, &d->paper, told_of(&t, i, "Example", summary));
    const char *page = when_ended(d);
    assert_non_null(strstr(page, "older entries are left out here."));
    assert_true(strlen(page) < PACK_TEXT_BYTES_MAX + 4096);
}

int main(void)
{
#define STORY(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        STORY(it_lists_what_is_open_with_clocks_and_whom_to_ring),
        STORY(it_holds_nothing_that_its_person_may_not_see),
        STORY(what_is_not_in_it_is_said),
        STORY(a_text_says_who_why_and_whom_to_ring_with_nothing_folded),
        STORY(what_anybody_typed_is_inert),
        STORY(of_a_long_story_the_newest_stands_and_the_rest_is_counted),
        STORY(a_text_has_a_bound),
    };
    return cmocka_run_group_tests_name("pack_page", tests, NULL, NULL);
}
