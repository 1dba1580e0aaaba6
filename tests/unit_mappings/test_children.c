/* The census: a baseline tells nothing, a later file only what is new. */
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

#define HEAD                                                                                                                     \
    "<?xml version=\"1.0\"?>\n<Message><Header><CollectionDetails><Collection>CIN</Collection></CollectionDetails>"              \
    "<Source><LEA>852</LEA></Source></Header><Children>\n"
#define TAIL "</Children></Message>\n"
#define CHILD(details)                                                                                                           \
    "<Child><ChildIdentifiers><LAchildID>C1</LAchildID><UPN>D850199920001</UPN>stray "                                           \
    "text<PersonBirthDate>2016-05-06</PersonBirthDate>"                                                                          \
    "<GenderCurrent>1</GenderCurrent></ChildIdentifiers>" details "</Child>"
#define DETAILS(date, more)                                                                                                      \
    "<CINdetails><CINreferralDate>" date "</CINreferralDate><ReferralSource>6</ReferralSource>" more "</CINdetails>"

static void begin_after_a_baseline(story *s)
{
    story_begin(s, &childrens_cin_census);
    story_feed(s, HEAD CHILD(DETAILS("2025-03-01", "<ReferralNFA>0</ReferralNFA>")) TAIL);
    then_counts(s, 0, 0);
}

/* What the schemas of the years changed: Sex took GenderCurrent's place for 2024/25, booleans became words, 2026 added a module that is not ours to
 * tell. An authority sends the years one after the other: each tells what is new in it, and nothing again because it is spelled anew. */
static void each_years_census_tells_what_is_new_in_it_and_nothing_again(void **state)
{
    static const struct {
        const char *year, *sex, *no, *module, *referral;
    } YEARS[] = {
        {"2021", "<GenderCurrent>1</GenderCurrent>", "0", "", "2021-01-08"},
        {"2022", "<GenderCurrent>1</GenderCurrent>", "false", "", "2022-01-08"},
        {"2023", "<GenderCurrent>1</GenderCurrent>", "false", "", "2023-01-08"},
        {"2024", "<GenderCurrent>1</GenderCurrent>", "false", "", "2024-01-08"},
        {"2025", "<Sex>M</Sex>", "FALSE", "", "2025-01-08"},
        {"2026", "<Sex>M</Sex>", "false", "<PreProceedingsandFGDM><FGDMMeetingOffer>1</FGDMMeetingOffer></PreProceedingsandFGDM>",
         "2026-01-08"},
    };
    story s;
    char file[8192], details[4096] = "";
    size_t used = 0;
    (void)state;
    story_begin(&s, &childrens_cin_census);
    for (size_t i = 0; i < sizeof YEARS / sizeof YEARS[0]; i++) {
        used += (size_t)snprintf(
            details + used, sizeof details - used,
            "<CINdetails><CINreferralDate>%s</CINreferralDate><ReferralSource>6</ReferralSource><Assessments>"
            "<AssessmentActualStartDate>%s</AssessmentActualStartDate><FactorsIdentifiedAtAssessment><AssessmentFactors>3B"
            "</AssessmentFactors></FactorsIdentifiedAtAssessment></Assessments><ReferralNFA>%s</ReferralNFA></CINdetails>",
            YEARS[i].referral, YEARS[i].referral, YEARS[i].no);
        (void)snprintf(file, sizeof file,
                       "<Message><Header><CollectionDetails><Collection>CIN</Collection><Year>%s</Year></"
                       "CollectionDetails><Source><LEA>852</LEA>"
                       "</Source></Header><Children><Child><ChildIdentifiers><LAchildID>C1</LAchildID><UPN>D850199920001</UPN>"
                       "<PersonBirthDate>2016-05-06</PersonBirthDate>%s</ChildIdentifiers>%s%s</Child></Children></Message>",
                       YEARS[i].year, YEARS[i].sex, details, YEARS[i].module);
        story_feed(&s, file);
        then_counts(&s, i == 0 ? 0 : 2, 0); /* the first year is the baseline; each later one has a referral and its assessment */
    }
    story_end(&s);
}

/* N2. A yearly file of 20,000 children must not raise 20,000 alerts on the day an authority joins. */
static void the_first_file_of_an_authority_tells_nothing_and_the_same_again_neither(void **state)
{
    story s;
    (void)state;
    begin_after_a_baseline(&s);
    story_feed(&s, HEAD CHILD(DETAILS("2025-03-01", "<ReferralNFA>0</ReferralNFA>")) TAIL);
    then_counts(&s, 0, 0);
    story_end(&s);
}

