/* What a record tells, to whom: deliveries, explanations, lines of tail, finds. */
#include "story.h"

#include <string.h>

#include "core/state.h"
#include "event/wire.h"

static hub_bytes keep_bytes(story *s, const hub_buffer *from)
{
    return hub_bytes_of(hub_arena_copy(&s->kept, from->data, from->size), from->size);
}

static ProtobufCMessage *keep_message(story *s, const ProtobufCMessageDescriptor *descriptor, const hub_buffer *packed)
{
    event_wire_fault fault;
    ProtobufCMessage *message = NULL;
    assert_int_equal(event_wire_unpack(descriptor, keep_bytes(s, packed), &s->kept, &message, &fault), HUB_OK);
    return message;
}

core_record last_record(story *s)
{
    event_problem problem;
    return (core_record){
        .epoch = 1,
        .sequence = core_sequence(s->state),
        .time_ms = s->now_ms,
        .peer = s->last_peer,
        .control = s->decision.control,
        .personal = s->decision.personal,
        .event = s->last_event.size == 0 ? NULL : event_decode(keep_bytes(s, &s->last_event), &s->kept, &problem),
    };
}

core_record kept_record(story *s)
{
    core_record record = last_record(s);
    record.control = (const Mash__V1__Control *)keep_message(s, &mash__v1__control__descriptor, &s->last_control);
    if (record.personal == NULL) return record;
    hub_buffer packed = {0};
    assert_int_equal(event_wire_pack(&record.personal->base, &packed), HUB_OK);
    record.personal = (const Mash__V1__Personal *)keep_message(s, &mash__v1__personal__descriptor, &packed);
    hub_buffer_free(&packed);
    return record;
}

/* ---- deliveries ------------------------------------------------------------------------------------------------------------ */
static Mash__V1__Delivery *built(story *s, const core_record *record, const char *queue, size_t nth, bool is_shown)
{
    for (size_t i = 0; i < record->control->n_facts; i++) {
        const Mash__V1__Fact *at = record->control->facts[i];
        if (at->kind != FACT_DELIVERED || strcmp(core_queue_name(s->state, at->delivered->queue), queue) != 0 || nth-- > 0)
            continue;
        core_delivery_cache cache = {.is_shown = is_shown};
        hub_buffer packed = {0};
        assert_int_equal(core_deliver(s->state, record, i, false, &s->kept, &cache, &packed), HUB_OK);
        uint8_t hash[32] = {1};
        assert_int_equal(core_deliver_position(&packed, 1, record->sequence, hash), HUB_OK);
        ProtobufCMessage *message = keep_message(s, &mash__v1__delivery__descriptor, &packed);
        hub_buffer_free(&packed);
        return (Mash__V1__Delivery *)message;
    }
    return NULL;
}

Mash__V1__Delivery *nth_delivery_of(story *s, const core_record *record, const char *queue, size_t nth)
{
    return built(s, record, queue, nth, false);
}

Mash__V1__Delivery *shown_of(story *s, const core_record *record, const char *queue)
{
    return built(s, record, queue, 0, true);
}

Mash__V1__Delivery *delivery_of(story *s, const core_record *record, const char *queue)
{
    return nth_delivery_of(s, record, queue, 0);
}

Mash__V1__Delivery *delivery_to(story *s, const char *queue)
{
    core_record record = last_record(s);
    return delivery_of(s, &record, queue);
}

bool withholds(const Mash__V1__Delivery *delivery, const char *path)
{
    for (size_t i = 0; i < delivery->n_withheld; i++) {
        if (strcmp(delivery->withheld[i], path) == 0) return true;
    }
    return false;
}

/* ---- answers --------------------------------------------------------------------------------------------------------------- */
const char *explained_of(story *s, const core_record *record, uint32_t peer)
{
    core_view view = core_view_of(s->state, peer, record);
    core_lines lines = {.arena = &s->kept};
    hub_status status = core_explain(&view, &lines);
    assert_int_equal(status, view.sight == CORE_SIGHT_NONE ? HUB_ERR_REFUSED : HUB_OK);
    hub_buffer text = {0};
    for (size_t i = 0; i < lines.count; i++)
        hub_buffer_put_format(&text, "%*s%s\n", (int)(2 * lines.items[i]->indent), "", lines.items[i]->text);
    const char *kept = hub_arena_copy(&s->kept, text.data, text.size);
    hub_buffer_free(&text);
    return kept == NULL ? "" : kept;
}

const char *explained(story *s, uint32_t peer)
{
    core_record record = last_record(s);
    return explained_of(s, &record, peer);
}

const Mash__V1__TailItem *tailed_of(story *s, const core_record *record, uint32_t peer)
{
    core_view view = core_view_of(s->state, peer, record);
    if (view.sight == CORE_SIGHT_NONE) return NULL;
    const Mash__V1__TailItem *item = core_describe(&view, &s->kept);
    assert_non_null(item);
    return item;
}

const Mash__V1__TailItem *tailed(story *s, uint32_t peer)
{
    core_record record = last_record(s);
    return tailed_of(s, &record, peer);
}

bool finds_of(story *s, const core_record *record, uint32_t peer, const char *key)
{
    core_view view = core_view_of(s->state, peer, record);
    core_case sought;
    hub_error err;
    assert_int_equal(core_case_of_key(s->state, key, &sought, &err), HUB_OK);
    return core_view_finds(&view, &sought);
}

bool finds(story *s, uint32_t peer, const char *key)
{
    core_record record = last_record(s);
    return finds_of(s, &record, peer, key);
}

uint32_t records_of(const story *s, uint64_t person)
{
    uint32_t count = 0;
    for (uint32_t i = 1; i <= s->state->history.count; i++)
        count += core_person_root(s->state, core_history_at(s->state, i)->person) == person;
    return count;
}
