/* journal_redis.c - a journal in Redis Streams: one entry = one batch.
 *
 *     mash:<partnership>:batches   stream; entry id <last sequence>-0, field "b" = the batch's stored bytes
 *     mash:<partnership>:head      "<last sequence>:<hash of the last record in hex>"
 *     mash:<partnership>:lease     the one writer's place: "<epoch>:<random 128 bits in hex> <pid> <start of that process> <host>"
 *     mash:<partnership>:pages     hash: page number -> wrapped page
 *     mash:<partnership>:heads     list of signed heads, oldest first
 *     mash:<partnership>:notes     hash: name -> value
 *     mash:<partnership>:refs      sorted set, all scores 0; member = hash (8 bytes big-endian) and sequence (8 bytes big-endian)
 *
 * A batch goes out in one write: MULTI, XADD, HSET page, RPUSH head, SET head, PEXPIRE lease, EXEC, WATCH lease head, GET lease, GET head.
 * The next MULTI goes out only when the last two answers were the writer's own, and EXEC does nothing when either was touched since.
 *
 * Invariants
 *   D1  the server syncs before it answers: checked at open, refused otherwise
 *   D2  JOURNAL_FULL only when EXEC said that nothing was done, or the server had no room for the lease and nothing was sent
 *   D3  an answer that did not come is JOURNAL_UNKNOWN: the transaction is never sent a second time
 *   D4  one writer: whoever has the lease; a process of this host that is gone gives it up at once, any other after LEASE_MS
 */
#include "redis_backend.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/clock.h"

enum { INDEX_PER_COMMAND = 7 }; /* members of one ZADD: fits JOURNAL_REDIS_WORDS_MAX */

/* ---- appending ------------------------------------------------------------------------------------------------------------ */
static void queue(redis_journal *r, const journal_redis_words *words)
{
    redisAppendCommandArgv(r->writer, words->count, (const char **)(uintptr_t)words->data, words->size);
}

/* Returns how many commands stand between MULTI and EXEC. `renews`: makes the lease last, once that is done. */
static int queue_batch(redis_journal *r, const journal_batch *batch, hub_bytes stored, const char *head, bool renews)
{
    int queued = 2;
    char id[32];
    char number[32];
    (void)snprintf(id, sizeof id, "%" PRIu64 "-0", journal_batch_last(batch));
    redisAppendCommand(r->writer, "MULTI");
    journal_redis_words words = {0};
    journal_redis_word(&words, "XADD");
    journal_redis_word(&words, r->key.batches);
    journal_redis_word(&words, id);
    journal_redis_word(&words, "b");
    journal_redis_word_bytes(&words, stored);
    queue(r, &words);
    if (batch->key_page_bytes.size > 0) {
        (void)snprintf(number, sizeof number, "%" PRIu64, batch->key_page);
        words = (journal_redis_words){0};
        journal_redis_word(&words, "HSET");
        journal_redis_word(&words, r->key.pages);
        journal_redis_word(&words, number);
        journal_redis_word_bytes(&words, batch->key_page_bytes);
        queue(r, &words);
        queued++;
    }
    if (batch->head.size > 0) {
        words = (journal_redis_words){0};
        journal_redis_word(&words, "RPUSH");
        journal_redis_word(&words, r->key.heads);
        journal_redis_word_bytes(&words, batch->head);
        queue(r, &words);
        queued++;
    }
    redisAppendCommand(r->writer, "SET %s %s", r->key.head, head);
    if (renews) {
        redisAppendCommand(r->writer, "PEXPIRE %s %d", r->key.lease, REDIS_LEASE_MS);
        queued++;
    }
    redisAppendCommand(r->writer, "EXEC");
    return queued;
}

typedef enum transaction { DONE, NOTHING_DONE, NO_ROOM, UNSURE } transaction;

