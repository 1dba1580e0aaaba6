/* Nobody saw, claimed, rated or decided in time. The measure of the whole hub: an alert nobody owned can cost a child's life. */
#include "story_acts.h"

#include <string.h>

/* Lets time pass and everything that is due happen: how many steps were taken. */
static size_t steps_after(story *s, int64_t ms)
{
    size_t steps = 0;
    for (size_t lapsed = tick_after(s, ms); lapsed > 0; lapsed = tick_after(s, 0))
        steps += facts(s, FACT_ESCALATED);
    return steps;
}

static void a_red_nobody_claims_goes_to_the_manager_after_a_quarter_of_an_hour(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1, .grade = HIGH});

    assert_int_equal(tick_after(s, 15 * MINUTE_MS - 1), 0);
    assert_int_equal(tick_after(s, 1), 1);

    assert_int_equal(fact(s, FACT_ESCALATED, 0)->escalated->step, 1);
    assert_int_equal(fact(s, FACT_ESCALATED, 0)->escalated->staff[0], 3); /* mona */
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
    assert_int_equal(fact(s, FACT_ESCALATED, 0)->escalated->step, 3);
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
    assert_int_equal(fact(s, FACT_ESCALATED, 0)->escalated->step, 1);
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

    assert_int_equal(fact(s, FACT_ESCALATED, 0)->escalated->step, 3);
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
    assert_int_equal(fact(s, FACT_ESCALATED, 0)->escalated->step, 1);
    assert_int_equal(tick_after(s, 15 * MINUTE_MS),
                     1); /* 35 past: nobody holds the role of the second; the third has its own time */
    assert_int_equal(facts(s, FACT_ESCALATED), 1);
    assert_int_equal(fact(s, FACT_ESCALATED, 0)->escalated->step, 2);
    assert_false(alarmed(s, MASH__V1__ALARM_KIND__ALARM_KIND_LADDER_ENDED));
    assert_int_equal(tick_after(s, 25 * MINUTE_MS), 1); /* on the hour */
    assert_int_equal(fact(s, FACT_ESCALATED, 0)->escalated->step, 3);
    assert_int_equal(steps_after(s, 3 * HOUR_MS), 0);
}

static uint32_t times_taken(story *s, uint32_t step, int64_t ms)
{
    uint32_t times = 0;
    for (size_t lapsed = tick_after(s, ms); lapsed > 0; lapsed = tick_after(s, 0)) {
        for (size_t i = 0; i < facts(s, FACT_ESCALATED); i++)
            times += fact(s, FACT_ESCALATED, i)->escalated->step == step;
    }
    return times;
}

/* While it is nobody's again the ladder goes on to its end. The manager who was told that nobody has decided is not told so anew because the
 * steps that ask for somebody to take it end later. */
static void a_step_is_not_taken_again_behind_those_that_are_asked_again(void **fixture)
{
    story *s = *fixture;
    wait_for(s, "E-RED/3", CORE_MET_DECIDED);
    publish(s, (event_said){.number = 1, .grade = HIGH});
    then_done(claim(s, "anna"));
    tick_after(s, 50 * MINUTE_MS);
    then_done(release_alert(s, "anna"));

    assert_int_equal(times_taken(s, 3, 10 * MINUTE_MS), 1); /* on the hour */

    assert_int_equal(times_taken(s, 1, 5 * MINUTE_MS), 1); /* a quarter of an hour after it was given back */
    assert_int_equal(tick_after(s, 15 * MINUTE_MS), 1);
    assert_int_equal(facts(s, FACT_ESCALATED), 1); /* step 2, of which nobody holds the role */
    assert_true(alarmed(s, MASH__V1__ALARM_KIND__ALARM_KIND_LADDER_ENDED));
    assert_int_equal(steps_after(s, 3 * HOUR_MS), 0);
}

