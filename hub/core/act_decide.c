/* What is thought of an alert: rated, decided line by line, sent to the queue it belongs to. */
#include "core/acts.h"

#include <string.h>

enum { RATIONALE_BYTES_MAX = 4000, LEGAL_BASIS_BYTES_MAX = 400, FEEDBACK_BYTES_MAX = 2000 };

/* ---- rate ------------------------------------------------------------------------------------------------------------------ */
/* Not the alert's own rating alone: an event may have raised it meanwhile, and the clocks it had before went on. */
static bool is_of_a_rating(const core_policy *policy, uint32_t rule)
{
    for (size_t rating = 0; rating < sizeof policy->ratings / sizeof policy->ratings[0]; rating++) {
        const core_rating_row *row = &policy->ratings[rating];
        for (uint32_t i = 0; i < row->clock_count; i++) {
            if (row->clocks[i] == rule) return true;
        }
    }
    return false;
}

/* Deadlines of other ratings that the new one does not know are gone; statute stands apart and stays. */
static void drop_clocks_of_old_rating(core_acting *a, Mash__V1__Rating rating)
{
    const core_state *state = a->d->state;
    const core_rating_row *row = &a->policy->ratings[rating];
    for (uint32_t at = core_acting_alert(a)->clocks; at != 0; at = core_clocks_at(state, at)->next) {
        const core_clock_run *clock = core_clocks_at(state, at);
        const core_clock_row *rule = core_clock_rule(state, clock);
        bool is_deadline = clock->purpose == MASH__V1__CLOCK_PURPOSE__CLOCK_PURPOSE_DEADLINE;
        if (!is_deadline || rule->statutory) continue;
        bool of_old = is_of_a_rating(core_policy_numbered(state, clock->policy), clock->rule);
        bool of_new = false;
        for (uint32_t i = 0; i < row->clock_count; i++)
            of_new = of_new || strcmp(a->policy->clocks[row->clocks[i]].id, rule->id) == 0;
        if (of_old && !of_new) core_clock_stop(a->d, at, MASH__V1__STOP_CAUSE__STOP_CAUSE_REPLACED);
    }
}

static void drop_ladders_of_old_rating(core_acting *a, Mash__V1__Rating rating)
{
    const core_state *state = a->d->state;
    for (uint32_t at = core_acting_alert(a)->clocks; at != 0; at = core_clocks_at(state, at)->next) {
        const core_clock_run *clock = core_clocks_at(state, at);
        if (clock->purpose != MASH__V1__CLOCK_PURPOSE__CLOCK_PURPOSE_ESCALATION) continue;
        const core_policy *begun = core_policy_numbered(state, clock->policy);
        if ((begun->ladders[clock->item].ratings >> rating & 1) == 0)
            core_clock_stop(a->d, at, MASH__V1__STOP_CAUSE__STOP_CAUSE_REPLACED);
    }
}

/* What runs for the old rating is gone, what the new one asks for runs; the owner has the time of a claim of the new one. A hold was
 * given for what was known then: the clocks that come with a new rating run through it. */
static void change_rating(core_acting *a, Mash__V1__Rating rating)
{
    const core_alert_row *alert = core_acting_alert(a);
    int32_t queue = core_policy_queue(a->policy, alert->queue);
    drop_clocks_of_old_rating(a, rating);
    drop_ladders_of_old_rating(a, rating);
    core_clocks_of_rating(a, rating);
    if (queue < 0) {
        core_alarm_about(a->d, MASH__V1__ALARM_KIND__ALARM_KIND_NO_ROUTE, a->alert);
        return;
    }
    core_ladder_start_at at = {
        .alert = a->alert,
        .queue = (uint32_t)queue,
        .area = alert->area,
        .rating = rating,
        .from_ms = a->d->command->at_ms,
        .met = core_alert_met(a->d->state, a->alert) | UINT32_C(1) << CORE_MET_RATED,
    };
    core_ladders_start(a->d, at, &a->started);
    core_tell_out_of_hours(a->d, a->alert, rating);
}

void core_act_rate(core_acting *a)
{
    Mash__V1__Rating rating = a->act->rate->rating;
    if (rating < MASH__V1__RATING__RATING_BLUE || rating > MASH__V1__RATING__RATING_RED) {
        core_act_refuse(a, "rate.rating: blue, green, amber or red");
        return;
    }
    core_act_head(a);
    Mash__V1__AlertRated *fact = core_decide_add(a->d, FACT_ALERT_RATED);
    if (fact == NULL) return;
    fact->alert = a->alert;
    fact->rating = rating;
    fact->staff = a->staff->number;
    core_ladders_go_on(a->d, a->alert, rating, UINT32_C(1) << CORE_MET_RATED, &a->started);
    core_clocks_meet(a->d, a->alert, UINT32_C(1) << CORE_MET_RATED);
    if (rating != (Mash__V1__Rating)core_acting_alert(a)->rating) change_rating(a, rating);
    core_claim_renew(a, rating);
    core_act_tell(a, MASH__V1__DELIVERY_KIND__DELIVERY_KIND_ACT, 0);
}

