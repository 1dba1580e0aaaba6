/* event.h - is this event well formed? The same answer at the adapter (before it is accepted) and at the hub (before it is decided).
 *
 * Everything here is pure: the caller brings the time. Whether an event is *allowed* (agency of the key, known area, known target of
 * an amendment) is the core's to decide, because it depends on state.
 */
#ifndef EVENT_EVENT_H
#define EVENT_EVENT_H

#include "base/arena.h"
#include "base/bytes.h"
#include "base/id.h"
#include "mash/v1/bus.pb-c.h"
#include "mash/v1/event.pb-c.h"

enum {
    EVENT_BYTES_MAX = 64 * 1024, /* one packed Event */
    EVENT_SUBJECTS_MAX = 64,
    EVENT_FUTURE_MS_MAX = 10 * 60 * 1000, /* how far occurred_at or recorded_at may lie ahead of hub time: clocks differ */
    EVENT_ORDER_MS_MAX =
        10 * 60 * 1000,        /* how far occurred_at may lie after recorded_at: a device and its system have a clock each */
    EVENT_AGE_DAYS_MAX = 100,  /* recorded_at older than this is TOO_OLD: the span of exact dedupe */
    EVENT_AGE_YEARS_MAX = 125, /* of a person: nobody is known to have lived longer */
    EVENT_YEAR_MIN = 1850,     /* of any Date */
    EVENT_YEAR_MAX = 2200,
};

/* Why an event is refused. Names fields and rules, never a value. */
typedef struct event_problem {
    Mash__V1__RefusalCode code; /* REFUSAL_CODE_UNSPECIFIED: no problem */
    char field_path[160];       /* "subjects[2].identifiers[0].value" */
    char reason[200];           /* what, and what to do */
} event_problem;

/* Sets all three fields and returns false, so that one line reports and returns. */
bool event_problem_set(event_problem *problem, Mash__V1__RefusalCode code, const char *reason, const char *path_format, ...)
    __attribute__((format(printf, 4, 5)));

/* Unpacks into `arena`. NULL with `problem` filled (MALFORMED_EVENT, TOO_LARGE, BAD_TEXT) when it cannot. */
Mash__V1__Event *event_decode(hub_bytes bytes, hub_arena *arena, event_problem *problem);

/* Checks everything that an event can be asked by itself: presence, ranges, lengths, dates, check digits, impossible combinations. A
 * message's own rules (rules.h) come first, then its fields in order, each with all below it. true when well formed; otherwise `problem` tells the first fault. `now_ms`: hub time, or the adapter's. */
bool event_validate(const Mash__V1__Event *event, int64_t now_ms, event_problem *problem);

/* Event id: UUIDv8 of the first 16 bytes of BLAKE2b-256 over agency number (decimal), source system, source reference and payload
 * field number (decimal), each as text followed by 0x0A. `discriminator` (NULL allowed) is one more such line for sources that make
 * several events of one family from one record ("child 3"). */
void event_id_derive(Mash__V1__Agency agency, const char *source_system, const char *source_reference, uint32_t payload,
                     const char *discriminator, hub_id *out);

/* "police", "childrens-services"; NULL for a number that is no agency. */
const char *event_agency_name(Mash__V1__Agency agency);
/* MASH__V1__AGENCY__AGENCY_UNSPECIFIED when there is none of that name. */
Mash__V1__Agency event_agency_of_name(const char *name);
/* "domestic_abuse_incident" for 100; NULL for a number that is no payload. */
const char *event_payload_name(uint32_t payload);
/* 0 when there is none of that name. */
uint32_t event_payload_of_name(const char *name);
/* The name of an enum's value without the enum's prefix, in lower case ("high"), or "unknown". */
const char *event_enum_name(const ProtobufCEnumDescriptor *descriptor, int value, char out[64]);
/* The value with that name ("high" or "GRADE_LEVEL_HIGH"); false when there is none. */
bool event_enum_of_name(const ProtobufCEnumDescriptor *descriptor, const char *name, int *value);

/* The roles that the event gives somebody, as bits by their number in the contract. */
uint64_t event_subject_roles(const Mash__V1__Subject *subject);

/* Days since 1970-01-01 of a civil date; false when the date does not exist or its month or day is not known. */
bool event_date_day(const Mash__V1__Date *date, int32_t *day);
void event_day_date(int32_t day, int32_t *year, int32_t *month, int32_t *day_of_month);
/* How many days the month (1..12) of that year has. */
int32_t event_month_days(int32_t year, int32_t month);

#endif
