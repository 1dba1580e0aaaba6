/* The daily list: log-only alerts that nobody has taken. A person looks through it and signs; what they did not see stays. */
#include "story_acts.h"

#include <stdio.h>
#include <string.h>

#include "core/daily.h"

#define BLUE MASH__V1__RATING__RATING_BLUE
#define REFUSED_ACT MASH__V1__ACT_CODE__ACT_REFUSED

enum { ANNA = 1, BOB };

/* Anne's alert, A1, rated blue. */
static void given_a_blue(story *s)
{
    publish(s, (event_said){.number = 1});
    then_done(rate(s, "anna", BLUE));
}

static const Mash__V1__ActReply *sign_as_seen_at(story *s, uint64_t sequence)
{
    Mash__V1__Sign body = MASH__V1__SIGN__INIT;
    body.seen_sequence = sequence;
    return act(s,
               (act_said){.by = "bob", .item = "Q:front-door", .version = -1, .what = MASH__V1__ACT__WHAT_SIGN, .body = &body});
}

static Mash__V1__DailyList *list_of(story *s, uint32_t reader_number, uint32_t staff, const char *queue)
{
    core_daily_ask ask = {.reader = reader_number, .staff = staff, .queue = queue, .at_ms = s->now_ms};
    Mash__V1__DailyList *list = hub_arena_take(&s->kept, sizeof *list);
    assert_int_equal(core_daily_list(s->state, &ask, &s->kept, list), HUB_OK);
    return list;
}

static void signing_the_daily_list_ends_what_is_blue_and_nobodys_with_the_signers_name(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1});
    publish(s, (event_said){.number = 2, .people = {{.role = CHILD, .nhs = NHS_BEN}}});
    then_done(rate(s, "anna", BLUE));

    assert_int_equal(sign_list(s, "bob", "Q:front-door", 0)->number, 1);

    assert_int_equal(fact(s, FACT_DAY_SIGNED, 0)->day_signed->staff, 2);
    assert_int_equal(fact(s, FACT_ALERT_ENDED, 0)->alert_ended->alert, 1);
    assert_int_equal(fact(s, FACT_ALERT_ENDED, 0)->alert_ended->staff, 2);
    assert_int_equal(core_count(s->state).alerts_open, 1);
}

static void signing_leaves_what_somebody_has_claimed(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1});
    then_done(rate(s, "anna", BLUE));
    then_done(claim(s, "anna"));

    assert_int_equal(sign_list(s, "bob", "Q:front-door", 0)->number, 0);
}

static void signing_leaves_what_the_signer_is_a_party_in(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1});
    then_done(rate(s, "anna", BLUE));
    then_done(declare_party(s, "anna", "bob"));

    assert_int_equal(sign_list(s, "bob", "Q:front-door", 0)->number, 0);
    assert_int_equal(sign_list(s, "anna", "Q:front-door", 0)->number, 1);
}

static void nobody_signs_off_a_restricted_alert_that_they_may_not_see(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1, .area = "E06000044", .sensitivity = MASH__V1__SENSITIVITY__SENSITIVITY_RESTRICTED});
    then_done(rate(s, "otto", BLUE));

    assert_int_equal(sign_list(s, "olga", "Q:other-door", 0)->number, 0);
    assert_int_equal(sign_list(s, "otto", "Q:other-door", 0)->number, 1);
}

static void signing_yesterdays_list_leaves_todays_and_tomorrows_cannot_be_signed(void **fixture)
{
    story *s = *fixture;
    int32_t today = core_civil_day(2026, 6, 8);
    publish(s, (event_said){.number = 1});
    then_done(rate(s, "anna", BLUE));

    assert_int_equal(sign_list(s, "bob", "Q:front-door", today - 1)->number, 0);
    then_refused(sign_list(s, "bob", "Q:front-door", today + 1), REFUSED_ACT, "sign.day");
    assert_int_equal(sign_list(s, "bob", "Q:front-door", today)->number, 1);
}

static void a_list_is_signed_by_people_who_work_it(void **fixture)
{
    story *s = *fixture;

    then_refused(sign_list(s, "olga", "Q:front-door", 0), MASH__V1__ACT_CODE__ACT_NOT_ALLOWED, "sign");
}

