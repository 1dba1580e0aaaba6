#include "page_tail.h"

#include <stdio.h>
#include <string.h>

#include "board/page_table.h"
#include "event/event.h"

enum {
    PAGE_RECORDS = 100,
    PAGES_LEAST = 10, /* are looked through for refusals */
    PAGES_MOST = 40,
    ROWS_ENOUGH = 100,
    CAUSES_MAX = 40,
    PEERS_MAX = 256,
};

/* What is filtered by; the names of the page's fields. */
typedef enum filter { BY_AGENCY, BY_KIND, BY_AREA, BY_REFUSAL, FILTERS } filter;
static const struct {
    const char *name, *label, *all;
} FIELDS[FILTERS] = {
    [BY_AGENCY] = {"agency", "Agency", "every agency"},
    [BY_KIND] = {"kind", "Kind of event", "every kind"},
    [BY_AREA] = {"area", "Area", "every area"},
    [BY_REFUSAL] = {"refusal", "Refused", "refused or not"},
};
static const char ANY_REFUSAL[] = "any", REFUSED[] = "refused: ";

typedef struct cause {
    char text[160], peer[64];
    uint32_t count;
    int64_t newest_ms;
} cause;

typedef struct tailing {
    page_tail_done *done;
    char wanted[FILTERS][64]; /* "" = everything */
    struct {
        char name[64];
        Mash__V1__Agency agency;
    } peers[PEERS_MAX];
    size_t peer_count;
    uint64_t from, upto, next; /* the page that is being read: its first and last record, and where to go on in it */
    uint32_t pages, shown, looked_at, cause_count;
    cause causes[CAUSES_MAX];
    char trouble[200];           /* "" = none: why the hub cannot tell the records now */
    html_page whole, rows, page; /* the visit's own, meanwhile; all that was found; the page's */
} tailing;

static void ask(visit *v);

/* ---- filters -------------------------------------------------------------------------------------------------------------------- */
typedef void choice_cb(void *context, const char *value, const char *text);

static void each_agency(choice_cb *each, void *context)
{
    for (int i = 1; event_agency_name((Mash__V1__Agency)i) != NULL; i++)
        each(context, event_agency_name((Mash__V1__Agency)i), event_agency_name((Mash__V1__Agency)i));
}

static void each_kind(choice_cb *each, void *context)
{
    for (uint32_t i = CORE_PAYLOAD_FIRST; i < CORE_PAYLOAD_FIRST + 64; i++) {
        if (event_payload_name(i) != NULL) each(context, event_payload_name(i), event_payload_name(i));
    }
}

static void each_area(const core_policy *policy, choice_cb *each, void *context)
{
    for (uint32_t i = 0; policy != NULL && i < policy->area_count; i++)
        each(context, policy->areas[i].code, policy->areas[i].name);
}

static void each_refusal(choice_cb *each, void *context)
{
    const ProtobufCEnumDescriptor *codes = &mash__v1__refusal_code__descriptor;
    each(context, ANY_REFUSAL, "refused, for any cause");
    for (unsigned i = 0; i < codes->n_values; i++) {
        char name[64];
        if (codes->values[i].value == 0) continue;
        (void)event_enum_name(codes, codes->values[i].value, name);
        each(context, name, name);
    }
}

static void each_choice(const core_policy *policy, filter which, choice_cb *each, void *context)
{
    switch (which) {
    case BY_AGENCY:
        each_agency(each, context);
        break;
    case BY_KIND:
        each_kind(each, context);
        break;
    case BY_AREA:
        each_area(policy, each, context);
        break;
    case BY_REFUSAL:
    case FILTERS:
        each_refusal(each, context);
        break;
    }
}

/* Only what can be chosen is taken: nothing else comes back in an address. */
typedef struct finding {
    const char *typed;
    char kept[64];
} finding;

static void find_choice(void *context, const char *value, const char *text)
{
    finding *f = context;
    (void)text;
    if (strcmp(f->typed, value) != 0) return;
    (void)snprintf(f->kept, sizeof f->kept, "%s", value);
}

