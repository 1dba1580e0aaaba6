#include "status.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

hub_status hub_fail(hub_error *err, hub_status status, const char *format, ...)
{
    if (err == NULL) return status;
    va_list args;
    va_start(args, format);
    (void)vsnprintf(err->text, sizeof err->text, format, args);
    va_end(args);
    return status;
}

hub_status hub_fail_within(hub_error *err, hub_status status, const char *format, ...)
{
    if (err == NULL) return status;
    char inner[sizeof err->text];
    memcpy(inner, err->text, sizeof inner);
    inner[sizeof inner - 1] = '\0';

    va_list args;
    va_start(args, format);
    int used = vsnprintf(err->text, sizeof err->text, format, args);
    va_end(args);
    if (used >= 0 && (size_t)used < sizeof err->text) {
        (void)snprintf(err->text + used, sizeof err->text - (size_t)used, ": %s", inner);
    }
    return status;
}

const char *hub_status_text(hub_status status)
{
    static const char *const WORDS[] = {
#define X(name, words) words,
        HUB_STATUS_LIST(X)
#undef X
    };
    if ((size_t)status >= sizeof WORDS / sizeof WORDS[0]) return "unknown status";
    return WORDS[status];
}

void hub_assert_failed(const char *condition, const char *file, int line)
{
    fprintf(stderr, "%s:%d: broken invariant: %s\n", file, line, condition);
    abort();
}
