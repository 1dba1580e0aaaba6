#include "redis_link.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>

#include "host/log.h"

enum { CONNECT_S = 5, ANSWER_S = 30 }; /* a sync on a struggling disk may take long; for ever is a hung hub */

/* ---- where ---------------------------------------------------------------------------------------------------------------- */
static bool take_number(const char *text, int max, int *out)
{
    if (*text == '\0' || strspn(text, "0123456789") != strlen(text) || strlen(text) > 5) return false;
    *out = (int)strtol(text, NULL, 10);
    return *out <= max;
}

hub_status journal_redis_address_parse(const char *text, journal_redis_address *out, hub_error *err)
{
    journal_redis_address address = {0};
    char copy[sizeof address.place + 32];
    int length = snprintf(copy, sizeof copy, "%s", text);
    bool ok = length > 0 && (size_t)length < sizeof copy;
    char *query = ok ? strchr(copy, '?') : NULL;
    if (query != NULL) {
        *query = '\0';
        ok = strncmp(query + 1, "db=", 3) == 0 && take_number(query + 4, 65535, &address.db);
    }
    const char *place = copy;
    if (ok && strncmp(copy, "unix:", 5) == 0) {
        place = copy + 5;
    } else if (ok && strncmp(copy, "tcp:", 4) == 0) {
        place = copy + 4;
        char *colon = strrchr(copy + 4, ':');
        ok = colon != NULL && take_number(colon + 1, 65535, &address.port) && address.port > 0;
        if (colon != NULL) *colon = '\0';
    } else {
        ok = false;
    }
    size_t size = strlen(place);
    if (!ok || size == 0 || size >= sizeof address.place) {
        return hub_fail(err, HUB_ERR_INVALID,
                        "journal redis:%s: write redis:unix:PATH or redis:tcp:HOST:PORT, and ?db=N if not 0", text);
    }
    memcpy(address.place, place, size + 1);
    *out = address;
    return HUB_OK;
}

/* ---- connecting ----------------------------------------------------------------------------------------------------------- */
hub_status journal_redis_connect(const journal_redis_address *address, redisContext **out, hub_error *err)
{
    *out = NULL;
    const struct timeval connect_time = {.tv_sec = CONNECT_S};
    const struct timeval answer_time = {.tv_sec = ANSWER_S};
    redisContext *link = address->port == 0 ? redisConnectUnixWithTimeout(address->place, connect_time)
                                            : redisConnectWithTimeout(address->place, address->port, connect_time);
    if (link == NULL) return hub_fail(err, HUB_ERR_MEMORY, "out of memory");
    hub_status status = HUB_ERR_IO;
    redisReply *reply = NULL;
    if (link->err != 0 || redisSetTimeout(link, answer_time) != REDIS_OK) {
        hub_fail(err, status, "redis at %s: %s; is it running?", address->place, link->errstr);
        goto fail;
    }
    reply = redisCommand(link, "SELECT %d", address->db);
    if (reply == NULL || reply->type == REDIS_REPLY_ERROR) {
        hub_fail(err, status, "redis at %s: cannot use db %d: %s", address->place, address->db,
                 reply == NULL ? link->errstr : reply->str);
        goto fail;
    }
    freeReplyObject(reply);
    reply = redisCommand(link, "EXISTS mash");
    if (reply != NULL && reply->type == REDIS_REPLY_ERROR && strncmp(reply->str, "LOADING", 7) == 0) {
        status =
            hub_fail(err, HUB_ERR_AGAIN, "redis at %s: it is still loading what it holds; try again in a moment", address->place);
        goto fail;
    }
    if (reply != NULL) freeReplyObject(reply);
    *out = link;
    return HUB_OK;

fail:
    if (reply != NULL) freeReplyObject(reply);
    redisFree(link);
    return status;
}

