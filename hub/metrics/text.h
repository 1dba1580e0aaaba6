/* text.h - Prometheus text format 0.0.4: families of figures, written into a buffer.
 *
 *     # HELP mashhub_events_total Events, by what became of them.
 *     # TYPE mashhub_events_total counter
 *     mashhub_events_total{peer="police",code="stored"} 17
 *
 * Invariants
 *   F1  a label is one of the list below, whose values come from lists that a person wrote (policy, enrolled systems, tables of the
 *       program): never an alert, a person, somebody of the roster, a path, or anything an event holds. There is no other way to write one
 *   F2  so how many lines there are does not depend on how many events, alerts or people there are
 *   F3  what is written is well-formed whatever a value holds
 */
#ifndef METRICS_TEXT_H
#define METRICS_TEXT_H

#include "base/bytes.h"

/* F1. A new one needs a closed list of values, and a word in tests/python/test_metrics.py. */
typedef enum metrics_label {
    METRICS_NO_LABEL, /* ends a list */
    METRICS_QUEUE,    /* of the policy */
    METRICS_PEER,     /* an enrolled key of a system; never of an operator or auditor, whom a key may be named after */
    METRICS_AGENCY,   /* of the contract */
    METRICS_RATING,   /* of the contract */
    METRICS_PAYLOAD,  /* of the contract */
    METRICS_CODE,     /* outcomes, refusals, alarms: tables of the program */
    METRICS_ROUTE,    /* the name in a route table */
    METRICS_STATUS,   /* "2xx" */
    METRICS_CHANNEL,  /* of an outbound instance's configuration */
    METRICS_LABELS
} metrics_label;

typedef struct metrics_pair {
    metrics_label label;
    const char *value; /* BORROWED */
} metrics_pair;

typedef enum metrics_type { METRICS_COUNTER, METRICS_GAUGE, METRICS_HISTOGRAM } metrics_type;

/* Begins a family: its samples follow, all of them, before the next. `name` is [a-z_]+ and ends in _total exactly when it is a counter;
 * `help` is one sentence. */
void metrics_family(hub_buffer *out, const char *name, metrics_type type, const char *help);
/* One line. `pairs` are at most METRICS_PAIRS_MAX, ended by METRICS_NO_LABEL; NULL: none. */
enum { METRICS_PAIRS_MAX = 3 };
void metrics_sample(hub_buffer *out, const char *name, const metrics_pair *pairs, double value);
/* A family of one sample without labels. */
void metrics_alone(hub_buffer *out, const char *name, metrics_type type, const char *help, double value);

/* ---- histograms ---- */
enum { METRICS_BOUNDS_MAX = 12 };
typedef struct metrics_bounds {
    uint32_t count;
    double upto[METRICS_BOUNDS_MAX]; /* ascending */
} metrics_bounds;
extern const metrics_bounds METRICS_SECONDS; /* 0.5 ms to 10 s */
extern const metrics_bounds METRICS_RECORDS; /* 1 to 4,096 */

/* {0} is an empty one. Always observed with the same bounds. */
typedef struct metrics_histogram {
    uint64_t counts[METRICS_BOUNDS_MAX + 1]; /* each its own values alone; the last: above every bound */
    double sum;
} metrics_histogram;
void metrics_observe(metrics_histogram *histogram, const metrics_bounds *bounds, double value);
void metrics_buckets(hub_buffer *out, const char *name, const metrics_pair *pairs, const metrics_bounds *bounds,
                     const metrics_histogram *histogram);

#endif
