/* page_find.c - one box: a reference, an NHS number, a UPN, a name, a birth date. What for is asked each time; the hub records who looked for what
 * before it answers. Nothing that was typed stands in an address, a title or a history. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "board.h"
#include "board/routes.h"
#include "event/event.h"
#include "event/identifier.h"

enum { KEY_MAX = 300, CASE_RECORDS = 255 }; /* as many as one answer has */

/* ---- what was typed ------------------------------------------------------------------------------------------------------------- */
typedef struct reading {
    char typed[KEY_MAX];  /* without spaces at its ends */
    char packed[KEY_MAX]; /* without any spaces and hyphens, upper case */
} reading;

static void read_typed(const char *text, reading *out)
{
    size_t size = 0, packed = 0;
    text += strspn(text, " \t\n");
    for (const char *at = text; *at != '\0' && size + 1 < KEY_MAX; at++) {
        out->typed[size++] = *at;
        if (*at != ' ' && *at != '-' && *at != '\n') out->packed[packed++] = (char)toupper((unsigned char)*at);
    }
    while (size > 0 && (out->typed[size - 1] == ' ' || out->typed[size - 1] == '\n'))
        size--;
    out->typed[size] = '\0';
    out->packed[packed] = '\0';
}

/* Does it fit the shape? '9' a digit, 'A' a letter, anything else itself. */
static bool has_shape(const char *text, const char *shape)
{
    for (; *shape != '\0' && *text != '\0'; shape++, text++) {
        bool fits = *shape == '9'   ? isdigit((unsigned char)*text) != 0
                    : *shape == 'A' ? isupper((unsigned char)*text) != 0
                                    : *shape == *text;
        if (!fits) return false;
    }
    return *shape == '\0' && *text == '\0';
}

/* A17. A pupil's number begins with a letter too, and is longer than any reference will be. */
static bool is_item(const char *packed)
{
    size_t digits = packed[0] == '\0' ? 0 : strspn(packed + 1, "0123456789");
    return digits > 0 && digits <= 10 && packed[1 + digits] == '\0' && strchr("ADRFN", packed[0]) != NULL;
}

/* The numbers that people have, by what they look like; a reference of the hub's own goes before them. */
static const struct number {
    Mash__V1__IdentifierScheme scheme;
    const char *shape, *plain;
} NUMBERS[] = {
    {MASH__V1__IDENTIFIER_SCHEME__IDENTIFIER_SCHEME_NHS_NUMBER, "9999999999", "NHS number"},
    {MASH__V1__IDENTIFIER_SCHEME__IDENTIFIER_SCHEME_UPN, "A999999999999", "UPN"},
    {MASH__V1__IDENTIFIER_SCHEME__IDENTIFIER_SCHEME_UPN, "A99999999999A", "UPN"},
};

static const struct number *number_of(const char *packed)
{
    for (size_t i = 0; i < sizeof NUMBERS / sizeof NUMBERS[0]; i++) {
        if (has_shape(packed, NUMBERS[i].shape)) return &NUMBERS[i];
    }
    return NULL;
}

/* "2019-06-01" of "1/6/2019" or "2019-06-01" */
static bool read_day(const char *text, char out[16])
{
    int day, month, year, end = 0;
    if (has_shape(text, "9999-99-99")) {
        (void)snprintf(out, 16, "%.10s", text);
        return true;
    }
    if (sscanf(text, "%2d/%2d/%4d%n", &day, &month, &year, &end) != 3 || text[end] != '\0') return false;
    (void)snprintf(out, 16, "%04d-%02d-%02d", year % 10000, month % 100, day % 100);
    return true;
}

/* A birth date, or a name with or without one behind it. */
static void key_of_person(const char *typed, char out[KEY_MAX + 16])
{
    char day[16];
    const char *space = strrchr(typed, ' ');
    if (read_day(typed, day)) {
        (void)snprintf(out, KEY_MAX + 16, "born:%s", day);
    } else if (space != NULL && read_day(space + 1, day)) {
        (void)snprintf(out, KEY_MAX + 16, "name:%.*s born:%s", (int)(space - typed), typed, day);
    } else {
        (void)snprintf(out, KEY_MAX + 16, "name:%s", typed);
    }
}

