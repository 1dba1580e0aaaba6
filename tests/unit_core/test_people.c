/* Who is the same person, who is one family, and - more important - who is not. */
#include "story.h"

#include <stdio.h>

/* The point of the hub: police and health each know a part, and the child is one child. */
static void the_same_nhs_number_from_two_agencies_is_one_person(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1});
    uint64_t first = fact(s, FACT_PERSON_LINKED, 0)->person_linked->person;

    publish(s, (event_said){.number = 2, .from = HEALTH});

    assert_int_equal(fact(s, FACT_PERSON_LINKED, 0)->person_linked->person, first);
    assert_false(fact(s, FACT_PERSON_LINKED, 0)->person_linked->is_new);
    assert_int_equal(fact(s, FACT_PERSON_LINKED, 0)->person_linked->evidence, MASH__V1__LINK_EVIDENCE__LINK_EVIDENCE_NHS_NUMBER);
    assert_int_equal(core_person_of(s->state, MASH__V1__IDENTIFIER_SCHEME__IDENTIFIER_SCHEME_NHS_NUMBER, "", NHS_ANNE), first);
}

/* Without an identifier nothing is certain, and a wrong join shows one family's life to another. */
static void people_without_identifiers_are_never_joined(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1, .people = {{.role = CHILD, .birth_year = 2015}}});

    publish(s, (event_said){.number = 2, .people = {{.role = CHILD, .birth_year = 2015}}});

    assert_true(fact(s, FACT_PERSON_LINKED, 0)->person_linked->is_new);
    assert_int_equal(fact(s, FACT_PERSON_LINKED, 0)->person_linked->evidence, MASH__V1__LINK_EVIDENCE__LINK_EVIDENCE_NONE);
}

/* A flat with a new tenant, a house in two flats: the address is evidence for a person to look at, and joins nobody (C8). */
static void a_shared_address_joins_nobody_and_is_told_as_evidence(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1, .people = {{.role = CHILD, .nhs = NHS_ANNE, .uprn = 100000000001}}});

    publish(s, (event_said){.number = 2, .people = {{.role = CHILD, .nhs = NHS_BEN, .uprn = 100000000001}}});

    assert_int_equal(facts(s, FACT_HOUSEHOLD_CANDIDATE), 1);
    assert_int_equal(facts(s, FACT_FAMILY_MEMBER_ADDED), 0);
    assert_int_equal(facts(s, FACT_ALERT_OPENED), 1); /* an alert of its own */
    assert_int_equal(core_count(s->state).alerts_open, 2);
}

/* An address said again and again, as a system's history of stays does, must not make a record that fits nowhere: its outbox would
 * offer it for ever. */
static void household_candidates_of_one_event_are_bounded(void **fixture)
{
    story *s = *fixture;
    person_said at_home = {.role = CHILD, .uprn = 100000000001};
    publish(s, (event_said){.number = 1, .people = {at_home, at_home, at_home}});
    publish(s, (event_said){.number = 2, .people = {at_home}});
    at_home.stays = 16;

    publish(s, (event_said){.number = 3, .people = {at_home, at_home, at_home, at_home}});

    assert_int_equal(facts(s, FACT_HOUSEHOLD_CANDIDATE), 64);
}

/* A drill at a real address is no evidence about the real people there. */
static void an_exercise_makes_nobody_a_household_candidate(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1, .people = {{.role = CHILD, .nhs = NHS_ANNE, .uprn = 100000000001}}});

    publish(s, (event_said){.number = 2, .exercise = 1, .people = {{.role = CHILD, .nhs = NHS_BEN, .uprn = 100000000001}}});

    assert_int_equal(facts(s, FACT_HOUSEHOLD_CANDIDATE), 0);
}

/* In one event, one home is the second item that the evidence needs. */
static void children_of_one_event_and_one_home_are_one_family(void **fixture)
{
    story *s = *fixture;

    publish(s, (event_said){.number = 1,
                            .people = {{.role = CHILD, .nhs = NHS_ANNE, .uprn = 100000000001},
                                       {.role = CHILD, .nhs = NHS_BEN, .uprn = 100000000001}}});

    assert_int_equal(facts(s, FACT_FAMILY_MEMBER_ADDED), 2);
    assert_int_equal(fact(s, FACT_FAMILY_MEMBER_ADDED, 0)->family_member_added->family,
                     fact(s, FACT_FAMILY_MEMBER_ADDED, 1)->family_member_added->family);
    assert_int_equal(facts(s, FACT_ALERT_OPENED), 1);
}

/* A stated brother is family; the alert has a decision line for each child, for they are decided one by one. */
static void siblings_share_an_alert_with_a_line_each(void **fixture)
{
    story *s = *fixture;

    publish(s, (event_said){.number = 1,
                            .people = {{.role = CHILD, .nhs = NHS_ANNE}, {.role = CHILD, .nhs = NHS_BEN, .sibling_of = 1}}});

    assert_int_equal(facts(s, FACT_ALERT_OPENED), 1);
    assert_int_equal(facts(s, FACT_DECISION_LINE_ADDED), 2);
}

