/* Who is whom, as people find it: possible links are confirmed, wrong ones split, and what rested on them is set right as far as is known. */
#include <stdio.h>
#include <string.h>

#include "core/sharing.h"
#include "core/state.h"
#include "story_acts.h"

#define DONE MASH__V1__ACT_CODE__ACT_DONE
#define REFUSED_ACT MASH__V1__ACT_CODE__ACT_REFUSED
#define MISSED MASH__V1__EVENT__PAYLOAD_MISSED_APPOINTMENT
#define ABSENCE MASH__V1__EVENT__PAYLOAD_ABSENCE
enum { ANNA = 1, BOB = 2 }; /* numbers on the roster */
#define SAME_PERSON MASH__V1__LINK_AS__LINK_AS_SAME_PERSON
#define SAME_FAMILY MASH__V1__LINK_AS__LINK_AS_SAME_FAMILY

static const Mash__V1__ActReply *confirm(story *s, const char *item, uint64_t person, uint64_t other, Mash__V1__LinkAs found)
{
    Mash__V1__ConfirmLink body = MASH__V1__CONFIRM_LINK__INIT;
    body.person = person, body.other = other, body.found = found;
    return act(s, (act_said){.by = "anna",
                             .item = item,
                             .what = MASH__V1__ACT__WHAT_CONFIRM_LINK,
                             .body = &body,
                             .reason = "the health visitor knows both"});
}

static const Mash__V1__ActReply *split_event(story *s, const char *item, uint64_t person, uint64_t event, uint32_t subject)
{
    Mash__V1__SplitLink body = MASH__V1__SPLIT_LINK__INIT;
    body.person = person, body.event = event, body.subject = subject;
    return act(
        s, (act_said){
               .by = "anna", .item = item, .what = MASH__V1__ACT__WHAT_SPLIT_LINK, .body = &body, .reason = "it is her sister"});
}

static const Mash__V1__ActReply *split_join(story *s, const char *item, uint64_t person, uint64_t joined)
{
    Mash__V1__SplitLink body = MASH__V1__SPLIT_LINK__INIT;
    body.person = person, body.joined = joined;
    return act(
        s,
        (act_said){.by = "anna", .item = item, .what = MASH__V1__ACT__WHAT_SPLIT_LINK, .body = &body, .reason = "two children"});
}

static uint64_t person_linked(const story *s, size_t index)
{
    return fact(s, FACT_PERSON_LINKED, index)->person_linked->person;
}

static uint64_t known_by(const story *s, const char *local)
{
    return core_person_of(s->state, MASH__V1__IDENTIFIER_SCHEME__IDENTIFIER_SCHEME_LOCAL, "case/1", local);
}

/* Does the case of the key hold this alert? */
static bool has_in_case(const story *s, const char *key, const char *alert)
{
    core_case found;
    hub_error err;
    uint64_t ref = 0;
    bool has = false;
    assert_int_equal(core_case_of(s->state, key, &found, &err), HUB_OK);
    assert_int_equal(core_query_ref(s->state, alert, &ref, &err), HUB_OK);
    for (uint32_t i = 0; i < found.count; i++)
        has = has || found.refs[i] == ref;
    return has;
}

/* ---- confirming ------------------------------------------------------------------------------------------------------------------- */
/* Two agencies, two local numbers, one child: from now on her events meet. */
static void two_numbers_that_are_one_child_become_one(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1, .people = {{.role = CHILD, .local = "C-1"}}});
    publish(s, (event_said){.number = 2, .people = {{.role = CHILD, .local = "C-2"}}});

    const Mash__V1__ActReply *reply = confirm(s, "A1", known_by(s, "C-1"), known_by(s, "C-2"), SAME_PERSON);

    then_done(reply);
    assert_int_equal(known_by(s, "C-2"), known_by(s, "C-1"));
    assert_int_equal(records_of(s, known_by(s, "C-1")), 2);
    assert_non_null(strstr(explained(s, TEAM), "are one person: a person has found it"));
    publish(s, (event_said){.number = 3, .from = HEALTH, .payload = MISSED, .people = {{.role = CHILD, .local = "C-2"}}});
    assert_int_equal(person_linked(s, 0), 1);
}

