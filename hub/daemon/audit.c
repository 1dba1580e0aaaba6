#include "daemon/audit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bus/frames.h"
#include "host/log.h"

enum {
    RETRY_MS = 1000,
    SHOWN_MAX = DAEMON_READ_RECORDS_MAX,
    REFS_MAX = CORE_REFS_MAX + 2, /* of one audit record: a record that was shown, what was searched for, the flag */
};
static const char FULL[] =
    "the audit store takes no records: nobody is answered about people until it does; the hub's log names the cause";
static const char AWAY[] = "the audit store does not answer: nobody is answered about people until it does; see to its server";
static const char GONE[] =
    "the audit store cannot be used: nobody is answered about people until it is put right and the hub started again";
static const char PURPOSE[] =
    "say for what purpose: safeguarding decision, strategy discussion, supervision, audit, subject access, "
    "practice review, complaint, operations, or other with a reason";

struct daemon_audit {
    daemon_audit_store store;
    daemon_journal_thread *thread;
    daemon_read_thread *reader;
    daemon_batch batches[2];
    daemon_batch *open, *writing; /* writing: NULL = idle */
    uint64_t next, durable;       /* sequences */
    bool full, away, gone;
    uv_timer_t retry;
    /* the read being put together */
    daemon_reading reading;
    uint64_t shown[SHOWN_MAX];
    uint32_t shown_count;
    uint64_t refs[REFS_MAX];
    uint32_t ref_count;
    core_own own;      /* what is known of who asks */
    bool is_own;       /* it concerns them */
    hub_status failed; /* of a part that is in the batch already */
    hub_buffer frame;
};

/* ---- may it be asked --------------------------------------------------------------------------------------------------------- */
typedef struct refusal {
    Mash__V1__FaultCode code;
    const char *field, *text; /* text NULL: it may be asked */
} refusal;

/* false: the asker has been told. */
static bool passes(daemon_shell *d, bus_session *session, uint64_t request, const char *question, refusal no)
{
    char path[48];
    if (no.text == NULL) return true;
    (void)snprintf(path, sizeof path, "%s.%s", question, no.field);
    daemon_fault(d, session, request, no.code, path, no.text);
    return false;
}

static refusal no_purpose(const daemon_stated *stated)
{
    bool is_known = protobuf_c_enum_descriptor_get_value(&mash__v1__purpose__descriptor, (int)stated->purpose) != NULL;
    if (stated->purpose == MASH__V1__PURPOSE__PURPOSE_UNSPECIFIED || !is_known)
        return (refusal){MASH__V1__FAULT_CODE__FAULT_MALFORMED, "purpose", PURPOSE};
    if (stated->purpose == MASH__V1__PURPOSE__PURPOSE_OTHER && stated->reason[0] == '\0')
        return (refusal){MASH__V1__FAULT_CODE__FAULT_MALFORMED, "reason", "another purpose needs a reason in words"};
    if (strlen(stated->reason) > DAEMON_REASON_MAX)
        return (refusal){MASH__V1__FAULT_CODE__FAULT_MALFORMED, "reason", "at most 1,000 bytes"};
    return (refusal){0};
}

void daemon_reading_ask_purpose(daemon_shell *d, bus_session *session, uint64_t request, const char *question)
{
    const daemon_stated nothing = {.purpose = MASH__V1__PURPOSE__PURPOSE_UNSPECIFIED};
    (void)passes(d, session, request, question, no_purpose(&nothing));
}

bool daemon_reader_of(daemon_shell *d, bus_session *session, uint64_t request, const char *question, const char *on_behalf_of,
                      uint32_t *staff)
{
    bool is_gateway = core_peer_numbered(d->core, session->peer)->kind == MASH__V1__PEER_KIND__PEER_KIND_GATEWAY;
    refusal no = {.code = MASH__V1__FAULT_CODE__FAULT_NOT_ALLOWED, .field = "on_behalf_of"};
    *staff = is_gateway ? core_staff_for(d->core, session->peer, on_behalf_of, daemon_now_ms(d)) : 0;
    if (is_gateway && *staff == 0) {
        no.text = "nobody of this id is on the roster today in a team that this key may act for";
    } else if (!is_gateway && on_behalf_of[0] != '\0') {
        no.text = "only a gateway's key asks for people; leave it empty";
    }
    return passes(d, session, request, question, no);
}