/* The claim ran out while the hub was away: whoever should know by now is told at once, not a quarter of an hour after the hub came back. */
static void a_claim_that_ran_out_while_the_hub_was_away_escalates_from_when_it_ran_out(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1, .grade = HIGH});
    then_done(claim(s, "anna"));
    int64_t expired_ms = s->now_ms + 2 * HOUR_MS;

    assert_int_equal(tick_after(s, 2 * HOUR_MS + 20 * MINUTE_MS), 1);
    assert_int_equal(due_of(s, 1, "E-RED/1"), expired_ms + 15 * MINUTE_MS);
    assert_int_equal(times_taken(s, 1, 0), 1);
    assert_int_equal(due_of(s, 1, "E-RED/2"), expired_ms + 30 * MINUTE_MS);
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

    assert_int_equal(facts(s, FACT_ESCALATED), 2);
    assert_int_equal(fact(s, FACT_ESCALATED, 0)->escalated->n_staff, 0);
    assert_int_equal(fact(s, FACT_ESCALATED, 1)->escalated->staff[0], 6); /* dora, of step 3 */
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
    for (size_t i = 0; i < facts(s, FACT_DELIVERED); i++)
        with_event = with_event || fact(s, FACT_DELIVERED, i)->delivered->event_sequence != 0;
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

/* Said twice, for good measure, it would have been nobody's to look at for the day after, too. */
static void a_reason_that_is_given_twice_lets_it_wait_for_the_same_closing_time(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1, .grade = MEDIUM});
    then_done(let_wait(s, "anna"));

    then_refused(let_wait(s, "anna"), MASH__V1__ACT_CODE__ACT_REFUSED, "that is answered for already");

    assert_int_equal(steps_after(s, 7 * HOUR_MS), 0);
    then_done(let_wait(s, "anna")); /* in the evening, for the day after */
    assert_int_equal(steps_after(s, DAY_MS), 0);
    assert_int_equal(steps_after(s, DAY_MS), 1);
}

/* Claimed and forgotten: after two hours it is nobody's, and the ladder begins anew. */
static void a_claim_by_which_nothing_is_done_expires_and_the_ladder_begins_again(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1, .grade = HIGH});
    then_done(claim(s, "anna"));

    assert_int_equal(tick_after(s, 2 * HOUR_MS), 1);

    assert_int_equal(fact(s, FACT_OWNER_CHANGED, 0)->owner_changed->staff, 0);
    assert_int_equal(fact(s, FACT_OWNER_CHANGED, 0)->owner_changed->cause, MASH__V1__OWNER_CAUSE__OWNER_CAUSE_EXPIRED);
    tick_after(s, 15 * MINUTE_MS);
    assert_int_equal(facts(s, FACT_ESCALATED), 1);
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

    assert_int_equal(facts(s, FACT_ESCALATED), 1);
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
    assert_int_equal(facts(s, FACT_CLOCK_STARTED), 1); /* one clock for one claim */

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

/* ---- a Red crosses closing time ---------------------------------------------------------------------------------------------- */
/* Monday 16:30, half an hour before closing. */
static void given_a_red_before_closing(story *s)
{
    s->now_ms = london(s, 2026, 6, 8, 16, 30);
    publish(s, (event_said){.number = 1, .grade = HIGH});
    assert_false(told(s, "out-of-hours"));
}

/* Red runs on: by night it is the out-of-hours team's too, also the one that came by day and whose owner has gone home. */
static void a_red_of_the_day_that_is_nobodys_at_night_is_given_to_the_out_of_hours_team(void **fixture)
{
    story *s = *fixture;
    given_a_red_before_closing(s);
    then_done(claim(s, "anna"));
    then_done(rate(s, "anna", MASH__V1__RATING__RATING_RED));

    until(s, london(s, 2026, 6, 8, 18, 29));
    assert_false(core_alert_told(s->state, 1, core_queue_number(s->state, "out-of-hours")));
    assert_int_equal(tick_after(s, MINUTE_MS), 1);

    assert_true(given_events(s, "out-of-hours"));
}

static void a_red_given_back_at_night_is_given_to_the_out_of_hours_team(void **fixture)
{
    story *s = *fixture;
    given_a_red_before_closing(s);
    then_done(claim(s, "anna"));
    tick_after(s, HOUR_MS);

    then_done(release_alert(s, "anna"));

    assert_true(given_events(s, "out-of-hours"));
}

/* Rated, so no closing step asks; taken by nobody. Whom the ladder tells at night is not alone with it. */
static void a_step_that_a_red_takes_at_night_brings_it_to_the_out_of_hours_team(void **fixture)
{
    story *s = *fixture;
    given_a_red_before_closing(s);
    tick_after(s, 25 * MINUTE_MS); /* 16:55: step 1 was taken at 16:45 by day */
    assert_false(told(s, "out-of-hours"));
    then_done(rate(s, "mona", MASH__V1__RATING__RATING_RED));

    assert_int_equal(tick_after(s, 5 * MINUTE_MS), 1);

    assert_int_equal(fact(s, FACT_ESCALATED, 0)->escalated->step, 2);
    assert_true(given_events(s, "out-of-hours"));
}

