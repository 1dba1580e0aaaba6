/* The journal's process ends at its n-th write or sync, for every n until it comes through: what was acknowledged is there afterwards,
 * nothing is there that was never sent, and the chain holds.
 *
 * The power cut is played by taking back what no sync had followed: all of it, or a part. A life begins with an empty store, or with what
 * another life left that ended in the middle of a batch, or with a copy put back from a backup: recovery is a time to die, too. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
/* last */
#include <cmocka.h>

#include "../contract/faulty_vfs.h"
#include "../contract/temporary_folder.h"
#include "host/files.h"
#include "host/random.h"
#include "journal/verify.h"
#include "journal/writer.h"

#define PARTNERSHIP "testshire"
enum { ENDED_BY_FAULT = 77, CAME_THROUGH = 0, BATCHES = 6, RECORDS = 3, REFS = 40, STEPS_MAX = 3000, LIVES_MAX = 2 };
enum { IN_A_BATCH = 64, IN_A_CHECKPOINT = 75 }; /* steps of a life */
enum { LOG_HEADER = 32, LOG_FRAME = 24 + 4096 };
static const uint8_t MASTER[HUB_SECRET_BYTES] = {1};
static const uint8_t CONTROL[] = {0x08, 0x01}; /* Control { format: 1 } */
static const uint8_t PERSONAL[] = {0x22, 0x04, 'd', 'u', 't', 'y'};

/* ---- the process that dies ------------------------------------------------------------------------------------------------ */
typedef struct victim {
    journal *j;
    journal_keys *keys;
    journal_writer *writer;
    uint64_t next;
    int acknowledged; /* pipe: the last sequence, 8 bytes, after each durable batch */
} victim;

static void start(victim *v, const char *location, journal_open_mode mode)
{
    journal_writer_options options = {.partnership = PARTNERSHIP};
    journal_end end = {0};
    hub_error err;
    bool ok = journal_open(location, PARTNERSHIP, mode, &v->j, &err) == HUB_OK && journal_end_of(v->j, &end, &err) == HUB_OK &&
              journal_keys_open_with(MASTER, v->j, &v->keys, &err) == HUB_OK;
    options.epoch = end.epoch + 1;
    ok = ok && journal_writer_open(v->j, v->keys, &options, &v->writer, &err) == HUB_OK;
    if (!ok) {
        fprintf(stderr, "%s\n", err.text);
        _exit(1);
    }
    v->next = end.last_sequence + 1;
}

/* All over what a hash can be. */
static uint64_t ref(uint64_t number)
{
    return number * (UINT64_MAX / (REFS - 1));
}

static void append(victim *v)
{
    journal_draft drafts[RECORDS];
    hub_digest hashes[RECORDS];
    uint64_t refs[REFS];
    for (uint64_t i = 0; i < REFS; i++)
        refs[i] = ref(i);
    for (uint64_t i = 0; i < RECORDS; i++) {
        drafts[i] = (journal_draft){.sequence = v->next + i,
                                    .time_ms = 1,
                                    .control = hub_bytes_of(CONTROL, sizeof CONTROL),
                                    .personal = hub_bytes_of(PERSONAL, sizeof PERSONAL),
                                    .state_digest = v->next + i,
                                    .refs = refs,
                                    .ref_count = REFS};
    }
    hub_error err;
    if (journal_writer_append(v->writer, drafts, RECORDS, hashes, &err) != JOURNAL_DURABLE) _exit(2);
    v->next += RECORDS;
    uint64_t last = v->next - 1;
    if (write(v->acknowledged, &last, sizeof last) != sizeof last) _exit(3);
}

static void stop(victim *v)
{
    journal_writer_close(v->writer);
    journal_keys_close(v->keys);
    journal_close(v->j);
}

static void live(const char *location, journal_open_mode mode, int acknowledged)
{
    victim v = {.acknowledged = acknowledged};
    start(&v, location, mode);
    for (int i = 0; i < BATCHES; i++) {
        append(&v);
        if (i == 2) { /* an ordinary end: the log is carried into the file */
            stop(&v);
            start(&v, location, JOURNAL_WRITE);
        }
        /* some refs into the index, so that it stands in the middle of a round when the next batch is appended */
        for (int pause = 0; i % 3 == 2 && pause < 3; pause++)
            (void)journal_idle(v.j, 1);
    }
    faulty_vfs_end_now(); /* the power cut right after the last acknowledgement */
    stop(&v);
    _exit(CAME_THROUGH);
}

