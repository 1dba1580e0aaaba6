/* A notice asks for no decision; that a person has seen it is what its sender needs to know: the school, before it opens. */
#include "story_acts.h"

#include <stdio.h>
#include <string.h>

/* "N19" of the record at hand. */
static const char *notice_of(const story *s)
{
    static char text[24];
    (void)snprintf(text, sizeof text, "N%llu", (unsigned long long)core_sequence(s->state));
    return text;
}

/* As the front door is told with the newest record. */
static bool is_overdue(story *s)
{
    const Mash__V1__Alert *alert = delivery_to(s, "front-door")->alert;
    for (size_t i = 0; i < alert->n_overdue; i++) {
        if (strcmp(alert->overdue[i]->clock, "referral_decision") == 0) return true;
    }
    return false;
}

static void a_notice_says_under_which_id_it_is_seen(void **fixture)
{
    story *s = *fixture;

    publish(s, (event_said){.number = 1});

    assert_string_equal(delivery_to(s, "health-notices")->notice, notice_of(s));
    assert_string_equal(delivery_to(s, "front-door")->notice, "");
}

static void who_has_seen_the_notice_in_time_meets_its_clock_and_the_front_door_hears_so(void **fixture)
{
    story *s = *fixture;
    given_a_clock_that_watches_the_notice(s, 2026);
    publish(s, (event_said){.number = 1});
    assert_int_equal(due_of(s, 1, "referral_decision"), london(s, 2026, 6, 9, 8, 30));

    then_done(seen(s, "hana", notice_of(s)));

    assert_int_equal(stopped(s, "referral_decision")->cause, MASH__V1__STOP_CAUSE__STOP_CAUSE_MET);
    assert_int_equal(fact(s, FACT_NOTICE_SEEN, 0)->notice_seen->staff, 7);
    assert_true(told(s, "front-door"));
    assert_false(told(s, "health-notices"));
}

/* The front door has decided; whoever is to be kind to the child in the morning knows nothing yet. */
static void a_decision_on_the_alert_does_not_pass_for_it(void **fixture)
{
    story *s = *fixture;
    given_a_clock_that_watches_the_notice(s, 2026);
    publish(s, (event_said){.number = 1});
    uint64_t first = core_sequence(s->state);
    then_done(claim(s, "anna"));
    then_done(decide_line(s, "anna", 1, "no_further_action"));
    assert_true(core_alert_stands(s->state, 1).ended);

    until(s, london(s, 2026, 6, 9, 8, 29));
    assert_int_equal(tick_after(s, MINUTE_MS), 1);

    assert_true(told(s, "front-door"));
    assert_true(told(s, "duty"));
    Mash__V1__Delivery *again = delivery_to(s, "health-notices");
    assert_int_equal(again->kind, MASH__V1__DELIVERY_KIND__DELIVERY_KIND_NOTICE);
    char same[24];
    (void)snprintf(same, sizeof same, "N%llu", (unsigned long long)first);
    assert_string_equal(again->notice, same);
    assert_null(again->alert);
    assert_null(again->lapsed);
}

static void two_notices_are_both_to_be_seen(void **fixture)
{
    story *s = *fixture;
    given_a_clock_that_watches_the_notice(s, 2026);
    publish(s, (event_said){.number = 1});
    char first[24];
    (void)snprintf(first, sizeof first, "%s", notice_of(s));
    publish(s, (event_said){.number = 2});
    const char *second = notice_of(s);

    then_done(seen(s, "hana", second));
    assert_int_equal(going_on(s, 1, "referral_decision"), 1);
    then_done(seen(s, "henry", first));
    assert_int_equal(going_on(s, 1, "referral_decision"), 0);
}

