#include "cli/arguments.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "event/event.h"

const cli_flag CLI_GLOBAL_FLAGS[CLI_GLOBAL_COUNT + 1] = {
    [CLI_GLOBAL_CONFIG] = {"config", "DIR", "folder with mashctl.yaml (or MASHHUB_CONFIG; /etc/mashhub otherwise)"},
    [CLI_GLOBAL_KEY] = {"key", "FILE", "the key to act with, instead of the one in mashctl.yaml"},
    [CLI_GLOBAL_SERVER_KEY] = {"server-key", "FILE|Z85", "the hub's public key"},
    [CLI_GLOBAL_ENDPOINT] = {"endpoint", "ADDRESS", "tcp://host:port of the hub, for this call"},
    [CLI_GLOBAL_TIMEOUT] = {"timeout", "SECONDS", "how long to wait for an answer (10)"},
    [CLI_GLOBAL_JSON] = {"json", NULL, "one JSON object a line, for programs"},
    [CLI_GLOBAL_HELP] = {"help", NULL, "what the verb does"},
    {NULL, NULL, NULL},
};

enum { OPTION_BASE = 256, OPTION_SPACE = CLI_GLOBAL_COUNT + CLI_FLAGS_MAX + 1 };

const char *cli_flag_text(const cli_call *call, const char *name)
{
    size_t i = 0;
    while (i < CLI_FLAGS_MAX && call->verb->flags[i].name != NULL && strcmp(call->verb->flags[i].name, name) != 0)
        i++;
    HUB_ASSERT(i < CLI_FLAGS_MAX && call->verb->flags[i].name != NULL); /* the verb's row declares the flag */
    return call->values[i];
}

bool cli_flag_given(const cli_call *call, const char *name)
{
    return cli_flag_text(call, name) != NULL;
}

hub_status cli_flag_number(const cli_call *call, const char *name, int64_t least, int64_t most, int64_t otherwise, int64_t *out,
                           hub_error *err)
{
    const char *text = cli_flag_text(call, name);
    *out = otherwise;
    if (text == NULL) return HUB_OK;
    char *end = NULL;
    errno = 0;
    long long value = strtoll(text, &end, 10);
    if (errno != 0 || end == text || *end != '\0' || value < least || value > most)
        return hub_fail(err, HUB_ERR_INVALID, "--%s takes a whole number from %lld to %lld", name, (long long)least,
                        (long long)most);
    *out = value;
    return HUB_OK;
}

void cli_usage_line(const cli_verb *verb, hub_buffer *out)
{
    hub_buffer_put_format(out, "mashctl %s", verb->name);
    if (verb->arguments[0] != '\0') hub_buffer_put_format(out, " %s", verb->arguments);
    for (size_t i = 0; i < CLI_FLAGS_MAX && verb->flags[i].name != NULL; i++) {
        const cli_flag *flag = &verb->flags[i];
        hub_buffer_put_format(out, flag->value == NULL ? " [--%s%s]" : " [--%s %s]", flag->name,
                              flag->value == NULL ? "" : flag->value);
    }
}

static void print_usage(const cli_verb *verb)
{
    if (verb == NULL) {
        fputs("usage: mashctl VERB ...   (mashctl help lists the verbs)\n", stderr);
        return;
    }
    hub_buffer line = {0};
    cli_usage_line(verb, &line);
    fprintf(stderr, "usage: %s\n", hub_buffer_text(&line));
    hub_buffer_free(&line);
}

cli_exit cli_fail(const cli_call *call, hub_status status, const hub_error *err)
{
    fflush(stdout);
    fprintf(stderr, "mashctl %s: %s\n", call->verb->name, err->text[0] != '\0' ? err->text : hub_status_text(status));
    return status == HUB_ERR_REFUSED ? CLI_REFUSED : CLI_FAILED;
}

cli_exit cli_usage(const cli_call *call, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    fprintf(stderr, "mashctl %s: ", call->verb->name);
    vfprintf(stderr, format, list);
    fputc('\n', stderr);
    va_end(list);
    print_usage(call->verb);
    return CLI_USAGE;
}

const cli_verb *cli_verb_find(const cli_verb *verbs, const char *name)
{
    for (const cli_verb *verb = verbs; verb->name != NULL; verb++) {
        if (strcmp(verb->name, name) == 0) return verb;
    }
    return NULL;
}

static void add_options(struct option *options, size_t *count, const cli_flag *flags, size_t flags_max, int base)
{
    for (size_t i = 0; i < flags_max && flags[i].name != NULL; i++) {
        options[*count] =
            (struct option){flags[i].name, flags[i].value != NULL ? required_argument : no_argument, NULL, base + (int)i};
        (*count)++;
    }
}

