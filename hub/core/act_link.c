/* Who is whom, as people find it: a possible link is confirmed, a wrong one split.
 *
 * What a wrong link did is set right where the state says from where it came: an event's row of somebody's history, the identifiers first told with
 * it, the families it names them beside others of, undecided lines that rest on it alone. Alerts, notices and decisions stay: a rule ends nothing
 * (C7) and what was told was told; every team that has one of the alerts is told of the correction. */
#include "core/acts.h"
#include "core/said.h"
#include "core/sharing.h"

#include <string.h>

enum { ALERTS_MAX = 64 };
static const char NOBODY[] = "no such person of this alert, or of another one that this team works";

typedef struct alert_list {
    uint32_t alerts[ALERTS_MAX];
    uint32_t count;
    bool is_cut;
} alert_list;

static void add_alert(alert_list *list, uint32_t alert)
{
    for (uint32_t i = 0; i < list->count; i++) {
        if (list->alerts[i] == alert) return;
    }
    if (list->count < ALERTS_MAX) {
        list->alerts[list->count++] = alert;
    } else {
        list->is_cut = true;
    }
}

/* ---- may this team know of them ------------------------------------------------------------------------------------------------ */
/* The person that this number stands for; 0 = nobody. */
static uint32_t known(const core_state *state, uint64_t number)
{
    return number == 0 || number > state->persons.count ? 0 : core_person_root(state, (uint32_t)number);
}

/* Is one of the alert's events about them? */
static bool is_named(const core_state *state, uint32_t alert, uint32_t person)
{
    uint32_t looked_at = 0;
    uint32_t at = core_alerts_at(state, alert)->first_event;
    for (; at != 0 && looked_at < CORE_HISTORY_LOOKED_AT_MAX; at = core_sequences_at(state, at)->next, looked_at++) {
        uint32_t event = core_event_of_sequence(state, core_sequences_at(state, at)->sequence);
        for (uint32_t i = event == 0 ? 0 : core_events_at(state, event)->people; i != 0; i = core_history_at(state, i)->beside) {
            if (core_person_root(state, core_history_at(state, i)->person) == person) return true;
        }
    }
    return false;
}

static bool concerns(const core_state *state, uint32_t alert, uint32_t person)
{
    uint32_t family = core_alerts_at(state, alert)->family;
    return core_has_line(state, alert, person) || (family != 0 && core_is_member(state, family, person)) ||
           is_named(state, alert, person);
}

typedef struct line_sought {
    uint32_t person;
    alert_list *into;
} line_sought;

static bool add_with_line(const core_state *state, uint32_t alert, void *context)
{
    line_sought *sought = context;
    if (core_has_line(state, alert, sought->person)) add_alert(sought->into, alert);
    return false;
}

/* Every alert with a line for them. */
static void add_alerts_of(const core_state *state, uint32_t person, alert_list *out)
{
    (void)core_find_alert_of(state, person, add_with_line, &(line_sought){person, out});
}

/* Was it given to this team, with people of their roles, for an alert that this person works? As far as they may know of that alert. */
static bool works_event(const core_acting *a, const core_history_row *said)
{
    const core_state *state = a->d->state;
    const core_event_row *event = core_events_at(state, said->event);
    for (uint32_t at = event->withdrawn != 0 ? 0 : event->given; at != 0; at = core_given_at(state, at)->next) {
        const core_given_row *given = core_given_at(state, at);
        int32_t queue = core_policy_queue(a->policy, given->queue);
        bool is_theirs = given->alert != 0 && queue >= 0 && core_team_has(a->team, (uint32_t)queue);
        if (is_theirs && core_audience_has_roles(core_audience_numbered(state, given->audience), said->roles) &&
            core_staff_part(state, given->alert, a->staff, a->today) == CORE_PART_WORKS)
            return true;
    }
    return false;
}

/* Does an event of another alert that this person works name them? */
static bool is_named_elsewhere(const core_acting *a, uint32_t other)
{
    const core_state *state = a->d->state;
    uint32_t looked_at = 0;
    for (uint32_t member = other; member != 0;
         member = member == other ? core_persons_at(state, other)->first_joined : core_persons_at(state, member)->next_joined) {
        for (uint32_t at = core_persons_at(state, member)->history; at != 0 && looked_at < CORE_HISTORY_LOOKED_AT_MAX;
             at = core_history_at(state, at)->next, looked_at++) {
            if (works_event(a, core_history_at(state, at))) return true;
        }
    }
    return false;
}

