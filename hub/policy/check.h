/* check.h - what the checks of a policy that compiles share. Private to hub/policy. */
#ifndef POLICY_CHECK_H
#define POLICY_CHECK_H

#include "policy.h"

typedef struct check {
    const core_policy *policy;
    int32_t today;
    const int32_t *days; /* ascending: the day of the check, and every later one on which a row begins or ends */
    uint32_t day_count;
    yaml_problems *problems;
} check;

/* `place` CHECK_NOWHERE: about what no file says. */
extern const core_place CHECK_NOWHERE;
void check_complain(const check *k, core_place place, const char *format, ...) __attribute__((format(printf, 3, 4)));
void check_warn(const check *k, core_place place, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* " from 2027-03-01"; "" for the day of the check itself: then the gap is now. */
const char *check_from(const check *k, int32_t day, char out[32]);
/* Does the rule hold on the day of the check, or on a later one? */
bool check_rule_is_ahead(const check *k, const core_rule *rule);
/* Can an alert be sent to this queue by a rule that holds, or will? */
bool check_is_alerted(const check *k, uint32_t queue);

/* Rules against each other and against the statute (check_rules.c). */
void check_rules(const check *k);
/* Who is told, and is there anybody: roster, ladders, Red routes, alarms (check_people.c). */
void check_people(const check *k);

#endif
