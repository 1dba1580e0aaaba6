/* Police incidents: what becomes of them, and what does not. */
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

/* A document with these attributes and these people; %s in order. */
static const char DOCUMENT[] =
    "{\"data\":{\"id\":\"inc-1\",\"type\":\"incident\",\"attributes\":{\"domesticAbuse\":true,\"incidentStartDateTime\":\"2026-"
    "01-14T22:40:00Z\"%s},"
    "\"relationships\":{\"victim\":{\"data\":[{\"id\":\"v\",\"type\":\"person\"}]},\"childPresent\":{\"data\":[{\"id\":\"c\","
    "\"type\":\"person\"}]}}},"
    "\"included\":[{\"id\":\"v\",\"type\":\"person\",\"attributes\":{\"surname\":\"Testley\",\"dateOfBirth\":\"1990-02-03\"%s},"
    "\"relationships\":{\"parentOf\":{\"data\":{\"id\":\"c\",\"type\":\"person\",\"meta\":{\"livesWith\":true}}}}},"
    "{\"id\":\"c\",\"type\":\"person\",\"attributes\":{\"givenName\":[\"Robin\"],\"dateOfBirth\":\"2016-05-06\",\"schoolUrn\":"
    "\"100001\"}}]}";

static void feed(story *s, const char *attributes, const char *person)
{
    char text[4096];
    (void)snprintf(text, sizeof text, DOCUMENT, attributes, person);
    story_feed(s, text);
}

static void an_incident_with_children_names_everybody_in_their_role(void **state)
{
    story s;
    (void)state;
    story_begin(&s, &police_incident_json);
    feed(&s, ",\"attended\":true,\"hadWeapon\":false,\"area\":\"E06000044\",\"localMarkers\":[\"OpEncompass\"]",
         ",\"nhsNumber\":\"9990001006\"");
    then_counts(&s, 1, 0);
    then_event(&s, 0, "domestic_abuse_incident");
    const Mash__V1__Event *event = s.events[0];
    const Mash__V1__DomesticAbuseIncident *incident = event->domestic_abuse_incident;
    assert_string_equal(event->area, "E06000044");
    assert_string_equal(event->source_reference, "inc-1");
    assert_int_equal(event->occurred_at, 1768430400000);
    assert_int_equal(event->legal_basis[0], MASH__V1__LEGAL_BASIS__LEGAL_BASIS_LAW_ENFORCEMENT);
    assert_int_equal(incident->attended, MASH__V1__PRESENCE__PRESENCE_YES);
    assert_int_equal(incident->weapon_used, MASH__V1__PRESENCE__PRESENCE_NO);
    assert_int_equal(incident->strangulation, MASH__V1__PRESENCE__PRESENCE_UNSPECIFIED); /* not stated is not "no" (M1) */
    assert_int_equal(incident->children_present, MASH__V1__PRESENCE__PRESENCE_YES);
    assert_int_equal(incident->n_grades, 0);
    assert_int_equal(event->n_subjects, 2);
    assert_int_equal(event->subjects[0]->roles[0], ROLE(VICTIM));
    assert_string_equal(event->subjects[0]->identifiers[0]->value, "9990001006");
    assert_int_equal(event->subjects[0]->relationships[0]->to_subject, 1);
    assert_true(event->subjects[0]->relationships[0]->lives_with);
    assert_int_equal(event->subjects[1]->roles[0], ROLE(CHILD));
    assert_string_equal(event->subjects[1]->school_urn, "100001");
    assert_int_equal(event->subjects[1]->present, MASH__V1__PRESENCE__PRESENCE_YES);
    story_end(&s);
}

static void put_answers(char *out, size_t size, int yes)
{
    size_t used = (size_t)snprintf(out, size, ",\"riskAssessment\":{\"tool\":\"DASH\",\"answers\":{");
    for (int i = 1; i <= 27; i++) {
        used += (size_t)snprintf(out + used, size - used, "%s\"q%d\":\"%s\"", i > 1 ? "," : "", i, i <= yes ? "yes" : "no");
    }
    (void)snprintf(out + used, size - used, "}}");
}

