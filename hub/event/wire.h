/* wire.h - turning bytes from outside into a message, safely.
 *
 * Why: protobuf-c unpacks whatever it is given: 58 KB of nesting overflow its stack, and repeated fields grow 41-fold in memory. So
 * the bytes are walked first against the message's descriptor (depth, number of fields, lengths, clean UTF-8 in every string), and
 * only then unpacked, into an arena with a budget.
 *
 * Invariants
 *   W1  no message is unpacked that event_wire_check has not passed
 *   W2  an unpacked message lives in the arena alone and is never given to protobuf_c_message_free_unpacked
 */
#ifndef EVENT_WIRE_H
#define EVENT_WIRE_H

#include <protobuf-c/protobuf-c.h>

#include "base/arena.h"
#include "base/bytes.h"
#include "base/status.h"
#include "event/fields.h"

enum {
    EVENT_WIRE_DEPTH_MAX = 16,           /* the deepest message of the contract has 6 levels */
    EVENT_WIRE_FIELDS_MAX = 65536,       /* fields in one message, nested ones included */
    EVENT_WIRE_MESSAGE_FIELDS_MAX = 128, /* that a type of message has; Event, the largest, has 63 */
};

/* What is wrong with bytes that are no message: the path of the field ("items[3].event_id", without values) and a cause. */
typedef struct event_wire_fault {
    char field_path[160];
    char cause[120];
    int bad_text; /* 1: the fault is text that is not clean UTF-8 */
} event_wire_fault;

/* Walks `bytes` as a message of `descriptor` - unknown fields are allowed and counted - and unpacks. The message lives in `arena` (W2). HUB_OK, HUB_ERR_INVALID (fault filled), HUB_ERR_MEMORY (budget used up). */
hub_status event_wire_unpack(const ProtobufCMessageDescriptor *descriptor, hub_bytes bytes, hub_arena *arena,
                             ProtobufCMessage **out, event_wire_fault *fault);

/* hub_is_clean_text, eight bytes at a time while they are ASCII, as nearly all text is. */
bool event_wire_text_is_clean(const char *text, size_t size);

/* As event_wire_unpack, for a message that may have more fields than EVENT_WIRE_FIELDS_MAX: the arena's budget bounds it. */
hub_status event_wire_unpack_large(const ProtobufCMessageDescriptor *descriptor, hub_bytes bytes, uint32_t fields_max,
                                   hub_arena *arena, ProtobufCMessage **out, event_wire_fault *fault);

/* An allocator that takes from `arena` and never frees: for messages made to be packed. */
ProtobufCAllocator event_wire_allocator(hub_arena *arena);

/* A copy of `text` for a field of such a message. The arena is used up: `failed` is set, and what comes back is protobuf-c's own empty
 * text, which packing knows by its address. */
char *event_wire_text(hub_arena *arena, const char *text, bool *failed);

/* What one element of a repeated field of this type takes in memory. */
static inline size_t event_wire_element_bytes(ProtobufCType type)
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
    default: /* an enum or a number of 32 bits: the contract has no other */
        return sizeof(uint32_t);
    }
}

/* The fields that the message states, by their indexes in its descriptor, ascending; how many. In proto3 a field that holds its zero value
 * is not stated, unless it is the chosen one of a oneof. The fields of a oneof stand side by side in the contract (a test looks). */
unsigned event_wire_stated(const ProtobufCMessage *message, uint8_t stated[EVENT_WIRE_MESSAGE_FIELDS_MAX]);
/* Packs at the end of `out`. HUB_OK or HUB_ERR_MEMORY. */
hub_status event_wire_pack(const ProtobufCMessage *message, hub_buffer *out);
/* The same, and of every Event in it nothing but what is in `allowed` (NULL: everything): no other field, none that this version does not
 * know. */
hub_status event_wire_pack_allowed(const ProtobufCMessage *message, const event_field_set *allowed, hub_buffer *out);
/* Packs at `start`, where `room` bytes are free. false: they are not enough; what lies there is then undefined. */
bool event_wire_pack_at(const ProtobufCMessage *message, uint8_t *start, size_t room, size_t *size);

#endif
