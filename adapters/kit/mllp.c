#include "mllp.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/clock.h"
#include "host/log.h"
#include "host/seldom.h"
#include "mllp_frame.h"
#include "tls.h"

enum {
    READ_BYTES = 64 * 1024,
    UNREAD_BYTES_MAX = 64 * 1024, /* of answers a sender has not taken (S5) */
    UNANSWERED_MAX = 256,         /* messages a sender may have sent ahead of its answers */
    BACKLOG = 64,
};

typedef struct question question;

typedef struct connection {
    uv_tcp_t handle; /* first */
    kit_mllp *server;
    struct connection *next;
    kit_mllp_framer framer;
    kit_tls_session *tls;    /* NULL = in clear */
    question *first, **last; /* in the order of their messages (S2) */
    unsigned unanswered;
    bool paused;
    bool ending; /* the sender has said all: closed after its last answer */
    bool read;   /* something has come */
    bool heard;  /* a message has come, or why none does was said */
    char address[INET6_ADDRSTRLEN];
} connection;

/* One message on its way to an answer. */
struct question {
    kit_ticket ticket; /* first */
    kit_mllp *server;
    connection *peer; /* NULL = gone: nobody is answered, the message is taken all the same */
    question *next;
    hub_buffer message;
    kit_input_result result;
    bool ready;
    char key[256];
    char reason[sizeof((kit_outcome *)0)->reason];
};

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
    kit_tls *tls;       /* NULL = in clear */
    uint32_t handles;   /* not yet closed */
    uint32_t questions; /* at the desk, their senders gone or not */
    kit_mllp_counts counts;
    host_seldom said; /* of senders that were turned away */
    char read_bytes[READ_BYTES];
    bool closing;
};

/* ---- closing ---- */

/* The last of handles and questions takes the server with it. */
static void let_go(kit_mllp *server)
{
    if (server->handles > 0 || server->questions > 0) return;
    kit_tls_close(server->tls);
    free(server);
}

static void handle_gone(kit_mllp *server)
{
    HUB_ASSERT(server->handles > 0);
    server->handles--;
    let_go(server);
}

static void question_free(question *asked)
{
    hub_buffer_free(&asked->message);
    free(asked);
}

/* What is wrong with one connection of a sender is wrong with all of them: said once an hour is enough, --status counts them. */
static void say(connection *peer, const char *what, const char *cause)
{
    if (host_seldom_is_due(&peer->server->said, peer->address, cause, host_boot_ms()))
        host_log(HOST_LOG_WARNING, what, "address", peer->address, "cause", cause, NULL);
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
    if (!peer->heard && peer->framer.junk > 0)
        say(peer, "a sender said nothing that is taken here",
            "no message of MLLP: have it put 0x0B before and 0x1C 0x0D behind each message, and speak HL7 to this port");
    kit_mllp_framer_free(&peer->framer);
    kit_tls_end(peer->tls);
    free(peer);
    handle_gone(server);
}

