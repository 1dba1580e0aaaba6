/* init.h - making a partnership: folders, keys, an empty store, and its first two records. */
#ifndef DAEMON_INIT_H
#define DAEMON_INIT_H

#include "daemon/config.h"

/* Makes what is missing, never overwrites, and refuses a store that holds records.
 *   operator_key  a .pub file, or the key itself in Z85: the first operator
 * HUB_ERR_EXISTS: the store holds a partnership already. HUB_ERR_INVALID: the policy does not compile; its complaints are in `complaints`. */
hub_status daemon_init(const daemon_config *config, const char *operator_key, hub_buffer *complaints, hub_error *err);

#endif
