/* page_alert.c - one alert: why it came, what each agency said, who it is about, its clocks, what was done, and what may be done.
 *
 * What was said is asked of the hub when the page is opened (Show), for a purpose and on behalf of the person: it is audited there before it
 * comes here. Two questions, one after the other: what was said and done, then why in plain English. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/id.h"
#include "board/act_form.h"
#include "board/alert_people.h"
#include "board/at_once.h"
#include "board/board.h"
#include "board/page_clock.h"
#include "board/routes.h"
#include "board/said.h"
#include "board/timeline.h"
#include "host/random.h"

enum { ENTRIES_MAX = 200, JUST_NOW_MS = 60 * 1000 };

/* A part of the timeline; `first`: the record of its first entry. */
typedef struct stretch {
    html_page page;
    uint32_t entries;
    uint64_t first;
} stretch;

typedef struct opening {
    uint64_t alert;
    char item[VISIT_CODE_MAX];
    html_page reasons, people, clocks, other, done;
    stretch earlier, newest; /* of the timeline, which the hub tells oldest first: a full `newest` becomes `earlier` */
    uint32_t lines, pages;
    uint64_t after, before,
        seen_before; /* seen_before: the record of the newest entry, which is not parted; before: only entries of records before that one; 0 = all */
    timeline_seen seen;
    char rules[16][CORE_NAME_MAX];
    uint32_t rule_count;
    char occasion[240], first_reason[240];
    bool is_print, is_cut, is_own, has_alert; /* is_cut: more was said than this page reads, and that is the newest */
    bool has_older;
    uint32_t version;
} opening;

static void close_opening(opening *o)
{
    hub_buffer_free(&o->earlier.page);
    hub_buffer_free(&o->newest.page);
    hub_buffer_free(&o->reasons);
    hub_buffer_free(&o->people);
    hub_buffer_free(&o->clocks);
    hub_buffer_free(&o->other);
    hub_buffer_free(&o->done);
}

/* ---- as it stands ------------------------------------------------------------------------------------------------------------- */
static bool is_new_rule(opening *o, const char *rule)
{
    for (uint32_t i = 0; i < o->rule_count; i++) {
        if (strcmp(o->rules[i], rule) == 0) return false;
    }
    if (o->rule_count < sizeof o->rules / sizeof o->rules[0])
        (void)snprintf(o->rules[o->rule_count++], CORE_NAME_MAX, "%s", rule);
    return true;
}

/* No rule sent it to this team: it was sent there, or came up a ladder. The newest step; without one, the first other occasion. */
static void learn_occasion(opening *o, const Mash__V1__Delivery *d)
{
    const char *plain = d->n_reasons == 0 ? "" : d->reasons[0]->plain;
    bool brings_it = d->kind == MASH__V1__DELIVERY_KIND__DELIVERY_KIND_MOVED_HERE ||
                     d->kind == MASH__V1__DELIVERY_KIND__DELIVERY_KIND_CLOCK_LAPSED;
    if (o->first_reason[0] == '\0') (void)snprintf(o->first_reason, sizeof o->first_reason, "%s", plain);
    if (d->escalation != NULL) {
        (void)snprintf(o->occasion, sizeof o->occasion, "%s", d->escalation->plain);
    } else if (brings_it && o->occasion[0] == '\0') {
        (void)snprintf(o->occasion, sizeof o->occasion, "%s", plain);
    }
}

static void put_reasons(opening *o, const Mash__V1__Delivery *d)
{
    html_page *p = &o->reasons;
    for (size_t i = 0; i < d->n_reasons; i++) {
        const Mash__V1__Reason *reason = d->reasons[i];
        if (reason->rule[0] == '\0' || !is_new_rule(o, reason->rule)) continue;
        html(p, "<li>");
        html_text(p, reason->plain);
        html(p, " <span class=\"govuk-body-s\">(rule ");
        html_text(p, reason->rule);
        if (reason->source[0] != '\0') {
            html(p, "; ");
            html_text(p, reason->source);
        }
        html(p, ")</span></li>");
    }
}

