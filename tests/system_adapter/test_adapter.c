/* The adapter beside a real hub: what an agency handed over is at the hub once, whatever is killed or restored in between. */
#include "world.h"

#include <arpa/inet.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static int once(const world *w, const char *adapter)
{
    return world_run(w, NULL, 0, "mash-adapter", "--config %s.yaml --once --timeout 180", adapter);
}

static void files_put_into_the_folder_are_at_the_hub(void **state)
{
    world *w = *state;
    world_put_incidents(w, 1, 5);
    assert_int_equal(world_run(w, NULL, 0, "mash-adapter", "--config police.yaml --check"), 0);
    assert_int_equal(once(w, "police"), 0);
    assert_int_equal(world_hub_count(w, "events_accepted"), 5);
    assert_int_equal(world_files(w, "var/police/in/done"), 5);
    assert_int_equal(world_adapter_count(w, "police", "stored"), 5);
}

static void wait_for_done(const world *w, int files)
{
    world_wait_files(w, "var/police/in/done", files);
}

/* Power cuts do not wait for a good moment. */
static void killing_the_adapter_in_mid_stream_loses_and_doubles_nothing(void **state)
{
    world *w = *state;
    world_put_incidents(w, 1, 400);
    for (int taken = 40; taken <= 320; taken += 70) {
        w->adapter = world_start(w, "mash-adapter", "--config police.yaml");
        wait_for_done(w, taken);
        world_kill(&w->adapter, SIGKILL);
    }
    assert_int_equal(once(w, "police"), 0);
    assert_int_equal(world_hub_count(w, "events_accepted"), 400);
    assert_int_equal(world_adapter_count(w, "police", "put"), 400);
    assert_int_equal(world_adapter_count(w, "police", "refused"), 0);
    assert_int_equal(world_adapter_count(w, "police", "stored") + world_adapter_count(w, "police", "duplicate"), 400);
}

static void killing_the_hub_in_mid_stream_loses_and_doubles_nothing(void **state)
{
    world *w = *state;
    world_put_incidents(w, 1, 300);
    w->adapter = world_start(w, "mash-adapter", "--config police.yaml");
    wait_for_done(w, 60);
    world_kill(&w->hub, SIGKILL);
    world_start_hub(w);
    wait_for_done(w, 200);
    world_kill(&w->hub, SIGKILL);
    world_start_hub(w);
    wait_for_done(w, 300);
    world_kill(&w->adapter, SIGTERM);
    assert_int_equal(once(w, "police"), 0);
    assert_int_equal(world_hub_count(w, "events_accepted"), 300);
}

/* The hub's disk died, and last night's backup is what there is: the outbox still has what came since. */
static void a_hub_restored_from_a_backup_is_given_again_what_it_lost(void **state)
{
    world *w = *state;
    world_put_incidents(w, 1, 10);
    assert_int_equal(once(w, "police"), 0);
    world_kill(&w->hub, SIGTERM);
    world_shell(w, "cp -a state backup");
    world_start_hub(w);
    world_put_incidents(w, 11, 25);
    assert_int_equal(once(w, "police"), 0);
    assert_int_equal(world_hub_count(w, "events_accepted"), 25);
    world_kill(&w->hub, SIGTERM);
    world_shell(w, "rm -rf state && mv backup state");
    world_start_hub(w);
    assert_int_equal(world_hub_count(w, "events_accepted"), 10);

    assert_int_equal(once(w, "police"), 0);
    world_put_incidents(w, 26, 26);
    assert_int_equal(once(w, "police"), 0);
    assert_int_equal(world_hub_count(w, "events_accepted"), 26);
    assert_int_equal(world_adapter_count(w, "police", "forks"), 1);
}

/* Yesterday's outbox, today's hub. */
static void an_outbox_restored_from_a_backup_takes_no_number_twice(void **state)
{
    world *w = *state;
    world_put_incidents(w, 1, 5);
    assert_int_equal(once(w, "police"), 0);
    world_shell(w, "cp -a var/police/outbox backup");
    world_put_incidents(w, 6, 12);
    assert_int_equal(once(w, "police"), 0);
    world_shell(w, "rm -rf var/police/outbox && mv backup var/police/outbox");
    world_put_incidents(w, 13, 20);
    assert_int_equal(once(w, "police"), 0);
    assert_int_equal(world_hub_count(w, "events_accepted"), 20);
}

