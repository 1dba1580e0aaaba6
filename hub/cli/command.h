/* command.h - an operator's command to the hub, and its answer. */
#ifndef CLI_COMMAND_H
#define CLI_COMMAND_H

#include "cli/session.h"

/* Gives `command` a fresh id and asks. HUB_OK: done, `out` filled (its text is BORROWED until the next question). HUB_ERR_REFUSED,
 * HUB_ERR_AGAIN: err has the hub's words. */
hub_status command_send(session *hub, Mash__V1__Command *command, const char *reason, Mash__V1__CommandReply *out,
                        hub_error *err);
/* A verb that is one command: connects, asks (with the verb's --reason), says `done`. */
cli_exit command_run(cli_call *call, Mash__V1__Command *command, const char *done);

#endif
