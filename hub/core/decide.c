/* Commands that are not events: creating, starting, keys, policy, outboxes, receipts. Deciding is pure (C1). */
#include "core/decide.h"

#include <string.h>

#include "event/wire.h"

void *core_decide_add(core_decider *d, uint32_t kind)
{
    if (d->failed) return NULL;
    if (d->count == d->capacity) {
        size_t capacity = d->capacity == 0 ? 32 : d->capacity * 2;
        Mash__V1__Fact **grown =
            capacity > CORE_DECISION_FACTS_MAX ? NULL : hub_arena_take_raw(d->arena, capacity * sizeof *grown);
        if (grown == NULL) {
            d->failed = true;
            return NULL;
        }
        if (d->count > 0) memcpy(grown, d->facts, d->count * sizeof *grown);
        d->facts = grown;
        d->capacity = capacity;
    }
    Mash__V1__Fact *fact = hub_arena_take_raw(d->arena, sizeof *fact);
    if (fact == NULL) {
        d->failed = true;
        return NULL;
    }
    mash__v1__fact__init(fact);
    fact->kind = kind;
    void *added = NULL;
    switch (kind) {
#define X(number, capitals, member_name, message, is_ignorable, words)                                                           \
    case number: {                                                                                                               \
        Mash__V1__##message *body = hub_arena_take_raw(d->arena, sizeof *body);                                                  \
        if (body == NULL) break;                                                                                                 \
        mash__v1__##member_name##__init(body);                                                                                   \
        fact->body_case = MASH__V1__FACT__BODY_##capitals;                                                                       \
        fact->member_name = body;                                                                                                \
        fact->ignorable = is_ignorable;                                                                                          \
        added = body;                                                                                                            \
        break;                                                                                                                   \
    }
        CORE_FACTS(X)
#undef X
    default:
        HUB_ASSERT(kind == 0); /* a kind that is not in the table */
    }
    if (added == NULL) {
        d->failed = true;
        return NULL;
    }
    d->facts[d->count++] = fact;
    return added;
}

ProtobufCBinaryData core_decide_bytes(core_decider *d, const void *data, size_t size)
{
    ProtobufCBinaryData copy = {.len = size, .data = hub_arena_copy(d->arena, data, size)};
    if (copy.data == NULL) {
        d->failed = true;
        copy.len = 0;
    }
    return copy;
}

char *core_decide_text(core_decider *d, const char *text)
{
    return event_wire_text(d->arena, text, &d->failed);
}

static void answer(core_decider *d, Mash__V1__CommandCode code, uint64_t number, const char *text)
{
    d->out->reply.command = code;
    d->out->reply.number = number;
    (void)hub_format(d->out->reply.text, sizeof d->out->reply.text, "%s", text);
}

/* The sealed part of a command: who gave it and why. */
static Mash__V1__Personal *personal(core_decider *d)
{
    if (d->out->personal == NULL) {
        Mash__V1__Personal *part = hub_arena_take_raw(d->arena, sizeof *part);
        if (part == NULL) {
            d->failed = true;
            return NULL;
        }
        mash__v1__personal__init(part);
        const core_peer *actor = core_peer_numbered(d->state, d->command->peer);
        if (actor != NULL) part->actor = core_decide_text(d, actor->name);
        if (d->command->reason != NULL) part->reason = core_decide_text(d, d->command->reason);
        d->out->personal = part;
    }
    return d->out->personal;
}

/* The answer to a person's command is recorded under its id, done or refused (C5), so that a repeat gets the same one. */
static void answer_for_ever(core_decider *d, Mash__V1__CommandCode code, uint64_t number, const char *text)
{
    answer(d, code, number, text);
    if (hub_id_is_zero(&d->command->command_id)) return;
    Mash__V1__CommandAnswered *fact = core_decide_add(d, FACT_COMMAND_ANSWERED);
    Mash__V1__Personal *sealed = personal(d);
    if (fact == NULL || sealed == NULL) return;
    fact->command_id = core_decide_bytes(d, d->command->command_id.bytes, HUB_ID_BYTES);
    fact->code = code;
    fact->number = number;
    sealed->answer = core_decide_text(d, text);
}

static void refuse(core_decider *d, const char *text)
{
    answer_for_ever(d, MASH__V1__COMMAND_CODE__COMMAND_REFUSED, 0, text);
}

