/* The policies that are shipped compile, lack nothing, and whatever an editor does to them ends in a policy or in a complaint. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base_policy.h"

enum { DAY_2026_12_01 = 20788 };

static policy_sources read_shipped(const char *folder)
{
    char path[1024];
    const char *root = getenv("MASHHUB_SOURCE");
    (void)snprintf(path, sizeof path, "%s/config/%s", root != NULL ? root : ".", folder);
    policy_sources sources;
    hub_error err = {{0}};
    assert_int_equal(policy_sources_read(path, &sources, &err), HUB_OK);
    return sources;
}

static core_policy *compile_shipped(const char *folder)
{
    policy_sources sources = read_shipped(folder);
    yaml_problems problems = {0};
    core_policy *policy = NULL;
    hub_status status = policy_compile(&sources, folder, &policy, &problems);
    assert_string_equal(hub_buffer_text(&problems.text), "");
    assert_int_equal(status, HUB_OK);
    policy_check(policy, DAY_2026_12_01, &problems);
    assert_string_equal(hub_buffer_text(&problems.text), "");
    yaml_problems_free(&problems);
    policy_sources_free(&sources);
    return policy;
}

/* The teaching example is the first thing anybody runs: it must be without fault. */
static void the_shipped_policies_compile_and_lack_nothing(void **state)
{
    (void)state;
    core_policy *hips = compile_shipped("hips/policy");
    assert_string_equal(hips->partnership, "hips");
    assert_int_equal(hips->area_count, 4);
    core_policy *bench = compile_shipped("bench/policy");
    assert_int_equal(bench->rule_count, 4);
    policy_free(hips);
    policy_free(bench);
}

/* Three children's front doors serve four authorities; the adults' front doors are four. */
static void the_isle_of_wights_children_go_to_hampshires_front_door(void **state)
{
    (void)state;
    core_policy *p = compile_shipped("hips/policy");
    int32_t hampshire = core_policy_route(p, "childrens_front_door", "E10000014", DAY_2026_12_01);
    assert_int_equal(core_policy_route(p, "childrens_front_door", "E06000046", DAY_2026_12_01), hampshire);
    assert_int_not_equal(core_policy_route(p, "childrens_front_door", "E06000044", DAY_2026_12_01), hampshire);
    assert_int_not_equal(core_policy_route(p, "adults_front_door", "E06000046", DAY_2026_12_01),
                         core_policy_route(p, "adults_front_door", "E10000014", DAY_2026_12_01));
    policy_free(p);
}

static const core_audience *audience_named(const core_policy *p, const char *name)
{
    for (uint32_t i = 0; i < p->audience_count; i++) {
        if (strcmp(p->audiences[i].name, name) == 0) return &p->audiences[i];
    }
    return NULL;
}

static bool sees(const core_audience *audience, const char *path)
{
    event_field_set set = audience->fields;
    return event_fields_add(&set, path) && memcmp(&set, &audience->fields, sizeof set) == 0;
}

/* A school is told the least that helps the child in the morning; an address or an adult's name could lead an abuser to a
 * victim. */
static void a_school_sees_the_child_and_never_an_address_or_an_adult(void **state)
{
    (void)state;
    core_policy *p = compile_shipped("hips/policy");
    const core_audience *school = audience_named(p, "school_minimal"), *duty = audience_named(p, "duty");
    assert_true(sees(school, "subjects.given_names"));
    assert_true(sees(school, "domestic_abuse_incident.circumstances"));
    assert_false(sees(school, "subjects.addresses.postcode"));
    assert_false(sees(school, "subjects.relationships.kind"));
    assert_false(sees(school, "domestic_abuse_incident.place_postcode"));
    assert_int_equal(school->subject_roles, UINT64_C(1) << MASH__V1__SUBJECT_ROLE__SUBJECT_ROLE_CHILD);
    assert_false(sees(duty, "subjects.family_name"));
    assert_false(sees(duty, "summary"));
    policy_free(p);
}

static bool is_high(void *context, int64_t level)
{
    (void)context;
    return level >= MASH__V1__GRADE_LEVEL__GRADE_LEVEL_HIGH;
}

/* Does the field condition of this rule find the grade in the event? */
static bool finds_high(const core_policy *p, const char *id, const Mash__V1__Event *event)
{
    for (uint32_t i = 0; i < p->rule_count; i++) {
        const core_rule *rule = &p->rules[i];
        for (uint32_t k = 0; strcmp(rule->id, id) == 0 && k < rule->condition_count; k++) {
            if (rule->conditions[k].kind == CORE_IF_FIELD)
                return event_probe_any(&rule->conditions[k].probe, event, is_high, NULL);
        }
    }
    return false;
}

