/* mail.h - one mail handed to a mail server, on a thread: bounded in time; TLS required (STARTTLS, or from the first byte) but on loopback. */
#ifndef FETCH_MAIL_H
#define FETCH_MAIL_H

#include "fetch/fetch.h"

typedef enum mail_security {
    MAIL_TLS,
    MAIL_CLEAR, /* loopback alone */
} mail_security;

typedef struct mail_request {
    const char *url; /* BORROWED, as all here; mail_is_allowed */
    mail_security security;
    const char *user; /* with `password`; NULL = none */
    const char *password;
    const char *ca_file;   /* NULL = the system's authorities */
    const char *from;      /* an address alone */
    const char *const *to; /* addresses alone, ended by NULL; all of them must be taken by the server */
    hub_bytes message;     /* header and body with CR LF line ends; dots at the beginning of a line are seen to here */
    int64_t timeout_ms;
    const atomic_bool *stop;
} mail_request;

/* smtp://host[:port] or smtps://host[:port], no path, no user; clear: smtp on 127.0.0.1, [::1] or localhost. */
bool mail_is_allowed(const char *url, mail_security security);

/* HUB_OK: the server took it for all of `to`. HUB_ERR_IO: it did not (err: what happened, what to look at; `code` is its answer, 0 = none).
 * HUB_ERR_MEMORY. Nothing of the server's own words is repeated: they may hold an address. */
hub_status mail_send(const mail_request *request, long *code, hub_error *err);

#endif
