/* civil.h - civil dates, and a zone's clock changes: arithmetic on tables. No libc time function and no clock is used, so that
 * the same instants come out on every machine and in every replay.
 *
 * Days are counted from 1970-01-01 in the proleptic Gregorian calendar. An instant is milliseconds of UTC since then.
 */
#ifndef CORE_CIVIL_H
#define CORE_CIVIL_H

#include <stdint.h>

/* From `from_utc_ms` on, civil time = UTC + offset. Rows ascend. Before the first row its offset holds; no rows at all are
 * UTC. */
typedef struct core_zone_change {
    int64_t from_utc_ms;
    int32_t offset_minutes;
} core_zone_change;

typedef struct core_civil_date {
    int32_t year;
    int32_t month;        /* 1..12 */
    int32_t day_of_month; /* 1..31 */
} core_civil_date;

/* Which instant a civil time means that happens twice. */
typedef enum core_occurrence { CORE_FIRST_OCCURRENCE, CORE_LAST_OCCURRENCE } core_occurrence;

enum { CORE_MINUTES_A_DAY = 24 * 60 };
#define CORE_MS_A_MINUTE INT64_C(60000)
#define CORE_MS_A_DAY (CORE_MINUTES_A_DAY * CORE_MS_A_MINUTE)

/* The day's number. The date must exist. */
int32_t core_civil_day(int32_t year, int32_t month, int32_t day_of_month);
core_civil_date core_civil_date_of(int32_t day);
/* 28..31 */
int32_t core_civil_month_days(int32_t year, int32_t month);
/* 0 = Monday */
int32_t core_civil_weekday(int32_t day);
/* "Mon"; "Jan" for month 1 */
const char *core_civil_weekday_name(int32_t day);
const char *core_civil_month_name(int32_t month);

/* Civil time minus UTC at this instant, in minutes. */
int32_t core_zone_offset(const core_zone_change *rows, uint32_t count, int64_t at_ms);
/* The instant of `minute` (0..1440, 1440 = the next midnight) of `day`. One that does not exist is moved to the first that
 * does. */
int64_t core_zone_instant(const core_zone_change *rows, uint32_t count, int32_t day, int32_t minute, core_occurrence occurrence);

/* Europe/London from 1972-10-29 on by the rule in force since 1996 (last Sunday of March and October, 01:00 UTC) [Summer Time
 * Order 2002], into caller's array; returns how many rows were written (years first..last, two a year, and one before). Earlier
 * autumns may differ by a week: they matter to nothing but the hour of a birth.
 *   capacity  at least 2 * (last_year - first_year + 1) + 1 */
uint32_t core_zone_london(int first_year, int last_year, core_zone_change *rows, uint32_t capacity);

#endif