/* Anne was alone in her alert; when a brother turns up the alert becomes the family's, and no second one is opened about Anne. */
static void an_alert_about_one_child_becomes_the_familys(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1});
    publish(s, (event_said){.number = 2,
                            .people = {{.role = CHILD, .nhs = NHS_ANNE}, {.role = CHILD, .nhs = NHS_BEN, .sibling_of = 1}}});
    assert_int_equal(facts(s, FACT_ALERT_JOINED), 1);

    publish(s, (event_said){.number = 3, .people = {{.role = CHILD, .nhs = NHS_BEN}}});

    assert_int_equal(facts(s, FACT_ALERT_JOINED), 1);
    assert_int_equal(core_count(s->state).alerts_open, 1);
}

/* A father of two families: what happens in one is not the other's to see. */
static void an_adult_in_two_families_joins_neither_to_the_other(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1,
                            .people = {{.role = CHILD, .nhs = NHS_ANNE, .child_of = 2}, {.role = PARENT, .nhs = NHS_CARA}}});
    uint64_t first = fact(s, FACT_FAMILY_MEMBER_ADDED, 0)->family_member_added->family;

    publish(s, (event_said){.number = 2,
                            .people = {{.role = CHILD, .nhs = NHS_BEN, .child_of = 2}, {.role = PARENT, .nhs = NHS_CARA}}});

    assert_int_not_equal(fact(s, FACT_FAMILY_MEMBER_ADDED, 0)->family_member_added->family, first);
    assert_int_equal(core_count(s->state).alerts_open, 2);
}

/* A foster carer, a childminder, a lodger: whoever belongs to ten children's families belongs to all ten, or what is said of them later
 * reaches only some of the children. */
static void an_adult_belongs_to_every_family_that_one_event_says(void **fixture)
{
    story *s = *fixture;
    event_said all = {.number = 100, .people = {[10] = {.role = PARENT, .nhs = NHS_CARA}}};
    static char number[10][8];
    for (int i = 0; i < 10; i++) {
        (void)snprintf(number[i], sizeof number[i], "C-%d", i);
        all.people[i] = (person_said){.role = CHILD, .local = number[i], .lives_with = 11};
        publish(s,
                (event_said){.number = i + 1, .people = {{.role = CHILD, .local = number[i], .child_of = 2}, {.role = PARENT}}});
    }

    publish(s, all);

    assert_int_equal(facts(s, 33), 10);
}

/* ... and an incident that names only that father belongs to neither family's alert. */
static void an_incident_about_an_adult_of_two_families_opens_an_alert_of_its_own(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1,
                            .people = {{.role = CHILD, .nhs = NHS_ANNE, .child_of = 2}, {.role = PARENT, .nhs = NHS_CARA}}});
    publish(s, (event_said){.number = 2,
                            .people = {{.role = CHILD, .nhs = NHS_BEN, .child_of = 2}, {.role = PARENT, .nhs = NHS_CARA}}});

    publish(s, (event_said){.number = 3,
                            .payload = MASH__V1__EVENT__PAYLOAD_DOMESTIC_ABUSE_INCIDENT,
                            .people = {{.role = VICTIM, .nhs = NHS_CARA}}});

    assert_int_equal(facts(s, FACT_ALERT_OPENED), 1);
    assert_int_equal(fact(s, FACT_ALERT_OPENED, 0)->alert_opened->family, 0);
}

/* ... while a mother of one family brings the incident to that family's alert, although no child was named. */
static void an_incident_about_a_mother_joins_her_familys_alert(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1,
                            .people = {{.role = CHILD, .nhs = NHS_ANNE, .child_of = 2}, {.role = PARENT, .nhs = NHS_CARA}}});

    publish(s, (event_said){.number = 2,
                            .payload = MASH__V1__EVENT__PAYLOAD_DOMESTIC_ABUSE_INCIDENT,
                            .people = {{.role = VICTIM, .nhs = NHS_CARA}}});

    assert_int_equal(facts(s, FACT_ALERT_JOINED), 1);
    assert_int_equal(core_count(s->state).alerts_open, 1);
}