static void every_new_module_of_a_child_is_told_once(void **state)
{
    story s;
    (void)state;
    begin_after_a_baseline(&s);
    static const char UPDATE[] = HEAD CHILD(DETAILS("2025-03-01", "<ReferralNFA>0</ReferralNFA>") DETAILS(
        "2026-01-08",
        "<Assessments><AssessmentActualStartDate>2026-01-09</AssessmentActualStartDate><FactorsIdentifiedAtAssessment>"
        "<AssessmentFactors>3B</AssessmentFactors><AssessmentFactors>4B</AssessmentFactors><AssessmentFactors>21</"
        "AssessmentFactors>"
        "</FactorsIdentifiedAtAssessment></Assessments>"
        "<CINPlanDates><CINPlanStartDate>2026-01-10</CINPlanStartDate><CINPlanEndDate>2026-01-14</CINPlanEndDate></CINPlanDates>"
        "<Section47><S47ActualStartDate>2026-01-09</S47ActualStartDate><ICPCnotRequired>false</ICPCnotRequired></Section47>"
        "<ReferralNFA>false</ReferralNFA>"
        "<ChildProtectionPlans><CPPstartDate>2026-01-12</CPPstartDate><InitialCategoryOfAbuse>NEG</InitialCategoryOfAbuse>"
        "<Reviews><CPPreviewDate>2026-01-13</CPPreviewDate></Reviews></ChildProtectionPlans>")) TAIL;
    story_feed(&s, UPDATE);
    then_counts(&s, 7, 0);
    then_event(&s, 0, "assessment");
    then_event(&s, 1, "protection_plan");
    then_event(&s, 2, "protection_plan");
    then_event(&s, 3, "section_47_enquiry");
    then_event(&s, 4, "plan_review");
    then_event(&s, 5, "protection_plan");
    then_event(&s, 6, "referral");
    assert_int_equal(s.events[0]->assessment->n_factors_identified, 2);
    assert_int_equal(s.events[0]->assessment->factors_identified[0], MASH__V1__FACTOR_KIND__FACTOR_KIND_DOMESTIC_ABUSE);
    assert_int_equal(s.events[1]->protection_plan->change, MASH__V1__CHANGE__CHANGE_STARTED);
    assert_int_equal(s.events[2]->protection_plan->change, MASH__V1__CHANGE__CHANGE_ENDED);
    assert_int_equal(s.events[3]->section_47_enquiry->conference_required, MASH__V1__PRESENCE__PRESENCE_UNSPECIFIED);
    assert_int_equal(s.events[5]->protection_plan->category, MASH__V1__ABUSE_CATEGORY__ABUSE_CATEGORY_NEGLECT);
    assert_string_equal(s.events[6]->referral->source_code, "6");
    assert_int_equal(s.events[6]->referral->no_further_action, MASH__V1__PRESENCE__PRESENCE_NO);
    const Mash__V1__Subject *child = s.events[6]->subjects[0];
    assert_int_equal(child->n_identifiers, 2);
    assert_int_equal(child->sex, MASH__V1__SEX__SEX_MALE);
    assert_true(child->open_case);
    story_feed(&s, UPDATE);
    then_counts(&s, 0, 0);
    story_end(&s);
}

static void a_fact_that_changed_amends_and_a_new_spelling_of_the_child_does_not(void **state)
{
    story s;
    (void)state;
    begin_after_a_baseline(&s);
    story_feed(&s, HEAD CHILD(DETAILS("2026-01-08", "<Section47><S47ActualStartDate>2026-01-09</S47ActualStartDate></Section47>"))
                       TAIL);
    then_counts(&s, 2, 0);
    story_feed(&s,
               HEAD "<Child><ChildIdentifiers><LAchildID>C1</LAchildID><Sex>M</Sex></ChildIdentifiers>" DETAILS(
                   "2026-01-08",
                   "<Section47><S47ActualStartDate>2026-01-09</S47ActualStartDate><DateOfInitialCPC>2026-01-20</DateOfInitialCPC>"
                   "</Section47>") "</Child>" TAIL);
    then_counts(&s, 1, 0);
    then_event(&s, 0, "section_47_enquiry");
    assert_int_equal(s.events[0]->amends.len, 16);
    assert_int_equal(s.events[0]->section_47_enquiry->conference_on->day, 20);
    story_end(&s);
}

