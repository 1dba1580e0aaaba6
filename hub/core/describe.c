#include "core/describe.h"

#include <stdlib.h>
#include <string.h>

#include "core/facts.h"
#include "core/state.h"

/* ---- who may read ---------------------------------------------------------------------------------------------------------- */
static bool consumes(const core_peer *peer, uint32_t queue)
{
    for (size_t i = 0; i < sizeof peer->queues / sizeof peer->queues[0] && peer->queues[i] != 0; i++) {
        if (peer->queues[i] == queue) return true;
    }
    return false;
}

bool core_may_read(const core_state *state, uint32_t peer_number, const core_record *record)
{
    const core_peer *peer = core_peer_numbered(state, peer_number);
    if (peer == NULL || peer->revoked) return false;
    switch (peer->kind) {
    case MASH__V1__PEER_KIND__PEER_KIND_OPERATOR:
    case MASH__V1__PEER_KIND__PEER_KIND_AUDITOR:
        return true;
    case MASH__V1__PEER_KIND__PEER_KIND_ADAPTER:
        return record->peer == peer_number; /* what it said itself */
    default:
        break;
    }
    for (size_t i = 0; i < record->control->n_facts; i++) {
        const Mash__V1__Fact *fact = record->control->facts[i];
        if (fact->kind == 60 && consumes(peer, fact->delivered->queue)) return true;
    }
    return false;
}

/* ---- one line -------------------------------------------------------------------------------------------------------------- */
typedef struct describing {
    const core_state *state;
    const core_record *record;
    hub_arena *arena;
    Mash__V1__TailItem *item;
    bool failed;
} describing;

static char *copy(describing *v, const char *text)
{
    char *made = hub_arena_copy(v->arena, text, strlen(text));
    if (made == NULL) v->failed = true;
    return made == NULL ? (char *)protobuf_c_empty_string : made;
}

static void name_alert(describing *v, uint64_t alert)
{
    char text[32];
    (void)hub_format(text, sizeof text, "A%llu", (unsigned long long)alert);
    v->item->alert_id = copy(v, text);
}

static void add_queue(describing *v, uint32_t queue)
{
    const char *name = core_queue_name(v->state, queue);
    for (size_t i = 0; i < v->item->n_queues; i++) {
        if (strcmp(v->item->queues[i], name) == 0) return;
    }
    v->item->queues[v->item->n_queues++] = copy(v, name);
}

static void add_rules(describing *v, const Mash__V1__Traced *trace)
{
    const core_policy *policy = core_policy_numbered(v->state, trace->policy);
    v->item->rules = hub_arena_take(v->arena, (trace->n_matched + 1) * sizeof *v->item->rules);
    if (policy == NULL || v->item->rules == NULL) return;
    for (size_t i = 0; i < trace->n_matched; i++) {
        if (trace->matched[i] < policy->rule_count)
            v->item->rules[v->item->n_rules++] = copy(v, policy->rules[trace->matched[i]].id);
    }
}

