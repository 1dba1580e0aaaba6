/* What a practitioner writes is what the core decides by: each section lands in its table as meant. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base_policy.h"

#define BIT(n) (UINT64_C(1) << (n))

static void sections_become_tables(void **state)
{
    (void)state;
    core_policy *p = base_compiled(NULL, NULL);

    assert_string_equal(p->partnership, "test");
    assert_int_equal(p->area_count, 2);
    assert_int_equal(p->areas[0].effective.from_day, 0);
    assert_int_equal(p->areas[0].effective.until_day, 21275); /* 2028-04-01 */
    assert_int_equal(p->queue_count, 2);
    assert_string_equal(p->queues[0].consumers[1], "day-2");
    assert_string_equal(p->queues[0].consumers[2], "");
    assert_false(p->queues[0].is_agency);
    assert_true(p->queues[1].is_agency);
    assert_int_equal(p->audiences[0].sees_up_to, MASH__V1__SENSITIVITY__SENSITIVITY_RESTRICTED);
    assert_int_equal(p->audiences[0].subject_roles, 0);
    assert_int_equal(p->audiences[0].number, 0);
    assert_string_equal(p->routes[2].area, "");
    assert_int_equal(p->routes[2].queue, 1);
    assert_true(p->ratings[MASH__V1__RATING__RATING_RED].out_of_hours_too);
    assert_int_equal(p->ratings[MASH__V1__RATING__RATING_GREEN].clock_count, 1);
    policy_free(p);
}

static void calendars_and_clocks_are_as_written(void **state)
{
    (void)state;
    core_policy *p = base_compiled(NULL, NULL);
    const core_calendar *c = &p->calendars[0];

    assert_int_equal(c->week[4].open_minute, 510);
    assert_int_equal(c->week[4].close_minute, 990);
    assert_int_equal(c->week[5].open_minute, c->week[5].close_minute);
    assert_int_equal(c->holiday_count, 2);
    assert_int_equal(c->holidays[1], 20815); /* 2026-12-28 */
    assert_int_equal(c->known_until_day, 21183);
    assert_int_equal(c->term_count, 2);
    assert_int_equal(c->inset_days[0], c->terms[0].from_day);
    assert_int_equal(c->close_of_day_minute, 1020);
    assert_int_equal(c->school_opens_minute, 510);
    assert_true(c->zone_count > 200);
    assert_int_equal(p->clocks[0].kind, CORE_CLOCK_WORKING_DAYS);
    assert_int_equal(p->clocks[0].amount, 1);
    assert_int_equal(p->clocks[0].from, CORE_FROM_STATED_RECEIPT);
    assert_true(p->clocks[0].statutory);
    assert_string_equal(p->clocks[0].on_lapse_service, "out_of_hours");
    policy_free(p);
}

/* Deny by default: who acted, and what they wrote, is told where the list says so. */
static void an_audience_is_told_of_acts_what_its_list_says(void **state)
{
    (void)state;
    core_policy *p = base_compiled(NULL, NULL);
    assert_false(p->audiences[0].acts_who);
    assert_false(p->audiences[0].acts_words);
    policy_free(p);
    p = base_compiled("    basis: some law\n", "    acts: [who]\n    basis: some law\n");
    assert_true(p->audiences[0].acts_who);
    assert_false(p->audiences[0].acts_words);
    policy_free(p);
}

static void a_rule_is_as_written(void **state)
{
    (void)state;
    core_policy *p = base_compiled(NULL, NULL);
    const core_rule *r = &p->rules[0];

    assert_string_equal(r->id, "R-ONE");
    assert_int_equal(r->condition_count, 3);
    assert_int_equal(r->conditions[0].kind, CORE_IF_PAYLOAD);
    assert_int_equal(r->conditions[0].payloads, BIT(1));
    assert_string_equal(r->conditions[0].plain, "child concern");
    assert_int_equal(r->conditions[1].kind, CORE_IF_FIELD);
    assert_int_equal(r->conditions[1].mask, BIT(3) | BIT(4));
    assert_string_equal(r->conditions[1].plain, "level is high or very high");
    assert_int_equal(r->conditions[2].at_least, 48);
    assert_int_equal(r->conditions[2].at_most, 215);
    assert_int_equal(r->about, BIT(1) | BIT(2));
    assert_int_equal(r->action, CORE_DO_ALERT);
    assert_int_equal(r->rating, MASH__V1__RATING__RATING_RED);
    assert_string_equal(r->service, "front_door");
    assert_int_equal(r->queue, -1);
    assert_int_equal(r->clock_count, 1);
    assert_int_equal(r->clocks[0], 1);
    assert_int_equal(p->rules[1].action, CORE_DO_RECORD);
    policy_free(p);
}