static void a_closed_case_and_no_further_action_are_told(void **state)
{
    story s;
    (void)state;
    begin_after_a_baseline(&s);
    story_feed(&s, HEAD CHILD(DETAILS("2025-03-01", "<ReferralNFA>TRUE</ReferralNFA><CINclosureDate>2026-01-12</CINclosureDate>"
                                                    "<ReasonForClosure>RC8</ReasonForClosure>")) TAIL);
    then_counts(&s, 2, 0);
    assert_int_equal(s.events[0]->referral->no_further_action, MASH__V1__PRESENCE__PRESENCE_YES);
    assert_int_equal(s.events[0]->amends.len, 0); /* the baseline told nothing that could be replaced */
    then_event(&s, 1, "case_status");
    assert_string_equal(s.events[1]->case_status->closure_reason, "RC8");
    assert_false(s.events[1]->subjects[0]->open_case);
    story_end(&s);
}

static void an_unborn_child_has_an_expected_date(void **state)
{
    story s;
    (void)state;
    begin_after_a_baseline(&s);
    story_feed(&s, HEAD "<Child><ChildIdentifiers><LAchildID>U1</LAchildID><UPNunknown>UN1</UPNunknown>"
                        "<ExpectedPersonBirthDate>2026-05-01</ExpectedPersonBirthDate><Sex>U</Sex></ChildIdentifiers>" DETAILS(
                            "2026-01-08", "") "</Child>" TAIL);
    then_counts(&s, 1, 0);
    assert_int_equal(s.events[0]->subjects[0]->roles[0], MASH__V1__SUBJECT_ROLE__SUBJECT_ROLE_UNBORN_CHILD);
    assert_int_equal(s.events[0]->subjects[0]->expected_date->month, 5);
    story_end(&s);
}

/* The census after the birth tells of a referral before it: then the child was not born yet, and the hub refuses who was not born when it
 * happened. */
static void a_child_referred_before_birth_was_unborn_then(void **state)
{
    story s;
    (void)state;
    begin_after_a_baseline(&s);
    story_feed(&s,
               HEAD "<Child><ChildIdentifiers><LAchildID>U2</LAchildID><PersonBirthDate>2026-01-10</PersonBirthDate>"
                    "</ChildIdentifiers>" DETAILS("2025-12-01", "<Section47><S47ActualStartDate>2026-01-12</S47ActualStartDate>"
                                                                "</Section47>") "</Child>" TAIL);
    then_counts(&s, 2, 0);
    then_event(&s, 0, "section_47_enquiry");
    assert_int_equal(s.events[0]->subjects[0]->roles[0], MASH__V1__SUBJECT_ROLE__SUBJECT_ROLE_CHILD);
    assert_int_equal(s.events[0]->subjects[0]->date_of_birth->day, 10);
    then_event(&s, 1, "referral");
    assert_int_equal(s.events[1]->subjects[0]->roles[0], MASH__V1__SUBJECT_ROLE__SUBJECT_ROLE_UNBORN_CHILD);
    assert_int_equal(s.events[1]->subjects[0]->expected_date->day, 10);
    assert_null(s.events[1]->subjects[0]->date_of_birth);
    story_end(&s);
}

/* Nobody wrote the birth down, and a new enquiry must not be parked for it. */
static void a_child_long_expected_is_a_child(void **state)
{
    story s;
    (void)state;
    begin_after_a_baseline(&s);
    story_feed(&s, HEAD "<Child><ChildIdentifiers><LAchildID>U3</LAchildID><ExpectedPersonBirthDate>2025-10-01"
                        "</ExpectedPersonBirthDate></ChildIdentifiers>" DETAILS("2026-01-08", "") "</Child>" TAIL);
    then_counts(&s, 1, 0);
    assert_int_equal(s.events[0]->subjects[0]->roles[0], MASH__V1__SUBJECT_ROLE__SUBJECT_ROLE_CHILD);
    story_end(&s);
}

#define PUPIL(more)                                                                                                              \
    "<Child><ChildIdentifiers><LAchildID>C1</LAchildID>" more "</ChildIdentifiers>" DETAILS("2025-03-01", "") "</Child>"

