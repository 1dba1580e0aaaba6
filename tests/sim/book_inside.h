/* book_inside.h - the clerk's tables. */
#ifndef SIM_BOOK_INSIDE_H
#define SIM_BOOK_INSIDE_H

#include <stdlib.h>

#include "book.h"

typedef enum clock_stands { RUNNING, HELD, LAPSED, STOPPED, REPLACED } clock_stands;

typedef struct clock_entry {
    int64_t due_ms;
    uint64_t alert;
    const core_clock_row *row;
    Mash__V1__ClockPurpose purpose;
    uint32_t step;
    const char *ladder; /* of a step: its id, the same in every edition of the policy */
    clock_stands stands;
} clock_entry;

typedef struct alert_entry {
    uint32_t version, owner, offered, rating, rated_by;
    uint32_t queue;   /* number; 0 until it is known */
    uint64_t told;    /* bit n: queue number n */
    uint64_t parties; /* bit n: staff number n */
    uint64_t barred;  /* bit n: the policy's agency n is told nothing */
    uint32_t class;   /* the highest of its events */
    uint64_t changed; /* the newest record that changed what there is to look at */
    bool held, ended;
} alert_entry;

typedef struct disagreement_entry {
    uint32_t version;
    bool closed;
} disagreement_entry;

struct sim_book {
    const sim_report *report;
    const core_policy *const *policies;
    const core_policy *policy; /* in force; NULL before the first */
    clock_entry *clocks;
    alert_entry *alerts;
    disagreement_entry *disagreements;
    size_t disagreement_count, disagreement_capacity;
    uint32_t *classes; /* of the event that a record stored, by sequence - 1 */
    size_t clock_count, clock_capacity, alert_count, alert_capacity, record_count, record_capacity;

    /* Of the record at hand. */
    const journal_opened *opened;
    const Mash__V1__Acted *acted; /* NULL: nobody acts */
    const Mash__V1__Act *act;     /* as it was asked for; NULL: by a clock */
    uint64_t sequence;
    int64_t time_ms;
};

#define BOOK_ROOM(items, count, capacity)                                                                                        \
    do {                                                                                                                         \
        if ((count) == (capacity)) {                                                                                             \
            (capacity) = (capacity) == 0 ? 64 : (capacity)*2;                                                                    \
            (items) = realloc((items), (capacity) * sizeof *(items));                                                            \
            HUB_ASSERT((items) != NULL);                                                                                         \
        }                                                                                                                        \
    } while (0)

#define MUST(condition, ...)                                                                                                     \
    do {                                                                                                                         \
        if (!(condition)) book_fail(b, __VA_ARGS__);                                                                             \
    } while (0)

noreturn void book_fail(const sim_book *b, const char *what, uint64_t number);
alert_entry *book_alert(sim_book *b, uint64_t number);
clock_entry *book_clock(sim_book *b, uint64_t number);

#endif
