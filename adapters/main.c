/* mash-adapter: takes one source of one agency to the hub. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "host/log.h"
#include "host/random.h"
#include "host/streams.h"
#include "replay.h"
#include "run.h"
#include "show.h"

typedef enum verb {
    VERB_RUN,
    VERB_ONCE,
    VERB_CHECK,
    VERB_DRY_RUN,
    VERB_STATUS,
    VERB_SHOW,
    VERB_REPLAY,
    VERB_LIST,
    VERB_HELP,
    VERB_VERSION
} verb;

typedef struct call {
    verb verb;
    const char *config;
    const char *input;  /* --dry-run, --show */
    char *const *files; /* --replay; ends with NULL */
    replay_consent consent;
    int64_t timeout_ms;
    adapter_form form;
} call;

static const char HELP[] =
    "mash-adapter - takes one source of one agency to the safeguarding hub\n"
    "\n"
    "usage: mash-adapter --config FILE [what to do]\n"
    "\n"
    "  (nothing more)        run: take inputs in, offer them to the hub, until SIGTERM\n"
    "  --once                take what is in the folder, wait until the hub has settled it, end\n"
    "  --timeout SECONDS     for --once: how long to wait; 60 unless given\n"
    "  --check               look at configuration, keys, folders and outbox; say what to put right\n"
    "  --dry-run FILE        show the events one input would make; nothing is sent or kept\n"
    "  --status [--json]     counters, beside the running adapter or without it\n"
    "  --show EVENT          one event that is still kept, as JSON: a notice names its id; only the adapter's "
    "own user can\n"
    "  --replay [FILE...]    say what would change if these files of the drop folder or quarantine were "
    "taken in again, or (without\n"
    "                        FILE) if everything still kept were offered to the hub again; --yes does it\n"
    "  --yes                 for --replay: do it; the adapter must not be running\n"
    "  --list-mappings       the formats this program knows\n"
    "  --help, --version\n"
    "\n"
    "A file named STOP in the adapter's folder pauses sending. Exit: 0 done, 1 failed, 2 usage, 3 "
    "something was parked or refused.\n";

static const struct option OPTIONS[] = {
    {"config", required_argument, NULL, 'c'},  {"once", no_argument, NULL, 'o'},
    {"timeout", required_argument, NULL, 't'}, {"check", no_argument, NULL, 'k'},
    {"dry-run", required_argument, NULL, 'd'}, {"status", no_argument, NULL, 's'},
    {"show", required_argument, NULL, 'w'},    {"json", no_argument, NULL, 'j'},
    {"replay", no_argument, NULL, 'r'},        {"yes", no_argument, NULL, 'y'},
    {"list-mappings", no_argument, NULL, 'l'}, {"help", no_argument, NULL, 'h'},
    {"version", no_argument, NULL, 'v'},       {NULL, 0, NULL, 0},
};

static bool read_timeout(const char *text, int64_t *out)
{
    char *end = NULL;
    long seconds = strtol(text, &end, 10);
    if (end == text || *end != '\0' || seconds < 1 || seconds > 86400) return false;
    *out = seconds * 1000;
    return true;
}

static bool read_option(call *out, int option)
{
    switch (option) {
    case 'c':
        out->config = optarg;
        return true;
    case 'o':
        out->verb = VERB_ONCE;
        return true;
    case 't':
        return read_timeout(optarg, &out->timeout_ms);
    case 'k':
        out->verb = VERB_CHECK;
        return true;
    case 'd':
        out->verb = VERB_DRY_RUN;
        out->input = optarg;
        return true;
    case 's':
        out->verb = VERB_STATUS;
        return true;
    case 'w':
        out->verb = VERB_SHOW;
        out->input = optarg;
        return true;
    case 'j':
        out->form = ADAPTER_JSON;
        return true;
    case 'r':
        out->verb = VERB_REPLAY;
        return true;
    case 'y':
        out->consent = REPLAY_DO;
        return true;
    case 'l':
        out->verb = VERB_LIST;
        return true;
    case 'h':
        out->verb = VERB_HELP;
        return true;
    case 'v':
        out->verb = VERB_VERSION;
        return true;
    default:
        return false;
    }
}

static bool read_arguments(int argc, char **argv, call *out)
{
    *out = (call){.verb = VERB_RUN, .timeout_ms = 60 * 1000};
    for (int option = getopt_long(argc, argv, "", OPTIONS, NULL); option != -1;
         option = getopt_long(argc, argv, "", OPTIONS, NULL)) {
        if (!read_option(out, option)) return false;
    }
    if (out->config == NULL && optind < argc) out->config = argv[optind++];
    out->files = argv + optind;
    if (optind < argc && out->verb != VERB_REPLAY) return false;
    if (out->consent == REPLAY_DO && out->verb != VERB_REPLAY) return false;
    return out->config != NULL || out->verb == VERB_LIST || out->verb == VERB_HELP || out->verb == VERB_VERSION;
}

static int with_sound_config(const call *asked, const kit_config *config)
{
    static char program[80];
    (void)snprintf(program, sizeof program, "mash-adapter/%s", config->name);
    host_log_set_program(program);
    switch (asked->verb) {
    case VERB_ONCE:
        return adapter_run(config, ADAPTER_ONCE, asked->timeout_ms);
    case VERB_DRY_RUN:
        return adapter_dry_run(config, asked->input);
    case VERB_STATUS:
        return adapter_status(config, asked->form);
    case VERB_SHOW:
        return adapter_show(config, asked->input);
    case VERB_REPLAY:
        return adapter_replay(config, asked->files, asked->consent);
    default:
        return adapter_run(config, ADAPTER_RUN, 0);
    }
}

static int with_config(const call *asked)
{
    static kit_config config;
    yaml_problems problems = {0};
    kit_config_read(asked->config, KIT_MAPPINGS, &config, &problems);
    int code = ADAPTER_FAILED;
    if (asked->verb == VERB_CHECK)
        code = adapter_check(&config, &problems);
    else if (problems.text.size > 0)
        (void)fprintf(stderr, "%s", hub_buffer_text(&problems.text));
    bool sound = problems.count == 0;
    yaml_problems_free(&problems);
    if (sound && asked->verb != VERB_CHECK) code = with_sound_config(asked, &config);
    kit_config_free(&config);
    return code;
}

static int run_verb(const call *asked)
{
    switch (asked->verb) {
    case VERB_HELP:
        (void)fputs(HELP, stdout);
        return ADAPTER_DONE;
    case VERB_VERSION:
        puts("mash-adapter " MASHHUB_VERSION);
        return ADAPTER_DONE;
    case VERB_LIST:
        adapter_list_mappings(KIT_MAPPINGS);
        return ADAPTER_DONE;
    default:
        return with_config(asked);
    }
}

int main(int argc, char **argv)
{
    call asked;
    host_streams_open();
    if (!read_arguments(argc, argv, &asked)) {
        (void)fprintf(stderr, "usage: mash-adapter --config FILE [--once | --check | --dry-run FILE | --status | --show EVENT | "
                              "--replay]; more: --help\n");
        return ADAPTER_USAGE;
    }
    host_random_start();
    host_log_set_program("mash-adapter");
    return host_output_end("mash-adapter", run_verb(&asked), ADAPTER_FAILED);
}
