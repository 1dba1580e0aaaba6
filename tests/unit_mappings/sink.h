/* sink.h - a sink for tests: what a mapping says, kept for looking at, with the kit's own completion and check. */
#ifndef UNIT_MAPPINGS_SINK_H
#define UNIT_MAPPINGS_SINK_H

#include "kit/mapping.h"

enum { STORY_EVENTS_MAX = 256, STORY_PARKED_MAX = 64, STORY_STATE_MAX = 512, STORY_REFUSED_MAX = 8 };

/* 2026-01-15T12:00:00Z, a Thursday in winter: the moment at which every story is told. */
#define STORY_NOW_MS INT64_C(1768478400000)

typedef struct story_parked {
    char field[128];
    char rule[200];
    uint32_t line;
    uint32_t column;
} story_parked;

typedef struct story {
    const kit_mapping *mapping;
    kit_mapping_options options;
    kit_sink sink;
    hub_arena arena; /* the sink's */
    hub_arena kept;  /* of the copies below */
    Mash__V1__Event *events[STORY_EVENTS_MAX];
    size_t count;
    story_parked parked[STORY_PARKED_MAX];
    size_t parked_count;
    char noted[300]; /* the newest note: field and rule */
    size_t noted_count;
    struct {
        char key[130];
        hub_buffer value;
    } state[STORY_STATE_MAX];
    size_t state_count;
    hub_id refused[STORY_REFUSED_MAX];
    size_t refused_count;
    hub_status status; /* of the last input */
    hub_error err;
} story;

/* Given: a source of that format. End with story_end. */
void story_begin(story *s, const kit_mapping *mapping);
void story_end(story *s);

/* When: the input comes. What earlier inputs gave stays in `events`; `fed` counts from 0 again. */
void story_feed(story *s, const char *input);
void story_feed_bytes(story *s, hub_bytes input);
void story_feed_file(story *s, const char *path);
/* When: the hub refuses this event of the last input. */
void story_refuse(story *s, size_t index);

/* Then. `kind` is the payload's name in event.proto ("missed_appointment"). */
void then_event(const story *s, size_t index, const char *kind);
void then_counts(const story *s, size_t events, size_t parked);
void then_parked(const story *s, size_t index, const char *field, uint32_t line, const char *rule_part);
void then_refused(const story *s, const char *part);
/* Nothing that was parked or refused repeats this text. */
void then_nowhere(const story *s, const char *value);

int story_zone(int64_t civil_ms);                 /* Europe/London for 2020 to 2030, by its last Sundays */
char *story_read(const char *path, size_t *size); /* GIVEN, end with free; NULL when there is no such file */
const char *story_source(void);                   /* the source tree: MASHHUB_SOURCE */

#endif