static void drop(connection *peer)
{
    if (uv_is_closing((uv_handle_t *)&peer->handle)) return;
    for (question *asked = peer->first; asked != NULL;) {
        question *next = asked->next;
        asked->peer = NULL;
        if (asked->ready) question_free(asked);
        asked = next;
    }
    peer->first = NULL;
    peer->last = &peer->first;
    uv_close((uv_handle_t *)&peer->handle, on_connection_closed);
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

static bool has_much_open(const connection *peer, unsigned part)
{
    return uv_stream_get_write_queue_size((const uv_stream_t *)&peer->handle) > UNREAD_BYTES_MAX / part ||
           peer->unanswered > UNANSWERED_MAX / part;
}

/* S5: reads on, or stops reading, as its sender takes its answers; closes when all is said. */
static void look_after(connection *peer)
{
    if (uv_is_closing((uv_handle_t *)&peer->handle)) return;
    if (peer->ending) {
        if (peer->first == NULL && uv_stream_get_write_queue_size((uv_stream_t *)&peer->handle) == 0) drop(peer);
    } else if (!peer->paused && has_much_open(peer, 1)) {
        peer->paused = true;
        uv_read_stop((uv_stream_t *)&peer->handle);
    } else if (peer->paused && !has_much_open(peer, 2)) {
        peer->paused = false;
        if (uv_read_start((uv_stream_t *)&peer->handle, on_alloc, on_read) != 0) drop(peer);
    }
}

static void on_written(uv_write_t *request, int code)
{
    answer_write *write = (answer_write *)request;
    connection *peer = (connection *)request->handle;
    hub_buffer_free(&write->bytes);
    free(write);
    if (code != 0) {
        drop(peer);
    } else {
        look_after(peer);
    }
}

/* TAKES `bytes`. */
static void send_bytes(connection *peer, hub_buffer *bytes)
{
    answer_write *write = bytes->failed ? NULL : calloc(1, sizeof *write);
    if (write == NULL) {
        hub_buffer_free(bytes);
        drop(peer);
        return;
    }
    write->bytes = *bytes;
    *bytes = (hub_buffer){0};
    uv_buf_t buffer = uv_buf_init((char *)write->bytes.data, (unsigned)write->bytes.size);
    if (uv_write(&write->request, (uv_stream_t *)&peer->handle, &buffer, 1, on_written) == 0) return;
    hub_buffer_free(&write->bytes);
    free(write);
    drop(peer);
}

static void send_answer(connection *peer, hub_bytes answer)
{
    hub_buffer framed = {0};
    hub_buffer sealed = {0};
    if (answer.size == 0) return; /* the sender asked for none */
    kit_mllp_put(&framed, answer);
    if (peer->tls == NULL) {
        send_bytes(peer, &framed);
        return;
    }
    if (framed.failed || kit_tls_write(peer->tls, hub_buffer_bytes(&framed), &sealed) != HUB_OK) sealed.failed = true;
    hub_buffer_free(&framed);
    send_bytes(peer, &sealed);
}

static void answer(connection *peer, const question *asked)
{
    const kit_mllp_options *options = &peer->server->options;
    hub_buffer out = {0};
    hub_status status =
        kit_intake_mapping(options->intake)
            ->answer(hub_buffer_bytes(&asked->message), asked->result, asked->reason, options->now_ms(options->context), &out);
    if (status != HUB_OK || out.failed) {
        drop(peer); /* no answer can be made: the sender sees a closed connection and sends again */
    } else {
        send_answer(peer, hub_buffer_bytes(&out));
    }
    hub_buffer_free(&out);
}

/* S2: what is ready behind something that is not waits for it. */
static void answer_ready(connection *peer)
{
    while (peer->first != NULL && peer->first->ready) {
        question *asked = peer->first;
        peer->first = asked->next;
        if (peer->first == NULL) peer->last = &peer->first;
        peer->unanswered--;
        answer(peer, asked);
        question_free(asked);
    }
    look_after(peer);
}

static void log_taken(const kit_outcome *outcome)
{
    static const char *const WHAT[] = {[KIT_INPUT_DONE] = "message taken",
                                       [KIT_INPUT_REPEATED] = "message seen before",
                                       [KIT_INPUT_PARKED] = "message parked",
                                       [KIT_INPUT_UNREADABLE] = "message not readable: parked",
                                       [KIT_INPUT_UNSUPPORTED] = "message not supported",
                                       [KIT_INPUT_FAILED] =
                                           "message not taken or not confirmed: its sender was told to try again"};
    char events[16];
    (void)snprintf(events, sizeof events, "%u", outcome->events);
    host_log(outcome->parked > 0 ? HOST_LOG_WARNING : HOST_LOG_INFO, WHAT[outcome->result], "events", events, "reason",
             outcome->reason, NULL);
}

static void ready(question *asked, kit_input_result result, const char *reason)
{
    asked->ready = true;
    asked->result = result;
    (void)snprintf(asked->reason, sizeof asked->reason, "%s", reason);
}

static void on_answered(kit_ticket *ticket, const kit_outcome *outcome)
{
    question *asked = (question *)ticket;
    kit_mllp *server = asked->server;
    connection *peer = asked->peer;
    log_taken(outcome);
    ready(asked, kit_outcome_told(outcome), outcome->reason);
    server->questions--;
    if (peer == NULL) {
        question_free(asked);
    } else {
        answer_ready(peer);
    }
    if (server->closing) let_go(server);
}

/* It stays with its sender, whom the answer tells why. */
static void turn_down(question *asked, kit_input_result result, const char *reason)
{
    asked->server->counts.not_taken++;
    host_log(HOST_LOG_WARNING, "message not taken", "reason", reason, NULL);
    ready(asked, result, reason);
}

static void take_message(question *asked)
{
    const kit_mllp_options *options = &asked->server->options;
    const char *reason = NULL;
    kit_input_result accepted = kit_intake_input(options->intake, hub_buffer_bytes(&asked->message), "",
                                                 options->now_ms(options->context), asked->key, &asked->ticket.input, &reason);
    if (accepted != KIT_INPUT_DONE) {
        turn_down(asked, accepted, reason);
        return;
    }
    asked->ticket.intake = options->intake;
    asked->ticket.answered = on_answered;
    asked->server->questions++;
    kit_desk_put(options->desk, &asked->ticket);
}

static void ask(connection *peer, kit_mllp_kind kind, hub_bytes message)
{
    question *asked = calloc(1, sizeof *asked);
    if (asked != NULL) hub_buffer_put(&asked->message, message.data, message.size);
    if (asked == NULL || asked->message.failed) {
        if (asked != NULL) question_free(asked);
        drop(peer);
        return;
    }
    asked->server = peer->server;
    asked->peer = peer;
    *peer->last = asked;
    peer->last = &asked->next;
    peer->unanswered++;
    peer->server->counts.messages++;
    peer->heard = true;
    if (kind == KIT_MLLP_TOO_LARGE) {
        turn_down(asked, KIT_INPUT_UNSUPPORTED, "larger than this adapter takes (message_bytes_max)");
    } else {
        take_message(asked);
    }
}

/* ---- connections ---- */

static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer)
{
    (void)suggested;
    kit_mllp *server = ((connection *)handle)->server;
    *buffer = uv_buf_init(server->read_bytes, sizeof server->read_bytes); /* one loop, one read at a time */
}

