/* Public protection notices: rows become one incident each notice, and what cannot is parked. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "police/police.h"
#include "sink.h"

#define LEVEL(name) MASH__V1__GRADE_LEVEL__GRADE_LEVEL_##name
#define ROLE(name) MASH__V1__SUBJECT_ROLE__SUBJECT_ROLE_##name

#define PPN                                                                                                                      \
    "PPNRef,CrimeRef,SubmittedDateTime,ConcernType,Grading,DASHScore,VictimSurname,VictimForename,VictimDOB,SuspectSurname,"     \
    "SuspectForename,SuspectDOB,Relationship,ChildrenPresent,ChildSurname,ChildForename,ChildDOB,SchoolURN,IncidentDateTime,"    \
    "OccurrencePostcode,Consent\n"
#define NOTICE(grading, score, child)                                                                                            \
    "PPN-1,44/1,15/01/2026 06:10,Domestic Abuse," grading "," score ",Testley,Amber,03/02/1990,Sample,Dale,09/07/1988,"          \
    "Ex-partner,Y," child ",14/01/2026 22:40,ZZ99 3VZ,Y\n"

static void a_notice_with_a_row_for_each_child_is_one_incident(void **state)
{
    story s;
    (void)state;
    story_begin(&s, &police_ppn_csv);
    story_feed(&s, PPN NOTICE("HIGH", "15", "Testley,Robin,06/05/2016,100001") NOTICE("HIGH", "15", "Testley,Wren,01/09/2021,"));
    then_counts(&s, 1, 0);
    then_event(&s, 0, "domestic_abuse_incident");
    const Mash__V1__Event *event = s.events[0];
    assert_int_equal(event->n_subjects, 4);
    assert_int_equal(event->occurred_at, 1768430400000);
    assert_int_equal(event->subjects[0]->relationships[0]->kind, MASH__V1__RELATIONSHIP_KIND__RELATIONSHIP_KIND_EX_PARTNER_OF);
    assert_int_equal(event->subjects[0]->consent->status, MASH__V1__CONSENT_STATUS__CONSENT_STATUS_GIVEN);
    assert_int_equal(event->subjects[1]->roles[0], ROLE(ALLEGED_PERPETRATOR));
    assert_int_equal(event->subjects[2]->roles[0], ROLE(CHILD));
    assert_int_equal(event->subjects[2]->present, MASH__V1__PRESENCE__PRESENCE_YES);
    assert_string_equal(event->subjects[2]->school_urn, "100001");
    assert_string_equal(event->subjects[3]->given_names[0], "Wren");
    assert_int_equal(event->domestic_abuse_incident->grades[0]->level, LEVEL(HIGH));
    assert_int_equal(event->domestic_abuse_incident->grades[0]->score, 15);
    assert_string_equal(event->domestic_abuse_incident->grades[0]->tool, "DASH");
    story_feed(&s, PPN NOTICE("HIGH", "15", "Testley,Robin,06/05/2016,100001") NOTICE("HIGH", "15", "Testley,Wren,01/09/2021,"));
    then_counts(&s, 0, 0);
    story_feed(&s, PPN NOTICE("AMBER", "15", "Testley,Robin,06/05/2016,100001"));
    then_counts(&s, 1, 0);
    assert_int_equal(s.events[0]->amends.len, 16);
    assert_int_equal(s.events[0]->domestic_abuse_incident->grades[0]->level, LEVEL(MEDIUM)); /* the officer's word stands */
    story_end(&s);
}

/* A force's export is sorted by child, or joined from two: the second child must not take the first one's place in the notice. */
static void a_row_that_comes_back_to_its_notice_is_parked_and_takes_no_childs_place(void **state)
{
    story s;
    (void)state;
    story_begin(&s, &police_ppn_csv);
    story_feed(&s, PPN NOTICE("HIGH", "15", "Testley,Robin,06/05/2016,100001") "PPN-3,,15/01/2026 07:30,Child "
                                                                               "Concern,GREEN,,,,,,,,,Y,Specimen,Sky,10/10/"
                                                                               "2012,100002,14/01/2026 20:00,,\n" NOTICE(
                                                                                   "HIGH", "15", "Testley,Wren,01/09/2021,"));
    then_counts(&s, 2, 1);
    assert_string_equal(s.events[0]->subjects[2]->given_names[0], "Robin");
    then_parked(&s, 0, "PPNRef", 4, "one after the other");
    story_end(&s);
}

