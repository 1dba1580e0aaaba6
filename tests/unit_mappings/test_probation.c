/* HMPPS domain events: the table, and the traps of the field. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "probation/probation.h"
#include "sink.h"

#define PERSON "\"personReference\":{\"identifiers\":[{\"type\":\"CRN\",\"value\":\"X999001\"}]}"

/* type, additionalInformation, person */
static const char BODY[] = "{\"eventType\":\"%s\",\"version\":1,\"occurredAt\":\"2026-01-14T18:35:59.442912169Z[Europe/London]\","
                           "\"additionalInformation\":{%s},%s}";

static void feed(story *s, const char *type, const char *information, const char *person)
{
    char text[2048];
    (void)snprintf(text, sizeof text, BODY, type, information, person);
    story_feed(s, text);
}

static void check_kind(const char *type, const char *information, const char *kind)
{
    story s;
    story_begin(&s, &probation_domain_event);
    feed(&s, type, information, PERSON);
    then_counts(&s, kind == NULL ? 0 : 1, 0);
    if (kind != NULL) then_event(&s, 0, kind);
    story_end(&s);
}

/* A flag without its code, a release without its reason: taken for "not ours", nobody would ever know of it. */
static void what_decides_whether_there_is_an_event_is_missed(void **state)
{
    story s;
    (void)state;
    story_begin(&s, &probation_domain_event);
    feed(&s, "probation-case.registration.added", "\"registrationId\":7", PERSON);
    then_counts(&s, 0, 1);
    feed(&s, "prison-offender-events.prisoner.released", "\"reason\":5", PERSON);
    then_counts(&s, 0, 1);
    feed(&s, "prison-offender-events.prisoner.received", "", PERSON);
    then_counts(&s, 0, 1);
    story_feed(&s, "{\"eventType\":\"probation-case.registration.added\",\"occurredAt\":\"2026-01-14T18:35:59Z\","
                   "\n\"additionalInformation\":\"RCPR\"," PERSON "}");
    assert_int_equal(s.parked_count, 1);
    then_parked(&s, 0, "additionalInformation.registerTypeCode", 2, "required");
    assert_int_equal(s.parked[0].column, 25);
    story_end(&s);
}

/* Two flags of one moment are two, also where a system writes their numbers as numbers. */
static void two_registrations_of_one_moment_are_two(void **state)
{
    story s;
    (void)state;
    story_begin(&s, &probation_domain_event);
    feed(&s, "probation-case.registration.added",
         "\"registerTypeCode\":\"WEAP\",\"registrationId\":7,\"registerTypeDescription\":\"one\"", PERSON);
    then_counts(&s, 1, 0);
    feed(&s, "probation-case.registration.added",
         "\"registerTypeCode\":\"WEAP\",\"registrationId\":8,\"registerTypeDescription\":\"two\"", PERSON);
    then_counts(&s, 1, 0);
    assert_int_equal(s.events[0]->amends.len, 0);
    story_end(&s);
}

