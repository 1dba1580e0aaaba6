/* page_table.h - a plain table of a page: its caption, its heads, and rows of which the first cell is the row's name. */
#ifndef BOARD_PAGE_TABLE_H
#define BOARD_PAGE_TABLE_H

#include "board/board.h"

/* `heads` ends with NULL; on a narrow screen the table scrolls by itself, by keyboard too. */
void page_table_begin(html_page *p, const char *caption, const char *const heads[]);
void page_table_end(html_page *p);
/* Begins a row. */
void page_table_first(html_page *p, const char *text);
void page_table_cell(html_page *p, const char *text);
void page_table_figure(html_page *p, uint64_t figure);
/* `never`: what stands there for 0. */
void page_table_when(html_page *p, const core_policy *policy, int64_t at_ms, const char *never);

#endif
