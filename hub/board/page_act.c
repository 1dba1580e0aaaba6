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

#include "base/id.h"
#include "board/act_form.h"
#include "board/act_input.h"
#include "board/board.h"
#include "board/feed.h"
#include "board/routes.h"
#include "host/log.h"
#include "host/random.h"

typedef struct acting {
    const act_form *form;
    char item[VISIT_CODE_MAX];
    char alert[VISIT_CODE_MAX]; /* of the item: where one goes back to */
    const board_row *row;       /* as the person sees it; NULL: not in this board's lists */
    const Mash__V1__Act *act;
} acting;

/* ---- what is acted on --------------------------------------------------------------------------------------------------------- */
static uint64_t number_of(const char *item)
{
    char *end = NULL;
    unsigned long long number = item[0] == 'A' ? strtoull(item + 1, &end, 10) : 0;
    return end != NULL && *end == '\0' ? number : 0;
}

/* false: the visit has been ended. */
static bool begin(visit *v, acting *a)
{
    (void)snprintf(a->item, sizeof a->item, "%s", v->part[0]);
    a->form = act_form_of(v->part[1], a->item[0]);
    const char *alert = http_form_text(&v->form, "alert");
    if (alert[0] == '\0') alert = http_form_text(&v->query, "alert");
    (void)snprintf(a->alert, sizeof a->alert, "%s", a->item[0] == 'A' ? a->item : number_of(alert) != 0 ? alert : "");
    a->row = number_of(a->alert) == 0 ? NULL : sight_find(&v->sees, number_of(a->alert));
    if (a->form != NULL && (a->item[0] != 'A' || a->row != NULL)) return true;
    visit_error(v, 404, "Page not found",
                a->form == NULL ? "There is no such act." : "There is no such alert, or it is not for you.");
    return false;
}

static void back_path(const visit *v, const acting *a, char out[128])
{
    if (a->item[0] == 'Q') {
        (void)snprintf(out, 128, "/daily");
    } else if (strcmp(http_form_text(&v->form, "back"), "shift") == 0) {
        (void)snprintf(out, 128, "/shift");
    } else if (a->item[0] != 'A') {
        (void)snprintf(out, 128, "/item/%s", a->item);
    } else {
        (void)snprintf(out, 128, "/alert/%s", a->alert);
    }
}

