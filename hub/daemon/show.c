/* show.c - what a board needs to draw its pages: what was said in an item, again, and the policy in force. */
#include "daemon/audit.h"

#include <stdlib.h>
#include <string.h>

#include "bus/frames.h"
#include "core/deliver.h"
#include "core/sharing.h"
#include "event/wire.h"
#include "fold/replay.h"

/* ---- the policy in force ------------------------------------------------------------------------------------------------------ */
static uint32_t policy_in_force(const daemon_shell *d)
{
    uint32_t number = 0;
    while (core_policy_numbered(d->core, number + 1) != NULL)
        number++;
    return number;
}

static void on_policy(void *context, daemon_read_job *job)
{
    daemon_shell *d = context;
    bus_session *session = daemon_asker(d, job);
    if (session == NULL) return;
    core_record record;
    hub_digest hash;
    hub_arena_reset(&d->record_arena);
    if (daemon_job_record(job, 0, &d->record_arena, &record, &hash) != HUB_OK || record.personal == NULL) {
        daemon_fault(d, session, job->request, MASH__V1__FAULT_CODE__FAULT_BUSY, "",
                     "the record that adopted the policy cannot be opened now; ask again");
        return;
    }
    Mash__V1__PolicyInForce in_force = MASH__V1__POLICY_IN_FORCE__INIT;
    while (core_policy_sequence(d->core, in_force.policy) != job->records[0].sequence) /* another may have come meanwhile */
        in_force.policy++;
    const core_policy *policy = core_policy_numbered(d->core, in_force.policy);
    in_force.digest = (ProtobufCBinaryData){.len = HUB_DIGEST_BYTES, .data = (uint8_t *)(uintptr_t)policy->digest};
    in_force.sources = record.personal->policy_sources;
    in_force.n_sources = record.personal->n_policy_sources;
    Mash__V1__HubFrame frame = MASH__V1__HUB_FRAME__INIT;
    frame.request = job->request;
    frame.body_case = MASH__V1__HUB_FRAME__BODY_POLICY_IN_FORCE;
    frame.policy_in_force = &in_force;
    daemon_send_frame(d, session, &frame); /* of a durable record */
}

void daemon_policy_request(daemon_shell *d, bus_session *session, uint64_t request)
{
    const core_peer *peer = core_peer_numbered(d->core, session->peer);
    bool may = peer->kind == MASH__V1__PEER_KIND__PEER_KIND_GATEWAY || peer->kind == MASH__V1__PEER_KIND__PEER_KIND_OPERATOR ||
               peer->kind == MASH__V1__PEER_KIND__PEER_KIND_AUDITOR;
    if (!may) {
        daemon_fault(d, session, request, MASH__V1__FAULT_CODE__FAULT_NOT_ALLOWED, "policy",
                     "the policy in force is for gateways, operators and auditors");
        return;
    }
    uint64_t sequence = core_policy_sequence(d->core, policy_in_force(d));
    if (sequence == 0 || sequence > d->durable) {
        daemon_fault(d, session, request, MASH__V1__FAULT_CODE__FAULT_BUSY, "policy", "no policy is in force yet");
        return;
    }
    daemon_read_job *job = daemon_question_new(d, session, request, on_policy, NULL, 0);
    if (job == NULL) return;
    job->records[job->count++].sequence = sequence;
    daemon_read_thread_ask(d->reader, job);
}

/* ---- an item ------------------------------------------------------------------------------------------------------------------- */
/* First the records filed under the item are looked up, a page of the index at a time; then those that this person may read are fetched
 * together with the earlier ones whose events their deliveries take along, and each delivery is built anew, by the policy of today. */
typedef struct showing {
    daemon_reading reading;
    uint64_t ref, alert, after;    /* alert: only deliveries about it; 0 = the item is none */
    uint32_t limit, mains;         /* mains: the first records of the second job; the others go along */
    bool more, is_notice, goes_on; /* goes_on: it was found before, and this asks for what comes after */
    char id[32];
} showing;