static transaction read_exec(redis_journal *r, bool was_short, hub_error *err)
{
    redisReply *reply = NULL;
    if (redisGetReply(r->writer, (void **)&reply) != REDIS_OK) {
        (void)redis_failed(r, r->writer, NULL, err);
        return UNSURE;
    }
    transaction result = DONE;
    if (reply->type == REDIS_REPLY_NIL) {
        result = NOTHING_DONE;
    } else if (reply->type == REDIS_REPLY_ERROR) {
        result = was_short && strncmp(reply->str, "EXECABORT", 9) == 0 ? NO_ROOM : UNSURE;
        if (result == UNSURE) (void)redis_failed(r, r->writer, reply, err);
    } else {
        for (size_t i = 0; i < reply->elements; i++) {
            if (reply->element[i]->type != REDIS_REPLY_ERROR) continue;
            result = UNSURE;
            (void)redis_failed(r, r->writer, reply->element[i], err);
        }
    }
    freeReplyObject(reply);
    return result;
}

/* The answers to MULTI, what stands between, and EXEC. D3: any that is missing makes it unsure. */
static transaction read_transaction(redis_journal *r, int queued, hub_error *err)
{
    bool was_short = false;
    for (int i = 0; i < queued + 1; i++) {
        redisReply *reply = NULL;
        if (redisGetReply(r->writer, (void **)&reply) != REDIS_OK) {
            (void)redis_failed(r, r->writer, NULL, err);
            return UNSURE;
        }
        if (reply->type == REDIS_REPLY_ERROR && !was_short) {
            was_short = redis_is_shortage(reply);
            (void)redis_failed(r, r->writer, reply, err);
        }
        freeReplyObject(reply);
    }
    return read_exec(r, was_short, err);
}

static journal_outcome redis_append(journal *j, const journal_batch *batch, hub_bytes stored, hub_error *err)
{
    redis_journal *r = redis_journal_of(j);
    char hash[2 * HUB_DIGEST_BYTES + 1];
    char head[REDIS_HEAD_MAX];
    char head_before[REDIS_HEAD_MAX];
    hub_hex(batch->last_hash.bytes, HUB_DIGEST_BYTES, hash);
    (void)snprintf(head, sizeof head, "%" PRIu64 ":%s", journal_batch_last(batch), hash);
    memcpy(head_before, r->head, sizeof head);

    for (int attempt = 0; attempt < 2; attempt++) { /* twice: the lease may have run out while nothing was written */
        redis_standing standing = r->watching ? REDIS_OURS : redis_place_watch(r, err);
        if (standing == REDIS_SHORT) return JOURNAL_FULL; /* D2 */
        if (standing != REDIS_OURS) return JOURNAL_UNKNOWN;
        int64_t began_ms = host_boot_ms();
        bool renews = began_ms - r->lease_boot_ms >= REDIS_LEASE_RENEW_MS;
        int queued = queue_batch(r, batch, stored, head, renews);
        redis_place_queue_watch(r);
        transaction result = read_transaction(r, queued, err);
        if (result == UNSURE) return JOURNAL_UNKNOWN;
        memcpy(r->head, result == DONE ? head : head_before, sizeof head);
        if (result == DONE && renews) r->lease_boot_ms = began_ms;
        hub_error after;
        (void)redis_place_read_watch(r, &after); /* when it is not ours, `watching` is false, and the next append finds out why */
        if (result == DONE) return JOURNAL_DURABLE;
        if (result == NO_ROOM) return JOURNAL_FULL; /* D2 */
    }
    (void)hub_fail(err, HUB_ERR_UNKNOWN,
                   "redis at %s: the writer's place was taken while a batch was on its way: nothing was written",
                   r->address.place);
    return JOURNAL_UNKNOWN;
}

/* ---- refs and notes, written ---------------------------------------------------------------------------------------------- */
static void queue_refs(redis_journal *r, const journal_ref *refs, uint32_t count)
{
    uint8_t members[INDEX_PER_COMMAND][16];
    journal_redis_words words = {0};
    journal_redis_word(&words, "ZADD");
    journal_redis_word(&words, r->key.refs);
    for (uint32_t i = 0; i < count; i++) {
        hub_put_u64(members[i], refs[i].hash);
        hub_put_u64(members[i] + 8, refs[i].sequence);
        journal_redis_word(&words, "0");
        journal_redis_word_bytes(&words, hub_bytes_of(members[i], sizeof members[i]));
    }
    redisAppendCommandArgv(r->reader, words.count, (const char **)(uintptr_t)words.data, words.size);
}

