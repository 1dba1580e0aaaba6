/* One filter for every question: explain, tail and find tell each reader what its deliveries told, and not a word more. */
#include "story_acts.h"

#include <string.h>

#define MISSED MASH__V1__EVENT__PAYLOAD_MISSED_APPOINTMENT
#define RESTRICTED MASH__V1__SENSITIVITY__SENSITIVITY_RESTRICTED
#define PERPETRATOR MASH__V1__SUBJECT_ROLE__SUBJECT_ROLE_ALLEGED_PERPETRATOR

static bool says(story *s, uint32_t peer, const char *words)
{
    return strstr(explained(s, peer), words) != NULL;
}

static uint32_t health_team(story *s)
{
    return reader(s, "health-team", MASH__V1__PEER_KIND__PEER_KIND_CONSUMER, "health-notices");
}

static const event_said CONCERN = {
    .number = 1,
    .grade = HIGH,
    .people = {{.role = CHILD, .nhs = NHS_ANNE, .birth_year = 2015}, {.role = PERPETRATOR, .nhs = NHS_BEN, .birth_year = 1980}}};

/* A person asks why; the answer is words, not codes, and no names. */
static void a_front_door_is_told_the_rule_its_reason_and_the_clock(void **fixture)
{
    story *s = *fixture;
    publish(s, CONCERN);

    assert_true(says(s, TEAM, "Rule R-HIGH of policy 1 holds: A child concern graded high goes to the front door as red.\n"));
    assert_true(says(s, TEAM, "because it is graded so\n"));
    assert_true(says(s, TEAM, "Alert A1 was opened for front-door: red"));
    assert_true(says(s, TEAM, "Clock red_decision"));
    assert_true(says(s, TEAM, "Person 2 (alleged perpetrator)"));
    assert_false(says(s, TEAM, "health-notices")); /* not this reader's queue */
    assert_false(says(s, TEAM, "R-TELL"));         /* nor its rule */
    assert_false(says(s, TEAM, "Example"));
}

/* A school must not read in the explanation of its notice what the notice withheld: the grade, the adults, who else was told. */
static void who_gets_a_notice_reads_its_own_rule_and_nothing_that_was_withheld(void **fixture)
{
    story *s = *fixture;
    uint32_t team = health_team(s);
    publish(s, CONCERN);

    assert_true(says(s, team, "Rule R-TELL of policy 1 holds: Health is told of every child concern.\n"));
    assert_true(says(s, team, "because of 1 more that this audience may not see\n"));
    assert_true(says(s, team, "Told health-notices (notice)"));
    assert_true(says(s, team, "Subject 1 of the event: child.\n"));
    static const char *const WITHHELD[] = {"R-HIGH", "R-ANY", "graded", "perpetrator",        "NHS",   "front-door", "A1",
                                           ": red",  "Clock", "police", "child concern from", "story", "Person ",    "Family ",
                                           "Not "};
    for (size_t i = 0; i < sizeof WITHHELD / sizeof WITHHELD[0]; i++)
        assert_false(says(s, team, WITHHELD[i]));
}

static void a_line_of_tail_is_as_discreet(void **fixture)
{
    story *s = *fixture;
    uint32_t team = health_team(s);
    publish(s, CONCERN);

    const Mash__V1__TailItem *item = tailed(s, team);

    assert_string_equal(item->what, "event accepted");
    assert_int_equal(item->n_queues, 1);
    assert_string_equal(item->queues[0], "health-notices");
    assert_int_equal(item->n_rules, 1);
    assert_string_equal(item->rules[0], "R-TELL");
    assert_string_equal(item->alert_id, "");
    assert_int_equal(item->rating, MASH__V1__RATING__RATING_UNSPECIFIED);
    assert_string_equal(item->payload, "");
    assert_int_equal(item->agency, MASH__V1__AGENCY__AGENCY_UNSPECIFIED);
    assert_int_equal(item->event_id.len, 0);
    assert_string_equal(item->peer, "");
}

