/* Roles, teams, people, outcomes and ladders: each lands in its table as meant, and each mistake leads its author to the place.
 * What acts said years ago must still mean who it meant then, so a person's number is never anybody else's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base_policy.h"
#include "core/acts.h"

#define BIT(n) (UINT32_C(1) << (n))

static void a_roster_is_as_written(void **state)
{
    (void)state;
    core_policy *p = base_compiled(NULL, NULL);

    assert_int_equal(p->role_count, 2);
    assert_int_equal(p->roles[0].may, BIT(MASH__V1__ACT_KIND__ACT_KIND_CLAIM) | BIT(MASH__V1__ACT_KIND__ACT_KIND_HAND_OVER) |
                                          BIT(MASH__V1__ACT_KIND__ACT_KIND_SETTLE));
    assert_false(p->roles[0].restricted);
    assert_true(p->roles[1].restricted);
    assert_int_equal(p->team_count, 2);
    assert_string_equal(p->teams[1].name, "nights");
    assert_int_equal(p->teams[1].queue_count, 1);
    assert_int_equal(p->teams[1].queues[0], 1);
    assert_int_equal(p->teams[1].manager_queue, 1);
    assert_int_equal(p->teams[1].manager_role, 1);
    assert_int_equal(p->staff_count, 3);
    assert_string_equal(p->staff[2].id, "n-1");
    assert_int_equal(p->staff[2].team, 1);
    assert_int_equal(p->staff[2].alternate, 0);
    assert_int_equal(p->staff[0].number, 1);
    assert_int_equal(p->staff[0].alternate, 2);
    assert_string_equal(p->staff[0].shown, "One (invented)");
    assert_false(p->outcomes[0].needs_legal_basis);
    assert_true(p->outcomes[1].needs_legal_basis);
    assert_int_equal(p->feedback_clock, 2);
    assert_string_equal(p->alarm_service, "out_of_hours");
    policy_free(p);
}

/* Nobody is to be asked whether a child needs an enquiry for adults. */
static void an_outcome_may_be_for_children_or_for_adults(void **state)
{
    (void)state;
    core_policy *p = base_compiled("an enquiry, source: s", "an enquiry, for: adults, source: s");
    hub_buffer text = {0};
    assert_int_equal(p->outcomes[0].fits, CORE_FOR_ANYBODY);
    assert_int_equal(p->outcomes[1].fits, CORE_FOR_ADULTS);
    policy_describe(p, &text);
    assert_non_null(strstr(hub_buffer_text(&text), "enquiry - an enquiry; for adults; names its legal basis (source: s)\n"));
    hub_buffer_free(&text);
    policy_free(p);
}

/* A person who changes teams keeps the number: the earlier row ends, the later begins. */
static void one_person_may_have_several_rows(void **state)
{
    (void)state;
    core_policy *p =
        base_compiled("team: nights, role: manager}",
                      "team: nights, role: manager, until: 2027-03-01}\n"
                      "  - {id: n-1, number: 3, name: Three (invented), team: days, role: manager, from: 2027-03-01}");
    assert_int_equal(p->staff_count, 4);
    assert_int_equal(core_policy_staff(p, "n-1", 20788)->team, 1);
    assert_int_equal(core_policy_staff(p, "n-1", 20878)->team, 0); /* 2027-03-01 */
    policy_free(p);
}

/* Times inside a ladder are clocks too, behind the named ones. */
static void ladders_bring_clocks_of_their_own(void **state)
{
    (void)state;
    core_policy *p = base_compiled(NULL, NULL);
    static const char *const IDS[] = {"decision", "school",   "told",    "E-RED/1",  "E-RED/2",  "D-ALL/outcome",
                                      "D-ALL/0",  "D-ALL/0u", "D-ALL/1", "D-ALL/1u", "D-ALL/1a", "D-ALL/1ua"};
    assert_int_equal(p->clock_count, sizeof IDS / sizeof IDS[0]);
    for (uint32_t i = 0; i < p->clock_count; i++)
        assert_string_equal(p->clocks[i].id, IDS[i]);
    assert_int_equal(p->clocks[0].met_by, CORE_MET_DECIDED);
    assert_int_equal(p->clocks[2].met_by, CORE_MET_OTHER);
    const core_ladder *ladder = &p->ladders[0];
    assert_int_equal(ladder->ratings, BIT(MASH__V1__RATING__RATING_RED) | BIT(MASH__V1__RATING__RATING_AMBER) |
                                          BIT(MASH__V1__RATING__RATING_GREEN) | BIT(MASH__V1__RATING__RATING_BLUE));
    assert_string_equal(ladder->service, "front_door");
    assert_string_equal(ladder->area, "");
    assert_int_equal(ladder->step_count, 2);
    assert_int_equal(ladder->steps[0].clock, 3);
    assert_false(ladder->steps[0].with_events);
    assert_string_equal(ladder->steps[1].service, "out_of_hours");
    assert_true(ladder->steps[1].with_events);
    const core_clock_row *second = &p->clocks[ladder->steps[1].clock];
    assert_int_equal(second->kind, CORE_CLOCK_WORKING_DAYS);
    assert_int_equal(second->amount, 0);
    assert_int_equal(second->met_by, CORE_MET_RATED);
    assert_string_equal(second->plain, "second");
    assert_string_equal(second->source, "some ladder");
    policy_free(p);
}

