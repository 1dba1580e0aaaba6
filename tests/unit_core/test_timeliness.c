/* Figures for a board: right over what happened, and none that two families could be known by. */
#include "story_disagreement.h"

#include <stdio.h>
#include <string.h>

#include "core/timeliness.h"

#define RATED_RED MASH__V1__RATING__RATING_RED

static const core_timeliness_of ALL = {.until_ms = INT64_MAX, .sees_up_to = MASH__V1__SENSITIVITY__SENSITIVITY_SENSITIVE};
static core_timeliness *figures;
static core_timeliness_of which;

static void noted(story *s)
{
    core_record record = last_record(s);
    assert_int_equal(core_timeliness_take(figures, s->state, &record), HUB_OK);
}

/* A red about another child; seen and claimed `minutes` later. */
static void a_red_is_claimed_after(story *s, int number, int minutes)
{
    static const char *const CHILDREN[] = {NHS_ANNE, NHS_BEN, NHS_CARA, "9990000042", "9990000050"};
    publish(s, (event_said){.number = number, .grade = HIGH, .people = {{.role = CHILD, .nhs = CHILDREN[number - 1]}}});
    noted(s);
    s->now_ms += minutes * MINUTE_MS;
    char item[8] = {'A', (char)('0' + number), '\0'};
    then_done(act(s, (act_said){.by = "anna", .item = item, .what = MASH__V1__ACT__WHAT_CLAIM}));
    noted(s);
}

/* Whatever happens of itself meanwhile, and the last record of it. */
static void until_noted(story *s, int64_t ms)
{
    for (size_t fired = tick_after(s, ms); fired > 0; fired = tick_after(s, 0))
        noted(s);
}

/* Reds about children nobody knew; the number of the last one counts on. */
static void a_new_red(story *s, int number)
{
    static char local[64][8];
    (void)snprintf(local[number], sizeof local[number], "C-%d", number);
    publish(s, (event_said){.number = number, .grade = HIGH, .people = {{.role = CHILD, .local = local[number]}}});
    noted(s);
}

static void reds_are_claimed(story *s, int count)
{
    for (int number = 1; number <= count; number++) {
        char item[8];
        a_new_red(s, number);
        s->now_ms += 2 * MINUTE_MS;
        (void)snprintf(item, sizeof item, "A%llu", (unsigned long long)core_alert_count(s->state));
        then_done(act(s, (act_said){.by = "anna", .item = item, .what = MASH__V1__ACT__WHAT_CLAIM}));
        noted(s);
    }
}

static void reds_nobody_claims(story *s, int count)
{
    for (int number = 1; number <= count; number++)
        a_new_red(s, 20 + (int)core_alert_count(s->state));
}

static void a_forgotten_claim_is_claimed_again(story *s)
{
    until_noted(s, 2 * HOUR_MS);
    then_done(claim(s, "anna"));
    noted(s);
}

static void an_alert_about_anne_is_decided(story *s, int number)
{
    char item[8];
    Mash__V1__Decide decide = MASH__V1__DECIDE__INIT;
    decide.person = 1;
    decide.outcome = (char *)(uintptr_t) "no_further_action";
    decide.rationale = (char *)(uintptr_t) "it is known and being worked on";
    publish(s, (event_said){.number = number, .grade = HIGH});
    noted(s);
    (void)snprintf(item, sizeof item, "A%d", number);
    then_done(act(s, (act_said){.by = "anna", .item = item, .what = MASH__V1__ACT__WHAT_CLAIM}));
    noted(s);
    then_done(act(s, (act_said){.by = "anna", .item = item, .what = MASH__V1__ACT__WHAT_DECIDE, .body = &decide}));
    noted(s);
}

/* The other door has the alert, and it counts. */
static void two_doors_have_it_noted(story *s)
{
    publish(s, (event_said){.number = 1});
    noted(s);
    then_done(reassign(s, "mona", "other-door"));
    noted(s);
}

typedef struct wanted {
    const char *what;
    Mash__V1__Agency agency;
    core_timely found;
    int times;
} wanted;

static void keep(void *context, const core_timely *figure)
{
    wanted *w = context;
    if (strcmp(figure->what, w->what) != 0 || figure->agency != w->agency) return;
    w->found = *figure;
    w->times++;
}

