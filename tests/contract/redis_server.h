/* redis_server.h - a Redis of the test's own: on a unix socket in a temporary folder, ended by its process number. */
#ifndef CONTRACT_REDIS_SERVER_H
#define CONTRACT_REDIS_SERVER_H

#include <sys/types.h>

typedef struct redis_server {
    char folder[64];
    char socket[96];
    const char *sync; /* "always" or another value of appendfsync; BORROWED */
    pid_t pid;
    int log; /* reading end of its output */
} redis_server;

/* Makes the folder and starts. */
void redis_server_open(redis_server *server, const char *sync);
/* Starts again over what the folder holds. */
void redis_server_start(redis_server *server);
/* Kills it as a crash does, and waits. */
void redis_server_kill(redis_server *server);
/* Kills it and removes the folder. */
void redis_server_close(redis_server *server);

#endif
