/* A restricted event is silent (P6): also in what was told before it, and in what people and clocks do on its alert. */
#include "story_disagreement.h"

#include <string.h>

#define RESTRICTED MASH__V1__SENSITIVITY__SENSITIVITY_RESTRICTED
enum { FULL_AUDIENCE, MINIMAL_AUDIENCE, HEALTH_NOTICES = 4 };

static uint32_t duty_board(story *s)
{
    return reader(s, "duty-board", MASH__V1__PEER_KIND__PEER_KIND_CONSUMER, "duty");
}

/* A1 is amber, and duty is told that its clock has run out. Its consumer is away. */
static core_record an_amber_lapses(story *s)
{
    publish(s, (event_said){.number = 1});
    (void)tick_after(s, 2 * DAY_MS);
    assert_true(told(s, "duty"));
    return kept_record(s);
}

static void a_restricted_event_makes_it_red(story *s)
{
    publish(s, (event_said){.number = 2, .grade = HIGH, .sensitivity = RESTRICTED});
    assert_false(told(s, "duty"));
}

/* A delivery is built when it is fetched: "red, two events, four hours" would tell duty of an event that it may not know of. */
static void an_old_delivery_tells_nothing_of_a_restricted_event_that_came_since(void **fixture)
{
    story *s = *fixture;
    core_record lapse = an_amber_lapses(s);
    const Mash__V1__Delivery *before = delivery_of(s, &lapse, "duty");
    assert_int_equal(before->alert->rating, MASH__V1__RATING__RATING_AMBER);

    a_restricted_event_makes_it_red(s);

    const Mash__V1__Delivery *duty = delivery_of(s, &lapse, "duty");
    assert_string_equal(duty->alert->alert_id, "A1");
    assert_string_equal(duty->lapsed->clock, "decision"); /* that is what was told */
    Mash__V1__Alert only_its_name = MASH__V1__ALERT__INIT;
    only_its_name.alert_id = duty->alert->alert_id;
    assert_int_equal(protobuf_c_message_get_packed_size(&duty->alert->base),
                     protobuf_c_message_get_packed_size(&only_its_name.base));
    assert_int_equal(delivery_of(s, &lapse, "front-door")->alert->rating, MASH__V1__RATING__RATING_RED);
}

static void nor_do_explain_tail_and_find(void **fixture)
{
    story *s = *fixture;
    uint32_t duty = duty_board(s);
    core_record lapse = an_amber_lapses(s);
    assert_int_equal(tailed_of(s, &lapse, duty)->rating, MASH__V1__RATING__RATING_AMBER);

    a_restricted_event_makes_it_red(s);

    assert_null(tailed_of(s, &lapse, duty));
    assert_string_equal(explained_of(s, &lapse, duty), "");
    assert_false(finds_of(s, &lapse, duty, "alert:A1"));
    assert_int_equal(tailed_of(s, &lapse, TEAM)->rating, MASH__V1__RATING__RATING_RED);
}

/* Where a disagreement stands is told as it is now; an old delivery of it names it, and no more. */
static void an_old_delivery_of_a_disagreement_tells_nothing_of_what_came_since(void **fixture)
{
    story *s = *fixture;
    it_is_disputed(s);
    then_done(refer(s, "anna", 2, "it cannot wait")); /* the board's office, at duty, is copied from here on */
    core_record referred = kept_record(s);
    assert_int_equal(delivery_of(s, &referred, "duty")->disagreement->stage, 2);

    publish(s, (event_said){.number = 9, .area = "E06000044", .sensitivity = RESTRICTED});

    const Mash__V1__DisagreementView *shown = delivery_of(s, &referred, "duty")->disagreement;
    assert_string_equal(shown->disagreement, "D1");
    assert_int_equal(shown->stage, 0);
    assert_string_equal(shown->plain, "");
    assert_int_equal(shown->version, 0);
    assert_string_equal(shown->cause, "");
    assert_int_equal(shown->due_ms, 0);
    assert_int_equal(delivery_of(s, &referred, "other-door")->disagreement->stage, 2);
}

/* An audience may lose its clearance: acts and lapses on a restricted alert are of its class, though their records hold no event. */
static void acts_and_lapses_are_of_the_class_of_their_alert(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1, .grade = HIGH, .sensitivity = RESTRICTED});
    then_done(claim(s, "mona"));
    core_record claimed = kept_record(s);
    (void)tick_after(s, 5 * HOUR_MS);
    core_record lapse = kept_record(s);
    assert_true(strlen(explained_of(s, &claimed, TEAM)) > 0);
    assert_non_null(tailed_of(s, &lapse, TEAM));

    s->policy->audiences[FULL_AUDIENCE].sees_up_to = MASH__V1__SENSITIVITY__SENSITIVITY_SENSITIVE;

    assert_string_equal(explained_of(s, &claimed, TEAM), "");
    assert_null(tailed_of(s, &claimed, TEAM));
    assert_null(tailed_of(s, &lapse, TEAM));
    assert_false(finds_of(s, &lapse, TEAM, "alert:A1"));
}

