/* Clocks that stand still for a while, and go on as if the time in between had not been: each kind in its own way (clocks.md). And what
 * happens when nobody does anything: at night, before a holiday, after an outage. */
#include "story_acts.h"

#define RED MASH__V1__RATING__RATING_RED
#define REFUSED_ACT MASH__V1__ACT_CODE__ACT_REFUSED
#define ABUSE MASH__V1__EVENT__PAYLOAD_DOMESTIC_ABUSE_INCIDENT
enum { DECISION = 1, LOOK_BY = 3 }; /* positions of story.c's clocks */

/* An alert that anna owns, with the clock look_by beside amber's. */
static void an_alert_of_annas_with_look_by(story *s, core_clock_kind kind, int32_t amount)
{
    clock_row(s, LOOK_BY)->kind = kind;
    clock_row(s, LOOK_BY)->amount = amount;
    publish(s, (event_said){.number = 1, .payload = ABUSE});
    then_done(claim(s, "anna"));
}

/* ---- hold ------------------------------------------------------------------------------------------------------------------ */
static void who_holds_an_alert_owns_it(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1});

    then_refused(hold(s, "anna", s->now_ms + DAY_MS, NULL), REFUSED_ACT, "nobody has claimed it");
    then_done(claim(s, "anna"));
    then_refused(hold(s, "bob", s->now_ms + DAY_MS, NULL), REFUSED_ACT, "owner");
    then_done(hold(s, "anna", s->now_ms + DAY_MS, NULL));
    then_refused(hold(s, "anna", s->now_ms + DAY_MS, NULL), REFUSED_ACT, "held already");
}

static void a_hold_has_an_end_within_ninety_days(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1});
    then_done(claim(s, "anna"));

    then_refused(hold(s, "anna", s->now_ms, NULL), REFUSED_ACT, "hold.until_ms");
    then_refused(hold(s, "anna", s->now_ms + 91 * DAY_MS, NULL), REFUSED_ACT, "hold.until_ms");
}

static void a_red_is_held_by_two_people(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1, .grade = HIGH});
    then_done(claim(s, "anna"));

    then_refused(hold(s, "anna", s->now_ms + DAY_MS, NULL), REFUSED_ACT, "two people");
    then_refused(hold(s, "anna", s->now_ms + DAY_MS, "anna"), REFUSED_ACT, "two people");
    then_refused(hold(s, "anna", s->now_ms + DAY_MS, "olga"), REFUSED_ACT, "hold.second");
    then_done(hold(s, "anna", s->now_ms + DAY_MS, "bob"));
    assert_int_equal(facts(s, FACT_ALERT_HELD), 0);
    assert_int_not_equal(due_of(s, 1, "red_decision"), 0); /* by one person's word nothing stands still */
    assert_false(core_alert_stands(s->state, 1).held);
    Mash__V1__Delivery *asked = delivery_to(s, "front-door");
    assert_string_equal(asked->alert->hold_asked_of, "bob");
    assert_string_equal(asked->act->plain, "asked a second person to agree to a hold");
    assert_string_equal(asked->act->to, "bob");

    then_done(hold(s, "bob", 0, NULL));

    assert_int_equal(fact(s, FACT_ALERT_HELD, 0)->alert_held->staff, 1);
    assert_int_equal(fact(s, FACT_ALERT_HELD, 0)->alert_held->second, 2);
    assert_int_equal(fact(s, FACT_ALERT_HELD, 0)->alert_held->until_ms, s->now_ms + DAY_MS);
    assert_string_equal(delivery_to(s, "front-door")->alert->hold_asked_of, "");
}

/* The second agrees to what they were asked: a graver event since is another alert to agree about. */
static void who_was_asked_to_agree_does_not_agree_to_what_has_changed_since(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1, .grade = HIGH});
    then_done(claim(s, "anna"));
    then_done(hold(s, "anna", s->now_ms + DAY_MS, "bob"));
    publish(s, (event_said){.number = 2, .from = HEALTH, .grade = HIGH});

    then_refused(hold(s, "bob", 0, NULL), REFUSED_ACT, "hold.until_ms");

    assert_false(core_alert_stands(s->state, 1).held);
}

