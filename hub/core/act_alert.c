/* Who has the alert: claim, release, hand over; who it is kept from: withhold, declare party; and what leaves a trace: note, seen, wait. */
#include "core/acts.h"

#include <string.h>

void core_owner_change(core_acting *a, uint32_t staff, uint32_t offered_to, Mash__V1__OwnerCause cause)
{
    Mash__V1__OwnerChanged *fact = core_decide_add(a->d, FACT_OWNER_CHANGED);
    if (fact == NULL) return;
    fact->alert = a->alert;
    fact->staff = staff;
    fact->offered_to = offered_to;
    fact->cause = cause;
}

void core_claim_start(core_decider *d, uint32_t alert, Mash__V1__Rating rating, uint32_t *started)
{
    int32_t clock = core_policy_now(d->state)->ratings[rating].claim;
    if (clock < 0) return;
    core_clock_new what = {.alert = alert,
                           .rule = (uint32_t)clock,
                           .purpose = MASH__V1__CLOCK_PURPOSE__CLOCK_PURPOSE_CLAIM,
                           .from_ms = d->command->at_ms};
    (void)core_clock_start(d, what, started);
}

static void stop_claim(core_acting *a)
{
    core_clocks_stop(a->d, a->alert, MASH__V1__CLOCK_PURPOSE__CLOCK_PURPOSE_CLAIM, 0, MASH__V1__STOP_CAUSE__STOP_CAUSE_REPLACED);
}

void core_claim_renew(core_acting *a, Mash__V1__Rating rating)
{
    const core_alert_row *alert = core_acting_alert(a);
    if (alert->owner != a->staff->number || alert->ended || alert->held_ms != 0) return;
    stop_claim(a);
    core_claim_start(a->d, a->alert, rating, &a->started);
}

void core_act_claim(core_acting *a)
{
    const core_alert_row *alert = core_acting_alert(a);
    if (alert->owner == a->staff->number && !alert->asked_again) {
        core_act_refuse(a, "this person has claimed it already");
        return;
    }
    if (alert->owner != 0 && alert->owner != a->staff->number && alert->offered != a->staff->number) {
        const core_staff_row *owner =
            core_act_hears_who(a) ? core_policy_staff_numbered(a->policy, alert->owner, a->today) : NULL;
        core_act_refuse(a, "it is claimed by %s; they can release it or hand it over", owner == NULL ? "somebody" : owner->id);
        return;
    }
    core_act_head(a);
    stop_claim(a);
    core_owner_change(a, a->staff->number, 0, MASH__V1__OWNER_CAUSE__OWNER_CAUSE_CLAIMED);
    core_ladders_go_on(a->d, a->alert, (Mash__V1__Rating)core_acting_alert(a)->rating, UINT32_C(1) << CORE_MET_CLAIMED,
                       &a->started);
    core_clocks_meet(a->d, a->alert, UINT32_C(1) << CORE_MET_CLAIMED);
    if (alert->held_ms == 0) core_claim_start(a->d, a->alert, (Mash__V1__Rating)alert->rating, &a->started);
    core_act_tell(a, MASH__V1__DELIVERY_KIND__DELIVERY_KIND_ACT, 0);
}

/* Who gives it back is its owner, or somebody whose role may reassign: a manager, for a colleague who is ill. */
bool core_act_may_dispose(core_acting *a, const char *what)
{
    const core_alert_row *alert = core_acting_alert(a);
    if (alert->owner == 0) {
        core_act_refuse(a, "nobody has claimed it, so nobody can %s it", what);
        return false;
    }
    bool is_manager = (a->role->may >> MASH__V1__ACT_KIND__ACT_KIND_REASSIGN & 1) != 0;
    if (alert->owner == a->staff->number || is_manager) return true;
    core_act_refuse(a, "only its owner, or a role that may reassign, can %s it", what);
    return false;
}

void core_act_release(core_acting *a)
{
    if (!core_act_may_dispose(a, "release")) return;
    core_act_head(a);
    stop_claim(a);
    core_hold_drop(a);
    core_owner_change(a, 0, 0, MASH__V1__OWNER_CAUSE__OWNER_CAUSE_RELEASED);
    core_ladders_start_again(a->d, a->alert, core_met_without_owner(a->d->state, a->alert), a->d->command->at_ms, &a->started);
    core_act_tell(a, MASH__V1__DELIVERY_KIND__DELIVERY_KIND_ACT, 0);
}

