/* One person's case: everything about them, under whatever number it was said, and nothing of an alert that is not theirs. */
#include "story_people.h"

#include <stdio.h>
#include <string.h>

#define SUPERVISED MASH__V1__SUBJECT_ROLE__SUBJECT_ROLE_SUPERVISED_PERSON
#define MISSED MASH__V1__EVENT__PAYLOAD_MISSED_APPOINTMENT
#define FLAG MASH__V1__EVENT__PAYLOAD_RISK_FLAG

static core_case case_of(const story *s, const char *key)
{
    core_case found;
    hub_error err;
    assert_int_equal(core_case_of(s->state, key, &found, &err), HUB_OK);
    return found;
}

/* Does the last record belong to the case of the key, for this reader? */
static bool belongs(story *s, uint32_t peer, const char *key)
{
    core_record record = last_record(s);
    core_view view = core_view_of(s->state, peer, &record);
    core_case sought = case_of(s, key);
    view.person = sought.person;
    return core_view_finds(&view, &sought);
}

/* How many lines of the last record say these words, looked at for this person's case. */
static int says(story *s, const char *key, const char *words)
{
    core_record record = last_record(s);
    core_view view = core_view_of(s->state, TEAM, &record);
    core_lines lines = {.arena = &s->kept};
    view.person = case_of(s, key).person;
    assert_int_equal(core_explain(&view, &lines), HUB_OK);
    int found = 0;
    for (size_t i = 0; i < lines.count; i++)
        found += strstr(lines.items[i]->text, words) != NULL;
    return found;
}

#define ANNE "nhs:" NHS_ANNE
#define BEN "nhs:" NHS_BEN

/* A school knows the child by another number, and what it says opens nothing. */
static void what_was_said_under_another_number_belongs_to_it(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1, .people = {{.role = CHILD, .nhs = NHS_ANNE, .local = "C-1"}}});
    publish(s, (event_said){.number = 2, .from = HEALTH, .payload = MISSED, .people = {{.role = CHILD, .local = "C-1"}}});

    assert_true(belongs(s, 1, ANNE));
    assert_true(belongs(s, 1, "local:case/1:C-1"));
    assert_false(belongs(s, 1, BEN));
}

/* Two numbers that were two people until an event gave both. */
static void people_who_turned_out_to_be_one_have_one_case(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1, .from = HEALTH, .payload = MISSED, .people = {{.role = CHILD, .nhs = NHS_ANNE}}});
    publish(s, (event_said){.number = 2, .people = {{.role = CHILD, .local = "C-1"}}});
    then_done(claim(s, "anna"));
    publish(s, (event_said){.number = 3, .payload = MISSED, .people = {{.role = CHILD, .nhs = NHS_ANNE, .local = "C-1"}}});

    then_done(rate(s, "anna", MASH__V1__RATING__RATING_GREEN));

    assert_true(belongs(s, 1, ANNE));
    assert_int_equal(case_of(s, ANNE).person, case_of(s, "local:case/1:C-1").person);
    assert_int_equal(case_of(s, ANNE).count, 3); /* two numbers, one alert */
}

/* Probation names the father; the alert is the child's, and so is what is done on it. The father's case holds the event, not the alert. */
static void an_alert_that_an_event_about_the_father_opened_belongs_to_the_child(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1,
                            .from = HEALTH,
                            .payload = MISSED,
                            .people = {{.role = CHILD, .nhs = NHS_ANNE, .child_of = 2}, {.role = PARENT, .nhs = NHS_BEN}}});
    publish(s, (event_said){.number = 2, .payload = FLAG, .people = {{.role = SUPERVISED, .nhs = NHS_BEN}}});

    assert_true(belongs(s, TEAM, ANNE));
    assert_true(belongs(s, TEAM, BEN));
    assert_int_equal(says(s, ANNE, "Alert A1 was opened"), 1);
    assert_int_equal(says(s, BEN, "Alert A1 was opened"), 0);

    then_done(claim(s, "anna"));
    assert_true(belongs(s, TEAM, ANNE));
    assert_false(belongs(s, TEAM, BEN));
}

