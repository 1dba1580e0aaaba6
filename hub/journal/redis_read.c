/* redis_read.c - asking a Redis, and reading a journal in it. */
#include "redis_backend.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    READ_AHEAD = 8, /* batches in one answer to XRANGE: at most 64 MB, typically 1 */
    HEADS_A_READ = 256,
};

/* ---- asking --------------------------------------------------------------------------------------------------------------- */
static bool is_error(const redisReply *reply)
{
    return reply == NULL || reply->type == REDIS_REPLY_ERROR;
}

hub_status redis_failed(const redis_journal *r, const redisContext *link, const redisReply *reply, hub_error *err)
{
    const char *cause = reply != NULL && reply->type == REDIS_REPLY_ERROR ? reply->str : link->errstr;
    return hub_fail(err, HUB_ERR_IO, "redis at %s: %s", r->address.place,
                    cause[0] == '\0' ? "an answer of the wrong kind" : cause);
}

/* Asks on the reading connection, which is made anew when it was lost. *out GIVEN; never an error reply. */
hub_status redis_ask(redis_journal *r, const journal_redis_words *words, redisReply **out, hub_error *err)
{
    *out = NULL;
    if (r->reader != NULL && r->reader->err != 0) {
        redisFree(r->reader);
        r->reader = NULL;
    }
    if (r->reader == NULL) {
        hub_status status = journal_redis_connect(&r->address, &r->reader, err);
        if (status != HUB_OK) return status;
    }
    redisReply *reply = redisCommandArgv(r->reader, words->count, (const char **)(uintptr_t)words->data, words->size);
    if (is_error(reply)) {
        hub_status status = redis_failed(r, r->reader, reply, err);
        if (reply != NULL) freeReplyObject(reply);
        return status;
    }
    *out = reply;
    return HUB_OK;
}

hub_status redis_ask_text(redis_journal *r, redisReply **out, hub_error *err, const char *const *texts)
{
    journal_redis_words words = {0};
    for (; *texts != NULL; texts++)
        journal_redis_word(&words, *texts);
    return redis_ask(r, &words, out, err);
}

/* ---- reading -------------------------------------------------------------------------------------------------------------- */
void redis_forget_ahead(redis_journal *r)
{
    if (r->ahead != NULL) freeReplyObject(r->ahead);
    r->ahead = NULL;
}

/* "17-0" -> 17; 0 when it is nothing of the kind. */
static uint64_t sequence_of(const redisReply *entry)
{
    if (entry->type != REDIS_REPLY_ARRAY || entry->elements != 2 || entry->element[0]->type != REDIS_REPLY_STRING) return 0;
    char *end;
    uint64_t sequence = strtoull(entry->element[0]->str, &end, 10);
    return strcmp(end, "-0") == 0 ? sequence : 0;
}

static hub_status put_entry(const redis_journal *r, const redisReply *entry, hub_buffer *out, hub_error *err)
{
    const redisReply *fields = sequence_of(entry) == 0 ? NULL : entry->element[1];
    bool is_batch = fields != NULL && fields->type == REDIS_REPLY_ARRAY && fields->elements == 2 &&
                    fields->element[1]->type == REDIS_REPLY_STRING;
    if (!is_batch)
        return hub_fail(err, HUB_ERR_CORRUPT, "redis at %s: an entry of the journal's stream is no batch", r->address.place);
    hub_buffer_put(out, fields->element[1]->str, fields->element[1]->len);
    return out->failed ? hub_fail(err, HUB_ERR_MEMORY, "out of memory") : HUB_OK;
}

/* The entry for `from` in the last answer. What lies before the answer's first entry may be another batch: then it is asked again. */
static const redisReply *find_ahead(const redis_journal *r, uint64_t from)
{
    if (r->ahead == NULL || r->ahead->elements == 0) return NULL;
    for (size_t i = 1; i < r->ahead->elements; i++) {
        if (sequence_of(r->ahead->element[i - 1]) < from && sequence_of(r->ahead->element[i]) >= from)
            return r->ahead->element[i];
    }
    return NULL;
}

hub_status redis_fetch(journal *j, uint64_t from, hub_buffer *out, hub_error *err)
{
    redis_journal *r = redis_journal_of(j);
    const redisReply *entry = find_ahead(r, from);
    if (entry != NULL) return put_entry(r, entry, out, err);
    redis_forget_ahead(r);
    char start[32];
    char count[16];
    (void)snprintf(start, sizeof start, "%" PRIu64 "-0", from);
    (void)snprintf(count, sizeof count, "%d", READ_AHEAD);
    hub_status status = REDIS_ASK(r, &r->ahead, err, "XRANGE", r->key.batches, start, "+", "COUNT", count);
    if (status != HUB_OK) return status;
    if (r->ahead->type != REDIS_REPLY_ARRAY || r->ahead->elements == 0) {
        redis_forget_ahead(r);
        return HUB_ERR_NOT_FOUND;
    }
    return put_entry(r, r->ahead->element[0], out, err);
}

