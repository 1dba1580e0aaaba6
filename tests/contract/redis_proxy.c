#include "redis_proxy.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/status.h"

static struct sockaddr_un address_of(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    HUB_ASSERT(strlen(path) < sizeof address.sun_path);
    memcpy(address.sun_path, path, strlen(path) + 1);
    return address;
}

static void end_pair(struct redis_proxy_pair *pair)
{
    if (pair->client >= 0) close(pair->client);
    if (pair->server >= 0) close(pair->server);
    *pair = (struct redis_proxy_pair){.client = -1, .server = -1};
}

static void accept_client(redis_proxy *proxy)
{
    struct sockaddr_un address = address_of(proxy->server);
    int client = accept(proxy->listening, NULL, NULL);
    HUB_ASSERT(client >= 0);
    int server = socket(AF_UNIX, SOCK_STREAM, 0);
    HUB_ASSERT(connect(server, (struct sockaddr *)&address, sizeof address) == 0);
    int free_place = 0;
    while (free_place < REDIS_PROXY_PAIRS && proxy->pairs[free_place].client >= 0)
        free_place++;
    HUB_ASSERT(free_place < REDIS_PROXY_PAIRS);
    proxy->pairs[free_place] = (struct redis_proxy_pair){.client = client, .server = server};
}

static void pass_on(int to, const char *data, ssize_t size)
{
    for (ssize_t done = 0; done < size;) {
        ssize_t put = send(to, data + done, (size_t)(size - done), MSG_NOSIGNAL);
        if (put <= 0) return; /* the other side is gone: its end is seen by the next read */
        done += put;
    }
}

static void from_client(redis_proxy *proxy, struct redis_proxy_pair *pair)
{
    char data[64 * 1024];
    ssize_t got = read(pair->client, data, sizeof data);
    if (got <= 0) {
        end_pair(pair);
        return;
    }
    bool is_exec = memmem(data, (size_t)got, "\r\nEXEC\r\n", 8) != NULL;
    if (is_exec && atomic_exchange(&proxy->loses_next, false)) pair->is_losing = true;
    pass_on(pair->server, data, got);
}

static void from_server(struct redis_proxy_pair *pair)
{
    char data[64 * 1024];
    ssize_t got = read(pair->server, data, sizeof data);
    bool is_done = got > 0 && pair->is_losing && memchr(data, '*', (size_t)got) != NULL; /* a list: what EXEC answers */
    if (got <= 0 || is_done) {
        end_pair(pair);
    } else if (!pair->is_losing) {
        pass_on(pair->client, data, got);
    }
}

static void *run(void *argument)
{
    redis_proxy *proxy = argument;
    for (;;) {
        struct pollfd ends[2 + 2 * REDIS_PROXY_PAIRS] = {{.fd = proxy->stopped, .events = POLLIN},
                                                         {.fd = proxy->listening, .events = POLLIN}};
        for (int i = 0; i < REDIS_PROXY_PAIRS; i++) {
            ends[2 + 2 * i] = (struct pollfd){.fd = proxy->pairs[i].client, .events = POLLIN};
            ends[3 + 2 * i] = (struct pollfd){.fd = proxy->pairs[i].server, .events = POLLIN};
        }
        HUB_ASSERT(poll(ends, sizeof ends / sizeof ends[0], -1) > 0);
        if (ends[0].revents != 0) return NULL;
        for (int i = 0; i < REDIS_PROXY_PAIRS; i++) {
            struct redis_proxy_pair *pair = &proxy->pairs[i];
            if (ends[2 + 2 * i].revents != 0) from_client(proxy, pair);
            if (ends[3 + 2 * i].revents != 0 && pair->server >= 0) from_server(pair);
        }
        if (ends[1].revents != 0) accept_client(proxy);
    }
}

void redis_proxy_open(redis_proxy *proxy, const char *socket_path, const char *server)
{
    int ends[2];
    struct sockaddr_un address = address_of(socket_path);
    memset(proxy, 0, sizeof *proxy);
    (void)snprintf(proxy->socket, sizeof proxy->socket, "%s", socket_path);
    (void)snprintf(proxy->server, sizeof proxy->server, "%s", server);
    for (int i = 0; i < REDIS_PROXY_PAIRS; i++)
        proxy->pairs[i] = (struct redis_proxy_pair){.client = -1, .server = -1};
    HUB_ASSERT(pipe(ends) == 0);
    proxy->stopped = ends[0];
    proxy->end = ends[1];
    proxy->listening = socket(AF_UNIX, SOCK_STREAM, 0);
    HUB_ASSERT(bind(proxy->listening, (struct sockaddr *)&address, sizeof address) == 0);
    HUB_ASSERT(listen(proxy->listening, REDIS_PROXY_PAIRS) == 0);
    HUB_ASSERT(pthread_create(&proxy->thread, NULL, run, proxy) == 0);
}

void redis_proxy_lose_next_answer(redis_proxy *proxy)
{
    atomic_store(&proxy->loses_next, true);
}

void redis_proxy_close(redis_proxy *proxy)
{
    HUB_ASSERT(write(proxy->end, "", 1) == 1);
    HUB_ASSERT(pthread_join(proxy->thread, NULL) == 0);
    for (int i = 0; i < REDIS_PROXY_PAIRS; i++)
        end_pair(&proxy->pairs[i]);
    close(proxy->listening);
    close(proxy->stopped);
    close(proxy->end);
    (void)unlink(proxy->socket);
}
