/* FHIR R4: appointments, encounters, referrals; alone and in bundles. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "health/health.h"
#include "sink.h"

#define NHS(number) "{\"system\":\"https://fhir.nhs.uk/Id/nhs-number\",\"value\":\"" number "\"}"
#define PATIENT                                                                                                                  \
    "{\"resourceType\":\"Patient\",\"id\":\"p1\",\"identifier\":[" NHS(                                                          \
        "9990001073") ",{\"system\":\"https://rhm.test/mrn\","                                                                   \
                      "\"value\":\"R1\"}],\"name\":[{\"use\":\"old\",\"family\":\"Former\"},{\"use\":\"official\",\"family\":"   \
                      "\"Testley\","                                                                                             \
                      "\"given\":[\"Robin\",\"Alex\"]}],\"birthDate\":\"2016-05-06\",\"gender\":\"male\",\"address\":[{\"use\":" \
                      "\"home\","                                                                                                \
                      "\"line\":[\"1 Example Row\"],\"city\":\"Testhampton\",\"postalCode\":\"ZZ99 "                             \
                      "3VZ\"}],\"generalPractitioner\":[{"                                                                       \
                      "\"identifier\":{\"system\":\"https://fhir.nhs.uk/Id/ods-organization-code\",\"value\":\"Z99001\"}}]}"
#define ENTRY(url, resource) "{\"fullUrl\":\"urn:uuid:" url "\",\"resource\":" resource "}"
#define BUNDLE(type, entries)                                                                                                    \
    "{\"resourceType\":\"Bundle\",\"type\":\"" type "\",\"timestamp\":\"2026-01-15T09:00:00Z\",\"entry\":[" entries "]}"
#define APPOINTMENT(status, start)                                                                                               \
    "{\"resourceType\":\"Appointment\",\"id\":\"a1\",\"status\":\"" status "\",\"start\":\"" start "\",\"serviceType\":[{"       \
    "\"text\":\"Community paediatrics\"}],\"participant\":[{\"actor\":{\"reference\":\"Location/l\"}},{\"actor\":{"              \
    "\"reference\":\"urn:uuid:p\"}}]}"
#define FEED_APPOINTMENT(s, status, start)                                                                                       \
    story_feed(s, BUNDLE("collection", ENTRY("a", APPOINTMENT(status, start)) "," ENTRY("p", PATIENT)))

static void an_appointment_is_booked_moved_missed_and_put_right(void **state)
{
    story s;
    (void)state;
    story_begin(&s, &health_fhir);
    FEED_APPOINTMENT(&s, "booked", "2026-01-13T10:00:00Z");
    then_counts(&s, 1, 0);
    then_event(&s, 0, "appointment_booked");
    assert_string_equal(s.events[0]->appointment_booked->appointment->service, "Community paediatrics");
    assert_int_equal(s.events[0]->recorded_at, 1768467600000);
    FEED_APPOINTMENT(&s, "booked", "2026-01-13T10:00:00Z");
    then_counts(&s, 0, 0);
    FEED_APPOINTMENT(&s, "booked", "2026-01-14T10:00:00Z");
    then_counts(&s, 1, 0);
    then_event(&s, 0, "appointment_rebooked");
    assert_int_equal(s.events[0]->appointment_rebooked->previous_starts_at, 1768298400000);
    FEED_APPOINTMENT(&s, "booked", "2026-01-14T10:00:00Z");
    then_counts(&s, 0, 0);
    FEED_APPOINTMENT(&s, "noshow", "2026-01-14T10:00:00Z");
    then_counts(&s, 1, 0);
    then_event(&s, 0, "missed_appointment");
    const Mash__V1__Event *event = s.events[0];
    assert_int_equal(event->missed_appointment->was_not_brought, MASH__V1__PRESENCE__PRESENCE_YES);
    assert_int_equal(event->missed_appointment->consecutive, 1);
    assert_int_equal(event->occurred_at, 1768384800000);
    const Mash__V1__Subject *child = event->subjects[0];
    assert_int_equal(child->roles[0], MASH__V1__SUBJECT_ROLE__SUBJECT_ROLE_CHILD);
    assert_string_equal(child->family_name, "Testley");
    assert_int_equal(child->n_given_names, 2);
    assert_string_equal(child->identifiers[0]->value, "9990001073");
    assert_string_equal(child->identifiers[1]->value, "mrn:R1");
    assert_string_equal(child->addresses[0]->postcode, "ZZ99 3VZ");
    assert_string_equal(child->practice_code, "Z99001");
    FEED_APPOINTMENT(&s, "noshow", "2026-01-14T10:00:00Z");
    then_counts(&s, 0, 0);
    FEED_APPOINTMENT(&s, "entered-in-error", "2026-01-14T10:00:00Z");
    then_counts(&s, 2, 0);
    then_event(&s, 0, "appointment_rebooked");
    assert_int_equal(s.events[0]->retracts.len, 16);
    then_event(&s, 1, "missed_appointment");
    assert_int_equal(s.events[1]->retracts.len, 16);
    FEED_APPOINTMENT(&s, "fulfilled", "2026-01-14T10:00:00Z");
    then_counts(&s, 0, 0);
    story_end(&s);
}

/* The clerk had the wrong child: while the miss stands it counts against the family. */
static void a_miss_is_withdrawn_when_the_appointment_was_kept_after_all(void **state)
{
    story s;
    (void)state;
    story_begin(&s, &health_fhir);
    FEED_APPOINTMENT(&s, "noshow", "2026-01-14T10:00:00Z");
    then_counts(&s, 1, 0);
    uint8_t told[16];
    memcpy(told, s.events[0]->event_id.data, sizeof told);
    FEED_APPOINTMENT(&s, "fulfilled", "2026-01-14T10:00:00Z");
    then_counts(&s, 1, 0);
    then_event(&s, 0, "missed_appointment");
    assert_int_equal(s.events[0]->retracts.len, sizeof told);
    assert_memory_equal(s.events[0]->retracts.data, told, sizeof told);
    FEED_APPOINTMENT(&s, "fulfilled", "2026-01-14T10:00:00Z");
    then_counts(&s, 0, 0);
    story_end(&s);
}

