/* The fold: the only place where state changes (C2). Room has been reserved; nothing here can fail (C3). */
#include "core/evolve.h"

#include <string.h>

#include "core/said.h"
#include "event/identifier.h"

static uint64_t stir(uint64_t digest, uint64_t word)
{
    digest = (digest ^ word) * UINT64_C(0x9e3779b97f4a7c15); /* odd: no two words give the same product */
    return digest ^ digest >> 32;
}

void core_fold_mix(core_state *state, uint32_t kind, uint64_t a, uint64_t b, uint64_t c)
{
    state->numbers.digest = stir(stir(stir(stir(state->numbers.digest, kind), a), b), c);
}

void core_fold_name(char *to, size_t capacity, const char *from)
{
    (void)hub_format(to, capacity, "%.*s", (int)(capacity - 1), from == NULL ? "" : from);
}

void core_fold_bytes(void *to, size_t size, ProtobufCBinaryData from)
{
    memset(to, 0, size);
    if (from.len > 0) memcpy(to, from.data, from.len < size ? from.len : size);
}

/* ---- the hub itself -------------------------------------------------------------------------------------------------------- */
void core_fold_partnership_created(core_fold *f, const Mash__V1__PartnershipCreated *fact)
{
    core_numbers *numbers = &f->state->numbers;
    core_fold_name(numbers->partnership, sizeof numbers->partnership, fact->name);
    core_fold_bytes(numbers->server_key, sizeof numbers->server_key, fact->server_key);
    core_fold_bytes(numbers->signing_key, sizeof numbers->signing_key, fact->signing_key);
    const ProtobufCBinaryData *key = &f->record->personal->pseudonym_key;
    hub_short_digest_of(hub_bytes_of(key->data, key->len), numbers->secret);
    core_fold_mix(f->state, FACT_PARTNERSHIP_CREATED, hub_get_u64(numbers->secret), 0, 0);
}

void core_fold_hub_started(core_fold *f, const Mash__V1__HubStarted *fact)
{
    f->state->numbers.epoch = fact->epoch;
    f->state->numbers.started_ms = f->record->time_ms;
    f->state->numbers.reckoned_ms = f->record->time_ms;
    core_fold_mix(f->state, FACT_HUB_STARTED, fact->epoch, 0, 0);
}

void core_fold_key_enrolled(core_fold *f, const Mash__V1__KeyEnrolled *fact)
{
    uint32_t number;
    core_peer *peer = core_pool_add(&f->state->peers, &number);
    HUB_ASSERT(number == fact->peer);
    peer->number = number;
    core_fold_bytes(peer->public_key, sizeof peer->public_key, fact->public_key);
    peer->kind = fact->peer_kind;
    peer->agency = fact->agency;
    core_fold_name(peer->name, sizeof peer->name, fact->name);
    core_fold_name(peer->source_system, sizeof peer->source_system, fact->source_system);
    size_t kept = 0;
    for (size_t i = 0; i < fact->n_queues && kept < sizeof peer->queues / sizeof peer->queues[0]; i++) {
        uint32_t queue = core_queue_number(f->state, fact->queues[i]);
        if (queue != 0) peer->queues[kept++] = queue;
    }
    for (size_t i = 0; i < fact->n_may_act_for && i < sizeof peer->may_act_for / sizeof peer->may_act_for[0]; i++)
        peer->may_act_for[i] = fact->may_act_for[i];
    core_table_insert(&f->state->peer_of_key, number);
    core_fold_mix(f->state, FACT_KEY_ENROLLED, number, hub_get_u64(peer->public_key), (uint64_t)peer->kind);
}

void core_fold_key_revoked(core_fold *f, const Mash__V1__KeyRevoked *fact)
{
    core_peers_at(f->state, fact->peer)->revoked = true;
    core_fold_mix(f->state, FACT_KEY_REVOKED, fact->peer, 0, 0);
}

static void add_names(core_pool *pool, Mash__V1__Numbered *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        uint32_t number;
        core_name_row *row = core_pool_add(pool, &number);
        HUB_ASSERT(number == names[i]->number);
        core_fold_name(row->name, sizeof row->name, names[i]->name);
    }
}

