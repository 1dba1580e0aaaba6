/* Who is this about? Certain evidence links by itself: a valid identifier that is known. Nothing else joins two people (C8). */
#include "core/said.h"

#include <string.h>

#include "event/identifier.h"

#define ROLE(name) (UINT64_C(1) << MASH__V1__SUBJECT_ROLE__SUBJECT_ROLE_##name)

static const uint64_t AT_RISK_ROLES = ROLE(CHILD) | ROLE(UNBORN_CHILD) | ROLE(ADULT_AT_RISK);

/* A person has one of each of these, so two different valid ones mean two people, whatever else agrees. A person may have several
 * probation, prison and local numbers over the years. */
static bool is_one_to_a_person(uint32_t scheme)
{
    return scheme == MASH__V1__IDENTIFIER_SCHEME__IDENTIFIER_SCHEME_NHS_NUMBER ||
           scheme == MASH__V1__IDENTIFIER_SCHEME__IDENTIFIER_SCHEME_UPN ||
           scheme == MASH__V1__IDENTIFIER_SCHEME__IDENTIFIER_SCHEME_PNC;
}

static Mash__V1__LinkEvidence evidence_of(uint32_t scheme)
{
    return (Mash__V1__LinkEvidence)(scheme + 2); /* LinkEvidence lists the schemes in the order of IdentifierScheme */
}
_Static_assert(MASH__V1__LINK_EVIDENCE__LINK_EVIDENCE_NHS_NUMBER == MASH__V1__IDENTIFIER_SCHEME__IDENTIFIER_SCHEME_NHS_NUMBER + 2,
               "order");
_Static_assert(MASH__V1__LINK_EVIDENCE__LINK_EVIDENCE_LOCAL == MASH__V1__IDENTIFIER_SCHEME__IDENTIFIER_SCHEME_LOCAL + 2, "order");

/* ---- persons --------------------------------------------------------------------------------------------------------------- */
static void hash_identifiers(const core_state *state, const core_event_scratch *s, core_subject *subject, int64_t at_ms)
{
    if (s->event->exercise) return; /* a drill is never joined to real people */
    int this_year = 1970 + (int)(at_ms / (INT64_C(31556952) * 1000));
    for (size_t i = 0; i < subject->said->n_identifiers && subject->hash_count < 16; i++) {
        const Mash__V1__Identifier *identifier = subject->said->identifiers[i];
        char normal[IDENTIFIER_TEXT_MAX + 1];
        if (identifier_check(identifier->scheme, identifier->value, this_year, normal) != IDENTIFIER_VALID) continue;
        core_identifier_hash(state, identifier->scheme, identifier->system, normal, subject->hashes[subject->hash_count]);
        subject->schemes[subject->hash_count++] = (uint8_t)identifier->scheme;
    }
}

/* Has `person` (or one joined with it) another number of this scheme than `hash`? */
static bool has_other_in(const core_state *state, uint32_t person, uint32_t scheme, const uint8_t *hash)
{
    for (uint32_t at = core_persons_at(state, person)->identifiers; at != 0; at = core_identifiers_at(state, at)->next) {
        const core_identifier_row *row = core_identifiers_at(state, at);
        if (row->scheme == scheme && memcmp(row->hash, hash, CORE_HASH_BYTES) != 0) return true;
    }
    return false;
}

/* ... or one of those joined into it? */
static bool they_have_other_in(const core_state *state, uint32_t root, uint32_t scheme, const uint8_t *hash)
{
    if (has_other_in(state, root, scheme, hash)) return true;
    for (uint32_t at = core_persons_at(state, root)->first_joined; at != 0; at = core_persons_at(state, at)->next_joined) {
        if (has_other_in(state, at, scheme, hash)) return true;
    }
    return false;
}

/* The scheme in which subject `index` has another number than `person`, as known or as an earlier subject of this event says, although
 * a person has one; 0 = they agree. */
