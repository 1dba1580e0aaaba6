#include "core/sharing.h"

#include <string.h>

#include "core/decide.h"

/* ---- who reads ------------------------------------------------------------------------------------------------------------- */
/* An audience that the policy in force does not know any more: nothing is for it. */
static const core_audience NOBODY = {.name = ""};

static const core_audience *audience_of(const core_state *state, uint32_t number)
{
    const core_policy *policy = core_policy_now(state); /* what may be seen is decided by the rules in force */
    for (uint32_t i = 0; policy != NULL && i < policy->audience_count; i++) {
        if (policy->audiences[i].number == number) return &policy->audiences[i];
    }
    return &NOBODY;
}

static Mash__V1__Sensitivity class_of(const core_record *record)
{
    const Mash__V1__Fact *accepted = core_fact_first(record->control, 20);
    return accepted == NULL ? MASH__V1__SENSITIVITY__SENSITIVITY_UNSPECIFIED : accepted->event_accepted->sensitivity;
}

static void grant(core_view *view, const Mash__V1__Delivered *fact)
{
    const core_audience *audience = audience_of(view->state, fact->audience);
    for (uint32_t i = 0; i < view->grant_count; i++) {
        if (view->grants[i].queue == fact->queue && view->grants[i].audience == audience) return;
    }
    if (view->grant_count == CORE_GRANTS_MAX) return; /* V1 */
    view->grants[view->grant_count].queue = fact->queue;
    view->grants[view->grant_count++].audience = audience;
    view->sight = CORE_SIGHT_SHARED;
}

static bool consumes(const core_peer *peer, uint32_t queue)
{
    for (size_t i = 0; i < sizeof peer->queues / sizeof peer->queues[0] && peer->queues[i] != 0; i++) {
        if (peer->queues[i] == queue) return true;
    }
    return false;
}

core_view core_view_of(const core_state *state, uint32_t reader, const core_record *record)
{
    core_view view = {.state = state, .record = record};
    const core_peer *peer = core_peer_numbered(state, reader);
    if (peer == NULL || peer->revoked) return view;
    switch (peer->kind) {
    case MASH__V1__PEER_KIND__PEER_KIND_OPERATOR:
    case MASH__V1__PEER_KIND__PEER_KIND_AUDITOR:
        view.sight = CORE_SIGHT_CONTROL;
        return view;
    case MASH__V1__PEER_KIND__PEER_KIND_ADAPTER:
        if (record->peer == reader) view.sight = CORE_SIGHT_OWN;
        return view;
    default:
        break;
    }
    for (size_t i = 0; i < record->control->n_facts; i++) {
        const Mash__V1__Fact *fact = record->control->facts[i];
        if (fact->kind != 60 || !consumes(peer, fact->delivered->queue)) continue;
        /* D2, by the policy in force: an audience may have lost its clearance since */
        if (core_audience_is_cleared(audience_of(state, fact->delivered->audience), class_of(record)))
            grant(&view, fact->delivered);
    }
    return view;
}

core_view core_view_of_delivery(const core_state *state, const core_record *record, const Mash__V1__Delivered *fact)
{
    core_view view = {.state = state, .record = record, .delivery = fact};
    grant(&view, fact);
    return view;
}

bool core_record_has_party(const core_state *state, const core_record *record, uint32_t staff)
{
    for (size_t i = 0; i < record->control->n_facts; i++) {
        const Mash__V1__Fact *fact = record->control->facts[i];
        uint64_t alert = fact->body_case == MASH__V1__FACT__BODY_DELIVERED      ? fact->delivered->alert
                         : fact->body_case == MASH__V1__FACT__BODY_ALERT_OPENED ? fact->alert_opened->alert
                         : fact->body_case == MASH__V1__FACT__BODY_ALERT_JOINED ? fact->alert_joined->alert
                                                                                : 0;
        if (alert >= 1 && alert <= state->alerts.count && core_alert_party(state, (uint32_t)alert, staff)) return true;
    }
    return false;
}

