/* requests.c - questions about what is stored: find, explain. Records come from the read thread; a view (core/sharing.h) of each
 * says what the asker may be told; answers leave when the state they were made from is durable (H1). */
#include "daemon/audit.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/describe.h"
#include "event/wire.h"
#include "fold/replay.h"
#include "host/log.h"
#include "journal/record.h"

enum {
    FIND_DEFAULT = 50,
    EXPLAIN_LINES = 20000,
    FOUND_PEOPLE_MAX = 1024, /* of one answer: four to a record */
    NAME_PAGES_MAX =
        64, /* of a name or birthday: half the town may bear it, and the loop opens every record to see who is meant */
};

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

hub_status daemon_job_view(daemon_shell *d, const daemon_read_job *job, uint32_t index, uint32_t reader, uint32_t staff,
                           core_record *record, core_view *view)
{
    hub_digest hash;
    hub_arena_reset(&d->record_arena);
    hub_status status = daemon_job_record(job, index, &d->record_arena, record, &hash);
    if (status == HUB_ERR_MEMORY) return status;
    if (status != HUB_OK) return HUB_ERR_NOT_FOUND;
    *view = core_view_of_staff(d->core, reader, staff, daemon_now_ms(d), record);
    return view->sight == CORE_SIGHT_NONE ? HUB_ERR_NOT_FOUND : HUB_OK;
}

