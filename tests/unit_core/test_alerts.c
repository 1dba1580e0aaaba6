/* From rules to alerts: opened, joined, tightened, never ended by a rule. */
#include "story.h"

#include <stdlib.h>

#include <string.h>

static void a_concern_opens_an_alert_for_the_area_of_the_child(void **fixture)
{
    story *s = *fixture;

    publish(s, (event_said){.number = 1, .area = "E06000044"});

    assert_int_equal(facts(s, FACT_ALERT_OPENED), 1);
    assert_true(told(s, "other-door"));
    assert_false(told(s, "front-door"));
    assert_true(told(s, "health-notices"));
}

/* Five agencies' words about one child are one alert, or the team sees the same child five times. */
static void a_second_concern_about_the_same_child_joins_the_alert(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1});

    publish(s, (event_said){.number = 2, .from = HEALTH});

    assert_int_equal(facts(s, FACT_ALERT_OPENED), 0);
    assert_int_equal(facts(s, FACT_ALERT_JOINED), 1);
    assert_int_equal(fact(s, FACT_DELIVERED, 0)->delivered->kind, MASH__V1__DELIVERY_KIND__DELIVERY_KIND_ALERT_JOINED);
    uint64_t sequences[4];
    assert_int_equal(core_alert_records(s->state, 1, sequences, 4), 2);
}

static void a_graver_event_raises_the_rating_and_starts_its_clock(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1, .grade = MEDIUM});

    publish(s, (event_said){.number = 2, .grade = HIGH});

    assert_true(fact(s, FACT_ALERT_JOINED, 0)->alert_joined->tightened);
    assert_int_equal(fact(s, FACT_ALERT_JOINED, 0)->alert_joined->rating, MASH__V1__RATING__RATING_RED);
    assert_int_equal(facts(s, FACT_CLOCK_STARTED), 1);
}

/* A later, milder event must never calm an alert down (C9). */
static void a_milder_event_never_lowers_the_rating(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1, .grade = HIGH});

    publish(s, (event_said){.number = 2, .grade = MEDIUM});

    assert_false(fact(s, FACT_ALERT_JOINED, 0)->alert_joined->tightened);
    assert_int_equal(fact(s, FACT_ALERT_JOINED, 0)->alert_joined->rating, MASH__V1__RATING__RATING_RED);
}

/* Nothing is routed nowhere by silence: the rule that nearly held is recorded with what it lacked. */
static void a_pattern_counts_to_three_and_says_what_it_lacked_before(void **fixture)
{
    story *s = *fixture;
    event_said missed = {.from = HEALTH, .payload = MASH__V1__EVENT__PAYLOAD_MISSED_APPOINTMENT};
    missed.number = 1;
    publish(s, missed);
    assert_int_equal(facts(s, FACT_DELIVERED), 0);
    assert_int_equal(fact(s, FACT_TRACED, 0)->traced->n_near_miss, 4); /* R-MISSED and R-PLAN, and which condition failed */
    s->now_ms += 30 * DAY_MS;
    missed.number = 2;
    publish(s, missed);
    assert_int_equal(facts(s, FACT_ALERT_OPENED), 0);
    s->now_ms += 30 * DAY_MS;
    missed.number = 3;

    publish(s, missed);

    assert_int_equal(facts(s, FACT_ALERT_OPENED), 1);
    assert_int_equal(fact(s, FACT_TRACED, 0)->traced->n_counted, 2);
}

/* "Within 12 months": the anniversary is inside, the day before it is not. */
static void a_look_back_of_twelve_months_ends_at_the_anniversary(void **fixture)
{
    story *s = *fixture;
    int64_t start = s->now_ms;
    event_said missed = {.from = HEALTH, .payload = MASH__V1__EVENT__PAYLOAD_MISSED_APPOINTMENT};
    missed.number = 1;
    publish(s, missed);
    missed.number = 2;
    publish(s, missed);
    s->now_ms = start + 366 * DAY_MS; /* a day late */
    missed.number = 3;
    publish(s, missed);
    assert_int_equal(facts(s, FACT_ALERT_OPENED), 0);
    missed.number = 4;
    missed.occurred_ms = start + 365 * DAY_MS; /* the anniversary */

    publish(s, missed);

    assert_int_equal(facts(s, FACT_ALERT_OPENED), 1);
}

