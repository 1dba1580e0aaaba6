/* Who is given what of whose events, on which basis: the annex of a data protection impact assessment, from the tables alone. */
#include <stdlib.h>
#include <string.h>

#include "event/event.h"
#include "policy.h"

enum { AGENCIES = MASH__V1__AGENCY__AGENCY_MASH + 1 };

/* Where the events of one rule go: bits of audiences. */
typedef struct reach {
    uint64_t payloads, agencies;
    uint64_t direct;
    uint64_t out_of_hours;
    uint64_t sent_on;
    uint64_t ladders[CORE_POLICY_LADDERS_MAX];
} reach;

/* ---- fields ---------------------------------------------------------------------------------------------------------------- */

typedef struct field_filter {
    hub_buffer *out;
    uint32_t payload; /* 0: fields of every event */
} field_filter;

static void put_joined(hub_buffer *out, const char *joint, const char *text)
{
    hub_buffer_put_format(out, "%s%s", out->size > 0 ? joint : "", text);
}

static void put_field(void *context, const char *path)
{
    const field_filter *filter = context;
    char first[64];
    (void)hub_format(first, sizeof first, "%.*s", (int)strcspn(path, "."), path);
    if (event_payload_of_name(first) == filter->payload) put_joined(filter->out, ", ", path);
}

void policy_common_fields(const core_audience *audience, hub_buffer *out)
{
    event_fields_each(&audience->fields, put_field, &(field_filter){.out = out});
}

/* ---- where a rule's events go ---------------------------------------------------------------------------------------------- */

static uint64_t audience_of(const core_policy *policy, int32_t queue)
{
    return queue < 0 ? 0 : UINT64_C(1) << policy->queues[queue].audience;
}

/* A person may rate it anew: so at any rating. */
static bool takes(const core_policy *policy, const core_ladder *ladder, uint32_t queue, const char *area)
{
    for (int rating = MASH__V1__RATING__RATING_BLUE; rating <= MASH__V1__RATING__RATING_RED; rating++) {
        if (core_ladder_takes(policy, ladder, queue, area, (Mash__V1__Rating)rating)) return true;
    }
    return false;
}

/* Who is given the events of an alert of this area that stands in this queue, by steps of this ladder. */
static uint64_t told_by(const core_policy *policy, const core_ladder *ladder, uint32_t queue, const char *area, int32_t today)
{
    uint64_t told = 0;
    for (uint32_t k = 0; k < ladder->step_count && takes(policy, ladder, queue, area); k++) {
        if (ladder->steps[k].with_events)
            told |= audience_of(policy, core_policy_route(policy, ladder->steps[k].service, area, today));
    }
    return told;
}

/* Every other team that takes alerts may be sent one of this area, and its ladders go on from there. */
static uint64_t sent_on_from(const core_policy *policy, int32_t own, const char *area, int32_t today)
{
    uint64_t told = 0;
    for (uint32_t queue = 0; queue < policy->queue_count; queue++) {
        bool takes_alerts = (int32_t)queue != own && !policy->queues[queue].is_agency &&
                            core_policy_works(policy, queue, today, MASH__V1__SENSITIVITY__SENSITIVITY_OFFICIAL);
        if (!takes_alerts) continue;
        told |= audience_of(policy, (int32_t)queue);
        for (uint32_t i = 0; i < policy->ladder_count; i++)
            told |= told_by(policy, &policy->ladders[i], queue, area, today);
    }
    return told;
}

static bool any_out_of_hours(const core_policy *policy)
{
    for (int rating = MASH__V1__RATING__RATING_BLUE; rating <= MASH__V1__RATING__RATING_RED; rating++) {
        if (policy->ratings[rating].out_of_hours_too) return true;
    }
    return false;
}