static core_timely figure_of(story *s, const char *what, Mash__V1__Agency agency)
{
    wanted w = {.what = what, .agency = agency};
    assert_int_equal(core_timeliness_tell(figures, s->state, which, keep, &w), HUB_OK);
    assert_true(w.times <= 1);
    return w.found;
}

static core_timely figure(story *s, const char *what)
{
    return figure_of(s, what, MASH__V1__AGENCY__AGENCY_UNSPECIFIED);
}

static int begin(void **fixture)
{
    which = ALL;
    return story_begin_with_ladders(fixture) != 0 || core_timeliness_open(&figures) != HUB_OK;
}

static int end(void **fixture)
{
    core_timeliness_close(figures);
    return story_end(fixture);
}

static void half_and_nine_in_ten_of_five_alerts(void **fixture)
{
    story *s = *fixture;
    a_red_is_claimed_after(s, 1, 2);
    a_red_is_claimed_after(s, 2, 4);
    a_red_is_claimed_after(s, 3, 14);
    a_red_is_claimed_after(s, 4, 1);
    a_red_is_claimed_after(s, 5, 3);

    core_timely claimed = figure(s, "first claimed");
    assert_int_equal(figure(s, "alerts").count, 5);
    assert_int_equal(claimed.count, 5);
    assert_int_equal(claimed.rating, RATED_RED);
    assert_string_equal(claimed.area, "E10000014");
    assert_string_equal(claimed.queue, "front-door");
    assert_int_equal(claimed.showing, CORE_GIVEN);
    assert_int_equal(claimed.median_ms, 3 * MINUTE_MS);
    assert_int_equal(claimed.ninetieth_ms, 14 * MINUTE_MS);
    assert_int_equal(claimed.longest_ms, 14 * MINUTE_MS);
    assert_int_equal(figure(s, "first seen").median_ms, 3 * MINUTE_MS);
}

/* By rating and by agency are two sums of the same alerts: what one keeps back the other would tell. A time tells of no others. */
static void by_agency_there_are_times_and_no_counts(void **fixture)
{
    story *s = *fixture;
    reds_are_claimed(s, 5);

    core_timely claimed = figure_of(s, "first claimed", MASH__V1__AGENCY__AGENCY_POLICE);
    assert_int_equal(claimed.showing, CORE_KEPT_BACK);
    assert_int_equal(claimed.median_ms, 2 * MINUTE_MS);
    assert_string_equal(claimed.queue, "front-door");
    assert_int_equal(claimed.rating, MASH__V1__RATING__RATING_UNSPECIFIED);
    assert_null(figure_of(s, "alerts", MASH__V1__AGENCY__AGENCY_POLICE).queue);
    assert_null(figure_of(s, "first claimed", MASH__V1__AGENCY__AGENCY_HEALTH).queue);
}

static void by_agency_too_there_is_no_time_of_few(void **fixture)
{
    story *s = *fixture;
    reds_are_claimed(s, 4);

    assert_int_equal(figure_of(s, "first claimed", MASH__V1__AGENCY__AGENCY_POLICE).showing, CORE_TOO_FEW);
    assert_int_equal(figure_of(s, "first claimed", MASH__V1__AGENCY__AGENCY_POLICE).longest_ms, -1);
}

static void what_is_open_and_what_is_overdue_is_counted_as_it_stands(void **fixture)
{
    story *s = *fixture;
    reds_nobody_claims(s, 6);
    assert_int_equal(figure(s, "open").count, 6);
    assert_int_equal(figure(s, "open").showing, CORE_GIVEN);
    assert_int_equal(figure(s, "open and overdue").count, 0);

    until_noted(s, due_of(s, 6, "red_decision") - s->now_ms);

    assert_int_equal(figure(s, "open and overdue").count, 6);
}

/* From the first word of it to the moment at which the referrer has read what became of it. */
static void feedback_is_timed_from_when_the_alert_was_opened(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1, .from = HEALTH, .grade = HIGH});
    noted(s);
    then_done(claim(s, "anna"));
    noted(s);
    then_done(decide_line(s, "anna", 1, "section_47"));
    noted(s);
    s->now_ms += HOUR_MS;
    then_done(seen(s, "hana", "F1"));
    noted(s);

    assert_int_equal(figure(s, "fed back and seen").count, 1);
    assert_int_equal(figure(s, "fed back and seen").showing, CORE_TOO_FEW);
}

