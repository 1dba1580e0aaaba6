/* candidate.h - the program that is tried: started, killed, started again; and the folder that it takes files from. */
#ifndef CONFORM_CANDIDATE_H
#define CONFORM_CANDIDATE_H

#include <sys/types.h>

#include "conform/conform.h"

typedef struct candidate {
    const conform_options *options; /* BORROWED */
    pid_t pid;                      /* 0 = it does not run, or was started by hand */
    uint32_t inputs;                /* golden ones, put so far */
    int64_t began_ms;               /* inputs of one number are the same for the whole run, also in their times */
    hub_buffer golden;              /* the file as it was read */
    bool taken;                     /* what it answered to the newest input, where its way in answers */
} candidate;

hub_status candidate_open(candidate *c, const conform_options *options, hub_error *err);
void candidate_close(candidate *c);

hub_status candidate_start(candidate *c, hub_error *err);
/* kill -9 of it and of whatever it started; waits until it is gone. */
void candidate_kill(candidate *c);
/* Has it ended by itself? */
bool candidate_ended(candidate *c);

/* A golden input with the next number, as a file that is whole when it appears. */
hub_status candidate_put(candidate *c, hub_error *err);
/* That input's bytes (number 1 is the first), at the end of `out`. */
void candidate_golden(const candidate *c, uint32_t number, hub_buffer *out);
hub_status candidate_put_bytes(candidate *c, const char *name, hub_bytes bytes, hub_error *err);
/* An input that is not whole. */
hub_status candidate_put_half(candidate *c, hub_bytes bytes, hub_error *err);

#endif