/* What joins at night makes no sense without what it joins. */
static void an_event_that_joins_at_night_brings_the_earlier_ones_to_the_out_of_hours_team(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1});
    uint64_t first = core_sequence(s->state);
    s->now_ms = london(s, 2026, 6, 8, 16, 55);
    then_done(rate(s, "anna", MASH__V1__RATING__RATING_AMBER));
    s->now_ms = london(s, 2026, 6, 8, 20, 0);

    publish(s, (event_said){.number = 2, .from = HEALTH, .grade = HIGH});

    assert_true(given_events(s, "out-of-hours"));
    uint32_t night = core_queue_number(s->state, "out-of-hours");
    assert_true(core_event_given(s->state, first, night, 1));
    assert_true(core_event_given(s->state, core_sequence(s->state), night, 1));
    publish(s, (event_said){.number = 3, .from = HEALTH, .grade = HIGH});
    assert_false(given_events(s, "out-of-hours"));
}

/* ---- one ladder for several ratings ------------------------------------------------------------------------------------------ */
static core_ladder *ladder(story *s, uint32_t position)
{
    return (core_ladder *)(uintptr_t)&s->policy->ladders[position];
}

/* Why an amber may wait is no reason for a Red. */
static void a_reason_to_wait_is_not_one_for_what_an_event_makes_graver(void **fixture)
{
    story *s = *fixture;
    ladder(s, 1)->ratings |= UINT32_C(1) << MASH__V1__RATING__RATING_RED;
    s->now_ms = london(s, 2026, 6, 12, 16, 20);
    publish(s, (event_said){.number = 1, .grade = MEDIUM});
    then_done(let_wait(s, "anna"));
    assert_int_equal(due_of(s, 1, "E-CLOSING/1"), london(s, 2026, 6, 15, 17, 0));
    s->now_ms = london(s, 2026, 6, 12, 16, 28);

    publish(s, (event_said){.number = 2, .from = HEALTH, .grade = HIGH});

    assert_int_equal(due_of(s, 1, "E-CLOSING/1"), london(s, 2026, 6, 12, 17, 0));
    assert_int_equal(going_on(s, 1, "E-CLOSING/1"), 1);
}

/* ... and what was due sooner than it would be begun anew stays: an event tightens. */
static void a_step_that_is_due_soon_is_not_put_off_by_a_graver_event(void **fixture)
{
    story *s = *fixture;
    ladder(s, 0)->ratings |= UINT32_C(1) << MASH__V1__RATING__RATING_AMBER;
    publish(s, (event_said){.number = 1, .grade = MEDIUM});
    int64_t due_ms = due_of(s, 1, "E-RED/1");
    tick_after(s, 10 * MINUTE_MS);

    publish(s, (event_said){.number = 2, .from = HEALTH, .grade = HIGH});

    assert_int_equal(due_of(s, 1, "E-RED/1"), due_ms);
    assert_int_equal(going_on(s, 1, "E-RED/1"), 1);
}

/* One ladder for red and amber: a step waits for the rating, the next ones for the decision. */
static void given_a_ladder_for_red_and_amber(story *s)
{
    ladder(s, 0)->ratings |= UINT32_C(1) << MASH__V1__RATING__RATING_AMBER;
    ladder(s, 0)->steps[1].role = ladder(s, 0)->steps[0].role;
    wait_for(s, "E-RED/1", CORE_MET_RATED);
    wait_for(s, "E-RED/2", CORE_MET_DECIDED);
    wait_for(s, "E-RED/3", CORE_MET_DECIDED);
}

static void a_rating_changed_within_one_ladder_takes_its_later_steps_once(void **fixture)
{
    story *s = *fixture;
    given_a_ladder_for_red_and_amber(s);
    publish(s, (event_said){.number = 1, .grade = MEDIUM});

    then_done(rate(s, "anna", MASH__V1__RATING__RATING_RED));

    assert_int_equal(going_on(s, 1, "E-RED/2"), 1);
    assert_int_equal(steps_after(s, 30 * MINUTE_MS), 1);
}

