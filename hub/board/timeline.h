/* timeline.h - one delivery as an entry of a timeline: what was said, done, asked, answered, or ran out; corrections and what is withheld are
 * shown with it. */
#ifndef BOARD_TIMELINE_H
#define BOARD_TIMELINE_H

#include "board/board.h"

/* "decided: an enquiry is begun - Kim Example, born 1 Feb 2018 (child) (person 9)", "offered it to a colleague - Ada Example (hc-2)" */
void timeline_act(const visit *v, html_page *page, const Mash__V1__ActView *act);
/* MoJ's timeline item, at the end of `page` (which need not be the visit's). */
void timeline_entry(visit *v, html_page *page, const Mash__V1__Delivery *delivery);

enum { TIMELINE_MOVED_MAX = 64, TIMELINE_ID_BYTES = 16 };

/* One record may have come to several queues of one person: it is one entry. What it said to each differs in fields alone. Only the record of a
 * move takes several events along, each an entry: they are known by their ids, of which the hub sends at most 64 to a queue. One beyond them, or
 * without an id, is shown rather than missed. */
typedef struct timeline_seen {
    uint64_t newest; /* record of the entry before */
    uint32_t kinds;  /* of deliveries of that record, bit n = DeliveryKind n */
    uint32_t moved_count;
    uint8_t moved[TIMELINE_MOVED_MAX][TIMELINE_ID_BYTES];
} timeline_seen;
bool timeline_is_new(timeline_seen *seen, const Mash__V1__Delivery *delivery);

#endif
