/* provider.h - what a sign-in service says about itself: its endpoints and its keys (OpenID Connect Discovery 1.0). Private to hub/signin. */
#ifndef SIGNIN_PROVIDER_H
#define SIGNIN_PROVIDER_H

#include "fetch/fetch.h"

/* How a client with a secret proves itself at the token endpoint (RFC 6749 section 2.3.1). */
typedef enum provider_proof { PROVIDER_PROOF_BASIC, PROVIDER_PROOF_FORM } provider_proof;

typedef struct provider {
    char authorize_url[FETCH_URL_BYTES_MAX + 1];
    char token_url[FETCH_URL_BYTES_MAX + 1];
    char keys_url[FETCH_URL_BYTES_MAX + 1];
    provider_proof proof;
    bool says_issuer; /* its answers name their issuer (RFC 9207) */
    hub_buffer keys;  /* the JSON Web Key Set; GIVEN */
} provider;

typedef struct provider_place {
    const char *issuer;  /* BORROWED */
    const char *ca_file; /* BORROWED; NULL = the system's */
    int64_t timeout_ms;  /* for each request */
} provider_place;

/* Fetches discovery and keys. On a thread. HUB_OK; HUB_ERR_IO (no or another answer), HUB_ERR_INVALID, HUB_ERR_MEMORY; then `out` is empty. */
hub_status provider_fetch(const provider_place *place, provider *out, hub_error *err);
/* A copy of its own. */
hub_status provider_copy(const provider *from, provider *out);
/* Frees and empties; all zero is allowed. */
void provider_clear(provider *p);

#endif