/* ---- may it be trusted ---------------------------------------------------------------------------------------------------- */
/* Reads one setting; `value` is "" when this user may not ask. */
static hub_status read_setting(redisContext *link, const char *name, char value[32], hub_error *err)
{
    value[0] = '\0';
    redisReply *reply = redisCommand(link, "CONFIG GET %s", name);
    if (reply == NULL) return hub_fail(err, HUB_ERR_IO, "redis: %s", link->errstr);
    if (reply->type == REDIS_REPLY_ARRAY && reply->elements == 2) (void)snprintf(value, 32, "%s", reply->element[1]->str);
    freeReplyObject(reply);
    return HUB_OK;
}

long long journal_redis_info_number(const char *info, const char *name)
{
    size_t length = strlen(name);
    for (const char *at = info; (at = strstr(at, name)) != NULL; at += length) {
        if ((at == info || at[-1] == '\n') && at[length] == ':') return strtoll(at + length + 1, NULL, 10);
    }
    return -1;
}

/* Whether there is an append-only file, and a whole one: just switched on, it protects nothing until its first rewrite is done. */
static hub_status check_file(redisContext *link, bool knows_settings, hub_error *err)
{
    redisReply *reply = redisCommand(link, "INFO persistence");
    if (reply == NULL) return hub_fail(err, HUB_ERR_IO, "redis: %s", link->errstr);
    bool is_told = reply->type == REDIS_REPLY_STRING;
    bool is_on = is_told && journal_redis_info_number(reply->str, "aof_enabled") == 1;
    bool is_rewriting = is_told && (journal_redis_info_number(reply->str, "aof_rewrite_in_progress") == 1 ||
                                    journal_redis_info_number(reply->str, "aof_rewrite_scheduled") == 1);
    freeReplyObject(reply);
    if (is_rewriting) {
        return hub_fail(err, HUB_ERR_AGAIN,
                        "redis: it is rewriting its append-only file and may not sync to it yet; try again in a moment");
    }
    if (is_on || (!is_told && knows_settings)) return HUB_OK;
    return hub_fail(
        err, HUB_ERR_REFUSED,
        "redis: its append-only file is off, or this user may ask neither CONFIG GET nor INFO; set appendonly yes and "
        "appendfsync always, and allow one of the two");
}

hub_status journal_redis_check_durable(redisContext *link, hub_error *err)
{
    static const struct {
        const char *name;
        const char *wanted;
        const char *why;
    } SETTINGS[] = {
        {"appendonly", "yes", "it would forget everything at its end"},
        {"appendfsync", "always", "it would confirm what a power cut can still take"},
        {"maxmemory-policy", "noeviction", "it would throw records away when memory is short"},
    };
    for (size_t i = 0; i < sizeof SETTINGS / sizeof SETTINGS[0]; i++) {
        char value[32];
        hub_status status = read_setting(link, SETTINGS[i].name, value, err);
        if (status != HUB_OK) return status;
        if (value[0] == '\0') {
            host_log(HOST_LOG_WARNING, "redis does not say whether it syncs before it answers", "cause",
                     "this user may not ask CONFIG GET", "to do",
                     "make sure that appendfsync is always and maxmemory-policy is noeviction", NULL);
            return check_file(link, false, err);
        }
        if (strcmp(value, SETTINGS[i].wanted) == 0) continue;
        return hub_fail(err, HUB_ERR_REFUSED, "redis: %s is %s: %s; set `%s %s` in redis.conf and restart it", SETTINGS[i].name,
                        value, SETTINGS[i].why, SETTINGS[i].name, SETTINGS[i].wanted);
    }
    return check_file(link, true, err);
}

/* ---- words ---------------------------------------------------------------------------------------------------------------- */
void journal_redis_word_bytes(journal_redis_words *words, hub_bytes bytes)
{
    HUB_ASSERT(words->count < JOURNAL_REDIS_WORDS_MAX);
    words->data[words->count] = bytes.size == 0 ? "" : (const char *)bytes.data;
    words->size[words->count] = bytes.size;
    words->count++;
}

void journal_redis_word(journal_redis_words *words, const char *text)
{
    journal_redis_word_bytes(words, hub_bytes_of_text(text));
}
