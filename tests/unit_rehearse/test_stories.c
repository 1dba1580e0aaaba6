/* A story that holds although the policy is wrong is worse than none. So: what must fail does, at its place and in words that say what was
 * expected and what came of it; and a misspelt name is a mistake in the story, never a "not told" that holds for ever. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "policy/policy.h"
#include "rehearse/scenario.h"

static int compile_policy(void **fixture)
{
    char folder[4096];
    snprintf(folder, sizeof folder, "%s/config/hips/policy", getenv("MASHHUB_SOURCE"));
    policy_sources sources = {0};
    yaml_problems problems = {.count = 0};
    hub_error err;
    assert_int_equal(policy_sources_read(folder, &sources, &err), HUB_OK);
    assert_int_equal(policy_compile(&sources, folder, (core_policy **)fixture, &problems), HUB_OK);
    policy_sources_free(&sources);
    yaml_problems_free(&problems);
    return 0;
}

static int free_policy(void **fixture)
{
    policy_free(*fixture);
    return 0;
}

typedef struct ran {
    scenario_counts counts;
    hub_status status;
    uint32_t problems;
    char text[4000];
} ran;

static ran run_text(void **fixture, const char *text)
{
    ran r = {.status = HUB_ERR_INVALID};
    yaml_problems problems = {.count = 0};
    yaml_document *document = yaml_read("s.yaml", hub_bytes_of_text(text), &problems);
    if (document != NULL) r.status = scenario_run(*fixture, document, &problems, &r.counts);
    yaml_close(document);
    r.problems = problems.count;
    snprintf(r.text, sizeof r.text, "%s", hub_buffer_text(&problems.text));
    yaml_problems_free(&problems);
    return r;
}

/* The steps begin in line 9: Kim was heard of at ten, Portsmouth's front door was told, the rating is green. */
static const char BEGIN[] = "scenarios:\n"
                            "  - scenario: T\n"
                            "    why: for the test\n"
                            "    people:\n"
                            "      kim: {is: child, born: 2015-05-02}\n"
                            "      dad: {is: alleged_perpetrator}\n"
                            "    story:\n"
                            "      - {at: 2026-06-10 10:00, police: child_concern, area: Portsmouth, about: [kim, dad], "
                            "is: {circumstances: bruises}}\n";

static ran tell(void **fixture, const char *steps)
{
    char text[4000];
    snprintf(text, sizeof text, "%s%s", BEGIN, steps);
    return run_text(fixture, text);
}

typedef struct told_wrong {
    const char *steps, *complaint;
} told_wrong;

