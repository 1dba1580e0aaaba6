/* page_operator.c - what an operator looks at: who was heard when, what waits for whom, what was refused, what is due, the last records. Asked of
 * the hub with an auditor's key when the page is opened: control parts only, of nobody. */
#include <stdio.h>
#include <string.h>

#include "board.h"
#include "board/feed.h"
#include "board/live.h"
#include "board/pack.h"
#include "board/page_plot.h"
#include "board/page_table.h"
#include "board/page_tail.h"
#include "board/routes.h"
#include "board/watch.h"
#include "bus/curve.h"
#include "event/event.h"

enum {
    LAGS_AT = 100, /* deliveries that wait for somebody who is there */
    KNOCKED_MS = 24 * 60 * 60 * 1000,
};

/* Since when passing on fails, and how many nobody confirmed in time. */
static void put_failing(visit *v, const Mash__V1__PeerStatus *peer)
{
    html_page *p = &v->page;
    html(p, "<td class=\"govuk-table__cell\">");
    if (peer->failing_since_ms != 0) page_when(p, v->b->policy, peer->failing_since_ms);
    if (peer->overdue > 0) {
        if (peer->failing_since_ms != 0) html(p, "; ");
        html_number(p, (int64_t)peer->overdue);
        html(p, " overdue");
    }
    html(p, "</td>");
}

/* ---- status ------------------------------------------------------------------------------------------------------------------- */
static void put_peers(visit *v, const Mash__V1__Status *status)
{
    static const char *const HEADS[] = {
        "Key",           "Agency",       "Connected",  "Last heard",    "Stored",        "Refused", "Repeats",
        "Waiting there", "Parked there", "Owed there", "Failing since", "Trouble there", NULL};
    html_page *p = &v->page;
    page_table_begin(p, "Who is heard", HEADS);
    for (size_t i = 0; i < status->n_peers; i++) {
        const Mash__V1__PeerStatus *peer = status->peers[i];
        page_table_first(p, peer->name);
        page_table_cell(p, peer->agency == MASH__V1__AGENCY__AGENCY_UNSPECIFIED ? "" : event_agency_name(peer->agency));
        page_table_cell(p, peer->revoked ? "revoked" : peer->connected ? "yes" : "NO");
        page_table_when(p, v->b->policy, peer->last_heard_ms, "not since the hub started");
        page_table_figure(p, peer->stored);
        page_table_figure(p, peer->refused);
        page_table_figure(p, peer->duplicates);
        page_table_figure(p, peer->waiting);
        page_table_figure(p, peer->parked);
        page_table_figure(p, peer->owed);
        put_failing(v, peer);
        char trouble[64] = "";
        if (peer->trouble != MASH__V1__PEER_TROUBLE__PEER_TROUBLE_UNSPECIFIED)
            event_enum_name(&mash__v1__peer_trouble__descriptor, (int)peer->trouble, trouble);
        page_table_cell(p, trouble);
        html(p, "</tr>");
    }
    page_table_end(p);
    html(p,
         "<p class=\"govuk-body\">Waiting there: events in the adapter's outbox that the hub has not settled. Parked there: "
         "records that it put aside "
         "for a person since its outbox began; each is a file in <code>quarantine/</code> of its folder, with the reason. Owed "
         "there: deliveries it receipted and passes on, which nobody has confirmed to it; <code>mashctl outbound list</code> "
         "there says which, and why. Trouble there: what is wrong on that side, its own status says more. As it said last.</p>");
}

/* A policy names a consumer for every queue, also for one that people read on a board alone: what "waits" for a name that nobody ever used, while
 * somebody reads the queue, waits for nobody. */
static bool is_unused(const Mash__V1__QueueStatus *queue)
{
    bool was_ever = queue->connected || queue->delivered_sequence != 0 || queue->receipt_sequence != 0;
    return !was_ever && queue->live > 0;
}

/* Who reads a queue now: one who holds a place in it, by the name that the policy declares, and whoever reads along. */
static void put_readers(html_page *p, const Mash__V1__QueueStatus *queue)
{
    html(p, "<td class=\"govuk-table__cell\">");
    html_text(p, queue->connected ? "yes" : is_unused(queue) ? "never, and is not needed" : "NO");
    if (queue->live > 0) {
        html(p, "; read live by ");
        html_number(p, queue->live);
    }
    html(p, "</td>");
}

/* "Duty managers, Hampshire (hampshire_duty)": the second is what mashctl is told. */
static const char *queue_shown(const visit *v, const char *name, char out[CORE_NAME_MAX + 128])
{
    const char *shown = people_queue_shown(v->b->policy, name);
    (void)hub_format(out, CORE_NAME_MAX + 128, shown == name ? "%s" : "%s (%s)", shown, name);
    return out;
}