static void reach_in_area(const core_policy *policy, const core_rule *rule, const char *area, int32_t today, reach *out)
{
    int32_t queue = rule->queue >= 0 ? rule->queue : core_policy_route(policy, rule->service, area, today);
    out->direct |= audience_of(policy, queue);
    for (uint32_t i = 0; rule->action == CORE_DO_NOTIFY && i < policy->force_count; i++) {
        const core_force *force = &policy->forces[i];
        bool is_meant = strcmp(force->service, rule->service) == 0 && core_effective_on(&force->effective, today);
        if (is_meant) out->direct |= UINT64_C(1) << force->audience;
    }
    if (rule->action != CORE_DO_ALERT) return;
    if (any_out_of_hours(policy))
        out->out_of_hours |= audience_of(policy, core_policy_route(policy, "out_of_hours", area, today));
    out->sent_on |= sent_on_from(policy, queue, area, today);
    for (uint32_t i = 0; queue >= 0 && i < policy->ladder_count; i++)
        out->ladders[i] |= told_by(policy, &policy->ladders[i], (uint32_t)queue, area, today);
}

static void reach_of(const core_policy *policy, const core_rule *rule, int32_t today, reach *out)
{
    *out = (reach){.payloads = UINT64_MAX, .agencies = UINT64_MAX};
    if (!core_effective_on(&rule->effective, today) || rule->action == CORE_DO_RECORD) {
        out->payloads = 0;
        return;
    }
    for (uint32_t i = 0; i < rule->condition_count; i++) {
        if (rule->conditions[i].kind == CORE_IF_PAYLOAD) out->payloads &= rule->conditions[i].payloads;
        if (rule->conditions[i].kind == CORE_IF_AGENCY) out->agencies &= rule->conditions[i].mask;
    }
    for (uint32_t i = 0; i < policy->area_count; i++) {
        const core_area *area = &policy->areas[i];
        if (!core_effective_on(&area->effective, today)) continue;
        if (rule->area[0] == '\0' || strcmp(rule->area, area->code) == 0) reach_in_area(policy, rule, area->code, today, out);
    }
}

/* ---- telling --------------------------------------------------------------------------------------------------------------- */

/* Agency 0 stands for whichever: rules that name none. */
static bool is_from(const reach *r, uint32_t agency)
{
    return agency == 0 ? r->agencies == UINT64_MAX : r->agencies != UINT64_MAX && (r->agencies >> agency & 1) != 0;
}

/* "R-ONE", or how else than at once: "R-ONE (out of hours; sent on; E-RED)". */
static void put_reason(const core_policy *policy, const core_rule *rule, const reach *r, uint32_t audience, hub_buffer *out)
{
    hub_buffer later = {0};
    if ((r->out_of_hours >> audience & 1) != 0) put_joined(&later, "; ", "out of hours");
    if ((r->sent_on >> audience & 1) != 0) put_joined(&later, "; ", "sent on");
    for (uint32_t i = 0; i < policy->ladder_count; i++) {
        if ((r->ladders[i] >> audience & 1) != 0) put_joined(&later, "; ", policy->ladders[i].id);
    }
    bool direct = (r->direct >> audience & 1) != 0;
    if (direct || later.size > 0) put_joined(out, ", ", rule->id);
    if (!direct && later.size > 0) hub_buffer_put_format(out, " (%s)", hub_buffer_text(&later));
    out->failed = out->failed || later.failed;
    hub_buffer_free(&later);
}

typedef struct telling {
    const core_policy *policy;
    const reach *reaches; /* one a rule */
    hub_buffer fields, because;
    policy_flow_cb *each;
    void *context;
} telling;

static void tell_flow(telling *t, uint32_t audience, uint32_t bit, uint32_t agency)
{
    const core_policy *policy = t->policy;
    t->fields.size = t->because.size = 0;
    for (uint32_t i = 0; i < policy->rule_count; i++) {
        if ((t->reaches[i].payloads >> bit & 1) != 0 && is_from(&t->reaches[i], agency))
            put_reason(policy, &policy->rules[i], &t->reaches[i], audience, &t->because);
    }
    if (t->because.size == 0) return;
    policy_flow flow = {.agency = (Mash__V1__Agency)agency,
                        .what = event_payload_name(CORE_PAYLOAD_FIRST + bit),
                        .is_event = true,
                        .audience = &policy->audiences[audience]};
    event_fields_each(&flow.audience->fields, put_field, &(field_filter){.out = &t->fields, .payload = CORE_PAYLOAD_FIRST + bit});
    flow.fields = hub_buffer_text(&t->fields);
    flow.because = hub_buffer_text(&t->because);
    t->each(t->context, &flow);
}

