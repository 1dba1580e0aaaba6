#include "redis_link.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>

#include "host/files.h"

enum { PASSWORD_BYTES_MAX = 1024 };
enum { CONNECT_S = 5, ANSWER_S = 30 }; /* a sync on a struggling disk may take long; for ever is a hung hub */

/* ---- where ---------------------------------------------------------------------------------------------------------------- */
static bool take_number(const char *text, int max, int *out)
{
    if (*text == '\0' || strspn(text, "0123456789") != strlen(text) || strlen(text) > 5) return false;
    *out = (int)strtol(text, NULL, 10);
    return *out <= max;
}

static bool take_text(const char *value, char *out, size_t capacity)
{
    size_t size = strlen(value);
    if (size == 0 || size >= capacity) return false;
    memcpy(out, value, size + 1);
    return true;
}

/* "name=value", each at most once is not asked: the last one counts. */
static bool take_option(const char *option, journal_redis_address *address)
{
    static const char USER[] = "user=", FILE_PATH[] = "password-file=/", DB[] = "db=";
    if (strncmp(option, DB, strlen(DB)) == 0) return take_number(option + strlen(DB), 65535, &address->db);
    if (strncmp(option, USER, strlen(USER)) == 0) return take_text(option + strlen(USER), address->user, sizeof address->user);
    if (strncmp(option, FILE_PATH, strlen(FILE_PATH)) == 0)
        return take_text(option + strlen(FILE_PATH) - 1, address->password_path, sizeof address->password_path);
    return false;
}

static bool take_place(char *copy, journal_redis_address *address)
{
    if (strncmp(copy, "unix:", 5) == 0) return take_text(copy + 5, address->place, sizeof address->place);
    if (strncmp(copy, "tcp:", 4) != 0) return false;
    char *colon = strrchr(copy + 4, ':');
    if (colon == NULL) return false;
    *colon = '\0';
    return take_number(colon + 1, 65535, &address->port) && address->port > 0 &&
           take_text(copy + 4, address->place, sizeof address->place);
}

hub_status journal_redis_address_parse(const char *text, journal_redis_address *out, hub_error *err)
{
    journal_redis_address address = {0};
    char copy[sizeof address.place + sizeof address.user + sizeof address.password_path + 64];
    int length = snprintf(copy, sizeof copy, "%s", text);
    bool ok = length > 0 && (size_t)length < sizeof copy;
    char *query = ok ? strchr(copy, '?') : NULL;
    if (query != NULL) *query++ = '\0';
    char *rest = NULL;
    for (char *option = query == NULL ? NULL : strtok_r(query, "&", &rest); ok && option != NULL;
         option = strtok_r(NULL, "&", &rest))
        ok = take_option(option, &address);
    ok = ok && take_place(copy, &address) && (address.user[0] == '\0' || address.password_path[0] != '\0');
    if (!ok) {
        return hub_fail(err, HUB_ERR_INVALID,
                        "journal redis:%.*s: write redis:unix:PATH or redis:tcp:HOST:PORT, and after a ? if needed db=N, "
                        "password-file=/PATH, user=NAME with its password-file, with & between them",
                        (int)strcspn(text, "?"), text);
    }
    *out = address;
    return HUB_OK;
}

/* ---- connecting ----------------------------------------------------------------------------------------------------------- */
static hub_status send_password(redisContext *link, const journal_redis_address *address, const hub_buffer *password,
                                hub_error *err)
{
    journal_redis_words words = {0};
    journal_redis_word(&words, "AUTH");
    if (address->user[0] != '\0') journal_redis_word(&words, address->user);
    journal_redis_word_bytes(&words, hub_buffer_bytes(password));
    redisReply *reply = redisCommandArgv(link, words.count, (const char **)(uintptr_t)words.data, words.size);
    hub_status status = HUB_OK;
    if (reply == NULL) {
        status = hub_fail(err, HUB_ERR_IO, "redis at %s: %s", address->place, link->errstr);
    } else if (reply->type == REDIS_REPLY_ERROR) {
        status = hub_fail(err, HUB_ERR_REFUSED, "redis at %s: user %s is not let in with the password in %s: %s", address->place,
                          address->user[0] == '\0' ? "default" : address->user, address->password_path, reply->str);
    }
    if (reply != NULL) freeReplyObject(reply);
    return status;
}

