#include "client_socket.h"

#include <stdio.h>
#include <zmq.h>

enum {
    HANDSHAKE_MS = 3000,
    QUEUED_MAX = 1000, /* frames, in each direction */
};

void *bus_client_dealer(void *zmq_context, const bus_client_options *options)
{
    void *socket = zmq_socket(zmq_context, ZMQ_DEALER);
    if (socket == NULL) return NULL;
    int none = 0, one = 1, handshake = HANDSHAKE_MS, reconnect = 100, reconnect_max = 1000, queued = QUEUED_MAX;
    int heartbeat = 5000;
    const struct {
        int option;
        const void *value;
        size_t size;
    } rows[] = {
        {ZMQ_LINGER, &none, sizeof none},
        {ZMQ_IMMEDIATE, &one, sizeof one}, /* frames of a lost session must not arrive before the next Hello */
        {ZMQ_CURVE_SERVERKEY, options->server_key, BUS_KEY_BYTES},
        {ZMQ_CURVE_PUBLICKEY, options->keys.public_key, BUS_KEY_BYTES},
        {ZMQ_CURVE_SECRETKEY, options->keys.secret_key, BUS_KEY_BYTES},
        {ZMQ_HANDSHAKE_IVL, &handshake, sizeof handshake},
        {ZMQ_RECONNECT_IVL, &reconnect, sizeof reconnect},
        {ZMQ_RECONNECT_IVL_MAX, &reconnect_max, sizeof reconnect_max},
        {ZMQ_HEARTBEAT_IVL, &heartbeat, sizeof heartbeat},
        {ZMQ_SNDHWM, &queued, sizeof queued},
        {ZMQ_RCVHWM, &queued, sizeof queued},
        {ZMQ_IPV6, &one, sizeof one},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (zmq_setsockopt(socket, rows[i].option, rows[i].value, rows[i].size) == 0) continue;
        (void)zmq_close(socket);
        return NULL;
    }
    return socket;
}

void *bus_client_monitor(void *zmq_context, void *socket, unsigned number)
{
    char name[64];
    (void)snprintf(name, sizeof name, "inproc://monitor-%u", number);
    if (zmq_socket_monitor(socket, name, ZMQ_EVENT_ALL) != 0) return NULL;
    void *pair = zmq_socket(zmq_context, ZMQ_PAIR);
    int none = 0;
    if (pair == NULL) return NULL;
    if (zmq_setsockopt(pair, ZMQ_LINGER, &none, sizeof none) == 0 && zmq_connect(pair, name) == 0) return pair;
    (void)zmq_close(pair);
    return NULL;
}
