#include "formats/dates.h"

#include <ctype.h>
#include <string.h>

enum { MS_A_MINUTE = 60 * 1000, MS_A_DAY = 24 * 60 * MS_A_MINUTE, NANO_DIGITS_MAX = 9, ZONE_NAME_MAX = 40 };

/* Reads a text from the left; `bad` is remembered, so that a shape is written as one line. */
typedef struct scanner {
    const uint8_t *at;
    const uint8_t *end;
    bool bad;
} scanner;

static scanner scan(hub_bytes text)
{
    if (text.size == 0) return (scanner){.bad = true};
    return (scanner){.at = text.data, .end = text.data + text.size};
}

static size_t left(const scanner *s)
{
    return (size_t)(s->end - s->at);
}

static bool digit_next(const scanner *s)
{
    return left(s) > 0 && s->at[0] >= '0' && s->at[0] <= '9';
}

static int32_t digits(scanner *s, int count)
{
    int32_t value = 0;
    for (int i = 0; i < count; i++) {
        if (!digit_next(s)) {
            s->bad = true;
            return 0;
        }
        value = value * 10 + (*s->at++ - '0');
    }
    return value;
}

static bool take(scanner *s, char wanted)
{
    if (left(s) == 0 || s->at[0] != (uint8_t)wanted) return false;
    s->at++;
    return true;
}

static void want(scanner *s, char wanted)
{
    if (!take(s, wanted)) s->bad = true;
}

static bool day_number(formats_date date, int32_t *day)
{
    Mash__V1__Date message;
    mash__v1__date__init(&message);
    message.year = date.year;
    message.month = date.month;
    message.day = date.day;
    return event_date_day(&message, day);
}

static bool date_exists(formats_date date)
{
    int32_t day;
    if (date.year < 1850 || date.year > 2200) return false; /* the contract's range */
    if (date.month == 0 && date.day == 0) return true;
    if (date.day == 0) return date.month >= 1 && date.month <= 12;
    return day_number(date, &day);
}

static bool give(const scanner *s, formats_date date, formats_date *out)
{
    if (s->bad || !date_exists(date)) return false;
    *out = date;
    return true;
}

static formats_date date_iso(scanner *s)
{
    formats_date date = {.year = digits(s, 4)};
    want(s, '-');
    date.month = digits(s, 2);
    want(s, '-');
    date.day = digits(s, 2);
    return date;
}

bool formats_date_iso(hub_bytes text, formats_date *out)
{
    scanner s = scan(text);
    formats_date date = date_iso(&s);
    if (left(&s) > 0 && s.at[0] != 'T' && s.at[0] != ' ') s.bad = true;
    return date.month != 0 && date.day != 0 && give(&s, date, out);
}

/* "Jan", "january": the first three letters count. 0: none. */
static int32_t month_name(scanner *s)
{
    static const char MONTHS[] = "janfebmaraprmayjunjulaugsepoctnovdec";
    char letters[3] = "";
    size_t size = 0;
    for (; left(s) > 0 && isalpha(s->at[0]); s->at++, size++) {
        if (size < sizeof letters) letters[size] = (char)tolower(s->at[0]);
    }
    for (int32_t month = 0; size >= sizeof letters && month < 12; month++) {
        if (memcmp(letters, MONTHS + month * 3, sizeof letters) == 0) return month + 1;
    }
    s->bad = true;
    return 0;
}

/* Two digits for the day, since 2/3/2026 may be either. */
static formats_date date_dmy(scanner *s)
{
    formats_date date = {.day = digits(s, 2)};
    char divider = left(s) > 0 && strchr("/-. ", s->at[0]) != NULL ? (char)s->at[0] : '/';
    want(s, divider);
    bool is_named = left(s) > 0 && isalpha(s->at[0]);
    date.month = is_named ? month_name(s) : digits(s, 2);
    if (divider == ' ' && !is_named) s->bad = true;
    want(s, divider);
    date.year = digits(s, 4);
    return date;
}

bool formats_date_dmy(hub_bytes text, formats_date *out)
{
    scanner s = scan(text);
    formats_date date = date_dmy(&s);
    if (left(&s) > 0 && s.at[0] != ' ') s.bad = true;
    return date.month != 0 && date.day != 0 && give(&s, date, out);
}

bool formats_date_of_row(hub_bytes text, formats_date *out)
{
    return formats_date_dmy(text, out) || formats_date_iso(text, out);
}

static formats_date date_hl7(scanner *s)
{
    formats_date date = {.year = digits(s, 4)};
    if (digit_next(s)) date.month = digits(s, 2);
    if (digit_next(s)) date.day = digits(s, 2);
    return date;
}

bool formats_date_hl7(hub_bytes text, formats_date *out)
{
    scanner s = scan(text);
    return give(&s, date_hl7(&s), out);
}

