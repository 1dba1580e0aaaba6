/* Who may do what: the key, the team, the person, the role, the version. An alert nobody owned can cost a life; so can two owners. */
#include "story_disagreement.h"

#include <string.h>

static void who_claims_an_alert_owns_it_and_everybody_who_has_it_is_told(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1});

    then_done(claim(s, "anna"));

    assert_int_equal(fact(s, FACT_OWNER_CHANGED, 0)->owner_changed->staff, 1);
    assert_true(told(s, "front-door"));
    assert_int_equal(fact(s, FACT_ACTED, 0)->acted->version, 1);
}

/* Two people see an unclaimed alert and press the same button: one of them must hear who was first. */
static void the_second_claim_is_stale_and_hears_who_was_first(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1});
    then_done(claim(s, "anna"));

    const Mash__V1__ActReply *reply = act(s, (act_said){.by = "bob", .what = MASH__V1__ACT__WHAT_CLAIM, .version = -1});

    then_refused(reply, MASH__V1__ACT_CODE__ACT_STALE, "changed meanwhile");
    assert_int_equal(reply->n_changed, 1);
    assert_string_equal(reply->changed[0]->who, "anna (practitioner, front-team)");
    assert_string_equal(reply->changed[0]->what, "claimed it");
    assert_int_equal(facts(s, FACT_OWNER_CHANGED), 0);
}

/* The newest rating is known; what an older one said is in its record, which is not at hand. */
static void who_comes_after_a_rating_hears_which_it_is(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1, .grade = HIGH});
    then_done(rate(s, "mona", MASH__V1__RATING__RATING_GREEN));
    then_done(rate(s, "anna", MASH__V1__RATING__RATING_AMBER));

    const Mash__V1__ActReply *reply = act(s, (act_said){.by = "bob", .what = MASH__V1__ACT__WHAT_CLAIM, .version = -1});

    then_refused(reply, MASH__V1__ACT_CODE__ACT_STALE, "changed meanwhile");
    assert_int_equal(reply->n_changed, 2);
    assert_string_equal(reply->changed[0]->what, "rated it");
    assert_string_equal(reply->changed[1]->what, "rated it amber");
    publish(s, (event_said){.number = 2, .grade = HIGH});
    reply = act(s, (act_said){.by = "bob", .what = MASH__V1__ACT__WHAT_CLAIM, .version = -1});
    assert_string_equal(reply->changed[1]->what, "rated it"); /* and an event has made it red since */
}

/* A lost answer makes the board send the same act again; it must not be stale by its own doing. */
static void a_repeated_act_gets_its_first_answer_before_the_version_is_looked_at(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1});
    act_said said = {.by = "anna", .what = MASH__V1__ACT__WHAT_CLAIM, .version = -1, .repeat = 77};
    then_done(act(s, said));

    const Mash__V1__ActReply *again = act(s, said);

    then_done(again);
    assert_int_equal(again->version, 1);
    assert_false(recorded(s));
}

static void a_refused_act_is_recorded_and_its_repeat_is_refused_again(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1});
    act_said said = {.by = "anna", .what = MASH__V1__ACT__WHAT_RELEASE, .repeat = 78};

    then_refused(act(s, said), MASH__V1__ACT_CODE__ACT_REFUSED, "reason");

    assert_int_equal(facts(s, FACT_ACT_REFUSED), 1);
    assert_int_equal(act(s, said)->code, MASH__V1__ACT_CODE__ACT_REFUSED);
    assert_false(recorded(s));
}

static void a_person_of_a_team_that_was_never_told_cannot_act_on_it(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1});

    then_refused(claim(s, "olga"), MASH__V1__ACT_CODE__ACT_NOT_ALLOWED, "claim");
    assert_int_equal(fact(s, FACT_ACT_REFUSED, 0)->act_refused->alert, 0);
}

