#include "run.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include "bus/client.h"
#include "courier.h"
#include "figures.h"
#include "host/clock.h"
#include "host/files.h"
#include "host/log.h"
#include "host/random.h"
#include "kit/notice.h"
#include "metrics/serve.h"
#include "orders.h"

enum { BEAT_MS = 1000, ANSWER_MS = 60 * 1000, TIDY_BEATS = 60, CREDIT_ITEMS = 256, DAYS_AHEAD = 120 };
static const int64_t RESUBSCRIBE_MS = 5000;
static const int64_t HANGING_MS = 10 * 1000;    /* longer than a try may take, by so much */
static const int64_t CLOCK_STEP_MS = 10 * 1000; /* less is no matter for what is told in minutes */
static const int64_t ENDING_MS = 3000;
static const int64_t DAY_MS = 24LL * 60 * 60 * 1000;

typedef struct outbound {
    const outbound_config *config;
    uv_loop_t loop;
    uv_timer_t timer; /* the engine's next moment */
    uv_timer_t beat;
    uv_signal_t terminate, interrupt;
    outbox *box;
    engine *engine;
    courier *courier;
    schools *schools;
    bus_client *client;
    metrics_server *metrics;
    bool is_open;
    int64_t again_ms[OUTBOUND_QUEUES_MAX]; /* when to subscribe anew; 0 = not */
    uint64_t request[OUTBOUND_QUEUES_MAX]; /* of the newest Subscribe */
    /* It was answered: before that, what comes is of a subscription that was given up, and may have a gap. */
    bool is_hearing[OUTBOUND_QUEUES_MAX];
    int64_t wall_ms, boot_ms;                  /* at the start, or when the clock was set */
    owed_channel shown[OUTBOUND_CHANNELS_MAX]; /* as noted for people */
    unsigned beats;
    bool ending;
    int code;
    char trouble[256]; /* last in the log, of the hub */
    char store_trouble[256];
    char schools_trouble[256];
    char orders_trouble[256];
} outbound;

static void pump(outbound *o);
static void on_timer(uv_timer_t *timer);

/* Goes on evenly from the wall clock: one that is set must not stretch waits (follow_clock). */
static int64_t now(const outbound *o)
{
    return o->wall_ms + (host_boot_ms() - o->boot_ms);
}

static void on_ending_late(uv_timer_t *timer)
{
    uv_stop(timer->loop);
}

static void end(outbound *o, int code)
{
    if (o->ending) return;
    o->ending = true;
    o->code = code;
    (void)sd_notify(0, "STOPPING=1");
    (void)uv_timer_start(&o->timer, on_ending_late, ENDING_MS, 0);
    uv_unref((uv_handle_t *)&o->timer); /* it ends a loop that a try keeps going, and keeps none itself */
    uv_close((uv_handle_t *)&o->beat, NULL);
    uv_close((uv_handle_t *)&o->terminate, NULL);
    uv_close((uv_handle_t *)&o->interrupt, NULL);
    metrics_server_close(o->metrics);
    courier_close(o->courier);
    bus_client_close(o->client, NULL);
}

/* After a failed write nothing more can be promised: end, and let the supervisor start us on what is really there. */
static void store_trouble(outbound *o, const hub_error *err)
{
    if (strcmp(err->text, o->store_trouble) != 0) host_log(HOST_LOG_ERROR, "the store failed", "cause", err->text, NULL);
    (void)hub_format(o->store_trouble, sizeof o->store_trouble, "%s", err->text);
    if (outbox_is_broken(o->box)) end(o, 1);
}

/* ---- the hub ---- */

