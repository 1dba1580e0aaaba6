/* snapshot.h - a state as bytes, so that a start need not fold everything again. Not a stored format: a snapshot of another build is
 * refused (HUB_ERR_VERSION) and the journal is folded instead. */
#ifndef CORE_SNAPSHOT_H
#define CORE_SNAPSHOT_H

#include "core/core.h"

/* Writes the whole state at the end of `out`. HUB_OK or HUB_ERR_MEMORY. Two folds of the same records give equal bytes. */
hub_status core_snapshot_write(const core_state *state, hub_buffer *out);
/* Reads into a new state. Policies are missing: the caller compiles each adopted one from the record core_policy_sequence names and
 * gives it back with core_attach_policy. HUB_OK, HUB_ERR_MEMORY, HUB_ERR_VERSION, HUB_ERR_CORRUPT. */
hub_status core_snapshot_read(hub_bytes snapshot, core_state **out, hub_error *err);

#endif
