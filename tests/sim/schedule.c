/* schedule.c - a binary heap of tasks, ordered by time and then by number. */
#include "schedule.h"

#include <stdlib.h>
#include <string.h>

typedef struct entry {
    int64_t at_ms;
    uint64_t order;
    sim_task *task;
    void *context;
    uint64_t number;
    uint8_t *bytes; /* owned */
    size_t size;
} entry;

struct sim_schedule {
    int64_t now_ms;
    uint64_t order;
    entry *heap;
    size_t count, capacity;
};

sim_schedule *sim_schedule_open(int64_t start_ms)
{
    sim_schedule *schedule = calloc(1, sizeof *schedule);
    HUB_ASSERT(schedule != NULL);
    schedule->now_ms = start_ms;
    return schedule;
}

void sim_schedule_close(sim_schedule *schedule)
{
    if (schedule == NULL) return;
    for (size_t i = 0; i < schedule->count; i++)
        free(schedule->heap[i].bytes);
    free(schedule->heap);
    free(schedule);
}

static bool comes_before(const entry *a, const entry *b)
{
    return a->at_ms != b->at_ms ? a->at_ms < b->at_ms : a->order < b->order;
}

void sim_at(sim_schedule *schedule, int64_t at_ms, sim_task *task, void *context, uint64_t number, hub_bytes bytes)
{
    if (schedule->count == schedule->capacity) {
        schedule->capacity = schedule->capacity == 0 ? 64 : schedule->capacity * 2;
        schedule->heap = realloc(schedule->heap, schedule->capacity * sizeof *schedule->heap);
        HUB_ASSERT(schedule->heap != NULL);
    }
    entry added = {.at_ms = at_ms < schedule->now_ms ? schedule->now_ms : at_ms,
                   .order = schedule->order++,
                   .task = task,
                   .context = context,
                   .number = number,
                   .size = bytes.size};
    if (bytes.size > 0) {
        added.bytes = malloc(bytes.size);
        HUB_ASSERT(added.bytes != NULL);
        memcpy(added.bytes, bytes.data, bytes.size);
    }
    size_t place = schedule->count++;
    for (; place > 0 && comes_before(&added, &schedule->heap[(place - 1) / 2]); place = (place - 1) / 2)
        schedule->heap[place] = schedule->heap[(place - 1) / 2];
    schedule->heap[place] = added;
}

static entry take_first(sim_schedule *schedule)
{
    entry first = schedule->heap[0];
    entry last = schedule->heap[--schedule->count];
    size_t place = 0;
    for (;;) {
        size_t child = 2 * place + 1;
        if (child >= schedule->count) break;
        if (child + 1 < schedule->count && comes_before(&schedule->heap[child + 1], &schedule->heap[child])) child++;
        if (!comes_before(&schedule->heap[child], &last)) break;
        schedule->heap[place] = schedule->heap[child];
        place = child;
    }
    schedule->heap[place] = last;
    return first;
}

bool sim_step(sim_schedule *schedule)
{
    if (schedule->count == 0) return false;
    entry next = take_first(schedule);
    schedule->now_ms = next.at_ms;
    next.task(next.context, next.number, hub_bytes_of(next.bytes, next.size));
    free(next.bytes);
    return true;
}

int64_t sim_now(const sim_schedule *schedule)
{
    return schedule->now_ms;
}