/* Who counts A1, A2, A3 up must not learn from the answers how many there are, and which are hidden. */
static void an_item_that_is_hidden_and_one_that_is_not_there_are_answered_alike(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1, .from = HEALTH});
    then_done(ask(s, "anna", "health", 0));
    then_done(dispute(s, (dispute_said){.by = "hana", .with = "front-team"}));
    then_done(decide_line(s, "mona", 1, "no_further_action"));
    static const struct {
        const char *hidden, *absent;
        Mash__V1__Act__WhatCase what;
    } ROWS[] = {
        {"A1", "A999999", MASH__V1__ACT__WHAT_CLAIM},  {"D1", "D999999", MASH__V1__ACT__WHAT_RESPOND},
        {"R1", "R999999", MASH__V1__ACT__WHAT_ANSWER}, {"F1", "F999999", MASH__V1__ACT__WHAT_SEEN},
        {"A1", "A999999", MASH__V1__ACT__WHAT_ANSWER}, {"R1", "R999999", MASH__V1__ACT__WHAT_CLAIM},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        act_said said = {.by = "olga", .item = ROWS[i].hidden, .version = 7, .what = ROWS[i].what};
        const Mash__V1__ActReply *hidden = act(s, said);
        const char *text = hub_arena_copy(&s->kept, hidden->text, strlen(hidden->text));
        Mash__V1__ActCode code = hidden->code;
        said.item = ROWS[i].absent;

        const Mash__V1__ActReply *absent = act(s, said);

        assert_int_equal(absent->code, code);
        assert_string_equal(absent->text, text);
        assert_int_equal(fact(s, FACT_ACT_REFUSED, 0)->act_refused->alert, 0);
    }
    then_refused(act(s, (act_said){.by = "olga", .item = "X1", .what = MASH__V1__ACT__WHAT_CLAIM, .version = -1}),
                 MASH__V1__ACT_CODE__ACT_REFUSED, "no such item");
}

static void a_role_does_only_what_the_roster_says_it_may(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1});
    tick_after(s, 2 * DAY_MS); /* the clock lapses: duty is told, and so has part in it */

    then_refused(claim(s, "dora"), MASH__V1__ACT_CODE__ACT_NOT_ALLOWED, "claim");
    then_done(seen(s, "dora", "A1"));
}

static void a_key_acts_only_for_the_teams_it_is_enrolled_for(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1});

    const Mash__V1__ActReply *reply = act(s, (act_said){.by = "anna", .what = MASH__V1__ACT__WHAT_CLAIM, .peer = TEAM});

    then_refused(reply, MASH__V1__ACT_CODE__ACT_NOT_ALLOWED, "key");
}

static void somebody_who_is_not_on_the_roster_is_nobody(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1});

    then_refused(claim(s, "zoe"), MASH__V1__ACT_CODE__ACT_NOT_ALLOWED, "roster");
}

/* At no instant of a hand-over does nobody own the alert. */
static void who_hands_over_stays_owner_until_the_other_claims(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1});
    then_done(claim(s, "anna"));

    then_done(hand_over(s, "anna", "bob"));
    assert_int_equal(fact(s, FACT_OWNER_CHANGED, 0)->owner_changed->staff, 1);
    assert_int_equal(fact(s, FACT_OWNER_CHANGED, 0)->owner_changed->offered_to, 2);
    then_done(claim(s, "bob"));

    assert_int_equal(fact(s, FACT_OWNER_CHANGED, 0)->owner_changed->staff, 2);
}

static void an_alert_is_not_handed_to_somebody_who_has_no_part_in_it(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1});
    then_done(claim(s, "anna"));

    then_refused(hand_over(s, "anna", "olga"), MASH__V1__ACT_CODE__ACT_REFUSED, "hand_over.to");
}

/* It would be offered to somebody who can never take it, and its owner would wait for them. */
static void an_alert_is_not_handed_to_somebody_whose_role_may_not_claim(void **fixture)
{
    story *s = *fixture;
    core_role *of_dina = (core_role *)(uintptr_t)&s->policy->roles[core_policy_staff(s->policy, "dina", 0)->role];
    of_dina->may &= ~(UINT32_C(1) << MASH__V1__ACT_KIND__ACT_KIND_CLAIM);
    publish(s, (event_said){.number = 1});
    then_done(claim(s, "anna"));

    then_refused(hand_over(s, "anna", "dina"), MASH__V1__ACT_CODE__ACT_REFUSED, "hand_over.to: this person's role may not claim");
}