/* One pass of getopt_long: the global flags before the verb (verb NULL, stops at the first word), or all flags after it. */
static cli_exit read_flags(int argc, char **argv, const cli_verb *verb, cli_call *call)
{
    struct option options[OPTION_SPACE];
    size_t count = 0;
    memset(options, 0, sizeof options);
    add_options(options, &count, CLI_GLOBAL_FLAGS, CLI_GLOBAL_COUNT, OPTION_BASE);
    if (verb != NULL) add_options(options, &count, verb->flags, CLI_FLAGS_MAX, OPTION_BASE + CLI_GLOBAL_COUNT);
    opterr = 0;
    optind = 0; /* starts getopt anew */
    for (;;) {
        int option = getopt_long(argc, argv, verb == NULL ? "+:" : ":", options, NULL);
        if (option == -1) return CLI_DONE;
        const char *value = optarg != NULL ? optarg : "";
        if (option >= OPTION_BASE + CLI_GLOBAL_COUNT) {
            call->values[option - OPTION_BASE - CLI_GLOBAL_COUNT] = value;
        } else if (option >= OPTION_BASE) {
            call->globals[option - OPTION_BASE] = value;
        } else {
            const char *word = argv[optind - 1];
            fprintf(stderr, option == ':' ? "mashctl: %s needs a value\n" : "mashctl: %s is not a flag that is known here\n",
                    word);
            print_usage(verb);
            return CLI_USAGE;
        }
    }
}

/* The longest name that the words spell: two words before one. */
static const cli_verb *spelled_verb(const cli_verb *verbs, int argc, char **argv, int at, int *words)
{
    char name[64];
    *words = 2;
    if (at + 1 < argc && strlen(argv[at]) + strlen(argv[at + 1]) + 2 <= sizeof name) {
        snprintf(name, sizeof name, "%.30s %.30s", argv[at], argv[at + 1]);
        const cli_verb *verb = cli_verb_find(verbs, name);
        if (verb != NULL) return verb;
    }
    *words = 1;
    return cli_verb_find(verbs, argv[at]);
}

static cli_exit unknown_verb(const cli_verb *verbs, const char *word)
{
    size_t length = strlen(word);
    bool family = false;
    for (const cli_verb *verb = verbs; verb->name != NULL; verb++) {
        if (strncmp(verb->name, word, length) != 0 || verb->name[length] != ' ') continue;
        fprintf(stderr, family ? ", %s" : "mashctl: %s needs one more word: %s", family ? verb->name + length + 1 : word,
                verb->name + length + 1);
        family = true;
    }
    if (family)
        fputc('\n', stderr);
    else
        fprintf(stderr, "mashctl: there is no verb \"%s\"\n", word);
    print_usage(NULL);
    return CLI_USAGE;
}

cli_exit cli_arguments_read(int argc, char **argv, const cli_verb *verbs, cli_call *call)
{
    *call = (cli_call){0};
    if (argc == 2 && strcmp(argv[1], "--version") == 0) { /* as every program has it; behind a verb the flag is an act's own */
        call->verb = cli_verb_find(verbs, "version");
        return CLI_DONE;
    }
    cli_exit exit_code = read_flags(argc, argv, NULL, call);
    if (exit_code != CLI_DONE) return exit_code;
    if (optind >= argc) {
        if (call->globals[CLI_GLOBAL_HELP] == NULL) fputs("mashctl: which verb?\n", stderr);
        call->verb = cli_verb_find(verbs, "help");
        bool list = call->globals[CLI_GLOBAL_HELP] != NULL;
        call->globals[CLI_GLOBAL_HELP] = NULL; /* asked of no verb: the verb `help` lists them all */
        if (list) return CLI_DONE;
        print_usage(NULL);
        return CLI_USAGE;
    }
    int words = 0;
    int at = optind;
    const cli_verb *verb = spelled_verb(verbs, argc, argv, at, &words);
    if (verb == NULL) return unknown_verb(verbs, argv[at]);
    call->verb = verb;
    int rest = at + words - 1; /* argv[rest] stands where a program's name would */
    exit_code = read_flags(argc - rest, argv + rest, verb, call);
    if (exit_code != CLI_DONE) return exit_code;
    call->arguments = argv + rest + optind;
    call->argument_count = argc - rest - optind;
    call->json = call->globals[CLI_GLOBAL_JSON] != NULL;
    if (call->globals[CLI_GLOBAL_HELP] != NULL) return CLI_DONE;
    if (call->argument_count < verb->least) return cli_usage(call, "needs %s", verb->arguments);
    if (call->argument_count > verb->most) return cli_usage(call, "\"%s\" is one word too many", call->arguments[verb->most]);
    return CLI_DONE;
}

bool cli_day(const char *typed, int32_t *out)
{
    Mash__V1__Date date = MASH__V1__DATE__INIT;
    int end = 0;
    return sscanf(typed, "%4d-%2d-%2d%n", &date.year, &date.month, &date.day, &end) == 3 && typed[end] == '\0' &&
           event_date_day(&date, out);
}
