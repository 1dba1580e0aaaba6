#include "mllp.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/log.h"
#include "mllp_frame.h"

enum {
    READ_BYTES = 64 * 1024,
    UNREAD_BYTES_MAX = 64 * 1024, /* of answers a sender has not taken (S5) */
    BACKLOG = 64,
};

typedef struct connection {
    uv_tcp_t handle; /* first */
    kit_mllp *server;
    struct connection *next;
    kit_mllp_framer framer;
    bool paused;
} connection;

typedef struct answer_write {
    uv_write_t request; /* first */
    hub_buffer bytes;
} answer_write;

struct kit_mllp {
    uv_tcp_t listener; /* first */
    uv_loop_t *loop;
    kit_mllp_options options;
    connection *connections;
    uint32_t connection_count;
    uint32_t handles; /* not yet closed */
    kit_mllp_counts counts;
    char read_bytes[READ_BYTES];
    bool closing;
};

/* ---- allowed addresses ---- */

typedef struct address_bytes {
    uint8_t bytes[16];
    unsigned bits; /* 32 or 128 */
} address_bytes;

static bool address_read(const char *text, address_bytes *out)
{
    static const uint8_t MAPPED[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    if (inet_pton(AF_INET, text, out->bytes) == 1) {
        out->bits = 32;
        return true;
    }
    if (inet_pton(AF_INET6, text, out->bytes) != 1) return false;
    out->bits = 128;
    if (memcmp(out->bytes, MAPPED, sizeof MAPPED) == 0) { /* ::ffff:10.1.2.3 is 10.1.2.3 */
        memmove(out->bytes, out->bytes + 12, 4);
        out->bits = 32;
    }
    return true;
}

static bool row_read(const char *row, address_bytes *out, unsigned *prefix)
{
    char text[KIT_MLLP_ADDRESS_TEXT];
    (void)snprintf(text, sizeof text, "%s", row);
    char *slash = strchr(text, '/');
    if (slash != NULL) *slash = '\0';
    if (!address_read(text, out)) return false;
    *prefix = out->bits;
    if (slash == NULL) return true;
    char *end = NULL;
    unsigned long bits = strtoul(slash + 1, &end, 10);
    if (end == slash + 1 || *end != '\0' || bits > out->bits) return false;
    *prefix = (unsigned)bits;
    return true;
}

bool kit_mllp_is_row(const char *row)
{
    address_bytes bytes;
    unsigned prefix = 0;
    return row_read(row, &bytes, &prefix);
}

static bool within(const address_bytes *address, const char *row)
{
    address_bytes net;
    unsigned prefix = 0;
    if (!row_read(row, &net, &prefix) || net.bits != address->bits) return false;
    if (memcmp(net.bytes, address->bytes, prefix / 8) != 0) return false;
    if (prefix % 8 == 0) return true;
    uint8_t mask = (uint8_t)(0xff << (8 - prefix % 8));
    return (net.bytes[prefix / 8] & mask) == (address->bytes[prefix / 8] & mask);
}

bool kit_mllp_is_allowed(const char (*allowed)[KIT_MLLP_ADDRESS_TEXT], unsigned count, const char *address)
{
    address_bytes bytes;
    if (!address_read(address, &bytes)) return false;
    if (count == 0) return within(&bytes, "127.0.0.0/8") || within(&bytes, "::1");
    for (unsigned i = 0; i < count; i++) {
        if (within(&bytes, allowed[i])) return true;
    }
    return false;
}

/* ---- closing ---- */

static void handle_gone(kit_mllp *server)
{
    HUB_ASSERT(server->handles > 0);
    if (--server->handles == 0) free(server);
}

static void on_connection_closed(uv_handle_t *handle)
{
    connection *peer = (connection *)handle;
    kit_mllp *server = peer->server;
    connection **at = &server->connections;
    while (*at != NULL && *at != peer)
        at = &(*at)->next;
    if (*at == peer) {
        *at = peer->next;
        server->connection_count--;
    }
    server->counts.junk_bytes += peer->framer.junk;
    kit_mllp_framer_free(&peer->framer);
    free(peer);
    handle_gone(server);
}

static void drop(connection *peer)
{
    if (!uv_is_closing((uv_handle_t *)&peer->handle)) uv_close((uv_handle_t *)&peer->handle, on_connection_closed);
}

static void on_listener_closed(uv_handle_t *handle)
{
    handle_gone((kit_mllp *)handle);
}

void kit_mllp_close(kit_mllp *server)
{
    if (server == NULL) return;
    server->closing = true;
    for (connection *peer = server->connections; peer != NULL; peer = peer->next)
        drop(peer);
    uv_close((uv_handle_t *)&server->listener, on_listener_closed);
}

/* ---- answering ---- */

static void on_read(uv_stream_t *stream, ssize_t size, const uv_buf_t *buffer);
static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer);