/* Seen in August, shown again in September; nobody was late, so nobody is told that somebody was. */
static void what_was_seen_in_a_holiday_is_shown_again_on_the_day_and_blames_nobody(void **fixture)
{
    story *s = *fixture;
    given_a_clock_that_watches_the_notice(s, 2026);
    s->now_ms = london(s, 2026, 8, 5, 11, 0);
    publish(s, (event_said){.number = 1});
    then_done(seen(s, "hana", notice_of(s)));
    assert_int_equal(due_of(s, 1, "referral_decision"), london(s, 2026, 9, 3, 8, 30));

    until(s, london(s, 2026, 9, 3, 8, 29));
    assert_int_equal(tick_after(s, MINUTE_MS), 1);

    assert_true(told(s, "health-notices"));
    assert_false(told(s, "front-door"));
    assert_false(told(s, "duty"));
    then_done(note(s, "anna"));
    assert_false(is_overdue(s));
}

/* Each pupil's school by itself, and as much as the force has chosen: what comes again in September is no more than what came in August. */
static void what_is_shown_again_is_shown_as_it_was_given(void **fixture)
{
    story *s = *fixture;
    static core_force force = {.name = "Downshire Police", .source_system = "story/1", .service = "health"}; /* the full list */
    s->policy->forces = &force;
    s->policy->force_count = 1;
    s->policy->audiences[0].one_by_one = true;
    given_a_clock_that_watches_the_notice(s, 2026);
    s->now_ms = london(s, 2026, 8, 5, 11, 0);
    const person_said anne = {.role = CHILD, .nhs = NHS_ANNE, .birth_year = 2015, .school = "116123"};
    const person_said ben = {.role = CHILD, .nhs = NHS_BEN, .birth_year = 2018, .school = "116999"};
    publish(s, (event_said){.number = 1, .people = {anne, ben}});
    core_record first = kept_record(s);

    until(s, london(s, 2026, 9, 3, 8, 29));
    tick_after(s, MINUTE_MS);

    core_record record = last_record(s);
    record.earlier = &first;
    record.earlier_count = 1;
    unsigned schools = 0;
    for (size_t i = 0; i < 2; i++) {
        const Mash__V1__Delivery *again = nth_delivery_of(s, &record, "health-notices", i);
        assert_string_equal(again->audience, "full");
        bool has_annes = again->event->subjects[0]->school_urn[0] != '\0',
             has_bens = again->event->subjects[1]->school_urn[0] != '\0';
        assert_true(has_annes != has_bens);
        schools |= has_annes ? 1 : 2;
    }
    assert_int_equal(schools, 3);
    assert_null(nth_delivery_of(s, &record, "health-notices", 2));
}

static void who_sees_the_notice_after_school_has_opened_meets_its_clock_late(void **fixture)
{
    story *s = *fixture;
    given_a_clock_that_watches_the_notice(s, 2026);
    publish(s, (event_said){.number = 1});
    char notice[24];
    (void)snprintf(notice, sizeof notice, "%s", notice_of(s));
    until(s, london(s, 2026, 6, 9, 8, 29));
    assert_int_equal(tick_after(s, MINUTE_MS), 1);
    s->now_ms += MINUTE_MS;
    assert_true(is_overdue(s));

    then_done(seen(s, "hana", notice));

    assert_false(is_overdue(s));
    assert_true(stopped(s, "referral_decision")->had_lapsed);
    assert_int_equal(stopped(s, "referral_decision")->late_ms, MINUTE_MS);
}

static void only_who_was_given_the_notice_says_that_it_was_seen(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1});

    then_refused(seen(s, "anna", notice_of(s)), MASH__V1__ACT_CODE__ACT_NOT_ALLOWED, "seen");
    then_refused(seen(s, "hana", "N1"), MASH__V1__ACT_CODE__ACT_NOT_ALLOWED, "seen"); /* there is none: it is not said */
    then_refused(claim(s, "hana"), MASH__V1__ACT_CODE__ACT_NOT_ALLOWED, "claim");
}

