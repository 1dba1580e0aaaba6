/* What an audience is given: only what its list allows, with reasons, and silence about what it may not know of. */
#include "story.h"

#include <string.h>

#include "event/wire.h"

static void the_front_door_gets_the_event_with_its_reasons_and_clocks(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1, .grade = HIGH});

    Mash__V1__Delivery *delivery = delivery_to(s, "front-door");

    assert_string_equal(delivery->alert->alert_id, "A1");
    assert_int_equal(delivery->alert->rating, MASH__V1__RATING__RATING_RED);
    assert_string_equal(delivery->alert->rated_by, "provisional, by rule R-HIGH");
    assert_int_equal(delivery->n_reasons, 2);
    assert_string_equal(delivery->reasons[0]->rule, "R-HIGH");
    assert_int_equal(delivery->alert->n_lines, 1);
    assert_int_equal(delivery->alert->lines[0]->subject, 1);
    assert_int_equal(delivery->alert->n_clocks, 2);
    assert_true(delivery->alert->clocks[0]->due_ms <= delivery->alert->clocks[1]->due_ms);
    assert_true(strlen(delivery->alert->clocks[0]->why) > 0);
    assert_string_equal(delivery->event->subjects[0]->family_name, "Example");
    assert_int_equal(delivery->position->sequence, core_sequence(s->state));
}

/* Deny by default: what is not listed is not there, and its name is (D1). */
static void a_minimal_audience_gets_only_its_fields_and_the_names_of_the_rest(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1});

    Mash__V1__Delivery *delivery = delivery_to(s, "health-notices");

    assert_int_equal(delivery->event->n_subjects, 1);
    assert_string_equal(delivery->event->subjects[0]->family_name, "");
    assert_int_equal(delivery->event->subjects[0]->n_identifiers, 0);
    assert_true(delivery->event->occurred_at > 0);
    assert_string_equal(delivery->event->source_reference, "");
    bool named = false;
    for (size_t i = 0; i < delivery->n_withheld; i++)
        named = named || strcmp(delivery->withheld[i], "subjects.family_name") == 0;
    assert_true(named);
    assert_string_equal(delivery->reasons[0]->rule, "R-TELL");
}

/* A school is told of its pupil, not of the adults: whoever is in no role of the audience is emptied in place, and that is named. */
static void people_in_other_roles_are_emptied_in_their_place(void **fixture)
{
    story *s = *fixture;
    publish(s,
            (event_said){.number = 1,
                         .people = {{.role = PARENT, .birth_year = 1980}, {.role = CHILD, .birth_year = 2015, .child_of = 1}}});

    Mash__V1__Delivery *delivery = delivery_to(s, "health-notices");

    assert_int_equal(delivery->event->n_subjects, 2);
    assert_int_equal(delivery->event->subjects[0]->n_roles, 0);
    assert_null(delivery->event->subjects[0]->date_of_birth);
    assert_int_equal(delivery->event->subjects[1]->date_of_birth->year, 2015);
    assert_string_equal(delivery->withheld[0], "subjects in other roles");
}

static void deliver_to_everybody(story *s, const core_record *record)
{
    hub_buffer packed = {0};
    for (size_t i = 0; i < record->control->n_facts; i++) {
        core_delivery_cache cache = {0};
        if (record->control->facts[i]->kind != 60) continue;
        assert_int_equal(core_deliver(s->state, record, i, false, &s->kept, &cache, &packed), HUB_OK);
    }
    hub_buffer_free(&packed);
}

static void then_event_is_whole(const story *s, const core_record *record)
{
    hub_buffer left = {0};
    assert_int_equal(event_wire_pack(&record->event->base, &left), HUB_OK);
    assert_true(hub_bytes_equal(hub_buffer_bytes(&left), hub_buffer_bytes(&s->last_event)));
    hub_buffer_free(&left);
}

/* All deliveries of a record are made from one event: what is taken out for one audience is another's to know. */
static void what_one_audience_may_not_see_is_there_for_the_next(void **fixture)
{
    story *s = *fixture;
    publish(s,
            (event_said){.number = 1,
                         .people = {{.role = PARENT, .birth_year = 1980}, {.role = CHILD, .birth_year = 2015, .child_of = 1}}});
    core_record record = last_record(s);

    deliver_to_everybody(s, &record);

    then_event_is_whole(s, &record);
}

/* A pupil's number tells where the school is: readers near somebody are not given it, and others are. */
static void a_number_kept_back_from_one_audience_is_there_for_the_next(void **fixture)
{
    story *s = *fixture;
    s->policy->audiences[0].near = UINT64_C(1) << MASH__V1__SUBJECT_ROLE__SUBJECT_ROLE_ALLEGED_PERPETRATOR;
    publish(s, (event_said){.number = 1,
                            .people = {{.role = CHILD, .nhs = NHS_ANNE, .upn = "R201100018042"},
                                       {.role = MASH__V1__SUBJECT_ROLE__SUBJECT_ROLE_ALLEGED_PERPETRATOR, .nhs = NHS_BEN}}});
    core_record record = last_record(s);

    deliver_to_everybody(s, &record);

    then_event_is_whole(s, &record);
}

