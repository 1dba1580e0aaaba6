/* What people did, in plain English: who, what, when, in which words, and what followed. A judge reads it; so there is no code in it.
 * What a reader may be told of it is sharing.h's to say (V5). */
#include <string.h>

#include "core/act_view.h"
#include "core/acts.h"
#include "core/disagreement.h"
#include "core/explain.h"
#include "event/wire.h"

#define say core_explain_say
#define when core_explain_when
#define spaced core_explain_spaced

enum { WHO_BYTES = 4 * CORE_NAME_MAX };

const core_policy *core_explain_policy(const explaining *v)
{
    uint32_t number = v->state->policies.count;
    while (number > 1 && core_policy_sequence(v->state, number) > v->record->sequence)
        number--;
    return number == 0 ? NULL : core_policy_numbered(v->state, number);
}

/* ---- who ------------------------------------------------------------------------------------------------------------------- */
/* The row of this person in this team (0 = any) at the time; else any that they ever had: an id is never given to somebody else. */
static const core_staff_row *row_of(const core_policy *policy, uint32_t staff, uint32_t team, int32_t day)
{
    const core_staff_row *any = NULL;
    for (uint32_t i = 0; policy != NULL && i < policy->staff_count; i++) {
        const core_staff_row *row = &policy->staff[i];
        if (row->number != staff) continue;
        bool is_meant = team == 0 || policy->teams[row->team].number == team;
        if (is_meant && core_effective_on(&row->effective, day)) return row;
        any = row;
    }
    return any;
}

/* "anna (practitioner, front-team)" or, for readers who are not told who, "somebody of front-team". */
static const char *who(const explaining *v, uint32_t staff, uint32_t team, char out[WHO_BYTES])
{
    const core_policy *policy = core_explain_policy(v);
    const core_staff_row *row = row_of(policy, staff, team, core_calendar_day(v->civil, v->record->time_ms, NULL));
    const char *of = team != 0 && team <= v->state->teams.count ? core_teams_at(v->state, team)->name
                     : row != NULL                              ? policy->teams[row->team].name
                                                                : "a team";
    if (staff == 0) {
        (void)hub_format(out, WHO_BYTES, "the hub, by itself,");
    } else if (!core_view_acts_who(v->view)) {
        (void)hub_format(out, WHO_BYTES, "somebody of %s", of);
    } else if (row == NULL) {
        (void)hub_format(out, WHO_BYTES, "number %u of the roster (%s)", staff, of);
    } else {
        (void)hub_format(out, WHO_BYTES, "%s (%s, %s)", row->id, policy->roles[row->role].name, of);
    }
    return out;
}

/* ---- in which words -------------------------------------------------------------------------------------------------------- */
static const Mash__V1__Act *act_of(explaining *v)
{
    if (v->record->personal == NULL || v->record->personal->act.len == 0) return NULL;
    ProtobufCAllocator allocator = event_wire_allocator(v->lines->arena);
    return mash__v1__act__unpack(&allocator, v->record->personal->act.len, v->record->personal->act.data);
}

static void quote(explaining *v, const char *label, const char *words)
{
    if (words[0] != '\0') say(v, 1, "%s: \"%s\"", label, words);
}

/* The words of the act itself; the question and the feedback are quoted with what they are addressed to. */
static void quote_act(explaining *v, const Mash__V1__Act *act)
{
    core_act_said own = core_act_own_words(act);
    quote(v, "Reason", act->reason);
    if (act->what_case != MASH__V1__ACT__WHAT_REQUEST_INFORMATION) quote(v, own.label, own.words);
    if (act->what_case == MASH__V1__ACT__WHAT_DECIDE) quote(v, "Legal basis", act->decide->legal_basis);
}

static void say_words(explaining *v)
{
    if (v->record->personal == NULL) {
        say(v, 1, "What was written has been erased; that it was done stands.");
    } else if (!core_view_acts_words(v->view)) {
        say(v, 1, "Withheld from this reader: act.words (what was written with it).");
    } else {
        const Mash__V1__Act *act = act_of(v);
        if (act != NULL) quote_act(v, act);
    }
}

/* ---- the act --------------------------------------------------------------------------------------------------------------- */
/* Had a person done anything about the alert before this record? */
static bool is_first(const explaining *v, const core_alert_row *alert)
{
    for (uint32_t at = alert->acts; at != 0; at = core_acts_at(v->state, at)->next) {
        const core_act_row *row = core_acts_at(v->state, at);
        if (row->staff != 0 && row->sequence < v->record->sequence) return false;
    }
    return true;
}

