/* A client and a listening endpoint over loopback TCP: who is let in, who is cut off, and what the client says of it. */
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>
#include <zmq.h>

#include "free_port.h"
#include "bus/client.h"
#include "bus/context.h"
#include "bus/frames.h"
#include "bus/router.h"
#include "bus/zap.h"
#include "host/random.h"

typedef struct fixture {
    uv_loop_t loop;
    void *context;
    bus_zap *zap;
    bus_router *router;
    bus_client *client;
    bus_client_options client_options;
    char endpoint[64];
    bus_key_pair server, enrolled;
    hub_arena arena;
    uv_timer_t deadline;
    /* what was seen */
    bus_key_pair revoked;
    int hellos, opened, closed, late, other_keys;
    uint8_t seen_key[BUS_KEY_BYTES];
    bus_client_trouble trouble;
    char text[320];
    bus_connection connection;
} fixture;

static bus_zap_verdict decide(void *context, const uint8_t key[BUS_KEY_BYTES], const char address[BUS_ZAP_ADDRESS_MAX])
{
    fixture *f = context;
    assert_string_equal(address, "127.0.0.1");
    if (memcmp(key, f->revoked.public_key, BUS_KEY_BYTES) == 0) return BUS_ZAP_REVOKED;
    return memcmp(key, f->enrolled.public_key, BUS_KEY_BYTES) == 0 ? BUS_ZAP_ENROLLED : BUS_ZAP_NOT_ENROLLED;
}

static void on_message(void *context, const bus_message *message)
{
    fixture *f = context;
    hub_arena_reset(&f->arena);
    Mash__V1__ClientFrame *frame;
    event_wire_fault fault;
    assert_int_equal(bus_frame_read_client(message->bytes, &f->arena, &frame, &fault), HUB_OK);
    if (frame->body_case != MASH__V1__CLIENT_FRAME__BODY_HELLO) return;
    f->hellos++;
    f->connection = bus_connection_of(message->fd);
    memcpy(f->seen_key, message->key, BUS_KEY_BYTES);
    Mash__V1__Welcome welcome = MASH__V1__WELCOME__INIT;
    welcome.frame_bytes_max = BUS_FRAME_BYTES_MAX;
    welcome.ping_interval_ms = 2000;
    Mash__V1__HubFrame answer = MASH__V1__HUB_FRAME__INIT;
    answer.request = frame->request;
    answer.body_case = MASH__V1__HUB_FRAME__BODY_WELCOME;
    answer.welcome = &welcome;
    hub_buffer bytes = {0};
    assert_int_equal(bus_frame_pack_hub(&answer, &bytes), HUB_OK);
    assert_int_equal(bus_router_send(f->router, message->route, hub_buffer_bytes(&bytes), hub_bytes_of(NULL, 0)), BUS_SENT);
    hub_buffer_free(&bytes);
}

static void on_opened(void *context, const Mash__V1__Welcome *welcome)
{
    fixture *f = context;
    assert_int_equal(welcome->frame_bytes_max, BUS_FRAME_BYTES_MAX);
    f->opened++;
}

static void on_closed(void *context, bus_client_trouble trouble, const char *text)
{
    fixture *f = context;
    f->closed++;
    f->trouble = trouble;
    (void)snprintf(f->text, sizeof f->text, "%s", text);
}

static void on_other_key(void *context)
{
    fixture *f = context;
    f->other_keys++;
}

static void on_deadline(uv_timer_t *timer)
{
    fixture *f = timer->data;
    f->late = 1;
}

