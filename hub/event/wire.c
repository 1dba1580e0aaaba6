#include "event/wire.h"

#include <stdio.h>
#include <string.h>

#include "event/place.h"

typedef struct walk {
    const uint8_t *at;
    size_t left;
} walk;

typedef struct checker {
    event_wire_fault *fault;
    uint32_t fields, fields_max;
} checker;

static bool fail(checker *c, const event_place *place, const char *cause)
{
    event_place_path(place, EVENT_PLACE_WITH_POSITIONS, c->fault->field_path, sizeof c->fault->field_path);
    (void)snprintf(c->fault->cause, sizeof c->fault->cause, "%s", cause);
    return false;
}

bool event_wire_text_is_clean(const char *text, size_t size)
{
    const uint64_t high_bits = 0x8080808080808080;
    const uint64_t ones = 0x0101010101010101;
    size_t done = 0;
    for (; size - done >= sizeof(uint64_t); done += sizeof(uint64_t)) {
        uint64_t eight;
        memcpy(&eight, text + done, sizeof eight);
        if ((((eight - ones) & ~eight) | eight) & high_bits) break; /* a NUL, or not ASCII */
    }
    return hub_is_clean_text(text + done, size - done);
}

/* A varint of at most 10 bytes (protobuf encoding, "Base 128 Varints"). */
static bool take_varint(walk *w, uint64_t *value)
{
    uint64_t result = 0;
    for (unsigned shift = 0; shift < 70; shift += 7) {
        if (w->left == 0) return false;
        uint8_t byte = *w->at++;
        w->left--;
        if (shift == 63 && byte > 1) return false;
        result |= (uint64_t)(byte & 0x7f) << shift;
        if ((byte & 0x80) == 0) {
            *value = result;
            return true;
        }
    }
    return false;
}

static bool take(walk *w, size_t size, walk *part)
{
    if (size > w->left) return false;
    if (part != NULL) *part = (walk){.at = w->at, .left = size};
    w->at += size;
    w->left -= size;
    return true;
}

static unsigned wire_type_of(ProtobufCType type)
{
    switch (type) {
    case PROTOBUF_C_TYPE_STRING:
    case PROTOBUF_C_TYPE_BYTES:
    case PROTOBUF_C_TYPE_MESSAGE:
        return 2;
    case PROTOBUF_C_TYPE_FIXED32:
    case PROTOBUF_C_TYPE_SFIXED32:
    case PROTOBUF_C_TYPE_FLOAT:
        return 5;
    case PROTOBUF_C_TYPE_FIXED64:
    case PROTOBUF_C_TYPE_SFIXED64:
    case PROTOBUF_C_TYPE_DOUBLE:
        return 1;
    default:
        return 0;
    }
}

static bool check_message(checker *c, const ProtobufCMessageDescriptor *descriptor, walk w, const event_place *place, int depth);

static bool check_part(checker *c, const event_place *place, walk part, int depth)
{
    const ProtobufCFieldDescriptor *field = place->field;
    if (field->type == PROTOBUF_C_TYPE_STRING) {
        if (event_wire_text_is_clean((const char *)part.at, part.left)) return true;
        c->fault->bad_text = 1;
        return fail(c, place, "text that is not UTF-8, or holds NUL");
    }
    if (field->type == PROTOBUF_C_TYPE_MESSAGE) return check_message(c, field->descriptor, part, place, depth + 1);
    if (field->type == PROTOBUF_C_TYPE_BYTES) return true;
    /* packed numbers: every one counts, since each takes memory */
    unsigned fixed = wire_type_of(field->type) == 1 ? 8 : wire_type_of(field->type) == 5 ? 4 : 0;
    while (part.left > 0) {
        uint64_t ignored;
        bool ok = fixed > 0 ? take(&part, fixed, NULL) : take_varint(&part, &ignored);
        if (!ok) return fail(c, place, "a packed number is cut short");
        if (++c->fields > c->fields_max) return fail(c, place, "more fields than a message may have");
    }
    return true;
}

/* Passes over one field's value; `part` is its bytes when it has a length. NULL, or what is wrong. */
static const char *take_value(walk *w, unsigned wire_type, walk *part)
{
    uint64_t number = 0;
    switch (wire_type) {
    case 0:
        return take_varint(w, &number) ? NULL : "a number is cut short";
    case 1:
        return take(w, 8, NULL) ? NULL : "a number is cut short";
    case 5:
        return take(w, 4, NULL) ? NULL : "a number is cut short";
    case 2:
        return take_varint(w, &number) && number <= w->left && take(w, (size_t)number, part) ? NULL
                                                                                             : "a length runs past the end";
    default:
        return "a wire type that protobuf does not use (groups are not allowed)";
    }
}