/* A file that was joined from two holds rows twice. */
static void a_row_that_stands_twice_is_one_child(void **state)
{
    story s;
    (void)state;
    story_begin(&s, &police_ppn_csv);
    story_feed(&s,
               PPN NOTICE("HIGH", "15", "Testley,Robin,06/05/2016,100001")
                   NOTICE("HIGH", "15",
                          "Testley,Robin,06/05/2016,100001") "PPN-3,,15/01/2026 07:30,Child "
                                                             "Concern,GREEN,,,,,,,,,Y,Specimen,Sky,10/10/2012,100002,14/01/2026 "
                                                             "20:00,,\n" NOTICE("HIGH", "15", "Testley,Robin,06/05/2016,100001"));
    then_counts(&s, 2, 0);
    assert_int_equal(s.events[0]->n_subjects, 3);
    story_end(&s);
}

/* A second victim, another grade or another incident under the number of a notice: the event has room for one, none may be lost unseen. */
static void a_row_that_differs_in_more_than_the_child_is_parked(void **state)
{
    static const char *const ROWS[][3] = {{"Grading", "STANDARD", "HIGH"},
                                          {"CrimeRef", "44/1", "44/2"},
                                          {"Relationship", "Partner", "Ex-partner"},
                                          {"OffenceCode", "8L", "8N"},
                                          {"AreaCode", "E06000044", "E06000046"},
                                          {"Circumstances", "Shouting", "A knife"},
                                          {"Consent", "Y", "N"},
                                          {"OccurrencePostcode", "ZZ99 3VZ", "ZZ99 3WZ"},
                                          {"IncidentDateTime", "14/01/2026 22:40", "14/01/2026 23:40"}};
    char text[400];
    (void)state;
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        story s;
        story_begin(&s, &police_ppn_csv);
        (void)snprintf(text, sizeof text,
                       "PPNRef,SubmittedDateTime,ConcernType,VictimSurname,ChildSurname,%s\n"
                       "PPN-1,15/01/2026 06:10,DA,Testley,Robin,%s\nPPN-1,15/01/2026 06:10,DA,Testley,Wren,%s\n",
                       ROWS[i][0], ROWS[i][1], ROWS[i][2]);
        story_feed(&s, text);
        then_counts(&s, 1, 1);
        then_parked(&s, 0, "PPNRef", 3, "more than the child");
        story_end(&s);
    }
}

/* Some forces fill it for each child: of one who was there, children were present. */
static void whether_a_child_was_present_may_differ_from_row_to_row(void **state)
{
    story s;
    (void)state;
    story_begin(&s, &police_ppn_csv);
    story_feed(&s, "PPNRef,SubmittedDateTime,ConcernType,VictimSurname,ChildSurname,ChildrenPresent\n"
                   "PPN-1,15/01/2026 06:10,DA,Testley,Robin,N\nPPN-1,15/01/2026 06:10,DA,Testley,Wren,Y\n");
    then_counts(&s, 1, 0);
    assert_int_equal(s.events[0]->domestic_abuse_incident->children_present, MASH__V1__PRESENCE__PRESENCE_YES);
    assert_int_equal(s.events[0]->subjects[1]->present, MASH__V1__PRESENCE__PRESENCE_NO);
    assert_int_equal(s.events[0]->subjects[2]->present, MASH__V1__PRESENCE__PRESENCE_YES);
    story_end(&s);
}

static void notices_are_of_three_kinds_and_intelligence_is_none(void **state)
{
    story s;
    (void)state;
    story_begin(&s, &police_ppn_csv);
    story_feed(&s, PPN "PPN-2,,15/01/2026 07:00,Adult at Risk,MEDIUM,,Example,Edith,03/02/1950,,,,,N,,,,,14/01/2026 18:00,,N\n"
                       "PPN-3,,15/01/2026 07:30,Child Concern,GREEN,,,,,,,,,Y,Specimen,Sky,10/10/2012,100002,14/01/2026 20:00,,\n"
                       "PPN-4,,15/01/2026 07:30,Community Intelligence,RED,,,,,Rumour,Somebody,,,,,,,,,,\n");
    then_counts(&s, 2, 0);
    then_event(&s, 0, "adult_concern");
    assert_int_equal(s.events[0]->adult_concern->grade->level, LEVEL(MEDIUM));
    assert_int_equal(s.events[0]->subjects[0]->roles[0], ROLE(ADULT_AT_RISK));
    assert_null(s.events[0]->subjects[0]->consent);
    then_event(&s, 1, "child_concern");
    assert_int_equal(s.events[1]->child_concern->grade->level, LEVEL(STANDARD));
    assert_int_equal(s.events[1]->subjects[0]->roles[0], ROLE(CHILD));
    story_end(&s);
}

