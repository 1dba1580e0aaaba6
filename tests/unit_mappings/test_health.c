/* HL7 messages: appointments, admissions, answers. */
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

#define MSH(trigger, id) "MSH|^~\\&|PAS|RHM|HUB|MASH|202601150900||" trigger "|" id "|P|2.4\r"
#define PID_CHILD                                                                                                                \
    "PID|1||9990001073^^^NHS^NH~R1^^^RHM^MR||Testley^Robin^Alex||20160506|1|||1 Example Row^^Testhampton^^ZZ99 3VZ^GBR^H\r"
#define PID_ADULT "PID|1||9990001359^^^NHS||Example^Edith||19500203|2\r"

static void an_appointment_is_booked_then_missed_and_the_child_was_not_brought(void **state)
{
    story s;
    (void)state;
    story_begin(&s, &health_hl7);
    story_feed(&s, MSH("SIU^S12", "1") PID_CHILD /* H2: its last segment is the sender's own */
               "PD1|||Example^^Z99001\rSCH|ID123||||||^checkup^||||^^^202601141000^202601141030\rZZZ|1\r");
    then_counts(&s, 1, 0);
    then_event(&s, 0, "appointment_booked");
    assert_int_equal(s.events[0]->appointment_booked->appointment->starts_at, 1768384800000);

    story_feed(&s, MSH("SIU^S26", "2") PID_CHILD "SCH|ID123\r"); /* no start, no service: joined to the booking */
    then_counts(&s, 1, 0);
    then_event(&s, 0, "missed_appointment");
    const Mash__V1__Event *event = s.events[0];
    assert_int_equal(event->missed_appointment->was_not_brought, MASH__V1__PRESENCE__PRESENCE_YES);
    assert_int_equal(event->missed_appointment->appointment->starts_at, 1768384800000);
    assert_string_equal(event->missed_appointment->appointment->service, "checkup");
    assert_string_equal(event->missed_appointment->appointment->placer_reference, "ID123");
    assert_string_equal(event->missed_appointment->appointment->provider_code, "RHM");
    assert_int_equal(event->occurred_at, 1768384800000);
    assert_int_equal(event->recorded_at, 1768467600000);
    assert_string_equal(event->source_reference, "PAS/RHM/2");
    const Mash__V1__Subject *child = event->subjects[0];
    assert_int_equal(child->roles[0], MASH__V1__SUBJECT_ROLE__SUBJECT_ROLE_CHILD);
    assert_int_equal(child->n_identifiers, 2);
    assert_int_equal(child->n_given_names, 2);
    assert_string_equal(child->addresses[0]->postcode, "ZZ99 3VZ");
    story_end(&s);
}

/* The miss is told even when nothing is known of the appointment. */
static void a_bare_no_show_without_a_booking_has_no_start(void **state)
{
    story s;
    (void)state;
    story_begin(&s, &health_hl7);
    story_feed(&s, MSH("SIU^S26", "2") PID_CHILD "SCH|ID9\r");
    then_counts(&s, 1, 0);
    assert_int_equal(s.events[0]->occurred_at, 1);
    assert_int_equal(s.events[0]->missed_appointment->appointment->starts_at, 0);
    assert_int_equal(s.events[0]->missed_appointment->was_not_brought, MASH__V1__PRESENCE__PRESENCE_YES);
    story_end(&s);
}

static void check_kind(const char *message, const char *kind)
{
    story s;
    story_begin(&s, &health_hl7);
    story_feed(&s, message);
    then_counts(&s, kind == NULL ? 0 : 1, 0);
    if (kind != NULL) then_event(&s, 0, kind);
    story_end(&s);
}

