#include "timeline.h"

#include <string.h>

#include "board/alert_people.h"
#include "board/said.h"
#include "event/event.h"

enum { MINUTE_MS = 60 * 1000 };

void timeline_act(const visit *v, html_page *p, const Mash__V1__ActView *act)
{
    html_text(p, act->plain);
    if (act->person != 0) {
        html(p, " &ndash; ");
        alert_people_put(v, p, act->person);
    }
    if (act->to[0] != '\0') {
        html(p, " &ndash; ");
        page_person(p, v, act->to);
    }
}

static void begin_entry(visit *v, html_page *p, const Mash__V1__Delivery *d)
{
    html(p, "<div class=\"moj-timeline__item\"><div class=\"moj-timeline__header\"><h3 class=\"moj-timeline__title\">");
    if (d->event != NULL) {
        said_kind(p, d->event);
    } else if (d->act != NULL) {
        timeline_act(v, p, d->act);
    } else if (d->lapsed != NULL) {
        html(p, "A clock ran out");
    } else if (d->escalation != NULL) {
        html(p, "Nobody acted in time");
    } else {
        html(p, "Told");
    }
    html(p, "</h3><p class=\"moj-timeline__byline\">");
    if (d->event != NULL && d->event->agency != MASH__V1__AGENCY__AGENCY_UNSPECIFIED) {
        html(p, "by ");
        html_text(p, event_agency_name(d->event->agency));
    } else if (d->act != NULL) {
        html(p, "by ");
        if (d->act->who[0] != '\0') {
            page_person(p, v, d->act->who);
            html(p, ", ");
        }
        html_text(p, people_team_shown(v->b->policy, d->act->team));
    }
    html(p, "</p></div><p class=\"moj-timeline__date\"><time>");
    page_when(p, v->b->policy, d->time_ms);
    html(p, "</time></p><div class=\"moj-timeline__description\">");
}

static void put_times(visit *v, html_page *p, const Mash__V1__Event *event)
{
    if (event->occurred_at > 1) {
        html(p, "<p class=\"govuk-body-s\">Happened ");
        page_when(p, v->b->policy, event->occurred_at);
        html(p, "</p>");
    }
    if (event->amends.len > 0) html(p, "<p class=\"govuk-body-s\"><strong>Corrects an earlier one</strong></p>");
    if (event->retracts.len > 0) html(p, "<p class=\"govuk-body-s\"><strong>Withdraws an earlier one</strong></p>");
}

/* Who bears no name in this event may bear one in another: then they are called by it, and it is seen that it is not this event's. */
static void put_subject(const visit *v, html_page *p, const Mash__V1__Delivery *d, size_t place)
{
    const Mash__V1__Subject *subject = d->event->subjects[place];
    uint64_t number = alert_people_number(d, place);
    said_person(p, subject);
    if (number == 0) return;
    if (!said_is_named(subject)) {
        alert_people_put_known(v, p, number);
        return;
    }
    html(p, " <span class=\"govuk-body-s\">(person ");
    html_number(p, (int64_t)number);
    html(p, ")</span>");
}

static void put_event(visit *v, html_page *p, const Mash__V1__Delivery *d)
{
    static const char *const ASIDE[] = {"event_id", "agency", "subjects", "summary", "occurred_at", "amends", "retracts", NULL};
    const Mash__V1__Event *event = d->event;
    put_times(v, p, event);
    if (event->summary[0] != '\0') {
        html(p, "<p class=\"govuk-body board-text\">");
        html_text(p, event->summary);
        html(p, "</p>");
    }
    html(p, "<ul class=\"govuk-list\">");
    for (size_t i = 0; i < event->n_subjects; i++) {
        html(p, "<li>");
        put_subject(v, p, d, i);
        html(p, "</li>");
    }
    html(p, "</ul>");
    said_pictures(p, v->b->policy, event);
    html(p, "<details class=\"govuk-details\"");
    if (v->is_paper) html(p, " open");
    html(p, "><summary class=\"govuk-details__summary\"><span class=\"govuk-details__summary-text\">All that was "
            "said</span></summary><div class=\"govuk-details__text\">");
    said_fields(p, v->b->policy, &event->base, ASIDE);
    for (size_t i = 0; i < event->n_subjects; i++) {
        html(p, "<h4 class=\"govuk-heading-s\">");
        said_person(p, event->subjects[i]);
        html(p, "</h4>");
        said_fields(p, v->b->policy, &event->subjects[i]->base, NULL);
    }
    html(p, "</div></details>");
}

