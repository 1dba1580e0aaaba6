/* status, peers - how the hub is, and who speaks with it. */
#include "cli/verbs.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cli/status.h"
#include "cli/table.h"
#include "event/event.h"

hub_status status_ask(session *hub, status_scope scope, const Mash__V1__Status **out, hub_error *err)
{
    Mash__V1__StatusRequest request = MASH__V1__STATUS_REQUEST__INIT;
    request.peers = request.queues = scope == STATUS_ALL;
    Mash__V1__ClientFrame frame = MASH__V1__CLIENT_FRAME__INIT;
    frame.body_case = MASH__V1__CLIENT_FRAME__BODY_STATUS;
    frame.status = &request;
    const Mash__V1__HubFrame *answer = NULL;
    hub_status status = session_ask(hub, &frame, MASH__V1__HUB_FRAME__BODY_STATUS, &answer, err);
    if (status != HUB_OK) return status;
    *out = answer->status;
    return HUB_OK;
}

static void put(table *rows, const char *name, const char *value)
{
    table_put(rows, PRINT_FAINT, name, value, NULL);
}

static void put_number(table *rows, const char *name, uint64_t value)
{
    char text[32];
    print_count(value, text);
    put(rows, name, text);
}

static void put_state(const cli_call *call, const session *hub, const Mash__V1__Status *state, hub_buffer *out)
{
    char text[320];
    char civil[PRINT_TIME_TEXT];
    char words[PRINT_DURATION_TEXT];
    int64_t now_ms = state->hub_time_ms;
    table rows;
    table_open(&rows, "", NULL);
    put(&rows, "partnership", state->partnership);
    snprintf(text, sizeof text, "%s at %s", hub->software, hub->endpoint);
    put(&rows, "hub", text);
    print_time(&call->zone, now_ms, civil);
    put(&rows, "hub time", civil);
    print_duration(now_ms - state->started_ms, words);
    snprintf(text, sizeof text, "%s, epoch %u", words, state->epoch);
    put(&rows, "running for", text);
    char count[32];
    print_count(state->durable != NULL ? state->durable->sequence : 0, count);
    print_bytes(state->journal_room_bytes, words);
    snprintf(text, sizeof text, "%s, %s records%s%s", state->journal, count,
             state->journal_room_bytes == UINT64_MAX ? "" : ", room for ", state->journal_room_bytes == UINT64_MAX ? "" : words);
    put(&rows, "journal", text);
    put_number(&rows, "policy", state->policy);
    put_number(&rows, "events accepted", state->events_accepted);
    put_number(&rows, "events refused", state->events_refused);
    put_number(&rows, "repeats", state->events_duplicate);
    put_number(&rows, "alerts open", state->alerts_open);
    put_number(&rows, "clocks running", state->clocks_running);
    if (state->next_due_ms != 0) {
        print_due(now_ms, state->next_due_ms, words);
        print_time(&call->zone, state->next_due_ms, civil);
        snprintf(text, sizeof text, "%s, %s", words, civil);
        put(&rows, "next due", text);
    }
    put_number(&rows, "clocks lapsed", state->clocks_lapsed);
    put_number(&rows, "clocks due in an hour", state->clocks_due_hour);
    table_print(&rows, call->colour, out);
    table_close(&rows);
}

static void put_queues(const cli_call *call, const Mash__V1__Status *state, hub_buffer *out)
{
    if (state->n_queues == 0) return;
    table rows;
    table_open(&rows, "queue", "consumer", "total", "waiting", "connected", "live", "delivered", "receipt", NULL);
    for (size_t i = 0; i < state->n_queues; i++) {
        const Mash__V1__QueueStatus *queue = state->queues[i];
        char total[32], waiting[32], live[32], delivered[32], receipt[32];
        print_count(queue->total, total);
        print_count(queue->waiting, waiting);
        print_count(queue->live, live);
        snprintf(delivered, sizeof delivered, "#%" PRIu64, queue->delivered_sequence);
        snprintf(receipt, sizeof receipt, "#%" PRIu64, queue->receipt_sequence);
        table_put(&rows, PRINT_NORMAL, queue->name, queue->consumer[0] != '\0' ? queue->consumer : "-", total, waiting,
                  queue->connected ? "yes" : "no", live, queue->delivered_sequence > 0 ? delivered : "-",
                  queue->receipt_sequence > 0 ? receipt : "-", NULL);
    }
    hub_buffer_put_text(out, "\n");
    table_print(&rows, call->colour, out);
    table_close(&rows);
}

static void put_alarms(const cli_call *call, const Mash__V1__Status *state, hub_buffer *out)
{
    for (size_t i = 0; i < state->n_alarms; i++) {
        hub_buffer_put_text(out, i == 0 ? "\n" : "");
        print_styled(out, call->colour, PRINT_RED, "alarm");
        hub_buffer_put_text(out, "  ");
        print_clean(out, state->alarms[i]);
        hub_buffer_put_text(out, "\n");
    }
}