static void done(core_decider *d, uint64_t number, const char *text)
{
    answer_for_ever(d, MASH__V1__COMMAND_CODE__COMMAND_DONE, number, text);
}

/* ---- the hub itself -------------------------------------------------------------------------------------------------------- */
static void enrol_as(core_decider *d, uint32_t number, const uint8_t *key, Mash__V1__PeerKind kind, Mash__V1__Agency agency,
                     const char *name, const char *source_system, char **queues, size_t queue_count)
{
    Mash__V1__KeyEnrolled *fact = core_decide_add(d, FACT_KEY_ENROLLED);
    if (fact == NULL) return;
    fact->peer = number;
    fact->public_key = core_decide_bytes(d, key, CORE_KEY_BYTES);
    fact->peer_kind = kind;
    fact->agency = agency;
    fact->name = core_decide_text(d, name);
    fact->source_system = core_decide_text(d, source_system);
    fact->n_queues = queue_count;
    fact->queues = queues; /* BORROWED from the command, which outlives the decision */
}

static void decide_create(core_decider *d)
{
    if (d->state->numbers.sequence != 0) {
        refuse(d, "this store holds a partnership already");
        return;
    }
    Mash__V1__PartnershipCreated *fact = core_decide_add(d, FACT_PARTNERSHIP_CREATED);
    Mash__V1__Personal *sealed = personal(d);
    if (fact == NULL || sealed == NULL) return;
    fact->name = core_decide_text(d, d->command->of.create.name);
    fact->server_key = core_decide_bytes(d, d->command->of.create.server_key, CORE_KEY_BYTES);
    fact->signing_key = core_decide_bytes(d, d->command->of.create.signing_key, 32);
    sealed->pseudonym_key = core_decide_bytes(d, d->command->of.create.pseudonym_key, HUB_SECRET_BYTES);
    enrol_as(d, 1, d->command->of.create.operator_key, MASH__V1__PEER_KIND__PEER_KIND_OPERATOR,
             MASH__V1__AGENCY__AGENCY_UNSPECIFIED, "first-operator", "", NULL, 0);
    done(d, 1, "partnership created");
}

static void decide_start(core_decider *d)
{
    Mash__V1__HubStarted *fact = core_decide_add(d, FACT_HUB_STARTED);
    if (fact == NULL) return;
    HUB_ASSERT(d->command->of.start.epoch > d->state->numbers.epoch);
    fact->epoch = d->command->of.start.epoch;
    fact->format = CORE_FORMAT;
    done(d, fact->epoch, "started");
}

/* ---- keys ------------------------------------------------------------------------------------------------------------------ */
static bool is_name(const char *name)
{
    size_t length = strlen(name);
    return length >= 1 && length < CORE_NAME_MAX && strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-") == length;
}

static const char *why_not_enrol(const core_state *state, const Mash__V1__Enrol *enrol)
{
    bool is_adapter = enrol->kind == MASH__V1__PEER_KIND__PEER_KIND_ADAPTER;
    bool is_consumer = enrol->kind == MASH__V1__PEER_KIND__PEER_KIND_CONSUMER;
    if (enrol->public_key.len != CORE_KEY_BYTES) return "public_key: a CURVE public key has 32 bytes";
    if (!is_name(enrol->name)) return "name: 1 to 47 of a-z, 0-9 and hyphen";
    if (enrol->kind < MASH__V1__PEER_KIND__PEER_KIND_OPERATOR || enrol->kind > MASH__V1__PEER_KIND__PEER_KIND_AUDITOR) {
        return "kind: operator, adapter, consumer, gateway or auditor";
    }
    if (is_adapter && event_agency_name(enrol->agency) == NULL) return "agency: an adapter publishes for one agency";
    if (is_consumer && enrol->n_queues == 0) return "queues: a consumer is enrolled for at least one queue";
    if (enrol->n_queues > 15) return "queues: at most 15";
    for (size_t i = 0; i < enrol->n_queues; i++) {
        if (core_queue_number(state, enrol->queues[i]) == 0) return "queues: the adopted policy has no queue of that name";
    }
    bool is_gateway = enrol->kind == MASH__V1__PEER_KIND__PEER_KIND_GATEWAY;
    if (!is_gateway && enrol->n_may_act_for > 0) return "may_act_for: only a gateway acts for teams";
    if (enrol->n_may_act_for > 15) return "may_act_for: at most 15 teams";
    for (size_t i = 0; i < enrol->n_may_act_for; i++) {
        if (core_team_number(state, enrol->may_act_for[i]) == 0)
            return "may_act_for: the adopted policy has no team of that name";
    }
    const core_peer *known = core_peer_by_key(state, enrol->public_key.data);
    if (strlen(enrol->source_system) >= sizeof known->source_system) return "source_system: at most 64 bytes";
    if (known != NULL) return known->revoked ? "this key was revoked; make a new one" : "this key is enrolled already";
    const core_peer *named = core_peer_by_name(state, enrol->name);
    if (named != NULL && !named->revoked) return "another key is enrolled under this name; revoke it first";
    return NULL;
}