static void put_withheld(html_page *p, const Mash__V1__Delivery *d)
{
    if (d->n_withheld == 0) return;
    html(p, "<p class=\"govuk-body-s\">Stated, and not for your team: ");
    for (size_t i = 0; i < d->n_withheld; i++) {
        if (i > 0) html(p, ", ");
        html_text(p, d->withheld[i]);
    }
    html(p, "</p>");
}

static void put_words(html_page *p, const char *text)
{
    if (text[0] == '\0') return;
    html(p, "<p class=\"govuk-body board-text\">");
    html_text(p, text);
    html(p, "</p>");
}

static void put_due(visit *v, html_page *p, const Mash__V1__LapsedClock *lapsed)
{
    html(p, "It was due ");
    page_when(p, v->b->policy, lapsed->due_ms);
    if (lapsed->late_ms >= MINUTE_MS) {
        html(p, ", and the hub said so ");
        page_span(p, lapsed->late_ms / MINUTE_MS);
        html(p, " later");
    }
    html(p, ".");
}

static void put_lapsed(visit *v, html_page *p, const Mash__V1__LapsedClock *lapsed)
{
    put_words(p, lapsed->plain);
    if (lapsed->statutory || !lapsed->due_unknown) {
        html(p, "<p class=\"govuk-body\">");
        if (lapsed->statutory) html(p, "Required by statute. ");
        if (!lapsed->due_unknown) put_due(v, p, lapsed);
        html(p, "</p>");
    }
    if (lapsed->due_unknown || lapsed->late_ms >= MINUTE_MS)
        put_words(p, lapsed->cause); /* why so late: else there is nothing to say */
}

static void put_disagreement(visit *v, html_page *p, const Mash__V1__DisagreementView *view)
{
    html(p, "<p class=\"govuk-body\">");
    html_text(p, view->disagreement);
    html(p, ": ");
    html_text(p, people_team_shown(v->b->policy, view->team));
    html(p, " and ");
    html_text(p, people_team_shown(v->b->policy, view->with_team));
    html(p, " disagree.</p>"); /* the stage of today stands on the disagreement's own page: this is of another day */
    put_words(p, view->danger);
}

static bool is_new_move(timeline_seen *seen, const Mash__V1__Event *event)
{
    if (event->event_id.len != TIMELINE_ID_BYTES) return true;
    for (uint32_t i = 0; i < seen->moved_count; i++) {
        if (memcmp(seen->moved[i], event->event_id.data, TIMELINE_ID_BYTES) == 0) return false;
    }
    if (seen->moved_count < TIMELINE_MOVED_MAX) memcpy(seen->moved[seen->moved_count++], event->event_id.data, TIMELINE_ID_BYTES);
    return true;
}

bool timeline_is_new(timeline_seen *seen, const Mash__V1__Delivery *d)
{
    uint64_t sequence = d->position == NULL ? 0 : d->position->sequence;
    if (sequence != seen->newest) seen->moved_count = 0;
    if (d->event != NULL && d->kind == MASH__V1__DELIVERY_KIND__DELIVERY_KIND_MOVED_HERE) {
        seen->kinds = sequence == seen->newest ? seen->kinds : 0;
        seen->newest = sequence;
        return is_new_move(seen, d->event);
    }
    uint32_t kind = d->event != NULL ? 1 : 1U << ((unsigned)d->kind & 31);
    bool is_new = sequence != seen->newest || (seen->kinds & kind) == 0;
    seen->kinds = sequence == seen->newest ? seen->kinds | kind : kind;
    seen->newest = sequence;
    return is_new;
}

void timeline_entry(visit *v, html_page *p, const Mash__V1__Delivery *d)
{
    begin_entry(v, p, d);
    if (d->event != NULL) put_event(v, p, d);
    if (d->act != NULL) put_words(p, d->act->words);
    if (d->lapsed != NULL) put_lapsed(v, p, d->lapsed);
    bool is_said = d->lapsed != NULL && d->escalation != NULL && strcmp(d->lapsed->plain, d->escalation->plain) == 0;
    if (d->escalation != NULL && !is_said) put_words(p, d->escalation->plain);
    if (d->request != NULL) {
        if (d->act == NULL) put_words(p, d->request->question); /* else those are the act's own words */
        put_words(p, d->request->answer);
    }
    if (d->disagreement != NULL) put_disagreement(v, p, d->disagreement);
    put_withheld(p, d);
    html(p, "</div></div>");
}