static bool share_home(const core_state *state, uint32_t a, uint32_t b)
{
    for (uint32_t i = 1; i <= state->households.count; i++) {
        const core_household_row *row = core_households_at(state, i);
        bool has_a = false, has_b = false;
        for (uint32_t k = 0; row->count <= CORE_HOUSEHOLD_MAX && k < row->count; k++) {
            uint32_t person = core_person_root(state, row->persons[k]);
            has_a = has_a || person == a;
            has_b = has_b || person == b;
        }
        if (has_a && has_b) return true;
    }
    return false;
}

static bool may_know_of(const core_acting *a, uint32_t other, uint32_t person)
{
    const core_state *state = a->d->state;
    alert_list alerts = {.count = 0};
    if (concerns(state, a->alert, other)) return true;
    add_alerts_of(state, other, &alerts);
    for (uint32_t i = 0; i < alerts.count; i++) {
        if (core_staff_part(state, alerts.alerts[i], a->staff, a->today) == CORE_PART_WORKS) return true;
    }
    return is_named_elsewhere(a, other) || share_home(state, other, person);
}

/* ---- what is told --------------------------------------------------------------------------------------------------------------- */
/* The alert's people were corrected; the body, to say how. NULL when the decision has failed. */
static Mash__V1__LinkCorrected *correct(core_acting *a, uint32_t alert, uint32_t person, uint32_t to)
{
    Mash__V1__LinkCorrected *fact = core_decide_add(a->d, FACT_LINK_CORRECTED);
    if (fact == NULL) return NULL;
    fact->alert = alert;
    fact->person = person;
    fact->to = to;
    fact->version = alert == a->alert ? 0 : core_alerts_at(a->d->state, alert)->version + 1;
    return fact;
}

static void tell_all(core_acting *a, const alert_list *alerts)
{
    core_act_tell(a, MASH__V1__DELIVERY_KIND__DELIVERY_KIND_ACT, 0);
    for (uint32_t i = 0; i < alerts->count; i++) {
        if (alerts->alerts[i] != a->alert) core_act_tell_of(a, alerts->alerts[i], MASH__V1__DELIVERY_KIND__DELIVERY_KIND_ACT, 0);
    }
}

static bool fits(core_acting *a, const alert_list *alerts)
{
    if (!alerts->is_cut) return true;
    core_act_refuse(a, "more than %d alerts would change with it at once: decide what is open about them first", ALERTS_MAX);
    return false;
}

/* ---- confirming ------------------------------------------------------------------------------------------------------------------ */
static void confirm_person(core_acting *a, uint32_t person, uint32_t other, const alert_list *alerts)
{
    if (core_persons_differ(a->d->state, person, other)) {
        core_act_refuse(a,
                        "confirm_link: they have different numbers of a kind of which a person has one; an agency must put that "
                        "right first");
        return;
    }
    uint32_t into = person < other ? person : other, from = person < other ? other : person;
    core_act_head(a);
    Mash__V1__PersonsJoined *fact = core_decide_add(a->d, FACT_PERSONS_JOINED);
    if (fact == NULL) return;
    fact->person = from;
    fact->into = into;
    fact->evidence = MASH__V1__LINK_EVIDENCE__LINK_EVIDENCE_CONFIRMED;
    for (uint32_t i = 0; i < alerts->count; i++)
        (void)correct(a, alerts->alerts[i], from, into);
    core_act_number(a, into);
    (void)hub_format(a->d->out->reply.text, sizeof a->d->out->reply.text, "done: both are person %u from now on", into);
}

static bool is_at_risk(const core_state *state, uint32_t person)
{
    static const uint32_t AT_RISK = UINT32_C(1) << MASH__V1__SUBJECT_ROLE__SUBJECT_ROLE_CHILD |
                                    UINT32_C(1) << MASH__V1__SUBJECT_ROLE__SUBJECT_ROLE_UNBORN_CHILD |
                                    UINT32_C(1) << MASH__V1__SUBJECT_ROLE__SUBJECT_ROLE_ADULT_AT_RISK;
    return (core_persons_at(state, person)->roles & AT_RISK) != 0;
}

static void add_member(core_acting *a, uint32_t person, uint32_t family, bool is_new)
{
    const core_state *state = a->d->state;
    Mash__V1__FamilyMemberAdded *fact = core_decide_add(a->d, FACT_FAMILY_MEMBER_ADDED);
    if (fact == NULL) return;
    fact->person = person;
    fact->family = family;
    fact->is_new_family = is_new;
    bool is_theirs = is_at_risk(state, person) && core_persons_at(state, person)->memberships == 0;
    fact->reason = is_theirs ? MASH__V1__MEMBER_REASON__MEMBER_REASON_AT_RISK : MASH__V1__MEMBER_REASON__MEMBER_REASON_CONFIRMED;
}