static uint32_t number_of_audience(const core_state *state, const char *name)
{
    for (uint32_t i = 1; i <= state->audiences.count; i++) {
        if (strcmp(core_audiences_at(state, i)->name, name) == 0) return i;
    }
    return 0;
}

/* The rows of a compiled policy learn the numbers their names have for ever. */
static void number_policy(const core_state *state, const core_policy *policy)
{
    for (uint32_t i = 0; i < policy->queue_count; i++) {
        policy->queues[i].number = core_queue_number(state, policy->queues[i].name);
        HUB_ASSERT(policy->queues[i].number != 0);
    }
    for (uint32_t i = 0; i < policy->audience_count; i++) {
        policy->audiences[i].number = number_of_audience(state, policy->audiences[i].name);
        HUB_ASSERT(policy->audiences[i].number != 0);
    }
    for (uint32_t i = 0; i < policy->team_count; i++) {
        policy->teams[i].number = core_team_number(state, policy->teams[i].name);
        HUB_ASSERT(policy->teams[i].number != 0);
    }
}

void core_attach_policy(core_state *state, uint32_t number, const core_policy *policy)
{
    HUB_ASSERT(number >= 1 && number <= state->policies.count);
    HUB_ASSERT(memcmp(core_policies_at(state, number)->digest, policy->digest, HUB_DIGEST_BYTES) == 0);
    number_policy(state, policy);
    state->compiled[number - 1] = policy;
}

void core_fold_policy_adopted(core_fold *f, const Mash__V1__PolicyAdopted *fact)
{
    core_state *state = f->state;
    uint32_t number;
    core_policy_row *row = core_pool_add(&state->policies, &number);
    HUB_ASSERT(number == fact->policy);
    row->sequence = f->record->sequence;
    core_fold_bytes(row->digest, sizeof row->digest, fact->digest);
    add_names(&state->queues, fact->queues, fact->n_queues);
    add_names(&state->audiences, fact->audiences, fact->n_audiences);
    add_names(&state->teams, fact->teams, fact->n_teams);
    core_attach_policy(state, number, f->record->policy);
    core_roster_changed(state);
    core_calendars_changed(state);
    core_fold_mix(state, FACT_POLICY_ADOPTED, number, hub_get_u64(row->digest), state->queues.count);
}

void core_fold_command_answered(core_fold *f, const Mash__V1__CommandAnswered *fact)
{
    uint32_t number;
    core_command_row *row = core_pool_add(&f->state->commands, &number);
    core_fold_bytes(row->command_id.bytes, sizeof row->command_id.bytes, fact->command_id);
    row->code = fact->code;
    row->number = fact->number;
    row->version = fact->version;
    core_table_insert(&f->state->command_of_id, number);
    core_fold_mix(f->state, FACT_COMMAND_ANSWERED, hub_get_u64(row->command_id.bytes), fact->code, fact->number);
}

/* ---- events ---------------------------------------------------------------------------------------------------------------- */
static void settle(core_fold *f, uint32_t outbox_number, ProtobufCBinaryData event_id)
{
    core_outbox *outbox = core_outboxes_at(f->state, outbox_number);
    if (f->record->link_seq <= outbox->settled_link_seq) return; /* offered again: the event id decided, the watermark stays */
    outbox->settled_link_seq = f->record->link_seq;
    core_fold_bytes(outbox->settled_event_id.bytes, sizeof outbox->settled_event_id.bytes, event_id);
}

static core_peer *origin(core_fold *f)
{
    return core_peers_at(f->state, f->record->peer);
}

