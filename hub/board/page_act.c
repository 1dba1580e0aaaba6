/* page_act.c - one form for every act: what is typed, check your answers, what became of it.
 *
 *     GET  /act/A17/rate            the form (what was kept of an earlier try is filled in)
 *     POST /act/A17/rate            what is wrong with it, or check your answers: here the act gets its command_id
 *     POST /act/A17/rate/send       to the hub; back to the alert when it is done
 *
 * The command_id is made once, on the page that asks to check. Whatever happens to the answer, sending that page again is the same act (B2).
 * A version that is no longer the newest is refused by the hub: the page says who changed what, keeps what was typed, and sends the newer
 * version only when the person presses again, having been shown it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "board/act_page.h"
#include "board/alert_people.h"
#include "board/board.h"
#include "board/feed.h"
#include "board/link_form.h"
#include "board/link_people.h"
#include "board/routes.h"
#include "host/log.h"

/* ---- what is acted on --------------------------------------------------------------------------------------------------------- */
static uint64_t number_of(const char *item)
{
    char *end = NULL;
    unsigned long long number = item[0] == 'A' ? strtoull(item + 1, &end, 10) : 0;
    return end != NULL && *end == '\0' ? number : 0;
}

static const board_row *row_of(const visit *v, const acting *a)
{
    return number_of(a->alert) == 0 ? NULL : sight_find(&v->sees, number_of(a->alert));
}

/* NULL: the visit has been ended. */
static acting *begin(visit *v)
{
    acting *a = v->work = hub_arena_take(&v->arena, sizeof *a);
    if (a == NULL) {
        visit_error(v, 503, "Busy", "Try again.");
        return NULL;
    }
    (void)snprintf(a->item, sizeof a->item, "%s", v->part[0]);
    a->form = act_form_of(v->part[1], a->item[0]);
    const char *alert = http_form_text(&v->form, "alert");
    if (alert[0] == '\0') alert = http_form_text(&v->query, "alert");
    (void)snprintf(a->alert, sizeof a->alert, "%s", a->item[0] == 'A' ? a->item : number_of(alert) != 0 ? alert : "");
    a->row = row_of(v, a);
    link_form_take(v);
    if (a->form != NULL && (a->item[0] != 'A' || a->row != NULL)) return a;
    visit_error(v, 404, "Page not found",
                a->form == NULL ? "There is no such act." : "There is no such alert, or it is not for you.");
    return NULL;
}

/* ---- about whom --------------------------------------------------------------------------------------------------------------- */
static void on_named(visit *v, const char *why)
{
    acting *a = v->work;
    a->unnamed = why;
    a->row = row_of(v, a);
    if (a->row != NULL) {
        a->show(v, a);
    } else {
        visit_error(v, 404, "Page not found", "There is no such alert, or it is not for you.");
    }
}

typedef enum naming { NAMES_NOBODY, NAMES_LINKED, NAMES_PERSON } naming;

static naming whom(const act_form *form)
{
    const act_field *first = &form->fields[0];
    if (first->name != NULL && first->input == INPUT_LINKED) return NAMES_LINKED;
    return first->name != NULL && act_page_is_person(first) ? NAMES_PERSON : NAMES_NOBODY;
}

/* Draws this page; one that is about somebody says who they are, which the hub is asked for first. */
static void show(visit *v, act_page_cb *page)
{
    acting *a = v->work;
    a->show = page;
    switch (whom(a->form)) {
    case NAMES_LINKED:
        link_people_ask(v, a->form, a->item, on_named);
        break;
    case NAMES_PERSON:
        alert_people_ask(v, a->item, on_named);
        break;
    case NAMES_NOBODY:
        page(v, a);
        break;
    }
}

/* What is kept of the form at this address: it is filled in as it was typed (B4). true: as it was sent, and no answer came. */
static bool take_draft(visit *v)
{
    draft typed, sent;
    char path[VISIT_CODE_MAX * 3];
    hub_error err;
    (void)snprintf(path, sizeof path, "%s/send", v->request->path);
    bool has_typed = draft_find(v->b->drafts, v->account, v->request->path, v->now_ms, &typed);
    bool is_sent = draft_find(v->b->drafts, v->account, path, v->now_ms, &sent) && (!has_typed || sent.kept_ms >= typed.kept_ms);
    if (!has_typed && !is_sent) return false;
    if (http_form_read(is_sent ? sent.text : typed.text, &v->arena, &v->form, &err) == HUB_OK) return is_sent;
    v->form.count = 0;
    return false;
}

void page_act_check(visit *v)
{
    static const http_field ANY = {"command_id", "00000000000000000000000000000000"}; /* only so that it can be read as a whole */
    acting *a = begin(v);
    if (a == NULL) return;
    if (http_form_text(&v->form, "command_id")[0] == '\0' && v->form.count < HTTP_FORM_FIELDS_MAX)
        v->form.fields[v->form.count++] = ANY;
    bool is_changing = http_form_has(&v->form, "change");
    bool is_whole = !is_changing && act_form_read(v, a->form, a->item, &a->field, &a->problem) != NULL;
    show(v, is_whole ? act_page_check : act_page_form);
}

/* ---- sending ------------------------------------------------------------------------------------------------------------------ */
/* B4. `end`: "" as it was typed, "/send" as it was sent without an answer. */
static void keep(visit *v, const acting *a, const char *end)
{
    char path[VISIT_CODE_MAX * 3];
    act_page_path(a, end, path);
    if (draft_keep(v->b->drafts, v->account, path, v->request->body, v->now_ms) != HUB_OK)
        host_log(HOST_LOG_WARNING, "what somebody typed could not be kept; it stands in the page they see", NULL);
}

