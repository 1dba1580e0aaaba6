/* zap.h - who may connect: the ZeroMQ authentication protocol (RFC 27) answered in the hub's own loop.
 *
 * Without a handler at inproc://zeromq.zap.01 libzmq lets every key in. So it is bound before any listening socket, and the listening
 * sockets carry ZAP_ENFORCE_DOMAIN, without which they refuse to open (router.h).
 *
 *   Z1  a key is let in only when the callback says so; anything odd about the request is a refusal
 *   Z2  a refusal is status 300: after 400 or 500 a DEALER never connects again, even when its key is enrolled a minute later. A revoked
 *       key is told 400: it never will be let in, and whoever has it is to know that
 *   Z3  the User-Id of every message is the lower-case hex of the peer's public key
 */
#ifndef BUS_ZAP_H
#define BUS_ZAP_H

#include <uv.h>

#include "base/status.h"
#include "bus/curve.h"

#define BUS_ZAP_DOMAIN "mash"

typedef struct bus_zap bus_zap;

enum { BUS_ZAP_ADDRESS_MAX = 64 };

typedef enum bus_zap_verdict { BUS_ZAP_NOT_ENROLLED, BUS_ZAP_ENROLLED, BUS_ZAP_REVOKED } bus_zap_verdict;
/* `address`: from where, "10.20.30.40". */
typedef bus_zap_verdict bus_zap_decide(void *context, const uint8_t key[BUS_KEY_BYTES], const char address[BUS_ZAP_ADDRESS_MAX]);

/* Binds in `zmq_context` (BORROWED). HUB_ERR_EXISTS when the context has a handler already. */
hub_status bus_zap_open(uv_loop_t *loop, void *zmq_context, bus_zap_decide *decide, void *context, bus_zap **out, hub_error *err);
/* NULL is allowed. Memory goes when the loop has closed the handles. */
void bus_zap_close(bus_zap *zap);

#endif