/* The rule of the story tells health of every child concern. */
static void notices_that_a_rule_asks_for_are_counted_with_those_that_were_given(void **fixture)
{
    story *s = *fixture;
    a_new_red(s, 1);
    char notice[24];
    (void)snprintf(notice, sizeof notice, "N%llu", (unsigned long long)core_sequence(s->state));
    reds_nobody_claims(s, 4);
    then_done(seen(s, "hana", notice));
    noted(s);

    assert_int_equal(figure(s, "notices expected").count, 5);
    assert_int_equal(figure(s, "notices expected").showing, CORE_GIVEN);
    assert_string_equal(figure(s, "notices expected").queue, "health");
    assert_int_equal(figure(s, "notices sent").count, 5);
    assert_int_equal(figure(s, "notices sent").showing, CORE_GIVEN);
    assert_int_equal(figure(s, "notices seen by a person").count, 1);
    assert_int_equal(figure(s, "notices seen by a person").showing, CORE_TOO_FEW);
}

static void of_fewer_than_five_no_time_is_told(void **fixture)
{
    story *s = *fixture;
    a_red_is_claimed_after(s, 1, 2);
    a_red_is_claimed_after(s, 2, 4);

    assert_int_equal(figure(s, "first claimed").showing, CORE_TOO_FEW);
    assert_int_equal(figure(s, "first claimed").median_ms, -1);
    assert_int_equal(figure(s, "first claimed").ninetieth_ms, -1);
}

/* Claimed twice is claimed once: the first time is what the child waited for. */
static void the_first_claim_counts_and_what_expired_is_counted_beside_it(void **fixture)
{
    story *s = *fixture;
    a_red_is_claimed_after(s, 1, 2);
    tick_after(s, 2 * HOUR_MS); /* the claim expires */
    noted(s);
    tick_after(s, 15 * MINUTE_MS); /* and nobody takes it */
    noted(s);
    then_done(claim(s, "bob"));
    noted(s);

    assert_int_equal(figure(s, "first claimed").count, 1);
    assert_int_equal(figure(s, "claims expired").count, 1);
    assert_int_equal(figure(s, "escalation step 1 taken").count, 1);
}

static void a_clock_that_is_met_and_one_that_runs_out_are_counted_apart(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1, .from = HEALTH, .grade = HIGH});
    noted(s);
    then_done(claim(s, "anna"));
    noted(s);
    then_done(ask(s, "anna", "health", 0));
    noted(s);
    then_done(answer_request(s, "hana", "R1"));
    noted(s);
    then_done(decide_line(s, "anna", 1, "section_47"));
    noted(s);
    then_done(seen(s, "hana", "F1"));
    noted(s);

    assert_true(figure(s, "clocks met in time").count >= 1);
    assert_int_equal(figure(s, "clocks not met in time").count, 0);
    assert_int_equal(figure(s, "requests answered in time").count, 1);
    assert_int_equal(figure(s, "feedback seen in time").count, 1);
    assert_int_equal(figure(s, "decided").count, 1);
}

/* ---- small numbers ---------------------------------------------------------------------------------------------------------- */
/* One child, and a claim that was forgotten five times: five of anything, but one family. */
static void what_happened_five_times_to_one_family_is_not_given(void **fixture)
{
    story *s = *fixture;
    a_red_is_claimed_after(s, 1, 2);
    a_forgotten_claim_is_claimed_again(s);
    a_forgotten_claim_is_claimed_again(s);
    a_forgotten_claim_is_claimed_again(s);
    a_forgotten_claim_is_claimed_again(s);
    a_forgotten_claim_is_claimed_again(s);

    assert_int_equal(figure(s, "claims expired").count, 5);
    assert_int_equal(figure(s, "claims expired").showing, CORE_TOO_FEW);
}

