#include "core/describe.h"

#include <stdlib.h>
#include <string.h>

#include "core/acts.h"
#include "core/facts.h"
#include "core/state.h"
#include "event/wire.h"

/* ---- one line -------------------------------------------------------------------------------------------------------------- */
typedef struct describing {
    const core_view *view;
    const core_state *state;
    hub_arena *arena;
    Mash__V1__TailItem *item;
    bool failed;
} describing;

static char *copy(describing *v, const char *text)
{
    return event_wire_text(v->arena, text, &v->failed);
}

static void name_alert(describing *v, uint64_t alert)
{
    char text[32];
    (void)hub_format(text, sizeof text, "A%llu", (unsigned long long)alert);
    v->item->alert_id = copy(v, text);
}

static void name_event(describing *v, const ProtobufCBinaryData *id)
{
    v->item->event_id.data = hub_arena_copy(v->arena, id->data, id->len);
    if (v->item->event_id.data == NULL) v->failed = true;
    v->item->event_id.len = v->failed ? 0 : id->len;
}

static void add_queue(describing *v, uint32_t queue)
{
    const char *name = core_queue_name(v->state, queue);
    for (size_t i = 0; i < v->item->n_queues; i++) {
        if (strcmp(v->item->queues[i], name) == 0) return;
    }
    v->item->queues[v->item->n_queues++] = copy(v, name);
}

static void add_alert(describing *v, uint64_t alert)
{
    char text[32];
    (void)hub_format(text, sizeof text, "A%llu", (unsigned long long)alert);
    if (alert == 0) return;
    for (size_t i = 0; i < v->item->n_alert_ids; i++) {
        if (strcmp(v->item->alert_ids[i], text) == 0) return;
    }
    v->item->alert_ids[v->item->n_alert_ids++] = copy(v, text);
}