static const char *outcome_words(const visit *v, const char *id)
{
    for (uint32_t i = 0; i < v->b->policy->outcome_count; i++) {
        if (strcmp(v->b->policy->outcomes[i].id, id) == 0) return v->b->policy->outcomes[i].plain;
    }
    return id;
}

/* ---- what earlier deliveries told ------------------------------------------------------------------------------------------------ */
/* What this person did a moment ago, so that the page they come back to says what was done, and about whom. */
static void learn_done(visit *v, opening *o, const Mash__V1__Delivery *d)
{
    bool is_done = d->act != NULL && strcmp(d->act->who, v->person_id) == 0 && v->now_ms - d->time_ms < JUST_NOW_MS;
    if (!is_done) return;
    hub_buffer_clear(&o->done);
    timeline_act(v, &o->done, d->act);
}

/* ---- lines ------------------------------------------------------------------------------------------------------------------ */
/* Whom the hub took for this person in the newest event that names them may be somebody else. */
static void put_split(opening *o, const alert_person *known)
{
    html_page *p = &o->people;
    char path[160];
    (void)snprintf(path, sizeof path, "/act/%s/split-link?person=%llu&event=%llu&subject=%u&version=%u", o->item,
                   (unsigned long long)known->person, (unsigned long long)known->sequence, known->subject, o->version);
    html(p, " <a class=\"govuk-link board-no-print\" href=\"");
    html_attribute(p, path);
    html(p, "\">Not them<span class=\"govuk-visually-hidden\">, person ");
    html_number(p, (int64_t)known->person);
    html(p, "</span></a>");
}

/* One line a person at risk, decided on its own. The newest event that names them says who they are. */
static void put_line(visit *v, opening *o, const Mash__V1__DecisionLine *line, uint32_t may)
{
    const alert_person *known = alert_people_find(v, line->person);
    bool may_decide = (may >> MASH__V1__ACT_KIND__ACT_KIND_DECIDE & 1) != 0;
    bool may_split = (may >> MASH__V1__ACT_KIND__ACT_KIND_SPLIT_LINK & 1) != 0;
    html_page *p = &o->people;
    char path[96];
    bool is_decided = strcmp(line->state, "decided") == 0;
    html(p, "<div class=\"govuk-summary-list__row\"><dt class=\"govuk-summary-list__key\">");
    alert_people_put(v, p, line->person);
    html(p, "</dt><dd class=\"govuk-summary-list__value\">");
    html_text(p, is_decided ? outcome_words(v, line->outcome) : "not yet decided");
    html(p, "</dd><dd class=\"govuk-summary-list__actions\">");
    if (!is_decided && may_decide) {
        (void)snprintf(path, sizeof path, "/act/%s/decide?person=%llu&version=%u", o->item, (unsigned long long)line->person,
                       o->version);
        html(p, "<a class=\"govuk-link board-no-print\" href=\"");
        html_attribute(p, path);
        html(p, "\">Decide<span class=\"govuk-visually-hidden\"> about person ");
        html_number(p, (int64_t)line->person);
        html(p, "</span></a>");
    }
    if (may_split && known != NULL && known->sequence != 0) put_split(o, known);
    if (known != NULL && known->number[0] != '\0') page_known(v, p, known->number, known->person, visit_purpose(v));
    html(p, "</dd></div>");
}

static void put_other(visit *v, opening *o, const Mash__V1__Alert *alert)
{
    html_page *p = &o->other;
    if (alert->hold_asked_of[0] != '\0') {
        bool is_me = strcmp(alert->hold_asked_of, v->person_id) == 0;
        html(p, "<li>");
        page_person(p, v, alert->hold_asked_of);
        html(p, " is asked to agree that it is held until ");
        page_when(p, v->b->policy, alert->hold_asked_until_ms);
        html_text(p,
                  is_me ? ". That is you: Hold, below, agrees when you leave its time empty." : ". Until then nothing is held.");
        html(p, "</li>");
    }
    for (size_t i = 0; i < alert->n_requests; i++) {
        char path[96];
        (void)snprintf(path, sizeof path, "/item/%s?alert=%s", alert->requests[i], o->item);
        html(p, "<li>An agency has been asked: <a class=\"govuk-link\" href=\"");
        html_attribute(p, path);
        html(p, "\">");
        html_text(p, alert->requests[i]);
        html(p, "</a></li>");
    }
    for (size_t i = 0; i < alert->n_disagreements; i++) {
        char path[96];
        (void)snprintf(path, sizeof path, "/item/%s?alert=%s", alert->disagreements[i], o->item);
        html(p, "<li>Two teams disagree: <a class=\"govuk-link\" href=\"");
        html_attribute(p, path);
        html(p, "\">");
        html_text(p, alert->disagreements[i]);
        html(p, "</a></li>");
    }
}

