/* snapshot_file.h - a folded state in a file, so that a start need not fold everything again.
 *
 * A cache, never a source: whatever does not fit is not used, and the journal is folded instead. It holds what the state holds, numbers
 * and keyed hashes of people; so it is sealed under a key derived from the journal's master key.
 *
 *      0   4  "MSHS"
 *      4   4  format: 1                               (all integers big-endian)
 *      8   8  sequence of the last record folded
 *     16  32  hash of that record
 *     48   1  length of the partnership's name, then the name
 *          1  length of the version that wrote it, then the version
 *         24  nonce
 *             XChaCha20-Poly1305-IETF of core_snapshot_write's bytes, everything before the nonce as associated data
 *
 * Invariants
 *   F1  it is used only by the version that wrote it, for its own partnership, over a journal that holds its record and its state's digest
 *   F2  it is replaced whole: a power cut leaves the old one or the new one
 */
#ifndef FOLD_SNAPSHOT_FILE_H
#define FOLD_SNAPSHOT_FILE_H

#include "core/core.h"
#include "fold/policies.h"
#include "journal/reader.h"

/* Writes the state, which stands at the end of a batch of `j`. HUB_ERR_INVALID: an empty state; HUB_ERR_IO, HUB_ERR_FULL, HUB_ERR_MEMORY. */
hub_status fold_save_snapshot(const core_state *state, journal *j, journal_keys *keys, const char *path, hub_error *err);

/* Reads it into a new state, with every adopted policy compiled again. HUB_OK; HUB_ERR_NOT_FOUND (no file), HUB_ERR_VERSION,
 * HUB_ERR_CORRUPT, HUB_ERR_INVALID (it does not fit this journal): fold everything, err says why; HUB_ERR_MEMORY, HUB_ERR_IO. */
hub_status fold_load_snapshot(const char *path, journal *j, journal_keys *keys, fold_policies *policies, core_state **out,
                              hub_error *err);

#endif
