/* oidc.h - signing in at the organisation's own sign-in service: OpenID Connect, authorisation code with PKCE (S256).
 *
 *     browser                     board                                    sign-in service
 *     GET /sign-in/oidc  ------>  oidc_begin  --- discovery, keys (cached 10 min) --->
 *                <-- redirect to url ---  the caller keeps the flow in the visitor's session (session_note)
 *     ... signs in there; comes back to redirect_uri with code, state, iss or error
 *     GET /sign-in/return ----->  oidc_finish --- code, verifier ------------------>
 *                                 token_check <-- ID token
 *                                 claims: accounts_find_subject(issuer, subject)
 *
 * All requests run on threads (two at a time, 16 in all), each bounded in time and to 256 KB, without redirects, https except on loopback.
 * A key that is not in the cached list has the list fetched once more: services change their keys.
 *
 * Promises: state, nonce and verifier are 256 random bits each; a flow answers one return only if the caller forgets it when it calls
 * oidc_finish (do, whatever the answer). Errors are for a person and hold neither code nor token, secret or subject.
 * Not here: refresh tokens, user-info, logging out at the service: the board needs to know who somebody is, once. */
#ifndef SIGNIN_OIDC_H
#define SIGNIN_OIDC_H

#include <uv.h>

#include "token.h"

enum {
    OIDC_JOBS_MAX = 16,
    OIDC_SECRET_TEXT_BYTES = 44, /* base64url of 32 bytes, with the NUL */
    OIDC_CODE_BYTES_MAX = 2000,
    OIDC_URL_BYTES_MAX = 4096, /* of the redirect that oidc_begin gives */
};
#define OIDC_CACHE_MS (INT64_C(10) * 60 * 1000)
#define OIDC_LEEWAY_MS (INT64_C(60) * 1000)
#define OIDC_TIMEOUT_MS (INT64_C(10) * 1000)

typedef struct oidc_options {
    const char *issuer;       /* "https://login.council.test/realm", exactly as the service writes it; http only on loopback */
    const char *client_id;    /* as registered at the service, 1..200 bytes */
    const char *secret_file;  /* the client's secret, mode 0600, one line; NULL = a public client, by PKCE alone */
    const char *redirect_uri; /* "https://board.council.test/sign-in/return", as registered */
    const char *ca_file;      /* PEM of the authorities that are believed; NULL = the system's */
    int64_t timeout_ms;       /* for each request; 0 = OIDC_TIMEOUT_MS */
} oidc_options;               /* all BORROWED for oidc_open */

typedef struct oidc oidc; /* opaque */

/* What a sign-in must remember until the browser comes back. Plain bytes: keep it by session_set_note, read it by memcpy. */
typedef struct oidc_flow {
    char state[OIDC_SECRET_TEXT_BYTES];
    char nonce[OIDC_SECRET_TEXT_BYTES];
    char verifier[OIDC_SECRET_TEXT_BYTES];
} oidc_flow;

/* The fields of the URL that the browser came back to; "" where there is none. BORROWED for the call. */
typedef struct oidc_return {
    const char *code;
    const char *state;
    const char *issuer; /* `iss` */
    const char *error;  /* `error`: the service's own word, "access_denied" */
} oidc_return;

/* Opens a client. Nothing is asked of the service yet.
 *   loop  BORROWED until it is closed and the loop has run what was under way
 *   out   GIVEN, end with oidc_close(); NULL on failure
 * Returns HUB_OK; HUB_ERR_INVALID (issuer or redirect_uri not https, client_id or secret empty or too long); of the secret file
 * HUB_ERR_NOT_FOUND, HUB_ERR_REFUSED (others may read it), HUB_ERR_IO; HUB_ERR_MEMORY. */
hub_status oidc_open(uv_loop_t *loop, const oidc_options *options, oidc **out, hub_error *err);
/* No callback is called any more; the memory goes when the loop has run the requests under way. NULL is allowed. */
void oidc_close(oidc *client);

/* The answer to oidc_begin, in the loop's thread, never inside it.
 *   status  HUB_OK: send the browser to `url` (NUL-ended, visible ASCII) and keep `flow`; both BORROWED for the call
 *           otherwise both are NULL and err->text says why: HUB_ERR_IO (the service does not answer), HUB_ERR_INVALID (what it says of itself
 *           cannot be used), HUB_ERR_MEMORY */
typedef void oidc_begun_cb(void *context, hub_status status, const char *url, const oidc_flow *flow, const hub_error *err);

/* Begins a sign-in. now_ms: ms since 1970.
 * Returns HUB_OK (the callback will come, once), HUB_ERR_FULL (16 requests are under way: "busy, try again"), HUB_ERR_MEMORY. */
hub_status oidc_begin(oidc *client, int64_t now_ms, oidc_begun_cb *done, void *context);

/* The answer to oidc_finish, likewise.
 *   status  HUB_OK: `claims` (BORROWED for the call) says who it is at this issuer
 *           otherwise claims is NULL and err->text says why: HUB_ERR_REFUSED (the return, the code or the token is not believed, or the service
 *           said no), HUB_ERR_IO, HUB_ERR_INVALID, HUB_ERR_MEMORY as above */
typedef void oidc_finished_cb(void *context, hub_status status, const token_claims *claims, const hub_error *err);

/* Ends a sign-in with what the browser brought back, and the flow that its session kept (BORROWED for the call).
 * Returns as oidc_begin; a return that is wrong in itself (state, iss, error, no code) comes by the callback too. */
hub_status oidc_finish(oidc *client, const oidc_return *back, const oidc_flow *flow, int64_t now_ms, oidc_finished_cb *done,
                       void *context);

const char *oidc_issuer(const oidc *client); /* BORROWED; for accounts_find_subject */

#endif
