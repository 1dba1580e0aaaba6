/* A disagreement goes up its ladder, by a person or by itself, until people end it; with new information it begins again. */
#include <string.h>

#include "core/state.h"
#include "story_disagreement.h"

/* ---- stages ---------------------------------------------------------------------------------------------------------------- */
static void a_stage_that_is_not_resolved_in_time_moves_up_by_itself(void **fixture)
{
    story *s = *fixture;
    it_is_disputed(s);

    assert_int_equal(tick_until_moved(s, 2 * DAY_MS + 7 * HOUR_MS), 1);

    assert_int_equal(stage_moved(s, 0)->stage, 2);
    assert_int_equal(stage_moved(s, 0)->cause, MASH__V1__STAGE_CAUSE__STAGE_CAUSE_LAPSED);
    assert_int_equal(stage_moved(s, 0)->staff, 0);
    assert_int_equal(core_disagreements_at(s->state, 1)->version, 2);
}

/* Adults' limits are targets: work follows the adult's wishes. And a child's need may be nearer than the limit. */
static void either_side_gives_a_stage_another_time_with_a_reason(void **fixture)
{
    story *s = *fixture;
    it_is_disputed(s);
    Mash__V1__Restate later = MASH__V1__RESTATE__INIT;
    later.due_ms = s->now_ms + 5 * DAY_MS;
    act_said said = {.by = "anna", .item = "D1", .what = MASH__V1__ACT__WHAT_RESTATE, .body = &later};

    then_refused(act(s, said), MASH__V1__ACT_CODE__ACT_REFUSED, "reason");
    said.reason = "the adult asks for time to think";
    then_done(act(s, said));

    assert_int_equal(fact(s, FACT_CLOCK_MOVED, 0)->clock_moved->due_ms, later.due_ms);
    assert_int_equal(tick_until_moved(s, 5 * DAY_MS - 1), 0);
    assert_int_equal(tick_until_moved(s, 1), 1);
}

/* Nobody is to be reminded of a stage that was left. */
static void what_was_to_be_acknowledged_is_over_when_a_lapse_leaves_the_stage(void **fixture)
{
    story *s = *fixture;
    acknowledge_by(s, STAGE_3); /* ten working days, longer than the stage */
    it_is_disputed(s);

    tick_until_moved(s, 2 * DAY_MS + 7 * HOUR_MS);

    assert_int_equal(facts(s, FACT_CLOCK_STOPPED), 1);
    assert_int_equal(fact(s, FACT_CLOCK_STOPPED, 0)->clock_stopped->cause, MASH__V1__STOP_CAUSE__STOP_CAUSE_REPLACED);
}

static void a_lapse_tells_each_side_and_the_managers_once(void **fixture)
{
    story *s = *fixture;
    the_board_has_a_queue_of_its_own(s);
    it_is_disputed(s);

    tick_until_moved(s, 2 * DAY_MS + 7 * HOUR_MS);

    assert_int_equal(told_of_it(s, "front-door"), 1);
    assert_int_equal(told_of_it(s, "other-door"), 1);
    assert_int_equal(told_of_it(s, "duty"), 1);
    assert_int_equal(facts(s, FACT_DELIVERED), 4); /* and the board, from this stage on */
}

/* The hub was away for a week, over the due times of two stages: people have their time at the second all the same. */
static void after_an_outage_one_stage_is_left_and_the_next_has_its_whole_time(void **fixture)
{
    story *s = *fixture;
    it_is_disputed(s);

    assert_int_equal(tick_until_moved(s, 14 * DAY_MS), 1); /* Monday 22 June 10:00 */

    assert_int_equal(stage_moved(s, 0)->stage, 2);
    assert_int_equal(due_by(s, STAGE_2), MONDAY_10_00 + 21 * DAY_MS + 7 * HOUR_MS); /* five working days: Monday 29 June 17:00 */
    assert_int_equal(tick_until_moved(s, 0), 0);
}

/* Raised at noon on Christmas Eve, a Thursday: Christmas Day, the week-end and the substitute day do not count. */
static void two_working_days_over_christmas_end_on_the_wednesday_after(void **fixture)
{
    story *s = *fixture;
    static const int32_t CLOSED[] = {20812, 20813, 20815}; /* 25, 26 and 28 December 2026 */
    calendar(s)->holidays = CLOSED;
    calendar(s)->holiday_count = 3;
    s->now_ms = london(s, 2026, 12, 24, 12, 0);
    two_doors_have_it(s);

    then_done(dispute(s, (dispute_said){.by = "anna", .with = "other-team"}));

    assert_int_equal(due_by(s, STAGE_1), london(s, 2026, 12, 30, 17, 0));
    assert_int_equal(due_by(s, STAGE_1_ACK), london(s, 2026, 12, 29, 17, 0));
}

