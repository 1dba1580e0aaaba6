/* Who has left the roster, or the team, does not come back to what they had claimed. Nobody is to wait for a claim to expire that nobody
 * works on: what a leaver owned is given back on the day, and when a policy is adopted that does not have them any more. */
#include <string.h>

#include "core/state.h"
#include "story_acts.h"

#define WEDNESDAY core_civil_day(2026, 6, 10)
enum { HEALTH_NOTICES = 4 }; /* position in story.c's tables */

static const core_alert_row *alert(const story *s)
{
    return core_alerts_at(s->state, 1);
}

/* A new policy; in it every row of this person ends on `until_day`. */
static void adopt_roster_without(story *s, const char *id, int32_t until_day)
{
    size_t size = s->policy->staff_count * sizeof *s->policy->staff;
    core_staff_row *rows = hub_arena_copy(&s->kept, (const char *)s->policy->staff, size);
    core_policy *again = hub_arena_copy(&s->kept, (const char *)s->policy, sizeof *again);
    assert_non_null(rows);
    assert_non_null(again);
    for (uint32_t i = 0; i < again->staff_count; i++) {
        if (strcmp(rows[i].id, id) == 0) rows[i].effective.until_day = until_day;
    }
    again->staff = rows;
    again->digest[0]++;
    Mash__V1__AdoptPolicy sources = MASH__V1__ADOPT_POLICY__INIT;
    core_reply reply = command(s, (core_command){.kind = CORE_ADOPT_POLICY, .peer = 1, .of.adopt = {again, &sources}});
    assert_int_equal(reply.command, MASH__V1__COMMAND_CODE__COMMAND_DONE);
}

static void no_claim_expires(story *s)
{
    for (int i = 0; i < 5; i++)
        s->policy->ratings[i].claim = -1;
}

static void anna_owns_it(story *s)
{
    publish(s, (event_said){.number = 1, .grade = HIGH});
    then_done(claim(s, "anna"));
}

/* ---- a policy is adopted --------------------------------------------------------------------------------------------------- */
static void what_somebody_owned_who_is_not_on_the_new_roster_is_given_back_at_once(void **fixture)
{
    story *s = *fixture;
    anna_owns_it(s);

    adopt_roster_without(s, "anna", 1);
    assert_true(core_count(s->state).next_due_ms <= s->now_ms);
    tick_after(s, 0);

    assert_int_equal(alert(s)->owner, 0);
    assert_int_equal(fact(s, FACT_OWNER_CHANGED, 0)->owner_changed->cause, MASH__V1__OWNER_CAUSE__OWNER_CAUSE_LEFT);
    assert_int_equal(fact(s, FACT_ACTED, 0)->acted->staff, 0);
    assert_int_equal(fact(s, FACT_ACTED, 0)->acted->version, 2);
    assert_int_equal(stopped(s, "claim")->cause, MASH__V1__STOP_CAUSE__STOP_CAUSE_REPLACED);
    assert_int_equal(started(s, "E-RED/1")->due_ms, s->now_ms + 15 * MINUTE_MS);
    assert_true(told(s, "front-door"));
    assert_string_equal(delivery_to(s, "front-door")->act->plain,
                        "gave it back, because its owner has left the roster or the team");
    then_done(claim(s, "bob"));
}

static void what_others_own_stays_theirs(void **fixture)
{
    story *s = *fixture;
    anna_owns_it(s);

    adopt_roster_without(s, "bob", 1);
    tick_after(s, 0);

    assert_int_equal(alert(s)->owner, 1);
    assert_int_equal(facts(s, FACT_OWNER_CHANGED), 0);
    assert_int_equal(tick_after(s, 0), 0);
    assert_false(recorded(s)); /* it was looked through once */
}

static void before_there_is_any_alert_nothing_is_looked_through(void **fixture)
{
    story *s = *fixture;

    adopt_roster_without(s, "anna", 1);

    assert_int_equal(core_count(s->state).next_due_ms, 0);
}

/* ---- a day passes ---------------------------------------------------------------------------------------------------------- */
static void on_the_day_on_which_a_row_ends_its_claims_return_by_themselves(void **fixture)
{
    story *s = *fixture;
    no_claim_expires(s);
    adopt_roster_without(s, "anna", WEDNESDAY);
    publish(s, (event_said){.number = 1});
    then_done(claim(s, "anna"));
    int64_t midnight_ms = london(s, 2026, 6, 10, 0, 0);
    until(s, midnight_ms - 1);
    assert_int_equal(alert(s)->owner, 1);
    assert_true(core_count(s->state).next_due_ms == midnight_ms);

    tick_after(s, 1);

    assert_int_equal(alert(s)->owner, 0);
    assert_int_equal(fact(s, FACT_OWNER_CHANGED, 0)->owner_changed->cause, MASH__V1__OWNER_CAUSE__OWNER_CAUSE_LEFT);
}

static void a_machine_that_was_away_on_that_day_does_it_when_it_is_back(void **fixture)
{
    story *s = *fixture;
    no_claim_expires(s);
    adopt_roster_without(s, "anna", WEDNESDAY);
    publish(s, (event_said){.number = 1});
    then_done(claim(s, "anna"));

    until(s, london(s, 2026, 6, 20, 12, 0));
    tick_after(s, 0);

    assert_int_equal(alert(s)->owner, 0);
}

