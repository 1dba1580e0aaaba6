/* Is a record about somebody who works here, or about their own home? Asked of each record that is shown to them. */
#include "core/sharing.h"

#include "core/facts.h"
#include "core/state.h"

enum { PEOPLE_MAX = 64 };

typedef struct own_people {
    uint32_t persons[PEOPLE_MAX];
    uint32_t count;
} own_people;

static bool has_person(const own_people *own, uint32_t person)
{
    for (uint32_t i = 0; i < own->count; i++) {
        if (own->persons[i] == person) return true;
    }
    return false;
}

static void add_person(own_people *own, uint32_t person)
{
    if (!has_person(own, person) && own->count < PEOPLE_MAX) own->persons[own->count++] = person;
}

static void add_family_of(const core_state *state, uint32_t person, own_people *own)
{
    for (uint32_t at = core_persons_at(state, person)->memberships; at != 0; at = core_members_at(state, at)->next_of_person) {
        uint32_t family = core_members_at(state, at)->family;
        for (uint32_t in = core_families_at(state, family)->members; in != 0; in = core_members_at(state, in)->next_of_family)
            add_person(own, core_person_root(state, core_members_at(state, in)->person));
    }
}

static void add_home(const core_state *state, uint64_t uprn, own_people *own)
{
    uint8_t hash[CORE_HASH_BYTES];
    core_uprn_hash(state, uprn, hash);
    uint32_t number = core_table_find(&state->household_of_hash, hash);
    const core_household_row *row = number == 0 ? NULL : core_households_at(state, number);
    for (uint32_t i = 0; row != NULL && row->count <= CORE_HOUSEHOLD_MAX && i < row->count; i++)
        add_person(own, core_person_root(state, row->persons[i]));
}

/* Themselves, their families, and who is known at their homes. */
static own_people people_of(const core_state *state, const core_own *who)
{
    own_people own = {.count = 0};
    core_case named;
    hub_error err;
    for (uint32_t i = 0; i < who->key_count; i++) {
        bool is_known = core_case_of_key(state, who->keys[i], &named, &err) == HUB_OK && named.person != 0;
        if (is_known) add_person(&own, (uint32_t)named.person);
    }
    for (uint32_t i = 0, themselves = own.count; i < themselves; i++)
        add_family_of(state, own.persons[i], &own);
    for (uint32_t i = 0; i < who->uprn_count; i++)
        add_home(state, who->uprns[i], &own);
    return own;
}

static bool names_own(const core_view *whole, const core_own *who)
{
    core_case sought;
    hub_error err;
    for (uint32_t i = 0; i < who->key_count; i++) {
        bool is_read = core_case_of_key(whole->state, who->keys[i], &sought, &err) == HUB_OK;
        if (is_read && core_view_finds(whole, &sought)) return true;
    }
    const Mash__V1__Event *event = whole->record->event;
    for (size_t i = 0; event != NULL && i < event->n_subjects; i++) {
        for (size_t k = 0; k < event->subjects[i]->n_addresses; k++) {
            const Mash__V1__Address *address = event->subjects[i]->addresses[k];
            for (uint32_t j = 0; address->uprn != 0 && j < who->uprn_count; j++) {
                if (address->uprn == who->uprns[j] && address->kind != MASH__V1__ADDRESS_KIND__ADDRESS_KIND_COMMUNAL) return true;
            }
        }
    }
    return false;
}

bool core_record_is_own(const core_state *state, const core_record *record, const core_own *who)
{
    const core_view whole = {.state = state, .record = record, .sight = CORE_SIGHT_CONTROL};
    if (names_own(&whole, who)) return true;
    own_people own = people_of(state, who);
    for (size_t i = 0; own.count > 0 && i < record->control->n_facts; i++) {
        const Mash__V1__Fact *fact = record->control->facts[i];
        if (fact->kind == FACT_PERSON_LINKED && has_person(&own, core_linked_now(state, record->sequence, fact->person_linked)))
            return true;
        uint64_t alert = core_fact_alert(state, fact);
        for (uint32_t k = 0; alert != 0 && k < own.count; k++) {
            if (core_has_line(state, alert, own.persons[k])) return true;
        }
    }
    return false;
}

bool core_own_is_sought(const core_state *state, const core_own *who, uint64_t ref)
{
    for (uint32_t i = 0; ref != 0 && i < who->key_count; i++) {
        uint64_t own;
        hub_error err;
        if (core_query_ref(state, who->keys[i], &own, &err) == HUB_OK && own == ref) return true;
    }
    return false;
}
