/* names.h - each text once: a hundred thousand rows name a few hundred people, rules, areas and clocks. */
#ifndef BOARD_NAMES_H
#define BOARD_NAMES_H

#include "base/bytes.h"

enum { NAMES_MAX = 64 * 1024 }; /* a roster, a policy's rules and clocks, sets of parties: some thousands in years */

typedef struct names names;

/* NULL: no memory. End it with names_close. */
names *names_open(void);
void names_close(names *of);
/* The same bytes, always at the same place, with a NUL behind them, as strictly aligned as malloc has it; valid until names_close. NULL: no
 * memory, or there are NAMES_MAX. */
const void *names_keep(names *of, hub_bytes bytes);

#endif
