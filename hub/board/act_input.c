#include "act_input.h"

#include <stdio.h>
#include <string.h>

#include "board/link_form.h"

/* ---- beside an input ---------------------------------------------------------------------------------------------------------- */
static void put_id(html_page *p, const char *name, const char *end)
{
    html(p, " id=\"");
    html_attribute(p, name);
    html_attribute(p, end);
    html(p, "\"");
}

static void put_value(html_page *p, const char *value)
{
    html(p, " value=\"");
    html_attribute(p, value);
    html(p, "\"");
}

/* Which of the descriptions below belong to it. */
static void put_described(html_page *p, const char *name, const char *hint, const char *problem)
{
    if (hint[0] == '\0' && problem == NULL) return;
    html(p, " aria-describedby=\"");
    if (hint[0] != '\0') {
        html_attribute(p, name);
        html(p, "-hint ");
    }
    if (problem != NULL) {
        html_attribute(p, name);
        html(p, "-error");
    }
    html(p, "\"");
}

static void put_descriptions(html_page *p, const char *name, const char *hint, const char *problem)
{
    if (hint[0] != '\0') {
        html(p, "<div class=\"govuk-hint\"");
        put_id(p, name, "-hint");
        html(p, ">");
        html_text(p, hint);
        html(p, "</div>");
    }
    if (problem == NULL) return;
    html(p, "<p class=\"govuk-error-message\"");
    put_id(p, name, "-error");
    html(p, "><span class=\"govuk-visually-hidden\">Error: </span>");
    html_text(p, problem);
    html(p, "</p>");
}

static void put_label(html_page *p, const char *name, const char *label)
{
    html(p, "<label class=\"govuk-label govuk-label--m\" for=\"");
    html_attribute(p, name);
    html(p, "\">");
    html_text(p, label);
    html(p, "</label>");
}

static void put_head(html_page *p, const act_field *field, const char *problem)
{
    put_label(p, field->name, field->label);
    put_descriptions(p, field->name, field->hint, problem);
}

static void end_tag(html_page *p, const act_field *field, const char *problem)
{
    put_described(p, field->name, field->hint, problem);
    if (problem != NULL) html(p, " aria-invalid=\"true\"");
    html(p, ">");
}

void act_input_begin(visit *v, const act_field *field, const char *legend, const char *problem)
{
    html_page *p = &v->page;
    html(p, "<fieldset class=\"govuk-fieldset\"");
    put_described(p, field->name, field->hint, problem);
    html(p, "><legend class=\"govuk-fieldset__legend govuk-fieldset__legend--m\">");
    html_text(p, legend);
    html(p, "</legend>");
    put_descriptions(p, field->name, field->hint, problem);
}

void act_input_line(visit *v, const act_field *field, const char *id, const char *value)
{
    html_page *p = &v->page;
    put_label(p, id, field->label);
    html(p, "<input class=\"govuk-input govuk-input--width-10\" type=\"text\" inputmode=\"numeric\" name=\"");
    html_attribute(p, field->name);
    html(p, "\"");
    put_id(p, id, "");
    put_value(p, value);
    html(p, ">");
}

/* ---- one of a list ------------------------------------------------------------------------------------------------------------ */
typedef struct choosing {
    visit *v;
    const act_field *field;
    const char *chosen;
    unsigned count, rest_count;
    bool is_among_rest;
} choosing;

