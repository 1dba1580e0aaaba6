/* page_figures.c - the managers' page: how long things took and what came too late, without names and without a figure that rests on fewer than five
 * families. The hub reckons them (core/timeliness.h) and keeps small numbers back; this page chooses none but those of the teams that the manager
 * belongs to, and lays them out. Plain tables: there is nothing here that script could add. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "board.h"
#include "board/page_table.h"
#include "board/routes.h"
#include "event/event.h"

enum { MINUTE_MS = 60 * 1000, FIGURES_MAX = 20000 };

/* Those that this person is shown, in the order in which the hub gave them: by area, queue, rating; then by agency; then notices. */
typedef struct shown {
    const Mash__V1__FiguresPeriod *period;
    const Mash__V1__Figure **items;
    size_t count;
} shown;

static bool is_notice(const Mash__V1__Figure *figure)
{
    return figure->area[0] == '\0';
}

/* Of the teams that they belong to; who belongs to none (a partnership's performance lead), of the queues of this board. Notices stand by service and
 * name no team. */
static bool may_see(const visit *v, const Mash__V1__Figure *figure)
{
    const board_config *config = &v->b->config;
    int32_t queue = people_queue(v->b->policy, figure->queue);
    if (is_notice(figure)) return true;
    if (v->person_id[0] != '\0') return queue >= 0 && person_works_on(&v->who, (uint32_t)queue);
    for (uint32_t i = 0; i < config->queue_count; i++) {
        if (strcmp(config->queues[i], figure->queue) == 0) return true;
    }
    return false;
}

/* First day of the quarter that was chosen; 0 = the newest. */
static int32_t asked_day(const visit *v)
{
    return (int32_t)strtol(http_form_text(&v->query, "from"), NULL, 10);
}

static bool choose(visit *v, const Mash__V1__Figures *figures, shown *out)
{
    *out = (shown){0};
    for (size_t i = 0; i < figures->n_periods; i++) {
        if (i == 0 || figures->periods[i]->from_day == asked_day(v)) out->period = figures->periods[i];
    }
    size_t count = out->period == NULL ? 0 : out->period->n_items;
    if (count > FIGURES_MAX) count = FIGURES_MAX;
    out->items = hub_arena_take(&v->arena, (count + 1) * sizeof *out->items);
    if (out->items == NULL) return false;
    for (size_t i = 0; i < count; i++) {
        if (may_see(v, out->period->items[i])) out->items[out->count++] = out->period->items[i];
    }
    return true;
}

/* ---- words ---------------------------------------------------------------------------------------------------------------------- */
static const char *rating_of(const Mash__V1__Figure *figure)
{
    static const char *const WORDS[] = {[MASH__V1__RATING__RATING_UNSPECIFIED] = "not rated",
                                        [MASH__V1__RATING__RATING_BLUE] = "Blue",
                                        [MASH__V1__RATING__RATING_GREEN] = "Green",
                                        [MASH__V1__RATING__RATING_AMBER] = "Amber",
                                        [MASH__V1__RATING__RATING_RED] = "Red"};
    return (size_t)figure->rating < sizeof WORDS / sizeof WORDS[0] && WORDS[figure->rating] != NULL ? WORDS[figure->rating] : "";
}

static const char *agency_of(const Mash__V1__Figure *figure)
{
    const char *name = event_agency_name(figure->agency);
    return name == NULL ? "" : name;
}

static const char *area_of(const visit *v, const char *code)
{
    const core_policy *policy = v->b->policy;
    for (uint32_t i = 0; policy != NULL && i < policy->area_count; i++) {
        if (strcmp(policy->areas[i].code, code) == 0) return policy->areas[i].name;
    }
    return code;
}

static const char *why_not(const Mash__V1__Figure *figure)
{
    return figure->showing == MASH__V1__FIGURE_SHOWING__FIGURE_TOO_FEW ? "fewer than 5 families" : "kept back";
}

static void put_day(html_page *p, int32_t day)
{
    const core_civil_date date = core_civil_date_of(day);
    html_number(p, date.day_of_month);
    html(p, " ");
    html_text(p, core_civil_month_name(date.month));
    html(p, " ");
    html_number(p, date.year);
}

/* ---- tables --------------------------------------------------------------------------------------------------------------------- */
static void put_count(html_page *p, const Mash__V1__Figure *figure)
{
    char number[16];
    (void)snprintf(number, sizeof number, "%u", figure->count);
    page_table_cell(p, figure->showing == MASH__V1__FIGURE_SHOWING__FIGURE_GIVEN ? number : why_not(figure));
}

