/* Figures for a board: right over what happened, and none that two families could be known by. */
#include "story_acts.h"

#include <string.h>

#include "core/timeliness.h"

#define RATED_RED MASH__V1__RATING__RATING_RED

static core_timeliness *figures;

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

typedef struct wanted {
    const char *what;
    core_timely found;
    int times;
} wanted;

static void keep(void *context, const core_timely *figure)
{
    wanted *w = context;
    if (strcmp(figure->what, w->what) != 0) return;
    w->found = *figure;
    w->times++;
}

static core_timely figure(story *s, const char *what)
{
    wanted w = {.what = what};
    assert_int_equal(core_timeliness_tell(figures, s->state, keep, &w), HUB_OK);
    assert_true(w.times <= 1);
    return w.found;
}

static int begin(void **fixture)
{
    return story_begin_with_ladders(fixture) != 0 || core_timeliness_open(0, INT64_MAX, &figures) != HUB_OK;
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
    assert_int_equal(claimed.median_ms, 3 * MINUTE_MS);
    assert_int_equal(claimed.ninetieth_ms, 14 * MINUTE_MS);
    assert_int_equal(figure(s, "first seen").median_ms, 3 * MINUTE_MS);
}

static void of_fewer_than_five_no_time_is_told(void **fixture)
{
    story *s = *fixture;
    a_red_is_claimed_after(s, 1, 2);
    a_red_is_claimed_after(s, 2, 4);

    assert_int_equal(figure(s, "first claimed").count, 2);
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

static void an_alert_opened_outside_the_period_is_not_counted(void **fixture)
{
    story *s = *fixture;
    core_timeliness_close(figures);
    assert_int_equal(core_timeliness_open(MONDAY_10_00 + DAY_MS, INT64_MAX, &figures), HUB_OK);
    a_red_is_claimed_after(s, 1, 2);

    assert_int_equal(figure(s, "alerts").count, 0);
    assert_int_equal(figure(s, "first claimed").count, 0);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, begin, end)
    const struct CMUnitTest tests[] = {
        T(half_and_nine_in_ten_of_five_alerts),
        T(of_fewer_than_five_no_time_is_told),
        T(the_first_claim_counts_and_what_expired_is_counted_beside_it),
        T(a_clock_that_is_met_and_one_that_runs_out_are_counted_apart),
        T(an_alert_opened_outside_the_period_is_not_counted),
    };
    return cmocka_run_group_tests_name("timeliness", tests, NULL, NULL);
}