/* ---- MLLP ---- */

static int connect_to(int port)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr = {htonl(INADDR_LOOPBACK)}};
    assert_int_equal(connect(fd, (const struct sockaddr *)&at, sizeof at), 0);
    return fd;
}

/* Sends a missed appointment and gives the acknowledgement code ("AA"). */
static const char *missed_appointment(int fd, const char *control_id)
{
    static char code[3];
    char message[1024];
    char answer[1024];
    static char when[32]; /* of the first: the same message again is the same to the byte */
    struct tm utc;
    time_t hour_ago = time(NULL) - 3600;
    gmtime_r(&hour_ago, &utc);
    if (when[0] == '\0') (void)strftime(when, sizeof when, "%Y%m%d%H%M%S+0000", &utc);
    int length = snprintf(
        message, sizeof message,
        "\x0bMSH|^~\\&|PAS|RHM|HUB|MASH|%s||SIU^S26|%s|P|2.4\r"
        "PID|1||9990001073^^^NHS^NH||Testley^Robin||20160506|1|||1 Example Row^^Testhampton^^ZZ99 3VZ^GBR^H\r"
        "SCH|APT-%s||||||^Paediatric follow-up||||^^^%s^\rRGS|1\rAIS|1||PAED^Community paediatrics^L||||||Noshow\r\x1c\r",
        when, control_id, control_id, when);
    assert_int_equal(send(fd, message, (size_t)length, MSG_NOSIGNAL), length);
    size_t used = 0;
    while (used < sizeof answer - 1 && (used == 0 || answer[used - 1] != '\r' || answer[used - 2] != 0x1c)) {
        struct pollfd wait = {.fd = fd, .events = POLLIN};
        assert_int_equal(poll(&wait, 1, 120000), 1);
        ssize_t got = recv(fd, answer + used, sizeof answer - 1 - used, 0);
        assert_true(got > 0);
        used += (size_t)got;
    }
    answer[used] = '\0';
    const char *msa = strstr(answer, "MSA|");
    assert_non_null(msa);
    assert_non_null(strstr(msa, control_id));
    (void)snprintf(code, sizeof code, "%.2s", msa + 4);
    return code;
}

/* As a sender does: AR is "not now", and the same is sent again. */
static const char *when_taken(int fd, const char *control_id)
{
    const char *code = "AR";
    while (strcmp(code, "AR") == 0)
        code = missed_appointment(fd, control_id);
    return code;
}

/* AA is a promise that outlives the adapter. */
static void a_message_answered_aa_is_at_the_hub_even_when_the_adapter_is_killed_at_once(void **state)
{
    world *w = *state;
    w->adapter = world_start(w, "mash-adapter", "--config health.yaml");
    int sender = connect_to(w->mllp_port);
    assert_string_equal(missed_appointment(sender, "T1"), "AA");
    assert_string_equal(missed_appointment(sender, "T2"), "AA");
    assert_string_equal(missed_appointment(sender, "T1"), "AA");
    world_kill(&w->adapter, SIGKILL);
    close(sender);
    assert_int_equal(once(w, "health"), 0);
    assert_int_equal(world_hub_count(w, "events_accepted"), 2);
}

/* The trust's agreement wants the hub's own word: what is answered AA is on the hub's disk by then, and with the hub away nothing is. */
static void with_acknowledge_hub_aa_means_that_the_hub_has_it(void **state)
{
    world *w = *state;
    world_change(w, "health.yaml", "  mllp:", "  acknowledge: hub\\n  acknowledge_seconds: 1\\n  mllp:");
    w->adapter = world_start(w, "mash-adapter", "--config health.yaml");
    int sender = connect_to(w->mllp_port);
    assert_string_equal(when_taken(sender, "T1"), "AA");
    assert_int_equal(world_hub_count(w, "events_accepted"), 1);
    world_kill(&w->hub, SIGKILL);
    assert_string_equal(missed_appointment(sender, "T2"), "AR");
    world_start_hub(w);
    assert_string_equal(when_taken(sender, "T2"), "AA");
    assert_int_equal(world_hub_count(w, "events_accepted"), 2);
    close(sender);
}

