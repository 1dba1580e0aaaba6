/* Every clock that a person looks at says how it comes to be due then, whatever began it: an event, a rating, a question, a disagreement. */
#include "story_acts.h"
#include "story_disagreement.h"

#include <string.h>

#define ABUSE MASH__V1__EVENT__PAYLOAD_DOMESTIC_ABUSE_INCIDENT
enum { HEALTH_NOTICES = 4, STATUTORY = 2, LOOK_BY = 3 }; /* positions in story.c's tables */

static const Mash__V1__Clock *clock_in(const Mash__V1__Delivery *delivery, const char *id)
{
    for (size_t i = 0; i < delivery->alert->n_clocks; i++) {
        if (strcmp(delivery->alert->clocks[i]->clock, id) == 0) return delivery->alert->clocks[i];
    }
    return NULL;
}

/* The event brought one clock and a person's rating the other; a note is what the newest record holds. Both are explained in it. */
static void clocks_of_an_event_and_of_an_act_are_shown_with_their_arithmetic(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1, .payload = ABUSE});
    then_done(claim(s, "anna"));
    then_done(rate(s, "anna", MASH__V1__RATING__RATING_RED));
    then_done(note(s, "anna"));
    core_record last = kept_record(s);

    const Mash__V1__Delivery *shown = shown_of(s, &last, "front-door");

    const Mash__V1__Clock *by_act = clock_in(shown, "red_decision"), *by_event = clock_in(shown, "look_by");
    assert_non_null(strstr(by_act->why, "4 h"));
    assert_string_equal(by_act->calendar, "story");
    assert_int_equal(by_act->from_ms, MONDAY_10_00);
    assert_non_null(strstr(by_event->why, "1 h"));
}

/* It counts from an instant of the event that this list does not have. */
static void a_start_that_is_withheld_is_not_told_by_the_arithmetic(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1});
    core_record last = kept_record(s);

    const Mash__V1__Clock *clock = clock_in(shown_of(s, &last, "front-door"), "referral_decision");

    assert_int_equal(clock->from_ms, 0);
    assert_string_equal(clock->why, "");
    assert_string_equal(clock->calendar, "");
}

/* Programs that read a queue are told it once: with the record that began the clock. */
static void a_queue_is_told_the_arithmetic_once(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1});
    then_done(claim(s, "anna"));
    then_done(rate(s, "anna", MASH__V1__RATING__RATING_RED));
    core_record rated = kept_record(s);

    assert_true(strlen(clock_in(delivery_of(s, &rated, "front-door"), "red_decision")->why) > 0);
    assert_string_equal(clock_in(delivery_of(s, &rated, "front-door"), "referral_decision")->why, "");
}

static void a_clock_that_a_hold_has_moved_says_so(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1});
    then_done(claim(s, "anna"));
    then_done(hold(s, "anna", s->now_ms + 2 * DAY_MS, NULL));
    s->now_ms += DAY_MS;
    then_done(resume_alert(s, "anna"));
    core_record last = kept_record(s);

    const char *why = clock_in(shown_of(s, &last, "front-door"), "decision")->why;

    assert_non_null(strstr(why, "first reckoned as"));
    assert_non_null(strstr(why, "moved since by the time of a hold"));
}

static void a_clock_that_a_person_has_moved_says_so(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1});
    then_done(restate(s, "mona", "decision", s->now_ms + 5 * HOUR_MS));
    core_record last = kept_record(s);

    assert_non_null(strstr(clock_in(shown_of(s, &last, "front-door"), "decision")->why, "a person has moved it since"));
}

/* ---- run out ----------------------------------------------------------------------------------------------------------------- */
static const Mash__V1__Clock *overdue_in(const Mash__V1__Delivery *delivery, const char *id)
{
    for (size_t i = 0; i < delivery->alert->n_overdue; i++) {
        if (strcmp(delivery->alert->overdue[i]->clock, id) == 0) return delivery->alert->overdue[i];
    }
    return NULL;
}