/* What other agencies hold about a child is not the sender's to read in the explanation of its own event. */
static void a_sender_reads_its_own_words_and_not_what_the_hub_knew_already(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1, .payload = MASH__V1__EVENT__PAYLOAD_PROTECTION_PLAN});
    publish(s, (event_said){.number = 2, .from = HEALTH, .payload = MISSED});
    assert_true(told(s, "front-door"));

    assert_true(says(s, HEALTH, "missed appointment from health (sent by health)"));
    assert_false(says(s, HEALTH, "plan"));
    assert_false(says(s, HEALTH, "Rule"));
    assert_false(says(s, HEALTH, "Person"));
    assert_false(says(s, HEALTH, "Alert"));
    assert_false(says(s, HEALTH, "front-door"));
    const Mash__V1__TailItem *item = tailed(s, HEALTH);
    assert_string_equal(item->payload, "missed_appointment");
    assert_string_equal(item->alert_id, "");
    assert_int_equal(item->n_queues, 0);
    assert_int_equal(item->n_rules, 0);
    assert_string_equal(explained(s, POLICE), "");
}

/* Who runs the hub and who audits it must see what it did; neither sees what was said. */
static void an_auditor_reads_the_whole_control_part_as_an_operator_does(void **fixture)
{
    story *s = *fixture;
    uint32_t auditor = reader(s, "auditor", MASH__V1__PEER_KIND__PEER_KIND_AUDITOR, NULL);
    publish(s, CONCERN);

    assert_string_equal(explained(s, auditor), explained(s, 1));
    assert_true(says(s, auditor, "Rule R-HIGH"));
    assert_true(says(s, auditor, "Rule R-TELL"));
    assert_true(says(s, auditor, "Told health-notices"));
    assert_true(says(s, auditor, "Person 2 (alleged perpetrator)"));
    assert_false(says(s, auditor, "Example"));
    assert_int_equal(tailed(s, auditor)->n_queues, 2);
}

/* A key that finds a record tells that the record is about that number. */
static void a_number_finds_a_record_only_for_who_may_see_that_number(void **fixture)
{
    story *s = *fixture;
    uint32_t team = health_team(s);
    publish(s, CONCERN);

    assert_true(finds(s, TEAM, "nhs:" NHS_BEN));
    assert_true(finds(s, TEAM, "alert:A1"));
    assert_false(finds(s, team, "nhs:" NHS_ANNE));
    assert_false(finds(s, team, "nhs:" NHS_BEN));
    assert_false(finds(s, team, "alert:A1"));
    assert_false(finds(s, team, "event:00000001-0000-8000-8000-000000000000"));
    assert_true(finds(s, POLICE, "nhs:" NHS_BEN)); /* it said so itself */
    assert_false(finds(s, POLICE, "alert:A1"));
    assert_true(finds(s, 1, "alert:A1"));
}

/* Whoever was not told may not ask either. */
static void a_consumer_reads_nothing_of_what_was_not_delivered_to_it(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1, .area = "E06000044"});

    assert_string_equal(explained(s, TEAM), "");
    assert_false(finds(s, TEAM, "nhs:" NHS_ANNE));
    assert_true(says(s, 1, "other-door"));
}

/* The night team has the alert too, by another team's rule: it reads of the alert, and not whose queue that is. */
static void who_has_an_alert_as_well_reads_of_it_without_the_other_queue(void **fixture)
{
    story *s = *fixture;
    uint32_t night = reader(s, "night", MASH__V1__PEER_KIND__PEER_KIND_CONSUMER, "out-of-hours");
    s->now_ms += 14 * HOUR_MS;
    publish(s, CONCERN);

    assert_true(says(s, night, "Alert A1 was opened: red"));
    assert_true(says(s, night, "Rule R-HIGH"));
    assert_false(says(s, night, "front-door:"));
    assert_false(says(s, night, "Told front-door"));
    assert_string_equal(tailed(s, night)->alert_id, "A1");
}

/* ---- what rests on earlier events -------------------------------------------------------------------------------------------- */
/* The rule about three missed appointments, made to tell health instead of the front door. */
static void let_three_missed_tell_health(story *s)
{
    core_rule *rule = (core_rule *)(uintptr_t)&s->policy->rules[2];
    assert_string_equal(rule->id, "R-MISSED");
    rule->action = CORE_DO_NOTIFY;
    memcpy(rule->service, "health", sizeof "health");
}