/* The child's no-show at that start, its own number. */
#define LONE(number, status, start)                                                                                              \
    "{\"resourceType\":\"Appointment\",\"id\":\"" number "\",\"status\":\"" status "\"" start                                    \
    ",\"meta\":{\"lastUpdated\":\"2026-01-15T09:00:00Z\"},\"participant\":[{\"actor\":{\"identifier\":" NHS("9990001073") "}}]}"
#define AT(day) ",\"start\":\"2026-01-" day "T10:00:00Z\""

static int missed(story *s, const char *resource)
{
    story_feed(s, resource);
    then_counts(s, 1, 0);
    then_event(s, 0, "missed_appointment");
    return s->events[0]->missed_appointment->consecutive;
}

static void a_miss_of_an_appointment_that_was_moved_continues_the_row(void **state)
{
    story s;
    (void)state;
    story_begin(&s, &health_fhir);
    assert_int_equal(missed(&s, LONE("a", "noshow", AT("05"))), 1);
    story_feed(&s, LONE("a", "booked", AT("08")));
    assert_int_equal(missed(&s, LONE("a", "noshow", AT("08"))), 2);
    assert_int_equal(missed(&s, LONE("b", "noshow", AT("10"))), 3);
    story_end(&s);
}

static void a_miss_whose_start_is_stated_later_is_amended_or_withdrawn(void **state)
{
    story s;
    (void)state;
    story_begin(&s, &health_fhir);
    assert_int_equal(missed(&s, LONE("a", "noshow", "")), 1);
    assert_int_equal(missed(&s, LONE("a", "noshow", AT("05"))), 1);
    assert_int_equal(s.events[0]->amends.len, 16);
    story_feed(&s, LONE("a", "noshow", ""));
    then_counts(&s, 0, 0);
    assert_int_equal(missed(&s, LONE("b", "noshow", "")), 2);
    story_feed(&s, LONE("b", "fulfilled", AT("06")));
    then_counts(&s, 1, 0);
    assert_int_equal(s.events[0]->retracts.len, 16);
    story_end(&s);
}

