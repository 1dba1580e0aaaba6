/* Client-level data: rows to events, once each. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "adults/adults.h"
#include "sink.h"

/* Heads in another case and spelling than the specification's: they are matched by letters and digits. */
#define HEADER                                                                                                                   \
    "LA_Person_Unique_Identifier,nhs number,Client Type,Date of Birth,Gender,Postcode,EVENT TYPE,Event Reference,Event Start "   \
    "Date,"                                                                                                                      \
    "Event End Date,Event Description,Event Outcome,Request: Route of Access,Assessment Type,Service Type,Review Reason\n"
#define EDITH "LT1,9990001359,Service User,03/02/1950,Female,ZZ99 7VZ,"

static void feed(story *s, const char *rows)
{
    char text[4096];
    (void)snprintf(text, sizeof text, "%s%s", HEADER, rows);
    story_feed(s, text);
}

static void a_request_is_a_referral_with_its_route_and_outcome(void **state)
{
    story s;
    (void)state;
    story_begin(&s, &adults_client_level_csv);
    feed(&s, EDITH
         "Request,EV1,05/01/2026,06/01/2026,\"Ambulance crew, second fall\",NFA - Signposting,Community / Other Route,,,\n");
    then_counts(&s, 1, 0);
    then_event(&s, 0, "referral");
    const Mash__V1__Referral *referral = s.events[0]->referral;
    assert_int_equal(referral->kind, MASH__V1__REFERRAL_KIND__REFERRAL_KIND_ADULT_SOCIAL_CARE);
    assert_string_equal(referral->source_code, "Community / Other Route");
    assert_string_equal(referral->reason, "Ambulance crew, second fall");
    assert_int_equal(referral->no_further_action, MASH__V1__PRESENCE__PRESENCE_YES);
    const Mash__V1__Subject *person = s.events[0]->subjects[0];
    assert_int_equal(person->roles[0], MASH__V1__SUBJECT_ROLE__SUBJECT_ROLE_ADULT_AT_RISK);
    assert_string_equal(person->identifiers[0]->value, "9990001359");
    assert_string_equal(person->identifiers[1]->value, "LT1");
    assert_string_equal(person->addresses[0]->postcode, "ZZ99 7VZ");
    assert_int_equal(person->sex, MASH__V1__SEX__SEX_FEMALE);
    story_end(&s);
}

/* An extract of another council: names, a column for gender and one for sex, semicolons, times behind the dates, a type with more behind
 * it, and the row of a carer who has no event of their own. */
static void another_councils_extract_is_read(void **state)
{
    story s;
    (void)state;
    story_begin(&s, &adults_client_level_csv);
    story_feed(&s, "Event_Type;Event_Start_Date;Event_End_Date;LA_Person_Unique_Identifier;First_Name;Last_Name;Sex;Gender;"
                   "Client_Type;Unit_Cost_(\xC2\xA3)\n"
                   "Service - Long Term Support;01/12/2025 00:00:00;;P1;Edith;Example;Male;Female;Service User;12,50\n"
                   ";;;P2;;;;;Carer known by association;\n"
                   "Referral;05-Jan-2026;;P3;;;1;;Service User;\n"
                   ";;;P4;;;;;Service User;\n");
    then_counts(&s, 2, 1);
    then_event(&s, 0, "care_service");
    assert_string_equal(s.events[0]->subjects[0]->family_name, "Example");
    assert_string_equal(s.events[0]->subjects[0]->given_names[0], "Edith");
    assert_int_equal(s.events[0]->subjects[0]->sex, MASH__V1__SEX__SEX_FEMALE);
    then_event(&s, 1, "referral");
    then_parked(&s, 0, "Event Start Date", 5, "required");
    story_end(&s);
}