static void check_count(int yes, Mash__V1__GradeLevel wanted)
{
    story s;
    char attributes[1024];
    story_begin(&s, &police_incident_json);
    put_answers(attributes, sizeof attributes, yes);
    feed(&s, attributes, "");
    const Mash__V1__Grade *grade = s.events[0]->domestic_abuse_incident->grades[0];
    assert_int_equal(grade->level, wanted);
    assert_int_equal(grade->score, yes);
    assert_string_equal(grade->tool_version, "2009");
    assert_int_equal(grade->n_answers, 27);
    story_end(&s);
}

/* DASH 2009: 14 yes answers are visible high risk. */
static void without_an_officers_grading_the_yes_answers_count(void **state)
{
    (void)state;
    check_count(0, LEVEL(STANDARD));
    check_count(9, LEVEL(STANDARD));
    check_count(10, LEVEL(MEDIUM));
    check_count(13, LEVEL(MEDIUM));
    check_count(14, LEVEL(HIGH));
    check_count(27, LEVEL(HIGH));
}

static Mash__V1__GradeLevel level_of(const char *assessment)
{
    story s;
    char attributes[512];
    story_begin(&s, &police_incident_json);
    (void)snprintf(attributes, sizeof attributes, ",\"riskAssessment\":%s", assessment);
    feed(&s, attributes, "");
    assert_int_equal(s.count, 1);
    const Mash__V1__DomesticAbuseIncident *incident = s.events[0]->domestic_abuse_incident;
    Mash__V1__GradeLevel level = incident->n_grades > 0 ? incident->grades[0]->level : LEVEL(UNSPECIFIED);
    story_end(&s);
    return level;
}

static void an_officers_grading_stands_above_the_count(void **state)
{
    (void)state;
    assert_int_equal(level_of("{\"tool\":\"DASH\",\"officerGrading\":\"high\",\"answers\":{\"q1\":\"no\"}}"), LEVEL(HIGH));
    assert_int_equal(level_of("{\"tool\":\"DASH\",\"officerGrading\":\"Medium\",\"visibleHighRisk\":true}"), LEVEL(MEDIUM));
    assert_int_equal(level_of("{\"tool\":\"DASH\",\"visibleHighRisk\":true}"), LEVEL(HIGH));
    assert_int_equal(level_of("{\"tool\":\"DASH 2009\",\"answers\":{\"q1\":\"No\",\"q2\":\"NO\"}}"),
                     LEVEL(STANDARD)); /* as forces write it */
    assert_int_equal(level_of("{\"tool\":\"DARA\",\"answers\":{\"q1\":\"yes\"}}"),
                     LEVEL(UNSPECIFIED)); /* does not add up like DASH */
    assert_int_equal(level_of("{}"), LEVEL(UNSPECIFIED));
}

/* "Nobody could answer" is no low risk. */
static void answers_that_are_not_known_grade_nothing(void **state)
{
    (void)state;
    assert_int_equal(level_of("{\"tool\":\"DASH\",\"answers\":{\"q1\":\"unknown\",\"q2\":\"unknown\"}}"), LEVEL(UNSPECIFIED));
    assert_int_equal(level_of("{\"tool\":\"DASH\",\"answers\":{\"q1\":\"no\",\"q2\":\"unknown\"}}"), LEVEL(STANDARD));
    assert_int_equal(
        level_of("{\"tool\":\"DASH\",\"answers\":{\"q1\":\"yes\",\"q2\":\"no\",\"q3\":\"unknown\",\"q4\":\"unknown\","
                 "\"q5\":\"unknown\",\"q6\":\"unknown\",\"q7\":\"unknown\",\"q8\":\"unknown\",\"q9\":\"unknown\","
                 "\"q10\":\"unknown\",\"q11\":\"unknown\"}}"),
        LEVEL(UNSPECIFIED)); /* the nine unknown ones could make it ten */
    story s;
    story_begin(&s, &police_incident_json);
    feed(&s, ",\"riskAssessment\":{\"tool\":\"DASH\",\"answers\":{\"q1\":\"unknown\"}}", "");
    assert_int_equal(s.events[0]->domestic_abuse_incident->n_grades, 1); /* what was asked is carried */
    assert_int_equal(s.events[0]->domestic_abuse_incident->grades[0]->score, -1);
    assert_non_null(strstr(s.events[0]->summary, "not graded"));
    story_end(&s);
}

