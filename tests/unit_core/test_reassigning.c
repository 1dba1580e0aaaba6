/* Sent to another team, signed off a list, not shared, a party in it. Whatever happens to an alert, somebody named did it. */
#include "story_acts.h"

#include "core/sharing.h"

#include <string.h>

#define RED MASH__V1__RATING__RATING_RED
#define AMBER MASH__V1__RATING__RATING_AMBER
#define BLUE MASH__V1__RATING__RATING_BLUE
#define DONE_REPLACED MASH__V1__STOP_CAUSE__STOP_CAUSE_REPLACED
#define REFUSED_ACT MASH__V1__ACT_CODE__ACT_REFUSED

enum { ANNE = 1, BEN = 2, OLGA = 4 };

/* ---- reassign -------------------------------------------------------------------------------------------------------------- */
static void an_alert_is_sent_to_a_team_and_not_to_an_agency(void **fixture)
{
    story *s = *fixture;
    s->policy->queues[4].is_agency = true; /* health-notices */
    publish(s, (event_said){.number = 1});

    then_refused(reassign(s, "mona", "health-notices"), REFUSED_ACT, "agency");
    then_refused(reassign(s, "mona", "no-such-queue"), REFUSED_ACT, "reassign.queue");
    then_refused(reassign(s, "mona", "front-door"), REFUSED_ACT, "there already");
}

static void an_alert_is_not_sent_to_people_who_may_not_see_it(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1, .area = "E06000044", .sensitivity = MASH__V1__SENSITIVITY__SENSITIVITY_RESTRICTED});

    then_refused(reassign(s, "otto", "duty"), REFUSED_ACT, "may not see");
}

static void a_reassigned_alert_is_nobodys_and_its_events_go_with_it(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1});
    then_done(claim(s, "anna"));

    then_done(reassign(s, "mona", "other-door"));

    assert_int_equal(core_alerts_at(s->state, 1)->owner, 0);
    assert_int_equal(stopped(s, "claim")->cause, DONE_REPLACED);
    assert_true(given_events(s, "other-door"));
    then_done(claim(s, "olga"));
}

/* Ten minutes in the wrong queue are not taken from the right one's quarter of an hour; and it does not go without a ladder. */
static void a_reassigned_red_has_its_ladder_anew(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1, .grade = HIGH});
    tick_after(s, 10 * MINUTE_MS);

    then_done(reassign(s, "mona", "other-door"));

    assert_int_equal(going_on(s, 1, "E-RED/1"), 1);
    assert_int_equal(due_of(s, 1, "E-RED/1"), s->now_ms + 15 * MINUTE_MS);
    until(s, s->now_ms + 15 * MINUTE_MS);
    assert_int_equal(core_alerts_at(s->state, 1)->queue, core_queue_number(s->state, "other-door"));
}

static void a_team_that_gets_it_back_does_not_get_its_events_twice(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1});
    then_done(reassign(s, "mona", "other-door"));

    then_done(reassign(s, "otto", "front-door"));

    assert_false(given_events(s, "front-door"));
    assert_true(told(s, "front-door"));
}

/* Duty had only heard that a clock ran out. */
static void a_team_that_had_only_heard_of_it_gets_its_events_with_it(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1});
    until(s, s->now_ms + 2 * DAY_MS);

    then_done(reassign(s, "mona", "duty"));

    assert_true(given_events(s, "duty"));
}

/* Who takes it over in the evening reads who it is about, whether it is a drill, and why a colleague sent it. */
static void what_a_team_gets_with_it_names_its_people_and_who_sent_it(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1, .exercise = true});
    core_record first = kept_record(s);

    then_done(reassign(s, "mona", "other-door"));

    core_record record = last_record(s);
    record.earlier = &first;
    record.earlier_count = 1;
    const Mash__V1__Delivery *given = delivery_of(s, &record, "other-door");
    assert_int_equal(given->kind, MASH__V1__DELIVERY_KIND__DELIVERY_KIND_MOVED_HERE);
    assert_int_equal(given->alert->n_lines, 1);
    assert_int_equal(given->alert->lines[0]->subject, 1);
    assert_true(given->exercise);
    const Mash__V1__Delivery *sent = nth_delivery_of(s, &record, "other-door", 1);
    assert_int_equal(sent->kind, MASH__V1__DELIVERY_KIND__DELIVERY_KIND_ACT);
    assert_string_equal(sent->act->who, "mona");
    assert_null(nth_delivery_of(s, &record, "other-door", 2));
}

