/* Nobody saw, claimed, rated or decided in time. The measure of the whole hub: an alert nobody owned can cost a child's life. */
#include "story_acts.h"

#include <string.h>

/* Lets time pass and everything that is due happen: how many steps were taken. */
static size_t steps_after(story *s, int64_t ms)
{
    size_t steps = 0;
    for (size_t lapsed = tick_after(s, ms); lapsed > 0; lapsed = tick_after(s, 0))
        steps += facts(s, 102);
    return steps;
}

static void a_red_nobody_claims_goes_to_the_manager_after_a_quarter_of_an_hour(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1, .grade = HIGH});

    assert_int_equal(tick_after(s, 15 * MINUTE_MS - 1), 0);
    assert_int_equal(tick_after(s, 1), 1);

    assert_int_equal(fact(s, 102, 0)->escalated->step, 1);
    assert_int_equal(fact(s, 102, 0)->escalated->staff[0], 3); /* mona */
    assert_true(told(s, "front-door"));
}

static void a_red_that_is_claimed_in_time_escalates_to_nobody(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1, .grade = HIGH});
    then_done(claim(s, "anna"));

    assert_int_equal(tick_after(s, 45 * MINUTE_MS), 0);
}

static void wait_for(story *s, const char *clock, core_met_by met_by)
{
    for (uint32_t i = 0; i < s->policy->clock_count; i++) {
        core_clock_row *row = (core_clock_row *)(uintptr_t)&s->policy->clocks[i];
        if (strcmp(row->id, clock) == 0) row->met_by = met_by;
    }
}

/* Somebody opened the red, or took it, and then did nothing more: that ends the steps that waited for as much, not the ladder. The next
 * one comes when it would have come, or its words ("an hour, and nobody has rated it") are not true. */
static void what_is_done_for_one_step_does_not_silence_those_that_wait_for_more(void **fixture)
{
    story *s = *fixture;
    wait_for(s, "E-RED/1", CORE_MET_SEEN);
    wait_for(s, "E-RED/3", CORE_MET_RATED);
    publish(s, (event_said){.number = 1, .grade = HIGH});
    tick_after(s, 5 * MINUTE_MS);
    then_done(seen(s, "anna", "A1"));
    tick_after(s, 5 * MINUTE_MS);
    then_done(claim(s, "anna"));

    assert_int_equal(tick_after(s, 50 * MINUTE_MS - 1), 0);
    assert_int_equal(tick_after(s, 1), 1);
    assert_int_equal(fact(s, 102, 0)->escalated->step, 3);
}

/* Given back, it is nobody's again: the steps that wait for somebody to take it come again, although the ladder had gone past them. */
static void released_while_a_later_step_waits_the_ladder_begins_again_too(void **fixture)
{
    story *s = *fixture;
    wait_for(s, "E-RED/3", CORE_MET_DECIDED);
    publish(s, (event_said){.number = 1, .grade = HIGH});
    then_done(claim(s, "anna"));
    tick_after(s, 20 * MINUTE_MS);
    then_done(release_alert(s, "anna"));

    assert_int_equal(tick_after(s, 15 * MINUTE_MS), 1);
    assert_int_equal(fact(s, 102, 0)->escalated->step, 1);
}

/* Whoever takes a red and gives it back before anybody asks, over and over, must not keep its last step from being taken. */
static void claimed_and_released_again_and_again_its_last_step_comes_when_it_would_have_come(void **fixture)
{
    story *s = *fixture;
    wait_for(s, "E-RED/3", CORE_MET_DECIDED); /* an hour and no decision: the duty manager */
    publish(s, (event_said){.number = 1, .grade = HIGH});
    int64_t last_ms = s->now_ms + HOUR_MS;
    then_done(claim(s, "anna"));
    tick_after(s, 12 * MINUTE_MS);
    then_done(release_alert(s, "anna"));
    tick_after(s, 12 * MINUTE_MS);
    then_done(claim(s, "bob"));
    tick_after(s, 12 * MINUTE_MS);
    then_done(release_alert(s, "bob"));
    tick_after(s, 12 * MINUTE_MS);
    then_done(claim(s, "anna"));
    assert_int_equal(s->now_ms, last_ms - 12 * MINUTE_MS);

    assert_int_equal(going_on(s, 1, "E-RED/3"), 1);
    assert_int_equal(tick_after(s, 12 * MINUTE_MS - 1), 0);
    assert_int_equal(tick_after(s, 1), 1);

    assert_int_equal(fact(s, 102, 0)->escalated->step, 3);
    assert_int_equal(going_on(s, 1, "E-RED/3"), 0);
}