void core_act_hand_over(core_acting *a)
{
    if (!core_act_may_dispose(a, "hand over")) return;
    const core_staff_row *to = core_act_colleague(a, "hand_over.to", a->act->hand_over->to, MASH__V1__ACT_KIND__ACT_KIND_CLAIM);
    if (to == NULL) return;
    if (to->number == core_acting_alert(a)->owner) {
        core_act_refuse(a, "hand_over.to: this person owns it already");
        return;
    }
    core_act_head(a);
    core_owner_change(a, core_acting_alert(a)->owner, to->number, MASH__V1__OWNER_CAUSE__OWNER_CAUSE_OFFERED); /* A5 */
    core_act_tell(a, MASH__V1__DELIVERY_KIND__DELIVERY_KIND_ACT, 0);
}

void core_act_note(core_acting *a)
{
    enum { NOTE_BYTES_MAX = 4000 };
    size_t length = strlen(a->act->note->text);
    if (length == 0 || length > NOTE_BYTES_MAX) {
        core_act_refuse(a, "note.text: 1 to %d bytes", NOTE_BYTES_MAX);
        return;
    }
    if (a->disagreement != 0) {
        core_disagreement_note(a);
        return;
    }
    core_act_head(a);
    core_act_tell(a, MASH__V1__DELIVERY_KIND__DELIVERY_KIND_ACT, 0);
}

/* Feedback is done with when a person at the referrer has seen it. */
static void see_feedback(core_acting *a)
{
    const core_feedback_row *row = core_feedbacks_at(a->d->state, a->item);
    int32_t queue = core_policy_queue(a->policy, row->queue);
    if (queue < 0 || !core_team_has(a->team, (uint32_t)queue)) {
        core_act_refuse(a, "item: only the agency that is told can say that it has seen it");
        return;
    }
    core_act_head(a);
    if (row->seen_by != 0) return;
    Mash__V1__FeedbackSeen *fact = core_decide_add(a->d, FACT_FEEDBACK_SEEN);
    if (fact == NULL) return;
    fact->feedback = a->item;
    fact->staff = a->staff->number;
    core_clocks_stop(a->d, a->alert, MASH__V1__CLOCK_PURPOSE__CLOCK_PURPOSE_FEEDBACK, a->item,
                     MASH__V1__STOP_CAUSE__STOP_CAUSE_MET);
}

/* In a holiday it is shown again on the day that school opens: who sees it in August may not think of it in September. A weekend, also
 * a long one, is none. */
static bool is_holiday_until(const core_acting *a, const core_clock_run *clock)
{
    const int64_t LONG_WEEKEND_MS = INT64_C(4) * 24 * 60 * 60 * 1000;
    bool is_school = core_clock_rule(a->d->state, clock)->kind == CORE_CLOCK_NEXT_SCHOOL_DAY;
    return is_school && clock->due_ms - a->d->command->at_ms > LONG_WEEKEND_MS;
}

/* The clocks of this alert that watch that this queue sees its notice, and wait for no other. */
static void meet_noticed(core_acting *a, uint32_t alert, uint32_t queue)
{
    const core_state *state = a->d->state;
    size_t before = a->d->count;
    for (uint32_t at = core_alerts_at(state, alert)->clocks; at != 0; at = core_clocks_at(state, at)->next) {
        const core_clock_run *clock = core_clocks_at(state, at);
        bool watches = core_clock_rule(state, clock)->met_by == CORE_MET_NOTICED && core_clock_watches(state, clock, queue);
        if (!watches || is_holiday_until(a, clock) || core_notices_unseen(state, clock, a->item)) continue;
        core_clock_stop(a->d, at, MASH__V1__STOP_CAUSE__STOP_CAUSE_MET);
    }
    core_acting on_it = *a;
    on_it.alert = alert;
    if (a->d->count > before) core_act_tell(&on_it, MASH__V1__DELIVERY_KIND__DELIVERY_KIND_ACT, 0);
}