static void put_radio(void *context, const char *value, const char *text, const char *hint)
{
    choosing *c = context;
    html_page *p = &c->v->page;
    char id[VISIT_CODE_MAX]; /* the first one bears the field's own: an error's link leads there */
    (void)snprintf(id, sizeof id, c->count == 0 ? "%s" : "%s-%u", c->field->name, c->count);
    html(p, "<div class=\"govuk-radios__item\"><input class=\"govuk-radios__input\" type=\"radio\" name=\"");
    html_attribute(p, c->field->name);
    html(p, "\"");
    put_id(p, id, "");
    put_value(p, value);
    put_described(p, id, hint, NULL);
    if (strcmp(c->chosen, value) == 0) html(p, " checked");
    html(p, "><label class=\"govuk-label govuk-radios__label\" for=\"");
    html_attribute(p, id);
    html(p, "\">");
    html_text(p, text);
    html(p, "</label>");
    if (hint[0] != '\0') {
        html(p, "<div class=\"govuk-hint govuk-radios__hint\"");
        put_id(p, id, "-hint");
        html(p, ">");
        html_text(p, hint);
        html(p, "</div>");
    }
    html(p, "</div>");
    c->count++;
}

static void look_for(void *context, const char *value, const char *text, const char *hint)
{
    choosing *c = context;
    (void)text;
    (void)hint;
    c->rest_count++;
    c->is_among_rest = c->is_among_rest || strcmp(c->chosen, value) == 0;
}

/* What does not fit the person lies folded beside it: the record may be wrong, and is no reason why nobody could decide. */
static void put_rest(choosing *c, const board_row *row)
{
    html_page *p = &c->v->page;
    act_form_choices(c->v, c->field->input, row, CHOICES_REST, look_for, c);
    if (c->rest_count == 0) return;
    html(p, "<details class=\"govuk-details govuk-!-margin-top-4\"");
    if (c->is_among_rest) html(p, " open");
    html(p, "><summary class=\"govuk-details__summary\"><span class=\"govuk-details__summary-text\">Others, which do not fit "
            "what is known of this person's age</span></summary><div class=\"govuk-details__text\"><div class=\"govuk-radios "
            "govuk-radios--small\">");
    act_form_choices(c->v, c->field->input, row, CHOICES_REST, put_radio, c);
    html(p, "</div></div></details>");
}

static void put_choice(visit *v, const act_field *field, const board_row *row, const char *problem)
{
    choosing c = {.v = v, .field = field, .chosen = http_form_text(&v->form, field->name)};
    act_input_begin(v, field, field->label, problem);
    html(&v->page, "<div class=\"govuk-radios govuk-radios--small\">");
    act_form_choices(v, field->input, row, CHOICES_FIT, put_radio, &c);
    html(&v->page, "</div>");
    put_rest(&c, row);
    html(&v->page, "</fieldset>");
}

/* ---- one of a long list ------------------------------------------------------------------------------------------------------- */
typedef struct listing {
    html_page *page;
    const char *chosen, *group;
} listing;

static void put_option(void *context, const char *value, const char *text, const char *hint)
{
    listing *l = context;
    if (strcmp(l->group, hint) != 0) {
        if (l->group[0] != '\0') html(l->page, "</optgroup>");
        html(l->page, "<optgroup label=\"");
        html_attribute(l->page, hint);
        html(l->page, "\">");
    }
    l->group = hint;
    html(l->page, "<option");
    put_value(l->page, value);
    if (strcmp(l->chosen, value) == 0) html(l->page, " selected");
    html(l->page, ">");
    html_text(l->page, text);
    html(l->page, "</option>");
}

static void put_list(visit *v, const act_field *field, const board_row *row, const char *problem)
{
    html_page *p = &v->page;
    listing l = {.page = p, .chosen = http_form_text(&v->form, field->name), .group = ""};
    put_head(p, field, problem);
    html(p, "<select class=\"govuk-select");
    if (problem != NULL) html(p, " govuk-select--error");
    html(p, "\" name=\"");
    html_attribute(p, field->name);
    html(p, "\"");
    put_id(p, field->name, "");
    end_tag(p, field, problem);
    html(p, "<option value=\"\">choose one</option>");
    act_form_choices(v, field->input, row, CHOICES_ALL, put_option, &l);
    if (l.group[0] != '\0') html(p, "</optgroup>");
    html(p, "</select>");
}