daemon_read_job *daemon_question_new(daemon_shell *d, bus_session *session, uint64_t request,
                                     void (*done)(void *context, daemon_read_job *job), const void *extra, size_t extra_bytes)
{
    daemon_peer_state *state = daemon_state_of(session);
    if (state->questions >= DAEMON_QUESTIONS_MAX) {
        daemon_fault(d, session, request, MASH__V1__FAULT_CODE__FAULT_BUSY, "",
                     "too many questions are under way; ask again when some are answered");
        return NULL;
    }
    void *kept = extra == NULL ? NULL : malloc(extra_bytes);
    daemon_read_job *job = extra != NULL && kept == NULL ? NULL : daemon_read_job_new(done, d);
    if (job == NULL) {
        free(kept);
        daemon_say_no_room(d, session, request);
        return NULL;
    }
    if (kept != NULL) memcpy(kept, extra, extra_bytes);
    job->extra = kept;
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

bus_session *daemon_asker(daemon_shell *d, const daemon_read_job *job)
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

void daemon_say_no_room(daemon_shell *d, bus_session *session, uint64_t request)
{
    daemon_fault(d, session, request, MASH__V1__FAULT_CODE__FAULT_BUSY, "", "the hub has no memory for this now; ask again");
}

/* A record of the job as this asker may read it in answer to this question, which may be for one case alone: HUB_OK; HUB_ERR_NOT_FOUND: not at
 * all; HUB_ERR_MEMORY. */
static hub_status read_for(daemon_shell *d, const bus_session *session, const daemon_read_job *job, uint32_t index,
                           const daemon_reading *reading, core_record *record, core_view *view)
{
    hub_status status = daemon_job_view(d, job, index, session->peer, reading->staff, record, view);
    if (status != HUB_OK || reading->sought.count == 0) return status;
    view->person = reading->sought.person;
    return core_view_finds(view, &reading->sought) ? HUB_OK : HUB_ERR_NOT_FOUND;
}

/* ---- finding ----------------------------------------------------------------------------------------------------------------- */
/* Hidden records must not show by their number: first the readable ones are found, page by page of the index, and only they are counted
 * against the limit (one more than the limit tells that there are more). Then they are told: a line each, the newest first, or explained,
 * the oldest first. */
typedef struct finding {
    daemon_reading reading;
    core_case under; /* what is looked for */
    uint64_t alert;  /* explain only what concerns it; 0 = everything */
    uint32_t limit, count, pages;
    bool has_people;                             /* asked for beside the records */
    uint64_t found[DAEMON_READ_RECORDS_MAX + 1]; /* readable, in the order in which they are told; limit + 1 at most */
} finding;

static void ask_page(daemon_shell *d, bus_session *session, uint64_t request, const finding *so_far, uint64_t from);

static bool is_explaining(const finding *f)
{
    return f->reading.read == MASH__V1__READ_KIND__READ_KIND_EXPLAIN;
}

static bool is_found(const finding *f, uint64_t sequence)
{
    for (uint32_t i = 0; i < f->count && i < f->limit; i++) {
        if (f->found[i] == sequence) return true;
    }
    return false;
}

/* A job for the next step of a finding; NULL: it could not be made, and the asker has been told. */
static daemon_read_job *next_step(daemon_shell *d, bus_session *session, uint64_t request, const finding *f,
                                  void (*done)(void *context, daemon_read_job *job))
{
    daemon_read_job *job = daemon_question_new(d, session, request, done, f, sizeof *f);
    if (job != NULL) job->alert = f->alert;
    return job;
}

/* ---- find -------------------------------------------------------------------------------------------------------------------- */
static Mash__V1__FoundPerson *shown_person(const core_view *view, size_t index, hub_arena *arena)
{
    const Mash__V1__Subject *subject = view->record->event->subjects[index];
    Mash__V1__FoundPerson *person = hub_arena_take(arena, sizeof *person);
    if (person == NULL) return NULL;
    uint64_t roles = event_subject_roles(subject);
    core_known known;
    mash__v1__found_person__init(person);
    person->sequence = view->record->sequence;
    if (core_view_has(view, roles, EVENT_FIELD_SUBJECTS_FAMILY_NAME)) person->family_name = subject->family_name;
    if (core_view_has(view, roles, EVENT_FIELD_SUBJECTS_DATE_OF_BIRTH_DAY)) person->date_of_birth = subject->date_of_birth;
    if (core_view_has(view, roles, EVENT_FIELD_SUBJECTS_GIVEN_NAMES)) {
        person->n_given_names = subject->n_given_names;
        person->given_names = subject->given_names;
    }
    if (core_view_has(view, roles, EVENT_FIELD_SUBJECTS_ROLES)) {
        person->n_roles = subject->n_roles;
        person->roles = subject->roles;
    }
    if (core_view_known(view, index, &known)) {
        person->subject = known.subject;
        person->person = known.person;
        person->joined = known.joined;
        person->known_by = known.known_by;
    }
    return person;
}

/* Whom this record names as was asked for, so that a person can choose among them: packed away, because the record goes with its arena. Who sees the
 * control part alone is shown nobody. false: there is no room. */
static bool add_people(daemon_shell *d, const core_view *view, const finding *f, Mash__V1__FoundRecords *found)
{
    const Mash__V1__Event *event = view->record->event;
    bool is_sought = core_case_is_named(&f->under);
    bool is_asked = (is_sought || f->has_people) && view->sight == CORE_SIGHT_SHARED && event != NULL;
    for (size_t i = 0; is_asked && i < event->n_subjects && found->n_people < FOUND_PEOPLE_MAX; i++) {
        bool is_told = is_sought ? core_view_finds_subject(view, &f->under, i)
                                 : core_view_subject(view, i) &&
                                       core_view_has(view, event_subject_roles(event->subjects[i]), EVENT_FIELD_SUBJECTS);
        if (!is_told) continue;
        const Mash__V1__FoundPerson *person = shown_person(view, i, &d->record_arena);
        hub_buffer packed = {0};
        event_wire_fault fault;
        ProtobufCMessage *kept = NULL;
        bool is_kept = person != NULL && event_wire_pack(&person->base, &packed) == HUB_OK;
        uint8_t *bytes = is_kept ? hub_arena_copy(&d->answer_arena, packed.data, packed.size) : NULL;
        is_kept = bytes != NULL && event_wire_unpack(&mash__v1__found_person__descriptor, hub_bytes_of(bytes, packed.size),
                                                     &d->answer_arena, &kept, &fault) == HUB_OK;
        hub_buffer_free(&packed);
        if (!is_kept) return false;
        found->people[found->n_people++] = (Mash__V1__FoundPerson *)kept;
    }
    return true;
}

/* The job holds every record that was found. */
static void say_found(daemon_shell *d, bus_session *session, const daemon_read_job *job, const finding *f)
{
    hub_arena_reset(&d->answer_arena);
    Mash__V1__TailItem *items[DAEMON_READ_RECORDS_MAX];
    Mash__V1__FoundPerson *people[FOUND_PEOPLE_MAX];
    Mash__V1__FoundRecords found = MASH__V1__FOUND_RECORDS__INIT;
    found.items = items;
    found.people = people;
    if (core_case_is_named(&f->under)) found.looked_through = NAME_PAGES_MAX * DAEMON_READ_RECORDS_MAX;
    found.more = f->count > f->limit;
    daemon_audit_begin(d, &f->reading);
    for (uint32_t i = 0; i < job->count; i++) {
        core_record record;
        core_view view;
        if (!is_found(f, job->records[i].sequence)) continue;
        hub_status status = read_for(d, session, job, i, &f->reading, &record, &view);
        if (status == HUB_ERR_NOT_FOUND) continue;
        items[found.n_items] = status == HUB_OK ? core_describe(&view, &d->answer_arena) : NULL;
        if (items[found.n_items] == NULL || !add_people(d, &view, f, &found))
            break; /* what is there is said; the rest can be asked for */
        daemon_audit_shown(d, &f->reading, &record);
        found.n_items++;
    }
    if (found.n_items < f->count && found.n_items < f->limit) found.more = true;
    found.is_case = f->reading.sought.person != 0 && found.n_items > 0; /* V1: nor that somebody is known */
    if (found.n_items == 0 && found.more) {
        daemon_say_no_room(d, session, job->request);
        return;
    }
    Mash__V1__HubFrame frame = MASH__V1__HUB_FRAME__INIT;
    frame.request = job->request;
    frame.body_case = MASH__V1__HUB_FRAME__BODY_FOUND;
    frame.found = &found;
    found.own = daemon_audit_is_own(d, &f->reading);
    daemon_audit_answer(d, session, &f->reading, &frame);
}

/* Every record under the key; or, when that is asked for and the key is a person's, their case. */
static bool sought_by(const daemon_shell *d, const Mash__V1__Query *query, core_case *out, hub_error *err)
{
    if (query->whole_case) return core_case_of(d->core, query->key, out, err) == HUB_OK;
    return core_case_of_key(d->core, query->key, out, err) == HUB_OK;
}

void daemon_query(daemon_shell *d, bus_session *session, uint64_t request, const Mash__V1__Query *query)
{
    finding f = {.limit = query->limit == 0 ? FIND_DEFAULT : query->limit, .has_people = query->people};
    hub_error err;
    const daemon_stated stated = {
        .question = "query", .purpose = query->purpose, .on_behalf_of = query->on_behalf_of, .reason = query->reason};
    f.reading.read = MASH__V1__READ_KIND__READ_KIND_FIND;
    if (!sought_by(d, query, &f.under, &err)) {
        daemon_fault(d, session, request, MASH__V1__FAULT_CODE__FAULT_MALFORMED, "query.key", err.text);
        return;
    }
    if (query->whole_case || core_case_is_named(&f.under)) f.reading.sought = f.under;
    f.reading.key = f.under.refs[0];
    daemon_reading_name_key(d, query->key, &f.reading);
    if (!daemon_reading_of(d, session, request, &stated, &f.reading)) return;
    f.reading.says_own = query->own;
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
        daemon_say_no_room(d, session, request);
        return;
    }
    if (lines->count > 0) memcpy(explained.lines, lines->items, lines->count * sizeof *explained.lines);
    explained.n_lines = lines->count;
    explained.found = lines->count > 0;
    explained.own = daemon_audit_is_own(d, reading);
    if (is_cut && explained.found) explained.lines[explained.n_lines++] = &last;
    Mash__V1__HubFrame frame = MASH__V1__HUB_FRAME__INIT;
    frame.request = request;
    frame.body_case = MASH__V1__HUB_FRAME__BODY_EXPLAINED;
    frame.explained = &explained;
    daemon_audit_answer(d, session, reading, &frame);
}