/* One event with two valid numbers of different schemes says that they are one person's: the two persons become one. */
static void two_identifiers_in_one_event_join_two_persons(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1, .people = {{.role = CHILD, .nhs = NHS_ANNE}}});
    publish(s, (event_said){.number = 2, .people = {{.role = CHILD, .local = "C-1"}}});
    assert_int_equal(core_count(s->state).alerts_open, 2);

    publish(s, (event_said){.number = 3, .people = {{.role = CHILD, .nhs = NHS_ANNE, .local = "C-1"}}});

    assert_int_equal(facts(s, FACT_PERSONS_JOINED), 1);
    uint64_t anne = core_person_of(s->state, MASH__V1__IDENTIFIER_SCHEME__IDENTIFIER_SCHEME_NHS_NUMBER, "", NHS_ANNE);
    assert_int_equal(core_person_of(s->state, MASH__V1__IDENTIFIER_SCHEME__IDENTIFIER_SCHEME_LOCAL, "case/1", "C-1"), anne);
    assert_int_equal(records_of(s, anne), 3);
}

/* A mistyped local number must not make two children one: two different NHS numbers are two people, whatever else agrees. */
static void two_different_nhs_numbers_are_never_one_person(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1, .people = {{.role = CHILD, .nhs = NHS_ANNE, .local = "C-1"}}});
    uint64_t anne = fact(s, FACT_PERSON_LINKED, 0)->person_linked->person;

    publish(s, (event_said){.number = 2, .people = {{.role = CHILD, .nhs = NHS_BEN, .local = "C-1"}}});

    assert_int_not_equal(fact(s, FACT_PERSON_LINKED, 0)->person_linked->person, anne);
    assert_int_equal(facts(s, FACT_IDENTIFIERS_CONFLICT), 1);
    assert_int_equal(facts(s, FACT_ALARM_RAISED), 1);
}

/* The third word has no NHS number of its own and names both by their case numbers: they stay two, or one child's record shows the
 * other's life. */
static void persons_with_different_nhs_numbers_are_not_joined_by_a_third_word(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1, .people = {{.role = CHILD, .nhs = NHS_ANNE, .local = "C-1"}}});
    publish(s, (event_said){.number = 2, .people = {{.role = CHILD, .nhs = NHS_BEN, .local = "C-2"}}});

    publish(s, (event_said){.number = 3, .people = {{.role = CHILD, .local = "C-1", .second_local = "C-2"}}});

    assert_int_equal(facts(s, FACT_PERSONS_JOINED), 0);
    assert_int_equal(facts(s, FACT_IDENTIFIERS_CONFLICT), 1);
    assert_int_not_equal(core_person_of(s->state, MASH__V1__IDENTIFIER_SCHEME__IDENTIFIER_SCHEME_NHS_NUMBER, "", NHS_ANNE),
                         core_person_of(s->state, MASH__V1__IDENTIFIER_SCHEME__IDENTIFIER_SCHEME_NHS_NUMBER, "", NHS_BEN));
}

/* Nor by way of somebody who has no NHS number at all: what this event joined a moment ago counts. */
static void persons_with_different_nhs_numbers_are_not_joined_through_a_person_without(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1, .people = {{.role = CHILD, .local = "C-1"}}});
    publish(s, (event_said){.number = 2, .people = {{.role = CHILD, .nhs = NHS_ANNE, .local = "C-2"}}});
    publish(s, (event_said){.number = 3, .people = {{.role = CHILD, .nhs = NHS_BEN, .local = "C-3"}}});

    publish(s, (event_said){.number = 4,
                            .people = {{.role = CHILD, .local = "C-1", .second_local = "C-2"},
                                       {.role = CHILD, .local = "C-1", .second_local = "C-3"}}});

    assert_int_equal(facts(s, FACT_PERSONS_JOINED), 1);
    assert_int_equal(facts(s, FACT_IDENTIFIERS_CONFLICT), 1);
    assert_int_not_equal(core_person_of(s->state, MASH__V1__IDENTIFIER_SCHEME__IDENTIFIER_SCHEME_NHS_NUMBER, "", NHS_ANNE),
                         core_person_of(s->state, MASH__V1__IDENTIFIER_SCHEME__IDENTIFIER_SCHEME_NHS_NUMBER, "", NHS_BEN));
}

/* A system that writes the family's case number beside each child must not make brother and sister one child. */
static void children_of_one_event_with_different_nhs_numbers_are_two(void **fixture)
{
    story *s = *fixture;

    publish(s, (event_said){.number = 1,
                            .people = {{.role = CHILD, .nhs = NHS_ANNE, .local = "C-1"},
                                       {.role = CHILD, .nhs = NHS_BEN, .local = "C-1"}}});

    assert_int_not_equal(fact(s, FACT_PERSON_LINKED, 0)->person_linked->person,
                         fact(s, FACT_PERSON_LINKED, 1)->person_linked->person);
    assert_int_equal(facts(s, FACT_IDENTIFIERS_CONFLICT), 1);
}

/* A drill must never touch a real child's history. */
static void an_exercise_is_not_joined_to_real_people(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1});

    publish(s, (event_said){.number = 2, .exercise = 1});

    assert_true(fact(s, FACT_PERSON_LINKED, 0)->person_linked->is_new);
    assert_int_equal(core_count(s->state).alerts_open, 2);
}

