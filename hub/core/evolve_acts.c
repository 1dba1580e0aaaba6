/* The fold of what people do: owners, ratings, lines, requests, holds, feedback, disagreements. See evolve.c. */
#include "core/evolve.h"

/* ---- the act itself -------------------------------------------------------------------------------------------------------- */
void core_fold_acted(core_fold *f, const Mash__V1__Acted *fact)
{
    core_state *state = f->state;
    f->act = fact;
    core_fold_mix(state, FACT_ACTED, (uint64_t)fact->act << 32 | fact->staff, fact->alert,
                  (uint64_t)fact->disagreement << 32 | fact->version);
    if (fact->alert == 0) return;
    uint32_t number;
    core_act_row *row = core_pool_add(&state->acts, &number);
    *row = (core_act_row){
        .sequence = f->record->sequence,
        .at_ms = f->record->time_ms,
        .staff = fact->staff,
        .team = fact->team,
        .version = fact->version,
        .act = fact->asked ? CORE_HOLD_ASKED : (uint32_t)fact->act,
    };
    core_alert_row *alert = core_alerts_at(state, (uint32_t)fact->alert);
    core_disagreement_row *disagreement =
        fact->disagreement == 0 ? NULL : core_disagreements_at(state, (uint32_t)fact->disagreement);
    row->next = disagreement != NULL ? disagreement->acts : alert->acts;
    *(disagreement != NULL ? &disagreement->acts : &alert->acts) = number;
    if (fact->version != 0) *(disagreement != NULL ? &disagreement->version : &alert->version) = fact->version;
    if (fact->act == MASH__V1__ACT_KIND__ACT_KIND_SEEN && fact->item == 0) alert->seen = 1;
}

void core_fold_event_came(core_fold *f, uint32_t alert, uint32_t version, enum core_event_came what)
{
    core_alert_row *row = core_alerts_at(f->state, alert);
    HUB_ASSERT(version > 0 && version >= row->version);
    uint32_t number;
    core_act_row *act = core_pool_add(&f->state->acts, &number);
    *act = (core_act_row){.sequence = f->record->sequence,
                          .at_ms = f->record->time_ms,
                          .version = version,
                          .next = row->acts,
                          .act = (uint32_t)what};
    row->acts = number;
    row->version = version;
}

void core_fold_act_refused(core_fold *f, const Mash__V1__ActRefused *fact)
{
    (void)f;
    (void)fact;
}

/* The bit of an agency of the policy in force. */
static uint64_t agency_bit(const core_state *state, uint32_t position)
{
    const core_policy *policy = core_policy_now(state);
    HUB_ASSERT(position < policy->agency_count);
    return UINT64_C(1) << ((unsigned)policy->agencies[position].agency & 63);
}

void core_fold_not_shared(core_fold *f, const Mash__V1__NotShared *fact)
{
    if (!fact->lasting) return;
    core_alerts_at(f->state, (uint32_t)fact->alert)->not_shared |= agency_bit(f->state, fact->agency);
    core_fold_mix(f->state, FACT_NOT_SHARED, fact->alert, fact->agency, fact->staff);
}

void core_fold_shared_again(core_fold *f, const Mash__V1__SharedAgain *fact)
{
    core_alerts_at(f->state, (uint32_t)fact->alert)->not_shared &= ~agency_bit(f->state, fact->agency);
    core_fold_mix(f->state, FACT_SHARED_AGAIN, fact->alert, fact->agency, fact->staff);
}

void core_fold_escalated(core_fold *f, const Mash__V1__Escalated *fact)
{
    (void)f;
    (void)fact;
}

/* ---- alerts ---------------------------------------------------------------------------------------------------------------- */
void core_fold_owner_changed(core_fold *f, const Mash__V1__OwnerChanged *fact)
{
    core_alert_row *alert = core_alerts_at(f->state, (uint32_t)fact->alert);
    alert->owner = fact->staff;
    alert->offered = fact->offered_to;
    if (fact->cause != MASH__V1__OWNER_CAUSE__OWNER_CAUSE_OFFERED) alert->asked_again = 0;
    if (fact->staff != 0 && fact->cause == MASH__V1__OWNER_CAUSE__OWNER_CAUSE_CLAIMED)
        alert->seen = 1; /* who takes it has seen it */
    core_fold_mix(f->state, FACT_OWNER_CHANGED, fact->alert, (uint64_t)fact->staff << 32 | fact->offered_to,
                  (uint64_t)fact->cause);
}

void core_fold_alert_rated(core_fold *f, const Mash__V1__AlertRated *fact)
{
    core_alert_row *alert = core_alerts_at(f->state, (uint32_t)fact->alert);
    alert->rating = (uint16_t)fact->rating;
    alert->rated_by = fact->staff;
    alert->graver = 0;
    core_fold_mix(f->state, FACT_ALERT_RATED, fact->alert, (uint64_t)fact->rating, fact->staff);
}

