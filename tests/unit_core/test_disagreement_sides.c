/* What each side reads of a disagreement. A position that the other side may not read answers nothing; so what is written on it goes to
 * both, whatever their lists, also to who joins at a later stage - and to nobody else. */
#include <string.h>

#include "core/state.h"
#include "story_disagreement.h"

#define FORBIDDEN MASH__V1__ACT_CODE__ACT_NOT_ALLOWED
enum { HEALTH_NOTICES = 4 }; /* position in story.c's tables */

/* Health is an agency, and its list has no words; henry speaks for it at stage 1, hugo at the last. */
static story *health_disagrees(void **fixture)
{
    story *s = *fixture;
    s->policy->queues[HEALTH_NOTICES].is_agency = true;
    give_row(s, "henry", "practitioner");
    give_row(s, "hana", "team-manager");
    two_doors_have_it(s);
    then_done(ask(s, "mona", "health", 0));
    then_done(dispute(s, (dispute_said){.by = "henry", .with = "other-team", .position = "the burn is not an accident"}));
    return s;
}

/* ---- words ----------------------------------------------------------------------------------------------------------------- */
/* G6. Whose words are not read is not answered. */
static void an_agency_and_the_door_it_disagrees_with_read_each_other_word_for_word(void **fixture)
{
    story *s = health_disagrees(fixture);
    assert_string_equal(delivery_to(s, "other-door")->act->words, "the burn is not an accident");
    assert_string_equal(delivery_to(s, "health-notices")->act->words, "the burn is not an accident");

    then_done(respond(s, "olga"));

    const Mash__V1__Delivery *delivery = delivery_to(s, "health-notices");
    assert_string_equal(delivery->act->words, "the paediatrician has seen the child and disagrees");
    assert_int_equal(delivery->n_withheld, 0);
    assert_string_equal(delivery->act->who, ""); /* who, its list does not have */
    assert_int_equal(delivery->alert->rating, 0);
}

static void what_was_agreed_and_the_written_outcome_go_to_both_too(void **fixture)
{
    story *s = health_disagrees(fixture);

    then_done(settle(s, "olga", false));
    assert_string_equal(delivery_to(s, "health-notices")->act->words, "a joint visit this week");
    then_done(settle(s, "henry", false));
    then_done(record_outcome(s, "olga"));

    assert_non_null(strstr(delivery_to(s, "health-notices")->act->words, "learning: ask for the paediatrician's letter"));
}

/* Explain is the same filter as the delivery. */
static void who_asks_why_at_the_agency_reads_the_other_sides_position_too(void **fixture)
{
    story *s = health_disagrees(fixture);
    uint32_t agency = reader(s, "health-desk", MASH__V1__PEER_KIND__PEER_KIND_CONSUMER, "health-notices");
    then_done(respond(s, "olga"));
    core_record record = last_record(s);
    core_view view = core_view_of(s->state, agency, &record);

    assert_true(core_view_acts_words(&view));
    assert_false(core_view_acts_who(&view));
}

/* A list of records tells no more than they did: which alert it is, and not how that stands. */
static void neither_the_agency_nor_who_is_copied_reads_the_rating_in_a_list_of_records(void **fixture)
{
    story *s = health_disagrees(fixture);
    uint32_t agency = reader(s, "health-desk", MASH__V1__PEER_KIND__PEER_KIND_CONSUMER, "health-notices");
    uint32_t door = reader(s, "other-desk", MASH__V1__PEER_KIND__PEER_KIND_CONSUMER, "other-door");
    uint32_t office = reader(s, "office-desk", MASH__V1__PEER_KIND__PEER_KIND_CONSUMER, "duty");
    then_done(refer(s, "henry", 2, "it cannot wait")); /* the board's office, at duty, is copied from here on */
    core_record referred = kept_record(s);
    tick_until_lapsed(s, 30 * DAY_MS, MASH__V1__CLOCK_PURPOSE__CLOCK_PURPOSE_STAGE);
    core_record lapse = kept_record(s);

    assert_int_equal(delivery_of(s, &referred, "duty")->alert->rating, 0);
    assert_int_equal(tailed_of(s, &referred, agency)->rating, 0);
    assert_int_equal(tailed_of(s, &lapse, agency)->rating, 0);
    assert_int_equal(tailed_of(s, &referred, office)->rating, 0);
    assert_int_not_equal(tailed_of(s, &referred, door)->rating, 0);
}

