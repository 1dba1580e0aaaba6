/* What people read of a disagreement: where it stands, who speaks, until when, and why it is there. */
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
        T(a_delivery_holds_the_disagreement_as_it_stands),
        T(a_position_is_kept_word_for_word_and_withheld_by_name),
        T(an_audience_that_is_not_told_who_acts_is_not_told_who_speaks),
        T(a_delivery_tells_of_the_act_on_its_own_alert_and_of_no_other),
    };
    return cmocka_run_group_tests_name("disagreement view", tests, NULL, NULL);
}
