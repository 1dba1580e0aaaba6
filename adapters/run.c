#include "run.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include "agree.h"
#include "bus/client.h"
#include "bus/curve.h"
#include "event/event.h"
#include "host/clock.h"
#include "host/log.h"
#include "kit/notice.h"
#include "kit/quarantine.h"
#include "link/link.h"
#include "metrics.h"
#include "replay.h"
#include "warn.h"
#include "ways.h"

enum {
    BEAT_MS = 1000,        /* at least this often the STOP file is looked for and the supervisor told that we live */
    MLLP_POLL_MS = 1000,   /* how often parked records move to the quarantine when there is no folder to poll */
    TIDY_MS = 60 * 1000,   /* how often what was kept long enough is forgotten */
    RETRY_LEAST_MS = 1000, /* after the outbox or the folder failed */
    RETRY_MOST_MS = 30 * 1000,
    NOTICE_ARENA_BYTES = 64 * 1024 * 1024,
    CALM_POLLS = 2, /* polls that found nothing, before ADAPTER_ONCE believes that the folder is empty */
};

typedef struct adapter {
    const kit_config *config;
    adapter_mode mode;
    uv_loop_t loop;
    uv_timer_t link_timer;
    uv_timer_t poll_timer;
    uv_timer_t tidy_timer;
    uv_timer_t once_timer;
    uv_timer_t beat_timer;
    uv_signal_t terminate;
    uv_signal_t interrupt;
    uv_signal_t compare;
    outbox *box;
    adapter_ways ways;
    adapter_agreement agreement;
    link_machine *link;
    bus_client *client;
    metrics_server *metrics; /* NULL = none is wanted, or its port could not be had */
    int64_t wall_ms;         /* at start */
    int64_t boot_ms;         /* at start */
    int64_t beat_ms;         /* a quarter of the supervisor's patience, or BEAT_MS */
    int64_t beaten_at_ms;
    int64_t retry_at_ms;
    int64_t retry_ms;
    outbox_counts at_start;
    uint64_t files_failed;
    unsigned calm;
    bool stopped; /* by the STOP file */
    bool ending;
    int code;
    char trouble[256]; /* last one written down */
    char input_trouble[512];
    int64_t warn_at_ms; /* adapter_warn_daily */
    adapter_notes notes;
    char clock[ADAPTER_CLOCK_TEXT]; /* what was said of this machine's clock */
} adapter;

static void pump(adapter *a);

/* The link's time goes on evenly from the wall clock at start: a clock that is set must not stretch its pauses or hold back a notice. */
static int64_t link_now(const adapter *a)
{
    return a->wall_ms + (host_boot_ms() - a->boot_ms);
}

static int64_t put_now(void *context)
{
    return link_now(context);
}

static void on_taken(void *context)
{
    pump(context);
}

/* ---- signs of life ---- */

/* Called from the loop and from within a long import: the supervisor ends what is silent for too long. */
static void beat(void *context)
{
    adapter *a = context;
    int64_t now_ms = host_boot_ms();
    if (a->beaten_at_ms != 0 && now_ms - a->beaten_at_ms < a->beat_ms) return;
    a->beaten_at_ms = now_ms;
    (void)sd_notify(0, "WATCHDOG=1");
}

/* ---- ending ---- */

static void end(adapter *a, int code)
{
    if (a->ending) return;
    a->ending = true;
    a->code = code;
    (void)sd_notify(0, "STOPPING=1");
    adapter_note_senders(&a->notes, a->box, &a->ways);
    uv_handle_t *handles[] = {(uv_handle_t *)&a->link_timer, (uv_handle_t *)&a->poll_timer, (uv_handle_t *)&a->tidy_timer,
                              (uv_handle_t *)&a->once_timer, (uv_handle_t *)&a->beat_timer, (uv_handle_t *)&a->terminate,
                              (uv_handle_t *)&a->interrupt,  (uv_handle_t *)&a->compare};
    for (size_t i = 0; i < sizeof handles / sizeof handles[0]; i++)
        uv_close(handles[i], NULL);
    adapter_ways_close(&a->ways);
    metrics_server_close(a->metrics);
    bus_client_close(a->client, NULL);
}

