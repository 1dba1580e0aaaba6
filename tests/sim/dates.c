/* dates.c - a list of words: this event said that this number was born on that day. */
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
    if (event == NULL) return;
    forget(d, &event->amends);
    forget(d, &event->retracts);
    const Mash__V1__Subject *child = event->subjects[0];
    const Mash__V1__Date *born = child->date_of_birth;
    said now = {.day = (born->year * 100 + born->month) * 100 + born->day, .stands = event->retracts.len == 0};
    memcpy(now.event_id.bytes, event->event_id.data, HUB_ID_BYTES);
    (void)hub_format(now.number, sizeof now.number, "%s", child->identifiers[0]->value);
    bool must = now.stands && is_contradicted(d, &now);
    if (must != says_so(opened))
        sim_fail(d->report, "S10: %s (record %llu)",
                 must ? "another date of birth than one that stands was taken in silence"
                      : "a contradiction is recorded of a date that nothing contradicts",
                 (unsigned long long)opened->record->sequence);
    add(d, &now);
}