/* Urgent runs day and night: the managers speak before midnight, not on Monday. */
static void urgent_on_a_friday_night_does_not_wait_for_monday(void **fixture)
{
    story *s = *fixture;
    s->now_ms = MONDAY_10_00 + 4 * DAY_MS + 9 * HOUR_MS; /* Friday 19:00 */
    two_doors_have_it(s);
    then_done(dispute(s, (dispute_said){.by = "anna", .with = "other-team", .urgent = true}));

    assert_int_equal(tick_until_moved(s, 4 * HOUR_MS - 1), 0);
    assert_int_equal(tick_until_moved(s, 1), 1);

    assert_int_equal(stage_moved(s, 0)->stage, 2);
    assert_int_equal(due_by(s, STAGE_2_URGENT), s->now_ms + 4 * HOUR_MS);
}

static void a_jump_needs_a_reason_and_says_that_it_was_one(void **fixture)
{
    story *s = *fixture;
    it_is_disputed(s);

    then_refused(refer(s, "anna", 3, ""), MASH__V1__ACT_CODE__ACT_REFUSED, "reason");
    then_done(refer(s, "anna", 3, "the baby goes home tomorrow"));

    assert_int_equal(stage_moved(s, 0)->stage, 3);
    assert_int_equal(stage_moved(s, 0)->cause, MASH__V1__STAGE_CAUSE__STAGE_CAUSE_JUMPED);
    assert_int_equal(stage_moved(s, 0)->staff, 1);
    assert_int_equal(facts(s, FACT_CLOCK_STOPPED), 2); /* the clocks of the stage that was left */
}

/* G1. Whoever it was taken up to would be passed over. */
static void it_never_goes_down_nor_past_the_last_stage(void **fixture)
{
    story *s = *fixture;
    it_is_disputed(s);
    then_done(refer(s, "anna", 3, "the baby goes home tomorrow"));

    then_refused(refer(s, "dina", 2, "too high"), MASH__V1__ACT_CODE__ACT_REFUSED, "never goes down");
    then_refused(refer(s, "dina", 0, "higher"), MASH__V1__ACT_CODE__ACT_REFUSED, "last stage");
}

static void a_stage_with_nobody_on_one_side_is_left_out_at_once_with_an_alarm(void **fixture)
{
    story *s = *fixture;
    leave_roster(s, "otto");
    the_board_has_a_queue_of_its_own(s);
    it_is_disputed(s);

    then_done(refer(s, "anna", 0, "our managers should speak"));

    assert_int_equal(facts(s, FACT_DISAGREEMENT_MOVED), 2);
    assert_int_equal(stage_moved(s, 0)->stage, 2);
    assert_int_equal(stage_moved(s, 1)->stage, 3);
    assert_int_equal(stage_moved(s, 1)->cause, MASH__V1__STAGE_CAUSE__STAGE_CAUSE_NO_HOLDER);
    assert_true(alarmed(s, MASH__V1__ALARM_KIND__ALARM_KIND_NO_HOLDER));
    assert_int_equal(told_of_it(s, "duty"), 1);
    assert_int_equal(facts(s, FACT_CLOCK_STARTED), 1); /* the stage that was left out had no clock */
}

/* Who is a party cannot speak, and so does not count as somebody who does. */
static void a_stage_whose_only_speaker_is_a_party_is_left_out(void **fixture)
{
    story *s = *fixture;
    it_is_disputed(s);
    then_done(declare_party(s, "dina", "otto"));

    then_done(refer(s, "anna", 0, "our managers should speak"));

    assert_int_equal(stage_moved(s, 1)->stage, 3);
}

static void on_a_restricted_alert_only_cleared_roles_count(void **fixture)
{
    story *s = *fixture;
    core_audience *full = (core_audience *)(uintptr_t)&s->policy->audiences[0];
    full->sees_up_to = MASH__V1__SENSITIVITY__SENSITIVITY_RESTRICTED;
    two_doors_have(s, (event_said){.number = 1, .sensitivity = MASH__V1__SENSITIVITY__SENSITIVITY_RESTRICTED});

    then_done(dispute(s, (dispute_said){.by = "mona", .with = "other-team"}));

    assert_int_equal(opened(s)->stage, 1);
    assert_int_equal(stage_moved(s, 0)->stage, 2);
}