/* ---- one audience ---------------------------------------------------------------------------------------------------------- */
bool core_audience_is_cleared(const core_audience *audience, Mash__V1__Sensitivity sensitivity)
{
    return sensitivity <= MASH__V1__SENSITIVITY__SENSITIVITY_OFFICIAL || sensitivity <= audience->sees_up_to;
}

bool core_audience_has_roles(const core_audience *audience, uint64_t roles)
{
    return audience->subject_roles == 0 || (audience->subject_roles & roles) != 0;
}

static bool has_all_roles(const core_audience *audience, uint64_t roles)
{
    return audience->subject_roles == 0 || (roles & ~audience->subject_roles) == 0;
}

static bool has_payload(const core_audience *audience, uint32_t payload)
{
    const char *name = event_payload_name(payload);
    return name != NULL && event_fields_has(&audience->fields, name);
}

static bool has_person(const core_audience *audience, uint64_t roles, const char *path)
{
    return event_fields_has(&audience->fields, path) && core_audience_has_roles(audience, roles);
}

/* ---- conditions ------------------------------------------------------------------------------------------------------------ */
/* The event that this record holds; 0 = none. Events stand in the order of their records. */
static const core_event_row *event_at(const core_state *state, uint64_t sequence)
{
    uint32_t low = 1, high = state->events.count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (core_events_at(state, middle)->sequence < sequence) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    const core_event_row *row = low <= state->events.count ? core_events_at(state, low) : NULL;
    return row != NULL && row->sequence == sequence ? row : NULL;
}

/* V4. Only the first events counted are recorded; of the others the highest class is assumed. */
static core_showing count_for(const core_view *view, const core_audience *audience, const core_condition *condition)
{
    const Mash__V1__Fact *fact = core_fact_first(view->record->control, 70);
    bool is_shown = condition->kind == CORE_IF_COUNT || event_fields_has(&audience->fields, "agency");
    if (fact == NULL) return CORE_SILENT;
    bool knows_all = core_audience_is_cleared(audience, MASH__V1__SENSITIVITY__SENSITIVITY_RESTRICTED);
    if (fact->traced->n_counted >= CORE_COUNTED_MAX && !knows_all) return CORE_SILENT;
    for (size_t i = 0; i < fact->traced->n_counted; i++) {
        const core_event_row *row = event_at(view->state, fact->traced->counted[i]);
        if (row == NULL) return CORE_SILENT;
        if (!core_audience_is_cleared(audience, (Mash__V1__Sensitivity)row->sensitivity)) return CORE_SILENT;
        is_shown = is_shown && has_payload(audience, row->payload);
    }
    return is_shown ? CORE_SHOWN : CORE_NAMED;
}

/* Standing rests on a plan, a care order or a case told of earlier, whose class is not kept (V4). */
static core_showing standing_for(const core_audience *audience, uint64_t statuses)
{
    static const char *const RESTS_ON[] = {
        [MASH__V1__PERSON_STATUS__PERSON_STATUS_CHILD_PROTECTION_PLAN] = "protection_plan",
        [MASH__V1__PERSON_STATUS__PERSON_STATUS_LOOKED_AFTER] = "looked_after",
        [MASH__V1__PERSON_STATUS__PERSON_STATUS_OPEN_CASE] = "case_status",
        [MASH__V1__PERSON_STATUS__PERSON_STATUS_ADULT_SAFEGUARDING_PLAN] = "protection_plan",
    };
    if (!core_audience_is_cleared(audience, MASH__V1__SENSITIVITY__SENSITIVITY_RESTRICTED)) return CORE_SILENT;
    for (size_t i = 1; i < 64; i++) {
        if ((statuses >> i & 1) == 0) continue;
        bool is_listed = i < sizeof RESTS_ON / sizeof RESTS_ON[0] && event_fields_has(&audience->fields, RESTS_ON[i]);
        if (!is_listed) return CORE_NAMED;
    }
    return CORE_SHOWN;
}