static void decide_enrol(core_decider *d)
{
    const Mash__V1__Enrol *enrol = d->command->of.enrol;
    const char *why_not = why_not_enrol(d->state, enrol);
    if (why_not != NULL) {
        refuse(d, why_not);
        return;
    }
    uint32_t number = d->state->peers.count + 1;
    enrol_as(d, number, enrol->public_key.data, enrol->kind, enrol->agency, enrol->name, enrol->source_system, enrol->queues,
             enrol->n_queues);
    if (enrol->n_may_act_for > 0 && !d->failed) {
        Mash__V1__KeyEnrolled *fact = d->facts[d->count - 1]->key_enrolled;
        fact->may_act_for = hub_arena_take(d->arena, enrol->n_may_act_for * sizeof *fact->may_act_for);
        if (fact->may_act_for == NULL) {
            d->failed = true;
            return;
        }
        for (; fact->n_may_act_for < enrol->n_may_act_for; fact->n_may_act_for++)
            fact->may_act_for[fact->n_may_act_for] = core_team_number(d->state, enrol->may_act_for[fact->n_may_act_for]);
    }
    done(d, number, "enrolled");
}

static bool another_operator_remains(const core_state *state, const core_peer *than)
{
    for (uint32_t i = 1; i <= state->peers.count; i++) {
        const core_peer *peer = core_peers_at(state, i);
        if (peer != than && peer->kind == MASH__V1__PEER_KIND__PEER_KIND_OPERATOR && !peer->revoked) return true;
    }
    return false;
}

static const char *why_not_revoke(const core_decider *d, const core_peer *peer)
{
    const char *reason = d->command->reason;
    if (reason == NULL || reason[strspn(reason, " \t\r\n")] == '\0') return "reason: say why this key is to be revoked";
    if (peer == NULL) return "no such key is enrolled";
    if (peer->revoked) return "this key is revoked already";
    if (peer->kind == MASH__V1__PEER_KIND__PEER_KIND_OPERATOR && !another_operator_remains(d->state, peer)) {
        return "this is the last operator's key: nobody could command the hub any more; enrol another operator first";
    }
    return NULL;
}

static void decide_revoke(core_decider *d)
{
    const Mash__V1__Revoke *revoke = d->command->of.revoke;
    const core_peer *peer = revoke->public_key.len == CORE_KEY_BYTES ? core_peer_by_key(d->state, revoke->public_key.data)
                                                                     : core_peer_by_name(d->state, revoke->name);
    const char *why_not = why_not_revoke(d, peer);
    if (why_not != NULL) {
        refuse(d, why_not);
        return;
    }
    Mash__V1__KeyRevoked *fact = core_decide_add(d, FACT_KEY_REVOKED);
    if (fact == NULL) return;
    fact->peer = peer->number;
    done(d, peer->number, "revoked");
}

/* ---- time ------------------------------------------------------------------------------------------------------------------ */
static const char *why_not_correct(const core_decider *d)
{
    const char *reason = d->command->reason;
    bool is_persons = d->command->peer != 0;
    Mash__V1__TimeCause cause = d->command->of.time.cause;
    if (is_persons && (reason == NULL || reason[strspn(reason, " \t\r\n")] == '\0')) return "reason: say how you know";
    if (cause != MASH__V1__TIME_CAUSE__TIME_CAUSE_WRONG_CLOCK && cause != MASH__V1__TIME_CAUSE__TIME_CAUSE_PAUSE)
        return "cause: wrong-clock (hub time had followed it) or pause (the machine stood still)";
    if (!d->command->of.time.is_needed)
        return "the system clock and hub time agree, and no timer is held: there is nothing to accept";
    if (cause == MASH__V1__TIME_CAUSE__TIME_CAUSE_PAUSE && d->command->of.time.delta_ms < 0)
        return "cause: the system clock is behind hub time; no pause does that, a wrong clock does";
    return NULL;
}

