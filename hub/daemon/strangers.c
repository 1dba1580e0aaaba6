/* strangers.c - who tried to get in and was not let in, and what else an operator needs to say why a peer is not heard.
 *
 * CURVE gives a refused peer no reason, so its operator asks ours. Kept in memory, in tables of fixed size: a flood of keys puts out the
 * oldest rows and costs nothing more. Keys, addresses of machines and area codes; nothing of an event.
 */
#include "daemon/shell.h"

#include <string.h>

bus_zap_verdict daemon_admit(void *context, const uint8_t key[BUS_KEY_BYTES], const char address[BUS_ZAP_ADDRESS_MAX])
{
    daemon_shell *d = context;
    const core_peer *peer = core_peer_by_key(d->core, key);
    if (daemon_is_enrolled(d, peer)) return BUS_ZAP_ENROLLED;
    d->strangers++; /* said once a minute: a flood of connections must not flood the log */
    daemon_stranger *row = &d->known_strangers[0];
    for (int i = 0; i < DAEMON_STRANGERS_MAX; i++) {
        daemon_stranger *at = &d->known_strangers[i];
        if (at->tries > 0 && memcmp(at->key, key, BUS_KEY_BYTES) == 0) {
            row = at;
            break;
        }
        if (at->last_ms < row->last_ms) row = at;
    }
    if (row->tries > 0 && memcmp(row->key, key, BUS_KEY_BYTES) != 0) memset(row, 0, sizeof *row);
    memcpy(row->key, key, BUS_KEY_BYTES);
    memcpy(row->address, address, sizeof row->address);
    row->tries++;
    row->last_ms = daemon_now_ms(d);
    return peer != NULL ? BUS_ZAP_REVOKED : BUS_ZAP_NOT_ENROLLED;
}

void daemon_other_key(void *context)
{
    daemon_shell *d = context;
    d->other_keys++;
    d->other_key_ms = daemon_now_ms(d);
}

void daemon_unknown_area_seen(daemon_shell *d, uint32_t peer, const char *code)
{
    daemon_heard *heard = daemon_heard_of(d, peer);
    if (heard == NULL || strlen(code) >= sizeof heard->unknown_areas[0].code) return;
    daemon_unknown_area *row = &heard->unknown_areas[0];
    for (int i = 0; i < DAEMON_UNKNOWN_AREAS_MAX; i++) {
        daemon_unknown_area *at = &heard->unknown_areas[i];
        if (strcmp(at->code, code) == 0) {
            row = at;
            break;
        }
        if (at->last_ms < row->last_ms) row = at;
    }
    if (strcmp(row->code, code) != 0) memset(row, 0, sizeof *row);
    memcpy(row->code, code, strlen(code) + 1);
    row->events++;
    row->last_ms = daemon_now_ms(d);
}

void daemon_unknown_areas_put(const daemon_heard *heard, Mash__V1__PeerStatus *out, hub_arena *arena)
{
    Mash__V1__UnknownArea *rows = hub_arena_take(arena, DAEMON_UNKNOWN_AREAS_MAX * sizeof *rows);
    out->unknown_areas = hub_arena_take(arena, DAEMON_UNKNOWN_AREAS_MAX * sizeof *out->unknown_areas);
    if (rows == NULL || out->unknown_areas == NULL) return;
    for (int i = 0; i < DAEMON_UNKNOWN_AREAS_MAX; i++) {
        const daemon_unknown_area *at = &heard->unknown_areas[i];
        if (at->events == 0) continue;
        mash__v1__unknown_area__init(&rows[i]);
        rows[i].code = (char *)(uintptr_t)at->code;
        rows[i].events = at->events;
        rows[i].last_ms = at->last_ms;
        out->unknown_areas[out->n_unknown_areas++] = &rows[i];
    }
}

static void put_stranger(const daemon_shell *d, const daemon_stranger *at, Mash__V1__Stranger *out)
{
    const core_peer *peer = core_peer_by_key(d->core, at->key);
    mash__v1__stranger__init(out);
    out->public_key = (ProtobufCBinaryData){.len = BUS_KEY_BYTES, .data = (uint8_t *)(uintptr_t)at->key};
    out->address = (char *)(uintptr_t)at->address;
    out->tries = at->tries;
    out->last_ms = at->last_ms;
    if (peer != NULL) out->name = (char *)(uintptr_t)peer->name;
}

void daemon_strangers_put(daemon_shell *d, Mash__V1__Status *status, hub_arena *arena)
{
    Mash__V1__Stranger *rows = hub_arena_take(arena, DAEMON_STRANGERS_MAX * sizeof *rows);
    status->strangers = hub_arena_take(arena, DAEMON_STRANGERS_MAX * sizeof *status->strangers);
    status->wrong_server_key = d->other_keys;
    status->wrong_server_key_ms = d->other_key_ms;
    if (rows == NULL || status->strangers == NULL) return;
    for (int i = 0; i < DAEMON_STRANGERS_MAX; i++) {
        const daemon_stranger *at = &d->known_strangers[i];
        /* who was enrolled since is none any more */
        if (at->tries == 0 || daemon_is_enrolled(d, core_peer_by_key(d->core, at->key))) continue;
        put_stranger(d, at, &rows[i]);
        size_t place = status->n_strangers++;
        for (; place > 0 && status->strangers[place - 1]->last_ms < at->last_ms; place--)
            status->strangers[place] = status->strangers[place - 1];
        status->strangers[place] = &rows[i];
    }
}
