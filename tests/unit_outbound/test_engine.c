/* What outbound delivery does with what it owes: order, chains of channels, what is replaced, what a person says, what a crash leaves. */
#include "outbound_story.h"

#include "link/outbox_store.h"

#define ACT MASH__V1__DELIVERY_KIND__DELIVERY_KIND_ACT
#define JOINED MASH__V1__DELIVERY_KIND__DELIVERY_KIND_ALERT_JOINED
#define LAPSED MASH__V1__DELIVERY_KIND__DELIVERY_KIND_CLOCK_LAPSED
#define AMENDED MASH__V1__DELIVERY_KIND__DELIVERY_KIND_EVENT_AMENDED
#define GREEN MASH__V1__RATING__RATING_GREEN

static void a_delivery_goes_to_the_first_channel_and_is_confirmed_by_its_answer(void **state)
{
    (void)state;
    story *s = story_new("wm", 15);
    given_delivery(s, .alert = "A17", .event = 1);
    story_pass(s, STORY_HOUR);
    then_trace(s, "hook A17 red\n");
    then_states(s, "A17 confirmed");
    story_free(s);
}

/* A hub that is restored, or a receipt that is lost, delivers again: the receiver must not be told twice. */
static void the_same_delivery_again_is_known_and_not_sent_again(void **state)
{
    (void)state;
    story *s = story_new("w", 15);
    given_delivery(s, .alert = "A17", .event = 1);
    story_pass(s, STORY_MINUTE);
    given_delivery(s, .alert = "A17", .event = 1, .again = 1);
    story_pass(s, STORY_HOUR);
    then_trace(s, "hook A17 red\n");
    story_free(s);
}

/* "Missing notifications is a red line": nothing is given up after a minute, a day or a week. */
static void what_fails_is_tried_with_growing_waits_and_never_given_up(void **state)
{
    (void)state;
    story *s = story_new("w", 15);
    s->channels[0].behaves = "ffffc";
    given_delivery(s, .alert = "A17");
    story_pass(s, 10 * STORY_SECOND);
    then_trace(s, "hook A17 red\nhook A17 red\n"); /* at once, and after 5 s less a quarter */
    story_pass(s, 7LL * 24 * STORY_HOUR);
    then_trace(s, "hook A17 red\nhook A17 red\nhook A17 red\n");
    then_states(s, "A17 confirmed");
    story_free(s);
}

/* An answer that was lost after the receiver took it: the same id lets it know the repeat. */
static void every_try_has_the_same_id(void **state)
{
    (void)state;
    story *s = story_new("w", 600);
    s->channels[0].behaves = "fffc";
    given_delivery(s, .alert = "A17");
    story_pass(s, STORY_SECOND);
    hub_id first = s->last_id;
    story_restart(s);
    story_pass(s, STORY_HOUR);
    assert_true(hub_id_equal(&first, &s->last_id));
    then_states(s, "A17 confirmed");
    story_free(s);
}

static void the_next_channel_begins_in_addition_when_the_first_has_had_its_time(void **state)
{
    (void)state;
    story *s = story_new("wf", 15);
    s->channels[0].behaves = "h";
    given_delivery(s, .alert = "A17");
    story_pass(s, 14 * STORY_MINUTE);
    then_trace(s, "hook A17 red\n");
    story_pass(s, 2 * STORY_MINUTE);
    then_trace(s, "duty A17 red\n");
    story_answer(s, 0, CHAIN_CONFIRMED);
    story_pass(s, STORY_MINUTE);
    then_states(s, "A17 confirmed");
    story_free(s);
}

/* Nobody has said that they know: that is told here, with a number to ring, and once. */
static void when_nobody_confirms_by_the_last_deadline_somebody_must_telephone(void **state)
{
    (void)state;
    story *s = story_new("mf", 15);
    s->channels[1].behaves = "s";
    given_delivery(s, .alert = "A17");
    story_pass(s, STORY_HOUR);
    then_trace(s, "hook A17 red\nduty A17 red\ntelephone\n");
    story_pass(s, 24 * STORY_HOUR);
    then_trace(s, "");
    then_states(s, "A17 open"); /* sent is not confirmed */
    story_free(s);
}

