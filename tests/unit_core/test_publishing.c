/* What happens to an event at the door: stored once, refused with a reason, or to be sent again. */
#include "story.h"

#include <string.h>

/* An adapter may send the same event twice after a lost answer. The second must be answered, or it retries for ever, and must leave
 * nothing behind but the watermark. */
static void a_repeated_event_is_answered_and_not_stored_twice(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 7});
    core_counts before = core_count(s->state);

    core_reply reply = publish(s, (event_said){.number = 7});

    assert_int_equal(reply.item, MASH__V1__ITEM_STATUS__DUPLICATE);
    assert_int_equal(reply.duplicate_of, core_sequence(s->state) - 1);
    assert_int_equal(core_count(s->state).events_accepted, before.events_accepted);
    assert_int_equal(core_count(s->state).alerts_open, before.alerts_open);
    assert_int_equal(facts(s, FACT_EVENT_REPEATED), 1);
}

/* What was settled and is offered again (the answer was lost, the adapter started anew) changes nothing at all. */
static void a_settled_item_offered_again_leaves_no_record(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 7});

    core_reply reply = publish_at(s, 1, (event_said){.number = 7});

    assert_int_equal(reply.item, MASH__V1__ITEM_STATUS__DUPLICATE);
    assert_false(recorded(s));
}

/* Two contents under one id: one of them would silently win. Neither may: the second is refused aloud (C6). */
static void the_same_id_with_other_content_is_refused_and_raises_an_alarm(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 7});

    core_reply reply = publish(s, (event_said){.number = 7, .circumstances = "something else"});

    assert_int_equal(reply.item, MASH__V1__ITEM_STATUS__REFUSED);
    assert_int_equal(reply.problem.code, MASH__V1__REFUSAL_CODE__OTHER_CONTENT);
    assert_int_equal(facts(s, FACT_ALARM_RAISED), 1);
    assert_int_equal(core_count(s->state).events_accepted, 1);
}

/* A gap means that something accepted earlier has not arrived: nothing after it may be settled before it. */
static void a_gap_in_link_seq_stores_nothing(void **fixture)
{
    story *s = *fixture;

    core_reply reply = publish_at(s, 2, (event_said){.number = 7});

    assert_int_equal(reply.item, MASH__V1__ITEM_STATUS__RETRY_LATER);
    assert_int_equal(reply.problem.code, MASH__V1__REFUSAL_CODE__LINK_GAP);
    assert_false(recorded(s));
}

/* A number that no outbox gives would be settled below every watermark and never be acknowledged. */
static void link_seq_nought_stores_nothing(void **fixture)
{
    story *s = *fixture;

    core_reply reply = publish_at(s, 0, (event_said){.number = 7});

    assert_int_equal(reply.problem.code, MASH__V1__REFUSAL_CODE__LINK_GAP);
    assert_false(recorded(s));
}

/* After an old store is restored an outbox offers what was settled once: numbers below the watermark, events not held. */
static void an_event_not_held_is_stored_even_below_the_watermark(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 7});

    core_reply reply = publish_at(s, 1, (event_said){.number = 8});

    assert_int_equal(reply.item, MASH__V1__ITEM_STATUS__STORED);
    assert_int_equal(core_count(s->state).events_accepted, 2);
}

/* A key speaks for one agency, whatever the event says. */
static void an_event_of_another_agency_is_refused(void **fixture)
{
    story *s = *fixture;
    core_peer *police = (core_peer *)(uintptr_t)core_peer_numbered(s->state, POLICE);
    police->agency = MASH__V1__AGENCY__AGENCY_HOUSING;

    core_reply reply = publish(s, (event_said){.number = 7});

    assert_int_equal(reply.item, MASH__V1__ITEM_STATUS__REFUSED);
    assert_int_equal(reply.problem.code, MASH__V1__REFUSAL_CODE__WRONG_AGENCY);
    assert_string_equal(reply.problem.field_path, "agency");
}

/* An event for a place that this partnership does not serve would be routed to nobody. */
static void an_event_for_an_unknown_area_is_refused(void **fixture)
{
    story *s = *fixture;

    core_reply reply = publish(s, (event_said){.number = 7, .area = "E06000099"});

    assert_int_equal(reply.problem.code, MASH__V1__REFUSAL_CODE__UNKNOWN_AREA);
    assert_int_equal(facts(s, FACT_EVENT_REFUSED), 1);
}

