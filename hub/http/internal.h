/* internal.h - what server.c and stream.c share. One mutex guards everything that both threads touch; it is held for moments only. */
#ifndef HTTP_INTERNAL_H
#define HTTP_INTERNAL_H

#include <microhttpd.h>

#include "host/seldom.h"
#include "server.h"

enum { HTTP_ADDRESS_BYTES = 64, HTTP_DOUBT_BYTES = 256 };

/* A request on its way: made by the epoll thread, posted, ended by the loop, freed by the epoll thread when it is written. */
typedef struct http_exchange {
    http_request request; /* first: a handler's request is its exchange */
    http_server *server;
    struct MHD_Connection *connection;
    char address[HTTP_ADDRESS_BYTES];
    char stranger[HTTP_NAME_BYTES];
    char doubt[HTTP_DOUBT_BYTES];
    char *uri;                     /* GIVEN by the log callback: path, NUL, query */
    hub_buffer body;               /* what has come of it */
    struct http_exchange *next;    /* in the mailbox */
    struct http_exchange *other;   /* in the list of those the loop has */
    struct MHD_Response *response; /* GIVEN by the loop; NULL = not ended yet */
    unsigned status;
    bool is_too_large;
    bool is_posted;
    bool is_with_loop;
} http_exchange;

struct http_stream {
    http_server *server;
    struct MHD_Connection *connection;
    http_stream_closed_cb *closed;
    void *context;
    hub_buffer waiting;
    http_stream *next; /* in the server's list */
    bool is_suspended; /* the epoll thread waits for more */
    bool is_ended;     /* by the loop: no more comes */
    bool is_gone;      /* by the browser, or written to the end */
    bool is_told;      /* `closed` was called, or need not be */
};

typedef struct http_connection {
    int socket; /* -1 = free */
    uint64_t reading_since_ms;
    bool is_reading;
    bool has_spoken; /* a request line of HTTP has come; the epoll thread's own */
} http_connection;

struct http_server {
    struct MHD_Daemon *daemon;
    uv_async_t posted;
    uv_timer_t reaper;
    http_options options;
    host_seldom said; /* of who was turned away; the epoll thread's own */
    uv_mutex_t mutex;
    /* under the mutex */
    http_exchange *first, **last; /* mailbox to the loop */
    http_exchange *with_loop;
    http_stream *streams;
    http_connection connections[HTTP_CONNECTIONS_MAX];
    uint32_t connection_count, stream_count, live_streams;
    bool is_stopping;
    int open_handles;
};

/* Ends an exchange by `response` (TAKEN; NULL: a bare 500) and resumes its connection. On the loop. */
void http_exchange_end(http_exchange *exchange, unsigned status, struct MHD_Response *response);
/* W5: did this connection show a certificate that one of the authorities has signed? On the epoll thread. */
bool http_is_certified(struct MHD_Connection *connection, const http_options *options, char stranger[HTTP_NAME_BYTES],
                       char doubt[HTTP_DOUBT_BYTES]);
/* Can MHD use these? It would start with texts that it cannot read and refuse every connection. */
hub_status http_tls_check(const http_options *options, hub_error *err);
/* Adds the headers every answer has (W4). */
bool http_put_security(struct MHD_Response *response);
/* Of a connection that ends without a request: what its client got wrong, and what to do; NULL = nothing that is known. On the epoll thread. */
const char *http_unheard(struct MHD_Connection *connection, int socket);
/* On the loop: tells the owners of streams whose browser is gone. */
void http_streams_tell(http_server *server);

#endif
