/* redis_place.c - the one writer's place in a Redis: a lease that names its holder, watched together with the head. */
#include "redis_backend.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host/clock.h"
#include "host/files.h"
#include "host/random.h"

static bool is_error(const redisReply *reply)
{
    return reply == NULL || reply->type == REDIS_REPLY_ERROR;
}

/* Field 22 of /proc/PID/stat: tells a process from a later one with the same number. 0 = no such process. */
static unsigned long long start_of(long pid)
{
    char path[48];
    (void)snprintf(path, sizeof path, "/proc/%ld/stat", pid);
    hub_buffer stat = {0};
    unsigned long long start = 0;
    if (host_file_read(path, 4096, &stat, NULL) == HUB_OK) {
        const char *at = strrchr(hub_buffer_text(&stat), ')'); /* the name in brackets may hold anything */
        for (int field = 2; at != NULL && field < 22; field++)
            at = strchr(at + 1, ' ');
        if (at != NULL) start = strtoull(at, NULL, 10);
    }
    hub_buffer_free(&stat);
    return start;
}

static void make_token(redis_journal *r)
{
    hub_id random = host_random_id();
    char hex[2 * HUB_ID_BYTES + 1];
    char host[65] = "";
    hub_hex(random.bytes, sizeof random.bytes, hex);
    (void)gethostname(host, sizeof host - 1);
    (void)snprintf(r->token, sizeof r->token, "%" PRIu32 ":%s %ld %llu %s", r->base.end.epoch, hex, (long)getpid(),
                   start_of(getpid()), host);
}

/* true when the holder was a process of this host that is no more. */
static bool holder_is_gone(const char *token, long *pid)
{
    char host[65] = "";
    char holder_host[65] = "";
    unsigned long long start = 0;
    *pid = 0;
    if (sscanf(token, "%*s %ld %llu %64s", pid, &start, holder_host) != 3) return false;
    (void)gethostname(host, sizeof host - 1);
    return strcmp(host, holder_host) == 0 && start_of(*pid) != start;
}

bool redis_is_shortage(const redisReply *reply)
{
    static const char *const SHORTAGES[] = {"OOM", "MISCONF", "NOREPLICAS"};
    for (size_t i = 0; i < sizeof SHORTAGES / sizeof SHORTAGES[0]; i++) {
        if (reply->type == REDIS_REPLY_ERROR && strncmp(reply->str, SHORTAGES[i], strlen(SHORTAGES[i])) == 0) return true;
    }
    return false;
}

/* One command on the writing connection, of which only success matters. */
static bool tell(redis_journal *r, const char *const *texts)
{
    journal_redis_words words = {0};
    for (; *texts != NULL; texts++)
        journal_redis_word(&words, *texts);
    redisReply *reply = redisCommandArgv(r->writer, words.count, (const char **)(uintptr_t)words.data, words.size);
    bool done = !is_error(reply) && reply->type != REDIS_REPLY_NIL;
    if (reply != NULL) freeReplyObject(reply);
    return done;
}
#define TELL(r, ...) tell((r), (const char *const[]){__VA_ARGS__, NULL})

void redis_place_queue_watch(redis_journal *r)
{
    redisAppendCommand(r->writer, "WATCH %s %s", r->key.lease, r->key.head);
    redisAppendCommand(r->writer, "GET %s", r->key.lease);
    redisAppendCommand(r->writer, "GET %s", r->key.head);
}

static bool same_text(const redisReply *reply, const char *text)
{
    if (reply->type == REDIS_REPLY_NIL) return text[0] == '\0';
    return reply->type == REDIS_REPLY_STRING && reply->len == strlen(text) && memcmp(reply->str, text, reply->len) == 0;
}

/* Reads the answers to queue_watch. */
redis_standing redis_place_read_watch(redis_journal *r, hub_error *err)
{
    redisReply *replies[3] = {0};
    redis_standing found = REDIS_OURS;
    for (int i = 0; i < 3 && found == REDIS_OURS; i++) {
        if (redisGetReply(r->writer, (void **)&replies[i]) != REDIS_OK || is_error(replies[i])) found = REDIS_NO_ANSWER;
    }
    if (found == REDIS_NO_ANSWER) {
        (void)redis_failed(r, r->writer, NULL, err);
    } else if (!same_text(replies[2], r->head)) {
        found = REDIS_LOST;
        (void)hub_fail(
            err, HUB_ERR_UNKNOWN,
            "redis at %s: the journal's head is not the one this writer left: an old copy was put in its place, or another "
            "writer was here",
            r->address.place);
    } else if (replies[1]->type == REDIS_REPLY_NIL) {
        found = REDIS_FREE;
    } else if (!same_text(replies[1], r->token)) {
        found = REDIS_LOST;
        long pid;
        (void)holder_is_gone(replies[1]->str, &pid);
        (void)hub_fail(err, HUB_ERR_EXISTS, "redis at %s: process %ld writes to this journal already; stop that one first",
                       r->address.place, pid);
    }
    for (int i = 0; i < 3; i++) {
        if (replies[i] != NULL) freeReplyObject(replies[i]);
    }
    r->watching = found == REDIS_OURS;
    return found;
}

