#include "event/event.h"

#include <stdio.h>

#include "base/hash.h"
#include "event/wire.h"

bool event_problem_set(event_problem *problem, Mash__V1__RefusalCode code, const char *reason, const char *path_format, ...)
{
    problem->code = code;
    (void)snprintf(problem->reason, sizeof problem->reason, "%s", reason);
    va_list args;
    va_start(args, path_format);
    (void)vsnprintf(problem->field_path, sizeof problem->field_path, path_format, args);
    va_end(args);
    return false;
}

Mash__V1__Event *event_decode(hub_bytes bytes, hub_arena *arena, event_problem *problem)
{
    *problem = (event_problem){0};
    if (bytes.size > EVENT_BYTES_MAX) {
        (void)event_problem_set(problem, MASH__V1__REFUSAL_CODE__TOO_LARGE,
                                "a packed event has at most 65,536 bytes: shorten its texts or split it into several events",
                                "%s", "");
        return NULL;
    }
    ProtobufCMessage *message;
    event_wire_fault fault;
    hub_status status = event_wire_unpack(&mash__v1__event__descriptor, bytes, arena, &message, &fault);
    if (status == HUB_OK) return (Mash__V1__Event *)message;

    Mash__V1__RefusalCode code = status == HUB_ERR_MEMORY ? MASH__V1__REFUSAL_CODE__TOO_LARGE
                                 : fault.bad_text         ? MASH__V1__REFUSAL_CODE__BAD_TEXT
                                                          : MASH__V1__REFUSAL_CODE__MALFORMED_EVENT;
    const char *remedy = status == HUB_ERR_MEMORY ? "send fewer elements in one event"
                         : fault.bad_text         ? "convert the source's text to UTF-8 before packing"
                                                  : "pack a mash.v1.Event as event.proto defines it";
    char reason[sizeof problem->reason];
    (void)snprintf(reason, sizeof reason, "%s: %s", fault.cause, remedy);
    (void)event_problem_set(problem, code, reason, "%s", fault.field_path);
    return NULL;
}

void event_id_derive(Mash__V1__Agency agency, const char *source_system, const char *source_reference, uint32_t payload,
                     const char *discriminator, hub_id *out)
{
    hub_buffer lines = {0};
    hub_buffer_put_format(&lines, "%d\n%s\n%s\n%u\n", (int)agency, source_system, source_reference, payload);
    if (discriminator != NULL) hub_buffer_put_format(&lines, "%s\n", discriminator);
    HUB_ASSERT(!lines.failed); /* a few hundred bytes: without them nothing else can go on either */
    hub_digest digest;
    hub_digest_of(hub_buffer_bytes(&lines), &digest);
    hub_buffer_free(&lines);
    bool whole = hub_id_read(hub_bytes_of(digest.bytes, HUB_ID_BYTES), out);
    HUB_ASSERT(whole);
    hub_id_mark_derived(out);
}

uint64_t event_subject_roles(const Mash__V1__Subject *subject)
{
    uint64_t roles = 0;
    for (size_t i = 0; i < subject->n_roles; i++)
        roles |= UINT64_C(1) << ((unsigned)subject->roles[i] & 63);
    return roles;
}

int32_t event_month_days(int32_t year, int32_t month)
{
    HUB_ASSERT(month >= 1 && month <= 12);
    static const int32_t DAYS[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return DAYS[month - 1] + (month == 2 && leap ? 1 : 0);
}

bool event_date_day(const Mash__V1__Date *date, int32_t *day)
{
    if (date == NULL || date->year < EVENT_YEAR_MIN || date->year > EVENT_YEAR_MAX) return false;
    if (date->month < 1 || date->month > 12 || date->day < 1 || date->day > event_month_days(date->year, date->month))
        return false;
    /* years counted from March, so that the leap day is the last of its year */
    int32_t year = date->month <= 2 ? date->year - 1 : date->year;
    int32_t month_from_march = (date->month + 9) % 12;
    int32_t day_of_year = (153 * month_from_march + 2) / 5 + date->day - 1;
    int32_t days_to_1970 = 719468; /* from 0000-03-01 */
    *day = 365 * year + year / 4 - year / 100 + year / 400 + day_of_year - days_to_1970;
    return true;
}

void event_day_date(int32_t day, int32_t *year, int32_t *month, int32_t *day_of_month)
{
    enum { DAYS_IN_400_YEARS = 146097 };
    int32_t from_march_0000 = day + 719468;
    int32_t era = (from_march_0000 >= 0 ? from_march_0000 : from_march_0000 - (DAYS_IN_400_YEARS - 1)) / DAYS_IN_400_YEARS;
    int32_t day_of_era = from_march_0000 - era * DAYS_IN_400_YEARS;
    int32_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / (DAYS_IN_400_YEARS - 1)) / 365;
    int32_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int32_t month_from_march = (5 * day_of_year + 2) / 153;
    *day_of_month = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    *month = month_from_march < 10 ? month_from_march + 3 : month_from_march - 9;
    *year = era * 400 + year_of_era + (*month <= 2 ? 1 : 0);
}
