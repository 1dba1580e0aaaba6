#include "core/small_numbers.h"

#include <stdbool.h>

typedef struct numbers {
    const core_figure *figures;
    const uint64_t *families;
    size_t words; /* of a set */
} numbers;

/* Sets are given by position among the figures; NOTHING is the empty one. */
static const size_t WHOLE = 0, NOTHING = SIZE_MAX;

static uint64_t word_of(const numbers *n, size_t set, size_t word)
{
    return set == NOTHING ? 0 : n->figures[set].cases[word];
}

/* Is `a` without `b` and without `c` something, but of fewer families than may be told of? */
static bool is_few(const numbers *n, size_t a, size_t b, size_t c)
{
    uint64_t families[CORE_SMALL_NUMBER];
    size_t count = 0;
    for (size_t word = 0; word < n->words; word++) {
        uint64_t left = word_of(n, a, word) & ~word_of(n, b, word) & ~word_of(n, c, word);
        for (; left != 0; left &= left - 1) {
            uint64_t family = n->families[64 * word + (size_t)__builtin_ctzll(left)];
            size_t known = 0;
            while (known < count && families[known] != family)
                known++;
            if (known == count) families[count++] = family;
            if (count == CORE_SMALL_NUMBER) return false;
        }
    }
    return count > 0;
}

/* Has `a` a case that is not in `b`? */
static bool has_outside(const numbers *n, size_t a, size_t b)
{
    for (size_t word = 0; word < n->words; word++) {
        if ((word_of(n, a, word) & ~word_of(n, b, word)) != 0) return true;
    }
    return false;
}

static bool has_common(const numbers *n, size_t a, size_t b)
{
    for (size_t word = 0; word < n->words; word++) {
        if ((word_of(n, a, word) & word_of(n, b, word)) != 0) return true;
    }
    return false;
}

/* Z2: could a reader who is given both take one from the other, and have few left? */
static bool leaves_few(const numbers *n, size_t a, size_t b)
{
    if (!has_outside(n, a, b)) return is_few(n, b, a, NOTHING);
    if (!has_outside(n, b, a)) return is_few(n, a, b, NOTHING);
    return !has_common(n, a, b) && is_few(n, WHOLE, a, b);
}

static core_showing_of showing_of(const numbers *n, size_t at)
{
    if (is_few(n, at, NOTHING, NOTHING)) return CORE_TOO_FEW;
    for (size_t i = 0; i < at; i++) {
        if (n->figures[i].showing == CORE_GIVEN && leaves_few(n, at, i)) return CORE_KEPT_BACK;
    }
    return CORE_GIVEN;
}

/* Z3 */
static void keep_parts_together(core_figure *figures, size_t count, size_t sum)
{
    bool all_given = figures[sum].showing == CORE_GIVEN;
    for (size_t i = 0; i < count; i++)
        all_given = all_given && (figures[i].sum != sum || figures[i].showing == CORE_GIVEN);
    for (size_t i = 0; i < count && !all_given; i++) {
        if (figures[i].sum == sum && figures[i].showing == CORE_GIVEN) figures[i].showing = CORE_KEPT_BACK;
    }
}

void core_small_numbers(core_figure *figures, size_t count, const uint64_t *families, size_t case_count)
{
    const numbers n = {.figures = figures, .families = families, .words = (case_count + 63) / 64};
    for (size_t i = 0; i < count; i++)
        figures[i].showing = showing_of(&n, i);
    for (size_t i = 0; i < count; i++) {
        if (figures[i].sum != 0) keep_parts_together(figures, count, figures[i].sum);
    }
}
