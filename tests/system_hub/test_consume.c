/* Queues: everything, in order, within credit, from where the consumer stands. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "fixture.h"
#include "host/random.h"

static int setup(void **state)
{
    return fixture_make(state, "bench-1");
}

static int setup_watched(void **state)
{
    return fixture_make_with(state, "bench-1", "watched.yaml");
}

static void assert_ascending(const peer *p, int from)
{
    for (int i = from + 1; i < p->delivery_count; i++)
        assert_true(p->deliveries[i].sequence > p->deliveries[i - 1].sequence);
}

static void a_consumer_gets_everything_in_order_with_a_reason(void **state)
{
    fixture *f = *state;
    publish_and_wait(f->adapter, 1, 1, 100); /* before it subscribes: fed from memory */
    subscribe(f->consumer, "bench-1", "bench-1", NULL, 0, 5000);
    assert_true(hub_until(&f->hub, &f->consumer->delivery_count, 100, PATIENCE_MS));

    publish_and_wait(f->adapter, 101, 101, 1000); /* while it is up to date */
    assert_true(hub_until(&f->hub, &f->consumer->delivery_count, 1100, PATIENCE_MS));

    assert_int_equal(f->consumer->subscribed, 1);
    assert_ascending(f->consumer, 0);
    assert_int_equal(f->consumer->deliveries[0].reasons, 1);
    hub_buffer packed = {0};
    hub_id last = event_make(1100, "", &packed);
    assert_true(hub_id_equal(&f->consumer->deliveries[1099].event_id, &last));
    hub_buffer_free(&packed);
}

/* L3. Credit is the consumer's brake: what it did not ask for stays with the hub, and comes when it asks. */
static void no_more_is_sent_than_credit_allows_and_receipts_give_it_back(void **state)
{
    fixture *f = *state;
    subscribe(f->consumer, "bench-1", "", NULL, 0, 3);
    publish_and_wait(f->adapter, 1, 1, 10);
    assert_true(hub_until(&f->hub, &f->consumer->delivery_count, 3, PATIENCE_MS));
    hub_spin(&f->hub, 150);
    assert_int_equal(f->consumer->delivery_count, 3);

    send_receipt(f->consumer, "bench-1", &f->consumer->deliveries[1]);
    assert_true(hub_until(&f->hub, &f->consumer->delivery_count, 5, PATIENCE_MS));
    hub_spin(&f->hub, 150);

    assert_int_equal(f->consumer->delivery_count, 5);
    assert_ascending(f->consumer, 0);
}

/* The hub remembers what a declared consumer acknowledged: after both were restarted it goes on from there, and says that what was
 * sent and not acknowledged may come a second time. */
static void a_declared_consumer_goes_on_from_its_receipt_after_a_restart(void **state)
{
    fixture *f = *state;
    subscribe(f->consumer, "bench-1", "bench-1", NULL, 0, 100);
    publish_and_wait(f->adapter, 1, 1, 10);
    assert_true(hub_until(&f->hub, &f->consumer->delivery_count, 10, PATIENCE_MS));
    uint64_t before = status_of(f->op)->durable->sequence;
    send_receipt(f->consumer, "bench-1", &f->consumer->deliveries[5]);
    while (status_of(f->op)->durable->sequence == before)
        hub_spin(&f->hub, 5); /* receipts wait for company, at most so long */
    hub_kill(&f->hub);
    hub_start(&f->hub, NULL);
    assert_true(hub_until(&f->hub, &f->consumer->opened, 2, PATIENCE_MS));
    assert_true(hub_until(&f->hub, &f->adapter->opened, 2, PATIENCE_MS));

    subscribe(f->consumer, "bench-1", "bench-1", NULL, 0, 100);
    assert_true(hub_until(&f->hub, &f->consumer->delivery_count, 14, PATIENCE_MS));
    publish_and_wait(f->adapter, 11, 11, 1);
    assert_true(hub_until(&f->hub, &f->consumer->delivery_count, 15, PATIENCE_MS));

    assert_int_equal(f->consumer->resume_after, f->consumer->deliveries[5].sequence);
    assert_int_equal(f->consumer->deliveries[10].sequence, f->consumer->deliveries[6].sequence);
    assert_true(f->consumer->deliveries[13].possible_duplicate);
    assert_false(f->consumer->deliveries[14].possible_duplicate);
}

/* Behind by more than memory holds: the journal has it. */
static void a_consumer_far_behind_is_fed_from_the_journal(void **state)
{
    fixture *f = *state;
    publish_and_wait(f->adapter, 1, 1, 2000);
    hub_kill(&f->hub);
    hub_start(&f->hub, NULL); /* nothing is in memory now */
    assert_true(hub_until(&f->hub, &f->consumer->opened, 2, PATIENCE_MS));

    subscribe(f->consumer, "bench-1", "", NULL, 0, 5000);

    assert_true(hub_until(&f->hub, &f->consumer->delivery_count, 2000, PATIENCE_MS));
    assert_ascending(f->consumer, 0);
}