/* The records of the job that were found; f NULL: the one that was asked for. */
static void explain_records(daemon_shell *d, bus_session *session, const daemon_read_job *job, const daemon_reading *reading,
                            const finding *f)
{
    daemon_audit_begin(d, reading);
    hub_arena_reset(&d->answer_arena);
    core_lines lines = {.arena = &d->answer_arena, .alert = job->alert};
    hub_status status = HUB_OK;
    for (uint32_t i = 0; i < job->count && status != HUB_ERR_MEMORY; i++) {
        core_record record;
        core_view view;
        if (f != NULL && !is_found(f, job->records[i].sequence)) continue;
        status = read_for(d, session, job, i, reading, &record, &view);
        if (status == HUB_OK && !reading->is_audited && !core_record_is_of_hub(&record)) {
            daemon_reading_ask_purpose(d, session, job->request, "explain");
            return;
        }
        if (status == HUB_OK && lines.count >= EXPLAIN_LINES)
            status = HUB_ERR_MEMORY; /* only what may be read is told to be left out */
        size_t before = lines.count;
        if (status == HUB_OK) status = core_explain(&view, &lines);
        if (status == HUB_ERR_MEMORY) lines.count = before; /* no half record */
        if (status == HUB_OK) daemon_audit_shown(d, reading, &record);
    }
    if (status == HUB_ERR_MEMORY && lines.count == 0) {
        daemon_say_no_room(d, session, job->request);
        return;
    }
    say_explained(d, session, job->request, reading, &lines, status == HUB_ERR_MEMORY || (f != NULL && f->count > f->limit));
}