static hub_status redis_index(journal *j, const journal_ref *refs, uint32_t count, hub_bytes note, hub_error *err)
{
    redis_journal *r = redis_journal_of(j);
    redisReply *reply;
    hub_status status = REDIS_ASK(r, &reply, err, "PING"); /* connects again when that is needed */
    if (status != HUB_OK) return status;
    freeReplyObject(reply);
    redisAppendCommand(r->reader, "MULTI");
    uint32_t queued = 1;
    for (uint32_t i = 0; i < count; i += INDEX_PER_COMMAND, queued++) {
        queue_refs(r, refs + i, count - i < INDEX_PER_COMMAND ? count - i : INDEX_PER_COMMAND);
    }
    redisAppendCommand(r->reader, "HSET %s " JOURNAL_NOTE_INDEXED " %b", r->key.notes, note.data, note.size);
    redisAppendCommand(r->reader, "EXEC");
    for (uint32_t i = 0; i < queued + 2; i++) {
        reply = NULL;
        if (redisGetReply(r->reader, (void **)&reply) != REDIS_OK) return redis_failed(r, r->reader, NULL, err);
        bool is_exec = i == queued + 1;
        if (is_exec && reply->type != REDIS_REPLY_ARRAY) status = redis_failed(r, r->reader, reply, err);
        freeReplyObject(reply);
    }
    return status;
}

static hub_status redis_note_put(journal *j, const char *name, hub_bytes value, hub_error *err)
{
    redis_journal *r = redis_journal_of(j);
    journal_redis_words words = {0};
    journal_redis_word(&words, "HSET");
    journal_redis_word(&words, r->key.notes);
    journal_redis_word(&words, name);
    journal_redis_word_bytes(&words, value);
    redisReply *reply;
    hub_status status = redis_ask(r, &words, &reply, err);
    if (status == HUB_OK) freeReplyObject(reply);
    return status;
}

/* Redis knows its memory, not its disk. */
static uint64_t redis_room(journal *j)
{
    redisReply *reply;
    if (REDIS_ASK(redis_journal_of(j), &reply, NULL, "INFO", "memory") != HUB_OK) return UINT64_MAX;
    long long most = reply->type == REDIS_REPLY_STRING ? journal_redis_info_number(reply->str, "maxmemory") : -1;
    long long used = reply->type == REDIS_REPLY_STRING ? journal_redis_info_number(reply->str, "used_memory") : -1;
    freeReplyObject(reply);
    if (most <= 0 || used < 0) return UINT64_MAX;
    return most > used ? (uint64_t)(most - used) : 0;
}

static void redis_close(journal *j)
{
    redis_journal *r = redis_journal_of(j);
    redis_place_leave(r);
    if (r->writer != NULL) redisFree(r->writer);
    if (r->reader != NULL) redisFree(r->reader);
    redis_forget_ahead(r);
    journal_end_common(j);
    free(r);
}

static void redis_idle(journal *j)
{
    redis_place_keep(redis_journal_of(j));
}

static hub_status redis_look(journal *j, hub_error *err)
{
    return redis_place_look(redis_journal_of(j), err);
}

static const journal_ops REDIS_OPS = {
    .name = "redis",
    .close = redis_close,
    .append = redis_append,
    .last = redis_last,
    .fetch = redis_fetch,
    .lookup = redis_lookup,
    .index = redis_index,
    .key_page = redis_key_page,
    .heads = redis_heads,
    .note_put = redis_note_put,
    .note_get = redis_note_get,
    .room = redis_room,
    .idle = redis_idle,
    .look = redis_look,
};

/* ---- opening -------------------------------------------------------------------------------------------------------------- */
static void name_keys(redis_journal *r)
{
    struct {
        char *key;
        const char *name;
    } const KEYS[] = {{r->key.batches, "batches"}, {r->key.head, "head"},   {r->key.lease, "lease"}, {r->key.pages, "pages"},
                      {r->key.heads, "heads"},     {r->key.notes, "notes"}, {r->key.refs, "refs"}};
    for (size_t i = 0; i < sizeof KEYS / sizeof KEYS[0]; i++) {
        (void)snprintf(KEYS[i].key, REDIS_KEY_MAX, "mash:%s:%s", r->base.partnership, KEYS[i].name);
    }
}

