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

/* The n-th test NHS number (n from 1): range 999, check digit right. */
void story_nhs_number(uint32_t n, char out[11]);
const story_person *story_person_named(story *s, const yaml_node *name); /* NULL after a complaint */
/* "2026-03-27 22:40" in the policy's civil time, as hub time; 0 after a complaint. */
int64_t story_instant(story *s, const yaml_node *node);

/* A step that says an event: "police: domestic_abuse_incident". false when the step is none. */
bool story_event(story *s, const yaml_node *step);
/* A step that says an act: "act: claim". */
void story_act(story *s, const yaml_node *step);
/* A step that says what must be so now, or what a queue must and must not have been shown. */
void story_expect(story *s, const yaml_node *expect);
void story_shown(story *s, const yaml_node *shown);

/* The mapping as JSON of this message, guided by its fields; complaints name the unknown ones. At the end of `out`. */
void story_json(story *s, const ProtobufCMessageDescriptor *descriptor, const yaml_node *map, hub_buffer *out);
/* `"key":"text"`, escaped. */
void story_json_text(hub_buffer *out, const char *text);

#endif