/* Of one record a queue may have had a notice, and the alert: the notice goes on being told, the alert does not. */
static void of_two_deliveries_of_one_record_only_the_one_it_is_cleared_for_is_told(void **fixture)
{
    story *s = *fixture;
    core_rule *rule = (core_rule *)(uintptr_t)&s->policy->rules[4]; /* R-TELL, and to the front door too */
    assert_string_equal(rule->id, "R-TELL");
    memcpy(rule->service, "front_door", sizeof "front_door");
    publish(s, (event_said){.number = 1});
    core_record first = kept_record(s);
    assert_true(strstr(explained_of(s, &first, TEAM), "Alert A1 was opened") != NULL);
    publish(s, (event_said){.number = 2, .sensitivity = RESTRICTED});

    s->policy->audiences[FULL_AUDIENCE].sees_up_to = MASH__V1__SENSITIVITY__SENSITIVITY_SENSITIVE;

    const char *text = explained_of(s, &first, TEAM);
    assert_non_null(strstr(text, "Told front-door (notice)"));
    assert_null(strstr(text, "A1"));
    assert_null(strstr(text, "alert opened"));
    assert_null(strstr(text, "Clock"));
    assert_string_equal(tailed_of(s, &first, TEAM)->alert_id, "");
}

/* An agency that has not answered hears that its time is up, and not how grave the alert is by now. */
static void an_agency_whose_answer_is_late_is_not_told_the_rating(void **fixture)
{
    story *s = *fixture;
    s->policy->queues[HEALTH_NOTICES].is_agency = true;
    uint32_t health = reader(s, "health-board", MASH__V1__PEER_KIND__PEER_KIND_CONSUMER, "health-notices");
    publish(s, (event_said){.number = 1, .grade = HIGH});
    then_done(claim(s, "anna"));
    then_done(ask(s, "anna", "health", 0));

    (void)tick_after(s, 2 * HOUR_MS); /* the claim's, ... */
    (void)tick_after(s, 0);           /* ... and the request's */
    assert_true(told(s, "health-notices"));

    const Mash__V1__TailItem *item = tailed(s, health);
    assert_string_equal(item->alert_id, "A1");
    assert_non_null(strstr(item->detail, "answer"));
    assert_int_equal(item->rating, MASH__V1__RATING__RATING_UNSPECIFIED);
}

/* What its own agency has sent since, restricted, is no matter of the queue that is told what came of the first event. */
static void feedback_names_no_restricted_event_that_came_since(void **fixture)
{
    story *s = *fixture;
    const person_said anne = {.role = CHILD, .nhs = NHS_ANNE}, ben = {.role = CHILD, .nhs = NHS_BEN, .sibling_of = 1};
    publish(s, (event_said){.number = 1, .from = HEALTH, .people = {anne, ben}});
    then_done(claim(s, "mona"));
    then_done(decide_line(s, "mona", 1, "no_further_action"));
    core_record decided = kept_record(s);
    assert_int_equal(delivery_of(s, &decided, "health-notices")->feedback->n_about, 1);

    publish(s, (event_said){.number = 2, .from = HEALTH, .sensitivity = RESTRICTED});

    assert_int_equal(delivery_of(s, &decided, "health-notices")->feedback->n_about, 1);
}

/* What was restricted is said again as official, by a sender who has put its class right. That there was something before it stays silent. */
static void a_correction_tells_nothing_of_a_restricted_event_that_it_corrects(void **fixture)
{
    story *s = *fixture;
    uint32_t health = reader(s, "health-board", MASH__V1__PEER_KIND__PEER_KIND_CONSUMER, "health-notices");
    publish(s, (event_said){.number = 1, .sensitivity = RESTRICTED});
    assert_false(told(s, "health-notices"));

    publish(s, (event_said){.number = 2, .amends = 1});

    assert_false(withholds(delivery_to(s, "health-notices"), "amends")); /* their list does not have the field ... */
    assert_null(strstr(explained(s, health), "amends"));
    assert_true(event_fields_add(&s->policy->audiences[MINIMAL_AUDIENCE].fields, "amends"));
    assert_int_equal(delivery_to(s, "health-notices")->event->amends.len, 0); /* ... or has it */
    assert_null(strstr(explained(s, health), "an earlier event"));
    publish(s, (event_said){.number = 3, .amends = 2});
    assert_int_equal(delivery_to(s, "health-notices")->event->amends.len, HUB_ID_BYTES); /* that one they had */
    assert_non_null(strstr(explained(s, health), "an earlier event"));
}

