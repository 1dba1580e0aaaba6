/* session_file.h - sessions and drafts in one sealed file, so that a board that was killed and started again keeps people signed in and
 * what they typed.
 *
 *     file     = "mash-board sessions 1\n" | nonce (24) | XChaCha20-Poly1305-IETF of the body, the first line as associated data
 *     body     = sessions (session.c), drafts (draft.c); numbers big-endian
 *     key file = 64 hex digits and a line end, mode 0600, in the board's configuration; the sealed file belongs on a volatile volume
 *
 * The file is a copy of what was in memory when it was saved: one that is put back later brings back sessions that were ended since. Save
 * soon after each sign-in and sign-out, and once a second while sessions_changed or drafts_changed say so. */
#ifndef SIGNIN_SESSION_FILE_H
#define SIGNIN_SESSION_FILE_H

#include "draft.h"
#include "session.h"

/* Makes a key file, mode 0600. HUB_ERR_EXISTS: there is one, and it is kept; HUB_ERR_IO. */
hub_status session_key_create(const char *key_path, hub_error *err);

/* Writes the sealed file `path` anew (mode 0600; a power cut leaves the old or the new one). Visitors are not saved.
 *   now_ms  drafts whose time is over are left out
 * Returns HUB_OK; of the key file HUB_ERR_NOT_FOUND, HUB_ERR_REFUSED (others may read it), HUB_ERR_INVALID (no key); HUB_ERR_IO, HUB_ERR_FULL
 * (the volume), HUB_ERR_MEMORY. */
hub_status session_file_save(const char *path, const char *key_path, sessions *people, drafts *typed, int64_t now_ms,
                             hub_error *err);

/* Reads it back into a table and drafts that are empty (just opened). After a failure they are empty still: everybody signs in again.
 * Returns HUB_OK; HUB_ERR_NOT_FOUND (no such file: a first start, or the key file is missing, err says which); HUB_ERR_CORRUPT (another key,
 * or damaged); HUB_ERR_VERSION; the others as of save. */
hub_status session_file_load(const char *path, const char *key_path, sessions *people, drafts *typed, hub_error *err);

#endif
