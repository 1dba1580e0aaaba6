/* world.h - a hub and adapters as real processes in a folder of their own, on free ports of this machine. */
#ifndef SYSTEM_ADAPTER_WORLD_H
#define SYSTEM_ADAPTER_WORLD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <sys/types.h>

typedef struct world {
    char folder[64];
    char bin[512];
    char source[512];
    int agency_port, team_port, mllp_port;
    pid_t hub;
    pid_t adapter;
} world;

/* Makes keys, store and policy, starts the hub, enrols `police` and `health` adapters and writes their configurations. */
int world_make(void **state);
/* Ends every process this world started, and removes the folder. */
int world_end(void **state);

/* Runs a program of ours to its end with these words; its exit code. What it printed on standard output goes to `out` (may be NULL). */
int world_run(const world *w, char *out, size_t out_size, const char *program, const char *format, ...)
    __attribute__((format(printf, 5, 6)));
/* Starts one and waits for its ready line on standard output. */
pid_t world_start(const world *w, const char *program, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* Ends a process by a signal and waits for it. */
void world_kill(pid_t *process, int signal_number);

void world_start_hub(world *w);
/* A number of the hub's status, or of the adapter's, by its JSON key. */
int64_t world_hub_count(const world *w, const char *key);
int64_t world_peers_count(const world *w, const char *key); /* of the first peer that has it */
int64_t world_adapter_count(const world *w, const char *adapter, const char *key);

/* Runs a shell line in the world's folder; it must succeed. */
void world_shell(const world *w, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Puts police incidents first..last into the adapter's folder, one file each. */
void world_put_incidents(const world *w, int first, int last);
/* How many files a folder below the world's has, those still being written left out. */
int world_files(const world *w, const char *folder);
/* Waits until it has so many; no fixed time, three minutes at most. */
void world_wait_files(const world *w, const char *folder, int files);
/* Waits until this text stands in a file ("log": what our programs said on standard error). */
void world_wait_text(const world *w, const char *file, const char *text);
/* Changes a text in a file of the world, everywhere it stands. */
void world_change(const world *w, const char *file, const char *from, const char *to);

#endif