/* ---- what was seen ----------------------------------------------------------------------------------------------------------- */
/* She looked through it, was called away, and signs: what came meanwhile nobody has looked at. */
static void what_came_after_the_signer_looked_stays(void **fixture)
{
    story *s = *fixture;
    given_a_blue(s);
    uint64_t looked = core_sequence(s->state);
    publish(s, (event_said){.number = 2, .people = {{.role = CHILD, .nhs = NHS_BEN}}});
    then_done(act(s, (act_said){.by = "anna",
                                .item = "A2",
                                .what = MASH__V1__ACT__WHAT_RATE,
                                .body = &(Mash__V1__Rate){.base = {&mash__v1__rate__descriptor, 0, NULL}, .rating = BLUE},
                                .reason = "for information"}));

    const Mash__V1__ActReply *reply = sign_as_seen_at(s, looked);

    assert_int_equal(reply->number, 1);
    assert_string_equal(reply->text, "done: 1 ended; 1 came or changed since you looked, and stay");
    assert_true(core_alert_stands(s->state, 1).ended);
    assert_false(core_alert_stands(s->state, 2).ended);
    assert_int_equal(fact(s, FACT_DAY_SIGNED, 0)->day_signed->sequence, looked);
    assert_int_equal(fact(s, FACT_DAY_SIGNED, 0)->day_signed->ended, 1);
}

/* The third absence joins what was two. */
static void what_changed_after_the_signer_looked_stays(void **fixture)
{
    story *s = *fixture;
    given_a_blue(s);
    uint64_t looked = core_sequence(s->state);
    then_done(note(s, "anna"));

    assert_int_equal(sign_as_seen_at(s, looked)->number, 0);
    assert_int_equal(sign_as_seen_at(s, core_sequence(s->state))->number, 1);
}

static void that_somebody_has_opened_it_is_no_change(void **fixture)
{
    story *s = *fixture;
    given_a_blue(s);
    uint64_t looked = core_sequence(s->state);
    then_done(seen(s, "bob", "A1"));

    assert_int_equal(sign_as_seen_at(s, looked)->number, 1);
}

static void who_signs_says_what_they_looked_through(void **fixture)
{
    story *s = *fixture;
    given_a_blue(s);

    then_refused(sign_as_seen_at(s, 0), REFUSED_ACT, "sign.seen_sequence");
    then_refused(sign_as_seen_at(s, core_sequence(s->state) + 1), REFUSED_ACT, "sign.seen_sequence");
    assert_int_equal(core_count(s->state).alerts_open, 1);
}

/* A consumer that is not told shows it open for ever. */
static void whoever_has_the_alert_hears_that_it_was_signed_off(void **fixture)
{
    story *s = *fixture;
    given_a_blue(s);
    uint32_t version = core_alert_stands(s->state, 1).version;

    then_done(sign_list(s, "bob", "Q:front-door", 0));

    Mash__V1__Delivery *delivery = delivery_to(s, "front-door");
    assert_non_null(delivery);
    assert_int_equal(delivery->kind, MASH__V1__DELIVERY_KIND__DELIVERY_KIND_ACT);
    assert_string_equal(delivery->alert->alert_id, "A1");
    assert_string_equal(delivery->alert->state, "ended");
    assert_int_equal(delivery->alert->version, version + 1);
    assert_int_equal(delivery->act->act, MASH__V1__ACT_KIND__ACT_KIND_SIGN);
    assert_string_equal(delivery->act->who, "bob");
    assert_int_equal(core_alert_stands(s->state, 1).version, version + 1);
}

/* Neither the alert that they are a party in, nor the next one about the same child. */
static void who_is_a_party_in_an_alert_about_the_same_child_is_shown_and_signs_nothing(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1});
    then_done(declare_party(s, "mona", "bob"));
    then_done(claim(s, "anna"));
    then_done(decide_line(s, "anna", 1, "no_further_action"));
    publish(s, (event_said){.number = 2});
    then_done(act(s, (act_said){.by = "anna",
                                .item = "A2",
                                .what = MASH__V1__ACT__WHAT_RATE,
                                .body = &(Mash__V1__Rate){.base = {&mash__v1__rate__descriptor, 0, NULL}, .rating = BLUE},
                                .reason = "for information"}));

    assert_int_equal(list_of(s, GATEWAY, ANNA, "front-door")->n_items, 1);
    assert_int_equal(list_of(s, GATEWAY, BOB, "front-door")->n_items, 0);
    assert_int_equal(sign_list(s, "bob", "Q:front-door", 0)->number, 0);
}

