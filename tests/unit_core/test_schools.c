/* What a school is told of an incident: each pupil in a notice of their own, as little or as much as the police force has chosen. */
#include "story.h"

#include <string.h>

#define PERPETRATOR MASH__V1__SUBJECT_ROLE__SUBJECT_ROLE_ALLEGED_PERPETRATOR
enum { FULL_AUDIENCE, MINIMAL_AUDIENCE };
static const char QUEUE[] = "health-notices"; /* is the schools' here */

/* Of pupils the schools' list has name, birth date and school, and each notice is about one. */
static story *begins(void **fixture)
{
    story *s = *fixture;
    core_audience *schools = &s->policy->audiences[MINIMAL_AUDIENCE];
    schools->one_by_one = true;
    static const char *const MORE[] = {"subjects.family_name", "subjects.school_urn"};
    for (size_t i = 0; i < sizeof MORE / sizeof MORE[0]; i++)
        assert_true(event_fields_add(&schools->fields, MORE[i]));
    return s;
}

static const person_said ANNE = {.role = CHILD, .nhs = NHS_ANNE, .birth_year = 2015, .school = "116123"};
static const person_said BEN = {.role = CHILD, .nhs = NHS_BEN, .birth_year = 2018, .school = "116999"};
static const person_said CARA = {.role = VICTIM, .nhs = NHS_CARA};

static void a_concern_about_siblings(story *s)
{
    publish(s, (event_said){.number = 1, .people = {ANNE, CARA, BEN}});
}

static const Mash__V1__Delivery *nth(story *s, size_t index)
{
    core_record record = last_record(s);
    return nth_delivery_of(s, &record, QUEUE, index);
}

/* ---- one by one -------------------------------------------------------------------------------------------------------------- */
/* The queue serves every school of its area: what goes on to one must not tell it where the sibling goes to school. */
static void each_pupil_is_told_of_in_a_notice_of_their_own(void **fixture)
{
    story *s = begins(fixture);
    a_concern_about_siblings(s);

    const Mash__V1__Delivery *of_anne = nth(s, 0), *of_ben = nth(s, 1);

    assert_null(nth(s, 2));
    assert_int_equal(of_anne->event->n_subjects, 3); /* positions stay */
    assert_string_equal(of_anne->event->subjects[0]->school_urn, "116123");
    assert_int_equal(of_anne->event->subjects[1]->n_roles, 0);
    assert_int_equal(of_anne->event->subjects[2]->n_roles, 0);
    assert_string_equal(of_anne->event->subjects[2]->school_urn, "");
    assert_string_equal(of_ben->event->subjects[2]->school_urn, "116999");
    assert_string_equal(of_ben->event->subjects[0]->family_name, "");
    assert_string_equal(of_ben->event->subjects[0]->school_urn, "");
    assert_true(withholds(of_anne, "other people of the event"));
}

/* A school that is told nothing of what is withheld cannot count the people who are left out either, in the notice or in what explain says. */
static void a_notice_that_withholds_in_silence_leaves_no_empty_places(void **fixture)
{
    story *s = begins(fixture);
    s->policy->audiences[MINIMAL_AUDIENCE].silent = true;
    uint32_t schools = reader(s, "schools", MASH__V1__PEER_KIND__PEER_KIND_CONSUMER, QUEUE);
    a_concern_about_siblings(s);

    const Mash__V1__Delivery *of_ben = nth(s, 1);

    assert_int_equal(of_ben->event->n_subjects, 1);
    assert_string_equal(of_ben->event->subjects[0]->school_urn, "116999");
    assert_null(strstr(explained(s, schools), "ubject 3"));
    core_record record = last_record(s);
    assert_true(event_fields_add(&s->policy->audiences[MINIMAL_AUDIENCE].fields, "subjects.identifiers"));
    s->policy->audiences[MINIMAL_AUDIENCE].sees_up_to = MASH__V1__SENSITIVITY__SENSITIVITY_RESTRICTED;
    assert_int_equal(shown_of(s, &record, QUEUE)->n_people, 0); /* nor by a row of numbers */
    publish(s, (event_said){.number = 2, .amends = 1, .people = {ANNE, CARA}});
    assert_int_equal(nth(s, 1)->kind, MASH__V1__DELIVERY_KIND__DELIVERY_KIND_EVENT_AMENDED);
    assert_int_equal(nth(s, 1)->event->n_subjects, 1);
}

