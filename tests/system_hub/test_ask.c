/* Questions: tail, find, explain, status - each answered with what the asker may see. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "board.h"
#include "fixture.h"
#include "host/random.h"

static int setup(void **state)
{
    (void)fixture_make(state, "bench-team");
    publish_and_wait(((fixture *)*state)->adapter, 1, 1, 5);
    return 0;
}

static const Mash__V1__HubFrame *tail(peer *p, uint64_t from, uint32_t last, uint32_t limit, Mash__V1__Where *where)
{
    Mash__V1__Tail body = MASH__V1__TAIL__INIT;
    body.from_sequence = from;
    body.last = last;
    body.limit = limit;
    body.where = &where;
    body.n_where = where == NULL ? 0 : 1;
    Mash__V1__ClientFrame frame = MASH__V1__CLIENT_FRAME__INIT;
    frame.body_case = MASH__V1__CLIENT_FRAME__BODY_TAIL;
    frame.tail = &body;
    return ask(p, &frame);
}

static void an_operator_tails_the_newest_records_and_sees_no_personal_part(void **state)
{
    fixture *f = *state;
    const Mash__V1__HubFrame *answer = tail(f->op, 0, 3, 0, NULL);

    assert_int_equal(answer->body_case, MASH__V1__HUB_FRAME__BODY_TAIL_ITEMS);
    assert_int_equal(answer->tail_items->n_items, 3);
    assert_true(answer->tail_items->complete);
    assert_string_equal(answer->tail_items->items[2]->payload, "contact");
    assert_null(strstr(answer->tail_items->items[2]->detail, "Exercise"));
}

static void a_tail_is_filtered_and_limited(void **state)
{
    fixture *f = *state;
    Mash__V1__Where where = MASH__V1__WHERE__INIT;
    where.key = (char *)(uintptr_t) "payload";
    where.value = (char *)(uintptr_t) "contact";

    const Mash__V1__HubFrame *answer = tail(f->op, 1, 0, 2, &where);
    assert_int_equal(answer->tail_items->n_items, 2);
    assert_string_equal(answer->tail_items->items[0]->payload, "contact");

    where.key = (char *)(uintptr_t) "favourite colour";
    answer = tail(f->op, 1, 0, 2, &where);
    assert_int_equal(answer->body_case, MASH__V1__HUB_FRAME__BODY_FAULT);
    assert_string_equal(answer->fault->field_path, "tail.where");
}

/* Large records must not be left out because one answer cannot hold them all: it goes on from the first that it could not hold. */
static void a_tail_of_large_records_leaves_none_out(void **state)
{
    enum { CROWDS = 180 };
    fixture *f = *state;
    for (uint32_t i = 0; i < CROWDS; i++)
        publish_crowd(f->adapter, 6 + i, 6 + i);
    assert_true(hub_until(&f->hub, &f->adapter->results, 5 + CROWDS, PATIENCE_MS));
    uint64_t first = f->adapter->sequence[5 + CROWDS] - CROWDS + 1;

    const Mash__V1__HubFrame *answer = tail(f->op, first, 0, 0, NULL);

    assert_int_equal(answer->tail_items->n_items, CROWDS);
    assert_int_equal(answer->tail_items->next_sequence, first + CROWDS);
    for (size_t i = 0; i < CROWDS; i++)
        assert_int_equal(answer->tail_items->items[i]->sequence, first + i);
}

/* The same filter for every question: nothing was delivered to this consumer's queue, so nothing exists for it. */
static void a_consumer_sees_nothing_that_was_not_delivered_to_it(void **state)
{
    fixture *f = *state;
    const Mash__V1__HubFrame *answer = tail(f->consumer, 1, 0, 0, NULL);

    assert_int_equal(answer->tail_items->n_items, 0);
    assert_true(answer->tail_items->complete);
}

static const Mash__V1__HubFrame *explain(peer *p, const char *id)
{
    Mash__V1__Explain body = MASH__V1__EXPLAIN__INIT;
    body.id = (char *)(uintptr_t)id;
    body.purpose = MASH__V1__PURPOSE__PURPOSE_OPERATIONS;
    Mash__V1__ClientFrame frame = MASH__V1__CLIENT_FRAME__INIT;
    frame.body_case = MASH__V1__CLIENT_FRAME__BODY_EXPLAIN;
    frame.explain = &body;
    return ask(p, &frame);
}