/* A refused item counts into the watermark: the queue behind it must go on. */
static void after_a_refusal_the_next_item_is_taken(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 7, .area = "E06000099"});

    core_reply reply = publish_at(s, 2, (event_said){.number = 8});

    assert_int_equal(reply.item, MASH__V1__ITEM_STATUS__STORED);
}

/* A failed check digit is never "no match": two strangers could become one. */
static void a_failed_check_digit_is_refused_with_the_field_named(void **fixture)
{
    story *s = *fixture;

    core_reply reply = publish(s, (event_said){.number = 7, .people = {{.role = CHILD, .nhs = "9990000019"}}});

    assert_int_equal(reply.problem.code, MASH__V1__REFUSAL_CODE__FAILED_CHECKSUM);
    assert_string_equal(reply.problem.field_path, "subjects[0].identifiers[0].value");
    assert_null(strstr(reply.problem.reason, "9990000019"));
}

/* Corrections name what they correct; one that names nothing would stand beside the error as if both were true. */
static void an_amendment_of_an_event_that_is_not_held_is_refused(void **fixture)
{
    story *s = *fixture;

    core_reply reply = publish(s, (event_said){.number = 8, .amends = 7});

    assert_int_equal(reply.problem.code, MASH__V1__REFUSAL_CODE__UNKNOWN_TARGET);
    assert_string_equal(reply.problem.field_path, "amends");
}

/* Two adapters of one agency offer again what a restored hub lacks, and the correction may come before what it corrects. A refusal would
 * be for good, of an event that was acknowledged once; so it waits, without a trace, until its target is there. */
static void after_a_restore_an_amendment_waits_for_its_event(void **fixture)
{
    story *s = *fixture;

    core_reply early = publish(s, (event_said){.number = 8, .amends = 7, .after_restore = 1});
    assert_int_equal(early.item, MASH__V1__ITEM_STATUS__RETRY_LATER);
    assert_int_equal(early.problem.code, MASH__V1__REFUSAL_CODE__UNKNOWN_TARGET);
    assert_false(recorded(s));

    publish(s, (event_said){.number = 7, .after_restore = 1});
    assert_int_equal(publish(s, (event_said){.number = 8, .amends = 7, .after_restore = 1}).item, MASH__V1__ITEM_STATUS__STORED);
}

/* The policy that knew the area was adopted after the backup was taken. */
static void after_a_restore_an_event_of_an_unknown_area_waits_for_the_policy(void **fixture)
{
    story *s = *fixture;

    core_reply reply = publish(s, (event_said){.number = 7, .area = "E99999999", .after_restore = 1});

    assert_int_equal(reply.item, MASH__V1__ITEM_STATUS__RETRY_LATER);
    assert_int_equal(reply.problem.code, MASH__V1__REFUSAL_CODE__UNKNOWN_AREA);
    assert_false(recorded(s));
}

/* Another agency's words are not this one's to take back. */
static void an_agency_cannot_retract_what_another_said(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 7});

    core_reply reply = publish(s, (event_said){.number = 8, .from = HEALTH, .retracts = 7});

    assert_int_equal(reply.problem.code, MASH__V1__REFUSAL_CODE__UNKNOWN_TARGET);
}

#define TELL(test) cmocka_unit_test_setup_teardown(test, story_begin, story_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TELL(a_repeated_event_is_answered_and_not_stored_twice),
        TELL(a_settled_item_offered_again_leaves_no_record),
        TELL(the_same_id_with_other_content_is_refused_and_raises_an_alarm),
        TELL(a_gap_in_link_seq_stores_nothing),
        TELL(link_seq_nought_stores_nothing),
        TELL(an_event_not_held_is_stored_even_below_the_watermark),
        TELL(an_event_of_another_agency_is_refused),
        TELL(an_event_for_an_unknown_area_is_refused),
        TELL(after_a_refusal_the_next_item_is_taken),
        TELL(a_failed_check_digit_is_refused_with_the_field_named),
        TELL(an_amendment_of_an_event_that_is_not_held_is_refused),
        TELL(after_a_restore_an_amendment_waits_for_its_event),
        TELL(after_a_restore_an_event_of_an_unknown_area_waits_for_the_policy),
        TELL(an_agency_cannot_retract_what_another_said),
    };
    return cmocka_run_group_tests_name("publishing", tests, NULL, NULL);
}
