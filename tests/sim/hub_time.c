/* hub_time.c - the simulated hub's clock, which may be wrong for a while or stand still, and the timers that go by it. */
#include "hub_inside.h"

enum { FULL_RETRY_MS = 50, MINUTE_MS = 60000 };

int64_t hub_now(const sim_hub *h)
{
    int64_t now = sim_now(h->parts.schedule) + h->off_ms;
    return now > core_time_ms(h->state) ? now : core_time_ms(h->state);
}

/* ---- timers ----------------------------------------------------------------------------------------------------------------- */

static void tick(void *context, uint64_t life, hub_bytes bytes)
{
    sim_hub *h = context;
    (void)bytes;
    if (!h->is_up || life != h->life || h->tick_planned_ms > sim_now(h->parts.schedule)) return;
    h->tick_planned_ms = 0;
    if (h->is_full) { /* memory must not run further ahead of a disk that takes nothing */
        h->tick_planned_ms = sim_now(h->parts.schedule) + FULL_RETRY_MS;
        sim_at(h->parts.schedule, h->tick_planned_ms, tick, h, h->life, hub_bytes_of(NULL, 0));
        return;
    }
    core_command command = {.kind = CORE_TICK};
    (void)hub_act(h, &command);
    hub_plan_tick(h);
}

void hub_plan_tick(sim_hub *h)
{
    int64_t due_ms = core_count(h->state).next_due_ms;
    int64_t when_ms = due_ms - h->off_ms;
    if (due_ms == 0 || (h->tick_planned_ms != 0 && h->tick_planned_ms <= when_ms)) return;
    h->tick_planned_ms = when_ms > sim_now(h->parts.schedule) ? when_ms : sim_now(h->parts.schedule);
    sim_at(h->parts.schedule, h->tick_planned_ms, tick, h, h->life, hub_bytes_of(NULL, 0));
}

/* ---- a clock that is wrong -------------------------------------------------------------------------------------------------- */

static void correct(sim_hub *h, Mash__V1__TimeCause cause)
{
    core_command command = {.kind = CORE_CORRECT_TIME};
    command.of.time.delta_ms = sim_now(h->parts.schedule) - hub_now(h);
    command.of.time.cause = cause;
    command.of.time.is_needed = true;
    sim_tell(h->parts.report, "hub", "hub time is corrected by %lld ms", (long long)command.of.time.delta_ms);
    (void)hub_act(h, &command);
    h->off_ms = 0;
    h->corrections++;
    hub_plan_tick(h);
}

static void put_right(void *context, uint64_t life, hub_bytes bytes)
{
    sim_hub *h = context;
    (void)bytes;
    if (!h->is_up || life != h->life) return;
    if (h->is_full)
        sim_at(h->parts.schedule, sim_now(h->parts.schedule) + FULL_RETRY_MS, put_right, h, h->life, hub_bytes_of(NULL, 0));
    else
        correct(h, MASH__V1__TIME_CAUSE__TIME_CAUSE_WRONG_CLOCK);
}

/* Behind by less than what an event may lie ahead of the hub, or what agencies say in good time would be refused. */
void hub_start_clock(sim_hub *h)
{
    h->off_ms = 0;
    if (!sim_happens(&h->random, h->parts.options->wrong_clock)) return;
    h->off_ms = sim_within(&h->random, (sim_span){-8 * MINUTE_MS, 40 * MINUTE_MS});
    int64_t until_ms = sim_now(h->parts.schedule) + sim_within(&h->random, (sim_span){0, 30 * MINUTE_MS});
    sim_tell(h->parts.report, "hub", "its clock is wrong by %lld ms", (long long)h->off_ms);
    sim_at(h->parts.schedule, until_ms, put_right, h, h->life, hub_bytes_of(NULL, 0));
}

/* The machine has stood still since the last record: hub time is where it was then. */
void hub_pause(sim_hub *h)
{
    int64_t behind_ms = sim_now(h->parts.schedule) - core_time_ms(h->state);
    if (h->off_ms != 0 || behind_ms <= 0) return;
    h->off_ms = -behind_ms;
    correct(h, MASH__V1__TIME_CAUSE__TIME_CAUSE_PAUSE);
}
