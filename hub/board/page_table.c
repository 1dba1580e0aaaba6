#include "page_table.h"

void page_table_begin(html_page *p, const char *caption, const char *const heads[])
{
    html(p, "<div class=\"board-table\" tabindex=\"0\" role=\"region\" aria-label=\"");
    html_attribute(p, caption);
    html(p, "\"><table class=\"govuk-table\"><caption class=\"govuk-table__caption govuk-table__caption--m\">");
    html_text(p, caption);
    html(p, "</caption><thead class=\"govuk-table__head\"><tr class=\"govuk-table__row\">");
    for (size_t i = 0; heads[i] != NULL; i++) {
        html(p, "<th scope=\"col\" class=\"govuk-table__header\">");
        html_text(p, heads[i]);
        html(p, "</th>");
    }
    html(p, "</tr></thead><tbody class=\"govuk-table__body\">");
}

void page_table_end(html_page *p)
{
    html(p, "</tbody></table></div>");
}

void page_table_first(html_page *p, const char *text)
{
    html(p, "<tr class=\"govuk-table__row\"><th scope=\"row\" class=\"govuk-table__header\">");
    html_text(p, text);
    html(p, "</th>");
}

void page_table_cell(html_page *p, const char *text)
{
    html(p, "<td class=\"govuk-table__cell\">");
    html_text(p, text);
    html(p, "</td>");
}

void page_table_figure(html_page *p, uint64_t figure)
{
    html(p, "<td class=\"govuk-table__cell govuk-table__cell--numeric\">");
    html_number(p, (int64_t)figure);
    html(p, "</td>");
}