static void an_event_is_found_by_its_id_and_explained(void **state)
{
    fixture *f = *state;
    hub_buffer packed = {0};
    hub_id id = event_make(3, "", &packed);
    hub_buffer_free(&packed);
    char text[HUB_ID_TEXT_BYTES], key[64];
    hub_id_text(&id, text);
    (void)snprintf(key, sizeof key, "event:%s", text);
    Mash__V1__Query body = MASH__V1__QUERY__INIT;
    body.key = key;
    body.purpose = MASH__V1__PURPOSE__PURPOSE_OPERATIONS;
    Mash__V1__ClientFrame frame = MASH__V1__CLIENT_FRAME__INIT;
    frame.body_case = MASH__V1__CLIENT_FRAME__BODY_QUERY;
    frame.query = &body;

    const Mash__V1__HubFrame *answer = ask(f->op, &frame);
    assert_int_equal(answer->body_case, MASH__V1__HUB_FRAME__BODY_FOUND);
    assert_int_equal(answer->found->n_items, 1);

    answer = explain(f->op, text);
    assert_true(answer->explained->found);
    assert_true(answer->explained->n_lines >= 2);
    assert_false(explain(f->op, "00000000-0000-8000-8000-000000000001")->explained->found);
    assert_false(explain(f->consumer, text)->explained->found);
}

static void status_counts_what_there_is(void **state)
{
    fixture *f = *state;
    const Mash__V1__Status *status = status_of(f->op);

    assert_string_equal(status->partnership, "bench");
    assert_int_equal(status->events_accepted, 5);
    assert_int_equal(status->n_peers, 3);
    assert_int_equal(status->n_queues, 3);
    assert_int_equal(status->policy, 1);
    assert_int_equal(status->n_alarms, 0);
    assert_string_equal(status->journal, "sqlite");
}

/* Whoever asks before and after each event would learn whether it opened an alert, and of alerts that it may not know of. */
static void what_the_hub_made_of_events_is_counted_for_operators_and_auditors_only(void **state)
{
    fixture *f = *state;
    peer *auditor = enrol(f->op, "auditor", MASH__V1__PEER_KIND__PEER_KIND_AUDITOR, NULL);
    peer_open(auditor);
    publish_concern(f->adapter, 6);
    assert_int_equal(status_of(auditor)->alerts_open, 1);
    Mash__V1__StatusRequest plain = MASH__V1__STATUS_REQUEST__INIT;
    Mash__V1__ClientFrame frame = MASH__V1__CLIENT_FRAME__INIT;
    frame.body_case = MASH__V1__CLIENT_FRAME__BODY_STATUS;
    frame.status = &plain;
    peer *const OTHERS[] = {f->adapter, f->consumer};
    for (size_t i = 0; i < sizeof OTHERS / sizeof OTHERS[0]; i++) {
        const Mash__V1__Status *status = ask(OTHERS[i], &frame)->status;

        assert_string_equal(status->partnership, "bench"); /* how the hub does is told to all */
        assert_int_equal(status->alerts_open, 0);
        assert_int_equal(status->clocks_running, 0);
        assert_int_equal(status->clocks_lapsed, 0);
        assert_int_equal(status->next_due_ms, 0);
        assert_int_equal(status->state_digest, 0);
    }
}

/* Counts of the whole hub, though none of them tells of few: what one agency hears, others did. */
static void figures_are_for_operators_and_auditors_and_are_made_when_they_ask(void **state)
{
    fixture *f = *state;
    peer *auditor = enrol(f->op, "auditor", MASH__V1__PEER_KIND__PEER_KIND_AUDITOR, NULL);
    peer_open(auditor);
    Mash__V1__FiguresRequest all = MASH__V1__FIGURES_REQUEST__INIT;
    Mash__V1__ClientFrame frame = MASH__V1__CLIENT_FRAME__INIT;
    frame.body_case = MASH__V1__CLIENT_FRAME__BODY_FIGURES;
    frame.figures = &all;
    peer *const OTHERS[] = {f->adapter, f->consumer};
    for (size_t i = 0; i < sizeof OTHERS / sizeof OTHERS[0]; i++) {
        const Mash__V1__HubFrame *refused = ask(OTHERS[i], &frame);
        assert_int_equal(refused->body_case, MASH__V1__HUB_FRAME__BODY_FAULT);
        assert_int_equal(refused->fault->code, MASH__V1__FAULT_CODE__FAULT_NOT_ALLOWED);
    }

    const Mash__V1__HubFrame *answer = ask(auditor, &frame);
    assert_int_equal(answer->body_case, MASH__V1__HUB_FRAME__BODY_FIGURES);
    assert_int_equal(answer->figures->made_ms, 0);
    assert_int_equal(answer->figures->n_periods, 0);
    assert_int_equal(hub_stop(&f->hub), 0); /* and with it what it had begun to make */
}