static void who_was_not_asked_cannot_agree_and_who_agrees_agrees_to_that_time(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1, .grade = HIGH});
    then_done(claim(s, "anna"));
    then_done(hold(s, "anna", s->now_ms + DAY_MS, "bob"));

    then_refused(hold(s, "bob", s->now_ms + 2 * DAY_MS, NULL), REFUSED_ACT, "another time");
    then_refused(hold(s, "anna", 0, NULL), REFUSED_ACT, "hold.until_ms");
    then_refused(hold(s, "mona", s->now_ms + DAY_MS, NULL), REFUSED_ACT, "two people");
    then_done(hold(s, "bob", s->now_ms + DAY_MS, NULL));
    assert_true(core_alert_stands(s->state, 1).held);
}

/* Of the second team that was told of it, somebody whose role may hold. */
static void the_second_person_is_one_whose_role_may_hold(void **fixture)
{
    story *s = *fixture;
    ((core_role *)(uintptr_t)&s->policy->roles[1])->may &= ~(UINT32_C(1) << MASH__V1__ACT_KIND__ACT_KIND_HOLD);
    publish(s, (event_said){.number = 1, .grade = HIGH});
    then_done(claim(s, "anna"));

    then_refused(hold(s, "anna", s->now_ms + DAY_MS, "mona"), REFUSED_ACT, "may not hold");
}

static void minutes_used_before_a_hold_stay_used(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1, .grade = HIGH});
    then_done(claim(s, "anna"));
    tick_after(s, HOUR_MS);
    int64_t end = s->now_ms + 10 * HOUR_MS;
    then_done(hold_by_two(s, "anna", end, "bob"));
    assert_int_equal(due_of(s, 1, "red_decision"), 0);

    until(s, end);

    assert_int_equal(due_of(s, 1, "red_decision"), end + 3 * HOUR_MS);
}

static void working_minutes_go_on_in_opening_hours_with_what_was_left(void **fixture)
{
    story *s = *fixture;
    an_alert_of_annas_with_look_by(s, CORE_CLOCK_WORKING_MINUTES, 480);
    assert_int_equal(due_of(s, 1, "look_by"), london(s, 2026, 6, 9, 9, 30));
    s->now_ms = london(s, 2026, 6, 8, 16, 0); /* an hour today and one tomorrow are left */
    then_done(hold(s, "anna", london(s, 2026, 6, 9, 16, 0), NULL));

    until(s, london(s, 2026, 6, 9, 16, 0));

    assert_int_equal(due_of(s, 1, "look_by"), london(s, 2026, 6, 10, 9, 30));
}

/* Friday's closing fell inside the hold, Saturday and Sunday have none. */
static void working_days_move_by_the_closings_inside_the_hold_and_not_by_the_weekend(void **fixture)
{
    story *s = *fixture;
    s->now_ms = london(s, 2026, 6, 12, 10, 0);
    publish(s, (event_said){.number = 1});
    then_done(claim(s, "anna"));
    assert_int_equal(due_of(s, 1, "decision"), london(s, 2026, 6, 15, 17, 0));
    s->now_ms = london(s, 2026, 6, 12, 11, 0);
    then_done(hold(s, "anna", london(s, 2026, 6, 15, 10, 0), NULL));

    until(s, london(s, 2026, 6, 15, 10, 0));

    assert_int_equal(due_of(s, 1, "decision"), london(s, 2026, 6, 16, 17, 0));
}

static void a_hold_within_one_morning_moves_no_clock_of_days(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1});
    then_done(claim(s, "anna"));
    int64_t due = due_of(s, 1, "decision");
    then_done(hold(s, "anna", s->now_ms + 2 * HOUR_MS, NULL));

    until(s, s->now_ms + 2 * HOUR_MS);

    assert_int_equal(due_of(s, 1, "decision"), due);
}

static void calendar_days_move_by_the_civil_days_that_closed_inside_the_hold(void **fixture)
{
    story *s = *fixture;
    an_alert_of_annas_with_look_by(s, CORE_CLOCK_CALENDAR_DAYS, 10);
    assert_int_equal(due_of(s, 1, "look_by"), london(s, 2026, 6, 18, 17, 0));
    then_done(hold(s, "anna", london(s, 2026, 6, 10, 9, 0), NULL));

    until(s, london(s, 2026, 6, 10, 9, 0));

    assert_int_equal(due_of(s, 1, "look_by"), london(s, 2026, 6, 20, 17, 0));
}

