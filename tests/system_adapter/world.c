#include "free_port.h"
#include "world.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/bytes.h"
#include "host/files.h"

enum { WORDS_MAX = 32, READY_MS = 120 * 1000, PATIENCE_S = 180 }; /* only a test that fails waits so long */

/* ---- processes ---- */

typedef struct words {
    char text[2048];
    char *items[WORDS_MAX];
} words;

/* Cuts "--config a --once" at blanks, behind the program's path. */
static void split(words *out, const world *w, const char *program, const char *line)
{
    static char path[1024];
    char *rest = NULL;
    size_t count = 0;
    (void)snprintf(path, sizeof path, "%s/%s", w->bin, program);
    (void)snprintf(out->text, sizeof out->text, "%s", line);
    out->items[count++] = path;
    for (char *word = strtok_r(out->text, " ", &rest); word != NULL && count < WORDS_MAX - 1; word = strtok_r(NULL, " ", &rest))
        out->items[count++] = word;
    out->items[count] = NULL;
}

static pid_t launch(const world *w, const char *program, const char *line, int *output)
{
    words arguments;
    int ends[2];
    split(&arguments, w, program, line);
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        if (chdir(w->folder) != 0) _exit(127);
        int log = open("log", O_WRONLY | O_CREAT | O_APPEND, 0600);
        (void)dup2(ends[1], 1);
        (void)dup2(log, 2);
        execv(arguments.items[0], arguments.items);
        _exit(127);
    }
    close(ends[1]);
    *output = ends[0];
    return child;
}

