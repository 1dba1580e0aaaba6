/* What a person reads through a gateway, and a team of an alert that it heard of late: each as far as it is theirs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "board.h"
#include "host/random.h"

static board_story shared;

static int setup(void **state)
{
    board_story *f = &shared;
    hub_make_with(&f->hub, "acting.yaml");
    board_story_start(f);
    *state = f;
    return 0;
}

/* ---- acting and asking --------------------------------------------------------------------------------------------------------- */
/* By bp-3, the manager, on A1 as it stands at this version: 0 = as it was opened. */
static void act(board_story *f, uint32_t version, Mash__V1__Act *act)
{
    hub_id id = host_random_id();
    act->command_id = (ProtobufCBinaryData){.len = HUB_ID_BYTES, .data = id.bytes};
    act->on_behalf_of = (char *)(uintptr_t) "bp-3";
    act->item = (char *)(uintptr_t) "A1";
    act->version = version;
    act->reason = (char *)(uintptr_t) "as it has to be";
    Mash__V1__ClientFrame frame = MASH__V1__CLIENT_FRAME__INIT;
    frame.body_case = MASH__V1__CLIENT_FRAME__BODY_ACT;
    frame.act = act;
    const Mash__V1__HubFrame *answer = ask(f->board, &frame);
    assert_int_equal(answer->body_case, MASH__V1__HUB_FRAME__BODY_ACT_REPLY);
    if (answer->act_reply->code != MASH__V1__ACT_CODE__ACT_DONE) fail_msg("not done: %s", answer->act_reply->text);
}

static void send_it_to_the_first_consumer(board_story *f, uint32_t version)
{
    Mash__V1__Reassign to = MASH__V1__REASSIGN__INIT;
    Mash__V1__Act what = MASH__V1__ACT__INIT;
    to.queue = (char *)(uintptr_t) "bench-1";
    what.what_case = MASH__V1__ACT__WHAT_REASSIGN;
    what.reassign = &to;
    act(f, version, &what);
}

static void declare_a_party(board_story *f, const char *staff)
{
    Mash__V1__DeclareParty party = MASH__V1__DECLARE_PARTY__INIT;
    Mash__V1__Act what = MASH__V1__ACT__INIT;
    party.staff = (char *)(uintptr_t)staff;
    what.what_case = MASH__V1__ACT__WHAT_DECLARE_PARTY;
    what.declare_party = &party;
    act(f, 0, &what);
}

static const Mash__V1__Explained *explained(peer *by, const char *id, const char *person)
{
    Mash__V1__Explain body = MASH__V1__EXPLAIN__INIT;
    body.id = (char *)(uintptr_t)id;
    body.on_behalf_of = (char *)(uintptr_t)person;
    body.purpose = MASH__V1__PURPOSE__PURPOSE_SAFEGUARDING_DECISION;
    Mash__V1__ClientFrame frame = MASH__V1__CLIENT_FRAME__INIT;
    frame.body_case = MASH__V1__CLIENT_FRAME__BODY_EXPLAIN;
    frame.explain = &body;
    const Mash__V1__HubFrame *answer = ask(by, &frame);
    assert_int_equal(answer->body_case, MASH__V1__HUB_FRAME__BODY_EXPLAINED);
    return answer->explained;
}

static size_t shown(peer *by, const char *id, const char *person)
{
    Mash__V1__Show body = MASH__V1__SHOW__INIT;
    body.item = (char *)(uintptr_t)id;
    body.on_behalf_of = (char *)(uintptr_t)person;
    body.read = MASH__V1__READ_KIND__READ_KIND_OPEN;
    body.purpose = MASH__V1__PURPOSE__PURPOSE_SAFEGUARDING_DECISION;
    Mash__V1__ClientFrame frame = MASH__V1__CLIENT_FRAME__INIT;
    frame.body_case = MASH__V1__CLIENT_FRAME__BODY_SHOW;
    frame.show = &body;
    const Mash__V1__HubFrame *answer = ask(by, &frame);
    assert_int_equal(answer->body_case, MASH__V1__HUB_FRAME__BODY_SHOWN);
    return answer->shown->n_items;
}

static bool says(const Mash__V1__Explained *answer, const char *words)
{
    for (size_t i = 0; i < answer->n_lines; i++) {
        if (strstr(answer->lines[i]->text, words) != NULL) return true;
    }
    return false;
}

static const Mash__V1__HubFrame *tailed(peer *by, const char *person)
{
    Mash__V1__Tail body = MASH__V1__TAIL__INIT;
    body.from_sequence = 1;
    body.on_behalf_of = (char *)(uintptr_t)person;
    Mash__V1__ClientFrame frame = MASH__V1__CLIENT_FRAME__INIT;
    frame.body_case = MASH__V1__CLIENT_FRAME__BODY_TAIL;
    frame.tail = &body;
    return ask(by, &frame);
}

static size_t lines_of_tail(peer *by, const char *person)
{
    const Mash__V1__HubFrame *answer = tailed(by, person);
    assert_int_equal(answer->body_case, MASH__V1__HUB_FRAME__BODY_TAIL_ITEMS);
    assert_true(answer->tail_items->complete);
    return answer->tail_items->n_items;
}