static int setup(void **state)
{
    static fixture f;
    memset(&f, 0, sizeof f);
    *state = &f;
    bus_key_pair_make(&f.server);
    bus_key_pair_make(&f.enrolled);
    bus_key_pair_make(&f.revoked);
    assert_int_equal(uv_loop_init(&f.loop), 0);
    assert_int_equal(hub_arena_open(&f.arena, 65536, 1 << 20), HUB_OK);
    assert_int_equal(bus_context_open(1, &f.context, NULL), HUB_OK);
    (void)snprintf(f.endpoint, sizeof f.endpoint, "tcp://127.0.0.1:%d", free_port());
    (void)uv_timer_init(&f.loop, &f.deadline);
    f.deadline.data = &f;
    f.client_options = (bus_client_options){.endpoints = {f.endpoint},
                                            .keys = f.enrolled,
                                            .software = "test/1",
                                            .context = &f,
                                            .opened = on_opened,
                                            .closed = on_closed};
    memcpy(f.client_options.server_key, f.server.public_key, BUS_KEY_BYTES);
    return 0;
}

static void listen_now(fixture *f)
{
    assert_int_equal(bus_zap_open(&f->loop, f->context, decide, f, &f->zap, NULL), HUB_OK);
    bus_router_options options = {
        .endpoint = f->endpoint, .keys = f->server, .context = f, .message = on_message, .other_key = on_other_key};
    assert_int_equal(bus_router_open(&f->loop, f->context, &options, &f->router, NULL), HUB_OK);
}

static void connect_now(fixture *f)
{
    assert_int_equal(bus_client_open(&f->loop, &f->client_options, &f->client, NULL), HUB_OK);
}

/* Runs until *counter has reached `wanted`; false after `ms`. */
static bool until(fixture *f, const int *counter, int wanted, uint64_t ms)
{
    f->late = 0;
    uv_update_time(&f->loop);
    (void)uv_timer_start(&f->deadline, on_deadline, ms, 0);
    while (!f->late && *counter < wanted)
        (void)uv_run(&f->loop, UV_RUN_ONCE);
    return *counter >= wanted;
}

static int teardown(void **state)
{
    fixture *f = *state;
    bus_client_close(f->client, NULL);
    bus_router_close(f->router);
    bus_zap_close(f->zap);
    uv_close((uv_handle_t *)&f->deadline, NULL);
    (void)uv_run(&f->loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&f->loop), 0);
    bus_context_close(f->context);
    hub_arena_close(&f->arena);
    return 0;
}

static void an_enrolled_key_gets_a_session_and_every_message_carries_it(void **state)
{
    fixture *f = *state;
    listen_now(f);
    connect_now(f);

    assert_true(until(f, &f->opened, 1, 60000));

    assert_int_equal(f->closed, 0);
    assert_memory_equal(f->seen_key, f->enrolled.public_key, BUS_KEY_BYTES);
    assert_true(f->connection.fd >= 0);
}

/* Z1, Z2: and the client can tell its operator that it is the key. */
static void a_key_that_is_not_enrolled_is_not_let_in_and_is_told_so(void **state)
{
    fixture *f = *state;
    listen_now(f);
    bus_key_pair_make(&f->client_options.keys);
    connect_now(f);

    assert_true(until(f, &f->closed, 1, 60000));

    assert_int_equal(f->hellos, 0);
    assert_int_equal(f->trouble, BUS_CLIENT_NOT_ENROLLED);
    assert_non_null(strstr(f->text, f->endpoint));
}

/* An adapter whose enrolment comes a minute later must not need a restart: that is why ZAP answers 300. */
static void a_key_enrolled_later_gets_in_without_a_restart(void **state)
{
    fixture *f = *state;
    listen_now(f);
    bus_key_pair_make(&f->client_options.keys);
    connect_now(f);
    assert_true(until(f, &f->closed, 1, 60000));

    f->enrolled = f->client_options.keys;

    assert_true(until(f, &f->opened, 1, 60000));
}

static void a_wrong_server_key_is_told_apart_from_a_hub_that_is_down(void **state)
{
    fixture *f = *state;
    listen_now(f);
    bus_key_pair other;
    bus_key_pair_make(&other);
    memcpy(f->client_options.server_key, other.public_key, BUS_KEY_BYTES);
    connect_now(f);

    assert_true(until(f, &f->closed, 1, 60000));

    assert_int_equal(f->trouble, BUS_CLIENT_HANDSHAKE_FAILED);
    assert_true(until(f, &f->other_keys, 1, 60000)); /* and so does the server hear of it */
}

