/* requests.c - questions about what is stored: find, explain, status. Records come from the read thread; a view (core/sharing.h) of each
 * says what the asker may be told; answers leave when the state they were made from is durable (H1). */
#include "daemon/audit.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/describe.h"
#include "fold/replay.h"
#include "host/log.h"
#include "journal/record.h"

enum { FIND_DEFAULT = 50, EXPLAIN_LINES = 20000 };

hub_status daemon_job_record(const daemon_read_job *job, uint32_t index, hub_arena *arena, core_record *out, hub_digest *hash)
{
    const daemon_read_record *stored = &job->records[index];
    if (stored->size == 0) return HUB_ERR_NOT_FOUND;
    journal_opened opened;
    hub_error err;
    hub_status status =
        journal_record_open(hub_bytes_of(job->bytes.data + stored->offset, stored->size), stored->key, arena, &opened, &err);
    if (status == HUB_OK) {
        *hash = opened.hash;
        status = fold_record(&opened, arena, NULL, out, &err);
    }
    if (status == HUB_OK) return HUB_OK;
    if (arena->exhausted) return HUB_ERR_MEMORY;
    char sequence[24];
    (void)snprintf(sequence, sizeof sequence, "%" PRIu64, stored->sequence);
    host_log(HOST_LOG_ERROR, "a stored record cannot be opened", "sequence", sequence, "cause", err.text, "do",
             "mashctl journal verify", NULL);
    return HUB_ERR_CORRUPT;
}

hub_status daemon_job_view(daemon_shell *d, const daemon_read_job *job, uint32_t index, uint32_t reader, core_record *record,
                           core_view *view)
{
    hub_digest hash;
    hub_arena_reset(&d->record_arena);
    hub_status status = daemon_job_record(job, index, &d->record_arena, record, &hash);
    if (status == HUB_ERR_MEMORY) return status;
    if (status != HUB_OK) return HUB_ERR_NOT_FOUND;
    *view = core_view_of(d->core, reader, record);
    return view->sight == CORE_SIGHT_NONE ? HUB_ERR_NOT_FOUND : HUB_OK;
}

daemon_read_job *daemon_question_new(daemon_shell *d, bus_session *session, uint64_t request,
                                     void (*done)(void *context, daemon_read_job *job))
{
    daemon_peer_state *state = daemon_state_of(session);
    daemon_read_job *job = state->questions < DAEMON_QUESTIONS_MAX ? daemon_read_job_new(done, d) : NULL;
    if (job == NULL) {
        daemon_fault(d, session, request, MASH__V1__FAULT_CODE__FAULT_BUSY, "",
                     "too many questions are under way; ask again when some are answered");
        return NULL;
    }
    state->questions++;
    job->session = session->ref;
    job->request = request;
    return job;
}

bus_session *daemon_question_end(daemon_shell *d, const daemon_read_job *job)
{
    bus_session *session = bus_sessions_by_ref(d->sessions, job->session);
    if (session != NULL) daemon_state_of(session)->questions--;
    return session;
}

/* The asker, when it is still there and the store could be read. */
static bus_session *asker(daemon_shell *d, const daemon_read_job *job)
{
    bus_session *session = daemon_question_end(d, job);
    if (session != NULL && d->full) { /* H1 would keep the answer back until there is room */
        daemon_fault(d, session, job->request, MASH__V1__FAULT_CODE__FAULT_BUSY, "",
                     "the hub's disk is full; ask again when there is room");
        return NULL;
    }
    if (session == NULL || job->status == HUB_OK) return session;
    host_log(HOST_LOG_ERROR, "the journal could not be read", "cause", job->err.text, NULL);
    daemon_fault(d, session, job->request, MASH__V1__FAULT_CODE__FAULT_BUSY, "",
                 "the hub cannot read its journal at the moment; ask again");
    return NULL;
}

static void say_no_room(daemon_shell *d, bus_session *session, uint64_t request)
{
    daemon_fault(d, session, request, MASH__V1__FAULT_CODE__FAULT_BUSY, "", "the hub has no memory for this now; ask again");
}

/* The record as it is shown in answer to this question: a party to the matter sees nothing of it, through whatever key they ask, and of a
 * case only what belongs to it. HUB_OK, HUB_ERR_NOT_FOUND or HUB_ERR_MEMORY. */
