/* fixture.h - those whom most stories are about: a running hub, an operator, an adapter and a consumer, with their sessions. */
#ifndef SYSTEM_HUB_FIXTURE_H
#define SYSTEM_HUB_FIXTURE_H

#include "harness.h"

typedef struct fixture {
    hub_run hub;
    peer *op, *adapter, *consumer;
} fixture;

/* cmocka set-up: the consumer's queue, or NULL for none. */
int fixture_make(void **state, const char *queue);
/* The same with this file beside its policy, as hub_make_with. */
int fixture_make_with(void **state, const char *queue, const char *policy_file);
/* cmocka tear-down. */
int fixture_remove(void **state);

#endif
