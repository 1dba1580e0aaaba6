/* fold_child.c - `mashhubd --fold` beside the running hub: it writes the snapshot that the next start begins with, and proves that the
 * records still give the state they were written with. A process of its own, so that neither its time nor its faults are the hub's. */
#include "daemon/fold_child.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "daemon/shell.h"
#include "host/log.h"

enum { LOWEST_PRIORITY = 19 };
static const uint64_t FIRST_MS =
    UINT64_C(600) * 1000; /* when everybody is connected again; soon enough for a hub that restarts often */
static const uint64_t EVERY_MS = UINT64_C(3600) * 1000;
static const uint64_t SOONEST_MS = UINT64_C(300) * 1000; /* a fold of years of records takes minutes */

struct daemon_fold_child {
    uv_process_t process;
    daemon_shell *d;
    daemon_fold_times times;
    bool running;
};

bool daemon_fold_is_due(daemon_fold_times *times, uint64_t now_ms, uint64_t durable)
{
    if (times->next_ms == 0) times->next_ms = now_ms + FIRST_MS;
    if (now_ms < times->next_ms && (!times->is_asked || now_ms < times->soonest_ms)) return false;
    times->next_ms = now_ms + EVERY_MS;
    times->soonest_ms = now_ms + SOONEST_MS;
    times->is_asked = false;
    if (durable == times->folded) return false;
    times->folded = durable;
    return true;
}

static void on_closed(uv_handle_t *handle)
{
    daemon_fold_child *child = handle->data;
    child->running = false;
}

static void on_child_ended(uv_process_t *process, int64_t code, int number)
{
    daemon_fold_child *child = process->data;
    char text[24];
    (void)snprintf(text, sizeof text, "%" PRId64, code);
    if (code != 0 || number != 0) {
        host_log(HOST_LOG_ERROR, "the fold beside the hub failed: see its own lines above", "exit", text, "do",
                 "mashctl journal verify", NULL);
    }
    if (code == 0 && number == 0) daemon_timely_load(child->d);
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
    child->d = d;
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
    if (d->fold == NULL) d->fold = calloc(1, sizeof *d->fold);
    if (d->fold == NULL || d->fold->running || d->stopping) return;
    if (daemon_fold_is_due(&d->fold->times, uv_now(&d->loop), d->durable)) start(d);
}

bool daemon_fold_ask(daemon_shell *d, uint64_t newest)
{
    daemon_fold_child *child = d->fold;
    if (child == NULL) return false;
    if (newest < d->durable) child->times.is_asked = true;
    daemon_fold_child_watch(d);
    return child->running;
}

void daemon_fold_child_stop(daemon_shell *d)
{
    if (d->fold == NULL || !d->fold->running) return;
    if (!uv_is_closing((uv_handle_t *)&d->fold->process)) (void)uv_process_kill(&d->fold->process, SIGKILL);
}
