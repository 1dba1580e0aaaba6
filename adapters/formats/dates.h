/* dates.h - days and instants as the agencies' formats write them.
 *
 * A time without an offset is civil time in the source's zone and goes through kit_mapping_options.zone_offset_minutes. All readers
 * answer false for a text of another shape and for a day or time that does not exist.
 */
#ifndef FORMATS_DATES_H
#define FORMATS_DATES_H

#include "kit/mapping.h"

/* A civil date. month and day are 0 where the source knows only the year, or the month. */
typedef struct formats_date {
    int32_t year;
    int32_t month;
    int32_t day;
} formats_date;

enum { FORMATS_ADULT_YEARS = 18 }; /* a child is under 18 [Children Act 1989 s105(1)] */

bool formats_date_iso(hub_bytes text,
                      formats_date *out); /* "2026-01-12"; a time may follow after 'T' or a space and is not read */
/* "12/01/2026", "12-01-2026", "12 Jan 2026", "12-Jan-2026"; a time may follow after a space and is not read */
bool formats_date_dmy(hub_bytes text, formats_date *out);
bool formats_date_of_row(hub_bytes text, formats_date *out); /* as files of rows write it: either of these */
bool formats_date_hl7(hub_bytes text, formats_date *out);    /* "20260112", "202601", "2026"; a time may follow and is not read */
/* java.util.Date.toString: "Mon Jan 05 09:00:00 GMT 2026". */
bool formats_date_java(hub_bytes text, formats_date *out);

/* "2026-01-12T09:30[:15[.123456789]][Z|+01:00|+0100][[Europe/London]]", or a date alone: its civil midnight. */
bool formats_instant_iso(hub_bytes text, const kit_mapping_options *options, int64_t *out_ms);
/* As files of rows write it: that, or a date as formats_date_dmy reads, alone or before " 09:30[:15]". */
bool formats_instant_of_row(hub_bytes text, const kit_mapping_options *options, int64_t *out_ms);
/* "20260112[09[30[15[.1234]]]][+0100]" [HL7 v2 TS and DTM]. Less than a day's precision is no instant: false. */
bool formats_instant_hl7(hub_bytes text, const kit_mapping_options *options, int64_t *out_ms);
/* Civil midnight at which the day begins. */
bool formats_instant_of_date(formats_date date, const kit_mapping_options *options, int64_t *out_ms);

/* Under 18 on that day? Of a birth known to the month or the year alone it is said where every day of it gives the same answer. */
Mash__V1__Presence formats_is_child(formats_date birth, formats_date on);
/* The UTC day of an instant. Near midnight it may differ by one from the civil day, which no age limit here depends on. */
formats_date formats_date_of_instant(int64_t ms);
int formats_date_compare(formats_date a, formats_date b); /* <0, 0, >0 */

#endif