/* Whoever decides on the other alert decides on another picture now (A3). */
static void the_other_alert_changes_and_is_told(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1, .people = {{.role = CHILD, .local = "C-1"}}});
    publish(s, (event_said){.number = 2, .people = {{.role = CHILD, .local = "C-2"}}});
    uint32_t before = core_alert_stands(s->state, 2).version;

    then_done(confirm(s, "A1", 1, 2, SAME_PERSON));

    assert_int_equal(core_alert_stands(s->state, 2).version, before + 1);
    core_record record = last_record(s);
    assert_string_equal(nth_delivery_of(s, &record, "front-door", 0)->alert->alert_id, "A1");
    assert_string_equal(nth_delivery_of(s, &record, "front-door", 1)->alert->alert_id, "A2");
    then_refused(act(s, (act_said){.by = "bob",
                                   .item = "A2",
                                   .version = (int)before == 0 ? -1 : (int)before,
                                   .what = MASH__V1__ACT__WHAT_CLAIM}),
                 MASH__V1__ACT_CODE__ACT_STALE, "changed meanwhile");
}

/* Two NHS numbers are two people whatever a person has found: the number is put right first, where it is wrong. */
static void different_nhs_numbers_are_not_confirmed_as_one(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1, .people = {{.role = CHILD, .nhs = NHS_ANNE}}});
    publish(s, (event_said){.number = 2, .people = {{.role = CHILD, .nhs = NHS_BEN}}});

    then_refused(confirm(s, "A1", 1, 2, SAME_PERSON), REFUSED_ACT, "different numbers");
    assert_int_equal(facts(s, FACT_PERSONS_JOINED), 0);
}

/* The answer about somebody whom this team may not know of is that about nobody. */
static void who_is_in_nobodys_alert_here_is_not_told_of(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1, .people = {{.role = CHILD, .local = "C-1"}}});
    publish(s, (event_said){.number = 2, .area = "E06000044", .people = {{.role = CHILD, .local = "C-2"}}});

    char hidden[640];
    const Mash__V1__ActReply *reply = confirm(s, "A1", 1, 2, SAME_PERSON);
    (void)snprintf(hidden, sizeof hidden, "%s", reply->text);
    assert_int_equal(reply->code, REFUSED_ACT);
    assert_string_equal(confirm(s, "A1", 1, 77, SAME_PERSON)->text, hidden);
}

/* A father has no line of his own in either child's alert, and is one man all the same. */
static void who_is_named_in_two_alerts_of_a_team_may_be_one_person(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1, .people = {{.role = CHILD, .local = "C-1"}, {.role = PARENT, .local = "P-1"}}});
    publish(s, (event_said){.number = 2, .people = {{.role = CHILD, .local = "C-2"}, {.role = PARENT, .local = "P-2"}}});

    then_done(confirm(s, "A1", known_by(s, "P-1"), known_by(s, "P-2"), SAME_PERSON));

    assert_int_equal(known_by(s, "P-2"), known_by(s, "P-1"));
}

/* That somebody is known must not be told by the answer about a restricted alert's people. */
static void who_is_named_in_a_restricted_alert_is_nobody_for_who_is_not_cleared(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1, .people = {{.role = CHILD, .local = "C-1"}, {.role = PARENT, .local = "P-1"}}});
    publish(s, (event_said){.number = 2,
                            .sensitivity = MASH__V1__SENSITIVITY__SENSITIVITY_RESTRICTED,
                            .people = {{.role = CHILD, .local = "C-2"}, {.role = PARENT, .local = "P-2"}}});

    char hidden[640];
    const Mash__V1__ActReply *reply = confirm(s, "A1", known_by(s, "P-1"), known_by(s, "P-2"), SAME_PERSON);
    (void)snprintf(hidden, sizeof hidden, "%s", reply->text);
    assert_int_equal(reply->code, REFUSED_ACT);
    assert_string_equal(confirm(s, "A1", known_by(s, "P-1"), 77, SAME_PERSON)->text, hidden);
}