static void read_filter(visit *v, filter which, char out[64])
{
    finding f = {.typed = http_form_text(&v->query, FIELDS[which].name)};
    each_choice(v->b->policy, which, find_choice, &f);
    memcpy(out, f.kept, sizeof f.kept);
}

void page_tail_query(visit *v, html_page *page)
{
    for (int i = 0; i < FILTERS; i++) {
        char value[64];
        read_filter(v, (filter)i, value);
        html(page, "&amp;");
        html_text(page, FIELDS[i].name);
        html(page, "=");
        html_attribute(page, value);
    }
}

typedef struct choosing {
    html_page *page;
    const char *chosen;
} choosing;

static void put_choice(void *context, const char *value, const char *text)
{
    choosing *c = context;
    html(c->page, "<option value=\"");
    html_attribute(c->page, value);
    html(c->page, "\"");
    if (strcmp(value, c->chosen) == 0) html(c->page, " selected");
    html(c->page, ">");
    for (; *text != '\0'; text++) { /* names of the contract: "child_concern" */
        const char letter[2] = {*text == '_' ? ' ' : *text, '\0'};
        html_text(c->page, letter);
    }
    html(c->page, "</option>");
}

static void put_form(visit *v, const tailing *t)
{
    html_page *p = &v->page;
    html(p, "<form method=\"get\" action=\"/operators\"><div class=\"board-columns\">");
    for (int i = 0; i < FILTERS; i++) {
        choosing c = {.page = p, .chosen = t->wanted[i]};
        html(p, "<div class=\"govuk-form-group\"><label class=\"govuk-label\" for=\"");
        html_attribute(p, FIELDS[i].name);
        html(p, "\">");
        html_text(p, FIELDS[i].label);
        html(p, "</label><select class=\"govuk-select\" id=\"");
        html_attribute(p, FIELDS[i].name);
        html(p, "\" name=\"");
        html_attribute(p, FIELDS[i].name);
        html(p, "\">");
        put_choice(&c, "", FIELDS[i].all);
        each_choice(v->b->policy, (filter)i, put_choice, &c);
        html(p, "</select></div>");
    }
    html(p, "</div><button class=\"govuk-button govuk-button--secondary\">Filter the records</button></form>");
}

/* ---- records -------------------------------------------------------------------------------------------------------------------- */
static bool is_refused(const Mash__V1__TailItem *item)
{
    return strncmp(item->detail, REFUSED, sizeof REFUSED - 1) == 0 && item->alert_id[0] == '\0';
}

/* A refused event says no agency: it is the one that its key is enrolled for. */
static Mash__V1__Agency agency_of(const tailing *t, const Mash__V1__TailItem *item)
{
    for (size_t i = 0; item->agency == MASH__V1__AGENCY__AGENCY_UNSPECIFIED && i < t->peer_count; i++) {
        if (strcmp(t->peers[i].name, item->peer) == 0) return t->peers[i].agency;
    }
    return item->agency;
}

static const char *agency_name(const tailing *t, const Mash__V1__TailItem *item)
{
    const char *name = event_agency_name(agency_of(t, item));
    return name == NULL ? "" : name;
}

/* "refused: unknown area at field area" is of "unknown_area". */
static bool is_of_cause(const Mash__V1__TailItem *item, const char *wanted)
{
    static const char FIELD[] = " at field ";
    const char *told = item->detail + sizeof REFUSED - 1;
    if (!is_refused(item) || strcmp(wanted, ANY_REFUSAL) == 0) return is_refused(item);
    for (; *wanted != '\0'; wanted++, told++) {
        if (*told != (*wanted == '_' ? ' ' : *wanted)) return false;
    }
    return *told == '\0' || strncmp(told, FIELD, sizeof FIELD - 1) == 0;
}

static bool is_wanted(const tailing *t, const Mash__V1__TailItem *item)
{
    const char *const HAS[] = {[BY_AGENCY] = agency_name(t, item), [BY_KIND] = item->payload, [BY_AREA] = item->area};
    for (int i = 0; i < BY_REFUSAL; i++) {
        if (t->wanted[i][0] != '\0' && strcmp(t->wanted[i], HAS[i]) != 0) return false;
    }
    return t->wanted[BY_REFUSAL][0] == '\0' || is_of_cause(item, t->wanted[BY_REFUSAL]);
}