static void a_mail_is_enough_only_where_the_configuration_says_so(void **state)
{
    (void)state;
    story *s = story_new("mm", 15);
    s->config.queues[0].hops[0].enough_sent = true;
    given_delivery(s, .alert = "A17");
    story_pass(s, STORY_HOUR);
    then_trace(s, "hook A17 red\n");
    then_states(s, "A17 sent");
    story_free(s);
}

static void a_mail_is_confirmed_when_the_hub_says_that_a_person_acted(void **state)
{
    (void)state;
    story *s = story_new("m", 15);
    given_delivery(s, .alert = "A17");
    story_pass(s, STORY_MINUTE);
    given_delivery(s, .alert = "A17", .kind = ACT);
    story_pass(s, STORY_HOUR);
    then_trace(s, "hook A17 red\nhook A17 red\n"); /* and nobody was asked to telephone */
    then_states(s, "A17 confirmed; A17 confirmed");
    story_free(s);
}

static void a_school_that_is_not_found_leads_to_the_next_at_once(void **state)
{
    (void)state;
    story *s = story_new("mw", 600);
    s->channels[0].behaves = "n";
    given_delivery(s, .alert = NULL);
    story_pass(s, STORY_SECOND);
    then_trace(s, "hook N1 not rated\nduty N1 not rated\n");
    then_states(s, "N1 confirmed");
    story_free(s);
}

/* Operation Encompass: the school knows before it opens. The authority's contact needs its own half hour before that. */
static void the_hubs_due_time_moves_the_next_channel_forward(void **state)
{
    (void)state;
    story *s = story_new("mw", 30);
    s->config.queues[0].hops[0].to_school = true;
    s->due_ms = s->now_ms + 40 * STORY_MINUTE;
    given_delivery(s, .alert = NULL);
    story_pass(s, 9 * STORY_MINUTE);
    then_trace(s, "hook N1 not rated\n");
    story_pass(s, 2 * STORY_MINUTE);
    then_trace(s, "duty N1 not rated\n");
    story_free(s);
}

static void deliveries_of_one_alert_go_in_order_and_those_of_others_do_not_wait(void **state)
{
    (void)state;
    story *s = story_new("w", 600);
    s->channels[0].behaves = "fc";
    given_delivery(s, .alert = "A17", .event = 1);
    given_delivery(s, .alert = "A17", .event = 2, .kind = JOINED);
    given_delivery(s, .alert = "A18", .event = 3);
    story_pass(s, STORY_SECOND);
    then_trace(s, "hook A17 red (1 newer)\nhook A18 red\n");
    story_pass(s, STORY_MINUTE);
    then_trace(s, "hook A17 red (1 newer)\nhook A17 red\n");
    then_states(s, "A17 confirmed; A17 confirmed; A18 confirmed");
    story_free(s);
}

/* After an outage the first message that comes through must not frighten people with what has ended since. */
static void what_goes_out_says_how_the_alert_stands_now(void **state)
{
    (void)state;
    story *s = story_new("w", 600);
    s->channels[0].behaves = "fc";
    given_delivery(s, .alert = "A17", .event = 1);
    story_pass(s, STORY_SECOND);
    given_delivery(s, .alert = "A17", .kind = ACT, .rating = GREEN, .state = "ended");
    story_pass(s, STORY_MINUTE);
    then_trace(s, "hook A17 red\nhook A17 green ended (1 newer)\nhook A17 green ended\n");
    then_states(s, "A17 confirmed; A17 confirmed"); /* and the event itself was not swallowed */
    story_free(s);
}

