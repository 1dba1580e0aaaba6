/* hub_clock.h - hub time: one clock for every record, that never goes back and never jumps.
 *
 *   hub time = where it stood + boot-time clock since, pulled gently towards the wall clock while they differ by less than 2 s
 *
 * Readings are brought by the caller, so that tests can bring their own.
 *   T1  hub time never decreases, not across a restart either (it starts at the last record's time or later)
 *   T2  a wall clock that is 2 s off or more is not followed; it is told (`stepped`), and hub time goes on by the boot-time clock
 *   T3  at start, a wall clock before the last record, or a month after it, holds the timers: events are taken, and an operator is asked
 */
#ifndef DAEMON_HUB_CLOCK_H
#define DAEMON_HUB_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

typedef struct daemon_clock {
    int64_t hub_ms;
    int64_t boot_ms;   /* reading that belongs to hub_ms */
    int64_t owed_ms;   /* boot time since the last pull: a pull is a hundredth of it */
    bool stepped;      /* T2 */
    bool holds_timers; /* T3 */
} daemon_clock;

typedef enum daemon_clock_trust { DAEMON_CLOCK_ASK, DAEMON_CLOCK_ACCEPTED } daemon_clock_trust;

/* `last_ms`: time of the last record, 0 = none. ACCEPTED: an operator says that the wall clock is right. */
void daemon_clock_start(daemon_clock *clock, int64_t last_ms, int64_t wall_ms, int64_t boot_ms, daemon_clock_trust trust);
int64_t daemon_clock_now(daemon_clock *clock, int64_t wall_ms, int64_t boot_ms);

#endif
