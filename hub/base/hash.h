/* hash.h - BLAKE2b and SipHash by libsodium, under names that say what they are for. */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include <stdint.h>

#include "bytes.h"

enum { HUB_DIGEST_BYTES = 32, HUB_SHORT_DIGEST_BYTES = 16, HUB_SECRET_BYTES = 32, HUB_SIPHASH_KEY_BYTES = 16 };

typedef struct hub_digest {
    uint8_t bytes[HUB_DIGEST_BYTES];
} hub_digest;

/* BLAKE2b-256. */
void hub_digest_of(hub_bytes data, hub_digest *out);
/* BLAKE2b-128: identifies content, not secrets. */
void hub_short_digest_of(hub_bytes data, uint8_t out[HUB_SHORT_DIGEST_BYTES]);
/* BLAKE2b-128 keyed with 32 bytes, over `domain`, 0x00, and the parts each preceded by its length (8 bytes big-endian), so that no two
 * lists of parts give the same input. */
void hub_keyed_digest(const uint8_t key[HUB_SECRET_BYTES], const char *domain, const hub_bytes *parts, size_t part_count,
                      uint8_t out[HUB_SHORT_DIGEST_BYTES]);
/* SipHash-2-4. */
uint64_t hub_siphash(const uint8_t key[HUB_SIPHASH_KEY_BYTES], const void *data, size_t size);
/* SipHash-2-4 with 128 bits of output: keyed hashes of identifiers and other short things, too many for BLAKE2b. */
void hub_siphash128(const uint8_t key[HUB_SIPHASH_KEY_BYTES], const void *data, size_t size, uint8_t out[HUB_SHORT_DIGEST_BYTES]);

#endif