static core_showing condition_for(const core_view *view, const core_audience *audience, const core_rule *rule,
                                  const core_condition *condition)
{
    const event_field_set *fields = &audience->fields;
    const Mash__V1__Fact *accepted = core_fact_first(view->record->control, 20);
    bool shown = false;
    switch (condition->kind) {
    case CORE_IF_PAYLOAD:
        shown = accepted != NULL && has_payload(audience, accepted->event_accepted->payload);
        break;
    case CORE_IF_AGENCY:
        shown = event_fields_has(fields, "agency");
        break;
    case CORE_IF_FIELD: /* of people, nobody remembers whose field it was */
        shown = event_fields_has_probe(fields, &condition->probe) &&
                (audience->subject_roles == 0 || !event_probe_is_within(&condition->probe, "subjects"));
        break;
    case CORE_IF_ROLE:
        shown = event_fields_has(fields, "subjects.roles") && has_all_roles(audience, condition->mask);
        break;
    case CORE_IF_AGE:
        shown = event_fields_has(fields, "subjects.date_of_birth") && has_all_roles(audience, rule->about) &&
                (!condition->or_at_school || event_fields_has(fields, "subjects.school_urn"));
        break;
    case CORE_IF_STATUS:
        return standing_for(audience, condition->mask);
    case CORE_IF_COUNT:
    case CORE_IF_COUNT_AGENCIES:
        return count_for(view, audience, condition);
    }
    return shown ? CORE_SHOWN : CORE_NAMED;
}

/* Does one of its conditions rest on what the audience must not hear of? */
static bool is_silent(const core_view *view, const core_audience *audience, const core_rule *rule)
{
    if (rule->about_family && !core_audience_is_cleared(audience, MASH__V1__SENSITIVITY__SENSITIVITY_RESTRICTED)) return true;
    for (uint32_t i = 0; i < rule->condition_count; i++) {
        if (condition_for(view, audience, rule, &rule->conditions[i]) == CORE_SILENT) return true;
    }
    return false;
}

core_showing core_view_condition(const core_view *view, const core_rule *rule, const core_condition *condition)
{
    core_showing showing = view->sight == CORE_SIGHT_CONTROL ? CORE_SHOWN : CORE_SILENT;
    for (uint32_t i = 0; i < view->grant_count; i++) {
        core_showing here = condition_for(view, view->grants[i].audience, rule, condition);
        if (here == CORE_NAMED && view->grants[i].audience->silent) here = CORE_SILENT;
        if (here > showing) showing = here;
    }
    return showing;
}

/* ---- parts of a record ----------------------------------------------------------------------------------------------------- */
bool core_view_field(const core_view *view, const char *path)
{
    if (view->sight != CORE_SIGHT_SHARED) return view->sight != CORE_SIGHT_NONE;
    for (uint32_t i = 0; i < view->grant_count; i++) {
        if (event_fields_has(&view->grants[i].audience->fields, path)) return true;
    }
    return false;
}

bool core_view_payload(const core_view *view, uint32_t payload)
{
    const char *name = event_payload_name(payload);
    return name != NULL && core_view_field(view, name);
}

bool core_view_queue(const core_view *view, uint32_t queue)
{
    if (view->sight == CORE_SIGHT_CONTROL) return true;
    for (uint32_t i = 0; i < view->grant_count; i++) {
        if (view->grants[i].queue == queue) return true;
    }
    return false;
}

/* The fact at `index` as a delivery to the reader; NULL when it is none. */
static const Mash__V1__Delivered *delivered_at(const core_view *view, size_t index)
{
    const Mash__V1__Fact *fact = view->record->control->facts[index];
    if (fact->kind != 60 || (view->delivery != NULL && view->delivery != fact->delivered)) return NULL;
    return core_view_queue(view, fact->delivered->queue) ? fact->delivered : NULL;
}