static void an_event_that_was_put_right_is_not_sent_in_its_wrong_wording(void **state)
{
    (void)state;
    story *s = story_new("w", 600);
    s->channels[0].behaves = "fc";
    given_delivery(s, .alert = "A17", .event = 1);
    story_pass(s, STORY_SECOND);
    given_delivery(s, .alert = "A17", .event = 2, .takes_back = 1, .kind = AMENDED);
    story_pass(s, STORY_MINUTE);
    then_trace(s, "hook A17 red\nhook A17 red\n");
    then_states(s, "A17 replaced; A17 confirmed");
    story_free(s);
}

/* It may be at the receiver already: then it must hear of the correction as one. */
static void what_was_sent_is_not_replaced(void **state)
{
    (void)state;
    story *s = story_new("f", 600);
    s->channels[0].behaves = "s";
    given_delivery(s, .alert = "A17", .event = 1);
    story_pass(s, STORY_SECOND);
    given_delivery(s, .alert = "A17", .event = 2, .takes_back = 1, .kind = AMENDED);
    story_pass(s, STORY_SECOND);
    then_trace(s, "hook A17 red\nhook A17 red\n");
    then_states(s, "A17 open; A17 open");
    story_free(s);
}

static void a_lapsed_clock_is_told_unless_the_alert_has_ended_since(void **state)
{
    (void)state;
    story *s = story_new("w", 600);
    s->channels[0].behaves = "fffc";
    given_delivery(s, .alert = "A17", .kind = LAPSED);
    given_delivery(s, .alert = "A18", .kind = LAPSED);
    story_pass(s, STORY_SECOND);
    given_delivery(s, .alert = "A17", .kind = ACT, .state = "ended");
    given_delivery(s, .alert = "A18", .kind = JOINED, .event = 2);
    story_pass(s, STORY_HOUR);
    then_states(s, "A17 replaced; A18 confirmed; A17 confirmed; A18 confirmed");
    story_free(s);
}

/* A mail says how things stand and no more: of ten it is the newest that people need, not ten. */
static void of_notices_the_newest_alone_goes_and_takes_the_older_ones_time_over(void **state)
{
    (void)state;
    story *s = story_new("mw", 30);
    s->channels[0].behaves = "f";
    given_delivery(s, .alert = "A17", .event = 1);
    story_pass(s, STORY_SECOND);
    then_trace(s, "hook A17 red\n");
    story_pass(s, 20 * STORY_MINUTE);
    s->trace[0] = '\0';
    s->channels[0] = (story_channel){.behaves = "s"};
    given_delivery(s, .alert = "A17", .event = 2, .kind = JOINED, .rating = GREEN);
    story_pass(s, 9 * STORY_MINUTE);
    then_trace(s, "hook A17 green\n");
    story_pass(
        s,
        2 * STORY_MINUTE); /* half an hour after the first, not after the second: each by the webhook, which carries what was said */
    then_trace(s, "duty A17 green (1 newer)\nduty A17 green\n");
    then_states(s, "A17 confirmed; A17 confirmed");
    story_free(s);
}

/* A17 failed once; a person has told them by telephone, and the next try would be taken. */
static hub_id given_one_that_was_stopped(story *s)
{
    s->channels[0].behaves = "fc";
    hub_error err = {{0}};
    given_delivery(s, .alert = "A17", .event = 1);
    story_pass(s, STORY_SECOND);
    hub_id id = story_id_of(s, 0);
    assert_int_equal(engine_stop(s->engine, &id, "pc-1", "told by telephone", s->now_ms, &err), HUB_OK);
    return id;
}

