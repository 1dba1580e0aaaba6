/* What a policy that compiles may still lack. Everything here is judged for one day, because areas, routes and rules have
 * their days. Every row has compiled when this is asked, so a row's position in its table is its position in its section. */
#include "check.h"

#include <string.h>

#include "event/event.h"

enum { CALENDAR_NOTICE_DAYS = 180 }; /* clocks.md: a calendar warns half a year before it ends */

const yaml_node *check_at(const policy_compiler *c, const char *section, size_t index, const char *key)
{
    const yaml_node *row = policy_row(c, section, index);
    const yaml_node *value = yaml_get(row, key);
    return value != NULL ? value : row;
}

#define COMPLAIN(k, section, index, key, ...) yaml_complain(check_at(k, section, index, key), (k)->problems, __VA_ARGS__)
#define WARN(k, section, index, key, ...) yaml_warn(check_at(k, section, index, key), (k)->problems, __VA_ARGS__)

bool check_rule_is_on(const policy_compiler *k, const core_rule *rule)
{
    return core_effective_on(&rule->effective, k->today);
}

/* ---- payloads --------------------------------------------------------------------------------------------------------- */

static uint64_t rule_payloads(const core_rule *rule)
{
    uint64_t mask = UINT64_MAX;
    for (uint32_t i = 0; i < rule->condition_count; i++) {
        if (rule->conditions[i].kind == CORE_IF_PAYLOAD) mask &= rule->conditions[i].payloads;
    }
    return mask;
}

/* A rule about certain roles holds only for an event that names such a person: that is a condition too. */
static bool is_unconditional(const core_rule *rule)
{
    for (uint32_t i = 0; i < rule->condition_count; i++) {
        if (rule->conditions[i].kind != CORE_IF_PAYLOAD) return false;
    }
    return rule->area[0] == '\0' && rule->about == 0;
}

static void check_payloads(policy_compiler *k)
{
    uint64_t some = 0, always = 0;
    for (uint32_t i = 0; i < k->policy->rule_count; i++) {
        const core_rule *rule = &k->policy->rules[i];
        if (!check_rule_is_on(k, rule)) continue;
        some |= rule_payloads(rule);
        if (is_unconditional(rule)) always |= rule_payloads(rule);
    }
    for (uint32_t i = 0; i < 64; i++) {
        const char *name = event_payload_name(CORE_PAYLOAD_FIRST + i);
        if (name == NULL) continue;
        if ((some >> i & 1) == 0) {
            yaml_complain(policy_section(k, "rules"), k->problems,
                          "no rule is for '%s': such an event goes to nobody; add a rule, if only 'then: record'", name);
        } else if ((always >> i & 1) == 0) {
            yaml_warn(policy_section(k, "rules"), k->problems,
                      "every rule for '%s' has further conditions: some such events go to nobody; add one with 'then: record'",
                      name);
        }
    }
}

/* ---- services and queues ---------------------------------------------------------------------------------------------- */

/* `area` "" = every area. */
static void check_service(policy_compiler *k, const char *service, const char *area, const yaml_node *place, const char *what,
                          const char *id)
{
    if (service[0] == '\0') return;
    for (uint32_t i = 0; i < k->policy->area_count; i++) {
        const core_area *row = &k->policy->areas[i];
        if (!core_effective_on(&row->effective, k->today) || (area[0] != '\0' && strcmp(area, row->code) != 0)) continue;
        if (core_policy_route(k->policy, service, row->code, k->today) < 0) {
            yaml_complain(place, k->problems, "%s %s: service '%s' has no queue in area %s (%s); add a route", what, id, service,
                          row->code, row->name);
        }
    }
}

static void check_services(policy_compiler *k)
{
    for (uint32_t i = 0; i < k->policy->rule_count; i++) {
        const core_rule *rule = &k->policy->rules[i];
        if (check_rule_is_on(k, rule) && rule->action != CORE_DO_RECORD)
            check_service(k, rule->service, rule->area, check_at(k, "rules", i, "then"), "rule", rule->id);
    }
    for (uint32_t i = 0; i < k->named_clocks; i++) {
        const core_clock_row *clock = &k->policy->clocks[i];
        check_service(k, clock->on_lapse_service, "", check_at(k, "clocks", i, "on_lapse"), "clock", clock->id);
    }
    for (int rating = MASH__V1__RATING__RATING_BLUE; rating <= MASH__V1__RATING__RATING_RED; rating++) {
        char name[64];
        if (!k->policy->ratings[rating].out_of_hours_too) continue;
        const char *shown = event_enum_name(&mash__v1__rating__descriptor, rating, name);
        check_service(k, "out_of_hours", "", yaml_get(policy_section(k, "ratings"), shown), "rating", shown);
    }
}