/* A notice asks for no decision; that a person has seen it is what its sender needs to know. */
static void see_notice(core_acting *a)
{
    const core_state *state = a->d->state;
    core_act_head(a);
    for (uint32_t i = 0; i < a->team->queue_count; i++) {
        uint32_t queue = a->team->queues[i];
        const core_given_row *given = core_notice_given(state, a->item, queue);
        if (given == NULL || given->seen_by != 0) continue;
        Mash__V1__NoticeSeen *fact = core_decide_add(a->d, FACT_NOTICE_SEEN);
        if (fact == NULL) return;
        fact->sequence = core_events_at(state, a->item)->sequence;
        fact->queue = a->policy->queues[queue].number;
        fact->staff = a->staff->number;
        for (uint32_t at = core_events_at(state, a->item)->given; at != 0; at = core_given_at(state, at)->next) {
            uint32_t alert =
                core_given_at(state, at)->alert; /* more than once, where several queues have it: the first stops it */
            if (alert != 0) meet_noticed(a, alert, a->policy->queues[queue].number);
        }
    }
}

void core_act_seen(core_acting *a)
{
    if (a->item_kind == CORE_ITEM_NOTICE) {
        see_notice(a);
        return;
    }
    if (a->item_kind == CORE_ITEM_FEEDBACK) {
        see_feedback(a);
        return;
    }
    core_act_head(a);
    core_ladders_go_on(a->d, a->alert, (Mash__V1__Rating)core_acting_alert(a)->rating, UINT32_C(1) << CORE_MET_SEEN, &a->started);
    core_clocks_meet(a->d, a->alert, UINT32_C(1) << CORE_MET_SEEN);
    core_act_tell(a, MASH__V1__DELIVERY_KIND__DELIVERY_KIND_ACT, 0);
}

/* The ladder of a step that comes at the next closing time because nobody has rated it; -1 = it is none. No other step is put off by a
 * reason to wait, and no other closing, however often one is given: why it may wait for Monday is said when Friday's comes. */
static int32_t ladder_of_closing(const core_acting *a, const core_clock_run *clock)
{
    if (clock->purpose != MASH__V1__CLOCK_PURPOSE__CLOCK_PURPOSE_ESCALATION || clock->state != CORE_CLOCK_RUNNING) return -1;
    const core_clock_row *rule = core_clock_rule(a->d->state, clock);
    if (rule->met_by != CORE_MET_RATED || rule->kind != CORE_CLOCK_WORKING_DAYS || rule->amount != 0) return -1;
    core_calendar calendar = core_clock_calendar(a->d->state, clock);
    if (clock->due_ms > core_calendar_due(&calendar, rule->kind, 0, rule->roll, a->d->command->at_ms + 1).due_ms) return -1;
    int32_t ladder = core_ladder_today(a->d->state, clock);
    return ladder >= 0 && clock->step <= a->policy->ladders[ladder].step_count ? ladder : -1;
}

void core_act_wait(core_acting *a)
{
    bool is_asked = false;
    for (uint32_t at = core_acting_alert(a)->clocks; at != 0; at = core_clocks_at(a->d->state, at)->next)
        is_asked = is_asked || ladder_of_closing(a, core_clocks_at(a->d->state, at)) >= 0;
    if (core_acting_alert(a)->rated_by != 0 || !is_asked) {
        core_act_refuse(a, "%s",
                        core_acting_alert(a)->rated_by != 0
                            ? "it is rated; nothing waits"
                            : "the next closing time does not wait for its rating: that is answered for already, or "
                              "it has passed and others were told, or the alert is held");
        return;
    }
    core_act_head(a);
    /* This closing time is answered for; the next one is not. */
    for (uint32_t at = core_acting_alert(a)->clocks; at != 0; at = core_clocks_at(a->d->state, at)->next) {
        const core_clock_run *clock = core_clocks_at(a->d->state, at);
        int32_t ladder = ladder_of_closing(a, clock);
        if (ladder < 0) continue;
        core_clock_stop(a->d, at, MASH__V1__STOP_CAUSE__STOP_CAUSE_MET);
        core_clock_new next = {.alert = a->alert,
                               .rule = a->policy->ladders[ladder].steps[clock->step - 1].clock,
                               .purpose = MASH__V1__CLOCK_PURPOSE__CLOCK_PURPOSE_ESCALATION,
                               .item = (uint32_t)ladder,
                               .step = clock->step,
                               .from_ms = clock->due_ms + 1};
        (void)core_clock_start(a->d, next, &a->started);
    }
    core_act_tell(a, MASH__V1__DELIVERY_KIND__DELIVERY_KIND_ACT, 0);
}
