#include "session.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "cursor.h"
#include "host/random.h"

enum { SECRET_BYTES = 32, VALUE_TEXT_BYTES = 44 /* base64url of 32 bytes, with the NUL */ };
static const int64_t SHORTEST_MS = 60 * 1000, LONGEST_MS = INT64_C(7) * 24 * 60 * 60 * 1000;
static const int64_t SAVE_USE_MS = 60 * 1000; /* a use is worth a new saved file when the one before is older than this */

struct session {
    bool is_used;  /* the slot holds a session */
    hub_digest id; /* of the cookie's bytes */
    uint8_t form_secret[SECRET_BYTES];
    char account[SESSION_ACCOUNT_BYTES];
    int64_t begun_ms, used_ms, use_saved_ms;
    char purpose[SESSION_PURPOSE_BYTES_MAX + 1];
    uint16_t note_size;
    uint8_t note[SESSION_NOTE_BYTES_MAX];
};

struct sessions {
    sessions_options options;
    bool is_changed;
    session people[SESSIONS_MAX];
    session visitors[SESSION_VISITORS_MAX];
};

static const char *const COOKIE_NAMES[] = {[SESSION_COOKIE_HTTPS] = "__Host-board", [SESSION_COOKIE_LOOPBACK_HTTP] = "board"};
/* Lax and not Strict: the browser that comes back from a sign-in service must bring the cookie along. */
static const char *const COOKIE_ATTRIBUTES[] = {[SESSION_COOKIE_HTTPS] = "; Path=/; Secure; HttpOnly; SameSite=Lax",
                                                [SESSION_COOKIE_LOOPBACK_HTTP] = "; Path=/; HttpOnly; SameSite=Lax"};

hub_status sessions_open(const sessions_options *options, sessions **out, hub_error *err)
{
    HUB_ASSERT(options != NULL && out != NULL);
    HUB_ASSERT(options->cookie == SESSION_COOKIE_HTTPS || options->cookie == SESSION_COOKIE_LOOPBACK_HTTP);
    *out = NULL;
    int64_t idle_ms = options->idle_ms != 0 ? options->idle_ms : SESSION_IDLE_MS;
    int64_t longest_ms = options->longest_ms != 0 ? options->longest_ms : SESSION_LONGEST_MS;
    if (idle_ms < SHORTEST_MS) return hub_fail(err, HUB_ERR_INVALID, "a session's idle time: at least one minute");
    if (longest_ms < idle_ms || longest_ms > LONGEST_MS)
        return hub_fail(err, HUB_ERR_INVALID, "a session's longest time: at least its idle time, at most 7 days");
    sessions *all = calloc(1, sizeof *all);
    if (all == NULL) return hub_fail(err, HUB_ERR_MEMORY, "sessions: out of memory");
    all->options = (sessions_options){.idle_ms = idle_ms, .longest_ms = longest_ms, .cookie = options->cookie};
    *out = all;
    return HUB_OK;
}

void sessions_close(sessions *all)
{
    if (all == NULL) return;
    sodium_memzero(all, sizeof *all);
    free(all);
}

/* ---- time ------------------------------------------------------------------------------------------------------------------ */

static bool is_visitor(const session *s)
{
    return s->account[0] == '\0';
}

int64_t session_longest_ms(const sessions *all, const session *s)
{
    return s->begun_ms + (is_visitor(s) ? SESSION_VISITOR_MS : all->options.longest_ms);
}

int64_t session_ends_ms(const sessions *all, const session *s)
{
    int64_t longest_ms = session_longest_ms(all, s), idle_ms = s->used_ms + all->options.idle_ms;
    return is_visitor(s) || longest_ms < idle_ms ? longest_ms : idle_ms;
}

static session_state state_of(const sessions *all, const session *s, int64_t now_ms)
{
    int64_t ends_ms = session_ends_ms(all, s);
    if (now_ms < ends_ms) return SESSION_LIVE;
    return !is_visitor(s) && now_ms - ends_ms < SESSION_KNOWN_MS ? SESSION_ENDED : SESSION_NONE;
}

/* ---- cookie ---------------------------------------------------------------------------------------------------------------- */

/* The value of the one cookie of our name. Two of the name, or another length: none, for one of them is not ours. */
static bool value_in(const char *header, const char *name, char out[VALUE_TEXT_BYTES])
{
    size_t name_size = strlen(name), found = 0;
    for (const char *at = header; *at != '\0';) {
        at += strspn(at, " \t;");
        size_t size = strcspn(at, ";");
        if (size > name_size && strncmp(at, name, name_size) == 0 && at[name_size] == '=') {
            found++;
            if (size - name_size - 1 != VALUE_TEXT_BYTES - 1) return false;
            memcpy(out, at + name_size + 1, VALUE_TEXT_BYTES - 1);
            out[VALUE_TEXT_BYTES - 1] = '\0';
        }
        at += size;
    }
    return found == 1;
}