/* After a failed write nothing more can be promised: end, and let the supervisor start us on what is really there. */
static void outbox_trouble(adapter *a, const hub_error *err)
{
    host_log(HOST_LOG_ERROR, "the outbox failed", "cause", err->text, NULL);
    if (outbox_is_broken(a->box)) end(a, ADAPTER_FAILED);
}

/* ---- the link ---- */

static void note_trouble(adapter *a)
{
    link_status status;
    link_status_of(a->link, &status);
    if (strcmp(status.trouble, a->trouble) == 0) return;
    (void)snprintf(a->trouble, sizeof a->trouble, "%s", status.trouble);
    hub_error err = {{0}};
    if (outbox_note(a->box, "trouble", a->trouble, &err) != HUB_OK) outbox_trouble(a, &err);
    if (a->trouble[0] == '\0') {
        host_log(HOST_LOG_INFO, "events are taken by the hub again", NULL);
    } else {
        host_log(HOST_LOG_WARNING, "events wait", "cause", a->trouble, NULL);
    }
}

static void give_notice(adapter *a, const link_action *action)
{
    char folder[KIT_PATH_MAX + 32];
    hub_error err = {{0}};
    hub_arena arena = {0};
    outbox_item item = {0};
    event_problem problem = {0};
    if (hub_arena_open(&arena, 64 * 1024, NOTICE_ARENA_BYTES) == HUB_OK)
        (void)outbox_event(a->box, action->notice.place, &arena, &item, NULL); /* without it there is still a number to ring */
    kit_config_path(a->config, "notices", folder);
    kit_notice notice = {.folder = folder,
                         .adapter = a->config->name,
                         .telephone = a->config->telephone,
                         .trouble = a->trouble,
                         .event_id = action->notice.event_id,
                         .event = item.event.size > 0 ? event_decode(item.event, &arena, &problem) : NULL,
                         .put_ms = action->notice.put_ms,
                         .now_ms = link_now(a)};
    hub_status status = kit_notice_write(&notice, &err);
    hub_arena_close(&arena);
    if (status != HUB_OK) {
        host_log(HOST_LOG_ERROR, "the notice could not be written as a file", "cause", err.text, NULL);
        return; /* it stands in the log; the file is tried again at the next start */
    }
    if (link_noticed(a->link, action->notice.place, &err) != HUB_OK) outbox_trouble(a, &err);
}

/* The hub takes smaller frames than its Welcome let us believe: told to the link as the hub would. */
static void too_large_to_send(adapter *a, hub_error *err)
{
    Mash__V1__Fault fault = MASH__V1__FAULT__INIT;
    Mash__V1__HubFrame frame = MASH__V1__HUB_FRAME__INIT;
    fault.code = MASH__V1__FAULT_CODE__FAULT_TOO_LARGE;
    fault.text = (char *)(uintptr_t) "the frame is larger than this hub takes";
    frame.body_case = MASH__V1__HUB_FRAME__BODY_FAULT;
    frame.fault = &fault;
    if (link_frame(a->link, &frame, link_now(a), err) != HUB_OK) outbox_trouble(a, err);
}

static void publish(adapter *a, const Mash__V1__Publish *items)
{
    hub_error err = {{0}};
    Mash__V1__ClientFrame frame = MASH__V1__CLIENT_FRAME__INIT;
    frame.request = bus_client_request(a->client);
    frame.body_case = MASH__V1__CLIENT_FRAME__BODY_PUBLISH;
    frame.publish = (Mash__V1__Publish *)(uintptr_t)items;
    hub_status status = bus_client_send(a->client, &frame, &err);
    if (status == HUB_ERR_INVALID) too_large_to_send(a, &err);
    if (status != HUB_OK && status != HUB_ERR_INVALID) link_unsent(a->link, link_now(a));
}

static void on_link_timer(uv_timer_t *timer)
{
    pump(timer->data);
}

