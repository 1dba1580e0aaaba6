#include "conform/send.h"

#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "host/clock.h"

enum { ANSWER_MS = 5000, LISTEN_MS = 30 * 1000, AGAIN_MS = 50 };

typedef struct way {
    bool is_mllp;
    char host[128], port[8], path[256];
} way;

static bool read_way(const char *text, way *out)
{
    memset(out, 0, sizeof *out);
    (void)snprintf(out->path, sizeof out->path, "/");
    out->is_mllp = strncmp(text, "mllp://", 7) == 0;
    if (!out->is_mllp && strncmp(text, "http://", 7) != 0) return false;
    return sscanf(text + 7, "%127[^:/]:%7[0-9]%255s", out->host, out->port, out->path) >= 2;
}

static int connect_once(const way *to)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
    struct addrinfo *found = NULL;
    if (getaddrinfo(to->host, to->port, &hints, &found) != 0) return -1;
    int fd = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0 && connect(fd, found->ai_addr, found->ai_addrlen) != 0) {
        close(fd);
        fd = -1;
    }
    freeaddrinfo(found);
    return fd;
}

/* A candidate that was just started listens a moment later. */
static int connect_to(const way *to)
{
    uint64_t end_us = host_monotonic_us() + LISTEN_MS * 1000ULL;
    int fd = connect_once(to);
    while (fd < 0 && host_monotonic_us() < end_us) {
        (void)poll(NULL, 0, AGAIN_MS);
        fd = connect_once(to);
    }
    return fd;
}

static void put_message(const way *to, const char *token, hub_bytes input, hub_buffer *out)
{
    if (to->is_mllp) {
        hub_buffer_put(out, "\x0b", 1);
        hub_buffer_put(out, input.data, input.size);
        hub_buffer_put(out, "\x1c\r", 2);
        return;
    }
    hub_buffer_put_format(out, "POST %s HTTP/1.1\r\nHost: %s:%s\r\nConnection: close\r\nContent-Length: %zu\r\n", to->path,
                          to->host, to->port, input.size);
    if (token != NULL) hub_buffer_put_format(out, "Authorization: Bearer %s\r\n", token);
    hub_buffer_put_text(out, "\r\n");
    hub_buffer_put(out, input.data, input.size);
}

static void hear(int fd, const way *to, char answer[SEND_ANSWER_MAX])
{
    size_t size = 0;
    struct pollfd wait = {.fd = fd, .events = POLLIN};
    while (size < SEND_ANSWER_MAX - 1 && poll(&wait, 1, ANSWER_MS) == 1) {
        ssize_t got = recv(fd, answer + size, SEND_ANSWER_MAX - 1 - size, 0);
        if (got <= 0) break;
        size += (size_t)got;
        if (to->is_mllp && memchr(answer, 0x1c, size) != NULL) break;
    }
    answer[size] = '\0';
}

hub_status send_input(const char *text, const char *token, hub_bytes input, send_end end, char answer[SEND_ANSWER_MAX],
                      hub_error *err)
{
    way to;
    hub_buffer message = {0};
    answer[0] = '\0';
    if (!read_way(text, &to))
        return hub_fail(err, HUB_ERR_INVALID, "%s: a way in is mllp://HOST:PORT or http://HOST:PORT/PATH", text);
    int fd = connect_to(&to);
    if (fd < 0) return hub_fail(err, HUB_ERR_AGAIN, "%s: nobody listens there: %s", text, strerror(errno));
    put_message(&to, token, input, &message);
    size_t size = end == SEND_CUT ? message.size / 2 : message.size, sent = 0;
    while (sent < size) {
        ssize_t took = send(fd, message.data + sent, size - sent, MSG_NOSIGNAL);
        if (took <= 0) break; /* a candidate that hangs up on bad bytes may */
        sent += (size_t)took;
    }
    if (end == SEND_WHOLE) hear(fd, &to, answer);
    close(fd);
    hub_buffer_free(&message);
    return HUB_OK;
}

bool send_is_taken(const char *text, const char *answer)
{
    return strncmp(text, "mllp://", 7) == 0 ? strstr(answer, "|AA") != NULL : strncmp(answer, "HTTP/1.1 202", 12) == 0;
}