static void on_written(uv_write_t *request, int code)
{
    answer_write *write = (answer_write *)request;
    connection *peer = (connection *)request->handle;
    hub_buffer_free(&write->bytes);
    free(write);
    if (code != 0) {
        drop(peer);
    } else if (peer->paused && uv_stream_get_write_queue_size((uv_stream_t *)&peer->handle) < UNREAD_BYTES_MAX / 2 &&
               !uv_is_closing((uv_handle_t *)&peer->handle)) {
        peer->paused = false;
        if (uv_read_start((uv_stream_t *)&peer->handle, on_alloc, on_read) != 0) drop(peer);
    }
}

static void send_answer(connection *peer, hub_bytes answer)
{
    if (answer.size == 0) return; /* the sender asked for none */
    answer_write *write = calloc(1, sizeof *write);
    if (write == NULL) {
        drop(peer);
        return;
    }
    kit_mllp_put(&write->bytes, answer);
    uv_buf_t buffer = uv_buf_init((char *)write->bytes.data, (unsigned)write->bytes.size);
    if (write->bytes.failed || uv_write(&write->request, (uv_stream_t *)&peer->handle, &buffer, 1, on_written) != 0) {
        hub_buffer_free(&write->bytes);
        free(write);
        drop(peer);
        return;
    }
    if (!peer->paused && uv_stream_get_write_queue_size((uv_stream_t *)&peer->handle) > UNREAD_BYTES_MAX) {
        peer->paused = true;
        uv_read_stop((uv_stream_t *)&peer->handle);
    }
}

static void answer(connection *peer, hub_bytes message, kit_input_result result, const char *reason, int64_t now_ms)
{
    hub_buffer out = {0};
    hub_status status = kit_intake_mapping(peer->server->options.intake)->answer(message, result, reason, now_ms, &out);
    if (status != HUB_OK || out.failed) {
        drop(peer); /* no answer can be made: the sender sees a closed connection and sends again */
    } else {
        send_answer(peer, hub_buffer_bytes(&out));
    }
    hub_buffer_free(&out);
}

static void log_taken(const kit_outcome *outcome)
{
    static const char *const WHAT[] = {[KIT_INPUT_DONE] = "message taken",
                                       [KIT_INPUT_REPEATED] = "message seen before",
                                       [KIT_INPUT_PARKED] = "message parked",
                                       [KIT_INPUT_UNSUPPORTED] = "message not supported",
                                       [KIT_INPUT_FAILED] = "message failed"};
    char events[16];
    (void)snprintf(events, sizeof events, "%u", outcome->events);
    host_log(outcome->parked > 0 ? HOST_LOG_WARNING : HOST_LOG_INFO, WHAT[outcome->result], "events", events, "reason",
             outcome->reason, NULL);
}

/* It stays with its sender, whom the answer tells why. */
static void turn_down(connection *peer, hub_bytes message, kit_input_result result, const char *reason, int64_t now_ms)
{
    peer->server->counts.not_taken++;
    host_log(HOST_LOG_WARNING, "message not taken", "reason", reason, NULL);
    answer(peer, message, result, reason, now_ms);
}

