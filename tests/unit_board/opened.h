/* opened.h - a whole board in the test's own process and on its own loop, with the policy of config/hips and no hub, and a browser before it. */
#ifndef UNIT_BOARD_OPENED_H
#define UNIT_BOARD_OPENED_H

#include "board/board.h"
#include "board/run.h"

#define OPENED_PASSWORD "three random words"
enum { OPENED_MINUTE_MS = 60 * 1000 };

typedef struct opened {
    uv_loop_t loop;
    board *b; /* NULL once it is closed */
    board_config config;
    char folder[64];
    char hash[ACCOUNT_HASH_BYTES];                                           /* of OPENED_PASSWORD */
    char cookie[SESSION_COOKIE_TEXT_BYTES], token[SESSION_TOKEN_TEXT_BYTES]; /* the browser's; "" = none */
    const char *site;                                                        /* Sec-Fetch-Site; NULL = not sent */
    hub_buffer answer;                                                       /* to the newest request, with its head */
    unsigned status;
    char location[300];
} opened;

/* hc-1, hc-2 (both of hampshire-childrens) and ha-1 (of the adults' team) may sign in by OPENED_PASSWORD. */
int opened_setup(void **state);
int opened_teardown(void **state);
/* board_open by o->config; the policy is in force, and alert A1 stands in the children's queue. */
void opened_start(opened *o);
/* Closes the board and runs its loop until nothing of it is left. */
void opened_stop(opened *o);

/* The policy of config/hips. GIVEN: policy_free. */
core_policy *opened_policy(void);
/* people.yaml anew. `text`: HASH stands for the line of OPENED_PASSWORD. */
void opened_people(opened *o, const char *text);
/* The browser has a session of this account that was begun and used so many minutes ago; its token is in o->token. */
void opened_session(opened *o, const char *account, int64_t minutes_ago);
/* Asks, and waits for the whole answer. `form` NULL: GET; otherwise a POST of it, without the token. */
void opened_ask(opened *o, const char *path, const char *form);
void opened_post(opened *o, const char *path, const char *form); /* with the token */
bool opened_says(opened *o, const char *text);
/* The token of the page that came. */
void opened_take_token(opened *o);

#endif
