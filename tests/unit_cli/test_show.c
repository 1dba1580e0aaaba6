/* A delivery as a person reads it: how bad, by when, why, what was said, what is withheld. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cli/show.h"

static void a_red_alert_reads_from_the_most_urgent_to_the_detail(void **state)
{
    (void)state;
    static print_zone zone;
    print_zone_london(&zone);
    Mash__V1__Clock clock = MASH__V1__CLOCK__INIT;
    clock.clock = (char *)"claim_red";
    clock.due_ms = 1775561400000;
    clock.plain = (char *)"claimed within half an hour";
    clock.why = (char *)"30 minutes from when the hub stored it";
    Mash__V1__Clock *clocks[] = {&clock};
    Mash__V1__Alert alert = MASH__V1__ALERT__INIT;
    alert.alert_id = (char *)"A17";
    alert.rating = MASH__V1__RATING__RATING_RED;
    alert.rated_by = (char *)"provisional, by rule R-DA-HIGH";
    alert.version = 2;
    alert.clocks = clocks;
    alert.n_clocks = 1;
    alert.area = (char *)"E06000044";
    alert.area_name = (char *)"Portsmouth";
    Mash__V1__Reason reason = MASH__V1__REASON__INIT;
    reason.rule = (char *)"R-DA-HIGH";
    reason.plain = (char *)"Domestic abuse graded high with a child in the home";
    reason.source = (char *)"local agreement, 4.2";
    reason.agency = MASH__V1__AGENCY__AGENCY_POLICE;
    Mash__V1__Reason *reasons[] = {&reason};
    Mash__V1__Event event = MASH__V1__EVENT__INIT;
    event.agency = MASH__V1__AGENCY__AGENCY_POLICE;
    char *withheld[] = {(char *)"subjects.addresses"};
    Mash__V1__Delivery delivery = MASH__V1__DELIVERY__INIT;
    delivery.queue = (char *)"portsmouth-children";
    delivery.kind = MASH__V1__DELIVERY_KIND__DELIVERY_KIND_ALERT_OPENED;
    delivery.alert = &alert;
    delivery.reasons = reasons;
    delivery.n_reasons = 1;
    delivery.event = &event;
    delivery.withheld = withheld;
    delivery.n_withheld = 1;
    show how = {.zone = &zone, .colour = PRINT_PLAIN, .now_ms = 1775561400000 - 1680000};
    hub_buffer out = {0};

    show_delivery(&how, &delivery, &out);

    assert_string_equal(hub_buffer_text(&out), "Red  alert opened  A17  to portsmouth-children\n"
                                               "  rating    provisional, by rule R-DA-HIGH\n"
                                               "  area      Portsmouth, E06000044\n"
                                               "  version   2\n"
                                               "  due       claim_red: in 28 min, Tue 7 Apr 2026 12:30 BST\n"
                                               "              claimed within half an hour\n"
                                               "              30 minutes from when the hub stored it\n"
                                               "  why       Domestic abuse graded high with a child in the home [R-DA-HIGH]\n"
                                               "              told by police; source: local agreement, 4.2\n"
                                               "  said      \n"
                                               "    agency                                        police\n"
                                               "  withheld  subjects.addresses\n"
                                               "\n");
    hub_buffer_free(&out);
}

/* A missed appointment whose start the trust does not state must not read as one of 1970; a lapse comes by no rule. */
static void what_was_not_stated_is_said_so_and_no_rule_shows_no_brackets(void **state)
{
    (void)state;
    static print_zone zone;
    print_zone_london(&zone);
    Mash__V1__Reason reason = MASH__V1__REASON__INIT;
    reason.plain = (char *)"a clock on this alert has run out";
    Mash__V1__Reason *reasons[] = {&reason};
    Mash__V1__Event event = MASH__V1__EVENT__INIT;
    event.occurred_at = 1;
    event.recorded_at = 1775561400000;
    Mash__V1__Delivery delivery = MASH__V1__DELIVERY__INIT;
    delivery.reasons = reasons;
    delivery.n_reasons = 1;
    delivery.event = &event;
    show how = {.zone = &zone, .colour = PRINT_PLAIN, .now_ms = 1775561400000};
    hub_buffer out = {0};

    show_delivery(&how, &delivery, &out);

    const char *text = hub_buffer_text(&out);
    assert_non_null(strstr(text, "  why       a clock on this alert has run out\n"));
    assert_non_null(strstr(text, "occurred_at                                   not stated, before it was recorded\n"));
    assert_null(strstr(text, "1970"));
    hub_buffer_free(&out);
}

