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
    CORE_HISTORY_LOOKED_AT_MAX = 512, /* a person's newest events, by a count in a rule: it can be no higher */
    CORE_POLICY_QUEUES_MAX = 1024,
    CORE_POLICY_AUDIENCES_MAX = 64,
    CORE_POLICY_CLOCKS_MAX = 64,       /* named ones: a set of bits in routing.c */
    CORE_POLICY_CLOCK_ROWS_MAX = 1024, /* with those of ladders' steps and stages, which have no name of their own */
    CORE_POLICY_TEAMS_MAX = 256,
    CORE_POLICY_STAFF_MAX = 4096,
    CORE_POLICY_ROLES_MAX = 64,
    CORE_POLICY_OUTCOMES_MAX = 64,
    CORE_POLICY_AGENCIES_MAX = 64,
    CORE_POLICY_LADDERS_MAX = 64,
    CORE_LADDER_STEPS_MAX = 12,
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
    uint64_t near;   /* who reads this may be in touch with people of these roles: nobody else's whereabouts go with them */
    bool one_by_one; /* notices alone: everybody a rule is about is told of in one of their own, with nobody else in it */
    bool silent;     /* what is withheld is not named either: that something was stated would say too much */
    bool acts_who;   /* is told who acted; otherwise for which team only */
    bool acts_words; /* is told what they wrote: reasons, notes, rationales, positions */
    char basis[160]; /* legal basis, in words */
    char source[160];
    core_place place;
} core_audience;

typedef struct core_queue_row {
    char name[CORE_NAME_MAX];
    uint32_t number;
    uint32_t audience;                /* position in audiences */
    char consumers[8][CORE_NAME_MAX]; /* declared durable consumers; "" ends */
    bool is_agency;                   /* belongs to an agency, not to a team */
    char plain[120];                  /* what people call it, "Portsmouth MASH"; "" = it has its name alone */
    core_place place;
} core_queue_row;

/* service + area -> queue, on a day. Services are names policy chooses: "childrens_front_door", "out_of_hours", "duty" ... */
typedef struct core_route {
    char service[CORE_NAME_MAX];
    char area[16];  /* "" = every area */
    uint32_t queue; /* position in queues */
    core_effective effective;
} core_route;

/* What a service may be told of this source's events, in place of its queues' own list: how much a school is told of an incident is the
 * police force's choice (Operation Encompass, minimal or full). Of notices; a source without a row has chosen nothing. */
typedef struct core_force {
    char name[CORE_NAME_MAX];
    char source_system[65]; /* Event.source_system, as its key is enrolled */
    char service[CORE_NAME_MAX];
    uint32_t audience; /* position in audiences */
    core_effective effective;
    core_place place;
} core_force;

/* What a person has to have done for a clock to be met. Each includes those before it. */
typedef enum core_met_by {
    CORE_MET_SEEN = 1,
    CORE_MET_CLAIMED,
    CORE_MET_RATED,
    CORE_MET_INFORMED, /* every request for information is answered; or decided */
    CORE_MET_DECIDED,  /* every line is decided */
    CORE_MET_OTHER,    /* not by an act on the alert: a claim, a hold, a stage, an answer */
    CORE_MET_NOTICED,  /* whoever was given its events' notice has seen it, whatever is done on the alert */
} core_met_by;

typedef struct core_clock_row {
    char id[CORE_NAME_MAX];
    core_clock_kind kind;
    int32_t amount;
    core_roll roll;
    uint32_t calendar;                                                            /* position in calendars */
    enum { CORE_FROM_STORED, CORE_FROM_STATED_RECEIPT, CORE_FROM_OCCURRED } from; /* not stated -> stored */
    core_met_by met_by;
    bool statutory;
    char on_lapse_service[CORE_NAME_MAX]; /* who is told besides the alert's own queue; "" = nobody else */
    char notice_service[CORE_NAME_MAX];   /* MET_NOTICED: whose notice; it is given again when the clock lapses */
    char plain[200];
    char source[160];
    core_place place;
} core_clock_row;

/* ---- people who act: the roster ---- */
typedef struct core_role {
    char name[CORE_NAME_MAX]; /* "practitioner", "team-manager" */
    uint32_t may;             /* bit n = ActKind n */
    bool restricted;          /* may act on restricted alerts */
    char plain[120];
} core_role;

typedef struct core_team {
    char name[CORE_NAME_MAX];
    uint32_t number;     /* kept for ever, see PolicyAdopted; 0 = not yet numbered */
    uint32_t queues[16]; /* positions: what its people may act on */
    uint32_t queue_count;
    int32_t manager_queue; /* position of the queue where its managers are told; never -1 after compiling */
    uint32_t manager_role; /* position in roles */
    char plain[120];
    core_place place;
} core_team;

