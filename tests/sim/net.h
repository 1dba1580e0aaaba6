/* net.h - a simulated network: connections from clients to the one hub. Frames of a connection arrive in order and whole; a
 * connection breaks at any moment and takes what is under way with it. The client hears of it some time later; the hub hears
 * nothing, as with a ROUTER socket. */
#ifndef SIM_NET_H
#define SIM_NET_H

#include "options.h"
#include "schedule.h"

typedef struct sim_net sim_net;

typedef struct sim_end {
    void *context; /* BORROWED */
    void (*frame)(void *context, uint32_t connection, hub_bytes frame);
    void (*closed)(void *context, uint32_t connection); /* clients only */
} sim_end;

sim_net *sim_net_open(sim_schedule *schedule, sim_random random, const sim_options *options);
void sim_net_close(sim_net *net);

/* The hub's end is there, or gone: then every connection is broken. */
void sim_net_listen(sim_net *net, const sim_end *hub);
void sim_net_deafen(sim_net *net);

/* A new connection of the enrolled peer `peer`; numbers are never used twice. 0: nobody listens. */
uint32_t sim_net_connect(sim_net *net, const sim_end *client, uint32_t peer);
/* The client lets go of it; nobody is told. 0 is allowed. */
void sim_net_leave(sim_net *net, uint32_t connection);
uint32_t sim_net_peer(const sim_net *net, uint32_t connection);

typedef enum sim_direction { SIM_TO_HUB, SIM_TO_CLIENT } sim_direction;
/* Lost in silence when the connection is not open. */
void sim_net_send(sim_net *net, uint32_t connection, sim_direction direction, hub_bytes frame);

#endif