/* ---- decide ---------------------------------------------------------------------------------------------------------------- */
static const core_outcome *outcome_named(const core_policy *policy, const char *id)
{
    for (uint32_t i = 0; i < policy->outcome_count; i++) {
        if (strcmp(policy->outcomes[i].id, id) == 0) return &policy->outcomes[i];
    }
    return NULL;
}

static const core_line_row *line_of(const core_acting *a, uint64_t person)
{
    const core_state *state = a->d->state;
    if (person == 0 || person > state->persons.count) return NULL;
    uint32_t root = core_person_root(state, (uint32_t)person);
    for (uint32_t at = core_acting_alert(a)->lines; at != 0; at = core_lines_at(state, at)->next) {
        if (core_person_root(state, core_lines_at(state, at)->person) == root) return core_lines_at(state, at);
    }
    return NULL;
}

/* Lines that are still undecided when this person's are decided. Two lines may have become one person's: both go with it. */
static uint32_t lines_left(const core_acting *a, uint64_t person)
{
    const core_state *state = a->d->state;
    uint32_t root = core_person_root(state, (uint32_t)person);
    uint32_t left = 0;
    for (uint32_t at = core_acting_alert(a)->lines; at != 0; at = core_lines_at(state, at)->next) {
        const core_line_row *line = core_lines_at(state, at);
        if (line->policy == 0 && core_person_root(state, line->person) != root) left++;
    }
    return left;
}

static bool check_decision(core_acting *a, const core_outcome *outcome)
{
    const Mash__V1__Decide *said = a->act->decide;
    const char *why_not = NULL;
    if (line_of(a, said->person) == NULL)
        why_not = "decide.person: this alert has no line for that person";
    else if (outcome == NULL)
        why_not = "decide.outcome: the policy has no such outcome; `mashctl policy check --show` lists them";
    else if (said->rationale[0] == '\0')
        why_not = "decide.rationale: say why";
    else if (strlen(said->rationale) > RATIONALE_BYTES_MAX)
        why_not = "decide.rationale: at most 4000 bytes";
    else if (outcome->needs_legal_basis && said->legal_basis[0] == '\0')
        why_not = "decide.legal_basis: this outcome needs one";
    else if (strlen(said->legal_basis) > LEGAL_BASIS_BYTES_MAX)
        why_not = "decide.legal_basis: at most 400 bytes";
    else if (strlen(said->feedback) > FEEDBACK_BYTES_MAX)
        why_not = "decide.feedback: at most 2000 bytes";
    bool is_manager = (a->role->may >> MASH__V1__ACT_KIND__ACT_KIND_REASSIGN & 1) != 0;
    if (why_not == NULL && core_acting_alert(a)->owner != a->staff->number && !is_manager)
        why_not = "claim it first: who decides an alert owns it, or is a manager";
    if (why_not != NULL) core_act_refuse(a, "%s", why_not);
    return why_not == NULL;
}

/* Did this event name the person, under this number? Events count upwards; the newest comes first. */
static bool is_named(const core_state *state, uint32_t event, uint32_t person)
{
    uint32_t at = core_persons_at(state, person)->history;
    while (at != 0 && core_history_at(state, at)->event > event)
        at = core_history_at(state, at)->next;
    return at != 0 && core_history_at(state, at)->event == event;
}

/* Which agencies' events about this person the alert rests on: bit n = Agency n. A school that named a sister is not told of the brother. */
static uint64_t agencies_of(const core_state *state, const core_alert_row *alert, uint32_t root)
{
    uint64_t agencies = 0;
    for (uint32_t at = alert->first_event; at != 0; at = core_sequences_at(state, at)->next) {
        uint32_t event = core_event_of_sequence(state, core_sequences_at(state, at)->sequence);
        bool is_about = event != 0 && is_named(state, event, root);
        for (uint32_t joined = core_persons_at(state, root)->first_joined; joined != 0 && event != 0 && !is_about;
             joined = core_persons_at(state, joined)->next_joined)
            is_about = is_named(state, event, joined);
        if (is_about) agencies |= UINT64_C(1) << (core_events_at(state, event)->agency & 63);
    }
    return agencies;
}

