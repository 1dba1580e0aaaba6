/* router.h - a listening endpoint: a ROUTER under CURVE, every message with the key that sent it.
 *
 * Identity is the ZAP User-Id of each message (zap.h, Z3); the routing id says only which connection to answer on. A peer that sets a
 * routing id of its own is told not to: a second one with the same id would be deaf for ever.
 * Sending never blocks, and always says what became of it (ROUTER_MANDATORY).
 */
#ifndef BUS_ROUTER_H
#define BUS_ROUTER_H

#include <uv.h>

#include "base/bytes.h"
#include "bus/curve.h"
#include "bus/uvzmq.h"

typedef struct bus_router bus_router;

typedef struct bus_message {
    uint32_t route;             /* which connection */
    uint8_t key[BUS_KEY_BYTES]; /* who, proven by CURVE */
    int fd;                     /* the connection's file descriptor, -1 = not known; see bus_router_cut */
    hub_bytes bytes;            /* BORROWED for the call; at most 4 x BUS_FRAME_BYTES_MAX */
} bus_message;

typedef struct bus_router_options {
    const char *endpoint; /* "tcp://127.0.0.1:7401" */
    bus_key_pair keys;    /* the server's */
    void *context;
    bus_turn (*before)(void *context); /* before each receive: AGAIN = receive one, ENOUGH = no more in this turn */
    void (*message)(void *context, const bus_message *message);
    void (*served)(void *context);
    void (*other_key)(void *context); /* a connection's first words were sealed for another server key; may be NULL */
    void (*closed)(void *context);
} bus_router_options;

/* Binds. HUB_ERR_EXISTS: the port is in use; HUB_ERR_INVALID: no such address here; HUB_ERR_VERSION: this libzmq cannot enforce ZAP. */
hub_status bus_router_open(uv_loop_t *loop, void *zmq_context, const bus_router_options *options, bus_router **out,
                           hub_error *err);
void bus_router_close(bus_router *router);
void bus_router_want_read(bus_router *router, bus_interest interest);
void bus_router_serve(bus_router *router);

typedef enum bus_sent {
    BUS_SENT,
    BUS_SENT_LATER, /* the connection takes no more now */
    BUS_SENT_GONE,  /* there is no such connection any more */
} bus_sent;
/* One frame in two pieces (either may be empty). */
bus_sent bus_router_send(bus_router *router, uint32_t route, hub_bytes first, hub_bytes second);

/* What is needed to end a connection later: file descriptors are used again, so the remote address is kept beside the number. */
typedef struct bus_connection {
    int fd;
    uint8_t remote[128];
    uint32_t remote_size;
} bus_connection;
bus_connection bus_connection_of(int fd);
/* Shuts the TCP connection down when it is still the same one. libzmq has no other way to be rid of a peer. */
void bus_connection_cut(const bus_connection *connection);

#endif