void core_fold_line_decided(core_fold *f, const Mash__V1__LineDecided *fact)
{
    core_state *state = f->state;
    core_alert_row *alert = core_alerts_at(state, (uint32_t)fact->alert);
    uint32_t person = core_person_root(state, (uint32_t)fact->person);
    for (uint32_t at = alert->lines; at != 0; at = core_lines_at(state, at)->next) {
        core_line_row *line = core_lines_at(state, at);
        if (core_person_root(state, line->person) != person) continue;
        if (line->policy == 0) alert->lines_open--;
        line->outcome = fact->outcome;
        line->policy = fact->policy;
        line->staff = fact->staff;
    }
    core_fold_mix(state, FACT_LINE_DECIDED, fact->alert, person, fact->outcome);
}

void core_fold_alert_moved(core_fold *f, const Mash__V1__AlertMoved *fact)
{
    core_alert_row *alert = core_alerts_at(f->state, (uint32_t)fact->alert);
    alert->queue = fact->queue;
    alert->seen = 0; /* by the team that has it now */
    core_fold_mix(f->state, FACT_ALERT_MOVED, fact->alert, fact->queue, 0);
}

void core_fold_alert_held(core_fold *f, const Mash__V1__AlertHeld *fact)
{
    core_alerts_at(f->state, (uint32_t)fact->alert)->held_ms = f->record->time_ms;
    core_fold_mix(f->state, FACT_ALERT_HELD, fact->alert, (uint64_t)fact->until_ms, (uint64_t)fact->staff << 32 | fact->second);
}

void core_fold_hold_asked(core_fold *f, const Mash__V1__HoldAsked *fact)
{
    core_alert_row *alert = core_alerts_at(f->state, (uint32_t)fact->alert);
    alert->asked_until_ms = fact->until_ms;
    alert->asked_by = fact->staff;
    alert->asked_of = fact->second;
    alert->asked_version = fact->version;
    core_fold_mix(f->state, FACT_HOLD_ASKED, fact->alert, (uint64_t)fact->until_ms, (uint64_t)fact->staff << 32 | fact->second);
}

void core_fold_alert_resumed(core_fold *f, const Mash__V1__AlertResumed *fact)
{
    core_alerts_at(f->state, (uint32_t)fact->alert)->held_ms = 0;
    core_fold_mix(f->state, FACT_ALERT_RESUMED, fact->alert, fact->staff, 0);
}

void core_fold_alert_ended(core_fold *f, const Mash__V1__AlertEnded *fact)
{
    HUB_ASSERT(fact->staff != 0); /* C7 */
    core_alert_row *alert = core_alerts_at(f->state, (uint32_t)fact->alert);
    HUB_ASSERT(!alert->ended);
    alert->ended = 1;
    alert->held_ms = 0;
    f->state->numbers.alerts_open--;
    core_fold_mix(f->state, FACT_ALERT_ENDED, fact->alert, fact->staff, 0);
}

void core_fold_party_declared(core_fold *f, const Mash__V1__PartyDeclared *fact)
{
    core_state *state = f->state;
    core_alert_row *alert = core_alerts_at(state, (uint32_t)fact->alert);
    uint32_t number;
    core_party_row *row = core_pool_add(&state->parties, &number);
    *row = (core_party_row){.staff = fact->staff, .alternate = fact->alternate, .next = alert->parties};
    alert->parties = number;
    core_fold_mix(state, FACT_PARTY_DECLARED, fact->alert, fact->staff, fact->alternate);
}

void core_fold_party_cleared(core_fold *f, const Mash__V1__PartyCleared *fact)
{
    core_state *state = f->state;
    uint32_t *link = &core_alerts_at(state, (uint32_t)fact->alert)->parties;
    while (*link != 0 && core_parties_at(state, *link)->staff != fact->staff)
        link = &core_parties_at(state, *link)->next;
    HUB_ASSERT(*link != 0);
    *link = core_parties_at(state, *link)->next;
    core_fold_mix(state, FACT_PARTY_CLEARED, fact->alert, fact->staff, 0);
}

void core_fold_roster_reviewed(core_fold *f, const Mash__V1__RosterReviewed *fact)
{
    core_numbers *numbers = &f->state->numbers;
    numbers->roster_alert = (uint32_t)fact->alert;
    if (fact->alert == 0) numbers->roster_ms = fact->next_ms;
    core_fold_mix(f->state, FACT_ROSTER_REVIEWED, fact->alert, (uint64_t)fact->next_ms, 0);
}

