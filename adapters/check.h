/* check.h - mash-adapter --check: what kit/check.h finds, a line each, with the fix below what is wrong. */
#ifndef ADAPTERS_CHECK_H
#define ADAPTERS_CHECK_H

#include "kit/config.h"

/* Returns an exit code. */
int adapter_check(const kit_config *config, yaml_problems *problems);

#endif
