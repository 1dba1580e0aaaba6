/* options.c - a seed's knobs: each fault is off in a third of the runs, and ordinary or heavy in the others. */
#include "options.h"

#define HOUR_MS INT64_C(3600000)

static sim_ratio fault(sim_random *random, uint32_t seldom)
{
    uint64_t how = sim_draw(random, 3);
    if (how == 0) return (sim_ratio){0, 1};
    return (sim_ratio){how == 1 ? 1 : 4, seldom};
}

sim_options sim_options_of(uint64_t seed, uint32_t events)
{
    sim_random first = {seed};
    sim_random random = sim_fork(&first);
    sim_options o = {.seed = seed, .events = events, .trace = SIM_SILENT};
    o.adapters = 1 + (uint32_t)sim_draw(&random, SIM_ADAPTERS_MAX);
    o.put_gap_ms = (sim_span){0, sim_draw(&random, 2) == 0 ? 20 : 2000};
    o.repeats = fault(&random, 20);
    o.other_content = fault(&random, 40);
    o.unreadable = fault(&random, 60);
    o.amends = fault(&random, 20);
    o.retracts = fault(&random, 30);
    o.delay_ms = (sim_span){1, sim_draw(&random, 2) == 0 ? 5 : 400};
    o.break_instead = fault(&random, 100);
    o.break_after = fault(&random, 100);
    o.batch_ms = (sim_span){0, sim_draw(&random, 2) == 0 ? 3 : 60};
    o.dies_before_append = fault(&random, 80);
    o.dies_after_append = fault(&random, 80);
    o.unknown_lost = fault(&random, 100);
    o.unknown_kept = fault(&random, 100);
    o.full = fault(&random, 60);
    o.away_ms = (sim_span){10, (int64_t[]){500, 300000, 6 * HOUR_MS}[sim_draw(&random, 3)]};
    o.backup = (sim_ratio){1, 15};
    o.restored = fault(&random, 12);
    o.from_snapshot = (sim_ratio){1, 2};
    o.dies_before_commit = fault(&random, 60);
    o.dies_after_put = fault(&random, 80);
    o.dies_after_send = fault(&random, 80);
    o.dies_before_settling = fault(&random, 80);
    o.receipt_ms = (sim_span){0, sim_draw(&random, 2) == 0 ? 10 : 3000};
    o.consumer_dies = fault(&random, 60);
    o.credit_most = 1 + (uint32_t)sim_draw(&random, 20);
    o.reconnect_ms = o.away_ms.most > 300000 ? 60000 : 200;
    o.acts = 1 + events / 6;
    o.act_gap_ms = (sim_span){0, (int64_t[]){500, 60000, 2 * HOUR_MS}[sim_draw(&random, 3)]};
    o.acts_again = fault(&random, 10);
    o.old_version = fault(&random, 10);
    o.reload_ms = sim_within(&random, (sim_span){0, o.put_gap_ms.most * events / o.adapters + 4 * o.act_gap_ms.most});
    o.mistyped = fault(&random, 20);
    o.wrong_clock = fault(&random, 6);
    o.pauses = fault(&random, 60);
    o.asks = (sim_ratio){1, 4};
    return o;
}

void sim_options_heal(sim_options *o)
{
    const sim_ratio never = {0, 1};
    o->break_instead = o->break_after = never;
    o->dies_before_append = o->dies_after_append = o->unknown_lost = o->unknown_kept = o->full = o->restored = o->backup = never;
    o->dies_before_commit = o->dies_after_put = o->dies_after_send = o->dies_before_settling = o->consumer_dies = never;
    o->away_ms.most = o->away_ms.least;
    o->wrong_clock = o->pauses = never;
}
