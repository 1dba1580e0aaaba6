/* A policy that is wrong must never be adopted, and its author must be led to the place. Each row spoils one thing of the base
 * policy. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base_policy.h"

typedef struct spoiled {
    const char *find, *put, *expected;
} spoiled;

static const spoiled ROWS[] = {
    /* sections */
    {"rules:\n", "ruels:\n", "p.yaml:60:1: unknown section 'ruels'; did you mean 'rules'?\n"},
    {"partnership: test\n", "partnership: [test]\n", "p.yaml:1:14: expected one value here, not a list or keys\n"},
    {"partnership: test\n", "partnership: Test Area\n", "p.yaml:1:14: a partnership's name is 1 to 32 of a-z, 0-9 and '-'\n"},
    {"partnership: test\n", "", "p.yaml:1:1: no file says 'partnership: NAME'\n"},
    /* areas and services */
    {"E06000044, name: P", "E0600004, name: P",
     "p.yaml:4:12: an area's ONS code is a letter and 8 digits, like E10000014\n"
     "p.yaml:21:33: unknown area 'E06000044'\n"},
    {"E06000044, name: P", "E10000014, name: P",
     "p.yaml:4:12: area E10000014 stands twice for the same days; end the earlier row with 'until'\n"
     "p.yaml:21:33: unknown area 'E06000044'\n"},
    {"until: 2028-04-01}\n  - {code", "until: 2027-02-29}\n  - {code", "p.yaml:3:47: this date does not exist\n"},
    {"until: 2028-04-01}\n  - {code", "from: 2028-04-01, until: 2028-04-01}\n  - {code",
     "p.yaml:3:65: 'until' is the first day it no longer holds: it must come after 'from'\n"},
    {"name: out_of_hours, p", "name: front_door, p",
     "p.yaml:7:12: service 'front_door' stands twice; names are given once\n"
     "q.yaml:4:19: unknown service 'out_of_hours'\n"
     "p.yaml:22:15: unknown service 'out_of_hours'\n"
     "p.yaml:52:15: unknown service 'out_of_hours'\n"
     "p.yaml:59:47: there is no service named 'out_of_hours' to take it\n"
     "q.yaml:26:113: unknown service 'out_of_hours'\n"},
    {"plain: at night}", "plain: at night}\n  - {name: lost, plain: nowhere}",
     "p.yaml:8:12: service 'lost' has no route in any area; add one under 'routes'\n"},
    /* audiences, queues, agencies, routes */
    {"child_concern.grade.level]\n    basis", "child_concern.grade.colour]\n    basis",
     "p.yaml:11:33: an event has no field 'child_concern.grade.colour'; see proto/mash/v1/event.proto\n"},
    {"sees_up_to: restricted", "sees_up_to: restrictd", "p.yaml:10:17: unknown class 'restrictd'; did you mean 'restricted'?\n"},
    {"    basis: some law\n", "", "p.yaml:9:5: 'basis' is missing here\n"},
    {"    basis: some law\n", "    only_subjects: [chidl]\n    basis: some law\n",
     "p.yaml:12:21: unknown role 'chidl'; did you mean 'child'?\n"},
    {"    basis: some law\n", "    acts: [whom]\n    basis: some law\n",
     "p.yaml:12:12: expected who (acted) or words (they wrote)\n"},
    {"audience: team, consumers: [night", "audience: taem, consumers: [night",
     "p.yaml:16:29: unknown audience 'taem'; did you mean 'team'?\n"},
    {"[day-1, day-2]", "[day-1, day-1]", "p.yaml:15:52: consumer 'day-1' stands twice; names are given once\n"},
    {"[day-1, day-2]", "[day-1, day 2]", "p.yaml:15:52: the name of a consumer has letters, digits, '_', '-' and '.' only\n"},
    {"{name: night, a", "{name: day, a",
     "p.yaml:16:12: queue 'day' stands twice; names are given once\n"
     "p.yaml:18:49: unknown queue 'night'\n"
     "p.yaml:22:49: unknown queue 'night'\n"
     "q.yaml:10:29: unknown queue 'night'\n"
     "q.yaml:10:75: unknown queue 'night'\n"
     "q.yaml:32:12: unknown queue 'night'\n"
     "p.yaml:7:12: service 'out_of_hours' has no route in any area; add one under 'routes'\n"},
    {"agency: police", "agency: polise",
     "p.yaml:18:14: unknown agency 'polise'; one of police, health, probation, education, childrens-services, ...\n"},
    {"area: E06000044, queue: day", "area: E06000044, queue: dya", "p.yaml:21:51: unknown queue 'dya'; did you mean 'day'?\n"},
    {"area: E06000044, queue", "area: E10000014, queue",
     "p.yaml:21:15: service 'front_door' is routed twice for the same area and days; end the earlier row with 'until'\n"},
    {"area: E06000044, queue: day}", "area: E10000014, queue: day, from: 2028-03-31}",
     "p.yaml:21:15: service 'front_door' is routed twice for the same area and days; end the earlier row with 'until'\n"},
    {"area: every", "area: E99999999",
     "p.yaml:22:35: unknown area 'E99999999'\n"
     "p.yaml:7:12: service 'out_of_hours' has no route in any area; add one under 'routes'\n"},
    {"{service: out_of_hours", "{servise: out_of_hours",
     "p.yaml:22:6: unknown key 'servise'; did you mean 'service'?\n"
     "p.yaml:22:5: 'service' is missing here\n"
     "p.yaml:7:12: service 'out_of_hours' has no route in any area; add one under 'routes'\n"},
    {"bank_holidays:\n",
     "forces:\n  - {force: Police, source_systems: [], service: out_of_hours, audience: team, source: s}\nbank_holidays:\n",
     "p.yaml:24:37: source systems are a list: [niche/44]\n"},
    {"bank_holidays:\n",
     "forces:\n  - {force: Police, source_systems: [a, a], service: out_of_hours, audience: team, source: s}\nbank_holidays:\n",
     "p.yaml:24:41: source system 'a' has chosen for service 'out_of_hours' already; end the earlier row with 'until'\n"},
    {"bank_holidays:\n",
     "forces:\n  - {force: Police, source_systems: [a], service: out_of_hour, audience: taem, source: s}\nbank_holidays:\n",
     "p.yaml:24:51: unknown service 'out_of_hour'; did you mean 'out_of_hours'?\n"
     "p.yaml:24:74: unknown audience 'taem'; did you mean 'team'?\n"},
    {"    basis: some law\n", "    one_by_one: maybe\n    basis: some law\n", "p.yaml:12:17: expected yes or no\n"},
    /* calendars */
    {"2026-12-28, title", "2026-12-24, title", "p.yaml:29:16: days must ascend: this one is not after the one before it\n"},
    {"known_until: 2027-12-31", "known_until: 2026-12-25", "p.yaml:29:16: this holiday is after 'known_until'; move that on\n"},
    {"from: 2026-11-02", "from: 2026-10-23", "p.yaml:35:16: days must ascend: this one is not after the one before it\n"},
    {"until: 2027-07-22", "until: 2026-07-22", "p.yaml:35:35: 'until' is the last day of term: it cannot be before 'from'\n"},
    {"[2026-09-03]", "[2026-09-31]", "p.yaml:36:18: this date does not exist\n"},
    {"zone: Europe/London", "zone: Europe/Paris", "p.yaml:39:11: the only zone known is Europe/London\n"},
    {"friday: 08:30-16:30", "friday: 16:30-08:30", "p.yaml:41:110: closing must come after opening on the same day\n"},
    {"friday: 08:30-16:30", "friday: 8:30-16:30", "p.yaml:41:110: expected hours like 08:30-17:00, or closed\n"},
    {"bank_holidays: england\n", "bank_holidays: wales\n", "p.yaml:42:20: unknown list of holidays 'wales'\n"},
    /* clocks and ratings */
    {"kind: working_days", "kind: working_day",
     "p.yaml:47:11: unknown kind of clock 'working_day'; did you mean 'working_days'?\n"},
    {"amount: 1\n", "amount: 0\n", "p.yaml:48:13: expected a whole number from 1 to 10000\n"},
    {"calendar: office\n    from", "calendar: offfice\n    from",
     "p.yaml:49:15: unknown calendar 'offfice'; did you mean 'office'?\n"},
    {"from: stated_receipt", "from: receipt", "p.yaml:50:11: expected stored, stated_receipt or occurred\n"},
    {"    statutory: yes\n", "    statutory: yes\n    roll: next\n",
     "p.yaml:52:11: 'roll' is for calendar_days and calendar_months only; remove it\n"},
    {"on_lapse: out_of_hours", "on_lapse: out_of_hour",
     "p.yaml:52:15: unknown service 'out_of_hour'; did you mean 'out_of_hours'?\n"},
    {"- {id: school, plain", "- {id: decision, plain",
     "p.yaml:54:10: clock 'decision' stands twice; names are given once\n"
     "p.yaml:71:63: unknown clock 'school'\n"},
    {"  blue: {clocks: [], source: s}\n", "", "p.yaml:56:3: 'blue' is missing here\n"},
    {"green: {clocks: [decision]", "green: {clocks: [decisoin]",
     "p.yaml:57:20: unknown clock 'decisoin'; did you mean 'decision'?\n"},
    {"amber: {clocks: [decision]", "amber: {clocks: [decision, decision]", "p.yaml:58:30: this clock is named twice\n"},
    /* rules */
    {"- id: R-ALL", "- id: R-ONE", "p.yaml:72:9: rule 'R-ONE' stands twice; names are given once\n"},
    {"    plain: A concern for a child.\n", "", "p.yaml:61:5: 'plain' is missing here\n"},
    {"payload: [child_concern]", "payload: [child_consern]",
     "p.yaml:67:19: unknown payload 'child_consern'; did you mean 'child_concern'?\n"},
    {"payload: [child_concern]", "payload: []", "p.yaml:67:18: expected a list of payloads: [a, b]\n"},
    {"payload: [child_concern]", "role: [child]",
     "p.yaml:67:7: a rule needs a condition 'payload: [...]' ('payload: any' for all)\n"},
    {"payload: [child_concern]", "payload: [child_concern, contact]",
     "p.yaml:68:9: this field is of 'child_concern' only, but the rule starts on something else too\n"},
    {"field: {child_concern.grade.level: [high", "field: {child_concern.circumstances: [high",
     "p.yaml:68:17: 'child_concern.circumstances' is no field that can be tested: it must be an enum, a yes/no or a whole number "
     "of an "
     "event\n"},
    {"[high, very_high]", "[high, hihg]", "p.yaml:68:51: unknown value 'hihg'; did you mean 'high'?\n"},
    {"[high, very_high]", "unspecified", "p.yaml:68:44: 'unspecified' means not stated; no rule can rest on it\n"},
    {"[high, very_high]", "{at_least: very_high, at_most: high}", "p.yaml:68:44: no value lies between these\n"},
    {"child_concern.grade.level: [high, very_high]", "subjects.open_case: no",
     "p.yaml:68:37: 'no' cannot be told from 'not stated' in this field; ask for yes\n"},
    {"child_concern.grade.level: [high, very_high]", "child_concern.grade.score: {at_most: 3}",
     "p.yaml:68:44: 'at_least' is missing here\n"},
    {"      - age:", "        age:", "p.yaml:68:9: one thing a condition: begin each with '- '\n"},
    {"{at_least_months: 48, under_months: 216}", "{at_least_months: 48, under_months: 12}",
     "p.yaml:69:50: nobody is of that age: it ends before it begins\n"},
    {"age: {at_least_months: 48, under_months: 216}", "count: {of: [child_concern], within_months: 12, at_least: 1}",
     "p.yaml:69:67: expected a whole number from 2 to 1000\n"},
    {"age: {at_least_months: 48, under_months: 216}", "status: [looked_aftr]",
     "p.yaml:69:18: unknown status 'looked_aftr'; did you mean 'looked_after'?\n"},
    {"age: {at_least_months: 48, under_months: 216}", "agency: [fire]", "p.yaml:69:18: unknown agency 'fire'\n"},
    {"about: [child, unborn_child]", "about: [chid, unborn_child]", "p.yaml:70:13: unknown role 'chid'; did you mean 'child'?\n"},
    {"    about: [child, unborn_child]\n", "",
     "p.yaml:61:5: 'about' is missing here: an alert, an age, a status, a count or a family is about somebody at risk\n"},
    {"rating: red, clocks", "rating: purple, clocks", "p.yaml:71:49: unknown rating 'purple'\n"},
    {"{alert: {service: front_door, r", "{alert: {r",
     "p.yaml:71:19: say where: either 'service' (routed by area) or 'queue' (one by name)\n"},
    {"{alert: {service: front_door, rating: red,", "{notify: {service: front_door,",
     "p.yaml:71:50: a notice opens no alert, so no clock would run; name the clock in an alert\n"},
    {"then: record", "then: ignore", "p.yaml:79:11: expected one of 'alert: {...}', 'notify: {...}' or 'record'\n"},
    {"    then: record\n", "    area: E06000045\n    then: record\n",
     "p.yaml:79:11: unknown area 'E06000045'; did you mean 'E06000044'?\n"},
};

