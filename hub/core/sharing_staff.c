/* What one person may read through a key that asks for many: what went to the queues of their own teams; nothing of a matter in which they
 * are a party; and what is restricted only in a role that is cleared for it. */
#include "core/sharing.h"

#include "core/facts.h"
#include "core/state.h"

/* ---- a party --------------------------------------------------------------------------------------------------------------- */
/* The person's row as a party of this alert; 0 = they are none. */
static uint32_t party_of(const core_state *state, uint32_t alert, uint32_t staff)
{
    uint32_t at = core_alerts_at(state, alert)->parties;
    while (at != 0 && staff != CORE_ANYBODY && core_parties_at(state, at)->staff != staff)
        at = core_parties_at(state, at)->next;
    return at;
}

/* ... of one of these alerts, the newest and those before it. */
static uint32_t party_in_chain(const core_state *state, uint32_t alert, uint32_t staff)
{
    uint32_t found = 0;
    for (; alert != 0 && found == 0; alert = core_alerts_at(state, alert)->next)
        found = party_of(state, alert, staff);
    return found;
}

typedef struct party_sought {
    uint32_t staff, found;
} party_sought;

static bool has_party(const core_state *state, uint32_t alert, void *context)
{
    party_sought *sought = context;
    sought->found = party_of(state, alert, sought->staff);
    return sought->found != 0;
}

/* ... of an alert about this person, or about a family of theirs. */
static uint32_t party_about(const core_state *state, uint32_t number, uint32_t staff)
{
    party_sought sought = {.staff = staff};
    (void)core_find_alert_of(state, core_person_root(state, number), has_party, &sought);
    return sought.found;
}

/* ... of this alert, or of one about somebody whom it is about. */
static uint32_t party_near(const core_state *state, uint32_t alert, uint32_t staff)
{
    const core_alert_row *row = core_alerts_at(state, alert);
    uint32_t found = party_of(state, alert, staff);
    for (uint32_t at = state->aparts.count == 0 ? 0 : row->lines; at != 0 && found == 0; at = core_lines_at(state, at)->next)
        found = party_about(state, core_lines_at(state, at)->person, staff);
    if (found == 0 && row->family == 0) return party_about(state, row->person, staff);
    if (found != 0) return found;
    const core_family_row *family = core_families_at(state, row->family);
    found = party_in_chain(state, family->alerts, staff);
    for (uint32_t at = family->members; at != 0 && found == 0; at = core_members_at(state, at)->next_of_family)
        found = party_about(state, core_members_at(state, at)->person, staff);
    return found;
}

/* ... of an alert about somebody whom the record's event names. */
static uint32_t party_among_people(const core_state *state, const core_record *record, uint32_t staff)
{
    uint32_t found = 0;
    for (size_t i = 0; i < record->control->n_facts && found == 0; i++) {
        const Mash__V1__Fact *fact = record->control->facts[i];
        if (fact->kind == FACT_PERSON_LINKED)
            found = party_about(state, core_linked_now(state, record->sequence, fact->person_linked), staff);
    }
    return found;
}

bool core_alert_has_party(const core_state *state, uint32_t alert, uint32_t staff)
{
    return state->parties.count != 0 && party_near(state, alert, staff) != 0;
}

bool core_record_has_party(const core_state *state, const core_record *record, uint32_t staff)
{
    if (state->parties.count == 0) return false;
    uint64_t before = 0;
    for (size_t i = 0; i < record->control->n_facts; i++) {
        uint64_t alert = core_fact_alert(state, record->control->facts[i]);
        if (alert != 0 && alert != before && party_near(state, (uint32_t)alert, staff) != 0) return true;
        before = alert;
    }
    return party_among_people(state, record, staff) != 0;
}

bool core_delivery_has_party(const core_state *state, const core_record *record, const Mash__V1__Delivered *fact, uint32_t staff,
                             uint32_t *alternate)
{
    uint32_t found = 0;
    if (state->parties.count == 0) return false;
    if (fact->alert != 0) found = party_near(state, (uint32_t)fact->alert, staff);
    for (size_t i = 0; i < fact->n_alarmed && found == 0; i++)
        found = party_near(state, (uint32_t)fact->alarmed[i], staff);
    if (found == 0) found = party_among_people(state, record, staff);
    for (uint32_t i = 0; i < record->earlier_count && found == 0; i++) {
        if (record->earlier[i].sequence == fact->event_sequence) found = party_among_people(state, &record->earlier[i], staff);
    }
    if (found != 0) *alternate = core_parties_at(state, found)->alternate;
    return found != 0;
}