static void wait_for(adapter *a, int64_t until_ms)
{
    int64_t wait = until_ms == INT64_MAX ? TIDY_MS : until_ms - link_now(a);
    if (wait < 1) wait = 1;
    if (wait > TIDY_MS) wait = TIDY_MS;
    (void)uv_timer_start(&a->link_timer, on_link_timer, (uint64_t)wait, 0);
}

/* What was refused too: whoever waited for the end looks for the reasons in quarantine/. */
static bool all_settled(const adapter *a)
{
    outbox_counts counts;
    outbox_counts_of(a->box, &counts);
    return counts.waiting == 0 && counts.parked_held == 0;
}

static void end_when_done(adapter *a)
{
    if (a->mode != ADAPTER_ONCE || a->ending || !all_settled(a)) return;
    if (a->ways.drop != NULL && a->calm < CALM_POLLS) return;
    end(a, ADAPTER_DONE);
}

static void pump(adapter *a)
{
    while (!a->ending) {
        hub_error err = {{0}};
        link_action action;
        if (link_next(a->link, link_now(a), &action, &err) != HUB_OK) {
            outbox_trouble(a, &err);
            if (!a->ending) wait_for(a, link_now(a) + RETRY_LEAST_MS);
            break;
        }
        if (action.kind == LINK_WAIT) {
            wait_for(a, action.until_ms);
            break;
        }
        if (action.kind == LINK_PUBLISH) publish(a, action.publish);
        if (action.kind == LINK_CONNECT) bus_client_hello_again(a->client);
        if (action.kind == LINK_NOTICE) give_notice(a, &action);
    }
    if (!a->ending && a->ways.desk != NULL) kit_desk_look(a->ways.desk);
    if (!a->ending) note_trouble(a);
    end_when_done(a);
}

static void on_hello(void *context, Mash__V1__Hello *hello)
{
    link_hello(((adapter *)context)->link, hello);
}

static void on_ping(void *context, Mash__V1__Ping *ping)
{
    const adapter *a = context;
    outbox_counts counts;
    outbox_counts_of(a->box, &counts);
    ping->trouble = adapter_trouble(a->config, &a->ways, a->input_trouble, a->stopped);
    ping->waiting = counts.waiting;
    ping->parked = counts.parked_here;
}

static void compare_counts(adapter *a)
{
    link_status status;
    link_status_of(a->link, &status);
    if (!adapter_agreement_due(&a->agreement, &status, link_now(a))) return;
    hub_error err = {{0}};
    Mash__V1__StatusRequest wanted = MASH__V1__STATUS_REQUEST__INIT;
    Mash__V1__ClientFrame frame = MASH__V1__CLIENT_FRAME__INIT;
    frame.request = bus_client_request(a->client);
    frame.body_case = MASH__V1__CLIENT_FRAME__BODY_STATUS;
    frame.status = &wanted;
    (void)bus_client_send(a->client, &frame, &err); /* not sent: asked again a minute later */
}

static void on_compare(uv_signal_t *handle, int number)
{
    adapter *a = handle->data;
    (void)number;
    a->agreement.wanted = true;
    compare_counts(a);
}

static void on_opened(void *context, const Mash__V1__Welcome *welcome)
{
    adapter *a = context;
    hub_error err = {{0}};
    host_log(HOST_LOG_INFO, "session opened", "partnership", welcome->partnership, "hub", welcome->software, "as",
             welcome->peer_name, NULL);
    adapter_warn_clock(a->box, welcome->hub_time_ms, host_wall_ms(), a->clock);
    hub_status status = adapter_bind_hub(a->config, a->box, &err);
    link_set_clock(a->link, host_wall_ms() - welcome->hub_time_ms);
    if (status == HUB_OK) status = link_opened(a->link, welcome, link_now(a), &err);
    if (status != HUB_OK) outbox_trouble(a, &err);
    pump(a);
}

static void on_closed(void *context, bus_client_trouble trouble, const char *text)
{
    adapter *a = context;
    (void)trouble;
    link_closed(a->link, text);
    pump(a);
}

