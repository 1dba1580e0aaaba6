#include "rehearse/world.h"

#include <stdio.h>
#include <string.h>

#include "core/daily.h"
#include "core/deliver.h"
#include "core/describe.h"
#include "event/event.h"
#include "event/wire.h"
#include "json/json.h"

enum { OPERATOR = 1, KEPT_BYTES_MAX = 256 * 1024 * 1024, COMMAND_BYTES_MAX = 64 * 1024 * 1024 };

/* ---- telling --------------------------------------------------------------------------------------------------------------- */
/* What was said, for deliveries that take an earlier record's event along. */
static const core_record *earlier_of(const world *w, uint64_t sequence)
{
    for (uint32_t i = 0; sequence != 0 && i < w->said_count; i++) {
        if (w->said[i].sequence == sequence) return &w->said[i];
    }
    return NULL;
}

/* Who is named in it, and of which class it is; NULL: no memory. */
static const Mash__V1__Control *copy_of_control(world *w, const core_record *record)
{
    hub_buffer packed = {0};
    ProtobufCMessage *copy = NULL;
    event_wire_fault fault;
    bool is_copied = event_wire_pack(&record->control->base, &packed) == HUB_OK &&
                     event_wire_unpack_large(&mash__v1__control__descriptor, hub_buffer_bytes(&packed), UINT32_MAX, &w->kept,
                                             &copy, &fault) == HUB_OK;
    hub_buffer_free(&packed);
    return is_copied ? (const Mash__V1__Control *)copy : NULL;
}

static void keep_said(world *w, const core_record *record)
{
    if (record->personal == NULL || (record->event == NULL && record->personal->act.len == 0)) return;
    if (w->said_count == WORLD_SAID_MAX) {
        w->failed = true;
        return;
    }
    Mash__V1__Personal *personal = hub_arena_take(&w->kept, sizeof *personal);
    const ProtobufCBinaryData *said = record->event != NULL ? &record->personal->event : &record->personal->act;
    uint8_t *bytes = hub_arena_copy(&w->kept, said->data, said->len);
    const Mash__V1__Control *control = copy_of_control(w, record);
    if (personal == NULL || bytes == NULL || control == NULL) {
        w->failed = true;
        return;
    }
    mash__v1__personal__init(personal);
    *(record->event != NULL ? &personal->event : &personal->act) = (ProtobufCBinaryData){.len = said->len, .data = bytes};
    w->said[w->said_count++] = (core_record){.sequence = record->sequence, .control = control, .personal = personal};
}

static void keep_delivery(world *w, core_record *record, size_t index)
{
    const Mash__V1__Delivered *fact = record->control->facts[index]->delivered;
    if (w->told_count == WORLD_TOLD_MAX) {
        w->failed = true;
        return;
    }
    core_delivery_cache cache = {0};
    record->earlier = earlier_of(w, core_deliver_along(fact));
    record->earlier_count = record->earlier != NULL ? 1 : 0;
    hub_buffer packed = {0};
    hub_buffer text = {0};
    ProtobufCMessage *delivery = NULL;
    event_wire_fault fault;
    bool built =
        core_deliver(w->state, record, index, false, &w->arena, &cache, &packed) == HUB_OK &&
        event_wire_unpack(&mash__v1__delivery__descriptor, hub_buffer_bytes(&packed), &w->kept, &delivery, &fault) == HUB_OK;
    if (built) {
        Mash__V1__Delivery shown = *(const Mash__V1__Delivery *)delivery;
        shown.n_withheld = 0; /* the names of what is withheld are asked for apart */
        built = json_of_message(&shown.base, JSON_COMPACT, &text) == HUB_OK;
    }
    world_delivery *told = &w->told[w->told_count];
    *told = (world_delivery){.queue = fact->queue, .step = w->step.number, .kind = fact->kind, .alert = fact->alert};
    told->message = (const Mash__V1__Delivery *)delivery;
    told->json = built ? hub_arena_copy(&w->kept, text.data, text.size) : NULL;
    if (told->json == NULL) {
        w->failed = true;
    } else {
        w->told_count++;
    }
    hub_buffer_free(&packed);
    hub_buffer_free(&text);
}

/* What was said whole, so that a story can be asked whether a word it must not show was ever there. */
static void keep_words(world *w, const ProtobufCMessage *message)
{
    hub_buffer text = {0};
    bool is_json = json_of_message(message, JSON_COMPACT, &text) == HUB_OK && w->words_count < WORLD_RECORDS_MAX;
    char *copy = is_json ? hub_arena_copy(&w->kept, text.data, text.size) : NULL;
    if (copy == NULL) {
        w->failed = true;
    } else {
        w->words[w->words_count++] = copy;
    }
    hub_buffer_free(&text);
}

