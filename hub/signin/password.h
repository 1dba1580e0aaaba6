/* password.h - checking what somebody typed, off the loop, no faster for a name that nobody has, and not too often.
 *
 *     password_check --throttled?--> HUB_ERR_AGAIN, with the ms to wait
 *           |         --8 waiting?--> HUB_ERR_FULL
 *           '-> one thread: argon2id -> password_checked_cb on the loop
 *
 * Promises:
 *   W1  An unknown name, an account without a password and a wrong password have the same answer, and cost one argon2id of the same figures.
 *   W2  Five tries of a name, and five from an address, then one each 30 s. A right password costs no try: an office behind one address
 *       signs in at nine o'clock. An IPv6 address counts by its /64.
 *   W3  At most one argon2id (64 MiB) runs at a time, and PASSWORD_CHECKS_MAX run and wait: page rendering keeps its threads and memory.
 *   W4  What was typed is wiped when it was checked. Nothing here logs.
 * Limits: who keeps trying a colleague's name makes them wait too; whoever signs in by OpenID Connect is not touched. */
#ifndef SIGNIN_PASSWORD_H
#define SIGNIN_PASSWORD_H

#include <uv.h>

#include "account.h"

enum {
    PASSWORD_CHECKS_MAX = 8,
    PASSWORD_TRIES = 5,
    PASSWORD_TRY_EACH_MS = 30 * 1000,
    PASSWORD_BYTES_LEAST = 12, /* NCSC: length is what counts; three random words have more */
    PASSWORD_BYTES_MAX = 1000, /* what is longer is wrong: no password is, and hashing it costs */
};

/* Makes the line for people.yaml. Takes some 100 ms and 64 MiB.
 *   password  UTF-8 without NUL, PASSWORD_BYTES_LEAST..PASSWORD_BYTES_MAX bytes, BORROWED for the call
 *   out       NUL-ended "$argon2id$..."
 * Returns HUB_OK, HUB_ERR_INVALID (too short, too long, no clean text; err says which), HUB_ERR_MEMORY. */
hub_status password_hash(hub_bytes password, char out[ACCOUNT_HASH_BYTES], hub_error *err);
/* Is `text` such a line, made with the figures of today? Others would tell by their cost which names exist. */
bool password_hash_is_ours(const char *text);

typedef struct password_checker password_checker; /* opaque */

/* Opens a checker on `loop` (BORROWED until it is closed and the loop has run what was under way). Takes some 100 ms: it makes the hash
 * that unknown names are checked against.
 *   out  GIVEN, end with password_checker_close(); NULL on failure
 * Returns HUB_OK or HUB_ERR_MEMORY. */
hub_status password_checker_open(uv_loop_t *loop, password_checker **out);
/* No callback is called any more; the memory goes when the loop has run the check under way. NULL is allowed. */
void password_checker_close(password_checker *checker);

/* The answer, in the loop's thread, never inside password_check.
 *   name  the account's name, BORROWED for the call: the password is right. NULL: it is not, or there is no such account.
 * Look the account up again in the accounts of now: the file may have been read anew meanwhile. */
typedef void password_checked_cb(void *context, const char *name);

/* Checks `password` for the account `name`.
 *   list      BORROWED for the call
 *   name      as typed, NUL-ended, any length; upper-case ASCII letters are taken for lower-case ones. BORROWED for the call
 *   password  as typed, any bytes, BORROWED for the call
 *   address   where the browser is, "192.0.2.7" or "2001:db8::1", NUL-ended, BORROWED for the call; behind a proxy the one that the proxy
 *             says (never one that a browser could say)
 *   now_ms    any clock, the same for all calls
 *   wait_ms   out: with HUB_ERR_AGAIN how long until another try is taken; otherwise 0
 * Returns HUB_OK (the callback will come, once), HUB_ERR_AGAIN (tried too often), HUB_ERR_FULL (8 are being checked: say "busy, try again"),
 * HUB_ERR_MEMORY. */
hub_status password_check(password_checker *checker, const accounts *list, const char *name, hub_bytes password,
                          const char *address, int64_t now_ms, password_checked_cb *done, void *context, int64_t *wait_ms);

#endif