bool core_view_alert(const core_view *view, uint64_t alert)
{
    if (view->sight == CORE_SIGHT_CONTROL) return true;
    for (size_t i = 0; view->sight == CORE_SIGHT_SHARED && i < view->record->control->n_facts; i++) {
        const Mash__V1__Delivered *fact = delivered_at(view, i);
        if (fact != NULL && fact->alert == alert) return true;
    }
    return false;
}

/* Does the rule send such events to this queue? */
static bool serves(const core_view *view, const core_policy *policy, uint32_t number, const Mash__V1__Delivered *fact)
{
    const core_rule *rule = &policy->rules[number];
    bool is_alert = fact->alert != 0;
    if (rule->action != (is_alert ? CORE_DO_ALERT : CORE_DO_NOTIFY)) return false;
    if (rule->queue >= 0) return policy->queues[rule->queue].number == fact->queue;
    const char *area = is_alert ? core_alerts_at(view->state, (uint32_t)fact->alert)->area : "";
    for (uint32_t i = 0; i < policy->route_count; i++) {
        const core_route *route = &policy->routes[i];
        bool is_here = route->area[0] == '\0' || area[0] == '\0' || strcmp(route->area, area) == 0;
        if (!is_here || policy->queues[route->queue].number != fact->queue || strcmp(route->service, rule->service) != 0)
            continue;
        if (core_effective_on(&route->effective, core_calendar_day(&policy->calendars[0], view->record->time_ms, NULL)))
            return true;
    }
    return false;
}

/* Did the rule send this record's event to this queue, and may the queue's audience hear that it did? */
static bool leads_to(const core_view *view, const core_policy *policy, uint32_t number, const Mash__V1__Delivered *fact)
{
    bool by_rule = fact->kind == MASH__V1__DELIVERY_KIND__DELIVERY_KIND_ALERT_OPENED ||
                   fact->kind == MASH__V1__DELIVERY_KIND__DELIVERY_KIND_ALERT_JOINED ||
                   fact->kind == MASH__V1__DELIVERY_KIND__DELIVERY_KIND_NOTICE;
    if (by_rule && fact->rule == number) return true;
    return serves(view, policy, number, fact) &&
           !is_silent(view, audience_of(view->state, fact->audience), &policy->rules[number]);
}

bool core_view_rule(const core_view *view, const core_policy *policy, uint32_t rule)
{
    if (rule >= policy->rule_count) return false;
    if (view->sight == CORE_SIGHT_CONTROL) return true;
    for (size_t i = 0; view->sight == CORE_SIGHT_SHARED && i < view->record->control->n_facts; i++) {
        const Mash__V1__Delivered *fact = delivered_at(view, i);
        if (fact != NULL && leads_to(view, policy, rule, fact)) return true;
    }
    return false;
}

bool core_view_clock_start(const core_view *view, const core_clock_row *clock)
{
    if (clock->from == CORE_FROM_OCCURRED) return core_view_field(view, "occurred_at");
    return clock->from == CORE_FROM_STORED || core_view_field(view, "stated_receipt_at");
}

bool core_view_link(const core_view *view, uint64_t roles, const char *path)
{
    if (view->sight == CORE_SIGHT_CONTROL) return true;
    for (uint32_t i = 0; i < view->grant_count; i++) {
        const core_audience *audience = view->grants[i].audience;
        if (core_audience_is_cleared(audience, MASH__V1__SENSITIVITY__SENSITIVITY_RESTRICTED) &&
            has_person(audience, roles, path)) {
            return true;
        }
    }
    return false;
}

bool core_view_identified(const core_view *view, uint64_t roles)
{
    if (view->sight != CORE_SIGHT_SHARED) return view->sight != CORE_SIGHT_NONE;
    for (uint32_t i = 0; i < view->grant_count; i++) {
        if (has_person(view->grants[i].audience, roles, "subjects.identifiers")) return true;
    }
    return false;
}