/* One row a way of asking; mask and range as core/policy.h reads them. */
static void every_kind_of_condition_is_compiled(void **state)
{
    (void)state;
    static const struct {
        const char *condition;
        core_condition_kind kind;
        uint64_t payloads, mask;
        int64_t at_least, at_most;
        int32_t months;
        const char *plain;
    } ROWS[] = {
        {"agency: [police, health]", CORE_IF_AGENCY, 0, BIT(1) | BIT(2), 0, 0, 0, "from police or health"},
        {"role: [child, victim]", CORE_IF_ROLE, 0, BIT(1) | BIT(5), 0, 0, 0, "somebody is named as child or victim"},
        {"status: [looked_after]", CORE_IF_STATUS, 0, BIT(2), 0, 0, 0, "they or family have status looked after"},
        {"age: {under_months: 12}", CORE_IF_AGE, 0, 0, INT64_MIN, 11, 0, "aged under 12 months"},
        {"age: {at_least_months: 216}", CORE_IF_AGE, 0, 0, 216, INT64_MAX, 0, "aged at least 216 months"},
        {"age: {at_least_months: 48, under_months: 216, or_at_school: yes}", CORE_IF_AGE, 0, 0, 48, 215, 0,
         "aged at least 48 months and under 216 months, or of unknown age and at a school"},
        {"count: {of: [contact, absence], within_months: 3, at_least: 4}", CORE_IF_COUNT, BIT(9) | BIT(13), 0, 4, INT64_MAX, 3,
         "at least 4 in 3 months of contact, absence"},
        {"agencies_count: {of: [contact], within_months: 3, at_least: 2}", CORE_IF_COUNT_AGENCIES, BIT(9), 0, 2, INT64_MAX, 3,
         "from at least 2 agencies in 3 months, of contact"},
        {"field: {child_concern.grade.level: {at_least: medium}}", CORE_IF_FIELD, 0, BIT(2) | BIT(3) | BIT(4), 1, 0, 0,
         "level is at least medium"},
        {"field: {child_concern.immediate_danger: no}", CORE_IF_FIELD, 0, BIT(2), 1, 0, 0, "immediate danger is no"},
        {"field: {child_concern.grade.score: {at_least: 14, at_most: 27}}", CORE_IF_FIELD, 0, 0, 14, 27, 0,
         "score is at least 14 and at most 27"},
        {"field: {child_concern.grade.score: 3}", CORE_IF_FIELD, 0, 0, 3, 3, 0, "score is 3"},
        {"field: {subjects.open_case: yes}", CORE_IF_FIELD, 0, 0, 1, 1, 0, "open case is yes"},
        {"field: {subjects.picture.protective_factors.kind: trusted_adult}", CORE_IF_FIELD, 0, 0, 103, 103, 0,
         "kind is trusted adult"},
        {"{role: [child], plain: a child is named}", CORE_IF_ROLE, 0, BIT(1), 0, 0, 0, "a child is named"},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        core_policy *p = base_compiled("age: {at_least_months: 48, under_months: 216}", ROWS[i].condition);
        const core_condition *c = &p->rules[0].conditions[2];
        assert_int_equal(c->kind, ROWS[i].kind);
        assert_true(c->payloads == ROWS[i].payloads);
        assert_true(c->mask == ROWS[i].mask);
        assert_true(c->at_least == ROWS[i].at_least);
        assert_true(c->at_most == ROWS[i].at_most);
        assert_int_equal(c->months, ROWS[i].months);
        assert_string_equal(c->plain, ROWS[i].plain);
        policy_free(p);
    }
}

/* "hampshire_duty" is for machines: who sends an alert on reads the name that people use. */
static void a_queue_has_the_name_that_people_use(void **state)
{
    (void)state;
    core_policy *p = base_compiled("consumers: [day-1, day-2]", "consumers: [day-1, day-2], plain: The front door");
    hub_buffer text = {0};
    assert_string_equal(p->queues[0].plain, "The front door");
    assert_string_equal(p->queues[1].plain, "");
    policy_describe(p, &text);
    assert_non_null(strstr(hub_buffer_text(&text), "day - The front door: a team's, audience team"));
    assert_non_null(strstr(hub_buffer_text(&text), "    night: an agency's, audience team"));
    hub_buffer_free(&text);
    policy_free(p);
}

static void a_rule_may_look_into_the_families_of_those_named(void **state)
{
    (void)state;
    core_policy *p =
        base_compiled("    about: [child, unborn_child]\n", "    about: [child, unborn_child]\n    about_family: yes\n");
    hub_buffer text = {0};
    assert_true(p->rules[0].about_family);
    assert_false(p->rules[1].about_family);
    policy_describe(p, &text);
    assert_non_null(strstr(hub_buffer_text(&text), "about child, unborn_child, also in the families of those named\n"));
    hub_buffer_free(&text);
    policy_free(p);
}

/* An audience that is for children only must not be given the adults of the event. */
static void an_audience_can_be_limited_to_roles(void **state)
{
    (void)state;
    core_policy *p = base_compiled("    basis: some law\n", "    only_subjects: [child, sibling]\n    basis: some law\n");
    assert_int_equal(p->audiences[0].subject_roles, BIT(1) | BIT(7));
    policy_free(p);
}