/* On a school's first day one tick gives again all that came in the holidays. Each is said whole: a notice without its event is nobody's. */
static void all_that_one_tick_gives_again_comes_with_its_event(void **state)
{
    enum { NOTICES = 200 };
    fixture *f = *state;
    subscribe(f->consumer, "bench-1", "bench-1", NULL, 0, 5000);
    publish_late(f->adapter, NOTICES);
    assert_true(hub_until(&f->hub, &f->adapter->results, NOTICES, 15000));

    assert_true(hub_until(&f->hub, &f->consumer->delivery_count, 2 * NOTICES, 15000));

    int without_event = 0;
    for (int i = 0; i < f->consumer->delivery_count; i++)
        without_event += hub_id_is_zero(&f->consumer->deliveries[i].event_id);
    assert_int_equal(without_event, 0);
    assert_int_equal(f->consumer->delivery_count, 2 * NOTICES);
}

static void a_consumer_presents_its_position_and_goes_on_after_it(void **state)
{
    fixture *f = *state;
    subscribe(f->consumer, "bench-1", "bench-1", NULL, 0, 100);
    publish_and_wait(f->adapter, 1, 1, 10);
    assert_true(hub_until(&f->hub, &f->consumer->delivery_count, 10, PATIENCE_MS));

    subscribe(f->consumer, "bench-1", "bench-1", &f->consumer->deliveries[7], 1, 100); /* again, in the same session */

    assert_true(hub_until(&f->hub, &f->consumer->delivery_count, 12, PATIENCE_MS));
    assert_int_equal(f->consumer->resume_after, f->consumer->deliveries[7].sequence);
    assert_int_equal(f->consumer->deliveries[10].sequence, f->consumer->deliveries[8].sequence);
    assert_true(f->consumer->deliveries[11].possible_duplicate); /* it was sent, whatever became of it */
    publish_and_wait(f->adapter, 11, 11, 1);
    assert_true(hub_until(&f->hub, &f->consumer->delivery_count, 13, PATIENCE_MS));
    assert_false(f->consumer->deliveries[12].possible_duplicate);
}

static void assert_one_position(const peer *p, int from, int until)
{
    for (int i = from; i < until; i++)
        assert_int_equal(p->deliveries[i].sequence, p->deliveries[from].sequence);
}

/* One event about many children makes many deliveries of one record, each with the whole event. They travel together, and the queue
 * must not stand still behind them: neither for who is up to date nor for who is fed. */
static void an_event_about_64_children_reaches_its_consumers_whole(void **state)
{
    fixture *f = *state;
    peer *live = enrol(f->op, "team-live", MASH__V1__PEER_KIND__PEER_KIND_CONSUMER, "bench-team");
    peer *late = enrol(f->op, "team-late", MASH__V1__PEER_KIND__PEER_KIND_CONSUMER, "bench-team");
    peer_open(live);
    subscribe(live, "bench-team", "bench-team", NULL, 0, 10); /* a record goes beyond the credit rather than in parts */
    assert_true(hub_until(&f->hub, &live->subscribed, 1, PATIENCE_MS));

    publish_crowd(f->adapter, 1, 1);
    assert_true(hub_until(&f->hub, &live->delivery_count, 64, PATIENCE_MS));
    assert_one_position(live, 0, 64);
    send_receipt(live, "bench-team", &live->deliveries[63]);
    publish_crowd(f->adapter, 2, 2);
    assert_true(hub_until(&f->hub, &live->delivery_count, 128, PATIENCE_MS));
    peer_open(late);
    subscribe(late, "bench-team", "", NULL, 0, 1000);
    assert_true(hub_until(&f->hub, &late->delivery_count, 128, PATIENCE_MS));

    assert_one_position(late, 0, 64);
    assert_one_position(late, 64, 128);
    assert_true(late->deliveries[64].sequence > late->deliveries[63].sequence);
    assert_int_equal(live->closed + late->closed, 0);
    assert_int_equal(status_of(f->op)->alerts_open, 128);
}

/* An older copy of the store was put back under a consumer that had gone further: both must notice, at the last position that they
 * share, and what follows is marked. */