static void on_frame(void *context, const Mash__V1__HubFrame *frame)
{
    adapter *a = context;
    hub_error err = {{0}};
    if (a->ending) return;
    hub_status status = frame->body_case == MASH__V1__HUB_FRAME__BODY_STATUS
                            ? adapter_agreement_heard(&a->agreement, frame->status, link_now(a), host_wall_ms(), &err)
                            : link_frame(a->link, frame, link_now(a), &err);
    if (status != HUB_OK) outbox_trouble(a, &err);
    pump(a);
}

static void on_writable(void *context)
{
    pump(context);
}

/* ---- inputs ---- */

static void input_trouble(adapter *a, const char *text)
{
    a->retry_ms = a->retry_ms == 0 ? RETRY_LEAST_MS : a->retry_ms * 2;
    if (a->retry_ms > RETRY_MOST_MS) a->retry_ms = RETRY_MOST_MS;
    a->retry_at_ms = link_now(a) + a->retry_ms;
    if (strcmp(text, a->input_trouble) == 0) return; /* said already */
    (void)snprintf(a->input_trouble, sizeof a->input_trouble, "%s", text);
    host_log(HOST_LOG_ERROR, "nothing is taken in", "cause", text, NULL);
    if (outbox_is_broken(a->box)) end(a, ADAPTER_FAILED);
}

static void look_for_stop(adapter *a)
{
    char path[KIT_PATH_MAX + 32];
    kit_config_path(a->config, "STOP", path);
    bool stopped = access(path, F_OK) == 0;
    if (stopped == a->stopped) return;
    a->stopped = stopped;
    link_set_switch(a->link, stopped ? LINK_STOP : LINK_GO);
    host_log(HOST_LOG_WARNING,
             stopped ? "STOP file found: nothing is sent, inputs are still taken in" : "STOP file gone: sending again", NULL);
}

static hub_status take_inputs(adapter *a, hub_error *err)
{
    char quarantine[KIT_PATH_MAX + 32];
    uint32_t moved = 0;
    hub_status status = HUB_OK;
    if (a->ways.drop != NULL) {
        kit_drop_report report;
        status = kit_drop_folder_poll(a->ways.drop, host_wall_ms(), &report, err);
        a->files_failed += report.failed;
        a->calm = report.left == 0 && report.done == 0 && report.failed == 0 && status == HUB_OK ? a->calm + 1 : 0;
    }
    kit_config_path(a->config, "quarantine", quarantine);
    do {
        beat(a);
        if (status == HUB_OK) status = kit_quarantine_move(a->box, quarantine, &moved, err);
    } while (status == HUB_OK && moved == KIT_QUARANTINE_MOVES_MAX);
    return status;
}

static void on_beat(uv_timer_t *timer)
{
    adapter *a = timer->data;
    beat(a);
    look_for_stop(a);
    pump(a);
    if (!a->ending) adapter_note_source(&a->notes, a->box, &a->ways, a->input_trouble, link_now(a));
    if (!a->ending) compare_counts(a);
}

static void on_poll(uv_timer_t *timer)
{
    adapter *a = timer->data;
    hub_error err = {{0}};
    if (link_now(a) >= a->retry_at_ms) {
        if (take_inputs(a, &err) != HUB_OK) {
            input_trouble(a, err.text);
        } else {
            a->retry_ms = 0;
            a->input_trouble[0] = '\0';
        }
    }
    pump(a);
}

static void on_poll_now(void *context)
{
    adapter *a = context;
    if (!a->ending) on_poll(&a->poll_timer);
}

static void on_tidy(uv_timer_t *timer)
{
    adapter *a = timer->data;
    hub_error err = {{0}};
    bool more = true;
    adapter_note_senders(&a->notes, a->box, &a->ways);
    adapter_warn_daily(a->config, link_now(a), &a->warn_at_ms);
    for (int i = 0; i < 4 && more; i++) { /* the rest a minute later: the loop has other work */
        if (outbox_forget(a->box, host_wall_ms(), &more, &err) != HUB_OK) {
            outbox_trouble(a, &err);
            return;
        }
    }
}

static void on_not_taken(void *context, const hub_error *err)
{
    (void)err;
    adapter *a = context;
    if (outbox_is_broken(a->box)) end(a, ADAPTER_FAILED);
}

/* ---- the whole ---- */

