/* A grade with its answers, for somebody who reads it at night: what it came to first, the answers in words, and never another form's words. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "board/said_grade.h"

enum { ANSWERS_MAX = 4 };

static const char *told(const char *tool, char **answers, size_t count)
{
    static char text[4096];
    Mash__V1__Grade grade = MASH__V1__GRADE__INIT;
    html_page page = {0};
    grade.tool = (char *)(uintptr_t)tool;
    grade.tool_version = (char *)(uintptr_t) "2009";
    grade.level = MASH__V1__GRADE_LEVEL__GRADE_LEVEL_HIGH;
    grade.score = 2;
    grade.answers = answers;
    grade.n_answers = count;
    said_grade(&page, &grade);
    assert_true(page.size < sizeof text);
    memcpy(text, page.data, page.size);
    text[page.size] = '\0';
    hub_buffer_free(&page);
    return text;
}

static void the_grade_stands_first_then_what_was_answered_yes(void **state)
{
    (void)state;
    char no[] = "q1=no", unknown[] = "q2=unknown", yes[] = "q18=yes", last[] = "q27=no", *answers[] = {no, unknown, yes, last};

    const char *text = told("DASH", answers, ANSWERS_MAX);

    const char *grade = strstr(text, "<strong>high</strong> by DASH 2009, score 2");
    const char *strangled = strstr(text, "yes: strangled, choked, suffocated or held under water (question 18)");
    const char *frightened = strstr(text, "unknown: very frightened (question 2)"),
               *hurt = strstr(text, "no: hurt in this incident");
    assert_non_null(grade);
    assert_true(grade < strangled && strangled < frightened && frightened < hurt);
    assert_null(strstr(text, "q1="));
}

/* The form of 24 questions counts on otherwise after the ninth: its answers stay as they came. */
static void words_of_one_form_are_not_put_beside_answers_of_another(void **state)
{
    (void)state;
    char alike[] = "q9=yes", other[] = "q15=yes", *answers[] = {alike, other};

    const char *text = told("DASH", answers, 2);

    assert_non_null(strstr(text, "yes: pregnant, or a baby in the past 18 months (question 9)"));
    assert_non_null(strstr(text, "<dd>q15=yes</dd>"));
    assert_non_null(strstr(told("DARA", answers, 2), "<dd>q9=yes</dd>"));
}

static void what_no_form_has_is_shown_as_it_came_and_is_inert(void **state)
{
    (void)state;
    char odd[] = "q28=yes", script[] = "q1=<script>", bare[] = "nothing", *answers[] = {odd, script, bare};

    const char *text = told("DASH", answers, 3);

    assert_non_null(strstr(text, "<dd>q28=yes</dd>"));
    assert_non_null(strstr(text, "&lt;script&gt;: hurt in this incident"));
    assert_non_null(strstr(text, "<dd>nothing</dd>"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_grade_stands_first_then_what_was_answered_yes),
        cmocka_unit_test(words_of_one_form_are_not_put_beside_answers_of_another),
        cmocka_unit_test(what_no_form_has_is_shown_as_it_came_and_is_inert),
    };
    return cmocka_run_group_tests_name("said_grade", tests, NULL, NULL);
}