/* ---- clocks ---------------------------------------------------------------------------------------------------------------- */
void core_fold_clock_stopped(core_fold *f, const Mash__V1__ClockStopped *fact)
{
    static const uint8_t STATES[] = {
        [MASH__V1__STOP_CAUSE__STOP_CAUSE_MET] = CORE_CLOCK_MET,
        [MASH__V1__STOP_CAUSE__STOP_CAUSE_REPLACED] = CORE_CLOCK_REPLACED,
        [MASH__V1__STOP_CAUSE__STOP_CAUSE_ENDED] = CORE_CLOCK_ENDED,
    };
    uint32_t number = (uint32_t)fact->clock;
    core_clock_run *clock = core_clocks_at(f->state, number);
    bool goes_on = clock->state == CORE_CLOCK_RUNNING || clock->state == CORE_CLOCK_HELD;
    HUB_ASSERT(fact->had_lapsed ? clock->state == CORE_CLOCK_LAPSED : goes_on);
    if (clock->state == CORE_CLOCK_RUNNING) core_heap_remove(f->state, number);
    clock->state = STATES[fact->cause];
    core_fold_mix(f->state, FACT_CLOCK_STOPPED, number, (uint64_t)fact->cause, (uint64_t)fact->late_ms);
}

void core_fold_clock_moved(core_fold *f, const Mash__V1__ClockMoved *fact)
{
    uint32_t number = (uint32_t)fact->clock;
    core_clock_run *clock = core_clocks_at(f->state, number);
    HUB_ASSERT(clock->state == CORE_CLOCK_RUNNING || clock->state == CORE_CLOCK_HELD);
    if (clock->state == CORE_CLOCK_RUNNING) core_heap_remove(f->state, number);
    clock->due_ms = fact->due_ms;
    clock->provisional = fact->provisional ? 1 : 0;
    clock->left_minutes = fact->left_minutes;
    if (fact->cause == MASH__V1__MOVE_CAUSE__MOVE_CAUSE_RESTATED) clock->stated = 1;
    bool is_held = fact->cause == MASH__V1__MOVE_CAUSE__MOVE_CAUSE_HELD;
    clock->state = is_held ? CORE_CLOCK_HELD : CORE_CLOCK_RUNNING;
    if (!is_held) core_heap_push(f->state, number);
    core_fold_mix(f->state, FACT_CLOCK_MOVED, number, (uint64_t)fact->due_ms, (uint64_t)fact->cause);
}

/* ---- requests and feedback ------------------------------------------------------------------------------------------------- */
void core_fold_information_requested(core_fold *f, const Mash__V1__InformationRequested *fact)
{
    core_state *state = f->state;
    core_alert_row *alert = core_alerts_at(state, (uint32_t)fact->alert);
    uint32_t number;
    core_request_row *row = core_pool_add(&state->requests, &number);
    HUB_ASSERT(number == fact->request);
    *row = (core_request_row){
        .sequence = f->record->sequence,
        .alert = (uint32_t)fact->alert,
        .queue = fact->queue,
        .staff = fact->staff,
        .next = alert->requests,
    };
    alert->requests = number;
    alert->requests_open++;
    core_fold_mix(state, FACT_INFORMATION_REQUESTED, number, fact->alert, fact->queue);
}

void core_fold_information_answered(core_fold *f, const Mash__V1__InformationAnswered *fact)
{
    core_request_row *row = core_requests_at(f->state, (uint32_t)fact->request);
    if (row->answer == 0) core_alerts_at(f->state, row->alert)->requests_open--;
    row->answer = f->record->sequence;
    core_fold_mix(f->state, FACT_INFORMATION_ANSWERED, fact->request, fact->staff, 0);
}

void core_fold_feedback_owed(core_fold *f, const Mash__V1__FeedbackOwed *fact)
{
    uint32_t number;
    core_feedback_row *row = core_pool_add(&f->state->feedbacks, &number);
    HUB_ASSERT(number == fact->feedback);
    *row = (core_feedback_row){
        .sequence = f->record->sequence,
        .alert = (uint32_t)fact->alert,
        .person = (uint32_t)fact->person,
        .queue = fact->queue,
        .outcome = fact->outcome,
        .policy = fact->policy,
    };
    core_fold_mix(f->state, FACT_FEEDBACK_OWED, number, fact->alert, fact->queue);
}

void core_fold_feedback_seen(core_fold *f, const Mash__V1__FeedbackSeen *fact)
{
    core_feedbacks_at(f->state, (uint32_t)fact->feedback)->seen_by = fact->staff;
    core_fold_mix(f->state, FACT_FEEDBACK_SEEN, fact->feedback, fact->staff, 0);
}

void core_fold_notice_seen(core_fold *f, const Mash__V1__NoticeSeen *fact)
{
    uint32_t event = core_event_of_sequence(f->state, fact->sequence);
    HUB_ASSERT(event != 0);
    for (uint32_t at = core_events_at(f->state, event)->given; at != 0; at = core_given_at(f->state, at)->next) {
        core_given_row *given = core_given_at(f->state, at);
        if (given->queue == fact->queue && given->alert == 0) given->seen_by = fact->staff;
    }
    core_fold_mix(f->state, FACT_NOTICE_SEEN, fact->sequence, fact->queue, fact->staff);
}

