#include "client.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>

#include "bus/client_socket.h"
#include "bus/context.h"
#include "bus/frames.h"
#include "bus/probe.h"
#include "bus/uvzmq.h"
#include "host/clock.h"

enum {
    TICK_MS = 100,
    HELLO_AGAIN_MS = 2000, /* no Welcome came */
    GIVE_UP_MS = 6000,     /* no session since the socket was made: make another */
    GIVE_UP_TWO_MS = 2500, /* as above, when there is a second endpoint to try */
    BACKOFF_FIRST_MS = 200,
    BACKOFF_LAST_MS = 5000,
    PING_INTERVAL_FIRST_MS = 2000,
    REPLACED_WAIT_MS = 5000, /* two programs on one key must not throw each other out in a circle */
    MESSAGES_A_TURN = 256,
    ARENA_FIRST = 256 * 1024,
    LINGER_GOODBYE_MS = 200,
    PROBE_EVERY_MS = 30000,
    ZAP_REVOKED = 400, /* zap.h, Z2 */
};

typedef enum client_state { CLIENT_DOWN, CLIENT_CONNECTED, CLIENT_OPEN } client_state;

struct bus_client {
    bus_client_options options;
    uv_loop_t *loop;
    void *zmq_context;  /* owned */
    bus_uvzmq *socket;  /* owned; NULL between two tries */
    bus_uvzmq *monitor; /* owned; with socket */
    bus_probe *probe;   /* owned; while it runs */
    uint64_t probe_at;  /* not again before */
    uv_timer_t timer;
    client_state state;
    bus_client_trouble trouble;
    bool said;                                                             /* `closed` was told of this trouble */
    unsigned endpoint, made;                                               /* which endpoint; how many sockets were made */
    uint64_t made_at, connected_at, heard_at, ping_at, hello_at, again_at; /* uv_now; 0 = not set */
    uint32_t backoff_ms, ping_interval_ms, frame_bytes_max;
    uint64_t last_request;
    hub_arena arena;
    hub_buffer scratch;
    int received; /* in this turn */
    bool wanted_write;
    bool closing;
    int parts; /* handles not yet closed */
    void (*done)(void *context);
    struct {
        uint64_t request;
        hub_arena *arena;
        const Mash__V1__HubFrame *answer;
    } ask;
};

const char *bus_client_trouble_text(bus_client_trouble trouble)
{
    static const char *const TEXTS[] = {
        [BUS_CLIENT_NO_TROUBLE] = "connected",
        [BUS_CLIENT_CONNECTING] = "not connected yet",
        [BUS_CLIENT_REFUSED_CONNECTION] = "nobody listens there; is the hub running?",
        [BUS_CLIENT_HANDSHAKE_FAILED] = "the handshake failed: the server key is not this hub's, or no hub listens there",
        [BUS_CLIENT_NOT_ENROLLED] = "the hub does not let this key in: it is not enrolled",
        [BUS_CLIENT_REVOKED] = "this key is revoked; make a new one and have it enrolled",
        [BUS_CLIENT_SILENT] = "connected, but the hub answers nothing",
        [BUS_CLIENT_NOT_ALLOWED] = "the hub does not allow this key to do that",
    };
    return TEXTS[trouble];
}

static void part_closed(void *context);
static void make_socket(bus_client *client);

static const char *endpoint_of(const bus_client *client)
{
    return client->options.endpoints[client->endpoint];
}

static void say(bus_client *client, bus_client_trouble trouble, const char *text)
{
    bool changed = client->trouble != trouble || !client->said;
    client->trouble = trouble;
    if (!changed || client->closing) return;
    client->said = true;
    char line[320];
    (void)snprintf(line, sizeof line, "%s: %s", endpoint_of(client), text == NULL ? bus_client_trouble_text(trouble) : text);
    if (client->options.closed != NULL) client->options.closed(client->options.context, trouble, line);
}

/* The session is over; the connection may live on. */
static void lose_session(bus_client *client, bus_client_trouble trouble, const char *text)
{
    if (client->state == CLIENT_OPEN) {
        client->state = CLIENT_CONNECTED;
        client->said = false;
    }
    say(client, trouble, text);
}