static void put_time(html_page *p, int64_t ms)
{
    html(p, "<td class=\"govuk-table__cell\">");
    page_span(p, ms / MINUTE_MS);
    html(p, "</td>");
}

static void put_times(html_page *p, const Mash__V1__Figure *figure)
{
    if (figure->has_times) {
        put_time(p, figure->median_ms);
        put_time(p, figure->ninetieth_ms);
        put_time(p, figure->longest_ms);
    } else {
        html(p, "<td class=\"govuk-table__cell\" colspan=\"3\">");
        html_text(p, why_not(figure));
        html(p, "</td>");
    }
}

/* What has a time where enough families are: one table by rating, one by agency. */
static bool has_a_time(const char *what)
{
    static const char *const TIMED[] = {"first seen", "first claimed",     "rated by a person",
                                        "decided",    "fed back and seen", "disagreements closed"};
    for (size_t i = 0; i < sizeof TIMED / sizeof TIMED[0]; i++) {
        if (strcmp(what, TIMED[i]) == 0) return true;
    }
    return false;
}

typedef bool belongs(const Mash__V1__Figure *figure);

static bool is_time_by_rating(const Mash__V1__Figure *figure)
{
    return figure->agency == MASH__V1__AGENCY__AGENCY_UNSPECIFIED && has_a_time(figure->what);
}

static bool is_count_by_rating(const Mash__V1__Figure *figure)
{
    return figure->agency == MASH__V1__AGENCY__AGENCY_UNSPECIFIED && !has_a_time(figure->what);
}

static bool is_time_by_agency(const Mash__V1__Figure *figure)
{
    return figure->agency != MASH__V1__AGENCY__AGENCY_UNSPECIFIED;
}

static const struct {
    belongs *belongs;
    const char *title;
    const char *heads[7];
    bool has_count, has_times, is_by_agency;
} TABLES[] = {
    {is_time_by_rating,
     "How long it took, by rating",
     {"What", "Rating", "How many", "Half within", "Nine in ten within", "Longest", NULL},
     true,
     true,
     false},
    {is_time_by_agency,
     "How long it took, by the agency that told first",
     {"What", "Agency", "Half within", "Nine in ten within", "Longest", NULL},
     false,
     true,
     true},
    {is_count_by_rating, "How many, by rating", {"What", "Rating", "How many", NULL}, true, false, false},
};

static bool is_of(const Mash__V1__Figure *figure, const Mash__V1__Figure *team)
{
    return strcmp(figure->area, team->area) == 0 && strcmp(figure->queue, team->queue) == 0;
}

/* Something of it may be told. */
static bool is_told(const Mash__V1__Figure *figure, size_t which)
{
    bool has_count = TABLES[which].has_count && figure->showing == MASH__V1__FIGURE_SHOWING__FIGURE_GIVEN;
    return has_count || (TABLES[which].has_times && figure->has_times);
}

static void put_line(html_page *p, const Mash__V1__Figure *figure, size_t which)
{
    page_table_first(p, figure->what);
    page_table_cell(p, TABLES[which].is_by_agency ? agency_of(figure) : rating_of(figure));
    if (TABLES[which].has_count) put_count(p, figure);
    if (TABLES[which].has_times) put_times(p, figure);
    html(p, "</tr>");
}

/* What may not be told is folded away under the table, with why. */
static void put_untold(html_page *p, const shown *s, const Mash__V1__Figure *team, size_t which, uint32_t count)
{
    if (count == 0) return;
    html(p, "<details class=\"govuk-details\"><summary class=\"govuk-details__summary\"><span "
            "class=\"govuk-details__summary-text\">");
    html_text(p, TABLES[which].title);
    html(p, ": ");
    html_number(p, count);
    html_text(p, count == 1 ? " line that may not be told" : " lines that may not be told");
    html(p, "</span></summary><div class=\"govuk-details__text\"><ul class=\"govuk-list\">");
    for (size_t i = 0; i < s->count; i++) {
        const Mash__V1__Figure *figure = s->items[i];
        if (!is_of(figure, team) || !TABLES[which].belongs(figure) || is_told(figure, which)) continue;
        html(p, "<li>");
        html_text(p, figure->what);
        html(p, " ");
        html_text(p, TABLES[which].is_by_agency ? agency_of(figure) : rating_of(figure));
        html(p, " ");
        html_text(p, why_not(figure));
        html(p, "</li>");
    }
    html(p, "</ul></div></details>");
}