int world_run(const world *w, char *out, size_t out_size, const char *program, const char *format, ...)
{
    char line[2048];
    char bytes[4096];
    size_t used = 0;
    int output = -1;
    int status = 0;
    va_list args;
    va_start(args, format);
    (void)vsnprintf(line, sizeof line, format, args);
    va_end(args);
    pid_t child = launch(w, program, line, &output);
    for (ssize_t got = read(output, bytes, sizeof bytes); got > 0; got = read(output, bytes, sizeof bytes)) {
        size_t take = out == NULL || used + (size_t)got >= out_size ? 0 : (size_t)got;
        if (take > 0) memcpy(out + used, bytes, take);
        used += take;
    }
    if (out != NULL) out[used] = '\0';
    close(output);
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

pid_t world_start(const world *w, const char *program, const char *format, ...)
{
    char line[2048];
    char said[512] = "";
    size_t used = 0;
    int output = -1;
    va_list args;
    va_start(args, format);
    (void)vsnprintf(line, sizeof line, format, args);
    va_end(args);
    pid_t child = launch(w, program, line, &output);
    while (strchr(said, '\n') == NULL) {
        struct pollfd wait = {.fd = output, .events = POLLIN};
        if (poll(&wait, 1, READY_MS) <= 0) break;
        ssize_t got = read(output, said + used, sizeof said - 1 - used);
        if (got <= 0) break;
        used += (size_t)got;
        said[used] = '\0';
    }
    close(output);
    if (strstr(said, "ready") == NULL) fail_msg("%s %s was not ready: %s (see %s/log)", program, line, said, w->folder);
    return child;
}

void world_kill(pid_t *process, int signal_number)
{
    if (*process <= 0) return;
    (void)kill(*process, signal_number);
    (void)waitpid(*process, NULL, 0);
    *process = 0;
}

void world_shell(const world *w, const char *format, ...)
{
    char line[2048];
    char command[2300];
    int status = -1;
    pid_t child = 0;
    va_list args;
    va_start(args, format);
    (void)vsnprintf(line, sizeof line, format, args);
    va_end(args);
    (void)snprintf(command, sizeof command, "cd %s && %s", w->folder, line);
    char shell[] = "/bin/sh";
    char dash_c[] = "-c";
    char *arguments[] = {shell, dash_c, command, NULL};
    assert_int_equal(posix_spawn(&child, shell, NULL, NULL, arguments, environ), 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    if (status != 0) fail_msg("%s", line);
}

/* ---- files ---- */

static void write_file(const world *w, const char *name, const char *text)
{
    char path[256];
    hub_error err = {{0}};
    (void)snprintf(path, sizeof path, "%s/%s", w->folder, name);
    if (host_file_replace(path, hub_bytes_of_text(text), 0600, &err) != HUB_OK) fail_msg("%s", err.text);
}

int world_files(const world *w, const char *folder)
{
    char path[256];
    int count = 0;
    (void)snprintf(path, sizeof path, "%s/%s", w->folder, folder);
    DIR *directory = opendir(path);
    if (directory == NULL) return 0;
    for (const struct dirent *entry = readdir(directory); entry != NULL; entry = readdir(directory))
        count += entry->d_name[0] != '.' && strstr(entry->d_name, ".tmp-") == NULL && entry->d_type == DT_REG;
    closedir(directory);
    return count;
}

typedef bool condition(const world *w, const char *name, const char *text, int number);

static void wait_until(condition *holds, const world *w, const char *name, const char *text, int number)
{
    const struct timespec moment = {.tv_nsec = 2000000};
    struct timespec began, now;
    clock_gettime(CLOCK_MONOTONIC, &began);
    do {
        if (holds(w, name, text, number)) return;
        (void)ppoll(NULL, 0, &moment, NULL);
        clock_gettime(CLOCK_MONOTONIC, &now);
    } while (now.tv_sec - began.tv_sec < PATIENCE_S);
    fail_msg("%s: waited %d s for %s (%d)", name, PATIENCE_S, text, number);
}

static bool has_files(const world *w, const char *folder, const char *text, int number)
{
    (void)text;
    return world_files(w, folder) >= number;
}

static bool has_text(const world *w, const char *file, const char *text, int number)
{
    char path[256];
    hub_buffer content = {0};
    (void)number;
    (void)snprintf(path, sizeof path, "%s/%s", w->folder, file);
    bool found = host_file_read(path, 1 << 24, &content, NULL) == HUB_OK && strstr(hub_buffer_text(&content), text) != NULL;
    hub_buffer_free(&content);
    return found;
}

void world_wait_files(const world *w, const char *folder, int files)
{
    wait_until(has_files, w, folder, "files", files);
}

void world_wait_text(const world *w, const char *file, const char *text)
{
    wait_until(has_text, w, file, text, 0);
}

void world_change(const world *w, const char *file, const char *from, const char *to)
{
    assert_true(has_text(w, file, from, 0));
    world_shell(w, "sed -i 's|%s|%s|g' %s", from, to, file);
}

void world_put_incidents(const world *w, int first, int last)
{
    char when[32];
    char name[64];
    char text[1024];
    struct tm utc;
    time_t hour_ago = time(NULL) - 3600;
    gmtime_r(&hour_ago, &utc);
    (void)strftime(when, sizeof when, "%Y-%m-%dT%H:%M:%SZ", &utc);
    for (int i = first; i <= last; i++) {
        (void)snprintf(text, sizeof text,
                       "{\"data\":{\"id\":\"00000000-0000-4000-8000-%012d\",\"type\":\"incident\",\"attributes\":{"
                       "\"crimeReferenceNumber\":\"44/%04d/T\",\"forceIdentifier\":\"44\",\"incidentStartDateTime\":\"%s\","
                       "\"recordedDateTime\":\"%s\",\"area\":\"E06000045\",\"domesticAbuse\":true,\"attended\":true,"
                       "\"riskAssessment\":{\"tool\":\"DASH\",\"toolVersion\":\"2009\",\"officerGrading\":\"standard\"}},"
                       "\"relationships\":{\"victim\":{\"data\":[{\"id\":\"v1\",\"type\":\"person\"}]}}},"
                       "\"included\":[{\"id\":\"v1\",\"type\":\"person\",\"attributes\":{\"givenName\":[\"Robin\"],\"surname\":"
                       "\"Testley%d\","
                       "\"dateOfBirth\":\"1990-02-03\"}}]}",
                       i, i, when, when, i);
        (void)snprintf(name, sizeof name, "var/police/in/%04d.json", i);
        write_file(w, name, text);
    }
}

/* ---- the world ---- */

static void write_adapter(const world *w, const char *name, const char *agency, const char *mapping, const char *system,
                          const char *transport)
{
    char text[1024];
    char file[64];
    (void)snprintf(text, sizeof text,
                   "name: %s\nagency: %s\nmapping: %s\nsource_system: %s\narea: E06000045\nfolder: var/%s\n"
                   "hub: {endpoints: [\"tcp://127.0.0.1:%d\"], server_key: keys/hub.pub}\nkey: client/%s.key\n"
                   "transport:\n%s"
                   "urgent_notice: {minutes: 10, telephone: \"01632 960001\"}\n",
                   name, agency, mapping, system, name, w->agency_port, name, transport);
    (void)snprintf(file, sizeof file, "%s.yaml", name);
    write_file(w, file, text);
}

/* Must end well: else what it wrote is part of the failure. */
static void must(const world *w, int ended)
{
    char path[256];
    hub_buffer log = {0};
    if (ended == 0) return;
    (void)snprintf(path, sizeof path, "%s/log", w->folder);
    (void)host_file_read(path, 1 << 24, &log, NULL);
    fail_msg("ended with %d: %s", ended, log.size > 0 ? hub_buffer_text(&log) : "no log");
}

static int ctl(const world *w, char *out, size_t size, const char *line)
{
    return world_run(w, out, size, "mashctl",
                     "%s --key client/operator.key --server-key keys/hub.pub --endpoint tcp://127.0.0.1:%d", line, w->team_port);
}

void world_start_hub(world *w)
{
    w->hub = world_start(w, "mashhubd", "--config .");
}

int world_make(void **state)
{
    char text[1024];
    const char *bin = getenv("MASHHUB_BIN");
    const char *source = getenv("MASHHUB_SOURCE");
    world *w = calloc(1, sizeof *w);
    if (w == NULL || bin == NULL || source == NULL) return -1;
    *state = w;
    (void)snprintf(w->bin, sizeof w->bin, "%s", bin);
    (void)snprintf(w->source, sizeof w->source, "%s", source);
    (void)snprintf(w->folder, sizeof w->folder, "/tmp/system-adapter-XXXXXX");
    if (mkdtemp(w->folder) == NULL) return -1;
    w->agency_port = free_port();
    while (w->team_port == 0 || w->team_port == w->agency_port)
        w->team_port = free_port();
    while (w->mllp_port == 0 || w->mllp_port == w->agency_port || w->mllp_port == w->team_port)
        w->mllp_port = free_port();
    world_shell(w, "mkdir -p client var/police/in");
    (void)snprintf(text, sizeof text,
                   "partnership: hips\nlisten: {agency: \"127.0.0.1:%d\", team: \"127.0.0.1:%d\"}\nstate: state\nkeys: keys\n"
                   "policy: %s/config/hips/policy\n",
                   w->agency_port, w->team_port, w->source);
    write_file(w, "hub.yaml", text);
    must(w, world_run(w, NULL, 0, "mashctl", "keys new client/operator"));
    must(w, world_run(w, NULL, 0, "mashctl", "keys new client/police"));
    must(w, world_run(w, NULL, 0, "mashctl", "keys new client/health"));
    must(w, world_run(w, NULL, 0, "mashhubd", "init --config . --operator client/operator.pub"));
    world_start_hub(w);
    must(w,
         ctl(w, NULL, 0, "keys enrol client/police.pub --name police --kind adapter --agency police --source-system niche/44"));
    must(w, ctl(w, NULL, 0, "keys enrol client/health.pub --name health --kind adapter --agency health --source-system pas/RHM"));
    write_adapter(w, "police", "police", "police-incident-json", "niche/44", "  folder: var/police/in\n  poll_ms: 20\n");
    (void)snprintf(text, sizeof text, "  mllp: {port: %d}\n", w->mllp_port);
    write_adapter(w, "health", "health", "health-hl7v2", "pas/RHM", text);
    return 0;
}

int world_end(void **state)
{
    world *w = *state;
    world_kill(&w->adapter, SIGKILL);
    world_kill(&w->hub, SIGKILL);
    world_shell(w, "cd / && rm -rf %s", w->folder);
    free(w);
    return 0;
}

static int64_t number_in(const char *json, const char *key)
{
    char wanted[64];
    (void)snprintf(wanted, sizeof wanted, "\"%s\":", key);
    const char *at = strstr(json, wanted);
    return at == NULL ? 0 : strtoll(at + strlen(wanted), NULL, 10); /* a number that is 0 may be left out */
}

int64_t world_hub_count(const world *w, const char *key)
{
    static char out[262144];
    assert_int_equal(ctl(w, out, sizeof out, "status --json"), 0);
    return number_in(out, key);
}

int64_t world_peers_count(const world *w, const char *key)
{
    static char out[262144];
    assert_int_equal(ctl(w, out, sizeof out, "peers --json"), 0);
    return number_in(out, key);
}

int64_t world_adapter_count(const world *w, const char *adapter, const char *key)
{
    static char out[4096];
    assert_int_equal(world_run(w, out, sizeof out, "mash-adapter", "--config %s.yaml --status --json", adapter), 0);
    return number_in(out, key);
}