/* The alert as the newest delivery has it; lines are named by the newest event that names them. */
static void put_standing(visit *v, opening *o, const Mash__V1__Delivery *d, const board_row *row)
{
    int32_t queue = people_queue(v->b->policy, v->b->config.queues[row->queue]);
    static const Mash__V1__ActKind AT_A_LINE[] = {MASH__V1__ACT_KIND__ACT_KIND_DECIDE, MASH__V1__ACT_KIND__ACT_KIND_SPLIT_LINK};
    uint32_t may = 0;
    for (size_t i = 0; queue >= 0 && i < sizeof AT_A_LINE / sizeof AT_A_LINE[0]; i++)
        may |= person_may(&v->who, (uint32_t)queue, AT_A_LINE[i]) ? UINT32_C(1) << AT_A_LINE[i] : 0;
    hub_buffer_clear(&o->people);
    hub_buffer_clear(&o->clocks);
    hub_buffer_clear(&o->other);
    o->version = d->alert->version;
    o->has_alert = true;
    o->lines = (uint32_t)d->alert->n_lines;
    for (size_t i = 0; i < d->alert->n_lines; i++)
        put_line(v, o, d->alert->lines[i], may);
    for (size_t i = 0; i < d->alert->n_overdue; i++)
        page_clock_row(v, &o->clocks, d->alert->overdue[i]);
    for (size_t i = 0; i < d->alert->n_clocks; i++)
        page_clock_row(v, &o->clocks, d->alert->clocks[i]);
    put_other(v, o, d->alert);
}

/* ---- acts --------------------------------------------------------------------------------------------------------------------- */
static bool fits_state(const visit *v, const act_form *form, const board_row *row)
{
    bool is_mine = strcmp(row->owner, v->person_id) == 0;
    switch (form->kind) {
    case MASH__V1__ACT_KIND__ACT_KIND_CLAIM:
        return row->state != ROW_ENDED && (!is_mine || row->claim_again);
    case MASH__V1__ACT_KIND__ACT_KIND_SEEN:
        return !row->is_seen && row->state != ROW_ENDED;
    case MASH__V1__ACT_KIND__ACT_KIND_RELEASE:
    case MASH__V1__ACT_KIND__ACT_KIND_HAND_OVER:
        return row->owner[0] != '\0' && row->state != ROW_ENDED;
    case MASH__V1__ACT_KIND__ACT_KIND_HOLD:
        return row->state == ROW_OPEN;
    case MASH__V1__ACT_KIND__ACT_KIND_RESUME:
        return row->state == ROW_HELD;
    case MASH__V1__ACT_KIND__ACT_KIND_NOTE:
    case MASH__V1__ACT_KIND__ACT_KIND_DISPUTE:
    case MASH__V1__ACT_KIND__ACT_KIND_CONFIRM_LINK:
    case MASH__V1__ACT_KIND__ACT_KIND_SPLIT_LINK:
        return true;
    case MASH__V1__ACT_KIND__ACT_KIND_DECIDE:  /* at each line */
    case MASH__V1__ACT_KIND__ACT_KIND_RESTATE: /* at each clock */
        return false;
    default:
        return row->state != ROW_ENDED;
    }
}

