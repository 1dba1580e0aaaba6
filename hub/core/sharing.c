#include "core/sharing.h"

#include <string.h>

#include "core/decide.h"

/* ---- who reads ------------------------------------------------------------------------------------------------------------- */
/* An audience that the policy in force does not know any more: nothing is for it. */
static const core_audience NOBODY = {.name = ""};

const core_audience *core_audience_numbered(const core_state *state, uint32_t number)
{
    const core_policy *policy = core_policy_now(state); /* what may be seen is decided by the rules in force */
    for (uint32_t i = 0; policy != NULL && i < policy->audience_count; i++) {
        if (policy->audiences[i].number == number) return &policy->audiences[i];
    }
    return &NOBODY;
}

/* The class of what is told: the higher of the record's event's and of the alert's as it stands, which every later event has made higher or
 * left as it was. Records of acts and clocks hold no event. */
static Mash__V1__Sensitivity class_of(const core_state *state, const core_record *record, const Mash__V1__Delivered *fact)
{
    const Mash__V1__Fact *accepted = core_fact_first(record->control, FACT_EVENT_ACCEPTED);
    Mash__V1__Sensitivity of_event =
        accepted == NULL ? MASH__V1__SENSITIVITY__SENSITIVITY_UNSPECIFIED : accepted->event_accepted->sensitivity;
    Mash__V1__Sensitivity of_alert = fact->alert == 0
                                         ? MASH__V1__SENSITIVITY__SENSITIVITY_UNSPECIFIED
                                         : (Mash__V1__Sensitivity)core_alerts_at(state, (uint32_t)fact->alert)->sensitivity;
    return of_event > of_alert ? of_event : of_alert;
}

/* D2, by the policy in force: an audience may have lost its clearance since, and an alert gained a restricted event. */
static bool may_know(const core_state *state, const core_record *record, const Mash__V1__Delivered *fact)
{
    return core_audience_is_cleared(core_audience_numbered(state, fact->audience), class_of(state, record, fact));
}

static void grant(core_view *view, const Mash__V1__Delivered *fact)
{
    const core_audience *audience = core_audience_numbered(view->state, fact->audience);
    for (uint32_t i = 0; i < view->grant_count; i++) {
        if (view->grants[i].queue == fact->queue && view->grants[i].audience == audience) return;
    }
    if (view->grant_count == CORE_GRANTS_MAX) return; /* V1 */
    view->grants[view->grant_count].queue = fact->queue;
    view->grants[view->grant_count].is_near = core_record_is_near(view->state, view->record, audience->near);
    view->grants[view->grant_count++].audience = audience;
    view->sight = CORE_SIGHT_SHARED;
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
        if (fact->kind != FACT_DELIVERED || !core_peer_consumes(peer, fact->delivered->queue)) continue;
        if (may_know(state, record, fact->delivered)) grant(&view, fact->delivered);
    }
    return view;
}

core_view core_view_of_delivery(const core_state *state, const core_record *record, const Mash__V1__Delivered *fact)
{
    core_view view = {.state = state, .record = record, .delivery = fact};
    grant(&view, fact);
    return view;
}

/* ---- one audience ---------------------------------------------------------------------------------------------------------- */
bool core_audience_is_cleared(const core_audience *audience, Mash__V1__Sensitivity sensitivity)
{
    return sensitivity <= MASH__V1__SENSITIVITY__SENSITIVITY_OFFICIAL || sensitivity <= audience->sees_up_to;
}

bool core_audience_may_know(const core_state *state, const core_audience *audience, ProtobufCBinaryData event_id)
{
    hub_id id;
    uint32_t number =
        hub_id_read(hub_bytes_of(event_id.data, event_id.len), &id) ? core_table_find(&state->event_of_id, id.bytes) : 0;
    return number == 0 || core_audience_is_cleared(audience, (Mash__V1__Sensitivity)core_events_at(state, number)->sensitivity);
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
    event_field field;
    return event_payload_field(payload, &field) && event_fields_has(&audience->fields, field);
}

bool core_audience_has_person(const core_audience *audience, uint64_t roles, event_field field)
{
    return event_fields_has(&audience->fields, field) && core_audience_has_roles(audience, roles);
}