static void put_table(visit *v, const shown *s, const Mash__V1__Figure *team, size_t which)
{
    html_page *p = &v->page;
    char caption[300];
    bool is_begun = false;
    uint32_t untold = 0;
    for (size_t i = 0; i < s->count; i++) {
        const Mash__V1__Figure *figure = s->items[i];
        if (!is_of(figure, team) || !TABLES[which].belongs(figure)) continue;
        if (!is_told(figure, which)) {
            untold++;
            continue;
        }
        (void)snprintf(caption, sizeof caption, "%s: %.119s, %.79s", TABLES[which].title,
                       people_queue_shown(v->b->policy, team->queue), area_of(v, team->area));
        if (!is_begun) page_table_begin(p, caption, TABLES[which].heads);
        is_begun = true;
        put_line(p, figure, which);
    }
    if (is_begun) page_table_end(p);
    put_untold(p, s, team, which, untold);
}

/* Where little may be told: which quarter would tell more. */
static void put_what_tells_more(visit *v, const Mash__V1__Figures *figures, const shown *s)
{
    html_page *p = &v->page;
    size_t untold = 0;
    for (size_t i = 0; i < s->count; i++)
        untold += s->items[i]->showing != MASH__V1__FIGURE_SHOWING__FIGURE_GIVEN && !s->items[i]->has_times;
    if (s->count == 0 || 2 * untold <= s->count) return;
    html(
        p,
        "<p class=\"govuk-inset-text\">Most of it rests on fewer than five families in these months, and a total across it would "
        "tell of them too. ");
    if (s->period != figures->periods[0]) {
        html(p, "A quarter with more alerts tells more.");
    } else {
        html(p, "This quarter goes on until ");
        put_day(p, s->period->until_day);
        html_text(p, figures->n_periods > 1 ? ": a whole one above may tell more." : ": it tells more as families are added.");
    }
    html(p, "</p>");
}

static void put_teams(visit *v, const shown *s)
{
    html_page *p = &v->page;
    for (size_t i = 0; i < s->count; i++) {
        const Mash__V1__Figure *team = s->items[i];
        bool is_new = !is_notice(team) && team->agency == MASH__V1__AGENCY__AGENCY_UNSPECIFIED;
        if (!is_new || (i > 0 && is_of(s->items[i - 1], team))) continue;
        html(p, "<h2 class=\"govuk-heading-m\">");
        html_text(p, people_queue_shown(v->b->policy, team->queue));
        html(p, ", ");
        html_text(p, area_of(v, team->area));
        html(p, "</h2>");
        for (size_t which = 0; which < sizeof TABLES / sizeof TABLES[0]; which++)
            put_table(v, s, team, which);
    }
}

static void put_notices(visit *v, const shown *s)
{
    static const char *const HEADS[] = {"For", "What", "How many", NULL};
    html_page *p = &v->page;
    bool is_begun = false;
    for (size_t i = 0; i < s->count; i++) {
        if (!is_notice(s->items[i])) continue;
        if (!is_begun) {
            html(p,
                 "<h2 class=\"govuk-heading-m\">Think family</h2><p class=\"govuk-body\">A rule expects that one service tells "
                 "another. What was expected and not sent had nobody to go to, or nobody who may know.</p>");
            page_table_begin(p, "Notices from one service to another", HEADS);
        }
        is_begun = true;
        char called[SERVICE_SHOWN_BYTES];
        people_service_shown(v->b->policy, s->items[i]->queue, called);
        page_table_first(p, called);
        page_table_cell(p, s->items[i]->what);
        put_count(p, s->items[i]);
        html(p, "</tr>");
    }
    if (is_begun) page_table_end(p);
}

/* ---- the page ------------------------------------------------------------------------------------------------------------------- */
static void put_periods(visit *v, const Mash__V1__Figures *figures, const shown *s)
{
    html_page *p = &v->page;
    html(p, "<form method=\"get\" action=\"/figures\"><div class=\"govuk-form-group\"><label class=\"govuk-label\" "
            "for=\"from\">Alerts "
            "that were opened</label><div class=\"govuk-hint\" id=\"from-hint\">Whole quarters only: of two periods that "
            "overlap, one "
            "could be taken from the other, and somebody known by what is left.</div><select class=\"govuk-select\" id=\"from\" "
            "name=\"from\" aria-describedby=\"from-hint\">");
    for (size_t i = 0; i < figures->n_periods; i++) {
        html(p, "<option value=\"");
        html_number(p, figures->periods[i]->from_day);
        html(p, "\"");
        if (figures->periods[i] == s->period) html(p, " selected");
        html(p, ">");
        put_day(p, figures->periods[i]->from_day);
        html(p, " to ");
        put_day(p, figures->periods[i]->until_day);
        if (i == 0) html(p, ", so far");
        html(p, "</option>");
    }
    html(p, "</select></div><button class=\"govuk-button govuk-button--secondary\">Show</button></form>");
}

