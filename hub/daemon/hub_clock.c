#include "hub_clock.h"

enum {
    STEP_MS = 2000,
    STEADY_MS = 60000,
    PULL_PER = 100, /* 1 % faster or slower, as NTP-minded people expect of a slew that nobody notices */
};
static const int64_t MONTH_MS = INT64_C(31) * 24 * 3600 * 1000;

static int64_t distance(int64_t a, int64_t b)
{
    return a < b ? b - a : a - b;
}

static bool is_odd(int64_t last_ms, int64_t wall_ms)
{
    return last_ms > 0 && (wall_ms < last_ms - STEP_MS || wall_ms > last_ms + MONTH_MS);
}

void daemon_clock_start(daemon_clock *clock, int64_t last_ms, int64_t wall_ms, int64_t boot_ms, daemon_clock_trust trust)
{
    *clock = (daemon_clock){.hub_ms = wall_ms > last_ms ? wall_ms : last_ms, .boot_ms = boot_ms, .last_ms = last_ms};
    clock->holds_timers = is_odd(last_ms, wall_ms) && trust == DAEMON_CLOCK_ASK; /* T3 */
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
    int64_t far = distance(off, 0);
    clock->stepped = far >= STEP_MS; /* T2 */
    int64_t pull = 0;
    if (!clock->stepped && pull_max > 0) {
        pull = far < pull_max ? far : pull_max;
        clock->owed_ms -= pull_max * PULL_PER;
    }
    if (pull > passed) pull = passed;
    clock->hub_ms += off < 0 ? passed - pull : passed + pull; /* T1: pull <= passed */
    return clock->hub_ms;
}

bool daemon_clock_settle(daemon_clock *clock, int64_t wall_ms, bool is_synchronised, int64_t *delta_ms,
                         Mash__V1__TimeCause *cause)
{
    int64_t off = wall_ms - clock->hub_ms;
    bool was_steady = clock->is_steady && distance(off, clock->steady_off_ms) < STEP_MS;
    clock->is_steady = is_synchronised && clock->stepped;
    if (is_synchronised && !clock->stepped) clock->was_right = true;
    if (!clock->is_steady) return false;
    if (!was_steady) {
        clock->steady_off_ms = off;
        clock->steady_since_ms = clock->boot_ms;
    }
    if (clock->boot_ms - clock->steady_since_ms < STEADY_MS) return false;
    if (clock->holds_timers && is_odd(clock->last_ms, wall_ms)) return false; /* T3 */
    *delta_ms = off;
    *cause = off > 0 && clock->was_right ? MASH__V1__TIME_CAUSE__TIME_CAUSE_PAUSE : MASH__V1__TIME_CAUSE__TIME_CAUSE_WRONG_CLOCK;
    return true;
}

void daemon_clock_correct(daemon_clock *clock, int64_t delta_ms)
{
    clock->hub_ms += delta_ms;
    clock->owed_ms = 0;
    clock->stepped = clock->holds_timers = clock->was_right = clock->is_steady = false;
}
