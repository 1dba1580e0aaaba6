/* describe.h - one record as a line for people and programs, without personal data; and the words behind a decision. */
#ifndef CORE_DESCRIBE_H
#define CORE_DESCRIBE_H

#include "core/sharing.h"

/* Fills a TailItem with what the view shows, in the arena; the record need not outlive it. NULL when memory is out. */
Mash__V1__TailItem *core_describe(const core_view *view, hub_arena *arena);

/* Do all keys exist, and can every value be? If not, `why` tells what there is, as far as the reader may know of it. */
bool core_where_check(const core_state *state, uint32_t reader, const Mash__V1__Where *const *where, size_t count,
                      hub_buffer *why);
/* true when `item` has every key at its value. */
bool core_where_holds(const Mash__V1__TailItem *item, const Mash__V1__Where *const *where, size_t count);

/* Plain-English lines on one record, as far as the view shows it: what came, from whom, what was decided by which rule and why, near
 * misses, people and links, clocks and their arithmetic, who was told. Appends to `lines` (in the arena). */
typedef struct core_lines {
    Mash__V1__ExplainLine **items;
    size_t count, capacity;
    hub_arena *arena;
    uint64_t alert; /* only what concerns this alert; 0 = everything */
} core_lines;
/* One link of Traced.relatives, in words: person told of, family, person named, queue. */
enum { CORE_LINK_NUMBERS = 4 };
void core_link_words(const uint64_t link[CORE_LINK_NUMBERS], char out[200]);
/* How late, in the two units that matter to people: "3 days 21 h", "2 h 5 min", "41 s". */
void core_late_text(int64_t late_ms, char out[40]);
/* HUB_OK, HUB_ERR_REFUSED (the view shows nothing), HUB_ERR_MEMORY (the arena is used up; what is in `lines` may be cut short). */
hub_status core_explain(const core_view *view, core_lines *lines);

#endif
