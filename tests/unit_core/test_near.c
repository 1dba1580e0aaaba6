/* A victim's address or school is in nothing that goes to somebody who may be in touch with the alleged perpetrator. */
#include "story.h"

#include <string.h>

#define ABSENCE MASH__V1__EVENT__PAYLOAD_ABSENCE
#define INCIDENT MASH__V1__EVENT__PAYLOAD_DOMESTIC_ABUSE_INCIDENT
#define PERPETRATOR MASH__V1__SUBJECT_ROLE__SUBJECT_ROLE_ALLEGED_PERPETRATOR
#define HOME 100120883950
#define OTHER_HOME 100120883951
#define UPN "R201100018042"
#define SCHOOL "116123"
static const char WHEREABOUTS[] = "where people are who may be at risk from another subject";

/* The front door reads everything, and is in touch with alleged perpetrators. */
static story *begins(void **fixture)
{
    story *s = *fixture;
    core_audience *reader_near = &s->policy->audiences[0];
    reader_near->near = UINT64_C(1) << PERPETRATOR;
    static const char *const MORE[] = {"absence", "contact_back", "area", "source_system", "source_reference"};
    for (size_t i = 0; i < sizeof MORE / sizeof MORE[0]; i++)
        assert_true(event_fields_add(&reader_near->fields, MORE[i]));
    return s;
}

/* Anne, of whom nothing else is said: a child who lives and goes to school somewhere. */
static const person_said ANNE = {
    .role = CHILD, .nhs = NHS_ANNE, .uprn = HOME, .birth_year = 2015, .school = SCHOOL, .upn = UPN, .local = "c-1"};
static const person_said BEN = {.role = PERPETRATOR, .nhs = NHS_BEN};

static void an_event_about(story *s, int number, person_said one, person_said other)
{
    publish(s, (event_said){.number = number, .payload = INCIDENT, .people = {one, other}});
}

static const Mash__V1__Delivery *the_next_event_about_anne_alone(story *s)
{
    publish(s, (event_said){.number = 99, .people = {ANNE}});
    return delivery_to(s, "front-door");
}

static void then_anne_is_nowhere(const Mash__V1__Delivery *delivery)
{
    const Mash__V1__Subject *anne = delivery->event->subjects[0];
    assert_int_equal(anne->n_addresses, 0);
    assert_string_equal(anne->school_urn, "");
    assert_true(withholds(delivery, WHEREABOUTS));
}

/* ---- what is taken out ------------------------------------------------------------------------------------------------------ */
/* A pupil's number holds authority and school, a system's own number its system; who a person is, the NHS number tells as well. */
static void numbers_that_tell_a_school_or_an_authority_go_with_the_addresses(void **fixture)
{
    story *s = begins(fixture);
    person_said ben = BEN;
    ben.local = "p-7";
    publish(s, (event_said){.number = 1, .people = {ANNE, ben}});

    const Mash__V1__Delivery *delivery = delivery_to(s, "front-door");

    then_anne_is_nowhere(delivery);
    assert_int_equal(delivery->event->subjects[0]->n_identifiers, 1);
    assert_string_equal(delivery->event->subjects[0]->identifiers[0]->value, NHS_ANNE);
    assert_int_equal(delivery->event->subjects[1]->n_identifiers, 2); /* his own are no whereabouts of hers */
}

/* Free text, places and codes of places: whatever the field is called, somebody may have written there where she is. */
static void no_text_goes_along_in_which_a_place_may_stand(void **fixture)
{
    story *s = begins(fixture);
    publish(s, (event_said){.number = 1,
                            .grade = HIGH,
                            .circumstances = "seen at " SCHOOL,
                            .place = "the office of " SCHOOL,
                            .people = {ANNE, BEN}});

    const Mash__V1__Delivery *delivery = delivery_to(s, "front-door");

    assert_string_equal(delivery->event->child_concern->circumstances, "");
    assert_string_equal(delivery->event->contact_back, "");
    assert_string_equal(delivery->event->source_system, "");
    assert_string_equal(delivery->event->source_reference, "");
    assert_true(withholds(delivery, "child_concern.circumstances"));
    assert_true(withholds(delivery, "contact_back"));
    assert_int_equal(delivery->event->child_concern->grade->level, HIGH); /* and what is no place is told */
    assert_string_equal(delivery->event->child_concern->grade->tool, "RAG");
    assert_string_equal(delivery->event->subjects[0]->family_name, "Example");
    assert_string_equal(delivery->event->area, "E10000014"); /* whom to ring; a whole authority is no address */
}