static void the_next_school_day_is_worked_out_anew_from_the_end_of_the_hold(void **fixture)
{
    story *s = *fixture;
    const core_day_span term = {core_civil_day(2026, 6, 1), core_civil_day(2026, 7, 22)};
    calendar(s)->terms = &term, calendar(s)->term_count = 1;
    an_alert_of_annas_with_look_by(s, CORE_CLOCK_NEXT_SCHOOL_DAY, 0);
    assert_int_equal(due_of(s, 1, "look_by"), london(s, 2026, 6, 9, 8, 30));
    then_done(hold(s, "anna", london(s, 2026, 6, 10, 12, 0), NULL));

    until(s, london(s, 2026, 6, 10, 12, 0));

    assert_int_equal(due_of(s, 1, "look_by"), london(s, 2026, 6, 11, 8, 30));
}

static void a_statutory_clock_goes_on_through_a_hold_and_lapses_in_it(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1});
    then_done(claim(s, "anna"));
    then_done(hold(s, "anna", s->now_ms + 5 * DAY_MS, NULL));

    assert_int_equal(tick_after(s, 2 * DAY_MS), 1);

    assert_non_null(lapsed(s, "referral_decision"));
}

static void the_claim_of_a_held_alert_does_not_expire(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1});
    then_done(claim(s, "anna"));
    then_done(hold(s, "anna", s->now_ms + DAY_MS, NULL));
    then_done(note(s, "anna"));

    assert_int_equal(going_on(s, 1, "claim"), 0);
    until(s, s->now_ms + DAY_MS - 1);

    assert_int_equal(core_alerts_at(s->state, 1)->owner, 1);
}

static void when_a_hold_ends_by_itself_everybody_hears_and_the_owner_has_the_time_of_a_claim(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1});
    then_done(claim(s, "anna"));
    then_done(hold(s, "anna", s->now_ms + 5 * HOUR_MS, NULL));

    assert_int_equal(tick_after(s, 5 * HOUR_MS), 1);

    assert_int_equal(fact(s, FACT_ALERT_RESUMED, 0)->alert_resumed->staff, 0);
    assert_true(told(s, "front-door"));
    assert_int_equal(due_of(s, 1, "claim"), s->now_ms + 2 * HOUR_MS);
    assert_int_equal(core_alerts_at(s->state, 1)->held_ms, 0);
}

/* The hub was away when the hold was to end. The time since is not the family's loss. */
static void a_hold_that_ended_while_the_hub_was_away_counts_to_its_end(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1, .grade = HIGH});
    then_done(claim(s, "anna"));
    int64_t end = s->now_ms + HOUR_MS;
    then_done(hold_by_two(s, "anna", end, "bob"));

    tick_after(s, 3 * HOUR_MS);

    assert_int_equal(due_of(s, 1, "red_decision"), end + 4 * HOUR_MS);
}

static void a_person_may_end_a_hold_before_its_time(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1, .grade = HIGH});
    then_done(claim(s, "anna"));
    then_refused(resume_alert(s, "anna"), REFUSED_ACT, "not held");
    then_done(hold_by_two(s, "anna", s->now_ms + DAY_MS, "bob"));
    tick_after(s, HOUR_MS);

    then_done(resume_alert(s, "anna"));

    assert_int_equal(fact(s, FACT_ALERT_RESUMED, 0)->alert_resumed->staff, 1);
    assert_int_equal(due_of(s, 1, "red_decision"), s->now_ms + 4 * HOUR_MS);
    assert_int_equal(going_on(s, 1, "hold"), 0);
    assert_int_equal(going_on(s, 1, "claim"), 1);
}

