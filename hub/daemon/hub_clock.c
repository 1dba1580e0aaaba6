#include "hub_clock.h"

enum {
    STEP_MS = 2000,
    PULL_PER = 100, /* 1 % faster or slower, as NTP-minded people expect of a slew that nobody notices */
};
static const int64_t MONTH_MS = INT64_C(31) * 24 * 3600 * 1000;

void daemon_clock_start(daemon_clock *clock, int64_t last_ms, int64_t wall_ms, int64_t boot_ms, daemon_clock_trust trust)
{
    *clock = (daemon_clock){.hub_ms = wall_ms > last_ms ? wall_ms : last_ms, .boot_ms = boot_ms};
    bool odd = last_ms > 0 && (wall_ms < last_ms - STEP_MS || wall_ms > last_ms + MONTH_MS);
    clock->holds_timers = odd && trust == DAEMON_CLOCK_ASK; /* T3 */
    clock->stepped = clock->hub_ms - wall_ms >= STEP_MS;
}

int64_t daemon_clock_now(daemon_clock *clock, int64_t wall_ms, int64_t boot_ms)
{
    int64_t passed = boot_ms - clock->boot_ms;
    if (passed <= 0) return clock->hub_ms;
    clock->boot_ms = boot_ms;
    clock->owed_ms += passed;
    int64_t pull_max = clock->owed_ms / PULL_PER;
    int64_t off = wall_ms - (clock->hub_ms + passed);
    int64_t distance = off < 0 ? -off : off;
    clock->stepped = distance >= STEP_MS; /* T2 */
    int64_t pull = 0;
    if (!clock->stepped && pull_max > 0) {
        pull = distance < pull_max ? distance : pull_max;
        clock->owed_ms -= pull_max * PULL_PER;
    }
    if (pull > passed) pull = passed;
    clock->hub_ms += off < 0 ? passed - pull : passed + pull; /* T1: pull <= passed */
    return clock->hub_ms;
}
