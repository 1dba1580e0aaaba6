/* A compiled policy as text: what the tables say, not what the files say, so that an author can read what the hub will do. */
#include "policy.h"

#include <string.h>

#include "event/event.h"

static void put_day(hub_buffer *out, const char *before, int32_t day)
{
    if (day == 0) return;
    int32_t year, month, day_of_month;
    event_day_date(day, &year, &month, &day_of_month);
    hub_buffer_put_format(out, "%s%04d-%02d-%02d", before, year, month, day_of_month);
}

static void put_effective(hub_buffer *out, const core_effective *span)
{
    put_day(out, ", from ", span->from_day);
    put_day(out, ", until ", span->until_day);
}

static void put_bits(hub_buffer *out, uint64_t mask, const ProtobufCEnumDescriptor *values)
{
    char text[64];
    bool is_first = true;
    for (int i = 0; i < 64; i++) {
        if ((mask >> i & 1) == 0) continue;
        hub_buffer_put_format(out, "%s%s", is_first ? "" : ", ", event_enum_name(values, i, text));
        is_first = false;
    }
}

static void put_clocks(hub_buffer *out, const core_policy *policy, const uint32_t *clocks, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        hub_buffer_put_format(out, "%s %s", i == 0 ? ", clocks" : ",", policy->clocks[clocks[i]].id);
}

static void put_rule(hub_buffer *out, const core_policy *policy, const core_rule *rule)
{
    char text[64];
    hub_buffer_put_format(out, "\n%s  %s\n", rule->id, rule->plain);
    for (uint32_t i = 0; i < rule->condition_count; i++) {
        hub_buffer_put_format(out, "    %s %s\n", i == 0 ? "when" : "and ", rule->conditions[i].plain);
    }
    if (rule->about != 0) {
        hub_buffer_put_text(out, "    about ");
        put_bits(out, rule->about, &mash__v1__subject_role__descriptor);
        hub_buffer_put_text(out, rule->about_family ? ", also in the families of those named\n" : "\n");
    }
    const char *where = rule->service[0] != '\0' ? rule->service : rule->queue >= 0 ? policy->queues[rule->queue].name : "";
    switch (rule->action) {
    case CORE_DO_ALERT:
        hub_buffer_put_format(out, "    -> alert to %s, %s", where,
                              event_enum_name(&mash__v1__rating__descriptor, (int)rule->rating, text));
        break;
    case CORE_DO_NOTIFY:
        hub_buffer_put_format(out, "    -> notice to %s", where);
        break;
    case CORE_DO_RECORD:
        hub_buffer_put_text(out, "    -> recorded and counted, sent to nobody");
        break;
    }
    put_clocks(out, policy, rule->clocks, rule->clock_count);
    if (rule->area[0] != '\0') hub_buffer_put_format(out, ", in %s only", rule->area);
    put_effective(out, &rule->effective);
    hub_buffer_put_format(out, "\n    source: %s; owner: %s", rule->source, rule->owner);
    put_day(out, "; review by ", rule->review_day);
    hub_buffer_put_text(out, "\n");
}

static void put_queue(hub_buffer *out, const core_policy *policy, const core_queue_row *queue)
{
    hub_buffer_put_format(out, "    %s%s%s: %s, audience %s, consumers", queue->name, queue->plain[0] != '\0' ? " - " : "",
                          queue->plain, queue->is_agency ? "an agency's" : "a team's", policy->audiences[queue->audience].name);
    for (size_t i = 0; i < 8 && queue->consumers[i][0] != '\0'; i++)
        hub_buffer_put_format(out, " %s", queue->consumers[i]);
    hub_buffer_put_text(out, "\n");
}

static void put_clock(hub_buffer *out, const core_policy *policy, const core_clock_row *clock)
{
    static const char *const START_NAMES[] = {"stored", "stated receipt", "occurred"};
    hub_buffer_put_format(out, "    %s: %s %d by calendar %s, from %s%s%s%s%s%s - %s (source: %s)\n", clock->id,
                          core_clock_kind_name(clock->kind), clock->amount, policy->calendars[clock->calendar].id,
                          START_NAMES[clock->from], clock->statutory ? ", statutory" : "",
                          clock->on_lapse_service[0] != '\0' ? ", on lapse also " : "", clock->on_lapse_service,
                          clock->notice_service[0] != '\0' ? ", until a person has seen the notice to " : "",
                          clock->notice_service, clock->plain, clock->source);
}

/* "within 2 working days": as a clock row says it, without its id. */
static void put_time(hub_buffer *out, const core_policy *policy, const char *before, int32_t clock)
{
    if (clock < 0) return;
    const core_clock_row *row = &policy->clocks[clock];
    hub_buffer_put_format(out, "%s%s %d", before, core_clock_kind_name(row->kind), row->amount);
}

