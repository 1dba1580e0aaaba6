/* The course of a disagreement in one side's hands: to put a stage off, to say that it is urgent, to decide at its end. Nobody may use it
 * to freeze the ladder, nor to overrule the other side alone. */
#include <string.h>

#include "core/state.h"
#include "story_disagreement.h"

#define FORBIDDEN MASH__V1__ACT_CODE__ACT_NOT_ALLOWED
#define REFUSED_ACT MASH__V1__ACT_CODE__ACT_REFUSED

/* Stage 1 of a disagreement opened on Monday at ten. */
#define WEDNESDAY_CLOSING (MONDAY_10_00 + 2 * DAY_MS + 7 * HOUR_MS)

static const Mash__V1__ActReply *restate_stage(story *s, const char *by, int64_t due_ms)
{
    Mash__V1__Restate body = MASH__V1__RESTATE__INIT;
    body.due_ms = due_ms;
    return act(s, (act_said){.by = by,
                             .item = "D1",
                             .what = MASH__V1__ACT__WHAT_RESTATE,
                             .body = &body,
                             .reason = "the adult asks for time to think"});
}

static const Mash__V1__ActReply *refer_urgently(story *s, const char *by)
{
    Mash__V1__Refer body = MASH__V1__REFER__INIT;
    body.urgent = true;
    return act(
        s,
        (act_said){.by = by, .item = "D1", .what = MASH__V1__ACT__WHAT_REFER, .body = &body, .reason = "he is released tonight"});
}

/* ---- putting off ----------------------------------------------------------------------------------------------------------- */
static void one_side_does_not_put_a_stage_off_for_longer_than_the_ladder_allows(void **fixture)
{
    story *s = *fixture;
    it_is_disputed(s); /* five working days on top of Wednesday */

    then_refused(restate_stage(s, "anna", MONDAY_10_00 + 365 * DAY_MS), REFUSED_ACT, "at the latest Wed 17 Jun 2026 17:00");
    then_done(restate_stage(s, "anna", WEDNESDAY_CLOSING + 7 * DAY_MS));

    then_refused(restate_stage(s, "anna", WEDNESDAY_CLOSING + 8 * DAY_MS), REFUSED_ACT, "at the latest");
    assert_int_equal(tick_until_moved(s, WEDNESDAY_CLOSING + 7 * DAY_MS - s->now_ms), 1);
}

static void a_ladder_that_does_not_allow_it_is_never_put_off(void **fixture)
{
    story *s = *fixture;
    put_off_by(s, -1);
    it_is_disputed(s);

    then_refused(restate_stage(s, "olga", WEDNESDAY_CLOSING + 1), REFUSED_ACT, "due earlier");
    assert_int_equal(tick_until_moved(s, WEDNESDAY_CLOSING - s->now_ms), 1);
}

/* A child's need may be nearer than any limit; and who has said so is not undone by the other side. */
static void a_stage_may_always_be_due_earlier_and_that_stays(void **fixture)
{
    story *s = *fixture;
    put_off_by(s, -1);
    it_is_disputed(s);

    then_done(restate_stage(s, "anna", MONDAY_10_00 + HOUR_MS));
    then_refused(restate_stage(s, "olga", WEDNESDAY_CLOSING), REFUSED_ACT, "due earlier");

    assert_int_equal(tick_until_moved(s, HOUR_MS), 1);
}

static void the_urgent_lane_is_not_put_off(void **fixture)
{
    story *s = *fixture;
    two_doors_have_it(s);
    then_done(dispute(s, (dispute_said){.by = "anna", .with = "other-team", .urgent = true}));

    then_refused(restate_stage(s, "olga", s->now_ms + 5 * HOUR_MS), REFUSED_ACT, "due earlier");
}

static void a_last_stage_whose_time_is_over_has_none_to_move(void **fixture)
{
    story *s = *fixture;
    it_is_disputed(s);
    then_done(refer(s, "anna", 3, "the baby goes home tomorrow"));
    tick_until_lapsed(s, 15 * DAY_MS, MASH__V1__CLOCK_PURPOSE__CLOCK_PURPOSE_STAGE);

    then_refused(restate_stage(s, "dina", s->now_ms + DAY_MS), REFUSED_ACT, "is over");
}

/* ---- urgent ---------------------------------------------------------------------------------------------------------------- */
/* What was not urgent on Monday may be so tonight; the ladder must not have to be begun anew. */
static void a_side_takes_it_to_the_urgent_lane_and_both_managers_hear_of_it(void **fixture)
{
    story *s = *fixture;
    it_is_disputed(s);

    const Mash__V1__ActReply *reply = refer_urgently(s, "olga");

    then_done(reply);
    assert_non_null(strstr(reply->text, "call 999"));
    assert_int_equal(due_by(s, STAGE_2_URGENT), s->now_ms + 4 * HOUR_MS);
    assert_true(stage_moved(s, 0)->urgent);
    assert_int_equal(told_of_it(s, "duty"), 1);
    assert_string_equal(delivery_to(s, "front-door")->disagreement->lane, "urgent");
    assert_int_equal(tick_until_moved(s, 4 * HOUR_MS), 1);
    assert_int_equal(due_by(s, STAGE_3_URGENT), s->now_ms + 8 * HOUR_MS);
}

