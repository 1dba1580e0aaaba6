#include "session_file.h"

#include <sodium.h>
#include <string.h>

#include "base/hash.h"
#include "host/files.h"
#include "host/random.h"

static const char KIND[] = "mash-board sessions ", HEADER[] = "mash-board sessions 1\n";
enum {
    HEADER_BYTES = sizeof HEADER - 1,
    NONCE_BYTES = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES,
    SEAL_BYTES = crypto_aead_xchacha20poly1305_ietf_ABYTES,
    FILE_BYTES_MAX = DRAFTS_BYTES_MAX + 2 * 1024 * 1024, /* what surrounds the texts is below 2 MiB */
};

hub_status session_key_create(const char *key_path, hub_error *err)
{
    uint8_t key[HUB_SECRET_BYTES];
    char text[2 * HUB_SECRET_BYTES + 2];
    host_random_fill(key, sizeof key);
    hub_hex(key, sizeof key, text);
    text[2 * HUB_SECRET_BYTES] = '\n';
    hub_status status = host_file_create(key_path, hub_bytes_of(text, 2 * HUB_SECRET_BYTES + 1), 0600, err);
    sodium_memzero(key, sizeof key);
    sodium_memzero(text, sizeof text);
    return status;
}

static hub_status read_key(const char *path, uint8_t key[HUB_SECRET_BYTES], hub_error *err)
{
    hub_buffer text = {0};
    hub_status status = host_secret_read(path, 1024, &text, err);
    if (status == HUB_OK && !hub_unhex(hub_buffer_text(&text), key, HUB_SECRET_BYTES))
        status = hub_fail(err, HUB_ERR_INVALID, "%s: a key is 64 hex digits; move the file away and a new one is made", path);
    host_secret_free(&text);
    return status;
}

static hub_status seal(hub_bytes body, const uint8_t key[HUB_SECRET_BYTES], hub_buffer *out)
{
    uint8_t nonce[NONCE_BYTES];
    host_random_fill(nonce, sizeof nonce);
    hub_buffer_put(out, HEADER, HEADER_BYTES);
    hub_buffer_put(out, nonce, sizeof nonce);
    uint8_t *sealed = hub_buffer_extend(out, body.size + SEAL_BYTES);
    if (sealed == NULL) return HUB_ERR_MEMORY;
    int failed = crypto_aead_xchacha20poly1305_ietf_encrypt(sealed, NULL, body.data, body.size, (const uint8_t *)HEADER,
                                                            HEADER_BYTES, NULL, nonce, key);
    HUB_ASSERT(failed == 0);
    return HUB_OK;
}

hub_status session_file_save(const char *path, const char *key_path, sessions *people, drafts *typed, int64_t now_ms,
                             hub_error *err)
{
    HUB_ASSERT(path != NULL && people != NULL && typed != NULL);
    uint8_t key[HUB_SECRET_BYTES];
    hub_status status = read_key(key_path, key, err);
    if (status != HUB_OK) return status;
    hub_buffer body = {0}, sealed = {0};
    /* Room for all at once: a buffer that grows leaves copies of what was typed in memory that is not wiped. */
    bool has_room = hub_buffer_reserve(&body, FILE_BYTES_MAX);
    sessions_pack(people, &body);
    drafts_pack(typed, now_ms, &body);
    status = !has_room || body.failed ? HUB_ERR_MEMORY : seal(hub_buffer_bytes(&body), key, &sealed);
    if (status == HUB_ERR_MEMORY) (void)hub_fail(err, status, "%s: out of memory", path);
    if (status == HUB_OK) status = host_file_replace(path, hub_buffer_bytes(&sealed), 0600, err);
    if (status == HUB_OK) {
        sessions_saved(people);
        drafts_saved(typed);
    }
    sodium_memzero(key, sizeof key);
    host_secret_free(&body);
    hub_buffer_free(&sealed);
    return status;
}

static hub_status open_seal(const char *path, hub_bytes file, const uint8_t key[HUB_SECRET_BYTES], hub_buffer *out,
                            hub_error *err)
{
    if (file.size >= HEADER_BYTES && memcmp(file.data, KIND, strlen(KIND)) == 0 && memcmp(file.data, HEADER, HEADER_BYTES) != 0)
        return hub_fail(err, HUB_ERR_VERSION, "%s: written by another version; everybody signs in again", path);
    hub_status damaged = HUB_ERR_CORRUPT;
    static const char WORDS[] = "%s: sealed under another key, or damaged; everybody signs in again";
    if (file.size < HEADER_BYTES + NONCE_BYTES + SEAL_BYTES || memcmp(file.data, HEADER, HEADER_BYTES) != 0)
        return hub_fail(err, damaged, WORDS, path);
    const uint8_t *nonce = file.data + HEADER_BYTES, *sealed = nonce + NONCE_BYTES;
    size_t sealed_size = file.size - HEADER_BYTES - NONCE_BYTES;
    uint8_t *body = hub_buffer_extend(out, sealed_size - SEAL_BYTES);
    if (body == NULL) return hub_fail(err, HUB_ERR_MEMORY, "%s: out of memory", path);
    if (crypto_aead_xchacha20poly1305_ietf_decrypt(body, NULL, NULL, sealed, sealed_size, (const uint8_t *)HEADER, HEADER_BYTES,
                                                   nonce, key) != 0)
        return hub_fail(err, damaged, WORDS, path);
    return HUB_OK;
}

static hub_status unpack(const char *path, hub_bytes body, sessions *people, drafts *typed, hub_error *err)
{
    hub_status status = sessions_unpack(people, &body);
    if (status == HUB_OK) status = drafts_unpack(typed, &body);
    if (status == HUB_OK && body.size > 0) status = HUB_ERR_CORRUPT;
    if (status == HUB_OK) return HUB_OK;
    static const uint8_t NOTHING[4] = {0};
    hub_bytes none = hub_bytes_of(NOTHING, sizeof NOTHING), again = none;
    HUB_ASSERT(sessions_unpack(people, &none) == HUB_OK);
    HUB_ASSERT(drafts_unpack(typed, &again) == HUB_OK);
    return hub_fail(err, status, "%s: not what was saved; everybody signs in again", path);
}

hub_status session_file_load(const char *path, const char *key_path, sessions *people, drafts *typed, hub_error *err)
{
    HUB_ASSERT(path != NULL && people != NULL && typed != NULL);
    uint8_t key[HUB_SECRET_BYTES];
    hub_buffer file = {0}, body = {0};
    hub_status status = read_key(key_path, key, err);
    if (status != HUB_OK) return status;
    status = host_file_read(path, FILE_BYTES_MAX + 1024, &file, err);
    if (status == HUB_OK) status = open_seal(path, hub_buffer_bytes(&file), key, &body, err);
    if (status == HUB_OK) status = unpack(path, hub_buffer_bytes(&body), people, typed, err);
    sodium_memzero(key, sizeof key);
    host_secret_free(&body);
    hub_buffer_free(&file);
    return status;
}