static void note_cause(tailing *t, const Mash__V1__TailItem *item)
{
    const char *why = item->detail + sizeof REFUSED - 1;
    uint32_t at = 0;
    while (at < t->cause_count && (strcmp(t->causes[at].text, why) != 0 || strcmp(t->causes[at].peer, item->peer) != 0))
        at++;
    if (at == CAUSES_MAX) return;
    if (at == t->cause_count) {
        t->cause_count++;
        (void)snprintf(t->causes[at].text, sizeof t->causes[at].text, "%s", why);
        (void)snprintf(t->causes[at].peer, sizeof t->causes[at].peer, "%s", item->peer);
    }
    t->causes[at].count++;
    if (item->time_ms > t->causes[at].newest_ms) t->causes[at].newest_ms = item->time_ms;
}

static void put_item(visit *v, const tailing *t, html_page *p, const Mash__V1__TailItem *item)
{
    char number[24];
    (void)snprintf(number, sizeof number, "%llu", (unsigned long long)item->sequence);
    page_table_first(p, number);
    page_table_when(p, v->b->policy, item->time_ms, "");
    page_table_cell(p, item->what);
    page_table_cell(p, agency_name(t, item));
    page_table_cell(p, item->payload);
    page_table_cell(p, item->area);
    page_table_cell(p, item->detail);
    html(p, "</tr>");
}

static void take(visit *v, tailing *t, const Mash__V1__TailItems *items)
{
    html_page newer = {0};
    for (size_t i = items->n_items; i > 0; i--) {
        const Mash__V1__TailItem *item = items->items[i - 1];
        t->looked_at++;
        if (is_refused(item)) note_cause(t, item);
        if (!is_wanted(t, item)) continue;
        t->shown++;
        put_item(v, t, &newer, item);
    }
    hub_buffer_put(&newer, t->page.data, t->page.size);
    hub_buffer_free(&t->page);
    t->page = newer;
}

/* ---- the page ------------------------------------------------------------------------------------------------------------------- */
static void put_causes(visit *v, const tailing *t)
{
    static const char *const HEADS[] = {"Why, and at which field", "Key", "How many", "Newest", NULL};
    html_page *p = &v->page;
    html(p, "<div data-part=\"refusals\">");
    if (t->trouble[0] != '\0') {
        html(p, "</div>");
        return;
    }
    if (t->cause_count == 0) {
        html(p, "<h2 class=\"govuk-heading-m\">Refusals</h2><p class=\"govuk-body\">Nothing was refused in the newest ");
        html_number(p, t->looked_at);
        html(p, " records.</p></div>");
        return;
    }
    page_table_begin(p, "Refusals and why, of the newest records", HEADS);
    for (uint32_t i = 0; i < t->cause_count; i++) {
        page_table_first(p, t->causes[i].text);
        page_table_cell(p, t->causes[i].peer);
        page_table_figure(p, t->causes[i].count);
        page_table_when(p, v->b->policy, t->causes[i].newest_ms, "");
        html(p, "</tr>");
    }
    page_table_end(p);
    html(p, "</div>");
}

static void put_records(visit *v, const tailing *t)
{
    static const char *const HEADS[] = {"Record", "When", "What", "Agency", "Kind", "Area", "Detail", NULL};
    html_page *p = &v->page;
    html(p, "<h2 class=\"govuk-heading-m\" id=\"records\">What was recorded</h2>");
    put_form(v, t);
    html(p, "<div data-part=\"tail\">");
    if (t->trouble[0] != '\0') {
        html(p, "<p class=\"govuk-inset-text\">The records cannot be shown now: ");
        html_text(p, t->trouble);
        html(p, ".</p></div>");
        return;
    }
    html(p, "<p class=\"govuk-body\">");
    html_number(p, t->shown);
    html(p, " of the newest ");
    html_number(p, t->looked_at);
    html(p, " records, without anybody's data.</p>");
    page_table_begin(p, "The newest records", HEADS);
    hub_buffer_put(p, t->rows.data, t->rows.size);
    page_table_end(p);
    html(p, "</div>");
}

