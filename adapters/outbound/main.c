/* mash-outbound: takes what a hub delivers to one consumer on to that team's or agency's own system. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#include "check.h"
#include "host/log.h"
#include "host/random.h"
#include "host/streams.h"
#include "run.h"

static const char HELP[] =
    "mash-outbound - takes a hub's deliveries on to a team's or agency's own system\n"
    "\n"
    "usage: mash-outbound --config FILE [--check]\n"
    "\n"
    "  (nothing more)        run, until SIGTERM\n"
    "  --check               look at configuration, keys, secrets, folders and schools; say what to put right\n"
    "  --help, --version\n"
    "\n"
    "What is owed, and what became of it: mashctl outbound list FOLDER. Exit: 0 done, 1 failed, 2 usage.\n";

int main(int argc, char **argv)
{
    static const struct option OPTIONS[] = {{"config", required_argument, NULL, 'c'},
                                            {"check", no_argument, NULL, 'k'},
                                            {"help", no_argument, NULL, 'h'},
                                            {"version", no_argument, NULL, 'v'},
                                            {NULL, 0, NULL, 0}};
    const char *file = NULL;
    bool check = false;
    host_streams_open();
    for (int option = getopt_long(argc, argv, "", OPTIONS, NULL); option != -1;
         option = getopt_long(argc, argv, "", OPTIONS, NULL)) {
        if (option == 'h') return fputs(HELP, stdout) < 0;
        if (option == 'v') return puts("mash-outbound " MASHHUB_VERSION) < 0;
        if (option == 'k') check = true;
        if (option == 'c') file = optarg;
        if (option == '?') return 2;
    }
    if (file == NULL || optind < argc) {
        (void)fprintf(stderr, "usage: mash-outbound --config FILE [--check]; more: --help\n");
        return 2;
    }
    static outbound_config config;
    static char program[80];
    yaml_problems problems = {0};
    host_random_start();
    host_log_set_program("mash-outbound");
    (void)setenv("UV_THREADPOOL_SIZE", "32", 0); /* a channel that hangs keeps one thread; none waits for another's */
    outbound_config_read(file, &config, &problems);
    if (problems.text.size > 0) (void)fprintf(stderr, "%s", hub_buffer_text(&problems.text));
    bool sound = problems.count == 0;
    yaml_problems_free(&problems);
    if (!sound) return 1;
    (void)snprintf(program, sizeof program, "mash-outbound/%s", config.common.name);
    host_log_set_program(program);
    return check ? host_output_end("mash-outbound", outbound_check(&config), 1) : outbound_run(&config);
}
