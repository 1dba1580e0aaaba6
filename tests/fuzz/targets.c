#include "targets.h"

#include <string.h>

#include "../unit_event/sample.h"
#include "event/event.h"
#include "event/fields.h"
#include "event/wire.h"
#include "json/json.h"
#include "signin/account.h"
#include "signin/token.h"

static hub_arena open_arena(void)
{
    hub_arena arena;
    hub_status status = hub_arena_open(&arena, 65536, 1 << 21);
    HUB_ASSERT(status == HUB_OK);
    return arena;
}

/* A valid event is the same after JSON and back. */
static void check_json_round_trip(const Mash__V1__Event *event, hub_arena *arena)
{
    hub_buffer packed = {0};
    hub_buffer again = {0};
    hub_buffer text = {0};
    hub_status status = json_of_message(&event->base, JSON_COMPACT, &text);
    HUB_ASSERT(status == HUB_OK);
    ProtobufCMessage *read;
    status = json_to_message(&mash__v1__event__descriptor, hub_buffer_bytes(&text), arena, &read, NULL);
    HUB_ASSERT(status == HUB_OK || status == HUB_ERR_MEMORY);
    if (status == HUB_OK) {
        HUB_ASSERT(event_wire_pack(&event->base, &packed) == HUB_OK);
        HUB_ASSERT(event_wire_pack(read, &again) == HUB_OK);
        HUB_ASSERT(hub_bytes_equal(hub_buffer_bytes(&packed), hub_buffer_bytes(&again)));
    }
    hub_buffer_free(&packed);
    hub_buffer_free(&again);
    hub_buffer_free(&text);
}

/* Fields of a newer version have no JSON. */
static void drop_unknown(ProtobufCMessage *message)
{
    message->n_unknown_fields = 0;
    message->unknown_fields = NULL;
    const ProtobufCMessageDescriptor *descriptor = message->descriptor;
    for (unsigned i = 0; i < descriptor->n_fields; i++) {
        const ProtobufCFieldDescriptor *field = &descriptor->fields[i];
        if (field->type != PROTOBUF_C_TYPE_MESSAGE) continue;
        const uint8_t *base = (const uint8_t *)message;
        if (field->label == PROTOBUF_C_LABEL_REPEATED) {
            size_t count;
            memcpy(&count, base + field->quantifier_offset, sizeof count);
            ProtobufCMessage **items;
            memcpy(&items, base + field->offset, sizeof items);
            for (size_t k = 0; k < count; k++)
                drop_unknown(items[k]);
            continue;
        }
        if ((field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) != 0) {
            uint32_t chosen;
            memcpy(&chosen, base + field->quantifier_offset, sizeof chosen);
            if (chosen != field->id) continue;
        }
        ProtobufCMessage *inner;
        memcpy(&inner, base + field->offset, sizeof inner);
        if (inner != NULL) drop_unknown(inner);
    }
}

static void check_event(hub_bytes bytes, hub_arena *arena)
{
    event_problem problem;
    Mash__V1__Event *event = event_decode(bytes, arena, &problem);
    HUB_ASSERT((event == NULL) == (problem.code != MASH__V1__REFUSAL_CODE__REFUSAL_CODE_UNSPECIFIED));
    HUB_ASSERT(memchr(problem.field_path, 0, sizeof problem.field_path) != NULL);
    if (event == NULL) return;
    bool valid = event_validate(event, SAMPLE_NOW_MS, &problem);
    HUB_ASSERT(valid == (problem.code == MASH__V1__REFUSAL_CODE__REFUSAL_CODE_UNSPECIFIED));
    drop_unknown(&event->base);
    if (valid) {
        HUB_ASSERT(event_validate(event, SAMPLE_NOW_MS, &problem));
        check_json_round_trip(event, arena);
    }
    event_field_set some = {{0}};
    HUB_ASSERT(event_fields_add(&some, "subjects.addresses"));
    HUB_ASSERT(event_fields_add(&some, "domestic_abuse_incident.grades.level"));
    hub_buffer packed = {0};
    HUB_ASSERT(event_wire_pack_allowed(&event->base, &some, &packed) == HUB_OK);
    const Mash__V1__Event *shown = event_decode(hub_buffer_bytes(&packed), arena, &problem);
    HUB_ASSERT(shown != NULL && shown->event_id.len == 0 && shown->summary[0] == '\0');
    hub_buffer_clear(&packed);
    event_field_set none = {{0}};
    HUB_ASSERT(event_wire_pack_allowed(&event->base, &none, &packed) == HUB_OK);
    HUB_ASSERT(packed.size == 0);
    hub_buffer_free(&packed);
}

