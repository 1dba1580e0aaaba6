/* status.h - asking for the hub's status, shared by status, peers, keys list and doctor. */
#ifndef CLI_STATUS_H
#define CLI_STATUS_H

#include "cli/session.h"

typedef enum status_columns { STATUS_TRAFFIC, STATUS_KEYS } status_columns;

/* Everything; *out lives until the next question. */
hub_status status_ask(session *hub, const Mash__V1__Status **out, hub_error *err);
/* The peers as a table, at the end of `out`. */
void status_peers(const cli_call *call, const Mash__V1__Status *state, status_columns columns, hub_buffer *out);

#endif