static const told_wrong EXPECTATIONS[] = {
    {"      - expect: {told: portsmouth_duty}\n",
     "s.yaml:9:24: T: expected that portsmouth_duty is told; found: portsmouth_childrens\n"},
    {"      - expect: {not_told: [portsmouth_duty, portsmouth_childrens]}\n",
     "s.yaml:9:46: T: expected that portsmouth_childrens is not told; found: portsmouth_childrens\n"},
    {"      - expect: {nobody_told: yes}\n", "s.yaml:9:31: T: expected that nobody is told; told: portsmouth_childrens\n"},
    {"      - until: 2026-06-10 10:01\n      - expect: {nobody_told: no}\n",
     "s.yaml:10:31: T: expected that somebody is told; told: none\n"},
    {"      - expect: {noticed: portsmouth_childrens}\n",
     "s.yaml:9:27: T: expected that portsmouth_childrens gets a notice; found: none\n"},
    {"      - expect: {because: R-CC-HIGH}\n", "s.yaml:9:27: T: expected that R-CC-HIGH rules it; found: R-CC-ANY, R-CC-RECORD. "
                                               "Not R-CC-HIGH (A concern for a child graded "
                                               "high.): it needs \"graded high or very high\".\n"},
    {"      - expect: {not_because: R-CC-ANY}\n",
     "s.yaml:9:31: T: expected that R-CC-ANY does not rule it; found: R-CC-ANY, R-CC-RECORD\n"},
    {"      - expect: {rating: red}\n", "s.yaml:9:26: T: expected the rating red, but it is green\n"},
    {"      - expect: {owner: pc-1}\n", "s.yaml:9:25: T: expected the owner pc-1, but it is nobody\n"},
    {"      - expect: {state: ended}\n", "s.yaml:9:25: T: expected the state ended, but it is open\n"},
    {"      - expect: {queue: southampton_childrens}\n",
     "s.yaml:9:25: T: expected the queue southampton_childrens, but it is portsmouth_childrens\n"},
    {"      - expect: {alerts: 2}\n", "s.yaml:9:26: T: expected 2 alerts, but there are 1\n"},
    {"      - expect: {lines: 2}\n", "s.yaml:9:25: T: expected 2 people to decide on, but there are 1\n"},
    {"      - expect: {lines: [kim, dad]}\n", "s.yaml:9:25: expected one value here, not a list or keys\n"},
    {"      - expect: {decided: {kim: section_47}}\n", "s.yaml:9:33: T: expected kim section_47, but it is undecided\n"},
    {"      - expect: {decided: {dad: undecided}}\n", "s.yaml:9:28: T: dad is not among those to decide on in this alert\n"},
    {"      - expect: {due: {rag_set: 2026-06-10 15:00}}\n",
     "s.yaml:9:33: T: expected rag_set due 2026-06-10 15:00, but it is Wed 10 Jun 2026 14:00 BST\n"},
    {"      - expect: {due: {red_decision: 2026-06-10 15:00}}\n",
     "s.yaml:9:38: T: expected red_decision due 2026-06-10 15:00, but it is not running\n"},
    {"      - expect: {due: {rag_set: none}}\n",
     "s.yaml:9:33: T: expected rag_set due none, but it is Wed 10 Jun 2026 14:00 BST\n"},
    {"      - until: 2026-06-10 14:00\n      - expect: {not_lapsed: rag_set}\n",
     "s.yaml:10:30: T: expected that rag_set has not run out; found: rag_set, E-GREEN-CHILDREN/1\n"},
    {"      - until: 2026-06-10 14:00\n      - expect: {escalated_to: [pc-4]}\n",
     "s.yaml:10:33: T: expected that pc-4 is told by a ladder; found: pc-3\n"},
    {"      - until: 2026-06-10 14:00\n      - expect: {escalated: no}\n",
     "s.yaml:10:29: T: expected that no ladder takes a step, but one does\n"},
    {"      - expect: {alarm: [no_route]}\n", "s.yaml:9:26: T: expected that no_route is raised; found: none\n"},
    {"      - expect: {refused: never}\n", "s.yaml:9:27: T: expected that the hub refuses it (\"never\"), but it is done\n"},
    {"      - {act: claim, by: hc-1}\n      - expect: {refused: never}\n",
     "s.yaml:10:27: T: expected a refusal that says \"never\"; it says: claim: this key, or none of this person's teams and "
     "roles, "
     "may do that on this item\n"},
    {"      - {act: claim, by: hc-1}\n", "s.yaml:9:9: T: the hub refuses this: claim: this key, or none of this person's teams "
                                         "and roles, may do that on this item (if "
                                         "it should, the next step says 'expect: {refused: words of that}')\n"},
    {"      - {police: absence, area: Portsmouth, about: kim, is: {consecutive_sessions: -3}}\n",
     "s.yaml:9:9: T: the hub refuses this: absence.consecutive_sessions: "},
    {"      - shown: {queue: portsmouth_childrens, has: [dad, bruise]}\n",
     "s.yaml:9:57: T: expected that portsmouth_childrens is shown \"bruise\", but it was not\n"},
    {"      - shown: {queue: portsmouth_childrens, not: dad}\n",
     "s.yaml:9:51: T: expected that portsmouth_childrens is not shown \"dad\", but it was\n"},
    {"      - shown: {queue: portsmouth_childrens, apart: [kim, dad]}\n",
     "s.yaml:9:59: T: expected that portsmouth_childrens is shown \"kim\" and \"dad\" apart, but one delivery has both\n"},
    {"      - shown: {queue: portsmouth_childrens, withheld: subjects.picture}\n",
     "s.yaml:9:56: T: expected that \"subjects.picture\" is withheld from portsmouth_childrens; withheld: nothing\n"},
    {"      - until: 2026-06-10 10:30\n      - shown: {queue: portsmouth_childrens, has: kim, since: last}\n",
     "s.yaml:10:51: T: expected that portsmouth_childrens is shown \"kim\" in this step, but it was not\n"},
    {"      - expect: {explains: the moon is full}\n",
     "s.yaml:9:28: T: expected that explain says \"the moon is full\"; it says:\nEvent "},
};

