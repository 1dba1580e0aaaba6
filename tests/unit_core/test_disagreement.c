/* Two teams read the same facts and decide differently. Reviews of deaths name the disagreement that nobody took further; so a stage that
 * is not resolved moves up by itself, people have their time at each, and only people end it. */
#include <string.h>

#include "core/state.h"
#include "story_disagreement.h"

/* ---- opening --------------------------------------------------------------------------------------------------------------- */
static void a_disagreement_is_opened_at_the_first_stage_and_both_sides_are_told(void **fixture)
{
    story *s = *fixture;
    two_doors_have_it(s);

    const Mash__V1__ActReply *reply = dispute(s, (dispute_said){.by = "anna", .with = "other-team"});

    then_done(reply);
    assert_int_equal(reply->number, 1);
    assert_int_equal(opened(s)->stage, 1);
    assert_int_equal(due_by(s, STAGE_1), MONDAY_10_00 + 2 * DAY_MS + 7 * HOUR_MS); /* Wednesday 17:00 */
    assert_int_equal(due_by(s, STAGE_1_ACK), MONDAY_10_00 + DAY_MS + 7 * HOUR_MS);
    assert_int_equal(told_of_it(s, "front-door"), 1);
    assert_int_equal(told_of_it(s, "other-door"), 1);
}

/* Whoever opens it must not think that the ladder replaces a call to the police. */
static void the_reply_says_what_to_do_when_somebody_is_in_danger(void **fixture)
{
    story *s = *fixture;
    two_doors_have_it(s);

    const Mash__V1__ActReply *reply = dispute(s, (dispute_said){.by = "anna", .with = "other-team", .urgent = true});

    then_done(reply);
    assert_non_null(strstr(reply->text, "call 999; the strategy discussion does not wait"));
    assert_non_null(strstr(reply->text, "Mon 8 Jun 2026 14:00"));
}

static void a_new_disagreement_starts_at_version_one_and_the_alert_has_a_new_version(void **fixture)
{
    story *s = *fixture;
    two_doors_have_it(s);
    uint32_t before = core_alerts_at(s->state, 1)->version;

    then_done(dispute(s, (dispute_said){.by = "anna", .with = "other-team"}));

    assert_int_equal(core_alerts_at(s->state, 1)->version, before + 1);
    assert_int_equal(core_disagreements_at(s->state, 1)->version, 1);
}

static void a_position_that_was_read_before_the_newest_one_is_stale(void **fixture)
{
    story *s = *fixture;
    it_is_disputed(s);
    then_done(respond(s, "olga"));

    Mash__V1__Respond body = MASH__V1__RESPOND__INIT;
    body.position = (char *)(uintptr_t) "we have not read yours";
    const Mash__V1__ActReply *reply =
        act(s, (act_said){.by = "anna", .item = "D1", .version = 1, .what = MASH__V1__ACT__WHAT_RESPOND, .body = &body});

    then_refused(reply, MASH__V1__ACT_CODE__ACT_STALE, "changed meanwhile");
    assert_int_equal(reply->n_changed, 1);
    assert_string_equal(reply->changed[0]->what, "stated a position");
}

static void a_rethink_is_entered_only_when_it_is_asked_for(void **fixture)
{
    story *s = *fixture;
    two_doors_have_it(s);

    then_done(dispute(s, (dispute_said){.by = "anna", .with = "other-team", .rethink = true}));

    assert_int_equal(opened(s)->stage, 0);
    then_done(refer(s, "anna", 0, "we still differ"));
    assert_int_equal(stage_moved(s, 0)->stage, 1);
    assert_int_equal(stage_moved(s, 0)->cause, MASH__V1__STAGE_CAUSE__STAGE_CAUSE_REFERRED);
}

static void the_urgent_lane_has_no_time_for_a_rethink(void **fixture)
{
    story *s = *fixture;
    two_doors_have_it(s);

    then_refused(dispute(s, (dispute_said){.by = "anna", .with = "other-team", .rethink = true, .urgent = true}),
                 MASH__V1__ACT_CODE__ACT_REFUSED, "rethink");
}

/* Immediate risk is not a matter for two practitioners alone. */
static void an_urgent_one_is_told_to_both_managers_at_once(void **fixture)
{
    story *s = *fixture;
    two_doors_have_it(s);

    then_done(dispute(s, (dispute_said){.by = "anna", .with = "other-team", .urgent = true}));

    assert_int_equal(told_of_it(s, "duty"), 1);
}

