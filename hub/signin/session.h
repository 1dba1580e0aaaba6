/* session.h - who a browser is signed in as, and for how long.
 *
 *     begin (visitor) --> begin (account) --> find, find, ... --> end
 *                                   |  idle 30 min, or 12 h since begin
 *                                   '--> ENDED: known for 12 h more, only so that what is typed meanwhile is kept (draft.h)
 *
 * The browser holds 32 random bytes in a cookie; here lies their hash alone, so that memory or a file that is read gives nobody a session.
 * A **visitor** is a browser that has not signed in: it has a session too, for the sign-in form's token and what a sign-in at another
 * service must remember (session_note). Visitors have a table of their own and push each other out, never a person.
 *
 * Promises:
 *   S1  A new id at each begin and renew; the one before is dead at once.
 *   S2  Only find extends; streams and fragments use peek, so that an open window does not keep an absent person signed in.
 *   S3  A token for forms is another text at each answer, though the secret is one a session (a compressed page cannot leak it), and is
 *       compared in constant time.
 *   S4  An ended session shows nobody anything: it tells whose it was, and whether a form's token was its own.
 *   S5  At most SESSIONS_MAX people, SESSIONS_OF_ACCOUNT_MAX each (the one unused longest is ended for a new one).
 * Not here: clocks (the caller passes now_ms, ms since 1970, since sessions outlive a restart), drafts (draft.h), the file (session_file.h),
 * what an account may (account.h: ask it at each request, then a leaver is out at once). */
#ifndef SIGNIN_SESSION_H
#define SIGNIN_SESSION_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"

enum {
    SESSIONS_MAX = 1000,
    SESSIONS_OF_ACCOUNT_MAX = 8, /* a desk, a laptop, a telephone, and forgotten ones */
    SESSION_VISITORS_MAX = 1024,
    SESSION_COOKIE_TEXT_BYTES = 128, /* name=value; attributes; with the NUL */
    SESSION_TOKEN_TEXT_BYTES = 87,   /* base64url of 64 bytes, with the NUL */
    SESSION_PURPOSE_BYTES_MAX = 200,
    SESSION_NOTE_BYTES_MAX = 512,
    SESSION_ACCOUNT_BYTES = 48, /* with the NUL */
};
#define SESSION_IDLE_MS (INT64_C(30) * 60 * 1000)         /* the default of idle_ms */
#define SESSION_LONGEST_MS (INT64_C(12) * 60 * 60 * 1000) /* the default of longest_ms: a long shift */
#define SESSION_VISITOR_MS (INT64_C(60) * 60 * 1000)      /* a sign-in page may stand open for an hour */
#define SESSION_KNOWN_MS (INT64_C(12) * 60 * 60 * 1000)   /* an ended one is known so long, as a draft is kept */

typedef enum session_cookie_kind {
    SESSION_COOKIE_HTTPS, /* "__Host-board", Secure: the browser sends it by https only, to this host only */
    SESSION_COOKIE_LOOPBACK_HTTP, /* "board", not Secure. UNSAFE but on loopback, for tests and the quickstart: anybody on the way reads it */
} session_cookie_kind;

typedef struct sessions_options {
    int64_t idle_ms;    /* 0 = SESSION_IDLE_MS; at least one minute */
    int64_t longest_ms; /* 0 = SESSION_LONGEST_MS; at least idle_ms, at most 7 days */
    session_cookie_kind cookie;
} sessions_options;

typedef struct sessions sessions; /* opaque */
typedef struct session session;   /* opaque. BORROWED from its sessions until the next begin, renew or end of any */

typedef enum session_state {
    SESSION_NONE,  /* no cookie, an unknown one, one that was ended on purpose, or two cookies of the name */
    SESSION_LIVE,  /* a visitor's or an account's */
    SESSION_ENDED, /* an account's whose time is over: S4 */
} session_state;

/* Opens an empty table.
 *   options  BORROWED for the call
 *   out      GIVEN, end with sessions_close(); NULL on failure
 * Returns HUB_OK, HUB_ERR_INVALID (err names the option and its bounds), HUB_ERR_MEMORY. */
hub_status sessions_open(const sessions_options *options, sessions **out, hub_error *err);
void sessions_close(sessions *all); /* NULL is allowed; ends nobody's session in a saved file */

