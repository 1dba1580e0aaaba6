#include "shell.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-daemon.h>

#include "bus/context.h"
#include "daemon/audit.h"
#include "daemon/port_owner.h"
#include "host/clock.h"
#include "host/log.h"

enum {
    PULSE_MS = 50, /* timers are late by at most this */
    TICKS_A_PULSE = 8,
    IO_THREADS = 2, /* CURVE is bound by them */
    FRAME_ARENA_FIRST = 4 * 1024 * 1024,
    FRAME_ARENA_BUDGET = 64 * 1024 * 1024, /* a frame of 1 MiB of empty items takes forty times that */
    WORK_ARENA_FIRST = 1024 * 1024,
    WORK_ARENA_BUDGET = 32 * 1024 * 1024,
};
/* After each start within seven days of a restore. Long enough for every adapter that runs to offer again what it kept, short enough for an
 * event that really is of no area of ours: its adapter's line stands still meanwhile, and an urgent item behind it raises its notice. */
static const uint64_t PATIENT_US = UINT64_C(3600) * 1000 * 1000;
static const uint64_t STRANGERS_EVERY_US = UINT64_C(60) * 1000 * 1000;

/* ---- one command ------------------------------------------------------------------------------------------------------------- */
static size_t bytes_of(const core_command *command)
{
    size_t bytes = command->kind == CORE_PUBLISH ? command->of.publish.bytes.size : 0;
    if (command->kind == CORE_ACT) bytes = command->of.act.bytes.size;
    if (command->kind != CORE_ADOPT_POLICY) return bytes;
    for (size_t i = 0; i < command->of.adopt.sources->n_sources; i++)
        bytes += command->of.adopt.sources->sources[i]->text.len + 128;
    return bytes;
}

/* An alarm is in the record and in explain; the log says it too, for the operator who asked nothing. A line a minute for each kind: a
 * source that goes wrong does so a thousand times. */
static void log_alarms(daemon_shell *d, const core_record *record)
{
    enum { LINE_EVERY_MS = 60 * 1000 };
    for (size_t i = 0; i < record->control->n_facts; i++) {
        const Mash__V1__Fact *fact = record->control->facts[i];
        if (fact->body_case != MASH__V1__FACT__BODY_ALARM_RAISED) continue;
        size_t kind = (size_t)fact->alarm_raised->alarm;
        HUB_ASSERT(kind < sizeof d->alarm_said_ms / sizeof d->alarm_said_ms[0]);
        if (d->alarm_said_ms[kind] != 0 && record->time_ms - d->alarm_said_ms[kind] < LINE_EVERY_MS) continue;
        d->alarm_said_ms[kind] = record->time_ms;
        char sequence[24];
        (void)snprintf(sequence, sizeof sequence, "%" PRIu64, record->sequence);
        const ProtobufCEnumValue *name = protobuf_c_enum_descriptor_get_value(&mash__v1__alarm_kind__descriptor, (int)kind);
        host_log(HOST_LOG_WARNING, "an alarm was raised", "alarm", name == NULL ? "" : name->name, "record", sequence, "do",
                 "mashctl explain of that record; deploy/RUNBOOK.md, \"Alarms\"", NULL);
    }
}

hub_status daemon_apply(daemon_shell *d, daemon_lane lane, const core_command *command, core_decision *decision)
{
    if (!daemon_batch_has_room(d->open, lane, bytes_of(command))) return HUB_ERR_AGAIN;
    hub_status status = core_decide(d->core, command, &d->decide_arena, decision);
    if (status != HUB_OK || decision->control == NULL) return status;
    bool holds_event = decision->personal != NULL && decision->personal->event.len > 0;
    core_record record = {.epoch = d->epoch,
                          .sequence = core_sequence(d->core) + 1,
                          .time_ms = command->at_ms,
                          .peer = command->peer,
                          .link_seq = command->kind == CORE_PUBLISH ? command->of.publish.link_seq : 0,
                          .control = decision->control,
                          .personal = decision->personal,
                          .event = command->kind == CORE_PUBLISH && holds_event ? command->of.publish.event : NULL,
                          .policy = command->kind == CORE_ADOPT_POLICY ? command->of.adopt.policy : NULL};
    hub_error err;
    status = core_reserve(d->core, &record, &err);
    if (status != HUB_OK) {
        host_log(HOST_LOG_ERROR, "a decision could not be carried out; nothing has changed", "cause", err.text, NULL);
        return HUB_ERR_MEMORY;
    }
    core_evolve(d->core, &record);
    log_alarms(d, &record);
    uint64_t refs[CORE_REFS_MAX];
    uint32_t ref_count = core_record_refs(d->core, &record, refs);
    status = daemon_batch_put(d->open, &record, &command->command_id, refs, ref_count, core_digest(d->core));
    HUB_ASSERT(status == HUB_OK); /* A2: has_room was asked */
    daemon_deliver_build(d, &record);
    return HUB_OK;
}

