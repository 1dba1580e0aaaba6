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

static int begin(void **state)
{
    static story s;
    story_begin(&s, &health_hl7);
    *state = &s;
    return 0;
}

static int end(void **state)
{
    story_end(*state);
    return 0;
}

/* Twice running is what trusts act on; no message says it. */
static void misses_in_a_row_are_counted_until_an_appointment_was_kept(void **state)
{
    story *s = *state;
    book(s, "A", "202601051000");
    assert_int_equal(miss(s, "1", "A"), 1);
    book(s, "B", "202601061000");
    assert_int_equal(miss(s, "2", "B"), 2);
    book(s, "C", "202601071000"); /* nothing comes of it: it was kept */
    book(s, "D", "202601081000");
    assert_int_equal(miss(s, "4", "D"), 1);
    book(s, "E", "202601041000");
    assert_int_equal(miss(s, "5", "E"), 0); /* late news of one before: not counted, not guessed */
    book(s, "F", "202601101000");
    assert_int_equal(miss(s, "6", "F"), 2);
    book(s, "G", "202601091000");
    assert_int_equal(miss(s, "7", "G"), 0);
    book(s, "H", "202601111000");
    assert_int_equal(miss(s, "8", "H"), 3); /* and in no row */
}

static void a_cancelled_or_moved_appointment_is_neither_kept_nor_missed(void **state)
{
    story *s = *state;
    book(s, "A", "202601051000");
    assert_int_equal(miss(s, "1", "A"), 1);
    book(s, "B", "202601061000");
    story_feed(s, MSH("SIU^S15", "c") PID_CHILD "SCH|B\r");
    book(s, "C", "202601071000");
    story_feed(s, MSH("SIU^S13", "d") PID_CHILD "SCH|C||||||x||||^^^202601201000\r");
    book(s, "D", "202601081000");
    assert_int_equal(miss(s, "2", "D"), 2);
}

static void an_appointment_that_is_said_to_have_been_kept_ends_the_row(void **state)
{
    story *s = *state;
    book(s, "A", "202601051000");
    assert_int_equal(miss(s, "1", "A"), 1);
    story_feed(s, MSH("SIU^S14", "k") PID_CHILD "SCH|B||||||x||||^^^202601061000||||||||||||||Complete\r");
    book(s, "C", "202601081000");
    assert_int_equal(miss(s, "2", "C"), 1);
}

static void misses_of_two_patients_are_two_rows(void **state)
{
    story *s = *state;
    book(s, "A", "202601051000");
    assert_int_equal(miss(s, "1", "A"), 1);
    story_feed(s, MSH("SIU^S26", "2") PID_ADULT "SCH|Z||||||x||||^^^202601061000\r");
    assert_int_equal(s->events[0]->missed_appointment->consecutive, 1);
    story_feed(s, MSH("SIU^S26", "3") "PID|1||9999999999^^^NHS||Nobody\rSCH|Y||||||x||||^^^202601061000\r");
    assert_int_equal(s->events[0]->missed_appointment->consecutive, 0); /* nobody known: no count */
}

#define SCH(number, start, status) "SCH|" number "||||||x||||^^^" start "||||||||||||||" status "\r"

/* A system tells of a no-show again with every change of the appointment. Rules count events: three messages about one miss would be
 * "three times not brought". */
static void a_miss_that_several_messages_tell_is_one_event(void **state)
{
    story *s = *state;
    book(s, "A", "202601051000");
    assert_int_equal(miss(s, "1", "A"), 1);
    story_feed(s, MSH("SIU^S26", "2") PID_CHILD "SCH|A\r");
    then_counts(s, 0, 0);
    story_feed(s, MSH("SIU^S14", "3") PID_CHILD SCH("A", "202601051000", "Noshow"));
    then_counts(s, 0, 0);
    book(s, "B", "202601061000");
    assert_int_equal(miss(s, "4", "B"), 2);
    story_feed(s, MSH("SIU^S26", "5") PID_CHILD "SCH|A\r"); /* also when another has followed */
    then_counts(s, 0, 0);
    story_feed(s, MSH("SIU^S13", "6") PID_CHILD SCH("A", "202601081000", ""));
    assert_int_equal(miss(s, "7", "A"), 3); /* under the same number at another time it is another miss */
}

