/* free_port.h - a TCP port of this machine that nobody listens on, and that no other test is given while this one runs. */
#ifndef SUPPORT_FREE_PORT_H
#define SUPPORT_FREE_PORT_H

#include <arpa/inet.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* A test draws a port long before it listens there, and ends and begins again who listens: meanwhile the port is as free as any other. So who
 * draws one takes the abstract name that stands for it (free_ports.py likewise), which nobody else gets before this process has ended. */
static inline int is_port_ours(int number)
{
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    int length = snprintf(name.sun_path + 1, sizeof name.sun_path - 1, "mashhub-test-port-%d", number);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)length);
    if (bind(fd, (const struct sockaddr *)&name, size) == 0) return 1; /* left open on purpose */
    close(fd);
    return 0;
}

/* Below the range from which the kernel takes ports for whoever asks for any: what is free now is not taken a moment later. */
static inline int free_port(void)
{
    enum { FIRST = 20000, COUNT = 12000 };
    for (;;) {
        uint16_t drawn = 0;
        (void)!getrandom(&drawn, sizeof drawn, 0);
        int number = FIRST + drawn % COUNT;
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        struct sockaddr_in at = {
            .sin_family = AF_INET, .sin_port = htons((uint16_t)number), .sin_addr = {htonl(INADDR_LOOPBACK)}};
        int failed = bind(fd, (const struct sockaddr *)&at, sizeof at);
        close(fd);
        if (failed == 0 && is_port_ours(number)) return number;
    }
}

#endif
