/* policy.h - a small policy for simulations: two areas, four queues, seven people in four teams, clocks of minutes and of a working
 * day, a ladder, a ladder of disagreement. The second edition, adopted in mid-run, has one rule more, another time for a step, and every clock at another
 * position: what was set by the first must stay as it was set. */
#ifndef SIM_POLICY_H
#define SIM_POLICY_H

#include "core/policy.h"
#include "options.h"

extern const char *const SIM_AREAS[2];
extern const char *const SIM_QUEUES[SIM_CONSUMERS];

enum { SIM_POLICIES = 2, SIM_STAFF = 8 };
typedef enum sim_edition { SIM_FIRST_EDITION, SIM_SECOND_EDITION } sim_edition;

typedef struct sim_policy {
    core_policy policy;
    core_area areas[2];
    core_audience audiences[3];
    core_queue_row queues[SIM_CONSUMERS];
    core_route routes[4];
    core_clock_row clocks[15];
    uint32_t first_clock; /* position of the first that is used */
    core_calendar calendar;
    core_zone_change zone[2 * 20 + 1];
    core_rule rules[7];
    core_role roles[4];
    core_team teams[4];
    core_staff_row staff[SIM_STAFF];
    core_outcome outcomes[2];
    core_agency_row agencies[2];
    core_ladder ladder;
    core_disagreement_ladder disagreements;
} sim_policy;

/* `out` may not be moved afterwards. */
void sim_policy_make(sim_policy *out, sim_edition edition);

#endif
