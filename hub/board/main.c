/* mash-board: the web board of MASH teams. */
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "board/run.h"
#include "host/log.h"
#include "host/random.h"

static const char HELP[] = "mash-board --config FOLDER      serves the board that FOLDER/board.yaml describes\n"
                           "mash-board --check --config F   reads the configuration and ends\n"
                           "mash-board password             asks for a password and prints its line for people.yaml\n";

typedef struct running {
    board *b;
    uv_signal_t hangup, interrupt, terminate;
} running;

static void on_stop(uv_signal_t *handle, int number)
{
    running *r = handle->data;
    (void)number;
    board_close(r->b);
    uv_close((uv_handle_t *)&r->hangup, NULL);
    uv_close((uv_handle_t *)&r->interrupt, NULL);
    uv_close((uv_handle_t *)&r->terminate, NULL);
}

static void on_hangup(uv_signal_t *handle, int number)
{
    (void)number;
    board_reload(((running *)handle->data)->b);
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
        listen_to(&loop, &r.interrupt, &r, on_stop, SIGINT);
        listen_to(&loop, &r.terminate, &r, on_stop, SIGTERM);
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

static int make_password(void)
{
    char line[ACCOUNT_HASH_BYTES], typed[PASSWORD_BYTES_MAX + 2];
    struct termios before, silent;
    hub_error err = {{0}};
    bool is_terminal = tcgetattr(STDIN_FILENO, &before) == 0;
    if (is_terminal) {
        (void)fprintf(stderr, "password (three random words are good): ");
        silent = before;
        silent.c_lflag &= ~(tcflag_t)ECHO;
        (void)tcsetattr(STDIN_FILENO, TCSANOW, &silent);
    }
    char *got = fgets(typed, sizeof typed, stdin);
    if (is_terminal) (void)tcsetattr(STDIN_FILENO, TCSANOW, &before);
    if (got == NULL) return 1;
    typed[strcspn(typed, "\n")] = '\0';
    hub_status status = password_hash(hub_bytes_of_text(typed), line, &err);
    explicit_bzero(typed, sizeof typed);
    if (status != HUB_OK) {
        (void)fprintf(stderr, "mash-board: %s\n", err.text);
        return 1;
    }
    (void)printf("%s\n", line);
    return 0;
}

int main(int argc, char **argv)
{
    static const struct option OPTIONS[] = {{"config", required_argument, NULL, 'c'},
                                            {"check", no_argument, NULL, 'k'},
                                            {"help", no_argument, NULL, 'h'},
                                            {"version", no_argument, NULL, 'V'},
                                            {0}};
    const char *folder = NULL;
    bool check = false;
    host_random_start();
    host_log_set_program("mash-board");
    for (int option; (option = getopt_long(argc, argv, "", OPTIONS, NULL)) != -1;) {
        if (option == 'c') folder = optarg;
        if (option == 'k') check = true;
        if (option == 'h' || option == 'V') {
            (void)printf("%s", option == 'h' ? HELP : "mash-board " MASHHUB_VERSION "\n");
            return 0;
        }
        if (option == '?') return 2;
    }
    if (optind < argc && strcmp(argv[optind], "password") == 0) return make_password();
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
    if (check) {
        (void)printf("%s/board.yaml: ok\n", folder);
        return 0;
    }
    return serve(&config);
}
