#include "pack_page.h"

#include <string.h>

#include "board/page_clock.h"
#include "board/said.h"
#include "host/files.h"

/* ---- one item's text ---------------------------------------------------------------------------------------------------------- */
static bool is_new_rule(pack_text *t, const char *rule)
{
    for (uint32_t i = 0; i < t->rule_count; i++) {
        if (strcmp(t->rules[i], rule) == 0) return false;
    }
    if (t->rule_count == PACK_RULES_MAX) return false;
    (void)hub_format(t->rules[t->rule_count++], CORE_NAME_MAX, "%s", rule);
    return true;
}

static void take_reasons(pack_text *t, const Mash__V1__Delivery *d)
{
    for (size_t i = 0; i < d->n_reasons; i++) {
        if (d->reasons[i]->rule[0] == '\0' || !is_new_rule(t, d->reasons[i]->rule)) continue;
        html(&t->reasons, "<li>");
        html_text(&t->reasons, d->reasons[i]->plain);
        html(&t->reasons, "</li>");
    }
}

static pack_person *person_of(pack_text *t, uint64_t number)
{
    for (uint32_t i = 0; i < t->people_count; i++) {
        if (t->people[i].person == number) return &t->people[i];
    }
    if (t->people_count == PACK_PEOPLE_MAX) return NULL;
    t->people[t->people_count].person = number;
    return &t->people[t->people_count++];
}

static void take_people(pack_text *t, const Mash__V1__Delivery *d)
{
    for (size_t i = 0; d->alert != NULL && i < d->alert->n_lines; i++) {
        const Mash__V1__DecisionLine *line = d->alert->lines[i];
        pack_person *who = person_of(t, line->person);
        if (who == NULL) return;
        who->is_decided = strcmp(line->state, "decided") == 0;
        (void)hub_format(who->outcome, sizeof who->outcome, "%s", line->outcome);
        if (d->event == NULL || line->subject < 1 || line->subject > d->event->n_subjects) continue;
        const Mash__V1__Subject *subject = d->event->subjects[line->subject - 1];
        if (who->is_named && !said_is_named(subject)) continue;
        who->is_named = said_is_named(subject);
        hub_buffer_clear(&who->who);
        said_person(&who->who, subject);
    }
}

void pack_text_take(pack_text *t, visit *paper, const Mash__V1__Delivery *d)
{
    take_reasons(t, d);
    take_people(t, d);
    if (!timeline_is_new(&t->seen, d)) return;
    html_page *entry = &t->entries[t->entry_count++ % PACK_ENTRIES_MAX];
    hub_buffer_clear(entry);
    timeline_entry(paper, entry, d);
}

static const char *outcome_words(const core_policy *policy, const char *id)
{
    for (uint32_t i = 0; i < policy->outcome_count; i++) {
        if (strcmp(policy->outcomes[i].id, id) == 0) return policy->outcomes[i].plain;
    }
    return id;
}

static void put_people(pack_text *t, const visit *paper, html_page *p)
{
    html(p, "<h4>Who it is about</h4><ul>");
    for (uint32_t i = 0; i < t->people_count; i++) {
        const pack_person *who = &t->people[i];
        html(p, "<li>");
        html_part(p, &who->who);
        html_text(p, who->who.size > 0 ? " (person " : "Person ");
        html_number(p, (int64_t)who->person);
        html_text(p, who->who.size > 0 ? "): " : ": ");
        html_text(p, who->is_decided ? outcome_words(paper->b->policy, who->outcome) : "not yet decided");
        html(p, "</li>");
    }
    html(p, "</ul>");
}

/* The newest entries that fit, oldest of them first. */
static void put_entries(pack_text *t, html_page *p)
{
    uint32_t kept = t->entry_count < PACK_ENTRIES_MAX ? t->entry_count : PACK_ENTRIES_MAX, shown = 0;
    size_t size = 0;
    while (shown < kept) {
        size += t->entries[(t->entry_count - shown - 1) % PACK_ENTRIES_MAX].size;
        if (shown > 0 && size > PACK_TEXT_BYTES_MAX) break;
        shown++;
    }
    html(p, "<h4>What was said and done</h4>");
    if (shown < t->entry_count) {
        html(p, "<p>");
        html_number(p, t->entry_count - shown);
        html(p, " older entries are left out here.</p>");
    }
    for (uint32_t i = t->entry_count - shown; i < t->entry_count; i++)
        html_part(p, &t->entries[i % PACK_ENTRIES_MAX]);
}

