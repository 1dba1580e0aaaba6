/* probe.h - does whoever listens there hold this server key?
 *
 * Why: libzmq tells a client only that a handshake failed. A wrong server key and a key of one's own that is not enrolled look alike,
 * and they are mended by different people. The first two steps of a CURVE handshake need no enrolment: a server that holds the key
 * answers HELLO with a WELCOME that proves it (ZMTP 3.1 with CurveZMQ, RFC 23 and 26). So they are done by hand, once, over plain TCP.
 */
#ifndef BUS_PROBE_H
#define BUS_PROBE_H

#include <uv.h>

#include "bus/curve.h"

typedef struct bus_probe bus_probe;

typedef enum bus_probe_finding {
    BUS_PROBE_HOLDS_KEY, /* it proved that it holds the secret of this server key */
    BUS_PROBE_OTHER_KEY, /* it speaks CURVE, but could not open what was sealed for this key */
    BUS_PROBE_NO_HUB,    /* it speaks something else */
    BUS_PROBE_NO_ANSWER, /* nobody answers, or nobody listens */
    BUS_PROBE_CANCELLED,
} bus_probe_finding;

/* Called once, after the last handle was closed; the probe is gone then. */
typedef void bus_probe_done(void *context, bus_probe_finding finding);

/* `endpoint` "tcp://HOST:PORT", BORROWED for the call. HUB_OK, HUB_ERR_INVALID, HUB_ERR_MEMORY (`done` is not called). */
hub_status bus_probe_start(uv_loop_t *loop, const char *endpoint, const uint8_t server_key[BUS_KEY_BYTES], bus_probe_done *done,
                           void *context, bus_probe **out);
void bus_probe_cancel(bus_probe *probe);

#endif
