/* The contract, kept by the SQLite backend, and what is its own. */
#include "journal_contract.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "faulty_vfs.h"
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
    f->store = (contract_store){open_sqlite, damage_sqlite, fill_sqlite, mend_sqlite, break_sqlite, mend_sqlite, f};
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
        CONTRACT_TEST(the_log_is_carried_into_the_file_while_writing_goes_on, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
