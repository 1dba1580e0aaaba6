/* base_policy.h - a small policy in one file for tests to spoil. Line numbers matter: tests name them. */
#ifndef UNIT_POLICY_BASE_POLICY_H
#define UNIT_POLICY_BASE_POLICY_H

#include "policy/policy.h"

extern const char BASE_POLICY[];

/* The base policy as one source "p.yaml", with the first `find` replaced by `put` (NULL: nothing replaced). End with
 * policy_sources_free. */
policy_sources base_sources(const char *find, const char *put);

/* Compiles it; fails the test on any complaint. End with policy_free. */
core_policy *base_compiled(const char *find, const char *put);

#endif
