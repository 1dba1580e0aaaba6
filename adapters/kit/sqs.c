#include "sqs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fetch/fetch.h"
#include "host/log.h"
#include "sqs_call.h"

enum { WAIT_S = 20, RETRY_LEAST_MS = 1000, RETRY_MOST_MS = 60 * 1000 };

/* One message at the desk. */
typedef struct errand {
    kit_ticket ticket; /* first */
    kit_sqs *sqs;
    hub_buffer message; /* without its envelope */
    char number[128];
    char key[256];
} errand;

struct kit_sqs {
    uv_timer_t timer; /* first */
    uv_timer_t hold;
    uv_work_t work;
    kit_sqs_options options;
    kit_sqs_place place;
    kit_sqs_messages messages;
    errand errands[KIT_SQS_MESSAGES_MAX];
    bool safe[KIT_SQS_MESSAGES_MAX];  /* may be deleted */
    bool again[KIT_SQS_MESSAGES_MAX]; /* could not be stored: to be put to the desk again */
    bool ours[KIT_SQS_MESSAGES_MAX];  /* neither deleted nor let go: held */
    bool held[KIT_SQS_MESSAGES_MAX];  /* by the call under way */
    unsigned at_desk;
    hub_status status; /* of the last call */
    hub_error err;
    int64_t retry_ms;
    char trouble[sizeof((hub_error *)0)->text];
    kit_sqs_counts counts;
    atomic_bool stop;
    bool working, closing, closed;
    bool waits_to_delete; /* for the end of the call under way */
};

static void receive(kit_sqs *sqs);
static void offer_again(kit_sqs *sqs);

static void let_go(kit_sqs *sqs)
{
    if (!sqs->closed || sqs->working || sqs->at_desk > 0) return;
    kit_sqs_messages_free(&sqs->messages);
    fetch_stop();
    free(sqs);
}

static void end_messages(kit_sqs *sqs)
{
    for (unsigned i = 0; i < sqs->messages.count; i++)
        hub_buffer_free(&sqs->errands[i].message);
    kit_sqs_messages_free(&sqs->messages);
    memset(sqs->errands, 0, sizeof sqs->errands);
    memset(sqs->safe, 0, sizeof sqs->safe);
    memset(sqs->again, 0, sizeof sqs->again);
    memset(sqs->ours, 0, sizeof sqs->ours);
    (void)uv_timer_stop(&sqs->hold);
}

static bool any_again(const kit_sqs *sqs)
{
    return memchr(sqs->again, 1, sizeof sqs->again) != NULL;
}

static void on_timer(uv_timer_t *timer)
{
    kit_sqs *sqs = (kit_sqs *)timer;
    if (any_again(sqs))
        offer_again(sqs);
    else
        receive(sqs);
}

static void try_later(kit_sqs *sqs, const char *why)
{
    sqs->retry_ms = sqs->retry_ms == 0 ? RETRY_LEAST_MS : sqs->retry_ms * 2;
    if (sqs->retry_ms > RETRY_MOST_MS) sqs->retry_ms = RETRY_MOST_MS;
    if (strcmp(why, sqs->trouble) != 0) { /* Q4 */
        (void)snprintf(sqs->trouble, sizeof sqs->trouble, "%s", why);
        host_log(HOST_LOG_ERROR, "nothing comes from the queue", "cause", why, NULL);
    }
    (void)uv_timer_start(&sqs->timer, on_timer, (uint64_t)sqs->retry_ms, 0);
}

static void well_again(kit_sqs *sqs)
{
    if (sqs->trouble[0] != '\0') host_log(HOST_LOG_INFO, "the queue is heard again", NULL);
    sqs->trouble[0] = '\0';
    sqs->retry_ms = 0;
}

/* ---- deleting ---- */

static void do_delete(uv_work_t *work)
{
    kit_sqs *sqs = work->data;
    sqs->status = kit_sqs_delete(&sqs->place, &sqs->messages, sqs->safe, &sqs->err);
}