void pack_text_clear(pack_text *t)
{
    host_secret_free(&t->reasons);
    for (uint32_t i = 0; i < PACK_ENTRIES_MAX; i++)
        host_secret_free(&t->entries[i]);
    for (uint32_t i = 0; i < PACK_PEOPLE_MAX; i++)
        host_secret_free(&t->people[i].who);
    *t = (pack_text){0};
}

void pack_text_end(pack_text *t, const visit *paper, html_page *p)
{
    html(p, "<h4>Why it came</h4><ul>");
    html_part(p, &t->reasons);
    html(p, "</ul>");
    put_people(t, paper, p);
    put_entries(t, p);
    pack_text_clear(t);
}

/* ---- the lists ---------------------------------------------------------------------------------------------------------------- */
static void put_due(html_page *p, const visit *paper, const row_clock *clock)
{
    page_clock_due(paper, p, clock);
    html(p, " - ");
    page_clock_what(p, clock);
}

static void put_state(html_page *p, const visit *paper, const board_row *row)
{
    if (row->state == ROW_HELD) {
        html(p, "held until ");
        page_when(p, paper->b->policy, row->held_until_ms);
        html(p, "; ");
    }
    html(p, "owner: ");
    page_person(p, paper, row->owner);
    if (row->offered_to[0] != '\0') {
        html(p, "; offered to ");
        page_person(p, paper, row->offered_to);
    }
    if (row->request_count > 0) html(p, "; waits for an agency");
    if (row->disagreement_count > 0) html(p, "; teams disagree");
    if (row->is_exercise) html(p, "; EXERCISE");
}

static void put_name(html_page *p, const board_row *row)
{
    html(p, "A");
    html_number(p, (int64_t)row->alert);
}

static void put_line(html_page *p, const visit *paper, const board_row *row)
{
    html(p, "<tr><th scope=\"row\"><a href=\"#");
    put_name(p, row);
    html(p, "\">");
    put_name(p, row);
    html(p, "</a></th><td>");
    page_rating(p, row->rating, row->is_provisional);
    html(p, "</td><td>");
    if (row->clock_count == 0) {
        html(p, "no clock is running");
    } else {
        put_due(p, paper, &row->clocks[0]);
    }
    html(p, "</td><td>");
    put_state(p, paper, row);
    html(p, "</td><td>");
    html_text(p, row->area);
    html(p, "</td></tr>");
}

static void put_queue(html_page *p, const visit *paper, uint32_t queue, const row_ref *rows, uint32_t count)
{
    uint32_t here = 0;
    for (uint32_t i = 0; i < count; i++)
        here += rows_at(paper->b->rows, rows[i])->queue == queue;
    html(p, "<h2>");
    html_text(p, people_queue_shown(paper->b->policy, paper->b->config.queues[queue]));
    html(p, " (");
    html_number(p, here);
    html(p, ")</h2>");
    if (here == 0) return;
    html(p, "<table><thead><tr><th scope=\"col\">Alert</th><th scope=\"col\">Rating</th><th scope=\"col\">First clock</th><th "
            "scope=\"col\">Standing</th><th scope=\"col\">Area</th></tr></thead><tbody>");
    for (uint32_t i = 0; i < count; i++) {
        const board_row *row = rows_at(paper->b->rows, rows[i]);
        if (row->queue == queue) put_line(p, paper, row);
    }
    html(p, "</tbody></table>");
}

/* ---- the page ----------------------------------------------------------------------------------------------------------------- */
static void put_style(html_page *p)
{
    html(p, "<style>body{font:11pt/1.35 Arial,sans-serif;margin:2em auto;max-width:60em;padding:0 1em;color:#0b0c0c}"
            "table{border-collapse:collapse;width:100%}th,td{border:1px solid #505a5f;padding:.25em .4em;text-align:left;"
            "vertical-align:top}dl div{margin:.2em 0}dt{font-weight:bold;display:inline}dt:after{content:\": \"}"
            "dd{display:inline;margin:0 .5em 0 0}dd dl{margin-left:1em}.board-text{white-space:pre-line}.warn{border:3px solid "
            "#0b0c0c;padding:.5em;font-weight:bold}.item{border-top:2px solid #0b0c0c;margin-top:1.5em}summary{font-weight:bold;"
            "list-style:none}.moj-timeline__item{border-left:3px solid #505a5f;padding-left:.7em;margin:.7em 0}"
            ".moj-timeline__header>*{display:inline;margin-right:.5em}@media print{.item{break-inside:auto}h2,h3,h4"
            "{break-after:avoid}tr{break-inside:avoid}}</style>");
}

