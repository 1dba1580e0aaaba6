/* audience.h - what a queue may be given, looked at where it arrives (S9). Its lists are its own: what the policy's tables say is
 * written down here once more, by hand. */
#ifndef SIM_AUDIENCE_H
#define SIM_AUDIENCE_H

#include "checker.h"
#include "mash/v1/alert.pb-c.h"

typedef struct sim_may_have {
    Mash__V1__Sensitivity up_to;
    const char *fields; /* of Event, each between spaces */
    bool who, words;    /* who acted; what they wrote */
    bool people;        /* the subjects of events, and who has a line */
} sim_may_have;

enum { SIM_EITHER_EDITION = SIM_POLICIES };

/* `queue`: its place in SIM_QUEUES. */
const sim_may_have *sim_audience(uint32_t queue, sim_edition edition);
bool sim_audience_lists(const sim_may_have *may, const char *field);
bool sim_audience_holds(hub_bytes bytes, const char *words);

/* Fails the run when the delivery holds a field, a class of event or words not meant for the queue: by the edition that decided it a class,
 * by the one in force when it was built all else. */
void sim_audience_check(const sim_report *report, const sim_checker *checker, uint32_t queue, sim_edition decided,
                        sim_edition built, const Mash__V1__Delivery *delivery);

#endif