static void add_rules(describing *v, const Mash__V1__Traced *trace)
{
    const core_policy *policy = core_policy_numbered(v->state, trace->policy);
    v->item->rules = hub_arena_take(v->arena, (trace->n_matched + 1) * sizeof *v->item->rules);
    if (policy == NULL || v->item->rules == NULL) return;
    for (size_t i = 0; i < trace->n_matched; i++) {
        if (core_view_rule(v->view, policy, trace->matched[i]))
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
    if (core_view_field(v->view, EVENT_FIELD_AGENCY)) v->item->agency = fact->agency;
    if (payload != NULL && core_view_payload(v->view, fact->payload)) v->item->payload = copy(v, payload);
    if (core_view_field(v->view, EVENT_FIELD_EVENT_ID)) name_event(v, &fact->event_id);
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

void core_link_words(const uint64_t link[CORE_LINK_NUMBERS], char out[200])
{
    (void)hub_format(out, 200,
                     "about person %llu, whom it does not name: they belong to family %llu, as does person %llu, whom it names",
                     (unsigned long long)link[0], (unsigned long long)link[1], (unsigned long long)link[2]);
}

static void put_lapse(describing *v, const Mash__V1__ClockLapsed *fact)
{
    const core_clock_run *clock = core_clocks_at(v->state, (uint32_t)fact->clock);
    name_alert(v, clock->alert);
    if (core_view_stands(v->view, clock->alert)) /* an agency that was asked hears which, and not how it stands */
        v->item->rating = (Mash__V1__Rating)core_alerts_at(v->state, clock->alert)->rating;
    char late[40];
    core_late_text(fact->late_ms, late);
    say(v, "%s, %s late", core_clock_rule(v->state, clock)->id, late);
}

static void put_refusal(describing *v, const Mash__V1__EventRefused *fact)
{
    char code[64];
    event_enum_name(&mash__v1__refusal_code__descriptor, (int)fact->code, code);
    for (char *at = code; *at != '\0'; at++)
        if (*at == '_') *at = ' ';
    say(v, "refused: %s%s%s", code, fact->field_path[0] == '\0' ? "" : " at field ", fact->field_path);
}

static void put_acted(describing *v, const Mash__V1__Acted *fact)
{
    const char *team = fact->team == 0 ? "the hub" : core_team_name(v->state, fact->team);
    char item[32] = "";
    if (fact->disagreement != 0) (void)hub_format(item, sizeof item, " (D%llu)", (unsigned long long)fact->disagreement);
    if (fact->alert != 0) {
        name_alert(v, fact->alert);
        if (core_view_stands(v->view, fact->alert))
            v->item->rating = (Mash__V1__Rating)core_alerts_at(v->state, (uint32_t)fact->alert)->rating;
    }
    say(v, "%s %s%s", team, core_acted_words(fact), item);
}

static void put_step(describing *v, const Mash__V1__Escalated *fact)
{
    const core_policy *policy = core_policy_numbered(v->state, fact->policy);
    bool is_known = policy != NULL && fact->ladder < policy->ladder_count;
    say(v, "%s, step %u%s", is_known ? policy->ladders[fact->ladder].id : "a ladder", fact->step,
        fact->n_staff == 0 ? ", nobody to tell" : "");
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
        name_event(v, &fact->event_refused->event_id);
        put_refusal(v, fact->event_refused);
        break;
    case MASH__V1__FACT__BODY_EVENT_REPEATED:
        name_event(v, &fact->event_repeated->event_id);
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
        if (fact->command_answered->code == MASH__V1__COMMAND_CODE__COMMAND_REFUSED && v->item->detail[0] == '\0')
            say(v, "refused"); /* of an act it was said which */
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
    case MASH__V1__FACT__BODY_ACTED:
        put_acted(v, fact->acted);
        break;
    case MASH__V1__FACT__BODY_ESCALATED:
        put_step(v, fact->escalated);
        break;
    case MASH__V1__FACT__BODY_ACT_REFUSED:
        if (fact->act_refused->alert != 0) name_alert(v, fact->act_refused->alert);
        say(v, "%s, not done", core_act_words(fact->act_refused->act));
        break;
    default:
        break;
    }
}

Mash__V1__TailItem *core_describe(const core_view *view, hub_arena *arena)
{
    const core_record *record = view->record;
    Mash__V1__TailItem *item = hub_arena_take(arena, sizeof *item);
    describing v = {.view = view, .state = view->state, .arena = arena, .item = item};
    if (item == NULL) return NULL;
    mash__v1__tail_item__init(item);
    item->sequence = record->sequence;
    item->time_ms = record->time_ms;
    item->epoch = record->epoch;
    const core_peer *peer = core_peer_numbered(view->state, record->peer);
    if (peer == NULL) {
        item->peer = (char *)(uintptr_t) "hub";
    } else if (core_view_field(view, EVENT_FIELD_SOURCE_SYSTEM)) { /* the name tells which system it was */
        item->peer = (char *)(uintptr_t)peer->name;
    }
    item->what = (char *)(uintptr_t)(record->control->n_facts == 0 ? "" : core_fact_words(record->control->facts[0]->kind));
    item->queues = hub_arena_take(arena, (record->control->n_facts + 1) * sizeof *item->queues);
    item->alert_ids = hub_arena_take(arena, (record->control->n_facts + 1) * sizeof *item->alert_ids);
    if (item->queues == NULL || item->alert_ids == NULL) return NULL;
    for (size_t i = 0; i < record->control->n_facts; i++) {
        if (!core_view_fact(view, record->control->facts[i])) continue;
        put_fact(&v, record->control->facts[i]);
        uint64_t alert = core_fact_alert(view->state, record->control->facts[i]);
        add_alert(&v, alert);
        bool tells_area = view->sight == CORE_SIGHT_CONTROL && alert != 0 && item->area[0] == '\0';
        if (tells_area) item->area = (char *)(uintptr_t)core_alerts_at(view->state, (uint32_t)alert)->area;
    }
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
    return in_list(item->alert_ids, item->n_alert_ids, value);
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

/* What a value can be, one by one; NULL at the end. None at all: it is not for this reader to know, and any value will do. */
typedef const char *value_at(const core_state *state, const core_peer *reader, uint32_t index);

static const char *agency_at(const core_state *state, const core_peer *reader, uint32_t index)
{
    (void)state, (void)reader;
    return event_agency_name((Mash__V1__Agency)(index + 1));
}

static const char *payload_at(const core_state *state, const core_peer *reader, uint32_t index)
{
    (void)state, (void)reader;
    for (uint32_t payload = CORE_PAYLOAD_FIRST; payload < CORE_PAYLOAD_FIRST + 64; payload++) {
        if (event_payload_name(payload) != NULL && index-- == 0) return event_payload_name(payload);
    }
    return NULL;
}

static const char *rating_at(const core_state *state, const core_peer *reader, uint32_t index)
{
    static const char *const RATINGS[] = {"blue", "green", "amber", "red"};
    (void)state, (void)reader;
    return index < sizeof RATINGS / sizeof RATINGS[0] ? RATINGS[index] : NULL;
}

static const char *what_at(const core_state *state, const core_peer *reader, uint32_t index)
{
#define X(kind, capitals, member, message, ignorable, words) words,
    static const char *const WORDS[] = {CORE_FACTS(X)};
#undef X
    (void)state, (void)reader;
    return index < sizeof WORDS / sizeof WORDS[0] ? WORDS[index] : NULL;
}

static bool sees_control(const core_peer *reader)
{
    return reader->kind == MASH__V1__PEER_KIND__PEER_KIND_OPERATOR || reader->kind == MASH__V1__PEER_KIND__PEER_KIND_AUDITOR;
}

static const char *queue_at(const core_state *state, const core_peer *reader, uint32_t index)
{
    if (sees_control(reader)) return index < core_queue_count(state) ? core_queue_name(state, index + 1) : NULL;
    bool is_own = index < sizeof reader->queues / sizeof reader->queues[0] && reader->queues[index] != 0;
    return is_own ? core_queue_name(state, reader->queues[index]) : NULL;
}

static const char *peer_at(const core_state *state, const core_peer *reader, uint32_t index)
{
    if (!sees_control(reader)) return NULL;
    if (index == 0) return "hub";
    const core_peer *peer = core_peer_numbered(state, index);
    return peer == NULL ? NULL : peer->name;
}

/* Of all policies, newest first: records of an older one name its rules. */
static const char *rule_at(const core_state *state, const core_peer *reader, uint32_t index)
{
    if (!sees_control(reader)) return NULL;
    for (uint32_t number = state->policies.count; number > 0; number--) {
        const core_policy *policy = core_policy_numbered(state, number);
        if (policy == NULL) continue;
        if (index < policy->rule_count) return policy->rules[index].id;
        index -= policy->rule_count;
    }
    return NULL;
}

typedef struct where_key {
    const char *key;
    bool (*holds)(const Mash__V1__TailItem *item, const char *value);
    value_at *value_at; /* NULL: A and a number */
} where_key;

static const where_key WHERE_KEYS[] = {
    {"agency", is_agency, agency_at}, {"payload", is_payload, payload_at}, {"queue", is_queue, queue_at},
    {"alert", is_alert, NULL},        {"rating", is_rating, rating_at},    {"what", is_what, what_at},
    {"peer", is_peer, peer_at},       {"rule", is_rule, rule_at},
};
enum { WHERE_KEY_COUNT = sizeof WHERE_KEYS / sizeof WHERE_KEYS[0], VALUES_TOLD_MAX = 200 };

static const where_key *find_where(const char *key)
{
    for (size_t i = 0; i < WHERE_KEY_COUNT; i++) {
        if (strcmp(WHERE_KEYS[i].key, key) == 0) return &WHERE_KEYS[i];
    }
    return NULL;
}

static bool can_be(const core_state *state, const core_peer *reader, const where_key *key, const char *value)
{
    if (key->value_at == NULL) return value[0] == 'A' && value[1] != '\0' && strspn(value + 1, "0123456789") == strlen(value + 1);
    const char *name = key->value_at(state, reader, 0);
    bool is_open = name == NULL;
    for (uint32_t i = 1; name != NULL && strcmp(name, value) != 0; i++)
        name = key->value_at(state, reader, i);
    return is_open || name != NULL;
}

static void tell_values(const core_state *state, const core_peer *reader, const where_key *key, hub_buffer *why)
{
    hub_buffer_put_format(why, "where: %s is never that; ", key->key);
    if (key->value_at == NULL) {
        hub_buffer_put_text(why, "an alert is written A and a number, like A17");
        return;
    }
    hub_buffer_put_text(why, "it is one of ");
    const char *name = key->value_at(state, reader, 0);
    for (uint32_t i = 1; name != NULL && i <= VALUES_TOLD_MAX; i++) {
        hub_buffer_put_format(why, "%s%s", i == 1 ? "" : ", ", name);
        name = key->value_at(state, reader, i);
    }
    if (name != NULL) hub_buffer_put_text(why, " and more");
}

bool core_where_check(const core_state *state, uint32_t reader, const Mash__V1__Where *const *where, size_t count,
                      hub_buffer *why)
{
    const core_peer *peer = core_peer_numbered(state, reader);
    HUB_ASSERT(peer != NULL);
    for (size_t i = 0; i < count; i++) {
        const where_key *key = find_where(where[i]->key);
        if (key != NULL && can_be(state, peer, key, where[i]->value)) continue;
        if (key != NULL) {
            tell_values(state, peer, key, why);
            return false;
        }
        hub_buffer_put_text(why, "where: unknown key; the keys are ");
        for (size_t k = 0; k < WHERE_KEY_COUNT; k++)
            hub_buffer_put_format(why, "%s%s", k == 0 ? "" : ", ", WHERE_KEYS[k].key);
        return false;
    }
    return true;
}

bool core_where_holds(const Mash__V1__TailItem *item, const Mash__V1__Where *const *where, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const where_key *key = find_where(where[i]->key);
        if (key == NULL || !key->holds(item, where[i]->value)) return false;
    }
    return true;
}
