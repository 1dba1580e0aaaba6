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
    assert_non_null(strstr(said, "Telephone now: 01632 960001"));
    assert_non_null(strstr(said, "since 2026-04-07 12:00 UTC (11 minutes)"));
    assert_non_null(strstr(said, "nobody listens there"));
    hub_buffer_free(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_notice_names_telephone_event_and_cause_and_is_the_same_file_twice, kit_folder_make,
                                        kit_folder_remove),
    };
    return cmocka_run_group_tests_name("notice", tests, NULL, NULL);
}
