/* consumer.h - the system of one queue's owner: subscribes with the positions it holds, keeps what it is given, sends receipts.
 * What it has done and not yet stored with its position is forgotten when it dies, and done again. */
#ifndef SIM_CONSUMER_H
#define SIM_CONSUMER_H

#include "audience.h"
#include "checker.h"
#include "net.h"
#include "people.h"

typedef struct sim_consumer sim_consumer;

typedef struct sim_consumer_parts {
    sim_schedule *schedule;
    sim_net *net;
    const sim_options *options;
    const sim_report *report;
    sim_random random;
    const char *queue; /* also its own name */
    uint32_t peer;
    sim_checker *checker;
    sim_people *people; /* who read what this queue is given */
    uint32_t place;     /* of the queue in SIM_QUEUES */
} sim_consumer_parts;

sim_consumer *sim_consumer_open(const sim_consumer_parts *parts);
void sim_consumer_close(sim_consumer *consumer);
/* Holds everything that `state` says its queue was given. */
bool sim_consumer_is_at_rest(const sim_consumer *consumer, const core_state *state);
void sim_consumer_check(const sim_consumer *consumer, const core_state *state, sim_checker *checker);

#endif