/* The clerk had the wrong child: while the miss stands it counts against the family. */
static void a_miss_is_withdrawn_when_the_appointment_was_kept_after_all(void **state)
{
    story *s = *state;
    book(s, "A", "202601051000");
    assert_int_equal(miss(s, "1", "A"), 1);
    uint8_t told[16];
    memcpy(told, s->events[0]->event_id.data, sizeof told);
    story_feed(s, MSH("SIU^S14", "2") PID_CHILD SCH("A", "202601051000", "Complete"));
    then_counts(s, 2, 0);
    then_event(s, 0, "appointment_rebooked");
    then_event(s, 1, "missed_appointment");
    assert_int_equal(s->events[1]->retracts.len, sizeof told);
    assert_memory_equal(s->events[1]->retracts.data, told, sizeof told);
    book(s, "B", "202601061000");
    assert_int_equal(miss(s, "3", "B"), 1); /* and ends the row */
    story_feed(s, MSH("SIU^S15", "4") PID_CHILD SCH("B", "202601061000", "Cancelled"));
    then_counts(s, 1, 0); /* a cancellation says nothing of whether somebody came: the miss stands */
    then_event(s, 0, "appointment_cancelled");
}

/* The second time of one number is a second miss, also with nothing in between; and does not stand for kept when the next one is missed. */
static void a_miss_of_an_appointment_that_was_moved_continues_the_row(void **state)
{
    story *s = *state;
    book(s, "A", "202601051000");
    assert_int_equal(miss(s, "1", "A"), 1);
    story_feed(s, MSH("SIU^S13", "2") PID_CHILD SCH("A", "202601081000", ""));
    assert_int_equal(miss(s, "3", "A"), 2);
    book(s, "B", "202601101000");
    assert_int_equal(miss(s, "4", "B"), 3);
}

/* Booked before the feed began: the bare no-show knows no start, the next message does. Two events would be two misses. */
static void a_miss_whose_start_is_stated_later_is_amended(void **state)
{
    story *s = *state;
    assert_int_equal(miss(s, "1", "A"), 1);
    uint8_t told[16];
    memcpy(told, s->events[0]->event_id.data, sizeof told);
    story_feed(s, MSH("SIU^S14", "2") PID_CHILD SCH("A", "202601141000", "Noshow"));
    then_counts(s, 1, 0);
    assert_int_equal(s->events[0]->amends.len, sizeof told);
    assert_memory_equal(s->events[0]->amends.data, told, sizeof told);
    assert_int_equal(s->events[0]->missed_appointment->consecutive, 1);
    memcpy(told, s->events[0]->event_id.data, sizeof told);
    story_feed(s, MSH("SIU^S26", "3") PID_CHILD "SCH|A\r"); /* the start is known now */
    then_counts(s, 0, 0);
    story_feed(s, MSH("SIU^S13", "4") PID_CHILD SCH("A", "202601150800", ""));
    assert_int_equal(miss(s, "5", "A"), 2); /* and at another time it is another one */
    assert_int_equal(s->events[0]->amends.len, 0);
    story_feed(s, MSH("SIU^S14", "6") PID_CHILD SCH("A", "202601141000", "Complete"));
    then_counts(s, 2, 0);
    assert_memory_equal(s->events[1]->retracts.data, told, sizeof told);
}

static void a_miss_without_a_start_is_withdrawn_when_one_is_stated(void **state)
{
    story *s = *state;
    assert_int_equal(miss(s, "1", "A"), 1);
    story_feed(s, MSH("SIU^S14", "2") PID_CHILD SCH("A", "202601141000", "Complete"));
    then_counts(s, 2, 0);
    then_event(s, 1, "missed_appointment");
    assert_int_equal(s->events[1]->retracts.len, 16);
    book(s, "B", "202601150800");
    assert_int_equal(miss(s, "3", "B"), 1); /* nor does it stand in the row */
}

/* Told on the 13th: it was not of a time that came after. */
static void a_miss_without_a_start_is_not_the_one_of_a_later_start(void **state)
{
    story *s = *state;
    story_feed(s, "MSH|^~\\&|PAS|RHM|HUB|MASH|202601130900||SIU^S26|1|P|2.4\r" PID_CHILD "SCH|A\r");
    assert_int_equal(s->events[0]->missed_appointment->consecutive, 1);
    story_feed(s, MSH("SIU^S13", "2") PID_CHILD SCH("A", "202601141000", ""));
    assert_int_equal(miss(s, "3", "A"), 2);
    assert_int_equal(s->events[0]->amends.len, 0);
    uint8_t told[16];
    memcpy(told, s->events[0]->event_id.data, sizeof told);
    story_feed(s, MSH("SIU^S14", "4") PID_CHILD SCH("A", "202601141000", "Complete"));
    then_counts(s, 2, 0);
    assert_memory_equal(s->events[1]->retracts.data, told, sizeof told);
}

