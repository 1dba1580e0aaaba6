#include "router.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <zmq.h>

#include "bus/frames.h"
#include "bus/zap.h"

enum {
    ROUTE_BYTES = 5,         /* libzmq's own routing ids: 0x00 and 4 bytes */
    ZAP_ENFORCE_DOMAIN = 93, /* ZMQ_ZAP_ENFORCE_DOMAIN: accepted and enforced by 4.3.4, though its header keeps it a draft */
    HANDSHAKE_MS = 5000,     /* a connection that does not finish its handshake holds nothing longer */
    EVENTS_A_TURN = 64,
    BACKLOG = 1024,       /* connections that wait: raw ones must not keep enrolled peers out */
    HEARTBEAT_MS = 10000, /* notices dead TCP connections; presence is the session's own matter */
    MESSAGES_QUEUED_MAX =
        1000, /* per connection and direction: with frames of 64 KiB at most 64 MB for a peer that does not read */
};

struct bus_router {
    bus_uvzmq *zmq;
    bus_uvzmq *monitor; /* NULL unless other_key is wanted */
    int parts;          /* of the two, not yet closed */
    bus_router_options options;
    hub_buffer scratch;
    int events; /* of the monitor, in this turn */
};

static hub_status set_options(void *socket, const bus_router_options *options, hub_error *err)
{
    int one = 1, linger = 200, handshake = HANDSHAKE_MS, backlog = BACKLOG, heartbeat = HEARTBEAT_MS,
        queued = MESSAGES_QUEUED_MAX;
    int64_t bytes_max = 4 * (int64_t)BUS_FRAME_BYTES_MAX;
    const struct {
        int option;
        const void *value;
        size_t size;
    } rows[] = {
        {ZMQ_LINGER, &linger, sizeof linger}, /* so that "the hub is stopping" still leaves */
        {ZMQ_ROUTER_MANDATORY, &one, sizeof one},
        {ZMQ_CURVE_SERVER, &one, sizeof one},
        {ZMQ_CURVE_SECRETKEY, options->keys.secret_key, BUS_KEY_BYTES},
        {ZMQ_ZAP_DOMAIN, BUS_ZAP_DOMAIN, strlen(BUS_ZAP_DOMAIN)},
        {ZMQ_HANDSHAKE_IVL, &handshake, sizeof handshake},
        {ZMQ_BACKLOG, &backlog, sizeof backlog},
        {ZMQ_MAXMSGSIZE, &bytes_max, sizeof bytes_max},
        {ZMQ_HEARTBEAT_IVL, &heartbeat, sizeof heartbeat},
        {ZMQ_SNDHWM, &queued, sizeof queued},
        {ZMQ_RCVHWM, &queued, sizeof queued},
        {ZMQ_IPV6, &one, sizeof one},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (zmq_setsockopt(socket, rows[i].option, rows[i].value, rows[i].size) == 0) continue;
        return hub_fail(err, HUB_ERR_IO, "%s: socket option %d: %s", options->endpoint, rows[i].option,
                        zmq_strerror(zmq_errno()));
    }
    if (zmq_setsockopt(socket, ZAP_ENFORCE_DOMAIN, &one, sizeof one) != 0) {
        return hub_fail(err, HUB_ERR_VERSION,
                        "this libzmq cannot be made to refuse keys that are not enrolled; install 4.3.4 or newer");
    }
    return HUB_OK;
}

static void answer_fault(bus_router *router, const zmq_msg_t *route, const char *text)
{
    Mash__V1__Fault fault = MASH__V1__FAULT__INIT;
    fault.code = MASH__V1__FAULT_CODE__FAULT_MALFORMED;
    fault.text = (char *)(uintptr_t)text;
    Mash__V1__HubFrame frame = MASH__V1__HUB_FRAME__INIT;
    frame.body_case = MASH__V1__HUB_FRAME__BODY_FAULT;
    frame.fault = &fault;
    hub_buffer_clear(&router->scratch);
    if (bus_frame_pack_hub(&frame, &router->scratch) != HUB_OK) return;
    void *socket = bus_uvzmq_socket(router->zmq);
    if (zmq_send(socket, zmq_msg_data((zmq_msg_t *)(uintptr_t)route), zmq_msg_size(route), ZMQ_SNDMORE | ZMQ_DONTWAIT) < 0)
        return;
    (void)zmq_send(socket, router->scratch.data, router->scratch.size, ZMQ_DONTWAIT);
}

