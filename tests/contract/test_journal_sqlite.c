/* The contract, kept by the SQLite backend, and what is its own. */
#include "journal_contract.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "faulty_vfs.h"
#include "host/files.h"
#include "host/random.h"
#include "temporary_folder.h"

typedef struct sqlite_fixture {
    contract_store store;
    char folder[64];
    char path[96];
    char location[128];
} sqlite_fixture;

static sqlite_fixture *fixture_of(void **fixture)
{
    return ((contract_store *)*fixture)->self;
}

static hub_status open_sqlite(void *self, const char *partnership, journal_open_mode mode, journal **out, hub_error *err)
{
    return journal_open(((sqlite_fixture *)self)->location, partnership, mode, out, err);
}

static void run_sql(const char *path, const char *sql)
{
    sqlite3 *db;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
}

static void damage_sqlite(void *self, uint64_t sequence)
{
    char sql[256];
    (void)snprintf(
        sql, sizeof sql,
        "UPDATE batches SET stored = CAST(substr(stored,1,200)||x'ff'||substr(stored,202) AS BLOB) WHERE last_sequence = "
        "(SELECT min(last_sequence) FROM batches WHERE last_sequence >= %llu)",
        (unsigned long long)sequence);
    run_sql(((sqlite_fixture *)self)->path, sql);
}

static void fill_sqlite(void *self)
{
    (void)self;
    faulty_vfs_set(FAULTY_FULL, 3); /* some pages still find room */
}

static void mend_sqlite(void *self)
{
    (void)self;
    faulty_vfs_set(FAULTY_NONE, 0);
}

static void break_sqlite(void *self)
{
    (void)self;
    faulty_vfs_set(FAULTY_SYNC, 0);
}

static int setup(void **fixture)
{
    sqlite_fixture *f = calloc(1, sizeof *f);
    assert_non_null(f);
    temporary_folder_make(f->folder, sizeof f->folder);
    (void)snprintf(f->path, sizeof f->path, "%s/journal.db", f->folder);
    (void)snprintf(f->location, sizeof f->location, "sqlite:%s", f->path);
    f->store = (contract_store){.open = open_sqlite,
                                .damage = damage_sqlite,
                                .fill = fill_sqlite,
                                .make_room = mend_sqlite,
                                .break_next = break_sqlite,
                                .mend = mend_sqlite,
                                .self = f};
    *fixture = &f->store;
    return 0;
}

static int teardown(void **fixture)
{
    sqlite_fixture *f = fixture_of(fixture);
    mend_sqlite(f);
    temporary_folder_remove(f->folder);
    free(f);
    return 0;
}

/* ---- its own -------------------------------------------------------------------------------------------------------------- */
/* A path written wrong must not turn somebody's other database into a journal. */
static void a_database_of_something_else_is_refused(void **fixture)
{
    sqlite_fixture *f = fixture_of(fixture);
    journal *j;
    hub_error err;
    run_sql(f->path, "CREATE TABLE other(x)");
    assert_int_equal(open_sqlite(f, PARTNERSHIP, JOURNAL_CREATE, &j, &err), HUB_ERR_INVALID);
    assert_true(strstr(err.text, "holds no journal") != NULL);
    assert_int_equal(open_sqlite(f, PARTNERSHIP, JOURNAL_WRITE, &j, &err), HUB_ERR_INVALID);
}

static void a_file_that_is_no_database_is_refused(void **fixture)
{
    sqlite_fixture *f = fixture_of(fixture);
    FILE *file = fopen(f->path, "w");
    assert_non_null(file);
    for (int i = 0; i < 100; i++)
        fputs("dear diary, this is not a database\n", file);
    fclose(file);
    journal *j;
    hub_error err;
    assert_int_equal(open_sqlite(f, PARTNERSHIP, JOURNAL_READ, &j, &err), HUB_ERR_INVALID);
    assert_int_equal(open_sqlite(f, PARTNERSHIP, JOURNAL_CREATE, &j, &err), HUB_ERR_INVALID);
}

/* An empty journal restored by mistake must not become another partnership's. */
static void a_journal_of_another_partnership_is_refused(void **fixture)
{
    sqlite_fixture *f = fixture_of(fixture);
    journal_close(opened(&f->store, JOURNAL_CREATE));
    journal *j;
    hub_error err;
    assert_int_equal(open_sqlite(f, "elsewhere", JOURNAL_WRITE, &j, &err), HUB_ERR_INVALID);
    assert_true(strstr(err.text, "testshire") != NULL);
}

