/* The figures of config/hips, each beside where it comes from. What no published source gives must say so where it stands. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base_policy.h"
#include "event/event.h"

static const char CONFIRM[] = "local lead to confirm";

static policy_sources hips_sources(void)
{
    char path[1024];
    const char *root = getenv("MASHHUB_SOURCE");
    (void)snprintf(path, sizeof path, "%s/config/hips/policy", root != NULL ? root : ".");
    policy_sources sources;
    hub_error err = {{0}};
    assert_int_equal(policy_sources_read(path, &sources, &err), HUB_OK);
    return sources;
}

static int compile(void **state)
{
    policy_sources sources = hips_sources();
    yaml_problems problems = {0};
    core_policy *policy = NULL;
    hub_status status = policy_compile(&sources, "hips", &policy, &problems);
    yaml_problems_free(&problems);
    policy_sources_free(&sources);
    *state = policy;
    return status == HUB_OK ? 0 : -1;
}

static int end(void **state)
{
    policy_free(*state);
    return 0;
}

/* ---- days ---- */

static int32_t day_of(int32_t yyyymmdd)
{
    Mash__V1__Date date = MASH__V1__DATE__INIT;
    int32_t day = 0;
    date.year = yyyymmdd / 10000;
    date.month = yyyymmdd / 100 % 100;
    date.day = yyyymmdd % 100;
    assert_true(event_date_day(&date, &day));
    return day;
}

/* A holiday too few promises an answer on a day nobody works; one too many is a deadline missed. gov.uk/bank-holidays; 2028 by rule. */
static void bank_holidays_are_those_of_england_and_wales(void **state)
{
    const core_policy *p = *state;
    static const int32_t DAYS[] = {20240101, 20240329, 20240401, 20240506, 20240527, 20240826, 20241225, 20241226,
                                   20250101, 20250418, 20250421, 20250505, 20250526, 20250825, 20251225, 20251226,
                                   20260101, 20260403, 20260406, 20260504, 20260525, 20260831, 20261225, 20261228,
                                   20270101, 20270326, 20270329, 20270503, 20270531, 20270830, 20271227, 20271228,
                                   20280103, 20280414, 20280417, 20280501, 20280529, 20280828, 20281225, 20281226};
    assert_int_equal(p->calendars[0].holiday_count, sizeof DAYS / sizeof DAYS[0]);
    for (size_t i = 0; i < sizeof DAYS / sizeof DAYS[0]; i++)
        assert_int_equal(p->calendars[0].holidays[i], day_of(DAYS[i]));
    assert_int_equal(p->calendars[0].known_until_day, day_of(20281231));
    assert_int_equal(p->calendar_count, 5);
    for (uint32_t i = 1; i < p->calendar_count; i++) { /* the four authorities' schools are shut on the same days */
        assert_int_equal(p->calendars[i].holiday_count, p->calendars[0].holiday_count);
        assert_true(p->calendars[i].term_count > 0);
    }
}

/* ---- clocks ---- */

static uint32_t clock_named(const core_policy *p, const char *id)
{
    uint32_t i = 0;
    while (i < p->clock_count && strcmp(p->clocks[i].id, id) != 0)
        i++;
    if (i == p->clock_count) fail_msg("no clock %s", id);
    return i;
}

/* Red 2 h and 4 h day and night, amber 6 working hours and 1 working day, green 1 and 3 working days: within what Oxfordshire and
 * Merton publish. The statutory decision on a referral runs beside every rating. */
static void clocks_promise_what_their_sources_say(void **state)
{
    const core_policy *p = *state;
    static const struct {
        const char *id;
        core_clock_kind kind;
        int32_t amount;
        int from;
        bool statutory;
    } ROWS[] = {
        {"rag_set", CORE_CLOCK_WORKING_MINUTES, 240, CORE_FROM_STORED, false},
        {"red_information", CORE_CLOCK_ELAPSED_MINUTES, 120, CORE_FROM_STORED, false},
        {"red_decision", CORE_CLOCK_ELAPSED_MINUTES, 240, CORE_FROM_STORED, false},
        {"amber_information", CORE_CLOCK_WORKING_MINUTES, 360, CORE_FROM_STORED, false},
        {"amber_decision", CORE_CLOCK_WORKING_DAYS, 1, CORE_FROM_STORED, false},
        {"green_information", CORE_CLOCK_WORKING_DAYS, 1, CORE_FROM_STORED, false},
        {"green_decision", CORE_CLOCK_WORKING_DAYS, 3, CORE_FROM_STORED, false},
        {"referral_decision", CORE_CLOCK_WORKING_DAYS, 1, CORE_FROM_STATED_RECEIPT, true},
        {"encompass_hampshire", CORE_CLOCK_NEXT_SCHOOL_DAY, 0, CORE_FROM_OCCURRED, true},
        {"encompass_isle_of_wight", CORE_CLOCK_NEXT_SCHOOL_DAY, 0, CORE_FROM_OCCURRED, true},
        {"encompass_portsmouth", CORE_CLOCK_NEXT_SCHOOL_DAY, 0, CORE_FROM_OCCURRED, true},
        {"encompass_southampton", CORE_CLOCK_NEXT_SCHOOL_DAY, 0, CORE_FROM_OCCURRED, true},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        const core_clock_row *clock = &p->clocks[clock_named(p, ROWS[i].id)];
        assert_int_equal(clock->kind, ROWS[i].kind);
        assert_int_equal(clock->amount, ROWS[i].amount);
        assert_int_equal(clock->from, ROWS[i].from);
        assert_int_equal(clock->statutory, ROWS[i].statutory);
        assert_string_equal(clock->on_lapse_service, "duty");
        bool is_of_school =
            clock->kind == CORE_CLOCK_NEXT_SCHOOL_DAY; /* known when it was seen there, not when something was decided */
        assert_int_equal(clock->met_by == CORE_MET_NOTICED, is_of_school);
        assert_string_equal(clock->notice_service, is_of_school ? "encompass" : "");
    }
}

