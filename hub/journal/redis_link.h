/* redis_link.h - one connection to one Redis: where it is, how to ask, and whether it may be trusted with a journal. */
#ifndef JOURNAL_REDIS_LINK_H
#define JOURNAL_REDIS_LINK_H

#include <hiredis/hiredis.h>

#include "base/bytes.h"
#include "base/status.h"

/* "unix:PATH" or "tcp:HOST:PORT", and after a ? any of db=N, user=NAME, password-file=PATH, with & between them. The password itself is
 * never part of a location: those are printed, logged and kept in backups. */
typedef struct journal_redis_address {
    char place[256]; /* path or host */
    int port;        /* 0: a unix socket */
    int db;
    char user[64];           /* "": Redis's default user */
    char password_path[256]; /* absolute; one line, readable by its owner alone; "": no password */
} journal_redis_address;

hub_status journal_redis_address_parse(const char *text, journal_redis_address *out, hub_error *err);

/* Connects, says who it is, and chooses the db. *out is GIVEN (redisFree). HUB_ERR_IO; HUB_ERR_AGAIN: it is still loading;
 * HUB_ERR_REFUSED: user or password is not taken, or others may read the password file; HUB_ERR_NOT_FOUND: there is no such file. */
hub_status journal_redis_connect(const journal_redis_address *address, redisContext **out, hub_error *err);

/* HUB_OK when this Redis syncs before it answers and never evicts: appendonly yes, appendfsync always, no-appendfsync-on-rewrite no,
 * maxmemory-policy noeviction. HUB_ERR_REFUSED says what to change, also when this user may not ask (CONFIG GET, INFO); HUB_ERR_AGAIN: its append-only file is being rewritten and perhaps not whole yet; HUB_ERR_IO. */
hub_status journal_redis_check_durable(redisContext *link, hub_error *err);

/* The arguments of one command, gathered so that bytes stay bytes. */
enum { JOURNAL_REDIS_WORDS_MAX = 16 };
typedef struct journal_redis_words {
    int count;
    const char *data[JOURNAL_REDIS_WORDS_MAX];
    size_t size[JOURNAL_REDIS_WORDS_MAX];
} journal_redis_words;
void journal_redis_word(journal_redis_words *words, const char *text);
void journal_redis_word_bytes(journal_redis_words *words, hub_bytes bytes);

/* The number after "name:" in an INFO reply's text; -1 when it is not there. */
long long journal_redis_info_number(const char *info, const char *name);

#endif
