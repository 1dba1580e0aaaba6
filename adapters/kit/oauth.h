/* oauth.h - a token of our own from another's OAuth 2.0 service, by client credentials [RFC 6749, 4.4]. Blocking: for a thread.
 *
 * It is asked for when there is none, and again a minute before it ends. A token lives in memory alone.
 */
#ifndef KIT_OAUTH_H
#define KIT_OAUTH_H

#include <stdatomic.h>
#include <stdint.h>

#include "tokens.h"

typedef struct kit_oauth_options { /* BORROWED for the life of who asks */
    const char *url;               /* of the token: https, or http on this machine; "" = none is asked for */
    const char *client_id;
    const char *secret_file; /* its first line; read at each asking */
    const char *scope;       /* "" = none is named */
    const char *ca;          /* PEM of the authorities that are believed; "" = the system's */
} kit_oauth_options;

typedef struct kit_oauth {
    char token[KIT_TOKEN_MOST + 1];
    int64_t until_ms; /* by the clock of `now_ms`; 0 = there is none */
} kit_oauth;

/* The token in `oauth` is good for a minute or more. HUB_ERR_IO, HUB_ERR_REFUSED (the service does not know us), HUB_ERR_INVALID (the secret's file, or
 * an answer that is none): err names the service's host and what to look at. */
hub_status kit_oauth_refresh(kit_oauth *oauth, const kit_oauth_options *options, int64_t now_ms, const atomic_bool *stop,
                             hub_error *err);

#endif