static void forget(visit *v, const acting *a)
{
    static const char *const ENDS[] = {"", "/send"};
    char path[VISIT_CODE_MAX * 3];
    for (size_t i = 0; i < sizeof ENDS / sizeof ENDS[0]; i++) {
        act_page_path(a, ENDS[i], path);
        draft_forget(v->b->drafts, v->account, path);
    }
}

static void show_unsent_again(visit *v, const acting *a)
{
    act_page_unsent(v, a, 200);
}

/* The hub is not asked for names: it did not answer just now. */
static void show_unsent(visit *v, acting *a, const char *why)
{
    (void)hub_format(a->problem.text, sizeof a->problem.text, "%s", why);
    if (whom(a->form) != NAMES_NOBODY) a->unnamed = "the hub did not answer";
    act_page_unsent(v, a, 503);
}

static void show_put_off(visit *v, acting *a, const char *text)
{
    char why[sizeof a->problem.text];
    (void)hub_format(why, sizeof why, "The hub says: %s.", text);
    show_unsent(v, a, why);
}

void page_act(visit *v)
{
    bool is_unsent = take_draft(v);
    acting *a = begin(v);
    if (a == NULL) return;
    if (is_unsent) (void)hub_format(a->problem.text, sizeof a->problem.text, "The last time that you sent this, no answer came.");
    show(v, is_unsent ? show_unsent_again : act_page_form);
}

/* "dispute.with_team: that team ..." is about the input "with_team". */
static void show_refused(visit *v, acting *a, const char *text)
{
    const act_field *field;
    const char *words = text;
    for (size_t i = 0; (field = act_page_input(a->form, i)) != NULL; i++) {
        const char *colon = strstr(text, ": ");
        size_t size = strlen(field->name), before = colon == NULL ? 0 : (size_t)(colon - text);
        bool is_named = before >= size && memcmp(colon - size, field->name, size) == 0 &&
                        (before == size || colon[-(ptrdiff_t)size - 1] == '.');
        if (!is_named) continue;
        a->field = field->name;
        words = colon + 2;
        break;
    }
    (void)hub_format(a->problem.text, sizeof a->problem.text, "%s", words);
    show(v, act_page_form);
}

static void go_back(void *context)
{
    visit *v = context;
    const acting *a = v->work;
    char back[128];
    if (!visit_again(v)) return;
    act_page_back(v, a, back);
    if (a->item[0] == 'A' && row_of(v, a) == NULL) /* they are a party now: its page would say that there is none */
        (void)snprintf(back, sizeof back, "/queue/unclaimed?gone=%s", a->item);
    if (strcmp(back, "/shift") == 0)
        (void)snprintf(back, sizeof back, "/shift?done=%s&act=%s&version=%u", a->item, a->form->code, a->version);
    visit_go(v, back);
}

/* The queue whose rows tell that it was done: its position in board_config.queues; -1: none of this board. */
static int queue_of(const visit *v, const acting *a)
{
    if (a->row != NULL) return (int)a->row->queue;
    return a->item[0] == 'Q' ? board_config_queue(&v->b->config, a->item + 2) : -1;
}

static void show_reply(visit *v, acting *a, const Mash__V1__ActReply *reply)
{
    switch (reply->code) {
    case MASH__V1__ACT_CODE__ACT_DONE:
        a->version = reply->version;
        if (queue_of(v, a) < 0) {
            go_back(v);
        } else {
            feed_await(v->b->feed, (uint32_t)queue_of(v, a), reply->sequence, go_back, v); /* so that the next page shows it */
        }
        return;
    case MASH__V1__ACT_CODE__ACT_STALE:
        forget(v, a);
        keep(v, a, "");
        a->changed = act_page_changes(v, reply);
        a->version = reply->version;
        show(v, act_page_stale);
        return;
    case MASH__V1__ACT_CODE__ACT_RETRY_LATER:
        show_put_off(v, a, reply->text);
        return;
    default:
        forget(v, a);
        keep(v, a, "");
        show_refused(v, a, reply->text);
    }
}

static void on_answer(void *context, link_outcome outcome, const Mash__V1__HubFrame *answer)
{
    visit *v = context;
    acting *a = v->work;
    const Mash__V1__ActReply *reply =
        outcome == LINK_ANSWERED && answer->body_case == MASH__V1__HUB_FRAME__BODY_ACT_REPLY ? answer->act_reply : NULL;
    if (reply != NULL && reply->code == MASH__V1__ACT_CODE__ACT_DONE) forget(v, a); /* also when they are signed out by now */
    if (!visit_again(v)) return;
    a->row = row_of(v, a);
    if (reply != NULL) {
        show_reply(v, a, reply);
    } else if (visit_is_put_off(answer)) {
        show_put_off(v, a, answer->fault->text);
    } else if (outcome == LINK_ANSWERED) {
        forget(v, a);
        keep(v, a, "");
        visit_trouble(v, outcome, answer);
    } else {
        show_unsent(
            v, a, outcome == LINK_AWAY ? "This board is cut off from the hub at the moment." : "The hub did not answer in time.");
    }
}

void page_act_send(visit *v)
{
    acting *a = begin(v);
    if (a == NULL) return;
    a->act = act_form_read(v, a->form, a->item, &a->field, &a->problem);
    if (a->act == NULL) {
        show(v, act_page_form);
        return;
    }
    keep(v, a, "/send"); /* until it is answered, whatever becomes of this visit, of the session, of the board */
    Mash__V1__ClientFrame frame = MASH__V1__CLIENT_FRAME__INIT;
    frame.body_case = MASH__V1__CLIENT_FRAME__BODY_ACT;
    frame.act = (Mash__V1__Act *)(uintptr_t)a->act;
    link_ask(v->b->gate, &frame, on_answer, v);
}
