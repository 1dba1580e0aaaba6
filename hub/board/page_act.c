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
#include "board/board.h"
#include "board/routes.h"
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
    if (strcmp(http_form_text(&v->form, "back"), "shift") == 0) {
        (void)snprintf(out, 128, "/shift");
    } else if (a->item[0] != 'A') {
        (void)snprintf(out, 128, "/item/%s", a->item);
    } else {
        (void)snprintf(out, 128, "/alert/%s", a->alert);
    }
}

/* What an ended session or an absent hub kept of this form: it is filled in as it was typed (B4). */
static void take_draft(visit *v)
{
    draft kept;
    char sent[VISIT_CODE_MAX * 3];
    hub_error err;
    (void)snprintf(sent, sizeof sent, "%s/send", v->request->path);
    bool has = draft_find(v->b->drafts, v->account, v->request->path, v->now_ms, &kept) ||
               draft_find(v->b->drafts, v->account, sent, v->now_ms, &kept);
    if (has && http_form_read(kept.text, &v->arena, &v->form, &err) != HUB_OK) v->form.count = 0;
}

/* The version that the person has seen: of the page they came from, and what they typed on since. */
static const char *version_of(const visit *v)
{
    const char *typed = http_form_text(&v->form, "version");
    return typed[0] != '\0' ? typed : http_form_text(&v->query, "version");
}

/* ---- inputs ------------------------------------------------------------------------------------------------------------------- */
typedef struct choosing {
    visit *v;
    const act_field *field;
    const char *chosen;
    unsigned count;
} choosing;

static void put_radio(void *context, const char *value, const char *text, const char *hint)
{
    choosing *c = context;
    html_page *p = &c->v->page;
    html(p, "<div class=\"govuk-radios__item\"><input class=\"govuk-radios__input\" type=\"radio\" name=\"");
    html_attribute(p, c->field->name);
    html(p, "\" id=\"");
    html_attribute(p, c->field->name);
    if (c->count > 0) {
        html(p, "-");
        html_number(p, c->count);
    }
    html(p, "\" value=\"");
    html_attribute(p, value);
    html(p, "\"");
    if (strcmp(c->chosen, value) == 0) html(p, " checked");
    html(p, "><label class=\"govuk-label govuk-radios__label\" for=\"");
    html_attribute(p, c->field->name);
    if (c->count > 0) {
        html(p, "-");
        html_number(p, c->count);
    }
    html(p, "\">");
    html_text(p, text);
    html(p, "</label>");
    if (hint[0] != '\0') {
        html(p, "<div class=\"govuk-hint govuk-radios__hint\">");
        html_text(p, hint);
        html(p, "</div>");
    }
    html(p, "</div>");
    c->count++;
}

static void put_choice(visit *v, const acting *a, const act_field *field)
{
    html_page *p = &v->page;
    choosing c = {.v = v, .field = field, .chosen = http_form_text(&v->form, field->name)};
    html(p, "<fieldset class=\"govuk-fieldset\"><legend class=\"govuk-fieldset__legend govuk-fieldset__legend--m\">");
    html_text(p, field->label);
    html(p, "</legend>");
    if (field->hint[0] != '\0') {
        html(p, "<div class=\"govuk-hint\">");
        html_text(p, field->hint);
        html(p, "</div>");
    }
    html(p, "<div class=\"govuk-radios govuk-radios--small\">");
    act_form_choices(v, field->input, a->row, put_radio, &c);
    html(p, "</div></fieldset>");
}

static void put_label(html_page *p, const char *name, const char *label, const char *hint)
{
    html(p, "<label class=\"govuk-label govuk-label--m\" for=\"");
    html_attribute(p, name);
    html(p, "\">");
    html_text(p, label);
    html(p, "</label>");
    if (hint[0] == '\0') return;
    html(p, "<div class=\"govuk-hint\">");
    html_text(p, hint);
    html(p, "</div>");
}

static void put_words(visit *v, const char *name, const char *label, const char *hint)
{
    html_page *p = &v->page;
    put_label(p, name, label, hint);
    html(p, "<textarea class=\"govuk-textarea\" rows=\"5\" id=\"");
    html_attribute(p, name);
    html(p, "\" name=\"");
    html_attribute(p, name);
    html(p, "\">");
    html_textarea(p, http_form_text(&v->form, name));
    html(p, "</textarea>");
}

