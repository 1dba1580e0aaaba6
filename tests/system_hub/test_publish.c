/* Publishing to a real hub: each item has its own answer, and no answer promises what is not durable. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "fixture.h"
#include "host/random.h"

static int setup(void **state)
{
    return fixture_make(state, NULL);
}

static void a_new_outbox_is_continued_from_nothing_and_its_events_are_stored(void **state)
{
    fixture *f = *state;
    assert_int_equal(f->adapter->outbox_state, MASH__V1__OUTBOX_STATE__OUTBOX_CONTINUES);
    assert_int_equal(f->adapter->settled, 0);

    publish_and_wait(f->adapter, 1, 1, 250);

    assert_int_equal(f->adapter->status[1], MASH__V1__ITEM_STATUS__STORED);
    assert_int_equal(f->adapter->status[250], MASH__V1__ITEM_STATUS__STORED);
    assert_int_equal(status_of(f->op)->events_accepted, 250);
}

/* A lost reply makes an adapter offer again: it must be answered, or it retries for ever, and nothing may be stored twice. */
static void an_event_offered_again_is_a_duplicate_and_is_not_stored_twice(void **state)
{
    fixture *f = *state;
    publish_and_wait(f->adapter, 1, 1, 3);

    publish_and_wait(f->adapter, 2, 2, 1);
    publish_and_wait(f->adapter, 4, 1, 1);

    assert_int_equal(f->adapter->status[2], MASH__V1__ITEM_STATUS__DUPLICATE);
    assert_int_equal(f->adapter->status[4], MASH__V1__ITEM_STATUS__DUPLICATE);
    assert_int_equal(status_of(f->op)->events_accepted, 3);
    assert_int_equal(status_of(f->op)->events_duplicate, 2);
}

/* One bad item must not hold up the rest, and must be told apart by field. */
static void a_bad_item_is_refused_alone(void **state)
{
    fixture *f = *state;
    hub_id id = host_random_id();
    publish_and_wait(f->adapter, 1, 1, 1);

    publish_bytes(f->adapter, 2, &id, hub_bytes_of_text("\x0a\xff"));
    publish(f->adapter, 3, 3, 1, 1);
    assert_true(hub_until(&f->hub, &f->adapter->results, 3, PATIENCE_MS));

    assert_int_equal(f->adapter->status[2], MASH__V1__ITEM_STATUS__REFUSED);
    assert_int_equal(f->adapter->code[2], MASH__V1__REFUSAL_CODE__MALFORMED_EVENT);
    assert_int_equal(f->adapter->status[3], MASH__V1__ITEM_STATUS__STORED);
}

static void the_same_id_with_other_content_is_refused(void **state)
{
    fixture *f = *state;
    hub_buffer other = {0};
    publish_and_wait(f->adapter, 1, 1, 1);

    hub_id id = event_make(1, "something else", &other);
    publish_bytes(f->adapter, 2, &id, hub_buffer_bytes(&other));
    assert_true(hub_until(&f->hub, &f->adapter->results, 2, PATIENCE_MS));

    assert_int_equal(f->adapter->status[2], MASH__V1__ITEM_STATUS__REFUSED);
    assert_int_equal(f->adapter->code[2], MASH__V1__REFUSAL_CODE__OTHER_CONTENT);
    hub_buffer_free(&other);
}

/* A gap means that something was lost on the way: going on would leave it out for ever. */
static void a_gap_in_link_seq_is_put_off_and_nothing_after_it_is_looked_at(void **state)
{
    fixture *f = *state;
    publish_and_wait(f->adapter, 1, 1, 1);

    publish(f->adapter, 3, 3, 5, 5);
    assert_true(hub_until(&f->hub, &f->adapter->results, 2, PATIENCE_MS));
    hub_spin(&f->hub, 100);

    assert_int_equal(f->adapter->status[3], MASH__V1__ITEM_STATUS__RETRY_LATER);
    assert_int_equal(f->adapter->code[3], MASH__V1__REFUSAL_CODE__LINK_GAP);
    assert_int_equal(f->adapter->status[4], NO_STATUS);
    publish_and_wait(f->adapter, 2, 2, 6);
    assert_int_equal(f->adapter->status[7], MASH__V1__ITEM_STATUS__STORED);
}

/* The outbox was put back from a copy, or the hub was: event ids must decide, not numbers. */
static void an_outbox_that_knows_more_than_the_hub_is_told_that_it_forked(void **state)
{
    fixture *f = *state;
    peer *ahead = enrol(f->op, "health-ahead", MASH__V1__PEER_KIND__PEER_KIND_ADAPTER, NULL);
    ahead->acknowledged = 41;
    ahead->acknowledged_id = host_random_id();
    peer_open(ahead);
    assert_int_equal(ahead->outbox_state, MASH__V1__OUTBOX_STATE__OUTBOX_FORKED);

    ahead->acknowledged = 0;
    ahead->outbox_id = host_random_id();
    bus_client_hello_again(ahead->client);
    assert_true(hub_until(&f->hub, &ahead->opened, 2, PATIENCE_MS));

    assert_int_equal(ahead->outbox_state, MASH__V1__OUTBOX_STATE__OUTBOX_CONTINUES);
    publish_and_wait(ahead, 1, 1000, 2);
    assert_int_equal(ahead->status[2], MASH__V1__ITEM_STATUS__STORED);
}