/* Receives the rest of a message of too many parts. */
static void drain(void *socket)
{
    int more = 1;
    while (more != 0) {
        zmq_msg_t part;
        (void)zmq_msg_init(&part);
        more = zmq_msg_recv(&part, socket, ZMQ_DONTWAIT) >= 0 && zmq_msg_more(&part);
        (void)zmq_msg_close(&part);
    }
}

static void handle(bus_router *router, zmq_msg_t *route, zmq_msg_t *body, int too_many_parts)
{
    const char *user = zmq_msg_gets(body, "User-Id");
    bus_message message = {.fd = zmq_msg_get(body, ZMQ_SRCFD)};
    if (user == NULL || !hub_unhex(user, message.key, BUS_KEY_BYTES)) return; /* cannot come: ZAP let nobody in without it */
    if (too_many_parts) {
        answer_fault(router, route, "a frame is one message part; use a DEALER socket, not REQ");
        return;
    }
    const uint8_t *id = zmq_msg_data(route);
    if (zmq_msg_size(route) != ROUTE_BYTES || id[0] != 0) {
        answer_fault(router, route, "the connection sets a ZeroMQ routing id (identity); remove it: the key is the identity");
        return;
    }
    memcpy(&message.route, id + 1, sizeof message.route);
    message.bytes = hub_bytes_of(zmq_msg_data(body), zmq_msg_size(body));
    router->options.message(router->options.context, &message);
}

static bus_turn on_readable(void *context)
{
    bus_router *router = context;
    if (router->options.before != NULL) {
        bus_turn turn = router->options.before(router->options.context);
        if (turn != BUS_TURN_AGAIN) return turn;
    }
    void *socket = bus_uvzmq_socket(router->zmq);
    bus_turn turn = BUS_TURN_EMPTY;
    zmq_msg_t route, body;
    (void)zmq_msg_init(&route);
    (void)zmq_msg_init(&body);
    if (zmq_msg_recv(&route, socket, ZMQ_DONTWAIT) >= 0) {
        turn = BUS_TURN_AGAIN;
        if (zmq_msg_more(&route) && zmq_msg_recv(&body, socket, ZMQ_DONTWAIT) >= 0) {
            int too_many = zmq_msg_more(&body);
            if (too_many) drain(socket);
            handle(router, &route, &body, too_many);
        }
    }
    (void)zmq_msg_close(&route);
    (void)zmq_msg_close(&body);
    return turn;
}

static void on_served(void *context)
{
    bus_router *router = context;
    if (router->options.served != NULL) router->options.served(router->options.context);
}

static void on_closed(void *context)
{
    bus_router *router = context;
    if (--router->parts > 0) return;
    void (*closed)(void *) = router->options.closed;
    void *owner = router->options.context;
    hub_buffer_free(&router->scratch);
    free(router);
    if (closed != NULL) closed(owner);
}

/* ---- handshakes that fail --------------------------------------------------------------------------------------------------------- */
static bus_turn on_monitor(void *context)
{
    bus_router *router = context;
    void *socket = bus_uvzmq_socket(router->monitor);
    uint8_t head[6] = {0};
    uint32_t cause = 0;
    if (router->events++ >= EVENTS_A_TURN) return BUS_TURN_ENOUGH;
    int size = zmq_recv(socket, head, sizeof head, ZMQ_DONTWAIT);
    if (size < 0) return BUS_TURN_EMPTY;
    drain(socket);
    memcpy(&cause, head + 2, sizeof cause);
    if (size == (int)sizeof head && cause == ZMQ_PROTOCOL_ERROR_ZMTP_CRYPTOGRAPHIC)
        router->options.other_key(router->options.context);
    return BUS_TURN_AGAIN;
}

static void on_monitored(void *context)
{
    bus_router *router = context;
    router->events = 0;
}

/* What it cannot have it does without: it only tells operators of a cause. */
static void open_monitor(bus_router *router, uv_loop_t *loop, void *zmq_context, void *socket)
{
    char name[64];
    int none = 0;
    (void)snprintf(name, sizeof name, "inproc://router-%p", (void *)router);
    if (zmq_socket_monitor(socket, name, ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL) != 0) return;
    void *pair = zmq_socket(zmq_context, ZMQ_PAIR);
    if (pair == NULL) return;
    if (zmq_setsockopt(pair, ZMQ_LINGER, &none, sizeof none) != 0 || zmq_connect(pair, name) != 0) {
        (void)zmq_close(pair);
        return;
    }
    bus_uvzmq_options options = {.context = router, .readable = on_monitor, .served = on_monitored, .closed = on_closed};
    if (bus_uvzmq_open(loop, pair, &options, &router->monitor, NULL) == HUB_OK) router->parts++;
}