static void put_served(hub_buffer *out, const char *service, const char *area)
{
    hub_buffer_put_format(out, " at %s in %s", service[0] != '\0' ? service : "every service",
                          area[0] != '\0' ? area : "every area");
}

static void put_ladder(hub_buffer *out, const core_policy *policy, const core_ladder *ladder)
{
    static const char *const MET[] = {"", "seen", "claimed", "rated", "informed", "decided", "other"};
    hub_buffer_put_format(out, "    %s: for ", ladder->id);
    put_bits(out, ladder->ratings, &mash__v1__rating__descriptor);
    put_served(out, ladder->service, ladder->area);
    hub_buffer_put_format(out, " - %s (source: %s)\n", ladder->plain, ladder->source);
    for (uint32_t i = 0; i < ladder->step_count; i++) {
        const core_step *step = &ladder->steps[i];
        const core_clock_row *clock = &policy->clocks[step->clock];
        hub_buffer_put_format(out, "        %u after ", i + 1);
        put_time(out, policy, "", (int32_t)step->clock);
        hub_buffer_put_format(out, " unless %s: tell %s at %s%s - %s\n", MET[clock->met_by], policy->roles[step->role].name,
                              step->service, step->with_events ? ", with the events" : "", clock->plain);
    }
}

static void put_disagreement(hub_buffer *out, const core_policy *policy, const core_disagreement_ladder *ladder)
{
    hub_buffer_put_format(out, "    %s:", ladder->id);
    put_served(out, ladder->service, ladder->area);
    put_time(out, policy, "; outcome written within ", (int32_t)ladder->outcome);
    put_time(out, policy, "; a stage may be put off by ", ladder->extend);
    if (ladder->chair_queue >= 0)
        hub_buffer_put_format(out, "; the last stage's chair: %s in %s", policy->roles[ladder->chair_role].name,
                              policy->queues[ladder->chair_queue].name);
    hub_buffer_put_format(out, " (source: %s)\n        %s\n", ladder->source, ladder->danger);
    for (uint32_t i = 0; i < ladder->stage_count; i++) {
        const core_stage *stage = &ladder->stages[i];
        hub_buffer_put_format(out, "        stage %u, %s:", stage->number, policy->roles[stage->role].name);
        put_time(out, policy, " ", (int32_t)stage->standard);
        put_time(out, policy, "; urgent ", (int32_t)stage->urgent);
        put_time(out, policy, "; acknowledged in ", stage->acknowledge);
        put_time(out, policy, ", urgent ", stage->acknowledge_urgent);
        hub_buffer_put_format(out, "%s%s%s - %s\n", stage->optional ? "; optional" : "", stage->decides ? "; decides" : "",
                              stage->board_office ? "; board told" : "", stage->plain);
    }
}

static void put_roles(hub_buffer *out, const core_policy *policy)
{
    char name[64];
    hub_buffer_put_text(out, "\nRoles\n");
    for (uint32_t i = 0; i < policy->role_count; i++) {
        const core_role *role = &policy->roles[i];
        hub_buffer_put_format(out, "    %s - %s%s; may", role->name, role->plain, role->restricted ? "; restricted too" : "");
        for (int kind = 1; kind < 32; kind++) {
            if ((role->may >> kind & 1) != 0)
                hub_buffer_put_format(out, " %s", core_act_kind_name((Mash__V1__ActKind)kind, name));
        }
        hub_buffer_put_text(out, "\n");
    }
}

/* By id and role: names are for the team's own screens. */
static void put_teams(hub_buffer *out, const core_policy *policy)
{
    hub_buffer_put_text(out, "\nTeams\n");
    for (uint32_t i = 0; i < policy->team_count; i++) {
        const core_team *team = &policy->teams[i];
        hub_buffer_put_format(out, "    %s - %s; managed by %s in %s; queues", team->name, team->plain,
                              policy->roles[team->manager_role].name, policy->queues[team->manager_queue].name);
        for (uint32_t k = 0; k < team->queue_count; k++)
            hub_buffer_put_format(out, " %s", policy->queues[team->queues[k]].name);
        hub_buffer_put_text(out, "\n");
        for (uint32_t k = 0; k < policy->staff_count; k++) {
            const core_staff_row *person = &policy->staff[k];
            if (person->team != i) continue;
            hub_buffer_put_format(out, "        %s (%u) %s", person->id, person->number, policy->roles[person->role].name);
            put_effective(out, &person->effective);
            hub_buffer_put_text(out, "\n");
        }
    }
}