static size_t found_about_the_child(peer *by, const char *person)
{
    Mash__V1__Query body = MASH__V1__QUERY__INIT;
    body.key = (char *)(uintptr_t) "nhs:" CHILDS_NUMBER;
    body.on_behalf_of = (char *)(uintptr_t)person;
    body.purpose = MASH__V1__PURPOSE__PURPOSE_SAFEGUARDING_DECISION;
    Mash__V1__ClientFrame frame = MASH__V1__CLIENT_FRAME__INIT;
    frame.body_case = MASH__V1__CLIENT_FRAME__BODY_QUERY;
    frame.query = &body;
    return ask(by, &frame)->found->n_items;
}

/* ---- the stories --------------------------------------------------------------------------------------------------------------- */
/* A team that is told of an alert at its 260th record reads from there, and is not told of records that it may not read. */
static void an_alert_that_a_queue_heard_of_late_is_explained_to_it(void **state)
{
    enum { JOINED = 260 };
    board_story *f = *state;
    peer *late = enrol(f->op, "late", MASH__V1__PEER_KIND__PEER_KIND_CONSUMER, "bench-1");
    peer_open(late);
    for (uint64_t link = 1; link <= JOINED; link++)
        publish_concern(f->adapter, link);
    assert_false(explained(late, "A1", "")->found);

    send_it_to_the_first_consumer(f, JOINED - 1);

    const Mash__V1__Explained *answer = explained(late, "A1", "");
    assert_true(answer->found);
    assert_true(says(answer, "It belongs to bench-1 from now on."));
    assert_false(says(answer, "The oldest records only"));
    assert_true(says(explained(f->board, "A1", "bp-1"), "The oldest records only"));
}

/* Through whatever key they ask: a list of what happened is reading as well. */
static void a_party_reads_nothing_of_it_not_even_in_a_list(void **state)
{
    board_story *f = *state;
    publish_concern(f->adapter, 1);
    assert_int_equal(lines_of_tail(f->board, "bp-1"), 1);

    declare_a_party(f, "bp-1");

    assert_int_equal(lines_of_tail(f->board, "bp-1"), 0);
    assert_int_equal(found_about_the_child(f->board, "bp-1"), 0);
    assert_false(explained(f->board, "A1", "bp-1")->found);
    assert_int_equal(lines_of_tail(f->board, "bp-2"), 2);
}

static void a_gateway_lists_for_a_person_of_a_team_that_it_may_act_for(void **state)
{
    board_story *f = *state;
    static const char *const NOBODY[] = {"", "bv-1", "nobody"};
    for (size_t i = 0; i < sizeof NOBODY / sizeof NOBODY[0]; i++) {
        const Mash__V1__HubFrame *answer = tailed(f->board, NOBODY[i]);
        assert_int_equal(answer->body_case, MASH__V1__HUB_FRAME__BODY_FAULT);
        assert_int_equal(answer->fault->code, MASH__V1__FAULT_CODE__FAULT_NOT_ALLOWED);
        assert_string_equal(answer->fault->field_path, "tail.on_behalf_of");
    }
    assert_int_equal(tailed(f->op, "bp-1")->fault->code, MASH__V1__FAULT_CODE__FAULT_NOT_ALLOWED);
}

/* The key's queue may have it; of the people behind the key only those whose role is cleared. */
static void what_is_restricted_is_read_by_people_whose_role_is_cleared(void **state)
{
    board_story *f = *state;
    publish_concern_of(f->adapter, 1, MASH__V1__SENSITIVITY__SENSITIVITY_RESTRICTED);

    assert_int_equal(lines_of_tail(f->board, "bp-1"), 0);
    assert_int_equal(found_about_the_child(f->board, "bp-1"), 0);
    assert_false(explained(f->board, "A1", "bp-1")->found);
    assert_int_equal(lines_of_tail(f->board, "bp-3"), 1);
    assert_int_equal(found_about_the_child(f->board, "bp-3"), 1);
    assert_true(explained(f->board, "A1", "bp-3")->found);
}

/* One board of two teams: what one team's queue was given is not for the other's people. */
static void a_person_reads_what_the_queues_of_their_own_teams_were_given(void **state)
{
    board_story *f = *state;
    peer *both = enrol_board_of(f->op, "board-of-two", 2);
    peer_open(both);
    publish_concern(f->adapter, 1);

    assert_int_equal(shown(both, "A1", "bp-1"), 1);
    assert_int_equal(shown(both, "A1", "bv-1"), 0);
    assert_false(explained(both, "A1", "bv-1")->found);
    send_it_to_the_first_consumer(f, 0);
    assert_true(shown(both, "A1", "bv-1") > 0);
}

#define STORY(name) cmocka_unit_test_setup_teardown(name, setup, board_story_remove)
int main(void)
{
    host_random_start();
    const struct CMUnitTest tests[] = {
        STORY(an_alert_that_a_queue_heard_of_late_is_explained_to_it),
        STORY(a_party_reads_nothing_of_it_not_even_in_a_list),
        STORY(a_gateway_lists_for_a_person_of_a_team_that_it_may_act_for),
        STORY(a_person_reads_what_the_queues_of_their_own_teams_were_given),
        STORY(what_is_restricted_is_read_by_people_whose_role_is_cleared),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
