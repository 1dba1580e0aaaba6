/* The contract, kept by the Redis backend on a real server, and what is its own. */
#include "journal_contract.h"

#include <hiredis/hiredis.h>
#include <sys/wait.h>
#include <unistd.h>

#include "host/files.h"
#include "host/random.h"
#include "journal/redis_backend.h"
#include "redis_proxy.h"
#include "redis_server.h"

typedef struct redis_fixture {
    contract_store store;
    redis_server *server; /* BORROWED: one for all tests */
    redisContext *link;
    char location[160];
} redis_fixture;

static redis_fixture *fixture_of(void **fixture)
{
    return ((contract_store *)*fixture)->self;
}

static redisReply *ask(redis_fixture *f, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    redisReply *reply = redisvCommand(f->link, format, args);
    va_end(args);
    assert_non_null(reply);
    if (reply->type == REDIS_REPLY_ERROR) print_error("%s\n", reply->str);
    assert_int_not_equal(reply->type, REDIS_REPLY_ERROR);
    return reply;
}
#define TELL(...) freeReplyObject(ask(__VA_ARGS__))

static void connect_link(redis_fixture *f)
{
    f->link = redisConnectUnix(f->server->socket);
    assert_non_null(f->link);
    assert_int_equal(f->link->err, 0);
}

static hub_status open_redis(void *self, const char *partnership, journal_open_mode mode, journal **out, hub_error *err)
{
    return journal_open(((redis_fixture *)self)->location, partnership, mode, out, err);
}

/* An entry of a stream cannot be changed: the stream is written anew with one bit other than before. */
static void damage_redis(void *self, uint64_t sequence)
{
    redis_fixture *f = self;
    redisReply *all = ask(f, "XRANGE mash:" PARTNERSHIP ":batches - +");
    TELL(f, "DEL mash:" PARTNERSHIP ":batches");
    bool is_done = false;
    for (size_t i = 0; i < all->elements; i++) {
        const char *id = all->element[i]->element[0]->str;
        redisReply *body = all->element[i]->element[1]->element[1];
        if (!is_done && strtoull(id, NULL, 10) >= sequence) {
            body->str[body->len / 2] ^= 1;
            is_done = true;
        }
        TELL(f, "XADD mash:" PARTNERSHIP ":batches %s b %b", id, body->str, body->len);
    }
    assert_true(is_done);
    freeReplyObject(all);
}

static void fill_redis(void *self)
{
    TELL(self, "CONFIG SET maxmemory 1mb");
}

static void make_room_redis(void *self)
{
    TELL(self, "CONFIG SET maxmemory 0");
}

static void break_redis(void *self)
{
    redis_server_kill(((redis_fixture *)self)->server);
}

static void mend_redis(void *self)
{
    redis_fixture *f = self;
    redisFree(f->link);
    redis_server_start(f->server);
    connect_link(f);
    TELL(f, "SELECT 3");
    TELL(f, "DEL mash:" PARTNERSHIP ":lease"); /* as time would: nobody could give it back */
}

/* A file just switched on is being written; asked as often as it takes. */
static void wait_for_rewrite(redis_fixture *f)
{
    for (bool busy = true; busy;) {
        redisReply *info = ask(f, "INFO persistence");
        busy = strstr(info->str, "aof_rewrite_in_progress:1") != NULL || strstr(info->str, "aof_rewrite_scheduled:1") != NULL;
        freeReplyObject(info);
    }
}

static int setup(void **fixture)
{
    redis_fixture *f = calloc(1, sizeof *f);
    assert_non_null(f);
    f->server = *fixture; /* from the group */
    (void)snprintf(f->location, sizeof f->location, "redis:unix:%s?db=3", f->server->socket);
    connect_link(f);
    TELL(f, "SELECT 3");
    TELL(f, "FLUSHALL");
    f->store = (contract_store){.open = open_redis,
                                .damage = damage_redis,
                                .fill = fill_redis,
                                .make_room = make_room_redis,
                                .break_next = break_redis,
                                .mend = mend_redis,
                                .self = f};
    *fixture = &f->store;
    return 0;
}