/* A name of nothing: the story is wrong, whatever the policy says. */
static const told_wrong MISSPELT[] = {
    {"      - expect: {not_told: portsmouth_dutty}\n",
     "s.yaml:9:28: the policy has no queue 'portsmouth_dutty'; did you mean 'portsmouth_duty'?\n"},
    {"      - expect: {not_because: R-CC-HIHG}\n",
     "s.yaml:9:31: the policy has no rule 'R-CC-HIHG'; did you mean 'R-CC-HIGH'?\n"},
    {"      - expect: {not_lapsed: rag_sett}\n", "s.yaml:9:30: the policy has no clock 'rag_sett'; did you mean 'rag_set'?\n"},
    {"      - expect: {due: {rag_sett: none}}\n", "s.yaml:9:24: the policy has no clock 'rag_sett'; did you mean 'rag_set'?\n"},
    {"      - expect: {not_escalated_to: pc-44}\n",
     "s.yaml:9:36: the policy has no person on its roster called 'pc-44'; did you mean 'pc-4'?\n"},
    {"      - expect: {owner: nobdoy}\n", "s.yaml:9:25: the policy has no person on its roster called 'nobdoy'\n"},
    {"      - expect: {decided: {kim: undecidde}}\n", "s.yaml:9:33: the policy has no outcome 'undecidde'\n"},
    {"      - expect: {decided: {kmi: undecided}}\n", "s.yaml:9:28: this story knows nobody called 'kmi'; did you mean 'kim'?\n"},
    {"      - expect: {rating: rde}\n", "s.yaml:9:26: a rating is blue, green, amber or red\n"},
    {"      - expect: {state: closed}\n", "s.yaml:9:25: an alert is open, held or ended\n"},
    {"      - expect: {alert: A7}\n", "s.yaml:9:25: T: there is no alert of A7\n"},
    {"      - expect: {alert: southampton_childrens}\n", "s.yaml:9:25: T: there is no alert of southampton_childrens\n"},
    {"      - expect: {disagreement: {item: D1, state: open}}\n", "s.yaml:9:39: T: there is no disagreement D1\n"},
    {"      - expect: {tolt: portsmouth_duty}\n",
     "s.yaml:9:18: nothing is called 'tolt' that a story could expect; did you mean 'told'?\n"},
    {"      - expect: {}\n", "s.yaml:9:17: expect what? expect: {told: [QUEUE]}\n"},
    {"      - expect: {not_told: []}\n", "s.yaml:9:28: expected a name, or a list of at least one: [this, that]\n"},
    {"      - shown: {queue: portsmouth_duty}\n",
     "s.yaml:9:16: say what is shown ('has'), what is not ('not'), what never together ('apart') or what is 'withheld'\n"},
    /* Q2 */
    {"      - shown: {queue: portsmouth_duty, not: [kmi]}\n",
     "s.yaml:9:47: T: nobody in this story has said \"kmi\" so far, so that it was not shown means nothing; is it misspelt?\n"},
    {"      - shown: {queue: portsmouth_dutty, not: kim}\n",
     "s.yaml:9:24: the policy has no queue 'portsmouth_dutty'; did you mean 'portsmouth_duty'?\n"},
    {"      - shown: {queue: portsmouth_duty, not: kim, since: yesterday}\n",
     "s.yaml:9:58: the only 'since' is 'last': the last step; without it, the whole story\n"},
    {"      - {act: claim, by: pc-11}\n",
     "s.yaml:9:26: the policy has no person on its roster called 'pc-11'; did you mean 'pc-1'?\n"},
    {"      - {act: clam, by: pc-1}\n", "s.yaml:9:15: the contract has no act 'clam'\n"},
    {"      - {act: claim, by: pc-1, on: kim}\n", "s.yaml:9:36: an act is on A1 (an alert), D1 (a disagreement), R1 (a request), "
                                                  "F1 (feedback), notice (the newest) or Q:QUEUE\n"},
    {"      - {act: decide, by: pc-4, with: {person: kim, outcome: section_74, rationale: r}}\n",
     "s.yaml:9:62: the policy has no outcome 'section_74'; did you mean 'section_47'?\n"},
    {"      - {act: hand_over, by: pc-1, with: {to: pc-22}}\n",
     "s.yaml:9:47: the policy has no person on its roster called 'pc-22'; did you mean 'pc-2'?\n"},
    {"      - {act: rate, by: pc-1, reason: r, with: {ratting: red}}\n",
     "s.yaml:9:49: the contract's Rate has no field 'ratting'; did you mean 'rating'?\n"},
    {"      - {police: child_concern, area: Portsmuth, about: kim, is: {}}\n",
     "s.yaml:9:39: the policy has no area 'Portsmuth'; did you mean 'Portsmouth'?\n"},
    {"      - {police: child_concern, area: Portsmouth, about: kmi, is: {}}\n",
     "s.yaml:9:58: this story knows nobody called 'kmi'; did you mean 'kim'?\n"},
    {"      - {police: child_concern, area: Portsmouth, about: kim, is: {circumstance: x}}\n",
     "s.yaml:9:68: the contract's ChildConcern has no field 'circumstance'; did you mean 'circumstances'?\n"},
    {"      - {police: child_consern, area: Portsmouth, about: kim, is: {}}\n",
     "s.yaml:9:18: the contract has no payload 'child_consern'; did you mean 'child_concern'?\n"},
    {"      - {police: child_concern, area: Portsmouth, about: kim, is: {}, amends: that}\n",
     "s.yaml:9:79: no event before this one has 'name: that'\n"},
    {"      - {polise: child_concern, area: Portsmouth, about: kim, is: {}}\n",
     "s.yaml:9:9: T: a step says an event (police: domestic_abuse_incident), an act (act: claim), until, expect or shown\n"},
    {"      - until: 2026-06-10 09:00\n", "s.yaml:9:16: T: time does not run backwards in a story\n"},
    {"      - until: tomorrow\n", "s.yaml:9:16: a time is written like 2026-03-27 22:40\n"},
};