static bool check_field(checker *c, const ProtobufCMessageDescriptor *descriptor, walk *w, uint32_t *counts,
                        const event_place *within, int depth)
{
    uint64_t tag;
    if (!take_varint(w, &tag) || tag >> 3 == 0 || tag > UINT32_MAX)
        return fail(c, within, "a field tag is cut short or out of range");
    if (++c->fields > c->fields_max) return fail(c, within, "more fields than a message may have");
    unsigned wire_type = (unsigned)(tag & 7);
    const ProtobufCFieldDescriptor *field = protobuf_c_message_descriptor_get_field(descriptor, (unsigned)(tag >> 3));
    event_place place = {.within = within, .field = field};
    bool repeated = field != NULL && field->label == PROTOBUF_C_LABEL_REPEATED;
    if (repeated) place.index = counts[field - descriptor->fields]++;
    const event_place *here = field == NULL ? within : &place;

    walk part = {0};
    const char *fault = take_value(w, wire_type, &part);
    if (fault != NULL) return fail(c, here, fault);
    if (field == NULL) return true; /* unknown: counted, measured, skipped */
    unsigned expected = wire_type_of(field->type);
    bool packed = repeated && wire_type == 2 && expected != 2;
    if (wire_type != expected && !packed) return fail(c, here, "a field of another wire type than the contract says");
    return wire_type != 2 || check_part(c, here, part, depth);
}

static bool check_message(checker *c, const ProtobufCMessageDescriptor *descriptor, walk w, const event_place *place, int depth)
{
    if (depth > EVENT_WIRE_DEPTH_MAX) return fail(c, place, "nested too deeply");
    HUB_ASSERT(descriptor->n_fields <= EVENT_WIRE_MESSAGE_FIELDS_MAX);
    uint32_t counts[EVENT_WIRE_MESSAGE_FIELDS_MAX];
    memset(counts, 0, descriptor->n_fields * sizeof counts[0]);
    while (w.left > 0) {
        if (!check_field(c, descriptor, &w, counts, place, depth)) return false;
    }
    return true;
}

static hub_status check(const ProtobufCMessageDescriptor *descriptor, hub_bytes bytes, uint32_t fields_max,
                        event_wire_fault *fault)
{
    checker c = {.fault = fault, .fields_max = fields_max};
    *fault = (event_wire_fault){0};
    walk w = {.at = bytes.data, .left = bytes.size};
    return check_message(&c, descriptor, w, NULL, 1) ? HUB_OK : HUB_ERR_INVALID;
}

static void *arena_alloc(void *arena, size_t size)
{
    return hub_arena_take_raw(arena, size);
}

static void arena_free(void *arena, void *bytes)
{
    (void)arena;
    (void)bytes;
}

ProtobufCAllocator event_wire_allocator(hub_arena *arena)
{
    return (ProtobufCAllocator){.alloc = arena_alloc, .free = arena_free, .allocator_data = arena};
}

char *event_wire_text(hub_arena *arena, const char *text, bool *failed)
{
    char *copy = hub_arena_copy(arena, text, strlen(text));
    if (copy == NULL) *failed = true;
    return copy == NULL ? (char *)protobuf_c_empty_string : copy;
}

hub_status event_wire_unpack(const ProtobufCMessageDescriptor *descriptor, hub_bytes bytes, hub_arena *arena,
                             ProtobufCMessage **out, event_wire_fault *fault)
{
    return event_wire_unpack_large(descriptor, bytes, EVENT_WIRE_FIELDS_MAX, arena, out, fault);
}

hub_status event_wire_unpack_large(const ProtobufCMessageDescriptor *descriptor, hub_bytes bytes, uint32_t fields_max,
                                   hub_arena *arena, ProtobufCMessage **out, event_wire_fault *fault)
{
    *out = NULL;
    hub_status status = check(descriptor, bytes, fields_max, fault);
    if (status != HUB_OK) return status;
    ProtobufCAllocator allocator = event_wire_allocator(arena);
    ProtobufCMessage *message = protobuf_c_message_unpack(descriptor, &allocator, bytes.size, bytes.data);
    if (message == NULL) {
        (void)snprintf(fault->cause, sizeof fault->cause, "%s",
                       arena->exhausted ? "it would take more memory than one message may" : "not a message of this type");
        return arena->exhausted ? HUB_ERR_MEMORY : HUB_ERR_INVALID;
    }
    *out = message;
    return HUB_OK;
}