static void keep_explanation(world *w, const core_record *record)
{
    core_lines lines = {.arena = &w->arena};
    hub_buffer text = {0};
    core_view view = core_view_of(w->state, OPERATOR, record);
    bool told = core_explain(&view, &lines) == HUB_OK && w->explained_count < WORLD_RECORDS_MAX;
    for (size_t i = 0; told && i < lines.count; i++)
        hub_buffer_put_format(&text, "%s\n", lines.items[i]->text);
    char *copy = told ? hub_arena_copy(&w->kept, hub_buffer_text(&text), text.size) : NULL;
    if (copy == NULL) {
        w->failed = true;
    } else {
        w->explained[w->explained_count++] =
            (world_explanation){.sequence = record->sequence, .at_ms = record->time_ms, .step = w->step.number, .text = copy};
    }
    hub_buffer_free(&text);
}

/* Room for one more of what a step keeps: its place, or 0 when there is none; then the story ends. */
static uint32_t place_in(world *w, uint32_t *count)
{
    if (*count == WORLD_NAMES_MAX) {
        w->failed = true;
        return 0;
    }
    return (*count)++;
}

static void note_rules(world *w, const Mash__V1__Traced *trace)
{
    for (size_t i = 0; i < trace->n_matched; i++)
        w->step.rules[place_in(w, &w->step.rule_count)] = w->policy->rules[trace->matched[i]].id;
}

static void note(world *w, const Mash__V1__Fact *fact)
{
    world_step *step = &w->step;
    switch (fact->body_case) {
    case MASH__V1__FACT__BODY_TRACED:
        note_rules(w, fact->traced);
        return;
    case MASH__V1__FACT__BODY_ALERT_OPENED:
        step->alert = fact->alert_opened->alert;
        return;
    case MASH__V1__FACT__BODY_ALERT_JOINED:
        step->alert = fact->alert_joined->alert;
        return;
    case MASH__V1__FACT__BODY_CLOCK_LAPSED:
        /* its id, whatever it is for: the ids of a policy's clocks are its own */
        step->lapsed[place_in(w, &step->lapsed_count)] = core_clock_name(w->state, fact->clock_lapsed->clock);
        return;
    case MASH__V1__FACT__BODY_ESCALATED:
        for (size_t i = 0; i < fact->escalated->n_staff; i++)
            step->escalated_to[place_in(w, &step->escalated_count)] = fact->escalated->staff[i];
        return;
    case MASH__V1__FACT__BODY_ALARM_RAISED:
        step->alarms[place_in(w, &step->alarm_count)] = fact->alarm_raised->alarm;
        return;
    default:
        return;
    }
}

static void note_reply(world *w, const core_reply *reply)
{
    world_step *step = &w->step;
    w->number = reply->number;
    if (reply->act != NULL && reply->act->code != MASH__V1__ACT_CODE__ACT_DONE)
        (void)snprintf(step->refused, sizeof step->refused, "%s", reply->text);
    if (reply->item == MASH__V1__ITEM_STATUS__REFUSED || reply->item == MASH__V1__ITEM_STATUS__RETRY_LATER)
        (void)snprintf(step->refused, sizeof step->refused, "%s: %s", reply->problem.field_path, reply->problem.reason);
}

/* ---- deciding and folding -------------------------------------------------------------------------------------------------- */
static void decide(world *w, core_command command)
{
    command.at_ms = w->now_ms;
    core_decision decision;
    hub_arena_reset(&w->arena);
    if (w->failed || core_decide(w->state, &command, &w->arena, &decision) != HUB_OK) {
        w->failed = true;
        return;
    }
    note_reply(w, &decision.reply);
    if (decision.control == NULL) return;
    core_record record = {
        .epoch = 1,
        .sequence = core_sequence(w->state) + 1,
        .time_ms = w->now_ms,
        .peer = command.peer,
        .link_seq = command.kind == CORE_PUBLISH ? command.of.publish.link_seq : 0,
        .control = decision.control,
        .personal = decision.personal,
        .event = command.kind == CORE_PUBLISH && decision.personal != NULL ? command.of.publish.event : NULL,
        .policy = command.kind == CORE_ADOPT_POLICY ? command.of.adopt.policy : NULL,
    };
    hub_error err;
    if (core_reserve(w->state, &record, &err) != HUB_OK) {
        w->failed = true;
        return;
    }
    core_evolve(w->state, &record);
    keep_said(w, &record);
    for (size_t i = 0; i < decision.control->n_facts; i++) {
        note(w, decision.control->facts[i]);
        if (decision.control->facts[i]->body_case == MASH__V1__FACT__BODY_DELIVERED) keep_delivery(w, &record, i);
    }
    if (w->step.number > 0) keep_explanation(w, &record);
}

