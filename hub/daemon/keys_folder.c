#include "keys_folder.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

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

/* What is there is never written over. */
static hub_status write_missing(hub_status status)
{
    return status == HUB_ERR_EXISTS ? HUB_OK : status;
}

static hub_status make_signing(const char *folder, hub_error *err)
{
    char path[FILE_PATH_MAX];
    uint8_t public_key[DAEMON_SIGNING_PUBLIC_BYTES], secret_key[DAEMON_SIGNING_SECRET_BYTES];
    path_of(folder, "signing.key", path);
    (void)crypto_sign_keypair(public_key, secret_key);
    hub_status status = write_missing(write_hex(path, secret_key, sizeof secret_key, 0600, err));
    sodium_memzero(secret_key, sizeof secret_key);
    return status;
}

static hub_status make_server(const char *folder, hub_error *err)
{
    char path[FILE_PATH_MAX];
    path_of(folder, "hub", path);
    bus_key_pair pair;
    bus_key_pair_make(&pair);
    hub_status status = write_missing(bus_key_pair_write(path, &pair, err));
    sodium_memzero(&pair, sizeof pair);
    return status;
}

static hub_status publish(const char *folder, const char *name, hub_bytes line, hub_error *err)
{
    char path[FILE_PATH_MAX];
    hub_buffer found = {0};
    path_of(folder, name, path);
    hub_status status = host_file_read(path, 1024, &found, err);
    if (status == HUB_ERR_NOT_FOUND) {
        status = host_file_create(path, line, 0644, err);
    } else if (status == HUB_OK && !hub_bytes_equal(hub_buffer_bytes(&found), line)) {
        status = hub_fail(err, HUB_ERR_REFUSED,
                          "%s is not the public half of the .key beside it: if that key was lost, put it back; if this file is "
                          "wrong, remove it, and it is written from the key",
                          path);
    }
    hub_buffer_free(&found);
    return status;
}

hub_status daemon_keys_publish(const char *folder, const daemon_keys *keys, hub_error *err)
{
    char line[2 * DAEMON_SIGNING_PUBLIC_BYTES + 2];
    bus_key_text(keys->server.public_key, line);
    line[BUS_KEY_TEXT - 1] = '\n';
    hub_status status = publish(folder, "hub.pub", hub_bytes_of(line, BUS_KEY_TEXT), err);
    hub_hex(keys->signing_public, sizeof keys->signing_public, line);
    line[sizeof line - 2] = '\n';
    return status == HUB_OK ? publish(folder, "signing.pub", hub_bytes_of(line, sizeof line - 1), err) : status;
}

bool daemon_keys_are_whole(const char *folder)
{
    static const char *const SECRETS[] = {"hub.key", "signing.key", "master.key"};
    char path[FILE_PATH_MAX];
    for (size_t i = 0; i < sizeof SECRETS / sizeof *SECRETS; i++) {
        path_of(folder, SECRETS[i], path);
        if (access(path, F_OK) != 0) return false;
    }
    return true;
}

hub_status daemon_keys_make(const char *folder, hub_error *err)
{
    char path[FILE_PATH_MAX];
    daemon_keys keys;
    hub_status status = host_folder_make(folder, 0700, err);
    if (status == HUB_OK) status = make_server(folder, err);
    if (status == HUB_OK) status = make_signing(folder, err);
    path_of(folder, "master.key", path);
    if (status == HUB_OK) status = write_missing(journal_master_create(path, err));
    if (status == HUB_OK) status = daemon_keys_read(folder, &keys, err);
    if (status == HUB_OK) status = daemon_keys_publish(folder, &keys, err);
    sodium_memzero(&keys, sizeof keys);
    return status;
}

static hub_status read_signing(const char *folder, daemon_keys *keys, hub_error *err)
{
    char path[FILE_PATH_MAX];
    path_of(folder, "signing.key", path);
    hub_buffer text = {0};
    hub_status status = host_secret_read(path, 1024, &text, err);
    if (status == HUB_OK && !hub_unhex(hub_buffer_text(&text), keys->signing_secret, sizeof keys->signing_secret)) {
        status = hub_fail(err, HUB_ERR_INVALID, "%s: is not a key: one line of 128 hex digits is expected", path);
    }
    host_secret_free(&text);
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
