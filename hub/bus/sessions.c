#include "sessions.h"

#include <stdlib.h>
#include <string.h>

struct bus_outgoing {
    bus_outgoing *next;
    size_t size;
    uint8_t bytes[];
};

/* Places are kept in an array. Two small open-addressing tables of place + 1 (0 = empty) lead to them: by connection and by peer.
 * Routes and peer numbers are the hub's own counters, so nobody outside chooses where they fall. */
struct bus_sessions {
    bus_session **places; /* NULL = never used */
    bool *used;
    uint32_t max, count;
    uint32_t *by_route, *by_peer;
    uint32_t mask;
    uint32_t generation;
};

static uint32_t mix(uint32_t value)
{
    value ^= value >> 16;
    value *= 0x7feb352du;
    value ^= value >> 15;
    value *= 0x846ca68bu;
    return value ^ value >> 16;
}

static uint32_t route_hash(uint32_t endpoint, uint32_t route)
{
    return mix(route + endpoint * 0x9e3779b9u);
}

hub_status bus_sessions_open(uint32_t sessions_max, bus_sessions **out)
{
    HUB_ASSERT(sessions_max >= 1 && sessions_max <= 65536);
    *out = NULL;
    bus_sessions *sessions = calloc(1, sizeof *sessions);
    if (sessions == NULL) goto fail;
    uint32_t size = 4;
    while (size < 2 * sessions_max)
        size *= 2;
    sessions->max = sessions_max;
    sessions->mask = size - 1;
    sessions->places = calloc(sessions_max, sizeof *sessions->places);
    sessions->used = calloc(sessions_max, sizeof *sessions->used);
    sessions->by_route = calloc(size, sizeof *sessions->by_route);
    sessions->by_peer = calloc(size, sizeof *sessions->by_peer);
    if (sessions->places == NULL || sessions->used == NULL || sessions->by_route == NULL || sessions->by_peer == NULL) goto fail;
    *out = sessions;
    return HUB_OK;

fail:
    bus_sessions_close(sessions);
    return HUB_ERR_MEMORY;
}

void bus_sessions_close(bus_sessions *sessions)
{
    if (sessions == NULL) return;
    for (uint32_t i = 0; sessions->places != NULL && sessions->used != NULL && i < sessions->max; i++) {
        if (sessions->used[i]) bus_sessions_end(sessions, sessions->places[i]);
        free(sessions->places[i]);
    }
    free(sessions->places);
    free(sessions->used);
    free(sessions->by_route);
    free(sessions->by_peer);
    free(sessions);
}

bus_session *bus_sessions_by_route(const bus_sessions *sessions, uint32_t endpoint, uint32_t route)
{
    for (uint32_t at = route_hash(endpoint, route) & sessions->mask; sessions->by_route[at] != 0;
         at = (at + 1) & sessions->mask) {
        bus_session *session = sessions->places[sessions->by_route[at] - 1];
        if (session->endpoint == endpoint && session->route == route) return session;
    }
    return NULL;
}

bus_session *bus_sessions_by_peer(const bus_sessions *sessions, uint32_t peer)
{
    for (uint32_t at = mix(peer) & sessions->mask; sessions->by_peer[at] != 0; at = (at + 1) & sessions->mask) {
        bus_session *session = sessions->places[sessions->by_peer[at] - 1];
        if (session->peer == peer) return session;
    }
    return NULL;
}

bus_session *bus_sessions_by_ref(const bus_sessions *sessions, bus_session_ref ref)
{
    if (ref.place == 0 || ref.place > sessions->max || !sessions->used[ref.place - 1]) return NULL;
    bus_session *session = sessions->places[ref.place - 1];
    return session->ref.generation == ref.generation ? session : NULL;
}

static uint32_t hash_of(const bus_sessions *sessions, const uint32_t *table, uint32_t place)
{
    const bus_session *session = sessions->places[place - 1];
    return table == sessions->by_route ? route_hash(session->endpoint, session->route) : mix(session->peer);
}

static void put(bus_sessions *sessions, uint32_t *table, uint32_t place)
{
    uint32_t at = hash_of(sessions, table, place) & sessions->mask;
    while (table[at] != 0)
        at = (at + 1) & sessions->mask;
    table[at] = place;
}

/* Takes an entry out and moves later ones of its run back, so that no tombstones are needed. */
static void take_out(bus_sessions *sessions, uint32_t *table, uint32_t place)
{
    uint32_t at = hash_of(sessions, table, place) & sessions->mask;
    while (table[at] != place) {
        HUB_ASSERT(table[at] != 0);
        at = (at + 1) & sessions->mask;
    }
    uint32_t hole = at;
    for (uint32_t next = (at + 1) & sessions->mask; table[next] != 0; next = (next + 1) & sessions->mask) {
        uint32_t home = hash_of(sessions, table, table[next]) & sessions->mask;
        bool may_move = ((next - home) & sessions->mask) >= ((next - hole) & sessions->mask);
        if (!may_move) continue;
        table[hole] = table[next];
        hole = next;
    }
    table[hole] = 0;
}

