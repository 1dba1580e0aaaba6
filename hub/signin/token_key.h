/* token_key.h - which key of a key set a token was signed with, and whether that key really signed it. Private to hub/signin. */
#ifndef SIGNIN_TOKEN_KEY_H
#define SIGNIN_TOKEN_KEY_H

#include "token.h"

typedef struct token_algorithm token_algorithm;

/* The algorithm of a header's `alg`; NULL: it is not taken here. */
const token_algorithm *token_algorithm_find(const char *name);

/* Was `token` (compact, NUL-ended, three parts of strict base64url) signed with the one key of `jwks` that its header means?
 *   key_id          the header's kid; NULL = it has none, and then one key alone may suit
 *   signature_size  bytes of the decoded signature
 * Returns TOKEN_GOOD, TOKEN_KEYS, TOKEN_KEY_UNKNOWN, TOKEN_KEY_AMBIGUOUS, TOKEN_KEY_UNFIT, TOKEN_SIGNATURE or TOKEN_MEMORY. */
token_verdict token_key_check(const token_algorithm *algorithm, hub_bytes jwks, const char *key_id, const char *token,
                              size_t signature_size);

#endif