/* It ends with a day that is none: 31/2/2020. */
static bool has_no_such_day(const char *typed)
{
    char day[16];
    int32_t number;
    const char *space = strrchr(typed, ' ');
    if (!read_day(space == NULL ? typed : space + 1, day)) return false;
    Mash__V1__Date date = MASH__V1__DATE__INIT;
    date.year = (int32_t)strtol(day, NULL, 10); /* digits: read_day has seen to it */
    date.month = (int32_t)strtol(day + 5, NULL, 10);
    date.day = (int32_t)strtol(day + 8, NULL, 10);
    return !event_date_day(&date, &number);
}

/* Why nobody can be found by what was typed, for the person who typed it; false: it may be looked for. The hub would say "not found" of a
 * slip of the pen, which reads like "not known". */
static bool cannot_be(const reading *r, char why[160])
{
    char day[16], normal[IDENTIFIER_TEXT_MAX + 1];
    const struct number *number = number_of(r->packed);
    size_t digits = strspn(r->packed, "0123456789");
    if (r->typed[0] == '\0') {
        (void)snprintf(why, 160, "Enter who or what you look for");
    } else if (has_no_such_day(r->typed)) {
        (void)snprintf(why, 160, "Enter a birth date that is a real day, such as 1/2/2018");
    } else if (number != NULL && identifier_check(number->scheme, r->packed, 0, normal) != IDENTIFIER_VALID) {
        (void)snprintf(why, 160, "This is nobody's %s: a digit of it is wrong. Compare it with where you have it from",
                       number->plain);
    } else if (number == NULL && digits > 0 && digits != 32 && r->packed[digits] == '\0' && !read_day(r->typed, day)) {
        (void)snprintf(why, 160, "An NHS number has 10 digits, and this has %zu; a birth date is written 1/2/2018", digits);
    } else {
        return false;
    }
    return true;
}

/* The key of a Query. */
static void key_of(const reading *r, char out[KEY_MAX + 16])
{
    if (strchr(r->typed, ':') != NULL) { /* a key written out: local:..., reference:... */
        (void)snprintf(out, KEY_MAX + 16, "%s", r->typed);
    } else if (number_of(r->packed) != NULL) {
        (void)snprintf(out, KEY_MAX + 16, "%s:%s", identifier_scheme_name(number_of(r->packed)->scheme), r->packed);
    } else if (strlen(r->packed) == 32 && r->packed[strspn(r->packed, "0123456789ABCDEF")] == '\0') {
        (void)snprintf(out, KEY_MAX + 16, "event:%s", r->packed);
    } else {
        key_of_person(r->typed, out);
    }
}

/* ---- the form ----------------------------------------------------------------------------------------------------------------- */
static void put_purposes(visit *v)
{
    html_page *p = &v->page;
    const char *typed = http_form_text(&v->form, "purpose");
    int chosen = typed[0] != '\0' ? typed[0] - '0' : (int)visit_purpose(v);
    html(p, "<div class=\"govuk-form-group\"><label class=\"govuk-label\" for=\"purpose\">What for</label><select "
            "class=\"govuk-select\" "
            "id=\"purpose\" name=\"purpose\">");
    for (int i = 1; page_purpose((Mash__V1__Purpose)i)[0] != '\0'; i++) {
        html(p, "<option value=\"");
        html_number(p, i);
        html(p, "\"");
        if (i == chosen) html(p, " selected");
        html(p, ">");
        html_text(p, page_purpose((Mash__V1__Purpose)i));
        html(p, "</option>");
    }
    html(p, "</select></div>");
}

static void put_form(visit *v, const char *problem)
{
    html_page *p = &v->page;
    if (problem != NULL) {
        html(p, "<div class=\"govuk-error-summary\" tabindex=\"-1\"><div role=\"alert\"><h2 "
                "class=\"govuk-error-summary__title\">There is a "
                "problem</h2><div class=\"govuk-error-summary__body\"><ul class=\"govuk-list govuk-error-summary__list\"><li><a "
                "href=\"#key\">");
        html_text(p, problem);
        html(p, "</a></li></ul></div></div></div>");
    }
    html(p,
         "<h1 class=\"govuk-heading-l\">Find</h1><form method=\"post\" action=\"/find\"><div class=\"govuk-form-group\"><label "
         "class=\"govuk-label\" for=\"key\">Who or what</label><div class=\"govuk-hint\" id=\"key-hint\">A reference (A17), an "
         "NHS "
         "number, a UPN, a name, a birth date (1/2/2018), or a name and birth date (Sam Example 1/2/2018)</div><input "
         "class=\"govuk-input\" id=\"key\" name=\"key\" "
         "type=\"text\" autocomplete=\"off\" spellcheck=\"false\" aria-describedby=\"key-hint\" value=\"");
    html_attribute(p, http_form_text(&v->form, "key"));
    html(p, "\"></div>");
    put_purposes(v);
    html(p,
         "<div class=\"govuk-form-group\"><div class=\"govuk-checkboxes\"><div class=\"govuk-checkboxes__item\"><input "
         "class=\"govuk-checkboxes__input\" type=\"checkbox\" id=\"own\" name=\"own\" value=\"yes\"><label class=\"govuk-label "
         "govuk-checkboxes__label\" for=\"own\">This is about myself or somebody in my own household</label></div></div></div>");
    page_token(v, &v->page);
    html(p, "<button class=\"govuk-button\">Find</button></form><p class=\"govuk-body-s\">What you look for, and for what, is "
            "recorded before you are shown anything.</p>");
}