/* ---- looking at what is left ---------------------------------------------------------------------------------------------- */
/* Returns how the child ended; *acknowledged: the last sequence it reported. */
static int run_victim(const char *location, journal_open_mode mode, faulty_kind kind, uint32_t steps, uint64_t *acknowledged)
{
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        close(ends[0]);
        faulty_vfs_set(kind, steps);
        live(location, mode, ends[1]);
    }
    close(ends[1]);
    uint64_t last;
    while (read(ends[0], &last, sizeof last) == sizeof last)
        *acknowledged = last;
    close(ends[0]);
    int how;
    assert_int_equal(waitpid(child, &how, 0), child);
    assert_true(WIFEXITED(how));
    return WEXITSTATUS(how);
}

static void assert_refs(journal *j, uint64_t last)
{
    uint64_t found[LIVES_MAX * BATCHES * RECORDS];
    uint32_t count;
    for (uint64_t i = 0; i < REFS; i++) {
        assert_int_equal(journal_lookup(j, ref(i), found, LIVES_MAX * BATCHES * RECORDS, &count, NULL), HUB_OK);
        assert_int_equal(count, last);
    }
}

static void assert_whole(const char *location, uint64_t acknowledged)
{
    journal *j;
    hub_error err = {{0}};
    hub_status status = journal_open(location, PARTNERSHIP, JOURNAL_WRITE, &j, &err);
    if (status != HUB_OK && acknowledged == 0) { /* it died while the store was being made: making it again works */
        status = journal_open(location, PARTNERSHIP, JOURNAL_CREATE, &j, &err);
    }
    if (status != HUB_OK) print_error("%s\n", err.text);
    assert_int_equal(status, HUB_OK);
    journal_keys *keys;
    journal_verdict verdict;
    journal_end end;
    assert_int_equal(journal_keys_open_with(MASTER, j, &keys, NULL), HUB_OK);
    assert_int_equal(journal_end_of(j, &end, NULL), HUB_OK);
    assert_true(end.last_sequence >= acknowledged);
    assert_true(end.last_sequence <= acknowledged + RECORDS); /* one batch was on its way */
    assert_int_equal(end.last_sequence % RECORDS, 0);         /* whole or not at all */
    assert_int_equal(journal_verify(j, keys, NULL, NULL, &verdict, &err), HUB_OK);
    assert_string_equal(verdict.finding, "");
    assert_int_equal(verdict.records, end.last_sequence);
    if (end.last_sequence > 0) assert_refs(j, end.last_sequence);
    journal_keys_close(keys);
    journal_close(j);
}

/* ---- what a life begins with ---------------------------------------------------------------------------------------------- */
typedef struct beginning {
    const char *name;
    journal_open_mode mode;
    faulty_kind kind;      /* how the life before ended */
    uint32_t steps;        /* and where; 0: there was none */
    bool has_torn_log;     /* what that must have come to */
    bool is_backup;        /* the store that it left was mended and closed, and a copy of its file is put back */
    uint64_t acknowledged; /* what that life was told is durable: found by running it */
    char folder[64];
} beginning;

static void copy_file(const char *from, const char *to, const char *name)
{
    char path[128];
    hub_buffer content = {0};
    (void)snprintf(path, sizeof path, "%s/%s", from, name);
    hub_status status = host_file_read(path, 64 * 1024 * 1024, &content, NULL);
    (void)snprintf(path, sizeof path, "%s/%s", to, name);
    if (status == HUB_OK) assert_int_equal(host_file_replace(path, hub_buffer_bytes(&content), 0600, NULL), HUB_OK);
    assert_true(status == HUB_OK || status == HUB_ERR_NOT_FOUND);
    hub_buffer_free(&content);
}

static void location_in(const char *folder, char location[128])
{
    (void)snprintf(location, 128, "sqlite:%s/journal.db", folder);
}

/* true when the write-ahead log ends in the middle of a page. */
static bool has_torn_log(const char *folder)
{
    char path[128];
    struct stat log;
    (void)snprintf(path, sizeof path, "%s/journal.db-wal", folder);
    assert_int_equal(stat(path, &log), 0);
    return (log.st_size - LOG_HEADER) % LOG_FRAME != 0;
}

