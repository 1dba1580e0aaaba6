#include "alert_people.h"

#include <stdlib.h>
#include <string.h>

#include "board/said.h"
#include "event/event.h"
#include "event/identifier.h"

/* OTHERS_MAX: whom the events name beside who is at risk; PEOPLE_MAX: and as many lines as a delivery has (core/deliver.c). */
enum { OTHERS_MAX = 64, PEOPLE_MAX = 128, ADULT_YEARS = 18 };

/* A mark: MARK, which of the two ways, the number in 20 digits, MARK_END. In no text of anybody: html_text makes these bytes visible. */
enum { MARK = 0x01, MARK_END = 0x02, MARK_BYTES = 23, BY_NAME = 'n', KNOWN_AS = 'k' };

struct alert_people {
    alert_person items[PEOPLE_MAX];
    uint32_t count;
    /* while the hub is asked: */
    char item[VISIT_CODE_MAX];
    uint32_t pages;
    alert_people_cb *next;
};

void alert_people_free(struct alert_people *people)
{
    for (uint32_t i = 0; people != NULL && i < people->count; i++)
        hub_buffer_free(&people->items[i].said);
    free(people);
}

static struct alert_people *people_of(visit *v)
{
    if (v->people == NULL) v->people = calloc(1, sizeof *v->people);
    if (v->people == NULL) v->page.failed = true; /* X4 */
    return v->people;
}

/* ---- what a delivery tells ------------------------------------------------------------------------------------------------------ */
static alert_person *find(struct alert_people *people, uint64_t number)
{
    for (uint32_t i = 0; people != NULL && i < people->count; i++) {
        if (people->items[i].person == number) return &people->items[i];
    }
    return NULL;
}

static bool has_role(const Mash__V1__Subject *subject, Mash__V1__SubjectRole role)
{
    for (size_t i = 0; i < subject->n_roles; i++) {
        if (subject->roles[i] == role) return true;
    }
    return false;
}

/* By roles, and by a birth date as of today. */
static void learn_age(const visit *v, alert_person *known, const Mash__V1__Subject *subject)
{
    const Mash__V1__Date *born = subject->date_of_birth;
    int32_t day;
    known->is_child = known->is_child || has_role(subject, MASH__V1__SUBJECT_ROLE__SUBJECT_ROLE_CHILD) ||
                      has_role(subject, MASH__V1__SUBJECT_ROLE__SUBJECT_ROLE_UNBORN_CHILD);
    known->is_adult = known->is_adult || has_role(subject, MASH__V1__SUBJECT_ROLE__SUBJECT_ROLE_ADULT_AT_RISK);
    if (born == NULL || !event_date_day(born, &day)) return;
    int32_t grown = core_civil_day(born->year + ADULT_YEARS, born->month, born->month == 2 && born->day == 29 ? 28 : born->day);
    bool is_grown = people_day(v->b->policy, v->now_ms) >= grown;
    known->is_adult = known->is_adult || is_grown;
    known->is_child = known->is_child || !is_grown;
}

/* The last of an event's is as good as the first, but an NHS number goes before all. What a system of its own calls them (LOCAL) finds that alone. */
static void learn_number(alert_person *known, const Mash__V1__Subject *subject)
{
    for (size_t i = 0; i < subject->n_identifiers; i++) {
        const Mash__V1__Identifier *number = subject->identifiers[i];
        bool is_nhs = number->scheme == MASH__V1__IDENTIFIER_SCHEME__IDENTIFIER_SCHEME_NHS_NUMBER;
        bool is_known = number->scheme != MASH__V1__IDENTIFIER_SCHEME__IDENTIFIER_SCHEME_LOCAL && number->value[0] != '\0';
        if (!is_known || (!is_nhs && strncmp(known->number, "nhs:", 4) == 0)) continue;
        const char *scheme = identifier_scheme_name(number->scheme);
        if (scheme != NULL) (void)hub_format(known->number, sizeof known->number, "%s:%s", scheme, number->value);
    }
}

/* `room`: so many may be known before somebody new is left out. */
static void learn_one(visit *v, const Mash__V1__Delivery *d, size_t place, uint32_t room)
{
    struct alert_people *people = people_of(v);
    const Mash__V1__Subject *subject = d->event->subjects[place];
    uint64_t number = alert_people_number(d, place);
    alert_person *known = find(people, number);
    if (people == NULL || number == 0 || (known == NULL && people->count >= room)) return;
    if (known == NULL) known = &people->items[people->count++];
    known->person = number;
    learn_age(v, known, subject);
    learn_number(known, subject);
    if (known->is_named && !said_is_named(subject)) return; /* a number alone does not make them somebody unknown */
    known->is_named = said_is_named(subject);
    bool is_of_its_record =
        d->kind != MASH__V1__DELIVERY_KIND__DELIVERY_KIND_MOVED_HERE; /* else the move's, which names nobody */
    known->sequence = is_of_its_record ? d->position->sequence : 0;
    known->subject = is_of_its_record ? (uint32_t)place + 1 : 0;
    hub_buffer_clear(&known->said);
    said_person(&known->said, subject);
}