/* ---- what people did, and what they are asked: who reads a queue acts on it from there ---------------------------------------- */
static char *shown(const Mash__V1__Delivery *delivery)
{
    static print_zone zone;
    print_zone_london(&zone);
    show how = {.zone = &zone, .colour = PRINT_PLAIN, .now_ms = 1775561400000};
    hub_buffer out = {0};
    show_delivery(&how, delivery, &out);
    char *text = strdup(hub_buffer_text(&out));
    hub_buffer_free(&out);
    return text;
}

static void assert_says(const Mash__V1__Delivery *delivery, const char *words)
{
    char *text = shown(delivery);
    if (strstr(text, words) == NULL) fail_msg("not said: %s\nbut:\n%s", words, text);
    free(text);
}

static void an_act_says_who_did_what_in_their_words(void **state)
{
    (void)state;
    Mash__V1__ActView act = MASH__V1__ACT_VIEW__INIT;
    act.who = (char *)"hc-1";
    act.team = (char *)"hampshire-childrens";
    act.plain = (char *)"rated it";
    act.words = (char *)"worse than said:\nthe coat is no matter";
    act.item = (char *)"A17";
    act.meant_for = (char *)"hc-2";
    Mash__V1__Delivery delivery = MASH__V1__DELIVERY__INIT;
    delivery.kind = MASH__V1__DELIVERY_KIND__DELIVERY_KIND_ACT;
    delivery.act = &act;

    assert_says(&delivery, "  done      hc-1 of hampshire-childrens: rated it\n"
                           "              worse than said:\n"
                           "              the coat is no matter\n"
                           "  meant for hc-2\n");
}

/* 1970, or when it began, is no time by which anybody had to do it. */
static void a_clock_whose_due_time_nobody_knows_is_told_without_one(void **state)
{
    (void)state;
    Mash__V1__LapsedClock lapsed = MASH__V1__LAPSED_CLOCK__INIT;
    lapsed.clock = (char *)"school_answer";
    lapsed.due_ms = 1775561400000;
    lapsed.due_unknown = true;
    lapsed.statutory = true;
    lapsed.cause = (char *)"when it is due is not known: no school term lies ahead, or the calendar never opens";
    Mash__V1__Delivery delivery = MASH__V1__DELIVERY__INIT;
    delivery.lapsed = &lapsed;

    assert_says(&delivery, "  lapsed    school_answer, statutory: when it is due is not known: no school term lies ahead, or the "
                           "calendar never opens\n");
}

/* An alert that is ended, held or somebody's does not read like one that waits for anybody. */
static void an_alert_says_whose_it_is_and_what_it_waits_for(void **state)
{
    (void)state;
    Mash__V1__Clock clock = MASH__V1__CLOCK__INIT;
    clock.clock = (char *)"red_decision";
    clock.due_ms = 1775561400000;
    clock.held = true;
    Mash__V1__Clock *clocks[] = {&clock};
    char *requests[] = {(char *)"R5", (char *)"R6"};
    char *disagreements[] = {(char *)"D3"};
    Mash__V1__DecisionLine line = MASH__V1__DECISION_LINE__INIT;
    line.person = 4;
    line.state = (char *)"decided";
    line.outcome = (char *)"section_47";
    Mash__V1__DecisionLine *lines[] = {&line};
    Mash__V1__Alert alert = MASH__V1__ALERT__INIT;
    alert.alert_id = (char *)"A17";
    alert.version = 5;
    alert.state = (char *)"held";
    alert.held_until_ms = 1775561400000;
    alert.owner = (char *)"hc-1";
    alert.offered_to = (char *)"hc-2";
    alert.clocks = clocks;
    alert.n_clocks = 1;
    alert.requests = requests;
    alert.n_requests = 2;
    alert.disagreements = disagreements;
    alert.n_disagreements = 1;
    alert.lines = lines;
    alert.n_lines = 1;
    Mash__V1__Delivery delivery = MASH__V1__DELIVERY__INIT;
    delivery.alert = &alert;

    assert_says(&delivery, "  version   5\n"
                           "  state     held until Tue 7 Apr 2026 12:30 BST: its local clocks stand still\n"
                           "  owner     hc-1; hc-2 is asked to take it\n"
                           "  waits for R5, R6\n"
                           "  disputed  D3\n"
                           "  due       red_decision: stands still, Tue 7 Apr 2026 12:30 BST\n"
                           "  decide    person 4: decided, section_47\n");
}

