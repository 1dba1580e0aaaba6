#include "keys_folder.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "host/files.h"
#include "journal/keys.h"

_Static_assert(DAEMON_SIGNING_SECRET_BYTES == crypto_sign_SECRETKEYBYTES, "signing.key holds an Ed25519 secret key");
_Static_assert(DAEMON_SIGNING_PUBLIC_BYTES == crypto_sign_PUBLICKEYBYTES, "signing.pub holds an Ed25519 public key");

enum { FILE_PATH_MAX = PATH_MAX + 16 };

static void path_of(const char *folder, const char *name, char out[FILE_PATH_MAX])
{
    (void)snprintf(out, FILE_PATH_MAX, "%s/%s", folder, name);
}

static hub_status write_hex(const char *path, const uint8_t *key, size_t size, unsigned mode, hub_error *err)
{
    char line[2 * DAEMON_SIGNING_SECRET_BYTES + 2];
    hub_hex(key, size, line);
    line[2 * size] = '\n';
    hub_status status = host_file_create(path, hub_bytes_of(line, 2 * size + 1), mode, err);
    sodium_memzero(line, sizeof line);
    return status;
}

static hub_status make_signing(const char *folder, hub_error *err)
{
    char secret_path[FILE_PATH_MAX], public_path[FILE_PATH_MAX];
    uint8_t public_key[DAEMON_SIGNING_PUBLIC_BYTES], secret_key[DAEMON_SIGNING_SECRET_BYTES];
    path_of(folder, "signing.key", secret_path);
    path_of(folder, "signing.pub", public_path);
    (void)crypto_sign_keypair(public_key, secret_key);
    hub_status status = write_hex(secret_path, secret_key, sizeof secret_key, 0600, err);
    if (status == HUB_OK) status = write_hex(public_path, public_key, sizeof public_key, 0644, err);
    sodium_memzero(secret_key, sizeof secret_key);
    return status == HUB_ERR_EXISTS ? HUB_OK : status;
}

static hub_status make_server(const char *folder, hub_error *err)
{
    char path[FILE_PATH_MAX];
    path_of(folder, "hub", path);
    bus_key_pair pair;
    bus_key_pair_make(&pair);
    hub_status status = bus_key_pair_write(path, &pair, err);
    sodium_memzero(&pair, sizeof pair);
    return status == HUB_ERR_EXISTS ? HUB_OK : status;
}

hub_status daemon_keys_make(const char *folder, hub_error *err)
{
    char path[FILE_PATH_MAX];
    hub_status status = host_folder_make(folder, 0700, err);
    if (status == HUB_OK) status = make_server(folder, err);
    if (status == HUB_OK) status = make_signing(folder, err);
    path_of(folder, "master.key", path);
    if (status == HUB_OK) status = journal_master_create(path, err);
    return status == HUB_ERR_EXISTS ? HUB_OK : status;
}

static hub_status read_signing(const char *folder, daemon_keys *keys, hub_error *err)
{
    char path[FILE_PATH_MAX];
    path_of(folder, "signing.key", path);
    hub_status status = host_file_is_private(path, err);
    if (status != HUB_OK) return status;
    hub_buffer text = {0};
    status = host_file_read(path, 1024, &text, err);
    while (text.size > 0 && text.data[text.size - 1] == '\n')
        text.size--;
    if (status == HUB_OK && !hub_unhex(hub_buffer_text(&text), keys->signing_secret, sizeof keys->signing_secret)) {
        status = hub_fail(err, HUB_ERR_INVALID, "%s: is not a key: one line of 128 hex digits is expected", path);
    }
    if (text.data != NULL) sodium_memzero(text.data, text.capacity);
    hub_buffer_free(&text);
    if (status == HUB_OK) (void)crypto_sign_ed25519_sk_to_pk(keys->signing_public, keys->signing_secret);
    return status;
}

hub_status daemon_keys_read(const char *folder, daemon_keys *out, hub_error *err)
{
    char path[FILE_PATH_MAX];
    path_of(folder, "hub", path);
    hub_status status = bus_key_pair_read(path, &out->server, err);
    if (status == HUB_OK) status = read_signing(folder, out, err);
    path_of(folder, "master.key", out->master_path);
    return status;
}