/* A shared address joins nobody; a person may. */
static void a_possible_household_is_confirmed_as_one_family(void **fixture)
{
    story *s = *fixture;
    publish(
        s, (event_said){.number = 1, .from = HEALTH, .payload = MISSED, .people = {{.role = PARENT, .local = "P-1", .uprn = 7}}});
    publish(s, (event_said){.number = 2, .people = {{.role = CHILD, .local = "C-1", .uprn = 7}}});
    assert_int_equal(facts(s, FACT_HOUSEHOLD_CANDIDATE), 1);

    then_done(confirm(s, "A1", known_by(s, "C-1"), known_by(s, "P-1"), SAME_FAMILY));

    uint32_t family = core_family_of(s->state, (uint32_t)known_by(s, "C-1"));
    assert_int_not_equal(family, 0);
    assert_true(core_is_member(s->state, family, (uint32_t)known_by(s, "P-1")));
    then_refused(confirm(s, "A1", known_by(s, "C-1"), known_by(s, "P-1"), SAME_FAMILY), REFUSED_ACT, "already");
}

/* ---- splitting an event off -------------------------------------------------------------------------------------------------------- */
/* The school gave the sister's NHS number with the child's own local one. */
static void whoever_was_taken_for_another_gets_what_was_said_of_them(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1, .from = HEALTH, .payload = MISSED, .people = {{.role = CHILD, .nhs = NHS_ANNE}}});
    publish(s, (event_said){.number = 2, .people = {{.role = CHILD, .nhs = NHS_ANNE, .local = "C-2", .birth_year = 2012}}});
    uint64_t wrong = core_sequence(s->state);
    core_record told_wrong = kept_record(s);

    const Mash__V1__ActReply *reply = split_event(s, "A1", 1, wrong, 1);

    then_done(reply);
    assert_int_equal(reply->number, 2);
    assert_int_equal(known_by(s, "C-2"), 2);
    assert_int_equal(records_of(s, 1), 1);
    assert_int_equal(records_of(s, 2), 1);
    assert_int_equal(core_persons_at(s->state, 1)->birth_day, 0); /* nobody said it of Anne */
    assert_int_not_equal(core_persons_at(s->state, 2)->birth_day, 0);
    assert_true(core_has_line(s->state, 1, 2));
    assert_false(core_has_line(s->state, 1, 1)); /* that line rested on the wrong link alone */
    assert_non_null(strstr(explained(s, TEAM), "does not name person 1 as its subject 1, but person 2"));
    assert_non_null(strstr(explained_of(s, &told_wrong, TEAM), "Since then a person has found that this is not person 1"));
}

/* The school's system still has the sister's number. */
static void later_events_obey_a_split(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1, .from = HEALTH, .payload = MISSED, .people = {{.role = CHILD, .nhs = NHS_ANNE}}});
    publish(s, (event_said){.number = 2, .people = {{.role = CHILD, .nhs = NHS_ANNE, .local = "C-2"}}});
    then_done(split_event(s, "A1", 1, core_sequence(s->state), 1));

    publish(s, (event_said){.number = 3, .people = {{.role = CHILD, .nhs = NHS_ANNE, .local = "C-2"}}});

    assert_int_equal(person_linked(s, 0), 2);
    assert_int_equal(facts(s, FACT_PERSONS_JOINED), 0);
    assert_int_equal(facts(s, FACT_ALARM_RAISED), 0); /* a person has dealt with it */
    assert_non_null(strstr(explained(s, TEAM), "a person has found that they are two"));
    assert_int_equal(facts(s, FACT_ALERT_JOINED), 1); /* the alert went with the child whom it is about */
    publish(s, (event_said){.number = 4, .from = HEALTH, .payload = MISSED, .people = {{.role = CHILD, .nhs = NHS_ANNE}}});
    assert_int_equal(person_linked(s, 0), 1);
}