static hub_status take_place(bus_sessions *sessions, uint32_t *out)
{
    for (uint32_t i = 0; i < sessions->max; i++) {
        if (sessions->used[i]) continue;
        if (sessions->places[i] == NULL) sessions->places[i] = calloc(1, sizeof **sessions->places);
        if (sessions->places[i] == NULL) return HUB_ERR_MEMORY;
        *out = i;
        return HUB_OK;
    }
    return HUB_ERR_FULL;
}

hub_status bus_sessions_begin(bus_sessions *sessions, uint32_t endpoint, uint32_t route, const uint8_t key[BUS_KEY_BYTES],
                              uint32_t peer, const hub_id *id, int64_t now_ms, bus_session **out)
{
    *out = NULL;
    if (bus_sessions_by_route(sessions, endpoint, route) != NULL || bus_sessions_by_peer(sessions, peer) != NULL)
        return HUB_ERR_EXISTS;
    uint32_t place;
    hub_status status = take_place(sessions, &place);
    if (status != HUB_OK) return status;
    bus_session *session = sessions->places[place];
    *session = (bus_session){.ref = {.place = place + 1, .generation = ++sessions->generation},
                             .endpoint = endpoint,
                             .route = route,
                             .peer = peer,
                             .id = *id,
                             .opened_ms = now_ms,
                             .heard_ms = now_ms};
    memcpy(session->key, key, BUS_KEY_BYTES);
    sessions->used[place] = true;
    sessions->count++;
    put(sessions, sessions->by_route, place + 1);
    put(sessions, sessions->by_peer, place + 1);
    *out = session;
    return HUB_OK;
}

void bus_sessions_end(bus_sessions *sessions, bus_session *session)
{
    uint32_t place = session->ref.place;
    HUB_ASSERT(sessions->used[place - 1]);
    take_out(sessions, sessions->by_route, place);
    take_out(sessions, sessions->by_peer, place);
    while (bus_session_has_queued(session))
        bus_session_drop_queued(session);
    for (int i = 0; i < BUS_SUBSCRIPTIONS_MAX; i++)
        bus_subscription_end(&session->subscriptions[i]);
    sessions->used[place - 1] = false;
    sessions->count--;
}

bus_session *bus_sessions_next(const bus_sessions *sessions, const bus_session *after)
{
    for (uint32_t i = after == NULL ? 0 : after->ref.place; i < sessions->max; i++) {
        if (sessions->used[i]) return sessions->places[i];
    }
    return NULL;
}

uint32_t bus_sessions_count(const bus_sessions *sessions)
{
    return sessions->count;
}

bool bus_session_is_silent(const bus_session *session, int64_t now_ms, int64_t limit_ms)
{
    return now_ms - session->heard_ms > limit_ms;
}

bool bus_session_take_items(bus_session *session, uint32_t items, uint32_t items_max)
{
    if (items > items_max || session->items_in_flight > items_max - items) return false;
    session->items_in_flight += items;
    return true;
}

void bus_session_settle_items(bus_session *session, uint32_t items)
{
    HUB_ASSERT(session->items_in_flight >= items);
    session->items_in_flight -= items;
}

bus_subscription *bus_session_subscription(bus_session *session, uint32_t queue)
{
    for (int i = 0; i < BUS_SUBSCRIPTIONS_MAX; i++) {
        bus_subscription *s = &session->subscriptions[i];
        if (s->state != BUS_SUBSCRIPTION_UNUSED && s->queue == queue) return s;
    }
    return NULL;
}

bus_subscription *bus_session_free_subscription(bus_session *session)
{
    for (int i = 0; i < BUS_SUBSCRIPTIONS_MAX; i++) {
        if (session->subscriptions[i].state == BUS_SUBSCRIPTION_UNUSED) return &session->subscriptions[i];
    }
    return NULL;
}

hub_status bus_session_queue(bus_session *session, hub_bytes first, hub_bytes second)
{
    size_t size = first.size + second.size;
    if (session->queued_bytes + size > BUS_QUEUED_BYTES_MAX) return HUB_ERR_FULL;
    bus_outgoing *frame = malloc(sizeof *frame + size);
    if (frame == NULL) return HUB_ERR_MEMORY;
    frame->next = NULL;
    frame->size = size;
    if (first.size > 0) memcpy(frame->bytes, first.data, first.size);
    if (second.size > 0) memcpy(frame->bytes + first.size, second.data, second.size);
    if (session->last == NULL) {
        session->first = frame;
    } else {
        session->last->next = frame;
    }
    session->last = frame;
    session->queued_bytes += size;
    return HUB_OK;
}

bool bus_session_has_queued(const bus_session *session)
{
    return session->first != NULL;
}

hub_bytes bus_session_queued(const bus_session *session)
{
    HUB_ASSERT(session->first != NULL);
    return hub_bytes_of(session->first->bytes, session->first->size);
}

void bus_session_drop_queued(bus_session *session)
{
    HUB_ASSERT(session->first != NULL);
    bus_outgoing *frame = session->first;
    session->first = frame->next;
    if (session->first == NULL) session->last = NULL;
    session->queued_bytes -= frame->size;
    free(frame);
}