bool daemon_reading_of(daemon_shell *d, bus_session *session, uint64_t request, const daemon_stated *stated, daemon_reading *out)
{
    if (!passes(d, session, request, stated->question, no_purpose(stated)) ||
        !daemon_reader_of(d, session, request, stated->question, stated->on_behalf_of, &out->staff)) {
        return false;
    }
    const char *trouble = daemon_audit_trouble(d);
    if (trouble != NULL) { /* U3: before the journal is read for nothing */
        daemon_fault(d, session, request, MASH__V1__FAULT_CODE__FAULT_BUSY, "", trouble);
        return false;
    }
    out->is_audited = true;
    out->peer = session->peer;
    out->purpose = stated->purpose;
    (void)snprintf(out->reason, sizeof out->reason, "%s", stated->reason);
    return true;
}

/* For what the hub itself has named, the name; otherwise the kind alone, "nhs". Digits that name nothing are not kept: they may be
 * somebody's number (U2). */
void daemon_reading_name_key(daemon_shell *d, const char *key, daemon_reading *out)
{
    static const struct {
        const char *kind, *letter;
    } NAMED[] = {{"event:", ""}, {"alert:", "A"}, {"disagreement:", "D"}, {"request:", "R"}, {"feedback:", "F"}};
    const char *colon = strchr(key, ':');
    if (colon == NULL) daemon_reading_name_id(d, key, out);
    for (size_t i = 0; i < sizeof NAMED / sizeof NAMED[0]; i++) {
        char id[48];
        if (strncmp(key, NAMED[i].kind, strlen(NAMED[i].kind)) != 0) continue;
        bool is_bare = colon[1] >= '0' && colon[1] <= '9'; /* "alert:17" is A17, not record 17 */
        (void)snprintf(id, sizeof id, "%s%.44s", is_bare ? NAMED[i].letter : "", colon + 1);
        daemon_reading_name_id(d, id, out);
    }
    if (out->item[0] == '\0' && colon != NULL && colon - key < 16)
        (void)snprintf(out->item, sizeof out->item, "%.*s", (int)(colon - key), key);
}

void daemon_reading_name_id(daemon_shell *d, const char *id, daemon_reading *out)
{
    enum { DIGITS_MAX = 9 };
    hub_id event;
    char key[64];
    hub_error err;
    char letter = id[0] >= 'a' && id[0] <= 'z' ? (char)(id[0] - 'a' + 'A') : id[0];
    bool is_item = letter != '\0' && strchr("ADRF", letter) != NULL;
    const char *digits = is_item ? id + 1 : id;
    if (hub_id_parse(id, &event)) {
        hub_hex(event.bytes, HUB_ID_BYTES, out->item);
        (void)snprintf(key, sizeof key, "event:%s", out->item);
    } else if (digits[0] == '\0' || strlen(digits) > DIGITS_MAX || strspn(digits, "0123456789") != strlen(digits)) {
        return;
    } else if (is_item) {
        (void)snprintf(out->item, sizeof out->item, "%c%s", letter, digits);
        (void)snprintf(key, sizeof key, "%s", out->item);
    } else {
        bool is_record = strtoull(digits, NULL, 10) <= d->durable;
        if (is_record) (void)snprintf(out->item, sizeof out->item, "%s", digits);
        return;
    }
    (void)core_query_ref(d->core, key, &out->key, &err);
}

const char *daemon_audit_trouble(const daemon_shell *d)
{
    const daemon_audit *a = d->audit;
    if (a == NULL || a->gone) return GONE;
    return a->full ? FULL : a->away ? AWAY : NULL;
}

/* ---- writing ----------------------------------------------------------------------------------------------------------------- */
static void commit(daemon_audit *a)
{
    if (a->writing != NULL || a->full || a->gone || a->open->count == 0) return;
    a->writing = a->open;
    a->open = a->open == &a->batches[0] ? &a->batches[1] : &a->batches[0];
    HUB_ASSERT(daemon_batch_is_empty(a->open));
    daemon_journal_thread_append(a->thread, a->writing);
}