static void say(describing *v, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void say(describing *v, const char *format, ...)
{
    char text[200];
    va_list args;
    va_start(args, format);
    (void)hub_format_list(text, sizeof text, format, args);
    va_end(args);
    v->item->detail = copy(v, text);
}

static void put_event(describing *v, const Mash__V1__EventAccepted *fact)
{
    const char *payload = event_payload_name(fact->payload);
    v->item->agency = fact->agency;
    v->item->payload = copy(v, payload == NULL ? "" : payload);
    v->item->event_id = fact->event_id;
    if (fact->exercise) say(v, "exercise");
}

void core_late_text(int64_t late_ms, char out[40])
{
    const long long seconds = (long long)(late_ms / 1000);
    if (seconds >= 86400)
        (void)hub_format(out, 40, "%lld day%s %lld h", seconds / 86400, seconds < 2 * 86400 ? "" : "s", seconds % 86400 / 3600);
    else if (seconds >= 3600)
        (void)hub_format(out, 40, "%lld h %lld min", seconds / 3600, seconds % 3600 / 60);
    else if (seconds >= 60)
        (void)hub_format(out, 40, "%lld min", seconds / 60);
    else
        (void)hub_format(out, 40, "%lld s", seconds);
}

static void put_lapse(describing *v, const Mash__V1__ClockLapsed *fact)
{
    const core_clock_run *clock = core_clocks_at(v->state, (uint32_t)fact->clock);
    name_alert(v, clock->alert);
    v->item->rating = (Mash__V1__Rating)core_alerts_at(v->state, clock->alert)->rating;
    char late[40];
    core_late_text(fact->late_ms, late);
    say(v, "%s, %s late", core_clock_rule(v->state, clock)->id, late);
}

static void put_correction(describing *v, const Mash__V1__TimeCorrected *fact)
{
    char by[40];
    core_late_text(fact->delta_ms < 0 ? -fact->delta_ms : fact->delta_ms, by);
    say(v, "%s %s: %s", fact->delta_ms < 0 ? "back" : "on", by,
        fact->cause == MASH__V1__TIME_CAUSE__TIME_CAUSE_PAUSE ? "the machine had stood still" : "the clock had been wrong");
}

static void put_fact(describing *v, const Mash__V1__Fact *fact)
{
    Mash__V1__TailItem *item = v->item;
    switch (fact->body_case) {
    case MASH__V1__FACT__BODY_EVENT_ACCEPTED:
        put_event(v, fact->event_accepted);
        break;
    case MASH__V1__FACT__BODY_EVENT_REFUSED:
        item->event_id = fact->event_refused->event_id;
        say(v, "refused with code %u, field %s", fact->event_refused->code, fact->event_refused->field_path);
        break;
    case MASH__V1__FACT__BODY_EVENT_REPEATED:
        item->event_id = fact->event_repeated->event_id;
        break;
    case MASH__V1__FACT__BODY_ALERT_OPENED:
        name_alert(v, fact->alert_opened->alert);
        item->rating = fact->alert_opened->rating;
        break;
    case MASH__V1__FACT__BODY_ALERT_JOINED:
        name_alert(v, fact->alert_joined->alert);
        item->rating = fact->alert_joined->rating;
        break;
    case MASH__V1__FACT__BODY_CLOCK_LAPSED:
        put_lapse(v, fact->clock_lapsed);
        break;
    case MASH__V1__FACT__BODY_DELIVERED:
        add_queue(v, fact->delivered->queue);
        break;
    case MASH__V1__FACT__BODY_TRACED:
        add_rules(v, fact->traced);
        break;
    case MASH__V1__FACT__BODY_KEY_ENROLLED:
        say(v, "%s", fact->key_enrolled->name);
        break;
    case MASH__V1__FACT__BODY_KEY_REVOKED:
        say(v, "%s", core_peer_numbered(v->state, fact->key_revoked->peer)->name);
        break;
    case MASH__V1__FACT__BODY_POLICY_ADOPTED:
        say(v, "policy %u", fact->policy_adopted->policy);
        break;
    case MASH__V1__FACT__BODY_COMMAND_ANSWERED:
        if (fact->command_answered->code == MASH__V1__COMMAND_CODE__COMMAND_REFUSED) say(v, "refused");
        break;
    case MASH__V1__FACT__BODY_HUB_STARTED:
        say(v, "epoch %u", fact->hub_started->epoch);
        break;
    case MASH__V1__FACT__BODY_TIME_CORRECTED:
        put_correction(v, fact->time_corrected);
        break;
    case MASH__V1__FACT__BODY_RECEIPT_STORED:
        add_queue(v, fact->receipt_stored->queue);
        break;
    default:
        break;
    }
}

Mash__V1__TailItem *core_describe(const core_state *state, const core_record *record, hub_arena *arena)
{
    Mash__V1__TailItem *item = hub_arena_take(arena, sizeof *item);
    describing v = {.state = state, .record = record, .arena = arena, .item = item};
    if (item == NULL) return NULL;
    mash__v1__tail_item__init(item);
    item->sequence = record->sequence;
    item->time_ms = record->time_ms;
    item->epoch = record->epoch;
    const core_peer *peer = core_peer_numbered(state, record->peer);
    item->peer = peer == NULL ? (char *)(uintptr_t) "hub" : (char *)(uintptr_t)peer->name;
    item->what = (char *)(uintptr_t)(record->control->n_facts == 0 ? "" : core_fact_words(record->control->facts[0]->kind));
    item->queues = hub_arena_take(arena, (record->control->n_facts + 1) * sizeof *item->queues);
    if (item->queues == NULL) return NULL;
    for (size_t i = 0; i < record->control->n_facts; i++)
        put_fact(&v, record->control->facts[i]);
    return v.failed ? NULL : item;
}

/* ---- where ----------------------------------------------------------------------------------------------------------------- */
static bool in_list(char *const *list, size_t count, const char *value)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(list[i], value) == 0) return true;
    }
    return false;
}