static void say_acted(explaining *v, const Mash__V1__Acted *fact)
{
    char stamp[40], by[WHO_BYTES], item[64] = "", after[40], version[32] = "";
    when(v, v->record->time_ms, stamp);
    if (fact->disagreement != 0) {
        (void)hub_format(item, sizeof item, ", disagreement D%llu of alert A%llu", (unsigned long long)fact->disagreement,
                         (unsigned long long)fact->alert);
    } else if (fact->alert != 0) {
        (void)hub_format(item, sizeof item, ", alert A%llu", (unsigned long long)fact->alert);
    }
    if (fact->version != 0) (void)hub_format(version, sizeof version, ", version %u", fact->version);
    say(v, 0, "%s%s: %s %s (record %llu%s).", stamp, item, who(v, fact->staff, fact->team, by), core_acted_words(fact),
        (unsigned long long)v->record->sequence, version);
    if (fact->alert != 0 && fact->staff != 0) {
        const core_alert_row *alert = core_alerts_at(v->state, (uint32_t)fact->alert);
        core_late_text(v->record->time_ms - alert->opened_ms, after);
        if (is_first(v, alert)) say(v, 1, "That is the first thing a person did about it, %s after it was opened.", after);
    }
    if (fact->staff != 0) say_words(v);
}

static void say_act_refused(explaining *v, const Mash__V1__ActRefused *fact)
{
    char stamp[40], by[WHO_BYTES], code[64], item[32] = "";
    event_enum_name(&mash__v1__act_code__descriptor, (int)fact->code, code);
    if (fact->alert != 0) (void)hub_format(item, sizeof item, ", alert A%llu", (unsigned long long)fact->alert);
    const char *name = core_act_name(fact->act);
    say(v, 0, "%s%s: an act was not done: %s, asked for by %s (record %llu); answered: %s.", when(v, v->record->time_ms, stamp),
        item, name == NULL ? "one that this version does not know" : name,
        fact->staff == 0 ? "somebody who is not on the roster" : who(v, fact->staff, 0, by),
        (unsigned long long)v->record->sequence, spaced(code, code));
}

/* ---- the alert ------------------------------------------------------------------------------------------------------------- */
static void say_owner(explaining *v, const Mash__V1__OwnerChanged *fact)
{
    char owner[WHO_BYTES], other[WHO_BYTES];
    static const char *const WHY[] = {
        [MASH__V1__OWNER_CAUSE__OWNER_CAUSE_EXPIRED] = "It was claimed, and nothing was done in the time that the policy gives: ",
        [MASH__V1__OWNER_CAUSE__OWNER_CAUSE_LEFT] = "Its owner is a party, or has left the roster or the team: ",
    };
    const char *why = (size_t)fact->cause < sizeof WHY / sizeof WHY[0] && WHY[fact->cause] != NULL ? WHY[fact->cause] : "";
    if (fact->staff == 0) {
        say(v, 1, "%s%sobody owns it from now on.", why, why[0] == '\0' ? "N" : "n");
    } else {
        say(v, 1, "%s%s owns it.", why, who(v, fact->staff, 0, owner));
    }
    if (fact->offered_to != 0) say(v, 1, "It is offered to %s.", who(v, fact->offered_to, 0, other));
}

static const core_outcome *outcome_of(const explaining *v, uint32_t policy, uint32_t outcome)
{
    const core_policy *of = core_policy_numbered(v->state, policy);
    return of == NULL || outcome >= of->outcome_count ? NULL : &of->outcomes[outcome];
}

static void say_line(explaining *v, const Mash__V1__LineDecided *fact)
{
    const core_outcome *outcome = outcome_of(v, fact->policy, fact->outcome);
    say(v, 1, "Decided for person %llu: %s.", (unsigned long long)fact->person, outcome == NULL ? "unknown" : outcome->plain);
}

static void say_held(explaining *v, const Mash__V1__AlertHeld *fact)
{
    char until[40], second[WHO_BYTES];
    say(v, 1, "It is held until %s%s%s. Statutory clocks go on.", when(v, fact->until_ms, until),
        fact->second == 0 ? "" : "; the second person who agreed: ", fact->second == 0 ? "" : who(v, fact->second, 0, second));
}

static void say_hold_asked(explaining *v, const Mash__V1__HoldAsked *fact)
{
    char until[40], second[WHO_BYTES];
    say(v, 1, "It would be held until %s when %s agrees; until then its clocks go on.", when(v, fact->until_ms, until),
        who(v, fact->second, 0, second));
}