/* What goes into no notice of the queue is not found there either: not by a name, a number or a birth date, and not in what explain says. */
static void who_is_in_no_notice_is_not_found_by_the_queues_reader(void **fixture)
{
    story *s = begins(fixture);
    core_audience *list = &s->policy->audiences[MINIMAL_AUDIENCE];
    list->subject_roles = 0; /* whatever their role */
    assert_true(event_fields_add(&list->fields, "subjects.identifiers"));
    assert_true(event_fields_add(&list->fields, "subjects.date_of_birth"));
    uint32_t schools = reader(s, "schools", MASH__V1__PEER_KIND__PEER_KIND_CONSUMER, QUEUE);
    person_said cara = {.role = VICTIM, .nhs = NHS_CARA, .family = "Smythe", .birth_year = 1990};
    publish(s, (event_said){.number = 1, .people = {ANNE, cara}});
    assert_non_null(nth(s, 0));
    assert_null(nth(s, 1)); /* no pupil */

    assert_true(finds(s, schools, "nhs:" NHS_ANNE));
    assert_true(finds(s, schools, "born:2015-06-01"));
    assert_false(finds(s, schools, "nhs:" NHS_CARA));
    assert_false(finds(s, schools, "name:Smythe"));
    assert_false(finds(s, schools, "born:1990-06-01"));
    assert_null(strstr(explained(s, schools), "erson 2"));
    assert_true(finds(s, TEAM, "nhs:" NHS_CARA));
}

static void the_second_notice_is_not_the_first_from_the_cache(void **fixture)
{
    story *s = begins(fixture);
    a_concern_about_siblings(s);
    core_record record = last_record(s);
    core_delivery_cache cache = {0};
    hub_buffer packed = {0};

    for (size_t i = 0; i < record.control->n_facts; i++) {
        if (record.control->facts[i]->kind == FACT_DELIVERED && record.control->facts[i]->delivered->subject != 0)
            assert_int_equal(core_deliver(s->state, &record, i, false, &s->kept, &cache, &packed), HUB_OK);
    }

    hub_buffer_put(&packed, "", 1);
    assert_non_null(memmem(packed.data, packed.size, "116123", 6));
    assert_non_null(memmem(packed.data, packed.size, "116999", 6));
    hub_buffer_free(&packed);
}

/* A correction, and what was delivered before each pupil had a notice of their own, tells of all; then it tells of no school. */
static void a_delivery_about_all_of_them_tells_no_school(void **fixture)
{
    story *s = begins(fixture);
    a_concern_about_siblings(s);

    publish(s, (event_said){.number = 2, .amends = 1, .people = {ANNE, CARA, BEN}});

    const Mash__V1__Delivery *correction = nth(s, 2);
    assert_int_equal(correction->kind, MASH__V1__DELIVERY_KIND__DELIVERY_KIND_EVENT_AMENDED);
    assert_string_equal(correction->event->subjects[0]->family_name, "Example");
    assert_string_equal(correction->event->subjects[0]->school_urn, "");
    assert_string_equal(correction->event->subjects[2]->school_urn, "");
    assert_null(nth(s, 3));
}

static void of_an_only_pupil_a_correction_tells_the_school(void **fixture)
{
    story *s = begins(fixture);
    publish(s, (event_said){.number = 1, .people = {ANNE, CARA}});

    publish(s, (event_said){.number = 2, .retracts = 1, .people = {ANNE, CARA}});

    assert_int_equal(nth(s, 0)->kind, MASH__V1__DELIVERY_KIND__DELIVERY_KIND_EVENT_RETRACTED);
    assert_string_equal(nth(s, 0)->event->subjects[0]->school_urn, "116123");
}

static void a_relative_whom_the_event_does_not_name_is_told_of_without_anybody_it_names(void **fixture)
{
    story *s = begins(fixture);
    person_said anne = ANNE;
    anne.child_of = 2;
    publish(s, (event_said){.number = 1, .people = {anne, {.role = PARENT, .nhs = NHS_CARA}}});

    publish(s, (event_said){
                   .number = 2, .payload = MASH__V1__EVENT__PAYLOAD_RELEASE, .people = {{.role = PARENT, .nhs = NHS_CARA}, BEN}});

    for (size_t i = 0; nth(s, i) != NULL; i++) {
        const Mash__V1__Delivery *notice = nth(s, i);
        assert_int_equal(notice->event->subjects[0]->n_roles, 0);
    }
}

