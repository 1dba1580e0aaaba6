/* What people read. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "cli/print.h"
#include "cli/table.h"

static void a_duration_is_said_in_its_two_largest_units(void **state)
{
    (void)state;
    static const struct {
        int64_t ms;
        const char *words;
    } CASES[] = {
        {0, "0 s"},
        {41999, "41 s"},
        {60000, "1 min"},
        {61000, "1 min 1 s"},
        {7500000, "2 h 5 min"},
        {86400000, "1 day"},
        {273600000, "3 days 4 h"},
        {-7500000, "2 h 5 min"},
        {1000 * 86400000LL + 3600000, "1000 days"},
        {INT64_MIN, "106751991167 days"},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        char words[PRINT_DURATION_TEXT];
        print_duration(CASES[i].ms, words);
        assert_string_equal(words, CASES[i].words);
    }
}

/* A clock that ran out and one that still runs must not read alike. */
static void a_due_time_says_whether_it_is_past(void **state)
{
    (void)state;
    char words[PRINT_DURATION_TEXT];
    print_due(1000000, 1000000 + 1800000, words);
    assert_string_equal(words, "in 30 min");
    print_due(1000000 + 180000, 1000000, words);
    assert_string_equal(words, "3 min late");
}

static void times_are_civil_in_london_on_both_sides_of_the_clock_change(void **state)
{
    (void)state;
    static print_zone zone;
    char text[PRINT_TIME_TEXT];
    print_zone_london(&zone);
    print_time(&zone, 1775561400000, text); /* 2026-04-07T11:30Z */
    assert_string_equal(text, "Tue 7 Apr 2026 12:30 BST");
    print_time(&zone, 1767796200000, text); /* 2026-01-07T14:30Z */
    assert_string_equal(text, "Wed 7 Jan 2026 14:30 GMT");
    print_time(&zone, 0, text);
    assert_string_equal(text, "-");
}

/* Free text of an event reaches an operator's terminal: it must not be able to give the terminal orders. */
static void control_characters_from_elsewhere_do_not_reach_the_terminal(void **state)
{
    (void)state;
    hub_buffer out = {0};
    print_clean(&out, "a\033[2Jb\nc\x7f"
                      "d\xC2\x9B"
                      "e\xC3\xA9");
    assert_string_equal(hub_buffer_text(&out), "a\xEF\xBF\xBD[2Jb c\xEF\xBF\xBD"
                                               "d\xEF\xBF\xBD"
                                               "e\xC3\xA9");
    hub_buffer_free(&out);
}

static void columns_line_up_by_characters_and_not_by_bytes(void **state)
{
    (void)state;
    table rows;
    hub_buffer out = {0};
    table_open(&rows, "name", "n", NULL);
    table_put(&rows, PRINT_NORMAL, "Zo\xC3\xAB", "1", NULL);
    table_put(&rows, PRINT_NORMAL, "Nicholas", "", NULL);
    table_print(&rows, PRINT_PLAIN, &out);
    assert_string_equal(hub_buffer_text(&out), "name      n\nZo\xC3\xAB       1\nNicholas\n");
    hub_buffer_free(&out);
    table_close(&rows);
}

static void counts_and_sizes_are_easy_to_read(void **state)
{
    (void)state;
    char text[32];
    print_count(0, text);
    assert_string_equal(text, "0");
    print_count(1234567, text);
    assert_string_equal(text, "1,234,567");
    print_bytes(999, text);
    assert_string_equal(text, "999 bytes");
    print_bytes(3200000000, text);
    assert_string_equal(text, "3.2 GB");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_duration_is_said_in_its_two_largest_units),
        cmocka_unit_test(a_due_time_says_whether_it_is_past),
        cmocka_unit_test(times_are_civil_in_london_on_both_sides_of_the_clock_change),
        cmocka_unit_test(control_characters_from_elsewhere_do_not_reach_the_terminal),
        cmocka_unit_test(columns_line_up_by_characters_and_not_by_bytes),
        cmocka_unit_test(counts_and_sizes_are_easy_to_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