static void deciding_a_held_alert_ends_the_hold_with_it_and_what_was_held_is_not_late(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1, .grade = HIGH});
    then_done(claim(s, "anna"));
    then_done(hold_by_two(s, "anna", s->now_ms + DAY_MS, "bob"));
    s->now_ms += 6 * HOUR_MS;

    then_done(decide_line(s, "anna", 1, "section_47"));

    assert_int_equal(facts(s, FACT_ALERT_ENDED), 1);
    assert_int_equal(stopped(s, "red_decision")->late_ms, 0);
    assert_int_equal(going_on(s, 1, "hold") + going_on(s, 1, "red_decision"), 0);
}

/* A hold needs an owner. Without one it would keep everybody silent about an alert that nobody has. */
static void giving_a_held_alert_back_ends_its_hold(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1, .grade = HIGH});
    then_done(claim(s, "anna"));
    then_done(hold_by_two(s, "anna", s->now_ms + DAY_MS, "bob"));
    tick_after(s, HOUR_MS);

    then_done(release_alert(s, "anna"));

    assert_int_equal(due_of(s, 1, "red_decision"), s->now_ms + 4 * HOUR_MS);
    assert_int_equal(due_of(s, 1, "E-RED/1"), s->now_ms + 15 * MINUTE_MS);
    assert_int_equal(going_on(s, 1, "hold"), 0);
}

static void reassigning_a_held_alert_ends_its_hold_and_begins_one_ladder(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1});
    then_done(claim(s, "anna"));
    then_done(hold(s, "anna", s->now_ms + DAY_MS, NULL));

    then_done(reassign(s, "mona", "other-door"));

    assert_int_equal(core_alerts_at(s->state, 1)->held_ms, 0);
    assert_int_equal(going_on(s, 1, "E-CLOSING/1"), 1);
    assert_true(due_of(s, 1, "decision") != 0);
}

static void a_held_step_of_a_ladder_goes_on_after_the_hold_and_is_not_begun_twice(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1});
    then_done(claim(s, "anna"));
    then_done(hold(s, "anna", london(s, 2026, 6, 9, 10, 0), NULL));

    until(s, london(s, 2026, 6, 9, 10, 0));
    then_done(release_alert(s, "anna"));

    assert_int_equal(going_on(s, 1, "E-CLOSING/1"), 1);
    assert_int_equal(due_of(s, 1, "E-CLOSING/1"), london(s, 2026, 6, 9, 17, 0));
}

/* The hold was agreed for an amber. What has become red since does not wait for its end. */
static void the_clocks_of_a_red_that_comes_during_a_hold_run_at_once(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1});
    then_done(claim(s, "anna"));
    then_done(hold(s, "anna", s->now_ms + DAY_MS, NULL));
    tick_after(s, HOUR_MS);

    publish(s, (event_said){.number = 2, .grade = HIGH});

    assert_int_equal(due_of(s, 1, "red_decision"), s->now_ms + 4 * HOUR_MS);
}

static void of_a_held_deadline_and_a_new_one_of_its_name_the_earlier_stays_when_the_hold_ends(void **fixture)
{
    story *s = *fixture;
    an_alert_of_annas_with_look_by(s, CORE_CLOCK_ELAPSED_MINUTES, 60);
    then_done(hold(s, "anna", s->now_ms + 2 * HOUR_MS, NULL));
    tick_after(s, 90 * MINUTE_MS);
    publish(s, (event_said){.number = 2, .payload = ABUSE});
    int64_t earlier = s->now_ms + HOUR_MS;

    until(s, s->now_ms + 30 * MINUTE_MS);

    assert_int_equal(going_on(s, 1, "look_by"), 1);
    assert_int_equal(due_of(s, 1, "look_by"), earlier);
}

/* ---- restate --------------------------------------------------------------------------------------------------------------- */
static void no_act_moves_a_statutory_clock(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1});

    then_refused(restate(s, "mona", "referral_decision", s->now_ms + DAY_MS), REFUSED_ACT, "statute");
    then_refused(restate(s, "mona", "red_decision", s->now_ms + DAY_MS), REFUSED_ACT, "no such clock");
}

static void a_due_time_that_a_person_states_replaces_the_old_one_which_is_kept(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1});
    int64_t old = due_of(s, 1, "decision");

    then_refused(restate(s, "mona", "decision", s->now_ms), REFUSED_ACT, "due_ms");
    then_done(restate(s, "mona", "decision", s->now_ms + 5 * HOUR_MS));

    assert_int_equal(moved(s, "decision")->was_due_ms, old);
    assert_int_equal(moved(s, "decision")->cause, MASH__V1__MOVE_CAUSE__MOVE_CAUSE_RESTATED);
    assert_int_equal(tick_after(s, 5 * HOUR_MS), 1);
}