static int teardown(void **fixture)
{
    redis_fixture *f = fixture_of(fixture);
    make_room_redis(f);
    TELL(f, "CONFIG SET requirepass %s", "");
    TELL(f, "ACL DELUSER hub");
    redisFree(f->link);
    free(f);
    return 0;
}

/* ---- its own -------------------------------------------------------------------------------------------------------------- */
/* Redis confirms by default what a power cut can still take. */
static void a_server_that_does_not_sync_first_is_refused(void **fixture)
{
    redis_fixture *f = fixture_of(fixture);
    journal *j;
    hub_error err = {{0}};
    TELL(f, "CONFIG SET appendfsync everysec");
    assert_int_equal(open_redis(f, PARTNERSHIP, JOURNAL_CREATE, &j, &err), HUB_ERR_REFUSED);
    assert_true(strstr(err.text, "appendfsync always") != NULL);
    TELL(f, "CONFIG SET appendfsync always");
    TELL(f, "CONFIG SET maxmemory-policy allkeys-lru");
    assert_int_equal(open_redis(f, PARTNERSHIP, JOURNAL_CREATE, &j, &err), HUB_ERR_REFUSED);
    assert_true(strstr(err.text, "noeviction") != NULL);
    TELL(f, "CONFIG SET maxmemory-policy noeviction");
    TELL(f, "CONFIG SET appendonly no");
    assert_int_equal(open_redis(f, PARTNERSHIP, JOURNAL_CREATE, &j, &err), HUB_ERR_REFUSED);
    assert_null(j);
    TELL(f, "CONFIG SET appendonly yes");
    wait_for_rewrite(f);
    journal_close(opened(&f->store, JOURNAL_CREATE));
}

/* An append-only file just switched on holds nothing until it was written once, whatever the settings say by then. */
static void a_server_still_writing_its_first_file_is_not_trusted(void **fixture)
{
    redis_fixture *f = fixture_of(fixture);
    journal *j;
    hub_error err = {{0}};
    TELL(f, "CONFIG SET appendonly no");
    TELL(f, "SET slow 1");
    TELL(f, "CONFIG SET rdb-key-save-delay 60000000"); /* a minute for each key */
    TELL(f, "CONFIG SET appendonly yes");
    assert_int_equal(open_redis(f, PARTNERSHIP, JOURNAL_CREATE, &j, &err), HUB_ERR_AGAIN);
    assert_null(j);
    TELL(f, "CONFIG SET appendonly no"); /* ends the slow one */
    TELL(f, "CONFIG SET rdb-key-save-delay 0");
    TELL(f, "CONFIG SET appendonly yes");
    wait_for_rewrite(f);
    journal_close(opened(&f->store, JOURNAL_CREATE));
}

/* D1 says "always", and this setting takes it back while a child process saves. */
static void a_server_that_skips_syncs_while_it_saves_is_refused(void **fixture)
{
    redis_fixture *f = fixture_of(fixture);
    journal *j;
    hub_error err = {{0}};
    TELL(f, "CONFIG SET no-appendfsync-on-rewrite yes");
    assert_int_equal(open_redis(f, PARTNERSHIP, JOURNAL_CREATE, &j, &err), HUB_ERR_REFUSED);
    assert_true(strstr(err.text, "no-appendfsync-on-rewrite no") != NULL);
    TELL(f, "CONFIG SET no-appendfsync-on-rewrite no");
    journal_close(opened(&f->store, JOURNAL_CREATE));
}

/* J3. However long it stays full: the place cannot be taken again then, but nobody else can take it either. */
static void a_full_store_without_a_lease_takes_the_batch_later(void **fixture)
{
    redis_fixture *f = fixture_of(fixture);
    journal *j = opened(&f->store, JOURNAL_CREATE);
    append_made(j, 2, 1);
    journal_end end = end_of(j);
    made_batch *made = make_batch(&end, 2, 2000, 2);
    fill_redis(f);
    assert_int_equal(append(j, &made->batch), JOURNAL_FULL);
    TELL(f, "DEL mash:" PARTNERSHIP ":lease"); /* as ten seconds would */
    assert_int_equal(append(j, &made->batch), JOURNAL_FULL);
    assert_int_equal(append(j, &made->batch), JOURNAL_FULL);
    make_room_redis(f);
    assert_int_equal(append(j, &made->batch), JOURNAL_DURABLE);
    made_batch_free(made);
    journal_close(j);
}