static void check_rating(const core_policy *p, Mash__V1__Rating rating, bool out_of_hours_too, const char *const *clocks)
{
    const core_rating_row *row = &p->ratings[rating];
    uint32_t count = 0;
    for (; clocks[count] != NULL; count++)
        assert_int_equal(row->clocks[count], clock_named(p, clocks[count]));
    assert_int_equal(row->clock_count, count);
    assert_int_equal(row->out_of_hours_too, out_of_hours_too);
}

/* Red runs on past closing, as in Luton: somebody has it at night. Blue is logged, and never closed by a machine. */
static void ratings_bring_their_clocks(void **state)
{
    const core_policy *p = *state;
    check_rating(p, MASH__V1__RATING__RATING_BLUE, false, (const char *const[]){NULL});
    check_rating(p, MASH__V1__RATING__RATING_GREEN, false,
                 (const char *const[]){"rag_set", "green_information", "green_decision", NULL});
    check_rating(p, MASH__V1__RATING__RATING_AMBER, false,
                 (const char *const[]){"rag_set", "amber_information", "amber_decision", NULL});
    check_rating(p, MASH__V1__RATING__RATING_RED, true, (const char *const[]){"red_information", "red_decision", NULL});
}

/* ---- rules ---- */

static const core_rule *rule_named(const core_policy *p, const char *id)
{
    for (uint32_t i = 0; i < p->rule_count; i++) {
        if (strcmp(p->rules[i].id, id) == 0) return &p->rules[i];
    }
    fail_msg("no rule %s", id);
    return NULL;
}

static void thresholds_are_those_of_their_sources(void **state)
{
    const core_policy *p = *state;
    static const struct {
        const char *rule;
        core_condition_kind kind; /* the figure stands in the rule's condition of this kind */
        int64_t at_least, at_most;
        int32_t months;
    } ROWS[] = {
        {"R-WNB-TWO", CORE_IF_FIELD, 2, INT64_MAX, 0},    /* 2 consecutive: typical trust policies */
        {"R-WNB-THREE", CORE_IF_COUNT, 3, INT64_MAX, 12}, /* or 3 in 12 months */
        {"R-WNB-ADULT", CORE_IF_COUNT, 3, INT64_MAX, 12},
        {"R-URGENT-FIVE", CORE_IF_COUNT, 5, INT64_MAX, 12}, /* more than 4 a year: Locker 2007 */
        {"R-URGENT-FIVE-STATED", CORE_IF_FIELD, 5, INT64_MAX, 0},
        {"R-DA-MARAC-THIRD", CORE_IF_COUNT, 3, INT64_MAX, 12}, /* 3 call-outs in 12 months: SafeLives */
        {"R-DA-ENCOMPASS", CORE_IF_AGE, 48, 215, 0},           /* 4 to 17: Thames Valley */
        {"R-DA-ENCOMPASS-BY-HAMPSHIRE", CORE_IF_AGE, 48, 215, 0},
        {"R-DA-ENCOMPASS-BY-ISLE-OF-WIGHT", CORE_IF_AGE, 48, 215, 0},
        {"R-DA-ENCOMPASS-BY-PORTSMOUTH", CORE_IF_AGE, 48, 215, 0},
        {"R-DA-ENCOMPASS-BY-SOUTHAMPTON", CORE_IF_AGE, 48, 215, 0},
        {"R-PATTERN-LOW", CORE_IF_COUNT, 4, INT64_MAX, 3},
        {"R-PATTERN-LOW", CORE_IF_COUNT_AGENCIES, 3, INT64_MAX, 3},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        const core_rule *rule = rule_named(p, ROWS[i].rule);
        uint32_t at = 0;
        while (at < rule->condition_count && rule->conditions[at].kind != ROWS[i].kind)
            at++;
        if (at == rule->condition_count) fail_msg("%s has no such condition", rule->id);
        assert_int_equal(rule->conditions[at].at_least, ROWS[i].at_least);
        assert_true(rule->conditions[at].at_most == ROWS[i].at_most);
        assert_int_equal(rule->conditions[at].months, ROWS[i].months);
        assert_int_equal(rule->conditions[at].or_at_school, ROWS[i].kind == CORE_IF_AGE);
    }
}