static void triggers_become_the_events_of_the_table_and_nothing_else_does(void **state)
{
    (void)state;
    check_kind(MSH("SIU^S13", "1") PID_ADULT "SCH|A||||||x||||^^^202601141000\r", "appointment_rebooked");
    check_kind(MSH("SIU^S14", "1") PID_ADULT "SCH|A||||||x||||^^^202601141000\r", "appointment_rebooked");
    check_kind(MSH("SIU^S15", "1") PID_ADULT "SCH|A\r", "appointment_cancelled");
    check_kind(MSH("SIU^S15", "1") PID_ADULT "SCH|A\rAIS|1||x|||||||Noshow\r", "appointment_cancelled"); /* H3 */
    check_kind(MSH("SIU^S14", "1") PID_ADULT "SCH|A||||||x||||^^^202601141000\rAIS|1||x|||||||Noshow\r", "missed_appointment");
    check_kind(MSH("SIU^S14", "1") PID_ADULT "SCH|A||||||x||||^^^202601141000\rAIL|1||x|||||||||No-show\r", "missed_appointment");
    check_kind(MSH("SIU^S14", "1") PID_ADULT "SCH|A||||||x||||^^^202601141000||||||||||||||NOSHOW\r", "missed_appointment");
    check_kind(MSH("SIU^S17", "1") PID_ADULT "SCH|A\r", "appointment_cancelled");
    check_kind(MSH("SIU^S14", "1") PID_ADULT "SCH|A|||||||||||||||||||||||||Deleted\r",
               "appointment_rebooked"); /* SCH-26 is no status */
    check_kind(MSH("SIU^S14", "1") PID_ADULT "SCH|A||||||||||||||||||||||||Cancelled\r", "appointment_cancelled");
    check_kind(MSH("SIU^S12", "1") PID_ADULT "SCH|A||||||||||||||||||||||||Cancelled\r", "appointment_cancelled");
    check_kind(MSH("SIU^S26", "1") PID_ADULT "SCH|A||||||||||||||||||||||||Cancelled\r", "missed_appointment");
    check_kind(MSH("SIU^S19", "1") PID_ADULT "SCH|A\r", NULL); /* another room */
    check_kind(MSH("SIU^S23", "1") "SCH|A\r", NULL);
    check_kind(MSH("SIU^S16", "1") PID_ADULT "SCH|A\r", NULL); /* stopped when it had begun: neither missed nor cancelled */
    check_kind(MSH("ADT^A01", "1") PID_ADULT "PV1|1|E\r", "urgent_care_attendance");
    check_kind(MSH("ADT^A04", "1") PID_ADULT "PV1|1|E\r", "urgent_care_attendance");
    check_kind(MSH("ADT^A04", "1") PID_ADULT "PV1|1|e\r", "urgent_care_attendance");
    check_kind(MSH("ADT^A04", "1") PID_ADULT "PV1|1|O\r", NULL);
    check_kind(MSH("ADT^A01", "1") PID_ADULT "PV1|1|I\r", NULL);
    check_kind(MSH("ADT^A03", "1") PID_ADULT "PV1|1|I\r", NULL); /* no disposition: nothing to say */
    check_kind(MSH("ADT^A08", "1") PID_ADULT, NULL);
    check_kind(MSH("ADT^A28", "1") PID_ADULT, NULL);
    check_kind("MSH|^~\\&|PAS|RHM|HUB|MASH|202601150900||SIU^S26|1|T|2.4\r" PID_CHILD "SCH|A\r", NULL); /* H1 */
    check_kind("MSH|^~\\&|PAS|RHM|HUB|MASH|202601150900||SIU^S26|1|D|2.4\r" PID_CHILD "SCH|A\r", NULL);
}

#define A03(code) MSH("ADT^A03", "1") PID_ADULT "PV1|1|I||||||||||||||||||||||||||||||||||" code "|||||||||202601141000\r"

static Mash__V1__Presence against_advice(const char *message)
{
    story s;
    story_begin(&s, &health_hl7);
    story_feed(&s, message);
    then_counts(&s, 1, 0);
    then_event(&s, 0, "discharge");
    Mash__V1__Presence answer = s.events[0]->discharge->against_advice;
    story_end(&s);
    return answer;
}

static void leaving_against_advice_is_told_by_the_discharge_code(void **state)
{
    (void)state;
    assert_int_equal(against_advice(A03("2")), MASH__V1__PRESENCE__PRESENCE_YES);
    assert_int_equal(against_advice(A03("07")), MASH__V1__PRESENCE__PRESENCE_YES);
    assert_int_equal(against_advice(A03("1")), MASH__V1__PRESENCE__PRESENCE_NO);
    assert_int_equal(against_advice(A03("4")), MASH__V1__PRESENCE__PRESENCE_UNSPECIFIED); /* died */
}

static void an_adult_did_not_attend_rather_than_was_not_brought(void **state)
{
    story s;
    (void)state;
    story_begin(&s, &health_hl7);
    story_feed(&s, MSH("SIU^S26", "1") PID_ADULT "SCH|A||||||x||||^^^202601141000\r");
    assert_int_equal(s.events[0]->missed_appointment->was_not_brought, MASH__V1__PRESENCE__PRESENCE_NO);
    assert_int_equal(s.events[0]->subjects[0]->roles[0], MASH__V1__SUBJECT_ROLE__SUBJECT_ROLE_PATIENT);
    story_feed(
        &s,
        "MSH|^~\\&|PAS|RHM|HUB|MASH|202601150900||SIU^S26|2|P|2.5\rPID|1||1^^^X||Doe\rSCH|B\rTQ1|||||||20260114100000+0000\r");
    assert_int_equal(s.events[0]->missed_appointment->was_not_brought, MASH__V1__PRESENCE__PRESENCE_UNSPECIFIED);
    assert_int_equal(s.events[0]->missed_appointment->appointment->starts_at, 1768384800000);
    story_end(&s);
}

static void check_line_ends(const char *message)
{
    check_kind(message, "missed_appointment");
}

