/* An information-governance lead reads who is given what of whose events. What that page leaves out, nobody weighs; so it must name every
 * way out of the hub, and no way that is none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base_policy.h"
#include "event/event.h"

enum { DAY_2026_12_01 = 20788 };

static void put_flow(void *context, const policy_flow *flow)
{
    const char *agency = event_agency_name(flow->agency);
    hub_buffer_put_format(context, "%s %s -> %s: %s; %s\n", agency != NULL ? agency : "any", event_payload_name(flow->payload),
                          flow->audience->name, flow->fields, flow->because);
}

static void then_flows(const char *find, const char *put, const char *expected)
{
    core_policy *policy = base_compiled(find, put);
    hub_buffer out = {0};
    assert_int_equal(policy_flows(policy, DAY_2026_12_01, put_flow, &out), HUB_OK);
    assert_string_equal(hub_buffer_text(&out), expected);
    hub_buffer_free(&out);
    policy_free(policy);
}

/* R-ALL only records: it opens no way out. */
static void a_rule_that_sends_is_a_flow_and_one_that_records_is_none(void **state)
{
    (void)state;
    then_flows(NULL, NULL, "any child_concern -> team: child_concern.grade.level; R-ONE\n");
}

static void a_rule_for_one_agency_names_it(void **state)
{
    (void)state;
    then_flows("age: {at_least_months: 48, under_months: 216}", "agency: [police, health]",
               "police child_concern -> team: child_concern.grade.level; R-ONE\n"
               "health child_concern -> team: child_concern.grade.level; R-ONE\n");
}

static void a_rule_that_has_ended_is_no_flow(void **state)
{
    (void)state;
    then_flows("    owner: a lead\n", "    owner: a lead\n    until: 2026-12-01\n", "");
}

/* The night team is told out of hours, and by the ladder when nobody has rated: both are ways out. */
static void who_is_told_later_is_a_flow_too(void **state)
{
    (void)state;
    then_flows("queues:\n  - {name: day, audience: team, consumers: [day-1, day-2]}\n  - {name: night, audience: team",
               "  - {name: nightly, sees_up_to: official, fields: [area, child_concern], basis: b, source: s}\n"
               "queues:\n  - {name: day, audience: team, consumers: [day-1, day-2]}\n  - {name: night, audience: nightly",
               "any child_concern -> team: child_concern.grade.level; R-ONE\n"
               "any child_concern -> nightly: child_concern; R-ONE (out of hours; E-RED)\n");
}

/* What a force has chosen for notices is a flow beside that by the queue's own list, which other sources' events still take. */
static void what_a_force_has_chosen_is_a_flow_too(void **state)
{
    (void)state;
    static const char CHOICE[] =
        "  - {name: chosen, sees_up_to: official, fields: [child_concern], basis: b, source: s}\n"
        "forces:\n  - {force: Police, source_systems: [a], service: front_door, audience: chosen, source: s}\n"
        "queues:\n";
    then_flows("queues:\n", CHOICE, "any child_concern -> team: child_concern.grade.level; R-ONE\n"); /* an alert: no choice */
    core_policy *policy = base_compiled("queues:\n", CHOICE);
    core_rule *rule = (core_rule *)(uintptr_t)&policy->rules[0];
    rule->action = CORE_DO_NOTIFY;
    hub_buffer out = {0};

    assert_int_equal(policy_flows(policy, DAY_2026_12_01, put_flow, &out), HUB_OK);

    assert_string_equal(hub_buffer_text(&out), "any child_concern -> team: child_concern.grade.level; R-ONE\n"
                                               "any child_concern -> chosen: child_concern; R-ONE\n");
    hub_buffer_free(&out);
    policy_free(policy);
}

static void what_is_given_of_every_event_stands_apart(void **state)
{
    (void)state;
    core_policy *policy = base_compiled(NULL, NULL);
    hub_buffer out = {0};
    policy_common_fields(&policy->audiences[0], &out);
    assert_string_equal(hub_buffer_text(&out), "subjects, summary");
    hub_buffer_free(&out);
    policy_free(policy);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_rule_that_sends_is_a_flow_and_one_that_records_is_none),
        cmocka_unit_test(a_rule_for_one_agency_names_it),
        cmocka_unit_test(a_rule_that_has_ended_is_no_flow),
        cmocka_unit_test(who_is_told_later_is_a_flow_too),
        cmocka_unit_test(what_a_force_has_chosen_is_a_flow_too),
        cmocka_unit_test(what_is_given_of_every_event_stands_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