/* ---- clearance ------------------------------------------------------------------------------------------------------------- */
/* Is what this queue was given of the record: the record's event, or an alert that it was told of? An alert beside it is no matter of theirs. */
static bool is_restricted(const core_state *state, const core_record *record, uint32_t queue)
{
    for (size_t i = 0; i < record->control->n_facts; i++) {
        const Mash__V1__Fact *fact = record->control->facts[i];
        bool is_told = fact->kind == FACT_DELIVERED && fact->delivered->queue == queue && fact->delivered->alert != 0;
        uint32_t class = is_told ? core_alerts_at(state, (uint32_t)fact->delivered->alert)->sensitivity : 0;
        if (fact->kind == FACT_EVENT_ACCEPTED) class = (uint32_t)fact->event_accepted->sensitivity;
        if (class >= MASH__V1__SENSITIVITY__SENSITIVITY_RESTRICTED) return true;
    }
    return false;
}

/* Does a team of theirs on today's roster, for which the key may act, have this queue, and their role there the clearance? */
static bool works_on(const core_state *state, uint32_t peer, uint32_t staff, int64_t at_ms, uint32_t queue, bool needs_clearance)
{
    const core_policy *policy = core_policy_now(state);
    int32_t day = policy == NULL ? 0 : core_calendar_day(&policy->calendars[0], at_ms, NULL);
    for (uint32_t i = 0; policy != NULL && i < policy->staff_count; i++) {
        const core_staff_row *row = &policy->staff[i];
        const core_team *team = &policy->teams[row->team];
        if (row->number != staff || !core_effective_on(&row->effective, day)) continue;
        bool is_cleared = !needs_clearance || policy->roles[row->role].restricted;
        if (is_cleared && core_team_has(team, queue) && core_peer_acts_for(core_peer_numbered(state, peer), team->number))
            return true;
    }
    return false;
}

/* What the hub did by itself at one instant, and a list that was signed, is one record about many alerts: at closing time about all that nobody
 * has rated. No event and no person of a case is in it, so what is kept from a person of one of them need not take the others along. */
static bool is_of_many(const core_record *record)
{
    for (size_t i = 0; i < record->control->n_facts; i++) {
        uint32_t kind = record->control->facts[i]->kind;
        if (kind == FACT_CLOCK_LAPSED || kind == FACT_ROSTER_REVIEWED || kind == FACT_DAY_SIGNED) return true;
    }
    return false;
}

/* The alert whose matter this delivery is: its own, or that whose clock had an event's notice given again. */
static uint64_t matter_of(const core_state *state, const Mash__V1__Delivered *fact)
{
    return fact->alert != 0 || fact->clock == 0 ? fact->alert : core_clocks_at(state, (uint32_t)fact->clock)->alert;
}

/* Is it restricted: the alert, or the event of which a notice is given again? */
static bool is_told_restricted(const core_state *state, const Mash__V1__Delivered *fact)
{
    uint32_t event = fact->alert != 0 || fact->event_sequence == 0 ? 0 : core_event_of_sequence(state, fact->event_sequence);
    uint32_t class = event == 0 ? 0 : core_events_at(state, event)->sensitivity;
    if (fact->alert != 0) class = core_alerts_at(state, (uint32_t)fact->alert)->sensitivity;
    return class >= MASH__V1__SENSITIVITY__SENSITIVITY_RESTRICTED;
}

/* No grant that a cleared role of theirs has is of this queue. */
static bool is_not_cleared(const core_view *view, uint32_t queue)
{
    for (uint32_t i = 0; i < view->grant_count; i++) {
        if (view->grants[i].queue == queue && !view->grants[i].not_restricted) return false;
    }
    return true;
}