static void line_ends_and_a_byte_order_mark_do_not_matter(void **state)
{
    (void)state;
    check_line_ends("MSH|^~\\&|PAS|RHM|||202601150900||SIU^S26|1|P|2.4\nPID|1||9990001073^^^NHS\nSCH|A\n");
    check_line_ends("MSH|^~\\&|PAS|RHM|||202601150900||SIU^S26|1|P|2.4\r\nPID|1||9990001073^^^NHS\r\nSCH|A\r\n");
    check_line_ends("\xEF\xBB\xBFMSH|^~\\&|PAS|RHM|||202601150900||SIU^S26|1|P|2.4\rPID|1||9990001073^^^NHS\rSCH|A");
}

static void check_parked(const char *message, const char *field, uint32_t line, const char *rule, const char *value)
{
    story s;
    story_begin(&s, &health_hl7);
    story_feed(&s, message);
    then_counts(&s, 0, 1);
    then_parked(&s, 0, field, line, rule);
    then_nowhere(&s, value);
    story_end(&s);
}

/* What it tells would be lost unseen behind an AA. */
static void a_trigger_that_nobody_knows_is_parked(void **state)
{
    (void)state;
    check_parked(MSH("SIU^S15X", "1") PID_ADULT "SCH|A\r", "MSH-9", 1, "no trigger of SIU", "S15X");
    check_parked(MSH("SIU", "1") PID_ADULT "SCH|A\r", "MSH-9", 1, "no trigger of SIU", "Testley");
    check_parked(MSH("ADT", "1") PID_ADULT "PV1|1|E\r", "MSH-9", 1, "no trigger of ADT", "Testley");
    check_parked(MSH("ADT^A99", "1") PID_ADULT "PV1|1|E\r", "MSH-9", 1, "no trigger of ADT", "A99");
    check_parked(MSH("REF^I1", "1") PID_ADULT "RF1|A\r", "MSH-9", 1, "no trigger of ADT", "Testley");
}

/* By folder too: nobody there reads an answer. */
static void a_message_that_is_neither_live_nor_a_test_is_parked(void **state)
{
    (void)state;
    check_parked("MSH|^~\\&|PAS|RHM|HUB|MASH|202601150900||SIU^S26|1|Training|2.4\r" PID_CHILD "SCH|A\r", "MSH-11", 1,
                 "only P, T and D", "Training");
    check_parked("MSH|^~\\&|PAS|RHM|HUB|MASH|202601150900||SIU^S26|1||2.4\r" PID_CHILD "SCH|A\r", "MSH-11", 1, "only P, T and D",
                 "Testley");
    check_parked("MSH|^~\\&|PAS|RHM|HUB|MASH|202601150900||ADT^A40|1|X|2.4\r" PID_CHILD "MRG|1\r", "MSH-11", 1, "only P, T and D",
                 "Testley");
}

static void bad_content_is_parked_with_its_segment_and_field(void **state)
{
    (void)state;
    check_parked(MSH("SIU^S26", "1") "PID|1||9990001074^^^NHS\rSCH|A\r", "PID-3", 2, "check digit", "9990001074");
    check_parked(MSH("SIU^S26", "1") "PID|1||9990001073^^^NHS||x||20161350\rSCH|A\r", "PID-7", 2, "YYYYMMDD", "20161350");
    check_parked(MSH("SIU^S26", "1") PID_CHILD "SCH|A||||||||||^^^tomorrow\r", "SCH-11.4", 3, "YYYYMMDD", "tomorrow");
    check_parked(MSH("SIU^S26", "1") "SCH|A\r", "PID", 1, "no PID", "SCH|A");
    check_parked(MSH("SIU^S26", "1") "PID|1||||||20160506|1\rSCH|A\r", "PID-3", 2, "about somebody", "20160506");
}

#define ED(head, pid, complaint) head "PID|1|" pid "\rPV1|1|EMERGENCY^Emergency|ED^^^RHM\rPV2|||^" complaint "\r"
#define ANOTHER(set) "MSH|^~\\&|EPIC|RHM|HUB|MASH|202601150900||ADT^A04^ADT_A01|1|P|2.8||||||" set "\r"

/* Other makers' systems: the class in words, the NHS number by its authority's object identifier or where v2.3 had it, a home among other
 * addresses, a permanent one, a birth known to the year, a death. */