static void a_due_time_is_reckoned_anew_by_todays_calendar(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1});
    const int32_t holiday = core_civil_day(2026, 6, 9);
    calendar(s)->holidays = &holiday, calendar(s)->holiday_count = 1;
    assert_int_equal(due_of(s, 1, "decision"), london(s, 2026, 6, 9, 17, 0)); /* a new calendar moves nothing by itself */

    then_done(restate(s, "mona", "decision", 0));

    assert_int_equal(moved(s, "decision")->due_ms, london(s, 2026, 6, 10, 17, 0));
    assert_int_equal(moved(s, "decision")->was_due_ms, london(s, 2026, 6, 9, 17, 0));
}

/* ---- when nobody does anything --------------------------------------------------------------------------------------------- */
static void a_forgotten_claim_is_nobodys_again_and_the_team_hears(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1, .grade = HIGH});
    then_done(claim(s, "anna"));

    assert_int_equal(tick_after(s, 2 * HOUR_MS), 1);

    assert_int_equal(core_alerts_at(s->state, 1)->owner, 0);
    assert_true(told(s, "front-door"));
    assert_int_equal(due_of(s, 1, "E-RED/1"), s->now_ms + 15 * MINUTE_MS);
}

/* The Thursday before Easter, 16:59: the decision is due on Tuesday, but the night team knows of it at 17:00. */
static void an_amber_before_easter_is_known_to_somebody_over_the_four_days(void **fixture)
{
    story *s = *fixture;
    const int32_t easter[] = {core_civil_day(2027, 3, 26), core_civil_day(2027, 3, 29)};
    calendar(s)->holidays = easter, calendar(s)->holiday_count = 2;
    s->now_ms = london(s, 2027, 3, 25, 16, 59);
    publish(s, (event_said){.number = 1});

    assert_int_equal(tick_after(s, MINUTE_MS), 1);

    assert_true(given_events(s, "out-of-hours"));
    assert_int_equal(due_of(s, 1, "decision"), london(s, 2027, 3, 30, 17, 0));
    then_done(claim(s, "nick"));
}

static void a_red_on_a_friday_night_is_the_night_teams_too_and_its_ladder_runs(void **fixture)
{
    story *s = *fixture;
    s->now_ms = london(s, 2026, 6, 12, 22, 40);
    publish(s, (event_said){.number = 1, .grade = HIGH});
    assert_true(told(s, "front-door"));
    assert_true(told(s, "out-of-hours"));

    assert_int_equal(tick_after(s, 15 * MINUTE_MS), 1);
    assert_int_equal(facts(s, FACT_ESCALATED), 1);
    then_done(claim(s, "nick"));

    assert_int_equal(tick_after(s, 30 * MINUTE_MS), 0);
}

/* Who may not see it cannot be told of it: the step has no holder, and somebody hears that. */
static void a_restricted_red_does_not_escalate_into_silence(void **fixture)
{
    story *s = *fixture;
    publish(s,
            (event_said){
                .number = 1, .grade = HIGH, .area = "E06000044", .sensitivity = MASH__V1__SENSITIVITY__SENSITIVITY_RESTRICTED});
    tick_after(s, 15 * MINUTE_MS);
    assert_int_equal(fact(s, FACT_ESCALATED, 0)->escalated->staff[0], 5); /* otto */

    tick_after(s, 15 * MINUTE_MS);

    assert_int_equal(fact(s, FACT_ESCALATED, 1)->escalated->n_staff,
                     0); /* duty is not cleared, and hears the alarm and not of what */
    assert_int_equal(delivery_to(s, "duty")->kind, MASH__V1__DELIVERY_KIND__DELIVERY_KIND_ALARM);
    assert_null(delivery_to(s, "duty")->alert);
    assert_true(alarmed(s, MASH__V1__ALARM_KIND__ALARM_KIND_NO_HOLDER));
}