static uint64_t line_at(const Mash__V1__Delivery *d, size_t place)
{
    for (size_t i = 0; d->alert != NULL && i < d->alert->n_lines; i++) {
        if (d->alert->lines[i]->subject == place + 1) return d->alert->lines[i]->person;
    }
    return 0;
}

uint64_t alert_people_number(const Mash__V1__Delivery *d, size_t place)
{
    uint64_t number = line_at(d, place);
    return number != 0 || place >= d->n_people ? number : d->people[place];
}

/* Whom somebody must decide about has room, however many the events name beside them. */
void alert_people_learn(visit *v, const Mash__V1__Delivery *d)
{
    bool is_told = d->event != NULL && d->alert != NULL && d->position != NULL;
    for (size_t i = 0; is_told && i < d->event->n_subjects; i++)
        learn_one(v, d, i, line_at(d, i) != 0 ? PEOPLE_MAX : OTHERS_MAX);
}

const alert_person *alert_people_find(const visit *v, uint64_t number)
{
    return find(v->people, number);
}

static void put_number(html_page *p, uint64_t number)
{
    html(p, " <span class=\"govuk-body-s\">(person ");
    html_number(p, (int64_t)number);
    html(p, ")</span>");
}

static void put_now(const visit *v, html_page *p, uint64_t number, char way)
{
    const alert_person *known = alert_people_find(v, number);
    bool is_called = known != NULL && (way == BY_NAME || known->is_named);
    if (known == NULL && way == BY_NAME) {
        html(p, "Person ");
        html_number(p, (int64_t)number);
        return;
    }
    if (is_called && way == KNOWN_AS) html(p, ", known as ");
    if (is_called) html_part(p, &known->said);
    put_number(p, number);
}

static void put(const visit *v, html_page *p, uint64_t number, char way)
{
    if (v->names_later) {
        hub_buffer_put_format(p, "%c%c%020llu%c", MARK, way, (unsigned long long)number, MARK_END);
    } else {
        put_now(v, p, number, way);
    }
}

void alert_people_put(const visit *v, html_page *p, uint64_t number)
{
    put(v, p, number, BY_NAME);
}

void alert_people_put_known(const visit *v, html_page *p, uint64_t number)
{
    put(v, p, number, KNOWN_AS);
}

void alert_people_fill(const visit *v, html_page *p, const html_page *part)
{
    const uint8_t *at = part->data, *end = at + part->size;
    if (part->failed) p->failed = true;
    while (at < end) {
        const uint8_t *mark = memchr(at, MARK, (size_t)(end - at));
        bool is_mark = mark != NULL && end - mark >= MARK_BYTES && mark[MARK_BYTES - 1] == MARK_END;
        const uint8_t *plain = mark == NULL ? end : is_mark ? mark : mark + 1;
        hub_buffer_put(p, at, (size_t)(plain - at));
        if (is_mark) put_now(v, p, strtoull((const char *)mark + 2, NULL, 10), (char)mark[1]);
        at = is_mark ? mark + MARK_BYTES : plain;
    }
}

/* ---- asking ---------------------------------------------------------------------------------------------------------------------- */
static void ask_from(visit *v, uint64_t after);

static void on_shown(void *context, link_outcome outcome, const Mash__V1__HubFrame *answer)
{
    visit *v = context;
    if (!visit_again(v)) return;
    bool is_shown = outcome == LINK_ANSWERED && answer->body_case == MASH__V1__HUB_FRAME__BODY_SHOWN;
    for (size_t i = 0; is_shown && i < answer->shown->n_items; i++)
        alert_people_learn(v, answer->shown->items[i]);
    if (is_shown && answer->shown->next_after != 0 && ++v->people->pages < ALERT_PAGES_MAX) {
        ask_from(v, answer->shown->next_after);
    } else {
        v->people->next(v, is_shown                   ? NULL
                           : outcome == LINK_AWAY     ? "this board is cut off from the hub at the moment"
                           : outcome == LINK_ANSWERED ? "the hub cannot tell them now"
                                                      : "the hub did not answer in time");
    }
}

static void ask_from(visit *v, uint64_t after)
{
    visit_show(v, v->people->item, after, MASH__V1__READ_KIND__READ_KIND_OPEN, on_shown);
}

void alert_people_ask(visit *v, const char *item, alert_people_cb *next)
{
    struct alert_people *people = people_of(v);
    if (people == NULL) {
        next(v, "there is no memory for them now");
        return;
    }
    people->next = next;
    people->pages = 0;
    (void)hub_format(people->item, sizeof people->item, "%s", item);
    ask_from(v, 0);
}
