/* page_queue.c - the lists: unclaimed, mine, my team's, waiting for an agency, held, closed. No name stands on them: a list is refreshed all
 * day and its reading is not audited (ARCHITECTURE.md, U1). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "board.h"
#include "board/feed.h"
#include "board/page_clock.h"
#include "board/routes.h"

enum { PAGE_ROWS = 50 };

static const struct {
    const char *code, *title, *empty, *when;
} VIEWS[BOARD_VIEWS] = {
    [VIEW_UNCLAIMED] = {"unclaimed", "Unclaimed", "Nothing is unclaimed.", "Time left"},
    [VIEW_MINE] = {"mine", "Mine", "You have claimed nothing, and nothing is offered to you.", "Time left"},
    [VIEW_TEAM] = {"team", "My team's", "Nobody else of your teams has claimed anything.", "Time left"},
    [VIEW_WAITING] = {"waiting", "Waiting for an agency", "No agency owes an answer.", "Time left"},
    [VIEW_HELD] = {"held", "Held", "Nothing is held.", "Time left"},
    [VIEW_CLOSED] = {"closed", "Closed", "Nothing was closed yet.", "Ended"},
};

/* ---- one row ------------------------------------------------------------------------------------------------------------------ */
static void put_clock(visit *v, const row_clock *clock)
{
    html_page *p = &v->page;
    page_clock_due(v, p, clock);
    html(p, "<br><span class=\"govuk-body-s\">");
    page_clock_what(p, clock);
    html(p, "</span>");
}

/* The first. Behind what is overdue also what runs out next, and what statute requires: neither is seen less because something was missed. */
static void put_clocks(visit *v, const board_row *row)
{
    const row_clock *first = &row->clocks[0];
    bool has_running = !first->overdue, has_statutory = !first->overdue || first->statutory;
    put_clock(v, first);
    for (uint8_t i = 1; i < row->clock_count; i++) {
        const row_clock *clock = &row->clocks[i];
        if ((has_running || clock->overdue) && (has_statutory || !clock->statutory)) continue;
        html(&v->page, "<span class=\"board-next\">");
        put_clock(v, clock);
        html(&v->page, "</span>");
        has_running = has_running || !clock->overdue;
        has_statutory = has_statutory || clock->statutory;
    }
}

static void put_time(visit *v, const board_row *row)
{
    html_page *p = &v->page;
    if (row->state == ROW_ENDED) {
        page_when(p, v->b->policy, row->changed_ms);
        return;
    }
    if (row->state == ROW_HELD) {
        html(p, "Held until ");
        page_when(p, v->b->policy, row->held_until_ms);
        if (row->clock_count > 0) html(p, "<br>");
    } else if (row->clock_count == 0) {
        html(p, "No clock is running");
    }
    if (row->clock_count > 0) put_clocks(v, row);
}

static void put_flag(html_page *p, bool is_set, const char *text)
{
    if (!is_set) return;
    html(p, "<br><span class=\"govuk-body-s\">");
    html_text(p, text);
    html(p, "</span>");
}

static void put_owner(visit *v, const board_row *row)
{
    html_page *p = &v->page;
    if (row->owner[0] != '\0') {
        page_person(p, v, row->owner);
    } else {
        html(p, "Nobody");
    }
    bool is_mine = strcmp(row->offered_to, v->person_id) == 0;
    put_flag(p, is_mine, "offered to you");
    if (row->offered_to[0] != '\0' && !is_mine) {
        html(p, "<br><span class=\"govuk-body-s\">offered to ");
        page_person(p, v, row->offered_to);
        html(p, "</span>");
    }
    put_flag(p, row->claim_again, "graver since it was claimed: claim it again");
    put_flag(p, row->request_count > 0, "an agency has been asked");
    put_flag(p, row->disagreement_count > 0, "two teams disagree");
    put_flag(p, !row->is_seen && row->state == ROW_OPEN, "not yet seen by anybody");
}

static void put_count(html_page *p, uint32_t count, const char *one, const char *many)
{
    html_number(p, count);
    html_text(p, count == 1 ? one : many);
}

/* On a narrow screen, where the head of the table is not seen, each cell says what it is. */
static void begin_cell(html_page *p, const char *label)
{
    html(p, "<td class=\"govuk-table__cell\"><span class=\"board-label\">");
    html_text(p, label);
    html(p, ": </span>");
}