static void put_warning(html_page *p, const visit *paper, const pack_head *head)
{
    if (head->is_hub_away) {
        html(p, "<p class=\"warn\">The hub could not be reached when this was made: nothing that happened after ");
        page_when(p, paper->b->policy, head->known_ms);
        html(p, " stands here.</p>");
    }
    if (head->not_newest > 0) {
        html(p, "<p class=\"warn\">Of ");
        html_number(p, head->not_newest);
        html(p, " items what was said could not be read again since they changed; each says so.</p>");
    }
}

static void put_left_out(html_page *p, const visit *paper, const pack_head *head)
{
    for (uint32_t i = 0; i < paper->b->config.queue_count; i++) {
        if (paper->sees.works_on[i]) continue;
        html(p, "<p class=\"warn\">Not in this pack: ");
        html_text(p, people_queue_shown(paper->b->policy, paper->b->config.queues[i]));
        html(p, ", since it is made for ");
        html_text(p, head->person);
        html(p, ", who works in no team of it.</p>");
    }
}

static void put_contacts(html_page *p, const board_config *config)
{
    html(p, "<h2>Whom to ring</h2><ul><li>Somebody is in immediate danger: 999</li><li>Help with the board: ");
    html_text(p, config->help);
    html(p, "</li>");
    for (uint32_t i = 0; i < config->pack.contact_count; i++) {
        html(p, "<li>");
        html_text(p, config->pack.contacts[i]);
        html(p, "</li>");
    }
    html(p, "</ul>");
}

void pack_page_begin(html_page *p, const visit *paper, const pack_head *head, const row_ref *rows, uint32_t count)
{
    html(p, "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>Continuity pack</title><meta "
            "http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\"><meta "
            "name=\"viewport\" content=\"width=device-width, initial-scale=1\">");
    put_style(p);
    html(p, "</head><body><h1>Continuity pack: ");
    html_text(p, paper->b->config.name);
    html(p, "</h1><p>Made ");
    page_when(p, paper->b->policy, head->made_ms);
    html(p, ". It says what was known at ");
    page_when(p, paper->b->policy, head->known_ms);
    html(p, ", and how much time was left when it was made. Destroy this page and every print of it by ");
    page_when(p, paper->b->policy, head->expires_ms);
    html(p, ".</p>");
    put_warning(p, paper, head);
    put_left_out(p, paper, head);
    html(p, "<p>Write down what you do, when and who, and enter it when the hub is back.</p>");
    put_contacts(p, &paper->b->config);
    for (uint32_t i = 0; i < paper->b->config.queue_count; i++) {
        if (paper->sees.works_on[i]) put_queue(p, paper, i, rows, count);
    }
}

void pack_page_item(html_page *p, const visit *paper, const board_row *row, uint64_t text_of)
{
    html(p, "<div class=\"item\"><h3 id=\"");
    put_name(p, row);
    html(p, "\">");
    put_name(p, row);
    html(p, ", ");
    html_text(p, people_queue_shown(paper->b->policy, paper->b->config.queues[row->queue]));
    html(p, ": ");
    page_rating(p, row->rating, row->is_provisional);
    html(p, "</h3><p>Opened ");
    page_when(p, paper->b->policy, row->opened_ms);
    html(p, "; ");
    put_state(p, paper, row);
    html(p, "</p><ul>");
    for (uint8_t i = 0; i < row->clock_count; i++) {
        html(p, "<li>");
        put_due(p, paper, &row->clocks[i]);
        html(p, "</li>");
    }
    html(p, "</ul>");
    if (text_of == 0) {
        html(p, "<p class=\"warn\">What was said in it could not be read for this pack.</p>");
    } else if (text_of < row->sequence) {
        html(p, "<p class=\"warn\">It has changed since what follows was read.</p>");
    }
}

void pack_page_end(html_page *p)
{
    html(p, "</body></html>\n");
}