static void send_subscribe(outbound *o, unsigned queue)
{
    Mash__V1__Position items[BUS_POSITIONS_KEPT];
    Mash__V1__Position *pointers[BUS_POSITIONS_KEPT];
    const bus_positions *known = engine_positions(o->engine, queue);
    for (size_t i = 0; i < known->count; i++) {
        mash__v1__position__init(&items[i]);
        items[i].epoch = known->items[i].epoch;
        items[i].sequence = known->items[i].sequence;
        items[i].record_hash =
            (ProtobufCBinaryData){.data = (uint8_t *)(uintptr_t)known->items[i].record_hash, .len = HUB_DIGEST_BYTES};
        pointers[i] = &items[i];
    }
    Mash__V1__Subscribe subscribe = MASH__V1__SUBSCRIBE__INIT;
    subscribe.queue = (char *)(uintptr_t)o->config->queues[queue].name;
    subscribe.consumer = (char *)(uintptr_t)o->config->queues[queue].consumer;
    subscribe.known = pointers;
    subscribe.n_known = known->count;
    subscribe.credit_items = CREDIT_ITEMS;
    Mash__V1__ClientFrame frame = MASH__V1__CLIENT_FRAME__INIT;
    frame.request = o->request[queue] = bus_client_request(o->client);
    frame.body_case = MASH__V1__CLIENT_FRAME__BODY_SUBSCRIBE;
    frame.subscribe = &subscribe;
    hub_error err = {{0}};
    o->is_hearing[queue] = false;
    o->again_ms[queue] = now(o) + (bus_client_send(o->client, &frame, &err) == HUB_OK ? ANSWER_MS : RESUBSCRIBE_MS);
}

static void send_receipt(outbound *o, unsigned queue, const Mash__V1__Position *upto)
{
    Mash__V1__Receipt receipt = MASH__V1__RECEIPT__INIT;
    receipt.queue = (char *)(uintptr_t)o->config->queues[queue].name;
    receipt.upto = (Mash__V1__Position *)(uintptr_t)upto;
    Mash__V1__ClientFrame frame = MASH__V1__CLIENT_FRAME__INIT;
    frame.body_case = MASH__V1__CLIENT_FRAME__BODY_RECEIPT;
    frame.receipt = &receipt;
    hub_error err = {{0}};
    (void)bus_client_send(o->client, &frame, &err); /* lost: the position is known, the next one covers it */
}

static unsigned queue_named(const outbound *o, const char *name)
{
    unsigned i = 0;
    while (i < o->config->queue_count && strcmp(o->config->queues[i].name, name) != 0)
        i++;
    return i;
}

/* Nothing more of this queue is kept until it is subscribed anew: a gap must not be receipted over. */
static void turn_deaf(outbound *o, unsigned queue, const char *what, const char *cause)
{
    o->is_hearing[queue] = false;
    o->again_ms[queue] = now(o) + RESUBSCRIBE_MS;
    if (strcmp(o->trouble, cause) == 0) return;
    (void)hub_format(o->trouble, sizeof o->trouble, "%s", cause);
    host_log(HOST_LOG_ERROR, what, "queue", o->config->queues[queue].name, "cause", cause, NULL);
}

static void on_deliveries(outbound *o, const Mash__V1__Deliveries *deliveries)
{
    hub_error err = {{0}};
    unsigned queue = deliveries->n_items > 0 ? queue_named(o, deliveries->items[0]->queue) : o->config->queue_count;
    if (queue == o->config->queue_count || !o->is_hearing[queue]) return;
    hub_status status = engine_take(o->engine, queue, deliveries, now(o), &err);
    if (status == HUB_OK) {
        o->trouble[0] = '\0';
        send_receipt(o, queue, deliveries->items[deliveries->n_items - 1]->position);
        return;
    }
    turn_deaf(o, queue, "deliveries were not taken; the hub keeps them", err.text);
    if (outbox_is_broken(o->box)) end(o, 1);
}

static void hears(outbound *o, unsigned queue)
{
    o->is_hearing[queue] = true;
    o->again_ms[queue] = 0;
}

static void on_forked(outbound *o, unsigned queue, const Mash__V1__Forked *forked)
{
    hub_error err = {{0}};
    host_log(HOST_LOG_WARNING,
             "the hub's history was replaced: what was not sent of the lost part is void, what holds comes anew", "queue",
             forked->queue, NULL);
    if (engine_forked(o->engine, queue, forked->last_common, now(o), &err) == HUB_OK) {
        hears(o, queue);
    } else {
        turn_deaf(o, queue, "the hub's history was replaced, and that could not be written down", err.text);
        store_trouble(o, &err);
    }
}