static void put_acts(visit *v, const opening *o, const board_row *row)
{
    html_page *p = &v->page;
    int32_t queue = people_queue(v->b->policy, v->b->config.queues[row->queue]);
    html(p,
         "<section class=\"board-no-print\" aria-labelledby=\"do\"><h2 class=\"govuk-heading-m\" id=\"do\">What you can do</h2>");
    for (const act_form *form = ACT_FORMS; form->code != NULL; form++) {
        bool may =
            form->item == 'A' && queue >= 0 && person_may(&v->who, (uint32_t)queue, form->kind) && fits_state(v, form, row);
        if (may && form->is_at_once) at_once_put(v, form, o->item, o->item, o->version);
    }
    html(p, "<ul class=\"govuk-list\">");
    for (const act_form *form = ACT_FORMS; form->code != NULL; form++) {
        char path[128];
        bool may =
            form->item == 'A' && queue >= 0 && person_may(&v->who, (uint32_t)queue, form->kind) && fits_state(v, form, row);
        if (!may || form->is_at_once) continue;
        (void)snprintf(path, sizeof path, "/act/%s/%s?version=%u", o->item, form->code, o->version);
        html(p, "<li><a class=\"govuk-link\" href=\"");
        html_attribute(p, path);
        html(p, "\">");
        html_text(p, form->title);
        html(p, "</a></li>");
    }
    html(p, "</ul></section>");
}

/* ---- the page ----------------------------------------------------------------------------------------------------------------- */
static void put_heading(visit *v, const opening *o, const board_row *row)
{
    html_page *p = &v->page;
    html(p, "<div data-now=\"");
    html_number(p, v->now_ms);
    html(p, "\"><a class=\"govuk-back-link\" href=\"/queue/unclaimed\">Lists</a><h1 class=\"govuk-heading-l\">Alert ");
    html_text(p, o->item);
    html(p, "</h1><p class=\"govuk-body\">");
    page_rating(p, row->rating, row->is_provisional);
    if (row->rated_by[0] != '\0') {
        if (row->is_provisional) {
            html(p, ", by rule ");
            html_text(p, row->rated_by);
        } else {
            html(p, " rated by ");
            page_person(p, v, row->rated_by);
        }
    }
    html(p, " &middot; ");
    html_text(p, row->area);
    html(p, " &middot; opened ");
    page_when(p, v->b->policy, row->opened_ms);
    html(p, " &middot; ");
    html_text(p, row->state == ROW_ENDED ? "ended" : row->state == ROW_HELD ? "held until " : "open");
    if (row->state == ROW_HELD) page_when(p, v->b->policy, row->held_until_ms);
    html(p, " &middot; owner: ");
    page_person(p, v, row->owner);
    if (row->offered_to[0] != '\0') {
        html(p, ", offered to ");
        page_person(p, v, row->offered_to);
    }
    html(p, "</p>");
    if (row->is_exercise) html(p, "<p class=\"govuk-inset-text\"><strong>EXERCISE: this is a drill.</strong></p>");
}

static void put_done(visit *v, opening *o)
{
    html_page *p = &v->page;
    if (o->done.size == 0) return;
    page_begin_done(p);
    html(p, "You ");
    alert_people_fill(v, p, &o->done);
    page_end_done(p);
}

static void put_section(visit *v, const char *title, const html_page *part)
{
    html_page *p = &v->page;
    if (part->size == 0) return;
    html(p, "<h2 class=\"govuk-heading-m\">");
    html_text(p, title);
    html(p, "</h2><dl class=\"govuk-summary-list\">");
    alert_people_fill(v, p, part);
    html(p, "</dl>");
}

/* The rules; without one, what brought it; without that, what was said first ("the rule ... is no longer at hand"). */
static void put_why(html_page *p, opening *o)
{
    const char *occasion = o->occasion[0] != '\0' ? o->occasion : o->first_reason;
    html(p, "<details class=\"govuk-details\" open><summary class=\"govuk-details__summary\"><span "
            "class=\"govuk-details__summary-text\">Why am I seeing this?</span></summary><div class=\"govuk-details__text\"><ul "
            "class=\"govuk-list govuk-list--bullet\">");
    html_part(p, &o->reasons);
    if (o->rule_count == 0 && occasion[0] != '\0') {
        html(p, "<li>");
        html_text(p, occasion);
        html(p, "</li>");
    }
    html(p, "</ul></div></details>");
}