/* A tail that follows is given each record when it is durable, until it is stopped. */
static int followed;
static void on_frame(void *context, const Mash__V1__HubFrame *frame)
{
    (void)context;
    if (frame->body_case == MASH__V1__HUB_FRAME__BODY_TAIL_ITEMS) followed += (int)frame->tail_items->n_items;
}

static void a_following_tail_goes_on_until_it_is_stopped(void **state)
{
    fixture *f = *state;
    peer_close(f->op);
    hub_spin(&f->hub, 50);
    bus_client_options options = {
        .endpoints = {f->hub.team}, .keys = f->hub.operator_keys, .software = "test/1", .frame = on_frame};
    memcpy(options.server_key, f->hub.server_key, BUS_KEY_BYTES);
    bus_client *client;
    assert_int_equal(bus_client_open(&f->hub.loop, &options, &client, NULL), HUB_OK);
    f->op->client = client; /* closed with the others */
    Mash__V1__StatusRequest none = MASH__V1__STATUS_REQUEST__INIT;
    Mash__V1__ClientFrame question = MASH__V1__CLIENT_FRAME__INIT;
    question.body_case = MASH__V1__CLIENT_FRAME__BODY_STATUS;
    question.status = &none;
    (void)ask(f->op, &question);

    Mash__V1__Tail body = MASH__V1__TAIL__INIT;
    body.follow = 1;
    Mash__V1__ClientFrame frame = MASH__V1__CLIENT_FRAME__INIT;
    frame.request = bus_client_request(client);
    frame.body_case = MASH__V1__CLIENT_FRAME__BODY_TAIL;
    frame.tail = &body;
    followed = 0;
    assert_int_equal(bus_client_send(client, &frame, NULL), HUB_OK);
    (void)ask(f->op, &question); /* the tail is heard by now */
    publish_and_wait(f->adapter, 6, 6, 20);
    assert_true(hub_until(&f->hub, &followed, 20, PATIENCE_MS));

    body.stop = 1;
    assert_int_equal(bus_client_send(client, &frame, NULL), HUB_OK);
    (void)ask(f->op, &question);
    publish_and_wait(f->adapter, 26, 26, 5);
    hub_spin(&f->hub, 150);
    assert_int_equal(followed, 20);
}

int main(void)
{
    host_random_start();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(an_operator_tails_the_newest_records_and_sees_no_personal_part, setup, fixture_remove),
        cmocka_unit_test_setup_teardown(a_tail_is_filtered_and_limited, setup, fixture_remove),
        cmocka_unit_test_setup_teardown(a_tail_of_large_records_leaves_none_out, setup, fixture_remove),
        cmocka_unit_test_setup_teardown(a_consumer_sees_nothing_that_was_not_delivered_to_it, setup, fixture_remove),
        cmocka_unit_test_setup_teardown(an_event_is_found_by_its_id_and_explained, setup, fixture_remove),
        cmocka_unit_test_setup_teardown(status_counts_what_there_is, setup, fixture_remove),
        cmocka_unit_test_setup_teardown(what_the_hub_made_of_events_is_counted_for_operators_and_auditors_only, setup,
                                        fixture_remove),
        cmocka_unit_test_setup_teardown(figures_are_for_operators_and_auditors_and_are_made_when_they_ask, setup, fixture_remove),
        cmocka_unit_test_setup_teardown(a_following_tail_goes_on_until_it_is_stopped, setup, fixture_remove),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