/* A grade names its tool; a source that has only a level must not be passed over for that. */
static void a_missing_child_graded_high_is_seen_with_a_tool_and_without(void **state)
{
    (void)state;
    core_policy *p = compile_shipped("hips/policy");
    Mash__V1__Grade grade = MASH__V1__GRADE__INIT;
    Mash__V1__Missing missing = MASH__V1__MISSING__INIT;
    Mash__V1__Event event = MASH__V1__EVENT__INIT;
    event.payload_case = MASH__V1__EVENT__PAYLOAD_MISSING;
    event.missing = &missing;
    grade.level = MASH__V1__GRADE_LEVEL__GRADE_LEVEL_HIGH;

    missing.grade = &grade;
    assert_true(finds_high(p, "R-MISSING-HIGH", &event));
    assert_false(finds_high(p, "R-MISSING-RISK-HIGH", &event));
    missing.grade = NULL;
    missing.risk = MASH__V1__GRADE_LEVEL__GRADE_LEVEL_HIGH;
    assert_false(finds_high(p, "R-MISSING-HIGH", &event));
    assert_true(finds_high(p, "R-MISSING-RISK-HIGH", &event));
    assert_true(sees(audience_named(p, "education_notice"), "missing.grade.tool_version"));
    assert_false(sees(audience_named(p, "education_notice"), "missing.grade.answers"));
    policy_free(p);
}

/* The table of worked examples that explains every kind of clock, reckoned with the calendar that is shipped for it. */
static void the_worked_examples_come_out_with_the_shipped_calendar(void **state)
{
    (void)state;
    static const struct {
        core_clock_kind kind;
        int32_t amount;
        int64_t from_minute, due_minute; /* UTC, minutes since 1970 */
    } ROWS[] = {
        {CORE_CLOCK_ELAPSED_MINUTES, 240, 29579010, 29579250}, /* Sat 28 Mar 2026 23:30 GMT -> Sun 29 Mar 2026 04:30 BST */
        {CORE_CLOCK_ELAPSED_MINUTES, 240, 29881350, 29881590}, /* Sat 24 Oct 2026 23:30 BST -> Sun 25 Oct 2026 02:30 GMT */
        {CORE_CLOCK_WORKING_MINUTES, 360, 29585640, 29592690}, /* Thu 02 Apr 2026 15:00 BST -> Tue 07 Apr 2026 12:30 BST */
        {CORE_CLOCK_WORKING_MINUTES, 240, 29968845, 29975775}, /* Thu 24 Dec 2026 16:45 GMT -> Tue 29 Dec 2026 12:15 GMT */
        {CORE_CLOCK_WORKING_MINUTES, 480, 29727810, 29728290}, /* Fri 10 Jul 2026 08:30 BST -> Fri 10 Jul 2026 16:30 BST */
        {CORE_CLOCK_WORKING_DAYS, 1, 29585759, 29592960},      /* Thu 02 Apr 2026 16:59 BST -> Tue 07 Apr 2026 17:00 BST */
        {CORE_CLOCK_WORKING_DAYS, 1, 29628540, 29633280},      /* Sat 02 May 2026 10:00 BST -> Tue 05 May 2026 17:00 BST */
        {CORE_CLOCK_WORKING_DAYS, 15, 29949660, 29987580},     /* Fri 11 Dec 2026 09:00 GMT -> Wed 06 Jan 2027 17:00 GMT */
        {CORE_CLOCK_WORKING_DAYS, 45, 29536560, 29634720},     /* Fri 27 Feb 2026 12:00 GMT -> Wed 06 May 2026 17:00 BST */
        {CORE_CLOCK_CALENDAR_DAYS, 28, 29538000, 29578620},    /* Sat 28 Feb 2026 12:00 GMT -> Sat 28 Mar 2026 17:00 GMT */
        {CORE_CLOCK_CALENDAR_MONTHS, 3, 30459600, 30590940},   /* Tue 30 Nov 2027 12:00 GMT -> Tue 29 Feb 2028 17:00 GMT */
        {CORE_CLOCK_CALENDAR_MONTHS, 6, 29802900, 30063900},   /* Mon 31 Aug 2026 12:00 BST -> Sun 28 Feb 2027 17:00 GMT */
        {CORE_CLOCK_NEXT_SCHOOL_DAY, 0, 29469730, 29470110},   /* Mon 12 Jan 2026 02:10 GMT -> Mon 12 Jan 2026 08:30 GMT */
        {CORE_CLOCK_NEXT_SCHOOL_DAY, 0, 29516220, 29530590},   /* Fri 13 Feb 2026 09:00 GMT -> Mon 23 Feb 2026 08:30 GMT */
        {CORE_CLOCK_NEXT_SCHOOL_DAY, 0, 29668140, 29673090},   /* Fri 29 May 2026 22:00 BST -> Tue 02 Jun 2026 08:30 BST */
        {CORE_CLOCK_AGE_MONTHS, 216, 20261460, 29727300},      /* Thu 10 Jul 2008 12:00 BST -> Fri 10 Jul 2026 00:00 BST */
        {CORE_CLOCK_AGE_MONTHS, 216, 20071440, 29538720},      /* Fri 29 Feb 2008 12:00 GMT -> Sun 01 Mar 2026 00:00 GMT */
        {CORE_CLOCK_AGE_MONTHS, 210, 20336340, 29538720},      /* Sun 31 Aug 2008 12:00 BST -> Sun 01 Mar 2026 00:00 GMT */
    };
    policy_sources sources = read_shipped("worked-example");
    yaml_problems problems = {0};
    core_policy *p = NULL;
    assert_int_equal(policy_compile_calendars(&sources, "", &p, &problems), HUB_OK);
    assert_string_equal(p->calendars[0].id, "worked-example");
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        core_due due =
            core_calendar_due(&p->calendars[0], ROWS[i].kind, ROWS[i].amount, CORE_ROLL_NONE, ROWS[i].from_minute * 60000);
        assert_true(due.known && !due.provisional);
        assert_int_equal(due.due_ms / 60000, ROWS[i].due_minute);
    }
    policy_free(p);
    policy_sources_free(&sources);
    yaml_problems_free(&problems);
}

