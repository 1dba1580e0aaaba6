/* An event that names the father only, and the child it is about: a rule may look into the families of those who are named. */
#include "story_people.h"

#include <stdio.h>
#include <string.h>

#define SUPERVISED MASH__V1__SUBJECT_ROLE__SUBJECT_ROLE_SUPERVISED_PERSON
#define MISSED MASH__V1__EVENT__PAYLOAD_MISSED_APPOINTMENT
#define FLAG MASH__V1__EVENT__PAYLOAD_RISK_FLAG
#define RELEASE MASH__V1__EVENT__PAYLOAD_RELEASE

/* Ben is the father of this child: said by an event that no rule sends anywhere. */
static void given_a_child_of_ben(story *s, int number, const char *child_nhs)
{
    publish(s, (event_said){.number = number,
                            .from = HEALTH,
                            .payload = MISSED,
                            .people = {{.role = CHILD, .nhs = child_nhs, .child_of = 2}, {.role = PARENT, .nhs = NHS_BEN}}});
    assert_int_equal(facts(s, FACT_DELIVERED), 0);
}

static void when_ben_is_flagged(story *s)
{
    publish(s, (event_said){.number = 90, .payload = FLAG, .people = {{.role = SUPERVISED, .nhs = NHS_BEN}}});
}

/* Probation names the person it supervises and nobody else. */
static void a_flag_on_a_known_father_opens_an_alert_about_the_child(void **fixture)
{
    story *s = *fixture;
    given_a_child_of_ben(s, 1, NHS_ANNE);

    when_ben_is_flagged(s);

    assert_int_equal(facts(s, FACT_ALERT_OPENED), 1);
    assert_int_equal(fact(s, FACT_ALERT_OPENED, 0)->alert_opened->family, 1);
    assert_int_equal(facts(s, FACT_DECISION_LINE_ADDED), 1);
    assert_int_equal(fact(s, FACT_DECISION_LINE_ADDED, 0)->decision_line_added->person, 1); /* Anne, not Ben */
    assert_true(told(s, "front-door"));
    Mash__V1__Delivery *delivery = delivery_to(s, "front-door");
    assert_int_equal(delivery->alert->lines[0]->subject, 0);
}

/* Why it came must not be a riddle: the link is named by numbers, here and in explain. */
/* How many lines that explain the last record hold these words, for this reader. */
static int lines_explaining(story *s, uint32_t reader, const char *words)
{
    core_record record = last_record(s);
    core_lines lines = {.arena = &s->kept};
    core_view view = core_view_of(s->state, reader, &record);
    assert_int_equal(core_explain(&view, &lines), HUB_OK);
    int found = 0;
    for (size_t i = 0; i < lines.count; i++)
        found += strstr(lines.items[i]->text, words) != NULL;
    return found;
}

static void the_reason_names_the_link_by_number(void **fixture)
{
    story *s = *fixture;
    given_a_child_of_ben(s, 1, NHS_ANNE);

    when_ben_is_flagged(s);

    static const char LINK[] = "about person 1, whom it does not name: they belong to family 1, as does person 2, whom it names";
    Mash__V1__Delivery *delivery = delivery_to(s, "front-door");
    assert_int_equal(delivery->n_reasons, 2);
    assert_string_equal(delivery->reasons[0]->rule, "R-FLAG");
    assert_string_equal(delivery->reasons[1]->rule, "R-FLAG");
    assert_string_equal(delivery->reasons[1]->plain, LINK);
    assert_int_equal(lines_explaining(s, TEAM, LINK), 1);
}

/* An adult in two families joins neither to the other. */
static void a_father_of_two_families_is_told_of_to_each_on_its_own(void **fixture)
{
    story *s = *fixture;
    given_a_child_of_ben(s, 1, NHS_ANNE);
    given_a_child_of_ben(s, 2, NHS_CARA);

    when_ben_is_flagged(s);

    assert_int_equal(facts(s, FACT_ALERT_OPENED), 2);
    assert_int_not_equal(fact(s, FACT_ALERT_OPENED, 0)->alert_opened->family,
                         fact(s, FACT_ALERT_OPENED, 1)->alert_opened->family);
    assert_int_equal(facts(s, FACT_DECISION_LINE_ADDED), 2);
    assert_int_equal(facts(s, FACT_FAMILY_MEMBER_ADDED), 0);
}

