/* The contract, kept by the Redis backend on a real server, and what is its own. */
#include "journal_contract.h"

#include <hiredis/hiredis.h>
#include <sys/wait.h>
#include <unistd.h>

#include "host/random.h"
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
    f->store = (contract_store){open_redis, damage_redis, fill_redis, make_room_redis, break_redis, mend_redis, f};
    *fixture = &f->store;
    return 0;
}

static int teardown(void **fixture)
{
    redis_fixture *f = fixture_of(fixture);
    make_room_redis(f);
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

/* A writer whose place was given to another must not write one batch more, however slow it was to notice. */
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
        CONTRACT_TEST(a_server_that_is_not_there_is_named, setup, teardown),
        CONTRACT_TEST(a_writer_that_lost_its_place_writes_nothing, setup, teardown),
        CONTRACT_TEST(a_writer_whose_head_was_moved_writes_nothing, setup, teardown),
        CONTRACT_TEST(a_lease_that_ran_out_is_taken_again, setup, teardown),
        CONTRACT_TEST(a_dead_process_does_not_keep_its_place, setup, teardown),
        CONTRACT_TEST(what_was_durable_survives_the_servers_death, setup, teardown),
    };
    return cmocka_run_group_tests(tests, start_server, stop_server);
}
