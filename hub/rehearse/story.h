/* story.h - what the files of a rehearsal share. Private to hub/rehearse. */
#ifndef REHEARSE_STORY_H
#define REHEARSE_STORY_H

#include "rehearse/world.h"
#include "yaml/yaml.h"

enum { STORY_PEOPLE_MAX = 64, STORY_EVENTS_MAX = 256 };

/* Somebody a story is about. */
typedef struct story_person {
    const char *name; /* in this story only; BORROWED from the document */
    const yaml_node *said;
    char nhs[11]; /* test number of the 999 range; "" = none is known */
} story_person;

typedef struct story {
    world world;
    const core_policy *policy;
    yaml_problems *problems;
    const char *title;
    story_person people[STORY_PEOPLE_MAX];
    uint32_t person_count;
    const char *event_names[STORY_EVENTS_MAX]; /* "name" of the n-th event; NULL = it has none */
    hub_id event_ids[STORY_EVENTS_MAX];
    uint32_t event_count;
} story;

/* ---- names.c: names that a story takes from the policy; false after a complaint that suggests the nearest ---- */
typedef enum story_names {
    STORY_NO_NAMES,
    STORY_QUEUES,
    STORY_RULES,
    STORY_CLOCKS,
    STORY_STAFF,
    STORY_OUTCOMES,
    STORY_AGENCIES,
    STORY_TEAMS,
} story_names;
bool story_known(story *s, const yaml_node *node, story_names what);
bool story_known_key(story *s, const yaml_node *map, size_t index, story_names what);
/* The value of a field of an act, when that field takes such a name; true for any other field. */
bool story_known_field(story *s, const ProtobufCMessageDescriptor *message, const char *field, const yaml_node *node);
/* "this" or "[this, that]": how many; 0 after a complaint. */
size_t story_list_count(story *s, const yaml_node *list);
const yaml_node *story_list_item(const yaml_node *list, size_t index);

/* The n-th test NHS number (n from 1): range 999, check digit right. */
void story_nhs_number(uint32_t n, char out[11]);
const story_person *story_person_named(story *s, const yaml_node *name); /* NULL after a complaint */
/* "2026-03-27 22:40" in the policy's civil time, as hub time; 0 after a complaint. */
int64_t story_instant(story *s, const yaml_node *node);

/* A step that says an event: "police: domestic_abuse_incident". false when the step is none. */
bool story_event(story *s, const yaml_node *step);
/* A step that says an act: "act: claim". */
void story_act(story *s, const yaml_node *step);
/* A step that says what must be so now (expect.c), or what a queue must and must not have been shown (shown.c). */
void story_expect(story *s, const yaml_node *expect);
void story_shown(story *s, const yaml_node *shown);

#endif
