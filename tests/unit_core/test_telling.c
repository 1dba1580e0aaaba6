/* Everything that people did, told again: to a judge in order and in plain words, to an agency what is addressed to it, to nobody more. */
#include "story_disagreement.h"

#include <stdio.h>
#include <string.h>

enum { FULL_AUDIENCE, DUTY_QUEUE = 3, HEALTH_NOTICES = 4 };

typedef struct telling {
    story *s;
    uint32_t auditor, agency, duty;
} telling;

static telling begins(void **fixture)
{
    telling t = {.s = *fixture};
    t.s->policy->audiences[FULL_AUDIENCE].acts_who = true;
    t.s->policy->audiences[FULL_AUDIENCE].acts_words = true;
    t.s->policy->queues[HEALTH_NOTICES].is_agency = true;
    t.auditor = reader(t.s, "auditor", MASH__V1__PEER_KIND__PEER_KIND_AUDITOR, NULL);
    t.agency = reader(t.s, "health-team", MASH__V1__PEER_KIND__PEER_KIND_CONSUMER, "health-notices");
    t.duty = reader(t.s, "duty-board", MASH__V1__PEER_KIND__PEER_KIND_CONSUMER, "duty");
    return t;
}

static void then_told(telling t, uint32_t peer, const char *words)
{
    const char *text = explained(t.s, peer);
    if (strstr(text, words) == NULL) fail_msg("\"%s\" does not say \"%s\"", text, words);
}

static void then_not_told(telling t, uint32_t peer, const char *words)
{
    const char *text = explained(t.s, peer);
    if (strstr(text, words) != NULL) fail_msg("\"%s\" says \"%s\"", text, words);
}

static void a_claim_is_told_with_who_when_and_how_early(void **fixture)
{
    telling t = begins(fixture);
    publish(t.s, (event_said){.number = 1, .grade = HIGH});
    t.s->now_ms += 12 * MINUTE_MS;
    then_done(claim(t.s, "anna"));

    char expected[1200];
    (void)snprintf(expected, sizeof expected,
                   "Mon 8 Jun 2026 10:12 BST, alert A1: anna (practitioner, front-team) claimed it (record %llu, version 1).\n"
                   "  That is the first thing a person did about it, 12 min after it was opened.\n"
                   "  anna (practitioner, front-team) owns it.\n"
                   "    Clock E-RED/1, due Mon 8 Jun 2026 10:15 BST, is met in time, 3 min early.\n",
                   (unsigned long long)core_sequence(t.s->state));
    then_told(t, TEAM, expected);
    then_told(t, TEAM, "    Clock claim from Mon 8 Jun 2026 10:12 BST, due Mon 8 Jun 2026 12:12 BST.\n");
}

/* That it ran out was told when it did; how late it was met in the end is what an inspector asks. */
static void a_clock_that_had_run_out_is_told_with_how_late_it_was_met(void **fixture)
{
    telling t = begins(fixture);
    publish(t.s, (event_said){.number = 1, .from = HEALTH, .grade = HIGH});
    then_done(claim(t.s, "anna"));
    then_done(ask(t.s, "anna", "health", 0));
    until(t.s, t.s->now_ms + 4 * HOUR_MS);
    then_done(answer_request(t.s, "hana", "R1"));

    then_told(t, TEAM, "Clock answer of R1, due Mon 8 Jun 2026 12:00 BST, which had run out, is met 2 h 0 min LATE.\n");
    then_done(answer_request(t.s, "hana", "R1"));
    then_not_told(t, TEAM, "is met");

    until(t.s, t.s->now_ms + 65 * MINUTE_MS);
    then_done(claim(t.s, "anna"));
    then_not_told(t, TEAM, "red_decision");
    then_done(decide_line(t.s, "anna", 1, "section_47"));

    then_told(t, TEAM, "Clock red_decision, due Mon 8 Jun 2026 14:00 BST, which had run out, is met 1 h 5 min LATE.\n");
    then_not_told(t, TEAM, "E-RED"); /* a step that was taken is no promise */
}

static void an_answer_to_a_disagreement_that_comes_late_is_told_so_once(void **fixture)
{
    telling t = begins(fixture);
    acknowledge_by(t.s, STAGE_1_ACK);
    it_is_disputed(t.s);
    until(t.s, t.s->now_ms + 32 * HOUR_MS);
    then_done(respond(t.s, "olga"));

    then_told(t, TEAM, "Clock D/1a of D1, due Tue 9 Jun 2026 17:00 BST, which had run out, is met 1 h 0 min LATE.\n");
    then_done(respond(t.s, "olga"));
    then_not_told(t, TEAM, "D/1a");
}

