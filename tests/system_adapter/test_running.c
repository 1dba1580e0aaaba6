/* A running adapter, seen from outside: by its supervisor, by who puts a STOP file, by who must telephone, by who put a mistake right. */
#include "world.h"

#include <poll.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static int once(const world *w, int seconds)
{
    return world_run(w, NULL, 0, "mash-adapter", "--config police.yaml --once --timeout %d", seconds);
}

static void start(world *w)
{
    w->adapter = world_start(w, "mash-adapter", "--config police.yaml");
}

/* A census comes once a year: polling once an hour is no reason to be taken for dead each minute. */
static void the_supervisor_hears_of_an_adapter_that_polls_once_an_hour(void **state)
{
    world *w = *state;
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    (void)snprintf(at.sun_path, sizeof at.sun_path, "%s/notify", w->folder);
    int supervisor = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(supervisor, (const struct sockaddr *)&at, sizeof at), 0);
    world_change(w, "police.yaml", "poll_ms: 20", "poll_ms: 3600000");
    assert_int_equal(setenv("NOTIFY_SOCKET", at.sun_path, 1) | setenv("WATCHDOG_USEC", "200000", 1), 0);
    start(w);
    assert_int_equal(unsetenv("NOTIFY_SOCKET") | unsetenv("WATCHDOG_USEC"), 0);
    for (int beats = 0; beats < 5;) {
        char said[256] = "";
        struct pollfd wait = {.fd = supervisor, .events = POLLIN};
        assert_int_equal(poll(&wait, 1, 120000), 1);
        assert_true(recv(supervisor, said, sizeof said - 1, 0) > 0);
        beats += strstr(said, "WATCHDOG=1") != NULL;
    }
    close(supervisor);
}

/* received = published + parked + refused, here and there: a difference that nobody looks for is a loss that nobody finds. */
static void counts_are_compared_with_the_hubs_and_an_event_it_lost_is_said(void **state)
{
    world *w = *state;
    world_put_incidents(w, 1, 3);
    start(w);
    world_wait_text(w, "log", "counts agree with the hub's");
    world_wait_files(w, "var/police/in/done", 3);
    assert_int_equal(kill(w->adapter, SIGUSR1), 0);
    world_wait_text(w, "log", "\"settled\":\"3\"");
    world_kill(&w->adapter, SIGTERM);
    /* As if the hub had counted three more when they were compared last. */
    world_shell(w, "sqlite3 var/police/outbox/outbox.db \"update notes set text = '3' where name like 'difference%%'\"");
    start(w);
    world_wait_text(w, "log", "the hub counts 3 events fewer than were settled here");
    world_wait_text(w, "log", "mashctl outbox check");
}

/* The one that leads has another address than the one that is listed first. */
static void of_two_endpoints_the_one_that_answers_is_used(void **state)
{
    world *w = *state;
    world_shell(w, "sed -i 's|endpoints: .|&\"tcp://127.0.0.1:9\", |' police.yaml && grep -q 127.0.0.1:9 police.yaml");
    world_put_incidents(w, 1, 2);
    assert_int_equal(once(w, 180), 0);
    assert_int_equal(world_hub_count(w, "events_accepted"), 2);
}

static void a_stop_file_holds_everything_back_and_loses_nothing(void **state)
{
    world *w = *state;
    world_shell(w, "touch var/police/STOP");
    start(w);
    world_wait_text(w, "log", "session opened");
    world_put_incidents(w, 1, 2);
    world_wait_files(w, "var/police/in/done", 2);
    assert_int_equal(world_hub_count(w, "events_accepted"), 0);
    assert_int_equal(world_adapter_count(w, "police", "waiting"), 2);
    world_shell(w, "rm var/police/STOP");
    world_wait_text(w, "log", "sending again");
    world_kill(&w->adapter, SIGTERM);
    assert_int_equal(once(w, 180), 0);
    assert_int_equal(world_hub_count(w, "events_accepted"), 2);
}

/* The hub is away, and the line of the policy says who rings whom after ten minutes. */
static void an_urgent_event_that_cannot_leave_is_a_notice_with_the_number_to_ring(void **state)
{
    world *w = *state;
    sqlite3 *db = NULL;
    char path[256];
    world_kill(&w->hub, SIGTERM);
    world_put_incidents(w, 1, 2);
    world_change(w, "var/police/in/0001.json", "standard", "high");
    start(w);
    world_wait_files(w, "var/police/in/done", 2);
    world_kill(&w->adapter, SIGTERM);
    (void)snprintf(path, sizeof path, "%s/var/police/outbox/outbox.db", w->folder);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, "UPDATE entries SET put_ms = put_ms - 660000", NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
    start(w);
    world_wait_files(w, "var/police/notices", 1);
    world_shell(w, "grep -q 'Telephone now: 01632 960001' var/police/notices/*.txt");
    world_shell(w, "! grep -rq Testley var/police/notices log");
    world_shell(w, "grep -q '^Kind:     domestic abuse incident$' var/police/notices/*.txt");
    world_shell(
        w, "%s/mash-adapter --config police.yaml --show $(sed -n 's/^Event: *//p' var/police/notices/*.txt) | grep -q Testley",
        w->bin);
    world_shell(w, "! %s/mash-adapter --config police.yaml --show ee000000-0000-0000-0000-000000000007 2>>log", w->bin);
    world_kill(&w->adapter, SIGTERM);
    world_start_hub(w);
    assert_int_equal(once(w, 180), 0);
    assert_int_equal(world_hub_count(w, "events_accepted"), 2);
    assert_int_equal(world_files(w, "var/police/notices"), 1);
}

