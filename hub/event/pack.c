/* Packing in one pass, from the end to the beginning.
 *
 * A nested message is preceded by its length. Written forwards, the length must be known before the bytes are there, so a library
 * measures every nested message before it packs it, and once more at every level above: a third of the hub's time on the loop. Written
 * backwards, the length is simply what has been written. The bytes are the very ones protobuf-c's packer gives (a test compares them).
 *
 * What an audience may not see is never written: with a set of fields given, an Event is passed through it on the way.
 */
#include "event/fields.h"
#include "event/wire.h"

#include <stddef.h>
#include <string.h>

#include "event/field_table.h"

typedef struct packer {
    uint8_t *floor; /* nothing is written below it */
    uint8_t *at;    /* the first byte written so far */
    bool full;
    const event_field_set *allowed; /* of an Event; NULL: everything */
} packer;

/* A message's place in the numbers of an event's fields (field_table.h). */
typedef struct numbering {
    const event_field_row *row; /* NULL: it is no part of an event, or all of that may be written */
    unsigned start;
} numbering;

/* Room for so many bytes before what is written; NULL: there is none. */
static uint8_t *take(packer *p, size_t size)
{
    if ((size_t)(p->at - p->floor) < size) p->full = true;
    return p->full ? NULL : (p->at -= size);
}

static void put_bytes(packer *p, const void *data, size_t size)
{
    uint8_t *at = take(p, size);
    if (at != NULL && size > 0) memcpy(at, data, size);
}

static void put_varint(packer *p, uint64_t value)
{
    if (value < 0x80 && p->at > p->floor) { /* most tags and lengths */
        *--p->at = (uint8_t)value;
        return;
    }
    size_t size = 1;
    for (uint64_t rest = value >> 7; rest != 0; rest >>= 7)
        size++;
    uint8_t *at = take(p, size);
    if (at == NULL) return;
    for (; value >= 0x80; value >>= 7)
        *at++ = (uint8_t)(value | 0x80);
    *at = (uint8_t)value;
}

static void put_message(packer *p, const ProtobufCMessage *message, numbering numbers);

static void put_tag(packer *p, const ProtobufCFieldDescriptor *field, unsigned wire_type)
{
    put_varint(p, (uint64_t)field->id << 3 | wire_type);
}

static uint64_t number_at(ProtobufCType type, const uint8_t *at)
{
    switch (type) {
    case PROTOBUF_C_TYPE_BOOL:
        return *(const protobuf_c_boolean *)at != 0;
    case PROTOBUF_C_TYPE_UINT32:
        return *(const uint32_t *)at;
    case PROTOBUF_C_TYPE_INT32:
    case PROTOBUF_C_TYPE_ENUM:
        return (uint64_t)(int64_t) * (const int32_t *)at;
    default:
        HUB_ASSERT(type == PROTOBUF_C_TYPE_INT64 || type == PROTOBUF_C_TYPE_UINT64);
        return *(const uint64_t *)at;
    }
}

/* `inner`: of the message that the field holds. */
static void put_one(packer *p, const ProtobufCFieldDescriptor *field, const uint8_t *at, numbering inner)
{
    uint8_t *end = p->at;
    switch (field->type) {
    case PROTOBUF_C_TYPE_MESSAGE:
        put_message(p, *(const ProtobufCMessage *const *)at, inner);
        break;
    case PROTOBUF_C_TYPE_STRING: {
        const char *text = *(const char *const *)at;
        if (text != NULL) put_bytes(p, text, strlen(text));
        break;
    }
    case PROTOBUF_C_TYPE_BYTES:
        put_bytes(p, ((const ProtobufCBinaryData *)at)->data, ((const ProtobufCBinaryData *)at)->len);
        break;
    default:
        put_varint(p, number_at(field->type, at));
        put_tag(p, field, 0);
        return;
    }
    put_varint(p, (uint64_t)(end - p->at));
    put_tag(p, field, 2);
}

static void put_list(packer *p, const ProtobufCFieldDescriptor *field, const uint8_t *base, numbering inner)
{
    size_t count = *(const size_t *)(base + field->quantifier_offset);
    const uint8_t *items = *(const uint8_t *const *)(base + field->offset);
    size_t size = event_wire_element_bytes(field->type);
    bool is_packed = (field->flags & PROTOBUF_C_FIELD_FLAG_PACKED) != 0;
    uint8_t *end = p->at;
    for (size_t i = count; i-- > 0;) {
        if (is_packed) {
            put_varint(p, number_at(field->type, items + i * size));
        } else {
            put_one(p, field, items + i * size, inner);
        }
    }
    if (!is_packed) return;
    put_varint(p, (uint64_t)(end - p->at));
    put_tag(p, field, 2);
}

/* Pointers, lengths and 64-bit numbers are looked at alike; of a text the pointer says nothing. */
_Static_assert(sizeof(void *) == 8 && sizeof(size_t) == 8 && offsetof(ProtobufCBinaryData, len) == 0, "by eight bytes");
enum {
    EIGHT_BYTES =
        1 << PROTOBUF_C_TYPE_MESSAGE | 1 << PROTOBUF_C_TYPE_BYTES | 1 << PROTOBUF_C_TYPE_INT64 | 1 << PROTOBUF_C_TYPE_UINT64
};