/* ---- the end of a turn ---------------------------------------------------------------------------------------------------------- */
void daemon_turn_end(daemon_shell *d)
{
    daemon_commit(d);
    if (d->feed_more) daemon_deliver_feed(d);
    daemon_end_doomed(d);
    bool through = d->writing == NULL && daemon_batch_is_empty(d->open);
    if (d->stopping && (through || d->full || d->failed != HUB_OK)) uv_stop(&d->loop);
}

void daemon_stop(daemon_shell *d, hub_status why)
{
    if (d->failed == HUB_OK) d->failed = why;
    if (d->stopping) return;
    d->stopping = true;
    (void)sd_notify(0, "STOPPING=1");
    for (int lane = 0; lane < DAEMON_LANES; lane++)
        bus_router_want_read(d->routers[lane], BUS_INTEREST_OFF);
    if (why == HUB_OK) daemon_receipts_flush(d);
    if (why != HUB_OK) uv_stop(&d->loop);
}

static void on_signal(uv_signal_t *handle, int number)
{
    daemon_shell *d = handle->data;
    host_log(HOST_LOG_INFO, "stopping", "signal", number == SIGTERM ? "SIGTERM" : "SIGINT", NULL);
    daemon_stop(d, HUB_OK);
    daemon_turn_end(d);
}

/* ---- the pulse ------------------------------------------------------------------------------------------------------------------ */
static void fire_timers(daemon_shell *d)
{
    for (int i = 0; i < TICKS_A_PULSE && !d->full && !d->clock.holds_timers && !d->stopping; i++) {
        int64_t now = daemon_now_ms(d), due = core_count(d->core).next_due_ms;
        if (due == 0 || due > now) return;
        hub_arena_reset(&d->decide_arena);
        core_command command = {.kind = CORE_TICK, .at_ms = now};
        core_decision decision;
        if (daemon_apply(d, DAEMON_TEAM, &command, &decision) != HUB_OK || decision.control == NULL) return;
    }
}

static void watch_strangers(daemon_shell *d)
{
    uint64_t now = host_monotonic_us();
    if (d->strangers == 0 || (d->strangers_said_us != 0 && now - d->strangers_said_us < STRANGERS_EVERY_US)) return;
    char count[24];
    (void)snprintf(count, sizeof count, "%" PRIu64, d->strangers);
    host_log(HOST_LOG_WARNING, "connections with keys that are not enrolled were turned away", "count", count, NULL);
    d->strangers = 0;
    d->strangers_said_us = now;
}

static void on_pulse(uv_timer_t *timer)
{
    daemon_shell *d = timer->data;
    daemon_keep_time(d);
    fire_timers(d);
    watch_strangers(d);
    daemon_say_malformed(d);
    daemon_end_silent(d);
    daemon_send_queued(d);
    daemon_cut_due(d);
    daemon_tail_go_on(d);
    daemon_deliver_feed(d);
    daemon_fold_child_watch(d);
    uint64_t now = host_monotonic_us();
    if (d->watchdog_us != 0 && now >= d->watchdog_next_us) {
        d->watchdog_next_us = now + d->watchdog_us / 2;
        (void)sd_notify(0, "WATCHDOG=1");
    }
    daemon_turn_end(d);
}

/* ---- the endpoints ---------------------------------------------------------------------------------------------------------------- */
static bus_turn before_team(void *context)
{
    return daemon_talk_before(context, DAEMON_TEAM);
}

static bus_turn before_agency(void *context)
{
    return daemon_talk_before(context, DAEMON_AGENCY);
}

static void on_team(void *context, const bus_message *message)
{
    daemon_talk_message(context, DAEMON_TEAM, message);
}

static void on_agency(void *context, const bus_message *message)
{
    daemon_talk_message(context, DAEMON_AGENCY, message);
}

static void served(daemon_shell *d, daemon_lane lane)
{
    d->work[lane].began_us = 0;
    daemon_turn_end(d);
}

static void served_team(void *context)
{
    served(context, DAEMON_TEAM);
}

static void served_agency(void *context)
{
    served(context, DAEMON_AGENCY);
}