static void say_escalated(explaining *v, const Mash__V1__Escalated *fact)
{
    const core_policy *policy = core_policy_numbered(v->state, fact->policy);
    if (policy == NULL || fact->ladder >= policy->ladder_count || fact->step == 0) return;
    const core_ladder *ladder = &policy->ladders[fact->ladder];
    if (fact->step > ladder->step_count) return;
    const core_step *step = &ladder->steps[fact->step - 1];
    const core_clock_row *clock = &policy->clocks[step->clock];
    char due[40], by[WHO_BYTES];
    say(v, 1, "Escalation %s, step %u: nobody had %s by %s.", ladder->id, fact->step, core_met_words(clock->met_by).not_done,
        when(v, fact->due_ms, due));
    if (clock->plain[0] != '\0') say(v, 2, "%s", clock->plain);
    for (size_t i = 0; i < fact->n_staff; i++)
        say(v, 2, "For %s.", who(v, fact->staff[i], 0, by));
    if (fact->n_staff == 0)
        say(v, 2, "Nobody held the role %s that day: the managers were told, and the next step was taken at once.",
            policy->roles[step->role].name);
}

static void say_party(explaining *v, const Mash__V1__PartyDeclared *fact)
{
    char party[WHO_BYTES], other[WHO_BYTES];
    say(v, 1, "A party in it, who can neither read it nor act on it any more: %s.", who(v, fact->staff, 0, party));
    if (fact->alternate != 0) say(v, 1, "Who stands in: %s.", who(v, fact->alternate, 0, other));
}

static const char *agency_name(const explaining *v, uint32_t agency)
{
    const core_policy *policy = core_explain_policy(v);
    return policy != NULL && agency < policy->agency_count ? policy->agencies[agency].name : "an agency";
}

static void say_not_shared(explaining *v, const Mash__V1__NotShared *fact)
{
    bool left_out = v->record->control->facts[0]->kind == FACT_ACTED &&
                    v->record->control->facts[0]->acted->act == MASH__V1__ACT_KIND__ACT_KIND_DECIDE;
    if (left_out) {
        say(v, 1, "%s referred, and is not told what came of it: a record of not sharing stands.", agency_name(v, fact->agency));
    } else {
        say(v, 1, "Not shared with %s, on purpose%s.", agency_name(v, fact->agency),
            fact->lasting ? ": it is asked nothing and told of no outcome, until somebody lifts that" : "");
    }
}

/* ---- requests and feedback ------------------------------------------------------------------------------------------------- */
static void say_requested(explaining *v, const Mash__V1__InformationRequested *fact)
{
    say(v, 1, "Request R%llu to %s.", (unsigned long long)fact->request, core_queue_name(v->state, fact->queue));
    bool may_read =
        core_view_acts_words(v->view) || (v->view->sight == CORE_SIGHT_SHARED && core_view_request(v->view, fact->request));
    const Mash__V1__Act *act = may_read ? act_of(v) : NULL;
    if (act != NULL && act->what_case == MASH__V1__ACT__WHAT_REQUEST_INFORMATION)
        quote(v, "Question", act->request_information->question);
}

static void say_feedback(explaining *v, const Mash__V1__FeedbackOwed *fact)
{
    const core_outcome *outcome = outcome_of(v, fact->policy, fact->outcome);
    say(v, 1, "Feedback F%llu is owed to %s: %s, for person %llu.", (unsigned long long)fact->feedback,
        core_queue_name(v->state, fact->queue), outcome == NULL ? "unknown" : outcome->plain, (unsigned long long)fact->person);
    bool may_read =
        core_view_acts_words(v->view) || (v->view->sight == CORE_SIGHT_SHARED && core_view_feedback(v->view, fact->feedback));
    const Mash__V1__Act *act = may_read ? act_of(v) : NULL;
    if (act != NULL && act->what_case == MASH__V1__ACT__WHAT_DECIDE) quote(v, "In words meant for them", act->decide->feedback);
}

/* ---- disagreements --------------------------------------------------------------------------------------------------------- */
/* "stage 1, practitioner to practitioner" */
static const char *stage_words(const explaining *v, uint32_t policy, uint32_t ladder, uint32_t stage, char out[280])
{
    const core_policy *of = core_policy_numbered(v->state, policy);
    if (of == NULL || ladder >= of->disagreement_count || stage >= of->disagreements[ladder].stage_count) return "a stage";
    const core_stage *row = &of->disagreements[ladder].stages[stage];
    (void)hub_format(out, 280, "stage %u, %s", row->number, row->plain);
    return out;
}

