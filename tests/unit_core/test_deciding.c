/* Rated, decided line by line, sent elsewhere, signed off. Only a named person's act ends anything; nothing that still runs is forgotten. */
#include "story_acts.h"

#include <string.h>

#define RED MASH__V1__RATING__RATING_RED
#define AMBER MASH__V1__RATING__RATING_AMBER
#define GREEN MASH__V1__RATING__RATING_GREEN
#define BLUE MASH__V1__RATING__RATING_BLUE
#define DONE_REPLACED MASH__V1__STOP_CAUSE__STOP_CAUSE_REPLACED
#define DONE_MET MASH__V1__STOP_CAUSE__STOP_CAUSE_MET
#define REFUSED_ACT MASH__V1__ACT_CODE__ACT_REFUSED
#define TWO_SIBLINGS .people = {{.role = CHILD, .nhs = NHS_ANNE}, {.role = CHILD, .nhs = NHS_BEN, .sibling_of = 1}}

enum { ANNE = 1, BEN = 2 };

/* ---- rate ------------------------------------------------------------------------------------------------------------------ */
static void rating_it_down_replaces_the_clocks_of_the_old_rating_and_leaves_the_statutory_one(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1, .grade = HIGH});
    int64_t statutory = due_of(s, 1, "referral_decision");

    then_done(rate(s, "anna", AMBER));

    assert_int_equal(stopped(s, "red_decision")->cause, DONE_REPLACED);
    assert_int_equal(due_of(s, 1, "decision"), london(s, 2026, 6, 9, 17, 0));
    assert_int_equal(due_of(s, 1, "referral_decision"), statutory);
}

/* Otherwise a Red that was rated an hour late would have an hour more than every other Red. */
static void the_clocks_of_a_new_rating_run_from_when_the_alert_was_stored(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1});
    tick_after(s, HOUR_MS);

    then_done(rate(s, "anna", RED));

    assert_int_equal(stopped(s, "decision")->cause, DONE_REPLACED);
    assert_int_equal(started(s, "red_decision")->from_ms, MONDAY_10_00);
    assert_int_equal(due_of(s, 1, "red_decision"), MONDAY_10_00 + 4 * HOUR_MS);
}

static void a_clock_that_a_late_rating_brings_already_past_lapses_at_once_because_it_was_rated_late(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1});
    tick_after(s, 5 * HOUR_MS);
    then_done(rate(s, "anna", RED));

    assert_int_equal(tick_after(s, 0), 1);

    assert_int_equal(lapsed(s, "red_decision")->cause, MASH__V1__LATE_CAUSE__LATE_CAUSE_RATED_LATE);
    assert_int_equal(lapsed(s, "red_decision")->late_ms, HOUR_MS);
    assert_true(told(s, "duty"));
}

static void confirming_the_rating_moves_no_clock(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1, .grade = HIGH});

    then_done(rate(s, "anna", RED));

    assert_int_equal(facts(s, 50) + facts(s, 94) + facts(s, 95), 0);
}

static void a_rating_that_comes_back_brings_its_clock_back_as_it_was(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1, .grade = HIGH});
    then_done(rate(s, "anna", AMBER));
    tick_after(s, HOUR_MS);

    then_done(rate(s, "anna", RED));

    assert_int_equal(due_of(s, 1, "red_decision"), MONDAY_10_00 + 4 * HOUR_MS);
    assert_int_equal(going_on(s, 1, "red_decision"), 1);
    assert_int_equal(going_on(s, 1, "decision"), 0);
}

/* An event that makes it red leaves amber's clock running, being earlier or not; a person who rates it green means all of them. */
static void rating_it_down_ends_the_clocks_of_every_rating_it_had_on_the_way(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1});
    publish(s, (event_said){.number = 2, .grade = HIGH});
    assert_int_equal(going_on(s, 1, "decision"), 1);

    then_done(rate(s, "anna", GREEN));

    assert_int_equal(going_on(s, 1, "decision") + going_on(s, 1, "red_decision"), 0);
    assert_int_equal(going_on(s, 1, "referral_decision"), 1);
}

