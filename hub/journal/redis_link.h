/* redis_link.h - one connection to one Redis: where it is, how to ask, and whether it may be trusted with a journal. */
#ifndef JOURNAL_REDIS_LINK_H
#define JOURNAL_REDIS_LINK_H

#include <hiredis/hiredis.h>

#include "base/bytes.h"
#include "base/status.h"

/* "unix:PATH[?db=N]" or "tcp:HOST:PORT[?db=N]". */
typedef struct journal_redis_address {
    char place[256]; /* path or host */
    int port;        /* 0: a unix socket */
    int db;
} journal_redis_address;

hub_status journal_redis_address_parse(const char *text, journal_redis_address *out, hub_error *err);

/* Connects and chooses the db. *out is GIVEN (redisFree). HUB_ERR_IO; HUB_ERR_AGAIN: it is still loading. */
hub_status journal_redis_connect(const journal_redis_address *address, redisContext **out, hub_error *err);

/* HUB_OK when this Redis syncs before it answers and never evicts: appendonly yes, appendfsync always, maxmemory-policy noeviction.
 * HUB_ERR_REFUSED says what to change; HUB_ERR_AGAIN: its append-only file is being rewritten and perhaps not whole yet; HUB_ERR_IO. */
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
