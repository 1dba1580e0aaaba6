/* outbound_story.h - stories about an outbound engine: deliveries come, channels behave, time passes, and the trace tells what went where. */
#ifndef UNIT_OUTBOUND_OUTBOUND_STORY_H
#define UNIT_OUTBOUND_OUTBOUND_STORY_H

#include "unit_kit/kit_support.h"

#include "outbound/engine.h"

enum { STORY_SECOND = 1000, STORY_MINUTE = 60 * 1000, STORY_HOUR = 60 * 60 * 1000 };

/* What a channel does with each try; the last one for ever. */
typedef struct story_channel {
    const char
        *behaves; /* c confirmed, s sent, f failed, r refused this one, n leads to nobody, h hangs until the story answers */
    unsigned tries;
    bool hangs;
} story_channel;

typedef struct story {
    outbox *box;
    outbound_config config;
    engine *engine;
    story_channel channels[OUTBOUND_CHANNELS_MAX];
    int64_t now_ms;
    int64_t due_ms; /* what `due` answers */
    char trace[4096];
    uint32_t sequence;
    hub_id last_id; /* of the newest parcel */
    char folder[256];
    bool keeps_folder;
    int64_t wall_ahead_ms;                     /* of the engine's clock */
    void (*sent)(const engine_parcel *parcel); /* NULL, or told of each try */
} story;

/* Channels by letters: "wmf" = webhook own, mail duty, file drop; each within `minutes`. */
story *story_new(const char *channels, int minutes);
/* The same in a folder that is there already, and stays. */
story *story_open(const char *folder, const char *channels, int minutes);
void story_free(story *s);
/* The store as a crash leaves it, and a new engine on it. */
void story_restart(story *s);

typedef struct story_delivery {
    const char *alert; /* "A17"; NULL = a notice "N1" */
    int kind;          /* 0 = ALERT_OPENED, or NOTICE */
    int rating;        /* 0 = red */
    const char *state; /* NULL = "open" */
    int event;         /* number of the event; 0 = none */
    int takes_back;    /* number of the event it amends */
    int64_t due_ms;
    int again;          /* the same record as this many before */
    const char *school; /* URN of the one child it names; NULL = none */
} story_delivery;
void story_take(story *s, story_delivery delivery);
#define given_delivery(s, ...) story_take((s), (story_delivery){__VA_ARGS__})

/* Time passes; what is due is tried, and answered as the channels behave. */
void story_pass(story *s, int64_t ms);
/* A channel that hangs answers. */
void story_answer(story *s, unsigned channel, chain_outcome outcome);
/* What was sent since the last look: one line a try, "hook A17 red" or "hook A17 red (1 newer)"; and "telephone". */
void then_trace(story *s, const char *expected);
/* "A17 confirmed; A18 open" in order of coming. */
void then_states(story *s, const char *expected);
hub_id story_id_of(story *s, unsigned index);

#endif