static void drop_socket(bus_client *client)
{
    if (client->socket == NULL) return;
    (void)zmq_socket_monitor(bus_uvzmq_socket(client->socket), NULL, 0);
    bus_uvzmq_close(client->monitor);
    bus_uvzmq_close(client->socket);
    client->socket = client->monitor = NULL;
    client->state = CLIENT_DOWN;
    client->hello_at = 0;
}

static void start_over(bus_client *client)
{
    drop_socket(client);
    client->again_at = uv_now(client->loop) + client->backoff_ms;
    client->backoff_ms = client->backoff_ms * 2 > BACKOFF_LAST_MS ? BACKOFF_LAST_MS : client->backoff_ms * 2;
    if (client->options.endpoints[1] != NULL) client->endpoint = 1 - client->endpoint;
}

/* ---- sending -------------------------------------------------------------------------------------------------------------- */
static void want_write(bus_client *client)
{
    bus_uvzmq_want_write(client->socket, BUS_INTEREST_ON);
}

static hub_status send_now(bus_client *client, const Mash__V1__ClientFrame *frame)
{
    hub_buffer_clear(&client->scratch);
    if (bus_frame_pack_client(frame, &client->scratch) != HUB_OK) return HUB_ERR_MEMORY;
    if (client->frame_bytes_max != 0 && client->scratch.size > client->frame_bytes_max) return HUB_ERR_INVALID;
    if (zmq_send(bus_uvzmq_socket(client->socket), client->scratch.data, client->scratch.size, ZMQ_DONTWAIT) >= 0) return HUB_OK;
    return HUB_ERR_AGAIN;
}

static hub_status send_hello(bus_client *client)
{
    Mash__V1__Hello hello = MASH__V1__HELLO__INIT;
    if (client->options.hello != NULL) client->options.hello(client->options.context, &hello);
    hello.protocol = BUS_PROTOCOL;
    hello.software = (char *)(uintptr_t)client->options.software;
    Mash__V1__ClientFrame frame = MASH__V1__CLIENT_FRAME__INIT;
    frame.request = bus_client_request(client);
    frame.body_case = MASH__V1__CLIENT_FRAME__BODY_HELLO;
    frame.hello = &hello;
    return send_now(client, &frame);
}

static void send_ping(bus_client *client)
{
    Mash__V1__Ping ping = MASH__V1__PING__INIT;
    ping.sent_ms = host_wall_ms();
    if (client->options.ping != NULL) client->options.ping(client->options.context, &ping);
    Mash__V1__ClientFrame frame = MASH__V1__CLIENT_FRAME__INIT;
    frame.body_case = MASH__V1__CLIENT_FRAME__BODY_PING;
    frame.ping = &ping;
    (void)send_now(client, &frame); /* a full pipe means that there is traffic anyway */
}

hub_status bus_client_send(bus_client *client, const Mash__V1__ClientFrame *frame, hub_error *err)
{
    if (client->state != CLIENT_OPEN)
        return hub_fail(err, HUB_ERR_AGAIN, "no session with the hub: %s", bus_client_trouble_text(client->trouble));
    hub_status status = send_now(client, frame);
    if (status == HUB_ERR_INVALID) {
        return hub_fail(err, status, "the frame has %zu bytes; this hub takes %u", client->scratch.size, client->frame_bytes_max);
    }
    if (status != HUB_ERR_AGAIN) return status;
    client->wanted_write = true;
    want_write(client);
    return hub_fail(err, status, "the connection takes no more at the moment");
}

uint64_t bus_client_request(bus_client *client)
{
    return ++client->last_request;
}

void bus_client_hello_again(bus_client *client)
{
    if (client->state == CLIENT_DOWN) return; /* Hello is said when the connection is there */
    client->state = CLIENT_CONNECTED;
    client->hello_at = uv_now(client->loop);
    want_write(client);
}

static bus_turn on_writable(void *context)
{
    bus_client *client = context;
    bool hello_due = client->state == CLIENT_CONNECTED && client->hello_at != 0 && uv_now(client->loop) >= client->hello_at;
    if (hello_due) {
        if (send_hello(client) != HUB_OK) return BUS_TURN_EMPTY;
        client->hello_at = uv_now(client->loop) + HELLO_AGAIN_MS;
    }
    bus_uvzmq_want_write(client->socket, BUS_INTEREST_OFF);
    bool tell = client->wanted_write && client->state == CLIENT_OPEN;
    client->wanted_write = false;
    if (tell && client->options.writable != NULL) client->options.writable(client->options.context);
    return BUS_TURN_EMPTY;
}

