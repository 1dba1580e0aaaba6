/* people.h - who works at the alerts in a simulation: ten people of four teams, not all on the roster at any time, at one board (a gateway's session). They read what
 * their teams' queues are given, act on the version they saw, two of them perhaps on one alert, and ask again with the same
 * command_id when no answer comes. */
#ifndef SIM_PEOPLE_H
#define SIM_PEOPLE_H

#include "checker.h"
#include "net.h"
#include "policy.h"

typedef struct sim_people sim_people;

typedef struct sim_people_parts {
    sim_schedule *schedule;
    sim_net *net;
    const sim_options *options;
    const sim_report *report;
    sim_checker *checker;
    sim_random random;
    uint32_t peer; /* of the board */
} sim_people_parts;

/* Words that audiences without act words may not be given: every one of them begins so. */
#define SIM_PRIVATE_WORDS "Private words"

sim_people *sim_people_open(const sim_people_parts *parts);
void sim_people_close(sim_people *people);
/* A delivery has come to the screens of those who work this queue (its place in SIM_QUEUES). */
void sim_people_read(sim_people *people, uint32_t queue, const Mash__V1__Delivery *delivery);
/* The hub's history is another one than the screens show: they are cleared. */
void sim_people_forget(sim_people *people);
/* Everybody has done all they wanted to, and has the answers. */
bool sim_people_have_acted(const sim_people *people);

#endif