static void put_queues(visit *v, const Mash__V1__Status *status)
{
    html_page *p = &v->page;
    char shown[CORE_NAME_MAX + 128];
    static const char *const HEADS[] = {"Queue", "Consumer", "Connected", "Waiting", "Ever", NULL};
    uint32_t silent = 0;
    page_table_begin(p, "What waits for whom", HEADS);
    for (size_t i = 0; i < status->n_queues; i++) {
        const Mash__V1__QueueStatus *queue = status->queues[i];
        if (queue->total == 0) {
            silent++;
            continue;
        }
        page_table_first(p, queue_shown(v, queue->name, shown));
        page_table_cell(p, queue->consumer);
        put_readers(p, queue);
        page_table_figure(p, is_unused(queue) ? 0 : queue->waiting);
        page_table_figure(p, queue->total);
        html(p, "</tr>");
    }
    page_table_end(p);
    html(p, "<p class=\"govuk-body\">Of ");
    html_number(p, silent);
    html(p,
         " other queues nobody was ever told anything. Who reads live, a board above all, reads from the beginning when it comes "
         "back: nothing waits for it.</p>");
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
                   {"Clocks due in the next hour", status->clocks_due_hour},
                   {"Clocks that have lapsed", status->clocks_lapsed}};
    html_page *p = &v->page;
    html(p, "<dl class=\"govuk-summary-list\">");
    for (size_t i = 0; i < sizeof FIGURES / sizeof FIGURES[0]; i++) {
        put_row(p, FIGURES[i].key);
        html_number(p, (int64_t)FIGURES[i].figure);
        html(p, "</dd></div>");
    }
    put_row(p, "Room in the journal");
    if (status->journal_room_bytes == UINT64_MAX) {
        html(p, "not known: see to the disk of its server");
    } else {
        html_number(p, (int64_t)(status->journal_room_bytes / 1000000));
        html(p, " MB");
    }
    html(p, "</dd></div>");
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
    html(p, " deliveries behind; windows with live updates: ");
    html_number(p, live_count(v->b->live) + watch_count(v->b->watching));
    html(p, "</dd></div></dl>");
}

/* An item of a list that is there only when it has one. */
static void begin_item(html_page *p, const char *title, bool *is_begun)
{
    if (!*is_begun) {
        html(p, "<h2 class=\"govuk-heading-m\">");
        html_text(p, title);
        html(p, "</h2><ul class=\"govuk-list govuk-list--bullet\">");
    }
    *is_begun = true;
    html(p, "<li>");
}

/* Who is behind, or not heard: the first thing that somebody is rung for at night. */
static void begin_laggard(html_page *p, bool *is_begun)
{
    begin_item(p, "Laggards", is_begun);
}

static void put_silent(visit *v, const Mash__V1__PeerStatus *peer, bool *is_begun)
{
    html_page *p = &v->page;
    bool is_agency = peer->agency != MASH__V1__AGENCY__AGENCY_UNSPECIFIED && !peer->revoked;
    if (!is_agency || peer->connected) return;
    begin_laggard(p, is_begun);
    html_text(p, peer->name);
    html(p, " is not connected; last heard ");
    if (peer->last_heard_ms == 0) {
        html(p, "before the hub started");
    } else {
        page_when(p, v->b->policy, peer->last_heard_ms);
    }
    html(p, "</li>");
}

/* What a consumer has not taken waits for it alone, whoever reads along. */
static const char *lag_of(const Mash__V1__QueueStatus *queue)
{
    bool is_slow = queue->connected && queue->waiting >= LAGS_AT;
    if (queue->waiting == 0 || is_unused(queue) || (queue->connected && !is_slow)) return NULL;
    return is_slow           ? " waiting for a slow consumer"
           : queue->live > 0 ? " waiting for its consumer, which is not connected; others read it live"
                             : " waiting, and nobody is subscribed";
}

static void put_laggards(visit *v, const Mash__V1__Status *status)
{
    html_page *p = &v->page;
    char shown[CORE_NAME_MAX + 128];
    bool is_begun = false;
    for (size_t i = 0; i < status->n_peers; i++)
        put_silent(v, status->peers[i], &is_begun);
    for (size_t i = 0; i < status->n_queues; i++) {
        const Mash__V1__QueueStatus *queue = status->queues[i];
        const char *lag = lag_of(queue);
        if (lag == NULL) continue;
        begin_laggard(p, &is_begun);
        html_text(p, queue_shown(v, queue->name, shown));
        html(p, ": ");
        html_number(p, (int64_t)queue->waiting);
        html_text(p, lag);
        html(p, "</li>");
    }
    if (is_begun) html(p, "</ul>");
}