void core_fold_day_signed(core_fold *f, const Mash__V1__DaySigned *fact)
{
    core_signed_row *row = core_pool_add(&f->state->signed_days, NULL);
    *row = (core_signed_row){.queue = fact->queue, .day = fact->day, .staff = fact->staff, .at_ms = f->record->time_ms};
    core_fold_mix(f->state, FACT_DAY_SIGNED, fact->queue, (uint64_t)fact->day, fact->staff);
}

/* ---- disagreements --------------------------------------------------------------------------------------------------------- */
void core_fold_disagreement_opened(core_fold *f, const Mash__V1__DisagreementOpened *fact)
{
    core_state *state = f->state;
    uint32_t number = (uint32_t)fact->disagreement;
    core_disagreement_row *row;
    if (fact->again) {
        row = core_disagreements_at(state, number);
        row->again++;
    } else {
        core_alert_row *alert = core_alerts_at(state, (uint32_t)fact->alert);
        row = core_pool_add(&state->disagreements, &number);
        HUB_ASSERT(number == fact->disagreement);
        row->next = alert->disagreements;
        row->sequence = f->record->sequence;
        row->opened_ms = f->record->time_ms;
        alert->disagreements = number;
    }
    row->alert = (uint32_t)fact->alert;
    row->ladder = fact->ladder;
    row->policy = fact->policy;
    row->team = fact->team;
    row->with_team = fact->with_team;
    row->stage = fact->stage;
    row->urgent = fact->urgent ? 1 : 0;
    row->staff = fact->staff;
    row->closed = 0;
    row->settled = 0;
    row->answered = 1; /* who opens it has stated its position */
    row->version++;    /* the act that opened it heads the alert's acts, and stands among its own too */
    uint32_t act;
    HUB_ASSERT(f->act != NULL);
    core_act_row *opened = core_pool_add(&state->acts, &act);
    *opened = (core_act_row){
        .sequence = f->record->sequence,
        .at_ms = f->record->time_ms,
        .staff = f->act->staff,
        .team = f->act->team,
        .version = row->version,
        .next = row->acts,
        .act = MASH__V1__ACT_KIND__ACT_KIND_DISPUTE,
    };
    row->acts = act;
    core_fold_mix(state, FACT_DISAGREEMENT_OPENED, (uint64_t)row->version << 32 | number, fact->alert,
                  (uint64_t)fact->stage << 1 | row->urgent);
}

void core_fold_disagreement_moved(core_fold *f, const Mash__V1__DisagreementMoved *fact)
{
    core_disagreement_row *row = core_disagreements_at(f->state, (uint32_t)fact->disagreement);
    row->stage = fact->stage;
    row->ladder = fact->ladder;
    row->policy = fact->policy;
    row->answered = 0;
    row->settled = 0;
    if (fact->urgent) row->urgent = 1;
    core_act_row *act = core_acts_at(f->state, row->acts); /* of this record: whoever moves it acts, be it the hub */
    HUB_ASSERT(act->sequence == f->record->sequence);
    act->stage = (uint16_t)core_policy_numbered(f->state, row->policy)->disagreements[row->ladder].stages[row->stage].number;
    act->causes |= (uint16_t)(1u << (unsigned)fact->cause);
    core_fold_mix(f->state, FACT_DISAGREEMENT_MOVED, fact->disagreement, fact->stage,
                  (uint64_t)(fact->urgent ? 1 : 0) << 32 | (uint64_t)fact->cause);
}

void core_fold_disagreement_answered(core_fold *f, const Mash__V1__DisagreementAnswered *fact)
{
    core_disagreement_row *row = core_disagreements_at(f->state, (uint32_t)fact->disagreement);
    uint8_t side = (uint8_t)(1u << (fact->side - 1));
    row->answered |= side;
    if (fact->settled) {
        row->settled |= side;
    } else {
        row->settled = 0; /* a new position reopens what was agreed to */
    }
    core_fold_mix(f->state, FACT_DISAGREEMENT_ANSWERED, fact->disagreement, fact->side, fact->settled ? 1 : 0);
}

void core_fold_disagreement_closed(core_fold *f, const Mash__V1__DisagreementClosed *fact)
{
    HUB_ASSERT(fact->staff != 0); /* C7 */
    core_disagreements_at(f->state, (uint32_t)fact->disagreement)->closed = 1;
    core_fold_mix(f->state, FACT_DISAGREEMENT_CLOSED, fact->disagreement, fact->by_last_stage ? 1 : 0, fact->staff);
}