/* Elsewhere its list holds: what the teams write on the alert is not for it. */
static void what_is_written_on_the_alert_is_not_for_the_agency(void **fixture)
{
    story *s = health_disagrees(fixture);

    then_done(act(s, (act_said){.by = "anna", .what = MASH__V1__ACT__WHAT_CLAIM, .reason = "I know the family"}));

    assert_null(delivery_to(s, "health-notices"));
}

/* ---- who joins later ------------------------------------------------------------------------------------------------------- */
static void a_queue_that_joins_at_a_later_stage_is_told_both_positions_again(void **fixture)
{
    story *s = *fixture;
    leave_roster(s, "mona");
    leave_roster(s, "otto");
    give_row(s, "dora", "team-manager"); /* the managers of both doors are a team of their own, at duty */
    two_doors_have_it(s);
    then_done(dispute(s, (dispute_said){.by = "anna", .with = "other-team", .position = "she is not safe at home"}));
    core_record first = kept_act(s);
    int64_t first_ms = s->now_ms;
    s->now_ms += HOUR_MS;
    then_done(respond(s, "olga"));
    core_record second = kept_act(s);

    then_done(refer(s, "anna", 0, "our managers should speak"));

    const Mash__V1__Delivery *delivery = told_again(s, "duty", &first);
    assert_non_null(delivery);
    assert_string_equal(delivery->act->words, "she is not safe at home");
    assert_string_equal(delivery->act->team, "front-team");
    assert_string_equal(delivery->act->plain, "disagreed with it");
    assert_string_equal(delivery->act->item, "D1");
    assert_true(delivery->act->at_ms == first_ms);
    assert_string_equal(told_again(s, "duty", &second)->act->words, "the paediatrician has seen the child and disagrees");
    assert_null(told_again(s, "front-door", &first)); /* it has had them */
    assert_int_equal(told_of_it(s, "duty"), 1);
}

static void positions_are_told_again_once(void **fixture)
{
    story *s = *fixture;
    leave_roster(s, "mona");
    leave_roster(s, "otto");
    give_row(s, "dora", "team-manager");
    it_is_disputed(s);
    core_record first = kept_act(s);
    then_done(refer(s, "anna", 0, "our managers should speak"));
    assert_non_null(told_again(s, "duty", &first));

    then_done(respond(s, "olga"));

    assert_null(told_again(s, "duty", &first));
    assert_int_equal(told_of_it(s, "duty"), 1);
}

/* Erased is erased: who joins later learns that there was a position, and by whom. */
static void a_position_that_was_erased_meanwhile_is_told_without_its_words(void **fixture)
{
    story *s = *fixture;
    leave_roster(s, "mona");
    leave_roster(s, "otto");
    give_row(s, "dora", "team-manager");
    it_is_disputed(s);
    core_record erased = {.sequence = core_sequence(s->state)};

    then_done(refer(s, "anna", 0, "our managers should speak"));

    assert_string_equal(told_again(s, "duty", &erased)->act->words, "");
    assert_string_equal(told_again(s, "duty", &erased)->act->team, "front-team");
}

static void who_speaks_for_a_side_has_a_voice_in_it_and_does_not_work_the_alert(void **fixture)
{
    story *s = *fixture;
    leave_roster(s, "mona");
    leave_roster(s, "otto");
    give_row(s, "dora", "team-manager");
    it_is_disputed(s);
    then_done(refer(s, "anna", 0, "our managers should speak"));

    then_refused(claim(s, "dora"), FORBIDDEN, "claim");
    then_done(refer(s, "dora", 0, "I am above both"));
}

