/* page_asked.c - what teams ask of an agency and still wait for, and feedback that nobody there has seen: its people's first page. Only the number of each stands here; the question, like
 * all that is about somebody, is on its own page, whose reading is audited. */
#include <stdio.h>

#include "board.h"
#include "board/feed.h"
#include "board/routes.h"

enum { SHOWN_MAX = 200 };

static void put_item(visit *v, const asked_item *item)
{
    html_page *p = &v->page;
    char code[32], about[32];
    (void)snprintf(code, sizeof code, "%c%llu", item->letter, (unsigned long long)item->number);
    (void)snprintf(about, sizeof about, "A%llu", (unsigned long long)item->alert);
    html(p, "<tr class=\"govuk-table__row\" data-row=\"");
    html_attribute(p, code);
    html(p, "\"><td class=\"govuk-table__cell\"><span class=\"board-label\">Time left: </span>");
    if (item->letter == 'F') {
        html(p, "Nobody has said yet that they saw it. Told ");
        page_when(p, v->b->policy, item->told_ms);
    } else if (item->due_ms == 0) {
        html(p, "No clock is running");
    } else {
        page_left(p, v->b->policy, v->now_ms, item->due_ms);
    }
    html(p, "</td><th scope=\"row\" class=\"govuk-table__header\"><a class=\"govuk-link\" ");
    html_href(p, "/item/", code);
    html(p, ">");
    html_text(p, item->letter == 'R' ? "Request " : item->letter == 'F' ? "Feedback " : "Disagreement ");
    html_text(p, code);
    html(p, "</a></th><td class=\"govuk-table__cell\"><span class=\"board-label\">About: </span>Alert ");
    html_text(p, about);
    html(p, "</td></tr>");
}

void page_asked(visit *v)
{
    html_page *p = &v->page;
    asked_item *items = hub_arena_take_raw(&v->arena, ROWS_ASKED_MAX * sizeof *items);
    if (items == NULL) {
        visit_error(v, 503, "Busy", "There is no memory for this list now. Try again.");
        return;
    }
    uint32_t count = sight_asked(&v->sees, items);
    page_begin(v, "Asked of you");
    html(p, "<div data-now=\"");
    html_number(p, v->now_ms);
    html(p, "\" data-live=\"/asked?part=rows\"><div data-part=\"heading\"><h1 class=\"govuk-heading-l\">Asked of you (");
    html_number(p, count);
    html(p, ")</h1>");
    if (!feed_is_whole(v->b->feed)) html(p, "<p class=\"govuk-inset-text\">This list is being built.</p>");
    if (!sight_asked_is_whole(&v->sees))
        html(p, "<p class=\"govuk-inset-text\">Some are missing from this list: the board cannot keep as many as there are. "
                "Answer what "
                "stands here, then ask for the board to be started again: it then reads the list anew from the hub.</p>");
    if (count == 0)
        html(p, "<p class=\"govuk-body\">No team waits for your agency's answer. There is no feedback that nobody has seen.</p>");
    if (count > SHOWN_MAX) html(p, "<p class=\"govuk-body\">Those with the least time left are shown.</p>");
    html(p,
         "</div><p class=\"govuk-inset-text js-updates\" hidden></p>"
         "<table class=\"govuk-table board-stack\"><caption class=\"govuk-table__caption govuk-visually-hidden\">Asked of "
         "you</caption><thead class=\"govuk-table__head\"><tr class=\"govuk-table__row\">"
         "<th scope=\"col\" class=\"govuk-table__header\">Time left</th><th scope=\"col\" class=\"govuk-table__header\">What</th>"
         "<th scope=\"col\" class=\"govuk-table__header\">About</th></tr></thead>"
         "<tbody class=\"govuk-table__body\" data-part=\"rows\">");
    for (uint32_t i = 0; i < count && i < SHOWN_MAX; i++)
        put_item(v, &items[i]);
    html(p, "</tbody></table></div>");
    page_end(v);
    visit_answer(v, 200);
}
