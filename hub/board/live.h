/* live.h - Server-Sent Events to the browsers that have a list open. A message says that something changed and how many alerts are new; what,
 * each browser fetches as itself, through the same filter as every page. */
#ifndef BOARD_LIVE_H
#define BOARD_LIVE_H

#include "board/board.h"

hub_status live_open(board *b, hub_error *err);
/* Ends all streams; before http_server_close. */
void live_close(struct live *live);
/* Ends all streams: who may see what has changed. Browsers come back by themselves and are looked at anew. */
void live_end(struct live *live);
/* Something changed in this row. Told within LIVE_EVERY_MS, many changes as one. */
void live_tell(struct live *live, const board_row *row, bool is_new_alert);
/* What this queue is asked or told beside alerts has changed: by `item`; NULL: something has gone. */
void live_tell_asked(struct live *live, uint32_t queue, const asked_item *item);
/* The hub was lost, or is there again: every list says so, as soon. */
void live_tell_hub(struct live *live);
/* The lists are whole, or the roster is another one: every list is read anew, by who may still read it. */
void live_tell_all(struct live *live);
uint32_t live_count(const struct live *live);

#endif