/* xorshift: the same spoilings on every machine. */
static uint32_t next_random(uint32_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 17;
    *seed ^= *seed << 5;
    return *seed;
}

static void spoil(hub_buffer *text, uint32_t *seed)
{
    static const char *const BITS[] = {":",   "-",   "{",   "}",  "[",        "]",         "\n",         "  ", "\t",
                                       "&a ", "*a",  "!x ", "\"", "'",        "#",         "\xff",       "\0", "9999999999",
                                       "yes", "|\n", "? ",  "%",  "[[[[[[[[", "E10000014", "2026-02-30", ","};
    uint32_t at = next_random(seed) % (uint32_t)text->size;
    uint32_t kind = next_random(seed) % 4;
    if (kind == 0) {
        uint32_t cut = next_random(seed) % 40 + 1;
        if (cut > text->size - at) cut = (uint32_t)text->size - at;
        memmove(text->data + at, text->data + at + cut, text->size - at - cut);
        text->size -= cut;
    } else if (kind == 1) {
        text->data[at] = (uint8_t)next_random(seed);
    } else {
        const char *bit = BITS[next_random(seed) % (sizeof BITS / sizeof BITS[0])];
        size_t size = bit[0] == '\0' ? 1 : strlen(bit);
        assert_non_null(hub_buffer_extend(text, size));
        memmove(text->data + at + size, text->data + at, text->size - size - at);
        memcpy(text->data + at, bit, size);
    }
}

/* Nothing that is done to a file may end otherwise than in a policy or in a complaint that names it. */
static void a_spoiled_file_ends_in_a_policy_or_a_complaint(void **state)
{
    (void)state;
    enum { ROUNDS = 400 };
    uint32_t seed = 20260407;
    for (int round = 0; round < ROUNDS; round++) {
        policy_sources sources = read_shipped(round % 4 == 0 ? "hips/policy" : "bench/policy");
        uint32_t spoilings = next_random(&seed) % 3 + 1;
        for (uint32_t i = 0; i < spoilings; i++)
            spoil(&sources.items[next_random(&seed) % sources.count].text, &seed);
        yaml_problems problems = {0};
        core_policy *policy = NULL;
        hub_status status = policy_compile(&sources, "x", &policy, &problems);
        assert_true(status == HUB_OK ? policy != NULL && problems.count == 0 : status == HUB_ERR_INVALID && problems.count > 0);
        assert_true(status == HUB_OK || strstr(hub_buffer_text(&problems.text), ".yaml:") != NULL);
        if (policy != NULL) policy_check(policy, DAY_2026_12_01, &problems);
        policy_free(policy);
        yaml_problems_free(&problems);
        policy_sources_free(&sources);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_shipped_policies_compile_and_lack_nothing),
        cmocka_unit_test(the_isle_of_wights_children_go_to_hampshires_front_door),
        cmocka_unit_test(a_school_sees_the_child_and_never_an_address_or_an_adult),
        cmocka_unit_test(a_missing_child_graded_high_is_seen_with_a_tool_and_without),
        cmocka_unit_test(the_worked_examples_come_out_with_the_shipped_calendar),
        cmocka_unit_test(a_spoiled_file_ends_in_a_policy_or_a_complaint),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