/* The ladder stands at the decision; nobody has rated what is known now. The decision is not asked for later than it was. */
static void a_graver_event_asks_again_for_what_a_ladder_had_gone_past(void **fixture)
{
    story *s = *fixture;
    given_a_ladder_for_red_and_amber(s);
    publish(s, (event_said){.number = 1, .grade = MEDIUM});
    then_done(rate(s, "anna", MASH__V1__RATING__RATING_AMBER));
    int64_t decided_ms = due_of(s, 1, "E-RED/2");
    tick_after(s, 5 * MINUTE_MS);

    publish(s, (event_said){.number = 2, .from = HEALTH, .grade = HIGH});

    assert_int_equal(due_of(s, 1, "E-RED/1"), s->now_ms + 15 * MINUTE_MS);
    assert_int_equal(due_of(s, 1, "E-RED/2"), decided_ms);
    assert_int_equal(steps_after(s, 15 * MINUTE_MS), 1);
    assert_int_equal(going_on(s, 1, "E-RED/2"), 1);
}

/* Wait answers for a closing time. A step that comes by day or night because nobody has rated it is not put off by it, again and again. */
static void a_reason_to_wait_answers_for_closing_time_and_for_no_other_step(void **fixture)
{
    story *s = *fixture;
    ladder(s, 1)->ratings |= UINT32_C(1) << MASH__V1__RATING__RATING_RED;
    wait_for(s, "E-RED/1", CORE_MET_RATED);
    publish(s, (event_said){.number = 1, .grade = HIGH});
    int64_t due_ms = due_of(s, 1, "E-RED/1");
    tick_after(s, 10 * MINUTE_MS);

    then_done(let_wait(s, "anna"));

    assert_int_equal(due_of(s, 1, "E-RED/1"), due_ms);
    assert_int_equal(due_of(s, 1, "E-CLOSING/1"), london(s, 2026, 6, 9, 17, 0));
}

static void where_no_closing_time_is_asked_about_there_is_nothing_to_wait_for(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1, .grade = HIGH}); /* of this policy's reds no closing time is asked about */

    then_refused(let_wait(s, "anna"), MASH__V1__ACT_CODE__ACT_REFUSED, "closing time");
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
        T(a_step_is_not_taken_again_behind_those_that_are_asked_again),
        T(a_claim_that_ran_out_while_the_hub_was_away_escalates_from_when_it_ran_out),
        T(what_was_done_already_shortens_no_later_step),
        T(a_ladder_of_the_old_rating_does_not_go_on),
        T(a_step_with_no_holder_is_left_out_at_once_and_both_managers_are_told),
        T(after_an_outage_every_overdue_step_is_taken_once_and_at_once),
        T(an_amber_unrated_at_closing_goes_to_the_out_of_hours_team_with_its_events),
        T(a_recorded_reason_lets_it_wait_for_one_closing_time_and_not_for_the_next),
        T(a_reason_that_is_given_twice_lets_it_wait_for_the_same_closing_time),
        T(a_claim_by_which_nothing_is_done_expires_and_the_ladder_begins_again),
        T(whatever_the_owner_does_keeps_the_claim),
        T(releasing_it_begins_the_ladder_again),
        T(who_owns_it_is_asked_to_claim_it_again_when_an_event_makes_it_graver),
        T(a_graver_alert_that_its_owner_does_not_claim_again_escalates),
        T(a_red_of_the_day_that_is_nobodys_at_night_is_given_to_the_out_of_hours_team),
        T(a_red_given_back_at_night_is_given_to_the_out_of_hours_team),
        T(a_step_that_a_red_takes_at_night_brings_it_to_the_out_of_hours_team),
        T(an_event_that_joins_at_night_brings_the_earlier_ones_to_the_out_of_hours_team),
        T(a_reason_to_wait_is_not_one_for_what_an_event_makes_graver),
        T(a_step_that_is_due_soon_is_not_put_off_by_a_graver_event),
        T(a_rating_changed_within_one_ladder_takes_its_later_steps_once),
        T(a_graver_event_asks_again_for_what_a_ladder_had_gone_past),
        T(a_reason_to_wait_answers_for_closing_time_and_for_no_other_step),
        T(where_no_closing_time_is_asked_about_there_is_nothing_to_wait_for),
    };
    return cmocka_run_group_tests_name("escalation", tests, NULL, NULL);
}
