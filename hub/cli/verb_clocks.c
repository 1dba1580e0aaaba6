/* clocks accept - an operator's word that the system clock is right. */
#include "cli/verbs.h"

#include <string.h>

#include "cli/command.h"

cli_exit verb_clocks_accept(cli_call *call)
{
    const char *cause = cli_flag_text(call, "cause");
    const char *reason = cli_flag_text(call, "reason");
    Mash__V1__AcceptTime accept = MASH__V1__ACCEPT_TIME__INIT;
    if (cause != NULL && strcmp(cause, "wrong-clock") == 0) accept.cause = MASH__V1__TIME_CAUSE__TIME_CAUSE_WRONG_CLOCK;
    if (cause != NULL && strcmp(cause, "pause") == 0) accept.cause = MASH__V1__TIME_CAUSE__TIME_CAUSE_PAUSE;
    if (accept.cause == MASH__V1__TIME_CAUSE__TIME_CAUSE_UNSPECIFIED)
        return cli_usage(call, "--cause is needed: wrong-clock or pause; it decides which due times move");
    if (reason == NULL || reason[0] == '\0') return cli_usage(call, "--reason is needed: say how you know");
    Mash__V1__Command command = MASH__V1__COMMAND__INIT;
    command.what_case = MASH__V1__COMMAND__WHAT_ACCEPT_TIME;
    command.accept_time = &accept;
    return command_run(call, &command, "accepted; hub time follows the system clock");
}
