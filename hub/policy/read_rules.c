/* rules: when all of these hold, about whom, do this. */
#include "compiler.h"

#include <string.h>

static void read_about(policy_compiler *c, const yaml_node *list, core_rule *rule)
{
    if (list == NULL) return;
    if (!yaml_is_list(list) || yaml_count(list) == 0) {
        yaml_complain(list, c->problems, "'about' is a list of roles: [child, unborn_child]");
        return;
    }
    for (size_t i = 0; i < yaml_count(list); i++) {
        int role = policy_enum(c, yaml_item(list, i), "role", &mash__v1__subject_role__descriptor);
        if (role > 0) rule->about |= (uint64_t)1 << role;
    }
}

static void read_target(policy_compiler *c, const yaml_node *then, core_rule *rule)
{
    const yaml_node *service = yaml_get(then, "service"), *queue = yaml_get(then, "queue");
    if ((service == NULL) == (queue == NULL)) {
        yaml_complain(then, c->problems, "say where: either 'service' (routed by area) or 'queue' (one by name)");
        return;
    }
    if (service != NULL) policy_service_name(c, service, rule->service);
    if (queue != NULL) {
        rule->queue = policy_find(c, queue, "queue", c->policy->queues, c->policy->queue_count, sizeof *c->policy->queues);
    }
}

static void read_alert(policy_compiler *c, const yaml_node *then, core_rule *rule)
{
    rule->action = CORE_DO_ALERT;
    if (!yaml_only(then, c->problems, "service", "queue", "rating", "clocks", NULL)) return;
    read_target(c, then, rule);
    rule->rating =
        (Mash__V1__Rating)policy_enum(c, yaml_need(then, "rating", c->problems), "rating", &mash__v1__rating__descriptor);
    rule->clock_count = policy_clock_list(c, yaml_get(then, "clocks"), rule->clocks);
}

static void read_notify(policy_compiler *c, const yaml_node *then, core_rule *rule)
{
    rule->action = CORE_DO_NOTIFY;
    if (yaml_get(then, "clocks") != NULL) {
        yaml_complain(yaml_get(then, "clocks"), c->problems,
                      "a notice opens no alert, so no clock would run; name the clock in an alert");
        return;
    }
    if (!yaml_only(then, c->problems, "service", "queue", NULL)) return;
    read_target(c, then, rule);
}

static void read_then(policy_compiler *c, const yaml_node *then, core_rule *rule)
{
    rule->action = CORE_DO_RECORD;
    if (then == NULL) return;
    if (yaml_is_text(then) && strcmp(yaml_text(then, 40, c->problems), "record") == 0) return;
    if (!yaml_is_map(then) || yaml_count(then) != 1) {
        yaml_complain(then, c->problems, "expected one of 'alert: {...}', 'notify: {...}' or 'record'");
        return;
    }
    if (!yaml_only(then, c->problems, "alert", "notify", NULL)) return;
    const yaml_node *alert = yaml_get(then, "alert");
    if (alert != NULL) {
        read_alert(c, alert, rule);
    } else {
        read_notify(c, yaml_get(then, "notify"), rule);
    }
}

/* Whoever has no role at risk cannot be the one an alert is about, nor be counted, nor have an age. */
static void check_about(policy_compiler *c, const yaml_node *row, const core_rule *rule)
{
    if (rule->about != 0) return;
    bool needs_person = rule->action == CORE_DO_ALERT || rule->about_family;
    for (uint32_t i = 0; i < rule->condition_count; i++) {
        core_condition_kind kind = rule->conditions[i].kind;
        needs_person = needs_person || kind == CORE_IF_STATUS || kind == CORE_IF_AGE || kind == CORE_IF_COUNT ||
                       kind == CORE_IF_COUNT_AGENCIES;
    }
    if (needs_person) {
        yaml_complain(row, c->problems,
                      "'about' is missing here: an alert, an age, a status, a count or a family is about somebody at risk");
    }
}

static void read_rule(policy_compiler *c, const yaml_node *row, core_rule *rules)
{
    if (!yaml_only(row, c->problems, "id", "plain", "source", "owner", "review", "from", "until", "area", "when", "about",
                   "about_family", "then", "later_than_statute", NULL) &&
        !yaml_is_map(row)) {
        return;
    }
    uint32_t before = c->problems->count;
    core_rule *rule = &rules[c->policy->rule_count];
    *rule = (core_rule){.queue = -1, .place = policy_place(c, row)};
    const yaml_node *id = yaml_need(row, "id", c->problems);
    policy_need_text(c, row, "plain", rule->plain, sizeof rule->plain);
    policy_need_text(c, row, "source", rule->source, sizeof rule->source);
    policy_need_text(c, row, "owner", rule->owner, sizeof rule->owner);
    rule->review_day = yaml_date(yaml_need(row, "review", c->problems), c->problems);
    rule->effective = policy_effective(c, row);
    const yaml_node *area = yaml_get(row, "area");
    if (area != NULL) policy_area_code(c, area, rule->area);
    policy_read_conditions(c, yaml_need(row, "when", c->problems), rule);
    read_about(c, yaml_get(row, "about"), rule);
    const yaml_node *family = yaml_get(row, "about_family");
    rule->about_family = family != NULL && yaml_bool(family, c->problems);
    read_then(c, yaml_need(row, "then", c->problems), rule);
    if (yaml_get(row, "later_than_statute") != NULL) { /* read by people; the check asks that it is there */
        char reason[200];
        policy_need_text(c, row, "later_than_statute", reason, sizeof reason);
        rule->later_than_statute = true;
    }
    if (c->problems->count == before) check_about(c, row, rule);
    if (policy_new_name(c, id, "rule", rule->id, sizeof rule->id, rules, c->policy->rule_count, sizeof *rule)) {
        c->policy->rule_count++;
    }
}

void policy_read_rules(policy_compiler *c)
{
    core_rule *rules = policy_table(c, "rules", sizeof *rules, CORE_POLICY_RULES_MAX);
    c->policy->rules = rules;
    const yaml_node *row;
    for (size_t i = 0; rules != NULL && (row = policy_row(c, "rules", i)) != NULL; i++)
        read_rule(c, row, rules);
}