static void on_answer(outbound *o, const Mash__V1__HubFrame *frame)
{
    unsigned queue = 0;
    while (queue < o->config->queue_count && o->request[queue] != frame->request)
        queue++;
    bool is_subscribe = queue < o->config->queue_count && frame->request != 0;
    if (frame->body_case == MASH__V1__HUB_FRAME__BODY_SUBSCRIBED && is_subscribe) hears(o, queue);
    if (frame->body_case == MASH__V1__HUB_FRAME__BODY_FORKED && is_subscribe) on_forked(o, queue, frame->forked);
    if (frame->body_case != MASH__V1__HUB_FRAME__BODY_FAULT) return;
    if (is_subscribe) {
        turn_deaf(o, queue, "the hub refuses this subscription", frame->fault->text);
    } else {
        host_log(HOST_LOG_WARNING, "the hub could not take what was sent", "cause", frame->fault->text, NULL);
    }
}

static void on_frame(void *context, const Mash__V1__HubFrame *frame)
{
    outbound *o = context;
    if (o->ending) return;
    if (frame->body_case == MASH__V1__HUB_FRAME__BODY_DELIVERIES) on_deliveries(o, frame->deliveries);
    on_answer(o, frame);
    pump(o);
}

static void on_opened(void *context, const Mash__V1__Welcome *welcome)
{
    outbound *o = context;
    o->is_open = true;
    o->trouble[0] = '\0';
    host_log(HOST_LOG_INFO, "session opened", "partnership", welcome->partnership, "hub", welcome->software, "as",
             welcome->peer_name, NULL);
    for (unsigned i = 0; i < o->config->queue_count; i++)
        send_subscribe(o, i);
}

static void on_closed(void *context, bus_client_trouble trouble, const char *text)
{
    outbound *o = context;
    (void)trouble;
    o->is_open = false;
    if (!o->ending) host_log(HOST_LOG_WARNING, "no session with the hub; what is owed goes on", "cause", text, NULL);
}

static void on_ping(void *context, Mash__V1__Ping *ping)
{
    engine_counts counts;
    engine_counts_of(((outbound *)context)->engine, &counts);
    ping->owed = counts.open;
    ping->failing_since_ms = counts.failing_ms;
    ping->overdue = counts.overdue;
}

/* ---- the engine's wishes ---- */

static void on_send(void *context, const engine_parcel *parcel)
{
    courier_send(((outbound *)context)->courier, parcel);
}

static void on_tried(void *context, unsigned channel, chain_outcome outcome, const char *cause)
{
    outbound *o = context;
    hub_error err = {{0}};
    if (engine_tried(o->engine, channel, outcome, cause, now(o), &err) != HUB_OK) store_trouble(o, &err);
    if (!o->ending) (void)uv_timer_start(&o->timer, on_timer, 0, 0);
}

static hub_status on_notice(void *context, const engine_notice *notice, hub_error *err)
{
    outbound *o = context;
    char folder[KIT_PATH_MAX + 32];
    kit_config_path(&o->config->common, "notices", folder);
    kit_notice text = {.what = KIT_NOTICE_NOT_CONFIRMED,
                       .folder = folder,
                       .adapter = o->config->common.name,
                       .telephone = o->config->common.telephone,
                       .trouble = notice->trouble,
                       .event_id = notice->id,
                       .put_ms = notice->taken_ms,
                       .now_ms = notice->now_ms};
    return kit_notice_write(&text, err);
}

/* A school must know before it opens on its next day. */
static int64_t on_due(void *context, const message_facts *facts, int64_t now_ms)
{
    const outbound *o = context;
    schools_contact contact;
    int minute = 0;
    if (facts->school_urn[0] == '\0' || o->schools == NULL) return 0;

    now_ms = host_wall_ms(); /* schools open by the wall clock */
    int32_t today = message_civil_day(now_ms, &minute);
    (void)schools_find(o->schools, facts->school_urn, today, &contact);
    int opens = contact.opens_minute >= 0 ? contact.opens_minute : o->config->opens_minute;
    for (int32_t day = today; day < today + DAYS_AHEAD; day++) {
        int64_t at_ms = message_civil_instant(day, opens);
        if (at_ms > now_ms && schools_is_open(o->schools, facts->school_urn, day)) return at_ms;
    }
    return 0;
}

