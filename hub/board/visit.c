#include "board.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "board/alert_people.h"
#include "board/routes.h"
#include "host/clock.h"
#include "host/log.h"

enum { ARENA_FIRST = 16 * 1024, ARENA_MOST = 4 * 1024 * 1024 };

/* ---- ending ------------------------------------------------------------------------------------------------------------------- */
static void end(visit *v)
{
    if (v->before != NULL) {
        v->before->next = v->next;
    } else {
        v->b->visits = v->next;
    }
    if (v->next != NULL) v->next->before = v->before;
    hub_buffer_free(&v->page);
    alert_people_free(v->people);
    hub_arena_close(&v->arena);
    free(v);
}

static void answer(visit *v, unsigned status, http_header *headers, size_t count)
{
    if (v->cookie[0] != '\0') headers[count++] = (http_header){"Set-Cookie", v->cookie};
    figures_count(v->b, v->route, status, v->began_us);
    http_answer(v->request, status, headers, count, &v->page);
    end(v);
}

void visit_answer(visit *v, unsigned status)
{
    http_header headers[3] = {{"Content-Type", "text/html; charset=utf-8"}};
    answer(v, status, headers, 1);
}

void visit_answer_csv(visit *v, const char *name)
{
    char as[96];
    (void)snprintf(as, sizeof as, "attachment; filename=\"%s\"", name);
    http_header headers[4] = {{"Content-Type", "text/csv; charset=utf-8"}, {"Content-Disposition", as}};
    answer(v, 200, headers, 2);
}

void visit_answer_lasting(visit *v, const http_header *headers, size_t count, hub_bytes body)
{
    figures_count(v->b, v->route, 200, v->began_us);
    http_answer_lasting(v->request, 200, headers, count, body);
    end(v);
}

void visit_leave(visit *v, const char *url)
{
    http_header headers[3] = {{"Location", url}};
    hub_buffer_clear(&v->page);
    answer(v, 303, headers, 1);
}

void visit_go(visit *v, const char *path)
{
    HUB_ASSERT(path[0] == '/' && path[1] != '/');
    visit_leave(v, path);
}

/* "/act/A17/rate/send" is sent by the form at "/act/A17/rate". */
static void go_to_form(visit *v, const char *sent_to)
{
    static const char SEND[] = "/send";
    char path[DRAFT_KEY_BYTES_MAX + 1];
    size_t size = strlen(sent_to), tail = sizeof SEND - 1;
    if (size > tail && strcmp(sent_to + size - tail, SEND) == 0) size -= tail;
    (void)snprintf(path, sizeof path, "%.*s", (int)size, sent_to);
    visit_go(v, path);
}

void visit_land(visit *v, bool has_typed)
{
    draft newest;
    bool has = has_typed && draft_list(v->b->drafts, session_account(v->session), v->now_ms, &newest, 1) > 0;
    if (has) {
        go_to_form(v, newest.key);
    } else {
        visit_go(v, "/");
    }
}

void visit_error(visit *v, unsigned status, const char *title, const char *text)
{
    hub_buffer_clear(&v->page);
    page_begin(v, title);
    html(&v->page, "<h1 class=\"govuk-heading-l\">");
    html_text(&v->page, title);
    html(&v->page, "</h1><p class=\"govuk-body\">");
    html_text(&v->page, text);
    html(&v->page, "</p>");
    page_end(v);
    visit_answer(v, status);
}

bool visit_is_put_off(const Mash__V1__HubFrame *frame)
{
    return frame != NULL && frame->body_case == MASH__V1__HUB_FRAME__BODY_FAULT &&
           frame->fault->code == MASH__V1__FAULT_CODE__FAULT_BUSY;
}