/* Two closings, and the outcome of the first was never written down: the second one's is written in time. */
static void what_ran_out_and_was_begun_again_is_met_as_it_was_begun_last(void **fixture)
{
    telling t = begins(fixture);
    it_is_disputed(t.s);
    it_is_settled(t.s);
    until(t.s, t.s->now_ms + 5 * DAY_MS);
    then_done(dispute(t.s, (dispute_said){.by = "anna", .with = "other-team", .again = "D1"}));
    it_is_settled(t.s);
    then_done(record_outcome(t.s, "anna"));

    then_told(t, TEAM, "Clock outcome of D1, due ");
    then_told(t, TEAM, "is met in time");
    then_not_told(t, TEAM, "LATE");
}

/* Reasons are about a family: who runs the hub, or audits it, has no need of them. */
static void what_was_written_is_told_to_those_whose_list_has_it_and_named_to_the_others(void **fixture)
{
    telling t = begins(fixture);
    publish(t.s, (event_said){.number = 1, .grade = HIGH});
    then_done(claim(t.s, "anna"));
    then_done(rate(t.s, "anna", MASH__V1__RATING__RATING_AMBER));

    then_told(t, TEAM, "  Reason: \"as the history shows\"\n");
    then_told(t, TEAM, "Its rating is amber from now on, by a person.");
    then_not_told(t, t.auditor, "as the history shows");
    then_told(t, t.auditor, "Withheld from this reader: act.words");
    then_told(t, t.auditor, "anna (practitioner, front-team) rated it");
}

static void a_reader_whose_list_has_no_names_is_told_the_team(void **fixture)
{
    telling t = begins(fixture);
    t.s->policy->audiences[FULL_AUDIENCE].acts_who = false;
    publish(t.s, (event_said){.number = 1, .grade = HIGH});
    then_done(claim(t.s, "anna"));

    then_told(t, TEAM, "alert A1: somebody of front-team claimed it");
    then_not_told(t, TEAM, "anna");
}

static void a_step_says_who_was_told_and_who_was_missing(void **fixture)
{
    telling t = begins(fixture);
    publish(t.s, (event_said){.number = 1, .grade = HIGH});
    tick_after(t.s, 15 * MINUTE_MS);

    then_told(t, TEAM, "Escalation E-RED, step 1: nobody had claimed it by Mon 8 Jun 2026 10:15 BST.\n");
    then_told(t, TEAM, "    For mona (team-manager, front-team).\n");
    tick_after(t.s, 15 * MINUTE_MS);

    then_told(t, t.auditor, "Escalation E-RED, step 2");
    then_told(t, t.auditor,
              "Nobody held the role nobody-has-it that day: the managers were told, and the next step was taken at once.");
    then_told(t, t.auditor, "    For dora (duty-manager, duty-team).\n");
}

/* With its answer its owner keeps the claim; how long is nobody's but the team's. */
static void an_agency_is_told_the_clocks_of_its_disagreement_and_not_those_of_the_alert(void **fixture)
{
    telling t = begins(fixture);
    give_row(t.s, "hana", "practitioner");
    publish(t.s, (event_said){.number = 1, .grade = HIGH});
    then_done(claim(t.s, "anna"));
    then_done(ask(t.s, "anna", "health", 0));
    then_done(dispute(t.s, (dispute_said){.by = "hana", .with = "front-team"}));
    then_told(t, t.agency, "Clock D/1 of D1");
    then_done(respond(t.s, "anna"));

    then_told(t, TEAM, "Clock claim from");
    then_told(t, t.agency, "front-team has stated its position");
    then_not_told(t, t.agency, "claim");
}

/* The agency reads its question and its clock; not who claimed the alert, what else runs on it, or how it is rated. */
static void an_agency_is_told_its_question_and_nothing_else_of_the_alert(void **fixture)
{
    telling t = begins(fixture);
    publish(t.s, (event_said){.number = 1, .grade = HIGH});
    then_done(claim(t.s, "anna"));
    then_done(ask(t.s, "anna", "health", 0));

    const char *told = explained(t.s, t.agency);
    assert_non_null(strstr(told, "Request R1 to health-notices."));
    assert_non_null(strstr(told, "Question: \""));
    assert_non_null(strstr(told, "Clock of R1"));
    assert_null(strstr(told, "anna"));
    assert_null(strstr(told, "claim"));
    assert_null(strstr(told, "front-door"));
    assert_true(finds(t.s, t.agency, "R1"));
    assert_true(finds(t.s, t.agency, "request:R1"));
    assert_true(finds(t.s, TEAM, "A1"));
    assert_false(finds(t.s, t.agency, "R2"));
}