static uint32_t contradiction(const core_state *state, const core_event_scratch *s, size_t index, uint32_t person)
{
    const core_subject *subject = &s->subjects[index];
    for (uint32_t i = 0; i < subject->hash_count; i++) {
        uint32_t scheme = subject->schemes[i];
        if (!is_one_to_a_person(scheme)) continue;
        if (person <= state->persons.count && they_have_other_in(state, person, scheme, subject->hashes[i])) return scheme;
        for (size_t k = 0; k < index; k++) {
            const core_subject *earlier = &s->subjects[k];
            for (uint32_t j = 0; earlier->person == person && j < earlier->hash_count; j++) {
                if (earlier->schemes[j] == scheme && memcmp(earlier->hashes[j], subject->hashes[i], CORE_HASH_BYTES) != 0)
                    return scheme;
            }
        }
    }
    return 0;
}

/* The scheme in which `person` alone has another number than those who are `root`; 0 = none. */
static uint32_t difference_of_one(const core_state *state, uint32_t person, uint32_t root)
{
    for (uint32_t at = core_persons_at(state, person)->identifiers; at != 0; at = core_identifiers_at(state, at)->next) {
        const core_identifier_row *row = core_identifiers_at(state, at);
        if (is_one_to_a_person(row->scheme) && they_have_other_in(state, root, row->scheme, row->hash)) return row->scheme;
    }
    return 0;
}

/* The scheme in which two known persons have different numbers although a person has one; 0 = they may be one. */
static uint32_t difference(const core_state *state, uint32_t a, uint32_t b)
{
    uint32_t scheme = difference_of_one(state, a, b);
    for (uint32_t at = core_persons_at(state, a)->first_joined; scheme == 0 && at != 0;
         at = core_persons_at(state, at)->next_joined)
        scheme = difference_of_one(state, at, b);
    return scheme;
}

bool core_persons_differ(const core_state *state, uint32_t a, uint32_t b)
{
    return difference(state, a, b) != 0;
}

/* ... counting whom this very event joins to `into` already: they are not in the state yet. */
static uint32_t difference_now(const core_decider *d, uint32_t person, uint32_t into)
{
    uint32_t scheme = difference(d->state, person, into);
    for (size_t i = 0; scheme == 0 && i < d->count; i++) {
        if (d->facts[i]->kind != FACT_PERSONS_JOINED) continue;
        uint32_t from = (uint32_t)d->facts[i]->persons_joined->person;
        uint32_t to = (uint32_t)d->facts[i]->persons_joined->into;
        if (from == into || to == into) scheme = difference(d->state, person, from == into ? to : from);
        if (scheme == 0 && (from == person || to == person)) scheme = difference(d->state, into, from == person ? to : from);
    }
    return scheme;
}

static void record_conflict(core_decider *d, uint32_t subject, uint32_t person, uint32_t scheme)
{
    Mash__V1__IdentifiersConflict *fact = core_decide_add(d, FACT_IDENTIFIERS_CONFLICT);
    Mash__V1__AlarmRaised *alarm = core_decide_add(d, FACT_ALARM_RAISED);
    if (alarm == NULL) return;
    fact->person = person;
    fact->subject = subject;
    fact->scheme = evidence_of(scheme);
    alarm->alarm = MASH__V1__ALARM_KIND__ALARM_KIND_IDENTIFIERS_CONFLICT;
    alarm->peer = d->command->peer;
}

/* The person that identifier `k` of `subject` names: a known one, or one that an earlier subject of this event is; 0 = nobody. */
static uint32_t named_by(const core_decider *d, const core_event_scratch *s, size_t index, uint32_t k)
{
    const uint8_t *hash = s->subjects[index].hashes[k];
    uint32_t row = core_table_find(&d->state->identifier_of_hash, hash);
    if (row != 0) return core_person_root(d->state, core_identifiers_at(d->state, row)->person);
    for (size_t i = 0; i < index; i++) {
        for (uint32_t j = 0; j < s->subjects[i].hash_count; j++) {
            if (memcmp(s->subjects[i].hashes[j], hash, CORE_HASH_BYTES) == 0) return s->subjects[i].person;
        }
    }
    return 0;
}

