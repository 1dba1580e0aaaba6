/* people.h - who somebody is on today's roster: which queues they work on, what they may do there. Read from the policy in force, which the
 * hub gives the board; the hub itself looks at every act and every read again, so a mistake here can hide something and disclose nothing. */
#ifndef BOARD_PEOPLE_H
#define BOARD_PEOPLE_H

#include "core/policy.h"
#include "mash/v1/bus.pb-c.h"

enum { PERSON_ROWS_MAX = 8 }; /* teams of one person on one day */

typedef struct person {
    const core_policy *policy; /* BORROWED */
    const core_staff_row *rows[PERSON_ROWS_MAX];
    uint32_t row_count;
} person;

/* Compiles the policy that the hub says is in force. `out` is GIVEN: policy_free. HUB_ERR_INVALID: it does not compile here (the board is
 * older than the hub); err says where. */
hub_status people_policy(const Mash__V1__PolicyInForce *in_force, core_policy **out, hub_error *err);
/* Days since 1970 of this instant, in the partnership's civil time. */
int32_t people_day(const core_policy *policy, int64_t at_ms);
/* false: not on the roster that day; `out` is then nobody, who has no queue and may do nothing. */
bool people_find(const core_policy *policy, const char *id, int32_t day, person *out);
/* Position of the queue of this name in the policy; -1: none. */
int32_t people_queue(const core_policy *policy, const char *name);
/* What people call it: "Portsmouth MASH"; its name when the policy says nothing. */
const char *people_queue_shown(const core_policy *policy, const char *name);
/* What people call the service of this name: what its queues of all areas are called alike, "Operation Encompass"; the name when nothing is. */
enum { SERVICE_SHOWN_BYTES = 128 };
void people_service_shown(const core_policy *policy, const char *name, char out[SERVICE_SHOWN_BYTES]);
/* Likewise of the team of this name. */
const char *people_team_shown(const core_policy *policy, const char *name);

/* Does a team of theirs work on this queue (a position)? */
bool person_works_on(const person *who, uint32_t queue);
bool person_may(const person *who, uint32_t queue, Mash__V1__ActKind act);
/* Restricted alerts of this queue. */
bool person_is_cleared(const person *who, uint32_t queue);
/* What their team's screens call them: "Ada Example"; the id when the roster has no name. */
const char *person_shown(const core_policy *policy, const char *id, int32_t day);

#endif