void visit_trouble(visit *v, link_outcome outcome, const Mash__V1__HubFrame *frame)
{
    if (outcome == LINK_AWAY && v->route->who == VISITOR_OPERATOR) {
        visit_error(
            v, 503, "The hub cannot be reached",
            "Whether it runs: systemctl status mashhubd@PARTNERSHIP on its machine; why not: journalctl -u the same; what to do: "
            "deploy/RUNBOOK.md, Start and stop. Agencies' events wait in their outboxes meanwhile and the teams see what was "
            "known before, with their continuity packs. This page comes back when the hub does: load it again.");
    } else if (outcome == LINK_AWAY) {
        visit_error(
            v, 503, "The hub cannot be reached",
            "This board is cut off from the hub at the moment. Nothing you did was lost. The lists show what was known before. "
            "Try again in a minute; in an emergency ring 999, and your duty manager if this goes on.");
    } else if (outcome == LINK_SLOW) {
        visit_error(v, 503, "The hub is slow to answer",
                    "Try again in a moment. If you sent something, look first whether it was done.");
    } else if (visit_is_put_off(frame)) {
        char text[400];
        (void)hub_format(text, sizeof text, "The hub says: %.200s. It has not refused you. Try again in a moment; %s",
                         frame->fault->text,
                         v->route->who == VISITOR_OPERATOR ? "what to do: deploy/RUNBOOK.md, Alarms."
                                                           : "in an emergency ring 999, and your duty manager if this goes on.");
        visit_error(v, 503, "The hub cannot answer this now", text);
    } else if (frame != NULL && frame->body_case == MASH__V1__HUB_FRAME__BODY_FAULT) {
        visit_error(v, 403, "The hub did not allow this", frame->fault->text);
    } else {
        visit_error(v, 500, "The hub answered something else",
                    "This board and the hub do not fit together. Tell your system's operators.");
    }
}

void visit_stream(visit *v, http_stream_closed_cb *closed, void *context, http_stream **out)
{
    *out = NULL;
    hub_status status = http_stream_begin(v->request, closed, context, out);
    figures_count(v->b, v->route, status == HUB_OK ? 200 : 503, v->began_us);
    end(v);
}

/* ---- who it is ------------------------------------------------------------------------------------------------------------------ */
/* A session holds while its account is the same one: not another person's, nor with another password than it was begun with. */
static const account *account_of(visit *v, session_state state)
{
    const char *name = state == SESSION_LIVE ? session_account(v->session) : "";
    if (name[0] == '\0') return NULL;
    uint8_t mark[HUB_SHORT_DIGEST_BYTES];
    const account *who = accounts_find(v->b->accounts, name);
    if (who != NULL) account_mark(who, mark);
    if (who != NULL && hub_bytes_equal(session_note(v->session), hub_bytes_of(mark, sizeof mark))) return who;
    session_end(v->b->sessions, v->session);
    v->session = NULL;
    return NULL;
}

static void know(visit *v, const account *who)
{
    board *b = v->b;
    v->account[0] = v->person_id[0] = '\0';
    v->is_operator = v->is_manager = false;
    if (who != NULL) {
        (void)snprintf(v->account, sizeof v->account, "%s", who->name);
        (void)snprintf(v->person_id, sizeof v->person_id, "%s", who->person);
        v->is_operator = who->is_operator;
        v->is_manager = who->is_manager;
    }
    v->now_ms = link_hub_now_ms(b->gate);
    int32_t day = b->policy == NULL ? 0 : people_day(b->policy, v->now_ms);
    (void)people_find(b->policy, v->person_id, day, &v->who);
    v->sees = sight_of(b->rows, &b->config, &v->who, v->person_id);
    v->is_counted = false;
}

uint32_t visit_list(visit *v, board_view view, row_ref *out, uint32_t capacity)
{
    v->is_counted = true;
    return sight_list(&v->sees, view, out, capacity, &v->counts);
}

Mash__V1__Purpose visit_purpose(const visit *v)
{
    const char *text = session_purpose(v->session);
    long number = strtol(text, NULL, 10);
    return number >= 1 && number <= 9 ? (Mash__V1__Purpose)number : MASH__V1__PURPOSE__PURPOSE_SAFEGUARDING_DECISION;
}

void visit_show(visit *v, const char *item, uint64_t after_sequence, Mash__V1__ReadKind read, link_answer_cb *shown)
{
    enum { ITEMS_ASKED = 50 };
    Mash__V1__ClientFrame frame = MASH__V1__CLIENT_FRAME__INIT;
    Mash__V1__Show show = MASH__V1__SHOW__INIT;
    show.item = (char *)(uintptr_t)item;
    show.after_sequence = after_sequence;
    show.limit = ITEMS_ASKED;
    show.read = read;
    show.purpose = visit_purpose(v);
    show.on_behalf_of = v->person_id;
    frame.body_case = MASH__V1__CLIENT_FRAME__BODY_SHOW;
    frame.show = &show;
    link_ask(v->b->gate, &frame, shown, v);
}

