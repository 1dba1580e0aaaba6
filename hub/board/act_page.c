#include "act_page.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/id.h"
#include "board/act_input.h"
#include "board/alert_people.h"
#include "board/link_form.h"
#include "host/random.h"

/* ---- addresses ----------------------------------------------------------------------------------------------------------------- */
void act_page_back(const visit *v, const acting *a, char out[128])
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

void act_page_path(const acting *a, const char *end, char out[VISIT_CODE_MAX * 3])
{
    (void)snprintf(out, VISIT_CODE_MAX * 3, "/act/%s/%s%s", a->item, a->form->code, end);
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

const act_field *act_page_input(const act_form *form, size_t at)
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
    for (size_t i = 0; name != NULL && (field = act_page_input(form, i)) != NULL && strcmp(field->name, name) != 0; i++) {
    }
    return field;
}

bool act_page_is_person(const act_field *field)
{
    return strcmp(field->name, "person") == 0 && field->input == INPUT_HIDDEN;
}

static void put_unnamed(html_page *p, const acting *a)
{
    if (a->unnamed == NULL) return;
    html(p, "<p class=\"govuk-inset-text\">Names cannot be shown: ");
    html_text(p, a->unnamed);
    html(p, ". The number is that of the alert's page: make sure who it is before you send anything.</p>");
}

/* What is wrong with this answer, or still missing beside what is; NULL: nothing that is known. */
static const char *problem_with(const visit *v, const acting *a, const act_field *field, hub_error *err)
{
    if (a->problem.text[0] == '\0') return NULL;
    if (a->field != NULL && strcmp(field->name, a->field) == 0) return a->problem.text;
    return field->input != INPUT_LINKED_TOO && act_form_is_missing(v, field, err) ? err->text : NULL;
}

static void put_problem(html_page *p, const act_field *field, const char *text)
{
    char id[VISIT_CODE_MAX];
    html(p, "<li>");
    if (field != NULL) {
        act_input_id(field, id);
        html(p, "<a href=\"#");
        html_attribute(p, id);
        html(p, "\">");
    }
    html_text(p, text);
    if (field != NULL) html(p, "</a>");
    html(p, "</li>");
}

static void put_problems(visit *v, const acting *a)
{
    html_page *p = &v->page;
    const act_field *field;
    hub_error err;
    html(p, "<div class=\"govuk-error-summary\" tabindex=\"-1\"><div role=\"alert\"><h2 "
            "class=\"govuk-error-summary__title\">There is a "
            "problem</h2><div class=\"govuk-error-summary__body\"><ul class=\"govuk-list govuk-error-summary__list\">");
    if (input_of(a->form, a->field) == NULL) put_problem(p, NULL, a->problem.text);
    for (size_t i = 0; (field = act_page_input(a->form, i)) != NULL; i++) {
        const char *problem = problem_with(v, a, field, &err);
        if (problem != NULL) put_problem(p, field, problem);
    }
    html(p, "</ul></div></div></div>");
}

static void begin_form(visit *v, const acting *a, const char *end)
{
    html_page *p = &v->page;
    char path[VISIT_CODE_MAX * 3];
    act_page_path(a, end, path);
    html(p, "<form method=\"post\" action=\"");
    html_attribute(p, path);
    html(p, "\" novalidate>");
    page_token(v, &v->page);
    page_hidden(p, "alert", a->alert);
}

static void put_back(visit *v, const acting *a)
{
    html_page *p = &v->page;
    char back[128];
    act_page_back(v, a, back);
    html(p, "<a class=\"govuk-back-link\" ");
    html_href(p, back, NULL);
    html(p, ">Back</a>");
}

static void put_hidden_fields(visit *v, const act_form *form)
{
    for (size_t i = 0; i < ACT_FIELDS_MAX && form->fields[i].name != NULL; i++) {
        if (form->fields[i].input == INPUT_HIDDEN)
            page_hidden(&v->page, form->fields[i].name, act_form_brought(v, form->fields[i].name));
    }
}

static void put_about(visit *v, const acting *a)
{
    const act_field *field = &a->form->fields[0];
    if (field->name == NULL || !act_page_is_person(field)) return;
    html(&v->page, "<p class=\"govuk-body-l\">About: ");
    alert_people_put(v, &v->page, strtoull(act_form_brought(v, field->name), NULL, 10));
    html(&v->page, "</p>");
}