/* Three of one child are a pattern; three of two are none. */
static void a_pattern_no_longer_counts_what_was_split_off(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1, .people = {{.role = CHILD, .nhs = NHS_ANNE}}});
    publish(s, (event_said){.number = 2, .from = HEALTH, .payload = MISSED, .people = {{.role = CHILD, .nhs = NHS_ANNE}}});
    publish(s, (event_said){.number = 3, .people = {{.role = CHILD, .nhs = NHS_ANNE, .local = "C-2"}}});
    uint64_t wrong = core_sequence(s->state);
    publish(s, (event_said){.number = 4, .from = HEALTH, .payload = MISSED, .people = {{.role = CHILD, .local = "C-2"}}});
    then_done(split_event(s, "A1", 1, wrong, 1));

    publish(s, (event_said){.number = 5, .from = HEALTH, .payload = MISSED, .people = {{.role = CHILD, .local = "C-2"}}});

    assert_int_equal(facts(s, FACT_ALERT_OPENED) + facts(s, FACT_ALERT_JOINED),
                     0); /* her first; event 4 stays until it is split too */
}

/* The mother named beside the wrong child is not Anne's mother, and Anne is of no family of hers. */
static void families_follow_the_event_that_named_them(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1, .people = {{.role = CHILD, .nhs = NHS_ANNE}}});
    publish(s, (event_said){.number = 2,
                            .people = {{.role = CHILD, .nhs = NHS_ANNE, .local = "C-2", .child_of = 2},
                                       {.role = PARENT, .local = "P-1"}}});
    uint64_t anne = person_linked(s, 0), mother = person_linked(s, 1);
    uint32_t family = core_family_of(s->state, (uint32_t)anne);

    then_done(split_event(s, "A1", anne, core_sequence(s->state), 1));

    uint64_t sister = known_by(s, "C-2");
    assert_false(core_is_member(s->state, family, (uint32_t)anne));
    assert_true(core_is_member(s->state, family, (uint32_t)sister));
    assert_true(core_is_member(s->state, family, (uint32_t)mother));
    assert_true(core_has_line(s->state, 1, anne)); /* event 1 is about her */
    assert_true(core_has_line(s->state, 1, sister));
}

/* A1 is about the sister's family, and has a line for Anne, who is not of it; A2 is about Anne. */
static void an_alert_is_about_one_who_is_not_of_its_family_any_more(story *s)
{
    publish(s, (event_said){.number = 1, .people = {{.role = CHILD, .nhs = NHS_ANNE}}});
    publish(s, (event_said){.number = 2,
                            .people = {{.role = CHILD, .nhs = NHS_ANNE, .local = "C-2", .child_of = 2},
                                       {.role = PARENT, .local = "P-1"}}});
    then_done(split_event(s, "A1", person_linked(s, 0), core_sequence(s->state), 1));
    publish(s, (event_said){.number = 3, .payload = ABSENCE, .people = {{.role = CHILD, .nhs = NHS_ANNE, .birth_year = 2015}}});
    assert_int_equal(facts(s, FACT_ALERT_OPENED), 1);
}

/* Somebody is to decide on both there; who is a party there must read of neither anywhere else. */
static void a_party_stays_one_for_whom_the_alert_is_still_about_after_a_split(void **fixture)
{
    story *s = *fixture;
    an_alert_is_about_one_who_is_not_of_its_family_any_more(s);
    core_record of_anne = kept_record(s);

    then_done(declare_party(s, "mona", "bob")); /* in A1 */

    assert_true(core_record_has_party(s->state, &of_anne, BOB));
    assert_true(core_alert_has_party(s->state, 2, BOB));
    assert_false(core_alert_has_party(s->state, 2, ANNA));
}

static void who_is_a_party_in_hers_reads_nothing_of_the_one_that_is_still_about_her(void **fixture)
{
    story *s = *fixture;
    an_alert_is_about_one_who_is_not_of_its_family_any_more(s);

    then_done(declare_party_in(s, "A2", "mona", "bob"));

    assert_true(core_alert_has_party(s->state, 1, BOB));
    assert_false(core_alert_has_party(s->state, 1, ANNA));
}

/* Otherwise an inspector who reads Anne's case does not see what was decided on her there. */
static void an_alert_that_is_still_about_somebody_after_a_split_is_in_their_case(void **fixture)
{
    story *s = *fixture;
    an_alert_is_about_one_who_is_not_of_its_family_any_more(s);

    assert_true(has_in_case(s, "nhs:" NHS_ANNE, "alert:A1"));
    assert_true(has_in_case(s, "nhs:" NHS_ANNE, "alert:A2"));
    assert_true(has_in_case(s, "local:case/1:C-2", "alert:A1"));
    assert_false(has_in_case(s, "local:case/1:C-2", "alert:A2"));
}

