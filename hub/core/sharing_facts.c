/* Which facts a reader is told of, and what of acts and clocks (V3 to V5 of sharing.h). */
#include "core/sharing.h"

#include <string.h>

#include "core/decide.h"

/* ---- facts ----------------------------------------------------------------------------------------------------------------- */
/* The roles in which this event names the person; 0 when it does not. */
static uint64_t roles_of(const core_view *view, uint64_t person)
{
    uint64_t roles = 0;
    for (size_t i = 0; i < view->record->control->n_facts; i++) {
        const Mash__V1__Fact *fact = view->record->control->facts[i];
        if (fact->kind == FACT_PERSON_LINKED && fact->person_linked->person == person) roles |= fact->person_linked->roles;
    }
    bool is_act = core_fact_first(view->record->control, FACT_ACTED) != NULL;
    if (is_act && person <= view->state->persons.count) /* a person said so, and no event names anybody */
        roles = core_persons_at(view->state, core_person_root(view->state, (uint32_t)person))->roles;
    return roles;
}

static bool shows_person(const core_view *view, uint64_t roles)
{
    for (uint32_t i = 0; i < view->grant_count; i++) {
        if (core_audience_has_person(view->grants[i].audience, roles, EVENT_FIELD_SUBJECTS)) return true;
    }
    return false;
}

bool core_view_known(const core_view *view, size_t subject, core_known *out)
{
    for (size_t i = 0; i < view->record->control->n_facts; i++) {
        if (view->record->control->facts[i]->kind != FACT_PERSON_LINKED) continue;
        const Mash__V1__PersonLinked *fact = view->record->control->facts[i]->person_linked;
        if (fact->subject != subject) continue;
        if (!core_view_link(view, fact->roles, EVENT_FIELD_SUBJECTS_IDENTIFIERS)) return false;
        uint32_t now = core_linked_now(view->state, view->record->sequence, fact), then = (uint32_t)fact->person;
        out->subject = core_view_is_silent(view) ? 0 : (uint32_t)subject + 1;
        out->person = now;
        out->joined = then != now && core_person_root(view->state, then) == now ? then : 0;
        out->known_by = fact->evidence;
        return true;
    }
    return false;
}

bool core_view_relative(const core_view *view, const uint64_t link[4])
{
    uint32_t relative = core_person_root(view->state, (uint32_t)link[0]);
    return core_view_queue(view, (uint32_t)link[3]) &&
           core_view_link(view, core_persons_at(view->state, relative)->roles, EVENT_FIELD_SUBJECTS_RELATIONSHIPS) &&
           core_view_link(view, roles_of(view, link[2]), EVENT_FIELD_SUBJECTS_RELATIONSHIPS);
}

static bool shows_withdrawal(const core_view *view, const Mash__V1__EventWithdrawn *withdrawn)
{
    if (core_view_keeps_corrected(view, withdrawn->event_id)) return false;
    if (core_view_field(view, withdrawn->amended ? EVENT_FIELD_AMENDS : EVENT_FIELD_RETRACTS)) return true;
    for (size_t i = 0; i < view->record->control->n_facts; i++) {
        const Mash__V1__Delivered *fact = core_view_delivered(view, i);
        if (fact != NULL && (fact->kind == MASH__V1__DELIVERY_KIND__DELIVERY_KIND_EVENT_AMENDED ||
                             fact->kind == MASH__V1__DELIVERY_KIND__DELIVERY_KIND_EVENT_RETRACTED)) {
            return true;
        }
    }
    return false;
}

/* ---- what people do (V5) ---------------------------------------------------------------------------------------------------- */
static bool is_agency(const core_view *view, uint32_t queue)
{
    const core_policy *policy = core_policy_now(view->state);
    int32_t position = policy == NULL ? -1 : core_policy_queue(policy, queue);
    return position < 0 || policy->queues[position].is_agency; /* V1: a queue that the policy has dropped works nothing */
}

