/* fold_child.c - `mashhubd --fold` beside the running hub: it writes the snapshot that the next start begins with, and proves that the
 * records still give the state they were written with. A process of its own, so that neither its time nor its faults are the hub's. */
#include "daemon/shell.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "host/log.h"

enum {
    LOWEST_PRIORITY = 19,
    RECORDS_WORTH_IT = 10000, /* folding these takes about a tenth of a second: below it a start gains nothing */
};
static const uint64_t EVERY_MS = UINT64_C(3600) * 1000;

struct daemon_fold_child {
    uv_process_t process;
    uint64_t next_ms; /* uv_now */
    uint64_t folded;  /* durable sequence when the last one was started */
    bool running;
};

static void on_closed(uv_handle_t *handle)
{
    daemon_fold_child *child = handle->data;
    child->running = false;
}

static void on_child_ended(uv_process_t *process, int64_t code, int number)
{
    char text[24];
    (void)snprintf(text, sizeof text, "%" PRId64, code);
    if (code != 0 || number != 0) {
        host_log(HOST_LOG_ERROR, "the fold beside the hub failed: see its own lines above", "exit", text, "do",
                 "mashctl journal verify", NULL);
    }
    uv_close((uv_handle_t *)process, on_closed);
}

static void start(daemon_shell *d)
{
    daemon_fold_child *child = d->fold;
    char *arguments[] = {(char *)(uintptr_t) "mashhubd", (char *)(uintptr_t) "--fold", (char *)(uintptr_t) "--config",
                         (char *)(uintptr_t)d->config->folder, NULL};
    uv_stdio_container_t streams[3] = {{.flags = UV_IGNORE}, {.flags = UV_IGNORE}, {.flags = UV_INHERIT_FD, .data.fd = 2}};
    uv_process_options_t options = {
        .file = "/proc/self/exe", .args = arguments, .exit_cb = on_child_ended, .stdio = streams, .stdio_count = 3};
    int failed = uv_spawn(&d->loop, &child->process, &options);
    child->process.data = child;
    child->running = true;
    if (failed != 0) {
        host_log(HOST_LOG_WARNING, "the fold beside the hub could not be started", "cause", uv_strerror(failed), NULL);
        uv_close((uv_handle_t *)&child->process, on_closed);
        return;
    }
    (void)setpriority(PRIO_PROCESS, (id_t)child->process.pid, LOWEST_PRIORITY);
}

void daemon_fold_child_watch(daemon_shell *d)
{
    if (d->fold == NULL) {
        d->fold = calloc(1, sizeof *d->fold);
        if (d->fold == NULL) return;
        d->fold->next_ms = uv_now(&d->loop) + EVERY_MS;
        d->fold->folded = d->durable;
    }
    daemon_fold_child *child = d->fold;
    if (child->running || d->stopping || uv_now(&d->loop) < child->next_ms) return;
    child->next_ms = uv_now(&d->loop) + EVERY_MS;
    if (d->durable - child->folded < RECORDS_WORTH_IT) return;
    child->folded = d->durable;
    start(d);
}

void daemon_fold_child_stop(daemon_shell *d)
{
    if (d->fold == NULL || !d->fold->running) return;
    if (!uv_is_closing((uv_handle_t *)&d->fold->process)) (void)uv_process_kill(&d->fold->process, SIGKILL);
}
