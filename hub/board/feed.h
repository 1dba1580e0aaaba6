/* feed.h - the board's subscriptions: every queue from the beginning into the rows, and on from where it was when the hub was away.
 *
 * The subscriptions are ephemeral: the hub remembers nothing of a board, and a board that starts again builds its rows from nothing.
 * After Forked, or in another epoch, what was taken may have been undone: everything is forgotten and taken anew (O2 holds within one
 * history only). */
#ifndef BOARD_FEED_H
#define BOARD_FEED_H

#include "board/board.h"

enum { FEED_AWAIT_MS = 500 };

/* Called when a row changed by a delivery that was not one of the past. */
typedef void feed_news_cb(void *context, const board_row *row, const Mash__V1__Delivery *delivery);

hub_status feed_open(board *b, feed_news_cb *news, void *context, hub_error *err);
void feed_close(struct feed *feed);
/* A session with the hub is open: takes up every subscription. */
void feed_resume(struct feed *feed);
/* Once a second: queues that the hub could not give are asked for again. */
void feed_ask_again(struct feed *feed);
/* A frame that no question waits for: deliveries, the end of a subscription. */
void feed_frame(struct feed *feed, const Mash__V1__HubFrame *frame);
/* Calls `reached` once, now or later: when the rows of this queue stand at the record `sequence` or behind it, or when that has taken
 * FEED_AWAIT_MS and up to a second more. So a list that is opened after an act shows it. */
typedef void feed_reached_cb(void *context);
void feed_await(struct feed *feed, uint32_t queue, uint64_t sequence, feed_reached_cb *reached, void *context);
/* Once a second: who has waited long enough is told. `all`: everybody is. */
typedef enum feed_patience { FEED_WAITED_LONG, FEED_WAITED_ALL } feed_patience;
void feed_settle(struct feed *feed, feed_patience which);
/* Deliveries of the past that are still to come before the rows are whole; 0: they are. */
uint64_t feed_behind(const struct feed *feed);
bool feed_is_whole(const struct feed *feed);
/* No session with the hub, or a queue that it does not give now: the rows are as they were before. */
bool feed_is_cut_off(const struct feed *feed);

#endif