/* The steps that wait for a claim run beside the one that waits for a decision, and end where it stands: nobody is told twice. */
static void released_and_left_each_step_is_taken_once(void **fixture)
{
    story *s = *fixture;
    wait_for(s, "E-RED/3", CORE_MET_DECIDED);
    publish(s, (event_said){.number = 1, .grade = HIGH});
    then_done(claim(s, "anna"));
    tick_after(s, 5 * MINUTE_MS);
    then_done(release_alert(s, "anna"));

    assert_int_equal(tick_after(s, 15 * MINUTE_MS), 1); /* 20 past: nobody has claimed it */
    assert_int_equal(fact(s, 102, 0)->escalated->step, 1);
    assert_int_equal(tick_after(s, 15 * MINUTE_MS),
                     1); /* 35 past: nobody holds the role of the second; the third has its own time */
    assert_int_equal(facts(s, 102), 1);
    assert_int_equal(fact(s, 102, 0)->escalated->step, 2);
    assert_false(alarmed(s, MASH__V1__ALARM_KIND__ALARM_KIND_LADDER_ENDED));
    assert_int_equal(tick_after(s, 25 * MINUTE_MS), 1); /* on the hour */
    assert_int_equal(fact(s, 102, 0)->escalated->step, 3);
    assert_int_equal(steps_after(s, 3 * HOUR_MS), 0);
}

/* "Half an hour and nobody has taken it" is said half an hour after it was given back, also when it had been seen before. */
static void what_was_done_already_shortens_no_later_step(void **fixture)
{
    story *s = *fixture;
    wait_for(s, "E-RED/1", CORE_MET_SEEN);
    publish(s, (event_said){.number = 1, .grade = HIGH});
    then_done(claim(s, "anna"));
    tick_after(s, 5 * MINUTE_MS);
    then_done(release_alert(s, "anna"));

    assert_int_equal(due_of(s, 1, "E-RED/2"), s->now_ms + 30 * MINUTE_MS);
}

/* Rated green: the ladder of the red is over and does not go on beside the new one. */
static void a_ladder_of_the_old_rating_does_not_go_on(void **fixture)
{
    story *s = *fixture;
    wait_for(s, "E-RED/3", CORE_MET_DECIDED);
    publish(s, (event_said){.number = 1, .grade = HIGH});
    then_done(claim(s, "anna"));
    then_done(rate(s, "anna", MASH__V1__RATING__RATING_GREEN));

    assert_int_equal(steps_after(s, 90 * MINUTE_MS), 0);
}

/* A step whose role nobody holds is no reason to wait: the next one is taken with it, and both managers hear that somebody was missing. */
static void a_step_with_no_holder_is_left_out_at_once_and_both_managers_are_told(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1, .grade = HIGH});
    tick_after(s, 15 * MINUTE_MS);

    assert_int_equal(tick_after(s, 15 * MINUTE_MS), 1);

    assert_int_equal(facts(s, 102), 2);
    assert_int_equal(fact(s, 102, 0)->escalated->n_staff, 0);
    assert_int_equal(fact(s, 102, 1)->escalated->staff[0], 6); /* dora, of step 3 */
    assert_true(alarmed(s, MASH__V1__ALARM_KIND__ALARM_KIND_NO_HOLDER));
    assert_true(alarmed(s, MASH__V1__ALARM_KIND__ALARM_KIND_LADDER_ENDED));
    assert_true(told(s, "duty"));
}

/* The hub was away over two steps: whoever should know by now is told at once, each step once, in due order. */
static void after_an_outage_every_overdue_step_is_taken_once_and_at_once(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1, .grade = HIGH});

    assert_int_equal(steps_after(s, 3 * HOUR_MS), 3);
}

static void an_amber_unrated_at_closing_goes_to_the_out_of_hours_team_with_its_events(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1, .grade = MEDIUM});

    assert_int_equal(tick_after(s, 7 * HOUR_MS), 1); /* Monday 17:00 */

    assert_true(told(s, "out-of-hours"));
    bool with_event = false;
    for (size_t i = 0; i < facts(s, 60); i++)
        with_event = with_event || fact(s, 60, i)->delivered->event_sequence != 0;
    assert_true(with_event);
}