/* An agency has left, and its queue is gone from the policy; its key is not revoked yet, and it reads from the beginning. */
static void a_queue_that_the_policy_has_dropped_is_not_told_how_an_alert_stands(void **fixture)
{
    story *s = *fixture;
    s->policy->queues[HEALTH_NOTICES].is_agency = true;
    publish(s, (event_said){.number = 1, .grade = HIGH});
    then_done(claim(s, "anna"));
    then_done(ask(s, "anna", "health", 0));
    core_record asked = kept_record(s);
    assert_int_equal(delivery_of(s, &asked, "health-notices")->alert->rating, MASH__V1__RATING__RATING_UNSPECIFIED);

    s->policy->queue_count = HEALTH_NOTICES;

    const Mash__V1__Alert *alert = delivery_of(s, &asked, "health-notices")->alert;
    assert_int_equal(alert->rating, MASH__V1__RATING__RATING_UNSPECIFIED);
    assert_int_equal(alert->n_clocks, 0);
    assert_int_equal(alert->events, 0);
}

/* ---- alarms ---------------------------------------------------------------------------------------------------------------- */
static void say_born(story *s, int number, int year, Mash__V1__Sensitivity sensitivity)
{
    publish(s, (event_said){.number = number,
                            .sensitivity = sensitivity,
                            .people = {{.role = CHILD, .nhs = NHS_ANNE, .birth_year = year}}});
}

/* Somebody must look, so duty is told that there is an alarm; of the event that raised it, which duty may not know of, nothing. */
static void an_alarm_holds_nothing_of_the_restricted_event_that_raised_it(void **fixture)
{
    story *s = *fixture;
    assert_true(event_fields_add(&s->policy->audiences[MINIMAL_AUDIENCE].fields, "event_id"));
    assert_true(event_fields_add(&s->policy->audiences[MINIMAL_AUDIENCE].fields, "agency"));
    say_born(s, 1, 2018, MASH__V1__SENSITIVITY__SENSITIVITY_OFFICIAL);

    say_born(s, 2, 2017, RESTRICTED);

    const Mash__V1__Delivery *alarm = delivery_to(s, "duty");
    assert_non_null(strstr(alarm->alarm, "cannot be true of one"));
    assert_null(alarm->event);
    assert_int_equal(alarm->n_withheld, 0);
    assert_int_equal(alarm->reasons[0]->agency, MASH__V1__AGENCY__AGENCY_UNSPECIFIED);
}

static void an_alarm_about_an_event_of_its_class_says_which(void **fixture)
{
    story *s = *fixture;
    assert_true(event_fields_add(&s->policy->audiences[MINIMAL_AUDIENCE].fields, "event_id"));
    say_born(s, 1, 2018, MASH__V1__SENSITIVITY__SENSITIVITY_OFFICIAL);

    say_born(s, 2, 2017, MASH__V1__SENSITIVITY__SENSITIVITY_OFFICIAL);

    assert_int_equal(delivery_to(s, "duty")->event->event_id.len, HUB_ID_BYTES);
}

#define TELL(test) cmocka_unit_test_setup_teardown(test, story_begin, story_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TELL(an_old_delivery_tells_nothing_of_a_restricted_event_that_came_since),
        TELL(nor_do_explain_tail_and_find),
        TELL(an_old_delivery_of_a_disagreement_tells_nothing_of_what_came_since),
        TELL(acts_and_lapses_are_of_the_class_of_their_alert),
        TELL(of_two_deliveries_of_one_record_only_the_one_it_is_cleared_for_is_told),
        TELL(an_agency_whose_answer_is_late_is_not_told_the_rating),
        TELL(feedback_names_no_restricted_event_that_came_since),
        TELL(a_correction_tells_nothing_of_a_restricted_event_that_it_corrects),
        TELL(a_queue_that_the_policy_has_dropped_is_not_told_how_an_alert_stands),
        TELL(an_alarm_holds_nothing_of_the_restricted_event_that_raised_it),
        TELL(an_alarm_about_an_event_of_its_class_says_which),
    };
    return cmocka_run_group_tests_name("silence", tests, NULL, NULL);
}