static void show_form(visit *v, unsigned status, const char *problem)
{
    page_begin(v, problem == NULL ? "Find" : "Error: Find");
    put_form(v, problem);
    page_end(v);
    visit_answer(v, status);
}

/* What an ended session kept is given back once. */
void page_find(visit *v)
{
    draft kept;
    hub_error err;
    if (draft_find(v->b->drafts, v->account, v->request->path, v->now_ms, &kept)) {
        if (http_form_read(kept.text, &v->arena, &v->form, &err) != HUB_OK) v->form.count = 0;
        draft_forget(v->b->drafts, v->account, v->request->path);
    }
    show_form(v, 200, NULL);
}

/* ---- what was found ----------------------------------------------------------------------------------------------------------- */
static void put_alerts(visit *v, const Mash__V1__TailItem *item)
{
    html_page *p = &v->page;
    for (size_t i = 0; i < item->n_alert_ids; i++) {
        uint64_t number = strtoull(item->alert_ids[i] + 1, NULL, 10);
        if (i > 0) html(p, ", ");
        if (sight_find(&v->sees, number) == NULL) {
            html_text(p, item->alert_ids[i]);
            continue;
        }
        html(p, "<a class=\"govuk-link\" ");
        html_href(p, "/alert/", item->alert_ids[i]);
        html(p, ">");
        html_text(p, item->alert_ids[i]);
        html(p, "</a>");
    }
    if (item->n_alert_ids == 0) html(p, "no alert");
}

/* Whom the record names as was asked for. */
static void put_people(visit *v, const Mash__V1__FoundRecords *found, uint64_t sequence)
{
    html_page *p = &v->page;
    for (size_t i = 0; i < found->n_people; i++) {
        const Mash__V1__FoundPerson *named = found->people[i];
        if (named->sequence != sequence) continue;
        html(p, "<p class=\"govuk-body-s\">");
        for (size_t k = 0; k < named->n_given_names; k++) {
            html_text(p, named->given_names[k]);
            html(p, " ");
        }
        html_text(p, named->family_name);
        if (named->date_of_birth != NULL) {
            html(p, ", born ");
            html_number(p, named->date_of_birth->day);
            html(p, "/");
            html_number(p, named->date_of_birth->month);
            html(p, "/");
            html_number(p, named->date_of_birth->year);
        }
        html(p, "</p>");
    }
}

/* "domestic abuse incident" */
static void put_spaced(html_page *p, const char *name)
{
    char text[64];
    (void)snprintf(text, sizeof text, "%s", name);
    for (char *at = text; *at != '\0'; at++)
        if (*at == '_') *at = ' ';
    html_text(p, text);
}

static void put_item(visit *v, const Mash__V1__FoundRecords *found, const Mash__V1__TailItem *item)
{
    html_page *p = &v->page;
    html(p, "<tr class=\"govuk-table__row\"><td class=\"govuk-table__cell\">");
    page_when(p, v->b->policy, item->time_ms);
    html(p, "</td><th scope=\"row\" class=\"govuk-table__header\">");
    html_text(p, item->what);
    if (item->payload[0] != '\0') {
        html(p, ": ");
        put_spaced(p, item->payload);
    }
    put_people(v, found, item->sequence);
    html(p, "</th><td class=\"govuk-table__cell\">");
    if (item->agency != MASH__V1__AGENCY__AGENCY_UNSPECIFIED) html_text(p, event_agency_name(item->agency));
    html(p, "</td><td class=\"govuk-table__cell\">");
    put_alerts(v, item);
    html(p, "</td></tr>");
}

static void put_case(html_page *p, bool is_more)
{
    html(p, "<p class=\"govuk-body\">");
    html_text(p, is_more ? "The newest" : "All");
    html(p, " that is known of this person and that your teams may see.</p>");
}

