/* run.h - a board's life, for its program and its tests. */
#ifndef BOARD_RUN_H
#define BOARD_RUN_H

#include "board.h"

/* Opens everything; pages are served when the loop runs. After a failure `out` is still to be closed and freed (NULL: no memory at all). */
hub_status board_open(uv_loop_t *loop, const board_config *config, board **out, hub_error *err);
/* Reads people.yaml again (SIGHUP): a leaver is out at the next request. A mistake in it changes nothing. */
void board_reload(board *b);
/* Makes a continuity pack now (SIGUSR1): somebody is about to stop the hub. */
void board_pack(board *b);
/* Begins to close; the loop ends when nothing is left. */
void board_close(board *b);
/* After the loop has ended. */
void board_free(board *b);

#endif
