/* page_plot.h - what the gauges say of the last hour: a table for everybody, and a plot of the table where there is script. */
#ifndef BOARD_PAGE_PLOT_H
#define BOARD_PAGE_PLOT_H

#include "board/board.h"

void page_plot_put(visit *v);

#endif
