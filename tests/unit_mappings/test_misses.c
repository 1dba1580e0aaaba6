/* HL7 messages about appointments that were missed: the row they stand in, repeats, and a miss that is put right. */
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

static void book(story *s, const char *number, const char *start)
{
    char text[512];
    (void)snprintf(text, sizeof text, MSH("SIU^S12", "b%s") PID_CHILD "SCH|%s||||||x||||^^^%s\r", number, number, start);
    story_feed(s, text);
    then_counts(s, 1, 0);
}

/* The consecutive count of this no-show; `tag` makes its control id. */
static int miss(story *s, const char *tag, const char *number)
{
    char text[512];
    (void)snprintf(text, sizeof text, MSH("SIU^S26", "m%s") PID_CHILD "SCH|%s\r", tag, number);
    story_feed(s, text);
    then_counts(s, 1, 0);
    then_event(s, 0, "missed_appointment");
    return s->events[0]->missed_appointment->consecutive;
}

/* Twice running is what trusts act on; no message says it. */
static void misses_in_a_row_are_counted_until_an_appointment_was_kept(void **state)
{
    story s;
    (void)state;
    story_begin(&s, &health_hl7);
    book(&s, "A", "202601051000");
    assert_int_equal(miss(&s, "1", "A"), 1);
    book(&s, "B", "202601061000");
    assert_int_equal(miss(&s, "2", "B"), 2);
    book(&s, "C", "202601071000"); /* nothing comes of it: it was kept */
    book(&s, "D", "202601081000");
    assert_int_equal(miss(&s, "4", "D"), 1);
    book(&s, "E", "202601041000");
    assert_int_equal(miss(&s, "5", "E"), 0); /* late news of one before: not counted, not guessed */
    story_end(&s);
}

static void a_cancelled_or_moved_appointment_is_neither_kept_nor_missed(void **state)
{
    story s;
    (void)state;
    story_begin(&s, &health_hl7);
    book(&s, "A", "202601051000");
    assert_int_equal(miss(&s, "1", "A"), 1);
    book(&s, "B", "202601061000");
    story_feed(&s, MSH("SIU^S15", "c") PID_CHILD "SCH|B\r");
    book(&s, "C", "202601071000");
    story_feed(&s, MSH("SIU^S13", "d") PID_CHILD "SCH|C||||||x||||^^^202601201000\r");
    book(&s, "D", "202601081000");
    assert_int_equal(miss(&s, "2", "D"), 2);
    story_end(&s);
}

static void an_appointment_that_is_said_to_have_been_kept_ends_the_row(void **state)
{
    story s;
    (void)state;
    story_begin(&s, &health_hl7);
    book(&s, "A", "202601051000");
    assert_int_equal(miss(&s, "1", "A"), 1);
    story_feed(&s, MSH("SIU^S14", "k") PID_CHILD "SCH|B||||||x||||^^^202601061000||||||||||||||Complete\r");
    book(&s, "C", "202601081000");
    assert_int_equal(miss(&s, "2", "C"), 1);
    story_end(&s);
}

static void misses_of_two_patients_are_two_rows(void **state)
{
    story s;
    (void)state;
    story_begin(&s, &health_hl7);
    book(&s, "A", "202601051000");
    assert_int_equal(miss(&s, "1", "A"), 1);
    story_feed(&s, MSH("SIU^S26", "2") PID_ADULT "SCH|Z||||||x||||^^^202601061000\r");
    assert_int_equal(s.events[0]->missed_appointment->consecutive, 1);
    story_feed(&s, MSH("SIU^S26", "3") "PID|1||9999999999^^^NHS||Nobody\rSCH|Y||||||x||||^^^202601061000\r");
    assert_int_equal(s.events[0]->missed_appointment->consecutive, 0); /* nobody known: no count */
    story_end(&s);
}

#define SCH(number, start, status) "SCH|" number "||||||x||||^^^" start "||||||||||||||" status "\r"

/* A system tells of a no-show again with every change of the appointment. Rules count events: three messages about one miss would be
 * "three times not brought". */
static void a_miss_that_several_messages_tell_is_one_event(void **state)
{
    story s;
    (void)state;
    story_begin(&s, &health_hl7);
    book(&s, "A", "202601051000");
    assert_int_equal(miss(&s, "1", "A"), 1);
    story_feed(&s, MSH("SIU^S26", "2") PID_CHILD "SCH|A\r");
    then_counts(&s, 0, 0);
    story_feed(&s, MSH("SIU^S14", "3") PID_CHILD SCH("A", "202601051000", "Noshow"));
    then_counts(&s, 0, 0);
    book(&s, "B", "202601061000");
    assert_int_equal(miss(&s, "4", "B"), 2);
    story_feed(&s, MSH("SIU^S26", "5") PID_CHILD "SCH|A\r"); /* also when another has followed */
    then_counts(&s, 0, 0);
    story_feed(&s, MSH("SIU^S13", "6") PID_CHILD SCH("A", "202601081000", ""));
    assert_int_equal(miss(&s, "7", "A"), 3); /* under the same number at another time it is another miss */
    story_end(&s);
}

/* The clerk had the wrong child: while the miss stands it counts against the family. */
static void a_miss_is_withdrawn_when_the_appointment_was_kept_after_all(void **state)
{
    story s;
    (void)state;
    story_begin(&s, &health_hl7);
    book(&s, "A", "202601051000");
    assert_int_equal(miss(&s, "1", "A"), 1);
    uint8_t told[16];
    memcpy(told, s.events[0]->event_id.data, sizeof told);
    story_feed(&s, MSH("SIU^S14", "2") PID_CHILD SCH("A", "202601051000", "Complete"));
    then_counts(&s, 2, 0);
    then_event(&s, 0, "appointment_rebooked");
    then_event(&s, 1, "missed_appointment");
    assert_int_equal(s.events[1]->retracts.len, sizeof told);
    assert_memory_equal(s.events[1]->retracts.data, told, sizeof told);
    book(&s, "B", "202601061000");
    assert_int_equal(miss(&s, "3", "B"), 1); /* and ends the row */
    story_feed(&s, MSH("SIU^S15", "4") PID_CHILD SCH("B", "202601061000", "Cancelled"));
    then_counts(&s, 1, 0); /* a cancellation says nothing of whether somebody came: the miss stands */
    then_event(&s, 0, "appointment_cancelled");
    story_end(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(misses_in_a_row_are_counted_until_an_appointment_was_kept),
        cmocka_unit_test(a_cancelled_or_moved_appointment_is_neither_kept_nor_missed),
        cmocka_unit_test(an_appointment_that_is_said_to_have_been_kept_ends_the_row),
        cmocka_unit_test(misses_of_two_patients_are_two_rows),
        cmocka_unit_test(a_miss_that_several_messages_tell_is_one_event),
        cmocka_unit_test(a_miss_is_withdrawn_when_the_appointment_was_kept_after_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