/* Brothers and sisters have alerts of their own at other teams, and later ones: they are one family. */
static void five_alerts_of_one_family_are_not_given(void **fixture)
{
    story *s = *fixture;
    an_alert_about_anne_is_decided(s, 1);
    an_alert_about_anne_is_decided(s, 2);
    an_alert_about_anne_is_decided(s, 3);
    an_alert_about_anne_is_decided(s, 4);
    an_alert_about_anne_is_decided(s, 5);

    assert_int_equal(figure(s, "alerts").count, 5);
    assert_int_equal(figure(s, "alerts").showing, CORE_TOO_FEW);
    assert_int_equal(figure(s, "decided").median_ms, -1);
}

/* "alerts 10, first claimed 7": there are three that nobody took, and who they are is soon known. */
static void what_would_tell_of_few_by_subtraction_is_kept_back(void **fixture)
{
    story *s = *fixture;
    reds_are_claimed(s, 7);
    reds_nobody_claims(s, 3);

    assert_int_equal(figure(s, "alerts").showing, CORE_GIVEN);
    assert_int_equal(figure(s, "alerts").count, 10);
    assert_int_equal(figure(s, "first claimed").showing, CORE_KEPT_BACK);
    assert_int_equal(figure(s, "first claimed").median_ms, 2 * MINUTE_MS); /* says nothing of the three */
}

static void what_leaves_enough_on_both_sides_is_given(void **fixture)
{
    story *s = *fixture;
    reds_are_claimed(s, 7);
    reds_nobody_claims(s, 5);

    assert_int_equal(figure(s, "alerts").count, 12);
    assert_int_equal(figure(s, "first claimed").showing, CORE_GIVEN);
    assert_int_equal(figure(s, "first claimed").count, 7);
}

/* Of seven late clocks six were the hub's doing: the seventh is somebody's. */
static void causes_are_given_all_or_none(void **fixture)
{
    story *s = *fixture;
    reds_nobody_claims(s, 6);
    s->now_ms += DAY_MS; /* the hub was away when they were due */
    assert_int_equal(command(s, (core_command){.kind = CORE_START, .of.start = {.epoch = 2, .version = "test"}}).command,
                     MASH__V1__COMMAND_CODE__COMMAND_DONE);
    until_noted(s, 0);
    reds_nobody_claims(s, 1);
    until_noted(s, due_of(s, 7, "red_decision") - s->now_ms);

    assert_int_equal(figure(s, "clocks not met in time").showing, CORE_GIVEN);
    assert_true(figure(s, "not met in time: hub away").count >= 6);
    assert_int_equal(figure(s, "not met in time: hub away").showing, CORE_KEPT_BACK);
    assert_int_equal(figure(s, "not met in time: nobody acted").showing, CORE_TOO_FEW);
}

/* ---- what does not count ---------------------------------------------------------------------------------------------------- */
/* A paper for a board is read by people who must not hear of a restricted case at all: no placeholder, no count (P6). */
static void a_restricted_alert_counts_for_who_is_cleared_only(void **fixture)
{
    story *s = *fixture;
    reds_are_claimed(s, 5);
    publish(s, (event_said){.number = 90,
                            .grade = HIGH,
                            .sensitivity = MASH__V1__SENSITIVITY__SENSITIVITY_RESTRICTED,
                            .people = {{.role = CHILD, .local = "C-90"}}});
    noted(s);
    assert_int_equal(figure(s, "alerts").count, 5);

    /* an alert that everybody knew of becomes one of those */
    publish(s, (event_said){.number = 91,
                            .grade = HIGH,
                            .sensitivity = MASH__V1__SENSITIVITY__SENSITIVITY_RESTRICTED,
                            .people = {{.role = CHILD, .local = "C-1"}}});
    noted(s);
    assert_int_equal(figure(s, "alerts").count, 4);
    assert_int_equal(figure(s, "first claimed").count, 4);
}

static void who_is_cleared_is_given_what_is_restricted_too(void **fixture)
{
    story *s = *fixture;
    which.sees_up_to = MASH__V1__SENSITIVITY__SENSITIVITY_RESTRICTED;
    publish(s, (event_said){.number = 1, .grade = HIGH, .sensitivity = MASH__V1__SENSITIVITY__SENSITIVITY_RESTRICTED});
    noted(s);

    assert_int_equal(figure(s, "alerts").count, 1);
}

