/* worked_example.h - the teaching calendar of the worked examples: Mon-Thu 08:30-17:00, Fri 08:30-16:30, bank holidays of England and
 * Wales 2024-2028, terms from September 2025 to March 2027. make_golden.py holds the same calendar for itself. */
#ifndef GOLDEN_CLOCKS_WORKED_EXAMPLE_H
#define GOLDEN_CLOCKS_WORKED_EXAMPLE_H

#include "core/calendar.h"

typedef struct worked_example {
    core_calendar calendar;
    core_zone_change zone[2 * 140 + 1];
} worked_example;

/* `out` may not be moved afterwards: its calendar points into it. */
void worked_example_make(worked_example *out);

/* 2026-04-02T14:00Z as an instant; the text must have that shape. */
int64_t worked_example_instant(const char *utc);

#endif
