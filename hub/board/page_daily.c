/* page_daily.c - the daily lists of a person's queues: log-only alerts that nobody has taken, to be looked through and signed. The hub says what
 * stands on a list and at which record (core/daily.h); what is signed is what this page has shown, all of it, or the page has no button. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/id.h"
#include "board.h"
#include "board/routes.h"
#include "event/event.h"
#include "host/random.h"

enum { LISTS_PAGES_MAX = 10 }; /* of 200 each; longer lists are not looked through by anybody */

/* The lists are asked for one after the other. */
typedef struct daily {
    uint32_t queue; /* position in board_config.queues: the one that is asked for */
    uint32_t pages; /* of its list that have come */
    char after[32];
    uint64_t sequence; /* at which its first page stood */
    uint32_t items, earlier;
    html_page done, rows;
} daily;

static void ask(visit *v);

static int32_t today_of(const visit *v)
{
    return people_day(v->b->policy, v->now_ms);
}

static const char *name_of(const visit *v, const daily *d)
{
    return v->b->config.queues[d->queue];
}

static const char *shown_name(const visit *v, const daily *d)
{
    return people_queue_shown(v->b->policy, name_of(v, d));
}

/* ---- an alert ------------------------------------------------------------------------------------------------------------------- */
static void put_said(html_page *p, const Mash__V1__DailyItem *item)
{
    html(p, "<td class=\"govuk-table__cell\"><span class=\"board-label\">What was said: </span>");
    if (item->events > item->n_said) {
        html_number(p, (int64_t)(item->events - item->n_said));
        html(p, " before these<br>");
    }
    for (size_t i = 0; i < item->n_said; i++) {
        const Mash__V1__DailyEvent *said = item->said[i];
        const char *agency = event_agency_name(said->agency);
        if (i > 0) html(p, "<br>");
        html_text(p, agency == NULL ? "an agency" : agency);
        html(p, ": ");
        char words[64];
        (void)hub_format(words, sizeof words, "%s", said->payload[0] == '\0' ? "something else" : said->payload);
        for (char *at = words; *at != '\0'; at++)
            if (*at == '_') *at = ' ';
        html_text(p, words);
        if (said->withdrawn) html(p, " (corrected or withdrawn since)");
    }
    html(p, "</td>");
}

static void put_why(html_page *p, const Mash__V1__DailyItem *item)
{
    html(p, "<td class=\"govuk-table__cell\"><span class=\"board-label\">Why: </span>");
    if (item->reason != NULL) {
        html_text(p, item->reason->plain);
        html(p, "<br>");
    }
    html(p, "<span class=\"govuk-body-s\">rated blue: ");
    html_text(p, item->rated_by);
    html(p, "</span></td>");
}

static void put_item(visit *v, daily *d, const Mash__V1__DailyItem *item)
{
    html_page *p = &d->rows;
    uint64_t number = strtoull(item->alert_id + 1, NULL, 10);
    bool is_earlier = people_day(v->b->policy, item->opened_ms) < today_of(v);
    html(p, "<tr class=\"govuk-table__row\"><th scope=\"row\" class=\"govuk-table__header\">");
    if (sight_find(&v->sees, number) != NULL) {
        html(p, "<a class=\"govuk-link\" ");
        html_href(p, "/alert/", item->alert_id);
        html(p, ">");
        html_text(p, item->alert_id);
        html(p, "</a>");
    } else {
        html_text(p, item->alert_id);
    }
    html(p, "</th><td class=\"govuk-table__cell\"><span class=\"board-label\">On the list since: </span>");
    page_when(p, v->b->policy, item->opened_ms);
    if (is_earlier) html(p, "<br><strong class=\"govuk-tag govuk-tag--yellow\">not signed since</strong>");
    html(p, "</td>");
    put_why(p, item);
    put_said(p, item);
    html(p, "</tr>");
    d->items++;
    d->earlier += is_earlier;
}