/* How many rows of the table do not fail as they should: all are tried, so that one look shows all. */
static size_t count_wrong(void **fixture, const told_wrong *rows, size_t count)
{
    size_t wrong = 0;
    for (size_t i = 0; i < count; i++) {
        ran r = tell(fixture, rows[i].steps);
        bool is_said = strncmp(r.text, rows[i].complaint, strlen(rows[i].complaint)) == 0;
        if (is_said && r.problems == 1 && r.counts.failed == 1 && r.status == HUB_OK) continue;
        print_error("steps:\n%ssaid:\n%sexpected:\n%s\n", rows[i].steps, r.text, rows[i].complaint);
        wrong++;
    }
    return wrong;
}

static void what_does_not_hold_is_said_at_its_place_with_what_came_of_it(void **fixture)
{
    assert_int_equal(count_wrong(fixture, EXPECTATIONS, sizeof EXPECTATIONS / sizeof EXPECTATIONS[0]), 0);
}

static void a_misspelt_name_is_a_mistake_in_the_story_and_the_nearest_is_suggested(void **fixture)
{
    assert_int_equal(count_wrong(fixture, MISSPELT, sizeof MISSPELT / sizeof MISSPELT[0]), 0);
}

static void a_story_that_holds_is_counted_and_silent(void **fixture)
{
    ran r = tell(fixture, "      - expect: {told: portsmouth_childrens, rating: green, because: [R-CC-ANY]}\n"
                          "      - {at: 2026-06-10 10:10, act: claim, by: pc-1}\n"
                          "      - expect: {owner: pc-1}\n"
                          "      - shown: {queue: portsmouth_childrens, has: [kim, dad, bruises]}\n");

    assert_string_equal(r.text, "");
    assert_int_equal(r.counts.run, 1);
    assert_int_equal(r.counts.expectations, 3);
    assert_int_equal(r.counts.failed, 0);
}