/* ---- routes --------------------------------------------------------------------------------------------------------------------- */
static bool fits(const char *pattern, const char *path, char part[VISIT_PARTS_MAX][VISIT_CODE_MAX])
{
    size_t count = 0;
    while (*pattern != '\0') {
        if (*pattern != '*') {
            if (*pattern++ != *path++) return false;
            continue;
        }
        size_t length = strcspn(path, "/");
        bool is_code = length > 0 && length < VISIT_CODE_MAX && strspn(path, ROUTE_CODE_CHARACTERS) >= length;
        if (!is_code || count == VISIT_PARTS_MAX) return false;
        memcpy(part[count], path, length);
        part[count++][length] = '\0';
        path += length;
        pattern++;
    }
    return *path == '\0';
}

static bool is_method(const route *r, const char *method)
{
    return strcmp(r->method, method) == 0 || (strcmp(method, "HEAD") == 0 && strcmp(r->method, "GET") == 0);
}

static const route *find_route(visit *v, bool *is_known)
{
    *is_known = false;
    for (const route *r = ROUTES; r->path != NULL; r++) {
        if (!fits(r->path, v->request->path, v->part)) continue;
        *is_known = true;
        if (is_method(r, v->request->method)) return r;
    }
    return NULL;
}

/* ---- forms (B4, B5) ------------------------------------------------------------------------------------------------------------- */
static bool is_ours(const visit *v)
{
    const char *site = v->request->fetch_site;
    return site[0] == '\0' || strcmp(site, "same-origin") == 0 || strcmp(site, "none") == 0;
}

/* People of the roster type into their forms: others' have nothing but buttons. */
static bool is_typed(const visit *v)
{
    return v->route->who == VISITOR_PERSON;
}

/* What was sent and cannot be taken waits for whose form it was, at the page's own address. */
static bool keep_typed(visit *v, const session *whose)
{
    if (!is_typed(v)) return false;
    hub_status status = draft_keep(v->b->drafts, session_account(whose), v->request->path, v->request->body, v->now_ms);
    if (status != HUB_OK)
        host_log(HOST_LOG_WARNING, "what somebody typed could not be kept", "cause", hub_status_text(status), NULL);
    return status == HUB_OK;
}

/* What is kept nowhere goes back to the browser that sent it, to be copied; a page of somebody else's gets nothing. */
static void give_back(visit *v)
{
    static const char *const OWN[] = {"token", "password", "command_id", "version", "alert", "change", "why"};
    html_page *p = &v->page;
    page_begin(v, "This form is out of date");
    html(p, "<h1 class=\"govuk-heading-l\">This form is out of date</h1><p class=\"govuk-body\">Nothing was sent. It was opened "
            "before you signed in or out, or it is not a page of this board. Load its page again and send it once more.</p>");
    for (size_t i = 0; is_ours(v) && i < v->form.count; i++) {
        const http_field *field = &v->form.fields[i];
        bool is_own = field->value[0] == '\0';
        for (size_t k = 0; k < sizeof OWN / sizeof OWN[0]; k++)
            is_own = is_own || strcmp(field->name, OWN[k]) == 0;
        if (is_own) continue;
        html(p, "<p class=\"govuk-body\">You had typed, for ");
        html_text(p, field->name);
        html(p, ":</p><p class=\"govuk-inset-text board-text\">");
        html_text(p, field->value);
        html(p, "</p>");
    }
    page_end(v);
    visit_answer(v, 403);
}

/* false: the visit has been ended. */
static bool read_forms(visit *v)
{
    hub_error err = {{0}};
    hub_status status = http_form_read(hub_bytes_of_text(v->request->query), &v->arena, &v->query, &err);
    if (status == HUB_OK) status = http_form_read(v->request->body, &v->arena, &v->form, &err);
    if (status == HUB_OK) return true;
    visit_error(v, status == HUB_ERR_FULL ? 413 : 400, "This could not be read", err.text);
    return false;
}

/* Ends it: the form is not of the session that this browser has. */
static void refuse_post(visit *v, session_state state)
{
    const char *token = http_form_text(&v->form, "token");
    const session *whose = is_ours(v) ? sessions_of_token(v->b->sessions, token, v->now_ms) : NULL;
    bool is_kept = whose != NULL && keep_typed(v, whose);
    if (is_kept && strcmp(session_account(whose), v->account) == 0) {
        go_to_form(v, v->request->path); /* signed in anew in another window: the form comes as it was typed */
    } else if (is_kept) {
        visit_go(v, "/sign-in?why=typed");
    } else if (state == SESSION_ENDED && !is_typed(v)) {
        visit_go(v, "/sign-in?why=ended");
    } else {
        give_back(v);
    }
}

/* false: the visit has been ended. */
static bool allow_post(visit *v, session_state state)
{
    if (strcmp(v->request->method, "POST") != 0) return true;
    bool holds = v->session != NULL && session_token_holds(v->session, http_form_text(&v->form, "token"));
    if (is_ours(v) && holds && state == SESSION_LIVE) return true;
    refuse_post(v, state);
    return false;
}

