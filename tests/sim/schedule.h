/* schedule.h - simulated time: what is to happen, when. The clock stands still while a task runs and jumps to the next one's
 * time. Tasks of one instant run in the order in which they were scheduled. */
#ifndef SIM_SCHEDULE_H
#define SIM_SCHEDULE_H

#include <stdbool.h>

#include "base/bytes.h"

typedef struct sim_schedule sim_schedule;

/* `number` and `bytes` are what was given to sim_at; `bytes` BORROWED for the call. */
typedef void sim_task(void *context, uint64_t number, hub_bytes bytes);

sim_schedule *sim_schedule_open(int64_t start_ms);
void sim_schedule_close(sim_schedule *schedule);

/* At `at_ms`, or now when that is past. `bytes` are copied; `context` is BORROWED until the task has run. */
void sim_at(sim_schedule *schedule, int64_t at_ms, sim_task *task, void *context, uint64_t number, hub_bytes bytes);
/* Runs the next task; false when there is none. */
bool sim_step(sim_schedule *schedule);
int64_t sim_now(const sim_schedule *schedule);

#endif
