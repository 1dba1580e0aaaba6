/* policy_folder.h - the policy files of a folder as the command that adopts them. */
#ifndef DAEMON_POLICY_FOLDER_H
#define DAEMON_POLICY_FOLDER_H

#include "base/arena.h"
#include "mash/v1/bus.pb-c.h"

/* Reads every *.yaml below `folder` into an AdoptPolicy message in `arena`. HUB_ERR_IO, HUB_ERR_NOT_FOUND, HUB_ERR_MEMORY. */
hub_status daemon_policy_folder_read(const char *folder, hub_arena *arena, Mash__V1__AdoptPolicy **out, hub_error *err);

#endif