/* Young people are there before they are 18, on their way to the services for adults: the hub knows them as children until then. */
static void a_young_person_is_a_child_until_eighteen(void **state)
{
    story s;
    (void)state;
    story_begin(&s, &adults_client_level_csv);
    feed(&s, "LT3,9990001367,Service User,06/01/2008,Male,,Request,EV1,05/01/2026,,,,,,,\n"
             "LT4,9990001375,Service User,05/01/2008,Male,,Request,EV2,05/01/2026,,,,,,,\n");
    then_counts(&s, 2, 0);
    assert_int_equal(s.events[0]->subjects[0]->roles[0], MASH__V1__SUBJECT_ROLE__SUBJECT_ROLE_CHILD);
    assert_int_equal(s.events[1]->subjects[0]->roles[0], MASH__V1__SUBJECT_ROLE__SUBJECT_ROLE_ADULT_AT_RISK);
    story_end(&s);
}

static void event_types_become_the_events_of_the_table(void **state)
{
    story s;
    (void)state;
    story_begin(&s, &adults_client_level_csv);
    feed(&s, EDITH "Assessment,EV1,05/01/2026,06/01/2026,,,,Long Term Assessment,,\n" EDITH
                   "Service,EV2,05/01/2026,,,,,,Home support,\n" EDITH
                   "Service,EV3,05/01/2026,10/01/2026,,declined,,,Home support,\n" EDITH
                   "Review,EV4,05/01/2026,,,,,,,Planned\n" EDITH "Review,EV5,05/01/2026,,,,,,,Unplanned: fall\n"
                   "LT2,,Carer,,Male,,Request,EV6,05/01/2026,,,,,,,\n");
    then_counts(&s, 7, 0);
    then_event(&s, 0, "assessment");
    then_event(&s, 1, "care_service");
    then_event(&s, 2, "care_service");
    then_event(&s, 3, "care_service");
    then_event(&s, 4, "plan_review");
    then_event(&s, 5, "assessment");
    assert_string_equal(s.events[0]->assessment->kind, "Long Term Assessment");
    assert_int_equal(s.events[1]->care_service->change, MASH__V1__CHANGE__CHANGE_STARTED);
    assert_int_equal(s.events[3]->care_service->change, MASH__V1__CHANGE__CHANGE_ENDED);
    assert_string_equal(s.events[3]->care_service->outcome, "declined");
    assert_string_equal(s.events[5]->assessment->kind, "unplanned review");
    assert_int_equal(s.events[6]->subjects[0]->roles[0], MASH__V1__SUBJECT_ROLE__SUBJECT_ROLE_PARENT_OR_CARER);
    assert_int_equal(s.events[6]->referral->no_further_action, MASH__V1__PRESENCE__PRESENCE_UNSPECIFIED);
    story_end(&s);
}

/* Each quarter's file holds what the last one held. */
static void a_row_again_is_quiet_and_a_changed_one_amends(void **state)
{
    story s;
    (void)state;
    story_begin(&s, &adults_client_level_csv);
    feed(&s, EDITH "Request,EV1,05/01/2026,,,,,,,\n" EDITH "Service,EV2,05/01/2026,,,,,,Home support,\n" EDITH
                   "Request,EV1,05/01/2026,,,,,,,\n");
    then_counts(&s, 2, 0);
    feed(&s, EDITH "Request,EV1,05/01/2026,06/01/2026,,NFA - Other,,,,\n" EDITH
                   "Service,EV2,05/01/2026,12/01/2026,,,,,Home support,\n");
    then_counts(&s, 2, 0);
    then_event(&s, 0, "referral");
    assert_int_equal(s.events[0]->amends.len, 16);
    then_event(&s, 1, "care_service"); /* the start was told; its end is news of its own */
    assert_int_equal(s.events[1]->amends.len, 0);
    story_end(&s);
}

/* A mistyped area: the hub refused the whole file. Put right and sent again, it must arrive, and amend nothing that is not there. */
static void what_the_hub_refused_is_told_again_as_if_for_the_first_time(void **state)
{
    story s;
    (void)state;
    story_begin(&s, &adults_client_level_csv);
    feed(&s, EDITH "Request,EV1,05/01/2026,,,,,,,\n");
    story_refuse(&s, 0);
    feed(&s, EDITH "Request,EV1,05/01/2026,,,,,,,\n");
    then_counts(&s, 1, 0);
    assert_int_equal(s.events[0]->amends.len, 0);
    feed(&s, EDITH "Request,EV1,05/01/2026,,,,,,,\n");
    then_counts(&s, 0, 0);
    story_end(&s);
}

