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

static void put_any(void *context, const policy_flow *flow)
{
    const char *agency = event_agency_name(flow->agency);
    hub_buffer_put_format(context, "%s %s -> %s: %s; %s\n", agency != NULL ? agency : "any", flow->what, flow->audience->name,
                          flow->fields, flow->because);
}

/* Alarms go the same way in all these policies: they have a test of their own. */
static void put_flow(void *context, const policy_flow *flow)
{
    if (strcmp(flow->what, "alarm") != 0) put_any(context, flow);
}

static void put_alarm_flow(void *context, const policy_flow *flow)
{
    if (strcmp(flow->what, "alarm") == 0) put_any(context, flow);
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

/* A person may send an alert to any team that takes some, with its events: also to one that no rule, night or ladder tells. */
static void a_team_that_an_alert_may_be_sent_to_is_a_flow_too(void **state)
{
    (void)state;
    then_flows(
        "queues:\n  - {name: day, audience: team, consumers: [day-1, day-2]}\n  - {name: night, audience: team, consumers: "
        "[night-1]}\nagencies:\n  - {agency: police, name: The police, queues: [night]}\nroutes:\n",
        "  - {name: nightly, sees_up_to: official, fields: [area, child_concern], basis: b, source: s}\n"
        "queues:\n  - {name: day, audience: team, consumers: [day-1, day-2]}\n  - {name: night, audience: nightly, consumers: "
        "[night-1]}\nroutes:\n",
        "any child_concern -> team: child_concern.grade.level; R-ONE\n"
        "any child_concern -> nightly: child_concern; R-ONE (out of hours; sent on; E-RED)\n");
}

/* The ladder that an area has of its own stands in place of the one for every area: what only the other would tell, it does not. */
static void a_ladder_that_is_never_taken_is_no_flow(void **state)
{
    (void)state;
    static const char LADDER[] = "  - id: E-%s\n    ratings: [red, amber, green, blue]\n    service: front_door\n    area: %s\n  "
                                 "  plain: own\n    source: s\n    steps:\n"
                                 "      - {wait: {kind: elapsed_minutes, amount: 5}, unless: seen, tell: {role: manager, "
                                 "service: front_door}, plain: p}\n";
    char put[2000] = "escalation:\n";
    size_t size = strlen(put);
    size += hub_format(put + size, sizeof put - size, LADDER, "HAMPSHIRE", "E10000014");
    (void)hub_format(put + size, sizeof put - size, LADDER, "PORTSMOUTH", "E06000044");
    core_policy *policy = base_compiled("escalation:\n", put);
    policy->ratings[MASH__V1__RATING__RATING_RED].out_of_hours_too = false;
    policy->audience_count = 2; /* a second one, of the night */
    core_audience audiences[2] = {policy->audiences[0], policy->audiences[0]};
    (void)hub_format(audiences[1].name, sizeof audiences[1].name, "nightly");
    policy->audiences = audiences;
    policy->queues[1].audience = 1;
    hub_buffer out = {0};
    assert_int_equal(policy_flows(policy, DAY_2026_12_01, put_flow, &out), HUB_OK);
    assert_string_equal(hub_buffer_text(&out), "any child_concern -> team: child_concern.grade.level; R-ONE\n");
    hub_buffer_free(&out);
    policy_free(policy);
}

/* What a person writes to an agency leaves the hub as well, and names a child. */
static void a_question_to_an_agency_and_what_came_of_its_referral_are_flows(void **state)
{
    (void)state;
    then_flows("queues: [night]}", "queues: [night], request_queue: night, feedback_queue: night}",
               "any child_concern -> team: child_concern.grade.level; R-ONE\n"
               "mash question -> team: number of the alert, what is asked, by when; request-information to police\n"
               "mash feedback -> team: number of the alert, number of the person, outcome, words to the referrer, ids of its own "
               "events; decide on what police referred\n");
}

/* What is wrong may be an event: whoever hears of alarms is given it by their list. */
static void what_an_alarm_takes_along_is_a_flow_too(void **state)
{
    (void)state;
    core_policy *policy = base_compiled(NULL, NULL);
    hub_buffer out = {0};
    assert_int_equal(policy_flows(policy, DAY_2026_12_01, put_alarm_flow, &out), HUB_OK);
    assert_string_equal(hub_buffer_text(&out), "any alarm -> team: what is wrong; and of an event of its class that raised it, "
                                               "whatever it is, what the list has; alarms\n");
    out.size = 0;
    ((core_route *)(uintptr_t)policy->routes)[2].effective.until_day = DAY_2026_12_01; /* of the service that has alarms */

    assert_int_equal(policy_flows(policy, DAY_2026_12_01, put_alarm_flow, &out), HUB_OK);

    assert_int_equal(out.size, 0);
    hub_buffer_free(&out);
    policy_free(policy);
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
        cmocka_unit_test(a_team_that_an_alert_may_be_sent_to_is_a_flow_too),
        cmocka_unit_test(a_ladder_that_is_never_taken_is_no_flow),
        cmocka_unit_test(a_question_to_an_agency_and_what_came_of_its_referral_are_flows),
        cmocka_unit_test(what_an_alarm_takes_along_is_a_flow_too),
        cmocka_unit_test(what_a_force_has_chosen_is_a_flow_too),
        cmocka_unit_test(what_is_given_of_every_event_stands_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