static void a_person_stops_one_with_who_and_why_and_may_take_it_up_again(void **state)
{
    (void)state;
    story *s = story_new("w", 600);
    hub_error err = {{0}};
    hub_id id = given_one_that_was_stopped(s);
    story_restart(s);
    story_pass(s, 24 * STORY_HOUR);
    then_trace(s, "hook A17 red\n");
    owed_row row;
    assert_int_equal(owed_find(s->box, &id, &row, &err), HUB_OK);
    assert_int_equal(row.state, OWED_STOPPED);
    assert_string_equal(row.who, "pc-1");
    assert_string_equal(row.why, "told by telephone");
    assert_int_equal(engine_retry(s->engine, &id, "pc-1", "after all", s->now_ms, &err), HUB_OK);
    story_pass(s, STORY_SECOND);
    then_trace(s, "hook A17 red\n");
    then_states(s, "A17 confirmed");
    assert_int_equal(engine_stop(s->engine, &id, "pc-1", "too late", s->now_ms, &err), HUB_ERR_NOT_FOUND);
    story_free(s);
}

static void what_the_hubs_lost_history_held_is_void_unless_it_was_sent(void **state)
{
    (void)state;
    story *s = story_new("w", 600);
    s->channels[0].behaves = "cf";
    hub_error err = {{0}};
    Mash__V1__Position common = MASH__V1__POSITION__INIT;
    given_delivery(s, .alert = "A17", .event = 1);
    story_pass(s, STORY_SECOND);
    given_delivery(s, .alert = "A18", .event = 2);
    story_pass(s, STORY_SECOND);
    assert_int_equal(engine_positions(s->engine, 0)->items[0].sequence, 102);
    common.sequence = 100;
    assert_int_equal(engine_forked(s->engine, 0, &common, s->now_ms, &err), HUB_OK);
    assert_int_equal(engine_positions(s->engine, 0)->count, 0);
    then_states(s, "A17 confirmed; A18 void");
    story_free(s);
}

static void more_than_it_may_hold_is_left_with_the_hub(void **state)
{
    (void)state;
    story *s = story_new("w", 600);
    s->config.waiting_max = 1;
    s->channels[0].behaves = "f";
    given_delivery(s, .alert = "A17", .event = 1);
    Mash__V1__Delivery delivery = MASH__V1__DELIVERY__INIT;
    Mash__V1__Delivery *items[] = {&delivery};
    Mash__V1__Deliveries all = {PROTOBUF_C_MESSAGE_INIT(&mash__v1__deliveries__descriptor), 1, items};
    hub_error err = {{0}};
    assert_int_equal(engine_take(s->engine, 0, &all, s->now_ms, &err), HUB_ERR_FULL);
    then_states(s, "A17 open");
    story_free(s);
}

/* What was written down stands after a crash; the waits do too. */
static void after_a_restart_everything_goes_on_where_it_was(void **state)
{
    (void)state;
    story *s = story_new("wf", 15);
    s->channels[0].behaves = "f";
    given_delivery(s, .alert = "A17", .event = 1);
    story_pass(s, 14 * STORY_MINUTE);
    s->trace[0] = '\0';
    story_restart(s);
    story_pass(s, 2 * STORY_MINUTE);
    assert_non_null(strstr(s->trace, "duty A17 red\n"));
    story_free(s);
}

/* Two siblings, one record, one notice number: each school hears, and neither answer is taken for the other's. */
static void siblings_at_two_schools_are_two_mails(void **state)
{
    (void)state;
    story *s = story_new("m", 600);
    s->channels[0].behaves = "fs";
    given_delivery(s, .event = 1, .school = "116123");
    given_delivery(s, .event = 1, .school = "116124", .again = 1);
    given_delivery(s, .event = 1, .school = "116124", .again = 1); /* and this is the same once more */
    story_pass(s, STORY_SECOND);
    then_trace(s, "hook N1 not rated\nhook N1 not rated\n");
    story_pass(s, STORY_HOUR);
    then_trace(s, "hook N1 not rated\n");
    then_states(s, "N1/116123 open; N1/116124 open");
    story_free(s);
}

