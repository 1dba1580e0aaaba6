/* fold_child.h - when the fold beside the hub is due: ten minutes after a start, then every hour in which something was recorded; and when somebody
 * asks for the figures that it makes, at most every five minutes. */
#ifndef DAEMON_FOLD_CHILD_H
#define DAEMON_FOLD_CHILD_H

#include <stdbool.h>
#include <stdint.h>

/* {0} is a hub that just started. */
typedef struct daemon_fold_times {
    uint64_t next_ms;    /* by a clock that only goes forward */
    uint64_t folded;     /* durable sequence when the last one was started; 0: none by this process */
    uint64_t soonest_ms; /* when one may be started because somebody asks */
    bool is_asked;       /* somebody asks for figures */
} daemon_fold_times;

/* true: start one now. `durable` is the newest durable record. */
bool daemon_fold_is_due(daemon_fold_times *times, uint64_t now_ms, uint64_t durable);

#endif
