/* redact.h - what was said, as one audience may see it: the event's own part of a delivery. Private to hub/core. */
#ifndef CORE_REDACT_H
#define CORE_REDACT_H

#include "core/sharing.h"

typedef struct core_redaction {
    const core_state *state;
    const core_record *said; /* whose event it is */
    const core_audience *audience;
    uint32_t subject; /* as in Delivered: the one person that is given; 0 = all whom the audience is told of */
    hub_arena *arena;
} core_redaction;

/* The event (D1) and the names of what is withheld of it, packed as fields of Delivery, in the arena. `out` lends its end for the packing.
 * HUB_OK or HUB_ERR_MEMORY. */
hub_status core_redact(const core_redaction *r, hub_buffer *out, hub_bytes *packed);

#endif
