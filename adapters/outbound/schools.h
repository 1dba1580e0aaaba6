/* schools.h - who at a school is told: a CSV file that somebody keeps, one row for a school and a span of time.
 *
 *     URN,Name,Safeguarding Lead,Deputy,Valid From,Valid Until,Closed,Opens
 *     116123,Example Primary,lead@primary.test,deputy@primary.test,2026-01-01,,2026-07-22/2026-09-01;2026-10-26/2026-10-30,08:40
 *
 * URN, Safeguarding Lead and Valid From are needed. Valid Until is the last day; Closed are days on which nobody there reads mail. Names are not
 * kept. The file is read again when it changes; one with a mistake is not taken, the one before it goes on, and the mistake is said with its line
 * and column.
 */
#ifndef OUTBOUND_SCHOOLS_H
#define OUTBOUND_SCHOOLS_H

#include "config.h"

enum { SCHOOLS_URN = 6, SCHOOLS_MAX = 50000, SCHOOLS_CLOSED_MAX = 12 };

typedef struct schools schools;

typedef struct schools_contact {
    char to[2][OUTBOUND_ADDRESS_MAX]; /* the lead, the deputy */
    unsigned count;
    int16_t opens_minute; /* -1 = not said */
} schools_contact;

/* Why a school leads to nobody. */
typedef enum schools_answer { SCHOOLS_FOUND, SCHOOLS_NO_NUMBER, SCHOOLS_UNKNOWN, SCHOOLS_NOT_NOW, SCHOOLS_CLOSED } schools_answer;
const char *schools_answer_text(schools_answer answer);

/* HUB_ERR_NOT_FOUND, HUB_ERR_INVALID ("line:column: what"), HUB_ERR_IO, HUB_ERR_MEMORY. */
hub_status schools_read(const char *path, schools **out, hub_error *err);
hub_status schools_of(hub_bytes text, schools **out, hub_error *err);
void schools_free(schools *list);

/* Reads the file again when it has changed since `*list` was read. HUB_OK: `*changed` says whether it was taken. A failure leaves `*list` as it
 * was, and the same file is not read again. */
hub_status schools_refresh(const char *path, schools **list, bool *changed, hub_error *err);

schools_answer schools_find(const schools *list, const char *urn, int32_t day, schools_contact *out);
/* Is this day no Saturday and no Sunday, and is the school (found, or not) not closed on it? */
bool schools_is_open(const schools *list, const char *urn, int32_t day);
size_t schools_count(const schools *list);

#endif