typedef struct withholding {
    const core_view *view;
    event_withheld_cb *each;
    void *context;
} withholding;

static void tell_withheld(void *context, const char *path)
{
    const withholding *w = context;
    if (!core_view_field(w->view, path)) w->each(w->context, path);
}

static bool is_known_to(const core_view *view, const Mash__V1__Subject *subject)
{
    uint64_t roles = 0;
    for (size_t i = 0; i < subject->n_roles; i++)
        roles |= UINT64_C(1) << ((unsigned)subject->roles[i] & 63);
    for (uint32_t i = 0; i < view->grant_count; i++) {
        if (core_audience_has_roles(view->grants[i].audience, roles)) return true;
    }
    return false;
}

/* Is it withheld without a word? */
static bool withholds_in_silence(const core_view *view)
{
    for (uint32_t i = 0; i < view->grant_count; i++) {
        if (view->grants[i].audience->silent) return true;
    }
    return false;
}

void core_view_withheld(const core_view *view, hub_arena *arena, event_withheld_cb *each, void *context)
{
    const Mash__V1__Event *event = view->record->event;
    if (view->sight != CORE_SIGHT_SHARED || view->grant_count == 0 || event == NULL || withholds_in_silence(view)) return;
    Mash__V1__Event shown = *event; /* people in other roles are emptied before anything else is looked at, as in a delivery */
    shown.n_subjects = 0;
    shown.subjects = hub_arena_take(arena, (event->n_subjects + 1) * sizeof *shown.subjects);
    for (size_t i = 0; shown.subjects != NULL && i < event->n_subjects; i++) {
        if (is_known_to(view, event->subjects[i])) shown.subjects[shown.n_subjects++] = event->subjects[i];
    }
    if (shown.n_subjects < event->n_subjects) each(context, "subjects in other roles");
    withholding w = {.view = view, .each = each, .context = context};
    event_fields_withheld(&shown, &view->grants[0].audience->fields, tell_withheld, &w);
}

/* ---- facts ----------------------------------------------------------------------------------------------------------------- */
/* The roles in which this event names the person; 0 when it does not. */
static uint64_t roles_of(const core_view *view, uint64_t person)
{
    uint64_t roles = 0;
    for (size_t i = 0; i < view->record->control->n_facts; i++) {
        const Mash__V1__Fact *fact = view->record->control->facts[i];
        if (fact->kind == 30 && fact->person_linked->person == person) roles |= fact->person_linked->roles;
    }
    return roles;
}

static bool shows_person(const core_view *view, uint64_t roles)
{
    for (uint32_t i = 0; i < view->grant_count; i++) {
        if (has_person(view->grants[i].audience, roles, "subjects")) return true;
    }
    return false;
}

bool core_view_relative(const core_view *view, const uint64_t link[4])
{
    uint32_t relative = core_person_root(view->state, (uint32_t)link[0]);
    return core_view_queue(view, (uint32_t)link[3]) &&
           core_view_link(view, core_persons_at(view->state, relative)->roles, "subjects.relationships") &&
           core_view_link(view, roles_of(view, link[2]), "subjects.relationships");
}

static bool shows_withdrawal(const core_view *view, const Mash__V1__EventWithdrawn *withdrawn)
{
    if (core_view_field(view, withdrawn->amended ? "amends" : "retracts")) return true;
    for (size_t i = 0; i < view->record->control->n_facts; i++) {
        const Mash__V1__Delivered *fact = delivered_at(view, i);
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
        const Mash__V1__Delivered *fact = delivered_at(view, *from);
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
        if (audience_of(view->state, fact->audience)->acts_who) return true;
    }
    return false;
}

