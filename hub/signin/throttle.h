/* throttle.h - how often something may be tried: a few times at once, then one each interval; by key, in fixed memory.
 *
 * A key (an account, an address) is put into two of THROTTLE_BUCKETS buckets by a keyed hash that nobody outside can reckon. It must
 * wait only when both are empty. Nothing is ever pushed out to make room: who fills the table with invented keys makes everybody wait
 * and nobody free. Two keys that share one bucket do not feel it; sharing both has a chance of one in 16 million.
 */
#ifndef SIGNIN_THROTTLE_H
#define SIGNIN_THROTTLE_H

#include <stdint.h>

#include "base/bytes.h"

enum { THROTTLE_BUCKETS = 4096 };

typedef struct throttle throttle;

/* Opens one where each key may try `burst` times (1 or more) at once and then once each `interval_ms` (1 or more).
 *   out  GIVEN, end with throttle_close(); NULL on failure
 * Returns HUB_OK or HUB_ERR_MEMORY. */
hub_status throttle_open(uint32_t burst, int64_t interval_ms, throttle **out);
void throttle_close(throttle *t); /* NULL is allowed */

/* Takes one try of `key` at `now_ms`. Returns 0 when it may be tried; otherwise how many ms to wait, and nothing is taken. A `now_ms` that
 * goes back makes nobody wait longer than burst * interval. */
int64_t throttle_take(throttle *t, hub_bytes key, int64_t now_ms);
/* Gives a try back: it was a good one, and good ones are free. */
void throttle_give_back(throttle *t, hub_bytes key);

#endif
