/* policy.h - a small policy for simulations: two areas, three queues, clocks of minutes and of a working day. */
#ifndef SIM_POLICY_H
#define SIM_POLICY_H

#include "core/policy.h"

extern const char *const SIM_AREAS[2];
extern const char *const SIM_QUEUES[3];

typedef struct sim_policy {
    core_policy policy;
    core_area areas[2];
    core_audience audiences[2];
    core_queue_row queues[3];
    core_route routes[3];
    core_clock_row clocks[3];
    core_calendar calendar;
    core_zone_change zone[2 * 20 + 1];
    core_rule rules[6];
} sim_policy;

/* `out` may not be moved afterwards. */
void sim_policy_make(sim_policy *out);

#endif
