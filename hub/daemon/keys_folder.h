/* keys_folder.h - the hub's own secrets, in a folder outside store and backup:
 *
 *     hub.key, hub.pub          CURVE: who the hub is on the network
 *     signing.key, signing.pub  Ed25519: signs heads, so that a cut or rewritten journal shows
 *     master.key                wraps the pages of record keys (journal/keys.h)
 */
#ifndef DAEMON_KEYS_FOLDER_H
#define DAEMON_KEYS_FOLDER_H

#include <limits.h>

#include "bus/curve.h"

enum { DAEMON_SIGNING_PUBLIC_BYTES = 32, DAEMON_SIGNING_SECRET_BYTES = 64 };

typedef struct daemon_keys {
    bus_key_pair server;
    uint8_t signing_public[DAEMON_SIGNING_PUBLIC_BYTES];
    uint8_t signing_secret[DAEMON_SIGNING_SECRET_BYTES];
    char master_path[PATH_MAX + 16];
} daemon_keys;

/* All three secrets are there: a hub was founded with them, or an init came to its last steps. */
bool daemon_keys_are_whole(const char *folder);
/* Makes the folder and whichever key is missing; never overwrites one. */
hub_status daemon_keys_make(const char *folder, hub_error *err);
/* Writes hub.pub and signing.pub from their secrets where they are missing: a crash came between the two, or somebody lost one. */
hub_status daemon_keys_publish(const char *folder, const daemon_keys *keys, hub_error *err);
/* HUB_ERR_NOT_FOUND, HUB_ERR_REFUSED (mode), HUB_ERR_INVALID: err names the file. */
hub_status daemon_keys_read(const char *folder, daemon_keys *out, hub_error *err);

#endif
