/* Admitting an event: is it this peer's to say, is it new, what earlier event does it change; then the steps of decide.h. */
#include "core/decide.h"

#include <string.h>

/* The outcome of admission: what to answer, and whether the answer is recorded. */
typedef enum admission {
    ADMIT,       /* decide it */
    REFUSE,      /* final: recorded, counts into the watermark */
    REPEAT,      /* held already: the watermark moves */
    ANSWER_ONLY, /* nothing is recorded */
} admission;

static admission problem(core_decider *d, admission what, Mash__V1__RefusalCode code, const char *path, const char *reason)
{
    event_problem_set(&d->out->reply.problem, code, reason, "%s", path);
    return what;
}

static admission look_for_earlier(core_decider *d, const hub_id *id, const uint8_t body_hash[HUB_SHORT_DIGEST_BYTES],
                                  bool is_settled)
{
    uint32_t number = core_table_find(&d->state->event_of_id, id->bytes);
    if (number == 0) return ADMIT;
    const core_event_row *row = core_events_at(d->state, number);
    if (memcmp(row->body_hash, body_hash, HUB_SHORT_DIGEST_BYTES) != 0) { /* C6 */
        return problem(d, REFUSE, MASH__V1__REFUSAL_CODE__OTHER_CONTENT, "event_id",
                       "an event with this id and other content is stored; send a correction as a new event that amends it");
    }
    d->out->reply.duplicate_of = row->sequence;
    return is_settled ? ANSWER_ONLY : REPEAT;
}

static admission check_sender(core_decider *d, const core_peer *peer, const Mash__V1__Event *event)
{
    if (event->agency != peer->agency) {
        return problem(d, REFUSE, MASH__V1__REFUSAL_CODE__WRONG_AGENCY, "agency", "this key is enrolled for another agency");
    }
    if (peer->source_system[0] != '\0' && strcmp(peer->source_system, event->source_system) != 0) {
        return problem(d, REFUSE, MASH__V1__REFUSAL_CODE__WRONG_AGENCY, "source_system",
                       "this key is enrolled for another source system");
    }
    return ADMIT;
}

/* The event that `by` amends or retracts, when it is held, the same agency's, and as much a drill or not as `by`; 0 = there is none.
 * One that is withdrawn already may be corrected again: every correction reaches whoever was told. */
static uint32_t find_target(const core_state *state, const ProtobufCBinaryData *target, const Mash__V1__Event *by)
{
    hub_id id;
    if (!hub_id_read(hub_bytes_of(target->data, target->len), &id)) return 0;
    uint32_t number = core_table_find(&state->event_of_id, id.bytes);
    if (number == 0) return 0;
    const core_event_row *row = core_events_at(state, number);
    return row->agency == (uint8_t)by->agency && row->exercise == (by->exercise ? 1 : 0) ? number : 0;
}

static admission check_content(core_decider *d, const core_event_scratch *s)
{
    const Mash__V1__Event *event = s->event;
    admission unknown = d->command->of.publish.is_patient ? ANSWER_ONLY : REFUSE;
    if (core_policy_area(s->policy, event->area, s->today) == NULL) {
        return problem(d, unknown, MASH__V1__REFUSAL_CODE__UNKNOWN_AREA, "area",
                       "not an area of this partnership; send it to the partnership that serves the area");
    }
    const ProtobufCBinaryData *target = event->amends.len > 0     ? &event->amends
                                        : event->retracts.len > 0 ? &event->retracts
                                                                  : NULL;
    if (target != NULL && find_target(d->state, target, event) == 0) {
        return problem(
            d, unknown, MASH__V1__REFUSAL_CODE__UNKNOWN_TARGET, event->amends.len > 0 ? "amends" : "retracts",
            "the hub holds no event of this agency with that id (a drill amends drills only); send the earlier event first");
    }
    return ADMIT;
}

static admission admit(core_decider *d, const core_peer *peer, const core_outbox *outbox, core_event_scratch *s,
                       const uint8_t body_hash[HUB_SHORT_DIGEST_BYTES])
{
    const core_command *command = d->command;
    bool is_settled = command->of.publish.link_seq <= outbox->settled_link_seq;
    if (s->policy == NULL) {
        return problem(d, ANSWER_ONLY, MASH__V1__REFUSAL_CODE__NOT_READY, "", "the hub has no policy yet");
    }
    if (command->of.publish.link_seq == 0) {
        return problem(d, ANSWER_ONLY, MASH__V1__REFUSAL_CODE__LINK_GAP, "link_seq", "link_seq counts from 1");
    }
    if (!is_settled && command->of.publish.link_seq != outbox->settled_link_seq + 1) {
        char reason[100];
        (void)hub_format(reason, sizeof reason, "link_seq jumped; the hub expects %llu",
                         (unsigned long long)(outbox->settled_link_seq + 1));
        return problem(d, ANSWER_ONLY, MASH__V1__REFUSAL_CODE__LINK_GAP, "link_seq", reason);
    }
    hub_id id;
    if (!hub_id_read(command->of.publish.item_event_id, &id)) {
        return problem(d, REFUSE, MASH__V1__REFUSAL_CODE__WRONG_EVENT_ID, "event_id", "an event id has 16 bytes");
    }
    admission earlier = look_for_earlier(d, &id, body_hash, is_settled);
    if (earlier != ADMIT) return earlier;
    if (command->of.publish.problem.code != MASH__V1__REFUSAL_CODE__REFUSAL_CODE_UNSPECIFIED) {
        d->out->reply.problem = command->of.publish.problem;
        return REFUSE;
    }
    HUB_ASSERT(s->event != NULL);
    if (!hub_bytes_equal(command->of.publish.item_event_id, hub_bytes_of(s->event->event_id.data, s->event->event_id.len))) {
        return problem(d, REFUSE, MASH__V1__REFUSAL_CODE__WRONG_EVENT_ID, "event_id",
                       "the item and its event have different ids");
    }
    admission sender = check_sender(d, peer, s->event);
    return sender != ADMIT ? sender : check_content(d, s);
}