/* One letter of the area mistyped, and the hub refuses what is about a child. Put right, the very same file must arrive. */
static void what_the_hub_refused_is_shown_and_taken_again_when_the_cause_is_put_right(void **state)
{
    world *w = *state;
    world_put_incidents(w, 1, 1);
    world_change(w, "var/police/in/0001.json", "\"area\":\"E06000045\",", "");
    world_change(w, "police.yaml", "area: E06000045", "area: E06000054");
    assert_int_equal(once(w, 180), 3);
    assert_int_equal(world_hub_count(w, "events_accepted"), 0);
    world_shell(
        w, "grep -q E06000054 var/police/quarantine/*.event.json && grep -q unknown_area var/police/quarantine/*.reason.txt");
    world_shell(w, "! grep -q Testley var/police/quarantine/*.reason.txt");

    world_change(w, "police.yaml", "area: E06000054", "area: E06000045");
    world_shell(w, "mv var/police/in/done/0001.json var/police/in/");
    assert_int_equal(once(w, 180), 0);
    assert_int_equal(world_hub_count(w, "events_accepted"), 1);

    world_change(w, "var/police/in/done/0001.json", "standard", "medium"); /* and its correction amends what is there */
    world_shell(w, "mv var/police/in/done/0001.json var/police/in/");
    assert_int_equal(once(w, 180), 0);
    assert_int_equal(world_hub_count(w, "events_accepted"), 2);
}

/* Whoever wires a system tries its files first: nothing may come of that. */
static void a_dry_run_shows_the_events_and_keeps_nothing(void **state)
{
    world *w = *state;
    char out[65536];
    world_put_incidents(w, 1, 1);
    assert_int_equal(world_run(w, out, sizeof out, "mash-adapter", "--config police.yaml --dry-run var/police/in/0001.json"), 0);
    assert_non_null(strstr(out, "\"domestic_abuse_incident\""));
    world_change(w, "var/police/in/0001.json", "standard", "purple");
    assert_int_equal(world_run(w, NULL, 0, "mash-adapter", "--config police.yaml --dry-run var/police/in/0001.json"), 3);
    world_wait_text(w, "log", "would be parked: line 1, column ");
    world_wait_text(w, "log", "riskAssessment.officerGrading: not one of");
    assert_int_equal(world_run(w, NULL, 0, "mash-adapter", "--config police.yaml --dry-run police.yaml"), 1);
    assert_int_equal(world_run(w, NULL, 0, "mash-adapter", "--config police.yaml --dry-run nowhere.json"), 1);
    assert_int_equal(world_files(w, "var/police/outbox"), 0);
    assert_int_equal(world_files(w, "var/police/in"), 1);
    assert_int_equal(world_hub_count(w, "events_accepted"), 0);
}

static void keys_that_do_not_fit_are_said_to_be_the_cause(void **state)
{
    world *w = *state;
    char out[4096];
    world_put_incidents(w, 1, 1);
    world_shell(w, "chmod 644 client/police.key");
    assert_int_equal(once(w, 10), 1);
    world_wait_text(w, "log", "run: chmod 600");
    world_shell(w, "chmod 600 client/police.key");
    world_change(w, "police.yaml", "keys/hub.pub", "client/health.pub");
    start(w);
    world_wait_text(w, "log", "the server key is not this hub's");
    world_kill(&w->adapter, SIGTERM);
    assert_int_equal(world_run(w, out, sizeof out, "mash-adapter", "--config police.yaml --status"), 0);
    assert_non_null(strstr(out, "server key"));
    assert_int_equal(world_hub_count(w, "events_accepted"), 0);
}

static void a_full_disk_takes_nothing_in_and_goes_on_when_there_is_room(void **state)
{
    world *w = *state;
    char sign[256];
    (void)snprintf(sign, sizeof sign, "%s/full", w->folder);
    assert_int_equal(setenv("ASAN_OPTIONS", "verify_asan_link_order=0", 1), 0); /* what is preloaded comes before it */
    assert_int_equal(setenv("MASHHUB_FULL_SIGN", sign, 1) | setenv("LD_PRELOAD", getenv("MASHHUB_FULL_DISK"), 1), 0);
    start(w);
    assert_int_equal(unsetenv("MASHHUB_FULL_SIGN") | unsetenv("LD_PRELOAD"), 0);
    world_shell(w, "touch full");
    world_put_incidents(w, 1, 2);
    world_wait_text(w, "log", "the disk is full; make room");
    assert_int_equal(world_files(w, "var/police/in"), 2);
    world_shell(w, "rm full");
    world_wait_files(w, "var/police/in/done", 2);
    world_kill(&w->adapter, SIGTERM);
    assert_int_equal(once(w, 180), 0);
    assert_int_equal(world_hub_count(w, "events_accepted"), 2);
}

