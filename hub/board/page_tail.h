/* page_tail.h - the newest records as an operator may be told of them: filtered by the board, so that each look costs the hub a bounded number of
 * records however rare what is looked for. And, of the same records, what was refused and why. */
#ifndef BOARD_PAGE_TAIL_H
#define BOARD_PAGE_TAIL_H

#include "board/board.h"

/* Puts the query of the filters, "&agency=police&kind=": for an address of this page. */
void page_tail_query(visit *v, html_page *page);
/* Puts both at the end of v->page and then calls `done`; or ends the visit. `status`: of now, BORROWED for the call. */
typedef void page_tail_done(visit *v);
void page_tail_put(visit *v, const Mash__V1__Status *status, page_tail_done *done);

#endif