void core_fold_event_accepted(core_fold *f, const Mash__V1__EventAccepted *fact)
{
    core_state *state = f->state;
    core_event_row *row = core_pool_add(&state->events, &f->event);
    core_fold_bytes(row->event_id.bytes, sizeof row->event_id.bytes, fact->event_id);
    core_fold_bytes(row->body_hash, sizeof row->body_hash, fact->body_hash);
    row->sequence = f->record->sequence;
    row->occurred_day = fact->occurred_day;
    row->payload = (uint16_t)fact->payload;
    row->agency = (uint8_t)fact->agency;
    row->exercise = fact->exercise ? 1 : 0;
    row->sensitivity = (uint8_t)fact->sensitivity;
    f->sensitivity = (uint16_t)fact->sensitivity;
    core_table_insert(&state->event_of_id, f->event);
    settle(f, fact->outbox, fact->event_id);
    origin(f)->stored++;
    state->numbers.events_accepted++;
    core_fold_mix(state, FACT_EVENT_ACCEPTED, hub_get_u64(row->event_id.bytes), hub_get_u64(row->body_hash), f->record->link_seq);
}

void core_fold_event_refused(core_fold *f, const Mash__V1__EventRefused *fact)
{
    settle(f, fact->outbox, fact->event_id);
    origin(f)->refused++;
    f->state->numbers.events_refused++;
    core_fold_mix(f->state, FACT_EVENT_REFUSED, fact->outbox, f->record->link_seq, fact->code);
}

void core_fold_event_repeated(core_fold *f, const Mash__V1__EventRepeated *fact)
{
    settle(f, fact->outbox, fact->event_id);
    origin(f)->duplicates++;
    core_fold_mix(f->state, FACT_EVENT_REPEATED, fact->outbox, f->record->link_seq, 0);
}

void core_fold_event_withdrawn(core_fold *f, const Mash__V1__EventWithdrawn *fact)
{
    hub_id id;
    core_fold_bytes(id.bytes, sizeof id.bytes, fact->event_id);
    uint32_t number = core_table_find(&f->state->event_of_id, id.bytes);
    HUB_ASSERT(number != 0);
    core_events_at(f->state, number)->withdrawn = 1;
    core_said_forget(f->state, number);
    if (!fact->amended)
        core_events_at(f->state, f->event)->withdrawn = 1; /* a retraction says nothing new: no pattern counts it */
    core_fold_mix(f->state, FACT_EVENT_WITHDRAWN, number, fact->amended ? 1 : 0, fact->n_alerts);
    for (size_t i = 0; i < fact->n_alerts; i++) {
        uint32_t alert = (uint32_t)fact->alerts[i];
        core_fold_event_came(f, alert, core_alerts_at(f->state, alert)->version + 1, CORE_EVENT_WITHDRAWN);
    }
}

void core_fold_outbox_opened(core_fold *f, const Mash__V1__OutboxOpened *fact)
{
    uint32_t number;
    core_outbox *outbox = core_pool_add(&f->state->outboxes, &number);
    HUB_ASSERT(number == fact->outbox);
    outbox->number = number;
    outbox->peer = fact->peer;
    core_fold_bytes(outbox->outbox_id.bytes, sizeof outbox->outbox_id.bytes, fact->outbox_id);
    core_table_insert(&f->state->outbox_of_id, number);
    core_peers_at(f->state, fact->peer)->outbox = number;
    core_fold_mix(f->state, FACT_OUTBOX_OPENED, number, hub_get_u64(outbox->outbox_id.bytes), fact->peer);
}

/* ---- people ---------------------------------------------------------------------------------------------------------------- */
static void learn_identifier(core_fold *f, uint32_t person, uint32_t history, const Mash__V1__Identifier *identifier)
{
    core_state *state = f->state;
    char normal[IDENTIFIER_TEXT_MAX + 1];
    /* this_year only matters for two-digit years in a PNC id: the record's own year, so that a replay agrees */
    int this_year = 1970 + (int)(f->record->time_ms / (INT64_C(31556952) * 1000));
    if (identifier_check(identifier->scheme, identifier->value, this_year, normal) != IDENTIFIER_VALID) return;
    uint8_t hash[CORE_HASH_BYTES];
    core_identifier_hash(state, identifier->scheme, identifier->system, normal, hash);
    if (core_table_find(&state->identifier_of_hash, hash) != 0) return;

    uint32_t number;
    core_identifier_row *row = core_pool_add(&state->identifiers, &number);
    memcpy(row->hash, hash, sizeof row->hash);
    row->person = person;
    row->scheme = (uint32_t)identifier->scheme;
    row->history = history;
    row->next = core_persons_at(state, person)->identifiers;
    core_persons_at(state, person)->identifiers = number;
    core_table_insert(&state->identifier_of_hash, number);
}