/* "12, 3 overdue, failing for 2 h 5 min": of a consumer that passes on what it receives. */
static void put_owed(const Mash__V1__PeerStatus *peer, int64_t now_ms, char *out, size_t size)
{
    char count[32], overdue[48] = "", failing[PRINT_DURATION_TEXT + 16] = "", since[PRINT_DURATION_TEXT];
    print_count(peer->owed, count);
    print_duration(now_ms - peer->failing_since_ms, since);
    if (peer->overdue > 0) snprintf(overdue, sizeof overdue, ", %" PRIu64 " overdue", peer->overdue);
    if (peer->failing_since_ms != 0) snprintf(failing, sizeof failing, ", failing for %s", since);
    snprintf(out, size, "%s%s%s", count, overdue, failing);
}

/* The peers as a table, at the end of `out`. */
static void put_peers(const cli_call *call, const Mash__V1__Status *state, status_columns columns, hub_buffer *out)
{
    table rows;
    if (columns == STATUS_KEYS)
        table_open(&rows, "name", "kind", "agency", "state", "acts for", "public key", NULL);
    else
        table_open(&rows, "name", "kind", "agency", "connected", "last heard", "stored", "repeats", "refused", "waiting",
                   "parked", "owed", "trouble", "acts for", "software", NULL);
    for (size_t i = 0; i < state->n_peers; i++) {
        const Mash__V1__PeerStatus *peer = state->peers[i];
        char kind[64], heard[PRINT_DURATION_TEXT + 8] = "-", stored[32], repeats[32], refused[32], waiting[32], parked[32],
                                                   owed[PRINT_DURATION_TEXT + 80], key[BUS_KEY_TEXT] = "-", trouble[64] = "-";
        event_enum_name(&mash__v1__peer_kind__descriptor, (int)peer->kind, kind);
        const char *agency = event_agency_name(peer->agency);
        if (agency == NULL || peer->agency == MASH__V1__AGENCY__AGENCY_UNSPECIFIED) agency = "-";
        if (peer->public_key.len == BUS_KEY_BYTES) bus_key_text(peer->public_key.data, key);
        hub_buffer teams = {0};
        for (size_t k = 0; k < peer->n_may_act_for; k++)
            hub_buffer_put_format(&teams, "%s%s", k > 0 ? "," : "", peer->may_act_for[k]);
        const char *acts_for = peer->n_may_act_for > 0 ? hub_buffer_text(&teams) : "-";
        if (columns == STATUS_KEYS) {
            table_put(&rows, PRINT_NORMAL, peer->name, kind, agency, peer->revoked ? "revoked" : "enrolled", acts_for, key, NULL);
            hub_buffer_free(&teams);
            continue;
        }
        if (peer->last_heard_ms != 0) {
            char words[PRINT_DURATION_TEXT];
            print_duration(state->hub_time_ms - peer->last_heard_ms, words);
            snprintf(heard, sizeof heard, "%s ago", words);
        }
        print_count(peer->stored, stored);
        print_count(peer->duplicates, repeats);
        print_count(peer->refused, refused);
        print_count(peer->waiting, waiting);
        print_count(peer->parked, parked);
        put_owed(peer, state->hub_time_ms, owed, sizeof owed);
        if (peer->trouble != MASH__V1__PEER_TROUBLE__PEER_TROUBLE_UNSPECIFIED)
            event_enum_name(&mash__v1__peer_trouble__descriptor, (int)peer->trouble, trouble);
        const char *connected = peer->connected ? "yes" : "no";
        table_put(&rows, PRINT_NORMAL, peer->name, kind, agency, peer->revoked ? "revoked" : connected, heard, stored, repeats,
                  refused, waiting, parked, owed, trouble, acts_for, peer->software[0] != '\0' ? peer->software : "-", NULL);
        hub_buffer_free(&teams);
    }
    table_print(&rows, call->colour, out);
    table_close(&rows);
}

typedef enum what_to_print { PRINT_ALL, PRINT_PEERS, PRINT_KEYS } what_to_print;

static cli_exit print_status(cli_call *call, what_to_print what)
{
    hub_error err = {{0}};
    session hub = {0};
    const Mash__V1__Status *state = NULL;
    hub_status status = session_open(call, SESSION_TEAM, &hub, &err);
    if (status == HUB_OK) status = status_ask(&hub, STATUS_ALL, &state, &err);
    if (status == HUB_OK) {
        hub_buffer out = {0};
        for (size_t i = 0; call->json && what != PRINT_ALL && i < state->n_peers; i++) {
            print_json_line(&out, &state->peers[i]->base);
        }
        if (call->json && what == PRINT_ALL) {
            print_json_line(&out, &state->base);
        }
        if (!call->json && what == PRINT_ALL) {
            put_state(call, &hub, state, &out);
            put_queues(call, state, &out);
            put_alarms(call, state, &out);
        }
        if (!call->json && what != PRINT_ALL) put_peers(call, state, what == PRINT_KEYS ? STATUS_KEYS : STATUS_TRAFFIC, &out);
        print_flush(&out);
        hub_buffer_free(&out);
    }
    session_close(&hub);
    return status == HUB_OK ? CLI_DONE : cli_fail(call, status, &err);
}

cli_exit verb_status(cli_call *call)
{
    return print_status(call, PRINT_ALL);
}

cli_exit verb_peers(cli_call *call)
{
    return print_status(call, PRINT_PEERS);
}

cli_exit verb_keys_list(cli_call *call)
{
    return print_status(call, PRINT_KEYS);
}
