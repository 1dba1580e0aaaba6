/* spoil.h - the hub broken on purpose, in one way a run: a checker that passes then sees nothing. Each way is a test (tests.cmake) that
 * expects the words with which its checker fails. */
#ifndef SIM_SPOIL_H
#define SIM_SPOIL_H

#include "mash/v1/record.pb-c.h"
#include "options.h"

/* Is this the way? */
bool sim_spoils(const sim_options *options, const char *way);
/* Takes out of a decision what it is to lack, or changes what it says. */
void sim_spoil(const sim_options *options, Mash__V1__Control *control);

#endif