#define INCIDENT(relationships, people)                                                                                          \
    "{\"data\":{\"id\":\"x\",\"type\":\"incident\",\"attributes\":{\"domesticAbuse\":true,\"incidentStartDateTime\":\"2026-01-"  \
    "14T22:40:"                                                                                                                  \
    "00Z\",\"riskAssessment\":{\"officerGrading\":\"high\"}},\"relationships\":{" relationships "}},\"included\":[" people "]}"
#define LINK(role, id) "\"" role "\":{\"data\":{\"id\":\"" id "\",\"type\":\"person\"}}"
#define PERSON(id, attributes) "{\"id\":\"" id "\",\"type\":\"person\",\"attributes\":{" attributes "}}"

/* Encompass is for reception to 17. A school on an adult must never hold the incident back from the children in it. */
static void an_adult_with_a_school_is_no_child_and_parks_nothing(void **state)
{
    story s;
    (void)state;
    story_begin(&s, &police_incident_json);
    story_feed(&s,
               INCIDENT(LINK("victim", "v") "," LINK("childPresent", "b"),
                        PERSON("v", "\"dateOfBirth\":\"2008-01-14\",\"schoolUrn\":\"130002\"") "," /* 18 that day, at a college */
                        PERSON("b", "\"dateOfBirth\":\"2007-05-05\",\"under18\":true") "," PERSON(
                            "t", "\"dateOfBirth\":\"1980-05-05\",\"schoolUrn\":\"100001\"") "," /* teaches there */
                        PERSON("c", "\"dateOfBirth\":\"2016-05-05\",\"schoolUrn\":\"100001\"")));
    then_counts(&s, 1, 0);
    const Mash__V1__Event *event = s.events[0];
    assert_int_equal(event->n_subjects, 3); /* nothing says what the teacher has to do with it */
    assert_int_equal(event->subjects[0]->n_roles, 1);
    assert_int_equal(event->subjects[0]->roles[0], ROLE(VICTIM));
    assert_int_equal(event->subjects[1]->n_roles, 1);
    assert_int_equal(event->subjects[1]->roles[0], ROLE(HOUSEHOLD_MEMBER));
    assert_int_equal(event->subjects[1]->present, MASH__V1__PRESENCE__PRESENCE_YES);
    assert_int_equal(event->subjects[2]->roles[0], ROLE(CHILD));
    assert_int_equal(event->domestic_abuse_incident->children_present, MASH__V1__PRESENCE__PRESENCE_UNSPECIFIED);
    assert_string_equal(event->summary, "Domestic abuse incident, risk high");
    story_end(&s);
}

