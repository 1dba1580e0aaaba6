/* serve.h - from a config to a running hub: keys, store, fold, and then the shell. */
#ifndef DAEMON_SERVE_H
#define DAEMON_SERVE_H

#include "daemon/config.h"
#include "daemon/hub_clock.h"
#include "daemon/standing.h"

/* What an operator said at this start. */
typedef struct daemon_accepted {
    daemon_clock_trust clock;
    daemon_restore_trust restore; /* ACCEPTED: nothing is published before the next start */
} daemon_accepted;

/* Runs until stopped. HUB_OK: stopped in order. Otherwise err says what, where, and what to do. */
hub_status daemon_serve(const daemon_config *config, const daemon_accepted *accepted, hub_error *err);

/* Folds the store, beside a running hub, and prints what it came to. */
hub_status daemon_fold(const daemon_config *config, hub_error *err);

#endif