static void form_path(const acting *a, const char *end, char out[VISIT_CODE_MAX * 3])
{
    (void)snprintf(out, VISIT_CODE_MAX * 3, "/act/%s/%s%s", a->item, a->form->code, end);
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

/* The version that the person has seen: of the page they came from, and what they typed on since. */
static const char *version_of(const visit *v)
{
    const char *typed = http_form_text(&v->form, "version");
    return typed[0] != '\0' ? typed : http_form_text(&v->query, "version");
}

/* ---- the form ----------------------------------------------------------------------------------------------------------------- */
static const act_field REASON = {"reason", INPUT_WORDS, "Why", "", true},
                       REASON_IF_ANY = {"reason", INPUT_WORDS, "Why (optional)", "", false};

/* The form's inputs that are seen, by position: its fields, then the reason. NULL: that was the last. */
static const act_field *input_at(const act_form *form, size_t at)
{
    for (size_t i = 0; i < ACT_FIELDS_MAX && form->fields[i].name != NULL; i++) {
        if (form->fields[i].input != INPUT_HIDDEN && at-- == 0) return &form->fields[i];
    }
    if (!form->has_reason || at != 0) return NULL;
    return form->needs_reason ? &REASON : &REASON_IF_ANY;
}

/* The input of this name; NULL: none, and the problem is with the whole. */
static const act_field *input_of(const act_form *form, const char *name)
{
    const act_field *field = NULL;
    for (size_t i = 0; name != NULL && (field = input_at(form, i)) != NULL && strcmp(field->name, name) != 0; i++) {
    }
    return field;
}

static void put_problem(html_page *p, const act_field *field, const char *text)
{
    char id[VISIT_CODE_MAX];
    html(p, "<div class=\"govuk-error-summary\" tabindex=\"-1\"><div role=\"alert\"><h2 "
            "class=\"govuk-error-summary__title\">There is a "
            "problem</h2><div class=\"govuk-error-summary__body\"><ul class=\"govuk-list govuk-error-summary__list\"><li>");
    if (field != NULL) {
        act_input_id(field, id);
        html(p, "<a href=\"#");
        html_attribute(p, id);
        html(p, "\">");
    }
    html_text(p, text);
    if (field != NULL) html(p, "</a>");
    html(p, "</li></ul></div></div></div>");
}

static void put_hidden(html_page *p, const char *name, const char *value)
{
    html(p, "<input type=\"hidden\" name=\"");
    html_attribute(p, name);
    html(p, "\" value=\"");
    html_attribute(p, value);
    html(p, "\">");
}

static void begin_form(visit *v, const acting *a, const char *end)
{
    html_page *p = &v->page;
    char path[VISIT_CODE_MAX * 3];
    form_path(a, end, path);
    html(p, "<form method=\"post\" action=\"");
    html_attribute(p, path);
    html(p, "\" novalidate>");
    page_token(v);
    put_hidden(p, "alert", a->alert);
}

static void put_back(visit *v, const acting *a)
{
    html_page *p = &v->page;
    char back[128];
    back_path(v, a, back);
    html(p, "<a class=\"govuk-back-link\" ");
    html_href(p, back, NULL);
    html(p, ">Back</a>");
}

/* What was typed, or came with the link that opened the form. */
static const char *brought(const visit *v, const char *name)
{
    const char *typed = http_form_text(&v->form, name);
    return typed[0] != '\0' ? typed : http_form_text(&v->query, name);
}

static void put_hidden_fields(visit *v, const act_form *form)
{
    for (size_t i = 0; i < ACT_FIELDS_MAX && form->fields[i].name != NULL; i++) {
        if (form->fields[i].input == INPUT_HIDDEN) put_hidden(&v->page, form->fields[i].name, brought(v, form->fields[i].name));
    }
}

/* Which of the alert's people: nobody chooses them in the form, and everybody must see who it is. */
static bool is_about_person(const act_field *field)
{
    return field->input == INPUT_HIDDEN && strcmp(field->name, "person") == 0;
}

/* `name`: of the input that the problem is with; NULL, or one that the form has not: with the whole. */
static void show_form(visit *v, const acting *a, const char *name, const char *problem)
{
    html_page *p = &v->page;
    char title[120];
    const act_field *field, *wrong = input_of(a->form, name);
    (void)snprintf(title, sizeof title, "%s%s %s", problem == NULL ? "" : "Error: ", a->form->title, a->item);
    page_begin(v, title);
    put_back(v, a);
    if (problem != NULL) put_problem(p, wrong, problem);
    html(p, "<h1 class=\"govuk-heading-l\">");
    html_text(p, a->form->title);
    html(p, " <span class=\"govuk-caption-l\">");
    html_text(p, a->item);
    if (a->form->fields[0].name != NULL && is_about_person(&a->form->fields[0])) {
        html(p, ", person ");
        html_text(p, brought(v, a->form->fields[0].name));
    }
    html(p, "</span></h1><p class=\"govuk-body\">");
    html_text(p, a->form->plain);
    html(p, "</p>");
    begin_form(v, a, "");
    put_hidden(p, "version", version_of(v));
    put_hidden_fields(v, a->form);
    for (size_t i = 0; (field = input_at(a->form, i)) != NULL; i++)
        act_input_put(v, field, a->row, field == wrong ? problem : NULL);
    html(p, "<button class=\"govuk-button\">Continue</button></form>");
    page_end(v);
    visit_answer(v, problem == NULL ? 200 : 422);
}

/* ---- check your answers ------------------------------------------------------------------------------------------------------- */
typedef struct naming {
    const char *value, *text;
} naming;

static void name_choice(void *context, const char *value, const char *text, const char *hint)
{
    naming *n = context;
    (void)hint;
    if (strcmp(n->value, value) == 0) n->text = text;
}

static void put_answer(html_page *p, const char *label, const char *text)
{
    html(p, "<div class=\"govuk-summary-list__row\"><dt class=\"govuk-summary-list__key\">");
    html_text(p, label);
    html(p, "</dt><dd class=\"govuk-summary-list__value board-text\">");
    html_text(p, text[0] == '\0' ? "-" : text);
    html(p, "</dd></div>");
}

static void put_answers(visit *v, const acting *a)
{
    html_page *p = &v->page;
    html(p, "<dl class=\"govuk-summary-list\">");
    for (size_t i = 0; i < ACT_FIELDS_MAX && a->form->fields[i].name != NULL; i++) {
        const act_field *field = &a->form->fields[i];
        char text[64];
        naming n = {.value = http_form_text(&v->form, field->name)};
        n.text = n.value;
        if (field->input == INPUT_HIDDEN && !is_about_person(field)) continue;
        act_form_choices(v, field->input, a->row, name_choice, &n);
        if (field->input == INPUT_FLAG) n.text = n.value[0] == '\0' ? "no" : "yes";
        if (field->input == INPUT_WHEN) {
            char day[48], clock[48];
            (void)snprintf(day, sizeof day, "%s-day", field->name);
            (void)snprintf(clock, sizeof clock, "%s-time", field->name);
            (void)snprintf(text, sizeof text, "%.20s %.10s", http_form_text(&v->form, day), http_form_text(&v->form, clock));
            n.text = text;
        }
        put_answer(p, field->label, n.text);
    }
    if (a->form->has_reason) put_answer(p, "Why", http_form_text(&v->form, "reason"));
    html(p, "</dl>");
}

/* Everything that was typed goes along, hidden; `version` and `command_id` as given. */
static void put_typed(visit *v, const char *version, const char *command_id)
{
    static const char *const OWN[] = {"token", "alert", "version", "command_id"};
    put_hidden(&v->page, "version", version);
    put_hidden(&v->page, "command_id", command_id);
    for (size_t i = 0; i < v->form.count; i++) {
        bool is_own = false;
        for (size_t k = 0; k < sizeof OWN / sizeof OWN[0]; k++)
            is_own = is_own || strcmp(v->form.fields[i].name, OWN[k]) == 0;
        if (!is_own) put_hidden(&v->page, v->form.fields[i].name, v->form.fields[i].value);
    }
}

static void new_command(char text[HUB_ID_TEXT_BYTES])
{
    hub_id id = host_random_id();
    hub_id_text(&id, text);
}

static void put_checking(visit *v, const acting *a, const char *version, const char *command_id, const char *button)
{
    put_answers(v, a);
    begin_form(v, a, "/send");
    put_typed(v, version, command_id);
    html(&v->page, "<button class=\"govuk-button\">");
    html_text(&v->page, button);
    html(&v->page, "</button></form>");
    begin_form(v, a, "");
    put_typed(v, version, "");
    html(&v->page,
         "<input type=\"hidden\" name=\"change\" value=\"yes\"><button class=\"govuk-button govuk-button--secondary\">Change "
         "something</button></form>");
}

void page_act_check(visit *v)
{
    acting a;
    const char *field = NULL;
    hub_error err = {{0}};
    if (!begin(v, &a)) return;
    char command_id[HUB_ID_TEXT_BYTES];
    new_command(command_id);
    if (http_form_text(&v->form, "command_id")[0] == '\0' && v->form.count < HTTP_FORM_FIELDS_MAX)
        v->form.fields[v->form.count++] = (http_field){"command_id", command_id}; /* only so that it can be read as a whole */
    if (http_form_has(&v->form, "change")) {
        show_form(v, &a, NULL, NULL);
        return;
    }
    if (act_form_read(v, a.form, a.item, &field, &err) == NULL) {
        show_form(v, &a, field, err.text);
        return;
    }
    page_begin(v, "Check your answers");
    put_back(v, &a);
    html(&v->page, "<h1 class=\"govuk-heading-l\">Check your answers <span class=\"govuk-caption-l\">");
    html_text(&v->page, a.item);
    html(&v->page, "</span></h1>");
    put_checking(v, &a, version_of(v), command_id, a.form->title);
    page_end(v);
    visit_answer(v, 200);
}

/* ---- sending ------------------------------------------------------------------------------------------------------------------ */
/* B4. `end`: "" as it was typed, "/send" as it was sent without an answer. */
static void keep(visit *v, const acting *a, const char *end)
{
    char path[VISIT_CODE_MAX * 3];
    form_path(a, end, path);
    if (draft_keep(v->b->drafts, v->account, path, v->request->body, v->now_ms) != HUB_OK)
        host_log(HOST_LOG_WARNING, "what somebody typed could not be kept; it stands in the page they see", NULL);
}

static void forget(visit *v, const acting *a)
{
    static const char *const ENDS[] = {"", "/send"};
    char path[VISIT_CODE_MAX * 3];
    for (size_t i = 0; i < sizeof ENDS / sizeof ENDS[0]; i++) {
        form_path(a, ENDS[i], path);
        draft_forget(v->b->drafts, v->account, path);
    }
}

/* It was sent, or was about to be, and nobody said that it was done: sent again it is the same act (B2). */
static void show_unsent(visit *v, const acting *a, unsigned status, const char *why)
{
    html_page *p = &v->page;
    page_begin(v, "Not sent yet");
    put_back(v, a);
    html(p, "<h1 class=\"govuk-heading-l\">Not sent yet <span class=\"govuk-caption-l\">");
    html_text(p, a->item);
    html(p, "</span></h1><p class=\"govuk-body\">");
    html_text(p, why);
    html(p, " What you typed is kept for you: send it again when you can. However often you send it, it is done once. If you "
            "change it, look at "
            "the alert first: it may have been done.</p>");
    put_checking(v, a, version_of(v), http_form_text(&v->form, "command_id"), "Send it again");
    page_end(v);
    visit_answer(v, status);
}

void page_act(visit *v)
{
    acting a;
    bool is_unsent = take_draft(v);
    if (!begin(v, &a)) return;
    if (is_unsent) {
        show_unsent(v, &a, 200, "The last time that you sent this, no answer came.");
    } else {
        show_form(v, &a, NULL, NULL);
    }
}

static void show_stale(visit *v, const acting *a, const Mash__V1__ActReply *reply)
{
    html_page *p = &v->page;
    char version[16], command_id[HUB_ID_TEXT_BYTES];
    (void)snprintf(version, sizeof version, "%u", reply->version);
    new_command(command_id);
    page_begin(v, "It has changed meanwhile");
    put_back(v, a);
    html(p, "<h1 class=\"govuk-heading-l\">");
    html_text(p, a->item);
    html(p, " has changed since you opened it</h1><p class=\"govuk-body\">Nothing was done yet, and what you typed is below. "
            "Look at what "
            "others did, open the alert if you are not sure, then decide anew.</p><ul class=\"govuk-list govuk-list--bullet\">");
    for (size_t i = 0; i < reply->n_changed; i++) {
        html(p, "<li>");
        page_when(p, v->b->policy, reply->changed[i]->time_ms);
        html(p, ": ");
        html_text(p, reply->changed[i]->who);
        html(p, " ");
        html_text(p, reply->changed[i]->what);
        html(p, "</li>");
    }
    html(p, "</ul>");
    put_checking(v, a, version, command_id, a->form->title);
    page_end(v);
    visit_answer(v, 409);
}

/* "dispute.with_team: that team ..." is about the input "with_team". */
static void show_refused(visit *v, const acting *a, const char *text)
{
    const act_field *field;
    for (size_t i = 0; (field = input_at(a->form, i)) != NULL; i++) {
        const char *colon = strstr(text, ": ");
        size_t size = strlen(field->name), before = colon == NULL ? 0 : (size_t)(colon - text);
        bool is_named = before >= size && memcmp(colon - size, field->name, size) == 0 &&
                        (before == size || colon[-(ptrdiff_t)size - 1] == '.');
        if (!is_named) continue;
        show_form(v, a, field->name, colon + 2);
        return;
    }
    show_form(v, a, NULL, text);
}

static void go_back(void *context)
{
    visit *v = context;
    char back[128];
    if (!visit_again(v)) return;
    back_path(v, v->work, back);
    visit_go(v, back);
}

/* The queue whose rows tell that it was done: its position in board_config.queues; -1: none of this board. */
static int queue_of(const visit *v, const acting *a)
{
    const board_config *config = &v->b->config;
    if (a->row != NULL) return (int)a->row->queue;
    for (uint32_t i = 0; a->item[0] == 'Q' && i < config->queue_count; i++) {
        if (strcmp(config->queues[i], a->item + 2) == 0) return (int)i;
    }
    return -1;
}

static void show_reply(visit *v, acting *a, const Mash__V1__ActReply *reply)
{
    switch (reply->code) {
    case MASH__V1__ACT_CODE__ACT_DONE:
        if (a->form->kind == MASH__V1__ACT_KIND__ACT_KIND_SEEN) rows_asked_seen(v->b->rows, a->item);
        if (queue_of(v, a) < 0) {
            go_back(v);
        } else {
            feed_await(v->b->feed, (uint32_t)queue_of(v, a), reply->sequence, go_back, v); /* so that the next page shows it */
        }
        return;
    case MASH__V1__ACT_CODE__ACT_STALE:
        forget(v, a);
        keep(v, a, "");
        show_stale(v, a, reply);
        return;
    case MASH__V1__ACT_CODE__ACT_RETRY_LATER:
        show_unsent(v, a, 503, reply->text);
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
    a->row = number_of(a->alert) == 0 ? NULL : sight_find(&v->sees, number_of(a->alert));
    if (reply != NULL) {
        show_reply(v, a, reply);
    } else if (outcome == LINK_ANSWERED) {
        forget(v, a);
        keep(v, a, "");
        visit_trouble(v, outcome, answer);
    } else {
        show_unsent(v, a, 503,
                    outcome == LINK_AWAY ? "This board is cut off from the hub at the moment."
                                         : "The hub did not answer in time.");
    }
}

void page_act_send(visit *v)
{
    acting a;
    const char *field = NULL;
    hub_error err = {{0}};
    if (!begin(v, &a)) return;
    a.act = act_form_read(v, a.form, a.item, &field, &err);
    if (a.act == NULL) {
        show_form(v, &a, field, err.text);
        return;
    }
    keep(v, &a, "/send"); /* until it is answered, whatever becomes of this visit, of the session, of the board */
    v->work = hub_arena_copy(&v->arena, &a, sizeof a);
    if (v->work == NULL) {
        visit_error(v, 503, "Busy", "Try again.");
        return;
    }
    Mash__V1__ClientFrame frame = MASH__V1__CLIENT_FRAME__INIT;
    frame.body_case = MASH__V1__CLIENT_FRAME__BODY_ACT;
    frame.act = (Mash__V1__Act *)(uintptr_t)a.act;
    link_ask(v->b->gate, &frame, on_answer, v);
}