/* The brother whom the event names too has an alert of his own, in which she is a party. */
static void what_a_team_gets_with_it_is_kept_from_a_party_in_another_alert_about_whom_it_names(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1, .people = {{.role = CHILD, .nhs = NHS_ANNE}, {.role = CHILD, .nhs = NHS_BEN}}});
    core_record first = kept_record(s);
    Mash__V1__DeclareParty body = MASH__V1__DECLARE_PARTY__INIT;
    body.staff = (char *)(uintptr_t) "olga";
    then_done(act(
        s,
        (act_said){.by = "mona", .item = "A2", .reason = "his aunt", .what = MASH__V1__ACT__WHAT_DECLARE_PARTY, .body = &body}));
    assert_false(core_alert_has_party(s->state, 1, OLGA));

    then_done(reassign(s, "mona", "other-door"));

    core_record record = last_record(s);
    assert_int_equal(delivery_of(s, &record, "other-door")->n_parties, 0);
    record.earlier = &first;
    record.earlier_count = 1;
    assert_int_equal(delivery_of(s, &record, "other-door")->n_parties, 1);
}

static void a_correction_reaches_the_team_that_an_alert_was_sent_to(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1});
    then_done(reassign(s, "mona", "other-door"));

    publish(s, (event_said){.number = 2, .retracts = 1});

    assert_true(told(s, "other-door"));
}

/* ---- nobody, and no ladder --------------------------------------------------------------------------------------------------- */
static core_staff_row *on_roster(story *s, const char *id)
{
    for (uint32_t i = 0; i < s->policy->staff_count; i++) {
        if (strcmp(s->policy->staff[i].id, id) == 0) return (core_staff_row *)(uintptr_t)&s->policy->staff[i];
    }
    fail_msg("nobody is called %s", id);
    return NULL;
}

/* Otherwise it would stand there with nobody, whatever its ladder says. */
static void an_alert_is_not_sent_where_nobody_could_take_it(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1, .grade = HIGH});
    on_roster(s, "nick")->effective.until_day = core_civil_day(2026, 6, 8);

    then_refused(reassign(s, "mona", "out-of-hours"), REFUSED_ACT, "nobody on today's roster");
}

/* The people are there, and none of them may see a restricted one. */
static void a_restricted_alert_is_not_sent_where_nobody_is_cleared_to_take_it(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1, .area = "E06000044", .sensitivity = MASH__V1__SENSITIVITY__SENSITIVITY_RESTRICTED});

    then_refused(reassign(s, "otto", "out-of-hours"), REFUSED_ACT, "nobody on today's roster");
}

/* No ladder serves that queue: nobody would hear that the red lies there, so somebody hears it now. */
static void a_red_sent_where_no_ladder_serves_raises_an_alarm(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1, .grade = HIGH});

    then_done(reassign(s, "mona", "out-of-hours"));

    assert_true(alarmed(s, MASH__V1__ALARM_KIND__ALARM_KIND_NO_LADDER));
    assert_true(told(s, "duty"));
}

/* Claimed there and forgotten, it is nobody's again, and again nothing would follow. */
static void a_claim_that_expires_where_no_ladder_serves_raises_the_alarm_again(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1, .grade = HIGH});
    then_done(reassign(s, "mona", "out-of-hours"));
    then_done(claim(s, "nick"));

    assert_int_equal(tick_after(s, 2 * HOUR_MS), 1);

    assert_int_equal(core_alert_stands(s->state, 1).owner, 0);
    assert_true(alarmed(s, MASH__V1__ALARM_KIND__ALARM_KIND_NO_LADDER));
}

static void what_climbs_a_ladder_raises_no_alarm(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1, .grade = HIGH});
    assert_int_equal(facts(s, FACT_ALARM_RAISED), 0);

    then_done(reassign(s, "mona", "other-door"));

    assert_int_equal(facts(s, FACT_ALARM_RAISED), 0);
}