/* The statutory day was over before the referral came. A team that no longer sees it as a clock would take what is gravest for what has no limit. */
static void a_clock_that_had_run_out_before_its_event_came_stands_as_overdue(void **fixture)
{
    story *s = *fixture;
    clock_row(s, STATUTORY)->statutory = true;
    publish(s, (event_said){.number = 1, .receipt_ms = MONDAY_10_00 - 30 * DAY_MS});
    int64_t due_ms = due_of(s, 1, "referral_decision");
    assert_int_equal(tick_after(s, 0), 1);
    const Mash__V1__LapsedClock *lapsed = delivery_to(s, "front-door")->lapsed;
    assert_string_equal(lapsed->clock, "referral_decision");
    assert_true(lapsed->statutory);
    then_done(note(s, "anna"));
    core_record last = kept_record(s);

    const Mash__V1__Delivery *shown = shown_of(s, &last, "front-door");

    const Mash__V1__Clock *clock = overdue_in(shown, "referral_decision");
    assert_non_null(clock);
    assert_true(clock->statutory);
    assert_int_equal(clock->due_ms, due_ms);
    assert_string_equal(clock->cause, "it was due before the event came: the sender was late");
    assert_null(clock_in(shown, "referral_decision")); /* those run */
}

/* A person has given it another time, while the hub held its timers: then it runs out in that, and the sender is no cause. */
static void a_clock_that_a_person_has_moved_since_it_came_late_runs_out_in_its_time(void **fixture)
{
    story *s = *fixture;
    clock_row(s, STATUTORY)->statutory = false; /* or nobody could */
    publish(s, (event_said){.number = 1, .receipt_ms = MONDAY_10_00 - 30 * DAY_MS});
    then_done(restate(s, "mona", "referral_decision", s->now_ms + HOUR_MS));

    assert_int_equal(tick_after(s, HOUR_MS), 1);

    assert_int_equal(lapsed(s, "referral_decision")->cause, MASH__V1__LATE_CAUSE__LATE_CAUSE_UNSPECIFIED);
    assert_string_equal(overdue_in(delivery_to(s, "front-door"), "referral_decision")->cause, "");
}

/* Nobody was late in sending: it ran out while people could have kept it. */
static void a_clock_that_runs_out_stays_until_it_is_kept(void **fixture)
{
    story *s = *fixture;
    clock_row(s, LOOK_BY)->met_by = CORE_MET_CLAIMED;
    publish(s, (event_said){.number = 1, .payload = ABUSE});
    assert_non_null(clock_in(delivery_to(s, "front-door"), "look_by"));
    assert_int_equal(tick_after(s, HOUR_MS), 1);

    const Mash__V1__Clock *clock = overdue_in(delivery_to(s, "front-door"), "look_by");
    assert_non_null(clock);
    assert_string_equal(clock->cause, "");
    s->now_ms += MINUTE_MS;

    then_done(claim(s, "anna"));
    assert_null(overdue_in(delivery_to(s, "front-door"), "look_by"));
}

static void a_question_that_is_not_answered_in_time_stays_overdue_until_it_is(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1});
    then_done(claim(s, "anna"));
    then_done(ask(s, "anna", "health", s->now_ms + MINUTE_MS));
    assert_int_equal(tick_after(s, MINUTE_MS), 1);
    assert_non_null(overdue_in(delivery_to(s, "front-door"), "answer"));
    assert_string_equal(delivery_to(s, "front-door")->lapsed->plain, "an agency answers by when it was asked to");
    s->now_ms += MINUTE_MS;

    then_done(answer_request(s, "hana", "R1"));

    assert_null(overdue_in(delivery_to(s, "front-door"), "answer"));
}

/* It is over; what was not kept in time stands in its records. */
static void an_alert_that_has_ended_has_nothing_overdue(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1, .receipt_ms = MONDAY_10_00 - 30 * DAY_MS});
    clock_row(s, STATUTORY)->met_by = CORE_MET_NOTICED; /* so that the decision does not meet it */
    assert_int_equal(tick_after(s, 0), 1);
    then_done(claim(s, "anna"));

    then_done(decide_line(s, "anna", 1, "no_further_action"));

    assert_int_equal(delivery_to(s, "front-door")->alert->n_overdue, 0);
}

