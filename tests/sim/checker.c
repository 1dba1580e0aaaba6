/* checker.c - the promises, watched from outside. */
#include "checker.h"

#include <stdlib.h>
#include <string.h>

#include "book.h"
#include "dates.h"
#include "event/event.h"
#include "event/wire.h"

enum { ARENA_BYTES = 16 * 1024 * 1024 };

typedef struct watched {
    hub_id event_id;
    uint32_t source;
    uint32_t stored;  /* times, counted when at rest */
    uint32_t refused; /* puts that must be refused */
    bool has_content; /* some put of this id must be stored */
    bool is_durable;
    bool is_promised;
    uint64_t order; /* of the first put, in its source */
    Mash__V1__Sensitivity sensitivity;
    hub_digest content;
} watched;

typedef struct act_watched {
    hub_id command_id;
    hub_digest words;  /* of the packed Act */
    uint64_t sequence; /* of the record that holds it, 0 = none */
    bool is_answered;
    Mash__V1__ActCode code; /* as recorded */
    uint64_t number;
    uint32_t version;
    uint32_t stored; /* times, counted when at rest */
} act_watched;

/* What one record holds that somebody was promised; zero ids: nothing. */
typedef struct record_watched {
    uint64_t digest;
    int64_t true_ms;
    Mash__V1__Sensitivity sensitivity; /* of the event it accepted */
    hub_id accepted, command;
} record_watched;

typedef struct owed {
    uint32_t queue;
    sim_held what;
} owed;

/* A growing array; `item` bytes each. */
typedef struct list {
    uint8_t *items;
    size_t count, capacity, item;
} list;

struct sim_checker {
    const sim_report *report;
    list watched;    /* of watched */
    uint32_t *slots; /* open addressing over `watched`: place + 1 */
    size_t slot_count;
    list records; /* of record_watched, by sequence - 1 */
    list acts;    /* of act_watched */
    sim_book *book;
    sim_dates *dates;
    list owed;
    uint64_t puts[SIM_ADAPTERS_MAX];
    uint64_t last_order[SIM_ADAPTERS_MAX];
    uint64_t durable; /* sequence */
    sim_totals totals;
    core_state *refold;
    const core_policy *const *policies;
    hub_arena arena;
};

static void *list_add(list *l)
{
    if (l->count == l->capacity) {
        l->capacity = l->capacity == 0 ? 64 : l->capacity * 2;
        l->items = realloc(l->items, l->capacity * l->item);
        HUB_ASSERT(l->items != NULL);
    }
    void *added = l->items + l->count++ * l->item;
    memset(added, 0, l->item);
    return added;
}

static void *list_at(const list *l, size_t place)
{
    HUB_ASSERT(place < l->count);
    return l->items + place * l->item;
}

sim_checker *sim_checker_open(const sim_report *report, const core_policy *const *policies)
{
    sim_checker *c = calloc(1, sizeof *c);
    HUB_ASSERT(c != NULL);
    c->report = report;
    c->watched.item = sizeof(watched);
    c->records.item = sizeof(record_watched);
    c->acts.item = sizeof(act_watched);
    c->policies = policies;
    c->book = sim_book_open(report, policies);
    c->dates = sim_dates_open(report);
    c->owed.item = sizeof(owed);
    HUB_ASSERT(hub_arena_open(&c->arena, 64 * 1024, ARENA_BYTES) == HUB_OK);
    return c;
}

void sim_checker_close(sim_checker *c)
{
    if (c == NULL) return;
    free(c->watched.items);
    free(c->slots);
    free(c->records.items);
    free(c->acts.items);
    sim_book_close(c->book);
    sim_dates_close(c->dates);
    free(c->owed.items);
    core_close(c->refold);
    hub_arena_close(&c->arena);
    free(c);
}

/* ---- events ---------------------------------------------------------------------------------------------------------------- */

static size_t slot_of(const sim_checker *c, const hub_id *id)
{
    size_t slot = hub_get_u32(id->bytes) % c->slot_count; /* ids are digests or random: they need no hash */
    while (c->slots[slot] != 0 && !hub_id_equal(&((watched *)list_at(&c->watched, c->slots[slot] - 1))->event_id, id))
        slot = (slot + 1) % c->slot_count;
    return slot;
}

