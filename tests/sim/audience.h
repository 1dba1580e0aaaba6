/* audience.h - what a queue may be given, looked at where it arrives (S9). Its lists are its own: what the policy's tables say is
 * written down here once more, by hand. */
#ifndef SIM_AUDIENCE_H
#define SIM_AUDIENCE_H

#include "checker.h"
#include "mash/v1/alert.pb-c.h"

/* `queue`: its place in SIM_QUEUES. Fails the run when the delivery holds a field, a class of event or words not meant for it. */
void sim_audience_check(const sim_report *report, const sim_checker *checker, uint32_t queue, const Mash__V1__Delivery *delivery);

#endif