static void put_people_and_ladders(hub_buffer *out, const core_policy *policy)
{
    put_roles(out, policy);
    put_teams(out, policy);
    hub_buffer_put_text(out, "\nOutcomes\n");
    for (uint32_t i = 0; i < policy->outcome_count; i++) {
        const core_outcome *outcome = &policy->outcomes[i];
        static const char *const FOR[] = {"", "; for children", "; for adults"};
        hub_buffer_put_format(out, "    %s - %s%s%s (source: %s)\n", outcome->id, outcome->plain, FOR[outcome->fits],
                              outcome->needs_legal_basis ? "; names its legal basis" : "", outcome->source);
    }
    hub_buffer_put_text(out, "\nEscalation\n");
    for (uint32_t i = 0; i < policy->ladder_count; i++)
        put_ladder(out, policy, &policy->ladders[i]);
    hub_buffer_put_text(out, "\nDisagreement\n");
    for (uint32_t i = 0; i < policy->disagreement_count; i++)
        put_disagreement(out, policy, &policy->disagreements[i]);
}

static void put_tables(hub_buffer *out, const core_policy *policy)
{
    hub_buffer_put_text(out, "\nAreas\n");
    for (uint32_t i = 0; i < policy->area_count; i++) {
        hub_buffer_put_format(out, "    %s %s", policy->areas[i].code, policy->areas[i].name);
        put_effective(out, &policy->areas[i].effective);
        hub_buffer_put_text(out, "\n");
    }
    hub_buffer_put_text(out, "\nRoutes\n");
    for (uint32_t i = 0; i < policy->route_count; i++) {
        const core_route *route = &policy->routes[i];
        hub_buffer_put_format(out, "    %s in %s -> %s", route->service, route->area[0] != '\0' ? route->area : "every area",
                              policy->queues[route->queue].name);
        put_effective(out, &route->effective);
        hub_buffer_put_text(out, "\n");
    }
    if (policy->force_count > 0) hub_buffer_put_text(out, "\nForces\n");
    for (uint32_t i = 0; i < policy->force_count; i++) {
        const core_force *force = &policy->forces[i];
        hub_buffer_put_format(out, "    %s (%s): notices to %s with audience %s", force->name, force->source_system,
                              force->service, policy->audiences[force->audience].name);
        put_effective(out, &force->effective);
        hub_buffer_put_text(out, "\n");
    }
    hub_buffer_put_text(out, "\nQueues\n");
    for (uint32_t i = 0; i < policy->queue_count; i++)
        put_queue(out, policy, &policy->queues[i]);
    hub_buffer_put_text(out, "\nClocks\n");
    for (uint32_t i = 0; i < policy->clock_count; i++) {
        if (strchr(policy->clocks[i].id, '/') == NULL)
            put_clock(out, policy, &policy->clocks[i]); /* others stand in their ladders */
    }
    hub_buffer_put_text(out, "\nRatings\n");
    for (int rating = MASH__V1__RATING__RATING_RED; rating >= MASH__V1__RATING__RATING_BLUE; rating--) {
        const core_rating_row *row = &policy->ratings[rating];
        char text[64];
        hub_buffer_put_format(out, "    %s%s", event_enum_name(&mash__v1__rating__descriptor, rating, text),
                              row->out_of_hours_too ? ", outside hours also to out_of_hours" : "");
        put_clocks(out, policy, row->clocks, row->clock_count);
        put_time(out, policy, "; a claim holds ", row->claim);
        put_time(out, policy, "; an agency answers within ", row->request);
        hub_buffer_put_format(out, "%s\n", row->second_person ? "; a hold needs a second person" : "");
    }
    put_people_and_ladders(out, policy);
}

static void put_reviews(hub_buffer *out, const core_policy *policy)
{
    hub_buffer_put_text(out, "\nTo be reviewed, besides the rules\n");
    for (uint32_t i = 0; i < policy->review_count; i++) {
        hub_buffer_put_format(out, "    %s", policy->reviews[i].what);
        put_day(out, " by ", policy->reviews[i].day);
        hub_buffer_put_text(out, "\n");
    }
}

void policy_describe(const core_policy *policy, hub_buffer *out)
{
    HUB_ASSERT(policy != NULL && out != NULL);
    char digest[2 * HUB_DIGEST_BYTES + 1];
    hub_hex(policy->digest, HUB_DIGEST_BYTES, digest);
    hub_buffer_put_format(out, "Policy of %s, digest %s: %u rules\n", policy->partnership, digest, policy->rule_count);
    for (uint32_t i = 0; i < policy->rule_count; i++)
        put_rule(out, policy, &policy->rules[i]);
    put_tables(out, policy);
    put_reviews(out, policy);
}