/* ---- receiving ------------------------------------------------------------------------------------------------------------ */
static void on_welcome(bus_client *client, const Mash__V1__Welcome *welcome)
{
    client->state = CLIENT_OPEN;
    client->trouble = BUS_CLIENT_NO_TROUBLE;
    client->said = false;
    client->backoff_ms = BACKOFF_FIRST_MS;
    client->hello_at = 0;
    client->frame_bytes_max = welcome->frame_bytes_max;
    if (welcome->ping_interval_ms >= 100) client->ping_interval_ms = welcome->ping_interval_ms;
    client->ping_at = uv_now(client->loop) + client->ping_interval_ms;
    if (client->options.opened != NULL) client->options.opened(client->options.context, welcome);
}

static void on_session_ended(bus_client *client, const Mash__V1__SessionEnded *ended)
{
    if (ended->reason == MASH__V1__SESSION_END__SESSION_END_NO_HELLO && client->state != CLIENT_OPEN)
        return; /* Hello is on its way */
    uint64_t wait_ms = 200;
    bus_client_trouble trouble = BUS_CLIENT_CONNECTING;
    if (ended->reason == MASH__V1__SESSION_END__SESSION_END_REPLACED) wait_ms = REPLACED_WAIT_MS;
    if (ended->reason == MASH__V1__SESSION_END__SESSION_END_REVOKED) {
        wait_ms = BACKOFF_LAST_MS;
        trouble = BUS_CLIENT_REVOKED;
    }
    lose_session(client, trouble, ended->text == NULL || ended->text[0] == '\0' ? "the hub ended the session" : ended->text);
    client->hello_at = uv_now(client->loop) + wait_ms;
}

static void on_frame(bus_client *client, hub_bytes bytes)
{
    Mash__V1__HubFrame *frame;
    event_wire_fault fault;
    hub_arena_reset(&client->arena);
    if (bus_frame_read_hub(bytes, &client->arena, &frame, &fault) != HUB_OK) {
        lose_session(client, BUS_CLIENT_HANDSHAKE_FAILED, "what answers there does not speak this protocol");
        start_over(client);
        return;
    }
    client->heard_at = uv_now(client->loop);
    switch (frame->body_case) {
    case MASH__V1__HUB_FRAME__BODY_WELCOME:
        on_welcome(client, frame->welcome);
        return;
    case MASH__V1__HUB_FRAME__BODY_PONG:
        return;
    case MASH__V1__HUB_FRAME__BODY_SESSION_ENDED:
        on_session_ended(client, frame->session_ended);
        return;
    default:
        break;
    }
    if (client->state == CLIENT_CONNECTED && frame->body_case == MASH__V1__HUB_FRAME__BODY_FAULT) {
        bool forbidden = frame->fault->code == MASH__V1__FAULT_CODE__FAULT_NOT_ALLOWED;
        say(client, forbidden ? BUS_CLIENT_NOT_ALLOWED : BUS_CLIENT_SILENT,
            frame->fault->text); /* Hello was not taken: say why */
    }
    bool asked = client->ask.request != 0 && frame->request == client->ask.request && client->ask.answer == NULL;
    if (asked) {
        Mash__V1__HubFrame *answer;
        if (bus_frame_read_hub(bytes, client->ask.arena, &answer, &fault) == HUB_OK) client->ask.answer = answer;
        return;
    }
    if (client->options.frame != NULL) client->options.frame(client->options.context, frame);
}

static bus_turn on_readable(void *context)
{
    bus_client *client = context;
    if (client->received++ >= MESSAGES_A_TURN) return BUS_TURN_ENOUGH;
    zmq_msg_t message;
    (void)zmq_msg_init(&message);
    bool got = zmq_msg_recv(&message, bus_uvzmq_socket(client->socket), ZMQ_DONTWAIT) >= 0;
    if (got) on_frame(client, hub_bytes_of(zmq_msg_data(&message), zmq_msg_size(&message)));
    (void)zmq_msg_close(&message);
    return got && client->socket != NULL ? BUS_TURN_AGAIN : BUS_TURN_EMPTY;
}