/* The first delivery of the record by which the reader works the alert (0 = any alert); NULL when there is none. */
static const Mash__V1__Delivered *worked_by(const core_view *view, uint64_t alert, size_t *from)
{
    for (; view->sight == CORE_SIGHT_SHARED && *from < view->record->control->n_facts; ++*from) {
        const Mash__V1__Delivered *fact = core_view_delivered(view, *from);
        if (fact == NULL || fact->alert == 0 || (alert != 0 && fact->alert != alert)) continue;
        if (fact->kind == MASH__V1__DELIVERY_KIND__DELIVERY_KIND_DISAGREEMENT || !is_agency(view, fact->queue)) {
            ++*from;
            return fact;
        }
    }
    return NULL;
}

bool core_view_works(const core_view *view, uint64_t alert)
{
    size_t from = 0;
    return view->sight == CORE_SIGHT_CONTROL || (alert != 0 && worked_by(view, alert, &from) != NULL);
}

bool core_view_acts_who(const core_view *view)
{
    if (view->sight == CORE_SIGHT_CONTROL) return true;
    size_t from = 0;
    for (const Mash__V1__Delivered *fact = worked_by(view, 0, &from); fact != NULL; fact = worked_by(view, 0, &from)) {
        if (core_audience_numbered(view->state, fact->audience)->acts_who) return true;
    }
    return false;
}

bool core_view_acts_words(const core_view *view)
{
    size_t from = 0;
    for (const Mash__V1__Delivered *fact = worked_by(view, 0, &from); fact != NULL; fact = worked_by(view, 0, &from)) {
        bool is_side = fact->told_as == MASH__V1__TOLD_AS__TOLD_AS_SIDE; /* of a disagreement: it is addressed to both */
        if (is_side || core_audience_numbered(view->state, fact->audience)->acts_words) return true;
    }
    return false;
}

bool core_view_request(const core_view *view, uint64_t request)
{
    return request >= 1 && request <= view->state->requests.count &&
           core_view_queue(view, core_requests_at(view->state, (uint32_t)request)->queue);
}

bool core_view_feedback(const core_view *view, uint64_t feedback)
{
    return feedback >= 1 && feedback <= view->state->feedbacks.count &&
           core_view_queue(view, core_feedbacks_at(view->state, (uint32_t)feedback)->queue);
}

/* A side of a disagreement that is an agency has a part in that, and none in what else runs on the alert. */
static bool is_of_disagreement(const core_clock_run *clock)
{
    return clock->purpose == MASH__V1__CLOCK_PURPOSE__CLOCK_PURPOSE_STAGE ||
           clock->purpose == MASH__V1__CLOCK_PURPOSE__CLOCK_PURPOSE_ACKNOWLEDGE ||
           clock->purpose == MASH__V1__CLOCK_PURPOSE__CLOCK_PURPOSE_OUTCOME;
}

bool core_view_stands(const core_view *view, uint64_t alert)
{
    size_t from = 0;
    for (const Mash__V1__Delivered *fact = worked_by(view, alert, &from); fact != NULL; fact = worked_by(view, alert, &from)) {
        if (!is_agency(view, fact->queue) && fact->told_as != MASH__V1__TOLD_AS__TOLD_AS_COPY) return true;
    }
    return view->sight == CORE_SIGHT_CONTROL;
}

static bool shows_clock(const core_view *view, uint64_t number)
{
    const core_clock_run *clock = core_clocks_at(view->state, (uint32_t)number);
    if (is_of_disagreement(clock)) return core_view_works(view, clock->alert);
    if (core_view_stands(view, clock->alert)) return true;
    if (clock->purpose == MASH__V1__CLOCK_PURPOSE__CLOCK_PURPOSE_REQUEST) return core_view_request(view, clock->item);
    return clock->purpose == MASH__V1__CLOCK_PURPOSE__CLOCK_PURPOSE_FEEDBACK && core_view_feedback(view, clock->item);
}