/* A person rated what was known then. What came since, no person has. */
static void an_event_that_raises_the_rating_makes_it_provisional_again(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1});
    then_done(rate(s, "anna", GREEN));

    publish(s, (event_said){.number = 2, .grade = MEDIUM});

    assert_int_equal(core_alerts_at(s->state, 1)->rating, AMBER);
    assert_int_equal(core_alerts_at(s->state, 1)->rated_by, 0);
    assert_int_equal(going_on(s, 1, "E-CLOSING/1"), 1);
}

static void the_ladder_follows_the_rating_up(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1});
    tick_after(s, HOUR_MS);

    then_done(rate(s, "bob", RED));

    assert_int_equal(stopped(s, "E-CLOSING/1")->cause, DONE_MET);
    assert_int_equal(due_of(s, 1, "E-RED/1"), MONDAY_10_00 + HOUR_MS + 15 * MINUTE_MS);
}

static void the_ladder_follows_the_rating_down(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1, .grade = HIGH});

    then_done(rate(s, "bob", AMBER));

    assert_int_equal(stopped(s, "E-RED/1")->cause, DONE_REPLACED);
    assert_int_equal(going_on(s, 1, "E-CLOSING/1"), 0); /* it waits for a rating, and has one */
}

static void a_claimed_alert_that_is_rated_red_starts_no_ladder_for_want_of_an_owner(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1});
    then_done(claim(s, "anna"));

    then_done(rate(s, "anna", RED));

    assert_int_equal(going_on(s, 1, "E-RED/1"), 0);
}

/* Nothing waits for Monday unseen: whoever makes it red at night makes it the night team's too. */
static void rating_it_red_at_night_gives_it_to_the_out_of_hours_team_with_its_events(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1});
    s->now_ms = london(s, 2026, 6, 8, 22, 40);

    then_done(rate(s, "anna", RED));

    assert_true(given_events(s, "out-of-hours"));
    then_done(claim(s, "nick"));
}

/* ---- decide ---------------------------------------------------------------------------------------------------------------- */
static void siblings_are_decided_one_by_one_and_the_last_one_ends_the_alert_by_a_named_person(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1, TWO_SIBLINGS});
    then_done(claim(s, "anna"));

    then_done(decide_line(s, "anna", ANNE, "section_47"));
    assert_int_equal(facts(s, 101), 0);
    then_done(decide_line(s, "anna", BEN, "no_further_action"));

    assert_int_equal(fact(s, 101, 0)->alert_ended->staff, 1);
    assert_int_equal(core_count(s->state).alerts_open, 0);
}

static void an_ended_alert_takes_no_more_decisions(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1});
    then_done(claim(s, "anna"));
    then_done(decide_line(s, "anna", ANNE, "section_47"));

    then_refused(decide_line(s, "anna", ANNE, "no_further_action"), REFUSED_ACT, "has been ended");
}

static const Mash__V1__ActReply *decide_without(story *s, const char *rationale, const char *legal_basis)
{
    Mash__V1__Decide body = MASH__V1__DECIDE__INIT;
    body.person = ANNE;
    body.outcome = (char *)(uintptr_t) "section_47";
    body.rationale = (char *)(uintptr_t)rationale;
    body.legal_basis = (char *)(uintptr_t)legal_basis;
    return act(s, (act_said){.by = "anna", .what = MASH__V1__ACT__WHAT_DECIDE, .body = &body});
}

static void a_decision_says_why_and_on_what_legal_basis(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1});
    then_done(claim(s, "anna"));

    then_refused(decide_without(s, "", "Children Act 1989 s47"), REFUSED_ACT, "decide.rationale");
    then_refused(decide_without(s, "as the history shows", ""), REFUSED_ACT, "decide.legal_basis");
    assert_int_equal(core_count(s->state).alerts_open, 1);
}

