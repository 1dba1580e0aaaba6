/* page_item.c - a disagreement, a request for information, feedback, a notice: what was said on both sides, as it stands, and what may be done. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/id.h"
#include "board/act_form.h"
#include "board/at_once.h"
#include "board/board.h"
#include "board/page_clock.h"
#include "board/routes.h"
#include "board/timeline.h"
#include "host/random.h"

typedef struct opening {
    char item[VISIT_CODE_MAX], alert[VISIT_CODE_MAX];
    html_page timeline, asked, standing;    /* asked: what stands of a question for good */
    char acts_queue[CORE_NAME_MAX];         /* whose teams act on it; "" = each side of it does */
    bool has_team, has_question, is_closed; /* closed: settled, or seen */
    uint64_t after;
    uint32_t version;
} opening;

static void close_opening(opening *o)
{
    hub_buffer_free(&o->timeline);
    hub_buffer_free(&o->asked);
    hub_buffer_free(&o->standing);
}

/* ---- as it stands --------------------------------------------------------------------------------------------------------------- */
static void put_row(html_page *p, const char *key, const char *value)
{
    if (value[0] == '\0') return;
    html(p, "<div class=\"govuk-summary-list__row\"><dt class=\"govuk-summary-list__key\">");
    html_text(p, key);
    html(p, "</dt><dd class=\"govuk-summary-list__value board-text\">");
    html_text(p, value);
    html(p, "</dd></div>");
}

/* The agency of the policy that is asked there. */
static const char *agency_of(const core_policy *policy, const char *queue)
{
    int32_t position = people_queue(policy, queue);
    for (uint32_t i = 0; position >= 0 && i < policy->agency_count; i++) {
        if (policy->agencies[i].request_queue == position) return policy->agencies[i].name;
    }
    return queue;
}

/* Each delivery of a question tells what its own record has: the asking, or the answer. */
static void put_request(visit *v, opening *o, const Mash__V1__RequestView *request)
{
    html_page *p = &o->asked;
    if (!o->has_team && request->from_team[0] != '\0') {
        o->has_team = true;
        put_row(p, "Who asks", people_team_shown(v->b->policy, request->from_team));
    }
    if (!o->has_question && request->question[0] != '\0') {
        o->has_question = true;
        put_row(p, "Who is asked", agency_of(v->b->policy, request->asked_queue));
        put_row(p, "Question", request->question);
    }
    (void)snprintf(o->acts_queue, sizeof o->acts_queue, "%s", request->asked_queue);
    put_row(&o->standing, "Answered", request->answered ? "yes" : "not yet");
    put_row(&o->standing, "Answer", request->answer);
    if (request->clock != NULL) page_clock_row(v, &o->standing, request->clock);
}

static void put_disagreement(visit *v, opening *o, const Mash__V1__DisagreementView *view)
{
    html_page *p = &o->standing;
    o->version = view->version;
    o->is_closed = strcmp(view->state, "closed") == 0;
    put_row(p, "Who disagrees", people_team_shown(v->b->policy, view->team));
    put_row(p, "With whom", people_team_shown(v->b->policy, view->with_team));
    put_row(p, "State", view->state);
    put_row(p, "Stage", view->plain);
    put_row(p, "Lane", view->lane);
    put_row(p, "Why at this stage", view->cause);
    if (view->clock != NULL) page_clock_row(v, p, view->clock);
    put_row(p, "Immediate danger", view->danger);
}

static void put_feedback(opening *o, const Mash__V1__Delivery *d)
{
    (void)snprintf(o->acts_queue, sizeof o->acts_queue, "%s", d->queue);
    put_row(&o->standing, "Decided", d->feedback->plain);
    put_row(&o->standing, "In words", d->feedback->words);
    put_row(&o->standing, "Seen by a person of your agency", d->feedback->seen ? "yes" : "not yet");
    o->is_closed = d->feedback->seen != 0;
}

static void put_notice(opening *o, const Mash__V1__Delivery *d)
{
    (void)snprintf(o->acts_queue, sizeof o->acts_queue, "%s", d->queue);
    put_row(&o->standing, "Seen by a person", d->notice_seen ? "yes" : "not yet");
    for (size_t i = 0; i < d->n_reasons; i++)
        put_row(&o->standing, "Why you are told", d->reasons[i]->plain);
    o->is_closed = d->notice_seen != 0;
}

static void put_standing(visit *v, opening *o, const Mash__V1__Delivery *d)
{
    bool is_disagreement = d->disagreement != NULL && strcmp(d->disagreement->disagreement, o->item) == 0;
    bool is_request = d->request != NULL && strcmp(d->request->request, o->item) == 0;
    bool is_feedback = d->feedback != NULL && strcmp(d->feedback->feedback, o->item) == 0;
    bool is_notice = strcmp(d->notice, o->item) == 0;
    if (is_disagreement || is_request || is_feedback || is_notice) hub_buffer_clear(&o->standing);
    if (is_disagreement) put_disagreement(v, o, d->disagreement);
    if (is_request) put_request(v, o, d->request);
    if (is_feedback) put_feedback(o, d);
    if (is_notice) put_notice(o, d);
    if (d->alert != NULL) (void)snprintf(o->alert, sizeof o->alert, "%s", d->alert->alert_id);
}

