#include "check.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "board/pack_file.h"
#include "bus/curve.h"
#include "host/files.h"
#include "signin/account.h"

enum { SECRET_BYTES_MAX = 4096 };

static hub_status check_pair(const char *path, hub_error *err)
{
    bus_key_pair keys;
    hub_status status = bus_key_pair_read(path, &keys, err);
    sodium_memzero(&keys, sizeof keys);
    return status;
}

static hub_status check_public(const char *path, hub_error *err)
{
    uint8_t key[BUS_KEY_BYTES];
    return bus_public_key_read(path, key, err);
}

static hub_status check_people(const char *path, hub_error *err)
{
    yaml_problems problems = {0};
    accounts *read = accounts_read_file(path, &problems);
    hub_status status = read != NULL ? HUB_OK : hub_fail(err, HUB_ERR_INVALID, "%.400s", hub_buffer_text(&problems.text));
    if (read != NULL) accounts_close(read);
    yaml_problems_free(&problems);
    return status;
}

/* One that is not there yet is made at the start, by the unit or by the board. */
static hub_status check_folder(const char *path, hub_error *err)
{
    if (access(path, F_OK) != 0 || access(path, R_OK | W_OK | X_OK) == 0) return HUB_OK;
    return hub_fail(err, HUB_ERR_IO, "this user may not write into %s; give it to the user that the board runs as", path);
}

static hub_status check_authorities(const char *path, hub_error *err)
{
    if (access(path, R_OK) == 0) return HUB_OK;
    return hub_fail(err, HUB_ERR_IO, "%s: cannot be read; put it there, readable by the user that the board runs as", path);
}

static hub_status check_secret(const char *path, hub_error *err)
{
    hub_buffer secret = {0};
    hub_status status = host_secret_read(path, SECRET_BYTES_MAX, &secret, err);
    host_secret_free(&secret);
    return status;
}

static hub_status check_passphrase(const char *path, hub_error *err)
{
    pack_key key;
    hub_status status = pack_key_read(path, &key, err);
    sodium_memzero(&key, sizeof key);
    return status;
}

unsigned board_check(const board_config *config)
{
    const struct {
        const char *what, *path; /* path "": is not configured */
        hub_status (*look)(const char *path, hub_error *err);
    } rows[] = {
        {"this board's key", config->key, check_pair},
        {"the hub's key", config->server_key, check_public},
        {"the key to watch with", config->watch_key, check_pair},
        {"who signs in", config->people, check_people},
        {"its state", config->state, check_folder},
        {"secret of the sign-in", config->oidc.secret, check_secret},
        {"ca of the sign-in", config->oidc.authorities, check_authorities},
        {"passphrase of packs", config->pack.passphrase, check_passphrase},
        {"folder of packs", config->pack.folder, check_folder},
    };
    unsigned wrong = 0;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        hub_error err = {{0}};
        if (rows[i].path[0] == '\0') continue;
        hub_status status = rows[i].look(rows[i].path, &err);
        wrong += status != HUB_OK;
        printf("%-6s %-22s %s\n", status == HUB_OK ? "ok" : "WRONG", rows[i].what, status == HUB_OK ? rows[i].path : err.text);
    }
    if (wrong > 0)
        printf("%u to put right\n", wrong);
    else
        printf("all right; whether the hub knows its key says: mashctl doctor --key %s --server-key %s --endpoint %s\n",
               config->key, config->server_key, config->endpoint);
    return wrong;
}
