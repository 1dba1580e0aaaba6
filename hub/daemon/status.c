/* status.c - how the hub does: for everybody whether it is well; who speaks with it, and what it has made of events, for operators and
 * auditors. */
#include "daemon/shell.h"

#include <string.h>

#include "daemon/audit.h"

enum { HOUR_MS = 60 * 60 * 1000 };

static void put_peer(daemon_shell *d, Mash__V1__Status *status, hub_arena *arena, uint32_t number)
{
    const core_peer *peer = core_peer_numbered(d->core, number);
    const bus_session *session = bus_sessions_by_peer(d->sessions, number);
    Mash__V1__PeerStatus *p = hub_arena_take(arena, sizeof *p);
    if (p == NULL) return;
    mash__v1__peer_status__init(p);
    p->name = (char *)(uintptr_t)peer->name;
    p->kind = peer->kind;
    p->agency = peer->agency;
    p->connected = session != NULL;
    p->revoked = peer->revoked || daemon_revoked_has(d->revoked, peer->public_key);
    p->stored = peer->stored;
    p->duplicates = peer->duplicates;
    p->refused = peer->refused;
    daemon_acts_for(d, peer, arena, p);
    p->public_key = (ProtobufCBinaryData){.len = CORE_KEY_BYTES, .data = (uint8_t *)(uintptr_t)peer->public_key};
    p->last_heard_ms = daemon_last_heard_ms(d, number);
    if (number <= d->heard_count) {
        p->waiting = d->heard[number - 1].waiting;
        p->parked = d->heard[number - 1].parked;
        p->told_time = d->heard[number - 1].told_time;
        p->clock_ahead_ms = d->heard[number - 1].clock_ahead_ms;
        daemon_unknown_areas_put(&d->heard[number - 1], p, arena);
        p->owed = d->heard[number - 1].owed;
        p->overdue = d->heard[number - 1].overdue;
        p->trouble = d->heard[number - 1].trouble;
        p->failing_since_ms = d->heard[number - 1].failing_since_ms;
    }
    p->source_system = (char *)(uintptr_t)peer->source_system;
    if (session != NULL) p->software = (char *)(uintptr_t)session->software;
    status->peers[status->n_peers++] = p;
}

/* All of them, or one alone: an adapter compares its own counts with these. */
static void put_peers(daemon_shell *d, Mash__V1__Status *status, hub_arena *arena, uint32_t first, uint32_t last)
{
    status->peers = hub_arena_take(arena, (last - first + 2) * sizeof *status->peers);
    for (uint32_t i = first; i <= last && status->peers != NULL; i++)
        put_peer(d, status, arena, i);
}

/* For everybody: whose events would be refused for their area can know it beforehand. */
static void put_areas(daemon_shell *d, const core_policy *policy, Mash__V1__Status *status, hub_arena *arena)
{
    int32_t today = core_calendar_day(&policy->calendars[0], d->clock.hub_ms, NULL);
    Mash__V1__AreaStatus *rows = hub_arena_take(arena, (policy->area_count + 1) * sizeof *rows);
    status->areas = hub_arena_take(arena, (policy->area_count + 1) * sizeof *status->areas);
    for (uint32_t i = 0; i < policy->area_count && rows != NULL && status->areas != NULL; i++) {
        const core_area *area = &policy->areas[i];
        if (core_policy_area(policy, area->code, today) != area) continue;
        mash__v1__area_status__init(&rows[i]);
        rows[i].code = (char *)(uintptr_t)area->code;
        rows[i].name = (char *)(uintptr_t)area->name;
        status->areas[status->n_areas++] = &rows[i];
    }
}

