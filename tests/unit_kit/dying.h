/* dying.h - a child process that is killed (SIGKILL, no clean-up) before or after its n-th call that changes a file: pwrite, fdatasync, fsync,
 * ftruncate, unlink, rename. The functions of those names in dying.c stand in front of the C library's, for SQLite too. */
#ifndef UNIT_KIT_DYING_H
#define UNIT_KIT_DYING_H

typedef enum dying_when { DYING_BEFORE, DYING_AFTER } dying_when; /* the call is made */

typedef struct dying_story {
    void (*prepare)(const char *folder);      /* what lies there at the beginning; NULL = nothing */
    int (*work)(const char *folder);          /* in the child; 0 = all of it was done */
    void (*check)(const char *folder, int n); /* after a second child has done the rest */
} dying_story;

/* For every n: a new folder, a child that dies at its n-th write, one that lives, and a look. Ends with the n that the child lives through. */
void dying_at_every_write(const dying_story *story, dying_when when);

#endif
