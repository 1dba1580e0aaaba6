/* asking.c - explain, tail and find, asked by every key. */
#include "asking.h"

#include <stdio.h>
#include <string.h>

#include "core/describe.h"
#include "event/event.h"
#include "event/wire.h"
#include "hub.h"
#include "people.h"
#include "spoil.h"

enum { OPERATOR = 1 };

/* Everything that explain and tail say to the reader, one after the other. */
typedef struct answer {
    const sim_question *q;
    const char *who;
    core_view view;
    hub_buffer told;
    bool names_people; /* by number, but for the feedback that is addressed to the reader */
} answer;

static noreturn void wrong(const answer *a, const char *what)
{
    sim_fail(a->q->report, "S9: %s %s (record %llu):\n%.*s", a->who, what, (unsigned long long)a->q->record->sequence,
             (int)a->told.size, (const char *)a->told.data);
}

/* "person 4", "Family 2" */
static bool has_number_of(const char *line, const char *noun)
{
    for (const char *at = strstr(line, noun); at != NULL; at = strstr(at + 1, noun)) {
        const char *after = at + strlen(noun);
        if (after[0] == ' ' && after[1] >= '0' && after[1] <= '9') return true;
    }
    return false;
}

static void ask(answer *a, uint32_t reader)
{
    const sim_question *q = a->q;
    core_lines lines = {.arena = q->arena};
    a->view = core_view_of(q->state, sim_spoils(q->options, "asking") ? OPERATOR : reader, q->record);
    hub_status status = core_explain(&a->view, &lines);
    if (status == HUB_ERR_MEMORY || (status == HUB_ERR_REFUSED) != (a->view.sight == CORE_SIGHT_NONE))
        wrong(a, "asked explain and got no proper answer");
    for (size_t i = 0; i < lines.count; i++) {
        const char *line = lines.items[i]->text;
        bool is_feedback = strncmp(line, "Feedback ", 9) == 0;
        a->names_people = a->names_people || (!is_feedback && (has_number_of(line, "erson") || has_number_of(line, "amily")));
        hub_buffer_put_text(&a->told, line);
        hub_buffer_put_text(&a->told, "\n");
    }
    if (a->view.sight == CORE_SIGHT_NONE) return;
    const Mash__V1__TailItem *item = core_describe(&a->view, q->arena);
    HUB_ASSERT(item != NULL && event_wire_pack(&item->base, &a->told) == HUB_OK);
}

static bool says(const answer *a, const char *words)
{
    return sim_audience_holds(hub_buffer_bytes(&a->told), words);
}

static bool says_who(const answer *a)
{
    for (uint32_t i = 0; i < SIM_STAFF; i++) {
        if (says(a, SIM_PEOPLE[i].id)) return true;
    }
    return false;
}

/* ---- a team's or an agency's system ----------------------------------------------------------------------------------------- */

/* The class of what a delivery tells: the higher of the record's event's and of the alert's, by all events that have joined it. */
static Mash__V1__Sensitivity class_of(const sim_question *q, const Mash__V1__Delivered *told)
{
    enum { EVENTS_MAX = 4096 };
    static uint64_t sequences[EVENTS_MAX];
    Mash__V1__Sensitivity highest = sim_checker_class_at(q->checker, q->record->sequence);
    uint32_t count = told->alert == 0 ? 0 : core_alert_records(q->state, told->alert, sequences, EVENTS_MAX);
    for (uint32_t i = 0; i < count; i++) {
        Mash__V1__Sensitivity here = sim_checker_class_at(q->checker, sequences[i]);
        if (here > highest) highest = here;
    }
    return highest;
}

/* What the queue was told in this record, and may still know. */
typedef struct told {
    bool anything;
    bool as_side; /* of a disagreement: what was written on it goes to both sides, whatever their lists */
} told;

static told told_to(const sim_question *q, uint32_t queue)
{
    uint32_t number = core_queue_number(q->state, SIM_QUEUES[queue]);
    told found = {false, false};
    for (size_t i = 0; i < q->record->control->n_facts; i++) {
        const Mash__V1__Fact *fact = q->record->control->facts[i];
        if (fact->body_case != MASH__V1__FACT__BODY_DELIVERED || fact->delivered->queue != number) continue;
        if (class_of(q, fact->delivered) > sim_audience(queue, q->edition)->up_to) continue;
        found.anything = true;
        found.as_side = found.as_side || fact->delivered->told_as == MASH__V1__TOLD_AS__TOLD_AS_SIDE;
    }
    return found;
}