/* The file holds everything about everybody. */
static void nobody_else_may_read_the_file(void **fixture)
{
    sqlite_fixture *f = fixture_of(fixture);
    journal *j = opened(&f->store, JOURNAL_CREATE);
    append_made(j, 1, 1);
    struct stat found;
    assert_int_equal(stat(f->path, &found), 0);
    assert_int_equal(found.st_mode & 0777, 0600);
    char log[128];
    (void)snprintf(log, sizeof log, "%s-wal", f->path);
    assert_int_equal(stat(log, &found), 0);
    assert_int_equal(found.st_mode & 0777, 0600);
    journal_close(j);
}

/* A limit on the size of files is what a quota is too: not SQLite's own "full", but no less full. */
static void a_file_size_limit_is_a_full_disk(void **fixture)
{
    sqlite_fixture *f = fixture_of(fixture);
    journal *j = opened(&f->store, JOURNAL_CREATE);
    append_made(j, 1, 1);
    signal(SIGXFSZ, SIG_IGN);
    struct rlimit before;
    getrlimit(RLIMIT_FSIZE, &before);
    struct rlimit small = {.rlim_cur = 100 * 1024, .rlim_max = before.rlim_max};
    setrlimit(RLIMIT_FSIZE, &small);
    journal_end end = end_of(j);
    made_batch *made = make_batch(&end, 100, 2000, 2);
    journal_outcome outcome = append(j, &made->batch);
    setrlimit(RLIMIT_FSIZE, &before);
    assert_int_equal(outcome, JOURNAL_FULL);
    assert_int_equal(append(j, &made->batch), JOURNAL_DURABLE);
    made_batch_free(made);
    journal_close(j);
}

static hub_bytes content_of(const char *path, hub_buffer *out)
{
    hub_buffer_clear(out);
    assert_int_equal(host_file_read(path, 64 * 1024 * 1024, out, NULL), HUB_OK);
    return hub_buffer_bytes(out);
}

/* After a crash the store and its log are what there is to look at: whoever looks must not be the one who changes them. */
static void a_reader_leaves_the_files_of_a_crash_as_they_are(void **fixture)
{
    sqlite_fixture *f = fixture_of(fixture);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        append_made(opened(&f->store, JOURNAL_CREATE), 5, 1);
        _exit(0); /* nothing is closed */
    }
    int how;
    assert_int_equal(waitpid(child, &how, 0), child);
    assert_int_equal(how, 0);
    char log[128];
    (void)snprintf(log, sizeof log, "%s-wal", f->path);
    hub_buffer before[2] = {{0}}, after = {0};
    (void)content_of(f->path, &before[0]);
    assert_true(content_of(log, &before[1]).size > 0);
    journal *reader = opened(&f->store, JOURNAL_READ);
    assert_int_equal(read_from(reader, 1).last, 5);
    journal_close(reader);
    assert_true(hub_bytes_equal(content_of(f->path, &after), hub_buffer_bytes(&before[0])));
    assert_true(hub_bytes_equal(content_of(log, &after), hub_buffer_bytes(&before[1])));
    hub_buffer_free(&before[0]);
    hub_buffer_free(&before[1]);
    hub_buffer_free(&after);
    journal *j = opened(&f->store, JOURNAL_WRITE);
    assert_int_equal(end_of(j).last_sequence, 5);
    journal_close(j);
}

