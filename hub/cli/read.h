/* read.h - what the verbs that read records share: keys from standard input, lines of an explanation. */
#ifndef CLI_READ_H
#define CLI_READ_H

#include "base/bytes.h"
#include "mash/v1/bus.pb-c.h"

enum { READ_KEY_BYTES = 300 };

/* One line of standard input, asked for on a terminal; false when there is none. A key stands in no shell history and no process list. */
bool read_key(char typed[READ_KEY_BYTES]);
/* Adds the scheme to a key that can be only one thing. */
void read_complete_key(const char *typed, char key[READ_KEY_BYTES + 16]);
/* Indented lines, made harmless, at the end of `out`. */
void read_put_lines(const Mash__V1__Explained *explained, uint32_t indent, hub_buffer *out);

/* On standard error: what was asked concerns the asker themselves or their household. */
void read_say_own(void);

#endif