static void record_refusal(core_decider *d)
{
    const event_problem *why = &d->out->reply.problem;
    Mash__V1__EventRefused *fact = core_decide_add(d, 21);
    if (fact == NULL) return;
    hub_bytes id = d->command->of.publish.item_event_id;
    if (id.size == HUB_ID_BYTES) fact->event_id = core_decide_bytes(d, id.data, id.size);
    fact->outbox = d->command->of.publish.outbox;
    fact->code = why->code;
    fact->field_path = core_decide_text(d, why->field_path);
    if (why->code != MASH__V1__REFUSAL_CODE__OTHER_CONTENT) return;
    Mash__V1__AlarmRaised *alarm = core_decide_add(d, 80);
    if (alarm == NULL) return;
    alarm->alarm = MASH__V1__ALARM_KIND__ALARM_KIND_SAME_ID_OTHER_CONTENT;
    alarm->peer = d->command->peer;
}

static void record_repeat(core_decider *d)
{
    Mash__V1__EventRepeated *fact = core_decide_add(d, 24);
    if (fact == NULL) return;
    fact->event_id = core_decide_bytes(d, d->command->of.publish.item_event_id.data, HUB_ID_BYTES);
    fact->outbox = d->command->of.publish.outbox;
}

static void record_acceptance(core_decider *d, const core_event_scratch *s, const uint8_t body_hash[HUB_SHORT_DIGEST_BYTES])
{
    Mash__V1__EventAccepted *fact = core_decide_add(d, 20);
    Mash__V1__Personal *sealed = hub_arena_take_raw(d->arena, sizeof *sealed);
    if (fact == NULL || sealed == NULL) {
        d->failed = true;
        return;
    }
    hub_bytes body = d->command->of.publish.bytes;
    fact->event_id = core_decide_bytes(d, s->event->event_id.data, HUB_ID_BYTES);
    fact->body_hash = core_decide_bytes(d, body_hash, HUB_SHORT_DIGEST_BYTES);
    fact->outbox = d->command->of.publish.outbox;
    fact->payload = s->payload;
    fact->occurred_day = s->occurred_day;
    fact->agency = s->event->agency;
    fact->sensitivity = s->sensitivity;
    fact->exercise = s->event->exercise;
    mash__v1__personal__init(sealed);
    sealed->event = (ProtobufCBinaryData){.len = body.size, .data = (uint8_t *)(uintptr_t)body.data}; /* BORROWED, only packed */
    d->out->personal = sealed;
}

/* The alerts with which somebody was given the event: what is decided on them rests on it. */
static void name_alerts(core_decider *d, uint32_t event, Mash__V1__EventWithdrawn *fact)
{
    size_t count = 0;
    uint32_t first = core_events_at(d->state, event)->given;
    for (uint32_t at = first; at != 0; at = core_given_at(d->state, at)->next)
        count++;
    fact->alerts = hub_arena_take(d->arena, (count + 1) * sizeof *fact->alerts);
    if (fact->alerts == NULL) {
        d->failed = true;
        return;
    }
    for (uint32_t at = first; at != 0; at = core_given_at(d->state, at)->next) {
        uint32_t alert = core_given_at(d->state, at)->alert;
        bool is_new = alert != 0;
        for (size_t i = 0; i < fact->n_alerts && is_new; i++)
            is_new = fact->alerts[i] != alert;
        if (is_new) fact->alerts[fact->n_alerts++] = alert;
    }
}

static void record_withdrawal(core_decider *d, const core_event_scratch *s, uint32_t target, bool amended)
{
    Mash__V1__EventWithdrawn *fact = core_decide_add(d, 22);
    if (fact == NULL) return;
    const ProtobufCBinaryData *id = amended ? &s->event->amends : &s->event->retracts;
    fact->event_id = core_decide_bytes(d, id->data, id->len);
    fact->by_sequence = d->state->numbers.sequence + 1;
    fact->amended = amended;
    name_alerts(d, target, fact);
}