/* One person in one team with one role, from a day until a day. A person may have several rows: one number, one id. */
typedef struct core_staff_row {
    char id[CORE_NAME_MAX]; /* "hc-3": what acts say; no name of a person */
    uint32_t number;        /* given once, never to somebody else; > 0 */
    uint32_t team, role;    /* positions */
    uint32_t alternate;     /* number of who stands in when this person is a party; 0 = none */
    core_effective effective;
    char shown[80]; /* for the team's own screens; never in a log or a fact */
} core_staff_row;

/* About whom somebody decides so. */
typedef enum core_for { CORE_FOR_ANYBODY, CORE_FOR_CHILDREN, CORE_FOR_ADULTS } core_for;

/* How a line may be decided. */
typedef struct core_outcome {
    char id[CORE_NAME_MAX];
    char plain[160];
    char source[160];
    bool needs_legal_basis;
    core_for fits;
} core_outcome;

/* An agency as policy knows it: where it is asked, told what came of its referrals, and who acts for it. */
typedef struct core_agency_row {
    char name[CORE_NAME_MAX]; /* "health" */
    char area[16];            /* "" = every area; a row for the alert's area is taken instead of one for every area */
    Mash__V1__Agency agency;
    int32_t request_queue;  /* position; -1 = it is not asked through the hub */
    int32_t feedback_queue; /* position; -1 = none: the front door tells it itself */
    core_effective effective;
    core_place place;
} core_agency_row;

/* ---- escalation: nobody saw, claimed, rated or decided in time ---- */
typedef struct core_step {
    uint32_t clock;              /* row that gives the time to wait, what it is met by, and the step's plain line */
    uint32_t role;               /* position: whose holders are told */
    char service[CORE_NAME_MAX]; /* and where: the queue of this service in the alert's area; its teams' people are looked at */
    bool with_events;            /* the alert's events go with it: for a team that has not had them */
    core_place place;
} core_step;

typedef struct core_ladder {
    char id[CORE_NAME_MAX];
    uint32_t ratings;            /* bit n = Rating n */
    char service[CORE_NAME_MAX]; /* of the alert's queue; "" = every one */
    char area[16];               /* "" = every area; a ladder for the area is taken instead of one for every area */
    core_step steps[CORE_LADDER_STEPS_MAX];
    uint32_t step_count;
    char plain[200];
    char source[160];
} core_ladder;

/* ---- disagreement between two teams ---- */
typedef struct core_stage {
    uint32_t number;                         /* 0 = re-think */
    uint32_t standard, urgent;               /* clock rows: to be resolved by */
    int32_t acknowledge, acknowledge_urgent; /* clock rows; -1 = none */
    uint32_t role;                           /* position: who speaks for either side at this stage */
    bool optional;                           /* entered only when a side asks for it */
    bool decides;                            /* the last stage: its decision binds both */
    bool board_office;                       /* told from here on */
    char plain[200];
    core_place place;
} core_stage;

typedef struct core_disagreement_ladder {
    char id[CORE_NAME_MAX];
    char service[CORE_NAME_MAX]; /* of the alert's queue: children's and adults' ladders are apart */
    char area[16];               /* "" = every area */
    core_stage stages[CORE_LADDER_STEPS_MAX];
    uint32_t stage_count;
    uint32_t outcome;    /* clock row: the written outcome */
    int32_t board_queue; /* position; -1 = none */
    int32_t chair_queue; /* where the chair is told at the stage that decides; -1 = either side's role decides there */
    uint32_t chair_role; /* position */
    int32_t extend;      /* clock row: how far one side may put a stage off beyond its own time; -1 = earlier only */
    char danger[240];    /* what to do at once when somebody is in immediate danger */
    char source[160];
} core_disagreement_ladder;

typedef struct core_rating_row {
    uint32_t clocks[8]; /* positions in clocks */
    uint32_t clock_count;
    bool out_of_hours_too; /* outside the front door's hours the area's out_of_hours service receives it as well */
    int32_t claim;         /* clock row: a claim by which nothing was done expires; -1 = never */
    int32_t request;       /* clock row: an agency answers by then; -1 = a request names its own time */
    bool second_person;    /* a hold needs one */
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
    bool later_than_statute; /* the policy records a reason why its rating may promise later than a statutory clock it starts */
    core_place place;
} core_rule;

