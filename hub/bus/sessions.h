/* sessions.h - who is connected, what is in flight with whom, and what waits to be sent. Bookkeeping only: no sockets, no clock.
 *
 * Invariants
 *   S1  a key has at most one session, a connection (endpoint, route) at most one
 *   S2  a reference to a session that has ended finds nothing, also when its place was taken by another
 *   S3  bytes queued for a peer are bounded; a peer that lets them run full is slow, and named
 */
#ifndef BUS_SESSIONS_H
#define BUS_SESSIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/id.h"
#include "bus/curve.h"
#include "bus/subscription.h"

enum {
    BUS_SUBSCRIPTIONS_MAX = 32,             /* of one session */
    BUS_QUEUED_BYTES_MAX = 8 * 1024 * 1024, /* for one peer, beyond what ZeroMQ holds: S3 */
    BUS_SOFTWARE_MAX = 64,
};

typedef struct bus_sessions bus_sessions;
typedef struct bus_outgoing bus_outgoing; /* one queued frame */

/* Finds its session as long as that lives (S2). All zero finds nothing. */
typedef struct bus_session_ref {
    uint32_t place; /* + 1 */
    uint32_t generation;
} bus_session_ref;

typedef struct bus_session {
    bus_session_ref ref;
    uint32_t endpoint; /* which listening socket: the owner's number */
    uint32_t route;
    uint8_t key[BUS_KEY_BYTES];
    uint32_t peer; /* number it is enrolled under */
    hub_id id;
    char software[BUS_SOFTWARE_MAX + 1];
    int64_t opened_ms, heard_ms;
    uint32_t outbox; /* 0 = may not publish */
    uint32_t items_in_flight;
    bus_subscription subscriptions[BUS_SUBSCRIPTIONS_MAX];
    bus_outgoing *first, *last; /* owned */
    size_t queued_bytes;
    bool named_slow;  /* said in the log since it last caught up */
    void *attachment; /* the owner's; BORROWED */
} bus_session;

/* `sessions_max` 1..65,536. */
hub_status bus_sessions_open(uint32_t sessions_max, bus_sessions **out);
void bus_sessions_close(bus_sessions *sessions);

/* HUB_ERR_EXISTS: the key or the connection has one (end that first); HUB_ERR_FULL; HUB_ERR_MEMORY. */
hub_status bus_sessions_begin(bus_sessions *sessions, uint32_t endpoint, uint32_t route, const uint8_t key[BUS_KEY_BYTES],
                              uint32_t peer, const hub_id *id, int64_t now_ms, bus_session **out);
void bus_sessions_end(bus_sessions *sessions, bus_session *session);

/* NULL when there is none. */
bus_session *bus_sessions_by_route(const bus_sessions *sessions, uint32_t endpoint, uint32_t route);
bus_session *bus_sessions_by_peer(const bus_sessions *sessions, uint32_t peer);
bus_session *bus_sessions_by_ref(const bus_sessions *sessions, bus_session_ref ref);
/* All of them: start with NULL. The one given may have been ended meanwhile. */
bus_session *bus_sessions_next(const bus_sessions *sessions, const bus_session *after);
uint32_t bus_sessions_count(const bus_sessions *sessions);
/* true when nothing was heard for longer than `limit_ms`. */
bool bus_session_is_silent(const bus_session *session, int64_t now_ms, int64_t limit_ms);

/* Publishing. false: it would have more than `items_max` in flight; nothing was counted. */
bool bus_session_take_items(bus_session *session, uint32_t items, uint32_t items_max);
void bus_session_settle_items(bus_session *session, uint32_t items);

/* A subscription of this queue; NULL when there is none. */
bus_subscription *bus_session_subscription(bus_session *session, uint32_t queue);
/* An unused one; NULL when all are used. */
bus_subscription *bus_session_free_subscription(bus_session *session);

/* Frames that the connection would not take at once, in order. HUB_OK; HUB_ERR_FULL: the cap is reached (S3); HUB_ERR_MEMORY. */
hub_status bus_session_queue(bus_session *session, hub_bytes first, hub_bytes second);
bool bus_session_has_queued(const bus_session *session);
hub_bytes bus_session_queued(const bus_session *session); /* the oldest */
void bus_session_drop_queued(bus_session *session);       /* it was sent */

#endif
