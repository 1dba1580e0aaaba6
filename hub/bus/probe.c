#include "probe.h"

#include <sodium.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"

enum {
    PATIENCE_MS = 3000,
    GREETING_BYTES = 64,
    MECHANISM_AT = 12,
    HELLO_BYTES = 200,   /* name 6, version 2, padding 72, transient key 32, nonce 8, box 80 */
    WELCOME_BYTES = 168, /* name 8, nonce 16, box 144 */
    COMMAND_HEAD = 2,    /* flags 0x04 (a command), length */
    REPLY_BYTES = GREETING_BYTES + COMMAND_HEAD + WELCOME_BYTES,
};

struct bus_probe {
    uv_tcp_t tcp;
    uv_timer_t patience;
    uv_getaddrinfo_t lookup;
    uv_connect_t connect;
    uv_write_t write;
    bus_probe_done *done;
    void *context;
    bus_probe_finding finding;
    uint8_t server_key[BUS_KEY_BYTES];
    uint8_t transient_secret[BUS_KEY_BYTES];
    uint8_t sent[GREETING_BYTES + COMMAND_HEAD + HELLO_BYTES];
    uint8_t reply[REPLY_BYTES];
    size_t received;
    int open_parts; /* handles and the look-up */
    bool ending;
};

static void part_ended(bus_probe *p)
{
    if (--p->open_parts > 0) return;
    bus_probe_done *done = p->done;
    void *context = p->context;
    bus_probe_finding finding = p->finding;
    sodium_memzero(p, sizeof *p);
    free(p);
    done(context, finding);
}

static void on_closed(uv_handle_t *handle)
{
    part_ended(handle->data);
}

static void end(bus_probe *p, bus_probe_finding finding)
{
    if (p->ending) return;
    p->ending = true;
    p->finding = finding;
    (void)uv_cancel((uv_req_t *)&p->lookup);
    uv_close((uv_handle_t *)&p->tcp, on_closed);
    uv_close((uv_handle_t *)&p->patience, on_closed);
}

void bus_probe_cancel(bus_probe *probe)
{
    if (probe != NULL) end(probe, BUS_PROBE_CANCELLED);
}

static void put_greeting(uint8_t out[GREETING_BYTES])
{
    memset(out, 0, GREETING_BYTES);
    out[0] = 0xff;
    out[9] = 0x7f;
    out[10] = 3; /* ZMTP 3 */
    memcpy(out + MECHANISM_AT, "CURVE", 5);
}

static void put_hello(bus_probe *p, uint8_t *out)
{
    static const uint8_t NOTHING[64] = {0};
    uint8_t nonce[crypto_box_NONCEBYTES] = "CurveZMQHELLO---";
    uint8_t transient_public[BUS_KEY_BYTES];
    (void)crypto_box_keypair(transient_public, p->transient_secret);
    out[0] = 0x04;
    out[1] = HELLO_BYTES;
    out += COMMAND_HEAD;
    memset(out, 0, HELLO_BYTES);
    memcpy(out, "\x05HELLO\x01\x00", 8);
    memcpy(out + 80, transient_public, BUS_KEY_BYTES);
    hub_put_u64(out + 112, 1);
    hub_put_u64(nonce + 16, 1);
    int failed = crypto_box_easy(out + 120, NOTHING, sizeof NOTHING, nonce, p->server_key, p->transient_secret);
    if (failed != 0) memset(out + 120, 0, 80); /* a server key that is no point of the curve: nobody holds it */
}

static bool welcome_proves_key(const bus_probe *p, const uint8_t *welcome)
{
    uint8_t nonce[crypto_box_NONCEBYTES] = "WELCOME-";
    uint8_t opened[128];
    memcpy(nonce + 8, welcome + 8, 16);
    return crypto_box_open_easy(opened, welcome + 24, 144, nonce, p->server_key, p->transient_secret) == 0;
}

static void judge(bus_probe *p)
{
    const uint8_t *command = p->reply + GREETING_BYTES;
    bool greeted = p->received < 1 || p->reply[0] == 0xff;
    if (p->received >= MECHANISM_AT + 5) greeted = greeted && memcmp(p->reply + MECHANISM_AT, "CURVE", 5) == 0;
    if (!greeted) {
        end(p, BUS_PROBE_NO_HUB);
    } else if (p->received == REPLY_BYTES) {
        bool welcome = command[0] == 0x04 && command[1] == WELCOME_BYTES && memcmp(command + COMMAND_HEAD, "\x07WELCOME", 8) == 0;
        end(p, welcome && welcome_proves_key(p, command + COMMAND_HEAD) ? BUS_PROBE_HOLDS_KEY : BUS_PROBE_OTHER_KEY);
    }
}