static bool is_agency(const Mash__V1__TailItem *item, const char *value)
{
    return item->agency != MASH__V1__AGENCY__AGENCY_UNSPECIFIED && event_agency_of_name(value) == item->agency;
}
static bool is_payload(const Mash__V1__TailItem *item, const char *value)
{
    return strcmp(item->payload, value) == 0;
}
static bool is_queue(const Mash__V1__TailItem *item, const char *value)
{
    return in_list(item->queues, item->n_queues, value);
}
static bool is_alert(const Mash__V1__TailItem *item, const char *value)
{
    return strcmp(item->alert_id, value) == 0;
}
static bool is_rating(const Mash__V1__TailItem *item, const char *value)
{
    char name[64];
    return item->rating != MASH__V1__RATING__RATING_UNSPECIFIED &&
           strcmp(event_enum_name(&mash__v1__rating__descriptor, (int)item->rating, name), value) == 0;
}
static bool is_what(const Mash__V1__TailItem *item, const char *value)
{
    return strcmp(item->what, value) == 0;
}
static bool is_peer(const Mash__V1__TailItem *item, const char *value)
{
    return strcmp(item->peer, value) == 0;
}
static bool is_rule(const Mash__V1__TailItem *item, const char *value)
{
    return in_list(item->rules, item->n_rules, value);
}

typedef struct where_key {
    const char *key;
    bool (*holds)(const Mash__V1__TailItem *item, const char *value);
} where_key;

static const where_key WHERE_KEYS[] = {
    {"agency", is_agency}, {"payload", is_payload}, {"queue", is_queue}, {"alert", is_alert},
    {"rating", is_rating}, {"what", is_what},       {"peer", is_peer},   {"rule", is_rule},
};

static const where_key *find_where(const char *key)
{
    for (size_t i = 0; i < sizeof WHERE_KEYS / sizeof WHERE_KEYS[0]; i++) {
        if (strcmp(WHERE_KEYS[i].key, key) == 0) return &WHERE_KEYS[i];
    }
    return NULL;
}

hub_status core_where_check(const Mash__V1__Where *const *where, size_t count, hub_error *err)
{
    for (size_t i = 0; i < count; i++) {
        if (find_where(where[i]->key) != NULL) continue;
        return hub_fail(err, HUB_ERR_INVALID,
                        "where: unknown key; the keys are agency, payload, queue, alert, rating, what, peer, rule");
    }
    return HUB_OK;
}

bool core_where_holds(const Mash__V1__TailItem *item, const Mash__V1__Where *const *where, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const where_key *key = find_where(where[i]->key);
        if (key == NULL || !key->holds(item, where[i]->value)) return false;
    }
    return true;
}
