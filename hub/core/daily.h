/* daily.h - the daily list: log-only (blue) alerts that nobody has taken. A rule never ends them; a person looks through the list and signs it.
 *
 * Promises:  what is signed is what was shown: an alert that has come, or has changed, since the record at which the list stood stays open.
 *            Nobody sees or signs an alert that is hidden from them: restricted, or one in which they are a party.
 */
#ifndef CORE_DAILY_H
#define CORE_DAILY_H

#include "base/arena.h"
#include "core/core.h"
#include "mash/v1/bus.pb-c.h"

enum { CORE_DAILY_ITEMS_MAX = 200 };

typedef struct core_daily_ask {
    uint32_t reader; /* number of the key that asks */
    uint32_t staff;  /* number of the person who looks; 0 = the key's own */
    const char *queue;
    int32_t day; /* 0 = the day of `at_ms` */
    uint64_t after;
    int64_t at_ms;
} core_daily_ask;

/* HUB_OK: *out lives in the arena, and names of the state. HUB_ERR_REFUSED: this key does not read the queue, or there is none.
 * HUB_ERR_MEMORY. */
hub_status core_daily_list(const core_state *state, const core_daily_ask *ask, hub_arena *arena, Mash__V1__DailyList *out);

#endif