/* ---- questions --------------------------------------------------------------------------------------------------------------- */
/* The team that asked sees by when, as the agency does; and both why then. */
static void both_sides_of_a_question_are_told_when_it_is_due_and_why(void **fixture)
{
    story *s = *fixture;
    s->policy->queues[HEALTH_NOTICES].is_agency = true;
    publish(s, (event_said){.number = 1});

    then_done(ask(s, "anna", "health", 0));

    const Mash__V1__RequestView *asked = delivery_to(s, "front-door")->request;
    const Mash__V1__RequestView *asking = delivery_to(s, "health-notices")->request;
    assert_non_null(asked);
    assert_string_equal(asked->request, "R1");
    assert_string_equal(asked->asked_queue, "health-notices");
    assert_string_equal(asked->question, asking->question);
    assert_int_equal(asked->due_ms, s->now_ms + 2 * HOUR_MS);
    assert_string_equal(asked->clock->clock, "answer");
    assert_non_null(strstr(asked->clock->why, "2 h"));
    assert_int_equal(asking->clock->due_ms, asked->due_ms);
    assert_string_equal(asking->clock->why, asked->clock->why);
    assert_int_equal(asking->clock->from_ms, s->now_ms);
}

/* It rests on no row of the policy, so it has no row's words. */
static void a_time_that_the_asker_said_is_told_as_theirs(void **fixture)
{
    story *s = *fixture;
    s->policy->ratings[MASH__V1__RATING__RATING_AMBER].request = -1;
    clock_row(s, 0)->statutory = true;
    publish(s, (event_said){.number = 1});

    then_done(ask(s, "anna", "health", s->now_ms + HOUR_MS));

    const Mash__V1__Clock *clock = delivery_to(s, "front-door")->request->clock;
    assert_string_equal(clock->why, "a person said until when; it was not reckoned");
    assert_string_equal(clock->calendar, "");
    assert_string_equal(clock->plain, "an agency answers by when it was asked to");
    assert_false(clock->statutory);
}

static void an_answered_question_has_no_clock(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1});
    then_done(ask(s, "anna", "health", 0));

    then_done(answer_request(s, "hana", "R1"));

    assert_null(delivery_to(s, "front-door")->request->clock);
}

/* What people write is a list of its own; a question is what somebody wrote. */
static void whoever_is_not_told_what_people_write_is_told_no_question(void **fixture)
{
    story *s = *fixture;
    s->policy->audiences[0].acts_words = false;
    publish(s, (event_said){.number = 1});

    then_done(ask(s, "anna", "health", 0));

    assert_null(delivery_to(s, "front-door")->request);
}

/* ---- disagreements ----------------------------------------------------------------------------------------------------------- */
static void a_stage_of_a_disagreement_says_by_what_it_is_due(void **fixture)
{
    story *s = *fixture;
    it_is_disputed(s);

    const Mash__V1__DisagreementView *view = delivery_to(s, "front-door")->disagreement;
    assert_int_equal(view->clock->due_ms, view->due_ms);
    assert_int_equal(view->clock->from_ms, s->now_ms);
    assert_true(strlen(view->clock->why) > 0);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, story_begin, story_end)
    const struct CMUnitTest tests[] = {
        T(clocks_of_an_event_and_of_an_act_are_shown_with_their_arithmetic),
        T(a_start_that_is_withheld_is_not_told_by_the_arithmetic),
        T(a_queue_is_told_the_arithmetic_once),
        T(a_clock_that_a_hold_has_moved_says_so),
        T(a_clock_that_a_person_has_moved_says_so),
        T(a_clock_that_had_run_out_before_its_event_came_stands_as_overdue),
        T(a_clock_that_a_person_has_moved_since_it_came_late_runs_out_in_its_time),
        T(a_clock_that_runs_out_stays_until_it_is_kept),
        T(a_question_that_is_not_answered_in_time_stays_overdue_until_it_is),
        T(an_alert_that_has_ended_has_nothing_overdue),
        T(both_sides_of_a_question_are_told_when_it_is_due_and_why),
        T(a_time_that_the_asker_said_is_told_as_theirs),
        T(an_answered_question_has_no_clock),
        T(whoever_is_not_told_what_people_write_is_told_no_question),
        T(a_stage_of_a_disagreement_says_by_what_it_is_due),
    };
    return cmocka_run_group_tests_name("clock_view", tests, NULL, NULL);
}