hub_status bus_router_open(uv_loop_t *loop, void *zmq_context, const bus_router_options *options, bus_router **out,
                           hub_error *err)
{
    HUB_ASSERT(options->message != NULL);
    *out = NULL;
    hub_status status = HUB_ERR_MEMORY;
    void *socket = NULL;
    bus_router *router = calloc(1, sizeof *router);
    if (router == NULL) goto fail;
    router->options = *options;
    status = HUB_ERR_IO;
    socket = zmq_socket(zmq_context, ZMQ_ROUTER);
    if (socket == NULL) goto fail;
    status = set_options(socket, options, err);
    if (status != HUB_OK) goto fail;
    if (zmq_bind(socket, options->endpoint) != 0) {
        int cause = zmq_errno();
        status = cause == EADDRINUSE ? HUB_ERR_EXISTS : HUB_ERR_INVALID;
        (void)hub_fail(err, status, "%s: cannot listen there: %s", options->endpoint, zmq_strerror(cause));
        goto fail;
    }
    bus_uvzmq_options zmq_options = {.context = router, .readable = on_readable, .served = on_served, .closed = on_closed};
    void *given = socket;
    socket = NULL; /* taken by bus_uvzmq_open, also when it fails */
    status = bus_uvzmq_open(loop, given, &zmq_options, &router->zmq, err);
    if (status != HUB_OK) goto fail;
    router->parts = 1;
    if (options->other_key != NULL) open_monitor(router, loop, zmq_context, given);
    *out = router;
    return HUB_OK;

fail:
    if (socket != NULL) (void)zmq_close(socket);
    free(router);
    return status;
}

void bus_router_close(bus_router *router)
{
    if (router == NULL) return;
    if (router->monitor != NULL) (void)zmq_socket_monitor(bus_uvzmq_socket(router->zmq), NULL, 0);
    bus_uvzmq_close(router->monitor);
    bus_uvzmq_close(router->zmq);
}

void bus_router_want_read(bus_router *router, bus_interest interest)
{
    bus_uvzmq_want_read(router->zmq, interest);
}

void bus_router_serve(bus_router *router)
{
    bus_uvzmq_serve(router->zmq);
}

bus_sent bus_router_send(bus_router *router, uint32_t route, hub_bytes first, hub_bytes second)
{
    void *socket = bus_uvzmq_socket(router->zmq);
    uint8_t id[ROUTE_BYTES] = {0};
    memcpy(id + 1, &route, sizeof route);
    zmq_msg_t body;
    if (zmq_msg_init_size(&body, first.size + second.size) != 0) return BUS_SENT_LATER;
    uint8_t *at = zmq_msg_data(&body);
    if (first.size > 0) memcpy(at, first.data, first.size);
    if (second.size > 0) memcpy(at + first.size, second.data, second.size);
    bus_sent sent = BUS_SENT;
    if (zmq_send(socket, id, sizeof id, ZMQ_SNDMORE | ZMQ_DONTWAIT) < 0 || zmq_msg_send(&body, socket, ZMQ_DONTWAIT) < 0) {
        sent = zmq_errno() == EAGAIN ? BUS_SENT_LATER : BUS_SENT_GONE;
        (void)zmq_msg_close(&body);
    }
    return sent;
}

bus_connection bus_connection_of(int fd)
{
    bus_connection connection = {.fd = fd};
    struct sockaddr_storage remote;
    socklen_t size = sizeof remote;
    if (fd < 0 || getpeername(fd, (struct sockaddr *)&remote, &size) != 0 || size > sizeof connection.remote) {
        connection.fd = -1;
        return connection;
    }
    memcpy(connection.remote, &remote, size);
    connection.remote_size = size;
    return connection;
}

void bus_connection_cut(const bus_connection *connection)
{
    if (connection->fd < 0) return;
    bus_connection now = bus_connection_of(connection->fd);
    bool same =
        now.fd >= 0 && now.remote_size == connection->remote_size && memcmp(now.remote, connection->remote, now.remote_size) == 0;
    if (same) (void)shutdown(connection->fd, SHUT_RDWR);
}
