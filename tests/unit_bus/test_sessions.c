/* Sessions and credit, without a socket in sight. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "bus/sessions.h"

static const uint8_t KEY[BUS_KEY_BYTES] = {1};
static const hub_id ID = {.bytes = {9}};

static int setup(void **state)
{
    bus_sessions *sessions;
    if (bus_sessions_open(64, &sessions) != HUB_OK) return -1;
    *state = sessions;
    return 0;
}

static int teardown(void **state)
{
    bus_sessions_close(*state);
    return 0;
}

static bus_session *begin(bus_sessions *sessions, uint32_t route, uint32_t peer)
{
    bus_session *session;
    assert_int_equal(bus_sessions_begin(sessions, 0, route, KEY, peer, &ID, 1000, &session), HUB_OK);
    return session;
}

static hub_digest digest(uint8_t first)
{
    hub_digest d = {.bytes = {first}};
    return d;
}

/* S1: the owner must end the first, and say so to it, before the second begins. */
static void a_second_session_of_a_key_needs_the_first_one_ended(void **state)
{
    bus_sessions *sessions = *state;
    bus_session *first = begin(sessions, 7, 3), *second;

    assert_int_equal(bus_sessions_begin(sessions, 0, 8, KEY, 3, &ID, 1001, &second), HUB_ERR_EXISTS);
    bus_sessions_end(sessions, first);
    assert_int_equal(bus_sessions_begin(sessions, 0, 8, KEY, 3, &ID, 1002, &second), HUB_OK);

    assert_null(bus_sessions_by_route(sessions, 0, 7));
    assert_ptr_equal(bus_sessions_by_route(sessions, 0, 8), second);
    assert_ptr_equal(bus_sessions_by_peer(sessions, 3), second);
}

/* S2: a reply computed for a session that ended must not reach the next one in its place. */
static void a_reference_to_an_ended_session_finds_nothing(void **state)
{
    bus_sessions *sessions = *state;
    bus_session *first = begin(sessions, 7, 3);
    bus_session_ref ref = first->ref;
    bus_sessions_end(sessions, first);
    bus_session *second = begin(sessions, 8, 3);

    assert_null(bus_sessions_by_ref(sessions, ref));
    assert_ptr_equal(bus_sessions_by_ref(sessions, second->ref), second);
    assert_null(bus_sessions_by_ref(sessions, (bus_session_ref){0}));
}

static void the_same_route_on_two_endpoints_is_two_connections(void **state)
{
    bus_sessions *sessions = *state;
    bus_session *agency = begin(sessions, 7, 3), *team;
    assert_int_equal(bus_sessions_begin(sessions, 1, 7, KEY, 4, &ID, 1000, &team), HUB_OK);

    assert_ptr_equal(bus_sessions_by_route(sessions, 0, 7), agency);
    assert_ptr_equal(bus_sessions_by_route(sessions, 1, 7), team);
}

/* Ending moves entries of the lookup tables; none may get lost on the way. */
static void every_session_is_found_after_every_second_one_ended(void **state)
{
    bus_sessions *sessions = *state;
    for (uint32_t i = 1; i <= 64; i++)
        (void)begin(sessions, i * 16, i);
    bus_session *refused;
    assert_int_equal(bus_sessions_begin(sessions, 0, 9999, KEY, 99, &ID, 1000, &refused), HUB_ERR_FULL);

    for (uint32_t i = 1; i <= 64; i += 2)
        bus_sessions_end(sessions, bus_sessions_by_peer(sessions, i));

    for (uint32_t i = 2; i <= 64; i += 2) {
        assert_non_null(bus_sessions_by_peer(sessions, i));
        assert_ptr_equal(bus_sessions_by_route(sessions, 0, i * 16), bus_sessions_by_peer(sessions, i));
        assert_null(bus_sessions_by_peer(sessions, i - 1));
    }
    assert_int_equal(bus_sessions_count(sessions), 32);
}

static void a_session_is_silent_after_its_limit_and_not_before(void **state)
{
    bus_session *session = begin(*state, 7, 3);

    assert_false(bus_session_is_silent(session, 7000, 6000));
    assert_true(bus_session_is_silent(session, 7001, 6000));
    session->heard_ms = 7001;
    assert_false(bus_session_is_silent(session, 7001, 6000));
}

static void items_in_flight_are_capped_and_given_back(void **state)
{
    bus_session *session = begin(*state, 7, 3);

    assert_true(bus_session_take_items(session, 3000, 4096));
    assert_false(bus_session_take_items(session, 1097, 4096));
    bus_session_settle_items(session, 1);
    assert_true(bus_session_take_items(session, 1097, 4096));
    assert_int_equal(session->items_in_flight, 4096);
}

/* S3: one peer that does not read must not eat the hub's memory. */
static void queued_frames_keep_their_order_and_are_capped_in_bytes(void **state)
{
    bus_session *session = begin(*state, 7, 3);
    static uint8_t large[BUS_QUEUED_BYTES_MAX];

    assert_int_equal(bus_session_queue(session, hub_bytes_of("one", 3), hub_bytes_of(NULL, 0)), HUB_OK);
    assert_int_equal(bus_session_queue(session, hub_bytes_of("t", 1), hub_bytes_of("wo", 2)), HUB_OK);
    assert_int_equal(bus_session_queue(session, hub_bytes_of(large, sizeof large), hub_bytes_of(NULL, 0)), HUB_ERR_FULL);

    assert_true(hub_bytes_equal(bus_session_queued(session), hub_bytes_of_text("one")));
    bus_session_drop_queued(session);
    assert_true(hub_bytes_equal(bus_session_queued(session), hub_bytes_of_text("two")));
    bus_session_drop_queued(session);
    assert_false(bus_session_has_queued(session));
    assert_int_equal(session->queued_bytes, 0);
}