/* P6: the third that is really the second, for who may not know of one of them, would tell of that one. */
static void a_restricted_event_does_not_count_towards_a_notice_to_the_uncleared(void **fixture)
{
    story *s = *fixture;
    uint32_t team = health_team(s);
    let_three_missed_tell_health(s);
    publish(s, (event_said){.number = 1, .payload = MISSED});
    publish(s, (event_said){.number = 2, .payload = MISSED, .sensitivity = RESTRICTED});
    publish(s, (event_said){.number = 3, .payload = MISSED});
    assert_false(told(s, "health-notices"));

    publish(s, (event_said){.number = 4, .payload = MISSED});

    assert_true(told(s, "health-notices"));
    assert_true(says(s, team, "Rule R-MISSED"));
    assert_false(says(s, team, "third in 12 months\n")); /* four were counted, and one of them is not to be heard of */
    assert_true(says(s, 1, "because it is at least the third in 12 months\n"));
}

/* Without anything to hide the count is named or shown like any other reason. */
static void a_count_of_events_that_may_be_known_is_a_reason(void **fixture)
{
    story *s = *fixture;
    uint32_t team = health_team(s);
    let_three_missed_tell_health(s);
    for (int i = 1; i <= 3; i++)
        publish(s, (event_said){.number = i, .payload = MISSED});

    assert_true(told(s, "health-notices"));
    assert_true(says(s, team, "because of 2 more that this audience may not see\n")); /* it is given no appointments */
}

/* An audience may lose its clearance: what it was told then is not explained to it now. */
static void what_an_audience_is_not_cleared_for_any_more_is_not_explained(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1, .sensitivity = MASH__V1__SENSITIVITY__SENSITIVITY_SENSITIVE});
    assert_true(says(s, TEAM, "Alert A1"));

    s->policy->audiences[0].sees_up_to = MASH__V1__SENSITIVITY__SENSITIVITY_OFFICIAL;

    assert_string_equal(explained(s, TEAM), "");
}

/* Who is in touch with an alleged perpetrator must never learn from the hub where the victim lives. */
static void whereabouts_of_others_go_to_nobody_who_is_near_an_alleged_perpetrator(void **fixture)
{
    story *s = *fixture;
    s->policy->audiences[0].near = UINT64_C(1) << PERPETRATOR;
    publish(s, (event_said){.number = 1,
                            .people = {{.role = CHILD, .nhs = NHS_ANNE, .uprn = 100120883950},
                                       {.role = PERPETRATOR, .nhs = NHS_BEN, .uprn = 100120883951}}});

    const Mash__V1__Delivery *delivery = delivery_to(s, "front-door");

    assert_int_equal(delivery->event->subjects[0]->n_addresses, 0);
    assert_int_equal(delivery->event->subjects[1]->n_addresses, 1);
    assert_non_null(strstr(delivery->withheld[0], "at risk from another subject"));
}

static void without_such_a_person_in_the_event_addresses_are_given_as_the_list_says(void **fixture)
{
    story *s = *fixture;
    s->policy->audiences[0].near = UINT64_C(1) << PERPETRATOR;
    publish(s, (event_said){.number = 1, .people = {{.role = CHILD, .nhs = NHS_ANNE, .uprn = 100120883950}}});

    assert_int_equal(delivery_to(s, "front-door")->event->subjects[0]->n_addresses, 1);
}

static void an_act_is_told_with_who_and_words_only_to_whom_the_list_gives_them(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1});
    tick_after(s, 2 * DAY_MS); /* duty is told of the lapse, and from then on of acts */
    Mash__V1__Note note = MASH__V1__NOTE__INIT;
    note.text = (char *)(uintptr_t) "spoke with the school";
    then_done(act(s, (act_said){.by = "anna", .version = -1, .what = MASH__V1__ACT__WHAT_NOTE, .body = &note}));

    const Mash__V1__Delivery *team = delivery_to(s, "front-door");
    const Mash__V1__Delivery *duty = delivery_to(s, "duty");

    assert_string_equal(team->act->who, "anna");
    assert_string_equal(team->act->words, "spoke with the school");
    assert_string_equal(duty->act->who, "");
    assert_string_equal(duty->act->team, "front-team");
    assert_string_equal(duty->act->words, "");
    assert_string_equal(duty->withheld[0], "act.words");
}

/* "Offered it to a colleague" helps nobody who looks for them; and who acts is not for everybody. */
static void to_whom_it_was_offered_is_told_to_whom_who_acted_is_told(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1});
    tick_after(s, 2 * DAY_MS); /* duty is told of the lapse, and from then on of acts */
    then_done(claim(s, "anna"));

    then_done(hand_over(s, "anna", "bob"));

    assert_string_equal(delivery_to(s, "front-door")->act->to, "bob");
    assert_string_equal(delivery_to(s, "duty")->act->to, "");
}