/* A drill about a family that is known, with everything that would join it to them. */
static void an_exercise_does_not_count(void **fixture)
{
    story *s = *fixture;
    a_red_is_claimed_after(s, 1, 2);
    publish(s,
            (event_said){.number = 90, .grade = HIGH, .exercise = 1, .people = {{.role = CHILD, .nhs = NHS_ANNE, .uprn = 100}}});
    noted(s);
    assert_int_equal(facts(s, FACT_ALERT_OPENED), 1);
    then_done(act(s, (act_said){.by = "anna", .item = "A2", .what = MASH__V1__ACT__WHAT_CLAIM}));
    noted(s);
    until_noted(s, 2 * DAY_MS);

    assert_int_equal(figure(s, "alerts").count, 1);
    assert_int_equal(figure(s, "first claimed").count, 1);
    assert_int_equal(figure(s, "claims expired").count, 1);
}

/* ---- stages ----------------------------------------------------------------------------------------------------------------- */
/* Nobody holds the role of the first stage on one side: it is opened there and goes on to the next in the same record. */
static void a_stage_that_is_left_out_is_reached_once_and_so_is_the_next(void **fixture)
{
    story *s = *fixture;
    two_doors_have_it_noted(s);
    leave_roster(s, "olga");
    then_done(dispute(s, (dispute_said){.by = "anna", .with = "other-team"}));
    noted(s);
    assert_int_equal(stage_moved(s, 0)->cause, MASH__V1__STAGE_CAUSE__STAGE_CAUSE_NO_HOLDER);

    assert_int_equal(figure(s, "disagreements that reached stage 1").count, 1);
    assert_int_equal(figure(s, "disagreements that reached stage 2").count, 1);
}

/* It ran out, which is counted; that it was met in the end does not make two of it. */
static void a_clock_that_ran_out_and_was_met_late_is_one_late_clock(void **fixture)
{
    story *s = *fixture;
    a_red_is_claimed_after(s, 1, 2);
    until_noted(s, 5 * HOUR_MS);
    uint32_t late = figure(s, "clocks not met in time").count;
    assert_true(late > 0);
    then_done(claim(s, "anna"));
    noted(s);
    then_done(decide_line(s, "anna", 1, "no_further_action"));
    noted(s);
    assert_true(stopped(s, "red_decision")->had_lapsed);

    assert_int_equal(figure(s, "clocks not met in time").count, late);
}

static void an_alert_opened_outside_the_period_is_not_counted(void **fixture)
{
    story *s = *fixture;
    which.from_ms = MONDAY_10_00 + DAY_MS;
    a_red_is_claimed_after(s, 1, 2);

    assert_int_equal(figure(s, "alerts").count, 0);
    assert_int_equal(figure(s, "first claimed").count, 0);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, begin, end)
    const struct CMUnitTest tests[] = {
        T(half_and_nine_in_ten_of_five_alerts),
        T(by_agency_there_are_times_and_no_counts),
        T(by_agency_too_there_is_no_time_of_few),
        T(what_is_open_and_what_is_overdue_is_counted_as_it_stands),
        T(feedback_is_timed_from_when_the_alert_was_opened),
        T(notices_that_a_rule_asks_for_are_counted_with_those_that_were_given),
        T(of_fewer_than_five_no_time_is_told),
        T(the_first_claim_counts_and_what_expired_is_counted_beside_it),
        T(a_clock_that_is_met_and_one_that_runs_out_are_counted_apart),
        T(what_happened_five_times_to_one_family_is_not_given),
        T(five_alerts_of_one_family_are_not_given),
        T(what_would_tell_of_few_by_subtraction_is_kept_back),
        T(what_leaves_enough_on_both_sides_is_given),
        T(causes_are_given_all_or_none),
        T(a_restricted_alert_counts_for_who_is_cleared_only),
        T(who_is_cleared_is_given_what_is_restricted_too),
        T(an_exercise_does_not_count),
        T(a_stage_that_is_left_out_is_reached_once_and_so_is_the_next),
        T(a_clock_that_ran_out_and_was_met_late_is_one_late_clock),
        T(an_alert_opened_outside_the_period_is_not_counted),
    };
    return cmocka_run_group_tests_name("timeliness", tests, NULL, NULL);
}