/* A person has found that two whom this subject names are two: then it is about who was split off, whose event the wrong number stood in too. */
static bool keep_apart(core_decider *d, core_subject *subject, size_t index, uint32_t person)
{
    if (d->state->aparts.count == 0 || subject->person == 0) return false;
    uint32_t known = d->state->persons.count;
    if (person > known || subject->person > known) return false;
    bool is_off = core_is_split_off(d->state, subject->person, person);
    if (!is_off && !core_is_split_off(d->state, person, subject->person)) return false;
    Mash__V1__IdentifiersConflict *fact = core_decide_add(d, FACT_IDENTIFIERS_CONFLICT);
    if (fact == NULL) return true;
    fact->person = is_off ? subject->person : person;
    fact->subject = (uint32_t)index;
    fact->scheme = MASH__V1__LINK_EVIDENCE__LINK_EVIDENCE_KEPT_APART;
    return true;
}

/* A further identifier of a subject that is linked already names another person: the two are one, unless their numbers differ. */
static void join_persons(core_decider *d, size_t index, uint32_t person, uint32_t into, uint32_t scheme)
{
    uint32_t against = difference_now(d, person, into);
    if (against != 0) {
        record_conflict(d, (uint32_t)index, person, against);
        return;
    }
    Mash__V1__PersonsJoined *fact = core_decide_add(d, FACT_PERSONS_JOINED);
    if (fact == NULL) return;
    fact->person = person;
    fact->into = into;
    fact->evidence = evidence_of(scheme);
    fact->subject = (uint32_t)index;
}

/* Links by the strongest identifier that does not contradict; joins those whom another of its identifiers names. */
static Mash__V1__LinkEvidence find_person(core_decider *d, core_event_scratch *s, size_t index)
{
    core_subject *subject = &s->subjects[index];
    uint32_t known = d->state->persons.count;
    Mash__V1__LinkEvidence evidence = MASH__V1__LINK_EVIDENCE__LINK_EVIDENCE_UNSPECIFIED;
    for (uint32_t scheme = 1; scheme <= MASH__V1__IDENTIFIER_SCHEME__IDENTIFIER_SCHEME_LOCAL; scheme++) {
        for (uint32_t k = 0; k < subject->hash_count; k++) {
            if (subject->schemes[k] != scheme) continue;
            uint32_t person = named_by(d, s, index, k);
            if (person == 0 || person == subject->person) continue;
            uint32_t against = contradiction(d->state, s, index, person);
            if (against != 0) {
                record_conflict(d, (uint32_t)index, person, against);
            } else if (subject->person == 0) {
                subject->person = person;
                subject->is_new = false;
                evidence = evidence_of(scheme);
            } else if (keep_apart(d, subject, index, person)) {
                if (!core_is_split_off(d->state, subject->person, person)) continue;
                subject->person = person;
                evidence = evidence_of(scheme);
            } else if (person <= known && subject->person <= known) {
                join_persons(d, index, person, subject->person, scheme);
            }
        }
    }
    return evidence;
}

static const char *area_of(const core_event_scratch *s, const Mash__V1__Subject *subject)
{
    for (size_t i = 0; i < subject->n_addresses; i++) {
        const Mash__V1__Address *address = subject->addresses[i];
        bool is_home = address->kind == MASH__V1__ADDRESS_KIND__ADDRESS_KIND_HOME ||
                       address->kind == MASH__V1__ADDRESS_KIND__ADDRESS_KIND_UNSPECIFIED;
        if (is_home && address->until == NULL && core_policy_area(s->policy, address->area, s->today) != NULL)
            return address->area;
    }
    return s->event->area;
}