/* ---- who may -------------------------------------------------------------------------------------------------------------------- */
bool visit_is_manager(const visit *v)
{
    bool has_left = v->person_id[0] != '\0' && v->who.row_count == 0;
    return v->is_manager && !has_left && v->b->watch != NULL;
}

static bool may_open(visit *v)
{
    switch (v->route->who) {
    case VISITOR_ANYBODY:
        return true;
    case VISITOR_SIGNED_IN:
        return v->account[0] != '\0';
    case VISITOR_PERSON:
        return v->who.row_count > 0;
    case VISITOR_OPERATOR:
        return v->is_operator && v->b->watch != NULL;
    case VISITOR_MANAGER:
        return visit_is_manager(v);
    }
    return false;
}

static void turn_away(visit *v, session_state state)
{
    if (v->account[0] == '\0') {
        visit_go(v, state == SESSION_ENDED ? "/sign-in?why=ended" : "/sign-in");
    } else if (v->route->who == VISITOR_PERSON && v->b->policy == NULL) {
        visit_error(v, 503, "Starting",
                    "This board is waiting for the hub to say which policy and roster are in force. Try again shortly.");
    } else if (v->route->who == VISITOR_PERSON && !v->is_operator) {
        visit_error(
            v, 403, "You are not on today's roster",
            "You are signed in, but the roster has no row for you today. Ask your manager; nothing is shown until it has one.");
    } else {
        visit_error(v, 403, "This page is not for you", "Your account does not open it.");
    }
}

static void handle(visit *v)
{
    bool is_known;
    v->route = find_route(v, &is_known);
    if (v->route == NULL) {
        know(v, account_of(v, session_peek(v->b->sessions, v->request->cookie, v->now_ms, &v->session)));
        visit_error(v, is_known ? 405 : 404, is_known ? "Not like this" : "Page not found",
                    "If you typed the address, check it. If a link brought you here, tell your system's operators.");
        return;
    }
    bool is_background =
        v->route->handler == page_live || v->route->handler == page_operators_live || http_form_has(&v->query, "part");
    session_state state = is_background ? session_peek(v->b->sessions, v->request->cookie, v->now_ms, &v->session)
                                        : session_find(v->b->sessions, v->request->cookie, v->now_ms, &v->session);
    know(v, account_of(v, state));
    if (!allow_post(v, state)) return;
    if (!may_open(v)) {
        turn_away(v, state);
        return;
    }
    v->route->handler(v);
}

bool visit_again(visit *v)
{
    session_state state = session_peek(v->b->sessions, v->request->cookie, link_hub_now_ms(v->b->gate), &v->session);
    know(v, account_of(v, state));
    if (may_open(v)) return true;
    turn_away(v, state);
    return false;
}

/* ---- beginning ------------------------------------------------------------------------------------------------------------------ */
static bool is_our_host(const board *b, const http_request *r)
{
    return strcmp(r->host, b->config.host) == 0;
}

static void refuse(board *b, http_request *request, unsigned status, const char *text)
{
    hub_buffer body = {0};
    figures_count(b, NULL, status, host_monotonic_us());
    hub_buffer_put_text(&body, text);
    http_answer(request, status, &(http_header){"Content-Type", "text/plain; charset=utf-8"}, 1, &body);
}

void visit_begin(board *b, http_request *request)
{
    if (!is_our_host(b, request)) {
        refuse(b, request, 421, "This is not the address of this board.\n");
        return;
    }
    if (strstr(request->purpose, "prefetch") != NULL) { /* opening a page is a read that is audited: nobody asked for this one */
        refuse(b, request, 503, "");
        return;
    }
    visit *v = calloc(1, sizeof *v);
    if (v == NULL || hub_arena_open(&v->arena, ARENA_FIRST, ARENA_MOST) != HUB_OK) {
        free(v);
        refuse(b, request, 503, "Busy: try again.\n");
        return;
    }
    v->b = b;
    v->request = request;
    v->now_ms = link_hub_now_ms(b->gate);
    v->began_us = host_monotonic_us();
    v->next = b->visits;
    if (v->next != NULL) v->next->before = v;
    b->visits = v;
    if (read_forms(v)) handle(v);
}

void visits_end(board *b)
{
    while (b->visits != NULL) {
        refuse(b, b->visits->request, 503, "This board is being restarted. Try again in a minute.\n");
        end(b->visits);
    }
}
