#include "page_clock.h"

/* From when, by which calendar, how, and where the limit comes from. */
static void put_reckoning(const visit *v, html_page *p, const Mash__V1__Clock *clock)
{
    html(p, "<p class=\"govuk-body-s board-why\">From ");
    page_when(p, v->b->policy, clock->from_ms);
    if (clock->calendar[0] != '\0') {
        html(p, " over the calendar ");
        html_text(p, clock->calendar);
    }
    html(p, ": ");
    html_text(p, clock->why);
    html(p, ".");
    if (clock->calendar[0] != '\0' &&
        clock->clock[0] != '\0') { /* a person's word rests on no rule, and who is asked is not told which */
        html(p, " Rule: ");
        html_text(p, clock->clock);
    }
    if (clock->source[0] != '\0') {
        html(p, " (");
        html_text(p, clock->source);
        html(p, ")");
    }
    html(p, "</p>");
}

void page_clock_row(const visit *v, html_page *p, const Mash__V1__Clock *clock)
{
    html(p, "<div class=\"govuk-summary-list__row\"><dt class=\"govuk-summary-list__key\">");
    html_text(p, clock->plain[0] != '\0' ? clock->plain : clock->clock);
    if (clock->statutory) html(p, " <span class=\"govuk-body-s\">(required by statute)</span>");
    html(p, "</dt><dd class=\"govuk-summary-list__value\">");
    if (clock->held) {
        html(p, "stopped by the hold; was due ");
        page_when(p, v->b->policy, clock->due_ms);
    } else {
        page_left(p, v->b->policy, v->now_ms, clock->due_ms);
    }
    if (clock->why[0] != '\0') put_reckoning(v, p, clock);
    if (clock->provisional) html(p, "<p class=\"govuk-body-s board-why\">Provisional: reckoned past the end of a calendar.</p>");
    html(p, "</dd></div>");
}