static watched *find(const sim_checker *c, const hub_id *id)
{
    if (c->slot_count == 0) return NULL;
    size_t slot = slot_of(c, id);
    return c->slots[slot] == 0 ? NULL : list_at(&c->watched, c->slots[slot] - 1);
}

static watched *add(sim_checker *c, const hub_id *id)
{
    watched *added = list_add(&c->watched);
    added->event_id = *id;
    if (c->watched.count * 2 > c->slot_count) {
        c->slot_count = c->slot_count == 0 ? 1024 : c->slot_count * 2;
        free(c->slots);
        c->slots = calloc(c->slot_count, sizeof *c->slots);
        HUB_ASSERT(c->slots != NULL);
        for (size_t i = 0; i + 1 < c->watched.count; i++)
            c->slots[slot_of(c, &((watched *)list_at(&c->watched, i))->event_id)] = (uint32_t)i + 1;
    }
    c->slots[slot_of(c, id)] = (uint32_t)c->watched.count;
    return added;
}

void sim_checker_accepted(sim_checker *c, uint32_t source, const sim_said *said)
{
    watched *w = find(c, &said->event_id);
    if (w == NULL) {
        w = add(c, &said->event_id);
        w->source = source;
        w->order = ++c->puts[source];
    }
    c->totals.accepted++;
    if (said->expect == SIM_REFUSED) {
        w->refused++;
        return;
    }
    hub_digest content;
    hub_digest_of(hub_buffer_bytes(&said->bytes), &content);
    if (w->has_content && memcmp(&w->content, &content, sizeof content) != 0)
        sim_fail(c->report, "the simulation itself put two contents under one id");
    w->content = content;
    if (!w->has_content) {
        event_problem problem;
        hub_arena_reset(&c->arena);
        const Mash__V1__Event *event = event_decode(hub_buffer_bytes(&said->bytes), &c->arena, &problem);
        HUB_ASSERT(event != NULL);
        w->sensitivity = event->sensitivity;
    }
    w->has_content = true;
}

Mash__V1__Sensitivity sim_checker_class(const sim_checker *c, const hub_id *event_id)
{
    const watched *w = find(c, event_id);
    return w == NULL ? MASH__V1__SENSITIVITY__SENSITIVITY_UNSPECIFIED : w->sensitivity;
}

Mash__V1__Sensitivity sim_checker_class_at(const sim_checker *c, uint64_t sequence)
{
    return ((const record_watched *)list_at(&c->records, sequence - 1))->sensitivity;
}

void sim_checker_promised(sim_checker *c, uint32_t source, const hub_id *event_id)
{
    watched *w = find(c, event_id);
    if (w == NULL || w->source != source) sim_fail(c->report, "S1: adapter %u was told of an event it never put", source);
    if (!w->is_durable)
        sim_fail(c->report, "S1: adapter %u was told that an event is held which no durable record holds", source);
    w->is_promised = true;
}

static void mark_durable(sim_checker *c, const hub_id *accepted)
{
    if (hub_id_is_zero(accepted)) return;
    watched *w = find(c, accepted);
    if (w == NULL) sim_fail(c->report, "S1: an event is stored that no outbox accepted");
    w->is_durable = true;
}

/* ---- records --------------------------------------------------------------------------------------------------------------- */

static act_watched *act_of(const sim_checker *c, const hub_id *command_id)
{
    for (size_t i = c->acts.count; i > 0; i--) { /* the newest are asked for */
        act_watched *act = list_at(&c->acts, i - 1);
        if (hub_id_equal(&act->command_id, command_id)) return act;
    }
    return NULL;
}

static hub_id id_of(const ProtobufCBinaryData *bytes)
{
    hub_id id;
    HUB_ASSERT(hub_id_read(hub_bytes_of(bytes->data, bytes->len), &id));
    return id;
}

static void note_answer(sim_checker *c, uint64_t sequence, const Mash__V1__CommandAnswered *fact, hub_id *command)
{
    *command = id_of(&fact->command_id);
    act_watched *act = act_of(c, command);
    if (act == NULL) return; /* an operator's */
    if (act->sequence != 0) sim_fail(c->report, "S7: an act was decided a second time");
    act->sequence = sequence;
    act->code = (Mash__V1__ActCode)fact->code;
    act->number = fact->number;
    act->version = fact->version;
}

