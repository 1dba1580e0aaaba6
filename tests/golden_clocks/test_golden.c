/* test_golden.c - the calendar against answers that another language's library reckoned (make_golden.py). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "worked_example.h"

enum { FEWEST_CASES = 500, FIELDS = 8, LINE_MAX_BYTES = 256 };

static core_roll roll_of_name(const char *name)
{
    if (strcmp(name, "next") == 0) return CORE_ROLL_NEXT;
    return strcmp(name, "previous") == 0 ? CORE_ROLL_PREVIOUS : CORE_ROLL_NONE;
}

static int split(char *line, char *fields[FIELDS])
{
    int count = 0;
    char *rest = line;
    line[strcspn(line, "\r\n")] = '\0';
    for (char *field = strsep(&rest, ","); field != NULL && count < FIELDS; field = strsep(&rest, ","))
        fields[count++] = field;
    return count;
}

static int wrong_answers(const worked_example *worked, const core_calendar *every_day, char *line, int number)
{
    char *field[FIELDS];
    assert_int_equal(split(line, field), FIELDS);
    const core_calendar *calendar = strcmp(field[0], "every-day") == 0 ? every_day : &worked->calendar;
    core_clock_kind kind = core_clock_kind_of_name(field[1]);
    assert_int_not_equal(kind, CORE_CLOCK_KIND_COUNT);
    core_due due = core_calendar_due(calendar, kind, atoi(field[2]), roll_of_name(field[3]), worked_example_instant(field[4]));
    if (due.due_ms == worked_example_instant(field[5]) && due.provisional == (field[6][0] == '1') &&
        due.known == (field[7][0] == '1'))
        return 0;
    char text[40];
    core_calendar_text(calendar, due.due_ms, text);
    print_error("cases.csv:%d: %s %s %s %s from %s: got %s%s%s, expected %s provisional=%s known=%s\n", number, field[0],
                field[1], field[2], field[3], field[4], text, due.provisional ? " provisional" : "",
                due.known ? "" : " not known", field[5], field[6], field[7]);
    return 1;
}

/* A deadline that is a day out on one bank holiday is a family nobody saw in time: a second opinion on every kind, at every edge. */
static void every_clock_agrees_with_an_independent_reckoning(void **fixture)
{
    (void)fixture;
    worked_example worked;
    worked_example_make(&worked);
    core_calendar every_day = worked.calendar;
    for (int weekday = 0; weekday < 7; weekday++) {
        every_day.week[weekday].open_minute = 0;
        every_day.week[weekday].close_minute = CORE_MINUTES_A_DAY;
    }
    char path[4096];
    snprintf(path, sizeof path, "%s/tests/golden_clocks/cases.csv", getenv("MASHHUB_SOURCE"));
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    char line[LINE_MAX_BYTES];
    assert_non_null(fgets(line, sizeof line, file)); /* the names of the columns */

    int cases = 0;
    int wrong = 0;
    while (fgets(line, sizeof line, file) != NULL)
        wrong += wrong_answers(&worked, &every_day, line, ++cases + 1);
    fclose(file);

    assert_true(cases >= FEWEST_CASES);
    assert_int_equal(wrong, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_clock_agrees_with_an_independent_reckoning)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