/* Whoever is not told how an alert stands is not told that nothing has been done on it. */
static void an_alert_whose_version_is_not_given_shows_none(void **state)
{
    (void)state;
    Mash__V1__Alert alert = MASH__V1__ALERT__INIT;
    alert.alert_id = (char *)"A17";
    Mash__V1__Delivery delivery = MASH__V1__DELIVERY__INIT;
    delivery.alert = &alert;
    char *text = shown(&delivery);
    assert_null(strstr(text, "version"));
    free(text);
    alert.state = (char *)"open";

    assert_says(&delivery, "  version   0\n");
}

static void a_step_says_what_nobody_did_and_to_whom_it_falls(void **state)
{
    (void)state;
    char *told[] = {(char *)"hc-4", (char *)"hc-5"};
    Mash__V1__EscalationView step = MASH__V1__ESCALATION_VIEW__INIT;
    step.ladder = (char *)"E-RED-CHILDREN";
    step.step = 2;
    step.waited_for = (char *)"claimed";
    step.plain = (char *)"half an hour and nobody has taken it: the team manager gives it to somebody";
    step.due_ms = 1775561400000;
    step.told = told;
    step.n_told = 2;
    Mash__V1__Delivery delivery = MASH__V1__DELIVERY__INIT;
    delivery.kind = MASH__V1__DELIVERY_KIND__DELIVERY_KIND_ESCALATED;
    delivery.escalation = &step;

    assert_says(&delivery, "  step      2 of E-RED-CHILDREN, due Tue 7 Apr 2026 12:30 BST: not claimed\n"
                           "              half an hour and nobody has taken it: the team manager gives it to somebody\n"
                           "  falls to  hc-4, hc-5\n");
}

/* An agency has no other place to read what it is asked, and needs the number to answer. */
static void an_agency_reads_what_it_is_asked_and_by_when(void **state)
{
    (void)state;
    Mash__V1__RequestView request = MASH__V1__REQUEST_VIEW__INIT;
    request.request = (char *)"R5";
    request.from_team = (char *)"hampshire-childrens";
    request.due_ms = 1775561400000;
    request.question = (char *)"is the child registered with a GP?";
    Mash__V1__Delivery delivery = MASH__V1__DELIVERY__INIT;
    delivery.kind = MASH__V1__DELIVERY_KIND__DELIVERY_KIND_REQUEST;
    delivery.request = &request;

    assert_says(&delivery, "  request   R5 from hampshire-childrens, to be answered by Tue 7 Apr 2026 12:30 BST\n"
                           "              is the child registered with a GP?\n");
    request.answered = true;
    request.answer = (char *)"yes";
    assert_says(&delivery, "  request   R5 from hampshire-childrens, answered\n"
                           "              is the child registered with a GP?\n"
                           "  answer    \n"
                           "              yes\n");
}

