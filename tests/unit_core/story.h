/* story.h - words to tell stories about the core with: one partnership, two agencies, a few rules.
 *
 * Every record of every story takes the long way too: its control part is packed, unpacked and folded into a second state, and the
 * two must agree. So each test is also a test that a journal can be folded again.
 */
#ifndef UNIT_CORE_STORY_H
#define UNIT_CORE_STORY_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/core.h"
#include "core/deliver.h"
#include "core/describe.h"
#include "core/facts.h"
#include "core/snapshot.h"

#define HOUR_MS (INT64_C(3600) * 1000)
#define DAY_MS (24 * HOUR_MS)
#define MONDAY_10_00 INT64_C(1780909200000) /* Mon 8 June 2026 10:00 BST */

enum { POLICE = 2, HEALTH = 3, TEAM = 4 }; /* numbers of enrolled keys; 1 is the operator */

/* Valid test numbers of the 999 range. */
#define NHS_ANNE "9990000018"
#define NHS_BEN "9990000026"
#define NHS_CARA "9990000034"

typedef struct story {
    core_state *state;
    core_state *refolded; /* the same records, packed and unpacked */
    core_policy *policy;
    hub_arena arena; /* the command being decided */
    hub_arena kept;  /* events and what tests hold on to */
    int64_t now_ms;
    core_decision decision; /* of the last command */
    uint32_t last_peer;
    hub_buffer last_control;
    hub_buffer last_event;
} story;

int story_begin(void **fixture); /* nothing escalates */
int story_begin_with_ladders(void **fixture);
int story_end(void **fixture);

enum { STORY_PEOPLE = 12 }; /* of one event at most */

/* What one subject is said to be. */
typedef struct person_said {
    Mash__V1__SubjectRole role;
    const char *nhs;   /* NULL = no number */
    const char *local; /* number in system "case/1"; NULL = none */
    const char *second_local;
    int is_staff; /* a member of staff is a party */
    uint64_t uprn;
    size_t stays;   /* how often that home is said; 0 = once */
    int child_of;   /* 1 + position of the parent among the event's subjects; 0 = not stated */
    int sibling_of; /* likewise */
    int lives_with; /* likewise */
    int birth_year; /* 0 = not stated */
    int due_year;   /* of an unborn child */
    const char *school;
    const char *upn;    /* which tells authority and school */
    const char *family; /* NULL = "Example" */
    const char *given;
} person_said;

typedef struct event_said {
    int number;  /* makes event id and reference */
    int from;    /* POLICE or HEALTH; 0 = POLICE */
    int payload; /* 0 = child concern */
    Mash__V1__GradeLevel grade;
    person_said people[STORY_PEOPLE]; /* role 0 ends; none at all = one child, Anne */
    int64_t occurred_ms;              /* 0 = now */
    int64_t receipt_ms;               /* stated receipt */
    int amends, retracts;             /* number of the earlier event */
    Mash__V1__Sensitivity sensitivity;
    const char *circumstances;
    const char *area; /* NULL = E10000014 */
    int exercise;
    int after_restore; /* within the hour after a restore in which the hub waits rather than refuses */
    int ended;         /* of a protection plan: ended, not started */
    const char *place; /* said in the fields for one that its kind has, and by whoever can be rung */
} event_said;

/* Publishes with the next link_seq of that peer's outbox (or the one given), decides, folds. */
core_reply publish(story *s, event_said said);
core_reply publish_at(story *s, uint64_t link_seq, event_said said);
/* Lets time pass and ticks; how many clocks lapsed in this one tick. */
size_t tick_after(story *s, int64_t ms);
/* Decides and folds any command. */
core_reply command(story *s, core_command what);

/* Enrols another key that reads; its number. `queue` for a consumer. */
uint32_t reader(story *s, const char *peer_name, Mash__V1__PeerKind kind, const char *queue);

/* Facts of the last record. */
size_t facts(const story *s, uint32_t kind);
const Mash__V1__Fact *fact(const story *s, uint32_t kind, size_t index);
bool recorded(const story *s); /* was anything recorded at all? */
/* The last record again, as a reader of the journal has it; and one that stays when other records have followed. */
core_record last_record(story *s);
core_record kept_record(story *s);
/* Whether the last record told this queue. */
bool told(const story *s, const char *queue);

/* ---- what a record tells (story_told.c); without `_of`, the last one ---- */
/* The first (nth, from 0) delivery to this queue, as the state is now; NULL when there is none. */
Mash__V1__Delivery *delivery_to(story *s, const char *queue);
Mash__V1__Delivery *delivery_of(story *s, const core_record *record, const char *queue);
Mash__V1__Delivery *nth_delivery_of(story *s, const core_record *record, const char *queue, size_t nth);
/* As it is built for a person who opens what it is about. */
Mash__V1__Delivery *shown_of(story *s, const core_record *record, const char *queue);
bool withholds(const Mash__V1__Delivery *delivery, const char *path);
/* All lines of the answer, indented, each ended by a newline; "" when nothing may be told. */
const char *explained(story *s, uint32_t peer);
const char *explained_of(story *s, const core_record *record, uint32_t peer);
/* NULL when nothing may be told. */
const Mash__V1__TailItem *tailed(story *s, uint32_t peer);
const Mash__V1__TailItem *tailed_of(story *s, const core_record *record, uint32_t peer);
/* How many events are kept as of this person, or of one joined into them. */
uint32_t records_of(const story *s, uint64_t person);
bool finds(story *s, uint32_t peer, const char *key);
bool finds_of(story *s, const core_record *record, uint32_t peer, const char *key);

#define CHILD MASH__V1__SUBJECT_ROLE__SUBJECT_ROLE_CHILD
#define PARENT MASH__V1__SUBJECT_ROLE__SUBJECT_ROLE_PARENT_OR_CARER
#define ADULT MASH__V1__SUBJECT_ROLE__SUBJECT_ROLE_ADULT_AT_RISK
#define VICTIM MASH__V1__SUBJECT_ROLE__SUBJECT_ROLE_VICTIM
#define HIGH MASH__V1__GRADE_LEVEL__GRADE_LEVEL_HIGH
#define MEDIUM MASH__V1__GRADE_LEVEL__GRADE_LEVEL_MEDIUM

#endif