static void a_colleague_does_not_release_what_is_not_theirs_but_a_manager_may(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1});
    then_done(claim(s, "anna"));

    then_refused(release_alert(s, "bob"), MASH__V1__ACT_CODE__ACT_REFUSED, "owner");
    then_done(release_alert(s, "mona"));

    assert_int_equal(fact(s, FACT_OWNER_CHANGED, 0)->owner_changed->staff, 0);
}

static void a_restricted_alert_is_acted_on_by_cleared_roles_only(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1, .area = "E06000044", .sensitivity = MASH__V1__SENSITIVITY__SENSITIVITY_RESTRICTED});

    then_refused(claim(s, "olga"), MASH__V1__ACT_CODE__ACT_NOT_ALLOWED, "claim");
    then_done(claim(s, "otto"));
}

/* A Red that comes a second before the decision is not decided with it. */
static void a_decision_on_the_picture_before_an_event_joined_is_stale_and_says_so(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1, .grade = MEDIUM});
    then_done(claim(s, "anna"));
    publish(s, (event_said){.number = 2, .from = HEALTH, .grade = HIGH});
    Mash__V1__Decide body = MASH__V1__DECIDE__INIT;
    body.person = 1;
    body.outcome = (char *)(uintptr_t) "nfa";
    body.rationale = (char *)(uintptr_t) "settled";

    const Mash__V1__ActReply *reply =
        act(s, (act_said){.by = "anna", .what = MASH__V1__ACT__WHAT_DECIDE, .body = &body, .version = 1});

    then_refused(reply, MASH__V1__ACT_CODE__ACT_STALE, "changed meanwhile");
    assert_int_equal(reply->version, 2);
    assert_int_equal(reply->n_changed, 1);
    assert_string_equal(reply->changed[0]->who, "the hub");
    assert_string_equal(reply->changed[0]->what, "an event joined");
    assert_int_equal(reply->changed[0]->version, 2);
    assert_false(core_alert_stands(s->state, 1).ended);
}

/* Consumers show the version that an act has to name. */
static void the_delivery_of_an_event_that_joined_has_the_new_version(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1});

    publish(s, (event_said){.number = 2, .from = HEALTH});

    assert_int_equal(delivery_to(s, "front-door")->alert->version, 1);
}

/* What was decided on an event that is withdrawn meanwhile rests on nothing. */
static void an_act_on_the_picture_before_an_event_was_withdrawn_is_stale(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1});
    publish(s, (event_said){.number = 2, .retracts = 1});

    const Mash__V1__ActReply *reply = act(s, (act_said){.by = "anna", .what = MASH__V1__ACT__WHAT_CLAIM, .version = -1});

    then_refused(reply, MASH__V1__ACT_CODE__ACT_STALE, "changed meanwhile");
    assert_string_equal(reply->changed[0]->what, "one of its events was corrected or withdrawn");
}

/* An event that corrects one and joins with it changes the alert once. */
static void a_correction_that_joins_is_one_change(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1});

    publish(s, (event_said){.number = 2, .amends = 1});

    assert_int_equal(facts(s, FACT_ALERT_JOINED), 1);
    assert_int_equal(core_alert_stands(s->state, 1).version, 1);
}

static const Mash__V1__ActReply *seen_at(story *s, int version)
{
    Mash__V1__Seen body = MASH__V1__SEEN__INIT;
    body.this_version = true;
    return act(s, (act_said){.by = "anna", .what = MASH__V1__ACT__WHAT_SEEN, .body = &body, .version = version});
}

/* Somebody looked at the amber, and the board is slow: that is not a person who has seen the Red. */
static void who_has_seen_what_was_before_the_event_has_not_seen_the_event(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1, .grade = MEDIUM});
    publish(s, (event_said){.number = 2, .from = HEALTH, .grade = HIGH});

    then_refused(seen_at(s, -1), MASH__V1__ACT_CODE__ACT_STALE, "changed meanwhile");
    assert_false(core_alert_stands(s->state, 1).seen);
    then_done(seen_at(s, 1));
    assert_true(core_alert_stands(s->state, 1).seen);
}

