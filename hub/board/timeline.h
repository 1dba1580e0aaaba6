/* timeline.h - one delivery as an entry of a timeline: what was said, done, asked, answered, or ran out; corrections and what is withheld are
 * shown with it. */
#ifndef BOARD_TIMELINE_H
#define BOARD_TIMELINE_H

#include "board/board.h"

/* MoJ's timeline item, at the end of `page` (which need not be the visit's). */
void timeline_entry(visit *v, html_page *page, const Mash__V1__Delivery *delivery);

/* One record may have come to several queues of one person: it is one entry. What it said to each differs in fields alone. */
typedef struct timeline_seen {
    uint64_t newest; /* record of the entry before */
    uint32_t kinds;  /* of deliveries of that record, bit n = DeliveryKind n */
} timeline_seen;
bool timeline_is_new(timeline_seen *seen, const Mash__V1__Delivery *delivery);

#endif
