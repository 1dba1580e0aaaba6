/* timeline.h - one delivery as an entry of a timeline: what was said, done, asked, answered, or ran out; corrections and what is withheld are
 * shown with it. */
#ifndef BOARD_TIMELINE_H
#define BOARD_TIMELINE_H

#include "board/board.h"

/* MoJ's timeline item, at the end of `page` (which need not be the visit's). */
void timeline_entry(visit *v, html_page *page, const Mash__V1__Delivery *delivery);

#endif
