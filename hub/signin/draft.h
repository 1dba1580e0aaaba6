/* draft.h - what somebody typed and could not send: kept for them, and for nobody else.
 *
 * Why: a practitioner types a decision for twenty minutes; the session ends, the hub is away, or a colleague was quicker. The text must
 * be there when they come back, and must not be there for the next person at that desk.
 *
 * A draft lies under (account, key): the account's name (account.h), and the page's own word for the form, "A17/decide". It outlives the
 * session, and goes DRAFT_KEPT_MS after it was typed, or when the form went through.
 *
 * Promises:  a draft is given back to the account that typed it alone; one that cannot be kept is an answer, never dropped in silence;
 *            memory is wiped. On disk only sealed (session_file.h). */
#ifndef SIGNIN_DRAFT_H
#define SIGNIN_DRAFT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"

enum {
    DRAFTS_MAX = 1000,
    DRAFTS_OF_ACCOUNT_MAX = 40,
    DRAFT_KEY_BYTES_MAX = 100,
    DRAFT_TEXT_BYTES_MAX = 128 * 1024,   /* a whole form as a browser sends it: the longest text, three bytes for one */
    DRAFTS_BYTES_MAX = 16 * 1024 * 1024, /* all texts together */
};
#define DRAFT_KEPT_MS (INT64_C(12) * 60 * 60 * 1000)

typedef struct drafts drafts; /* opaque */

typedef struct draft {
    const char *key; /* BORROWED until the next call that changes the drafts; NUL-ended */
    hub_bytes text;  /* BORROWED likewise; any bytes */
    int64_t kept_ms; /* when it was kept, ms since 1970 */
} draft;

/* out: GIVEN, end with drafts_close(). Returns HUB_OK or HUB_ERR_MEMORY. */
hub_status drafts_open(drafts **out);
void drafts_close(drafts *all); /* NULL is allowed */

/* Keeps `text` under (account, key), in place of what was there.
 *   account  a name of account.h, not ""; BORROWED for the call
 *   key      1..DRAFT_KEY_BYTES_MAX bytes, clean text, no personal data (it is no secret to operators); BORROWED for the call
 *   text     up to DRAFT_TEXT_BYTES_MAX bytes, BORROWED for the call
 * Returns HUB_OK; HUB_ERR_INVALID (key or text too long, key unclean); HUB_ERR_FULL (this account has 40, or all together are too many: say
 * on the page that this text is kept nowhere but in the form); HUB_ERR_MEMORY. On failure an older draft of the key stays. */
hub_status draft_keep(drafts *all, const char *account, const char *key, hub_bytes text, int64_t now_ms);
/* The draft of (account, key) in `out`; false: there is none, or its time is over. */
bool draft_find(const drafts *all, const char *account, const char *key, int64_t now_ms, draft *out);
/* The drafts of an account, newest first, at most `capacity`; returns how many there are. */
size_t draft_list(const drafts *all, const char *account, int64_t now_ms, draft *out, size_t capacity);
/* The form went through, or its owner put it away. Nothing happens when there is none. */
void draft_forget(drafts *all, const char *account, const char *key);
/* All of an account, which is nobody's or somebody else's now. */
void drafts_forget_account(drafts *all, const char *account);

/* Has anything changed since the file was saved? */
bool drafts_changed(const drafts *all);
/* For session_file.c; as those of session.h. */
void drafts_pack(const drafts *all, int64_t now_ms, hub_buffer *out);
void drafts_saved(drafts *all);
hub_status drafts_unpack(drafts *all, hub_bytes *in);

#endif