/* ---- who has signed ------------------------------------------------------------------------------------------------------------- */
static void put_signature(visit *v, html_page *p, const Mash__V1__DailySignature *by)
{
    const core_civil_date date = core_civil_date_of(by->day);
    if (by->who[0] == '\0') {
        html(p, "somebody of your team");
    } else {
        page_person(p, v, by->who);
    }
    html(p, ", ");
    page_when(p, v->b->policy, by->at_ms);
    html(p, ", up to ");
    html_text(p, core_civil_weekday_name(by->day));
    html(p, " ");
    html_number(p, date.day_of_month);
    html(p, " ");
    html_text(p, core_civil_month_name(date.month));
}

static void put_signatures(visit *v, html_page *p, const Mash__V1__DailyList *list)
{
    if (list->n_signatures == 0) {
        html(p, "<p class=\"govuk-body\">Nobody has signed this list yet.</p>");
        return;
    }
    html(p, "<p class=\"govuk-body\">Signed last by ");
    put_signature(v, p, list->signatures[0]);
    html(p, ".</p>");
    if (list->n_signatures == 1) return;
    html(p,
         "<details class=\"govuk-details\"><summary class=\"govuk-details__summary\"><span class=\"govuk-details__summary-text\">"
         "Who signed it before<span class=\"govuk-visually-hidden\"> that</span></span></summary><ul class=\"govuk-list "
         "govuk-list--bullet govuk-details__text\">");
    for (size_t i = 1; i < list->n_signatures; i++) {
        html(p, "<li>");
        put_signature(v, p, list->signatures[i]);
        html(p, "</li>");
    }
    html(p, "</ul></details>");
}

/* ---- a list --------------------------------------------------------------------------------------------------------------------- */
static void put_button(visit *v, const daily *d, html_page *p)
{
    char number[24], command[HUB_ID_TEXT_BYTES], path[VISIT_CODE_MAX + 24];
    hub_id id = host_random_id();
    hub_id_text(&id, command);
    (void)snprintf(number, sizeof number, "%llu", (unsigned long long)d->sequence);
    (void)snprintf(path, sizeof path, "/act/Q:%s/sign/send", name_of(v, d));
    html(p, "<form method=\"post\" action=\"");
    html_attribute(p, path);
    html(p, "\">");
    page_token(v, p);
    page_hidden(p, "command_id", command);
    page_hidden(p, "seen_sequence", number);
    html(p,
         "<p class=\"govuk-body\">I have looked through this list. What stands on it ends with my name; what has come or changed "
         "meanwhile stays.</p><button class=\"govuk-button\">Sign the list<span class=\"govuk-visually-hidden\"> of ");
    html_text(p, shown_name(v, d));
    html(p, "</span></button></form>");
}

static void put_earlier(html_page *p, const daily *d)
{
    if (d->earlier == 0) return;
    html(p, "<p class=\"govuk-inset-text\">");
    html_number(p, d->earlier);
    html_text(p, d->earlier == 1 ? " of them is" : " of them are");
    html(p, " from days before today and nobody has signed for them.</p>");
}

static void put_list(visit *v, daily *d, const Mash__V1__DailyList *list)
{
    static const char *const HEADS[] = {"Alert", "On the list since", "Why", "What was said", NULL};
    html_page *p = &d->done;
    int32_t queue = people_queue(v->b->policy, name_of(v, d));
    html(p, "<h2 class=\"govuk-heading-m\">");
    html_text(p, shown_name(v, d));
    html(p, " (");
    html_number(p, d->items);
    html(p, ")</h2>");
    put_signatures(v, p, list);
    if (d->items == 0) {
        html(p, "<p class=\"govuk-body\">Nothing stands on this list.</p>");
        return;
    }
    put_earlier(p, d);
    html(p, "<table class=\"govuk-table board-stack\"><caption class=\"govuk-table__caption govuk-visually-hidden\">");
    html_text(p, shown_name(v, d));
    html(p, "</caption><thead class=\"govuk-table__head\"><tr class=\"govuk-table__row\">");
    for (size_t i = 0; HEADS[i] != NULL; i++) {
        html(p, "<th scope=\"col\" class=\"govuk-table__header\">");
        html_text(p, HEADS[i]);
        html(p, "</th>");
    }
    html(p, "</tr></thead><tbody class=\"govuk-table__body\">");
    hub_buffer_put(p, d->rows.data, d->rows.size);
    html(p, "</tbody></table>");
    if (list->more) {
        html(p, "<p class=\"govuk-body\">There are more than one page can show, so it cannot be signed here: ask your system's "
                "operators for <code>mashctl daily</code>.</p>");
    } else if (queue >= 0 && person_may(&v->who, (uint32_t)queue, MASH__V1__ACT_KIND__ACT_KIND_SIGN)) {
        put_button(v, d, p);
    } else {
        html(p, "<p class=\"govuk-body\">Your role does not sign this list.</p>");
    }
}