static void a_ladder_of_disagreement_is_as_written(void **state)
{
    (void)state;
    core_policy *p = base_compiled(NULL, NULL);
    const core_disagreement_ladder *ladder = &p->disagreements[0];

    assert_string_equal(ladder->service, "");
    assert_string_equal(ladder->danger, "ring 999");
    assert_int_equal(ladder->board_queue, 1);
    assert_string_equal(p->clocks[ladder->outcome].id, "D-ALL/outcome");
    assert_int_equal(ladder->stage_count, 2);
    assert_true(ladder->stages[0].optional);
    assert_int_equal(ladder->stages[0].acknowledge, -1);
    assert_int_equal(ladder->stages[0].acknowledge_urgent, -1);
    assert_true(ladder->stages[1].decides);
    assert_true(ladder->stages[1].board_office);
    assert_int_equal(ladder->stages[1].role, 1);
    assert_string_equal(p->clocks[ladder->stages[1].urgent].id, "D-ALL/1u");
    assert_int_equal(p->clocks[ladder->stages[1].acknowledge].met_by, CORE_MET_OTHER);
    /* a lapse of either says what has not come about */
    assert_memory_equal(p->clocks[ladder->stages[1].acknowledge].plain, "the other side has answered; ", 29);
    assert_memory_equal(p->clocks[ladder->stages[1].urgent].plain, "settled between both sides; ", 28);
    policy_free(p);
}

/* What a ladder does not say is the least that one side can do to the other: no chair, and nothing is put off. */
static void a_ladder_names_its_chair_and_how_far_a_stage_may_be_put_off(void **state)
{
    (void)state;
    core_policy *p = base_compiled(NULL, NULL);
    assert_int_equal(p->disagreements[0].chair_queue, -1);
    assert_int_equal(p->disagreements[0].extend, -1);
    policy_free(p);

    p = base_compiled("    board: night\n", "    board: night\n    chair: {role: manager, queue: night}\n"
                                            "    extend: {kind: working_days, amount: 10}\n");
    const core_disagreement_ladder *ladder = &p->disagreements[0];

    assert_int_equal(ladder->chair_queue, 1);
    assert_int_equal(ladder->chair_role, 1);
    assert_string_equal(p->clocks[ladder->extend].id, "D-ALL/extend");
    assert_int_equal(p->clocks[ladder->extend].amount, 10);
    policy_free(p);
}

/* Journals hold policies from before there were rosters: they must compile as they did. */
static void a_policy_without_people_and_ladders_still_compiles(void **state)
{
    (void)state;
    policy_source item = {.name = "p.yaml"};
    policy_sources sources = {.items = &item, .count = 1};
    hub_buffer_put_text(&item.text, BASE_POLICY);
    yaml_problems problems = {0};
    core_policy *p = NULL;
    assert_int_equal(policy_compile(&sources, "", &p, &problems), HUB_OK);
    assert_int_equal(p->clock_count, 2);
    assert_int_equal(p->staff_count + p->ladder_count + p->disagreement_count + p->outcome_count, 0);
    assert_int_equal(p->feedback_clock, -1);
    assert_int_equal(p->ratings[MASH__V1__RATING__RATING_RED].claim, -1);
    assert_int_equal(p->ratings[MASH__V1__RATING__RATING_RED].request, -1);
    assert_int_equal(p->agencies[0].request_queue, -1);
    policy_free(p);
    hub_buffer_free(&item.text);
    yaml_problems_free(&problems);
}

