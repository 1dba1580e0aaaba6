/* mash-board: the web board of MASH teams. */
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-daemon.h>
#include <termios.h>
#include <unistd.h>

#include "board/check.h"
#include "board/pack_file.h"
#include "board/run.h"
#include "host/clock.h"
#include "host/log.h"
#include "host/random.h"
#include "host/streams.h"

static const char HELP[] =
    "mash-board --config FOLDER      serves the board that FOLDER/board.yaml describes\n"
    "mash-board --check --config F   looks at the configuration, its keys and secrets, and ends\n"
    "mash-board password             asks for a password and prints its line for people.yaml\n"
    "mash-board pack open FILE       asks for the passphrase and prints the page of a continuity pack, as in\n"
    "                                mash-board pack open FILE > pack.html; --expired: also one that has expired\n";

enum { BEAT_MS = 10 * 1000 }; /* a third of WatchdogSec in the unit */

typedef struct running {
    board *b;
    uv_signal_t hangup, user, interrupt, terminate;
    uv_timer_t beat;
} running;

static void on_stop(uv_signal_t *handle, int number)
{
    running *r = handle->data;
    (void)number;
    (void)sd_notify(0, "STOPPING=1");
    board_close(r->b);
    uv_close((uv_handle_t *)&r->beat, NULL);
    uv_close((uv_handle_t *)&r->hangup, NULL);
    uv_close((uv_handle_t *)&r->user, NULL);
    uv_close((uv_handle_t *)&r->interrupt, NULL);
    uv_close((uv_handle_t *)&r->terminate, NULL);
}

static void on_hangup(uv_signal_t *handle, int number)
{
    (void)number;
    board_reload(((running *)handle->data)->b);
}

static void on_user(uv_signal_t *handle, int number)
{
    (void)number;
    board_pack(((running *)handle->data)->b);
}

/* Without a supervisor it goes nowhere. */
static void on_beat(uv_timer_t *timer)
{
    (void)timer;
    (void)sd_notify(0, "WATCHDOG=1");
}

static void listen_to(uv_loop_t *loop, uv_signal_t *handle, running *r, uv_signal_cb what, int number)
{
    int failed = uv_signal_init(loop, handle);
    handle->data = r;
    failed |= uv_signal_start(handle, what, number);
    HUB_ASSERT(failed == 0);
}

static int serve(const board_config *config)
{
    uv_loop_t loop;
    running r = {0};
    hub_error err = {{0}};
    int failed = uv_loop_init(&loop);
    HUB_ASSERT(failed == 0);
    hub_status status = board_open(&loop, config, &r.b, &err);
    if (status == HUB_OK) {
        listen_to(&loop, &r.hangup, &r, on_hangup, SIGHUP);
        listen_to(&loop, &r.user, &r, on_user, SIGUSR1);
        listen_to(&loop, &r.interrupt, &r, on_stop, SIGINT);
        listen_to(&loop, &r.terminate, &r, on_stop, SIGTERM);
        failed = uv_timer_init(&loop, &r.beat) | uv_timer_start(&r.beat, on_beat, BEAT_MS, BEAT_MS);
        HUB_ASSERT(failed == 0);
        (void)sd_notify(0, "READY=1");
        (void)fprintf(stderr, "mash-board: ready at %s\n", config->origin);
    } else {
        (void)fprintf(stderr, "mash-board: %s\n", err.text);
        if (r.b != NULL) board_close(r.b);
    }
    (void)uv_run(&loop, UV_RUN_DEFAULT);
    board_free(r.b);
    failed = uv_loop_close(&loop);
    HUB_ASSERT(failed == 0);
    return status == HUB_OK ? 0 : 1;
}

/* A line of standard input, not shown when it is typed; wipe it. */
static hub_bytes ask_secret(const char *prompt, char *typed, int capacity)
{
    struct termios before, silent;
    bool is_terminal = tcgetattr(STDIN_FILENO, &before) == 0;
    if (is_terminal) {
        (void)fprintf(stderr, "%s: ", prompt);
        silent = before;
        silent.c_lflag &= ~(tcflag_t)ECHO;
        (void)tcsetattr(STDIN_FILENO, TCSANOW, &silent);
    }
    if (fgets(typed, capacity, stdin) == NULL) typed[0] = '\0';
    if (is_terminal) {
        (void)tcsetattr(STDIN_FILENO, TCSANOW, &before);
        (void)fprintf(stderr, "\n");
    }
    typed[strcspn(typed, "\n")] = '\0';
    return hub_bytes_of_text(typed);
}