static void a_bad_row_of_a_notice_is_parked_and_its_other_rows_are_told(void **state)
{
    story s;
    (void)state;
    story_begin(&s, &police_ppn_csv);
    story_feed(&s, PPN NOTICE("HIGH", "15", "Testley,Robin,06/05/2016,100001") NOTICE(
                       "HIGH", "15",
                       "Testley,Wren,31/09/2021,") "PPN-5,,15/01/2026 07:00,Rumour,,,A,B,,,,,,,,,,,,,\nPPN-6,,15/01/2026 "
                                                   "25:00,Child Concern,,,,,,,,,,,,,,,,,\n"
                                                   "PPN-7,,15/01/2026 07:00,Child Concern,PURPLE,,,,,,,,,,,,,,,,\n"
                                                   "PPN-8,,15/01/2026 07:00,Child Concern,,28,,,,,,,,,,,,,,,\nPPN-9,,15/01/2026 "
                                                   "07:00,Child Concern,,,,,,,,,,,,,,,,,\n");
    then_counts(&s, 1, 6);
    assert_int_equal(s.events[0]->n_subjects, 3);
    then_parked(&s, 0, "ChildDOB", 3, "does not exist");
    then_parked(&s, 1, "ConcernType", 4, "not one of");
    then_parked(&s, 2, "SubmittedDateTime", 5, "does not exist");
    then_parked(&s, 3, "Grading", 6, "not one of");
    then_parked(&s, 4, "DASHScore", 7, "0 to 27");
    then_parked(&s, 5, "PPNRef", 8, "nobody is named");
    then_nowhere(&s, "PURPLE");
    then_nowhere(&s, "Testley");
    story_end(&s);
}

#define OF_TOOL(ref, tool, score) ref ",15/01/2026 06:10,Domestic Abuse," tool "," score ",Testley,Amber,,,,\n"
#define TOOLS                                                                                                                    \
    "PPNRef,SubmittedDateTime,ConcernType,RiskTool,DASHScore,VictimSurname,VictimForename,ChildSurname,ChildForename,ChildDOB,"  \
    "SchoolURN\n"

/* Nine yes answers are few for DASH's 27 questions and many for another tool's: "standard" would be a guess on the wrong side. */
static void the_score_of_another_tool_than_dash_makes_no_grade(void **state)
{
    story s;
    (void)state;
    story_begin(&s, &police_ppn_csv);
    story_feed(&s, TOOLS OF_TOOL("P1", "DARA", "9") OF_TOOL("P2", "SDASH", "14") OF_TOOL("P3", "DASH 2009", "14")
                       OF_TOOL("P4", "", "9"));
    then_counts(&s, 4, 0);
    const Mash__V1__Grade *grade = s.events[0]->domestic_abuse_incident->grades[0];
    assert_int_equal(grade->level, LEVEL(UNSPECIFIED));
    assert_int_equal(grade->score, 9);
    assert_string_equal(grade->tool_version, "unstated");
    assert_int_equal(s.events[1]->domestic_abuse_incident->grades[0]->level, LEVEL(UNSPECIFIED));
    assert_int_equal(s.events[2]->domestic_abuse_incident->grades[0]->level, LEVEL(HIGH));
    assert_int_equal(s.events[3]->domestic_abuse_incident->grades[0]->level, LEVEL(STANDARD));
    story_end(&s);
}

/* An officer who did not learn the child's name knows the age, or the school. The child must not fall out of the notice. */
static void a_child_without_a_name_is_told(void **state)
{
    story s;
    (void)state;
    story_begin(&s, &police_ppn_csv);
    story_feed(&s, TOOLS "P1,15/01/2026 06:10,Domestic Abuse,,,Testley,Amber,,,06/05/2016,\nP2,15/01/2026 06:10,Domestic "
                         "Abuse,,,Testley,Amber,,,,100001\n"
                         "P3,15/01/2026 06:10,Domestic Abuse,,,Testley,Amber,,,,\n");
    then_counts(&s, 3, 0);
    assert_int_equal(s.events[0]->n_subjects, 2);
    assert_int_equal(s.events[0]->subjects[1]->roles[0], ROLE(CHILD));
    assert_int_equal(s.events[0]->subjects[1]->date_of_birth->year, 2016);
    assert_string_equal(s.events[1]->subjects[1]->school_urn, "100001");
    assert_int_equal(s.events[2]->n_subjects, 1); /* an empty child is none */
    story_end(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_score_of_another_tool_than_dash_makes_no_grade),
        cmocka_unit_test(a_child_without_a_name_is_told),
        cmocka_unit_test(a_notice_with_a_row_for_each_child_is_one_incident),
        cmocka_unit_test(a_row_that_comes_back_to_its_notice_is_parked_and_takes_no_childs_place),
        cmocka_unit_test(a_row_that_stands_twice_is_one_child),
        cmocka_unit_test(a_row_that_differs_in_more_than_the_child_is_parked),
        cmocka_unit_test(whether_a_child_was_present_may_differ_from_row_to_row),
        cmocka_unit_test(notices_are_of_three_kinds_and_intelligence_is_none),
        cmocka_unit_test(a_bad_row_of_a_notice_is_parked_and_its_other_rows_are_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