/* ---- opening --------------------------------------------------------------------------------------------------------------- */
static uint32_t enrol(world *w, const char *name, Mash__V1__PeerKind kind, Mash__V1__Agency agency, char **teams, size_t count)
{
    Mash__V1__Enrol body = MASH__V1__ENROL__INIT;
    uint8_t key[CORE_KEY_BYTES] = {0};
    (void)snprintf((char *)key, sizeof key, "key of %s", name);
    body.public_key = (ProtobufCBinaryData){.len = sizeof key, .data = key};
    body.kind = kind;
    body.agency = agency;
    body.name = (char *)(uintptr_t)name;
    body.may_act_for = teams;
    body.n_may_act_for = count;
    decide(w, (core_command){.kind = CORE_ENROL, .peer = OPERATOR, .of.enrol = &body});
    if (w->number == 0) w->failed = true;
    return (uint32_t)w->number;
}

static void enrol_adapters(world *w)
{
    for (uint32_t agency = 1; agency < sizeof w->adapters / sizeof w->adapters[0]; agency++) {
        const char *name = event_agency_name((Mash__V1__Agency)agency);
        if (name == NULL) continue;
        w->adapters[agency] = enrol(w, name, MASH__V1__PEER_KIND__PEER_KIND_ADAPTER, (Mash__V1__Agency)agency, NULL, 0);
        core_command open = {.kind = CORE_OPEN_OUTBOX, .peer = w->adapters[agency]};
        open.of.outbox.outbox_id.bytes[0] = (uint8_t)agency;
        decide(w, open);
    }
}

/* The key of the software this person acts with: it may act for all their teams. Enrolled when they first act. */
static uint32_t gateway_of(world *w, const char *staff)
{
    enum { TEAMS_MAX = 16 };
    char name[CORE_NAME_MAX];
    (void)snprintf(name, sizeof name, "of-%.40s", staff);
    const core_peer *known = core_peer_by_name(w->state, name);
    if (known != NULL) return known->number;
    char *teams[TEAMS_MAX];
    size_t count = 0;
    for (uint32_t i = 0; i < w->policy->staff_count && count < TEAMS_MAX; i++) {
        char *team = w->policy->teams[w->policy->staff[i].team].name;
        bool is_theirs = strcmp(w->policy->staff[i].id, staff) == 0;
        for (size_t k = 0; k < count; k++)
            is_theirs = is_theirs && strcmp(teams[k], team) != 0;
        if (is_theirs) teams[count++] = team;
    }
    return enrol(w, name, MASH__V1__PEER_KIND__PEER_KIND_GATEWAY, MASH__V1__AGENCY__AGENCY_UNSPECIFIED, teams, count);
}

hub_status world_open(world *w, const core_policy *policy, int64_t now_ms)
{
    *w = (world){.policy = policy, .now_ms = now_ms};
    hub_status status = hub_arena_open(&w->arena, 64 * 1024, COMMAND_BYTES_MAX);
    if (status == HUB_OK) status = hub_arena_open(&w->kept, 64 * 1024, KEPT_BYTES_MAX);
    if (status == HUB_OK) status = core_open(&w->state);
    if (status == HUB_OK) {
        w->told = hub_arena_take(&w->kept, WORLD_TOLD_MAX * sizeof *w->told);
        w->explained = hub_arena_take(&w->kept, WORLD_RECORDS_MAX * sizeof *w->explained);
        w->words = hub_arena_take(&w->kept, WORLD_RECORDS_MAX * sizeof *w->words);
    }
    if (status != HUB_OK || w->kept.exhausted) {
        world_close(w);
        return HUB_ERR_MEMORY;
    }
    static const uint8_t KEY[CORE_KEY_BYTES] = "thirty-two bytes, of no secrecy";
    decide(w, (core_command){.kind = CORE_CREATE_PARTNERSHIP, .of.create = {policy->partnership, KEY, KEY, KEY, KEY}});
    Mash__V1__AdoptPolicy sources = MASH__V1__ADOPT_POLICY__INIT;
    decide(w, (core_command){.kind = CORE_ADOPT_POLICY, .peer = OPERATOR, .of.adopt = {policy, &sources}});
    enrol_adapters(w);
    w->step = (world_step){0};
    if (!w->failed) return HUB_OK;
    world_close(w);
    return HUB_ERR_MEMORY;
}

