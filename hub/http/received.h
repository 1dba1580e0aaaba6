/* received.h - has anything come by this connection? A look whether a port is open says nothing. */
#ifndef HTTP_RECEIVED_H
#define HTTP_RECEIVED_H

#include <stdbool.h>

bool http_has_received(int socket);

#endif