/* ---- the page ------------------------------------------------------------------------------------------------------------------- */
static void show(visit *v, daily *d)
{
    html_page *p = &v->page;
    page_begin(v, "Daily list");
    html(p,
         "<h1 class=\"govuk-heading-l\">Daily list</h1><p class=\"govuk-body\">For information: nobody has to act on these, and "
         "somebody has to have looked. Claim what should not be here, or rate it anew; then sign for the rest.</p>");
    if (d->done.size == 0) html(p, "<p class=\"govuk-body\">No team of yours has a daily list.</p>");
    hub_buffer_put(p, d->done.data, d->done.size);
    if (d->done.failed || d->rows.failed) p->failed = true; /* X4 */
    hub_buffer_free(&d->done);
    hub_buffer_free(&d->rows);
    page_end(v);
    visit_answer(v, 200);
}

static void take(visit *v, daily *d, const Mash__V1__DailyList *list)
{
    if (d->pages++ == 0) d->sequence = list->sequence;
    for (size_t i = 0; i < list->n_items; i++)
        put_item(v, d, list->items[i]);
    if (list->more && d->pages < LISTS_PAGES_MAX && list->n_items > 0) {
        (void)snprintf(d->after, sizeof d->after, "%.31s", list->items[list->n_items - 1]->alert_id);
        return;
    }
    put_list(v, d, list);
    hub_buffer_clear(&d->rows);
    d->queue++;
    d->pages = d->items = d->earlier = 0;
    d->after[0] = '\0';
}

static void on_list(void *context, link_outcome outcome, const Mash__V1__HubFrame *answer)
{
    visit *v = context;
    daily *d = v->work;
    html_page done = d->done, rows = d->rows; /* the visit, and its arena, may be over after visit_again */
    bool is_list = outcome == LINK_ANSWERED && answer->body_case == MASH__V1__HUB_FRAME__BODY_DAILY_LIST;
    bool goes_on = visit_again(v);
    if (goes_on && is_list) {
        take(v, d, answer->daily_list);
        ask(v);
        return;
    }
    hub_buffer_free(&done);
    hub_buffer_free(&rows);
    if (goes_on) visit_trouble(v, outcome, answer);
}

/* The next list of a queue that this person works on; when there is none, the page. */
static void ask(visit *v)
{
    daily *d = v->work;
    while (d->queue < v->b->config.queue_count && (!v->sees.works_on[d->queue] || v->sees.is_agency[d->queue]))
        d->queue++;
    if (d->queue == v->b->config.queue_count) {
        show(v, d);
        return;
    }
    Mash__V1__ClientFrame frame = MASH__V1__CLIENT_FRAME__INIT;
    Mash__V1__DailyListRequest request = MASH__V1__DAILY_LIST_REQUEST__INIT;
    request.queue = v->b->config.queues[d->queue];
    request.on_behalf_of = v->person_id;
    request.after = d->after;
    frame.body_case = MASH__V1__CLIENT_FRAME__BODY_DAILY_LIST;
    frame.daily_list = &request;
    link_ask(v->b->gate, &frame, on_list, v);
}

void page_daily(visit *v)
{
    v->work = hub_arena_take(&v->arena, sizeof(daily));
    if (v->work == NULL) {
        visit_error(v, 503, "Busy", "Try again.");
        return;
    }
    *(daily *)v->work = (daily){0};
    ask(v);
}