void act_page_form(visit *v, const acting *a)
{
    html_page *p = &v->page;
    char title[120];
    bool is_wrong = a->problem.text[0] != '\0';
    const act_field *field;
    hub_error err;
    (void)snprintf(title, sizeof title, "%s%s %s", is_wrong ? "Error: " : "", a->form->title, a->item);
    page_begin(v, title);
    put_back(v, a);
    if (is_wrong) put_problems(v, a);
    html(p, "<h1 class=\"govuk-heading-l\">");
    html_text(p, a->form->title);
    html(p, " <span class=\"govuk-caption-l\">");
    html_text(p, a->item);
    html(p, "</span></h1>");
    put_about(v, a);
    put_unnamed(p, a);
    html(p, "<p class=\"govuk-body\">");
    html_text(p, a->form->plain);
    html(p, "</p>");
    begin_form(v, a, "");
    page_hidden(p, "version", version_of(v));
    put_hidden_fields(v, a->form);
    for (size_t i = 0; (field = act_page_input(a->form, i)) != NULL; i++)
        act_input_put(v, field, a->row, problem_with(v, a, field, &err));
    html(p, "<button class=\"govuk-button\">Continue</button></form>");
    page_end(v);
    visit_answer(v, is_wrong ? 422 : 200);
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

static void begin_answer(html_page *p, const char *label)
{
    html(p, "<div class=\"govuk-summary-list__row\"><dt class=\"govuk-summary-list__key\">");
    html_text(p, label);
    html(p, "</dt><dd class=\"govuk-summary-list__value board-text\">");
}

static void put_answer(html_page *p, const char *label, const char *text)
{
    begin_answer(p, label);
    html_text(p, text[0] == '\0' ? "-" : text);
    html(p, "</dd></div>");
}

static void put_when(visit *v, const act_field *field)
{
    int64_t at_ms = act_form_when(v, field->name);
    begin_answer(&v->page, field->label);
    if (at_ms > 0) {
        page_when(&v->page, v->b->policy, at_ms);
    } else {
        html(&v->page, "-");
    }
    html(&v->page, "</dd></div>");
}

static void put_person(visit *v, const act_field *field)
{
    begin_answer(&v->page, field->label);
    alert_people_put(v, &v->page, strtoull(http_form_text(&v->form, field->name), NULL, 10));
    html(&v->page, "</dd></div>");
}

static void put_answers(visit *v, const acting *a)
{
    put_unnamed(&v->page, a);
    html(&v->page, "<dl class=\"govuk-summary-list\">");
    for (size_t i = 0; i < ACT_FIELDS_MAX && a->form->fields[i].name != NULL; i++) {
        const act_field *field = &a->form->fields[i];
        naming n = {.value = http_form_text(&v->form, field->name)};
        n.text = n.value;
        if (act_page_is_person(field)) {
            put_person(v, field);
        } else if (field->input == INPUT_LINKED || field->input == INPUT_LINKED_TOO) {
            begin_answer(&v->page, field->label);
            link_form_put_answer(v, field);
            html(&v->page, "</dd></div>");
        } else if (field->input == INPUT_WHEN) {
            put_when(v, field);
        } else if (field->input == INPUT_FLAG) {
            put_answer(&v->page, field->label, n.value[0] == '\0' ? "no" : "yes");
        } else if (field->input != INPUT_HIDDEN) {
            act_form_choices(v, field->input, a->row, CHOICES_ALL, name_choice, &n);
            put_answer(&v->page, field->label, n.text);
        }
    }
    if (a->form->has_reason) put_answer(&v->page, "Why", http_form_text(&v->form, "reason"));
    html(&v->page, "</dl>");
}

/* Everything that was typed goes along, hidden; `version` and `command_id` as given. */
static void put_typed(visit *v, const char *version, const char *command_id)
{
    static const char *const OWN[] = {"token", "alert", "version", "command_id"};
    page_hidden(&v->page, "version", version);
    page_hidden(&v->page, "command_id", command_id);
    for (size_t i = 0; i < v->form.count; i++) {
        bool is_own = false;
        for (size_t k = 0; k < sizeof OWN / sizeof OWN[0]; k++)
            is_own = is_own || strcmp(v->form.fields[i].name, OWN[k]) == 0;
        if (!is_own) page_hidden(&v->page, v->form.fields[i].name, v->form.fields[i].value);
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
    page_hidden(&v->page, "change", "yes");
    html(&v->page, "<button class=\"govuk-button govuk-button--secondary\">Change something</button></form>");
}

void act_page_check(visit *v, const acting *a)
{
    char command_id[HUB_ID_TEXT_BYTES];
    new_command(command_id);
    page_begin(v, "Check your answers");
    put_back(v, a);
    html(&v->page, "<h1 class=\"govuk-heading-l\">Check your answers <span class=\"govuk-caption-l\">");
    html_text(&v->page, a->item);
    html(&v->page, "</span></h1>");
    put_checking(v, a, version_of(v), command_id, a->form->title);
    page_end(v);
    visit_answer(v, 200);
}

void act_page_unsent(visit *v, const acting *a, unsigned status)
{
    html_page *p = &v->page;
    page_begin(v, "Not sent yet");
    put_back(v, a);
    html(p, "<h1 class=\"govuk-heading-l\">Not sent yet <span class=\"govuk-caption-l\">");
    html_text(p, a->item);
    html(p, "</span></h1><p class=\"govuk-body\">");
    html_text(p, a->problem.text);
    html(p, " What you typed is kept for you: send it again when you can. However often you send it, it is done once. If you "
            "change it, look at "
            "the alert first: it may have been done.</p>");
    put_checking(v, a, version_of(v), http_form_text(&v->form, "command_id"), "Send it again");
    page_end(v);
    visit_answer(v, status);
}

/* ---- changed meanwhile ---------------------------------------------------------------------------------------------------------- */
/* "Practitioner One (hc-1), practitioner, hampshire-childrens": the hub says "hc-1 (practitioner, hampshire-childrens)". */
static void put_who(const visit *v, html_page *p, const char *who)
{
    char id[CORE_NAME_MAX], team[CORE_NAME_MAX];
    size_t size = strcspn(who, " "), length = strlen(who);
    const char *part = strstr(who, ", ");
    bool is_person = size < sizeof id && strncmp(who + size, " (", 2) == 0 && part != NULL && who[length - 1] == ')';
    if (!is_person) {
        html_text(p, who);
        return;
    }
    (void)hub_format(id, sizeof id, "%.*s", (int)size, who);
    (void)hub_format(team, sizeof team, "%.*s", (int)strcspn(part + 2, ")"), part + 2);
    page_person(p, v, id);
    html(p, ", ");
    html_text(p, people_team_shown(v->b->policy, team));
}

/* In the arena: the hub's answer is gone when the page is drawn. */
const char *act_page_changes(visit *v, const Mash__V1__ActReply *reply)
{
    html_page p = {0};
    for (size_t i = 0; i < reply->n_changed; i++) {
        html(&p, "<li>");
        page_when(&p, v->b->policy, reply->changed[i]->time_ms);
        html(&p, ": ");
        put_who(v, &p, reply->changed[i]->who);
        html(&p, " ");
        html_text(&p, reply->changed[i]->what);
        html(&p, "</li>");
    }
    const char *kept = p.failed ? NULL : hub_arena_copy(&v->arena, hub_buffer_text(&p), p.size);
    if (kept == NULL) v->page.failed = true; /* X4 */
    hub_buffer_free(&p);
    return kept == NULL ? "" : kept;
}

void act_page_stale(visit *v, const acting *a)
{
    html_page *p = &v->page;
    char version[16], command_id[HUB_ID_TEXT_BYTES];
    (void)snprintf(version, sizeof version, "%u", a->version);
    new_command(command_id);
    page_begin(v, "It has changed meanwhile");
    put_back(v, a);
    html(p, "<h1 class=\"govuk-heading-l\">");
    html_text(p, a->item);
    html(p, " has changed since you opened it</h1><p class=\"govuk-body\">Nothing was done yet, and what you typed is below. "
            "Look at what "
            "others did, open the alert if you are not sure, then decide anew.</p><ul class=\"govuk-list govuk-list--bullet\">");
    hub_buffer_put_text(p, a->changed); /* HTML: made by act_page_changes */
    html(p, "</ul>");
    put_checking(v, a, version, command_id, a->form->title);
    page_end(v);
    visit_answer(v, 409);
}
