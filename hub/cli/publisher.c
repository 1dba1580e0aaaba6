#include "cli/publisher.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "event/event.h"
#include "host/random.h"

enum { ITEMS_A_FRAME = 64, RETRY_US = 250 * 1000, OVERHEAD_BYTES = 64 };

void publisher_open(publisher *p, uint32_t window, publisher_settled_cb *told, void *context)
{
    *p = (publisher){.window = window, .told = told, .context = context, .outbox = host_random_id()};
}

void publisher_close(publisher *p)
{
    hub_buffer_free(&p->bytes);
    free(p->items);
    p->items = NULL;
    p->count = 0;
}

hub_status publisher_add(publisher *p, const hub_id *id, hub_bytes event, hub_error *err)
{
    if (event.size > EVENT_BYTES_MAX)
        return hub_fail(err, HUB_ERR_INVALID, "an event may have %d bytes and this has %zu", EVENT_BYTES_MAX, event.size);
    if (p->count == p->capacity) {
        size_t capacity = p->capacity == 0 ? 64 : 2 * p->capacity;
        publisher_item *items = realloc(p->items, capacity * sizeof *items);
        if (items == NULL) return hub_fail(err, HUB_ERR_MEMORY, "no memory for more than %zu events", p->count);
        p->items = items;
        p->capacity = capacity;
    }
    p->items[p->count] = (publisher_item){.id = *id, .offset = p->bytes.size, .size = event.size};
    hub_buffer_put(&p->bytes, event.data, event.size);
    if (p->bytes.failed) return hub_fail(err, HUB_ERR_MEMORY, "no memory for more than %zu events", p->count);
    p->count++;
    return HUB_OK;
}

void publisher_hello(publisher *p, Mash__V1__Hello *hello)
{
    hello->outbox_id = (ProtobufCBinaryData){.data = p->outbox.bytes, .len = sizeof p->outbox.bytes};
    hello->acknowledged_link_seq = p->settled;
    if (p->settled > 0)
        hello->acknowledged_event_id = (ProtobufCBinaryData){.data = p->items[p->settled - 1].id.bytes, .len = HUB_ID_BYTES};
}

void publisher_opened(publisher *p, bus_client *client, const Mash__V1__Welcome *welcome)
{
    p->client = client;
    p->frame_bytes_max = welcome->frame_bytes_max;
    if (welcome->publish_items_max > 0 && welcome->publish_items_max < p->window) p->window = welcome->publish_items_max;
    if (welcome->outbox_state == MASH__V1__OUTBOX_STATE__OUTBOX_FORKED) {
        p->failed = true;
        (void)hub_fail(&p->error, HUB_ERR_AGAIN,
                       "the hub's history was replaced meanwhile; run this again (events that it holds are not made twice)");
        return;
    }
    p->next = p->settled;
    p->retry_at_us = 0;
}

void publisher_closed(publisher *p)
{
    p->client = NULL;
}

static void settle(publisher *p, const Mash__V1__ItemResult *result, uint64_t now_us)
{
    for (uint64_t seq = result->first_link_seq; seq <= result->last_link_seq; seq++) {
        if (seq != p->settled + 1 || p->settled >= p->count) {
            if (seq <= p->settled) continue; /* told again after a reconnect */
            p->failed = true;
            (void)hub_fail(&p->error, HUB_ERR_INVALID, "the hub settled item %" PRIu64 " and %zu was next", seq, p->settled + 1);
            return;
        }
        p->items[p->settled].settled_us = now_us;
        p->stored += result->status == MASH__V1__ITEM_STATUS__STORED;
        p->duplicates += result->status == MASH__V1__ITEM_STATUS__DUPLICATE;
        p->refused += result->status == MASH__V1__ITEM_STATUS__REFUSED;
        p->settled++;
        if (p->told != NULL) p->told(p->context, p->settled - 1, result);
    }
}

void publisher_reply(publisher *p, const Mash__V1__PublishReply *reply, uint64_t now_us)
{
    for (size_t i = 0; i < reply->n_results && !p->failed; i++) {
        const Mash__V1__ItemResult *result = reply->results[i];
        if (result->status == MASH__V1__ITEM_STATUS__RETRY_LATER) {
            p->next = p->settled;
            p->retry_at_us = now_us + RETRY_US;
            snprintf(p->error.text, sizeof p->error.text, "the hub asks to try later: %.400s", result->reason);
        } else {
            settle(p, result, now_us);
        }
    }
    if (p->next < p->settled) p->next = p->settled;
}

/* Fills one frame; how many items went in. */
static size_t fill(publisher *p, uint64_t now_us, Mash__V1__PublishItem *items, Mash__V1__PublishItem **pointers)
{
    size_t room = p->frame_bytes_max > 0 ? p->frame_bytes_max / 2 : EVENT_BYTES_MAX;
    size_t used = 0;
    size_t count = 0;
    while (count < ITEMS_A_FRAME && p->next + count < p->count && p->next + count - p->settled < p->window) {
        publisher_item *item = &p->items[p->next + count];
        if (item->due_us > now_us) break;
        used += item->size + OVERHEAD_BYTES;
        if (count > 0 && used > room) break;
        mash__v1__publish_item__init(&items[count]);
        items[count].link_seq = p->next + count + 1;
        items[count].event_id = (ProtobufCBinaryData){.data = item->id.bytes, .len = HUB_ID_BYTES};
        items[count].event = (ProtobufCBinaryData){.data = p->bytes.data + item->offset, .len = item->size};
        pointers[count] = &items[count];
        item->sent_us = now_us;
        count++;
    }
    return count;
}

void publisher_pump(publisher *p, uint64_t now_us)
{
    while (p->client != NULL && !p->failed && now_us >= p->retry_at_us) {
        Mash__V1__PublishItem items[ITEMS_A_FRAME];
        Mash__V1__PublishItem *pointers[ITEMS_A_FRAME];
        Mash__V1__Publish publish = MASH__V1__PUBLISH__INIT;
        Mash__V1__ClientFrame frame = MASH__V1__CLIENT_FRAME__INIT;
        publish.n_items = fill(p, now_us, items, pointers);
        publish.items = pointers;
        if (publish.n_items == 0) return;
        frame.request = bus_client_request(p->client);
        frame.body_case = MASH__V1__CLIENT_FRAME__BODY_PUBLISH;
        frame.publish = &publish;
        hub_status status = bus_client_send(p->client, &frame, &p->error);
        if (status == HUB_ERR_AGAIN) return; /* `writable` or `opened` comes */
        if (status != HUB_OK) {
            p->failed = true;
            return;
        }
        p->next += publish.n_items;
    }
}
