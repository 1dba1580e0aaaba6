/* Packing in one pass, from the end to the beginning.
 *
 * A nested message is preceded by its length. Written forwards, the length must be known before the bytes are there, so a library
 * measures every nested message before it packs it, and once more at every level above: a third of the hub's time on the loop. Written
 * backwards, the length is simply what has been written. The bytes are the very ones protobuf-c's packer gives (a test compares them).
 */
#include "event/wire.h"

#include <string.h>

typedef struct packer {
    uint8_t *floor; /* nothing is written below it */
    uint8_t *at;    /* the first byte written so far */
    bool full;
} packer;

static void put_bytes(packer *p, const void *data, size_t size)
{
    if ((size_t)(p->at - p->floor) < size) p->full = true;
    if (p->full) return;
    p->at -= size;
    if (size > 0) memcpy(p->at, data, size);
}

static void put_varint(packer *p, uint64_t value)
{
    uint8_t bytes[10];
    size_t size = 0;
    do {
        bytes[size] = (uint8_t)((value & 0x7f) | 0x80);
        value >>= 7;
        size++;
    } while (value != 0);
    bytes[size - 1] &= 0x7f;
    put_bytes(p, bytes, size);
}

static void put_message(packer *p, const ProtobufCMessage *message);

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

static size_t size_of(ProtobufCType type)
{
    switch (type) {
    case PROTOBUF_C_TYPE_STRING:
    case PROTOBUF_C_TYPE_MESSAGE:
        return sizeof(void *);
    case PROTOBUF_C_TYPE_BYTES:
        return sizeof(ProtobufCBinaryData);
    case PROTOBUF_C_TYPE_BOOL:
        return sizeof(protobuf_c_boolean);
    case PROTOBUF_C_TYPE_INT64:
    case PROTOBUF_C_TYPE_UINT64:
        return sizeof(uint64_t);
    default:
        return sizeof(uint32_t);
    }
}

static void put_one(packer *p, const ProtobufCFieldDescriptor *field, const uint8_t *at)
{
    uint8_t *end = p->at;
    switch (field->type) {
    case PROTOBUF_C_TYPE_MESSAGE:
        put_message(p, *(const ProtobufCMessage *const *)at);
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

static void put_list(packer *p, const ProtobufCFieldDescriptor *field, const uint8_t *base)
{
    size_t count = *(const size_t *)(base + field->quantifier_offset);
    if (count == 0) return;
    const uint8_t *items = *(const uint8_t *const *)(base + field->offset);
    size_t size = size_of(field->type);
    bool is_packed = (field->flags & PROTOBUF_C_FIELD_FLAG_PACKED) != 0;
    uint8_t *end = p->at;
    for (size_t i = count; i-- > 0;) {
        if (is_packed) {
            put_varint(p, number_at(field->type, items + i * size));
        } else {
            put_one(p, field, items + i * size);
        }
    }
    if (!is_packed) return;
    put_varint(p, (uint64_t)(end - p->at));
    put_tag(p, field, 2);
}

/* proto3: a field that holds its zero value is not written, except as the chosen one of a oneof. */
static bool is_zero(const ProtobufCFieldDescriptor *field, const uint8_t *at)
{
    switch (field->type) {
    case PROTOBUF_C_TYPE_MESSAGE:
        return *(const void *const *)at == NULL;
    case PROTOBUF_C_TYPE_STRING:
        return *(const char *const *)at == NULL || **(const char *const *)at == '\0';
    case PROTOBUF_C_TYPE_BYTES:
        return ((const ProtobufCBinaryData *)at)->len == 0;
    default:
        return number_at(field->type, at) == 0;
    }
}

static void put_message(packer *p, const ProtobufCMessage *message)
{
    const uint8_t *base = (const uint8_t *)message;
    for (unsigned i = message->n_unknown_fields; i-- > 0;) {
        const ProtobufCMessageUnknownField *unknown = &message->unknown_fields[i];
        put_bytes(p, unknown->data, unknown->len);
        put_varint(p, (uint64_t)unknown->tag << 3 | unknown->wire_type);
    }
    for (unsigned i = message->descriptor->n_fields; i-- > 0;) {
        const ProtobufCFieldDescriptor *field = &message->descriptor->fields[i];
        if (field->label == PROTOBUF_C_LABEL_REPEATED) {
            put_list(p, field, base);
        } else if ((field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) != 0) {
            if (*(const uint32_t *)(base + field->quantifier_offset) == field->id) put_one(p, field, base + field->offset);
        } else if (!is_zero(field, base + field->offset)) {
            put_one(p, field, base + field->offset);
        }
    }
}

bool event_wire_pack_at(const ProtobufCMessage *message, uint8_t *start, size_t room, size_t *size)
{
    packer p = {.floor = start, .at = start + room};
    put_message(&p, message);
    if (p.full) return false;
    *size = (size_t)(start + room - p.at);
    memmove(start, p.at, *size);
    return true;
}

hub_status event_wire_pack(const ProtobufCMessage *message, hub_buffer *out)
{
    enum { ROOM_LEAST = 512 };
    size_t room = out->capacity - out->size;
    size_t size;
    for (room = room < ROOM_LEAST ? ROOM_LEAST : room;; room *= 2) {
        if (!hub_buffer_reserve(out, room)) return HUB_ERR_MEMORY; /* it refuses to grow for ever */
        if (event_wire_pack_at(message, out->data + out->size, room, &size)) break;
    }
    out->size += size;
    return HUB_OK;
}