static Mash__V1__Purpose purpose_of(const visit *v)
{
    const char *text = http_form_text(&v->form, "purpose");
    bool is_stated = text[0] >= '1' && text[0] <= '9' && text[1] == '\0';
    return is_stated ? (Mash__V1__Purpose)(text[0] - '0') : visit_purpose(v);
}

/* What was said under the number that was typed is not all that was said of them. */
static void put_more_known(visit *v)
{
    reading r = {0};
    char key[KEY_MAX + 16];
    read_typed(http_form_text(&v->form, "key"), &r);
    key_of(&r, key);
    if (number_of(r.packed) != NULL) page_known(v, &v->page, key, 0, purpose_of(v));
}

static void put_found(visit *v, const Mash__V1__FoundRecords *found)
{
    html_page *p = &v->page;
    html(p, "<h2 class=\"govuk-heading-m\" id=\"found\">");
    html_number(p, (int64_t)found->n_items);
    html_text(p, found->n_items == 1 ? " record" : " records");
    if (found->more) html(p, ", and there are older ones");
    html(p, "</h2>");
    if (found->own) page_own(p);
    if (found->is_case) put_case(p, found->more);
    if (!found->is_case) put_more_known(v);
    if (found->looked_through > 0) {
        html(p, "<p class=\"govuk-body\">Looked for in the newest ");
        html_number(p, found->looked_through);
        html(p, " records of that name or day.");
        if (found->more) html(p, " Too many to choose from: add a birth date behind the name, or look for a number.");
        html(p, "</p>");
    }
    if (found->n_items == 0) {
        html(p, "<p class=\"govuk-body\">Nothing that your teams may see. That does not mean that nothing is known: ask the "
                "agencies.</p>");
        return;
    }
    html(p, "<table class=\"govuk-table board-stack\" aria-labelledby=\"found\"><thead class=\"govuk-table__head\"><tr "
            "class=\"govuk-table__row\"><th scope=\"col\" class=\"govuk-table__header\">When</th><th scope=\"col\" "
            "class=\"govuk-table__header\">What</th><th scope=\"col\" class=\"govuk-table__header\">Agency</th><th scope=\"col\" "
            "class=\"govuk-table__header\">Alert</th></tr></thead><tbody class=\"govuk-table__body\">");
    for (size_t i = 0; i < found->n_items; i++)
        put_item(v, found, found->items[i]);
    html(p, "</tbody></table>");
}

static void on_found(void *context, link_outcome outcome, const Mash__V1__HubFrame *answer)
{
    visit *v = context;
    if (!visit_again(v)) return;
    bool is_fault = outcome == LINK_ANSWERED && answer->body_case == MASH__V1__HUB_FRAME__BODY_FAULT;
    if (is_fault && answer->fault->code == MASH__V1__FAULT_CODE__FAULT_MALFORMED) {
        show_form(v, 422, answer->fault->text);
        return;
    }
    if (outcome != LINK_ANSWERED || answer->body_case != MASH__V1__HUB_FRAME__BODY_FOUND) {
        visit_trouble(v, outcome, answer);
        return;
    }
    page_begin(v, "Found");
    put_form(v, NULL);
    put_found(v, answer->found);
    page_end(v);
    visit_answer(v, 200);
}

void page_find_post(visit *v)
{
    reading r = {0};
    char key[KEY_MAX + 16], path[KEY_MAX + 16], why[160];
    read_typed(http_form_text(&v->form, "key"), &r);
    if (is_item(r.packed)) {
        (void)snprintf(path, sizeof path, r.packed[0] == 'A' ? "/alert/%.40s" : "/item/%.40s", r.packed);
        visit_go(v, path);
        return;
    }
    if (cannot_be(&r, why)) {
        show_form(v, 422, why);
        return;
    }
    key_of(&r, key);
    Mash__V1__ClientFrame frame = MASH__V1__CLIENT_FRAME__INIT;
    Mash__V1__Query query = MASH__V1__QUERY__INIT;
    query.key = key;
    query.purpose = purpose_of(v);
    query.on_behalf_of = v->person_id;
    query.own = http_form_has(&v->form, "own");
    query.whole_case = http_form_has(&v->form, "whole");
    if (query.whole_case) query.limit = CASE_RECORDS;
    frame.body_case = MASH__V1__CLIENT_FRAME__BODY_QUERY;
    frame.query = &query;
    link_ask(v->b->gate, &frame, on_found, v);
}
