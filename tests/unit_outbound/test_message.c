/* What goes out: signed as Standard Webhooks says; a notice names nobody; a header cannot be written by anybody. */
#include "unit_kit/kit_support.h"

#include "event/wire.h"
#include "outbound/config.h"
#include "outbound/courier.h"
#include "outbound/message.h"

static const int64_t TUESDAY_1630_BST = 1775575800000; /* 7 April 2026, 15:30 UTC */

/* [the example that the Standard Webhooks libraries share] */
static void a_body_is_signed_as_the_standards_own_example(void **state)
{
    (void)state;
    hub_buffer out = {0};
    hub_error err = {{0}};
    hub_status status =
        message_sign(hub_bytes_of_text("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n"), "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330,
                     hub_bytes_of_text("{\"test\": 2432232314}"), &out, &err);
    assert_int_equal(status, HUB_OK);
    assert_string_equal(hub_buffer_text(&out), "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    hub_buffer_free(&out);
}

static void while_a_secret_is_changed_both_sign(void **state)
{
    (void)state;
    hub_buffer out = {0};
    hub_error err = {{0}};
    const char *two = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\r\nwhsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n";
    assert_int_equal(message_sign(hub_bytes_of_text(two), "msg_1", 1, hub_bytes_of_text("{}"), &out, &err), HUB_OK);
    const char *text = hub_buffer_text(&out);
    assert_non_null(strstr(text, " v1,"));
    assert_int_equal(strncmp(text, "v1,", 3), 0);
    hub_buffer_free(&out);
}

static void no_secret_a_short_one_and_three_are_told_with_how_to_make_one(void **state)
{
    (void)state;
    static const char THREE[] = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\nwhsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n"
                                "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n";
    static const char *const BAD[] = {"\n", "secret\n", "whsec_c2hvcnQ=\n", "whsec_!!!!\n", THREE};
    for (size_t i = 0; i < sizeof BAD / sizeof BAD[0]; i++) {
        hub_buffer out = {0};
        hub_error err = {{0}};
        assert_int_equal(message_sign(hub_bytes_of_text(BAD[i]), "msg_1", 1, hub_bytes_of_text("{}"), &out, &err),
                         HUB_ERR_INVALID);
        assert_null(strstr(err.text, "MfKQ"));
        hub_buffer_free(&out);
    }
}

static void times_are_civil_in_summer_in_winter_and_on_both_sides_of_the_change(void **state)
{
    (void)state;
    static const struct {
        int64_t at_ms;
        const char *text;
    } ROWS[] = {{1775575800000, "Tue 7 Apr 2026, 16:30"},  {1767261600000, "Thu 1 Jan 2026, 10:00"},
                {1774745999000, "Sun 29 Mar 2026, 00:59"}, {1774746000000, "Sun 29 Mar 2026, 02:00"},
                {1792888200000, "Sun 25 Oct 2026, 01:30"}, {1792891800000, "Sun 25 Oct 2026, 01:30"}};
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        char text[MESSAGE_TIME_TEXT];
        int minute = 0;
        message_civil(ROWS[i].at_ms, text);
        assert_string_equal(text, ROWS[i].text);
        int32_t day = message_civil_day(ROWS[i].at_ms, &minute);
        if (i != 5 && i != 2) assert_int_equal(message_civil_instant(day, minute), ROWS[i].at_ms / 60000 * 60000);
    }
}

/* A delivery whose every text tries to say too much. */
static void hostile(Mash__V1__Delivery *delivery, Mash__V1__Alert *alert, Mash__V1__Event *event)
{
    mash__v1__alert__init(alert);
    mash__v1__event__init(event);
    mash__v1__delivery__init(delivery);
    alert->alert_id = (char *)(uintptr_t) "A17";
    alert->rating = MASH__V1__RATING__RATING_RED;
    alert->state = (char *)(uintptr_t) "open\r\nBcc: everybody@example.test";
    alert->rated_by = (char *)(uintptr_t) "Robin Testley";
    alert->area_name = (char *)(uintptr_t) "Robin Testley";
    event->summary = (char *)(uintptr_t) "Robin Testley";
    delivery->queue = (char *)(uintptr_t) "team";
    delivery->alert = alert;
    delivery->event = event;
}

