/* What an agency is asked, by when, and its answer: in time, late, by somebody else, after the end. */
#include "story_acts.h"

#include <string.h>

#define REFUSED_ACT MASH__V1__ACT_CODE__ACT_REFUSED
#define ABUSE MASH__V1__EVENT__PAYLOAD_DOMESTIC_ABUSE_INCIDENT
enum { LOOK_BY = 3, DUTY = 3, HEALTH_NOTICES = 4 }; /* positions in story.c's tables */

static void an_agency_is_asked_by_the_time_that_the_rating_gives(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1});

    const Mash__V1__ActReply *reply = ask(s, "anna", "health", 0);

    then_done(reply);
    assert_int_equal(reply->number, 1);
    assert_true(told(s, "health-notices"));
    assert_int_equal(due_of(s, 1, "answer"), s->now_ms + 2 * HOUR_MS);
}

/* Social care is one agency with a service in every authority: the one of the child's area is asked, and no other learns of it. */
static void an_agency_with_a_queue_in_each_area_is_asked_in_the_alerts_own(void **fixture)
{
    story *s = *fixture;
    core_agency_row *rows = (core_agency_row *)(uintptr_t)s->policy->agencies;
    rows[1] = rows[0];
    (void)hub_format(rows[1].area, sizeof rows[1].area, "E06000044");
    rows[1].request_queue = DUTY;
    publish(s, (event_said){.number = 1});
    publish(s, (event_said){.number = 2, .area = "E06000044", .people = {{.role = CHILD, .nhs = NHS_BEN}}});

    then_done(ask(s, "anna", "health", 0));
    assert_true(told(s, "health-notices"));
    assert_false(told(s, "duty"));

    then_done(ask_about(s, "A2", "olga", "health", 0));
    assert_true(told(s, "duty"));
    assert_false(told(s, "health-notices"));
}

static void an_agency_that_is_in_another_area_only_is_not_asked(void **fixture)
{
    story *s = *fixture;
    core_agency_row *rows = (core_agency_row *)(uintptr_t)s->policy->agencies;
    (void)hub_format(rows[0].area, sizeof rows[0].area, "E06000044");
    publish(s, (event_said){.number = 1});

    then_refused(ask(s, "anna", "health", 0), REFUSED_ACT, "no agency of that name");
}

static void an_agency_is_asked_by_the_time_that_the_asker_says(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1});

    then_done(ask(s, "anna", "health", s->now_ms + HOUR_MS));

    assert_int_equal(due_of(s, 1, "answer"), s->now_ms + HOUR_MS);
    assert_true(started(s, "answer")->stated);
}

static void without_a_time_by_its_rating_the_asker_must_say_one(void **fixture)
{
    story *s = *fixture;
    s->policy->ratings[MASH__V1__RATING__RATING_AMBER].request = -1;
    publish(s, (event_said){.number = 1});

    then_refused(ask(s, "anna", "health", 0), REFUSED_ACT, "due_ms");
    then_refused(ask(s, "anna", "health", s->now_ms), REFUSED_ACT, "due_ms");
    then_done(ask(s, "anna", "health", s->now_ms + HOUR_MS));
}

/* The asker's own time rests on no row of the policy; deciding the alert must not pass for the agency's answer. */
static void a_decision_does_not_pass_for_the_answer_that_is_still_owed(void **fixture)
{
    story *s = *fixture;
    s->policy->ratings[MASH__V1__RATING__RATING_AMBER].request = -1;
    publish(s, (event_said){.number = 1});
    then_done(claim(s, "anna"));
    then_done(ask(s, "anna", "health", s->now_ms + HOUR_MS));

    then_done(decide_line(s, "anna", 1, "section_47"));

    assert_int_equal(going_on(s, 1, "answer"), 1);
}

static void only_an_agency_that_is_asked_through_the_hub_and_cleared_is_asked(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1, .sensitivity = MASH__V1__SENSITIVITY__SENSITIVITY_SENSITIVE});

    then_refused(ask(s, "anna", "fire-brigade", 0), REFUSED_ACT, "knows no agency");
    then_refused(ask(s, "anna", "police", 0), REFUSED_ACT, "no queue");
    then_refused(ask(s, "anna", "health", 0), REFUSED_ACT, "may not know");
    assert_false(told(s, "health-notices"));
}