hub_status redis_last(journal *j, hub_buffer *out, hub_error *err)
{
    redis_journal *r = redis_journal_of(j);
    redisReply *reply;
    hub_status status = REDIS_ASK(r, &reply, err, "XREVRANGE", r->key.batches, "+", "-", "COUNT", "1");
    if (status != HUB_OK) return status;
    bool is_empty = reply->type != REDIS_REPLY_ARRAY || reply->elements == 0;
    status = is_empty ? HUB_ERR_NOT_FOUND : put_entry(r, reply->element[0], out, err);
    freeReplyObject(reply);
    return status;
}

static hub_status get_field(redis_journal *r, const char *key, const char *field, hub_buffer *out, hub_error *err)
{
    redisReply *reply;
    hub_status status = REDIS_ASK(r, &reply, err, "HGET", key, field);
    if (status != HUB_OK) return status;
    if (reply->type == REDIS_REPLY_STRING) {
        hub_buffer_put(out, reply->str, reply->len);
        if (out->failed) status = hub_fail(err, HUB_ERR_MEMORY, "out of memory");
    } else {
        status = hub_fail(err, HUB_ERR_NOT_FOUND, "redis at %s: %s holds no \"%s\"", r->address.place, key, field);
    }
    freeReplyObject(reply);
    return status;
}

hub_status redis_key_page(journal *j, uint64_t page, hub_buffer *out, hub_error *err)
{
    char number[32];
    (void)snprintf(number, sizeof number, "%" PRIu64, page);
    return get_field(redis_journal_of(j), redis_journal_of(j)->key.pages, number, out, err);
}

hub_status redis_heads(journal *j, journal_head_cb *each, void *context, hub_error *err)
{
    redis_journal *r = redis_journal_of(j);
    hub_status status = HUB_OK;
    for (long long from = 0; status == HUB_OK; from += HEADS_A_READ) {
        char first[32];
        char last[32];
        (void)snprintf(first, sizeof first, "%lld", from);
        (void)snprintf(last, sizeof last, "%lld", from + HEADS_A_READ - 1);
        redisReply *reply;
        status = REDIS_ASK(r, &reply, err, "LRANGE", r->key.heads, first, last);
        if (status != HUB_OK) return status;
        size_t count = reply->type == REDIS_REPLY_ARRAY ? reply->elements : 0;
        for (size_t i = 0; status == HUB_OK && i < count; i++) {
            status = each(context, hub_bytes_of(reply->element[i]->str, reply->element[i]->len), err);
        }
        freeReplyObject(reply);
        if (count < HEADS_A_READ) break;
    }
    return status;
}

/* ---- refs and notes ------------------------------------------------------------------------------------------------------- */
hub_status redis_lookup(journal *j, uint64_t hash, uint64_t *out, uint32_t capacity, uint32_t *count, hub_error *err)
{
    redis_journal *r = redis_journal_of(j);
    char limit[16];
    uint8_t newest[1 + 16] = {'['};
    uint8_t oldest[1 + 16] = {'['};
    (void)snprintf(limit, sizeof limit, "%" PRIu32, capacity);
    hub_put_u64(newest + 1, hash);
    hub_put_u64(newest + 9, UINT64_MAX);
    hub_put_u64(oldest + 1, hash);
    hub_put_u64(oldest + 9, 0);
    journal_redis_words words = {0};
    journal_redis_word(&words, "ZREVRANGEBYLEX");
    journal_redis_word(&words, r->key.refs);
    journal_redis_word_bytes(&words, hub_bytes_of(newest, sizeof newest));
    journal_redis_word_bytes(&words, hub_bytes_of(oldest, sizeof oldest));
    journal_redis_word(&words, "LIMIT");
    journal_redis_word(&words, "0");
    journal_redis_word(&words, limit);
    *count = 0;
    redisReply *reply;
    hub_status status = redis_ask(r, &words, &reply, err);
    if (status != HUB_OK) return status;
    for (size_t i = 0; i < reply->elements && *count < capacity; i++) {
        if (reply->element[i]->len == 16) out[(*count)++] = hub_get_u64((const uint8_t *)reply->element[i]->str + 8);
    }
    freeReplyObject(reply);
    return HUB_OK;
}

hub_status redis_note_get(journal *j, const char *name, hub_buffer *out, hub_error *err)
{
    return get_field(redis_journal_of(j), redis_journal_of(j)->key.notes, name, out, err);
}
