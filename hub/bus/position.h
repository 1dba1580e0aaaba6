/* position.h - where a durable consumer stands, kept in a file that a power cut leaves old or new, never half.
 *
 * The file holds up to 16 lines "epoch sequence hash", newest first, the older ones further and further apart: when the hub's history
 * was replaced by an older one, one of them is still common.
 *
 * Invariants
 *   P1  a delivery is printed, or stored, before its position is kept, and kept before its receipt is sent: nothing is skipped, some may repeat
 *   P2  positions in the file descend
 */
#ifndef BUS_POSITION_H
#define BUS_POSITION_H

#include "base/hash.h"
#include "base/status.h"
#include "mash/v1/alert.pb-c.h"

enum { BUS_POSITIONS_KEPT = 16 };

typedef struct bus_position {
    uint32_t epoch;
    uint64_t sequence;
    uint8_t record_hash[HUB_DIGEST_BYTES];
} bus_position;

typedef struct bus_positions {
    bus_position items[BUS_POSITIONS_KEPT]; /* newest first */
    size_t count;
} bus_positions;

/* A file that is not there is an empty list. HUB_ERR_CORRUPT names the line. */
hub_status bus_positions_read(const char *path, bus_positions *out, hub_error *err);
hub_status bus_positions_write(const char *path, const bus_positions *list, hub_error *err);
/* A newer one; what is forgotten for it leaves the list spread out over the past. Ignored unless it is newer than the newest. */
void bus_positions_add(bus_positions *list, const Mash__V1__Position *newest);
/* Forgets what is newer than `last_common` (NULL: everything). */
void bus_positions_fork(bus_positions *list, const Mash__V1__Position *last_common);

#endif