/* Anna has a second task: this row of somebody else's is hers, too. */
static void given_anna_stands_in_for(story *s, const char *colleague)
{
    for (uint32_t i = 0; i < s->policy->staff_count; i++) {
        core_staff_row *row = (core_staff_row *)(uintptr_t)&s->policy->staff[i];
        if (strcmp(row->id, colleague) != 0) continue;
        memcpy(row->id, "anna", sizeof "anna");
        row->number = 1;
    }
}

/* Both her teams were told; feedback is the agency's to see, and she works there too. */
static void who_has_two_tasks_acts_in_the_one_in_which_it_can_be_done(void **fixture)
{
    story *s = *fixture;
    given_anna_stands_in_for(s, "hana");
    publish(s, (event_said){.number = 1, .from = HEALTH});
    then_done(claim(s, "anna"));
    then_done(decide_line(s, "anna", 1, "no_further_action"));

    const Mash__V1__ActReply *reply = seen(s, "anna", "F1");

    then_done(reply);
    assert_int_equal(fact(s, FACT_ACTED, 0)->acted->team, core_team_number(s->state, "health-team"));
    assert_int_equal(facts(s, FACT_FEEDBACK_SEEN), 1);
    assert_int_equal(facts(s, FACT_ACT_REFUSED), 0);
}

static void who_can_do_it_in_none_of_their_tasks_hears_why_not_in_the_first(void **fixture)
{
    story *s = *fixture;
    given_anna_stands_in_for(s, "nick");
    publish(s, (event_said){.number = 1, .grade = HIGH});
    tick_after(s, 12 * HOUR_MS); /* the out-of-hours team has been told, too */
    then_done(claim(s, "bob"));

    then_refused(release_alert(s, "anna"), MASH__V1__ACT_CODE__ACT_REFUSED, "only its owner");
    assert_int_equal(facts(s, FACT_ACT_REFUSED), 1);
    assert_int_equal(s->decision.control->n_facts, 2); /* and that it was answered */
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, story_begin, story_end)
    const struct CMUnitTest tests[] = {
        T(who_claims_an_alert_owns_it_and_everybody_who_has_it_is_told),
        T(the_second_claim_is_stale_and_hears_who_was_first),
        T(who_comes_after_a_rating_hears_which_it_is),
        T(a_repeated_act_gets_its_first_answer_before_the_version_is_looked_at),
        T(a_refused_act_is_recorded_and_its_repeat_is_refused_again),
        T(a_person_of_a_team_that_was_never_told_cannot_act_on_it),
        T(an_item_that_is_hidden_and_one_that_is_not_there_are_answered_alike),
        T(a_role_does_only_what_the_roster_says_it_may),
        T(a_key_acts_only_for_the_teams_it_is_enrolled_for),
        T(somebody_who_is_not_on_the_roster_is_nobody),
        T(who_hands_over_stays_owner_until_the_other_claims),
        T(an_alert_is_not_handed_to_somebody_who_has_no_part_in_it),
        T(an_alert_is_not_handed_to_somebody_whose_role_may_not_claim),
        T(a_colleague_does_not_release_what_is_not_theirs_but_a_manager_may),
        T(a_restricted_alert_is_acted_on_by_cleared_roles_only),
        T(a_decision_on_the_picture_before_an_event_joined_is_stale_and_says_so),
        T(the_delivery_of_an_event_that_joined_has_the_new_version),
        T(an_act_on_the_picture_before_an_event_was_withdrawn_is_stale),
        T(a_correction_that_joins_is_one_change),
        T(who_has_two_tasks_acts_in_the_one_in_which_it_can_be_done),
        T(who_can_do_it_in_none_of_their_tasks_hears_why_not_in_the_first),
        T(who_has_seen_what_was_before_the_event_has_not_seen_the_event),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