/* What time alone brought about on the way to an event is not the event's doing: otherwise "told" would hold for the wrong reason. */
static void what_happens_on_the_way_to_a_step_is_not_told_of_the_step(void **fixture)
{
    ran r = tell(fixture, "      - {at: 2026-06-11 18:00, police: incident, area: Portsmouth, about: kim, is: {}}\n"
                          "      - expect: {nobody_told: yes, escalated: no}\n");

    assert_string_equal(r.text, "");
}

/* So many reds at ten, told of each of so many children in turn, and what follows them. */
static ran tell_of_children(void **fixture, int children, int reds, const char *steps)
{
    char text[40000];
    int size = snprintf(text, sizeof text, "scenarios:\n  - scenario: T\n    why: for the test\n    people:\n");
    for (int i = 0; i < children; i++)
        size += snprintf(text + size, sizeof text - (size_t)size, "      k%d: {is: child, born: 2015-05-02}\n", i);
    size += snprintf(text + size, sizeof text - (size_t)size, "    story:\n");
    for (int i = 0; i < reds; i++)
        size += snprintf(
            text + size, sizeof text - (size_t)size,
            "      - {at: 2026-06-10 10:00, police: child_concern, area: Portsmouth, about: k%d, is: {immediate_danger: yes}}\n",
            i % children);
    (void)snprintf(text + size, sizeof text - (size_t)size, "%s", steps);
    return run_text(fixture, text);
}

/* Ladders of a dozen reds take a hundred steps in a day. What is not kept of them would be "not lapsed", whatever happened. */
static void what_happens_late_in_a_long_step_is_not_taken_as_not_having_happened(void **fixture)
{
    ran lapsed =
        tell_of_children(fixture, 12, 12, "      - until: 2026-06-10 18:00\n      - expect: {not_lapsed: E-RED-CHILDREN/6}\n");
    ran told = tell_of_children(fixture, 12, 12, "      - until: 2026-06-10 18:00\n      - expect: {not_escalated_to: pc-7}\n");

    assert_non_null(strstr(lapsed.text, "expected that E-RED-CHILDREN/6 has not run out; found:"));
    assert_non_null(strstr(told.text, "expected that pc-7 is not told by a ladder; found:"));
}

/* A story that is more than can be kept says so: it does not go on with half of it. */
static void what_is_too_much_to_be_kept_is_said(void **fixture)
{
    ran r =
        tell_of_children(fixture, 64, 200, "      - until: 2026-06-30 18:00\n      - expect: {not_lapsed: E-BLUE-CHILDREN/1}\n");

    assert_non_null(strstr(r.text, "T: this story is too long to be kept; make two of it"));
    assert_int_equal(r.counts.failed, 1);
}

/* Q3. After a step that failed the rest would speak of something else. The next scenario is told all the same. */
static void one_mistake_ends_its_story_and_not_the_next(void **fixture)
{
    ran r = tell(fixture, "      - expect: {rating: red}\n"
                          "      - expect: {owner: pc-1}\n"
                          "  - scenario: U\n"
                          "    why: for the test\n"
                          "    people: {sam: {is: child}}\n"
                          "    story:\n"
                          "      - {at: 2026-06-10 10:00, police: incident, area: Portsmouth, about: sam, is: {}}\n"
                          "      - expect: {alerts: 1}\n");

    assert_string_equal(r.text, "s.yaml:9:26: T: expected the rating red, but it is green\n"
                                "s.yaml:16:26: U: expected 1 alerts, but there are 0\n");
    assert_int_equal(r.counts.run, 2);
    assert_int_equal(r.counts.failed, 2);
}