/* A team's managers may be a team of their own, above both. */
static void who_manages_a_side_speaks_for_it(void **fixture)
{
    story *s = *fixture;
    leave_roster(s, "mona");
    leave_roster(s, "otto");
    give_row(s, "dora", "team-manager");
    two_doors_have_it(s);
    then_done(dispute(s, (dispute_said){.by = "anna", .with = "other-team"}));

    then_done(refer(s, "anna", 0, "our managers should speak"));

    assert_int_equal(facts(s, FACT_DISAGREEMENT_MOVED), 1);
    assert_int_equal(told_of_it(s, "duty"), 1);
    then_done(refer(s, "dora", 0, "I am above both"));
}

static void the_first_stage_may_be_the_one_with_nobody(void **fixture)
{
    story *s = *fixture;
    two_doors_have_it(s);
    leave_roster(s, "olga");

    const Mash__V1__ActReply *reply = dispute(s, (dispute_said){.by = "anna", .with = "other-team"});

    then_done(reply);
    assert_int_equal(stage_moved(s, 0)->stage, 2);
    assert_non_null(strstr(reply->text, "at stage 2"));
}

/* Nobody is left to take it to: its clock runs none the less, so that it is noticed again. */
static void the_last_stage_cannot_be_left_out(void **fixture)
{
    story *s = *fixture;
    leave_roster(s, "olaf");
    it_is_disputed(s);

    then_done(refer(s, "anna", 3, "the baby goes home tomorrow"));

    assert_int_equal(facts(s, FACT_DISAGREEMENT_MOVED), 1);
    assert_true(alarmed(s, MASH__V1__ALARM_KIND__ALARM_KIND_NO_HOLDER));
    assert_int_equal(due_by(s, STAGE_3), MONDAY_10_00 + 14 * DAY_MS + 7 * HOUR_MS);
}

/* Nothing ends by itself: after the last stage somebody has to be called, and it is still open. */
static void after_the_last_stage_there_is_an_alarm_and_it_stays_open(void **fixture)
{
    story *s = *fixture;
    the_board_has_a_queue_of_its_own(s);
    it_is_disputed(s);
    then_done(refer(s, "anna", 3, "the baby goes home tomorrow"));

    tick_until_lapsed(s, 15 * DAY_MS, MASH__V1__CLOCK_PURPOSE__CLOCK_PURPOSE_STAGE);

    assert_true(alarmed(s, MASH__V1__ALARM_KIND__ALARM_KIND_LADDER_ENDED));
    assert_int_equal(told_of_it(s, "front-door"), 1);
    assert_int_equal(told_of_it(s, "other-door"), 1);
    assert_int_equal(told_of_it(s, "duty"), 1);
    assert_int_equal(told_of_it(s, "out-of-hours"), 1);
    assert_false(core_disagreements_at(s->state, 1)->closed);
    then_done(respond(s, "dina"));
}

static void the_boards_office_is_copied_from_its_stage_on_and_not_before(void **fixture)
{
    story *s = *fixture;
    the_board_has_a_queue_of_its_own(s);
    it_is_disputed(s);
    assert_int_equal(told_of_it(s, "out-of-hours"), 0);

    then_done(refer(s, "anna", 0, "our managers should speak"));
    assert_int_equal(told_of_it(s, "out-of-hours"), 1);
    then_done(respond(s, "otto"));

    assert_int_equal(told_of_it(s, "out-of-hours"), 1);
}

/* ---- closing --------------------------------------------------------------------------------------------------------------- */
static void it_is_closed_when_both_sides_have_settled(void **fixture)
{
    story *s = *fixture;
    it_is_disputed(s);

    then_done(settle(s, "anna", false));
    assert_int_equal(facts(s, FACT_DISAGREEMENT_CLOSED), 0);
    then_done(settle(s, "olga", false));

    assert_false(closed(s)->by_last_stage);
    assert_int_equal(closed(s)->staff, 4);
    assert_int_equal(due_by(s, OUTCOME_CLOCK), MONDAY_10_00 + 2 * DAY_MS + 7 * HOUR_MS);
    assert_int_equal(tick_until_moved(s, 30 * DAY_MS), 0);
}

static void one_side_alone_does_not_close_it_however_often_it_settles(void **fixture)
{
    story *s = *fixture;
    it_is_disputed(s);
    then_done(settle(s, "anna", false));

    then_refused(settle(s, "bob", false), MASH__V1__ACT_CODE__ACT_REFUSED, "settled already");
}

