/* publisher.h - an outbox in memory for programs that publish and wait: every item is sent until the hub has settled it.
 *
 *     add -> waiting -> sent -> settled (STORED, DUPLICATE or REFUSED)
 *               ^---------'  connection lost, or RETRY_LATER
 *
 * The outbox id is random and the numbers begin at 1, so that the hub sees a new outbox with every run; event ids decide what is new.
 * Not for adapters: their outbox is on disk (adapters/link).
 */
#ifndef CLI_PUBLISHER_H
#define CLI_PUBLISHER_H

#include <stdbool.h>

#include "base/bytes.h"
#include "base/id.h"
#include "bus/client.h"

typedef struct publisher_item {
    hub_id id;
    size_t offset; /* into `bytes` */
    size_t size;
    uint64_t sent_us;
    uint64_t settled_us;
    uint64_t due_us; /* when it was to be sent, for an open loop; 0 = at once */
} publisher_item;

typedef struct publisher publisher;
/* Told once an item, in order. `item` counts from 0. */
typedef void publisher_settled_cb(void *context, size_t item, const Mash__V1__ItemResult *result);

struct publisher {
    hub_buffer bytes;
    publisher_item *items;
    size_t count;
    size_t capacity;
    hub_id outbox;
    size_t next;    /* first item not yet sent on this session */
    size_t settled; /* items settled: a prefix, for the hub settles in order */
    uint64_t stored, duplicates, refused;
    uint64_t retry_at_us; /* the hub asked to wait until then */
    uint32_t window;
    uint32_t frame_bytes_max;
    bus_client *client;
    bool failed; /* the hub's answers make no sense, or its history forked: `error` says */
    hub_error error;
    publisher_settled_cb *told;
    void *context;
};

void publisher_open(publisher *p, uint32_t window, publisher_settled_cb *told, void *context);
void publisher_close(publisher *p);
/* Takes a copy. HUB_ERR_MEMORY, HUB_ERR_INVALID (larger than an event may be). */
hub_status publisher_add(publisher *p, const hub_id *id, hub_bytes event, hub_error *err);
static inline bool publisher_done(const publisher *p)
{
    return p->failed || p->settled == p->count;
}

/* What the connection tells. */
void publisher_hello(publisher *p, Mash__V1__Hello *hello);
void publisher_opened(publisher *p, bus_client *client, const Mash__V1__Welcome *welcome);
void publisher_closed(publisher *p);
void publisher_reply(publisher *p, const Mash__V1__PublishReply *reply, uint64_t now_us);
/* Sends what the window, the rate and the hub allow. */
void publisher_pump(publisher *p, uint64_t now_us);

#endif