static void an_agency_says_where_it_is_asked_and_told(void **state)
{
    (void)state;
    core_policy *p = base_compiled("queues: [night]}", "queues: [night], request_queue: night, feedback_queue: night}");
    assert_int_equal(p->agency_count, 1);
    assert_string_equal(p->agencies[0].name, "police");
    assert_int_equal(p->agencies[0].agency, MASH__V1__AGENCY__AGENCY_POLICE);
    assert_int_equal(p->agencies[0].request_queue, 1);
    assert_int_equal(p->agencies[0].feedback_queue, 1);
    policy_free(p);
}

/* A role grants acts by name: the names must be those that people are answered with. */
static void roles_name_acts_as_acts_name_themselves(void **state)
{
    (void)state;
    const ProtobufCEnumDescriptor *kinds = &mash__v1__act_kind__descriptor;
    uint32_t known = 0;
    for (unsigned i = 0; i < kinds->n_values; i++) {
        Mash__V1__ActKind kind = (Mash__V1__ActKind)kinds->values[i].value;
        char name[64];
        core_act_kind_name(kind, name);
        assert_int_equal(core_act_kind_of_name(name), kind); /* "" is no act, and unspecified has no name */
        if (core_act_name(kind) == NULL) continue;
        assert_string_equal(core_act_name(kind), name);
        known++;
    }
    assert_true(known > 0);
    assert_int_equal(core_act_kind_of_name("ACT_KIND_CLAIM"), MASH__V1__ACT_KIND__ACT_KIND_UNSPECIFIED);
}

typedef struct spoiled {
    const char *find, *put, *expected;
} spoiled;