static void link_subject(core_decider *d, core_event_scratch *s, size_t index)
{
    core_subject *subject = &s->subjects[index];
    subject->said = s->event->subjects[index];
    subject->roles = event_subject_roles(subject->said);
    subject->area = area_of(s, subject->said);
    hash_identifiers(d->state, s, subject, d->command->at_ms);
    Mash__V1__LinkEvidence evidence = find_person(d, s, index);
    if (subject->person == 0) {
        subject->person = d->state->persons.count + ++s->new_persons;
        subject->is_new = true;
        evidence = subject->hash_count > 0 ? MASH__V1__LINK_EVIDENCE__LINK_EVIDENCE_NEW_IDENTIFIER
                                           : MASH__V1__LINK_EVIDENCE__LINK_EVIDENCE_NONE;
    }
    if (subject->person <= d->state->persons.count) subject->status = core_persons_at(d->state, subject->person)->status;
    Mash__V1__PersonLinked *fact = core_decide_add(d, FACT_PERSON_LINKED);
    if (fact == NULL) return;
    fact->subject = (uint32_t)index;
    fact->person = subject->person;
    fact->evidence = evidence;
    fact->is_new = subject->is_new;
    fact->roles = (uint32_t)subject->roles;
    fact->birth_day = core_said_birth_day(subject->said);
    core_said_compare(d, s, index);
}

void core_link_people(core_decider *d, core_event_scratch *s)
{
    s->subjects = hub_arena_take(d->arena, (s->subject_count + 1) * sizeof *s->subjects);
    if (s->subjects == NULL) {
        d->failed = true;
        return;
    }
    for (size_t i = 0; i < s->subject_count && !d->failed; i++)
        link_subject(d, s, i);
}

/* ---- families -------------------------------------------------------------------------------------------------------------- */
/* How subject a is related to b, as either of them states; UNSPECIFIED when neither does. */
static Mash__V1__RelationshipKind stated_relation(const core_event_scratch *s, size_t a, size_t b)
{
    const size_t from[2] = {a, b};
    const size_t to[2] = {b, a};
    for (int side = 0; side < 2; side++) {
        const Mash__V1__Subject *subject = s->subjects[from[side]].said;
        for (size_t i = 0; i < subject->n_relationships; i++) {
            const Mash__V1__Relationship *relation = subject->relationships[i];
            if (relation->to_subject != to[side]) continue;
            if (relation->kind == MASH__V1__RELATIONSHIP_KIND__RELATIONSHIP_KIND_SUPPORTS)
                continue; /* the wider network is no family */
            if (relation->kind == MASH__V1__RELATIONSHIP_KIND__RELATIONSHIP_KIND_EX_PARTNER_OF && !relation->lives_with) continue;
            return relation->kind;
        }
    }
    return MASH__V1__RELATIONSHIP_KIND__RELATIONSHIP_KIND_UNSPECIFIED;
}

static bool have_common_parent(const core_event_scratch *s, size_t a, size_t b)
{
    for (size_t i = 0; i < s->subject_count; i++) {
        if (i == a || i == b) continue;
        Mash__V1__RelationshipKind with_a = stated_relation(s, a, i);
        Mash__V1__RelationshipKind with_b = stated_relation(s, b, i);
        bool a_is = with_a == MASH__V1__RELATIONSHIP_KIND__RELATIONSHIP_KIND_CHILD_OF ||
                    with_a == MASH__V1__RELATIONSHIP_KIND__RELATIONSHIP_KIND_PARENT_OF;
        bool b_is = with_b == MASH__V1__RELATIONSHIP_KIND__RELATIONSHIP_KIND_CHILD_OF ||
                    with_b == MASH__V1__RELATIONSHIP_KIND__RELATIONSHIP_KIND_PARENT_OF;
        if (a_is && b_is) return true;
    }
    return false;
}

/* Two people of one event at one home: the address is the evidence and the event the second item it needs. */
static bool share_home(const core_event_scratch *s, size_t a, size_t b)
{
    const Mash__V1__Subject *first = s->subjects[a].said;
    const Mash__V1__Subject *second = s->subjects[b].said;
    for (size_t i = 0; i < first->n_addresses; i++) {
        const Mash__V1__Address *home = first->addresses[i];
        if (home->uprn == 0 || home->until != NULL || home->kind == MASH__V1__ADDRESS_KIND__ADDRESS_KIND_COMMUNAL) continue;
        for (size_t j = 0; j < second->n_addresses; j++) {
            const Mash__V1__Address *other = second->addresses[j];
            if (other->uprn == home->uprn && other->until == NULL && other->kind != MASH__V1__ADDRESS_KIND__ADDRESS_KIND_COMMUNAL)
                return true;
        }
    }
    return false;
}