void world_close(world *w)
{
    core_close(w->state);
    hub_arena_close(&w->arena);
    hub_arena_close(&w->kept);
    *w = (world){0};
}

/* ---- what happens ---------------------------------------------------------------------------------------------------------- */
void world_begin_step(world *w)
{
    w->step = (world_step){.number = w->step.number + 1, .alert = w->step.alert};
}

void world_pass_to(world *w, int64_t at_ms)
{
    for (;;) {
        int64_t due_ms = core_count(w->state).next_due_ms;
        if (w->failed || due_ms == 0 || due_ms > at_ms) break;
        if (due_ms > w->now_ms) w->now_ms = due_ms;
        decide(w, (core_command){.kind = CORE_TICK});
    }
    if (at_ms > w->now_ms) w->now_ms = at_ms;
}

void world_publish(world *w, const Mash__V1__Event *event)
{
    hub_buffer packed = {0};
    keep_words(w, &event->base);
    if (event_wire_pack(&event->base, &packed) != HUB_OK) w->failed = true;
    uint32_t agency = (uint32_t)event->agency;
    core_command command = {.kind = CORE_PUBLISH, .peer = w->adapters[agency]};
    command.of.publish.outbox = core_peer_numbered(w->state, w->adapters[agency])->outbox;
    command.of.publish.link_seq = ++w->link_seq[agency];
    command.of.publish.item_event_id = hub_bytes_of(event->event_id.data, event->event_id.len);
    command.of.publish.bytes = hub_buffer_bytes(&packed);
    command.of.publish.event = event;
    (void)event_validate(event, w->now_ms, &command.of.publish.problem);
    if (command.of.publish.problem.code != 0) command.of.publish.event = NULL;
    decide(w, command);
    hub_buffer_free(&packed);
}

static uint32_t newest_version(const world *w, const char *item)
{
    unsigned long long number = 0;
    if (sscanf(item, "A%llu", &number) == 1 && number >= 1 && number <= core_alert_count(w->state))
        return core_alert_stands(w->state, number).version;
    if (sscanf(item, "D%llu", &number) == 1) return core_disagreement_version(w->state, number);
    return 0;
}

void world_act(world *w, Mash__V1__Act *act)
{
    uint8_t id[HUB_ID_BYTES] = {0xac};
    hub_put_u32(id + 4, ++w->acts);
    act->command_id = (ProtobufCBinaryData){.len = sizeof id, .data = id};
    if (act->version == 0) act->version = newest_version(w, act->item);
    if (act->what_case == MASH__V1__ACT__WHAT_SIGN && act->sign->seen_sequence == 0)
        act->sign->seen_sequence = core_sequence(w->state);
    uint32_t gateway = gateway_of(w, act->on_behalf_of);
    hub_buffer packed = {0};
    keep_words(w, &act->base);
    if (event_wire_pack(&act->base, &packed) != HUB_OK) w->failed = true;
    core_command command = {.kind = CORE_ACT, .peer = gateway};
    memcpy(command.command_id.bytes, id, sizeof id);
    command.of.act.act = act;
    command.of.act.bytes = hub_buffer_bytes(&packed);
    decide(w, command);
    hub_buffer_free(&packed);
    act->command_id = (ProtobufCBinaryData){0};
}

const char *world_notice(const world *w)
{
    for (uint32_t i = w->told_count; i-- > 0;) {
        if (w->told[i].kind == MASH__V1__DELIVERY_KIND__DELIVERY_KIND_NOTICE) return w->told[i].message->notice;
    }
    return "";
}

uint64_t world_sequence_at(const world *w, int64_t at_ms)
{
    uint64_t newest = 1; /* the partnership's own */
    for (uint32_t i = 0; i < w->explained_count; i++) {
        if (w->explained[i].at_ms <= at_ms) newest = w->explained[i].sequence;
    }
    return newest;
}

bool world_daily(world *w, const char *staff, const char *queue, Mash__V1__DailyList *out)
{
    core_daily_ask ask = {.reader = gateway_of(w, staff), .queue = queue, .at_ms = w->now_ms};
    ask.staff = core_staff_for(w->state, ask.reader, staff, w->now_ms);
    return ask.staff != 0 && core_daily_list(w->state, &ask, &w->kept, out) == HUB_OK;
}

uint64_t world_person(const world *w, const char *nhs_number)
{
    return core_person_of(w->state, MASH__V1__IDENTIFIER_SCHEME__IDENTIFIER_SCHEME_NHS_NUMBER, "", nhs_number);
}