void sim_checker_evolved(sim_checker *c, uint64_t sequence, int64_t true_ms, uint64_t digest, const Mash__V1__Control *control)
{
    if (sequence != c->records.count + 1) sim_fail(c->report, "record %llu does not follow", (unsigned long long)sequence);
    record_watched *record = list_add(&c->records);
    record->digest = digest;
    record->true_ms = true_ms;
    for (size_t i = 0; i < control->n_facts; i++) {
        const Mash__V1__Fact *fact = control->facts[i];
        if (fact->body_case == MASH__V1__FACT__BODY_EVENT_ACCEPTED) {
            record->accepted = id_of(&fact->event_accepted->event_id);
            record->sensitivity = fact->event_accepted->sensitivity;
        }
        if (fact->body_case == MASH__V1__FACT__BODY_COMMAND_ANSWERED)
            note_answer(c, sequence, fact->command_answered, &record->command);
    }
}

void sim_checker_durable(sim_checker *c, uint64_t sequence)
{
    for (; c->durable < sequence; c->durable++)
        mark_durable(c, &((record_watched *)list_at(&c->records, c->durable))->accepted);
}

void sim_checker_fold_begins(sim_checker *c)
{
    for (size_t i = 0; i < c->watched.count; i++)
        ((watched *)list_at(&c->watched, i))->is_durable = false;
    c->durable = 0;
    c->totals.restarts++;
}

void sim_checker_folded(sim_checker *c, uint64_t sequence, uint64_t digest, const Mash__V1__Control *control)
{
    (void)control;
    if (sequence > c->records.count)
        sim_fail(c->report, "S3: the store holds record %llu, which nobody decided", (unsigned long long)sequence);
    const record_watched *record = list_at(&c->records, sequence - 1);
    if (record->digest != digest)
        sim_fail(c->report, "S3: after record %llu the folded state differs from the one that lived",
                 (unsigned long long)sequence);
    mark_durable(c, &record->accepted);
    c->durable = sequence;
}

/* Records that were decided and never became durable, or went with a store that was lost: their acts are done anew when asked for. */
static void forget_acts(sim_checker *c, uint64_t sequence, sim_store store)
{
    for (size_t i = 0; i < c->acts.count; i++) {
        act_watched *act = list_at(&c->acts, i);
        if (act->sequence <= sequence) continue;
        if (act->is_answered && store == SIM_STORE_KEPT)
            sim_fail(c->report, "S7: an act that was answered is gone after a restart");
        act->sequence = 0;
        act->is_answered = false;
    }
}

void sim_checker_fold_ends(sim_checker *c, uint64_t sequence, sim_store store)
{
    if (c->durable != sequence) sim_fail(c->report, "S3: the fold ended at %llu", (unsigned long long)c->durable);
    c->records.count = sequence;
    forget_acts(c, sequence, store);
    if (store == SIM_STORE_RESTORED) c->totals.restores++;
    for (size_t i = 0; i < c->watched.count; i++) {
        watched *w = list_at(&c->watched, i);
        if (!w->is_promised || w->is_durable) continue;
        if (store == SIM_STORE_KEPT) sim_fail(c->report, "S1: an event that the hub had acknowledged is gone after a restart");
        w->is_promised = false; /* S6: looked for again at rest */
    }
}

/* ---- acts ------------------------------------------------------------------------------------------------------------------ */

void sim_checker_asked(sim_checker *c, const hub_id *command_id, hub_bytes words)
{
    act_watched *act = list_add(&c->acts);
    act->command_id = *command_id;
    hub_digest_of(words, &act->words);
}

void sim_checker_answered(sim_checker *c, const hub_id *command_id, const Mash__V1__ActReply *reply)
{
    act_watched *act = act_of(c, command_id);
    if (act == NULL) sim_fail(c->report, "S7: an act was answered that nobody asked for");
    if (act->sequence == 0 || act->sequence > c->durable)
        sim_fail(c->report, "S7: an act was answered that no durable record holds");
    if (reply->sequence != 0 && reply->sequence != act->sequence)
        sim_fail(c->report, "S7: the answer to an act names another record than the one that holds it");
    bool is_same = reply->code == act->code && reply->number == act->number && reply->version == act->version;
    if (!is_same) sim_fail(c->report, "S7: an act was answered otherwise than it was recorded");
    act->is_answered = true;
}

