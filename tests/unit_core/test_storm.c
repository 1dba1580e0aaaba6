/* Closing time: every alert's clocks are due at one instant. All of them fire, each once, and whoever acts meanwhile is answered. */
#include "story_acts.h"

#include <stdio.h>

enum { ALERTS = 50000, TICKS_MAX = 2000, ACT_EVERY = 25 };

static void publish_about_child(story *s, int number)
{
    char local[24];
    (void)snprintf(local, sizeof local, "C%d", number);
    hub_arena_reset(&s->kept);
    (void)publish(s, (event_said){.number = number, .people = {{.role = CHILD, .local = local}}});
}

/* Ticks until nothing is due; between them somebody claims an alert, every so often. Gives how many clocks lapsed. */
static size_t fire_all(story *s, int *ticks)
{
    static const Mash__V1__Act__WhatCase CLAIM = MASH__V1__ACT__WHAT_CLAIM;
    size_t lapsed_now, sum = 0;
    for (*ticks = 0; (lapsed_now = tick_after(s, 0)) > 0; (*ticks)++) {
        assert_true(*ticks < TICKS_MAX);
        sum += lapsed_now;
        if (*ticks % ACT_EVERY != 0) continue;
        char item[24]; /* from the far end: nobody has come so far */
        (void)snprintf(item, sizeof item, "A%u", s->state->alerts.count - (uint32_t)*ticks);
        then_done(act(s, (act_said){.by = "anna", .item = item, .what = CLAIM}));
    }
    return sum;
}

/* P4. A clock that lapsed twice would meet the fold's assert; one that did not would be missing here. */
static void a_hundred_thousand_clocks_due_at_one_instant_fire_once_each_while_people_are_answered(void **fixture)
{
    story *s = *fixture;
    for (int i = 1; i <= ALERTS; i++)
        publish_about_child(s, i);
    int ticks;

    s->now_ms = london(s, 2026, 6, 8, 17, 0); /* the closing ladder's */
    assert_int_equal(fire_all(s, &ticks), ALERTS);
    s->now_ms += 3 * HOUR_MS; /* claims by which nothing was done */
    (void)fire_all(s, &ticks);
    size_t before = core_count(s->state).clocks_lapsed;
    s->now_ms = london(s, 2026, 6, 9, 17, 0); /* decision and referral_decision of every alert */
    (void)fire_all(s, &ticks);

    assert_true(core_count(s->state).clocks_lapsed - before >= 2 * ALERTS);
    assert_int_equal(going_on(s, 1, "decision") + going_on(s, ALERTS, "referral_decision"), 0);
    assert_true(core_count(s->state).next_due_ms > s->now_ms);
    assert_true(ticks < 3 * 2 * ALERTS / CORE_TICK_TIMERS_MAX);
}

/* Each alert has its closing step, which nobody's act may share a tick with, and a deadline at the same instant. */
static void clocks_of_one_alert_that_must_not_share_a_tick_do_not_hold_up_the_other_alerts(void **fixture)
{
    story *s = *fixture;
    clock_row(s, 1)->amount = 0; /* "decision" is due at today's closing, like the step */
    for (int i = 1; i <= 1000; i++)
        publish_about_child(s, i);
    s->now_ms = london(s, 2026, 6, 8, 17, 0);

    assert_true(tick_after(s, 0) > CORE_TICK_TIMERS_MAX / 3);
}

/* A night team that gets ten events with each of 256 alerts: more than one decision may say. */
static void a_tick_whose_clocks_say_more_than_one_decision_can_takes_fewer_and_goes_on(void **fixture)
{
    story *s = *fixture;
    for (int i = 0; i < 600 * 20; i++) {
        char local[24];
        (void)snprintf(local, sizeof local, "C%d", i % 600);
        hub_arena_reset(&s->kept);
        (void)publish(s, (event_said){.number = i + 1, .people = {{.role = CHILD, .local = local}}});
    }
    s->now_ms = london(s, 2026, 6, 8, 17, 0);
    int ticks;

    assert_int_equal(fire_all(s, &ticks), 600);
    assert_true(ticks < 10);
}

int main(void)
{
#define L(f) cmocka_unit_test_setup_teardown(f, story_begin_with_ladders, story_end)
    const struct CMUnitTest tests[] = {
        L(a_hundred_thousand_clocks_due_at_one_instant_fire_once_each_while_people_are_answered),
        L(clocks_of_one_alert_that_must_not_share_a_tick_do_not_hold_up_the_other_alerts),
        L(a_tick_whose_clocks_say_more_than_one_decision_can_takes_fewer_and_goes_on),
    };
    return cmocka_run_group_tests_name("storm", tests, NULL, NULL);
}