/* Entered in error it was neither missed nor kept: the row goes on without it. */
static void an_appointment_entered_in_error_leaves_the_row(void **state)
{
    story s;
    (void)state;
    story_begin(&s, &health_fhir);
    assert_int_equal(missed(&s, LONE("a", "noshow", AT("05"))), 1);
    assert_int_equal(missed(&s, LONE("b", "noshow", AT("06"))), 2);
    assert_int_equal(missed(&s, LONE("c", "noshow", AT("07"))), 3);
    story_feed(&s, LONE("b", "entered-in-error", AT("06")));
    then_counts(&s, 1, 0);
    story_feed(&s, LONE("d", "booked", AT("08")));
    story_feed(&s, LONE("d", "entered-in-error", AT("08")));
    assert_int_equal(missed(&s, LONE("e", "noshow", AT("09"))), 3);
    story_end(&s);
}

/* Alone, without the patient's resource: the number in the reference names them. */
static void a_lone_appointment_is_known_by_the_number_in_its_reference(void **state)
{
    story s;
    (void)state;
    story_begin(&s, &health_fhir);
    story_feed(&s, "{\"resourceType\":\"Appointment\",\"id\":\"a\",\"status\":\"cancelled\",\"cancelationReason\":{\"coding\":[{"
                   "\"system\":\"http://terminology.hl7.org/CodeSystem/appointment-cancellation-reason\",\"code\":\"pat-crs\","
                   "\"display\":\"Patient: Canceled via automated reminder system\"}]},\"participant\":[{\"actor\":{"
                   "\"identifier\":" NHS("9990001359") "}}]}");
    then_counts(&s, 1, 0);
    then_event(&s, 0, "appointment_cancelled");
    assert_int_equal(s.events[0]->appointment_cancelled->cancelled_by, MASH__V1__CANCELLED_BY__CANCELLED_BY_PERSON);
    assert_string_equal(s.events[0]->subjects[0]->identifiers[0]->value, "9990001359");
    story_feed(&s, "{\"resourceType\":\"Appointment\",\"id\":\"b\",\"status\":\"noshow\",\n \"participant\":[{\"actor\":{"
                   "\"reference\":\"urn:uuid:nowhere\"}}]}");
    then_counts(&s, 0, 1);
    then_parked(&s, 0, "participant", 2, "about somebody");
    assert_int_equal(s.parked[0].column, 16);
    story_feed(&s, "{\"resourceType\":\"Appointment\",\"id\":\"c\",\"status\":\"noshow\",\"participant\":[{\"actor\":{"
                   "\"reference\":\"Patient/77/_history/2\"}}]}");
    then_counts(&s, 1, 0);
    assert_string_equal(s.events[0]->subjects[0]->identifiers[0]->value, "77"); /* of whatever version */
    story_end(&s);
}

#define ENCOUNTER(status, more)                                                                                                  \
    "{\"resourceType\":\"Encounter\",\"identifier\":[{\"value\":\"E1\"}],\"status\":\"" status                                   \
    "\",\"class\":{\"code\":\"EMER\"},"                                                                                          \
    "\"subject\":{\"identifier\":" NHS(                                                                                          \
        "9990001359") "},\"period\":{\"start\":\"2026-01-15T08:00:00Z\",\"end\":"                                                \
                      "\"2026-01-15T10:00:00Z\"},\"reasonCode\":[{\"text\":\"Fall at home\"}]" more "}"

static void an_attendance_and_its_end_against_advice_are_two_facts(void **state)
{
    story s;
    (void)state;
    story_begin(&s, &health_fhir);
    story_feed(&s, ENCOUNTER("in-progress", ""));
    then_counts(&s, 1, 0);
    then_event(&s, 0, "urgent_care_attendance");
    assert_string_equal(s.events[0]->urgent_care_attendance->presenting_complaint, "Fall at home");
    story_feed(&s, ENCOUNTER("finished", ",\"hospitalization\":{\"dischargeDisposition\":{\"coding\":[{\"system\":"
                                         "\"http://terminology.hl7.org/CodeSystem/discharge-disposition\",\"code\":\"aadvice\"}]}"
                                         "}"));
    then_counts(&s, 1, 0);
    then_event(&s, 0, "discharge");
    assert_int_equal(s.events[0]->discharge->against_advice, MASH__V1__PRESENCE__PRESENCE_YES);
    story_feed(&s, ENCOUNTER("entered-in-error", ""));
    then_counts(&s, 2, 0);
    assert_int_equal(s.events[0]->retracts.len, 16);
    assert_int_equal(s.events[1]->retracts.len, 16);
    story_end(&s);
}

