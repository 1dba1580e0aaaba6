/* server.h - an HTTP/1.1 server whose requests arrive on a libuv loop, one at a time, and are answered whenever their handler is ready.
 *
 * Why two threads: libmicrohttpd runs its own epoll thread, which parses requests and writes answers and knows nothing of what they are
 * about. A request that is complete is suspended there and posted to the loop; its answer is posted back and the connection resumed. So
 * everything that decides runs on the loop and locks nothing, and a slow browser waits in a thread that decides nothing.
 *
 *     epoll thread:  read -> suspend --post--> loop: handler ... http_answer --resume--> epoll thread: write
 *
 * W1  A handler gets a request exactly once and ends it exactly once: http_answer, http_answer_lasting or http_stream_begin.
 * W2  Nothing is unbounded: connections, head and body of a request, bytes that wait in a stream, and the time that reading a request may
 *     take. A body over the limit is answered 413 before it has come; a request that drips in is cut off by its age, not by its silence.
 * W3  All that is suspended is resumed before the server is stopped: libmicrohttpd aborts otherwise.
 * W4  Every answer carries the headers of SECURITY in server.c; no answer is kept by a cache unless its handler says so.
 *
 * W6  Who is turned away before a handler hears of it stands in the log, once an hour, with its address and what to do.
 * W5  With TLS a request says whether its connection showed a certificate that is believed; whether it must is its handler's to say.
 *
 * Not here: routes, cookies' meaning, HTML. The board leaves TLS to a proxy on the same machine; an adapter has it here.
 */
#ifndef HTTP_SERVER_H
#define HTTP_SERVER_H

#include <uv.h>

#include "base/bytes.h"
#include "peer_name.h"

enum {
    HTTP_BODY_BYTES_MAX = 128 * 1024, /* a form with the longest texts, percent-encoded three to one, is below */
    HTTP_CONNECTIONS_MAX = 1024,
    HTTP_READING_MS = 20 * 1000,         /* a request's head and body must have come within, unless the options say otherwise */
    HTTP_STREAM_WAITING_MAX = 64 * 1024, /* bytes a stream may hold for a reader that does not read */
};

typedef struct http_server http_server;
typedef struct http_stream http_stream;

/* One request. BORROWED by its handler until it is ended; text is NUL-ended and holds no NUL. */
typedef struct http_request {
    const char *method;     /* "GET", "POST", "HEAD" */
    const char *path;       /* "/alert/A17": as sent, before '?'; not decoded */
    const char *query;      /* after '?', not decoded; "" = none */
    const char *cookie;     /* "" = none */
    const char *host;       /* "" = none */
    const char *type;       /* of the body: "application/x-www-form-urlencoded" */
    const char *fetch_site; /* Sec-Fetch-Site: "same-origin"; "" = not sent */
    const char *purpose;    /* Sec-Purpose: "prefetch"; "" = not sent */
    const char *forwarded;  /* X-Forwarded-For as the proxy sent it; "" = not sent. Believe it only from a proxy of one's own */
    const char *address;    /* of the connection: "127.0.0.1" */
    const char *authorization;   /* "Bearer ..."; "" = not sent */
    const char *encoding;        /* Content-Encoding of the body; "" = not sent */
    const char *idempotency_key; /* Idempotency-Key; "" = not sent */
    bool is_certified;           /* it came by TLS with a certificate of one of our authorities, and of one of our names */
    const char *doubt;           /* why the certificate that was shown is not believed; "" = it is, or none was shown */
    const char *stranger;        /* the name of a certificate of our authorities that is none of our names; "" = not so */
    hub_bytes body;
} http_request;

typedef struct http_header {
    const char *name, *value; /* CR and LF are refused: such a header is left out and the answer is a 500 */
} http_header;

typedef void http_request_cb(void *context, http_request *request);
typedef struct http_options {
    const char *address;     /* "127.0.0.1", "::1" */
    uint16_t port;           /* 0 = any that is free */
    uint32_t reading_ms;     /* 0 = HTTP_READING_MS */
    uint32_t body_bytes_max; /* 0 = HTTP_BODY_BYTES_MAX */
    const char
        *certificate; /* PEM text, as the two below: TLS 1.2 and 1.3; NULL = in clear. BORROWED for the life of the server */
    const char *key;
    const char *authorities;              /* who may sign clients' certificates; NULL = none are asked for */
    const char (*names)[HTTP_NAME_BYTES]; /* whose certificates; BORROWED for the life of the server */
    unsigned name_count;                  /* 0 = any that an authority has signed */
    http_request_cb *request;             /* on the loop */
    void *context;                        /* given to it; BORROWED for the life of the server */
} http_options;

/* Listens. `out` is GIVEN: end it with http_server_close. HUB_ERR_IO (the port is taken, no such address; err says which),
 * HUB_ERR_MEMORY. */
hub_status http_server_open(uv_loop_t *loop, const http_options *options, http_server **out, hub_error *err);
/* Stops (W3). Streams must have been ended. Requests not ended yet are answered 503 and gone: their handlers may not touch them any more.
 * NULL is allowed. Memory is freed when the loop has run once more. */
void http_server_close(http_server *server);
uint16_t http_server_port(const http_server *server);
/* Connections now, and streams among them. */
void http_server_count(const http_server *server, uint32_t *connections, uint32_t *streams);

/* Ends the request. `body` is TAKEN, also when it `failed` (then the answer is a 500). `headers` are BORROWED for the call. */
void http_answer(http_request *request, unsigned status, const http_header *headers, size_t count, hub_buffer *body);
/* As http_answer; `body` is BORROWED for the life of the program. */
void http_answer_lasting(http_request *request, unsigned status, const http_header *headers, size_t count, hub_bytes body);

/* Ends the request by a stream of Server-Sent Events (text/event-stream). `out` is GIVEN: end it with http_stream_end, also after
 * `closed` (the browser went away) has been called, on the loop. HUB_ERR_MEMORY: the request was answered 503. */
typedef void http_stream_closed_cb(void *context);
hub_status http_stream_begin(http_request *request, http_stream_closed_cb *closed, void *context, http_stream **out);
/* Adds bytes. HUB_ERR_FULL: the reader is too slow, nothing was added; end the stream, a browser comes back by itself. */
hub_status http_stream_send(http_stream *stream, hub_bytes bytes);
void http_stream_end(http_stream *stream);

#endif
