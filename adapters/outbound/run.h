/* run.h - one outbound instance: a consumer's session with the hub, the engine, its courier, on one loop. */
#ifndef OUTBOUND_RUN_H
#define OUTBOUND_RUN_H

#include "config.h"

/* Until SIGTERM or SIGINT. The exit code: 0 done, 1 failed. */
int outbound_run(const outbound_config *config);

#endif
