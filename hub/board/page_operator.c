/* page_operator.c - what an operator looks at: who was heard when, what waits for whom, what was refused, what is due, the last records. Asked of
 * the hub with an auditor's key when the page is opened: control parts only, of nobody. */
#include <stdio.h>
#include <string.h>

#include "board.h"
#include "board/feed.h"
#include "board/live.h"
#include "board/pack.h"
#include "board/page_table.h"
#include "board/routes.h"
#include "event/event.h"

enum { TAIL_ROWS = 100 };

static void put_time(visit *v, int64_t at_ms)
{
    html_page *p = &v->page;
    html(p, "<td class=\"govuk-table__cell\">");
    if (at_ms == 0) {
        html(p, "not since the hub started");
    } else {
        page_when(p, v->b->policy, at_ms);
    }
    html(p, "</td>");
}

/* ---- status ------------------------------------------------------------------------------------------------------------------- */
static void put_peers(visit *v, const Mash__V1__Status *status)
{
    static const char *const HEADS[] = {"Key", "Agency", "Connected", "Last heard", "Stored", "Refused", "Repeats", NULL};
    html_page *p = &v->page;
    page_table_begin(p, "Who is heard", HEADS);
    for (size_t i = 0; i < status->n_peers; i++) {
        const Mash__V1__PeerStatus *peer = status->peers[i];
        page_table_first(p, peer->name);
        page_table_cell(p, peer->agency == MASH__V1__AGENCY__AGENCY_UNSPECIFIED ? "" : event_agency_name(peer->agency));
        page_table_cell(p, peer->revoked ? "revoked" : peer->connected ? "yes" : "NO");
        put_time(v, peer->last_heard_ms);
        page_table_figure(p, peer->stored);
        page_table_figure(p, peer->refused);
        page_table_figure(p, peer->duplicates);
        html(p, "</tr>");
    }
    page_table_end(p);
}

static void put_queues(html_page *p, const Mash__V1__Status *status)
{
    static const char *const HEADS[] = {"Queue", "Consumer", "Connected", "Waiting", "Ever", NULL};
    page_table_begin(p, "What waits for whom", HEADS);
    for (size_t i = 0; i < status->n_queues; i++) {
        const Mash__V1__QueueStatus *queue = status->queues[i];
        page_table_first(p, queue->name);
        page_table_cell(p, queue->consumer[0] == '\0' ? "(live)" : queue->consumer);
        page_table_cell(p, queue->connected ? "yes" : "NO");
        page_table_figure(p, queue->waiting);
        page_table_figure(p, queue->total);
        html(p, "</tr>");
    }
    page_table_end(p);
}

static void put_row(html_page *p, const char *key)
{
    html(p, "<div class=\"govuk-summary-list__row\"><dt class=\"govuk-summary-list__key\">");
    html_text(p, key);
    html(p, "</dt><dd class=\"govuk-summary-list__value\">");
}

static void put_counts(visit *v, const Mash__V1__Status *status)
{
    const struct {
        const char *key;
        uint64_t figure;
    } FIGURES[] = {{"Events accepted", status->events_accepted},
                   {"Events refused", status->events_refused},
                   {"Alerts open", status->alerts_open},
                   {"Clocks running", status->clocks_running},
                   {"Clocks that have lapsed", status->clocks_lapsed},
                   {"Room in the journal, MB", status->journal_room_bytes / 1000000}};
    html_page *p = &v->page;
    html(p, "<dl class=\"govuk-summary-list\">");
    for (size_t i = 0; i < sizeof FIGURES / sizeof FIGURES[0]; i++) {
        put_row(p, FIGURES[i].key);
        html_number(p, (int64_t)FIGURES[i].figure);
        html(p, "</dd></div>");
    }
    put_row(p, "Next clock due");
    if (status->next_due_ms == 0) {
        html(p, "none");
    } else {
        page_left(p, v->b->policy, v->now_ms, status->next_due_ms);
    }
    html(p, "</dd></div>");
    put_row(p, "The hub runs since");
    page_when(p, v->b->policy, status->started_ms);
    html(p, "</dd></div>");
    put_row(p, "This board");
    html_number(p, rows_count(v->b->rows));
    html(p, " rows, ");
    html_number(p, (int64_t)feed_behind(v->b->feed));
    html(p, " deliveries behind, ");
    html_number(p, live_count(v->b->live));
    html(p, " windows with live updates</dd></div></dl>");
}

static void put_alarms(html_page *p, const Mash__V1__Status *status)
{
    if (status->n_alarms == 0) {
        html(p, "<p class=\"govuk-inset-text\">Nothing needs a person's look now.</p>");
        return;
    }
    html(p, "<div class=\"govuk-warning-text\"><span class=\"govuk-warning-text__icon\" aria-hidden=\"true\">!</span><strong "
            "class=\"govuk-warning-text__text\"><span class=\"govuk-visually-hidden\">Warning</span>A person must look at this:");
    for (size_t i = 0; i < status->n_alarms; i++) {
        html(p, "<br>");
        html_text(p, status->alarms[i]);
    }
    html(p, "</strong></div>");
}

