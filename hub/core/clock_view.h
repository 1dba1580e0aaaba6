/* clock_view.h - a clock as a delivery tells of it: of an alert, a request, a stage of a disagreement. Private to hub/core. */
#ifndef CORE_CLOCK_VIEW_H
#define CORE_CLOCK_VIEW_H

#include "core/sharing.h"
#include "mash/v1/alert.pb-c.h"

typedef struct core_clock_viewing {
    const core_view *view; /* BORROWED: may the instant be told that it counts from? */
    bool tells_why;        /* and how its due time was reckoned */
    hub_arena *arena;
} core_clock_viewing;

/* Why a clock was noticed to have run out later than it did, in words. */
const char *core_clock_cause(Mash__V1__LateCause cause);
/* In the arena; NULL when that is used up. */
Mash__V1__Clock *core_clock_view(const core_clock_viewing *v, uint32_t clock);
/* The newest clock of this purpose and item on the alert, whatever became of it; 0 = there was none. */
uint32_t core_clock_newest(const core_state *state, uint32_t alert, Mash__V1__ClockPurpose purpose, uint64_t item);

#endif
