/* send.h - gives a candidate an input by its way in when that is no folder: one connection an input, and what it is answered.
 *
 *     mllp://HOST:PORT          framed; a good one is answered AA
 *     http://HOST:PORT/PATH     POST, with the bearer token when there is one; a good one is answered 202
 */
#ifndef CONFORM_SEND_H
#define CONFORM_SEND_H

#include "base/bytes.h"

enum { SEND_ANSWER_MAX = 2048 };

typedef enum send_end { SEND_WHOLE, SEND_CUT } send_end; /* CUT: the connection ends in the middle of it */

/* `answer` is a text, "" when there came none. HUB_ERR_AGAIN: nobody listens there (it is waited for some seconds); HUB_ERR_INVALID: no such way. */
hub_status send_input(const char *way, const char *token, hub_bytes input, send_end end, char answer[SEND_ANSWER_MAX],
                      hub_error *err);
/* Does the answer say that the input was taken? */
bool send_is_taken(const char *way, const char *answer);

#endif