/* The next act of a third team rests on a version that must not have risen behind its back. */
static void another_team_that_has_the_alert_hears_once_that_somebody_disagrees(void **fixture)
{
    story *s = *fixture;
    two_doors_have_it(s);
    tick_after(s, 2 * DAY_MS); /* the alert's deadline lapses: duty is told, and so has it */

    then_done(dispute(s, (dispute_said){.by = "anna", .with = "other-team"}));

    assert_int_equal(told_of_it(s, "duty"), 0);
    assert_int_equal(facts(s, FACT_DELIVERED), 3);
    assert_true(told(s, "duty"));
}

static void a_team_that_was_never_told_of_the_alert_is_no_side(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1});

    then_refused(dispute(s, (dispute_said){.by = "anna", .with = "other-team"}), MASH__V1__ACT_CODE__ACT_REFUSED, "with_team");
    then_refused(dispute(s, (dispute_said){.by = "olga", .with = "front-team"}), MASH__V1__ACT_CODE__ACT_NOT_ALLOWED, "dispute");
    then_refused(dispute(s, (dispute_said){.by = "anna", .with = "no-such-team"}), MASH__V1__ACT_CODE__ACT_REFUSED, "with_team");
    then_refused(dispute(s, (dispute_said){.by = "anna", .with = "front-team"}), MASH__V1__ACT_CODE__ACT_REFUSED, "own team");
    then_refused(dispute(s, (dispute_said){.by = "anna", .with = ""}), MASH__V1__ACT_CODE__ACT_REFUSED,
                 "say which team's decision it is");
}

static void two_teams_have_one_open_disagreement_about_an_alert(void **fixture)
{
    story *s = *fixture;
    it_is_disputed(s);

    then_refused(dispute(s, (dispute_said){.by = "olga", .with = "front-team"}), MASH__V1__ACT_CODE__ACT_REFUSED, "D1 is open");
}

static void a_disagreement_without_a_position_is_refused(void **fixture)
{
    story *s = *fixture;
    two_doors_have_it(s);

    then_refused(dispute(s, (dispute_said){.by = "anna", .with = "other-team", .position = ""}), MASH__V1__ACT_CODE__ACT_REFUSED,
                 "dispute.position");
}

/* Children's and adults' ladders are apart, and an area may have its own. */
static void the_areas_own_ladder_is_taken_before_the_one_for_every_area(void **fixture)
{
    story *s = *fixture;
    add_ladder(s, "D-ADULTS", "adults_front_door", "");
    add_ladder(s, "D-SOUTHAMPTON", "front_door", "E06000045");
    add_ladder(s, "D-HAMPSHIRE", "front_door", "E10000014");
    two_doors_have_it(s);

    then_done(dispute(s, (dispute_said){.by = "anna", .with = "other-team"}));

    assert_string_equal(s->policy->disagreements[opened(s)->ladder].id, "D-HAMPSHIRE");
}

static void without_a_ladder_for_the_alert_it_is_refused_with_words(void **fixture)
{
    story *s = *fixture;
    s->policy->disagreement_count = 0;
    add_ladder(s, "D-ADULTS", "adults_front_door", "");
    two_doors_have_it(s);

    then_refused(dispute(s, (dispute_said){.by = "anna", .with = "other-team"}), MASH__V1__ACT_CODE__ACT_REFUSED, "no ladder");
}

static void an_ended_alert_may_still_be_disagreed_with(void **fixture)
{
    story *s = *fixture;
    two_doors_have_it(s);
    then_done(claim(s, "olga"));
    then_done(decide_line(s, "olga", 1, "no_further_action"));
    assert_int_equal(facts(s, FACT_ALERT_ENDED), 1);

    then_done(dispute(s, (dispute_said){.by = "anna", .with = "other-team"}));

    assert_int_equal(tick_until_moved(s, 3 * DAY_MS), 1);
}

/* G5. The quarrel stops nothing: the alert's own deadline lapses at its time. */
static void the_alert_and_its_clocks_go_on(void **fixture)
{
    story *s = *fixture;
    two_doors_have_it(s);

    then_done(dispute(s, (dispute_said){.by = "anna", .with = "other-team"}));

    assert_int_equal(facts(s, FACT_CLOCK_STOPPED), 0);
    assert_int_equal(facts(s, FACT_OWNER_CHANGED), 0);
    assert_int_not_equal(core_alert_clock(s->state, 1, "decision"), 0);
}

/* ---- who speaks ------------------------------------------------------------------------------------------------------------ */
static void the_other_sides_answer_meets_the_acknowledgement_and_its_own_side_does_not(void **fixture)
{
    story *s = *fixture;
    it_is_disputed(s);

    then_done(respond(s, "bob"));
    assert_int_equal(facts(s, FACT_CLOCK_STOPPED), 0);
    then_done(respond(s, "olga"));

    assert_int_equal(facts(s, FACT_CLOCK_STOPPED), 1);
    assert_int_equal(fact(s, FACT_CLOCK_STOPPED, 0)->clock_stopped->cause, MASH__V1__STOP_CAUSE__STOP_CAUSE_MET);
}