/* A line that is decided anew owes the new outcome in place of the old: nobody is asked to have seen both. */
static void drop_owed(core_acting *a, uint32_t queue)
{
    const core_state *state = a->d->state;
    uint32_t root = core_person_root(state, (uint32_t)a->act->decide->person);
    for (uint32_t at = core_acting_alert(a)->clocks; at != 0; at = core_clocks_at(state, at)->next) {
        const core_clock_run *clock = core_clocks_at(state, at);
        if (clock->purpose != MASH__V1__CLOCK_PURPOSE__CLOCK_PURPOSE_FEEDBACK) continue;
        const core_feedback_row *owed = core_feedbacks_at(state, clock->item);
        if (owed->queue == queue && core_person_root(state, owed->person) == root)
            core_clock_stop(a->d, at, MASH__V1__STOP_CAUSE__STOP_CAUSE_REPLACED);
    }
}

/* It referred, and hears nothing: that was decided before, and whoever decides now is told so. */
static void leave_out(core_acting *a, uint32_t agency)
{
    Mash__V1__NotShared *fact = core_decide_add(a->d, FACT_NOT_SHARED);
    if (fact == NULL) return;
    fact->alert = a->alert;
    fact->agency = agency;
    fact->staff = a->staff->number;
    char *text = a->d->out->reply.text;
    size_t used = strlen(text);
    (void)hub_format(text + used, sizeof a->d->out->reply.text - used, "; %s is not told: a record of not sharing stands",
                     a->policy->agencies[agency].name);
}

/* Every agency that referred this person hears of the outcome; it is done when a person there has seen it (Working Together 2023). */
static void owe_feedback(core_acting *a, uint32_t outcome)
{
    uint32_t root = core_person_root(a->d->state, (uint32_t)a->act->decide->person);
    uint64_t agencies = agencies_of(a->d->state, core_acting_alert(a), root);
    uint32_t owed = 0;
    for (uint32_t i = 0; i < a->policy->agency_count; i++) {
        const core_agency_row *agency = &a->policy->agencies[i];
        if ((agencies >> ((unsigned)agency->agency & 63) & 1) == 0 || agency->feedback_queue < 0) continue;
        if (!core_effective_on(&agency->effective, a->today)) continue;
        if (agency->area[0] != '\0' && strcmp(agency->area, core_acting_alert(a)->area) != 0) continue;
        if (core_agency_barred(core_acting_alert(a), agency)) {
            leave_out(a, i);
            continue;
        }
        uint32_t queue = (uint32_t)agency->feedback_queue;
        if (!core_queue_cleared(a->policy, queue, (Mash__V1__Sensitivity)core_acting_alert(a)->sensitivity)) {
            core_alarm_about(a->d, MASH__V1__ALARM_KIND__ALARM_KIND_NO_ROUTE, a->alert); /* a person must tell them */
            continue;
        }
        drop_owed(a, a->policy->queues[queue].number);
        Mash__V1__FeedbackOwed *fact = core_decide_add(a->d, FACT_FEEDBACK_OWED);
        if (fact == NULL) return;
        fact->feedback = a->d->state->feedbacks.count + ++owed;
        fact->alert = a->alert;
        fact->person = a->act->decide->person;
        fact->queue = a->policy->queues[queue].number;
        fact->outcome = outcome;
        fact->policy = a->d->state->policies.count;
        core_tell(
            a->d, a->policy, queue, (Mash__V1__Sensitivity)core_acting_alert(a)->sensitivity,
            (core_telling){.kind = MASH__V1__DELIVERY_KIND__DELIVERY_KIND_FEEDBACK, .alert = a->alert, .item = fact->feedback});
        if (a->policy->feedback_clock < 0) continue;
        core_clock_new clock = {.alert = a->alert,
                                .rule = (uint32_t)a->policy->feedback_clock,
                                .purpose = MASH__V1__CLOCK_PURPOSE__CLOCK_PURPOSE_FEEDBACK,
                                .item = fact->feedback,
                                .from_ms = a->d->command->at_ms};
        (void)core_clock_start(a->d, clock, &a->started);
    }
}

void core_alert_end(core_decider *d, uint32_t alert, uint32_t staff)
{
    Mash__V1__AlertEnded *fact = core_decide_add(d, FACT_ALERT_ENDED);
    if (fact == NULL) return;
    fact->alert = alert;
    fact->staff = staff;
    core_clocks_meet(d, alert, UINT32_C(1) << CORE_MET_DECIDED);
    /* an answer that was asked for is still owed, and so is the feedback */
    static const Mash__V1__ClockPurpose OVER[] = {
        MASH__V1__CLOCK_PURPOSE__CLOCK_PURPOSE_ESCALATION,
        MASH__V1__CLOCK_PURPOSE__CLOCK_PURPOSE_CLAIM,
        MASH__V1__CLOCK_PURPOSE__CLOCK_PURPOSE_HOLD,
    };
    for (size_t i = 0; i < sizeof OVER / sizeof OVER[0]; i++)
        core_clocks_stop(d, alert, OVER[i], 0, MASH__V1__STOP_CAUSE__STOP_CAUSE_ENDED);
}

