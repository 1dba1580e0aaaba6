/* Children's social care data, sent every day: what is new is told, what is purged is taken back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "children/children.h"
#include "sink.h"

#define CHILD(more, episodes)                                                                                                    \
    "{\"la_child_id\":\"C1\"" more ",\"child_details\":{\"unique_pupil_number\":\"D850199920001\",\"first_name\":\"Robin\","     \
    "\"surname\":\"Testley\",\"date_of_birth\":\"2016-05-06\",\"sex\":\"M\",\"postcode\":\"ZZ99 3VZ\"},"                         \
    "\"social_care_episodes\":[" episodes "]}"
#define EPISODE(number, date, more)                                                                                              \
    "{\"social_care_episode_id\":\"" number "\",\"referral_date\":\"" date "\",\"referral_source\":\"6\"" more "}"
#define SECTION_47(date, more)                                                                                                   \
    ",\"section_47_assessments\":[{\"section_47_assessment_id\":\"S1\",\"start_date\":\"" date "\"" more "}]"

/* The old episode was over before the hub heard of the child: it is no news. */
static void a_child_seen_for_the_first_time_tells_the_last_month_alone(void **state)
{
    story s;
    (void)state;
    story_begin(&s, &childrens_csc_json);
    story_feed(&s,
               "[" CHILD("", EPISODE("E1", "2024-02-01", "") "," EPISODE("E2", "2026-01-10", SECTION_47("2026-01-12", ""))) "]");
    then_counts(&s, 2, 0);
    then_event(&s, 0, "referral");
    then_event(&s, 1, "section_47_enquiry");
    const Mash__V1__Subject *child = s.events[0]->subjects[0];
    assert_string_equal(s.events[0]->referral->source_code, "6");
    assert_string_equal(child->family_name, "Testley");
    assert_string_equal(child->given_names[0], "Robin");
    assert_string_equal(child->identifiers[1]->value, "D850199920001");
    assert_string_equal(child->addresses[0]->postcode, "ZZ99 3VZ");
    assert_true(child->open_case);
    story_feed(&s,
               "[" CHILD("", EPISODE("E1", "2024-02-01", "") "," EPISODE("E2", "2026-01-10", SECTION_47("2026-01-12", ""))) "]");
    then_counts(&s, 0, 0);
    story_end(&s);
}

/* Facts have numbers here: a date put right is the same fact. */
static void a_date_put_right_amends_and_a_later_fact_is_told(void **state)
{
    story s;
    (void)state;
    story_begin(&s, &childrens_csc_json);
    story_feed(&s, "[" CHILD("", EPISODE("E2", "2026-01-10", SECTION_47("2026-01-12", ""))) "]");
    then_counts(&s, 2, 0);
    story_feed(
        &s,
        "[" CHILD(
            "",
            EPISODE(
                "E2", "2026-01-10",
                SECTION_47(
                    "2026-01-11",
                    ",\"icpc_required_flag\":true,\"icpc_date\":\"2026-01-20\"") ",\"child_protection_plans\":[{\"child_"
                                                                                 "protection_plan_id\":\"P1\",\"start_date\":"
                                                                                 "\"2026-01-14\"}],\"child_looked_after_"
                                                                                 "placements\":[{"
                                                                                 "\"child_looked_after_placement_id\":\"L1\","
                                                                                 "\"start_date\":\"2026-01-14\","
                                                                                 "\"start_reason\":\"S\",\"placement_type\":"
                                                                                 "\"U1\",\"end_date\":\"2026-01-15\","
                                                                                 "\"end_reason\":\"X1\"},{\"child_looked_after_"
                                                                                 "placement_id\":\"L2\",\"start_date\":"
                                                                                 "\"2026-01-15\",\"start_reason\":\"P\"}]")) "]");
    then_counts(&s, 4, 0);
    then_event(&s, 0, "section_47_enquiry");
    assert_int_equal(s.events[0]->amends.len, 16);
    assert_int_equal(s.events[0]->section_47_enquiry->started_on->day, 11);
    then_event(&s, 1, "protection_plan");
    then_event(&s, 2, "looked_after");
    assert_int_equal(s.events[2]->looked_after->change, MASH__V1__CHANGE__CHANGE_STARTED);
    assert_string_equal(s.events[2]->looked_after->placement_kind, "U1");
    then_event(&s, 3, "looked_after");
    assert_int_equal(s.events[3]->looked_after->change, MASH__V1__CHANGE__CHANGE_CHANGED);
    story_end(&s);
}

