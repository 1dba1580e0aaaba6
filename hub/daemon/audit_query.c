/* Who looked: the audit stream asked by an operator or auditor. Its records come from a read thread on its own store. */
#include "daemon/audit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/log.h"
#include "journal/record.h"

enum { LIMIT_DEFAULT = 50, ID_BYTES = 64 };

/* Who was it for? The roster of today still has everybody, with the days on which they were there. */
static char *person(daemon_shell *d, uint32_t staff)
{
    const core_policy *policy = core_policy_now(d->core);
    if (staff == 0) return (char *)(uintptr_t) "";
    const core_staff_row *row = policy == NULL ? NULL : core_policy_staff_ever(policy, staff);
    if (row != NULL) return (char *)(uintptr_t)row->id;
    char *text = hub_arena_take(&d->answer_arena, ID_BYTES);
    if (text != NULL) (void)snprintf(text, ID_BYTES, "number %u", staff);
    return text;
}

/* NULL: the record is none of a read, or (exhausted arena) there is no room. It points into the answer's arena. */
static Mash__V1__AuditRecord *record_of(daemon_shell *d, const daemon_read_job *job, uint32_t index)
{
    const daemon_read_record *stored = &job->records[index];
    journal_opened opened;
    hub_error err;
    if (stored->size == 0) return NULL;
    hub_bytes bytes = hub_bytes_of(job->bytes.data + stored->offset, stored->size);
    if (journal_record_open(bytes, stored->key, &d->answer_arena, &opened, &err) != HUB_OK) {
        if (!d->answer_arena.exhausted) host_log(HOST_LOG_ERROR, "an audit record cannot be opened", "cause", err.text, NULL);
        return NULL;
    }
    const Mash__V1__Fact *fact = opened.control->n_facts == 1 ? opened.control->facts[0] : NULL;
    const core_peer *peer = core_peer_numbered(d->core, opened.record->origin->peer);
    if (fact == NULL || fact->body_case != MASH__V1__FACT__BODY_AUDITED || peer == NULL) return NULL;
    Mash__V1__AuditRecord *out = hub_arena_take(&d->answer_arena, sizeof *out);
    if (out == NULL) return NULL;
    mash__v1__audit_record__init(out);
    out->sequence = opened.record->sequence;
    out->time_ms = opened.record->time_ms;
    out->peer = (char *)(uintptr_t)peer->name;
    out->on_behalf_of = person(d, fact->audited->staff);
    out->read = fact->audited->read;
    out->purpose = fact->audited->purpose;
    out->item = fact->audited->item;
    out->own = fact->audited->own;
    out->sequences = fact->audited->sequences;
    out->n_sequences = fact->audited->n_sequences;
    if (opened.personal != NULL) out->reason = opened.personal->reason;
    return out->on_behalf_of == NULL ? NULL : out;
}

static void on_read(void *context, daemon_read_job *job)
{
    daemon_shell *d = context;
    bus_session *session = daemon_question_end(d, job);
    if (session == NULL) return;
    if (job->status != HUB_OK) {
        host_log(HOST_LOG_ERROR, "the audit stream could not be read", "cause", job->err.text, NULL);
        daemon_fault(d, session, job->request, MASH__V1__FAULT_CODE__FAULT_BUSY, "",
                     "the hub cannot read its audit stream at the moment; ask again");
        return;
    }
    daemon_reading *reading = job->extra;
    Mash__V1__AuditRecord *items[DAEMON_READ_RECORDS_MAX];
    Mash__V1__AuditRecords body = MASH__V1__AUDIT_RECORDS__INIT;
    body.items = items;
    hub_arena_reset(&d->answer_arena);
    uint32_t i = 0;
    for (; i < job->count; i++) {
        Mash__V1__AuditRecord *item = record_of(d, job, i);
        if (d->answer_arena.exhausted) break; /* it is asked for again */
        if (item != NULL && (item->own || !reading->only_own)) items[body.n_items++] = item;
    }
    if (i == 0 && job->count > 0) {
        daemon_fault(d, session, job->request, MASH__V1__FAULT_CODE__FAULT_BUSY, "",
                     "the hub has no memory for this now; ask again");
        return;
    }
    bool more = i < job->count || job->more || (!job->is_lookup && i > 0 && job->records[i - 1].sequence > 1);
    if (more && i > 0) body.next_before = job->records[i - 1].sequence;
    Mash__V1__HubFrame frame = MASH__V1__HUB_FRAME__INIT;
    frame.request = job->request;
    frame.body_case = MASH__V1__HUB_FRAME__BODY_AUDIT_RECORDS;
    frame.audit_records = &body;
    daemon_audit_begin(d, reading);
    daemon_audit_answer(d, session, reading, &frame);
}

/* The key, and with it a purpose: then this is a read of its own. false: told why not. */
static bool about(daemon_shell *d, bus_session *session, uint64_t request, const Mash__V1__AuditQuery *query, daemon_reading *out)
{
    const daemon_stated stated = {.question = "audit", .purpose = query->purpose, .on_behalf_of = "", .reason = query->reason};
    hub_error err;
    if (query->key[0] == '\0') return true;
    out->read = MASH__V1__READ_KIND__READ_KIND_AUDIT;
    if (core_query_ref(d->core, query->key, &out->key, &err) != HUB_OK) {
        daemon_fault(d, session, request, MASH__V1__FAULT_CODE__FAULT_MALFORMED, "audit.key", err.text);
        return false;
    }
    daemon_reading_name_key(d, query->key, out);
    return daemon_reading_of(d, session, request, &stated, out);
}

void daemon_audit_query(daemon_shell *d, bus_session *session, uint64_t request, const Mash__V1__AuditQuery *query)
{
    const core_peer *peer = core_peer_numbered(d->core, session->peer);
    daemon_reading reading = {0};
    if (peer->kind != MASH__V1__PEER_KIND__PEER_KIND_OPERATOR && peer->kind != MASH__V1__PEER_KIND__PEER_KIND_AUDITOR) {
        daemon_fault(d, session, request, MASH__V1__FAULT_CODE__FAULT_NOT_ALLOWED, "audit",
                     "who looked is told to operators and auditors");
        return;
    }
    if (daemon_audit_reader(d) == NULL) {
        daemon_fault(d, session, request, MASH__V1__FAULT_CODE__FAULT_BUSY, "", daemon_audit_trouble(d));
        return;
    }
    if (!about(d, session, request, query, &reading)) return;
    reading.only_own = query->flagged;
    daemon_read_job *job = daemon_question_new(d, session, request, on_read, &reading, sizeof reading);
    if (job == NULL) return;
    job->is_lookup = reading.key != 0 || query->flagged;
    job->ref = reading.key != 0 ? reading.key : core_flagged_ref(d->core);
    job->from = query->before_sequence;
    uint32_t limit = query->limit == 0 ? LIMIT_DEFAULT : query->limit;
    if (limit > DAEMON_READ_RECORDS_MAX) limit = DAEMON_READ_RECORDS_MAX;
    uint64_t at = daemon_audit_durable(d);
    if (query->before_sequence != 0 && query->before_sequence <= at) at = query->before_sequence - 1;
    for (; !job->is_lookup && at > 0 && job->count < limit; at--)
        job->records[job->count++].sequence = at;
    daemon_read_thread_ask(daemon_audit_reader(d), job);
}
