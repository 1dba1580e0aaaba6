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
    uint64_t ladders[CORE_POLICY_LADDERS_MAX];
} reach;

/* ---- fields ---------------------------------------------------------------------------------------------------------------- */

typedef struct field_filter {
    hub_buffer *out;
    uint32_t payload; /* 0: fields of every event */
} field_filter;

static void put_item(hub_buffer *out, const char *text)
{
    hub_buffer_put_format(out, "%s%s", out->size > 0 ? ", " : "", text);
}

static void put_field(void *context, const char *path)
{
    const field_filter *filter = context;
    char first[64];
    (void)hub_format(first, sizeof first, "%.*s", (int)strcspn(path, "."), path);
    if (event_payload_of_name(first) == filter->payload) put_item(filter->out, path);
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

static bool takes(const core_policy *policy, const core_ladder *ladder, const core_rule *rule, const char *area)
{
    if (ladder->area[0] != '\0' && strcmp(ladder->area, area) != 0) return false;
    if (rule->queue >= 0) return core_policy_serves(policy, (uint32_t)rule->queue, ladder->service);
    return ladder->service[0] == '\0' || strcmp(ladder->service, rule->service) == 0;
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
    for (uint32_t i = 0; i < policy->ladder_count; i++) {
        const core_ladder *ladder = &policy->ladders[i];
        if (!takes(policy, ladder, rule, area)) continue;
        for (uint32_t k = 0; k < ladder->step_count; k++) {
            if (!ladder->steps[k].with_events) continue;
            out->ladders[i] |= audience_of(policy, core_policy_route(policy, ladder->steps[k].service, area, today));
        }
    }
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

/* "R-ONE", or how else than at once: "R-ONE (out of hours; E-RED)". */
static void put_reason(const core_policy *policy, const core_rule *rule, const reach *r, uint32_t audience, hub_buffer *out)
{
    bool direct = (r->direct >> audience & 1) != 0;
    const char *before = " (";
    uint64_t any = r->direct | r->out_of_hours;
    for (uint32_t i = 0; i < policy->ladder_count; i++)
        any |= r->ladders[i];
    if ((any >> audience & 1) == 0) return;
    put_item(out, rule->id);
    if (!direct && (r->out_of_hours >> audience & 1) != 0) {
        hub_buffer_put_format(out, "%sout of hours", before);
        before = "; ";
    }
    for (uint32_t i = 0; i < policy->ladder_count && !direct; i++) {
        if ((r->ladders[i] >> audience & 1) == 0) continue;
        hub_buffer_put_format(out, "%s%s", before, policy->ladders[i].id);
        before = "; ";
    }
    if (!direct) hub_buffer_put_text(out, ")");
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
    policy_flow flow = {
        .agency = (Mash__V1__Agency)agency, .payload = CORE_PAYLOAD_FIRST + bit, .audience = &policy->audiences[audience]};
    event_fields_each(&flow.audience->fields, put_field, &(field_filter){.out = &t->fields, .payload = flow.payload});
    flow.fields = hub_buffer_text(&t->fields);
    flow.because = hub_buffer_text(&t->because);
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
    }
    hub_status status = t.fields.failed || t.because.failed ? HUB_ERR_MEMORY : HUB_OK;
    hub_buffer_free(&t.fields);
    hub_buffer_free(&t.because);
    free(reaches);
    return status;
}