enum { SHOW_DEFAULT = 50, SHOW_BYTES = 512 * 1024 };

/* The job's record as this person may read it, in d->deliver_arena. HUB_OK; HUB_ERR_NOT_FOUND: not at all; HUB_ERR_MEMORY. */
static hub_status open_for(daemon_shell *d, const bus_session *session, const daemon_read_job *job, uint32_t index,
                           core_record *record, core_view *view, hub_digest *hash)
{
    const showing *s = job->extra;
    hub_arena_reset(&d->deliver_arena);
    hub_status status = daemon_job_record(job, index, &d->deliver_arena, record, hash);
    if (status == HUB_ERR_MEMORY) return status;
    if (status != HUB_OK) return HUB_ERR_NOT_FOUND;
    *view = core_view_of_staff(d->core, session->peer, s->reading.staff, daemon_now_ms(d), record);
    return view->sight == CORE_SIGHT_NONE ? HUB_ERR_NOT_FOUND : HUB_OK;
}

static const Mash__V1__Delivered *shown_at(const showing *s, const core_view *view, size_t index)
{
    const Mash__V1__Delivered *fact = core_view_delivered(view, index);
    bool is_other = s->is_notice && fact != NULL && fact->kind != MASH__V1__DELIVERY_KIND__DELIVERY_KIND_NOTICE;
    if (is_other) return NULL;
    return fact != NULL && (s->alert == 0 || fact->alert == s->alert) ? fact : NULL;
}

/* Builds what the record delivers; false: there is no memory for it. */
static bool build(daemon_shell *d, const daemon_read_job *job, core_record *record, const core_view *view, const hub_digest *hash,
                  hub_buffer *out, uint32_t *count)
{
    const showing *s = job->extra;
    core_delivery_cache cache = {.is_shown = true};
    core_record earlier; /* the view's record points at it until the next delivery is looked at */
    uint32_t alternate;
    for (size_t i = 0; i < record->control->n_facts; i++) {
        record->earlier_count = 0;
        const Mash__V1__Delivered *fact = shown_at(s, view, i);
        if (fact == NULL) continue;
        record->earlier = daemon_earlier_of(d, job, core_deliver_along(fact), &earlier);
        record->earlier_count = record->earlier != NULL ? 1 : 0;
        if (s->reading.staff != 0 && core_delivery_has_party(d->core, record, fact, s->reading.staff, &alternate)) continue;
        cache.sequence = 0;
        hub_buffer_clear(&d->scratch);
        hub_buffer_clear(&d->position);
        bool is_built = core_deliver(d->core, record, i, false, &d->deliver_arena, &cache, &d->scratch) == HUB_OK &&
                        core_deliver_position(&d->position, record->epoch, record->sequence, hash->bytes) == HUB_OK;
        if (!is_built) return false;
        bus_frame_put_delivery(out, hub_buffer_bytes(&d->scratch), hub_buffer_bytes(&d->position));
        (*count)++;
    }
    return !out->failed;
}

static void say_shown(daemon_shell *d, bus_session *session, const daemon_read_job *job, hub_bytes packed, uint64_t next_after)
{
    const showing *s = job->extra;
    hub_arena_reset(&d->answer_arena);
    ProtobufCAllocator allocator = event_wire_allocator(&d->answer_arena);
    Mash__V1__Shown *shown =
        mash__v1__shown__unpack(&allocator, packed.size, packed.data); /* items have the number that they have in Deliveries */
    if (shown == NULL) {
        daemon_say_no_room(d, session, job->request);
        return;
    }
    shown->found = shown->n_items > 0 || s->goes_on;
    shown->next_after = next_after;
    Mash__V1__HubFrame frame = MASH__V1__HUB_FRAME__INIT;
    frame.request = job->request;
    frame.body_case = MASH__V1__HUB_FRAME__BODY_SHOWN;
    frame.shown = shown;
    shown->own = daemon_audit_is_own(d, &s->reading);
    daemon_audit_answer(d, session, &s->reading, &frame);
}