static void after_delete(uv_work_t *work, int code)
{
    kit_sqs *sqs = work->data;
    (void)code;
    sqs->working = false;
    bool all = true;
    for (unsigned i = 0; i < sqs->messages.count; i++) {
        bool was_deleted = sqs->status == HUB_OK && sqs->safe[i];
        sqs->counts.deleted += was_deleted;
        all = all && (sqs->safe[i] || !sqs->ours[i]);
        sqs->ours[i] = sqs->ours[i] && !sqs->safe[i];
        sqs->safe[i] = false;
    }
    if (sqs->closing || !any_again(sqs)) end_messages(sqs);
    if (sqs->closing) {
        let_go(sqs);
    } else if (any_again(sqs)) {
        try_later(sqs, "a message could not be stored; it is kept at hand, and those behind it in the queue"); /* Q5 */
    } else if (sqs->status != HUB_OK) {
        try_later(sqs, sqs->err.text);
    } else if (!all) {
        try_later(sqs, "a message that this mapping does not take; it stays in the queue");
    } else {
        well_again(sqs);
        receive(sqs);
    }
}

static void start(kit_sqs *sqs, uv_work_cb work, uv_after_work_cb after)
{
    sqs->err = (hub_error){{0}};
    sqs->working = true;
    int code = uv_queue_work(sqs->timer.loop, &sqs->work, work, after);
    HUB_ASSERT(code == 0);
}

/* ---- holding ---- */

static void do_hold(uv_work_t *work)
{
    kit_sqs *sqs = work->data;
    sqs->status = kit_sqs_hold(&sqs->place, &sqs->messages, sqs->held, sqs->options.visibility_s, &sqs->err);
}

static void after_hold(uv_work_t *work, int code)
{
    kit_sqs *sqs = work->data;
    (void)code;
    sqs->working = false;
    if (sqs->status != HUB_OK && !sqs->closing)
        host_log(HOST_LOG_WARNING, "the queue may give messages out again that are held here", "cause", sqs->err.text, NULL);
    if (sqs->closing) {
        let_go(sqs);
    } else if (sqs->waits_to_delete) {
        sqs->waits_to_delete = false;
        start(sqs, do_delete, after_delete);
    }
}

static void on_hold(uv_timer_t *timer)
{
    kit_sqs *sqs = timer->data;
    if (sqs->working) return; /* they are being deleted */
    memcpy(sqs->held, sqs->ours, sizeof sqs->held);
    start(sqs, do_hold, after_hold);
}

/* ---- the desk ---- */

static void on_answered(kit_ticket *ticket, const kit_outcome *outcome)
{
    errand *e = (errand *)ticket;
    kit_sqs *sqs = e->sqs;
    char events[16];
    (void)snprintf(events, sizeof events, "%u", outcome->events);
    bool safe = outcome->result != KIT_INPUT_FAILED && outcome->result != KIT_INPUT_UNSUPPORTED;
    host_log(outcome->parked > 0 || !safe ? HOST_LOG_WARNING : HOST_LOG_INFO,
             safe ? "message taken" : "message left in the queue", "events", events, "reason", outcome->reason, NULL);
    sqs->safe[e - sqs->errands] = safe; /* Q1 */
    sqs->again[e - sqs->errands] = outcome->result == KIT_INPUT_FAILED;
    sqs->ours[e - sqs->errands] = outcome->result != KIT_INPUT_UNSUPPORTED;
    if (--sqs->at_desk > 0) return;
    if (sqs->closing) {
        let_go(sqs);
    } else if (sqs->working) {
        sqs->waits_to_delete = true;
    } else {
        start(sqs, do_delete, after_delete);
    }
}

static void put(kit_sqs *sqs, unsigned place)
{
    errand *e = &sqs->errands[place];
    const kit_sqs_message *message = &sqs->messages.items[place];
    const char *reason = NULL;
    hub_buffer_free(&e->message);
    *e = (errand){.sqs = sqs};
    kit_sqs_unwrap(hub_buffer_bytes(&message->body), e->number, &e->message);
    if (e->number[0] == '\0') (void)snprintf(e->number, sizeof e->number, "sqs %.120s", message->id); /* Q2 */
    kit_input_result accepted = kit_intake_input(sqs->options.intake, hub_buffer_bytes(&e->message), e->number,
                                                 sqs->options.now_ms(sqs->options.context), e->key, &e->ticket.input, &reason);
    if (e->message.failed || accepted != KIT_INPUT_DONE) {
        kit_outcome outcome = {.result = e->message.failed ? KIT_INPUT_FAILED : accepted};
        (void)snprintf(outcome.reason, sizeof outcome.reason, "%s", e->message.failed ? "out of memory" : reason);
        on_answered(&e->ticket, &outcome);
        return;
    }
    e->ticket.intake = sqs->options.intake;
    e->ticket.answered = on_answered;
    kit_desk_put(sqs->options.desk, &e->ticket);
}

