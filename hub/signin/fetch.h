/* fetch.h - one HTTP request to the sign-in service, on a thread: bounded in time and size, no redirects, https but on loopback.
 * Private to hub/signin. */
#ifndef SIGNIN_FETCH_H
#define SIGNIN_FETCH_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"

enum { FETCH_BYTES_MAX = 256 * 1024, FETCH_URL_BYTES_MAX = 1024 };

typedef struct fetch_request {
    const char *url;      /* BORROWED; fetch_is_allowed */
    const char *form;     /* BORROWED; what a POST carries, application/x-www-form-urlencoded; NULL = GET */
    const char *user;     /* BORROWED; with `password` for HTTP Basic; NULL = none */
    const char *password; /* BORROWED */
    const char *ca_file;  /* BORROWED; PEM of the authorities that are believed; NULL = the system's */
    int64_t timeout_ms;   /* for all of it */
} fetch_request;

/* libcurl's own preparation, once for each open oidc. */
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