static void check_parked(const char *resource, const char *field, const char *rule)
{
    story s;
    story_begin(&s, &health_fhir);
    story_feed(&s, resource);
    then_counts(&s, 0, 1);
    then_parked(&s, 0, field, 1, rule);
    story_end(&s);
}

#define OTHER(type, more)                                                                                                        \
    "{\"resourceType\":\"" type "\",\"id\":\"x\",\"subject\":{\"identifier\":" NHS("9990001359") "}," more "}"

/* As another version of FHIR has it, or a system that misspells: answered as taken, nobody would ever know of it. */
static void what_cannot_be_told_for_its_status_or_shape_is_parked(void **state)
{
    (void)state;
    check_parked(OTHER("Encounter", "\"status\":\"completed\",\"class\":{\"code\":\"EMER\"}"), "status", "not a status");
    check_parked(OTHER("Encounter", "\"status\":\"finished\",\"class\":[{\"coding\":[{\"code\":\"EMER\"}]}]"), "class",
                 "must be a Coding");
    check_parked(OTHER("Encounter", "\"status\":\"finished\""), "class", "must be a Coding");
    check_parked(OTHER("ServiceRequest", "\"status\":\"complete\",\"intent\":\"order\""), "status", "not a status");
    check_parked(OTHER("ServiceRequest", "\"status\":\"active\",\"intent\":\"Order\""), "intent", "not an intent");
    check_parked(OTHER("Parameters", "\"parameter\":[]"), "resource", "by itself");
    check_parked(BUNDLE("searchset", "{\"resource\":" BUNDLE("message", ENTRY("p", PATIENT)) "}"), "resource", "by itself");
}

#define HEADER(event)                                                                                                            \
    "{\"resourceType\":\"MessageHeader\",\"eventCoding\":{\"code\":\"" event "\"},\"focus\":[{\"reference\":\"urn:uuid:r\"}]}"
#define REQUEST(status, more)                                                                                                    \
    "{\"resourceType\":\"ServiceRequest\",\"id\":\"r1\",\"status\":\"" status "\",\"intent\":\"order\",\"authoredOn\":"          \
    "\"2026-01-15T08:30:00Z\",\"subject\":{\"reference\":\"Patient/p1\"},\"reasonCode\":[{\"text\":\"Not gaining weight\"}],"    \
    "\"performer\":[{\"display\":\"Paediatric clinic\"}]" more "}"

/* The appointment in this bundle is context: only the focus is told. */
static void a_message_tells_its_focus_alone(void **state)
{
    story s;
    (void)state;
    story_begin(&s, &health_fhir);
    story_feed(&s, BUNDLE("message", ENTRY("h", HEADER("servicerequest-request")) "," ENTRY("r", REQUEST("active", "")) "," ENTRY(
                                         "a", APPOINTMENT("noshow", "2026-01-14T10:00:00Z")) "," ENTRY("p", PATIENT)));
    then_counts(&s, 1, 0);
    then_event(&s, 0, "referral");
    assert_string_equal(s.events[0]->referral->to_service, "Paediatric clinic");
    assert_string_equal(s.events[0]->referral->reason, "Not gaining weight");
    story_feed(&s, BUNDLE("message", ENTRY("h", HEADER("servicerequest-response")) "," ENTRY(
                                         "r", REQUEST("revoked", "")) "," ENTRY("p", PATIENT)));
    then_counts(&s, 0, 0);
    story_feed(&s, BUNDLE("message", ENTRY("h", HEADER("servicerequest-request")) "," ENTRY(
                                         "r", REQUEST("revoked", "")) "," ENTRY("p", PATIENT)));
    then_counts(&s, 1, 0);
    assert_int_equal(s.events[0]->referral->change, MASH__V1__REFERRAL_CHANGE__REFERRAL_CHANGE_ENDED_EARLY);
    story_end(&s);
}