/* REDIS_FREE: it may be ours or somebody else's now; watching tells. */
static redis_standing try_lease(redis_journal *r, hub_error *err)
{
    int64_t asked_ms = host_boot_ms();
    redisReply *reply = redisCommand(r->writer, "SET %s %s NX PX %d", r->key.lease, r->token, REDIS_LEASE_MS);
    redis_standing found = !is_error(reply)                            ? REDIS_FREE
                           : reply != NULL && redis_is_shortage(reply) ? REDIS_SHORT
                                                                       : REDIS_NO_ANSWER;
    if (found != REDIS_FREE) (void)redis_failed(r, r->writer, reply, err);
    if (found == REDIS_FREE && reply->type == REDIS_REPLY_STATUS) r->lease_boot_ms = asked_ms;
    if (reply != NULL) freeReplyObject(reply);
    return found;
}

/* Watches lease and head; takes the lease when it is free. */
redis_standing redis_place_watch(redis_journal *r, hub_error *err)
{
    redis_standing found = REDIS_FREE;
    for (int attempt = 0; attempt < 3 && found == REDIS_FREE; attempt++) {
        redisAppendCommand(r->writer, "UNWATCH");
        redis_place_queue_watch(r);
        redisReply *reply = NULL;
        if (redisGetReply(r->writer, (void **)&reply) != REDIS_OK) {
            (void)redis_failed(r, r->writer, NULL, err);
            return REDIS_NO_ANSWER;
        }
        freeReplyObject(reply);
        found = redis_place_read_watch(r, err);
        if (found == REDIS_FREE) found = try_lease(r, err);
    }
    if (found == REDIS_FREE) (void)hub_fail(err, HUB_ERR_IO, "redis at %s: the writer's place cannot be taken", r->address.place);
    return found;
}

/* A dead process of this host does not keep its place. Nothing is done when somebody else touches the lease meanwhile. */
static bool clear_dead_holder(redis_journal *r)
{
    if (!TELL(r, "WATCH", r->key.lease)) return false;
    redisReply *reply = redisCommand(r->writer, "GET %s", r->key.lease);
    if (is_error(reply)) {
        if (reply != NULL) freeReplyObject(reply);
        return false;
    }
    long pid;
    bool is_gone = reply->type == REDIS_REPLY_STRING && holder_is_gone(reply->str, &pid);
    freeReplyObject(reply);
    if (!is_gone) return TELL(r, "UNWATCH");
    bool queued = TELL(r, "MULTI") && TELL(r, "DEL", r->key.lease);
    (void)TELL(r, "EXEC");
    return queued;
}

hub_status redis_place_take(redis_journal *r, hub_error *err)
{
    make_token(r);
    if (!clear_dead_holder(r)) return redis_failed(r, r->writer, NULL, err);
    redis_standing found = redis_place_watch(r, err);
    if (found == REDIS_OURS) return HUB_OK;
    return found == REDIS_LOST ? HUB_ERR_EXISTS : found == REDIS_SHORT ? HUB_ERR_FULL : HUB_ERR_IO;
}

void redis_place_keep(redis_journal *r)
{
    if (host_boot_ms() - r->lease_boot_ms < REDIS_LEASE_RENEW_MS) return;
    char ttl[16];
    (void)snprintf(ttl, sizeof ttl, "%d", REDIS_LEASE_MS);
    hub_error ignored; /* the next append meets the same and says so */
    if (redis_place_watch(r, &ignored) != REDIS_OURS) return;
    if (TELL(r, "PEXPIRE", r->key.lease, ttl)) r->lease_boot_ms = host_boot_ms();
    (void)redis_place_watch(r, &ignored); /* our own touch counts too */
}

/* The broken connection is kept until a new one serves. */
static hub_status connect_again(redis_journal *r, hub_error *err)
{
    redisContext *fresh = NULL;
    hub_status status = journal_redis_connect(&r->address, &fresh, err);
    if (status == HUB_OK) status = journal_redis_check_durable(fresh, err); /* D1: it may have been started with other settings */
    if (status != HUB_OK) {
        if (fresh != NULL) redisFree(fresh);
        return status;
    }
    redisFree(r->writer);
    r->writer = fresh;
    r->watching = false;
    return HUB_OK;
}

hub_status redis_place_look(redis_journal *r, hub_error *err)
{
    hub_status status = r->writer->err != 0 ? connect_again(r, err) : HUB_OK;
    if (status != HUB_OK) return status;
    redis_standing found = redis_place_watch(r, err);
    if (found == REDIS_OURS) return HUB_OK;
    return found == REDIS_LOST ? HUB_ERR_UNKNOWN : HUB_ERR_IO;
}

void redis_place_leave(redis_journal *r)
{
    if (r->writer == NULL || r->token[0] == '\0') return;
    if (r->writer->err != 0) { /* a connection that broke leaves a lease behind */
        redisFree(r->writer);
        r->writer = NULL;
        if (journal_redis_connect(&r->address, &r->writer, NULL) != HUB_OK) return;
    }
    if (!TELL(r, "WATCH", r->key.lease)) return;
    redisReply *reply = redisCommand(r->writer, "GET %s", r->key.lease);
    bool is_ours = !is_error(reply) && reply->type == REDIS_REPLY_STRING && same_text(reply, r->token);
    if (reply != NULL) freeReplyObject(reply);
    /* EXEC does nothing when the lease was touched meanwhile. */
    if (is_ours && TELL(r, "MULTI") && TELL(r, "DEL", r->key.lease)) (void)TELL(r, "EXEC");
}
