/* board.h - mash-board: what a MASH team keeps open all day. A process of its own, which a fault of HTTP can end and the hub not notice.
 *
 *     hub --deliveries--> rows (no names) --sight--> queues, counts, live updates
 *     hub <--Show, Explain, Query: who, why-- alert, timeline, find      (audited by the hub before anything is shown)
 *     hub <--Act: on behalf of whom, which version-- forms               (decided by the hub; the board decides nothing)
 *
 * Everything here runs on one loop. libmicrohttpd's thread, argon2id and curl work beside it and post to it.
 *
 *   B3  A page is shown to a person on today's roster, through sight.h, or to nobody.
 *   B4  What somebody typed is never lost: a stale version, a hub that is away, a session that ended give the form back as it was.
 *   B5  Every form that changes something carries a token of its session, and comes from a page of this board.
 */
#ifndef BOARD_BOARD_H
#define BOARD_BOARD_H

#include "board/config.h"
#include "board/gauges.h"
#include "board/html.h"
#include "board/link.h"
#include "board/people.h"
#include "board/rows.h"
#include "board/sight.h"
#include "http/form.h"
#include "http/server.h"
#include "metrics/serve.h"
#include "metrics/text.h"
#include "signin/account.h"
#include "signin/draft.h"
#include "signin/oidc.h"
#include "signin/password.h"
#include "signin/session.h"

enum {
    VISIT_PARTS_MAX = 3, /* captured segments of a path */
    VISIT_CODE_MAX = 64, /* one of them: "A17", "hand-over" */
    BOARD_ROUTES_MAX = 64,
    BOARD_STREAMS_MAX = 512,
};

typedef struct board board;
typedef struct visit visit;

/* Who may open a page. */
typedef enum visitor_kind {
    VISITOR_ANYBODY,
    VISITOR_SIGNED_IN, /* an account; on the roster or not */
    VISITOR_PERSON,    /* on today's roster */
    VISITOR_OPERATOR,
    VISITOR_MANAGER,
} visitor_kind;

typedef void visit_handler(visit *v);

typedef struct route {
    const char *method, *path; /* "GET", "/alert/ * /print" without the blanks: a star is one segment, given in `part` */
    visitor_kind who;
    visit_handler *handler;
    const char *name; /* in metrics and logs, which never see the path itself */
} route;

/* One request on its way to its answer. GIVEN to its handler, which ends it by exactly one of the visit_answer* below, now or later. */
struct visit {
    board *b;
    http_request *request;
    const route *route;
    hub_arena arena; /* what lives as long as the visit */
    http_form query, form;
    char part[VISIT_PARTS_MAX][VISIT_CODE_MAX];
    session *session; /* valid in the turn of the loop that began; later only after visit_again */
    char account[ACCOUNT_NAME_BYTES];
    char person_id[ACCOUNT_NAME_BYTES]; /* "" = nobody of the roster */
    bool is_operator, is_manager;
    person who;
    sight sees;
    sight_counts counts; /* once visit_list has been asked */
    bool is_counted;
    int64_t now_ms; /* hub time */
    html_page page;
    char cookie[SESSION_COOKIE_TEXT_BYTES]; /* to be set with the answer; "" = none */
    uint64_t began_us;
    bool is_paper;               /* for printing: nothing is folded */
    bool is_wide;                /* a page of tables of many columns */
    void *work;                  /* the handler's own, in the arena */
    struct alert_people *people; /* whom an alert is about, as far as this visit has been told; NULL = nobody yet */
    bool names_later;            /* a name may come with a later answer: see alert_people_fill */
    struct link_people *links;   /* whom its records name, for the forms of links; in the arena; NULL = not asked for */
    visit *next, *before;        /* in the board's list of those under way */
};

/* Of one name in the table of routes; the last is for what is on no route. */
typedef struct route_figures {
    uint64_t classes[5]; /* 1xx to 5xx */
    metrics_histogram seconds;
} route_figures;

struct board {
    uv_loop_t *loop;
    board_config config;
    http_server *server;
    board_link *gate;    /* the gateway's session: deliveries, reads and acts for people */
    board_link *watch;   /* the auditor's; NULL = no pages of operators and managers */
    core_policy *policy; /* in force; NULL = not yet known */
    uint32_t policy_number;
    board_rows *rows;
    struct feed *feed;      /* subscriptions */
    struct live *live;      /* streams to browsers */
    struct watch *watching; /* streams to operators */
    gauges gauges;
    int64_t asked_ms;  /* boot time: when the question of look_at_policy went out; 0 = it is answered */
    struct pack *pack; /* continuity packs; NULL = none are made */
    accounts *accounts;
    password_checker *passwords;
    oidc *oidc; /* NULL = nobody signs in by another service */
    sessions *sessions;
    drafts *drafts;
    visit *visits;     /* under way */
    uv_timer_t second; /* housekeeping */
    uint64_t seconds;
    metrics_server *metrics; /* NULL = none is wanted, or its port could not be had */
    route_figures figures[BOARD_ROUTES_MAX + 1];
    bool is_stopping;
    bool save_failed; /* said in the log once, until it succeeds */
};

