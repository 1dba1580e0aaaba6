/* policy.h - the tables that policy is compiled into. Declared here, because deciding is what they are for; filled by hub/policy from
 * YAML. A compiled policy never changes and is shared by all threads; whoever compiled it ends it when the process ends.
 *
 * Every table is total where it matters: what no row allows is refused, what no row routes goes to nobody and is said so (the policy
 * check reports it before adoption).
 */
#ifndef CORE_POLICY_H
#define CORE_POLICY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/hash.h"
#include "core/calendar.h"
#include "event/fields.h"
#include "mash/v1/record.pb-c.h"

enum {
    CORE_NAME_MAX = 48, /* names of queues, services, audiences, rules */
    CORE_POLICY_RULES_MAX = 512,
    CORE_POLICY_QUEUES_MAX = 1024,
    CORE_POLICY_AUDIENCES_MAX = 64,
    CORE_POLICY_CLOCKS_MAX = 64,
    CORE_RULE_CONDITIONS_MAX = 16,
    CORE_PAYLOAD_FIRST = 100, /* payload field numbers: CORE_PAYLOAD_FIRST .. +63 */
};

/* A day span in which a row holds: from inclusive, until exclusive; 0 = open. Local government changes; rows do not die, they end. */
typedef struct core_effective {
    int32_t from_day;
    int32_t until_day;
} core_effective;

typedef struct core_area {
    char code[16]; /* ONS, "E10000014" */
    char name[CORE_NAME_MAX];
    core_effective effective;
} core_area;

typedef struct core_audience {
    char name[CORE_NAME_MAX];
    uint32_t number; /* kept for ever, see PolicyAdopted; 0 = not yet numbered */
    Mash__V1__Sensitivity sees_up_to;
    event_field_set fields; /* deny by default: only what is here */
    uint64_t subject_roles; /* subjects with none of these roles (bit n = SubjectRole n) are emptied whole; 0 = all subjects */
    char basis[160];        /* legal basis, in words */
    char source[160];
    core_place place;
} core_audience;

typedef struct core_queue_row {
    char name[CORE_NAME_MAX];
    uint32_t number;
    uint32_t audience;                /* position in audiences */
    char consumers[8][CORE_NAME_MAX]; /* declared durable consumers; "" ends */
    bool is_agency;                   /* belongs to an agency, not to a team */
    core_place place;
} core_queue_row;

/* service + area -> queue, on a day. Services are names policy chooses: "childrens_front_door", "out_of_hours", "duty" ... */
typedef struct core_route {
    char service[CORE_NAME_MAX];
    char area[16];  /* "" = every area */
    uint32_t queue; /* position in queues */
    core_effective effective;
} core_route;

typedef struct core_clock_row {
    char id[CORE_NAME_MAX];
    core_clock_kind kind;
    int32_t amount;
    core_roll roll;
    uint32_t calendar;                                                            /* position in calendars */
    enum { CORE_FROM_STORED, CORE_FROM_STATED_RECEIPT, CORE_FROM_OCCURRED } from; /* not stated -> stored */
    bool statutory;
    char on_lapse_service[CORE_NAME_MAX]; /* who is told besides the alert's own queue; "" = nobody else */
    char plain[200];
    char source[160];
    core_place place;
} core_clock_row;

typedef struct core_rating_row {
    uint32_t clocks[8]; /* positions in clocks */
    uint32_t clock_count;
    bool out_of_hours_too; /* outside the front door's hours the area's out_of_hours service receives it as well */
    core_place place;
} core_rating_row;

typedef enum core_condition_kind {
    CORE_IF_PAYLOAD, /* the payload is one of `payloads` */
    CORE_IF_AGENCY,  /* the agency is one of `mask` (bit n = Agency n) */
    CORE_IF_FIELD,   /* `probe` finds a value in [at_least, at_most] or, for enums, one of `mask` */
    CORE_IF_ROLE,    /* some subject has one of the roles in `mask` */
    CORE_IF_STATUS,  /* some person at risk, or one of their family, has one of the statuses in `mask` (bit n = PersonStatus n) */
    CORE_IF_AGE,     /* some person at risk is at least / at most that many months old on the day it occurred; with or_at_school
                        also one whose age is not known, when the event names their school */
    CORE_IF_COUNT,   /* persons at risk had, with this one, at least `at_least` events of `payloads` within `months` */
    CORE_IF_COUNT_AGENCIES, /* ... from at least `at_least` different agencies */
} core_condition_kind;

typedef struct core_condition {
    core_condition_kind kind;
    uint64_t payloads; /* bit n = payload CORE_PAYLOAD_FIRST + n */
    uint64_t mask;
    int64_t at_least;
    int64_t at_most;
    int32_t months; /* look-back; the anniversary is inside (civil dates of `occurred`) */
    bool or_at_school;
    event_probe probe;
    char plain[120]; /* "graded high", for explain and near misses */
} core_condition;

typedef enum core_action { CORE_DO_ALERT, CORE_DO_NOTIFY, CORE_DO_RECORD } core_action;

/* All rules are tried on every event; there is no first match and no fall-through. */
typedef struct core_rule {
    char id[CORE_NAME_MAX];
    char plain[200]; /* one plain-English line */
    char source[160];
    char owner[CORE_NAME_MAX];
    int32_t review_day; /* the rule is to be looked at again by this day */
    core_effective effective;
    char area[16];                                       /* "" = every area */
    core_condition conditions[CORE_RULE_CONDITIONS_MAX]; /* all must hold */
    uint32_t condition_count;
    uint64_t about;              /* roles that are at risk here (bit n = SubjectRole n) */
    bool about_family;           /* also members of the families of those who are named, by what is known of them */
    core_action action;          /* RECORD: deliberately routed nowhere (counted only) */
    char service[CORE_NAME_MAX]; /* ALERT, NOTIFY: routed by area; or */
    int32_t queue;               /* position in queues, -1 = by service */
    Mash__V1__Rating rating;     /* ALERT: provisional, until a person rates */
    uint32_t clocks[8];          /* beside the rating's own, e.g. statutory ones */
    uint32_t clock_count;
    core_place place;
} core_rule;

typedef struct core_policy {
    char partnership[33];
    uint8_t digest[HUB_DIGEST_BYTES];
    const core_area *areas;
    uint32_t area_count;
    core_queue_row *queues;
    uint32_t queue_count; /* numbers are filled in at adoption */
    core_audience *audiences;
    uint32_t audience_count;
    const core_route *routes;
    uint32_t route_count;
    const core_clock_row *clocks;
    uint32_t clock_count;
    const core_calendar *calendars;
    uint32_t calendar_count; /* calendars[0] gives the partnership's civil time */
    const core_rule *rules;
    uint32_t rule_count;
    core_rating_row ratings[5]; /* by Mash__V1__Rating */
    const char *const *files;   /* what complaints call the sources, by core_place.file */
    void *memory;               /* owned by whoever compiled it */
} core_policy;

/* The area with this code that holds on `day`; NULL when there is none. */
const core_area *core_policy_area(const core_policy *policy, const char *code, int32_t day);
/* The queue (position) that serves `service` in `area` on `day`; -1 when none does. A row for the area wins over one for every area. */
int32_t core_policy_route(const core_policy *policy, const char *service, const char *area, int32_t day);
bool core_effective_on(const core_effective *effective, int32_t day);

#endif
