/* serve.h - from a config to a running hub: keys, store, fold, and then the shell. */
#ifndef DAEMON_SERVE_H
#define DAEMON_SERVE_H

#include "daemon/config.h"
#include "daemon/hub_clock.h"

/* Runs until stopped. HUB_OK: stopped in order. Otherwise err says what, where, and what to do. */
hub_status daemon_serve(const daemon_config *config, daemon_clock_trust trust, hub_error *err);

/* Folds the store, beside a running hub, and prints what it came to. */
hub_status daemon_fold(const daemon_config *config, hub_error *err);

/* Raises the number of files the process may have open: a connection needs one. */
void daemon_raise_limits(void);

#endif
