/* The bridge between ZeroMQ and libuv loses nothing, and does not spin. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <zmq.h>

#include "bus/context.h"
#include "bus/uvzmq.h"

enum { BURST = 1000, BUDGET = 16 };

typedef struct fixture {
    uv_loop_t loop;
    void *context;
    void *far; /* the other end */
    bus_uvzmq *near;
    int received, in_turn, turns, closed, written;
    int swallow; /* 1: each receive is followed by a send, which eats the wake-up edge */
    uv_timer_t end;
    int ended;
} fixture;

static bus_turn on_readable(void *context)
{
    fixture *f = context;
    if (f->in_turn == BUDGET) return BUS_TURN_ENOUGH;
    char byte;
    if (zmq_recv(bus_uvzmq_socket(f->near), &byte, 1, ZMQ_DONTWAIT) < 0) return BUS_TURN_EMPTY;
    f->in_turn++;
    f->received++;
    if (f->swallow) assert_int_equal(zmq_send(bus_uvzmq_socket(f->near), "a", 1, ZMQ_DONTWAIT), 1);
    return BUS_TURN_AGAIN;
}

static bus_turn on_writable(void *context)
{
    fixture *f = context;
    f->written++;
    bus_uvzmq_want_write(f->near, BUS_INTEREST_OFF);
    return BUS_TURN_EMPTY;
}

static void on_served(void *context)
{
    fixture *f = context;
    f->in_turn = 0;
    f->turns++;
}

static void on_closed(void *context)
{
    fixture *f = context;
    f->closed++;
}

static void on_end(uv_timer_t *timer)
{
    fixture *f = timer->data;
    f->ended = 1;
}

static int setup(void **state)
{
    static fixture f;
    memset(&f, 0, sizeof f);
    assert_int_equal(uv_loop_init(&f.loop), 0);
    assert_int_equal(bus_context_open(1, &f.context, NULL), HUB_OK);
    void *near = zmq_socket(f.context, ZMQ_PAIR);
    f.far = zmq_socket(f.context, ZMQ_PAIR);
    int none = 0, deep = 2 * BURST;
    (void)zmq_setsockopt(f.far, ZMQ_LINGER, &none, sizeof none);
    (void)zmq_setsockopt(near, ZMQ_LINGER, &none, sizeof none);
    (void)zmq_setsockopt(f.far, ZMQ_SNDHWM, &deep, sizeof deep);
    (void)zmq_setsockopt(near, ZMQ_RCVHWM, &deep, sizeof deep);
    (void)zmq_setsockopt(near, ZMQ_SNDHWM, &deep, sizeof deep);
    (void)zmq_setsockopt(f.far, ZMQ_RCVHWM, &deep, sizeof deep);
    assert_int_equal(zmq_bind(near, "inproc://near"), 0);
    assert_int_equal(zmq_connect(f.far, "inproc://near"), 0);
    bus_uvzmq_options options = {
        .context = &f, .readable = on_readable, .writable = on_writable, .served = on_served, .closed = on_closed};
    assert_int_equal(bus_uvzmq_open(&f.loop, near, &options, &f.near, NULL), HUB_OK);
    (void)uv_timer_init(&f.loop, &f.end);
    f.end.data = &f;
    *state = &f;
    return 0;
}

static int teardown(void **state)
{
    fixture *f = *state;
    bus_uvzmq_close(f->near);
    uv_close((uv_handle_t *)&f->end, NULL);
    (void)uv_run(&f->loop, UV_RUN_DEFAULT);
    assert_int_equal(f->closed, 1); /* U3 */
    assert_int_equal(uv_loop_close(&f->loop), 0);
    (void)zmq_close(f->far);
    bus_context_close(f->context);
    return 0;
}

static void send_burst(fixture *f)
{
    for (int i = 0; i < BURST; i++)
        assert_int_equal(zmq_send(f->far, "x", 1, 0), 1);
}

static void run_for(fixture *f, uint64_t ms)
{
    f->ended = 0;
    uv_update_time(&f->loop);
    (void)uv_timer_start(&f->end, on_end, ms, 0);
    while (!f->ended)
        (void)uv_run(&f->loop, UV_RUN_ONCE);
}

/* A poll callback alone receives none of them: the edge came before the loop looked, and comes only once. */
static void a_burst_is_received_whole_in_turns_of_the_budget(void **state)
{
    fixture *f = *state;
    send_burst(f);

    run_for(f, 200);

    assert_int_equal(f->received, BURST);
    assert_true(f->turns >= BURST / BUDGET);
}

/* A reply sent between two receives handles the socket's commands, and with them the edge that would have woken the loop. */
static void a_burst_is_received_whole_when_sends_swallow_the_edge(void **state)
{
    fixture *f = *state;
    f->swallow = 1;
    send_burst(f);

    run_for(f, 200);

    assert_int_equal(f->received, BURST);
}

/* Idle handles keep a loop awake: one that is left on burns a core for nothing. */
static void a_quiet_socket_is_served_no_more(void **state)
{
    fixture *f = *state;
    send_burst(f);
    run_for(f, 200);
    int turns = f->turns;

    run_for(f, 50);

    assert_int_equal(f->turns, turns);
}

static void write_interest_is_served_once_and_only_when_wanted(void **state)
{
    fixture *f = *state;
    run_for(f, 10);
    assert_int_equal(f->written, 0); /* U2 */

    bus_uvzmq_want_write(f->near, BUS_INTEREST_ON);
    run_for(f, 50);

    assert_int_equal(f->written, 1);
}

/* Backpressure: while the journal is behind, what waits stays with the senders. */
static void nothing_is_received_while_reading_is_off(void **state)
{
    fixture *f = *state;
    bus_uvzmq_want_read(f->near, BUS_INTEREST_OFF);
    send_burst(f);
    run_for(f, 50);
    assert_int_equal(f->received, 0);

    bus_uvzmq_want_read(f->near, BUS_INTEREST_ON);
    run_for(f, 200);

    assert_int_equal(f->received, BURST);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_burst_is_received_whole_in_turns_of_the_budget, setup, teardown),
        cmocka_unit_test_setup_teardown(a_burst_is_received_whole_when_sends_swallow_the_edge, setup, teardown),
        cmocka_unit_test_setup_teardown(a_quiet_socket_is_served_no_more, setup, teardown),
        cmocka_unit_test_setup_teardown(write_interest_is_served_once_and_only_when_wanted, setup, teardown),
        cmocka_unit_test_setup_teardown(nothing_is_received_while_reading_is_off, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
