/* worked_example.c - the teaching calendar of the worked examples. */
#include "worked_example.h"

#include <stdio.h>
#include <string.h>

/* Days since 1970-01-01, as Python's datetime counts them: not reckoned by the code under test. */
static const int32_t HOLIDAYS[] = {
    19723, 19811, 19814, 19849, 19870, 19961, 20082, 20083, /* 2024 */
    20089, 20196, 20199, 20213, 20234, 20325, 20447, 20448, /* 2025 */
    20454, 20546, 20549, 20577, 20598, 20696, 20812, 20815, /* 2026 */
    20819, 20903, 20906, 20941, 20969, 21060, 21179, 21180, /* 2027 */
    21186, 21288, 21291, 21305, 21333, 21424, 21543, 21544, /* 2028 */
};

static const core_day_span TERMS[] = {
    {20334, 20385}, /* 2025-09-03 to 2025-10-24 */
    {20395, 20441}, /* 2025-11-03 to 2025-12-19 */
    {20458, 20497}, /* 2026-01-05 to 2026-02-13 */
    {20507, 20545}, /* 2026-02-23 to 2026-04-02 */
    {20563, 20595}, /* 2026-04-20 to 2026-05-22 */
    {20605, 20656}, /* 2026-06-01 to 2026-07-22 */
    {20699, 20749}, /* 2026-09-03 to 2026-10-23 */
    {20759, 20805}, /* 2026-11-02 to 2026-12-18 */
    {20822, 20861}, /* 2027-01-04 to 2027-02-12 */
    {20871, 20902}, /* 2027-02-22 to 2027-03-25 */
};

static const int32_t INSET_DAYS[] = {20458 /* 2026-01-05 */, 20605 /* 2026-06-01 */};

enum { LAST_KNOWN_DAY = 21549 /* 2028-12-31 */, FRIDAY = 4 };

void worked_example_make(worked_example *out)
{
    memset(out, 0, sizeof *out);
    core_calendar *calendar = &out->calendar;
    snprintf(calendar->id, sizeof calendar->id, "worked-example");
    calendar->zone_count = core_zone_london(1972, 2111, out->zone, sizeof out->zone / sizeof out->zone[0]);
    calendar->zone = out->zone;
    for (int weekday = 0; weekday <= FRIDAY; weekday++) {
        calendar->week[weekday].open_minute = 8 * 60 + 30;
        calendar->week[weekday].close_minute = weekday == FRIDAY ? 16 * 60 + 30 : 17 * 60;
    }
    calendar->holidays = HOLIDAYS;
    calendar->holiday_count = sizeof HOLIDAYS / sizeof HOLIDAYS[0];
    calendar->terms = TERMS;
    calendar->term_count = sizeof TERMS / sizeof TERMS[0];
    calendar->inset_days = INSET_DAYS;
    calendar->inset_count = sizeof INSET_DAYS / sizeof INSET_DAYS[0];
    calendar->close_of_day_minute = 17 * 60;
    calendar->school_opens_minute = 8 * 60 + 30;
    calendar->known_until_day = LAST_KNOWN_DAY;
}

int64_t worked_example_instant(const char *utc)
{
    int year, month, day, hour, minute;
    HUB_ASSERT(sscanf(utc, "%4d-%2d-%2dT%2d:%2dZ", &year, &month, &day, &hour, &minute) == 5);
    return core_civil_day(year, month, day) * CORE_MS_A_DAY + (hour * 60 + minute) * CORE_MS_A_MINUTE;
}