/* The father's probation area is no guide to where the child lives. */
static void the_alert_goes_where_the_family_is_known(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1,
                            .area = "E06000044",
                            .people = {{.role = CHILD, .nhs = NHS_ANNE, .child_of = 2}, {.role = PARENT, .nhs = NHS_BEN}}});

    when_ben_is_flagged(s);

    assert_false(told(s, "front-door"));
    assert_true(told(s, "other-door"));
    assert_int_equal(facts(s, FACT_ALERT_JOINED), 1);
}

static void a_notice_about_the_family_is_a_notice(void **fixture)
{
    story *s = *fixture;
    given_a_child_of_ben(s, 1, NHS_ANNE);

    publish(s, (event_said){.number = 2, .payload = RELEASE, .people = {{.role = SUPERVISED, .nhs = NHS_BEN}}});

    assert_int_equal(facts(s, FACT_ALERT_OPENED), 0);
    assert_int_equal(facts(s, FACT_DELIVERED), 1);
    assert_int_equal(fact(s, FACT_DELIVERED, 0)->delivered->kind, MASH__V1__DELIVERY_KIND__DELIVERY_KIND_NOTICE);
    assert_int_equal(delivery_to(s, "health-notices")->n_reasons, 1); /* it is given no relations: not whose relative */
}

/* Who came of age is no child at risk any more, whatever they once were. */
static void a_child_who_has_come_of_age_is_not_told_of(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1,
                            .from = HEALTH,
                            .payload = MISSED,
                            .occurred_ms = s->now_ms - 40 * DAY_MS,
                            .people = {{.role = CHILD, .nhs = NHS_ANNE, .child_of = 2, .birth_year = 2008},
                                       {.role = PARENT, .nhs = NHS_BEN}}}); /* born 1 June 2008: 17 then, 18 now */

    when_ben_is_flagged(s);

    assert_int_equal(facts(s, FACT_ALERT_OPENED), 0);
    const Mash__V1__Traced *trace = fact(s, FACT_TRACED, 0)->traced;
    assert_int_equal(trace->n_near_miss, 2);
    assert_int_equal(trace->near_miss[1], 255); /* nobody has the role */
    assert_int_equal(lines_explaining(s, 1, "): nobody in this event, nor in a family of theirs, has the role it is about."), 1);
}

static void a_stranger_and_a_drill_reach_nobody(void **fixture)
{
    story *s = *fixture;
    given_a_child_of_ben(s, 1, NHS_ANNE);

    publish(s, (event_said){.number = 2, .payload = FLAG, .people = {{.role = SUPERVISED, .nhs = NHS_CARA}}});
    assert_int_equal(facts(s, FACT_DELIVERED), 0);
    publish(s, (event_said){.number = 3, .payload = FLAG, .exercise = 1, .people = {{.role = SUPERVISED, .nhs = NHS_BEN}}});
    assert_int_equal(facts(s, FACT_DELIVERED), 0);
}

/* P6: the class of the event decides, through the family as well. */
static void a_restricted_flag_is_silent_for_who_is_not_cleared(void **fixture)
{
    story *s = *fixture;
    s->policy->audiences[0].sees_up_to = MASH__V1__SENSITIVITY__SENSITIVITY_SENSITIVE;
    given_a_child_of_ben(s, 1, NHS_ANNE);

    publish(s, (event_said){.number = 2,
                            .payload = FLAG,
                            .sensitivity = MASH__V1__SENSITIVITY__SENSITIVITY_RESTRICTED,
                            .people = {{.role = SUPERVISED, .nhs = NHS_BEN}}});

    assert_false(told(s, "front-door"));
}

