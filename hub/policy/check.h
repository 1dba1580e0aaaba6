/* check.h - what the checks of a policy that compiles share. Private to hub/policy. */
#ifndef POLICY_CHECK_H
#define POLICY_CHECK_H

#include "policy.h"

typedef struct check {
    const core_policy *policy;
    int32_t today;
    yaml_problems *problems;
} check;

/* `place` CHECK_NOWHERE: about what no file says. */
extern const core_place CHECK_NOWHERE;
void check_complain(const check *k, core_place place, const char *format, ...) __attribute__((format(printf, 3, 4)));
void check_warn(const check *k, core_place place, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* Does the rule hold on the day of the check? */
bool check_rule_is_on(const check *k, const core_rule *rule);

/* Rules against each other and against the statute (check_rules.c). */
void check_rules(const check *k);
/* Who is told, and is there anybody: roster, ladders, Red routes, alarms (check_people.c). */
void check_people(const check *k);

#endif
