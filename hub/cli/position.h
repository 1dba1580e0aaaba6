/* position.h - where a durable consumer stands, kept in a file that a power cut leaves old or new, never half.
 *
 * The file holds up to 16 lines "epoch sequence hash", newest first, the older ones further and further apart: when the hub's history
 * was replaced by an older one, one of them is still common.
 *
 * Invariants
 *   P1  a delivery is printed before its position is kept, and kept before its receipt is sent: nothing is skipped, some may repeat
 *   P2  positions in the file descend
 */
#ifndef CLI_POSITION_H
#define CLI_POSITION_H

#include "base/hash.h"
#include "base/status.h"
#include "mash/v1/alert.pb-c.h"

enum { POSITION_KEPT = 16 };

typedef struct position {
    uint32_t epoch;
    uint64_t sequence;
    uint8_t record_hash[HUB_DIGEST_BYTES];
} position;

typedef struct positions {
    position items[POSITION_KEPT]; /* newest first */
    size_t count;
} positions;

/* A file that is not there is an empty list. HUB_ERR_CORRUPT names the line. */
hub_status positions_read(const char *path, positions *out, hub_error *err);
hub_status positions_write(const char *path, const positions *list, hub_error *err);
/* A newer one; what is forgotten for it leaves the list spread out over the past. Ignored unless it is newer than the newest. */
void positions_add(positions *list, const Mash__V1__Position *newest);
/* Forgets what is newer than `last_common` (NULL: everything). */
void positions_fork(positions *list, const Mash__V1__Position *last_common);

#endif