static void put_queue(daemon_shell *d, Mash__V1__Status *status, hub_arena *arena, uint32_t queue, const char *consumer)
{
    Mash__V1__QueueStatus *q = hub_arena_take(arena, sizeof *q);
    if (q == NULL) return;
    mash__v1__queue_status__init(q);
    uint64_t receipt = consumer[0] == '\0' ? 0 : core_receipt_of(d->core, queue, consumer);
    q->name = (char *)(uintptr_t)core_queue_name(d->core, queue);
    q->consumer = (char *)(uintptr_t)consumer;
    q->receipt_sequence = receipt;
    q->waiting = core_queue_waiting(d->core, queue, receipt);
    q->total = core_queue_total(d->core, queue);
    q->delivered_sequence = daemon_deliver_sent_upto(d, queue, consumer);
    bus_session *holder = daemon_deliver_holder(d, queue, consumer);
    const bus_subscription *s = holder == NULL ? NULL : bus_session_subscription(holder, queue);
    q->connected = s != NULL;
    q->live = daemon_deliver_live(d, queue);
    if (s != NULL) q->credit = bus_subscription_credit_left(s);
    status->queues[status->n_queues++] = q;
}

static void put_queues(daemon_shell *d, Mash__V1__Status *status, hub_arena *arena)
{
    const core_policy *policy = core_policy_now(d->core);
    enum { CONSUMERS = 8 };
    if (policy == NULL) return;
    status->queues = hub_arena_take(arena, (policy->queue_count + 1) * CONSUMERS * sizeof *status->queues);
    for (uint32_t i = 0; i < policy->queue_count && status->queues != NULL; i++) {
        const core_queue_row *row = &policy->queues[i];
        uint32_t number = core_queue_number(d->core, row->name);
        if (row->consumers[0][0] == '\0') put_queue(d, status, arena, number, "");
        for (int k = 0; k < CONSUMERS && row->consumers[k][0] != '\0'; k++)
            put_queue(d, status, arena, number, row->consumers[k]);
    }
}

/* Looked at whenever it is asked for: a hub that nobody restarts and no policy that anybody adopts would warn of nothing. */
static bool calendar_ends(const daemon_shell *d)
{
    const core_policy *policy = core_policy_now(d->core);
    if (policy == NULL) return false;
    int32_t today = core_calendar_day(&policy->calendars[0], d->clock.hub_ms, NULL);
    return core_policy_calendar_days(policy, today) <= CORE_CALENDAR_NOTICE_DAYS;
}

void daemon_alarms_of(const daemon_shell *d, daemon_alarm out[DAEMON_ALARMS])
{
    const char *audit = daemon_audit_trouble(d);
    const daemon_alarm ALARMS[] = {
        {"journal_full",
         "the journal takes no records: events are answered RETRY_LATER; the hub's log names the cause, a full disk most often",
         d->full},
        {"clock_stepped",
         "the system clock and hub time differ by 2 s or more; check the clock (chronyc tracking); hub time follows it when it "
         "has been synchronised for a minute, or by: mashctl clocks accept",
         d->clock.stepped},
        {"timers_held", "timers are held: the clock was odd at start; check it; when it is right: mashctl clocks accept",
         d->clock.holds_timers},
        {"no_policy", "no policy is adopted: events are answered RETRY_LATER; run: mashctl policy adopt",
         core_policy_now(d->core) == NULL},
        {"journal_away", "the journal does not answer: see to its server; the hub goes on by itself when it is there again",
         d->away},
        {"restore_preparing",
         "a restore was accepted and is being prepared: events are answered RETRY_LATER (deploy/RUNBOOK.md, \"Restore\")",
         d->preparing},
        {"restored", "the store was put back from a backup within the last seven days: see deploy/RUNBOOK.md, \"Restore\"",
         d->restored && !d->preparing},
        {"audit_down", audit, audit != NULL},
        {"calendar_ends",
         "bank holidays or school terms of the policy in force are known for 180 days more, or less; mashctl policy check names "
         "them: "
         "add the next, then adopt the policy",
         calendar_ends(d)},
    };
    _Static_assert(sizeof ALARMS / sizeof ALARMS[0] == DAEMON_ALARMS, "none is left out");
    memcpy(out, ALARMS, sizeof ALARMS);
}

