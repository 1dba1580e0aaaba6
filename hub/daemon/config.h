/* config.h - hub.yaml: where the hub of one partnership listens and keeps its things. Relative paths are relative to its folder;
 * nothing is taken from the environment. */
#ifndef DAEMON_CONFIG_H
#define DAEMON_CONFIG_H

#include <limits.h>

#include "base/bytes.h"
#include "daemon/own.h"
#include "host/log.h"

enum { DAEMON_ENDPOINT_MAX = 128 };

typedef struct daemon_config {
    char folder[PATH_MAX];
    char partnership[33];
    char agency[DAEMON_ENDPOINT_MAX]; /* "tcp://127.0.0.1:7401" */
    char team[DAEMON_ENDPOINT_MAX];
    char state[PATH_MAX];        /* folder: heads, revoked, and the default journal */
    char journal[PATH_MAX + 16]; /* location as journal_open takes it, with an absolute path */
    char audit[PATH_MAX + 16];   /* the audit stream's store: likewise */
    char keys[PATH_MAX];         /* folder */
    char policy[PATH_MAX];       /* folder */
    char metrics_address[64];    /* where GET /metrics is answered; "" = nowhere */
    uint16_t metrics_port;
    daemon_own *own; /* who of the staff is which person; NULL = nothing is known of it. Kept until the program ends */
    host_log_level log;
} daemon_config;

/* Reads `folder`/hub.yaml. HUB_OK, or HUB_ERR_INVALID with every complaint, a line each, at the end of `complaints`. */
hub_status daemon_config_read(const char *folder, daemon_config *out, hub_buffer *complaints);

#endif
