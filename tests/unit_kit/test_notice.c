/* The local notice: whoever finds it must know whom to ring, and learn nothing else from it. */
#include "kit_support.h"

#include "kit/notice.h"

static void a_notice_names_telephone_event_and_cause_and_is_the_same_file_twice(void **state)
{
    hub_error err = {{0}};
    hub_buffer text = {0};
    kit_notice notice = {.folder = kit_path(*state, "notices"),
                         .adapter = "police-test",
                         .telephone = "01632 960001",
                         .trouble = "nobody listens there",
                         .event_id = kit_id(7),
                         .put_ms = 1775563200000,
                         .now_ms = 1775563200000 + 11 * 60000};
    kit_ok(kit_notice_write(&notice, &err));
    kit_ok(kit_notice_write(&notice, &err));
    kit_ok(host_file_read(kit_path(*state, "notices/ee000000-0000-0000-0000-000000000007.txt"), 4096, &text, &err));
    const char *said = hub_buffer_text(&text);
    assert_null(strstr(said, "Kind:"));
    assert_non_null(strstr(said, "Telephone now: 01632 960001"));
    assert_non_null(strstr(said, "since 2026-04-07 12:00 UTC (11 minutes)"));
    assert_non_null(strstr(said, "nobody listens there"));
    hub_buffer_free(&text);
}

static void a_notice_of_what_a_clock_set_back_since_has_put_says_no_negative_time(void **state)
{
    hub_error err = {{0}};
    hub_buffer text = {0};
    kit_notice notice = {.folder = kit_path(*state, "notices"),
                         .adapter = "police-test",
                         .telephone = "01632 960001",
                         .trouble = "",
                         .event_id = kit_id(7),
                         .put_ms = 1775563200000,
                         .now_ms = 1775563200000 - 25 * 60000};
    kit_ok(kit_notice_write(&notice, &err));
    kit_ok(host_file_read(kit_path(*state, "notices/ee000000-0000-0000-0000-000000000007.txt"), 4096, &text, &err));
    assert_non_null(strstr(hub_buffer_text(&text), "(0 minutes)"));
    hub_buffer_free(&text);
}

/* At night somebody has the source system before them and the telephone in the hand: which record is it? */
static void a_notice_says_which_record_it_is_and_names_nobody(void **state)
{
    hub_error err = {{0}};
    hub_buffer text = {0};
    char system[] = "niche/44", number[] = "44/0001/T", name[] = "Testley", summary[] = "Robin Testley was hurt";
    Mash__V1__Subject subject = MASH__V1__SUBJECT__INIT, *subjects[] = {&subject};
    Mash__V1__Event event = MASH__V1__EVENT__INIT;
    subject.family_name = name;
    event.source_system = system;
    event.source_reference = number;
    event.occurred_at = 1775560000000;
    event.recorded_at = 1775563000000;
    event.summary = summary;
    event.subjects = subjects;
    event.n_subjects = 1;
    event.payload_case = MASH__V1__EVENT__PAYLOAD_DOMESTIC_ABUSE_INCIDENT;
    kit_notice notice = {.folder = kit_path(*state, "notices"),
                         .adapter = "police-test",
                         .telephone = "01632 960001",
                         .trouble = "",
                         .event_id = kit_id(7),
                         .event = &event,
                         .put_ms = 1775563200000,
                         .now_ms = 1775563200000 + 60000};
    kit_ok(kit_notice_write(&notice, &err));
    kit_ok(host_file_read(kit_path(*state, "notices/ee000000-0000-0000-0000-000000000007.txt"), 4096, &text, &err));
    const char *said = hub_buffer_text(&text);
    assert_non_null(strstr(said, "\nKind:     domestic abuse incident\n"));
    assert_non_null(strstr(said, "\nHappened: 2026-04-07 11:06 UTC\n"));
    assert_non_null(strstr(said, "\nRecord:   44/0001/T of niche/44\n"));
    assert_non_null(strstr(said, "(1 minute)\n"));
    assert_null(strstr(said, "Testley"));
    hub_buffer_free(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_notice_names_telephone_event_and_cause_and_is_the_same_file_twice, kit_folder_make,
                                        kit_folder_remove),
        cmocka_unit_test_setup_teardown(a_notice_of_what_a_clock_set_back_since_has_put_says_no_negative_time, kit_folder_make,
                                        kit_folder_remove),
        cmocka_unit_test_setup_teardown(a_notice_says_which_record_it_is_and_names_nobody, kit_folder_make, kit_folder_remove),
    };
    return cmocka_run_group_tests_name("notice", tests, NULL, NULL);
}
