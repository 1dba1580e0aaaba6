#include "figures.h"

#include "metrics/text.h"

/* One line for each channel of the configuration: a list that a person wrote (F1). */
static void put_channels(const outbound_config *config, const engine_counts *n, const char *name, metrics_type type,
                         const char *help, double (*value)(const engine_channel_counts *of, int64_t now_ms), int64_t now_ms,
                         hub_buffer *out)
{
    metrics_family(out, name, type, help);
    for (unsigned i = 0; i < config->channel_count; i++) {
        const metrics_pair pairs[] = {{METRICS_CHANNEL, config->channels[i].name}, {METRICS_NO_LABEL, NULL}};
        metrics_sample(out, name, pairs, value(&n->channels[i], now_ms));
    }
}

static double trying(const engine_channel_counts *of, int64_t now_ms)
{
    (void)now_ms;
    return of->trying;
}

static double failing(const engine_channel_counts *of, int64_t now_ms)
{
    (void)now_ms;
    return of->failing;
}

static double failed(const engine_channel_counts *of, int64_t now_ms)
{
    (void)now_ms;
    return (double)of->failed;
}

static double passed(const engine_channel_counts *of, int64_t now_ms)
{
    (void)now_ms;
    return (double)(of->sent + of->confirmed);
}

static double down(const engine_channel_counts *of, int64_t now_ms)
{
    return of->failing_ms == 0 ? 0 : (double)(now_ms - of->failing_ms) / 1000;
}

static double trying_for(const engine_channel_counts *of, int64_t now_ms)
{
    return of->trying_ms == 0 ? 0 : (double)(now_ms - of->trying_ms) / 1000;
}

void outbound_figures(const outbound_config *config, const engine *e, bool is_open, int64_t now_ms, hub_buffer *out)
{
    engine_counts n;
    engine_counts_of(e, &n);
    metrics_alone(out, "mashoutbound_connected", METRICS_GAUGE, "1 while there is a session with the hub.", is_open);
    metrics_alone(out, "mashoutbound_taken_total", METRICS_COUNTER, "Deliveries taken over from the hub since the start.",
                  (double)n.taken);
    metrics_alone(out, "mashoutbound_owed", METRICS_GAUGE, "Deliveries that are still owed.", n.open);
    metrics_alone(out, "mashoutbound_overdue", METRICS_GAUGE,
                  "Of these, those that nobody confirmed in time: somebody was asked to telephone.", n.overdue);
    metrics_alone(out, "mashoutbound_oldest_seconds", METRICS_GAUGE, "How long the oldest of them has been owed.",
                  n.oldest_ms == 0 ? 0 : (double)(now_ms - n.oldest_ms) / 1000);
    metrics_family(out, "mashoutbound_closed_total", METRICS_COUNTER,
                   "Deliveries that are owed no more since the start, by what became of them.");
    for (owed_state state = OWED_CONFIRMED; state <= OWED_STOPPED; state++) {
        const metrics_pair pairs[] = {{METRICS_CODE, owed_state_name(state)}, {METRICS_NO_LABEL, NULL}};
        metrics_sample(out, "mashoutbound_closed_total", pairs, (double)n.closed[state]);
    }
    put_channels(config, &n, "mashoutbound_trying", METRICS_GAUGE, "Deliveries that wait for this channel.", trying, now_ms, out);
    put_channels(config, &n, "mashoutbound_failing", METRICS_GAUGE, "Of these, those that it was tried with in vain.", failing,
                 now_ms, out);
    put_channels(config, &n, "mashoutbound_passed_total", METRICS_COUNTER, "Tries that it sent or confirmed since the start.",
                 passed, now_ms, out);
    put_channels(config, &n, "mashoutbound_failed_total", METRICS_COUNTER, "Tries in vain since the start.", failed, now_ms, out);
    put_channels(config, &n, "mashoutbound_down_seconds", METRICS_GAUGE, "How long nothing has gone by it; 0 = it works.", down,
                 now_ms, out);
    put_channels(config, &n, "mashoutbound_try_seconds", METRICS_GAUGE,
                 "How long the try under way has lasted; one that does not end is a folder or share that hangs.", trying_for,
                 now_ms, out);
}
