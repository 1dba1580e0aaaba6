/* book.h - alerts and clocks kept by hand from the journal's control parts, as a clerk would: a small table beside the core, which
 * shares no code with it (S4, S8, and the class part of S9). Every record is held against the table before it changes it. */
#ifndef SIM_BOOK_H
#define SIM_BOOK_H

#include "core/core.h"
#include "journal/reader.h"
#include "policy.h"
#include "report.h"

typedef struct sim_book sim_book;

/* `policies` BORROWED, in the order of their numbers. */
sim_book *sim_book_open(const sim_report *report, const core_policy *const *policies);
void sim_book_close(sim_book *book);
/* The next record of the journal. `true_ms`: when it was decided, by a clock that is never wrong. */
void sim_book_record(sim_book *book, const journal_opened *opened, int64_t true_ms);
/* After the last one: no clock is left, and every alert stands in `live` as it stands here. */
void sim_book_at_rest(sim_book *book, const core_state *live);
uint64_t sim_book_clocks(const sim_book *book);

#endif