/* A correction reaches everybody who was told, and the corrected event counts no more. */
static void an_amendment_reaches_everybody_who_was_told(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1});

    publish(s, (event_said){.number = 2, .amends = 1});

    assert_int_equal(facts(s, FACT_EVENT_WITHDRAWN), 1);
    assert_true(told(s, "front-door"));
    assert_true(told(s, "health-notices"));
    assert_int_equal(fact(s, FACT_DELIVERED, 0)->delivered->kind, MASH__V1__DELIVERY_KIND__DELIVERY_KIND_EVENT_AMENDED);
}

/* A withdrawn event is told and the alert stays: only a person ends anything (C7). */
static void a_retraction_tells_and_ends_nothing(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1});

    publish(s, (event_said){.number = 2, .retracts = 1});

    assert_int_equal(fact(s, FACT_DELIVERED, 0)->delivered->kind, MASH__V1__DELIVERY_KIND__DELIVERY_KIND_EVENT_RETRACTED);
    assert_true(told(s, "front-door"));
    assert_int_equal(core_count(s->state).alerts_open, 1);
    assert_int_equal(facts(s, FACT_ALERT_OPENED), 0);
}

static void a_retracted_event_is_not_counted(void **fixture)
{
    story *s = *fixture;
    event_said missed = {.from = HEALTH, .payload = MASH__V1__EVENT__PAYLOAD_MISSED_APPOINTMENT};
    missed.number = 1;
    publish(s, missed);
    missed.number = 2;
    publish(s, missed);
    missed.number = 3;
    missed.retracts = 2;
    publish(s, missed);
    missed.retracts = 0;
    missed.number = 4;

    publish(s, missed);

    /* 1 and 4 count; 2 was withdrawn, and so is not the third. The retraction itself is an event of the same kind and counts not. */
    assert_int_equal(facts(s, FACT_ALERT_OPENED), 0);
}

/* The correction says that a colleague is a party: from then on it is handled as restricted, also towards those who had the first. */
static void a_correction_that_names_a_member_of_staff_is_silent_for_who_is_not_cleared(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1});

    publish(s, (event_said){.number = 2, .amends = 1, .people = {{.role = CHILD, .nhs = NHS_ANNE, .is_staff = 1}}});

    assert_int_equal(facts(s, FACT_EVENT_WITHDRAWN), 1);
    assert_true(told(s, "front-door"));
    assert_false(told(s, "health-notices"));
}

/* Whoever was told is owed the correction. When the policy has dropped the audience it was told by, a person must tell them. */
static void a_correction_owed_to_an_audience_that_was_dropped_raises_an_alarm(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1});
    s->policy->audiences[1].number = 77; /* as a policy does that gives health-notices another audience */

    publish(s, (event_said){.number = 2, .retracts = 1});

    assert_true(told(s, "front-door"));
    assert_false(told(s, "health-notices"));
    assert_int_equal(facts(s, FACT_ALARM_RAISED), 1);
    assert_int_equal(fact(s, FACT_ALARM_RAISED, 0)->alarm_raised->alarm, MASH__V1__ALARM_KIND__ALARM_KIND_NO_ROUTE);
}

/* The last rule of many may be the one that makes it red. */
static void the_rule_after_a_hundred_others_that_hold_counts_like_the_first(void **fixture)
{
    enum { OTHERS = 100 };
    story *s = *fixture;
    const core_rule *before = s->policy->rules;
    uint32_t count = s->policy->rule_count;
    core_rule *rules = calloc(OTHERS + 1, sizeof *rules);
    assert_non_null(rules);
    for (int i = 0; i < OTHERS; i++)
        rules[i] = before[1]; /* R-ANY: amber */
    rules[OTHERS] = before[0];
    s->policy->rules = rules;
    s->policy->rule_count = OTHERS + 1;

    publish(s, (event_said){.number = 1, .grade = HIGH});

    assert_int_equal(fact(s, FACT_TRACED, 0)->traced->n_matched, OTHERS + 1);
    assert_int_equal(fact(s, FACT_ALERT_OPENED, 0)->alert_opened->rating, MASH__V1__RATING__RATING_RED);
    assert_int_equal(fact(s, FACT_ALERT_OPENED, 0)->alert_opened->rule, OTHERS);
    s->policy->rules = before;
    s->policy->rule_count = count;
    free(rules);
}

/* A drill must not withdraw what was really said. */
static void an_exercise_does_not_withdraw_a_real_event(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1});

    core_reply reply = publish(s, (event_said){.number = 2, .retracts = 1, .exercise = 1});

    assert_int_equal(reply.item, MASH__V1__ITEM_STATUS__REFUSED);
    assert_int_equal(reply.problem.code, MASH__V1__REFUSAL_CODE__UNKNOWN_TARGET);
    assert_int_equal(facts(s, FACT_EVENT_WITHDRAWN), 0);
}

