/* What people read of a disagreement: where it stands, who speaks, until when, and how it came there. */
#include <string.h>

#include "core/disagreement.h"
#include "story_disagreement.h"

static Mash__V1__DisagreementView *view(story *s)
{
    Mash__V1__DisagreementView *out = hub_arena_take(&s->kept, sizeof *out);
    assert_non_null(out);
    assert_int_equal(core_disagreement_view(s->state, 1, &s->kept, out), HUB_OK);
    return out;
}

static core_disagreement_lines course(story *s)
{
    core_disagreement_lines lines;
    assert_int_equal(core_disagreement_tell(s->state, 1, &s->kept, &lines), HUB_OK);
    return lines;
}

static void a_view_says_where_it_stands_who_speaks_and_until_when(void **fixture)
{
    story *s = *fixture;
    it_is_disputed(s);

    const Mash__V1__DisagreementView *seen_as = view(s);

    assert_string_equal(seen_as->disagreement, "D1");
    assert_int_equal(seen_as->stage, 1);
    assert_string_equal(seen_as->plain, "practitioner to practitioner");
    assert_string_equal(seen_as->lane, "standard");
    assert_string_equal(seen_as->state, "open");
    assert_string_equal(seen_as->cause, "it began here");
    assert_string_equal(seen_as->team, "front-team");
    assert_string_equal(seen_as->with_team, "other-team");
    assert_int_equal(seen_as->due_ms, MONDAY_10_00 + 2 * DAY_MS + 7 * HOUR_MS);
    assert_int_equal(seen_as->version, 1);
    assert_int_equal(seen_as->n_told, 3);
    assert_string_equal(seen_as->told[0], "anna");
    assert_string_equal(seen_as->told[1], "bob");
    assert_string_equal(seen_as->told[2], "olga");
    assert_non_null(strstr(seen_as->danger, "999"));
}

static void a_view_after_a_lapse_says_why_it_is_there(void **fixture)
{
    story *s = *fixture;
    leave_roster(s, "otto");
    it_is_disputed(s);
    assert_int_equal(tick_until_moved(s, 3 * DAY_MS), 1);

    const Mash__V1__DisagreementView *seen_as = view(s);

    assert_int_equal(seen_as->stage, 3);
    assert_string_equal(seen_as->cause, "the stage before was not resolved in time; a stage was left out, as on one side nobody "
                                        "holds its role");
    assert_int_equal(seen_as->n_told, 2);
    assert_string_equal(seen_as->told[0], "dina");
    assert_string_equal(seen_as->told[1], "olaf");
}

static void a_closed_one_is_due_no_more_and_nobody_speaks(void **fixture)
{
    story *s = *fixture;
    it_is_disputed(s);
    it_is_settled(s);

    const Mash__V1__DisagreementView *seen_as = view(s);

    assert_string_equal(seen_as->state, "closed");
    assert_int_equal(seen_as->due_ms, 0);
    assert_int_equal(seen_as->n_told, 0);
}

static void its_course_is_told_in_the_order_in_which_it_came(void **fixture)
{
    story *s = *fixture;
    it_is_disputed(s);
    then_done(settle(s, "anna", false));
    assert_int_equal(tick_until_moved(s, 2 * DAY_MS + 7 * HOUR_MS), 1);
    then_done(refer(s, "otto", 3, "the child comes home tomorrow"));
    then_done(settle(s, "olaf", false));

    core_disagreement_lines lines = course(s);

    assert_int_equal(lines.count, 7);
    assert_string_equal(lines.items[0], "D1, about A1: front-team disagrees with other-team; ladder D-CHILDREN, standard lane.");
    assert_string_equal(lines.items[1], "Mon 8 Jun 2026 10:00 BST: anna (front-team) disagreed with it.");
    assert_string_equal(lines.items[2], "Mon 8 Jun 2026 10:00 BST: anna (front-team) settled.");
    assert_string_equal(lines.items[3],
                        "Wed 10 Jun 2026 17:00 BST: the hub took it up: now stage 2, because the stage before was "
                        "not resolved in time.");
    assert_string_equal(lines.items[4],
                        "Wed 10 Jun 2026 17:00 BST: otto (other-team) took it up: now stage 3, because a side took it up.");
    assert_string_equal(lines.items[5], "Wed 10 Jun 2026 17:00 BST: olaf (other-team) settled.");
    assert_string_equal(lines.items[6],
                        "It is at stage 3 (directors), to be resolved by Wed 24 Jun 2026 17:00 BST; other-team has settled.");
}

