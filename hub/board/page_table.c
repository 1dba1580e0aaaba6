#include "page_table.h"

/* Its words without what an id cannot have; captions of one page differ. */
static void put_id(html_page *p, const char *caption)
{
    html(p, "table-");
    for (const char *at = caption; *at != '\0'; at++) {
        char one[2] = {(char)((*at >= 'a' && *at <= 'z') || (*at >= 'A' && *at <= 'Z') || (*at >= '0' && *at <= '9') ? *at : '-'),
                       '\0'};
        html_attribute(p, one);
    }
}

/* The caption stands before what can be scrolled sideways: inside, a narrow screen would cut it off. */
void page_table_begin(html_page *p, const char *caption, const char *const heads[])
{
    html(p, "<h3 class=\"govuk-heading-m\" id=\"");
    put_id(p, caption);
    html(p, "\">");
    html_text(p, caption);
    html(p, "</h3><div class=\"board-table\" tabindex=\"0\" role=\"region\" aria-labelledby=\"");
    put_id(p, caption);
    html(p, "\"><table class=\"govuk-table\" aria-labelledby=\"");
    put_id(p, caption);
    html(p, "\"><thead class=\"govuk-table__head\"><tr class=\"govuk-table__row\">");
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

void page_table_when(html_page *p, const core_policy *policy, int64_t at_ms, const char *never)
{
    html(p, "<td class=\"govuk-table__cell\">");
    if (at_ms == 0) {
        html_text(p, never);
    } else {
        html(p, "<span class=\"board-when\">");
        page_when(p, policy, at_ms);
        html(p, "</span>");
    }
    html(p, "</td>");
}
