/* Somebody who is a party in an alert, or knows one, is shut out of it, and an alternate stands in; and they are let in again when that
 * was wrong. */
#include "core/acts.h"

#include <string.h>

/* The number of this id, also of somebody who has left; 0 = it is nobody's. */
static uint32_t number_of(const core_policy *policy, const char *id)
{
    for (uint32_t i = 0; i < policy->staff_count; i++) {
        if (strcmp(policy->staff[i].id, id) == 0) return policy->staff[i].number;
    }
    return 0;
}

/* Otherwise an agency could shut out those with whom it disagrees. */
static bool may_say_of(core_acting *a, const char *field, uint32_t staff)
{
    if (core_team_part(a->d->state, a->alert, a->team) == CORE_PART_WORKS) return true;
    for (uint32_t i = 0; i < a->policy->staff_count; i++) {
        const core_staff_row *row = &a->policy->staff[i];
        if (row->number == staff && &a->policy->teams[row->team] == a->team) return true;
    }
    core_act_refuse(a, "%s: an agency says so of its own people; tell the team that works the alert of others", field);
    return false;
}

/* Who is named to stand in for them, in a row of the roster in which they may; NULL = nobody. */
static const core_staff_row *find_alternate(const core_acting *a, uint32_t party)
{
    for (uint32_t i = 0; i < a->policy->staff_count; i++) {
        const core_staff_row *of = &a->policy->staff[i];
        if (of->number != party || of->alternate == 0 || !core_effective_on(&of->effective, a->today)) continue;
        for (uint32_t k = 0; k < a->policy->staff_count; k++) {
            const core_staff_row *row = &a->policy->staff[k];
            bool is_meant = row->number == of->alternate;
            if (is_meant && core_staff_part(a->d->state, a->alert, row, a->today) != CORE_PART_NONE) return row;
        }
    }
    return NULL;
}

/* Where they are told of it, also at an agency. */
static void tell_alternate(core_acting *a, const core_team *team)
{
    for (uint32_t i = 0; i < team->queue_count; i++) {
        if (!core_alert_told(a->d->state, a->alert, a->policy->queues[team->queues[i]].number)) continue;
        core_tell(a->d, a->policy, team->queues[i], (Mash__V1__Sensitivity)core_acting_alert(a)->sensitivity,
                  (core_telling){.kind = MASH__V1__DELIVERY_KIND__DELIVERY_KIND_ACT, .alert = a->alert});
    }
}

void core_act_declare_party(core_acting *a)
{
    const core_staff_row *party = core_policy_staff(a->policy, a->act->declare_party->staff, a->today);
    if (party == NULL || core_alert_party(a->d->state, a->alert, party->number)) {
        core_act_refuse(a, "declare_party.staff: %s",
                        party == NULL ? "nobody of this id is on the roster today" : "declared already");
        return;
    }
    if (!may_say_of(a, "declare_party.staff", party->number)) return;
    const core_staff_row *alternate = find_alternate(a, party->number);
    core_act_head(a);
    Mash__V1__PartyDeclared *fact = core_decide_add(a->d, FACT_PARTY_DECLARED);
    if (fact == NULL) return;
    fact->alert = a->alert;
    fact->staff = party->number;
    fact->alternate = alternate == NULL ? 0 : alternate->number;
    if (core_acting_alert(a)->owner == party->number && !core_acting_alert(a)->ended) {
        bool works = alternate != NULL && core_staff_part(a->d->state, a->alert, alternate, a->today) == CORE_PART_WORKS;
        core_clocks_stop(a->d, a->alert, MASH__V1__CLOCK_PURPOSE__CLOCK_PURPOSE_CLAIM, 0,
                         MASH__V1__STOP_CAUSE__STOP_CAUSE_REPLACED);
        core_hold_drop(a);
        core_owner_change(a, 0, works ? alternate->number : 0, MASH__V1__OWNER_CAUSE__OWNER_CAUSE_LEFT);
        core_ladders_start_again(a->d, a->alert, core_met_without_owner(a->d->state, a->alert), a->d->command->at_ms,
                                 &a->started);
    }
    core_act_tell(a, MASH__V1__DELIVERY_KIND__DELIVERY_KIND_ACT, 0);
    if (alternate != NULL) tell_alternate(a, &a->policy->teams[alternate->team]);
}

void core_act_clear_party(core_acting *a)
{
    uint32_t party = number_of(a->policy, a->act->clear_party->staff);
    if (party == 0 || !core_alert_party(a->d->state, a->alert, party)) {
        core_act_refuse(a, "clear_party.staff: nobody of this id was declared a party in it");
        return;
    }
    if (!may_say_of(a, "clear_party.staff", party)) return;
    core_act_head(a);
    Mash__V1__PartyCleared *fact = core_decide_add(a->d, FACT_PARTY_CLEARED);
    if (fact == NULL) return;
    fact->alert = a->alert;
    fact->staff = party;
    core_act_tell(a, MASH__V1__DELIVERY_KIND__DELIVERY_KIND_ACT, 0);
}