static void record_trace(core_decider *d, const core_event_scratch *s, const core_matches *matches)
{
    Mash__V1__Traced *fact = core_decide_add(d, 70);
    if (fact == NULL) return;
    fact->policy = d->state->policies.count;
    fact->matched = hub_arena_take_raw(d->arena, (matches->count + 1) * sizeof *fact->matched);
    fact->near_miss = hub_arena_copy(d->arena, matches->near_misses, 2 * matches->near_miss_count * sizeof *fact->near_miss);
    fact->counted = hub_arena_copy(d->arena, matches->counted, matches->counted_count * sizeof *fact->counted);
    if (fact->matched == NULL || fact->near_miss == NULL || fact->counted == NULL) {
        d->failed = true;
        return;
    }
    for (uint32_t i = 0; i < matches->count; i++)
        fact->matched[i] = matches->items[i].rule;
    fact->n_matched = matches->count;
    fact->n_near_miss = 2 * matches->near_miss_count;
    fact->n_counted = matches->counted_count;
    fact->relatives = s->links;
    fact->n_relatives = (size_t)s->link_count * CORE_LINK_NUMBERS;
}

static void decide_admitted(core_decider *d, core_event_scratch *s)
{
    bool retracts = s->event->retracts.len > 0;
    const ProtobufCBinaryData *target_id = retracts ? &s->event->retracts : &s->event->amends;
    uint32_t target = target_id->len == 0 ? 0 : find_target(d->state, target_id, s->event);
    if (target != 0) record_withdrawal(d, s, target, !retracts);
    core_link_people(d, s);
    if (retracts) {
        /* nothing new is said: whoever was told hears that it was withdrawn, and no rule ends anything (C7) */
        core_tell_given(d, s, target, MASH__V1__DELIVERY_KIND__DELIVERY_KIND_EVENT_RETRACTED);
        return;
    }
    s->amended = target;
    core_link_families(d, s);
    core_change_statuses(d, s);
    core_find_relatives(d, s);
    if (d->failed) return;
    core_matches *matches = hub_arena_take_raw(d->arena, sizeof *matches); /* 12 KB */
    if (matches == NULL) {
        d->failed = true;
        return;
    }
    core_match_rules(d->state, s, matches);
    core_route_event(d, s, matches);
    if (target != 0) core_tell_given(d, s, target, MASH__V1__DELIVERY_KIND__DELIVERY_KIND_EVENT_AMENDED);
    record_trace(d, s, matches);
}

static bool has_staff_party(const Mash__V1__Event *event)
{
    for (size_t i = 0; i < event->n_subjects; i++) {
        if (event->subjects[i]->staff_party) return true;
    }
    return false;
}

static void fill_scratch(core_decider *d, core_event_scratch *s)
{
    const Mash__V1__Event *event = d->command->of.publish.event;
    s->policy = core_policy_now(d->state);
    s->event = event;
    if (s->policy == NULL || event == NULL) return;
    const core_calendar *civil = &s->policy->calendars[0];
    s->today = core_calendar_day(civil, d->command->at_ms, NULL);
    s->occurred_day = core_calendar_day(civil, event->occurred_at > 1 ? event->occurred_at : event->recorded_at, NULL);
    s->payload = (uint32_t)event->payload_case;
    s->sensitivity = has_staff_party(event) ? MASH__V1__SENSITIVITY__SENSITIVITY_RESTRICTED : event->sensitivity;
    s->subject_count = event->n_subjects;
}

void core_decide_publish(core_decider *d)
{
    const core_peer *peer = core_peer_numbered(d->state, d->command->peer);
    HUB_ASSERT(peer != NULL);
    const core_outbox *outbox = core_outboxes_at(d->state, d->command->of.publish.outbox);
    HUB_ASSERT(outbox->peer == peer->number);

    core_event_scratch s = {0};
    fill_scratch(d, &s);
    uint8_t body_hash[HUB_SHORT_DIGEST_BYTES];
    hub_short_digest_of(d->command->of.publish.bytes, body_hash);
    core_reply *reply = &d->out->reply;
    switch (admit(d, peer, outbox, &s, body_hash)) {
    case REFUSE:
        reply->item = MASH__V1__ITEM_STATUS__REFUSED;
        record_refusal(d);
        return;
    case REPEAT:
        reply->item = MASH__V1__ITEM_STATUS__DUPLICATE;
        record_repeat(d);
        return;
    case ANSWER_ONLY:
        reply->item = reply->duplicate_of != 0 ? MASH__V1__ITEM_STATUS__DUPLICATE : MASH__V1__ITEM_STATUS__RETRY_LATER;
        return;
    case ADMIT:
        break;
    }
    reply->item = MASH__V1__ITEM_STATUS__STORED;
    record_acceptance(d, &s, body_hash);
    if (d->failed) return;
    decide_admitted(d, &s);
}