static void an_order_of_tests_is_no_referral_and_test_data_is_nothing(void **state)
{
    story s;
    (void)state;
    story_begin(&s, &health_fhir);
    story_feed(&s, BUNDLE("collection",
                          ENTRY("r", REQUEST("active",
                                             ",\"category\":[{\"coding\":[{\"system\":"
                                             "\"http://snomed.info/sct\",\"code\":\"108252007\"}]}]")) "," ENTRY("p", PATIENT)));
    then_counts(&s, 0, 0);
    story_feed(&s,
               BUNDLE("collection",
                      ENTRY("r", REQUEST("active", ",\"meta\":{\"security\":[{\"code\":\"HTEST\"}]}")) "," ENTRY("p", PATIENT)));
    then_counts(&s, 0, 0);
    story_end(&s);
}

static void a_bad_resource_is_parked_and_the_others_of_its_bundle_go_on(void **state)
{
    story s;
    (void)state;
    story_begin(&s, &health_fhir);
    story_feed(
        &s,
        BUNDLE("collection",
               "\n" ENTRY("a", APPOINTMENT("noshow", "2026-02-30T10:00:00Z")) ",\n" ENTRY(
                   "b", "{\"resourceType\":\"Appointment\",\"id\":\"b\",\"status\":\"never\",\"participant\":[{"
                        "\"actor\":{\"reference\":\"urn:uuid:p\"}}]}") ",\n" ENTRY("e", ENCOUNTER("arrived",
                                                                                                  "")) "," ENTRY("p", PATIENT)));
    then_counts(&s, 1, 2);
    then_parked(&s, 0, "start", 2, "does not exist");
    then_parked(&s, 1, "status", 3, "not a status");
    then_nowhere(&s, "never");
    then_nowhere(&s, "2026-02-30");
    story_feed(&s, "{\"type\":\"x\"}");
    then_refused(&s, "1:1: resourceType");
    story_feed(&s, "{\"resourceType\":\"Bundle\",\n\"entry\":7}");
    then_refused(&s, "2:9: entry: must be a list");
    story_end(&s);
}

static void a_number_that_fails_its_check_parks_the_resource(void **state)
{
    story s;
    (void)state;
    story_begin(&s, &health_fhir);
    story_feed(&s, "{\"resourceType\":\"Appointment\",\"id\":\"a\",\"status\":\"noshow\",\"participant\":[{\"actor\":{"
                   "\"identifier\":" NHS("9990001074") "}}]}");
    then_counts(&s, 0, 1);
    then_parked(&s, 0, "identifier.value", 1, "check digit");
    then_nowhere(&s, "999000");
    story_end(&s);
}

#define XML_APPOINTMENT(status, start)                                                                                           \
    "<Appointment xmlns='http://hl7.org/fhir'>\n<id value='a1'/>\n<contained><Patient><id value='p'/><identifier><system "       \
    "value='https://fhir.nhs.uk/Id/nhs-number'/><value value='9990001073'/></identifier><name><family value='Testley'/>"         \
    "<given value='Robin'/></name><birthDate value='2016-05-06'/></Patient></contained>\n" status "\n<start value='" start       \
    "'/>\n<participant><actor><reference value='#p'/></actor></participant></Appointment>"

/* The same resource in either form is the same fact: whoever changes from one to the other repeats nothing. */
static void a_resource_in_xml_is_the_same_fact_as_in_json(void **state)
{
    story s;
    (void)state;
    story_begin(&s, &health_fhir);
    story_feed(&s, XML_APPOINTMENT("<status value='noshow'/>", "2026-01-14T10:00:00Z"));
    then_counts(&s, 1, 0);
    then_event(&s, 0, "missed_appointment");
    assert_string_equal(s.events[0]->subjects[0]->identifiers[0]->value, "9990001073");
    assert_string_equal(s.events[0]->subjects[0]->family_name, "Testley");
    assert_int_equal(s.events[0]->missed_appointment->was_not_brought, MASH__V1__PRESENCE__PRESENCE_YES);
    story_feed(&s, "{\"resourceType\":\"Appointment\",\"id\":\"a1\",\"contained\":[{\"resourceType\":\"Patient\",\"id\":\"p\","
                   "\"identifier\":[" NHS("9990001073") "],\"name\":[{\"family\":\"Testley\",\"given\":[\"Robin\"]}],"
                                                        "\"birthDate\":\"2016-05-06\"}],\"status\":\"noshow\",\"start\":\"2026-"
                                                        "01-14T10:00:00Z\",\"participant\":[{"
                                                        "\"actor\":{\"reference\":\"#p\"}}]}");
    then_counts(&s, 0, 0);
    story_end(&s);
}