/* Who is whom is told as any link is, and where the alert is worked. */
static bool shows_link(const core_view *view, uint64_t alert, uint64_t person)
{
    return core_view_works(view, alert) && core_view_link(view, roles_of(view, person), EVENT_FIELD_SUBJECTS_IDENTIFIERS);
}

/* A line is told where its person is. */
static bool shows_line(const core_view *view, uint64_t alert, uint64_t person)
{
    uint32_t root = core_person_root(view->state, (uint32_t)person);
    return core_view_works(view, alert) && shows_person(view, core_persons_at(view->state, root)->roles);
}

static bool shares_act(const core_view *view, const Mash__V1__Fact *fact)
{
    switch (fact->body_case) {
    case MASH__V1__FACT__BODY_LINE_DECIDED:
        return shows_line(view, fact->line_decided->alert, fact->line_decided->person);
    case MASH__V1__FACT__BODY_CLOCK_STOPPED:
        return shows_clock(view, fact->clock_stopped->clock);
    case MASH__V1__FACT__BODY_CLOCK_MOVED:
        return shows_clock(view, fact->clock_moved->clock);
    case MASH__V1__FACT__BODY_INFORMATION_REQUESTED:
        return core_view_works(view, fact->information_requested->alert) ||
               core_view_request(view, fact->information_requested->request);
    case MASH__V1__FACT__BODY_INFORMATION_ANSWERED:
        return core_view_works(view, core_fact_alert(view->state, fact)) ||
               core_view_request(view, fact->information_answered->request);
    case MASH__V1__FACT__BODY_FEEDBACK_OWED:
        return core_view_works(view, fact->feedback_owed->alert) || core_view_feedback(view, fact->feedback_owed->feedback);
    case MASH__V1__FACT__BODY_FEEDBACK_SEEN:
        return core_view_works(view, core_fact_alert(view->state, fact)) ||
               core_view_feedback(view, fact->feedback_seen->feedback);
    case MASH__V1__FACT__BODY_DAY_SIGNED:
        return core_view_queue(view, fact->day_signed->queue);
    case MASH__V1__FACT__BODY_NOTICE_SEEN:
        return core_view_queue(view, fact->notice_seen->queue);
    case MASH__V1__FACT__BODY_LINK_SPLIT:
        return shows_link(view, fact->link_split->alert, fact->link_split->person);
    case MASH__V1__FACT__BODY_LINK_CORRECTED:
        return shows_link(view, fact->link_corrected->alert, fact->link_corrected->person);
    case MASH__V1__FACT__BODY_ACTED:
    case MASH__V1__FACT__BODY_OWNER_CHANGED:
    case MASH__V1__FACT__BODY_ALERT_RATED:
    case MASH__V1__FACT__BODY_ALERT_MOVED:
    case MASH__V1__FACT__BODY_ALERT_HELD:
    case MASH__V1__FACT__BODY_HOLD_ASKED:
    case MASH__V1__FACT__BODY_ALERT_RESUMED:
    case MASH__V1__FACT__BODY_ALERT_ENDED:
    case MASH__V1__FACT__BODY_ESCALATED:
    case MASH__V1__FACT__BODY_DISAGREEMENT_OPENED:
    case MASH__V1__FACT__BODY_DISAGREEMENT_MOVED:
    case MASH__V1__FACT__BODY_DISAGREEMENT_ANSWERED:
    case MASH__V1__FACT__BODY_DISAGREEMENT_CLOSED:
    case MASH__V1__FACT__BODY_NOT_SHARED:
    case MASH__V1__FACT__BODY_SHARED_AGAIN:
    case MASH__V1__FACT__BODY_PARTY_DECLARED:
    case MASH__V1__FACT__BODY_PARTY_CLEARED:
        return core_view_works(view, core_fact_alert(view->state, fact));
    default:
        return false; /* V1; a refused act is for operators and auditors */
    }
}

static bool shows_payload(const core_view *view)
{
    return view->record->event != NULL && core_view_payload(view, (uint32_t)view->record->event->payload_case);
}