static void put_line(visit *v, const char *name, const char *type, const char *label, const char *hint)
{
    html_page *p = &v->page;
    put_label(p, name, label, hint);
    html(p, "<input class=\"govuk-input govuk-input--width-20\" id=\"");
    html_attribute(p, name);
    html(p, "\" name=\"");
    html_attribute(p, name);
    html(p, "\" type=\"");
    html_attribute(p, type);
    html(p, "\" value=\"");
    html_attribute(p, http_form_text(&v->form, name));
    html(p, "\">");
}

static void put_when(visit *v, const act_field *field)
{
    html_page *p = &v->page;
    char name[48];
    html(p, "<fieldset class=\"govuk-fieldset\" id=\"");
    html_attribute(p, field->name);
    html(p, "\"><legend class=\"govuk-fieldset__legend govuk-fieldset__legend--m\">");
    html_text(p, field->label);
    html(p, "</legend><div class=\"govuk-hint\">");
    html_text(p, field->hint);
    html(p, "</div><div class=\"board-columns\"><div>");
    (void)snprintf(name, sizeof name, "%s-day", field->name);
    put_line(v, name, "date", "Day", "");
    html(p, "</div><div>");
    (void)snprintf(name, sizeof name, "%s-time", field->name);
    put_line(v, name, "time", "Time", "");
    html(p, "</div></div></fieldset>");
}

static void put_flag(visit *v, const act_field *field)
{
    html_page *p = &v->page;
    html(p, "<div class=\"govuk-checkboxes\"><div class=\"govuk-checkboxes__item\"><input class=\"govuk-checkboxes__input\" "
            "type=\"checkbox\" value=\"yes\" id=\"");
    html_attribute(p, field->name);
    html(p, "\" name=\"");
    html_attribute(p, field->name);
    html(p, "\"");
    if (http_form_has(&v->form, field->name)) html(p, " checked");
    html(p, "><label class=\"govuk-label govuk-checkboxes__label\" for=\"");
    html_attribute(p, field->name);
    html(p, "\">");
    html_text(p, field->label);
    html(p, "</label></div></div>");
}

static void put_hidden(html_page *p, const char *name, const char *value)
{
    html(p, "<input type=\"hidden\" name=\"");
    html_attribute(p, name);
    html(p, "\" value=\"");
    html_attribute(p, value);
    html(p, "\">");
}

static void put_input(visit *v, const acting *a, const act_field *field)
{
    if (field->input == INPUT_HIDDEN) {
        const char *typed = http_form_text(&v->form, field->name);
        put_hidden(&v->page, field->name, typed[0] != '\0' ? typed : http_form_text(&v->query, field->name));
        return;
    }
    html(&v->page, "<div class=\"govuk-form-group\">");
    switch (field->input) {
    case INPUT_WORDS:
        put_words(v, field->name, field->label, field->hint);
        break;
    case INPUT_LINE:
        put_line(v, field->name, "text", field->label, field->hint);
        break;
    case INPUT_FLAG:
        put_flag(v, field);
        break;
    case INPUT_WHEN:
        put_when(v, field);
        break;
    default:
        put_choice(v, a, field);
        break;
    }
    html(&v->page, "</div>");
}

/* ---- the form ----------------------------------------------------------------------------------------------------------------- */
static void put_problem(html_page *p, const char *field, const char *text)
{
    html(p, "<div class=\"govuk-error-summary\" tabindex=\"-1\"><div role=\"alert\"><h2 "
            "class=\"govuk-error-summary__title\">There is a "
            "problem</h2><div class=\"govuk-error-summary__body\"><ul class=\"govuk-list govuk-error-summary__list\"><li><a "
            "href=\"#");
    html_attribute(p, field);
    html(p, "\">");
    html_text(p, text);
    html(p, "</a></li></ul></div></div></div>");
}