/* No event of A1 names Anne now and she is of none of its families, but a person has decided on her there. Gives the one that did. */
static uint64_t a_decision_stays_where_all_that_led_to_it_was_split_off(story *s)
{
    publish(s, (event_said){.number = 1, .from = HEALTH, .payload = MISSED, .people = {{.role = CHILD, .nhs = NHS_ANNE}}});
    publish(s, (event_said){.number = 2,
                            .people = {{.role = CHILD, .nhs = NHS_ANNE, .local = "C-2", .child_of = 2},
                                       {.role = PARENT, .local = "P-1"}}});
    uint64_t wrong = core_sequence(s->state), anne = person_linked(s, 0);
    then_done(claim(s, "anna"));
    then_done(decide_line(s, "anna", anne, "no_further_action"));

    then_done(split_event(s, "A1", anne, wrong, 1));
    assert_non_null(core_line_outcome(s->state, 1, anne));
    return wrong;
}

static void a_decision_on_somebody_is_in_their_case_when_all_that_led_to_it_was_split_off(void **fixture)
{
    story *s = *fixture;
    (void)a_decision_stays_where_all_that_led_to_it_was_split_off(s);

    assert_true(has_in_case(s, "nhs:" NHS_ANNE, "alert:A1"));
}

/* Nor was the second who they were taken for. */
static void a_decision_on_somebody_is_in_their_case_when_what_led_to_it_was_split_off_twice(void **fixture)
{
    story *s = *fixture;
    uint64_t wrong = a_decision_stays_where_all_that_led_to_it_was_split_off(s);
    then_done(split_event(s, "A1", known_by(s, "C-2"), wrong, 1));

    assert_true(has_in_case(s, "nhs:" NHS_ANNE, "alert:A1"));
}

static void who_is_a_party_where_it_was_decided_on_her_reads_nothing_else_of_her(void **fixture)
{
    story *s = *fixture;
    (void)a_decision_stays_where_all_that_led_to_it_was_split_off(s);
    publish(s, (event_said){.number = 3, .payload = ABSENCE, .people = {{.role = CHILD, .nhs = NHS_ANNE, .birth_year = 2015}}});
    assert_int_equal(facts(s, FACT_ALERT_OPENED), 1);

    then_done(declare_party(s, "mona", "bob")); /* in A1 */

    assert_true(core_alert_has_party(s->state, 2, BOB));
    assert_false(core_alert_has_party(s->state, 2, ANNA));
}

/* Who decides on her there decides on another picture, too. */
static void an_alert_that_is_still_about_somebody_after_a_split_changes_with_a_link_of_theirs(void **fixture)
{
    story *s = *fixture;
    an_alert_is_about_one_who_is_not_of_its_family_any_more(s);
    uint64_t anne = person_linked(s, 0);
    publish(s, (event_said){.number = 4, .people = {{.role = CHILD, .local = "C-9"}}});
    uint32_t before = core_alert_stands(s->state, 1).version;

    then_done(confirm(s, "A3", person_linked(s, 0), anne, SAME_PERSON));

    assert_int_equal(core_alert_stands(s->state, 1).version, before + 1);
}

/* A decision is a person's: it stays with whom they decided on, and the other waits for their own. */
static void a_decided_line_stays_and_another_is_added(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1,
                            .people = {{.role = CHILD, .nhs = NHS_ANNE, .child_of = 2}, {.role = PARENT, .local = "P-1"}}});
    publish(s, (event_said){.number = 2,
                            .people = {{.role = CHILD, .nhs = NHS_ANNE, .local = "C-2"},
                                       {.role = CHILD, .nhs = NHS_BEN, .sibling_of = 1}}});
    uint64_t wrong = core_sequence(s->state);
    uint64_t anne = person_linked(s, 0);
    then_done(claim(s, "anna"));
    then_done(decide_line(s, "anna", anne, "no_further_action"));

    then_done(split_event(s, "A1", anne, wrong, 1));

    assert_non_null(core_line_outcome(s->state, 1, anne));
    assert_true(core_has_line(s->state, 1, known_by(s, "C-2")));
    assert_null(core_line_outcome(s->state, 1, known_by(s, "C-2")));
}

