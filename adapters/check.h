/* check.h - is this adapter set up rightly? Every point is looked at and said, with what to do; nothing is changed. */
#ifndef ADAPTERS_CHECK_H
#define ADAPTERS_CHECK_H

#include "kit/config.h"

/* Prints one line a point on standard output. `problems` are the configuration's. Returns an exit code. */
int adapter_check(const kit_config *config, yaml_problems *problems);

#endif