static void on_explain(void *context, daemon_read_job *job)
{
    bus_session *session = daemon_asker(context, job);
    if (session != NULL) explain_records(context, session, job, job->extra, NULL);
}

/* ---- page by page -------------------------------------------------------------------------------------------------------------- */
static void say_all(daemon_shell *d, bus_session *session, const daemon_read_job *job, const finding *f)
{
    if (is_explaining(f)) {
        explain_records(d, session, job, &f->reading, f);
    } else {
        say_found(d, session, job, f);
    }
}

static void on_gathered(void *context, daemon_read_job *job)
{
    bus_session *session = daemon_asker(context, job);
    if (session != NULL) say_all(context, session, job, job->extra);
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
    bus_session *session = daemon_asker(d, job);
    finding *f = job->extra;
    if (session == NULL) return;
    f->pages++;
    for (uint32_t i = 0; i < job->count && f->count <= f->limit; i++) {
        core_record record;
        core_view view;
        hub_status status = read_for(d, session, job, i, &f->reading, &record, &view);
        if (status == HUB_ERR_MEMORY) {
            daemon_say_no_room(d, session, job->request);
            return;
        }
        if (status == HUB_OK && core_view_finds(&view, &f->under)) f->found[f->count++] = job->records[i].sequence;
    }
    bool may_go_on = !core_case_is_named(&f->under) || f->pages < NAME_PAGES_MAX;
    if (f->count <= f->limit && job->more && may_go_on) {
        ask_page(d, session, job->request, f, job->records[job->count - 1].sequence);
    } else if (f->pages == 1) {
        say_all(d, session, job, f);
    } else {
        ask_found(d, session, job->request, f);
    }
}