/* Nobody knows when school opens: it is sent, and that nobody knew is no sender's delay. */
static void a_school_day_that_nobody_knows_has_a_cause_of_its_own(void **fixture)
{
    story *s = *fixture;
    given_a_clock_that_watches_the_notice(s, 0);
    publish(s, (event_said){.number = 1, .occurred_ms = s->now_ms - 3 * HOUR_MS});
    assert_true(started(s, "referral_decision")->due_unknown);
    assert_true(started(s, "referral_decision")->provisional);
    assert_false(started(s, "referral_decision")->late_on_arrival);

    assert_int_equal(tick_after(s, 0), 1);

    assert_int_equal(lapsed(s, "referral_decision")->cause, MASH__V1__LATE_CAUSE__LATE_CAUSE_DUE_UNKNOWN);
    assert_int_equal(lapsed(s, "referral_decision")->late_ms, 0);
    assert_true(told(s, "front-door"));
    assert_false(told(s, "health-notices")); /* it has just been sent */
    assert_string_equal(delivery_to(s, "front-door")->lapsed->cause,
                        "when it is due is not known: no school term lies ahead, or the calendar never opens");
    assert_true(delivery_to(s, "front-door")->lapsed->due_unknown);
    assert_false(is_overdue(s)); /* nobody can say so */
}

/* ---- the notices are another queue's ------------------------------------------------------------------------------------------ */
enum { DUTY_QUEUE = 3, HEALTH_ROUTE = 4 }; /* positions in story.c's tables */

/* From now on another queue has the notices to health; what was given before stays with those who have it. */
static void given_notices_go_to_duty(story *s)
{
    const core_route *before = s->policy->routes;
    core_route *moved = hub_arena_copy(&s->kept, before, s->policy->route_count * sizeof *moved);
    assert_non_null(moved);
    moved[HEALTH_ROUTE].queue = DUTY_QUEUE;
    s->policy->routes = moved;
    adopt_again(s);
    s->policy->routes = before; /* those of the policy that was in force till now */
}

static void a_notice_that_nobody_saw_stays_overdue_when_its_service_moves(void **fixture)
{
    story *s = *fixture;
    given_a_clock_that_watches_the_notice(s, 2026);
    publish(s, (event_said){.number = 1});
    until(s, london(s, 2026, 6, 9, 8, 29));
    assert_int_equal(tick_after(s, MINUTE_MS), 1);
    assert_true(is_overdue(s));

    given_notices_go_to_duty(s);

    then_done(note(s, "anna"));
    assert_true(is_overdue(s));
}

/* The queue of today was given nothing, so nothing of it is unseen: that is not having been seen. */
static void it_runs_out_aloud_when_its_service_has_moved_meanwhile(void **fixture)
{
    story *s = *fixture;
    given_a_clock_that_watches_the_notice(s, 2026);
    publish(s, (event_said){.number = 1});
    given_notices_go_to_duty(s);

    until(s, london(s, 2026, 6, 9, 8, 29));
    assert_int_equal(tick_after(s, MINUTE_MS), 1);

    assert_true(told(s, "front-door"));
    assert_true(told(s, "health-notices")); /* who has it is reminded */
    assert_true(is_overdue(s));
}

static void who_was_given_it_before_its_service_moved_meets_its_clock(void **fixture)
{
    story *s = *fixture;
    given_a_clock_that_watches_the_notice(s, 2026);
    publish(s, (event_said){.number = 1});
    char notice[24];
    (void)snprintf(notice, sizeof notice, "%s", notice_of(s));
    given_notices_go_to_duty(s);

    then_done(seen(s, "hana", notice));

    assert_int_equal(stopped(s, "referral_decision")->cause, MASH__V1__STOP_CAUSE__STOP_CAUSE_MET);
}

