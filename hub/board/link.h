/* link.h - the board's session with the hub: questions with answers, and deliveries as they come.
 *
 * B1  Every question is answered to its asker exactly once: by the hub, or by LINK_AWAY (no session, or it was lost) or LINK_SLOW.
 * B2  An act that was not answered may have been done: it is sent again with the same command_id, never with a new one.
 */
#ifndef BOARD_LINK_H
#define BOARD_LINK_H

#include <uv.h>

#include "board/config.h"
#include "mash/v1/bus.pb-c.h"

enum {
    LINK_QUESTIONS_MAX = 48, /* the hub takes 64 of a session */
    LINK_PATIENCE_MS = 10 * 1000,
};

typedef struct board_link board_link;

typedef enum link_outcome {
    LINK_ANSWERED, /* by a frame, which may be a Fault */
    LINK_AWAY,     /* the hub is not reached now */
    LINK_SLOW,     /* no answer in time, or too many questions under way */
} link_outcome;

/* `answer` is BORROWED for the call; NULL unless LINK_ANSWERED. */
typedef void link_answer_cb(void *context, link_outcome outcome, const Mash__V1__HubFrame *answer);

typedef struct link_options {
    const char *endpoint;         /* BORROWED for the life of the board_link */
    const char *server_key, *key; /* files, as in board_config */
    void *context;                /* given to all below; each may be NULL */
    void (*opened)(void *context);
    void (*closed)(void *context);
    void (*frame)(void *context, const Mash__V1__HubFrame *frame); /* what answers no question: deliveries, Forked */
} link_options;

/* Opens; does not wait. `out` is GIVEN. HUB_ERR_* of the keys' files. */
hub_status link_open(uv_loop_t *loop, const link_options *options, board_link **out, hub_error *err);
/* Askers are told LINK_AWAY; `done` (may be NULL) when the loop holds nothing of it. */
void link_close(board_link *to, void (*done)(void *context));
/* `question` is BORROWED for the call; its request number is set here. The answer comes on a later turn of the loop, unless twice
 * LINK_QUESTIONS_MAX are under way: then LINK_SLOW comes at once. */
void link_ask(board_link *to, Mash__V1__ClientFrame *question, link_answer_cb *answered, void *context);
/* The asker is gone: no answer is wanted any more. */
void link_forget(board_link *to, void *context);
/* What has no answer: Subscribe, Receipt, Credit. HUB_ERR_AGAIN as bus_client_send. */
hub_status link_send(board_link *to, const Mash__V1__ClientFrame *frame);
bool link_is_open(const board_link *to);
/* Why it is not open, for a person; "" when it is. */
const char *link_trouble(const board_link *to);
/* Hub time now: clocks are counted down by it, never by this machine's clock. */
int64_t link_hub_now_ms(const board_link *to);

#endif
