/* port_owner.h - who holds a TCP port, for the message that it is in use. */
#ifndef DAEMON_PORT_OWNER_H
#define DAEMON_PORT_OWNER_H

#include <stddef.h>

/* "redis-server (pid 123)", or "another process" when it cannot be told (another user's process). `endpoint` ends in ":PORT". */
void daemon_port_owner(const char *endpoint, char *out, size_t size);

#endif