static hub_status answer_view(daemon_shell *d, const daemon_read_job *job, uint32_t index, const daemon_reading *reading,
                              core_record *record, core_view *view)
{
    hub_status status = daemon_job_view(d, job, index, reading->peer, record, view);
    if (status != HUB_OK) return status;
    if (reading->staff != 0 && core_record_has_party(d->core, record, reading->staff)) return HUB_ERR_NOT_FOUND;
    view->person = reading->sought.person;
    return reading->sought.count == 0 || core_view_finds(view, &reading->sought) ? HUB_OK : HUB_ERR_NOT_FOUND;
}

daemon_read_job *daemon_reading_job(daemon_shell *d, bus_session *session, uint64_t request, const daemon_reading *reading,
                                    void (*done)(void *context, daemon_read_job *job))
{
    daemon_reading *kept = malloc(sizeof *kept);
    daemon_read_job *job = kept == NULL ? NULL : daemon_question_new(d, session, request, done);
    if (kept == NULL) say_no_room(d, session, request);
    if (job == NULL) {
        free(kept);
        return NULL;
    }
    *kept = *reading;
    job->extra = kept;
    return job;
}

/* ---- find -------------------------------------------------------------------------------------------------------------------- */
/* Hidden records must not show by their number: first the readable ones are found, page by page of the index, and only they are counted
 * against the limit (one more than the limit tells that there are more). */
typedef struct finding {
    daemon_reading reading; /* its key is what is looked for */
    uint32_t limit, count, pages;
    uint64_t found[DAEMON_READ_RECORDS_MAX]; /* readable, newest first; limit + 1 at most */
} finding;

static void ask_page(daemon_shell *d, bus_session *session, uint64_t request, const finding *so_far, uint64_t before);

static bool is_found(const finding *f, uint64_t sequence)
{
    for (uint32_t i = 0; i < f->count && i < f->limit; i++) {
        if (f->found[i] == sequence) return true;
    }
    return false;
}

/* The job holds every record that was found. */
static void say_found(daemon_shell *d, bus_session *session, const daemon_read_job *job, const finding *f)
{
    hub_arena_reset(&d->answer_arena);
    Mash__V1__TailItem *items[DAEMON_READ_RECORDS_MAX];
    Mash__V1__FoundRecords found = MASH__V1__FOUND_RECORDS__INIT;
    found.items = items;
    found.more = f->count > f->limit;
    found.is_case = f->reading.sought.person != 0;
    daemon_audit_begin(d, &f->reading);
    for (uint32_t i = 0; i < job->count; i++) {
        core_record record;
        core_view view;
        if (!is_found(f, job->records[i].sequence)) continue;
        hub_status status = answer_view(d, job, i, &f->reading, &record, &view);
        if (status == HUB_ERR_NOT_FOUND) continue;
        items[found.n_items] = status == HUB_OK ? core_describe(&view, &d->answer_arena) : NULL;
        if (items[found.n_items] == NULL) break; /* what is there is said; the rest can be asked for */
        daemon_audit_shown(d, &f->reading, &record);
        found.n_items++;
    }
    if (found.n_items < f->count && found.n_items < f->limit) found.more = true;
    if (found.n_items == 0 && found.more) {
        say_no_room(d, session, job->request);
        return;
    }
    Mash__V1__HubFrame frame = MASH__V1__HUB_FRAME__INIT;
    frame.request = job->request;
    frame.body_case = MASH__V1__HUB_FRAME__BODY_FOUND;
    frame.found = &found;
    daemon_audit_answer(d, session, &f->reading, &frame);
}

static void on_gathered(void *context, daemon_read_job *job)
{
    bus_session *session = asker(context, job);
    if (session != NULL) say_found(context, session, job, job->extra);
}

/* A job for the next step of a finding; NULL: it could not be made, and the asker has been told. */
static daemon_read_job *next_step(daemon_shell *d, bus_session *session, uint64_t request, const finding *f,
                                  void (*done)(void *context, daemon_read_job *job))
{
    finding *kept = malloc(sizeof *kept);
    if (kept == NULL) {
        say_no_room(d, session, request);
        return NULL;
    }
    daemon_read_job *job = daemon_question_new(d, session, request, done);
    if (job == NULL) {
        free(kept);
        return NULL;
    }
    *kept = *f;
    job->extra = kept;
    return job;
}

static void ask_found(daemon_shell *d, bus_session *session, uint64_t request, const finding *f)
{
    daemon_read_job *job = next_step(d, session, request, f, on_gathered);
    if (job == NULL) return;
    for (uint32_t i = 0; i < f->count && i < f->limit; i++)
        job->records[job->count++].sequence = f->found[i];
    daemon_read_thread_ask(d->reader, job);
}