/* ---- the continuity pack ------------------------------------------------------------------------------------------------------- */
static void put_pack_made(visit *v, const pack_standing *standing)
{
    html_page *p = &v->page;
    put_row(p, "Newest");
    if (standing->made_ms == 0) {
        html(p, "none");
    } else {
        html(p, "made ");
        page_when(p, v->b->policy, standing->made_ms);
    }
    if (standing->known_ms != 0) {
        html(p, ", of what was known at ");
        page_when(p, v->b->policy, standing->known_ms);
        html(p, ", ");
        html_number(p, standing->items);
        html(p, " open items");
    }
    html(p, "</dd></div>");
}

static void put_pack(visit *v)
{
    html_page *p = &v->page;
    html(p, "<h2 class=\"govuk-heading-m\">Continuity pack</h2>");
    if (v->b->pack == NULL) {
        html(p,
             "<p class=\"govuk-body\">None is made: board.yaml has no <code>pack</code>. Without one, what is open goes with the "
             "hub.</p>");
        return;
    }
    const pack_standing standing = pack_stands(v->b->pack);
    if (standing.trouble[0] != '\0') {
        html(p, "<div class=\"govuk-warning-text\"><span class=\"govuk-warning-text__icon\" aria-hidden=\"true\">!</span><strong "
                "class=\"govuk-warning-text__text\"><span class=\"govuk-visually-hidden\">Warning</span>");
        html_text(p, standing.trouble);
        html(p, "</strong></div>");
    }
    html(p, "<dl class=\"govuk-summary-list\">");
    put_pack_made(v, &standing);
    put_row(p, "Where");
    html_text(p, v->b->config.pack.folder);
    html(p, "</dd></div>");
    put_row(p, "Made");
    html(p, "every ");
    html_number(p, v->b->config.pack.every_minutes);
    html(p, " minutes, kept ");
    html_number(p, v->b->config.pack.keep_hours);
    html(p, " hours, as ");
    html_text(p, v->b->config.pack.as);
    html(p, " sees it</dd></div>");
    put_row(p, "To open one");
    html(p, "<code>mash-board pack open FILE &gt; pack.html</code></dd></div></dl>");
}

/* ---- the last records ----------------------------------------------------------------------------------------------------------- */
static void put_tail(visit *v, const Mash__V1__TailItems *items)
{
    static const char *const HEADS[] = {"Record", "When", "What", "Agency", "Kind", "Detail", NULL};
    html_page *p = &v->page;
    page_table_begin(p, "The last records", HEADS);
    for (size_t i = items->n_items; i > 0; i--) {
        const Mash__V1__TailItem *item = items->items[i - 1];
        char number[24];
        (void)snprintf(number, sizeof number, "%llu", (unsigned long long)item->sequence);
        page_table_first(p, number);
        put_time(v, item->time_ms);
        page_table_cell(p, item->what);
        page_table_cell(p, item->agency == MASH__V1__AGENCY__AGENCY_UNSPECIFIED ? "" : event_agency_name(item->agency));
        page_table_cell(p, item->payload);
        page_table_cell(p, item->detail);
        html(p, "</tr>");
    }
    page_table_end(p);
}

static void on_tail(void *context, link_outcome outcome, const Mash__V1__HubFrame *answer)
{
    visit *v = context;
    html_page kept = v->page; /* what status filled in: visit_again may end the visit with a page of its own */
    v->page = (html_page){0};
    if (!visit_again(v)) {
        hub_buffer_free(&kept);
        return;
    }
    if (outcome != LINK_ANSWERED || answer->body_case != MASH__V1__HUB_FRAME__BODY_TAIL_ITEMS) {
        hub_buffer_free(&kept);
        visit_trouble(v, outcome, answer);
        return;
    }
    v->page = kept;
    put_tail(v, answer->tail_items);
    html(&v->page, "</div>");
    page_end(v);
    visit_answer(v, 200);
}

static void ask_tail(visit *v)
{
    Mash__V1__ClientFrame frame = MASH__V1__CLIENT_FRAME__INIT;
    Mash__V1__Tail tail = MASH__V1__TAIL__INIT;
    tail.last = TAIL_ROWS;
    tail.limit = TAIL_ROWS;
    frame.body_case = MASH__V1__CLIENT_FRAME__BODY_TAIL;
    frame.tail = &tail;
    link_ask(v->b->watch, &frame, on_tail, v);
}

static void on_status(void *context, link_outcome outcome, const Mash__V1__HubFrame *answer)
{
    visit *v = context;
    if (!visit_again(v)) return;
    if (outcome != LINK_ANSWERED || answer->body_case != MASH__V1__HUB_FRAME__BODY_STATUS) {
        visit_trouble(v, outcome, answer);
        return;
    }
    page_begin(v, "Operators");
    html(&v->page, "<div data-now=\"");
    html_number(&v->page, v->now_ms);
    html(&v->page, "\"><h1 class=\"govuk-heading-l\">Operators</h1>");
    put_alarms(&v->page, answer->status);
    put_counts(v, answer->status);
    put_pack(v);
    put_peers(v, answer->status);
    put_queues(&v->page, answer->status);
    ask_tail(v);
}

void page_operators(visit *v)
{
    Mash__V1__ClientFrame frame = MASH__V1__CLIENT_FRAME__INIT;
    Mash__V1__StatusRequest request = MASH__V1__STATUS_REQUEST__INIT;
    request.peers = request.queues = true;
    frame.body_case = MASH__V1__CLIENT_FRAME__BODY_STATUS;
    frame.status = &request;
    link_ask(v->b->watch, &frame, on_status, v);
}