static void a_decision_is_one_of_the_policys_outcomes_for_a_person_of_this_alert(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1});
    publish(s, (event_said){.number = 2, .people = {{.role = CHILD, .nhs = NHS_CARA}}});
    then_done(claim(s, "anna"));

    then_refused(decide_line(s, "anna", ANNE, "closed"), REFUSED_ACT, "decide.outcome");
    then_refused(decide_line(s, "anna", 2, "section_47"), REFUSED_ACT, "decide.person");
    then_refused(decide_line(s, "anna", 77, "section_47"), REFUSED_ACT, "decide.person");
}

static void who_does_not_own_it_does_not_decide_it_unless_they_are_a_manager(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1});
    then_done(claim(s, "anna"));

    then_refused(decide_line(s, "bob", ANNE, "section_47"), REFUSED_ACT, "claim it first");
    then_done(decide_line(s, "mona", ANNE, "section_47"));

    assert_int_equal(fact(s, 101, 0)->alert_ended->staff, 3);
}

static void a_line_may_be_decided_anew_while_the_alert_is_open(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1, TWO_SIBLINGS});
    then_done(claim(s, "anna"));
    then_done(decide_line(s, "anna", ANNE, "no_further_action"));

    then_done(decide_line(s, "anna", ANNE, "section_47"));

    assert_int_equal(facts(s, 101), 0);
    then_done(decide_line(s, "anna", BEN, "section_47"));
    assert_int_equal(facts(s, 101), 1);
}

/* Two records turn out to be one child: deciding the child decides both lines, and nothing is left that nobody can decide. */
static void two_lines_that_became_one_persons_are_decided_together(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1,
                            .people = {{.role = CHILD, .local = "L1"}, {.role = CHILD, .local = "L2", .sibling_of = 1}}});
    publish(s, (event_said){.number = 2, .people = {{.role = CHILD, .local = "L1", .second_local = "L2"}}});
    assert_int_equal(facts(s, 31), 1);
    then_done(claim(s, "anna"));

    then_done(decide_line(s, "anna", 1, "section_47"));

    assert_int_equal(facts(s, 101), 1);
}

static void deciding_meets_what_waits_for_it_in_time(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1, .grade = HIGH});
    then_done(claim(s, "anna"));
    tick_after(s, HOUR_MS);

    then_done(decide_line(s, "anna", ANNE, "section_47"));

    assert_int_equal(stopped(s, "red_decision")->cause, DONE_MET);
    assert_int_equal(stopped(s, "red_decision")->late_ms, 0);
    assert_int_equal(stopped(s, "referral_decision")->cause, DONE_MET);
    assert_int_equal(stopped(s, "claim")->cause, MASH__V1__STOP_CAUSE__STOP_CAUSE_ENDED);
    assert_int_equal(core_count(s->state).clocks_running, 0);
}

static void a_decision_that_comes_late_says_how_late(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1, .grade = HIGH});
    then_done(claim(s, "anna"));
    s->now_ms += 5 * HOUR_MS; /* before the hub has ticked */

    then_done(decide_line(s, "anna", ANNE, "section_47"));

    assert_int_equal(stopped(s, "red_decision")->late_ms, HOUR_MS);
}

static void deciding_an_alert_nobody_claimed_ends_its_ladder_too(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1, .grade = HIGH});

    then_done(decide_line(s, "mona", ANNE, "section_47"));

    assert_int_equal(stopped(s, "E-RED/1")->cause, DONE_MET);
    assert_int_equal(core_count(s->state).clocks_running, 0);
}