static void a_decision_tells_the_team_why_and_the_referrer_what_is_meant_for_it(void **fixture)
{
    telling t = begins(fixture);
    publish(t.s, (event_said){.number = 1, .from = HEALTH, .grade = HIGH});
    then_done(claim(t.s, "anna"));
    then_done(decide_line(t.s, "anna", 1, "section_47"));

    then_told(t, TEAM, "  Why: \"weighed with the family's history\"\n  Legal basis: \"Children Act 1989 s47\"\n");
    then_told(t, TEAM, "  Decided for person 1: a section 47 enquiry begins.\n  Alert A1 is ended.\n");
    const char *told = explained(t.s, t.agency);
    assert_non_null(strstr(told, "Feedback F1 is owed to health-notices: a section 47 enquiry begins, for person 1."));
    assert_non_null(strstr(told, "In words meant for them: \"thank you; we have looked into it\""));
    assert_null(strstr(told, "weighed"));
    assert_null(strstr(told, "Alert A1 is ended"));
    assert_true(finds(t.s, t.agency, "F1"));
    then_done(seen(t.s, "hana", "F1"));

    then_told(t, t.auditor, "Feedback F1 has been seen by hana (agency-person, health-team).");
    then_told(t, t.auditor, "Clock feedback of F1");
    assert_true(finds(t.s, t.auditor, "feedback:F1"));
}

static void a_hold_tells_what_stood_still_and_how_the_time_was_added(void **fixture)
{
    telling t = begins(fixture);
    publish(t.s, (event_said){.number = 1, .grade = HIGH});
    then_done(claim(t.s, "anna"));
    t.s->now_ms += HOUR_MS;
    then_done(hold_by_two(t.s, "anna", t.s->now_ms + 2 * HOUR_MS, "bob"));

    then_told(t, TEAM,
              "It is held until Mon 8 Jun 2026 13:00 BST; the second person who agreed: bob (practitioner, front-team).");
    then_told(t, TEAM, "Clock red_decision stands still: it was due Mon 8 Jun 2026 14:00 BST; 3 h 0 min of it were left.\n");
    t.s->now_ms += HOUR_MS;
    then_done(resume_alert(t.s, "anna"));

    then_told(t, TEAM,
              "Clock red_decision goes on: due Mon 8 Jun 2026 15:00 BST instead of Mon 8 Jun 2026 14:00 BST, 1 h 0 min later.\n"
              "      What was left when the hold began goes on from its end.\n");
}

static void a_refused_act_is_told_to_who_audits_and_to_no_team(void **fixture)
{
    telling t = begins(fixture);
    publish(t.s, (event_said){.number = 1, .grade = HIGH});
    then_refused(claim(t.s, "olga"), MASH__V1__ACT_CODE__ACT_NOT_ALLOWED, "claim");

    then_told(t, t.auditor, "an act was not done: claim, asked for by olga (practitioner, other-team)");
    assert_string_equal(explained(t.s, TEAM), "");
}

/* Which act it was is what an operator looks for; that it was refused is said of all of them. */
static void a_refused_act_is_told_by_its_name_in_one_line(void **fixture)
{
    telling t = begins(fixture);
    publish(t.s, (event_said){.number = 1, .grade = HIGH});
    then_refused(claim(t.s, "olga"), MASH__V1__ACT_CODE__ACT_NOT_ALLOWED, "claim");
    assert_string_equal(tailed(t.s, t.auditor)->detail, "claimed it, not done");

    then_refused(resume_alert(t.s, "anna"), MASH__V1__ACT_CODE__ACT_REFUSED, "it is not held");
    assert_string_equal(tailed(t.s, t.auditor)->detail, "ended the hold, not done");
}

static void a_clock_that_a_person_moves_is_told_with_both_times(void **fixture)
{
    telling t = begins(fixture);
    publish(t.s, (event_said){.number = 1, .grade = HIGH});
    then_done(claim(t.s, "anna"));
    until(t.s, t.s->now_ms + 119 * MINUTE_MS);
    then_done(restate(t.s, "mona", "red_decision", t.s->now_ms + HOUR_MS));

    then_told(
        t, TEAM,
        "Clock red_decision is moved: due Mon 8 Jun 2026 12:59 BST instead of Mon 8 Jun 2026 14:00 BST, 1 h 1 min earlier.\n");
    then_told(t, TEAM, "A person said until when; it was not reckoned.");
}

