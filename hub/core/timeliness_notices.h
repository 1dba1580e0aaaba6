/* timeliness_notices.h - of the figures of timeliness.h: notices from one service to another, those that a rule asked for and those that were
 * given. Private to timeliness. */
#ifndef CORE_TIMELINESS_NOTICES_H
#define CORE_TIMELINESS_NOTICES_H

#include "core/timeliness.h"

/* One rule's notice of one event. */
typedef struct core_timely_notice {
    uint64_t sequence; /* of the event's record */
    int64_t at_ms;
    const char *service; /* of the rule; the policy's */
    uint32_t rule, person, sensitivity;
    bool is_sent, is_seen;
} core_timely_notice;

/* {0} is an empty one. */
typedef struct core_timely_notices {
    core_timely_notice *items; /* owned; in the order of their records */
    size_t count, capacity;
} core_timely_notices;

void core_timely_notices_free(core_timely_notices *n);
/* false: no memory. */
bool core_timely_notices_take(core_timely_notices *n, const core_state *state, const core_record *record);
hub_status core_timely_notices_tell(const core_timely_notices *n, const core_state *state, core_timeliness_of which,
                                    core_timely_cb *each, void *context);
/* Whose case a person's is: their family's, where they have one. */
uint64_t core_timely_family(const core_state *state, uint32_t person);

#endif
