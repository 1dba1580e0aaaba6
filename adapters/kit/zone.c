#include "zone.h"

#include "event/event.h"

static const int64_t DAY_MS = 24LL * 60 * 60 * 1000;
static const int64_t HOUR_MS = 60LL * 60 * 1000;

static int32_t day_of(int64_t at_ms)
{
    int64_t day = at_ms / DAY_MS;
    return (int32_t)(at_ms % DAY_MS < 0 ? day - 1 : day);
}

int kit_zone_year(int64_t at_ms)
{
    int32_t year = 0;
    int32_t month = 0;
    int32_t day_of_month = 0;
    event_day_date(day_of(at_ms), &year, &month, &day_of_month);
    return year;
}

/* The last Sunday of a month with 31 days, as days since 1970-01-01 (a Thursday). */
static int32_t last_sunday(int32_t year, int32_t month)
{
    Mash__V1__Date date = MASH__V1__DATE__INIT;
    date.year = year;
    date.month = month;
    date.day = 31;
    int32_t day = 0;
    bool exists = event_date_day(&date, &day);
    HUB_ASSERT(exists);
    int32_t since_sunday = ((day + 4) % 7 + 7) % 7;
    return day - since_sunday;
}

int kit_zone_london(int64_t civil_ms)
{
    int year = kit_zone_year(civil_ms);
    if (year < 1850 || year > 2200) return 0;                     /* no date of an event lies there */
    int64_t starts = last_sunday(year, 3) * DAY_MS + 2 * HOUR_MS; /* 01:00 to 02:00 does not exist */
    int64_t ends = last_sunday(year, 10) * DAY_MS + 2 * HOUR_MS;  /* 01:00 to 02:00 happens twice */
    return civil_ms >= starts && civil_ms < ends ? 60 : 0;
}
