/* hub.h - a single-threaded stand-in for the shell of hub/daemon: the real core, journal writer and reader, in the same order of
 * steps.
 *
 *     frame -> core_decide -> core_reserve -> core_evolve -> draft -> (batch) journal_writer_append -> durable: frames released
 *
 * Nothing is sent before everything decided until then is durable. The process may end between any two steps; then it comes back,
 * folds its store, begins a new epoch, and listens. */
#ifndef SIM_HUB_H
#define SIM_HUB_H

#include "checker.h"
#include "net.h"
#include "policy.h"

typedef struct sim_hub sim_hub;

/* One key to enrol, in order: peer 1 is the operator, the first of these is peer 2. */
typedef struct sim_peer {
    const char *name;
    Mash__V1__PeerKind kind;
    uint32_t agency;
    const char *source_system; /* of an adapter */
    const char *queue;         /* of a consumer */
    bool acts_for_all;         /* a gateway: for every team of the policy */
} sim_peer;
enum { SIM_FIRST_PEER = 2 };

typedef struct sim_hub_parts {
    sim_schedule *schedule;
    sim_net *net;
    const sim_options *options;
    const sim_report *report;
    sim_checker *checker;
    const core_policy *policies[SIM_POLICIES]; /* the first at the founding, the others when options say */
    sim_random random;
} sim_hub_parts;

/* Makes the partnership with these keys, and starts. All of `parts` BORROWED for the hub's life. */
sim_hub *sim_hub_open(const sim_hub_parts *parts, const sim_peer *peers, uint32_t peer_count);
void sim_hub_close(sim_hub *hub);

/* Up, nothing waits to be appended or sent, and no clock runs. */
bool sim_hub_is_at_rest(const sim_hub *hub);
/* NULL while it is away. */
const core_state *sim_hub_state(const sim_hub *hub);
/* The end of the run: everything that was promised, looked for in the store. */
void sim_hub_check(sim_hub *hub);

#endif