/* Whether a source writes a number with quotation marks or without, it means the same. */
static void numbers_are_taken_as_texts_or_as_numbers(void **state)
{
    story s;
    (void)state;
    story_begin(&s, &police_incident_json);
    story_feed(&s, INCIDENT(LINK("victim", "v"),
                            "{\"id\":\"v\",\"type\":\"person\",\"attributes\":{\"nhsNumber\":9990001006,\"schoolUrn\":100001},"
                            "\"relationships\":{\"currentAddress\":{\"data\":{\"id\":\"l\",\"type\":\"location\"}}}},"
                            "{\"id\":\"l\",\"type\":\"location\",\"attributes\":{\"uprn\":\"100120883950\"}}"));
    then_counts(&s, 1, 0);
    const Mash__V1__Subject *victim = s.events[0]->subjects[0];
    assert_string_equal(victim->identifiers[0]->value, "9990001006");
    assert_string_equal(victim->school_urn, "100001");
    assert_int_equal(victim->addresses[0]->uprn, 100120883950);
    story_feed(&s, INCIDENT(LINK("victim", "v"),
                            "{\"id\":\"v\",\"type\":\"person\",\"attributes\":{},"
                            "\"relationships\":{\"currentAddress\":{\"data\":{\"id\":\"l\",\"type\":\"location\"}}}},"
                            "{\"id\":\"l\",\"type\":\"location\",\"attributes\":{\"uprn\":\"10012 088\"}}"));
    then_parked(&s, 0, "victim[0].currentAddress.uprn", 1, "1 to 12 digits");
    story_end(&s);
}

/* A word in a free text must never make a person a victim of abuse on record. */
static void without_the_flag_it_is_a_plain_incident_whatever_the_text_says(void **state)
{
    story s;
    (void)state;
    story_begin(&s, &police_incident_json);
    story_feed(&s, "{\"data\":{\"id\":\"x\",\"type\":\"incident\",\"attributes\":{\"incidentDescription\":\"domestic abuse\"},"
                   "\"relationships\":{\"victim\":{\"data\":[{\"id\":\"v\",\"type\":\"person\"}]}}},"
                   "\"included\":[{\"id\":\"v\",\"type\":\"person\",\"attributes\":{\"dateOfBirth\":\"2012-01-01\"}}]}");
    then_counts(&s, 1, 0);
    then_event(&s, 0, "incident");
    assert_int_equal(s.events[0]->occurred_at, 1); /* not stated */
    assert_int_equal(s.events[0]->subjects[0]->n_roles, 2);
    assert_int_equal(s.events[0]->subjects[0]->roles[0], ROLE(CHILD)); /* by the date of birth */
    assert_int_equal(s.events[0]->subjects[0]->roles[1], ROLE(VICTIM));
    story_end(&s);
}

static void community_partnership_information_is_never_a_contact(void **state)
{
    story s;
    (void)state;
    story_begin(&s, &police_incident_json);
    story_feed(&s, "{\"data\":{\"id\":\"x\",\"type\":\"communityPartnershipInformation\",\"attributes\":{}}}");
    then_counts(&s, 0, 0);
    story_feed(&s,
               "{\"data\":{\"id\":\"x\",\"type\":\"incident\",\"attributes\":{\"recordType\":\"CPI\",\"domesticAbuse\":true}}}");
    then_counts(&s, 0, 0);
    story_end(&s);
}

/* iHub sends again what was not answered, and sends a corrected incident under the same id. */
static void a_repeat_is_quiet_and_a_correction_amends(void **state)
{
    story s;
    uint8_t first[16];
    (void)state;
    story_begin(&s, &police_incident_json);
    feed(&s, "", "");
    memcpy(first, s.events[0]->event_id.data, 16);
    feed(&s, "", "");
    then_counts(&s, 0, 0);
    feed(&s, ",\"attended\":true", "");
    then_counts(&s, 1, 0);
    assert_int_equal(s.events[0]->amends.len, 16);
    assert_memory_equal(s.events[0]->amends.data, first, 16);
    assert_string_equal(s.events[0]->source_reference, "inc-1;2");
    story_end(&s);
}

static void check_parked(const char *attributes, const char *person, const char *field, const char *rule, const char *value)
{
    story s;
    story_begin(&s, &police_incident_json);
    feed(&s, attributes, person);
    then_counts(&s, 0, 1);
    then_parked(&s, 0, field, 1, rule);
    then_nowhere(&s, value);
    story_end(&s);
}