static void check_act_stored(sim_checker *c, const journal_opened *opened, const Mash__V1__CommandAnswered *fact)
{
    hub_id id = id_of(&fact->command_id);
    act_watched *act = act_of(c, &id);
    if (act == NULL) return;
    if (++act->stored > 1) sim_fail(c->report, "S7: an act is in the journal twice");
    hub_digest words;
    if (opened->personal != NULL) hub_digest_of(hub_bytes_of(opened->personal->act.data, opened->personal->act.len), &words);
    if (opened->personal == NULL || memcmp(&words, &act->words, sizeof words) != 0)
        sim_fail(c->report, "S7: an act is not kept word for word");
    *(act->code == MASH__V1__ACT_CODE__ACT_DONE ? &c->totals.acts_done : &c->totals.acts_not_done) += 1;
}

/* ---- at rest --------------------------------------------------------------------------------------------------------------- */

static void check_stored(sim_checker *c, const journal_opened *opened, const Mash__V1__EventAccepted *fact)
{
    hub_id id = id_of(&fact->event_id);
    watched *w = find(c, &id);
    if (w == NULL || !w->has_content) sim_fail(c->report, "S1: an event is stored that no outbox accepted");
    if (w->stored++ > 0) sim_fail(c->report, "S1: an event is stored twice");
    if (opened->personal == NULL) sim_fail(c->report, "S1: an event's content is gone");
    hub_digest content;
    hub_digest_of(hub_bytes_of(opened->personal->event.data, opened->personal->event.len), &content);
    if (memcmp(&content, &w->content, sizeof content) != 0)
        sim_fail(c->report, "S1: an event was stored with other content than it was put with");
    if (w->order <= c->last_order[w->source]) sim_fail(c->report, "S2: events of adapter %u are stored out of order", w->source);
    c->last_order[w->source] = w->order;
    c->totals.stored++;
}

static void note_owed(sim_checker *c, uint32_t queue, const journal_opened *opened)
{
    for (size_t i = c->owed.count; i > 0; i--) {
        const owed *earlier = list_at(&c->owed, i - 1);
        if (earlier->what.sequence != opened->record->sequence) break;
        if (earlier->queue == queue) return;
    }
    owed *added = list_add(&c->owed);
    added->queue = queue;
    added->what = (sim_held){opened->record->sequence, opened->record->epoch, opened->hash};
}

static void fold_again(sim_checker *c, const journal_opened *opened, const Mash__V1__Event *event)
{
    core_record record = {.epoch = opened->record->epoch,
                          .sequence = opened->record->sequence,
                          .time_ms = opened->record->time_ms,
                          .control = opened->control,
                          .personal = opened->personal,
                          .event = event};
    for (size_t i = 0; i < opened->control->n_facts; i++) {
        const Mash__V1__Fact *fact = opened->control->facts[i];
        if (fact->body_case == MASH__V1__FACT__BODY_POLICY_ADOPTED) record.policy = c->policies[fact->policy_adopted->policy - 1];
    }
    if (opened->record->origin != NULL) {
        record.peer = opened->record->origin->peer;
        record.link_seq = opened->record->origin->link_seq;
    }
    hub_error err;
    sim_must(c->report, core_reserve(c->refold, &record, &err), &err, "S3: a fresh fold");
    core_evolve(c->refold, &record);
}