static void on_served(void *context)
{
    bus_client *client = context;
    client->received = 0;
}

/* ---- what libzmq's monitor tells ---------------------------------------------------------------------------------------------- */
static void on_probed(void *context, bus_probe_finding finding)
{
    static const bus_client_trouble TROUBLES[] = {
        [BUS_PROBE_HOLDS_KEY] = BUS_CLIENT_NOT_ENROLLED, /* so it is our own key that it does not let in */
        [BUS_PROBE_OTHER_KEY] = BUS_CLIENT_HANDSHAKE_FAILED,
        [BUS_PROBE_NO_HUB] = BUS_CLIENT_HANDSHAKE_FAILED,
        [BUS_PROBE_NO_ANSWER] = BUS_CLIENT_SILENT,
    };
    bus_client *client = context;
    client->probe = NULL;
    if (finding != BUS_PROBE_CANCELLED && client->state == CLIENT_DOWN) say(client, TROUBLES[finding], NULL);
    part_closed(client);
}

/* libzmq does not tell why: the probe finds out. */
static void on_handshake_failed(bus_client *client)
{
    if (client->probe != NULL || client->closing) return;
    if (client->said && uv_now(client->loop) < client->probe_at) return;
    client->probe_at = uv_now(client->loop) + PROBE_EVERY_MS;
    if (bus_probe_start(client->loop, endpoint_of(client), client->options.server_key, on_probed, client, &client->probe) ==
        HUB_OK) {
        client->parts++;
    } else {
        say(client, BUS_CLIENT_HANDSHAKE_FAILED, NULL);
    }
}

static void on_event(bus_client *client, unsigned event, uint32_t value)
{
    switch (event) {
    case ZMQ_EVENT_CONNECTED:
        client->connected_at = uv_now(client->loop);
        break;
    case ZMQ_EVENT_HANDSHAKE_SUCCEEDED:
        client->state = CLIENT_CONNECTED;
        client->heard_at = client->hello_at = uv_now(client->loop);
        want_write(client);
        break;
    case ZMQ_EVENT_CLOSED:
    case ZMQ_EVENT_CONNECT_RETRIED:
        if (client->connected_at == 0 && client->state == CLIENT_DOWN && event == ZMQ_EVENT_CLOSED) {
            say(client, BUS_CLIENT_REFUSED_CONNECTION, NULL);
        }
        break;
    case ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL:
    case ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL:
    case ZMQ_EVENT_HANDSHAKE_FAILED_AUTH:
        if (event == ZMQ_EVENT_HANDSHAKE_FAILED_AUTH && value == ZAP_REVOKED) {
            say(client, BUS_CLIENT_REVOKED, NULL);
            break;
        }
        on_handshake_failed(client);
        break;
    case ZMQ_EVENT_DISCONNECTED:
        if (client->state == CLIENT_OPEN) lose_session(client, BUS_CLIENT_CONNECTING, "the connection was lost");
        client->state = CLIENT_DOWN;
        client->connected_at = 0;
        client->hello_at = 0;
        break;
    default:
        break;
    }
}

static bus_turn on_monitor(void *context)
{
    bus_client *client = context;
    void *socket = bus_uvzmq_socket(client->monitor);
    zmq_msg_t head, address;
    (void)zmq_msg_init(&head);
    (void)zmq_msg_init(&address);
    bool got = zmq_msg_recv(&head, socket, ZMQ_DONTWAIT) >= 0;
    uint16_t event = 0;
    uint32_t value = 0;
    if (got && zmq_msg_size(&head) >= sizeof event + sizeof value) {
        memcpy(&event, zmq_msg_data(&head), sizeof event);
        memcpy(&value, (const uint8_t *)zmq_msg_data(&head) + sizeof event, sizeof value);
    }
    if (got && zmq_msg_more(&head)) (void)zmq_msg_recv(&address, socket, ZMQ_DONTWAIT);
    (void)zmq_msg_close(&head);
    (void)zmq_msg_close(&address);
    if (got) on_event(client, event, value);
    return got && client->monitor != NULL ? BUS_TURN_AGAIN : BUS_TURN_EMPTY;
}