/* How much a school is told is each force's choice: by the source systems that its keys are enrolled for, from day to day. */
static void a_force_chooses_for_a_service(void **state)
{
    (void)state;
    core_policy *p =
        base_compiled("bank_holidays:\n", "forces:\n  - {force: Downshire Police, source_systems: [niche/1, niche/2], service: "
                                          "out_of_hours, audience: team, until: 2027-01-01, source: s}\nbank_holidays:\n");
    assert_int_equal(p->force_count, 2);
    const core_force *force = core_policy_force(p, "niche/2", "out_of_hours", 20788);
    assert_string_equal(force->name, "Downshire Police");
    assert_string_equal(p->audiences[force->audience].name, "team");
    assert_null(core_policy_force(p, "niche/2", "out_of_hours", 20820)); /* 2027-01-02 */
    assert_null(core_policy_force(p, "niche/3", "out_of_hours", 20788));
    assert_null(core_policy_force(p, "niche/2", "front_door", 20788));
    hub_buffer text = {0};
    policy_describe(p, &text);
    assert_non_null(strstr(hub_buffer_text(&text),
                           "Downshire Police (niche/2): notices to out_of_hours with audience team, until 2027-01-01\n"));
    hub_buffer_free(&text);
    policy_free(p);
}

static void notices_about_one_person_each_are_said_in_the_audience(void **state)
{
    (void)state;
    core_policy *p = base_compiled("    basis: some law\n", "    one_by_one: yes\n    basis: some law\n");
    assert_true(p->audiences[0].one_by_one);
    policy_free(p);
}

/* The journal carries the sources; a fold years later must come to the same tables, whatever order the sources come in. */
static void the_same_sources_give_the_same_tables(void **state)
{
    (void)state;
    const char *cut = strstr(BASE_POLICY, "clocks:\n");
    policy_source items[2] = {{.name = "a.yaml"}, {.name = "b.yaml"}};
    hub_buffer_put(&items[0].text, BASE_POLICY, (size_t)(cut - BASE_POLICY));
    hub_buffer_put_text(&items[1].text, cut);
    policy_source turned[2] = {items[1], items[0]};
    policy_sources one = {.items = items, .count = 2}, other = {.items = turned, .count = 2};
    yaml_problems problems = {0};
    core_policy *p = NULL, *q = NULL;

    assert_int_equal(policy_compile(&one, "", &p, &problems), HUB_OK);
    assert_int_equal(policy_compile(&other, "somewhere/else", &q, &problems), HUB_OK);

    assert_memory_equal(p->digest, q->digest, HUB_DIGEST_BYTES);
    assert_memory_equal(p->rules, q->rules, p->rule_count * sizeof *p->rules);
    assert_memory_equal(p->clocks, q->clocks, p->clock_count * sizeof *p->clocks);
    assert_memory_equal(p->queues, q->queues, p->queue_count * sizeof *p->queues);
    assert_memory_equal(p->audiences, q->audiences, p->audience_count * sizeof *p->audiences);
    assert_memory_equal(p->routes, q->routes, p->route_count * sizeof *p->routes);
    assert_memory_equal(p->ratings, q->ratings, sizeof p->ratings);
    hub_buffer p_text = {0}, q_text = {0};
    policy_describe(p, &p_text);
    policy_describe(q, &q_text);
    assert_string_equal(hub_buffer_text(&p_text), hub_buffer_text(&q_text));
    hub_buffer_free(&p_text);
    hub_buffer_free(&q_text);
    policy_free(p);
    policy_free(q);
    hub_buffer_free(&items[0].text);
    hub_buffer_free(&items[1].text);
    yaml_problems_free(&problems);
}

/* The digest is a stored format: name, 0x00, length in 8 bytes, text; BLAKE2b-256. Computed here by hand from its definition. */
static void the_digest_is_what_the_record_format_says(void **state)
{
    (void)state;
    policy_source items[2] = {{.name = "b.yaml"}, {.name = "a.yaml"}};
    hub_buffer_put_text(&items[0].text, "xyz");
    policy_sources sources = {.items = items, .count = 2};
    static const uint8_t EXPECTED_INPUT[] = "a.yaml\0\0\0\0\0\0\0\0\0b.yaml\0\0\0\0\0\0\0\0\003xyz";
    hub_digest expected;
    hub_digest_of(hub_bytes_of(EXPECTED_INPUT, sizeof EXPECTED_INPUT - 1), &expected);
    uint8_t digest[32];

    policy_sources_digest(&sources, digest);

    assert_memory_equal(digest, expected.bytes, 32);
    hub_buffer_free(&items[0].text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sections_become_tables),
        cmocka_unit_test(calendars_and_clocks_are_as_written),
        cmocka_unit_test(an_audience_is_told_of_acts_what_its_list_says),
        cmocka_unit_test(a_rule_is_as_written),
        cmocka_unit_test(every_kind_of_condition_is_compiled),
        cmocka_unit_test(a_queue_has_the_name_that_people_use),
        cmocka_unit_test(a_rule_may_look_into_the_families_of_those_named),
        cmocka_unit_test(an_audience_can_be_limited_to_roles),
        cmocka_unit_test(a_force_chooses_for_a_service),
        cmocka_unit_test(notices_about_one_person_each_are_said_in_the_audience),
        cmocka_unit_test(the_same_sources_give_the_same_tables),
        cmocka_unit_test(the_digest_is_what_the_record_format_says),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