static void decide_correct_time(core_decider *d)
{
    const char *why_not = why_not_correct(d);
    if (why_not != NULL) {
        refuse(d, why_not);
        return;
    }
    Mash__V1__TimeCorrected *fact = core_decide_add(d, FACT_TIME_CORRECTED);
    if (fact == NULL) return;
    fact->delta_ms = d->command->of.time.delta_ms;
    fact->cause = d->command->of.time.cause;
    fact->held = d->command->of.time.is_held;
    done(d, 0, "hub time follows the system clock");
}

static void decide_raise_alarm(core_decider *d)
{
    core_alarm(d, d->command->of.alarm);
    answer(d, MASH__V1__COMMAND_CODE__COMMAND_DONE, 0, "recorded");
}

/* ---- policy ---------------------------------------------------------------------------------------------------------------- */
static bool is_named(const core_pool *known, const char *name)
{
    for (uint32_t i = 1; i <= known->count; i++) {
        const core_name_row *row = core_pool_at(known, i);
        if (strcmp(row->name, name) == 0) return true;
    }
    return false;
}

static uint32_t new_queues(const core_state *state, const core_policy *policy)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < policy->queue_count; i++)
        count += is_named(&state->queues, policy->queues[i].name) ? 0 : 1;
    return count;
}

static void name_new(core_decider *d, const core_pool *known, const char *name, Mash__V1__Numbered **list, size_t *count)
{
    if (is_named(known, name)) return;
    Mash__V1__Numbered *numbered = hub_arena_take_raw(d->arena, sizeof *numbered);
    if (numbered == NULL) {
        d->failed = true;
        return;
    }
    mash__v1__numbered__init(numbered);
    numbered->number = known->count + (uint32_t)*count + 1;
    numbered->name = core_decide_text(d, name);
    list[(*count)++] = numbered;
}

static const char *why_not_adopt(const core_state *state, const core_policy *policy)
{
    if (policy == NULL) return "the policy has mistakes";
    if (strcmp(policy->partnership, state->numbers.partnership) != 0) return "this policy is for another partnership";
    const core_policy *now = core_policy_now(state);
    if (now != NULL && memcmp(now->digest, policy->digest, sizeof now->digest) == 0) return "this policy is adopted already";
    if (state->policies.count == CORE_POLICIES_MAX) return "this partnership has adopted as many policies as a hub can hold";
    if (state->queues.count + new_queues(state, policy) > CORE_POLICY_QUEUES_MAX) {
        return "more queues than a partnership may have, over all its policies";
    }
    return NULL;
}

static void decide_adopt(core_decider *d)
{
    const core_policy *policy = d->command->of.adopt.policy;
    const core_state *state = d->state;
    const char *why_not = why_not_adopt(state, policy);
    if (why_not != NULL) {
        refuse(d, why_not);
        return;
    }
    Mash__V1__PolicyAdopted *fact = core_decide_add(d, FACT_POLICY_ADOPTED);
    Mash__V1__Personal *sealed = personal(d);
    if (fact == NULL || sealed == NULL) return;
    fact->policy = state->policies.count + 1;
    fact->digest = core_decide_bytes(d, policy->digest, sizeof policy->digest);
    fact->queues = hub_arena_take(d->arena, (policy->queue_count + 1) * sizeof *fact->queues);
    fact->audiences = hub_arena_take(d->arena, (policy->audience_count + 1) * sizeof *fact->audiences);
    fact->teams = hub_arena_take(d->arena, (policy->team_count + 1) * sizeof *fact->teams);
    if (fact->queues == NULL || fact->audiences == NULL || fact->teams == NULL) {
        d->failed = true;
        return;
    }
    for (uint32_t i = 0; i < policy->queue_count; i++) {
        name_new(d, &state->queues, policy->queues[i].name, fact->queues, &fact->n_queues);
    }
    for (uint32_t i = 0; i < policy->audience_count; i++) {
        name_new(d, &state->audiences, policy->audiences[i].name, fact->audiences, &fact->n_audiences);
    }
    for (uint32_t i = 0; i < policy->team_count; i++) {
        name_new(d, &state->teams, policy->teams[i].name, fact->teams, &fact->n_teams);
    }
    sealed->n_policy_sources = d->command->of.adopt.sources->n_sources;
    sealed->policy_sources = d->command->of.adopt.sources->sources; /* BORROWED from the command */
    done(d, fact->policy, "policy adopted");
}

