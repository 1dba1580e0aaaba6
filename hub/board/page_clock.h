/* page_clock.h - a clock in a summary list: what it is for, how much time is left, and how it comes to be due then. The same for those of an alert,
 * of a question and of a stage of a disagreement. */
#ifndef BOARD_PAGE_CLOCK_H
#define BOARD_PAGE_CLOCK_H

#include "board/board.h"

void page_clock_row(const visit *v, html_page *p, const Mash__V1__Clock *clock);
/* Of a row of a list: "Overdue by 3 min, was due ...", and what it is for. */
void page_clock_due(const visit *v, html_page *p, const row_clock *clock);
void page_clock_what(html_page *p, const row_clock *clock);

#endif