static hub_status put(daemon_audit *a, uint32_t peer, int64_t time_ms, Mash__V1__Fact *fact, Mash__V1__Personal *personal)
{
    Mash__V1__Control control = MASH__V1__CONTROL__INIT;
    control.format = CORE_FORMAT;
    control.facts = &fact;
    control.n_facts = 1;
    if (fact->body_case == MASH__V1__FACT__BODY_HUB_STARTED) control.written_by = (char *)(uintptr_t)MASHHUB_VERSION;
    core_record record = {.sequence = a->next, .time_ms = time_ms, .peer = peer, .control = &control, .personal = personal};
    hub_status status = daemon_batch_put(a->open, &record, &(hub_id){{0}}, a->refs, a->ref_count, 0);
    if (status == HUB_OK) a->next++;
    return status;
}

/* U4 */
static void begin_term(daemon_shell *d)
{
    daemon_audit *a = d->audit;
    Mash__V1__HubStarted body = MASH__V1__HUB_STARTED__INIT;
    body.epoch = a->store.end.epoch + 1;
    body.format = CORE_FORMAT;
    Mash__V1__Fact fact = MASH__V1__FACT__INIT;
    fact.kind = fact.body_case = MASH__V1__FACT__BODY_HUB_STARTED;
    fact.hub_started = &body;
    hub_status status = put(a, 0, daemon_now_ms(d), &fact, NULL);
    HUB_ASSERT(status == HUB_OK);
    commit(a);
}

/* Tells everybody whose answer waits that it will not come. What the records say was shown stays said (U1). */
static void refuse_waiting(daemon_shell *d, daemon_batch *batch)
{
    for (uint32_t i = 0; i < batch->frame_count; i++) {
        bus_session *session = bus_sessions_by_ref(d->sessions, batch->frames[i].session);
        if (session == NULL) continue;
        daemon_fault(d, session, batch->frames[i].request, MASH__V1__FAULT_CODE__FAULT_BUSY, "", daemon_audit_trouble(d));
    }
    batch->frame_count = 0;
    hub_buffer_clear(&batch->frame_bytes);
}

static void stop_answering(daemon_shell *d, const char *what, const char *cause)
{
    daemon_audit *a = d->audit;
    host_log(HOST_LOG_ERROR, what, "store", d->config->audit, "cause", cause, "do",
             "deploy/RUNBOOK.md, \"The audit stream\"; events and acts go on meanwhile", NULL);
    if (a->writing != NULL) refuse_waiting(d, a->writing);
    refuse_waiting(d, a->open);
    if (a->open->count > 0) { /* never given to the journal: nothing of it was shown, and the numbers are free again */
        a->next -= a->open->count;
        daemon_batch_clear(a->open);
    }
}

static void on_retry(uv_timer_t *timer)
{
    daemon_audit *a = timer->data;
    if (a->writing != NULL) daemon_journal_thread_append(a->thread, a->writing);
}

static void release(daemon_shell *d, daemon_batch *batch)
{
    daemon_audit *a = d->audit;
    a->durable = batch->drafts[batch->count - 1].sequence;
    a->writing = NULL;
    for (uint32_t i = 0; i < batch->frame_count; i++) {
        const daemon_held_frame *held = &batch->frames[i];
        bus_session *session = bus_sessions_by_ref(d->sessions, held->session);
        hub_bytes bytes = hub_bytes_of(batch->frame_bytes.data + held->offset, held->size);
        if (session != NULL && !daemon_state_of(session)->doomed) daemon_answer_packed(d, session, held->request, bytes); /* H1 */
    }
    daemon_batch_clear(batch);
}

