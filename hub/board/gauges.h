/* gauges.h - what the hub and this board did in each of the last sixty minutes: for the operators' plots and the tables beside them. Counts and times
 * of everybody together; nothing of anybody. */
#ifndef BOARD_GAUGES_H
#define BOARD_GAUGES_H

#include <stdbool.h>

#include "base/bytes.h"
#include "mash/v1/bus.pb-c.h"

enum { GAUGES_MINUTES = 60 };

typedef struct gauge_minute {
    int64_t minute;                 /* since 1970, hub time; 0 = nothing is known of it */
    bool is_heard;                  /* the hub has said how it does: */
    uint64_t accepted, refused;     /* events since the partnership began, as last heard in this minute */
    uint32_t deliveries, arrive_ms; /* that came to this board; the longest from the hub's record to here */
    uint32_t answer_ms;             /* the longest that the hub took to answer a question of this board */
} gauge_minute;

typedef struct gauges {
    gauge_minute minutes[GAUGES_MINUTES]; /* a minute stands at its number modulo GAUGES_MINUTES */
} gauges;

void gauges_status(gauges *g, int64_t now_ms, const Mash__V1__Status *status, int64_t took_ms);
/* A delivery came that was not one of the past. `time_ms`: when the hub recorded it. */
void gauges_delivery(gauges *g, int64_t now_ms, int64_t time_ms);

/* As lines of text, so that a board that starts again goes on: "minute heard accepted refused deliveries arrive_ms answer_ms" each. What cannot be
 * read is left out. */
void gauges_pack(const gauges *g, hub_buffer *out);
void gauges_unpack(gauges *g, hub_bytes text);

/* One minute as it is told. */
typedef struct gauge_row {
    int64_t at_ms;     /* at which it began */
    bool knows_events; /* what it began with is known too: the hub was heard in the minute before, and counts on from there */
    uint64_t accepted, refused;
    uint32_t deliveries, arrive_ms, answer_ms;
} gauge_row;
/* Those that are known, the oldest first; how many. */
uint32_t gauges_rows(const gauges *g, int64_t now_ms, gauge_row out[GAUGES_MINUTES]);

#endif
