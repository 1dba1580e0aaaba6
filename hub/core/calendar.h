/* calendar.h - what each kind of clock means, to the minute.
 *
 * A deadline is a promise to people in civil time, set once, kept in UTC. Everything here is computed from tables that policy
 * brings: opening hours, bank holidays, terms, INSET days, and the zone's clock changes. No function reads a clock.
 *
 * Invariants
 *   K1  due >= from, except for age_months, whose due is a date of birth plus an age; what a roll or a late start would put
 *       before `from` is due at `from`
 *   K2  a due instant is never earlier than the civil promise: an instant that does not exist moves forward; one that happens
 *       twice is its first occurrence for an opening and its last for a closing
 *   K3  past the end of a calendar Monday to Friday count (with the hours of the week table) and the answer is marked
 *       provisional; nothing is refused
 *   K4  every search is bounded (80,000 days); one that finds no day on which the calendar is open answers known = false
 */
#ifndef CORE_CALENDAR_H
#define CORE_CALENDAR_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "core/civil.h"

typedef enum core_clock_kind {
    CORE_CLOCK_ELAPSED_MINUTES,
    CORE_CLOCK_WORKING_MINUTES,
    CORE_CLOCK_WORKING_DAYS,
    CORE_CLOCK_CALENDAR_DAYS,
    CORE_CLOCK_CALENDAR_MONTHS,
    CORE_CLOCK_NEXT_SCHOOL_DAY,
    CORE_CLOCK_AGE_MONTHS,
    CORE_CLOCK_KIND_COUNT
} core_clock_kind;

typedef enum core_roll { CORE_ROLL_NONE, CORE_ROLL_NEXT, CORE_ROLL_PREVIOUS } core_roll;

typedef struct core_day_span {
    int32_t from_day;  /* days since 1970-01-01, inclusive */
    int32_t until_day; /* inclusive */
} core_day_span;

/* All arrays BORROWED, ascending. */
/* Where a row of any table stands in the policy's files, for complaints. line 0: no file says it. */
typedef struct core_place {
    uint16_t file; /* position in core_policy.files */
    uint16_t column;
    uint32_t line;
} core_place;

typedef struct core_calendar {
    char id[32];
    const core_zone_change *zone;
    uint32_t zone_count;
    struct {
        int16_t open_minute;  /* minutes since civil midnight; open == close: closed all day */
        int16_t close_minute; /* at most 1440: midnight at the day's end */
    } week[7];                /* 0 = Monday */
    const int32_t *holidays;  /* days on which the calendar is closed */
    uint32_t holiday_count;
    const core_day_span *terms; /* for next_school_day */
    uint32_t term_count;
    const int32_t *inset_days;
    uint32_t inset_count;
    int16_t close_of_day_minute; /* 17:00 unless policy says otherwise */
    int16_t school_opens_minute; /* 08:30 */
    int32_t known_until_day;     /* holidays are known up to here; 0 = no end given */
    core_place place;
} core_calendar;

/* A school whose days are not its authority's: it has terms or INSET days of its own. */
typedef struct core_school {
    char urn[16]; /* its unique reference number, as events give it */
    const core_day_span *terms;
    uint32_t term_count;
    const int32_t *inset_days;
    uint32_t inset_count;
    core_place place;
} core_school;
/* The calendar, with this school's days. BORROWS both. */
core_calendar core_calendar_of_school(const core_calendar *calendar, const core_school *school);

typedef struct core_due {
    int64_t due_ms;
    bool provisional; /* K3, or no term table for a school day */
    bool known;       /* false: no term ahead, or a calendar that is never open (K4): due_ms = from, send at once */
} core_due;

/* The instant `amount` of `kind` after `from_ms` (for AGE_MONTHS: from_ms is any instant on the day of birth).
 *   amount   0..10,000,000 minutes, 0..10,000 days, 0..2,400 months; 0 for NEXT_SCHOOL_DAY. 0 WORKING_DAYS is the first closing
 *            that is not before the start; 0 WORKING_MINUTES is the start, or the next opening when it lies outside
 *   roll     for CALENDAR_DAYS and CALENDAR_MONTHS, otherwise not looked at: a due day that is no working day moves, and is then
 *            due at that day's own closing
 *   from_ms  years 1 to 9999 */
core_due core_calendar_due(const core_calendar *calendar, core_clock_kind kind, int32_t amount, core_roll roll, int64_t from_ms);

/* The same arithmetic in words, for people: "Tue 7 Apr 12:30: 2 h on Thu 2 Apr until closing at 17:00, closed Fri 3 Apr to Mon 6
 * Apr, 4 h on Tue 7 Apr from 08:30". At the end of `out`. */
void core_calendar_words(const core_calendar *calendar, core_clock_kind kind, int32_t amount, core_roll roll, int64_t from_ms,
                         hub_buffer *out);

/* Is the calendar open at this instant? */
bool core_calendar_is_open(const core_calendar *calendar, int64_t at_ms);

/* Civil day and minute of an instant, in the calendar's zone. */
int32_t core_calendar_day(const core_calendar *calendar, int64_t at_ms, int32_t *minute_of_day);
/* "Tue 7 Apr 2026 12:30 BST" into out (at least 40 bytes). */
void core_calendar_text(const core_calendar *calendar, int64_t at_ms, char out[40]);

/* "working_minutes" and so on; CORE_CLOCK_KIND_COUNT when there is none. */
core_clock_kind core_clock_kind_of_name(const char *name);
const char *core_clock_kind_name(core_clock_kind kind);

#endif