static void a_fault_in_xml_is_told_where_it_stands(void **state)
{
    static const struct {
        const char *input, *refused, *field;
        uint32_t line, column;
    } ROWS[] = {
        {XML_APPOINTMENT("<status value='noshow'/>", "2026-02-30T10:00:00Z"), NULL, "start", 5, 1},
        {XML_APPOINTMENT("<status value='never'/>", "2026-01-14T10:00:00Z"), NULL, "status", 4, 1},
        {XML_APPOINTMENT("<status value='noshow'/><status value='booked'/>", "2026-01-14T10:00:00Z"), NULL, "status", 4, 25},
        {"<Appointment xmlns='http://hl7.org/fhir'>\n<status value='never", "2:", NULL, 0, 0},
        {"<!DOCTYPE a [<!ENTITY never 'x'>]><Appointment/>", "DOCTYPE", NULL, 0, 0},
        {"<feed><entry/></feed>", "not a FHIR resource", NULL, 0, 0},
        {"<Bundle>\n<entry><resource><Patient/><Patient/></resource></entry></Bundle>", "2:28: not a FHIR", NULL, 0, 0},
    };
    (void)state;
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        story s;
        story_begin(&s, &health_fhir);
        story_feed(&s, ROWS[i].input);
        if (ROWS[i].refused != NULL) {
            then_refused(&s, ROWS[i].refused);
        } else {
            then_counts(&s, 0, 1);
            then_parked(&s, 0, ROWS[i].field, ROWS[i].line, "");
            assert_int_equal(s.parked[0].column, ROWS[i].column);
        }
        then_nowhere(&s, "never");
        story_end(&s);
    }
}

/* Care Connect (STU3) and spine messages name the NHS number by older systems. */
/* Of two current numbers the hub makes two people. */
static void a_number_that_is_no_longer_in_use_is_left_out(void **state)
{
    story s;
    (void)state;
    story_begin(&s, &health_fhir);
    story_feed(&s,
               BUNDLE("collection", ENTRY("a", APPOINTMENT("noshow", "2026-01-14T10:00:00Z")) "," ENTRY(
                                        "p", "{\"resourceType\":\"Patient\",\"identifier\":[{\"use\":\"old\",\"system\":\"https:/"
                                             "/fhir.nhs.uk/Id/nhs-number\",\"value\":\"9990001359\"}," NHS("9990001073") "]}")));
    then_counts(&s, 1, 0);
    assert_int_equal(s.events[0]->subjects[0]->n_identifiers, 1);
    assert_string_equal(s.events[0]->subjects[0]->identifiers[0]->value, "9990001073");
    story_end(&s);
}

static void an_nhs_number_is_known_by_every_system_it_was_published_under(void **state)
{
    static const char *const SYSTEMS[] = {"https://fhir.nhs.uk/Id/nhs-number", "http://fhir.nhs.net/Id/nhs-number",
                                          "urn:oid:2.16.840.1.113883.2.1.4.1"};
    (void)state;
    for (size_t i = 0; i < sizeof SYSTEMS / sizeof SYSTEMS[0]; i++) {
        story s;
        char text[600];
        story_begin(&s, &health_fhir);
        (void)snprintf(
            text, sizeof text,
            "{\"resourceType\":\"Appointment\",\"id\":\"a\",\"status\":\"noshow\",\"participant\":[{\"actor\":{\"identifier\":"
            "{\"system\":\"%s\",\"value\":\"9990001359\"}}}]}",
            SYSTEMS[i]);
        story_feed(&s, text);
        then_counts(&s, 1, 0);
        assert_int_equal(s.events[0]->subjects[0]->identifiers[0]->scheme,
                         MASH__V1__IDENTIFIER_SCHEME__IDENTIFIER_SCHEME_NHS_NUMBER);
        story_end(&s);
    }
}

