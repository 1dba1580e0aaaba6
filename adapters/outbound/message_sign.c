/* Standard Webhooks [standardwebhooks.com, 1.0.0]: symmetric signatures, v1. */
#include <inttypes.h>
#include <sodium.h>
#include <string.h>

#include "message.h"

enum { SECRETS_MAX = 2, SECRET_LEAST = 24, SECRET_MOST = 64 };

static bool read_secret(const char *line, size_t size, uint8_t key[SECRET_MOST], size_t *key_size)
{
    static const char PREFIX[] = "whsec_";
    size_t prefix = sizeof PREFIX - 1;
    const char *end = NULL;
    if (size <= prefix || memcmp(line, PREFIX, prefix) != 0) return false;
    int code =
        sodium_base642bin(key, SECRET_MOST, line + prefix, size - prefix, NULL, key_size, &end, sodium_base64_VARIANT_ORIGINAL);
    return code == 0 && end == line + size && *key_size >= SECRET_LEAST;
}

static void put_signature(const uint8_t *key, size_t key_size, const char *id, int64_t timestamp_s, hub_bytes body,
                          hub_buffer *out)
{
    crypto_auth_hmacsha256_state state;
    uint8_t mac[crypto_auth_hmacsha256_BYTES];
    char text[sodium_base64_ENCODED_LEN(sizeof mac, sodium_base64_VARIANT_ORIGINAL)];
    char at[32];
    size_t at_size = hub_format(at, sizeof at, ".%" PRId64 ".", timestamp_s);
    crypto_auth_hmacsha256_init(&state, key, key_size);
    crypto_auth_hmacsha256_update(&state, (const uint8_t *)id, strlen(id));
    crypto_auth_hmacsha256_update(&state, (const uint8_t *)at, at_size);
    crypto_auth_hmacsha256_update(&state, body.data, body.size);
    crypto_auth_hmacsha256_final(&state, mac);
    (void)sodium_bin2base64(text, sizeof text, mac, sizeof mac, sodium_base64_VARIANT_ORIGINAL);
    hub_buffer_put_format(out, "%sv1,%s", out->size > 0 ? " " : "", text);
    sodium_memzero(&state, sizeof state);
}

hub_status message_sign(hub_bytes secrets, const char *id, int64_t timestamp_s, hub_bytes body, hub_buffer *out, hub_error *err)
{
    const char *at = (const char *)secrets.data;
    const char *end = at + secrets.size;
    unsigned count = 0;
    hub_buffer_clear(out);
    while (at < end) {
        const char *line_end = memchr(at, '\n', (size_t)(end - at));
        size_t size = (size_t)((line_end == NULL ? end : line_end) - at);
        size_t shown = size > 0 && at[size - 1] == '\r' ? size - 1 : size;
        uint8_t key[SECRET_MOST];
        size_t key_size = 0;
        if (shown > 0 && (++count > SECRETS_MAX || !read_secret(at, shown, key, &key_size)))
            return hub_fail(err, HUB_ERR_INVALID,
                            "one or two secrets, one a line: whsec_ and the base64 of %d to %d random bytes, as made by: printf "
                            "'whsec_%%s\\n' \"$(openssl rand -base64 32)\"",
                            SECRET_LEAST, SECRET_MOST);
        if (shown > 0) put_signature(key, key_size, id, timestamp_s, body, out);
        sodium_memzero(key, sizeof key);
        at = line_end == NULL ? end : line_end + 1;
    }
    if (count == 0) return hub_fail(err, HUB_ERR_INVALID, "no secret stands in it");
    return out->failed ? hub_fail(err, HUB_ERR_MEMORY, "out of memory") : HUB_OK;
}