/* Probation and prisons name whom they work with and nobody else: without the family these rules could never hold. */
static void what_probation_says_is_tried_on_the_family(void **state)
{
    const core_policy *p = *state;
    static const char *const IDS[] = {"R-RELEASE",   "R-RECALL",          "R-BREACH",
                                      "R-RISK-FLAG", "R-RISK-FLAG-ADULT", "R-PROGRAMME-LEFT"};
    for (size_t i = 0; i < sizeof IDS / sizeof IDS[0]; i++)
        assert_true(rule_named(p, IDS[i])->about_family);
}

/* ---- what is invented says so ---- */

/* No rating of the four authorities' front doors is published: every rating is ours until a local lead says it is theirs. */
static void every_rating_and_local_clock_is_for_a_local_lead_to_confirm(void **state)
{
    const core_policy *p = *state;
    for (uint32_t i = 0; i < p->rule_count; i++) {
        if (p->rules[i].action != CORE_DO_ALERT || strstr(p->rules[i].source, CONFIRM) != NULL) continue;
        fail_msg("%s: its rating has no published source, and nothing says so", p->rules[i].id);
    }
    for (uint32_t i = 0; i < p->clock_count; i++) {
        if (p->clocks[i].statutory || strstr(p->clocks[i].source, CONFIRM) != NULL) continue;
        fail_msg("%s: no local limit is published, and nothing says so", p->clocks[i].id);
    }
}

static bool says_invented(const char *line)
{
    static const char *const WORDS[] = {"our default", "invented", "typical", "computed only", "commonly", "teaching policy"};
    for (size_t i = 0; i < sizeof WORDS / sizeof WORDS[0]; i++) {
        if (strstr(line, WORDS[i]) != NULL) return true;
    }
    return false;
}

/* The whole text, sources of terms, hours and ratings too: who finds a figure finds there that it is nobody's policy yet. */
static void whatever_is_invented_says_who_confirms_it(void **state)
{
    (void)state;
    policy_sources sources = hips_sources();
    size_t found = 0;
    for (size_t i = 0; i < sources.count; i++) {
        char *rest = NULL;
        char *text = (char *)(uintptr_t)hub_buffer_text(&sources.items[i].text);
        for (char *line = strtok_r(text, "\n", &rest); line != NULL; line = strtok_r(NULL, "\n", &rest)) {
            if (strstr(line, "source:") == NULL || !says_invented(line)) continue;
            found++;
            if (strstr(line, CONFIRM) == NULL) fail_msg("%s: %s", sources.items[i].name, line);
        }
    }
    assert_true(found > 40);
    policy_sources_free(&sources);
}

/* ---- who is told ---- */

/* Three children's front doors for four authorities; nights, duty managers and schools are each authority's own. */
static void every_area_has_its_own_routes(void **state)
{
    const core_policy *p = *state;
    static const struct {
        const char *area, *service, *queue;
    } ROWS[] = {
        {"E10000014", "childrens_front_door", "hampshire_childrens"},
        {"E06000046", "childrens_front_door", "hampshire_childrens"},
        {"E06000044", "childrens_front_door", "portsmouth_childrens"},
        {"E06000045", "childrens_front_door", "southampton_childrens"},
        {"E10000014", "adults_front_door", "hampshire_adults"},
        {"E06000046", "adults_front_door", "isle_of_wight_adults"},
        {"E06000044", "adults_front_door", "portsmouth_adults"},
        {"E06000045", "adults_front_door", "southampton_adults"},
        {"E10000014", "out_of_hours", "hampshire_out_of_hours"},
        {"E06000046", "out_of_hours", "isle_of_wight_out_of_hours"},
        {"E06000044", "out_of_hours", "portsmouth_out_of_hours"},
        {"E06000045", "out_of_hours", "southampton_out_of_hours"},
        {"E10000014", "duty", "hampshire_duty"},
        {"E06000046", "duty", "isle_of_wight_duty"},
        {"E06000044", "duty", "portsmouth_duty"},
        {"E06000045", "duty", "southampton_duty"},
        {"E10000014", "encompass", "hampshire_encompass"},
        {"E06000046", "encompass", "isle_of_wight_encompass"},
        {"E06000044", "encompass", "portsmouth_encompass"},
        {"E06000045", "encompass", "southampton_encompass"},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        int32_t queue = core_policy_route(p, ROWS[i].service, ROWS[i].area, day_of(20261201));
        assert_true(queue >= 0);
        assert_string_equal(p->queues[queue].name, ROWS[i].queue);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bank_holidays_are_those_of_england_and_wales),
        cmocka_unit_test(clocks_promise_what_their_sources_say),
        cmocka_unit_test(ratings_bring_their_clocks),
        cmocka_unit_test(thresholds_are_those_of_their_sources),
        cmocka_unit_test(what_probation_says_is_tried_on_the_family),
        cmocka_unit_test(every_rating_and_local_clock_is_for_a_local_lead_to_confirm),
        cmocka_unit_test(whatever_is_invented_says_who_confirms_it),
        cmocka_unit_test(every_area_has_its_own_routes),
    };
    return cmocka_run_group_tests_name("figures", tests, compile, end);
}
