/* orders.h - what people order of a running instance: files that mashctl puts into its folder, taken up within a second.
 *
 *     FOLDER/orders/<32 hex>.stop     one line who, one line why
 *     FOLDER/orders/<32 hex>.retry
 *
 * Who may write there is who may order: the folder is the instance's own, 0700. An order is removed once it is in the store,
 * or when it is none; one that cannot be read stays. Of one delivery the newest order lies there alone: whoever gives it takes the other away first.
 */
#ifndef OUTBOUND_ORDERS_H
#define OUTBOUND_ORDERS_H

#include "engine.h"

/* Does what stands there. An order that cannot be done is removed and said in the log. One that cannot be read is kept, and said in the log when
 * `trouble`, "" at first, does not say so already. HUB_ERR_IO, HUB_ERR_FULL: the store failed. */
hub_status orders_take(const char *folder, engine *e, int64_t now_ms, char trouble[256], hub_error *err);

#endif
