/* token.h - is this ID token the answer of that sign-in service to this very question? Pure: no network, no clock.
 *
 * The order is fixed: size, shape, algorithm (by list, before any key is looked at), key, signature, and only then what it claims.
 * librhonabwy verifies one signature with one key that is built here from its public numbers; it never fetches, and headers that bring or
 * name a key (jwk, jku, x5c, x5u) are never looked at. Claims are checked here (OpenID Connect Core 1.0 section 3.1.3.7).
 *
 * What a refusal says is fixed text, never content of the token. */
#ifndef SIGNIN_TOKEN_H
#define SIGNIN_TOKEN_H

#include <stdint.h>

#include "base/bytes.h"

enum {
    TOKEN_BYTES_MAX = 16 * 1024,
    TOKEN_KEYS_BYTES_MAX = 256 * 1024,
    TOKEN_SUBJECT_BYTES = 256, /* with the NUL */
    TOKEN_NAME_BYTES = 201,    /* with the NUL */
};
#define TOKEN_AGE_MAX_MS (INT64_C(10) * 60 * 1000) /* an answer to a question asked just now was issued just now */

/* X(name, words): each reads on after "the sign-in service's answer was refused: ". */
#define TOKEN_VERDICT_LIST(X)                                                                                                    \
    X(TOKEN_GOOD, "it is good")                                                                                                  \
    X(TOKEN_TOO_LARGE, "the token or the key list is too large")                                                                 \
    X(TOKEN_SHAPE, "the token is not three parts of base64url with JSON in them")                                                \
    X(TOKEN_HEADER, "its header asks for something that is not done here (crit, zip, b64), or it is no ID token (typ)")          \
    X(TOKEN_ALGORITHM, "it is not signed by RS256, PS256, ES256 or EdDSA")                                                       \
    X(TOKEN_KEYS, "the key list cannot be read")                                                                                 \
    X(TOKEN_KEY_UNKNOWN, "it is signed with a key that the service does not list")                                               \
    X(TOKEN_KEY_AMBIGUOUS, "more than one listed key could be meant")                                                            \
    X(TOKEN_KEY_UNFIT, "the listed key is not for this algorithm or use, or too weak")                                           \
    X(TOKEN_SIGNATURE, "its signature is wrong")                                                                                 \
    X(TOKEN_ISSUER, "it is from another issuer")                                                                                 \
    X(TOKEN_AUDIENCE, "it is meant for another client (aud)")                                                                    \
    X(TOKEN_PARTY, "it was issued to another client (azp)")                                                                      \
    X(TOKEN_EXPIRED, "it has expired, or says no expiry (exp)")                                                                  \
    X(TOKEN_ISSUED,                                                                                                              \
      "it was issued in the future or too long ago, or does not say when (iat): compare the clocks of both machines")            \
    X(TOKEN_NOT_BEFORE, "it is not valid yet (nbf): compare the clocks of both machines")                                        \
    X(TOKEN_NONCE, "it answers another sign-in (nonce)")                                                                         \
    X(TOKEN_SUBJECT, "it does not say whose it is (sub)")                                                                        \
    X(TOKEN_MEMORY, "out of memory")

typedef enum token_verdict {
#define X(name, words) name,
    TOKEN_VERDICT_LIST(X)
#undef X
} token_verdict;

typedef struct token_expect {
    const char *issuer;    /* BORROWED; exactly as the service writes its own */
    const char *client_id; /* BORROWED */
    const char *nonce;     /* BORROWED; what was sent with the question, not "" */
    int64_t now_ms;        /* ms since 1970 */
    int64_t leeway_ms;     /* 0..5 minutes: how far the two clocks may stand apart */
} token_expect;

typedef struct token_claims {
    char subject[TOKEN_SUBJECT_BYTES]; /* whose it is, within the issuer: visible ASCII */
    char name[TOKEN_NAME_BYTES];       /* for display; "" = not said, too long, or no clean text of one line */
} token_claims;

/* Checks `id_token` (compact JWS, NUL not needed) against the service's keys `jwks` (JSON Web Key Set), both BORROWED for the call.
 * Several audiences are taken when the token says that it was issued to us (azp).
 *   out  the claims when TOKEN_GOOD; otherwise all zero
 * Returns TOKEN_GOOD or the first reason against it. May be called on any thread. */
token_verdict token_check(hub_bytes jwks, hub_bytes id_token, const token_expect *expect, token_claims *out);

/* Words for a verdict. Never NULL. */
const char *token_verdict_text(token_verdict verdict);

#endif
