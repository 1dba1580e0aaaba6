/* run.h - the adapter at work: transport -> intake -> outbox -> link -> hub, on one libuv loop. */
#ifndef ADAPTERS_RUN_H
#define ADAPTERS_RUN_H

#include "kit/config.h"

/* Exit codes, the same for every mode of the program. */
enum {
    ADAPTER_DONE = 0,
    ADAPTER_FAILED = 1,
    ADAPTER_USAGE = 2,
    ADAPTER_REFUSED = 3, /* all went through but what was parked or refused: somebody has to look */
};

typedef enum adapter_mode {
    ADAPTER_RUN,  /* until SIGTERM or SIGINT */
    ADAPTER_ONCE, /* until the folder is empty and the hub has settled everything */
} adapter_mode;

/* Runs, says one ready line on standard output, logs to standard error. `once_ms` bounds ADAPTER_ONCE. Returns an exit code. */
int adapter_run(const kit_config *config, adapter_mode mode, int64_t once_ms);

#endif