static void on_page(void *context, daemon_read_job *job)
{
    daemon_shell *d = context;
    bus_session *session = asker(d, job);
    finding *f = job->extra;
    if (session == NULL) return;
    f->pages++;
    for (uint32_t i = 0; i < job->count && f->count <= f->limit; i++) {
        core_record record;
        core_view view;
        hub_status status = answer_view(d, job, i, &f->reading, &record, &view);
        if (status == HUB_ERR_MEMORY) {
            say_no_room(d, session, job->request);
            return;
        }
        if (status == HUB_OK) f->found[f->count++] = job->records[i].sequence;
    }
    if (f->count <= f->limit && job->more) {
        ask_page(d, session, job->request, f, job->records[job->count - 1].sequence);
    } else if (f->pages == 1) {
        say_found(d, session, job, f);
    } else {
        ask_found(d, session, job->request, f);
    }
}

static void ask_page(daemon_shell *d, bus_session *session, uint64_t request, const finding *so_far, uint64_t before)
{
    daemon_read_job *job = next_step(d, session, request, so_far, on_page);
    if (job == NULL) return;
    const core_case *sought = &((const finding *)job->extra)->reading.sought;
    job->is_lookup = true;
    job->ref = sought->refs[0];
    job->further = sought->refs + 1;
    job->further_count = sought->count - 1;
    job->before = before;
    daemon_read_thread_ask(d->reader, job);
}

/* Every record under the key; or, when that is asked for and the key is a person's, their case. */
static bool sought_by(const daemon_shell *d, const Mash__V1__Query *query, core_case *out, hub_error *err)
{
    if (query->whole_case) return core_case_of(d->core, query->key, out, err) == HUB_OK;
    out->count = 1;
    return core_query_ref(d->core, query->key, &out->refs[0], err) == HUB_OK;
}

void daemon_query(daemon_shell *d, bus_session *session, uint64_t request, const Mash__V1__Query *query)
{
    finding f = {.limit = query->limit == 0 ? FIND_DEFAULT : query->limit};
    hub_error err;
    const daemon_stated stated = {
        .question = "query", .purpose = query->purpose, .on_behalf_of = query->on_behalf_of, .reason = query->reason};
    f.reading.read = MASH__V1__READ_KIND__READ_KIND_FIND;
    if (!sought_by(d, query, &f.reading.sought, &err)) {
        daemon_fault(d, session, request, MASH__V1__FAULT_CODE__FAULT_MALFORMED, "query.key", err.text);
        return;
    }
    f.reading.key = f.reading.sought.refs[0];
    daemon_reading_name_key(d, query->key, &f.reading);
    if (!daemon_reading_of(d, session, request, &stated, &f.reading)) return;
    if (f.limit >= DAEMON_READ_RECORDS_MAX) f.limit = DAEMON_READ_RECORDS_MAX - 1;
    ask_page(d, session, request, &f, query->before_sequence);
}

/* ---- explain ------------------------------------------------------------------------------------------------------------------- */
static void say_explained(daemon_shell *d, bus_session *session, uint64_t request, const daemon_reading *reading,
                          const core_lines *lines, bool is_cut)
{
    Mash__V1__ExplainLine last = MASH__V1__EXPLAIN_LINE__INIT;
    last.text =
        (char *)(uintptr_t) "The oldest records only: one answer holds no more. `mashctl trace` tells everything; or find the "
                            "alert (alert:A...) and explain the records that you want by their number.";
    Mash__V1__Explained explained = MASH__V1__EXPLAINED__INIT;
    hub_arena_reset(&d->record_arena);
    explained.lines = hub_arena_take(&d->record_arena, (lines->count + 1) * sizeof *explained.lines);
    if (explained.lines == NULL) {
        say_no_room(d, session, request);
        return;
    }
    if (lines->count > 0) memcpy(explained.lines, lines->items, lines->count * sizeof *explained.lines);
    explained.n_lines = lines->count;
    explained.found = lines->count > 0;
    if (is_cut && explained.found) explained.lines[explained.n_lines++] = &last;
    Mash__V1__HubFrame frame = MASH__V1__HUB_FRAME__INIT;
    frame.request = request;
    frame.body_case = MASH__V1__HUB_FRAME__BODY_EXPLAINED;
    frame.explained = &explained;
    daemon_audit_answer(d, session, reading, &frame);
}