#define SECOND_HEADER                                                                                                            \
    "LA Person Unique Identifier,NHS Number,Date of Birth,Date of Death,Event Type,Event Start Date,Event End Date,Service "     \
    "Type,Service Component\n"

/* The reference is optional in the return. Two services of one day are two, however often the file comes. */
static void two_services_begun_on_one_day_are_two_without_a_reference(void **state)
{
    story s;
    (void)state;
    static const char FILE[] = SECOND_HEADER "LT1,,,,Service,05/01/2026,,Long Term Support: Community,Home Support\n"
                                             "LT1,,,,Service,05/01/2026,,Long Term Support: Community,Day Support\n"
                                             "LT1,,,,Service,05/01/2026,12/01/2026,Short Term Support,Reablement\n";
    story_begin(&s, &adults_client_level_csv);
    story_feed(&s, FILE);
    then_counts(&s, 4, 0);
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(s.events[i]->amends.len, 0);
    assert_string_equal(s.events[0]->care_service->component, "Home Support");
    assert_string_equal(s.events[1]->care_service->component, "Day Support");
    story_feed(&s, FILE);
    then_counts(&s, 0, 0);
    story_end(&s);
}

/* The first wording is at the hub: it is that one which the next must replace. */
static void a_refused_correction_leaves_the_first_wording_standing(void **state)
{
    story s;
    uint8_t first[16];
    (void)state;
    story_begin(&s, &adults_client_level_csv);
    feed(&s, EDITH "Request,EV1,05/01/2026,,,,,,,\n");
    memcpy(first, s.events[0]->event_id.data, 16);
    feed(&s, EDITH "Request,EV1,05/01/2026,06/01/2026,,NFA - Other,,,,\n");
    story_refuse(&s, 0);
    feed(&s, EDITH "Request,EV1,05/01/2026,,,,,,,\n");
    then_counts(&s, 0, 0);
    feed(&s, EDITH "Request,EV1,05/01/2026,06/01/2026,,NFA - Other,,,,\n");
    then_counts(&s, 1, 0);
    assert_memory_equal(s.events[0]->amends.data, first, 16);
    story_refuse(&s, 0);
    feed(&s, EDITH "Request,EV1,05/01/2026,06/01/2026,,NFA - Other,,,,\n");
    then_counts(&s, 1, 0);
    assert_memory_equal(s.events[0]->amends.data, first, 16);
    story_end(&s);
}

/* A death or an NHS number alone changes no row of care, and must be told all the same: once. */
static void what_is_newly_known_of_a_person_is_told_once(void **state)
{
    story s;
    (void)state;
    story_begin(&s, &adults_client_level_csv);
    story_feed(&s, SECOND_HEADER "LT1,,,,Request,05/01/2026,,,\nLT1,,,,Service,06/01/2026,,Home,\n");
    then_counts(&s, 2, 0);
    static const char BORN[] =
        SECOND_HEADER "LT1,9990001359,03/02/1950,,Request,05/01/2026,,,\nLT1,9990001359,03/02/1950,,Service,06/01/2026,,Home,\n";
    story_feed(&s, BORN);
    then_counts(&s, 1, 0);
    then_event(&s, 0, "identity_change");
    assert_string_equal(s.events[0]->identity_change->description, "number, date of birth stated");
    const Mash__V1__Subject *person = s.events[0]->subjects[0];
    assert_string_equal(person->identifiers[0]->value, "9990001359");
    assert_string_equal(person->identifiers[1]->value, "LT1"); /* by which the hub knows them already */
    assert_int_equal(person->date_of_birth->year, 1950);
    story_feed(&s, BORN);
    then_counts(&s, 0, 0);
    story_feed(&s, SECOND_HEADER "LT1,,,,Request,05/01/2026,,,\n"); /* left empty: nothing is taken back */
    then_counts(&s, 0, 0);
    story_feed(&s, SECOND_HEADER "LT1,9990001359,03/02/1950,10/01/2026,Request,05/01/2026,,,\n");
    then_counts(&s, 1, 0);
    then_event(&s, 0, "death");
    assert_int_equal(s.events[0]->death->date->day, 10);
    assert_int_equal(s.events[0]->subjects[0]->date_of_death->day, 10);
    story_refuse(&s, 0);
    story_feed(&s, SECOND_HEADER "LT1,9990001359,03/02/1950,10/01/2026,Request,05/01/2026,,,\n");
    then_counts(&s, 1, 0);
    then_event(&s, 0, "death"); /* and of the number and birth, which the hub took, nothing */
    story_feed(&s, SECOND_HEADER "LT1,9990001359,03/02/1950,10/01/2026,Request,05/01/2026,,,\n");
    then_counts(&s, 0, 0);
    story_end(&s);
}

