/* check.h - what the checks of a policy that compiles share. Private to hub/policy. */
#ifndef POLICY_CHECK_H
#define POLICY_CHECK_H

#include "compiler.h"

/* The value of `key` in the index-th row of the section, for a complaint about it; the row where it has no such key. */
const yaml_node *check_at(const policy_compiler *c, const char *section, size_t index, const char *key);
/* Does the rule hold on the day of the check? */
bool check_rule_is_on(const policy_compiler *c, const core_rule *rule);

/* Rules against each other and against the statute (check_rules.c). */
void check_rules(policy_compiler *c);
/* Who is told, and is there anybody: roster, ladders, Red routes, alarms (check_people.c). */
void check_people(policy_compiler *c);

#endif