/* Who agreed, agreed to what was said then: a new position undoes it. */
static void a_new_position_undoes_what_one_side_had_settled(void **fixture)
{
    story *s = *fixture;
    it_is_disputed(s);
    then_done(settle(s, "anna", false));
    then_done(respond(s, "olga"));

    then_done(settle(s, "olga", false));
    assert_int_equal(facts(s, FACT_DISAGREEMENT_CLOSED), 0);
    then_done(settle(s, "anna", false));

    assert_int_equal(facts(s, FACT_DISAGREEMENT_CLOSED), 1);
}

static void only_a_stage_that_decides_is_closed_by_one_person_in_its_role(void **fixture)
{
    story *s = *fixture;
    it_is_disputed(s);
    then_refused(settle(s, "anna", true), MASH__V1__ACT_CODE__ACT_REFUSED, "does not decide");
    then_done(refer(s, "anna", 3, "the baby goes home tomorrow"));

    then_refused(settle(s, "mona", true), MASH__V1__ACT_CODE__ACT_NOT_ALLOWED, "director");
    then_done(settle(s, "olaf", true));

    assert_true(closed(s)->by_last_stage);
    assert_int_equal(closed(s)->staff, 12);
    then_refused(respond(s, "anna"), MASH__V1__ACT_CODE__ACT_REFUSED, "closed");
}

/* A director above both teams decides between them, and never agrees with themselves. */
static void who_stands_on_both_sides_decides_and_does_not_settle_for_either(void **fixture)
{
    story *s = *fixture;
    leave_roster(s, "olaf");
    give_row_in(s, "dina", "director", "other-team");
    it_is_disputed(s);
    then_done(refer(s, "anna", 3, "the baby goes home tomorrow"));
    assert_false(alarmed(s, MASH__V1__ALARM_KIND__ALARM_KIND_NO_HOLDER));

    then_refused(settle(s, "dina", false), MASH__V1__ACT_CODE__ACT_NOT_ALLOWED, "both sides");
    then_done(settle(s, "dina", true));

    assert_true(closed(s)->by_last_stage);
}

static void the_written_outcome_meets_its_clock_and_both_sides_have_it(void **fixture)
{
    story *s = *fixture;
    it_is_disputed(s);
    then_refused(record_outcome(s, "mona"), MASH__V1__ACT_CODE__ACT_REFUSED, "open");
    it_is_settled(s);

    then_done(record_outcome(s, "mona"));

    assert_int_equal(fact(s, FACT_CLOCK_STOPPED, 0)->clock_stopped->cause, MASH__V1__STOP_CAUSE__STOP_CAUSE_MET);
    assert_int_equal(told_of_it(s, "front-door"), 1);
    assert_int_equal(told_of_it(s, "other-door"), 1);
}

static void an_outcome_nobody_writes_is_told_to_both_sides_and_their_managers(void **fixture)
{
    story *s = *fixture;
    it_is_disputed(s);
    it_is_settled(s);

    tick_until_lapsed(s, 3 * DAY_MS, MASH__V1__CLOCK_PURPOSE__CLOCK_PURPOSE_OUTCOME);

    assert_int_equal(facts(s, FACT_DELIVERED), 3);
}

/* ---- again ----------------------------------------------------------------------------------------------------------------- */
/* What is new has not been heard at the first stage; whoever cannot wait for it jumps. */
static void new_information_takes_a_closed_one_up_again_from_the_first_stage(void **fixture)
{
    story *s = *fixture;
    it_is_disputed(s);
    then_done(refer(s, "anna", 0, "our managers should speak"));
    it_is_settled(s);
    uint32_t version = core_disagreements_at(s->state, 1)->version;

    const Mash__V1__ActReply *reply = dispute(s, (dispute_said){.by = "olga", .again = "D1"});

    then_done(reply);
    assert_int_equal(reply->number, 1);
    assert_true(opened(s)->again);
    assert_int_equal(opened(s)->stage, 1);
    assert_int_equal(opened(s)->team,
                     core_team_number(s->state, "other-team")); /* who takes it up is the side that disagrees now */
    assert_int_equal(fact(s, FACT_CLOCK_STOPPED, 0)->clock_stopped->cause,
                     MASH__V1__STOP_CAUSE__STOP_CAUSE_REPLACED); /* the outcome's */
    assert_int_equal(core_disagreements_at(s->state, 1)->version, version + 1);
    then_done(respond(s, "anna"));
    assert_int_equal(fact(s, FACT_CLOCK_STOPPED, 0)->clock_stopped->cause, MASH__V1__STOP_CAUSE__STOP_CAUSE_MET);
}