static void check_queues(policy_compiler *k)
{
    bool used[CORE_POLICY_AUDIENCES_MAX] = {false};
    for (uint32_t i = 0; i < k->policy->queue_count; i++) {
        const core_queue_row *queue = &k->policy->queues[i];
        used[queue->audience] = true;
        if (queue->consumers[0][0] == '\0')
            COMPLAIN(k, "queues", i, "consumers", "queue %s: nobody consumes it; name a consumer", queue->name);
    }
    for (uint32_t i = 0; i < k->policy->audience_count; i++) {
        if (!used[i]) WARN(k, "audiences", i, "name", "audience %s: no queue uses it", k->policy->audiences[i].name);
    }
}

/* ---- clocks and calendars --------------------------------------------------------------------------------------------- */

static bool lists_clock(const uint32_t *clocks, uint32_t count, uint32_t clock)
{
    for (uint32_t i = 0; i < count; i++) {
        if (clocks[i] == clock) return true;
    }
    return false;
}

/* Clocks that acts start. */
static bool is_started_by_acts(const core_policy *policy, int32_t clock)
{
    for (int rating = MASH__V1__RATING__RATING_BLUE; rating <= MASH__V1__RATING__RATING_RED; rating++) {
        if (policy->ratings[rating].claim == clock || policy->ratings[rating].request == clock) return true;
    }
    for (uint32_t i = 0; i < policy->disagreement_count; i++) {
        if (policy->disagreements[i].outcome == (uint32_t)clock) return true;
    }
    return policy->feedback_clock == clock;
}

static void check_clock_use(policy_compiler *k, uint32_t index)
{
    const core_clock_row *clock = &k->policy->clocks[index];
    bool started = false; /* by itself, with the alert */
    for (int rating = MASH__V1__RATING__RATING_BLUE; rating <= MASH__V1__RATING__RATING_RED; rating++) {
        started = started || lists_clock(k->policy->ratings[rating].clocks, k->policy->ratings[rating].clock_count, index);
    }
    for (uint32_t i = 0; i < k->policy->rule_count; i++) {
        started = started || lists_clock(k->policy->rules[i].clocks, k->policy->rules[i].clock_count, index);
    }
    if (!started && !is_started_by_acts(k->policy, (int32_t)index)) {
        WARN(k, "clocks", index, "id", "clock %s: no rule and no rating uses it", clock->id);
    }
    if (started && clock->met_by == CORE_MET_OTHER) {
        COMPLAIN(k, "clocks", index, "met_by", "clock %s: nothing that is done on an alert would ever meet it; say what does",
                 clock->id);
    }
    if (clock->statutory && clock->on_lapse_service[0] == '\0') {
        COMPLAIN(k, "clocks", index, "statutory",
                 "clock %s: nobody but the team that missed it hears when this statutory clock lapses; give it 'on_lapse'",
                 clock->id);
    }
}

static void check_terms(policy_compiler *k, uint32_t index)
{
    const core_clock_row *clock = &k->policy->clocks[index];
    if (clock->kind != CORE_CLOCK_NEXT_SCHOOL_DAY) return;
    const core_calendar *calendar = &k->policy->calendars[clock->calendar];
    if (calendar->term_count == 0 || calendar->terms[calendar->term_count - 1].until_day <= k->today) {
        COMPLAIN(k, "clocks", index, "calendar", "clock %s: calendar %s has no school terms ahead; add them", clock->id,
                 calendar->id);
    } else if (calendar->terms[calendar->term_count - 1].until_day <= k->today + CALENDAR_NOTICE_DAYS) {
        WARN(k, "calendars", clock->calendar, "terms", "calendar %s: its last school term ends in %d days; add the next",
             calendar->id, calendar->terms[calendar->term_count - 1].until_day - k->today);
    }
}

static void check_calendar(policy_compiler *k, uint32_t index)
{
    const core_calendar *calendar = &k->policy->calendars[index];
    if (calendar->known_until_day == 0) return;
    int32_t left = calendar->known_until_day - k->today;
    if (left < 0) {
        COMPLAIN(k, "calendars", index, "bank_holidays",
                 "calendar %s: its bank holidays ended %d days ago; due times are provisional until it is extended", calendar->id,
                 -left);
    } else if (left <= CALENDAR_NOTICE_DAYS) {
        WARN(k, "calendars", index, "bank_holidays", "calendar %s: its bank holidays are known for %d more days only; extend it",
             calendar->id, left);
    }
}

void policy_check_tables(policy_compiler *k)
{
    const core_policy *policy = k->policy;
    check_payloads(k);
    check_services(k);
    check_queues(k);
    for (uint32_t i = 0; i < k->named_clocks; i++) {
        check_clock_use(k, i);
        check_terms(k, i);
    }
    for (uint32_t i = 0; i < policy->calendar_count; i++)
        check_calendar(k, i);
    for (uint32_t i = 0; i < policy->rule_count; i++) {
        const core_rule *rule = &policy->rules[i];
        if (check_rule_is_on(k, rule) && rule->review_day < k->today) {
            WARN(k, "rules", i, "review", "rule %s: was to be reviewed by %s %d days ago", rule->id, rule->owner,
                 k->today - rule->review_day);
        }
    }
    check_rules(k);
    check_people(k);
}
