/* context.h - the ZeroMQ context of a program, and the check that the library does what the bus relies on. */
#ifndef BUS_CONTEXT_H
#define BUS_CONTEXT_H

#include "base/status.h"

/* Refuses (HUB_ERR_VERSION) a libzmq older than 4.3.4 or without CURVE. `io_threads` 1..8: CURVE is bound by them, a hub has two. */
hub_status bus_context_open(int io_threads, void **out, hub_error *err);
/* Every socket must have been closed. NULL is allowed. Waits for lingering messages. */
void bus_context_close(void *context);

#endif
