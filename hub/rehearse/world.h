/* world.h - a hub in memory for rehearsing a policy: the real core decides and folds every command; time is what the story says.
 *
 * Everything that a queue is given is built as it would leave the hub, and kept as text, so that a story can say what an audience must
 * not see. Nothing is stored, sent or read from a clock. Private to hub/rehearse.
 */
#ifndef REHEARSE_WORLD_H
#define REHEARSE_WORLD_H

#include "base/arena.h"
#include "core/core.h"
#include "mash/v1/bus.pb-c.h"

enum { WORLD_TOLD_MAX = 1024, WORLD_RECORDS_MAX = 1024, WORLD_SAID_MAX = 1024, WORLD_NAMES_MAX = 1024 };

/* One delivery that left. */
typedef struct world_delivery {
    uint32_t queue; /* number */
    uint32_t step;  /* of the story, from 1 */
    Mash__V1__DeliveryKind kind;
    uint64_t alert;
    const Mash__V1__Delivery *message;
    char *json;
} world_delivery;

/* One record, as `explain` tells it to an operator. */
typedef struct world_explanation {
    uint64_t sequence;
    int64_t at_ms;
    uint32_t step;
    char *text;
} world_explanation;

/* What happened since the last step that let something happen. More than fits ends the story: what is not kept must not be taken as not
 * having happened. */
typedef struct world_step {
    uint32_t number;
    char refused[400]; /* why the event or the act was refused; "" = it was not */
    const char *rules[WORLD_NAMES_MAX];
    uint32_t rule_count;
    const char *lapsed[WORLD_NAMES_MAX];
    uint32_t lapsed_count;
    uint32_t escalated_to[WORLD_NAMES_MAX]; /* staff numbers */
    uint32_t escalated_count;
    Mash__V1__AlarmKind alarms[WORLD_NAMES_MAX];
    uint32_t alarm_count;
    uint64_t alert; /* the last one that was opened or joined; stays from step to step */
} world_step;

typedef struct world {
    const core_policy *policy; /* BORROWED */
    core_state *state;
    hub_arena arena; /* of the command being decided */
    hub_arena kept;  /* until the world ends */
    int64_t now_ms;
    uint64_t link_seq[16]; /* by agency */
    uint32_t adapters[16]; /* peer numbers, by agency */
    world_step step;
    world_delivery *told; /* WORLD_TOLD_MAX, in `kept` */
    uint32_t told_count;
    core_record said[WORLD_SAID_MAX]; /* records of events and acts: sequence and personal part only */
    uint32_t said_count;
    world_explanation *explained; /* WORLD_RECORDS_MAX, in `kept` */
    uint32_t explained_count;
    const char **words; /* events and acts as JSON, whole; WORLD_RECORDS_MAX, in `kept` */
    uint32_t words_count;
    uint64_t number; /* what the last command's answer numbers: a peer that was enrolled */
    uint32_t acts;   /* so far: makes command ids */
    bool failed;     /* out of memory, or more than a story may have */
} world;

/* HUB_OK or HUB_ERR_MEMORY. End with world_close. */
hub_status world_open(world *w, const core_policy *policy, int64_t now_ms);
void world_close(world *w);

/* A new step: what follows is told of it. */
void world_begin_step(world *w);
/* Lets time pass to this instant; every clock fires at its own time. Never goes back. */
void world_pass_to(world *w, int64_t at_ms);
/* As an adapter of the event's agency does. The bytes are kept. */
void world_publish(world *w, const Mash__V1__Event *event);
/* As a gateway of that person's team does; command_id and version 0 (the newest) are filled in, and for Sign the list as it stands now. */
void world_act(world *w, Mash__V1__Act *act);
/* "N19": the newest notice that somebody was given; "" = none. */
const char *world_notice(const world *w);
/* The newest record at this instant. */
uint64_t world_sequence_at(const world *w, int64_t at_ms);
/* The daily list of this queue, as this person is shown it; false when they are not, or there is no memory for it. */
bool world_daily(world *w, const char *staff, const char *queue, Mash__V1__DailyList *out);

/* The number of the person with this NHS number; 0 = nobody yet. */
uint64_t world_person(const world *w, const char *nhs_number);

#endif