static void the_answer_is_an_operation_outcome(void **state)
{
    static const struct {
        kit_input_result result;
        const char *reason, *part;
    } ROWS[] = {
        {KIT_INPUT_DONE, "", "\"severity\":\"information\""},
        {KIT_INPUT_PARKED, "line 2, column 1: start: no \"date\"",
         "\"diagnostics\":\"line 2, column 1: start: no \\\"date\\\"\""},
        {KIT_INPUT_UNREADABLE, "1:1: not JSON", "\"code\":\"structure\""},
        {KIT_INPUT_FAILED, "", "\"code\":\"transient\""},
    };
    (void)state;
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        hub_buffer out = {0};
        assert_int_equal(health_fhir.answer(hub_bytes_of_text("x"), ROWS[i].result, ROWS[i].reason, STORY_NOW_MS, &out), HUB_OK);
        assert_non_null(strstr(hub_buffer_text(&out), "{\"resourceType\":\"OperationOutcome\",\"issue\":[{"));
        assert_non_null(strstr(hub_buffer_text(&out), ROWS[i].part));
        hub_buffer_free(&out);
    }
}

#define FLAG(status, category, code, period)                                                                                     \
    "{\"resourceType\":\"Flag\",\"id\":\"f1\",\"status\":\"" status                                                              \
    "\",\"category\":[{\"coding\":[{\"system\":\"http://snomed.info/sct\","                                                      \
    "\"code\":\"1\"}]},{\"coding\":[" category "]}],\"code\":{" code "},\"subject\":{\"identifier\":{\"system\":"                \
    "\"https://fhir.nhs.uk/Id/nhs-number\",\"value\":\"9990001073\"}},\"period\":{" period "}}"
#define CP_IS "{\"system\":\"https://fhir.nhs.uk/England/CodeSystem/PatientFlagCategory\",\"code\":\"CP-IS\"}"
#define INTERWEAVE(list, code)                                                                                                   \
    "{\"system\":\"https://fhir.interweavedigital.nhs.uk/CodeSystem/Interweave-Flag" list "\",\"code\":\"" code "\"}"

/* A flag about a child is told when it is put and when it is taken off; a flag about falls stays in the hospital. */
static void flags_of_the_published_lists_are_told_and_no_others(void **state)
{
    story s;
    (void)state;
    story_begin(&s, &health_fhir);
    story_feed(&s, FLAG("active", CP_IS, "\"text\":\"Has a plan\"", "\"start\":\"2026-01-10\""));
    then_counts(&s, 1, 0);
    then_event(&s, 0, "risk_flag");
    assert_string_equal(s.events[0]->risk_flag->code, "CP-IS");
    assert_string_equal(s.events[0]->risk_flag->note, "Has a plan");
    assert_int_equal(s.events[0]->risk_flag->change, MASH__V1__CHANGE__CHANGE_STARTED);
    assert_int_equal(s.events[0]->risk_flag->on->day, 10);
    story_feed(&s, FLAG("active", CP_IS, "\"text\":\"Has a plan\"", "\"start\":\"2026-01-10\""));
    then_counts(&s, 0, 0);
    story_feed(&s, FLAG("inactive", CP_IS, "\"text\":\"Has a plan\"", "\"start\":\"2026-01-10\",\"end\":\"2026-01-14\""));
    then_counts(&s, 1, 0);
    assert_int_equal(s.events[0]->amends.len, 0);
    assert_int_equal(s.events[0]->risk_flag->change, MASH__V1__CHANGE__CHANGE_ENDED);
    story_feed(&s, FLAG("entered-in-error", CP_IS, "", ""));
    then_counts(&s, 2, 0);
    assert_int_equal(s.events[0]->retracts.len, 16);
    story_feed(&s, FLAG("active", "{\"system\":\"http://terminology.hl7.org/CodeSystem/flag-category\",\"code\":\"safety\"}",
                        "\"text\":\"Falls\"", ""));
    then_counts(&s, 0, 0);
    story_feed(&s, FLAG("on", CP_IS, "", ""));
    then_counts(&s, 0, 1);
    then_parked(&s, 0, "status", 1, "not a status");
    /* the category is of all such flags, the code says which */
    story_feed(&s, FLAG("active", INTERWEAVE("Category", "SGC"), "\"coding\":[" INTERWEAVE("Type", "MARAC") "]", ""));
    then_counts(&s, 1, 0);
    assert_string_equal(s.events[0]->risk_flag->code, "MARAC");
    assert_int_equal(s.events[0]->risk_flag->kind, MASH__V1__FACTOR_KIND__FACTOR_KIND_DOMESTIC_ABUSE);
    story_end(&s);
}