static hub_status open_client(adapter *a, hub_error *err)
{
    const kit_config *config = a->config;
    bus_client_options options = {.endpoints = {config->endpoints[0], config->endpoint_count > 1 ? config->endpoints[1] : NULL},
                                  .software = "mash-adapter/" MASHHUB_VERSION,
                                  .context = a,
                                  .hello = on_hello,
                                  .ping = on_ping,
                                  .opened = on_opened,
                                  .closed = on_closed,
                                  .frame = on_frame,
                                  .writable = on_writable};
    hub_status status = bus_key_pair_read(config->key, &options.keys, err);
    if (status == HUB_OK) status = bus_public_key_read(config->server_key, options.server_key, err);
    if (status == HUB_OK) status = bus_client_open(&a->loop, &options, &a->client, err);
    explicit_bzero(&options.keys, sizeof options.keys);
    return status;
}

static void on_signal(uv_signal_t *handle, int number)
{
    host_log(HOST_LOG_INFO, "ending", "signal", number == SIGTERM ? "SIGTERM" : "SIGINT", NULL);
    end(handle->data, ADAPTER_DONE);
}

static void on_once_timeout(uv_timer_t *timer)
{
    adapter *a = timer->data;
    outbox_counts counts;
    outbox_counts_of(a->box, &counts);
    char waiting[24];
    (void)snprintf(waiting, sizeof waiting, "%" PRIu64, counts.waiting);
    const char *cause = a->input_trouble[0] != '\0' ? a->input_trouble : a->trouble[0] != '\0' ? a->trouble : "none known";
    host_log(HOST_LOG_ERROR, "not everything was settled in time", "waiting", waiting, "cause", cause, NULL);
    end(a, ADAPTER_FAILED);
}

static hub_status open_all(adapter *a, hub_error *err)
{
    const kit_config *config = a->config;
    link_options link = {.urgent_ms = config->urgent_notice_ms};
    hub_status status = kit_config_outbox(config, OUTBOX_OWN, &a->box, err);
    if (status != HUB_OK) return status;
    status = adapter_check_hub(config, a->box, err);
    if (status != HUB_OK) return status;
    outbox_counts_of(a->box, &a->at_start);
    a->agreement.box = a->box;
    adapter_ways_options ways = {.config = config,
                                 .box = a->box,
                                 .put_ms = put_now,
                                 .alive = beat,
                                 .taken = on_taken,
                                 .failed = on_not_taken,
                                 .poll = on_poll_now,
                                 .context = a};
    status = link_machine_make(a->box, &link, &a->link, err);
    if (status == HUB_OK) status = adapter_ways_open(&a->loop, &ways, &a->ways, err);
    if (status == HUB_OK) status = open_client(a, err);
    return status;
}

static void write_metrics(void *context, hub_buffer *out)
{
    adapter *a = context;
    adapter_metrics(a->box, a->link, &a->ways, a->input_trouble, link_now(a), out);
}

/* Figures are no reason to take nothing in. */
static void open_metrics(adapter *a)
{
    const metrics_options options = {
        .address = a->config->metrics_address, .port = a->config->metrics_port, .write = write_metrics, .context = a};
    hub_error err = {{0}};
    if (options.address[0] == '\0' || metrics_server_open(&a->loop, &options, &a->metrics, &err) == HUB_OK) return;
    host_log(HOST_LOG_ERROR, "the adapter runs without metrics", "cause", err.text, NULL);
}

static void say_ready(const adapter *a)
{
    const kit_config *config = a->config;
    char way[KIT_PATH_MAX + 64];
    adapter_ways_text(&a->ways, way, sizeof way);
    printf("mash-adapter %s ready: %s -> %s", config->name, way, config->endpoints[0]);
    printf(", %" PRIu64 " waiting\n", a->at_start.waiting);
    (void)fflush(stdout);
    (void)sd_notify(0, "READY=1");
}