/* The end came through by another channel and is closed: what is older must not bring the red back. */
static void what_goes_out_after_a_closed_end_says_that_it_has_ended(void **state)
{
    (void)state;
    story *s = story_new("wf", 15);
    s->channels[0].behaves = "f";
    s->channels[1].behaves = "f";
    given_delivery(s, .alert = "A17", .event = 1);
    story_pass(s, 20 * STORY_MINUTE);
    s->channels[0] = (story_channel){.behaves = "c"};
    given_delivery(s, .alert = "A17", .kind = ACT, .rating = GREEN, .state = "ended");
    story_pass(s, STORY_HOUR);
    then_states(s, "A17 open; A17 confirmed");
    s->trace[0] = '\0';
    story_restart(s);
    s->channels[1] = (story_channel){.behaves = "c"};
    story_pass(s, STORY_HOUR);
    then_trace(s, "duty A17 green ended\n");
    then_states(s, "A17 confirmed; A17 confirmed");
    hub_buffer content = {0};
    hub_error err = {{0}};
    (void)owed_content(s->box, 2, &content, &err);
    assert_int_equal(content.size, 0); /* it was kept for that, and no longer */
    hub_buffer_free(&content);
    story_free(s);
}

static void a_stopped_one_that_is_taken_up_again_says_how_the_alert_stands(void **state)
{
    (void)state;
    story *s = story_new("w", 600);
    hub_error err = {{0}};
    hub_id id = given_one_that_was_stopped(s);
    given_delivery(s, .alert = "A17", .kind = ACT, .rating = GREEN, .state = "ended");
    story_pass(s, STORY_MINUTE);
    s->trace[0] = '\0';
    assert_int_equal(engine_retry(s->engine, &id, "pc-1", "after all", s->now_ms, &err), HUB_OK);
    story_pass(s, STORY_SECOND);
    then_trace(s, "hook A17 green ended\n");
    story_free(s);
}

/* What a newer mail stood for has gone with it: nobody need be rung up for it, and it is owed no more. */
static void what_a_newer_notice_covers_ends_with_it(void **state)
{
    (void)state;
    story *s = story_new("mm", 15);
    s->config.queues[0].hops[1].enough_sent = true;
    s->channels[0].behaves = "n"; /* leads to nobody */
    s->channels[1].behaves = "fs";
    given_delivery(s, .alert = "A17", .event = 1);
    story_pass(s, STORY_SECOND);
    given_delivery(s, .alert = "A17", .event = 2, .kind = JOINED);
    story_pass(s, 24 * STORY_HOUR);
    assert_null(strstr(s->trace, "telephone"));
    then_states(s, "A17 replaced; A17 sent");
    story_free(s);
}

/* That somebody noted something on it elsewhere does not make a red known here, of which nothing has left. */
static void an_act_does_not_silence_what_never_left(void **state)
{
    (void)state;
    story *s = story_new("wf", 15);
    s->channels[0].behaves = "f";
    s->channels[1].behaves = "f";
    given_delivery(s, .alert = "A17", .event = 1);
    story_pass(s, STORY_MINUTE);
    given_delivery(s, .alert = "A17", .kind = ACT);
    story_pass(s, 16 * STORY_MINUTE);
    assert_non_null(strstr(s->trace, "duty A17 red"));
    story_pass(s, STORY_HOUR);
    const char *rung = strstr(s->trace, "telephone\n");
    assert_non_null(rung);
    assert_null(strstr(rung + 1, "telephone\n")); /* for the red, not for the act */
    story_free(s);
}

