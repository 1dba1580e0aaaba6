/* routes.h - every address of the board, who may open it, and who answers. The table is in routes.c and nowhere else. */
#ifndef BOARD_ROUTES_H
#define BOARD_ROUTES_H

#include "board.h"

/* What a star in a route may stand for: items (a queue's is "Q:" and its name), queues, acts, names of assets. Nothing that could be anybody's data. */
#define ROUTE_CODE_CHARACTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.:"

extern const route ROUTES[]; /* ended by a path of NULL */

visit_handler page_asset, page_health, page_home, page_queue, page_live, page_asked, page_told;
visit_handler page_sign_in, page_sign_in_post, page_sign_out, page_session, page_session_post, page_oidc, page_oidc_return,
    page_purpose_form, page_purpose_post;
visit_handler page_alert, page_alert_print;
visit_handler page_daily, page_figures, page_shift, page_operators, page_operators_live;
visit_handler page_item, page_find, page_find_post;
visit_handler page_act, page_act_check, page_act_send;

#endif