static void event_types_become_the_events_of_the_table_and_nothing_else_does(void **state)
{
    (void)state;
    static const struct {
        const char *type;
        const char *information;
        const char *kind;
    } ROWS[] = {
        {"probation-case.registration.added", "\"registerTypeCode\":\"RCPR\"", "risk_flag"},
        {"probation-case.registration.updated", "\"registerTypeCode\":\"MAPP\"", "risk_flag"},
        {"probation-case.registration.deregistered", "\"registerTypeCode\":\"ADVP\"", "risk_flag"},
        {"probation-case.registration.deleted", "\"registerTypeCode\":\"WEAP\"", "risk_flag"},
        {"probation-case.registration.added", "\"registerTypeCode\":\"IOM1\"", NULL}, /* no danger to anybody */
        {"probation-case.mappa-information.updated", "\"mapps\":{\"category\":2}", "risk_flag"},
        {"prison-offender-events.prisoner.released", "\"reason\":\"RELEASED\",\"nomisMovementReasonCode\":\"NCS\"", "release"},
        {"prison-offender-events.prisoner.released", "\"reason\":\"RELEASED\",\"nomisMovementReasonCode\":\"HD\"", "release"},
        {"prison-offender-events.prisoner.released", "\"reason\":\"RELEASED\",\"nomisMovementReasonCode\":\"UAL\"", "breach"},
        {"prison-offender-events.prisoner.released", "\"reason\":\"RELEASED\",\"nomisMovementReasonCode\":\"DEC\"", "death"},
        {"prison-offender-events.prisoner.released", "\"reason\":\"TRANSFERRED\"", NULL},
        {"prison-offender-events.prisoner.released", "\"reason\":\"TEMPORARY_ABSENCE_RELEASE\"", NULL},
        {"prison-offender-events.prisoner.released", "\"reason\":\"SENT_TO_COURT\"", NULL},
        {"prison-offender-events.prisoner.received", "\"probableCause\":\"RECALL\"", "recall"},
        {"prison-offender-events.prisoner.received", "\"probableCause\":\"REMAND\"", NULL},
        {"prison-recall.recommendation.managementOversight", "\"contactOutcome\":\"DECISION_TO_RECALL\"", "recall"},
        {"prison-recall.recommendation.managementOversight", "\"contactOutcome\":\"DECISION_NOT_TO_RECALL\"", NULL},
        {"approved-premises.person.not-arrived", "\"applicationId\":\"a\"", "missed_appointment"},
        {"intervention.referral.sent", "\"referralId\":\"a\"", "referral"},
        {"intervention.referral.ended", "\"deliveryState\":\"PREMATURELY_ENDED\"", "referral"},
        {"accommodation.cas3.referral.submitted", "", "referral"},
        {"intervention.session-appointment.session-feedback-submitted", "", NULL}, /* its outcome is not in it */
        {"risk-assessment.scores.rsr.determined", "", NULL},
        {"probation-case.engagement.created", "", NULL},
        {"something.new", "", NULL},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++)
        check_kind(ROWS[i].type, ROWS[i].information, ROWS[i].kind);
}

static void a_flag_says_its_code_its_change_its_day_and_its_grade(void **state)
{
    story s;
    (void)state;
    story_begin(&s, &probation_domain_event);
    feed(&s, "probation-case.registration.added",
         "\"registerTypeCode\":\"RHRH\",\"registerTypeDescription\":\"High RoSH\",\"registrationDate\":\"Mon Jan 12 00:00:00 GMT "
         "2026\"",
         PERSON);
    then_counts(&s, 1, 0);
    const Mash__V1__RiskFlag *flag = s.events[0]->risk_flag;
    assert_string_equal(flag->code, "RHRH");
    assert_int_equal(flag->change, MASH__V1__CHANGE__CHANGE_STARTED);
    assert_int_equal(flag->on->day, 12);
    assert_int_equal(flag->grade->level, MASH__V1__GRADE_LEVEL__GRADE_LEVEL_HIGH);
    assert_int_equal(s.events[0]->occurred_at, 1768415759442);
    assert_int_equal(s.events[0]->subjects[0]->roles[0], MASH__V1__SUBJECT_ROLE__SUBJECT_ROLE_SUPERVISED_PERSON);
    assert_string_equal(s.events[0]->subjects[0]->identifiers[0]->value, "X999001");
    feed(&s, "probation-case.registration.deregistered", "\"registerTypeCode\":\"RHRH\"", PERSON);
    assert_int_equal(s.events[0]->risk_flag->change, MASH__V1__CHANGE__CHANGE_ENDED);
    story_end(&s);
}

/* The envelope's attribute and the body have been seen to name two types: what happened stands in the body. */
static void the_body_in_an_envelope_counts_and_not_the_attribute(void **state)
{
    story s;
    (void)state;
    story_begin(&s, &probation_domain_event);
    story_feed(
        &s,
        "{\"Type\":\"Notification\",\"Message\":\"\\n  {\\\"eventType\\\": \\\"prison-offender-events.prisoner.released\\\",\\n"
        "\\\"occurredAt\\\":\\\"2026-01-14T10:00:00Z\\\", \\\"additionalInformation\\\":{\\\"reason\\\":\\\"RELEASED\\\","
        "\\\"nomsNumber\\\":\\\"A9001AA\\\"}}\\n\",\"MessageAttributes\":{\"eventType\":{\"Type\":\"String\",\"Value\":"
        "\"another\"}}}");
    then_counts(&s, 1, 0);
    then_event(&s, 0, "release");
    assert_string_equal(s.events[0]->subjects[0]->identifiers[0]->value, "A9001AA"); /* no personReference: nomsNumber */
    story_feed(&s, "{\"Type\":\"SubscriptionConfirmation\",\"Message\":\"You have chosen to subscribe\"}");
    then_counts(&s, 0, 0);
    story_feed(&s, "{\"Type\":\"UnsubscribeConfirmation\",\"Message\":\"You have chosen to leave\"}");
    then_counts(&s, 0, 0);
    story_end(&s);
}

