/* seldom.h - what goes wrong with every connection of somebody is said once an hour, not with each of them.
 *
 * Limits: 16 things at a time; when all of them are fresh a further one is not said, so that nobody fills the log by changing address or mistake.
 */
#ifndef HOST_SELDOM_H
#define HOST_SELDOM_H

#include <stdbool.h>
#include <stdint.h>

enum { HOST_SELDOM_ROWS = 16, HOST_SELDOM_TEXT = 160 };

typedef struct host_seldom { /* all zero at the start; of one thread */
    struct {
        char text[HOST_SELDOM_TEXT]; /* "" = free */
        int64_t said_ms;
    } rows[HOST_SELDOM_ROWS];
} host_seldom;

/* Is it time to say `what` of `who`? `now_ms` goes on evenly (host_boot_ms). What is beyond HOST_SELDOM_TEXT of both tells nothing apart. */
bool host_seldom_is_due(host_seldom *seldom, const char *who, const char *what, int64_t now_ms);

#endif