/* ---- conditions ------------------------------------------------------------------------------------------------------------ */
/* V4. Only the first events counted are recorded; of the others the highest class is assumed. */
static core_showing count_for(const core_view *view, const core_audience *audience, const core_condition *condition)
{
    const Mash__V1__Fact *fact = core_fact_first(view->record->control, FACT_TRACED);
    bool is_shown = condition->kind == CORE_IF_COUNT || event_fields_has(&audience->fields, EVENT_FIELD_AGENCY);
    if (fact == NULL) return CORE_SILENT;
    bool knows_all = core_audience_is_cleared(audience, MASH__V1__SENSITIVITY__SENSITIVITY_RESTRICTED);
    if (fact->traced->n_counted >= CORE_COUNTED_MAX && !knows_all) return CORE_SILENT;
    for (size_t i = 0; i < fact->traced->n_counted; i++) {
        uint32_t event = core_event_of_sequence(view->state, fact->traced->counted[i]);
        if (event == 0) return CORE_SILENT;
        const core_event_row *row = core_events_at(view->state, event);
        if (!core_audience_is_cleared(audience, (Mash__V1__Sensitivity)row->sensitivity)) return CORE_SILENT;
        is_shown = is_shown && has_payload(audience, row->payload);
    }
    return is_shown ? CORE_SHOWN : CORE_NAMED;
}

