/* serve.h - answers GET /metrics on a libuv loop, and nothing else.
 *
 * Why not libmicrohttpd, which the board has: it would be in the hub's process, with a thread and a parser of all of HTTP for a page that
 * is one fixed request; and the design keeps HTTP out of that process (ARCHITECTURE.md, Decisions). Here a request is at most a kilobyte
 * whose first line is compared with a text.
 *
 *   F4  whoever connects can cost the program little: eight connections at a time (others wait in the kernel), a kilobyte of request each, a
 *       second from connecting to the end, and the figures written once a second however often they are asked for
 *   F5  nothing is read from a request but its first line; nothing is changed by it
 *
 * There is no sign-in and no TLS: bind it to this machine, or to a network that Prometheus alone is on. What is told is not personal (text.h),
 * but it is not for everybody either.
 */
#ifndef METRICS_SERVE_H
#define METRICS_SERVE_H

#include <uv.h>

#include "base/bytes.h"

enum {
    METRICS_CONNECTIONS_MAX = 8,
    METRICS_REQUEST_BYTES_MAX = 1024,
    METRICS_SECOND_MS = 1000,
};

typedef struct metrics_server metrics_server;

/* Writes all families. On the loop. */
typedef void metrics_write_cb(void *context, hub_buffer *out);

typedef struct metrics_options {
    const char *address; /* "127.0.0.1", "::1"; BORROWED for the call */
    uint16_t port;       /* 0 = any that is free */
    uint32_t second_ms;  /* F4; 0 = METRICS_SECOND_MS */
    metrics_write_cb *write;
    void *context; /* given to it; BORROWED until metrics_server_close */
} metrics_options;

/* Listens. `out` is GIVEN: end it with metrics_server_close. HUB_ERR_IO (the port is taken, no such address; err says which),
 * HUB_ERR_MEMORY. */
hub_status metrics_server_open(uv_loop_t *loop, const metrics_options *options, metrics_server **out, hub_error *err);
/* Ends all connections; memory is freed when the loop has run on. NULL is allowed. */
void metrics_server_close(metrics_server *server);
/* The port it has; tests ask for port 0, any that is free. */
uint16_t metrics_server_port(const metrics_server *server);

#endif
