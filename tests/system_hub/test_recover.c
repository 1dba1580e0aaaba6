/* The process dies in mid-stream: what was acknowledged is there, once, and everything goes on. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness.h"
#include "host/random.h"

static hub_run hub;

static int setup(void **state)
{
    hub_make(&hub);
    hub_start(&hub, NULL);
    *state = &hub;
    return 0;
}

static int teardown(void **state)
{
    hub_remove(*state);
    return 0;
}

static uint64_t stored_in_a_row(const peer *adapter)
{
    uint64_t upto = 0;
    while (upto + 1 < ITEMS_MAX && adapter->status[upto + 1] == MASH__V1__ITEM_STATUS__STORED)
        upto++;
    return upto;
}

/* kill -9 with hundreds in flight, three times: each STORED is kept, and the watermark told at the next Hello is never behind it. */
static void every_acknowledged_event_survives_kill_9(void **state)
{
    hub_run *h = *state;
    peer *op = operator_open(h);
    peer *adapter = enrol(op, "health-test", MASH__V1__PEER_KIND__PEER_KIND_ADAPTER, NULL);
    peer_open(adapter);
    uint64_t next = 1;
    for (int round = 1; round <= 3; round++) {
        publish(adapter, next, (uint32_t)next, 1200, 50);
        assert_true(hub_until(h, &adapter->results, (int)next + 300, PATIENCE_MS));
        hub_kill(h);
        uint64_t acknowledged = stored_in_a_row(adapter);
        assert_true(acknowledged >= next + 299);

        hub_start(h, NULL);
        assert_true(hub_until(h, &adapter->opened, round + 1, PATIENCE_MS));
        assert_int_equal(adapter->outbox_state, MASH__V1__OUTBOX_STATE__OUTBOX_CONTINUES);
        assert_true(adapter->settled >= acknowledged);
        assert_true(hub_until(h, &op->opened, round + 1, PATIENCE_MS));
        assert_int_equal(status_of(op)->events_accepted, adapter->settled);

        uint64_t last = next + 1199;
        adapter->results = 0;
        for (uint64_t i = adapter->settled + 1; i < ITEMS_MAX; i++)
            adapter->status[i] = NO_STATUS;
        for (uint64_t i = acknowledged + 1; i <= adapter->settled; i++)
            adapter->status[i] = MASH__V1__ITEM_STATUS__STORED;
        if (adapter->settled < last)
            publish_and_wait(adapter, adapter->settled + 1, (uint32_t)adapter->settled + 1, (uint32_t)(last - adapter->settled));
        assert_int_equal(stored_in_a_row(adapter), last);
        next = last + 1;
        adapter->results = (int)last;
    }
    assert_int_equal(status_of(op)->events_accepted, 3600);
}

/* The fold beside a running hub comes to the same state as the hub has in memory. */
static void the_fold_of_the_store_is_the_state_in_memory(void **state)
{
    hub_run *h = *state;
    peer *op = operator_open(h);
    peer *adapter = enrol(op, "health-test", MASH__V1__PEER_KIND__PEER_KIND_ADAPTER, NULL);
    peer_open(adapter);
    publish_and_wait(adapter, 1, 1, 500);
    char command[512], line[256] = "", expected[64];
    (void)snprintf(expected, sizeof expected, "%016llx", (unsigned long long)status_of(op)->state_digest);
    (void)snprintf(command, sizeof command, "%s/mashhubd --fold --config %s 2>/dev/null", getenv("MASHHUB_BIN"), h->folder);

    FILE *fold = popen(command, "r");
    assert_non_null(fold);
    assert_non_null(fgets(line, sizeof line, fold));
    assert_int_equal(pclose(fold), 0);

    assert_non_null(strstr(line, expected));
}

static void a_store_is_made_once_and_never_over(void **state)
{
    hub_run *h = *state;
    char said[4096];
    assert_int_equal(hub_stop(h), 0);

    const char *const ARGUMENTS[] = {"init", "--config", h->folder, "--operator", "rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7",
                                     NULL};
    assert_int_not_equal(hub_program(h, ARGUMENTS, said, sizeof said), 0);

    assert_non_null(strstr(said, "nothing was changed"));
}

static void a_store_that_is_missing_or_another_partnerships_is_told_as_such(void **state)
{
    hub_run *h = *state;
    char said[4096], command[256];
    const char *const ARGUMENTS[] = {"--config", h->folder, NULL};
    assert_int_equal(hub_stop(h), 0);
    (void)snprintf(command, sizeof command, "sed -i 's/partnership: bench/partnership: other/' %s/hub.yaml", h->folder);
    assert_int_equal(system(command), 0);
    assert_int_equal(hub_program(h, ARGUMENTS, said, sizeof said), 1);
    assert_non_null(strstr(said, "bench"));

    (void)snprintf(command, sizeof command, "rm -r %s/state/*", h->folder);
    assert_int_equal(system(command), 0);
    assert_int_equal(hub_program(h, ARGUMENTS, said, sizeof said), 3);
    assert_non_null(strstr(said, "put the newest backup in their place"));

    (void)snprintf(command, sizeof command, "rm -r %s/keys", h->folder);
    assert_int_equal(system(command), 0);
    assert_int_equal(hub_program(h, ARGUMENTS, said, sizeof said), 1);
    assert_non_null(strstr(said, "mashhubd init --config"));
}

int main(void)
{
    host_random_start();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_acknowledged_event_survives_kill_9, setup, teardown),
        cmocka_unit_test_setup_teardown(the_fold_of_the_store_is_the_state_in_memory, setup, teardown),
        cmocka_unit_test_setup_teardown(a_store_is_made_once_and_never_over, setup, teardown),
        cmocka_unit_test_setup_teardown(a_store_that_is_missing_or_another_partnerships_is_told_as_such, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