static void take_message(connection *peer, hub_bytes message, int64_t now_ms)
{
    kit_mllp *server = peer->server;
    const kit_mllp_options *options = &server->options;
    char key[256] = "";
    const char *reason = "";
    kit_input_result accepted = kit_intake_mapping(options->intake)->accepts(message, key, &reason);
    if (accepted != KIT_INPUT_DONE && accepted != KIT_INPUT_PARKED) {
        turn_down(peer, message, accepted, reason, now_ms);
        return;
    }
    /* A message without a number of its own is known by its bytes. */
    bool numbered = key[0] != '\0';
    kit_input input = {.bytes = message,
                       .name = "",
                       .key = numbered ? hub_bytes_of_text(key) : message,
                       .content = numbered ? message : (hub_bytes){0},
                       .refused = accepted == KIT_INPUT_PARKED ? reason : NULL,
                       .received_ms = now_ms};
    kit_outcome outcome;
    hub_error err = {{0}};
    hub_status status = kit_intake_take(options->intake, &input, &outcome, &err);
    if (status != HUB_OK) {
        host_log(HOST_LOG_ERROR, "a message could not be stored; its sender was told to try again", "cause", err.text, NULL);
        answer(peer, message, KIT_INPUT_FAILED, "it cannot be stored now; send it again later", now_ms);
        if (options->failed != NULL) options->failed(options->context, &err);
        return;
    }
    log_taken(&outcome);
    bool again_parked = outcome.result == KIT_INPUT_REPEATED && outcome.first == KIT_INPUT_PARKED;
    answer(peer, message, again_parked ? KIT_INPUT_PARKED : outcome.result, outcome.reason,
           now_ms); /* S1: the intake has committed */
    if (options->taken != NULL) options->taken(options->context);
}

/* ---- connections ---- */

static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer)
{
    (void)suggested;
    kit_mllp *server = ((connection *)handle)->server;
    *buffer = uv_buf_init(server->read_bytes, sizeof server->read_bytes); /* one loop, one read at a time */
}

static void on_read(uv_stream_t *stream, ssize_t size, const uv_buf_t *buffer)
{
    connection *peer = (connection *)stream;
    if (size == 0) return;
    if (size < 0) {
        drop(peer);
        return;
    }
    hub_bytes rest = hub_bytes_of(buffer->base, (size_t)size);
    kit_mllp_kind kind = KIT_MLLP_MESSAGE;
    hub_bytes message;
    while (!uv_is_closing((uv_handle_t *)stream) && kit_mllp_next(&peer->framer, &rest, &kind, &message)) {
        int64_t now_ms = peer->server->options.now_ms(peer->server->options.context);
        peer->server->counts.messages++;
        if (kind == KIT_MLLP_TOO_LARGE) {
            turn_down(peer, message, KIT_INPUT_UNSUPPORTED, "larger than this adapter takes (message_bytes_max)", now_ms);
        } else {
            take_message(peer, message, now_ms);
        }
    }
    if (peer->framer.message.failed) drop(peer);
}

static bool may_connect(kit_mllp *server, uv_tcp_t *handle)
{
    struct sockaddr_storage from;
    int length = sizeof from;
    char text[INET6_ADDRSTRLEN] = "";
    if (uv_tcp_getpeername(handle, (struct sockaddr *)&from, &length) != 0) return false;
    if (from.ss_family == AF_INET) uv_ip4_name((const struct sockaddr_in *)&from, text, sizeof text);
    if (from.ss_family == AF_INET6) uv_ip6_name((const struct sockaddr_in6 *)&from, text, sizeof text);
    if (!kit_mllp_is_allowed(server->options.allowed, server->options.allowed_count, text)) {
        host_log(HOST_LOG_WARNING, "a sender was turned away: its address is not under `allowed`", "address", text, NULL);
        return false;
    }
    if (server->connection_count > server->options.connections_max) {
        host_log(HOST_LOG_WARNING, "a sender was turned away: too many connections", "address", text, NULL);
        return false;
    }
    return true;
}