/* Nothing accepted is lost by a full disk, nothing is promised on one, and nobody has to restart anything. */
static void a_full_disk_puts_events_off_and_its_end_is_noticed_by_itself(void **state)
{
    fixture *f = *state;
    char sign[96];
    (void)snprintf(sign, sizeof sign, "%s/full", f->hub.folder);
    publish_and_wait(f->adapter, 1, 1, 10);
    assert_int_equal(hub_stop(&f->hub), 0);
    hub_start(&f->hub, sign);
    assert_true(hub_until(&f->hub, &f->adapter->opened, 2, PATIENCE_MS));
    publish_and_wait(f->adapter, 11, 11, 10);

    FILE *file = fopen(sign, "w");
    assert_non_null(file);
    assert_int_equal(fclose(file), 0);
    publish(f->adapter, 21, 21, 1, 1); /* decided, but not durable: no answer */
    hub_wait_log(&f->hub, "the journal takes no records");
    assert_int_equal(f->adapter->status[21], NO_STATUS);
    publish(f->adapter, 22, 22, 1, 1);
    assert_true(hub_until(&f->hub, &f->adapter->results, 21, PATIENCE_MS));
    assert_int_equal(f->adapter->status[22], MASH__V1__ITEM_STATUS__RETRY_LATER);
    assert_int_equal(f->adapter->code[22], MASH__V1__REFUSAL_CODE__DISK_FULL);

    assert_int_equal(unlink(sign), 0);
    assert_true(hub_until(&f->hub, &f->adapter->results, 22, PATIENCE_MS));
    assert_int_equal(f->adapter->status[21], MASH__V1__ITEM_STATUS__STORED);
    publish_and_wait(f->adapter, 22, 22, 5);
    assert_int_equal(f->adapter->status[26], MASH__V1__ITEM_STATUS__STORED);
    assert_int_equal(f->adapter->opened, 2);
}

/* An adapter that comes back while the disk is full must hear that it is heard, or it takes the hub for dead. */
static void who_reconnects_on_a_full_disk_is_answered(void **state)
{
    fixture *f = *state;
    char sign[96];
    (void)snprintf(sign, sizeof sign, "%s/full", f->hub.folder);
    assert_int_equal(hub_stop(&f->hub), 0);
    hub_start(&f->hub, sign);
    assert_true(hub_until(&f->hub, &f->adapter->opened, 2, PATIENCE_MS));
    assert_true(hub_until(&f->hub, &f->op->opened, 2, PATIENCE_MS));
    peer *other = enrol(f->op, "health-new", MASH__V1__PEER_KIND__PEER_KIND_ADAPTER, NULL);
    publish_and_wait(f->adapter, 1, 1, 3);
    hub_buffer packed = {0};
    f->adapter->acknowledged = 2; /* the answer for the third was lost */
    f->adapter->acknowledged_id = event_make(2, "", &packed);
    hub_buffer_free(&packed);
    FILE *file = fopen(sign, "w");
    assert_non_null(file);
    assert_int_equal(fclose(file), 0);
    publish(f->adapter, 4, 4, 1, 1);
    hub_wait_log(&f->hub, "the journal takes no records"); /* so there is no answer */

    bus_client_hello_again(f->adapter->client);
    assert_true(hub_until(&f->hub, &f->adapter->opened, 3, PATIENCE_MS));
    peer_connect(other);
    assert_true(hub_until(&f->hub, &other->closed, 1, PATIENCE_MS));

    assert_int_equal(f->adapter->outbox_state, MASH__V1__OUTBOX_STATE__OUTBOX_CONTINUES);
    assert_int_equal(f->adapter->settled, 2);
    assert_non_null(strstr(other->text, "disk is full"));
    assert_int_equal(unlink(sign), 0);
    assert_true(hub_until(&f->hub, &other->opened, 1, PATIENCE_MS));
    publish_and_wait(f->adapter, 3, 3, 3);
    assert_int_equal(f->adapter->status[5], MASH__V1__ITEM_STATUS__STORED);
}

int main(void)
{
    host_random_start();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_new_outbox_is_continued_from_nothing_and_its_events_are_stored, setup, fixture_remove),
        cmocka_unit_test_setup_teardown(an_event_offered_again_is_a_duplicate_and_is_not_stored_twice, setup, fixture_remove),
        cmocka_unit_test_setup_teardown(a_bad_item_is_refused_alone, setup, fixture_remove),
        cmocka_unit_test_setup_teardown(the_same_id_with_other_content_is_refused, setup, fixture_remove),
        cmocka_unit_test_setup_teardown(a_gap_in_link_seq_is_put_off_and_nothing_after_it_is_looked_at, setup, fixture_remove),
        cmocka_unit_test_setup_teardown(an_outbox_that_knows_more_than_the_hub_is_told_that_it_forked, setup, fixture_remove),
        cmocka_unit_test_setup_teardown(a_full_disk_puts_events_off_and_its_end_is_noticed_by_itself, setup, fixture_remove),
        cmocka_unit_test_setup_teardown(who_reconnects_on_a_full_disk_is_answered, setup, fixture_remove),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