static void a_person_without_a_number_of_their_own_is_parked(void **state)
{
    story s;
    (void)state;
    story_begin(&s, &adults_client_level_csv);
    story_feed(&s, SECOND_HEADER "0000,,,,Request,05/01/2026,,,\nLT1,9999999999,,,Request,05/01/2026,,,\n");
    then_counts(&s, 1, 1);
    then_parked(&s, 0, "LA Person Unique Identifier", 2, "placeholder");
    assert_int_equal(s.events[0]->subjects[0]->n_identifiers, 1);
    story_end(&s);
}

static void bad_rows_are_parked_with_their_place_and_good_ones_go_on(void **state)
{
    story s;
    (void)state;
    story_begin(&s, &adults_client_level_csv);
    feed(&s, "LT1,9990001358,Service User,,,,Request,EV1,05/01/2026,,,,,,,\n" EDITH "Request,EV2,31/02/2026,,,,,,,\n" EDITH
             "Visit,EV3,05/01/2026,,,,,,,\n" EDITH "Request,EV4,05/01/2026,01/01/2026,,,,,,\n"
             ",,,,,,Request,EV5,05/01/2026,,,,,,,\n"
             "one,two\n" EDITH "Request,EV6,05/01/2026,,,,,,,\n");
    then_counts(&s, 1, 6);
    then_parked(&s, 0, "NHS Number", 2, "check digit");
    assert_int_equal(s.parked[0].column, 5);
    then_parked(&s, 1, "Event Start Date", 3, "date does not exist");
    then_parked(&s, 2, "Event Type", 4, "not one of");
    then_parked(&s, 3, "Event End Date", 5, "ends before");
    then_parked(&s, 4, "LA Person Unique Identifier", 6, "required");
    then_parked(&s, 5, "row", 7, "number of fields");
    then_nowhere(&s, "9990001358");
    then_nowhere(&s, "31/02");
    story_end(&s);
}

static void a_file_without_the_columns_is_refused(void **state)
{
    story s;
    (void)state;
    story_begin(&s, &adults_client_level_csv);
    story_feed(&s, "LA Code,Event Start Date\n1,2\n");
    then_refused(&s, "1:1: no column LA Person Unique Identifier");
    story_feed(&s, "NHS Number,nhs_number\n1,2\n");
    then_refused(&s, "no column LA Person");
    story_feed(&s, "Event Type,LA Person Unique Identifier,Event_Type,Event Start Date\n1,2,3,4\n");
    then_refused(&s, "1:40: column Event Type stands twice");
    story_end(&s);
}

#define CASES                                                                                                                    \
    "ConcernRef,LA Person Unique Identifier,NHS Number,Date of Birth,Gender,ConcernRaisedDate,ConcernSource,EnquiryRef,"         \
    "EnquiryType,EnquiryStartDate,EnquiryEndDate,TypeOfRisk,LocationOfRisk,RiskOutcome\n"
#define EDITHS "LT1,9990001359,03/02/1950,Female,12/01/2026,Police,"

static void feed_cases(story *s, const char *rows)
{
    char text[2048];
    (void)snprintf(text, sizeof text, "%s%s", CASES, rows);
    story_feed(s, text);
}