static void another_makers_patient_is_read(void **state)
{
    story s;
    (void)state;
    story_begin(&s, &health_hl7);
    story_feed(&s, ED(ANOTHER("UNICODE UTF-8"),
                      "|M1^^^RHM^MR~9990001073^^^&2.16.840.1.113883.2.1.4.1&ISO^SN||Testley^Robin||2016|M|||9 Old Row^^T^^ZZ99 "
                      "3WZ^^BR~1 Row^^T^^ZZ99 3VZ^^P||||||||||||||||||20260114",
                      "Fall"));
    then_counts(&s, 1, 0);
    const Mash__V1__Subject *patient = s.events[0]->subjects[0];
    assert_string_equal(patient->identifiers[1]->value, "9990001073");
    assert_int_equal(patient->roles[0], MASH__V1__SUBJECT_ROLE__SUBJECT_ROLE_CHILD);
    assert_int_equal(patient->n_addresses, 1);
    assert_string_equal(patient->addresses[0]->postcode, "ZZ99 3VZ");
    assert_int_equal(patient->addresses[0]->kind, MASH__V1__ADDRESS_KIND__ADDRESS_KIND_HOME);
    assert_int_equal(patient->date_of_death->day, 14);
    story_feed(&s, ED(ANOTHER(""), "M2^^^OLD^MR~9990001073^^^NHS^NH~M3|M1^^^RHM^MR|||Testley^Robin||20160506|M", "Fall"));
    assert_int_equal(s.events[0]->subjects[0]->n_identifiers, 2);
    assert_string_equal(s.events[0]->subjects[0]->identifiers[1]->value, "9990001073");
    story_feed(&s, ED(ANOTHER(""), "9990001359^^^NHS^NH~M2^^^OLD^MR|M1^^^RHM^MR|||Example^Edith||19500203|F", "Fall"));
    assert_int_equal(s.events[0]->subjects[0]->n_identifiers, 2);
    assert_string_equal(s.events[0]->subjects[0]->identifiers[0]->value, "RHM:M1");
    assert_string_equal(s.events[0]->subjects[0]->identifiers[1]->value, "9990001359");
    story_end(&s);
}

/* A name in Latin-1 under no name, and a complaint: each is sought in its own field of its own segment. */
static void text_that_is_no_utf_8_is_parked_at_its_field(void **state)
{
    (void)state;
    check_parked(ED(ANOTHER(""), "|9990001073^^^NHS||Testley^Ren\xE9\x65", "Fall"), "PID-5", 2, "not UTF-8", "Testley");
    check_parked(ED(ANOTHER("ASCII"), "|9990001073^^^NHS||Testley", "Br\xFBlure"), "PV2-3", 4, "MSH-18", "Testley");
    check_kind(ED(ANOTHER("ISO-8859-1"), "|9990001073^^^NHS||Testley^Ren\xE9\x65", "Br\xFBlure"), "urgent_care_attendance");
}

/* Systems give one number to everybody who has none: the miss is told, and two such patients are not made one person. */
static void a_dummy_nhs_number_is_left_out_and_noted_once_a_day(void **state)
{
    story s;
    (void)state;
    story_begin(&s, &health_hl7);
    story_feed(&s, MSH("SIU^S26", "1") "PID|1||9999999999^^^NHS^NH~R1^^^RHM^MR||Testley||20160506\rSCH|A\r");
    then_counts(&s, 1, 0);
    assert_int_equal(s.events[0]->subjects[0]->n_identifiers, 1);
    assert_string_equal(s.events[0]->subjects[0]->identifiers[0]->value, "RHM:R1");
    assert_int_equal(s.noted_count, 1);
    assert_non_null(strstr(s.noted, "nhs"));
    assert_null(strstr(s.noted, "9999999999"));
    story_feed(&s, MSH("SIU^S26", "2") "PID|1||3333333333^^^NHS||Example\rSCH|B\r");
    then_counts(&s, 1, 0);
    assert_int_equal(s.events[0]->subjects[0]->n_identifiers, 0);
    assert_int_equal(s.noted_count, 1);
    s.options.received_ms += 24 * 3600 * 1000;
    story_feed(&s, MSH("SIU^S26", "3") "PID|1||3333333333^^^NHS||Example\rSCH|C\r");
    assert_int_equal(s.noted_count, 2);
    story_end(&s);
}

/* Delimiters are the sender's to choose: the event and the answer say the same as with the usual ones. */
static void other_delimiters_mean_the_same(void **state)
{
    story s;
    (void)state;
    static const char MESSAGE[] = "MSH*:;!%*PAS*RHM*HUB*MASH*202601150900**SIU:S26*C!F!7|7*P*2.4\r"
                                  "PID*1**9990001073:::NHS:NH;R1:::RHM:MR**O'Test!T!ley:Robin**20160506*1\r"
                                  "SCH*ID|1:X******:check!S!up****:::202601141000\r";
    story_begin(&s, &health_hl7);
    story_feed(&s, MESSAGE);
    then_counts(&s, 1, 0);
    then_event(&s, 0, "missed_appointment");
    assert_string_equal(s.events[0]->subjects[0]->family_name, "O'Test%ley");
    assert_int_equal(s.events[0]->subjects[0]->n_identifiers, 2);
    assert_string_equal(s.events[0]->missed_appointment->appointment->placer_reference, "ID|1");
    assert_string_equal(s.events[0]->missed_appointment->appointment->service, "check:up");
    assert_int_equal(s.events[0]->missed_appointment->appointment->starts_at, 1768384800000);
    story_end(&s);
    hub_buffer out = {0};
    assert_int_equal(health_hl7.answer(hub_bytes_of_text(MESSAGE), KIT_INPUT_DONE, NULL, STORY_NOW_MS, &out), HUB_OK);
    const char *answer = hub_buffer_text(&out);
    assert_non_null(strstr(answer, "MSH|^~\\&|HUB|MASH|PAS|RHM|20260115120000+0000||ACK^S26^ACK|"));
    assert_non_null(strstr(answer, "|P|2.4\rMSA|AA|C*7\\F\\7\r")); /* "C*7|7", in the answer's own delimiters */
    hub_buffer_free(&out);
}