/* N4. A death, a birth or a UPN that a later file states changes no module of the child, and must be told all the same: once. */
static void what_is_newly_known_of_a_child_is_told_once(void **state)
{
    story s;
    (void)state;
    story_begin(&s, &childrens_cin_census);
    story_feed(&s, HEAD PUPIL("<ExpectedPersonBirthDate>2025-12-01</ExpectedPersonBirthDate>") TAIL);
    story_feed(&s, HEAD PUPIL("<UPN>D850199920001</UPN><PersonBirthDate>2025-12-03</PersonBirthDate>") TAIL);
    then_counts(&s, 1, 0);
    then_event(&s, 0, "identity_change");
    assert_string_equal(s.events[0]->identity_change->description, "number, date of birth stated");
    assert_int_equal(s.events[0]->subjects[0]->n_identifiers, 2);
    assert_int_equal(s.events[0]->subjects[0]->date_of_birth->month, 12);
    assert_int_equal(s.events[0]->subjects[0]->roles[0], MASH__V1__SUBJECT_ROLE__SUBJECT_ROLE_CHILD);
    static const char DIED[] = HEAD PUPIL("<UPN>D850199920001</UPN><PersonBirthDate>2025-12-03</PersonBirthDate>"
                                          "<PersonDeathDate>2026-01-10</PersonDeathDate>") TAIL;
    story_feed(&s, DIED);
    then_counts(&s, 1, 0);
    then_event(&s, 0, "death");
    assert_int_equal(s.events[0]->death->date->day, 10);
    story_feed(&s, DIED);
    then_counts(&s, 0, 0);
    story_end(&s);
}

/* Two assessments begun on one day are two, and the second must not replace the first with every file. */
static void two_modules_of_one_kind_and_day_are_two(void **state)
{
    story s;
    (void)state;
    begin_after_a_baseline(&s);
    static const char TWO[] = HEAD CHILD(DETAILS(
        "2026-01-08", "<Assessments><AssessmentActualStartDate>2026-01-09</AssessmentActualStartDate>"
                      "<FactorsIdentifiedAtAssessment><AssessmentFactors>3B</AssessmentFactors></"
                      "FactorsIdentifiedAtAssessment></Assessments>"
                      "<Assessments><AssessmentActualStartDate>2026-01-09</AssessmentActualStartDate></Assessments>")) TAIL;
    story_feed(&s, TWO);
    then_counts(&s, 3, 0);
    then_event(&s, 0, "assessment");
    then_event(&s, 1, "assessment");
    assert_int_equal(s.events[1]->amends.len, 0);
    story_feed(&s, TWO);
    then_counts(&s, 0, 0);
    story_end(&s);
}

/* Parked, the end of a plan would be parked with every file, and the hub would hold the plan for ever. */
static void a_plan_that_ends_after_the_eighteenth_birthday_is_told(void **state)
{
    story s;
    (void)state;
    begin_after_a_baseline(&s);
    story_feed(&s,
               HEAD "<Child><ChildIdentifiers><LAchildID>C9</LAchildID><PersonBirthDate>2008-01-10</PersonBirthDate>"
                    "</ChildIdentifiers>" DETAILS("2025-03-01", "<ChildProtectionPlans><CPPstartDate>2025-12-12</CPPstartDate>"
                                                                "<CPPendDate>2026-01-10</CPPendDate></ChildProtectionPlans>"
                                                                "<CINclosureDate>2026-01-12</CINclosureDate>") "</Child>" TAIL);
    then_counts(&s, 4, 0);
    then_event(&s, 0, "protection_plan");
    assert_int_equal(s.events[0]->subjects[0]->roles[0], MASH__V1__SUBJECT_ROLE__SUBJECT_ROLE_CHILD);
    then_event(&s, 1, "protection_plan");
    assert_int_equal(s.events[1]->protection_plan->change, MASH__V1__CHANGE__CHANGE_ENDED);
    assert_int_equal(s.events[1]->subjects[0]->roles[0], MASH__V1__SUBJECT_ROLE__SUBJECT_ROLE_ADULT);
    then_event(&s, 3, "case_status");
    assert_int_equal(s.events[3]->subjects[0]->roles[0], MASH__V1__SUBJECT_ROLE__SUBJECT_ROLE_ADULT);
    story_end(&s);
}

