/* asking.h - what explain, tail and find tell each reader of a record (S9): asked of the core with the keys of the run, and held against
 * the lists of audience.h. A reader who should be told something must be, or a filter that shows nothing would pass. */
#ifndef SIM_ASKING_H
#define SIM_ASKING_H

#include "audience.h"

typedef struct sim_question {
    const sim_options *options;
    const sim_report *report;
    const sim_checker *checker;
    const core_state *state;
    const core_record *record; /* with the peer it came from */
    sim_edition edition;       /* of the policy in force now */
    hub_arena *arena;
} sim_question;

/* Every reader of the run asks about this record. */
void sim_asking_all(const sim_question *question);

#endif
