/* dates.c - a list of words: this event said that this number was born on that day. Of whom somebody joined with another or split off there is no
 * saying here whose words count: of them nothing is asked. */
#include "dates.h"

#include <stdlib.h>
#include <string.h>

#include "base/id.h"

typedef struct said {
    hub_id event_id;
    char number[16];
    int64_t day; /* year, month and day in one number */
    bool stands;
} said;

struct sim_dates {
    const sim_report *report;
    said *items;
    size_t count, capacity;
    uint64_t *changed; /* numbers of persons that somebody joined or split */
    size_t changed_count;
};

sim_dates *sim_dates_open(const sim_report *report)
{
    sim_dates *d = calloc(1, sizeof *d);
    HUB_ASSERT(d != NULL);
    d->report = report;
    return d;
}

void sim_dates_close(sim_dates *d)
{
    if (d == NULL) return;
    free(d->items);
    free(d->changed);
    free(d);
}

/* What the event that is corrected has said stands no more. */
static void forget(sim_dates *d, const ProtobufCBinaryData *id)
{
    for (size_t i = 0; i < d->count; i++) {
        if (id->len == HUB_ID_BYTES && memcmp(d->items[i].event_id.bytes, id->data, HUB_ID_BYTES) == 0)
            d->items[i].stands = false;
    }
}

static void add(sim_dates *d, const said *item)
{
    if (d->count == d->capacity) {
        d->capacity = d->capacity == 0 ? 64 : d->capacity * 2;
        d->items = realloc(d->items, d->capacity * sizeof *d->items);
        HUB_ASSERT(d->items != NULL);
    }
    d->items[d->count++] = *item;
}

/* In the town of events.c a child has one number, and is the first subject. */
static bool is_contradicted(const sim_dates *d, const said *now)
{
    for (size_t i = 0; i < d->count; i++) {
        const said *earlier = &d->items[i];
        if (earlier->stands && strcmp(earlier->number, now->number) == 0 && earlier->day != now->day) return true;
    }
    return false;
}

static void change(sim_dates *d, uint64_t one, uint64_t other)
{
    d->changed = realloc(d->changed, (d->changed_count + 2) * sizeof *d->changed);
    HUB_ASSERT(d->changed != NULL);
    d->changed[d->changed_count++] = one;
    d->changed[d->changed_count++] = other;
}

static void take_changes(sim_dates *d, const journal_opened *opened)
{
    for (size_t i = 0; i < opened->control->n_facts; i++) {
        const Mash__V1__Fact *fact = opened->control->facts[i];
        if (fact->body_case == MASH__V1__FACT__BODY_PERSONS_JOINED)
            change(d, fact->persons_joined->person, fact->persons_joined->into);
        if (fact->body_case == MASH__V1__FACT__BODY_LINK_SPLIT) change(d, fact->link_split->person, fact->link_split->off);
    }
}

static bool is_changed(const sim_dates *d, const journal_opened *opened)
{
    for (size_t i = 0; i < opened->control->n_facts; i++) {
        const Mash__V1__Fact *fact = opened->control->facts[i];
        if (fact->body_case != MASH__V1__FACT__BODY_PERSON_LINKED || fact->person_linked->subject != 0) continue;
        for (size_t k = 0; k < d->changed_count; k++) {
            if (d->changed[k] == fact->person_linked->person) return true;
        }
    }
    return false;
}

static bool says_so(const journal_opened *opened)
{
    for (size_t i = 0; i < opened->control->n_facts; i++) {
        const Mash__V1__Fact *fact = opened->control->facts[i];
        if (fact->body_case == MASH__V1__FACT__BODY_FACTS_CONTRADICTED &&
            fact->facts_contradicted->what == MASH__V1__COMPARED_FACT__COMPARED_FACT_DATE_OF_BIRTH)
            return true;
    }
    return false;
}

void sim_dates_record(sim_dates *d, const journal_opened *opened, const Mash__V1__Event *event)
{
    take_changes(d, opened);
    if (event == NULL) return;
    forget(d, &event->amends);
    forget(d, &event->retracts);
    const Mash__V1__Subject *child = event->subjects[0];
    const Mash__V1__Date *born = child->date_of_birth;
    said now = {.day = (born->year * 100 + born->month) * 100 + born->day, .stands = event->retracts.len == 0};
    memcpy(now.event_id.bytes, event->event_id.data, HUB_ID_BYTES);
    (void)hub_format(now.number, sizeof now.number, "%s", child->identifiers[0]->value);
    bool must = now.stands && is_contradicted(d, &now);
    if (must != says_so(opened) && !is_changed(d, opened))
        sim_fail(d->report, "S10: %s (record %llu)",
                 must ? "another date of birth than one that stands was taken in silence"
                      : "a contradiction is recorded of a date that nothing contradicts",
                 (unsigned long long)opened->record->sequence);
    add(d, &now);
}