/* What is there against what the mode asks for; reads the head. */
static hub_status check_store(redis_journal *r, hub_error *err)
{
    redisReply *reply;
    hub_status status = REDIS_ASK(r, &reply, err, "EXISTS", r->key.notes);
    if (status != HUB_OK) return status;
    bool is_there = reply->integer == 1;
    freeReplyObject(reply);
    if (r->base.mode != JOURNAL_CREATE && !is_there) {
        return hub_fail(err, HUB_ERR_NOT_FOUND, "redis at %s db %d: it holds no journal of %s; `mashhubd init` makes one",
                        r->address.place, r->address.db, r->base.partnership);
    }
    status = REDIS_ASK(r, &reply, err, "GET", r->key.head);
    if (status != HUB_OK) return status;
    if (reply->type == REDIS_REPLY_STRING) (void)snprintf(r->head, sizeof r->head, "%s", reply->str);
    freeReplyObject(reply);
    if (r->base.mode == JOURNAL_CREATE && r->head[0] != '\0') {
        return hub_fail(err, HUB_ERR_EXISTS,
                        "redis at %s db %d: the journal of %s holds records already; a new one needs an empty store",
                        r->address.place, r->address.db, r->base.partnership);
    }
    return HUB_OK;
}

/* hiredis writes to a connection that the server closed, and the system's answer to that ends the process unless it is ignored. */
static void ignore_broken_pipes(void)
{
    struct sigaction now;
    if (sigaction(SIGPIPE, NULL, &now) == 0 && now.sa_handler == SIG_DFL) (void)signal(SIGPIPE, SIG_IGN);
}

static hub_status become_writer(redis_journal *r, hub_error *err)
{
    hub_status status = journal_redis_connect(&r->address, &r->writer, err);
    if (status == HUB_OK) status = journal_redis_check_durable(r->writer, err); /* D1 */
    if (status == HUB_OK) status = redis_place_take(r, err);
    return status;
}

/* The newest batch and the head are written by one transaction: when they differ, one of them was tampered with or lost. */
static hub_status check_head(redis_journal *r, hub_error *err)
{
    if (r->base.mode == JOURNAL_READ) return HUB_OK;
    char hash[2 * HUB_DIGEST_BYTES + 1];
    char head[REDIS_HEAD_MAX] = "";
    hub_hex(r->base.end.last_hash.bytes, HUB_DIGEST_BYTES, hash);
    if (r->base.end.last_sequence > 0) (void)snprintf(head, sizeof head, "%" PRIu64 ":%s", r->base.end.last_sequence, hash);
    if (strcmp(head, r->head) == 0) return HUB_OK;
    return hub_fail(err, HUB_ERR_CORRUPT, "redis at %s: the journal's head does not name its newest batch", r->address.place);
}

hub_status journal_redis_open(const char *place, const char *partnership, journal_open_mode mode, journal **out, hub_error *err)
{
    *out = NULL;
    redis_journal *r = calloc(1, sizeof *r);
    if (r == NULL) return hub_fail(err, HUB_ERR_MEMORY, "out of memory");
    hub_status status = journal_prepare(&r->base, &REDIS_OPS, partnership, mode, err);
    if (status == HUB_OK) status = journal_redis_address_parse(place, &r->address, err);
    if (status != HUB_OK) goto fail;
    name_keys(r);
    ignore_broken_pipes();
    status = check_store(r, err);
    if (status == HUB_OK && mode != JOURNAL_READ) status = become_writer(r, err);
    if (status == HUB_OK) status = journal_begin(&r->base, err);
    if (status == HUB_OK) status = check_head(r, err);
    if (status != HUB_OK) goto fail;
    *out = &r->base;
    return HUB_OK;

fail:
    redis_close(&r->base);
    return status;
}