static void put_row(visit *v, board_view view, const board_row *row)
{
    html_page *p = &v->page;
    char item[32];
    (void)snprintf(item, sizeof item, "A%llu", (unsigned long long)row->alert);
    html(p, "<tr class=\"govuk-table__row\" data-row=\"");
    html_attribute(p, item);
    html(p, "\">");
    begin_cell(p, VIEWS[view].when);
    put_time(v, row);
    html(p, "</td>");
    begin_cell(p, "Rating");
    page_rating(p, row->rating, row->is_provisional);
    if (row->is_provisional && row->rated_by[0] != '\0') {
        html(p, "<br><span class=\"govuk-body-s\">by rule ");
        html_text(p, row->rated_by);
        html(p, "</span>");
    }
    html(p, "</td><th scope=\"row\" class=\"govuk-table__header\"><a class=\"govuk-link\" ");
    html_href(p, "/alert/", item);
    html(p, ">");
    html_text(p, item);
    html(p, "</a>");
    put_flag(p, row->is_exercise, "EXERCISE");
    html(p, "</th>");
    begin_cell(p, "Area");
    html_text(p, row->area);
    html(p, "</td>");
    begin_cell(p, "About");
    put_count(p, row->line_count, " person, ", " people, ");
    put_count(p, row->events, " event", " events");
    html(p, "</td>");
    begin_cell(p, "Whose");
    put_owner(v, row);
    html(p, "</td></tr>");
}

/* ---- the page ----------------------------------------------------------------------------------------------------------------- */
static void put_views(visit *v, board_view view)
{
    html_page *p = &v->page;
    html(p, "<nav class=\"moj-sub-navigation\" aria-label=\"Lists\"><ul class=\"moj-sub-navigation__list\" data-part=\"views\">");
    for (int i = 0; i < BOARD_VIEWS; i++) {
        html(p, "<li class=\"moj-sub-navigation__item\"><a class=\"moj-sub-navigation__link\" ");
        html_href(p, "/queue/", VIEWS[i].code);
        if (i == (int)view) html(p, " aria-current=\"page\"");
        html(p, ">");
        html_text(p, VIEWS[i].title);
        html(p, " (");
        html_number(p, v->counts.views[i]);
        html(p, ")</a></li>");
    }
    html(p, "</ul></nav>");
}

static void put_table(visit *v, board_view view, const row_ref *list, uint32_t begin, uint32_t end)
{
    html_page *p = &v->page;
    html(p, "<table class=\"govuk-table board-stack\"><caption class=\"govuk-table__caption govuk-visually-hidden\">");
    html_text(p, VIEWS[view].title);
    html(p, "</caption><thead class=\"govuk-table__head\"><tr class=\"govuk-table__row\">"
            "<th scope=\"col\" class=\"govuk-table__header\">");
    html_text(p, VIEWS[view].when);
    html(p, "</th><th scope=\"col\" class=\"govuk-table__header\">Rating</th>"
            "<th scope=\"col\" class=\"govuk-table__header\">Alert</th><th scope=\"col\" class=\"govuk-table__header\">Area</th>"
            "<th scope=\"col\" class=\"govuk-table__header\">About</th><th scope=\"col\" class=\"govuk-table__header\">Whose</th>"
            "</tr></thead><tbody class=\"govuk-table__body\" data-part=\"rows\">");
    for (uint32_t i = begin; i < end; i++)
        put_row(v, view, rows_at(v->b->rows, list[i]));
    html(p, "</tbody></table>");
}

static void put_turn(visit *v, board_view view, uint32_t page, const char *rel, const char *text)
{
    html_page *p = &v->page;
    char path[64];
    (void)snprintf(path, sizeof path, "/queue/%s?page=%u", VIEWS[view].code, page);
    html(p, "<div class=\"govuk-pagination__");
    html_text(p, rel);
    html(p, "\"><a class=\"govuk-link govuk-pagination__link\" rel=\"");
    html_attribute(p, rel);
    html(p, "\" href=\"");
    html_attribute(p, path);
    html(p, "\">");
    html_text(p, text);
    html(p, "</a></div>");
}

static void put_pages(visit *v, board_view view, uint32_t page, uint32_t pages)
{
    html_page *p = &v->page;
    html(p, "<div data-part=\"pages\">");
    if (pages > 1) html(p, "<nav class=\"govuk-pagination govuk-pagination--block\" aria-label=\"Pages\">");
    if (page > 1) put_turn(v, view, page - 1, "prev", "Previous page");
    if (page < pages) put_turn(v, view, page + 1, "next", "Next page");
    if (pages > 1) {
        html(p, "<p class=\"govuk-body-s\">Page ");
        html_number(p, page);
        html(p, " of ");
        html_number(p, pages);
        html(p, "</p></nav>");
    }
    html(p, "</div>");
}