void core_act_decide(core_acting *a)
{
    const core_outcome *outcome = outcome_named(a->policy, a->act->decide->outcome);
    if (!check_decision(a, outcome)) return;
    core_act_head(a);
    Mash__V1__LineDecided *fact = core_decide_add(a->d, FACT_LINE_DECIDED);
    if (fact == NULL) return;
    fact->alert = a->alert;
    fact->person = a->act->decide->person;
    fact->outcome = (uint32_t)(outcome - a->policy->outcomes);
    fact->policy = a->d->state->policies.count;
    fact->staff = a->staff->number;
    if (lines_left(a, fact->person) == 0)
        core_alert_end(a->d, a->alert, a->staff->number);
    else
        core_claim_renew(a, (Mash__V1__Rating)core_acting_alert(a)->rating);
    owe_feedback(a, fact->outcome);
    core_act_tell(a, MASH__V1__DELIVERY_KIND__DELIVERY_KIND_ACT, 0);
}

/* ---- reassign -------------------------------------------------------------------------------------------------------------- */
static int32_t queue_named(const core_policy *policy, const char *name)
{
    for (uint32_t i = 0; i < policy->queue_count; i++) {
        if (strcmp(policy->queues[i].name, name) == 0) return (int32_t)i;
    }
    return -1;
}

void core_act_reassign(core_acting *a)
{
    int32_t queue = queue_named(a->policy, a->act->reassign->queue);
    const char *why_not = NULL;
    if (queue < 0)
        why_not = "the policy has no queue of that name";
    else if (a->policy->queues[queue].is_agency)
        why_not = "that queue belongs to an agency; an alert belongs to a team";
    else if (a->policy->queues[queue].number == core_acting_alert(a)->queue)
        why_not = "it is there already";
    else if (!core_queue_cleared(a->policy, (uint32_t)queue, (Mash__V1__Sensitivity)core_acting_alert(a)->sensitivity))
        why_not = "the people of that queue may not see this alert";
    else if (!core_policy_works(a->policy, (uint32_t)queue, a->today, (Mash__V1__Sensitivity)core_acting_alert(a)->sensitivity))
        why_not = "nobody on today's roster could take it there: no role in a team of that queue may claim it or send it on";
    if (why_not != NULL) {
        core_act_refuse(a, "reassign.queue: %s", why_not);
        return;
    }
    core_act_head(a);
    Mash__V1__AlertMoved *fact = core_decide_add(a->d, FACT_ALERT_MOVED);
    if (fact == NULL) return;
    fact->alert = a->alert;
    fact->queue = a->policy->queues[queue].number;
    core_clocks_stop(a->d, a->alert, MASH__V1__CLOCK_PURPOSE__CLOCK_PURPOSE_CLAIM, 0, MASH__V1__STOP_CAUSE__STOP_CAUSE_REPLACED);
    core_owner_change(a, 0, 0, MASH__V1__OWNER_CAUSE__OWNER_CAUSE_REASSIGNED);
    core_clocks_stop(a->d, a->alert, MASH__V1__CLOCK_PURPOSE__CLOCK_PURPOSE_ESCALATION, 0,
                     MASH__V1__STOP_CAUSE__STOP_CAUSE_REPLACED);
    core_hold_drop(a);
    core_ladders_start(a->d,
                       (core_ladder_start_at){
                           .alert = a->alert,
                           .queue = (uint32_t)queue,
                           .area = core_acting_alert(a)->area,
                           .rating = (Mash__V1__Rating)core_acting_alert(a)->rating,
                           .from_ms = a->d->command->at_ms,
                           .met = core_acting_alert(a)->rated_by != 0 ? UINT32_C(1) << CORE_MET_RATED : 0,
                       },
                       &a->started);
    core_tell_events(a->d, (uint32_t)queue, a->alert);
    core_tell_out_of_hours(a->d, a->alert, (Mash__V1__Rating)core_acting_alert(a)->rating);
    core_act_tell(a, MASH__V1__DELIVERY_KIND__DELIVERY_KIND_ACT, 0);
    if (!core_alert_told(a->d->state, a->alert, fact->queue)) { /* who gets it reads who sent it, and why */
        core_tell(a->d, a->policy, (uint32_t)queue, (Mash__V1__Sensitivity)core_acting_alert(a)->sensitivity,
                  (core_telling){.kind = MASH__V1__DELIVERY_KIND__DELIVERY_KIND_ACT, .alert = a->alert});
    }
}
