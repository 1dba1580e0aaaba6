#include "conform/candidate.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "conform/send.h"
#include "host/clock.h"
#include "host/files.h"

enum { FIRST_NUMBER = 1000, GOLDEN_BYTES_MAX = 16 * 1024 * 1024, PATH_BYTES = 1024, HOUR_MS = 3600 * 1000 };

hub_status candidate_open(candidate *c, const conform_options *options, hub_error *err)
{
    *c = (candidate){.options = options, .began_ms = host_wall_ms()};
    return host_file_read(options->golden, GOLDEN_BYTES_MAX, &c->golden, err);
}

void candidate_close(candidate *c)
{
    candidate_kill(c);
    hub_buffer_free(&c->golden);
}

/* ---- the process ---------------------------------------------------------------------------------------------------------------- */
hub_status candidate_start(candidate *c, hub_error *err)
{
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
    if (c->options->command == NULL) return HUB_OK;
    (void)posix_spawn_file_actions_init(&files);
    (void)posix_spawnattr_init(&attributes);
    (void)posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
    (void)posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    (void)posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, c->options->log, O_WRONLY | O_CREAT | O_APPEND, 0600);
    (void)posix_spawn_file_actions_adddup2(&files, STDOUT_FILENO, STDERR_FILENO);
    int failed = posix_spawnp(&c->pid, c->options->command[0], &files, &attributes, c->options->command, environ);
    (void)posix_spawn_file_actions_destroy(&files);
    (void)posix_spawnattr_destroy(&attributes);
    if (failed == 0) return HUB_OK;
    c->pid = 0;
    return hub_fail(err, HUB_ERR_IO, "%s: cannot be started: %s", c->options->command[0], strerror(failed));
}

void candidate_kill(candidate *c)
{
    if (c->pid <= 0) return;
    (void)kill(-c->pid, SIGKILL);
    while (waitpid(c->pid, NULL, 0) < 0 && errno == EINTR) {
    }
    c->pid = 0;
}

bool candidate_ended(candidate *c)
{
    if (c->pid <= 0 || waitpid(c->pid, NULL, WNOHANG) != c->pid) return false;
    c->pid = 0;
    return true;
}

/* ---- its inputs ------------------------------------------------------------------------------------------------------------------ */
static void put_word(const candidate *c, const char *word, size_t size, uint32_t number, hub_buffer *out)
{
    char when[32];
    bool is_hl7 = size == 3 && strncmp(word, "HL7", size) == 0;
    host_time_text(c->began_ms - HOUR_MS, is_hl7 ? "%Y%m%d%H%M%S+0000" : HOST_TIME_ISO, when, sizeof when);
    if (size == 1)
        hub_buffer_put_format(out, "%u", FIRST_NUMBER + number); /* without leading zeros: JSON knows no number 0001 */
    else if (is_hl7 || strncmp(word, "NOW", size) == 0)
        hub_buffer_put_text(out, when);
    else
        hub_buffer_put_format(out, "00000000-0000-4000-8000-%012u", number);
}

void candidate_golden(const candidate *c, uint32_t number, hub_buffer *out)
{
    static const char *const WORDS[] = {"N", "NOW", "UUID", "HL7"};
    const char *at = (const char *)c->golden.data, *end = at + c->golden.size;
    while (at < end) {
        const char *mark = memchr(at, '@', (size_t)(end - at));
        hub_buffer_put(out, at, mark == NULL ? (size_t)(end - at) : (size_t)(mark - at));
        if (mark == NULL) return;
        size_t size = 0;
        for (size_t i = 0; i < 4 && size == 0; i++) {
            size_t length = strlen(WORDS[i]);
            if ((size_t)(end - mark) > length + 1 && memcmp(mark + 1, WORDS[i], length) == 0 && mark[length + 1] == '@')
                size = length;
        }
        if (size > 0)
            put_word(c, mark + 1, size, number, out);
        else
            hub_buffer_put(out, mark, 1);
        at = mark + (size > 0 ? size + 2 : 1);
    }
}

static hub_status send_bytes(candidate *c, hub_bytes bytes, send_end end, hub_error *err)
{
    char answer[SEND_ANSWER_MAX];
    hub_status status = send_input(c->options->way, c->options->token, bytes, end, answer, err);
    c->taken = send_is_taken(c->options->way, answer);
    return status;
}

hub_status candidate_put_bytes(candidate *c, const char *name, hub_bytes bytes, hub_error *err)
{
    if (c->options->way != NULL) return send_bytes(c, bytes, SEND_WHOLE, err);
    char part[PATH_BYTES], path[PATH_BYTES];
    (void)snprintf(part, sizeof part, "%s/.%s.part", c->options->drop, name);
    (void)snprintf(path, sizeof path, "%s/%s", c->options->drop, name);
    hub_status status = host_file_replace(part, bytes, 0640, err);
    if (status == HUB_OK && rename(part, path) != 0) status = hub_fail(err, HUB_ERR_IO, "%s: %s", path, strerror(errno));
    return status;
}

hub_status candidate_put(candidate *c, hub_error *err)
{
    char name[64];
    hub_buffer text = {0};
    const char *dot = strrchr(c->options->golden, '.');
    c->inputs++;
    candidate_golden(c, c->inputs, &text);
    (void)snprintf(name, sizeof name, "golden-%04u%.16s", c->inputs, dot != NULL && strchr(dot, '/') == NULL ? dot : "");
    hub_status status =
        text.failed ? hub_fail(err, HUB_ERR_MEMORY, "out of memory") : candidate_put_bytes(c, name, hub_buffer_bytes(&text), err);
    hub_buffer_free(&text);
    return status;
}

hub_status candidate_put_half(candidate *c, hub_bytes bytes, hub_error *err)
{
    return c->options->way != NULL ? send_bytes(c, bytes, SEND_CUT, err) : candidate_put_bytes(c, "unfinished.part", bytes, err);
}