bool formats_date_java(hub_bytes text, formats_date *out)
{
    static const char MONTHS[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    if (text.size < 24) return false; /* "Mon Jan 05 09:00:00 Z 2026" is the shortest */
    formats_date date = {0};
    for (int32_t month = 0; month < 12; month++) {
        if (memcmp(text.data + 4, MONTHS + month * 3, 3) == 0) date.month = month + 1;
    }
    scanner day = scan(hub_bytes_of(text.data + 8, 2));
    date.day = digits(&day, 2);
    scanner year = scan(hub_bytes_of(text.data + text.size - 4, 4));
    date.year = digits(&year, 4);
    return !day.bad && date.month != 0 && date.day != 0 && give(&year, date, out);
}

/* Reads what may follow the minutes: seconds and a fraction of any length. Returns milliseconds. */
static int64_t seconds(scanner *s, bool present)
{
    if (!present) return 0;
    int32_t second = digits(s, 2);
    if (second > 60) s->bad = true; /* 60: a leap second */
    int64_t ms = (int64_t)second * 1000;
    if (!take(s, '.')) return ms;
    int32_t fraction = 0;
    int count = 0;
    for (; digit_next(s); count++) {
        int32_t digit = digits(s, 1);
        if (count < 3) fraction = fraction * 10 + digit;
    }
    if (count == 0 || count > NANO_DIGITS_MAX) s->bad = true;
    for (; count < 3; count++)
        fraction *= 10;
    return ms + fraction;
}

static int64_t minutes_of_day(scanner *s, int32_t hour, int32_t minute)
{
    if (hour > 23 || minute > 59) s->bad = true;
    return (int64_t)(hour * 60 + minute) * MS_A_MINUTE;
}

/* Offset after a time. false: none is stated. */
static bool offset(scanner *s, int32_t *minutes)
{
    *minutes = 0;
    if (take(s, 'Z')) return true;
    bool ahead = take(s, '+');
    if (!ahead && !take(s, '-')) return false;
    int32_t hours = digits(s, 2);
    (void)take(s, ':');
    int32_t rest = digits(s, 2);
    if (hours > 14 || rest > 59) s->bad = true;
    *minutes = (hours * 60 + rest) * (ahead ? 1 : -1);
    return true;
}

/* Java's ZonedDateTime adds the zone's name; the offset before it is what counts. */
static void zone_name(scanner *s)
{
    if (!take(s, '[')) return;
    int length = 0;
    while (left(s) > 0 && s->at[0] != ']' && length < ZONE_NAME_MAX) {
        s->at++;
        length++;
    }
    want(s, ']');
}

static bool instant(scanner *s, formats_date date, int64_t ms_of_day, const kit_mapping_options *options, int64_t *out_ms)
{
    int32_t stated;
    int32_t day;
    bool has_offset = offset(s, &stated);
    zone_name(s);
    if (s->bad || left(s) > 0 || date.day == 0 || !date_exists(date) || !day_number(date, &day)) return false;
    int64_t civil = (int64_t)day * MS_A_DAY + ms_of_day;
    int32_t minutes = has_offset ? stated : options->zone_offset_minutes(civil);
    *out_ms = civil - (int64_t)minutes * MS_A_MINUTE;
    return true;
}

static int64_t time_of_day(scanner *s)
{
    int32_t hour = digits(s, 2);
    want(s, ':');
    int64_t ms = minutes_of_day(s, hour, digits(s, 2));
    return ms + seconds(s, take(s, ':'));
}

bool formats_instant_iso(hub_bytes text, const kit_mapping_options *options, int64_t *out_ms)
{
    scanner s = scan(text);
    formats_date date = date_iso(&s);
    int64_t ms = 0;
    if (left(&s) > 0) {
        if (!take(&s, 'T')) want(&s, ' ');
        ms = time_of_day(&s);
    }
    return instant(&s, date, ms, options, out_ms);
}

bool formats_instant_of_row(hub_bytes text, const kit_mapping_options *options, int64_t *out_ms)
{
    scanner s = scan(text);
    formats_date date = date_dmy(&s);
    int64_t ms = 0;
    if (take(&s, ' ')) ms = time_of_day(&s);
    return instant(&s, date, ms, options, out_ms) || formats_instant_iso(text, options, out_ms);
}

bool formats_instant_hl7(hub_bytes text, const kit_mapping_options *options, int64_t *out_ms)
{
    scanner s = scan(text);
    formats_date date = date_hl7(&s);
    int64_t ms = 0;
    if (digit_next(&s)) {
        int32_t hour = digits(&s, 2);
        int32_t minute = digit_next(&s) ? digits(&s, 2) : 0;
        ms = minutes_of_day(&s, hour, minute);
        ms += seconds(&s, digit_next(&s));
    }
    return instant(&s, date, ms, options, out_ms);
}

bool formats_instant_of_date(formats_date date, const kit_mapping_options *options, int64_t *out_ms)
{
    scanner none = {0};
    return instant(&none, date, 0, options, out_ms);
}

static int age_years(formats_date birth, formats_date on)
{
    bool birthday_passed = on.month > birth.month || (on.month == birth.month && on.day >= birth.day);
    return on.year - birth.year - (birthday_passed ? 0 : 1);
}

Mash__V1__Presence formats_is_child(formats_date birth, formats_date on)
{
    formats_date first = {birth.year, birth.month != 0 ? birth.month : 1, birth.day != 0 ? birth.day : 1};
    formats_date last = {birth.year, birth.month != 0 ? birth.month : 12, birth.day != 0 ? birth.day : 31};
    if (birth.year == 0 || on.day == 0 || formats_date_compare(on, first) < 0) return MASH__V1__PRESENCE__PRESENCE_UNSPECIFIED;
    if (age_years(first, on) < FORMATS_ADULT_YEARS) return MASH__V1__PRESENCE__PRESENCE_YES;
    if (age_years(last, on) >= FORMATS_ADULT_YEARS) return MASH__V1__PRESENCE__PRESENCE_NO;
    return MASH__V1__PRESENCE__PRESENCE_UNSPECIFIED;
}

formats_date formats_date_of_instant(int64_t ms)
{
    formats_date date;
    int64_t day = ms / MS_A_DAY - (ms % MS_A_DAY < 0 ? 1 : 0);
    event_day_date((int32_t)day, &date.year, &date.month, &date.day);
    return date;
}

int formats_date_compare(formats_date a, formats_date b)
{
    if (a.year != b.year) return a.year - b.year;
    if (a.month != b.month) return a.month - b.month;
    return a.day - b.day;
}
