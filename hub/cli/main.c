/* mashctl - the hub from the command line. The verbs are in verbs.c. */
#include <signal.h>

#include "cli/arguments.h"
#include "cli/verbs.h"
#include "host/random.h"

int main(int argc, char **argv)
{
    static cli_call call; /* large, for its table of the zone's clock changes */
    signal(SIGPIPE, SIG_IGN);
    host_random_start();
    cli_exit exit_code = cli_arguments_read(argc, argv, CLI_VERBS, &call);
    if (exit_code != CLI_DONE) return (int)exit_code;
    call.colour = print_style_wanted();
    print_zone_london(&call.zone);
    if (call.globals[CLI_GLOBAL_HELP] != NULL) return (int)verb_help_of(call.verb);
    return (int)call.verb->run(&call);
}
