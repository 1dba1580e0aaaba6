/* civil.c - civil dates, and a zone's clock changes. */
#include "core/civil.h"

#include <stdbool.h>

#include "base/status.h"

enum { DAYS_IN_400_YEARS = 146097, DAY_OF_0000_03_01 = -719468 };

static int64_t floor_divide(int64_t value, int64_t by)
{
    int64_t quotient = value / by;
    return value % by < 0 ? quotient - 1 : quotient;
}

static bool is_leap_year(int32_t year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

int32_t core_civil_month_days(int32_t year, int32_t month)
{
    static const int32_t DAYS[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    HUB_ASSERT(month >= 1 && month <= 12);
    return month == 2 && is_leap_year(year) ? 29 : DAYS[month - 1];
}

/* Years are reckoned from March, so that the leap day is a year's last and month lengths follow one formula (153 days in 5
 * months). */
int32_t core_civil_day(int32_t year, int32_t month, int32_t day_of_month)
{
    HUB_ASSERT(day_of_month >= 1 && day_of_month <= core_civil_month_days(year, month));
    int32_t march_year = month <= 2 ? year - 1 : year;
    int32_t month_from_march = (month + 9) % 12;
    int32_t cycle = (int32_t)floor_divide(march_year, 400);
    int32_t year_of_cycle = march_year - cycle * 400;
    int32_t day_of_year = (153 * month_from_march + 2) / 5 + day_of_month - 1;
    int32_t day_of_cycle = year_of_cycle * 365 + year_of_cycle / 4 - year_of_cycle / 100 + day_of_year;
    return cycle * DAYS_IN_400_YEARS + day_of_cycle + DAY_OF_0000_03_01;
}

core_civil_date core_civil_date_of(int32_t day)
{
    int32_t shifted = day - DAY_OF_0000_03_01;
    int32_t cycle = (int32_t)floor_divide(shifted, DAYS_IN_400_YEARS);
    int32_t day_of_cycle = shifted - cycle * DAYS_IN_400_YEARS;
    /* The last day of 4, 100 and 400 years is a leap day and belongs to the year before. */
    int32_t year_of_cycle = (day_of_cycle - day_of_cycle / 1460 + day_of_cycle / 36524 - day_of_cycle / 146096) / 365;
    int32_t day_of_year = day_of_cycle - (365 * year_of_cycle + year_of_cycle / 4 - year_of_cycle / 100);
    int32_t month_from_march = (5 * day_of_year + 2) / 153;
    core_civil_date date;
    date.day_of_month = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    date.month = month_from_march < 10 ? month_from_march + 3 : month_from_march - 9;
    date.year = cycle * 400 + year_of_cycle + (date.month <= 2 ? 1 : 0);
    return date;
}

int32_t core_civil_weekday(int32_t day)
{
    int32_t from_thursday = day % 7; /* day 0 was a Thursday */
    return (from_thursday + 7 + 3) % 7;
}

const char *core_civil_weekday_name(int32_t day)
{
    static const char *const NAMES[7] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
    return NAMES[core_civil_weekday(day)];
}

const char *core_civil_month_name(int32_t month)
{
    static const char *const NAMES[12] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    HUB_ASSERT(month >= 1 && month <= 12);
    return NAMES[month - 1];
}

/* The row in force at an instant; 0 before the first. */
static uint32_t row_at(const core_zone_change *rows, uint32_t count, int64_t at_ms)
{
    uint32_t low = 0;
    uint32_t high = count;
    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;
        if (rows[middle].from_utc_ms <= at_ms) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return low;
}

int32_t core_zone_offset(const core_zone_change *rows, uint32_t count, int64_t at_ms)
{
    return count == 0 ? 0 : rows[row_at(rows, count, at_ms)].offset_minutes;
}

/* Walks the rows around a civil time forward; the first row that reaches it has its first occurrence. A row that begins after it
 * has been passed over means that it fell into the gap before that row. */
static int64_t first_instant(const core_zone_change *rows, uint32_t from, uint32_t until, int64_t civil_ms)
{
    for (uint32_t i = from; i < until; i++) {
        int64_t instant = civil_ms - rows[i].offset_minutes * CORE_MS_A_MINUTE;
        if (i > from && instant < rows[i].from_utc_ms) return rows[i].from_utc_ms;
        if (instant < rows[i + 1].from_utc_ms) return instant;
    }
    int64_t instant = civil_ms - rows[until].offset_minutes * CORE_MS_A_MINUTE;
    return until > from && instant < rows[until].from_utc_ms ? rows[until].from_utc_ms : instant;
}

static int64_t last_instant(const core_zone_change *rows, uint32_t from, uint32_t until, int64_t civil_ms)
{
    for (uint32_t i = until; i > from; i--) {
        int64_t instant = civil_ms - rows[i].offset_minutes * CORE_MS_A_MINUTE;
        if (i < until && instant >= rows[i + 1].from_utc_ms) return rows[i + 1].from_utc_ms;
        if (instant >= rows[i].from_utc_ms) return instant;
    }
    int64_t instant = civil_ms - rows[from].offset_minutes * CORE_MS_A_MINUTE;
    return until > from && instant >= rows[from + 1].from_utc_ms ? rows[from + 1].from_utc_ms : instant;
}

int64_t core_zone_instant(const core_zone_change *rows, uint32_t count, int32_t day, int32_t minute, core_occurrence occurrence)
{
    HUB_ASSERT(minute >= 0 && minute <= CORE_MINUTES_A_DAY);
    int64_t civil_ms = day * CORE_MS_A_DAY + minute * CORE_MS_A_MINUTE;
    if (count == 0) return civil_ms;
    /* No offset is as large as a day. */
    uint32_t from = row_at(rows, count, civil_ms - CORE_MS_A_DAY);
    uint32_t until = row_at(rows, count, civil_ms + CORE_MS_A_DAY);
    return occurrence == CORE_FIRST_OCCURRENCE ? first_instant(rows, from, until, civil_ms)
                                               : last_instant(rows, from, until, civil_ms);
}

static int64_t last_sunday_at_one(int year, int32_t month)
{
    int32_t last = core_civil_day(year, month, core_civil_month_days(year, month));
    int32_t sunday = last - (core_civil_weekday(last) + 1) % 7;
    return sunday * CORE_MS_A_DAY + 60 * CORE_MS_A_MINUTE;
}

uint32_t core_zone_london(int first_year, int last_year, core_zone_change *rows, uint32_t capacity)
{
    HUB_ASSERT(first_year >= 1972 && first_year <= last_year && last_year <= 9999);
    HUB_ASSERT(capacity >= 2 * (uint32_t)(last_year - first_year + 1) + 1);
    uint32_t count = 0;
    rows[count++] = (core_zone_change){core_civil_day(first_year, 1, 1) * CORE_MS_A_DAY, 0};
    for (int year = first_year; year <= last_year; year++) {
        rows[count++] = (core_zone_change){last_sunday_at_one(year, 3), 60};
        rows[count++] = (core_zone_change){last_sunday_at_one(year, 10), 0};
    }
    return count;
}