static void nor_the_place_of_an_incident_nor_the_school_of_an_absence(void **fixture)
{
    story *s = begins(fixture);
    publish(s, (event_said){.number = 1, .payload = INCIDENT, .place = "ZZ99 3WZ", .people = {ANNE, BEN}});
    assert_string_equal(delivery_to(s, "front-door")->event->domestic_abuse_incident->place_postcode, "");

    publish(s, (event_said){.number = 2, .payload = ABSENCE, .place = SCHOOL, .people = {ANNE}});

    const Mash__V1__Delivery *absence = delivery_to(s, "front-door");
    assert_string_equal(absence->event->absence->school_urn, "");
    then_anne_is_nowhere(absence);
}

static void whom_nobody_is_near_is_told_of_as_the_list_says(void **fixture)
{
    story *s = begins(fixture);
    publish(s, (event_said){.number = 1, .circumstances = "seen at home", .people = {BEN}});
    publish(s, (event_said){.number = 2, .circumstances = "seen at home", .place = "the office", .people = {ANNE}});

    const Mash__V1__Delivery *delivery = delivery_to(s, "front-door");

    assert_int_equal(delivery->event->subjects[0]->n_addresses, 1);
    assert_int_equal(delivery->event->subjects[0]->n_identifiers, 3);
    assert_string_equal(delivery->event->child_concern->circumstances, "seen at home");
    assert_string_equal(delivery->event->contact_back, "the office");
}

/* ---- who is near: what the hub knows, not what this event says ----------------------------------------------------------------- */
static void whom_an_earlier_event_named_beside_them_is_near(void **fixture)
{
    story *s = begins(fixture);
    an_event_about(s, 1, ANNE, BEN); /* no relation is stated, so there is no family */

    then_anne_is_nowhere(the_next_event_about_anne_alone(s));
}

static void a_member_of_the_family_is_near(void **fixture)
{
    story *s = begins(fixture);
    person_said anne = ANNE;
    anne.child_of = 2;
    an_event_about(s, 1, anne, (person_said){.role = PARENT, .nhs = NHS_BEN});
    publish(s, (event_said){.number = 2, .payload = INCIDENT, .people = {{.role = VICTIM, .nhs = NHS_CARA}, BEN}});

    then_anne_is_nowhere(the_next_event_about_anne_alone(s));
}

static void whom_a_member_of_the_family_was_named_beside_is_near(void **fixture)
{
    story *s = begins(fixture);
    person_said anne = ANNE;
    anne.child_of = 2;
    an_event_about(s, 1, (person_said){.role = VICTIM, .nhs = NHS_CARA}, BEN);
    an_event_about(s, 2, anne, (person_said){.role = PARENT, .nhs = NHS_CARA});

    then_anne_is_nowhere(the_next_event_about_anne_alone(s));
}

static void who_is_known_at_the_same_address_is_near(void **fixture)
{
    story *s = begins(fixture);
    person_said ben = BEN, anne = ANNE;
    ben.uprn = HOME;
    publish(s, (event_said){.number = 1, .payload = INCIDENT, .people = {ben}});
    publish(s, (event_said){.number = 2, .people = {ANNE}});
    then_anne_is_nowhere(delivery_to(s, "front-door"));
    anne.uprn = 0; /* and also when the next event does not say where she lives */

    publish(s, (event_said){.number = 3, .people = {anne}});

    assert_string_equal(delivery_to(s, "front-door")->event->subjects[0]->school_urn, "");
}

/* He is named as a father here; that he is alleged to have harmed somebody, another event said. */
static void who_was_named_so_before_is_near_whatever_the_event_calls_him(void **fixture)
{
    story *s = begins(fixture);
    publish(s, (event_said){.number = 1, .payload = INCIDENT, .people = {BEN, {.role = VICTIM, .nhs = NHS_CARA}}});
    publish(s, (event_said){.number = 2, .people = {ANNE, {.role = PARENT, .nhs = NHS_BEN, .uprn = OTHER_HOME}}});

    const Mash__V1__Delivery *delivery = delivery_to(s, "front-door");

    then_anne_is_nowhere(delivery);
    assert_int_equal(delivery->event->subjects[1]->n_addresses, 0);
}

/* He was beside her as somebody's parent; what he is alleged to have done came out later. */
static void a_role_that_is_given_later_reaches_whom_they_were_named_beside(void **fixture)
{
    story *s = begins(fixture);
    an_event_about(s, 1, ANNE, (person_said){.role = PARENT, .nhs = NHS_BEN}); /* no relation is stated */
    assert_int_equal(the_next_event_about_anne_alone(s)->event->subjects[0]->n_addresses, 1);

    publish(s, (event_said){.number = 2, .payload = INCIDENT, .people = {{.role = VICTIM, .nhs = NHS_CARA}, BEN}});

    publish(s, (event_said){.number = 3, .people = {ANNE}});
    then_anne_is_nowhere(delivery_to(s, "front-door"));
}

