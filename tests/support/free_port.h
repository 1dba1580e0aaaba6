/* free_port.h - a TCP port of this machine that nobody listens on. */
#ifndef SUPPORT_FREE_PORT_H
#define SUPPORT_FREE_PORT_H

#include <arpa/inet.h>
#include <stdint.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

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
        if (failed == 0) return number;
    }
}

#endif
