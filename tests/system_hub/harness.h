/* harness.h - a hub of its own for a test: made, started, killed, restored; and peers that talk with it.
 *
 * Every call asserts that it worked; what a test is about is what the peers saw. Waiting is always for something to be seen, with a
 * limit, never for time to pass.
 */
#ifndef SYSTEM_HUB_HARNESS_H
#define SYSTEM_HUB_HARNESS_H

#include <sys/types.h>
#include <uv.h>

#include "base/arena.h"
#include "base/id.h"
#include "bus/client.h"
#include "made_events.h"

enum {
    PEERS_MAX = 8,
    ITEMS_MAX = 6000,
    DELIVERIES_MAX = 6000,
    PATIENCE_MS = 120 * 1000
}; /* only a test that fails waits so long */
#define NO_STATUS MASH__V1__ITEM_STATUS__ITEM_STATUS_UNSPECIFIED

typedef struct hub_run {
    char folder[64];
    char policy[192]; /* folder */
    int agency_port, team_port;
    char agency[48], team[48];
    pid_t pid;       /* 0 = not running */
    char ready[256]; /* its first line */
    uint8_t server_key[BUS_KEY_BYTES];
    bus_key_pair operator_keys;
    uv_loop_t loop; /* all peers of a test live on it */
    struct peer *peers[PEERS_MAX];
    uint32_t peer_count;
    hub_arena arena; /* answers to questions */
} hub_run;

typedef struct seen_delivery {
    uint64_t sequence;
    uint32_t epoch;
    uint8_t hash[32];
    hub_id event_id;
    bool possible_duplicate;
    size_t reasons;
} seen_delivery;

typedef struct peer {
    hub_run *hub;
    bus_client *client;
    bus_key_pair keys;
    char endpoint[48];
    /* publishing */
    hub_id outbox_id;
    uint64_t acknowledged;
    hub_id acknowledged_id;
    bool publishes;
    Mash__V1__OutboxState outbox_state;
    uint64_t settled;                       /* as Welcome said */
    Mash__V1__ItemStatus status[ITEMS_MAX]; /* by link_seq */
    Mash__V1__RefusalCode code[ITEMS_MAX];
    uint64_t sequence[ITEMS_MAX];
    char field_path[160]; /* of the last item that was not stored */
    int results;          /* items answered */
    /* consuming */
    seen_delivery deliveries[DELIVERIES_MAX];
    int delivery_count;
    int subscribed, forked;
    seen_delivery last_common;
    uint64_t waiting, resume_after;
    /* talking */
    int opened, closed, faults;
    Mash__V1__FaultCode fault;
    char fault_field[160];
    bus_client_trouble trouble;
    char text[320];
} peer;

/* Makes config, keys and store in a new folder below /tmp; not started. */
void hub_make(hub_run *h);
/* The same, and its policy is that of config/bench with this file of tests/system_hub beside it. */
void hub_make_with(hub_run *h, const char *policy_file);
/* Starts and waits until it is ready. `full_sign`: NULL, or the file whose existence makes its disk full. */
void hub_start(hub_run *h, const char *full_sign);
void hub_kill(hub_run *h); /* kill -9 */
int hub_stop(hub_run *h);  /* SIGTERM; its exit code */
/* Copies the store (the hub must not run) aside; puts it back, and has the hub accept that it is older than the signed heads. */
void hub_keep_store(const hub_run *h);
void hub_restore_store(hub_run *h);
/* Ends peers and hub, removes the folder. */
void hub_remove(hub_run *h);
/* Runs mashhubd with these arguments; its exit code, and what it said on stderr at the end of `said`. */
int hub_program(const hub_run *h, const char *const *arguments, char *said, size_t size);

/* Runs the loop until *counter reaches `wanted`; false when it has not within `ms`. */
bool hub_until(hub_run *h, const int *counter, int wanted, uint64_t ms);
void hub_spin(hub_run *h, uint64_t ms);           /* lets things happen that must NOT be seen */
void hub_wait_log(hub_run *h, const char *words); /* until the hub has said them */

typedef enum port { AGENCY_PORT, TEAM_PORT } port;
peer *peer_new(hub_run *h, port where, const bus_key_pair *keys);
void peer_connect(peer *p); /* does not wait */
void peer_open(peer *p);    /* connects and waits for Welcome */
void peer_close(peer *p);
peer *operator_open(hub_run *h);
/* Enrols a new key and gives a peer that holds it, not yet connected. `queue` for a consumer. */
peer *enrol(peer *by, const char *name, Mash__V1__PeerKind kind, const char *queue);
const Mash__V1__HubFrame *ask(peer *p, Mash__V1__ClientFrame *frame);
/* Gives the command a fresh id and asks. */
const Mash__V1__CommandReply *command(peer *by, Mash__V1__Command *what);
const Mash__V1__CommandReply *revoke_key(peer *by, const char *name);
const Mash__V1__Status *status_of(peer *p);

/* Publishes events first..first+count-1 as link_seq first_link.. in frames of `frame_items`; does not wait. */
void publish(peer *p, uint64_t first_link, uint32_t first, uint32_t count, uint32_t frame_items);
/* Publishes event_make_late(1..count) as link_seq 1.. in one frame, so that one tick finds them all; does not wait. */
void publish_late(peer *p, uint32_t count);
/* Publishes event_make_crowd(number). Does not wait. */
void publish_crowd(peer *p, uint64_t link_seq, uint32_t number);
void publish_bytes(peer *p, uint64_t link_seq, const hub_id *event_id, hub_bytes event);
void publish_and_wait(peer *p, uint64_t first_link, uint32_t first, uint32_t count);

/* Subscribes; `known` NULL = none. */
void subscribe(peer *p, const char *queue, const char *consumer, const seen_delivery *known, size_t known_count, uint32_t credit);
void send_receipt(peer *p, const char *queue, const seen_delivery *upto);

#endif