static void a_spoiled_policy_is_refused_with_place_and_remedy(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        policy_sources sources = base_sources(ROWS[i].find, ROWS[i].put);
        yaml_problems problems = {0};
        core_policy *policy = NULL;
        assert_int_equal(policy_compile(&sources, "", &policy, &problems), HUB_ERR_INVALID);
        assert_string_equal(hub_buffer_text(&problems.text), ROWS[i].expected);
        assert_null(policy);
        policy_sources_free(&sources);
        yaml_problems_free(&problems);
    }
}

/* Two files that both say who the partnership is: the second is told where the first stands. */
static void what_is_said_once_may_stand_in_one_file_only(void **state)
{
    (void)state;
    policy_source items[2] = {{.name = "b.yaml"}, {.name = "a.yaml"}};
    policy_sources sources = {.items = items, .count = 2};
    hub_buffer_put_text(&items[0].text, "partnership: two\n");
    hub_buffer_put_text(&items[1].text, "# one\npartnership: one\n");
    yaml_problems problems = {0};
    core_policy *policy = NULL;

    assert_int_equal(policy_compile(&sources, "config/x", &policy, &problems), HUB_ERR_INVALID);

    assert_string_equal(hub_buffer_text(&problems.text),
                        "config/x/b.yaml:1:1: 'partnership' stands in config/x/a.yaml:2:14 already; keep one\n");
    hub_buffer_free(&items[0].text);
    hub_buffer_free(&items[1].text);
    yaml_problems_free(&problems);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_spoiled_policy_is_refused_with_place_and_remedy),
        cmocka_unit_test(what_is_said_once_may_stand_in_one_file_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