static void only_a_closed_one_of_this_alert_is_taken_up_again_and_by_its_sides(void **fixture)
{
    story *s = *fixture;
    it_is_disputed(s);
    then_done(ask(s, "mona", "health", 0));
    then_refused(dispute(s, (dispute_said){.by = "olga", .again = "D1"}), MASH__V1__ACT_CODE__ACT_REFUSED, "open");
    then_refused(dispute(s, (dispute_said){.by = "olga", .again = "D9"}), MASH__V1__ACT_CODE__ACT_REFUSED, "no such");
    it_is_settled(s);

    then_refused(dispute(s, (dispute_said){.by = "hana", .again = "D1"}), MASH__V1__ACT_CODE__ACT_NOT_ALLOWED, "either side");
    then_refused(dispute(s, (dispute_said){.by = "olga", .again = "D1", .with = "duty-team"}), MASH__V1__ACT_CODE__ACT_REFUSED,
                 "other teams");
}

/* ---- another policy meanwhile ---------------------------------------------------------------------------------------------- */
static void a_new_policy_keeps_it_at_the_stage_of_the_same_number(void **fixture)
{
    story *s = *fixture;
    it_is_disputed(s);
    adopt_ladder_without_rethink(s);

    assert_int_equal(tick_until_moved(s, 3 * DAY_MS), 1);

    assert_int_equal(stage_moved(s, 0)->policy, 2);
    assert_int_equal(stage_moved(s, 0)->stage, 1); /* position of stage 2 in the new ladder */
    then_done(respond(s, "otto"));
}

static void a_policy_without_any_ladder_leaves_it_open_with_an_alarm_and_both_can_settle(void **fixture)
{
    story *s = *fixture;
    it_is_disputed(s);
    adopt_no_ladder(s);

    tick_until_lapsed(s, 3 * DAY_MS, MASH__V1__CLOCK_PURPOSE__CLOCK_PURPOSE_STAGE);

    assert_true(alarmed(s, MASH__V1__ALARM_KIND__ALARM_KIND_LADDER_ENDED));
    assert_string_equal(fact(s, FACT_ALARM_RAISED, 0)->alarm_raised->area,
                        "E10000014"); /* where the alert lives, and nowhere else */
    then_refused(refer(s, "anna", 0, "up"), MASH__V1__ACT_CODE__ACT_REFUSED, "no ladder");
    then_done(settle(s, "anna", false));
    then_done(settle(s, "otto", false));
    assert_int_equal(facts(s, FACT_DISAGREEMENT_CLOSED), 1);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, story_begin, story_end)
    const struct CMUnitTest tests[] = {
        T(a_stage_that_is_not_resolved_in_time_moves_up_by_itself),
        T(either_side_gives_a_stage_another_time_with_a_reason),
        T(what_was_to_be_acknowledged_is_over_when_a_lapse_leaves_the_stage),
        T(a_lapse_tells_each_side_and_the_managers_once),
        T(after_an_outage_one_stage_is_left_and_the_next_has_its_whole_time),
        T(two_working_days_over_christmas_end_on_the_wednesday_after),
        T(urgent_on_a_friday_night_does_not_wait_for_monday),
        T(a_jump_needs_a_reason_and_says_that_it_was_one),
        T(it_never_goes_down_nor_past_the_last_stage),
        T(a_stage_with_nobody_on_one_side_is_left_out_at_once_with_an_alarm),
        T(a_stage_whose_only_speaker_is_a_party_is_left_out),
        T(on_a_restricted_alert_only_cleared_roles_count),
        T(who_manages_a_side_speaks_for_it),
        T(the_first_stage_may_be_the_one_with_nobody),
        T(the_last_stage_cannot_be_left_out),
        T(after_the_last_stage_there_is_an_alarm_and_it_stays_open),
        T(the_boards_office_is_copied_from_its_stage_on_and_not_before),
        T(it_is_closed_when_both_sides_have_settled),
        T(one_side_alone_does_not_close_it_however_often_it_settles),
        T(a_new_position_undoes_what_one_side_had_settled),
        T(only_a_stage_that_decides_is_closed_by_one_person_in_its_role),
        T(who_stands_on_both_sides_decides_and_does_not_settle_for_either),
        T(the_written_outcome_meets_its_clock_and_both_sides_have_it),
        T(an_outcome_nobody_writes_is_told_to_both_sides_and_their_managers),
        T(new_information_takes_a_closed_one_up_again_from_the_first_stage),
        T(only_a_closed_one_of_this_alert_is_taken_up_again_and_by_its_sides),
        T(a_new_policy_keeps_it_at_the_stage_of_the_same_number),
        T(a_policy_without_any_ladder_leaves_it_open_with_an_alarm_and_both_can_settle),
    };
    return cmocka_run_group_tests_name("disagreement stages", tests, NULL, NULL);
}