static void on_written(void *context, daemon_batch *batch)
{
    daemon_shell *d = context;
    daemon_audit *a = d->audit;
    HUB_ASSERT(batch == a->writing);
    switch (batch->outcome) {
    case JOURNAL_DURABLE:
        if (a->full) host_log(HOST_LOG_WARNING, "the audit store takes records again", "store", d->config->audit, NULL);
        a->full = false;
        release(d, batch);
        commit(a);
        break;
    case JOURNAL_FULL: /* offered again as it is: its keys and nonces were used for these bytes */
        if (!a->full) {
            a->full = true;
            stop_answering(d, "the audit store takes no records: nobody is answered about people until it does", batch->err.text);
        }
        (void)uv_timer_start(&a->retry, on_retry, RETRY_MS, 0);
        break;
    case JOURNAL_UNKNOWN: /* it stays in `writing`: nothing may be written after it */
        a->gone = true;
        stop_answering(d, "the audit store does not know whether the last reads are stored: start the hub again",
                       batch->err.text);
        break;
    }
    daemon_turn_end(d);
}

static void on_looked(void *context, hub_status found, const hub_error *err)
{
    daemon_shell *d = context;
    daemon_audit *a = d->audit;
    bool was_away = a->away;
    a->away = found == HUB_ERR_IO || found == HUB_ERR_AGAIN;
    if (a->away && !was_away) stop_answering(d, "the audit store does not answer", err->text);
    if (found == HUB_OK && was_away) host_log(HOST_LOG_WARNING, "the audit store answers again", "store", d->config->audit, NULL);
    if (found == HUB_OK || a->away || a->gone) return;
    a->gone = true;
    stop_answering(d, "the audit store is no longer the one that this hub writes to", err->text);
}

/* ---- one read ---------------------------------------------------------------------------------------------------------------- */
static void add_ref(daemon_audit *a, uint64_t ref)
{
    for (uint32_t i = 0; i < a->ref_count; i++) {
        if (a->refs[i] == ref) return;
    }
    HUB_ASSERT(a->ref_count < REFS_MAX);
    a->refs[a->ref_count++] = ref;
}

static void begin_part(daemon_audit *a)
{
    a->shown_count = a->ref_count = 0;
    if (a->reading.key != 0) add_ref(a, a->reading.key);
}

static core_own own_of(const daemon_shell *d, uint32_t staff)
{
    const core_policy *policy = core_policy_now(d->core);
    const core_staff_row *row = policy == NULL || staff == 0 ? NULL : core_policy_staff_ever(policy, staff);
    return row == NULL ? (core_own){0} : daemon_own_of(d->config->own, row->id);
}

void daemon_audit_begin(daemon_shell *d, const daemon_reading *reading)
{
    daemon_audit *a = d->audit;
    if (!reading->is_audited || a == NULL) return;
    a->reading = *reading;
    a->failed = HUB_OK;
    a->own = own_of(d, reading->staff);
    a->is_own = reading->says_own || core_own_is_sought(d->core, &a->own, reading->key);
    begin_part(a);
}

bool daemon_audit_is_own(const daemon_shell *d, const daemon_reading *reading)
{
    return reading->is_audited && d->audit != NULL && d->audit->is_own;
}

static hub_status put_part(daemon_shell *d)
{
    daemon_audit *a = d->audit;
    Mash__V1__Audited body = MASH__V1__AUDITED__INIT;
    body.read = a->reading.read;
    body.purpose = a->reading.purpose;
    body.staff = a->reading.staff;
    body.item = a->reading.item;
    body.key = a->reading.key;
    body.sequences = a->shown;
    body.n_sequences = a->shown_count;
    body.own = a->is_own;
    if (a->is_own) add_ref(a, core_flagged_ref(d->core));
    Mash__V1__Fact fact = MASH__V1__FACT__INIT;
    fact.kind = fact.body_case = MASH__V1__FACT__BODY_AUDITED;
    fact.audited = &body;
    Mash__V1__Personal personal = MASH__V1__PERSONAL__INIT;
    personal.reason = a->reading.reason;
    return put(a, a->reading.peer, daemon_now_ms(d), &fact, a->reading.reason[0] == '\0' ? NULL : &personal);
}