/* What cannot be written down keeps nothing else from going. */
static void a_full_disk_does_not_stop_what_can_go(void **state)
{
    static const char FULL[] = "CREATE TABLE filler(x);"
                               "CREATE TRIGGER full BEFORE UPDATE ON owed BEGIN INSERT INTO filler VALUES(zeroblob(100000)); END;"
                               "PRAGMA max_page_count = 1;";
    (void)state;
    story *s = story_new("wf", 15);
    s->channels[0].behaves = "f";
    given_delivery(s, .alert = "A17", .event = 1);
    story_pass(s, 15 * STORY_MINUTE - 1);
    s->trace[0] = '\0';
    s->channels[0] = (story_channel){.behaves = "h"};
    given_delivery(s, .alert = "A18", .event = 2);
    s->now_ms += 1;
    assert_int_equal(sqlite3_exec(s->box->db, FULL, NULL, NULL, NULL), SQLITE_OK);
    int64_t until_ms = 0;
    hub_error err = {{0}};
    assert_int_equal(engine_run(s->engine, s->now_ms, &until_ms, &err), HUB_ERR_FULL);
    then_trace(s, "hook A18 red\n");
    story_free(s);
}

/* When a school opens is no affair of a team's queue. */
static void only_a_queue_that_leads_to_a_school_waits_for_its_opening(void **state)
{
    (void)state;
    story *s = story_new("mw", 30);
    s->due_ms = s->now_ms + 40 * STORY_MINUTE;
    given_delivery(s, .alert = "A17", .event = 1, .school = "116123");
    story_pass(s, 29 * STORY_MINUTE);
    then_trace(s, "hook A17 red\n");
    owed_row row;
    hub_error err = {{0}};
    assert_int_equal(owed_next(s->box, 0, OWED_EVERY, &row, &err), HUB_OK);
    assert_int_equal(row.due_ms, 0);
    story_free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_delivery_goes_to_the_first_channel_and_is_confirmed_by_its_answer),
        cmocka_unit_test(the_same_delivery_again_is_known_and_not_sent_again),
        cmocka_unit_test(what_fails_is_tried_with_growing_waits_and_never_given_up),
        cmocka_unit_test(every_try_has_the_same_id),
        cmocka_unit_test(the_next_channel_begins_in_addition_when_the_first_has_had_its_time),
        cmocka_unit_test(when_nobody_confirms_by_the_last_deadline_somebody_must_telephone),
        cmocka_unit_test(a_mail_is_enough_only_where_the_configuration_says_so),
        cmocka_unit_test(a_mail_is_confirmed_when_the_hub_says_that_a_person_acted),
        cmocka_unit_test(a_school_that_is_not_found_leads_to_the_next_at_once),
        cmocka_unit_test(the_hubs_due_time_moves_the_next_channel_forward),
        cmocka_unit_test(deliveries_of_one_alert_go_in_order_and_those_of_others_do_not_wait),
        cmocka_unit_test(what_goes_out_says_how_the_alert_stands_now),
        cmocka_unit_test(an_event_that_was_put_right_is_not_sent_in_its_wrong_wording),
        cmocka_unit_test(what_was_sent_is_not_replaced),
        cmocka_unit_test(a_lapsed_clock_is_told_unless_the_alert_has_ended_since),
        cmocka_unit_test(of_notices_the_newest_alone_goes_and_takes_the_older_ones_time_over),
        cmocka_unit_test(a_person_stops_one_with_who_and_why_and_may_take_it_up_again),
        cmocka_unit_test(what_the_hubs_lost_history_held_is_void_unless_it_was_sent),
        cmocka_unit_test(more_than_it_may_hold_is_left_with_the_hub),
        cmocka_unit_test(after_a_restart_everything_goes_on_where_it_was),
        cmocka_unit_test(siblings_at_two_schools_are_two_mails),
        cmocka_unit_test(what_goes_out_after_a_closed_end_says_that_it_has_ended),
        cmocka_unit_test(a_stopped_one_that_is_taken_up_again_says_how_the_alert_stands),
        cmocka_unit_test(what_a_newer_notice_covers_ends_with_it),
        cmocka_unit_test(an_act_does_not_silence_what_never_left),
        cmocka_unit_test(a_full_disk_does_not_stop_what_can_go),
        cmocka_unit_test(only_a_queue_that_leads_to_a_school_waits_for_its_opening),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
