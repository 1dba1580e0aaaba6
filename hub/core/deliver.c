#include "core/deliver.h"

#include <string.h>

#include "core/facts.h"
#include "core/state.h"
#include "event/wire.h"

/* What building one delivery needs. */
typedef struct delivering {
    const core_state *state;
    const core_record *record;
    const Mash__V1__Delivered *fact;
    const core_policy *policy; /* today's: what may be seen is decided by the rules in force */
    hub_arena *arena;
    bool failed;
} delivering;

static void *take(delivering *v, size_t size)
{
    void *memory = hub_arena_take(v->arena, size);
    if (memory == NULL) v->failed = true;
    return memory;
}

static char *text(delivering *v, const char *from)
{
    char *copy = hub_arena_copy(v->arena, from, strlen(from));
    if (copy == NULL) v->failed = true;
    return copy == NULL ? (char *)protobuf_c_empty_string : copy;
}

/* ---- reasons --------------------------------------------------------------------------------------------------------------- */
static void add_reason(delivering *v, Mash__V1__Delivery *out, const char *rule, const char *plain, const char *source)
{
    Mash__V1__Reason *reason = take(v, sizeof *reason);
    if (reason == NULL) return;
    mash__v1__reason__init(reason);
    reason->rule = (char *)(uintptr_t)rule;
    reason->plain = (char *)(uintptr_t)plain;
    reason->source = (char *)(uintptr_t)source;
    const Mash__V1__Fact *accepted = core_fact_first(v->record->control, 20);
    if (accepted != NULL) {
        reason->agency = accepted->event_accepted->agency;
        reason->sensitivity = accepted->event_accepted->sensitivity;
    }
    out->reasons[out->n_reasons++] = reason;
}

/* Did this rule send the event to this queue? */
static bool rule_leads_here(const delivering *v, const core_policy *policy, const core_rule *rule)
{
    bool is_notice = v->fact->kind == MASH__V1__DELIVERY_KIND__DELIVERY_KIND_NOTICE;
    if (rule->action != (is_notice ? CORE_DO_NOTIFY : CORE_DO_ALERT)) return false;
    if (rule->queue >= 0) return policy->queues[rule->queue].number == v->fact->queue;
    for (uint32_t i = 0; i < policy->route_count; i++) {
        const core_route *route = &policy->routes[i];
        if (strcmp(route->service, rule->service) == 0 && policy->queues[route->queue].number == v->fact->queue) return true;
    }
    return false;
}

static void rule_reasons(delivering *v, Mash__V1__Delivery *out)
{
    const Mash__V1__Fact *fact = core_fact_first(v->record->control, 70);
    const Mash__V1__Traced *trace = fact == NULL ? NULL : fact->traced;
    const core_policy *policy = trace == NULL ? NULL : core_policy_numbered(v->state, trace->policy);
    if (policy == NULL) return;
    out->reasons = take(v, (trace->n_matched + 1) * sizeof *out->reasons);
    if (out->reasons == NULL) return;
    for (size_t i = 0; i < trace->n_matched; i++) {
        if (trace->matched[i] >= policy->rule_count) continue;
        const core_rule *rule = &policy->rules[trace->matched[i]];
        if (trace->matched[i] == v->fact->rule || rule_leads_here(v, policy, rule))
            add_reason(v, out, rule->id, rule->plain, rule->source);
    }
}

static void say_why(delivering *v, Mash__V1__Delivery *out)
{
    const char *plain = NULL;
    switch (v->fact->kind) {
    case MASH__V1__DELIVERY_KIND__DELIVERY_KIND_EVENT_RETRACTED:
        plain = "the sender has withdrawn an event that you were told of";
        break;
    case MASH__V1__DELIVERY_KIND__DELIVERY_KIND_EVENT_AMENDED:
        plain = "the sender has corrected an event that you were told of";
        break;
    case MASH__V1__DELIVERY_KIND__DELIVERY_KIND_CLOCK_LAPSED:
        plain = "a clock on this alert has run out";
        break;
    default:
        break;
    }
    if (plain == NULL) {
        rule_reasons(v, out);
        plain = "the rule that decided this is no longer at hand"; /* D3, should the policy be gone */
    }
    if (out->n_reasons > 0) return;
    out->reasons = take(v, sizeof *out->reasons);
    if (out->reasons != NULL) add_reason(v, out, "", plain, "");
}