static void a_referrer_reads_what_came_of_it(void **state)
{
    (void)state;
    char *about[] = {(char *)"a1308224"};
    Mash__V1__FeedbackView feedback = MASH__V1__FEEDBACK_VIEW__INIT;
    feedback.feedback = (char *)"F9";
    feedback.person = 4;
    feedback.outcome = (char *)"section_47";
    feedback.plain = (char *)"an enquiry is begun";
    feedback.words = (char *)"thank you: we look into it";
    feedback.about = about;
    feedback.n_about = 1;
    Mash__V1__Delivery delivery = MASH__V1__DELIVERY__INIT;
    delivery.kind = MASH__V1__DELIVERY_KIND__DELIVERY_KIND_FEEDBACK;
    delivery.feedback = &feedback;

    assert_says(&delivery, "  outcome   F9, person 4: an enquiry is begun [section_47]\n"
                           "              thank you: we look into it\n"
                           "  about     a1308224\n");
}

/* Whoever hears of a disagreement hears first of all that it holds nobody up who has to ring 999. */
static void a_disagreement_says_where_it_stands_and_what_does_not_wait_for_it(void **state)
{
    (void)state;
    char *told[] = {(char *)"hc-1", (char *)"po-1"};
    Mash__V1__DisagreementView d = MASH__V1__DISAGREEMENT_VIEW__INIT;
    d.disagreement = (char *)"D3";
    Mash__V1__Delivery delivery = MASH__V1__DELIVERY__INIT;
    delivery.kind = MASH__V1__DELIVERY_KIND__DELIVERY_KIND_DISAGREEMENT;
    delivery.disagreement = &d;
    assert_says(&delivery, "  dispute   D3\n\n"); /* for who may not know all of it */
    d.state = (char *)"open";
    d.version = 2;
    d.team = (char *)"police";
    d.with_team = (char *)"hampshire-childrens";
    d.stage = 1;
    d.lane = (char *)"urgent";
    d.plain = (char *)"practitioner speaks with practitioner";
    d.cause = (char *)"it began here";
    d.due_ms = 1775561400000;
    d.told = told;
    d.n_told = 2;
    d.danger = (char *)"A child may be in immediate danger: ring 999 now.";

    assert_says(&delivery, "  dispute   D3, open, version 2: police disagrees with hampshire-childrens\n"
                           "  stage     1, urgent: practitioner speaks with practitioner\n"
                           "              it began here\n"
                           "  settle by Tue 7 Apr 2026 12:30 BST\n"
                           "  speak     hc-1, po-1\n"
                           "  danger    A child may be in immediate danger: ring 999 now.\n");
}

static void an_alarm_says_what_is_wrong(void **state)
{
    (void)state;
    Mash__V1__Delivery delivery = MASH__V1__DELIVERY__INIT;
    delivery.kind = MASH__V1__DELIVERY_KIND__DELIVERY_KIND_ALARM;
    delivery.alarm = (char *)"the system clock was moved";

    char *alerts[] = {(char *)"A17", (char *)"A18"};
    delivery.alarmed = alerts;
    delivery.n_alarmed = 2;

    assert_says(&delivery, "  alarm     the system clock was moved\n"
                           "  look at   A17, A18\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_red_alert_reads_from_the_most_urgent_to_the_detail),
                                       cmocka_unit_test(what_was_not_stated_is_said_so_and_no_rule_shows_no_brackets),
                                       cmocka_unit_test(an_act_says_who_did_what_in_their_words),
                                       cmocka_unit_test(a_clock_whose_due_time_nobody_knows_is_told_without_one),
                                       cmocka_unit_test(an_alert_says_whose_it_is_and_what_it_waits_for),
                                       cmocka_unit_test(an_alert_whose_version_is_not_given_shows_none),
                                       cmocka_unit_test(a_step_says_what_nobody_did_and_to_whom_it_falls),
                                       cmocka_unit_test(an_agency_reads_what_it_is_asked_and_by_when),
                                       cmocka_unit_test(a_referrer_reads_what_came_of_it),
                                       cmocka_unit_test(a_disagreement_says_where_it_stands_and_what_does_not_wait_for_it),
                                       cmocka_unit_test(an_alarm_says_what_is_wrong)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
