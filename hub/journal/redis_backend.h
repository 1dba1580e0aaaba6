/* redis_backend.h - what the files of the Redis backend share. journal_redis.c tells how the journal lies in Redis. */
#ifndef JOURNAL_REDIS_BACKEND_H
#define JOURNAL_REDIS_BACKEND_H

#include "journal/backend.h"
#include "journal/redis_link.h"

enum {
    REDIS_LEASE_MS = 10 * 1000,
    REDIS_LEASE_RENEW_MS = 3 * 1000,
    REDIS_KEY_MAX = 64,
    REDIS_HEAD_MAX = 20 + 1 + 2 * HUB_DIGEST_BYTES + 1,
    REDIS_TOKEN_MAX = 200,
};

typedef struct redis_journal {
    journal base;
    journal_redis_address address;
    redisContext *writer; /* NULL: a reader */
    redisContext *reader; /* reads, index and notes; connects again by itself */
    struct {
        char batches[REDIS_KEY_MAX], head[REDIS_KEY_MAX], lease[REDIS_KEY_MAX], pages[REDIS_KEY_MAX], heads[REDIS_KEY_MAX],
            notes[REDIS_KEY_MAX], refs[REDIS_KEY_MAX];
    } key;
    char token[REDIS_TOKEN_MAX];
    char head[REDIS_HEAD_MAX]; /* as it must be in the store; "" = none */
    bool watching;             /* WATCH is out and both answers were our own */
    int64_t lease_boot_ms;     /* when it was last made to last */
    redisReply *ahead;         /* answer to the last XRANGE */
} redis_journal;

static inline redis_journal *redis_journal_of(journal *j)
{
    return (redis_journal *)j;
}

/* ---- asking, on the reading connection ------------------------------------------------------------------------------------ */
/* The connection is made anew when it was lost. *out is GIVEN (freeReplyObject) and never an error reply. */
hub_status redis_ask(redis_journal *r, const journal_redis_words *words, redisReply **out, hub_error *err);
hub_status redis_ask_text(redis_journal *r, redisReply **out, hub_error *err, const char *const *texts);
#define REDIS_ASK(r, out, err, ...) redis_ask_text((r), (out), (err), (const char *const[]){__VA_ARGS__, NULL})
/* HUB_ERR_IO with the words of `reply` (an error, or NULL) or of `link`. */
hub_status redis_failed(const redis_journal *r, const redisContext *link, const redisReply *reply, hub_error *err);

/* ---- the writer's place, on the writing connection ------------------------------------------------------------------------ */
typedef enum redis_standing {
    REDIS_OURS,
    REDIS_FREE,
    REDIS_SHORT, /* free, and the server has no room to take it: nobody else can either */
    REDIS_LOST,
    REDIS_NO_ANSWER
} redis_standing;
/* true when the server refuses to write for want of memory, disk or replicas, and has done nothing. */
bool redis_is_shortage(const redisReply *reply);
/* At open: takes the place. HUB_ERR_EXISTS names the process that has it; HUB_ERR_FULL: the server has no room for a lease. */
hub_status redis_place_take(redis_journal *r, hub_error *err);
/* WATCH lease head, GET lease, GET head: puts them into the connection's next write, */
void redis_place_queue_watch(redis_journal *r);
/* and reads the answers. REDIS_OURS: `watching` is set, and a MULTI may go out. */
redis_standing redis_place_read_watch(redis_journal *r, hub_error *err);
/* Both at once; takes the lease again when it ran out and nobody took it. */
redis_standing redis_place_watch(redis_journal *r, hub_error *err);
/* Makes the lease last, when that is due. */
void redis_place_keep(redis_journal *r);
/* As journal_look. A connection that was lost is made anew: nothing was under way on it, and the head says whether the store is the same. */
hub_status redis_place_look(redis_journal *r, hub_error *err);
void redis_place_leave(redis_journal *r);

/* ---- reading: the parts of journal_ops in redis_read.c -------------------------------------------------------------------- */
hub_status redis_fetch(journal *j, uint64_t from, hub_buffer *out, hub_error *err);
hub_status redis_last(journal *j, hub_buffer *out, hub_error *err);
hub_status redis_key_page(journal *j, uint64_t page, hub_buffer *out, hub_error *err);
hub_status redis_heads(journal *j, journal_head_cb *each, void *context, hub_error *err);
hub_status redis_note_get(journal *j, const char *name, hub_buffer *out, hub_error *err);
hub_status redis_lookup(journal *j, uint64_t hash, uint64_t *out, uint32_t capacity, uint32_t *count, hub_error *err);
void redis_forget_ahead(redis_journal *r);

#endif