static Mash__V1__MemberReason belong_together(const core_event_scratch *s, size_t a, size_t b)
{
    if (stated_relation(s, a, b) != MASH__V1__RELATIONSHIP_KIND__RELATIONSHIP_KIND_UNSPECIFIED || have_common_parent(s, a, b)) {
        return MASH__V1__MEMBER_REASON__MEMBER_REASON_STATED_RELATION;
    }
    if (share_home(s, a, b)) return MASH__V1__MEMBER_REASON__MEMBER_REASON_SAME_EVENT_SAME_HOME;
    return MASH__V1__MEMBER_REASON__MEMBER_REASON_UNSPECIFIED;
}

static bool is_at_risk(const core_subject *subject)
{
    return (subject->roles & AT_RISK_ROLES) != 0;
}

/* The family in which a known person is the one at risk; 0 = none yet. */
static uint32_t own_family(const core_state *state, const core_subject *subject)
{
    if (subject->person > state->persons.count) return 0;
    for (uint32_t at = core_persons_at(state, subject->person)->memberships; at != 0;
         at = core_members_at(state, at)->next_of_person) {
        const core_member_row *row = core_members_at(state, at);
        if (row->reason == MASH__V1__MEMBER_REASON__MEMBER_REASON_AT_RISK) return row->family;
    }
    return 0;
}

static void add_member(core_decider *d, core_event_scratch *s, size_t index, uint32_t family, bool is_new_family,
                       Mash__V1__MemberReason reason, size_t related_to)
{
    const core_subject *subject = &s->subjects[index];
    bool known = subject->person <= d->state->persons.count && family <= d->state->families.count;
    if (known && core_is_member(d->state, family, subject->person)) return;
    Mash__V1__FamilyMemberAdded *fact = core_decide_add(d, FACT_FAMILY_MEMBER_ADDED);
    if (fact == NULL) return;
    fact->family = family;
    fact->person = subject->person;
    fact->reason = reason;
    fact->relation =
        related_to == index ? MASH__V1__RELATIONSHIP_KIND__RELATIONSHIP_KIND_UNSPECIFIED : stated_relation(s, index, related_to);
    fact->is_new_family = is_new_family;
}

/* Two subjects of one event can be the same person; only the first place is linked into families. */
static bool is_first_place(const core_event_scratch *s, size_t index)
{
    for (size_t i = 0; i < index; i++) {
        if (s->subjects[i].person == s->subjects[index].person) return false;
    }
    return true;
}

static void place_at_risk(core_decider *d, core_event_scratch *s, size_t index)
{
    core_subject *subject = &s->subjects[index];
    bool has_company = false;
    for (size_t i = 0; i < s->subject_count; i++) {
        if (i == index || belong_together(s, index, i) == MASH__V1__MEMBER_REASON__MEMBER_REASON_UNSPECIFIED) continue;
        has_company = true;
        if (!is_at_risk(&s->subjects[i]) || s->subjects[i].family == 0) continue;
        subject->family = s->subjects[i].family;
        add_member(d, s, index, subject->family, false, MASH__V1__MEMBER_REASON__MEMBER_REASON_AT_RISK, i);
        return;
    }
    if (!has_company) return; /* a family of one is no family: alerts are about the person until somebody belongs to them */
    subject->family = d->state->families.count + ++s->new_families;
    add_member(d, s, index, subject->family, true, MASH__V1__MEMBER_REASON__MEMBER_REASON_AT_RISK, index);
}

