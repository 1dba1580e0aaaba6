#include "page_plot.h"

#include "board/page_table.h"

/* One line of a plot: of a minute, or none known. */
typedef bool figure_of(const gauge_row *row, uint64_t *out);

static bool accepted(const gauge_row *row, uint64_t *out)
{
    *out = row->accepted;
    return row->knows_events;
}

static bool refused(const gauge_row *row, uint64_t *out)
{
    *out = row->refused;
    return row->knows_events;
}

static bool arrival(const gauge_row *row, uint64_t *out)
{
    *out = row->arrive_ms;
    return row->deliveries > 0;
}

static bool answering(const gauge_row *row, uint64_t *out)
{
    *out = row->answer_ms;
    return true;
}

static const struct {
    const char *code, *title, *lines, *caption;
    const char *heads[4];
    figure_of *figures[2];
} PLOTS[] = {
    {"events",
     "Events a minute",
     "Solid blue: accepted. Dashed red: refused.",
     "Events in each minute",
     {"Minute", "Accepted", "Refused", NULL},
     {accepted, refused}},
    {"delay",
     "How long things take, in milliseconds",
     "Solid blue: the longest from the hub's record to this board. Dashed red: the longest answer of the hub to a question.",
     "The longest of each minute, in milliseconds",
     {"Minute", "From record to board", "Answer of the hub", NULL},
     {arrival, answering}},
};

static void put_row(visit *v, size_t which, const gauge_row *row)
{
    html_page *p = &v->page;
    html(p, "<tr class=\"govuk-table__row\" data-at=\"");
    html_number(p, row->at_ms);
    html(p, "\"><th scope=\"row\" class=\"govuk-table__header\">");
    page_when(p, v->b->policy, row->at_ms);
    html(p, "</th>");
    for (size_t i = 0; i < 2; i++) {
        uint64_t figure;
        if (PLOTS[which].figures[i](row, &figure)) {
            page_table_figure(p, figure);
        } else {
            html(p, "<td class=\"govuk-table__cell govuk-table__cell--numeric\">-</td>");
        }
    }
    html(p, "</tr>");
}

static void put_plot(visit *v, size_t which, const gauge_row *rows, uint32_t count)
{
    html_page *p = &v->page;
    html(p, "<figure class=\"board-plot\" data-plot=\"");
    html_attribute(p, PLOTS[which].code);
    html(p, "\"><figcaption><h3 class=\"govuk-heading-s\">");
    html_text(p, PLOTS[which].title);
    html(p, "</h3><p class=\"govuk-body-s\">");
    html_text(p, PLOTS[which].lines);
    html(p, "</p></figcaption><div class=\"js-plot\" role=\"img\" aria-label=\"A plot of the last hour. The same numbers stand "
            "in the "
            "table below it\" hidden></div><details class=\"govuk-details\"><summary class=\"govuk-details__summary\"><span "
            "class=\"govuk-details__summary-text\">The numbers as a table<span class=\"govuk-visually-hidden\">: ");
    html_text(p, PLOTS[which].title);
    html(p, "</span></span></summary><div class=\"govuk-details__text\" data-part=\"plot-");
    html_attribute(p, PLOTS[which].code);
    html(p, "\">");
    page_table_begin(p, PLOTS[which].caption, PLOTS[which].heads);
    for (uint32_t i = 0; i < count; i++)
        put_row(v, which, &rows[i]);
    page_table_end(p);
    html(p, "</div></details></figure>");
}

void page_plot_put(visit *v)
{
    html_page *p = &v->page;
    gauge_row rows[GAUGES_MINUTES];
    uint32_t count = gauges_rows(&v->b->gauges, v->now_ms, rows);
    html(p, "<h2 class=\"govuk-heading-m\">The last hour</h2><div class=\"board-columns\">");
    for (size_t i = 0; i < sizeof PLOTS / sizeof PLOTS[0]; i++)
        put_plot(v, i, rows, count);
    html(p, "</div><link rel=\"stylesheet\" href=\"/assets/uplot.css\"><script src=\"/assets/uplot.js\"></script><script "
            "type=\"module\" src=\"/assets/plots.js\"></script>");
}