static void a_mail_holds_reference_rating_due_time_and_link_and_nothing_else(void **state)
{
    (void)state;
    Mash__V1__Alert alert;
    Mash__V1__Event event;
    Mash__V1__Delivery delivery;
    hostile(&delivery, &alert, &event);
    const char *to[] = {"duty@example.test", "deputy@example.test", NULL};
    message_frame frame = {.id = kit_id(7), .now_ms = TUESDAY_1630_BST, .board = "https://board.example.test/"};
    message_mail mail = {.from = "hub@example.test", .to = to, .due_ms = TUESDAY_1630_BST + 3600000, .telephone = "01632 960001"};
    hub_buffer out = {0};
    assert_int_equal(message_mail_text(&frame, &mail, &delivery, &out), HUB_OK);
    assert_string_equal(hub_buffer_text(&out),
                        "From: hub@example.test\r\nTo: duty@example.test,\r\n deputy@example.test\r\n"
                        "Date: Tue, 07 Apr 2026 15:30:00 +0000\r\n"
                        "Message-ID: <msg_ee000000000000000000000000000007@example.test>\r\n"
                        "Subject: Safeguarding A17: red\r\n"
                        "Auto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=us-ascii\r\n"
                        "Content-Transfer-Encoding: 7bit\r\n\r\n"
                        "Something waits for you in the safeguarding hub.\r\n\r\n"
                        "Reference: A17\r\nRating:    red\r\nDue:       Tue 7 Apr 2026, 17:30\r\n"
                        "Look at:   https://board.example.test/alert/A17\r\nTelephone: 01632 960001\r\n\r\n"
                        "This mail holds nothing about anybody. Do not answer it.\r\n");
    hub_buffer_free(&out);
}

static void a_school_is_told_that_a_notice_waits_and_no_rating(void **state)
{
    (void)state;
    Mash__V1__Delivery delivery = MASH__V1__DELIVERY__INIT;
    delivery.notice = (char *)(uintptr_t) "N19";
    const char *to[] = {"lead@school.test", NULL};
    message_frame frame = {.id = kit_id(7), .now_ms = TUESDAY_1630_BST, .board = ""};
    message_mail mail = {.from = "hub@example.test", .to = to, .reader = MESSAGE_SCHOOL, .telephone = "01632 960001"};
    hub_buffer out = {0};
    assert_int_equal(message_mail_text(&frame, &mail, &delivery, &out), HUB_OK);
    assert_non_null(strstr(hub_buffer_text(&out), "Subject: Operation Encompass: a notice N19 waits for you\r\n"));
    assert_null(strstr(hub_buffer_text(&out), "Rating"));
    hub_buffer_free(&out);
}

static void a_reference_of_another_shape_is_no_reference(void **state)
{
    (void)state;
    message_facts facts;
    Mash__V1__Delivery delivery = MASH__V1__DELIVERY__INIT;
    delivery.notice = (char *)(uintptr_t) "N19\r\nBcc: everybody@example.test";
    message_look(&delivery, &facts);
    assert_string_equal(facts.line, "");
}

/* No calendar has it, and arithmetic with it has no result. */
static void a_due_time_of_no_year_is_none(void **state)
{
    (void)state;
    message_facts facts;
    Mash__V1__Alert alert = MASH__V1__ALERT__INIT;
    Mash__V1__Clock clocks[2] = {MASH__V1__CLOCK__INIT, MASH__V1__CLOCK__INIT};
    Mash__V1__Clock *pointers[] = {&clocks[0], &clocks[1]};
    Mash__V1__Delivery delivery = MASH__V1__DELIVERY__INIT;
    delivery.alert = &alert;
    alert.clocks = pointers;
    alert.n_clocks = 2;
    clocks[0].due_ms = INT64_MAX;
    clocks[1].due_ms = -1;
    message_look(&delivery, &facts);
    assert_int_equal(facts.due_ms, 0);
    clocks[1].due_ms = 1775563200000;
    message_look(&delivery, &facts);
    assert_int_equal(facts.due_ms, 1775563200000);
}

static void addresses_that_could_write_a_header_or_a_command_are_refused(void **state)
{
    (void)state;
    static const char *const BAD[] = {
        "",           "duty",       "@example.test", "duty@",     "a@b@c",       "a b@c.test",     "a@c.test\r\nRCPT TO:<x@y>",
        "<a@c.test>", "a,b@c.test", "\"a\"@c.test",  "-a@c.test", "a..b@c.test", "\xc3\xa4@c.test"};
    for (size_t i = 0; i < sizeof BAD / sizeof BAD[0]; i++)
        assert_false(outbound_is_address(BAD[i]));
    assert_true(outbound_is_address("duty.team+hub@mash.example.test"));
}