/* V2. Of two children's alert "decided" says nothing: it says about whom, to who is told of that child. */
static void about_whom_somebody_decided_is_told_to_who_has_people_of_that_role(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1});
    then_done(claim(s, "anna"));
    then_done(decide_line(s, "anna", 1, "no_further_action"));
    assert_int_equal(delivery_to(s, "front-door")->act->person, 1);
    assert_string_equal(delivery_to(s, "front-door")->act->plain, "decided: no further action");

    s->policy->audiences[0].subject_roles = UINT64_C(1) << PERPETRATOR;

    assert_int_equal(delivery_to(s, "front-door")->act->person, 0);
    assert_string_equal(delivery_to(s, "front-door")->act->plain, "decided a line");
}

/* A list says of each alert whether anybody has seen it: who saw it is told to the team like every act. */
static void the_team_is_told_that_somebody_has_seen_its_alert(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1});
    assert_false(delivery_to(s, "front-door")->alert->seen);
    Mash__V1__Seen seen = MASH__V1__SEEN__INIT;

    then_done(act(s, (act_said){.by = "anna", .what = MASH__V1__ACT__WHAT_SEEN, .body = &seen}));

    assert_true(delivery_to(s, "front-door")->alert->seen);
    assert_string_equal(delivery_to(s, "front-door")->act->who, "anna");
}

/* Whoever takes the alert over reads what was asked already, and does not ask it twice. */
static void a_question_to_an_agency_is_told_to_the_team_that_asked(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1});

    then_done(ask(s, "anna", "health", 0));

    assert_string_equal(delivery_to(s, "front-door")->act->words, "when were they last seen?");
}

static void an_alarm_reaches_the_service_that_takes_alarms(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1, .circumstances = "first"});
    publish(s, (event_said){.number = 1, .circumstances = "other words under the same id"});

    assert_true(told(s, "duty"));
    assert_non_null(strstr(delivery_to(s, "duty")->alarm, "other content"));
}

/* "Withheld: strangulation" tells a school that there was one. */
static void an_audience_that_is_told_in_silence_reads_no_names_of_what_is_withheld(void **fixture)
{
    story *s = *fixture;
    publish(s, CONCERN);
    assert_true(delivery_to(s, "health-notices")->n_withheld > 0);

    s->policy->audiences[1].silent = true;

    assert_int_equal(delivery_to(s, "health-notices")->n_withheld, 0);
}

#define TELL(test) cmocka_unit_test_setup_teardown(test, story_begin, story_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TELL(a_front_door_is_told_the_rule_its_reason_and_the_clock),
        TELL(who_gets_a_notice_reads_its_own_rule_and_nothing_that_was_withheld),
        TELL(a_line_of_tail_is_as_discreet),
        TELL(a_sender_reads_its_own_words_and_not_what_the_hub_knew_already),
        TELL(an_auditor_reads_the_whole_control_part_as_an_operator_does),
        TELL(a_number_finds_a_record_only_for_who_may_see_that_number),
        TELL(a_consumer_reads_nothing_of_what_was_not_delivered_to_it),
        TELL(who_has_an_alert_as_well_reads_of_it_without_the_other_queue),
        TELL(a_restricted_event_does_not_count_towards_a_notice_to_the_uncleared),
        TELL(a_count_of_events_that_may_be_known_is_a_reason),
        TELL(what_an_audience_is_not_cleared_for_any_more_is_not_explained),
        TELL(whereabouts_of_others_go_to_nobody_who_is_near_an_alleged_perpetrator),
        TELL(without_such_a_person_in_the_event_addresses_are_given_as_the_list_says),
        TELL(an_act_is_told_with_who_and_words_only_to_whom_the_list_gives_them),
        TELL(the_team_is_told_that_somebody_has_seen_its_alert),
        TELL(to_whom_it_was_offered_is_told_to_whom_who_acted_is_told),
        TELL(about_whom_somebody_decided_is_told_to_who_has_people_of_that_role),
        TELL(a_question_to_an_agency_is_told_to_the_team_that_asked),
        TELL(an_alarm_reaches_the_service_that_takes_alarms),
        TELL(an_audience_that_is_told_in_silence_reads_no_names_of_what_is_withheld),
    };
    return cmocka_run_group_tests_name("sharing", tests, NULL, NULL);
}
