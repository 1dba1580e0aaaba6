/* pack_file.h - a continuity pack as a file: a page sealed so that it may lie on any share, and opens with a passphrase and nothing else: no hub,
 * no board, no network.
 *
 *     file  = "mash-board pack 1\n" | made (8) | expires (8) | salt (16) | header (24) | pieces
 *     piece = XChaCha20-Poly1305 of up to 64 KiB (libsodium's secretstream), all full but the last, which is tagged as such
 *     key   = argon2id13 of the passphrase and the salt: 64 MiB, 6 passes
 *
 * Numbers are big-endian; made and expires are ms since 1970. What stands before the header is authenticated with the first piece, so nobody
 * gives an old pack a new date; a cut file has no last piece and does not open.
 *
 * `expires` is a promise to the families that a forgotten file is not read by accident; who has the passphrase can still say that they mean it.
 * Names say when a pack was made, and nothing else. */
#ifndef BOARD_PACK_FILE_H
#define BOARD_PACK_FILE_H

#include "base/bytes.h"

enum {
    PACK_SALT_BYTES = 16,
    PACK_KEY_BYTES = 32,
    PACK_PASSPHRASE_BYTES_LEAST = 20, /* it is tried off line by whoever finds a file: five random words have more */
    PACK_PASSPHRASE_BYTES_MAX = 1000,
    PACK_NAME_BYTES = 32,            /* "pack-20261005T130500Z.mash", with the NUL */
    PACK_FILE_BYTES_MAX = 512 << 20, /* of what is opened */
};

/* Keep it in memory that is wiped. */
typedef struct pack_key {
    uint8_t salt[PACK_SALT_BYTES], key[PACK_KEY_BYTES];
} pack_key;

/* Reads the passphrase of a file (mode 0600, one line) and makes a key with a fresh salt; takes some 300 ms and 64 MiB for the moment.
 * HUB_ERR_NOT_FOUND, HUB_ERR_REFUSED (others may read it), HUB_ERR_IO; HUB_ERR_INVALID (too short or long, no clean text); HUB_ERR_MEMORY. */
hub_status pack_key_read(const char *path, pack_key *out, hub_error *err);

typedef struct pack_writer pack_writer; /* opaque */

/* Begins `folder`/NAME, NAME of `made_ms`: until pack_writer_end there is only NAME.part.
 *   key  BORROWED for the call
 *   out  GIVEN, end with pack_writer_end
 * HUB_ERR_IO, HUB_ERR_FULL, HUB_ERR_MEMORY, HUB_ERR_INVALID (the path is too long). May be called on any thread, as the two below. */
hub_status pack_writer_begin(const char *folder, const pack_key *key, int64_t made_ms, int64_t expires_ms, pack_writer **out,
                             hub_error *err);
/* Adds text. A failure is remembered and told by pack_writer_end. */
void pack_writer_put(pack_writer *w, hub_bytes text);
/* Ends it without a file. */
void pack_writer_drop(pack_writer *w);
/* Seals what is left, puts the file in place, and deletes packs of this folder made before `keep_from_ms`, and what was left half-written.
 * TAKES `w`, also on failure; then no file is changed. */
hub_status pack_writer_end(pack_writer *w, int64_t keep_from_ms, hub_error *err);

/* When the newest pack of the folder was made, by its name; 0: there is none. */
int64_t pack_file_newest_ms(const char *folder);

typedef enum pack_expiry { PACK_REFUSE_EXPIRED, PACK_OPEN_EXPIRED } pack_expiry;
/* Opens a pack: its page at the end of `out`.
 *   now_ms   ms since 1970
 *   made_ms, expires_ms  out: as the file says; authentic when the answer is HUB_OK
 * HUB_ERR_REFUSED (it has expired; err says when), HUB_ERR_CORRUPT (another passphrase, or damaged, or cut), HUB_ERR_INVALID (no pack),
 * HUB_ERR_NOT_FOUND, HUB_ERR_IO, HUB_ERR_MEMORY. */
hub_status pack_file_open(const char *path, hub_bytes passphrase, pack_expiry expiry, int64_t now_ms, int64_t *made_ms,
                          int64_t *expires_ms, hub_buffer *out, hub_error *err);
/* "2026-10-05 13:05 UTC" */
void pack_file_when(int64_t at_ms, char out[PACK_NAME_BYTES]);

#endif