static void put_timeline(visit *v, const opening *o)
{
    html_page *p = &v->page;
    char path[96];
    uint64_t first = o->earlier.entries > 0 ? o->earlier.first : o->newest.first;
    html(p, "<h2 class=\"govuk-heading-m\">What was said and done</h2>");
    if (o->has_older) {
        (void)snprintf(path, sizeof path, "/alert/%s%s?before=%llu", o->item, o->is_print ? "/print" : "",
                       (unsigned long long)first);
        html(p, "<p class=\"govuk-inset-text\">There is more from before this. <a class=\"govuk-link\" ");
        html_href(p, path, NULL);
        html(p, ">Older entries</a></p>");
    }
    html(p, "<div class=\"moj-timeline\">");
    alert_people_fill(v, p, &o->earlier.page);
    alert_people_fill(v, p, &o->newest.page);
    html(p, "</div>");
    if (o->before != 0) {
        (void)snprintf(path, sizeof path, "/alert/%s%s", o->item, o->is_print ? "/print" : "");
        html(p, "<p class=\"govuk-inset-text\">There is more from after this. <a class=\"govuk-link\" ");
        html_href(p, path, NULL);
        html(p, ">Newest entries</a></p>");
    }
    if (o->is_cut)
        html(p,
             "<p class=\"govuk-inset-text\"><strong>More was said after this than the board can read: ask whoever runs the hub "
             "for a trace of it.</strong></p>");
}

static void put_page(visit *v, opening *o, const board_row *row, const Mash__V1__Explained *explained)
{
    html_page *p = &v->page;
    char title[64];
    (void)snprintf(title, sizeof title, "Alert %s", o->item);
    page_begin(v, title);
    put_heading(v, o, row);
    if (!o->is_print) put_done(v, o);
    if (o->is_own || explained->own) page_own(p);
    put_why(p, o);
    put_section(v, "Who it is about: one decision each", &o->people);
    put_section(v, "Clocks", &o->clocks);
    if (o->other.size > 0) {
        html(p, "<ul class=\"govuk-list govuk-list--bullet\">");
        html_part(p, &o->other);
        html(p, "</ul>");
    }
    if (!o->is_print) put_acts(v, o, row);
    put_timeline(v, o);
    html(p, "<details class=\"govuk-details\"><summary class=\"govuk-details__summary\"><span "
            "class=\"govuk-details__summary-text\">How the hub decided, record by record</span></summary><div "
            "class=\"govuk-details__text\">");
    for (size_t i = 0; i < explained->n_lines; i++) {
        html(p, "<p class=\"govuk-body-s board-indent-");
        html_number(p, explained->lines[i]->indent > 3 ? 3 : explained->lines[i]->indent);
        html(p, "\">");
        html_text(p, explained->lines[i]->text);
        html(p, "</p>");
    }
    html(p, "</div></details>");
    if (!o->is_print) {
        html(p, "<p class=\"govuk-body board-no-print\"><a class=\"govuk-link\" href=\"/alert/");
        html_attribute(p, o->item);
        html(p, "/print\">For printing</a></p>");
    }
    html(p, "</div>");
    page_end(v);
}

/* ---- the timeline ---------------------------------------------------------------------------------------------------------------- */
static void take_entry(visit *v, opening *o, const Mash__V1__Delivery *d)
{
    uint64_t record = d->position == NULL ? 0 : d->position->sequence;
    if (!timeline_is_new(&o->seen, d) || (o->before != 0 && record >= o->before)) return;
    if (o->newest.entries >= ENTRIES_MAX && record != o->seen_before) {
        html_page spare = o->earlier.page;
        o->has_older = o->has_older || o->earlier.entries > 0;
        o->earlier = o->newest;
        hub_buffer_clear(&spare);
        o->newest = (stretch){.page = spare};
    }
    if (o->newest.entries++ == 0) o->newest.first = record;
    o->seen_before = record;
    timeline_entry(v, &o->newest.page, d);
}

/* ---- asking ------------------------------------------------------------------------------------------------------------------- */
static void give_up(visit *v, link_outcome outcome, const Mash__V1__HubFrame *answer)
{
    close_opening(v->work);
    visit_trouble(v, outcome, answer);
}