static void say_disagreement(explaining *v, const Mash__V1__Fact *fact)
{
    char stage[280];
    if (fact->body_case == MASH__V1__FACT__BODY_DISAGREEMENT_OPENED) {
        const Mash__V1__DisagreementOpened *said = fact->disagreement_opened;
        say(v, 1, "Disagreement D%llu is %s: %s disagrees with %s; %s lane, %s.", (unsigned long long)said->disagreement,
            said->again ? "taken up again" : "opened", core_team_name(v->state, said->team),
            core_team_name(v->state, said->with_team), said->urgent ? "urgent" : "standard",
            stage_words(v, said->policy, said->ladder, said->stage, stage));
    } else if (fact->body_case == MASH__V1__FACT__BODY_DISAGREEMENT_MOVED) {
        const Mash__V1__DisagreementMoved *said = fact->disagreement_moved;
        const char *why = core_stage_cause_words(said->cause);
        say(v, 1, "Disagreement D%llu goes to %s, because %s.", (unsigned long long)said->disagreement,
            stage_words(v, said->policy, said->ladder, said->stage, stage), why != NULL ? why : "of what was done");
    } else if (fact->body_case == MASH__V1__FACT__BODY_DISAGREEMENT_ANSWERED) {
        const Mash__V1__DisagreementAnswered *said = fact->disagreement_answered;
        const core_disagreement_row *row = core_disagreements_at(v->state, (uint32_t)said->disagreement);
        say(v, 1, "%s %s.", core_team_name(v->state, said->side == 1 ? row->team : row->with_team),
            said->settled ? "agrees to what was found" : "has stated its position");
    } else {
        const Mash__V1__DisagreementClosed *said = fact->disagreement_closed;
        say(v, 1, "Disagreement D%llu is closed: %s.", (unsigned long long)said->disagreement,
            said->by_last_stage ? "decided at the last stage, binding on both" : "both sides have settled");
    }
}

/* ---- all of them ----------------------------------------------------------------------------------------------------------- */
/* Is an alert that ended with this list kept from the reader? Then how many did would tell of it. */
static bool is_ended_kept(const explaining *v)
{
    const core_record *record = v->view->record;
    for (size_t i = 0; i < record->control->n_facts; i++) {
        const Mash__V1__Fact *fact = record->control->facts[i];
        if (fact->kind == FACT_ALERT_ENDED && core_view_keeps_alert(v->view, fact->alert_ended->alert)) return true;
    }
    return false;
}

static void say_signed(explaining *v, const Mash__V1__DaySigned *fact)
{
    char day[40], stood[48] = "", ended[40] = "";
    when(v, (int64_t)fact->day * 86400000 + 43200000, day); /* noon lies in that day wherever the calendar is */
    if (fact->sequence != 0) {
        (void)hub_format(stood, sizeof stood, " (as they stood at record %llu)", (unsigned long long)fact->sequence);
        if (!is_ended_kept(v)) (void)hub_format(ended, sizeof ended, "; %u ended with it", fact->ended);
    }
    say(v, 1, "The log-only alerts of %s up to %.*s%s were looked through%s.", core_queue_name(v->state, fact->queue),
        (int)strcspn(day, ":") - 3, day, stood, ended);
}

static void say_split(explaining *v, const Mash__V1__LinkSplit *fact)
{
    unsigned long long person = fact->person, off = fact->off;
    if (fact->event_sequence == 0)
        say(v, 1,
            "Person %llu is not person %llu: that they were joined is undone. What came since stays with person %llu, until it "
            "is "
            "split off record by record.",
            off, person, person);
    else
        say(v, 1,
            "The event of record %llu does not name person %llu as its subject %u, but person %llu. Numbers first told there go "
            "with it. What an address there was taken to say of a home stays.",
            (unsigned long long)fact->event_sequence, person, fact->subject + 1, off);
}

static void say_corrected(explaining *v, const Mash__V1__LinkCorrected *fact)
{
    say(v, 1, "Alert A%llu: %s.", (unsigned long long)fact->alert,
        fact->whole   ? "it is about who was split off"
        : fact->given ? "the undecided line is that of who was split off"
        : fact->added ? "who was split off has a line of their own; the other stays, for a person to decide"
                      : "its lines stay; who they are about was corrected");
}