/* ... and a drill has its own corrections. */
static void an_exercise_withdraws_an_event_of_the_exercise(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1, .exercise = 1});

    core_reply reply = publish(s, (event_said){.number = 2, .retracts = 1, .exercise = 1});

    assert_int_equal(reply.item, MASH__V1__ITEM_STATUS__STORED);
    assert_int_equal(facts(s, FACT_EVENT_WITHDRAWN), 1);
}

/* A source that corrects twice, or withdraws what it corrected, is believed each time. */
static void an_event_can_be_corrected_and_withdrawn_again(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1});
    publish(s, (event_said){.number = 2, .amends = 1});
    assert_int_equal(publish(s, (event_said){.number = 3, .amends = 1}).item, MASH__V1__ITEM_STATUS__STORED);
    assert_int_equal(publish(s, (event_said){.number = 4, .retracts = 1}).item, MASH__V1__ITEM_STATUS__STORED);

    core_reply reply = publish(s, (event_said){.number = 5, .retracts = 1});

    assert_int_equal(reply.item, MASH__V1__ITEM_STATUS__STORED);
    assert_true(told(s, "front-door"));
}

/* A Red at 22:40 does not wait for Monday: outside the front door's hours the out-of-hours team has it too. */
static void a_red_at_night_goes_to_the_out_of_hours_team_as_well(void **fixture)
{
    story *s = *fixture;
    s->now_ms += 12 * HOUR_MS + 40 * 60 * 1000;

    publish(s, (event_said){.number = 1, .grade = HIGH});

    assert_true(told(s, "front-door"));
    assert_true(told(s, "out-of-hours"));
}

static void a_red_by_day_stays_with_the_front_door(void **fixture)
{
    story *s = *fixture;

    publish(s, (event_said){.number = 1, .grade = HIGH});

    assert_true(told(s, "front-door"));
    assert_false(told(s, "out-of-hours"));
}

/* A school is told of its pupil although nobody at the scene asked for a date of birth; of a baby it is not. */
static void a_child_of_unknown_age_counts_as_a_pupil_when_a_school_is_named(void **fixture)
{
    story *s = *fixture;
    event_said absent = {.payload = MASH__V1__EVENT__PAYLOAD_ABSENCE};
    absent.number = 1;
    absent.people[0] = (person_said){.role = CHILD, .nhs = NHS_ANNE};
    publish(s, absent);
    assert_int_equal(facts(s, FACT_ALERT_OPENED), 0);
    absent.number = 2;
    absent.people[0] = (person_said){.role = CHILD, .nhs = NHS_BEN, .school = "100001", .birth_year = 2025};
    publish(s, absent);
    assert_int_equal(facts(s, FACT_ALERT_OPENED), 0);
    absent.number = 3;
    absent.people[0] = (person_said){.role = CHILD, .nhs = NHS_CARA, .school = "100001"};

    publish(s, absent);

    assert_int_equal(facts(s, FACT_ALERT_OPENED), 1);
}

#define TELL(test) cmocka_unit_test_setup_teardown(test, story_begin, story_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TELL(a_concern_opens_an_alert_for_the_area_of_the_child),
        TELL(a_second_concern_about_the_same_child_joins_the_alert),
        TELL(a_graver_event_raises_the_rating_and_starts_its_clock),
        TELL(a_milder_event_never_lowers_the_rating),
        TELL(a_pattern_counts_to_three_and_says_what_it_lacked_before),
        TELL(a_look_back_of_twelve_months_ends_at_the_anniversary),
        TELL(an_amendment_reaches_everybody_who_was_told),
        TELL(a_retraction_tells_and_ends_nothing),
        TELL(a_retracted_event_is_not_counted),
        TELL(a_correction_that_names_a_member_of_staff_is_silent_for_who_is_not_cleared),
        TELL(a_correction_owed_to_an_audience_that_was_dropped_raises_an_alarm),
        TELL(the_rule_after_a_hundred_others_that_hold_counts_like_the_first),
        TELL(an_exercise_does_not_withdraw_a_real_event),
        TELL(an_exercise_withdraws_an_event_of_the_exercise),
        TELL(an_event_can_be_corrected_and_withdrawn_again),
        TELL(a_red_at_night_goes_to_the_out_of_hours_team_as_well),
        TELL(a_red_by_day_stays_with_the_front_door),
        TELL(a_child_of_unknown_age_counts_as_a_pupil_when_a_school_is_named),
    };
    return cmocka_run_group_tests_name("alerts", tests, NULL, NULL);
}
