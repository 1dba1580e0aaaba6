/* metrics.c - what the hub tells Prometheus: who is there, what waits, how fast the journal is, what somebody has to see to. Nothing here is
 * about an alert or a person (F1 in metrics/text.h); counts of the whole hub go where operators and auditors look (P6). */
#include "daemon/shell.h"

#include "event/event.h"
#include "host/log.h"

#define FAMILY(kind, name, help) metrics_family(out, name, METRICS_##kind, help)

void daemon_count_code(uint64_t counts[DAEMON_CODES_MAX], int code)
{
    counts[code > 0 && code < DAEMON_CODES_MAX ? code : 0]++;
}

/* A key of an operator or auditor may be called after its holder. */
static bool is_system(const core_peer *peer)
{
    return !peer->revoked && peer->kind != MASH__V1__PEER_KIND__PEER_KIND_OPERATOR &&
           peer->kind != MASH__V1__PEER_KIND__PEER_KIND_AUDITOR;
}

static metrics_pair agency_of(const core_peer *peer)
{
    const char *name = event_agency_name(peer->agency);
    return (metrics_pair){METRICS_AGENCY, name == NULL ? "none" : name};
}

/* ---- who speaks with the hub --------------------------------------------------------------------------------------------------- */
typedef double peer_figure(daemon_shell *d, const core_peer *peer);

static double is_connected(daemon_shell *d, const core_peer *peer)
{
    return bus_sessions_by_peer(d->sessions, peer->number) != NULL;
}

/* Never heard since the start counts from the start: a figure that is missing alarms nobody. */
static double silent_s(daemon_shell *d, const core_peer *peer)
{
    int64_t heard_ms = daemon_last_heard_ms(d, peer->number), now_ms = daemon_now_ms(d);
    int64_t since_ms = heard_ms == 0 ? d->started_ms : heard_ms;
    return now_ms > since_ms ? (double)(now_ms - since_ms) / 1000 : 0;
}

static void put_peers(daemon_shell *d, hub_buffer *out, const char *name, const char *help, peer_figure *figure)
{
    FAMILY(GAUGE, name, help);
    for (uint32_t i = 1; i <= core_peer_count(d->core); i++) {
        const core_peer *peer = core_peer_numbered(d->core, i);
        if (!is_system(peer)) continue;
        const metrics_pair pairs[] = {{METRICS_PEER, peer->name}, agency_of(peer), {METRICS_NO_LABEL, NULL}};
        metrics_sample(out, name, pairs, figure(d, peer));
    }
}

static void put_events(daemon_shell *d, hub_buffer *out)
{
    static const char NAME[] = "mashhub_events_total";
    FAMILY(COUNTER, NAME, "Events of each adapter since the partnership began, by what became of them.");
    for (uint32_t i = 1; i <= core_peer_count(d->core); i++) {
        const core_peer *peer = core_peer_numbered(d->core, i);
        if (!is_system(peer) || peer->kind != MASH__V1__PEER_KIND__PEER_KIND_ADAPTER) continue;
        const struct {
            const char *code;
            uint64_t count;
        } ROWS[] = {{"stored", peer->stored}, {"duplicate", peer->duplicates}, {"refused", peer->refused}};
        for (size_t k = 0; k < sizeof ROWS / sizeof ROWS[0]; k++) {
            const metrics_pair pairs[] = {
                {METRICS_PEER, peer->name}, agency_of(peer), {METRICS_CODE, ROWS[k].code}, {METRICS_NO_LABEL, NULL}};
            metrics_sample(out, NAME, pairs, (double)ROWS[k].count);
        }
    }
}

/* ---- codes of the contract ------------------------------------------------------------------------------------------------------- */
static void put_codes(hub_buffer *out, const char *name, const char *help, const ProtobufCEnumDescriptor *codes,
                      const uint64_t counts[DAEMON_CODES_MAX])
{
    FAMILY(COUNTER, name, help);
    for (unsigned i = 0; i < codes->n_values; i++) {
        HUB_ASSERT(codes->values[i].value < DAEMON_CODES_MAX);
        const metrics_pair pairs[] = {{METRICS_CODE, codes->values[i].name}, {METRICS_NO_LABEL, NULL}};
        metrics_sample(out, name, pairs, (double)counts[codes->values[i].value]);
    }
}

/* ---- queues ------------------------------------------------------------------------------------------------------------------------ */
/* Of its declared consumers the one that is furthest behind. A queue without any keeps no position, so nothing of it is known to wait. */
static bool waits(const daemon_shell *d, const core_queue_row *row, uint32_t queue, uint64_t *out)
{
    enum { CONSUMERS = sizeof row->consumers / sizeof row->consumers[0] };
    *out = 0;
    for (int k = 0; k < CONSUMERS && row->consumers[k][0] != '\0'; k++) {
        uint64_t waiting = core_queue_waiting(d->core, queue, core_receipt_of(d->core, queue, row->consumers[k]));
        if (waiting > *out) *out = waiting;
    }
    return row->consumers[0][0] != '\0';
}

