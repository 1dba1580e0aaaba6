/* page_told.c - alarms and notices: what the hub tells a team beside alerts, and who must look. Numbers and the hub's own words; what a notice is
 * about is on its own page, whose reading is audited. */
#include <stdio.h>
#include <stdlib.h>

#include "board.h"
#include "board/feed.h"
#include "board/routes.h"

enum { SHOWN_MAX = 200 };

/* ---- one of them --------------------------------------------------------------------------------------------------------------- */
static void put_what(html_page *p, const asked_item *item, const char *code)
{
    if (item->letter == '!') {
        html(p, "<strong>Alarm:</strong> ");
        html_text(p, item->what);
        return;
    }
    html(p, "<a class=\"govuk-link\" ");
    html_href(p, "/item/", code);
    html(p, ">Notice ");
    html_text(p, code);
    html(p, "</a>");
    if (item->is_again) html(p, ", given again");
}

/* The alert as a link where they have it in a list. */
static void put_alert(visit *v, uint64_t alert, bool *is_first)
{
    html_page *p = &v->page;
    char code[32];
    (void)snprintf(code, sizeof code, "A%llu", (unsigned long long)alert);
    if (!*is_first) html(p, ", ");
    *is_first = false;
    if (sight_find(&v->sees, alert) == NULL) {
        html(p, "Alert ");
        html_text(p, code);
        return;
    }
    html(p, "<a class=\"govuk-link\" ");
    html_href(p, "/alert/", code);
    html(p, ">Alert ");
    html_text(p, code);
    html(p, "</a>");
}

static void put_about(visit *v, const asked_item *item)
{
    html_page *p = &v->page;
    bool is_first = true;
    if (item->alert != 0 && sight_sees_alarmed(&v->sees, item->queue, item->alert)) put_alert(v, item->alert, &is_first);
    for (uint32_t i = 0; i < item->alert_count && i < ASKED_ALERTS_MAX; i++) {
        if (sight_sees_alarmed(&v->sees, item->queue, item->alerts[i])) put_alert(v, item->alerts[i], &is_first);
    }
    if (item->alert_count > ASKED_ALERTS_MAX) html(p, " and others: the operators' page has all");
    if (is_first) html(p, "no alert that can be named here");
}

static void put_who(visit *v, const asked_item *item)
{
    html_page *p = &v->page;
    const core_policy *policy = v->b->policy;
    int32_t queue = people_queue(policy, v->b->config.queues[item->queue]);
    bool is_first = true;
    for (uint32_t i = 0; queue >= 0 && i < policy->team_count; i++) {
        if (!core_team_has(&policy->teams[i], (uint32_t)queue)) continue;
        if (!is_first) html(p, "; ");
        is_first = false;
        html_text(p, policy->teams[i].plain[0] != '\0' ? policy->teams[i].plain : policy->teams[i].name);
    }
}

static void put_item(visit *v, const asked_item *item)
{
    html_page *p = &v->page;
    char code[32], row[48];
    (void)snprintf(code, sizeof code, "%c%llu", item->letter, (unsigned long long)item->number);
    (void)snprintf(row, sizeof row, "%s-%u-%lld", code, item->queue, (long long)item->told_ms);
    html(p, "<tr class=\"govuk-table__row\" data-row=\"");
    html_attribute(p, row);
    html(p, "\"><td class=\"govuk-table__cell\"><span class=\"board-label\">Since: </span>");
    page_when(p, v->b->policy, item->told_ms);
    html(p, "</td><th scope=\"row\" class=\"govuk-table__header govuk-!-font-weight-regular\">");
    put_what(p, item, code);
    html(p, "</th><td class=\"govuk-table__cell\"><span class=\"board-label\">About: </span>");
    put_about(v, item);
    html(p, "</td><td class=\"govuk-table__cell\"><span class=\"board-label\">Who must look: </span>");
    put_who(v, item);
    html(p, "</td></tr>");
}

