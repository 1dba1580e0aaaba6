/* A policy can be well written and still leave somebody untold. The check finds that before adoption, for the day it is asked
 * on. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base_policy.h"

enum { DAY_2026_12_01 = 20788 };

typedef struct finding {
    const char *find, *put;
    int32_t today;
    uint32_t problems, warnings;
    const char *expected;
} finding;

static const finding ROWS[] = {
    {NULL, NULL, DAY_2026_12_01, 0, 0, ""},
    {"area: E06000044, queue: day}", "area: E06000044, queue: day, from: 2027-01-01}", DAY_2026_12_01, 1, 0,
     "p.yaml:61:5: rule R-ONE: service 'front_door' has no queue in area E06000044 (Portsmouth); add a route\n"},
    {"area: every, queue", "area: E10000014, queue", DAY_2026_12_01, 2, 0,
     "p.yaml:45:5: clock decision: service 'out_of_hours' has no queue in area E06000044 (Portsmouth); add a route\n"
     "p.yaml:59:8: rating red: service 'out_of_hours' has no queue in area E06000044 (Portsmouth); add a route\n"},
    {"[night-1]", "[]", DAY_2026_12_01, 1, 0, "p.yaml:16:5: queue night: nobody consumes it; name a consumer\n"},
    {"queues:\n  - {name: day",
     "  - {name: idle, sees_up_to: official, fields: [area], basis: b, source: s}\nqueues:\n  - {name: day", DAY_2026_12_01, 0, 1,
     "p.yaml:14:5: warning: audience idle: no queue uses it\n"},
    {"    on_lapse: out_of_hours\n", "", DAY_2026_12_01, 1, 0,
     "p.yaml:45:5: clock decision: nobody but the team that missed it hears when this statutory clock lapses; give it "
     "'on_lapse'\n"},
    {", clocks: [school]", "", DAY_2026_12_01, 0, 1, "p.yaml:54:5: warning: clock school: no rule and no rating uses it\n"},
    {"    terms: hampshire\n", "", DAY_2026_12_01, 1, 0,
     "p.yaml:53:5: clock school: calendar office has no school terms ahead; add them\n"},
    {"until: 2027-07-22", "until: 2029-07-22", 21183 - 180, 0, 1,
     "p.yaml:38:5: warning: calendar office: its bank holidays are known for 180 more days only; extend it\n"},
    {"until: 2027-07-22", "until: 2029-07-22", 21183 - 181, 0, 0, ""},
    {"until: 2027-07-22", "until: 2027-01-30", DAY_2026_12_01, 0, 1,
     "p.yaml:38:5: warning: calendar office: its last school term ends in 60 days; add the next\n"},
    {"review: 2027-09-30\n    when:\n      - payload: any", "review: 2026-11-30\n    when:\n      - payload: any", DAY_2026_12_01,
     0, 1, "p.yaml:72:5: warning: rule R-ALL: was to be reviewed by a lead 1 days ago\n"},
};

static void the_check_tells_what_is_missing(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        core_policy *policy = base_compiled(ROWS[i].find, ROWS[i].put);
        yaml_problems problems = {0};
        policy_check(policy, ROWS[i].today, &problems);
        assert_string_equal(hub_buffer_text(&problems.text), ROWS[i].expected);
        assert_int_equal(problems.count, ROWS[i].problems);
        assert_int_equal(problems.warnings, ROWS[i].warnings);
        yaml_problems_free(&problems);
        policy_free(policy);
    }
}

/* An event that no rule is for would go to nobody, and nobody would know. */
static void a_payload_without_a_rule_is_named(void **state)
{
    (void)state;
    core_policy *policy = base_compiled("payload: any", "payload: [contact]");
    yaml_problems problems = {0};
    policy_check(policy, DAY_2026_12_01, &problems);
    const char *text = hub_buffer_text(&problems.text);
    assert_non_null(strstr(
        text, "policy: no rule is for 'adult_concern': such an event goes to nobody; add a rule, if only 'then: record'\n"));
    assert_null(strstr(text, "'contact'"));
    assert_non_null(
        strstr(text, "policy: warning: every rule for 'child_concern' has further conditions: some such events go to nobody; add "
                     "one with 'then: record'\n"));
    yaml_problems_free(&problems);
    policy_free(policy);
}

/* Three things go stale by themselves; each is told. */
static void what_time_has_overtaken_is_told(void **state)
{
    (void)state;
    core_policy *policy = base_compiled(NULL, NULL);
    yaml_problems problems = {0};
    policy_check(policy, 21200, &problems); /* 2028-01-17 */
    assert_string_equal(
        hub_buffer_text(&problems.text),
        "p.yaml:54:5: clock school: calendar office has no school terms ahead; add them\n"
        "p.yaml:38:5: calendar office: its bank holidays ended 17 days ago; due times are provisional until it is extended\n"
        "p.yaml:61:5: warning: rule R-ONE: was to be reviewed by a lead 109 days ago\n"
        "p.yaml:72:5: warning: rule R-ALL: was to be reviewed by a lead 109 days ago\n");
    yaml_problems_free(&problems);
    policy_free(policy);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_check_tells_what_is_missing),
        cmocka_unit_test(a_payload_without_a_rule_is_named),
        cmocka_unit_test(what_time_has_overtaken_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
