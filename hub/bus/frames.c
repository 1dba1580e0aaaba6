#include "frames.h"

#include <protobuf-c/protobuf-c.h>

/* Tags of length-delimited fields: number << 3 | 2 (protobuf encoding). */
enum {
    TAG_DELIVERIES = 13 << 3 | 2, /* HubFrame.deliveries */
    TAG_DELIVERY = 1 << 3 | 2,    /* Deliveries.items */
};
_Static_assert(MASH__V1__HUB_FRAME__BODY_DELIVERIES == 13, "the head of a Deliveries frame is written by hand");

hub_status bus_frame_pack_hub(const Mash__V1__HubFrame *frame, hub_buffer *out)
{
    return event_wire_pack(&frame->base, out);
}

hub_status bus_frame_pack_client(const Mash__V1__ClientFrame *frame, hub_buffer *out)
{
    return event_wire_pack(&frame->base, out);
}

hub_status bus_frame_read_client(hub_bytes bytes, hub_arena *arena, Mash__V1__ClientFrame **out, event_wire_fault *fault)
{
    ProtobufCMessage *message;
    hub_status status = event_wire_unpack(&mash__v1__client_frame__descriptor, bytes, arena, &message, fault);
    *out = (Mash__V1__ClientFrame *)message;
    return status;
}

hub_status bus_frame_read_hub(hub_bytes bytes, hub_arena *arena, Mash__V1__HubFrame **out, event_wire_fault *fault)
{
    ProtobufCMessage *message;
    hub_status status =
        event_wire_unpack_large(&mash__v1__hub_frame__descriptor, bytes, BUS_HUB_FRAME_FIELDS_MAX, arena, &message, fault);
    *out = (Mash__V1__HubFrame *)message;
    return status;
}

static size_t put_varint(uint8_t *to, size_t value)
{
    size_t used = 0;
    while (value >= 0x80) {
        to[used++] = (uint8_t)(value | 0x80);
        value >>= 7;
    }
    to[used++] = (uint8_t)value;
    return used;
}

void bus_frame_put_delivery(hub_buffer *items, hub_bytes delivery, hub_bytes position)
{
    uint8_t head[16];
    head[0] = TAG_DELIVERY;
    size_t used = 1 + put_varint(head + 1, delivery.size + position.size);
    hub_buffer_put(items, head, used);
    hub_buffer_put(items, delivery.data, delivery.size);
    hub_buffer_put(items, position.data, position.size);
}

size_t bus_frame_deliveries_head(size_t items_bytes, uint8_t head[16])
{
    head[0] = TAG_DELIVERIES;
    return 1 + put_varint(head + 1, items_bytes);
}