static void on_explain(void *context, daemon_read_job *job)
{
    daemon_shell *d = context;
    bus_session *session = asker(d, job);
    if (session == NULL) return;
    const daemon_reading *reading = job->extra;
    daemon_audit_begin(d, reading);
    hub_arena_reset(&d->answer_arena);
    core_lines lines = {.arena = &d->answer_arena, .alert = job->alert};
    hub_status status = HUB_OK;
    for (uint32_t i = 0; i < job->count && status != HUB_ERR_MEMORY; i++) {
        core_record record;
        core_view view;
        status = answer_view(d, job, i, reading, &record, &view);
        if (status == HUB_OK && lines.count >= EXPLAIN_LINES)
            status = HUB_ERR_MEMORY; /* only what may be read is told to be left out */
        size_t before = lines.count;
        if (status == HUB_OK) status = core_explain(&view, &lines);
        if (status == HUB_ERR_MEMORY) lines.count = before; /* no half record */
        if (status == HUB_OK) daemon_audit_shown(d, reading, &record);
    }
    if (status == HUB_ERR_MEMORY && lines.count == 0) {
        say_no_room(d, session, job->request);
        return;
    }
    say_explained(d, session, job->request, reading, &lines, status == HUB_ERR_MEMORY || job->more);
}

/* 17 of "A17", when it begins with this letter; 0 otherwise. */
static uint64_t number_of(const char *id, char letter)
{
    char *end = NULL;
    bool has_letter = letter == '\0' || id[0] == letter || id[0] == letter - 'A' + 'a';
    const char *digits = letter == '\0' ? id : id + 1;
    if (!has_letter || digits[0] < '0' || digits[0] > '9') return 0;
    unsigned long long number = strtoull(digits, &end, 10);
    return *end == '\0' ? number : 0;
}

/* The record that an event id or a number stands for; 0 = none, or not yet durable. */
static uint64_t sequence_of(const daemon_shell *d, const char *id)
{
    hub_id event;
    uint64_t sequence = hub_id_parse(id, &event) ? core_event_sequence(d->core, &event) : number_of(id, '\0');
    return sequence <= d->durable ? sequence : 0;
}

/* An alert, a disagreement, a request, feedback: everything that is filed under it, in order. */
static bool is_item(const char *id)
{
    hub_id event;
    if (hub_id_parse(id, &event)) return false;
    return number_of(id, 'A') != 0 || number_of(id, 'D') != 0 || number_of(id, 'R') != 0 || number_of(id, 'F') != 0;
}

/* A record by its number, for who sees control parts alone, and no purpose is stated. */
static bool is_control_only(const daemon_shell *d, const bus_session *session, const Mash__V1__Explain *explain)
{
    Mash__V1__PeerKind kind = core_peer_numbered(d->core, session->peer)->kind;
    bool sees_control = kind == MASH__V1__PEER_KIND__PEER_KIND_OPERATOR || kind == MASH__V1__PEER_KIND__PEER_KIND_AUDITOR;
    bool is_number = strlen(explain->id) < 20 && strspn(explain->id, "0123456789") == strlen(explain->id);
    return sees_control && is_number && explain->purpose == MASH__V1__PURPOSE__PURPOSE_UNSPECIFIED;
}

/* false: the asker has been told what is wrong with case_of. */
static bool read_case(daemon_shell *d, bus_session *session, uint64_t request, const char *key, daemon_reading *out)
{
    hub_error err;
    if (key[0] == '\0') return true;
    if (core_case_of(d->core, key, &out->sought, &err) != HUB_OK) {
        daemon_fault(d, session, request, MASH__V1__FAULT_CODE__FAULT_MALFORMED, "explain.case_of", err.text);
        return false;
    }
    out->key = out->sought.refs[0];
    return true;
}

void daemon_explain(daemon_shell *d, bus_session *session, uint64_t request, const Mash__V1__Explain *explain)
{
    daemon_reading reading = {.read = MASH__V1__READ_KIND__READ_KIND_EXPLAIN, .peer = session->peer};
    const daemon_stated stated = {
        .question = "explain", .purpose = explain->purpose, .on_behalf_of = explain->on_behalf_of, .reason = explain->reason};
    daemon_reading_name_id(d, explain->id, &reading);
    if (!read_case(d, session, request, explain->case_of, &reading)) return;
    if (!is_control_only(d, session, explain) && !daemon_reading_of(d, session, request, &stated, &reading)) return;
    bool is_lookup = is_item(explain->id);
    uint64_t sequence = is_lookup ? 0 : sequence_of(d, explain->id);
    if (!is_lookup && sequence == 0) {
        core_lines nothing = {0};
        daemon_audit_begin(d, &reading);
        say_explained(d, session, request, &reading, &nothing, false);
        return;
    }
    daemon_read_job *job = daemon_reading_job(d, session, request, &reading, on_explain);
    if (job == NULL) return;
    job->alert = number_of(is_lookup ? explain->id : explain->about, 'A');
    if (is_lookup) {
        char key[32];
        hub_error err;
        (void)snprintf(key, sizeof key, "%.30s", explain->id);
        if (key[0] >= 'a') key[0] = (char)(key[0] - 'a' + 'A');
        job->is_lookup = core_query_ref(d->core, key, &job->ref, &err) == HUB_OK;
        job->oldest_first = true;
    } else {
        job->records[job->count++].sequence = sequence;
    }
    daemon_read_thread_ask(d->reader, job);
}

