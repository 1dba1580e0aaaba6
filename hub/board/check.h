/* check.h - `mash-board --check`: everything on this machine that the board would stop at when it starts. The hub is not asked: mashctl doctor is. */
#ifndef BOARD_CHECK_H
#define BOARD_CHECK_H

#include "board/config.h"

/* Prints a line for each thing looked at, "ok" or "WRONG" with what to do. Gives how many are wrong. */
unsigned board_check(const board_config *config);

#endif