/* The subject positions of the older event, the states of the newest: a decision must not be shown beside another child. */
static void brought_up_to_date_each_line_stays_with_its_own_subject(void **state)
{
    (void)state;
    Mash__V1__DecisionLine old_lines[2], new_lines[2];
    Mash__V1__DecisionLine *old_list[] = {&old_lines[0], &old_lines[1]}, *new_list[] = {&new_lines[0], &new_lines[1]};
    for (int i = 0; i < 2; i++) {
        mash__v1__decision_line__init(&old_lines[i]);
        mash__v1__decision_line__init(&new_lines[i]);
        old_lines[i].person = (uint64_t)i + 1;
        old_lines[i].subject = (uint32_t)i + 1;
        new_lines[i].person = (uint64_t)i + 2; /* persons 2 and 3 */
        new_lines[i].subject = (uint32_t)i + 5;
    }
    Mash__V1__Alert before = MASH__V1__ALERT__INIT, after = MASH__V1__ALERT__INIT;
    before.lines = old_list, before.n_lines = 2, after.lines = new_list, after.n_lines = 2;
    after.rating = MASH__V1__RATING__RATING_AMBER;
    Mash__V1__Delivery older = MASH__V1__DELIVERY__INIT, newest = MASH__V1__DELIVERY__INIT;
    older.alert = &before, newest.alert = &after;
    message_bring_up_to_date(&older, &newest);
    assert_int_equal(older.alert->rating, MASH__V1__RATING__RATING_AMBER);
    assert_int_equal(older.alert->lines[0]->subject, 2);
    assert_int_equal(older.alert->lines[1]->subject, 0);
}

static void twins_of_one_record_have_different_ids_and_the_same_each_time(void **state)
{
    (void)state;
    Mash__V1__Delivery delivery = MASH__V1__DELIVERY__INIT;
    Mash__V1__Position position = MASH__V1__POSITION__INIT;
    hub_id first, again, twin;
    position.sequence = 12;
    delivery.position = &position;
    message_id(&delivery, 0, &first);
    delivery.possible_duplicate = true;
    message_id(&delivery, 0, &again);
    message_id(&delivery, 1, &twin);
    assert_true(hub_id_equal(&first, &again));
    assert_false(hub_id_equal(&first, &twin));
}

static void an_answer_is_named_as_what_it_is(void **state)
{
    (void)state;
    char cause[OWED_CAUSE_MAX];
    assert_int_equal(courier_judge(204, cause), CHAIN_CONFIRMED);
    assert_string_equal(cause, "");
    assert_int_equal(courier_judge(301, cause), CHAIN_FAILED);
    assert_non_null(strstr(cause, "nobody is followed"));
    assert_int_equal(courier_judge(401, cause), CHAIN_FAILED);
    assert_non_null(strstr(cause, "does not believe our signature"));
    assert_int_equal(courier_judge(410, cause), CHAIN_FAILED);
    assert_non_null(strstr(cause, "wants no more"));
    assert_int_equal(courier_judge(404, cause), CHAIN_FAILED);
    assert_int_equal(courier_judge(429, cause), CHAIN_FAILED);
    assert_int_equal(courier_judge(422, cause), CHAIN_REFUSED);
    assert_non_null(strstr(cause, "does not take this delivery"));
    assert_int_equal(courier_judge(400, cause), CHAIN_REFUSED);
    assert_int_equal(courier_judge(503, cause), CHAIN_FAILED);
    assert_non_null(strstr(cause, "in trouble itself"));
    assert_int_equal(courier_judge(100, cause), CHAIN_FAILED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_body_is_signed_as_the_standards_own_example),
        cmocka_unit_test(while_a_secret_is_changed_both_sign),
        cmocka_unit_test(no_secret_a_short_one_and_three_are_told_with_how_to_make_one),
        cmocka_unit_test(times_are_civil_in_summer_in_winter_and_on_both_sides_of_the_change),
        cmocka_unit_test(a_mail_holds_reference_rating_due_time_and_link_and_nothing_else),
        cmocka_unit_test(a_school_is_told_that_a_notice_waits_and_no_rating),
        cmocka_unit_test(a_reference_of_another_shape_is_no_reference),
        cmocka_unit_test(a_due_time_of_no_year_is_none),
        cmocka_unit_test(addresses_that_could_write_a_header_or_a_command_are_refused),
        cmocka_unit_test(brought_up_to_date_each_line_stays_with_its_own_subject),
        cmocka_unit_test(twins_of_one_record_have_different_ids_and_the_same_each_time),
        cmocka_unit_test(an_answer_is_named_as_what_it_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