static void meet(core_state *state, uint32_t a, uint32_t b)
{
    core_person_row *one = core_persons_at(state, core_person_root(state, a));
    core_person_row *other = core_persons_at(state, core_person_root(state, b));
    if (one == other) return;
    one->company |= other->roles;
    other->company |= one->roles;
}

static void learn_address(core_fold *f, uint32_t person, const Mash__V1__Address *address)
{
    core_state *state = f->state;
    if (address->uprn == 0 || address->kind == MASH__V1__ADDRESS_KIND__ADDRESS_KIND_COMMUNAL) return;
    uint8_t hash[CORE_HASH_BYTES];
    core_uprn_hash(state, address->uprn, hash);
    uint32_t number = core_table_find(&state->household_of_hash, hash);
    core_household_row *row;
    if (number == 0) {
        row = core_pool_add(&state->households, &number);
        memcpy(row->hash, hash, sizeof row->hash);
        core_table_insert(&state->household_of_hash, number);
    } else {
        row = core_households_at(state, number);
    }
    if (row->count > CORE_HOUSEHOLD_MAX) return;
    bool is_known = false;
    for (uint32_t i = 0; i < row->count; i++) {
        is_known = is_known || row->persons[i] == person;
        meet(state, person, row->persons[i]);
    }
    if (is_known) return;
    if (row->count < CORE_HOUSEHOLD_MAX) row->persons[row->count] = person;
    row->count++;
}

void core_fold_person_linked(core_fold *f, const Mash__V1__PersonLinked *fact)
{
    core_state *state = f->state;
    if (fact->is_new) {
        uint32_t number;
        core_person_row *added = core_pool_add(&state->persons, &number);
        HUB_ASSERT(number == fact->person);
        added->root = number;
        added->born = CORE_BORN_ANY_DAY;
    }
    uint32_t number = core_person_root(state, (uint32_t)fact->person);
    core_person_row *person = core_persons_at(state, number);
    person->roles |= fact->roles;
    for (size_t i = 0; f->record->control->facts[i]->person_linked != fact; i++) { /* each meets those before it */
        const Mash__V1__Fact *earlier = f->record->control->facts[i];
        if (earlier->kind == FACT_PERSON_LINKED) meet(state, number, (uint32_t)earlier->person_linked->person);
    }

    HUB_ASSERT(f->event != 0);
    core_event_row *named_by = core_events_at(state, f->event);
    uint32_t history;
    core_history_row *row = core_pool_add(&state->history, &history);
    *row = (core_history_row){.event = f->event,
                              .next = person->history,
                              .person = number,
                              .beside = named_by->people,
                              .birth_day = fact->birth_day,
                              .roles = fact->roles};
    person->history = history;
    named_by->people = history;
    core_said_learn(state, number, history);
    core_fold_mix(state, FACT_PERSON_LINKED, number, f->event, fact->roles);

    const Mash__V1__Event *event = f->record->event; /* NULL when erased: the person goes on without what it held (C4) */
    if (event == NULL || event->exercise || fact->subject >= event->n_subjects) return;
    const Mash__V1__Subject *subject = event->subjects[fact->subject];
    for (size_t i = 0; i < subject->n_identifiers; i++)
        learn_identifier(f, number, history, subject->identifiers[i]);
    for (size_t i = 0; i < subject->n_addresses; i++)
        learn_address(f, number, subject->addresses[i]);
}

