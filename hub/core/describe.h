/* describe.h - one record as a line for people and programs, without personal data; and the words behind a decision. */
#ifndef CORE_DESCRIBE_H
#define CORE_DESCRIBE_H

#include "core/core.h"

/* Who reads. Operators and auditors see every control part; a consumer sees records that were delivered to one of its queues, and of
 * them only what its audience may see. One function answers for tail, find and explain. */
typedef struct core_reader {
    uint32_t peer;
} core_reader;
bool core_may_read(const core_state *state, uint32_t peer, const core_record *record);

/* Fills a TailItem in the arena. NULL when memory is out. */
Mash__V1__TailItem *core_describe(const core_state *state, const core_record *record, hub_arena *arena);

/* true when `item` has every key at its value. false with err for a key that does not exist. */
hub_status core_where_check(const Mash__V1__Where *const *where, size_t count, hub_error *err);
bool core_where_holds(const Mash__V1__TailItem *item, const Mash__V1__Where *const *where, size_t count);

/* Plain-English lines on one record: what came, from whom, what was decided by which rule and why, near misses, people and links,
 * clocks and their arithmetic, who was told and what was withheld from them. Appends to `lines` (in the arena). */
typedef struct core_lines {
    Mash__V1__ExplainLine **items;
    size_t count, capacity;
    hub_arena *arena;
} core_lines;
/* One link of Traced.relatives, in words: person told of, family, person named, queue. */
enum { CORE_LINK_NUMBERS = 4 };
void core_link_words(const uint64_t link[CORE_LINK_NUMBERS], char out[200]);
/* How late, in the two units that matter to people: "3 days 21 h", "2 h 5 min", "41 s". */
void core_late_text(int64_t late_ms, char out[40]);
hub_status core_explain(const core_state *state, uint32_t peer, const core_record *record, core_lines *lines);

#endif
