/* forge.h - keys and ID tokens, good and bad, as a sign-in service would make them. */
#ifndef UNIT_SIGNIN_FORGE_H
#define UNIT_SIGNIN_FORGE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"

typedef enum forge_kind { FORGE_RSA, FORGE_EC, FORGE_ED, FORGE_WEAK_RSA, FORGE_EC_384, FORGE_HMAC_OF_RSA } forge_kind;

typedef struct forge_key forge_key;

/* A fresh key pair; FORGE_HMAC_OF_RSA makes the public PEM of `other` a shared secret. Freed by forge_free. */
forge_key *forge_make(forge_kind kind, const char *key_id, const forge_key *other);
/* A private key as a service might write it: {"kty": ...}, with its kid. */
forge_key *forge_of_text(const char *jwk, const char *key_id);
void forge_free(forge_key *key);

/* {"keys": [...]} of the public halves (NULL ends the list), each with the members of `extra` (a JSON object; "{}" for none). */
void forge_key_list(hub_buffer *out, const char *extra, const forge_key *first, ...) __attribute__((sentinel));
/* A compact token: `header` and `claims` are JSON objects. */
void forge_token(hub_buffer *out, const forge_key *key, const char *header, const char *claims);

#endif
