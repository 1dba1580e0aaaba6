/* Alarms: whoever the policy names for them hears where, and of which alerts. */
#include "story_acts.h"

#include <stdio.h>
#include <string.h>

/* Two areas with a duty manager each; the one of the second stands in the tables as the out-of-hours queue. */
static void given_a_duty_manager_in_each_area(story *s)
{
    core_route *routes = (core_route *)(uintptr_t)s->policy->routes;
    memcpy(routes[3].area, "E10000014", sizeof "E10000014");
    routes[5] = routes[3];
    memcpy(routes[5].area, "E06000044", sizeof "E06000044");
    routes[5].queue = routes[2].queue;
    s->policy->route_count = 6;
}

static bool told_alarm(const story *s, const char *queue)
{
    for (size_t i = 0; i < facts(s, FACT_DELIVERED); i++) {
        const Mash__V1__Delivered *at = fact(s, FACT_DELIVERED, i)->delivered;
        bool is_alarm = at->kind == MASH__V1__DELIVERY_KIND__DELIVERY_KIND_ALARM;
        if (is_alarm && strcmp(core_queue_name(s->state, at->queue), queue) == 0) return true;
    }
    return false;
}

static const Mash__V1__Delivery *alarm_to(story *s, const char *queue, const char *words)
{
    core_record record = last_record(s);
    const Mash__V1__Delivery *at = nth_delivery_of(s, &record, queue, 0);
    for (size_t i = 1; at != NULL && strstr(at->alarm, words) == NULL; i++)
        at = nth_delivery_of(s, &record, queue, i);
    assert_non_null(at);
    return at;
}

/* At closing time hundreds of alerts lapse in one tick: who has to look at which is told where it is. */
static void alarms_of_one_tick_go_each_to_its_own_area(void **fixture)
{
    story *s = *fixture;
    given_a_duty_manager_in_each_area(s);
    publish(s, (event_said){.number = 1, .grade = HIGH});
    publish(s, (event_said){.number = 2, .grade = HIGH, .area = "E06000044", .people = {{.role = CHILD, .nhs = NHS_BEN}}});
    assert_int_equal(tick_after(s, 15 * MINUTE_MS), 2);

    assert_int_equal(tick_after(s, 15 * MINUTE_MS), 2);

    assert_int_equal(facts(s, FACT_ALARM_RAISED), 4); /* nobody holds the step's role, and the ladder has ended; in each area */
    assert_string_equal(fact(s, FACT_ALARM_RAISED, 0)->alarm_raised->area, "E10000014");
    assert_int_equal(fact(s, FACT_ALARM_RAISED, 0)->alarm_raised->alert, 1);
    assert_string_equal(fact(s, FACT_ALARM_RAISED, 2)->alarm_raised->area, "E06000044");
    assert_int_equal(fact(s, FACT_ALARM_RAISED, 2)->alarm_raised->alert, 2);
    assert_true(told_alarm(s, "duty"));
    assert_true(told_alarm(s, "out-of-hours"));
}

/* "Call somebody" about what? One of many would be looked at, and the others stay nobody's. */
static void an_alarm_names_every_alert_that_it_is_about(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1, .grade = HIGH});
    publish(s, (event_said){.number = 2, .grade = HIGH, .people = {{.role = CHILD, .nhs = NHS_BEN}}});
    assert_int_equal(tick_after(s, 15 * MINUTE_MS), 2);

    assert_int_equal(tick_after(s, 15 * MINUTE_MS), 2);

    const Mash__V1__Delivery *told = alarm_to(s, "duty", "the last step was taken");
    assert_int_equal(told->n_alarmed, 2);
    assert_string_equal(told->alarmed[0], "A1");
    assert_string_equal(told->alarmed[1], "A2");
    assert_int_equal(alarm_to(s, "duty", "nobody on today's roster")->n_alarmed, 2);
}