/* ---- the socket's life ---------------------------------------------------------------------------------------------------------- */
static hub_status open_socket(bus_client *client, hub_error *err)
{
    client->made++;
    void *socket = bus_client_dealer(client->zmq_context, &client->options);
    if (socket == NULL) return hub_fail(err, HUB_ERR_IO, "no ZeroMQ socket: %s", zmq_strerror(zmq_errno()));
    void *pair = bus_client_monitor(client->zmq_context, socket, client->made);
    if (pair == NULL) {
        (void)zmq_close(socket);
        return hub_fail(err, HUB_ERR_IO, "no ZeroMQ monitor: %s", zmq_strerror(zmq_errno()));
    }
    if (zmq_connect(socket, endpoint_of(client)) != 0) {
        hub_status status =
            hub_fail(err, HUB_ERR_INVALID, "%s: is no endpoint: %s", endpoint_of(client), zmq_strerror(zmq_errno()));
        (void)zmq_close(pair);
        (void)zmq_close(socket);
        return status;
    }
    bus_uvzmq_options monitor = {.context = client, .readable = on_monitor, .closed = part_closed};
    hub_status status = bus_uvzmq_open(client->loop, pair, &monitor, &client->monitor, err);
    if (status != HUB_OK) {
        (void)zmq_close(socket);
        return status;
    }
    client->parts++;
    bus_uvzmq_options options = {
        .context = client, .readable = on_readable, .writable = on_writable, .served = on_served, .closed = part_closed};
    status = bus_uvzmq_open(client->loop, socket, &options, &client->socket, err);
    if (status != HUB_OK) {
        bus_uvzmq_close(client->monitor);
        client->monitor = NULL;
        return status;
    }
    client->parts++;
    return HUB_OK;
}

static void make_socket(bus_client *client)
{
    client->made_at = uv_now(client->loop);
    client->connected_at = client->hello_at = client->again_at = 0;
    client->state = CLIENT_DOWN;
    if (open_socket(client, NULL) != HUB_OK) start_over(client);
}

static void watch_open(bus_client *client, uint64_t now)
{
    if (now > client->heard_at + 3u * client->ping_interval_ms) {
        lose_session(client, BUS_CLIENT_SILENT, NULL);
        start_over(client);
    } else if (now >= client->ping_at) {
        client->ping_at = now + client->ping_interval_ms;
        send_ping(client);
    }
}

static void on_tick(uv_timer_t *timer)
{
    bus_client *client = timer->data;
    uint64_t now = uv_now(client->loop);
    if (client->socket == NULL) {
        if (now >= client->again_at) make_socket(client);
        return;
    }
    if (client->state == CLIENT_OPEN) {
        watch_open(client, now);
        return;
    }
    if (client->state == CLIENT_CONNECTED && client->hello_at != 0 && now >= client->hello_at) want_write(client);
    uint64_t patience = client->options.endpoints[1] == NULL ? GIVE_UP_MS : GIVE_UP_TWO_MS;
    bool hopeless = client->state == CLIENT_DOWN ? now > client->made_at + patience : now > client->heard_at + 2 * GIVE_UP_MS;
    if (!hopeless) return;
    /* Taken, by a hub that hangs or by something else, and no handshake comes. A cause that is known better stays. */
    bool is_taken = client->connected_at != 0 &&
                    (client->trouble == BUS_CLIENT_CONNECTING || client->trouble == BUS_CLIENT_REFUSED_CONNECTION);
    if (client->state == CLIENT_CONNECTED || is_taken) say(client, BUS_CLIENT_SILENT, NULL);
    start_over(client);
}

/* ---- open, close, ask ------------------------------------------------------------------------------------------------------------ */
static void free_client(bus_client *client)
{
    void (*done)(void *) = client->done;
    void *context = client->options.context;
    bus_context_close(client->zmq_context);
    hub_arena_close(&client->arena);
    hub_buffer_free(&client->scratch);
    free(client);
    if (done != NULL) done(context);
}

static void part_closed(void *context)
{
    bus_client *client = context;
    client->parts--;
    if (client->closing && client->parts == 0) free_client(client);
}

static void on_timer_closed(uv_handle_t *handle)
{
    part_closed(handle->data);
}

