/* keys.h - record keys: 1,024 to a page, each page wrapped by the master key that lies in a file outside store and backup.
 *
 * Why: erasing a person must make old bytes unreadable everywhere, in WAL, replicas and backups. A record whose key is gone is gone;
 * and once the pages are wrapped under a new master key, old copies of the pages are unreadable too.
 *
 *     record n -> page (n - 1) / 1024, slot (n - 1) % 1024
 *     page bytes = format 1 (1 byte) | master id (16) | nonce (24) | XChaCha20-Poly1305-IETF of 1024 x 32 bytes,
 *                  page number (8 bytes big-endian) as associated data
 *     master id  = keyed BLAKE2b-128 under the master key of the words "mash key page master": tells which key wrapped a page
 *     master key file = 64 hex digits and a line end
 *
 * A page is made whole, with fresh random keys, when its first record is written, and stored in the same batch.
 */
#ifndef JOURNAL_KEYS_H
#define JOURNAL_KEYS_H

#include "journal/journal.h"

typedef struct journal_keys journal_keys;

/* Makes a new master key file (mode 0600, must not exist). */
hub_status journal_master_create(const char *path, hub_error *err);
/* Reads the master key file; refuses one that others may read. Pages are fetched from `j` (BORROWED) on demand. */
hub_status journal_keys_open(const char *master_path, journal *j, journal_keys **out, hub_error *err);
/* As above with the key given (tests, simulation). */
hub_status journal_keys_open_with(const uint8_t master[HUB_SECRET_BYTES], journal *j, journal_keys **out, hub_error *err);
void journal_keys_close(journal_keys *keys);

/* The key of `sequence`: 32 bytes valid until the next call. HUB_ERR_NOT_FOUND: no such page; HUB_ERR_CORRUPT: does not open under this
 * master key (err says so and names the page). An erased key is all zero. */
hub_status journal_keys_get(journal_keys *keys, uint64_t sequence, const uint8_t **key, hub_error *err);
/* For the writer: as get, but makes the page when it does not exist; *new_page then holds its wrapped bytes
 * (BORROWED until journal_keys_stored) that must be stored with the batch; it is empty when the page is stored already. Until
 * journal_keys_stored says that they are, every take from that page gives the same key and the same bytes again: a batch that met a
 * full disk is offered once more with the keys it had. */
hub_status journal_keys_take(journal_keys *keys, uint64_t sequence, const uint8_t **key, hub_bytes *new_page, hub_error *err);
/* A key of its own for `purpose`, derived from the master key (keyed BLAKE2b-256 of the words): for what lies outside the journal and
 * must open under the same master key. */
void journal_keys_derive(const journal_keys *keys, const char *purpose, uint8_t out[HUB_SECRET_BYTES]);
/* The page made by take is durable. */
void journal_keys_stored(journal_keys *keys);

#endif