static void an_answer_in_time_stops_its_clock_and_the_team_hears_it(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1});
    then_done(ask(s, "anna", "health", 0));

    then_done(answer_request(s, "hana", "R1"));

    assert_int_equal(fact(s, FACT_INFORMATION_ANSWERED, 0)->information_answered->staff, 7);
    assert_int_equal(stopped(s, "answer")->cause, MASH__V1__STOP_CAUSE__STOP_CAUSE_MET);
    assert_true(told(s, "front-door"));
}

/* Two people of the agency have the question open; the second must see that it is answered. What was answered is for lists that have it. */
static void an_answer_is_told_to_the_agency_whose_it_is(void **fixture)
{
    story *s = *fixture;
    s->policy->queues[HEALTH_NOTICES].is_agency = true;
    publish(s, (event_said){.number = 1});
    then_done(ask(s, "anna", "health", 0));

    then_done(answer_request(s, "hana", "R1"));

    const Mash__V1__RequestView *request = delivery_to(s, "health-notices")->request;
    assert_true(request->answered);
    assert_string_equal(request->answer, "");
}

static void an_answer_that_is_late_is_told_to_both_and_to_the_agencys_managers(void **fixture)
{
    story *s = *fixture;
    s->policy->teams[3].manager_queue = 3; /* health's managers are told at duty */
    publish(s, (event_said){.number = 1});
    then_done(ask(s, "anna", "health", 0));

    assert_int_equal(tick_after(s, 2 * HOUR_MS), 1);

    assert_true(told(s, "health-notices"));
    assert_true(told(s, "front-door"));
    assert_true(told(s, "duty"));
}

static void an_answer_after_its_time_is_an_answer_all_the_same(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1});
    then_done(ask(s, "anna", "health", 0));
    until(s, s->now_ms + 3 * HOUR_MS);

    then_done(answer_request(s, "henry", "R1"));

    assert_int_equal(facts(s, FACT_INFORMATION_ANSWERED), 1);
    assert_true(told(s, "front-door"));
}

static void only_the_agency_that_was_asked_answers(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1});
    then_done(ask(s, "anna", "health", 0));

    then_refused(answer_request(s, "dina", "R1"), REFUSED_ACT, "only the agency that was asked");
    then_refused(answer_request(s, "anna", "R1"), MASH__V1__ACT_CODE__ACT_NOT_ALLOWED, "answer");
    assert_int_equal(going_on(s, 1, "answer"), 1);
}

static void an_answer_after_the_alert_has_ended_is_kept_and_told(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1});
    then_done(claim(s, "anna"));
    then_done(ask(s, "anna", "health", 0));
    then_done(decide_line(s, "anna", 1, "section_47"));

    then_done(answer_request(s, "hana", "R1"));

    assert_int_equal(facts(s, FACT_INFORMATION_ANSWERED), 1);
    assert_true(told(s, "front-door"));
}

static void a_second_answer_adds_to_the_first_and_stops_nothing(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1});
    then_done(ask(s, "anna", "health", 0));
    then_done(answer_request(s, "hana", "R1"));

    then_done(answer_request(s, "henry", "R1"));

    assert_int_equal(facts(s, FACT_INFORMATION_ANSWERED), 1);
    assert_int_equal(facts(s, FACT_CLOCK_STOPPED), 0);
    assert_int_equal(core_alerts_at(s->state, 1)->requests_open, 0);
}

static void a_clock_for_being_informed_is_met_by_the_last_answer(void **fixture)
{
    story *s = *fixture;
    clock_row(s, LOOK_BY)->met_by = CORE_MET_INFORMED;
    clock_row(s, LOOK_BY)->amount = 600;
    publish(s, (event_said){.number = 1, .payload = ABUSE});
    then_done(ask(s, "anna", "health", 0));
    then_done(ask(s, "bob", "health", 0));

    then_done(answer_request(s, "hana", "R1"));
    assert_null(stopped(s, "look_by"));
    then_done(answer_request(s, "hana", "R2"));

    assert_int_equal(stopped(s, "look_by")->cause, MASH__V1__STOP_CAUSE__STOP_CAUSE_MET);
}

static void a_hold_does_not_give_the_agency_more_time(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1});
    then_done(claim(s, "anna"));
    then_done(ask(s, "anna", "health", 0));

    then_done(hold(s, "anna", s->now_ms + DAY_MS, NULL));

    assert_int_equal(due_of(s, 1, "answer"), s->now_ms + 2 * HOUR_MS);
}