/* A source that nobody wrote C for: the adapter's own configuration names the table. */
static void a_file_that_a_table_reads_is_at_the_hub(void **state)
{
    world *w = *state;
    world_change(w, "police.yaml", "mapping: police-incident-json", "mapping: table-csv\\ntable: concern-log.yaml");
    world_shell(w, "cp %s/config/hips/adapters/tables/concern-log.yaml .", w->source);
    world_shell(w, "printf 'ConcernRef,UPN,Surname,Forename,DOB,SchoolURN,LoggedDateTime,Categories,Details\\n"
                   "T-1,D850199920001,Testley,Robin,06/05/2016,100001,%%s,Neglect,Hungry again\\n' "
                   "$(date -u -d '1 hour ago' +%%FT%%TZ) > var/police/in/log.csv");

    assert_int_equal(once(w, 180), 0);

    assert_int_equal(world_hub_count(w, "events_accepted"), 1);
}

/* A school's export is in the set of its machine, and its pupils have names with accents. Nothing in the file says so. */
static void a_file_in_windows_1252_is_read_when_the_configuration_says_so(void **state)
{
    world *w = *state;
    char out[65536];
    world_change(w, "police.yaml", "mapping: police-incident-json", "mapping: table-csv\\ntable: concern-log.yaml");
    world_shell(w, "cp %s/config/hips/adapters/tables/concern-log.yaml .", w->source);
    world_shell(w, "printf 'ConcernRef,UPN,Surname,Forename,DOB,SchoolURN,LoggedDateTime,Categories,Details\\n"
                   "T-1,D850199920001,Testley,Ren\\351e,06/05/2016,100001,%%s,Neglect,Hungry again\\n' "
                   "$(date -u -d '1 hour ago' +%%FT%%TZ) > log.csv");
    assert_int_equal(world_run(w, NULL, 0, "mash-adapter", "--config police.yaml --dry-run log.csv"), 3);
    world_wait_text(w, "log", "not UTF-8: save the file as CSV in UTF-8, or say `encoding: windows-1252`");
    world_change(w, "police.yaml", "table: concern-log.yaml", "table: concern-log.yaml\\nencoding: windows-1252");
    assert_int_equal(world_run(w, out, sizeof out, "mash-adapter", "--config police.yaml --dry-run log.csv"), 0);
    assert_non_null(strstr(out, "Ren\xC3\xA9\x65"));
    world_shell(w, "mv log.csv var/police/in/");
    assert_int_equal(once(w, 60), 0);
    assert_int_equal(world_hub_count(w, "events_accepted"), 1);
}

/* Whoever watches the hub at night is not who sits beside the adapter: what is parked there stands in the hub's own list of peers. */
static void what_an_adapter_has_parked_is_seen_at_the_hub(void **state)
{
    world *w = *state;
    const struct timespec moment = {.tv_nsec = 50000000};
    world_put_incidents(w, 1, 1);
    world_change(w, "var/police/in/0001.json", "standard", "purple");
    start(w);
    for (int tries = 0; world_peers_count(w, "parked") == 0 && tries < 1200; tries++)
        (void)ppoll(NULL, 0, &moment, NULL);
    assert_int_equal(world_peers_count(w, "parked"), 1);
}

#define STORY(name) cmocka_unit_test_setup_teardown(name, world_make, world_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORY(the_supervisor_hears_of_an_adapter_that_polls_once_an_hour),
        STORY(counts_are_compared_with_the_hubs_and_an_event_it_lost_is_said),
        STORY(of_two_endpoints_the_one_that_answers_is_used),
        STORY(a_stop_file_holds_everything_back_and_loses_nothing),
        STORY(an_urgent_event_that_cannot_leave_is_a_notice_with_the_number_to_ring),
        STORY(what_the_hub_refused_is_shown_and_taken_again_when_the_cause_is_put_right),
        STORY(a_dry_run_shows_the_events_and_keeps_nothing),
        STORY(keys_that_do_not_fit_are_said_to_be_the_cause),
        STORY(a_file_that_a_table_reads_is_at_the_hub),
        STORY(a_file_in_windows_1252_is_read_when_the_configuration_says_so),
        STORY(what_an_adapter_has_parked_is_seen_at_the_hub),
        STORY(a_full_disk_takes_nothing_in_and_goes_on_when_there_is_room),
    };
    return cmocka_run_group_tests_name("running", tests, NULL, NULL);
}