/* The batch that was refused did not make the lease last: the next pause has to. */
static void the_lease_of_a_full_store_is_kept(void **fixture)
{
    redis_fixture *f = fixture_of(fixture);
    journal *j = opened(&f->store, JOURNAL_CREATE);
    append_made(j, 2, 1);
    journal_end end = end_of(j);
    made_batch *made = make_batch(&end, 2, 2000, 2);
    fill_redis(f);
    redis_journal_of(j)->lease_boot_ms -= REDIS_LEASE_MS - 1000; /* nine seconds later */
    TELL(f, "PEXPIRE mash:" PARTNERSHIP
            ":lease 600000"); /* so long that one sees it set anew, and no slow machine lets it run out */
    assert_int_equal(append(j, &made->batch), JOURNAL_FULL);
    (void)journal_idle(j, 1000);
    redisReply *left = ask(f, "PTTL mash:" PARTNERSHIP ":lease");
    assert_in_range(left->integer, 1, REDIS_LEASE_MS);
    freeReplyObject(left);
    made_batch_free(made);
    journal_close(j);
}

static void a_server_that_is_not_there_is_named(void **fixture)
{
    (void)fixture;
    journal *j;
    hub_error err = {{0}};
    assert_int_equal(journal_open("redis:unix:/nowhere/redis.sock", PARTNERSHIP, JOURNAL_READ, &j, &err), HUB_ERR_IO);
    assert_true(strstr(err.text, "/nowhere/redis.sock") != NULL);
    assert_int_equal(journal_open("redis:tcp:host", PARTNERSHIP, JOURNAL_READ, &j, &err), HUB_ERR_INVALID);
    assert_int_equal(journal_open("redis:unix:/x?db=many", PARTNERSHIP, JOURNAL_READ, &j, &err), HUB_ERR_INVALID);
}

/* D4. A writer whose place was given to another must not write one batch more, however slow it was to notice. */
static void a_writer_that_lost_its_place_writes_nothing(void **fixture)
{
    redis_fixture *f = fixture_of(fixture);
    journal *j = opened(&f->store, JOURNAL_CREATE);
    append_made(j, 2, 1);
    TELL(f, "SET mash:" PARTNERSHIP ":lease somebody-else");
    journal_end end = end_of(j);
    made_batch *made = make_batch(&end, 2, 100, 2);
    assert_int_equal(append(j, &made->batch), JOURNAL_UNKNOWN);
    journal_close(j);
    j = opened(&f->store, JOURNAL_READ);
    assert_int_equal(end_of(j).last_sequence, 2);
    journal_close(j);
    made_batch_free(made);
    redisReply *lease = ask(f, "GET mash:" PARTNERSHIP ":lease");
    assert_string_equal(lease->str, "somebody-else"); /* closing gave nothing away that was not its own */
    freeReplyObject(lease);
}

/* The same when the other has written meanwhile and left again. */
static void a_writer_whose_head_was_moved_writes_nothing(void **fixture)
{
    redis_fixture *f = fixture_of(fixture);
    journal *j = opened(&f->store, JOURNAL_CREATE);
    append_made(j, 2, 1);
    TELL(f, "SET mash:" PARTNERSHIP ":head 3:00");
    journal_end end = end_of(j);
    made_batch *made = make_batch(&end, 2, 100, 2);
    assert_int_equal(append(j, &made->batch), JOURNAL_UNKNOWN);
    made_batch_free(made);
    journal_close(j);
}