/* Before anything else is asked. The file is read each time: a password may be changed under a running hub. */
static hub_status say_who(redisContext *link, const journal_redis_address *address, hub_error *err)
{
    if (address->password_path[0] == '\0') return HUB_OK;
    hub_buffer password = {0};
    hub_status status = host_secret_read(address->password_path, PASSWORD_BYTES_MAX, &password, err);
    if (status == HUB_OK) status = send_password(link, address, &password, err);
    host_secret_free(&password);
    return status;
}

static hub_status choose_db(redisContext *link, const journal_redis_address *address, hub_error *err)
{
    redisReply *reply = redisCommand(link, "SELECT %d", address->db);
    hub_status status = HUB_OK;
    if (reply == NULL || reply->type == REDIS_REPLY_ERROR) {
        bool asks_who = reply != NULL && strncmp(reply->str, "NOAUTH", 6) == 0;
        status = hub_fail(err, asks_who ? HUB_ERR_REFUSED : HUB_ERR_IO, "redis at %s: cannot use db %d: %s%s", address->place,
                          address->db, reply == NULL ? link->errstr : reply->str,
                          asks_who ? "; put ?user=NAME&password-file=/PATH behind the journal's location" : "");
    }
    if (reply != NULL) freeReplyObject(reply);
    return status;
}

static hub_status check_loaded(redisContext *link, const journal_redis_address *address, hub_error *err)
{
    redisReply *reply = redisCommand(link, "EXISTS mash");
    bool is_loading = reply != NULL && reply->type == REDIS_REPLY_ERROR && strncmp(reply->str, "LOADING", 7) == 0;
    if (reply != NULL) freeReplyObject(reply);
    if (!is_loading) return HUB_OK;
    return hub_fail(err, HUB_ERR_AGAIN, "redis at %s: it is still loading what it holds; try again in a moment", address->place);
}

hub_status journal_redis_connect(const journal_redis_address *address, redisContext **out, hub_error *err)
{
    *out = NULL;
    const struct timeval connect_time = {.tv_sec = CONNECT_S};
    const struct timeval answer_time = {.tv_sec = ANSWER_S};
    redisContext *link = address->port == 0 ? redisConnectUnixWithTimeout(address->place, connect_time)
                                            : redisConnectWithTimeout(address->place, address->port, connect_time);
    if (link == NULL) return hub_fail(err, HUB_ERR_MEMORY, "out of memory");
    hub_status status = HUB_OK;
    if (link->err != 0 || redisSetTimeout(link, answer_time) != REDIS_OK)
        status =
            hub_fail(err, HUB_ERR_IO, "redis at %s: %s; is it running, and may this user connect?", address->place, link->errstr);
    if (status == HUB_OK) status = say_who(link, address, err);
    if (status == HUB_OK) status = choose_db(link, address, err);
    if (status == HUB_OK) status = check_loaded(link, address, err);
    if (status != HUB_OK) {
        redisFree(link);
        return status;
    }
    *out = link;
    return HUB_OK;
}

/* ---- may it be trusted ---------------------------------------------------------------------------------------------------- */
/* A server that may not be asked cannot be trusted: a power cut would take what it had confirmed. */
static hub_status may_not_ask(const char *cause, hub_error *err)
{
    return hub_fail(
        err, HUB_ERR_REFUSED,
        "redis: whether it syncs before it answers and reads all at its start cannot be asked: %.120s; allow this user "
        "CONFIG GET, INFO and ACL GETUSER (ACL SETUSER NAME +config|get +info +acl|getuser)",
        cause);
}

static hub_status read_setting(redisContext *link, const char *name, char value[32], hub_error *err)
{
    redisReply *reply = redisCommand(link, "CONFIG GET %s", name);
    if (reply == NULL) return hub_fail(err, HUB_ERR_IO, "redis: %s", link->errstr);
    hub_status status = HUB_OK;
    if (reply->type == REDIS_REPLY_ARRAY && reply->elements == 2) {
        (void)snprintf(value, 32, "%s", reply->element[1]->str);
    } else {
        status = may_not_ask(reply->type == REDIS_REPLY_ERROR ? reply->str : name, err);
    }
    freeReplyObject(reply);
    return status;
}