/* ---- outboxes and receipts ------------------------------------------------------------------------------------------------- */
static void decide_open_outbox(core_decider *d)
{
    const hub_id *outbox_id = &d->command->of.outbox.outbox_id;
    if (core_table_find(&d->state->outbox_of_id, outbox_id->bytes) != 0) {
        refuse(d, "this outbox id is in use already");
        return;
    }
    Mash__V1__OutboxOpened *fact = core_decide_add(d, FACT_OUTBOX_OPENED);
    if (fact == NULL) return;
    fact->outbox = d->state->outboxes.count + 1;
    fact->outbox_id = core_decide_bytes(d, outbox_id->bytes, HUB_ID_BYTES);
    fact->peer = d->command->peer;
    done(d, fact->outbox, "outbox opened");
}

static void decide_receive(core_decider *d)
{
    for (uint32_t i = 0; i < d->command->of.receive.count; i++) {
        const core_receipt *receipt = &d->command->of.receive.receipts[i];
        if (receipt->sequence <= core_receipt_of(d->state, receipt->queue, receipt->consumer)) continue;
        Mash__V1__ReceiptStored *fact = core_decide_add(d, FACT_RECEIPT_STORED);
        if (fact == NULL) return;
        fact->peer = receipt->peer;
        fact->queue = receipt->queue;
        fact->sequence = receipt->sequence;
        fact->consumer = core_decide_text(d, receipt->consumer);
    }
    answer(d, MASH__V1__COMMAND_CODE__COMMAND_DONE, 0, "received");
}

/* A repeated command gets its first answer, before anything else is looked at. */
static bool is_repeat(core_decider *d)
{
    if (hub_id_is_zero(&d->command->command_id)) return false;
    uint32_t number = core_table_find(&d->state->command_of_id, d->command->command_id.bytes);
    if (number == 0) return false;
    const core_command_row *row = core_commands_at(d->state, number);
    if (d->command->kind == CORE_ACT) {
        core_act_repeated(d, row);
        return true;
    }
    bool was_done = row->code == MASH__V1__COMMAND_CODE__COMMAND_DONE;
    answer(d, (Mash__V1__CommandCode)row->code, row->number,
           was_done ? "done before" : "refused before; when the cause is mended, give the command under a new id");
    return true;
}

hub_status core_decide(const core_state *state, const core_command *command, hub_arena *arena, core_decision *out)
{
    static void (*const DECIDE[CORE_COMMAND_KINDS])(core_decider *) = {
        [CORE_CREATE_PARTNERSHIP] = decide_create,
        [CORE_START] = decide_start,
        [CORE_ENROL] = decide_enrol,
        [CORE_REVOKE] = decide_revoke,
        [CORE_ADOPT_POLICY] = decide_adopt,
        [CORE_OPEN_OUTBOX] = decide_open_outbox,
        [CORE_PUBLISH] = core_decide_publish,
        [CORE_RECEIVE] = decide_receive,
        [CORE_TICK] = core_decide_tick,
        [CORE_CORRECT_TIME] = decide_correct_time,
        [CORE_RAISE_ALARM] = decide_raise_alarm,
        [CORE_ACT] = core_decide_act,
    };
    HUB_ASSERT((size_t)command->kind < CORE_COMMAND_KINDS);
    HUB_ASSERT(command->at_ms >= state->numbers.time_ms);
    *out = (core_decision){0};
    core_decider d = {.state = state, .command = command, .arena = arena, .out = out};
    if (!is_repeat(&d)) DECIDE[command->kind](&d);
    if (!d.failed) core_tell_alarms(&d);
    if (d.failed) {
        *out = (core_decision){0};
        return HUB_ERR_MEMORY;
    }
    if (d.count == 0) {
        out->personal = NULL;
        return HUB_OK;
    }
    Mash__V1__Control *control = hub_arena_take_raw(arena, sizeof *control);
    if (control == NULL) {
        *out = (core_decision){0};
        return HUB_ERR_MEMORY;
    }
    mash__v1__control__init(control);
    control->format = CORE_FORMAT;
    if (command->kind == CORE_START || command->kind == CORE_CREATE_PARTNERSHIP) control->written_by = (char *)MASHHUB_VERSION;
    control->facts = d.facts;
    control->n_facts = d.count;
    out->control = control;
    return HUB_OK;
}