static hub_status look_at(void *context, const journal_opened *opened, hub_bytes bytes, hub_error *err)
{
    sim_checker *c = context;
    (void)bytes;
    (void)err;
    hub_arena_reset(&c->arena);
    c->totals.records++;
    const Mash__V1__Event *event = NULL;
    if (opened->personal != NULL && opened->personal->event.len > 0) {
        event_problem problem;
        event = event_decode(hub_bytes_of(opened->personal->event.data, opened->personal->event.len), &c->arena, &problem);
        if (event == NULL) sim_fail(c->report, "S1: a stored event cannot be read");
    }
    for (size_t i = 0; i < opened->control->n_facts; i++) {
        const Mash__V1__Fact *fact = opened->control->facts[i];
        if (fact->body_case == MASH__V1__FACT__BODY_EVENT_ACCEPTED) check_stored(c, opened, fact->event_accepted);
        if (fact->body_case == MASH__V1__FACT__BODY_EVENT_REFUSED) c->totals.refused++;
        if (fact->body_case == MASH__V1__FACT__BODY_COMMAND_ANSWERED) check_act_stored(c, opened, fact->command_answered);
        if (fact->body_case == MASH__V1__FACT__BODY_DELIVERED) note_owed(c, fact->delivered->queue, opened);
        if (fact->body_case == MASH__V1__FACT__BODY_TIME_CORRECTED) c->totals.corrections++;
        if (fact->body_case == MASH__V1__FACT__BODY_FACTS_CONTRADICTED) c->totals.contradictions++;
        if (fact->body_case == MASH__V1__FACT__BODY_ACTED && fact->acted->staff != 0) {
            HUB_ASSERT((size_t)fact->acted->act < SIM_ACT_KINDS);
            c->totals.done_of_kind[fact->acted->act]++;
        }
    }
    sim_dates_record(c->dates, opened, event);
    const record_watched *record = list_at(&c->records, opened->record->sequence - 1);
    sim_book_record(c->book, opened, record->true_ms);
    fold_again(c, opened, event);
    return HUB_OK;
}

void sim_checker_at_rest(sim_checker *c, journal_reader *reader, const core_state *live)
{
    hub_error err;
    HUB_ASSERT(core_open(&c->refold) == HUB_OK);
    sim_must(c->report, journal_reader_batches(reader, 1, 0, look_at, NULL, c, &err), &err, "reading the store at rest");
    if (core_digest(c->refold) != core_digest(live)) sim_fail(c->report, "S3: the state at rest is not the fold of its journal");
    for (size_t i = 0; i < c->watched.count; i++) {
        const watched *w = list_at(&c->watched, i);
        if (w->has_content && w->stored != 1)
            sim_fail(c->report, "S1: an event that adapter %u accepted is not stored", w->source);
    }
    for (size_t i = 0; i < c->acts.count; i++) {
        const act_watched *act = list_at(&c->acts, i);
        if (act->is_answered && act->stored != 1) sim_fail(c->report, "S7: an act that was answered is not in the journal");
    }
    uint64_t acts = c->totals.acts_done + c->totals.acts_not_done;
    if (acts >= 40 && c->totals.acts_done * 10 < acts) sim_fail(c->report, "S11: next to nothing of what people wanted was done");
    sim_book_at_rest(c->book, live);
    c->totals.clocks = sim_book_clocks(c->book);
}

void sim_checker_queue(sim_checker *c, uint32_t queue, const sim_held *held, size_t count)
{
    size_t at = 0;
    for (size_t i = 0; i < c->owed.count; i++) {
        const owed *o = list_at(&c->owed, i);
        if (o->queue != queue) continue;
        c->totals.deliveries++;
        if (at == count || held[at].sequence != o->what.sequence)
            sim_fail(c->report, "S5: queue %u: record %llu is owed to its consumer and missing", queue,
                     (unsigned long long)o->what.sequence);
        if (held[at].epoch != o->what.epoch || memcmp(&held[at].hash, &o->what.hash, sizeof held[at].hash) != 0)
            sim_fail(c->report, "S5: queue %u: record %llu is held from a history that is not the hub's", queue,
                     (unsigned long long)o->what.sequence);
        at++;
    }
    if (at != count) sim_fail(c->report, "S5: queue %u: its consumer holds something that is not owed to it", queue);
}

uint64_t sim_checker_refusals(const sim_checker *c, uint32_t source)
{
    uint64_t refusals = 0;
    for (size_t i = 0; i < c->watched.count; i++) {
        const watched *w = list_at(&c->watched, i);
        if (w->source == source) refusals += w->refused;
    }
    return refusals;
}

sim_totals sim_checker_totals(const sim_checker *c)
{
    return c->totals;
}
