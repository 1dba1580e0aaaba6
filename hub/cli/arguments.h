/* arguments.h - from argv to a call, by the table of verbs. */
#ifndef CLI_ARGUMENTS_H
#define CLI_ARGUMENTS_H

#include "cli/verb.h"

extern const cli_flag CLI_GLOBAL_FLAGS[CLI_GLOBAL_COUNT + 1];

/* Fills `call`. CLI_DONE: run it. CLI_USAGE: a complaint with the usage line was printed on standard error. `verbs` ends with a row
 * whose name is NULL. argv is permuted, as getopt_long does. */
cli_exit cli_arguments_read(int argc, char **argv, const cli_verb *verbs, cli_call *call);

/* The verb of that name ("keys new"); NULL. */
const cli_verb *cli_verb_find(const cli_verb *verbs, const char *name);
/* "mashctl tail [--from SEQ|-N] [--follow]" at the end of `out`. */
void cli_usage_line(const cli_verb *verb, hub_buffer *out);

#endif
