/* client.h - a client's connection to the hub: DEALER under CURVE on a libuv loop, with Hello, heartbeat, watchdog and plain causes.
 *
 * Why a watchdog: a DEALER that was refused at the handshake with ZAP status 400 or 500, or that lost its way, never connects again by
 * itself. When nothing was heard for three heartbeats the socket is closed and a new one made, after 0.2 s doubling to 5 s.
 *
 * The client says Hello by itself (asking `hello` to fill in the outbox part) whenever a connection is made and whenever the hub says
 * that the session is gone; `opened` tells that a Welcome came. Frames are given to `frame`, Pong and Welcome are handled here.
 */
#ifndef BUS_CLIENT_H
#define BUS_CLIENT_H

#include <uv.h>

#include "base/arena.h"
#include "base/bytes.h"
#include "bus/curve.h"
#include "mash/v1/bus.pb-c.h"

typedef struct bus_client bus_client;

/* Why the hub is not reached, as well as can be told from here (libzmq's socket monitor, and what has been heard so far). */
typedef enum bus_client_trouble {
    BUS_CLIENT_NO_TROUBLE,
    BUS_CLIENT_CONNECTING,
    BUS_CLIENT_REFUSED_CONNECTION, /* nobody listens there: port closed, hub down */
    BUS_CLIENT_HANDSHAKE_FAILED,   /* wrong server key, or not a hub at all */
    BUS_CLIENT_NOT_ENROLLED,       /* ZAP 300: the hub does not know this key */
    BUS_CLIENT_REVOKED,            /* ZAP 400, or it was said in the session: this key will never be let in again */
    BUS_CLIENT_SILENT,             /* connected, and nothing is answered */
    BUS_CLIENT_NOT_ALLOWED,        /* the hub knows this key, and does not let it open such a session */
} bus_client_trouble;

typedef struct bus_client_options {
    const char *endpoints[2]; /* "tcp://127.0.0.1:7401"; tried in turn; [1] may be NULL. BORROWED for the life of the client */
    uint8_t server_key[BUS_KEY_BYTES];
    bus_key_pair keys;
    const char *software; /* "mashctl/0.1.0" */
    void *context;        /* given to every callback */
    /* Fills the outbox part of Hello; NULL for a client that does not publish. */
    void (*hello)(void *context, Mash__V1__Hello *hello);
    void (*ping)(void *context, Mash__V1__Ping *ping); /* fills what a publisher says of its outbox; NULL: says nothing */
    void (*opened)(void *context, const Mash__V1__Welcome *welcome);
    void (*closed)(void *context, bus_client_trouble trouble,
                   const char *text);                              /* session lost, or could not be had; said once per change */
    void (*frame)(void *context, const Mash__V1__HubFrame *frame); /* BORROWED for the call */
    void (*writable)(void *context);                               /* after send answered HUB_ERR_AGAIN; may be NULL */
} bus_client_options;

hub_status bus_client_open(uv_loop_t *loop, const bus_client_options *options, bus_client **out, hub_error *err);
/* Says Goodbye when a session is open and closes; `done` (may be NULL) is called when the loop holds nothing of it any more. */
void bus_client_close(bus_client *client, void (*done)(void *context));
/* Says Hello again on the same connection, asking `hello` anew: after a Welcome that says OUTBOX_FORKED, with a new outbox id. `opened`
 * is called once more. */
void bus_client_hello_again(bus_client *client);
/* Packs and sends. HUB_OK; HUB_ERR_AGAIN (the pipe is full, or no session: try after `writable` or `opened`); HUB_ERR_INVALID (larger than
 * the hub takes). */
hub_status bus_client_send(bus_client *client, const Mash__V1__ClientFrame *frame, hub_error *err);
/* A new request number. */
uint64_t bus_client_request(bus_client *client);
const char *bus_client_trouble_text(bus_client_trouble trouble);

/* For programs that ask one thing at a time: runs the loop until the answer to `frame` (its request number is set here) has come, or
 * `timeout_ms` has passed (HUB_ERR_AGAIN, err says what is known of the cause). The answer is in `arena`. */
hub_status bus_client_ask(bus_client *client, uv_loop_t *loop, Mash__V1__ClientFrame *frame, uint32_t timeout_ms,
                          hub_arena *arena, const Mash__V1__HubFrame **answer, hub_error *err);

#endif
