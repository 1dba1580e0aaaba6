/* status.h - asking for the hub's status, shared by status, peers, keys list and doctor. */
#ifndef CLI_STATUS_H
#define CLI_STATUS_H

#include "cli/session.h"

typedef enum status_columns { STATUS_TRAFFIC, STATUS_KEYS } status_columns;

/* Everything is for operators and auditors; every key may ask how the hub is, and an adapter of itself. */
typedef enum status_scope { STATUS_ALL, STATUS_OWN } status_scope;

/* *out lives until the next question. */
hub_status status_ask(session *hub, status_scope scope, const Mash__V1__Status **out, hub_error *err);

#endif