static void an_event_without_a_number_of_its_own_says_what_it_cannot_do(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1, .from = HEALTH, .payload = MISSED, .people = {{.role = CHILD, .nhs = NHS_ANNE}}});
    publish(s, (event_said){.number = 2, .people = {{.role = CHILD, .nhs = NHS_ANNE}}});

    const Mash__V1__ActReply *reply = split_event(s, "A1", 1, core_sequence(s->state), 1);

    then_done(reply);
    assert_non_null(strstr(reply->text, "no number of their own tells them apart"));
}

static void only_what_this_alert_was_told_is_split(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1, .from = HEALTH, .payload = MISSED, .people = {{.role = CHILD, .nhs = NHS_ANNE}}});
    uint64_t elsewhere = core_sequence(s->state);
    publish(s, (event_said){.number = 2, .people = {{.role = CHILD, .nhs = NHS_ANNE}}});
    uint64_t here = core_sequence(s->state);

    then_refused(split_event(s, "A1", 1, elsewhere, 1), REFUSED_ACT, "no event of this alert");
    then_refused(split_event(s, "A1", 1, here, 2), REFUSED_ACT, "no event of this alert");
    then_refused(split_event(s, "A1", 1, here, 0), REFUSED_ACT, "no event of this alert");
    then_refused(split_event(s, "A1", 9, here, 1), REFUSED_ACT, "no such person");
    then_refused(split_join(s, "A1", 1, 1), REFUSED_ACT, "nobody of this number was joined");
}

/* ---- undoing a join ------------------------------------------------------------------------------------------------------------- */
/* One event named both by mistake. Each gets back what was theirs, with the alert that was opened about them. */
static void a_join_is_undone(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1, .people = {{.role = CHILD, .nhs = NHS_ANNE}}});
    publish(s, (event_said){.number = 2, .people = {{.role = CHILD, .local = "C-2"}}});
    publish(s, (event_said){
                   .number = 3, .from = HEALTH, .payload = MISSED, .people = {{.role = CHILD, .nhs = NHS_ANNE, .local = "C-2"}}});
    assert_int_equal(facts(s, FACT_PERSONS_JOINED), 1);
    assert_true(core_has_line(s->state, 2, 1));

    then_done(split_join(s, "A1", 1, 2));

    assert_int_equal(known_by(s, "C-2"), 2);
    assert_int_equal(records_of(s, 1), 2); /* what came since stays, and the answer says so */
    assert_int_equal(records_of(s, 2), 1);
    assert_false(core_has_line(s->state, 2, 1));
    assert_true(core_has_line(s->state, 2, 2));
    publish(s, (event_said){.number = 4, .people = {{.role = CHILD, .local = "C-2"}}});
    assert_int_equal(fact(s, FACT_ALERT_JOINED, 0)->alert_joined->alert, 2);
}

static void two_who_were_split_are_not_joined_by_the_same_mistake(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1, .people = {{.role = CHILD, .nhs = NHS_ANNE}}});
    publish(s, (event_said){.number = 2, .people = {{.role = CHILD, .local = "C-2"}}});
    publish(s, (event_said){.number = 3, .people = {{.role = CHILD, .nhs = NHS_ANNE, .local = "C-2"}}});
    then_done(split_join(s, "A1", 1, 2));

    publish(s, (event_said){.number = 4, .people = {{.role = CHILD, .nhs = NHS_ANNE, .local = "C-2"}}});

    assert_int_equal(facts(s, FACT_PERSONS_JOINED), 0);
    assert_int_equal(person_linked(s, 0), 2);
}

