/* engine_parts.h - inside the engine. For engine*.c alone. */
#ifndef OUTBOUND_ENGINE_PARTS_H
#define OUTBOUND_ENGINE_PARTS_H

#include "engine.h"
#include "heap.h"

enum { ENGINE_BUCKETS = 8192, ENGINE_FEW_FAILURES = 3 };

typedef struct engine_item engine_item;
typedef struct engine_line engine_line;

struct engine_item {
    owed_row row;
    unsigned queue;
    engine_line *line;          /* NULL = on its own */
    engine_item *older, *newer; /* of the line */
    engine_item *next, *before; /* of all, in order of place */
    heap_slot tries[OWED_STEPS_MAX];
    heap_slot wake;
};

/* Open deliveries of one alert to one queue. */
struct engine_line {
    engine_line *next; /* in its bucket */
    unsigned queue;
    char key[OWED_NAME_MAX];
    engine_item *oldest, *newest;
};

typedef struct engine_lane {
    heap ready;
    engine_item *busy; /* NULL while it is idle, or when what it carries was closed meanwhile */
    bool is_busy;
    unsigned hop;                          /* of the busy one */
    int64_t trying_ms;                     /* since when it is busy */
    uint32_t in_a_row;                     /* failures */
    uint64_t failed[ENGINE_FEW_FAILURES];  /* of which lines: place of the oldest; 0 = none */
    uint64_t refused[ENGINE_FEW_FAILURES]; /* of which lines, since something was taken; as `failed` */
    uint32_t down;                         /* failures since it is held to be down */
    int64_t paused_ms;                     /* nothing is tried before */
    hub_arena arena;                       /* of the parcel */
    engine_channel_counts counts;
} engine_lane;

/* A row as it was before the open transaction. */
typedef struct engine_touched {
    engine_item *item;
    owed_row before;
} engine_touched;

struct engine {
    engine_options options;
    engine_lane lanes[OUTBOUND_CHANNELS_MAX];
    bus_positions positions[OUTBOUND_QUEUES_MAX];
    engine_item *first, *last;
    uint32_t open;
    engine_line *buckets[ENGINE_BUCKETS];
    heap wakes;
    engine_touched *touched; /* owned */
    size_t touched_count, touched_capacity;
    bool is_changing;
    engine_counts counts;
};

const outbound_queue *engine_queue(const engine *e, const engine_item *item);
const outbound_channel *engine_channel(const engine *e, const engine_item *item, unsigned hop);
bool engine_in_flight(const engine *e, const engine_item *item, unsigned hop);

/* Changes of rows: begin, touch each before it is changed, commit. After a failure every row is as before. */
hub_status engine_begin(engine *e, hub_error *err);
hub_status engine_touch(engine *e, engine_item *item, hub_error *err);
/* Saves what was touched, then brings order and heaps up to date; closed ones are gone afterwards. Undoes it all when `status` is a failure. */
hub_status engine_leave(engine *e, hub_status status, int64_t now_ms, hub_error *err);

/* An item for a row that lies in the store: into its line, in order of place. NULL: out of memory. Not yet in any heap. */
engine_item *engine_add(engine *e, const owed_row *row, unsigned queue, hub_error *err);
void engine_remove(engine *e, engine_item *item);
/* Its tries into their lanes' heaps, as far as nothing older stands before them; and a look at its chain at `wake_ms`. */
void engine_schedule(engine *e, engine_item *item, int64_t wake_ms);

void engine_close_row(owed_row *row, owed_state as, const char *why, int64_t now_ms);
/* Z4: `item` leaves this hop to `newer`, which takes its times over (Z5). Both were touched. */
void engine_cover(engine_item *item, engine_item *newer, unsigned hop);

#endif
