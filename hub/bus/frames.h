/* frames.h - frames as bytes, and back, safely.
 *
 * A frame from outside is checked (depth, counts, lengths, UTF-8) before it is unpacked into an arena: event/wire.h. Deliveries are
 * put together from pieces that are packed already, because they are most of what the hub sends.
 */
#ifndef BUS_FRAMES_H
#define BUS_FRAMES_H

#include "base/arena.h"
#include "base/bytes.h"
#include "event/wire.h"
#include "mash/v1/bus.pb-c.h"

enum {
    BUS_PROTOCOL = 1,
    BUS_FRAME_BYTES_MAX =
        1024 * 1024,              /* what Welcome tells; libzmq's own limit is four times it, so that a refusal can be said */
    BUS_PUBLISH_ITEMS_MAX = 1024, /* in one Publish */
    /* All that one record delivers to a queue travels in one frame, each delivery with the whole event, and an event of 64 subjects can
     * concern 64 alerts; so a frame from the hub may hold as many events, and a client's arena as much memory. */
    BUS_HUB_FRAME_FIELDS_MAX = 128 * EVENT_WIRE_FIELDS_MAX,
    BUS_HUB_FRAME_ARENA_BYTES = 256 * 1024 * 1024,
};

/* At the end of `out`. HUB_OK or HUB_ERR_MEMORY. */
hub_status bus_frame_pack_hub(const Mash__V1__HubFrame *frame, hub_buffer *out);
hub_status bus_frame_pack_client(const Mash__V1__ClientFrame *frame, hub_buffer *out);

/* HUB_OK; HUB_ERR_INVALID or HUB_ERR_MEMORY with `fault` filled. The frame lives in the arena. */
hub_status bus_frame_read_client(hub_bytes bytes, hub_arena *arena, Mash__V1__ClientFrame **out, event_wire_fault *fault);
hub_status bus_frame_read_hub(hub_bytes bytes, hub_arena *arena, Mash__V1__HubFrame **out, event_wire_fault *fault);

/* One packed Delivery, in two pieces (the second may be empty), as an item of Deliveries. */
void bus_frame_put_delivery(hub_buffer *items, hub_bytes delivery, hub_bytes position);
/* What goes before `items_bytes` bytes of such items to make a HubFrame of them: returns how many bytes of `head` are used. */
size_t bus_frame_deliveries_head(size_t items_bytes, uint8_t head[16]);

#endif
