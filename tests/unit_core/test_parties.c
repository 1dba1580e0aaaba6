/* Who is a party, or knows one, reads nothing and acts on nothing: a colleague stands in. That shuts somebody out, so it is not for
 * everybody to say of everybody, and it can be undone. */
#include <string.h>

#include "core/state.h"
#include "story_disagreement.h"

#define FORBIDDEN MASH__V1__ACT_CODE__ACT_NOT_ALLOWED
#define REFUSED_ACT MASH__V1__ACT_CODE__ACT_REFUSED
enum { HEALTH_NOTICES = 4 }; /* position in story.c's tables */

static uint32_t number_of(const story *s, const char *id)
{
    return core_policy_staff(s->policy, id, 20000)->number;
}

static core_staff_row *row_of(story *s, const char *id)
{
    return (core_staff_row *)(uintptr_t)core_policy_staff(s->policy, id, 20000);
}

static void give_alternate(story *s, const char *id, const char *alternate)
{
    row_of(s, id)->alternate = number_of(s, alternate);
}

static const Mash__V1__OwnerChanged *owner_change(const story *s)
{
    assert_int_equal(facts(s, 91), 1);
    return fact(s, 91, 0)->owner_changed;
}

/* ---- who may say so -------------------------------------------------------------------------------------------------------- */
static story *health_has_a_voice(void **fixture)
{
    story *s = *fixture;
    s->policy->queues[HEALTH_NOTICES].is_agency = true;
    publish(s, (event_said){.number = 1});
    then_done(ask(s, "mona", "health", 0));
    return s;
}

/* Otherwise an agency could shut out the social worker with whom it disagrees. */
static void an_agency_declares_its_own_people_and_nobody_elses(void **fixture)
{
    story *s = health_has_a_voice(fixture);

    then_refused(declare_party(s, "hugo", "anna"), REFUSED_ACT, "its own people");
    then_refused(declare_party(s, "hugo", "olga"), REFUSED_ACT, "its own people");
    then_done(declare_party(s, "hugo", "hana"));

    then_refused(answer_request(s, "hana", "R1"), FORBIDDEN, "answer");
}

static void the_team_declares_people_of_an_agency_too(void **fixture)
{
    story *s = health_has_a_voice(fixture);

    then_done(declare_party(s, "anna", "hana"));
}

/* ---- who stands in --------------------------------------------------------------------------------------------------------- */
static void an_owner_who_is_a_party_is_followed_by_the_alternate(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1});
    then_done(claim(s, "anna"));

    then_done(declare_party(s, "mona", "anna"));

    assert_int_equal(owner_change(s)->staff, 0);
    assert_int_equal(owner_change(s)->offered_to, number_of(s, "mona"));
    assert_int_equal(fact(s, 111, 0)->party_declared->alternate, number_of(s, "mona"));
}

static void nothing_is_offered_to_an_alternate_who_is_a_party_too(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1});
    then_done(claim(s, "anna"));
    then_done(declare_party(s, "dina", "mona"));

    then_done(declare_party(s, "dina", "anna"));

    assert_int_equal(owner_change(s)->offered_to, 0);
    assert_int_equal(fact(s, 111, 0)->party_declared->alternate, 0);
}

static void nothing_is_offered_to_an_alternate_who_has_left_the_roster(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1});
    then_done(claim(s, "anna"));
    leave_roster(s, "mona");

    then_done(declare_party(s, "dina", "anna"));

    assert_int_equal(owner_change(s)->offered_to, 0);
}

static void nothing_is_offered_to_an_alternate_whose_team_does_not_work_it(void **fixture)
{
    story *s = *fixture;
    give_alternate(s, "anna", "olga");
    publish(s, (event_said){.number = 1});
    then_done(claim(s, "anna"));

    then_done(declare_party(s, "mona", "anna"));

    assert_int_equal(owner_change(s)->offered_to, 0);
}

/* Whoever stands in must hear that it is theirs to look at, also when nobody had claimed it. */
static void the_alternate_is_told_also_when_the_party_did_not_own_it(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1});

    then_done(declare_party(s, "bob", "anna"));

    assert_int_equal(facts(s, 91), 0);
    assert_string_equal(delivery_to(s, "front-door")->act->meant_for, "mona");
}

static void an_agencys_alternate_is_told_at_the_agency(void **fixture)
{
    story *s = health_has_a_voice(fixture);
    give_alternate(s, "hana", "henry");

    then_done(declare_party(s, "hugo", "hana"));

    const Mash__V1__Delivery *delivery = delivery_to(s, "health-notices");
    assert_non_null(delivery);
    assert_string_equal(delivery->act->meant_for, "henry");
    assert_string_equal(delivery->alert->owner, "");
    assert_int_equal(delivery->alert->rating, 0); /* which alert, and not how it stands */
}

/* ---- undone ---------------------------------------------------------------------------------------------------------------- */
static void who_was_declared_by_mistake_is_let_in_again_with_a_reason(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1});
    then_done(declare_party(s, "bob", "anna"));
    then_done(declare_party(s, "bob", "dina"));
    then_refused(claim(s, "anna"), FORBIDDEN, "claim");

    then_refused(clear_party(s, "mona", "anna", NULL), REFUSED_ACT, "reason");
    then_refused(clear_party(s, "mona", "olga", "another Anna"), REFUSED_ACT, "was declared a party");
    then_done(clear_party(s, "mona", "anna", "another Anna"));

    assert_true(told(s, "front-door"));
    then_done(claim(s, "anna"));
    then_refused(note(s, "dina"), FORBIDDEN, "note");
}

/* A party that could let itself in again would be none. */
static void a_party_does_not_clear_itself(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1});
    then_done(declare_party(s, "bob", "mona"));

    then_refused(clear_party(s, "mona", "mona", "it was nothing"), FORBIDDEN, "clear-party");
}

static void an_agency_clears_its_own_people_and_nobody_else(void **fixture)
{
    story *s = health_has_a_voice(fixture);
    then_done(declare_party(s, "mona", "anna"));
    then_done(declare_party(s, "mona", "hana"));

    then_refused(clear_party(s, "hugo", "anna", "a mistake"), REFUSED_ACT, "its own people");
    then_done(clear_party(s, "hugo", "hana", "a mistake"));
}

static void a_party_that_has_left_the_roster_can_be_cleared(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1});
    then_done(declare_party(s, "bob", "anna"));
    leave_roster(s, "anna");

    then_done(clear_party(s, "mona", "anna", "another Anna"));
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, story_begin, story_end)
    const struct CMUnitTest tests[] = {
        T(an_agency_declares_its_own_people_and_nobody_elses),
        T(the_team_declares_people_of_an_agency_too),
        T(an_owner_who_is_a_party_is_followed_by_the_alternate),
        T(nothing_is_offered_to_an_alternate_who_is_a_party_too),
        T(nothing_is_offered_to_an_alternate_who_has_left_the_roster),
        T(nothing_is_offered_to_an_alternate_whose_team_does_not_work_it),
        T(the_alternate_is_told_also_when_the_party_did_not_own_it),
        T(an_agencys_alternate_is_told_at_the_agency),
        T(who_was_declared_by_mistake_is_let_in_again_with_a_reason),
        T(a_party_does_not_clear_itself),
        T(an_agency_clears_its_own_people_and_nobody_else),
        T(a_party_that_has_left_the_roster_can_be_cleared),
    };
    return cmocka_run_group_tests_name("parties", tests, NULL, NULL);
}
