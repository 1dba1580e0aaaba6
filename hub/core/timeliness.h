/* timeliness.h - how long things took, without names: what a board may read of two years of records. Pure.
 *
 * Control parts alone are looked at. Every alert that was opened in the period counts, with whatever happened to it until the last record;
 * those of an exercise do not. Figures stand by area, queue and rating, as these are at the end.
 *
 * Small numbers: a figure that rests on fewer than CORE_SMALL_NUMBER cases is given as "fewer than", and its times are not given: in a small
 * area two cases are two families that everybody knows.
 */
#ifndef CORE_TIMELINESS_H
#define CORE_TIMELINESS_H

#include "core/core.h"

enum { CORE_SMALL_NUMBER = 5 };

typedef struct core_timeliness core_timeliness;

/* Alerts opened in [from_ms, until_ms). HUB_OK or HUB_ERR_MEMORY. */
hub_status core_timeliness_open(int64_t from_ms, int64_t until_ms, core_timeliness **out);
void core_timeliness_close(core_timeliness *t); /* NULL is allowed */

/* Every record, in order, right after the state has folded it. HUB_OK or HUB_ERR_MEMORY. */
hub_status core_timeliness_take(core_timeliness *t, const core_state *state, const core_record *record);

/* One figure. */
typedef struct core_timely {
    const char *area;  /* ONS code */
    const char *queue; /* name */
    Mash__V1__Rating rating;
    char what[48];                   /* "first seen", "clocks met in time" */
    uint32_t count;                  /* cases */
    int64_t median_ms, ninetieth_ms; /* -1: it has no duration, or too few cases */
} core_timely;

/* All figures, in order of area, queue, rating; each called once. area and queue are the state's. HUB_OK or HUB_ERR_MEMORY. */
typedef void core_timely_cb(void *context, const core_timely *figure);
hub_status core_timeliness_tell(core_timeliness *t, const core_state *state, core_timely_cb *each, void *context);

#endif