static int make_password(void)
{
    char line[ACCOUNT_HASH_BYTES], typed[PASSWORD_BYTES_MAX + 2];
    hub_error err = {{0}};
    hub_bytes password = ask_secret("password (three random words are good)", typed, sizeof typed);
    hub_status status = password_hash(password, line, &err);
    explicit_bzero(typed, sizeof typed);
    if (status != HUB_OK) {
        (void)fprintf(stderr, "mash-board: %s\n", err.text);
        return 1;
    }
    (void)printf("%s\n", line);
    return 0;
}

static int print_pack(const char *path, pack_expiry expiry)
{
    char typed[PACK_PASSPHRASE_BYTES_MAX + 2], made[PACK_NAME_BYTES], expires[PACK_NAME_BYTES];
    int64_t made_ms, expires_ms;
    hub_buffer page = {0};
    hub_error err = {{0}};
    if (isatty(STDOUT_FILENO)) {
        (void)fprintf(stderr, "mash-board: it is a page for a browser; as in: mash-board pack open FILE > pack.html\n");
        return 2;
    }
    hub_bytes passphrase = ask_secret("passphrase of the packs", typed, sizeof typed);
    hub_status status = pack_file_open(path, passphrase, expiry, host_wall_ms(), &made_ms, &expires_ms, &page, &err);
    explicit_bzero(typed, sizeof typed);
    bool is_out = status == HUB_OK && fwrite(page.data, 1, page.size, stdout) == page.size && fflush(stdout) == 0;
    if (page.data != NULL) explicit_bzero(page.data, page.capacity);
    hub_buffer_free(&page);
    if (!is_out) {
        (void)fprintf(stderr, "mash-board: %s\n", status == HUB_OK ? "the page could not be written" : err.text);
        return 1;
    }
    pack_file_when(made_ms, made);
    pack_file_when(expires_ms, expires);
    bool is_expired = host_wall_ms() >= expires_ms;
    (void)fprintf(
        stderr,
        is_expired
            ? "mash-board: EXPIRED: made %s, and to be destroyed with its prints by %s; trust nothing in it without asking\n"
            : "mash-board: made %s; destroy it and its prints by %s\n",
        made, expires);
    return 0;
}

int main(int argc, char **argv)
{
    static const struct option OPTIONS[] = {{"config", required_argument, NULL, 'c'}, {"check", no_argument, NULL, 'k'},
                                            {"expired", no_argument, NULL, 'e'},      {"help", no_argument, NULL, 'h'},
                                            {"version", no_argument, NULL, 'V'},      {0}};
    const char *folder = NULL;
    bool check = false;
    pack_expiry expiry = PACK_REFUSE_EXPIRED;
    host_streams_open();
    host_random_start();
    host_log_set_program("mash-board");
    for (int option; (option = getopt_long(argc, argv, "", OPTIONS, NULL)) != -1;) {
        if (option == 'c') folder = optarg;
        if (option == 'k') check = true;
        if (option == 'e') expiry = PACK_OPEN_EXPIRED;
        if (option == 'h' || option == 'V') {
            (void)printf("%s", option == 'h' ? HELP : "mash-board " MASHHUB_VERSION "\n");
            return 0;
        }
        if (option == '?') return 2;
    }
    if (optind < argc && strcmp(argv[optind], "password") == 0) return make_password();
    bool is_pack = argc - optind == 3 && strcmp(argv[optind], "pack") == 0 && strcmp(argv[optind + 1], "open") == 0;
    if (is_pack) return print_pack(argv[optind + 2], expiry);
    if (folder == NULL || optind < argc) {
        (void)fprintf(stderr, "%s", HELP);
        return 2;
    }
    static board_config config;
    hub_error err = {{0}};
    if (board_config_read(folder, &config, &err) != HUB_OK) {
        (void)fprintf(stderr, "mash-board: %s\n", err.text);
        return 1;
    }
    if (check) return host_output_end("mash-board", board_check(&config) == 0 ? 0 : 1, 1);
    return serve(&config);
}