static void check_envelope(const char *type)
{
    story s;
    char text[512];
    story_begin(&s, &probation_domain_event);
    (void)snprintf(text, sizeof text,
                   "{%s\"Message\":\"{\\\"eventType\\\":\\\"prison-offender-events.prisoner.released\\\",\\\"occurredAt\\\":"
                   "\\\"2026-01-14T10:00:00Z\\\",\\\"additionalInformation\\\":{\\\"reason\\\":\\\"RELEASED\\\","
                   "\\\"nomsNumber\\\":\\\"A9001AA\\\"}}\"}",
                   type);
    story_feed(&s, text);
    then_counts(&s, 1, 0);
    then_event(&s, 0, "release");
    story_end(&s);
}

/* Members of the envelope go missing on the way. What is in it is read: only a subscription's own talk is none of ours. */
static void an_envelope_without_its_type_is_read_all_the_same(void **state)
{
    (void)state;
    check_envelope("");
    check_envelope("\"Type\":null,");
    check_envelope("\"Type\":\"SomethingNew\",");
}

/* Releases are told 45 minutes late and again when in doubt. */
static void the_same_fact_told_again_makes_no_second_event(void **state)
{
    story s;
    (void)state;
    story_begin(&s, &probation_domain_event);
    feed(&s, "prison-offender-events.prisoner.released", "\"reason\":\"RELEASED\"", PERSON);
    then_counts(&s, 1, 0);
    feed(&s, "prison-offender-events.prisoner.released", "\"reason\":\"RELEASED\",\"publishedLater\":\"yes\"", PERSON);
    then_counts(&s, 0, 0);
    feed(&s, "prison-offender-events.prisoner.released", "\"reason\":\"RELEASED\"",
         "\"personReference\":{\"identifiers\":[{\"type\":\"CRN\",\"value\":\"X999002\"}]}");
    then_counts(&s, 1, 0);
    story_end(&s);
}

static void what_cannot_be_mapped_has_a_place_and_no_value(void **state)
{
    story s;
    (void)state;
    story_begin(&s, &probation_domain_event);
    feed(&s, "prison-offender-events.prisoner.released", "\"reason\":\"RELEASED\"",
         "\"personReference\":{\"identifiers\":[{\"type\":\"CRN\",\"value\":\"XX99901\"}]}");
    then_counts(&s, 0, 1);
    then_parked(&s, 0, "personReference.identifiers[0].value", 1, "wrong length");
    then_nowhere(&s, "XX99901");
    feed(&s, "prison-offender-events.prisoner.released", "\"reason\":\"RELEASED\"", "\"personReference\":{}");
    then_parked(&s, 0, "personReference.identifiers[0].value", 1, "about somebody");
    story_feed(&s, "{\"eventType\":\"x\"}");
    then_refused(&s, "occurredAt");
    story_feed(&s, "{\"occurredAt\":\"2026-01-14T10:00:00Z\"}");
    then_refused(&s, "eventType");
    story_feed(&s, "{\"Type\":\"Notification\",\"Message\":\"{\\\"secret\\\": \"}");
    then_refused(&s, "Message: 1:");
    then_nowhere(&s, "secret");
    story_end(&s);
}

#define FEEDBACK                                                                                                                 \
    "{\"eventType\":\"intervention.session-appointment.session-feedback-submitted\",\"version\":1,\"occurredAt\":"               \
    "\"2026-01-15T09:00:00Z\",\"detailUrl\":\"https://interventions.test/appointments/1\",\"additionalInformation\":{"           \
    "\"contractTypeName\":\"Accommodation\",\"referralId\":\"r1\"},\"personReference\":{\"identifiers\":[{\"type\":\"CRN\","     \
    "\"value\":\"X123456\"}]}}"

static void feed_with_detail(story *s, const char *detail)
{
    s->options.detail = hub_bytes_of_text(detail);
    story_feed(s, FEEDBACK);
}