bool core_view_keeps_delivery(const core_view *view, const Mash__V1__Delivered *fact)
{
    uint32_t alternate;
    if (view->staff == 0) return false;
    return core_delivery_has_party(view->state, view->record, fact, view->staff, &alternate) ||
           (fact->alert == 0 && matter_of(view->state, fact) != 0 &&
            core_alert_has_party(view->state, (uint32_t)matter_of(view->state, fact), view->staff)) ||
           (is_told_restricted(view->state, fact) && is_not_cleared(view, fact->queue));
}

bool core_view_keeps_alert(const core_view *view, uint64_t alert)
{
    if (view->staff == 0 || alert == 0) return false;
    if (core_alert_has_party(view->state, (uint32_t)alert, view->staff)) return true;
    if (core_alerts_at(view->state, (uint32_t)alert)->sensitivity < MASH__V1__SENSITIVITY__SENSITIVITY_RESTRICTED) return false;
    for (size_t i = 0; i < view->record->control->n_facts; i++) { /* told of it here where they are cleared */
        const Mash__V1__Delivered *told = core_view_delivered(view, i);
        if (told != NULL && told->alert == alert) return false;
    }
    return true;
}

static bool is_told_any(const core_view *view)
{
    for (size_t i = 0; i < view->record->control->n_facts; i++) {
        if (core_view_delivered(view, i) != NULL) return true;
    }
    return false;
}

core_view core_view_of_staff(const core_state *state, uint32_t peer, uint32_t staff, int64_t at_ms, const core_record *record)
{
    core_view view = core_view_of(state, peer, record);
    if (staff == 0 || view.sight == CORE_SIGHT_NONE) return view;
    view.staff = is_of_many(record) ? staff : 0;
    uint32_t count = view.staff == 0 && core_record_has_party(state, record, staff) ? 0 : view.grant_count;
    view.grant_count = 0;
    for (uint32_t i = 0; i < count; i++) {
        int32_t queue = core_policy_queue(core_policy_now(state), view.grants[i].queue);
        bool needs_clearance = view.staff != 0 || is_restricted(state, record, view.grants[i].queue);
        bool is_cleared = queue >= 0 && works_on(state, peer, staff, at_ms, (uint32_t)queue, needs_clearance);
        bool works = is_cleared || (view.staff != 0 && queue >= 0 && works_on(state, peer, staff, at_ms, (uint32_t)queue, false));
        if (!works) continue;
        view.grants[view.grant_count] = view.grants[i];
        view.grants[view.grant_count++].not_restricted = !is_cleared;
    }
    if (view.grant_count == 0 || (view.staff != 0 && !is_told_any(&view))) view.sight = CORE_SIGHT_NONE;
    return view;
}

/* ---- of the hub alone ------------------------------------------------------------------------------------------------------ */
bool core_record_is_of_hub(const core_record *record)
{
    for (size_t i = 0; i < record->control->n_facts; i++) {
        const Mash__V1__Fact *fact = record->control->facts[i];
        switch (fact->body_case) {
        case MASH__V1__FACT__BODY_PARTNERSHIP_CREATED:
        case MASH__V1__FACT__BODY_HUB_STARTED:
        case MASH__V1__FACT__BODY_KEY_ENROLLED:
        case MASH__V1__FACT__BODY_KEY_REVOKED:
        case MASH__V1__FACT__BODY_POLICY_ADOPTED:
        case MASH__V1__FACT__BODY_TIME_CORRECTED:
        case MASH__V1__FACT__BODY_COMMAND_ANSWERED:
        case MASH__V1__FACT__BODY_EVENT_REFUSED: /* nothing of it was kept */
        case MASH__V1__FACT__BODY_OUTBOX_OPENED:
        case MASH__V1__FACT__BODY_EVENT_REPEATED:
        case MASH__V1__FACT__BODY_RECEIPT_STORED:
        case MASH__V1__FACT__BODY_ALARM_RAISED:
        case MASH__V1__FACT__BODY_ROSTER_REVIEWED: /* whoever's alert is given back has facts of their own */
            continue;
        case MASH__V1__FACT__BODY_DELIVERED: /* of an alarm */
            if (fact->delivered->alert == 0) continue;
            return false;
        default:
            return false;
        }
    }
    return true;
}
