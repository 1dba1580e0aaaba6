/* Clocks on alerts: set once, lapsed once, in order, and lateness has a cause. */
#include "story.h"

#include <string.h>

static void a_red_is_due_in_four_hours_and_lapses_once(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1, .grade = HIGH});
    assert_int_equal(fact(s, FACT_CLOCK_STARTED, 0)->clock_started->due_ms, s->now_ms + 4 * HOUR_MS);
    assert_int_equal(tick_after(s, 4 * HOUR_MS - 1), 0);
    assert_false(recorded(s));

    assert_int_equal(tick_after(s, 1), 1);

    assert_true(told(s, "front-door"));
    assert_true(told(s, "duty"));
    assert_int_equal(fact(s, FACT_CLOCK_LAPSED, 0)->clock_lapsed->late_ms, 0);
    assert_int_equal(tick_after(s, 0), 0);
}

/* Statute runs from the authority's stated receipt, not from when the hub heard of it. */
static void the_statutory_clock_runs_from_the_stated_receipt(void **fixture)
{
    story *s = *fixture;

    publish(s, (event_said){.number = 1, .receipt_ms = MONDAY_10_00 - 3 * DAY_MS}); /* Friday */

    const Mash__V1__ClockStarted *statutory = fact(s, FACT_CLOCK_STARTED, 1)->clock_started;
    assert_string_equal(s->policy->clocks[statutory->rule].id, "referral_decision");
    assert_int_equal(statutory->due_ms, MONDAY_10_00 + 7 * HOUR_MS); /* the next working day is today, at 17:00 */
}

/* A sender's delay is not the team's: the clock lapses at once and says whose delay it was. */
static void a_clock_already_past_lapses_at_once_with_the_senders_delay(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1, .receipt_ms = MONDAY_10_00 - 30 * DAY_MS});
    assert_true(fact(s, FACT_CLOCK_STARTED, 1)->clock_started->late_on_arrival);

    assert_int_equal(tick_after(s, 0), 1);

    assert_int_equal(fact(s, FACT_CLOCK_LAPSED, 0)->clock_lapsed->cause, MASH__V1__LATE_CAUSE__LATE_CAUSE_SENDER_DELAY);
}

/* A new policy has taken the front door's clearance away while it has a sensitive alert: that its time is over must not be told there,
 * and must not pass unseen. */
static void a_lapse_that_nobody_may_be_told_of_raises_an_alarm(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1, .grade = HIGH, .sensitivity = MASH__V1__SENSITIVITY__SENSITIVITY_SENSITIVE});
    s->policy->audiences[0].sees_up_to = MASH__V1__SENSITIVITY__SENSITIVITY_OFFICIAL;

    assert_int_equal(tick_after(s, 4 * HOUR_MS), 1);

    assert_false(told(s, "front-door"));
    assert_int_equal(facts(s, 80), 1);
    assert_int_equal(fact(s, 80, 0)->alarm_raised->alarm, MASH__V1__ALARM_KIND__ALARM_KIND_NO_ROUTE);
}

/* Y5. After an outage everything overdue fires, and says that the hub was away. */
static void after_an_outage_a_clock_lapses_late_with_its_cause(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1, .grade = HIGH});
    s->now_ms += 3 * DAY_MS;
    (void)command(s, (core_command){.kind = CORE_START, .of.start = {.epoch = 2, .version = "test"}});

    assert_int_equal(tick_after(s, 5000), 2); /* the rating's and the statutory one */

    assert_int_equal(fact(s, FACT_CLOCK_LAPSED, 0)->clock_lapsed->cause, MASH__V1__LATE_CAUSE__LATE_CAUSE_HUB_AWAY);
    assert_true(fact(s, FACT_CLOCK_LAPSED, 0)->clock_lapsed->due_ms <= fact(s, FACT_CLOCK_LAPSED, 1)->clock_lapsed->due_ms);
}

/* Joining never gives anybody more time: the earliest due stays (C9). */
static void a_joining_event_never_moves_a_due_instant_back(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1, .grade = HIGH});
    s->now_ms += HOUR_MS;

    publish(s, (event_said){.number = 2, .grade = HIGH});

    assert_int_equal(facts(s, FACT_CLOCK_STARTED), 0);
    assert_int_equal(core_count(s->state).next_due_ms, MONDAY_10_00 + 4 * HOUR_MS);
}

/* Many clocks due at one instant fire in order, a bounded number in one record, none twice and none forgotten. */
static void three_hundred_due_clocks_fire_in_order_over_two_ticks(void **fixture)
{
    story *s = *fixture;
    for (int i = 1; i <= 300; i++) {
        publish(s, (event_said){
                       .number = i, .payload = MASH__V1__EVENT__PAYLOAD_DOMESTIC_ABUSE_INCIDENT, .people = {{.role = VICTIM}}});
        s->now_ms += (i * 7919) % 100;
    }
    assert_int_equal(core_count(s->state).clocks_running, 600); /* look_by and decision on each */
    assert_int_equal(core_clocks_due(s->state, s->now_ms), 0);
    assert_int_equal(core_clocks_due(s->state, s->now_ms + HOUR_MS), 300);
    assert_int_equal(core_clocks_due(s->state, s->now_ms + 400 * DAY_MS), 600);

    assert_int_equal(tick_after(s, HOUR_MS + 60 * 1000), CORE_TICK_TIMERS_MAX);
    int64_t before = 0;
    for (size_t i = 0; i < CORE_TICK_TIMERS_MAX; i++) {
        int64_t due = fact(s, FACT_CLOCK_LAPSED, i)->clock_lapsed->due_ms;
        assert_true(due >= before);
        before = due;
    }
    assert_int_equal(tick_after(s, 0), 300 - CORE_TICK_TIMERS_MAX);
    assert_true(fact(s, FACT_CLOCK_LAPSED, 0)->clock_lapsed->due_ms >= before);
    assert_int_equal(tick_after(s, 0), 0);
    assert_int_equal(core_count(s->state).clocks_running, 300);
}

#define TELL(test) cmocka_unit_test_setup_teardown(test, story_begin, story_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TELL(a_red_is_due_in_four_hours_and_lapses_once),
        TELL(the_statutory_clock_runs_from_the_stated_receipt),
        TELL(a_clock_already_past_lapses_at_once_with_the_senders_delay),
        TELL(a_lapse_that_nobody_may_be_told_of_raises_an_alarm),
        TELL(after_an_outage_a_clock_lapses_late_with_its_cause),
        TELL(a_joining_event_never_moves_a_due_instant_back),
        TELL(three_hundred_due_clocks_fire_in_order_over_two_ticks),
    };
    return cmocka_run_group_tests_name("clocks", tests, NULL, NULL);
}
