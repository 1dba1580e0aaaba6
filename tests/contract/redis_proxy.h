/* redis_proxy.h - stands between a journal and its Redis, and can lose one answer: the transaction is done, and nobody hears of it. */
#ifndef CONTRACT_REDIS_PROXY_H
#define CONTRACT_REDIS_PROXY_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

enum { REDIS_PROXY_PAIRS = 8 };

typedef struct redis_proxy {
    char socket[96]; /* where it listens */
    char server[96]; /* where it connects to */
    pthread_t thread;
    int listening, end; /* `end`: writing end of the pipe that stops it */
    int stopped;        /* its reading end */
    struct redis_proxy_pair {
        int client, server; /* -1: none */
        bool is_losing;     /* the answers that come now are not passed on */
    } pairs[REDIS_PROXY_PAIRS];
    _Atomic bool loses_next; /* EXEC */
} redis_proxy;

/* Listens at `socket` for clients of the Redis at `server`, in a thread of its own. */
void redis_proxy_open(redis_proxy *proxy, const char *socket, const char *server);
/* The next EXEC is passed on; its answer is waited for and lost, and with it the connection. Once. */
void redis_proxy_lose_next_answer(redis_proxy *proxy);
void redis_proxy_close(redis_proxy *proxy);

#endif
