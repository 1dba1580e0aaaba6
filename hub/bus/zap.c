#include "zap.h"

#include <stdlib.h>
#include <string.h>
#include <zmq.h>

#include "base/bytes.h"
#include "bus/uvzmq.h"

enum {
    PART_VERSION,
    PART_REQUEST,
    PART_DOMAIN,
    PART_ADDRESS,
    PART_IDENTITY,
    PART_MECHANISM,
    PART_KEY,
    PARTS,
    PART_BYTES_MAX = 256,
    REQUESTS_A_TURN = 64, /* a flood of connections must not hold up enrolled peers */
};

struct bus_zap {
    bus_uvzmq *zmq;
    bus_zap_decide *decide;
    void *context;
    int requests;
};

typedef struct zap_request {
    size_t sizes[PARTS];
    uint8_t parts[PARTS][PART_BYTES_MAX];
    int count;
    int odd; /* 1: a part too many or too long */
} zap_request;

static int take_request(void *socket, zap_request *request)
{
    memset(request, 0, sizeof *request);
    for (int more = 1; more != 0;) {
        zmq_msg_t part;
        (void)zmq_msg_init(&part);
        if (zmq_msg_recv(&part, socket, ZMQ_DONTWAIT) < 0) {
            (void)zmq_msg_close(&part);
            return 0;
        }
        size_t size = zmq_msg_size(&part);
        if (request->count < PARTS && size <= PART_BYTES_MAX) {
            if (size > 0) memcpy(request->parts[request->count], zmq_msg_data(&part), size);
            request->sizes[request->count] = size;
        } else {
            request->odd = 1;
        }
        request->count++;
        more = zmq_msg_more(&part);
        (void)zmq_msg_close(&part);
    }
    return 1;
}

static int part_is(const zap_request *request, int part, const char *text)
{
    return hub_bytes_equal(hub_bytes_of(request->parts[part], request->sizes[part]), hub_bytes_of_text(text));
}

static int is_well_formed(const zap_request *request)
{
    return request->odd == 0 && request->count == PARTS && part_is(request, PART_VERSION, "1.0") &&
           part_is(request, PART_DOMAIN, BUS_ZAP_DOMAIN) && part_is(request, PART_MECHANISM, "CURVE") &&
           request->sizes[PART_KEY] == BUS_KEY_BYTES;
}

/* An IPv4 address as people write it, also when the socket takes it for one of IPv6. */
static void address_of(const zap_request *request, char address[BUS_ZAP_ADDRESS_MAX])
{
    static const char MAPPED[] = "::ffff:";
    const char *text = (const char *)request->parts[PART_ADDRESS];
    size_t size = strnlen(text, request->sizes[PART_ADDRESS]);
    size_t skipped = size > strlen(MAPPED) && memcmp(text, MAPPED, strlen(MAPPED)) == 0 ? strlen(MAPPED) : 0;
    memset(address, 0, BUS_ZAP_ADDRESS_MAX);
    if (size - skipped < BUS_ZAP_ADDRESS_MAX) memcpy(address, text + skipped, size - skipped);
}

static bus_turn on_request(void *context)
{
    bus_zap *zap = context;
    if (zap->requests++ >= REQUESTS_A_TURN) return BUS_TURN_ENOUGH;
    void *socket = bus_uvzmq_socket(zap->zmq);
    zap_request request;
    if (!take_request(socket, &request)) return BUS_TURN_EMPTY;

    const uint8_t *key = request.parts[PART_KEY];
    char address[BUS_ZAP_ADDRESS_MAX];
    address_of(&request, address);
    bus_zap_verdict verdict = is_well_formed(&request) ? zap->decide(zap->context, key, address) : BUS_ZAP_NOT_ENROLLED;
    char user[2 * BUS_KEY_BYTES + 1] = "";
    if (verdict == BUS_ZAP_ENROLLED) hub_hex(key, BUS_KEY_BYTES, user);
    static const char *const CODES[] = {
        [BUS_ZAP_NOT_ENROLLED] = "300", [BUS_ZAP_ENROLLED] = "200", [BUS_ZAP_REVOKED] = "400"}; /* Z2 */
    static const char *const TEXTS[] = {
        [BUS_ZAP_NOT_ENROLLED] = "not enrolled", [BUS_ZAP_ENROLLED] = "OK", [BUS_ZAP_REVOKED] = "revoked"};
    const char *code = CODES[verdict];
    const char *text = TEXTS[verdict];
    (void)zmq_send(socket, "1.0", 3, ZMQ_SNDMORE | ZMQ_DONTWAIT);
    (void)zmq_send(socket, request.parts[PART_REQUEST], request.sizes[PART_REQUEST], ZMQ_SNDMORE | ZMQ_DONTWAIT);
    (void)zmq_send(socket, code, 3, ZMQ_SNDMORE | ZMQ_DONTWAIT);
    (void)zmq_send(socket, text, strlen(text), ZMQ_SNDMORE | ZMQ_DONTWAIT);
    (void)zmq_send(socket, user, strlen(user), ZMQ_SNDMORE | ZMQ_DONTWAIT);
    (void)zmq_send(socket, "", 0, ZMQ_DONTWAIT);
    return BUS_TURN_AGAIN;
}

static void on_served(void *context)
{
    bus_zap *zap = context;
    zap->requests = 0;
}

static void on_closed(void *context)
{
    free(context);
}

hub_status bus_zap_open(uv_loop_t *loop, void *zmq_context, bus_zap_decide *decide, void *context, bus_zap **out, hub_error *err)
{
    HUB_ASSERT(decide != NULL);
    *out = NULL;
    bus_zap *zap = calloc(1, sizeof *zap);
    if (zap == NULL) return hub_fail(err, HUB_ERR_MEMORY, "authentication: out of memory");
    *zap = (bus_zap){.decide = decide, .context = context};
    void *socket = zmq_socket(zmq_context, ZMQ_REP);
    int none = 0;
    if (socket == NULL || zmq_setsockopt(socket, ZMQ_LINGER, &none, sizeof none) != 0 ||
        zmq_bind(socket, "inproc://zeromq.zap.01") != 0) {
        hub_status status = zmq_errno() == EADDRINUSE ? HUB_ERR_EXISTS : HUB_ERR_IO;
        status = hub_fail(err, status, "authentication could not be set up: %s", zmq_strerror(zmq_errno()));
        if (socket != NULL) (void)zmq_close(socket);
        free(zap);
        return status;
    }
    bus_uvzmq_options options = {.context = zap, .readable = on_request, .served = on_served, .closed = on_closed};
    hub_status status = bus_uvzmq_open(loop, socket, &options, &zap->zmq, err);
    if (status != HUB_OK) {
        free(zap);
        return status;
    }
    *out = zap;
    return HUB_OK;
}

void bus_zap_close(bus_zap *zap)
{
    if (zap != NULL) bus_uvzmq_close(zap->zmq);
}