static void ask_page(daemon_shell *d, bus_session *session, uint64_t request, const showing *s);

static void on_gathered(void *context, daemon_read_job *job)
{
    daemon_shell *d = context;
    bus_session *session = daemon_asker(d, job);
    if (session == NULL) return;
    const showing *s = job->extra;
    hub_buffer packed = {0};
    uint32_t count = 0, i = 0;
    uint64_t last = s->after;
    bool is_well = true;
    daemon_audit_begin(d, &s->reading);
    for (; is_well && i < s->mains && count < s->limit && packed.size < SHOW_BYTES; i++) {
        core_record record;
        core_view view;
        hub_digest hash;
        uint32_t before = count;
        hub_status status = open_for(d, session, job, i, &record, &view, &hash);
        last = job->records[i].sequence;
        is_well = status != HUB_ERR_MEMORY && (status != HUB_OK || build(d, job, &record, &view, &hash, &packed, &count));
        if (is_well && count > before) daemon_audit_shown(d, &s->reading, &record);
    }
    bool is_more = i < s->mains || s->more;
    if (!is_well) {
        daemon_say_no_room(d, session, job->request);
    } else if (count == 0 && is_more &&
               last > s->after) { /* as in on_page: what an earlier event kept from them must not show either */
        showing next = *s;
        next.after = last;
        ask_page(d, session, job->request, &next);
    } else {
        say_shown(d, session, job, hub_buffer_bytes(&packed), is_more ? last : 0);
    }
    hub_buffer_free(&packed);
}

static bool is_wanted(const uint64_t others[], uint32_t count, uint64_t sequence)
{
    while (count > 0 && others[count - 1] != sequence)
        count--;
    return count > 0;
}

/* Adds the record, and behind the mains what its deliveries take along; false: they have no room in one job any more. */
static bool want(const showing *s, const core_record *record, const core_view *view, uint64_t mains[], uint32_t *main_count,
                 uint64_t others[], uint32_t *other_count)
{
    uint32_t others_before = *other_count;
    for (size_t i = 0; i < record->control->n_facts; i++) {
        const Mash__V1__Delivered *fact = shown_at(s, view, i);
        uint64_t along = fact == NULL ? 0 : core_deliver_along(fact);
        if (along == 0 || is_wanted(others, *other_count, along)) continue;
        if (*main_count + *other_count + 2 > DAEMON_READ_RECORDS_MAX && *main_count > 0) {
            *other_count = others_before;
            return false;
        }
        if (*main_count + *other_count + 2 <= DAEMON_READ_RECORDS_MAX) others[(*other_count)++] = along;
    }
    if (*main_count + *other_count >= DAEMON_READ_RECORDS_MAX) return false;
    mains[(*main_count)++] = record->sequence;
    return true;
}

static bool has_any(const showing *s, const core_record *record, const core_view *view)
{
    for (size_t i = 0; i < record->control->n_facts; i++) {
        if (shown_at(s, view, i) != NULL) return true;
    }
    return false;
}

static void on_page(void *context, daemon_read_job *job)
{
    daemon_shell *d = context;
    bus_session *session = daemon_asker(d, job);
    if (session == NULL) return;
    showing next = *(const showing *)job->extra;
    uint64_t mains[DAEMON_READ_RECORDS_MAX], others[DAEMON_READ_RECORDS_MAX];
    uint32_t other_count = 0, i = 0;
    bool has_room = true;
    next.mains = 0;
    for (; i < job->count && has_room && next.mains < next.limit; i++) {
        core_record record;
        core_view view;
        hub_digest hash;
        hub_status status = open_for(d, session, job, i, &record, &view, &hash);
        if (status == HUB_ERR_MEMORY) {
            daemon_say_no_room(d, session, job->request);
            return;
        }
        if (status == HUB_OK && has_any(&next, &record, &view))
            has_room = want(&next, &record, &view, mains, &next.mains, others, &other_count);
    }
    next.more = job->more || i < job->count || !has_room;
    if (next.mains == 0 && job->more) { /* nothing here for them: it must not show by an empty page */
        next.after = job->records[job->count - 1].sequence;
        ask_page(d, session, job->request, &next);
        return;
    }
    daemon_read_job *fetch = daemon_question_new(d, session, job->request, on_gathered, &next, sizeof next);
    if (fetch == NULL) return;
    for (uint32_t k = 0; k < next.mains; k++)
        fetch->records[fetch->count++].sequence = mains[k];
    for (uint32_t k = 0; k < other_count; k++)
        fetch->records[fetch->count++].sequence = others[k];
    daemon_read_thread_ask(d->reader, fetch);
}