/* ---- the alert as it stands ------------------------------------------------------------------------------------------------ */
static uint32_t subject_of(const delivering *v, uint32_t person)
{
    for (size_t i = 0; i < v->record->control->n_facts; i++) {
        const Mash__V1__Fact *fact = v->record->control->facts[i];
        if (fact->kind != 30) continue;
        if (core_person_root(v->state, (uint32_t)fact->person_linked->person) == person) return fact->person_linked->subject + 1;
    }
    return 0;
}

static void put_lines(delivering *v, const core_alert_row *row, Mash__V1__Alert *out)
{
    enum { LINES_MAX = 64 };
    out->lines = take(v, LINES_MAX * sizeof *out->lines);
    for (uint32_t at = row->lines; at != 0 && !v->failed && out->n_lines < LINES_MAX; at = core_lines_at(v->state, at)->next) {
        Mash__V1__DecisionLine *line = take(v, sizeof *line);
        if (line == NULL) return;
        mash__v1__decision_line__init(line);
        uint32_t person = core_person_root(v->state, core_lines_at(v->state, at)->person);
        line->person = person;
        line->subject = subject_of(v, person);
        line->state = (char *)(uintptr_t) "undecided";
        out->lines[out->n_lines++] = line;
    }
}

static bool started_here(const delivering *v, uint32_t clock)
{
    for (size_t i = 0; i < v->record->control->n_facts; i++) {
        const Mash__V1__Fact *fact = v->record->control->facts[i];
        if (fact->kind == 50 && fact->clock_started->clock == clock) return true;
    }
    return false;
}

static Mash__V1__Clock *clock_view(delivering *v, uint32_t number)
{
    const core_clock_run *run = core_clocks_at(v->state, number);
    const core_clock_row *row = core_clock_rule(v->state, run);
    Mash__V1__Clock *clock = take(v, sizeof *clock);
    if (clock == NULL) return NULL;
    mash__v1__clock__init(clock);
    clock->clock = (char *)(uintptr_t)row->id;
    clock->from_ms = run->from_ms;
    clock->due_ms = run->due_ms;
    clock->statutory = row->statutory;
    clock->provisional = run->provisional != 0;
    if (started_here(v, number)) { /* the arithmetic is told once, with the record that set the clock */
        const core_policy *policy = core_policy_numbered(v->state, run->policy);
        hub_buffer words = {0};
        core_calendar_words(&policy->calendars[row->calendar], row->kind, row->amount, row->roll, run->from_ms, &words);
        clock->why = text(v, hub_buffer_text(&words));
        hub_buffer_free(&words);
    }
    return clock;
}

static void put_clocks(delivering *v, const core_alert_row *row, Mash__V1__Alert *out)
{
    enum { CLOCKS_MAX = 32 };
    out->clocks = take(v, CLOCKS_MAX * sizeof *out->clocks);
    for (uint32_t at = row->clocks; at != 0 && !v->failed && out->n_clocks < CLOCKS_MAX;
         at = core_clocks_at(v->state, at)->next) {
        if (core_clocks_at(v->state, at)->state != CORE_CLOCK_RUNNING) continue;
        Mash__V1__Clock *clock = clock_view(v, at);
        if (clock == NULL) return;
        size_t place = out->n_clocks++; /* earliest due first */
        for (; place > 0 && out->clocks[place - 1]->due_ms > clock->due_ms; place--)
            out->clocks[place] = out->clocks[place - 1];
        out->clocks[place] = clock;
    }
}