static void put_heading(visit *v, board_view view, uint32_t count)
{
    html_page *p = &v->page;
    html(p, "<div data-part=\"heading\"><h1 class=\"govuk-heading-l\">");
    html_text(p, VIEWS[view].title);
    html(p, " (");
    html_number(p, count);
    html(p, ")</h1>");
    if (!feed_is_whole(v->b->feed)) {
        html(p, "<p class=\"govuk-inset-text\">This list is being built: ");
        html_number(p, (int64_t)feed_behind(v->b->feed));
        html(p, " deliveries are still to come.</p>");
    }
    if (count == 0) {
        html(p, "<p class=\"govuk-body\">");
        html_text(p, VIEWS[view].empty);
        html(p, "</p>");
    }
    html(p, "</div>");
}

/* Whoever has just taken it from themselves, as a party, would find no page of it to come back to. */
static void put_gone(visit *v)
{
    const char *item = http_form_text(&v->query, "gone");
    size_t digits = item[0] == 'A' ? strspn(item + 1, "0123456789") : 0;
    bool is_item = digits > 0 && digits < 20 && item[1 + digits] == '\0';
    if (!is_item || sight_find(&v->sees, strtoull(item + 1, NULL, 10)) != NULL) return;
    page_begin_done(&v->page);
    html_text(&v->page, item);
    html(&v->page, " is not shown to you any more.");
    page_end_done(&v->page);
}

/* The list as far as the end of `page`; NULL: no memory. */
static row_ref *list_upto(visit *v, board_view view, uint32_t page, uint32_t *count)
{
    row_ref *list = hub_arena_take(&v->arena, page * PAGE_ROWS * sizeof *list);
    if (list != NULL) *count = visit_list(v, view, list, page * PAGE_ROWS);
    return list;
}

static void put_list(visit *v, board_view view)
{
    html_page *p = &v->page;
    uint32_t count = 0;
    long asked = strtol(http_form_text(&v->query, "page"), NULL, 10);
    uint32_t page = asked < 1 ? 1 : asked > ROWS_MAX / PAGE_ROWS ? ROWS_MAX / PAGE_ROWS : (uint32_t)asked;
    row_ref *list = list_upto(v, view, page, &count);
    uint32_t total = v->counts.views[view];
    uint32_t pages = total == 0 ? 1 : (total + PAGE_ROWS - 1) / PAGE_ROWS;
    if (page > pages) {
        page = pages;
        list = list_upto(v, view, page, &count);
    }
    if (list == NULL) {
        visit_error(v, 503, "Busy", "There is no memory for this list now. Try again.");
        return;
    }
    uint32_t begin = (page - 1) * PAGE_ROWS;
    page_begin(v, VIEWS[view].title);
    html(p, "<div data-now=\"");
    html_number(p, v->now_ms);
    html(p, "\" data-live=\"/queue/");
    html_attribute(p, VIEWS[view].code);
    html(p, "?part=rows&amp;page=");
    html_number(p, page);
    html(p, "\">");
    put_gone(v);
    put_heading(v, view, v->counts.views[view]);
    put_views(v, view);
    html(p, "<p class=\"board-updates\"><button class=\"govuk-button govuk-button--secondary js-pause\" type=\"button\" "
            "hidden>Pause updates</button></p><p class=\"govuk-inset-text js-updates\" hidden></p>");
    put_table(v, view, list, begin, count);
    put_pages(v, view, page, pages);
    html(p, "</div>");
    page_end(v);
    visit_answer(v, 200);
}

void page_queue(visit *v)
{
    for (int i = 0; i < BOARD_VIEWS; i++) {
        if (strcmp(VIEWS[i].code, v->part[0]) == 0) {
            put_list(v, (board_view)i);
            return;
        }
    }
    visit_error(v, 404, "Page not found", "There is no list of this name.");
}

void page_home(visit *v)
{
    bool is_agency_alone = sight_is_agency(&v->sees) && !sight_has_lists(&v->sees);
    visit_go(v, v->account[0] == '\0'                     ? "/sign-in"
                : is_agency_alone                         ? "/asked"
                : v->who.row_count == 0 && v->is_operator ? "/operators"
                : v->who.row_count == 0 && visit_is_manager(v)
                    ? "/figures"
                    : "/queue/unclaimed"); /* which says so to who is not on the roster */
}