/* A restricted topic leaves no placeholder, no count and no gap with those who are not cleared for it (D2). */
static void a_restricted_event_is_silent_for_an_audience_that_is_not_cleared(void **fixture)
{
    story *s = *fixture;

    publish(s, (event_said){.number = 1, .area = "E06000044", .sensitivity = MASH__V1__SENSITIVITY__SENSITIVITY_RESTRICTED});

    assert_true(told(s, "other-door"));
    assert_false(told(s, "health-notices"));
}

/* Silence towards a team must not become silence towards everybody: when the alert's own queue is not cleared (a policy of today is
 * refused for that, one of before is not), the operators hear. */
static void a_restricted_alert_that_its_own_queue_may_not_see_raises_an_alarm(void **fixture)
{
    story *s = *fixture;
    s->policy->audiences[0].sees_up_to = MASH__V1__SENSITIVITY__SENSITIVITY_SENSITIVE;

    publish(s, (event_said){.number = 1, .sensitivity = MASH__V1__SENSITIVITY__SENSITIVITY_RESTRICTED});

    assert_false(told(s, "front-door"));
    assert_int_equal(facts(s, 80), 1);
    assert_int_equal(fact(s, 80, 0)->alarm_raised->alarm, MASH__V1__ALARM_KIND__ALARM_KIND_NO_ROUTE);
}

/* The clock of a restricted alert would betray it just as well. */
static void a_lapsed_clock_of_a_restricted_alert_is_silent_too(void **fixture)
{
    story *s = *fixture;
    publish(s,
            (event_said){
                .number = 1, .area = "E06000044", .grade = HIGH, .sensitivity = MASH__V1__SENSITIVITY__SENSITIVITY_RESTRICTED});

    assert_int_equal(tick_after(s, 4 * HOUR_MS), 1);

    assert_true(told(s, "other-door"));
    assert_false(told(s, "duty"));
}

static void a_lapsed_clock_says_which_and_why(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1, .grade = HIGH});
    (void)tick_after(s, 4 * HOUR_MS);

    Mash__V1__Delivery *delivery = delivery_to(s, "front-door");

    assert_string_equal(delivery->lapsed->clock, "red_decision");
    assert_string_equal(delivery->lapsed->cause, "on time");
    assert_int_equal(delivery->n_reasons, 1);
    assert_null(delivery->event);
}

/* A reason is a fact of the event too: whose it is and of which class goes only to who is given those fields (D1). */
static void a_reason_names_the_agency_only_to_who_is_given_it(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1});

    assert_int_equal(delivery_to(s, "front-door")->reasons[0]->agency, MASH__V1__AGENCY__AGENCY_POLICE);
    assert_int_equal(delivery_to(s, "health-notices")->reasons[0]->agency, MASH__V1__AGENCY__AGENCY_UNSPECIFIED);
}

/* Most senders state no class, and the contract takes that for official. A reader that meets none must suppose the gravest, and would hide
 * the alert from everybody who is not cleared for restricted ones. */
static void an_alert_of_events_that_state_no_class_is_official(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1});

    assert_int_equal(delivery_to(s, "front-door")->alert->sensitivity, MASH__V1__SENSITIVITY__SENSITIVITY_OFFICIAL);
}

/* A delivery tells of people only to who is given people, also where it counts them. */
static void a_lapsed_clock_does_not_tell_how_many_people_an_alert_is_about(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1, .grade = HIGH});

    (void)tick_after(s, 4 * HOUR_MS);

    assert_int_equal(delivery_to(s, "front-door")->alert->n_lines, 1);
    assert_int_equal(delivery_to(s, "duty")->alert->n_lines, 0);
}

#define TELL(test) cmocka_unit_test_setup_teardown(test, story_begin, story_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TELL(the_front_door_gets_the_event_with_its_reasons_and_clocks),
        TELL(a_minimal_audience_gets_only_its_fields_and_the_names_of_the_rest),
        TELL(people_in_other_roles_are_emptied_in_their_place),
        TELL(what_one_audience_may_not_see_is_there_for_the_next),
        TELL(a_number_kept_back_from_one_audience_is_there_for_the_next),
        TELL(a_restricted_event_is_silent_for_an_audience_that_is_not_cleared),
        TELL(a_restricted_alert_that_its_own_queue_may_not_see_raises_an_alarm),
        TELL(a_lapsed_clock_of_a_restricted_alert_is_silent_too),
        TELL(a_lapsed_clock_says_which_and_why),
        TELL(a_reason_names_the_agency_only_to_who_is_given_it),
        TELL(an_alert_of_events_that_state_no_class_is_official),
        TELL(a_lapsed_clock_does_not_tell_how_many_people_an_alert_is_about),
    };
    return cmocka_run_group_tests_name("delivering", tests, NULL, NULL);
}
