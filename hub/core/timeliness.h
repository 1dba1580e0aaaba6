/* timeliness.h - how long things took, without names: what a board may read of two years of records. Pure.
 *
 * Control parts alone are looked at. Every alert that was opened in the period counts, with whatever happened to it until the last record;
 * those of an exercise do not, nor those of a class that the reader is not cleared for, by whatever event they came to it (P6). Figures stand
 * by area, queue and rating, as these are at the end. Which of them may be given is small_numbers.h, for each area, queue and rating.
 * The same durations stand by area, queue and the agency whose event opened the alert, and there without counts: two sums of the same alerts, by
 * rating and by agency, would tell by subtraction what either keeps back; a time tells of no others.
 * Notices that rules ask for (of one service to another) have no alert: they stand by the service that they are for.
 */
#ifndef CORE_TIMELINESS_H
#define CORE_TIMELINESS_H

#include "core/core.h"
#include "core/small_numbers.h"

typedef struct core_timeliness core_timeliness;

/* Which alerts count. */
typedef struct core_timeliness_of {
    int64_t from_ms, until_ms;        /* opened in [from_ms, until_ms) */
    Mash__V1__Sensitivity sees_up_to; /* the clearance of who reads the figures, as an audience's */
} core_timeliness_of;

/* HUB_OK or HUB_ERR_MEMORY. */
hub_status core_timeliness_open(core_timeliness **out);
void core_timeliness_close(core_timeliness *t); /* NULL is allowed */

/* Every record, in order, right after the state has folded it. HUB_OK or HUB_ERR_MEMORY. */
hub_status core_timeliness_take(core_timeliness *t, const core_state *state, const core_record *record);

/* One figure. */
typedef struct core_timely {
    const char *area;                            /* ONS code; "" = of notices */
    const char *queue;                           /* name; of notices: of the service they are for */
    Mash__V1__Rating rating;                     /* UNSPECIFIED = of every rating */
    Mash__V1__Agency agency;                     /* whose event opened the alerts; UNSPECIFIED = everybody's */
    char what[48];                               /* "first seen", "clocks met in time" */
    core_showing_of showing;                     /* unless GIVEN, `count` is for no paper */
    uint32_t count;                              /* of what it names: alerts, clocks, requests */
    int64_t median_ms, ninetieth_ms, longest_ms; /* -1: it has no duration, or TOO_FEW */
} core_timely;

/* All figures of the alerts that count, in order of area, queue, rating, then again by agency, then notices; each called once. area and queue are the
 * state's. May be asked again, of other periods. HUB_OK or HUB_ERR_MEMORY. */
typedef void core_timely_cb(void *context, const core_timely *figure);
hub_status core_timeliness_tell(core_timeliness *t, const core_state *state, core_timeliness_of which, core_timely_cb *each,
                                void *context);

#endif
