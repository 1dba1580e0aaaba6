#include "context.h"

#include <stddef.h>
#include <zmq.h>

enum { SOCKETS_MAX = 16384 };

hub_status bus_context_open(int io_threads, void **out, hub_error *err)
{
    HUB_ASSERT(io_threads >= 1 && io_threads <= 8);
    *out = NULL;
    int major, minor, patch;
    zmq_version(&major, &minor, &patch);
    if (major * 10000 + minor * 100 + patch < 40304) {
        return hub_fail(err, HUB_ERR_VERSION, "libzmq %d.%d.%d is installed; 4.3.4 or newer is needed", major, minor, patch);
    }
    if (!zmq_has("curve")) return hub_fail(err, HUB_ERR_VERSION, "libzmq was built without CURVE; install one that has it");
    void *context = zmq_ctx_new();
    if (context == NULL) return hub_fail(err, HUB_ERR_MEMORY, "no ZeroMQ context: %s", zmq_strerror(zmq_errno()));
    (void)zmq_ctx_set(context, ZMQ_IO_THREADS, io_threads);
    (void)zmq_ctx_set(context, ZMQ_MAX_SOCKETS, SOCKETS_MAX);
    *out = context;
    return HUB_OK;
}

void bus_context_close(void *context)
{
    if (context == NULL) return;
    while (zmq_ctx_term(context) != 0 && zmq_errno() == EINTR) {
    }
}