static const spoiled ROWS[] = {
    {"restricted: yes, plain: leads", "restrictd: yes, plain: leads",
     "q.yaml:7:51: unknown key 'restrictd'; did you mean 'restricted'?\n"},
    {"[claim, decide,", "[claim, decid,", "q.yaml:7:34: unknown act 'decid'; did you mean 'decide'?\n"},
    {"[claim, decide,", "[claim, claim,", "q.yaml:7:34: this act is named twice\n"},
    {"[claim, decide, settle]", "claim", "q.yaml:7:26: 'may' is a list of acts: [claim, release]; [] for none\n"},
    {"[claim, hand-over,", "[claim, hand_over,", "q.yaml:6:33: unknown act 'hand_over'; did you mean 'hand-over'?\n"},
    {"role: manager, may", "role: worker, may",
     "q.yaml:7:12: role 'worker' stands twice; names are given once\n"
     "q.yaml:9:47: unknown role 'manager'\n"
     "q.yaml:10:51: unknown role 'manager'\n"
     "q.yaml:13:66: unknown role 'manager'\n"
     "q.yaml:14:70: unknown role 'manager'\n"
     "q.yaml:25:80: unknown role 'manager'\n"
     "q.yaml:26:95: unknown role 'manager'\n"
     "q.yaml:36:43: unknown role 'manager'\n"},
    {"queues: [day], manager", "queues: [dya], manager", "q.yaml:9:27: unknown queue 'dya'; did you mean 'day'?\n"},
    {"queues: [day], manager", "queues: [day, day], manager", "q.yaml:9:32: this queue is named twice\n"},
    {"queues: [day], manager", "queues: [], manager", "q.yaml:9:26: a team's queues are a list of 1 to 16: [a, b]\n"},
    {"manager_role: manager, manager_queue: day", "manager_role: mnager, manager_queue: day",
     "q.yaml:9:47: unknown role 'mnager'; did you mean 'manager'?\n"},
    {"manager_queue: night,", "", "q.yaml:10:5: 'manager_queue' is missing here\n"},
    {"team: nights, queues", "team: days, queues",
     "q.yaml:10:12: team 'days' stands twice; names are given once\n"
     "q.yaml:14:56: unknown team 'nights'\n"},
    {"id: d-2, number: 2", "id: d-2, number: 1",
     "q.yaml:13:23: number 1 is given to 'd-1'; a number is given once, never to somebody else\n"
     "q.yaml:12:85: nobody stands in for themselves; name a colleague\n"},
    {"id: d-2, number: 2", "id: d-1, number: 2",
     "q.yaml:13:23: 'd-1' has number 1 already; a person keeps one number\n"
     "q.yaml:12:85: unknown person 'd-2'; did you mean 'd-1'?\n"},
    {"id: d-2, number: 2, name: Two (invented), team: days, role: manager",
     "id: d-1, number: 1, name: One (invented), team: days, role: worker",
     "q.yaml:13:10: 'd-1' stands twice in the same team and role for the same days; end the earlier row with 'until'\n"
     "q.yaml:12:85: unknown person 'd-2'; did you mean 'd-1'?\n"},
    {"id: n-1, number", "id: N-1, number",
     "q.yaml:14:10: a person's id has a-z, 0-9 and '-' only: it stands in records, so it is no name\n"},
    {"number: 3, name", "number: 0, name", "q.yaml:14:23: expected a whole number from 1 to 1000000\n"},
    {"alternate: d-2", "alternate: d-9", "q.yaml:12:85: unknown person 'd-9'; did you mean 'd-1'?\n"},
    {"alternate: d-2", "alternate: d-1", "q.yaml:12:85: nobody stands in for themselves; name a colleague\n"},
    {"team: nights, role", "team: night, role", "q.yaml:14:56: unknown team 'night'; did you mean 'nights'?\n"},
    {"name: Three (invented), ", "", "q.yaml:14:5: 'name' is missing here\n"},
    {"- {id: enquiry, plain", "- {id: nothing, plain", "q.yaml:17:10: outcome 'nothing' stands twice; names are given once\n"},
    {"needs_legal_basis: yes", "needs_legal_bases: yes",
     "q.yaml:17:49: unknown key 'needs_legal_bases'; did you mean 'needs_legal_basis'?\n"},
    {"an enquiry, source: s", "an enquiry, for: elders, source: s",
     "q.yaml:17:43: expected children or adults; leave it out for both\n"},
    {"ratings: [red,", "ratings: [rde,", "q.yaml:20:15: unknown rating 'rde'; did you mean 'red'?\n"},
    {"ratings: [red, amber, green, blue]", "ratings: red", "q.yaml:20:14: ratings are a list: [red, amber]\n"},
    {"    service: front_door\n    plain: nobody", "    service: front_dor\n    plain: nobody",
     "q.yaml:21:14: unknown service 'front_dor'; did you mean 'front_door'?\n"},
    {"    service: front_door\n    plain: nobody", "    service: front_door\n    area: E06000045\n    plain: nobody",
     "q.yaml:22:11: unknown area 'E06000045'; did you mean 'E06000044'?\n"},
    {"unless: seen", "unless: sene", "q.yaml:25:61: expected seen, claimed, rated, informed or decided\n"},
    {"unless: seen", "unless: other", "q.yaml:25:61: expected seen, claimed, rated, informed or decided\n"},
    {"kind: elapsed_minutes, amount: 30}", "kind: elapsed_minutes, amount: 0}",
     "q.yaml:25:48: expected a whole number from 1 to 10000000\n"},
    {"kind: elapsed_minutes, amount: 30}", "kind: next_school_day, amount: 0}",
     "q.yaml:25:23: a ladder does not wait for a school day or an age; give minutes, days or months\n"},
    {"kind: elapsed_minutes, amount: 30}", "kind: elapsed_minutes, amount: 30, roll: next}",
     "q.yaml:25:52: unknown key 'roll'; remove it\n"},
    {"amount: 0, calendar: office", "amount: 0, calendar: ofice",
     "p.yaml:54:80: unknown calendar 'ofice'; did you mean 'office'?\n"},
    {"tell: {role: manager, service: front_door}", "tell: {role: manager}", "q.yaml:25:73: 'service' is missing here\n"},
    {"tell: {role: manager, service: front_door}", "tell: manager", "q.yaml:25:73: expected keys and values ('role: ...')\n"},
    {", plain: first}", "}", "q.yaml:25:9: 'plain' is missing here\n"},
    {"- id: E-RED", "- id: E/RED", "q.yaml:19:9: the name of a ladder has letters, digits, '_', '-' and '.' only\n"},
    {"- id: D-ALL", "- id: E-RED", "q.yaml:28:9: ladder 'E-RED' stands under 'escalation' too; names are given once\n"},
    {"    steps:\n", "    stepps:\n",
     "q.yaml:24:5: unknown key 'stepps'; did you mean 'steps'?\n"
     "q.yaml:19:5: 'steps' is missing here\n"},
    {"board: night", "chair: {role: manager, queue: nigth}\n    board: night",
     "q.yaml:32:35: unknown queue 'nigth'; did you mean 'night'?\n"},
    {"board: night", "board: nigth", "q.yaml:32:12: unknown queue 'nigth'; did you mean 'night'?\n"},
    {"    board: night\n", "", "q.yaml:35:9: stage 1 tells the board office, and this ladder has no 'board': name its queue\n"},
    {"    danger: ring 999\n", "", "q.yaml:28:5: 'danger' is missing here\n"},
    {"outcome: {kind: working_days, amount: 2}", "outcome: tolled",
     "q.yaml:33:14: unknown clock 'tolled'; did you mean 'told'?\n"},
    {"stage: 1, plain", "stage: 0, plain", "q.yaml:36:17: stages must ascend: this one is not after the one before it\n"},
    {"role: worker, optional: yes", "role: wroker, optional: yes",
     "q.yaml:35:46: unknown role 'wroker'; did you mean 'worker'?\n"},
    {", urgent: {kind: elapsed_minutes, amount: 60}", "", "q.yaml:35:9: 'urgent' is missing here\n"},
    {"met_by: other, ", "met_by: others, ",
     "q.yaml:2:114: expected seen, claimed, rated, informed, decided, noticed or other\n"
     "q.yaml:3:19: feedback is not met by what is done on the alert: give clock 'told' 'met_by: other'\n"},
    {"met_by: other, ", "met_by: noticed, ",
     "q.yaml:2:114: 'met_by: noticed' and 'notice: SERVICE' go together: whose notice is to be seen\n"
     "q.yaml:3:19: feedback is not met by what is done on the alert: give clock 'told' 'met_by: other'\n"},
    {"met_by: other, ", "", "q.yaml:3:19: feedback is not met by what is done on the alert: give clock 'told' 'met_by: other'\n"},
    {"feedback: {clock: told}", "feedback: {clock: tolled}", "q.yaml:3:19: unknown clock 'tolled'; did you mean 'told'?\n"},
    {"feedback: {clock: told}", "feedback: [told]", "q.yaml:3:11: expected keys and values ('clock: ...')\n"},
    {"alarms: {service: out_of_hours}", "alarms: {service: out_of_hour}",
     "q.yaml:4:19: unknown service 'out_of_hour'; did you mean 'out_of_hours'?\n"},
    {"clocks: [decision], out_of_hours_too: yes, source: s",
     "clocks: [decision], claim: decision, out_of_hours_too: yes, source: s",
     "p.yaml:59:36: a claim is not met by what is done on the alert: give clock 'decision' 'met_by: other'\n"},
    {"clocks: [decision], out_of_hours_too: yes, source: s", "clocks: [decision], request: told, second_persons: yes, source: s",
     "p.yaml:59:44: unknown key 'second_persons'; did you mean 'second_person'?\n"},
    {"queues: [night]}", "queues: [night], request_queue: day}",
     "p.yaml:18:72: queue 'day' is not an agency's; name it under 'queues' of an agency too\n"},
    {"queues: [night]}", "queues: [night], feedback_queue: nigt}", "p.yaml:18:73: unknown queue 'nigt'; did you mean 'night'?\n"},
    {"then: record", "then: record\n    later_than_statute: ''", "p.yaml:80:25: 'later_than_statute' is empty\n"},
    {"rating: red, clocks: [school]", "rating: red, clocks: [E-RED/1]", "p.yaml:71:63: unknown clock 'E-RED/1'\n"},
};

static void a_spoiled_roster_or_ladder_is_refused_with_place_and_remedy(void **state)
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_roster_is_as_written),
        cmocka_unit_test(an_outcome_may_be_for_children_or_for_adults),
        cmocka_unit_test(one_person_may_have_several_rows),
        cmocka_unit_test(ladders_bring_clocks_of_their_own),
        cmocka_unit_test(a_ladder_of_disagreement_is_as_written),
        cmocka_unit_test(a_ladder_names_its_chair_and_how_far_a_stage_may_be_put_off),
        cmocka_unit_test(a_policy_without_people_and_ladders_still_compiles),
        cmocka_unit_test(an_agency_says_where_it_is_asked_and_told),
        cmocka_unit_test(roles_name_acts_as_acts_name_themselves),
        cmocka_unit_test(a_spoiled_roster_or_ladder_is_refused_with_place_and_remedy),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