static void what_is_purged_is_taken_back_and_tells_nothing(void **state)
{
    story s;
    (void)state;
    story_begin(&s, &childrens_csc_json);
    story_feed(&s, "[" CHILD("", EPISODE("E2", "2026-01-10", SECTION_47("2026-01-12", ""))) "]");
    then_counts(&s, 2, 0);
    story_feed(&s, "[" CHILD("", EPISODE("E2", "2026-01-10", SECTION_47("2026-01-12", ",\"purge\":true"))) "]");
    then_counts(&s, 1, 0);
    then_event(&s, 0, "section_47_enquiry");
    assert_int_equal(s.events[0]->retracts.len, 16);
    story_feed(&s, "[" CHILD(",\"purge\":true", EPISODE("E2", "2026-01-10", SECTION_47("2026-01-12", ""))) "]");
    then_counts(&s, 1, 0); /* the enquiry was taken back before */
    then_event(&s, 0, "referral");
    assert_int_equal(s.events[0]->retracts.len, 16);
    story_end(&s);
}

static void faults_have_their_place_and_the_other_children_go_on(void **state)
{
    story s;
    (void)state;
    story_begin(&s, &childrens_csc_json);
    story_feed(&s, "[{\"la_child_id\":\"\"},\n{\"la_child_id\":\"C9\",\"child_details\":{\n \"unique_pupil_number\":"
                   "\"D850199920002\"},\"social_care_episodes\":[{\"referral_date\":\"2026-02-30\"}]},\n7," CHILD(
                       "", EPISODE("E2", "2026-01-10", "")) "]");
    then_counts(&s, 1, 4);
    then_parked(&s, 0, "la_child_id", 1, "required");
    then_parked(&s, 1, "unique_pupil_number", 3, "check");
    assert_int_equal(s.parked[1].column, 24);
    then_parked(&s, 2, "referral_date", 3, "does not exist");
    then_nowhere(&s, "D85019992");
    story_feed(&s, "{\"kids\":[]}");
    then_refused(&s, "1:1: children");
    story_end(&s);
}

/* A system that writes an object where a list belongs, or a code of next year: read as "none", an episode would be lost unseen. */
static void what_has_another_shape_is_parked_where_it_stands_and_its_neighbours_go_on(void **state)
{
    story s;
    (void)state;
    story_begin(&s, &childrens_csc_json);
    story_feed(
        &s,
        "[null,\n "
        "null,\n\"x\",{\"la_child_id\":\"C7\",\"child_details\":[],\"social_care_episodes\":{\"referral_date\":\"2026-01-10\"}},"
        "\n"
        "{\"la_child_id\":\"C8\",\"social_care_episodes\":[\"y\"," EPISODE(
            "E2", "2026-01-10",
            ",\"section_47_assessments\":[5,{\"start_date\":\"2026-01-11\"}],"
            "\n\"child_and_family_assessments\":[{\"start_date\":\"2026-01-12\",\"factors\":[\"3A\",\"99Z\",7,\"21\"]}]") "]}]");
    then_counts(&s, 3, 8);
    then_parked(&s, 0, "children[0]", 1, "must be an object");
    then_parked(&s, 1, "children[1]", 2, "must be an object");
    assert_int_equal(s.parked[1].column, 2);
    then_parked(&s, 2, "children[2]", 3, "must be an object");
    then_parked(&s, 3, "child_details", 3, "must be an object");
    then_parked(&s, 4, "social_care_episodes", 3, "must be a list");
    then_parked(&s, 5, "social_care_episodes[0]", 4, "must be an object");
    then_parked(&s, 6, "factors", 5, "not a factor");
    then_parked(&s, 7, "section_47_assessments[0]", 4, "must be an object");
    then_event(&s, 1, "assessment");
    assert_int_equal(s.events[1]->assessment->n_factors_identified, 1);
    story_end(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_child_seen_for_the_first_time_tells_the_last_month_alone),
        cmocka_unit_test(a_date_put_right_amends_and_a_later_fact_is_told),
        cmocka_unit_test(what_is_purged_is_taken_back_and_tells_nothing),
        cmocka_unit_test(what_has_another_shape_is_parked_where_it_stands_and_its_neighbours_go_on),
        cmocka_unit_test(faults_have_their_place_and_the_other_children_go_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