/* A number finds the record where the reader may see it, and nowhere else: that it finds something tells something. */
static void check_find(const answer *a, bool may)
{
    const Mash__V1__Event *event = a->q->record->event;
    for (size_t i = 0; event != NULL && i < event->n_subjects; i++) {
        char key[32];
        core_case sought;
        hub_error err;
        snprintf(key, sizeof key, "nhs:%s", event->subjects[i]->identifiers[0]->value);
        HUB_ASSERT(core_case_of(a->q->state, key, &sought, &err) == HUB_OK);
        bool finds = core_view_finds(&a->view, &sought);
        if (finds && !may) wrong(a, "finds by a number what it may not see");
        if (!finds && may) wrong(a, "does not find by its number what it may see");
    }
}

/* That it is withheld is said by the field's name; what kind of event it was, in words, is not. */
static void check_payload(const answer *a, const sim_may_have *may)
{
    const Mash__V1__Event *event = a->q->record->event;
    const char *name = event == NULL ? NULL : event_payload_name((uint32_t)event->payload_case);
    if (name == NULL || strchr(name, '_') == NULL || sim_audience_lists(may, name)) return;
    char spaced[64];
    snprintf(spaced, sizeof spaced, "%s", name);
    for (char *at = spaced; *at != '\0'; at++)
        *at = *at == '_' ? ' ' : *at;
    if (says(a, spaced)) wrong(a, "is told what kind of event it was");
}

static void ask_as_consumer(const sim_question *q, uint32_t queue)
{
    const sim_may_have *may = sim_audience(queue, q->edition);
    answer a = {.q = q, .who = SIM_QUEUES[queue]};
    told was = told_to(q, queue);
    ask(&a, SIM_FIRST_PEER + q->options->adapters + queue);
    if (!was.anything && a.told.size > 0) wrong(&a, "is told of a record that is not for it");
    if (was.anything && a.told.size == 0) wrong(&a, "is not told of a record that it was given");
    if (!may->words && !was.as_side && says(&a, SIM_PRIVATE_WORDS)) wrong(&a, "reads what people wrote");
    if (!may->who && says_who(&a)) wrong(&a, "is told who acted");
    if (!may->people && a.names_people) wrong(&a, "is told who it is about");
    if (says(&a, "sim-") || says(&a, "adapter-")) wrong(&a, "is told from which system it came");
    check_payload(&a, may);
    check_find(&a, was.anything && may->people);
    hub_buffer_free(&a.told);
}

/* ---- others ----------------------------------------------------------------------------------------------------------------- */

/* Who sent it reads that it is kept, and nothing of what became of it. */
static void ask_as_adapter(const sim_question *q, uint32_t place)
{
    answer a = {.q = q, .who = "an adapter"};
    uint32_t peer = SIM_FIRST_PEER + place;
    ask(&a, peer);
    if ((a.told.size > 0) != (q->record->peer == peer)) wrong(&a, "is told of a record that is not its own, or not of its own");
    for (uint32_t i = 0; i < SIM_CONSUMERS; i++) {
        if (says(&a, SIM_QUEUES[i])) wrong(&a, "is told who was told");
    }
    if (says(&a, "lert A") || a.names_people || says_who(&a)) wrong(&a, "is told what the hub made of it");
    hub_buffer_free(&a.told);
}

/* Who runs the hub reads who did what and when; what people wrote, and names, are for nobody who runs it. */
static void ask_as_operator(const sim_question *q)
{
    answer a = {.q = q, .who = "the operator"};
    ask(&a, OPERATOR);
    if (a.told.size == 0) wrong(&a, "is told nothing");
    if (says(&a, SIM_PRIVATE_WORDS) || says(&a, "Example-")) wrong(&a, "reads words or names");
    hub_buffer_free(&a.told);
}

void sim_asking_all(const sim_question *q)
{
    ask_as_operator(q);
    for (uint32_t i = 0; i < q->options->adapters; i++)
        ask_as_adapter(q, i);
    for (uint32_t i = 0; i < SIM_CONSUMERS; i++)
        ask_as_consumer(q, i);
}