static void on_alloc(uv_handle_t *handle, size_t wanted, uv_buf_t *out)
{
    (void)wanted;
    bus_probe *p = handle->data;
    *out = uv_buf_init((char *)p->reply + p->received, (unsigned)(REPLY_BYTES - p->received));
}

static void on_read(uv_stream_t *stream, ssize_t got, const uv_buf_t *buffer)
{
    (void)buffer;
    bus_probe *p = stream->data;
    if (got == 0) return;
    if (got < 0) { /* a server that cannot open HELLO hangs up */
        end(p, p->received >= MECHANISM_AT + 5 ? BUS_PROBE_OTHER_KEY : BUS_PROBE_NO_HUB);
        return;
    }
    p->received += (size_t)got;
    judge(p);
}

static void on_written(uv_write_t *write, int status)
{
    bus_probe *p = write->data;
    if (status < 0) end(p, BUS_PROBE_NO_ANSWER);
}

static void on_connected(uv_connect_t *connect, int status)
{
    bus_probe *p = connect->data;
    if (status < 0) {
        end(p, BUS_PROBE_NO_ANSWER);
        return;
    }
    put_greeting(p->sent);
    put_hello(p, p->sent + GREETING_BYTES);
    uv_buf_t buffer = uv_buf_init((char *)p->sent, sizeof p->sent);
    (void)uv_read_start((uv_stream_t *)&p->tcp, on_alloc, on_read);
    if (uv_write(&p->write, (uv_stream_t *)&p->tcp, &buffer, 1, on_written) != 0) end(p, BUS_PROBE_NO_ANSWER);
}

static void on_found(uv_getaddrinfo_t *lookup, int status, struct addrinfo *found)
{
    bus_probe *p = lookup->data;
    if (!p->ending && (status < 0 || uv_tcp_connect(&p->connect, &p->tcp, found->ai_addr, on_connected) != 0))
        end(p, BUS_PROBE_NO_ANSWER);
    uv_freeaddrinfo(found);
    part_ended(p);
}

static void on_patience(uv_timer_t *timer)
{
    bus_probe *p = timer->data;
    end(p, p->received == 0 ? BUS_PROBE_NO_ANSWER : BUS_PROBE_OTHER_KEY);
}

static bool split(const char *endpoint, char host[128], char port[8])
{
    const char *colon = strrchr(endpoint, ':');
    if (strncmp(endpoint, "tcp://", 6) != 0 || colon == NULL || colon < endpoint + 6) return false;
    endpoint += 6;
    size_t length = (size_t)(colon - endpoint);
    if (length >= 2 && endpoint[0] == '[' && endpoint[length - 1] == ']') {
        endpoint++;
        length -= 2;
    }
    if (length == 0 || length >= 128 || strlen(colon + 1) >= 8) return false;
    memcpy(host, endpoint, length);
    host[length] = '\0';
    memcpy(port, colon + 1, strlen(colon + 1) + 1);
    return true;
}

hub_status bus_probe_start(uv_loop_t *loop, const char *endpoint, const uint8_t server_key[BUS_KEY_BYTES], bus_probe_done *done,
                           void *context, bus_probe **out)
{
    *out = NULL;
    char host[128], port[8];
    if (!split(endpoint, host, port)) return HUB_ERR_INVALID;
    bus_probe *p = calloc(1, sizeof *p);
    if (p == NULL) return HUB_ERR_MEMORY;
    p->done = done;
    p->context = context;
    memcpy(p->server_key, server_key, BUS_KEY_BYTES);
    (void)uv_tcp_init(loop, &p->tcp);
    (void)uv_timer_init(loop, &p->patience);
    p->tcp.data = p->patience.data = p->lookup.data = p->connect.data = p->write.data = p;
    p->open_parts = 3;
    (void)uv_timer_start(&p->patience, on_patience, PATIENCE_MS, 0);
    const struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
    if (uv_getaddrinfo(loop, &p->lookup, on_found, host, port, &hints) != 0) {
        p->open_parts--;
        end(p, BUS_PROBE_NO_ANSWER);
    }
    *out = p;
    return HUB_OK;
}
