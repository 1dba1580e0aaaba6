#include "tokens.h"

#include <errno.h>
#include <sodium.h>
#include <string.h>
#include <sys/stat.h>

#include "host/files.h"

static void hash_of(const char *token, size_t size, uint8_t out[KIT_TOKEN_HASH_BYTES])
{
    (void)crypto_generichash(out, KIT_TOKEN_HASH_BYTES, (const unsigned char *)token, size, NULL, 0);
}

hub_status kit_secret_is_kept(const char *path, hub_error *err)
{
    struct stat found;
    if (stat(path, &found) != 0) return hub_fail(err, HUB_ERR_INVALID, "%s: cannot be read: %s", path, strerror(errno));
    if ((found.st_mode & S_IRWXO) != 0)
        return hub_fail(err, HUB_ERR_INVALID, "%s: everybody on this machine may read it; run: chmod o= %s", path, path);
    return HUB_OK;
}

hub_status kit_secret_read(const char *path, hub_buffer *out, hub_error *err)
{
    hub_status status = kit_secret_is_kept(path, err);
    return status == HUB_OK ? host_file_read(path, KIT_TOKENS_MAX * (KIT_TOKEN_MOST + 2), out, err) : status;
}

static hub_status add(kit_tokens *tokens, const char *path, const char *token, size_t size, hub_error *err)
{
    if (size < KIT_TOKEN_LEAST || size > KIT_TOKEN_MOST)
        return hub_fail(err, HUB_ERR_INVALID,
                        "%s: a token of fewer than %d or more than %d characters; make one: openssl rand -hex 32", path,
                        KIT_TOKEN_LEAST, KIT_TOKEN_MOST);
    if (tokens->count == KIT_TOKENS_MAX) return hub_fail(err, HUB_ERR_INVALID, "%s: more than %d tokens", path, KIT_TOKENS_MAX);
    hash_of(token, size, tokens->hashes[tokens->count++]);
    return HUB_OK;
}

hub_status kit_tokens_read(const char *path, kit_tokens *out, hub_error *err)
{
    hub_buffer text = {0};
    *out = (kit_tokens){0};
    hub_status status = kit_secret_read(path, &text, err);
    const char *at = hub_buffer_text(&text);
    while (status == HUB_OK && *at != '\0') {
        size_t size = strcspn(at, "\r\n");
        if (size > 0) status = add(out, path, at, size, err);
        at += size + strspn(at + size, "\r\n");
    }
    if (status == HUB_OK && out->count == 0) status = hub_fail(err, HUB_ERR_INVALID, "%s: no token in it; one a line", path);
    if (text.data != NULL) explicit_bzero(text.data, text.size);
    hub_buffer_free(&text);
    return status;
}

bool kit_tokens_have(const kit_tokens *tokens, const char *shown)
{
    uint8_t hash[KIT_TOKEN_HASH_BYTES];
    unsigned found = 0;
    hash_of(shown, strlen(shown), hash);
    for (unsigned i = 0; i < tokens->count; i++)
        found |= sodium_memcmp(hash, tokens->hashes[i], sizeof hash) == 0;
    return found != 0;
}