/* The family that is meant: the alert's, where they belong to it; else their only one; else 0. */
static uint32_t family_meant(const core_acting *a, uint32_t person)
{
    uint32_t family = core_acting_alert(a)->family;
    return family != 0 && core_is_member(a->d->state, family, person) ? family : core_family_of(a->d->state, person);
}

/* Through an adult no family joins another, and two families stay two: adults may be of several, who is at risk is of one. */
static void check_family(core_acting *a, uint32_t person, uint32_t other, uint32_t family, uint32_t theirs)
{
    const core_state *state = a->d->state;
    bool in_several = (family == 0 && core_persons_at(state, person)->memberships != 0) ||
                      (theirs == 0 && core_persons_at(state, other)->memberships != 0);
    uint32_t one = family != 0 ? family : theirs;
    bool is_one_already = one != 0 && core_is_member(state, one, person) && core_is_member(state, one, other);
    if (is_one_already) {
        core_act_refuse(a, "confirm_link: they are of one family already");
    } else if (in_several) {
        core_act_refuse(a, "confirm_link: one of them belongs to several families; act on an alert about the one that is meant");
    } else if (family != 0 && theirs != 0 && is_at_risk(state, person) == is_at_risk(state, other)) {
        core_act_refuse(a, "confirm_link: each belongs to a family; the hub makes no two families one");
    } else if (!is_at_risk(state, person) && !is_at_risk(state, other)) {
        core_act_refuse(a, "confirm_link: a family is about somebody at risk, and neither is a child or an adult at risk");
    }
}

static void confirm_family(core_acting *a, uint32_t person, uint32_t other, const alert_list *alerts)
{
    const core_state *state = a->d->state;
    uint32_t family = family_meant(a, person), theirs = family_meant(a, other);
    check_family(a, person, other, family, theirs);
    if (a->refused) return;
    bool is_theirs = family == 0 || (theirs != 0 && is_at_risk(state, other)); /* the family of who is at risk */
    uint32_t into = is_theirs ? theirs : family;
    bool is_new = into == 0;
    if (is_new) into = state->families.count + 1;
    core_act_head(a);
    if (is_new || !core_is_member(state, into, person)) add_member(a, person, into, is_new);
    if (is_new || !core_is_member(state, into, other)) add_member(a, other, into, false);
    for (uint32_t i = 0; i < alerts->count; i++)
        (void)correct(a, alerts->alerts[i], person, other);
    core_act_number(a, into);
    (void)hub_format(a->d->out->reply.text, sizeof a->d->out->reply.text, "done: both are of family %u from now on", into);
}

void core_act_confirm_link(core_acting *a)
{
    const core_state *state = a->d->state;
    const Mash__V1__ConfirmLink *said = a->act->confirm_link;
    uint32_t person = known(state, said->person), other = known(state, said->other);
    alert_list alerts = {.count = 0};
    if (person == 0 || !concerns(state, a->alert, person)) {
        core_act_refuse(a, "confirm_link.person: %s", NOBODY);
    } else if (other == 0 || !may_know_of(a, other, person)) {
        core_act_refuse(a, "confirm_link.other: %s, or known at one address with the first", NOBODY);
    } else if (other == person) {
        core_act_refuse(a, "confirm_link.other: they are one person already");
    } else {
        add_alerts_of(state, person, &alerts);
        add_alerts_of(state, other, &alerts);
    }
    if (a->refused || !fits(a, &alerts)) return;
    switch (said->found) {
    case MASH__V1__LINK_AS__LINK_AS_SAME_PERSON:
        confirm_person(a, person, other, &alerts);
        break;
    case MASH__V1__LINK_AS__LINK_AS_SAME_FAMILY:
        confirm_family(a, person, other, &alerts);
        break;
    default:
        core_act_refuse(a, "confirm_link.found: say whether they are the same person or the same family");
        break;
    }
    if (!a->refused) tell_all(a, &alerts);
}

/* ---- splitting ------------------------------------------------------------------------------------------------------------------- */
typedef struct splitting {
    const core_state *state;
    uint32_t person, off;
    uint32_t history; /* the row that goes; 0 = all of `off`, whose join is undone */
    /* asked of each row: */
    uint32_t family, alert;   /* does its event name another member of the family; is it of the alert? */
    bool by_staying, by_gone; /* a row that stays, or goes, says so */
    uint32_t looked_at;
    alert_list *gone; /* alerts of the rows that go */
} splitting;

