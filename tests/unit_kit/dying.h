/* dying.h - a child process that is killed (SIGKILL, no clean-up) before or after its n-th call that changes a file: pwrite, fdatasync, fsync,
 * ftruncate, unlink, rename. The functions of those names in dying.c stand in front of the C library's, for SQLite too. */
#ifndef UNIT_KIT_DYING_H
#define UNIT_KIT_DYING_H

#include <stdbool.h>

/* Runs `work` in a child that dies at its n-th write (-1: never); `after_call` 1: once it was made. true: it lived to its end, which must be 0. */
bool dying_lives(int (*work)(const char *folder), const char *folder, int n, int after_call);

#endif