/* ---- status -------------------------------------------------------------------------------------------------------------------- */
static void put_peers(daemon_shell *d, Mash__V1__Status *status, hub_arena *arena)
{
    uint32_t count = core_peer_count(d->core);
    status->peers = hub_arena_take(arena, (count + 1) * sizeof *status->peers);
    for (uint32_t i = 1; i <= count && status->peers != NULL; i++) {
        const core_peer *peer = core_peer_numbered(d->core, i);
        const bus_session *session = bus_sessions_by_peer(d->sessions, i);
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
        p->last_heard_ms = daemon_last_heard_ms(d, i);
        if (session != NULL) p->software = (char *)(uintptr_t)session->software;
        status->peers[status->n_peers++] = p;
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

static void put_alarms(const daemon_shell *d, Mash__V1__Status *status, hub_arena *arena)
{
    const char *const TEXTS[] = {
        "the journal takes no records: events are answered RETRY_LATER; the hub's log names the cause, a full disk most often",
        "the system clock and hub time differ by 2 s or more; check the clock (chronyc tracking); hub time follows it when it "
        "has "
        "been synchronised for a minute, or by: mashctl clocks accept",
        "timers are held: the clock was odd at start; check it; when it is right: mashctl clocks accept",
        "no policy is adopted: events are answered RETRY_LATER; run: mashctl policy adopt",
        "the journal does not answer: see to its server; the hub goes on by itself when it is there again",
        "a restore was accepted and is being prepared: events are answered RETRY_LATER (deploy/RUNBOOK.md, \"Restore\")",
        "the store was put back from a backup within the last seven days: see deploy/RUNBOOK.md, \"Restore\"",
        daemon_audit_trouble(d),
    };
    const bool ON[] = {d->full, d->clock.stepped, d->clock.holds_timers,        core_policy_now(d->core) == NULL,
                       d->away, d->preparing,     d->restored && !d->preparing, daemon_audit_trouble(d) != NULL};
    _Static_assert(sizeof ON / sizeof ON[0] == sizeof TEXTS / sizeof TEXTS[0], "a text for each");
    status->alarms = hub_arena_take(arena, sizeof TEXTS);
    for (size_t i = 0; i < sizeof ON / sizeof ON[0] && status->alarms != NULL; i++) {
        if (ON[i]) status->alarms[status->n_alarms++] = (char *)(uintptr_t)TEXTS[i];
    }
}

static void put_counts(daemon_shell *d, Mash__V1__Status *status)
{
    core_counts counts = core_count(d->core);
    status->partnership = (char *)(uintptr_t)core_partnership(d->core);
    status->epoch = core_epoch(d->core);
    status->hub_time_ms = daemon_now_ms(d);
    status->started_ms = d->started_ms;
    status->events_accepted = counts.events_accepted;
    status->events_refused = counts.events_refused;
    status->events_duplicate = d->duplicates;
    status->alerts_open = counts.alerts_open;
    status->clocks_running = counts.clocks_running;
    status->clocks_lapsed = counts.clocks_lapsed;
    status->next_due_ms = counts.next_due_ms;
    status->journal_room_bytes = daemon_journal_thread_room(d->journal);
    status->journal = (char *)(uintptr_t)d->backend;
    status->state_digest = core_digest(d->core);
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
    put_counts(d, &status);
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
    }
    if (wanted->peers) put_peers(d, &status, arena);
    if (wanted->queues) put_queues(d, &status, arena);
    put_alarms(d, &status, arena);
    Mash__V1__HubFrame frame = MASH__V1__HUB_FRAME__INIT;
    frame.request = request;
    frame.body_case = MASH__V1__HUB_FRAME__BODY_STATUS;
    frame.status = &status;
    daemon_send_frame(d, session, &frame); /* also while the disk is full: it tells what is durable, and counts */
}
