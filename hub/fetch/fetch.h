/* fetch.h - one HTTP request to another's service, on a thread: bounded in time and size, no redirects, https but on loopback. */
#ifndef FETCH_FETCH_H
#define FETCH_FETCH_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"

enum { FETCH_BYTES_MAX = 256 * 1024, FETCH_URL_BYTES_MAX = 1024 };

typedef struct fetch_request {
    const char *url;  /* BORROWED; fetch_is_allowed */
    const char *form; /* BORROWED; what a POST carries, application/x-www-form-urlencoded; NULL = GET, unless there is `body` */
    hub_bytes body;   /* BORROWED; what a POST carries, its Content-Type among `headers`; empty = none */
    const char *const *headers; /* BORROWED; "Name: value", ended by NULL; NULL = Accept: application/json */
    const char *sigv4;       /* BORROWED; "aws:amz:eu-west-2:sqs": signed by AWS Signature 4 with user and password; NULL = not */
    const char *agent;       /* BORROWED; who asks: "mash-board" */
    const char *user;        /* BORROWED; with `password` for HTTP Basic; NULL = none */
    const char *password;    /* BORROWED */
    const char *ca_file;     /* BORROWED; PEM of the authorities that are believed; NULL = the system's */
    int64_t timeout_ms;      /* for all of it */
    size_t bytes_max;        /* of the answer; 0 = FETCH_BYTES_MAX */
    const atomic_bool *stop; /* BORROWED; set by another thread: the request ends within a second; NULL = never */
} fetch_request;

/* libcurl's own preparation, once for each who uses it. */
hub_status fetch_start(hub_error *err);
void fetch_stop(void);

/* An https URL, or http to 127.0.0.1, ::1 or localhost; with a host, without user, password or fragment, at most FETCH_URL_BYTES_MAX bytes. */
bool fetch_is_allowed(const char *url);

/* Does the request and waits for the answer.
 *   code  the HTTP status of the answer
 *   out   its body, at the end of what is there
 * Returns HUB_OK for any HTTP status; HUB_ERR_IO: no answer (err: which service, what happened, what to look at; the query of the URL is
 * left out); HUB_ERR_MEMORY. */
hub_status fetch(const fetch_request *request, long *code, hub_buffer *out, hub_error *err);

#endif