static int64_t on_wall(void *context)
{
    (void)context;
    return host_wall_ms();
}

static uint32_t on_random(void *context)
{
    uint32_t number = 0;
    (void)context;
    host_random_fill(&number, sizeof number);
    return number;
}

/* ---- timers ---- */

static void on_timer(uv_timer_t *timer)
{
    pump(timer->data);
}

static void pump(outbound *o)
{
    int64_t until_ms = INT64_MAX;
    hub_error err = {{0}};
    if (o->ending) return;
    if (engine_run(o->engine, now(o), &until_ms, &err) != HUB_OK) {
        store_trouble(o, &err);
        until_ms = now(o) + BEAT_MS;
    } else {
        o->store_trouble[0] = '\0';
    }
    if (o->ending) return;
    int64_t wait = until_ms == INT64_MAX ? DAY_MS : until_ms - now(o);
    (void)uv_timer_start(&o->timer, on_timer, (uint64_t)(wait < 0 ? 0 : wait > DAY_MS ? DAY_MS : wait), 0);
}

static void refresh_schools(outbound *o)
{
    hub_error err = {{0}};
    bool changed = false;
    if (o->config->schools[0] == '\0') return;
    hub_status status = schools_refresh(o->config->schools, &o->schools, &changed, &err);
    if (status == HUB_OK) {
        o->schools_trouble[0] = '\0';
    } else if (strcmp(err.text, o->schools_trouble) != 0) {
        (void)hub_format(o->schools_trouble, sizeof o->schools_trouble, "%s", err.text);
        host_log(HOST_LOG_ERROR, "the directory of schools was not taken; the one before it goes on", "cause", err.text, NULL);
    }
    courier_set_schools(o->courier, o->schools);
    char count[24];
    (void)snprintf(count, sizeof count, "%zu", schools_count(o->schools));
    if (changed) host_log(HOST_LOG_INFO, "the directory of schools was read", "rows", count, NULL);
}

/* What was told by a clock that was wrong moves with it. */
static hub_status follow_clock(outbound *o, hub_error *err)
{
    int64_t by_ms = host_wall_ms() - now(o);
    if (by_ms > -CLOCK_STEP_MS && by_ms < CLOCK_STEP_MS) return HUB_OK;
    hub_status status = engine_clock_was_set(o->engine, by_ms, now(o) + by_ms, err);
    if (status != HUB_OK) return status;
    o->wall_ms += by_ms;
    for (unsigned i = 0; i < o->config->queue_count; i++)
        o->again_ms[i] += o->again_ms[i] != 0 ? by_ms : 0;
    char seconds[24];
    (void)snprintf(seconds, sizeof seconds, "%" PRId64, by_ms / 1000);
    host_log(HOST_LOG_WARNING, "this machine's clock was set; waits stay as long as they were", "by seconds", seconds, NULL);
    return HUB_OK;
}

static owed_channel state_of(const outbound *o, unsigned channel)
{
    engine_pace pace = engine_pace_of(o->engine, channel);
    int64_t late_ms = pace.trying_ms + o->config->channels[channel].timeout_ms + HANGING_MS;
    return (owed_channel){.paused_ms = pace.paused_ms > now(o) ? pace.paused_ms : 0,
                          .hanging_ms = pace.trying_ms != 0 && late_ms <= now(o) ? pace.trying_ms : 0};
}

/* For mashctl, beside this process: when each channel is really tried next. */
static hub_status show_channels(outbound *o, hub_error *err)
{
    hub_status status = HUB_OK;
    for (unsigned i = 0; i < o->config->channel_count && status == HUB_OK; i++) {
        const char *name = o->config->channels[i].name;
        owed_channel state = state_of(o, i), *shown = &o->shown[i];
        if (state.hanging_ms != 0 && shown->hanging_ms == 0)
            host_log(HOST_LOG_ERROR, "a try does not come back, and its channel takes nothing until it does; the others go on",
                     "channel", name, NULL);
        if (state.paused_ms == shown->paused_ms && state.hanging_ms == shown->hanging_ms) continue;
        status = owed_channel_note(o->box, name, &state, err);
        *shown = state;
    }
    return status;
}