void core_fold_persons_joined(core_fold *f, const Mash__V1__PersonsJoined *fact)
{
    core_state *state = f->state;
    uint32_t from = core_person_root(state, (uint32_t)fact->person);
    uint32_t into = core_person_root(state, (uint32_t)fact->into);
    if (from == into) return;
    core_person_row *gone = core_persons_at(state, from);
    core_person_row *root = core_persons_at(state, into);

    gone->root = gone->joined_to = into;
    uint32_t last = from; /* the joined ones of `from` become joined ones of `into`, itself first */
    uint32_t chain = gone->first_joined;
    gone->first_joined = 0;
    gone->next_joined = chain;
    while (core_persons_at(state, last)->next_joined != 0) {
        last = core_persons_at(state, last)->next_joined;
        core_persons_at(state, last)->root = into;
    }
    core_persons_at(state, last)->next_joined = root->first_joined;
    root->first_joined = from;

    root->status |= gone->status;
    root->roles |= gone->roles;
    core_said_join(state, from, into);
    root->company |= gone->company;
    uint32_t *end = &root->memberships;
    while (*end != 0)
        end = &core_members_at(state, *end)->next_of_person;
    *end = gone->memberships;
    for (uint32_t at = gone->memberships; at != 0; at = core_members_at(state, at)->next_of_person) {
        core_members_at(state, at)->person = into;
    }
    gone->memberships = 0;
    end = &root->alerts;
    while (*end != 0)
        end = &core_alerts_at(state, *end)->next;
    *end = gone->alerts;
    gone->alerts = 0;
    core_fold_mix(state, FACT_PERSONS_JOINED, from, into, 0);
}

void core_fold_family_member_added(core_fold *f, const Mash__V1__FamilyMemberAdded *fact)
{
    core_state *state = f->state;
    if (fact->is_new_family) {
        uint32_t number;
        core_pool_add(&state->families, &number);
        HUB_ASSERT(number == fact->family);
    }
    uint32_t family = (uint32_t)fact->family;
    uint32_t person = core_person_root(state, (uint32_t)fact->person);
    uint32_t number;
    core_member_row *row = core_pool_add(&state->members, &number);
    *row = (core_member_row){
        .family = family,
        .person = person,
        .next_of_person = core_persons_at(state, person)->memberships,
        .next_of_family = core_families_at(state, family)->members,
        .reason = (uint8_t)fact->reason,
        .relation = (uint8_t)fact->relation,
    };
    core_persons_at(state, person)->memberships = number;
    core_families_at(state, family)->members = number;
    core_fold_mix(state, FACT_FAMILY_MEMBER_ADDED, family, person, (uint64_t)fact->reason);
}

void core_fold_status_changed(core_fold *f, const Mash__V1__StatusChanged *fact)
{
    uint32_t number = core_person_root(f->state, (uint32_t)fact->person);
    core_person_row *person = core_persons_at(f->state, number);
    uint32_t bit = UINT32_C(1) << ((uint32_t)fact->status & 31);
    person->status = fact->on ? person->status | bit : person->status & ~bit;
    if (person->history != 0 && core_history_at(f->state, person->history)->event == f->event) {
        core_history_row *word = core_history_at(f->state, person->history);
        word->status = (uint8_t)fact->status;
        word->ends = !fact->on || fact->ended_here;
    }
    core_fold_mix(f->state, FACT_STATUS_CHANGED, number, person->status, 0);
}

void core_evolve(core_state *state, const core_record *record)
{
    HUB_ASSERT(record->sequence == state->numbers.sequence + 1);
    core_fold f = {.state = state, .record = record};
    state->numbers.sequence = record->sequence;
    state->numbers.time_ms = record->time_ms;
    core_fold_mix(state, 1, record->sequence, (uint64_t)record->time_ms, record->epoch);
    for (size_t i = 0; i < record->control->n_facts; i++) {
        const Mash__V1__Fact *fact = record->control->facts[i];
        switch (fact->body_case) {
#define X(number, capitals, member, message, ignorable, words)                                                                   \
    case MASH__V1__FACT__BODY_##capitals:                                                                                        \
        core_fold_##member(&f, fact->member);                                                                                    \
        break;
            CORE_FACTS(X)
#undef X
        default:
            break; /* ignorable and newer: core_reserve has refused the essential ones */
        }
    }
}
