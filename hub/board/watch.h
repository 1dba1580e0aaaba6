/* watch.h - the operators' open pages: woken, once a second at most, when the hub has recorded something or a minute
 * has gone. */
#ifndef BOARD_WATCH_H
#define BOARD_WATCH_H

#include "board/board.h"

enum { WATCH_STREAMS_MAX = 16 };

hub_status watch_open(board *b, hub_error *err);
/* Ends every stream and frees. */
void watch_close(struct watch *watch);
/* Ends every stream: somebody may have left. Browsers come back by themselves and are looked at anew. */
void watch_end(struct watch *watch);
/* How the hub does was heard: `durable` is its newest record, `minute` is of hub time. A page that has neither is woken. */
void watch_tell(struct watch *watch, uint64_t durable, int64_t minute);
/* The hub went, or is there again: a page that stays open must not say that all is well. */
void watch_tell_hub(struct watch *watch);
/* Once a second: whose session has ended, and who has gone. */
void watch_second(struct watch *watch);
uint32_t watch_count(const struct watch *watch);

#endif