static void on_beat(uv_timer_t *timer)
{
    outbound *o = timer->data;
    char folder[KIT_PATH_MAX + 32];
    hub_error err = {{0}};
    (void)sd_notify(0, "WATCHDOG=1");
    hub_status status = follow_clock(o, &err);
    for (unsigned i = 0; i < o->config->queue_count; i++) {
        if (o->is_open && o->again_ms[i] != 0 && o->again_ms[i] <= now(o)) send_subscribe(o, i);
    }
    refresh_schools(o);
    kit_config_path(&o->config->common, "orders", folder);
    if (status == HUB_OK) status = orders_take(folder, o->engine, now(o), o->orders_trouble, &err);
    if (status == HUB_OK) status = courier_look_at_files(o->courier, o->engine, now(o), &err);
    if (status == HUB_OK && o->beats++ % TIDY_BEATS == 0) status = owed_forget(o->box, now(o) - o->config->keep_ms, &err);
    if (status == HUB_OK) status = show_channels(o, &err);
    if (status != HUB_OK) store_trouble(o, &err);
    pump(o);
}

static void on_signal(uv_signal_t *handle, int number)
{
    host_log(HOST_LOG_INFO, "ending", "signal", number == SIGTERM ? "SIGTERM" : "SIGINT", NULL);
    end(handle->data, 0);
}

/* ---- the whole ---- */

static hub_status open_client(outbound *o, hub_error *err)
{
    const kit_config *common = &o->config->common;
    bus_client_options options = {.endpoints = {common->endpoints[0], common->endpoint_count > 1 ? common->endpoints[1] : NULL},
                                  .software = "mash-outbound/" MASHHUB_VERSION,
                                  .context = o,
                                  .ping = on_ping,
                                  .opened = on_opened,
                                  .closed = on_closed,
                                  .frame = on_frame};
    hub_status status = bus_key_pair_read(common->key, &options.keys, err);
    if (status == HUB_OK) status = bus_public_key_read(common->server_key, options.server_key, err);
    if (status == HUB_OK) status = bus_client_open(&o->loop, &options, &o->client, err);
    explicit_bzero(&options.keys, sizeof options.keys);
    return status;
}

static hub_status open_all(outbound *o, hub_error *err)
{
    char folder[KIT_PATH_MAX + 32];
    kit_config_path(&o->config->common, "orders", folder);
    hub_status status = host_folder_make(folder, 0700, err); /* ours, whoever orders first */
    kit_config_path(&o->config->common, "outbox", folder);
    outbox_options box = {.folder = folder, .access = OUTBOX_OWN};
    if (status == HUB_OK) status = outbox_open(&box, &o->box, err);
    if (status == HUB_OK) status = owed_prepare(o->box, err);
    courier_options courier_how = {.config = o->config, .box = o->box, .context = o, .tried = on_tried};
    if (status == HUB_OK) status = courier_open(&o->loop, &courier_how, &o->courier, err);
    if (status == HUB_OK && o->config->schools[0] != '\0') status = schools_read(o->config->schools, &o->schools, err);
    if (status != HUB_OK) return status;
    courier_set_schools(o->courier, o->schools);
    engine_options options = {.config = o->config,
                              .box = o->box,
                              .context = o,
                              .now_ms = now(o),
                              .send = on_send,
                              .notice = on_notice,
                              .due = on_due,
                              .wall = on_wall,
                              .random = on_random};
    status = engine_open(&options, &o->engine, err);
    return status == HUB_OK ? open_client(o, err) : status;
}

static void write_metrics(void *context, hub_buffer *out)
{
    outbound *o = context;
    outbound_figures(o->config, o->engine, o->is_open, now(o), out);
}