/* Lives the life before, once; every later one starts from a copy of what it left. */
static void prepare(beginning *b)
{
    char location[128];
    temporary_folder_make(b->folder, sizeof b->folder);
    if (b->mode == JOURNAL_CREATE) return;
    location_in(b->folder, location);
    int how = run_victim(location, JOURNAL_CREATE, b->kind, b->steps, &b->acknowledged);
    assert_int_equal(how, ENDED_BY_FAULT);
    assert_true(b->acknowledged > 0); /* there is something to lose */
    assert_true(b->acknowledged < BATCHES * RECORDS);
    assert_int_equal(has_torn_log(b->folder), b->has_torn_log);
    if (!b->is_backup) return;
    journal *j; /* a backup is taken of a store that was closed: all of it is in the file */
    journal_end end;
    assert_int_equal(journal_open(location, PARTNERSHIP, JOURNAL_WRITE, &j, NULL), HUB_OK);
    assert_int_equal(journal_end_of(j, &end, NULL), HUB_OK);
    b->acknowledged = end.last_sequence;
    journal_close(j);
}

static void begin_life(const beginning *b, const char *folder)
{
    copy_file(b->folder, folder, "journal.db");
    if (!b->is_backup) copy_file(b->folder, folder, "journal.db-wal");
}

static void die_everywhere(faulty_kind kind, beginning b)
{
    uint32_t steps = 0;
    prepare(&b);
    for (bool came_through = false; !came_through; steps++) {
        char folder[64];
        char location[128];
        temporary_folder_make(folder, sizeof folder);
        begin_life(&b, folder);
        location_in(folder, location);
        uint64_t acknowledged = b.acknowledged;
        int how = run_victim(location, b.mode, kind, steps, &acknowledged);
        assert_true(how == ENDED_BY_FAULT || how == CAME_THROUGH);
        came_through = acknowledged >= b.acknowledged + BATCHES * RECORDS;
        assert_whole(location, acknowledged);
        temporary_folder_remove(folder);
        assert_true(steps < STEPS_MAX);
    }
    temporary_folder_remove(b.folder);
    print_message("%s: %u places to die\n", b.name, steps);
    assert_true(steps > 25);
}

static const beginning EMPTY = {.name = "an empty store", .mode = JOURNAL_CREATE};
static const beginning HALF_A_BATCH = {
    .name = "half a batch in the log", .mode = JOURNAL_WRITE, .kind = FAULTY_DIE_TORN, .steps = IN_A_BATCH, .has_torn_log = true};
static const beginning HALF_CARRIED = {
    .name = "a log half carried into the file", .mode = JOURNAL_WRITE, .kind = FAULTY_DIE_TORN, .steps = IN_A_CHECKPOINT};
static const beginning BACKUP = {
    .name = "a copy put back", .mode = JOURNAL_WRITE, .kind = FAULTY_DIE, .steps = IN_A_CHECKPOINT, .is_backup = true};

static void a_process_killed_at_any_write_loses_nothing_acknowledged(void **fixture)
{
    (void)fixture;
    die_everywhere(FAULTY_DIE, EMPTY);
}

static void a_write_torn_anywhere_loses_nothing_acknowledged(void **fixture)
{
    (void)fixture;
    die_everywhere(FAULTY_DIE_TORN, EMPTY);
}

/* J1: acknowledged means synced. */
static void a_power_cut_anywhere_loses_nothing_acknowledged(void **fixture)
{
    (void)fixture;
    die_everywhere(FAULTY_POWER, EMPTY);
}

/* A machine that fails fails again: the second time in the recovery from the first. */
static void a_process_killed_in_its_recovery_loses_nothing_acknowledged(void **fixture)
{
    (void)fixture;
    die_everywhere(FAULTY_DIE_TORN, HALF_A_BATCH);
}

static void a_process_killed_while_it_carries_the_log_again_loses_nothing_acknowledged(void **fixture)
{
    (void)fixture;
    die_everywhere(FAULTY_DIE_TORN, HALF_CARRIED);
}

static void a_power_cut_in_the_recovery_loses_nothing_acknowledged(void **fixture)
{
    (void)fixture;
    die_everywhere(FAULTY_POWER, HALF_A_BATCH);
}

static void a_power_cut_after_a_restore_loses_nothing_acknowledged(void **fixture)
{
    (void)fixture;
    die_everywhere(FAULTY_POWER, BACKUP);
}

int main(void)
{
    host_random_start();
    faulty_vfs_install();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_process_killed_at_any_write_loses_nothing_acknowledged),
        cmocka_unit_test(a_write_torn_anywhere_loses_nothing_acknowledged),
        cmocka_unit_test(a_power_cut_anywhere_loses_nothing_acknowledged),
        cmocka_unit_test(a_process_killed_in_its_recovery_loses_nothing_acknowledged),
        cmocka_unit_test(a_process_killed_while_it_carries_the_log_again_loses_nothing_acknowledged),
        cmocka_unit_test(a_power_cut_in_the_recovery_loses_nothing_acknowledged),
        cmocka_unit_test(a_power_cut_after_a_restore_loses_nothing_acknowledged),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