hub_status bus_client_open(uv_loop_t *loop, const bus_client_options *options, bus_client **out, hub_error *err)
{
    HUB_ASSERT(options->endpoints[0] != NULL && options->software != NULL);
    *out = NULL;
    hub_status status = HUB_ERR_MEMORY;
    bus_client *client = calloc(1, sizeof *client);
    if (client == NULL) return status;
    *client = (bus_client){.options = *options,
                           .loop = loop,
                           .trouble = BUS_CLIENT_CONNECTING,
                           .backoff_ms = BACKOFF_FIRST_MS,
                           .ping_interval_ms = PING_INTERVAL_FIRST_MS,
                           .parts = 1};
    if (uv_timer_init(loop, &client->timer) != 0) {
        free(client);
        return status;
    }
    client->timer.data = client;
    uv_update_time(loop);
    client->made_at = uv_now(loop);
    status = hub_arena_open(&client->arena, ARENA_FIRST, BUS_HUB_FRAME_ARENA_BYTES);
    if (status == HUB_OK) status = bus_context_open(1, &client->zmq_context, err);
    if (status == HUB_OK) status = open_socket(client, err);
    if (status != HUB_OK) {
        client->options.closed = NULL;
        bus_client_close(client, NULL);
        return status;
    }
    (void)uv_timer_start(&client->timer, on_tick, TICK_MS, TICK_MS);
    *out = client;
    return HUB_OK;
}

void bus_client_close(bus_client *client, void (*done)(void *context))
{
    if (client == NULL || client->closing) return;
    client->closing = true;
    client->done = done;
    if (client->state == CLIENT_OPEN) {
        int linger = LINGER_GOODBYE_MS;
        Mash__V1__Goodbye goodbye = MASH__V1__GOODBYE__INIT;
        Mash__V1__ClientFrame frame = MASH__V1__CLIENT_FRAME__INIT;
        frame.body_case = MASH__V1__CLIENT_FRAME__BODY_GOODBYE;
        frame.goodbye = &goodbye;
        (void)zmq_setsockopt(bus_uvzmq_socket(client->socket), ZMQ_LINGER, &linger, sizeof linger);
        (void)send_now(client, &frame);
    }
    drop_socket(client);
    bus_probe_cancel(client->probe);
    uv_close((uv_handle_t *)&client->timer, on_timer_closed);
}

static void on_ask_timeout(uv_timer_t *timer)
{
    *(bool *)timer->data = true;
}

static void on_ask_timer_closed(uv_handle_t *handle)
{
    *(bool *)handle->data = false;
}

hub_status bus_client_ask(bus_client *client, uv_loop_t *loop, Mash__V1__ClientFrame *frame, uint32_t timeout_ms,
                          hub_arena *arena, const Mash__V1__HubFrame **answer, hub_error *err)
{
    *answer = NULL;
    bool late = false, sent = false;
    uv_timer_t timer;
    hub_status status = HUB_OK;
    (void)uv_timer_init(loop, &timer);
    timer.data = &late;
    uv_update_time(loop);
    (void)uv_timer_start(&timer, on_ask_timeout, timeout_ms, 0);
    client->ask.answer = NULL;
    client->ask.arena = arena;
    client->ask.request = frame->request = bus_client_request(client);
    while (!late && client->ask.answer == NULL && status == HUB_OK) {
        if (!sent && client->state == CLIENT_OPEN) {
            status = bus_client_send(client, frame, err);
            sent = status == HUB_OK;
            if (status == HUB_ERR_AGAIN) status = HUB_OK;
        }
        if (status == HUB_OK) (void)uv_run(loop, UV_RUN_ONCE);
        if (sent && client->state != CLIENT_OPEN) sent = false; /* the session was lost: ask again when there is one */
    }
    *answer = client->ask.answer;
    client->ask.request = 0;
    if (status == HUB_OK && *answer == NULL) {
        status = hub_fail(err, HUB_ERR_AGAIN, "%s: no answer within %u ms: %s", endpoint_of(client), timeout_ms,
                          client->state == CLIENT_OPEN ? "the hub is busy" : bus_client_trouble_text(client->trouble));
    }
    bool open = true;
    timer.data = &open;
    uv_close((uv_handle_t *)&timer, on_ask_timer_closed);
    while (open)
        (void)uv_run(loop, UV_RUN_NOWAIT);
    return status;
}