static bool id_of_header(const sessions *all, const char *header, hub_digest *id)
{
    char value[VALUE_TEXT_BYTES];
    uint8_t bytes[SECRET_BYTES];
    size_t size = 0;
    if (header == NULL || !value_in(header, COOKIE_NAMES[all->options.cookie], value)) return false;
    bool good = sodium_base642bin(bytes, sizeof bytes, value, VALUE_TEXT_BYTES - 1, NULL, &size, NULL,
                                  sodium_base64_VARIANT_URLSAFE_NO_PADDING) == 0;
    if (good && size == sizeof bytes) hub_digest_of(hub_bytes_of(bytes, sizeof bytes), id);
    sodium_memzero(value, sizeof value);
    sodium_memzero(bytes, sizeof bytes);
    return good && size == SECRET_BYTES;
}

static void give_id(const sessions *all, session *s, char cookie[SESSION_COOKIE_TEXT_BYTES])
{
    uint8_t bytes[SECRET_BYTES];
    char value[VALUE_TEXT_BYTES];
    host_random_fill(bytes, sizeof bytes);
    hub_digest_of(hub_bytes_of(bytes, sizeof bytes), &s->id);
    sodium_bin2base64(value, sizeof value, bytes, sizeof bytes, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    size_t size = hub_format(cookie, SESSION_COOKIE_TEXT_BYTES, "%s=%s%s", COOKIE_NAMES[all->options.cookie], value,
                             COOKIE_ATTRIBUTES[all->options.cookie]);
    HUB_ASSERT(size < SESSION_COOKIE_TEXT_BYTES - 1);
    sodium_memzero(bytes, sizeof bytes);
    sodium_memzero(value, sizeof value);
}

void session_cookie_away(const sessions *all, char cookie[SESSION_COOKIE_TEXT_BYTES])
{
    session_cookie_kind kind = all->options.cookie;
    (void)hub_format(cookie, SESSION_COOKIE_TEXT_BYTES, "%s=%s; Max-Age=0", COOKIE_NAMES[kind], COOKIE_ATTRIBUTES[kind]);
}

/* ---- finding --------------------------------------------------------------------------------------------------------------- */

static session *of_id(session *table, size_t count, const hub_digest *id)
{
    for (size_t i = 0; i < count; i++) {
        if (table[i].is_used && memcmp(&table[i].id, id, sizeof *id) == 0) return &table[i];
    }
    return NULL;
}

session_state session_peek(sessions *all, const char *cookie_header, int64_t now_ms, session **out)
{
    HUB_ASSERT(all != NULL && out != NULL);
    *out = NULL;
    hub_digest id;
    if (!id_of_header(all, cookie_header, &id)) return SESSION_NONE;
    session *s = of_id(all->people, SESSIONS_MAX, &id);
    if (s == NULL) s = of_id(all->visitors, SESSION_VISITORS_MAX, &id);
    session_state state = s != NULL ? state_of(all, s, now_ms) : SESSION_NONE;
    if (state != SESSION_NONE) *out = s;
    return state;
}

static void count_use(sessions *all, session *s, int64_t now_ms)
{
    s->used_ms = now_ms;
    if (is_visitor(s) || now_ms - s->use_saved_ms < SAVE_USE_MS) return;
    s->use_saved_ms = now_ms;
    all->is_changed = true;
}

session_state session_find(sessions *all, const char *cookie_header, int64_t now_ms, session **out)
{
    session_state state = session_peek(all, cookie_header, now_ms, out);
    if (state == SESSION_LIVE) count_use(all, *out, now_ms);
    return state;
}

/* ---- beginning and ending -------------------------------------------------------------------------------------------------- */

static void forget(sessions *all, session *s)
{
    if (!is_visitor(s)) all->is_changed = true;
    sodium_memzero(s, sizeof *s);
}

void session_end(sessions *all, session *s)
{
    HUB_ASSERT(s != NULL && s->is_used);
    forget(all, s);
}

unsigned sessions_end_account(sessions *all, const char *account)
{
    HUB_ASSERT(account[0] != '\0');
    unsigned ended = 0;
    for (size_t i = 0; i < SESSIONS_MAX; i++) {
        if (!all->people[i].is_used || strcmp(all->people[i].account, account) != 0) continue;
        forget(all, &all->people[i]);
        ended++;
    }
    return ended;
}

/* Worse to lose: a live one. Among equals the one unused longest goes first. */
static bool goes_before(const sessions *all, const session *a, const session *b, int64_t now_ms)
{
    if (b == NULL) return true;
    bool a_lives = state_of(all, a, now_ms) == SESSION_LIVE, b_lives = state_of(all, b, now_ms) == SESSION_LIVE;
    return a_lives != b_lives ? b_lives : a->used_ms < b->used_ms;
}

static session *slot_for_person(sessions *all, const char *account, const session *before, int64_t now_ms)
{
    session *empty = NULL, *oldest = NULL, *own_oldest = NULL;
    unsigned own = 0;
    for (size_t i = 0; i < SESSIONS_MAX; i++) {
        session *s = &all->people[i];
        if (s == before) return s; /* ended by this, so its slot is free */
        if (!s->is_used) {
            empty = s;
            continue;
        }
        if (goes_before(all, s, oldest, now_ms)) oldest = s;
        if (strcmp(s->account, account) != 0) continue;
        own++;
        if (goes_before(all, s, own_oldest, now_ms)) own_oldest = s;
    }
    if (own >= SESSIONS_OF_ACCOUNT_MAX) return own_oldest;
    if (empty != NULL) return empty;
    return state_of(all, oldest, now_ms) == SESSION_LIVE ? NULL : oldest;
}

static session *slot_for_visitor(sessions *all)
{
    session *oldest = &all->visitors[0];
    for (size_t i = 0; i < SESSION_VISITORS_MAX; i++) {
        if (!all->visitors[i].is_used) return &all->visitors[i];
        if (all->visitors[i].begun_ms < oldest->begun_ms) oldest = &all->visitors[i];
    }
    return oldest;
}

hub_status session_begin(sessions *all, const char *account, session *before, int64_t now_ms,
                         char cookie[SESSION_COOKIE_TEXT_BYTES], session **out)
{
    HUB_ASSERT(all != NULL && account != NULL && out != NULL);
    HUB_ASSERT(strlen(account) < SESSION_ACCOUNT_BYTES);
    HUB_ASSERT(before == NULL || before->is_used);
    *out = NULL;
    session *s = account[0] != '\0' ? slot_for_person(all, account, before, now_ms) : slot_for_visitor(all);
    if (s == NULL) return HUB_ERR_FULL;
    if (before != NULL) forget(all, before);
    if (s->is_used) forget(all, s);
    s->is_used = true;
    (void)hub_format(s->account, sizeof s->account, "%s", account);
    s->begun_ms = s->used_ms = s->use_saved_ms = now_ms;
    host_random_fill(s->form_secret, sizeof s->form_secret);
    give_id(all, s, cookie);
    if (!is_visitor(s)) all->is_changed = true;
    *out = s;
    return HUB_OK;
}

void session_renew(sessions *all, session *s, int64_t now_ms, char cookie[SESSION_COOKIE_TEXT_BYTES])
{
    HUB_ASSERT(s != NULL && s->is_used);
    HUB_ASSERT(state_of(all, s, now_ms) == SESSION_LIVE);
    s->used_ms = s->use_saved_ms = now_ms;
    give_id(all, s, cookie);
    if (!is_visitor(s)) all->is_changed = true;
}

/* ---- what it holds --------------------------------------------------------------------------------------------------------- */

const char *session_account(const session *s)
{
    return s->account;
}

void session_token(const session *s, char out[SESSION_TOKEN_TEXT_BYTES])
{
    uint8_t bytes[2 * SECRET_BYTES]; /* pad, and the secret under it */
    host_random_fill(bytes, SECRET_BYTES);
    for (size_t i = 0; i < SECRET_BYTES; i++)
        bytes[SECRET_BYTES + i] = bytes[i] ^ s->form_secret[i];
    sodium_bin2base64(out, SESSION_TOKEN_TEXT_BYTES, bytes, sizeof bytes, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

bool session_token_holds(const session *s, const char *text)
{
    HUB_ASSERT(s->is_used);
    uint8_t bytes[2 * SECRET_BYTES];
    size_t size = 0;
    if (strlen(text) != SESSION_TOKEN_TEXT_BYTES - 1 ||
        sodium_base642bin(bytes, sizeof bytes, text, SESSION_TOKEN_TEXT_BYTES - 1, NULL, &size, NULL,
                          sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0 ||
        size != sizeof bytes)
        return false;
    for (size_t i = 0; i < SECRET_BYTES; i++)
        bytes[i] ^= bytes[SECRET_BYTES + i];
    return sodium_memcmp(bytes, s->form_secret, SECRET_BYTES) == 0;
}

const session *sessions_of_token(const sessions *all, const char *text, int64_t now_ms)
{
    for (size_t i = 0; i < SESSIONS_MAX; i++) {
        const session *s = &all->people[i];
        if (s->is_used && state_of(all, s, now_ms) != SESSION_NONE && session_token_holds(s, text)) return s;
    }
    return NULL;
}

static bool is_one_line(hub_bytes text)
{
    for (size_t i = 0; i < text.size; i++) {
        if (text.data[i] < 0x20 || text.data[i] == 0x7f) return false;
    }
    return text.size == 0 || hub_is_clean_text((const char *)text.data, text.size);
}

hub_status session_set_purpose(sessions *all, session *s, hub_bytes purpose)
{
    if (purpose.size > SESSION_PURPOSE_BYTES_MAX || !is_one_line(purpose)) return HUB_ERR_INVALID;
    memset(s->purpose, 0, sizeof s->purpose);
    if (purpose.size > 0) memcpy(s->purpose, purpose.data, purpose.size);
    if (!is_visitor(s)) all->is_changed = true;
    return HUB_OK;
}

const char *session_purpose(const session *s)
{
    return s->purpose;
}

hub_status session_set_note(sessions *all, session *s, hub_bytes note)
{
    if (note.size > SESSION_NOTE_BYTES_MAX) return HUB_ERR_INVALID;
    sodium_memzero(s->note, sizeof s->note);
    if (note.size > 0) memcpy(s->note, note.data, note.size);
    s->note_size = (uint16_t)note.size;
    if (!is_visitor(s)) all->is_changed = true;
    return HUB_OK;
}

hub_bytes session_note(const session *s)
{
    return hub_bytes_of(s->note, s->note_size);
}

unsigned sessions_live(const sessions *all, int64_t now_ms)
{
    unsigned live = 0;
    for (size_t i = 0; i < SESSIONS_MAX; i++)
        live += all->people[i].is_used && state_of(all, &all->people[i], now_ms) == SESSION_LIVE;
    return live;
}

bool sessions_changed(const sessions *all)
{
    return all->is_changed;
}

/* ---- as bytes -------------------------------------------------------------------------------------------------------------- */

void sessions_pack(const sessions *all, hub_buffer *out)
{
    uint32_t count = 0;
    for (size_t i = 0; i < SESSIONS_MAX; i++)
        count += all->people[i].is_used;
    hub_buffer_put_u32(out, count);
    for (size_t i = 0; i < SESSIONS_MAX; i++) {
        const session *s = &all->people[i];
        if (!s->is_used) continue;
        hub_buffer_put(out, s->id.bytes, sizeof s->id.bytes);
        hub_buffer_put(out, s->form_secret, sizeof s->form_secret);
        hub_buffer_put_u64(out, (uint64_t)s->begun_ms);
        hub_buffer_put_u64(out, (uint64_t)s->used_ms);
        cursor_put(out, hub_bytes_of_text(s->account));
        cursor_put(out, hub_bytes_of_text(s->purpose));
        cursor_put(out, session_note(s));
    }
}

void sessions_saved(sessions *all)
{
    all->is_changed = false;
}

static bool unpack_one(hub_bytes *in, session *s)
{
    hub_bytes id = cursor_take(in, HUB_DIGEST_BYTES), secret = cursor_take(in, SECRET_BYTES);
    s->begun_ms = (int64_t)cursor_u64(in);
    s->used_ms = s->use_saved_ms = (int64_t)cursor_u64(in);
    bool good = id.size > 0 && secret.size > 0 && cursor_text(in, s->account, sizeof s->account) &&
                cursor_text(in, s->purpose, sizeof s->purpose);
    hub_bytes note = good ? cursor_sized(in) : hub_bytes_of(NULL, 0);
    if (!good || cursor_failed(in) || note.size > SESSION_NOTE_BYTES_MAX || s->account[0] == '\0') return false;
    memcpy(s->id.bytes, id.data, sizeof s->id.bytes);
    memcpy(s->form_secret, secret.data, sizeof s->form_secret);
    if (note.size > 0) memcpy(s->note, note.data, note.size);
    s->note_size = (uint16_t)note.size;
    s->is_used = true;
    return true;
}

hub_status sessions_unpack(sessions *all, hub_bytes *in)
{
    sodium_memzero(all->people, sizeof all->people);
    uint32_t count = cursor_u32(in);
    bool good = !cursor_failed(in) && count <= SESSIONS_MAX;
    for (uint32_t i = 0; good && i < count; i++)
        good = unpack_one(in, &all->people[i]);
    all->is_changed = false;
    if (good) return HUB_OK;
    sodium_memzero(all->people, sizeof all->people);
    return HUB_ERR_CORRUPT;
}