static void what_cannot_be_mapped_is_parked_with_field_and_rule_and_without_the_value(void **state)
{
    (void)state;
    check_parked("", ",\"nhsNumber\":\"9990001007\"", "victim[0].nhsNumber", "check digit", "9990001007");
    check_parked("", ",\"pncId\":\"2012/0099901A\"", "victim[0].pncId", "check digit", "0099901");
    check_parked("", ",\"nhsNumber\":999000100.6", "victim[0].nhsNumber", "must be a text or a whole number", "999000100.6");
    check_parked("", ",\"schoolUrn\":[100001]", "victim[0].schoolUrn", "must be a text or a whole number", "100001");
    /* "true" with quotation marks is no true: read as absent, a domestic abuse incident would be a plain one */
    check_parked(",\"attended\":\"yes\"", "", "attended", "must be true or false", "yes");
    check_parked(",\"riskAssessment\":{\"visibleHighRisk\":\"true\"}", "", "riskAssessment.visibleHighRisk",
                 "must be true or false", "\"true\"");
    check_parked("", ",\"under18\":17", "victim[0].under18", "must be true or false", "17");
    check_parked("", ",\"staffParty\":\"true\"", "victim[0].staffParty", "must be true or false", "\"true\"");
    check_parked(",\"riskAssessment\":{\"officerGrading\":\"purple\"}", "", "riskAssessment.officerGrading", "not one of",
                 "purple");
    check_parked(",\"riskAssessment\":[{\"officerGrading\":\"high\"}]", "", "riskAssessment", "must be an object",
                 "high"); /* read as none, a high risk would be ungraded */
    check_parked(",\"riskAssessment\":{\"officerGrading\":3}", "", "riskAssessment.officerGrading", "must be a text", "Testley");
    check_parked(",\"riskAssessment\":{\"answers\":[\"yes\"]}", "", "riskAssessment.answers", "must be an object", "yes");
    check_parked(",\"riskAssessment\":{\"tool\":\"DASH\",\"answers\":{\"q1\":\"Y\"}}", "", "riskAssessment.answers",
                 "yes, no or unknown", "\"Y\"");
    check_parked(",\"recordedDateTime\":\"yesterday\"", "", "recordedDateTime", "ISO 8601", "yesterday");
}

/* "A" and then "B" so many times, with commas between them, then "C". */
static void check_bound(const char *before, const char *again, int times, const char *after, const char *field, const char *rule)
{
    static char text[65536];
    story s;
    int used = snprintf(text, sizeof text, "%s", before);
    for (int i = 0; i < times; i++)
        used += snprintf(text + used, sizeof text - (size_t)used, "%s%s", i > 0 ? "," : "", again);
    (void)snprintf(text + used, sizeof text - (size_t)used, "%s", after);
    story_begin(&s, &police_incident_json);
    story_feed(&s, text);
    then_counts(&s, rule == NULL ? 1 : 0, rule == NULL ? 0 : 1);
    if (rule != NULL) then_parked(&s, 0, field, 1, rule);
    story_end(&s);
}

#define BOUND_INCIDENT                                                                                                           \
    "{\"data\":{\"id\":\"i\",\"type\":\"incident\",\"attributes\":{\"incidentStartDateTime\":\"2026-01-14T22:40:00Z\"},"
#define BOUND_LINK "{\"id\":\"v\",\"type\":\"person\"}"
#define BOUND_PERSON "{\"id\":\"v\",\"type\":\"person\",\"attributes\":{}}"

