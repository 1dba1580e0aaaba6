/* page_shift.c - the end of a shift: every open item of this person, and by whom it is accepted. They stay its owner until somebody claims it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/id.h"
#include "board/act_form.h"
#include "board/board.h"
#include "board/routes.h"
#include "host/random.h"

enum { ITEMS_MAX = 1000 };

static void put_colleague(void *context, const char *value, const char *text, const char *hint)
{
    html_page *p = context;
    html(p, "<option value=\"");
    html_attribute(p, value);
    html(p, "\">");
    html_text(p, text);
    html(p, ", ");
    html_text(p, hint);
    html(p, "</option>");
}

/* A form of its own for each item: the hub is told of each. */
static void begin_form(visit *v, const board_row *row, const char *act)
{
    html_page *p = &v->page;
    char item[32], version[16], command[HUB_ID_TEXT_BYTES];
    hub_id id = host_random_id();
    hub_id_text(&id, command);
    (void)snprintf(item, sizeof item, "A%llu", (unsigned long long)row->alert);
    (void)snprintf(version, sizeof version, "%u", row->version);
    html(p, "<form method=\"post\" action=\"/act/");
    html_attribute(p, item);
    html(p, "/");
    html_attribute(p, act);
    html(p, "/send\">");
    page_token(v, &v->page);
    page_hidden(p, "command_id", command);
    page_hidden(p, "version", version);
    page_hidden(p, "alert", item);
    page_hidden(p, "back", "shift");
}

static void put_item(html_page *p, const board_row *row)
{
    char item[32];
    (void)snprintf(item, sizeof item, "A%llu", (unsigned long long)row->alert);
    html(p, "<a class=\"govuk-link\" ");
    html_href(p, "/alert/", item);
    html(p, ">");
    html_text(p, item);
    html(p, "</a>");
}

static void put_offer(visit *v, const board_row *row)
{
    html_page *p = &v->page;
    char id[48];
    if (row->offered_to[0] != '\0') {
        html(p, "<p class=\"govuk-body\">Offered to ");
        page_person(p, v, row->offered_to);
        html(p, ", who has not accepted it yet</p>");
    }
    begin_form(v, row, "hand-over");
    (void)snprintf(id, sizeof id, "to-%llu", (unsigned long long)row->alert);
    html(p, "<label class=\"govuk-label\" for=\"");
    html_attribute(p, id);
    html(p, "\">Who is asked to take it</label><select class=\"govuk-select\" name=\"to\" id=\"");
    html_attribute(p, id);
    html(p, "\"><option value=\"\">choose a name</option>");
    act_form_choices(v, INPUT_TAKER, row, CHOICES_ALL, put_colleague, p);
    html(p, "</select> <button class=\"govuk-button govuk-button--secondary\">Ask them<span class=\"govuk-visually-hidden\"> to "
            "take A");
    html_number(p, (int64_t)row->alert);
    html(p, "</span></button></form>");
}

static void put_row(visit *v, const board_row *row)
{
    html_page *p = &v->page;
    bool is_offered = strcmp(row->owner, v->person_id) != 0;
    html(p, "<tr class=\"govuk-table__row\"><th scope=\"row\" class=\"govuk-table__header\">");
    put_item(p, row);
    html(p, "</th><td class=\"govuk-table__cell\">");
    page_rating(p, row->rating, row->is_provisional);
    html(p, "</td><td class=\"govuk-table__cell\">");
    if (row->clock_count > 0) page_left(p, v->b->policy, v->now_ms, row->clocks[0].due_ms);
    html(p, "</td><td class=\"govuk-table__cell\">");
    if (is_offered) {
        html(p, "<p class=\"govuk-body\">Offered to you by ");
        page_person(p, v, row->owner);
        html(p, "</p>");
        begin_form(v, row, "claim");
        html(p, "<button class=\"govuk-button\">Accept<span class=\"govuk-visually-hidden\"> A");
        html_number(p, (int64_t)row->alert);
        html(p, "</span></button></form>");
    } else {
        put_offer(v, row);
    }
    html(p, "</td></tr>");
}

/* What this person has just done with the item, by the act: the hub's delivery may not have changed the row yet. NULL: nothing of this page. */
static const char *done_words(const char *act)
{
    static const struct {
        const char *act, *words;
    } DONE[] = {{"claim", " is yours now"}, {"hand-over", " is offered; until it is accepted, it is yours"}};
    for (size_t i = 0; i < sizeof DONE / sizeof DONE[0]; i++) {
        if (strcmp(DONE[i].act, act) == 0) return DONE[i].words;
    }
    return NULL;
}

static void put_done(visit *v)
{
    html_page *p = &v->page;
    const char *done = http_form_text(&v->query, "done"), *words = done_words(http_form_text(&v->query, "act"));
    const board_row *row = done[0] == 'A' ? sight_find(&v->sees, strtoull(done + 1, NULL, 10)) : NULL;
    if (row == NULL || words == NULL || strcmp(row->owner, v->person_id) != 0) return;
    page_begin_done(p);
    html(p, "A");
    html_number(p, (int64_t)row->alert);
    bool is_told = row->version >= strtoull(http_form_text(&v->query, "version"), NULL, 10); /* else it is of the offer before */
    if (row->offered_to[0] == '\0' || !is_told) {
        html_text(p, words);
    } else {
        html(p, " is offered to ");
        page_person(p, v, row->offered_to);
    }
    page_end_done(p);
}

void page_shift(visit *v)
{
    html_page *p = &v->page;
    row_ref *list = hub_arena_take(&v->arena, ITEMS_MAX * sizeof *list);
    uint32_t count = list == NULL ? 0 : visit_list(v, VIEW_MINE, list, ITEMS_MAX);
    page_begin(v, "Hand over");
    html(p, "<div data-now=\"");
    html_number(p, v->now_ms);
    html(p, "\"><h1 class=\"govuk-heading-l\">Hand over</h1><p class=\"govuk-body\">At the end of a shift every open item goes "
            "to somebody by "
            "name. Until they accept it, it is yours: at no moment is it nobody's.</p>");
    put_done(v);
    if (count == 0) {
        html(p, "<p class=\"govuk-body\"><strong>You own nothing that is open. You can go.</strong></p></div>");
    } else {
        html(p,
             "<table class=\"govuk-table board-stack\"><caption class=\"govuk-table__caption govuk-visually-hidden\">Your open "
             "items</caption><thead class=\"govuk-table__head\"><tr class=\"govuk-table__row\"><th scope=\"col\" "
             "class=\"govuk-table__header\">Alert</th><th scope=\"col\" class=\"govuk-table__header\">Rating</th><th "
             "scope=\"col\" "
             "class=\"govuk-table__header\">Time left</th><th scope=\"col\" class=\"govuk-table__header\">Who takes "
             "it</th></tr></thead>"
             "<tbody class=\"govuk-table__body\">");
        for (uint32_t i = 0; i < count; i++)
            put_row(v, rows_at(v->b->rows, list[i]));
        html(p, "</tbody></table></div>");
    }
    page_end(v);
    visit_answer(v, 200);
}