/* The list of those who would be told does not see such events: they are not told in silence, and then nobody there has seen it. */
static void a_notice_that_could_not_be_given_runs_out_aloud(void **fixture)
{
    story *s = *fixture;
    given_a_clock_that_watches_the_notice(s, 2026);
    publish(s, (event_said){.number = 1, .sensitivity = MASH__V1__SENSITIVITY__SENSITIVITY_RESTRICTED});
    assert_false(told(s, "health-notices"));

    until(s, london(s, 2026, 6, 9, 8, 29));
    assert_int_equal(tick_after(s, MINUTE_MS), 1);

    assert_true(told(s, "front-door"));
    assert_false(told(s, "health-notices"));
    assert_true(is_overdue(s));
}

/* Who was given the notice hears of that; whose alert it is may not know of it any more. That is nobody who answers for the clock. */
static void a_notice_given_again_does_not_pass_for_somebody_who_heard_of_the_lapse(void **fixture)
{
    story *s = *fixture;
    given_a_clock_that_watches_the_notice(s, 2026);
    publish(s, (event_said){.number = 1});
    publish(s, (event_said){.number = 2, .sensitivity = MASH__V1__SENSITIVITY__SENSITIVITY_RESTRICTED});
    s->policy->audiences[0].sees_up_to = MASH__V1__SENSITIVITY__SENSITIVITY_SENSITIVE;

    until(s, london(s, 2026, 6, 9, 8, 29));
    assert_int_equal(tick_after(s, MINUTE_MS), 1);

    assert_true(told(s, "health-notices"));
    assert_false(told(s, "front-door"));
    assert_true(alarmed(s, MASH__V1__ALARM_KIND__ALARM_KIND_NO_ROUTE));
}

/* More notices than one decision may hold must not stand in the way of every other clock. */
static void a_flood_of_notices_on_one_alert_does_not_stop_the_clocks(void **fixture)
{
    story *s = *fixture;
    enum { EVENTS = 420 };
    s->policy->audiences[1].one_by_one = true; /* a notice for each child */
    given_a_clock_that_watches_the_notice(s, 2026);
    for (int i = 0; i < EVENTS; i++) {
        event_said said = {.number = i + 1};
        for (int k = 0; k < STORY_PEOPLE; k++)
            said.people[k] = (person_said){.role = CHILD, .nhs = k == 0 ? NHS_ANNE : NULL, .sibling_of = k == 0 ? 0 : 1};
        publish(s, said);
    }

    until(s, london(s, 2026, 6, 9, 8, 29));
    assert_int_equal(tick_after(s, MINUTE_MS), 1);

    assert_true(told(s, "front-door"));
    assert_true(alarmed(s, MASH__V1__ALARM_KIND__ALARM_KIND_NO_ROUTE));
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, story_begin, story_end)
    const struct CMUnitTest tests[] = {
        T(a_notice_says_under_which_id_it_is_seen),
        T(who_has_seen_the_notice_in_time_meets_its_clock_and_the_front_door_hears_so),
        T(a_decision_on_the_alert_does_not_pass_for_it),
        T(two_notices_are_both_to_be_seen),
        T(what_was_seen_in_a_holiday_is_shown_again_on_the_day_and_blames_nobody),
        T(what_is_shown_again_is_shown_as_it_was_given),
        T(who_sees_the_notice_after_school_has_opened_meets_its_clock_late),
        T(only_who_was_given_the_notice_says_that_it_was_seen),
        T(a_school_day_that_nobody_knows_has_a_cause_of_its_own),
        T(a_notice_that_nobody_saw_stays_overdue_when_its_service_moves),
        T(it_runs_out_aloud_when_its_service_has_moved_meanwhile),
        T(who_was_given_it_before_its_service_moved_meets_its_clock),
        T(a_notice_that_could_not_be_given_runs_out_aloud),
        T(a_notice_given_again_does_not_pass_for_somebody_who_heard_of_the_lapse),
        T(a_flood_of_notices_on_one_alert_does_not_stop_the_clocks),
    };
    return cmocka_run_group_tests_name("notices", tests, NULL, NULL);
}