/* Both positions are kept word for word, for those whose list has them; where it stands and why is told to who audits too. */
static void a_disagreement_is_told_from_its_opening_to_its_next_stage(void **fixture)
{
    telling t = begins(fixture);
    two_doors_have_it(t.s);
    then_done(dispute(t.s, (dispute_said){.by = "anna", .with = "other-team", .position = "she is not safe at home"}));

    then_told(
        t, TEAM,
        "Disagreement D1 is opened: front-team disagrees with other-team; standard lane, stage 1, practitioner to practitioner.");
    then_told(t, TEAM, "  Position: \"she is not safe at home\"\n");
    then_not_told(t, t.auditor, "not safe at home");
    assert_true(finds(t.s, TEAM, "D1"));
    then_done(refer(t.s, "anna", 0, "no answer from them"));

    then_told(t, t.auditor, "Disagreement D1 goes to stage 2, manager to manager, because a side took it up.");
    assert_true(finds(t.s, t.auditor, "disagreement:D1"));
}

/* What a reader may not read of an event is named, so that it knows what to ask for; of people in other roles not even the fields. */
static void what_is_withheld_of_an_event_is_named(void **fixture)
{
    telling t = begins(fixture);
    publish(t.s, (event_said){.number = 1,
                              .grade = HIGH,
                              .people = {{.role = CHILD, .nhs = NHS_ANNE}, {.role = PARENT, .nhs = NHS_BEN, .uprn = 7}}});

    const char *told = explained(t.s, t.agency);
    assert_non_null(strstr(told, "Withheld from this reader: subjects in other roles, "));
    assert_non_null(strstr(told, "subjects.identifiers"));
    assert_null(strstr(told, "subjects.addresses")); /* the parent's alone */
    then_not_told(t, t.auditor, "Withheld");
}

/* One tick tells of many alerts; whose case is read hears of its own. */
static void an_alert_asked_for_tells_nothing_of_another_in_the_same_record(void **fixture)
{
    telling t = begins(fixture);
    publish(t.s, (event_said){.number = 1, .grade = HIGH});
    publish(t.s, (event_said){.number = 2, .grade = HIGH, .people = {{.role = CHILD, .nhs = NHS_CARA}}});
    tick_after(t.s, 15 * MINUTE_MS);
    core_record record = last_record(t.s);
    core_view view = core_view_of(t.s->state, TEAM, &record);
    core_lines lines = {.arena = &t.s->kept, .alert = 2};

    assert_int_equal(core_explain(&view, &lines), HUB_OK);

    assert_true(lines.count > 0);
    assert_non_null(strstr(explained(t.s, TEAM), "alert A1"));
    for (size_t i = 0; i < lines.count; i++)
        assert_null(strstr(lines.items[i]->text, "A1"));
    const Mash__V1__TailItem *item = core_describe(&view, &t.s->kept);
    assert_int_equal(item->n_alert_ids, 2);
}

/* ---- in an answer to an act, and in a step ------------------------------------------------------------------------------------ */
/* An answer goes to the same people as the deliveries: what the list keeps back is kept back there too. */
static void who_acted_is_told_by_an_answer_only_where_the_list_has_it(void **fixture)
{
    telling t = begins(fixture);
    publish(t.s, (event_said){.number = 1});
    then_done(claim(t.s, "anna"));
    then_refused(claim(t.s, "bob"), MASH__V1__ACT_CODE__ACT_REFUSED, "claimed by anna");
    t.s->policy->audiences[FULL_AUDIENCE].acts_who = false;

    then_refused(claim(t.s, "bob"), MASH__V1__ACT_CODE__ACT_REFUSED, "claimed by somebody");
    const Mash__V1__ActReply *stale = act(t.s, (act_said){.by = "bob", .version = -1, .what = MASH__V1__ACT__WHAT_CLAIM});

    then_refused(stale, MASH__V1__ACT_CODE__ACT_STALE, "changed meanwhile");
    assert_int_equal(stale->n_changed, 1);
    assert_string_equal(stale->changed[0]->who, "somebody of front-team");
    assert_string_equal(stale->changed[0]->what, "claimed it");
}

