/* A partner agency hears of an alert because it is asked, told what came of a referral, or disagrees. That gives it a voice, and not
 * the alert: who could claim it, rate it down or end it would do so for the team that answers for the child. */
#include <string.h>

#include "core/state.h"
#include "story_disagreement.h"

#define FORBIDDEN MASH__V1__ACT_CODE__ACT_NOT_ALLOWED
enum { HEALTH_NOTICES = 4 }; /* position in story.c's tables */

/* Health was asked about A1; henry and hugo have the rows of the roster that disagreements need. */
static story *health_was_asked(void **fixture)
{
    story *s = *fixture;
    s->policy->queues[HEALTH_NOTICES].is_agency = true;
    give_row(s, "henry", "practitioner");
    give_row(s, "hana", "team-manager");
    publish(s, (event_said){.number = 1});
    then_done(ask(s, "mona", "health", 0));
    return s;
}

static void an_agency_does_not_claim_an_alert_that_it_was_asked_about(void **fixture)
{
    story *s = health_was_asked(fixture);

    then_refused(claim(s, "henry"), FORBIDDEN, "does not work it");

    assert_int_equal(core_alerts_at(s->state, 1)->owner, 0);
}

static void an_agency_does_not_rate_decide_hold_or_move_it(void **fixture)
{
    story *s = health_was_asked(fixture);

    then_refused(rate(s, "henry", MASH__V1__RATING__RATING_BLUE), FORBIDDEN, "rate");
    then_refused(decide_line(s, "hana", 1, "no_further_action"), FORBIDDEN, "decide");
    then_refused(reassign(s, "hana", "other-door"), FORBIDDEN, "reassign");
    then_refused(let_wait(s, "henry"), FORBIDDEN, "wait");
    then_refused(ask(s, "henry", "health", 0), FORBIDDEN, "request-information");
    then_done(claim(s, "anna"));
    then_refused(hold(s, "hana", s->now_ms + HOUR_MS, NULL), FORBIDDEN, "hold");
    then_refused(release_alert(s, "hana"), FORBIDDEN, "release");
    then_refused(restate(s, "hana", "decision", s->now_ms + HOUR_MS), FORBIDDEN, "restate");
    then_refused(withhold(s, "hugo", "health"), FORBIDDEN, "withhold");
}

static void an_alert_is_not_handed_to_an_agency_nor_held_with_its_word(void **fixture)
{
    story *s = *fixture;
    s->policy->queues[HEALTH_NOTICES].is_agency = true;
    give_row(s, "henry", "practitioner");
    publish(s, (event_said){.number = 1, .grade = HIGH});
    then_done(ask(s, "mona", "health", 0));
    then_done(claim(s, "anna"));

    then_refused(hand_over(s, "anna", "henry"), MASH__V1__ACT_CODE__ACT_REFUSED, "hand_over.to");
    then_refused(hold(s, "anna", s->now_ms + HOUR_MS, "henry"), MASH__V1__ACT_CODE__ACT_REFUSED, "hold.second");
}

static void an_agency_notes_answers_and_disagrees_to_the_end(void **fixture)
{
    story *s = health_was_asked(fixture);

    then_done(note(s, "henry"));
    then_done(answer_request(s, "hugo", "R1"));
    then_done(dispute(s, (dispute_said){.by = "henry", .with = "front-team"}));
    then_done(respond(s, "henry"));
    then_done(refer(s, "henry", 0, "our managers should speak"));
    then_done(settle(s, "hana", false));
    then_done(settle(s, "mona", false));
    then_done(record_outcome(s, "hana"));
}

/* It must name the version it saw; what the team did on the alert meanwhile is not for it. */
static void an_agency_hears_the_alerts_version_and_not_who_changed_it(void **fixture)
{
    story *s = health_was_asked(fixture);
    assert_int_equal(delivery_to(s, "health-notices")->alert->version, 1);
    assert_string_equal(delivery_to(s, "health-notices")->alert->state, "");
    then_done(claim(s, "anna"));
    Mash__V1__Dispute body = MASH__V1__DISPUTE__INIT;
    body.with_team = (char *)(uintptr_t) "front-team";
    body.position = (char *)(uintptr_t) "this is no red";

    const Mash__V1__ActReply *reply =
        act(s, (act_said){.by = "henry", .version = 1, .what = MASH__V1__ACT__WHAT_DISPUTE, .body = &body});

    then_refused(reply, MASH__V1__ACT_CODE__ACT_STALE, "changed meanwhile");
    assert_int_equal(reply->version, 2);
    assert_int_equal(reply->n_changed, 0);
}

static void a_person_of_both_an_agency_and_the_team_acts_in_the_row_that_may(void **fixture)
{
    story *s = health_was_asked(fixture);
    give_row_in(s, "henry", "practitioner", "front-team");

    then_done(claim(s, "henry"));

    assert_int_equal(fact(s, 90, 0)->acted->team, core_team_number(s->state, "front-team"));
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, story_begin, story_end)
    const struct CMUnitTest tests[] = {
        T(an_agency_does_not_claim_an_alert_that_it_was_asked_about),
        T(an_agency_does_not_rate_decide_hold_or_move_it),
        T(an_alert_is_not_handed_to_an_agency_nor_held_with_its_word),
        T(an_agency_notes_answers_and_disagrees_to_the_end),
        T(an_agency_hears_the_alerts_version_and_not_who_changed_it),
        T(a_person_of_both_an_agency_and_the_team_acts_in_the_row_that_may),
    };
    return cmocka_run_group_tests_name("partners", tests, NULL, NULL);
}
