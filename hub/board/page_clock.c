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

static void put_due(const visit *v, html_page *p, bool is_held, int64_t due_ms)
{
    if (is_held) {
        html(p, "stopped by the hold; was due ");
        page_when(p, v->b->policy, due_ms);
    } else {
        page_left(p, v->b->policy, v->now_ms, due_ms);
    }
}

void page_clock_row(const visit *v, html_page *p, const Mash__V1__Clock *clock)
{
    html(p, "<div class=\"govuk-summary-list__row\"><dt class=\"govuk-summary-list__key\">");
    html_text(p, clock->plain[0] != '\0' ? clock->plain : clock->clock);
    if (clock->statutory) html(p, " <span class=\"govuk-body-s\">(required by statute)</span>");
    html(p, "</dt><dd class=\"govuk-summary-list__value\">");
    put_due(v, p, clock->held, clock->due_ms);
    if (clock->cause[0] != '\0') {
        html(p, "<p class=\"govuk-body-s board-why\">Nobody here could keep it: ");
        html_text(p, clock->cause);
        html(p, ".</p>");
    }
    if (clock->why[0] != '\0') put_reckoning(v, p, clock);
    if (clock->provisional) html(p, "<p class=\"govuk-body-s board-why\">Provisional: reckoned past the end of a calendar.</p>");
    html(p, "</dd></div>");
}

void page_clock_due(const visit *v, html_page *p, const row_clock *clock)
{
    put_due(v, p, clock->held, clock->due_ms);
}

void page_clock_what(html_page *p, const row_clock *clock)
{
    html_text(p, clock->what);
    if (clock->statutory) html(p, ", required by statute");
    if (clock->was_past) html(p, ", had run out before it came here");
    if (clock->provisional) html(p, ", provisional: past the end of a calendar");
}