/* ---- the choice of a force ------------------------------------------------------------------------------------------------------- */
static core_force FORCE = {
    .name = "Downshire Police", .source_system = "story/1", .service = "health", .audience = FULL_AUDIENCE};

static void a_force_may_have_chosen_the_full_list(void **fixture)
{
    story *s = *fixture;
    s->policy->forces = &FORCE;
    s->policy->force_count = 1;

    publish(s, (event_said){.number = 1, .grade = HIGH, .people = {ANNE, CARA}});

    const Mash__V1__Delivery *notice = nth(s, 0);
    assert_string_equal(notice->audience, "full");
    assert_int_equal(notice->event->child_concern->grade->level, HIGH);
    assert_string_equal(notice->event->subjects[1]->family_name, "Example");
}

/* Deny by default: of a force that has not said, the queue's own list. */
static void of_any_other_force_the_queues_own_list_is_given(void **fixture)
{
    story *s = *fixture;
    static core_force others[] = {
        {.name = "Upshire Police", .source_system = "other/1", .service = "health", .audience = FULL_AUDIENCE},
        {.name = "Downshire Police", .source_system = "story/1", .service = "duty", .audience = FULL_AUDIENCE},
        {.name = "Downshire Police",
         .source_system = "story/1",
         .service = "health",
         .audience = FULL_AUDIENCE,
         .effective = {.until_day = 20000}},
    };
    s->policy->forces = others;
    s->policy->force_count = sizeof others / sizeof others[0];

    publish(s, (event_said){.number = 1, .grade = HIGH, .people = {ANNE, CARA}});

    assert_string_equal(nth(s, 0)->audience, "minimal");
    assert_null(nth(s, 0)->event->child_concern);
}

/* Which list was used, on which basis, and whose choice it was must be answered from the record. */
static void explain_says_which_list_was_used_on_which_basis_and_by_whose_choice(void **fixture)
{
    story *s = begins(fixture);
    core_audience *full = &s->policy->audiences[FULL_AUDIENCE], *minimal = &s->policy->audiences[MINIMAL_AUDIENCE];
    memcpy(full->basis, "a duty to notify", sizeof "a duty to notify");
    memcpy(full->source, "their agreement", sizeof "their agreement");
    memcpy(minimal->basis, "the same duty", sizeof "the same duty");
    a_concern_about_siblings(s);
    const char *by_default = explained(s, 1);

    assert_non_null(
        strstr(by_default, "  Told health-notices (notice) of subject 3 alone, with the fields of audience minimal only.\n"));
    assert_non_null(strstr(by_default, "    On the basis of: the same duty"));
    assert_null(strstr(by_default, "has chosen"));

    s->policy->forces = &FORCE;
    s->policy->force_count = 1;
    publish(s, (event_said){.number = 2, .people = {ANNE, CARA}});

    const char *chosen = explained(s, 1);
    assert_non_null(strstr(chosen, "  Told health-notices (notice), with the fields of audience full only.\n"
                                   "    Downshire Police has chosen this list.\n"
                                   "    On the basis of: a duty to notify (their agreement)\n"));
}

#define TELL(test) cmocka_unit_test_setup_teardown(test, story_begin, story_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TELL(each_pupil_is_told_of_in_a_notice_of_their_own),
        TELL(a_notice_that_withholds_in_silence_leaves_no_empty_places),
        TELL(who_is_in_no_notice_is_not_found_by_the_queues_reader),
        TELL(the_second_notice_is_not_the_first_from_the_cache),
        TELL(a_delivery_about_all_of_them_tells_no_school),
        TELL(of_an_only_pupil_a_correction_tells_the_school),
        TELL(a_relative_whom_the_event_does_not_name_is_told_of_without_anybody_it_names),
        TELL(a_force_may_have_chosen_the_full_list),
        TELL(of_any_other_force_the_queues_own_list_is_given),
        TELL(explain_says_which_list_was_used_on_which_basis_and_by_whose_choice),
    };
    return cmocka_run_group_tests_name("schools", tests, NULL, NULL);
}
