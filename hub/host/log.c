#include "log.h"

#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/bytes.h"

/* The two settings are made once, before threads start. */
static host_log_level lowest = HOST_LOG_INFO;
static const char *program = "mashhub";

void host_log_set_level(host_log_level level)
{
    lowest = level;
}

void host_log_set_program(const char *name)
{
    program = name;
}

static void put_quoted(hub_buffer *line, const char *text)
{
    hub_buffer_put_text(line, "\"");
    for (const char *at = text; *at != '\0'; at++) {
        unsigned char c = (unsigned char)*at;
        if (c == '"' || c == '\\') {
            hub_buffer_put_format(line, "\\%c", c);
        } else if (c < 0x20) {
            hub_buffer_put_format(line, "\\u%04x", c);
        } else {
            hub_buffer_put(line, at, 1);
        }
    }
    hub_buffer_put_text(line, "\"");
}

void host_log(host_log_level level, const char *what, ...)
{
    static const char *const LEVELS[] = {"debug", "info", "warning", "error"};
    if (level < lowest) return;

    struct timespec now;
    struct tm utc;
    char stamp[40];
    clock_gettime(CLOCK_REALTIME, &now);
    gmtime_r(&now.tv_sec, &utc);
    size_t used = strftime(stamp, sizeof stamp, "%Y-%m-%dT%H:%M:%S", &utc);
    (void)snprintf(stamp + used, sizeof stamp - used, ".%03ldZ", now.tv_nsec / 1000000);

    hub_buffer line = {0};
    hub_buffer_put_format(&line, "{\"time\":\"%s\",\"level\":\"%s\",\"program\":\"%s\",\"what\":", stamp, LEVELS[level], program);
    put_quoted(&line, what);
    va_list pairs;
    va_start(pairs, what);
    for (const char *key = va_arg(pairs, const char *); key != NULL; key = va_arg(pairs, const char *)) {
        const char *value = va_arg(pairs, const char *);
        hub_buffer_put_text(&line, ",");
        put_quoted(&line, key);
        hub_buffer_put_text(&line, ":");
        put_quoted(&line, value == NULL ? "" : value);
    }
    va_end(pairs);
    hub_buffer_put_text(&line, "}\n");
    if (!line.failed) {
        ssize_t ignored = write(STDERR_FILENO, line.data, line.size);
        (void)ignored; /* there is nobody left to tell */
    }
    hub_buffer_free(&line);
}