static void nobody_answers_and_both_sides_and_their_managers_hear_so_once(void **fixture)
{
    story *s = *fixture;
    it_is_disputed(s);

    tick_until_lapsed(s, DAY_MS + 7 * HOUR_MS, MASH__V1__CLOCK_PURPOSE__CLOCK_PURPOSE_ACKNOWLEDGE);

    assert_int_equal(facts(s, FACT_DELIVERED), 3); /* front-door, other-door, duty */
    assert_int_equal(facts(s, FACT_DISAGREEMENT_MOVED), 0);
}

static void who_has_no_role_at_the_stage_does_not_speak_there_yet(void **fixture)
{
    story *s = *fixture;
    it_is_disputed(s);

    then_refused(respond(s, "otto"), MASH__V1__ACT_CODE__ACT_NOT_ALLOWED, "practitioner");
    then_done(refer(s, "olga", 0, "our managers should speak"));

    then_done(respond(s, "otto"));
    then_done(respond(s, "olga")); /* who spoke before may go on */
}

static void a_party_cannot_act_on_it(void **fixture)
{
    story *s = *fixture;
    it_is_disputed(s);
    then_done(declare_party(s, "dina", "olga"));

    then_refused(respond(s, "olga"), MASH__V1__ACT_CODE__ACT_NOT_ALLOWED, "respond");
}

static void a_third_team_that_has_the_alert_does_not_speak_for_either_side(void **fixture)
{
    story *s = *fixture;
    it_is_disputed(s);
    then_done(ask(s, "mona", "health", 0));

    then_refused(respond(s, "hugo"), MASH__V1__ACT_CODE__ACT_NOT_ALLOWED, "either side");
}

/* A partner agency has a second row for the role in which it stands beside the front door. */
static void a_person_with_two_rows_speaks_in_the_one_that_the_stage_asks_for(void **fixture)
{
    story *s = *fixture;
    give_row(s, "hana", "practitioner");
    two_doors_have_it(s);
    then_done(ask(s, "mona", "health", 0));

    then_done(dispute(s, (dispute_said){.by = "hana", .with = "other-team"}));
    assert_int_equal(facts(s, FACT_DISAGREEMENT_MOVED), 0);
    assert_int_equal(told_of_it(s, "health-notices"), 1);
    then_done(respond(s, "olga"));
    then_done(respond(s, "hana"));
}

static void an_agencys_team_may_be_disagreed_with_and_its_queue_is_told(void **fixture)
{
    story *s = *fixture;
    give_row(s, "henry", "practitioner");
    two_doors_have_it(s);
    then_done(ask(s, "mona", "health", 0));

    then_done(dispute(s, (dispute_said){.by = "olga", .with = "health-team"}));

    assert_int_equal(told_of_it(s, "health-notices"), 1);
    then_done(respond(s, "henry"));
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, story_begin, story_end)
    const struct CMUnitTest tests[] = {
        T(a_disagreement_is_opened_at_the_first_stage_and_both_sides_are_told),
        T(the_reply_says_what_to_do_when_somebody_is_in_danger),
        T(a_new_disagreement_starts_at_version_one_and_the_alert_has_a_new_version),
        T(a_position_that_was_read_before_the_newest_one_is_stale),
        T(a_rethink_is_entered_only_when_it_is_asked_for),
        T(the_urgent_lane_has_no_time_for_a_rethink),
        T(an_urgent_one_is_told_to_both_managers_at_once),
        T(another_team_that_has_the_alert_hears_once_that_somebody_disagrees),
        T(a_team_that_was_never_told_of_the_alert_is_no_side),
        T(two_teams_have_one_open_disagreement_about_an_alert),
        T(a_disagreement_without_a_position_is_refused),
        T(the_areas_own_ladder_is_taken_before_the_one_for_every_area),
        T(without_a_ladder_for_the_alert_it_is_refused_with_words),
        T(an_ended_alert_may_still_be_disagreed_with),
        T(the_alert_and_its_clocks_go_on),
        T(the_other_sides_answer_meets_the_acknowledgement_and_its_own_side_does_not),
        T(nobody_answers_and_both_sides_and_their_managers_hear_so_once),
        T(who_has_no_role_at_the_stage_does_not_speak_there_yet),
        T(a_party_cannot_act_on_it),
        T(a_third_team_that_has_the_alert_does_not_speak_for_either_side),
        T(a_person_with_two_rows_speaks_in_the_one_that_the_stage_asks_for),
        T(an_agencys_team_may_be_disagreed_with_and_its_queue_is_told),
    };
    return cmocka_run_group_tests_name("disagreement", tests, NULL, NULL);
}