static void put_alarms(const daemon_shell *d, Mash__V1__Status *status, hub_arena *arena)
{
    daemon_alarm alarms[DAEMON_ALARMS];
    daemon_alarms_of(d, alarms);
    status->alarms = hub_arena_take(arena, DAEMON_ALARMS * sizeof *status->alarms);
    for (size_t i = 0; i < DAEMON_ALARMS && status->alarms != NULL; i++) {
        if (alarms[i].is_on) status->alarms[status->n_alarms++] = (char *)(uintptr_t)alarms[i].text;
    }
}

static void put_counts(daemon_shell *d, Mash__V1__Status *status)
{
    core_counts counts = core_count(d->core);
    status->alerts_open = counts.alerts_open;
    status->clocks_running = counts.clocks_running;
    status->clocks_lapsed = counts.clocks_lapsed;
    status->clocks_due_hour = core_clocks_due(d->core, daemon_now_ms(d) + HOUR_MS);
    status->next_due_ms = counts.next_due_ms;
    status->state_digest = core_digest(d->core);
}

static void put_health(daemon_shell *d, Mash__V1__Status *status)
{
    core_counts counts = core_count(d->core);
    status->partnership = (char *)(uintptr_t)core_partnership(d->core);
    status->epoch = core_epoch(d->core);
    status->hub_time_ms = daemon_now_ms(d);
    status->started_ms = d->started_ms;
    status->events_accepted = counts.events_accepted;
    status->events_refused = counts.events_refused;
    status->events_duplicate = d->duplicates;
    status->journal_room_bytes = daemon_journal_thread_room(d->journal);
    status->journal = (char *)(uintptr_t)d->backend;
}

void daemon_status(daemon_shell *d, bus_session *session, uint64_t request, const Mash__V1__StatusRequest *wanted)
{
    const core_peer *peer = core_peer_numbered(d->core, session->peer);
    bool all = peer->kind == MASH__V1__PEER_KIND__PEER_KIND_OPERATOR || peer->kind == MASH__V1__PEER_KIND__PEER_KIND_AUDITOR;
    if (!all && (wanted->peers || wanted->queues)) {
        daemon_fault(d, session, request, MASH__V1__FAULT_CODE__FAULT_NOT_ALLOWED, "status",
                     "peers and queues are for operators and auditors");
        return;
    }
    hub_arena *arena = &d->answer_arena;
    hub_arena_reset(arena);
    Mash__V1__Status status = MASH__V1__STATUS__INIT;
    put_health(d, &status);
    if (all) put_counts(d, &status); /* to anybody else they would tell of alerts that are not theirs (P6) */
    Mash__V1__Position durable = MASH__V1__POSITION__INIT;
    durable.epoch = d->durable_epoch;
    durable.sequence = d->durable;
    durable.record_hash = (ProtobufCBinaryData){.len = HUB_DIGEST_BYTES, .data = d->durable_hash.bytes};
    status.durable = &durable;
    const core_policy *policy = core_policy_now(d->core);
    if (policy != NULL) {
        status.policy_digest = (ProtobufCBinaryData){.len = HUB_DIGEST_BYTES, .data = (uint8_t *)(uintptr_t)policy->digest};
        for (uint32_t n = 1; core_policy_numbered(d->core, n) != NULL; n++)
            status.policy = n;
        put_areas(d, policy, &status, arena);
    }
    if (wanted->peers) {
        put_peers(d, &status, arena, 1, core_peer_count(d->core));
        daemon_strangers_put(d, &status, arena);
    }
    if (peer->kind == MASH__V1__PEER_KIND__PEER_KIND_ADAPTER) put_peers(d, &status, arena, session->peer, session->peer);
    if (wanted->queues) put_queues(d, &status, arena);
    put_alarms(d, &status, arena);
    Mash__V1__HubFrame frame = MASH__V1__HUB_FRAME__INIT;
    frame.request = request;
    frame.body_case = MASH__V1__HUB_FRAME__BODY_STATUS;
    frame.status = &status;
    daemon_send_frame(d, session, &frame); /* also while the disk is full: it tells what is durable, and counts */
}