static void the_urgent_lane_is_entered_past_a_rethink(void **fixture)
{
    story *s = *fixture;
    two_doors_have_it(s);
    then_done(dispute(s, (dispute_said){.by = "anna", .with = "other-team", .rethink = true}));

    then_done(refer_urgently(s, "anna"));

    assert_int_equal(stage_moved(s, 0)->stage, 1);
    assert_int_equal(due_by(s, STAGE_1_URGENT), s->now_ms + 4 * HOUR_MS);
}

static void nothing_leads_out_of_the_urgent_lane(void **fixture)
{
    story *s = *fixture;
    two_doors_have_it(s);
    then_done(dispute(s, (dispute_said){.by = "anna", .with = "other-team", .urgent = true}));

    then_done(refer(s, "olga", 0, "our managers should speak"));

    assert_int_equal(due_by(s, STAGE_2_URGENT), s->now_ms + 4 * HOUR_MS);
}

/* ---- deciding -------------------------------------------------------------------------------------------------------------- */
static story *the_last_stage_has_a_chair(void **fixture)
{
    story *s = *fixture;
    dora_chairs(s);
    two_doors_have_it(s);
    then_done(dispute(s, (dispute_said){.by = "anna", .with = "other-team", .position = "she is not safe at home"}));
    return s;
}

/* Directors with an independent chair decide: one side's director alone would be one side overruling the other. */
static void with_a_chair_no_director_of_one_side_decides_for_both(void **fixture)
{
    story *s = the_last_stage_has_a_chair(fixture);
    then_done(refer(s, "anna", 3, "the baby goes home tomorrow"));

    then_refused(settle(s, "olaf", true), FORBIDDEN, "nobody-has-it decides between the sides");
    then_refused(settle(s, "dina", true), FORBIDDEN, "above both");
    then_done(settle(s, "dora", true));

    assert_true(closed(s)->by_last_stage);
    assert_int_equal(closed(s)->staff, 6);
}

static void the_chair_is_told_when_it_comes_to_them_with_both_positions(void **fixture)
{
    story *s = the_last_stage_has_a_chair(fixture);
    core_record position = kept_act(s);
    assert_false(told(s, "out-of-hours"));
    then_refused(settle(s, "dora", true), FORBIDDEN, "settle");

    then_done(refer(s, "anna", 3, "the baby goes home tomorrow"));

    assert_int_equal(told_of_it(s, "out-of-hours"), 1);
    assert_string_equal(told_again(s, "out-of-hours", &position)->act->words, "she is not safe at home");
    then_done(claim(s, "olga"));
    assert_false(told(s, "out-of-hours")); /* the alert itself is not for the chair */
}

static void both_sides_close_it_without_the_chair(void **fixture)
{
    story *s = the_last_stage_has_a_chair(fixture);
    then_done(refer(s, "anna", 3, "the baby goes home tomorrow"));

    then_done(settle(s, "dina", false));
    then_done(settle(s, "olaf", false));

    assert_false(closed(s)->by_last_stage);
}

static void who_holds_the_stages_role_above_both_decides_beside_the_chair(void **fixture)
{
    story *s = *fixture;
    give_row_in(s, "dina", "director", "other-team");
    s = the_last_stage_has_a_chair(fixture);
    then_done(refer(s, "anna", 3, "the baby goes home tomorrow"));

    then_done(settle(s, "dina", true));
}

static void a_chair_who_is_a_party_decides_nothing(void **fixture)
{
    story *s = the_last_stage_has_a_chair(fixture);
    then_done(refer(s, "anna", 3, "the baby goes home tomorrow"));
    then_done(declare_party(s, "mona", "dora"));

    then_refused(settle(s, "dora", true), FORBIDDEN, "settle");
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, story_begin, story_end)
    const struct CMUnitTest tests[] = {
        T(one_side_does_not_put_a_stage_off_for_longer_than_the_ladder_allows),
        T(a_ladder_that_does_not_allow_it_is_never_put_off),
        T(a_stage_may_always_be_due_earlier_and_that_stays),
        T(the_urgent_lane_is_not_put_off),
        T(a_last_stage_whose_time_is_over_has_none_to_move),
        T(a_side_takes_it_to_the_urgent_lane_and_both_managers_hear_of_it),
        T(the_urgent_lane_is_entered_past_a_rethink),
        T(nothing_leads_out_of_the_urgent_lane),
        T(with_a_chair_no_director_of_one_side_decides_for_both),
        T(the_chair_is_told_when_it_comes_to_them_with_both_positions),
        T(both_sides_close_it_without_the_chair),
        T(who_holds_the_stages_role_above_both_decides_beside_the_chair),
        T(a_chair_who_is_a_party_decides_nothing),
    };
    return cmocka_run_group_tests_name("disagreement course", tests, NULL, NULL);
}