static void ask_page(daemon_shell *d, bus_session *session, uint64_t request, const showing *s)
{
    daemon_read_job *job = daemon_question_new(d, session, request, on_page, s, sizeof *s);
    if (job == NULL) return;
    job->is_lookup = true;
    job->ref = s->ref;
    job->oldest_first = true;
    job->from = s->after;
    daemon_read_thread_ask(d->reader, job);
}

/* A notice is one record, named by its number: nothing is filed under it. */
static void ask_notice(daemon_shell *d, bus_session *session, uint64_t request, const showing *s, uint64_t sequence)
{
    daemon_read_job *job = daemon_question_new(d, session, request, on_gathered, s, sizeof *s);
    if (job == NULL) return;
    showing *kept = job->extra;
    kept->is_notice = true;
    kept->mains = sequence <= d->durable && s->after == 0 ? 1 : 0;
    if (kept->mains == 1) job->records[job->count++].sequence = sequence;
    daemon_read_thread_ask(d->reader, job);
}

static bool is_read_kind(Mash__V1__ReadKind read)
{
    return read == MASH__V1__READ_KIND__READ_KIND_OPEN || read == MASH__V1__READ_KIND__READ_KIND_PRINT ||
           read == MASH__V1__READ_KIND__READ_KIND_EXPORT;
}

void daemon_show(daemon_shell *d, bus_session *session, uint64_t request, const Mash__V1__Show *show)
{
    const daemon_stated stated = {
        .question = "show", .purpose = show->purpose, .on_behalf_of = show->on_behalf_of, .reason = show->reason};
    showing s = {.alert = daemon_item_number(show->item, 'A'),
                 .after = show->after_sequence,
                 .limit = show->limit,
                 .goes_on = show->after_sequence > 0};
    hub_error err;
    if (core_peer_numbered(d->core, session->peer)->kind != MASH__V1__PEER_KIND__PEER_KIND_GATEWAY) {
        daemon_fault(d, session, request, MASH__V1__FAULT_CODE__FAULT_NOT_ALLOWED, "show", "items are shown again to gateways");
        return;
    }
    if (!is_read_kind(show->read)) {
        daemon_fault(d, session, request, MASH__V1__FAULT_CODE__FAULT_MALFORMED, "show.read", "open, print or export");
        return;
    }
    (void)hub_format(s.id, sizeof s.id, "%s", show->item);
    uint64_t notice = daemon_item_number(show->item, 'N');
    if (notice == 0 && (!daemon_is_item(show->item) || core_query_ref(d->core, s.id, &s.ref, &err) != HUB_OK)) {
        daemon_fault(d, session, request, MASH__V1__FAULT_CODE__FAULT_MALFORMED, "show.item", "an item is meant, as in A17");
        return;
    }
    if (s.limit == 0 || s.limit > SHOW_DEFAULT) s.limit = SHOW_DEFAULT;
    s.reading.read = show->read;
    daemon_reading_name_id(d, notice != 0 ? show->item + 1 : show->item, &s.reading);
    if (!daemon_reading_of(d, session, request, &stated, &s.reading)) return;
    if (notice != 0) {
        ask_notice(d, session, request, &s, notice);
    } else {
        ask_page(d, session, request, &s);
    }
}