/* Each link is looked for among all resources: a file of a hundred thousand of both would hold the adapter for minutes. */
static void a_document_beyond_all_measure_is_parked_at_once(void **state)
{
    (void)state;
    check_bound(BOUND_INCIDENT "\"relationships\":{\"victim\":{\"data\":[", BOUND_LINK, 64,
                "]}}},\"included\":[" BOUND_PERSON "]}", NULL, NULL);
    check_bound(BOUND_INCIDENT "\"relationships\":{\"victim\":{\"data\":[", BOUND_LINK, 65,
                "]}}},\"included\":[" BOUND_PERSON "]}", "victim[64]", "more than 64");
    check_bound(BOUND_INCIDENT "\"relationships\":{\"victim\":{\"data\":" BOUND_LINK "}}},\"included\":[", BOUND_PERSON, 500,
                "]}", NULL, NULL);
    check_bound(BOUND_INCIDENT "\"relationships\":{\"victim\":{\"data\":" BOUND_LINK "}}},\"included\":[", BOUND_PERSON, 501,
                "]}", "included[500]", "more than 500");
    check_bound(BOUND_INCIDENT "\"relationships\":{\"victim\":{\"data\":" BOUND_LINK
                               "}}},\"included\":[{\"id\":\"v\",\"type\":\"person\","
                               "\"attributes\":{},\"relationships\":{\"siblingOf\":{\"data\":[",
                BOUND_LINK, 65, "]}}}]}", "included[0].siblingOf", "more than 64");
}

static void check_flag(const char *flag, bool is_fault)
{
    story s;
    char text[512];
    story_begin(&s, &police_incident_json);
    (void)snprintf(text, sizeof text,
                   "{\"data\":{\"id\":\"x\",\"type\":\"incident\",\"attributes\":{\"domesticAbuse\":%s},\"relationships\":{"
                   "\"victim\":{\"data\":{\"id\":\"v\",\"type\":\"person\"}}}},\"included\":[{\"id\":\"v\",\"type\":\"person\","
                   "\"attributes\":{}}]}",
                   flag);
    story_feed(&s, text);
    then_counts(&s, is_fault ? 0 : 1, is_fault ? 1 : 0);
    if (is_fault) then_parked(&s, 0, "domesticAbuse", 1, "must be true or false");
    story_end(&s);
}

/* An incident that is taken for a plain one alerts nobody. */
static void whether_it_is_domestic_abuse_is_never_guessed(void **state)
{
    (void)state;
    check_flag("\"true\"", true);
    check_flag("1", true);
    check_flag("\"yes\"", true);
    check_flag("{}", true);
    check_flag("null", false);
    check_flag("false", false);
}

static void check_parked_at(const char *attributes, const char *person, const char *field, uint32_t line, uint32_t column,
                            const char *rule)
{
    story s;
    story_begin(&s, &police_incident_json);
    feed(&s, attributes, person);
    then_counts(&s, 0, 1);
    then_parked(&s, 0, field, line, rule);
    assert_int_equal(s.parked[0].column, column);
    then_nowhere(&s, "Ghostley");
    story_end(&s);
}

/* Another model's name for a thing, read as absent, is a person without a name or an incident without a time: said aloud, with the place. */
static void another_models_names_and_shapes_are_parked_where_they_stand(void **state)
{
    (void)state;
    check_parked_at("", ",\n \"givenName\": \"Ghostley\"", "victim[0].givenName", 2, 15, "list of texts");
    check_parked_at("", ",\n\"givenName\":[\"Robin\",7]", "victim[0].givenName", 2, 13, "list of texts");
    check_parked_at("", ",\n\"familyName\":\"Ghostley\"", "victim[0].familyName", 2, 14, "surname");
    check_parked_at("", ",\n\n\"firstName\":\"Ghostley\"", "victim[0].firstName", 3, 13, "givenName");
    check_parked_at(",\n\"occurredDateTime\":\"2026-01-14T22:40:00Z\"", "", "occurredDateTime", 2, 20, "incidentStartDateTime");
    check_parked_at(",\n\"briefCircumstances\":[\"Ghostley\"]", "", "briefCircumstances", 2, 22, "must be a text");
    check_parked_at(",\n\"riskAssessment\":{\"tool\":\"DASH\",\n\"officerGrading\":\"Ghostley\"}", "",
                    "riskAssessment.officerGrading", 3, 18, "not one of");
}