/* ---- the list ---------------------------------------------------------------------------------------------------------------- */
static void the_list_says_why_each_alert_stands_on_it_and_what_was_said(void **fixture)
{
    story *s = *fixture;
    given_a_blue(s);
    publish(s, (event_said){.number = 2, .from = HEALTH, .payload = MASH__V1__EVENT__PAYLOAD_MISSED_APPOINTMENT});
    uint64_t first;
    assert_int_equal(core_alert_records(s->state, 1, &first, 1), 1);

    Mash__V1__DailyList *list = list_of(s, GATEWAY, BOB, "front-door");

    assert_int_equal(list->sequence, core_sequence(s->state));
    assert_int_equal(list->n_items, 1);
    assert_string_equal(list->items[0]->alert_id, "A1");
    assert_string_equal(list->items[0]->rated_by, "anna");
    assert_null(list->items[0]->reason); /* a person rated it, not a rule */
    assert_int_equal(list->items[0]->people, 1);
    assert_int_equal(list->items[0]->n_said, 1);
    assert_int_equal(list->items[0]->said[0]->sequence, first);
    assert_int_equal(list->items[0]->said[0]->agency, MASH__V1__AGENCY__AGENCY_POLICE);
    assert_string_equal(list->items[0]->said[0]->payload, "child_concern");
}

static void what_a_rule_put_on_the_list_says_which(void **fixture)
{
    story *s = *fixture;
    ((core_rule *)(uintptr_t)&s->policy->rules[8])->rating = BLUE;
    publish(s, (event_said){.number = 1,
                            .payload = MASH__V1__EVENT__PAYLOAD_ABSENCE,
                            .people = {{.role = CHILD, .nhs = NHS_ANNE, .birth_year = 2016}}});

    Mash__V1__DailyList *list = list_of(s, GATEWAY, BOB, "front-door");

    assert_int_equal(list->n_items, 1);
    assert_string_equal(list->items[0]->rated_by, "provisional, by rule R-PUPIL");
    assert_string_equal(list->items[0]->reason->rule, "R-PUPIL");
    assert_int_equal(list->items[0]->n_said, 1);
    assert_string_equal(list->items[0]->said[0]->payload, ""); /* this audience is not given absences */
}

/* What a person could not sign they are not shown, and the other way round. */
static void the_list_hides_what_the_person_may_not_see(void **fixture)
{
    story *s = *fixture;
    given_a_blue(s);
    then_done(declare_party(s, "anna", "bob"));
    publish(s, (event_said){.number = 2,
                            .sensitivity = MASH__V1__SENSITIVITY__SENSITIVITY_RESTRICTED,
                            .people = {{.role = CHILD, .nhs = NHS_BEN}}});
    then_done(act(s, (act_said){.by = "mona",
                                .item = "A2",
                                .what = MASH__V1__ACT__WHAT_RATE,
                                .body = &(Mash__V1__Rate){.base = {&mash__v1__rate__descriptor, 0, NULL}, .rating = BLUE},
                                .reason = "for information"}));

    assert_int_equal(list_of(s, GATEWAY, BOB, "front-door")->n_items, 0);
    assert_int_equal(list_of(s, GATEWAY, ANNA, "front-door")->n_items, 1);
    assert_int_equal(list_of(s, GATEWAY, 3, "front-door")->n_items, 2); /* mona, who is cleared */
    s->policy->audiences[0].sees_up_to = MASH__V1__SENSITIVITY__SENSITIVITY_SENSITIVE;
    assert_int_equal(list_of(s, TEAM, 0, "front-door")->n_items, 1);
}

static void a_key_that_has_no_part_in_the_queue_is_shown_no_list(void **fixture)
{
    story *s = *fixture;
    core_daily_ask ask = {.reader = TEAM, .queue = "other-door", .at_ms = s->now_ms};
    Mash__V1__DailyList list;

    assert_int_equal(core_daily_list(s->state, &ask, &s->kept, &list), HUB_ERR_REFUSED);
    ask.queue = "no-such-queue";
    assert_int_equal(core_daily_list(s->state, &ask, &s->kept, &list), HUB_ERR_REFUSED);
    ask.reader = POLICE;
    ask.queue = "front-door";
    assert_int_equal(core_daily_list(s->state, &ask, &s->kept, &list), HUB_ERR_REFUSED);
}