/* A hub that was suspended for a while finds its lease run out; if nobody came, it goes on. */
static void a_lease_that_ran_out_is_taken_again(void **fixture)
{
    redis_fixture *f = fixture_of(fixture);
    journal *j = opened(&f->store, JOURNAL_CREATE);
    append_made(j, 2, 1);
    TELL(f, "DEL mash:" PARTNERSHIP ":lease");
    append_made(j, 2, 2);
    journal *second;
    assert_int_equal(open_redis(f, PARTNERSHIP, JOURNAL_WRITE, &second, NULL), HUB_ERR_EXISTS);
    journal_close(j);
}

/* A hub that was killed starts again at once: its lease need not run out first. */
static void a_dead_process_does_not_keep_its_place(void **fixture)
{
    redis_fixture *f = fixture_of(fixture);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        journal *j;
        _exit(open_redis(f, PARTNERSHIP, JOURNAL_CREATE, &j, NULL) == HUB_OK ? 0 : 1);
    }
    int how;
    assert_int_equal(waitpid(child, &how, 0), child);
    assert_int_equal(how, 0);
    journal *j = opened(&f->store, JOURNAL_WRITE);
    append_made(j, 1, 1);
    journal_close(j);
}

/* What was confirmed survives the server's sudden end (its file; not the machine's, which a test cannot cut). */
static void what_was_durable_survives_the_servers_death(void **fixture)
{
    redis_fixture *f = fixture_of(fixture);
    journal *j = opened(&f->store, JOURNAL_CREATE);
    append_made(j, 100, 1);
    append_made(j, 100, 2);
    break_redis(f);
    journal_close(j);
    mend_redis(f);
    j = opened(&f->store, JOURNAL_WRITE);
    assert_int_equal(read_from(j, 1).last, 200);
    journal_close(j);
}

/* J4. The answer is lost and the batch is not: going on as if it were would write it twice, forgetting it would tell nobody. */
static void a_batch_whose_answer_was_lost_is_unknown_and_there(void **fixture)
{
    redis_fixture *f = fixture_of(fixture);
    redis_proxy proxy;
    char socket[96], location[160];
    (void)snprintf(socket, sizeof socket, "%s/proxy.sock", f->server->folder);
    (void)snprintf(location, sizeof location, "redis:unix:%s?db=3", socket);
    redis_proxy_open(&proxy, socket, f->server->socket);
    journal *j;
    assert_int_equal(journal_open(location, PARTNERSHIP, JOURNAL_CREATE, &j, NULL), HUB_OK);
    append_made(j, 5, 1);
    journal_end end = end_of(j);
    made_batch *made = make_batch(&end, 5, 100, 2);
    redis_proxy_lose_next_answer(&proxy);
    assert_int_equal(append(j, &made->batch), JOURNAL_UNKNOWN);
    assert_int_equal(append(j, &made->batch), JOURNAL_UNKNOWN); /* D3: not sent a second time */
    journal_close(j);
    redis_proxy_close(&proxy);
    j = opened(&f->store, JOURNAL_WRITE); /* the place was given back all the same */
    assert_int_equal(end_of(j).last_sequence, 10);
    seen found = {.expected = &made->batch};
    assert_int_equal(journal_read(j, 6, see, &found, NULL), HUB_OK);
    assert_int_equal(found.batches, 1);
    append_made(j, 1, 3);
    journal_close(j);
    made_batch_free(made);
}

/* ---- who is let in -------------------------------------------------------------------------------------------------------- */
/* What the journal's user must be allowed, and no more: deploy/RUNBOOK.md has the same words. */
#define ALLOWED                                                                                                                  \
    "resetchannels -@all +auth +select +ping +info +config|get +acl|getuser +exists +get +set +del +pexpire +hget +hset +xadd "  \
    "+xrange "                                                                                                                   \
    "+xrevrange +rpush +lrange +zadd +zrevrangebylex +watch +unwatch +multi +exec"

static void write_password(const redis_fixture *f, const char *password, unsigned mode, char path[96])
{
    (void)snprintf(path, 96, "%s/password", f->server->folder);
    assert_int_equal(host_file_replace(path, hub_bytes_of_text(password), mode, NULL), HUB_OK);
}

static hub_status open_as(redis_fixture *f, const char *options, journal **out, hub_error *err)
{
    char location[400];
    (void)snprintf(location, sizeof location, "%s&%s", f->location, options);
    return journal_open(location, PARTNERSHIP, JOURNAL_CREATE, out, err);
}