static void put_queues(daemon_shell *d, hub_buffer *out)
{
    static const char WAITING[] = "mashhub_queue_waiting", CONNECTED[] = "mashhub_queue_connected";
    const core_policy *policy = core_policy_now(d->core);
    uint64_t waiting;
    FAMILY(GAUGE, WAITING, "Deliveries that the declared consumer who is furthest behind has not confirmed.");
    for (uint32_t i = 0; policy != NULL && i < policy->queue_count; i++) {
        const metrics_pair pairs[] = {{METRICS_QUEUE, policy->queues[i].name}, {METRICS_NO_LABEL, NULL}};
        if (waits(d, &policy->queues[i], core_queue_number(d->core, policy->queues[i].name), &waiting))
            metrics_sample(out, WAITING, pairs, (double)waiting);
    }
    FAMILY(GAUGE, CONNECTED, "Sessions that have a subscription of the queue now.");
    for (uint32_t i = 0; policy != NULL && i < policy->queue_count; i++) {
        const metrics_pair pairs[] = {{METRICS_QUEUE, policy->queues[i].name}, {METRICS_NO_LABEL, NULL}};
        metrics_sample(out, CONNECTED, pairs, daemon_deliver_attached(d, core_queue_number(d->core, policy->queues[i].name)));
    }
}

/* ---- the hub itself ---------------------------------------------------------------------------------------------------------------- */
static void put_hub(daemon_shell *d, hub_buffer *out)
{
    core_counts counts = core_count(d->core);
    int64_t now_ms = daemon_now_ms(d);
    bool is_late = counts.next_due_ms != 0 && counts.next_due_ms < now_ms;
    const struct {
        const char *name;
        metrics_type type;
        const char *help;
        double value;
    } ROWS[] = {
        {"mashhub_uptime_seconds", METRICS_GAUGE, "Since this hub started.", (double)(now_ms - d->started_ms) / 1000},
        {"mashhub_durable_sequence", METRICS_GAUGE, "Number of the newest durable record.", (double)d->durable},
        {"mashhub_journal_room_bytes", METRICS_GAUGE, "Bytes that the journal may still take.",
         (double)daemon_journal_thread_room(d->journal)},
        {"mashhub_sessions", METRICS_GAUGE, "Sessions of all keys.", bus_sessions_count(d->sessions)},
        {"mashhub_duplicates_total", METRICS_COUNTER, "Items answered DUPLICATE since the start.", (double)d->duplicates},
        {"mashhub_alerts_open", METRICS_GAUGE, "Alerts that nobody has ended.", (double)counts.alerts_open},
        {"mashhub_clocks_running", METRICS_GAUGE, "Clocks that run.", (double)counts.clocks_running},
        {"mashhub_clocks_lapsed_total", METRICS_COUNTER, "Clocks that lapsed since the partnership began.",
         (double)counts.clocks_lapsed},
        {"mashhub_clock_late_seconds", METRICS_GAUGE, "How late the hub is with the clock that is due longest; 0 is in time.",
         is_late ? (double)(now_ms - counts.next_due_ms) / 1000 : 0},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++)
        metrics_alone(out, ROWS[i].name, ROWS[i].type, ROWS[i].help, ROWS[i].value);
}

static void put_alarms(const daemon_shell *d, hub_buffer *out)
{
    daemon_alarm alarms[DAEMON_ALARMS];
    daemon_alarms_of(d, alarms);
    FAMILY(GAUGE, "mashhub_alarm", "1 while this is so; mashctl status says what to do.");
    for (size_t i = 0; i < DAEMON_ALARMS; i++) {
        const metrics_pair pairs[] = {{METRICS_CODE, alarms[i].code}, {METRICS_NO_LABEL, NULL}};
        metrics_sample(out, "mashhub_alarm", pairs, alarms[i].is_on);
    }
}

static void write_all(void *context, hub_buffer *out)
{
    daemon_shell *d = context;
    put_hub(d, out);
    put_alarms(d, out);
    put_events(d, out);
    put_peers(d, out, "mashhub_peer_connected", "1 while the system has a session.", is_connected);
    put_peers(d, out, "mashhub_peer_silent_seconds", "Since something was heard of the system, or since the hub's start.",
              silent_s);
    put_queues(d, out);
    put_codes(out, "mashhub_items_not_stored_total", "Items answered REFUSED or RETRY_LATER since the start, by the reason.",
              &mash__v1__refusal_code__descriptor, d->figures.not_stored);
    put_codes(out, "mashhub_acts_total", "Acts of people since the start, by the answer.", &mash__v1__act_code__descriptor,
              d->figures.acts);
    FAMILY(HISTOGRAM, "mashhub_batch_records", "Records made durable by one sync.");
    metrics_buckets(out, "mashhub_batch_records", NULL, &METRICS_RECORDS, &d->figures.batch_records);
    FAMILY(HISTOGRAM, "mashhub_batch_seconds", "From a batch being given to the journal to its being durable.");
    metrics_buckets(out, "mashhub_batch_seconds", NULL, &METRICS_SECONDS, &d->figures.batch_seconds);
}

void daemon_metrics_start(daemon_shell *d)
{
    const metrics_options options = {
        .address = d->config->metrics_address, .port = d->config->metrics_port, .write = write_all, .context = d};
    hub_error err = {{0}};
    if (options.address[0] == '\0') return;
    if (metrics_server_open(&d->loop, &options, &d->metrics, &err) == HUB_OK) return;
    host_log(HOST_LOG_ERROR, "the hub runs without metrics", "cause", err.text, NULL);
}
