/* small_numbers.h - which figures may be given without a family being known by them. Pure.
 *
 * A figure is a set of cases, and every case is one family's. In a small area two families are two that everybody knows; and "alerts 20,
 * first claimed 17" gives a figure of three that is printed nowhere.
 *
 * Invariants
 *   Z1  what rests on fewer than CORE_SMALL_NUMBER families is not given
 *   Z2  nor what leaves so few, taken from another figure that is given: one that holds it, one within it, or the whole of which the two
 *       are parts without a case in common
 *   Z3  where a figure is the sum of its parts, all of them are given or none
 *
 * The first figure is the whole: every case is in it. Earlier ones are given rather than later ones.
 * Not here: two papers laid side by side, of overlapping periods, or with and without what is restricted.
 */
#ifndef CORE_SMALL_NUMBERS_H
#define CORE_SMALL_NUMBERS_H

#include <stddef.h>
#include <stdint.h>

enum { CORE_SMALL_NUMBER = 5 };

typedef enum core_showing_of {
    CORE_GIVEN,
    CORE_TOO_FEW,   /* Z1: neither it nor its times */
    CORE_KEPT_BACK, /* Z2, Z3: not how many; its times tell of no others */
} core_showing_of;

typedef struct core_figure {
    uint64_t *cases; /* BORROWED; bit n = case n */
    size_t sum;      /* the figure of which it is a part (Z3), by position; 0 = none */
    core_showing_of showing;
} core_figure;

/* Fills `showing` of `count` figures. families: whose each of `case_count` cases is; any numbers. */
void core_small_numbers(core_figure *figures, size_t count, const uint64_t *families, size_t case_count);

#endif
