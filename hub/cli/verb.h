/* verb.h - one verb of mashctl, and one invocation of it.
 *
 * Everything that is said about a verb is said in its row of the table in verbs.c: dispatch, `help`, and every usage error are derived
 * from there, so that they cannot disagree.
 */
#ifndef CLI_VERB_H
#define CLI_VERB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "cli/print.h"

/* What the shell is told. */
typedef enum cli_exit {
    CLI_DONE = 0,
    CLI_FAILED = 1,  /* could not be done: err says why and what to do */
    CLI_USAGE = 2,   /* not asked in a way that is understood */
    CLI_REFUSED = 3, /* understood, and refused: by the hub, or by a check */
} cli_exit;

enum { CLI_FLAGS_MAX = 10 };
#define CLI_TEXT "TEXT|-" /* a flag for people's words: "-" reads them from standard input */

typedef struct cli_flag {
    const char *name;  /* without the two hyphens; NULL ends the list */
    const char *value; /* what stands for its value in help, "N"; NULL = it takes none */
    const char *help;  /* one line */
} cli_flag;

/* Flags that every verb takes; the order is that of CLI_GLOBAL_FLAGS (arguments.c). */
typedef enum cli_global {
    CLI_GLOBAL_CONFIG,
    CLI_GLOBAL_KEY,
    CLI_GLOBAL_SERVER_KEY,
    CLI_GLOBAL_ENDPOINT,
    CLI_GLOBAL_TIMEOUT,
    CLI_GLOBAL_JSON,
    CLI_GLOBAL_HELP,
    CLI_GLOBAL_COUNT
} cli_global;

/* Who looks, where a purpose is stated: somebody for whom a gateway asks, or whoever holds the key. */
typedef enum cli_for_whom { CLI_FOR_SOMEBODY, CLI_FOR_ONESELF } cli_for_whom;

typedef struct cli_call cli_call;

typedef struct cli_verb {
    const char *name;      /* "publish"; "keys new" is a verb of two words */
    const char *arguments; /* as shown in usage, "FILE|-"; "" = none */
    const char *summary;   /* one line */
    const char *more;      /* paragraphs for `help VERB`; NULL = none */
    cli_exit (*run)(cli_call *call);
    int least; /* arguments it needs */
    int most;  /* and takes */
    cli_for_whom for_whom;
    cli_flag flags[CLI_FLAGS_MAX];
} cli_verb;

struct cli_call {
    const cli_verb *verb;
    const char *globals[CLI_GLOBAL_COUNT]; /* NULL = not given; a flag without value is "" */
    const char *values[CLI_FLAGS_MAX];     /* by position in verb->flags */
    char **arguments;                      /* BORROWED from main */
    int argument_count;
    bool json;
    print_style_use colour; /* for standard output */
    print_zone zone;        /* civil times */
};

/* The flag's value, or NULL when it was not given. The verb must declare it. */
const char *cli_flag_text(const cli_call *call, const char *name);
bool cli_flag_given(const cli_call *call, const char *name);
/* As a number in least..most; `otherwise` when not given. HUB_ERR_INVALID names the flag and the range. */
hub_status cli_flag_number(const cli_call *call, const char *name, int64_t least, int64_t most, int64_t otherwise, int64_t *out,
                           hub_error *err);

/* A civil day as people type it, 2026-11-22, in days since 1970; false: it is none. */
bool cli_day(const char *typed, int32_t *out);

/* "mashctl VERB: text" on standard error; returns the exit that fits `status`: REFUSED for HUB_ERR_REFUSED, else FAILED. */
cli_exit cli_fail(const cli_call *call, hub_status status, const hub_error *err);
/* A usage error in words of the verb's own, followed by its usage line. */
cli_exit cli_usage(const cli_call *call, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