/* One event about two children who have nothing to do with each other. */
static void another_childs_alert_is_not_shown(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1, .people = {{.role = CHILD, .nhs = NHS_ANNE}, {.role = CHILD, .nhs = NHS_BEN}}});
    assert_int_equal(facts(s, 40), 2);

    assert_int_equal(says(s, ANNE, "Alert A1 was opened"), 1);
    assert_int_equal(says(s, ANNE, "Alert A2"), 0);
    assert_int_equal(says(s, BEN, "Alert A1"), 0);

    core_record record = last_record(s);
    core_view view = core_view_of(s->state, 1, &record);
    view.person = case_of(s, ANNE).person;
    const Mash__V1__TailItem *item = core_describe(&view, &s->kept);
    assert_int_equal(item->n_alert_ids, 1);
    assert_string_equal(item->alert_ids[0], "A1");
    assert_string_equal(item->alert_id, "A1");

    then_done(act(s, (act_said){.by = "anna", .item = "A2", .what = MASH__V1__ACT__WHAT_CLAIM}));
    assert_false(belongs(s, 1, ANNE));
    assert_true(belongs(s, 1, BEN));
}

/* That two numbers are one child's may rest on what this reader must not hear of (V4): it finds by the number that it knows. */
static void who_may_not_be_told_how_somebody_is_known_finds_by_the_number_alone(void **fixture)
{
    story *s = *fixture;
    s->policy->audiences[0].sees_up_to = MASH__V1__SENSITIVITY__SENSITIVITY_SENSITIVE;
    publish(s, (event_said){.number = 1, .people = {{.role = CHILD, .nhs = NHS_ANNE, .local = "C-1"}}});
    publish(s, (event_said){.number = 2, .people = {{.role = CHILD, .local = "C-1"}}});

    assert_false(belongs(s, TEAM, ANNE));
    assert_true(belongs(s, TEAM, "local:case/1:C-1"));
    assert_true(belongs(s, 1, ANNE));
}

/* Nothing is left out without a word: whose case is larger than an answer is told what to do instead. */
static void a_case_that_is_too_large_is_refused_aloud(void **fixture)
{
    story *s = *fixture;
    char local[16];
    for (int i = 0; i < CORE_CASE_REFS_MAX; i++) {
        (void)snprintf(local, sizeof local, "C-%d", i);
        publish(s, (event_said){.number = i + 1,
                                .from = HEALTH,
                                .payload = MISSED,
                                .people = {{.role = CHILD, .nhs = NHS_ANNE, .local = local}}});
    }
    core_case found;
    hub_error err;
    assert_int_equal(core_case_of(s->state, ANNE, &found, &err), HUB_ERR_INVALID);
    assert_non_null(strstr(err.text, "trace each alert by its own id"));
    assert_null(strstr(err.text, NHS_ANNE));
}

/* Whoever follows the alerts of a record must be given all of them: at closing time hundreds have a clock due in one instant. */
static void a_record_names_every_alert_that_it_is_about(void **fixture)
{
    enum { MANY = 100 };
    story *s = *fixture;
    char local[16];
    for (int i = 0; i < MANY; i++) {
        (void)snprintf(local, sizeof local, "C-%d", i);
        publish(s, (event_said){.number = i + 1, .grade = HIGH, .people = {{.role = CHILD, .local = local}}});
    }
    assert_int_equal(tick_after(s, 30 * DAY_MS), 2 * MANY); /* each has two clocks */
    core_record record = last_record(s);
    core_view view = core_view_of(s->state, 1, &record);

    assert_int_equal(core_describe(&view, &s->kept)->n_alert_ids, MANY);
}

static void a_key_that_names_nobody_stands_for_itself(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1});

    assert_int_equal(case_of(s, "nhs:" NHS_CARA).person, 0);
    assert_int_equal(case_of(s, "nhs:" NHS_CARA).count, 1);
    assert_int_equal(case_of(s, "alert:A1").count, 1);
    assert_true(belongs(s, 1, "alert:A1"));
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, story_begin, story_end)
    const struct CMUnitTest tests[] = {
        T(what_was_said_under_another_number_belongs_to_it),
        T(people_who_turned_out_to_be_one_have_one_case),
        T(an_alert_that_an_event_about_the_father_opened_belongs_to_the_child),
        T(another_childs_alert_is_not_shown),
        T(who_may_not_be_told_how_somebody_is_known_finds_by_the_number_alone),
        T(a_case_that_is_too_large_is_refused_aloud),
        T(a_record_names_every_alert_that_it_is_about),
        T(a_key_that_names_nobody_stands_for_itself),
    };
    return cmocka_run_group_tests_name("case", tests, NULL, NULL);
}