/* ---- withhold, party, wait ------------------------------------------------------------------------------------------------- */
static void not_sharing_is_recorded_with_who_decided_it(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1});

    then_done(withhold(s, "anna", "health"));

    assert_int_equal(fact(s, FACT_NOT_SHARED, 0)->not_shared->agency, 0);
    assert_int_equal(fact(s, FACT_NOT_SHARED, 0)->not_shared->staff, 1);
    then_refused(withhold(s, "anna", "fire-brigade"), REFUSED_ACT, "withhold.agency");
}

static void a_party_can_act_no_more_and_their_alternate_is_offered_it(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1});
    then_done(claim(s, "anna"));

    then_done(declare_party(s, "bob", "anna"));

    assert_int_equal(fact(s, FACT_OWNER_CHANGED, 0)->owner_changed->staff, 0);
    assert_int_equal(fact(s, FACT_OWNER_CHANGED, 0)->owner_changed->offered_to, 3); /* mona */
    then_refused(claim(s, "anna"), MASH__V1__ACT_CODE__ACT_NOT_ALLOWED, "this item");
    then_done(claim(s, "mona"));
}

static void an_alert_whose_owner_is_a_party_has_its_ladder_again(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1, .grade = HIGH});
    then_done(claim(s, "anna"));

    then_done(declare_party(s, "bob", "anna"));

    assert_int_equal(due_of(s, 1, "E-RED/1"), s->now_ms + 15 * MINUTE_MS);
}

static void a_party_in_an_ended_alert_begins_no_ladder(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1, .grade = HIGH});
    then_done(claim(s, "anna"));
    then_done(decide_line(s, "anna", ANNE, "section_47"));

    then_done(declare_party(s, "bob", "anna"));

    assert_int_equal(core_count(s->state).clocks_running, 0);
}

static void a_restricted_alert_is_not_handed_to_a_role_that_may_not_see_it(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1, .area = "E06000044", .sensitivity = MASH__V1__SENSITIVITY__SENSITIVITY_RESTRICTED});
    then_done(claim(s, "otto"));

    then_refused(hand_over(s, "otto", "olga"), REFUSED_ACT, "hand_over.to");
}

static void what_is_rated_does_not_wait(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1});
    then_done(rate(s, "anna", AMBER));

    then_refused(let_wait(s, "anna"), REFUSED_ACT, "it is rated");
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, story_begin, story_end)
#define L(f) cmocka_unit_test_setup_teardown(f, story_begin_with_ladders, story_end)
    const struct CMUnitTest tests[] = {
        T(an_alert_is_sent_to_a_team_and_not_to_an_agency),
        T(an_alert_is_not_sent_to_people_who_may_not_see_it),
        T(a_reassigned_alert_is_nobodys_and_its_events_go_with_it),
        L(a_reassigned_red_has_its_ladder_anew),
        T(a_team_that_gets_it_back_does_not_get_its_events_twice),
        T(a_team_that_had_only_heard_of_it_gets_its_events_with_it),
        T(what_a_team_gets_with_it_names_its_people_and_who_sent_it),
        T(what_a_team_gets_with_it_is_kept_from_a_party_in_another_alert_about_whom_it_names),
        T(a_correction_reaches_the_team_that_an_alert_was_sent_to),
        L(an_alert_is_not_sent_where_nobody_could_take_it),
        L(a_restricted_alert_is_not_sent_where_nobody_is_cleared_to_take_it),
        L(a_red_sent_where_no_ladder_serves_raises_an_alarm),
        L(a_claim_that_expires_where_no_ladder_serves_raises_the_alarm_again),
        L(what_climbs_a_ladder_raises_no_alarm),
        T(not_sharing_is_recorded_with_who_decided_it),
        T(a_party_can_act_no_more_and_their_alternate_is_offered_it),
        L(an_alert_whose_owner_is_a_party_has_its_ladder_again),
        L(a_party_in_an_ended_alert_begins_no_ladder),
        T(a_restricted_alert_is_not_handed_to_a_role_that_may_not_see_it),
        L(what_is_rated_does_not_wait),
    };
    return cmocka_run_group_tests_name("reassigning", tests, NULL, NULL);
}