/* The event says that there is an outcome, not which: it is behind detailUrl, and the transport brings it. */
static void the_outcome_of_a_session_is_what_was_fetched(void **state)
{
    story s;
    (void)state;
    story_begin(&s, &probation_domain_event);
    feed_with_detail(&s, "{\"id\":\"a1\",\"appointmentTime\":\"2026-01-14T09:30:00Z\",\"sessionFeedback\":{\"attendance\":{"
                         "\"attended\":\"no\"}}}");
    then_counts(&s, 1, 0);
    then_event(&s, 0, "missed_appointment");
    assert_string_equal(s.events[0]->missed_appointment->appointment->service, "Accommodation");
    assert_int_equal(s.events[0]->missed_appointment->appointment->starts_at, INT64_C(1768383000000));
    story_end(&s);
    story_begin(&s, &probation_domain_event);
    feed_with_detail(&s, "{\"sessionFeedback\":{\"attendance\":{\"attended\":\"yes\"}}}");
    then_counts(&s, 0, 0);
    feed_with_detail(&s, "{\"appointmentFeedback\":{\"attendanceFeedback\":{\"attended\":\"yes\",\"didSessionHappen\":false,"
                         "\"noSessionReasonType\":\"POP_UNACCEPTABLE\"}}}");
    then_counts(&s, 1, 0);
    then_event(&s, 0, "refusal");
    feed_with_detail(&s,
                     "{\"sessionFeedback\":{\"attendance\":{\"didSessionHappen\":false,\"noSessionReasonType\":\"LOGISTICS\"}}}");
    then_counts(&s, 0, 0);
    feed_with_detail(&s, "{\"sessionFeedback\":{\"attendance\":{\"attended\":\"maybe\"}}}"); /* "came" would be assumed */
    then_counts(&s, 0, 1);
    then_parked(&s, 0, "detailUrl.sessionFeedback.attendance.attended", 1, "nobody knows what happened");
    feed_with_detail(&s, "{\"status\":404,\"userMessage\":\"gone\"}");
    then_counts(&s, 0, 1);
    feed_with_detail(&s, "{\"sessionFeedback\":");
    then_refused(&s, "detailUrl");
    story_end(&s);
}

static void without_what_was_to_be_fetched_no_outcome_is_assumed(void **state)
{
    story s;
    char url[1024];
    (void)state;
    story_begin(&s, &probation_domain_event);
    story_feed(&s, FEEDBACK);
    then_counts(&s, 0, 0);
    assert_int_equal(s.noted_count, 1);
    story_feed(&s, FEEDBACK);
    assert_int_equal(s.noted_count, 1); /* once a day */
    assert_true(probation_domain_event.detail_url(hub_bytes_of_text(FEEDBACK), url));
    assert_string_equal(url, "https://interventions.test/appointments/1");
    assert_false(
        probation_domain_event.detail_url(hub_bytes_of_text("{\"eventType\":\"prison-offender-events.prisoner.released\","
                                                            "\"detailUrl\":\"https://x.test/\"}"),
                                          url));
    assert_false(probation_domain_event.detail_url(hub_bytes_of_text("{"), url));
    assert_true(probation_domain_event.detail_sound(hub_bytes_of_text("{\"sessionFeedback\":null}")));
    assert_false(probation_domain_event.detail_sound(hub_bytes_of_text("<!DOCTYPE html><title>Sign in</title>")));
    assert_false(probation_domain_event.detail_sound(hub_bytes_of_text("\"sign in\"")));
    assert_false(probation_domain_event.detail_sound((hub_bytes){0}));
    story_end(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_outcome_of_a_session_is_what_was_fetched),
        cmocka_unit_test(without_what_was_to_be_fetched_no_outcome_is_assumed),
        cmocka_unit_test(what_decides_whether_there_is_an_event_is_missed),
        cmocka_unit_test(two_registrations_of_one_moment_are_two),
        cmocka_unit_test(event_types_become_the_events_of_the_table_and_nothing_else_does),
        cmocka_unit_test(a_flag_says_its_code_its_change_its_day_and_its_grade),
        cmocka_unit_test(the_body_in_an_envelope_counts_and_not_the_attribute),
        cmocka_unit_test(an_envelope_without_its_type_is_read_all_the_same),
        cmocka_unit_test(the_same_fact_told_again_makes_no_second_event),
        cmocka_unit_test(what_cannot_be_mapped_has_a_place_and_no_value),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