typedef void row_cb(splitting *s, const core_history_row *row, bool goes);

static void each_of(splitting *s, uint32_t person, row_cb *look)
{
    bool all_go = s->history == 0 && core_was_joined(s->state, person, s->off);
    for (uint32_t at = core_persons_at(s->state, person)->history; at != 0; at = core_history_at(s->state, at)->next) {
        bool goes = all_go || at == s->history;
        if (goes || ++s->looked_at <= CORE_HISTORY_LOOKED_AT_MAX) look(s, core_history_at(s->state, at), goes);
    }
}

/* Every row of the person's history and of those joined into them. */
static void each_row(splitting *s, row_cb *look)
{
    s->by_staying = s->by_gone = false;
    s->looked_at = 0;
    each_of(s, s->person, look);
    for (uint32_t at = core_persons_at(s->state, s->person)->first_joined; at != 0;
         at = core_persons_at(s->state, at)->next_joined)
        each_of(s, at, look);
    if (s->looked_at > CORE_HISTORY_LOOKED_AT_MAX) s->by_staying = true; /* not all was looked at: nothing is taken away */
}

static void say(splitting *s, bool goes)
{
    *(goes ? &s->by_gone : &s->by_staying) = true;
}

static void look_at_family(splitting *s, const core_history_row *row, bool goes)
{
    const core_event_row *event = core_events_at(s->state, row->event);
    for (uint32_t at = event->withdrawn ? 0 : event->people; at != 0; at = core_history_at(s->state, at)->beside) {
        uint32_t beside = core_person_root(s->state, core_history_at(s->state, at)->person);
        if (beside != s->person && core_is_member(s->state, s->family, beside)) say(s, goes);
    }
}

static void look_at_alert(splitting *s, const core_history_row *row, bool goes)
{
    const core_event_row *event = core_events_at(s->state, row->event);
    for (uint32_t at = event->withdrawn ? 0 : event->given; at != 0; at = core_given_at(s->state, at)->next) {
        if (core_given_at(s->state, at)->alert == s->alert) say(s, goes);
    }
}

static void gather_gone(splitting *s, const core_history_row *row, bool goes)
{
    for (uint32_t at = core_events_at(s->state, row->event)->given; goes && at != 0; at = core_given_at(s->state, at)->next) {
        uint32_t alert = core_given_at(s->state, at)->alert;
        if (alert != 0) add_alert(s->gone, alert);
    }
}

/* Who goes belongs to the families beside whose members the events that go name them; who stays, to those that the others do. */
static void split_families(core_acting *a, splitting *s)
{
    for (uint32_t at = core_persons_at(s->state, s->person)->memberships; at != 0;
         at = core_members_at(s->state, at)->next_of_person) {
        const core_member_row *row = core_members_at(s->state, at);
        if (row->reason == MASH__V1__MEMBER_REASON__MEMBER_REASON_CONFIRMED) continue; /* a person's word, not an event's */
        s->family = row->family;
        each_row(s, look_at_family);
        if (!s->by_gone) continue;
        Mash__V1__FamilyMemberAdded *added = core_decide_add(a->d, FACT_FAMILY_MEMBER_ADDED);
        if (added == NULL) return;
        added->family = row->family;
        added->person = s->off;
        added->reason = (Mash__V1__MemberReason)row->reason;
        added->relation = (Mash__V1__RelationshipKind)row->relation;
        Mash__V1__FamilyMemberRemoved *removed = s->by_staying ? NULL : core_decide_add(a->d, FACT_FAMILY_MEMBER_REMOVED);
        if (removed == NULL) continue;
        removed->family = row->family;
        removed->person = s->person;
    }
}

/* The line of the person in the alert, and of those who go with `off` whom a join had made theirs. */
typedef struct line_found {
    bool is_there, is_open, is_off;
} line_found;

static line_found find_line(const splitting *s, const core_alert_row *alert)
{
    line_found found = {0};
    for (uint32_t at = alert->lines; at != 0; at = core_lines_at(s->state, at)->next) {
        const core_line_row *line = core_lines_at(s->state, at);
        if (core_person_root(s->state, line->person) != s->person) continue;
        if (s->history == 0 && core_was_joined(s->state, line->person, s->off)) {
            found.is_off = true; /* comes back to them with the join's undoing */
            continue;
        }
        found.is_there = true;
        found.is_open = found.is_open || line->policy == 0;
    }
    return found;
}