/* What a team does on its alert is not an agency's to know: it hears that there is a newer version. */
static void an_agency_that_acts_on_an_old_version_hears_of_the_new_one_and_not_what_the_team_did(void **fixture)
{
    telling t = begins(fixture);
    publish(t.s, (event_said){.number = 1});
    then_done(ask(t.s, "anna", "health", 0));
    then_done(rate(t.s, "anna", MASH__V1__RATING__RATING_RED));
    Mash__V1__Dispute body = MASH__V1__DISPUTE__INIT;
    body.with_team = (char *)(uintptr_t) "front-team";
    body.position = (char *)(uintptr_t) "it is graver than that";

    const Mash__V1__ActReply *stale =
        act(t.s, (act_said){.by = "hana", .version = 1, .what = MASH__V1__ACT__WHAT_DISPUTE, .body = &body});

    then_refused(stale, MASH__V1__ACT_CODE__ACT_STALE, "version 2, you saw 1");
    assert_int_equal(stale->version, 2);
    assert_int_equal(stale->n_changed, 0);
}

/* A disagreement is an agency's as well as the team's: it hears what was done there, as its deliveries tell it. */
static void an_agency_hears_what_was_done_in_its_own_disagreement(void **fixture)
{
    telling t = begins(fixture);
    publish(t.s, (event_said){.number = 1});
    then_done(ask(t.s, "anna", "health", 0));
    then_done(dispute(t.s, (dispute_said){.by = "hana", .with = "front-team"}));
    then_done(respond(t.s, "anna"));

    const Mash__V1__ActReply *stale =
        act(t.s, (act_said){.by = "hana", .item = "D1", .version = 1, .what = MASH__V1__ACT__WHAT_REFER, .reason = "too slow"});

    then_refused(stale, MASH__V1__ACT_CODE__ACT_STALE, "changed meanwhile");
    assert_int_equal(stale->n_changed, 1);
    assert_string_equal(stale->changed[0]->who, "somebody of front-team");
    assert_string_equal(stale->changed[0]->what, "stated a position");
}

static void whom_a_step_is_for_is_told_only_where_the_list_has_who_acts(void **fixture)
{
    telling t = begins(fixture);
    publish(t.s, (event_said){.number = 1, .grade = HIGH});
    tick_after(t.s, 15 * MINUTE_MS);
    assert_string_equal(delivery_to(t.s, "front-door")->escalation->told[0], "mona");
    tick_after(t.s, 15 * MINUTE_MS); /* nobody holds step 2: step 3, at duty, whose list has no names */

    const Mash__V1__EscalationView *duty = NULL;
    core_record record = last_record(t.s);
    for (size_t i = 0; duty == NULL || duty->step != 3; i++)
        duty = nth_delivery_of(t.s, &record, "duty", i)->escalation;

    assert_string_equal(duty->ladder, "E-RED");
    assert_int_equal(duty->n_told, 0);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, story_begin_with_ladders, story_end)
    const struct CMUnitTest tests[] = {
        T(a_claim_is_told_with_who_when_and_how_early),
        T(a_clock_that_had_run_out_is_told_with_how_late_it_was_met),
        T(an_answer_to_a_disagreement_that_comes_late_is_told_so_once),
        T(what_ran_out_and_was_begun_again_is_met_as_it_was_begun_last),
        T(what_was_written_is_told_to_those_whose_list_has_it_and_named_to_the_others),
        T(a_reader_whose_list_has_no_names_is_told_the_team),
        T(a_step_says_who_was_told_and_who_was_missing),
        T(an_agency_is_told_its_question_and_nothing_else_of_the_alert),
        T(an_agency_is_told_the_clocks_of_its_disagreement_and_not_those_of_the_alert),
        T(a_decision_tells_the_team_why_and_the_referrer_what_is_meant_for_it),
        T(a_hold_tells_what_stood_still_and_how_the_time_was_added),
        T(a_refused_act_is_told_to_who_audits_and_to_no_team),
        T(a_refused_act_is_told_by_its_name_in_one_line),
        T(a_clock_that_a_person_moves_is_told_with_both_times),
        T(a_disagreement_is_told_from_its_opening_to_its_next_stage),
        T(what_is_withheld_of_an_event_is_named),
        T(an_alert_asked_for_tells_nothing_of_another_in_the_same_record),
        T(who_acted_is_told_by_an_answer_only_where_the_list_has_it),
        T(an_agency_that_acts_on_an_old_version_hears_of_the_new_one_and_not_what_the_team_did),
        T(an_agency_hears_what_was_done_in_its_own_disagreement),
        T(whom_a_step_is_for_is_told_only_where_the_list_has_who_acts),
    };
    return cmocka_run_group_tests_name("telling", tests, NULL, NULL);
}