static void a_position_that_the_restored_history_does_not_hold_is_a_fork(void **state)
{
    fixture *f = *state;
    subscribe(f->consumer, "bench-1", "bench-1", NULL, 0, 100);
    publish_and_wait(f->adapter, 1, 1, 5);
    assert_true(hub_until(&f->hub, &f->consumer->delivery_count, 5, PATIENCE_MS));
    assert_int_equal(hub_stop(&f->hub), 0);
    hub_keep_store(&f->hub);
    hub_start(&f->hub, NULL);
    assert_true(hub_until(&f->hub, &f->adapter->opened, 2, PATIENCE_MS));
    assert_true(hub_until(&f->hub, &f->consumer->opened, 2, PATIENCE_MS));
    subscribe(f->consumer, "bench-1", "bench-1", &f->consumer->deliveries[4], 1, 100);
    publish_and_wait(f->adapter, 6, 6, 5);
    assert_true(hub_until(&f->hub, &f->consumer->delivery_count, 10, PATIENCE_MS));
    f->adapter->acknowledged = 10;
    hub_buffer packed = {0};
    f->adapter->acknowledged_id = event_make(10, "", &packed);
    hub_buffer_free(&packed);
    assert_int_equal(hub_stop(&f->hub), 0);
    hub_restore_store(&f->hub);
    hub_start(&f->hub, NULL);
    assert_true(hub_until(&f->hub, &f->consumer->opened, 3, PATIENCE_MS));
    assert_true(hub_until(&f->hub, &f->adapter->opened, 3, PATIENCE_MS));
    assert_int_equal(f->adapter->outbox_state, MASH__V1__OUTBOX_STATE__OUTBOX_FORKED);

    seen_delivery known[] = {f->consumer->deliveries[9], f->consumer->deliveries[7], f->consumer->deliveries[3],
                             f->consumer->deliveries[1]};
    subscribe(f->consumer, "bench-1", "bench-1", known, 4, 100);

    assert_true(hub_until(&f->hub, &f->consumer->delivery_count, 11, PATIENCE_MS));
    assert_int_equal(f->consumer->forked, 1);
    assert_int_equal(f->consumer->last_common.sequence, known[2].sequence);
    assert_int_equal(f->consumer->deliveries[10].sequence, f->consumer->deliveries[4].sequence);
    assert_true(f->consumer->deliveries[10].possible_duplicate);
}

static void two_consumers_of_one_name_are_not_let_in_at_once(void **state)
{
    fixture *f = *state;
    peer *other = enrol(f->op, "team-other", MASH__V1__PEER_KIND__PEER_KIND_CONSUMER, "bench-1");
    peer_open(other);
    subscribe(f->consumer, "bench-1", "bench-1", NULL, 0, 100);
    assert_true(hub_until(&f->hub, &f->consumer->subscribed, 1, PATIENCE_MS));

    subscribe(other, "bench-1", "bench-1", NULL, 0, 100);
    assert_true(hub_until(&f->hub, &other->faults, 1, PATIENCE_MS));
    assert_int_equal(other->fault, MASH__V1__FAULT_CODE__FAULT_BUSY);

    subscribe(other, "bench-1", "nobody-declared-this", NULL, 0, 100);
    assert_true(hub_until(&f->hub, &other->faults, 2, PATIENCE_MS));
    assert_int_equal(other->fault, MASH__V1__FAULT_CODE__FAULT_NOT_ALLOWED);
    subscribe(other, "no-such-queue", "", NULL, 0, 100);
    assert_true(hub_until(&f->hub, &other->faults, 3, PATIENCE_MS));
    assert_int_equal(other->fault, MASH__V1__FAULT_CODE__FAULT_UNKNOWN_QUEUE);
}

static void a_receipt_for_what_was_not_sent_is_refused(void **state)
{
    fixture *f = *state;
    subscribe(f->consumer, "bench-1", "bench-1", NULL, 0, 100);
    publish_and_wait(f->adapter, 1, 1, 1);
    assert_true(hub_until(&f->hub, &f->consumer->delivery_count, 1, PATIENCE_MS));
    seen_delivery forged = f->consumer->deliveries[0];
    forged.hash[0] ^= 1;

    send_receipt(f->consumer, "bench-1", &forged);
    assert_true(hub_until(&f->hub, &f->consumer->faults, 1, PATIENCE_MS));

    assert_string_equal(f->consumer->fault_field, "receipt.upto.record_hash");
}

int main(void)
{
    host_random_start();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_consumer_gets_everything_in_order_with_a_reason, setup, fixture_remove),
        cmocka_unit_test_setup_teardown(no_more_is_sent_than_credit_allows_and_receipts_give_it_back, setup, fixture_remove),
        cmocka_unit_test_setup_teardown(a_declared_consumer_goes_on_from_its_receipt_after_a_restart, setup, fixture_remove),
        cmocka_unit_test_setup_teardown(a_consumer_far_behind_is_fed_from_the_journal, setup, fixture_remove),
        cmocka_unit_test_setup_teardown(all_that_one_tick_gives_again_comes_with_its_event, setup_watched, fixture_remove),
        cmocka_unit_test_setup_teardown(a_consumer_presents_its_position_and_goes_on_after_it, setup, fixture_remove),
        cmocka_unit_test_setup_teardown(an_event_about_64_children_reaches_its_consumers_whole, setup, fixture_remove),
        cmocka_unit_test_setup_teardown(a_position_that_the_restored_history_does_not_hold_is_a_fork, setup, fixture_remove),
        cmocka_unit_test_setup_teardown(two_consumers_of_one_name_are_not_let_in_at_once, setup, fixture_remove),
        cmocka_unit_test_setup_teardown(a_receipt_for_what_was_not_sent_is_refused, setup, fixture_remove),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