static void split_alert(core_acting *a, splitting *s, uint32_t number)
{
    const core_alert_row *alert = core_alerts_at(s->state, number);
    Mash__V1__LinkCorrected *fact = correct(a, number, s->person, s->off);
    if (fact == NULL) return;
    s->alert = number;
    each_row(s, look_at_alert);
    line_found line = find_line(s, alert);
    bool comes_back = s->history == 0 && alert->family == 0 && core_was_joined(s->state, alert->person, s->off);
    bool is_theirs = alert->family == 0 && !comes_back && core_person_root(s->state, alert->person) == s->person;
    fact->given = line.is_there && line.is_open && !line.is_off && !s->by_staying;
    fact->whole = is_theirs && fact->given;
    fact->added = line.is_there && !fact->given && !line.is_off && !alert->ended;
}

static void split(core_acting *a, splitting *s)
{
    alert_list gone = {.count = 0};
    s->gone = &gone;
    each_row(s, gather_gone);
    if (!fits(a, &gone)) return;
    core_act_head(a);
    Mash__V1__LinkSplit *fact = core_decide_add(a->d, FACT_LINK_SPLIT);
    if (fact == NULL) return;
    fact->alert = a->alert;
    fact->person = s->person;
    fact->off = s->off;
    if (s->history != 0) {
        fact->event_sequence = a->act->split_link->event;
        fact->subject = a->act->split_link->subject - 1;
    }
    split_families(a, s);
    for (uint32_t i = 0; i < gone.count; i++)
        split_alert(a, s, gone.alerts[i]);
    core_act_number(a, s->off);
    tell_all(a, &gone);
}

/* Does a number tell later events about them from the other? */
static bool has_numbers(const splitting *s)
{
    uint32_t owner = core_history_at(s->state, s->history)->person;
    for (uint32_t at = core_persons_at(s->state, owner)->identifiers; at != 0; at = core_identifiers_at(s->state, at)->next) {
        if (core_identifiers_at(s->state, at)->history == s->history) return true;
    }
    return false;
}

static void split_event(core_acting *a, splitting *s)
{
    const Mash__V1__SplitLink *said = a->act->split_link;
    uint32_t event = core_event_of_sequence(s->state, said->event);
    bool is_of_alert = false;
    for (uint32_t at = event == 0 ? 0 : core_events_at(s->state, event)->given; at != 0; at = core_given_at(s->state, at)->next)
        is_of_alert = is_of_alert || core_given_at(s->state, at)->alert == a->alert;
    s->history = is_of_alert && said->subject > 0 ? core_subject_history(s->state, event, said->subject - 1) : 0;
    if (s->history == 0 || core_person_root(s->state, core_history_at(s->state, s->history)->person) != s->person) {
        core_act_refuse(a, "split_link.event, split_link.subject: no event of this alert takes that subject for this person");
        return;
    }
    s->off = s->state->persons.count + 1;
    split(a, s);
    if (a->refused) return;
    (void)hub_format(
        a->d->out->reply.text, sizeof a->d->out->reply.text,
        "done: it is person %u from now on%s. What was opened or decided because of it stays, for you to decide", s->off,
        has_numbers(s) ? ""
                       : "; no number of their own tells them apart, so later events with the same number are taken for "
                         "the same person again until the agency corrects it");
}

static void split_join(core_acting *a, splitting *s)
{
    uint64_t joined = a->act->split_link->joined;
    bool is_joined = joined > 0 && joined <= s->state->persons.count && joined != s->person &&
                     core_person_root(s->state, (uint32_t)joined) == s->person;
    if (!is_joined) {
        core_act_refuse(
            a, "split_link.joined: nobody of this number was joined into this person; or name split_link.event and its subject");
        return;
    }
    s->off = (uint32_t)joined;
    split(a, s);
    if (a->refused) return;
    (void)hub_format(
        a->d->out->reply.text, sizeof a->d->out->reply.text,
        "done: the join is undone. What came of either since stays with person %u, until it is split off event by event",
        s->person);
}

void core_act_split_link(core_acting *a)
{
    splitting s = {.state = a->d->state, .person = known(a->d->state, a->act->split_link->person)};
    if (s.person == 0 || !concerns(s.state, a->alert, s.person)) {
        core_act_refuse(a, "split_link.person: %s", NOBODY);
    } else if (a->act->split_link->event != 0) {
        split_event(a, &s);
    } else {
        split_join(a, &s);
    }
}