static void put_standing(visit *v, const Mash__V1__Figures *figures)
{
    html_page *p = &v->page;
    html(p, "<p class=\"govuk-body\">As it stood at ");
    page_when(p, v->b->policy, figures->made_ms);
    html(
        p,
        ". No name stands here, and nothing that rests on fewer than five families, nor what would tell of so few by being taken "
        "from something else: that is <em>kept back</em>. Restricted alerts are left out.</p>");
}

static void show_page(visit *v, const Mash__V1__Figures *figures, const shown *s)
{
    html_page *p = &v->page;
    page_begin(v, "Figures");
    html(p, "<h1 class=\"govuk-heading-l\">Figures</h1>");
    if (figures->is_being_made)
        html(p, "<p class=\"govuk-inset-text\">Newer figures are being made: load this page again in a minute.</p>");
    if (s->period == NULL) {
        html(p, "<p class=\"govuk-body\">There are no figures yet.</p>");
    } else {
        put_standing(v, figures);
        put_periods(v, figures, s);
        put_what_tells_more(v, figures, s);
        put_teams(v, s);
        put_notices(v, s);
        if (s->count == 0) html(p, "<p class=\"govuk-body\">Nothing was opened in this quarter for a team of yours.</p>");
        html(p, "<p class=\"govuk-body\"><a class=\"govuk-link\" href=\"/figures/csv?from=");
        html_number(p, s->period->from_day);
        html(p, "\">Download these figures (CSV)</a></p>");
    }
    page_end(v);
    visit_answer(v, 200);
}

static void put_minutes(html_page *p, const Mash__V1__Figure *figure, int64_t ms)
{
    html(p, ",");
    if (figure->has_times) html_number(p, ms / MINUTE_MS);
}

/* Its words are the policy's and the hub's own names: none begins like a formula. */
static void show_csv(visit *v, const shown *s)
{
    html_page *p = &v->page;
    html(p, "area,queue,rating,agency,what,count,half_within_minutes,nine_in_ten_within_minutes,longest_minutes\r\n");
    for (size_t i = 0; i < s->count; i++) {
        const Mash__V1__Figure *figure = s->items[i];
        bool is_by_agency = is_time_by_agency(figure) || is_notice(figure);
        hub_buffer_put_format(p, "\"%s\",\"%s\",\"%s\",\"%s\",\"%s\",", figure->area, figure->queue,
                              is_by_agency ? "" : rating_of(figure), agency_of(figure), figure->what);
        if (figure->showing == MASH__V1__FIGURE_SHOWING__FIGURE_GIVEN) {
            html_number(p, figure->count);
        } else {
            hub_buffer_put_format(p, "\"%s\"", why_not(figure));
        }
        put_minutes(p, figure, figure->median_ms);
        put_minutes(p, figure, figure->ninetieth_ms);
        put_minutes(p, figure, figure->longest_ms);
        html(p, "\r\n");
    }
    visit_answer_csv(v, "figures.csv");
}

static void on_figures(void *context, link_outcome outcome, const Mash__V1__HubFrame *answer)
{
    visit *v = context;
    shown s;
    if (!visit_again(v)) return;
    if (outcome != LINK_ANSWERED || answer->body_case != MASH__V1__HUB_FRAME__BODY_FIGURES) {
        visit_trouble(v, outcome, answer);
    } else if (!choose(v, answer->figures, &s)) {
        visit_error(v, 503, "Busy", "Try again.");
    } else if (strcmp(v->route->path, "/figures/csv") == 0) {
        show_csv(v, &s);
    } else {
        show_page(v, answer->figures, &s);
    }
}

void page_figures(visit *v)
{
    Mash__V1__ClientFrame frame = MASH__V1__CLIENT_FRAME__INIT;
    Mash__V1__FiguresRequest request = MASH__V1__FIGURES_REQUEST__INIT;
    request.from_day = asked_day(v);
    frame.body_case = MASH__V1__CLIENT_FRAME__BODY_FIGURES;
    frame.figures = &request;
    link_ask(v->b->watch, &frame, on_figures, v);
}
