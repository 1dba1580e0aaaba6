/* mashhubd - the hub of one partnership. */
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "daemon/init.h"
#include "daemon/serve.h"
#include "host/log.h"
#include "host/random.h"
#include "host/streams.h"

enum { EXIT_DONE = 0, EXIT_FAILED = 1, EXIT_USAGE = 2, EXIT_REFUSED = 3 };

static const char USAGE[] =
    "usage: mashhubd --config DIR                         runs the hub\n"
    "       mashhubd init --config DIR --operator KEY.pub  makes keys and an empty store, adopts the policy; once\n"
    "       mashhubd --fold --config DIR                   folds the store beside a running hub and prints what it came to\n"
    "\n"
    "  --config DIR      the folder of hub.yaml\n"
    "  --operator KEY    public key of the first operator: a .pub file or its 40 characters (make one: mashctl keys new)\n"
    "  --policy DIR      the policy folder, instead of the one hub.yaml names\n"
    "  --accept-clock    the system clock is right: timers that were held at start go on\n"
    "  --accept-restore  the store was put back from an older backup, and there is none newer: the hub takes it, answers "
    "publishers\n"
    "                    RETRY_LATER, and waits for policy and keys; then stop it and start it without (deploy/RUNBOOK.md, "
    "Restore)\n"
    "  --version, --help\n";

typedef struct options {
    const char *config, *operator_key, *policy;
    int init, fold, accept_clock, accept_restore;
} options;

static int usage(const char *complaint)
{
    (void)fprintf(stderr, "mashhubd: %s\n%s", complaint, USAGE);
    return EXIT_USAGE;
}

/* -1 = go on; otherwise the exit code. */
static int read_options(int argc, char **argv, options *out)
{
    static const struct option LONG[] = {
        {"config", required_argument, NULL, 'c'},
        {"operator", required_argument, NULL, 'o'},
        {"policy", required_argument, NULL, 'p'},
        {"fold", no_argument, NULL, 'f'},
        {"accept-clock", no_argument, NULL, 'a'},
        {"accept-restore", no_argument, NULL, 'r'},
        {"version", no_argument, NULL, 'v'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    opterr = 0;
    for (int found = getopt_long(argc, argv, "", LONG, NULL); found != -1; found = getopt_long(argc, argv, "", LONG, NULL)) {
        switch (found) {
        case 'c':
            out->config = optarg;
            break;
        case 'o':
            out->operator_key = optarg;
            break;
        case 'p':
            out->policy = optarg;
            break;
        case 'f':
            out->fold = 1;
            break;
        case 'a':
            out->accept_clock = 1;
            break;
        case 'r':
            out->accept_restore = 1;
            break;
        case 'v':
            printf("mashhubd %s\n", MASHHUB_VERSION);
            return EXIT_DONE;
        case 'h':
            printf("%s", USAGE);
            return EXIT_DONE;
        default:
            return usage("there is no such option, or its argument is missing");
        }
    }
    if (optind < argc && strcmp(argv[optind], "init") == 0) {
        out->init = 1;
        optind++;
    }
    if (optind < argc) return usage("there is no such command");
    if (out->config == NULL) return usage("--config DIR is needed: the folder of hub.yaml");
    if (out->init && out->operator_key == NULL)
        return usage("init needs --operator KEY.pub; make a key pair with: mashctl keys new");
    if (!out->init && out->operator_key != NULL)
        return usage("--operator belongs to init; a running hub enrols by: mashctl keys enrol");
    return -1;
}

static int failed(hub_status status, const hub_error *err)
{
    const char *text = err->text[0] == '\0' ? hub_status_text(status) : err->text;
    (void)fprintf(stderr, "mashhubd: %s\n", text);
    host_log(HOST_LOG_ERROR, "the hub ended", "cause", text, NULL);
    return status == HUB_ERR_REFUSED ? EXIT_REFUSED : EXIT_FAILED;
}

static int run_init(const daemon_config *config, const char *operator_key)
{
    hub_buffer complaints = {0};
    hub_error err = {{0}};
    hub_status status = daemon_init(config, operator_key, &complaints, &err);
    if (complaints.size > 0) (void)fputs(hub_buffer_text(&complaints), stderr);
    hub_buffer_free(&complaints);
    if (status != HUB_OK) return failed(status, &err);
    printf("mashhubd: partnership %s made: keys in %s, store %s\n", config->partnership, config->keys, config->journal);
    printf("mashhubd: keep %s/master.key apart from every backup: without it the store cannot be read, with it anybody can\n",
           config->keys);
    return EXIT_DONE;
}

int main(int argc, char **argv)
{
    options given = {0};
    host_streams_open();
    int code = read_options(argc, argv, &given);
    if (code >= 0) return code;
    host_random_start();
    host_log_set_program("mashhubd");

    static daemon_config config;
    hub_buffer complaints = {0};
    hub_error err = {{0}};
    hub_status status = daemon_config_read(given.config, &config, &complaints);
    if (complaints.size > 0) (void)fputs(hub_buffer_text(&complaints), stderr);
    hub_buffer_free(&complaints);
    if (status != HUB_OK) return EXIT_FAILED;
    if (given.policy != NULL) (void)snprintf(config.policy, sizeof config.policy, "%s", given.policy);
    host_log_set_level(config.log);

    if (given.init) return run_init(&config, given.operator_key);
    const daemon_accepted accepted = {.clock = given.accept_clock ? DAEMON_CLOCK_ACCEPTED : DAEMON_CLOCK_ASK,
                                      .restore = given.accept_restore ? DAEMON_RESTORE_ACCEPTED : DAEMON_RESTORE_ASK};
    status = given.fold ? daemon_fold(&config, &err) : daemon_serve(&config, &accepted, &err);
    return status == HUB_OK ? EXIT_DONE : failed(status, &err);
}