/* Otherwise an agency that looks at what it was asked would keep the ladder of a red still that no team has seen. */
static void an_agency_that_was_asked_does_not_see_the_alert_in_the_teams_place(void **fixture)
{
    story *s = *fixture;
    s->policy->queues[HEALTH_NOTICES].is_agency = true;
    publish(s, (event_said){.number = 1});
    then_done(ask(s, "anna", "health", 0));

    then_refused(seen(s, "hana", "A1"), MASH__V1__ACT_CODE__ACT_NOT_ALLOWED, "an agency");
    assert_int_equal(core_alerts_at(s->state, 1)->seen, 0);
}

/* ---- not sharing ----------------------------------------------------------------------------------------------------------- */
/* A record of not sharing that does not keep the hub from sharing is worse than none: who made it believes in it. */
static void an_agency_that_is_not_shared_with_is_not_asked(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1});
    then_done(withhold(s, "anna", "health"));

    then_refused(ask(s, "anna", "health", 0), REFUSED_ACT, "not shared with it, on purpose");

    assert_false(told(s, "health-notices"));
}

static void an_agency_that_referred_and_is_not_shared_with_hears_no_outcome(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1, .from = HEALTH});
    then_done(withhold(s, "anna", "health"));
    then_done(claim(s, "anna"));

    const Mash__V1__ActReply *reply = decide_line(s, "anna", 1, "section_47");

    then_done(reply);
    assert_non_null(strstr(reply->text, "health is not told"));
    assert_int_equal(fact(s, FACT_NOT_SHARED, 0)->not_shared->lasting, false);
    assert_int_equal(facts(s, FACT_FEEDBACK_OWED), 0);
    assert_int_equal(going_on(s, 1, "feedback"), 0);
    assert_false(told(s, "health-notices"));
}

static void what_was_lifted_with_a_reason_is_shared_again(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1, .from = HEALTH});
    then_refused(share(s, "anna", "health", "nobody is at risk there"), REFUSED_ACT, "no record");
    then_done(withhold(s, "anna", "health"));
    then_refused(share(s, "anna", "health", NULL), REFUSED_ACT, "reason");

    then_done(share(s, "anna", "health", "the member of staff has left"));

    then_done(ask(s, "anna", "health", 0));
    then_done(claim(s, "anna"));
    then_done(decide_line(s, "anna", 1, "section_47"));
    assert_int_equal(facts(s, FACT_FEEDBACK_OWED), 1);
}

static void another_agency_is_asked_and_told_all_the_same(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1, .from = HEALTH});
    then_done(withhold(s, "anna", "police"));
    then_done(ask(s, "anna", "health", 0));
    then_done(claim(s, "anna"));

    then_done(decide_line(s, "anna", 1, "section_47"));

    assert_int_equal(facts(s, FACT_FEEDBACK_OWED), 1);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, story_begin, story_end)
    const struct CMUnitTest tests[] = {
        T(an_agency_is_asked_by_the_time_that_the_rating_gives),
        T(an_agency_with_a_queue_in_each_area_is_asked_in_the_alerts_own),
        T(an_agency_that_is_in_another_area_only_is_not_asked),
        T(an_agency_is_asked_by_the_time_that_the_asker_says),
        T(without_a_time_by_its_rating_the_asker_must_say_one),
        T(a_decision_does_not_pass_for_the_answer_that_is_still_owed),
        T(only_an_agency_that_is_asked_through_the_hub_and_cleared_is_asked),
        T(an_answer_in_time_stops_its_clock_and_the_team_hears_it),
        T(an_answer_is_told_to_the_agency_whose_it_is),
        T(an_answer_that_is_late_is_told_to_both_and_to_the_agencys_managers),
        T(an_answer_after_its_time_is_an_answer_all_the_same),
        T(only_the_agency_that_was_asked_answers),
        T(an_answer_after_the_alert_has_ended_is_kept_and_told),
        T(a_second_answer_adds_to_the_first_and_stops_nothing),
        T(a_clock_for_being_informed_is_met_by_the_last_answer),
        T(a_hold_does_not_give_the_agency_more_time),
        T(an_agency_that_was_asked_does_not_see_the_alert_in_the_teams_place),
        T(an_agency_that_is_not_shared_with_is_not_asked),
        T(an_agency_that_referred_and_is_not_shared_with_hears_no_outcome),
        T(what_was_lifted_with_a_reason_is_shared_again),
        T(another_agency_is_asked_and_told_all_the_same),
    };
    return cmocka_run_group_tests_name("requests", tests, NULL, NULL);
}