static void drop(html_page *whole, html_page *rows, html_page *page)
{
    hub_buffer_free(whole);
    hub_buffer_free(rows);
    hub_buffer_free(page);
}

static void finish(visit *v, tailing *t)
{
    v->page = t->whole;
    t->whole = (html_page){0};
    if (t->rows.failed || t->page.failed) v->page.failed = true; /* X4 */
    put_causes(v, t);
    put_records(v, t);
    drop(&t->whole, &t->rows, &t->page);
    t->done(v);
}

/* A frame may hold less than was asked for; the rest of its page is asked for, then the page before. */
static void go_on(visit *v, tailing *t, const Mash__V1__TailItems *items)
{
    take(v, t, items);
    bool is_whole = items->complete || items->next_sequence > t->upto || items->next_sequence <= t->next;
    if (!is_whole) {
        t->next = items->next_sequence;
        ask(v);
        return;
    }
    hub_buffer_put(&t->rows, t->page.data, t->page.size);
    hub_buffer_clear(&t->page);
    t->pages++;
    bool is_enough = (t->shown >= ROWS_ENOUGH && t->pages >= PAGES_LEAST) || t->pages >= PAGES_MOST;
    if (t->from <= 1 || is_enough) {
        finish(v, t);
        return;
    }
    t->upto = t->from - 1;
    t->next = t->from = t->upto > PAGE_RECORDS ? t->upto - PAGE_RECORDS + 1 : 1;
    ask(v);
}

static void on_items(void *context, link_outcome outcome, const Mash__V1__HubFrame *answer)
{
    visit *v = context;
    tailing *t = v->work;
    html_page whole = t->whole, rows = t->rows, page = t->page; /* the visit, and its arena, may be over after visit_again */
    bool is_tail = outcome == LINK_ANSWERED && answer->body_case == MASH__V1__HUB_FRAME__BODY_TAIL_ITEMS;
    bool goes_on = visit_again(v);
    if (goes_on && is_tail) {
        go_on(v, t, answer->tail_items);
        return;
    }
    if (goes_on && visit_is_put_off(answer)) { /* how the hub stands is known, and wanted the more */
        (void)snprintf(t->trouble, sizeof t->trouble, "%s", answer->fault->text);
        finish(v, t);
        return;
    }
    drop(&whole, &rows, &page);
    if (goes_on) visit_trouble(v, outcome, answer);
}

static void ask(visit *v)
{
    tailing *t = v->work;
    Mash__V1__ClientFrame frame = MASH__V1__CLIENT_FRAME__INIT;
    Mash__V1__Tail tail = MASH__V1__TAIL__INIT;
    tail.from_sequence = t->next;
    tail.limit = (uint32_t)(t->upto - t->next + 1);
    frame.body_case = MASH__V1__CLIENT_FRAME__BODY_TAIL;
    frame.tail = &tail;
    link_ask(v->b->watch, &frame, on_items, v);
}

static void read_peers(tailing *t, const Mash__V1__Status *status)
{
    for (size_t i = 0; i < status->n_peers && t->peer_count < PEERS_MAX; i++) {
        (void)snprintf(t->peers[t->peer_count].name, sizeof t->peers[0].name, "%s", status->peers[i]->name);
        t->peers[t->peer_count++].agency = status->peers[i]->agency;
    }
}

void page_tail_put(visit *v, const Mash__V1__Status *status, page_tail_done *done)
{
    tailing *t = hub_arena_take(&v->arena, sizeof *t);
    uint64_t newest = status->durable == NULL ? 0 : status->durable->sequence;
    if (t == NULL || newest == 0) {
        visit_error(v, 503, "Busy", "Try again.");
        return;
    }
    *t = (tailing){.done = done, .upto = newest, .whole = v->page};
    t->next = t->from = newest > PAGE_RECORDS ? newest - PAGE_RECORDS + 1 : 1;
    v->page = (html_page){0};
    v->work = t;
    read_peers(t, status);
    for (int i = 0; i < FILTERS; i++)
        read_filter(v, (filter)i, t->wanted[i]);
    ask(v);
}