/* Told that the disk is full, somebody would free space and wonder why nothing helps. */
static void a_file_that_another_program_holds_is_said_to_be_held(void **fixture)
{
    sqlite_fixture *f = fixture_of(fixture);
    journal *j = opened(&f->store, JOURNAL_CREATE);
    append_made(j, 1, 1);
    sqlite3 *other;
    assert_int_equal(sqlite3_open(f->path, &other), SQLITE_OK);
    assert_int_equal(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
    journal_end end = end_of(j);
    made_batch *made = make_batch(&end, 2, 50, 2);
    hub_error err = {{0}};
    assert_int_equal(journal_append(j, &made->batch, &err), JOURNAL_FULL); /* J3: it may be offered again */
    assert_true(strstr(err.text, "another program") != NULL);
    assert_int_equal(sqlite3_exec(other, "COMMIT", NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(other);
    assert_int_equal(append(j, &made->batch), JOURNAL_DURABLE);
    made_batch_free(made);
    journal_close(j);
}

/* A store put back as root, or one folder too closed: the number of an SQLite error tells nobody what to do. */
static void a_file_that_may_not_be_read_is_named_with_the_cause(void **fixture)
{
    sqlite_fixture *f = fixture_of(fixture);
    journal_close(opened(&f->store, JOURNAL_CREATE));
    assert_int_equal(chmod(f->path, 0), 0);
    assert_int_equal(chmod(f->folder, 0755), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        if (geteuid() == 0 && setuid(65534) != 0) _exit(9); /* for root no file is closed */
        journal *j;
        hub_error err = {{0}};
        bool is_refused = open_sqlite(f, PARTNERSHIP, JOURNAL_READ, &j, &err) == HUB_ERR_IO;
        bool is_told = strstr(err.text, "Permission denied") != NULL && strstr(err.text, "chown") != NULL;
        if (!is_refused || !is_told) print_error("%s\n", err.text);
        _exit(is_refused && is_told ? 0 : 1);
    }
    int how;
    assert_int_equal(waitpid(child, &how, 0), child);
    assert_int_equal(how, 0);
}

/* A log that only grows slows every reader and fills the disk. */
static void the_log_is_carried_into_the_file_while_writing_goes_on(void **fixture)
{
    sqlite_fixture *f = fixture_of(fixture);
    journal *j = opened(&f->store, JOURNAL_CREATE);
    journal_end end = end_of(j);
    for (uint64_t i = 0; i < 100; i++) { /* 200 MB */
        made_batch *made = make_batch(&end, 1, 2 * 1024 * 1024, i);
        assert_int_equal(append(j, &made->batch), JOURNAL_DURABLE);
        end = end_after(&made->batch);
        made_batch_free(made);
    }
    char log[128];
    struct stat found;
    (void)snprintf(log, sizeof log, "%s-wal", f->path);
    assert_int_equal(stat(log, &found), 0);
    assert_true(found.st_size < 100 * 1024 * 1024);
    assert_int_equal(read_from(j, 1).last, 100);
    journal_close(j);
}

static void append_synced(journal *j, uint64_t seed)
{
    uint32_t before = faulty_vfs_syncs();
    append_made(j, 1000, seed);
    assert_true(faulty_vfs_syncs() > before);
}

/* The index can be had from the batches again, so an event need not wait for its sync; a batch cannot, whatever became of the index. */
static void the_index_is_not_synced_and_every_batch_is(void **fixture)
{
    sqlite_fixture *f = fixture_of(fixture);
    journal *j = opened(&f->store, JOURNAL_CREATE);
    append_synced(j, 1);
    uint32_t before = faulty_vfs_syncs();
    (void)journal_idle(j, 1000);
    assert_true(journal_idle(j, 1000)); /* merged, and more is left */
    assert_int_equal(faulty_vfs_syncs(), before);
    append_synced(j, 2);
    fill_sqlite(f);
    (void)journal_idle(j, 1000);
    assert_false(journal_idle(j, 1000)); /* it did not work */
    mend_sqlite(f);
    append_synced(j, 3);
    assert_int_equal(journal_note_put(j, "colour", hub_bytes_of_text("blue"), NULL), HUB_OK);
    index_all(j);
    append_synced(j, 4);
    assert_found(j, made_hash(3), 16, 16, 3993);
    journal_close(j);
}

int main(void)
{
    host_random_start();
    faulty_vfs_install();
    const struct CMUnitTest tests[] = {
        CONTRACT_TESTS(setup, teardown),
        CONTRACT_TEST(a_database_of_something_else_is_refused, setup, teardown),
        CONTRACT_TEST(a_file_that_is_no_database_is_refused, setup, teardown),
        CONTRACT_TEST(a_journal_of_another_partnership_is_refused, setup, teardown),
        CONTRACT_TEST(nobody_else_may_read_the_file, setup, teardown),
        CONTRACT_TEST(a_file_size_limit_is_a_full_disk, setup, teardown),
        CONTRACT_TEST(a_reader_leaves_the_files_of_a_crash_as_they_are, setup, teardown),
        CONTRACT_TEST(a_file_that_another_program_holds_is_said_to_be_held, setup, teardown),
        CONTRACT_TEST(a_file_that_may_not_be_read_is_named_with_the_cause, setup, teardown),
        CONTRACT_TEST(the_index_is_not_synced_and_every_batch_is, setup, teardown),
        CONTRACT_TEST(the_log_is_carried_into_the_file_while_writing_goes_on, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
