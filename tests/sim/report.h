/* report.h - what a run tells: a readable trace, and the one line by which a failure is repeated. */
#ifndef SIM_REPORT_H
#define SIM_REPORT_H

#include <stdnoreturn.h>

#include "options.h"
#include "schedule.h"

typedef struct sim_report {
    const sim_options *options;   /* BORROWED */
    const sim_schedule *schedule; /* BORROWED */
} sim_report;

/* One line of the trace: time since the start, who, what. Nothing unless the run is traced. */
void sim_tell(const sim_report *report, const char *who, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* A promise was broken: says which, and how to see it again; ends the process with 1. */
noreturn void sim_fail(const sim_report *report, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* What must work in a simulation, faults or none. */
void sim_must(const sim_report *report, hub_status status, const hub_error *err, const char *what);

/* When every run begins: Fri 26 Mar 2027 15:00 GMT, before a long weekend in which the clocks change. */
#define SIM_START_MS INT64_C(1806073200000)

#endif