/* Who was joined to whom is remembered: the one in the middle takes theirs along. */
static void who_had_been_joined_before_goes_along(void **fixture)
{
    story *s = *fixture;
    for (int i = 1; i <= 3; i++) {
        char local[8];
        (void)snprintf(local, sizeof local, "C-%d", i);
        publish(s, (event_said){.number = i, .people = {{.role = CHILD, .local = local}}});
    }
    then_done(confirm(s, "A2", 2, 3, SAME_PERSON));
    then_done(confirm(s, "A1", 1, 2, SAME_PERSON));
    assert_int_equal(known_by(s, "C-3"), 1);

    then_done(split_join(s, "A1", 1, 2));

    assert_int_equal(known_by(s, "C-1"), 1);
    assert_int_equal(known_by(s, "C-2"), 2);
    assert_int_equal(known_by(s, "C-3"), 2);
    then_done(confirm(s, "A1", 1, 2, SAME_PERSON)); /* and they may be found to be one after all */
    assert_int_equal(known_by(s, "C-3"), 1);
}

/* A plan that was set for the one is not the other's. */
static void standing_goes_with_whom_it_was_said_of(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1, .people = {{.role = CHILD, .nhs = NHS_ANNE}}});
    publish(s, (event_said){.number = 2,
                            .payload = MASH__V1__EVENT__PAYLOAD_PROTECTION_PLAN,
                            .people = {{.role = CHILD, .local = "C-2"}}});
    publish(s, (event_said){.number = 3, .people = {{.role = CHILD, .nhs = NHS_ANNE, .local = "C-2"}}});
    assert_int_not_equal(core_persons_at(s->state, 1)->status, 0);

    then_done(split_join(s, "A1", 1, 2));

    assert_int_equal(core_persons_at(s->state, 1)->status, 0);
    assert_int_not_equal(core_persons_at(s->state, 2)->status, 0);
}

/* Who is not cleared for how people are known hears that somebody acted, and nothing of links (V4). */
static void a_list_that_is_not_cleared_hears_of_no_link(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1, .people = {{.role = CHILD, .local = "C-1"}}});
    publish(s, (event_said){.number = 2, .people = {{.role = CHILD, .local = "C-2"}}});
    s->policy->audiences[0].sees_up_to = MASH__V1__SENSITIVITY__SENSITIVITY_SENSITIVE;

    then_done(confirm(s, "A1", 1, 2, SAME_PERSON));

    assert_non_null(strstr(explained(s, TEAM), "confirmed a possible link"));
    assert_null(strstr(explained(s, TEAM), "are one person"));
    assert_null(strstr(explained(s, TEAM), "corrected"));
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, story_begin, story_end)
    const struct CMUnitTest tests[] = {
        T(two_numbers_that_are_one_child_become_one),
        T(the_other_alert_changes_and_is_told),
        T(different_nhs_numbers_are_not_confirmed_as_one),
        T(who_is_in_nobodys_alert_here_is_not_told_of),
        T(who_is_named_in_two_alerts_of_a_team_may_be_one_person),
        T(who_is_named_in_a_restricted_alert_is_nobody_for_who_is_not_cleared),
        T(a_possible_household_is_confirmed_as_one_family),
        T(whoever_was_taken_for_another_gets_what_was_said_of_them),
        T(later_events_obey_a_split),
        T(a_party_stays_one_for_whom_the_alert_is_still_about_after_a_split),
        T(who_is_a_party_in_hers_reads_nothing_of_the_one_that_is_still_about_her),
        T(an_alert_that_is_still_about_somebody_after_a_split_is_in_their_case),
        T(a_decision_on_somebody_is_in_their_case_when_all_that_led_to_it_was_split_off),
        T(a_decision_on_somebody_is_in_their_case_when_what_led_to_it_was_split_off_twice),
        T(who_is_a_party_where_it_was_decided_on_her_reads_nothing_else_of_her),
        T(an_alert_that_is_still_about_somebody_after_a_split_changes_with_a_link_of_theirs),
        T(a_pattern_no_longer_counts_what_was_split_off),
        T(families_follow_the_event_that_named_them),
        T(a_decided_line_stays_and_another_is_added),
        T(an_event_without_a_number_of_its_own_says_what_it_cannot_do),
        T(only_what_this_alert_was_told_is_split),
        T(a_join_is_undone),
        T(two_who_were_split_are_not_joined_by_the_same_mistake),
        T(who_had_been_joined_before_goes_along),
        T(standing_goes_with_whom_it_was_said_of),
        T(a_list_that_is_not_cleared_hears_of_no_link),
    };
    return cmocka_run_group_tests_name("links", tests, NULL, NULL);
}