/* Who may not know of an alert is told that something is wrong, and not with which. */
static void an_alarm_names_no_alert_that_its_reader_may_not_know_of(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1, .grade = HIGH, .sensitivity = MASH__V1__SENSITIVITY__SENSITIVITY_RESTRICTED});
    tick_after(s, 15 * MINUTE_MS);

    assert_int_equal(tick_after(s, 15 * MINUTE_MS), 1);

    assert_int_equal(alarm_to(s, "duty", "nobody on today's roster")->n_alarmed, 0);
}

static void an_alarm_of_one_area_is_not_told_in_another(void **fixture)
{
    story *s = *fixture;
    given_a_duty_manager_in_each_area(s);
    publish(s, (event_said){.number = 2, .grade = HIGH, .area = "E06000044", .people = {{.role = CHILD, .nhs = NHS_BEN}}});
    tick_after(s, 15 * MINUTE_MS);

    assert_int_equal(tick_after(s, 15 * MINUTE_MS), 1);

    assert_true(told_alarm(s, "out-of-hours"));
    assert_false(told_alarm(s, "duty"));
}

/* Where nobody is told of alarms in an area, everybody is: an alarm that goes nowhere is none. */
static void an_alarm_that_nobody_is_told_of_in_its_area_is_told_everywhere(void **fixture)
{
    story *s = *fixture;
    given_a_duty_manager_in_each_area(s);
    s->policy->route_count = 5;
    publish(s, (event_said){.number = 2, .grade = HIGH, .area = "E06000044", .people = {{.role = CHILD, .nhs = NHS_BEN}}});
    tick_after(s, 15 * MINUTE_MS);

    assert_int_equal(tick_after(s, 15 * MINUTE_MS), 1);

    assert_true(told_alarm(s, "duty"));
}

/* A tick that has no memory decides nothing, and neither does the next: what it needs must not grow with queues that no alarm is for. */
static void queues_that_hear_of_no_alarm_cost_a_tick_nothing(void **fixture)
{
    enum { QUEUES = 1000, ALERTS = 200, FEW_BYTES = 4 * 1024 * 1024 };
    story *s = *fixture;
    static core_queue_row queues[QUEUES];
    memcpy(queues, s->policy->queues, s->policy->queue_count * sizeof *queues);
    for (uint32_t i = s->policy->queue_count; i < QUEUES; i++) {
        queues[i] = queues[s->policy->queue_count - 1];
        (void)snprintf(queues[i].name, sizeof queues[i].name, "school-%u", i);
    }
    s->policy->queues = queues;
    s->policy->queue_count = QUEUES;
    adopt_again(s);
    for (int i = 1; i <= ALERTS; i++) {
        char local[24];
        (void)snprintf(local, sizeof local, "C%d", i);
        publish(s, (event_said){.number = i, .grade = HIGH, .people = {{.role = CHILD, .local = local}}});
    }
    assert_int_equal(tick_after(s, 15 * MINUTE_MS), ALERTS);
    hub_arena_close(&s->arena);
    assert_int_equal(hub_arena_open(&s->arena, 64 * 1024, FEW_BYTES), HUB_OK);

    assert_int_equal(tick_after(s, 15 * MINUTE_MS), ALERTS);

    assert_int_equal(facts(s, FACT_ALARM_RAISED), 2 * ALERTS); /* nobody holds the step's role, and the ladder has ended */
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, story_begin_with_ladders, story_end)
    const struct CMUnitTest tests[] = {
        T(alarms_of_one_tick_go_each_to_its_own_area),       T(an_alarm_names_every_alert_that_it_is_about),
        T(queues_that_hear_of_no_alarm_cost_a_tick_nothing), T(an_alarm_names_no_alert_that_its_reader_may_not_know_of),
        T(an_alarm_of_one_area_is_not_told_in_another),      T(an_alarm_that_nobody_is_told_of_in_its_area_is_told_everywhere),
    };
    return cmocka_run_group_tests_name("alarms", tests, NULL, NULL);
}