static void start_timers(adapter *a, int64_t once_ms)
{
    uint64_t poll_ms = a->ways.drop != NULL ? a->config->poll_ms : MLLP_POLL_MS;
    uint64_t patience_us = 0;
    a->beat_ms = BEAT_MS;
    if (sd_watchdog_enabled(0, &patience_us) > 0 && patience_us / 4000 < BEAT_MS) a->beat_ms = (int64_t)(patience_us / 4000);
    (void)uv_timer_start(&a->beat_timer, on_beat, 0, (uint64_t)a->beat_ms);
    (void)uv_timer_start(&a->poll_timer, on_poll, 0, poll_ms);
    (void)uv_timer_start(&a->tidy_timer, on_tidy, 1000, TIDY_MS);
    if (a->mode == ADAPTER_ONCE) (void)uv_timer_start(&a->once_timer, on_once_timeout, (uint64_t)once_ms, 0);
    (void)uv_signal_start(&a->terminate, on_signal, SIGTERM);
    (void)uv_signal_start(&a->interrupt, on_signal, SIGINT);
    (void)uv_signal_start(&a->compare, on_compare, SIGUSR1);
}

/* ADAPTER_ONCE ends with one line that says what became of everything. */
static int once_result(const adapter *a)
{
    outbox_counts now;
    const outbox_counts *before = &a->at_start;
    outbox_counts_of(a->box, &now);
    uint64_t parked = now.parked_here - before->parked_here;
    uint64_t refused = now.refused - before->refused;
    printf("mash-adapter %s: %" PRIu64 " accepted, %" PRIu64 " stored, %" PRIu64 " duplicate, %" PRIu64 " refused, %" PRIu64
           " parked, %" PRIu64 " files failed, %" PRIu64 " waiting\n",
           a->config->name, now.put - before->put, now.stored - before->stored, now.duplicate - before->duplicate, refused,
           parked, a->files_failed, now.waiting);
    (void)fflush(stdout);
    if (a->code != ADAPTER_DONE || a->files_failed > 0 || now.waiting > 0) return ADAPTER_FAILED;
    return parked + refused > 0 ? ADAPTER_REFUSED : ADAPTER_DONE;
}

static void init_handles(adapter *a)
{
    uv_timer_t *timers[] = {&a->link_timer, &a->poll_timer, &a->tidy_timer, &a->once_timer, &a->beat_timer};
    for (size_t i = 0; i < sizeof timers / sizeof timers[0]; i++) {
        (void)uv_timer_init(&a->loop, timers[i]);
        timers[i]->data = a;
    }
    (void)uv_signal_init(&a->loop, &a->terminate);
    (void)uv_signal_init(&a->loop, &a->interrupt);
    (void)uv_signal_init(&a->loop, &a->compare);
    a->terminate.data = a->interrupt.data = a->compare.data = a;
}

int adapter_run(const kit_config *config, adapter_mode mode, int64_t once_ms)
{
    adapter *a = calloc(1, sizeof *a);
    if (a == NULL || uv_loop_init(&a->loop) != 0) {
        host_log(HOST_LOG_ERROR, "cannot start", "cause", "out of memory", NULL);
        free(a);
        return ADAPTER_FAILED;
    }
    a->config = config;
    a->mode = mode;
    a->wall_ms = host_wall_ms();
    a->boot_ms = host_boot_ms();
    a->clock[0] = '?';
    (void)signal(SIGPIPE, SIG_IGN);
    (void)signal(SIGIO, SIG_IGN); /* a file whose lease is looked at is opened for writing that moment */
    init_handles(a);

    hub_error err = {{0}};
    hub_status status = open_all(a, &err);
    if (status == HUB_OK) {
        open_metrics(a);
        start_timers(a, once_ms); /* and signals: who hears that it is ready may send one */
        say_ready(a);
    } else {
        host_log(HOST_LOG_ERROR, "cannot start", "cause", err.text, NULL);
        end(a, ADAPTER_FAILED);
    }
    (void)uv_run(&a->loop, UV_RUN_DEFAULT);
    int code = status == HUB_OK && mode == ADAPTER_ONCE ? once_result(a) : a->code;
    (void)uv_loop_close(&a->loop);
    adapter_ways_free(&a->ways);
    link_machine_free(a->link);
    outbox_close(a->box);
    free(a);
    return code;
}
