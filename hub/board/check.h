/* check.h - `mash-board --check`: the keys, secrets, people and folders that board.yaml names, of which the board would stop at the first wrong one
 * when it starts. Neither the port is tried nor the hub asked: mashctl doctor does that. */
#ifndef BOARD_CHECK_H
#define BOARD_CHECK_H

#include "board/config.h"

/* Prints a line for each thing looked at, "ok" or "WRONG" with what to do. Gives how many are wrong. */
unsigned board_check(const board_config *config);

#endif