/* ---- /metrics (figures.c) ---- */
/* Answers it where board.yaml says. A port that cannot be had is an error in the log and no more. */
void figures_open(board *b);
/* A request was answered. `on` NULL: it is on no route. */
void figures_count(board *b, const route *on, unsigned status, uint64_t began_us);

/* ---- visits (visit.c) ---- */
void visit_begin(board *b, http_request *request);
/* Ends all that wait for something, by 503: the board closes, and nobody will answer them. */
void visits_end(board *b);
/* After another turn of the loop: looks the session, the account and the roster up again. false: this visit has been ended (signed out or
 * left meanwhile). */
bool visit_again(visit *v);
/* Ends it by v->page. */
void visit_answer(visit *v, unsigned status);
/* Ends it by v->page as a file for a spreadsheet. */
void visit_answer_csv(visit *v, const char *name);
/* Ends it by bytes of the program's own. */
void visit_answer_lasting(visit *v, const http_header *headers, size_t count, hub_bytes body);
/* Ends it by 303 See Other. `path` is ours: begins with '/'. */
void visit_go(visit *v, const char *path);
/* Ends it by 303 to the sign-in service, `url`. */
void visit_leave(visit *v, const char *url);
/* Ends it where somebody who has just signed in wants to be: at the form that their ended session kept, or at the start. */
void visit_land(visit *v, bool has_typed);
/* Ends it by a page that says what is the matter and what to do. */
void visit_error(visit *v, unsigned status, const char *title, const char *text);
/* A Fault that says "not now": nothing was refused to anybody. */
bool visit_is_put_off(const Mash__V1__HubFrame *answer);
/* Ends it as what came of a question to the hub that brought no answer: away, slow, or a Fault (NULL: none). */
void visit_trouble(visit *v, link_outcome outcome, const Mash__V1__HubFrame *answer);
/* Ends it by a stream of events; *out is GIVEN, NULL when it could not be had. */
void visit_stream(visit *v, http_stream_closed_cb *closed, void *context, http_stream **out);
/* May they open the managers' page? By their account; who is somebody of the roster, on today's. */
bool visit_is_manager(const visit *v);
/* sight_list for them; what it counted stands beside the page's links too, so that all rows are looked through once for a page. */
uint32_t visit_list(visit *v, board_view view, row_ref *out, uint32_t capacity);
/* The Purpose that this session states. */
Mash__V1__Purpose visit_purpose(const visit *v);
/* Asks the hub what it tells this person of an item ("A17"), the next so many deliveries behind this record. Audited there as this kind of read. */
void visit_show(visit *v, const char *item, uint64_t after_sequence, Mash__V1__ReadKind read, link_answer_cb *shown);

/* ---- the page around a page (page.c) ---- */
/* `title` is a literal or made of items ("Alert A17"): no name, no text of anybody (it stands in histories and on shared screens). */
void page_begin(visit *v, const char *title);
void page_end(visit *v);
/* A hidden field of a form; and that of every form. */
void page_hidden(html_page *page, const char *name, const char *value);
void page_token(const visit *v, html_page *page);
/* "deciding about somebody at risk"; "" for a number that is none. */
const char *page_purpose(Mash__V1__Purpose purpose);
/* "Red" in its colour, with the word; "provisional" where no person has rated. */
void page_rating(html_page *page, Mash__V1__Rating rating, bool is_provisional);
/* "1 d 2 h 5 min" */
void page_span(html_page *page, int64_t minutes);
/* "1 h 12 min left, due Mon 5 Oct 2026 14:05 BST", or "overdue by 3 min, was due ..." */
void page_left(html_page *page, const core_policy *policy, int64_t now_ms, int64_t due_ms);
/* A button: all that is known of whom this number names ("nhs:9990001286"), under their other numbers and in other alerts too, also in those that
 * are over. It is a look of its own, and audited as one. `known_as`: the page calls them person 9; 0 = it is about nobody else. */
void page_known(const visit *v, html_page *page, const char *number, uint64_t known_as, Mash__V1__Purpose purpose);
/* That what is shown concerns the person who looks, or their own household. */
void page_own(html_page *page);
/* What was done a moment ago is written between the two. */
void page_begin_done(html_page *page);
void page_end_done(html_page *page);
/* "Mon 5 Oct 2026 14:05 BST" */
void page_when(html_page *page, const core_policy *policy, int64_t at_ms);
/* "Ada Example (hc-1)"; "nobody" for "". */
void page_person(html_page *page, const visit *v, const char *id);

#endif