/* The row, after another turn of the loop: it may be gone, or no longer be for this person. NULL: the visit has been ended. */
static const board_row *row_again(visit *v)
{
    opening *o = v->work, kept = *o; /* `o` lies in the visit's arena, which goes when the visit ends */
    if (!visit_again(v)) {
        close_opening(&kept);
        return NULL;
    }
    const board_row *row = sight_find(&v->sees, o->alert);
    if (row == NULL) {
        visit_error(v, 404, "Page not found", "There is no such alert, or it is not for you.");
        close_opening(&kept);
    }
    return row;
}

static void on_explained(void *context, link_outcome outcome, const Mash__V1__HubFrame *answer)
{
    visit *v = context;
    opening *o = v->work;
    const board_row *row = row_again(v);
    if (row == NULL) return;
    if (outcome != LINK_ANSWERED || answer->body_case != MASH__V1__HUB_FRAME__BODY_EXPLAINED) {
        give_up(v, outcome, answer);
        return;
    }
    put_page(v, o, row, answer->explained);
    close_opening(o);
    visit_answer(v, 200);
}

static void ask_why(visit *v, opening *o)
{
    Mash__V1__ClientFrame frame = MASH__V1__CLIENT_FRAME__INIT;
    Mash__V1__Explain explain = MASH__V1__EXPLAIN__INIT;
    explain.id = o->item;
    explain.purpose = visit_purpose(v);
    explain.on_behalf_of = v->person_id;
    frame.body_case = MASH__V1__CLIENT_FRAME__BODY_EXPLAIN;
    frame.explain = &explain;
    link_ask(v->b->gate, &frame, on_explained, v);
}

static void ask_said(visit *v, opening *o);

static void on_shown(void *context, link_outcome outcome, const Mash__V1__HubFrame *answer)
{
    visit *v = context;
    opening *o = v->work;
    const board_row *row = row_again(v);
    if (row == NULL) return;
    if (outcome != LINK_ANSWERED || answer->body_case != MASH__V1__HUB_FRAME__BODY_SHOWN) {
        give_up(v, outcome, answer);
        return;
    }
    const Mash__V1__Shown *shown = answer->shown;
    o->is_own = o->is_own || shown->own;
    for (size_t i = 0; i < shown->n_items; i++)
        alert_people_learn(v, shown->items[i]);
    for (size_t i = 0; i < shown->n_items; i++) {
        const Mash__V1__Delivery *d = shown->items[i];
        put_reasons(o, d);
        learn_occasion(o, d);
        take_entry(v, o, d);
        learn_done(v, o, d);
        if (d->alert != NULL && d->alert->version >= o->version && (d->event != NULL || !o->has_alert))
            put_standing(v, o, d, row);
    }
    o->after = shown->next_after;
    o->is_cut = o->after != 0 && ++o->pages >= ALERT_PAGES_MAX;
    if (o->after != 0 && !o->is_cut) {
        ask_said(v, o);
    } else {
        ask_why(v, o);
    }
}

static void ask_said(visit *v, opening *o)
{
    visit_show(v, o->item, o->after, o->is_print ? MASH__V1__READ_KIND__READ_KIND_PRINT : MASH__V1__READ_KIND__READ_KIND_OPEN,
               on_shown);
}

static void open_alert(visit *v, bool is_print)
{
    char *end = NULL;
    uint64_t alert = v->part[0][0] == 'A' ? strtoull(v->part[0] + 1, &end, 10) : 0;
    bool is_item = end != NULL && *end == '\0' && alert > 0;
    opening *o = hub_arena_take(&v->arena, sizeof *o);
    if (o == NULL || !is_item || sight_find(&v->sees, alert) == NULL) {
        visit_error(v, 404, "Page not found", "There is no such alert, or it is not for you.");
        return;
    }
    o->alert = alert;
    o->is_print = v->is_paper = is_print;
    v->names_later = true;
    o->before = strtoull(http_form_text(&v->query, "before"), NULL, 10);
    (void)snprintf(o->item, sizeof o->item, "A%llu", (unsigned long long)alert);
    v->work = o;
    ask_said(v, o);
}

void page_alert(visit *v)
{
    open_alert(v, false);
}

void page_alert_print(visit *v)
{
    open_alert(v, true);
}