static void deciding_one_of_two_keeps_the_claim_like_every_other_act(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1, TWO_SIBLINGS});
    then_done(claim(s, "anna"));
    tick_after(s, 119 * MINUTE_MS);

    then_done(decide_line(s, "anna", ANNE, "section_47"));

    assert_int_equal(tick_after(s, MINUTE_MS), 0);
}

/* ---- feedback -------------------------------------------------------------------------------------------------------------- */
static void every_referring_agency_with_a_queue_is_owed_feedback_on_each_line_within_its_time(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1, .from = HEALTH, TWO_SIBLINGS});
    publish(s, (event_said){.number = 2, TWO_SIBLINGS});
    publish(s, (event_said){.number = 3, .from = HEALTH, TWO_SIBLINGS});
    then_done(claim(s, "anna"));

    then_done(decide_line(s, "anna", ANNE, "section_47"));

    assert_int_equal(facts(s, 103), 1); /* health; the front door tells the police itself */
    assert_true(told(s, "health-notices"));
    assert_int_equal(due_of(s, 1, "feedback"), london(s, 2026, 6, 10, 17, 0));
    then_done(decide_line(s, "anna", BEN, "no_further_action"));
    assert_int_equal(facts(s, 103), 1);
    assert_int_equal(going_on(s, 1, "feedback"), 2);
}

static void an_agency_that_referred_nothing_is_told_nothing(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1});
    then_done(claim(s, "anna"));

    then_done(decide_line(s, "anna", ANNE, "section_47"));

    assert_int_equal(facts(s, 103), 0);
    assert_false(told(s, "health-notices"));
}

/* What becomes of the brother is no answer to who asked about the sister. */
static void an_agency_that_named_one_sibling_is_not_told_what_came_of_the_other(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1, TWO_SIBLINGS});
    publish(s, (event_said){.number = 2, .from = HEALTH, .people = {{.role = CHILD, .nhs = NHS_BEN}}});
    assert_int_equal(facts(s, 41), 1);
    then_done(claim(s, "anna"));

    then_done(decide_line(s, "anna", ANNE, "section_47"));
    assert_int_equal(facts(s, 103), 0);
    then_done(decide_line(s, "anna", BEN, "no_further_action"));
    assert_int_equal(facts(s, 103), 1);
    assert_int_equal(fact(s, 103, 0)->feedback_owed->person, BEN);
}

/* ... under whichever number they were known when it was said. */
static void an_agency_that_named_somebody_before_two_numbers_were_one_person_is_told(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1, .from = HEALTH, .people = {{.role = CHILD, .local = "17"}}});
    publish(s, (event_said){.number = 2, .people = {{.role = CHILD, .nhs = NHS_ANNE}}});
    publish(s, (event_said){.number = 3, .people = {{.role = CHILD, .nhs = NHS_ANNE, .local = "17"}}});
    assert_int_equal(facts(s, 31), 1);
    then_done(claim(s, "anna"));

    then_done(decide_line(s, "anna", 1, "section_47"));

    assert_int_equal(facts(s, 103), 1);
}

static void feedback_is_done_with_when_a_person_of_that_agency_has_seen_it(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1, .from = HEALTH});
    then_done(claim(s, "anna"));
    then_done(decide_line(s, "anna", ANNE, "section_47"));

    then_refused(seen(s, "anna", "F1"), REFUSED_ACT, "only the agency");
    then_done(seen(s, "hana", "F1"));

    assert_int_equal(fact(s, 104, 0)->feedback_seen->staff, 7);
    assert_int_equal(stopped(s, "feedback")->cause, DONE_MET);
}

static void feedback_that_nobody_has_seen_in_time_is_told_to_the_agency_and_to_who_decided(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1, .from = HEALTH});
    then_done(claim(s, "anna"));
    then_done(decide_line(s, "anna", ANNE, "section_47"));

    assert_int_equal(tick_after(s, 3 * DAY_MS), 1);

    assert_non_null(lapsed(s, "feedback"));
    assert_true(told(s, "health-notices"));
    assert_true(told(s, "front-door"));
}