/* A NUL ends a text early wherever a C program reads it: what stands after it would be lost in silence. */
static void a_nul_byte_refuses_the_message_with_its_segment(void **state)
{
    story s;
    (void)state;
    static const char MESSAGE[] = MSH("SIU^S26", "1") "PID|1||9990001073^^^NHS||Test\0ley\rSCH|A\r";
    story_begin(&s, &health_hl7);
    story_feed_bytes(&s, hub_bytes_of(MESSAGE, sizeof MESSAGE - 1));
    then_refused(&s, "segment 2: a NUL byte");
    then_nowhere(&s, "Test");
    assert_int_equal(s.count, 0);
    story_end(&s);
    char key[256];
    hub_buffer out = {0};
    hub_bytes message = hub_bytes_of(MESSAGE, sizeof MESSAGE - 1);
    const char *reason = NULL;
    assert_int_equal(health_hl7.accepts(message, key, &reason), KIT_INPUT_DONE);
    assert_int_equal(health_hl7.answer(message, KIT_INPUT_PARKED, "segment 2: a NUL byte", STORY_NOW_MS, &out), HUB_OK);
    assert_non_null(strstr(hub_buffer_text(&out), "MSA|AE|1|segment 2"));
    hub_buffer_free(&out);
}

static void check_answer(const char *message, kit_input_result accepted, kit_input_result result, const char *wanted)
{
    char key[256];
    hub_buffer out = {0};
    const char *reason = NULL;
    assert_int_equal(health_hl7.accepts(hub_bytes_of_text(message), key, &reason), accepted);
    assert_int_equal(health_hl7.answer(hub_bytes_of_text(message), result, "PID-3: a|b", STORY_NOW_MS, &out), HUB_OK);
    const char *answer = hub_buffer_text(&out);
    if (wanted == NULL ? answer[0] != '\0' : strstr(answer, wanted) == NULL) fail_msg("\"%s\" has no \"%s\"", answer, wanted);
    hub_buffer_free(&out);
}

#define HEAD(version, more) "MSH|^~\\&|PAS|RHM|HUB|MASH|202601150900||SIU^S12|C77|P|" version "|||" more "\r"

static void answers_are_those_of_the_original_mode(void **state)
{
    (void)state;
    check_answer(HEAD("2.4", ""), KIT_INPUT_DONE, KIT_INPUT_DONE, "MSH|^~\\&|HUB|MASH|PAS|RHM|20260115120000+0000||ACK^S12^ACK|");
    check_answer(HEAD("2.4", ""), KIT_INPUT_DONE, KIT_INPUT_DONE, "|P|2.4\rMSA|AA|C77\r");
    check_answer(HEAD("2.4", ""), KIT_INPUT_DONE, KIT_INPUT_REPEATED, "MSA|AA|C77\r");
    check_answer(HEAD("2.4", ""), KIT_INPUT_DONE, KIT_INPUT_PARKED, "MSA|AE|C77|PID-3: a\\F\\b\rERR|^^^102&");
    check_answer(HEAD("2.5", ""), KIT_INPUT_DONE, KIT_INPUT_PARKED,
                 "MSA|AE|C77\rERR|||102^Data type error^HL70357|E||||PID-3: a\\F\\b\r");
    check_answer(HEAD("2.4", ""), KIT_INPUT_DONE, KIT_INPUT_FAILED, "MSA|AR|C77");
    check_answer("MSH|^~\\&|PAS|RHM|||1||ORU^R01|C|P|2.4\r", KIT_INPUT_UNSUPPORTED, KIT_INPUT_UNSUPPORTED, "MSA|AR|C");
    check_answer(HEAD("3.0", ""), KIT_INPUT_UNSUPPORTED, KIT_INPUT_UNSUPPORTED, "MSA|AR|C77");
    check_answer(HEAD("3.0", ""), KIT_INPUT_UNSUPPORTED, KIT_INPUT_UNSUPPORTED, "203^Unsupported version id");
    check_answer("MSH|^~\\&|PAS|RHM|||1||SIU^S26|C|X|2.4\r", KIT_INPUT_UNSUPPORTED, KIT_INPUT_UNSUPPORTED,
                 "202&Unsupported processing id");
    check_answer("MSH|^~\\&|PAS|RHM|||1||SIU^S26||P|2.4\r", KIT_INPUT_PARKED, KIT_INPUT_PARKED, "101&Required field missing");
    check_answer("MSH|^~\\&|PAS|RHM|||1||SIU^S26|C|T|2.4\r", KIT_INPUT_DONE, KIT_INPUT_DONE, "MSA|AA|C\r");
    check_answer("MSH|^~\\&|PAS|RHM|||1||SIU^S26||P|2.4\r", KIT_INPUT_PARKED, KIT_INPUT_PARKED, "MSA|AE|");
    check_answer("junk", KIT_INPUT_UNSUPPORTED, KIT_INPUT_UNSUPPORTED, "MSA|AR|\r");
    check_answer(HEAD("2.4", "NE"), KIT_INPUT_DONE, KIT_INPUT_DONE, NULL);
    check_answer(HEAD("2.4", "ER"), KIT_INPUT_DONE, KIT_INPUT_DONE, NULL);
    check_answer(HEAD("2.4", "ER"), KIT_INPUT_DONE, KIT_INPUT_PARKED, "MSA|AE|");
    check_answer(HEAD("2.4", "SU"), KIT_INPUT_DONE, KIT_INPUT_PARKED, NULL);
}