/* ---- copies ---------------------------------------------------------------------------------------------------------------- */
static void the_boards_office_is_told_which_where_and_how_far(void **fixture)
{
    story *s = *fixture;
    the_board_has_a_queue_of_its_own(s);
    it_is_disputed(s);

    then_done(refer(s, "anna", 0, "our managers should speak"));

    const Mash__V1__Delivery *copy = delivery_to(s, "out-of-hours");
    assert_string_equal(copy->alert->alert_id, "A1");
    assert_int_equal(copy->alert->rating, 0);
    assert_int_equal(copy->alert->n_clocks, 0);
    assert_string_equal(copy->alert->owner, "");
    assert_int_equal(copy->disagreement->stage, 2);
    assert_string_equal(copy->disagreement->team, "front-team");
}

/* A copy is no part: otherwise the office would be sent every act on the alert from then on, and its `seen` would be the team's. */
static void the_boards_office_has_no_part_in_the_alert(void **fixture)
{
    story *s = *fixture;
    the_board_has_a_queue_of_its_own(s);
    it_is_disputed(s);
    then_done(refer(s, "anna", 0, "our managers should speak"));

    then_refused(seen(s, "nick", "A1"), FORBIDDEN, "seen");
    assert_int_equal(core_alerts_at(s->state, 1)->seen, 0);
    then_done(claim(s, "olga"));
    assert_false(told(s, "out-of-hours"));
    then_done(rate(s, "olga", MASH__V1__RATING__RATING_GREEN));
    assert_false(told(s, "out-of-hours"));
    until(s, s->now_ms + 3 * HOUR_MS); /* the claim expires */
    assert_int_equal(core_alerts_at(s->state, 1)->owner, 0);
    assert_int_equal(core_queue_total(s->state, core_queue_number(s->state, "out-of-hours")), 1);
}

/* ---- notes ----------------------------------------------------------------------------------------------------------------- */
static void a_note_on_it_goes_to_both_sides_and_to_no_third_team(void **fixture)
{
    story *s = health_disagrees(fixture);
    Mash__V1__Note body = MASH__V1__NOTE__INIT;
    body.text = (char *)(uintptr_t) "the visit is on Thursday";

    then_done(act(s, (act_said){.by = "olga", .item = "D1", .version = -1, .what = MASH__V1__ACT__WHAT_NOTE, .body = &body}));

    assert_string_equal(delivery_to(s, "health-notices")->act->words, "the visit is on Thursday");
    assert_string_equal(delivery_to(s, "other-door")->act->words, "the visit is on Thursday");
    assert_false(told(s, "front-door")); /* it has the alert, and no part in this */
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, story_begin, story_end)
    const struct CMUnitTest tests[] = {
        T(an_agency_and_the_door_it_disagrees_with_read_each_other_word_for_word),
        T(what_was_agreed_and_the_written_outcome_go_to_both_too),
        T(who_asks_why_at_the_agency_reads_the_other_sides_position_too),
        T(neither_the_agency_nor_who_is_copied_reads_the_rating_in_a_list_of_records),
        T(what_is_written_on_the_alert_is_not_for_the_agency),
        T(a_queue_that_joins_at_a_later_stage_is_told_both_positions_again),
        T(positions_are_told_again_once),
        T(a_position_that_was_erased_meanwhile_is_told_without_its_words),
        T(who_speaks_for_a_side_has_a_voice_in_it_and_does_not_work_the_alert),
        T(the_boards_office_is_told_which_where_and_how_far),
        T(the_boards_office_has_no_part_in_the_alert),
        T(a_note_on_it_goes_to_both_sides_and_to_no_third_team),
    };
    return cmocka_run_group_tests_name("disagreement sides", tests, NULL, NULL);
}