static void take_bytes(connection *peer, hub_bytes rest)
{
    kit_mllp_kind kind = KIT_MLLP_MESSAGE;
    hub_bytes message;
    while (!uv_is_closing((uv_handle_t *)&peer->handle) && kit_mllp_next(&peer->framer, &rest, &kind, &message))
        ask(peer, kind, message);
    if (peer->framer.message.failed) drop(peer);
}

/* A sender that speaks TLS waits for ever for an answer to its hello. */
static bool speaks_tls(hub_bytes first)
{
    return first.size > 2 && first.data[0] == 0x16 && first.data[1] == 0x03;
}

static void take_sealed(connection *peer, hub_bytes sealed)
{
    hub_buffer plain = {0};
    hub_buffer out = {0};
    hub_error err = {{0}};
    hub_status status = kit_tls_read(peer->tls, sealed, &plain, &out, &err);
    take_bytes(peer, hub_buffer_bytes(&plain));
    hub_buffer_free(&plain);
    if (out.size > 0 && !uv_is_closing((uv_handle_t *)&peer->handle)) {
        send_bytes(peer, &out);
    } else {
        hub_buffer_free(&out);
    }
    if (status == HUB_OK || uv_is_closing((uv_handle_t *)&peer->handle)) return;
    if (status == HUB_ERR_NOT_FOUND) { /* its sender ended it in order */
        peer->ending = true;
        return;
    }
    peer->server->counts.turned_away++;
    peer->heard = true;
    say(peer, "a sender's TLS was refused", err.text);
    peer->ending = true; /* after the alert that tells it why */
}

static void on_read(uv_stream_t *stream, ssize_t size, const uv_buf_t *buffer)
{
    connection *peer = (connection *)stream;
    if (size == 0) return;
    hub_bytes first = size > 0 && !peer->read ? hub_bytes_of(buffer->base, (size_t)size) : (hub_bytes){0};
    peer->read = true;
    if (size == UV_EOF) { /* it may still read its answers */
        peer->ending = true;
        uv_read_stop(stream);
    } else if (size < 0) {
        drop(peer);
    } else if (peer->tls != NULL) {
        take_sealed(peer, hub_bytes_of(buffer->base, (size_t)size));
    } else if (speaks_tls(first)) {
        peer->server->counts.turned_away++;
        peer->heard = true;
        say(peer, "a sender was turned away",
            "it speaks TLS, and this port is in clear: have it turn TLS off, or set `tls` here");
        drop(peer);
    } else {
        take_bytes(peer, hub_bytes_of(buffer->base, (size_t)size));
    }
    if (!uv_is_closing((uv_handle_t *)stream)) answer_ready(peer);
}

static bool may_connect(kit_mllp *server, connection *peer)
{
    struct sockaddr_storage from;
    int length = sizeof from;
    char *text = peer->address;
    if (uv_tcp_getpeername(&peer->handle, (struct sockaddr *)&from, &length) != 0) return false;
    if (from.ss_family == AF_INET) uv_ip4_name((const struct sockaddr_in *)&from, text, sizeof peer->address);
    if (from.ss_family == AF_INET6) uv_ip6_name((const struct sockaddr_in6 *)&from, text, sizeof peer->address);
    if (!kit_address_is_allowed(server->options.allowed, server->options.allowed_count, text)) {
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
    peer->last = &peer->first;
    peer->framer.bytes_max = server->options.message_bytes_max;
    if (uv_tcp_init(server->loop, &peer->handle) != 0) {
        free(peer);
        return;
    }
    server->handles++;
    peer->next = server->connections;
    server->connections = peer;
    server->connection_count++;
    bool may = uv_accept(listener, (uv_stream_t *)&peer->handle) == 0 && may_connect(server, peer);
    if (!may || (server->tls != NULL && kit_tls_begin(server->tls, &peer->tls) != HUB_OK)) {
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
    HUB_ASSERT(options->now_ms != NULL && options->desk != NULL);
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
    hub_status status = HUB_OK;
    if (options->tls != NULL) status = kit_tls_open(options->tls, &server->tls, err);
    if (status == HUB_OK) status = listen_at(server, options->address, options->port, err);
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