static void a_miss_that_is_put_right_leaves_the_row_to_those_after_it(void **state)
{
    story *s = *state;
    book(s, "A", "202601051000");
    assert_int_equal(miss(s, "1", "A"), 1);
    book(s, "B", "202601061000");
    assert_int_equal(miss(s, "2", "B"), 2);
    story_feed(s, MSH("SIU^S14", "3") PID_CHILD SCH("A", "202601051000", "Complete"));
    then_counts(s, 2, 0);
    book(s, "C", "202601071000");
    assert_int_equal(miss(s, "4", "C"), 2);
    story_feed(s, MSH("SIU^S14", "5") PID_CHILD SCH("C", "202601071000", "Complete"));
    then_counts(s, 2, 0);
    story_feed(s, MSH("SIU^S14", "6") PID_CHILD SCH("C", "202601071000", "Noshow")); /* missed after all */
    assert_int_equal(s->events[0]->missed_appointment->consecutive, 1);
    book(s, "D", "202601081000");
    assert_int_equal(miss(s, "7", "D"), 2);
}

#define PID_MOVED "PID|1||9990001073^^^NHS^NH||Testley^Robin^Alex||20160506|1|||2 Other Row^^Testhampton^^ZZ99 3WZ^GBR^H\r"

/* Whoever was told "second in a row" must not get a correction that takes it back. */
static void another_wording_of_a_miss_states_the_count_that_was_told(void **state)
{
    story *s = *state;
    book(s, "A", "202601051000");
    assert_int_equal(miss(s, "1", "A"), 1);
    book(s, "B", "202601061000");
    assert_int_equal(miss(s, "2", "B"), 2);
    book(s, "C", "202601071000");
    assert_int_equal(miss(s, "3", "C"), 3);
    story_feed(s, MSH("SIU^S26", "4") PID_MOVED "SCH|B\r");
    then_counts(s, 1, 0);
    assert_int_equal(s->events[0]->amends.len, 16);
    assert_int_equal(s->events[0]->missed_appointment->consecutive, 2);
    story_feed(s, MSH("SIU^S14", "5") PID_CHILD SCH("D", "202601081000", "Complete"));
    story_feed(s, MSH("SIU^S26", "6") PID_MOVED "SCH|C\r"); /* also when the row has ended */
    assert_int_equal(s->events[0]->missed_appointment->consecutive, 3);
    book(s, "E", "202601091000");
    assert_int_equal(miss(s, "7", "E"), 1);
}

/* More than are remembered: the earliest go, and the row is still one. */
static void a_row_of_many_misses_stays_a_row(void **state)
{
    story *s = *state;
    for (int day = 1; day <= 14; day++) {
        for (int hour = 10; hour <= 11; hour++) {
            char number[8];
            char start[16];
            (void)snprintf(number, sizeof number, "%d-%d", day, hour);
            (void)snprintf(start, sizeof start, "202601%02d%d00", day, hour);
            book(s, number, start);
            int order = 2 * (day - 1) + hour - 9;
            assert_int_equal(miss(s, number, number), order < 17 ? order : 17);
        }
    }
    book(s, "late", "202512311000");
    assert_int_equal(miss(s, "late", "late"), 0); /* takes no place of a later one */
    book(s, "last", "202601150800");
    assert_int_equal(miss(s, "last", "last"), 17);
}

#define STORY(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORY(misses_in_a_row_are_counted_until_an_appointment_was_kept),
        STORY(a_cancelled_or_moved_appointment_is_neither_kept_nor_missed),
        STORY(an_appointment_that_is_said_to_have_been_kept_ends_the_row),
        STORY(misses_of_two_patients_are_two_rows),
        STORY(a_miss_that_several_messages_tell_is_one_event),
        STORY(a_miss_is_withdrawn_when_the_appointment_was_kept_after_all),
        STORY(a_miss_of_an_appointment_that_was_moved_continues_the_row),
        STORY(a_miss_whose_start_is_stated_later_is_amended),
        STORY(a_miss_without_a_start_is_withdrawn_when_one_is_stated),
        STORY(a_miss_without_a_start_is_not_the_one_of_a_later_start),
        STORY(a_miss_that_is_put_right_leaves_the_row_to_those_after_it),
        STORY(another_wording_of_a_miss_states_the_count_that_was_told),
        STORY(a_row_of_many_misses_stays_a_row),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
