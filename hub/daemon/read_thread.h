/* read_thread.h - fetches stored records beside the writer, with a handle of its own: catch-up, tail, find, explain, positions.
 *
 * It gives back stored bytes and keys; the loop opens them. A job names sequences, or a ref under which sequences are to be found.
 */
#ifndef DAEMON_READ_THREAD_H
#define DAEMON_READ_THREAD_H

#include <uv.h>

#include "base/hash.h"
#include "bus/sessions.h"

enum { DAEMON_READ_RECORDS_MAX = 256 }; /* of a job, but for one that takes along what one record's deliveries need */

typedef struct daemon_read_job daemon_read_job;

typedef struct daemon_read_record {
    uint64_t sequence;
    size_t offset, size; /* in the job's bytes; size 0 = not found */
    uint8_t key[HUB_SECRET_BYTES];
} daemon_read_record;

struct daemon_read_job {
    /* filled by who asks */
    void (*done)(void *context, daemon_read_job *job); /* on the loop; the job is freed after it */
    void *context;
    bool is_lookup;
    uint64_t ref;
    const uint64_t *further; /* lookup: and under these refs; BORROWED until the job is freed, as from `extra` */
    uint32_t further_count;
    bool oldest_first; /* lookup: the oldest first, not the newest */
    uint64_t from;     /* lookup: only sequences before this one, or after it when the oldest come first; 0 = all */
    bool is_one;       /* the first record alone is meant; the others are what its deliveries take along */
    bool stops_short;  /* what lies before a damaged record is given, count says how many; the first one damaged is an error */
    bus_session_ref session;
    uint64_t request;
    uint64_t alert; /* the asker's: explain only what concerns it; 0 = everything */
    uint32_t lane;  /* the asker's: which subscription or tail */
    void *extra;    /* the asker's; freed with free() after `done` */
    uint32_t count;
    bool more; /* lookup: there are more than `records` holds */
    /* the answer */
    hub_buffer bytes;
    hub_status status; /* not HUB_OK: the store could not be read, err says why */
    hub_error err;
    daemon_read_job *next;
    /* sequences asked for, `count` of at most `capacity`; a lookup fills them in */
    uint32_t capacity;
    daemon_read_record records[];
};

typedef struct daemon_read_thread daemon_read_thread;
hub_status daemon_read_thread_start(uv_loop_t *loop, const char *location, const char *partnership, const char *master_path,
                                    daemon_read_thread **out, hub_error *err);
/* A job to fill in, for DAEMON_READ_RECORDS_MAX records or for so many; NULL when memory is out. */
daemon_read_job *daemon_read_job_new(void (*done)(void *context, daemon_read_job *job), void *context);
daemon_read_job *daemon_read_job_new_of(uint32_t capacity, void (*done)(void *context, daemon_read_job *job), void *context);
/* TAKES the job. */
void daemon_read_thread_ask(daemon_read_thread *thread, daemon_read_job *job);
/* Jobs not yet answered are dropped. */
void daemon_read_thread_stop(daemon_read_thread *thread);

#endif