/* Each file repeats the case as it has grown: only what is new is told. */
static void a_case_grows_from_a_concern_to_a_concluded_enquiry(void **state)
{
    story s;
    (void)state;
    story_begin(&s, &adults_safeguarding_csv);
    feed_cases(&s, "SG1," EDITHS ",,,,Domestic Abuse,Own Home,\n");
    then_counts(&s, 1, 0);
    then_event(&s, 0, "adult_concern");
    assert_int_equal(s.events[0]->adult_concern->n_kinds, 1);
    assert_int_equal(s.events[0]->adult_concern->kinds[0], MASH__V1__FACTOR_KIND__FACTOR_KIND_DOMESTIC_ABUSE);
    assert_string_equal(s.events[0]->reported_by, "Police");
    assert_int_equal(s.events[0]->subjects[0]->roles[0], MASH__V1__SUBJECT_ROLE__SUBJECT_ROLE_ADULT_AT_RISK);
    feed_cases(&s, "SG1," EDITHS "SE1,Section 42,14/01/2026,,Domestic Abuse,Own Home,\n");
    then_counts(&s, 1, 0);
    then_event(&s, 0, "section_42_enquiry");
    assert_int_equal(s.events[0]->section_42_enquiry->change, MASH__V1__CHANGE__CHANGE_STARTED);
    feed_cases(&s, "SG1," EDITHS "SE1,Section 42,14/01/2026,15/01/2026,Domestic Abuse; Self-Neglect,Own Home,Risk removed\n");
    then_counts(&s, 3, 0); /* concern and enquiry have another kind of risk, and the enquiry an end */
    assert_int_equal(s.events[0]->amends.len, 16);
    assert_int_equal(s.events[1]->amends.len, 16);
    assert_int_equal(s.events[2]->section_42_enquiry->change, MASH__V1__CHANGE__CHANGE_ENDED);
    assert_string_equal(s.events[2]->section_42_enquiry->outcome, "Risk removed");
    story_end(&s);
}

static void bad_cases_are_parked_with_their_column_and_good_ones_go_on(void **state)
{
    story s;
    (void)state;
    story_begin(&s, &adults_safeguarding_csv);
    feed_cases(&s, "SG1," EDITHS ",,,,Telepathy,,\nSG2,LT2,9990001358,,,12/01/2026,,,,,,Neglect,,\n"
                   "SG3,LT3,,,,31/02/2026,,,,,,Neglect,,\nSG4,LT4,,,,12/01/2026,,SE4,Section 42,,,Neglect,,\n"
                   "SG5,LT5,,,,12/01/2026,,SE5,Other,13/01/2026,,Physical Abuse,,\n,LT6,,,,12/01/2026,,,,,,Neglect,,\n");
    then_counts(&s, 2, 5);
    then_parked(&s, 0, "TypeOfRisk", 2, "not a type of risk");
    assert_int_equal(s.parked[0].column, 60);
    then_parked(&s, 1, "NHS Number", 3, "check digit");
    then_parked(&s, 2, "ConcernRaisedDate", 4, "does not exist");
    then_parked(&s, 3, "EnquiryStartDate", 5, "required");
    then_parked(&s, 4, "ConcernRef", 7, "required");
    then_event(&s, 1, "assessment");
    then_nowhere(&s, "Telepathy");
    then_nowhere(&s, "9990001358");
    story_end(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_case_grows_from_a_concern_to_a_concluded_enquiry),
        cmocka_unit_test(bad_cases_are_parked_with_their_column_and_good_ones_go_on),
        cmocka_unit_test(a_request_is_a_referral_with_its_route_and_outcome),
        cmocka_unit_test(another_councils_extract_is_read),
        cmocka_unit_test(a_young_person_is_a_child_until_eighteen),
        cmocka_unit_test(event_types_become_the_events_of_the_table),
        cmocka_unit_test(a_row_again_is_quiet_and_a_changed_one_amends),
        cmocka_unit_test(what_the_hub_refused_is_told_again_as_if_for_the_first_time),
        cmocka_unit_test(a_refused_correction_leaves_the_first_wording_standing),
        cmocka_unit_test(two_services_begun_on_one_day_are_two_without_a_reference),
        cmocka_unit_test(what_is_newly_known_of_a_person_is_told_once),
        cmocka_unit_test(a_person_without_a_number_of_their_own_is_parked),
        cmocka_unit_test(bad_rows_are_parked_with_their_place_and_good_ones_go_on),
        cmocka_unit_test(a_file_without_the_columns_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
