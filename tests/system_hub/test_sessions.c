/* Who is let in, who is thrown out, and what a bad frame does. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "fixture.h"
#include "host/random.h"

static fixture shared;

static int setup(void **state)
{
    hub_make(&shared.hub);
    hub_start(&shared.hub, NULL);
    shared.op = operator_open(&shared.hub);
    *state = &shared;
    return 0;
}

static int teardown(void **state)
{
    fixture *f = *state;
    hub_remove(&f->hub);
    return 0;
}

static void a_key_that_is_not_enrolled_gets_no_session(void **state)
{
    fixture *f = *state;
    bus_key_pair keys;
    bus_key_pair_make(&keys);
    peer *stranger = peer_new(&f->hub, AGENCY_PORT, &keys);
    peer_connect(stranger);

    assert_true(hub_until(&f->hub, &stranger->closed, 1, PATIENCE_MS));

    assert_int_equal(stranger->opened, 0);
    assert_int_equal(stranger->trouble, BUS_CLIENT_NOT_ENROLLED);
}

/* Two programs on one key is a mistake that must be seen, not a race. */
static void a_second_session_of_a_key_replaces_the_first_loudly(void **state)
{
    fixture *f = *state;
    peer *first = enrol(f->op, "health-test", MASH__V1__PEER_KIND__PEER_KIND_ADAPTER, NULL);
    peer_open(first);
    peer *second = peer_new(&f->hub, AGENCY_PORT, &first->keys);

    peer_open(second);

    assert_true(hub_until(&f->hub, &first->closed, 1, PATIENCE_MS));
    assert_non_null(strstr(first->text, "another session"));
    assert_int_equal(second->closed, 0);
}

static void a_revoked_key_is_cut_at_once_and_stays_out_even_of_an_older_store(void **state)
{
    fixture *f = *state;
    peer *adapter = enrol(f->op, "health-test", MASH__V1__PEER_KIND__PEER_KIND_ADAPTER, NULL);
    peer_open(adapter);
    peer_close(adapter);
    peer_close(f->op);
    hub_spin(&f->hub, 50);
    assert_int_equal(hub_stop(&f->hub), 0);
    hub_keep_store(&f->hub);
    hub_start(&f->hub, NULL);
    peer_open(f->op);
    peer_open(adapter);

    const Mash__V1__CommandReply *reply = revoke_key(f->op, "health-test");

    assert_int_equal(reply->code, MASH__V1__COMMAND_CODE__COMMAND_DONE);
    assert_true(hub_until(&f->hub, &adapter->closed, 1, PATIENCE_MS));
    assert_int_equal(adapter->trouble, BUS_CLIENT_REVOKED);
    peer_close(adapter);
    peer_close(f->op);
    hub_spin(&f->hub, 50);
    assert_int_equal(hub_stop(&f->hub), 0);
    hub_restore_store(&f->hub); /* a journal that never heard of the revocation */
    hub_start(&f->hub, NULL);
    int opened = adapter->opened, closed = adapter->closed;
    peer_connect(adapter);
    assert_true(hub_until(&f->hub, &adapter->closed, closed + 1, PATIENCE_MS));
    assert_int_equal(adapter->opened, opened);
}

static void what_a_kind_of_key_may_not_do_is_refused_by_name(void **state)
{
    fixture *f = *state;
    peer *adapter = enrol(f->op, "health-test", MASH__V1__PEER_KIND__PEER_KIND_ADAPTER, NULL);
    peer_open(adapter);
    subscribe(adapter, "bench-1", "", NULL, 0, 10);
    assert_true(hub_until(&f->hub, &adapter->faults, 1, PATIENCE_MS));
    assert_int_equal(adapter->fault, MASH__V1__FAULT_CODE__FAULT_NOT_ALLOWED);
    assert_string_equal(adapter->fault_field, "subscribe.queue");

    publish(f->op, 1, 1, 1, 1);
    assert_true(hub_until(&f->hub, &f->op->faults, 1, PATIENCE_MS));
    assert_int_equal(f->op->fault, MASH__V1__FAULT_CODE__FAULT_NOT_ALLOWED);

    const Mash__V1__CommandReply *again = revoke_key(f->op, "no-such-peer");
    assert_int_equal(again->code, MASH__V1__COMMAND_CODE__COMMAND_REFUSED);
}

/* A frame that cannot be read is told with its field, and the session goes on. */
static void a_malformed_frame_is_told_and_the_session_goes_on(void **state)
{
    fixture *f = *state;
    Mash__V1__Query body = MASH__V1__QUERY__INIT;
    body.key = (char *)(uintptr_t) "nhs:\xff";
    Mash__V1__ClientFrame frame = MASH__V1__CLIENT_FRAME__INIT;
    frame.body_case = MASH__V1__CLIENT_FRAME__BODY_QUERY;
    frame.query = &body;
    assert_int_equal(bus_client_send(f->op->client, &frame, NULL), HUB_OK);

    assert_true(hub_until(&f->hub, &f->op->faults, 1, PATIENCE_MS));

    assert_int_equal(f->op->fault, MASH__V1__FAULT_CODE__FAULT_MALFORMED);
    assert_string_equal(f->op->fault_field, "query.key");
    assert_int_equal(status_of(f->op)->n_peers, 1);
    assert_int_equal(f->op->opened, 1);
}

/* A restart is nothing that an adapter's operator should have to know of. */
static void peers_come_back_by_themselves_after_a_restart(void **state)
{
    fixture *f = *state;
    assert_int_equal(hub_stop(&f->hub), 0);
    assert_true(hub_until(&f->hub, &f->op->closed, 1, PATIENCE_MS));
    hub_start(&f->hub, NULL);

    assert_true(hub_until(&f->hub, &f->op->opened, 2, PATIENCE_MS));

    assert_int_equal(status_of(f->op)->epoch, 3); /* init, first start, second start */
}

/* The message must name who has the port: "address in use" costs an hour. */
static void a_port_in_use_is_told_with_its_owner(void **state)
{
    fixture *f = *state;
    hub_run other;
    char said[4096], port_words[32];
    hub_make(&other);
    (void)snprintf(port_words, sizeof port_words, "port %d is in use by mashhubd", f->hub.team_port);
    char path[128];
    (void)snprintf(path, sizeof path, "%s/hub.yaml", other.folder);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fprintf(file, "partnership: bench\nlisten: {agency: \"127.0.0.1:%d\", team: \"127.0.0.1:%d\"}\n",
                        other.agency_port, f->hub.team_port) > 0);
    assert_int_equal(fclose(file), 0);

    const char *const ARGUMENTS[] = {"--config", other.folder, NULL};
    assert_int_equal(hub_program(&other, ARGUMENTS, said, sizeof said), 1);

    assert_non_null(strstr(said, port_words));
    hub_remove(&other);
}

int main(void)
{
    host_random_start();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_key_that_is_not_enrolled_gets_no_session, setup, teardown),
        cmocka_unit_test_setup_teardown(a_second_session_of_a_key_replaces_the_first_loudly, setup, teardown),
        cmocka_unit_test_setup_teardown(a_revoked_key_is_cut_at_once_and_stays_out_even_of_an_older_store, setup, teardown),
        cmocka_unit_test_setup_teardown(what_a_kind_of_key_may_not_do_is_refused_by_name, setup, teardown),
        cmocka_unit_test_setup_teardown(a_malformed_frame_is_told_and_the_session_goes_on, setup, teardown),
        cmocka_unit_test_setup_teardown(peers_come_back_by_themselves_after_a_restart, setup, teardown),
        cmocka_unit_test_setup_teardown(a_port_in_use_is_told_with_its_owner, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
