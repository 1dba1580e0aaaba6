/* A delivery as a person reads it: how bad, by when, why, what was said, what is withheld. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
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

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_red_alert_reads_from_the_most_urgent_to_the_detail),
                                       cmocka_unit_test(what_was_not_stated_is_said_so_and_no_rule_shows_no_brackets)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