static void put_alert(delivering *v, Mash__V1__Delivery *out)
{
    if (v->fact->alert == 0) return;
    const core_alert_row *row = core_alerts_at(v->state, (uint32_t)v->fact->alert);
    Mash__V1__Alert *alert = take(v, sizeof *alert);
    if (alert == NULL) return;
    mash__v1__alert__init(alert);
    char words[CORE_NAME_MAX + 32];
    (void)hub_format(words, sizeof words, "A%llu", (unsigned long long)v->fact->alert);
    alert->alert_id = text(v, words);
    const core_policy *policy = core_policy_numbered(v->state, row->policy);
    const char *rule = policy != NULL && row->rule < policy->rule_count ? policy->rules[row->rule].id : "an earlier policy";
    (void)hub_format(words, sizeof words, "provisional, by rule %s", rule);
    alert->rated_by = text(v, words);
    alert->rating = (Mash__V1__Rating)row->rating;
    alert->area = (char *)(uintptr_t)row->area;
    alert->events = row->event_count;
    put_lines(v, row, alert);
    put_clocks(v, row, alert);
    out->alert = alert;
}

static const char *cause_words(Mash__V1__LateCause cause)
{
    switch (cause) {
    case MASH__V1__LATE_CAUSE__LATE_CAUSE_HUB_AWAY:
        return "the hub was not running when it was due";
    case MASH__V1__LATE_CAUSE__LATE_CAUSE_SENDER_DELAY:
        return "it was due before the event came: the sender was late";
    case MASH__V1__LATE_CAUSE__LATE_CAUSE_LOAD:
        return "the hub was busy";
    case MASH__V1__LATE_CAUSE__LATE_CAUSE_RATED_LATE:
        return "it was due before a person gave the rating that brought it";
    case MASH__V1__LATE_CAUSE__LATE_CAUSE_PAUSE:
        return "the hub's machine stood still when it was due";
    default:
        return "on time";
    }
}

static void put_lapsed(delivering *v, Mash__V1__Delivery *out)
{
    for (size_t i = 0; i < v->record->control->n_facts; i++) {
        const Mash__V1__Fact *fact = v->record->control->facts[i];
        if (fact->kind != 51 || fact->clock_lapsed->clock != v->fact->clock) continue;
        const core_clock_row *row = core_clock_rule(v->state, core_clocks_at(v->state, (uint32_t)v->fact->clock));
        Mash__V1__LapsedClock *lapsed = take(v, sizeof *lapsed);
        if (lapsed == NULL) return;
        mash__v1__lapsed_clock__init(lapsed);
        lapsed->clock = (char *)(uintptr_t)row->id;
        lapsed->plain = (char *)(uintptr_t)row->plain;
        lapsed->due_ms = fact->clock_lapsed->due_ms;
        lapsed->late_ms = fact->clock_lapsed->late_ms;
        lapsed->cause = (char *)(uintptr_t)cause_words(fact->clock_lapsed->cause);
        out->lapsed = lapsed;
    }
}

/* ---- what was said --------------------------------------------------------------------------------------------------------- */
enum { WITHHELD_MAX = 64 };

typedef struct withheld {
    delivering *v;
    Mash__V1__Delivery *out;
} withheld;

static void note_withheld(void *context, const char *path)
{
    withheld *w = context;
    if (w->out->n_withheld == WITHHELD_MAX) return;
    w->out->withheld[w->out->n_withheld++] = text(w->v, path);
}

static const core_audience *audience_of(const delivering *v)
{
    for (uint32_t i = 0; v->policy != NULL && i < v->policy->audience_count; i++) {
        if (v->policy->audiences[i].number == v->fact->audience) return &v->policy->audiences[i];
    }
    return NULL;
}

/* People in no role that the audience is told of are emptied in their place: positions are referred to, so nobody may move up. */
static void hide_people(const core_audience *audience, Mash__V1__Event *event, withheld *w)
{
    if (audience == NULL || audience->subject_roles == 0) return;
    bool hidden = false;
    for (size_t i = 0; i < event->n_subjects; i++) {
        Mash__V1__Subject *subject = event->subjects[i];
        bool shown = false;
        for (size_t k = 0; k < subject->n_roles; k++)
            shown = shown || (audience->subject_roles >> ((unsigned)subject->roles[k] & 63) & 1) != 0;
        if (shown) continue;
        mash__v1__subject__init(subject);
        hidden = true;
    }
    if (hidden) note_withheld(w, "subjects in other roles");
}

