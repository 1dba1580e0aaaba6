/* Figures that lie side by side: what a reader could take from one with the help of another is looked at too. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "core/small_numbers.h"

enum { FIGURES_MAX = 5, WORDS = 3 };

/* The cases of one place: a letter each, which says whose it is; the figures: an x for each case in them. */
typedef struct papers {
    const char *families;
    const char *figures[FIGURES_MAX]; /* the first is the whole */
    size_t sums[FIGURES_MAX];
} papers;

/* How they may be shown: a letter for each figure, G(iven), F(ew), K(ept back). */
static const char *shown(papers said)
{
    static char letters[FIGURES_MAX + 1];
    static uint64_t bits[FIGURES_MAX][WORDS], families[64 * WORDS];
    core_figure figures[FIGURES_MAX] = {0};
    size_t count = 0, cases = strlen(said.families);
    memset(bits, 0, sizeof bits);
    for (size_t i = 0; i < cases; i++)
        families[i] = (uint64_t)said.families[i];
    for (; count < FIGURES_MAX && said.figures[count] != NULL; count++) {
        figures[count] = (core_figure){.cases = bits[count], .sum = said.sums[count]};
        for (size_t i = 0; i < cases; i++)
            bits[count][i / 64] |= (uint64_t)(said.figures[count][i] == 'x') << i % 64;
    }
    core_small_numbers(figures, count, families, cases);
    for (size_t i = 0; i < count; i++)
        letters[i] = "GFK"[figures[i].showing];
    letters[count] = '\0';
    return letters;
}

static void families_count_and_not_cases(void **state)
{
    (void)state;
    assert_string_equal(shown((papers){"abcde", {"xxxxx"}, {0}}), "G");
    assert_string_equal(shown((papers){"abcdd", {"xxxxx"}, {0}}), "F");
    assert_string_equal(shown((papers){"aaaaaaaaaa", {"xxxxxxxxxx", "xxxxx....."}, {0}}), "FF");
}

static void what_is_left_of_the_whole_must_be_enough_or_nothing(void **state)
{
    (void)state;
    assert_string_equal(shown((papers){"abcdefghij", {"xxxxxxxxxx", "xxxxxxxxxx"}, {0}}), "GG");
    assert_string_equal(shown((papers){"abcdefghij", {"xxxxxxxxxx", "xxxxx....."}, {0}}), "GG");
    assert_string_equal(shown((papers){"abcdefghij", {"xxxxxxxxxx", "xxxxxx...."}, {0}}), "GK");
    /* four cases are left, and of them one family's are told of elsewhere: it is the cases that are left that count */
    assert_string_equal(shown((papers){"abcdefabcd", {"xxxxxxxxxx", "xxxxxx...."}, {0}}), "GK");
}

/* Seen 12, claimed 10: both leave enough of the alerts, and two between them. */
static void one_figure_within_another_is_looked_at_too(void **state)
{
    (void)state;
    assert_string_equal(
        shown((papers){"abcdefghijklmnopq", {"xxxxxxxxxxxxxxxxx", "xxxxxxxxxxxx.....", "xxxxxxxxxx......."}, {0}}), "GGK");
    assert_string_equal(
        shown((papers){"abcdefghijklmnopq", {"xxxxxxxxxxxxxxxxx", "xxxxxxxxxx.......", "xxxxxxxxxxxx....."}, {0}}), "GGK");
}

/* In time 6, late 6, and two of fourteen that are neither. */
static void two_that_have_nothing_in_common_leave_a_rest(void **state)
{
    (void)state;
    assert_string_equal(shown((papers){"abcdefghijklmn", {"xxxxxxxxxxxxxx", "xxxxxx........", "......xxxxxx.."}, {0}}), "GGK");
    assert_string_equal(shown((papers){"abcdefghijklmn", {"xxxxxxxxxxxxxx", "xxxxxx........", ".....xxxxxxx.."}, {0}}), "GGG");
}

/* Late 16 = 5 + 10 + 1: who is given the first three can tell the last. */
static void parts_of_a_sum_are_given_together_or_not_at_all(void **state)
{
    (void)state;
    static const char *const FAMILIES = "abcdefghijklmnopqrstuvwxyz";
    papers said = {FAMILIES,
                   {"xxxxxxxxxxxxxxxxxxxxxxxxxx", "xxxxxxxxxxxxxxxx..........", "xxxxx.....................",
                    ".....xxxxxxxxxx...........", "...............x.........."},
                   {0, 0, 1, 1, 1}};
    assert_string_equal(shown(said), "GGKKF");
    said.sums[2] = said.sums[3] = said.sums[4] = 0;
    assert_string_equal(shown(said), "GGGGF");
}

static void cases_past_the_first_sixty_four_count_too(void **state)
{
    (void)state;
    char families[101] = "", whole[101] = "", all_but_one[101] = "";
    memset(families, 'a', 95);
    memcpy(families + 95, "bcdef", 5);
    memset(whole, 'x', 100);
    memset(all_but_one, 'x', 99);
    all_but_one[99] = '.';
    assert_string_equal(shown((papers){families, {whole, all_but_one}, {0}}), "GK");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(families_count_and_not_cases),
        cmocka_unit_test(what_is_left_of_the_whole_must_be_enough_or_nothing),
        cmocka_unit_test(one_figure_within_another_is_looked_at_too),
        cmocka_unit_test(two_that_have_nothing_in_common_leave_a_rest),
        cmocka_unit_test(parts_of_a_sum_are_given_together_or_not_at_all),
        cmocka_unit_test(cases_past_the_first_sixty_four_count_too),
    };
    return cmocka_run_group_tests_name("small numbers", tests, NULL, NULL);
}
