/* revoked.h - the list of revoked keys beside the store: an older journal that is put back must not let a revoked key in again.
 *
 * One line of 64 hex digits a key. A key is in it before its revocation is recorded and answered; what the journal knows and the list
 * lacks (somebody removed the file) is put in at start. The file is replaced whole and synced with its folder, so it is never cut; one
 * that an earlier version left with half a line is mended. Asked by ZAP and with every message.
 */
#ifndef DAEMON_REVOKED_H
#define DAEMON_REVOKED_H

#include <stdbool.h>
#include <stdint.h>

#include "core/core.h"

enum { DAEMON_KEY_BYTES = 32 };

typedef struct daemon_revoked {
    char *path;                        /* owned */
    uint8_t (*keys)[DAEMON_KEY_BYTES]; /* owned */
    uint32_t count, capacity;
} daemon_revoked;

/* A missing file is an empty list; a last line that was cut short is taken away, because what it began to say was never answered.
 * HUB_ERR_CORRUPT: a line that is no key (the hub does not start: it cannot know whom to keep out). */
hub_status daemon_revoked_read(const char *path, daemon_revoked *out, hub_error *err);
/* On failure the key is neither in the file nor in memory: a repeat tries again. */
hub_status daemon_revoked_add(daemon_revoked *list, const uint8_t key[DAEMON_KEY_BYTES], hub_error *err);
/* Adds every key that is revoked in this state. */
hub_status daemon_revoked_add_all(daemon_revoked *list, const core_state *core, hub_error *err);
bool daemon_revoked_has(const daemon_revoked *list, const uint8_t key[DAEMON_KEY_BYTES]);
void daemon_revoked_free(daemon_revoked *list);

#endif