/* After an outage the steps are late because the hub was away, not because anybody sent late. */
static void a_step_that_fell_into_an_outage_says_that_the_hub_was_away(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1, .grade = HIGH});
    s->now_ms += 2 * HOUR_MS;
    (void)command(s, (core_command){.kind = CORE_START, .of.start = {.epoch = 2, .version = "1"}});

    tick_after(s, 0);
    assert_int_equal(lapsed(s, "E-RED/1")->cause, MASH__V1__LATE_CAUSE__LATE_CAUSE_HUB_AWAY);
    tick_after(s, 0);

    assert_int_equal(lapsed(s, "E-RED/2")->cause, MASH__V1__LATE_CAUSE__LATE_CAUSE_HUB_AWAY);
}

static void a_ladder_begun_under_an_earlier_policy_is_not_begun_again(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1});
    then_done(claim(s, "anna"));
    adopt_again(s);

    then_done(release_alert(s, "anna"));

    assert_int_equal(going_on(s, 1, "E-CLOSING/1"), 1);
}

static void a_reason_to_wait_counts_for_a_ladder_begun_under_an_earlier_policy_too(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1});
    adopt_again(s);

    then_done(let_wait(s, "anna"));

    assert_int_equal(due_of(s, 1, "E-CLOSING/1"), london(s, 2026, 6, 9, 17, 0));
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, story_begin, story_end)
#define L(f) cmocka_unit_test_setup_teardown(f, story_begin_with_ladders, story_end)
    const struct CMUnitTest tests[] = {
        T(who_holds_an_alert_owns_it),
        T(a_hold_has_an_end_within_ninety_days),
        T(a_red_is_held_by_two_people),
        T(who_was_asked_to_agree_does_not_agree_to_what_has_changed_since),
        T(who_was_not_asked_cannot_agree_and_who_agrees_agrees_to_that_time),
        T(the_second_person_is_one_whose_role_may_hold),
        T(minutes_used_before_a_hold_stay_used),
        T(working_minutes_go_on_in_opening_hours_with_what_was_left),
        T(working_days_move_by_the_closings_inside_the_hold_and_not_by_the_weekend),
        T(a_hold_within_one_morning_moves_no_clock_of_days),
        T(calendar_days_move_by_the_civil_days_that_closed_inside_the_hold),
        T(the_next_school_day_is_worked_out_anew_from_the_end_of_the_hold),
        T(a_statutory_clock_goes_on_through_a_hold_and_lapses_in_it),
        T(the_claim_of_a_held_alert_does_not_expire),
        T(when_a_hold_ends_by_itself_everybody_hears_and_the_owner_has_the_time_of_a_claim),
        T(a_hold_that_ended_while_the_hub_was_away_counts_to_its_end),
        T(a_person_may_end_a_hold_before_its_time),
        T(deciding_a_held_alert_ends_the_hold_with_it_and_what_was_held_is_not_late),
        L(giving_a_held_alert_back_ends_its_hold),
        L(reassigning_a_held_alert_ends_its_hold_and_begins_one_ladder),
        L(a_held_step_of_a_ladder_goes_on_after_the_hold_and_is_not_begun_twice),
        T(the_clocks_of_a_red_that_comes_during_a_hold_run_at_once),
        T(of_a_held_deadline_and_a_new_one_of_its_name_the_earlier_stays_when_the_hold_ends),
        T(no_act_moves_a_statutory_clock),
        T(a_due_time_that_a_person_states_replaces_the_old_one_which_is_kept),
        T(a_due_time_is_reckoned_anew_by_todays_calendar),
        L(a_forgotten_claim_is_nobodys_again_and_the_team_hears),
        L(an_amber_before_easter_is_known_to_somebody_over_the_four_days),
        L(a_red_on_a_friday_night_is_the_night_teams_too_and_its_ladder_runs),
        L(a_restricted_red_does_not_escalate_into_silence),
        L(a_step_that_fell_into_an_outage_says_that_the_hub_was_away),
        L(a_ladder_begun_under_an_earlier_policy_is_not_begun_again),
        L(a_reason_to_wait_counts_for_a_ladder_begun_under_an_earlier_policy_too),
    };
    return cmocka_run_group_tests_name("holding", tests, NULL, NULL);
}