/* Whoever the event names is tried as named, once. */
static void a_child_named_beside_the_father_has_one_line(void **fixture)
{
    story *s = *fixture;
    given_a_child_of_ben(s, 1, NHS_ANNE);

    publish(s, (event_said){.number = 2,
                            .payload = FLAG,
                            .people = {{.role = SUPERVISED, .nhs = NHS_BEN}, {.role = CHILD, .nhs = NHS_ANNE}}});

    assert_int_equal(facts(s, FACT_DECISION_LINE_ADDED), 1);
    assert_int_equal(delivery_to(s, "front-door")->n_reasons, 1);
}

/* A rule that does not ask for it looks at nobody who is not named. */
static void other_rules_stay_with_those_who_are_named(void **fixture)
{
    story *s = *fixture;
    given_a_child_of_ben(s, 1, NHS_ANNE);

    publish(s, (event_said){.number = 2, .people = {{.role = PARENT, .nhs = NHS_BEN}}});

    assert_int_equal(facts(s, FACT_DELIVERED), 0);
}

/* Cara is an adult at risk with an open alert of her own, rated green by a person; then two children turn out to be hers and Ben's, each
 * said by an event of its own, so each in a family of its own. */
static void given_cara_has_an_alert_and_two_families(story *s)
{
    core_rule *flag = (core_rule *)(uintptr_t)&s->policy->rules[6];
    assert_string_equal(flag->id, "R-FLAG");
    flag->about = UINT64_C(1) << ADULT;
    publish(s, (event_said){.number = 1, .payload = FLAG, .people = {{.role = ADULT, .nhs = NHS_CARA}}});
    assert_int_equal(facts(s, FACT_ALERT_OPENED), 1);
    then_done(rate(s, "anna", MASH__V1__RATING__RATING_GREEN));
    static const char *const CHILDREN[] = {"C-1", "C-2"};
    for (int i = 0; i < 2; i++) {
        publish(s, (event_said){.number = 2 + i,
                                .from = HEALTH,
                                .payload = MISSED,
                                .people = {{.role = CHILD, .local = CHILDREN[i], .uprn = 100 + (uint64_t)i},
                                           {.role = PARENT, .nhs = NHS_BEN, .uprn = 100 + (uint64_t)i},
                                           {.role = PARENT, .nhs = NHS_CARA, .uprn = 100 + (uint64_t)i}}});
        assert_int_equal(facts(s, FACT_DELIVERED), 0);
    }
}

/* Through either family one event comes to the same alert: it is one event, joins once, and raises it once. */
static void an_alert_is_joined_once_by_an_event_that_reaches_it_through_two_families(void **fixture)
{
    story *s = *fixture;
    given_cara_has_an_alert_and_two_families(s);

    when_ben_is_flagged(s);

    assert_int_equal(facts(s, FACT_ALERT_OPENED), 0);
    assert_int_equal(facts(s, FACT_ALERT_JOINED), 1);
    assert_true(fact(s, FACT_ALERT_JOINED, 0)->alert_joined->tightened);
    assert_int_equal(core_alert_stands(s->state, 1).rating, MASH__V1__RATING__RATING_AMBER);
    assert_int_equal(core_alert_stands(s->state, 1).events, 2);
    assert_int_equal(core_alert_stands(s->state, 1).lines, 1);
}

/* Who belongs to two families joins neither to the other: her alert stays hers, and each child has one of its own. */
static void the_children_of_two_families_are_not_joined_through_her_alert(void **fixture)
{
    story *s = *fixture;
    given_cara_has_an_alert_and_two_families(s);
    ((core_rule *)(uintptr_t)&s->policy->rules[6])->about |= UINT64_C(1) << CHILD;

    when_ben_is_flagged(s);

    assert_int_equal(facts(s, FACT_ALERT_JOINED), 1);
    assert_int_equal(fact(s, FACT_ALERT_JOINED, 0)->alert_joined->family, 0);
    assert_int_equal(facts(s, FACT_ALERT_OPENED), 2);
    assert_int_not_equal(fact(s, FACT_ALERT_OPENED, 0)->alert_opened->family,
                         fact(s, FACT_ALERT_OPENED, 1)->alert_opened->family);
    assert_int_equal(facts(s, FACT_DECISION_LINE_ADDED), 2);
}