/* By when a clock, an audience or a ladder is to be looked at again; rules say it in their own rows. Nothing is decided by it. */
typedef struct core_review {
    char what[CORE_NAME_MAX + 16]; /* "ladder E-RED" */
    int32_t day;
    core_place place;
} core_review;

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
    const core_force *forces;
    uint32_t force_count;
    const core_clock_row *clocks;
    uint32_t clock_count;
    const core_calendar *calendars;
    uint32_t calendar_count; /* calendars[0] gives the partnership's civil time */
    const core_school *schools;
    uint32_t school_count;
    const core_rule *rules;
    uint32_t rule_count;
    core_rating_row ratings[5]; /* by Mash__V1__Rating */
    const core_role *roles;
    uint32_t role_count;
    core_team *teams;
    uint32_t team_count; /* numbers are filled in at adoption */
    const core_staff_row *staff;
    uint32_t staff_count;
    const core_outcome *outcomes;
    uint32_t outcome_count;
    const core_agency_row *agencies;
    uint32_t agency_count;
    const core_ladder *ladders;
    uint32_t ladder_count;
    const core_disagreement_ladder *disagreements;
    uint32_t disagreement_count;
    const core_review *reviews;
    uint32_t review_count;
    int32_t feedback_clock;            /* clock row: a person at the referrer has seen the outcome; -1 = none */
    char alarm_service[CORE_NAME_MAX]; /* its queues are told of the hub's own alarms; "" = nobody is */
    core_place alarm_place;
    const char *const *files; /* what complaints call the sources, by core_place.file */
    void *memory;             /* owned by whoever compiled it */
} core_policy;

/* The area with this code that holds on `day`; NULL when there is none. */
const core_area *core_policy_area(const core_policy *policy, const char *code, int32_t day);
/* The queue (position) that serves `service` in `area` on `day`; -1 when none does. A row for the area wins over one for every area. */
int32_t core_policy_route(const core_policy *policy, const char *service, const char *area, int32_t day);
/* The choice of this source for the service on `day`; NULL = it has none. */
const core_force *core_policy_force(const core_policy *policy, const char *source_system, const char *service, int32_t day);
bool core_effective_on(const core_effective *effective, int32_t day);
/* The first row of this person that holds on `day`, by id or number; NULL when they are not on the roster then. */
const core_staff_row *core_policy_staff(const core_policy *policy, const char *id, int32_t day);
const core_staff_row *core_policy_staff_numbered(const core_policy *policy, uint32_t number, int32_t day);
/* Any row that this person ever had, ended ones too: an id is never given to somebody else. */
const core_staff_row *core_policy_staff_ever(const core_policy *policy, uint32_t number);
/* Position + 1 of the school with this number among those whose days are their own; 0 = it keeps its authority's. */
uint32_t core_policy_school(const core_policy *policy, const char *urn);

/* Hub time at which, after `at_ms`, the next day begins on which a row of the roster ends; 0 = none does. */
int64_t core_policy_next_leaving(const core_policy *policy, int64_t at_ms);
enum { CORE_CALENDAR_NOTICE_DAYS = 180 }; /* clocks.md: a calendar warns half a year before it ends */
/* For how many days yet bank holidays, school terms and the terms of single schools are all known, as of this day: 0 or less = one has ended;
 * INT32_MAX = none ends. */
int32_t core_policy_calendar_days(const core_policy *policy, int32_t today);
/* Hub time at which, after `at_ms`, somebody is to hear that a calendar ends; 0 = never: half a year before, more often as it comes nearer. */
int64_t core_policy_next_calendar_warning(const core_policy *policy, int64_t at_ms);
/* Does the service of this queue, in this area or any, bear this name? "" is every service. */
bool core_policy_serves(const core_policy *policy, uint32_t queue, const char *service);
/* Position of the queue with this number; -1 when this policy has none. */
int32_t core_policy_queue(const core_policy *policy, uint32_t number);
bool core_team_has(const core_team *team, uint32_t queue);
/* Does somebody work this queue: on the roster on `day`, in a team of it, in a role that may claim an alert or send it on, and that may
 * see one of this class? */
bool core_policy_works(const core_policy *policy, uint32_t queue, int32_t day, Mash__V1__Sensitivity sensitivity);
/* Is the ladder taken by an alert of this area and rating at this queue? One for the area stands in place of one for every area. */
bool core_ladder_takes(const core_policy *policy, const core_ladder *ladder, uint32_t queue, const char *area,
                       Mash__V1__Rating rating);

/* What a role's `may` calls an act: the contract's word with '-' for '_', "claim", "hand-over". "" for a kind that is none. */
const char *core_act_kind_name(Mash__V1__ActKind kind, char out[64]);
/* ACT_KIND_UNSPECIFIED when no act bears this name. */
Mash__V1__ActKind core_act_kind_of_name(const char *name);

#endif
