/* check.h - is everything set up rightly? Nothing is sent, nothing is changed. */
#ifndef OUTBOUND_CHECK_H
#define OUTBOUND_CHECK_H

#include "config.h"

/* Says one line for each thing looked at. 0 = all is well, 1 = something is to be put right. */
int outbound_check(const outbound_config *config);

#endif