/* ---- text, days, boxes -------------------------------------------------------------------------------------------------------- */
static void put_words(visit *v, const act_field *field, const char *problem)
{
    html_page *p = &v->page;
    put_head(p, field, problem);
    html(p, "<textarea class=\"govuk-textarea\" rows=\"5\" name=\"");
    html_attribute(p, field->name);
    html(p, "\"");
    put_id(p, field->name, "");
    end_tag(p, field, problem);
    html_textarea(p, http_form_text(&v->form, field->name));
    html(p, "</textarea>");
}

static void put_box(visit *v, const char *name, const char *type)
{
    html_page *p = &v->page;
    const char *typed = http_form_text(&v->form, name);
    html(p, "<input class=\"govuk-input govuk-input--width-20\" type=\"");
    html_attribute(p, type);
    html(p, "\" name=\"");
    html_attribute(p, name);
    html(p, "\"");
    put_id(p, name, "");
    put_value(p, typed[0] != '\0' ? typed : http_form_text(&v->query, name)); /* the link that opened the form may know it */
}

static void put_line(visit *v, const act_field *field, const char *problem)
{
    put_head(&v->page, field, problem);
    put_box(v, field->name, "text");
    end_tag(&v->page, field, problem);
}

static void put_when(visit *v, const act_field *field, const char *problem)
{
    static const struct {
        const char *end, *type, *label;
    } PARTS[] = {{"-day", "date", "Day"}, {"-time", "time", "Time"}};
    html_page *p = &v->page;
    act_input_begin(v, field, field->label, problem);
    html(p, "<div class=\"board-columns\">");
    for (size_t i = 0; i < sizeof PARTS / sizeof PARTS[0]; i++) {
        char name[VISIT_CODE_MAX];
        (void)snprintf(name, sizeof name, "%s%s", field->name, PARTS[i].end);
        html(p, "<div>");
        put_label(p, name, PARTS[i].label);
        put_box(v, name, PARTS[i].type);
        html(p, "></div>");
    }
    html(p, "</div></fieldset>");
}

static void put_flag(visit *v, const act_field *field)
{
    html_page *p = &v->page;
    html(p, "<div class=\"govuk-checkboxes\"><div class=\"govuk-checkboxes__item\"><input class=\"govuk-checkboxes__input\" "
            "type=\"checkbox\" value=\"yes\" name=\"");
    html_attribute(p, field->name);
    html(p, "\"");
    put_id(p, field->name, "");
    if (http_form_has(&v->form, field->name)) html(p, " checked");
    html(p, "><label class=\"govuk-label govuk-checkboxes__label\" for=\"");
    html_attribute(p, field->name);
    html(p, "\">");
    html_text(p, field->label);
    html(p, "</label></div></div>");
}

/* ---- any ------------------------------------------------------------------------------------------------------------------------ */
void act_input_put(visit *v, const act_field *field, const board_row *row, const char *problem)
{
    if (field->input == INPUT_LINKED_TOO) return; /* it stands with the first */
    html(&v->page, "<div class=\"govuk-form-group");
    if (problem != NULL) html(&v->page, " govuk-form-group--error");
    html(&v->page, "\">");
    switch (field->input) {
    case INPUT_WORDS:
        put_words(v, field, problem);
        break;
    case INPUT_LINKED:
        link_form_put(v, field, problem);
        break;
    case INPUT_LINE:
        put_line(v, field, problem);
        break;
    case INPUT_FLAG:
        put_flag(v, field);
        break;
    case INPUT_TEAM:
    case INPUT_QUEUE:
        put_list(v, field, row, problem);
        break;
    case INPUT_WHEN:
        put_when(v, field, problem);
        break;
    default:
        put_choice(v, field, row, problem);
        break;
    }
    html(&v->page, "</div>");
}

void act_input_id(const act_field *field, char out[VISIT_CODE_MAX])
{
    (void)snprintf(out, VISIT_CODE_MAX, "%s%s", field->name, field->input == INPUT_WHEN ? "-day" : "");
}