/* What the people of a team write to an agency, whose queue has this audience. */
static void tell_written(telling *t, uint32_t audience, int32_t today, bool is_question)
{
    const core_policy *policy = t->policy;
    t->because.size = 0;
    for (uint32_t i = 0; i < policy->agency_count; i++) {
        const core_agency_row *agency = &policy->agencies[i];
        int32_t queue = is_question ? agency->request_queue : agency->feedback_queue;
        char item[CORE_NAME_MAX + 32];
        (void)hub_format(item, sizeof item, is_question ? "request-information to %s" : "decide on what %s referred",
                         agency->name);
        bool is_meant = (audience_of(policy, queue) >> audience & 1) != 0 && core_effective_on(&agency->effective, today);
        if (is_meant && strstr(hub_buffer_text(&t->because), item) == NULL) /* once, though it has a row for each area */
            put_joined(&t->because, ", ", item);
    }
    if (t->because.size == 0) return;
    policy_flow flow = {
        .agency = MASH__V1__AGENCY__AGENCY_MASH,
        .what = is_question ? "question" : "feedback",
        .audience = &policy->audiences[audience],
        .fields = is_question
                      ? "number of the alert, what is asked, by when"
                      : "number of the alert, number of the person, outcome, words to the referrer, ids of its own events",
        .because = hub_buffer_text(&t->because),
    };
    t->each(t->context, &flow);
}

/* An alarm takes the event that raised it along, whatever it is. */
static void tell_alarms(telling *t, uint32_t audience, int32_t today)
{
    const core_policy *policy = t->policy;
    uint64_t told = 0;
    for (uint32_t i = 0; i < policy->route_count && policy->alarm_service[0] != '\0'; i++) {
        const core_route *route = &policy->routes[i];
        if (strcmp(route->service, policy->alarm_service) == 0 && core_effective_on(&route->effective, today))
            told |= audience_of(policy, (int32_t)route->queue);
    }
    if ((told >> audience & 1) == 0) return;
    policy_flow flow = {.agency = MASH__V1__AGENCY__AGENCY_UNSPECIFIED,
                        .what = "alarm",
                        .audience = &policy->audiences[audience],
                        .fields = "what is wrong; and of an event of its class that raised it, whatever it is, what the list has",
                        .because = "alarms"};
    t->each(t->context, &flow);
}

hub_status policy_flows(const core_policy *policy, int32_t today, policy_flow_cb *each, void *context)
{
    HUB_ASSERT(policy != NULL && each != NULL);
    reach *reaches = calloc(policy->rule_count + 1, sizeof *reaches);
    if (reaches == NULL) return HUB_ERR_MEMORY;
    for (uint32_t i = 0; i < policy->rule_count; i++)
        reach_of(policy, &policy->rules[i], today, &reaches[i]);
    telling t = {.policy = policy, .reaches = reaches, .each = each, .context = context};
    for (uint32_t audience = 0; audience < policy->audience_count; audience++) {
        for (uint32_t bit = 0; bit < 64; bit++) {
            for (uint32_t agency = 0; agency < AGENCIES && event_payload_name(CORE_PAYLOAD_FIRST + bit) != NULL; agency++)
                tell_flow(&t, audience, bit, agency);
        }
        tell_written(&t, audience, today, true);
        tell_written(&t, audience, today, false);
        tell_alarms(&t, audience, today);
    }
    hub_status status = t.fields.failed || t.because.failed ? HUB_ERR_MEMORY : HUB_OK;
    hub_buffer_free(&t.fields);
    hub_buffer_free(&t.because);
    free(reaches);
    return status;
}