/* Q3: in the order in which they came. */
static void offer_again(kit_sqs *sqs)
{
    bool offered[KIT_SQS_MESSAGES_MAX];
    memcpy(offered, sqs->again, sizeof offered);
    for (unsigned i = 0; i < sqs->messages.count; i++)
        sqs->at_desk += offered[i];
    for (unsigned i = 0; i < sqs->messages.count; i++) {
        if (!offered[i]) continue;
        sqs->again[i] = false;
        put(sqs, i);
    }
}

/* ---- receiving ---- */

static void do_receive(uv_work_t *work)
{
    kit_sqs *sqs = work->data;
    sqs->status = kit_sqs_receive(&sqs->place, sqs->options.wait_s, sqs->options.visibility_s, &sqs->messages, &sqs->err);
}

static void after_receive(uv_work_t *work, int code)
{
    kit_sqs *sqs = work->data;
    (void)code;
    sqs->working = false;
    if (sqs->closing) {
        let_go(sqs); /* what came is not deleted: it comes again */
        return;
    }
    if (sqs->status != HUB_OK) {
        try_later(sqs, sqs->err.text);
        return;
    }
    if (sqs->messages.count == 0) {
        well_again(sqs);
        receive(sqs);
        return;
    }
    sqs->counts.received += sqs->messages.count;
    for (unsigned i = 0; i < sqs->messages.count; i++)
        sqs->again[i] = sqs->ours[i] = true;
    uint64_t hold_ms = (uint64_t)sqs->options.hold_ms;
    (void)uv_timer_start(&sqs->hold, on_hold, hold_ms, hold_ms);
    offer_again(sqs);
}

static void receive(kit_sqs *sqs)
{
    HUB_ASSERT(!sqs->working && sqs->at_desk == 0);
    end_messages(sqs);
    start(sqs, do_receive, after_receive);
}

/* ---- life ---- */

hub_status kit_sqs_open(uv_loop_t *loop, const kit_sqs_options *options, kit_sqs **out, hub_error *err)
{
    HUB_ASSERT(options->desk != NULL && options->intake != NULL && options->now_ms != NULL);
    *out = NULL;
    if (!fetch_is_allowed(options->endpoint[0] != '\0' ? options->endpoint : options->queue_url))
        return hub_fail(err, HUB_ERR_INVALID, "sqs: queue_url, or endpoint, must be https (http on this machine only)");
    kit_sqs *sqs = calloc(1, sizeof *sqs);
    if (sqs == NULL) return hub_fail(err, HUB_ERR_MEMORY, "sqs: out of memory");
    hub_status status = fetch_start(err);
    if (status != HUB_OK) {
        free(sqs);
        return status;
    }
    sqs->options = *options;
    if (sqs->options.wait_s == 0) sqs->options.wait_s = WAIT_S;
    if (sqs->options.hold_ms == 0) sqs->options.hold_ms = (int64_t)options->visibility_s * 1000 / 2;
    atomic_init(&sqs->stop, false);
    sqs->place = (kit_sqs_place){options->queue_url, options->endpoint, options->region, options->credentials, &sqs->stop};
    (void)uv_timer_init(loop, &sqs->timer);
    (void)uv_timer_init(loop, &sqs->hold);
    sqs->hold.data = sqs->work.data = sqs;
    receive(sqs);
    *out = sqs;
    return HUB_OK;
}

static void on_closed(uv_handle_t *handle)
{
    kit_sqs *sqs = (kit_sqs *)handle;
    sqs->closed = true;
    let_go(sqs);
}

static void on_hold_closed(uv_handle_t *handle)
{
    kit_sqs *sqs = handle->data;
    uv_close((uv_handle_t *)&sqs->timer, on_closed);
}

void kit_sqs_close(kit_sqs *sqs)
{
    if (sqs == NULL) return;
    sqs->closing = true;
    atomic_store(&sqs->stop, true);
    uv_close((uv_handle_t *)&sqs->hold, on_hold_closed);
}

void kit_sqs_counts_of(const kit_sqs *sqs, kit_sqs_counts *out)
{
    *out = sqs->counts;
}

const char *kit_sqs_trouble(const kit_sqs *sqs)
{
    return sqs->trouble;
}
