#include "redis_server.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/status.h"
#include "temporary_folder.h"

static void become_server(const redis_server *server, int output)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL); /* no server outlives its test */
    dup2(output, STDOUT_FILENO);
    dup2(output, STDERR_FILENO);
    execlp("redis-server", "redis-server", "--port", "0", "--unixsocket", server->socket, "--dir", server->folder, "--appendonly",
           "yes", "--appendfsync", server->sync, "--save", "", "--daemonize", "no", (char *)NULL);
    _exit(127);
}

/* Its own words say when it can be asked: no waiting by the clock. */
static void wait_until_ready(const redis_server *server)
{
    char seen[8192];
    size_t size = 0;
    while (size < sizeof seen - 1) {
        ssize_t got = read(server->log, seen + size, sizeof seen - 1 - size);
        if (got <= 0) {
            fprintf(stderr, "redis-server did not start; is it installed?\n");
            abort();
        }
        size += (size_t)got;
        seen[size] = '\0';
        if (strstr(seen, "ready to accept connections at") != NULL) return;
    }
    abort();
}

void redis_server_start(redis_server *server)
{
    int ends[2];
    HUB_ASSERT(pipe(ends) == 0);
    server->pid = fork();
    HUB_ASSERT(server->pid >= 0);
    if (server->pid == 0) become_server(server, ends[1]);
    close(ends[1]);
    server->log = ends[0];
    wait_until_ready(server);
}

void redis_server_open(redis_server *server, const char *sync)
{
    server->sync = sync;
    temporary_folder_make(server->folder, sizeof server->folder);
    (void)snprintf(server->socket, sizeof server->socket, "%s/redis.sock", server->folder);
    redis_server_start(server);
}

void redis_server_kill(redis_server *server)
{
    kill(server->pid, SIGKILL);
    waitpid(server->pid, NULL, 0);
    close(server->log);
}

void redis_server_close(redis_server *server)
{
    redis_server_kill(server);
    temporary_folder_remove(server->folder);
}
