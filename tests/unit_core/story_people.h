/* story_people.h - people who act in the stories: two children's teams, a duty manager, health as an agency, and their ladders.
 *
 *     front-door   anna, bob (practitioners), mona (team manager), dina (director); restricted: mona and dina only
 *     other-door   olga (practitioner), otto (team manager), olaf (director)
 *     duty         dora (duty manager); managers of both doors are told there, and the board
 *     health       hana, henry (practitioners of the agency), hugo (director)
 *     out-of-hours nick (practitioner)
 */
#ifndef UNIT_CORE_STORY_PEOPLE_H
#define UNIT_CORE_STORY_PEOPLE_H

#include "story.h"

enum { GATEWAY = 5 }; /* number of the board's key: it may act for all these teams */

/* Positions of the clocks that the stories' people add to the policy's four. */
enum {
    CLAIM_CLOCK = 4,
    REQUEST_CLOCK,
    FEEDBACK_CLOCK,
    OUTCOME_CLOCK,
    RED_1,
    RED_2,
    RED_3,
    CLOSING_1,
    STAGE_0,
    STAGE_1,
    STAGE_1_URGENT,
    STAGE_1_ACK,
    STAGE_2,
    STAGE_2_URGENT,
    STAGE_3,
    STAGE_3_URGENT,
    STORY_CLOCKS
};

typedef struct story_people {
    core_role roles[6];
    core_team teams[6];
    core_staff_row staff[12];
    core_outcome outcomes[3];
    core_agency_row agencies[2];
    core_ladder ladders[3];
    core_disagreement_ladder disagreements[1];
} story_people;

void story_people_fill(story_people *people, core_policy *policy, core_clock_row *clocks);

/* One act: who, on what, what. Version 0 means the newest. The what is set by the caller. */
typedef struct act_said {
    const char *by;   /* roster id */
    const char *item; /* NULL = "A1" */
    int version;      /* 0 = the newest; -1 = none */
    const char *reason;
    Mash__V1__Act__WhatCase what;
    void *body;    /* Mash__V1__... message of `what`; NULL for one without fields */
    uint32_t peer; /* 0 = GATEWAY */
    int repeat;    /* the same number twice is the same command_id */
} act_said;
const Mash__V1__ActReply *act(story *s, act_said said);

/* Shorthands: the acts that need one value. Reasons are given. */
const Mash__V1__ActReply *claim(story *s, const char *by);
const Mash__V1__ActReply *release_alert(story *s, const char *by);
const Mash__V1__ActReply *hand_over(story *s, const char *by, const char *to);
const Mash__V1__ActReply *rate(story *s, const char *by, Mash__V1__Rating rating);
const Mash__V1__ActReply *decide_line(story *s, const char *by, uint64_t person, const char *outcome);
const Mash__V1__ActReply *seen(story *s, const char *by, const char *item);

void then_done(const Mash__V1__ActReply *reply);
void then_refused(const Mash__V1__ActReply *reply, Mash__V1__ActCode code, const char *words);

#endif