static void begin_form(visit *v, const acting *a, const char *end)
{
    html_page *p = &v->page;
    char path[VISIT_CODE_MAX * 3];
    (void)snprintf(path, sizeof path, "/act/%s/%s%s", a->item, a->form->code, end);
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

static void show_form(visit *v, const acting *a, const char *field, const char *problem)
{
    html_page *p = &v->page;
    char title[120];
    (void)snprintf(title, sizeof title, "%s%s %s", problem == NULL ? "" : "Error: ", a->form->title, a->item);
    page_begin(v, title);
    put_back(v, a);
    if (problem != NULL) put_problem(p, field, problem);
    html(p, "<h1 class=\"govuk-heading-l\">");
    html_text(p, a->form->title);
    html(p, " <span class=\"govuk-caption-l\">");
    html_text(p, a->item);
    html(p, "</span></h1><p class=\"govuk-body\">");
    html_text(p, a->form->plain);
    html(p, "</p>");
    begin_form(v, a, "");
    put_hidden(p, "version", version_of(v));
    for (size_t i = 0; i < ACT_FIELDS_MAX && a->form->fields[i].name != NULL; i++)
        put_input(v, a, &a->form->fields[i]);
    if (a->form->has_reason) {
        html(p, "<div class=\"govuk-form-group\">");
        put_words(v, "reason", a->form->needs_reason ? "Why" : "Why (optional)", "");
        html(p, "</div>");
    }
    html(p, "<button class=\"govuk-button\">Continue</button></form>");
    page_end(v);
    visit_answer(v, problem == NULL ? 200 : 422);
}

void page_act(visit *v)
{
    acting a;
    take_draft(v);
    if (!begin(v, &a)) return;
    show_form(v, &a, NULL, NULL);
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
        if (field->input == INPUT_HIDDEN) continue;
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

static void put_checking(visit *v, const acting *a, const char *version)
{
    char command_id[HUB_ID_TEXT_BYTES];
    new_command(command_id);
    put_answers(v, a);
    begin_form(v, a, "/send");
    put_typed(v, version, command_id);
    html(&v->page, "<button class=\"govuk-button\">");
    html_text(&v->page, a->form->title);
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
    put_checking(v, &a, version_of(v));
    page_end(v);
    visit_answer(v, 200);
}

/* ---- sending ------------------------------------------------------------------------------------------------------------------ */
static void keep(visit *v)
{
    (void)draft_keep(v->b->drafts, v->account, v->request->path, v->request->body, v->now_ms);
}

static void forget(visit *v, const acting *a)
{
    char path[VISIT_CODE_MAX * 3];
    draft_forget(v->b->drafts, v->account, v->request->path);
    (void)snprintf(path, sizeof path, "/act/%s/%s", a->item, a->form->code);
    draft_forget(v->b->drafts, v->account, path);
}

static void show_stale(visit *v, const acting *a, const Mash__V1__ActReply *reply)
{
    html_page *p = &v->page;
    char version[16];
    (void)snprintf(version, sizeof version, "%u", reply->version);
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
    put_checking(v, a, version);
    page_end(v);
    visit_answer(v, 409);
}

static void show_reply(visit *v, acting *a, const Mash__V1__ActReply *reply)
{
    char back[128];
    switch (reply->code) {
    case MASH__V1__ACT_CODE__ACT_DONE:
        back_path(v, a, back);
        visit_go(v, back);
        return;
    case MASH__V1__ACT_CODE__ACT_STALE:
        show_stale(v, a, reply);
        return;
    case MASH__V1__ACT_CODE__ACT_RETRY_LATER:
        visit_error(v, 503, "The hub could not do it now", reply->text);
        return;
    default:
        show_form(v, a, "reason", reply->text);
    }
}

static void on_answer(void *context, link_outcome outcome, const Mash__V1__HubFrame *answer)
{
    visit *v = context;
    acting *a = v->work;
    const Mash__V1__ActReply *reply =
        outcome == LINK_ANSWERED && answer->body_case == MASH__V1__HUB_FRAME__BODY_ACT_REPLY ? answer->act_reply : NULL;
    if (reply != NULL && reply->code == MASH__V1__ACT_CODE__ACT_DONE) forget(v, a);
    if (!visit_again(v)) return;
    a->row = number_of(a->alert) == 0 ? NULL : sight_find(&v->sees, number_of(a->alert));
    if (reply != NULL) {
        show_reply(v, a, reply);
        return;
    }
    visit_trouble(v, outcome, answer);
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
    keep(v); /* B4: whatever becomes of this visit, until the act is done */
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