static void given_three_more_children_of_ben(story *s, int number)
{
    static char text[3][16];
    for (int i = 0; i < 3; i++)
        (void)snprintf(text[i], sizeof text[i], "C-%d-%d", number, i);
    publish(s, (event_said){.number = number,
                            .from = HEALTH,
                            .payload = MISSED,
                            .people = {{.role = CHILD, .local = text[0], .child_of = 4},
                                       {.role = CHILD, .local = text[1], .child_of = 4},
                                       {.role = CHILD, .local = text[2], .child_of = 4},
                                       {.role = PARENT, .nhs = NHS_BEN}}});
}

/* One decision looks at 64 relatives; that there were more is never silent. */
static void more_relatives_than_a_decision_looks_at_raise_an_alarm(void **fixture)
{
    story *s = *fixture;
    for (int i = 1; i <= 21; i++)
        given_three_more_children_of_ben(s, i);
    when_ben_is_flagged(s);
    assert_int_equal(facts(s, FACT_DECISION_LINE_ADDED), 63);
    assert_int_equal(facts(s, FACT_ALARM_RAISED), 0);
    given_three_more_children_of_ben(s, 22);

    publish(s, (event_said){.number = 91, .payload = FLAG, .people = {{.role = SUPERVISED, .nhs = NHS_BEN}}});

    assert_int_equal(facts(s, FACT_ALARM_RAISED), 1);
    assert_int_equal(fact(s, FACT_ALARM_RAISED, 0)->alarm_raised->alarm, MASH__V1__ALARM_KIND__ALARM_KIND_NO_ROUTE);
}

/* Nine rules nearly held and eight are listed: the ninth must not look as if it had never been asked. */
static void a_list_of_near_misses_that_is_full_says_so(void **fixture)
{
    story *s = *fixture;
    core_rule *rules = (core_rule *)(uintptr_t)s->policy->rules;
    for (uint32_t i = 0; i < s->policy->rule_count; i++) {
        rules[i].conditions[0].payloads = UINT64_C(1) << (FLAG - CORE_PAYLOAD_FIRST);
        rules[i].about_family = false;
        rules[i].about = UINT64_C(1) << CHILD;
    }
    assert_true(s->policy->rule_count > 8);
    static const char FULL[] = "There may be more rules that nearly held: a record keeps the first 8.";

    when_ben_is_flagged(s);
    assert_int_equal(lines_explaining(s, 1, "Not R-"), 8);
    assert_int_equal(lines_explaining(s, 1, FULL), 1);

    s->policy->rule_count = 7;
    publish(s, (event_said){.number = 91, .payload = FLAG, .people = {{.role = SUPERVISED, .nhs = NHS_BEN}}});
    assert_int_equal(lines_explaining(s, 1, FULL), 0);
}

#define TELL(test) cmocka_unit_test_setup_teardown(test, story_begin, story_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TELL(a_flag_on_a_known_father_opens_an_alert_about_the_child),
        TELL(the_reason_names_the_link_by_number),
        TELL(a_father_of_two_families_is_told_of_to_each_on_its_own),
        TELL(the_alert_goes_where_the_family_is_known),
        TELL(a_notice_about_the_family_is_a_notice),
        TELL(a_child_who_has_come_of_age_is_not_told_of),
        TELL(a_stranger_and_a_drill_reach_nobody),
        TELL(a_restricted_flag_is_silent_for_who_is_not_cleared),
        TELL(a_child_named_beside_the_father_has_one_line),
        TELL(an_alert_is_joined_once_by_an_event_that_reaches_it_through_two_families),
        TELL(the_children_of_two_families_are_not_joined_through_her_alert),
        TELL(more_relatives_than_a_decision_looks_at_raise_an_alarm),
        TELL(a_list_of_near_misses_that_is_full_says_so),
        TELL(other_rules_stay_with_those_who_are_named),
    };
    return cmocka_run_group_tests_name("relatives", tests, NULL, NULL);
}