static hub_status listen_on(daemon_shell *d, daemon_lane lane, hub_error *err)
{
    bool team = lane == DAEMON_TEAM;
    bus_router_options options = {.endpoint = team ? d->config->team : d->config->agency,
                                  .keys = d->keys->server,
                                  .context = d,
                                  .before = team ? before_team : before_agency,
                                  .message = team ? on_team : on_agency,
                                  .served = team ? served_team : served_agency,
                                  .other_key = daemon_other_key};
    hub_status status = bus_router_open(&d->loop, d->zmq, &options, &d->routers[lane], err);
    if (status != HUB_ERR_EXISTS) return status;
    char owner[128];
    daemon_port_owner(options.endpoint, owner, sizeof owner);
    return hub_fail(err, status, "port %s is in use by %s; stop that, or choose another port under listen.%s in %s/hub.yaml",
                    strrchr(options.endpoint, ':') + 1, owner, team ? "team" : "agency", d->config->folder);
}

/* ---- a shell's life ---------------------------------------------------------------------------------------------------------------- */
static hub_status open_memory(daemon_shell *d)
{
    hub_status status = bus_sessions_open(DAEMON_SESSIONS_MAX, &d->sessions);
    for (int i = 0; i < DAEMON_BATCHES && status == HUB_OK; i++)
        status = daemon_batch_open(&d->batches[i]);
    for (int i = 0; i < DAEMON_LANES && status == HUB_OK; i++)
        status = hub_arena_open(&d->work[i].arena, FRAME_ARENA_FIRST, FRAME_ARENA_BUDGET);
    if (status == HUB_OK) status = hub_arena_open(&d->decide_arena, WORK_ARENA_FIRST, WORK_ARENA_BUDGET);
    if (status == HUB_OK) status = hub_arena_open(&d->deliver_arena, WORK_ARENA_FIRST, WORK_ARENA_BUDGET);
    if (status == HUB_OK) status = hub_arena_open(&d->record_arena, WORK_ARENA_FIRST, WORK_ARENA_BUDGET);
    if (status == HUB_OK) status = hub_arena_open(&d->answer_arena, WORK_ARENA_FIRST, WORK_ARENA_BUDGET);
    if (status == HUB_OK) status = daemon_ring_open(DAEMON_RING_BYTES, &d->ring);
    d->open = &d->batches[0];
    return status;
}

static void open_timers(daemon_shell *d)
{
    (void)uv_timer_init(&d->loop, &d->pulse);
    (void)uv_timer_init(&d->loop, &d->retry);
    (void)uv_timer_init(&d->loop, &d->soon);
    (void)uv_idle_init(&d->loop, &d->feeding);
    (void)uv_signal_init(&d->loop, &d->terminate);
    (void)uv_signal_init(&d->loop, &d->interrupt);
    d->pulse.data = d->retry.data = d->soon.data = d->feeding.data = d->terminate.data = d->interrupt.data = d;
    (void)uv_timer_start(&d->pulse, on_pulse, PULSE_MS, PULSE_MS);
    (void)uv_signal_start(&d->terminate, on_signal, SIGTERM);
    (void)uv_signal_start(&d->interrupt, on_signal, SIGINT);
    if (sd_watchdog_enabled(0, &d->watchdog_us) <= 0) d->watchdog_us = 0;
}

static hub_status begin_epoch(daemon_shell *d, hub_error *err)
{
    core_command command = {
        .kind = CORE_START, .at_ms = daemon_now_ms(d), .of.start = {.epoch = d->epoch, .version = MASHHUB_VERSION}};
    core_decision decision;
    hub_status status = daemon_apply(d, DAEMON_TEAM, &command, &decision);
    d->first_sequence = core_sequence(d->core);
    daemon_timely_load(d);
    return status == HUB_OK ? HUB_OK : hub_fail(err, status, "the hub could not begin its term: %s", hub_status_text(status));
}

static void close_handles(daemon_shell *d)
{
    for (int lane = 0; lane < DAEMON_LANES; lane++)
        bus_router_close(d->routers[lane]);
    bus_zap_close(d->zap);
    daemon_fold_child_stop(d);
    daemon_journal_thread_stop(d->journal);
    daemon_read_thread_stop(d->reader);
    daemon_audit_stop(d);
    metrics_server_close(d->metrics);
    uv_handle_t *const HANDLES[] = {(uv_handle_t *)&d->pulse,   (uv_handle_t *)&d->retry,     (uv_handle_t *)&d->soon,
                                    (uv_handle_t *)&d->feeding, (uv_handle_t *)&d->terminate, (uv_handle_t *)&d->interrupt};
    for (size_t i = 0; i < sizeof HANDLES / sizeof HANDLES[0]; i++)
        uv_close(HANDLES[i], NULL);
    (void)uv_run(&d->loop, UV_RUN_DEFAULT);
    int failed = uv_loop_close(&d->loop);
    HUB_ASSERT(failed == 0);
    bus_context_close(d->zmq);
}