/* Hub time had run ahead: what was looked through on a day that has not been is looked through again. */
static void after_hub_time_was_taken_back_the_roster_is_looked_through_again(void **fixture)
{
    story *s = *fixture;
    no_claim_expires(s);
    adopt_roster_without(s, "anna", WEDNESDAY);
    publish(s, (event_said){.number = 1});
    until(s, london(s, 2026, 6, 11, 12, 0));
    tick_after(s, 0);
    core_command back = {.kind = CORE_CORRECT_TIME};
    back.of.time.delta_ms = -3 * DAY_MS;
    back.of.time.cause = MASH__V1__TIME_CAUSE__TIME_CAUSE_WRONG_CLOCK;
    back.of.time.is_needed = true;
    (void)command(s, back);
    s->now_ms -= 3 * DAY_MS;
    then_done(claim(s, "anna"));

    until(s, london(s, 2026, 6, 10, 0, 0));
    tick_after(s, 0);

    assert_int_equal(alert(s)->owner, 0);
}

/* ---- who has left ---------------------------------------------------------------------------------------------------------- */
static void who_moves_to_a_team_that_does_not_work_it_has_left_it_too(void **fixture)
{
    story *s = *fixture;
    anna_owns_it(s);
    core_staff_row *row = (core_staff_row *)(uintptr_t)core_policy_staff(s->policy, "anna", 20000);
    row->team = 1; /* the other door */
    adopt_again(s);

    tick_after(s, 0);

    assert_int_equal(alert(s)->owner, 0);
}

static void who_moves_to_another_team_that_works_it_keeps_it(void **fixture)
{
    story *s = *fixture;
    anna_owns_it(s);
    then_done(reassign(s, "mona", "other-door"));
    then_done(claim(s, "anna"));
    core_staff_row *row = (core_staff_row *)(uintptr_t)core_policy_staff(s->policy, "anna", 20000);
    row->team = 1;
    adopt_again(s);

    tick_after(s, 0);

    assert_int_equal(alert(s)->owner, 1);
}

/* A hold needs an owner. */
static void a_hold_of_somebody_who_has_left_ends_and_its_clocks_go_on(void **fixture)
{
    story *s = *fixture;
    anna_owns_it(s);
    then_done(hold_by_two(s, "anna", s->now_ms + DAY_MS, "bob"));
    s->now_ms += HOUR_MS;
    adopt_roster_without(s, "anna", 1);

    tick_after(s, 0);

    assert_int_equal(alert(s)->held_ms, 0);
    assert_int_equal(due_of(s, 1, "red_decision"), MONDAY_10_00 + 5 * HOUR_MS);
    assert_int_equal(going_on(s, 1, "hold"), 0);
    assert_int_equal(going_on(s, 1, "claim"), 0);
}

static void who_was_asked_to_take_it_is_still_asked(void **fixture)
{
    story *s = *fixture;
    anna_owns_it(s);
    then_done(hand_over(s, "anna", "bob"));
    adopt_roster_without(s, "anna", 1);

    tick_after(s, 0);

    assert_int_equal(alert(s)->offered, 2);
}

static void an_ended_alert_keeps_who_owned_it(void **fixture)
{
    story *s = *fixture;
    anna_owns_it(s);
    then_done(decide_line(s, "anna", 1, "section_47"));
    adopt_roster_without(s, "anna", 1);

    tick_after(s, 0);

    assert_int_equal(facts(s, FACT_OWNER_CHANGED), 0);
}

/* One decision has so many facts and no more: the rest follows in the next ticks, and nothing is left out. */
static void a_leaver_with_very_many_alerts_gives_all_of_them_back(void **fixture)
{
    enum { MANY = 800 };
    story *s = *fixture;
    for (int i = 1; i <= MANY; i++) {
        char nhs[16], item[16];
        (void)hub_format(nhs, sizeof nhs, "case-%d", i);
        publish(s, (event_said){.number = i, .grade = HIGH, .people = {{.role = CHILD, .local = nhs}}});
        (void)hub_format(item, sizeof item, "A%d", i);
        then_done(act(s, (act_said){.by = "anna", .item = item, .what = MASH__V1__ACT__WHAT_CLAIM}));
    }
    assert_int_equal(core_alert_count(s->state), MANY);
    adopt_roster_without(s, "anna", 1);

    uint32_t ticks = 0;
    while (core_count(s->state).next_due_ms <= s->now_ms && ticks < 50) {
        tick_after(s, 0);
        ticks++;
    }

    uint32_t owned = 0;
    for (uint32_t at = 1; at <= MANY; at++)
        owned += core_alerts_at(s->state, at)->owner != 0;
    assert_int_equal(owned, 0);
    assert_in_range(ticks, 2, 49);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, story_begin_with_ladders, story_end)
    const struct CMUnitTest tests[] = {
        T(what_somebody_owned_who_is_not_on_the_new_roster_is_given_back_at_once),
        T(what_others_own_stays_theirs),
        T(before_there_is_any_alert_nothing_is_looked_through),
        T(on_the_day_on_which_a_row_ends_its_claims_return_by_themselves),
        T(a_machine_that_was_away_on_that_day_does_it_when_it_is_back),
        T(after_hub_time_was_taken_back_the_roster_is_looked_through_again),
        T(who_moves_to_a_team_that_does_not_work_it_has_left_it_too),
        T(who_moves_to_another_team_that_works_it_keeps_it),
        T(a_hold_of_somebody_who_has_left_ends_and_its_clocks_go_on),
        T(who_was_asked_to_take_it_is_still_asked),
        T(an_ended_alert_keeps_who_owned_it),
        T(a_leaver_with_very_many_alerts_gives_all_of_them_back),
    };
    return cmocka_run_group_tests_name("leavers", tests, NULL, NULL);
}