/* from: the newest first from before this one, or the oldest first from after it; 0 = from the end. */
static void ask_page(daemon_shell *d, bus_session *session, uint64_t request, const finding *so_far, uint64_t from)
{
    daemon_read_job *job = next_step(d, session, request, so_far, on_page);
    if (job == NULL) return;
    job->is_lookup = true;
    const core_case *under = &((const finding *)job->extra)->under;
    job->ref = under->refs[0];
    job->further = under->refs + 1;
    job->further_count = under->count - 1;
    job->oldest_first = is_explaining(so_far);
    job->from = from;
    daemon_read_thread_ask(d->reader, job);
}

/* ---- what is to be explained --------------------------------------------------------------------------------------------------- */
/* 17 of "A17", when it begins with this letter; 0 otherwise. */
uint64_t daemon_item_number(const char *id, char letter)
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
    uint64_t sequence = hub_id_parse(id, &event) ? core_event_sequence(d->core, &event) : daemon_item_number(id, '\0');
    return sequence <= d->durable ? sequence : 0;
}

/* An alert, a disagreement, a request, feedback: everything that is filed under it, in order. */
bool daemon_is_item(const char *id)
{
    hub_id event;
    if (hub_id_parse(id, &event)) return false;
    return daemon_item_number(id, 'A') != 0 || daemon_item_number(id, 'D') != 0 || daemon_item_number(id, 'R') != 0 ||
           daemon_item_number(id, 'F') != 0;
}

/* A record by its number, and no purpose is stated: answered to operators and auditors when it turns out to be of the hub alone. */
static bool is_control_only(const daemon_shell *d, const bus_session *session, const Mash__V1__Explain *explain)
{
    Mash__V1__PeerKind kind = core_peer_numbered(d->core, session->peer)->kind;
    bool sees_control = kind == MASH__V1__PEER_KIND__PEER_KIND_OPERATOR || kind == MASH__V1__PEER_KIND__PEER_KIND_AUDITOR;
    bool is_number = strlen(explain->id) < 20 && strspn(explain->id, "0123456789") == strlen(explain->id);
    return sees_control && is_number && explain->purpose == MASH__V1__PURPOSE__PURPOSE_UNSPECIFIED;
}

static void explain_item(daemon_shell *d, bus_session *session, uint64_t request, const char *id, const daemon_reading *reading)
{
    finding f = {
        .reading = *reading, .under = {.count = 1}, .alert = daemon_item_number(id, 'A'), .limit = DAEMON_READ_RECORDS_MAX};
    char key[32];
    hub_error err;
    (void)snprintf(key, sizeof key, "%.30s", id);
    if (key[0] >= 'a') key[0] = (char)(key[0] - 'a' + 'A');
    if (core_query_ref(d->core, key, &f.under.refs[0], &err) == HUB_OK) {
        ask_page(d, session, request, &f, 0);
    } else {
        daemon_fault(d, session, request, MASH__V1__FAULT_CODE__FAULT_MALFORMED, "explain.id", err.text);
    }
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
    daemon_reading reading = {.read = MASH__V1__READ_KIND__READ_KIND_EXPLAIN};
    const daemon_stated stated = {
        .question = "explain", .purpose = explain->purpose, .on_behalf_of = explain->on_behalf_of, .reason = explain->reason};
    daemon_reading_name_id(d, explain->id, &reading);
    if (!read_case(d, session, request, explain->case_of, &reading)) return;
    if (!is_control_only(d, session, explain) && !daemon_reading_of(d, session, request, &stated, &reading)) return;
    if (daemon_is_item(explain->id)) {
        explain_item(d, session, request, explain->id, &reading);
        return;
    }
    uint64_t sequence = sequence_of(d, explain->id);
    if (sequence == 0) {
        core_lines nothing = {0};
        daemon_audit_begin(d, &reading);
        say_explained(d, session, request, &reading, &nothing, false);
        return;
    }
    daemon_read_job *job = daemon_question_new(d, session, request, on_explain, &reading, sizeof reading);
    if (job == NULL) return;
    job->alert = daemon_item_number(explain->about, 'A');
    job->records[job->count++].sequence = sequence;
    daemon_read_thread_ask(d->reader, job);
}