/* ---- the page ------------------------------------------------------------------------------------------------------------------- */
/* Of a disagreement, what each of its sides may do at this time; of all others, what the teams of one queue may. */
static bool may(const visit *v, const opening *o, Mash__V1__ActKind kind)
{
    int32_t queue = o->acts_queue[0] == '\0' ? -1 : people_queue(v->b->policy, o->acts_queue);
    if (o->item[0] != 'D') return queue >= 0 && person_may(&v->who, (uint32_t)queue, kind);
    if (o->is_closed != (kind == MASH__V1__ACT_KIND__ACT_KIND_RECORD_OUTCOME)) return false;
    for (uint32_t i = 0; i < v->who.row_count; i++) {
        if ((v->b->policy->roles[v->who.rows[i]->role].may >> kind & 1) != 0) return true;
    }
    return false;
}

static void put_acts(visit *v, const opening *o)
{
    html_page *p = &v->page;
    for (const act_form *form = ACT_FORMS; form->code != NULL; form++) {
        bool is_here = form->item == o->item[0] && form->is_at_once && !o->is_closed && may(v, o, form->kind);
        if (is_here) at_once_put(v, form, o->item, o->alert, o->version);
    }
    html(p, "<ul class=\"govuk-list board-no-print\">");
    for (const act_form *form = ACT_FORMS; form->code != NULL; form++) {
        char path[192];
        if (form->item != o->item[0] || form->is_at_once || !may(v, o, form->kind)) continue;
        (void)snprintf(path, sizeof path, "/act/%s/%s?version=%u&alert=%s", o->item, form->code, o->version, o->alert);
        html(p, "<li><a class=\"govuk-link\" href=\"");
        html_attribute(p, path);
        html(p, "\">");
        html_text(p, form->title);
        html(p, "</a></li>");
    }
    html(p, "</ul>");
}

static void put_page(visit *v, const opening *o)
{
    static const char *const KINDS[] = {['D'] = "Disagreement", ['R'] = "Request", ['F'] = "Feedback", ['N'] = "Notice"};
    html_page *p = &v->page;
    char title[96];
    (void)snprintf(title, sizeof title, "%s %s", KINDS[(unsigned char)o->item[0]], o->item);
    page_begin(v, title);
    html(p, "<div data-now=\"");
    html_number(p, v->now_ms);
    html(p, "\"><a class=\"govuk-back-link\" ");
    if (o->alert[0] == 'A' && sight_find(&v->sees, strtoull(o->alert + 1, NULL, 10)) != NULL) {
        html_href(p, "/alert/", o->alert);
        html(p, ">Alert ");
        html_text(p, o->alert);
    } else if (o->item[0] == 'N') {
        html_href(p, "/told", NULL);
        html(p, ">Alarms and notices");
    } else { /* an agency is shown no alert */
        html_href(p, "/asked", NULL);
        html(p, ">Asked of you");
    }
    html(p, "</a><h1 class=\"govuk-heading-l\">");
    html_text(p, title);
    html(p, "</h1><dl class=\"govuk-summary-list\">");
    hub_buffer_put(p, o->asked.data, o->asked.size);
    hub_buffer_put(p, o->standing.data, o->standing.size);
    html(p, "</dl>");
    put_acts(v, o);
    html(p, "<h2 class=\"govuk-heading-m\">What was said and done</h2><div class=\"moj-timeline\">");
    hub_buffer_put(p, o->timeline.data, o->timeline.size);
    html(p, "</div></div>");
    if (o->asked.failed || o->standing.failed || o->timeline.failed) p->failed = true;
    page_end(v);
}

/* ---- asking --------------------------------------------------------------------------------------------------------------------- */
static void ask(visit *v, opening *o);

/* No delivery says that a notice or feedback has been seen: this page does, to which whoever says Seen is led back, and for each team by itself. */
static void take_seen(visit *v, const Mash__V1__Delivery *d)
{
    int32_t queue = board_config_queue(&v->b->config, d->queue);
    if (queue >= 0) rows_shown(v->b->rows, (uint32_t)queue, d);
}

static void on_shown(void *context, link_outcome outcome, const Mash__V1__HubFrame *answer)
{
    visit *v = context;
    opening *o = v->work, kept = *o;
    if (!visit_again(v)) {
        close_opening(&kept);
        return;
    }
    if (outcome != LINK_ANSWERED || answer->body_case != MASH__V1__HUB_FRAME__BODY_SHOWN) {
        visit_trouble(v, outcome, answer);
        close_opening(&kept);
        return;
    }
    for (size_t i = 0; i < answer->shown->n_items; i++) {
        take_seen(v, answer->shown->items[i]);
        timeline_entry(v, &o->timeline, answer->shown->items[i]);
        put_standing(v, o, answer->shown->items[i]);
    }
    o->after = answer->shown->next_after;
    if (o->after != 0) {
        ask(v, o);
        return;
    }
    kept = *o;
    if (!answer->shown->found) {
        visit_error(v, 404, "Page not found", "There is no such item, or it is not for you.");
    } else {
        put_page(v, o);
        visit_answer(v, 200);
    }
    close_opening(&kept);
}

static void ask(visit *v, opening *o)
{
    visit_show(v, o->item, o->after, MASH__V1__READ_KIND__READ_KIND_OPEN, on_shown);
}

void page_item(visit *v)
{
    const char *item = v->part[0];
    opening *o = hub_arena_take(&v->arena, sizeof *o);
    bool is_item =
        strchr("DRFN", item[0]) != NULL && item[0] != '\0' && item[1] != '\0' && item[1 + strspn(item + 1, "0123456789")] == '\0';
    if (o == NULL || !is_item) {
        visit_error(v, 404, "Page not found", "There is no such item, or it is not for you.");
        return;
    }
    (void)snprintf(o->item, sizeof o->item, "%s", item);
    v->work = o;
    ask(v, o);
}