/* Adults join the families of the children and adults at risk whom they belong to; through an adult no family joins another. */
static void place_others(core_decider *d, core_event_scratch *s, size_t index)
{
    core_subject *subject = &s->subjects[index];
    uint32_t only = subject->person <= d->state->persons.count ? core_family_of(d->state, subject->person) : 0;
    bool belongs = subject->person <= d->state->persons.count && core_persons_at(d->state, subject->person)->memberships != 0;
    bool several = belongs && only == 0;
    uint32_t added[EVENT_SUBJECTS_MAX]; /* a family at most for each who is at risk */
    size_t added_count = 0;
    HUB_ASSERT(s->subject_count <= EVENT_SUBJECTS_MAX);
    for (size_t i = 0; i < s->subject_count; i++) {
        const core_subject *other = &s->subjects[i];
        if (!is_at_risk(other) || other->family == 0) continue;
        Mash__V1__MemberReason reason = belong_together(s, index, i);
        if (reason == MASH__V1__MEMBER_REASON__MEMBER_REASON_UNSPECIFIED) continue;
        bool is_repeated = false;
        for (size_t k = 0; k < added_count; k++)
            is_repeated = is_repeated || added[k] == other->family;
        if (is_repeated) continue;
        added[added_count++] = other->family;
        add_member(d, s, index, other->family, false, reason, i);
        several = several || (only != 0 && only != other->family);
        only = other->family;
    }
    subject->family = several ? 0 : only;
}

/* Who else is known at this address: told to people as evidence, joined by nothing (C8). */
static void note_household(core_decider *d, core_event_scratch *s, size_t index)
{
    if (s->event->exercise) return;
    const core_subject *subject = &s->subjects[index];
    for (size_t i = 0; i < subject->said->n_addresses; i++) {
        const Mash__V1__Address *address = subject->said->addresses[i];
        if (address->uprn == 0 || address->kind == MASH__V1__ADDRESS_KIND__ADDRESS_KIND_COMMUNAL) continue;
        uint8_t hash[CORE_HASH_BYTES];
        core_uprn_hash(d->state, address->uprn, hash);
        uint32_t number = core_table_find(&d->state->household_of_hash, hash);
        if (number == 0) continue;
        const core_household_row *row = core_households_at(d->state, number);
        if (row->count > CORE_HOUSEHOLD_MAX) continue; /* so many that it says nothing */
        for (uint32_t k = 0; k < row->count; k++) {
            uint32_t other = core_person_root(d->state, row->persons[k]);
            bool here = other == subject->person;
            for (size_t j = 0; j < s->subject_count; j++)
                here = here || s->subjects[j].person == other;
            if (here || (subject->family != 0 && subject->family <= d->state->families.count &&
                         core_is_member(d->state, subject->family, other)))
                continue;
            if (s->candidates == CORE_CANDIDATES_MAX) return;
            s->candidates++;
            Mash__V1__HouseholdCandidate *fact = core_decide_add(d, FACT_HOUSEHOLD_CANDIDATE);
            if (fact == NULL) return;
            fact->person = subject->person;
            fact->other = other;
            fact->evidence = MASH__V1__HOUSEHOLD_EVIDENCE__HOUSEHOLD_EVIDENCE_SHARED_UPRN;
        }
    }
}

void core_link_families(core_decider *d, core_event_scratch *s)
{
    if (d->failed) return;
    for (size_t i = 0; i < s->subject_count; i++) {
        if (is_at_risk(&s->subjects[i])) s->subjects[i].family = own_family(d->state, &s->subjects[i]);
    }
    for (size_t i = 0; i < s->subject_count; i++) {
        if (is_at_risk(&s->subjects[i]) && s->subjects[i].family == 0 && is_first_place(s, i)) place_at_risk(d, s, i);
    }
    for (size_t i = 0; i < s->subject_count; i++) {
        if (!is_at_risk(&s->subjects[i]) && is_first_place(s, i)) place_others(d, s, i);
    }
    for (size_t i = 0; i < s->subject_count && !d->failed; i++) {
        if (is_first_place(s, i)) {
            note_household(d, s, i);
            continue;
        }
        for (size_t k = 0; k < i; k++) {
            if (s->subjects[k].person == s->subjects[i].person) s->subjects[i].family = s->subjects[k].family;
        }
    }
}