/* Figures are no reason to deliver nothing. */
static void open_metrics(outbound *o)
{
    const metrics_options options = {.address = o->config->common.metrics_address,
                                     .port = o->config->common.metrics_port,
                                     .write = write_metrics,
                                     .context = o};
    hub_error err = {{0}};
    if (options.address[0] == '\0' || metrics_server_open(&o->loop, &options, &o->metrics, &err) == HUB_OK) return;
    host_log(HOST_LOG_ERROR, "this instance runs without metrics", "cause", err.text, NULL);
}

/* For mashctl, which reads the store and not the configuration. */
static void note_channels(outbound *o)
{
    hub_error err = {{0}};
    for (unsigned i = 0; i < o->config->channel_count; i++)
        (void)owed_channel_noted(o->box, o->config->channels[i].name, &o->shown[i], NULL); /* of the run before: shown anew */
    for (unsigned i = 0; i < o->config->queue_count; i++) {
        const outbound_queue *queue = &o->config->queues[i];
        char note[OWED_NAME_MAX + 16];
        hub_buffer names = {0};
        for (unsigned k = 0; k < queue->hop_count; k++)
            hub_buffer_put_format(&names, "%s%s", k > 0 ? "," : "", o->config->channels[queue->hops[k].channel].name);
        (void)snprintf(note, sizeof note, "channels %s", queue->name);
        if (outbox_note(o->box, note, hub_buffer_text(&names), &err) != HUB_OK)
            host_log(HOST_LOG_WARNING, "the names of channels could not be noted", "cause", err.text, NULL);
        hub_buffer_free(&names);
    }
}

static void start(outbound *o)
{
    note_channels(o);
    engine_counts counts;
    engine_counts_of(o->engine, &counts);
    open_metrics(o);
    (void)uv_timer_start(&o->timer, on_timer, 0, 0);
    (void)uv_timer_start(&o->beat, on_beat, 0, BEAT_MS);
    (void)uv_signal_start(&o->terminate, on_signal, SIGTERM);
    (void)uv_signal_start(&o->interrupt, on_signal, SIGINT);
    printf("mash-outbound %s ready: %u queues, %u channels, %" PRIu32 " owed\n", o->config->common.name, o->config->queue_count,
           o->config->channel_count, counts.open);
    (void)fflush(stdout);
    (void)sd_notify(0, "READY=1");
}

int outbound_run(const outbound_config *config)
{
    outbound *o = calloc(1, sizeof *o);
    if (o == NULL || uv_loop_init(&o->loop) != 0) {
        host_log(HOST_LOG_ERROR, "cannot start", "cause", "out of memory", NULL);
        free(o);
        return 1;
    }
    o->config = config;
    o->wall_ms = host_wall_ms();
    o->boot_ms = host_boot_ms();
    (void)signal(SIGPIPE, SIG_IGN);
    (void)uv_timer_init(&o->loop, &o->timer);
    (void)uv_timer_init(&o->loop, &o->beat);
    (void)uv_signal_init(&o->loop, &o->terminate);
    (void)uv_signal_init(&o->loop, &o->interrupt);
    o->timer.data = o->beat.data = o->terminate.data = o->interrupt.data = o;
    hub_error err = {{0}};
    if (open_all(o, &err) == HUB_OK) {
        start(o);
    } else {
        host_log(HOST_LOG_ERROR, "cannot start", "cause", err.text, NULL);
        end(o, 1);
    }
    (void)uv_run(&o->loop, UV_RUN_DEFAULT);
    int code = o->code;
    bool hangs = uv_loop_alive(&o->loop) != 0;
    uv_close((uv_handle_t *)&o->timer, NULL);
    if (!hangs) (void)uv_run(&o->loop, UV_RUN_DEFAULT);
    engine_close(o->engine);
    outbox_close(o->box);
    if (hangs) { /* its thread has our memory, and would be waited for at a usual end: it may hang for ever */
        host_log(HOST_LOG_WARNING, "ended while a try hung; it is tried again, under the same id, after the next start", NULL);
        _exit(code);
    }
    (void)uv_loop_close(&o->loop);
    schools_free(o->schools);
    free(o);
    return code;
}
