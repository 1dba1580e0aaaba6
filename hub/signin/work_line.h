/* work_line.h - a bounded line of jobs for libuv's threads: so many at once, so many in all, and then "full".
 *
 * Why: libuv has four threads for everybody. A hundred wrong passwords, or a sign-in service that does not answer, must not take them
 * all, nor pile up memory behind them.
 *
 *     put -> waiting -> run (a thread) -> done (the loop)
 *               '--------- line closed ---^   with `is_dropped`
 *
 * Promises: done is called once for each job that was put, in the loop's thread, never inside put.
 * Private to hub/signin.
 */
#ifndef SIGNIN_WORK_LINE_H
#define SIGNIN_WORK_LINE_H

#include <stdbool.h>
#include <uv.h>

#include "base/status.h"

typedef struct work_line work_line;
typedef struct work work;

/* The first member of a job. */
struct work {
    void (*run)(work *job);  /* on a thread: touches the job alone, and what nobody changes */
    void (*done)(work *job); /* on the loop: the job belongs to it, and is ended by it */
    bool is_dropped;   /* when done: the line was closed meanwhile; nobody waits for the answer, run may not have been called */
    work *next;        /* the line's */
    work_line *line;   /* the line's */
    uv_work_t request; /* the line's */
};

/* Opens a line on `loop` (BORROWED until the line is closed).
 *   at_once  1 or more jobs on threads at the same time
 *   most     jobs running and waiting together
 * Returns HUB_OK or HUB_ERR_MEMORY. */
hub_status work_line_open(uv_loop_t *loop, unsigned at_once, unsigned most, work_line **out);

/* TAKES `job` until its done is called. false: the line is full, and the job is still the caller's. */
bool work_line_put(work_line *line, work *job);

/* Drops what waits (done is called inside), lets what runs come back, then calls `closed` - inside when nothing runs, else from the
 * loop - and frees the line. */
void work_line_close(work_line *line, void (*closed)(void *context), void *context);

#endif