static bool say_item(explaining *v, const Mash__V1__Fact *fact)
{
    char by[WHO_BYTES];
    switch (fact->body_case) {
    case MASH__V1__FACT__BODY_INFORMATION_REQUESTED:
        say_requested(v, fact->information_requested);
        return true;
    case MASH__V1__FACT__BODY_INFORMATION_ANSWERED:
        say(v, 1, "Request R%llu is answered.", (unsigned long long)fact->information_answered->request);
        return true;
    case MASH__V1__FACT__BODY_FEEDBACK_OWED:
        say_feedback(v, fact->feedback_owed);
        return true;
    case MASH__V1__FACT__BODY_FEEDBACK_SEEN:
        say(v, 1, "Feedback F%llu has been seen by %s.", (unsigned long long)fact->feedback_seen->feedback,
            who(v, fact->feedback_seen->staff, 0, by));
        return true;
    case MASH__V1__FACT__BODY_DISAGREEMENT_OPENED:
    case MASH__V1__FACT__BODY_DISAGREEMENT_MOVED:
    case MASH__V1__FACT__BODY_DISAGREEMENT_ANSWERED:
    case MASH__V1__FACT__BODY_DISAGREEMENT_CLOSED:
        say_disagreement(v, fact);
        return true;
    case MASH__V1__FACT__BODY_LINK_SPLIT:
        say_split(v, fact->link_split);
        return true;
    case MASH__V1__FACT__BODY_LINK_CORRECTED:
        say_corrected(v, fact->link_corrected);
        return true;
    case MASH__V1__FACT__BODY_FAMILY_MEMBER_REMOVED:
        say(v, 1, "Family %llu: person %llu does not belong to it; what put them there was said of somebody else.",
            (unsigned long long)fact->family_member_removed->family, (unsigned long long)fact->family_member_removed->person);
        return true;
    case MASH__V1__FACT__BODY_NOT_SHARED:
        say_not_shared(v, fact->not_shared);
        return true;
    case MASH__V1__FACT__BODY_SHARED_AGAIN:
        say(v, 1, "It may be shared with %s again.", agency_name(v, fact->shared_again->agency));
        return true;
    case MASH__V1__FACT__BODY_HOLD_ASKED:
        say_hold_asked(v, fact->hold_asked);
        return true;
    case MASH__V1__FACT__BODY_NOTICE_SEEN:
        say(v, 1, "A person of %s has seen the notice N%llu.", core_queue_name(v->state, fact->notice_seen->queue),
            (unsigned long long)fact->notice_seen->sequence);
        return true;
    case MASH__V1__FACT__BODY_DAY_SIGNED:
        say_signed(v, fact->day_signed);
        return true;
    default:
        return false;
    }
}

bool core_explain_act(explaining *v, const Mash__V1__Fact *fact)
{
    char text[WHO_BYTES];
    switch (fact->body_case) {
    case MASH__V1__FACT__BODY_ACTED:
        say_acted(v, fact->acted);
        return true;
    case MASH__V1__FACT__BODY_ACT_REFUSED:
        say_act_refused(v, fact->act_refused);
        return true;
    case MASH__V1__FACT__BODY_OWNER_CHANGED:
        say_owner(v, fact->owner_changed);
        return true;
    case MASH__V1__FACT__BODY_ALERT_RATED:
        event_enum_name(&mash__v1__rating__descriptor, (int)fact->alert_rated->rating, text);
        say(v, 1, "Its rating is %s from now on, by a person.", text);
        return true;
    case MASH__V1__FACT__BODY_LINE_DECIDED:
        say_line(v, fact->line_decided);
        return true;
    case MASH__V1__FACT__BODY_ALERT_MOVED:
        say(v, 1, "It belongs to %s from now on.",
            core_view_queue(v->view, fact->alert_moved->queue) ? core_queue_name(v->state, fact->alert_moved->queue)
                                                               : "another queue");
        return true;
    case MASH__V1__FACT__BODY_ALERT_HELD:
        say_held(v, fact->alert_held);
        return true;
    case MASH__V1__FACT__BODY_ALERT_RESUMED:
        say(v, 1, "The hold is over%s.", fact->alert_resumed->staff == 0 ? ": its time has come" : "");
        return true;
    case MASH__V1__FACT__BODY_ALERT_ENDED:
        say(v, 1, "Alert A%llu is ended.", (unsigned long long)fact->alert_ended->alert);
        return true;
    case MASH__V1__FACT__BODY_ESCALATED:
        say_escalated(v, fact->escalated);
        return true;
    case MASH__V1__FACT__BODY_PARTY_DECLARED:
        say_party(v, fact->party_declared);
        return true;
    case MASH__V1__FACT__BODY_PARTY_CLEARED:
        say(v, 1, "No party any more, and no longer shut out: %s.", who(v, fact->party_cleared->staff, 0, text));
        return true;
    default:
        return say_item(v, fact);
    }
}