static void free_memory(daemon_shell *d)
{
    for (bus_session *s = bus_sessions_next(d->sessions, NULL); s != NULL; s = bus_sessions_next(d->sessions, s)) {
        daemon_tail_free(s);
        free(s->attachment);
    }
    daemon_audit_free(d);
    daemon_deliver_free(d);
    bus_sessions_close(d->sessions);
    for (int i = 0; i < DAEMON_BATCHES; i++)
        daemon_batch_close(&d->batches[i]);
    for (int i = 0; i < DAEMON_LANES; i++)
        hub_arena_close(&d->work[i].arena);
    hub_arena_close(&d->decide_arena);
    hub_arena_close(&d->deliver_arena);
    hub_arena_close(&d->record_arena);
    hub_arena_close(&d->answer_arena);
    hub_buffer_free(&d->timely);
    free(d->heard);
    daemon_ring_close(d->ring);
    hub_buffer_free(&d->scratch);
    hub_buffer_free(&d->position);
    free(d->results);
    free(d->fold);
    core_close(d->core);
    free(d);
}

static void say_goodbye(daemon_shell *d)
{
    for (bus_session *s = bus_sessions_next(d->sessions, NULL); s != NULL; s = bus_sessions_next(d->sessions, s)) {
        daemon_end_session(d, s, MASH__V1__SESSION_END__SESSION_END_STOPPING, "the hub is being stopped");
    }
}

static void say_ready(daemon_shell *d)
{
    printf("mashhubd: ready, partnership %s, %" PRIu64 " records, agency %s, team %s\n", core_partnership(d->core), d->durable,
           d->config->agency, d->config->team);
    (void)fflush(stdout);
    (void)sd_notify(0, "READY=1\nSTATUS=running");
}

static daemon_shell *new_shell(const daemon_start *start)
{
    daemon_shell *d = calloc(1, sizeof *d);
    if (d == NULL) return NULL;
    d->config = start->config;
    d->keys = start->keys;
    d->policies = start->policies;
    d->revoked = start->revoked;
    d->core = start->core;
    d->epoch = start->epoch;
    d->backend = journal_backend(start->j);
    d->preparing = start->preparing;
    d->restored = start->restored;
    if (d->restored) d->patient_us = host_monotonic_us() + PATIENT_US;
    daemon_clock_start(&d->clock, core_time_ms(d->core), host_wall_ms(), host_boot_ms(), start->trust);
    d->started_ms = d->clock.hub_ms;
    int failed = uv_loop_init(&d->loop);
    HUB_ASSERT(failed == 0);
    open_timers(d);
    return d;
}

hub_status daemon_shell_run(const daemon_start *start, hub_error *err)
{
    daemon_shell *d = new_shell(start);
    if (d == NULL) {
        core_close(start->core);
        return hub_fail(err, HUB_ERR_MEMORY, "out of memory");
    }
    journal_end end;
    hub_status status = open_memory(d);
    if (status != HUB_OK) (void)hub_fail(err, status, "out of memory");
    if (status == HUB_OK) status = journal_end_of(start->j, &end, err);
    if (status == HUB_OK) {
        d->durable = end.last_sequence;
        d->durable_hash = end.last_hash;
        d->durable_epoch = end.epoch;
        status =
            daemon_journal_thread_start(&d->loop, start->j, start->writer, daemon_on_written, daemon_on_looked, d, &d->journal);
    }
    if (status == HUB_OK) {
        status =
            daemon_read_thread_start(&d->loop, d->config->journal, d->config->partnership, d->keys->master_path, &d->reader, err);
    }
    if (status == HUB_OK && (status = daemon_audit_start(d)) != HUB_OK) (void)hub_fail(err, status, "out of memory");
    if (status == HUB_OK) status = bus_context_open(IO_THREADS, &d->zmq, err);
    if (status == HUB_OK) status = bus_zap_open(&d->loop, d->zmq, daemon_admit, d, &d->zap, err);
    if (status == HUB_OK) status = listen_on(d, DAEMON_TEAM, err);
    if (status == HUB_OK) status = listen_on(d, DAEMON_AGENCY, err);
    if (status == HUB_OK) status = begin_epoch(d, err);
    if (status == HUB_OK) {
        daemon_commit(d);
        daemon_metrics_start(d);
        say_ready(d);
        (void)uv_run(&d->loop, UV_RUN_DEFAULT);
        status = d->failed;
        if (status != HUB_OK && err != NULL) *err = d->err;
        say_goodbye(d);
    }
    close_handles(d);
    free_memory(d);
    return status;
}
