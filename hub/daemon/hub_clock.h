/* hub_clock.h - hub time: one clock for every record, that never jumps of itself.
 *
 *   hub time = where it stood + boot-time clock since, pulled gently towards the wall clock while they differ by less than 2 s
 *
 * Readings are brought by the caller, so that tests can bring their own.
 *   T1  hub time never decreases, not across a restart either (it starts at the last record's time or later), but by a correction,
 *       which is a record (TimeCorrected)
 *   T2  a wall clock that is 2 s off or more is not followed; it is told (`stepped`), and hub time goes on by the boot-time clock until
 *       the wall clock has been synchronised, and the same distance off, for a minute, or an operator accepts it
 *   T3  at start, a wall clock before the last record, or a month after it, holds the timers: events are taken, and an operator is asked.
 *       A clock that was behind and has been synchronised since, to within a month of the last record, needs no operator
 */
#ifndef DAEMON_HUB_CLOCK_H
#define DAEMON_HUB_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "mash/v1/record.pb-c.h"

typedef struct daemon_clock {
    int64_t hub_ms;
    int64_t boot_ms;   /* reading that belongs to hub_ms */
    int64_t owed_ms;   /* boot time since the last pull: a pull is a hundredth of it */
    int64_t last_ms;   /* of the last record at start; 0 = none */
    bool stepped;      /* T2 */
    bool holds_timers; /* T3 */
    bool was_right;    /* hub time has agreed with a synchronised wall clock since the start or the last correction */
    bool is_steady;    /* synchronised, and off by steady_off_ms ... */
    int64_t steady_off_ms, steady_since_ms; /* ... since this boot time */
} daemon_clock;

typedef enum daemon_clock_trust { DAEMON_CLOCK_ASK, DAEMON_CLOCK_ACCEPTED } daemon_clock_trust;

/* `last_ms`: time of the last record, 0 = none. ACCEPTED: an operator says that the wall clock is right. */
void daemon_clock_start(daemon_clock *clock, int64_t last_ms, int64_t wall_ms, int64_t boot_ms, daemon_clock_trust trust);
int64_t daemon_clock_now(daemon_clock *clock, int64_t wall_ms, int64_t boot_ms);

/* Is hub time to be corrected without an operator, by what, and why does it differ? To be asked again and again, right after
 * daemon_clock_now with the same reading of the wall clock. Hub time that was right and is behind stood still: a pause. Hub time that
 * never was, or is ahead, had followed a wrong clock. */
bool daemon_clock_settle(daemon_clock *clock, int64_t wall_ms, bool is_synchronised, int64_t *delta_ms,
                         Mash__V1__TimeCause *cause);
/* The correction is recorded: hub time is that much later (or earlier), and no timer is held. */
void daemon_clock_correct(daemon_clock *clock, int64_t delta_ms);

#endif
