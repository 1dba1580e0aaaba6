/* net.c - connections in a simulated network. */
#include "net.h"

#include <stdlib.h>

typedef struct connection {
    sim_end client;
    uint32_t peer;
    bool open;
    int64_t last_ms[2]; /* by direction: no frame overtakes the one before it */
} connection;

struct sim_net {
    sim_schedule *schedule;
    sim_random random;
    const sim_options *options; /* BORROWED */
    sim_end hub;
    bool listening;
    connection *connections; /* number - 1 */
    uint32_t count, capacity;
};

sim_net *sim_net_open(sim_schedule *schedule, sim_random random, const sim_options *options)
{
    sim_net *net = calloc(1, sizeof *net);
    HUB_ASSERT(net != NULL);
    net->schedule = schedule;
    net->random = random;
    net->options = options;
    return net;
}

void sim_net_close(sim_net *net)
{
    if (net == NULL) return;
    free(net->connections);
    free(net);
}

static connection *at(const sim_net *net, uint32_t number)
{
    HUB_ASSERT(number >= 1 && number <= net->count);
    return &net->connections[number - 1];
}

static void tell_closed(void *context, uint64_t number, hub_bytes bytes)
{
    sim_net *net = context;
    (void)bytes;
    const sim_end client = at(net, (uint32_t)number)->client;
    client.closed(client.context, (uint32_t)number);
}

static void break_connection(sim_net *net, uint32_t number)
{
    if (!at(net, number)->open) return;
    at(net, number)->open = false;
    int64_t when = sim_now(net->schedule) + sim_within(&net->random, net->options->delay_ms);
    sim_at(net->schedule, when, tell_closed, net, number, hub_bytes_of(NULL, 0));
}

void sim_net_listen(sim_net *net, const sim_end *hub)
{
    net->hub = *hub;
    net->listening = true;
}

void sim_net_deafen(sim_net *net)
{
    net->listening = false;
    for (uint32_t number = 1; number <= net->count; number++)
        break_connection(net, number);
}

uint32_t sim_net_connect(sim_net *net, const sim_end *client, uint32_t peer)
{
    if (!net->listening) return 0;
    if (net->count == net->capacity) {
        net->capacity = net->capacity == 0 ? 64 : net->capacity * 2;
        net->connections = realloc(net->connections, net->capacity * sizeof *net->connections);
        HUB_ASSERT(net->connections != NULL);
    }
    net->connections[net->count++] = (connection){.client = *client, .peer = peer, .open = true};
    return net->count;
}

void sim_net_leave(sim_net *net, uint32_t number)
{
    if (number != 0) at(net, number)->open = false;
}

uint32_t sim_net_peer(const sim_net *net, uint32_t number)
{
    return at(net, number)->peer;
}

static void arrive(void *context, uint64_t number_and_direction, hub_bytes frame)
{
    sim_net *net = context;
    uint32_t number = (uint32_t)(number_and_direction >> 1);
    sim_direction direction = (sim_direction)(number_and_direction & 1);
    if (!at(net, number)->open) return;
    if (sim_happens(&net->random, net->options->break_instead)) {
        break_connection(net, number);
        return;
    }
    const sim_end end = direction == SIM_TO_HUB ? net->hub : at(net, number)->client;
    end.frame(end.context, number, frame);
    if (sim_happens(&net->random, net->options->break_after)) break_connection(net, number);
}

void sim_net_send(sim_net *net, uint32_t number, sim_direction direction, hub_bytes frame)
{
    connection *c = at(net, number);
    if (!c->open) return;
    int64_t when = sim_now(net->schedule) + sim_within(&net->random, net->options->delay_ms);
    if (when < c->last_ms[direction]) when = c->last_ms[direction];
    c->last_ms[direction] = when;
    sim_at(net->schedule, when, arrive, net, (uint64_t)number << 1 | (uint64_t)direction, frame);
}