/* The event as this audience may see it, and the names of what it may not: packed as fields of Delivery, in the arena. `out` lends its
 * end for the packing. */
static hub_bytes redacted(delivering *v, hub_buffer *out)
{
    static const event_field_set NOTHING = {{0}};
    Mash__V1__Delivery part = MASH__V1__DELIVERY__INIT;
    withheld w = {.v = v, .out = &part};
    part.withheld = take(v, WITHHELD_MAX * sizeof *part.withheld);
    const ProtobufCBinaryData *said = &v->record->personal->event;
    ProtobufCAllocator allocator = event_wire_allocator(v->arena);
    part.event = mash__v1__event__unpack(&allocator, said->len, said->data); /* checked when it was accepted */
    if (v->failed || part.event == NULL) {
        v->failed = true;
        return (hub_bytes){0};
    }
    const core_audience *audience = audience_of(v);
    hide_people(audience, part.event, &w);
    event_fields_redact(part.event, audience == NULL ? &NOTHING : &audience->fields, note_withheld, &w); /* D1 */
    size_t before = out->size;
    hub_status status = event_wire_pack(&part.base, out);
    size_t size = out->size - before;
    uint8_t *packed = status == HUB_OK ? hub_arena_copy(v->arena, out->data + before, size) : NULL;
    out->size = before;
    if (packed == NULL) v->failed = true;
    return hub_bytes_of(packed, packed == NULL ? 0 : size);
}

hub_status core_deliver(const core_state *state, const core_record *record, size_t fact_index, bool possible_duplicate,
                        hub_arena *arena, core_delivery_cache *cache, hub_buffer *out)
{
    if (fact_index >= record->control->n_facts || record->control->facts[fact_index]->kind != 60) return HUB_ERR_NOT_FOUND;
    delivering v = {
        .state = state,
        .record = record,
        .fact = record->control->facts[fact_index]->delivered,
        .policy = core_policy_now(state),
        .arena = arena,
    };
    Mash__V1__Delivery delivery = MASH__V1__DELIVERY__INIT;
    delivery.queue = (char *)(uintptr_t)core_queue_name(state, v.fact->queue);
    delivery.audience = v.fact->audience >= 1 && v.fact->audience <= state->audiences.count
                            ? core_audiences_at(state, v.fact->audience)->name
                            : (char *)protobuf_c_empty_string;
    delivery.kind = v.fact->kind;
    delivery.possible_duplicate = possible_duplicate;
    delivery.time_ms = record->time_ms;
    const Mash__V1__Fact *accepted = core_fact_first(record->control, 20);
    delivery.exercise = accepted != NULL && accepted->event_accepted->exercise;
    say_why(&v, &delivery);
    put_alert(&v, &delivery);
    put_lapsed(&v, &delivery);

    bool has_event = record->personal != NULL && record->personal->event.len > 0;
    if (has_event && !v.failed && (cache->sequence != record->sequence || cache->audience != v.fact->audience)) {
        cache->packed = redacted(&v, out);
        cache->sequence = v.failed ? 0 : record->sequence;
        cache->audience = v.fact->audience;
    }
    if (v.failed) return HUB_ERR_MEMORY;
    hub_status status = event_wire_pack(&delivery.base, out);
    if (status == HUB_OK && has_event) hub_buffer_put(out, cache->packed.data, cache->packed.size);
    return out->failed ? HUB_ERR_MEMORY : status;
}

hub_status core_deliver_position(hub_buffer *packed_delivery, uint32_t epoch, uint64_t sequence, const uint8_t record_hash[32])
{
    Mash__V1__Position position = MASH__V1__POSITION__INIT;
    position.epoch = epoch;
    position.sequence = sequence;
    position.record_hash = (ProtobufCBinaryData){.len = 32, .data = (uint8_t *)(uintptr_t)record_hash};
    Mash__V1__Delivery delivery = MASH__V1__DELIVERY__INIT;
    delivery.position = &position;
    return event_wire_pack(&delivery.base, packed_delivery);
}