/* ---- who does not get in ------------------------------------------------------------------------------------------------------ */
static void put_times(visit *v, uint64_t times, int64_t newest_ms)
{
    html_number(&v->page, (int64_t)times);
    html_text(&v->page, times == 1 ? " time, the newest " : " times, the newest ");
    page_when(&v->page, v->b->policy, newest_ms);
}

static void put_stranger(visit *v, const Mash__V1__Stranger *at)
{
    html_page *p = &v->page;
    char key[BUS_KEY_TEXT];
    bus_key_text(at->public_key.data, key);
    html_text(p, at->name[0] != '\0' ? "The revoked key of " : "A key that is not enrolled, ");
    html_text(p, at->name[0] != '\0' ? at->name : key);
    html(p, ", from ");
    html_text(p, at->address);
    html(p, ": ");
    put_times(v, at->tries, at->last_ms);
    html_text(p, at->name[0] != '\0' ? "; its owner needs a new key: mashctl enrol request there, mashctl enrol accept here"
                                     : "; if it is expected: mashctl enrol accept LINE, once the key was compared by telephone");
    html(p, "</li>");
}

static void put_turned_away(visit *v, const Mash__V1__Status *status)
{
    html_page *p = &v->page;
    bool is_begun = false;
    for (size_t i = 0; i < status->n_strangers; i++) {
        const Mash__V1__Stranger *at = status->strangers[i];
        if (at->public_key.len != BUS_KEY_BYTES || v->now_ms - at->last_ms >= KNOCKED_MS) continue;
        begin_item(p, "Turned away", &is_begun);
        put_stranger(v, at);
    }
    if (status->wrong_server_key > 0 && v->now_ms - status->wrong_server_key_ms < KNOCKED_MS) {
        begin_item(p, "Turned away", &is_begun);
        html(p, "Connections for another server key: ");
        put_times(v, status->wrong_server_key, status->wrong_server_key_ms);
        html(p, "; whoever it is has the wrong hub.pub: send them the answer of mashctl enrol accept again</li>");
    }
    if (is_begun) html(p, "</ul>");
}

static void begin_warning(html_page *p, const char *text)
{
    html(p, "<div class=\"govuk-warning-text\"><span class=\"govuk-warning-text__icon\" aria-hidden=\"true\">!</span><strong "
            "class=\"govuk-warning-text__text\"><span class=\"govuk-visually-hidden\">Warning</span>");
    html_text(p, text);
}

static void put_warning(html_page *p, const char *text)
{
    begin_warning(p, text);
    html(p, "</strong></div>");
}

static void put_alarms(html_page *p, const Mash__V1__Status *status)
{
    if (status->n_alarms == 0) {
        html(p, "<p class=\"govuk-inset-text\">The hub raises no alarm now.</p>");
        return;
    }
    begin_warning(p, "A person must look at this:");
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
    if (standing.trouble[0] != '\0') put_warning(p, standing.trouble);
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

/* ---- the page ------------------------------------------------------------------------------------------------------------------- */
static void put_page(visit *v, const Mash__V1__Status *status)
{
    html_page *p = &v->page;
    v->is_wide = true;
    page_begin(v, "Operators");
    html(p, "<div data-now=\"");
    html_number(p, v->now_ms);
    html(p, "\" data-live=\"/operators?part=all");
    page_tail_query(v, p);
    html(p, "\" data-stream=\"/operators/live\"><h1 class=\"govuk-heading-l\">Operators</h1><p class=\"board-updates\"><button "
            "class=\"govuk-button "
            "govuk-button--secondary js-pause\" type=\"button\" hidden>Pause updates</button></p><p "
            "class=\"govuk-inset-text js-updates\" hidden></p><div data-part=\"standing\">");
    put_alarms(p, status);
    if (v->b->save_failed)
        put_warning(
            p, "Sessions and what people typed cannot be saved: a restart of this board would lose both. Its log says why; look "
               "at the volume of its state folder.");
    put_laggards(v, status);
    put_turned_away(v, status);
    put_counts(v, status);
    html(p, "</div>");
    page_plot_put(v);
    html(p, "<div data-part=\"pack\">");
    put_pack(v);
    html(p, "</div><div data-part=\"peers\">");
    put_peers(v, status);
    html(p, "</div><div data-part=\"queues\">");
    put_queues(v, status);
    html(p, "</div>");
}

static void end_page(visit *v)
{
    html(&v->page, "</div>");
    page_end(v);
    visit_answer(v, 200);
}

static void on_status(void *context, link_outcome outcome, const Mash__V1__HubFrame *answer)
{
    visit *v = context;
    if (!visit_again(v)) return;
    if (outcome != LINK_ANSWERED || answer->body_case != MASH__V1__HUB_FRAME__BODY_STATUS) {
        visit_trouble(v, outcome, answer);
        return;
    }
    put_page(v, answer->status);
    page_tail_put(v, answer->status, end_page);
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