/* The same message again must be known by its sender and control id alone. */
static void a_repeat_has_the_key_of_the_first(void **state)
{
    char one[256];
    char other[256];
    const char *reason = NULL;
    (void)state;
    (void)health_hl7.accepts(hub_bytes_of_text(MSH("SIU^S12", "1") PID_ADULT), one, &reason);
    (void)health_hl7.accepts(hub_bytes_of_text(MSH("SIU^S12", "1") PID_CHILD), other, &reason);
    assert_string_equal(one, other);
    (void)health_hl7.accepts(hub_bytes_of_text(MSH("SIU^S12", "2") PID_CHILD), other, &reason);
    assert_string_not_equal(one, other);
}

#define RF1(status, number) "RF1|" status "|R|PAED^Paediatrics||O|" number "|20260115|||^Bruising not explained\r"
#define PRD "PRD|RP|Surgery^A||^^^Example Surgery\rPRD|RT|Clinic^B||^^^Children's assessment unit\r"

static void a_referral_is_sent_accepted_and_cancelled(void **state)
{
    story s;
    (void)state;
    story_begin(&s, &health_hl7);
    story_feed(&s, MSH("REF^I12", "1") RF1("P", "REF7") PRD PID_CHILD);
    then_counts(&s, 1, 0);
    then_event(&s, 0, "referral");
    const Mash__V1__Referral *referral = s.events[0]->referral;
    assert_int_equal(referral->change, MASH__V1__REFERRAL_CHANGE__REFERRAL_CHANGE_SENT);
    assert_string_equal(referral->to_service, "Children's assessment unit");
    assert_string_equal(referral->reason, "Bruising not explained");
    story_feed(&s, MSH("REF^I13", "2") RF1("P", "REF7") PRD PID_CHILD); /* nothing in it changed */
    then_counts(&s, 0, 0);
    story_feed(&s, MSH("REF^I13", "3") RF1("A", "REF7") PRD PID_CHILD);
    then_counts(&s, 1, 0);
    assert_int_equal(s.events[0]->referral->change, MASH__V1__REFERRAL_CHANGE__REFERRAL_CHANGE_ACCEPTED);
    assert_int_equal(s.events[0]->amends.len, 0); /* accepted is news, and no other wording of sent */
    story_feed(&s, MSH("REF^I14", "4") RF1("P", "REF7") PRD PID_CHILD);
    then_counts(&s, 1, 0);
    assert_int_equal(s.events[0]->referral->change, MASH__V1__REFERRAL_CHANGE__REFERRAL_CHANGE_ENDED_EARLY);
    story_feed(&s, MSH("REF^I15", "5") RF1("P", "REF7") PID_CHILD);
    then_counts(&s, 0, 0);
    story_end(&s);
}

/* Two numbers of one trust that are one person: the hub must not count them as two. */
static void a_merge_names_the_number_that_goes_and_the_one_that_stays(void **state)
{
    story s;
    (void)state;
    story_begin(&s, &health_hl7);
    story_feed(&s, MSH("ADT^A40", "1") "EVN||202601150900\r" PID_CHILD "MRG|R9^^^RHM^MR\r" PID_ADULT "MRG|9990001421^^^NHS^NH\r");
    then_counts(&s, 2, 0);
    then_event(&s, 0, "identity_change");
    assert_string_equal(s.events[0]->identity_change->replaced->value, "RHM:R9");
    assert_string_equal(s.events[0]->identity_change->by->value, "RHM:R1");
    assert_string_equal(s.events[0]->subjects[0]->identifiers[0]->value, "9990001073");
    assert_string_equal(s.events[1]->identity_change->replaced->value, "9990001421");
    assert_string_equal(s.events[1]->identity_change->by->value, "9990001359");
    story_feed(&s, MSH("ADT^A40", "2") PID_CHILD);
    then_counts(&s, 0, 1);
    then_parked(&s, 0, "MRG-1", 1, "which record goes");
    story_feed(&s, MSH("ADT^A40", "3") PID_CHILD "MRG|R9^^^RHM^MR\r" PID_ADULT "MRG|9990001422^^^NHS^NH\r");
    then_counts(&s, 1, 1);
    then_parked(&s, 0, "MRG-1", 5, "check digit");
    story_end(&s);
}