/* What was delivered before and is fetched now is built by what is known now. */
static void an_old_delivery_is_built_by_what_is_known_now(void **fixture)
{
    story *s = begins(fixture);
    publish(s, (event_said){.number = 1, .people = {ANNE}});
    core_record first = kept_record(s);
    assert_int_equal(delivery_of(s, &first, "front-door")->event->subjects[0]->n_addresses, 1);

    an_event_about(s, 2, ANNE, BEN);

    then_anne_is_nowhere(delivery_of(s, &first, "front-door"));
}

/* Numbers of two people that turn out to be one: what was known of either holds. */
static void who_is_near_one_of_two_that_are_joined_is_near_both(void **fixture)
{
    story *s = begins(fixture);
    an_event_about(s, 1, (person_said){.role = CHILD, .local = "c-1"}, BEN);
    publish(s, (event_said){.number = 2, .people = {{.role = CHILD, .nhs = NHS_ANNE}}});
    publish(s, (event_said){.number = 3, .people = {{.role = CHILD, .nhs = NHS_ANNE, .local = "c-1"}}});

    then_anne_is_nowhere(the_next_event_about_anne_alone(s));
}

/* ---- explain and tail ------------------------------------------------------------------------------------------------------------ */
static void a_shared_address_is_not_explained_to_somebody_near(void **fixture)
{
    story *s = begins(fixture);
    person_said ben = BEN;
    ben.uprn = HOME;
    publish(s, (event_said){.number = 1, .payload = INCIDENT, .people = {ben}});
    publish(s, (event_said){.number = 2, .people = {ANNE}});
    static const char SHARED[] = "may share a household";
    assert_non_null(strstr(explained(s, 1), SHARED));

    assert_null(strstr(explained(s, TEAM), SHARED));
    assert_string_equal(tailed(s, TEAM)->peer, ""); /* a sender may be a school */
    assert_string_equal(tailed(s, TEAM)->payload, "child_concern");
    s->policy->audiences[0].near = 0;
    assert_non_null(strstr(explained(s, TEAM), SHARED));
    assert_string_equal(tailed(s, TEAM)->peer, "police");
}

/* A number that tells a school would otherwise be tried until a record is found. */
static void a_number_that_tells_a_place_finds_nothing_for_somebody_near(void **fixture)
{
    story *s = begins(fixture);
    person_said ben = BEN;
    ben.local = "p-7";
    an_event_about(s, 1, ANNE, ben);

    assert_false(finds(s, TEAM, "upn:" UPN));
    assert_false(finds(s, TEAM, "local:case/1:c-1"));
    assert_true(finds(s, TEAM, "local:case/1:p-7")); /* his own */
    assert_true(finds(s, TEAM, "nhs:" NHS_ANNE));
    s->policy->audiences[0].near = 0;
    assert_true(finds(s, TEAM, "upn:" UPN));
    assert_true(finds(s, TEAM, "local:case/1:c-1"));
}

static void explain_names_what_a_delivery_withholds_from_somebody_near(void **fixture)
{
    story *s = begins(fixture);
    publish(s, (event_said){.number = 1, .circumstances = "seen at " SCHOOL, .people = {ANNE, BEN}});

    const char *text = explained(s, TEAM);

    assert_non_null(strstr(text, "child_concern.circumstances"));
    assert_non_null(strstr(text, "source_reference"));
    assert_non_null(strstr(text, WHEREABOUTS));
}

#define TELL(test) cmocka_unit_test_setup_teardown(test, story_begin, story_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TELL(numbers_that_tell_a_school_or_an_authority_go_with_the_addresses),
        TELL(no_text_goes_along_in_which_a_place_may_stand),
        TELL(nor_the_place_of_an_incident_nor_the_school_of_an_absence),
        TELL(whom_nobody_is_near_is_told_of_as_the_list_says),
        TELL(whom_an_earlier_event_named_beside_them_is_near),
        TELL(a_member_of_the_family_is_near),
        TELL(whom_a_member_of_the_family_was_named_beside_is_near),
        TELL(who_is_known_at_the_same_address_is_near),
        TELL(who_was_named_so_before_is_near_whatever_the_event_calls_him),
        TELL(a_role_that_is_given_later_reaches_whom_they_were_named_beside),
        TELL(an_old_delivery_is_built_by_what_is_known_now),
        TELL(who_is_near_one_of_two_that_are_joined_is_near_both),
        TELL(a_shared_address_is_not_explained_to_somebody_near),
        TELL(a_number_that_tells_a_place_finds_nothing_for_somebody_near),
        TELL(explain_names_what_a_delivery_withholds_from_somebody_near),
    };
    return cmocka_run_group_tests_name("near", tests, NULL, NULL);
}