static void a_document_that_is_no_incident_is_refused_with_its_place(void **state)
{
    story s;
    (void)state;
    story_begin(&s, &police_incident_json);
    story_feed(&s, "{\"data\":\n  {\"id\": \"secret\",,}}");
    then_refused(&s, "2:19: not JSON");
    then_nowhere(&s, "secret");
    story_feed(&s, "{\"data\":{\"id\":\"x\",\"type\":\"vehicle\",\"attributes\":{}}}");
    then_refused(&s, "data.type");
    story_feed(&s, "{\"data\":{\"type\":\"incident\",\"attributes\":{}}}");
    then_refused(&s, "data.id");
    story_feed(&s, "[]");
    then_refused(&s, "data.type");
    story_end(&s);
}

static void check_people_parked(const char *relationships, const char *attributes, const char *field, uint32_t line)
{
    story s;
    char text[1024];
    story_begin(&s, &police_incident_json);
    (void)snprintf(
        text, sizeof text,
        "{\"data\":{\"id\":\"i\",\"type\":\"incident\",\"attributes\":{\"domesticAbuse\":true},\n\"relationships\":{%s}},"
        "\"included\":[{\"id\":\"v\",\"type\":\"person\",\n\"attributes\":%s}]}",
        relationships, attributes);
    story_feed(&s, text);
    then_counts(&s, 0, 1);
    then_parked(&s, 0, field, line, "");
    then_nowhere(&s, "Testley");
    story_end(&s);
}

/* Read as nobody, the victim would be in no event while the child beside her is told, and nothing would say so. */
static void somebody_under_another_name_or_in_another_shape_is_missed(void **state)
{
    (void)state;
#define TO_V "{\"data\":{\"id\":\"v\",\"type\":\"person\"}}"
    check_people_parked("\"childAffected\":" TO_V ",\"victims\":" TO_V, "{\"surname\":\"Testley\"}", "relationships.victims", 2);
    check_people_parked("\"victim\":" TO_V ",\"perpetrator\":" TO_V, "{\"surname\":\"Testley\"}", "relationships.perpetrator", 2);
    check_people_parked("\"victim\":{\"id\":\"v\",\"type\":\"person\"}", "{\"surname\":\"Testley\"}", "relationships.victim", 2);
    check_people_parked("\"victim\":" TO_V, "\"Testley\"", "victim[0].attributes", 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(somebody_under_another_name_or_in_another_shape_is_missed),
        cmocka_unit_test(an_incident_with_children_names_everybody_in_their_role),
        cmocka_unit_test(without_an_officers_grading_the_yes_answers_count),
        cmocka_unit_test(an_officers_grading_stands_above_the_count),
        cmocka_unit_test(answers_that_are_not_known_grade_nothing),
        cmocka_unit_test(an_adult_with_a_school_is_no_child_and_parks_nothing),
        cmocka_unit_test(numbers_are_taken_as_texts_or_as_numbers),
        cmocka_unit_test(whether_it_is_domestic_abuse_is_never_guessed),
        cmocka_unit_test(without_the_flag_it_is_a_plain_incident_whatever_the_text_says),
        cmocka_unit_test(community_partnership_information_is_never_a_contact),
        cmocka_unit_test(a_repeat_is_quiet_and_a_correction_amends),
        cmocka_unit_test(what_cannot_be_mapped_is_parked_with_field_and_rule_and_without_the_value),
        cmocka_unit_test(a_document_beyond_all_measure_is_parked_at_once),
        cmocka_unit_test(another_models_names_and_shapes_are_parked_where_they_stand),
        cmocka_unit_test(a_document_that_is_no_incident_is_refused_with_its_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
