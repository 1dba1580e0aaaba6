/* policy.c - the tables of the simulations' policy. */
#include "policy.h"

#include <stdio.h>
#include <string.h>

const char *const SIM_AREAS[2] = {"E10000014", "E06000044"};
const char *const SIM_QUEUES[3] = {"north-door", "south-door", "schools"};

enum { ACKNOWLEDGE, TRIAGE, DECISION };

#define PAYLOAD(name) (UINT64_C(1) << (MASH__V1__EVENT__PAYLOAD_##name - CORE_PAYLOAD_FIRST))
#define ROLE(name) (UINT64_C(1) << MASH__V1__SUBJECT_ROLE__SUBJECT_ROLE_##name)

#define SET(field, text) snprintf(field, sizeof(field), "%s", text)

static void make_calendar(sim_policy *p)
{
    core_calendar *calendar = &p->calendar;
    SET(calendar->id, "office");
    calendar->zone_count = core_zone_london(2020, 2039, p->zone, 2 * 20 + 1);
    calendar->zone = p->zone;
    for (int weekday = 0; weekday < 5; weekday++) {
        calendar->week[weekday].open_minute = 8 * 60 + 30;
        calendar->week[weekday].close_minute = 17 * 60;
    }
    calendar->close_of_day_minute = 17 * 60;
    calendar->school_opens_minute = 8 * 60 + 30;
}

static void make_queues(sim_policy *p)
{
    for (int i = 0; i < 2; i++) {
        SET(p->areas[i].code, SIM_AREAS[i]);
        SET(p->areas[i].name, i == 0 ? "North" : "South");
        SET(p->routes[i].service, "front_door");
        SET(p->routes[i].area, SIM_AREAS[i]);
        p->routes[i].queue = (uint32_t)i;
    }
    SET(p->routes[2].service, "schools");
    p->routes[2].queue = 2;
    for (uint32_t i = 0; i < 3; i++) {
        SET(p->queues[i].name, SIM_QUEUES[i]);
        SET(p->queues[i].consumers[0], SIM_QUEUES[i]);
        p->queues[i].audience = i == 2 ? 1 : 0;
        p->queues[i].is_agency = i == 2;
    }
    SET(p->audiences[0].name, "front door");
    p->audiences[0].sees_up_to = MASH__V1__SENSITIVITY__SENSITIVITY_RESTRICTED;
    SET(p->audiences[1].name, "schools");
    p->audiences[1].sees_up_to = MASH__V1__SENSITIVITY__SENSITIVITY_OFFICIAL;
    static const char *const FIELDS[] = {"event_id", "agency", "occurred_at", "area", "summary"};
    for (size_t i = 0; i < sizeof FIELDS / sizeof FIELDS[0]; i++) {
        for (size_t k = 0; k < 2; k++)
            HUB_ASSERT(event_fields_add(&p->audiences[k].fields, FIELDS[i]));
    }
    HUB_ASSERT(event_fields_add(&p->audiences[0].fields, "subjects"));
    HUB_ASSERT(event_fields_add(&p->audiences[0].fields, "domestic_abuse_incident"));
}

static void make_clock(core_clock_row *row, const char *id, core_clock_kind kind, int32_t amount)
{
    SET(row->id, id);
    SET(row->plain, id);
    SET(row->source, "simulation");
    row->kind = kind;
    row->amount = amount;
    row->from = CORE_FROM_STORED;
}

static core_rule *make_rule(sim_policy *p, const char *id, uint64_t payloads, core_action action)
{
    core_rule *rule = &p->rules[p->policy.rule_count++];
    SET(rule->id, id);
    SET(rule->plain, id);
    SET(rule->source, "simulation");
    rule->conditions[0] = (core_condition){.kind = CORE_IF_PAYLOAD, .payloads = payloads};
    rule->condition_count = 1;
    rule->about = ROLE(CHILD);
    rule->action = action;
    rule->queue = -1;
    SET(rule->service, action == CORE_DO_NOTIFY ? "schools" : "front_door");
    return rule;
}

static void make_rules(sim_policy *p)
{
    core_rule *rule = make_rule(p, "incident", PAYLOAD(DOMESTIC_ABUSE_INCIDENT), CORE_DO_ALERT);
    rule->rating = MASH__V1__RATING__RATING_AMBER;
    rule->clocks[rule->clock_count++] = DECISION;
    rule = make_rule(p, "incident-high", PAYLOAD(DOMESTIC_ABUSE_INCIDENT), CORE_DO_ALERT);
    rule->rating = MASH__V1__RATING__RATING_RED;
    core_condition *high = &rule->conditions[rule->condition_count++];
    high->kind = CORE_IF_FIELD;
    high->at_least = high->at_most = MASH__V1__GRADE_LEVEL__GRADE_LEVEL_HIGH;
    HUB_ASSERT(event_probe_find("domestic_abuse_incident.grades.level", &high->probe));
    make_rule(p, "encompass", PAYLOAD(DOMESTIC_ABUSE_INCIDENT), CORE_DO_NOTIFY);
    rule = make_rule(p, "concern", PAYLOAD(CHILD_CONCERN), CORE_DO_ALERT);
    rule->rating = MASH__V1__RATING__RATING_GREEN;
    rule = make_rule(p, "third-missed", PAYLOAD(MISSED_APPOINTMENT), CORE_DO_ALERT);
    rule->rating = MASH__V1__RATING__RATING_AMBER;
    rule->conditions[rule->condition_count++] =
        (core_condition){.kind = CORE_IF_COUNT, .payloads = PAYLOAD(MISSED_APPOINTMENT), .at_least = 3, .months = 12};
    make_rule(p, "absence", PAYLOAD(ABSENCE), CORE_DO_RECORD);
}

void sim_policy_make(sim_policy *p)
{
    memset(p, 0, sizeof *p);
    core_policy *policy = &p->policy;
    SET(policy->partnership, "sim");
    memset(policy->digest, 's', sizeof policy->digest);
    make_calendar(p);
    make_queues(p);
    make_clock(&p->clocks[ACKNOWLEDGE], "acknowledge", CORE_CLOCK_ELAPSED_MINUTES, 5);
    make_clock(&p->clocks[TRIAGE], "triage", CORE_CLOCK_WORKING_MINUTES, 60);
    make_clock(&p->clocks[DECISION], "decision", CORE_CLOCK_WORKING_DAYS, 1);
    SET(p->clocks[DECISION].on_lapse_service, "schools");
    make_rules(p);
    policy->areas = p->areas, policy->area_count = 2;
    policy->queues = p->queues, policy->queue_count = 3;
    policy->audiences = p->audiences, policy->audience_count = 2;
    policy->routes = p->routes, policy->route_count = 3;
    policy->clocks = p->clocks, policy->clock_count = 3;
    policy->calendars = &p->calendar, policy->calendar_count = 1;
    policy->rules = p->rules;
    policy->ratings[MASH__V1__RATING__RATING_AMBER] = (core_rating_row){.clocks = {TRIAGE}, .clock_count = 1};
    policy->ratings[MASH__V1__RATING__RATING_RED] = (core_rating_row){.clocks = {ACKNOWLEDGE, TRIAGE}, .clock_count = 2};
}