/* N3: a wrong UPN must not hide a child's section 47 enquiry. */
static void a_bad_upn_is_left_out_and_said_and_the_facts_go_on(void **state)
{
    story s;
    (void)state;
    begin_after_a_baseline(&s);
    story_feed(&s, HEAD "<Child><ChildIdentifiers><LAchildID>C2</LAchildID>\n<UPN>A123456789123</UPN></ChildIdentifiers>" DETAILS(
                       "2026-01-08", "") DETAILS("2026-02-31", "") "</Child>" TAIL);
    then_counts(&s, 1, 2);
    then_parked(&s, 0, "UPN", 4, "check digit or letter");
    then_parked(&s, 1, "CINreferralDate", 4, "date does not exist");
    then_nowhere(&s, "A123456789123");
    assert_int_equal(s.events[0]->subjects[0]->n_identifiers, 1);
    story_end(&s);
}

/* Codes come and go with the years: one that the hub does not know yet must not make an assessment look harmless in silence. */
static void a_code_that_is_none_is_said_and_the_fact_goes_on(void **state)
{
    story s;
    (void)state;
    begin_after_a_baseline(&s);
    story_feed(&s,
               HEAD CHILD(DETAILS(
                   "2026-01-08",
                   "<Assessments><AssessmentActualStartDate>2026-01-09</AssessmentActualStartDate><FactorsIdentifiedAtAssessment>"
                   "<AssessmentFactors>3B</AssessmentFactors>\n<AssessmentFactors>99Z</AssessmentFactors></"
                   "FactorsIdentifiedAtAssessment></Assessments>"
                   "<Section47><S47ActualStartDate>2026-01-09</S47ActualStartDate>\n<ICPCnotRequired>Y</ICPCnotRequired></"
                   "Section47>\n<ReferralNFA>N</ReferralNFA>"
                   "<ChildProtectionPlans><CPPstartDate>2026-01-12</CPPstartDate>\n<InitialCategoryOfAbuse>ABC</"
                   "InitialCategoryOfAbuse></ChildProtectionPlans>"
                   "<PreProceedingsandFGDM><PPStartDate>2026-01-12</PPStartDate></PreProceedingsandFGDM>")) TAIL);
    then_counts(&s, 4, 4);
    then_parked(&s, 0, "AssessmentFactors", 4, "not a factor");
    then_parked(&s, 1, "ICPCnotRequired", 5, "true, false");
    then_parked(&s, 2, "ReferralNFA", 6, "true, false");
    then_parked(&s, 3, "InitialCategoryOfAbuse", 7, "not one of");
    then_nowhere(&s, "99Z");
    story_end(&s);
}

static void a_file_that_is_no_census_is_refused_with_its_place(void **state)
{
    story s;
    (void)state;
    story_begin(&s, &childrens_cin_census);
    story_feed(&s, HEAD CHILD(DETAILS("2026-01-08", "")));
    then_refused(&s, "not well-formed XML");
    story_feed(&s, "<Message><Header><CollectionDetails><Collection>SSDA903</Collection></CollectionDetails></Header>\n<Children/"
                   "></Message>");
    then_refused(&s, "line 2: Collection is not CIN");
    story_feed(&s, "<html/>");
    then_refused(&s, "not Message");
    story_feed(&s, "<Message><Header/></Message>");
    then_refused(&s, "no Children");
    story_feed(&s, "");
    then_refused(&s, "1:1: empty");
    story_end(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_years_census_tells_what_is_new_in_it_and_nothing_again),
        cmocka_unit_test(the_first_file_of_an_authority_tells_nothing_and_the_same_again_neither),
        cmocka_unit_test(every_new_module_of_a_child_is_told_once),
        cmocka_unit_test(a_fact_that_changed_amends_and_a_new_spelling_of_the_child_does_not),
        cmocka_unit_test(a_closed_case_and_no_further_action_are_told),
        cmocka_unit_test(an_unborn_child_has_an_expected_date),
        cmocka_unit_test(a_child_referred_before_birth_was_unborn_then),
        cmocka_unit_test(a_child_long_expected_is_a_child),
        cmocka_unit_test(what_is_newly_known_of_a_child_is_told_once),
        cmocka_unit_test(two_modules_of_one_kind_and_day_are_two),
        cmocka_unit_test(a_plan_that_ends_after_the_eighteenth_birthday_is_told),
        cmocka_unit_test(a_bad_upn_is_left_out_and_said_and_the_facts_go_on),
        cmocka_unit_test(a_code_that_is_none_is_said_and_the_fact_goes_on),
        cmocka_unit_test(a_file_that_is_no_census_is_refused_with_its_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
