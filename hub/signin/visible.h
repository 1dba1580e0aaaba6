/* visible.h - text that a URL, a code and a subject are made of: ASCII, no spaces, no control characters. Private to hub/signin. */
#ifndef SIGNIN_VISIBLE_H
#define SIGNIN_VISIBLE_H

#include <stdbool.h>

/* true for "" too. */
static inline bool is_visible(const char *text)
{
    for (; *text != '\0'; text++) {
        if (*text < 0x21 || *text > 0x7e) return false;
    }
    return true;
}

#endif