void fuzz_event(const uint8_t *data, size_t size)
{
    hub_arena arena = open_arena();
    check_event(hub_bytes_of(data, size), &arena);
    hub_arena_close(&arena);
}

void fuzz_frame(const uint8_t *data, size_t size)
{
    hub_arena arena = open_arena();
    ProtobufCMessage *message;
    event_wire_fault fault;
    hub_status status =
        event_wire_unpack(&mash__v1__client_frame__descriptor, hub_bytes_of(data, size), &arena, &message, &fault);
    HUB_ASSERT(status == HUB_OK || fault.cause[0] != '\0');
    if (status == HUB_OK) {
        const Mash__V1__ClientFrame *frame = (const Mash__V1__ClientFrame *)message;
        drop_unknown(message);
        hub_buffer packed = {0};
        hub_arena again = open_arena();
        HUB_ASSERT(event_wire_pack(message, &packed) == HUB_OK);
        HUB_ASSERT(event_wire_unpack(&mash__v1__client_frame__descriptor, hub_buffer_bytes(&packed), &again, &message, &fault) ==
                   HUB_OK);
        hub_arena_close(&again);
        hub_buffer_free(&packed);
        bool publishes = frame->body_case == MASH__V1__CLIENT_FRAME__BODY_PUBLISH;
        for (size_t i = 0; publishes && i < frame->publish->n_items && i < 4; i++) {
            const ProtobufCBinaryData *event = &frame->publish->items[i]->event;
            fuzz_event(event->data, event->len);
        }
    }
    hub_arena_close(&arena);
}

void fuzz_json(const uint8_t *data, size_t size)
{
    hub_arena arena = open_arena();
    ProtobufCMessage *message;
    hub_error err = {""};
    hub_status status = json_to_message(&mash__v1__event__descriptor, hub_bytes_of(data, size), &arena, &message, &err);
    HUB_ASSERT(status == HUB_OK || err.text[0] != '\0');
    event_problem problem;
    if (status == HUB_OK && event_validate((const Mash__V1__Event *)message, SAMPLE_NOW_MS, &problem))
        check_json_round_trip((const Mash__V1__Event *)message, &arena);
    hub_arena_close(&arena);
}

bool fuzz_token_is_good(const uint8_t *data, size_t size)
{
    const uint8_t *end = size > 0 ? memchr(data, '\n', size) : NULL;
    size_t keys = end != NULL ? (size_t)(end - data) : size;
    hub_bytes token = end != NULL ? hub_bytes_of(end + 1, size - keys - 1) : hub_bytes_of(NULL, 0);
    token_expect expect = {.issuer = "https://login.council.test",
                           .client_id = "board",
                           .nonce = "n-0S6",
                           .now_ms = SAMPLE_NOW_MS,
                           .leeway_ms = 60 * 1000};
    token_claims claims;
    token_verdict verdict = token_check(hub_bytes_of(data, keys), token, &expect, &claims);
    HUB_ASSERT((verdict == TOKEN_GOOD) == (claims.subject[0] != '\0'));
    HUB_ASSERT(memchr(claims.subject, 0, sizeof claims.subject) != NULL);
    HUB_ASSERT(hub_is_clean_text(claims.name, strlen(claims.name)));
    return verdict == TOKEN_GOOD;
}

void fuzz_token(const uint8_t *data, size_t size)
{
    (void)fuzz_token_is_good(data, size);
}

void fuzz_people(const uint8_t *data, size_t size)
{
    yaml_problems problems = {0};
    accounts *list = accounts_read("people.yaml", hub_bytes_of(data, size), &problems);
    HUB_ASSERT((list == NULL) == (problems.text.size > 0));
    for (size_t i = 0; list != NULL && i < accounts_count(list); i++) {
        const account *row = accounts_at(list, i);
        HUB_ASSERT(accounts_find(list, row->name) == row);
        HUB_ASSERT(row->password_hash[0] != '\0' || accounts_find_subject(list, row->issuer, row->subject) == row);
    }
    accounts_close(list);
    yaml_problems_free(&problems);
}