/* Standing rests on a plan, a care order or a case told of earlier, whose class is not kept (V4). */
static core_showing standing_for(const core_audience *audience, uint64_t statuses)
{
    static const event_field RESTS_ON[] = {
        [MASH__V1__PERSON_STATUS__PERSON_STATUS_CHILD_PROTECTION_PLAN] = EVENT_FIELD_PROTECTION_PLAN,
        [MASH__V1__PERSON_STATUS__PERSON_STATUS_LOOKED_AFTER] = EVENT_FIELD_LOOKED_AFTER,
        [MASH__V1__PERSON_STATUS__PERSON_STATUS_OPEN_CASE] = EVENT_FIELD_CASE_STATUS,
        [MASH__V1__PERSON_STATUS__PERSON_STATUS_ADULT_SAFEGUARDING_PLAN] = EVENT_FIELD_PROTECTION_PLAN,
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
    const Mash__V1__Fact *accepted = core_fact_first(view->record->control, FACT_EVENT_ACCEPTED);
    bool shown = false;
    switch (condition->kind) {
    case CORE_IF_PAYLOAD:
        shown = accepted != NULL && has_payload(audience, accepted->event_accepted->payload);
        break;
    case CORE_IF_AGENCY:
        shown = event_fields_has(fields, EVENT_FIELD_AGENCY);
        break;
    case CORE_IF_FIELD: /* of people, nobody remembers whose field it was */
        shown = event_fields_has_probe(fields, &condition->probe) &&
                (audience->subject_roles == 0 || !event_probe_is_within(&condition->probe, "subjects"));
        break;
    case CORE_IF_ROLE:
        shown = event_fields_has(fields, EVENT_FIELD_SUBJECTS_ROLES) && has_all_roles(audience, condition->mask);
        break;
    case CORE_IF_AGE:
        shown = event_fields_has(fields, EVENT_FIELD_SUBJECTS_DATE_OF_BIRTH) && has_all_roles(audience, rule->about) &&
                (!condition->or_at_school || event_fields_has(fields, EVENT_FIELD_SUBJECTS_SCHOOL_URN));
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
bool core_view_field(const core_view *view, event_field field)
{
    if (view->sight != CORE_SIGHT_SHARED) return view->sight != CORE_SIGHT_NONE;
    for (uint32_t i = 0; i < view->grant_count; i++) {
        bool is_kept_back = view->grants[i].is_near && event_field_tells_where(field);
        if (event_fields_has(&view->grants[i].audience->fields, field) && !is_kept_back) return true;
    }
    return false;
}

bool core_view_payload(const core_view *view, uint32_t payload)
{
    event_field field;
    return event_payload_field(payload, &field) && core_view_field(view, field);
}

bool core_view_queue(const core_view *view, uint32_t queue)
{
    if (view->sight == CORE_SIGHT_CONTROL) return true;
    for (uint32_t i = 0; i < view->grant_count; i++) {
        if (view->grants[i].queue == queue) return true;
    }
    return false;
}

bool core_view_told(const core_view *view, const Mash__V1__Delivered *fact)
{
    if (view->sight == CORE_SIGHT_CONTROL) return true;
    if (view->delivery != NULL) return view->delivery == fact;
    return core_view_queue(view, fact->queue) && may_know(view->state, view->record, fact) &&
           !core_view_keeps_delivery(view, fact);
}

const Mash__V1__Delivered *core_view_delivered(const core_view *view, size_t index)
{
    const Mash__V1__Fact *fact = view->record->control->facts[index];
    return fact->kind == FACT_DELIVERED && core_view_told(view, fact->delivered) ? fact->delivered : NULL;
}

bool core_view_subject(const core_view *view, size_t index)
{
    if (view->sight != CORE_SIGHT_SHARED) return view->sight != CORE_SIGHT_NONE;
    for (size_t i = 0; i < view->record->control->n_facts; i++) {
        const Mash__V1__Delivered *fact = core_view_delivered(view, i);
        if (fact != NULL && (fact->subject == 0 || fact->subject == index + 1)) return true;
    }
    return false;
}

bool core_view_alert(const core_view *view, uint64_t alert)
{
    if (view->sight == CORE_SIGHT_CONTROL) return true;
    for (size_t i = 0; view->sight == CORE_SIGHT_SHARED && i < view->record->control->n_facts; i++) {
        const Mash__V1__Delivered *fact = core_view_delivered(view, i);
        if (fact != NULL && fact->alert == alert) return true;
    }
    return false;
}

bool core_view_cleared(const core_view *view, uint64_t alert)
{
    if (view->sight == CORE_SIGHT_CONTROL || alert == 0) return true;
    Mash__V1__Sensitivity sensitivity = (Mash__V1__Sensitivity)core_alerts_at(view->state, (uint32_t)alert)->sensitivity;
    for (uint32_t i = 0; i < view->grant_count; i++) {
        if (core_audience_is_cleared(view->grants[i].audience, sensitivity)) return true;
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
           !is_silent(view, core_audience_numbered(view->state, fact->audience), &policy->rules[number]);
}

bool core_view_rule(const core_view *view, const core_policy *policy, uint32_t rule)
{
    if (rule >= policy->rule_count) return false;
    if (view->sight == CORE_SIGHT_CONTROL) return true;
    for (size_t i = 0; view->sight == CORE_SIGHT_SHARED && i < view->record->control->n_facts; i++) {
        const Mash__V1__Delivered *fact = core_view_delivered(view, i);
        if (fact != NULL && leads_to(view, policy, rule, fact)) return true;
    }
    return false;
}

bool core_view_clock_start(const core_view *view, const core_clock_row *clock)
{
    if (clock->from == CORE_FROM_OCCURRED) return core_view_field(view, EVENT_FIELD_OCCURRED_AT);
    return clock->from == CORE_FROM_STORED || core_view_field(view, EVENT_FIELD_STATED_RECEIPT_AT);
}

bool core_view_link(const core_view *view, uint64_t roles, event_field field)
{
    if (view->sight == CORE_SIGHT_CONTROL) return true;
    for (uint32_t i = 0; i < view->grant_count; i++) {
        const core_audience *audience = view->grants[i].audience;
        if (view->grants[i].is_near && event_field_tells_where(field)) continue;
        if (core_audience_is_cleared(audience, MASH__V1__SENSITIVITY__SENSITIVITY_RESTRICTED) &&
            core_audience_has_person(audience, roles, field)) {
            return true;
        }
    }
    return false;
}

bool core_view_identified(const core_view *view, uint64_t roles, Mash__V1__IdentifierScheme scheme)
{
    if (view->sight != CORE_SIGHT_SHARED) return view->sight != CORE_SIGHT_NONE;
    for (uint32_t i = 0; i < view->grant_count; i++) {
        const core_audience *audience = view->grants[i].audience;
        bool is_hidden = view->grants[i].is_near && core_scheme_tells_where(scheme) && core_audience_hides_place(audience, roles);
        if (!is_hidden && core_audience_has_person(audience, roles, EVENT_FIELD_SUBJECTS_IDENTIFIERS)) return true;
    }
    return false;
}

bool core_view_has(const core_view *view, uint64_t roles, event_field field)
{
    if (view->sight != CORE_SIGHT_SHARED) return view->sight != CORE_SIGHT_NONE;
    for (uint32_t i = 0; i < view->grant_count; i++) {
        if (core_audience_has_person(view->grants[i].audience, roles, field)) return true;
    }
    return false;
}

typedef struct withholding {
    const core_view *view;
    core_withheld_cb *each;
    void *context;
} withholding;

static void tell_withheld(void *context, event_field field, const char *path)
{
    const withholding *w = context;
    if (!core_view_field(w->view, field)) w->each(w->context, path);
}

static bool is_known_to(const core_view *view, const Mash__V1__Subject *subject)
{
    const uint64_t roles = event_subject_roles(subject);
    for (uint32_t i = 0; i < view->grant_count; i++) {
        if (core_audience_has_roles(view->grants[i].audience, roles)) return true;
    }
    return false;
}

static bool holds_place(const Mash__V1__Subject *subject)
{
    bool holds = subject->n_addresses > 0 || subject->school_urn[0] != '\0' || subject->practice_code[0] != '\0';
    for (size_t i = 0; i < subject->n_identifiers && !holds; i++)
        holds = core_scheme_tells_where(subject->identifiers[i]->scheme);
    return holds;
}

/* Is a place of somebody in it kept from every queue of the reader's? */
static bool hides_places(const core_view *view, const Mash__V1__Event *event)
{
    for (size_t i = 0; i < event->n_subjects; i++) {
        bool is_hidden = holds_place(event->subjects[i]);
        for (uint32_t k = 0; k < view->grant_count; k++)
            is_hidden = is_hidden && view->grants[k].is_near &&
                        core_audience_hides_place(view->grants[k].audience, event_subject_roles(event->subjects[i]));
        if (is_hidden) return true;
    }
    return false;
}

bool core_view_keeps_corrected(const core_view *view, ProtobufCBinaryData event_id)
{
    for (uint32_t i = 0; i < view->grant_count; i++) {
        if (core_audience_may_know(view->state, view->grants[i].audience, event_id)) return false;
    }
    return true;
}

bool core_view_is_silent(const core_view *view)
{
    for (uint32_t i = 0; i < view->grant_count; i++) {
        if (view->grants[i].audience->silent) return true;
    }
    return false;
}

void core_view_withheld(const core_view *view, hub_arena *arena, core_withheld_cb *each, void *context)
{
    const Mash__V1__Event *event = view->record->event;
    if (view->sight != CORE_SIGHT_SHARED || view->grant_count == 0 || event == NULL || core_view_is_silent(view)) return;
    Mash__V1__Event shown = *event; /* people in other roles are emptied before anything else is looked at, as in a delivery */
    shown.n_subjects = 0;
    shown.subjects = hub_arena_take(arena, (event->n_subjects + 1) * sizeof *shown.subjects);
    for (size_t i = 0; shown.subjects != NULL && i < event->n_subjects; i++) {
        if (is_known_to(view, event->subjects[i])) shown.subjects[shown.n_subjects++] = event->subjects[i];
    }
    if (core_view_keeps_corrected(view, event->amends)) shown.amends = (ProtobufCBinaryData){0};
    if (core_view_keeps_corrected(view, event->retracts)) shown.retracts = (ProtobufCBinaryData){0};
    if (shown.n_subjects < event->n_subjects) each(context, "subjects in other roles");
    if (hides_places(view, &shown)) each(context, CORE_WHEREABOUTS);
    withholding w = {.view = view, .each = each, .context = context};
    event_field_set fields = view->grants[0].audience->fields;
    if (view->grants[0].is_near) event_fields_drop_texts(&fields);
    event_fields_withheld(&shown, &fields, tell_withheld, &w);
}