/* A whole batch could not be written: nobody in it may hear AA. */
static void a_message_that_a_full_disk_could_not_keep_is_answered_ar_and_aa_when_there_is_room(void **state)
{
    world *w = *state;
    char sign[256];
    (void)snprintf(sign, sizeof sign, "%s/full", w->folder);
    assert_int_equal(setenv("ASAN_OPTIONS", "verify_asan_link_order=0", 1), 0); /* what is preloaded comes before it */
    assert_int_equal(setenv("MASHHUB_FULL_SIGN", sign, 1) | setenv("LD_PRELOAD", getenv("MASHHUB_FULL_DISK"), 1), 0);
    w->adapter = world_start(w, "mash-adapter", "--config health.yaml");
    assert_int_equal(unsetenv("MASHHUB_FULL_SIGN") | unsetenv("LD_PRELOAD"), 0);
    int sender = connect_to(w->mllp_port);
    world_shell(w, "touch full");
    assert_string_equal(missed_appointment(sender, "T1"), "AR");
    world_shell(w, "rm full");
    assert_string_equal(missed_appointment(sender, "T1"), "AA");
    close(sender);
    world_kill(&w->adapter, SIGTERM);
    assert_int_equal(once(w, "health"), 0);
    assert_int_equal(world_hub_count(w, "events_accepted"), 1);
}

/* --once says that something was refused when the reasons can be read, however late the hub's answer came. */
static void what_the_hub_refuses_last_is_in_quarantine_when_once_ends(void **state)
{
    world *w = *state;
    world_change(w, "health.yaml", "area: E06000045", "area: E06000054");
    world_shell(w, "mkdir -p var/health && touch var/health/STOP");
    w->adapter = world_start(w, "mash-adapter", "--config health.yaml");
    int sender = connect_to(w->mllp_port);
    assert_string_equal(missed_appointment(sender, "T1"), "AA");
    close(sender);
    world_kill(&w->adapter, SIGTERM);
    world_shell(w, "rm var/health/STOP");
    assert_int_equal(once(w, "health"), 3);
    world_shell(w, "grep -q unknown_area var/health/quarantine/*.reason.txt");
}

/* ---- keys ---- */

static void a_key_the_hub_does_not_know_is_said_to_be_the_cause(void **state)
{
    world *w = *state;
    char out[4096];
    world_put_incidents(w, 1, 1);
    world_shell(w, "rm client/police.*");
    assert_int_equal(world_run(w, NULL, 0, "mashctl", "keys new client/police"), 0);
    assert_int_equal(world_run(w, NULL, 0, "mash-adapter", "--config police.yaml --once --timeout 10"), 1);
    assert_int_equal(world_run(w, out, sizeof out, "mash-adapter", "--config police.yaml --status"), 0);
    assert_non_null(strstr(out, "not enrolled"));
    assert_int_equal(world_adapter_count(w, "police", "waiting"), 1);
}

#define STORY(name) cmocka_unit_test_setup_teardown(name, world_make, world_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORY(files_put_into_the_folder_are_at_the_hub),
        STORY(killing_the_adapter_in_mid_stream_loses_and_doubles_nothing),
        STORY(killing_the_hub_in_mid_stream_loses_and_doubles_nothing),
        STORY(a_hub_restored_from_a_backup_is_given_again_what_it_lost),
        STORY(an_outbox_restored_from_a_backup_takes_no_number_twice),
        STORY(a_message_answered_aa_is_at_the_hub_even_when_the_adapter_is_killed_at_once),
        STORY(with_acknowledge_hub_aa_means_that_the_hub_has_it),
        STORY(a_message_that_a_full_disk_could_not_keep_is_answered_ar_and_aa_when_there_is_room),
        STORY(what_the_hub_refuses_last_is_in_quarantine_when_once_ends),
        STORY(a_key_the_hub_does_not_know_is_said_to_be_the_cause),
    };
    return cmocka_run_group_tests_name("adapter", tests, NULL, NULL);
}
