/* mashctl - the hub from the command line. The verbs are in verbs.c. */
#include <signal.h>

#include "cli/arguments.h"
#include "cli/verbs.h"
#include "host/output.h"
#include "host/random.h"
#include "host/streams.h"

int main(int argc, char **argv)
{
    static cli_call call; /* large, for its table of the zone's clock changes */
    host_streams_open();
    signal(SIGPIPE, SIG_IGN);
    host_random_start();
    cli_exit exit_code = cli_arguments_read(argc, argv, CLI_VERBS, &call);
    if (exit_code == CLI_DONE) {
        call.colour = print_style_wanted();
        print_zone_london(&call.zone);
        exit_code = call.globals[CLI_GLOBAL_HELP] != NULL ? verb_help_of(call.verb) : call.verb->run(&call);
    }
    return host_output_end("mashctl", (int)exit_code, CLI_FAILED);
}