/* A protection plan is a standing fact that rules look at later. */
static void one_missed_appointment_is_enough_for_a_child_with_a_plan(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1, .payload = MASH__V1__EVENT__PAYLOAD_PROTECTION_PLAN});
    assert_int_equal(facts(s, FACT_STATUS_CHANGED), 1);

    publish(s, (event_said){.number = 2, .from = HEALTH, .payload = MASH__V1__EVENT__PAYLOAD_MISSED_APPOINTMENT});

    assert_int_equal(facts(s, FACT_ALERT_OPENED), 1);
}

/* Told late, or of a young person who came of age meanwhile: nobody stays on a plan for ever for having grown up. */
static void a_plan_that_ends_after_childhood_is_off(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1, .payload = MASH__V1__EVENT__PAYLOAD_PROTECTION_PLAN});

    publish(s, (event_said){.number = 2,
                            .payload = MASH__V1__EVENT__PAYLOAD_PROTECTION_PLAN,
                            .ended = 1,
                            .people = {{.role = MASH__V1__SUBJECT_ROLE__SUBJECT_ROLE_ADULT, .nhs = NHS_ANNE}}});

    assert_int_equal(facts(s, FACT_STATUS_CHANGED), 1);
    assert_false(fact(s, FACT_STATUS_CHANGED, 0)->status_changed->on);
}

/* An event that gives a number alone speaks of who bears it: whoever looks is told which person that is, and a program is not told again. */
static void who_looks_is_told_which_people_an_event_speaks_of(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1, .people = {{.role = CHILD, .nhs = NHS_ANNE}}});
    uint64_t anne = fact(s, FACT_PERSON_LINKED, 0)->person_linked->person;
    publish(s, (event_said){.number = 2, .people = {{.role = PARENT, .nhs = NHS_CARA}, {.role = CHILD, .nhs = NHS_ANNE}}});
    core_record last = kept_record(s);

    const Mash__V1__Delivery *shown = shown_of(s, &last, "front-door");

    assert_int_equal(shown->n_people, 2);
    assert_int_equal(shown->people[0], fact(s, FACT_PERSON_LINKED, 0)->person_linked->person);
    assert_int_equal(shown->people[1], anne);
    assert_int_equal(delivery_of(s, &last, "front-door")->n_people, 0);
}

/* How people are known is told to those whose list has identifiers, and who are cleared (V4). To others neither who nor how many. */
static void who_is_not_told_how_people_are_known_is_told_no_numbers(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1, .people = {{.role = CHILD, .nhs = NHS_ANNE}, {.role = PARENT, .nhs = NHS_CARA}}});
    core_record last = kept_record(s);

    assert_int_equal(shown_of(s, &last, "health-notices")->n_people, 0);
    s->policy->audiences[0].sees_up_to = MASH__V1__SENSITIVITY__SENSITIVITY_SENSITIVE;
    assert_int_equal(shown_of(s, &last, "front-door")->n_people, 0);
}

#define TELL(test) cmocka_unit_test_setup_teardown(test, story_begin, story_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TELL(the_same_nhs_number_from_two_agencies_is_one_person),
        TELL(people_without_identifiers_are_never_joined),
        TELL(a_shared_address_joins_nobody_and_is_told_as_evidence),
        TELL(household_candidates_of_one_event_are_bounded),
        TELL(an_exercise_makes_nobody_a_household_candidate),
        TELL(children_of_one_event_and_one_home_are_one_family),
        TELL(siblings_share_an_alert_with_a_line_each),
        TELL(an_alert_about_one_child_becomes_the_familys),
        TELL(an_adult_in_two_families_joins_neither_to_the_other),
        TELL(an_adult_belongs_to_every_family_that_one_event_says),
        TELL(an_incident_about_an_adult_of_two_families_opens_an_alert_of_its_own),
        TELL(an_incident_about_a_mother_joins_her_familys_alert),
        TELL(two_identifiers_in_one_event_join_two_persons),
        TELL(two_different_nhs_numbers_are_never_one_person),
        TELL(persons_with_different_nhs_numbers_are_not_joined_by_a_third_word),
        TELL(persons_with_different_nhs_numbers_are_not_joined_through_a_person_without),
        TELL(children_of_one_event_with_different_nhs_numbers_are_two),
        TELL(an_exercise_is_not_joined_to_real_people),
        TELL(one_missed_appointment_is_enough_for_a_child_with_a_plan),
        TELL(a_plan_that_ends_after_childhood_is_off),
        TELL(who_looks_is_told_which_people_an_event_speaks_of),
        TELL(who_is_not_told_how_people_are_known_is_told_no_numbers),
    };
    return cmocka_run_group_tests_name("people", tests, NULL, NULL);
}