static void a_recorded_reason_lets_it_wait_for_one_closing_time_and_not_for_the_next(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1, .grade = MEDIUM});
    then_done(
        act(s, (act_said){.by = "anna", .what = MASH__V1__ACT__WHAT_WAIT, .reason = "the school is closed until tomorrow"}));

    assert_int_equal(steps_after(s, 7 * HOUR_MS), 0);

    assert_int_equal(steps_after(s, DAY_MS), 1);
}

/* Claimed and forgotten: after two hours it is nobody's, and the ladder begins anew. */
static void a_claim_by_which_nothing_is_done_expires_and_the_ladder_begins_again(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1, .grade = HIGH});
    then_done(claim(s, "anna"));

    assert_int_equal(tick_after(s, 2 * HOUR_MS), 1);

    assert_int_equal(fact(s, 91, 0)->owner_changed->staff, 0);
    assert_int_equal(fact(s, 91, 0)->owner_changed->cause, MASH__V1__OWNER_CAUSE__OWNER_CAUSE_EXPIRED);
    tick_after(s, 15 * MINUTE_MS);
    assert_int_equal(facts(s, 102), 1);
}

static void whatever_the_owner_does_keeps_the_claim(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1, .grade = HIGH});
    then_done(claim(s, "anna"));
    tick_after(s, 119 * MINUTE_MS);
    then_done(rate(s, "anna", MASH__V1__RATING__RATING_RED));

    assert_int_equal(tick_after(s, MINUTE_MS), 0);
}

static void releasing_it_begins_the_ladder_again(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1, .grade = HIGH});
    then_done(claim(s, "anna"));
    tick_after(s, HOUR_MS);
    then_done(release_alert(s, "anna"));

    assert_int_equal(tick_after(s, 15 * MINUTE_MS - 1), 0);
    tick_after(s, 1);

    assert_int_equal(facts(s, 102), 1);
}

/* What anna claimed was an amber. Whether she knows that it is a red now, nobody can say until she says so. */
static void who_owns_it_is_asked_to_claim_it_again_when_an_event_makes_it_graver(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1});
    then_done(claim(s, "anna"));
    publish(s, (event_said){.number = 2, .grade = HIGH});

    assert_int_equal(core_alert_stands(s->state, 1).owner, 1);
    then_done(claim(s, "anna"));
    assert_int_equal(facts(s, 50), 1); /* one clock for one claim */

    assert_int_equal(steps_after(s, 45 * MINUTE_MS), 0);
}

static void a_graver_alert_that_its_owner_does_not_claim_again_escalates(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1});
    then_done(claim(s, "anna"));
    publish(s, (event_said){.number = 2, .grade = HIGH});

    assert_int_equal(steps_after(s, 15 * MINUTE_MS), 1);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, story_begin_with_ladders, story_end)
    const struct CMUnitTest tests[] = {
        T(a_red_nobody_claims_goes_to_the_manager_after_a_quarter_of_an_hour),
        T(a_red_that_is_claimed_in_time_escalates_to_nobody),
        T(what_is_done_for_one_step_does_not_silence_those_that_wait_for_more),
        T(released_while_a_later_step_waits_the_ladder_begins_again_too),
        T(claimed_and_released_again_and_again_its_last_step_comes_when_it_would_have_come),
        T(released_and_left_each_step_is_taken_once),
        T(what_was_done_already_shortens_no_later_step),
        T(a_ladder_of_the_old_rating_does_not_go_on),
        T(a_step_with_no_holder_is_left_out_at_once_and_both_managers_are_told),
        T(after_an_outage_every_overdue_step_is_taken_once_and_at_once),
        T(an_amber_unrated_at_closing_goes_to_the_out_of_hours_team_with_its_events),
        T(a_recorded_reason_lets_it_wait_for_one_closing_time_and_not_for_the_next),
        T(a_claim_by_which_nothing_is_done_expires_and_the_ladder_begins_again),
        T(whatever_the_owner_does_keeps_the_claim),
        T(releasing_it_begins_the_ladder_again),
        T(who_owns_it_is_asked_to_claim_it_again_when_an_event_makes_it_graver),
        T(a_graver_alert_that_its_owner_does_not_claim_again_escalates),
    };
    return cmocka_run_group_tests_name("escalation", tests, NULL, NULL);
}