static void on_connection(uv_stream_t *listener, int code)
{
    kit_mllp *server = (kit_mllp *)listener;
    connection *peer = code == 0 ? calloc(1, sizeof *peer) : NULL;
    if (peer == NULL) return;
    peer->server = server;
    peer->framer.bytes_max = server->options.message_bytes_max;
    if (uv_tcp_init(server->loop, &peer->handle) != 0) {
        free(peer);
        return;
    }
    server->handles++;
    peer->next = server->connections;
    server->connections = peer;
    server->connection_count++;
    if (uv_accept(listener, (uv_stream_t *)&peer->handle) != 0 || !may_connect(server, &peer->handle)) {
        server->counts.turned_away++;
        drop(peer);
        return;
    }
    server->counts.connections++;
    (void)uv_tcp_keepalive(&peer->handle, 1, 60);
    if (uv_read_start((uv_stream_t *)&peer->handle, on_alloc, on_read) != 0) drop(peer);
}

/* ---- opening ---- */

static hub_status listen_at(kit_mllp *server, const char *address, uint16_t port, hub_error *err)
{
    struct sockaddr_storage at = {0};
    int code = uv_ip4_addr(address, port, (struct sockaddr_in *)&at);
    if (code != 0) code = uv_ip6_addr(address, port, (struct sockaddr_in6 *)&at);
    if (code != 0) return hub_fail(err, HUB_ERR_INVALID, "mllp: %s is no address to listen at", address);
    code = uv_tcp_bind(&server->listener, (const struct sockaddr *)&at, 0);
    if (code == 0) code = uv_listen((uv_stream_t *)&server->listener, BACKLOG, on_connection);
    if (code == UV_EADDRINUSE) {
        return hub_fail(err, HUB_ERR_IO,
                        "mllp: port %u at %s is in use by another program; this names it: ss -ltnp 'sport = :%u'", port, address,
                        port);
    }
    if (code != 0) return hub_fail(err, HUB_ERR_IO, "mllp: cannot listen at %s port %u: %s", address, port, uv_strerror(code));
    return HUB_OK;
}

hub_status kit_mllp_open(uv_loop_t *loop, const kit_mllp_options *options, kit_mllp **out, hub_error *err)
{
    HUB_ASSERT(options->now_ms != NULL);
    HUB_ASSERT(kit_intake_mapping(options->intake)->accepts != NULL && kit_intake_mapping(options->intake)->answer != NULL);
    *out = NULL;
    kit_mllp *server = calloc(1, sizeof *server);
    if (server == NULL) return hub_fail(err, HUB_ERR_MEMORY, "mllp: out of memory");
    server->loop = loop;
    server->options = *options;
    if (server->options.message_bytes_max == 0) server->options.message_bytes_max = 1024 * 1024;
    if (server->options.connections_max == 0) server->options.connections_max = 64;
    int code = uv_tcp_init(loop, &server->listener);
    if (code != 0) {
        free(server);
        return hub_fail(err, HUB_ERR_IO, "mllp: %s", uv_strerror(code));
    }
    server->handles = 1;
    hub_status status = listen_at(server, options->address, options->port, err);
    if (status != HUB_OK) {
        kit_mllp_close(server);
        return status;
    }
    *out = server;
    return HUB_OK;
}

uint16_t kit_mllp_port(const kit_mllp *server)
{
    struct sockaddr_storage at;
    int length = sizeof at;
    if (uv_tcp_getsockname(&server->listener, (struct sockaddr *)&at, &length) != 0) return 0;
    if (at.ss_family == AF_INET6) return ntohs(((const struct sockaddr_in6 *)&at)->sin6_port);
    return ntohs(((const struct sockaddr_in *)&at)->sin_port);
}

void kit_mllp_counts_of(const kit_mllp *server, kit_mllp_counts *out)
{
    *out = server->counts;
    for (const connection *peer = server->connections; peer != NULL; peer = peer->next)
        out->junk_bytes += peer->framer.junk;
}
