/* liar.h - a small sign-in service on loopback, on the test's own loop, that answers truly unless it is told how to lie.
 *
 * It checks what a real one would: the code is its own and used once, redirect URI, client, PKCE verifier, the client's secret. */
#ifndef UNIT_SIGNIN_LIAR_H
#define UNIT_SIGNIN_LIAR_H

#include <uv.h>

#include "forge.h"

typedef struct liar liar;

/* What it says; NULL or 0 = the truth. Texts are BORROWED. */
typedef struct liar_lies {
    const char *header; /* of the ID token */
    const char *issuer, *audience, *nonce;
    int64_t expires_s;            /* seconds from now */
    const forge_key *signing_key; /* not the listed one */
    const char *discovery_issuer;
    const char *discovery_extra; /* more members: ",\"x\":1" */
    const char *token_url, *keys_url;
    const char *token_answer; /* the whole body of the token endpoint */
    int token_status, discovery_status;
    bool hides_length;   /* says no Content-Length */
    size_t keys_padding; /* spaces behind the key list */
    bool is_silent;      /* takes the request and never answers */
} liar_lies;

enum { LIAR_ISSUER_BYTES = 64 };

struct liar {
    liar_lies lies;
    char issuer[LIAR_ISSUER_BYTES];
    const char *redirect; /* the client's, percent-encoded */
    const char *secret;   /* NULL = takes public clients */
    bool wants_form_secret;
    forge_key *key; /* GIVEN; the listed one, kid "k1" */
    int64_t now_s;
    unsigned discoveries, key_lists, tokens; /* requests so far */
    /* the sign-in under way */
    char nonce[64], challenge[64];
    bool has_code;
    uv_tcp_t listener;
};

/* Listens on a free port of 127.0.0.1. */
void liar_open(liar *l, uv_loop_t *loop, int64_t now_s);
void liar_close(liar *l);
/* What a browser does with the URL of oidc_begin, and a person who signs in: remembers the question and gives the code. `state` is what the
 * browser brings back with it. */
const char *liar_sign_in(liar *l, const char *url, char state[64]);
/* From now on it signs with, and lists, another key. */
void liar_change_key(liar *l, const char *key_id);

#endif
