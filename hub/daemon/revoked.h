/* revoked.h - the list of revoked keys beside the store: an older journal that is put back must not let a revoked key in again.
 *
 * One line of 64 hex digits a key, appended and synced when a key is revoked; read at start and asked by ZAP and at every Hello.
 */
#ifndef DAEMON_REVOKED_H
#define DAEMON_REVOKED_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"

enum { DAEMON_KEY_BYTES = 32 };

typedef struct daemon_revoked {
    char *path;                        /* owned */
    uint8_t (*keys)[DAEMON_KEY_BYTES]; /* owned */
    uint32_t count, capacity;
} daemon_revoked;

/* A missing file is an empty list. HUB_ERR_CORRUPT: a line that is no key (the hub does not start: it cannot know whom to keep out). */
hub_status daemon_revoked_read(const char *path, daemon_revoked *out, hub_error *err);
hub_status daemon_revoked_add(daemon_revoked *list, const uint8_t key[DAEMON_KEY_BYTES], hub_error *err);
bool daemon_revoked_has(const daemon_revoked *list, const uint8_t key[DAEMON_KEY_BYTES]);
void daemon_revoked_free(daemon_revoked *list);

#endif