/* Anybody on the machine could read who is known to whom. */
static void a_server_with_a_password_lets_nobody_else_in(void **fixture)
{
    redis_fixture *f = fixture_of(fixture);
    char path[96], options[160];
    journal *j;
    hub_error err = {{0}};
    TELL(f, "CONFIG SET requirepass open-sesame");
    assert_int_equal(open_redis(f, PARTNERSHIP, JOURNAL_CREATE, &j, &err), HUB_ERR_REFUSED);
    assert_true(strstr(err.text, "password-file=") != NULL);
    write_password(f, "shut-sesame\n", 0600, path);
    (void)snprintf(options, sizeof options, "password-file=%s", path);
    assert_int_equal(open_as(f, options, &j, &err), HUB_ERR_REFUSED);
    assert_true(strstr(err.text, path) != NULL);
    assert_null(strstr(err.text, "sesame")); /* no password in any text */
    write_password(f, "open-sesame\n", 0644, path);
    assert_int_equal(open_as(f, options, &j, &err), HUB_ERR_REFUSED);
    assert_true(strstr(err.text, "chmod") != NULL);
    write_password(f, "open-sesame\n", 0600, path);
    assert_int_equal(open_as(f, options, &j, &err), HUB_OK);
    append_made(j, 1, 1);
    journal_close(j);
}

/* A user of the hub's own, with what it must be allowed; gives how a journal is opened as them. */
static const char *let_in(redis_fixture *f)
{
    static char options[160];
    char path[96];
    write_password(f, "open-sesame", 0600, path);
    (void)snprintf(options, sizeof options, "user=hub&password-file=%s", path);
    TELL(f, "ACL SETUSER hub on >open-sesame ~mash:" PARTNERSHIP ":* " ALLOWED);
    return options;
}

static void a_user_with_just_enough_rights_can_do_everything(void **fixture)
{
    redis_fixture *f = fixture_of(fixture);
    journal *j;
    hub_error err = {{0}};
    const char *options = let_in(f);
    hub_status status = open_as(f, options, &j, &err);
    if (status != HUB_OK) print_error("%s\n", err.text);
    assert_int_equal(status, HUB_OK);
    append_made(j, 30, 1);
    append_head(j, "a head");
    index_all(j);
    assert_found(j, made_hash(3), 16, 3, 23);
    assert_int_equal(read_from(j, 1).last, 32);
    assert_true(journal_room(j) > 0);
    hub_buffer heads = {0};
    assert_int_equal(journal_heads(j, join_heads, &heads, NULL), HUB_OK);
    hub_buffer_free(&heads);
    redis_journal_of(j)->lease_boot_ms -= REDIS_LEASE_RENEW_MS;
    append_made(j, 1, 2); /* makes the lease last */
    journal_close(j);
    redisReply *lease = ask(f, "EXISTS mash:" PARTNERSHIP ":lease");
    assert_int_equal(lease->integer, 0);
    freeReplyObject(lease);
}

/* D1. Not to know whether it syncs is not to trust it; the text says what to allow. */
static void a_user_who_may_not_ask_for_settings_is_told_so(void **fixture)
{
    redis_fixture *f = fixture_of(fixture);
    journal *j;
    hub_error err = {{0}};
    const char *options = let_in(f);
    TELL(f, "ACL SETUSER hub -config");
    assert_int_equal(open_as(f, options, &j, &err), HUB_ERR_REFUSED);
    assert_true(strstr(err.text, "+config|get") != NULL);
    TELL(f, "ACL SETUSER hub +config|get -info");
    assert_int_equal(open_as(f, options, &j, &err), HUB_ERR_REFUSED);
    assert_true(strstr(err.text, "+info") != NULL);
    TELL(f, "ACL SETUSER hub +info -acl");
    assert_int_equal(open_as(f, options, &j, &err), HUB_ERR_REFUSED);
    assert_true(strstr(err.text, "+acl|getuser") != NULL);
}

