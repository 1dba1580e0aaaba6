#include "metrics.h"

#include "metrics/text.h"

enum { ITEM_ARENA = 64 * 1024, ITEM_ARENA_MOST = 4 * 1024 * 1024 };

typedef struct code_row {
    const char *code;
    uint64_t count;
} code_row;

static void put_codes(hub_buffer *out, const char *name, const char *help, const code_row *rows, size_t count)
{
    metrics_family(out, name, METRICS_COUNTER, help);
    for (size_t i = 0; i < count; i++) {
        const metrics_pair pairs[] = {{METRICS_CODE, rows[i].code}, {METRICS_NO_LABEL, NULL}};
        metrics_sample(out, name, pairs, (double)rows[i].count);
    }
}

static void put_counts(const outbox_counts *n, hub_buffer *out)
{
    const code_row inputs[] = {{"taken", n->inputs}, {"repeated", n->inputs_repeated}, {"failed", n->inputs_failed}};
    const code_row settled[] = {{"stored", n->stored}, {"duplicate", n->duplicate}, {"refused", n->refused}};
    put_codes(out, "mashadapter_inputs_total", "Files and messages: taken in, seen before, or not to be read.", inputs, 3);
    put_codes(out, "mashadapter_settled_total", "Events that the hub has settled, and how.", settled, 3);
    metrics_alone(out, "mashadapter_put_total", METRICS_COUNTER, "Events put into the outbox.", (double)n->put);
    metrics_alone(out, "mashadapter_waiting", METRICS_GAUGE, "Events that the hub has not settled.", (double)n->waiting);
    metrics_alone(out, "mashadapter_parked_total", METRICS_COUNTER, "Records that the adapter itself put aside for a person.",
                  (double)n->parked_here);
    metrics_alone(out, "mashadapter_parked", METRICS_GAUGE, "Records put aside and not yet in the quarantine folder.",
                  (double)n->parked_held);
    metrics_alone(out, "mashadapter_kept", METRICS_GAUGE, "Settled events kept for a hub that is restored.", (double)n->kept);
    metrics_alone(out, "mashadapter_forks_total", METRICS_COUNTER, "Times everything kept was offered anew.", (double)n->forks);
}

/* 0: nothing waits. */
static double oldest_waiting_s(outbox *box, int64_t now_ms)
{
    outbox_numbers numbers;
    outbox_item item = {0};
    uint32_t count = 0;
    hub_arena arena;
    hub_error err;
    outbox_numbers_of(box, &numbers);
    if (hub_arena_open(&arena, ITEM_ARENA, ITEM_ARENA_MOST) != HUB_OK) return 0;
    hub_status status = outbox_read(box, numbers.settled_link_seq + 1, 1, 1, &arena, &item, &count, &err);
    hub_arena_close(&arena);
    return status == HUB_OK && count == 1 && now_ms > item.put_ms ? (double)(now_ms - item.put_ms) / 1000 : 0;
}

static void put_senders(const kit_mllp *mllp, hub_buffer *out)
{
    kit_mllp_counts n;
    kit_mllp_counts_of(mllp, &n);
    const code_row connections[] = {{"taken", n.connections}, {"turned_away", n.turned_away}};
    const code_row messages[] = {{"taken", n.messages - n.not_taken}, {"not_taken", n.not_taken}};
    put_codes(out, "mashadapter_connections_total", "MLLP connections since the start.", connections, 2);
    put_codes(out, "mashadapter_messages_total", "MLLP messages since the start.", messages, 2);
}

static void put_posts(const kit_post *post, hub_buffer *out)
{
    kit_post_counts n;
    kit_post_counts_of(post, &n);
    const code_row requests[] = {{"taken", n.taken}, {"not_taken", n.not_taken}, {"turned_away", n.turned_away}};
    put_codes(out, "mashadapter_requests_total", "HTTP requests since the start.", requests, 3);
}

static void put_queue(const kit_sqs *sqs, hub_buffer *out)
{
    kit_sqs_counts n;
    kit_sqs_counts_of(sqs, &n);
    const code_row messages[] = {{"received", n.received}, {"deleted", n.deleted}};
    put_codes(out, "mashadapter_queue_messages_total", "Messages from the queue since the start.", messages, 2);
}

void adapter_metrics(outbox *box, const link_machine *link, const adapter_ways *ways, const char *input_trouble, int64_t now_ms,
                     hub_buffer *out)
{
    outbox_counts counts;
    link_status status;
    outbox_counts_of(box, &counts);
    link_status_of(link, &status);
    put_counts(&counts, out);
    metrics_alone(out, "mashadapter_oldest_waiting_seconds", METRICS_GAUGE, "How long the oldest waiting event has waited.",
                  oldest_waiting_s(box, now_ms));
    metrics_alone(out, "mashadapter_connected", METRICS_GAUGE, "1 while there is a session with the hub.", status.open);
    metrics_alone(out, "mashadapter_stopped", METRICS_GAUGE, "1 while a STOP file keeps events back.", status.stopped);
    metrics_alone(out, "mashadapter_held", METRICS_GAUGE,
                  "1 while what a clock that was ahead has dated is held until that time.", status.holds);
    metrics_alone(out, "mashadapter_clock_ahead_seconds", METRICS_GAUGE,
                  "By how much this machine's clock was ahead of hub time when the hub was asked last; negative: behind it.",
                  (double)status.clock_ahead_ms / 1000);
    metrics_alone(out, "mashadapter_in_flight", METRICS_GAUGE, "Events sent and not answered.", (double)status.in_flight);
    char trouble[8];
    adapter_ways_trouble(ways, trouble, sizeof trouble);
    metrics_alone(out, "mashadapter_source_trouble", METRICS_GAUGE,
                  "1 while nothing comes from the queue or the drop folder, or inputs wait for a detail that cannot be fetched.",
                  trouble[0] != '\0' || input_trouble[0] != '\0');
    if (ways->mllp != NULL) put_senders(ways->mllp, out);
    if (ways->post != NULL) put_posts(ways->post, out);
    if (ways->sqs != NULL) put_queue(ways->sqs, out);
}