static bool is_plain_stated(const ProtobufCFieldDescriptor *field, const uint8_t *base)
{
    const uint8_t *at = base + field->offset;
    if (field->label == PROTOBUF_C_LABEL_REPEATED) return *(const size_t *)(base + field->quantifier_offset) > 0;
    if ((EIGHT_BYTES >> field->type & 1) != 0) return *(const uint64_t *)at != 0;
    if (field->type != PROTOBUF_C_TYPE_STRING) return *(const uint32_t *)at != 0;
    return *(const char *const *)at != NULL && **(const char *const *)at != '\0';
}

unsigned event_wire_stated(const ProtobufCMessage *message, uint8_t stated[EVENT_WIRE_MESSAGE_FIELDS_MAX])
{
    const ProtobufCMessageDescriptor *descriptor = message->descriptor;
    const ProtobufCFieldDescriptor *fields = descriptor->fields;
    const uint8_t *base = (const uint8_t *)message;
    unsigned field_count = descriptor->n_fields, count = 0;
    HUB_ASSERT(field_count <= EVENT_WIRE_MESSAGE_FIELDS_MAX);
    for (unsigned i = 0; i < field_count; i++) {
        const ProtobufCFieldDescriptor *field = &fields[i];
        if ((field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) == 0) {
            stated[count] = (uint8_t)i;
            count += is_plain_stated(field, base);
            continue;
        }
        /* the one that was chosen, and past the others: a Fact has fifty-five of them */
        uint32_t chosen = *(const uint32_t *)(base + field->quantifier_offset);
        const ProtobufCFieldDescriptor *one = chosen == 0 ? NULL : protobuf_c_message_descriptor_get_field(descriptor, chosen);
        if (one != NULL) stated[count++] = (uint8_t)(one - fields);
        for (i = field_count - 1; fields[i].quantifier_offset != field->quantifier_offset;)
            i--;
    }
    return count;
}

/* D1 (core/deliver.h). `inner`: set when the field holds a message. */
static bool may_be_written(const packer *p, numbering numbers, unsigned index, numbering *inner)
{
    if (numbers.row == NULL) return true;
    event_field_entry entry = EVENT_FIELD_ENTRIES[numbers.row->first_entry + index];
    unsigned number = numbers.start + entry.number;
    if (entry.row != EVENT_FIELD_NO_ROW) *inner = (numbering){.row = &EVENT_FIELD_ROWS[entry.row], .start = number + 1};
    return event_fields_has(p->allowed, (event_field)number);
}

static void put_message(packer *p, const ProtobufCMessage *message, numbering numbers)
{
    const uint8_t *base = (const uint8_t *)message;
    if (p->allowed != NULL && message->descriptor == &mash__v1__event__descriptor)
        numbers = (numbering){.row = &EVENT_FIELD_ROWS[0]};
    bool is_filtered = numbers.row != NULL; /* and what this version does not know, nobody has allowed */
    for (unsigned i = is_filtered ? 0 : message->n_unknown_fields; i-- > 0;) {
        const ProtobufCMessageUnknownField *unknown = &message->unknown_fields[i];
        put_bytes(p, unknown->data, unknown->len);
        put_varint(p, (uint64_t)unknown->tag << 3 | unknown->wire_type);
    }
    uint8_t stated[EVENT_WIRE_MESSAGE_FIELDS_MAX];
    for (unsigned i = event_wire_stated(message, stated); i-- > 0;) {
        const ProtobufCFieldDescriptor *field = &message->descriptor->fields[stated[i]];
        numbering inner = {0};
        if (!may_be_written(p, numbers, stated[i], &inner)) continue;
        if (field->label == PROTOBUF_C_LABEL_REPEATED) {
            put_list(p, field, base, inner);
        } else {
            put_one(p, field, base + field->offset, inner);
        }
    }
}

static bool pack_at(const ProtobufCMessage *message, const event_field_set *allowed, uint8_t *start, size_t room, size_t *size)
{
    packer p = {.floor = start, .at = start + room, .allowed = allowed};
    put_message(&p, message, (numbering){0});
    if (p.full) return false;
    *size = (size_t)(start + room - p.at);
    memmove(start, p.at, *size);
    return true;
}

bool event_wire_pack_at(const ProtobufCMessage *message, uint8_t *start, size_t room, size_t *size)
{
    return pack_at(message, NULL, start, room, size);
}

hub_status event_wire_pack_allowed(const ProtobufCMessage *message, const event_field_set *allowed, hub_buffer *out)
{
    enum { ROOM_LEAST = 512 };
    size_t room = out->capacity - out->size;
    size_t size;
    for (room = room < ROOM_LEAST ? ROOM_LEAST : room;; room *= 2) {
        if (!hub_buffer_reserve(out, room)) return HUB_ERR_MEMORY; /* it refuses to grow for ever */
        if (pack_at(message, allowed, out->data + out->size, room, &size)) break;
    }
    out->size += size;
    return HUB_OK;
}

hub_status event_wire_pack(const ProtobufCMessage *message, hub_buffer *out)
{
    return event_wire_pack_allowed(message, NULL, out);
}