void daemon_audit_shown(daemon_shell *d, const daemon_reading *reading, const core_record *record)
{
    daemon_audit *a = d->audit;
    uint64_t refs[CORE_REFS_MAX];
    if (!reading->is_audited || daemon_audit_trouble(d) != NULL) return;
    uint32_t count = core_record_refs(d->core, record, refs);
    if (a->shown_count == SHOWN_MAX || a->ref_count + count + 1 > REFS_MAX) {
        if (a->failed == HUB_OK) a->failed = put_part(d);
        begin_part(a);
    }
    bool is_anything = a->own.key_count > 0 || a->own.uprn_count > 0;
    if (is_anything && !a->is_own) a->is_own = core_record_is_own(d->core, record, &a->own);
    a->shown[a->shown_count++] = record->sequence;
    for (uint32_t i = 0; i < count; i++)
        add_ref(a, refs[i]);
}

/* U1 */
static void answer_audited(daemon_shell *d, bus_session *session, const Mash__V1__HubFrame *frame)
{
    daemon_audit *a = d->audit;
    const char *trouble = daemon_audit_trouble(d);
    if (trouble == NULL) {
        hub_buffer_clear(&a->frame);
        if (a->failed == HUB_OK) a->failed = put_part(d);
        if (a->failed == HUB_OK) a->failed = bus_frame_pack_hub(frame, &a->frame);
        if (a->failed == HUB_OK)
            a->failed = daemon_batch_hold_frame(a->open, session->ref, frame->request, hub_buffer_bytes(&a->frame));
        if (a->failed != HUB_OK) trouble = "too many reads wait for the audit store already; ask again in a while";
    }
    if (trouble != NULL) daemon_fault(d, session, frame->request, MASH__V1__FAULT_CODE__FAULT_BUSY, "", trouble);
    if (a != NULL) commit(a);
}

void daemon_audit_answer(daemon_shell *d, bus_session *session, const daemon_reading *reading, const Mash__V1__HubFrame *frame)
{
    if (reading->is_audited) {
        answer_audited(d, session, frame);
    } else {
        daemon_answer(d, session, frame);
    }
}

/* ---- a term ------------------------------------------------------------------------------------------------------------------ */
static hub_status open_threads(daemon_shell *d, hub_error *err)
{
    daemon_audit *a = d->audit;
    hub_status status = daemon_audit_store_open(d, &a->store, err);
    if (status == HUB_OK)
        status = daemon_journal_thread_start(&d->loop, a->store.j, a->store.writer, on_written, on_looked, d, &a->thread);
    if (status == HUB_OK) {
        status =
            daemon_read_thread_start(&d->loop, d->config->audit, d->config->partnership, d->keys->master_path, &a->reader, err);
    }
    return status;
}

hub_status daemon_audit_start(daemon_shell *d)
{
    daemon_audit *a = d->audit = calloc(1, sizeof *a);
    if (a == NULL) return HUB_ERR_MEMORY;
    (void)uv_timer_init(&d->loop, &a->retry);
    a->retry.data = a;
    a->open = &a->batches[0];
    for (int i = 0; i < 2; i++) {
        if (daemon_batch_open(&a->batches[i]) != HUB_OK) return HUB_ERR_MEMORY;
    }
    hub_error err = {{0}};
    if (open_threads(d, &err) != HUB_OK) {
        a->gone = true;
        host_log(HOST_LOG_ERROR, "the audit store cannot be opened: nobody is answered about people", "cause", err.text, "do",
                 "put it right and start the hub again; events and acts go on meanwhile", NULL);
        return HUB_OK;
    }
    a->durable = a->store.end.last_sequence;
    a->next = a->durable + 1;
    begin_term(d);
    return HUB_OK;
}

void daemon_audit_stop(daemon_shell *d)
{
    if (d->audit == NULL) return;
    daemon_journal_thread_stop(d->audit->thread);
    daemon_read_thread_stop(d->audit->reader);
    uv_close((uv_handle_t *)&d->audit->retry, NULL);
}

void daemon_audit_free(daemon_shell *d)
{
    if (d->audit == NULL) return;
    daemon_audit_store_close(&d->audit->store);
    for (int i = 0; i < 2; i++)
        daemon_batch_close(&d->audit->batches[i]);
    hub_buffer_free(&d->audit->frame);
    free(d->audit);
}

daemon_read_thread *daemon_audit_reader(const daemon_shell *d)
{
    return d->audit->reader;
}

uint64_t daemon_audit_durable(const daemon_shell *d)
{
    return d->audit->durable;
}