/* It is mended otherwise than by enrolling: nobody lets this key in again. */
static void a_revoked_key_is_told_that_it_is_revoked(void **state)
{
    fixture *f = *state;
    listen_now(f);
    f->client_options.keys = f->revoked;
    connect_now(f);

    assert_true(until(f, &f->closed, 1, 60000));

    assert_int_equal(f->trouble, BUS_CLIENT_REVOKED);
    assert_int_equal(f->other_keys, 0);
}

static void a_hub_that_is_down_is_said_to_be_down_and_found_when_it_comes(void **state)
{
    fixture *f = *state;
    connect_now(f);
    assert_true(until(f, &f->closed, 1, 60000));
    assert_int_equal(f->trouble, BUS_CLIENT_REFUSED_CONNECTION);

    listen_now(f);

    assert_true(until(f, &f->opened, 1, 60000));
}

/* Revocation: libzmq cannot drop a peer, so the TCP connection is shut down under it. */
static void a_connection_that_is_cut_is_lost_at_once(void **state)
{
    fixture *f = *state;
    listen_now(f);
    connect_now(f);
    assert_true(until(f, &f->opened, 1, 60000));

    bus_connection_cut(&f->connection);

    assert_true(until(f, &f->closed, 1, 60000));
}

/* The number of a file descriptor is given to the next connection; that one must not suffer. */
static void another_connection_under_the_same_number_is_not_cut(void **state)
{
    fixture *f = *state;
    listen_now(f);
    connect_now(f);
    assert_true(until(f, &f->opened, 1, 60000));
    bus_connection stale = f->connection;
    stale.remote[3] ^= 1; /* the port of a connection that is gone */

    bus_connection_cut(&stale);

    assert_false(until(f, &f->closed, 1, 300));
}

/* Raw connections that never shake hands must not keep enrolled peers out. */
static void raw_connections_do_not_keep_enrolled_peers_out(void **state)
{
    fixture *f = *state;
    listen_now(f);
    int raw[100];
    int port = 0;
    assert_int_equal(sscanf(f->endpoint, "tcp://127.0.0.1:%d", &port), 1);
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    for (int i = 0; i < 100; i++) {
        raw[i] = socket(AF_INET, SOCK_STREAM, 0);
        assert_int_equal(connect(raw[i], (struct sockaddr *)&address, sizeof address), 0);
    }

    connect_now(f);

    assert_true(until(f, &f->opened, 1, 60000));
    for (int i = 0; i < 100; i++)
        close(raw[i]);
}

int main(void)
{
    host_random_start();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(an_enrolled_key_gets_a_session_and_every_message_carries_it, setup, teardown),
        cmocka_unit_test_setup_teardown(a_key_that_is_not_enrolled_is_not_let_in_and_is_told_so, setup, teardown),
        cmocka_unit_test_setup_teardown(a_key_enrolled_later_gets_in_without_a_restart, setup, teardown),
        cmocka_unit_test_setup_teardown(a_wrong_server_key_is_told_apart_from_a_hub_that_is_down, setup, teardown),
        cmocka_unit_test_setup_teardown(a_revoked_key_is_told_that_it_is_revoked, setup, teardown),
        cmocka_unit_test_setup_teardown(a_hub_that_is_down_is_said_to_be_down_and_found_when_it_comes, setup, teardown),
        cmocka_unit_test_setup_teardown(a_connection_that_is_cut_is_lost_at_once, setup, teardown),
        cmocka_unit_test_setup_teardown(another_connection_under_the_same_number_is_not_cut, setup, teardown),
        cmocka_unit_test_setup_teardown(raw_connections_do_not_keep_enrolled_peers_out, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
