/* rules.h - what a message of an event must be as a whole: fields that need each other, and combinations that cannot be.
 *
 * validate.c walks the event and asks, for every message it meets, the rule of that message's type; lengths, counts, ranges and enum
 * numbers of single fields are the walk's own (limits.h). A rule therefore meets fields that are not checked yet, and must bear any
 * value. rules.c holds the table and the rules of the event and its payloads, rules_people.c those of people.
 */
#ifndef EVENT_RULES_H
#define EVENT_RULES_H

#include "event/event.h"
#include "event/place.h"

enum { EVENT_OCCURRED_NOT_KNOWN = 1 };      /* event.proto: only that it was before recorded_at */
enum { EVENT_A_YEAR = 10000 };              /* in days that compare: see event_date_first */
enum { EVENT_FIRST_PROTECTIVE_KIND = 100 }; /* event.proto: FactorKind numbers from 100 on are protective */

/* One event being checked. All BORROWED. */
typedef struct event_check {
    const Mash__V1__Event *event;
    int64_t now_ms;
    int32_t recorded_day; /* civil day (UTC) of recorded_at */
    int32_t happened_day; /* civil day (UTC) by which it had happened: of occurred_at, or recorded_at when that is not known */
    /* Days that compare, as event_date_first gives them: */
    int32_t occurred;    /* of occurred_at; 0 when it is not known */
    int32_t happened_by; /* the day after happened_day, which it is at the source when it is late in the evening in UTC */
    int32_t recorded_by; /* likewise */
    event_problem *problem;
} event_check;

/* Reports the first fault: at `place`, or in the field `leaf` below it when that is not NULL. Returns false. */
bool event_check_fault(const event_check *check, const event_place *place, const char *leaf, Mash__V1__RefusalCode code,
                       const char *reason);

typedef bool event_rule(const event_check *check, const ProtobufCMessage *message, const event_place *place);

/* The rule of that type of message; NULL when it has none. */
event_rule *event_rule_of(const ProtobufCMessageDescriptor *descriptor);

/* Rules of people (rules_people.c). */
event_rule event_rule_subject, event_rule_identifier, event_rule_address, event_rule_relationship, event_rule_factor,
    event_rule_consent;

/* Why subject `above` cannot be a parent or grandparent of subject `below`; NULL when they can, as far as this event says. A line of
 * descent has one direction (carers and partners may be each other's); step-parents and adopters are older than the child too; and
 * nobody under 18 has a child who is grown up or a parent. */
const char *event_impossible_descent(const event_check *check, uint32_t above, uint32_t below);

/* true when `code` has the form of an ONS code of the United Kingdom, "E10000014". */
bool event_is_area(const char *code);
/* Reports unless the text in the field `leaf` is empty or passes `is_right`. */
bool event_check_shape(const event_check *check, const event_place *place, const char *leaf, const char *text,
                       bool (*is_right)(const char *text), const char *reason);
/* The first and the last day that a date can mean, as year, month and day in one number that compares: a birth known only to the year
 * may be on any of its days. 0 and INT32_MAX when nothing is stated, or no such day is. */
int32_t event_date_first(const Mash__V1__Date *date);
int32_t event_date_last(const Mash__V1__Date *date);
bool event_is_postcode(const char *text);
bool event_is_school_urn(const char *text);
/* Reports at `later_name` when the later date is certainly before the earlier one. Dates not stated or known in part pass as far as
 * they can. */
bool event_check_order(const event_check *check, const event_place *place, const Mash__V1__Date *earlier,
                       const Mash__V1__Date *later, const char *later_name, const char *reason);

#endif
