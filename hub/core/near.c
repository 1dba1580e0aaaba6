/* May who is told of somebody be in touch with those they are at risk from? By all that the hub knows of them, not by one event: a child
 * who is named alone lives where they lived when the other was named. */
#include "core/sharing.h"

#include "core/facts.h"
#include "core/state.h"

/* What is known by now of whom an event named beside them: a role may have been given since, of which `company` knows nothing. */
static bool was_beside(const core_state *state, uint32_t person, uint64_t near)
{
    uint32_t looked_at = 0;
    for (uint32_t at = core_persons_at(state, person)->history; at != 0 && looked_at < CORE_HISTORY_LOOKED_AT_MAX; looked_at++) {
        const core_history_row *row = core_history_at(state, at);
        for (uint32_t other = core_events_at(state, row->event)->people; other != 0;
             other = core_history_at(state, other)->beside) {
            uint32_t who = core_person_root(state, core_history_at(state, other)->person);
            if ((core_persons_at(state, who)->roles & near) != 0) return true;
        }
        at = row->next;
    }
    return false;
}

static bool is_near(const core_state *state, uint32_t person, uint64_t near)
{
    const uint32_t root = core_person_root(state, person);
    const core_person_row *row = core_persons_at(state, root);
    bool found = ((row->roles | row->company) & near) != 0 || was_beside(state, root, near);
    for (uint32_t at = row->first_joined; at != 0 && !found; at = core_persons_at(state, at)->next_joined)
        found = was_beside(state, at, near);
    return found;
}

static bool has_near(const core_state *state, uint32_t family, uint64_t near)
{
    for (uint32_t at = core_families_at(state, family)->members; at != 0; at = core_members_at(state, at)->next_of_family) {
        if (is_near(state, core_members_at(state, at)->person, near)) return true;
    }
    return false;
}

static bool person_is_near(const core_state *state, uint32_t person, uint64_t near)
{
    if (is_near(state, person, near)) return true;
    for (uint32_t at = core_persons_at(state, core_person_root(state, person))->memberships; at != 0;
         at = core_members_at(state, at)->next_of_person) {
        if (has_near(state, core_members_at(state, at)->family, near)) return true;
    }
    return false;
}

bool core_audience_hides_place(const core_audience *audience, uint64_t roles)
{
    bool is_victim = (roles >> MASH__V1__SUBJECT_ROLE__SUBJECT_ROLE_VICTIM & 1) != 0;
    return (roles & audience->near) == 0 || is_victim;
}

bool core_scheme_tells_where(Mash__V1__IdentifierScheme scheme)
{
    return scheme == MASH__V1__IDENTIFIER_SCHEME__IDENTIFIER_SCHEME_UPN ||
           scheme == MASH__V1__IDENTIFIER_SCHEME__IDENTIFIER_SCHEME_LOCAL;
}

bool core_record_is_near(const core_state *state, const core_record *record, uint64_t near)
{
    for (size_t i = 0; near != 0 && i < record->control->n_facts; i++) {
        const Mash__V1__Fact *fact = record->control->facts[i];
        if (fact->kind == FACT_PERSON_LINKED &&
            person_is_near(state, core_linked_now(state, record->sequence, fact->person_linked), near))
            return true;
    }
    return false;
}
