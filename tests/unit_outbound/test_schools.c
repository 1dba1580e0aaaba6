/* The directory of schools: who is told on which day; a mistake has its line and column, and the directory before it goes on. */
#include "unit_kit/kit_support.h"

#include "outbound/schools.h"

static const int32_t MONDAY = 20549; /* 2026-04-06 */
static const char GOOD[] = "URN,Name,Safeguarding Lead,Deputy,Valid From,Valid Until,Closed,Opens\n"
                           "116123,Example Primary,lead@a.test,deputy@a.test,2026-01-01,,2026-04-07/2026-04-10;2026-05-04,08:40\n"
                           "116124,Other School,new@b.test,,2026-04-08,,,\n"
                           "116124,Other School,old@b.test,,01/01/2026,07/04/2026,,\n";

static schools *given(const char *text)
{
    schools *list = NULL;
    hub_error err = {{0}};
    if (schools_of(hub_bytes_of_text(text), &list, &err) != HUB_OK) fail_msg("%s", err.text);
    return list;
}

static void a_school_is_found_by_its_number_on_a_day(void **state)
{
    (void)state;
    schools *list = given(GOOD);
    schools_contact who;
    assert_int_equal(schools_find(list, "116123", MONDAY, &who), SCHOOLS_FOUND);
    assert_int_equal(who.count, 2);
    assert_string_equal(who.to[0], "lead@a.test");
    assert_string_equal(who.to[1], "deputy@a.test");
    assert_int_equal(who.opens_minute, 520);
    assert_int_equal(schools_find(list, "116124", MONDAY, &who), SCHOOLS_FOUND);
    assert_string_equal(who.to[0], "old@b.test");
    assert_int_equal(who.opens_minute, -1);
    assert_int_equal(schools_find(list, "116124", MONDAY + 2, &who), SCHOOLS_FOUND);
    assert_string_equal(who.to[0], "new@b.test");
    schools_free(list);
}

/* Each of these leads to the authority's own contact, and none to nobody. */
static void a_school_that_cannot_be_told_is_said_why(void **state)
{
    (void)state;
    schools *list = given(GOOD);
    schools_contact who;
    assert_int_equal(schools_find(list, "", MONDAY, &who), SCHOOLS_NO_NUMBER);
    assert_int_equal(schools_find(list, "999999", MONDAY, &who), SCHOOLS_UNKNOWN);
    assert_int_equal(schools_find(list, "116123", MONDAY + 1, &who), SCHOOLS_CLOSED);
    assert_int_equal(schools_find(list, "116124", MONDAY - 200, &who), SCHOOLS_NOT_NOW);
    assert_int_equal(schools_find(NULL, "116124", MONDAY, &who), SCHOOLS_UNKNOWN);
    schools_free(list);
}

static void a_school_is_open_on_weekdays_on_which_it_is_not_closed(void **state)
{
    (void)state;
    schools *list = given(GOOD);
    assert_true(schools_is_open(list, "116123", MONDAY));
    assert_false(schools_is_open(list, "116123", MONDAY + 1));
    assert_false(schools_is_open(list, "116124", MONDAY + 5));
    assert_false(schools_is_open(list, "116124", MONDAY + 6));
    assert_true(schools_is_open(list, "999999", MONDAY + 7));
    schools_free(list);
}

static void every_mistake_has_its_line_and_column(void **state)
{
    (void)state;
    static const char HEAD[] = "URN,Name,Safeguarding Lead,Deputy,Valid From,Valid Until,Closed,Opens\n";
    static const struct {
        const char *row, *said;
    } ROWS[] = {
        {"11612,X,a@b.test,,2026-01-01,,,\n", "2:1: URN: six digits"},
        {"116123,X,nobody,,2026-01-01,,,\n", "2:10: Safeguarding Lead: no mail address"},
        {"116123,X,,,2026-01-01,,,\n", "2:10: Safeguarding Lead: a school needs"},
        {"116123,X,a@b.test,,2026-02-30,,,\n", "2:20: Valid From: a day"},
        {"116123,X,a@b.test,,2026-01-02,2026-01-01,,\n", "2:31: Valid Until: before"},
        {"116123,X,a@b.test,,2026-01-01,,2026-05-02/2026-05-01,\n", "2:32: Closed: spans"},
        {"116123,X,a@b.test,,2026-01-01,,,8:40\n", "2:33: Opens: a time"},
        {"116123,X,a@b.test,,2026-01-01,,,\n116123,X,c@b.test,,2026-03-01,,,\n", "3:1: this school stands on line 2 too"},
        {"", "1:1: no school stands in it"},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        char text[512];
        schools *list = NULL;
        hub_error err = {{0}};
        (void)snprintf(text, sizeof text, "%s%s", HEAD, ROWS[i].row);
        assert_int_equal(schools_of(hub_bytes_of_text(text), &list, &err), HUB_ERR_INVALID);
        assert_null(list);
        if (strncmp(err.text, ROWS[i].said, strlen(ROWS[i].said)) != 0) fail_msg("%s, and not %s", err.text, ROWS[i].said);
    }
}

static void a_changed_file_is_read_again_and_a_bad_one_leaves_the_one_before_it(void **state)
{
    const char *path = kit_path(*state, "schools.csv");
    schools *list = NULL;
    bool changed = false;
    hub_error err = {{0}};
    kit_write(path, GOOD);
    assert_int_equal(schools_read(path, &list, &err), HUB_OK);
    assert_int_equal(schools_refresh(path, &list, &changed, &err), HUB_OK);
    assert_false(changed);
    kit_write(path, "URN,Safeguarding Lead,Valid From\n116123,nobody,2026-01-01\n");
    assert_int_equal(schools_refresh(path, &list, &changed, &err), HUB_ERR_INVALID);
    assert_non_null(strstr(err.text, "schools.csv: 2:8: "));
    assert_int_equal(schools_count(list), 3);
    assert_int_equal(schools_refresh(path, &list, &changed, &err), HUB_OK); /* said once */
    kit_write(path, "URN,Safeguarding Lead,Valid From\n116123,lead@c.test,2026-01-01\n");
    assert_int_equal(schools_refresh(path, &list, &changed, &err), HUB_OK);
    assert_true(changed);
    assert_int_equal(schools_count(list), 1);
    schools_free(list);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_school_is_found_by_its_number_on_a_day),
        cmocka_unit_test(a_school_that_cannot_be_told_is_said_why),
        cmocka_unit_test(a_school_is_open_on_weekdays_on_which_it_is_not_closed),
        cmocka_unit_test(every_mistake_has_its_line_and_column),
        cmocka_unit_test_setup_teardown(a_changed_file_is_read_again_and_a_bad_one_leaves_the_one_before_it, kit_folder_make,
                                        kit_folder_remove),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