/* Who comes in on Monday wants to know whether anybody looked on Sunday. */
static void the_list_says_who_has_signed_it_and_when(void **fixture)
{
    story *s = *fixture;
    given_a_blue(s);
    assert_int_equal(list_of(s, GATEWAY, ANNA, "front-door")->n_signatures, 0);
    then_done(sign_list(s, "bob", "Q:front-door", 0));
    int64_t signed_ms = s->now_ms;
    s->now_ms += DAY_MS;
    then_done(sign_list(s, "mona", "Q:front-door", 0));

    Mash__V1__DailyList *list = list_of(s, GATEWAY, ANNA, "front-door");

    assert_int_equal(list->n_signatures, 2);
    assert_string_equal(list->signatures[0]->who, "mona");
    assert_string_equal(list->signatures[1]->who, "bob");
    assert_int_equal(list->signatures[1]->at_ms, signed_ms);
    assert_int_equal(list->signatures[1]->day, list->signatures[0]->day - 1);
}

static void given_blues(story *s, int count)
{
    ((core_rule *)(uintptr_t)&s->policy->rules[8])->rating = BLUE;
    for (int i = 0; i < count; i++) {
        static char text[16];
        (void)snprintf(text, sizeof text, "P-%d", i);
        publish(s, (event_said){.number = 1 + i,
                                .payload = MASH__V1__EVENT__PAYLOAD_ABSENCE,
                                .people = {{.role = CHILD, .local = text, .birth_year = 2016}}});
    }
}

static void a_long_list_is_told_page_by_page_and_signed_as_a_whole(void **fixture)
{
    story *s = *fixture;
    given_blues(s, CORE_DAILY_ITEMS_MAX + 1);

    Mash__V1__DailyList *list = list_of(s, GATEWAY, BOB, "front-door");

    assert_int_equal(list->n_items, CORE_DAILY_ITEMS_MAX);
    assert_true(list->more);
    core_daily_ask ask = {.reader = GATEWAY, .staff = BOB, .queue = "front-door", .after = 200, .at_ms = s->now_ms};
    Mash__V1__DailyList rest;
    assert_int_equal(core_daily_list(s->state, &ask, &s->kept, &rest), HUB_OK);
    assert_int_equal(rest.n_items, 1);
    assert_string_equal(rest.items[0]->alert_id, "A201");
    assert_int_equal(sign_as_seen_at(s, list->sequence)->number, CORE_DAILY_ITEMS_MAX + 1);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, story_begin, story_end)
    const struct CMUnitTest tests[] = {
        T(signing_the_daily_list_ends_what_is_blue_and_nobodys_with_the_signers_name),
        T(signing_leaves_what_somebody_has_claimed),
        T(signing_leaves_what_the_signer_is_a_party_in),
        T(nobody_signs_off_a_restricted_alert_that_they_may_not_see),
        T(signing_yesterdays_list_leaves_todays_and_tomorrows_cannot_be_signed),
        T(a_list_is_signed_by_people_who_work_it),
        T(what_came_after_the_signer_looked_stays),
        T(what_changed_after_the_signer_looked_stays),
        T(that_somebody_has_opened_it_is_no_change),
        T(who_signs_says_what_they_looked_through),
        T(whoever_has_the_alert_hears_that_it_was_signed_off),
        T(who_is_a_party_in_an_alert_about_the_same_child_is_shown_and_signs_nothing),
        T(the_list_says_who_has_signed_it_and_when),
        T(the_list_says_why_each_alert_stands_on_it_and_what_was_said),
        T(what_a_rule_put_on_the_list_says_which),
        T(the_list_hides_what_the_person_may_not_see),
        T(a_key_that_has_no_part_in_the_queue_is_shown_no_list),
        T(a_long_list_is_told_page_by_page_and_signed_as_a_whole),
    };
    return cmocka_run_group_tests_name("daily", tests, NULL, NULL);
}
