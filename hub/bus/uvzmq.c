#include "uvzmq.h"

#include <stdbool.h>
#include <stdlib.h>
#include <zmq.h>

struct bus_uvzmq {
    bus_uvzmq_options options;
    void *socket; /* owned */
    uv_poll_t poll;
    uv_prepare_t prepare;
    uv_check_t check;
    uv_idle_t idle;
    bool want_read, want_write;
    bool more;    /* a callback said ENOUGH: there is work whatever ZMQ_EVENTS says */
    bool serving; /* a callback is running: do not enter it again */
    bool closing;
    int open_handles;
};

static int events_of(const bus_uvzmq *zmq)
{
    int events = 0;
    size_t size = sizeof events;
    if (zmq_getsockopt(zmq->socket, ZMQ_EVENTS, &events, &size) != 0) return 0;
    return (zmq->want_read ? events & ZMQ_POLLIN : 0) | (zmq->want_write ? events & ZMQ_POLLOUT : 0);
}

static void on_idle(uv_idle_t *idle)
{
    (void)idle; /* it is there to keep the loop from sleeping */
}

static void on_poll(uv_poll_t *poll, int status, int events)
{
    (void)events; /* only wakes the loop: U1 is kept by prepare and check */
    if (status < 0) uv_poll_stop(poll);
}

static void on_prepare(uv_prepare_t *prepare)
{
    bus_uvzmq *zmq = prepare->data;
    bool ready = (zmq->more && zmq->want_read) || events_of(zmq) != 0;
    if (ready) (void)uv_idle_start(&zmq->idle, on_idle);
}

static bus_turn serve_all(bus_uvzmq *zmq, bus_turn (*one)(void *context))
{
    bus_turn turn = BUS_TURN_AGAIN;
    while (turn == BUS_TURN_AGAIN && !zmq->closing)
        turn = one(zmq->options.context);
    return turn;
}

void bus_uvzmq_serve(bus_uvzmq *zmq)
{
    if (zmq->serving || zmq->closing) return;
    zmq->serving = true;
    bool called = false;
    int events = events_of(zmq);
    if ((events & ZMQ_POLLOUT) != 0 && zmq->options.writable != NULL) {
        (void)serve_all(zmq, zmq->options.writable);
        called = true;
    }
    if (zmq->want_read && !zmq->closing && (zmq->more || (events & ZMQ_POLLIN) != 0)) {
        zmq->more = false;
        if (serve_all(zmq, zmq->options.readable) == BUS_TURN_ENOUGH) zmq->more = true;
        called = true;
    }
    zmq->serving = false;
    if (called && !zmq->closing && zmq->options.served != NULL) zmq->options.served(zmq->options.context);
}

static void on_check(uv_check_t *check)
{
    bus_uvzmq *zmq = check->data;
    (void)uv_idle_stop(&zmq->idle);
    bus_uvzmq_serve(zmq);
}

static void on_handle_closed(uv_handle_t *handle)
{
    bus_uvzmq *zmq = handle->data;
    if (handle == (uv_handle_t *)&zmq->poll) (void)zmq_close(zmq->socket);
    if (--zmq->open_handles > 0) return;
    void (*closed)(void *) = zmq->options.closed;
    void *context = zmq->options.context;
    free(zmq);
    if (closed != NULL) closed(context);
}

hub_status bus_uvzmq_open(uv_loop_t *loop, void *socket, const bus_uvzmq_options *options, bus_uvzmq **out, hub_error *err)
{
    HUB_ASSERT(socket != NULL && options->readable != NULL);
    *out = NULL;
    hub_status status = HUB_ERR_MEMORY;
    uv_os_sock_t fd = 0;
    size_t size = sizeof fd;
    bus_uvzmq *zmq = calloc(1, sizeof *zmq);
    if (zmq == NULL) goto fail;
    *zmq = (bus_uvzmq){.options = *options, .socket = socket, .want_read = true, .open_handles = 4};
    status = HUB_ERR_IO;
    if (zmq_getsockopt(socket, ZMQ_FD, &fd, &size) != 0) goto fail;
    int failed = uv_poll_init_socket(loop, &zmq->poll, fd);
    if (failed != 0) goto fail;
    (void)uv_prepare_init(loop, &zmq->prepare);
    (void)uv_check_init(loop, &zmq->check);
    (void)uv_idle_init(loop, &zmq->idle);
    zmq->poll.data = zmq->prepare.data = zmq->check.data = zmq->idle.data = zmq;
    (void)uv_poll_start(&zmq->poll, UV_READABLE, on_poll);
    (void)uv_prepare_start(&zmq->prepare, on_prepare);
    (void)uv_check_start(&zmq->check, on_check);
    *out = zmq;
    return HUB_OK;

fail:
    free(zmq);
    (void)zmq_close(socket);
    return hub_fail(err, status, "a ZeroMQ socket could not be put on the event loop: %s", hub_status_text(status));
}

void *bus_uvzmq_socket(const bus_uvzmq *zmq)
{
    return zmq->socket;
}

void bus_uvzmq_want_read(bus_uvzmq *zmq, bus_interest interest)
{
    zmq->want_read = interest == BUS_INTEREST_ON;
}

void bus_uvzmq_want_write(bus_uvzmq *zmq, bus_interest interest)
{
    zmq->want_write = interest == BUS_INTEREST_ON;
}

void bus_uvzmq_close(bus_uvzmq *zmq)
{
    if (zmq == NULL || zmq->closing) return;
    zmq->closing = true;
    uv_close((uv_handle_t *)&zmq->poll, on_handle_closed);
    uv_close((uv_handle_t *)&zmq->prepare, on_handle_closed);
    uv_close((uv_handle_t *)&zmq->check, on_handle_closed);
    uv_close((uv_handle_t *)&zmq->idle, on_handle_closed);
}