bool core_view_acts_words(const core_view *view)
{
    size_t from = 0;
    for (const Mash__V1__Delivered *fact = worked_by(view, 0, &from); fact != NULL; fact = worked_by(view, 0, &from)) {
        if (audience_of(view->state, fact->audience)->acts_words) return true;
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

static bool shows_clock(const core_view *view, uint64_t number)
{
    const core_clock_run *clock = core_clocks_at(view->state, (uint32_t)number);
    if (core_view_works(view, clock->alert)) return true;
    if (clock->purpose == MASH__V1__CLOCK_PURPOSE__CLOCK_PURPOSE_REQUEST) return core_view_request(view, clock->item);
    return clock->purpose == MASH__V1__CLOCK_PURPOSE__CLOCK_PURPOSE_FEEDBACK && core_view_feedback(view, clock->item);
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
    case MASH__V1__FACT__BODY_ACTED:
    case MASH__V1__FACT__BODY_OWNER_CHANGED:
    case MASH__V1__FACT__BODY_ALERT_RATED:
    case MASH__V1__FACT__BODY_ALERT_MOVED:
    case MASH__V1__FACT__BODY_ALERT_HELD:
    case MASH__V1__FACT__BODY_ALERT_RESUMED:
    case MASH__V1__FACT__BODY_ALERT_ENDED:
    case MASH__V1__FACT__BODY_ESCALATED:
    case MASH__V1__FACT__BODY_DISAGREEMENT_OPENED:
    case MASH__V1__FACT__BODY_DISAGREEMENT_MOVED:
    case MASH__V1__FACT__BODY_DISAGREEMENT_ANSWERED:
    case MASH__V1__FACT__BODY_DISAGREEMENT_CLOSED:
    case MASH__V1__FACT__BODY_NOT_SHARED:
    case MASH__V1__FACT__BODY_PARTY_DECLARED:
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
        return shows_person(view, fact->person_linked->roles);
    case MASH__V1__FACT__BODY_PERSONS_JOINED:
        return core_view_link(view, roles_of(view, fact->persons_joined->person), "subjects.identifiers");
    case MASH__V1__FACT__BODY_IDENTIFIERS_CONFLICT:
        return core_view_link(view, roles_of(view, fact->identifiers_conflict->person), "subjects.identifiers");
    case MASH__V1__FACT__BODY_FACTS_CONTRADICTED: /* it names agencies, and a plan where it is about one */
        return core_view_field(view, "agency") && shows_payload(view) &&
               core_view_link(view, roles_of(view, fact->facts_contradicted->person), "subjects.date_of_birth");
    case MASH__V1__FACT__BODY_FAMILY_MEMBER_ADDED:
        return core_view_link(view, roles_of(view, fact->family_member_added->person), "subjects.relationships");
    case MASH__V1__FACT__BODY_HOUSEHOLD_CANDIDATE:
        return core_view_link(view, roles_of(view, fact->household_candidate->person), "subjects.addresses");
    case MASH__V1__FACT__BODY_STATUS_CHANGED:
        return shows_payload(view) && core_view_link(view, roles_of(view, fact->status_changed->person), "subjects");
    case MASH__V1__FACT__BODY_ALERT_OPENED:
        return core_view_alert(view, fact->alert_opened->alert);
    case MASH__V1__FACT__BODY_ALERT_JOINED:
        return core_view_alert(view, fact->alert_joined->alert);
    case MASH__V1__FACT__BODY_CLOCK_STARTED:
        return shows_clock(view, fact->clock_started->clock);
    case MASH__V1__FACT__BODY_CLOCK_LAPSED:
        return shows_clock(view, fact->clock_lapsed->clock);
    case MASH__V1__FACT__BODY_DELIVERED:
        return core_view_queue(view, fact->delivered->queue);
    default:
        return shares_act(view, fact);
    }
}

bool core_view_fact(const core_view *view, const Mash__V1__Fact *fact)
{
    switch (view->sight) {
    case CORE_SIGHT_CONTROL:
        return true;
    case CORE_SIGHT_SHARED:
        return shares_fact(view, fact);
    case CORE_SIGHT_OWN:
        return fact->kind >= 20 && fact->kind <= 24; /* what became of its item */
    default:
        return false;
    }
}