/* D1. Redis leaves out of its file, at its start, what its default user may not do. */
static void a_redis_that_would_not_read_its_file_back_is_refused(void **fixture)
{
    redis_fixture *f = fixture_of(fixture);
    journal *j;
    hub_error err = {{0}};
    const char *options = let_in(f);
    TELL(f, "ACL SETUSER default off -@all +acl");
    assert_int_equal(open_as(f, options, &j, &err), HUB_ERR_REFUSED);
    assert_true(strstr(err.text, "`user default off ~* &* +@all`") != NULL);
    TELL(f, "ACL SETUSER default +@all -@write");
    assert_int_equal(open_as(f, options, &j, &err), HUB_ERR_REFUSED);
    TELL(f, "ACL SETUSER default +@all resetkeys ~other:*");
    assert_int_equal(open_as(f, options, &j, &err), HUB_ERR_REFUSED);
    TELL(f, "ACL SETUSER default resetkeys ~*other");
    assert_int_equal(open_as(f, options, &j, &err), HUB_ERR_REFUSED);
    TELL(f, "ACL SETUSER default off ~* &* +@all");
    assert_int_equal(open_as(f, options, &j, &err), HUB_OK);
    journal_close(j);
    TELL(f, "ACL SETUSER default on");
}

/* A location is printed, logged and kept in backups. */
static void a_location_holds_no_password(void **fixture)
{
    redis_fixture *f = fixture_of(fixture);
    journal *j;
    hub_error err = {{0}};
    assert_int_equal(open_as(f, "user=hub", &j, &err), HUB_ERR_INVALID);
    assert_int_equal(open_as(f, "password=open-sesame", &j, &err), HUB_ERR_INVALID);
    assert_null(strstr(err.text, "sesame"));
    assert_int_equal(open_as(f, "password-file=not/absolute", &j, &err), HUB_ERR_INVALID);
}

static int start_server(void **group)
{
    redis_server *server = calloc(1, sizeof *server);
    assert_non_null(server);
    redis_server_open(server, "always");
    *group = server;
    return 0;
}

static int stop_server(void **group)
{
    redis_server_close(*group);
    free(*group);
    return 0;
}

int main(void)
{
    host_random_start();
    const struct CMUnitTest tests[] = {
        CONTRACT_TESTS(setup, teardown),
        CONTRACT_TEST(a_server_that_does_not_sync_first_is_refused, setup, teardown),
        CONTRACT_TEST(a_server_still_writing_its_first_file_is_not_trusted, setup, teardown),
        CONTRACT_TEST(a_server_that_skips_syncs_while_it_saves_is_refused, setup, teardown),
        CONTRACT_TEST(a_full_store_without_a_lease_takes_the_batch_later, setup, teardown),
        CONTRACT_TEST(the_lease_of_a_full_store_is_kept, setup, teardown),
        CONTRACT_TEST(a_server_that_is_not_there_is_named, setup, teardown),
        CONTRACT_TEST(a_writer_that_lost_its_place_writes_nothing, setup, teardown),
        CONTRACT_TEST(a_writer_whose_head_was_moved_writes_nothing, setup, teardown),
        CONTRACT_TEST(a_lease_that_ran_out_is_taken_again, setup, teardown),
        CONTRACT_TEST(a_dead_process_does_not_keep_its_place, setup, teardown),
        CONTRACT_TEST(a_batch_whose_answer_was_lost_is_unknown_and_there, setup, teardown),
        CONTRACT_TEST(a_server_with_a_password_lets_nobody_else_in, setup, teardown),
        CONTRACT_TEST(a_user_with_just_enough_rights_can_do_everything, setup, teardown),
        CONTRACT_TEST(a_user_who_may_not_ask_for_settings_is_told_so, setup, teardown),
        CONTRACT_TEST(a_redis_that_would_not_read_its_file_back_is_refused, setup, teardown),
        CONTRACT_TEST(a_location_holds_no_password, setup, teardown),
        CONTRACT_TEST(what_was_durable_survives_the_servers_death, setup, teardown),
    };
    return cmocka_run_group_tests(tests, start_server, stop_server);
}