static bool shares_fact(const core_view *view, const Mash__V1__Fact *fact)
{
    switch (fact->body_case) {
    case MASH__V1__FACT__BODY_EVENT_ACCEPTED:
    case MASH__V1__FACT__BODY_TRACED:
        return true; /* asked for in parts */
    case MASH__V1__FACT__BODY_EVENT_WITHDRAWN:
        return shows_withdrawal(view, fact->event_withdrawn);
    case MASH__V1__FACT__BODY_PERSON_LINKED:
        return core_view_subject(view, fact->person_linked->subject) && shows_person(view, fact->person_linked->roles);
    case MASH__V1__FACT__BODY_PERSONS_JOINED:
        return core_view_link(view, roles_of(view, fact->persons_joined->person), EVENT_FIELD_SUBJECTS_IDENTIFIERS);
    case MASH__V1__FACT__BODY_IDENTIFIERS_CONFLICT:
        return core_view_link(view, roles_of(view, fact->identifiers_conflict->person), EVENT_FIELD_SUBJECTS_IDENTIFIERS);
    case MASH__V1__FACT__BODY_FACTS_CONTRADICTED: /* it names agencies, and a plan where it is about one */
        return core_view_field(view, EVENT_FIELD_AGENCY) && shows_payload(view) &&
               core_view_link(view, roles_of(view, fact->facts_contradicted->person), EVENT_FIELD_SUBJECTS_DATE_OF_BIRTH);
    case MASH__V1__FACT__BODY_FAMILY_MEMBER_ADDED:
        return core_view_link(view, roles_of(view, fact->family_member_added->person), EVENT_FIELD_SUBJECTS_RELATIONSHIPS);
    case MASH__V1__FACT__BODY_FAMILY_MEMBER_REMOVED:
        return core_view_link(view, roles_of(view, fact->family_member_removed->person), EVENT_FIELD_SUBJECTS_RELATIONSHIPS);
    case MASH__V1__FACT__BODY_HOUSEHOLD_CANDIDATE:
        return core_view_link(view, roles_of(view, fact->household_candidate->person), EVENT_FIELD_SUBJECTS_ADDRESSES);
    case MASH__V1__FACT__BODY_STATUS_CHANGED:
        return shows_payload(view) && core_view_link(view, roles_of(view, fact->status_changed->person), EVENT_FIELD_SUBJECTS);
    case MASH__V1__FACT__BODY_ALERT_OPENED:
        return core_view_alert(view, fact->alert_opened->alert);
    case MASH__V1__FACT__BODY_ALERT_JOINED:
        return core_view_alert(view, fact->alert_joined->alert);
    case MASH__V1__FACT__BODY_CLOCK_STARTED:
        return shows_clock(view, fact->clock_started->clock);
    case MASH__V1__FACT__BODY_CLOCK_LAPSED:
        return shows_clock(view, fact->clock_lapsed->clock);
    case MASH__V1__FACT__BODY_DELIVERED:
        return core_view_told(view, fact->delivered);
    default:
        return shares_act(view, fact);
    }
}

/* V7 */
static bool is_of_case(const core_view *view, const Mash__V1__Fact *fact)
{
    uint64_t alert = view->person == 0 ? 0 : core_fact_alert(view->state, fact);
    return alert == 0 || core_has_line(view->state, alert, view->person);
}

bool core_view_fact(const core_view *view, const Mash__V1__Fact *fact)
{
    if (!is_of_case(view, fact)) return false;
    switch (view->sight) {
    case CORE_SIGHT_CONTROL:
        return true;
    case CORE_SIGHT_SHARED:
        return !core_view_keeps_alert(view, core_fact_alert(view->state, fact)) && shares_fact(view, fact);
    case CORE_SIGHT_OWN:
        return fact->kind >= FACT_EVENT_ACCEPTED && fact->kind <= FACT_EVENT_REPEATED; /* what became of its item */
    default:
        return false;
    }
}