static bus_subscription *subscribe(bus_session *session, uint32_t items, uint64_t bytes)
{
    bus_subscription *s = bus_session_free_subscription(session);
    bus_subscription_start(s, 5, "team-system", items, bytes);
    return s;
}

static void credit_runs_out_by_items_and_a_receipt_gives_it_back(void **state)
{
    bus_subscription *s = subscribe(begin(*state, 7, 3), 2, 0);
    hub_digest a = digest(1), b = digest(2);

    assert_int_equal(bus_subscription_sent(s, 10, &a, 600), HUB_OK);
    assert_int_equal(bus_subscription_credit_left(s), 1);
    assert_int_equal(bus_subscription_sent(s, 12, &b, 600), HUB_OK);
    assert_false(bus_subscription_has_credit(s));

    assert_int_equal(bus_subscription_receipt(s, 10, a.bytes, sizeof a.bytes), BUS_RECEIPT_TAKEN);
    assert_true(bus_subscription_has_credit(s));
    assert_int_equal(s->bytes_in_flight, 600);
}

static void credit_runs_out_by_bytes_too(void **state)
{
    bus_subscription *s = subscribe(begin(*state, 7, 3), 100, 1000);
    hub_digest a = digest(1);

    assert_int_equal(bus_subscription_sent(s, 10, &a, 999), HUB_OK);
    assert_true(bus_subscription_has_credit(s));
    assert_int_equal(bus_subscription_sent(s, 10, &a, 1), HUB_OK);
    assert_false(bus_subscription_has_credit(s));
}

/* B2: a receipt of another history would make the hub forget what this consumer never had. */
static void a_receipt_counts_only_for_what_was_sent_here(void **state)
{
    bus_subscription *s = subscribe(begin(*state, 7, 3), 100, 0);
    hub_digest a = digest(1), b = digest(2), c = digest(3);
    assert_int_equal(bus_subscription_sent(s, 10, &a, 1), HUB_OK);
    assert_int_equal(bus_subscription_sent(s, 12, &b, 1), HUB_OK);

    assert_int_equal(bus_subscription_receipt(s, 11, a.bytes, sizeof a.bytes), BUS_RECEIPT_NOT_SENT);
    assert_int_equal(bus_subscription_receipt(s, 13, a.bytes, sizeof a.bytes), BUS_RECEIPT_NOT_SENT);
    assert_int_equal(bus_subscription_receipt(s, 12, c.bytes, sizeof c.bytes), BUS_RECEIPT_OTHER_HASH);
    assert_int_equal(bus_subscription_receipt(s, 12, b.bytes, 4), BUS_RECEIPT_OTHER_HASH);
    assert_int_equal(bus_subscription_receipt(s, 12, b.bytes, sizeof b.bytes), BUS_RECEIPT_TAKEN);
    assert_int_equal(bus_subscription_receipt(s, 10, a.bytes, sizeof a.bytes), BUS_RECEIPT_OLD);
    assert_int_equal(s->ring_count, 0);
}

static void the_ring_grows_and_keeps_its_order_across_its_end(void **state)
{
    bus_subscription *s = subscribe(begin(*state, 7, 3), BUS_CREDIT_ITEMS_MAX, 0);
    hub_digest a = digest(1);
    for (uint64_t i = 1; i <= 60; i++)
        assert_int_equal(bus_subscription_sent(s, i, &a, 1), HUB_OK);
    assert_int_equal(bus_subscription_receipt(s, 50, a.bytes, sizeof a.bytes), BUS_RECEIPT_TAKEN);
    for (uint64_t i = 61; i <= 300; i++)
        assert_int_equal(bus_subscription_sent(s, i, &a, 1), HUB_OK);

    assert_int_equal(s->ring_count, 250);
    assert_int_equal(bus_subscription_receipt(s, 299, a.bytes, sizeof a.bytes), BUS_RECEIPT_TAKEN);
    assert_int_equal(s->ring_count, 1);
    assert_int_equal(s->bytes_in_flight, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_second_session_of_a_key_needs_the_first_one_ended, setup, teardown),
        cmocka_unit_test_setup_teardown(a_reference_to_an_ended_session_finds_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(the_same_route_on_two_endpoints_is_two_connections, setup, teardown),
        cmocka_unit_test_setup_teardown(every_session_is_found_after_every_second_one_ended, setup, teardown),
        cmocka_unit_test_setup_teardown(a_session_is_silent_after_its_limit_and_not_before, setup, teardown),
        cmocka_unit_test_setup_teardown(items_in_flight_are_capped_and_given_back, setup, teardown),
        cmocka_unit_test_setup_teardown(queued_frames_keep_their_order_and_are_capped_in_bytes, setup, teardown),
        cmocka_unit_test_setup_teardown(credit_runs_out_by_items_and_a_receipt_gives_it_back, setup, teardown),
        cmocka_unit_test_setup_teardown(credit_runs_out_by_bytes_too, setup, teardown),
        cmocka_unit_test_setup_teardown(a_receipt_counts_only_for_what_was_sent_here, setup, teardown),
        cmocka_unit_test_setup_teardown(the_ring_grows_and_keeps_its_order_across_its_end, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
