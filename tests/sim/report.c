/* report.c - the trace and the failures of a run. */
#include "report.h"

#include <stdio.h>
#include <stdlib.h>

void sim_tell(const sim_report *report, const char *who, const char *format, ...)
{
    if (report->options->trace == SIM_SILENT) return;
    int64_t ms = sim_now(report->schedule) - SIM_START_MS;
    printf("%8lld.%03d %-12s ", (long long)(ms / 1000), (int)(ms % 1000), who);
    va_list arguments;
    va_start(arguments, format);
    vprintf(format, arguments);
    va_end(arguments);
    putchar('\n');
}

noreturn void sim_fail(const sim_report *report, const char *format, ...)
{
    fflush(stdout);
    fprintf(stderr, "seed %llu: ", (unsigned long long)report->options->seed);
    va_list arguments;
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fprintf(stderr, "\n  see it again: sim --seed %llu --events %u --trace\n", (unsigned long long)report->options->seed,
            report->options->events);
    fflush(stderr);
    _Exit(1);
}

void sim_must(const sim_report *report, hub_status status, const hub_error *err, const char *what)
{
    if (status != HUB_OK) sim_fail(report, "%s: %s: %s", what, hub_status_text(status), err->text);
}
