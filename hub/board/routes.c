#include "routes.h"

const route ROUTES[] = {
    {"GET", "/", VISITOR_ANYBODY, page_home, "home"},
    {"GET", "/assets/*", VISITOR_ANYBODY, page_asset, "asset"},
    {"GET", "/health", VISITOR_ANYBODY, page_health, "health"},
    {"GET", "/sign-in", VISITOR_ANYBODY, page_sign_in, "sign-in"},
    {"POST", "/sign-in", VISITOR_ANYBODY, page_sign_in_post, "sign-in"},
    {"POST", "/sign-out", VISITOR_SIGNED_IN, page_sign_out, "sign-out"},
    {"GET", "/purpose", VISITOR_SIGNED_IN, page_purpose_form, "purpose"},
    {"POST", "/purpose", VISITOR_SIGNED_IN, page_purpose_post, "purpose"},
    {"GET", "/queue", VISITOR_PERSON, page_home, "queue"},
    {"GET", "/queue/*", VISITOR_PERSON, page_queue, "queue"},
    {"GET", "/live", VISITOR_PERSON, page_live, "live"},
    {"GET", "/alert/*", VISITOR_PERSON, page_alert, "alert"},
    {"GET", "/alert/*/print", VISITOR_PERSON, page_alert_print, "print"},
    {"GET", "/item/*", VISITOR_PERSON, page_item, "item"},
    {"GET", "/find", VISITOR_PERSON, page_find, "find"},
    {"POST", "/find", VISITOR_PERSON, page_find_post, "find"},
    {"GET", "/act/*/*", VISITOR_PERSON, page_act, "act"},
    {"POST", "/act/*/*", VISITOR_PERSON, page_act_check, "act"},
    {"POST", "/act/*/*/send", VISITOR_PERSON, page_act_send, "act"},
    {0},
};