/* Two records of one child, with one NHS number in both: the number of the record that goes is what the hub must learn. */
static void a_merge_tells_each_number_that_differs_and_no_other(void **state)
{
    story s;
    (void)state;
    story_begin(&s, &health_hl7);
    story_feed(&s, MSH("ADT^A40", "1") PID_CHILD "MRG|9990001073^^^NHS^NH~R9^^^RHM^MR\r");
    then_counts(&s, 1, 0);
    assert_string_equal(s.events[0]->identity_change->replaced->value, "RHM:R9");
    assert_string_equal(s.events[0]->identity_change->by->value, "RHM:R1");
    story_feed(&s, MSH("ADT^A40", "2") PID_CHILD "MRG|9990001421^^^NHS^NH~R8^^^RHM^MR\r");
    then_counts(&s, 2, 0);
    assert_string_equal(s.events[0]->identity_change->replaced->value, "9990001421");
    assert_string_equal(s.events[0]->identity_change->by->value, "9990001073");
    assert_string_equal(s.events[1]->identity_change->replaced->value, "RHM:R8");
    story_feed(&s, MSH("ADT^A40", "3") PID_CHILD "MRG|R1^^^RHM^MR\r");
    then_counts(&s, 0, 1);
    then_parked(&s, 0, "MRG-1", 3, "the one that stays");
    story_end(&s);
}

/* As other makers' systems write the same thing: versions, line ends, delimiters, repeats and segments of their own. */
static void a_miss_is_read_as_each_maker_writes_it(void **state)
{
    static const char *const MESSAGES[] = {
        /* 2.3, LF, numbers of the trust first, a name with a prefix and a suffix, a Z segment between */
        "MSH|^~\\&|OLDPAS|RHM|ENGINE|RHM|202601150900||SIU^S26|OLD-1|P|2.3\nZU1|x^y~z\n"
        "PID|1|R1|R1^^^RHM^MR~999 000 1073^^^NHS^NH||Testley^Robin^^^Master||20160506|M\nPV1|1|O\n"
        "SCH|A1^OLDPAS|F1||||DNA|Follow-up||||^^30^202601141000^202601141030\nRGS|1\nAIP|1||C99^Consultant|||||||||Noshow\n",
        /* 2.4, CRLF, a byte order mark, a time with fraction and offset, demographics emptied by "" */
        "\xEF\xBB\xBFMSH|^~\\&|PAS24|RHM|ENGINE|RHM|20260115090000.1234+0000||SIU^S26^SIU_S12|N-1|P|2.4|||AL|NE|GBR|UNICODE "
        "UTF-8\r\n"
        "PID|1||9990001073^^^NHS^NH^^20200101||Testley^Robin^^^^^L~Former^Robin^^^^^M||20160506|1|||\"\"\r\n"
        "SCH|A2^PAS24|||||^Did not attend|||||^^^20260114100000+0000||||||||||||||Noshow\r\n",
        /* 2.5.1, CR, other delimiters, TQ1 and an escaped name, empty lines at the end */
        "MSH#*!@%#EPR#RHM#ENGINE#RHM#20260115090000##SIU*S26*SIU_S12#E-1#P#2.5.1\r"
        "PID#1##9990001073***NHS*NH##Test@F@ley*Robin##20160506#M\rSCH#A3*EPR##########***#\r"
        "TQ1#1######20260114100000#20260114103000\rAIS#1##PAED*Community paediatrics*L#######Noshow\r\r\r",
        /* 2.8, repeated segments, the status in AIG, a patient's second number from another trust */
        "MSH|^~\\&#|NEW^1.2.3^ISO|RHM|ENGINE|RHM|20260115090000||SIU^S26^SIU_S12|P-1|P^T|2.8\r"
        "PID|1||X7^^^OTH&1.2.4&ISO^MR~9990001073^^^NHS&2.16.840.1.113883.2.1.4.1&ISO^NH||Testley&van^Robin||20160506000000|M\r"
        "SCH|A4||||||||||^^^20260114100000\rRGS|1\rAIG|1||ROOM|||||||||||Noshow\rRGS|2\rAIG|2||NURSE\r",
    };
    (void)state;
    for (size_t i = 0; i < sizeof MESSAGES / sizeof MESSAGES[0]; i++) {
        story s;
        story_begin(&s, &health_hl7);
        story_feed(&s, MESSAGES[i]);
        if (s.count != 1 || s.parked_count != 0)
            fail_msg("message %zu: %zu events, parked: %s: %s (%s)", i, s.count, s.parked[0].field, s.parked[0].rule, s.err.text);
        then_event(&s, 0, "missed_appointment");
        const Mash__V1__Event *event = s.events[0];
        bool has_nhs = false;
        for (size_t k = 0; k < event->subjects[0]->n_identifiers; k++)
            has_nhs = has_nhs ||
                      event->subjects[0]->identifiers[k]->scheme == MASH__V1__IDENTIFIER_SCHEME__IDENTIFIER_SCHEME_NHS_NUMBER;
        if (!has_nhs) fail_msg("message %zu has no NHS number", i);
        assert_string_equal(event->subjects[0]->family_name, i == 2 ? "Test#ley" : "Testley");
        assert_int_equal(event->missed_appointment->appointment->starts_at, INT64_C(1768384800000));
        assert_int_equal(event->missed_appointment->was_not_brought, MASH__V1__PRESENCE__PRESENCE_YES);
        const char *reason = NULL;
        char key[256];
        assert_int_equal(health_hl7.accepts(hub_bytes_of_text(MESSAGES[i]), key, &reason), KIT_INPUT_DONE);
        story_end(&s);
    }
}