static void a_line_decided_anew_owes_the_new_outcome_in_place_of_the_old(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1, .from = HEALTH, TWO_SIBLINGS});
    then_done(claim(s, "anna"));
    then_done(decide_line(s, "anna", ANNE, "no_further_action"));

    then_done(decide_line(s, "anna", ANNE, "section_47"));

    assert_int_equal(stopped(s, "feedback")->cause, DONE_REPLACED);
    assert_int_equal(going_on(s, 1, "feedback"), 1);
}

static void an_agency_that_is_not_cleared_for_the_alert_is_not_told_by_the_hub_and_a_person_hears_so(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1, .from = HEALTH, .sensitivity = MASH__V1__SENSITIVITY__SENSITIVITY_SENSITIVE});
    then_done(claim(s, "anna"));

    then_done(decide_line(s, "anna", ANNE, "section_47"));

    assert_int_equal(facts(s, 103), 0);
    assert_false(told(s, "health-notices"));
    assert_true(alarmed(s, MASH__V1__ALARM_KIND__ALARM_KIND_NO_ROUTE));
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, story_begin, story_end)
#define L(f) cmocka_unit_test_setup_teardown(f, story_begin_with_ladders, story_end)
    const struct CMUnitTest tests[] = {
        T(rating_it_down_replaces_the_clocks_of_the_old_rating_and_leaves_the_statutory_one),
        T(the_clocks_of_a_new_rating_run_from_when_the_alert_was_stored),
        T(a_clock_that_a_late_rating_brings_already_past_lapses_at_once_because_it_was_rated_late),
        T(confirming_the_rating_moves_no_clock),
        T(a_rating_that_comes_back_brings_its_clock_back_as_it_was),
        T(rating_it_down_ends_the_clocks_of_every_rating_it_had_on_the_way),
        L(an_event_that_raises_the_rating_makes_it_provisional_again),
        L(the_ladder_follows_the_rating_up),
        L(the_ladder_follows_the_rating_down),
        L(a_claimed_alert_that_is_rated_red_starts_no_ladder_for_want_of_an_owner),
        T(rating_it_red_at_night_gives_it_to_the_out_of_hours_team_with_its_events),
        T(siblings_are_decided_one_by_one_and_the_last_one_ends_the_alert_by_a_named_person),
        T(an_ended_alert_takes_no_more_decisions),
        T(a_decision_says_why_and_on_what_legal_basis),
        T(a_decision_is_one_of_the_policys_outcomes_for_a_person_of_this_alert),
        T(who_does_not_own_it_does_not_decide_it_unless_they_are_a_manager),
        T(a_line_may_be_decided_anew_while_the_alert_is_open),
        T(two_lines_that_became_one_persons_are_decided_together),
        T(deciding_meets_what_waits_for_it_in_time),
        T(a_decision_that_comes_late_says_how_late),
        L(deciding_an_alert_nobody_claimed_ends_its_ladder_too),
        T(deciding_one_of_two_keeps_the_claim_like_every_other_act),
        T(every_referring_agency_with_a_queue_is_owed_feedback_on_each_line_within_its_time),
        T(an_agency_that_referred_nothing_is_told_nothing),
        T(an_agency_that_named_one_sibling_is_not_told_what_came_of_the_other),
        T(an_agency_that_named_somebody_before_two_numbers_were_one_person_is_told),
        T(feedback_is_done_with_when_a_person_of_that_agency_has_seen_it),
        T(feedback_that_nobody_has_seen_in_time_is_told_to_the_agency_and_to_who_decided),
        T(a_line_decided_anew_owes_the_new_outcome_in_place_of_the_old),
        T(an_agency_that_is_not_cleared_for_the_alert_is_not_told_by_the_hub_and_a_person_hears_so),
    };
    return cmocka_run_group_tests_name("deciding", tests, NULL, NULL);
}
