/* book_inside.h - the clerk's tables, shared by book.c (what a fact changes) and lapses.c (what must follow when a clock runs out). */
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
    uint64_t item;
    uint32_t step;
    const char *ladder; /* of a step: its id, the same in every edition of the policy */
    clock_stands stands;
    int64_t from_ms;
    bool was_put_back; /* hub time was, while it was held: what was left of it goes on from an earlier now */
    bool stated;       /* a person has said when it is due */
    bool is_of_now;    /* counted from the instant at which it was started */
    int64_t true_ms;   /* when it was started, by a clock that is never wrong ... */
    int64_t off_ms;    /* ... and how far hub time was off then; 0 also when that has been put right since */
} clock_entry;

typedef struct alert_entry {
    uint32_t version, owner, offered, rating, rated_by;
    uint32_t queue; /* number */
    char area[16];
    bool has_had_its_ladder; /* the last step was taken, and nobody has given it up since */
    bool last_step_taken;    /* ever */
    uint64_t told;           /* bit n: queue number n */
    uint64_t parties;        /* bit n: staff number n */
    uint64_t barred;         /* bit n: the policy's agency n is told nothing */
    uint32_t class;          /* the highest of its events */
    uint64_t changed;        /* the newest record that changed what there is to look at */
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
    int64_t time_ms, true_ms;

    int64_t last_ms;     /* hub time after the record before, as corrected */
    int64_t reckoned_ms; /* hub time since the start or the last correction */
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

/* Every clock that this record says has lapsed told or moved something (S4). */
void book_check_lapses(sim_book *b);
/* Somebody is going to hear of an alert that nobody has (S8). */
void book_check_unowned(sim_book *b, uint64_t alert);
/* A delivery is of a class that its queue may see. */
void book_delivered(sim_book *b, const Mash__V1__Delivered *fact);
/* May this person do this, by the tables in force and by what their queues were told? */
bool book_may_act(sim_book *b, const Mash__V1__Acted *fact);
/* Parties and agencies that are told nothing, and who asks or tells them all the same. */
void book_shut_out(sim_book *b, const Mash__V1__Fact *fact);
/* Hub time is put right, and clocks with it. */
void book_time_corrected(sim_book *b, const Mash__V1__TimeCorrected *fact);
/* A promise of so many minutes took at least so many, whatever the hub's clock said meanwhile. */
void book_check_early(sim_book *b, const clock_entry *clock, uint64_t number);

#endif