#define VISIT(number, method, left) "PV1|1|E|ED1||||||||||||||||" number "|||||||||||||||||" method "|||||||||" left "\r"

/* Admitted by mistake, discharged by mistake: what was told is taken back, and only that. */
static void a_cancelled_admission_or_discharge_withdraws_what_was_told(void **state)
{
    story s;
    (void)state;
    story_begin(&s, &health_hl7);
    story_feed(&s, MSH("ADT^A11", "0") PID_CHILD VISIT("V1", "", ""));
    then_counts(&s, 0, 0); /* nothing was told of that visit */
    story_feed(&s, MSH("ADT^A04", "1") PID_CHILD VISIT("V1", "", ""));
    then_counts(&s, 1, 0);
    then_event(&s, 0, "urgent_care_attendance");
    uint8_t told[16];
    memcpy(told, s.events[0]->event_id.data, sizeof told);
    story_feed(&s, MSH("ADT^A03", "2") PID_CHILD VISIT("V1", "2", "202601150800"));
    then_counts(&s, 1, 0);
    then_event(&s, 0, "discharge");
    story_feed(&s, MSH("ADT^A13", "3") PID_CHILD VISIT("V1", "2", ""));
    then_counts(&s, 1, 0);
    then_event(&s, 0, "discharge");
    assert_int_equal(s.events[0]->retracts.len, 16);
    story_feed(&s, MSH("ADT^A11", "4") PID_CHILD VISIT("V1", "", ""));
    then_counts(&s, 1, 0);
    then_event(&s, 0, "urgent_care_attendance");
    assert_memory_equal(s.events[0]->retracts.data, told, sizeof told);
    story_feed(&s, MSH("ADT^A04", "5") PID_CHILD VISIT("V1", "", "")); /* in the department after all */
    then_counts(&s, 1, 0);
    assert_int_equal(s.events[0]->amends.len, 0);
    story_feed(&s, MSH("ADT^A11", "6") PID_CHILD VISIT("", "", ""));
    then_counts(&s, 0, 1);
    then_parked(&s, 0, "PV1-19", 3, "which visit");
    assert_int_equal(s.parked[0].column, 28);
    story_end(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_referral_is_sent_accepted_and_cancelled),
        cmocka_unit_test(a_miss_is_read_as_each_maker_writes_it),
        cmocka_unit_test(a_merge_names_the_number_that_goes_and_the_one_that_stays),
        cmocka_unit_test(a_merge_tells_each_number_that_differs_and_no_other),
        cmocka_unit_test(a_cancelled_admission_or_discharge_withdraws_what_was_told),
        cmocka_unit_test(an_appointment_is_booked_then_missed_and_the_child_was_not_brought),
        cmocka_unit_test(a_bare_no_show_without_a_booking_has_no_start),
        cmocka_unit_test(a_trigger_that_nobody_knows_is_parked),
        cmocka_unit_test(a_message_that_is_neither_live_nor_a_test_is_parked),
        cmocka_unit_test(triggers_become_the_events_of_the_table_and_nothing_else_does),
        cmocka_unit_test(leaving_against_advice_is_told_by_the_discharge_code),
        cmocka_unit_test(an_adult_did_not_attend_rather_than_was_not_brought),
        cmocka_unit_test(line_ends_and_a_byte_order_mark_do_not_matter),
        cmocka_unit_test(bad_content_is_parked_with_its_segment_and_field),
        cmocka_unit_test(another_makers_patient_is_read),
        cmocka_unit_test(text_that_is_no_utf_8_is_parked_at_its_field),
        cmocka_unit_test(a_dummy_nhs_number_is_left_out_and_noted_once_a_day),
        cmocka_unit_test(other_delimiters_mean_the_same),
        cmocka_unit_test(a_nul_byte_refuses_the_message_with_its_segment),
        cmocka_unit_test(answers_are_those_of_the_original_mode),
        cmocka_unit_test(a_repeat_has_the_key_of_the_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