long long journal_redis_info_number(const char *info, const char *name)
{
    size_t length = strlen(name);
    for (const char *at = info; (at = strstr(at, name)) != NULL; at += length) {
        if ((at == info || at[-1] == '\n') && at[length] == ':') return strtoll(at + length + 1, NULL, 10);
    }
    return -1;
}

/* Whether the append-only file is a whole one: just switched on, it protects nothing until its first rewrite is done. */
static hub_status check_file(redisContext *link, hub_error *err)
{
    redisReply *reply = redisCommand(link, "INFO persistence");
    if (reply == NULL) return hub_fail(err, HUB_ERR_IO, "redis: %s", link->errstr);
    hub_status status = HUB_OK;
    if (reply->type != REDIS_REPLY_STRING) {
        status = may_not_ask(reply->type == REDIS_REPLY_ERROR ? reply->str : "INFO", err);
    } else if (journal_redis_info_number(reply->str, "aof_rewrite_in_progress") == 1 ||
               journal_redis_info_number(reply->str, "aof_rewrite_scheduled") == 1) {
        status = hub_fail(err, HUB_ERR_AGAIN,
                          "redis: it is rewriting its append-only file and may not sync to it yet; try again in a moment");
    } else if (journal_redis_info_number(reply->str, "aof_enabled") != 1) {
        status = hub_fail(err, HUB_ERR_REFUSED,
                          "redis: its append-only file is off; set `appendonly yes` in redis.conf and restart it");
    }
    freeReplyObject(reply);
    return status;
}

static bool is_text(const redisReply *reply, const char *text)
{
    return reply->type == REDIS_REPLY_STRING && strcmp(reply->str, text) == 0;
}

/* Redis reads its file back as its default user, and leaves out each transaction that this one may not do: all that we wrote. Anything taken from
 * its rights is refused, needed or not: which commands the next version of this hub writes, nobody knows. */
static hub_status check_reader(redisContext *link, hub_error *err)
{
    redisReply *reply = redisCommand(link, "ACL GETUSER default");
    if (reply == NULL) return hub_fail(err, HUB_ERR_IO, "redis: %s", link->errstr);
    hub_status status = HUB_OK;
    if (reply->type == REDIS_REPLY_ERROR) status = may_not_ask(reply->str, err);
    bool commands = false, keys = false;
    for (size_t i = 0; reply->type == REDIS_REPLY_ARRAY && i + 1 < reply->elements; i += 2) {
        commands = commands || (is_text(reply->element[i], "commands") && is_text(reply->element[i + 1], "+@all"));
        keys = keys || (is_text(reply->element[i], "keys") && is_text(reply->element[i + 1], "~*"));
    }
    freeReplyObject(reply);
    if (status != HUB_OK || (commands && keys)) return status;
    return hub_fail(
        err, HUB_ERR_REFUSED,
        "redis: its user default may not do everything: at its next start it would leave out of its file what this hub wrote; "
        "set `user default off ~* &* +@all` in redis.conf (nobody can be that user) and restart it");
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
        {"no-appendfsync-on-rewrite", "no", "it would confirm without a sync while it saves or rewrites its file"},
        {"maxmemory-policy", "noeviction", "it would throw records away when memory is short"},
    };
    for (size_t i = 0; i < sizeof SETTINGS / sizeof SETTINGS[0]; i++) {
        char value[32];
        hub_status status = read_setting(link, SETTINGS[i].name, value, err);
        if (status != HUB_OK) return status;
        if (strcmp(value, SETTINGS[i].wanted) == 0) continue;
        return hub_fail(err, HUB_ERR_REFUSED, "redis: %s is %s: %s; set `%s %s` in redis.conf and restart it", SETTINGS[i].name,
                        value, SETTINGS[i].why, SETTINGS[i].name, SETTINGS[i].wanted);
    }
    hub_status status = check_reader(link, err);
    return status != HUB_OK ? status : check_file(link, err);
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
