#include "hash.h"

#include <sodium.h>
#include <string.h>

_Static_assert(crypto_shorthash_KEYBYTES == HUB_SIPHASH_KEY_BYTES, "SipHash key");
_Static_assert(crypto_shorthash_BYTES == 8, "SipHash value");

void hub_digest_of(hub_bytes data, hub_digest *out)
{
    crypto_generichash(out->bytes, HUB_DIGEST_BYTES, data.data, data.size, NULL, 0);
}

void hub_short_digest_of(hub_bytes data, uint8_t out[HUB_SHORT_DIGEST_BYTES])
{
    crypto_generichash(out, HUB_SHORT_DIGEST_BYTES, data.data, data.size, NULL, 0);
}

void hub_keyed_digest(const uint8_t key[HUB_SECRET_BYTES], const char *domain, const hub_bytes *parts, size_t part_count,
                      uint8_t out[HUB_SHORT_DIGEST_BYTES])
{
    crypto_generichash_state state;
    crypto_generichash_init(&state, key, HUB_SECRET_BYTES, HUB_SHORT_DIGEST_BYTES);
    crypto_generichash_update(&state, (const uint8_t *)domain, strlen(domain) + 1);
    for (size_t i = 0; i < part_count; i++) {
        uint8_t length[8];
        hub_put_u64(length, parts[i].size);
        crypto_generichash_update(&state, length, sizeof length);
        crypto_generichash_update(&state, parts[i].data, parts[i].size);
    }
    crypto_generichash_final(&state, out, HUB_SHORT_DIGEST_BYTES);
}

uint64_t hub_siphash(const uint8_t key[HUB_SIPHASH_KEY_BYTES], const void *data, size_t size)
{
    uint8_t value[crypto_shorthash_BYTES];
    crypto_shorthash(value, data, size, key);
    return hub_get_u64(value);
}

void hub_siphash128(const uint8_t key[HUB_SIPHASH_KEY_BYTES], const void *data, size_t size, uint8_t out[HUB_SHORT_DIGEST_BYTES])
{
    crypto_shorthash_siphashx24(out, data, size, key);
}
