/* events.h - what agencies say in a simulation: well-formed events about a small town of obviously invented people (NHS numbers
 * of the 999 range, ZZ99 postcodes), who live together, turn up in several agencies and move between areas. */
#ifndef SIM_EVENTS_H
#define SIM_EVENTS_H

#include "base/bytes.h"
#include "base/id.h"
#include "options.h"

typedef enum sim_expectation { SIM_STORED, SIM_REFUSED } sim_expectation;

/* One thing said. */
typedef struct sim_said {
    hub_id event_id;
    hub_buffer bytes;       /* packed Event; owned by the source until its next word */
    sim_expectation expect; /* how the hub must settle it in the end */
    bool is_urgent;
} sim_said;

typedef struct sim_source sim_source; /* one agency's system */

/* `place` 0..SIM_ADAPTERS_MAX-1 chooses the agency. */
sim_source *sim_source_open(uint32_t place, sim_random random, const sim_options *options);
void sim_source_close(sim_source *source);
uint32_t sim_source_agency(const sim_source *source);
const char *sim_source_system(const sim_source *source);

/* The next thing to say; valid until the next call. It may be said again and again. */
const sim_said *sim_source_say(sim_source *source, int64_t now_ms);
/* An outbox has taken it: from now on it may be repeated, amended and retracted. */
void sim_source_said(sim_source *source);

#endif
