/* A file of its own: the kernel's header knows tcpi_bytes_received, and cannot stand beside the C library's. */
#include "received.h"

#include <linux/tcp.h>
#include <string.h>
#include <sys/socket.h>

enum { TCP_LEVEL = 6 }; /* IPPROTO_TCP */

bool http_has_received(int socket)
{
    struct tcp_info info;
    socklen_t size = sizeof info;
    memset(&info, 0, sizeof info);
    return getsockopt(socket, TCP_LEVEL, TCP_INFO, &info, &size) == 0 && info.tcpi_bytes_received > 0;
}