/* What anybody wrote stays in the sealed parts of the records: lines are shown to people who may not read it. */
static void its_course_holds_no_word_that_anybody_wrote(void **fixture)
{
    story *s = *fixture;
    it_is_disputed(s);
    then_done(refer(s, "anna", 0, "the mother's name is secret"));

    core_disagreement_lines lines = course(s);

    assert_int_equal(lines.count, 4);
    assert_null(strstr(lines.items[1], "bruises"));
    assert_null(strstr(lines.items[2], "secret"));
}

/* ---- delivered ------------------------------------------------------------------------------------------------------------- */
static void a_delivery_holds_the_disagreement_as_it_stands(void **fixture)
{
    story *s = *fixture;
    it_is_disputed(s);

    const Mash__V1__Delivery *delivery = delivery_to(s, "front-door");

    assert_int_equal(delivery->kind, MASH__V1__DELIVERY_KIND__DELIVERY_KIND_DISAGREEMENT);
    assert_non_null(delivery->disagreement);
    assert_string_equal(delivery->disagreement->disagreement, "D1");
    assert_non_null(strstr(delivery->disagreement->danger, "999"));
    assert_int_equal(delivery->disagreement->n_told, 3);
}

/* The hub keeps both sides' words as they were written, and shows them only where the audience's list has them. */
static void a_position_is_kept_word_for_word_and_withheld_by_name(void **fixture)
{
    story *s = *fixture;
    it_is_disputed(s);
    then_done(refer(s, "anna", 0, "our managers should speak")); /* the board's office is copied */
    const char *position = "Ben's arm: \"fell\" - nobody saw it. Wir glauben das nicht.";
    Mash__V1__Respond body = MASH__V1__RESPOND__INIT;
    body.position = (char *)(uintptr_t)position;
    then_done(act(s, (act_said){.by = "olga", .item = "D1", .what = MASH__V1__ACT__WHAT_RESPOND, .body = &body}));

    Mash__V1__Act *kept = mash__v1__act__unpack(NULL, s->decision.personal->act.len, s->decision.personal->act.data);
    assert_non_null(kept);
    assert_string_equal(kept->respond->position, position);
    mash__v1__act__free_unpacked(kept, NULL);
    assert_string_equal(delivery_to(s, "front-door")->act->words, position);
    const Mash__V1__Delivery *delivery = delivery_to(s, "duty");
    assert_string_equal(delivery->act->words, "");
    assert_string_equal(delivery->withheld[0], "act.words");
}

static void an_audience_that_is_not_told_who_acts_is_not_told_who_speaks(void **fixture)
{
    story *s = *fixture;
    it_is_disputed(s);
    then_done(refer(s, "anna", 0, "our managers should speak"));

    const Mash__V1__Delivery *delivery = delivery_to(s, "duty"); /* the board's office */

    assert_int_equal(delivery->disagreement->stage, 2);
    assert_int_equal(delivery->disagreement->n_told, 0);
}

/* In one tick somebody's claim on another alert expires, and this disagreement moves up. */
static void a_delivery_tells_of_the_act_on_its_own_alert_and_of_no_other(void **fixture)
{
    story *s = *fixture;
    it_is_disputed(s);
    publish(s, (event_said){.number = 2, .people = {{.role = CHILD, .nhs = NHS_BEN}}});
    assert_int_equal(tick_until_moved(s, 2 * DAY_MS + 4 * HOUR_MS), 0); /* Wednesday 14:00 */
    then_done(act(s, (act_said){.by = "bob", .item = "A2", .what = MASH__V1__ACT__WHAT_CLAIM}));
    assert_int_equal(tick_until_moved(s, 4 * HOUR_MS), 1);
    assert_int_equal(facts(s, 90), 2);

    const Mash__V1__Delivery *delivery = delivery_to(s, "other-door");

    assert_string_equal(delivery->act->item, "D1");
    assert_string_equal(delivery->act->plain, "took it up");
    assert_int_equal(delivery->disagreement->stage, 2);
    assert_non_null(delivery->lapsed);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, story_begin, story_end)
    const struct CMUnitTest tests[] = {
        T(a_view_says_where_it_stands_who_speaks_and_until_when),
        T(a_view_after_a_lapse_says_why_it_is_there),
        T(a_closed_one_is_due_no_more_and_nobody_speaks),
        T(its_course_is_told_in_the_order_in_which_it_came),
        T(its_course_holds_no_word_that_anybody_wrote),
        T(a_delivery_holds_the_disagreement_as_it_stands),
        T(a_position_is_kept_word_for_word_and_withheld_by_name),
        T(an_audience_that_is_not_told_who_acts_is_not_told_who_speaks),
        T(a_delivery_tells_of_the_act_on_its_own_alert_and_of_no_other),
    };
    return cmocka_run_group_tests_name("disagreement view", tests, NULL, NULL);
}
