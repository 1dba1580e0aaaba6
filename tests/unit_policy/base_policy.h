/* base_policy.h - a small policy in two files for tests to spoil. Line numbers matter: tests name them. */
#ifndef UNIT_POLICY_BASE_POLICY_H
#define UNIT_POLICY_BASE_POLICY_H

#include "policy/policy.h"

extern const char BASE_POLICY[]; /* "p.yaml" */
extern const char BASE_ROSTER[]; /* "q.yaml": who acts, and ladders */

/* The base policy, with the first `find` in either replaced by `put` (NULL: nothing replaced). End with policy_sources_free. */
policy_sources base_sources(const char *find, const char *put);

/* Compiles it; fails the test on any complaint. End with policy_free. */
core_policy *base_compiled(const char *find, const char *put);

#endif
