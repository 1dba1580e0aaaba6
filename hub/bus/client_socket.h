/* client_socket.h - the two ZeroMQ sockets of a client: the DEALER with all its options, and the PAIR that hears what becomes of it. */
#ifndef BUS_CLIENT_SOCKET_H
#define BUS_CLIENT_SOCKET_H

#include "bus/client.h"

/* A DEALER under CURVE, not yet connected; GIVEN (zmq_close). NULL: zmq_errno() tells why. */
void *bus_client_dealer(void *zmq_context, const bus_client_options *options);
/* A PAIR that receives the events of `socket`; GIVEN. `number` is another one for each socket of the context. */
void *bus_client_monitor(void *zmq_context, void *socket, unsigned number);

#endif