static void what_is_no_list_of_stories_is_refused_with_its_place(void **fixture)
{
    static const told_wrong ROWS[] = {
        {"scenarios: [\n", "s.yaml:2:1: "},
        {"scenarios: none\n", "s.yaml:1:12: a list of scenarios is expected here\n"},
        {"scenarios: []\n", "s.yaml:1:12: a list of scenarios is expected here\n"},
        {"scenaros: []\n", "s.yaml:1:1: unknown key 'scenaros'; did you mean 'scenarios'?\n"},
        {"scenarios:\n  - scenario: T\n", "s.yaml:2:5: 'why' is missing here\n"},
        {"scenarios:\n  - {scenario: T, why: w, people: {kim: {born: 2015-05-02}}, story: [{at: 2026-06-10 10:00}]}\n",
         "s.yaml:2:41: 'is' is missing here\n"},
        {"scenarios:\n  - {scenario: T, why: w, people: {kim: {is: child}}, story: [{until: 2026-06-10 10:00}]}\n",
         "s.yaml:2:63: 'at' is missing here\n"},
        {"scenarios:\n  - {scenario: T, why: w, people: {kim: {is: chidl}}, story: [{at: 2026-06-10 10:00, police: incident, "
         "area: Portsmouth, about: kim, is: {}}, {expect: {alerts: 0}}]}\n",
         "s.yaml:2:63: T: this event cannot be made: "},
        {"scenarios:\n  - {scenario: T, why: w, people: {kim: {is: child, bron: 2015-05-02}}, story: [{at: 2026-06-10 10:00, "
         "police: incident, area: Portsmouth, about: kim, is: {}}, {expect: {alerts: 0}}]}\n",
         "s.yaml:2:53: the contract's Subject has no field 'bron'"},
        {"scenarios:\n  - {scenario: T, why: w, people: {kim: {is: child}}, story: [{at: 2026-06-10 10:00, police: incident, "
         "area: Portsmouth, about: kim, is: {}}]}\n",
         "s.yaml:2:62: T: this story expects nothing"},
    };
    size_t wrong = 0;
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        ran r = run_text(fixture, ROWS[i].steps);
        if (r.problems > 0 && strncmp(r.text, ROWS[i].complaint, strlen(ROWS[i].complaint)) == 0) continue;
        print_error("story:\n%ssaid:\n%sexpected:\n%s\n", ROWS[i].steps, r.text, ROWS[i].complaint);
        wrong++;
    }
    assert_int_equal(wrong, 0);
}

/* What was said before is told again to who takes over, as far as they may see it: that rests on who is named in it. */
static void what_was_said_before_is_told_on_to_who_may_be_near_an_alleged_perpetrator(void **fixture)
{
    const core_policy *policy = *fixture;
    core_audience *adults = NULL;
    for (uint32_t i = 0; i < policy->audience_count; i++) {
        if (strcmp(policy->audiences[i].name, "adults_mash") == 0) adults = (core_audience *)(uintptr_t)&policy->audiences[i];
    }
    assert_non_null(adults);
    adults->near = UINT64_C(1) << MASH__V1__SUBJECT_ROLE__SUBJECT_ROLE_ALLEGED_PERPETRATOR;

    ran r = tell(fixture,
                 "      - {at: 2026-06-10 10:30, act: reassign, by: pc-4, reason: theirs, with: {queue: portsmouth_adults}}\n"
                 "      - expect: {moved_here: [portsmouth_adults]}\n"
                 "      - shown: {queue: portsmouth_adults, has: [kim], withheld: [source_reference], since: last}\n");

    adults->near = 0;
    assert_string_equal(r.text, "");
    assert_int_equal(r.counts.failed, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_story_that_holds_is_counted_and_silent),
        cmocka_unit_test(what_does_not_hold_is_said_at_its_place_with_what_came_of_it),
        cmocka_unit_test(a_misspelt_name_is_a_mistake_in_the_story_and_the_nearest_is_suggested),
        cmocka_unit_test(what_happens_on_the_way_to_a_step_is_not_told_of_the_step),
        cmocka_unit_test(what_happens_late_in_a_long_step_is_not_taken_as_not_having_happened),
        cmocka_unit_test(what_is_too_much_to_be_kept_is_said),
        cmocka_unit_test(one_mistake_ends_its_story_and_not_the_next),
        cmocka_unit_test(what_is_no_list_of_stories_is_refused_with_its_place),
        cmocka_unit_test(what_was_said_before_is_told_on_to_who_may_be_near_an_alleged_perpetrator),
    };
    return cmocka_run_group_tests(tests, compile_policy, free_policy);
}