/* The session that a request's Cookie header names.
 *   cookie_header  NUL-ended as the browser sent it, any length; NULL = none. BORROWED for the call
 *   now_ms         ms since 1970
 *   out            the session when the answer is LIVE or ENDED, else NULL
 * find counts as use: idle time begins again. peek does not (S2). */
session_state session_find(sessions *all, const char *cookie_header, int64_t now_ms, session **out);
session_state session_peek(sessions *all, const char *cookie_header, int64_t now_ms, session **out);

/* Begins a session.
 *   account   the account's name (account.h), at most 47 bytes; "" = a visitor. BORROWED for the call
 *   before    the session this browser has now, which is ended by this; NULL = none
 *   cookie    out: the value for a Set-Cookie header, NUL-ended
 *   out       the session
 * Returns HUB_OK, or HUB_ERR_FULL: SESSIONS_MAX people are signed in (then nothing has changed). A visitor is never refused. */
hub_status session_begin(sessions *all, const char *account, session *before, int64_t now_ms,
                         char cookie[SESSION_COOKIE_TEXT_BYTES], session **out);
/* A new id for the same session, with all that it holds; its 12 hours go on. For "stay signed in" and whenever what somebody may do has
 * grown. Its form secret stays: forms that stand open in other windows are not out of date by it. Live sessions only. */
void session_renew(sessions *all, session *s, int64_t now_ms, char cookie[SESSION_COOKIE_TEXT_BYTES]);
/* Ends it at once: signed out. It is SESSION_NONE from now on. */
void session_end(sessions *all, session *s);
/* Ends all of an account: it left people.yaml, or its password changed. Returns how many. */
unsigned sessions_end_account(sessions *all, const char *account);
/* The value for a Set-Cookie header that takes the cookie away. */
void session_cookie_away(const sessions *all, char cookie[SESSION_COOKIE_TEXT_BYTES]);

const char *session_account(const session *s); /* BORROWED from it; "" = a visitor */
/* When it ends if nobody uses it from now on: the page says so, and warns before. */
int64_t session_ends_ms(const sessions *all, const session *s);
/* How far using it can take it: longest_ms after it began. */
int64_t session_longest_ms(const sessions *all, const session *s);

/* A token for a form or a header of this answer, NUL-ended; another text each time (S3). */
void session_token(const session *s, char out[SESSION_TOKEN_TEXT_BYTES]);
/* Is `text` (NUL-ended, any length, as it came back) a token of this session? A session that ended knows its own still. */
bool session_token_holds(const session *s, const char *text);
/* The account's session, live or ended, whose token `text` is, when the browser's cookie is of another one by now: its other window has been
 * signed in anew. It tells whose form that was (S4) and gives no right. NULL: none. */
const session *sessions_of_token(const sessions *all, const char *text, int64_t now_ms);

/* What this person said they look for (asked once, shown in the header). "" at the beginning.
 * Returns HUB_OK, or HUB_ERR_INVALID: above SESSION_PURPOSE_BYTES_MAX bytes, no clean UTF-8, or a control character. */
hub_status session_set_purpose(sessions *all, session *s, hub_bytes purpose);
const char *session_purpose(const session *s); /* BORROWED from it, NUL-ended */

/* A few bytes that the caller must remember between two requests of this browser: an oidc_flow, and where to go after signing in. Not
 * taken along by session_begin. HUB_ERR_INVALID: above SESSION_NOTE_BYTES_MAX. The empty note takes it away. */
hub_status session_set_note(sessions *all, session *s, hub_bytes note);
hub_bytes session_note(const session *s); /* BORROWED from it */

/* How many people's sessions are live; tests count by it what a file brought back. */
unsigned sessions_live(const sessions *all, int64_t now_ms);
/* Has anything changed since the file was saved that it should have? Uses do not count when they are within a minute. */
bool sessions_changed(const sessions *all);

/* For session_file.c: all people's sessions as bytes (visitors are left out); what was packed is saved; and back, in place of what the table
 * has. HUB_ERR_CORRUPT: the bytes are no such table; then it is empty. `in` is moved behind what was read. */
void sessions_pack(const sessions *all, hub_buffer *out);
void sessions_saved(sessions *all);
hub_status sessions_unpack(sessions *all, hub_bytes *in);

#endif