/* A flag that was taken off and is put again, with the words it had: a new event, of an id of its own, each time. */
static void a_flag_that_is_put_again_is_told_again(void **state)
{
    static const char ON[] = FLAG("active", CP_IS, "", "\"start\":\"2026-01-10\"");
    static const char OFF[] = FLAG("inactive", CP_IS, "", "\"start\":\"2026-01-10\",\"end\":\"2026-01-14\"");
    static const char *const SAID[] = {ON, OFF, ON, OFF};
    char references[4][160];
    story s;
    (void)state;
    story_begin(&s, &health_fhir);
    for (size_t i = 0; i < 4; i++) {
        story_feed(&s, SAID[i]);
        then_counts(&s, 1, 0);
        assert_int_equal(s.events[0]->risk_flag->change,
                         i % 2 == 0 ? MASH__V1__CHANGE__CHANGE_STARTED : MASH__V1__CHANGE__CHANGE_ENDED);
        (void)snprintf(references[i], sizeof references[i], "%s", s.events[0]->source_reference);
        if (i >= 2) assert_string_not_equal(references[i], references[i - 2]);
        assert_int_equal(s.events[0]->amends.len, i >= 2 ? 16 : 0); /* so that one withdrawal takes back both */
        story_feed(&s, SAID[i]);
        then_counts(&s, 0, 0);
    }
    story_end(&s);
}

/* M3: what is no resource is said, and the appointments beside it are told. */
static void an_entry_that_holds_no_resource_is_parked_where_it_stands(void **state)
{
    story s;
    (void)state;
    story_begin(&s, &health_fhir);
    story_feed(&s, "{\"resourceType\":\"Bundle\",\"type\":\"batch\",\"entry\":[null,\n{\"resource\":5},\n{\"request\":{"
                   "\"method\":\"DELETE\"}},\"x\",\n{\"resource\":" FLAG("active", CP_IS, "", "") "},{\"resource\":{}}]}");
    then_counts(&s, 1, 4);
    then_parked(&s, 0, "entry[0]", 1, "must be an object");
    then_parked(&s, 1, "entry[1]", 2, "must be an object");
    then_parked(&s, 2, "entry[3]", 3, "must be an object");
    then_parked(&s, 3, "entry[5]", 4, "with a resource");
    story_end(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_appointment_is_booked_moved_missed_and_put_right),
        cmocka_unit_test(a_miss_is_withdrawn_when_the_appointment_was_kept_after_all),
        cmocka_unit_test(a_miss_of_an_appointment_that_was_moved_continues_the_row),
        cmocka_unit_test(a_miss_whose_start_is_stated_later_is_amended_or_withdrawn),
        cmocka_unit_test(an_appointment_entered_in_error_leaves_the_row),
        cmocka_unit_test(what_cannot_be_told_for_its_status_or_shape_is_parked),
        cmocka_unit_test(a_lone_appointment_is_known_by_the_number_in_its_reference),
        cmocka_unit_test(an_attendance_and_its_end_against_advice_are_two_facts),
        cmocka_unit_test(a_message_tells_its_focus_alone),
        cmocka_unit_test(an_order_of_tests_is_no_referral_and_test_data_is_nothing),
        cmocka_unit_test(a_bad_resource_is_parked_and_the_others_of_its_bundle_go_on),
        cmocka_unit_test(a_number_that_fails_its_check_parks_the_resource),
        cmocka_unit_test(a_resource_in_xml_is_the_same_fact_as_in_json),
        cmocka_unit_test(a_fault_in_xml_is_told_where_it_stands),
        cmocka_unit_test(a_number_that_is_no_longer_in_use_is_left_out),
        cmocka_unit_test(an_nhs_number_is_known_by_every_system_it_was_published_under),
        cmocka_unit_test(the_answer_is_an_operation_outcome),
        cmocka_unit_test(flags_of_the_published_lists_are_told_and_no_others),
        cmocka_unit_test(a_flag_that_is_put_again_is_told_again),
        cmocka_unit_test(an_entry_that_holds_no_resource_is_parked_where_it_stands),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
