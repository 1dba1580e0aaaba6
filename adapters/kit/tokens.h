/* tokens.h - secrets in files: bearer tokens that senders show us, and the ones we show others. */
#ifndef KIT_TOKENS_H
#define KIT_TOKENS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"

enum { KIT_TOKENS_MAX = 8, KIT_TOKEN_LEAST = 20, KIT_TOKEN_MOST = 4096, KIT_TOKEN_HASH_BYTES = 32 };

typedef struct kit_tokens {
    uint8_t hashes[KIT_TOKENS_MAX][KIT_TOKEN_HASH_BYTES];
    unsigned count;
} kit_tokens;

/* Reads a file with one token a line: two while one takes over from another. HUB_ERR_INVALID: none, too many, one that is shorter than
 * KIT_TOKEN_LEAST, or a file that others than its user and group may read. */
hub_status kit_tokens_read(const char *path, kit_tokens *out, hub_error *err);
/* In the same time whatever is wrong with it. */
bool kit_tokens_have(const kit_tokens *tokens, const char *shown);

/* That rule alone, for a secret that a library reads. */
hub_status kit_secret_is_kept(const char *path, hub_error *err);
/* Reads a file of secrets as it is, with the same rule of who may read it. */
hub_status kit_secret_read(const char *path, hub_buffer *out, hub_error *err);

#endif