/* ---- the page ------------------------------------------------------------------------------------------------------------------- */
static void put_heading(visit *v, uint32_t count)
{
    html_page *p = &v->page;
    html(p, "<div data-part=\"heading\"><h1 class=\"govuk-heading-l\">Alarms and notices (");
    html_number(p, count);
    html(p, ")</h1>");
    if (!feed_is_whole(v->b->feed)) html(p, "<p class=\"govuk-inset-text\">This list is being built.</p>");
    if (!sight_told_is_whole(&v->sees, v->now_ms))
        html(p,
             "<p class=\"govuk-inset-text\">The oldest are missing from this list: the board cannot keep as many as there are. "
             "Mark "
             "as seen what your team has seen, then ask for the board to be started again: it then reads the list anew from the "
             "hub. Alarms are all on the operators' page.</p>");
    if (count == 0)
        html(p, "<p class=\"govuk-body\">Your teams have no notice that nobody has seen, and no alarm of the last 7 days.</p>");
    if (count > 0)
        html(p,
             "<p class=\"govuk-body\">A notice stands here until a person has said that they have seen it. An alarm stands here "
             "for 7 days: the hub is not told when somebody has looked at it.</p>");
    html(p, "</div>");
}

static void put_turn(html_page *p, uint32_t page, const char *text)
{
    char path[32];
    (void)snprintf(path, sizeof path, "/told?page=%u", page);
    html(p, "<li><a class=\"govuk-link\" href=\"");
    html_attribute(p, path);
    html(p, "\">");
    html_text(p, text);
    html(p, "</a></li>");
}

static void put_pages(html_page *p, uint32_t page, uint32_t pages)
{
    html(p, "<div data-part=\"pages\">");
    if (pages > 1) {
        html(p, "<nav aria-label=\"Pages\"><p class=\"govuk-body\">Page ");
        html_number(p, page);
        html(p, " of ");
        html_number(p, pages);
        html(p, "</p><ul class=\"govuk-list\">");
        if (page > 1) put_turn(p, page - 1, "Newer");
        if (page < pages) put_turn(p, page + 1, "Older");
        html(p, "</ul></nav>");
    }
    html(p, "</div>");
}

void page_told(visit *v)
{
    html_page *p = &v->page;
    asked_item *items = hub_arena_take_raw(&v->arena, ROWS_ASKED_MAX * sizeof *items);
    if (items == NULL) {
        visit_error(v, 503, "Busy", "There is no memory for this list now. Try again.");
        return;
    }
    uint32_t count = sight_told(&v->sees, v->now_ms, items), pages = count == 0 ? 1 : (count + SHOWN_MAX - 1) / SHOWN_MAX;
    long asked = strtol(http_form_text(&v->query, "page"), NULL, 10);
    uint32_t page = asked < 1 ? 1 : asked > (long)pages ? pages : (uint32_t)asked, begin = (page - 1) * SHOWN_MAX;
    page_begin(v, "Alarms and notices");
    html(p, "<div data-now=\"");
    html_number(p, v->now_ms);
    html(p, "\" data-live=\"/told?part=rows&amp;page=");
    html_number(p, page);
    html(p, "\">");
    put_heading(v, count);
    html(p,
         "<p class=\"govuk-inset-text js-updates\" hidden></p><table class=\"govuk-table board-stack\"><caption "
         "class=\"govuk-table__caption govuk-visually-hidden\">Alarms and notices</caption><thead "
         "class=\"govuk-table__head\"><tr class=\"govuk-table__row\"><th scope=\"col\" class=\"govuk-table__header\">Since</th>"
         "<th scope=\"col\" class=\"govuk-table__header\">What</th><th scope=\"col\" class=\"govuk-table__header\">About</th>"
         "<th scope=\"col\" class=\"govuk-table__header\">Who must look</th></tr></thead>"
         "<tbody class=\"govuk-table__body\" data-part=\"rows\">");
    for (uint32_t i = begin; i < count && i < begin + SHOWN_MAX; i++)
        put_item(v, &items[i]);
    html(p, "</tbody></table>");
    put_pages(p, page, pages);
    html(p, "</div>");
    page_end(v);
    visit_answer(v, 200);
}
